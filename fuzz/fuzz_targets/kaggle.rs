//! See `bodies::kaggle`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::kaggle::run(bytes));

//! See `bodies::rubric`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::rubric::run(bytes));

//! See `bodies::api`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::api::run(bytes));

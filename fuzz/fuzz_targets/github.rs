//! See `bodies::github`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::github::run(bytes));

//! See `bodies::home_page`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::home_page::run(bytes));

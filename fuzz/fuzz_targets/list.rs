//! See `bodies::list`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::list::run(bytes));

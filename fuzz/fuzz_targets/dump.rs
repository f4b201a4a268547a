//! See `bodies::dump`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::dump::run(bytes));

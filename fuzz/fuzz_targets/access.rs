//! See `bodies::access`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::access::run(bytes));

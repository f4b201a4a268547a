//! See `bodies::sheet`.

#![no_main]

// The parser of workbooks may panic over a damaged one, which plaudit catches. libfuzzer-sys would end the process in
// its hook, before anybody can catch anything; a panic that nobody catches ends it all the same.
libfuzzer_sys::fuzz_target!(init: std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))), |bytes: &[u8]| bodies::sheet::run(bytes));

//! See `fuzz::evaluate`.

#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| fuzz::guarded(fuzz::evaluate, octets));

//! See `fuzz::stored`.

#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| fuzz::guarded(fuzz::stored, octets));

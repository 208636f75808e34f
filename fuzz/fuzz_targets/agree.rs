//! See `fuzz::agree`.

#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| fuzz::guarded(fuzz::agree, octets));

//! See `fuzz::run_vectors`.

#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| fuzz::guarded(fuzz::run_vectors, octets));

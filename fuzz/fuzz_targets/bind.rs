//! See `fuzz::bind_names`.

#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| fuzz::guarded(fuzz::bind_names, octets));

//! Any bytes as what others write: test reports, coverage, sources with tags and symbols, specs of other tools. Nothing
//! panics.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = exchange::results::read(bytes);
    let _ = (exchange::junit::read(bytes), exchange::lcov::read(bytes));
    for tag in spec::tags::scan(bytes) {
        assert!(tag.span.end() <= bytes.len());
    }
    for name in ["a.rs", "a.py", "a.ts", "a.go"] {
        let _ = symbols::source(name, bytes);
    }
    for kind in exchange::specs::Kind::ALL {
        for name in ["spec.md", "tasks.md", "requirements.md", "a.feature"] {
            let _ = exchange::specs::import(kind, "a", &[(name.to_string(), bytes.to_vec())]);
        }
    }
});

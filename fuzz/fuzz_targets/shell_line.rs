//! Any text as a command line: nothing panics, and nothing that names a known writer counts as reading.
#![no_main]

use libfuzzer_sys::fuzz_target;
use policy::{Capability, Effect, Mode, Origin, Policy, Request, Target, Understood};

fuzz_target!(|line: &str| {
    if let Understood::Commands(parts) = policy::understand(line) {
        for part in parts {
            let writer = ["rm", "mv", "cp", "tee", "dd", "sh", "bash", "eval"].contains(&part.program());
            assert!(!(writer && part.reads_only()), "{line:?}");
            let _ = part.names_outside(None);
        }
    }
    let target = Target::Command(line.to_string());
    let request = Request { capability: Capability::Shell, target, origin: Origin::Agent };
    let decision = Policy::new(Mode::Autopilot, &[]).decide(&request);
    if line.contains(['`', '>', '<']) && !line.contains(['\'', '"', '\\', '#']) && !line.contains("/dev/null") && !line.contains(">&")
    {
        assert_ne!(decision.effect, Effect::Allow, "{line:?}");
    }
});

//! Any bytes as a command line: nothing panics, what runs unasked was followed, and nothing that names a destroyer is read as
//! harmless.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use policy::{Capability, Class, Effect, Mode, Origin, Policy, Request, Rule, Source, Taint, Target};

const DESTROYERS: [&str; 8] = ["rm", "shred", "mkfs", "dd", "reboot", "truncate", "userdel", "wipefs"];

fuzz_target!(|bytes: &[u8]| {
    let parts = policy::read_line_bytes(bytes);
    let Ok(line) = std::str::from_utf8(bytes) else {
        assert!(parts.is_err());
        return;
    };
    let judged = policy::judge(line);
    let request = Request {
        capability: Capability::Shell,
        target: Target::Command(line.to_string()),
        origin: Origin::Agent,
    };
    let mut policy = Policy::new(Mode::Autopilot, &[]).in_workspace(Path::new("/w"));
    let effect = policy.decide(&request).effect;
    assert!(effect != Effect::Allow || judged.is_ok(), "{line:?}");
    let _ = policy.explain(&request, &Taint::none());
    if let Ok(commands) = &judged {
        for command in commands {
            let name = command.words.first().map_or("", |word| word.rsplit('/').next().unwrap_or(word));
            let destroys = DESTROYERS.contains(&name) && command.words.len() > 1;
            assert!(!(destroys && command.class == Class::ReadOnly && !is_function(line)), "{line:?}");
        }
        // What destroys is asked about, whatever is trusted.
        let destroys = commands.iter().any(|command| matches!(command.class, Class::Destructive(_)));
        policy.add(Rule::read("all:*", Effect::Allow, Source::User).unwrap());
        assert!(!destroys || policy.decide(&request).effect != Effect::Allow, "{line:?}");
    }
});

/// A function of the line may have any name.
fn is_function(line: &str) -> bool {
    line.contains("()") || line.contains("function") || line.contains("( )")
}

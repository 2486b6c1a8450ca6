//! Any bytes as each file beside the specs: hooks, MCP servers, agents, permissions, run records, steering, JSON, YAML.
//! Nothing panics, and every span lies inside.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spec::data::{Notation, read};
use spec::settings::agent::Agent;
use spec::settings::hooks::Hooks;
use spec::settings::mcp::Servers;
use spec::settings::permissions::Permissions;
use spec::settings::tasks_meta::TasksMeta;

fuzz_target!(|bytes: &[u8]| {
    for notation in [Notation::Json, Notation::Yaml] {
        if let (Some(root), _) = read(bytes, notation) {
            assert!(root.span.end() <= bytes.len());
        }
    }
    for name in ["a.json", "a.yaml"] {
        for hook in Hooks::parse(bytes, name).hooks {
            assert!(hook.span.end() <= bytes.len());
        }
    }
    for name in ["a.md", "a.json"] {
        let _ = Agent::parse(bytes, name);
    }
    let _ = (Servers::parse(bytes), Permissions::parse(bytes), TasksMeta::parse(bytes));
    let _ = (spec::steering::Steering::parse(bytes), spec::config::Config::parse(bytes));
});

//! Any bytes as each file beside the specs: hooks of every format, MCP servers, agents, skills, prompts, permissions, run records,
//! steering, JSON, YAML. Nothing panics, and every span lies inside.
#![no_main]

use libfuzzer_sys::fuzz_target;
use hooks::{Moment, Trigger};
use roster::Origin;
use roster::agent::{Agent, Source};
use roster::prompt::Prompt;
use roster::skill::Skill;
use spec::data::{Notation, read};
use spec::settings::mcp::Servers;
use spec::settings::permissions::Permissions;
use spec::settings::tasks_meta::TasksMeta;

fuzz_target!(|bytes: &[u8]| {
    for notation in [Notation::Json, Notation::Yaml] {
        if let (Some(root), _) = read(bytes, notation) {
            assert!(root.span.end() <= bytes.len());
        }
    }
    let mut moment = Moment::new(Trigger::PostFileSave, "session", "/w");
    moment.file_path = Some("src/a.ts".to_string());
    for name in [".kiro/hooks/a.json", ".kiro/hooks/a.kiro.hook", ".kiro/settings/hooks.yaml", "hooks/hooks.json"] {
        let file = hooks::read(name, bytes);
        for found in &file.diagnostics {
            assert!(found.span.end() <= bytes.len());
        }
        for due in hooks::matching(&file.hooks, &moment) {
            let _ = (hooks::payload(due.hook, &moment), hooks::prompt(due.hook, &moment));
        }
    }
    for name in ["a.md", "a.json"] {
        let source = Source { file: name, below: name, origin: Origin::Workspace };
        let _ = Agent::read(source, bytes);
    }
    let _ = Skill::read(".kiro/skills/a", Origin::Workspace, bytes, Vec::new());
    if let Some(prompt) = Prompt::read("a", "a.md", Origin::Workspace, bytes).ok() {
        let _ = prompt;
    }
    let _ = (Servers::parse(bytes), Permissions::parse(bytes), TasksMeta::parse(bytes));
    let _ = (spec::steering::Steering::parse(bytes), spec::config::Config::parse(bytes));
});

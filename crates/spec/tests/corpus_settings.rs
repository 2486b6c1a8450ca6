//! Reads every real hook, agent, MCP and steering file that lies beside the checkout, if any. The rules themselves are
//! tested on inline documents in `src`.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

use std::path::{Path, PathBuf};

use spec::settings::agent::{Agent, Generation};
use spec::settings::hooks::Hooks;
use spec::settings::mcp::Servers;
use spec::steering::{Inclusion, Steering};
use spec::{Diagnostic, Severity};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

#[test]
fn every_real_file_loads_or_says_why() {
    let mut all = Vec::new();
    files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")), &mut all);
    all.sort();
    if all.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    let (mut hooks, mut agents, mut servers, mut steering) = (0, 0, 0, 0);
    let mut odd: Vec<(PathBuf, Diagnostic)> = Vec::new();
    for path in &all {
        let shown = path.to_string_lossy().replace('\\', "/");
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(path).unwrap();
        let found = if shown.contains("/.kiro/hooks/") && (name.ends_with(".json") || name.ends_with(".hook"))
        {
            let read = Hooks::parse(&bytes, &name);
            hooks += read.hooks.len();
            assert!(!read.hooks.is_empty() || !read.diagnostics.is_empty(), "{shown}");
            read.diagnostics
        } else if shown.contains("/.kiro/agents/") && (name.ends_with(".md") || name.ends_with(".json")) {
            let read = Agent::parse(&bytes, &name);
            agents += usize::from(read.rejected.is_none());
            assert!(
                read.rejected.is_some() || !read.prompt.is_empty() || read.generation == Generation::JsonCli,
                "{shown}"
            );
            read.diagnostics
        } else if shown.ends_with("settings/mcp.json") {
            let read = Servers::parse(&bytes);
            servers += read.servers.len();
            read.diagnostics
        } else if shown.contains("/.kiro/steering/") && name.ends_with(".md") {
            let read = Steering::parse(&bytes);
            steering += usize::from(!matches!(read.inclusion, Inclusion::Wrong(_)));
            read.diagnostics
        } else {
            continue;
        };
        odd.extend(found.into_iter().map(|found| (path.clone(), found)));
    }
    println!("{hooks} hooks, {agents} agents, {servers} servers, {steering} steering files");
    for (path, found) in &odd {
        println!("{}: {:?} {} {}", path.display(), found.severity, found.code, found.message);
    }
    assert!(hooks > 0 && agents > 0 && steering > 0);
    let errors = odd.iter().filter(|(_, found)| found.severity == Severity::Error).count();
    assert!(errors <= 6, "{errors} errors in files that people use");
}

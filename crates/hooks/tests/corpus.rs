//! Every hook file and every agent of real repositories: it loads, or a diagnostic says why not.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

use std::fs;
use std::path::{Path, PathBuf};

use spec::data::{self, Notation};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus");

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&path, found),
            Ok(kind) if kind.is_file() => found.push(path),
            _ => {}
        }
    }
}

#[test]
fn every_hook_loads_or_says_why() {
    let mut paths = Vec::new();
    files(Path::new(CORPUS), &mut paths);
    if paths.is_empty() {
        println!("skipped: no corpus beside the repository");
        return;
    }
    let (mut hook_files, mut hooks, mut agents, mut agent_hooks) = (0, 0, 0, 0);
    let mut codes = std::collections::BTreeMap::new();
    for path in &paths {
        let shown = path.strip_prefix(CORPUS).unwrap().to_string_lossy().replace('\\', "/");
        let name = path.file_name().unwrap().to_string_lossy();
        let bytes = fs::read(path).unwrap();
        let read = if shown.contains("/.kiro/hooks/") && hooks::is_hook_file(&name)
            || shown.ends_with(".kiro/settings/hooks.yaml")
            || shown.ends_with("/hooks/hooks.json")
        {
            hook_files += 1;
            let read = hooks::read(&shown, &bytes);
            hooks += read.hooks.len();
            assert!(!read.hooks.is_empty() || !read.diagnostics.is_empty(), "{shown}");
            // All of them are used by their owners, so each must run here.
            assert!(!read.hooks.is_empty(), "{shown}: {:?}", read.diagnostics);
            read
        } else if shown.contains("/.kiro/agents/") && name.ends_with(".json") {
            agents += 1;
            let (root, _) = data::read(&bytes, Notation::Json);
            let Some(node) = root.as_ref().and_then(|root| root.get("hooks")) else { continue };
            let read = hooks::read_agent_hooks(node, &shown, "agent");
            agent_hooks += read.hooks.len();
            read
        } else {
            continue;
        };
        for found in &read.diagnostics {
            println!("{shown}: {} {} ({})", found.code, found.message, found.hint.as_deref().unwrap_or("-"));
            *codes.entry(found.code).or_insert(0) += 1;
        }
        let converted = hooks::convert(&read.hooks);
        for file in converted.files.iter().filter(|file| file.path.ends_with(".json")) {
            let again = hooks::read(&file.path, file.text.as_bytes());
            assert!(!again.hooks.is_empty(), "{shown}: {:?}", again.diagnostics);
        }
    }
    println!(
        "{hook_files} hook files, {hooks} hooks; {agents} agents in JSON, {agent_hooks} hooks in them; {codes:?}"
    );
    assert!(hook_files > 0 && agents > 0);
}

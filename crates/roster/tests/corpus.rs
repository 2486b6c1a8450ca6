//! Reads every real agent, skill and power that lies beside the checkout, if any.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use roster::agent::{Agent, Source};
use roster::power::{Files, Power};
use roster::prompt::Prompt;
use roster::skill::Skill;
use roster::{Origin, Reading};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

#[test]
fn every_real_file_loads_or_says_why() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus"));
    let mut all = Vec::new();
    files(root, &mut all);
    all.sort();
    if all.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    let (mut counts, mut codes) = (BTreeMap::new(), BTreeMap::new());
    for path in &all {
        let shown = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        let bytes = std::fs::read(path).unwrap();
        let folder = shown.rsplit_once('/').map_or("", |(folder, _)| folder);
        let (what, found) = if let Some((_, below)) = shown.split_once(".kiro/agents/") {
            let source = Source { file: &shown, below, origin: Origin::Workspace };
            ("agent", came(Agent::read(source, &bytes), |agent| agent.diagnostics))
        } else if shown.ends_with("/SKILL.md") {
            (
                "skill",
                came(Skill::read(folder, Origin::Workspace, &bytes, Vec::new()), |skill| skill.diagnostics),
            )
        } else if shown.ends_with("/POWER.md") {
            let files = Files { power: Some(&bytes), ..Files::default() };
            ("power", came(Power::read(folder, Origin::Workspace, files), |power| power.diagnostics))
        } else if shown.ends_with("/plugin.json") {
            let files = Files { plugin: Some(&bytes), ..Files::default() };
            ("power", came(Power::read(folder, Origin::Workspace, files), |power| power.diagnostics))
        } else if let Some((_, name)) = shown.split_once(".kiro/prompts/") {
            let name = name.strip_suffix(".md").unwrap_or(name);
            (
                "prompt",
                came(Prompt::read(name, &shown, Origin::Workspace, &bytes), |prompt| prompt.diagnostics),
            )
        } else {
            continue;
        };
        let (is_read, diagnostics) = found;
        let count: &mut (usize, usize) = counts.entry(what).or_default();
        if is_read {
            count.0 += 1
        } else {
            count.1 += 1
        }
        assert!(is_read || !diagnostics.is_empty(), "{shown}");
        for found in diagnostics {
            assert!(found.span.end() <= bytes.len(), "{shown}: {found:?}");
            *codes.entry(found.code).or_insert(0) += 1;
        }
    }
    println!("{counts:?} (read, refused); {codes:?}");
    assert!(counts.get("agent").is_some_and(|(read, refused)| *read >= 30 && *refused == 0));
    assert!(counts.get("skill").is_some_and(|(read, refused)| *read >= 15 && *refused == 0));
}

fn came<T>(reading: Reading<T>, of: impl Fn(T) -> Vec<spec::Diagnostic>) -> (bool, Vec<spec::Diagnostic>) {
    match reading {
        Reading::Read(value) => (true, of(value)),
        Reading::Refused { diagnostics, .. } => (false, diagnostics),
    }
}

//! The files of agents, skills, powers and prompts as they lie on the disk, each with whether it is trusted. Knows no format.
#![expect(clippy::disallowed_methods, reason = "the files of the person are read here")]

use std::path::Path;

use roster::Origin;

use super::Trust;
use crate::repository;
use crate::trust::Trusted;
use crate::workspace::Workspace;

/// The most files of the person's that are looked at.
const FILES_MAX: usize = 5_000;
/// How deep folders may be nested.
const NESTING_MAX: usize = 8;
/// The largest file that is read.
const FILE_BYTES_MAX: u64 = repository::ITEM_BYTES_MAX;

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// As it is shown: `.kiro/agents/a.md`, `~/.kiro/agents/a.md`.
    pub(crate) name: String,
    /// Below `.kiro`: `agents/a.md`, `powers/stripe/POWER.md`.
    pub(crate) below: String,
    pub(crate) origin: Origin,
    pub(crate) trust: Trust,
    pub(crate) size: u64,
    /// Its bytes; `None` for what only lies beside something, and for what cannot be read.
    pub(crate) bytes: Option<Vec<u8>>,
}

/// Those of the workspace: they are what `waypost trust` lists.
pub(crate) fn of_workspace(workspace: &Workspace, trusted: &Trusted) -> Vec<File> {
    // An agent's prompt may lie anywhere below `.kiro`: what it is used for follows from where it lies, and its trust from its bytes.
    let below_kiro = |name: &str| Some(repository::below_kiro(name)?.to_string());
    let items = repository::items_here(workspace).into_iter();
    items
        .filter_map(|item| Some((below_kiro(&item.name)?, item)))
        .map(|(below, item)| {
            let trust = match (&item.bytes, trusted.has(&item), trusted.knew(&item.name)) {
                (Err(why), ..) => Trust::Never(why),
                (_, true, _) => Trust::Trusted,
                (_, false, true) => Trust::Changed,
                (_, false, false) => Trust::Not,
            };
            // Kiro keeps those of the person there, and some people theirs.
            let installed = below.strip_prefix("powers/installed/").map(|below| format!("powers/{below}"));
            let below = installed.unwrap_or(below);
            let bytes = item.bytes.ok();
            let size = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
            File { below, origin: Origin::Workspace, trust, size, bytes, name: item.name }
        })
        .collect()
}

/// Those of the person, in their `.kiro`. Links are followed: they are the person's own.
pub(crate) fn of_person(kiro: &Path) -> Vec<File> {
    let mut files = Vec::new();
    for (folder, below) in
        [("agents", "agents"), ("skills", "skills"), ("powers/installed", "powers"), ("prompts", "prompts")]
    {
        let shown = format!("~/.kiro/{folder}");
        gather(&kiro.join(folder), &shown, below, 0, &mut files);
    }
    files
}

fn gather(directory: &Path, shown: &str, below: &str, depth: usize, files: &mut Vec<File>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    for name in names {
        let path = directory.join(&name);
        let name = name.to_string_lossy().into_owned();
        if files.len() >= FILES_MAX || name == ".git" || name == "node_modules" {
            continue;
        }
        let (shown, below) = (format!("{shown}/{name}"), format!("{below}/{name}"));
        let Ok(data) = std::fs::metadata(&path) else { continue };
        if data.is_dir() {
            if depth < NESTING_MAX {
                gather(&path, &shown, &below, depth + 1, files);
            }
        } else if data.is_file() {
            let wanted = is_read(&below, &name) && data.len() <= FILE_BYTES_MAX;
            let bytes = wanted.then(|| std::fs::read(&path).ok()).flatten();
            let trust = match bytes.is_none() && is_read(&below, &name) {
                true if data.len() > FILE_BYTES_MAX => Trust::Never("larger than 1 MiB"),
                true => Trust::Never("cannot be read"),
                false => Trust::Own,
            };
            let size = data.len();
            files.push(File { name: shown, below, origin: Origin::Person, trust, size, bytes });
        }
    }
}

/// Whether the bytes of a file matter before somebody asks for it.
fn is_read(below: &str, name: &str) -> bool {
    let is_text = name.ends_with(".md");
    match below.split('/').next() {
        Some("agents" | "prompts") => is_text || name.ends_with(".json") || name.ends_with(".txt"),
        Some("skills") => name == "SKILL.md",
        Some("powers") => {
            let is_steering = below.contains("/steering/") && is_text;
            is_steering || matches!(name, "POWER.md" | "plugin.json" | "mcp.json" | "SKILL.md")
        }
        _ => false,
    }
}

//! What a repository brings that would steer the agent or run: listed with its bytes, so that a person can trust exactly these.
//! Whether something is trusted is `trust`'s; what each file means is its own room's.
#![expect(clippy::disallowed_methods, reason = "the files of the repository are read here")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use conversation::Digest;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use steering::Scope;

use crate::workspace::Workspace;

/// The most items of one repository; what comes after them is never trusted.
const ITEMS_MAX: usize = 2_000;
/// The largest file that can be trusted: nobody reads more.
pub(crate) const ITEM_BYTES_MAX: u64 = 1024 * 1024;
/// How deep folders below `.kiro` may be nested.
const NESTING_MAX: usize = 10;
/// How deep nested steering may lie below the root.
const DEPTH_MAX: usize = 12;
/// Files and folders that are looked at in search of nested steering.
const ENTRIES_MAX: usize = 400_000;

/// Something that would steer or run.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// From the workspace root, with `/`.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Its bytes, or why it can never be trusted.
    pub(crate) bytes: Result<Vec<u8>, &'static str>,
}

/// What an item does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Hook,
    Mcp,
    Agent,
    Workflow,
    Power,
    Skill,
    Prompt,
    Settings,
    Steering,
    Other,
}

impl Kind {
    /// What it would do, for a person.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Hook => "runs commands or prompts on events",
            Kind::Mcp => "starts servers",
            Kind::Agent => "defines an agent",
            Kind::Workflow => "runs steps",
            Kind::Power => "brings servers and steering",
            Kind::Skill => "teaches the agent",
            Kind::Prompt => "is a prompt",
            Kind::Settings => "sets how Waypost and Kiro work here",
            Kind::Steering => "steers the agent",
            Kind::Other => "lies where things that steer lie",
        }
    }

    /// By where it lies below `.kiro`.
    fn of(below: &str) -> Kind {
        let (folder, rest) = below.split_once('/').unwrap_or((below, ""));
        match folder {
            "hooks" => Kind::Hook,
            "agents" | "cli-agents" => Kind::Agent,
            "workflows" => Kind::Workflow,
            "powers" => Kind::Power,
            "skills" => Kind::Skill,
            "prompts" => Kind::Prompt,
            "steering" => Kind::Steering,
            "settings" if rest.starts_with("mcp") => Kind::Mcp,
            "settings" if rest.starts_with("hooks") => Kind::Hook,
            "settings" => Kind::Settings,
            _ => Kind::Other,
        }
    }
}

/// What stands below its `.kiro`, of the name of an item; `None` for what lies elsewhere. A power has a folder `dev.kiro`, which is
/// another one.
pub(crate) fn below_kiro(name: &str) -> Option<&str> {
    match name.strip_prefix(".kiro/") {
        Some(below) => Some(below),
        None => name.split_once("/.kiro/").map(|(_, below)| below),
    }
}

impl AsRef<Item> for Item {
    fn as_ref(&self) -> &Item {
        self
    }
}

impl Item {
    /// Of its bytes.
    pub(crate) fn digest(&self) -> Option<Digest> {
        self.bytes.as_ref().ok().map(|bytes| Digest::of(bytes))
    }
}

/// What lies in the `.kiro` of the root, the hooks of its plugins, and `AGENTS.md`.
pub(crate) fn items(root: &Path) -> Vec<Item> {
    let mut found = Vec::new();
    below(root, &root.join(".kiro"), 0, &mut found);
    plugins(root, &mut found);
    load(root, &root.join("AGENTS.md"), Kind::Steering, &mut found);
    found.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    found
}

/// The same, with what the packages bring that are worked in.
pub(crate) fn items_here(workspace: &Workspace) -> Vec<Item> {
    let root = &workspace.root;
    let mut found = items(root);
    for package in &workspace.packages {
        below(root, &root.join(package).join(".kiro"), 0, &mut found);
    }
    found.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    found
}

/// What lies in the root, with what all packages bring and nested `AGENTS.md`: a walk through the tree, without what git and Kiro ignore.
pub(crate) fn items_everywhere(root: &Path) -> Vec<Item> {
    let mut found = items(root);
    walk(root, &mut |path, is_folder| {
        let name = path.file_name().unwrap_or_default();
        // A link is named, and never trusted.
        if name == ".kiro" && (is_folder || path.is_symlink()) {
            below(root, path, 0, &mut found);
        } else if !is_folder && name == "AGENTS.md" {
            load(root, path, Kind::Steering, &mut found);
        }
    });
    let mut lists = KiroLists::default();
    found.retain(|item| !(item.name.ends_with("AGENTS.md") && lists.ignore(root, &item.name)));
    found.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    found
}

/// The `.kiroignore` files above nested steering, read once. What is no regular file is passed over: a pipe would block for ever.
#[derive(Default)]
struct KiroLists(BTreeMap<PathBuf, Option<Gitignore>>);

impl KiroLists {
    fn ignore(&mut self, root: &Path, name: &str) -> bool {
        let path = root.join(name);
        path.ancestors().skip(1).take_while(|folder| folder.starts_with(root)).any(|folder| {
            let list = self.0.entry(folder.to_path_buf()).or_insert_with(|| read_list(folder));
            list.as_ref().is_some_and(|list| list.matched_path_or_any_parents(&path, false).is_ignore())
        })
    }
}

fn read_list(folder: &Path) -> Option<Gitignore> {
    let path = folder.join(".kiroignore");
    let data = std::fs::symlink_metadata(&path).ok()?;
    if !data.is_file() || data.len() > ITEM_BYTES_MAX {
        return None;
    }
    let mut list = GitignoreBuilder::new(folder);
    let _unreadable = list.add(&path);
    list.build().ok()
}

/// Steering of other tools that the settings ask for: it steers, so it needs trust like the rest.
pub(crate) fn asked_for(root: &Path, asked: &BTreeSet<Scope>) -> Vec<Item> {
    let mut found = Vec::new();
    if asked.is_empty() {
        return found;
    }
    walk(root, &mut |path, is_folder| {
        let name =
            path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        if !is_folder && Scope::of(&name).is_some_and(|(scope, _)| asked.contains(&scope)) {
            load(root, path, Kind::Steering, &mut found);
        }
    });
    for path in [".github/copilot-instructions.md", ".github/CONTRIBUTING.md", "CLAUDE.md", "CONTRIBUTING.md"]
    {
        let is_listed = found.iter().any(|item| item.name == path);
        if !is_listed && Scope::of(path).is_some_and(|(scope, _)| asked.contains(&scope)) {
            load(root, &root.join(path), Kind::Steering, &mut found);
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Every file and folder below the root that is not ignored; folders that are hidden only where tools keep their rules.
fn walk(root: &Path, visit: &mut dyn FnMut(&Path, bool)) {
    let mut walk = listing::walk(root, &[], |entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let name = entry.file_name().to_string_lossy();
        let is_hidden = name.starts_with('.');
        let is_tool = matches!(name.as_ref(), ".kiro" | ".cursor" | ".github" | ".codex" | ".claude");
        !(is_folder && (is_hidden && !is_tool || name == "node_modules"))
    });
    for entry in walk.max_depth(Some(DEPTH_MAX)).build().take(ENTRIES_MAX).flatten() {
        // The root's own are listed without a walk.
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let is_roots =
            entry.depth() <= 1 && matches!(entry.file_name().to_str(), Some(".kiro" | "AGENTS.md"));
        let is_in_kiro = entry.path().parent().is_some_and(|parent| {
            parent
                .strip_prefix(root)
                .is_ok_and(|inside| inside.components().any(|part| part.as_os_str() == ".kiro"))
        });
        if !is_roots && !is_in_kiro {
            visit(entry.path(), is_folder);
        }
    }
}

fn below(root: &Path, directory: &Path, depth: usize, found: &mut Vec<Item>) {
    // A `.kiro` that is a link is one item that is never trusted.
    if directory.is_symlink() {
        return push(root, directory, Kind::Other, Err("a link"), found);
    }
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let inside = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .to_string_lossy()
            .replace(std::path::MAIN_SEPARATOR, "/");
        // A power has a folder `dev.kiro`, which is another one.
        let nested = inside.rsplit_once("/.kiro/").map(|(_, within)| within);
        let within = nested.or_else(|| inside.strip_prefix(".kiro/")).unwrap_or(&inside);
        // Specs are read and approved, they run nothing; the list of what is never written only takes away.
        if depth == 0 && within == "specs" || within == "settings/ignore" {
            continue;
        }
        let kind = Kind::of(within);
        if path.is_dir() && !path.is_symlink() {
            if depth < NESTING_MAX {
                below(root, &path, depth + 1, found);
            } else {
                push(root, &path, kind, Err("nested too deep"), found);
            }
        } else {
            load(root, &path, kind, found);
        }
    }
}

/// The hooks of plugins: `.agents/plugins/<name>/hooks/hooks.json`.
fn plugins(root: &Path, found: &mut Vec<Item>) {
    let folder = root.join(".agents/plugins");
    // What lies behind a link is not the repository's.
    if root.join(".agents").is_symlink() || folder.is_symlink() {
        return;
    }
    let Ok(entries) = std::fs::read_dir(&folder) else { return };
    let mut plugins: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    plugins.sort();
    for plugin in plugins {
        let path = plugin.join("hooks/hooks.json");
        let has_link = plugin.is_symlink() || plugin.join("hooks").is_symlink();
        match has_link && path.exists() {
            true => push(root, &path, Kind::Hook, Err("a link"), found),
            false => load(root, &path, Kind::Hook, found),
        }
    }
}

/// One file of the repository as a thing to be trusted; nothing when it is not there.
pub(crate) fn item(root: &Path, path: &Path, kind: Kind) -> Option<Item> {
    let mut found = Vec::new();
    load(root, path, kind, &mut found);
    found.pop()
}

fn load(root: &Path, path: &Path, kind: Kind, found: &mut Vec<Item>) {
    let bytes = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        Err(_) => Err("cannot be read"),
        Ok(data) if data.is_symlink() => Err("a link"),
        Ok(data) if !data.is_file() => Err("no file"),
        Ok(data) if data.len() > ITEM_BYTES_MAX => Err("larger than 1 MiB"),
        Ok(_) => std::fs::read(path).map_err(|_| "cannot be read"),
    };
    push(root, path, kind, bytes, found);
}

fn push(root: &Path, path: &Path, kind: Kind, bytes: Result<Vec<u8>, &'static str>, found: &mut Vec<Item>) {
    if found.len() < ITEMS_MAX {
        let name =
            path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        found.push(Item { name, kind, bytes });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_steers_is_listed() {
        let root = tempfile::tempdir().unwrap();
        let put = |name: &str| {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, name).unwrap();
        };
        let names = [
            ".kiro/hooks/a.json",
            ".kiro/settings/hooks.yaml",
            ".kiro/settings/mcp.json",
            ".kiro/agents/b.md",
            ".kiro/steering/deep/c.md",
            ".kiro/powers/n/dev.kiro/steering/s.md",
            ".agents/plugins/p/hooks/hooks.json",
            "AGENTS.md",
            "packages/x/.kiro/steering/d.md",
            "src/deep/AGENTS.md",
        ];
        names.iter().for_each(|name| put(name));
        [
            ".kiro/specs/s/tasks.md",
            ".kiro/settings/ignore",
            "README.md",
            "CLAUDE.md",
            "web/CLAUDE.md",
            "target/AGENTS.md",
        ]
        .iter()
        .for_each(|name| put(name));
        put("node_modules/x/AGENTS.md");
        std::fs::write(root.path().join(".gitignore"), "/target\n").unwrap();
        put("old/deep/AGENTS.md");
        std::fs::write(root.path().join("old/.kiroignore"), "deep\n").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", root.path().join(".kiro/steering/link.md")).unwrap();
        let all = items_everywhere(root.path());
        let listed: Vec<&str> = all.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(
            listed,
            [
                ".agents/plugins/p/hooks/hooks.json",
                ".kiro/hooks/a.json",
                ".kiro/settings/hooks.yaml",
                ".kiro/settings/mcp.json",
                ".kiro/agents/b.md",
                ".kiro/powers/n/dev.kiro/steering/s.md",
                ".kiro/steering/deep/c.md",
                ".kiro/steering/link.md",
                "AGENTS.md",
                "packages/x/.kiro/steering/d.md",
                "src/deep/AGENTS.md",
            ]
        );
        let claude = asked_for(root.path(), &BTreeSet::from([Scope::Claude]));
        assert_eq!(
            claude.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(),
            ["CLAUDE.md", "web/CLAUDE.md"]
        );
        assert_eq!(all[7].bytes, Err("a link"));
        assert_eq!(items(root.path()).len(), 9);
    }
}

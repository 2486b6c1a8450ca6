//! The files of the workspace that the lines of hooks and MCP servers start: whoever trusts a line trusts these with it, byte for byte. What such a
//! file starts in its turn (a build tool's files, modules that it loads) is not looked for; the sandbox holds it.
#![expect(clippy::disallowed_methods, reason = "the scripts of hooks are read here")]

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use conversation::Digest;
use hooks::Hook;

use crate::repository::{self, Item, Kind};

/// Programs that run the file which is named behind them.
const RUNNERS: [&str; 31] = [
    ".", "source", "sh", "bash", "dash", "zsh", "ksh", "fish", "busybox", "python", "python3", "node",
    "deno", "bun", "tsx", "ts-node", "ruby", "perl", "php", "lua", "awk", "Rscript", "pwsh", "env", "nohup",
    "timeout", "nice", "time", "exec", "xargs", "setsid",
];

/// A file that a hook starts, and what it was when the hook was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    /// From the workspace root, with `/`.
    pub(crate) name: String,
    path: PathBuf,
    digest: Option<Digest>,
}

impl Script {
    /// Of its bytes; nothing when nobody can trust it: a link, a folder, too large.
    pub(crate) fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// Whether it is still what it was.
    pub(crate) fn is_same(&self, root: &Path) -> bool {
        self.digest.is_some()
            && repository::item(root, &self.path, Kind::Hook).and_then(|item| item.digest()) == self.digest
    }
}

/// The scripts that the lines of a hook start.
pub(crate) fn of(root: &Path, hook: &Hook) -> Vec<Script> {
    let confirm = hook.confirm.iter().filter_map(|confirm| confirm.command.as_deref());
    let mut all: Vec<Script> = confirm.chain(hook.command()).flat_map(|line| of_line(root, line)).collect();
    all.dedup();
    all
}

/// The scripts that a line starts.
pub(crate) fn of_line(root: &Path, line: &str) -> Vec<Script> {
    let script = |path: PathBuf| {
        let item = repository::item(root, &path, Kind::Hook)?;
        Some(Script { digest: item.digest(), name: item.name, path })
    };
    named(root, line).into_iter().filter_map(script).collect()
}

/// The scripts as things to be trusted, without those that are `known`.
pub(crate) fn items(root: &Path, scripts: impl Iterator<Item = Script>, known: &[Item]) -> Vec<Item> {
    let paths: BTreeSet<PathBuf> = scripts.map(|script| script.path).collect();
    let items = paths.iter().filter_map(|path| repository::item(root, path, Kind::Hook));
    items.filter(|item| known.iter().all(|one| one.name != item.name)).collect()
}

/// Files below the root that a line starts; as many as it has commands, which `policy::judge` bounds. By their path, or behind a program that runs files.
fn named(root: &Path, line: &str) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folder = root.to_path_buf();
    for command in policy::judge(line).unwrap_or_default() {
        let Some((program, rest)) = command.words.split_first() else { continue };
        if program == "cd" || program == "pushd" {
            let to = rest.iter().find(|word| !word.starts_with('-'));
            folder = to.and_then(|to| inside(root, &folder, to)).unwrap_or_else(|| root.to_path_buf());
            continue;
        }
        let file =
            |word: &String| inside(root, &folder, word).filter(|path| path.is_symlink() || path.is_file());
        if program.contains('/') {
            found.extend(file(program));
        }
        let name = program.rsplit('/').next().unwrap_or(program);
        let is_runner = RUNNERS.contains(&name) || name.starts_with("python3.");
        if is_runner {
            found.extend(rest.iter().find_map(file));
        }
    }
    found
}

/// The path of a word below the root, by its text.
fn inside(root: &Path, folder: &Path, word: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for part in folder.join(word).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    (path != root && path.starts_with(root)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_starts() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("bin")).unwrap();
        for name in ["run.sh", "run.py", "bin/x", "data.txt"] {
            std::fs::write(root.join(name), "").unwrap();
        }
        let check = |line: &str, expected: &[&str]| {
            let found: Vec<String> = named(&root, line)
                .iter()
                .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
                .collect();
            assert_eq!(found, expected, "{line}");
        };
        check("./run.sh data.txt", &["run.sh"]);
        check("sh -x run.sh data.txt", &["run.sh"]);
        check("FOO=1 env A=b bash ./run.sh", &["run.sh"]);
        check("cd bin && ./x", &["bin/x"]);
        check("cd bin && sh ../run.sh; cat data.txt", &["run.sh"]);
        check("sh -c 'python3 run.py data.txt | tee log'", &["run.py"]);
        check("timeout 5 bin/x && . ./run.sh", &["bin/x", "run.sh"]);
        check(&format!("{}/run.sh", root.display()), &["run.sh"]);
        check("prettier --write data.txt", &[]);
        check("make lint", &[]);
        check("../elsewhere.sh; /bin/true", &[]);
    }
}

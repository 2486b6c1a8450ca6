//! The files of the workspace that the lines of hooks and MCP servers start: whoever trusts a line trusts these with it, byte for byte. What such a
//! file starts in its turn (a build tool's files, modules that it loads) is not looked for; the sandbox holds it.
#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "a test makes files"))]

mod launchers;

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use conversation::Digest;
use hooks::{Hook, Moment};

use self::launchers::Place;
use crate::repository::{self, Item, Kind};

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
    let lines = confirm.chain(hook.command()).map(|line| filled(root, hook, line));
    let mut all: Vec<Script> = lines.flat_map(|line| of_line(root, &line)).collect();
    all.dedup();
    all
}

/// The line with the folders in it that the shell fills in when the hook runs.
fn filled(root: &Path, hook: &Hook, line: &str) -> String {
    let moment = Moment::new(hook.trigger, "", root.to_string_lossy());
    let folders = hooks::environment(hook, &moment).into_iter().filter(|(name, _)| name.ends_with("_ROOT"));
    folders.fold(line.to_string(), |line, (name, folder)| {
        line.replace(&format!("${{{name}}}"), &folder).replace(&format!("${name}"), &folder)
    })
}

/// The scripts that a line starts which is run in the root.
fn of_line(root: &Path, line: &str) -> Vec<Script> {
    found(root, named(Place::new(root, root), line))
}

/// The scripts of the workspace that a line starts. `folder` is where it is run, from the root when relative. With `is_relative` only
/// those that are found from there, not those that are named by an absolute path.
pub(crate) fn of_line_in(root: &Path, folder: &Path, line: &str, is_relative: bool) -> Vec<Script> {
    found(root, named(Place { is_relative, ..Place::new(root, folder) }, line))
}

fn found(root: &Path, paths: BTreeSet<PathBuf>) -> Vec<Script> {
    let script = |path: PathBuf| {
        let item = repository::item(root, &path, Kind::Hook)?;
        Some(Script { digest: item.digest(), name: item.name, path })
    };
    paths.into_iter().filter_map(script).collect()
}

/// The scripts as things to be trusted, without those that are `known`.
pub(crate) fn items(root: &Path, scripts: impl Iterator<Item = Script>, known: &[Item]) -> Vec<Item> {
    let paths: BTreeSet<PathBuf> = scripts.map(|script| script.path).collect();
    let items = paths.iter().filter_map(|path| repository::item(root, path, Kind::Hook));
    items.filter(|item| known.iter().all(|one| one.name != item.name)).collect()
}

/// Files below the root that a line starts; a few for each of its commands, which `policy::judge` bounds.
fn named(mut place: Place<'_>, line: &str) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for command in policy::judge(line).unwrap_or_default() {
        let Some((program, rest)) = command.words.split_first() else { continue };
        if program == "cd" || program == "pushd" {
            let to = rest.iter().find(|word| !word.starts_with('-'));
            place.folder = to.map_or_else(|| place.root.to_path_buf(), |to| normal(&place.folder.join(to)));
            continue;
        }
        found.append(&mut place.started(&command.words));
        found.extend(place.read_by(&command));
    }
    found
}

/// A path without `.` and `..`, by its text.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_starts() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let files = [
            "run.sh",
            "run.py",
            "bin/x",
            "data.txt",
            "tools/srv.py",
            "tools/pkg/__init__.py",
            "tools/pkg/__main__.py",
            "tools/pkg/deep.py",
            "app/__main__.py",
            "x.ts",
            "hook.js",
            "web/package.json",
            "web/lib/a.js",
            "site/index.js",
        ];
        for name in files {
            std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            std::fs::write(root.join(name), "").unwrap();
        }
        std::fs::write(root.join("web/package.json"), r#"{"main": "lib/a"}"#).unwrap();
        let check_in = |folder: &str, line: &str, expected: &[&str]| {
            let found: Vec<String> = named(Place::new(&root, Path::new(folder)), line)
                .iter()
                .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
                .collect();
            assert_eq!(found, expected, "{line}");
        };
        let check = |line: &str, expected: &[&str]| check_in("", line, expected);
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
        check("sh < run.sh", &["run.sh"]);
        check("flock /tmp ./run.sh", &["run.sh"]);
        check("cat < data.txt", &[]);
        check("../elsewhere.sh; /bin/true", &[]);
        check_in("tools", "python3 -u srv.py", &["tools/srv.py"]);
        check_in("../outside", "python3 srv.py; python3 run.py", &[]);
        check_in(root.join("tools").to_str().unwrap(), "python3 ../run.py", &["run.py"]);
        check_in("tools", "python3 -m pkg", &["tools/pkg/__init__.py", "tools/pkg/__main__.py"]);
        check_in("tools", "python3 -um pkg.deep", &["tools/pkg/__init__.py", "tools/pkg/deep.py"]);
        check("python3 -X dev -W ignore app", &["app/__main__.py"]);
        check("python3 -m http.server 80; python3 -c run.py", &[]);
        let relative =
            |line: &str| named(Place { is_relative: true, ..Place::new(&root, &root) }, line).len();
        assert_eq!(
            (relative("python3 run.py"), relative(&format!("python3 {}/run.py", root.display()))),
            (1, 0)
        );
        check("npx tsx x.ts", &["x.ts"]);
        check("npx -y tsx@4 watch ./x.ts --port 1", &["x.ts"]);
        check("npm exec -- ts-node x; pnpm dlx tsx hook.js", &["hook.js", "x.ts"]);
        check("npx -c 'node hook'", &["hook.js"]);
        check("node --require ./hook.js web", &["hook.js", "web/lib/a.js", "web/package.json"]);
        check("node --env-file=data.txt site", &["site/index.js"]);
        check("bun run --cwd tools ../x.ts; deno run -A hook.js", &["hook.js", "x.ts"]);
        check("uv run run.py data.txt", &["run.py"]);
        check("uv run --with-requirements data.txt python -u run.py", &["run.py"]);
        check("uv --directory tools run srv.py", &["tools/srv.py"]);
        check("uv run --directory=tools -m pkg", &["tools/pkg/__init__.py", "tools/pkg/__main__.py"]);
        check("uvx --from data.txt some-server; poetry run python run.py", &["run.py"]);
    }

    #[test]
    fn folders_that_the_shell_fills_in_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in ["run.sh", ".agents/plugins/p/x.sh"] {
            std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            std::fs::write(root.join(name), "").unwrap();
        }
        let check = |file: &str, line: &str, expected: &[&str]| {
            let action = serde_json::json!({"type": "command", "command": line});
            let v1 = serde_json::json!({"version": "v1", "hooks": [{"name": "h", "trigger": "Stop", "action": action}]});
            let plugin = serde_json::json!({"hooks": {"Stop": [{"hooks": [action]}]}});
            let text = if file.contains("plugins") { plugin } else { v1 }.to_string();
            let hooks = hooks::read(file, text.as_bytes()).hooks;
            let found: Vec<String> =
                hooks.iter().flat_map(|hook| of(&root, hook)).map(|script| script.name).collect();
            assert_eq!(found, expected, "{line}");
        };
        check(".kiro/hooks/a.json", "\"$WORKSPACE_ROOT\"/run.sh", &["run.sh"]);
        check(".kiro/hooks/a.json", "sh ${WORKSPACE_ROOT}/run.sh", &["run.sh"]);
        check(".agents/plugins/p/hooks/hooks.json", "${PLUGIN_ROOT}/x.sh", &[".agents/plugins/p/x.sh"]);
        check(".agents/plugins/p/hooks/hooks.json", "sh \"$PLUGIN_ROOT/x.sh\"", &[".agents/plugins/p/x.sh"]);
    }
}

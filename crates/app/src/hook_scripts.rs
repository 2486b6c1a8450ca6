//! The files of the workspace that the lines of hooks and MCP servers start: whoever trusts a line trusts these with it, byte for byte. What such a
//! file starts in its turn (a build tool's files, modules that it loads) is not looked for; the sandbox holds it.
#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "a test makes files"))]

mod interpreters;
mod launchers;
mod lines;
#[cfg(test)]
mod looked;
mod mentions;
mod places;
mod variables;
mod wild;

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use conversation::Digest;
use hooks::{Hook, Moment};

use self::lines::Found;
use self::places::Place;
use self::variables::Known;
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
}

/// The scripts that the lines of a hook start.
pub(crate) fn of(root: &Path, hook: &Hook) -> Vec<Script> {
    let place = place(root, hook);
    let all: Vec<Found> = lines(hook).map(|line| lines::look(place.clone(), line)).collect();
    let is_beyond = all.iter().any(|found| found.is_beyond);
    scripts(root, all.into_iter().flat_map(|found| found.files).collect(), is_beyond)
}

/// What the lines of a hook start whose name or text only their data says: trust in the hook does not cover it.
pub(crate) fn computed(root: &Path, hook: &Hook) -> Vec<String> {
    let place = place(root, hook);
    let all = lines(hook).flat_map(|line| lines::look(place.clone(), line).computed);
    all.collect::<BTreeSet<String>>().into_iter().collect()
}

/// Whether the lines of a hook start these scripts and no others, and each is still what it was.
pub(crate) fn are_same(root: &Path, hook: &Hook, scripts: &[Script]) -> bool {
    scripts.iter().all(|script| script.digest.is_some()) && of(root, hook) == scripts
}

fn lines(hook: &Hook) -> impl Iterator<Item = &str> {
    let confirm = hook.confirm.iter().filter_map(|confirm| confirm.command.as_deref());
    confirm.chain(hook.command())
}

/// Where the lines of a hook begin, with the folders that the shell fills in when it runs.
fn place<'a>(root: &'a Path, hook: &Hook) -> Place<'a> {
    let moment = Moment::new(hook.trigger, "", root.to_string_lossy()).seen_from(hook.package());
    let folders = hooks::environment(hook, &moment).into_iter().filter(|(name, _)| name.ends_with("_ROOT"));
    let mut place = Place::new(root, root);
    place.known.extend(folders.map(|(name, folder)| Known::new(&name, &folder)));
    // The root of git is the workspace's, when it has one of its own.
    if places::is_there(&root.join(".git")) {
        place.known.push(Known::new("$(git rev-parse --show-toplevel)", &root.to_string_lossy()));
    }
    place
}

/// The scripts of the workspace that a line starts. `folder` is where it is run, from the root when relative. With `is_relative` only
/// those that are found from there, not those that are named by an absolute path.
pub(crate) fn of_line_in(root: &Path, folder: &Path, line: &str, is_relative: bool) -> Vec<Script> {
    let found = lines::look(Place { is_relative, ..Place::new(root, folder) }, line);
    scripts(root, found.files, found.is_beyond)
}

/// The files as scripts. With more than were looked up there is one among them that nobody can trust.
fn scripts(root: &Path, paths: BTreeSet<PathBuf>, is_beyond: bool) -> Vec<Script> {
    let beyond = is_beyond.then(|| {
        let name = format!("more than the {} names of files that are looked up", places::LOOKUPS_MAX);
        Script { path: root.join(&name), name, digest: None }
    });
    let script = |path: PathBuf| {
        // Another file may be shown by the same name.
        let is_text = path.strip_prefix(root).unwrap_or(&path).to_str().is_some();
        let item = is_text.then(|| repository::item(root, &path, Kind::Hook)).flatten();
        let digest = item.and_then(|item| item.digest());
        let name = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .to_string_lossy()
            .replace(std::path::MAIN_SEPARATOR, "/");
        Script { digest, name, path }
    };
    paths.into_iter().map(script).chain(beyond).collect()
}

/// The scripts as things to be trusted, without those that are `known`.
pub(crate) fn items(root: &Path, scripts: impl Iterator<Item = Script>, known: &[Item]) -> Vec<Item> {
    let paths: BTreeSet<PathBuf> = scripts.map(|script| script.path).collect();
    let items = paths.iter().filter_map(|path| repository::item(root, path, Kind::Hook));
    items.filter(|item| known.iter().all(|one| one.name != item.name)).collect()
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

    fn named(place: Place<'_>, line: &str) -> BTreeSet<PathBuf> {
        lines::look(place, line).files
    }

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
    fn what_a_line_computes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for name in [
            "a1.sh",
            "a2.sh",
            "x.sh",
            "y.py",
            "README.md",
            "bin/tool",
            "bin/b.sh",
            "list",
            "lint.js",
            ".h.sh",
        ] {
            std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            std::fs::write(root.join(name), "").unwrap();
        }
        let check = |line: &str, expected: &[&str], computed: &[&str]| {
            let found = lines::look(Place::new(&root, &root), line);
            let files: Vec<String> = found
                .files
                .iter()
                .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
                .collect();
            assert_eq!(files, expected, "{line}");
            assert_eq!(found.computed.iter().map(String::as_str).collect::<Vec<_>>(), computed, "{line}");
        };
        // Wildcards.
        check("./a*.sh", &["a1.sh", "a2.sh"], &[]);
        check("./a?.sh x; sh [!a]*.sh", &["a1.sh", "a2.sh", "x.sh"], &[]);
        check("for f in bin/*.sh a[1].sh; do sh \"$f\"; done", &["a1.sh", "bin/b.sh"], &[]);
        check("run-parts bin", &["bin/b.sh", "bin/tool"], &[]);
        check("python3 *.py", &["y.py"], &[]);
        check("prettier --check *.md && cat *", &[], &[]);
        check("(cd bin && ./*.sh); ./x*.sh", &["bin/b.sh", "x.sh"], &[]);
        // What names the files in it.
        check("coproc ./x.sh", &["x.sh"], &[]);
        check("bash <(cat x.sh)", &["x.sh"], &[]);
        check("source <(sed s/a/b/ x.sh)", &["x.sh"], &[]);
        check("eval \"$(cat x.sh)\"", &["x.sh"], &[]);
        check("eval \"$(< x.sh)\"; sh -c \"`cat a1.sh`\"", &["a1.sh", "x.sh"], &[]);
        check("$(cat list)", &["list"], &[]);
        check("cat x.sh | sed s/a/b/ | sh -s", &["x.sh"], &[]);
        check("sh <<< \"$(cat x.sh)\"", &["x.sh"], &[]);
        check("python3 -c \"$(cat y.py)\"", &["y.py"], &[]);
        check("bash -c \"./x.sh $FILE\"", &["x.sh"], &[]);
        check("PATH=.:$PATH x.sh", &["x.sh"], &[]);
        check("export PATH=\"$PWD/bin:$PATH\"; tool", &["bin/tool"], &[]);
        check("env PATH=bin:/bin tool; env -S 'sh x.sh'", &["bin/tool", "x.sh"], &[]);
        check("$(which python3) y.py; \"$PWD\"/x.sh", &["x.sh", "y.py"], &[]);
        check("\"${PYTHON:-python3}\" y.py", &["y.py"], &[]);
        check("$PYTHON -u y.py README.md", &["y.py"], &["$PYTHON -u y.py README.md"]);
        check("X=./x.sh; $X; trap 'sh a1.sh' EXIT", &["a1.sh", "x.sh"], &[]);
        check("./bin/tool | sh; echo 'sh x.sh' | bash", &["bin/tool", "x.sh"], &[]);
        check("find . -exec ./x.sh {} +; ls | xargs -n1 sh x.sh", &["x.sh"], &[]);
        // What does not.
        check("ls | xargs sh", &[], &["xargs sh"]);
        check("ls | xargs -I{} sh {}", &[], &["xargs -I{} sh {}"]);
        check("find . -name 'a*' -exec sh {} \\;", &[], &["find . -name 'a*' -exec sh {} \\;"]);
        check("find bin -exec {} \\;", &[], &["find bin -exec {} \\;"]);
        check("sh \"$(ls | head -1)\"", &[], &["sh \"$(ls | head -1)\""]);
        check("$SCRIPT a", &[], &["$SCRIPT a"]);
        check("sh -c \"$SCRIPT\"", &[], &["$SCRIPT"]);
        check("curl -s example.com | sh", &[], &["sh"]);
        check("while read f; do python3 $f; done < list", &[], &["python3 $f"]);
        check("ls | parallel sh", &[], &["parallel sh"]);
        check("sh x.sh 'open", &["x.sh"], &["sh x.sh 'open"]);
        // What starts nothing of the workspace.
        for line in [
            "prettier --check README.md",
            "timeout 5 cat ./README.md",
            "sh -c 'cat \"$1\"' README.md list",
            "sh -c 'echo done' list",
            "awk '{print $1}' README.md; sed -i s/a/b/ x.sh",
            "perl -pi -e 's/$a/b/' README.md",
            "node -e 'console.log(`x`)' lint.js",
            "find . -name '*.sh' -exec bash -n {} +",
            "ls | xargs prettier --write; find . -exec grep -l x {} +",
            "git diff --name-only | xargs -r eslint",
            "node -e '1' < README.md; python3 -c 1 < list",
            "bash -n list; php -l \"$FILE\"",
            "echo \"$(cat README.md)\"; . \"$HOME/.profile\"",
            "python3 --version; node -v; jq -r .path",
        ] {
            check(line, &[], &[]);
        }
    }

    #[test]
    fn a_wildcard_that_matches_too_much_is_never_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        (0..300).for_each(|at| std::fs::write(root.join(format!("x{at}.sh")), "").unwrap());
        let found = scripts(&root, lines::look(Place::new(&root, &root), "sh x*.sh").files, false);
        assert!(
            matches!(found.as_slice(), [one] if one.digest.is_none() && one.name == "x*.sh"),
            "{found:?}"
        );
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
        let line = "\"$(git rev-parse --show-toplevel)\"/run.sh";
        check(".kiro/hooks/a.json", line, &[]);
        std::fs::create_dir(root.join(".git")).unwrap();
        check(".kiro/hooks/a.json", line, &["run.sh"]);
        check(".kiro/hooks/a.json", "sh -c 'sh $WORKSPACE_ROOT/run.sh'", &["run.sh"]);
        // Names that only begin alike, and what the line sets itself.
        check(
            ".kiro/hooks/a.json",
            "WORKSPACE_ROOTS=.agents/plugins/p; sh $WORKSPACE_ROOTS/x.sh",
            &[".agents/plugins/p/x.sh"],
        );
        check(
            ".kiro/hooks/a.json",
            "WORKSPACE_ROOT=.agents/plugins/p; sh $WORKSPACE_ROOT/x.sh",
            &[".agents/plugins/p/x.sh"],
        );
        check(".kiro/hooks/a.json", "sh $WORKSPACE_ROOT/run.sh; WORKSPACE_ROOT=a", &["run.sh"]);
        check(".kiro/hooks/a.json", "env WORKSPACE_ROOT=a sh -c 'sh $WORKSPACE_ROOT/run.sh'", &[]);
        check(".agents/plugins/p/hooks/hooks.json", "${PLUGIN_ROOT}/x.sh", &[".agents/plugins/p/x.sh"]);
        check(".agents/plugins/p/hooks/hooks.json", "sh \"$PLUGIN_ROOT/x.sh\"", &[".agents/plugins/p/x.sh"]);
    }

    #[test]
    fn a_package_with_an_odd_name_is_filled_in_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for package in ["a\"b", "a$b", "a'b c"] {
            std::fs::create_dir_all(root.join(package)).unwrap();
            std::fs::write(root.join(package).join("x.sh"), "").unwrap();
            let action = serde_json::json!({"type": "command", "command": "sh \"$WORKSPACE_ROOT/x.sh\""});
            let v1 = serde_json::json!({"version": "v1", "hooks": [{"name": "h", "trigger": "Stop", "action": action}]});
            let file = format!("{package}/.kiro/hooks/a.json");
            let hook = hooks::read(&file, v1.to_string().as_bytes()).hooks.remove(0);
            assert_eq!(hook.package(), package);
            let names: Vec<String> = of(&root, &hook).into_iter().map(|script| script.name).collect();
            assert_eq!(names, [format!("{package}/x.sh")]);
            assert_eq!(computed(&root, &hook), [""; 0]);
        }
    }
}

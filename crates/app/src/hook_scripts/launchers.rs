//! Which files of the workspace one command starts, by its words: interpreters, and the launchers that are usually put before them. What is built
//! first (`cargo run`, `make`, `npm run`) is not followed.
#![expect(clippy::disallowed_methods, reason = "the scripts of hooks are read here")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use policy::{Access, Judged};

use super::normal;

/// How many launchers may stand before a script.
const DEPTH_MAX: usize = 8;
/// The largest `package.json` that is looked into, in bytes.
const PACKAGE_BYTES_MAX: u64 = 1024 * 1024;

/// Programs that run the file which is named behind them.
const RUNNERS: [&str; 34] = [
    ".", "source", "sh", "bash", "dash", "zsh", "ksh", "fish", "busybox", "ruby", "perl", "php", "lua",
    "awk", "Rscript", "pwsh", "env", "nohup", "timeout", "nice", "time", "exec", "xargs", "setsid", "dotnet",
    "java", "go", "flock", "script", "strace", "parallel", "stdbuf", "ionice", "chrt",
];
/// Programs that run a file of JavaScript or TypeScript.
const NODES: [&str; 9] =
    ["node", "nodejs", "deno", "bun", "tsx", "ts-node", "ts-node-esm", "vite-node", "nodemon"];
/// Their options that take a file which runs as well.
const NODE_LOADS: [&str; 6] =
    ["-r", "--require", "--import", "--loader", "--experimental-loader", "--preload"];
/// Their options that take something else.
const NODE_VALUES: [&str; 12] = [
    "-e",
    "--eval",
    "-p",
    "--print",
    "--env-file",
    "--tsconfig",
    "-P",
    "--project",
    "-C",
    "--conditions",
    "--config",
    "--cwd",
];
/// Their words before the file.
const NODE_VERBS: [&str; 5] = ["run", "watch", "serve", "x", "exec"];
const NODE_ENDS: [&str; 8] = ["js", "ts", "mjs", "cjs", "mts", "cts", "tsx", "jsx"];
/// Options of `uv`, `uvx` and `pipx` that take a value.
const UV_VALUES: [&str; 27] = [
    "--directory",
    "--project",
    "--with",
    "-w",
    "--with-editable",
    "--with-requirements",
    "--extra",
    "--group",
    "--no-group",
    "--only-group",
    "--python",
    "-p",
    "--env-file",
    "--index",
    "--default-index",
    "--index-url",
    "-i",
    "--extra-index-url",
    "--find-links",
    "-f",
    "--package",
    "--config-file",
    "--cache-dir",
    "--from",
    "--spec",
    "--link-mode",
    "--resolution",
];
/// Options of `npx` and its like that take a value.
const NPX_VALUES: [&str; 6] = ["-p", "--package", "--prefix", "-C", "--dir", "--filter"];

/// Where words are looked up.
#[derive(Clone)]
pub(super) struct Place<'a> {
    /// Only what lies below is looked for.
    pub(super) root: &'a Path,
    /// Where the command runs.
    pub(super) folder: PathBuf,
    /// Files that are named by an absolute path are passed over.
    pub(super) is_relative: bool,
}

impl<'a> Place<'a> {
    /// In a folder, from the root when relative.
    pub(super) fn new(root: &'a Path, folder: &Path) -> Place<'a> {
        Place { root, folder: normal(&root.join(folder)), is_relative: false }
    }

    /// The files that a command of these words starts.
    pub(super) fn started(&self, words: &[String]) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        self.follow(words, 0, &mut found);
        found
    }

    /// The files that the shell opens for a program which runs what it reads: `sh < run.sh`.
    pub(super) fn read_by(&self, command: &Judged) -> Vec<PathBuf> {
        let program = command.words.first().map(|word| word.rsplit('/').next().unwrap_or(word));
        let runs =
            |name: &str| RUNNERS.contains(&name) || NODES.contains(&name) || name.starts_with("python");
        let opened = command.touches.iter().filter(|touch| touch.by_shell && touch.access == Access::Read);
        match program.is_some_and(runs) {
            true => opened.filter_map(|touch| self.file(&touch.path)).collect(),
            false => Vec::new(),
        }
    }

    fn follow(&self, words: &[String], depth: usize, found: &mut BTreeSet<PathBuf>) {
        let Some((program, rest)) = words.split_first().filter(|_| depth < DEPTH_MAX) else { return };
        if program.contains('/') {
            found.extend(self.file(program));
        }
        let name = program.rsplit('/').next().unwrap_or(program);
        // `npx tsx@4`
        let name = name.split_once('@').map_or(name, |(name, _)| name);
        let before = found.len();
        match name {
            _ if name == "python" || name == "python3" || name == "pypy3" || name.starts_with("python3.") => {
                self.python(rest, found);
            }
            _ if NODES.contains(&name) => self.node(rest, depth, found),
            "uv" => self.uv(rest, depth, found),
            "uvx" | "pipx" => {
                let rest = rest.strip_prefix(&["run".to_string()]).unwrap_or(rest);
                self.target(operands(rest, &UV_VALUES), depth, found);
            }
            "npx" | "bunx" | "pnpx" => self.npx(rest, depth, found),
            "npm" | "pnpm" | "yarn" => {
                let inner = operands(rest, &NPX_VALUES);
                if let Some(("exec" | "x" | "dlx" | "node", inner)) = verb(inner) {
                    self.npx(inner, depth, found);
                }
            }
            "poetry" | "pipenv" | "pdm" | "rye" | "hatch" | "conda" | "mamba" | "bundle" => {
                if let Some(("run" | "exec", inner)) = verb(operands(rest, &["-C", "--directory", "-P"])) {
                    self.target(operands(inner, &["-n", "--name", "-p", "--prefix"]), depth, found);
                }
            }
            _ => {}
        }
        let is_runner = RUNNERS.contains(&name) || NODES.contains(&name);
        if is_runner && found.len() == before {
            found.extend(rest.iter().find_map(|word| self.file(word)));
        }
    }

    /// `-m module`, a file, or a folder with `__main__.py`.
    fn python(&self, rest: &[String], found: &mut BTreeSet<PathBuf>) {
        let mut words = rest.iter();
        while let Some(word) = words.next() {
            let Some(options) = word.strip_prefix('-').filter(|options| !options.is_empty()) else {
                found.extend(self.python_file(word));
                return;
            };
            if options.starts_with('-') {
                if options == "-check-hash-based-pycs" {
                    words.next();
                }
                continue;
            }
            for (at, option) in options.char_indices() {
                let behind = options.get(at + 1..).unwrap_or_default();
                let mut value = || match behind.is_empty() {
                    true => words.next().map(String::as_str),
                    false => Some(behind),
                };
                match option {
                    'm' => {
                        if let Some(module) = value() {
                            self.module(module, found);
                        }
                        return;
                    }
                    'c' => return,
                    'W' | 'X' => {
                        value();
                        break;
                    }
                    _ => {}
                }
            }
        }
    }

    fn python_file(&self, word: &str) -> Option<PathBuf> {
        self.file(word).or_else(|| self.file(&format!("{word}/__main__.py")))
    }

    /// A module, with the packages in which it lies: they run before it.
    fn module(&self, module: &str, found: &mut BTreeSet<PathBuf>) {
        let path = module.replace('.', "/");
        let ends = [".py", "/__init__.py", "/__main__.py"];
        found.extend(ends.iter().filter_map(|end| self.file(&format!("{path}{end}"))));
        for (at, _) in path.match_indices('/') {
            found.extend(path.get(..at).and_then(|package| self.file(&format!("{package}/__init__.py"))));
        }
    }

    fn node(&self, rest: &[String], depth: usize, found: &mut BTreeSet<PathBuf>) {
        let mut place = self.clone();
        let mut words = rest;
        while let Some((word, behind)) = words.split_first() {
            words = behind;
            if !word.starts_with('-') {
                let file = place.node_file(word);
                if file.is_empty() && NODE_VERBS.contains(&word.as_str()) {
                    if word == "x" {
                        return place.npx(behind, depth, found);
                    }
                    continue;
                }
                found.extend(file);
                return;
            }
            let (option, value) = match word.split_once('=') {
                Some((option, value)) => (option, Some(value)),
                None => (word.as_str(), None),
            };
            let takes = NODE_LOADS.contains(&option) || NODE_VALUES.contains(&option);
            let value = match (value, takes) {
                (None, true) => {
                    words = behind.get(1..).unwrap_or_default();
                    behind.first().map(String::as_str)
                }
                (value, _) => value,
            };
            let Some(value) = value else { continue };
            if NODE_LOADS.contains(&option) {
                found.extend(place.node_file(value));
            } else if option == "--cwd" {
                place.folder = normal(&place.folder.join(value));
            }
        }
    }

    /// A file, with an ending or without, or a folder with what it begins with.
    fn node_file(&self, word: &str) -> Vec<PathBuf> {
        if let Some(file) = self.file(word) {
            return vec![file];
        }
        let ended = |word: &str| NODE_ENDS.iter().find_map(|end| self.file(&format!("{word}.{end}")));
        if let Some(file) = ended(word) {
            return vec![file];
        }
        let Some(package) = self.file(&format!("{word}/package.json")) else {
            return ended(&format!("{word}/index")).into_iter().collect();
        };
        let main = main_of(&package).unwrap_or_else(|| "index".to_string());
        let main = format!("{word}/{main}");
        let begins = self.file(&main).or_else(|| ended(&main)).or_else(|| ended(&format!("{main}/index")));
        [package].into_iter().chain(begins).collect()
    }

    fn uv(&self, rest: &[String], depth: usize, found: &mut BTreeSet<PathBuf>) {
        let Some((verb, inner)) = verb(operands(rest, &UV_VALUES)) else { return };
        let inner = match (verb, inner.first().map(String::as_str)) {
            ("run", _) => inner,
            ("tool", Some("run")) => inner.get(1..).unwrap_or_default(),
            _ => return,
        };
        let target = operands(inner, &UV_VALUES);
        let options = rest.get(..rest.len() - target.len()).unwrap_or_default();
        let mut place = self.clone();
        let mut is_module = false;
        for (at, option) in options.iter().enumerate() {
            let next = || options.get(at + 1).map(String::as_str);
            is_module |= matches!(option.as_str(), "-m" | "--module");
            let to =
                option.strip_prefix("--directory=").or_else(|| next().filter(|_| option == "--directory"));
            if let Some(to) = to {
                place.folder = normal(&self.folder.join(to));
            }
        }
        match target.first().filter(|_| is_module) {
            Some(module) => place.module(module, found),
            None => place.target(target, depth, found),
        }
    }

    fn npx(&self, rest: &[String], depth: usize, found: &mut BTreeSet<PathBuf>) {
        let target = operands(rest, &NPX_VALUES);
        let options = rest.get(..rest.len() - target.len()).unwrap_or_default();
        if options.iter().any(|option| option == "-c" || option == "--call") {
            let line = target.first().map_or("", String::as_str);
            for command in policy::judge(line).unwrap_or_default() {
                self.follow(&command.words, depth + 1, found);
            }
            return;
        }
        self.target(target, depth, found);
    }

    /// A script by its path, or another program with its words.
    fn target(&self, words: &[String], depth: usize, found: &mut BTreeSet<PathBuf>) {
        let Some(first) = words.first() else { return };
        match self.python_file(first) {
            Some(file) => drop(found.insert(file)),
            None => self.follow(words, depth + 1, found),
        }
    }

    /// A file below the root, or a link there.
    fn file(&self, word: &str) -> Option<PathBuf> {
        let path = normal(&self.folder.join(word));
        let is_inside = path != self.root && path.starts_with(self.root);
        let is_meant = is_inside && !(self.is_relative && Path::new(word).is_absolute());
        (is_meant && (path.is_symlink() || path.is_file())).then_some(path)
    }
}

/// The words from the first one on that is neither an option nor the value of one.
fn operands<'w>(words: &'w [String], values: &[&str]) -> &'w [String] {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') {
            break;
        }
        at += 1 + usize::from(values.contains(&word.as_str()));
    }
    words.get(at..).unwrap_or_default()
}

fn verb(words: &[String]) -> Option<(&str, &[String])> {
    words.split_first().map(|(verb, rest)| (verb.as_str(), rest))
}

/// `main` of a package.
fn main_of(package: &Path) -> Option<String> {
    let data = std::fs::symlink_metadata(package).ok()?;
    if !data.is_file() || data.len() > PACKAGE_BYTES_MAX {
        return None;
    }
    let read: serde_json::Value = serde_json::from_slice(&std::fs::read(package).ok()?).ok()?;
    read.get("main")?.as_str().map(str::to_string)
}

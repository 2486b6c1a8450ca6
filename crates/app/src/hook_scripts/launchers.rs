//! Which files of the workspace one command starts, by its words: interpreters, and the launchers that are usually put before them. What is built
//! first (`cargo run`, `make`, `npm run`) is not followed.
#![expect(clippy::disallowed_methods, reason = "the scripts of hooks are read here")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use policy::{Access, Judged};

pub(super) use super::interpreters::{Starts, base, starts};
use super::interpreters::{has_text, is_python, is_shell};
use super::places::{Place, is_executable};

/// How many launchers may stand before a script.
const DEPTH_MAX: usize = 8;
/// How many words behind a wrapper are tried as a program.
const WRAPPED_MAX: usize = 16;
/// The largest `package.json` that is looked into, in bytes.
const PACKAGE_BYTES_MAX: u64 = 1024 * 1024;

/// Programs that run the first file which is named behind them.
const RUNNERS: [&str; 8] = ["ruby", "perl", "php", "lua", "Rscript", "pwsh", "dotnet", "java"];
/// Programs that start the command behind them, with options of their own in front of it.
const WRAPPERS: [&str; 43] = [
    "env",
    "nohup",
    "timeout",
    "nice",
    "time",
    "exec",
    "xargs",
    "setsid",
    "strace",
    "ltrace",
    "parallel",
    "stdbuf",
    "ionice",
    "chrt",
    "coproc",
    "busybox",
    "sudo",
    "doas",
    "command",
    "builtin",
    "watch",
    "catchsegv",
    "entr",
    "unbuffer",
    "script",
    "setpriv",
    "prlimit",
    "unshare",
    "taskset",
    "runuser",
    "su",
    "chroot",
    "numactl",
    "nsenter",
    "systemd-run",
    "firejail",
    "bwrap",
    "fakeroot",
    "xvfb-run",
    "dbus-run-session",
    "ssh-agent",
    "tini",
    "direnv",
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
pub(super) const NODE_ENDS: [&str; 8] = ["js", "ts", "mjs", "cjs", "mts", "cts", "tsx", "jsx"];
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

impl<'a> Place<'a> {
    /// The files that a command of these words starts.
    pub(super) fn started(&self, words: &[String]) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        self.follow(words, 0, &mut found);
        found
    }

    /// The files that the shell opens for a program which runs what it reads: `sh < run.sh`.
    pub(super) fn read_by(&self, command: &Judged) -> Vec<PathBuf> {
        let opened = command.touches.iter().filter(|touch| touch.by_shell && touch.access == Access::Read);
        match starts(&command.words) == Starts::Input {
            true => opened.flat_map(|touch| self.files(&touch.path)).collect(),
            false => Vec::new(),
        }
    }

    fn follow(&self, words: &[String], depth: usize, found: &mut BTreeSet<PathBuf>) {
        let Some((program, rest)) = words.split_first().filter(|_| depth < DEPTH_MAX) else { return };
        if program.contains('/') {
            found.extend(self.files(program));
        } else {
            let place = |folder: &PathBuf| Place { folder: folder.clone(), ..self.clone() };
            found.extend(self.path.iter().flat_map(|folder| place(folder).files(program)));
        }
        let name = base(program);
        match name {
            _ if is_python(name) => self.python(rest, found),
            _ if is_shell(name) && loaded(rest).is_some() => {
                let (file, behind) = loaded(rest).unwrap_or_default();
                found.extend(self.files(file));
                let words: Vec<String> = [program.clone()].into_iter().chain(behind).collect();
                self.follow(&words, depth + 1, found);
            }
            _ if is_shell(name) => match starts(words) {
                Starts::Word(word) => found.extend(self.files(&word)),
                Starts::Text(line) => self.line(&line, depth, found),
                Starts::Input | Starts::Nothing => {}
            },
            _ if NODES.contains(&name) && has_text(name, rest) => {
                let own = rest.iter().take_while(|word| word.starts_with('-')).count();
                self.node(rest.get(..own).unwrap_or_default(), depth, found);
            }
            _ if NODES.contains(&name) => {
                let before = found.len();
                self.node(rest, depth, found);
                if found.len() == before {
                    found.extend(self.first(rest));
                }
            }
            "eval" => self.line(&rest.join(" "), depth, found),
            "hash" | "enable" => found.extend(self.first(rest)),
            "." | "source" => found.extend(rest.first().into_iter().flat_map(|word| self.files(word))),
            _ if RUNNERS.contains(&name) && !has_text(name, rest) => found.extend(self.first(rest)),
            "awk" | "gawk" | "mawk" | "sed" => {
                let file = |pair: &[String]| match pair {
                    [option, file] if option == "-f" || option == "--file" => self.files(file),
                    _ => Vec::new(),
                };
                found.extend(rest.windows(2).flat_map(file));
            }
            "go" => {
                if let Some(("run", inner)) = verb(rest) {
                    found.extend(self.first(inner));
                }
            }
            "run-parts" => {
                let folder = rest.iter().filter(|word| !word.starts_with('-'));
                found.extend(
                    folder.flat_map(|folder| self.files(&format!("{}/*", folder.trim_end_matches('/')))),
                );
            }
            "flock" => {
                let behind = operands(rest, &["-w", "--timeout", "-E", "--conflict-exit-code"]);
                match behind.get(1).map(String::as_str) {
                    Some("-c" | "--command") => {
                        behind.get(2).into_iter().for_each(|line| self.line(line, depth, found));
                    }
                    _ => self.follow(behind.get(1..).unwrap_or_default(), depth + 1, found),
                }
            }
            _ if WRAPPERS.contains(&name) => {
                if let Some((place, inner)) = self.wrapped(rest) {
                    place.follow(&inner, depth + 1, found);
                }
            }
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
    }

    /// The first of the words that names a file.
    fn first(&self, words: &[String]) -> Vec<PathBuf> {
        words.iter().map(|word| self.files(word)).find(|files| !files.is_empty()).unwrap_or_default()
    }

    /// The command that a wrapper of these words starts, and where.
    pub(super) fn behind(&self, words: &[String]) -> Option<(Place<'a>, Vec<String>)> {
        let (program, rest) = words.split_first()?;
        self.wrapped(rest).filter(|_| WRAPPERS.contains(&base(program)))
    }

    /// The command behind a wrapper: from the first word on that is a program.
    fn wrapped(&self, rest: &[String]) -> Option<(Place<'a>, Vec<String>)> {
        let mut place = self.clone();
        for (at, word) in rest.iter().enumerate().take(WRAPPED_MAX) {
            let next = || rest.get(at + 1).map(String::as_str);
            let to = match word.as_str() {
                "-C" | "-D" | "--chdir" | "--working-directory" => next(),
                other => {
                    other.strip_prefix("--chdir=").or_else(|| other.strip_prefix("--working-directory="))
                }
            };
            if let Some(to) = to {
                place.folder = self.to(to);
                continue;
            }
            let line = word.strip_prefix("-S").unwrap_or(word);
            if line.contains([' ', '\n']) {
                return Some((place, vec!["eval".to_string(), line.to_string()]));
            }
            let name = base(word);
            let is_launcher =
                is_shell(name) || is_python(name) || NODES.contains(&name) || RUNNERS.contains(&name);
            let is_launcher = is_launcher || matches!(name, "uv" | "uvx" | "npx" | "bunx" | "." | "source");
            let is_program = word.contains('/') && place.files(word).iter().any(|path| is_executable(path));
            if is_launcher || is_program {
                return Some((place, rest.get(at..).unwrap_or_default().to_vec()));
            }
        }
        None
    }

    /// The commands of a line.
    fn line(&self, line: &str, depth: usize, found: &mut BTreeSet<PathBuf>) {
        let (line, _) = self.clone().filled(line);
        for command in policy::judge(&line).unwrap_or_default() {
            self.follow(&command.words, depth + 1, found);
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

    fn python_file(&self, word: &str) -> Vec<PathBuf> {
        let files = self.files(word);
        if files.is_empty() { self.files(&format!("{word}/__main__.py")) } else { files }
    }

    /// A module, with the packages in which it lies: they run before it.
    fn module(&self, module: &str, found: &mut BTreeSet<PathBuf>) {
        let path = module.replace('.', "/");
        let ends = [".py", "/__init__.py", "/__main__.py"];
        found.extend(ends.iter().filter_map(|end| self.file(&format!("{path}{end}"))));
        for folder in &self.modules {
            let file = |end: &&str| self.file(&folder.join(format!("{path}{end}")).to_string_lossy());
            found.extend(ends.iter().filter_map(file));
        }
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
                place.folder = place.to(value);
            }
        }
    }

    /// A file, with an ending or without, or a folder with what it begins with.
    fn node_file(&self, word: &str) -> Vec<PathBuf> {
        let files = self.files(word);
        if !files.is_empty() {
            return files;
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
                place.folder = self.to(to);
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
            return self.line(line, depth, found);
        }
        self.target(target, depth, found);
    }

    /// A script by its path, or another program with its words.
    fn target(&self, words: &[String], depth: usize, found: &mut BTreeSet<PathBuf>) {
        let Some(first) = words.first() else { return };
        let files = self.python_file(first);
        if files.is_empty() {
            self.follow(words, depth + 1, found);
        }
        found.extend(files);
    }
}

/// The file that a shell runs before all else, and the words without it.
fn loaded(rest: &[String]) -> Option<(&str, Vec<String>)> {
    let at = rest.iter().position(|word| word == "--rcfile" || word == "--init-file")?;
    let is_option = rest.iter().take(at).all(|word| word.starts_with(['-', '+']));
    let file = rest.get(at + 1).filter(|_| is_option)?;
    let others = rest.iter().enumerate().filter(|(other, _)| *other != at && *other != at + 1);
    Some((file, others.map(|(_, word)| word.clone()).collect()))
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

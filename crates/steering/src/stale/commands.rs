//! Commands in steering: the scripts, targets, packages and files that they name. Runs nothing and judges nothing.

use spec::Span;

use super::words::plain_path;
use super::{CANDIDATES_MAX, Candidate, Claim, NAME_BYTES_MAX, Registry, Runner, What};

/// Words of one command.
const WORDS_MAX: usize = 64;

/// Cargo's own subcommands.
const CARGO: &[&str] = &[
    "add",
    "b",
    "bench",
    "build",
    "c",
    "check",
    "clean",
    "clippy",
    "config",
    "d",
    "doc",
    "fetch",
    "fix",
    "fmt",
    "generate-lockfile",
    "help",
    "info",
    "init",
    "install",
    "locate-project",
    "login",
    "logout",
    "metadata",
    "miri",
    "new",
    "owner",
    "package",
    "pkgid",
    "publish",
    "r",
    "remove",
    "report",
    "rm",
    "run",
    "rustc",
    "rustdoc",
    "search",
    "t",
    "test",
    "tree",
    "uninstall",
    "update",
    "vendor",
    "verify-project",
    "version",
    "yank",
];

/// The candidates of a line of a shell, or of code that looks like one.
pub(super) fn line(line: &str, offset: usize, found: &mut Vec<Candidate>) {
    let shown = line.trim_start().trim_start_matches("$ ").trim_start_matches("> ");
    let mut at = offset + (line.len() - shown.len());
    let code = match shown.find(" #") {
        Some(comment) => shown.get(..comment).unwrap_or(shown),
        None => shown,
    };
    if code.starts_with('#') {
        return;
    }
    // A pipe's right side and what comes behind `;` are commands as well.
    for part in code.split_inclusive(['&', ';', '|']) {
        let words = words(part.trim_end_matches(['&', ';', '|']), at);
        at += part.len();
        command(&words, found);
        if found.len() >= CANDIDATES_MAX {
            return;
        }
    }
}

/// Words with where they begin.
fn words(part: &str, offset: usize) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in part.char_indices().chain([(part.len(), ' ')]) {
        match (c.is_whitespace(), start) {
            (true, Some(begin)) => {
                words.push((offset + begin, part.get(begin..at).unwrap_or_default()));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
        if words.len() >= WORDS_MAX {
            break;
        }
    }
    words
}

fn command(words: &[(usize, &str)], found: &mut Vec<Candidate>) {
    let mut rest = words.iter().copied().skip_while(|(_, word)| word.contains('=') || *word == "sudo");
    let Some((first_at, first)) = rest.next() else { return };
    let rest: Vec<(usize, &str)> = rest.collect();
    let mut add = |(at, word): (usize, &str), what: What| {
        found.push(Candidate { span: Span { offset: at, len: word.len() }, what, claim: Claim::Use });
    };
    match first {
        "npm" | "pnpm" | "yarn" | "bun" => npm(first, &rest, &mut add),
        "make" | "gmake" => {
            if rest.iter().any(|(_, word)| word.starts_with("-C") || *word == "-f") {
                return;
            }
            let targets = rest.iter().filter(|(_, word)| !word.starts_with('-') && !word.contains('='));
            for (at, word) in targets.copied().take_while(|(_, word)| is_name(word)) {
                add((at, word), What::Script { runner: Runner::Make, name: word.to_string() });
            }
        }
        "just" => {
            let recipe = rest.first().filter(|(_, word)| is_name(word) && !word.contains('='));
            if let Some((at, word)) = recipe {
                add((*at, word), What::Script { runner: Runner::Just, name: word.to_string() });
            }
        }
        "cargo" => cargo(&rest, &mut add),
        "bash" | "sh" | "zsh" | "node" | "python" | "python3" | "ruby" | "tsx" | "ts-node" | "php"
        | "perl" => {
            let script = rest.iter().find(|(_, word)| !word.starts_with('-'));
            if let Some((at, word)) = script
                && word.rsplit('/').next().is_some_and(|name| name.contains('.'))
                && let Some(path) = plain_path(word)
            {
                add((*at, word), What::Path(path.to_string()));
            }
        }
        path if path.starts_with("./") && !path.ends_with('/') => {
            if let Some(plain) = plain_path(path) {
                add((first_at, path), What::Path(plain.to_string()));
            }
        }
        _ => {}
    }
}

fn npm(runner: &str, rest: &[(usize, &str)], add: &mut impl FnMut((usize, &str), What)) {
    let mut words = rest.iter().copied().peekable();
    while let Some((at, word)) = words.next() {
        match word {
            "--filter" | "-F" | "--workspace" | "-w" | "workspace" if word != "-w" || runner == "npm" => {
                let Some((at, name)) = words.next() else { return };
                let is_scoped = name.starts_with('@') && name.matches('/').count() == 1;
                if is_scoped && is_name(name.trim_start_matches('@').replace('/', "-").as_str()) {
                    add((at, name), What::Package { registry: Registry::Npm, name: name.to_string() });
                }
            }
            // Somewhere else, whose scripts nobody looks at by the folder.
            "--prefix" | "-C" | "--dir" | "--cwd" => {
                words.next();
            }
            "run" | "run-script" => {
                let script = words.find(|(_, word)| !word.starts_with('-'));
                if let Some((at, name)) = script
                    && is_name(name)
                    && !(runner == "bun" && name.contains(['.', '/']))
                {
                    add((at, name), What::Script { runner: Runner::Npm, name: name.to_string() });
                }
                return;
            }
            "test" | "start" if runner == "npm" => {
                return add((at, word), What::Script { runner: Runner::Npm, name: word.to_string() });
            }
            option if option.starts_with('-') => {}
            _ => return,
        }
    }
}

fn cargo(rest: &[(usize, &str)], add: &mut impl FnMut((usize, &str), What)) {
    let mut words = rest.iter().copied().filter(|(_, word)| !word.starts_with('+')).peekable();
    if let Some((at, word)) = words.next_if(|(_, word)| !word.starts_with('-'))
        && is_name(word)
        && !CARGO.contains(&word)
    {
        add((at, word), What::Script { runner: Runner::Cargo, name: word.to_string() });
    }
    while let Some((at, word)) = words.next() {
        let (at, name) = match word {
            "--" => return,
            "-p" | "--package" => match words.next() {
                Some(next) => next,
                None => return,
            },
            word => match word.strip_prefix("--package=") {
                Some(name) => (at + "--package=".len(), name),
                None => continue,
            },
        };
        if is_name(name) && !name.contains('@') {
            add((at, name), What::Package { registry: Registry::Cargo, name: name.to_string() });
        }
    }
}

/// A plain name, and no placeholder.
fn is_name(word: &str) -> bool {
    let is_placeholder =
        matches!(word, "x" | "foo" | "bar" | "name" | "NAME" | "script" | "target" | "crate" | "CRATE");
    !word.is_empty()
        && word.len() <= NAME_BYTES_MAX
        && !is_placeholder
        && !word.starts_with('-')
        && word.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:.@/".contains(&byte))
}

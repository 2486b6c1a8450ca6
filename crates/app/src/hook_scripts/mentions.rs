//! What a command names without being known to start it: scripts of the workspace anywhere in its words, code in the arguments of other
//! programs, variables that make programs run something. What a command is known to start is said by `launchers`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use policy::{Access, Input, Judged, Part};

use super::interpreters::{base, is_python, is_shell};
use super::places::Place;

/// How many texts of one command are tried as names.
const TRIED_MAX: usize = 2_000;
/// How many words behind an interpreter in code are taken.
const CODE_WORDS_MAX: usize = 16;

/// What stands around a name, and what may be part of one as well.
const AROUND: &[char] = &[';', '|', '&', '(', ')', '{', '}', '<', '>', '"', '\'', '`', '$', '=', ',', '\\'];
const WITHIN: &[char] = &[':', '@', '%', '!', '+', '#', '[', ']', '~', '^', '*', '?'];
/// What ends a command in code of another language.
const ENDS: &[char] = &['"', '\'', '`', '(', ')', '{', '}', '[', ']', ';', '|', '&', '=', '\n', '!', ','];
/// What starts another program in code of some language.
const STARTERS: [&str; 14] = [
    "system(",
    "system (",
    "system \"",
    "popen(",
    "exec(",
    "exec=",
    "execSync(",
    "execFile",
    "spawn(",
    "spawnSync(",
    "child_process",
    "subprocess",
    "runpy",
    "getline",
];

/// Variables whose value names a file that runs.
const FILES: [&str; 6] = ["BASH_ENV", "ENV", "LD_PRELOAD", "LD_AUDIT", "PYTHONSTARTUP", "RUBYOPT"];
/// Those whose value is a line that runs, beside all of git.
const LINES: [&str; 11] = [
    "PAGER",
    "EDITOR",
    "VISUAL",
    "MANPAGER",
    "LESSOPEN",
    "PROMPT_COMMAND",
    "SSH_ASKPASS",
    "SUDO_ASKPASS",
    "RUSTC_WRAPPER",
    "BROWSER",
    "SHELL",
];
/// Folders whose files some programs run by themselves.
const HOMES: [&str; 6] =
    ["HOME", "ZDOTDIR", "XDG_CONFIG_HOME", "GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"];

/// What came of looking at a text.
pub(super) enum Heard {
    /// Nothing, or all that was found is among the files.
    Nothing,
    /// It starts what only its data says.
    Computed,
    /// A line of the shell, to be looked through.
    Line(String),
}

/// Adds the scripts that the words of a command name, wherever they stand in them. Not those that it writes. `false` when there are too many texts.
pub(super) fn named(place: &Place<'_>, command: &Judged, part: &Part, found: &mut BTreeSet<PathBuf>) -> bool {
    let reads = part.redirections.iter().filter(|redirect| redirect.access == Access::Read);
    let text = if let Input::Text(text) = &part.input { Some(text) } else { None };
    let all = part.argv.iter().chain(part.assignments.iter().map(|(_, value)| value));
    let all = all.chain(reads.map(|redirect| &redirect.target)).map(|arg| &arg.text);
    let all: BTreeSet<&String> = all.chain(&command.words).chain(text).collect();
    let program = command.words.first().map_or("", |word| base(word));
    // What is moved or linked may be run by its new name.
    let is_kept = !matches!(program, "mv" | "ln" | "cp" | "install" | "rsync" | "tar");
    let written = |path: &PathBuf| {
        let mut touches = command.touches.iter().filter(|touch| touch.access == Access::Write && !touch.deep);
        is_kept && touches.any(|touch| place.file(&touch.path).as_ref() == Some(path))
    };
    let mut tried = 0;
    for text in all {
        let spelled = place.spelled(text);
        let own = Some(spelled.as_str()).filter(|spelled| spelled != text);
        for name in names(text).chain(own.into_iter().flat_map(names)) {
            tried += 1;
            if tried > TRIED_MAX {
                return false;
            }
            found.extend(place.file(name).filter(|path| place.is_plain_script(path) && !written(path)));
        }
    }
    true
}

/// The parts of a text that may be the name of a file.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let wide = text.split(|c: char| c.is_whitespace() || AROUND.contains(&c));
    let narrow = text.split(|c: char| c.is_whitespace() || AROUND.contains(&c) || WITHIN.contains(&c));
    // `-f./x.sh`, `-fx.sh`, `1e./x.sh`
    let behind =
        |name: &str| name.strip_prefix('-').and_then(|rest| rest.char_indices().nth(1)).map(|(at, _)| at + 1);
    let from = |name: &str| name.find("./").filter(|at| *at > 0);
    let all = [text].into_iter().chain(wide).chain(narrow);
    all.flat_map(move |name| {
        let more = [behind(name), from(name)].into_iter().flatten().filter_map(|at| name.get(at..));
        [name].into_iter().chain(more.collect::<Vec<_>>())
    })
    .filter(|name| !name.is_empty())
}

/// Code in an argument of another program: the commands in it whose interpreter is named there are followed.
pub(super) fn code(place: &Place<'_>, program: &str, text: &str, found: &mut BTreeSet<PathBuf>) -> Heard {
    let text = place.spelled(text);
    let text = text.as_str();
    // A plain word is no code.
    if !text.contains(|c: char| c.is_whitespace() || ENDS.contains(&c)) {
        return Heard::Nothing;
    }
    let starts = STARTERS.iter().any(|starter| text.contains(starter));
    let name = base(program);
    let pipes = matches!(name, "awk" | "gawk" | "mawk" | "nawk") && pipes(text);
    let evaluates = matches!(name, "sed" | "gsed") && evaluates(text);
    let (mut has_shell, mut is_open) = (false, false);
    let mut own = BTreeSet::new();
    for piece in text.split(|c: char| ENDS.contains(&c)) {
        let words: Vec<String> = piece.split_whitespace().map(str::to_string).collect();
        let Some(at) = words.iter().take(CODE_WORDS_MAX).position(|word| is_launcher(word)) else { continue };
        has_shell = true;
        let words = words.get(at..).unwrap_or_default();
        let words = words.get(..CODE_WORDS_MAX).unwrap_or(words);
        // `system("sh " $1)`
        is_open |= words.len() < 2 || words.iter().any(|word| word.contains('$'));
        own.extend(place.started(words));
    }
    if starts || pipes || evaluates {
        let files = names(text).take(TRIED_MAX).filter_map(|name| place.file(name));
        own.extend(files.filter(|path| place.is_script(path)));
    }
    let is_named = !own.is_empty();
    found.append(&mut own);
    // `system($1)`
    let is_bare = ["system(", "popen(", "execSync("].iter().any(|starter| {
        let mut behind = text.match_indices(starter).filter_map(|(at, _)| text.get(at + starter.len()..));
        behind.any(|behind| !behind.trim_start().starts_with(['"', '\'', '`', 'r', 'f', '[']))
    });
    let is_computed = is_bare || evaluates || (starts || pipes) && has_shell && is_open;
    if is_computed || starts && has_shell && !is_named { Heard::Computed } else { Heard::Nothing }
}

fn is_launcher(word: &str) -> bool {
    let name = base(word);
    is_shell(name) || is_python(name) || matches!(name, "node" | "ruby" | "perl" | "source" | ".")
}

/// Whether a program of `awk` writes to or reads from another: a bar beside a text.
fn pipes(text: &str) -> bool {
    let mut bare = String::new();
    for (at, piece) in text.split('"').enumerate() {
        bare.push_str(if at % 2 == 0 { piece } else { "\"\"" });
    }
    let close: String = bare.chars().filter(|c| !c.is_whitespace()).collect();
    close.contains("|\"\"") && !close.contains("||\"\"")
        || close.contains("\"\"|") && !close.contains("\"\"||")
}

/// Whether a script of `sed` runs what it makes: `e`, or the flag of that name.
fn evaluates(text: &str) -> bool {
    text.split([';', '\n']).map(str::trim).any(|command| {
        let bare = command.trim_start_matches(|c: char| c.is_ascii_digit() || c == '$' || c == ',');
        let is_flag = ["/e", "|e", "#e", "/ge", "|ge", "/eg"].iter().any(|end| command.ends_with(end));
        bare == "e" || command.starts_with('s') && is_flag
    })
}

/// A variable that makes programs run something, and what it runs.
pub(super) fn variable(
    place: &mut Place<'_>,
    name: &str,
    value: &str,
    is_open: bool,
    found: &mut BTreeSet<PathBuf>,
) -> Heard {
    let is_persons = value.starts_with("$HOME") || value.starts_with("${HOME}") || value.starts_with("~/");
    let is_computed = (is_open || value.contains(['$', '`'])) && !is_persons;
    let below = |place: &Place<'_>, value: &str| place.folder_below(value);
    match name {
        _ if FILES.contains(&name) => {
            let files: BTreeSet<PathBuf> =
                names(value).take(TRIED_MAX).filter_map(|name| place.file(name)).collect();
            let is_named = !files.is_empty();
            found.extend(files);
            if is_computed && !is_named { Heard::Computed } else { Heard::Nothing }
        }
        "NODE_OPTIONS" => {
            let words = ["node"].into_iter().chain(value.split_whitespace()).map(str::to_string);
            found.extend(place.started(&words.collect::<Vec<_>>()));
            Heard::Nothing
        }
        "PYTHONPATH" => {
            let folders = value
                .split(':')
                .filter(|folder| !folder.is_empty())
                .filter_map(|folder| below(place, folder));
            place.modules.extend(folders.take(CODE_WORDS_MAX).collect::<Vec<_>>());
            place.modules.truncate(CODE_WORDS_MAX);
            let own = place.modules.clone();
            for folder in own {
                let ends = ["sitecustomize.py", "usercustomize.py"];
                found.extend(ends.iter().filter_map(|end| place.file(&folder.join(end).to_string_lossy())));
            }
            Heard::Nothing
        }
        _ if HOMES.contains(&name) => match !is_open && !value.is_empty() && below(place, value).is_some() {
            true => Heard::Computed,
            false => Heard::Nothing,
        },
        _ if LINES.contains(&name) || name.starts_with("GIT_") => {
            Heard::Line(value.trim_start_matches('!').to_string())
        }
        _ => Heard::Nothing,
    }
}

#[cfg(test)]
#[path = "mentions_tests.rs"]
mod tests;

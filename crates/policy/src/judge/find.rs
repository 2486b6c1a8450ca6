//! `find`: looks and prints, unless an action says otherwise. What `-exec` starts is unfolded by `wrappers`.

use super::{Class, Finding};
use crate::sh::Arg;

/// Tests and actions that look and print, without a value.
const ALONE: [&str; 25] = [
    "!",
    "(",
    ")",
    ",",
    "-a",
    "-and",
    "-daystart",
    "-depth",
    "-empty",
    "-executable",
    "-false",
    "-ls",
    "-mount",
    "-nogroup",
    "-not",
    "-nouser",
    "-o",
    "-or",
    "-print",
    "-print0",
    "-prune",
    "-quit",
    "-readable",
    "-true",
    "-writable",
];

/// The same, with a value that follows.
const VALUED: [&str; 34] = [
    "-amin",
    "-anewer",
    "-atime",
    "-cmin",
    "-cnewer",
    "-ctime",
    "-fstype",
    "-gid",
    "-group",
    "-ilname",
    "-iname",
    "-inum",
    "-ipath",
    "-iregex",
    "-iwholename",
    "-links",
    "-lname",
    "-maxdepth",
    "-mindepth",
    "-mmin",
    "-mtime",
    "-name",
    "-newer",
    "-newermt",
    "-path",
    "-perm",
    "-printf",
    "-regex",
    "-regextype",
    "-size",
    "-type",
    "-uid",
    "-user",
    "-wholename",
];

/// Actions that start a program; it stands behind them, up to `;` or `+`.
pub(super) const ACTIONS: [&str; 4] = ["-exec", "-execdir", "-ok", "-okdir"];

/// Judges `find` without the programs that it starts. `false` when the program is another.
pub(super) fn check(name: &str, args: &[Arg], finding: &mut Finding) -> bool {
    if !matches!(name, "find" | "gfind") {
        return false;
    }
    let starts = starts(args);
    let mut words = args.get(starts.len()..).unwrap_or_default().iter();
    while let Some(arg) = words.next() {
        if ACTIONS.contains(&arg.text.as_str()) && !arg.is_computed {
            // Judged for itself.
            let length = action_length(words.as_slice());
            words = words.as_slice().get(length + 1..).unwrap_or_default().iter();
            continue;
        }
        let text = arg.text.as_str();
        // A name in a wildcard or a variable could be an action.
        if arg.is_computed || (arg.globs && text != "!") {
            finding.raise(Class::Unknown("a word may turn out to be an action of `find`".to_string()));
        } else if VALUED.contains(&text) {
            let value = words.next();
            if value.is_some_and(|value| value.may_split && !value.is_tame || value.globs) {
                finding.raise(Class::Unknown("a word may turn out to be an action of `find`".to_string()));
            }
            if matches!(text, "-newer" | "-anewer" | "-cnewer") {
                value.into_iter().for_each(|path| finding.read(path));
            }
        } else if text == "-xdev" || ALONE.contains(&text) {
        } else if matches!(text, "-fprint" | "-fprint0" | "-fls") {
            words.next().into_iter().for_each(|path| finding.write(path));
        } else if text == "-fprintf" {
            words.next().into_iter().for_each(|path| finding.write(path));
            words.next();
        } else {
            finding.raise(Class::Unknown(format!("`{text}` of `find` is not known to be harmless")));
        }
    }
    if starts.is_empty() {
        finding.read_deep(&Arg::known("."));
    }
    for start in starts {
        // A wildcard at the beginning may come to an action.
        if start.globs && start.text.starts_with(['*', '?', '[']) || start.is_computed {
            finding.raise(Class::Unknown("a word may turn out to be an action of `find`".to_string()));
        }
        finding.read_deep(start);
    }
    true
}

/// Whether it prints the names of what it finds and nothing else.
pub(super) fn only_prints_names(args: &[Arg]) -> bool {
    let mut words = args.get(starts(args).len()..).unwrap_or_default().iter();
    while let Some(arg) = words.next() {
        let text = arg.text.as_str();
        let known = match arg.literal() {
            None => false,
            Some(_) if VALUED.contains(&text) => words.next().is_some() && text != "-printf",
            Some(_) => text == "-xdev" || (ALONE.contains(&text) && text != "-ls"),
        };
        if !known {
            return false;
        }
    }
    true
}

/// How many of these words belong to an action, up to `;` or `{} +`, which is not counted.
pub(super) fn action_length(words: &[Arg]) -> usize {
    let ends = |at: usize, arg: &Arg| {
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        arg.text == ";" || (arg.text == "+" && before.is_some_and(|before| before.text == "{}"))
    };
    words.iter().enumerate().find(|(at, arg)| ends(*at, arg)).map_or(words.len(), |(at, _)| at)
}

/// Where it begins to look.
pub(super) fn starts(args: &[Arg]) -> &[Arg] {
    let end = args.iter().position(|arg| arg.text.starts_with(['-', '(', '!', ','])).unwrap_or(args.len());
    args.get(..end).unwrap_or_default()
}

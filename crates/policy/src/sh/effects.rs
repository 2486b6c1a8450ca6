//! What commands change in the shell itself: variables, the directory. Files and the world are `judge`'s business.

use std::collections::BTreeMap;

use super::env::{State, Value};
use super::grammar::{self, is_name};
use super::tree::{Command, Compound, Piece, Script, Word};
use super::walk::Arg;

/// Built-in commands that change the shell.
const BUILT_IN: [&str; 12] =
    [".", "builtin", "cd", "command", "declare", "eval", "exec", "export", "read", "set", "source", "unset"];

/// Built-in commands that can give other commands another meaning.
const DEFINERS: [&str; 6] = [".", "alias", "enable", "eval", "source", "trap"];

/// What stands for the directory among the names that a script sets.
pub(super) const DIRECTORY: &str = "cd ";

/// What stands there for the meaning of commands.
pub(super) const MEANING: &str = "define ";

/// Built-in commands before which an assignment stays, for POSIX.
pub(super) fn is_special(name: &str) -> bool {
    const SPECIAL: [&str; 14] = [
        ".", ":", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set",
        "shift", "trap", "unset",
    ];
    SPECIAL.contains(&name) || name == "times"
}

/// Whether a function of that name makes everything uncertain.
pub(super) fn is_built_in(name: &str) -> bool {
    BUILT_IN.contains(&name)
}

/// What a built-in command changes in the shell.
pub(super) fn after(argv: &[Arg], state: &mut State) {
    let Some((program, args)) = argv.split_first() else { return };
    let Some(name) = program.literal() else {
        state.may_define = true;
        return state.forget_all();
    };
    let name = if matches!(name, "command" | "builtin") {
        args.first().and_then(Arg::literal).unwrap_or(name)
    } else {
        name
    };
    match name {
        "cd" => match args {
            [to] if !to.is_computed && !to.globs && !to.text.starts_with('-') => {
                state.change_directory(Some(&to.text));
            }
            [] => state.change_directory(Some("~")),
            _ => state.change_directory(None),
        },
        "pushd" | "popd" | "dirs" => state.change_directory(None),
        "eval" | "." | "source" | "trap" | "shopt" | "set" | "enable" | "alias" => {
            let harmless = name == "set"
                && args.iter().all(|arg| {
                    arg.literal().is_some_and(|text| {
                        text == "pipefail" || text.starts_with(['-', '+']) && text != "--" && text != "-"
                    })
                });
            if !harmless {
                state.forget_all();
            }
            state.may_define |= DEFINERS.contains(&name) && !keeps_meaning(name, args);
        }
        "export" | "declare" | "typeset" | "local" | "readonly" => {
            for arg in args {
                match arg.text.split_once('=') {
                    Some((name, value)) if arg.literal().is_some() => {
                        state.set(name, vec![Value::text(value)]);
                    }
                    Some((name, _)) if is_name(name.trim_end_matches('+')) => {
                        state.forget(name.trim_end_matches('+'), false);
                    }
                    Some(_) => state.forget_all(),
                    None if arg.is_computed => state.forget_all(),
                    None => {}
                }
            }
        }
        "read" | "mapfile" | "readarray" | "getopts" | "printf" | "unset" | "let" | "wait" => {
            if args.iter().any(|arg| arg.is_computed) && name != "printf" {
                state.forget_all();
            }
            let names = args.iter().map(|arg| arg.text.trim_start_matches("-v").to_string());
            names.for_each(|name| state.forget(&name, false));
            state.forget("REPLY", false);
        }
        _ => {}
    }
}

/// Whether a text that runs now or later is known, and leaves all commands what they are.
fn keeps_meaning(name: &str, args: &[Arg]) -> bool {
    let args = match (name, args) {
        ("eval", args) => args,
        ("trap", [text, _, ..]) if !text.text.starts_with("--") => std::slice::from_ref(text),
        _ => return false,
    };
    let words: Option<Vec<&str>> = args.iter().map(Arg::literal).collect();
    let Some(Ok(parsed)) = words.map(|words| grammar::parse(&words.join(" "))) else { return false };
    let (mut functions, mut set) = (BTreeMap::new(), BTreeMap::new());
    note_functions(&parsed.script, &mut functions);
    note_script(&parsed.script, &mut set);
    // A trap may run between any two commands.
    let leads = name == "trap" && set.contains_key(DIRECTORY);
    functions.is_empty() && !set.contains_key(MEANING) && !leads
}

fn text_of(word: &Word) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Plain(text) | Piece::Quoted(text) => text.clone(),
        Piece::Parameter(parameter) => parameter.text.clone(),
        Piece::Substitution(substitution) => substitution.text.clone(),
        Piece::Arithmetic { .. } => "$((…))".to_string(),
    };
    word.pieces.iter().map(piece).collect()
}

pub(super) fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

/// The variables that a script sets, and whether only to numbers; with [`DIRECTORY`] and [`MEANING`].
pub(super) fn note_script(script: &Script, set: &mut BTreeMap<String, bool>) {
    script.items.iter().flat_map(|item| &item.commands).for_each(|command| note_command(command, set));
}

pub(super) fn note_command(command: &Command, set: &mut BTreeMap<String, bool>) {
    let mut note = |name: &str, number: bool| {
        let all = set.entry(name.to_string()).or_insert(true);
        *all &= number;
    };
    match command {
        Command::Simple(simple) => {
            for assignment in &simple.assignments {
                let number = match assignment.value.pieces.as_slice() {
                    [] => true,
                    [Piece::Plain(text) | Piece::Quoted(text)] => text.chars().all(|c| c.is_ascii_digit()),
                    [Piece::Arithmetic { .. }] => true,
                    _ => false,
                };
                note(&assignment.name, number && !assignment.is_odd);
            }
            let mut words = simple.words.iter();
            let Some(program) = words.next() else { return };
            let is_plain =
                program.pieces.iter().all(|piece| matches!(piece, Piece::Plain(_) | Piece::Quoted(_)));
            let passes_on = matches!(text_of(program).as_str(), "builtin" | "command");
            let own = simple.words.iter().take(if passes_on { usize::MAX } else { 1 });
            let defines = own.into_iter().any(|word| DEFINERS.contains(&text_of(word).as_str()));
            if defines {
                note(DIRECTORY, false);
            }
            if defines || !is_plain {
                note(MEANING, false);
            }
            match text_of(program).as_str() {
                "cd" | "pushd" | "popd" => note(DIRECTORY, false),
                "eval" | "." | "source" | "command" | "builtin" => note(DIRECTORY, false),
                "read" | "mapfile" | "readarray" | "getopts" | "printf" | "unset" | "let" | "export"
                | "declare" | "typeset" | "local" | "readonly" => {
                    note("REPLY", false);
                    for word in words {
                        let text = text_of(word);
                        note(text.split(['=', '+']).next().unwrap_or("").trim_start_matches("-v"), false);
                    }
                }
                _ => {}
            }
        }
        Command::Compound(compound, _) => match &**compound {
            Compound::Subshell(script) | Compound::Group(script) => note_script(script, set),
            Compound::If(branches) => {
                for (condition, body) in branches {
                    condition.iter().for_each(|condition| note_script(condition, set));
                    note_script(body, set);
                }
            }
            Compound::While(condition, body) => {
                note_script(condition, set);
                note_script(body, set);
            }
            Compound::For { name, words, body } => {
                let digits = |word: &Word| text_of(word).chars().all(|c| c.is_ascii_digit());
                note(name, words.as_ref().is_some_and(|words| words.iter().all(digits)));
                note_script(body, set);
            }
            Compound::Count(head, body) => {
                for piece in head {
                    if let Piece::Plain(text) = piece {
                        identifiers(text).for_each(|name| note(name, true));
                    }
                }
                note_script(body, set);
            }
            Compound::Case { arms, .. } => arms.iter().for_each(|(_, body)| note_script(body, set)),
            Compound::Function { body, .. } => note_command(body, set),
            Compound::Test(..) => {}
            Compound::Arithmetic(pieces, _) => {
                for piece in pieces {
                    if let Piece::Plain(text) = piece {
                        identifiers(text).for_each(|name| note(name, true));
                    }
                }
            }
        },
    }
}

/// How often each function is defined.
pub(super) fn note_functions(script: &Script, found: &mut BTreeMap<String, usize>) {
    for command in script.items.iter().flat_map(|item| &item.commands) {
        note_functions_of(command, found);
    }
}

fn note_functions_of(command: &Command, found: &mut BTreeMap<String, usize>) {
    let Command::Compound(compound, _) = command else { return };
    match &**compound {
        Compound::Subshell(script) | Compound::Group(script) | Compound::Count(_, script) => {
            note_functions(script, found);
        }
        Compound::If(branches) => {
            for (condition, body) in branches {
                condition.iter().for_each(|condition| note_functions(condition, found));
                note_functions(body, found);
            }
        }
        Compound::While(condition, body) => {
            note_functions(condition, found);
            note_functions(body, found);
        }
        Compound::For { body, .. } => note_functions(body, found),
        Compound::Case { arms, .. } => arms.iter().for_each(|(_, body)| note_functions(body, found)),
        Compound::Function { name, body } => {
            *found.entry(name.clone()).or_default() += 1;
            note_functions_of(body, found);
        }
        Compound::Test(..) | Compound::Arithmetic(..) => {}
    }
}

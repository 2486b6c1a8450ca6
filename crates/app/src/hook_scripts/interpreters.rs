//! What an interpreter runs, by its words: a text, a file, or what it reads. Looks up nothing.

/// What a command runs beside itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Starts {
    /// The line of a shell.
    Text(String),
    /// What this word names, or a text of another language.
    Word(String),
    /// What it reads.
    Input,
    /// Nothing, or nothing that is known.
    Nothing,
}

/// The name of a program without its folder and version: `npx tsx@4`.
pub(super) fn base(program: &str) -> &str {
    let name = program.rsplit('/').next().unwrap_or(program);
    name.split_once('@').map_or(name, |(name, _)| name)
}

/// Whether it is a shell.
pub(super) fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "mksh" | "rbash" | "yash" | "fish")
}

/// Whether it is a Python.
pub(super) fn is_python(name: &str) -> bool {
    name == "python" || name == "python3" || name == "pypy3" || name.starts_with("python3.")
}

/// Options with which an interpreter runs a text, and those with which it runs nothing; nothing when it is none.
fn options(name: &str) -> Option<(&'static [&'static str], &'static [&'static str])> {
    Some(match name {
        _ if is_python(name) => (&["-c"], &["-V", "-m", "-h"]),
        "node" | "nodejs" | "bun" => (&["-e", "--eval", "-p", "--print"], &["-c", "-v", "-h", "--check"]),
        "perl" => (&["-e", "-E"], &["-v"]),
        "ruby" => (&["-e"], &["-c", "-v"]),
        "php" => (&["-r"], &["-l", "-v", "-i"]),
        "lua" | "Rscript" => (&["-e"], &["-v"]),
        "pwsh" => (&["-c", "-Command"], &["-v"]),
        _ => return None,
    })
}

/// What a command of these words runs.
pub(super) fn starts(words: &[String]) -> Starts {
    let Some((program, rest)) = words.split_first() else { return Starts::Nothing };
    let rest = match rest {
        [first, rest @ ..] if first == "--" && matches!(base(program), "eval" | "trap" | "." | "source") => {
            rest
        }
        _ => rest,
    };
    let started = match base(program) {
        "eval" => Starts::Text(rest.join(" ")),
        "trap" if rest.len() > 1 => Starts::Text(rest.first().cloned().unwrap_or_default()),
        "." | "source" => rest.first().map_or(Starts::Nothing, |word| Starts::Word(word.clone())),
        name if is_shell(name) => shell(rest),
        name => options(name).map_or(Starts::Nothing, |(texts, none)| of_language(rest, texts, none)),
    };
    match started {
        Starts::Word(word) if is_input(&word) => Starts::Input,
        started => started,
    }
}

/// Whether a file is what the program reads.
fn is_input(file: &str) -> bool {
    let is_own = |rest: &str| rest.starts_with("self/fd/") || rest.starts_with("$$/fd/");
    file == "/dev/stdin" || file.starts_with("/dev/fd/") || file.strip_prefix("/proc/").is_some_and(is_own)
}

/// `sh [options] [-c text | file]`
fn shell(rest: &[String]) -> Starts {
    let (mut is_text, mut is_input, mut is_checked) = (false, false, false);
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        match word.strip_prefix(['-', '+']).filter(|letters| !letters.is_empty()) {
            Some("-version" | "-help") => return Starts::Nothing,
            Some("-init-file" | "-rcfile") => drop(words.next()),
            Some(letters) if letters.starts_with('-') => {}
            Some(letters) => {
                is_text |= letters.contains('c');
                is_input |= letters.contains('s');
                is_checked |= letters.contains('n');
                // `-o pipefail`
                if letters.ends_with(['o', 'O']) {
                    words.next();
                }
            }
            None if word == "-" => {}
            None if is_checked => return Starts::Nothing,
            None if is_text => return Starts::Text(word.clone()),
            None if is_input => return Starts::Input,
            None => return Starts::Word(word.clone()),
        }
    }
    // `xargs sh -c` gets its text from there.
    if is_checked { Starts::Nothing } else { Starts::Input }
}

fn of_language(rest: &[String], texts: &[&str], none: &[&str]) -> Starts {
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        let is_text = |option: &&str| {
            // `-pe`, of the options with one letter.
            let is_last = option.len() == 2 && !word.starts_with("--");
            word == option || is_last && option.chars().last().is_some_and(|last| word.ends_with(last))
        };
        match word.strip_prefix('-') {
            Some("") => return Starts::Input,
            Some(_) if texts.iter().any(is_text) => {
                return words.next().map_or(Starts::Nothing, |word| Starts::Word(word.clone()));
            }
            Some(option) if option == "-version" || option == "-help" => return Starts::Nothing,
            Some(_) if none.iter().any(|option| word.starts_with(option)) => return Starts::Nothing,
            Some(_) => {}
            None => return Starts::Word(word.clone()),
        }
    }
    Starts::Input
}

/// Whether the words of a language hold a text: then the words behind it name no script.
pub(super) fn has_text(name: &str, rest: &[String]) -> bool {
    let Some((texts, none)) = options(name) else { return false };
    rest.iter().take_while(|word| word.starts_with('-')).any(|word| {
        let last =
            |option: &&str| option.len() == 2 && !word.starts_with("--") && word.ends_with(&option[1..]);
        texts.iter().chain(none).any(|option| word == option || last(option))
    })
}

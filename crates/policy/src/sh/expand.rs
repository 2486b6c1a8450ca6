//! From a word to the arguments that it comes to, as far as that is known before anything runs.

use super::env::{State, Value};
use super::tree::{Command, Piece, RedirectionKind, Script, Word};
use super::walk::Arg;

/// A word with more possible readings than this counts as not known.
const READINGS_MAX: usize = 8;

/// The possible readings of a word, each a list of arguments.
pub(super) fn readings(word: &Word, state: &State) -> Vec<Vec<Arg>> {
    let mut open: Vec<Fields> = vec![Fields::default()];
    let mut first = true;
    for piece in &word.pieces {
        let (values, quoted, written) = values_of(piece, state, first);
        first = false;
        let mut next = Vec::new();
        for fields in &open {
            for value in &values {
                let mut fields = fields.clone();
                fields.add(value, quoted, &written);
                next.push(fields);
            }
        }
        if next.len() > READINGS_MAX {
            return vec![vec![unknown(word)]];
        }
        open = next;
    }
    open.into_iter().map(Fields::finish).collect()
}

/// The possible values of a word that is not split: of an assignment, or a target of a redirection.
pub(super) fn values(word: &Word, state: &State) -> Vec<Value> {
    let mut values = vec![Value::text("")];
    let mut first = true;
    for piece in &word.pieces {
        let (more, _, _) = values_of(piece, state, first);
        first = false;
        values = values
            .iter()
            .flat_map(|before| more.iter().map(move |value| joined(before, value)))
            .take(READINGS_MAX + 1)
            .collect();
        if values.len() > READINGS_MAX {
            return vec![Value::Unknown];
        }
    }
    values
}

/// The one argument that a target of a redirection is.
pub(super) fn target(word: &Word, state: &State) -> Vec<Arg> {
    let braced = word.pieces.iter().any(|piece| matches!(piece, Piece::Plain(text) if text.contains('{')));
    if braced {
        return vec![unknown(word)];
    }
    let readings = readings(word, state);
    readings
        .into_iter()
        .map(|mut args| match (args.pop(), args.is_empty()) {
            (Some(arg), true) => arg,
            _ => unknown(word),
        })
        .collect()
}

fn joined(before: &Value, value: &Value) -> Value {
    match (before, value) {
        (
            Value::Text { text, tilde, globs },
            Value::Text { text: more, tilde: more_tilde, globs: more_globs },
        ) => Value::Text {
            text: format!("{text}{more}"),
            tilde: *tilde || (text.is_empty() && *more_tilde),
            globs: *globs || *more_globs,
        },
        // Around something tame, harmless text stays harmless.
        (Value::Text { text, .. }, Value::Tame) | (Value::Tame, Value::Text { text, .. })
            if text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') =>
        {
            Value::Tame
        }
        (Value::Tame, Value::Tame) => Value::Tame,
        _ => Value::Unknown,
    }
}

/// A word of which nothing is known but how it is written.
pub(super) fn unknown(word: &Word) -> Arg {
    let mut text = String::new();
    for piece in &word.pieces {
        match piece {
            Piece::Plain(part) | Piece::Quoted(part) => text.push_str(part),
            Piece::Parameter(parameter) => text.push_str(&parameter.text),
            Piece::Substitution(substitution) => text.push_str(&substitution.text),
            Piece::Arithmetic { .. } => text.push_str("$((…))"),
        }
    }
    Arg { text, is_computed: true, may_split: true, ..Arg::default() }
}

/// What a piece may come to, whether it is in quotes, and how it is written.
fn values_of(piece: &Piece, state: &State, first: bool) -> (Vec<Value>, bool, String) {
    match piece {
        Piece::Plain(text) => {
            let tilde = first && text.starts_with('~');
            (vec![Value::Text { text: text.clone(), tilde, globs: false }], false, text.clone())
        }
        Piece::Quoted(text) => (vec![Value::text(text)], true, text.clone()),
        Piece::Parameter(parameter) => {
            let values = if parameter.is_modified || parameter.evaluates || parameter.assigns {
                // A length is a number.
                match parameter.text.strip_prefix("${#") {
                    Some(_) => vec![Value::Tame],
                    None => vec![Value::Unknown],
                }
            } else {
                state.lookup(&parameter.name)
            };
            // `"$@"` is several words, quotes or not.
            (values, parameter.quoted && parameter.name != "@", parameter.text.clone())
        }
        Piece::Substitution(substitution) if substitution.is_process => {
            (vec![Value::Tame], true, substitution.text.clone())
        }
        Piece::Substitution(substitution) => {
            (vec![output(&substitution.script, state)], substitution.quoted, substitution.text.clone())
        }
        Piece::Arithmetic { quoted, .. } => (vec![Value::Tame], *quoted, "$((…))".to_string()),
    }
}

/// What a substitution prints, for the few commands of which that is known.
fn output(script: &Script, state: &State) -> Value {
    let [item] = script.items.as_slice() else { return Value::Unknown };
    let [Command::Simple(simple)] = item.commands.as_slice() else { return Value::Unknown };
    let quiet = simple.redirections.iter().all(|redirection| {
        redirection.kind == RedirectionKind::Write
            && matches!(redirection.target.pieces.as_slice(), [Piece::Plain(text)] if text == "/dev/null")
    });
    if item.background || !simple.assignments.is_empty() || !quiet {
        return Value::Unknown;
    }
    let mut argv = Vec::new();
    for word in &simple.words {
        match readings(word, state).as_slice() {
            [args] => argv.extend(args.iter().cloned()),
            _ => return Value::Unknown,
        }
    }
    if argv.iter().any(|arg| arg.literal().is_none()) {
        return Value::Unknown;
    }
    let words: Vec<&str> = argv.iter().map(|arg| arg.text.as_str()).collect();
    let program = words.first().map(|word| word.rsplit('/').next().unwrap_or(word));
    let rest = words.get(1..).unwrap_or_default();
    let is_format = |word: &str| {
        word.starts_with("+%")
            && word.chars().skip(1).all(|c| c.is_ascii_alphanumeric() || "%_.:".contains(c))
    };
    match (program, rest) {
        (Some("echo"), rest) => {
            let options = rest.iter().take_while(|word| is_echo_option(word)).count();
            let text = rest.get(options..).unwrap_or_default().join(" ");
            if text.contains('\\') { Value::Unknown } else { Value::text(&text) }
        }
        (Some("printf"), [text] | ["%s" | "%s\\n" | "--", text]) if !text.contains(['%', '\\']) => {
            Value::text(text)
        }
        (Some("pwd"), []) => state.lookup("PWD").pop().unwrap_or(Value::Unknown),
        (Some("nproc" | "whoami" | "uname" | "hostname" | "arch"), []) => Value::Tame,
        (Some("uname"), ["-s" | "-m" | "-r"]) | (Some("id"), ["-u" | "-g" | "-un"]) => Value::Tame,
        (Some("date"), [format] | ["-u", format]) if is_format(format) => Value::Tame,
        (Some("git"), ["branch", "--show-current"]) => Value::Tame,
        (Some("git"), ["merge-base" | "rev-parse", rest @ ..])
            if !rest.is_empty()
                && rest.iter().all(|word| {
                    !word.starts_with('-') || ["--short", "--verify", "--abbrev-ref"].contains(word)
                })
                && rest.iter().all(|word| {
                    // What is no revision is printed as it stands.
                    !word.contains("..")
                        && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@~".contains(c))
                }) =>
        {
            Value::Tame
        }
        _ => Value::Unknown,
    }
}

/// `-n`, `-e`, `-nE`: anything else is text.
pub(super) fn is_echo_option(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|letters| !letters.is_empty() && letters.chars().all(|c| "neE".contains(c)))
}

/// Arguments in the making.
#[derive(Clone, Default)]
struct Fields {
    done: Vec<Arg>,
    open: Option<Arg>,
}

impl Fields {
    fn add(&mut self, value: &Value, quoted: bool, written: &str) {
        match value {
            Value::Text { text, tilde, globs } if quoted => self.put(text, *globs, *tilde),
            Value::Text { text, tilde, .. } => {
                // Outside quotes a value is split at its blanks. Written text has none.
                let mut parts = text.split([' ', '\t', '\n']).peekable();
                let mut is_first = true;
                while let Some(part) = parts.next() {
                    let globs = part.contains(['*', '?', '[']) && !(part == "[" && self.is_empty());
                    if !part.is_empty() {
                        self.put(part, globs, is_first && *tilde);
                    }
                    is_first = false;
                    if parts.peek().is_some() {
                        self.done.extend(self.open.take());
                    }
                }
            }
            Value::Tame | Value::Unknown => {
                let is_tame = *value == Value::Tame;
                let open = self.open.get_or_insert_default();
                // What surrounds a tame value is looked at by whoever asks whether the whole is.
                open.is_tame = is_tame && (!open.is_computed || open.is_tame);
                open.is_computed = true;
                open.may_split |= !is_tame && (!quoted || written.contains('@'));
                open.text.push_str(written);
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.done.is_empty() && self.open.is_none()
    }

    fn put(&mut self, text: &str, globs: bool, tilde: bool) {
        let open = self.open.get_or_insert_default();
        open.tilde |= tilde && open.text.is_empty();
        open.globs |= globs;
        open.text.push_str(text);
    }

    fn finish(mut self) -> Vec<Arg> {
        self.done.extend(self.open.take());
        self.done
    }
}

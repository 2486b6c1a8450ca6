//! Saved prompts: Markdown with places for arguments, and what they come to with arguments. Opens no file.

use spec::{Diagnostic, Span};

use crate::fields::{Fields, PROMPT};
use crate::front;
use crate::say::{Findings, shown};
use crate::words;
use crate::{Origin, Reading};

/// Arguments that have a place of their own, `${1}` to `${10}`.
pub const ARGUMENTS_MAX: usize = 10;

/// Words that are split from what is typed behind a prompt's name; what lies beyond is only in `$ARGUMENTS`.
pub const WORDS_MAX: usize = 1_000;

/// What a prompt with its arguments may come to, in bytes; beyond it is cut and said.
pub const EXPANDED_BYTES_MAX: usize = 1024 * 1024;

/// A saved prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// The file's name without `.md`; what is typed as `/name`.
    pub name: String,
    /// `description` of its front matter, if it has one.
    pub description: Option<String>,
    /// Its text, without front matter.
    pub body: String,
    /// The file, as it is shown to a person.
    pub file: String,
    /// Where it comes from.
    pub origin: Origin,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

/// A prompt with its arguments in place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The text.
    pub text: String,
    /// Places that had no argument, as they stand: `${2}`. They are left in the text.
    pub missing: Vec<String>,
    /// What is odd about the arguments, for the person: lower case, no full stop.
    pub notes: Vec<String>,
}

impl Prompt {
    /// Reads any bytes. `name` is the file's name without `.md`.
    pub fn read(name: &str, file: &str, origin: Origin, bytes: &[u8]) -> Reading<Prompt> {
        let mut found = Findings::default();
        if !is_name(name) {
            let message = format!("`{}` is no name for a prompt", shown(name));
            let hint = "name the file with letters, digits, `-`, `_` and `.`, at most 64 of them";
            found.error("prompt/name", Span::default(), message, hint);
            return Reading::Refused {
                why: "its file's name is no name for a prompt".to_string(),
                diagnostics: found.into_vec(),
            };
        }
        let split = front::split(bytes);
        let root = split.front.and_then(|(span, notation)| front::tree(bytes, span, notation, &mut found));
        let mut description = None;
        let mut body = split.body;
        match &root {
            Some(root) if !root.members().is_empty() => {
                let fields = Fields::of(root, PROMPT);
                description = fields.text("description", &mut found);
                let known =
                    ["description", "name", "argument-hint", "arguments", "agent", "mode", "tools", "model"];
                fields.unknown(&known, &[], &mut found);
            }
            // Two rules with text between them are no front matter.
            _ => body = Span::between(0, bytes.len()),
        }
        let body = front::text(bytes, body, &mut found);
        if body.is_empty() {
            found.warning("prompt/empty", Span::default(), "the prompt is empty", "");
        }
        for place in places(&body).into_iter().filter(|place| matches!(place.what, What::TooFar)) {
            let message = format!("`{}` is no place for an argument", place.text);
            let hint = format!("there are `${{1}}` to `${{{ARGUMENTS_MAX}}}`, `${{@}}` and `$ARGUMENTS`");
            found.warning("prompt/no-place", Span::default(), message, &hint);
        }
        Reading::Read(Prompt {
            name: name.to_string(),
            description,
            body,
            file: file.to_string(),
            origin,
            diagnostics: found.into_vec(),
        })
    }

    /// The most arguments that it has a place for, and whether it takes all of them at once somewhere.
    pub fn arguments(&self) -> (usize, bool) {
        let places = places(&self.body);
        let most = places.iter().filter_map(|place| match place.what {
            What::Number(number) => Some(number),
            _ => None,
        });
        (most.max().unwrap_or(0), places.iter().any(|place| matches!(place.what, What::Words | What::Typed)))
    }

    /// The text with what was typed behind the name. In one pass: what an argument says is never looked into again.
    pub fn expand(&self, typed: &str) -> Expanded {
        expand(&self.body, typed)
    }
}

/// Whether a text can be the name of a prompt, a skill or an agent in `/name`.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.chars().count() <= 64 && name.chars().all(plain) && !name.starts_with('.')
}

/// Puts arguments in place in any text, for prompts of servers as well.
pub fn expand(body: &str, typed: &str) -> Expanded {
    let typed = typed.trim();
    let split = words::split(typed, WORDS_MAX);
    let mut expanded = Expanded::default();
    if split.is_open {
        expanded.notes.push("a quote in the arguments is never closed; it goes to the end".to_string());
    }
    let places = places(body);
    let joined = split.words.join(" ");
    let mut at = 0;
    for place in &places {
        push(&mut expanded, body.get(at..place.start).unwrap_or_default());
        at = place.start + place.text.len();
        let argument = match place.what {
            What::Number(number) => split.words.get(number - 1).map(String::as_str),
            What::Words => Some(joined.as_str()).filter(|text| !text.is_empty()),
            What::Typed => Some(typed).filter(|text| !text.is_empty()),
            What::TooFar => Some(place.text),
        };
        if argument.is_none() && !expanded.missing.iter().any(|missing| missing == place.text) {
            expanded.missing.push(place.text.to_string());
        }
        push(&mut expanded, argument.unwrap_or(place.text));
    }
    push(&mut expanded, body.get(at..).unwrap_or_default());
    let takes_all = places.iter().any(|place| matches!(place.what, What::Words | What::Typed));
    let most = places.iter().filter_map(|place| match place.what {
        What::Number(number) => Some(number),
        _ => None,
    });
    let most = most.max().unwrap_or(0);
    if most == 0 && !takes_all && !typed.is_empty() {
        // Words of a person are never dropped: a prompt without places gets them behind its text.
        push(&mut expanded, "\n\n");
        push(&mut expanded, typed);
    } else if !takes_all && split.words.len() > most {
        let count = split.words.len();
        expanded.notes.push(format!("{count} arguments were given and the prompt has places for {most}; quote words that belong together"));
    }
    expanded
}

fn push(expanded: &mut Expanded, text: &str) {
    let room = EXPANDED_BYTES_MAX.saturating_sub(expanded.text.len());
    if text.len() <= room {
        expanded.text.push_str(text);
        return;
    }
    let mut end = room;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    expanded.text.push_str(text.get(..end).unwrap_or_default());
    let note = format!("the text is longer than {EXPANDED_BYTES_MAX} bytes and was cut");
    if !expanded.notes.contains(&note) {
        expanded.notes.push(note);
    }
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// `${1}`.
    Number(usize),
    /// `${@}`: the words.
    Words,
    /// `$ARGUMENTS`: as typed.
    Typed,
    /// `${0}` or `${11}`.
    TooFar,
}

struct Place<'a> {
    start: usize,
    text: &'a str,
    what: What,
}

fn places(body: &str) -> Vec<Place<'_>> {
    const TYPED: &str = "$ARGUMENTS";
    let mut places = Vec::new();
    for (start, _) in body.match_indices('$') {
        let rest = body.get(start..).unwrap_or_default();
        if rest.starts_with(TYPED) {
            let next = rest.get(TYPED.len()..).and_then(|rest| rest.chars().next());
            if !next.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                places.push(Place {
                    start,
                    text: rest.get(..TYPED.len()).unwrap_or_default(),
                    what: What::Typed,
                });
            }
            continue;
        }
        let Some(inside) = rest.strip_prefix("${") else { continue };
        let Some(end) = inside.bytes().take(TYPED.len() + 1).position(|byte| byte == b'}') else { continue };
        let what = match inside.get(..end).unwrap_or_default() {
            "@" => What::Words,
            "ARGUMENTS" => What::Typed,
            digits if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                match digits.parse::<usize>() {
                    Ok(number) if (1..=ARGUMENTS_MAX).contains(&number) => What::Number(number),
                    _ => What::TooFar,
                }
            }
            _ => continue,
        };
        places.push(Place { start, text: rest.get(..end + 3).unwrap_or_default(), what });
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, typed: &str, text: &str, missing: &[&str], notes: usize) {
        let expanded = expand(body, typed);
        assert_eq!(expanded.text, text);
        assert_eq!(expanded.missing, missing);
        assert_eq!(expanded.notes.len(), notes, "{:?}", expanded.notes);
    }

    #[test]
    fn arguments_get_in_place() {
        check("fix ${1} in ${2}", "'the bug' src", "fix the bug in src", &[], 0);
        check("fix ${1} in ${2}", "it", "fix it in ${2}", &["${2}"], 0);
        check("do $ARGUMENTS now", "a  'b c'", "do a  'b c' now", &[], 0);
        check("do ${@} now", "a  'b c'", "do a b c now", &[], 0);
        check("${ARGUMENTS}|${10}", "1 2 3 4 5 6 7 8 9 ten", "1 2 3 4 5 6 7 8 9 ten|ten", &[], 0);
        check("plain", "and more", "plain\n\nand more", &[], 0);
        check("plain", "", "plain", &[], 0);
        check("${1}", "a b c", "a", &[], 1);
        check("${1}", "it's", "its", &[], 1);
        check("${1} ${1} $ARGUMENTS", "", "${1} ${1} $ARGUMENTS", &["${1}", "$ARGUMENTS"], 0);
    }

    #[test]
    fn an_argument_is_not_looked_into() {
        check("${1} ${2}", "'${2}' x", "${2} x", &[], 0);
        check("$ARGUMENTS ${1}", "'$ARGUMENTS'", "'$ARGUMENTS' $ARGUMENTS", &[], 0);
        check("$ARGUMENTSX ${x} ${} ${ $ ${1", "", "$ARGUMENTSX ${x} ${} ${ $ ${1", &[], 0);
        check("${0} ${11} ${99999999999}", "a", "${0} ${11} ${99999999999}\n\na", &[], 0);
    }

    #[test]
    fn what_grows_is_cut() {
        let expanded = expand(&"$ARGUMENTS".repeat(100_000), &"ä".repeat(1_000));
        assert!(expanded.text.len() <= EXPANDED_BYTES_MAX && expanded.notes.len() == 1);
    }

    #[test]
    fn a_prompt_file() {
        let read = |text: &str| {
            Prompt::read("p", ".kiro/prompts/p.md", Origin::Workspace, text.as_bytes()).ok().unwrap()
        };
        let prompt = read("---\ndescription: Fixes\n---\nFix ${2} $ARGUMENTS\n");
        assert_eq!(
            (prompt.description.as_deref(), prompt.body.as_str()),
            (Some("Fixes"), "Fix ${2} $ARGUMENTS")
        );
        assert_eq!(prompt.arguments(), (2, true));
        assert_eq!(read("---\nrule\n---\nx").body, "---\nrule\n---\nx");
        assert_eq!(read("${11}").diagnostics[0].code, "prompt/no-place");
        assert_eq!(read("").diagnostics[0].code, "prompt/empty");
        assert!(Prompt::read("a b", "a b.md", Origin::Person, b"x").ok().is_none());
    }
}

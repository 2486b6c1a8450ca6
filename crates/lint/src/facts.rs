//! Facts that a person declared in a block of a document, and what is wrong with the block. Proves nothing and guesses
//! nothing.
//!
//! A block is a fenced one with the info string `facts` in `requirements.md`, `bugfix.md`, `design.md` or the single
//! file. One fact a line:
//!
//! ```text
//! # a remark
//! enum Plan = free | pro | enterprise      one of these values at a time
//! state Session = open | closed            the same; reads better for a state
//! number attempts in 0..10                 a whole number; `in 0..60 s` with a unit
//! exclusive "return status 429" / "allow the request"     never two of them at once
//! same "signed-in user" = "authenticated user"            two ways to say one thing
//! always "Session is open" implies "token is valid"       `and` joins phrases before `implies`
//! never "Session is closed" and "token is valid"
//! suggested: exclusive "a" / "b"           proposed by a model or by `suggest`; taken, and labelled as such
//! ```
//!
//! Names and values of more than one word stand in quotes. A criterion means a fact when it has its words next to each
//! other, whatever their endings, articles and case; `not` in or before them turns it round. A value is met as
//! `Plan is free`, `free Plan` or `Plan: free`; a number as `more than 5 attempts` or `attempts exceed 5`. The longest
//! match counts. Words that no fact knows are never interpreted.

mod suggest;
pub(crate) mod vocabulary;

use plan::Reading;
use plan::documents::Shape;
use spec::text::{Inside, Text};
use spec::{Severity, Span};

use crate::finding::{Basis, Finding, Place};
pub use suggest::suggest;

/// Facts read from one spec; what lies beyond is reported and not used.
pub const FACTS_MAX: usize = 400;

/// Values of an enum, phrases of an `exclusive`, a `same` or an `always`.
pub const PARTS_MAX: usize = 64;

/// Bytes in a name or a phrase.
pub const PHRASE_BYTES_MAX: usize = 200;

pub(crate) const SYNTAX: &str = "facts/syntax";
pub(crate) const UNUSED: &str = "facts/unused";
pub(crate) const CONTRADICTORY: &str = "facts/contradictory";

/// What a fact says.
#[derive(Clone, Debug, PartialEq)]
pub enum FactKind {
    /// A thing that has exactly one of these values.
    Enum {
        /// Its name.
        name: String,
        /// Its values, two at least.
        values: Vec<String>,
    },
    /// A whole number within bounds, both included.
    Number {
        /// Its name.
        name: String,
        /// The least value.
        low: i64,
        /// The greatest value.
        high: i64,
        /// The unit that the bounds count in, as written; `None` for a plain count.
        unit: Option<String>,
    },
    /// No two of these hold at once.
    Exclusive(Vec<String>),
    /// All of these say the same.
    Same(Vec<String>),
    /// When all of the first hold, all of the second do. An empty second list says that the first never hold together.
    Always(Vec<String>, Vec<String>),
}

/// One line of a facts block.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What it says.
    pub kind: FactKind,
    /// Proposed by a model or by [`suggest`], and not yet a person's word.
    pub is_suggested: bool,
    /// The document's file name.
    pub file: String,
    /// The line, in bytes of the document.
    pub span: Span,
}

/// The facts of a spec.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Every fact in document order, at most [`FACTS_MAX`].
    pub facts: Vec<Fact>,
    /// Lines that say nothing understood.
    pub findings: Vec<Finding>,
}

/// Reads the facts blocks of a spec. Lines that are not understood are findings, and the rest counts.
pub fn read(reading: &Reading) -> Facts {
    let documents = &reading.documents;
    let single = documents.tasks_file();
    let files: &[(&str, &Option<Vec<u8>>)] = match documents.shape {
        Shape::Single => &[(&single, &documents.single)],
        Shape::Folder => &[
            ("requirements.md", &documents.requirements),
            ("bugfix.md", &documents.bugfix),
            ("design.md", &documents.design),
        ],
    };
    let mut out = Facts::default();
    for (file, bytes) in files {
        let Some(bytes) = bytes.as_deref().filter(|bytes| has_block(bytes)) else { continue };
        read_document(reading.name(), file, bytes, &mut out);
    }
    out
}

/// Whether the word stands there at all: most documents have no block, and need no second look.
fn has_block(bytes: &[u8]) -> bool {
    bytes.windows(5).any(|window| window == b"facts")
}

fn read_document(spec: &str, file: &str, bytes: &[u8], out: &mut Facts) {
    let text = Text::read(bytes);
    let mut is_open = false;
    let mut is_ours = false;
    for line in text.lines() {
        let content = text.str_of(line);
        match line.inside {
            Inside::FenceEdge => {
                is_open = !is_open;
                let info = content.trim_start_matches(|c: char| !matches!(c, '`' | '~'));
                let info = info.trim_start_matches(['`', '~']).trim();
                is_ours = is_open && info.split_whitespace().next() == Some("facts");
            }
            Inside::Fence if is_ours => {
                let remark = content.trim_start().starts_with('#') || content.trim().is_empty();
                if remark {
                    continue;
                }
                let place = Place { spec: spec.to_string(), file: file.to_string(), span: line.span };
                if out.facts.len() >= FACTS_MAX {
                    let problem = Problem::new(
                        format!("there are more than {FACTS_MAX} facts"),
                        "drop facts that no criterion needs",
                    );
                    if out.findings.last().is_none_or(|last| last.message != problem.message) {
                        out.findings.push(problem.finding(place));
                    }
                    continue;
                }
                match parse(&content) {
                    Ok((kind, is_suggested)) => {
                        out.facts.push(Fact { kind, is_suggested, file: file.to_string(), span: line.span });
                    }
                    Err(problem) => out.findings.push(problem.finding(place)),
                }
            }
            Inside::Fence => {}
            Inside::Prose | Inside::Comment => is_open = false,
        }
    }
}

/// Why a line is no fact, and what to write.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    message: String,
    hint: String,
}

impl Problem {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Problem {
        Problem { message: message.into(), hint: hint.into() }
    }

    fn finding(self, place: Place) -> Finding {
        Finding {
            rule: SYNTAX,
            severity: Severity::Warning,
            basis: Basis::Read,
            place,
            subject: None,
            message: self.message,
            hint: Some(self.hint),
            related: Vec::new(),
            fix: None,
        }
    }
}

/// A token of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Sign(char),
}

const FORMS: &str = "a fact begins with `enum`, `state`, `number`, `exclusive`, `same`, `always` or `never`";

fn parse(line: &str) -> Result<(FactKind, bool), Problem> {
    let mut rest = line.trim();
    let mut is_suggested = false;
    if let Some(proposed) = rest.strip_prefix("suggested:") {
        is_suggested = true;
        rest = proposed.trim();
    }
    let tokens = tokens(rest)?;
    let Some((Token::Word(form), tokens)) = tokens.split_first() else {
        return Err(Problem::new(format!("`{}` is no fact", shown(line)), FORMS));
    };
    let kind = match form.as_str() {
        "enum" | "state" => named(form, tokens, "=").and_then(|(name, values)| {
            let values = list(values, &['|', '/', ','])?;
            several(form, &values)?;
            Ok(FactKind::Enum { name, values })
        }),
        "number" => number(tokens),
        "exclusive" => {
            let phrases = list(tokens, &['/', '|'])?;
            several(form, &phrases)?;
            Ok(FactKind::Exclusive(phrases))
        }
        "same" => {
            let phrases = list(tokens, &['='])?;
            several(form, &phrases)?;
            Ok(FactKind::Same(phrases))
        }
        "always" => {
            let at = tokens.iter().position(|token| *token == Token::Word("implies".to_string()));
            let Some(at) = at else {
                return Err(Problem::new(
                    "`always` without `implies`",
                    "write `always \"this\" implies \"that\"`",
                ));
            };
            let (before, after) = tokens.split_at(at);
            Ok(FactKind::Always(conjunction(before)?, conjunction(after.get(1..).unwrap_or_default())?))
        }
        "never" => {
            let phrases = conjunction(tokens)?;
            Ok(FactKind::Always(phrases, Vec::new()))
        }
        other => Err(Problem::new(format!("`{}` is no fact", shown(other)), FORMS)),
    }?;
    Ok((kind, is_suggested))
}

fn several(form: &str, parts: &[String]) -> Result<(), Problem> {
    let mut seen = parts.to_vec();
    seen.iter_mut().for_each(|part| *part = part.to_lowercase());
    seen.sort();
    seen.dedup();
    if parts.len() < 2 {
        return Err(Problem::new(format!("`{form}` needs two of them at least"), "name another"));
    }
    if seen.len() < parts.len() {
        return Err(Problem::new(format!("`{form}` names one of them twice"), "drop the second"));
    }
    Ok(())
}

fn number(tokens: &[Token]) -> Result<FactKind, Problem> {
    let hint = "write `number attempts in 0..10`, or `in 0..60 s`";
    let (name, bounds) = named("number", tokens, "in")?;
    let text: String = bounds
        .iter()
        .map(|token| match token {
            Token::Word(word) | Token::Quoted(word) => format!("{word} "),
            Token::Sign(sign) => sign.to_string(),
        })
        .collect();
    let (low, high) = text.split_once("..").ok_or_else(|| Problem::new("`number` without bounds", hint))?;
    let high = high.trim();
    let digits = high.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(high.len());
    let (high, unit) = high.split_at(digits);
    let bound = |text: &str| text.trim().parse::<i64>().ok().filter(|value| value.abs() <= BOUND_MAX);
    let (Some(low), Some(high)) = (bound(low), bound(high)) else {
        return Err(Problem::new(format!("`{}` is no pair of whole numbers", shown(text.trim())), hint));
    };
    if low > high {
        return Err(Problem::new(format!("{low} is more than {high}"), "write the lesser bound first"));
    }
    let unit = Some(unit.trim().to_string()).filter(|unit| !unit.is_empty());
    if let Some(unit) = &unit
        && vocabulary::unit(unit).is_none()
    {
        return Err(Problem::new(
            format!("`{}` is no known unit", shown(unit)),
            "leave the unit out to count things",
        ));
    }
    Ok(FactKind::Number { name, low, high, unit })
}

/// Bounds of declared numbers, so that conversions between units stay exact.
const BOUND_MAX: i64 = 1_000_000_000;

/// Splits `name = rest` or `name in rest`.
fn named<'t>(form: &str, tokens: &'t [Token], joint: &str) -> Result<(String, &'t [Token]), Problem> {
    let is_joint = |token: &Token| match token {
        Token::Word(word) => word == joint,
        Token::Sign(sign) => joint == sign.to_string(),
        Token::Quoted(_) => false,
    };
    let at = tokens.iter().position(is_joint);
    let Some(at) = at.filter(|at| *at > 0) else {
        let hint =
            if joint == "=" { "write `enum Plan = free | pro`" } else { "write `number attempts in 0..10`" };
        return Err(Problem::new(format!("`{form}` without a name and `{joint}`"), hint));
    };
    let (before, after) = tokens.split_at(at);
    Ok((phrase(before)?, after.get(1..).unwrap_or_default()))
}

fn list(tokens: &[Token], separators: &[char]) -> Result<Vec<String>, Problem> {
    let is_separator = |token: &Token| matches!(token, Token::Sign(sign) if separators.contains(sign));
    let parts: Vec<&[Token]> = tokens.split(is_separator).collect();
    if parts.len() > PARTS_MAX {
        return Err(Problem::new(format!("more than {PARTS_MAX} parts"), "split the fact"));
    }
    parts.into_iter().map(phrase).collect()
}

fn conjunction(tokens: &[Token]) -> Result<Vec<String>, Problem> {
    let parts: Vec<&[Token]> = tokens.split(|token| *token == Token::Word("and".to_string())).collect();
    if parts.len() > PARTS_MAX {
        return Err(Problem::new(format!("more than {PARTS_MAX} parts"), "split the fact"));
    }
    parts.into_iter().map(phrase).collect()
}

/// One quoted text, or bare words.
fn phrase(tokens: &[Token]) -> Result<String, Problem> {
    let words: Vec<&str> = tokens
        .iter()
        .map(|token| match token {
            Token::Word(word) | Token::Quoted(word) => Ok(word.as_str()),
            Token::Sign(sign) => Err(Problem::new(
                format!("`{sign}` stands where a name was expected"),
                "put names and phrases with signs in quotes",
            )),
        })
        .collect::<Result<_, _>>()?;
    let joined = words.join(" ").trim().to_string();
    if joined.is_empty() {
        return Err(Problem::new("a name or a phrase is missing", "put it in quotes"));
    }
    if joined.len() > PHRASE_BYTES_MAX {
        return Err(Problem::new(format!("a phrase has more than {PHRASE_BYTES_MAX} bytes"), "shorten it"));
    }
    if vocabulary::is_wordless(&joined) {
        return Err(Problem::new(
            format!("`{}` has no word that could be found again", shown(&joined)),
            "name a thing or an act",
        ));
    }
    Ok(joined)
}

fn tokens(line: &str) -> Result<Vec<Token>, Problem> {
    let mut out = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let used = match first {
            '"' | '“' => {
                let inner = rest.get(first.len_utf8()..).unwrap_or_default();
                let Some(end) = inner.find(['"', '”']) else {
                    return Err(Problem::new("a quote is not closed", "close it"));
                };
                out.push(Token::Quoted(inner.get(..end).unwrap_or_default().trim().to_string()));
                let close = inner.get(end..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                first.len_utf8() + end + close
            }
            '#' => break,
            '=' | '|' | '/' | ',' => {
                out.push(Token::Sign(first));
                1
            }
            _ => {
                let is_end =
                    |c: char| c.is_whitespace() || matches!(c, '"' | '“' | '=' | '|' | '/' | ',' | '#');
                let end = rest.find(is_end).unwrap_or(rest.len());
                out.push(Token::Word(rest.get(..end).unwrap_or_default().to_string()));
                end
            }
        };
        rest = rest.get(used..).unwrap_or_default().trim_start();
    }
    Ok(out)
}

/// Words of the document in a message, cut.
fn shown(text: &str) -> String {
    let mut out: String = text.trim().chars().take(60).collect();
    if out.len() < text.trim().len() {
        out.push('…');
    }
    out
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;

//! Regular expressions and globs, compiled within bounds and run in linear time. Knows no hook.

use std::fmt;

use regex_automata::meta::Regex;
use regex_automata::util::syntax;

/// Bytes of one pattern as written; a longer one is not compiled.
pub const PATTERN_MAX: usize = 4 * 1024;

/// Bytes that one pattern may take when compiled. `\w{50}` takes less.
pub const COMPILED_MAX: usize = 512 * 1024;

/// Groups inside groups of one pattern.
const NEST_MAX: u32 = 50;

/// Bytes of a path or name that a pattern is tried on; a longer one matches nothing.
pub const SUBJECT_MAX: usize = 16 * 1024;

/// A compiled regular expression with its text. Two are equal when their texts are.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles a regular expression as people write it in a hook. The error says what is wrong with it in one line.
    pub fn regex(text: &str) -> Result<Pattern, String> {
        compile(text, text, false)
    }

    /// Compiles a glob over paths: `*` and `?` stop at `/`, `**` does not, `[…]`, `{a,b}` and `\` as usual. A glob
    /// without `/` speaks of the file's name in any folder.
    pub fn glob(text: &str) -> Result<Pattern, String> {
        if text.len() > PATTERN_MAX {
            return Err(too_long());
        }
        compile(text, &format!("^(?:{})$", glob_to_regex(text)?), true)
    }

    /// Compiles a glob over tool names: `*` stands for anything.
    pub fn name_glob(text: &str) -> Result<Pattern, String> {
        if text.len() > PATTERN_MAX {
            return Err(too_long());
        }
        compile(text, &format!("^(?:{})$", name_glob_to_regex(text)?), true)
    }

    /// The text as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it matches somewhere in `subject`.
    pub fn matches(&self, subject: &str) -> bool {
        subject.len() <= SUBJECT_MAX && self.regex.is_match(subject)
    }

    /// Bytes that it holds.
    pub fn weight(&self) -> usize {
        self.text.len().saturating_add(self.regex.memory_usage())
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

fn too_long() -> String {
    format!("it is longer than {} KiB", PATTERN_MAX >> 10)
}

fn compile(text: &str, regex: &str, dot_is_all: bool) -> Result<Pattern, String> {
    if text.len() > PATTERN_MAX {
        return Err(too_long());
    }
    // No DFA of any kind: they are fast on long texts and heavy to keep, and here the texts are names.
    let config = Regex::config().nfa_size_limit(Some(COMPILED_MAX)).hybrid(false).dfa(false).onepass(false);
    let syntax = syntax::Config::new().nest_limit(NEST_MAX).dot_matches_new_line(dot_is_all);
    match Regex::builder().configure(config).syntax(syntax).build(regex) {
        Ok(regex) => Ok(Pattern { text: text.to_string(), regex }),
        Err(error) if error.size_limit().is_some() => {
            Err(format!("it takes more than {} KiB when compiled", COMPILED_MAX >> 10))
        }
        Err(_) if ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|group| regex.contains(group)) => {
            Err("look-around is not supported, because it makes the time unbounded".to_string())
        }
        Err(error) => {
            let why = error.syntax_error().map_or_else(|| error.to_string(), ToString::to_string);
            let last = why.lines().last().unwrap_or_default();
            Err(last.strip_prefix("error: ").unwrap_or(last).to_string())
        }
    }
}

/// The regular expression of a glob over paths, without anchors, in the dialect that JavaScript and this program share.
pub(crate) fn glob_to_regex(glob: &str) -> Result<String, String> {
    let written = glob.trim();
    let glob = written.trim_start_matches("./");
    if glob.is_empty() || glob == "/" {
        // `./` is the folder itself: everything in it.
        return if written.is_empty() { Err("it is empty".to_string()) } else { Ok(".*".to_string()) };
    }
    let (glob, is_rooted) = match glob.strip_prefix('/') {
        Some(rest) => (rest, true),
        None => (glob, glob.trim_end_matches('/').contains('/')),
    };
    let glob = if glob.ends_with('/') { format!("{glob}**") } else { glob.to_string() };
    let glob = if is_rooted || glob.starts_with("**") { glob } else { format!("**/{glob}") };
    translate(&glob, "[^/]*", "[^/]")
}

/// The regular expression of a glob over tool names, without anchors.
pub(crate) fn name_glob_to_regex(glob: &str) -> Result<String, String> {
    translate(glob, ".*", ".")
}

/// Translates; `star` and `one` are what `*` and `?` stand for.
fn translate(glob: &str, star: &str, one: &str) -> Result<String, String> {
    let chars: Vec<char> = glob.chars().collect();
    let mut regex = String::with_capacity(glob.len() * 2);
    let mut braces = 0_usize;
    let mut at = 0_usize;
    // Whether the next character begins a part between slashes.
    let mut begins = true;
    while let Some(&c) = chars.get(at) {
        at += 1;
        let began = begins;
        begins = c == '/';
        match c {
            '*' => {
                let stars = 1 + chars.iter().skip(at).take_while(|c| **c == '*').count();
                at += stars - 1;
                match chars.get(at) {
                    Some('/') if stars == 2 && began => {
                        at += 1;
                        begins = true;
                        regex.push_str("(?:.*/)?");
                    }
                    None if stars == 2 && began => regex.push_str(".*"),
                    _ => regex.push_str(star),
                }
            }
            '?' => regex.push_str(one),
            '[' => at = class(&chars, at, &mut regex)?,
            '{' => {
                braces += 1;
                // `{**/a,b}` begins a part inside each branch.
                begins = began;
                regex.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                regex.push(')');
            }
            ',' if braces > 0 => {
                begins = began_before_brace(&chars, at);
                regex.push('|');
            }
            '\\' => match chars.get(at) {
                Some(&escaped) => {
                    at += 1;
                    literal(escaped, &mut regex);
                }
                None => return Err("it ends in `\\`".to_string()),
            },
            c => literal(c, &mut regex),
        }
    }
    if braces > 0 { Err("a `{` is never closed".to_string()) } else { Ok(regex) }
}

/// Whether the brace group around the comma before `at` stood at the beginning of a part.
fn began_before_brace(chars: &[char], at: usize) -> bool {
    let mut depth = 0_usize;
    for index in (0..at.saturating_sub(1)).rev() {
        match chars.get(index) {
            Some('}') => depth += 1,
            Some('{') if depth > 0 => depth -= 1,
            Some('{') => return index == 0 || chars.get(index - 1) == Some(&'/'),
            _ => {}
        }
    }
    false
}

/// A class `[…]`; `at` is behind the `[`. Gives the place behind the `]`.
fn class(chars: &[char], at: usize, regex: &mut String) -> Result<usize, String> {
    let mut at = at;
    regex.push('[');
    if matches!(chars.get(at), Some('!' | '^')) {
        regex.push('^');
        at += 1;
    }
    let first = at;
    while let Some(&c) = chars.get(at) {
        at += 1;
        match c {
            ']' if at - 1 > first => {
                regex.push(']');
                return Ok(at);
            }
            '-' if at - 1 > first && chars.get(at).is_some_and(|next| *next != ']') => regex.push('-'),
            '\\' | ']' | '[' | '^' | '-' | '&' | '~' => {
                regex.push('\\');
                regex.push(c);
            }
            c => regex.push(c),
        }
    }
    Err("a `[` is never closed".to_string())
}

fn literal(c: char, regex: &mut String) {
    if matches!(c, '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$') {
        regex.push('\\');
    }
    regex.push(c);
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;

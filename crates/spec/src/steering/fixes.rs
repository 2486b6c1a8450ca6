//! Slips in the front matter of steering files and what would mend them. Decides no inclusion: a slip is never guessed away.

use super::{Entry, Found, PATTERNS_MAX, Scalar, split_flow};
use crate::diagnostic::Diagnostic;
use crate::splice::Edit;

/// The four words.
const WORDS: [&str; 4] = ["always", "fileMatch", "manual", "auto"];

/// What people write instead, in lower case without `-`, `_` and blanks, and what they mean.
const MEANT: &[(&str, &str)] = &[
    ("agent", "auto"),
    ("agentrequested", "auto"),
    ("alwaysapply", "always"),
    ("automatic", "auto"),
    ("conditional", "fileMatch"),
    ("default", "always"),
    ("description", "auto"),
    ("file", "fileMatch"),
    ("files", "fileMatch"),
    ("glob", "fileMatch"),
    ("globs", "fileMatch"),
    ("global", "always"),
    ("match", "fileMatch"),
    ("model", "auto"),
    ("ondemand", "manual"),
    ("pattern", "fileMatch"),
    ("true", "always"),
];

/// Keys in lower case that are meant for `fileMatchPattern`.
const PATTERN_KEYS: [&str; 9] = [
    "filematch",
    "filematchpattern",
    "filematchpatterns",
    "filepattern",
    "filepatterns",
    "glob",
    "globs",
    "path",
    "paths",
];

/// Bytes of the longest word that is compared with the words that are known.
const WORD_BYTES_MAX: usize = 24;

/// How many slips of the finger a word may have.
const SLIPS_MAX: usize = 2;

/// Whether some key gives globs, read or not.
pub(super) fn has_pattern(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| PATTERN_KEYS.contains(&entry.key.to_lowercase().as_str()))
}

/// Keys that are not read and stand for `fileMatchPattern`.
pub(super) fn pattern_keys(entries: &[Entry], found: &mut Found) {
    let mut has_pattern = entries.iter().any(|entry| entry.key == "fileMatchPattern");
    for entry in entries {
        if entry.key == "fileMatchPattern" || !PATTERN_KEYS.contains(&entry.key.to_lowercase().as_str()) {
            continue;
        }
        let code = "steering/unknown-key";
        let message = format!("`{}` is not read", entry.key);
        found.findings.push(Diagnostic::warning(code, entry.span, message).hint("write `fileMatchPattern`"));
        if let Some((key, _)) = entry.places.filter(|_| !has_pattern) {
            let title = format!("rename `{}` to `fileMatchPattern`", entry.key);
            found.fix(code, entry.span, title, Edit::replace(key, quoted_like(entry, "fileMatchPattern")));
            has_pattern = true;
        }
    }
}

/// A key that is meant for `inclusion` when there is none: the file would be always in force by a slip of the finger.
pub(super) fn inclusion_key(entries: &[Entry], found: &mut Found) -> Option<String> {
    if entries.iter().any(|entry| entry.key == "inclusion") {
        return None;
    }
    let entry = entries.iter().find(|entry| {
        let lower = entry.key.to_lowercase();
        matches!(lower.as_str(), "include" | "inclusionmode" | "mode") && is_known(&entry.value)
            || is_near(&lower, "inclusion")
    })?;
    let code = "steering/unknown-key";
    let message = format!("`{}` is not read", entry.key);
    let hint = "write `inclusion`; until then the file is not in force";
    found.findings.push(Diagnostic::error(code, entry.span, message).hint(hint));
    if let Some((key, _)) = entry.places {
        let title = format!("rename `{}` to `inclusion`", entry.key);
        found.fix(code, entry.span, title, Edit::replace(key, quoted_like(entry, "inclusion")));
    }
    Some(format!("the key `{}`", entry.key))
}

/// An inclusion that nobody knows.
pub(super) fn unknown_inclusion(entry: &Entry, word: &str, has_pattern: bool, found: &mut Found) {
    let code = "steering/unknown-inclusion";
    let meant = meant(word, has_pattern).filter(|_| matches!(entry.value, Scalar::Text(_)));
    let hint = match meant {
        Some(meant) => format!("did you mean `{meant}`? until it is mended the file is not in force"),
        None => {
            "use `always`, `fileMatch`, `manual` or `auto`; until then the file is not in force".to_string()
        }
    };
    found
        .findings
        .push(Diagnostic::error(code, entry.span, format!("unknown inclusion `{word}`")).hint(hint));
    if let (Some(meant), Some((_, value))) = (meant, entry.places) {
        let new = if entry.is_quoted() { format!("\"{meant}\"") } else { meant.to_string() };
        found.fix(code, entry.span, format!("write `inclusion: {meant}`"), Edit::replace(value, new));
    }
}

/// Globs that stand in one text with commas between them: read as the list that is meant.
pub(super) fn joined(entry: Option<&Entry>, globs: Vec<String>, found: &mut Found) -> Vec<String> {
    let split: Vec<String> = globs
        .iter()
        .flat_map(|glob| split_flow(glob))
        .map(|glob| glob.trim().to_string())
        .filter(|glob| !glob.is_empty())
        .take(PATTERNS_MAX)
        .collect();
    let Some(entry) = entry.filter(|_| split.len() > globs.len()) else { return globs };
    let code = "steering/joined-patterns";
    let message = "several globs in one text: Kiro takes the commas for a part of one name";
    found.findings.push(Diagnostic::warning(code, entry.span, message).hint("write a list"));
    if let (Scalar::Text(_), Some((_, value))) = (&entry.value, entry.places) {
        let quoted: Vec<String> =
            split.iter().map(|glob| format!("\"{}\"", glob.replace('\\', "\\\\"))).collect();
        if split.iter().all(|glob| !glob.contains('"')) {
            let edit = Edit::replace(value, format!("[{}]", quoted.join(", ")));
            found.fix(code, entry.span, "write a list of globs".to_string(), edit);
        }
    }
    split
}

impl Entry {
    /// Whether its key stands in quotes: always in JSON, now and then in YAML, which takes quotes around the value as well.
    pub(super) fn is_quoted(&self) -> bool {
        self.places.is_some_and(|(key, _)| key.len == self.key.len() + 2)
    }
}

fn quoted_like(entry: &Entry, word: &str) -> String {
    if entry.is_quoted() { format!("\"{word}\"") } else { word.to_string() }
}

fn is_known(value: &Scalar) -> bool {
    matches!(value, Scalar::Text(word) if WORDS.contains(&word.as_str()) || meant(word, false).is_some())
}

/// The word that is meant, when one is near enough.
fn meant(word: &str, has_pattern: bool) -> Option<&'static str> {
    if word.len() > WORD_BYTES_MAX {
        return None;
    }
    let plain: String =
        word.to_lowercase().chars().filter(|c| !matches!(c, '-' | '_' | ' ' | '"' | '\'')).collect();
    if let Some((_, meant)) = MEANT.iter().find(|(wild, _)| *wild == plain) {
        // `conditional` and its like say that there is a condition; without a glob it can only be the description.
        let is_glob = *meant == "fileMatch" && plain == "conditional" && !has_pattern;
        return Some(if is_glob { "auto" } else { meant });
    }
    WORDS.into_iter().find(|known| is_near(&plain, &known.to_lowercase()))
}

/// Whether two words differ by a few letters, and not by all.
fn is_near(word: &str, known: &str) -> bool {
    word.len() <= WORD_BYTES_MAX
        && distance(word, known) <= SLIPS_MAX.min(known.chars().count() / 2 - 1).max(1)
}

/// Letters to add, drop, change or swap with their neighbour to make one word of the other (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut two: Vec<usize> = Vec::new();
    let mut one: Vec<usize> = (0..=b.len()).collect();
    let mut last = None;
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let above = one.get(j + 1).copied().unwrap_or(0) + 1;
            let left = row.get(j).copied().unwrap_or(0) + 1;
            let change = one.get(j).copied().unwrap_or(0) + usize::from(x != y);
            let mut least = above.min(left).min(change);
            if j > 0 && last == Some(y) && b.get(j - 1) == Some(x) {
                least = least.min(two.get(j - 1).copied().unwrap_or(0) + 1);
            }
            row.push(least);
        }
        two = std::mem::replace(&mut one, row);
        last = Some(x);
    }
    one.last().copied().unwrap_or(0)
}

//! Allow-lists of rule files, and the marks that a line can carry. What looks like an example by itself is known to `judge`.

use std::sync::Arc;

use crate::rule::Pattern;

/// How far from a finding its line is read for a mark, in bytes to either side.
pub(crate) const MARK_REACH: usize = 2_000;
/// The longest reason that is read from a mark, in bytes.
pub(crate) const MARK_MAX: usize = 200;

/// What stands for the description of a list that has none.
pub(crate) const NO_DESCRIPTION: &str = "an allow-list without a description";

/// What the regular expressions of an allow-list look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Secret,
    Match,
    Line,
}

/// One allow-list.
#[derive(Debug)]
pub(crate) struct Allow {
    pub(crate) description: Arc<str>,
    /// All conditions must hold instead of any.
    pub(crate) all: bool,
    pub(crate) paths: Vec<Pattern>,
    pub(crate) regexes: Vec<Pattern>,
    pub(crate) target: Target,
    pub(crate) stopwords: Vec<String>,
    /// The rules that a list of the whole file is for; empty for all.
    pub(crate) rules: Vec<String>,
}

/// The texts that an allow-list can ask about.
pub(crate) struct Case<'a> {
    pub(crate) path: Option<&'a str>,
    pub(crate) secret: &'a [u8],
    pub(crate) matched: &'a [u8],
    pub(crate) line: &'a [u8],
}

impl Allow {
    /// Whether the list allows the case.
    pub(crate) fn allows(&self, rule: &str, case: &Case<'_>) -> bool {
        if !self.rules.is_empty() && !self.rules.iter().any(|id| id == rule) {
            return false;
        }
        let text = match self.target {
            Target::Secret => case.secret,
            Target::Match => case.matched,
            Target::Line => case.line,
        };
        let on_path = || case.path.is_some_and(|path| self.paths.iter().any(|p| p.is_match(path.as_bytes())));
        let on_text = || self.regexes.iter().any(|regex| regex.is_match(text));
        let on_word = || self.stopwords.iter().any(|word| contains(case.secret, word.as_bytes()));
        let parts: [(bool, &dyn Fn() -> bool); 3] = [
            (!self.paths.is_empty(), &on_path),
            (!self.regexes.is_empty(), &on_text),
            (!self.stopwords.is_empty(), &on_word),
        ];
        let mut present = parts.iter().filter(|(present, _)| *present).map(|(_, holds)| holds);
        if self.all {
            present.clone().count() > 0 && present.all(|holds| holds())
        } else {
            present.any(|holds| holds())
        }
    }

    /// Whether the list says why it allows.
    pub(crate) fn has_reason(&self) -> bool {
        &*self.description != NO_DESCRIPTION && self.description.chars().any(char::is_alphanumeric)
    }

    /// Whether the path alone is enough.
    pub(crate) fn allows_path(&self, path: &str) -> bool {
        self.rules.is_empty()
            && (!self.all || (self.regexes.is_empty() && self.stopwords.is_empty()))
            && self.paths.iter().any(|pattern| pattern.is_match(path.as_bytes()))
    }
}

/// The reason of a mark on the line; `None` without a mark. `waypost:allow` needs a reason, `gitleaks:allow` has none.
pub(crate) fn mark(line: &[u8]) -> Option<String> {
    if let Some(at) = find(line, b"waypost:allow") {
        let rest = line.get(at + b"waypost:allow".len()..).unwrap_or_default();
        let rest = rest.get(..rest.len().min(MARK_MAX)).unwrap_or_default();
        let text = String::from_utf8_lossy(rest);
        let text = text.trim();
        let reason = ["*/", "-->", "#}"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text).trim();
        if reason.chars().any(char::is_alphanumeric) {
            return Some(reason.to_owned());
        }
    }
    find(line, b"gitleaks:allow").map(|_| String::new())
}

/// Where `needle` begins in `text`, letters compared without case.
pub(crate) fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return None;
    }
    text.windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle))
}

/// Whether `needle` stands in `text`, letters compared without case.
pub(crate) fn contains(text: &[u8], needle: &[u8]) -> bool {
    find(text, needle).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_needs_its_reason() {
        let check = |line: &str, expected: Option<&str>| {
            assert_eq!(mark(line.as_bytes()).as_deref(), expected, "{line}")
        };
        check("x = 1 // waypost:allow key of the test server", Some("key of the test server"));
        check("x = 1 /* waypost:allow a sample */", Some("a sample"));
        check("x = 1 // waypost:allow", None);
        check("x = 1 // waypost:allow --", None);
        check("x = 1 # gitleaks:allow", Some(""));
        check("x = 1", None);
    }

    #[test]
    fn conditions_join_as_the_list_says() {
        let list = |all| Allow {
            description: "d".into(),
            all,
            paths: vec![Pattern::new("^docs/")],
            regexes: vec![],
            target: Target::Secret,
            stopwords: vec!["demo".to_owned()],
            rules: vec![],
        };
        let check = |all, path, secret: &str, expected: bool| {
            let case = Case { path: Some(path), secret: secret.as_bytes(), matched: b"", line: b"" };
            assert_eq!(list(all).allows("r", &case), expected, "{all} {path} {secret}");
        };
        check(false, "docs/a.md", "x", true);
        check(false, "src/a.rs", "a-DEMO-b", true);
        check(false, "src/a.rs", "x", false);
        check(true, "docs/a.md", "x", false);
        check(true, "docs/a.md", "demo", true);
    }
}

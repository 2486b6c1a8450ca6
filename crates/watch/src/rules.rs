//! Which paths git ignores: the chain of files of patterns above a path. Pure; owns the matcher of `ignore`.

use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Bytes of one file of patterns; of a longer one the beginning counts.
pub(crate) const RULES_BYTES_MAX: usize = 256 * 1024;
/// Patterns of one file; further ones are left out, so that their files are heard.
const PATTERNS_MAX: usize = 5_000;
/// Bytes of one pattern.
const PATTERN_BYTES_MAX: usize = 4_096;

/// The patterns of one file, and those above it.
#[derive(Debug)]
pub(crate) struct Rules {
    above: Option<Arc<Rules>>,
    /// What is put before a path, when the file lies above the root.
    lead: String,
    /// The directory of the file; paths count from there.
    directory: String,
    text: Vec<u8>,
    matcher: Gitignore,
    fault: Option<String>,
}

impl Rules {
    /// The rules of a file in a directory at or below the root.
    pub(crate) fn inside(above: Option<Arc<Rules>>, directory: &str, text: Vec<u8>) -> Arc<Rules> {
        let (matcher, fault) = matcher(&text);
        Arc::new(Rules { above, lead: String::new(), directory: directory.to_owned(), text, matcher, fault })
    }

    /// The rules of a file above the root. `lead` leads from there to the root, with a slash at its end.
    pub(crate) fn outside(above: Option<Arc<Rules>>, lead: &str, text: Vec<u8>) -> Arc<Rules> {
        let (matcher, fault) = matcher(&text);
        Arc::new(Rules { above, lead: lead.to_owned(), directory: String::new(), text, matcher, fault })
    }

    /// The same patterns below other rules.
    pub(crate) fn under(&self, above: Option<Arc<Rules>>) -> Arc<Rules> {
        Arc::new(Rules {
            above,
            lead: self.lead.clone(),
            directory: self.directory.clone(),
            text: self.text.clone(),
            matcher: self.matcher.clone(),
            fault: self.fault.clone(),
        })
    }

    /// The first pattern that could not be read.
    pub(crate) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// Whether these are the rules of a file in this directory, and not only of one above it.
    pub(crate) fn is_of(&self, directory: &str) -> bool {
        self.lead.is_empty() && self.directory == directory
    }

    /// What the file says.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether a path below these rules is ignored, given that what it lies in is not.
    pub(crate) fn ignores(&self, path: &str, is_directory: bool) -> bool {
        let mut rules = Some(self);
        while let Some(here) = rules {
            let found = if here.lead.is_empty() {
                let skip = if here.directory.is_empty() { 0 } else { here.directory.len() + 1 };
                here.matcher.matched(path.get(skip..).unwrap_or_default(), is_directory)
            } else {
                here.matcher.matched(format!("{}{path}", here.lead), is_directory)
            };
            match found {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => rules = here.above.as_deref(),
            }
        }
        false
    }
}

fn matcher(text: &[u8]) -> (Gitignore, Option<String>) {
    let text = text.get(..RULES_BYTES_MAX).unwrap_or(text);
    let text = String::from_utf8_lossy(text);
    let text = text.trim_start_matches('\u{feff}');
    // With this root, nothing is taken from the paths.
    let mut builder = GitignoreBuilder::new(".");
    let mut fault = None;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        if number >= PATTERNS_MAX || line.len() > PATTERN_BYTES_MAX {
            let why = format!("line {} is beyond {PATTERNS_MAX} lines or too long", number + 1);
            fault.get_or_insert(why);
        } else if let Err(error) = builder.add_line(None, line) {
            fault.get_or_insert(format!("line {}: {error}", number + 1));
        }
    }
    match builder.build() {
        Ok(matcher) => (matcher, fault),
        Err(error) => (Gitignore::empty(), Some(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_that_says_something_decides() {
        let top = Rules::outside(None, "package/", b"*.log\n/package/gen\n".to_vec());
        let root = Rules::inside(Some(top), "", "\u{feff}target/\r\n".as_bytes().to_vec());
        let deep = Rules::inside(Some(root), "a/b", b"!keep.log\n/only\nx/y\n".to_vec());
        for (path, is_directory, expected) in [
            ("a/b/x.log", false, true),
            ("a/b/keep.log", false, false),
            ("a/b/gen", false, false),
            ("a/b/target", true, true),
            ("a/b/target", false, false),
            ("a/b/only", false, true),
            ("a/b/c/only", false, false),
            ("a/b/x/y", false, true),
            ("a/b/c/x/y", false, false),
        ] {
            assert_eq!(deep.ignores(path, is_directory), expected, "{path}");
        }
        let root = deep.above.as_ref().unwrap();
        assert!(root.ignores("gen", false));
        assert!(!root.ignores("package/gen", false));
    }

    #[test]
    fn patterns_that_cannot_be_read_are_named_and_the_rest_holds() {
        let rules = Rules::inside(None, "", b"a{b\n*.log\n\xff\xfe\n[z-a]\n".to_vec());
        assert!(rules.ignores("x.log", false));
        assert!(rules.fault().is_some());
        let long = "*a".repeat(100_000);
        let rules = Rules::inside(None, "", format!("*.log\n{long}\n").into_bytes());
        assert!(rules.ignores("x.log", false));
        assert!(rules.fault().is_some());
    }

    #[test]
    fn five_megabytes_of_patterns_are_bounded() {
        let text: String = (0..300_000).map(|number| format!("*a{number}?b*\n")).collect();
        let rules = Rules::inside(None, "", text.into_bytes());
        assert!(rules.fault().is_some());
        assert!(rules.ignores("xa1yb", false));
    }
}

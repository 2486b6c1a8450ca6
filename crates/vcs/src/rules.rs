//! Which files a workspace ignores: the chain of `.gitignore` files above a path. Reads only files that it is given.

use std::sync::{Arc, OnceLock};

use crate::pattern::Pattern;

/// Bytes of one file of patterns; of a longer one the beginning counts.
pub(crate) const RULES_BYTES_MAX: usize = 1024 * 1024;
/// Patterns of one file; further ones are left out, so that their files are covered.
const PATTERNS_MAX: usize = 10_000;

/// The patterns of one file and those above it.
#[derive(Debug)]
pub(crate) struct Rules {
    above: Option<Arc<Rules>>,
    /// What is put in front of a path so that it counts from this file; of files above the covered directory.
    lead: Vec<u8>,
    /// How many bytes are taken from a path so that it counts from this file.
    skip: usize,
    text: Arc<[u8]>,
    patterns: OnceLock<Vec<Pattern>>,
}

impl Rules {
    /// The rules of a directory inside what is covered. `path` is the directory's.
    pub(crate) fn inside(above: Option<Arc<Rules>>, path: &[u8], text: Arc<[u8]>) -> Arc<Rules> {
        let skip = if path.is_empty() { 0 } else { path.len() + 1 };
        Arc::new(Rules { above, lead: Vec::new(), skip, text, patterns: OnceLock::new() })
    }

    /// The rules of a directory above what is covered. `lead` leads from there to it, with a slash at its end.
    pub(crate) fn outside(above: Option<Arc<Rules>>, lead: Vec<u8>, text: Arc<[u8]>) -> Arc<Rules> {
        Arc::new(Rules { above, lead, skip: 0, text, patterns: OnceLock::new() })
    }

    /// Whether a path below these rules is ignored. What it lies in is not.
    pub(crate) fn ignores(&self, path: &[u8], is_directory: bool) -> bool {
        let mut rules = Some(self);
        let mut joined = Vec::new();
        while let Some(here) = rules {
            let path = if here.lead.is_empty() {
                path.get(here.skip..).unwrap_or_default()
            } else {
                joined.clear();
                joined.extend_from_slice(&here.lead);
                joined.extend_from_slice(path);
                &joined
            };
            let last = here.patterns().iter().rev().find(|pattern| pattern.means(path, is_directory));
            if let Some(pattern) = last {
                return !pattern.takes_back;
            }
            rules = here.above.as_deref();
        }
        false
    }

    fn patterns(&self) -> &[Pattern] {
        self.patterns.get_or_init(|| {
            let text = self.text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&self.text);
            let text = text.get(..RULES_BYTES_MAX).unwrap_or(text);
            text.split(|byte| *byte == b'\n').filter_map(Pattern::read).take(PATTERNS_MAX).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_that_says_something_decides() {
        let top = Rules::outside(None, b"package/".to_vec(), Arc::from(&b"*.log\n/package/gen\n"[..]));
        let root = Rules::inside(Some(top), b"", Arc::from("\u{feff}target/\r\n".as_bytes()));
        let deep = Rules::inside(Some(root), b"a/b", Arc::from(&b"!keep.log\n/only\n"[..]));
        for (path, is_directory, expected) in [
            ("a/b/x.log", false, true),
            ("a/b/keep.log", false, false),
            ("gen", false, true),
            ("a/b/gen", false, false),
            ("a/b/target", true, true),
            ("a/b/target", false, false),
            ("a/b/only", false, true),
            ("a/b/c/only", false, false),
        ] {
            assert_eq!(deep.ignores(path.as_bytes(), is_directory), expected, "{path}");
        }
    }
}

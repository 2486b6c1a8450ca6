//! The form of placeholders: `waypost_secret_` + eight letters + `_` + the rule's name. Which value one stands for is known to
//! the firewall alone.
//!
//! The form is an identifier: shells, JSON, YAML, URLs, regular expressions and Markdown leave it as it is, and models copy it.
//! The letters are a keyed digest of the value, so the same value has the same placeholder in every session of an installation.

use std::ops::Range;

use crate::tag::{TAG_LETTERS, is_letter};

/// What every placeholder begins with.
pub(crate) const MARK: &[u8] = b"waypost_secret_";
/// The longest name at the end, in bytes.
const NAME_MAX: usize = 48;
/// The name at the end of a placeholder that stands for text which only looks like one.
pub(crate) const LITERAL: &str = "text";

/// Writes a placeholder.
pub(crate) fn write(tag: [u8; TAG_LETTERS], rule: &str) -> String {
    let name = rule
        .bytes()
        .take(NAME_MAX)
        .map(|byte| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'_' });
    let bytes = MARK.iter().copied().chain(tag).chain(std::iter::once(b'_')).chain(name);
    bytes.map(char::from).collect()
}

/// The next place from `from` on that has the mark, the letters and the `_`; the range ends after the `_`.
pub(crate) fn next(text: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        at += rest.windows(MARK.len()).position(|window| window == MARK)?;
        let end = at + MARK.len() + TAG_LETTERS;
        let letters =
            text.get(at + MARK.len()..end).is_some_and(|letters| letters.iter().all(|byte| is_letter(*byte)));
        if letters && text.get(end) == Some(&b'_') {
            return Some(at..end + 1);
        }
        at += MARK.len();
    }
}

/// The letters of a place that [`next`] found.
pub(crate) fn letters(head: &[u8]) -> Option<[u8; TAG_LETTERS]> {
    head.get(MARK.len()..MARK.len() + TAG_LETTERS)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_an_identifier() {
        let text = write(*b"k7f2q3xm", "github-pat");
        assert_eq!(text, "waypost_secret_k7f2q3xm_github_pat");
        assert_eq!(next(text.as_bytes(), 0), Some(0..24));
        assert_eq!(letters(text.as_bytes()), Some(*b"k7f2q3xm"));
    }

    #[test]
    fn only_whole_heads_are_found() {
        let check = |text: &str, expected: Option<Range<usize>>| {
            assert_eq!(next(text.as_bytes(), 0), expected, "{text}")
        };
        check("a waypost_secret_k7f2q3xm_x", Some(2..26));
        check("waypost_secret_k7f2q3x_", None);
        check("waypost_secret_waypost_secret_k7f2q3xm_x", Some(15..39));
        check("waypost_secret_K7F2Q3XM_x", None);
        check("waypost_secret_k7f2q3xm", None);
    }
}

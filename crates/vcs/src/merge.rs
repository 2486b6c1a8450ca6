//! Merges two changes of one text, line by line. Touches nothing and guesses nothing: what overlaps or touches is no
//! merge.

use imara_diff::{Algorithm, Diff, InternedInput};

/// The longest text that is merged.
pub(crate) const MERGE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How far into a file a zero byte says that it is not text.
const BINARY_BYTES: usize = 8_000;

/// A run of lines of the base that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit<'t> {
    from: usize,
    to: usize,
    lines: &'t [&'t [u8]],
}

/// The text with both changes, when they do not meet; `None` when they do, or when it is no text.
///
/// Two changes meet when they concern the same line or lines next to each other. The same change made on both sides
/// is one change.
pub(crate) fn merge(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    let texts = [base, ours, theirs];
    let is_text = |text: &[u8]| {
        text.len() as u64 <= MERGE_BYTES_MAX && !text.iter().take(BINARY_BYTES).any(|byte| *byte == 0)
    };
    if !texts.into_iter().all(is_text) {
        return None;
    }
    let [base_lines, our_lines, their_lines] = texts.map(lines);
    let ours = edits(base, ours, &our_lines)?;
    let theirs = edits(base, theirs, &their_lines)?;
    let (mut ours, mut theirs) = (ours.into_iter().peekable(), theirs.into_iter().peekable());
    let mut merged: Vec<&[u8]> = Vec::new();
    let mut at = 0;
    loop {
        let next = match (ours.peek(), theirs.peek()) {
            (None, None) => break,
            (Some(_), None) => ours.next()?,
            (None, Some(_)) => theirs.next()?,
            (Some(a), Some(b)) if a == b => {
                theirs.next();
                ours.next()?
            }
            (Some(a), Some(b)) if a.to < b.from => ours.next()?,
            (Some(a), Some(b)) if b.to < a.from => theirs.next()?,
            _ => return None,
        };
        merged.extend_from_slice(base_lines.get(at..next.from)?);
        merged.extend_from_slice(next.lines);
        at = next.to;
    }
    merged.extend_from_slice(base_lines.get(at..)?);
    // A last line without its end cannot have anything behind it.
    let whole = merged.split_last().is_none_or(|(_, lines)| lines.iter().all(|line| line.ends_with(b"\n")));
    whole.then(|| merged.concat())
}

/// Lines with their ends.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

fn edits<'t>(base: &[u8], text: &[u8], lines: &'t [&'t [u8]]) -> Option<Vec<Edit<'t>>> {
    let input = InternedInput::new(base, text);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let index = |at: u32| usize::try_from(at).ok();
    diff.hunks()
        .map(|hunk| {
            let lines = lines.get(index(hunk.after.start)?..index(hunk.after.end)?)?;
            Some(Edit { from: index(hunk.before.start)?, to: index(hunk.before.end)?, lines })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(base: &str, ours: &str, theirs: &str, expected: Option<&str>) {
        let merged = merge(base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
        let merged = merged.map(|merged| String::from_utf8(merged).unwrap());
        assert_eq!(merged.as_deref(), expected, "{base:?} {ours:?} {theirs:?}");
        let turned = merge(base.as_bytes(), theirs.as_bytes(), ours.as_bytes());
        assert_eq!(turned.is_some(), expected.is_some(), "the sides are alike");
    }

    #[test]
    fn changes_apart_are_merged_and_others_are_not() {
        let base = "1\n2\n3\n4\n5\n";
        check(base, "one\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\n", Some("one\n2\n3\n4\nfive\n"));
        check(base, "0\n1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\n6\n", Some("0\n1\n2\n3\n4\n5\n6\n"));
        check(base, "1\n3\n4\n5\n", "1\n2\n3\n4\nfive\n", Some("1\n3\n4\nfive\n"));
        check(base, "one\n2\n3\n4\n5\n", "uno\n2\n3\n4\n5\n", None);
        check(base, "one\n2\n3\n4\n5\n", "1\ntwo\n3\n4\n5\n", None);
        check(base, "one\n2\n3\n4\n5\n", "one\n2\n3\n4\nfive\n", Some("one\n2\n3\n4\nfive\n"));
        check(base, "", "1\n2\n3\n4\nfive\n", None);
        check("a\nb\nc", "A\nb\nc", "a\nb\nC", Some("A\nb\nC"));
        check("a\nb\nc\nd", "a\nb\nc\nd\ne\n", "A\nb\nc\nd", Some("A\nb\nc\nd\ne\n"));
        check("a\0", "b\0", "a\0", None);
        check("a\r\nb\r\nc\r\n", "A\r\nb\r\nc\r\n", "a\r\nb\r\nC\r\n", Some("A\r\nb\r\nC\r\n"));
    }

    proptest! {
        /// Edits in separate parts of a text, with an unchanged part between, always merge to both.
        #[test]
        fn separate_edits_merge(
            first in proptest::collection::vec("[a-z]{1,3}", 0..6),
            first_new in proptest::collection::vec("[A-Z]{1,3}", 0..6),
            last in proptest::collection::vec("[a-z]{1,3}", 0..6),
            last_new in proptest::collection::vec("[A-Z]{1,3}", 0..6),
        ) {
            let text = |head: &[String], tail: &[String]| {
                let between = ["#1", "#2", "#3"].map(str::to_string);
                [head, &between, tail].concat().iter().map(|line| format!("{line}\n")).collect::<String>()
            };
            let merged = merge(
                text(&first, &last).as_bytes(),
                text(&first_new, &last).as_bytes(),
                text(&first, &last_new).as_bytes(),
            );
            prop_assert_eq!(merged, Some(text(&first_new, &last_new).into_bytes()));
        }

        /// Whatever comes in: what one side did not change is as the other has it.
        #[test]
        fn an_unchanged_side_gives_the_other(base in "[ab\n]{0,30}", other in "[ab\n]{0,30}") {
            let (base, other) = (base.as_bytes(), other.as_bytes());
            prop_assert_eq!(merge(base, base, other), Some(other.to_vec()));
            prop_assert_eq!(merge(base, other, base), Some(other.to_vec()));
            prop_assert_eq!(merge(base, other, other), Some(other.to_vec()));
        }
    }
}

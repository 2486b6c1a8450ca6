//! Numbers inside names of tests: `test_req_1_2_logs_in`, `TestRequirement3_2_Batch`. Knows no prose.

use super::{Tag, TagForm, TagKind};
use crate::Span;
use crate::inline::PART_DIGITS_MAX;

/// Bytes of the longest name that is looked into.
const NAME_BYTES_MAX: usize = 256;

/// Parts of the number in a name; more are data.
const PARTS_MAX: usize = 3;

/// What a number in a name can count, and whether the word says so without a `test` in the name.
const WORDS: &[(&[u8], TagKind, bool)] = &[
    (b"requirements", TagKind::Requirement, true),
    (b"requirement", TagKind::Requirement, true),
    (b"req", TagKind::Requirement, false),
    (b"property", TagKind::Property, false),
    (b"prop", TagKind::Property, false),
    (b"task", TagKind::Task, false),
];

/// Appends what the names of a line say.
pub(crate) fn read(line: &[u8], offset: usize, number: usize, out: &mut Vec<Tag>) {
    let mut at = 0;
    while at < line.len() {
        let rest = line.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|b| is_part(**b)).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let name = rest.get(..length).unwrap_or_default();
        if length <= NAME_BYTES_MAX && name.iter().any(u8::is_ascii_digit) {
            in_name(name, offset + at, number, out);
        }
        at += length;
    }
}

fn is_part(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

fn in_name(name: &[u8], offset: usize, line: usize, out: &mut Vec<Tag>) {
    let lower = name.to_ascii_lowercase();
    let is_test = ["test", "should", "spec_", "prop_"].iter().any(|word| contains(&lower, word.as_bytes()));
    for at in 0..name.len() {
        // A word inside a name begins behind `_` or with a capital letter.
        let begins = at == 0
            || name.get(at - 1) == Some(&b'_')
            || name.get(at).is_some_and(u8::is_ascii_uppercase)
                && name.get(at - 1).is_some_and(u8::is_ascii_lowercase);
        let rest = lower.get(at..).unwrap_or_default();
        let Some((word, kind, is_clear)) = WORDS.iter().find(|(word, ..)| begins && rest.starts_with(word))
        else {
            continue;
        };
        let from = at + word.len() + usize::from(rest.get(word.len()) == Some(&b'_'));
        let Some((end, parts)) = digits(name, from) else { continue };
        // `requirements_1` alone is a variable as well as a name of a test.
        if !(is_test || *is_clear && parts > 1) || *kind == TagKind::Property && parts > 1 {
            continue;
        }
        let span = Span { offset: offset + from, len: end - from };
        let text = String::from_utf8_lossy(name.get(from..end).unwrap_or_default()).replace('_', ".");
        let confidence = match (is_test, parts, kind) {
            (_, _, TagKind::Task) => 50,
            (true, 1, _) => 75,
            (true, 2, _) => 85,
            _ => 60,
        };
        out.push(Tag {
            kind: *kind,
            spec: None,
            spec_span: None,
            id: text,
            to: None,
            span,
            number: span,
            line,
            confidence,
            form: TagForm::Name,
        });
        return;
    }
}

/// `1_2_3` from `from` on: its end and the number of its parts.
fn digits(name: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut end = from;
    let mut parts = 0;
    loop {
        let count = name.get(end..)?.iter().take_while(|b| b.is_ascii_digit()).count();
        if count == 0 || count > PART_DIGITS_MAX {
            return None;
        }
        end += count;
        parts += 1;
        let goes_on = name.get(end) == Some(&b'_') && name.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !goes_on {
            break;
        }
        end += 1;
    }
    let next = name.get(end);
    let ends = next.is_none_or(|b| *b == b'_' || b.is_ascii_uppercase());
    (ends && parts <= PARTS_MAX).then_some((end, parts))
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

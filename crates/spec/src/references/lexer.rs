//! The smallest pieces of the reference grammar: numbers, prefixes, dashes, and one item made of them. Knows no
//! label, no line and no document.

use std::borrow::Cow;

use crate::digits::{digit_at, plain};
use crate::inline::PART_DIGITS_MAX;

/// Parts of a number: `1.2.3.4` has four.
const PARTS_MAX: usize = 4;

/// Letters before the numbers of a series (`NFR`, `US`); longer words are prose.
pub(crate) const SERIES_LETTERS_MAX: usize = 4;

/// Words that only say that a number of a requirement follows. They are no part of the id.
const PREFIX_WORDS: &[&str] = &[
    "requirements",
    "requirement",
    "reqs",
    "req",
    "r",
    "需求",
    "要件",
    "要求",
    "요구사항",
    "требования",
    "требование",
    "Требования",
    "Требование",
    "yêu cầu",
    "requisitos",
    "requisito",
    "anforderungen",
    "anforderung",
    "exigences",
    "exigence",
    "gereksinimler",
    "gereksinim",
    "persyaratan",
    "kebutuhan",
    "requerimientos",
    "requerimiento",
    "requisiti",
    "wymagania",
    "wymaganie",
    "вимоги",
    "вимога",
    "Вимоги",
    "Вимога",
    "eisen",
    "eis",
    "المتطلبات",
    "المتطلب",
    "आवश्यकताएँ",
    "आवश्यकता",
    "ข้อกำหนด",
    "требованию",
    "требований",
];

/// A number as it stands in a text; `start..end` are its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// `6.x`: everything below 6. The `.x` lies behind `end`.
    pub(crate) is_wild: bool,
    /// First byte behind the number and its wildcard.
    pub(crate) after: usize,
}

impl Number {
    /// The number with its digits and stops in their ASCII form.
    pub(crate) fn text<'a>(&self, s: &'a [u8]) -> Cow<'a, str> {
        let bytes = s.get(self.start..self.end).unwrap_or_default();
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(plain(text)) }
    }
}

/// One item of a list: an id, or both ends of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The id in the form in which ids are compared.
    pub(crate) id: String,
    /// The other end of a range, in the same form, and its number.
    pub(crate) to: Option<(String, Number)>,
    pub(crate) number: Number,
    /// The item with its prefix.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Something such as `REQ-` or `NFR ` stands before the number.
    pub(crate) has_prefix: bool,
}

impl Item {
    /// The id has no dot, so it names a requirement and not one of its criteria.
    pub(crate) fn is_whole(&self) -> bool {
        self.number.is_wild || !self.id.contains('.')
    }
}

pub(crate) fn byte(s: &[u8], at: usize) -> u8 {
    s.get(at).copied().unwrap_or(b'\n')
}

pub(crate) fn starts(s: &[u8], at: usize, word: &str) -> bool {
    s.get(at..).is_some_and(|rest| rest.starts_with(word.as_bytes()))
}

/// Case counts only outside ASCII.
pub(crate) fn starts_any_case(s: &[u8], at: usize, word: &str) -> bool {
    s.get(at..at.saturating_add(word.len())).is_some_and(|rest| rest.eq_ignore_ascii_case(word.as_bytes()))
}

pub(crate) fn skip_blanks(s: &[u8], mut at: usize) -> usize {
    while matches!(s.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    // The ideographic space.
    while starts(s, at, "\u{3000}") {
        at += 3;
    }
    at
}

/// `1`, `1.2`, `1.2.3.4`, `7b`, `6.x`; not `1.5s`, `30%`, `1.2_x`, `2024a1`.
pub(crate) fn number_at(s: &[u8], at: usize) -> Option<Number> {
    let mut end = at;
    let mut parts = 0;
    loop {
        let mut digits = 0;
        while let Some((_, len)) = digit_at(s, end).filter(|_| digits <= PART_DIGITS_MAX) {
            end += len;
            digits += 1;
        }
        if digits == 0 || digits > PART_DIGITS_MAX {
            return None;
        }
        parts += 1;
        let stop = if starts(s, end, "．") { "．".len() } else { usize::from(byte(s, end) == b'.') };
        if parts < PARTS_MAX && stop > 0 && digit_at(s, end + stop).is_some() {
            end += stop;
        } else {
            break;
        }
    }
    if matches!(byte(s, end), b'a'..=b'h') {
        end += 1;
    }
    let is_wild = byte(s, end) == b'.'
        && matches!(byte(s, end + 1), b'x' | b'X' | b'*')
        && !byte(s, end + 2).is_ascii_alphanumeric();
    let after = if is_wild { end + 2 } else { end };
    let next = byte(s, after);
    let behind = byte(s, after + 1);
    let goes_on = next.is_ascii_alphanumeric()
        || next == b'%'
        || next == b'_' && behind.is_ascii_alphanumeric()
        || next == b'.' && behind.is_ascii_digit()
        || digit_at(s, after).is_some();
    (!goes_on).then_some(Number { start: at, end, is_wild, after })
}

/// What stands before a number: nothing, a word that means *requirement*, or the letters of a series.
fn prefix_at(s: &[u8], at: usize) -> (String, usize) {
    for word in PREFIX_WORDS {
        if starts_any_case(s, at, word) {
            let end = skip_joint(s, at + word.len());
            if digit_at(s, end).is_some() {
                return (String::new(), end);
            }
            // `Requirements NFR-1.2`; but `REQ-UI-3` is a name as a whole.
            if byte(s, at + word.len()) == b' '
                && let Some(found) = series_at(s, end)
            {
                return found;
            }
        }
    }
    series_at(s, at).unwrap_or((String::new(), at))
}

/// The letters of a series and what joins them to a number.
fn series_at(s: &[u8], at: usize) -> Option<(String, usize)> {
    let rest = s.get(at..(at + SERIES_BYTES_MAX).min(s.len())).unwrap_or_default();
    let text = rest.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    // Letters of other scripts count when they are capitals: `ФТ-1`.
    let is_letter = |c: &char| c.is_ascii_alphabetic() || c.is_uppercase();
    let count = text.chars().take(SERIES_LETTERS_MAX + 1).take_while(is_letter).count();
    let letters: usize = text.chars().take(count).map(char::len_utf8).sum();
    let series = text.get(..letters)?;
    let end = skip_joint(s, at + letters);
    if !(1..=SERIES_LETTERS_MAX).contains(&count) || digit_at(s, end).is_none() {
        return None;
    }
    // `see 1.2` and `de 1.2` are words; people who write `nfr 2.1` mean the series.
    let is_apart = byte(s, at + letters) == b' ';
    if is_apart && series.bytes().all(|b| b.is_ascii_lowercase()) && !LOWER_SERIES.contains(&series) {
        return None;
    }
    Some((format!("{}-", series.to_uppercase()), end))
}

/// Bytes in which the letters of a series are looked for.
const SERIES_BYTES_MAX: usize = 24;

/// Series that people write in lower case, too.
const LOWER_SERIES: &[&str] =
    &["nfr", "fr", "us", "ac", "br", "dr", "sr", "tr", "ur", "rf", "rnf", "hu", "uc"];

/// The bytes of a word for requirements, when the text begins with one and a number may follow.
pub(crate) fn word_len(s: &[u8], at: usize) -> Option<usize> {
    PREFIX_WORDS.iter().find(|word| word.len() > 1 && starts_any_case(s, at, word)).map(|word| word.len())
}

fn skip_joint(s: &[u8], mut at: usize) -> usize {
    while matches!(s.get(at), Some(b' ' | b'-' | b'_' | b'#' | b'.')) {
        at += 1;
    }
    at
}

/// The item that begins at `at`, with its range if it is one. A spaced hyphen makes a range only when
/// `spaced_dash` says so, because `Task 2 - 3 retries` is none.
pub(crate) fn item_at(s: &[u8], at: usize, spaced_dash: bool) -> Option<Item> {
    let (mut series, digits) = prefix_at(s, at);
    let number = number_at(s, digits)?;
    // `AC-1.2` is criterion 2 of requirement 1; `AC-2` alone is the second of its own series.
    if matches!(series.as_str(), "AC-" | "CA-" | "AK-") && number.text(s).contains('.') {
        series.clear();
    }
    let id = format!("{series}{}", number.text(s));
    let mut item = Item { id, to: None, number, start: at, end: number.after, has_prefix: digits > at };
    if number.is_wild {
        return Some(item);
    }
    if let Some((right, is_spaced)) = dash_at(s, number.after) {
        let (right_series, digits) = prefix_at(s, right);
        let is_criterion = matches!(right_series.as_str(), "AC-" | "CA-" | "AK-") && series.is_empty();
        let is_same_series = digits == right || right_series == series || is_criterion;
        if let Some(to) = number_at(s, digits).filter(|to| !to.is_wild)
            && is_same_series
            && (!is_spaced || spaced_dash || item.id.contains('.') && to.text(s).contains('.'))
        {
            item.end = to.after;
            item.to = Some((other_end(&series, &number.text(s), &to.text(s)), to));
        }
    }
    Some(item)
}

/// `3.1-4` ends at `3.4`, `REQ-5.2-5.5` at `5.5`.
fn other_end(series: &str, from: &str, to: &str) -> String {
    match from.rsplit_once('.') {
        Some((stem, _)) if !to.contains('.') => format!("{series}{stem}.{to}"),
        _ => format!("{series}{to}"),
    }
}

/// Where the right end of a range begins, and whether white space stands around the dash.
fn dash_at(s: &[u8], at: usize) -> Option<(usize, bool)> {
    const DASHES: &[&str] = &["–", "—", "~", "〜", "～", "...", "..", "‑", "−", "-"];
    const WORDS: &[&str] = &[
        "to ",
        "through ",
        "thru ",
        "bis ",
        "à ",
        "до ",
        "по ",
        "至",
        "到",
        "から",
        "부터 ",
        "부터",
        "đến ",
        "sampai ",
        "hingga ",
        "a ",
        "al ",
        "até ",
        "do ",
        "tot ",
        "til ",
        "إلى ",
        "से ",
        "ถึง",
    ];
    let left = skip_blanks(s, at);
    if let Some(dash) = DASHES.iter().find(|dash| starts(s, left, dash)) {
        let right = skip_blanks(s, left + dash.len());
        return Some((right, left > at || right > left + dash.len()));
    }
    let word = WORDS.iter().find(|word| starts_any_case(s, left, word))?;
    (left > at || !word.is_ascii()).then(|| (skip_blanks(s, left + word.len()), true))
}

/// The ids from `from` to `to`, both included and at most `max`; both ends alone when they do not stand in one
/// ascending row.
pub(crate) fn expand(from: &str, to: &str, max: usize) -> Vec<String> {
    let (stem, first) = split_last(from);
    let (to_stem, last) = split_last(to);
    match (first.parse::<u32>(), last.parse::<u32>()) {
        (Ok(first), Ok(last)) if stem == to_stem && first <= last => {
            (first..=last).take(max).map(|number| format!("{stem}{number}")).collect()
        }
        _ if from == to => vec![from.to_string()],
        _ => vec![from.to_string(), to.to_string()],
    }
}

/// `NFR-2.1` as `NFR-2.` and `1`.
pub(crate) fn split_last(id: &str) -> (&str, &str) {
    match id.rfind(['.', '-']) {
        Some(at) => id.split_at_checked(at + 1).unwrap_or((id, "")),
        None => ("", id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Option<&str>, &str)>) {
        let got = item_at(text.as_bytes(), 0, false);
        let got = got.as_ref().map(|item| {
            (item.id.as_str(), item.to.as_ref().map(|(id, _)| id.as_str()), &text[item.start..item.end])
        });
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn items_in_every_dress() {
        check("1.2, x", Some(("1.2", None, "1.2")));
        check("REQ-1.2", Some(("1.2", None, "REQ-1.2")));
        check("REQ-5.2-5.5", Some(("5.2", Some("5.5"), "REQ-5.2-5.5")));
        check("3.1-4", Some(("3.1", Some("3.4"), "3.1-4")));
        check("3.1 – REQ-3.4_", Some(("3.1", Some("3.4"), "3.1 – REQ-3.4")));
        check("nfr 2.1", Some(("NFR-2.1", None, "nfr 2.1")));
        check("NFR-1-3", Some(("NFR-1", Some("NFR-3"), "NFR-1-3")));
        check("Requirements NFR-1.2", Some(("NFR-1.2", None, "Requirements NFR-1.2")));
        check("REQ-UI-3", None);
        check("7b)", Some(("7b", None, "7b")));
        check("6.x", Some(("6", None, "6.x")));
        check("2 - 3 retries", Some(("2", None, "2")));
        check("AC-1.2", Some(("1.2", None, "AC-1.2")));
        check("AC-1.2-AC-1.4", Some(("1.2", Some("1.4"), "AC-1.2-AC-1.4")));
        check("AC-2", Some(("AC-2", None, "AC-2")));
        check("１．２、", Some(("1.2", None, "１．２")));
        check("१.२-१.४", Some(("1.2", Some("1.4"), "१.२-१.४")));
        check("١.٢", Some(("1.2", None, "١.٢")));
        check("需求1.2", Some(("1.2", None, "需求1.2")));
        check("1.1至1.4", Some(("1.1", Some("1.4"), "1.1至1.4")));
    }

    #[test]
    fn numbers_that_are_none() {
        for text in ["", "x", "1.2.3.4.5", "30%", "1.5s", "1_2", "1234567", "v2"] {
            assert!(number_at(text.as_bytes(), 0).is_none(), "{text}");
        }
    }
}

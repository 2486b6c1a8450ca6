//! The number at the start of a line: `3.`, `1.2`, `**1.2**`, `(3)`, `①`, `AC-1.2:`, `FR-001`, `[REQ-UI-3]`. Decides
//! no address.

use crate::digits::{is_digit, plain};
use crate::inline::PART_DIGITS_MAX;
use crate::references::normal_id;
use crate::requirements::fold::offset_in;
use crate::requirements::words;

/// What a written number says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// `3.`, `3)`, `(3)`, `③`: the place in its list.
    Plain(u32),
    /// `1.2`: an address.
    Dotted(String),
    /// `AC-3`, `AC 1.2`: the number of a criterion; the text behind the letters.
    Criterion(String),
    /// `FR-001`, `NFR-2.1`: a number of its own series, in the form in which it is cited.
    Series(String),
}

/// A number and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Numbered<'a> {
    pub(crate) number: Number,
    /// The number as written, letters included, emphasis and brackets left out.
    pub(crate) written: &'a str,
    pub(crate) rest: &'a str,
    /// A colon, a dash, emphasis or brackets set it off, so that it is a number for certain.
    pub(crate) is_set_off: bool,
}

/// Characters that may open before a number and close behind it.
const OPENING: &[char] = &['*', '_', '[', '(', '（', '`', '【', '「'];
const CLOSING: &[char] = &['*', '_', ']', ')', '）', '`', '】', '」'];

/// Reads the number at the start of `body`.
pub(crate) fn number(body: &str) -> Option<Numbered<'_>> {
    let body = body.trim_start();
    let open = body.trim_start_matches(OPENING);
    let is_open = open.len() < body.len();
    if let Some(found) = open.strip_prefix('/').and_then(slashed) {
        return Some(found);
    }
    // Nobody puts more around a number; a run of stars is hostile or a rule.
    if body.len() - open.len() > OPENING_BYTES_MAX {
        return None;
    }
    match open.chars().next()? {
        '①'..='⑳' => circled(open),
        c if is_digit(c) => digits(open, is_open),
        c if c.is_alphabetic() => code(open, is_open),
        _ => None,
    }
}

/// `/LF10/`, as German specifications write it; a path goes on behind its second slash.
fn slashed(inner: &str) -> Option<Numbered<'_>> {
    let (code, after) = inner.split_once('/').filter(|(code, _)| code.len() <= CODE_BYTES_MAX)?;
    let is_over = after.is_empty() || after.starts_with([' ', '\t', '*', '_', ':']);
    let found = number(code).filter(|found| is_over && found.rest.is_empty() && !found.written.is_empty())?;
    let is_code =
        found.written.len() == code.len() && matches!(found.number, Number::Series(_) | Number::Dotted(_));
    let rest = after.trim_start_matches(['*', '_', ':', ' ', '\t']);
    is_code.then_some(Numbered { rest, is_set_off: true, ..found })
}

const OPENING_BYTES_MAX: usize = 8;

fn circled(open: &str) -> Option<Numbered<'_>> {
    let c = open.chars().next()?;
    let (written, rest) = open.split_at_checked(c.len_utf8())?;
    let rest = rest.trim_start_matches(['.', '、', ':', '：', ' ']).trim_start();
    Some(Numbered {
        number: Number::Plain(u32::from(c) - u32::from('①') + 1),
        written,
        rest,
        is_set_off: true,
    })
}

/// What stands behind a number: the rest without closing marks and separators, and whether there were any.
fn set_off(after: &str, is_open: bool) -> Option<(&str, bool)> {
    let closed = after.trim_start_matches(CLOSING);
    let is_closed = is_open && closed.len() < after.len();
    let blank = closed.trim_start_matches([' ', '\t', '\u{3000}', '\u{a0}']);
    let body = blank.trim_start_matches([':', '：', '—', '–', '、', '．', '|']);
    let has_mark = body.len() < blank.len();
    let (body, has_dash) = match body.strip_prefix("- ").filter(|_| !has_mark) {
        Some(body) => (body, true),
        None => (body, false),
    };
    let is_apart = closed.is_empty() || blank.len() < closed.len() || has_mark || is_closed;
    // The emphasis that opened before the number may close behind its colon.
    let body = if has_mark && is_open { body.trim_start_matches(['*', '_', ']', ')']) } else { body };
    let body = body.trim_start_matches([' ', '\t', '\u{3000}']);
    is_apart.then_some((body, has_mark || has_dash || is_closed))
}

fn digits(open: &str, is_open: bool) -> Option<Numbered<'_>> {
    let rest = open.trim_start_matches(|c: char| is_digit(c) || matches!(c, '.' | '．'));
    let token = open.get(..open.len() - rest.len())?;
    let written = token.trim_end_matches(['.', '．']);
    let has_dot = written.len() < token.len();
    let parts = written.split(['.', '．']).count();
    let is_well_formed = written
        .split(['.', '．'])
        .all(|part| !part.is_empty() && part.chars().count() <= PART_DIGITS_MAX.max(9));
    if !is_well_formed || parts > PARTS_MAX {
        return None;
    }
    if parts > 1 {
        let (rest, is_set_off) = set_off(rest, is_open)?;
        let number = Number::Dotted(plain(written));
        return Some(Numbered { number, written, rest, is_set_off: is_set_off || has_dot });
    }
    let value: u32 = plain(written).parse().ok()?;
    let has_paren = rest.starts_with([')', '）', '、']);
    if !(has_dot || has_paren) {
        return None;
    }
    let after_digits = rest;
    let rest = if has_dot { rest } else { rest.trim_start_matches([')', '）', '、']) };
    // `1.当…` and `1.**When**` are items; `3.5x` and `1.text` are not.
    let is_apart = rest.is_empty()
        || rest.starts_with(char::is_whitespace)
        || rest.starts_with(|c: char| !c.is_ascii() || matches!(c, '*' | '[' | '`' | '_'))
        || has_paren && (is_open || !after_digits.starts_with(')'));
    let rest = rest.trim_start_matches([')', '）']);
    let rest = if is_open { rest.trim_start_matches(['*', '_', ']']) } else { rest };
    is_apart.then(|| Numbered {
        number: Number::Plain(value),
        written,
        rest: rest.trim_start(),
        is_set_off: true,
    })
}

/// Parts of a dotted number.
const PARTS_MAX: usize = 6;

/// `AC-1`, `FR-001`, `REQ-UI-3`, `US1`, `R2.1`.
fn code(open: &str, is_open: bool) -> Option<Numbered<'_>> {
    criterion_code(open, is_open).or_else(|| series_code(open, is_open))
}

fn criterion_code(open: &str, is_open: bool) -> Option<Numbered<'_>> {
    words::CRITERION_CODES.behind(open).find_map(|(_, behind)| {
        // `ca. 50` is no criterion, and neither is the `ac` of a sentence.
        if open.len() - behind.len() == 2 && !open.bytes().take(2).all(|b| b.is_ascii_uppercase()) {
            return None;
        }
        let digits = behind.trim_start_matches(['-', '_', ' ', '#', '‑']);
        let rest = digits.trim_start_matches(|c: char| is_digit(c) || c == '.');
        let value = digits.get(..digits.len() - rest.len())?.trim_end_matches('.');
        if value.is_empty() || value.split('.').any(|part| part.is_empty() || part.len() > PART_DIGITS_MAX) {
            return None;
        }
        let written = open.get(..offset_in(open, digits) + value.len())?;
        let after = open.get(written.len()..)?.trim_start_matches('.');
        let (rest, is_set_off) = set_off(after, is_open)?;
        Some(Numbered { number: Number::Criterion(plain(value)), written, rest, is_set_off })
    })
}

fn series_code(open: &str, is_open: bool) -> Option<Numbered<'_>> {
    let is_upper = |c: &char| c.is_uppercase();
    let count = open.chars().take(LETTERS_MAX + 1).take_while(is_upper).count();
    let letters: usize = open.chars().take(count).map(char::len_utf8).sum();
    let prefix = open.get(..letters)?;
    if !(1..=LETTERS_MAX).contains(&count) || words::NO_CODES.contains(&prefix) {
        return None;
    }
    let is_known = words::CODES.contains(&prefix);
    let is_inner = |c: char| c.is_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    let mut length = open.len() - open.trim_start_matches(is_inner).len();
    // `REQ 1` and `FR #3`, but no `I 3` of a sentence.
    if length == letters && is_known && count > 1 {
        let gap = open.get(letters..)?.bytes().take_while(|b| matches!(b, b' ' | b'#')).count();
        let after = open.get(letters + gap..)?;
        let digits = after.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        if gap == 0 || gap > 2 || digits == 0 {
            return None;
        }
        length = letters + gap + digits;
    }
    let token = open.get(..length)?;
    let written = token.trim_end_matches(['.', '-', '_']);
    // `FR-1a` belongs together with its letter.
    let suffix = open.get(written.len()..)?.bytes().take_while(u8::is_ascii_lowercase).count();
    let written =
        if suffix == 1 && token.len() == written.len() { open.get(..written.len() + 1)? } else { written };
    let is_code = written.len() > letters
        && written.bytes().any(|b| b.is_ascii_digit())
        && written.len() <= CODE_BYTES_MAX;
    if !is_code {
        return None;
    }
    let after = open.get(written.len()..)?.trim_start_matches('.');
    let (rest, is_set_off) = set_off(after, is_open)?;
    let is_set_off = is_set_off || after.trim_end().is_empty();
    // `R2 shall` and `REQ-1 The` are numbers, `LOGIN-1 fails` may be anything.
    if !(is_set_off || is_known) {
        return None;
    }
    Some(Numbered { number: series(written), written, rest, is_set_off })
}

/// Letters before a number.
const LETTERS_MAX: usize = 10;

/// Bytes of a code.
const CODE_BYTES_MAX: usize = 40;

/// The number of a code in the form in which tasks cite it; `REQ-1.2` and `R1.2` are plain addresses.
pub(crate) fn series(written: &str) -> Number {
    let id = normal_id(written);
    if id.starts_with(|c: char| c.is_ascii_digit()) && id.contains('.') {
        Number::Dotted(id)
    } else {
        Number::Series(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: Option<(Number, &str)>) {
        assert_eq!(number(body).map(|found| (found.number, found.rest)), expected, "{body}");
    }

    #[test]
    fn places_in_a_list() {
        check("3. x", Some((Number::Plain(3), "x")));
        check("3) x", Some((Number::Plain(3), "x")));
        check("(3) x", Some((Number::Plain(3), "x")));
        check("③ x", Some((Number::Plain(3), "x")));
        check("3、x", Some((Number::Plain(3), "x")));
        check("３. x", Some((Number::Plain(3), "x")));
        check("1.当用户", Some((Number::Plain(1), "当用户")));
        check("1.**WHEN** x", Some((Number::Plain(1), "**WHEN** x")));
        check("**3.** x", Some((Number::Plain(3), "x")));
        check("1.text", None);
        check("2024 was", None);
    }

    #[test]
    fn addresses() {
        let dotted = |id: &str, rest: &'static str| Some((Number::Dotted(id.to_string()), rest));
        check("1.2 x", dotted("1.2", "x"));
        check("1.2. x", dotted("1.2", "x"));
        check("1.2) x", dotted("1.2", "x"));
        check("**1.2** x", dotted("1.2", "x"));
        check("**1.2:** x", dotted("1.2", "x"));
        check("**1.2**: x", dotted("1.2", "x"));
        check("[1.2] x", dotted("1.2", "x"));
        check("1.2.3: x", dotted("1.2.3", "x"));
        check("1.2 - x", dotted("1.2", "x"));
        check("REQ-1.2: x", dotted("1.2", "x"));
        check("R1.2 x", dotted("1.2", "x"));
        check("1..2 x", None);
        check("1.5x faster", None);
    }

    #[test]
    fn criteria_and_series() {
        let ac = |id: &str, rest: &'static str| Some((Number::Criterion(id.to_string()), rest));
        check("AC1: x", ac("1", "x"));
        check("**AC-1.1**: x", ac("1.1", "x"));
        check("**AC-1.1** — x", ac("1.1", "x"));
        check("AC 2 x", ac("2", "x"));
        check("CA3 — x", ac("3", "x"));
        check("Критерий 4: x", ac("4", "x"));
        check("**AC-1.1 (cap)**: x", ac("1.1", "(cap)**: x"));
        let series = |id: &str, rest: &'static str| Some((Number::Series(id.to_string()), rest));
        check("**FR-001**: System MUST", series("FR-001", "System MUST"));
        check("FR-1a: x", series("FR-1a", "x"));
        check("NFR 2.1: x", series("NFR-2.1", "x"));
        check("REQ-UI-3: x", series("REQ-UI-3", "x"));
        check("[US1] x", series("US-1", "x"));
        check("**/LF10/** Das System muss", series("LF-10", "Das System muss"));
        check("/R2/users is a path", None);
        check("НФТ-1: x", series("НФТ-1", "x"));
        check("UTF-8: x", None);
        check("SHA-256 is used", None);
        check("LOGIN-1 fails", None);
        check("LOGIN-1: x", series("LOGIN-1", "x"));
        check("ca. 50 users", None);
        check("I want 3", None);
        check("A 3", None);
    }
}

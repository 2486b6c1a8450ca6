//! The grammar of a task's number: `1`, `1.2`, `7b`, `18b.1`, `1-2`, `T-4`, `T001`, `TASK-001`, `FOUNDATION-2`, `②`,
//! `１．２`, `١.٢`. Knows nothing of what stands around it; whether a weak one counts is decided over the whole document.

use crate::digits::digit;
use crate::inline::PART_DIGITS_MAX;

/// A number at the start of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Id {
    /// The number, full-width digits made plain.
    pub(crate) text: String,
    /// Bytes that it takes in the text.
    pub(crate) len: usize,
    pub(crate) form: Form,
}

/// How sure a number is to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `3`, `7b`: may as well be a count (`3 files`).
    Plain,
    /// `1.2`
    Dotted,
    /// `1-2`: may as well be a range.
    Hyphened,
    /// `T001`, `TASK-7`: the letters are those that people use for tasks.
    Known,
    /// `FOUNDATION-1`, `A1`: may as well be `UTF-8`.
    Series,
}

/// Parts in a number (`1.2.3.4`); deeper ones are not seen anywhere.
const PARTS_MAX: usize = 6;

/// Bytes in one number of a series.
const SERIES_BYTES_MAX: usize = 40;

/// The number that the text begins with, if any.
pub(crate) fn take(text: &str) -> Option<Id> {
    match text.chars().next()? {
        c @ '①'..='⑳' => {
            let number = u32::from(c) - u32::from('①') + 1;
            Some(Id { text: number.to_string(), len: c.len_utf8(), form: Form::Dotted })
        }
        c if digit(c).is_some() => take_digits(text),
        c if c.is_ascii_alphabetic() => take_series(text),
        _ => None,
    }
}

/// The number that the whole text is, blanks, quotes, brackets and a final stop aside.
pub(crate) fn whole(text: &str) -> Option<String> {
    let is_dress = |c: char| {
        c.is_whitespace() || matches!(c, '`' | '*' | '_' | '"' | '\'' | '[' | ']' | '(' | ')' | '#')
    };
    let text = text.trim_start_matches(is_dress);
    let text = text.trim_end_matches(|c: char| is_dress(c) || matches!(c, '.' | ':' | '：'));
    let id = take(text)?;
    (id.len == text.len()).then_some(id.text)
}

/// The number of the task above: `1.2` stands below `1`, `18b.1` below `18b`.
pub(crate) fn stem(id: &str) -> Option<&str> {
    let at = id.rfind(['.', '-']).filter(|at| *at > 0)?;
    let (stem, rest) = id.split_at_checked(at)?;
    // `T-4` stands below nothing: `T` is no number.
    let is_number = stem.ends_with(|c: char| c.is_ascii_digit())
        || stem.bytes().rev().nth(1).is_some_and(|b| b.is_ascii_digit());
    let is_counted = rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    (is_number && is_counted).then_some(stem)
}

fn take_digits(text: &str) -> Option<Id> {
    let (mut out, mut len, mut form) = (String::new(), 0, Form::Plain);
    for part in 1..=PARTS_MAX {
        let rest = text.get(len..)?;
        let mut count = 0;
        for c in rest.chars().map_while(digit) {
            out.push(c);
            count += 1;
        }
        let used: usize = rest.chars().take(count).map(char::len_utf8).sum();
        if count == 0 || count > PART_DIGITS_MAX {
            return None;
        }
        len += used;
        if let Some(letter) = suffix(text.get(len..)?) {
            out.push(letter);
            len += 1;
        }
        let mut behind = text.get(len..)?.chars();
        let separator = behind.next();
        let goes_on = behind.next().and_then(digit).is_some() && part < PARTS_MAX;
        match separator {
            Some('.' | '．') if goes_on => {
                form = if form == Form::Hyphened { form } else { Form::Dotted };
                out.push('.');
            }
            // `2024-01-15` is a date.
            Some('-') if goes_on && count <= 3 => {
                form = Form::Hyphened;
                out.push('-');
            }
            _ => break,
        }
        len += separator.map_or(0, char::len_utf8);
    }
    Some(Id { text: out, len, form })
}

/// The letter of `7b`, when it is one letter alone.
fn suffix(rest: &str) -> Option<char> {
    let mut chars = rest.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    chars.next().is_none_or(|c| !c.is_alphanumeric()).then_some(letter)
}

fn take_series(text: &str) -> Option<Id> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let run = text.trim_start_matches(is_part);
    let run = text.get(..text.len() - run.len()).filter(|run| run.len() <= SERIES_BYTES_MAX)?;
    // `T1.Setup` is the number and the title.
    let end = run.rfind(|c: char| c.is_ascii_digit()).map(|at| at + 1)?;
    let mut word = run.get(..end)?;
    if let Some(letter) = suffix(text.get(end..)?) {
        word = run.get(..end + letter.len_utf8())?;
    }
    let mut letters = word.split(['-', '_', '.']);
    let head = letters.next()?.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_segment = |segment: &str| {
        let rest = segment.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        !segment.is_empty() && (rest.is_empty() || rest.len() == 1 && rest.is_ascii())
    };
    if head.is_empty() || !word.split(['-', '_', '.']).all(is_segment) {
        return None;
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_marked = word.contains('-') || digits >= 3;
    const KNOWN: &[&str] = &["task", "tsk", "subtask", "sub"];
    let form = match head {
        "T" | "ST" => Form::Known,
        "t" if is_marked => Form::Known,
        _ if KNOWN.iter().any(|known| head.eq_ignore_ascii_case(known)) => Form::Known,
        _ if word.bytes().all(|b| !b.is_ascii_lowercase()) => Form::Series,
        _ => return None,
    };
    Some(Id { text: word.to_string(), len: word.len(), form })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_every_kind() {
        use Form::{Dotted, Hyphened, Known, Plain, Series};
        let check = |text: &str, expected: Option<(&str, usize, Form)>| {
            let got = take(text);
            let got = got.as_ref().map(|id| (id.text.as_str(), id.len, id.form));
            assert_eq!(got, expected, "{text}");
        };
        check("1. T", Some(("1", 1, Plain)));
        check("1.2 T", Some(("1.2", 3, Dotted)));
        check("1.2.3. T", Some(("1.2.3", 5, Dotted)));
        check("7b. T", Some(("7b", 2, Plain)));
        check("18b.1 T", Some(("18b.1", 5, Dotted)));
        check("1.2a T", Some(("1.2a", 4, Dotted)));
        check("2x faster", Some(("2x", 2, Plain)));
        check("1-2. T", Some(("1-2", 3, Hyphened)));
        check("2024-01-15", Some(("2024", 4, Plain)));
        check("T-4: T", Some(("T-4", 3, Known)));
        check("T001 T", Some(("T001", 4, Known)));
        check("T1.2 T", Some(("T1.2", 4, Known)));
        check("T1.Setup", Some(("T1", 2, Known)));
        check("TASK-001: T", Some(("TASK-001", 8, Known)));
        check("task-001 T", Some(("task-001", 8, Known)));
        check("FOUNDATION-1: T", Some(("FOUNDATION-1", 12, Series)));
        check("US1-T3 T", Some(("US1-T3", 6, Series)));
        check("AUTH-API-3: T", Some(("AUTH-API-3", 10, Series)));
        check("UTF-8", Some(("UTF-8", 5, Series)));
        check("１．２ T", Some(("1.2", 9, Dotted)));
        check("② T", Some(("2", 3, Dotted)));
        check("Title", None);
        check("OAuth2", None);
        check("12345678 T", None);
        check("", None);
    }

    #[test]
    fn numbers_above() {
        let check = |id: &str, expected: Option<&str>| assert_eq!(stem(id), expected, "{id}");
        check("1.2.3", Some("1.2"));
        check("18b.1", Some("18b"));
        check("T1.2", Some("T1"));
        check("1-2", Some("1"));
        check("T-4", None);
        check("FOUNDATION-1", None);
        check("7", None);
    }

    #[test]
    fn whole_words() {
        assert_eq!(whole("[1.2]").as_deref(), Some("1.2"));
        assert_eq!(whole("`T-4`.").as_deref(), Some("T-4"));
        assert_eq!(whole("3 files"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(s in "[0-9A-Za-z.\\-_０-９①é ]{0,20}") {
            if let Some(id) = take(&s) {
                prop_assert!(s.is_char_boundary(id.len) && id.len > 0);
            }
            let _ = (whole(&s), stem(&s));
        }
    }
}

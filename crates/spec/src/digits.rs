//! Decimal digits of the scripts in which people number what they write: `１`, `१`, `١`. Reads no number.

/// The zero of each script: Arabic, Persian, Devanagari, Bengali, Gujarati, Tamil, Telugu, Kannada, Thai, Lao, Khmer
/// and the full-width forms of East Asian keyboards.
const ZEROS: &[char] = &['٠', '۰', '०', '০', '૦', '௦', '౦', '೦', '๐', '໐', '០', '０'];

/// The value of a digit of any of the scripts, as an ASCII digit.
pub(crate) fn digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let zero = ZEROS
        .iter()
        .copied()
        .find(|zero| (u32::from(*zero)..=u32::from(*zero) + 9).contains(&u32::from(c)))?;
    char::from_digit(u32::from(c) - u32::from(zero), 10)
}

pub(crate) fn is_digit(c: char) -> bool {
    digit(c).is_some()
}

/// The digit at `at` and its bytes. Looks at a character only when its first byte can begin a digit.
pub(crate) fn digit_at(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let first = *bytes.get(at)?;
    let len = match first {
        b'0'..=b'9' => return Some((char::from(first), 1)),
        0xD9 | 0xDB => 2,
        0xE0 | 0xE1 | 0xEF => 3,
        _ => return None,
    };
    let text = std::str::from_utf8(bytes.get(at..at + len)?).ok()?;
    Some((digit(text.chars().next()?)?, len))
}

/// The text with every digit and full-width stop in its ASCII form.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| digit(c).unwrap_or(if c == '．' { '.' } else { c })).collect()
}

/// `new` in the digits in which `old` is written.
pub(crate) fn like(new: &str, old: &str) -> String {
    let zero = old.chars().find(|c| is_digit(*c)).filter(|c| !c.is_ascii());
    let zero = zero.and_then(|c| u32::from(c).checked_sub(digit(c)?.to_digit(10)?));
    let Some(zero) = zero else { return new.to_string() };
    let has_wide_stop = old.contains('．');
    let write = |c: char| match c.to_digit(10) {
        Some(value) => char::from_u32(zero + value).unwrap_or(c),
        None if c == '.' && has_wide_stop => '．',
        None => c,
    };
    new.chars().map(write).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_every_script_have_a_value() {
        for (text, expected) in
            [("１２", "12"), ("१२", "12"), ("١٢", "12"), ("۱۲", "12"), ("๑๒", "12"), ("១២", "12")]
        {
            assert_eq!(plain(text), expected, "{text}");
            let first = digit_at(text.as_bytes(), 0);
            assert_eq!(first, Some(('1', text.chars().next().unwrap().len_utf8())), "{text}");
            assert_eq!(like("21", text), text.chars().rev().collect::<String>(), "{text}");
        }
        assert_eq!(plain("１．２"), "1.2");
        assert_eq!((digit('²'), digit('①'), digit('x')), (None, None, None));
        assert_eq!(digit_at(&[0xE0, 0xA5], 0), None);
    }

    #[test]
    fn new_numbers_look_like_the_old_ones() {
        let check = |new: &str, old: &str, expected: &str| assert_eq!(like(new, old), expected, "{old}");
        check("1.12", "1.2", "1.12");
        check("3.4", "１．２", "３．４");
        check("3.4", "१.२", "३.४");
        check("3.4", "x", "3.4");
    }
}

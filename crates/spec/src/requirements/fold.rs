//! Comparing words of many languages: case, accents, full-width forms and combining marks do not count. Knows no
//! word.

/// The letter under its case and accents; `None` for a mark that only decorates the letter before it.
pub(crate) fn fold(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c.to_ascii_lowercase());
    }
    if is_mark(c) {
        return None;
    }
    let lower = c.to_lowercase().next().unwrap_or(c);
    Some(match lower {
        '\u{a0}' | '\u{3000}' => ' ',
        '‘' | '’' | 'ʼ' | '´' => '\'',
        '‐'..='―' | '−' => '-',
        '！'..='～' => char::from_u32(u32::from(lower) - 0xFEE0).map_or(lower, |c| c.to_ascii_lowercase()),
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ'..='ặ' => 'a',
        'è'..='ë' | 'ē'..='ě' | 'ẹ'..='ệ' => 'e',
        'ì'..='ï' | 'ĩ'..='ı' | 'ỉ'..='ị' => 'i',
        'ò'..='ö' | 'ø' | 'ō'..='ő' | 'ơ' | 'ọ'..='ợ' => 'o',
        'ù'..='ü' | 'ũ'..='ų' | 'ư' | 'ụ'..='ự' => 'u',
        'ý' | 'ÿ' | 'ỳ'..='ỹ' => 'y',
        'ç' | 'ć'..='č' => 'c',
        'ď' | 'đ' | 'ð' => 'd',
        'ğ' | 'ģ' | 'ĝ' => 'g',
        'ķ' => 'k',
        'ĺ'..='ł' => 'l',
        'ñ' | 'ń'..='ň' => 'n',
        'ŕ'..='ř' => 'r',
        'ß' | 'ś'..='š' | 'ș' => 's',
        'ţ'..='ŧ' | 'ț' => 't',
        'ź'..='ž' => 'z',
        'ё' => 'е',
        'й' => 'и',
        other => other,
    })
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{200B}'..='\u{200D}' | '\u{FE0F}' | '\u{FEFF}')
}

/// What follows `word` at the start of `text`; `None` when the text does not begin with it.
pub(crate) fn behind<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for wanted in word.chars().filter_map(fold) {
        if rest.by_ref().find_map(fold)? != wanted {
            return None;
        }
    }
    Some(rest.as_str().trim_start_matches(is_mark))
}

/// What follows `word` when it stands alone at the start: no letter or digit touches it.
pub(crate) fn behind_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    behind(text, word).filter(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// Whether `text` begins with one of `words`, standing alone.
pub(crate) fn begins(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| behind_word(text, word).is_some())
}

/// Where `inner` begins inside `outer`, in bytes; 0 when it is no part of it.
pub(crate) fn offset_in(outer: &str, inner: &str) -> usize {
    let at = (inner.as_ptr() as usize).wrapping_sub(outer.as_ptr() as usize);
    if at <= outer.len() { at } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, word: &str, expected: Option<&str>) {
        assert_eq!(behind_word(text, word), expected, "{text} / {word}");
    }

    #[test]
    fn accents_case_and_width_do_not_count() {
        check("CRITÉRIOS DE ACEITAÇÃO: x", "critérios de aceitação", Some(": x"));
        check("criterios de aceitacao", "critérios de aceitação", Some(""));
        check("Tie\u{302}u chi\u{301} cha\u{302}\u{301}p nha\u{302}\u{323}n", "tiêu chí chấp nhận", Some(""));
        check("KABUL KRİTERLERİ", "kabul kriterleri", Some(""));
        check("Критерии приёмки", "критерии приемки", Some(""));
        check("Critères d’acceptation", "critères d'acceptation", Some(""));
        check("ＡＣ：1", "ac", Some("：1"));
        check("requirements", "requirement", None);
        check("验收标准（必须）", "验收标准", Some("（必须）"));
    }

    #[test]
    fn the_place_of_a_part() {
        let text = "- **a** b";
        assert_eq!(offset_in(text, &text[4..5]), 4);
        assert_eq!(offset_in("", "elsewhere"), 0);
    }
}

//! Comparing words of many languages: case, accents, full-width forms and combining marks do not count. Knows no
//! word.

use std::sync::OnceLock;

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

/// Words that texts are compared with, found by their first letter. Comparing with each in turn would cost more than
/// all other reading together.
pub(crate) struct Words {
    list: &'static [&'static str],
    index: OnceLock<Vec<Entry>>,
}

struct Entry {
    first: char,
    folded: Box<str>,
    place: usize,
}

impl Words {
    pub(crate) const fn new(list: &'static [&'static str]) -> Words {
        Words { list, index: OnceLock::new() }
    }

    /// Sorted by first letter, the longest word first.
    fn index(&self) -> &[Entry] {
        self.index.get_or_init(|| {
            let entries = self.list.iter().enumerate().filter_map(|(place, word)| {
                let folded: Box<str> = word.chars().filter_map(fold).collect::<String>().into();
                Some(Entry { first: folded.chars().next()?, folded, place })
            });
            let mut entries: Vec<Entry> = entries.collect();
            entries.sort_by(|a, b| (a.first, b.folded.len()).cmp(&(b.first, a.folded.len())));
            entries
        })
    }

    /// Every word at the start of `text`, the longest first: its place in the list and what follows it.
    pub(crate) fn behind<'a>(&self, text: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
        let first = text.chars().find_map(fold);
        let index = self.index();
        let start = first.map_or(index.len(), |first| index.partition_point(|entry| entry.first < first));
        let same =
            index.get(start..).unwrap_or_default().iter().take_while(move |entry| Some(entry.first) == first);
        same.filter_map(move |entry| Some((entry.place, behind_folded(text, &entry.folded)?)))
    }

    /// What follows each word that stands alone at the start of `text`.
    pub(crate) fn alone<'a>(&self, text: &'a str) -> impl Iterator<Item = &'a str> {
        self.behind(text).map(|(_, rest)| rest).filter(|rest| !rest.starts_with(char::is_alphanumeric))
    }

    /// Whether `text` begins with one of the words, standing alone.
    pub(crate) fn begin(&self, text: &str) -> bool {
        self.alone(text).next().is_some()
    }

    /// Whether one of the words is all of `text`.
    pub(crate) fn are(&self, text: &str) -> bool {
        self.behind(text).any(|(_, rest)| rest.is_empty())
    }
}

fn behind_folded<'a>(text: &'a str, folded: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for wanted in folded.chars() {
        if rest.by_ref().find_map(fold)? != wanted {
            return None;
        }
    }
    Some(rest.as_str().trim_start_matches(is_mark))
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
    fn the_longest_word_comes_first() {
        static WORDS: Words = Words::new(&["r", "req", "Été", "requirement"]);
        assert_eq!(
            WORDS.behind("Requirement 1").collect::<Vec<_>>(),
            [(3, " 1"), (1, "uirement 1"), (0, "equirement 1")]
        );
        assert_eq!(WORDS.alone("Requirement 1").collect::<Vec<_>>(), [" 1"]);
        assert!(WORDS.are("ete") && !WORDS.begin("étés"));
    }

    #[test]
    fn the_place_of_a_part() {
        let text = "- **a** b";
        assert_eq!(offset_in(text, &text[4..5]), 4);
        assert_eq!(offset_in("", "elsewhere"), 0);
    }
}

//! The words of a text in a form that two versions are compared in: case, emphasis, punctuation and white space do not
//! count; numbers, signs and operators do. Knows no document.

use crate::digest::Digest;

/// A text reduced to its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The digest of the words in their order; equal digests mean the same words.
    pub digest: Digest,
    /// One hash for each word, sorted; repeated words are repeated.
    sorted: Vec<u64>,
}

impl Words {
    /// Reads any text.
    pub fn of(text: &str) -> Words {
        let mut reader = Reader::default();
        let mut before = ' ';
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            reader.take(before, c, chars.peek().copied().unwrap_or(' '));
            before = c;
        }
        reader.end_word();
        reader.words.sort_unstable();
        Words { digest: reader.digest, sorted: reader.words }
    }

    /// How many words.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// One hash for each word, sorted.
    pub(crate) fn hashes(&self) -> &[u64] {
        &self.sorted
    }

    /// The share of common words in percent: twice the common ones by all of both (Dice). Two empty texts share
    /// nothing, because emptiness identifies nothing.
    pub fn alike(&self, other: &Words) -> u32 {
        let total = self.len() + other.len();
        if total == 0 {
            return 0;
        }
        let (mut left, mut right) = (self.sorted.iter().peekable(), other.sorted.iter().peekable());
        let mut common = 0usize;
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let order = a.cmp(b);
            common += usize::from(order.is_eq());
            if order.is_le() {
                left.next();
            }
            if order.is_ge() {
                right.next();
            }
        }
        percent(2 * common, total)
    }

    /// The most that [`Words::alike`] can say, from the lengths alone.
    pub(crate) fn alike_at_most(&self, other: &Words) -> u32 {
        percent(2 * self.len().min(other.len()), self.len() + other.len())
    }
}

fn percent(part: usize, whole: usize) -> u32 {
    u32::try_from(part.saturating_mul(100) / whole.max(1)).unwrap_or(100)
}

#[derive(Debug)]
struct Reader {
    digest: Digest,
    words: Vec<u64>,
    word: String,
    /// The character before, when it stood in a script without blanks between words.
    dense: Option<char>,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader { digest: Digest::EMPTY, words: Vec::new(), word: String::new(), dense: None }
    }
}

impl Reader {
    fn take(&mut self, before: char, c: char, after: char) {
        if is_dense(c) {
            self.end_word();
            self.take_dense(c);
            return;
        }
        self.dense = None;
        let is_between = before.is_alphanumeric() && after.is_alphanumeric();
        let is_sign = c == '-' && !before.is_alphanumeric() && after.is_ascii_digit();
        let is_point = c == '.' && before.is_ascii_digit() && after.is_ascii_digit();
        if c.is_alphanumeric() || c == '_' && is_between || is_sign || is_point {
            self.word.extend(c.to_lowercase());
            return;
        }
        self.end_word();
        // `a < b` and `a > b` are not the same words; emphasis and full stops are no words.
        let is_operator = matches!(
            c,
            '<' | '>'
                | '='
                | '≤'
                | '≥'
                | '≠'
                | '±'
                | '%'
                | '$'
                | '€'
                | '+'
                | '^'
                | '&'
                | '|'
                | '~'
                | '/'
                | '\\'
        ) || c == '!' && after == '=';
        if is_operator {
            self.word.push(c);
            self.end_word();
        }
    }

    /// Without blanks, two neighbouring characters are what comes closest to a word.
    fn take_dense(&mut self, c: char) {
        let mut buffer = [0u8; 4];
        let alone = Digest::of(c.encode_utf8(&mut buffer).as_bytes());
        self.digest = self.digest.with(c.encode_utf8(&mut buffer).as_bytes());
        let word = match self.dense {
            Some(before) => Digest::of(before.encode_utf8(&mut buffer).as_bytes())
                .with(c.encode_utf8(&mut buffer).as_bytes()),
            None => alone,
        };
        self.words.push(word.0);
        self.dense = Some(c);
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        self.words.push(Digest::of(self.word.as_bytes()).0);
        self.digest = self.digest.with(self.word.as_bytes()).with(b" ");
        self.word.clear();
    }
}

/// Kana, Han and their relatives. Hangul is written with blanks.
fn is_dense(c: char) -> bool {
    matches!(c as u32, 0x3041..=0x30FF | 0x31F0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF
        | 0x20000..=0x2FA1F | 0x0E00..=0x0E7F)
        && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_the_same_and_what_is_not() {
        let check = |a: &str, b: &str, expected: bool| {
            assert_eq!(Words::of(a).digest == Words::of(b).digest, expected, "{a} | {b}");
        };
        check("Write the **store**.", "- write  the `store`", true);
        check("THE system SHALL wait", "the System shall wait", true);
        check("within 5 s", "within 10 s", false);
        check("a < b", "a > b", false);
        check("a != b", "a = b", false);
        check("0.5 s", "0 5 s", false);
        check("-5", "5", false);
        check("snake_case", "snake case", false);
        check("_emphasis_", "emphasis", true);
        check("a/b", "a b", false);
        check("ab c", "a bc", false);
        check("保存する", "保存 する", true);
        check("保存する", "削除する", false);
        check("", "...", true);
    }

    #[test]
    fn likeness_in_percent() {
        let check = |a: &str, b: &str, expected: u32| {
            assert_eq!(Words::of(a).alike(&Words::of(b)), expected, "{a} | {b}");
        };
        check("a b c d", "d c b a", 100);
        check("a b c d", "a b x y", 50);
        check("a a", "a", 66);
        check("", "", 0);
        check("データを保存する", "データを削除する", 62);
    }

    proptest! {
        #[test]
        fn likeness_is_a_share_and_has_no_direction(a in any::<String>(), b in any::<String>()) {
            let (left, right) = (Words::of(&a), Words::of(&b));
            prop_assert_eq!(left.alike(&right), right.alike(&left));
            prop_assert!(left.alike(&right) <= left.alike_at_most(&right).min(100));
            prop_assert_eq!(left.alike(&left), if left.is_empty() { 0 } else { 100 });
        }
    }
}

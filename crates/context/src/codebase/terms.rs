//! Words of a question and of source text as the same stems: `RateLimiter`, `rate_limits` and "limiting rates" meet. Pure.

use std::collections::HashMap;

/// The most words of a question that are looked for.
const TERMS_MAX: usize = 24;

/// How far into a question words are taken, in bytes.
const QUESTION_BYTES_MAX: usize = 16 * 1024;

/// The longest word, in bytes; of a longer one the beginning counts.
const WORD_BYTES_MAX: usize = 40;

/// Words that say nothing about code.
const STOP: &str = " a about above after all also an and any are as at be because been before being between both but by can \
    could did do does doing don down each explain few find for from further get had has have having he her here hers him \
    his how i if in into is it its itself just let like look make makes may me might more most must my need no nor not now \
    of off on once only or other our out over own please same see she should show so some such than that the their them \
    then there these they this those through to too under until up us use used using very want was we were what when where \
    which while who why will with work works would you your happens happen tell code codebase file files function \
    implemented implement come comes way thing ";

/// The words of a question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    words: Vec<String>,
    by_hash: HashMap<u64, usize>,
}

impl Terms {
    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The stems, for a person.
    pub(crate) fn shown(&self) -> Vec<String> {
        self.words.clone()
    }

    /// Whether a question is about tests.
    pub(crate) fn asks_for_tests(&self) -> bool {
        self.words.iter().any(|word| word == "test")
    }

    /// The number of the term that a word of source text is.
    pub(crate) fn find(&self, word: &[u8]) -> Option<usize> {
        let mut buffer = [0_u8; WORD_BYTES_MAX];
        let stem = stem(word, &mut buffer);
        let number = *self.by_hash.get(&hash(stem))?;
        // Two words may have one hash.
        self.words.get(number).filter(|known| known.as_bytes() == stem).map(|_| number)
    }
}

/// The words of a question that mean something.
pub(crate) fn of(question: &str) -> Terms {
    let question = question.get(..question.floor_char_boundary(QUESTION_BYTES_MAX)).unwrap_or(question);
    let mut terms = Terms::default();
    each_word(question.as_bytes(), &mut |word, _| {
        let lower = String::from_utf8_lossy(word).to_lowercase();
        let says_nothing = lower.len() < 2 || STOP.contains(&format!(" {lower} "));
        if says_nothing || terms.words.len() >= TERMS_MAX {
            return;
        }
        let mut buffer = [0_u8; WORD_BYTES_MAX];
        let stem = String::from_utf8_lossy(stem(word, &mut buffer)).into_owned();
        if !terms.words.contains(&stem) {
            terms.by_hash.insert(hash(stem.as_bytes()), terms.words.len());
            terms.words.push(stem);
        }
    });
    terms
}

/// Each word of a text with the place where it begins: `readOnly_file2` has three. Linear.
pub(crate) fn each_word(text: &[u8], take: &mut dyn FnMut(&[u8], usize)) {
    let mut start: Option<usize> = None;
    let mut before = 0_u8;
    let mut bytes = text.iter().copied().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        if !is_word(byte) {
            if let Some(start) = start.take() {
                take(text.get(start..at).unwrap_or_default(), start);
            }
        } else {
            // `aB` breaks before the capital; `ABc` before its last one.
            let next_is_lower = bytes.peek().is_some_and(|(_, next)| next.is_ascii_lowercase());
            let breaks = byte.is_ascii_uppercase()
                && (before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && next_is_lower));
            if let Some(begun) = start.filter(|_| breaks) {
                take(text.get(begun..at).unwrap_or_default(), begun);
                start = Some(at);
            }
            start.get_or_insert(at);
        }
        before = byte;
    }
    if let Some(start) = start {
        take(text.get(start..).unwrap_or_default(), start);
    }
}

/// Letters, digits, and everything beyond ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// A word in small letters without its English ending. Rough, and the same for question and source.
fn stem<'a>(word: &[u8], buffer: &'a mut [u8; WORD_BYTES_MAX]) -> &'a [u8] {
    let mut length = word.len().min(WORD_BYTES_MAX);
    for (to, from) in buffer.iter_mut().zip(word) {
        *to = from.to_ascii_lowercase();
    }
    let cut = |endings: &[&[u8]], least: usize, length: &mut usize| {
        for ending in endings {
            let word = buffer.get(..*length).unwrap_or_default();
            if *length >= ending.len() + least && word.ends_with(ending) {
                *length -= ending.len();
                return true;
            }
        }
        false
    };
    let is_double_s = buffer.get(..length).is_some_and(|word| word.ends_with(b"ss"));
    if !is_double_s {
        cut(&[b"s"], 3, &mut length);
    }
    if cut(
        &[
            b"ations", b"ation", b"ions", b"ion", b"ments", b"ment", b"ings", b"ing", b"ers", b"er", b"ors",
            b"or", b"ed",
        ],
        3,
        &mut length,
    ) {
        // `cutting` and `cut`.
        let word = buffer.get(..length).unwrap_or_default();
        if let [.., a, b] = word
            && a == b
            && !matches!(a, b'l' | b's' | b'z')
            && length > 3
        {
            length -= 1;
        }
    }
    let cut_one = |letters: &[u8], length: &mut usize| {
        let last = buffer.get(length.saturating_sub(1)).copied().unwrap_or_default();
        if *length > 3 && letters.contains(&last) {
            *length -= 1;
        }
    };
    // `policy`, `policies` after the `s`: `polic`.
    cut_one(b"e", &mut length);
    cut_one(b"yi", &mut length);
    // `summarise` and `summary`.
    let word = buffer.get(..length).unwrap_or_default();
    if length > 6 && (word.ends_with(b"is") || word.ends_with(b"iz")) {
        length -= 2;
    }
    buffer.get(..length).unwrap_or_default()
}

fn hash(word: &[u8]) -> u64 {
    word.iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &str, expected: &[&str]) {
        assert_eq!(of(words).shown(), expected, "{words}");
    }

    #[test]
    fn words_and_stems() {
        check("Where is the rate limiting of HTTPServer implemented?", &["rat", "limit", "http", "serv"]);
        check("policies policy Policy", &["polic"]);
        check("redaction redacts redacted redact", &["redact"]);
        check("write writes writing", &["writ"]);
        check("cutting cut", &["cut"]);
        check("summarised summarize summary", &["summar"]);
        check("access classes", &["access", "class"]);
        check("read_only_file2 x", &["read", "file2"]);
        check("größe naïve", &["größ", "naïv"]);
        check("the of and", &[]);
    }

    #[test]
    fn a_word_of_the_source_is_found() {
        let terms = of("rate limit");
        let mut found = Vec::new();
        each_word(b"fn RateLimiter() { rateLimits; LIMIT_RATE }", &mut |word, _| {
            found.extend(terms.find(word))
        });
        assert_eq!(found, [0, 1, 0, 1, 1, 0]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_words_within_them(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let terms = of(&String::from_utf8_lossy(&bytes));
            each_word(&bytes, &mut |word, at| {
                assert_eq!(bytes.get(at..at + word.len()), Some(word));
                let _ = terms.find(word);
            });
        }
    }
}

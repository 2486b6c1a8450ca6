//! Text as comparable words: stems, quoted literals, numbers, negators. Knows no sentence and no rule.

use std::borrow::Cow;

use crate::conflict::lexicon::{self, lexicon};
use crate::conflict::quantity::{self, Quantity};

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A word that carries meaning.
    Word,
    /// An article, a preposition, a pronoun.
    Stop,
    /// `not`, `never`, `cannot`, `nicht`, `不`.
    Negator,
    /// Text in quotes or back-ticks, compared as it stands.
    Literal,
    /// A quantity, compared by its value.
    Number(Quantity),
    /// A comma or semicolon; ends a clause.
    Comma,
}

/// One word. `hash` stands for its meaning: the stem, or the class of words that mean the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Word {
    /// What it is.
    pub kind: Kind,
    /// Of the stem; equal hashes are taken for equal words.
    pub hash: u64,
    /// Bytes before it in its text.
    pub at: u32,
    /// Bytes in it.
    pub len: u32,
    /// What it can do in a sentence, see [`lexicon`].
    pub roles: u16,
}

/// Words read from one text; what lies beyond is not compared. The longest real criterion has under 400.
pub(crate) const WORDS_MAX: usize = 600;

/// FNV-1a, enough to tell words apart and the same on every machine.
pub(crate) fn hash(text: &str) -> u64 {
    hash_on(0xcbf2_9ce4_8422_2325, text)
}

fn hash_on(sum: u64, text: &str) -> u64 {
    text.bytes().fold(sum, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// The hash of a text in lower case.
fn lower_hash(text: &str) -> u64 {
    if !text.is_ascii() {
        return hash(&text.to_lowercase());
    }
    let step =
        |sum: u64, byte: u8| (sum ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// A text in lower case; most words are already.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// Mixes a word into a running sum, so that order counts.
pub(crate) fn mix(sum: u64, next: u64) -> u64 {
    (sum.rotate_left(5) ^ next).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// The words of a text, in order, with numbers and their units joined.
pub(crate) fn read(text: &str) -> Vec<Word> {
    let mut raw = split(text);
    raw.truncate(WORDS_MAX);
    let mut out: Vec<Word> = Vec::with_capacity(raw.len());
    let mut index = 0;
    while let Some(piece) = raw.get(index) {
        if let Some((quantity, used)) = quantity::read(text, &raw, index) {
            let last = raw.get(index + used.saturating_sub(1)).unwrap_or(piece);
            out.push(Word {
                kind: Kind::Number(quantity),
                hash: quantity.dimension_hash(),
                at: piece.at,
                roles: 0,
                len: (last.at + last.len).saturating_sub(piece.at),
            });
            index += used.max(1);
            continue;
        }
        let (word, used) = meaning(text, &raw, index, piece);
        out.extend(word);
        index += used;
    }
    out
}

/// A piece of text before it has a meaning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    /// Bytes before it.
    pub at: u32,
    /// Bytes in it, quotes included.
    pub len: u32,
    /// What sort of characters it is made of.
    pub sort: Sort,
    /// Of its letters in lower case; 0 for digits, signs and quotations.
    pub own: u64,
    /// What the lexicon says it can do.
    pub roles: u16,
}

/// What sort of characters a piece is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Letters, with digits, hyphens and underscores between them.
    Letters,
    /// Digits, with points, commas and colons between them.
    Digits,
    /// One or two characters of a script without spaces.
    Cjk,
    /// In quotes or back-ticks.
    Quoted,
    /// Anything else that counts: `%`, `<`, `>`, `=`, `,`.
    Sign,
}

impl Piece {
    /// Its text.
    pub(crate) fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.at as usize..(self.at + self.len) as usize).unwrap_or_default()
    }
}

/// A script written without spaces between words; Hangul has spaces, but its endings need the same treatment.
fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '々')
}

/// Bytes that a quotation may have; a longer one is a stray mark.
const QUOTED_BYTES_MAX: usize = 200;

fn split(text: &str) -> Vec<Piece> {
    let mut out = Vec::with_capacity(text.len() / 6);
    let mut rest = text;
    let lexicon = lexicon();
    let push = |out: &mut Vec<Piece>, rest: &str, len: usize, sort: Sort| {
        let at = text.len() - rest.len();
        let spelled = rest.get(..len).unwrap_or_default();
        let own = if matches!(sort, Sort::Letters | Sort::Cjk) { lower_hash(spelled) } else { 0 };
        let roles = if own == 0 { 0 } else { lexicon.roles(own) };
        out.push(Piece { at: at as u32, len: len as u32, sort, own, roles });
    };
    while let Some(c) = rest.chars().next() {
        let mut used = c.len_utf8();
        if out.len() > WORDS_MAX * 2 {
            break;
        }
        if let Some(len) = quoted(rest, c) {
            push(&mut out, rest, len, Sort::Quoted);
            used = len;
        } else if c.is_numeric() && !is_cjk(c) {
            used = digits(rest);
            push(&mut out, rest, used, Sort::Digits);
        } else if is_cjk(c) {
            let known = lexicon.longest(rest);
            used = known.unwrap_or_else(|| {
                let next = rest.chars().nth(1).filter(|next| is_cjk(*next) && !is_particle(*next));
                c.len_utf8() + if is_particle(c) { 0 } else { next.map_or(0, char::len_utf8) }
            });
            push(&mut out, rest, used, Sort::Cjk);
        } else if c.is_alphabetic() {
            let joins = |c: char| {
                c.is_alphanumeric() && !is_cjk(c) || matches!(c, '_' | '-' | '\'' | '’' | '\u{301}')
            };
            used = rest.find(|c| !joins(c)).unwrap_or(rest.len());
            let word = rest.get(..used).unwrap_or_default();
            used = word.trim_end_matches(['-', '\'', '’', '_']).len();
            push(&mut out, rest, used, Sort::Letters);
        } else if "%％<>=≤≥$€+×,;，；、–—()-~～".contains(c) {
            push(&mut out, rest, used, Sort::Sign);
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    out
}

/// Particles that carry no meaning of their own, and would otherwise smear into the words beside them.
fn is_particle(c: char) -> bool {
    "はがをにでとのへもや的了은는이가을를의에로와과도".contains(c)
}

fn digits(rest: &str) -> usize {
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_digit = chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        if c.is_numeric() && !is_cjk(c) || matches!(c, '.' | ',' | ':' | '_') && next_is_digit {
            end = at + c.len_utf8();
        } else {
            break;
        }
    }
    end
}

fn quoted(rest: &str, open: char) -> Option<usize> {
    let close = match open {
        '`' | '"' => open,
        '“' | '„' => '”',
        '«' => '»',
        '「' => '」',
        '『' => '』',
        _ => return None,
    };
    let inner = rest.get(open.len_utf8()..)?;
    let end = inner.char_indices().take(QUOTED_BYTES_MAX).find(|(_, c)| *c == close)?.0;
    (end > 0).then(|| open.len_utf8() + end + close.len_utf8())
}

/// The word that a piece is, and how many pieces it takes.
fn meaning(text: &str, raw: &[Piece], index: usize, piece: &Piece) -> (Option<Word>, usize) {
    let word = |kind, hash| Some(Word { kind, hash, at: piece.at, len: piece.len, roles: 0 });
    let spelled = piece.of(text);
    match piece.sort {
        Sort::Quoted => {
            let inner = spelled.trim_matches(|c| "`\"“”„«»「」『』".contains(c)).trim();
            (word(Kind::Literal, mix(1, hash(&lower(inner)))), 1)
        }
        Sort::Digits => (word(Kind::Literal, mix(2, hash(spelled))), 1),
        Sort::Sign if matches!(spelled, "," | ";" | "，" | "；" | "、") => (word(Kind::Comma, 0), 1),
        Sort::Sign => (None, 1),
        Sort::Cjk => {
            let Piece { own, roles, .. } = *piece;
            let is_particle = spelled.chars().all(is_particle);
            (Some(Word { roles, ..of_roles(roles, own, is_particle, piece) }), 1)
        }
        Sort::Letters => {
            let Piece { own, roles, .. } = *piece;
            let next = raw.get(index + 1).filter(|next| next.sort == Sort::Letters);
            if roles & lexicon::TWO_PART != 0
                && let Some(next) = next
                && matches!(&*lower(next.of(text)), "in" | "out" | "on" | "off" | "up" | "down")
            {
                let len = next.at + next.len - piece.at;
                let hash = hash_on(stem_hash(&lower(spelled)), &lower(next.of(text)));
                return (Some(Word { kind: Kind::Word, hash, at: piece.at, len, roles: 0 }), 2);
            }
            // `is on` is a state, `on the page` a place.
            let before =
                || index.checked_sub(1).and_then(|before| raw.get(before)).map(|piece| piece.of(text));
            let is_state = spelled.eq_ignore_ascii_case("on")
                && (next.is_none()
                    || before().is_some_and(|before| matches!(before, "is" | "are" | "be" | "set" | "to")));
            if roles & (lexicon::NEGATOR | lexicon::STOP) == 0 || is_state {
                let hash = lexicon().canonical_hash(stem_hash(&lower(spelled)));
                return (Some(Word { kind: Kind::Word, hash, at: piece.at, len: piece.len, roles }), 1);
            }
            (Some(of_roles(roles, own, false, piece)), 1)
        }
    }
}

fn of_roles(roles: u16, own: u64, is_stop: bool, piece: &Piece) -> Word {
    let (kind, hash) = if roles & lexicon::NEGATOR != 0 {
        (Kind::Negator, lexicon::not())
    } else if is_stop || roles & lexicon::STOP != 0 {
        (Kind::Stop, own)
    } else {
        (Kind::Word, own)
    };
    Word { kind, hash, at: piece.at, len: piece.len, roles }
}

/// The stem of an English word, roughly: enough that `stores`, `stored` and `storing` are one word. Words of other
/// languages lose at most an English-looking ending, on both sides of a comparison alike.
pub(crate) fn stem(lower: &str) -> String {
    let (base, ending) = parts(lower);
    format!("{base}{ending}")
}

/// The hash of a stem, without building it.
fn stem_hash(lower: &str) -> u64 {
    let (base, ending) = parts(lower);
    hash_on(hash(base), ending)
}

/// A stem as what is left of the word, and an ending.
fn parts(lower: &str) -> (&str, &'static str) {
    let word = lower.strip_suffix("'s").or_else(|| lower.strip_suffix("’s")).unwrap_or(lower);
    if !word.is_ascii() || word.len() < 4 || word.contains(['_', '-']) {
        return (word, "");
    }
    let mut stem = word;
    for (suffix, left) in [("ies", 2), ("sses", 3), ("ches", 3), ("shes", 3), ("xes", 2)] {
        if let Some(base) = stem.strip_suffix(suffix).filter(|base| base.len() >= left) {
            let ending = match suffix {
                "ies" => "i",
                "sses" => "ss",
                "ches" => "ch",
                "shes" => "sh",
                _ => "x",
            };
            return (base, ending);
        }
    }
    if stem.ends_with('s') && !stem.ends_with("ss") && !stem.ends_with("us") && !stem.ends_with("is") {
        stem = stem.get(..stem.len() - 1).unwrap_or(stem);
    }
    for suffix in ["ing", "ed"] {
        if let Some(base) = stem.strip_suffix(suffix)
            && base.len() >= 3
            && base.contains(['a', 'e', 'i', 'o', 'u', 'y'])
        {
            stem = base;
            let mut tail = base.chars().rev();
            let (last, before) = (tail.next(), tail.next());
            if last == before && !matches!(last, Some('l' | 's' | 'z')) {
                stem = base.get(..base.len() - 1).unwrap_or(base);
            }
            break;
        }
    }
    let stem = stem.strip_suffix('e').filter(|base| base.len() >= 3).unwrap_or(stem);
    match stem.strip_suffix('y') {
        Some(base) if base.len() >= 2 => (base, "i"),
        _ => (stem, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let got: Vec<_> = read(text)
            .iter()
            .map(|word| {
                let kind = match word.kind {
                    Kind::Word => "w",
                    Kind::Stop => "s",
                    Kind::Negator => "n",
                    Kind::Literal => "l",
                    Kind::Number(_) => "#",
                    Kind::Comma => ",",
                };
                (kind, &text[word.at as usize..(word.at + word.len) as usize])
            })
            .collect();
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn words_and_what_they_are() {
        check(
            "the User_Name shall not log out, after 5 s",
            &[
                ("s", "the"),
                ("w", "User_Name"),
                ("s", "shall"),
                ("n", "not"),
                ("w", "log out"),
                (",", ","),
                ("w", "after"),
                ("#", "5 s"),
            ],
        );
        check("`a b` “c”", &[("l", "`a b`"), ("l", "“c”")]);
        check("削除しない", &[("w", "削除"), ("n", "しない")]);
        check("сервер не хранит", &[("w", "сервер"), ("n", "не"), ("w", "хранит")]);
    }

    #[test]
    fn stems_join_forms_and_keep_words_apart() {
        let check = |words: &str, same: bool| {
            let mut stems: Vec<String> = words.split_whitespace().map(stem).collect();
            stems.dedup();
            assert_eq!(stems.len() == 1, same, "{words}: {stems:?}");
        };
        check("store stores stored storing", true);
        check("display displays displayed displaying", true);
        check("notify notifies", true);
        check("process processes", true);
        check("stop stops stopped stopping", true);
        check("session sessions", true);
        check("status statu", false);
        check("open opt", false);
        check("user use", false);
    }

    #[test]
    fn opposites_are_looked_up_in_any_form() {
        let check = |a: &str, b: &str, expected: bool| {
            let of = |word: &str| lexicon().canonical(&stem(word));
            assert_eq!(lexicon().are_opposite(of(a), of(b)), expected, "{a} {b}");
        };
        check("enables", "disabled", true);
        check("shows", "hide", true);
        check("display", "hidden", true);
        check("accepts", "rejecting", true);
        check("enable", "hide", false);
        check("store", "stores", false);
    }
}

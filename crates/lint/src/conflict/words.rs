//! Text as comparable words: stems, quoted literals, numbers, negators. Knows no sentence and no rule.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::conflict::antonyms;
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
}

/// Words read from one text; what lies beyond is not compared. The longest real criterion has under 400.
pub(crate) const WORDS_MAX: usize = 600;

/// FNV-1a, enough to tell words apart and the same on every machine.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
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
        if let Some((found, used)) = quantity::read(text, &raw, index) {
            let first = raw.get(index + found.skip).unwrap_or(piece);
            let last = raw.get(index + used.saturating_sub(1)).unwrap_or(piece);
            out.push(Word {
                kind: Kind::Number(found.quantity),
                hash: found.quantity.dimension_hash(),
                at: first.at,
                len: (last.at + last.len).saturating_sub(first.at),
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
    let push = |out: &mut Vec<Piece>, rest: &str, len: usize, sort: Sort| {
        let at = text.len() - rest.len();
        out.push(Piece { at: at as u32, len: len as u32, sort });
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
            let known = lexicon().longest(rest);
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
    let word = |kind, hash, len| Some(Word { kind, hash, at: piece.at, len });
    let spelled = piece.of(text);
    match piece.sort {
        Sort::Quoted => {
            let inner = spelled.trim_matches(|c| "`\"“”„«»「」『』".contains(c)).trim();
            (word(Kind::Literal, mix(1, hash(&inner.to_lowercase())), piece.len), 1)
        }
        Sort::Digits => (word(Kind::Literal, mix(2, hash(spelled)), piece.len), 1),
        Sort::Sign => (
            match spelled {
                "," | ";" | "，" | "；" | "、" => word(Kind::Comma, 0, piece.len),
                _ => None,
            },
            1,
        ),
        Sort::Cjk => {
            if is_negator(spelled) {
                (word(Kind::Negator, hash("not"), piece.len), 1)
            } else if spelled.chars().all(is_particle) || is_stop(spelled) {
                (word(Kind::Stop, hash(spelled), piece.len), 1)
            } else {
                (word(Kind::Word, hash(spelled), piece.len), 1)
            }
        }
        Sort::Letters => {
            let lower = spelled.to_lowercase();
            let next = raw.get(index + 1).filter(|next| next.sort == Sort::Letters);
            let next_lower = next.map(|next| next.of(text).to_lowercase()).unwrap_or_default();
            if is_two_part(&lower, &next_lower) {
                let len = next.map_or(piece.len, |next| next.at + next.len - piece.at);
                return (word(Kind::Word, hash(&format!("{}{next_lower}", stem(&lower))), len), 2);
            }
            if is_negator(&lower) {
                return (word(Kind::Negator, hash("not"), piece.len), 1);
            }
            // `is on` is a state, `on the page` a place.
            let before = index.checked_sub(1).and_then(|before| raw.get(before)).map(|piece| piece.of(text));
            let is_state = lower == "on"
                && (next.is_none()
                    || before.is_some_and(|before| matches!(before, "is" | "are" | "be" | "set" | "to")));
            let kind = if is_stop(&lower) && !is_state { Kind::Stop } else { Kind::Word };
            let stem = stem(&lower);
            (word(kind, lexicon().canonical(&stem), piece.len), 1)
        }
    }
}

/// `log out`, `turn off`: the second word turns the meaning of the first.
fn is_two_part(first: &str, second: &str) -> bool {
    const FIRST: &[&str] = &[
        "log", "logs", "logged", "sign", "signs", "signed", "opt", "opts", "zoom", "turn", "turned",
        "switch", "time", "roll", "power", "check",
    ];
    FIRST.contains(&first) && matches!(second, "in" | "out" | "on" | "off" | "up" | "down")
}

/// Words that turn a sentence round.
pub(crate) fn is_negator(lower: &str) -> bool {
    const NEGATORS: &[&str] = &[
        "not",
        "never",
        "cannot",
        "can't",
        "don't",
        "doesn't",
        "won't",
        "shouldn't",
        "mustn't",
        "isn't",
        "aren't",
        "can’t",
        "don’t",
        "doesn’t",
        "won’t",
        "neither",
        "nor",
        "no",
        "without", // en
        "ない",
        "ません",
        "しない",
        "せず",
        "ずに",
        "してはならない",
        "てはならない",
        "してはいけない",
        "てはいけない",
        "ではならない",
        "なかった",
        "ものとしない", // ja
        "不",
        "不得",
        "不应",
        "不应该",
        "不应当",
        "不能",
        "不可",
        "不会",
        "不允许",
        "禁止",
        "不要",
        "未",
        "没有",
        "不該",
        "不應", // zh
        "않",
        "않아야",
        "않는다",
        "않고",
        "안",
        "못",
        "없",
        "금지", // ko
        "не",
        "нельзя",
        "запрещено",
        "без", // ru
        "nicht",
        "kein",
        "keine",
        "keinen",
        "nie",
        "niemals",
        "ohne", // de
        "não",
        "nunca",
        "jamás",
        "ne",
        "jamais",
        "sin",
        "sem",
        "sans", // pt es fr
        "không",
        "tidak",
        "jangan", // vi id
    ];
    NEGATORS.contains(&lower)
}

fn is_stop(lower: &str) -> bool {
    static STOP: OnceLock<std::collections::HashSet<&str>> = OnceLock::new();
    STOP.get_or_init(|| {
        "a an the of to in for and or on with by from at as into onto upon is are be been being was were am \
         that this these those it its it's they them their there here any each every such so than then also \
         shall must should will would can could may might has have had do does did which who whom whose what \
         via per if when while where whenever once given both either well between including e.g i.e etc \
         der die das ein eine einen den dem des und oder zu von mit für auf ist sind wird werden \
         el la los las un una unos unas de del y o en con por para que se es son \
         o os as um uma e do da dos das em na com por para que se \
         le les l une et ou du au aux dans avec pour que qui est sont pas \
         и в на с по для что это к или от \
         yang dan di ke dari untuk adalah và của cho là các \
         する した して される こと もの ため よう また および 及び または 应 应当 应该 必须 须 将 会 和 或 并 与 在 是 \
         cuando mientras quando enquanto wenn falls solange quand lorsque khi nếu ketika jika если когда пока \
         もし 当 如果 若 場合 とき 時に ならば 时 時 则 경우 \
         하다 한다 해야 하여야 및 또는"
            .split_whitespace()
            .collect()
    })
    .contains(lower)
}

/// The stem of an English word, roughly: enough that `stores`, `stored` and `storing` are one word. Words of other
/// languages lose at most an English-looking ending, on both sides of a comparison alike.
pub(crate) fn stem(lower: &str) -> String {
    let word = lower.strip_suffix("'s").or_else(|| lower.strip_suffix("’s")).unwrap_or(lower);
    if !word.is_ascii() || word.len() < 4 || word.contains(['_', '-']) {
        return word.to_string();
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
            return format!("{base}{ending}");
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
        Some(base) if base.len() >= 2 => format!("{base}i"),
        _ => stem.to_string(),
    }
}

/// Words with something to say about each other, looked up by the hash of their stem.
pub(crate) struct Lexicon {
    opposites: HashMap<u64, Vec<u64>>,
    class: HashMap<u64, u64>,
    same: HashMap<u64, u64>,
    cjk: HashMap<char, Vec<&'static str>>,
}

/// The lexicon, built at first use.
pub(crate) fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(Lexicon::build)
}

impl Lexicon {
    fn build() -> Lexicon {
        let mut lexicon = Lexicon {
            opposites: HashMap::new(),
            class: HashMap::new(),
            same: HashMap::new(),
            cjk: HashMap::new(),
        };
        let of = |word: &str| if word.is_ascii() { hash(&stem(word)) } else { hash(word) };
        for group in antonyms::SAME {
            let mut words = group.split_whitespace();
            let Some(first) = words.next() else { continue };
            for word in words {
                lexicon.same.insert(of(word), of(first));
            }
        }
        for (left, right) in antonyms::pairs() {
            let canonical = |word: &str| *lexicon.same.get(&of(word)).unwrap_or(&of(word));
            let (a, b) = (canonical(left), canonical(right));
            lexicon.opposites.entry(a).or_default().push(b);
            lexicon.opposites.entry(b).or_default().push(a);
        }
        let all: Vec<u64> = lexicon.opposites.keys().copied().collect();
        for start in all {
            // Everything that opposites lead to from here shares one class: the least hash among them.
            let mut reached = vec![start];
            let mut next = 0;
            while let Some(at) = reached.get(next).copied() {
                next += 1;
                for other in lexicon.opposites.get(&at).into_iter().flatten() {
                    if !reached.contains(other) {
                        reached.push(*other);
                    }
                }
            }
            let least = reached.iter().copied().min().unwrap_or(start);
            lexicon.class.insert(start, least);
        }
        for word in antonyms::cjk_words() {
            if let Some(first) = word.chars().next() {
                lexicon.cjk.entry(first).or_default().push(word);
            }
        }
        for words in lexicon.cjk.values_mut() {
            words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        }
        lexicon
    }

    /// The hash of a stem, or of the word that stands for all that mean the same.
    pub(crate) fn canonical(&self, stem: &str) -> u64 {
        let own = hash(stem);
        *self.same.get(&own).unwrap_or(&own)
    }

    /// Whether two words are opposites.
    pub(crate) fn are_opposite(&self, a: u64, b: u64) -> bool {
        self.opposites.get(&a).is_some_and(|others| others.contains(&b))
    }

    /// One hash for a word and all its opposites; its own when it has none.
    pub(crate) fn class(&self, hash: u64) -> u64 {
        *self.class.get(&hash).unwrap_or(&hash)
    }

    /// The length of the longest known word of a script without spaces at the start of `rest`.
    fn longest(&self, rest: &str) -> Option<usize> {
        let words = self.cjk.get(&rest.chars().next()?)?;
        words.iter().find(|word| rest.starts_with(**word)).map(|word| word.len())
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

//! What is known about words: roles in a sentence, opposites, words that say the same. Reads no text.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::OnceLock;

use crate::conflict::words::{hash, stem};
use crate::conflict::{antonyms, units};

/// Turns a sentence round.
pub(crate) const NEGATOR: u16 = 1;
/// An article, a preposition, a pronoun.
pub(crate) const STOP: u16 = 2;
/// A modal: `shall`, `must`.
pub(crate) const STRONG: u16 = 4;
/// A modal where no stronger one stands: `should`, `will`.
pub(crate) const WEAK: u16 = 8;
/// A modal and a negator in one.
pub(crate) const FORBIDS: u16 = 16;
/// Opens a condition.
pub(crate) const OPENER: u16 = 32;
/// Opens a subject.
pub(crate) const ARTICLE: u16 = 64;
/// Ends a condition.
pub(crate) const THEN: u16 = 128;
/// Opens a condition behind a response.
pub(crate) const TRAILING: u16 = 256;
/// Takes what looks like a condition for its object: `check if`.
pub(crate) const ASKS: u16 = 512;
/// Names nobody in particular.
pub(crate) const GENERIC: u16 = 1024;
/// May begin a comparison with a number.
pub(crate) const COMPARES: u16 = 2048;
/// The first of two words that are one: `log out`.
pub(crate) const TWO_PART: u16 = 4096;
/// Joins two obligations.
pub(crate) const JOINT: u16 = 8192;
/// A number in words.
pub(crate) const NUMBER: u16 = 16_384;

const ROLES: &[(u16, &str)] = &[
    (
        NEGATOR,
        "not never cannot can't don't doesn't won't shouldn't mustn't isn't aren't can’t don’t doesn’t won’t neither nor no without \
         ない ません しない せず ずに してはならない てはならない してはいけない てはいけない ではならない なかった ものとしない \
         不 不得 不应 不应该 不应当 不能 不可 不会 不允许 禁止 不要 未 没有 不該 不應 \
         않 않아야 않는다 않고 안 못 없 금지 \
         не нельзя запрещено без nicht kein keine keinen nie niemals ohne \
         não nunca jamás ne jamais sin sem sans không tidak jangan",
    ),
    (
        STOP,
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
         하다 한다 해야 하여야 및 또는",
    ),
    (
        STRONG,
        "shall must debe deberá deve deverá muss müssen soll doit devra должен должна должно должны phải harus 应 应当 \
         应该 必须 须",
    ),
    (WEAK, "should will 将 может"),
    (FORBIDS, "不得 不应 不应该 不应当 不允许 禁止 нельзя"),
    (
        OPENER,
        "when while if where whenever once after before given upon during unless for until as at on cuando si mientras \
         quando se enquanto wenn falls solange quand lorsque tant khi nếu ketika jika если когда пока при もし 当 如果 若",
    ),
    (ARTICLE, "the a an each every all el la o der die das le any no"),
    (THEN, "then 则 ならば тогда entonces então dann alors"),
    (TRAILING, "when if while unless until once whenever except"),
    (ASKS, "check checks verify determine detect know see decide and or explain state describe"),
    (
        GENERIC,
        "system application app software product tool it sistema système anwendung система システム 系统 系統 시스템 hệ \
         thống sistem",
    ),
    (TWO_PART, "log logs logged sign signs signed opt opts zoom turn turned switch time roll power check"),
    (
        NUMBER,
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen \
         eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred",
    ),
    (JOINT, "and or but y e und et и"),
];

/// What all negators are compared as.
pub(crate) fn not() -> u64 {
    hash("not")
}

/// Words with something to say about each other, looked up by the hash of their stem.
pub(crate) struct Lexicon {
    opposites: Table<Vec<u64>>,
    class: Table<u64>,
    same: Table<u64>,
    cjk: HashMap<char, Vec<&'static str>>,
    roles: Table<u16>,
}

/// A table whose keys are hashes already.
pub(crate) type Table<T> = HashMap<u64, T, BuildHasherDefault<Hashed>>;

/// Takes a hash for its own hash.
#[derive(Default)]
pub(crate) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |sum, byte| sum.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// The lexicon, built at first use.
pub(crate) fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(Lexicon::build)
}

impl Lexicon {
    fn build() -> Lexicon {
        let mut lexicon = Lexicon {
            opposites: Table::default(),
            class: Table::default(),
            same: Table::default(),
            cjk: HashMap::new(),
            roles: Table::default(),
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
        for (role, words) in ROLES {
            for word in words.split_whitespace() {
                *lexicon.roles.entry(hash(word)).or_default() |= role;
            }
        }
        for word in units::COMPARISONS.iter().filter_map(|(words, ..)| words.split(' ').next()) {
            *lexicon.roles.entry(hash(word)).or_default() |= COMPARES;
        }
        lexicon
    }

    /// What a word can do, by the hash of its lower-case form.
    pub(crate) fn roles(&self, hash: u64) -> u16 {
        self.roles.get(&hash).copied().unwrap_or(0)
    }

    /// The hash of a stem, or of the word that stands for all that mean the same.
    #[cfg(test)]
    pub(crate) fn canonical(&self, stem: &str) -> u64 {
        self.canonical_hash(hash(stem))
    }

    /// The same, from the hash of the stem.
    pub(crate) fn canonical_hash(&self, own: u64) -> u64 {
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
    pub(crate) fn longest(&self, rest: &str) -> Option<usize> {
        let words = self.cjk.get(&rest.chars().next()?)?;
        words.iter().find(|word| rest.starts_with(**word)).map(|word| word.len())
    }
}

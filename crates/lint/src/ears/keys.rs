//! The key words of EARS in the languages that write words apart. Chinese, Japanese and Korean stand in their own file.

use std::sync::OnceLock;

use crate::hash::Table;
use crate::language::Language;
use crate::words::Words;

/// What a key word does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    When,
    If,
    While,
    Where,
    ForAll,
    Given,
    Then,
    /// Demands; `true` when it is binding.
    Demand(bool),
    /// Demands that something does not happen, in one word or phrase: `darf nicht`, `cannot`.
    Forbid,
}

impl Key {
    pub(super) fn opens(self) -> bool {
        matches!(self, Key::When | Key::If | Key::While | Key::Where | Key::ForAll | Key::Given)
    }
}

struct Entry {
    words: Vec<&'static str>,
    key: Key,
    language: Language,
}

/// Longer phrases first, so that `trong khi` is no `khi`.
const PHRASES: &[(Language, Key, &str)] = &[
    (Language::English, Key::ForAll, "for all|for any|for every|for each"),
    (Language::English, Key::When, "when|whenever|as soon as|upon"),
    (Language::English, Key::If, "if"),
    (Language::English, Key::While, "while|as long as"),
    (Language::English, Key::Where, "where"),
    (Language::English, Key::Given, "given"),
    (Language::English, Key::Then, "then"),
    (Language::English, Key::Demand(true), "shall|must"),
    (Language::English, Key::Demand(false), "should|will|may|might|could"),
    (Language::Spanish, Key::While, "mientras|durante"),
    (Language::Spanish, Key::When, "cuando|al"),
    (Language::Spanish, Key::If, "si"),
    (Language::Spanish, Key::Where, "donde"),
    (Language::Spanish, Key::Then, "entonces"),
    (Language::Spanish, Key::Given, "dado"),
    (Language::Spanish, Key::Demand(true), "debe|deberá|deben|deberán|debera"),
    (Language::Portuguese, Key::While, "enquanto"),
    (Language::Portuguese, Key::When, "quando"),
    (Language::Portuguese, Key::If, "se|caso"),
    (Language::Portuguese, Key::Where, "onde"),
    (Language::Portuguese, Key::Then, "então|entao"),
    (Language::Portuguese, Key::Given, "dado"),
    (Language::Portuguese, Key::Demand(true), "deve|deverá|devem|deverão|devera"),
    (Language::German, Key::While, "während|solange"),
    (Language::German, Key::When, "wenn|sobald"),
    (Language::German, Key::If, "falls"),
    (Language::German, Key::Where, "wo|sofern"),
    (Language::German, Key::Then, "dann"),
    (Language::German, Key::Given, "angenommen|gegeben"),
    (Language::German, Key::Forbid, "darf nicht|dürfen nicht|darf kein|darf keine|darf"),
    (Language::German, Key::Demand(true), "muss|müssen|soll|sollen|muß"),
    (Language::French, Key::While, "tant que|pendant que|tandis que"),
    (Language::French, Key::When, "quand|lorsque|lorsqu'un|lorsqu'une|lorsqu'il|dès que"),
    (Language::French, Key::If, "si|s'il"),
    (Language::French, Key::Where, "où"),
    (Language::French, Key::Then, "alors"),
    (Language::French, Key::Given, "étant donné"),
    (Language::French, Key::Demand(true), "doit|doivent|devra|devront"),
    (Language::Indonesian, Key::While, "selama"),
    (Language::Indonesian, Key::When, "ketika|saat|apabila"),
    (Language::Indonesian, Key::If, "jika|bila"),
    (Language::Indonesian, Key::Where, "dimana"),
    (Language::Indonesian, Key::Then, "maka"),
    (Language::Indonesian, Key::Forbid, "tidak boleh"),
    (Language::Indonesian, Key::Demand(true), "harus|wajib"),
    (Language::Vietnamese, Key::While, "trong khi|trong lúc"),
    (Language::Vietnamese, Key::When, "khi"),
    (Language::Vietnamese, Key::If, "nếu"),
    (Language::Vietnamese, Key::Where, "ở đâu|nơi"),
    (Language::Vietnamese, Key::Then, "thì"),
    (Language::Vietnamese, Key::Forbid, "không được"),
    (Language::Vietnamese, Key::Demand(true), "phải"),
    (Language::Vietnamese, Key::Demand(false), "nên|sẽ"),
    (Language::Russian, Key::While, "пока"),
    (Language::Russian, Key::When, "когда|при"),
    (Language::Russian, Key::If, "если"),
    (Language::Russian, Key::Where, "где"),
    (Language::Russian, Key::Then, "тогда|то"),
    (Language::Russian, Key::Demand(true), "должна|должен|должно|должны|обязана|обязан"),
    (Language::Turkish, Key::If, "eğer"),
    (Language::Turkish, Key::Then, "o zaman"),
];

fn table() -> &'static Table<Vec<Entry>> {
    static TABLE: OnceLock<Table<Vec<Entry>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: Table<Vec<Entry>> = Table::default();
        for (language, key, phrases) in PHRASES {
            for phrase in phrases.split('|') {
                let words: Vec<&'static str> = phrase.split(' ').collect();
                let Some(first) = words.first() else { continue };
                table.entry(first).or_default().push(Entry { words, key: *key, language: *language });
            }
        }
        for entries in table.values_mut() {
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.words.len()));
        }
        table
    })
}

/// The key word that begins at a place, and how many words it has. A word of another language than the sentence counts
/// only in English, and then in any sentence.
pub(super) fn at(text: &str, words: &Words, index: usize, language: Language) -> Option<(Key, usize)> {
    let entries = table().get(words.lower_at(index))?;
    let mut fitting = entries
        .iter()
        .filter(|entry| entry.language == language || entry.language == Language::English)
        .filter(|entry| words.is_phrase(text, index, &entry.words));
    fitting.next().map(|entry| (entry.key, entry.words.len()))
}

/// Words behind a demand that turn it into its opposite.
pub(super) fn is_no(word: &str) -> bool {
    matches!(
        word,
        "not" | "never" | "no" | "não" | "nicht" | "kein" | "keine" | "pas" | "jamais" | "не" | "không"
    )
}

/// Words that stand before a demand to the same end: `no debe`, `não deve`, `не должна`, `ne doit`.
pub(super) fn is_no_before(word: &str) -> bool {
    matches!(word, "no" | "não" | "nao" | "не" | "ne" | "tidak" | "không")
}

/// The articles before a system's name.
pub(super) fn is_article(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "el"
            | "la"
            | "los"
            | "las"
            | "o"
            | "a"
            | "os"
            | "as"
            | "der"
            | "die"
            | "das"
            | "le"
            | "les"
            | "each"
            | "all"
            | "every"
            | "any"
            | "this"
            | "that"
            | "its"
    )
}

/// Words that join two clauses.
pub(super) fn is_and(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "or"
            | "but"
            | "y"
            | "o"
            | "e"
            | "ou"
            | "und"
            | "oder"
            | "et"
            | "dan"
            | "atau"
            | "và"
            | "и"
            | "ve"
    )
}

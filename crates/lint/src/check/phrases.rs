//! The word lists of the rules, language by language, and whether words are in one. Makes no finding.

use std::sync::OnceLock;

use crate::hash::Table;
use crate::language::Language;
use crate::words::Words;

/// What a word or phrase is listed for. A word can stand in several lists.
pub(super) const VAGUE: u32 = 1;
pub(super) const ESCAPE: u32 = 1 << 1;
pub(super) const OPEN_LIST: u32 = 1 << 2;
pub(super) const ABSOLUTE: u32 = 1 << 3;
pub(super) const TIMING: u32 = 1 << 4;
pub(super) const ABLE_TO: u32 = 1 << 5;
pub(super) const VERB: u32 = 1 << 6;
pub(super) const DETERMINER: u32 = 1 << 7;
pub(super) const OUTSIDE: u32 = 1 << 8;
pub(super) const FAILURE: u32 = 1 << 9;
const EVENT: u32 = 1 << 10;
const STATE: u32 = 1 << 11;

const ENGLISH: &[(u32, &str)] = &[
    (
        VAGUE,
        "easy|easily|simply|intuitive|intuitively|user-friendly|user friendly|efficient|efficiently|effective|effectively|\
         robust|robustly|seamless|seamlessly|smooth|smoothly|flexible|scalable|appropriate|appropriately|adequate|\
         adequately|sufficient|sufficiently|reasonable|reasonably|suitable|proper|properly|correctly|graceful|gracefully|\
         optimal|optimally|meaningful|significant|significantly|various|several|many|relevant|acceptable|responsive|\
         clearly|nice|performant|lightweight|convenient|reliable|reliably|high-quality|high quality|state of the art|\
         modern|visually appealing|attractive|noticeable|noticeably",
    ),
    (
        ESCAPE,
        "if possible|where possible|when possible|as far as possible|as much as possible|whenever possible|if practical|\
         if practicable|where practical|as appropriate|where appropriate|if appropriate|when appropriate|as needed|\
         if needed|when needed|where needed|if necessary|as necessary|when necessary|where necessary|as required|\
         to the extent possible|to the extent practical|best effort|as soon as possible|if desired",
    ),
    (
        OPEN_LIST,
        "etc|and so on|and so forth|such as|including but not limited to|including, but not limited to|among others|\
         and the like|or similar|for example|and more",
    ),
    (
        ABSOLUTE,
        "always|never|all possible|every possible|at all times|under all circumstances|in all cases|in every case|\
         any and all|guarantee|guarantees|100% of",
    ),
    (
        TIMING,
        "fast|faster|quickly|quick|immediately|instantly|instantaneously|promptly|rapidly|timely|real time|real-time|\
         near real-time|low latency|high performance|high load|heavy load|high throughput|good performance|\
         without delay|minimal delay|minimal latency",
    ),
    (ABLE_TO, "be able to|be capable of|have the ability to|have the capability to"),
    (
        VERB,
        "send|store|save|show|return|create|delete|remove|notify|emit|write|render|redirect|retry|raise|reject|provide|\
         skip|close|generate|validate|apply|add|append|publish|fetch|load|persist|refuse|cancel|discard|preserve|\
         restore|replace|mark|assign|calculate|compute|execute|invoke|install|ask|exit|log|display|update|record|\
         report|prompt|start|stop|set|open|continue",
    ),
    (DETERMINER, "the|a|an|its|their|each|all|any|that|this|these|no|to|with|without|from|for|it|them"),
    (
        OUTSIDE,
        "api|http|https|upload|uploads|download|downloads|fetch|fetches|database|authenticate|authenticates|\
         authentication|login|log in|sign in|payment|payments|network|import|imports|webhook|webhooks|endpoint|sync|\
         synchronize|synchronise|connect|connects|connection|email|emails|send|sends|parse|parses|save|saves|server|\
         request|requests|query|queries|s3|disk|read|reads|write|writes|external|remote|token|tokens|credentials",
    ),
    (
        FAILURE,
        "if|error|errors|fail|fails|failed|failing|failure|failures|invalid|unavailable|timeout|timeouts|times out|\
         timed out|reject|rejects|rejected|deny|denies|denied|denial|missing|retry|retries|retried|exceed|exceeds|\
         exceeded|unauthorized|unauthorised|unauthenticated|forbidden|cannot|unable|malformed|corrupt|corrupted|\
         unreachable|not found|not exist|exception|exceptions|warning|warn|warns|fallback|fall back|falls back|refuse|\
         refuses|abort|aborts|aborted|conflict|conflicts|expired|expires|lost|offline|interrupted|incorrect|wrong|\
         rollback|roll back|rolls back|blocked|absent|unexpected|unsuccessful|crash|crashes|non-zero|nonzero|degraded|\
         gracefully|otherwise|unless|stale|not available|unknown|unrecognized|unsupported|violation|violations|unhealthy|\
         recover|recovers|recovery|broken|limits|rate limit|rate limits",
    ),
    (
        EVENT,
        "clicks|click|presses|submits|selects|arrives|receives|occurs|is clicked|is pressed|is received|is submitted|\
         is selected|is triggered|is called|is invoked|completes|finishes|logs in|logs out|taps",
    ),
    (
        STATE,
        "is logged in|are logged in|is enabled|are enabled|is disabled|are disabled|is active|is inactive|is online|\
         is offline|is connected|is disconnected|is running|are running|is idle|is busy|is visible|is hidden|\
         is authenticated|are authenticated|is in progress|remains",
    ),
];

/// Vague words of other languages. A trailing `*` stands for any ending; Chinese, Japanese and Korean words count
/// anywhere.
const ELSEWHERE: &[(Language, &str)] = &[
    (
        Language::Japanese,
        "適切|適宜|十分な|柔軟|使いやすい|効率的|迅速|速やか|できるだけ|可能な限り|など|等の|わかりやすい|ユーザーフレンドリー",
    ),
    (Language::Chinese, "适当|合适|合理的|足够|灵活|高效|快速|尽快|尽可能|友好|易用|良好|等等|若干|便捷"),
    (Language::Korean, "적절|적당|충분|유연|효율적|신속|빠르게|가능한 한|사용하기 쉬|등등|직관적"),
    (
        Language::Russian,
        "быстр*|удобн*|эффективн*|надлежащ*|соответствующим|достаточн*|гибк*|интуитивн*|по возможности|при необходимости|\
         и т.д|и так далее",
    ),
    (
        Language::German,
        "schnell|zügig|einfach|benutzerfreundlich|intuitiv|effizient|angemessen*|geeignet*|ausreichend*|flexibel|robust|\
         gegebenenfalls|möglichst|wenn möglich|usw|etc",
    ),
    (
        Language::Spanish,
        "rápido|rápidamente|fácil|fácilmente|intuitivo|intuitiva|eficiente|adecuad*|apropiad*|suficiente|flexible|\
         robusto|si es posible|cuando sea posible|según sea necesario|etc",
    ),
    (
        Language::Portuguese,
        "rápido|rapidamente|fácil|facilmente|intuitivo|intuitiva|eficiente|adequad*|apropriad*|suficiente|flexível|\
         robusto|se possível|quando possível|conforme necessário|etc",
    ),
    (
        Language::French,
        "rapidement|rapide|facile|facilement|intuitif|intuitive|efficace|approprié*|adéquat*|suffisant*|flexible|\
         convivial*|si possible|si nécessaire|le cas échéant|etc",
    ),
    (
        Language::Vietnamese,
        "nhanh chóng|dễ dàng|thân thiện|hiệu quả|phù hợp|thích hợp|linh hoạt|nếu có thể|khi cần thiết|v.v",
    ),
    (
        Language::Indonesian,
        "cepat|mudah|intuitif|efisien|sesuai kebutuhan|memadai|fleksibel|ramah pengguna|jika memungkinkan|bila perlu|dll",
    ),
    (
        Language::Turkish,
        "hızlı|hızlıca|kolay|kolayca|kullanıcı dostu|verimli|uygun|yeterli|esnek|mümkünse|gerekirse|vb",
    ),
];

/// Placeholders that are none in English; `TBD`, `TBC` and `???` are known everywhere.
const PLACEHOLDERS: &[(Language, &str)] = &[
    (Language::English, "needs clarification|to be determined|to be decided|to be confirmed|to be defined"),
    (Language::Japanese, "未定|要確認|検討中|後で記入"),
    (Language::Chinese, "待定|待确认|待补充|未定"),
    (Language::Korean, "미정|추후 결정|확인 필요"),
    (Language::Russian, "уточнить|будет определено|не определено"),
    (Language::German, "noch offen|noch festzulegen|zu klären|wird noch"),
    (Language::Spanish, "por definir|por determinar|por confirmar"),
    (Language::Portuguese, "a definir|a determinar|por definir"),
    (Language::French, "à définir|à déterminer|à confirmer"),
    (Language::Vietnamese, "chưa xác định|sẽ xác định sau|cần làm rõ"),
    (Language::Indonesian, "akan ditentukan|belum ditentukan|perlu klarifikasi"),
    (Language::Turkish, "belirlenecek|kararlaştırılacak|netleştirilecek"),
];

/// A phrase that begins with a word, its words, and what it is listed for.
struct Phrase {
    words: Vec<&'static str>,
    lists: u32,
}

fn english() -> &'static Table<Vec<Phrase>> {
    static TABLE: OnceLock<Table<Vec<Phrase>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: Table<Vec<Phrase>> = Table::default();
        for (lists, phrases) in ENGLISH {
            for phrase in phrases.split('|') {
                let words: Vec<&'static str> =
                    phrase.split([' ', ',']).filter(|word| !word.is_empty()).collect();
                let Some(first) = words.first() else { continue };
                let known = table.entry(first).or_default();
                match known.iter_mut().find(|known| known.words == words) {
                    Some(known) => known.lists |= lists,
                    None => known.push(Phrase { words, lists: *lists }),
                }
            }
        }
        table
    })
}

/// The lists that a word or a phrase beginning with it stands in, and how many words the longest such phrase has.
pub(super) fn lists_at(words: &Words, index: usize) -> (u32, usize) {
    let Some(phrases) = english().get(words.lower_at(index)) else { return (0, 1) };
    let fits = |phrase: &&Phrase| {
        phrase.words.iter().enumerate().all(|(nth, word)| words.lower_at(index + nth) == *word)
    };
    phrases
        .iter()
        .filter(fits)
        .fold((0, 1), |(lists, longest), phrase| (lists | phrase.lists, longest.max(phrase.words.len())))
}

fn has(words: &Words, indices: &[usize], list: u32) -> bool {
    indices.iter().any(|index| lists_at(words, *index).0 & list != 0)
}

/// Whether a clause says that something is so, and nothing that happens. A clause of two halves says neither.
pub(super) fn is_state(words: &Words, indices: &[usize]) -> bool {
    let has_two_halves =
        indices.iter().any(|index| matches!(words.lower_at(*index), "and" | "or" | "then" | "but"));
    !has_two_halves && has(words, indices, STATE) && !has(words, indices, EVENT)
}

/// Whether a clause says that something happens.
pub(super) fn is_event(words: &Words, indices: &[usize]) -> bool {
    has(words, indices, EVENT)
}

/// Whether a clause speaks of something that goes wrong.
pub(super) fn is_failure(words: &Words, indices: &[usize]) -> bool {
    indices.iter().any(|index| {
        matches!(
            words.lower_at(*index),
            "fails" | "fail" | "error" | "failure" | "exception" | "timeout" | "crashes"
        )
    })
}

/// The first vague word of another language, as (offset, bytes) of the lower-case text.
pub(super) fn vague_elsewhere(language: Language, words: &Words) -> Option<(usize, usize)> {
    find(ELSEWHERE, language, words)
}

/// The first placeholder of that language, as (first word, words).
pub(super) fn placeholder(language: Language, words: &Words) -> Option<(usize, usize)> {
    find(PLACEHOLDERS, language, words)
}

/// The place of the first listed phrase, as (first word, count of words). In scripts without blanks it is the run of
/// characters that holds the phrase.
fn find(lists: &[(Language, &str)], language: Language, words: &Words) -> Option<(usize, usize)> {
    let (_, phrases) = lists.iter().find(|(known, _)| *known == language)?;
    let is_joined = matches!(language, Language::Japanese | Language::Chinese | Language::Korean);
    let fits = |index: usize, word: &str| {
        let said = words.list.get(index).is_some_and(|word| word.is_said());
        let have = words.lower_at(index);
        said && match word.strip_suffix('*') {
            Some(stem) => have.starts_with(stem),
            None if is_joined => have.contains(word),
            None => have == word,
        }
    };
    (0..words.list.len()).find_map(|index| {
        phrases.split('|').find_map(|phrase| {
            let mut count = 0;
            let is_there = phrase.split(' ').all(|word| {
                count += 1;
                fits(index + count - 1, word)
            });
            is_there.then_some((index, count))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_lists() {
        let lists = |text: &str| {
            let words = Words::of(text);
            (0..words.list.len()).fold(0, |all, index| all | lists_at(&words, index).0)
        };
        let check =
            |text: &str, list: u32, expected: bool| assert_eq!(lists(text) & list != 0, expected, "{text}");
        check("a user friendly page", VAGUE, true);
        check("a user page", VAGUE, false);
        check("as far as possible", ESCAPE, true);
        check("a, b, etc.", OPEN_LIST, true);
        check("the list is read", OUTSIDE, true);
    }

    #[test]
    fn lists_of_other_languages() {
        let check = |language: Language, text: &str, expected: bool| {
            assert_eq!(vague_elsewhere(language, &Words::of(text)).is_some(), expected, "{text}");
        };
        check(Language::Japanese, "システムは適切に表示する", true);
        check(Language::Japanese, "システムは「適切」を表示する", false);
        check(Language::Russian, "система должна быстро ответить", true);
        check(Language::German, "das System antwortet möglichst früh", true);
        check(Language::Vietnamese, "hệ thống phản hồi nhanh chóng", true);
        check(Language::English, "schnell", false);
        assert!(placeholder(Language::Spanish, &Words::of("el límite por definir")).is_some());
    }

    #[test]
    fn every_language_has_its_lists() {
        for (language, _) in ELSEWHERE {
            assert!(PLACEHOLDERS.iter().any(|(known, _)| known == language), "{language:?}");
        }
        assert_eq!(ELSEWHERE.len(), 11);
    }
}

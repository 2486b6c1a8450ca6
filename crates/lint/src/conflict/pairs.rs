//! Pairs of obligations that look alike, found without comparing all with all, and what is wrong with a pair. Proves
//! nothing: words look alike or they do not.

use crate::conflict::lexicon::{self, Table, lexicon};
use crate::conflict::quantity::{Compare, Quantity};
use crate::conflict::statement::{Statement, spelled};
use crate::conflict::words::{Kind, Word, mix};

/// Obligations that one rare word may lead to; those behind are not compared through this word. Only generated
/// documents have a rare word that often.
pub(crate) const POSTINGS_MAX: usize = 96;

/// Share of words that two responses must have in common to be looked at.
const RESPONSE_LIKE: f64 = 0.5;

/// Share of words that two conditions must have in common to be taken for one, when one of them says more.
const CONDITION_LIKE: f64 = 0.5;

/// Words of a response beside which one more is a detail.
const NEAR_WORDS: usize = 8;

/// How much alike two texts must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// Within one spec.
    Within,
    /// Between two specs, where equal words need not mean one thing: only equal conditions and equal responses.
    Across,
}

/// What is wrong with a pair.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Clash {
    /// Word for word the same.
    Duplicate,
    /// The same but for words that carry little.
    NearDuplicate,
    /// One forbids what the other asks for.
    Polarity,
    /// Two limits for one thing: as written in the first and in the second.
    Bound(String, String),
    /// The second asks always for what the first asks for on a condition, or the other way round when true.
    Always(bool),
    /// One thing is asked of two.
    Actors,
    /// Opposite words: as written in the first and in the second.
    Antonym(String, String),
}

/// An obligation with what comparisons need, worked out once.
pub(crate) struct Prepared<'s> {
    pub(crate) statement: &'s Statement,
    pub(crate) identity: u64,
    frame: Vec<u64>,
    condition: Vec<u64>,
}

impl<'s> Prepared<'s> {
    pub(crate) fn of(statement: &'s Statement) -> Prepared<'s> {
        Prepared {
            statement,
            identity: statement.identity(),
            frame: statement.frame(),
            condition: statement.condition(),
        }
    }
}

/// Pairs of positions whose responses share at least half of their words, the earlier first.
///
/// Each text is indexed under its rarest words only: two sets that share half of their words share one of the rarest
/// half of both (prefix filtering). With [`POSTINGS_MAX`] the work is linear in the number of texts.
pub(crate) fn alike(all: &[Prepared<'_>]) -> Vec<(usize, usize)> {
    let mut frequency: Table<u32> = Table::default();
    for word in all.iter().flat_map(|prepared| &prepared.frame) {
        *frequency.entry(*word).or_default() += 1;
    }
    let mut postings: Table<Vec<usize>> = Table::default();
    let mut seen = vec![usize::MAX; all.len()];
    let mut out = Vec::new();
    let mut ordered: Vec<u64> = Vec::new();
    for (index, prepared) in all.iter().enumerate() {
        ordered.clear();
        ordered.extend(&prepared.frame);
        ordered.sort_unstable_by_key(|word| (frequency.get(word).copied().unwrap_or(0), *word));
        let keep = ordered.len() - (RESPONSE_LIKE * ordered.len() as f64).ceil() as usize + 1;
        for word in ordered.iter().take(keep.min(ordered.len())) {
            let posting = postings.entry(*word).or_default();
            for other in posting.iter().copied() {
                let Some(mark) = seen.get_mut(other) else { continue };
                if *mark == index {
                    continue;
                }
                *mark = index;
                let likeness = all.get(other).map_or(0.0, |other| jaccard(&other.frame, &prepared.frame));
                if likeness >= RESPONSE_LIKE {
                    out.push((other, index));
                }
            }
            if posting.len() < POSTINGS_MAX {
                posting.push(index);
            }
        }
    }
    out
}

/// Pairs of positions with equal conditions and with responses that are equal but for values, opposites and negation:
/// all that [`Care::Across`] lets through, and much less than [`alike`] gives.
pub(crate) fn equal_frames(all: &[Prepared<'_>]) -> Vec<(usize, usize)> {
    let mut postings: Table<Vec<usize>> = Table::default();
    let mut out = Vec::new();
    for (index, prepared) in all.iter().enumerate() {
        let sum =
            prepared.frame.iter().chain(&[0]).chain(&prepared.condition).fold(0, |sum, word| mix(sum, *word));
        let posting = postings.entry(sum).or_default();
        out.extend(posting.iter().map(|other| (*other, index)));
        if posting.len() < POSTINGS_MAX {
            posting.push(index);
        }
    }
    out
}

/// What is wrong with a pair, if anything.
pub(crate) fn judge(a: &Prepared<'_>, b: &Prepared<'_>, care: Care) -> Option<Clash> {
    let (first, second) = (a.statement, b.statement);
    // Obligations of one criterion; in two specs, two criteria may stand at one place.
    let is_one = first.id == second.id && first.span == second.span && first.file == second.file;
    if care == Care::Within && is_one {
        return None;
    }
    if first.who != second.who {
        return actors(a, b);
    }
    if a.identity == b.identity {
        return Some(Clash::Duplicate);
    }
    let condition = conditions(a, b);
    let only = Only::of(&first.what, &second.what);
    let quantities = Quantities::of(first, second);
    let is_same_polarity = first.is_negated == second.is_negated;
    if condition == Conditions::OtherNumber
        && only.is_empty()
        && is_same_polarity
        && quantities == Quantities::Equal
    {
        return thresholds(first, second);
    }
    if let Some(second_is_always) = always(a, b)
        && care == Care::Within
        && only.is_empty()
        && is_same_polarity
        && quantities == Quantities::Equal
    {
        return Some(Clash::Always(second_is_always));
    }
    if matches!(condition, Conditions::Different | Conditions::OtherNumber)
        || care == Care::Across && condition != Conditions::Same
    {
        return None;
    }
    let one_sided = only.first.is_empty() || only.second.is_empty();
    let is_close = if care == Care::Across { only.is_empty() } else { one_sided };
    if !is_same_polarity {
        return (is_close && quantities == Quantities::Equal && negates(first, second, &only))
            .then_some(Clash::Polarity);
    }
    if let Some((left, right)) = only.opposites() {
        if collects(first, &left) || collects(second, &right) {
            return None;
        }
        let rest = only.without(left.hash, right.hash);
        let is_close = if care == Care::Across {
            rest.is_empty()
        } else {
            rest.first.is_empty() || rest.second.is_empty()
        };
        let said = (spelled(&first.text, &left).to_string(), spelled(&second.text, &right).to_string());
        return (is_close && quantities == Quantities::Equal).then_some(Clash::Antonym(said.0, said.1));
    }
    if condition != Conditions::Same {
        return None;
    }
    if !only.is_empty() {
        let is_near = quantities == Quantities::Equal && only.is_detail() && a.frame.len() >= NEAR_WORDS;
        return (is_near && care == Care::Within).then_some(Clash::NearDuplicate);
    }
    match quantities {
        Quantities::Contradict(left, right) => {
            let said = (spelled(&first.text, &left).to_string(), spelled(&second.text, &right).to_string());
            Some(Clash::Bound(said.0, said.1))
        }
        Quantities::Equal => Some(Clash::NearDuplicate),
        Quantities::Other => None,
    }
}

/// Which of two has no condition while the other has one; true for the second.
fn always(a: &Prepared<'_>, b: &Prepared<'_>) -> Option<bool> {
    let is_long = a.statement.what.len() >= ALWAYS_WORDS;
    (is_long && a.condition.is_empty() != b.condition.is_empty()).then_some(b.condition.is_empty())
}

/// Equal responses of fewer words say too little: `work`.
const ALWAYS_WORDS: usize = 2;

/// Equal responses of two actors with fewer words say too little: `show an error`.
const TELLING_WORDS: usize = 3;

/// Different words of a response that is hardly written twice by chance.
const UNLIKELY_WORDS: usize = 8;

/// The same under the same condition, but of two subjects that are both named.
fn actors(a: &Prepared<'_>, b: &Prepared<'_>) -> Option<Clash> {
    let (first, second) = (a.statement, b.statement);
    // Without a condition, to ask one short thing of two is how lists of parts are written.
    let is_same = a.condition == b.condition
        && (!a.condition.is_empty() || a.frame.len() >= UNLIKELY_WORDS)
        && first.what.len() >= TELLING_WORDS
        && first.is_negated == second.is_negated
        && Only::of(&first.what, &second.what).is_empty()
        && Quantities::of(first, second) == Quantities::Equal;
    (is_same && first.who != 0 && second.who != 0).then_some(Clash::Actors)
}

/// What is asked of more than two, always and in the same words: a list of parts, and no mistake.
pub(crate) struct Lists(Table<u32>);

impl Lists {
    pub(crate) fn of(all: &[Prepared<'_>]) -> Lists {
        let mut counts: Table<u32> = Table::default();
        for prepared in all.iter().filter(|prepared| prepared.condition.is_empty()) {
            *counts.entry(said(prepared)).or_default() += 1;
        }
        Lists(counts)
    }

    pub(crate) fn has(&self, prepared: &Prepared<'_>) -> bool {
        self.0.get(&said(prepared)).is_some_and(|count| *count > 2)
    }
}

/// A hash of the response without the one who gives it.
fn said(prepared: &Prepared<'_>) -> u64 {
    prepared.frame.iter().fold(u64::from(prepared.statement.is_negated), |sum, word| mix(sum, *word))
}

/// A `not` somewhere in a long response often belongs to a detail; then the rest has to be the same.
fn negates(first: &Statement, second: &Statement, only: &Only) -> bool {
    if first.inner_negators == 0 && second.inner_negators == 0 { true } else { only.is_empty() }
}

/// Whether the word is only an object of a response that may have many: `support searching for absent files` is no
/// contradiction to supporting a search for present ones.
fn collects(statement: &Statement, word: &Word) -> bool {
    let head = statement.what.first();
    head.is_some_and(|head| {
        let spelled = spelled(&statement.text, head);
        head.at != word.at && COLLECTING.iter().any(|known| known.eq_ignore_ascii_case(spelled))
    })
}

/// Verbs whose object is one of many.
const COLLECTING: &[&str] = &[
    "support",
    "provide",
    "include",
    "contain",
    "offer",
    "define",
    "have",
    "list",
    "document",
    "test",
    "cover",
    "handle",
    "expose",
    "implement",
    "verify",
    "check",
    "validate",
    "detect",
    "identify",
    "describe",
    "explain",
    "reference",
    "demonstrate",
    "assert",
    "confirm",
    "test",
    "state",
    "count",
    "report",
    "track",
];

/// How two conditions stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Conditions {
    Same,
    /// One says more than the other.
    Refines,
    /// The same words with other numbers.
    OtherNumber,
    /// Each says something that the other does not: two cases.
    Different,
}

fn conditions(a: &Prepared<'_>, b: &Prepared<'_>) -> Conditions {
    if a.condition == b.condition {
        return Conditions::Same;
    }
    let (only_a, only_b) = differences(&a.condition, &b.condition);
    if only_a.is_empty() != only_b.is_empty() {
        let more = if only_a.is_empty() { (&only_b, b) } else { (&only_a, a) };
        let is_exception = has_exception(more.1.statement) || more.0.contains(&lexicon::not());
        let is_like = jaccard(&a.condition, &b.condition) >= CONDITION_LIKE;
        return if is_like && !is_exception { Conditions::Refines } else { Conditions::Different };
    }
    let numbers = |statement: &Statement| {
        statement.when.iter().filter(|word| matches!(word.kind, Kind::Number(_))).count()
    };
    let is_number = only_a.len() == only_b.len()
        && only_a.len() <= numbers(a.statement)
        && numbers(a.statement) == numbers(b.statement)
        && words_of(a.statement) == words_of(b.statement);
    if is_number { Conditions::OtherNumber } else { Conditions::Different }
}

fn words_of(statement: &Statement) -> Vec<u64> {
    statement.when.iter().map(|word| word.hash).collect()
}

fn has_exception(statement: &Statement) -> bool {
    statement.when.iter().any(|word| {
        let word = spelled(&statement.text, word);
        ["unless", "except", "until", "only"].iter().any(|known| known.eq_ignore_ascii_case(word))
    })
}

/// One response, two thresholds: `when more than 3 fail` and `when more than 5 fail`.
fn thresholds(first: &Statement, second: &Statement) -> Option<Clash> {
    let numbers = |statement: &Statement| -> Vec<(Word, Quantity)> {
        let number = |word: &Word| match word.kind {
            Kind::Number(quantity) => Some((*word, quantity)),
            _ => None,
        };
        statement.when.iter().filter_map(number).collect()
    };
    numbers(first).into_iter().zip(numbers(second)).find_map(|((left, a), (right, b))| {
        // `when the module is 1` and `is 3` are two cases; `more than 3` and `more than 5` overlap.
        let is_limit = matches!(a.compare, Compare::AtLeast | Compare::AtMost) || !a.is_plain();
        let overlap = a.compare == b.compare && is_limit;
        (overlap && a.contradicts(&b)).then(|| {
            Clash::Bound(spelled(&first.text, &left).to_string(), spelled(&second.text, &right).to_string())
        })
    })
}

/// The words that only one of two responses has; numbers count by their dimension.
struct Only {
    first: Vec<Word>,
    second: Vec<Word>,
}

impl Only {
    fn of(first: &[Word], second: &[Word]) -> Only {
        let lacks = |words: &[Word], word: &Word| !words.iter().any(|other| other.hash == word.hash);
        Only {
            first: first.iter().filter(|word| lacks(second, word)).copied().collect(),
            second: second.iter().filter(|word| lacks(first, word)).copied().collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.first.is_empty() && self.second.is_empty()
    }

    /// One plain word that one of the two has more.
    fn is_detail(&self) -> bool {
        let (more, less) =
            if self.first.is_empty() { (&self.second, &self.first) } else { (&self.first, &self.second) };
        less.is_empty() && matches!(more.as_slice(), [word] if word.kind == Kind::Word)
    }

    fn opposites(&self) -> Option<(Word, Word)> {
        self.first.iter().find_map(|left| {
            let right = self.second.iter().find(|right| lexicon().are_opposite(left.hash, right.hash))?;
            Some((*left, *right))
        })
    }

    fn without(&self, left: u64, right: u64) -> Only {
        let keep =
            |words: &[Word], gone: u64| words.iter().filter(|word| word.hash != gone).copied().collect();
        Only { first: keep(&self.first, left), second: keep(&self.second, right) }
    }
}

/// How the numbers of two responses stand to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Quantities {
    Equal,
    Contradict(Word, Word),
    /// Not as many, or of another kind.
    Other,
}

impl Quantities {
    fn of(first: &Statement, second: &Statement) -> Quantities {
        let numbers = |statement: &Statement| -> Vec<(Word, Quantity)> {
            let number = |word: &Word| match word.kind {
                Kind::Number(quantity) => Some((*word, quantity)),
                _ => None,
            };
            statement.what.iter().filter_map(number).collect()
        };
        let (a, b) = (numbers(first), numbers(second));
        if a.len() != b.len() {
            return Quantities::Other;
        }
        let mut out = Quantities::Equal;
        for ((left, a), (right, b)) in a.into_iter().zip(b) {
            if a.dimension != b.dimension {
                return Quantities::Other;
            }
            if a.contradicts(&b) && out == Quantities::Equal {
                out = Quantities::Contradict(left, right);
            }
        }
        out
    }
}

/// What only one of two sorted sets has.
fn differences(a: &[u64], b: &[u64]) -> (Vec<u64>, Vec<u64>) {
    let only =
        |a: &[u64], b: &[u64]| a.iter().filter(|word| b.binary_search(word).is_err()).copied().collect();
    (only(a, b), only(b, a))
}

/// Shared elements over all elements of two sorted sets; 1 for two empty ones.
fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let shared = a.iter().filter(|word| b.binary_search(word).is_ok()).count();
    let all = a.len() + b.len() - shared;
    if all == 0 { 1.0 } else { shared as f64 / all as f64 }
}

#[cfg(test)]
#[path = "pairs_tests.rs"]
mod tests;

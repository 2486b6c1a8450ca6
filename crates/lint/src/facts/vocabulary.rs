//! The words that facts declare, and where a text uses them: phrases to atoms, texts to formulas over atoms. Asks no
//! solver.

use std::collections::HashMap;

use crate::conflict::quantity::{Compare, Quantity};
use crate::conflict::words::{self, Kind, hash, mix};
use crate::facts::{Fact, FactKind};

/// Something that is true or false at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Atom {
    /// A declared phrase, by its position in [`Vocabulary::phrases`].
    Phrase(u32),
    /// A declared enum has a value: positions of both.
    Value(u32, u32),
    /// A declared number is this or more: its position, and the bound.
    AtLeast(u32, i64),
    /// Words that no fact knows, taken as a whole.
    Unknown(u64),
}

/// A text in logic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Formula {
    /// An atom, or its opposite when false.
    Is(Atom, bool),
    /// All hold; true when there are none.
    All(Vec<Formula>),
    /// One holds at least; false when there are none.
    Any(Vec<Formula>),
}

impl Formula {
    /// The opposite.
    pub(crate) fn negate(self) -> Formula {
        match self {
            Formula::Is(atom, holds) => Formula::Is(atom, !holds),
            Formula::All(parts) => Formula::Any(parts.into_iter().map(Formula::negate).collect()),
            Formula::Any(parts) => Formula::All(parts.into_iter().map(Formula::negate).collect()),
        }
    }

    /// Every atom, once, in order.
    pub(crate) fn atoms(&self) -> Vec<Atom> {
        let mut out = Vec::new();
        self.collect(&mut out);
        out.sort_unstable();
        out.dedup();
        out
    }

    fn collect(&self, out: &mut Vec<Atom>) {
        match self {
            Formula::Is(atom, _) => out.push(*atom),
            Formula::All(parts) | Formula::Any(parts) => parts.iter().for_each(|part| part.collect(out)),
        }
    }
}

/// What a text means as far as facts say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// The text in logic, unknown words as atoms of their own.
    pub(crate) formula: Formula,
    /// Some word belongs to no fact.
    pub(crate) has_rest: bool,
    /// `and` and `or` are mixed, so that the text can be read in two ways; then all of it is one unknown atom.
    pub(crate) is_unclear: bool,
}

/// A declared number.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) name: String,
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) unit: Option<String>,
    dimension: u64,
    factor: f64,
}

/// A declared enum.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) name: String,
    pub(crate) values: Vec<String>,
}

/// Words, and those that stand for them.
type Rewrite = (Vec<u64>, Vec<u64>);

/// What a sequence of words stands for.
#[derive(Clone, Copy, Debug)]
enum Target {
    Atom(Atom),
    /// The name of a number; a quantity must stand beside it.
    Number(u32),
}

/// All that the facts of a spec can be recognised by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    pub(crate) choices: Vec<Choice>,
    pub(crate) numbers: Vec<Number>,
    pub(crate) phrases: Vec<String>,
    /// By the first word; the longest first.
    by_first: HashMap<u64, Vec<(Vec<u64>, Target)>>,
    /// Ways to say one thing, by the first word: the words and those that stand for them.
    same: HashMap<u64, Vec<Rewrite>>,
}

/// The dimension and size of a unit as the criteria's quantities have it.
pub(crate) fn unit(name: &str) -> Option<(u64, f64)> {
    words::read(&format!("1 {name}")).into_iter().find_map(|word| match word.kind {
        Kind::Number(quantity) if quantity.dimension != hash("count") => {
            Some((quantity.dimension, quantity.low))
        }
        _ => None,
    })
}

/// Whether nothing in a text could be recognised again.
pub(crate) fn is_wordless(text: &str) -> bool {
    !tokens(text).iter().any(|token| matches!(token, Token::Word(_) | Token::Number(_)))
}

/// A word as facts see it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    Word(u64),
    Number(Quantity),
    Not,
    And,
    Or,
    Unless,
}

/// Words that join two conditions that both hold.
const JOINTS: &[&str] = &["and", "when", "while", "where", "if", "whenever", "with"];

/// Words that change nothing about what is done.
const ADVERBS: &[&str] = &["immediately", "automatically", "also", "always", "instead"];

/// Words behind an act that limit it: `allow the request only after review` does not say that it is allowed.
const LIMITS: &[&str] = &["only", "after", "until", "before", "except", "once", "than", "instead", "unless"];

fn tokens(text: &str) -> Vec<Token> {
    // A value may stand in quotes in one place and bare in another.
    let bare: String = text.chars().map(|c| if "`\"“”„«»「」『』".contains(c) { ' ' } else { c }).collect();
    let found = words::read(&bare);
    let mut out = Vec::with_capacity(found.len());
    for word in found {
        let spelled = bare.get(word.at as usize..(word.at + word.len) as usize).unwrap_or_default();
        out.push(match word.kind {
            Kind::Negator => Token::Not,
            Kind::Number(quantity) => Token::Number(quantity),
            Kind::Comma => Token::And,
            Kind::Stop if spelled.eq_ignore_ascii_case("or") => Token::Or,
            Kind::Stop if JOINTS.iter().any(|joint| spelled.eq_ignore_ascii_case(joint)) => Token::And,
            Kind::Word if ADVERBS.iter().any(|adverb| spelled.eq_ignore_ascii_case(adverb)) => continue,
            Kind::Stop => continue,
            _ if spelled.eq_ignore_ascii_case("unless") => Token::Unless,
            _ => Token::Word(word.hash),
        });
    }
    out
}

fn word_hashes(text: &str) -> Vec<u64> {
    let hash = |token| match token {
        Token::Word(hash) => Some(hash),
        Token::Number(quantity) => Some(quantity.value_hash()),
        _ => None,
    };
    tokens(text).into_iter().filter_map(hash).collect()
}

impl Vocabulary {
    /// The vocabulary of facts. Suggested ones are left out unless asked for.
    pub(crate) fn of(facts: &[Fact], with_suggested: bool) -> Vocabulary {
        let used = || facts.iter().filter(|fact| with_suggested || !fact.is_suggested);
        let mut out = Vocabulary::default();
        for fact in used() {
            match &fact.kind {
                FactKind::Same(phrases) => out.add_same(phrases),
                FactKind::Enum { name, values } => {
                    out.choices.push(Choice { name: name.clone(), values: values.clone() });
                }
                FactKind::Number { name, low, high, unit: written } => {
                    let (dimension, factor) =
                        written.as_deref().and_then(unit).unwrap_or((hash("count"), 1.0));
                    let (name, unit) = (name.clone(), written.clone());
                    out.numbers.push(Number { name, low: *low, high: *high, unit, dimension, factor });
                }
                FactKind::Exclusive(_) | FactKind::Always(..) => {}
            }
        }
        out.add_names();
        for fact in used() {
            match &fact.kind {
                FactKind::Exclusive(phrases) => phrases.iter().for_each(|phrase| out.add_phrase(phrase)),
                FactKind::Always(before, after) => {
                    before.iter().chain(after).for_each(|phrase| out.add_phrase(phrase));
                }
                FactKind::Enum { .. } | FactKind::Number { .. } | FactKind::Same(_) => {}
            }
        }
        out.sort();
        out
    }

    fn add_same(&mut self, phrases: &[String]) {
        let mut all = phrases.iter().map(|phrase| word_hashes(phrase));
        let Some(first) = all.next() else { return };
        for words in all {
            let Some(start) = words.first().copied() else { continue };
            self.same.entry(start).or_default().push((words, first.clone()));
        }
    }

    fn add_names(&mut self) {
        let mut found = Vec::new();
        for (at, choice) in self.choices.iter().enumerate() {
            let name = self.rewritten(word_hashes(&choice.name));
            for (value_at, value) in choice.values.iter().enumerate() {
                let value = self.rewritten(word_hashes(value));
                let target = Target::Atom(Atom::Value(at as u32, value_at as u32));
                found.push(([name.clone(), value.clone()].concat(), target));
                found.push(([value, name.clone()].concat(), target));
            }
        }
        for (at, number) in self.numbers.iter().enumerate() {
            found.push((self.rewritten(word_hashes(&number.name)), Target::Number(at as u32)));
        }
        for (words, target) in found {
            self.add(words, target);
        }
        self.sort();
    }

    /// A phrase of an `exclusive` or an `always` that says nothing about an enum or a number.
    fn add_phrase(&mut self, phrase: &str) {
        let meaning = self.meaning(phrase);
        if !meaning.has_rest && !meaning.is_unclear {
            return;
        }
        // `not` belongs to the use and not to the phrase.
        let words = self.rewritten(word_hashes(phrase));
        let target = Target::Atom(Atom::Phrase(self.phrases.len() as u32));
        self.phrases.push(phrase.to_string());
        self.add(words, target);
        self.sort();
    }

    fn add(&mut self, words: Vec<u64>, target: Target) {
        if let Some(first) = words.first().copied() {
            self.by_first.entry(first).or_default().push((words, target));
        }
    }

    fn sort(&mut self) {
        for entries in self.by_first.values_mut() {
            entries.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        for entries in self.same.values_mut() {
            entries.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
    }

    /// The words with every way to say a thing replaced by the first way.
    fn rewritten(&self, words: Vec<u64>) -> Vec<u64> {
        let tokens: Vec<Token> = words.into_iter().map(Token::Word).collect();
        let word = |token| match token {
            Token::Word(word) => Some(word),
            _ => None,
        };
        self.rewrite(tokens).into_iter().filter_map(word).collect()
    }

    fn rewrite(&self, tokens: Vec<Token>) -> Vec<Token> {
        if self.same.is_empty() {
            return tokens;
        }
        let mut out = Vec::with_capacity(tokens.len());
        let mut index = 0;
        while let Some(token) = tokens.get(index) {
            let entries = if let Token::Word(word) = token { self.same.get(word) } else { None };
            let fits = |words: &[u64]| {
                words.iter().enumerate().all(|(at, word)| tokens.get(index + at) == Some(&Token::Word(*word)))
            };
            match entries.into_iter().flatten().find(|(words, _)| fits(words)) {
                Some((words, first)) => {
                    out.extend(first.iter().map(|word| Token::Word(*word)));
                    index += words.len();
                }
                None => {
                    out.push(*token);
                    index += 1;
                }
            }
        }
        out
    }

    /// A subject's key with every way to say it replaced by the first.
    pub(crate) fn subject(&self, written: &str, key: u64) -> u64 {
        if self.same.is_empty() || key == 0 {
            return key;
        }
        self.rewritten(word_hashes(written)).into_iter().fold(0, mix)
    }

    /// What a condition says in these words.
    pub(crate) fn meaning(&self, text: &str) -> Meaning {
        self.read(text, Slot::Condition)
    }

    /// What a response says in these words: acts that begin it or follow an `and`, whatever is said behind them.
    pub(crate) fn response(&self, text: &str) -> Meaning {
        self.read(text, Slot::Response)
    }

    fn read(&self, text: &str, slot: Slot) -> Meaning {
        let tokens = self.rewrite(tokens(text));
        let split = tokens.iter().position(|token| *token == Token::Unless);
        let (before, after) = tokens.split_at(split.unwrap_or(tokens.len()));
        let mut out = self.part(before, slot);
        if let Some((_, after)) = after.split_first() {
            let exception = self.part(after, slot);
            out = Meaning {
                formula: Formula::All(vec![out.formula, exception.formula.negate()]),
                has_rest: out.has_rest || exception.has_rest,
                is_unclear: out.is_unclear || exception.is_unclear,
            };
        }
        out
    }

    fn part(&self, tokens: &[Token], slot: Slot) -> Meaning {
        let items = self.items(tokens);
        let has_or = items.iter().any(|item| matches!(item, Item::Or));
        let has_and = items.iter().any(|item| matches!(item, Item::And));
        let has_rest = items.iter().any(|item| matches!(item, Item::Rest(..)));
        let parts: Vec<&[Item]> = items.split(|item| matches!(item, Item::Or | Item::And)).collect();
        if has_or && has_and {
            let whole = tokens.iter().fold(7, |sum, token| mix(sum, token_hash(token)));
            let formula = Formula::Is(Atom::Unknown(whole), true);
            return Meaning { formula, has_rest: true, is_unclear: true };
        }
        let mut parts: Vec<Formula> =
            parts.into_iter().filter(|part| !part.is_empty()).map(|part| segment(part, slot)).collect();
        let formula = match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                if has_or { Formula::Any(parts) } else { Formula::All(parts) }
            }
        };
        Meaning { formula, has_rest, is_unclear: false }
    }

    fn items(&self, tokens: &[Token]) -> Vec<Item> {
        let mut out: Vec<Item> = Vec::new();
        let mut index = 0;
        let mut negated = false;
        while let Some(token) = tokens.get(index) {
            match token {
                Token::Not => {
                    negated = !negated;
                    index += 1;
                    continue;
                }
                Token::And => out.push(Item::And),
                Token::Or => out.push(Item::Or),
                Token::Unless => {}
                Token::Word(_) | Token::Number(_) => {
                    if let Some((formula, used)) = self.atom_at(tokens, index) {
                        let words = tokens.get(index..index + used).unwrap_or_default();
                        let sum =
                            words.iter().fold(u64::from(negated), |sum, token| mix(sum, token_hash(token)));
                        out.push(Item::Known(if negated { formula.negate() } else { formula }, sum));
                        index += used;
                    } else {
                        let rest = mix(token_hash(token), u64::from(negated));
                        let is_limit = matches!(token, Token::Word(word) if is_limit(*word));
                        match out.last_mut() {
                            Some(Item::Rest(sum, limits)) => {
                                (*sum, *limits) = (mix(*sum, rest), *limits || is_limit)
                            }
                            _ => out.push(Item::Rest(mix(5, rest), is_limit)),
                        }
                        index += 1;
                    }
                    negated = false;
                    continue;
                }
            }
            negated = false;
            index += 1;
        }
        // Joints at the ends and doubled ones join nothing.
        let mut joined: Vec<Item> = Vec::with_capacity(out.len());
        for item in out {
            match (&item, joined.last()) {
                (Item::And | Item::Or, None) | (Item::And, Some(Item::And | Item::Or)) => {}
                (Item::Or, Some(Item::And | Item::Or)) => {
                    joined.pop();
                    joined.push(Item::Or);
                }
                _ => joined.push(item),
            }
        }
        while matches!(joined.last(), Some(Item::And | Item::Or)) {
            joined.pop();
        }
        joined
    }

    /// The declared atom whose words begin at `index`, and how many tokens it takes.
    fn atom_at(&self, tokens: &[Token], index: usize) -> Option<(Formula, usize)> {
        if let Some(Token::Number(quantity)) = tokens.get(index)
            && let Some((Target::Number(number), used, _)) = self.longest(tokens, index + 1, false)
            && let Some(limit) = self.limit(number, quantity)
        {
            return Some((limit, used + 1));
        }
        let (target, mut used, negated) = self.longest(tokens, index, true)?;
        let mut formula = match target {
            Target::Atom(atom @ Atom::Value(choice, _)) => {
                let mut any = vec![Formula::Is(atom, true)];
                // `Plan is free or pro`
                while let Some((value, more)) = self.another_value(choice, tokens, index + used) {
                    any.push(Formula::Is(value, true));
                    used += more;
                }
                if any.len() == 1 { Formula::Is(atom, true) } else { Formula::Any(any) }
            }
            Target::Atom(atom) => Formula::Is(atom, true),
            Target::Number(number) => {
                let Some(Token::Number(quantity)) = tokens.get(index + used) else { return None };
                used += 1;
                self.limit(number, quantity)?
            }
        };
        if negated {
            formula = formula.negate();
        }
        Some((formula, used))
    }

    /// The longest declared sequence at `index`; negators inside it count and are skipped.
    fn longest(&self, tokens: &[Token], index: usize, inside: bool) -> Option<(Target, usize, bool)> {
        let first = match tokens.get(index)? {
            Token::Word(first) => *first,
            Token::Number(quantity) => quantity.value_hash(),
            _ => return None,
        };
        self.by_first.get(&first)?.iter().find_map(|(words, target)| {
            let (mut at, mut negated) = (index, false);
            for word in words {
                while inside && at > index && tokens.get(at) == Some(&Token::Not) {
                    negated = !negated;
                    at += 1;
                }
                // `request with a token` may be one phrase, though `with` joins elsewhere.
                if at > index
                    && matches!(target, Target::Atom(Atom::Phrase(_)))
                    && tokens.get(at) == Some(&Token::And)
                {
                    at += 1;
                }
                let fits = match tokens.get(at) {
                    Some(Token::Word(found)) => found == word,
                    Some(Token::Number(quantity)) => quantity.value_hash() == *word,
                    _ => false,
                };
                if !fits {
                    return None;
                }
                at += 1;
            }
            Some((*target, at - index, negated))
        })
    }

    fn another_value(&self, choice: u32, tokens: &[Token], index: usize) -> Option<(Atom, usize)> {
        let joint =
            tokens.get(index..)?.iter().take_while(|token| matches!(token, Token::Or | Token::And)).count();
        let has_or = tokens.get(index..)?.iter().take(VALUES_APART_MAX).any(|token| *token == Token::Or);
        if joint == 0 || !has_or {
            return None;
        }
        let values = &self.choices.get(choice as usize)?.values;
        values.iter().enumerate().find_map(|(at, value)| {
            let words = self.rewritten(word_hashes(value));
            let fits = words
                .iter()
                .enumerate()
                .all(|(at, word)| tokens.get(index + joint + at) == Some(&Token::Word(*word)));
            (fits && !words.is_empty()).then(|| (Atom::Value(choice, at as u32), joint + words.len()))
        })
    }

    /// A limit on a declared number; `None` when it is measured in something else.
    fn limit(&self, number: u32, quantity: &Quantity) -> Option<Formula> {
        let declared = self.numbers.get(number as usize)?;
        if declared.dimension != quantity.dimension {
            return None;
        }
        let (low, high) = (quantity.low / declared.factor, quantity.high / declared.factor);
        let at_least = |bound: f64| Formula::Is(Atom::AtLeast(number, bound as i64), true);
        let at_most = |bound: f64| Formula::Is(Atom::AtLeast(number, bound as i64 + 1), false);
        let (up, down) = if quantity.strict {
            ((low.floor() + 1.0), (high.ceil() - 1.0))
        } else {
            (low.ceil(), high.floor())
        };
        Some(match quantity.compare {
            Compare::AtLeast => at_least(up),
            Compare::AtMost => at_most(down),
            Compare::Exactly | Compare::Range => {
                Formula::All(vec![at_least(low.ceil()), at_most(high.floor())])
            }
        })
    }

    /// An atom in words.
    pub(crate) fn words(&self, atom: Atom, holds: bool) -> String {
        let not = if holds { "" } else { "not " };
        match atom {
            Atom::Phrase(at) => {
                format!("{not}{}", self.phrases.get(at as usize).map(String::as_str).unwrap_or_default())
            }
            Atom::Value(choice, value) => {
                let Some(choice) = self.choices.get(choice as usize) else { return String::new() };
                let value = choice.values.get(value as usize).map(String::as_str).unwrap_or_default();
                format!("{} is {not}{value}", choice.name)
            }
            Atom::AtLeast(number, bound) => {
                let Some(number) = self.numbers.get(number as usize) else { return String::new() };
                let unit = number.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
                let (word, bound) = if holds { ("at least", bound) } else { ("at most", bound - 1) };
                format!("{} is {word} {bound}{unit}", number.name)
            }
            Atom::Unknown(_) => String::new(),
        }
    }
}

/// Tokens in which an `or` has to come for a list of values: `free, pro or enterprise`.
const VALUES_APART_MAX: usize = 40;

enum Item {
    /// In logic, and a sum of its words.
    Known(Formula, u64),
    /// A sum of the words, and whether one of them limits an act.
    Rest(u64, bool),
    And,
    Or,
}

/// What a text is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Condition,
    Response,
}

/// Words between two joints. Known words with unknown ones beside them prove nothing (`fails to open the session`), so
/// they are one unknown thing; only a response may go on behind its act.
fn segment(items: &[Item], slot: Slot) -> Formula {
    let is_known = |item: &Item| matches!(item, Item::Known(..));
    let limits = |item: &Item| matches!(item, Item::Rest(_, true));
    let known = items.iter().take_while(|item| is_known(item)).count();
    let is_act = slot == Slot::Response
        && known > 0
        && !items.iter().any(limits)
        && !items.iter().skip(known).any(is_known);
    let sum = items.iter().fold(9, |sum, item| match item {
        Item::Known(_, words) | Item::Rest(words, _) => mix(sum, *words),
        Item::And | Item::Or => sum,
    });
    let unknown = Formula::Is(Atom::Unknown(sum), true);
    if known < items.len() && !is_act {
        return unknown;
    }
    let formula = |item: &Item| if let Item::Known(formula, _) = item { Some(formula.clone()) } else { None };
    let mut parts: Vec<Formula> = items.iter().filter_map(formula).collect();
    if known < items.len() {
        parts.push(unknown);
    }
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            Formula::All(parts)
        }
    }
}

fn is_limit(word: u64) -> bool {
    static LIMIT: std::sync::OnceLock<Vec<u64>> = std::sync::OnceLock::new();
    LIMIT
        .get_or_init(|| LIMITS.iter().map(|word| words::lexicon().canonical(&words::stem(word))).collect())
        .contains(&word)
}

fn token_hash(token: &Token) -> u64 {
    match token {
        Token::Word(word) => *word,
        Token::Number(quantity) => quantity.value_hash(),
        Token::Not => 11,
        Token::And => 12,
        Token::Or => 13,
        Token::Unless => 14,
    }
}

#[cfg(test)]
#[path = "vocabulary_tests.rs"]
mod tests;

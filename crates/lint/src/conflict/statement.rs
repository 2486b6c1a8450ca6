//! A criterion cut into slots: when, who, whether, what. Light and without a grammar: key words of English and ten
//! other languages. Judges nothing.

use std::ops::Range;

use spec::Span;

use crate::conflict::lexicon::{self, lexicon};
use crate::conflict::words::{self, Kind, Word, mix};

/// One obligation. A criterion with two modals gives two.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The criterion's id.
    pub id: String,
    /// The document's file name.
    pub file: String,
    /// The criterion, in bytes of the document.
    pub span: Span,
    /// The text that the words count in: the criterion on one line.
    pub(crate) text: String,
    /// Words before the obligation and conditions behind it.
    pub(crate) when: Vec<Word>,
    /// The one who is obliged; 0 for nobody in particular and for `the system`.
    pub(crate) who: u64,
    /// The subject as written, for a glossary and for messages.
    pub(crate) subject: String,
    /// What is to be done, negators left out.
    pub(crate) what: Vec<Word>,
    /// Where `when` stands in `text`, in bytes: before the obligation, and behind it.
    pub(crate) when_at: [(u32, u32); 2],
    /// Where `what` stands in `text`, in bytes, negators included.
    pub(crate) what_at: (u32, u32),
    /// `SHALL NOT`, whatever the response says.
    pub(crate) is_forbidden: bool,
    /// `SHALL NOT`, or an odd number of negators in the response.
    pub(crate) is_negated: bool,
    /// Negators in the response that are not at the modal; `display no data` has one.
    pub(crate) inner_negators: u8,
    /// Holds when the criterion is one of several obligations in a text.
    pub(crate) part: u8,
}

/// Obligations read from one criterion.
const PARTS_MAX: usize = 4;

/// Bytes of a criterion that are looked at.
const TEXT_BYTES_MAX: usize = 4_000;

/// The obligations of a criterion, in order.
pub(crate) fn read(id: &str, file: &str, span: Span, text: &str) -> Vec<Statement> {
    let text = one_line(text);
    let found = words::read(&text);
    let view = View { text: &text, words: &found };
    let modals = view.modals();
    let mut out = Vec::new();
    let mut subject = 0..0;
    let mut when_head = 0..0;
    if modals.is_empty() {
        let body = view.imperative(&mut when_head);
        out.push(view.statement(&when_head, 0..0, body, false));
    }
    for (at, modal) in modals.iter().enumerate().take(PARTS_MAX) {
        let before = at.checked_sub(1).and_then(|at| modals.get(at)).map(|modal| modal.end);
        if let Some(before) = before {
            let between = view.after_joint(before..modal.start);
            if !between.is_empty() && !view.is_pronoun(&between) {
                (when_head, subject) = view.head(between, when_head);
            }
        } else {
            (when_head, subject) = view.head(0..modal.start, 0..0);
        }
        let end = match modals.get(at + 1) {
            Some(next) => view.after_joint(modal.end..next.start).start,
            None => found.len(),
        };
        out.push(view.statement(&when_head, subject.clone(), modal.end..end, modal.negated));
    }
    for (part, statement) in out.iter_mut().enumerate() {
        statement.id = id.to_string();
        statement.file = file.to_string();
        statement.span = span;
        statement.part = part as u8;
        statement.text.clone_from(&text);
    }
    out
}

fn one_line(text: &str) -> String {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = text.get(..end).unwrap_or_default();
    let mut out = String::with_capacity(cut.len());
    for c in cut.chars() {
        match c {
            '*' => {}
            '\n' | '\r' | '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Where a modal stands: words `start..end`, its negator included.
struct Modal {
    start: usize,
    end: usize,
    negated: bool,
}

struct View<'t> {
    text: &'t str,
    words: &'t [Word],
}

impl<'t> View<'t> {
    fn spelled(&self, index: usize) -> &'t str {
        self.words.get(index).map(|word| spelled(self.text, word)).unwrap_or_default()
    }

    fn can(&self, index: usize, role: u16) -> bool {
        self.words.get(index).is_some_and(|word| word.roles & role != 0)
    }

    fn is(&self, index: usize, words: &[&str]) -> bool {
        let spelled = self.spelled(index);
        words.iter().any(|word| word.eq_ignore_ascii_case(spelled))
    }

    fn kind(&self, index: usize) -> Option<Kind> {
        self.words.get(index).map(|word| word.kind)
    }

    fn modals(&self) -> Vec<Modal> {
        let mut out: Vec<Modal> = Vec::new();
        let has_strong = self.words.iter().any(|word| word.roles & lexicon::STRONG != 0);
        let modal = if has_strong { lexicon::STRONG } else { lexicon::WEAK };
        for index in 0..self.words.len() {
            let is_modal = self.can(index, modal);
            let is_relative =
                index > 0 && self.is(index - 1, &["that", "which", "who", "it"]) && !out.is_empty();
            if self.can(index, lexicon::FORBIDS) {
                out.push(Modal { start: index, end: index + 1, negated: true });
                continue;
            }
            if !is_modal || is_relative || matches!(self.kind(index), Some(Kind::Literal)) {
                continue;
            }
            let mut end = index + 1;
            // `no debe`, `ne doit`: the negator stands before.
            let before = index > 0 && self.kind(index - 1) == Some(Kind::Negator);
            let start = if before { index - 1 } else { index };
            let behind =
                self.kind(end) == Some(Kind::Negator) && !self.is(end, &["no", "without", "sin", "ohne"]);
            end += usize::from(behind);
            // The idiom of bug analyses; in lower case it is a verb that can be contradicted.
            if self.spelled(end) == "CONTINUE" && self.spelled(end + 1) == "TO" {
                end += 2;
            }
            out.push(Modal { start, end, negated: before || behind });
        }
        out
    }

    /// The body of a sentence without a modal, its condition put aside.
    fn imperative(&self, when: &mut Range<usize>) -> Range<usize> {
        let end = self.words.len();
        let then = (0..end).find(|index| self.can(*index, lexicon::THEN));
        if let Some(then) = then.filter(|then| *then > 0) {
            *when = 0..then;
            return then + 1..end;
        }
        if self.opens_condition(0)
            && let Some(comma) = (0..end).find(|index| self.kind(*index) == Some(Kind::Comma))
        {
            *when = 0..comma;
            return comma + 1..end;
        }
        0..end
    }

    fn opens_condition(&self, index: usize) -> bool {
        self.can(index, lexicon::OPENER)
    }

    /// Condition and subject of the words before a modal.
    fn head(&self, range: Range<usize>, old: Range<usize>) -> (Range<usize>, Range<usize>) {
        let Range { start, end } = range;
        let then = (start..end).rev().find(|index| self.can(*index, lexicon::THEN));
        if let Some(then) = then {
            return (start..then, then + 1..end);
        }
        let commas = || (start..end).rev().filter(|index| self.kind(*index) == Some(Kind::Comma));
        let article = |comma: &usize| self.can(comma + 1, lexicon::ARTICLE);
        if let Some(comma) = commas().find(article) {
            return (start..comma, comma + 1..end);
        }
        if self.opens_condition(start) {
            if let Some(comma) = commas().next() {
                return (start..comma, comma + 1..end);
            }
            // `WHEN the form is sent THE Form SHALL`: no comma at all.
            let the = (start + 1..end).rev().find(|index| self.can(*index, lexicon::ARTICLE));
            let the = the.unwrap_or(start);
            return (start..the, the..end);
        }
        (old, start..end)
    }

    /// What stands between two modals behind the last `and`, `or`, `but` or comma; empty at the end when nothing
    /// joins.
    fn after_joint(&self, range: Range<usize>) -> Range<usize> {
        let joint = range
            .clone()
            .rev()
            .find(|index| self.can(*index, lexicon::JOINT) || self.kind(*index) == Some(Kind::Comma));
        joint.map_or(range.end..range.end, |joint| joint..range.end)
    }

    fn is_pronoun(&self, range: &Range<usize>) -> bool {
        range.clone().all(|index| {
            self.kind(index) == Some(Kind::Stop)
                || self.kind(index) == Some(Kind::Comma)
                || self.is(index, &["but"])
        })
    }

    fn statement(
        &self,
        when: &Range<usize>,
        who: Range<usize>,
        what: Range<usize>,
        negated: bool,
    ) -> Statement {
        let mut when_at = [self.bytes(when), (0, 0)];
        let mut when = self.words.get(when.clone()).unwrap_or_default().to_vec();
        let mut body = what.clone();
        if let Some(split) = self.trailing_condition(&what) {
            when_at = [when_at[0], self.bytes(&(split..what.end))];
            when.extend(self.words.get(split..what.end).unwrap_or_default());
            body.end = split;
        }
        when.retain(|word| !matches!(word.kind, Kind::Stop | Kind::Comma));
        let mut inner_negators = 0u8;
        let mut response = Vec::with_capacity(body.len());
        let what_at = self.bytes(&body);
        for word in self.words.get(body).unwrap_or_default() {
            match word.kind {
                Kind::Stop | Kind::Comma => {}
                Kind::Negator => inner_negators = inner_negators.saturating_add(1),
                _ => response.push(*word),
            }
        }
        let (who, subject) = self.subject(who);
        // Statements of a whole repository are kept side by side.
        when.shrink_to_fit();
        response.shrink_to_fit();
        Statement {
            id: String::new(),
            file: String::new(),
            span: Span::default(),
            text: String::new(),
            when,
            who,
            subject,
            what: response,
            when_at,
            what_at,
            is_forbidden: negated,
            is_negated: negated != (inner_negators % 2 == 1),
            inner_negators,
            part: 0,
        }
    }

    /// The bytes from the first to the last of some words.
    fn bytes(&self, range: &Range<usize>) -> (u32, u32) {
        let words = self.words.get(range.clone()).unwrap_or_default();
        match (words.first(), words.last()) {
            (Some(first), Some(last)) => (first.at, last.at + last.len),
            _ => (0, 0),
        }
    }

    /// Where a condition begins behind the response: `… unless the user agrees`.
    fn trailing_condition(&self, what: &Range<usize>) -> Option<usize> {
        (what.start + 1..what.end)
            .find(|index| self.can(*index, lexicon::TRAILING) && !self.can(index - 1, lexicon::ASKS))
    }

    fn subject(&self, range: Range<usize>) -> (u64, String) {
        let words = self.words.get(range).unwrap_or_default();
        let mut key = 0u64;
        let mut names = Vec::new();
        for word in words.iter().filter(|word| !matches!(word.kind, Kind::Stop | Kind::Comma)) {
            let spelled = spelled(self.text, word);
            names.push(spelled);
            if word.roles & lexicon::GENERIC == 0 {
                key = mix(key, word.hash);
            }
        }
        (key, names.join(" "))
    }
}

/// The text of a word.
pub(crate) fn spelled<'t>(text: &'t str, word: &Word) -> &'t str {
    text.get(word.at as usize..(word.at + word.len) as usize).unwrap_or_default()
}

impl Statement {
    /// A hash of everything that the obligation says, in order and without markup.
    pub(crate) fn identity(&self) -> u64 {
        let exact = |sum: u64, word: &Word| mix(sum, exact(word));
        let sum = self.when.iter().fold(u64::from(self.is_negated), exact);
        self.what.iter().fold(mix(sum, self.who), exact)
    }

    /// What the response says with values, opposites and negation left out: sorted, each once.
    pub(crate) fn frame(&self) -> Vec<u64> {
        let mut frame: Vec<u64> = self.what.iter().map(|word| lexicon().class(word.hash)).collect();
        frame.sort_unstable();
        frame.dedup();
        frame
    }

    /// The condition as sorted words; numbers by their value, so that two thresholds are two conditions.
    pub(crate) fn condition(&self) -> Vec<u64> {
        let mut all: Vec<u64> = self.when.iter().map(exact).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The key of a subject that a glossary defines under this name.
pub(crate) fn actor(name: &str) -> u64 {
    let text = one_line(name);
    let found = words::read(&text);
    View { text: &text, words: &found }.subject(0..found.len()).0
}

/// A word with its value: what has to be equal for two texts to say the same.
pub(crate) fn exact(word: &Word) -> u64 {
    match word.kind {
        Kind::Number(quantity) => quantity.value_hash(),
        Kind::Negator => lexicon::not(),
        _ => word.hash,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, bool, &str)]) {
        let got: Vec<_> = read("1", "a.md", Span::default(), text)
            .into_iter()
            .map(|s| {
                let words = |words: &[Word]| {
                    words.iter().map(|word| spelled(&s.text, word)).collect::<Vec<_>>().join(" ")
                };
                (words(&s.when), s.subject.clone(), s.is_negated, words(&s.what))
            })
            .collect();
        let want: Vec<_> =
            expected.iter().map(|(a, b, c, d)| (a.to_string(), b.to_string(), *c, d.to_string())).collect();
        assert_eq!(got, want, "{text}");
    }

    #[test]
    fn dialects_of_english() {
        check(
            "WHEN a user logs in THEN the system SHALL show the list",
            &[("user logs in", "system", false, "show list")],
        );
        check(
            "WHEN one, two, or red, THE Form_Store SHALL NOT save it",
            &[("one two red", "Form_Store", true, "save")],
        );
        check("**IF** the key is bad **THEN** THE Api SHALL answer", &[("key bad", "Api", false, "answer")]);
        check("The guide must not ask again", &[("", "guide", true, "ask again")]);
        check("Do not ask again", &[("", "", true, "ask again")]);
        check("The tool SHALL CONTINUE TO log", &[("", "tool", false, "log")]);
        check("WHEN sent THE Form SHALL close", &[("sent", "Form", false, "close")]);
    }

    #[test]
    fn two_obligations_of_one_criterion() {
        check(
            "WHEN full, THE Store SHALL save it and SHALL NOT ask unless told",
            &[("full", "Store", false, "save"), ("full unless told", "Store", true, "ask")],
        );
    }

    #[test]
    fn other_languages() {
        check(
            "Cuando falla, el sistema no debe guardar datos",
            &[("falla", "sistema", true, "guardar datos")],
        );
        check(
            "Если ключ неверный, система должна показать ошибку",
            &[("ключ неверный", "система", false, "показать ошибку")],
        );
        check("Wenn voll, muss das System löschen", &[("voll", "", false, "System löschen")]);
        check("当用户登录时，系统应显示列表", &[("用户 登录", "系统", false, "显示 列表")]);
    }

    #[test]
    fn negators_inside_are_counted() {
        check("The page SHALL show no errors", &[("", "page", true, "show errors")]);
        check("The page SHALL NOT close without asking", &[("", "page", false, "close asking")]);
    }
}

//! A criterion as its EARS slots: features, states, trigger, system, responses, each with its place in the text. Reads
//! key words of twelve languages and mixtures of them; judges nothing, see [`crate::check`].

mod asian;
mod counts;
mod keys;
mod latin;

pub use counts::Counts;

use spec::Span;

use crate::language::{self, Language};
use crate::words::Words;

/// Bytes of a criterion that are read; the longest real one has 3,000. What lies behind is not looked at.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;

/// Clauses and responses kept of one criterion.
pub const PARTS_MAX: usize = 16;

/// Which of the sentence patterns a criterion follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pattern {
    /// `The system shall …`
    Ubiquitous,
    /// `While …, the system shall …`
    State,
    /// `When …, the system shall …`
    Event,
    /// `Where …, the system shall …`
    Feature,
    /// `If …, then the system shall …`
    Unwanted,
    /// More than one kind of clause.
    Complex,
    /// `For all …, the system shall …`
    Property,
    /// `Given … When … Then …`
    Gherkin,
    /// A condition and a result without a word like `shall`: `WHEN … THEN …`.
    Condition,
    /// No pattern: a sentence, a heading, a fragment.
    #[default]
    None,
}

impl Pattern {
    /// The words that a person reads.
    pub fn words(self) -> &'static str {
        match self {
            Pattern::Ubiquitous => "always",
            Pattern::State => "while",
            Pattern::Event => "when",
            Pattern::Feature => "where",
            Pattern::Unwanted => "if … then",
            Pattern::Complex => "several clauses",
            Pattern::Property => "for all",
            Pattern::Gherkin => "given … when … then",
            Pattern::Condition => "a condition without `SHALL`",
            Pattern::None => "no pattern",
        }
    }
}

/// How strongly a response is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Modal {
    /// `shall`, `must` and their like.
    Binding,
    /// `should`, `will`, `may`: nobody knows whether it has to be built.
    Weak,
}

/// What has to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Who does it, when this response names its own system.
    pub system: Option<Span>,
    /// The words that demand it.
    pub modal: Span,
    /// What.
    pub text: Span,
    /// It must not happen.
    pub is_negative: bool,
    /// Whether it is binding.
    pub strength: Modal,
}

/// A criterion in slots. Every span counts in bytes of the text that was parsed, and lies on character boundaries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ears {
    /// The pattern.
    pub pattern: Pattern,
    /// The language of the sentence, key words aside.
    pub language: Option<Language>,
    /// `Where …`
    pub features: Vec<Span>,
    /// `While …` and `Given …`
    pub states: Vec<Span>,
    /// `When …` and `If …`; EARS allows one.
    pub triggers: Vec<Span>,
    /// The trigger stands behind `If`.
    pub is_unwanted: bool,
    /// The key words that open clauses, in order.
    pub openers: Vec<Span>,
    /// The first `then`.
    pub then: Option<Span>,
    /// Who acts.
    pub system: Option<Span>,
    /// What happens, at most [`PARTS_MAX`].
    pub responses: Vec<Response>,
    /// The first response must not happen.
    pub is_negative: bool,
    /// The clauses come in the order Where, While, When or If, and before the response.
    pub is_ordered: bool,
}

impl Ears {
    /// The trigger, when there is one.
    pub fn trigger(&self) -> Option<Span> {
        self.triggers.first().copied()
    }

    /// Whether it says what has to happen, in any pattern.
    pub fn is_requirement(&self) -> bool {
        !matches!(self.pattern, Pattern::None)
    }

    /// One spelling for all dialects: `when <trigger>, <system> shall <response>`, in lower case but for what the
    /// text itself says. `None` without a response.
    pub fn normalised(&self, text: &str) -> Option<String> {
        let of = |span: &Span| text.get(span.offset..span.end()).unwrap_or_default();
        let mut out = String::with_capacity(text.len());
        let clause = |word: &str, spans: &[Span], out: &mut String| {
            for span in spans {
                out.push_str(word);
                out.push_str(of(span));
                out.push_str(", ");
            }
        };
        clause("where ", &self.features, &mut out);
        clause("while ", &self.states, &mut out);
        clause(if self.is_unwanted { "if " } else { "when " }, &self.triggers, &mut out);
        for (nth, response) in self.responses.iter().enumerate() {
            if nth > 0 {
                out.push_str(" and ");
            }
            let system = response.system.or(if nth == 0 { self.system } else { None });
            if let Some(system) = system {
                out.push_str(of(&system));
                out.push(' ');
            }
            out.push_str(if response.is_negative { "shall not " } else { "shall " });
            out.push_str(of(&response.text));
        }
        (!self.responses.is_empty()).then_some(out)
    }
}

/// Reads one criterion. `hint` is the language of its document; it decides when the sentence itself does not say.
pub fn parse(text: &str, hint: Option<Language>) -> Ears {
    let text = cut(text);
    let words = Words::of(text);
    parse_words(text, &words, language::of_words(&words, hint))
}

pub(crate) fn cut(text: &str) -> &str {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

pub(crate) fn parse_words(text: &str, words: &Words, language: Language) -> Ears {
    let mut ears = latin::parse(text, words, language);
    if ears.responses.is_empty() {
        let native = match language {
            Language::Japanese => asian::japanese(text),
            Language::Chinese => asian::chinese(text),
            Language::Korean => asian::korean(text),
            Language::Turkish => latin::turkish(text, words),
            _ => None,
        };
        ears = native.unwrap_or(ears);
    }
    ears.language = Some(language);
    ears.is_negative = ears.responses.first().is_some_and(|response| response.is_negative);
    if ears.system.is_none() {
        ears.system = ears.responses.first().and_then(|response| response.system);
    }
    ears
}

/// The span without blanks, marks of emphasis and punctuation at its ends.
fn trimmed(text: &str, from: usize, to: usize) -> Option<Span> {
    let is_dress = |c: char| {
        c.is_whitespace()
            || matches!(c, '*' | '_' | ',' | ':' | ';' | '.' | '：' | '，' | '、' | '。' | '；' | '-' | '—')
    };
    let part = text.get(from..to)?;
    let start = part.trim_start_matches(is_dress);
    let from = from + (part.len() - start.len());
    let kept = start.trim_end_matches(is_dress);
    (!kept.is_empty()).then_some(Span { offset: from, len: kept.len() })
}

#[cfg(test)]
#[path = "ears_tests.rs"]
mod tests;

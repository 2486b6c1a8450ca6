//! Words that make a criterion hard to test: vague, open, absolute, passive, compound. Compares words with lists, so it
//! suspects and does not know; looks only at sentences of the language of its list.

use spec::Span;

use super::context::{Context, Statement};
use super::out::{Found, Out, about, shown};
use super::phrases::{self, ABLE_TO, ABSOLUTE, DETERMINER, ESCAPE, OPEN_LIST, VAGUE, VERB};
use crate::language::Language;
use crate::words::Words;

/// Words of a criterion that is still read in one breath; of real criteria, one of fifty has more.
const WORDS_MAX: usize = 60;

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    for statement in context.statements.iter().filter(|statement| !statement.is_described) {
        placeholder(context, statement, out);
        if statement.language == Language::English {
            listed(context, statement, out);
            passive(context, statement, out);
            compound(context, statement, out);
            pronoun(context, statement, out);
            too_long(context, statement, out);
        } else {
            elsewhere(context, statement, out);
        }
        if statement.ears.is_negative && out.wants("words/negative") {
            let modal = statement.ears.responses.first().map(|response| response.modal);
            out.push(about(
                "words/negative",
                context,
                statement,
                modal,
                "the criterion says what shall not happen",
            ));
        }
    }
}

/// The stretch of text from one word over `count` words.
fn stretch(words: &Words, index: usize, count: usize) -> Option<Span> {
    let first = words.list.get(index)?;
    let last = words.list.get(index + count.max(1) - 1).unwrap_or(first);
    Some(Span::between(first.start, last.end))
}

fn text_of<'t>(statement: &Statement<'t>, span: Option<Span>) -> &'t str {
    span.and_then(|span| statement.text.get(span.offset..span.end())).unwrap_or_default()
}

fn suspect(
    rule: &'static str,
    context: &Context<'_>,
    statement: &Statement<'_>,
    span: Option<Span>,
    message: String,
    hint: &str,
) -> Found {
    about(rule, context, statement, span, message).suspected().hint(hint)
}

fn listed(context: &Context<'_>, statement: &Statement<'_>, out: &mut Out<'_>) {
    const RULES: &[(u32, &str, &str, &str)] = &[
        (ESCAPE, "words/escape", "leaves a way out", "name the condition, or drop the words"),
        (VAGUE, "words/vague", "is read differently by everybody", "give a number, an example or a list"),
        (OPEN_LIST, "words/open-list", "leaves the list open", "list everything, or name the class"),
        (ABSOLUTE, "words/absolute", "cannot be tested", "name the bounds within which it holds"),
        (ABLE_TO, "words/able-to", "demands only an ability", "say when it has to happen"),
    ];
    let words = &statement.words;
    let mut said = 0;
    let mut skip_to = 0;
    for (index, word) in words.list.iter().enumerate() {
        if !word.is_said() || index < skip_to {
            continue;
        }
        let (lists, count) = phrases::lists_at(words, index);
        if lists == 0 || is_name(statement, index) {
            continue;
        }
        for (list, rule, what, hint) in RULES {
            let is_open = *list & said == 0 && lists & *list != 0;
            if !is_open || *list == OPEN_LIST && word.mask != 0 || is_bounded(words, index, *list) {
                continue;
            }
            said |= *list;
            let span = stretch(words, index, count);
            let message = format!("{} {what}", shown(text_of(statement, span)));
            out.push(suspect(rule, context, statement, span, message, hint));
            skip_to = index + count;
            break;
        }
    }
}

/// `never` behind `SHALL` is only a way to say `not`.
fn is_bounded(words: &Words, index: usize, list: u32) -> bool {
    let before = index.checked_sub(1).map(|at| words.lower_at(at)).unwrap_or_default();
    match list {
        ABSOLUTE => words.lower_at(index) == "never" && matches!(before, "shall" | "must"),
        VAGUE => match words.lower_at(index) {
            // `how many`, `too many`, `as many as` count.
            "many" => matches!(before, "how" | "too" | "as" | "so"),
            // `does not close properly` reports; `whether … is appropriate` asks.
            "modern" | "responsive" => before == "and",
            _ => before == "not",
        },
        _ => false,
    }
}

/// A word with a capital inside a sentence is a part of a name.
fn is_name(statement: &Statement<'_>, index: usize) -> bool {
    let Some(word) = statement.words.list.get(index) else { return false };
    let begins = statement.text.get(word.start..).and_then(|rest| rest.chars().next());
    index > 0 && !word.is_upper && begins.is_some_and(char::is_uppercase)
}

/// The words behind the first demand, by their places.
fn response_words(statement: &Statement<'_>) -> Option<std::ops::Range<usize>> {
    let response = statement.ears.responses.first()?;
    let list = &statement.words.list;
    let from = list.iter().position(|word| word.start >= response.modal.end())?;
    let to = list.iter().position(|word| word.start >= response.text.end()).unwrap_or(list.len());
    Some(from..to.max(from))
}

fn passive(context: &Context<'_>, statement: &Statement<'_>, out: &mut Out<'_>) {
    const STATES: &[&str] = &[
        "based",
        "located",
        "named",
        "limited",
        "bounded",
        "unchanged",
        "related",
        "composed",
        "supposed",
        "able",
        "allowed",
        "permitted",
        "required",
        "called",
        "formatted",
        "sorted",
        "ordered",
        "embedded",
        "nested",
        "enabled",
        "disabled",
        "ignored",
        "hundred",
        "need",
        "exceed",
        "speed",
        "used",
        "labeled",
        "labelled",
        "unaffected",
    ];
    const IRREGULAR: &[&str] = &[
        "shown", "written", "sent", "made", "kept", "taken", "given", "stored", "built", "done", "drawn",
        "chosen",
    ];
    let words = &statement.words;
    let Some(range) = response_words(statement) else { return };
    if words.lower_at(range.start) != "be" {
        return;
    }
    let adverbs = usize::from(words.lower_at(range.start + 1).ends_with("ly"));
    let at = range.start + 1 + adverbs;
    let participle = words.lower_at(at);
    let is_participle = participle.ends_with("ed") && participle.len() > 4 || IRREGULAR.contains(&participle);
    let has_agent = range.clone().any(|index| words.lower_at(index) == "by");
    if !is_participle || STATES.contains(&participle) || has_agent || at >= range.end {
        return;
    }
    let span = stretch(words, range.start, 2 + adverbs);
    let message = format!("{} does not say by whom", shown(text_of(statement, span)));
    out.push(suspect(
        "words/passive",
        context,
        statement,
        span,
        message,
        "make the one who acts the subject",
    ));
}

fn compound(context: &Context<'_>, statement: &Statement<'_>, out: &mut Out<'_>) {
    let words = &statement.words;
    let Some(range) = response_words(statement) else { return };
    let is = |index: usize, list: u32| {
        let is_plain = words.list.get(index).is_some_and(|word| word.is_plain());
        is_plain && phrases::lists_at(words, index).0 & list != 0
    };
    if !is(range.start, VERB) {
        return;
    }
    let join = range.clone().find(|index| {
        words.lower_at(*index) == "and"
            && is(index + 1, VERB)
            && is(index + 2, DETERMINER)
            && index + 2 < range.end
    });
    let Some(join) = join else { return };
    // `allow users to create and delete files`: both verbs belong to one `to`.
    if (range.start..join).any(|index| matches!(words.lower_at(index), "to" | "that" | "which" | "how")) {
        return;
    }
    let span = stretch(words, join, 2);
    let message = format!("{} begins a second response", shown(text_of(statement, span)));
    let hint = "split it when each half can be true without the other";
    out.push(suspect("words/compound", context, statement, span, message, hint));
}

fn pronoun(context: &Context<'_>, statement: &Statement<'_>, out: &mut Out<'_>) {
    let ears = &statement.ears;
    let has_clause = !ears.triggers.is_empty() || !ears.states.is_empty() || !ears.features.is_empty();
    let Some(range) = response_words(statement).filter(|_| !has_clause) else { return };
    let words = &statement.words;
    // The verb, then the pronoun: nothing has been named that it could point at.
    let index = range.start + 1;
    if index < range.end && matches!(words.lower_at(index), "it" | "them") {
        let span = stretch(words, index, 1);
        let message = format!("{} points at nothing in this criterion", shown(text_of(statement, span)));
        out.push(suspect("words/pronoun", context, statement, span, message, "repeat the noun"));
    }
}

fn too_long(context: &Context<'_>, statement: &Statement<'_>, out: &mut Out<'_>) {
    let count = statement.words.list.iter().filter(|word| word.is_said()).count();
    if count > WORDS_MAX {
        let message = format!("the criterion has {count} words");
        let found = about("words/too-long", context, statement, None, message).suspected();
        out.push(found.hint("make several criteria, or move the details into the design"));
    }
}

fn placeholder(context: &Context<'_>, statement: &Statement<'_>, out: &mut Out<'_>) {
    let words = &statement.words;
    let is_open = |index: &usize| {
        let word = words.list.get(*index);
        let is_word =
            matches!(words.lower_at(*index), "tbd" | "tbc") && word.is_some_and(|word| word.is_upper);
        // `SHALL contain no TBD` speaks about placeholders.
        let before = index.checked_sub(1).map(|at| words.lower_at(at)).unwrap_or_default();
        let is_about = matches!(
            before,
            "no" | "any" | "a" | "the" | "contain" | "contains" | "of" | "as" | "or" | "and"
        );
        is_word && word.is_some_and(|word| word.is_said()) && !is_about
    };
    let by_word = (0..words.list.len()).find(is_open).and_then(|index| stretch(words, index, 1));
    let by_list = || {
        let (index, count) = phrases::placeholder(statement.language, words)?;
        stretch(words, index, count)
    };
    let by_marks = || {
        let at = statement.text.find("???")?;
        let is_code = words.list.iter().any(|word| word.start < at && word.end > at || !word.is_said());
        (!is_code).then_some(Span { offset: at, len: 3 })
    };
    if let Some(span) = by_word.or_else(by_list).or_else(by_marks) {
        let message = format!("{} was to be filled in", shown(text_of(statement, Some(span))));
        let found = about("words/placeholder", context, statement, Some(span), message);
        out.push(found.hint("decide, or take the criterion out until it is decided"));
    }
}

fn elsewhere(context: &Context<'_>, statement: &Statement<'_>, out: &mut Out<'_>) {
    if let Some((index, count)) = phrases::vague_elsewhere(statement.language, &statement.words) {
        let span = stretch(&statement.words, index, count);
        let message = format!("{} is read differently by everybody", shown(text_of(statement, span)));
        let hint = "give a number, an example or a list";
        out.push(suspect("words/vague", context, statement, span, message, hint));
    }
}

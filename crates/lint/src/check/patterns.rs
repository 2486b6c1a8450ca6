//! The form of criteria: patterns, key words, slots, and the choice between while, when, where and if.

use std::collections::HashMap;

use spec::{Edit, Span};

use super::context::{Context, Statement};
use super::out::{Found, Out, about, shown};
use super::phrases;
use crate::ears::{Modal, Pattern};
use crate::language::Language;

/// Of ten criteria of a document, so many have to follow a pattern before one that does not is odd.
const USUAL_OF_TEN: usize = 7;

/// Criteria below which a document has no habit.
const HABIT_MIN: usize = 3;

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    let mut habits: HashMap<usize, (usize, usize)> = HashMap::new();
    for statement in &context.statements {
        let (all, binding) = habits.entry(statement.document).or_insert((0, 0));
        *all += 1;
        *binding += usize::from(is_binding(statement));
    }
    for statement in context.statements.iter().filter(|statement| !statement.is_described) {
        let (all, binding) = habits.get(&statement.document).copied().unwrap_or((0, 0));
        let has_habit = all >= HABIT_MIN && binding * 10 >= all * USUAL_OF_TEN;
        slots(context, statement, has_habit, out);
        then(context, statement, out);
        if statement.language == Language::English {
            choice(context, statement, out);
        }
    }
}

fn is_binding(statement: &Statement<'_>) -> bool {
    statement.ears.responses.first().is_some_and(|response| response.strength == Modal::Binding)
}

fn slots(context: &Context<'_>, statement: &Statement<'_>, has_habit: bool, out: &mut Out<'_>) {
    let ears = &statement.ears;
    let push = |out: &mut Out<'_>, found: Found| out.push(found);
    let first = ears.responses.first();
    match (ears.pattern, first) {
        (Pattern::None, _) => {
            let condition = opening_condition(statement);
            if let Some(word) = condition.filter(|_| has_habit) {
                let message = format!("the criterion has a condition behind `{word}` and no result");
                let hint = "say who shall do what: `…, THE <system> SHALL …`";
                push(out, about("ears/no-response", context, statement, None, message).hint(hint));
            } else if has_habit && statement.language != Language::Other {
                let message = "the criterion does not say who shall do what";
                let hint = "write `THE <system> SHALL …`, or move the line out of the criteria";
                push(out, about("ears/no-pattern", context, statement, None, message).hint(hint));
            }
        }
        (_, Some(response)) if response.text.len == 0 => {
            let message = "nothing stands behind the word that demands it";
            let found = about("ears/no-response", context, statement, Some(response.modal), message);
            push(out, found.hint("say what has to happen"));
        }
        (Pattern::Condition, Some(response)) if has_habit => {
            let message = "the result is told and not demanded";
            let found = about("ears/no-shall", context, statement, Some(response.modal), message);
            push(out, found.hint("add `SHALL` to the result"));
        }
        (Pattern::Gherkin | Pattern::Condition, _) => {}
        (_, Some(response)) if response.strength == Modal::Weak => {
            if has_habit {
                let word =
                    statement.text.get(response.modal.offset..response.modal.end()).unwrap_or_default();
                let message = format!("`{}` does not bind", word.to_lowercase());
                let found = about("ears/not-binding", context, statement, Some(response.modal), message);
                push(out, found.hint("write `SHALL`, or move the wish out of the criteria"));
            }
        }
        (_, Some(response)) => {
            let is_english_demand =
                statement.text.get(response.modal.offset..response.modal.end()).is_some_and(|word| {
                    word.get(..4).is_some_and(|word| matches!(word.to_lowercase().as_str(), "shal" | "must"))
                });
            if ears.system.is_none() && is_english_demand {
                let message = "nobody is named before the word that demands it";
                let found = about("ears/no-system", context, statement, Some(response.modal), message);
                push(out, found.hint("name the component that acts"));
            }
        }
        (_, None) => {}
    }
    if ears.triggers.len() > 1 && ears.pattern != Pattern::Gherkin {
        let part = ears.triggers.get(1).copied();
        let found = about(
            "ears/several-triggers",
            context,
            statement,
            part,
            "the criterion has more than one trigger",
        );
        push(out, found.hint("say the state with `WHILE`, or make two criteria"));
    }
    if ears.responses.len() > 1 {
        let part = ears.responses.get(1).map(|response| response.modal);
        let message = format!("the criterion demands {} things", ears.responses.len());
        push(
            out,
            about("ears/several-responses", context, statement, part, message)
                .hint("make one criterion of each"),
        );
    }
    if !ears.is_ordered && is_binding(statement) {
        let part = ears.openers.last().copied();
        let message = "the clauses do not come in the order where, while, when, response";
        push(
            out,
            about("ears/clause-order", context, statement, part, message).hint("put the condition first"),
        );
    }
}

/// The key word in capitals that the text begins with, when it opens a clause.
fn opening_condition<'t>(statement: &Statement<'t>) -> Option<&'t str> {
    let word = statement.words.list.first().filter(|word| word.is_upper && word.is_plain())?;
    let text = statement.text.get(word.start..word.end)?;
    matches!(text, "WHEN" | "IF" | "WHILE" | "WHERE").then_some(text)
}

fn word_of<'t>(statement: &Statement<'t>, span: Option<&Span>) -> &'t str {
    span.and_then(|span| statement.text.get(span.offset..span.end())).unwrap_or_default()
}

fn then(context: &Context<'_>, statement: &Statement<'_>, out: &mut Out<'_>) {
    let ears = &statement.ears;
    let (Some(system), Some(opener)) = (ears.system, ears.openers.first()) else { return };
    let word = word_of(statement, Some(opener));
    if word.eq_ignore_ascii_case("if") && ears.then.is_none() && ears.is_ordered && ears.triggers.len() == 1 {
        let message = "`IF` has no `THEN`";
        let mut found = about("ears/if-without-then", context, statement, Some(*opener), message);
        found = found.hint("write `THEN` before the system");
        let insert = if word == "IF" { "THEN " } else { "then " };
        if let Some(at) = system_phrase(statement, system) {
            let place = context.span_in(statement, Span { offset: at, len: 0 });
            if place.len == 0 {
                found = found.fix("insert the missing word", vec![Edit::insert(place.offset, insert)]);
            }
        }
        out.push(found);
    }
    if let Some(then) = ears.then.filter(|_| word.eq_ignore_ascii_case("when") && out.wants("ears/when-then"))
    {
        let mut found = about("ears/when-then", context, statement, Some(then), "`WHEN` has a `THEN`");
        found = found.hint("write a comma in its place");
        let before = statement.text.get(..then.offset).unwrap_or_default();
        let kept = before.trim_end_matches([' ', ',']);
        let is_plain = statement.text.get(then.end()..).is_some_and(|rest| rest.starts_with(' '));
        if is_plain && kept.ends_with(|c: char| c.is_alphanumeric() || c == '`' || c == ')') {
            let place = context.span_in(statement, Span::between(kept.len(), then.end()));
            found = found.fix("write a comma", vec![Edit::replace(place, ",")]);
        }
        out.push(found);
    }
}

/// Where the system's phrase begins, its article included.
fn system_phrase(statement: &Statement<'_>, system: Span) -> Option<usize> {
    let index = statement.words.list.iter().position(|word| word.start >= system.offset)?;
    let article = index.checked_sub(1).filter(|at| statement.words.lower_at(*at) == "the");
    let start = article.and_then(|at| statement.words.list.get(at)).map_or(system.offset, |word| word.start);
    let before = statement.text.get(..start)?;
    before.ends_with(' ').then_some(start)
}

/// While, when, where or if: whether the clause is what its key word says.
fn choice(context: &Context<'_>, statement: &Statement<'_>, out: &mut Out<'_>) {
    let ears = &statement.ears;
    let words = &statement.words;
    let in_span = |span: &Span| -> Vec<usize> {
        let inside = |word: &crate::words::Word| word.start >= span.offset && word.end <= span.end();
        words
            .list
            .iter()
            .enumerate()
            .filter(|(_, word)| inside(word) && word.is_plain())
            .map(|(at, _)| at)
            .collect()
    };
    let opener_before = |span: &Span| {
        let opener = ears.openers.iter().rfind(|opener| opener.end() <= span.offset);
        word_of(statement, opener).to_lowercase()
    };
    let clause = |span: &Span| shown(statement.text.get(span.offset..span.end()).unwrap_or_default());
    if let Some(span) = ears.triggers.first().filter(|span| opener_before(span) == "when")
        && phrases::is_state(words, &in_span(span))
    {
        let message = format!("{} is a state and no event", clause(span));
        let found = about("ears/state-as-event", context, statement, Some(*span), message).suspected();
        out.push(found.hint("write `WHILE`, or name the event that begins it"));
    }
    if let Some(span) = ears.states.first().filter(|span| opener_before(span) == "while")
        && phrases::is_event(words, &in_span(span))
    {
        let message = format!("{} is an event and no state", clause(span));
        let found = about("ears/event-as-state", context, statement, Some(*span), message).suspected();
        out.push(found.hint("write `WHEN`"));
    }
    if let Some(span) = ears.features.first().filter(|span| opener_before(span) == "where")
        && (phrases::is_event(words, &in_span(span)) || phrases::is_failure(words, &in_span(span)))
    {
        let message = format!("{} happens while the product runs; `WHERE` is for its variants", clause(span));
        let found = about("ears/condition-as-feature", context, statement, Some(*span), message).suspected();
        out.push(found.hint("write `WHEN` or `IF`"));
    }
}

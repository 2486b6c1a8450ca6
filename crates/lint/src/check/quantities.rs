//! Times and limits: words of speed without a number, numbers without a unit, one unit in two spellings. English only.

use std::collections::HashMap;

use spec::Span;

use super::context::{Context, Statement};
use super::out::{Out, about, shown};
use super::phrases::{self, TIMING};
use crate::language::Language;
use crate::words::{Script, Words};

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    let english = context.statements.iter().filter(|s| s.language == Language::English && !s.is_described);
    let mut spellings: HashMap<(&str, bool), (usize, &Statement<'_>, Span, String)> = HashMap::new();
    for statement in english {
        timing(context, statement, out);
        bare_number(context, statement, out);
        for (unit, is_short, span, words) in units(statement) {
            spellings.entry((unit, is_short)).or_insert((0, statement, span, words)).0 += 1;
        }
    }
    let mut mixed: Vec<_> = spellings
        .iter()
        .filter(|((unit, is_short), _)| *is_short && spellings.contains_key(&(*unit, false)))
        .map(|((unit, _), _)| *unit)
        .collect();
    mixed.sort_unstable();
    for unit in mixed {
        let (Some(short), Some(long)) = (spellings.get(&(unit, true)), spellings.get(&(unit, false))) else {
            continue;
        };
        let (rare, usual) = if short.0 <= long.0 { (short, long) } else { (long, short) };
        let message = format!("`{}` here, `{}` elsewhere", rare.3, usual.3);
        let found = about("words/mixed-units", context, rare.1, Some(rare.2), message).suspected();
        let other = context.span_in(usual.1, usual.2);
        out.push(found.hint("write each unit in one way").related(
            usual.1.document,
            other,
            "the other spelling",
        ));
    }
}

fn holds_a_number(words: &Words) -> bool {
    const NUMBERS: &[&str] =
        &["one", "two", "three", "four", "five", "ten", "single", "half", "sub-second", "same"];
    words.list.iter().any(|word| word.script == Script::Number || NUMBERS.contains(&words.lower(word)))
}

fn timing(context: &Context<'_>, statement: &Statement<'_>, out: &mut Out<'_>) {
    if holds_a_number(&statement.words) {
        return;
    }
    let words = &statement.words;
    for index in 0..words.list.len() {
        let Some(word) = words.list.get(index).filter(|word| word.is_said()) else { continue };
        let (lists, count) = phrases::lists_at(words, index);
        if lists & TIMING == 0 {
            continue;
        }
        // `immediately after the import` gives an order and no speed.
        let behind = words.lower_at(index + count);
        let is_order = matches!(
            behind,
            "after"
                | "before"
                | "following"
                | "preceding"
                | "prior"
                | "below"
                | "above"
                | "upon"
                | "adjacent"
                | "visible"
        );
        let before = index.checked_sub(1).map(|at| words.lower_at(at)).unwrap_or_default();
        let is_name = matches!(
            behind,
            "reference" | "start" | "mode" | "path" | "lane" | "action" | "actions" | "fix" | "win" | "wins"
        );
        if is_order
            || is_name
            || words.lower_at(index) == "immediately" && matches!(before, "exit" | "return" | "stop" | "or")
        {
            continue;
        }
        let last = words.list.get(index + count - 1).unwrap_or(word);
        let span = Span::between(word.start, last.end);
        let said = statement.text.get(span.offset..span.end()).unwrap_or_default();
        let message = format!("{} has no number", shown(said));
        let found = about("words/no-quantity", context, statement, Some(span), message).suspected();
        out.push(found.hint("add a number with its unit, and under which load it holds"));
        return;
    }
}

fn is_whole_number(words: &Words, index: usize) -> bool {
    let lower = words.lower_at(index);
    !lower.is_empty() && lower.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'_'))
}

/// `within 30,`: a limit with nothing behind it that could be its unit.
fn bare_number(context: &Context<'_>, statement: &Statement<'_>, out: &mut Out<'_>) {
    let words = &statement.words;
    for index in 1..words.list.len() {
        let is_plain = words.list.get(index).is_some_and(|word| word.is_plain());
        let before = words.lower_at(index - 1);
        let is_timeout = matches!(before, "of" | "to" | "is")
            && index >= 2
            && matches!(words.lower_at(index - 2), "timeout" | "delay");
        if !is_plain || !is_whole_number(words, index) || !(before == "within" || is_timeout) {
            continue;
        }
        let gap = words.gap_before(statement.text, index + 1);
        let ends = words.list.get(index + 1).is_none() || gap.contains([',', '.', ';', '\n']);
        let is_attached = gap.starts_with(['%', '°', '–', '-', '/', '×']);
        if ends && !is_attached {
            let Some(word) = words.list.get(index) else { continue };
            let span = Span::between(word.start, word.end);
            let message = format!("{} has no unit", shown(words.lower_at(index)));
            let found = about("words/no-unit", context, statement, Some(span), message).suspected();
            out.push(found.hint("write the unit behind the number"));
        }
    }
}

/// The units behind numbers: which, whether it is the short spelling, where, and as written.
fn units(statement: &Statement<'_>) -> Vec<(&'static str, bool, Span, String)> {
    const UNITS: &[(&str, &[&str], &[&str])] = &[
        ("second", &["s", "sec", "secs"], &["second", "seconds"]),
        ("minute", &["min", "mins"], &["minute", "minutes"]),
        ("millisecond", &["ms", "msec"], &["millisecond", "milliseconds"]),
        ("hour", &["h", "hr", "hrs"], &["hour", "hours"]),
        ("kilobyte", &["kb"], &["kilobyte", "kilobytes"]),
        ("megabyte", &["mb"], &["megabyte", "megabytes"]),
        ("gigabyte", &["gb"], &["gigabyte", "gigabytes"]),
    ];
    let words = &statement.words;
    let mut found = Vec::new();
    for (index, word) in
        words.list.iter().enumerate().filter(|(_, word)| word.is_said() && word.script == Script::Number)
    {
        let lower = words.lower(word);
        let attached = lower.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let (unit, span) = if attached.is_empty() {
            let Some(next) = words.list.get(index + 1).filter(|next| next.is_said()) else { continue };
            if !words.gap_before(statement.text, index + 1).trim().is_empty() {
                continue;
            }
            (words.lower(next), Span::between(word.start, next.end))
        } else {
            (attached, Span::between(word.start, word.end))
        };
        for (name, short, long) in UNITS {
            if short.contains(&unit) || long.contains(&unit) {
                found.push((*name, short.contains(&unit), span, unit.to_string()));
            }
        }
    }
    found
}

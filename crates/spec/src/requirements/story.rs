//! The user story of a requirement, behind its label or without one. Judges no wording.

use super::criteria::is_story;
use super::roles::{Role, Source, label_role};
use crate::inline::strip_bullet;
use crate::items::unindented;

/// Lines of one story.
const LINES_MAX: usize = 12;

/// The story in lines `from..to`, its lines joined by blanks.
pub(super) fn story(source: &Source<'_, '_>, from: usize, to: usize) -> Option<String> {
    let mut found = String::new();
    let mut is_open = false;
    let mut lines = 0;
    for (_, line) in source.prose(from, to) {
        let content = source.text.str_of(&unindented(source.text, line));
        let body = strip_bullet(&content);
        if lines >= LINES_MAX {
            break;
        }
        if is_open {
            let is_next =
                body.starts_with('#') || !found.is_empty() && (body.is_empty() || !is_part(body, &content));
            if is_next {
                break;
            }
            push(&mut found, body, &mut lines);
            continue;
        }
        if body.starts_with('#') {
            let title = body.trim_start_matches('#');
            is_open = super::roles::role_of(title, 4) == Role::Story;
        } else if let Some((Role::Story, rest)) =
            label_role(prefix(body)).map(|(role, _)| (role, behind_label(body)))
        {
            is_open = true;
            push(&mut found, rest, &mut lines);
        } else if is_story(body) {
            is_open = true;
            push(&mut found, body, &mut lines);
        }
    }
    let found = found.trim().trim_end_matches(['*', '_']).trim_end();
    (!found.is_empty()).then(|| found.to_string())
}

/// The part of a long line in which a label can stand.
fn prefix(body: &str) -> &str {
    let end = body.char_indices().map(|(at, _)| at).take_while(|at| *at <= 200).last().unwrap_or(0);
    if body.len() <= 200 { body } else { body.get(..end).unwrap_or(body) }
}

fn behind_label(body: &str) -> &str {
    body.split_once([':', '：']).map(|(_, rest)| rest.trim_start_matches(['*', '_', ' '])).unwrap_or_default()
}

/// A line goes on with the story unless it begins a list of something else.
fn is_part(body: &str, content: &str) -> bool {
    let is_listed = body.len() < content.trim().len() || body.starts_with(crate::digits::is_digit);
    !is_listed
        && label_role(prefix(body)).is_none_or(|(role, _)| role == Role::Unknown && !body.starts_with("**"))
        || is_story(body)
}

fn push(found: &mut String, words: &str, lines: &mut usize) {
    if !found.is_empty() && !words.is_empty() {
        found.push(' ');
    }
    found.push_str(words.trim());
    *lines += 1;
}

//! User stories without their benefit. English only.

use spec::DocumentKind;

use super::context::Context;
use super::out::{Found, Out};
use crate::language::Language;

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    let (Some(at), Some(read)) =
        (context.document(DocumentKind::Requirements), &context.reading.requirements)
    else {
        return;
    };
    let Some(document) = context.documents.get(at) else { return };
    for requirement in &read.requirements {
        let Some(story) = &requirement.user_story else { continue };
        let lower = story.to_lowercase();
        let is_story = lower.starts_with("as ") && lower.contains("want");
        let has_benefit =
            ["so that", "so i ", "so we ", "so they ", "in order to", "because ", "so the ", ", so "]
                .iter()
                .any(|words| lower.contains(words));
        // A story that goes on in the next line is read only to the end of its first.
        let is_cut = !lower.ends_with(['.', '!']) && lower.ends_with(',');
        if !is_story
            || has_benefit
            || is_cut
            || Language::of(story, Some(context.language)) != Language::English
        {
            continue;
        }
        let from = document.line_of(requirement.span.offset);
        let to = document.line_of(requirement.span.end().saturating_sub(1)) + 1;
        let mut lines = document.prose(from, to).peekable();
        let span = loop {
            let Some((_, line)) = lines.next() else { break None };
            if document.text.str_of(line).contains(story.as_str()) {
                let next =
                    lines.peek().map(|(_, next)| document.text.str_of(next).into_owned()).unwrap_or_default();
                break (next.trim().is_empty() || next.starts_with('#')).then_some(line.span);
            }
        };
        if let Some(span) = span {
            let message = format!("the story of requirement `{}` has no `so that`", requirement.number);
            let found = Found::new("story/no-benefit", at, span, message)
                .subject(requirement.number.clone())
                .suspected();
            out.push(found.hint("add what it is good for: `so that …`"));
        }
    }
}

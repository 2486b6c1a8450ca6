//! What is shown when the cursor rests: the item's own words, and what is known about it. Follows links for the person.

use lsp_types::{Hover, HoverContents, HoverParams, MarkupContent, MarkupKind};
use plan::occurrences::Item;
use spec::State as TaskState;
use spec::references::normal_id;

use crate::document::SpecState;
use crate::included;
use crate::locate;
use crate::state::State;

/// Characters of one text in a hover.
const TEXT_CHARS_MAX: usize = 1_200;
/// Lines of one list in a hover.
const LINES_MAX: usize = 12;

/// The hover at a position.
pub(crate) fn hover(state: &State, params: &HoverParams) -> Option<Hover> {
    let at = &params.text_document_position_params;
    if let Some(hover) = included::hover(state, at) {
        return Some(hover);
    }
    let found = locate::under(state, at)?;
    let value = words(state, &found.spec, &found.item)?;
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Some(Hover { contents, range: Some(found.range) })
}

/// All about an item, as Markdown.
pub(crate) fn words(state: &State, spec: &SpecState, item: &Item) -> Option<String> {
    let mut out = match item {
        Item::Criterion(id) => criterion(spec, id),
        Item::Requirement(id) => requirement(spec, id)?,
        Item::Property(number) => property(spec, *number)?,
        Item::Task(id) => task(spec, id)?,
        Item::Term(name) => term(spec, name)?,
    };
    let mut tags: Vec<String> = locate::tagged(state, spec, item)
        .into_iter()
        .map(|(file, tag)| format!("`{file}:{}`", tag.line))
        .collect();
    tags.dedup();
    if !tags.is_empty() {
        out.push_str(&format!("\n\n**In sources and tests:** {}", listed(&tags)));
    }
    Some(out)
}

fn criterion(spec: &SpecState, id: &str) -> String {
    let known = spec.reading.criteria().find(|(_, criterion)| normal_id(&criterion.id) == *id);
    let Some((_, known)) = known else {
        let last = spec
            .plan
            .criteria
            .last()
            .map(|last| format!("; the last one is `{}`", last.id))
            .unwrap_or_default();
        return format!("**{id}** does not exist in `{}`{last}", spec.place.name);
    };
    let mut out = String::new();
    let requirements = spec.reading.requirements.iter().flat_map(|read| &read.requirements);
    let above =
        requirements.into_iter().find(|one| one.criteria.iter().any(|criterion| criterion.id == known.id));
    if let Some(above) = above {
        out.push_str(&format!("*Requirement {}: {}*", above.number, plain(&above.title)));
        if let Some(story) = &above.user_story {
            out.push_str(&format!("\n\n{}", plain(story)));
        }
        out.push_str("\n\n");
    }
    out.push_str(&format!("**{}** {}", known.id, plain(&known.text)));
    out.push_str(&cited_by(spec, id));
    out
}

fn cited_by(spec: &SpecState, id: &str) -> String {
    let criterion = spec.plan.criteria.iter().find(|criterion| normal_id(&criterion.id) == *id);
    let tasks: Vec<String> = criterion
        .into_iter()
        .flat_map(|criterion| &criterion.cited_by)
        .filter_map(|task| spec.plan.step(task))
        .map(|step| format!("{} {} {}", mark(step.state), step.number, plain(&step.title)))
        .collect();
    match tasks.is_empty() {
        true => "\n\nno task cites it".to_string(),
        false => format!(
            "\n\n{}",
            tasks.iter().take(LINES_MAX).map(|task| format!("- {task}\n")).collect::<String>()
        ),
    }
}

fn requirement(spec: &SpecState, id: &str) -> Option<String> {
    let requirements = spec.reading.requirements.as_ref()?;
    let one = requirements.requirements.iter().find(|one| normal_id(&one.number) == *id)?;
    let mut out = format!("**Requirement {}: {}**", one.number, plain(&one.title));
    if let Some(story) = &one.user_story {
        out.push_str(&format!("\n\n{}", plain(story)));
    }
    out.push_str("\n\n");
    for criterion in one.criteria.iter().take(LINES_MAX) {
        out.push_str(&format!("- **{}** {}\n", criterion.id, plain(&criterion.text)));
    }
    Some(out)
}

fn property(spec: &SpecState, number: u32) -> Option<String> {
    let design = spec.reading.design.as_ref()?;
    let one = design.properties.iter().find(|one| one.number == number)?;
    Some(format!("**Property {number}: {}**\n\n{}", plain(&one.title), plain(&one.text)))
}

fn task(spec: &SpecState, id: &str) -> Option<String> {
    let step = spec.plan.step(id)?;
    let mut out = format!("{} **{} {}**\n\n", mark(step.state), step.number, plain(&step.title));
    for (criterion, text) in step.criteria.iter().take(LINES_MAX) {
        let text = text.as_deref().map_or("does not exist".to_string(), plain);
        out.push_str(&format!("- **{criterion}** {text}\n"));
    }
    if !step.files.is_empty() {
        out.push_str(&format!("\nfiles: {}", listed(&step.files)));
    }
    if let Some(check) = &step.check {
        out.push_str(&format!("\n\ncheck: `{check}`"));
    }
    Some(out)
}

fn term(spec: &SpecState, name: &str) -> Option<String> {
    let requirements = spec.reading.requirements.as_ref()?;
    let one = requirements.glossary.iter().find(|one| one.name == name)?;
    Some(format!("**{}**: {}", one.name, plain(&one.definition)))
}

/// The state of a task as a sign that is also readable aloud.
pub(crate) fn mark(state: TaskState) -> &'static str {
    match state {
        TaskState::Open => "☐",
        TaskState::Queued => "⧗",
        TaskState::InProgress => "◐",
        TaskState::Done => "☑",
    }
}

fn listed(items: &[String]) -> String {
    let shown = items.iter().take(LINES_MAX).cloned().collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(LINES_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Words of a document as they are, but bounded, and unable to run anything in an editor: a link can hold a command.
fn plain(text: &str) -> String {
    let cut: String = text.chars().take(TEXT_CHARS_MAX).collect();
    cut.replace("](", "] (").replace("][", "] [").replace("]:", "] :").replace('<', "&lt;")
}

//! What can be folded away: sections, the details of a task, code blocks.

use lsp_types::{FoldingRange, FoldingRangeKind, FoldingRangeParams};
use spec::outline::headings;
use spec::text::{Inside, Text};

use crate::locate;
use crate::outline;
use crate::state::State;

/// The ranges of a document, by first line.
pub(crate) fn ranges(state: &State, params: &FoldingRangeParams) -> Option<Vec<FoldingRange>> {
    let path = locate::path(&params.text_document.uri)?;
    let (spec, file) = state.spec_of(&path)?;
    let name = spec.file_name(file);
    let bytes = spec.bytes(&name)?;
    let text = Text::read(bytes);
    let mut found: Vec<(usize, usize)> = Vec::new();
    for heading in headings(&text) {
        found.push((heading.line, heading.end.saturating_sub(1)));
    }
    let lines = state.lines(&path, bytes);
    let is_tasks = spec.reading.documents.tasks_file() == name;
    let ends = outline::ends(&spec);
    for task in spec.reading.tasks.iter().filter(|_| is_tasks).flat_map(|tasks| &tasks.tasks) {
        // The last byte and not the one behind it, which stands in the next line.
        let end = ends.get(task.id.as_str()).copied().unwrap_or_default().saturating_sub(1);
        let at = |offset| lines.position(bytes, offset).line as usize;
        let last = (at(task.span.offset)..=at(end))
            .rev()
            .find(|line| !lines.span(bytes, *line).slice(bytes).trim_ascii().is_empty());
        found.extend(last.map(|last| (at(task.span.offset), last)));
    }
    let mut fence = None;
    for (at, line) in text.lines().iter().enumerate() {
        match (line.inside, fence) {
            (Inside::FenceEdge, None) => fence = Some(at),
            (Inside::FenceEdge, Some(from)) => {
                found.push((from, at));
                fence = None;
            }
            _ => {}
        }
    }
    found.retain(|(from, to)| to > from);
    found.sort_unstable();
    found.dedup();
    let number = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    Some(
        found
            .into_iter()
            .map(|(from, to)| FoldingRange {
                start_line: number(from),
                end_line: number(to),
                kind: Some(FoldingRangeKind::Region),
                ..FoldingRange::default()
            })
            .collect(),
    )
}

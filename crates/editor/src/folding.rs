//! What can be folded away: sections, the details of a task, code blocks.

use lsp_types::{FoldingRange, FoldingRangeKind, FoldingRangeParams};
use spec::outline::headings;
use spec::text::{Inside, Text};

use crate::locate;
use crate::state::State;

/// The ranges of a document, by first line.
pub(crate) fn ranges(state: &State, params: &FoldingRangeParams) -> Option<Vec<FoldingRange>> {
    let path = locate::path(&params.text_document.uri)?;
    let (spec, file) = state.spec_of(&path)?;
    let bytes = spec.bytes(&spec.file_name(file))?;
    let text = Text::read(bytes);
    let mut found: Vec<(usize, usize)> = Vec::new();
    for heading in headings(&text) {
        found.push((heading.line, heading.end.saturating_sub(1)));
    }
    let lines = state.lines(&path, bytes);
    for task in spec.reading.tasks.iter().flat_map(|tasks| &tasks.tasks) {
        let end = task.span.offset + task.block.len();
        let at = |offset| lines.position(bytes, offset).line as usize;
        found.push((at(task.span.offset), at(end)));
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

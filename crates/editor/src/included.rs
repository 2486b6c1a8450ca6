//! `#[[file:path]]` under the cursor: which file is meant, and whether there is one. Reads no meaning into the file.

use std::path::{Component, Path, PathBuf};

use lsp_types::{
    Hover, HoverContents, Location, MarkupContent, MarkupKind, Range, TextDocumentPositionParams,
};
use spec::Span;

use crate::convert::{path_of, range_of, uri_of};
use crate::locate;
use crate::state::State;

const OPENING: &str = "#[[file:";
const CLOSING: &str = "]]";

/// A reference to a file, as it is written.
struct Included {
    /// The path as written.
    words: String,
    /// The path that is meant; `None` when it leads out of the folder.
    path: Option<PathBuf>,
    range: Range,
}

/// Where it leads, when there is such a file.
pub(crate) fn location(state: &State, at: &TextDocumentPositionParams) -> Option<Location> {
    let path = under(state, at)?.path?;
    let is_there = matches!(index::place::read(&path), Ok(Some(_)));
    is_there.then(|| uri_of(&path)).flatten().map(|uri| Location { uri, range: Range::default() })
}

/// Says whether there is such a file.
pub(crate) fn hover(state: &State, at: &TextDocumentPositionParams) -> Option<Hover> {
    let Included { words, path, range } = under(state, at)?;
    let shown = words.replace('`', "'");
    let value = match path.map(|path| index::place::read(&path)) {
        None => format!("`{shown}` leads out of the workspace and is not read"),
        Some(Ok(None)) => format!("there is no file `{shown}`; paths count from the root of the workspace"),
        Some(Err(error)) => format!("`{shown}` cannot be read: {error}"),
        Some(Ok(Some(bytes))) => format!("`{shown}`: {} lines", bytes.split(|byte| *byte == b'\n').count()),
    };
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Some(Hover { contents, range: Some(range) })
}

fn under(state: &State, at: &TextDocumentPositionParams) -> Option<Included> {
    let path = path_of(&at.text_document.uri)?;
    if path.extension()? != "md" {
        return None;
    }
    let (offset, text) = locate::offset(state, &path, at.position)?;
    let lines = state.lines(&path, &text);
    let line = lines.span(&text, at.position.line as usize);
    let content = line.text(&text);
    let (start, words) = written(&content, offset.checked_sub(line.offset)?)?;
    let span = Span { offset: line.offset + start, len: OPENING.len() + words.len() + CLOSING.len() };
    let range = range_of(&lines, &text, span);
    // A package keeps its own `.kiro`, and its paths count from there.
    let root = path.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == ".kiro"));
    let root = root.and_then(Path::parent).unwrap_or(&state.root);
    let below = Path::new(words.trim());
    let is_below = below.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    Some(Included { words: words.to_string(), path: is_below.then(|| root.join(below)), range })
}

/// The path of the reference that holds a byte of the line, and where the reference begins.
fn written(content: &str, offset: usize) -> Option<(usize, &str)> {
    let mut done = 0;
    while let Some(start) = content.get(done..)?.find(OPENING).map(|at| done + at) {
        let inner = content.get(start + OPENING.len()..)?;
        let len = inner.find(CLOSING)?;
        let end = start + OPENING.len() + len + CLOSING.len();
        if (start..=end).contains(&offset) {
            return inner.get(..len).filter(|path| !path.trim().is_empty()).map(|path| (start, path));
        }
        done = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_files() {
        let check = |content: &str, offset: usize, expected: Option<(usize, &str)>| {
            assert_eq!(written(content, offset), expected, "{content} {offset}");
        };
        let two = "see #[[file:a.md]] and #[[file:b/c.yaml]].";
        check(two, 3, None);
        check(two, 4, Some((4, "a.md")));
        check(two, 18, Some((4, "a.md")));
        check(two, 19, None);
        check(two, 30, Some((23, "b/c.yaml")));
        check("#[[file:]]", 3, None);
        check("#[[file:a", 3, None);
        check("", 0, None);
    }
}

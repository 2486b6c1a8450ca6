//! The comment that silences a finding: where it may stand, so that it changes nothing else. Its reason is left to the
//! person: without one it silences nothing.

use spec::text::{Inside, Text};
use spec::{Edit, Span};

use crate::document::SpecState;

/// The byte before which the comment goes: the line of the finding, or the first line of the criterion or task that it
/// stands in. `None` where a comment would be part of something else.
pub(crate) fn line(spec: &SpecState, file: &str, bytes: &[u8], offset: usize) -> Option<usize> {
    if !file.ends_with(".md") {
        return None;
    }
    let holds = |span: &Span| span.offset <= offset && offset < span.end();
    let criteria = spec.reading.criteria().filter(|(of, _)| of == file).map(|(_, criterion)| criterion.span);
    let is_tasks = spec.reading.documents.tasks_file() == file;
    let tasks = spec.reading.tasks.iter().filter(|_| is_tasks).flat_map(|tasks| &tasks.tasks);
    let block = criteria.chain(tasks.map(|task| task.span)).filter(holds).min_by_key(|span| span.len);
    let at = block.map_or(offset, |block| block.offset);
    let text = Text::read(bytes);
    let lines = text.lines();
    let line = lines.get(lines.partition_point(|line| line.span.offset <= at).checked_sub(1)?)?;
    // A comment between the rows of a table ends the table; in a block of code it is code.
    let is_free = line.inside == Inside::Prose && !text.of(line).trim_ascii_start().starts_with(b"|");
    is_free.then_some(line.span.offset)
}

/// The comment, indented and ended as the line behind it is.
pub(crate) fn comment(bytes: &[u8], line: usize, rule: &str) -> Edit {
    let rest = bytes.get(line..).unwrap_or_default();
    let indent: String =
        rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).map(|b| char::from(*b)).collect();
    let end = rest.iter().position(|b| *b == b'\n').unwrap_or_default();
    let is_crlf = rest.get(..end).is_some_and(|line| line.ends_with(b"\r"));
    let ending = if is_crlf { "\r\n" } else { "\n" };
    Edit::insert(line, format!("{indent}<!-- waypost: ignore {rule} reason: -->{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::rc::Rc;

    use index::SpecPlace;
    use plan::{Shape, SpecDocuments};

    #[track_caller]
    fn check(text: &str, mark: &str, expected: Option<&str>) {
        let place = SpecPlace {
            name: "a".to_string(),
            shape: Shape::Folder,
            path: PathBuf::from("/a"),
            package: String::new(),
            is_archived: false,
        };
        let documents = SpecDocuments { tasks: Some(text.as_bytes().to_vec()), ..SpecDocuments::default() };
        let spec = SpecState::of(place, documents, Rc::default());
        let at = line(&spec, "tasks.md", text.as_bytes(), text.find(mark).unwrap());
        let edited = at.map(|at| {
            let edit = comment(text.as_bytes(), at, "r");
            String::from_utf8(spec::splice::apply(text.as_bytes(), &[edit]).unwrap()).unwrap()
        });
        assert_eq!(edited.as_deref(), expected);
    }

    #[test]
    fn where_a_comment_may_stand() {
        const C: &str = "<!-- waypost: ignore r reason: -->";
        check("# A\n\nx\n", "x", Some(&format!("# A\n\n{C}\nx\n")));
        check("# A\r\nx\r\n", "x", Some(&format!("# A\r\n{C}\r\nx\r\n")));
        let tasks = "## Tasks\n\n- [ ] 1. A\n  - [ ] 1.1 B\n    - more\n";
        let silenced = format!("## Tasks\n\n- [ ] 1. A\n  {C}\n  - [ ] 1.1 B\n    - more\n");
        check(tasks, "more", Some(&silenced));
        check("```json\n{}\n```\n", "{}", None);
        check("| a |\n|---|\n| b |\n", "b", None);
    }
}

//! New requirements, criteria and tasks, written as their neighbours are. Follows no reference.

use super::finish::Draft;
use super::model::{Entity, Model};
use super::moves::{document, eol, find};
use super::numbering::{self, Numbers, last_number, shift, with_children};
use super::{Kind, RefactorError, Set, lead};
use crate::Span;
use crate::digits::like;
use crate::splice::Edit;
use crate::text::after_list_marker;

/// A new criterion behind criterion `after`, or as the first one of requirement `after`.
pub(super) fn criterion(
    set: &Set<'_>,
    model: &Model,
    after: &str,
    text: &str,
) -> Result<Draft, RefactorError> {
    let is_first =
        model.all(Kind::Criterion, after).is_empty() && !model.all(Kind::Requirement, after).is_empty();
    let anchor = if is_first {
        let above = find(model, Kind::Requirement, after)?;
        let first = model
            .entities
            .iter()
            .position(|entity| entity.kind == Kind::Criterion && entity.parent == Some(above));
        first.ok_or_else(|| RefactorError::NoNeighbour { kind: Kind::Criterion, id: after.to_string() })?
    } else {
        find(model, Kind::Criterion, after)?
    };
    let Some(neighbour) = model.get(anchor) else { return Ok(Draft::default()) };
    let bytes = document(set, neighbour.file);
    let first_line = first_line(neighbour, bytes);
    if first_line.trim_ascii_start().starts_with(b"#") {
        return Err(RefactorError::NoNeighbour { kind: Kind::Criterion, id: after.to_string() });
    }
    let (mut draft, number) = numbered(model, anchor, is_first);
    let eol = String::from_utf8_lossy(eol(bytes)).into_owned();
    let (prefix, width) = item_prefix(neighbour, first_line, &number);
    let text = wrapped(text, &prefix, &" ".repeat(width), &eol);
    put(&mut draft, model, neighbour, anchor, bytes, text, is_first);
    Ok(draft)
}

/// A new requirement behind requirement `after`.
pub(super) fn requirement(
    set: &Set<'_>,
    model: &Model,
    after: &str,
    title: &str,
    story: Option<&str>,
    criteria: &[&str],
) -> Result<Draft, RefactorError> {
    if model.all(Kind::Requirement, after).is_empty() && !model.all(Kind::Criterion, after).is_empty() {
        // In a flat list a requirement is its own criterion.
        return criterion(set, model, after, title);
    }
    let anchor = find(model, Kind::Requirement, after)?;
    let Some(neighbour) =
        model.get(anchor).filter(|entity| entity.title.is_some() || entity.number.is_some())
    else {
        return Err(RefactorError::NoNeighbour { kind: Kind::Requirement, id: after.to_string() });
    };
    let bytes = document(set, neighbour.file);
    let (mut draft, number) = numbered(model, anchor, false);
    let eol = String::from_utf8_lossy(eol(bytes)).into_owned();
    let line = first_line(neighbour, bytes);
    let start = neighbour.own.offset;
    let heading = match (neighbour.number, neighbour.title) {
        (Some(written), Some(words)) => {
            let head = line.get(..written.span.offset - start).unwrap_or_default();
            let joint = Span::between(written.span.end(), words.offset).text(bytes);
            format!("{}{}{joint}{title}", lossy(head), numbering::shown(neighbour, &number, true))
        }
        (Some(written), None) => {
            let head = line.get(..written.span.offset - start).unwrap_or_default();
            format!("{}{}: {title}", lossy(head), numbering::shown(neighbour, &number, true))
        }
        (None, words) => {
            let head = words.and_then(|words| line.get(..words.offset - start)).unwrap_or(b"### ");
            format!("{}{title}", lossy(head))
        }
    };
    let mut text = heading.replace(['\n', '\r'], " ");
    let body = Span::between(neighbour.own.end(), neighbour.unit.end()).text(bytes);
    let story_head = body.lines().find_map(label_head).unwrap_or("**User Story:** ");
    if let Some(story) = story {
        text.push_str(&format!("{eol}{eol}{story_head}{}", story.replace(['\n', '\r'], " ")));
    }
    let marker =
        body.lines().find(|line| is_acceptance(line)).unwrap_or("#### Acceptance Criteria").trim_end();
    text.push_str(&format!("{eol}{eol}{marker}{eol}"));
    let first =
        model.entities.iter().find(|entity| entity.kind == Kind::Criterion && entity.parent == Some(anchor));
    for (index, words) in criteria.iter().enumerate() {
        let id = format!("{number}.{}", index + 1);
        let (prefix, width) = match first {
            Some(first) => item_prefix(first, first_line(first, bytes), &id),
            None => (format!("{}. ", index + 1), 3),
        };
        text.push_str(&format!("{eol}{}", wrapped(words, &prefix, &" ".repeat(width), &eol)));
    }
    put(&mut draft, model, neighbour, anchor, bytes, text, false);
    Ok(draft)
}

/// A new task behind task `after` and everything below that, on the same level.
pub(super) fn task(
    set: &Set<'_>,
    model: &Model,
    after: &str,
    title: &str,
    details: &[&str],
) -> Result<Draft, RefactorError> {
    let anchor = find(model, Kind::Task, after)?;
    let Some(neighbour) = model.get(anchor) else { return Ok(Draft::default()) };
    if neighbour.is_scattered {
        return Err(RefactorError::Scattered { kind: Kind::Task, id: neighbour.id.clone() });
    }
    let bytes = document(set, neighbour.file);
    let (mut draft, number) = numbered(model, anchor, false);
    let eol = String::from_utf8_lossy(eol(bytes)).into_owned();
    let line = first_line(neighbour, bytes);
    let start = neighbour.own.offset;
    let written = neighbour.number.filter(|written| written.is_true);
    let head = match written {
        Some(written) => {
            let head = lossy(line.get(..written.span.offset - start).unwrap_or_default());
            let rest = line.get(written.span.end() - start..).unwrap_or_default();
            let rest = lossy(rest);
            let words = rest.trim_start_matches(['.', ')', ':', '．', '、', '：', '）']);
            let stop = rest.strip_suffix(words).unwrap_or_default();
            let number = like(&number, written.digit.encode_utf8(&mut [0; 4]));
            format!("{}{number}{stop} ", plain_head(&head))
        }
        None => {
            let open = line.iter().position(|b| *b == b'[').unwrap_or(0);
            format!("{}[ ] ", lossy(line.get(..open).unwrap_or_default()))
        }
    };
    let indent = lossy(lead::indent(line));
    // Details stand where the neighbour's do.
    let own_lines = Span::between(start + line.len(), neighbour.own.end()).text(bytes);
    let detail = own_lines
        .lines()
        .find_map(|line| {
            let rest = after_list_marker(line.trim_start().as_bytes())?;
            line.len().checked_sub(rest.len()).and_then(|at| line.get(..at)).map(str::to_string)
        })
        .filter(|head| !head.trim_start().starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or_else(|| format!("{indent}  - "));
    let mut text = format!("{head}{}", title.replace(['\n', '\r'], " "));
    if line.trim_ascii_start().starts_with(b"#") && !details.is_empty() {
        text.push_str(&eol);
    }
    for words in details {
        text.push_str(&format!("{eol}{detail}{}", words.replace(['\n', '\r'], " ")));
    }
    put(&mut draft, model, neighbour, anchor, bytes, text, false);
    Ok(draft)
}

/// What stands before the number of a task, with an open box and without a mark or emphasis of its own.
fn plain_head(head: &str) -> String {
    let head = head.replace("**", "");
    let Some((before, rest)) = head.split_once(['[', '［']) else { return head };
    let rest = rest.split_once([']', '］']).map_or("", |(_, rest)| rest);
    format!("{before}[ ]{}", rest.replace(['\\', '*'], ""))
}

/// Makes room for one more behind (or before) `anchor`; gives the number of the new one.
fn numbered(model: &Model, anchor: usize, is_before: bool) -> (Draft, String) {
    let mut draft = Draft::default();
    let Some(neighbour) = model.get(anchor) else { return (draft, String::new()) };
    let list = model.siblings(anchor);
    let index = list.iter().position(|at| *at == anchor).unwrap_or(0);
    let number = last_number(&neighbour.id).map_or(0, |(_, number)| number) + u32::from(!is_before);
    let mut numbers = Numbers::new();
    shift(model, &list, index + usize::from(!is_before), number, true, &mut numbers);
    with_children(model, &mut numbers, None);
    draft.number(model, numbers);
    let id = numbering::with_last(&neighbour.id, number).unwrap_or_default();
    let is_written = neighbour.number.is_some_and(|written| written.is_true);
    draft.inserted = Some((neighbour.kind, is_written.then(|| id.clone())));
    (draft, id)
}

/// Puts new text behind or before its neighbour, apart as neighbours are.
fn put(
    draft: &mut Draft,
    model: &Model,
    neighbour: &Entity,
    anchor: usize,
    bytes: &[u8],
    text: String,
    is_before: bool,
) {
    let (_, separator) = super::moves::cut(model, bytes, anchor, &model.siblings(anchor));
    let separator = separator.slice(bytes);
    let gap = if separator.contains(&b'\n') { lossy(separator) } else { lossy(eol(bytes)) };
    // Sections stand apart even when there is only one.
    let gap = if neighbour.kind == Kind::Requirement && gap.matches('\n').count() < 2 {
        format!("{gap}{}", lossy(eol(bytes)))
    } else {
        gap
    };
    let edit = if is_before {
        Edit::insert(neighbour.unit.offset, text + &gap)
    } else {
        Edit::insert(neighbour.unit.end(), gap + &text)
    };
    draft.layout(neighbour.file).small.push(edit);
}

fn first_line<'a>(entity: &Entity, bytes: &'a [u8]) -> &'a [u8] {
    let unit = entity.unit.slice(bytes);
    let end = unit.iter().position(|b| *b == b'\n').unwrap_or(unit.len());
    let line = unit.get(..end).unwrap_or_default();
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// What stands before the words of an item, with another number and an empty box, and its width.
fn item_prefix(entity: &Entity, line: &[u8], id: &str) -> (String, usize) {
    let found = lead::of_item(line);
    let head = line.get(..found.body).unwrap_or_default();
    let mut text = match (&found.number, entity.number) {
        (Some(at), Some(written)) => {
            let before = lossy(head.get(..at.start).unwrap_or_default());
            let after = lossy(head.get(at.end..).unwrap_or_default());
            let number = if written.is_true {
                numbering::shown(entity, id, written.is_full)
            } else {
                written_text(line, at)
            };
            format!("{before}{number}{after}")
        }
        _ => lossy(head),
    };
    for mark in ["[x] ", "[X] ", "[-] ", "[~] "] {
        text = text.replacen(mark, "[ ] ", 1);
    }
    let bullet = line.len() - line.trim_ascii_start().len() + 2;
    let width = if found.number.is_some() && !text.trim_start().starts_with(['-', '*', '+']) {
        text.len()
    } else {
        bullet
    };
    (text, width)
}

fn written_text(line: &[u8], at: &std::ops::Range<usize>) -> String {
    lossy(line.get(at.clone()).unwrap_or_default())
}

/// The words behind `prefix`, later lines below their beginning.
fn wrapped(words: &str, prefix: &str, indent: &str, eol: &str) -> String {
    let mut lines = words.trim().lines().map(str::trim).filter(|line| !line.is_empty());
    let mut text = format!("{prefix}{}", lines.next().unwrap_or_default());
    for line in lines {
        text.push_str(eol);
        text.push_str(indent);
        text.push_str(line);
    }
    text
}

/// `**User Story:** ` of a line that begins so.
fn label_head(line: &str) -> Option<&str> {
    const STORIES: &[&str] = &[
        "user story",
        "story",
        "ユーザーストーリー",
        "用户故事",
        "사용자 스토리",
        "пользовательская история",
    ];
    let bare = line.trim_start_matches(['*', '_', '-', ' ']);
    let lower = bare.to_lowercase();
    STORIES.iter().find(|story| lower.starts_with(**story))?;
    let colon = line.find([':', '：'])?;
    let rest = line.get(colon..)?;
    let end = rest.find(|c: char| !matches!(c, ':' | '：' | '*' | '_' | ' ')).unwrap_or(rest.len());
    line.get(..colon + end)
}

fn is_acceptance(line: &str) -> bool {
    const NAMES: &[&str] = &[
        "acceptance criteria",
        "acceptance",
        "受け入れ基準",
        "受入基準",
        "验收标准",
        "驗收標準",
        "수용 기준",
        "критерии приемки",
    ];
    let bare =
        line.trim_matches(|c: char| matches!(c, '#' | '*' | '_' | ':' | '：' | ' ' | '-')).to_lowercase();
    NAMES.contains(&bare.as_str())
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

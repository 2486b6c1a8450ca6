//! Tags in the text of sources and tests: `Validates: Requirements 1.2`, `Feature: login, Property 3`,
//! `test_req_1_2_…`, as ids with the bytes where they stand. Does not know which specs and ids exist.

pub(crate) mod line;
mod names;
mod prefilter;
pub(crate) mod words;

use crate::Span;
use crate::references::lexer::expand;

/// Tags read from one file; what lies beyond is not seen. The fullest real test file has under a hundred.
pub const TAGS_MAX: usize = 10_000;

/// What a tag speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TagKind {
    /// A requirement or one of its criteria.
    Requirement,
    /// A correctness property of a design.
    Property,
    /// A task.
    Task,
    /// A spec as a whole, by its name; the id is empty.
    Spec,
}

/// How a tag is written, which is how it must be rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TagForm {
    /// `Validates: Requirements 1.2`, `_Requirements: 1.2_`
    Label,
    /// `Requirement 1.2`, `Property 3`, `要件 1.2` in running text.
    Word,
    /// `Feature: name`
    Feature,
    /// `@spec name#1.2`
    At,
    /// `Task: name#2.1`, as in the trailer of a commit.
    Trailer,
    /// Inside a name: `test_req_1_2_logs_in`. The id as written has `_` for each dot.
    Name,
    /// In the title of a test: `it("1.2 logs in")`.
    Title,
}

/// One tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// What it speaks about.
    pub kind: TagKind,
    /// The spec that it names, or that is the only one named in the same paragraph; none when it names none.
    pub spec: Option<String>,
    /// Where the name stands, when the tag itself names it.
    pub spec_span: Option<Span>,
    /// The id in normal form, see [`crate::references::normal_id`]; the first one of a range.
    pub id: String,
    /// The last id of a range, and its number as written.
    pub to: Option<(String, Span)>,
    /// The id as written, its prefix included: `REQ-1.2`.
    pub span: Span,
    /// The number alone: `1.2`.
    pub number: Span,
    /// The line, from 1.
    pub line: usize,
    /// How sure it is that this is a tag at all, in percent. From [`CONFIDENT_MIN`] on it may be followed.
    pub confidence: u8,
    /// How it is written.
    pub form: TagForm,
}

/// The least confidence, in percent, with which a tag is taken at its word.
pub const CONFIDENT_MIN: u8 = 70;

impl Tag {
    /// The ids that are meant, a range expanded; at most [`crate::references::REFERENCES_MAX`].
    pub fn ids(&self) -> Vec<String> {
        match &self.to {
            Some((to, _)) => expand(&self.id, to, crate::references::REFERENCES_MAX),
            None => vec![self.id.clone()],
        }
    }
}

/// The tags of a file in order, at most [`TAGS_MAX`]. Reads any bytes, in linear time; lines without a key word cost
/// next to nothing.
pub fn scan(bytes: &[u8]) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::new();
    let (mut done, mut line_number) = (0, 1);
    while let Some(hit) = prefilter::next(bytes, done) {
        let start = bytes.get(done..hit).and_then(|before| before.iter().rposition(|b| *b == b'\n'));
        let start = start.map_or(done, |at| done + at + 1);
        let rest = bytes.get(hit..).unwrap_or_default();
        let end = rest.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| hit + at);
        line_number += breaks(bytes, done, start);
        let content = bytes.get(start..end).unwrap_or_default();
        tags.extend(line::read(content, start, line_number));
        if tags.len() >= TAGS_MAX {
            tags.truncate(TAGS_MAX);
            break;
        }
        done = (end + 1).min(bytes.len());
        line_number += usize::from(end < bytes.len());
    }
    inherit(bytes, &mut tags);
    tags
}

fn breaks(bytes: &[u8], from: usize, to: usize) -> usize {
    bytes.get(from..to).unwrap_or_default().iter().filter(|b| **b == b'\n').count()
}

/// Gives the tags of a paragraph the spec that it names, when it names exactly one.
fn inherit(bytes: &[u8], tags: &mut [Tag]) {
    let is_named = |tag: &Tag| tag.spec.is_some();
    if !tags.iter().any(is_named) {
        return;
    }
    let mut rest = tags;
    while !rest.is_empty() {
        let mut count = 1;
        while let (Some(last), Some(next)) = (rest.get(count - 1), rest.get(count)) {
            if has_blank_line(bytes, last.number.offset, next.number.offset) {
                break;
            }
            count += 1;
        }
        let (paragraph, behind) = rest.split_at_mut(count);
        let mut names: Vec<String> = paragraph.iter().filter_map(|tag| tag.spec.clone()).collect();
        names.sort();
        names.dedup();
        if let [name] = names.as_slice() {
            for tag in paragraph.iter_mut() {
                tag.spec = Some(name.clone());
            }
        }
        rest = behind;
    }
}

fn has_blank_line(bytes: &[u8], from: usize, to: usize) -> bool {
    let between = bytes.get(from..to).unwrap_or_default();
    let mut lines = between.split(|b| *b == b'\n').skip(1).peekable();
    while let Some(line) = lines.next() {
        if lines.peek().is_some() && line.trim_ascii().is_empty() {
            return true;
        }
    }
    false
}

#[cfg(test)]
#[path = "tags_tests.rs"]
mod tests;

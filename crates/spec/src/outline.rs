//! Headings and the sections they open. Does not know which headings a document should have.

use crate::Span;
use crate::text::{Inside, Text};

/// A heading and the lines that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Number of `#`, 1 to 6.
    pub level: usize,
    /// The words, without `#` and surrounding white space.
    pub title: String,
    /// Index of the heading's line.
    pub line: usize,
    /// First line that no longer belongs to the heading's own text: the next heading of any level.
    pub body_end: usize,
    /// First line behind the whole section: the next heading of the same or a higher rank.
    pub end: usize,
    /// Index of the heading above, in the same list.
    pub parent: Option<usize>,
}

impl Heading {
    /// The whole section, sub-sections included, in bytes.
    pub fn span(&self, text: &Text<'_>) -> Span {
        text.span_of(self.line, self.end)
    }

    /// The heading's own text, sub-sections left out, trimmed.
    pub fn body(&self, text: &Text<'_>) -> String {
        let span = text.span_of(self.line.saturating_add(1), self.body_end);
        span.text(text.bytes()).trim().to_string()
    }

    /// The text under the heading, sub-sections included, trimmed.
    pub fn full_body(&self, text: &Text<'_>) -> String {
        let span = text.span_of(self.line.saturating_add(1), self.end);
        span.text(text.bytes()).trim().to_string()
    }

    /// Whether the title is `name`, whatever the case.
    pub fn is(&self, name: &str) -> bool {
        self.title.eq_ignore_ascii_case(name)
    }
}

/// Every heading of the prose, in document order. Headings inside fences and comments are not headings.
pub fn headings(text: &Text<'_>) -> Vec<Heading> {
    let mut found: Vec<Heading> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (index, line) in text.lines().iter().enumerate() {
        // Nearly all lines are settled by their first byte; only the rest is decoded.
        let may_be = text.begin(line).first().is_some_and(|b| *b == b'#' || !b.is_ascii_graphic());
        if line.inside != Inside::Prose || line.indent >= 4 || !may_be {
            continue;
        }
        let Some((level, title)) = heading_of(&text.str_of(line)) else { continue };
        if let Some(last) = found.last_mut() {
            last.body_end = index;
        }
        while let Some(above) = open.last().copied() {
            match found.get_mut(above) {
                Some(heading) if heading.level >= level => {
                    heading.end = index;
                    open.pop();
                }
                _ => break,
            }
        }
        let end = text.lines().len();
        found.push(Heading { level, title, line: index, body_end: end, end, parent: open.last().copied() });
        open.push(found.len().saturating_sub(1));
    }
    found
}

/// Level and title of a heading line.
fn heading_of(line: &str) -> Option<(usize, String)> {
    let trimmed = line.trim();
    let title = trimmed.trim_start_matches('#');
    let level = trimmed.len() - title.len();
    if level == 0 || level > 6 || !(title.is_empty() || title.starts_with([' ', '\t'])) {
        return None;
    }
    let title = title.trim();
    let bare = title.trim_end_matches('#');
    // `## C#` keeps its sharp sign: closing marks count only behind white space.
    let title = if bare.is_empty() || bare.ends_with([' ', '\t']) { bare.trim_end() } else { title };
    Some((level, title.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &[(usize, &str, usize, usize, usize)]) {
        let text = Text::read(input.as_bytes());
        let got: Vec<_> =
            headings(&text).into_iter().map(|h| (h.level, h.title, h.line, h.body_end, h.end)).collect();
        let want: Vec<_> = expected.iter().map(|(l, t, a, b, c)| (*l, t.to_string(), *a, *b, *c)).collect();
        assert_eq!(got, want);
    }

    #[test]
    fn sections_end_at_the_next_heading_of_their_rank() {
        check(
            "# A\nx\n## B\n### C\n## D ##\ny\n",
            &[(1, "A", 0, 2, 6), (2, "B", 2, 3, 4), (3, "C", 3, 4, 4), (2, "D", 4, 6, 6)],
        );
    }

    #[test]
    fn not_every_sharp_is_a_heading() {
        check("#tag\n####### seven\n    # code\n```\n# x\n```\n## C#\n", &[(2, "C#", 6, 7, 7)]);
    }
}

//! Bytes as lines: where each begins, how it ends, how deep it stands, and whether it is prose at all.
//! Understands no heading, task or requirement.

use std::borrow::Cow;

use crate::Span;

/// How a line ends. A lone carriage return is content, as it is for git and for every editor we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eol {
    /// The file ends here without a line break.
    None,
    /// `\n`
    Lf,
    /// `\r\n`
    CrLf,
}

impl Eol {
    /// The bytes of this ending.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Eol::None => b"",
            Eol::Lf => b"\n",
            Eol::CrLf => b"\r\n",
        }
    }
}

/// What a line is part of. Only [`Inside::Prose`] can hold headings, tasks and criteria.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// Ordinary Markdown.
    Prose,
    /// The line that opens or closes a fenced code block.
    FenceEdge,
    /// Code between two fence edges.
    Fence,
    /// An HTML comment, its first and last line included.
    Comment,
}

/// One line. `span` leaves the line break out; `eol` says what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The content, in bytes of the document.
    pub span: Span,
    /// How the line ends.
    pub eol: Eol,
    /// Columns of white space before the first other byte; a tab goes to the next multiple of [`TAB_COLUMNS`].
    pub indent: usize,
    /// What the line is part of.
    pub inside: Inside,
    /// Bytes of blanks and tabs before the first other byte.
    pub(crate) lead: usize,
}

/// Lines of the longest front matter that is taken for one.
pub const FRONT_LINES_MAX: usize = 200;

/// Columns between two tab stops, as CommonMark counts them.
pub const TAB_COLUMNS: usize = 4;

/// The byte-order mark that Windows editors write.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What was still open when the document ended, with the line that opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclosed {
    /// A fence of `count` times `byte`.
    Fence {
        /// Back-tick or tilde.
        byte: u8,
        /// How many.
        count: usize,
        /// The opening line.
        span: Span,
    },
    /// An HTML comment.
    Comment {
        /// The opening line.
        span: Span,
    },
}

/// The line tree of a document. Borrows the bytes; every byte belongs to the mark, to one line or to one line
/// break, so that [`Text::print`] gives the document back.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    bytes: &'a [u8],
    bom: bool,
    /// The whole document, when it is UTF-8: then no line has to be checked again.
    valid: Option<&'a str>,
    lines: Vec<Line>,
    unclosed: Option<Unclosed>,
}

impl<'a> Text<'a> {
    /// Reads any bytes. Linear in their number.
    pub fn read(bytes: &'a [u8]) -> Text<'a> {
        let bom = bytes.starts_with(BOM);
        let mut lines = split(bytes, if bom { BOM.len() } else { 0 });
        let unclosed = mark_islands(bytes, &mut lines);
        Text { bytes, bom, valid: std::str::from_utf8(bytes).ok(), lines, unclosed }
    }

    /// The document again, from its lines.
    ///
    /// Invariant: `Text::read(bytes).print() == bytes` for any bytes.
    pub fn print(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len());
        if self.bom {
            out.extend_from_slice(BOM);
        }
        for line in &self.lines {
            out.extend_from_slice(line.span.slice(self.bytes));
            out.extend_from_slice(line.eol.bytes());
        }
        out
    }

    /// The document.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// All lines in order.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What was still open at the end.
    pub fn unclosed(&self) -> Option<Unclosed> {
        self.unclosed
    }

    /// The bytes of a line without its break.
    pub fn of(&self, line: &Line) -> &'a [u8] {
        line.span.slice(self.bytes)
    }

    /// The text of a line without its break; invalid UTF-8 becomes replacement characters.
    pub fn str_of(&self, line: &Line) -> Cow<'a, str> {
        self.str_at(line.span)
    }

    /// The text under a span; invalid UTF-8 becomes replacement characters.
    pub(crate) fn str_at(&self, span: Span) -> Cow<'a, str> {
        match self.valid.and_then(|text| text.get(span.offset..span.end())) {
            Some(text) => Cow::Borrowed(text),
            None => String::from_utf8_lossy(span.slice(self.bytes)),
        }
    }

    /// The bytes of a line from the first that is neither blank nor tab.
    pub(crate) fn begin(&self, line: &Line) -> &'a [u8] {
        self.bytes.get(line.span.offset + line.lead..line.span.end()).unwrap_or_default()
    }

    /// Whether nothing but white space stands in the line.
    pub(crate) fn is_blank(&self, line: &Line) -> bool {
        self.begin(line).iter().all(u8::is_ascii_whitespace)
    }

    /// The span of lines `from..to`, the last line break included.
    pub fn span_of(&self, from: usize, to: usize) -> Span {
        let start = self.lines.get(from).map_or(self.bytes.len(), |line| line.span.offset);
        let end = self.lines.get(to).map_or(self.bytes.len(), |line| line.span.offset);
        Span::between(start, end)
    }

    /// The text of a line, byte for byte as long as the line itself: each byte that is not UTF-8 becomes a `?`, so that
    /// places found in the text are places in the document.
    pub(crate) fn exact(&self, line: &Line) -> Cow<'a, str> {
        if let Some(text) = self.valid.and_then(|text| text.get(line.span.offset..line.span.end())) {
            return Cow::Borrowed(text);
        }
        let bytes = self.of(line);
        match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => {
                let mut out = String::with_capacity(bytes.len());
                for chunk in bytes.utf8_chunks() {
                    out.push_str(chunk.valid());
                    out.extend(chunk.invalid().iter().map(|_| '?'));
                }
                out.into()
            }
        }
    }

    /// How many lines a YAML front matter takes at the top, its fences included; 0 when there is none.
    ///
    /// A document may as well begin with a rule, so this asks for `key:` behind the first fence, for the closing one
    /// within [`FRONT_LINES_MAX`] lines, and for no section heading between them.
    pub fn front_matter(&self) -> usize {
        let mut lines = self.lines.iter().enumerate().take(FRONT_LINES_MAX);
        if lines.next().is_none_or(|(_, line)| self.of(line).trim_ascii_end() != b"---") {
            return 0;
        }
        let mut has_key = false;
        for (at, line) in lines {
            let content = self.of(line).trim_ascii_end();
            if matches!(content, b"---" | b"...") {
                return if has_key { at + 1 } else { 0 };
            }
            if content.starts_with(b"##") {
                return 0;
            }
            if !has_key && !content.is_empty() && !content.starts_with(b"#") {
                let word =
                    content.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
                let word = word.count();
                if word == 0 || content.get(word) != Some(&b':') {
                    return 0;
                }
                has_key = true;
            }
        }
        0
    }

    /// The line break that new lines should use: the one of the first line that has one.
    pub fn eol(&self) -> Eol {
        self.lines.iter().map(|line| line.eol).find(|eol| *eol != Eol::None).unwrap_or(Eol::Lf)
    }

    /// The span of the first line, where findings about absent things are shown.
    pub fn first_line(&self) -> Span {
        self.lines.first().map(|line| line.span).unwrap_or_default()
    }
}

/// White space inside a line. A lone carriage return counts, for it is left over from a double conversion.
pub(crate) fn is_blank_byte(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | 0x0B | 0x0C)
}

fn split(bytes: &[u8], start: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut offset = start;
    while offset < bytes.len() {
        let rest = bytes.get(offset..).unwrap_or_default();
        let (content, eol, used) = match rest.iter().position(|byte| *byte == b'\n') {
            None => (rest, Eol::None, rest.len()),
            Some(end) => {
                let content = rest.get(..end).unwrap_or_default();
                match content.strip_suffix(b"\r") {
                    Some(content) => (content, Eol::CrLf, end + 1),
                    None => (content, Eol::Lf, end + 1),
                }
            }
        };
        let (lead, indent) = lead(content);
        let span = Span { offset, len: content.len() };
        lines.push(Line { span, eol, indent, inside: Inside::Prose, lead });
        offset += used;
    }
    lines
}

/// Bytes and columns of the blanks and tabs at the start.
fn lead(content: &[u8]) -> (usize, usize) {
    let mut column = 0;
    for (at, byte) in content.iter().enumerate() {
        match byte {
            b' ' => column += 1,
            b'\t' => column += TAB_COLUMNS - column % TAB_COLUMNS,
            _ => return (at, column),
        }
    }
    (content.len(), column)
}

enum Island {
    None,
    Fence { byte: u8, count: usize, indent: usize, opened: Span },
    Comment { opened: Span },
}

fn mark_islands(bytes: &[u8], lines: &mut [Line]) -> Option<Unclosed> {
    let mut island = Island::None;
    for line in lines.iter_mut() {
        let content = line.span.slice(bytes);
        let trimmed = content.get(line.lead..).unwrap_or_default().trim_ascii();
        match island {
            Island::Fence { byte, count, .. } if closes(trimmed, byte, count) => {
                line.inside = Inside::FenceEdge;
                island = Island::None;
                continue;
            }
            // A fence inside a list item ends with the item. Without this rule one forgotten fence would hide
            // every later task.
            Island::Fence { indent, .. } if !(line.indent < indent && looks_like_box(trimmed)) => {
                line.inside = Inside::Fence;
                continue;
            }
            Island::Comment { .. } => {
                line.inside = Inside::Comment;
                if contains(content, b"-->") {
                    island = Island::None;
                }
                continue;
            }
            Island::None | Island::Fence { .. } => island = Island::None,
        }
        if let Some((byte, count, indent)) = opens(trimmed, line.indent) {
            line.inside = Inside::FenceEdge;
            island = Island::Fence { byte, count, indent, opened: line.span };
        } else if let Some(rest) = trimmed.strip_prefix(b"<!--") {
            line.inside = Inside::Comment;
            if !contains(rest, b"-->") {
                island = Island::Comment { opened: line.span };
            }
        }
    }
    match island {
        Island::None => None,
        Island::Fence { byte, count, opened, .. } => Some(Unclosed::Fence { byte, count, span: opened }),
        Island::Comment { opened } => Some(Unclosed::Comment { span: opened }),
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn closes(trimmed: &[u8], byte: u8, count: usize) -> bool {
    trimmed.len() >= count && trimmed.iter().all(|b| *b == byte)
}

/// The fence that a line opens: its byte, its length and the column where it stands. A fence may follow a list
/// marker on the same line.
fn opens(trimmed: &[u8], indent: usize) -> Option<(u8, usize, usize)> {
    let (rest, indent) = match after_list_marker(trimmed) {
        Some(rest) => (rest, indent + (trimmed.len() - rest.len())),
        None => (trimmed, indent),
    };
    let byte = *rest.first()?;
    if byte != b'`' && byte != b'~' {
        return None;
    }
    let count = rest.iter().take_while(|b| **b == byte).count();
    let info = rest.get(count..).unwrap_or_default();
    let is_inline_code = byte == b'`' && info.contains(&b'`');
    (count >= 3 && !is_inline_code).then_some((byte, count, indent))
}

/// What follows `- `, `* `, `+ `, `1. ` or `1) `.
pub(crate) fn after_list_marker(trimmed: &[u8]) -> Option<&[u8]> {
    let after = match trimmed.first()? {
        b'-' | b'*' | b'+' => trimmed.get(1..)?,
        b'0'..=b'9' => {
            let digits = trimmed.iter().take_while(|b| b.is_ascii_digit()).count();
            match trimmed.get(digits)? {
                b'.' | b')' if digits <= 9 => trimmed.get(digits + 1..)?,
                _ => return None,
            }
        }
        _ => return None,
    };
    match after.first() {
        Some(byte) if is_blank_byte(*byte) => Some(after.trim_ascii_start()),
        _ => None,
    }
}

fn looks_like_box(trimmed: &[u8]) -> bool {
    matches!(trimmed, [b'-' | b'*' | b'+', b' ' | b'\t', b'[', _, b']', ..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(input: &str, expected: &[(&str, usize, Inside)]) {
        let text = Text::read(input.as_bytes());
        let got: Vec<_> =
            text.lines().iter().map(|l| (l.span.text(input.as_bytes()), l.indent, l.inside)).collect();
        let want: Vec<_> = expected.iter().map(|(s, i, f)| (s.to_string(), *i, *f)).collect();
        assert_eq!(got, want);
        assert_eq!(text.print(), input.as_bytes());
    }

    use Inside::{Comment, Fence, FenceEdge, Prose};

    #[test]
    fn lines_keep_their_endings() {
        check("a\r\nb\n\tc", &[("a", 0, Prose), ("b", 0, Prose), ("\tc", 4, Prose)]);
        check("\u{feff}# T\n", &[("# T", 0, Prose)]);
        check("", &[]);
        check("\n\n", &[("", 0, Prose), ("", 0, Prose)]);
    }

    #[test]
    fn fences_are_islands() {
        check(
            "```json\n- [ ] 1. no\n~~~\n```\n- [ ] 1. yes\n",
            &[
                ("```json", 0, FenceEdge),
                ("- [ ] 1. no", 0, Fence),
                ("~~~", 0, Fence),
                ("```", 0, FenceEdge),
                ("- [ ] 1. yes", 0, Prose),
            ],
        );
        check("```a``` b\nx", &[("```a``` b", 0, Prose), ("x", 0, Prose)]);
        check(
            "- ```sh\n  # x\n  ```\ny",
            &[("- ```sh", 0, FenceEdge), ("  # x", 2, Fence), ("  ```", 2, FenceEdge), ("y", 0, Prose)],
        );
    }

    #[test]
    fn a_forgotten_fence_inside_an_item_ends_with_the_item() {
        check(
            "- [ ] 1. A\n  ```\n  code\n- [ ] 2. B\n",
            &[
                ("- [ ] 1. A", 0, Prose),
                ("  ```", 2, FenceEdge),
                ("  code", 2, Fence),
                ("- [ ] 2. B", 0, Prose),
            ],
        );
    }

    #[test]
    fn comments_are_islands() {
        check(
            "<!-- a\n- [ ] 1. no\n-->\nx <!-- y\n<!-- z -->\nw",
            &[
                ("<!-- a", 0, Comment),
                ("- [ ] 1. no", 0, Comment),
                ("-->", 0, Comment),
                ("x <!-- y", 0, Prose),
                ("<!-- z -->", 0, Comment),
                ("w", 0, Prose),
            ],
        );
    }

    #[test]
    fn front_matter_is_told_from_a_rule() {
        let check = |input: &str, expected: usize| {
            assert_eq!(Text::read(input.as_bytes()).front_matter(), expected, "{input}");
        };
        check("---\ntitle: x\ntasks:\n  - [ ] 1. no\n---\n# T\n", 5);
        check("---\r\n# by hand\na: 1\r\n...\r\nx", 4);
        check("---\n# Title\n- [ ] 1. A\n---\n", 0);
        check("---\na: b\n## Tasks\n---\n", 0);
        check("---\na: b\n", 0);
        check("a: b\n---\n", 0);
    }

    #[test]
    fn what_is_open_at_the_end_is_told() {
        let open = Text::read(b"a\n````x\nb").unclosed();
        assert_eq!(open, Some(Unclosed::Fence { byte: b'`', count: 4, span: Span { offset: 2, len: 5 } }));
        assert_eq!(
            Text::read(b"<!--").unclosed(),
            Some(Unclosed::Comment { span: Span { offset: 0, len: 4 } })
        );
    }

    proptest! {
        #[test]
        fn printing_gives_the_bytes_back(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert_eq!(Text::read(&bytes).print(), bytes);
        }

        #[test]
        fn printing_gives_documents_back(s in "([-*# `~x\\[\\]<!>\r\n\t]|\u{feff}){0,200}") {
            prop_assert_eq!(Text::read(s.as_bytes()).print(), s.as_bytes());
        }
    }
}

//! List items, numbered paragraphs, table rows and scenarios of a stretch of a document, with their continuation
//! lines. Gives no addresses; see [`address`].

pub(crate) mod address;
pub(crate) mod number;
pub(crate) mod steps;
mod table;

use crate::Span;
use crate::inline::{is_bullet, strip_bullet};
use crate::requirements::fold::offset_in;
use crate::text::{Inside, Line, Text};
use number::{Number, number};

/// Items read from one stretch: one more than a document may have criteria, so that its reader sees that there are too
/// many. The longest real list has under a hundred.
pub(crate) const ITEMS_MAX: usize = crate::requirements::CRITERIA_MAX + 1;

/// What makes a line an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Bullet,
    /// A number that a list renders: `3.`, `3)`.
    Ordered,
    /// A paragraph that begins with its number, or, when asked for, any paragraph.
    Paragraph,
    /// A row of a table.
    Row,
    /// A heading with all that stands below it.
    Heading,
    /// A scenario in a code block.
    Block,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) number: Option<Number>,
    /// The number is set off from the text, so that it is one for certain.
    pub(crate) is_sure: bool,
    pub(crate) mark: Mark,
    /// The statement, marker and number left out; lines joined by `\n`.
    pub(crate) text: String,
    pub(crate) indent: usize,
    pub(crate) span: Span,
    pub(crate) number_span: Option<Span>,
    pub(crate) text_span: Span,
    /// A label or a heading stands between it and the item above.
    pub(crate) is_after_label: bool,
    /// The item has a box.
    pub(crate) has_box: bool,
}

/// What counts beyond lists and numbered paragraphs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading {
    /// Rows of tables.
    pub(crate) rows: bool,
    /// Headings that begin with a number or with `Scenario:`.
    pub(crate) headings: bool,
    /// Scenarios in code blocks.
    pub(crate) blocks: bool,
    /// Every paragraph.
    pub(crate) paragraphs: bool,
}

/// The items of lines `from..to`. Text before the first item, and code, is left out.
pub(crate) fn read(text: &Text<'_>, from: usize, to: usize) -> Vec<Item> {
    read_with(text, from, to, Reading::default())
}

/// The same, with more than lists.
pub(crate) fn read_with(text: &Text<'_>, from: usize, to: usize, reading: Reading) -> Vec<Item> {
    let lines = text.lines();
    let lines = lines.get(from..to.min(lines.len())).unwrap_or_default();
    let mut reader = Reader {
        text,
        reading,
        items: Vec::new(),
        is_open: false,
        is_after_blank: true,
        is_after_label: false,
    };
    let mut fence = Fence::default();
    for (index, line) in lines.iter().enumerate() {
        if reader.items.len() >= ITEMS_MAX {
            break;
        }
        match line.inside {
            Inside::Prose => {
                let next = lines.get(index + 1);
                reader.prose(line, next);
            }
            Inside::FenceEdge if reading.blocks => fence.edge(text, line),
            Inside::Fence if reading.blocks => fence.line(&mut reader, line),
            _ => {}
        }
    }
    reader.items
}

struct Reader<'a, 'b> {
    text: &'a Text<'b>,
    reading: Reading,
    items: Vec<Item>,
    /// The last item still takes lines.
    is_open: bool,
    is_after_blank: bool,
    is_after_label: bool,
}

impl Reader<'_, '_> {
    fn prose(&mut self, whole: &Line, next: Option<&Line>) {
        let line = &unindented(self.text, whole);
        let content = self.text.str_of(line);
        let trimmed = content.trim();
        if trimmed.is_empty() {
            self.is_after_blank = true;
            return;
        }
        if trimmed.starts_with('#') && line.indent < 4 {
            self.heading(line, &content);
        } else if trimmed.starts_with('|') {
            if self.reading.rows {
                let is_header = next.is_some_and(|next| table::is_delimiter(&self.text.str_of(next)));
                if !is_header && let Some(item) = table::row(line, &content) {
                    self.push_from(whole, item);
                }
            }
            self.is_open = false;
        } else if self.in_heading() {
            self.append(line, strip_bullet(trimmed));
        } else if let Some(item) = self.start(line, &content) {
            self.push_from(whole, item);
            self.is_open = true;
        } else {
            self.other(line, trimmed);
        }
        self.is_after_blank = false;
    }

    fn in_heading(&self) -> bool {
        self.is_open && self.items.last().is_some_and(|item| item.mark == Mark::Heading)
    }

    /// Takes the item in; its span begins with the blanks before it.
    fn push_from(&mut self, whole: &Line, item: Item) {
        self.push(Item { span: whole.span, ..item });
    }

    fn push(&mut self, mut item: Item) {
        item.is_after_label = std::mem::take(&mut self.is_after_label);
        self.items.push(item);
    }

    fn heading(&mut self, line: &Line, content: &str) {
        self.is_open = false;
        self.is_after_label = true;
        if !self.reading.headings {
            return;
        }
        let title = content.trim().trim_start_matches('#').trim_start();
        let found = number(title).filter(|found| !matches!(found.number, Number::Plain(_)));
        let body = match &found {
            Some(found) => found.rest,
            None if steps::is_scenario(title.trim_start_matches(['*', '_', ' '])) => title,
            None => return,
        };
        let item = item(
            line,
            content,
            Mark::Heading,
            found.as_ref().map(|found| (&found.number, found.written)),
            body,
        );
        self.push(Item { indent: 0, ..item });
        self.is_open = true;
    }

    /// A line that starts no list item.
    fn other(&mut self, line: &Line, trimmed: &str) {
        let Some(above) = self.items.last() else {
            self.is_after_label = true;
            return self.paragraph(line, trimmed);
        };
        // An unindented line behind a blank one is a paragraph of its own.
        let is_apart = self.is_after_blank && line.indent <= above.indent;
        if is_apart || !self.is_open {
            self.is_open = false;
            self.is_after_label |= is_label(trimmed);
            self.paragraph(line, trimmed);
        } else if self.reading.paragraphs
            && above.mark == Mark::Paragraph
            && steps::step_of(trimmed)
                .is_some_and(|step| matches!(step, steps::Step::Given | steps::Step::When))
            && steps::is_complete(&above.text)
        {
            self.paragraph(line, trimmed);
        } else {
            self.append(line, trimmed);
        }
    }

    fn paragraph(&mut self, line: &Line, trimmed: &str) {
        let is_name = is_label(trimmed) && !crate::requirements::roles::is_statement(trimmed);
        if !self.reading.paragraphs || is_rule(trimmed) || is_name {
            return;
        }
        let content = self.text.str_of(line);
        let body = content.trim();
        self.push(item(line, &content, Mark::Paragraph, None, body));
        self.is_open = true;
    }

    fn append(&mut self, line: &Line, words: &str) {
        let end = line.span.end();
        if let Some(item) = self.items.last_mut() {
            item.text.push('\n');
            item.text.push_str(words);
            item.span = Span::between(item.span.offset, end);
            item.text_span = Span::between(item.text_span.offset, end);
        }
    }

    /// The item that the line starts, if any.
    fn start(&self, line: &Line, content: &str) -> Option<Item> {
        if let Some(body) = bullet_body(content) {
            let (body, has_box) = without_box(body);
            let found = number(body);
            let rest = found.as_ref().map_or(body, |found| found.rest);
            let started =
                item(line, content, Mark::Bullet, found.as_ref().map(|f| (&f.number, f.written)), rest);
            return Some(Item { has_box, is_sure: found.is_none_or(|found| found.is_set_off), ..started });
        }
        let found = number(content.trim()).or_else(|| lettered(content.trim()))?;
        let mark = if matches!(found.number, Number::Plain(_)) { Mark::Ordered } else { Mark::Paragraph };
        let wraps = self.is_open && !self.is_after_blank;
        if wraps && !found.is_set_off {
            // `2.5 seconds` at the start of a wrapped line is no new paragraph, except below another of its kind, or
            // when it is a part of the number above.
            let is_alike =
                self.items.last().is_some_and(|above| above.mark == mark && above.indent == line.indent);
            if !is_alike && !self.is_part(&found.number, line) {
                return None;
            }
        }
        // A paragraph does not begin with `R2 shall` by chance, but it may begin with `SC2 is`.
        if mark == Mark::Paragraph && matches!(found.number, Number::Series(_)) && !found.is_set_off {
            return None;
        }
        // `4. **REQ-1.5** WHEN`: a code behind the place counts when it says another one.
        let place = match found.number {
            Number::Plain(place) => Some(place),
            _ => None,
        };
        let code = place.and_then(|place| coded(found.rest, place));
        let found = code.unwrap_or(found);
        let (rest, has_box) = without_box(found.rest);
        let number = (found.written.chars().next().is_some_and(|c| !c.is_ascii_lowercase()))
            .then_some((&found.number, found.written));
        let started = item(line, content, mark, number, rest);
        Some(Item { has_box, is_sure: found.is_set_off, ..started })
    }
}

impl Reader<'_, '_> {
    /// `1.2` below `1.`, and `1.1.1`, which is no quantity anywhere.
    fn is_part(&self, number: &Number, line: &Line) -> bool {
        let Number::Dotted(id) = number else { return false };
        let above = self.items.iter().rev().find(|item| item.indent < line.indent);
        let is_below = above.is_some_and(|above| match &above.number {
            Some(Number::Plain(value)) => id.split('.').next() == Some(value.to_string().as_str()),
            _ => false,
        });
        is_below || id.split('.').count() > 2
    }
}

/// The text behind a bullet, be it Markdown's or a typed one.
fn bullet_body(content: &str) -> Option<&str> {
    if is_bullet(content) {
        return Some(strip_bullet(content));
    }
    let trimmed = content.trim();
    let rest = trimmed.strip_prefix(['•', '・', '●', '▪', '‣', '○', '◦', '–', '—', '·'])?;
    let is_apart = rest.starts_with([' ', '\t', '\u{3000}']) || trimmed.starts_with('・');
    is_apart.then(|| rest.trim_start())
}

/// The code behind a place in a list, when its last part is another one: `REQ-1.5`, `**2.3**`.
fn coded(rest: &str, place: u32) -> Option<number::Numbered<'_>> {
    let found = number(rest).filter(|found| found.is_set_off)?;
    let Number::Dotted(id) = &found.number else { return None };
    let tail: u32 = id.rsplit('.').next()?.parse().ok()?;
    (tail != place).then_some(found)
}

/// `a) x`, `b. x`: an item without a number of its own.
fn lettered(trimmed: &str) -> Option<number::Numbered<'_>> {
    let written = trimmed.get(..1).filter(|letter| letter.bytes().all(|b| b.is_ascii_lowercase()))?;
    let rest = trimmed.get(1..)?.strip_prefix([')', '.'])?;
    rest.starts_with(' ').then(|| number::Numbered {
        number: Number::Plain(0),
        written,
        rest: rest.trim_start(),
        is_set_off: true,
    })
}

fn item(line: &Line, content: &str, mark: Mark, number: Option<(&Number, &str)>, body: &str) -> Item {
    // Replacement characters make a line that is not UTF-8 longer, and its places are none of the file.
    let is_exact = content.len() == line.span.len;
    let place = |part: &str| Span { offset: line.span.offset + offset_in(content, part), len: part.len() };
    // The emphasis that opened before the number closes behind the text.
    let body = body.trim_end();
    let is_unbalanced = number.is_some() && body.ends_with("**") && body.matches("**").count() % 2 == 1;
    let body = if is_unbalanced { body.strip_suffix("**").unwrap_or(body).trim_end() } else { body };
    Item {
        number: number.map(|(number, _)| number.clone()),
        is_sure: true,
        mark,
        text: body.to_string(),
        indent: line.indent,
        span: line.span,
        number_span: number.filter(|_| is_exact).map(|(_, written)| place(written)),
        text_span: if is_exact { place(body) } else { line.span },
        is_after_label: false,
        has_box: false,
    }
}

/// The line without the blanks before it. Deep lists have more blanks than words.
pub(crate) fn unindented(text: &Text<'_>, line: &Line) -> Line {
    let blanks = text.of(line).iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let span = Span { offset: line.span.offset + blanks, len: line.span.len.saturating_sub(blanks) };
    Line { span, ..*line }
}

/// An item that begins in the middle of a line, as behind a label.
pub(crate) fn whole(line: &Line, content: &str, body: &str) -> Item {
    item(line, content, Mark::Paragraph, None, body)
}

/// People tick criteria, too.
fn without_box(body: &str) -> (&str, bool) {
    for mark in ["[ ] ", "[x] ", "[X] ", "[-] ", "[~] ", "[] ", "☐ ", "☑ ", "✅ ", "✔ ", "✓ ", "⬜ ", "🔲 "]
    {
        if let Some(rest) = body.strip_prefix(mark) {
            return (rest.trim_start(), true);
        }
    }
    (body, false)
}

/// A line that names what follows: all bold, or with a colon at its end.
pub(crate) fn is_label(trimmed: &str) -> bool {
    let is_bold = trimmed.starts_with("**") && trimmed.ends_with("**")
        || trimmed.starts_with("__") && trimmed.ends_with("__");
    is_bold || trimmed.trim_end_matches(['*', '_']).ends_with([':', '：'])
}

fn is_rule(trimmed: &str) -> bool {
    trimmed.len() >= 3 && trimmed.bytes().all(|b| matches!(b, b'-' | b'*' | b'_' | b' '))
}

/// A sentence of `when … shall …` that waits for nothing; a scenario goes on with its next step.
fn is_whole(text: &str) -> bool {
    !steps::is_scenario(text)
        && steps::step_of(text) == Some(steps::Step::When)
        && crate::requirements::roles::is_statement(text)
}

/// The code block that is being read.
#[derive(Default)]
struct Fence {
    is_inside: bool,
    is_scenario: Option<bool>,
    has_item: bool,
}

impl Fence {
    fn edge(&mut self, text: &Text<'_>, line: &Line) {
        let info = text.str_of(line).trim().trim_start_matches(['`', '~', '-', '*', ' ']).to_lowercase();
        let is_opening = !self.is_inside;
        self.is_inside = is_opening;
        self.has_item = false;
        self.is_scenario = match info.as_str() {
            "" | "text" | "txt" | "markdown" | "md" => None,
            "gherkin" | "feature" | "cucumber" | "bdd" | "ears" => Some(true),
            _ => Some(false),
        };
    }

    fn line(&mut self, reader: &mut Reader<'_, '_>, line: &Line) {
        let content = reader.text.str_of(line);
        let trimmed = content.trim();
        if trimmed.is_empty() || self.is_scenario == Some(false) {
            return;
        }
        let found =
            number(trimmed).filter(|found| matches!(found.number, Number::Criterion(_) | Number::Dotted(_)));
        let opens = steps::is_scenario(trimmed) || found.is_some();
        if *self.is_scenario.get_or_insert(opens || steps::step_of(trimmed).is_some()) {
            // `Feature:` and tags name the whole block.
            let is_name = !opens && !self.has_item && steps::step_of(trimmed).is_none();
            let is_next = steps::step_of(trimmed)
                .is_some_and(|step| matches!(step, steps::Step::Given | steps::Step::When))
                && reader
                    .items
                    .last()
                    .is_some_and(|above| above.mark == Mark::Block && is_whole(&above.text));
            let opens = opens || self.has_item && is_next;
            let follows = reader.is_open
                && reader
                    .items
                    .last()
                    .is_some_and(|item| item.indent < line.indent || item.mark == Mark::Heading);
            if is_name {
                return;
            }
            if opens || !self.has_item && !follows {
                let number = found.as_ref().map(|found| (&found.number, found.written));
                let body = found.as_ref().map_or(trimmed, |found| found.rest);
                let started = item(line, &content, Mark::Block, number, body);
                reader.push(Item { indent: 0, ..started });
                reader.is_open = false;
            } else {
                reader.append(line, trimmed);
            }
            self.has_item = true;
        }
    }
}

#[cfg(test)]
#[path = "items/tests.rs"]
mod tests;

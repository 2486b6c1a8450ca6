//! Gives every item of a list its address. A written number is kept; a missing one follows from the place.

use super::number::Number;
use super::{Item, Mark, is_label, steps};
use crate::Span;
use crate::requirements::roles::is_statement;

/// An item and its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addressed {
    pub(crate) id: String,
    /// The address follows from the place and is not what is written.
    pub(crate) is_synthetic: bool,
    /// Items above it that it belongs to.
    pub(crate) depth: usize,
    pub(crate) item: Item,
}

/// Gives ids to a list: a dotted number is kept, a plain one counts when it goes up, the rest are counted on
/// from the last. `stem` is `1.` inside requirement 1 and empty in a flat list. Deeper items become part of the
/// text of the item above them, unless `nested` asks for ids such as `2.1`, or they are numbered as its parts.
pub(crate) fn addressed(items: Vec<Item>, stem: &str, nested: bool) -> Vec<Addressed> {
    continued(items, stem, nested, 0)
}

/// The same, counting on from `last`.
pub(crate) fn continued(items: Vec<Item>, stem: &str, nested: bool, last: u32) -> Vec<Addressed> {
    let mut items = steps::join(items);
    doubt(&mut items, stem);
    let mut list = List {
        stem,
        nested,
        base: items.first().map_or(0, |item| item.indent),
        is_numbered: items.first().is_some_and(|item| {
            item.number.is_some() && matches!(item.mark, Mark::Ordered | Mark::Paragraph)
        }),
        has_boxes: true,
        group: None,
        is_closed: false,
        last,
        last_nested: 0,
        out: Vec::with_capacity(items.len()),
    };
    for item in items {
        list.take(item);
    }
    list.out
}

struct List<'a> {
    stem: &'a str,
    nested: bool,
    /// Columns before the items of the first level.
    base: usize,
    /// The list counts, so that bullets between its items are details.
    is_numbered: bool,
    /// Every item so far has a box.
    has_boxes: bool,
    /// The column of the items below a label that groups them.
    group: Option<usize>,
    /// A list of another kind has begun below a label.
    is_closed: bool,
    last: u32,
    last_nested: u32,
    out: Vec<Addressed>,
}

impl List<'_> {
    fn take(&mut self, item: Item) {
        self.base = self.base.min(item.indent);
        if self.group.is_some_and(|column| item.indent < column) {
            self.group = None;
        }
        let level = self.group.unwrap_or(self.base);
        if item.indent > level + usize::from(item.number.is_some()) && !self.out.is_empty() {
            return self.deeper(item);
        }
        let is_bare = item.number.is_none() && item.mark == Mark::Bullet;
        // Below a label, bullets without boxes that follow bullets with boxes are another list.
        let has_lost_box =
            is_bare && item.is_after_label && !item.has_box && self.has_boxes && !self.out.is_empty();
        self.is_closed |= has_lost_box;
        self.has_boxes &= item.has_box;
        if self.is_numbered && is_bare && !self.out.is_empty() && self.group.is_none() {
            let is_sentence =
                steps::step_of(&item.text) == Some(steps::Step::When) && is_statement(&item.text);
            self.is_closed |= item.is_after_label && !is_sentence;
            if !self.is_closed && !is_sentence {
                self.detail(&item);
            }
            if !is_sentence {
                return;
            }
        }
        self.is_closed &= item.number.is_none() && !item.has_box;
        if !self.is_closed {
            self.top(item);
        }
    }

    fn top(&mut self, item: Item) {
        self.last_nested = 0;
        let (id, is_synthetic) = self.id_of(item.number.as_ref());
        self.out.push(Addressed { id, is_synthetic, depth: 0, item });
    }

    fn id_of(&mut self, number: Option<&Number>) -> (String, bool) {
        match number {
            Some(Number::Dotted(id)) => {
                let tail = id.rsplit('.').next().and_then(|tail| tail.parse().ok());
                self.last = tail.unwrap_or(self.last).max(self.last);
                (id.clone(), false)
            }
            Some(Number::Series(id)) => {
                self.last = self.last.saturating_add(1);
                (id.clone(), false)
            }
            Some(Number::Criterion(value)) => match value.split_once('.') {
                // `AC-2.1` inside requirement `US-2` is its first criterion.
                Some((head, tail)) if tail_of(self.stem).is_some_and(|own| same_number(own, head)) => {
                    (format!("{}{tail}", self.stem), false)
                }
                Some(_) => (value.clone(), false),
                None => self.counted(value.parse().unwrap_or(0)),
            },
            Some(Number::Plain(written)) => self.counted(*written),
            None => {
                self.last = self.last.saturating_add(1);
                (format!("{}{}", self.stem, self.last), true)
            }
        }
    }

    fn counted(&mut self, written: u32) -> (String, bool) {
        let is_kept = written > self.last;
        self.last = if is_kept { written } else { self.last.saturating_add(1) };
        (format!("{}{}", self.stem, self.last), !is_kept)
    }

    fn deeper(&mut self, item: Item) {
        let above = self.out.iter().rposition(|above| above.depth == 0);
        let Some(parent) = above.and_then(|at| self.out.get(at)) else { return };
        if let Some(Number::Dotted(id)) = &item.number
            && id.strip_prefix(parent.id.as_str()).is_some_and(|rest| rest.starts_with('.'))
        {
            let id = id.clone();
            return self.out.push(Addressed { id, is_synthetic: false, depth: 1, item });
        }
        if self.nested {
            let parent = parent.id.clone();
            self.last_nested = self.last_nested.saturating_add(1);
            let (id, is_synthetic) = match &item.number {
                Some(Number::Dotted(id) | Number::Series(id)) => (id.clone(), false),
                _ => (format!("{parent}.{}", self.last_nested), true),
            };
            return self.out.push(Addressed { id, is_synthetic, depth: 1, item });
        }
        // `- **Happy path**` with the criteria below it is a label and no criterion.
        let is_group = parent.item.number.is_none()
            && is_label(&parent.item.text)
            && !steps::is_scenario(parent.item.text.trim_start_matches(['*', '_', ' ']))
            && parent.item.text.len() <= LABEL_BYTES_MAX;
        if is_group
            && (item.number.is_some() || is_statement(&item.text))
            && above == self.out.len().checked_sub(1)
        {
            self.out.pop();
            self.last = self.last.saturating_sub(1);
            self.group = Some(item.indent);
            return self.top(item);
        }
        self.detail(&item);
    }

    fn detail(&mut self, item: &Item) {
        if let Some(above) = self.out.last_mut() {
            let above = &mut above.item;
            above.text.push('\n');
            above.text.push_str(&item.text);
            above.span = Span::between(above.span.offset, item.span.end());
            above.text_span = Span::between(above.text_span.offset, item.text_span.end());
        }
    }
}

/// Bytes of a label over a group of criteria.
const LABEL_BYTES_MAX: usize = 80;

/// The number in a stem: `2` of `US-2.`.
fn tail_of(stem: &str) -> Option<&str> {
    let stem = stem.strip_suffix('.')?;
    stem.rsplit(['-', '.']).next().filter(|tail| !tail.is_empty())
}

fn same_number(a: &str, b: &str) -> bool {
    a.trim_start_matches('0') == b.trim_start_matches('0')
}

/// Gives numbers back to the text when they are quantities: `2.5 seconds` in a list that is numbered otherwise or not
/// at all.
fn doubt(items: &mut [Item], stem: &str) {
    let dotted = items.iter().filter(|item| matches!(item.number, Some(Number::Dotted(_)))).count();
    if dotted * 2 >= items.len() {
        return;
    }
    for item in items.iter_mut().filter(|item| !item.is_sure) {
        let Some(Number::Dotted(id)) = &item.number else { continue };
        let is_own = !stem.is_empty() && id.starts_with(stem);
        // The text of digits of other scripts is not kept.
        if !is_own && let Some(written) = item.number_span.filter(|written| written.len == id.len()) {
            item.text = format!("{id} {}", item.text);
            item.text_span = Span::between(written.offset, item.text_span.end());
            (item.number, item.number_span) = (None, None);
        }
    }
}

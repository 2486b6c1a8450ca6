//! Which lines below a task are its own: where its block ends, and which lines behind its sub-tasks still speak of it.
//! Understands no label.

use crate::outline::Heading;
use crate::references;
use crate::task_line::Shape;
use crate::task_region::Row;
use crate::text::{Inside, Text, after_list_marker};

/// The lines of one task.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// The first line that is no longer part of the block.
    pub(crate) end: usize,
    /// Lines behind the sub-tasks that belong to this task again, in order.
    pub(crate) tail: Vec<usize>,
}

/// The blocks of all rows, and the prose lines that belong to no task. Lines from `limit` on belong to nobody.
pub(crate) fn blocks(
    text: &Text<'_>,
    headings: &[Heading],
    rows: &[Row],
    limit: usize,
) -> (Vec<Block>, Vec<usize>) {
    let mut state = State {
        blocks: rows.iter().map(|row| Block { end: row.line + 1, tail: Vec::new() }).collect(),
        above: Vec::new(),
        newest: None,
        is_after_blank: false,
    };
    let mut free = Vec::new();
    let mut row = rows.iter().enumerate().peekable();
    let mut heading = headings.iter().peekable();
    for (index, line) in text.lines().iter().enumerate().take(limit) {
        let at_heading = heading.next_if(|heading| heading.line == index);
        if let Some((at, row)) = row.next_if(|(_, row)| row.line == index) {
            state.begin(at, row, rows);
            continue;
        }
        if let Some(heading) = at_heading {
            state.leave(heading.level, rows);
        }
        if text.is_blank(line) {
            state.is_after_blank = true;
            continue;
        }
        let is_prose = line.inside == Inside::Prose;
        if !state.give(text, index, rows) && is_prose {
            free.push(index);
        }
        state.is_after_blank = false;
    }
    (state.blocks, free)
}

struct State {
    blocks: Vec<Block>,
    /// Rows that a line may belong to, with the column that it must be deeper than: headings stand at 0, a box at
    /// one more than its column.
    above: Vec<(usize, usize)>,
    /// The row that began last: its block may still grow.
    newest: Option<usize>,
    is_after_blank: bool,
}

impl State {
    fn begin(&mut self, at: usize, row: &Row, rows: &[Row]) {
        self.newest = Some(at);
        self.is_after_blank = false;
        if let Shape::Heading(level) = row.read.shape {
            self.leave(level, rows);
            self.above.push((at, 0));
            return;
        }
        // Below another heading the boxes above are over; the headings that are tasks stay.
        let is_over = |(open, depth): &(usize, usize)| {
            *depth > row.indent
                || *depth > 0 && rows.get(*open).is_some_and(|open| open.heading != row.heading)
        };
        while self.above.last().is_some_and(is_over) {
            self.above.pop();
        }
        self.above.push((at, row.indent + 1));
    }

    /// A heading of that level: what stands above ends, but for the headings of a higher rank that are tasks.
    fn leave(&mut self, level: usize, rows: &[Row]) {
        self.above.retain(|(open, _)| match rows.get(*open).map(|row| row.read.shape) {
            Some(Shape::Heading(above)) => above < level,
            _ => false,
        });
    }

    /// Gives the line to the task that it belongs to; `false` when there is none.
    fn give(&mut self, text: &Text<'_>, index: usize, rows: &[Row]) -> bool {
        let Some(line) = text.lines().get(index) else { return false };
        let Some((last, depth)) = self.above.last().copied() else { return false };
        if line.inside != Inside::Prose || line.indent + 1 > depth {
            return self.take(last, index);
        }
        // Not deeper than the last box: the line speaks of a task further up, when it is deeper than that one.
        let kept = self.above.partition_point(|(_, depth)| *depth < line.indent + 1);
        let bytes = text.begin(line);
        let is_item = after_list_marker(bytes).is_some();
        match kept.checked_sub(1).and_then(|at| self.above.get(at)).copied() {
            Some((owner, 0)) => {
                // Below a heading that is a task, items at the box's own column are still details of the box.
                if is_item && !self.is_after_blank {
                    return self.take(last, index);
                }
                self.above.truncate(kept);
                self.take(owner, index)
            }
            Some((owner, _)) => {
                self.above.truncate(kept);
                self.take(owner, index)
            }
            None => {
                // A paragraph at the task's own column behind a blank line is the document speaking again.
                let speaks = self.is_after_blank && !cites(bytes);
                if speaks {
                    self.above.retain(|(open, _)| {
                        rows.get(*open).is_some_and(|row| matches!(row.read.shape, Shape::Heading(_)))
                    });
                    return false;
                }
                self.take(last, index)
            }
        }
    }

    fn take(&mut self, owner: usize, index: usize) -> bool {
        let Some(block) = self.blocks.get_mut(owner) else { return false };
        if self.newest == Some(owner) {
            block.end = index + 1;
        } else {
            block.tail.push(index);
        }
        true
    }
}

/// Whether the line says what a task fulfils.
fn cites(bytes: &[u8]) -> bool {
    let has_colon = bytes.contains(&b':') || bytes.windows(3).any(|window| window == "：".as_bytes());
    has_colon && references::read_line(&String::from_utf8_lossy(bytes)).is_some()
}

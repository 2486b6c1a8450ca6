//! How one document changes: small edits, and at most one block that moves with the small edits inside it. Tells where
//! any byte of the old document stands in the new one.

use crate::Span;
use crate::splice::{self, Edit, SpliceError};

/// A block that goes from one place to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Move {
    /// What goes: the block and the separator that goes with it.
    pub(super) cut: Span,
    /// What comes back, inside `cut`.
    pub(super) block: Span,
    /// Where it comes, outside `cut`.
    pub(super) at: usize,
    /// What is put before and behind it there.
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

/// The changes to one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// Edits in the offsets of the old document that overlap neither each other nor the edges of a moved block.
    pub(super) small: Vec<Edit>,
    pub(super) moved: Option<Move>,
}

impl Layout {
    /// The edits that make the new document.
    ///
    /// Errors: as [`splice::apply`], when small edits overlap.
    pub(super) fn edits(&self, bytes: &[u8]) -> Result<Vec<Edit>, SpliceError> {
        let Some(moved) = &self.moved else {
            let mut edits = self.small.clone();
            edits.sort();
            return Ok(edits);
        };
        let is_inside = |edit: &&Edit| within(moved.cut, edit.span);
        let (inner, outer): (Vec<&Edit>, Vec<&Edit>) = self.small.iter().partition(is_inside);
        let inner: Vec<Edit> = inner
            .into_iter()
            .filter(|edit| within(moved.block, edit.span))
            .map(|edit| Edit {
                span: Span { offset: edit.span.offset - moved.block.offset, len: edit.span.len },
                new: edit.new.clone(),
            })
            .collect();
        let block = splice::apply(moved.block.slice(bytes), &inner)?;
        let text = [moved.before.as_slice(), &block, &moved.after].concat();
        let mut edits: Vec<Edit> = outer.into_iter().cloned().collect();
        // Whoever moves a block has seen that it is UTF-8.
        let text = String::from_utf8_lossy(&text).into_owned();
        edits.push(Edit::delete(moved.cut));
        edits.push(Edit::insert(moved.at, text));
        edits.sort();
        Ok(edits)
    }

    /// Where each byte of the old document stands in the new one.
    pub(super) fn map(&self) -> Map {
        let cut = self.moved.as_ref().map(|moved| moved.cut);
        let is_inside = |edit: &&Edit| cut.is_some_and(|cut| within(cut, edit.span));
        let (inner, outer): (Vec<&Edit>, Vec<&Edit>) = self.small.iter().partition(is_inside);
        let mut all: Vec<(Span, usize)> = self.small.iter().map(|edit| (edit.span, edit.new.len())).collect();
        all.sort_unstable();
        Map { inner: shifts(inner), outer: shifts(outer), all, moved: self.moved.clone() }
    }
}

/// The way from old offsets to new ones, logarithmic in the number of edits.
#[derive(Debug)]
pub(super) struct Map {
    inner: Vec<(usize, isize)>,
    outer: Vec<(usize, isize)>,
    all: Vec<(Span, usize)>,
    moved: Option<Move>,
}

impl Map {
    /// By how much the text that replaces the byte at `old` is longer than one byte.
    pub(super) fn growth(&self, old: usize) -> usize {
        let before = self.all.partition_point(|(span, _)| span.offset <= old);
        let edit = before.checked_sub(1).and_then(|last| self.all.get(last));
        edit.filter(|(span, _)| old < span.end()).map_or(0, |(_, len)| len.saturating_sub(1))
    }

    /// Where the byte at `old` stands in the new document. A replaced byte stands where its replacement begins; what is
    /// inserted at `old` stands before it.
    pub(super) fn at(&self, old: usize) -> usize {
        let Some(moved) = &self.moved else { return shift(&self.outer, old) };
        let is_in_block = old >= moved.block.offset && old < moved.block.end();
        let anchor = if is_in_block { moved.at } else { old };
        let mut new = shift(&self.outer, anchor);
        if moved.cut.end() <= anchor {
            new = new.saturating_sub(moved.cut.len);
        }
        let from = shift(&self.inner, moved.block.offset);
        if is_in_block {
            return new + moved.before.len() + shift(&self.inner, old).saturating_sub(from);
        }
        if moved.at <= old {
            let grown = shift(&self.inner, moved.block.end()).saturating_sub(from);
            new += moved.before.len() + grown + moved.after.len();
        }
        new
    }
}

/// For each edit its end and the sum of all growth up to there.
fn shifts(mut edits: Vec<&Edit>) -> Vec<(usize, isize)> {
    edits.sort_by_key(|edit| edit.span.end());
    let mut sum = 0;
    edits
        .into_iter()
        .map(|edit| {
            sum += edit.new.len() as isize - edit.span.len as isize;
            (edit.span.end(), sum)
        })
        .collect()
}

fn shift(shifts: &[(usize, isize)], at: usize) -> usize {
    let before = shifts.partition_point(|(end, _)| *end <= at);
    let sum = before.checked_sub(1).and_then(|last| shifts.get(last)).map_or(0, |(_, sum)| *sum);
    at.saturating_add_signed(sum)
}

fn within(outer: Span, inner: Span) -> bool {
    inner.offset >= outer.offset && inner.end() <= outer.end() && inner.offset < outer.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_moves_with_its_edits_and_every_byte_is_found_again() {
        let bytes = b"A1\nB2\nC3\nD4\n";
        let layout = Layout {
            small: vec![
                Edit::replace(Span { offset: 1, len: 1 }, "200"),
                Edit::replace(Span { offset: 7, len: 1 }, "100"),
                Edit::replace(Span { offset: 10, len: 1 }, ""),
            ],
            moved: Some(Move {
                cut: Span { offset: 0, len: 3 },
                block: Span { offset: 0, len: 2 },
                at: 8,
                before: b"\n".to_vec(),
                after: Vec::new(),
            }),
        };
        let new = splice::apply(bytes, &layout.edits(bytes).unwrap()).unwrap();
        assert_eq!(String::from_utf8_lossy(&new), "B2\nC100\nA200\nD\n");
        for (old, letter) in [(0, 'A'), (3, 'B'), (6, 'C'), (9, 'D')] {
            assert_eq!(char::from(new[layout.map().at(old)]), letter);
        }
    }

    #[test]
    fn a_block_may_go_up() {
        let bytes = b"A\nB\nC\n";
        let layout = Layout {
            small: vec![Edit::replace(Span { offset: 4, len: 1 }, "  C")],
            moved: Some(Move {
                cut: Span { offset: 3, len: 2 },
                block: Span { offset: 4, len: 1 },
                at: 0,
                before: Vec::new(),
                after: b"\n".to_vec(),
            }),
        };
        let new = splice::apply(bytes, &layout.edits(bytes).unwrap()).unwrap();
        assert_eq!(String::from_utf8_lossy(&new), "  C\nA\nB\n");
        assert_eq!((layout.map().at(0), layout.map().at(2)), (4, 6));
    }
}

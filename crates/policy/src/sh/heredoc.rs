//! Here-documents: the bodies that begin after the end of a line.

use super::cursor::Cursor;
use super::grammar::{Parser, Read};
use super::tree::{Piece, Word};

/// A here-document whose body has not come yet.
#[derive(Debug)]
pub(super) struct Pending {
    delimiter: String,
    strips_tabs: bool,
    is_quoted: bool,
    index: usize,
}

impl Parser<'_> {
    /// Notes a here-document and gives the place that its body will have.
    pub(super) fn expect_body(&mut self, target: &Word, strips_tabs: bool) -> Read<usize> {
        let (mut delimiter, mut is_quoted) = (String::new(), false);
        for piece in &target.pieces {
            match piece {
                Piece::Plain(text) => delimiter.push_str(text),
                Piece::Quoted(text) => {
                    delimiter.push_str(text);
                    is_quoted = true;
                }
                _ => return self.fail("the end mark of a here-document"),
            }
        }
        if delimiter.is_empty() || delimiter.contains('\n') {
            return self.fail("the end mark of a here-document");
        }
        let index = self.bodies.len();
        self.bodies.push(Vec::new());
        self.pending.push(Pending { delimiter, strips_tabs, is_quoted, index });
        Ok(index)
    }

    /// Reads the bodies that wait; the end of a line has just been taken.
    pub(super) fn read_bodies(&mut self) -> Read<()> {
        for pending in std::mem::take(&mut self.pending) {
            let start = self.cursor.at();
            let mut body = String::new();
            loop {
                let rest = self.cursor.rest();
                let (line, ends) = match rest.split_once('\n') {
                    Some((line, _)) => (line, true),
                    None => (rest, false),
                };
                let shown = if pending.strips_tabs { line.trim_start_matches('\t') } else { line };
                self.cursor.back_to(self.cursor.at() + line.len() + usize::from(ends));
                if shown == pending.delimiter {
                    break;
                }
                if !ends {
                    return self.fail("a here-document without its end");
                }
                // The shell joins such lines before it looks for the end mark.
                if !pending.is_quoted && line.ends_with('\\') {
                    return self.fail("a continued line in a here-document");
                }
                body.push_str(shown);
                body.push('\n');
            }
            let pieces =
                if pending.is_quoted { vec![Piece::Quoted(body)] } else { self.body_pieces(&body, start)? };
            if let Some(place) = self.bodies.get_mut(pending.index) {
                *place = pieces;
            }
        }
        Ok(())
    }

    /// The expansions in a body whose end mark is not quoted.
    fn body_pieces(&mut self, body: &str, start: usize) -> Read<Vec<Piece>> {
        let place = self.span(start);
        let mut inner = Parser {
            cursor: Cursor::new(body),
            pending: Vec::new(),
            bodies: std::mem::take(&mut self.bodies),
            depth: self.depth,
            place: Some(place),
        };
        inner.enter()?;
        let pieces = inner.until_quote(None);
        self.bodies = inner.bodies;
        pieces
    }
}

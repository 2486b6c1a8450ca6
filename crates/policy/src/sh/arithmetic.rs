//! The inside of `$((…))`, `((…))` and `for ((…))`: its pieces, not its value.

use super::grammar::{Parser, Read};
use super::tree::Piece;

impl Parser<'_> {
    /// Reads up to and with the closing `))`; the opening one is taken.
    pub(super) fn arithmetic(&mut self) -> Read<Vec<Piece>> {
        self.enter()?;
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut open = 0_usize;
        loop {
            match self.cursor.peek() {
                None => return self.fail("open arithmetic"),
                Some(')') if open == 0 => {
                    // `$((a) | b)` would be commands.
                    if !self.cursor.take("))") {
                        return self.fail("arithmetic that could be a group");
                    }
                    pieces.push(Piece::Plain(text));
                    self.depth -= 1;
                    return Ok(pieces);
                }
                Some('$') => {
                    pieces.push(Piece::Plain(std::mem::take(&mut text)));
                    self.cursor.next();
                    pieces.push(self.dollar(true)?);
                }
                Some('`' | '\'' | '"' | '\\' | '#') => return self.fail("quotes in arithmetic"),
                Some('\n') if !self.pending.is_empty() => return self.fail("a here-document"),
                Some(c) => {
                    match c {
                        '(' => open += 1,
                        ')' => open -= 1,
                        _ => {}
                    }
                    text.push(c);
                    self.cursor.next();
                }
            }
        }
    }
}

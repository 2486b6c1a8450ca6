//! Answers mentions of what the room `context` does not reach: steering, problems, the terminal, pages.

use std::collections::BTreeMap;

use ::steering::Why;
use context::{Answer, Outside};
use ledger::Store;

use super::reads::Reads;
use super::{Parts, problems, terminal};
use crate::steering::Board;

/// The person's own surroundings.
pub(crate) struct Own<'a> {
    pub(crate) parts: Parts<'a>,
    pub(crate) reads: &'a Reads<'a>,
    /// The pages that are named, fetched already.
    pub(crate) pages: BTreeMap<String, Answer>,
    pub(crate) store: Store,
}

impl Outside for Own<'_> {
    fn steering(&self, name: &str) -> Option<Answer> {
        let parts = self.parts;
        let mut board = match Board::open(parts.world, parts.config, parts.workspace) {
            Ok(board) => board,
            Err(error) => return Some(Err(error.cause)),
        };
        board.listing();
        let named = board.named_in(&format!("#{name}"));
        let listing = board.listing_of(&[], &named);
        let asked = name.strip_suffix(".md").unwrap_or(name);
        let piece = listing.pieces.iter().find(|piece| stem(&piece.name).eq_ignore_ascii_case(asked));
        if let Some(piece) = piece {
            return Some(Ok((piece.text.clone(), None)));
        }
        let left = listing.left_out.iter().find(|left| stem(&left.name).eq_ignore_ascii_case(asked))?;
        Some(Err(match left.why {
            Why::NotTrusted => "it is not trusted as it is now; `waypost trust` shows and grants".to_string(),
            _ => left.why.words(),
        }))
    }

    fn problems(&self) -> Answer {
        problems::known(self.parts.workspace, &self.store, &|path| self.reads.may_read(path))
    }

    fn terminal(&self) -> Answer {
        terminal::end(self.parts.world)
    }

    fn url(&self, address: &str) -> Answer {
        self.pages.get(address).cloned().unwrap_or_else(|| Err("it was not fetched".to_string()))
    }
}

/// `style` of `.kiro/steering/style.md`.
fn stem(name: &str) -> &str {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.strip_suffix(".md").unwrap_or(name)
}

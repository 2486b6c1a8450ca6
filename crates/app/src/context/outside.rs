//! Answers mentions of what the room `context` does not reach: where specs lie, steering, problems, the terminal, pages.

use std::collections::{BTreeMap, BTreeSet};

use ::steering::{Collection, Reason, Why};
use context::{Answer, Kind, Mentions, Outside, Piece, SpecPlace};
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
    /// Files that the words bring into play: steering near them is what a name means.
    pub(crate) files: Vec<String>,
}

impl Outside for Own<'_> {
    fn specs(&self) -> Vec<SpecPlace> {
        let specs = self.parts.workspace.specs().into_iter();
        specs.map(|spec| SpecPlace { name: spec.name, path: spec.path }).collect()
    }

    fn steering(&self, name: &str) -> Option<Answer> {
        let parts = self.parts;
        match Board::open(parts.world, parts.config, parts.workspace) {
            Ok(mut board) => told(&mut board, name, &self.files),
            Err(error) => Some(Err(error.cause)),
        }
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

/// What a session is told when this name is written; `None` when no steering has it.
fn told(board: &mut Board, name: &str, files: &[String]) -> Option<Answer> {
    board.listing();
    // Packages are looked for as a session does it.
    board.named_in(&format!("#{name}"));
    let listing = board.listing_of(files, &[name.to_string()]);
    let named = listing.pieces.iter().filter(|piece| matches!(piece.reason, Reason::Named { .. }));
    let texts: Vec<&str> = named.map(|piece| piece.text.as_str()).collect();
    if !texts.is_empty() {
        return Some(Ok((texts.join("\n"), None)));
    }
    let called = board.collection().files().iter().filter(|file| Collection::goes_by(file, name));
    let called: BTreeSet<&str> = called.map(|file| file.source.name.as_str()).collect();
    let left = listing.left_out.iter().find(|left| called.contains(left.name.as_str()))?;
    Some(Err(match left.why {
        Why::NotTrusted => format!("it is {}", left.why.words()),
        _ => left.why.words(),
    }))
}

/// Steering that the words name without a mention of it: with `/name`.
pub(super) fn by_other_words(parts: Parts<'_>, words: &str, named: &Mentions) -> Vec<Piece> {
    let prose = context::prose(words);
    let Ok(mut board) = Board::open(parts.world, parts.config, parts.workspace) else { return Vec::new() };
    board.listing();
    let mentioned: BTreeSet<String> = named
        .all
        .iter()
        .filter(|mention| matches!(mention.kind, Kind::Name | Kind::Steering))
        .filter_map(|mention| mention.argument.as_ref())
        .map(|name| name.to_lowercase())
        .collect();
    let files = crate::steering::files_in(parts.workspace, words);
    let others = board.named_in(&prose).into_iter().filter(|name| !mentioned.contains(name));
    let others: Vec<String> = others.collect();
    let mut pieces = Vec::new();
    for name in others {
        let title = format!("/{name}");
        match told(&mut board, &name, &files) {
            Some(Ok((text, cut))) => pieces.push(Piece::new(Kind::Name, title, &text).with_cut(cut)),
            Some(Err(why)) => pieces.push(Piece::left_out(Kind::Name, title, why)),
            None => {}
        }
    }
    pieces
}

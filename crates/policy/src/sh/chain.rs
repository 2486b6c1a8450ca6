//! Chains: what `&&` and `||` hold together, and where the shell stands behind one. Walks no command.

use super::env::State;
use super::tree::{Command, Item, Join, Piece, Word};

/// Whether these are `cd DIR || exit`, with nothing in the same chain.
pub(super) fn is_sure(cd: &Item, leaves: &Item, after: Option<&Item>) -> bool {
    // The words of a command on which nothing else hangs: no `!`, no assignment, nothing redirected.
    let words = |item: &'_ Item| match item.commands.as_slice() {
        [Command::Simple(simple)]
            if !item.background
                && !item.is_led
                && simple.assignments.is_empty()
                && simple.redirections.is_empty() =>
        {
            simple.words.clone()
        }
        _ => Vec::new(),
    };
    let plain = |word: &Word| match word.pieces.as_slice() {
        [Piece::Plain(text)] => text.clone(),
        _ => String::new(),
    };
    // `exit --help` and `exit $(x)` may not leave.
    let is_code =
        |text: String| (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_cd = matches!(words(cd).as_slice(), [name, _] if plain(name) == "cd");
    let is_exit = match words(leaves).as_slice() {
        [name] => plain(name) == "exit",
        [name, code] => plain(name) == "exit" && is_code(plain(code)),
        _ => false,
    };
    cd.join == Join::Then
        && leaves.join == Join::Or
        && after.is_none_or(|item| item.join == Join::Then)
        && is_cd
        && is_exit
}

/// What a chain of `&&` and `||` leaves, when its later commands may not have run.
pub(super) fn end(chain: Option<(State, bool)>, state: &mut State) {
    let Some((before, branched)) = chain else { return };
    if branched {
        state.merge(&before);
    } else if before.directory != state.directory {
        // `cd` may have failed.
        let mut either = state.clone();
        either.directory = before.directory;
        state.merge(&either);
    }
}

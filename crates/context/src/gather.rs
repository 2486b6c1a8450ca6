//! Mentions to pieces: who answers which, the bound of all together, and each thing once.

use std::path::{Path, PathBuf};

use crate::mention::{Kind, Mention, Mentions};
use crate::piece::{Piece, TOTAL_BYTES_MAX};
use crate::{codebase, file, folder, git, specs, walk};

/// The least that is worth sending of a piece that must be cut, in bytes.
const REST_BYTES_MIN: usize = 400;

/// Where the mentions are looked up.
pub struct Ground<'a> {
    /// The resolved absolute root of the workspace.
    pub workspace: &'a Path,
    /// Whether a resolved path may be read, or why not. Called from several threads.
    pub may_read: &'a (dyn Fn(&Path) -> Result<(), String> + Sync),
    /// Where `git` is looked for, as in the variable `PATH`.
    pub search_path: &'a str,
    /// The whole message: what `#codebase` without words of its own looks for.
    pub words: &'a str,
}

/// Text for a mention with what was cut, or why there is none.
pub type Answer = Result<(String, Option<String>), String>;

/// Where a spec lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecPlace {
    /// Its address in the workspace: `limits`, or `packages/x:limits` for a package's own.
    pub name: String,
    /// The folder of its documents, or its one file.
    pub path: PathBuf,
}

/// Answers mentions of what this room does not reach.
pub trait Outside {
    /// Every spec of the workspace, in the order in which they are listed.
    fn specs(&self) -> Vec<SpecPlace>;
    /// Steering of this name; `None` when there is none.
    fn steering(&self, name: &str) -> Option<Answer>;
    /// What is known to be wrong.
    fn problems(&self) -> Answer;
    /// The end of what a terminal shows.
    fn terminal(&self) -> Answer;
    /// A page.
    fn url(&self, address: &str) -> Answer;
}

/// What the mentions come to, in their order, each thing once. A word that names nothing is passed over.
pub fn gather(ground: &Ground<'_>, outside: &dyn Outside, mentions: &Mentions) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut room = TOTAL_BYTES_MAX;
    for mention in &mentions.all {
        let title = mention.shown();
        if pieces.iter().any(|piece| piece.title == title) {
            continue;
        }
        let Some(mut piece) = one(ground, outside, mention) else { continue };
        if pieces.iter().any(|other| other.title == piece.title) {
            continue;
        }
        if piece.bytes > room {
            piece = match room >= REST_BYTES_MIN {
                true => piece.within(room, "of all pieces"),
                false => {
                    let why =
                        format!("the bound of {TOTAL_BYTES_MAX} bytes for all pieces is used up; name less");
                    Piece::left_out(piece.kind, title, why)
                }
            };
        }
        room = room.saturating_sub(piece.bytes);
        pieces.push(piece);
    }
    if mentions.is_cut {
        let why = format!("only the first {} mentions count", crate::MENTIONS_MAX);
        pieces.push(Piece::left_out(Kind::Name, "further mentions", why));
    }
    pieces
}

fn one(ground: &Ground<'_>, outside: &dyn Outside, mention: &Mention) -> Option<Piece> {
    let argument = mention.argument.as_deref();
    let told = |answer: Answer| match answer {
        Ok((text, cut)) => Piece::new(mention.kind, mention.shown(), &text).with_cut(cut),
        Err(why) => Piece::left_out(mention.kind, mention.shown(), why),
    };
    Some(match (mention.kind, argument) {
        (Kind::File, _) => file::piece(ground, mention),
        (Kind::Folder, _) => folder::piece(ground, mention),
        (Kind::Spec, _) => specs::piece(ground, &outside.specs(), mention),
        (Kind::Git | Kind::Diff, _) => git::piece(ground, mention),
        (Kind::Codebase, _) => codebase::piece(ground, mention),
        (Kind::Problems, _) => told(outside.problems()),
        (Kind::Terminal, _) => told(outside.terminal()),
        (Kind::Url, Some(address)) => told(outside.url(address)),
        (Kind::Url, None) => told(Err("no page is named; write `#url:https://…`".to_string())),
        (Kind::Steering, Some(name)) => {
            let none =
                || Err("there is no such steering; `waypost steering list` shows what there is".to_string());
            told(outside.steering(name).unwrap_or_else(none))
        }
        (Kind::Steering, None) => told(Err("no steering is named; write `#steering:NAME`".to_string())),
        (Kind::Repository, _) => folder::names(ground, mention),
        (Kind::Name, name) => match outside.steering(name.unwrap_or_default().trim_end_matches('/')) {
            Some(answer) => told(answer),
            None => path(ground, mention)?,
        },
        (Kind::Foreign, word) => {
            let word = word.unwrap_or_default();
            // Steering may have the name.
            let steering = (!word.contains(':')).then(|| outside.steering(word)).flatten();
            told(steering.unwrap_or_else(|| Err(match word.split_once(':') {
                Some(("mcp", name)) => format!(
                    "this word of Kiro's has no meaning here; `waypost mcp resource` and `waypost mcp prompt` show what the server `{name}` has, and the agent calls its tools"
                ),
                Some(_) => "this word of Kiro's has no meaning here; name a page with `#url:https://…`, or a file with `#file:PATH`".to_string(),
                None => "no editor says which file is open; name it with `#file:PATH`".to_string(),
            })))
        }
    })
}

/// A bare path, as Kiro writes it: a file or a folder that is there.
fn path(ground: &Ground<'_>, mention: &Mention) -> Option<Piece> {
    let written = mention.argument.as_deref().filter(|written| written.contains(['/', '.']))?;
    let (path, _) = walk::resolve(ground.workspace, written).ok()?;
    let (kind, answer): (_, fn(&Ground<'_>, &Mention) -> Piece) = match walk::is_folder(&path) {
        true => (Kind::Folder, folder::piece),
        false => (Kind::File, file::piece),
    };
    Some(answer(ground, &Mention { kind, ..mention.clone() }))
}

#[cfg(test)]
#[path = "gather_tests.rs"]
mod tests;

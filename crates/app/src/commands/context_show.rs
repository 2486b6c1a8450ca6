//! `waypost context show`: what a message would send, with sizes. Sends nothing to any model.

use conversation::Secrecy as _;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::ContextShow;
use crate::context::{self, ContextPiece, Parts, Words};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::in_force::InForce;
use crate::limits;
use crate::roster::called::Message;
use crate::term::{Style, Term, one_line, sanitise};
use crate::world::World;

/// What `waypost context show` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ContextShown {
    pub(crate) pieces: Vec<ContextPiece>,
    /// Of all that would be sent, the words included.
    pub(crate) bytes: u64,
    /// About how many tokens that is.
    pub(crate) tokens: u64,
    /// What would be sent, with placeholders for credentials.
    pub(crate) text: String,
}

/// Shows.
pub(crate) async fn run(world: &World, screen: &Screen, flags: &ContextShow) -> Outcome<Exit> {
    if flags.words.trim().is_empty() {
        return Err(Error::usage("the message is empty").hint("for example: waypost context show \"#git\""));
    }
    let force = InForce::read(world, &flags.flags, None, false)?;
    let parts = Parts { world, config: &force.config, workspace: &force.workspace, policy: &force.policy };
    let words = context::expand(parts, &Message::plain(flags.words.trim())).await?;
    let shown = shown(world, &force, &words)?;
    screen.document(&shown, |shown| lines(&screen.term, &words, shown, flags.full));
    let is_whole = words.pieces.iter().all(|piece| piece.left_out.is_none());
    Ok(if is_whole { Exit::Done } else { Exit::Failed })
}

fn shown(world: &World, force: &InForce, words: &Words) -> Outcome<ContextShown> {
    // What the session pins is sent, too, in front of the message.
    let pinned = words.pieces.iter().filter(|piece| context::is_pinned(piece) && piece.left_out.is_none());
    let pinned: String = pinned.map(|piece| format!("{}\n\n", piece.text.trim_end())).collect();
    let text = limits::firewall(world, &force.config)?.hide(&format!("{pinned}{}", words.text));
    let bytes = text.len();
    Ok(ContextShown {
        pieces: context::rows(&words.pieces),
        bytes: bytes as u64,
        tokens: ::context::tokens(bytes) as u64,
        text,
    })
}

fn lines(term: &Term, words: &Words, shown: &ContextShown, full: bool) -> String {
    let mut lines: Vec<String> = Vec::new();
    for piece in &words.pieces {
        let style = if piece.left_out.is_some() { Style::Yellow } else { Style::Plain };
        lines.push(term.style(style, &one_line(&context::line(piece))));
    }
    if words.pieces.is_empty() {
        lines.push("the message names nothing; it would be sent as it is".to_string());
    }
    let size = context::size(usize::try_from(shown.bytes).unwrap_or(usize::MAX));
    lines.push(term.style(Style::Dim, &format!("together  {size}  ~{} tokens", shown.tokens)));
    if full {
        lines.push(String::new());
        lines.push(sanitise(&shown.text));
    }
    lines.join("\n")
}

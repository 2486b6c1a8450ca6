//! `waypost audit erase`: takes texts away for good, with a reason on record.

use conversation::Digest;
use ledger::Erase;

use crate::cli::AuditErase;
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::events::ErasedRow;
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::workspace::Workspace;
use crate::world::World;

/// Erases.
pub(crate) fn run(world: &World, screen: &Screen, flags: &AuditErase) -> Outcome<Exit> {
    if flags.why.trim().is_empty() {
        return Err(Error::usage("`--why` is empty").hint("say why the texts go; it stays on record"));
    }
    let config = Config::read(&world.config)?;
    let store = house::open_store_to_write(world, &Workspace::find(world)?, &config)?;
    let session = flags.session.as_deref().map(|id| store.find(id)).transpose()?;
    let digest = flags.digest.as_deref().map(|digits| {
        Digest::read(digits).ok_or_else(|| {
            Error::usage(format!("`{}` is not a digest", crate::term::glimpse(digits, 80)))
                .hint("it is 64 digits, as `waypost audit verify` and the journals have it")
        })
    });
    let digest = digest.transpose()?;
    let (what, shown) = match (&session, digest) {
        (Some(id), _) => (Erase::Session(id), format!("everything that was said in session {id}")),
        (None, Some(digest)) => (Erase::Digest(digest), format!("the text {digest}")),
        (None, None) => return Err(Error::usage("neither --session nor --digest was given")),
    };
    if !flags.yes {
        return Err(Error::needs_answer(format!("this takes away {shown} for good"))
            .hint("say the same with --yes; nothing was erased"));
    }
    let erased = store.erase(what, screen.person(), &flags.why)?;
    let row = ErasedRow {
        texts: erased.texts,
        contents: erased.contents,
        shared: erased.shared.iter().map(Digest::to_string).collect(),
        kept_inline: erased.kept_inline,
        torn: erased.torn,
    };
    screen.document(&row, words);
    Ok(Exit::Done)
}

fn words(row: &ErasedRow) -> String {
    let mut lines = vec![format!(
        "{} short and {} long texts are gone; every chain stays whole, and verifying says that they were erased",
        row.texts, row.contents
    )];
    for digest in &row.shared {
        lines.push(format!("kept, because others refer to it: {digest} (erase it with --digest)"));
    }
    if row.kept_inline > 0 {
        lines.push(format!(
            "kept: the short texts of {} records of format 1, which cannot go without breaking the chain",
            row.kept_inline
        ));
    }
    lines.push("not touched: snapshots, kept outputs of commands, backups and exports".to_string());
    lines.join("\n")
}

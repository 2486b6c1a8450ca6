//! `waypost audit key`: the device key that signs what is on record; handed over, or given up.

use crate::cli::AuditKey;
use crate::error::{Error, Outcome};
use crate::events::KeyRow;
use crate::exit::Exit;
use crate::face::Screen;
use crate::world::{self, World};

/// Shows, rotates or replaces the key.
pub(crate) fn run(world: &World, screen: &Screen, what: Option<&AuditKey>) -> Outcome<Exit> {
    let (key, happened) = match what {
        None => (ledger::device_key(&world.state, world::now_ms)?, None),
        Some(AuditKey::Rotate) => {
            let key = ledger::rotate_key(&world.state, world::now_ms)?;
            (key, Some("the old key signed this one and is gone; keep this one where you kept the old one"))
        }
        Some(AuditKey::Replace { why }) if why.trim().is_empty() => {
            return Err(
                Error::usage("`--why` is empty").hint("say why the key is given up; it goes on record")
            );
        }
        Some(AuditKey::Replace { why }) => {
            let key = ledger::replace_key(&world.state, world::now_ms, why)?;
            let said = "nobody vouches for this key but itself: verifying says so until it is given this key with --key";
            (key, Some(said))
        }
    };
    let row = KeyRow { key: key.to_string(), id: key.id().to_string() };
    screen.document(&row, |row| format!("public key {}\nid         {}", row.key, row.id));
    if let Some(happened) = happened {
        screen.notice(happened);
    }
    Ok(Exit::Done)
}

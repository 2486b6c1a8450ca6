//! `waypost schema`: the JSON Schema of everything that `--json` writes, generated from the types.

use crate::error::{Error, Outcome};
use crate::events::Document;
use crate::exit::Exit;
use crate::face::Screen;

/// Prints the schema.
pub(crate) fn run(screen: &Screen) -> Outcome<Exit> {
    screen.term.line(&text()?);
    Ok(Exit::Done)
}

/// The schema as it is checked in at docs/events.schema.json.
pub(crate) fn text() -> Outcome<String> {
    serde_json::to_string_pretty(&schemars::schema_for!(Document)).map_err(Error::failed)
}

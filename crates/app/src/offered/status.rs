//! `spec_status`: how far a spec is, and what each tick stands on.

use mcp::offer::{Hints, Object, Offer, OfferResult};
use schemars::JsonSchema;
use serde::Deserialize;

use super::arguments::{read, schema};
use crate::commands::spec_status;
use crate::error::{Error, Outcome};
use crate::events::SpecStatus;
use crate::term::Term;
use crate::world::World;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// The spec, as spec_list names it; it can be left out where there is only one.
    spec: Option<String>,
}

pub(super) fn offer() -> Offer {
    Offer {
        name: "spec_status".to_string(),
        title: Some("Status of a spec".to_string()),
        description: "How far a spec is: its tasks with their state and check, who approved it and what changed since, \
                      which documents have not seen each other, and for each task what its tick stands on: files and \
                      lines, criteria, check."
            .to_string(),
        input: schema::<Arguments>(),
        output: Some(schema::<SpecStatus>()),
        hints: Some(Hints::LOOKS),
    }
}

pub(super) fn call(world: &World, arguments: &Object) -> Outcome<OfferResult> {
    let arguments: Arguments = read(arguments)?;
    let mut notes = Vec::new();
    let (status, is_begun) = spec_status::gather(world, arguments.spec.as_deref(), |note| notes.push(note))?;
    notes.push(spec_status::words(&Term::new(false, false), &status, is_begun));
    let value = serde_json::to_value(&status).map_err(Error::failed)?;
    Ok(OfferResult::structured(notes.join("\n"), value))
}

//! `spec_list`: the specs of this workspace and how far each is.

use mcp::offer::{Hints, Object, Offer, OfferResult};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::{read, schema};
use crate::commands::spec_list;
use crate::error::{Error, Outcome};
use crate::reports::SpecRow;
use crate::term::Term;
use crate::world::World;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// Also the specs that were put away.
    #[serde(default)]
    archived: bool,
}

/// What it gives as a value.
#[derive(Serialize, JsonSchema)]
struct Specs {
    specs: Vec<SpecRow>,
}

pub(super) fn offer() -> Offer {
    Offer {
        name: "spec_list".to_string(),
        title: Some("List specs".to_string()),
        description:
            "The specs of this workspace: kind, state, criteria, tasks done, whether a person approved \
                      them as they are now. Begin here."
                .to_string(),
        input: schema::<Arguments>(),
        output: Some(schema::<Specs>()),
        hints: Some(Hints::LOOKS),
    }
}

pub(super) fn call(world: &World, arguments: &Object) -> Outcome<OfferResult> {
    let arguments: Arguments = read(arguments)?;
    let list = spec_list::gather(world, arguments.archived)?;
    let text = spec_list::words(&Term::new(false, false), &list);
    let value = serde_json::to_value(Specs { specs: list.specs }).map_err(Error::failed)?;
    Ok(OfferResult::structured(text, value))
}

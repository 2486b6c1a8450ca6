//! `spec_lint`: what is wrong with the documents of specs, as the gate for CI says it.

use mcp::offer::{Hints, Object, Offer, OfferResult};
use schemars::JsonSchema;
use serde::Deserialize;

use super::arguments::{read, schema};
use crate::commands::spec_check;
use crate::error::{Error, Outcome};
use crate::reports::CheckReport;
use crate::term::Term;
use crate::world::World;

/// The most findings of one answer; more are counted.
const FINDINGS_MAX: usize = 200;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// The specs, as spec_list names them; all that are not put away when none is named.
    #[serde(default)]
    specs: Vec<String>,
    /// Hints as well as errors and warnings.
    #[serde(default)]
    hints: bool,
}

pub(super) fn offer() -> Offer {
    Offer {
        name: "spec_lint".to_string(),
        title: Some("Check specs".to_string()),
        description: "What is wrong with the documents of specs: form, wording, references, gaps, contradictions. Each \
                      finding has its place, its rule and what to do. Findings that the project takes as known are \
                      counted and not listed. The same as `waypost spec check`."
            .to_string(),
        input: schema::<Arguments>(),
        output: Some(schema::<CheckReport>()),
        hints: Some(Hints::LOOKS),
    }
}

pub(super) fn call(world: &World, arguments: &Object) -> Outcome<OfferResult> {
    let arguments: Arguments = read(arguments)?;
    let report = spec_check::gather(world, &arguments.specs, arguments.hints, FINDINGS_MAX)?;
    let text = spec_check::words(&Term::new(false, false), &report);
    let value = serde_json::to_value(&report).map_err(Error::failed)?;
    Ok(OfferResult::structured(text, value))
}

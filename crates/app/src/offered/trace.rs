//! `spec_trace`: from what is wanted to what proves it, for a spec or around one item.

use mcp::offer::{Hints, Object, Offer, OfferResult};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::{read, schema};
use crate::cli::TraceSources;
use crate::commands::spec_trace;
use crate::error::{Error, Outcome};
use crate::reports::{TraceSpec, TraceWhy};
use crate::term::Term;
use crate::tracing;
use crate::world::World;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// The spec, as spec_list names it; all that are not put away when none is named.
    spec: Option<String>,
    /// One item, with all that leads to it and follows from it: `3.2` for a criterion, `task:2.1`, `property:1`.
    item: Option<String>,
}

/// What it gives as a value.
#[derive(Default, Serialize, JsonSchema)]
struct Trace {
    /// Without `item`: each criterion with its status, tasks and tests; else empty.
    specs: Vec<TraceSpec>,
    /// With `item`: what is around it; else empty.
    around: Vec<TraceWhy>,
}

pub(super) fn offer() -> Offer {
    Offer {
        name: "spec_trace".to_string(),
        title: Some("Trace criteria".to_string()),
        description: "From what is wanted to what proves it: criterion, task, test, code, and the commits between. \
                      Without `item` every criterion with its status; with it everything around one criterion, task or \
                      property, each link with its source and how sure it is."
            .to_string(),
        input: schema::<Arguments>(),
        output: Some(schema::<Trace>()),
        hints: Some(Hints::LOOKS),
    }
}

pub(super) fn call(world: &World, arguments: &Object) -> Outcome<OfferResult> {
    let arguments: Arguments = read(arguments)?;
    let traced = tracing::open(world, &TraceSources::default(), None)?;
    let name = arguments.spec.as_deref();
    let name = name.map(|name| traced.workspace.spec(Some(name))).transpose()?.map(|place| place.name);
    let term = Term::new(false, false);
    let mut text: Vec<String> = traced.repository.notes.iter().map(|note| format!("note: {note}")).collect();
    let mut trace = Trace::default();
    match &arguments.item {
        Some(item) => {
            trace.around = spec_trace::around(&traced, item, name.as_deref())?;
            text.extend(trace.around.iter().map(|row| spec_trace::why_words(&term, row)));
        }
        None => {
            let rows = spec_trace::rows(&traced, &spec_trace::entries(&traced, name.as_deref()));
            text.push(spec_trace::words(&term, &rows));
            trace.specs = rows.specs;
        }
    }
    let value = serde_json::to_value(&trace).map_err(Error::failed)?;
    Ok(OfferResult::structured(text.join("\n"), value))
}

//! `spec_show`: the documents of a spec as they are, and whether they are approved.

use mcp::offer::{Hints, Object, Offer, OfferResult};
use plan::Reading;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::{read, schema};
use super::resources;
use crate::error::{Error, Outcome};
use crate::house;
use crate::specs::SpecRecord;
use crate::workspace::Workspace;
use crate::world::World;
use crate::write_scope::WriteScope;

/// The longest text of one document, in bytes; the resource has the whole.
const DOCUMENT_BYTES_MAX: usize = 64 * 1024;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// The spec, as spec_list names it; it can be left out where there is only one.
    spec: Option<String>,
    /// One document, such as `design.md`; all of them when none is named.
    document: Option<String>,
}

/// What it gives as a value.
#[derive(Serialize, JsonSchema)]
struct Shown {
    spec: String,
    /// `feature`, `bugfix`, `quick` or `design-first`.
    kind: String,
    /// Where it lies, from the workspace root.
    path: String,
    approved_by: Option<String>,
    documents: Vec<Document>,
}

#[derive(Serialize, JsonSchema)]
struct Document {
    name: String,
    /// Its address as a resource.
    uri: String,
    bytes: u64,
    /// Whether it is approved as it is now; ticks of boxes do not count as changes.
    approved: bool,
    text: String,
    /// The text is only the beginning; the resource has all of it.
    cut: bool,
}

pub(super) fn offer() -> Offer {
    Offer {
        name: "spec_show".to_string(),
        title: Some("Read a spec".to_string()),
        description: "The documents of a spec as they are now: requirements or bug, design, tasks; each with whether a \
                      person approved it as it is."
            .to_string(),
        input: schema::<Arguments>(),
        output: Some(schema::<Shown>()),
        hints: Some(Hints::LOOKS),
    }
}

pub(super) fn call(world: &World, arguments: &Object) -> Outcome<OfferResult> {
    let arguments: Arguments = read(arguments)?;
    let workspace = Workspace::find(world)?;
    let place = workspace.spec(arguments.spec.as_deref())?;
    let reading = Reading::of(place.documents()?);
    let record = SpecRecord::read(&house::open_store(world, &workspace)?, &place)?;
    let unapproved = record.unapproved(&reading.documents, WriteScope::read(&place).as_ref());
    let mut documents = Vec::new();
    for (name, bytes) in reading.texts() {
        if arguments.document.as_ref().is_some_and(|wanted| *wanted != name) {
            continue;
        }
        let all = String::from_utf8_lossy(bytes);
        let text = resources::beginning(&all, DOCUMENT_BYTES_MAX).to_string();
        documents.push(Document {
            uri: resources::uri(&place.name, &name),
            bytes: bytes.len() as u64,
            approved: !unapproved.contains(&name),
            cut: text.len() < all.len(),
            text,
            name,
        });
    }
    if let (true, Some(wanted)) = (documents.is_empty(), &arguments.document) {
        let names: Vec<String> = reading.texts().map(|(name, _)| name).collect();
        return Err(Error::usage(format!("the spec `{}` has no document `{wanted}`", place.name))
            .hint(format!("its documents are: {}", names.join(", "))));
    }
    let shown = Shown {
        spec: place.name.clone(),
        kind: reading.kind.name().to_string(),
        path: workspace.shown(&place.path),
        approved_by: record.approved_by.clone(),
        documents,
    };
    let text = shown.documents.iter().map(|document| {
        let approved = if document.approved { "approved" } else { "not approved as it is now" };
        let rest = match document.cut {
            true => format!("\n[… cut; all {} bytes are in {}]", document.bytes, document.uri),
            false => String::new(),
        };
        format!("== {} ({approved})\n{}{rest}", document.name, document.text.trim_end())
    });
    let text = text.collect::<Vec<_>>().join("\n\n");
    let value = serde_json::to_value(&shown).map_err(Error::failed)?;
    Ok(OfferResult::structured(text, value))
}

//! The documents of specs as resources: `waypost://spec/NAME/DOCUMENT`. Reads documents of specs and no other file.

use mcp::offer::{Body, Held, Refused, Resource, Template};
use plan::{Plan, Reading};

use crate::error::Outcome;
use crate::workspace::Workspace;
use crate::world::World;

/// What every address begins with.
const PREFIX: &str = "waypost://spec/";
/// The most resources that are listed.
const RESOURCES_MAX: usize = 10_000;

/// The address of a document.
pub(super) fn uri(spec: &str, document: &str) -> String {
    format!("{PREFIX}{}/{}", encoded(spec), encoded(document))
}

pub(super) fn template() -> Template {
    Template {
        uri: format!("{PREFIX}{{spec}}/{{document}}"),
        name: "document of a spec".to_string(),
        description: Some("a document such as requirements.md, design.md or tasks.md".to_string()),
        media_type: Some("text/markdown".to_string()),
    }
}

pub(super) fn list(world: &World) -> Outcome<Vec<Resource>> {
    let workspace = Workspace::find(world)?;
    let mut listed = Vec::new();
    for place in workspace.specs().into_iter().filter(|place| !place.is_archived) {
        // One spec that cannot be read hides no other.
        let Ok(documents) = place.documents() else { continue };
        let reading = Reading::of(documents);
        for (name, bytes) in reading.texts() {
            if listed.len() == RESOURCES_MAX {
                return Ok(listed);
            }
            listed.push(Resource {
                uri: uri(&place.name, &name),
                name: format!("{}/{name}", place.name),
                title: None,
                description: None,
                media_type: Some("text/markdown".to_string()),
                bytes: Some(bytes.len() as u64),
            });
        }
    }
    Ok(listed)
}

pub(super) fn read(world: &World, uri: &str) -> Result<Held, Refused> {
    let none = || Refused::NoResource(uri.to_string());
    let (spec, document) = uri.strip_prefix(PREFIX).and_then(|rest| rest.split_once('/')).ok_or_else(none)?;
    let (spec, document) = (decoded(spec).ok_or_else(none)?, decoded(document).ok_or_else(none)?);
    let failed = |error: &crate::error::Error| Refused::Failed(super::words(error));
    let workspace = Workspace::find(world).map_err(|error| failed(&error))?;
    // By its whole name alone, so that an address means one thing.
    let place = workspace.specs().into_iter().find(|place| place.name == spec).ok_or_else(none)?;
    let documents = place.documents().map_err(|error| failed(&error.into()))?;
    let reading = Reading::of(documents);
    let mut texts = reading.texts();
    let (_, bytes) = texts.find(|(name, _)| *name == document).ok_or_else(none)?;
    let body = Body::Text(String::from_utf8_lossy(bytes).into_owned());
    Ok(Held { uri: uri.to_string(), media_type: Some("text/markdown".to_string()), body })
}

/// What `spec`, `document` and `task` could be.
pub(super) fn complete(world: &World, argument: &str, typed: &str, spec: Option<&str>) -> Vec<String> {
    let Ok(workspace) = Workspace::find(world) else { return Vec::new() };
    let reading = || workspace.spec(spec).ok().and_then(|place| place.documents().ok()).map(Reading::of);
    let mut found: Vec<String> = match argument {
        "spec" => workspace.specs().into_iter().map(|place| place.name).collect(),
        "document" => reading()
            .map(|reading| reading.texts().map(|(name, _)| name).collect::<Vec<_>>())
            .unwrap_or_default(),
        "task" => {
            let plan = reading().map(|reading| Plan::of(&reading));
            let steps = plan.into_iter().flat_map(|plan| plan.steps);
            steps.filter(|step| step.is_leaf).map(|step| step.task_id).collect()
        }
        _ => Vec::new(),
    };
    found.retain(|known| known.starts_with(typed));
    found
}

/// The beginning of a text, at most so many bytes.
pub(super) fn beginning(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A name as one part of an address: `packages/x:limits` has a slash of its own.
fn encoded(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte))
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_travel_in_addresses() {
        for name in ["greet", "packages/x:limits", "v1/é ü%2F", ""] {
            assert_eq!(decoded(&encoded(name)).as_deref(), Some(name));
            assert!(!encoded(name).contains('/'), "{name}");
        }
        for broken in ["%", "%2", "%zz", "%+1", "%ff"] {
            assert_eq!(decoded(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_beginning_ends_between_characters() {
        assert_eq!(beginning("éé", 3), "é");
        assert_eq!(beginning("short", 10), "short");
    }
}

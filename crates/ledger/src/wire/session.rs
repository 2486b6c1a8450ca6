//! The stored shape of how a session began, and which parts of it are shared between sessions.

use conversation::{Fragment, FragmentKind, ToolDescription};
use policy::Mode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{WireError, word};

#[derive(Serialize, Deserialize)]
pub(super) struct Started {
    session: String,
    purpose: Purpose,
    model: String,
    workspace: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    here: String,
    mode: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    fragments: Vec<WireFragment>,
    tools: Vec<WireTool>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Purpose {
    Request,
    Plan { spec: String },
    Task { spec: String, task: String },
    Part { parent: String, agent: String },
    Hooks,
}

#[derive(Serialize, Deserialize)]
pub(super) struct WireFragment {
    kind: String,
    name: String,
    text: String,
}

#[derive(Serialize, Deserialize)]
struct WireTool {
    name: String,
    description: String,
    schema: String,
}

/// The parts of a `started` body that are the same in many sessions, for the content store to keep once.
pub(crate) fn keep_apart(body: &mut Value) -> Vec<&mut Value> {
    let Value::Object(fields) = body else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    for (name, value) in fields.iter_mut() {
        match (name.as_str(), value) {
            ("tools", tools) => parts.push(tools),
            ("fragments", Value::Array(fragments)) => {
                parts.extend(fragments.iter_mut().filter_map(|fragment| fragment.get_mut("text")));
            }
            _ => {}
        }
    }
    parts
}

impl From<&conversation::Started> for Started {
    fn from(started: &conversation::Started) -> Started {
        let tool = |tool: &ToolDescription| WireTool {
            name: tool.name.clone(),
            description: tool.description.clone(),
            schema: tool.schema.clone(),
        };
        Started {
            session: started.session.clone(),
            purpose: (&started.purpose).into(),
            model: started.model.clone(),
            workspace: started.workspace.clone(),
            here: started.here.clone(),
            mode: started.mode.name().to_string(),
            agent: started.agent.clone(),
            fragments: started.fragments.iter().map(WireFragment::from).collect(),
            tools: started.tools.iter().map(tool).collect(),
        }
    }
}

impl From<&Fragment> for WireFragment {
    fn from(fragment: &Fragment) -> WireFragment {
        WireFragment {
            kind: fragment.kind().name().to_string(),
            name: fragment.name().to_string(),
            text: fragment.text().to_string(),
        }
    }
}

impl TryFrom<Started> for conversation::Started {
    type Error = WireError;

    fn try_from(wire: Started) -> Result<Self, WireError> {
        let tool = |tool: WireTool| ToolDescription {
            name: tool.name,
            description: tool.description,
            schema: tool.schema,
        };
        Ok(conversation::Started {
            session: wire.session,
            purpose: wire.purpose.into(),
            model: wire.model,
            workspace: wire.workspace,
            here: wire.here,
            mode: word(&wire.mode, "mode", Mode::named)?,
            agent: wire.agent,
            fragments: wire.fragments.into_iter().map(fragment).collect::<Result<_, _>>()?,
            tools: wire.tools.into_iter().map(tool).collect(),
        })
    }
}

impl From<&conversation::Purpose> for Purpose {
    fn from(purpose: &conversation::Purpose) -> Purpose {
        use conversation::Purpose::{Hooks, Part, Plan, Request, Task};
        match purpose {
            Request => Purpose::Request,
            Plan { spec } => Purpose::Plan { spec: spec.clone() },
            Task { spec, task } => Purpose::Task { spec: spec.clone(), task: task.clone() },
            Part { parent, agent } => Purpose::Part { parent: parent.clone(), agent: agent.clone() },
            Hooks => Purpose::Hooks,
        }
    }
}

impl From<Purpose> for conversation::Purpose {
    fn from(wire: Purpose) -> Self {
        match wire {
            Purpose::Request => conversation::Purpose::Request,
            Purpose::Plan { spec } => conversation::Purpose::Plan { spec },
            Purpose::Task { spec, task } => conversation::Purpose::Task { spec, task },
            Purpose::Part { parent, agent } => conversation::Purpose::Part { parent, agent },
            Purpose::Hooks => conversation::Purpose::Hooks,
        }
    }
}

/// A fragment as it was. A fragment cuts a text that is too long; a text that was cut before is brought to the
/// same cut again: its note goes, and a character of four bytes makes it too long at the same place.
pub(super) fn fragment(wire: WireFragment) -> Result<Fragment, WireError> {
    let kind = word(&wire.kind, "fragment kind", FragmentKind::named)?;
    let made = Fragment::new(kind, wire.name.as_str(), wire.text.as_str());
    if made.text() == wire.text {
        return Ok(made);
    }
    let kept = wire.text.rfind("\n[cut: ").and_then(|at| wire.text.get(..at)).unwrap_or(&wire.text);
    let made = Fragment::new(kind, wire.name.as_str(), format!("{kept}\u{10000}"));
    if made.text() == wire.text {
        Ok(made)
    } else {
        Err(WireError(format!("the fragment `{}` is longer than a fragment may be", wire.name)))
    }
}

//! The tool `power`: lists powers, opens one, reads its steering files and skills. Starts no server. Only trusted powers are in it.

use std::collections::BTreeMap;

use conversation::{Call, CallResult, Input, Later, Status, Tool, ToolContext, ToolDescription, ToolError};
use policy::{Capability, Origin, Permit, Request, Target};
use roster::Roster;
use roster::power::{Format, Power, catalog};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Here;

const DESCRIPTION: &str = "Work with powers: packages of instructions, skills and servers for one subject. `activate` one when the \
                           task is about it, then read what it names with `read_steering` or `read_skill`.";

const SCHEMA: &str = r#"{"type":"object","properties":{"action":{"type":"string","enum":["list","activate","read_steering","read_skill"]},"name":{"type":"string","description":"name of the power"},"file":{"type":"string","description":"steering file or skill, as activate names it"}},"required":["action"]}"#;

/// The longest text that one call gives, in bytes.
const TEXT_BYTES_MAX: usize = 256 * 1024;

/// Opens powers.
#[derive(Clone)]
pub(crate) struct PowerTool {
    powers: Vec<Power>,
    /// Texts of steering files, by power and path.
    steering: BTreeMap<(String, String), String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Action {
    List,
    #[serde(alias = "open")]
    Activate,
    #[serde(alias = "readSteering")]
    ReadSteering,
    #[serde(alias = "readSkill")]
    ReadSkill,
}

#[derive(Debug, Deserialize)]
struct Arguments {
    action: Action,
    #[serde(default, alias = "power", alias = "powerName")]
    name: String,
    #[serde(default, alias = "steeringFile", alias = "skill")]
    file: String,
}

/// Reads the arguments of a call.
pub(super) fn arguments<T: DeserializeOwned>(call: &Call) -> Result<T, ToolError> {
    let wrong = |error: &dyn std::fmt::Display| {
        let said: String = error.to_string().chars().take(300).collect();
        ToolError(format!("`{}`: {said}", call.tool))
    };
    match &call.input {
        Input::Json(text) => serde_json::from_str(text).map_err(|error| wrong(&error)),
        Input::Broken(_) => Err(wrong(&"the arguments are not a JSON object; nothing was done")),
    }
}

/// That there is no such thing, with those that there are.
pub(super) fn missing<'n>(what: &str, name: &str, names: impl Iterator<Item = &'n str>) -> ToolError {
    const NAMED_MAX: usize = 20;
    let names: Vec<&str> = names.take(NAMED_MAX).collect();
    ToolError(format!("there is no {what} `{}`; there are: {}", name.escape_debug(), names.join(", ")))
}

impl PowerTool {
    /// The tool for what a session may use; `None` without powers.
    pub(crate) fn of(usable: &Roster, here: &Here) -> Option<PowerTool> {
        let mut steering = BTreeMap::new();
        for power in &usable.powers {
            let folder = if power.format == Format::New { "dev.kiro/steering" } else { "steering" };
            for file in &power.steering {
                let name = format!("{}/{folder}/{}", power.folder, file.path);
                if let Ok(bytes) = here.trusted_bytes(&name) {
                    let text = String::from_utf8_lossy(bytes).into_owned();
                    steering.insert((power.name.clone(), file.path.clone()), text);
                }
            }
        }
        (!usable.powers.is_empty()).then(|| PowerTool { powers: usable.powers.clone(), steering })
    }

    fn requests(&self, call: &Call) -> Result<Vec<Request>, ToolError> {
        let wanted = arguments::<Arguments>(call)?;
        if wanted.action == Action::List {
            return Ok(Vec::new());
        }
        let target = Target::Name(self.power(&wanted.name)?.name.clone());
        Ok(vec![Request { capability: Capability::Power, target, origin: Origin::Agent }])
    }

    fn power(&self, name: &str) -> Result<&Power, ToolError> {
        let name = name.trim();
        let found = self.powers.iter().find(|power| power.name == name);
        found.ok_or_else(|| missing("power", name, self.powers.iter().map(|power| power.name.as_str())))
    }

    fn text(&self, call: &Call) -> Result<String, ToolError> {
        let wanted = arguments::<Arguments>(call)?;
        if wanted.action == Action::List {
            return Ok(catalog(&self.powers));
        }
        let power = self.power(&wanted.name)?;
        let file = wanted.file.trim();
        let mut text = match wanted.action {
            Action::List | Action::Activate => power.opened(),
            Action::ReadSteering => {
                let named = |name: &str| self.steering.get(&(power.name.clone(), name.to_string()));
                let found = named(file).or_else(|| named(&format!("{file}.md")));
                found.cloned().ok_or_else(|| {
                    let names: Vec<&str> =
                        power.steering.iter().map(|file| file.path.as_str()).take(50).collect();
                    ToolError(format!(
                        "`{}` has no steering file `{}`; it has: {}",
                        power.name,
                        file.escape_debug(),
                        names.join(", ")
                    ))
                })?
            }
            Action::ReadSkill => {
                let found = power.skills.iter().find(|skill| skill.name == file);
                found.map(roster::skill::Skill::opened).ok_or_else(|| {
                    let names: Vec<&str> =
                        power.skills.iter().map(|skill| skill.name.as_str()).take(50).collect();
                    ToolError(format!(
                        "`{}` has no skill `{}`; it has: {}",
                        power.name,
                        file.escape_debug(),
                        names.join(", ")
                    ))
                })?
            }
        };
        if text.len() > TEXT_BYTES_MAX {
            let mut end = TEXT_BYTES_MAX;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text.push_str("\n[cut: longer than one call gives]");
        }
        Ok(text)
    }
}

impl Tool for PowerTool {
    fn describe(&self) -> ToolDescription {
        let description = format!("{DESCRIPTION}\n\n{}", catalog(&self.powers).trim_end());
        ToolDescription { name: "power".into(), description, schema: SCHEMA.into() }
    }

    fn reads_only(&self) -> bool {
        true
    }

    fn request(&self, call: &Call, _context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        self.requests(call)
    }

    fn run<'a>(
        &'a self,
        _permit: Permit,
        call: &'a Call,
        _context: &'a ToolContext<'a>,
    ) -> Later<'a, CallResult> {
        let result = match self.text(call) {
            Ok(text) => CallResult::new(&call.id, Status::Done, text),
            Err(error) => CallResult::new(&call.id, Status::Failed, error.to_string()),
        };
        Box::pin(async move { result })
    }
}

#[cfg(test)]
#[path = "tools_tests.rs"]
mod tests;

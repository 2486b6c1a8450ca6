//! The tool `skill`: gives the instructions of a skill when they are needed. Only trusted skills are in it.

use conversation::{Call, CallResult, Later, Status, Tool, ToolContext, ToolDescription, ToolError};
use policy::{Capability, Origin, Permit, Request, Target};
use roster::skill::{Skill, catalog};
use serde::Deserialize;

use super::power_tool::{arguments, missing};

const DESCRIPTION: &str =
    "Get the instructions of a skill. When a task fits a description below, get them before you begin.";

const SCHEMA: &str = r#"{"type":"object","properties":{"name":{"type":"string","description":"name of the skill"}},"required":["name"]}"#;

/// Opens skills.
pub(crate) struct SkillTool {
    skills: Vec<Skill>,
}

#[derive(Debug, Deserialize)]
struct Arguments {
    #[serde(alias = "skill", alias = "skill_name")]
    name: String,
}

impl SkillTool {
    /// The tool for these skills; `None` without any, so that no model is told of a tool that can do nothing.
    pub(crate) fn of(skills: Vec<Skill>) -> Option<SkillTool> {
        (!skills.is_empty()).then_some(SkillTool { skills })
    }

    pub(super) fn requests(&self, call: &Call) -> Result<Vec<Request>, ToolError> {
        let target = Target::Name(self.skill(call)?.name.clone());
        Ok(vec![Request { capability: Capability::Skill, target, origin: Origin::Agent }])
    }

    fn skill(&self, call: &Call) -> Result<&Skill, ToolError> {
        let name = arguments::<Arguments>(call)?.name;
        let name = name.trim();
        let found = self.skills.iter().find(|skill| skill.name == name);
        found.ok_or_else(|| missing("skill", name, self.skills.iter().map(|skill| skill.name.as_str())))
    }
}

impl Tool for SkillTool {
    fn describe(&self) -> ToolDescription {
        let description = format!("{DESCRIPTION}\n\n{}", catalog(&self.skills).trim_end());
        ToolDescription { name: "skill".into(), description, schema: SCHEMA.into() }
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
        let result = match self.skill(call) {
            Ok(skill) => CallResult::new(&call.id, Status::Done, skill.opened()),
            Err(error) => CallResult::new(&call.id, Status::Failed, error.to_string()),
        };
        Box::pin(async move { result })
    }
}

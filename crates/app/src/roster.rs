//! Agents, skills, powers and prompts of this workspace and this person: loaded, each with whether it is trusted. What the
//! files mean is read by the room `roster`; what a session gets of them is `roster::cast`, `roster::tools`, `roster::called`.

pub(crate) mod called;
pub(crate) mod cast;
mod files;
mod gather;
mod knowledge_tool;
pub(crate) mod power_tool;
pub(crate) mod resources;
pub(crate) mod rows;
pub(crate) mod skill_tool;

use std::collections::BTreeMap;

use roster::agent::Agent;
use roster::power::Power;
use roster::prompt::Prompt;
use roster::skill::Skill;
use roster::{LeftOut, Reading, Roster, What};

use crate::error::Outcome;
use crate::trust::TrustStore;
use crate::workspace::Workspace;
use crate::world::World;

/// Whether something may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trust {
    /// The person's own, or built in: it needs none.
    Own,
    /// Trusted as it is now.
    Trusted,
    /// Trusted once, and changed since.
    Changed,
    /// Not trusted.
    Not,
    /// It can never be trusted.
    Never(&'static str),
}

impl Trust {
    /// Whether it may be used.
    pub(crate) fn is_good(self) -> bool {
        matches!(self, Trust::Own | Trust::Trusted)
    }

    /// For a person.
    pub(crate) fn words(self) -> String {
        match self {
            Trust::Own => "your own".to_string(),
            Trust::Trusted => "trusted".to_string(),
            Trust::Changed => "changed since it was trusted".to_string(),
            Trust::Not => "not trusted".to_string(),
            Trust::Never(why) => format!("never trusted: {why}"),
        }
    }
}

/// What was made of a file or folder.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    Agent(Reading<Agent>),
    Skill(Reading<Skill>),
    Power(Reading<Power>),
    Prompt(Reading<Prompt>),
}

/// A file or folder that means something.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// What it would be called.
    pub(crate) name: String,
    /// The file, or the folder, as it is shown.
    pub(crate) file: String,
    /// The file with the manifest, where diagnostics point.
    pub(crate) manifest: String,
    pub(crate) trust: Trust,
    pub(crate) thing: Thing,
}

/// Everything that there is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Here {
    found: Vec<Found>,
    /// Files that were read, by the name that is shown.
    texts: BTreeMap<String, Vec<u8>>,
    /// Files that are used only when trusted, and are not.
    closed: BTreeMap<String, Trust>,
}

impl Here {
    /// Reads the workspace and the person's own folder.
    pub(crate) fn load(world: &World, workspace: &Workspace) -> Outcome<Here> {
        let trusted = TrustStore::open(&world.state)?.of(&workspace.root);
        let mut files = files::of_person(&world.home.join(".kiro"));
        files.extend(files::of_workspace(workspace, &trusted));
        Ok(gather::gather(files))
    }

    /// All of it, trusted or not: for listings and checks.
    pub(crate) fn all(&self) -> Roster {
        self.roster(|_| true)
    }

    /// What a session may use.
    pub(crate) fn usable(&self) -> Roster {
        self.roster(|found| found.trust.is_good())
    }

    fn roster(&self, wanted: impl Fn(&Found) -> bool) -> Roster {
        let mut builder = Roster::builder();
        for found in &self.found {
            let (file, name) = (found.file.as_str(), found.name.as_str());
            if !wanted(found) {
                builder.leave_out(LeftOut {
                    file: file.to_string(),
                    what: found.what(),
                    name: name.to_string(),
                    why: found.trust.words(),
                    is_wrong: false,
                    diagnostics: Vec::new(),
                });
                continue;
            }
            match found.thing.clone() {
                Thing::Agent(reading) => builder.agent(file, name, reading),
                Thing::Skill(reading) => builder.skill(file, name, reading),
                Thing::Power(reading) => builder.power(file, name, reading),
                Thing::Prompt(reading) => builder.prompt(file, name, reading),
            }
        }
        builder.build()
    }

    /// Each file and folder, for checks.
    pub(crate) fn found(&self) -> &[Found] {
        &self.found
    }

    /// The bytes of a file by the name that is shown.
    pub(crate) fn bytes(&self, file: &str) -> Option<&[u8]> {
        self.texts.get(file).map(Vec::as_slice)
    }

    /// The bytes of a file, or why it is not used.
    pub(crate) fn trusted_bytes(&self, file: &str) -> Result<&[u8], String> {
        match (self.closed.get(file), self.bytes(file)) {
            (Some(trust), _) => Err(trust.words()),
            (None, Some(bytes)) => Ok(bytes),
            (None, None) => Err("there is no such file where trust reaches: below `.kiro`".to_string()),
        }
    }

    /// Things that would be there if they were trusted, for a note before a session.
    pub(crate) fn untrusted(&self) -> impl Iterator<Item = &Found> {
        self.found.iter().filter(|found| !found.trust.is_good())
    }

    /// Whether a file or folder may be used.
    pub(crate) fn trust(&self, file: &str) -> Trust {
        self.found.iter().find(|found| found.file == file).map_or(Trust::Own, |found| found.trust)
    }
}

impl Found {
    pub(crate) fn what(&self) -> What {
        match self.thing {
            Thing::Agent(_) => What::Agent,
            Thing::Skill(_) => What::Skill,
            Thing::Power(_) => What::Power,
            Thing::Prompt(_) => What::Prompt,
        }
    }

    /// What is odd about it: the file that it stands in, and what. The reason for a refusal, where there is one.
    pub(crate) fn diagnostics(&self) -> (Vec<(String, spec::Diagnostic)>, Option<&str>) {
        let own = |list: &[spec::Diagnostic]| {
            list.iter().map(|one| (self.manifest.clone(), one.clone())).collect::<Vec<_>>()
        };
        match &self.thing {
            Thing::Agent(Reading::Read(agent)) => (own(&agent.diagnostics), None),
            Thing::Skill(Reading::Read(skill)) => (own(&skill.diagnostics), None),
            Thing::Prompt(Reading::Read(prompt)) => (own(&prompt.diagnostics), None),
            Thing::Power(Reading::Read(power)) => {
                let mut all = own(&power.diagnostics);
                let mcp = format!("{}/mcp.json", self.file);
                all.extend(power.mcp_diagnostics.iter().map(|one| (mcp.clone(), one.clone())));
                for skill in &power.skills {
                    let file = format!("{}/SKILL.md", skill.folder);
                    all.extend(skill.diagnostics.iter().map(|one| (file.clone(), one.clone())));
                }
                (all, None)
            }
            Thing::Agent(Reading::Refused { why, diagnostics })
            | Thing::Skill(Reading::Refused { why, diagnostics })
            | Thing::Power(Reading::Refused { why, diagnostics })
            | Thing::Prompt(Reading::Refused { why, diagnostics }) => (own(diagnostics), Some(why)),
        }
    }
}

/// Agents that a sub-agent can be, by id, each with what it is for: the built-in ones first. For the tool that starts them.
pub(crate) fn available_subagents(usable: &Roster) -> Vec<(String, String)> {
    usable.subagents().into_iter().map(|(id, what)| (id.to_string(), what.to_string())).collect()
}

//! Everything that can be called upon, settled: one agent, skill, power and prompt for each name, and what was left out and
//! why. Reads no disk; the bytes come in.

use spec::Diagnostic;

use crate::Reading;
use crate::agent::Agent;
use crate::built_in;
use crate::power::Power;
use crate::prompt::Prompt;
use crate::settle::settle;
use crate::skill::Skill;

/// Files of one kind that are looked at in one place.
pub const FILES_MAX: usize = 2_000;

/// Agents that a model is told of as sub-agents.
pub const SUBAGENTS_MAX: usize = 100;

/// What a file was meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A custom agent.
    Agent,
    /// A skill.
    Skill,
    /// A power.
    Power,
    /// A saved prompt.
    Prompt,
}

impl What {
    /// The word for a person.
    pub fn name(self) -> &'static str {
        match self {
            What::Agent => "agent",
            What::Skill => "skill",
            What::Power => "power",
            What::Prompt => "prompt",
        }
    }
}

/// A file that does not count.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// The file or folder, as it is shown to a person.
    pub file: String,
    /// What it was meant to be.
    pub what: What,
    /// The name that it would have had.
    pub name: String,
    /// Why, lower case, no full stop.
    pub why: String,
    /// Whether somebody should mend it, as against another that wins.
    pub is_wrong: bool,
    /// Where, and what to do.
    pub diagnostics: Vec<Diagnostic>,
}

/// Who and what can be called upon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roster {
    /// Agents by id, the built-in ones among them.
    pub agents: Vec<Agent>,
    /// Skills by name.
    pub skills: Vec<Skill>,
    /// Powers by name.
    pub powers: Vec<Power>,
    /// Prompts by name.
    pub prompts: Vec<Prompt>,
    /// What does not count.
    pub left_out: Vec<LeftOut>,
}

/// Collects what was read, and settles it at the end.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    roster: Roster,
}

impl Roster {
    /// An empty collection.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The agent of an id, or the only one of a name.
    pub fn agent(&self, id: &str) -> Option<&Agent> {
        let named = || {
            let mut all = self.agents.iter().filter(|agent| agent.name == id);
            all.next().filter(|_| all.next().is_none())
        };
        self.agents.iter().find(|agent| agent.id == id).or_else(named)
    }

    /// The skill of a name.
    pub fn skill(&self, name: &str) -> Option<&Skill> {
        self.skills.iter().find(|skill| skill.name == name)
    }

    /// The power of a name.
    pub fn power(&self, name: &str) -> Option<&Power> {
        self.powers.iter().find(|power| power.name == name)
    }

    /// The prompt of a name.
    pub fn prompt(&self, name: &str) -> Option<&Prompt> {
        self.prompts.iter().find(|prompt| prompt.name == name)
    }

    /// Agents that can be started as sub-agents, with what they are for: the built-in ones first, at most
    /// [`SUBAGENTS_MAX`].
    pub fn subagents(&self) -> Vec<(&str, &str)> {
        let mut agents: Vec<&Agent> =
            self.agents.iter().filter(|agent| agent.dispatch.as_deref() != Some("spec")).collect();
        agents.sort_by_key(|agent| agent.origin != crate::Origin::BuiltIn);
        let told = agents.into_iter().take(SUBAGENTS_MAX);
        told.map(|agent| (agent.id.as_str(), agent.description.as_deref().unwrap_or(""))).collect()
    }
}

impl Builder {
    /// Takes in what became of a file of agents.
    pub fn agent(&mut self, file: &str, name: &str, reading: Reading<Agent>) {
        if let Some(agent) = self.read_or_left(What::Agent, file, name, reading) {
            self.roster.agents.push(agent);
        }
    }

    /// Takes in what became of a folder of a skill.
    pub fn skill(&mut self, folder: &str, name: &str, reading: Reading<Skill>) {
        if let Some(skill) = self.read_or_left(What::Skill, folder, name, reading) {
            self.roster.skills.push(skill);
        }
    }

    /// Takes in what became of a folder of a power.
    pub fn power(&mut self, folder: &str, name: &str, reading: Reading<Power>) {
        if let Some(power) = self.read_or_left(What::Power, folder, name, reading) {
            self.roster.powers.push(power);
        }
    }

    /// Takes in what became of a file of prompts.
    pub fn prompt(&mut self, file: &str, name: &str, reading: Reading<Prompt>) {
        if let Some(prompt) = self.read_or_left(What::Prompt, file, name, reading) {
            self.roster.prompts.push(prompt);
        }
    }

    /// Notes something that does not count for a reason that lies outside its bytes: not trusted, a link, too large.
    pub fn leave_out(&mut self, left: LeftOut) {
        self.roster.left_out.push(left);
    }

    /// Settles who wins.
    pub fn build(self) -> Roster {
        let Roster { mut agents, skills, powers, prompts, mut left_out } = self.roster;
        agents.extend(built_in::agents());
        let roster = Roster {
            agents: settle(agents, &mut left_out),
            skills: settle(skills, &mut left_out),
            powers: settle(powers, &mut left_out),
            prompts: settle(prompts, &mut left_out),
            left_out: Vec::new(),
        };
        left_out.sort_by(|a, b| (a.what, &a.file).cmp(&(b.what, &b.file)));
        Roster { left_out, ..roster }
    }

    fn read_or_left<T>(&mut self, what: What, file: &str, name: &str, reading: Reading<T>) -> Option<T> {
        match reading {
            Reading::Read(value) => Some(value),
            Reading::Refused { why, diagnostics } => {
                let (file, name) = (file.to_string(), name.to_string());
                self.leave_out(LeftOut { file, what, name, why, is_wrong: true, diagnostics });
                None
            }
        }
    }
}

#[cfg(test)]
#[path = "roster_tests.rs"]
mod tests;

//! `waypost skill list` and `skill show`: which skills there are, and what opening one gives the model.

use roster::skill::Skill;
use roster::{Roster, What};

use super::roster_rows as rows;
use crate::cli::SkillCommand;
use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;
use crate::roster::Here;
use crate::roster::rows::{SkillsListed, ThingRow, ThingShown};
use crate::term::Term;
use crate::world::World;

/// Lists or shows.
pub(crate) fn run(world: &World, screen: &Screen, command: &SkillCommand) -> Outcome<Exit> {
    let (here, all, usable) = rows::load(world)?;
    match command {
        SkillCommand::List => {
            let listed = SkillsListed {
                skills: all.skills.iter().map(|skill| row(&here, &usable, skill)).collect(),
                left_out: rows::left_out(&all, What::Skill),
            };
            screen.document(&listed, |listed| words(&screen.term, listed));
        }
        SkillCommand::Show { name } => {
            let names = || all.skills.iter().map(|skill| skill.name.as_str()).take(30).collect();
            let skill = all.skill(name).ok_or_else(|| rows::missing(&all, What::Skill, name, names()))?;
            let manifest = format!("{}/SKILL.md", skill.folder);
            let shown = ThingShown {
                thing: row(&here, &usable, skill),
                text: skill.opened(),
                problems_found: skill
                    .diagnostics
                    .iter()
                    .map(|found| rows::problem(&here, &manifest, found))
                    .collect(),
            };
            rows::show(screen, &shown);
        }
    }
    Ok(Exit::Done)
}

fn row(here: &Here, usable: &Roster, skill: &Skill) -> ThingRow {
    ThingRow {
        name: skill.name.clone(),
        description: skill.description.clone(),
        origin: rows::whose(skill.origin, &skill.folder),
        file: skill.folder.clone(),
        usable: usable.skills.iter().any(|one| one.folder == skill.folder),
        trust: here.trust(&skill.folder).words(),
        bytes: rows::size(&skill.opened()),
        keywords: Vec::new(),
        servers: Vec::new(),
    }
}

fn words(term: &Term, listed: &SkillsListed) -> String {
    if listed.skills.is_empty() && listed.left_out.is_empty() {
        return "no skills here; put one into .kiro/skills/NAME/SKILL.md".to_string();
    }
    let mut lines: Vec<String> = listed.skills.iter().map(|row| rows::thing_words(term, row)).collect();
    lines.extend(rows::left_out_words(term, &listed.left_out));
    lines.join("\n")
}

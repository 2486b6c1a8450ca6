//! `waypost power list` and `power show`: which powers are installed, which words call for them, and what opening one gives.

use roster::power::Power;
use roster::{Roster, What};

use super::roster_rows as rows;
use crate::cli::PowerCommand;
use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;
use crate::roster::Here;
use crate::roster::rows::{PowersListed, ThingRow, ThingShown};
use crate::term::{Style, Term, one_line};
use crate::world::World;

/// Lists or shows.
pub(crate) fn run(world: &World, screen: &Screen, command: &PowerCommand) -> Outcome<Exit> {
    let (here, all, usable) = rows::load(world)?;
    match command {
        PowerCommand::List { words } => list(screen, &here, &all, &usable, words.as_deref()),
        PowerCommand::Show { name } => {
            let names = || all.powers.iter().map(|power| power.name.as_str()).take(30).collect();
            let power = all.power(name).ok_or_else(|| rows::missing(&all, What::Power, name, names()))?;
            let found = here.found().iter().find(|found| found.file == power.folder);
            let problems = found.map(|found| found.diagnostics().0).unwrap_or_default();
            let shown = ThingShown {
                thing: row(&here, &usable, power),
                text: power.opened(),
                problems_found: problems
                    .iter()
                    .map(|(file, found)| rows::problem(&here, file, found))
                    .collect(),
            };
            rows::show(screen, &shown);
        }
    }
    Ok(Exit::Done)
}

fn list(screen: &Screen, here: &Here, all: &Roster, usable: &Roster, words: Option<&str>) {
    let called = words.map(|words| roster::power::called_for(&all.powers, words));
    let wanted = |power: &&Power| {
        called.as_ref().is_none_or(|called| called.iter().any(|one| one.power == power.name))
    };
    let listed = PowersListed {
        powers: all.powers.iter().filter(wanted).map(|power| row(here, usable, power)).collect(),
        left_out: if words.is_none() { rows::left_out(all, What::Power) } else { Vec::new() },
    };
    let by = |name: &str| {
        let called = called.iter().flatten().find(|called| called.power == name)?;
        Some(format!("    called for by `{}`", called.keyword))
    };
    screen.document(&listed, |listed| {
        if listed.powers.is_empty() && listed.left_out.is_empty() {
            return match words {
                Some(_) => "these words call for no power".to_string(),
                None => "no powers here; put one into ~/.kiro/powers/installed/NAME".to_string(),
            };
        }
        let mut lines = Vec::new();
        for row in &listed.powers {
            lines.push(rows::thing_words(&screen.term, row));
            lines.extend(details(&screen.term, row));
            lines.extend(by(&row.name).map(|line| one_line(&line)));
        }
        lines.extend(rows::left_out_words(&screen.term, &listed.left_out));
        lines.join("\n")
    });
}

fn details(term: &Term, row: &ThingRow) -> Vec<String> {
    const WORDS_MAX: usize = 12;
    let mut lines = Vec::new();
    if !row.keywords.is_empty() {
        let words: Vec<&str> = row.keywords.iter().map(String::as_str).take(WORDS_MAX).collect();
        let more = if row.keywords.len() > WORDS_MAX { ", …" } else { "" };
        lines.push(format!("    words: {}{more}", words.join(", ")));
    }
    if !row.servers.is_empty() {
        lines.push(format!("    servers: {}", row.servers.join(", ")));
    }
    lines.iter().map(|line| term.style(Style::Dim, &one_line(line))).collect()
}

fn row(here: &Here, usable: &Roster, power: &Power) -> ThingRow {
    ThingRow {
        name: power.name.clone(),
        description: power.description.clone(),
        origin: rows::whose(power.origin, &power.folder),
        file: power.folder.clone(),
        usable: usable.powers.iter().any(|one| one.folder == power.folder),
        trust: here.trust(&power.folder).words(),
        bytes: rows::size(&power.opened()),
        keywords: power.keywords.clone(),
        servers: power.servers.iter().map(|(_, name)| name.clone()).collect(),
    }
}

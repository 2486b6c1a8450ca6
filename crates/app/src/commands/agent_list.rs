//! `waypost agent list`: every agent, whether a session may use it, and the files that are left out with the reason.

use roster::What;

use super::roster_rows as rows;
use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;
use crate::roster::rows::AgentsListed;
use crate::term::Term;
use crate::world::World;

/// Lists.
pub(crate) fn run(world: &World, screen: &Screen) -> Outcome<Exit> {
    let (here, all, usable) = rows::load(world)?;
    let listed = AgentsListed {
        agents: all.agents.iter().map(|agent| rows::agent(&here, &usable, agent)).collect(),
        left_out: rows::left_out(&all, What::Agent),
    };
    screen.document(&listed, |listed| words(&screen.term, listed));
    Ok(Exit::Done)
}

fn words(term: &Term, listed: &AgentsListed) -> String {
    let mut lines: Vec<String> = listed.agents.iter().map(|row| rows::agent_words(term, row)).collect();
    lines.extend(rows::left_out_words(term, &listed.left_out));
    let closed = listed.agents.iter().filter(|row| !row.usable).count();
    if closed > 0 {
        lines.push(String::new());
        lines.push("what is not trusted is not used: read it, then waypost trust".to_string());
    }
    lines.join("\n")
}

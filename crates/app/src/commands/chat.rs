//! `waypost` without a command: a chat in this workspace, line by line.

use std::sync::Arc;

use conversation::Purpose;

use crate::cli::SessionFlags;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house::House;
use crate::models::{self, Role};
use crate::session::{self, Again, Order};
use crate::subagents::Crew;
use crate::term::Style;
use crate::toolbox;
use crate::world::World;

/// What `/help` says.
const HELP: &str = "Say what to do in a line; it is done in this workspace, and you are asked before a write.\n\
    While it works: a line that you type steers its next turn, Ctrl-C stops it and leaves a session that resumes.\n\
    #file:src/a.rs, #folder:src, #git, #diff, #spec, #problems, #terminal, #url:https://… and #codebase add what they name.\n\
    /exit leaves. For specs, sessions and settings see `waypost --help`.";

/// Talks until the person leaves.
pub(crate) async fn run(world: World, screen: Arc<Screen>) -> Outcome<Exit> {
    if !screen.interactive() {
        return Err(Error::usage("a chat needs a terminal")
            .hint("for one request without a person: waypost run \"…\"")
            .hint("see `waypost --help` for everything else"));
    }
    let mut house = House::open(world, screen)?;
    let flags = SessionFlags::default();
    let name = models::name(&house.world, &house.config, None, Role::Execute)?;
    let model = models::open(&house.world, &house.config, &name)?;
    house.screen.progress(
        Style::Dim,
        &format!(
            "{} in {} · /help explains, /exit or Ctrl-D leaves",
            model.name(),
            house.workspace.root.display()
        ),
    );
    let (turns_max, cost_max) = session::limits(&house, &flags)?;
    let mut talking: Option<String> = None;
    let mut crew = Crew::new(&house.common, &model);
    let left = loop {
        house.screen.term.prompt(&house.screen.term.style(Style::Bold, "› "));
        let Some(words) = house.screen.lines.next().await else { break Exit::Done };
        match words.trim() {
            "" => continue,
            "exit" | "quit" | "/exit" | "/quit" => break Exit::Done,
            "/help" | "help" | "?" => {
                HELP.lines().for_each(|line| house.screen.progress(Style::Plain, line));
                continue;
            }
            _ => {}
        }
        let mut gate = house.gate(&flags, &[])?;
        let lead =
            toolbox::Lead { model: &model, is_named: flags.model.is_some(), agent: flags.agent.as_deref() };
        let set = toolbox::session(&house, &mut gate, lead, crew.servers.as_ref())?;
        let (tools, fragments, agent) = (set.tools, set.fragments, set.agent);
        crew = set.crew;
        let named = super::run::looked_up(&house, &crew, &gate, &words, &tools).await?;
        let reached = named.reached(house.screen.person());
        let words = named.text;
        let came = match talking.take() {
            None => {
                let order = Order {
                    id: session::new_id(),
                    purpose: Purpose::Request,
                    crew: crew.clone(),
                    tools,
                    gate,
                    fragments,
                    paths: Vec::new(),
                    words,
                    turns_max,
                    cost_max,
                    is_last: false,
                    agent,
                    reached: reached.clone(),
                };
                session::begin(&mut house, order).await?
            }
            Some(id) => {
                let words = Some(words);
                let again = Again {
                    id,
                    crew: crew.clone(),
                    tools,
                    gate,
                    words,
                    turns_max,
                    cost_max,
                    is_last: false,
                    agent,
                    reached: reached.clone(),
                };
                session::resume(&mut house, again).await?
            }
        };
        super::run::tell(&house.screen, &came, &flags);
        talking = Some(came.session);
    };
    if let Some(id) = talking {
        let gate = house.gate(&flags, &[])?;
        session::leave(&mut house, &crew, &id, gate, turns_max).await?;
    }
    crew.end().await;
    Ok(left)
}

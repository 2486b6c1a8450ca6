//! One session from its parts: fragments, tools, gate, journal, model; driven to its end. Decides nothing of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use agent::{Bounds, Face, Hands, Happens, Hooks as _, Inbox, Kind, State, attend, drive, fold};
use conversation::{
    Cost, Digest, Ended, Event, Fragment, Journal, Message, Model, Purpose, Role, Spent, Started, Tool,
};
use ledger::Stored;
use policy::{Gate, Taint};

use crate::cli::SessionFlags;
use crate::error::{Error, Outcome};
use crate::events;
use crate::hooking::Hooking;
use crate::house::{Common, House};
use crate::limits::Watching;
use crate::steering::{Board, InForce};
use crate::subagents::Crew;
use crate::world;

/// The tools whose first accepted call ends a session. They change no file.
const CLOSING: [&str; 3] = ["submit_plan", "submit_spec", "submit_steering"];

/// What a new session is made of, beside the house.
pub(crate) struct Order {
    /// Its id.
    pub(crate) id: String,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// Who answers, and what its hooks and parts are made from.
    pub(crate) crew: Crew,
    /// Its tools.
    pub(crate) tools: Vec<Box<dyn Tool>>,
    /// The way to permits.
    pub(crate) gate: Gate,
    /// Fragments behind those that every session has.
    pub(crate) fragments: Vec<Fragment>,
    /// Paths in play, for steering that is in force only there.
    pub(crate) paths: Vec<String>,
    /// What the person says first.
    pub(crate) words: String,
    /// Its bounds.
    pub(crate) turns_max: u32,
    /// Its money.
    pub(crate) cost_max: Option<Cost>,
    /// Whether it is over when it comes to rest.
    pub(crate) is_last: bool,
    /// The agent that leads it, for hooks of its own.
    pub(crate) agent: Option<String>,
    /// What was reached for what the words name: it taints the session that gets them.
    pub(crate) reached: Option<Event>,
}

/// How a session ended, and what it came to.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) ended: Ended,
    pub(crate) session: String,
    /// The head of its journal.
    pub(crate) head: Digest,
    /// Money, when the price is known.
    pub(crate) cost: Option<Cost>,
    /// The last words of the model.
    pub(crate) answer: String,
    /// Everything that it used.
    pub(crate) spent: Spent,
    /// What it took in from outside.
    pub(crate) took_in: Taint,
}

/// Begins a session and drives it to its end.
pub(crate) async fn begin(house: &mut House, order: Order) -> Outcome<Came> {
    let screen = Arc::clone(&house.screen);
    start(&mut house.live, screen.as_ref(), order).await
}

/// The same inside another session, where nobody types.
pub(crate) async fn begin_in(face: &dyn Face, order: Order) -> Outcome<Came> {
    start(&mut futures_util::stream::empty(), face, order).await
}

async fn start(inbox: &mut Inbox, face: &dyn Face, order: Order) -> Outcome<Came> {
    let crew = order.crew;
    let (common, model) = (&crew.common, crew.model.as_ref());
    check_budget(model, order.cost_max)?;
    let (in_force, board) = steering(common, &order.paths, &order.words)?;
    let mut fragments = vec![agent::system(), workspace_fragment(common)];
    fragments.extend(in_force.fragments);
    fragments.extend(order.fragments);
    fragments.sort_by_key(Fragment::kind);
    let started = Started {
        session: order.id.clone(),
        purpose: order.purpose,
        model: model.name().to_string(),
        workspace: common.workspace.root.to_string_lossy().into_owned(),
        here: common.workspace.here.clone(),
        mode: order.gate.policy().mode(),
        agent: order.agent.clone(),
        fragments,
        tools: order.tools.iter().map(|tool| tool.describe()).collect(),
    };
    let mut journal = common.store.create_session(&order.id)?;
    let bounds = bounds(&order.tools, model, order.turns_max, order.cost_max);
    let mut state = State::new(bounds);
    let mut events = vec![Event::Started(started)];
    events.extend(order.reached);
    events.push(Event::Said { text: order.words });
    let (tools, gate, is_last) = (order.tools, order.gate, order.is_last);
    let going = Going { tools, gate, is_last, board, agent: order.agent, said: None };
    go(&crew, inbox, face, &mut state, going, &mut journal, events).await
}

/// What goes on with a session that exists.
pub(crate) struct Again {
    /// Its id.
    pub(crate) id: String,
    /// Who answers now, and what its hooks and parts are made from.
    pub(crate) crew: Crew,
    /// Its tools.
    pub(crate) tools: Vec<Box<dyn Tool>>,
    /// The way to permits.
    pub(crate) gate: Gate,
    /// Words to go on with, when there are some.
    pub(crate) words: Option<String>,
    /// Its bounds.
    pub(crate) turns_max: u32,
    /// Its money.
    pub(crate) cost_max: Option<Cost>,
    /// Whether it is over when it comes to rest.
    pub(crate) is_last: bool,
    /// The agent that leads it, for hooks of its own.
    pub(crate) agent: Option<String>,
    /// What was reached for what the words name: it taints the session that gets them.
    pub(crate) reached: Option<Event>,
}

/// Goes on with a session where its record ends.
pub(crate) async fn resume(house: &mut House, again: Again) -> Outcome<Came> {
    let model = again.crew.model.as_ref();
    check_budget(model, again.cost_max)?;
    // Opened first: that sets a torn record aside before it is read.
    let mut journal = house.store.open_session(&again.id)?;
    let record = house.store.read(&again.id)?;
    let bounds = bounds(&again.tools, model, again.turns_max, again.cost_max);
    let mut state = fold(bounds, record.iter().filter_map(Stored::event));
    let said = record.iter().rev().find_map(|stored| match stored.event() {
        Some(Event::Said { text } | Event::Asked { text }) => Some(text.clone()),
        _ => None,
    });
    house.screen.event(&events::Event::SessionResumed { session: again.id.clone() });
    house.tell_repair(&record);
    // Words first: `Resumed` then finds them waiting, beside whatever was left open.
    let mut events = Vec::new();
    events.extend(again.reached);
    events.extend(again.words.map(|text| Event::Said { text }));
    events.push(Event::Resumed);
    let mut board = Board::open(&house.world, &house.config, &house.workspace)?;
    board.gave(&state.in_force());
    let (tools, gate, is_last) = (again.tools, again.gate, again.is_last);
    let going = Going { tools, gate, is_last, board, agent: again.agent, said };
    let screen = Arc::clone(&house.screen);
    go(&again.crew, &mut house.live, screen.as_ref(), &mut state, going, &mut journal, events).await
}

/// Tells the hooks that a session which rests is over: a chat is left.
pub(crate) async fn leave(
    house: &mut House,
    crew: &Crew,
    id: &str,
    mut gate: Gate,
    turns_max: u32,
) -> Outcome<()> {
    let hooks = Hooking::here(crew, None)?;
    if !hooks.heeds(Kind::Over) {
        return Ok(());
    }
    let model = crew.model.as_ref();
    let common = Arc::clone(&house.common);
    let mut journal = common.store.open_session(id)?;
    let record = common.store.read(id)?;
    let mut state = fold(bounds(&[], model, turns_max, None), record.iter().filter_map(Stored::event));
    let mut watch = Watching::new(&common.held.ground, &mut gate);
    let scratch = common.store.scratch();
    let mut hands = Hands {
        model,
        tools: &[],
        gate: &mut gate,
        journal: &mut journal,
        face: common.screen.as_ref(),
        inbox: &mut house.live,
        keeper: &common.checkpoints,
        workspace: &common.workspace.root,
        scratch: &scratch,
        secrecy: &common.held.firewall,
        watch: &mut watch,
        hooks: &hooks,
        is_last: true,
    };
    attend(&mut state, &mut hands, Happens::Over).await?;
    journal.close()?;
    Ok(())
}

/// With what a session goes.
struct Going {
    tools: Vec<Box<dyn Tool>>,
    gate: Gate,
    is_last: bool,
    agent: Option<String>,
    /// Which steering is in force by which files.
    board: Board,
    /// What the person said last, in a session that goes on.
    said: Option<String>,
}

async fn go(
    crew: &Crew,
    inbox: &mut Inbox,
    face: &dyn Face,
    state: &mut State,
    going: Going,
    journal: &mut ledger::Writer,
    events: Vec<Event>,
) -> Outcome<Came> {
    let house = &crew.common;
    let Going { tools, mut gate, is_last, board, agent, said } = going;
    let scratch = house.store.scratch();
    if let Some(gaps) = house.held.gaps()? {
        house.screen.notice(&gaps);
    }
    let mut watch = Watching::new(&house.held.ground, &mut gate).steered(board).seeing(&house.snapshots);
    if tools.iter().any(|tool| !tool.reads_only() && !CLOSING.contains(&tool.describe().name.as_str())) {
        house.checkpoints.warm();
    }
    let hooks = Hooking::here(crew, agent)?;
    said.iter().for_each(|text| hooks.said_before(text));
    let mut hands = Hands {
        model: crew.model.as_ref(),
        tools: &tools,
        gate: &mut gate,
        journal,
        face,
        inbox,
        keeper: &house.checkpoints,
        workspace: &house.workspace.root,
        scratch: &scratch,
        secrecy: &house.held.firewall,
        watch: &mut watch,
        hooks: &hooks,
        is_last,
    };
    let driven = drive(state, &mut hands, events).await;
    house.screen.term.end_line();
    house.prune();
    let ended = driven?;
    // Nothing counts as ended whose record is not signed.
    for why in journal.close()? {
        house
            .screen
            .notice(&format!("the record is signed and not anchored at {why}; the next session tries again"));
    }
    if crew.depth == 0 {
        house.screen.event(&events::Event::SessionEnded {
            session: state.session().to_string(),
            outcome: ended.outcome.name().to_string(),
            message: ended.message.clone(),
        });
    }
    let words = state.messages().iter().rev().find(|message| message.role == Role::Assistant);
    Ok(Came {
        ended,
        session: state.session().to_string(),
        head: journal.head(),
        cost: state.cost(),
        answer: words.map(Message::text).unwrap_or_default(),
        spent: Spent { usage: state.usage(), cost: state.cost(), turns: state.turns_in_all() },
        took_in: state.taint().clone(),
    })
}

fn bounds(tools: &[Box<dyn Tool>], model: &dyn Model, turns_max: u32, cost_max: Option<Cost>) -> Bounds {
    let readers: BTreeSet<String> =
        tools.iter().filter(|tool| tool.reads_only()).map(|tool| tool.describe().name).collect();
    let closing = CLOSING.map(str::to_string).into();
    Bounds { turns_max, cost_max, model: model.limits(), readers, closing }
}

/// A limit on money cannot be kept when nobody knows the price.
fn check_budget(model: &dyn Model, cost_max: Option<Cost>) -> Outcome<()> {
    if cost_max.is_some() && model.price().is_none() {
        return Err(Error::usage(format!(
            "the price of `{}` is not known, so --max-cost cannot be kept",
            model.name()
        ))
        .hint(format!(
            "add [prices.\"{}\"] with input and output to config.toml, or use --max-turns",
            model.name()
        )));
    }
    Ok(())
}

fn workspace_fragment(house: &Common) -> Fragment {
    let platform = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    agent::workspace(&house.workspace.root.to_string_lossy(), &house.workspace.here, &platform)
}

/// The steering in force; what is not trusted is left out and said.
fn steering(house: &Common, paths: &[String], words: &str) -> Outcome<(InForce, Board)> {
    let mut board = Board::open(&house.world, &house.config, &house.workspace)?;
    let in_force = board.in_force(paths, words);
    if !in_force.untrusted.is_empty() {
        house.screen.notice(&format!(
            "steering left out, because it is not trusted as it is now: {} (`waypost trust` shows and grants)",
            in_force.untrusted.join(", ")
        ));
    }
    for problem in &in_force.problems {
        house.screen.notice(problem);
    }
    Ok((in_force, board))
}

/// An id for a new session.
pub(crate) fn new_id() -> String {
    world::session_id()
}

/// The flags of a session as the numbers that bound it.
pub(crate) fn limits(house: &Common, flags: &SessionFlags) -> Outcome<(u32, Option<Cost>)> {
    Ok((house.turns_max(flags), crate::models::budget(flags.max_cost, &house.config)?))
}

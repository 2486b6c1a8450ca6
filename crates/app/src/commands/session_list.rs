//! `waypost session list`: the sessions of this workspace, the latest first.

use conversation::Purpose;
use ledger::Summary;

use crate::error::Outcome;
use crate::events::{SessionRow, dollars};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::term::{glimpse, one_line};
use crate::workspace::Workspace;
use crate::world::World;

/// Lists.
pub(crate) fn run(world: &World, screen: &Screen) -> Outcome<Exit> {
    let store = house::open_store(world, &Workspace::find(world)?)?;
    let rows: Vec<SessionRow> = store.list_sessions()?.iter().map(row).collect();
    screen.document(&rows, |rows| match rows.is_empty() {
        true => "no sessions here yet; start one: waypost run \"…\"".to_string(),
        false => rows.iter().map(line).collect::<Vec<_>>().join("\n"),
    });
    Ok(Exit::Done)
}

fn row(summary: &Summary) -> SessionRow {
    let state = match (&summary.problem, summary.in_use) {
        (Some(problem), _) => Some(problem.clone()),
        (None, true) => Some("running".to_string()),
        (None, false) => summary.outcome.map(|outcome| outcome.name().to_string()),
    };
    SessionRow {
        session: summary.id.clone(),
        started_at: summary.started_at,
        updated_at: summary.updated_at,
        purpose: summary.purpose.as_ref().map(purpose).unwrap_or_default(),
        model: summary.model.clone(),
        request: summary.first_words.clone(),
        outcome: state,
        turns: summary.turns,
        cost_usd: summary.cost.map(dollars),
    }
}

/// What a session is for, in words.
pub(crate) fn purpose(purpose: &Purpose) -> String {
    match purpose {
        Purpose::Request => "request".to_string(),
        Purpose::Plan { spec } => format!("plan {spec}"),
        Purpose::Task { spec, task } => format!("{spec} task {task}"),
        Purpose::Part { parent, agent } => format!("{agent} for {parent}"),
        Purpose::Hooks => "hooks".to_string(),
    }
}

/// A moment as a person reads it, in UTC.
pub(crate) fn moment(at_ms: u64) -> String {
    let seconds = at_ms / 1000;
    let (year, month, day) = ledger::civil(seconds / 86_400);
    let second = seconds % 86_400;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}Z", second / 3600, second / 60 % 60)
}

fn line(row: &SessionRow) -> String {
    let cost = row.cost_usd.map_or("-".to_string(), |cost| format!("${cost:.4}"));
    format!(
        "{}  {}  {:<12} {:>3} turns  {cost:>9}  {:<18} {}",
        row.session,
        moment(row.updated_at),
        one_line(row.outcome.as_deref().unwrap_or("cut off")),
        row.turns,
        one_line(&row.purpose),
        glimpse(&row.request, 60)
    )
}

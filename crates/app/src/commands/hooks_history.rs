//! `waypost hooks history`: what ran, why, how it ended, how long it took and what it cost; read from the ledger. Runs nothing.

use conversation::Event;
use ledger::Stored;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::HooksHistory;
use crate::commands::session_show::hooked_line;
use crate::error::Outcome;
use crate::events::dollars;
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::term::{counted, one_line};
use crate::workspace::Workspace;
use crate::world::World;

/// Sessions that are looked at, the latest first.
const SESSIONS_MAX: usize = 500;

/// One run of a hook.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HookRun {
    /// Milliseconds since the epoch.
    pub(crate) at: u64,
    pub(crate) session: String,
    pub(crate) hook: String,
    /// What it waited for.
    pub(crate) event: String,
    /// `done`, `blocked`, `failed`, `denied` or `cut`.
    pub(crate) end: String,
    pub(crate) message: String,
    /// The hooks that led here, outermost first.
    pub(crate) cause: Vec<String>,
    pub(crate) ms: u64,
    /// Tokens that its agent used.
    pub(crate) tokens: u64,
    /// Dollars that its agent cost; absent for a command, or when a price is not known.
    pub(crate) cost_usd: Option<f64>,
}

/// Lists.
pub(crate) fn run(world: &World, screen: &Screen, flags: &HooksHistory) -> Outcome<Exit> {
    let store = house::open_store(world, &Workspace::find(world)?)?;
    let mut rows: Vec<(HookRun, String)> = Vec::new();
    for session in store.list_sessions()?.into_iter().take(SESSIONS_MAX) {
        if rows.len() >= flags.limit {
            break;
        }
        // A session that cannot be read is told by `waypost audit verify`.
        let Ok(record) = store.read(&session.id) else { continue };
        rows.extend(record.iter().rev().filter_map(|stored| row(&session.id, stored, flags.name.as_deref())));
    }
    rows.sort_by_key(|(row, _)| std::cmp::Reverse(row.at));
    rows.truncate(flags.limit);
    let (rows, lines): (Vec<HookRun>, Vec<String>) = rows.into_iter().unzip();
    screen.document(&rows, |rows| {
        if rows.is_empty() {
            return "no hook has run here yet; waypost hooks list shows what there is".to_string();
        }
        let cost = rows.iter().filter_map(|row| row.cost_usd).fold(0.0, |sum, cost| sum + cost);
        let total = format!("{}, ${cost:.4} together", counted(rows.len(), "run", "runs"));
        lines.iter().map(|line| one_line(line)).chain([total]).collect::<Vec<_>>().join("\n")
    });
    Ok(Exit::Done)
}

fn row(session: &str, stored: &Stored, name: Option<&str>) -> Option<(HookRun, String)> {
    let Some(Event::Hooked(hooked)) = stored.event() else { return None };
    let is_it =
        |name: &str| hooked.hook == name || hooked.hook.rsplit_once('#').is_some_and(|(_, own)| own == name);
    if !name.is_none_or(is_it) {
        return None;
    }
    let spent = hooked.spent.unwrap_or_default();
    let row = HookRun {
        at: stored.at,
        session: session.to_string(),
        hook: hooked.hook.clone(),
        event: hooked.trigger.clone(),
        end: hooked.end.name().to_string(),
        message: hooked.message.clone(),
        cause: hooked.cause.clone(),
        ms: hooked.ms,
        tokens: spent.usage.context().saturating_add(spent.usage.output),
        cost_usd: spent.cost.map(dollars),
    };
    Some((row, format!("{session}  {}", hooked_line(hooked))))
}

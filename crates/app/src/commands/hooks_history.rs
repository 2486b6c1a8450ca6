//! `waypost hooks history`: what ran, why, how it ended, how long it took and what it cost; read from the ledger. Runs nothing.

use conversation::{Event, HookDue, HookEnd, Hooked};
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
    /// `done`, `blocked`, `failed`, `denied`, `cut` or `interrupted`; `due` or `running` while its session goes on.
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
        let runs = runs(&record, session.in_use).into_iter().rev();
        let is_wanted = |(_, run): &(u64, Run)| flags.name.as_deref().is_none_or(|name| run.is_of(name));
        rows.extend(runs.filter(is_wanted).map(|(at, run)| row(&session.id, at, &run)));
    }
    // What goes on comes first, however long ago it became due.
    let goes_on = |end: &str| matches!(end, "running" | "due");
    rows.sort_by_key(|(row, _)| std::cmp::Reverse((goes_on(&row.end), row.end == "running", row.at)));
    rows.truncate(flags.limit);
    let (rows, lines): (Vec<HookRun>, Vec<String>) = rows.into_iter().unzip();
    screen.document(&rows, |rows| {
        if rows.is_empty() {
            return match &flags.name {
                Some(name) => format!(
                    "no run of `{}` is on record here; waypost hooks list shows what there is",
                    one_line(name)
                ),
                None => "no hook has run here yet; waypost hooks list shows what there is".to_string(),
            };
        }
        let cost = rows.iter().filter_map(|row| row.cost_usd).fold(0.0, |sum, cost| sum + cost);
        let begun = rows.iter().filter(|row| row.end != "due").count();
        let total = format!("{}, ${cost:.4} together", counted(begun, "run", "runs"));
        lines.iter().map(|line| one_line(line)).chain([total]).collect::<Vec<_>>().join("\n")
    });
    Ok(Exit::Done)
}

/// A hook that came to its end, or did not, and then the word for that.
enum Run {
    Over(Hooked),
    Open(HookDue, &'static str),
}

impl Run {
    fn hook(&self) -> &str {
        match self {
            Run::Over(hooked) => &hooked.hook,
            Run::Open(due, _) => &due.hook,
        }
    }

    /// Whether a name, or a whole id, means its hook.
    fn is_of(&self, name: &str) -> bool {
        self.hook() == name || self.hook().rsplit_once('#').is_some_and(|(_, own)| own == name)
    }
}

/// The runs of a record with their times, those that are open last. What is due and not over waits or runs while its session is in use;
/// else Waypost ended before it was over.
fn runs(record: &[Stored], in_use: bool) -> Vec<(u64, Run)> {
    let (mut runs, mut open) = (Vec::new(), Vec::new());
    for stored in record {
        match stored.event() {
            Some(Event::HooksDue { hooks }) => open.extend(hooks.iter().map(|due| (stored.at, due, false))),
            Some(Event::Decided(decided)) => {
                let its = open.iter_mut().filter(|(_, due, _)| due.call == decided.call);
                its.for_each(|(_, _, has_begun)| *has_begun = true);
            }
            Some(Event::Hooked(hooked)) => {
                open.retain(|(_, due, _)| due.call != hooked.call);
                runs.push((stored.at, Run::Over(hooked.clone())));
            }
            _ => {}
        }
    }
    let word = |has_begun| match (in_use, has_begun) {
        (true, true) => "running",
        (true, false) => "due",
        (false, _) => HookEnd::Interrupted.name(),
    };
    runs.extend(open.into_iter().map(|(at, due, has_begun)| (at, Run::Open(due.clone(), word(has_begun)))));
    runs
}

fn row(session: &str, at: u64, run: &Run) -> (HookRun, String) {
    let session = session.to_string();
    match run {
        Run::Over(hooked) => {
            let spent = hooked.spent.unwrap_or_default();
            let line = format!("{session}  {}", hooked_line(hooked));
            let row = HookRun {
                at,
                session,
                hook: hooked.hook.clone(),
                event: hooked.trigger.clone(),
                end: hooked.end.name().to_string(),
                message: hooked.message.clone(),
                cause: hooked.cause.clone(),
                ms: hooked.ms,
                tokens: spent.usage.context().saturating_add(spent.usage.output),
                cost_usd: spent.cost.map(dollars),
            };
            (row, line)
        }
        Run::Open(due, word) => {
            let line = format!("{session}  hook {} on {}: {word}", due.hook, due.trigger);
            let row = HookRun {
                at,
                session,
                hook: due.hook.clone(),
                event: due.trigger.clone(),
                end: (*word).to_string(),
                message: String::new(),
                cause: due.cause.clone(),
                ms: 0,
                tokens: 0,
                cost_usd: None,
            };
            (row, line)
        }
    }
}

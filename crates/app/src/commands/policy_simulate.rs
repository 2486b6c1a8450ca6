//! `waypost policy simulate`: what other rules would have said of recorded calls. Reads the ledger; changes nothing.

use agent::{Bounds, State, step};
use conversation::{Cost, Event, Limits};
use ledger::{Store, Stored};
use policy::{Decided, Difference, Effect, Mode, Recorded, Source, simulate};

use super::policy_list::problem_lines;
use super::session_show;
use crate::cli::{PolicySimulate, RuleFlags};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::in_force::InForce;
use crate::policy_reports::{PolicyDifference, PolicySimulated};
use crate::term::{Style, Term, counted, one_line};
use crate::workspace::Workspace;
use crate::world::World;

/// Differences that are reported; the rest is counted.
const DIFFERENCES_MAX: usize = 10_000;

/// Differences shown in words; `--json` has more.
const SHOWN_MAX: usize = 200;

/// Simulates.
pub(crate) fn run(world: &World, screen: &Screen, flags: &PolicySimulate) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let store = house::open_store(world, &workspace)?;
    let ids: Vec<String> = match (&flags.session, flags.all) {
        (None, true) => store.list_sessions()?.into_iter().rev().map(|summary| summary.id).collect(),
        (id, _) => vec![session_show::find(&store, id.as_deref())?],
    };
    let mut sides = Sides::new(world, flags)?;
    let mut report = PolicySimulated {
        before: if flags.flags.is_empty() { "record" } else { "rules" }.to_string(),
        sessions: 0,
        requests: 0,
        left_out: 0,
        tightened: 0,
        loosened: 0,
        differences: Vec::new(),
        more: 0,
        unreadable: Vec::new(),
        problems: sides.problems(),
    };
    for id in &ids {
        match read(&store, id, flags.flags.is_empty()) {
            Ok(session) => sides.judge(id, &session, &mut report)?,
            Err(error) => report.unreadable.push(format!("{id}: {}", error.cause)),
        }
    }
    screen.document(&report, |report| words(&screen.term, report));
    match report.unreadable.is_empty() {
        true => Ok(Exit::Done),
        false => Err(Error::failed("some sessions could not be read, so nothing is known of them")
            .hint("waypost audit verify says what is wrong with the ledger")),
    }
}

/// What a session asked for.
struct Session {
    mode: Mode,
    recorded: Vec<Recorded>,
    left_out: usize,
}

/// The two sets of rules for each mode in which sessions were held.
struct Sides<'a> {
    world: &'a World,
    flags: &'a RuleFlags,
    /// For supervised and autopilot: today's rules, and the others.
    read: [Option<(InForce, InForce)>; 2],
}

impl<'a> Sides<'a> {
    fn new(world: &'a World, flags: &'a PolicySimulate) -> Outcome<Sides<'a>> {
        let mut sides = Sides { world, flags: &flags.flags, read: [None, None] };
        // Read once at once, so that a fault in the rules is told even where there is no session.
        sides.of(Mode::Supervised)?;
        Ok(sides)
    }

    fn of(&mut self, mode: Mode) -> Outcome<&(InForce, InForce)> {
        let [supervised, autopilot] = &mut self.read;
        let side = if mode == Mode::Supervised { supervised } else { autopilot };
        if side.is_none() {
            let none = RuleFlags::default();
            let names_mode = self.flags.mode.is_some() || self.flags.autopilot;
            let old = InForce::read(self.world, &none, Some(mode), false)?;
            let new = InForce::read(self.world, self.flags, (!names_mode).then_some(mode), false)?;
            *side = Some((old, new));
        }
        side.as_ref().ok_or_else(|| Error::failed("the rules could not be read"))
    }

    fn problems(&self) -> Vec<crate::policy_reports::PolicyProblem> {
        let [supervised, _] = &self.read;
        supervised.as_ref().map(|(_, new)| new.problem_rows()).unwrap_or_default()
    }

    fn judge(&mut self, id: &str, session: &Session, report: &mut PolicySimulated) -> Outcome<()> {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (old, new) = self.of(session.mode)?;
        report.sessions += 1;
        report.requests = report.requests.saturating_add(number(session.recorded.len()));
        report.left_out = report.left_out.saturating_add(number(session.left_out));
        for difference in simulate(&old.policy, &new.policy, &session.recorded) {
            match difference.loosens() {
                true => report.loosened += 1,
                false => report.tightened += 1,
            }
            if report.differences.len() < DIFFERENCES_MAX {
                report.differences.push(row(id, &difference));
            } else {
                report.more += 1;
            }
        }
        Ok(())
    }
}

fn row(session: &str, difference: &Difference) -> PolicyDifference {
    let request = &difference.request;
    PolicyDifference {
        session: session.to_string(),
        call: difference.id.clone(),
        request: format!("{}:{}", request.capability.name(), request.target.shown()),
        before: difference.before.name().to_string(),
        after: difference.after.effect.name().to_string(),
        change: if difference.loosens() { "loosened" } else { "tightened" }.to_string(),
        why: difference.after.reason(),
    }
}

/// The recorded calls of a session, each with what its turn had taken in. With `then`, what was decided then is kept where
/// the rules alone decided it.
fn read(store: &Store, id: &str, then: bool) -> Outcome<Session> {
    let record = store.read(id)?;
    let mut state = State::new(no_bounds());
    let mut session = Session { mode: Mode::default(), recorded: Vec::new(), left_out: 0 };
    for event in record.iter().filter_map(Stored::event) {
        match event {
            Event::Started(started) => session.mode = started.mode,
            Event::Decided(decided) => match then.then(|| decided_then(decided)) {
                Some(None) => session.left_out += decided.requests.len(),
                effect => {
                    let known = effect.flatten();
                    session.recorded.extend(decided.requests.iter().map(|request| Recorded {
                        id: decided.call.clone(),
                        request: request.clone(),
                        taint: state.taint().clone(),
                        then: known,
                    }));
                }
            },
            _ => {}
        }
        step(&mut state, event);
    }
    Ok(session)
}

/// What the rules said then, where the record tells it of a single request: before any answer. `None` where a person's earlier
/// answer, a plan or a flag of that session spoke, or where the strictest of several requests spoke for all of them.
fn decided_then(decided: &Decided) -> Option<Effect> {
    let effect = match &decided.answered_by {
        Some(_) => Effect::Ask,
        None => decided.decision.effect,
    };
    let own = [Source::Session, Source::Plan, Source::Flag];
    let is_own = own.iter().any(|source| decided.decision.reason.contains(&format!("({}", source.name())));
    // What is allowed as a whole is allowed in each part.
    let is_known = decided.requests.len() == 1 || effect == Effect::Allow;
    (is_known && !is_own).then_some(effect)
}

/// A session that is only looked back at has no bounds.
fn no_bounds() -> Bounds {
    Bounds {
        turns_max: u32::MAX,
        cost_max: None::<Cost>,
        model: Limits { context: u64::MAX / 4, output: u64::MAX / 4 },
        readers: std::collections::BTreeSet::new(),
        closing: std::collections::BTreeSet::new(),
    }
}

fn words(term: &Term, report: &PolicySimulated) -> String {
    let mut lines = Vec::new();
    let mut last = "";
    for difference in report.differences.iter().take(SHOWN_MAX) {
        if last != difference.session {
            lines.push(term.style(Style::Bold, &one_line(&format!("session {}", difference.session))));
            last = &difference.session;
        }
        let style = if difference.change == "loosened" { Style::Yellow } else { Style::Green };
        let change = format!("{} → {}", difference.before, difference.after);
        lines.push(format!("  {} {}", term.style(style, &change), one_line(&difference.request)));
        lines.push(
            term.style(Style::Dim, &one_line(&format!("    {} ({})", difference.why, difference.call))),
        );
    }
    let more = report.differences.len().saturating_sub(SHOWN_MAX) + report.more as usize;
    if more > 0 {
        lines.push(format!(
            "{}; --json has more of them",
            counted(more, "more difference", "more differences")
        ));
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    let against = match report.before.as_str() {
        "record" => "what was decided then against today's rules",
        _ => "today's rules against those with the flags",
    };
    lines.push(format!(
        "{} of {} judged again, {against}: {} tightened, {} loosened",
        counted(report.requests as usize, "request", "requests"),
        counted(report.sessions as usize, "session", "sessions"),
        report.tightened,
        report.loosened
    ));
    if report.left_out > 0 {
        lines.push(format!(
            "{} left out: an answer, a plan or a flag of the session decided, or several requests were decided as one",
            counted(report.left_out as usize, "request", "requests")
        ));
    }
    lines.extend(report.unreadable.iter().map(|why| one_line(&format!("not read: session {why}"))));
    lines.extend(problem_lines(term, &report.problems));
    lines.join("\n")
}

//! The conformance table: every route by which an agent reaches a file, under every rule about files. Each cell is tried with
//! the real policy, the real tools and the real sandbox. What a rule means is `policy`'s.
#![expect(clippy::disallowed_methods, reason = "tests look at the disk and at the environment")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]
#![expect(clippy::print_stdout, reason = "what is skipped or written is said")]

mod bench;
mod repository;
mod routes;
mod rules;
mod table;

use std::path::Path;
use std::sync::OnceLock;

use bench::{Bench, Outcome};
use routes::{ROUTES, Route};
use rules::{Demand, RULES, Rule};
use sandbox::Capabilities;
use table::{Access, Cell};

/// Where the table is published.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/conformance.md");

/// The variable that has the document written anew instead of compared.
const SWITCH: &str = "WAYPOST_WRITE_TABLE";

fn here() -> Option<Capabilities> {
    let can = sandbox::capabilities();
    let holds = can.landlock.is_some() || can.namespaces.is_some();
    if !holds {
        println!("skipped: this machine holds no process ({can}); nothing is proved");
    }
    holds.then_some(can)
}

/// Tries every cell of one access; what is not as the rule demands is told with the attempt that showed it.
fn fill(access: Access, can: Capabilities) -> (Vec<Cell>, Vec<String>) {
    let jobs: Vec<(&Route, &Rule)> =
        ROUTES.iter().flat_map(|route| RULES.iter().map(move |rule| (route, rule))).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some((route, rule)) = jobs.get(at) else { return done };
            done.push((at, cell(route, rule, access, can)));
        }
    };
    let mut all: Vec<(usize, (Cell, Vec<String>))> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap()).collect()
    });
    all.sort_by_key(|(at, _)| *at);
    let (cells, wrong): (Vec<Cell>, Vec<Vec<String>>) = all.into_iter().map(|(_, done)| done).unzip();
    (cells, wrong.into_iter().flatten().collect())
}

fn cell(route: &Route, rule: &Rule, access: Access, can: Capabilities) -> (Cell, Vec<String>) {
    let demand = if access == Access::Read { rule.reading } else { rule.writing };
    let mut found: Option<Outcome> = None;
    let mut wrong = Vec::new();
    if demand != Demand::Nothing && route.reaches(rule.name) {
        for attempt in route.attempts(access) {
            let mut bench = Bench::new(rule, can);
            let (outcome, why) = bench.try_out(&attempt, access);
            // A yes to a script is one to what the grants of the agent leave writable.
            let is_held = rule.is_scoped && access == Access::Write && attempt.is_of_script();
            let demand = if is_held { Demand::Closed } else { demand };
            if !demand.allows(outcome) {
                let why: String = why.chars().take(600).collect();
                wrong.push(format!(
                    "{} · {} · {access:?} by `{attempt:?}`: {outcome:?}, demanded {demand:?}\n    {why}",
                    route.name, rule.name
                ));
            }
            found = Some(found.map_or(outcome, |before| before.max(outcome)));
        }
    }
    if let Some(outcome) = found.filter(|outcome| !demand.is_met(*outcome) && wrong.is_empty()) {
        wrong.push(format!("{} · {} · {access:?}: {outcome:?}, demanded {demand:?}", route.name, rule.name));
    }
    (Cell { outcome: found, demand }, wrong)
}

fn check(can: Capabilities) -> (Vec<Cell>, Vec<Cell>) {
    let (reading, mut wrong) = fill(Access::Read, can);
    let (writing, more) = fill(Access::Write, can);
    wrong.extend(more);
    assert!(wrong.is_empty(), "{} attempts are not as the rule demands:\n{}", wrong.len(), wrong.join("\n"));
    (reading, writing)
}

fn with_everything() -> Option<&'static (Vec<Cell>, Vec<Cell>)> {
    static FILLED: OnceLock<Option<(Vec<Cell>, Vec<Cell>)>> = OnceLock::new();
    FILLED.get_or_init(|| here().map(check)).as_ref()
}

#[test]
fn every_route_meets_every_rule_and_the_table_says_so() {
    let Some((reading, writing)) = with_everything() else { return };
    let made = table::document(reading, writing);
    if std::env::var_os(SWITCH).is_some() {
        std::fs::write(Path::new(DOCUMENT), &made).unwrap();
        println!("written: {DOCUMENT}");
    }
    let kept = std::fs::read_to_string(DOCUMENT).unwrap_or_default();
    assert!(
        kept == made,
        "docs/conformance.md is not what was found; write it anew with {SWITCH}=1:\n{made}"
    );
}

#[test]
fn every_route_meets_every_rule_where_there_are_no_namespaces() {
    let Some(can) = here().filter(|can| can.landlock.is_some()) else {
        println!("skipped: without namespaces and Landlock nothing is held");
        return;
    };
    check(Capabilities { namespaces: None, ..can });
}

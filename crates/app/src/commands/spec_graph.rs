//! `waypost spec graph`: which task waits for which and why, what is wrong with the document's own graph, and a repaired
//! one in Kiro's form on request.

use plan::{Graph, Plan, Reading};
use spec::State;

use crate::changes::{self, Changes, FileChange};
use crate::cli::SpecGraph as Flags;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::reports::{GraphFault, GraphTask, GraphWait, SpecGraph};
use crate::term::{Style, Term, glimpse, one_line};
use crate::workspace::Workspace;
use crate::world::World;

/// Waits of one task that a line shows.
const WAITS_SHOWN_MAX: usize = 4;

/// Shows, or repairs.
pub(crate) fn run(world: &World, screen: &Screen, flags: &Flags) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let place = workspace.spec(flags.name.as_deref())?;
    let documents = place.documents()?;
    let Some(bytes) = documents.tasks_bytes().map(<[u8]>::to_vec) else {
        return Err(Error::needs_answer(format!("the spec `{}` has no tasks", place.name))
            .hint(format!("make a plan: waypost spec plan {}", place.name)));
    };
    if flags.repair {
        let edits = plan::graph::repair_edit(&bytes);
        let after = spec::splice::apply(&bytes, &edits).map_err(Error::failed)?;
        let reading = Reading::of(documents);
        let plan = Plan::of(&reading);
        let graph = Graph::of(&reading, &plan);
        let left = graph.faults.iter().filter(|fault| !fault.is_mendable());
        let mut notes: Vec<String> = left.map(|fault| format!("left as it is: {}", fault.message)).collect();
        if !edits.is_empty() {
            notes.extend(plan::graph::repair(&graph).why);
        }
        let files = vec![FileChange { path: place.tasks_file(), before: Some(bytes), after }];
        let what = "repair the task graph".to_string();
        let changes = Changes { what, why: None, files, moved: None, notes };
        changes::carry_out(world, screen, &workspace, &place, changes, flags.dry_run)?;
        return Ok(Exit::Done);
    }
    let reading = Reading::of(documents);
    let plan = Plan::of(&reading);
    let report = report(&place.name, &Graph::of(&reading, &plan));
    screen.document(&report, |report| words(&screen.term, report));
    Ok(Exit::Done)
}

/// The graph as it is told.
pub(crate) fn report(name: &str, graph: &Graph) -> SpecGraph {
    let summary = graph.summary();
    let levels = graph.levels();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let tasks = graph.nodes.iter().zip(&levels).map(|(node, level)| GraphTask {
        task: node.id.clone(),
        title: node.title.clone(),
        done: node.state == State::Done,
        optional: node.optional,
        checkpoint: node.is_checkpoint,
        level: number(*level),
        claimed_wave: node.claimed_wave.map(number),
        waits_for: graph
            .why_waits(&node.id)
            .into_iter()
            .map(|wait| GraphWait { task: wait.id, over: wait.is_over, reasons: wait.words })
            .collect(),
    });
    SpecGraph {
        spec: name.to_string(),
        tasks: tasks.collect(),
        cycles: graph.cycles.iter().map(|cycle| cycle.tasks.clone()).collect(),
        critical_path: summary.critical_path,
        gain_percent: summary.gain_percent,
        worth_it: summary.is_worth_it,
        faults: graph
            .faults
            .iter()
            .map(|fault| GraphFault {
                message: fault.message.clone(),
                hint: fault.hint.clone(),
                mendable: fault.is_mendable(),
                tasks: fault.tasks.clone(),
                certain: fault.certainty == plan::accesses::Certainty::Certain,
            })
            .collect(),
    }
}

/// The same for a person.
pub(crate) fn words(term: &Term, report: &SpecGraph) -> String {
    if report.tasks.is_empty() {
        return format!("no tasks yet; next: waypost spec plan {}", one_line(&report.spec));
    }
    let mut lines = Vec::new();
    let deepest = report.tasks.iter().map(|task| task.level).max().unwrap_or_default();
    for level in 0..=deepest {
        lines.push(term.style(Style::Bold, &format!("level {level}")));
        for task in report.tasks.iter().filter(|task| task.level == level) {
            let mark = if task.done { "x" } else { " " };
            let optional = if task.optional { " (optional)" } else { "" };
            lines.push(format!(
                "  [{mark}] {:<6} {}{optional}",
                one_line(&task.task),
                glimpse(&task.title, 70)
            ));
            for wait in task.waits_for.iter().take(WAITS_SHOWN_MAX) {
                let why = wait.reasons.first().map(String::as_str).unwrap_or_default();
                let text = format!("             after {}: {}", one_line(&wait.task), glimpse(why, 90));
                lines.push(term.style(Style::Dim, &text));
            }
            let more = task.waits_for.len().saturating_sub(WAITS_SHOWN_MAX);
            if more > 0 {
                lines.push(term.style(Style::Dim, &format!("             and after {more} more")));
            }
        }
    }
    lines.push(String::new());
    lines.push(format!("longest chain: {}", one_line(&report.critical_path.join(" → "))));
    let gain = report.gain_percent as f64 / 100.0;
    lines.push(match report.worth_it {
        true => format!("running side by side could be {gain:.1} times as fast"),
        false => format!("running side by side is not worth it: at most {gain:.1} times as fast"),
    });
    for cycle in &report.cycles {
        lines.push(
            term.style(Style::Red, &format!("tasks wait for each other: {}", one_line(&cycle.join(" → ")))),
        );
    }
    for fault in &report.faults {
        let hint = fault.hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        let sure = if fault.certain { "" } else { " [suspected]" };
        lines.push(term.style(Style::Yellow, &one_line(&format!("{}{sure}{hint}", fault.message))));
    }
    if report.faults.iter().any(|fault| fault.mendable) {
        lines.push(format!("next: waypost spec graph {} --repair --dry-run", one_line(&report.spec)));
    }
    lines.join("\n")
}

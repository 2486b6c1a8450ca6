//! The review brief of a spec: task → files and hunks → criteria → check → cost, read from the record. Judges nothing.

use plan::brief::{FileChange, TaskRecord as Known, build};
use plan::{CheckOutcome, Plan};
use spec::State;
use vcs::{Hunk, Side, SnapshotError, Snapshots};

use crate::error::Outcome;
use crate::events::{Brief, BriefCheck, BriefFile, BriefTask, Criterion, StepRow};
use crate::specs::SpecRecord;
use crate::term::{Style, Term, glimpse, one_line};

/// How many hunks of one file a line shows.
const HUNKS_SHOWN_MAX: usize = 6;
/// How many characters of a criterion a line shows.
const CRITERION_CHARS: usize = 90;

/// The brief of everything on record. Hunks come from the snapshots, when there are some.
pub(crate) fn brief(plan: &Plan, record: &SpecRecord, snapshots: Option<&Snapshots>) -> Outcome<Brief> {
    let mut hunks_of = Vec::new();
    let mut known = Vec::new();
    for (task_id, task) in &record.tasks {
        let mut files = Vec::new();
        for (path, added, removed) in &task.files {
            files.push(FileChange {
                path: path.clone(),
                hunks: 0,
                added: *added as usize,
                removed: *removed as usize,
            });
        }
        if let Some(snapshots) = snapshots.filter(|_| !task.before.is_empty() && !task.after.is_empty()) {
            let diffs = match snapshots.diff(&task.before, &task.after) {
                // Pruned, or of another machine: the counts are on record, the lines are gone.
                Err(SnapshotError::Unknown(_)) => Vec::new(),
                diffs => diffs?,
            };
            for diff in diffs {
                let hunks = diff.hunks.iter().map(changed_lines).collect::<Vec<_>>();
                hunks_of.push((task_id.clone(), diff.path.clone(), hunks));
            }
        }
        let check = task.check.as_ref();
        let check = check.map(|ran| CheckOutcome::read(&ran.command, ran.exit, &ran.tail));
        let cost_micro_usd = task.cost.map(|cost| cost.0);
        known.push(Known { task_id: task_id.clone(), files, check, cost_micro_usd });
    }
    let built = build(plan, &known);
    let tasks = built.tasks.iter().map(|task| {
        let on_record = record.tasks.get(&task.task_id);
        let step = plan.step(&task.task_id);
        let in_scope = |path: &str| step.is_none_or(|step| plan::evidence::is_in_scope(step, path));
        let files = task.files.iter().filter(|file| !file.path.starts_with(".kiro/")).map(|file| BriefFile {
            in_scope: in_scope(&file.path),
            path: file.path.clone(),
            added: u32::try_from(file.added).unwrap_or(u32::MAX),
            removed: u32::try_from(file.removed).unwrap_or(u32::MAX),
            hunks: hunks_of
                .iter()
                .find(|(id, path, _)| *id == task.task_id && *path == file.path)
                .map(|(_, _, hunks)| hunks.clone())
                .unwrap_or_default(),
        });
        BriefTask {
            task: task.task_id.clone(),
            title: task.title.clone(),
            proven: task.state == State::Done && on_record.is_some(),
            why: why(task.state, on_record.and_then(|known| known.state.as_ref())),
            files: files.collect(),
            criteria: task.criteria.iter().map(|(id, text)| criterion(id, text.as_deref())).collect(),
            check: task
                .check
                .as_ref()
                .map(|ran| BriefCheck { command: ran.command.clone(), exit: ran.exit_code }),
            cost_usd: task.cost_micro_usd.map(|micros| crate::events::dollars(conversation::Cost(micros))),
            session: on_record.and_then(|known| known.session.clone()),
        }
    });
    let tasks: Vec<BriefTask> = tasks.collect();
    let known_cost = built.tasks_without_cost == 0;
    Ok(Brief {
        spec: plan.name.clone(),
        tasks,
        uncovered: built.uncovered.iter().map(|(id, text)| criterion(id, Some(text))).collect(),
        out_of_scope: built.out_of_scope.clone(),
        cost_usd: known_cost.then(|| crate::events::dollars(conversation::Cost(built.cost_micro_usd))),
    })
}

/// The steps of a plan as rows. `check_of` finds the command that would prove a step.
pub(crate) fn rows(plan: &Plan, check_of: impl Fn(&plan::Step) -> Option<String>) -> Vec<StepRow> {
    let row = |step: &plan::Step| StepRow {
        task: step.task_id.clone(),
        title: step.title.clone(),
        state: state_name(step.state).to_string(),
        optional: step.optional,
        criteria: step.criteria.iter().map(|(id, _)| id.clone()).collect(),
        files: step.files.clone(),
        check: check_of(step).filter(|_| step.is_leaf),
    };
    plan.steps.iter().map(row).collect()
}

/// The numbered plan as a person reviews it.
pub(crate) fn plan_words(term: &Term, rows: &[StepRow], problems: &[String]) -> String {
    let mut lines = Vec::new();
    for row in rows {
        let depth = row.task.matches('.').count();
        let indent = "   ".repeat(depth);
        let mark = match row.state.as_str() {
            "done" => term.style(Style::Green, "[x]"),
            "in_progress" => term.style(Style::Yellow, "[-]"),
            _ => "[ ]".to_string(),
        };
        let optional = if row.optional { " (optional)" } else { "" };
        let title = term.style(Style::Bold, &one_line(&row.title));
        lines.push(format!("{indent}{mark} {}. {title}{optional}", row.task));
        let mut detail = |label: &str, text: String| {
            if !text.is_empty() {
                let text = format!("{label:<9} {}", one_line(&text));
                lines.push(format!("{indent}      {}", term.style(Style::Dim, &text)));
            }
        };
        detail("criteria", row.criteria.join(", "));
        detail("files", row.files.join(", "));
        detail("check", row.check.clone().unwrap_or_default());
    }
    for problem in problems {
        lines.push(format!("{} {}", term.style(Style::Yellow, "problem:"), one_line(problem)));
    }
    lines.join("\n")
}

/// The brief as a reviewer reads it.
pub(crate) fn words(term: &Term, brief: &Brief) -> String {
    let mut lines = vec![term.style(Style::Bold, &format!("Review brief: {}", one_line(&brief.spec)))];
    for task in &brief.tasks {
        let mark =
            if task.proven { term.style(Style::Green, "proven") } else { term.style(Style::Red, "open  ") };
        lines.push(format!("{mark}  {}. {}", task.task, term.style(Style::Bold, &one_line(&task.title))));
        if !task.proven {
            lines.push(format!("          why       {}", one_line(&task.why)));
        }
        for file in &task.files {
            let mut hunks: Vec<String> = file
                .hunks
                .iter()
                .take(HUNKS_SHOWN_MAX)
                .map(
                    |(start, len)| {
                        if *len > 1 { format!("{start}-{}", start + len - 1) } else { start.to_string() }
                    },
                )
                .collect();
            if file.hunks.len() > HUNKS_SHOWN_MAX {
                hunks.push(format!("… {} more", file.hunks.len() - HUNKS_SHOWN_MAX));
            }
            let at = if hunks.is_empty() { String::new() } else { format!("  lines {}", hunks.join(", ")) };
            let strange = match file.in_scope {
                true => String::new(),
                false => term.style(Style::Yellow, "  (not named by this task)"),
            };
            let path = one_line(&file.path);
            lines.push(format!("          file      {path}  +{} -{}{at}{strange}", file.added, file.removed));
        }
        for criterion in &task.criteria {
            let text = criterion.text.as_deref().unwrap_or("does not exist in the spec");
            lines.push(format!("          criterion {}  {}", criterion.id, glimpse(text, CRITERION_CHARS)));
        }
        if let Some(check) = &task.check {
            let exit = check.exit.map_or("no exit code".to_string(), |exit| format!("exit {exit}"));
            lines.push(format!("          check     {}  {exit}", one_line(&check.command)));
        }
        if let Some(cost) = task.cost_usd {
            lines.push(format!("          cost      ${cost:.4}"));
        } else if task.session.is_some() && task.check.is_some() {
            lines.push("          cost      not known: no price for this model".to_string());
        }
    }
    for criterion in &brief.uncovered {
        let text = criterion.text.as_deref().unwrap_or("");
        lines.push(format!(
            "{}  {}  {}",
            term.style(Style::Yellow, "uncovered"),
            criterion.id,
            glimpse(text, CRITERION_CHARS)
        ));
    }
    for file in &brief.out_of_scope {
        let mark = term.style(Style::Yellow, "out of scope");
        lines.push(format!("{mark}  {}  no task named it; look at it", one_line(file)));
    }
    let proven = brief.tasks.iter().filter(|task| task.proven).count();
    let cost = brief.cost_usd.map_or("cost not known".to_string(), |cost| format!("${cost:.4}"));
    lines.push(format!(
        "{proven} of {} tasks proven · {} criteria uncovered · {cost}",
        brief.tasks.len(),
        brief.uncovered.len()
    ));
    lines.join("\n")
}

/// First line and number of the lines that a hunk really changed, without the lines around them.
fn changed_lines(hunk: &Hunk) -> (u32, u32) {
    let around = |line: &&vcs::Line| line.side == Side::Both;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let before = count(hunk.lines.iter().take_while(around).count());
    let behind = count(hunk.lines.iter().rev().take_while(around).count());
    (hunk.new_start.saturating_add(before), hunk.new_len.saturating_sub(before).saturating_sub(behind))
}

/// The word for a state in `--json`.
pub(crate) fn state_name(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Queued => "queued",
        State::InProgress => "in_progress",
        State::Done => "done",
    }
}

fn why(state: State, last: Option<&(char, String)>) -> String {
    match (state, last) {
        (_, Some((_, why))) => why.clone(),
        (State::Done, None) => "ticked by somebody else; no evidence is on record".to_string(),
        (_, None) => "not worked on yet".to_string(),
    }
}

fn criterion(id: &str, text: Option<&str>) -> Criterion {
    Criterion { id: id.to_string(), text: text.map(str::to_string) }
}

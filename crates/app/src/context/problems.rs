//! What Waypost knows to be wrong: findings about the specs, and checks that ran last and failed. It runs nothing for it.

use std::path::Path;

use context::Answer;
use conversation::{Check, Event};
use ledger::{Store, Stored};
use spec::Severity;

use crate::workspace::Workspace;

/// The most findings that are told.
const FINDINGS_MAX: usize = 100;

/// The most failed checks that are told.
const CHECKS_MAX: usize = 10;

/// Findings of the specs and the last failures of checks.
pub(crate) fn known(
    workspace: &Workspace,
    store: &Store,
    may_read: &dyn Fn(&Path) -> Result<(), String>,
) -> Answer {
    let (mut text, mut cut) = (String::new(), Vec::new());
    let places: Vec<_> = workspace.specs().into_iter().filter(|place| !place.is_archived).collect();
    let open: Vec<_> = places.iter().filter(|place| may_read(&place.path).is_ok()).cloned().collect();
    if open.len() < places.len() {
        cut.push(format!("specs closed by rules or lists: {}", places.len() - open.len()));
    }
    let settings = index::settings::settings(&workspace.root).map_err(|error| error.to_string())?;
    let mut checked =
        index::findings::check(&workspace.root, &open, &settings).map_err(|error| error.to_string())?;
    let (findings, _) = crate::commands::spec_check::ordered(&mut checked, Severity::Warning);
    let located = checked.located(findings.iter());
    for finding in findings.iter().take(FINDINGS_MAX) {
        let place = located.get(&finding.place);
        let path = place.map_or_else(|| finding.place.file.clone(), |place| place.path.clone());
        let line = place.and_then(|place| place.region).map_or(1, |region| region.start_line);
        let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
        text.push_str(&format!("{path}:{line}: {severity}: {} ({})\n", finding.message, finding.rule));
    }
    if findings.len() > FINDINGS_MAX {
        cut.push(format!("{} more findings; `waypost spec check` has all", findings.len() - FINDINGS_MAX));
    }
    let mut failed = Vec::new();
    for name in store.list_specs().map_err(|error| error.to_string())? {
        let record = store.read_spec(&name).map_err(|error| error.to_string())?;
        failed.extend(failures(&record).into_iter().map(|(at, check)| (at, name.clone(), check)));
    }
    failed.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    if failed.len() > CHECKS_MAX {
        cut.push(format!("{} older failed checks", failed.len() - CHECKS_MAX));
    }
    for (_, name, check) in failed.iter().take(CHECKS_MAX) {
        let task = check.task.as_deref().map(|task| format!(", task {task}")).unwrap_or_default();
        let exit = check
            .exit
            .map_or("ended by a signal or its time limit".to_string(), |exit| format!("exit {exit}"));
        text.push_str(&format!(
            "\ncheck of {name}{task}: `{}` came to {exit}:\n{}\n",
            check.command,
            check.tail.trim_end()
        ));
    }
    if text.is_empty() {
        let next = "the compiler's own words come with `#terminal`, or by pasting them";
        return Err(format!("nothing is known to be wrong: no findings in specs, no failed check; {next}"));
    }
    Ok((text, (!cut.is_empty()).then(|| cut.join("; "))))
}

/// The checks of a spec whose last run failed: one for each task.
fn failures(record: &[Stored]) -> Vec<(u64, Check)> {
    let mut last: Vec<(u64, Check)> = Vec::new();
    for stored in record {
        if let Some(Event::Checked(check)) = stored.event() {
            last.retain(|(_, known)| known.task != check.task);
            last.push((stored.at, check.clone()));
        }
    }
    last.retain(|(_, check)| check.exit != Some(0));
    last
}

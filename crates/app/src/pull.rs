//! A pull request as a check sees it: the revision that it is compared with, how far the criteria are, and what the change
//! does to them. Judges nothing itself.

use std::collections::HashSet;

use exchange::markdown::{Diff, Touched};
use exchange::report::Status;
use index::SpecPlace;
use index::findings::check_then;
use index::since::Base;
use spec::Severity;

use crate::cli::SpecCheck;
use crate::commands::spec_check::ordered;
use crate::error::Outcome;
use crate::face::Screen;
use crate::reports::{OvertakenRow, SinceReport, TouchedRow};
use crate::term::{Style, Term, glimpse, one_line};
use crate::tracing;
use crate::workspace::Workspace;
use crate::world::World;

/// Lines of one list that are shown to a person.
const SHOWN_MAX: usize = 12;

/// What is known beside the findings.
pub(crate) struct Pull {
    /// How many criteria have each status, in the order of [`Status::ALL`].
    pub(crate) counts: [usize; 6],
    /// What the change does; `None` when nothing is compared.
    pub(crate) diff: Option<Diff>,
    commit: String,
}

/// The state that a revision names.
pub(crate) fn base(
    world: &World,
    workspace: &Workspace,
    revision: &str,
    places: &[SpecPlace],
) -> Outcome<Base> {
    let path = world.variable("PATH").unwrap_or_default();
    Ok(Base::find(&workspace.root, &path, revision, places)?)
}

/// The fingerprints of what was found then, by the settings of today.
pub(crate) fn fingerprints_then(
    workspace: &Workspace,
    places: &[SpecPlace],
    base: &Base,
    least: Severity,
) -> Outcome<HashSet<String>> {
    let settings = index::settings::settings(&workspace.root)?;
    let mut checked = check_then(&workspace.root, places, &settings, &base.documents)?;
    Ok(ordered(&mut checked, least).1.into_iter().collect())
}

/// Gathers the trace, and with a base what the change does.
pub(crate) fn open(
    world: &World,
    screen: &Screen,
    flags: &SpecCheck,
    base: Option<Base>,
    places: &[SpecPlace],
) -> Outcome<Pull> {
    let traced = tracing::open(world, &flags.sources, None)?;
    for note in &traced.repository.notes {
        screen.progress(Style::Yellow, &format!("note: {note}"));
    }
    let names: HashSet<&str> = places.iter().map(|place| place.name.as_str()).collect();
    let (by_spec, _) = traced.trace.coverage();
    let mut counts = [0; 6];
    for (_, coverage) in by_spec.iter().filter(|(name, _)| names.contains(name.as_str())) {
        for (status, number) in &coverage.by_status {
            let at = Status::ALL.iter().position(|known| *known == Status::from(*status));
            if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
                *count += number;
            }
        }
    }
    let mut pull = Pull { counts, diff: None, commit: String::new() };
    if let Some(base) = base {
        let path = world.variable("PATH").unwrap_or_default();
        let changed = base.changed(&traced.repository, &path)?;
        let only = |spec: &str| names.contains(spec);
        let diff = index::touched::diff(&traced.repository, &traced.trace, &base, &changed, &only);
        pull = Pull { diff: Some(diff), commit: base.commit, ..pull };
    }
    Ok(pull)
}

impl Pull {
    /// How many criteria have each status, by its key.
    pub(crate) fn statuses(&self) -> Vec<(String, u32)> {
        let named = Status::ALL.iter().zip(self.counts);
        named
            .map(|(status, count)| (status.key().to_string(), u32::try_from(count).unwrap_or(u32::MAX)))
            .collect()
    }

    /// The change as rows; `None` when nothing is compared.
    pub(crate) fn report(&self, revision: &str) -> Option<SinceReport> {
        let diff = self.diff.as_ref()?;
        let rows = |list: &[Touched]| list.iter().map(row).collect();
        Some(SinceReport {
            revision: revision.to_string(),
            commit: self.commit.clone(),
            touched: rows(&diff.touched),
            at_risk: rows(&diff.at_risk),
            untested: rows(&diff.untested),
            written_for_old_words: diff
                .overtaken
                .iter()
                .map(|one| OvertakenRow {
                    spec: one.spec.clone(),
                    what: one.what.clone(),
                    title: one.title.clone(),
                    state: one.state.clone(),
                    why: one.why.clone(),
                })
                .collect(),
        })
    }
}

fn row(touched: &Touched) -> TouchedRow {
    TouchedRow {
        spec: touched.spec.clone(),
        id: touched.id.clone(),
        words: touched.text.clone(),
        status: touched.status.map_or("gone", Status::key).to_string(),
        why: touched.why.clone(),
    }
}

/// How far the criteria are, in a line.
pub(crate) fn counted(statuses: &[(String, u32)]) -> String {
    let words =
        |key: &str| Status::ALL.into_iter().find(|status| status.key() == key).map_or("", Status::words);
    let parts = statuses.iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> = parts.map(|(key, count)| format!("{count} {}", words(key))).collect();
    match parts.is_empty() {
        true => "no criteria".to_string(),
        false => format!("criteria: {}", parts.join("; ")),
    }
}

/// The change for a person.
pub(crate) fn words(term: &Term, since: &SinceReport) -> String {
    let commit = since.commit.get(..10).unwrap_or(&since.commit);
    let mut lines = vec![format!(
        "since {} ({commit}): {} criteria touched, {} at risk, {} untested; {} tasks and sections written for old words",
        one_line(&since.revision),
        since.touched.len(),
        since.at_risk.len(),
        since.untested.len(),
        since.written_for_old_words.len()
    )];
    let mut part = |title: &str, rows: Vec<String>| {
        if rows.is_empty() {
            return;
        }
        let more = rows.len().saturating_sub(SHOWN_MAX);
        lines.push(term.style(Style::Bold, title));
        lines.extend(rows.into_iter().take(SHOWN_MAX).map(|row| format!("  {}", one_line(&row))));
        if more > 0 {
            lines.push(term.style(Style::Dim, &format!("  and {more} more; --json has all")));
        }
    };
    let criteria = |rows: &[TouchedRow]| {
        let line =
            |row: &TouchedRow| format!("{} {}  {}  ({})", row.spec, row.id, glimpse(&row.words, 70), row.why);
        rows.iter().map(line).collect::<Vec<_>>()
    };
    part("at risk", criteria(&since.at_risk));
    part("untested", criteria(&since.untested));
    let old = since.written_for_old_words.iter();
    let old = old.map(|row| format!("{} {} {}  ({})", row.spec, row.what, glimpse(&row.title, 50), row.why));
    part("written for old words", old.collect());
    part("touched", criteria(&since.touched));
    lines.join("\n")
}

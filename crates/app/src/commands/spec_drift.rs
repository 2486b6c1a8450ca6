//! `waypost spec drift` and `spec accept`: what went apart since a spec was true, and a person's word that it still is.
//! Finds nothing itself.

use std::collections::{BTreeMap, BTreeSet};

use index::repository::ACCEPTED_FILE;
use plan::Shape;
use plan::drift::{Drift, DriftKind, Entry as Acceptance};

use crate::changes::{self, Changes, FileChange};
use crate::cli::{SpecAccept, SpecDrift};
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::reports::DriftRow;
use crate::term::{Style, Term, one_line};
use crate::tracing;
use crate::world::World;

/// Shows drift.
pub(crate) fn drift(world: &World, screen: &Screen, flags: &SpecDrift) -> Outcome<Exit> {
    let traced = tracing::open(world, &flags.sources, None)?;
    let only = match &flags.name {
        Some(name) => Some(traced.workspace.spec(Some(name))?.name),
        None => None,
    };
    for note in &traced.repository.notes {
        screen.progress(Style::Yellow, &format!("note: {note}"));
    }
    let wanted = traced.drift.iter().filter(|(spec, _)| only.as_ref().is_none_or(|only| only == *spec));
    let rows: Vec<DriftRow> = wanted
        .flat_map(|(spec, found)| {
            found.iter().filter(|drift| flags.all || drift.is_alert).map(move |drift| row(spec, drift))
        })
        .collect();
    let specs = traced.drift.len();
    screen.document(&rows, |rows| words(&screen.term, rows, specs));
    Ok(if rows.is_empty() { Exit::Done } else { Exit::Failed })
}

/// Records that somebody looked and found it true.
pub(crate) fn accept(world: &World, screen: &Screen, flags: &SpecAccept) -> Outcome<Exit> {
    let traced = tracing::open(world, &Default::default(), None)?;
    let place = traced.workspace.spec(flags.name.as_deref())?;
    if place.shape == Shape::Single {
        return Err(Error::usage("a single-file spec has no folder that could hold the acceptance")
            .hint("turn it into a folder first"));
    }
    if flags.why.trim().is_empty() {
        return Err(Error::usage("an acceptance needs a reason: --why \"…\""));
    }
    let head = traced.repository.past.head.clone().unwrap_or_default();
    let found = traced.drift.get(&place.name).map(Vec::as_slice).unwrap_or_default();
    let entry = traced.repository.specs.iter().find(|entry| entry.place.name == place.name);
    let stale = entry.map(|entry| traced.repository.stale(entry, &tracing::today())).unwrap_or_default();
    // What is accepted, and the digest that it has today.
    let mut chosen: BTreeMap<&str, u64> = BTreeMap::new();
    for one in &stale {
        if flags.item.as_ref().is_none_or(|item| *item == one.item) {
            chosen.insert(&one.item, one.digest);
        }
    }
    for drift in found {
        let is_it = match &flags.item {
            Some(item) => drift.item == *item || drift.criteria.contains(item),
            None => drift.is_alert,
        };
        if is_it {
            chosen.insert(&drift.item, drift.digest);
        }
    }
    if chosen.is_empty() {
        let items: BTreeSet<&str> = found.iter().map(|drift| drift.item.as_str()).collect();
        let items: Vec<&str> = items.into_iter().collect();
        return Err(Error::usage("there is nothing to accept here").hint(match items.is_empty() {
            true => "no drift was found; see waypost spec drift --all".to_string(),
            false => format!("what drifted: {}", items.join(", ")),
        }));
    }
    let mut accepted = entry.map(|entry| entry.accepted.clone()).unwrap_or_default();
    for (item, digest) in &chosen {
        accepted.accept(Acceptance {
            item: (*item).to_string(),
            commit: head.clone(),
            digest: *digest,
            by: screen.person().to_string(),
            at: tracing::today(),
            why: flags.why.clone(),
            expires: flags.expires.clone(),
        });
    }
    let path = place.path.join(ACCEPTED_FILE);
    let before = index::place::read(&path)?;
    let file = FileChange { path, before, after: accepted.print().into_bytes() };
    let what = format!("accept {}", chosen.keys().copied().collect::<Vec<_>>().join(", "));
    let changes =
        Changes { what, why: Some(flags.why.clone()), files: vec![file], moved: None, notes: Vec::new() };
    changes::carry_out(world, screen, &traced.workspace, &place, changes, false)?;
    Ok(Exit::Done)
}

fn row(spec: &str, drift: &Drift) -> DriftRow {
    DriftRow {
        spec: spec.to_string(),
        kind: match drift.kind {
            DriftKind::DeadReference => "dead reference",
            DriftKind::Moved => "moved",
            DriftKind::SuspectCriterion => "suspect criterion",
            DriftKind::SuspectCode => "suspect code",
            DriftKind::Unspecified => "unspecified",
            DriftKind::AcceptanceExpired => "acceptance expired",
            DriftKind::Outdated => "outdated",
        }
        .to_string(),
        item: drift.item.clone(),
        task: drift.task.clone(),
        criteria: drift.criteria.clone(),
        stands: drift.stands.clone(),
        path: drift.path.clone(),
        line: drift.line.map(|line| u32::try_from(line).unwrap_or(u32::MAX)),
        suggestion: drift.suggestion.clone(),
        because: drift
            .because
            .iter()
            .map(|because| {
                format!("{} {}", because.commit.get(..10).unwrap_or(&because.commit), because.subject)
            })
            .collect(),
        confidence: drift.confidence,
        alert: drift.is_alert,
    }
}

fn words(term: &Term, rows: &[DriftRow], specs: usize) -> String {
    if rows.is_empty() {
        return format!("no drift in {specs} specs");
    }
    let mut lines = Vec::new();
    for row in rows {
        let style = if row.alert { Style::Yellow } else { Style::Dim };
        let place = match (&row.path, row.line) {
            (Some(path), Some(line)) => format!("  {path}:{line}"),
            (Some(path), None) => format!("  {path}"),
            _ => String::new(),
        };
        let head = format!("{}  {}  {}{place}", row.spec, row.kind, row.item);
        lines.push(term.style(style, &one_line(&head)));
        if let Some(suggestion) = &row.suggestion {
            lines.push(one_line(&format!("    perhaps: {suggestion}")));
        }
        if !row.stands.is_empty() {
            lines.push(one_line(&format!("    written for what it said before: {}", row.stands.join(", "))));
            if row.because.is_empty() {
                lines.push(term.style(Style::Dim, "    not committed yet"));
            }
        } else if !row.criteria.is_empty() {
            lines.push(one_line(&format!("    criteria: {}", row.criteria.join(", "))));
        }
        lines.extend(
            row.because
                .iter()
                .take(3)
                .map(|because| term.style(Style::Dim, &one_line(&format!("    {because}")))),
        );
    }
    lines.push(term.style(Style::Dim, "still true? waypost spec accept NAME ITEM --why \"…\""));
    lines.join("\n")
}

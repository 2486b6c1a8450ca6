//! The repository as the tracing commands see it: gathered, with what the ledger knows of carried-out tasks. Shows nothing.

use std::collections::BTreeMap;

use index::past::Approval;
use index::repository::Wanted;
use index::{Repository, SpecPlace};
use plan::drift::Drift;
use plan::trace::{Item, Near, Outcome as Came, TaskRef, Trace, WorkFact};
use plan::{Plan, Reading};

use crate::cli::TraceSources;
use crate::error::Outcome;
use crate::house;
use crate::reports::TraceNear;
use crate::specs::SpecRecord;
use crate::workspace::Workspace;
use crate::world::{self, World};

/// Everything that a tracing command needs.
pub(crate) struct Traced {
    pub(crate) workspace: Workspace,
    pub(crate) repository: Repository,
    pub(crate) drift: BTreeMap<String, Vec<Drift>>,
    pub(crate) trace: Trace,
}

/// Gathers. `file` is a file whose lines are asked about.
pub(crate) fn open(world: &World, sources: &TraceSources, file: Option<String>) -> Outcome<Traced> {
    let workspace = Workspace::find(world)?;
    let places: Vec<SpecPlace> = workspace.specs().into_iter().filter(|place| !place.is_archived).collect();
    let wanted = Wanted {
        approvals: approvals(world, &workspace, &places),
        results: sources.results.iter().map(|path| world.directory.join(path)).collect(),
        coverage: sources.coverage.iter().map(|path| world.directory.join(path)).collect(),
        file,
        without_history: sources.no_git,
    };
    let path = world.variable("PATH").unwrap_or_default();
    let repository = Repository::open(&workspace.root, places, &path, &wanted)?;
    let drift = repository.drift(&today());
    let trace = repository.trace(work(world, &workspace, &repository), &drift);
    Ok(Traced { workspace, repository, drift, trace })
}

/// The last approval of each spec. A ledger that cannot be read has none: a trace is also made where Waypost never ran.
pub(crate) fn approvals(
    world: &World,
    workspace: &Workspace,
    places: &[SpecPlace],
) -> BTreeMap<String, Approval> {
    let Ok(store) = house::open_store(world, workspace) else { return BTreeMap::new() };
    let known = places.iter().filter_map(|place| {
        let record = SpecRecord::read(&store, place).ok()?;
        Some((place.name.clone(), record.approval(&store, place)?))
    });
    known.collect()
}

/// Which lines each carried-out task changed, as the ledger has it. A ledger that cannot be read adds nothing: a trace is
/// also made where Waypost never ran.
fn work(world: &World, workspace: &Workspace, repository: &Repository) -> Vec<WorkFact> {
    let mut facts = Vec::new();
    let Ok(store) = house::open_store(world, workspace) else { return facts };
    for entry in &repository.specs {
        let Ok(record) = SpecRecord::read(&store, &entry.place) else { continue };
        for (task, known) in &record.tasks {
            for (path, ..) in &known.files {
                let task = TaskRef { spec: entry.place.name.clone(), task: task.clone() };
                // Lines move on after a task; what stays true is that it changed this file.
                facts.push(WorkFact { task, path: path.clone(), first: 1, last: usize::MAX });
            }
        }
    }
    facts
}

/// Today as drift counts days.
pub(crate) fn today() -> String {
    let (year, month, day) = ledger::civil(world::now_ms() / 86_400_000);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Now as reports say it.
pub(crate) fn now() -> String {
    let seconds = world::now_ms() / 1000 % 86_400;
    format!("{}T{:02}:{:02}:{:02}Z", today(), seconds / 3600, seconds / 60 % 60, seconds % 60)
}

impl Traced {
    /// The words of an item: a criterion's text, a task's title.
    pub(crate) fn words(&self, item: &Item) -> String {
        let entry = |spec: &str| self.repository.specs.iter().find(|entry| entry.place.name == spec);
        let read = |spec: &str| entry(spec).map(|entry| (&entry.reading, &entry.plan));
        match item {
            Item::Criterion { spec, id } => read(spec).and_then(|(_, plan)| criterion(plan, id)),
            Item::Requirement { spec, id } => read(spec).and_then(|(reading, _)| requirement(reading, id)),
            Item::Property { spec, id } => read(spec).and_then(|(reading, _)| property(reading, id)),
            Item::Task { spec, id } => {
                read(spec).and_then(|(_, plan)| plan.step(id).map(|step| step.title.clone()))
            }
            Item::Commit { hash } => self
                .repository
                .past
                .commits
                .iter()
                .find(|commit| commit.hash == *hash)
                .map(|commit| commit.subject.clone()),
            Item::Code { .. } | Item::Test { .. } => None,
        }
        .unwrap_or_default()
    }

    /// A neighbour for a listing.
    pub(crate) fn near(&self, near: &Near) -> TraceNear {
        TraceNear {
            item: near.item.to_string(),
            words: self.words(&near.item),
            confidence: near.confidence,
            source: near.source.name().to_string(),
            outcome: near.outcome.map(|came| outcome(came).to_string()),
        }
    }
}

/// How a test ended, in a word.
pub(crate) fn outcome(came: Came) -> &'static str {
    match came {
        Came::Green => "passed",
        Came::Red => "failed",
        Came::Skipped => "skipped",
        Came::Unknown => "not run",
    }
}

fn criterion(plan: &Plan, id: &str) -> Option<String> {
    let same = |known: &&plan::PlanCriterion| spec::references::normal_id(&known.id) == id;
    plan.criteria.iter().find(same).map(|known| known.text.clone())
}

fn requirement(reading: &Reading, id: &str) -> Option<String> {
    let all = reading.requirements.as_ref()?;
    let same = |known: &&spec::requirements::Requirement| spec::references::normal_id(&known.number) == id;
    all.requirements.iter().find(same).map(|known| known.title.clone())
}

fn property(reading: &Reading, id: &str) -> Option<String> {
    let design = reading.design.as_ref()?;
    design.properties.iter().find(|known| known.number.to_string() == id).map(|known| known.title.clone())
}

//! Every rule over one spec. What the words of the rules say lives in [`crate::rules`]; comparisons between specs live in
//! [`crate::across`].

mod conflicts;
mod context;
mod failure;
mod kiro;
mod kiro_fixes;
mod numbers;
mod out;
mod patterns;
mod phrases;
mod places;
mod quantities;
mod readers;
mod repeated;
mod smells;
mod stories;
mod suppress;
mod tasks;
mod terms;

use plan::{Graph, Plan, Reading};

use crate::Finding;
use crate::across::Summary;
use crate::conflict::{self, Statements};
use crate::ears::Counts;
use crate::settings::Settings;

use context::Context;
use out::Out;

/// Findings kept of one spec; one more says how many were left out.
pub const FINDINGS_MAX: usize = 5_000;

/// Everything that the rules find in one spec, with the levels of `settings` and without what its documents or the
/// settings silence; in the order of the documents. `plan` has to be the plan of `reading`.
pub fn spec(reading: &Reading, plan: &Plan, settings: &Settings) -> Vec<Finding> {
    findings(&Context::of(reading, plan), settings)
}

/// What is dear to make and depends on the documents alone, so that another thread can make it beside the other rules.
#[derive(Debug)]
pub struct Dear {
    statements: Statements,
    graph: Graph,
}

impl Dear {
    /// Cuts the criteria into slots, and finds which task waits for which. `plan` has to be the plan of `reading`.
    pub fn of(reading: &Reading, plan: &Plan) -> Dear {
        Dear { statements: conflict::statements(reading), graph: Graph::of(reading, plan) }
    }
}

/// The same as [`spec`]. `dear` is asked once the other rules are through; `None` has it made here.
pub fn spec_beside(
    reading: &Reading,
    plan: &Plan,
    settings: &Settings,
    dear: impl FnOnce() -> Option<Dear>,
) -> Vec<Finding> {
    let context = Context::of(reading, plan);
    let mut out = Out::new(&context, settings);
    quick(&context, &mut out);
    if let Some(dear) = dear() {
        context.give(dear.statements, dear.graph);
    }
    conflicts::check(&context, &mut out);
    suppress::apply(&context, out)
}

/// One spec, judged by itself, with what a comparison with other specs needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// As [`spec`] gives them.
    pub findings: Vec<Finding>,
    /// As [`tally`] gives it.
    pub tally: Tally,
    /// For [`crate::across::across`].
    pub summary: Summary,
    /// For [`crate::conflict::across`].
    pub statements: Statements,
}

/// Everything about one spec at once; its criteria are cut into words only once.
pub fn whole(reading: &Reading, plan: &Plan, settings: &Settings) -> Judged {
    let context = Context::of(reading, plan);
    Judged {
        findings: findings(&context, settings),
        tally: count(&context),
        summary: Summary::with(reading, context.sketched()),
        statements: context.into_obligations(),
    }
}

fn findings(context: &Context<'_>, settings: &Settings) -> Vec<Finding> {
    let mut out = Out::new(context, settings);
    quick(context, &mut out);
    conflicts::check(context, &mut out);
    suppress::apply(context, out)
}

/// Every rule but those that need what is [`Dear`].
fn quick(context: &Context<'_>, out: &mut Out<'_>) {
    kiro::check(context, out);
    readers::check(context, out);
    numbers::check(context, out);
    patterns::check(context, out);
    smells::check(context, out);
    quantities::check(context, out);
    stories::check(context, out);
    failure::check(context, out);
    repeated::check(context, out);
    terms::check(context, out);
    tasks::check(context, out);
}

/// Counts for a summary; none of them is a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Which sentence patterns the criteria follow.
    pub patterns: Counts,
    /// Criteria that a task has to cite.
    pub criteria: usize,
    /// Those of them that one cites.
    pub cited: usize,
    /// Those of them that a property of the design validates.
    pub with_property: usize,
    /// Properties of the design.
    pub properties: usize,
}

impl Tally {
    /// Adds the counts of another spec.
    pub fn add(&mut self, other: &Tally) {
        self.patterns.merge(&other.patterns);
        self.criteria += other.criteria;
        self.cited += other.cited;
        self.with_property += other.with_property;
        self.properties += other.properties;
    }
}

/// Counts the criteria of one spec.
pub fn tally(reading: &Reading, plan: &Plan) -> Tally {
    count(&Context::of(reading, plan))
}

fn count(context: &Context<'_>) -> Tally {
    let (reading, plan) = (context.reading, context.plan);
    let mut tally = Tally::default();
    for statement in &context.statements {
        tally.patterns.add(&statement.ears);
    }
    let wanted = || plan.criteria.iter().filter(|criterion| !criterion.is_described_only);
    tally.criteria = wanted().count();
    tally.cited = wanted().filter(|criterion| !criterion.cited_by.is_empty()).count();
    let properties = reading.design.as_ref().map(|design| design.properties.as_slice()).unwrap_or_default();
    tally.properties = properties.len();
    let validated: std::collections::HashSet<String> = properties
        .iter()
        .flat_map(|property| &property.validates)
        .map(|id| spec::references::normal_id(id))
        .collect();
    let is_validated = |id: &str| {
        let id = spec::references::normal_id(id);
        validated.contains(&id) || id.rsplit_once('.').is_some_and(|(above, _)| validated.contains(above))
    };
    tally.with_property = wanted().filter(|criterion| is_validated(&criterion.id)).count();
    tally
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;

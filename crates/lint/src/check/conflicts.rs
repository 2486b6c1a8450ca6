//! Findings that are made elsewhere: conflicts between criteria, and faults of the task graph. Gives them their place in
//! the list, so that settings and comments silence them like any other.

use plan::accesses::Certainty;
use plan::graph::FaultKind;

use super::context::Context;
use super::out::{Found, Out};
use crate::{conflict, rules};

/// Duplicates within a spec are told by `requirements/same-words`.
const TOLD_ALREADY: &str = "conflict/duplicate";

/// The faults of the graph that are told here.
const GRAPH_RULES: [&str; 3] = ["graph/clash", "graph/contradiction", "graph/checkpoint-passed"];

pub(super) fn check(context: &Context<'_>, out: &mut Out<'_>) {
    // Both cost more than all other rules together, so they are left out where nobody would hear them.
    let wants = |begins: &str, out: &Out<'_>| {
        rules::ALL.iter().any(|rule| rule.id.starts_with(begins) && out.settings().wants(rule))
    };
    if wants("conflict/", out) || wants("facts/", out) {
        for finding in conflict::judge(context.reading, context.obligations()) {
            if finding.rule != TOLD_ALREADY {
                out.take(finding);
            }
        }
    }
    if !GRAPH_RULES.iter().any(|rule| out.wants(rule)) {
        return;
    }
    let tasks_file = context.reading.documents.tasks_file();
    let Some(document) = context.documents.iter().position(|document| document.file == tasks_file) else {
        return;
    };
    for fault in &context.graph().faults {
        let rule = match fault.kind {
            FaultKind::Clash => "graph/clash",
            FaultKind::Contradiction => "graph/contradiction",
            FaultKind::CheckpointPassed => "graph/checkpoint-passed",
            // The plan's own problems tell the others.
            _ => continue,
        };
        let mut found = Found::new(rule, document, fault.span, fault.message.clone());
        if fault.certainty == Certainty::Likely {
            found = found.suspected();
        }
        if let Some(task) = fault.tasks.first() {
            found = found.subject(format!("task {task}"));
        }
        if let Some(hint) = fault.hint.clone() {
            found = found.hint(hint);
        }
        out.push(found);
    }
}

#[cfg(test)]
#[path = "conflicts_tests.rs"]
mod tests;

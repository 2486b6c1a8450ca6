//! Waves anew from the edges, in the form that Kiro reads, and the edits that put them into the document. Changes
//! nothing but the graph's JSON.

use std::collections::HashMap;
use std::fmt::Write as _;

use spec::Edit;
use spec::json::quote;
use spec::text::{Eol, Text};

use super::claim::{Place, not_kiro};
use super::clash::Uses;
use super::fault::FaultKind;
use super::{Graph, Reason};
use crate::documents::SpecDocuments;
use crate::read::Plan;
use crate::reading::Reading;

/// Lines of [`Repaired::why`].
pub const WHY_MAX: usize = 100;

/// A graph that keeps all edges outside of rings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// The ids of the leaves, each once, wave by wave. Numbers that the document uses twice appear once.
    pub waves: Vec<Vec<String>>,
    /// What was changed and why, for a person; empty when the document's graph is right as it is.
    pub why: Vec<String>,
}

/// Waves in which every leaf stands once, behind everything that it waits for: no two tasks of one wave write one file.
pub fn repair(graph: &Graph) -> Repaired {
    let levels = levels(graph);
    let count = levels.iter().map(|level| level + 1).max().unwrap_or_default();
    let mut waves: Vec<Vec<String>> = vec![Vec::new(); count];
    let mut why: Vec<String> = Vec::new();
    for (node, level) in graph.nodes.iter().zip(&levels) {
        // `1.2#2` is an address of ours for a number that the document uses twice.
        if node.id.contains('#') {
            why.push(format!("`{}` is left out: give it a number of its own first", node.id));
        } else if let Some(wave) = waves.get_mut(*level) {
            wave.push(node.id.clone());
        }
    }
    waves.retain(|wave| !wave.is_empty());
    for fault in graph.faults.iter().filter(|fault| fault.is_mendable()) {
        why.push(match fault.kind {
            FaultKind::Clash => format!("{}: they run one after the other", fault.message),
            _ => fault.message.clone(),
        });
    }
    why.extend(moves(graph, &levels));
    why.truncate(WHY_MAX);
    Repaired { waves, why }
}

/// Levels in which nobody names what another of the same level makes. Where a task moves beside the maker of what it
/// names, it moves on.
fn levels(graph: &Graph) -> Vec<usize> {
    let uses = Uses::of(&graph.nodes);
    let mut levels = graph.levels();
    let mut more: HashMap<usize, Vec<usize>> = HashMap::new();
    for _ in 0..ROUNDS_MAX {
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); levels.iter().max().map_or(0, |level| level + 1)];
        for (node, level) in levels.iter().enumerate() {
            groups.get_mut(*level).into_iter().for_each(|group| group.push(node));
        }
        let order: Vec<usize> = groups.into_iter().flatten().collect();
        let found = uses.made_beside(&order, &levels);
        if found.is_empty() {
            break;
        }
        for (from, to) in found {
            more.entry(to).or_default().push(from);
        }
        levels = graph.levels_with(&order, &more);
    }
    levels
}

/// Rounds of moving on; real graphs need none or one.
const ROUNDS_MAX: usize = 16;

/// Tasks that stand later than the document said, with the strongest reason of the last task before them.
fn moves(graph: &Graph, levels: &[usize]) -> Vec<String> {
    let level = |node: usize| levels.get(node).copied().unwrap_or_default();
    let late = graph
        .nodes
        .iter()
        .enumerate()
        .filter(|(at, node)| node.claimed_wave.is_some_and(|wave| wave < level(*at)));
    let mut found = Vec::new();
    for (at, node) in late {
        let edges = graph.edges.iter().skip(graph.edges.partition_point(|edge| edge.to < at));
        let last = edges
            .take_while(|edge| edge.to == at)
            .filter(|edge| level(edge.from) + 1 == level(at))
            .find(|edge| !matches!(edge.reasons.first(), None | Some(Reason::WaveClaim { .. })));
        if let Some((edge, reason)) = last.and_then(|edge| edge.reasons.first().map(|reason| (edge, reason)))
        {
            let words = reason.words(graph.id(edge.from), &node.id);
            found.push(format!("`{}` moves to wave {}: {words}", node.id, level(at)));
        }
    }
    found
}

/// The graph in Kiro's own form: objects with the ids 0, 1, … and string task ids.
pub fn to_kiro_json(waves: &[Vec<String>]) -> String {
    let mut out = String::from("{\n  \"waves\": [\n");
    let last = waves.len().saturating_sub(1);
    for (number, wave) in waves.iter().enumerate() {
        let ids: Vec<String> = wave.iter().map(|id| quote(id)).collect();
        let comma = if number == last { "" } else { "," };
        let _ = writeln!(out, "    {{ \"id\": {number}, \"tasks\": [{}] }}{comma}", ids.join(", "));
    }
    out.push_str("  ]\n}");
    out
}

/// The edits that give a task document a graph without faults: only the JSON is replaced; a missing block or section is
/// added. Empty when the graph is right, when there are no tasks, and when an unclosed block leaves no place for it.
pub fn repair_edit(tasks: &[u8]) -> Vec<Edit> {
    let documents = SpecDocuments { tasks: Some(tasks.to_vec()), ..SpecDocuments::default() };
    let reading = Reading::of(documents);
    let plan = Plan::of(&reading);
    let graph = Graph::of(&reading, &plan);
    let place = Place::of(tasks);
    let needs = graph.waves.is_empty() || graph.faults.iter().any(|fault| fault.is_mendable());
    let waves = repair(&graph).waves;
    if waves.is_empty() || !needs {
        return Vec::new();
    }
    let text = Text::read(tasks);
    let eol = if text.eol() == Eol::CrLf { "\r\n" } else { "\n" };
    let json = to_kiro_json(&waves).replace('\n', eol);
    match (place.heading, place.json) {
        (_, Some(span)) if place.is_closed => vec![Edit::replace(span, format!("{json}{eol}"))],
        // Nobody closed the fence: the old text stays, behind a fence of ours.
        (_, Some(span)) => vec![Edit::insert(span.offset, format!("{json}{eol}```{eol}{eol}"))],
        _ if place.is_open_to_the_end => Vec::new(),
        (Some(_), None) => {
            let at = place.behind_heading;
            let is_ended = tasks.get(at.saturating_sub(1)) == Some(&b'\n');
            let before = if is_ended { eol.to_string() } else { format!("{eol}{eol}") };
            vec![Edit::insert(at, format!("{before}```json{eol}{json}{eol}```{eol}"))]
        }
        (None, None) => {
            let is_ended = tasks.is_empty() || tasks.ends_with(b"\n");
            let before = if is_ended { eol.to_string() } else { format!("{eol}{eol}") };
            let heading = spec::waves::HEADING;
            vec![Edit::insert(
                tasks.len(),
                format!("{before}## {heading}{eol}{eol}```json{eol}{json}{eol}```{eol}"),
            )]
        }
    }
}

/// Whether Kiro reads the graph of the document.
pub fn is_read_by_kiro(tasks: &[u8]) -> bool {
    let place = Place::of(tasks);
    place.json.is_some_and(|span| not_kiro(Some(&span.text(tasks))).is_none())
}

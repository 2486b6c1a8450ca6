//! The task dependency graph of `tasks.md`: which tasks may run together, and in which order. Schedules nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::Span;
use crate::diagnostic::{Diagnostic, Findings};
use crate::json;
use crate::outline::Heading;
use crate::task_id;
use crate::tasks::Task;
use crate::text::{Inside, Text};
use crate::wave_json;
use crate::wave_text;
use crate::words;

/// Tasks of one wave have no order among themselves; a wave starts when the one before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    /// Position, from 0.
    pub number: usize,
    /// Ids as written; from arrows, ids of tasks where a node means one.
    pub tasks: Vec<String>,
}

/// How the graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// `{"waves": [{"id": 0, "tasks": ["1.1"]}]}` and its relatives with `wave`, `name`, `depends_on`.
    Objects,
    /// `{"waves": [["1", "2"], ["3.1"]]}`.
    Lists,
    /// `[["1"], ["2"]]` or `[{"tasks": ["1"]}]` without a name around it.
    Bare,
    /// JSON that says for each task what it depends on.
    Dependencies,
    /// `A --> B` in a mermaid diagram.
    Mermaid,
    /// `T1 --> T2`, `1.1 -> 1.2` as plain text.
    Arrows,
    /// `Wave 1: 1.1, 1.2` as plain text.
    Lines,
}

/// A task as the graph names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The words as written: an id, a title, or the name of a node.
    pub text: String,
    /// What a diagram shows for the node, when it is not the name.
    pub label: Option<String>,
    /// Where it stands, quotes left out.
    pub span: Span,
}

/// One wave as the graph writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimWave {
    /// Position, from 0.
    pub number: usize,
    /// What the graph itself calls it: `0`, `wave-1`, `Foundation`.
    pub name: Option<String>,
    /// The waves that it names as coming before, as written.
    pub depends_on: Vec<String>,
    /// Its tasks.
    pub tasks: Vec<Named>,
}

/// `from` comes before `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The task that must be done first.
    pub from: Named,
    /// The task that waits for it.
    pub to: Named,
}

/// The graph as it is written. A claim about the tasks, and not yet true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// How it is written.
    pub shape: Shape,
    /// The waves, when it has some.
    pub waves: Vec<ClaimWave>,
    /// The edges, when it has some.
    pub edges: Vec<Edge>,
    /// The text of the graph, fences left out.
    pub span: Span,
    /// Kiro's own engine would use it: `## Task Dependency Graph`, a `json` fence, waves as objects with numeric ids
    /// that count from 0, and task ids as strings.
    pub is_strict_kiro: bool,
}

/// Waves read from one graph; what lies beyond is dropped with a diagnostic.
pub const WAVES_MAX: usize = 1_000;

/// Task ids read from one wave; what lies beyond is dropped with a diagnostic.
pub const WAVE_TASKS_MAX: usize = 1_000;

/// Edges read from one graph; what lies beyond is dropped with a diagnostic.
pub const EDGES_MAX: usize = 10_000;

/// Bytes of one graph; a longer one is not read, and a diagnostic says so.
pub const GRAPH_BYTES_MAX: usize = 1 << 20;

/// The heading of the section, compared without case.
pub const HEADING: &str = "Task Dependency Graph";

/// The graph's JSON: where it stands and what it says. `None` when the section or its fence is absent.
pub(crate) fn json_of<'a>(text: &Text<'a>, headings: &[Heading]) -> Option<(Span, &'a [u8])> {
    let heading = headings.iter().find(|heading| heading.is(HEADING))?;
    let fence =
        fences(text, heading.line.saturating_add(1), heading.end).find(|fence| fence.info == Info::Json)?;
    Some((fence.span, fence.span.slice(text.bytes())))
}

/// What the info string of a fence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Info {
    Json,
    Mermaid,
    Other,
}

struct Fence {
    info: Info,
    /// The lines between the fences.
    span: Span,
}

/// The fences of lines `from..to`; one that never closes ends with them.
fn fences<'a>(text: &'a Text<'_>, from: usize, to: usize) -> impl Iterator<Item = Fence> + 'a {
    let mut at = from;
    let to = to.min(text.lines().len());
    std::iter::from_fn(move || {
        let lines = text.lines();
        let is_edge = |line: &crate::text::Line| line.inside == Inside::FenceEdge;
        let open = (at..to).find(|index| lines.get(*index).is_some_and(is_edge))?;
        let close = (open + 1..to).find(|index| lines.get(*index).is_some_and(is_edge)).unwrap_or(to);
        at = close + 1;
        let info = lines.get(open).map_or(Info::Other, |line| info_of(text.of(line)));
        Some(Fence { info, span: text.span_of(open + 1, close) })
    })
}

fn info_of(line: &[u8]) -> Info {
    let start = line.iter().position(|byte| matches!(byte, b'`' | b'~')).unwrap_or(0);
    let info = line.get(start..).unwrap_or_default().trim_ascii();
    let ticks = info.iter().take_while(|byte| matches!(byte, b'`' | b'~')).count();
    let word = info.get(ticks..).unwrap_or_default().trim_ascii();
    let begins = |name: &[u8]| word.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
    if begins(b"json") {
        Info::Json
    } else if begins(b"mermaid") {
        Info::Mermaid
    } else {
        Info::Other
    }
}

/// Reads the graph in every shape seen in real files, wherever it stands: the section that is named for it first, then
/// any JSON that speaks of waves.
pub(crate) fn read(
    text: &Text<'_>,
    headings: &[Heading],
    tasks: &[Task],
    findings: &mut Findings,
) -> Option<Claim> {
    let named = headings.iter().filter(|heading| heading.is(HEADING)).take(1);
    let relatives =
        headings.iter().filter(|heading| words::is_graph(&heading.title)).take(GRAPH_HEADINGS_MAX);
    let mut first_error = None;
    for heading in named.chain(relatives) {
        let (from, to) = (heading.line.saturating_add(1), heading.end);
        let claim = in_section(text, from, to, &mut first_error);
        if let Some(mut claim) = claim {
            claim.is_strict_kiro &= text
                .lines()
                .get(heading.line)
                .is_some_and(|line| text.of(line).trim_ascii_end() == [b"## ", HEADING.as_bytes()].concat());
            return Some(bounded(claim, tasks, findings));
        }
    }
    if let Some(error) = first_error {
        findings.push(error);
        return None;
    }
    let json = fences(text, 0, text.lines().len())
        .filter(|fence| fence.info == Info::Json && fence.span.len <= GRAPH_BYTES_MAX);
    for fence in json.take(FENCES_MAX) {
        let bytes = fence.span.slice(text.bytes());
        if bytes.windows(b"\"waves\"".len()).any(|window| window == b"\"waves\"")
            && let Ok(Some(mut claim)) = wave_json::read(&String::from_utf8_lossy(bytes), fence.span.offset)
        {
            claim.is_strict_kiro = false;
            claim.span = fence.span;
            return Some(bounded(claim, tasks, findings));
        }
    }
    None
}

/// Headings that are tried as the one of the graph.
const GRAPH_HEADINGS_MAX: usize = 16;

/// Fences that are tried when no heading names the graph.
const FENCES_MAX: usize = 200;

fn in_section(
    text: &Text<'_>,
    from: usize,
    to: usize,
    first_error: &mut Option<Diagnostic>,
) -> Option<Claim> {
    let mut tried = 0;
    for fence in fences(text, from, to) {
        tried += 1;
        if tried > FENCES_MAX {
            break;
        }
        if fence.span.len > GRAPH_BYTES_MAX {
            let message = format!("a task graph of more than {GRAPH_BYTES_MAX} bytes is not read");
            first_error
                .get_or_insert_with(|| Diagnostic::warning("tasks/graph-too-large", fence.span, message));
            continue;
        }
        let content = String::from_utf8_lossy(fence.span.slice(text.bytes()));
        let begins_json = content.trim_start().starts_with(['{', '[']);
        let claim = match fence.info {
            Info::Mermaid => wave_text::mermaid(&content, fence.span.offset),
            Info::Json => match wave_json::read(&content, fence.span.offset) {
                Ok(claim) => claim,
                Err(error) => wave_text::plain(&content, fence.span.offset).or_else(|| {
                    first_error.get_or_insert_with(|| unreadable(fence.span, error));
                    None
                }),
            },
            Info::Other if begins_json => wave_json::read(&content, fence.span.offset).ok().flatten(),
            Info::Other if wave_text::is_mermaid(&content) => wave_text::mermaid(&content, fence.span.offset),
            Info::Other => wave_text::plain(&content, fence.span.offset),
        };
        if let Some(mut claim) = claim {
            claim.span = fence.span;
            claim.is_strict_kiro &= fence.info == Info::Json && json::read_strict(&content).is_ok();
            return Some(claim);
        }
    }
    if tried > 0 {
        return None;
    }
    let span = text.span_of(from, to);
    if span.len > GRAPH_BYTES_MAX {
        return None;
    }
    let mut claim = wave_text::plain(&String::from_utf8_lossy(span.slice(text.bytes())), span.offset)?;
    claim.span = span;
    Some(claim)
}

fn unreadable(span: Span, error: json::JsonError) -> Diagnostic {
    let at = Span { offset: span.offset.saturating_add(error.offset).min(span.end()), len: 0 };
    let message = format!("the task graph is not JSON: expected {}", error.expected);
    Diagnostic::warning("tasks/unreadable-graph", at, message)
        .hint("without a graph, tasks run one after the other")
}

/// Cuts the claim to its bounds and says so; says where its edges go in a circle.
fn bounded(mut claim: Claim, tasks: &[Task], findings: &mut Findings) -> Claim {
    let mut tell = |message: String| {
        findings.push(Diagnostic::warning("tasks/graph-too-large", claim.span, message));
    };
    if claim.waves.len() > WAVES_MAX {
        tell(format!("only the first {WAVES_MAX} waves are read"));
    }
    if claim.waves.iter().any(|wave| wave.tasks.len() > WAVE_TASKS_MAX) {
        tell(format!("only the first {WAVE_TASKS_MAX} tasks of a wave are read"));
    }
    if claim.edges.len() > EDGES_MAX {
        tell(format!("only the first {EDGES_MAX} edges are read"));
    }
    claim.waves.truncate(WAVES_MAX);
    for wave in &mut claim.waves {
        wave.tasks.truncate(WAVE_TASKS_MAX);
    }
    claim.edges.truncate(EDGES_MAX);
    if claim.waves.is_empty() && claim.waves_of(tasks).is_none() {
        findings.push(
            Diagnostic::warning(
                "tasks/graph-cycle",
                claim.span,
                "the arrows of the task graph go in a circle",
            )
            .hint("without a graph, tasks run one after the other"),
        );
    }
    claim
}

impl Claim {
    /// The waves with their ids as written. Edges alone give the earliest wave for each task, and there a node stands
    /// for the task that it means. `None` when the claim is empty or its edges go in a circle.
    pub fn waves_as_written(&self, tasks: &[Task]) -> Option<Vec<Wave>> {
        if self.waves.is_empty() {
            return self.waves_of(tasks);
        }
        let waves = self.waves.iter().enumerate().map(|(number, wave)| Wave {
            number,
            tasks: wave.tasks.iter().map(|named| named.text.clone()).collect(),
        });
        Some(waves.collect())
    }

    /// The waves that the claim comes to, with its words turned into ids of these tasks where one is meant. Edges alone
    /// give the earliest wave for each task. `None` when the claim is empty or its edges go in a circle.
    pub fn waves_of(&self, tasks: &[Task]) -> Option<Vec<Wave>> {
        let names = Names::new(tasks);
        if !self.waves.is_empty() {
            let waves = self.waves.iter().enumerate().map(|(number, wave)| Wave {
                number,
                tasks: wave.tasks.iter().map(|named| names.resolve(named)).collect(),
            });
            return Some(waves.collect());
        }
        let edges: Vec<(String, String)> =
            self.edges.iter().map(|edge| (names.resolve(&edge.from), names.resolve(&edge.to))).collect();
        layers(&edges)
    }

    /// The id of the task that the graph means with this name, if there is one.
    pub fn task_of(&self, named: &Named, tasks: &[Task]) -> Option<String> {
        Names::new(tasks).find(named)
    }
}

/// The waves of a graph of edges: each node as early as its edges allow. `None` when there is a circle.
fn layers(edges: &[(String, String)]) -> Option<Vec<Wave>> {
    let mut order: Vec<&str> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut index = |name| {
        *known.entry(name).or_insert_with(|| {
            order.push(name);
            order.len() - 1
        })
    };
    let pairs: Vec<(usize, usize)> =
        edges.iter().map(|(from, to)| (index(from.as_str()), index(to.as_str()))).collect();
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); order.len()];
    let mut waiting = vec![0usize; order.len()];
    let unique: HashSet<(usize, usize)> = pairs.iter().copied().collect();
    for (from, to) in unique {
        after.get_mut(from)?.push(to);
        *waiting.get_mut(to)? += 1;
    }
    let mut ready: Vec<usize> = (0..order.len()).filter(|at| waiting.get(*at) == Some(&0)).collect();
    let mut waves: Vec<Wave> = Vec::new();
    let mut placed = 0;
    while !ready.is_empty() {
        ready.sort_unstable();
        let tasks = ready.iter().filter_map(|at| order.get(*at)).map(|name| name.to_string()).collect();
        waves.push(Wave { number: waves.len(), tasks });
        placed += ready.len();
        let mut next = Vec::new();
        for to in ready.iter().filter_map(|at| after.get(*at)).flatten() {
            let left = waiting.get_mut(*to)?;
            *left -= 1;
            if *left == 0 {
                next.push(*to);
            }
        }
        ready = next;
    }
    (placed == order.len() && !waves.is_empty()).then_some(waves)
}

/// Tasks by everything that a graph may call them.
struct Names<'a> {
    ids: HashSet<&'a str>,
    titles: BTreeMap<String, Option<&'a str>>,
}

/// Characters that the beginning of a title needs before it can stand for the whole.
const PREFIX_CHARS_MIN: usize = 8;

impl<'a> Names<'a> {
    fn new(tasks: &'a [Task]) -> Names<'a> {
        let mut titles: BTreeMap<String, Option<&str>> = BTreeMap::new();
        for task in tasks {
            // Two tasks of one title are told apart by nothing.
            let entry = titles.entry(words::fold(&task.title));
            entry.and_modify(|known| *known = None).or_insert(Some(task.id.as_str()));
        }
        Names { ids: tasks.iter().map(|task| task.id.as_str()).collect(), titles }
    }

    fn resolve(&self, named: &Named) -> String {
        self.find(named).unwrap_or_else(|| named.text.trim().trim_end_matches('.').to_string())
    }

    fn find(&self, named: &Named) -> Option<String> {
        self.find_text(&named.text).or_else(|| self.find_text(named.label.as_deref()?)).or_else(|| {
            // `T1_2` and `task1_2` are how a diagram has to write `1.2`.
            let text = named.text.trim();
            let digits = text.trim_start_matches(|c: char| c.is_alphabetic() || c == '_' || c == '-');
            let dotted = digits.replace('_', ".");
            self.ids.contains(dotted.as_str()).then_some(dotted)
        })
    }

    fn find_text(&self, text: &str) -> Option<String> {
        let text = text.trim().trim_end_matches('.');
        let behind = text.get(words::task_word(text).unwrap_or(0)..).unwrap_or(text).trim_start();
        for text in [text, behind] {
            if self.ids.contains(text) {
                return Some(text.to_string());
            }
        }
        if let Some(id) = task_id::take(behind)
            && behind.get(id.len..).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            && self.ids.contains(id.text.as_str())
        {
            return Some(id.text);
        }
        let folded = words::fold(text.trim_end_matches(['…', '.']));
        if let Some(known) = self.titles.get(&folded) {
            return known.map(str::to_string);
        }
        if folded.chars().count() < PREFIX_CHARS_MIN {
            return None;
        }
        let mut matches =
            self.titles.range(folded.clone()..).take_while(|(title, _)| title.starts_with(&folded));
        match (matches.next(), matches.next()) {
            (Some((_, known)), None) => known.map(str::to_string),
            _ => None,
        }
    }
}

#[cfg(test)]
#[path = "waves_tests.rs"]
mod tests;

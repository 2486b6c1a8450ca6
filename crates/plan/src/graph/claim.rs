//! What the document's own graph claims: its waves with the place of each id, resolved to tasks. Believes nothing of
//! it.

use std::collections::{BTreeMap, HashMap};

use spec::json::{self, Value};
use spec::outline::{Heading, headings};
use spec::text::{Inside, Text, Unclosed};
use spec::waves::ClaimWave;
use spec::{Span, Tasks};

use super::fault::{Fault, FaultKind};

/// Where the graph stands in the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The line of the heading.
    pub(super) heading: Option<Span>,
    /// The first byte behind the heading's line.
    pub(super) behind_heading: usize,
    /// The bytes between the fences.
    pub(super) json: Option<Span>,
    /// The fence is closed.
    pub(super) is_closed: bool,
    /// Something in the document is open to its end, so that nothing can be put there.
    pub(super) is_open_to_the_end: bool,
}

impl Place {
    pub(super) fn of(bytes: &[u8]) -> Place {
        let text = Text::read(bytes);
        let mut place = Place { is_open_to_the_end: text.unclosed().is_some(), ..Place::default() };
        let headings = headings(&text);
        let Some(heading) = headings.iter().find(|heading| heading.is(spec::waves::HEADING)) else {
            return place;
        };
        let lines = text.lines();
        place.heading = lines.get(heading.line).map(|line| line.span);
        place.behind_heading = text.span_of(heading.line, heading.line + 1).end();
        if let Some((span, is_closed)) = fence(&text, heading) {
            (place.json, place.is_closed) = (Some(span), is_closed);
        }
        place
    }
}

fn fence(text: &Text<'_>, heading: &Heading) -> Option<(Span, bool)> {
    let mut from = None;
    for index in heading.line + 1..heading.end {
        let line = text.lines().get(index)?;
        if line.inside != Inside::FenceEdge {
            continue;
        }
        match from {
            Some(from) => return Some((text.span_of(from, index), true)),
            None if is_json_fence(&text.str_of(line)) => from = Some(index + 1),
            None => {}
        }
    }
    let from = from?;
    let is_open = matches!(text.unclosed(), Some(Unclosed::Fence { .. }));
    Some((text.span_of(from, heading.end), !is_open))
}

fn is_json_fence(line: &str) -> bool {
    line.trim().trim_start_matches(['`', '~']).trim().to_ascii_lowercase().starts_with("json")
}

/// An id of the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// As written.
    pub(super) id: String,
    /// Where, in bytes of the document.
    pub(super) span: Span,
    /// The task that it means: an index in [`Tasks::tasks`].
    pub(super) task: Option<usize>,
}

/// The document's graph.
#[derive(Clone, Debug, Default)]
pub(super) struct Claim {
    pub(super) place: Place,
    pub(super) waves: Vec<Vec<Listed>>,
    pub(super) faults: Vec<Fault>,
}

impl Claim {
    pub(super) fn read(tasks: &Tasks, bytes: &[u8]) -> Claim {
        let place = Place::of(bytes);
        let mut claim = Claim { place, ..Claim::default() };
        let Some(heading) = place.heading else { return claim };
        let at = place.json.unwrap_or(heading);
        if let Some(what) = not_kiro(place.json.map(|span| span.text(bytes)).as_deref()) {
            let fault =
                Fault::new(FaultKind::NotKiro, at, &[], format!("Kiro does not read this graph: {what}"));
            claim.faults.push(fault.hint("mend the graph, or Kiro runs one task after the other"));
        }
        let places = Places::of(tasks.graph.as_ref());
        let known = Known::of(tasks);
        for (number, wave) in tasks.waves.iter().flatten().enumerate() {
            let mut listed = Vec::with_capacity(wave.tasks.len());
            for (nth, id) in wave.tasks.iter().enumerate() {
                let span = places.of_id(number, nth, id).unwrap_or(at);
                let (task, is_exact) = known.resolve(id);
                if !is_exact {
                    claim.faults.push(unknown(id, span, task.and_then(|at| tasks.tasks.get(at))));
                }
                listed.push(Listed { id: id.clone(), span, task });
            }
            claim.waves.push(listed);
        }
        claim
    }
}

fn unknown(id: &str, span: Span, meant: Option<&spec::Task>) -> Fault {
    let message = format!("the dependency graph names task `{id}`, which does not exist");
    let fault = Fault::new(FaultKind::UnknownId, span, &[id], message);
    match meant {
        Some(task) => fault.hint(format!("write `{}`, the number of that task", task.id)),
        None => fault.hint("take it out, or write the number of a task"),
    }
}

/// Why Kiro drops the graph: it wants an object with a filled list `waves` of objects that have the ids 0, 1, … and
/// string task ids.
pub(super) fn not_kiro(json: Option<&str>) -> Option<String> {
    let Some(json) = json else { return Some("it has no block marked `json`".to_string()) };
    let Ok(value) = json::read_strict(json) else { return Some("the block is no JSON".to_string()) };
    let waves = match value.get("waves").map(Value::items) {
        None => return Some("it has no `waves`".to_string()),
        Some(None) => return Some("`waves` is no list".to_string()),
        Some(Some([])) => return Some("`waves` is empty".to_string()),
        Some(Some(waves)) => waves,
    };
    for (number, wave) in waves.iter().enumerate() {
        if !matches!(wave, Value::Object(_)) {
            return Some(format!("wave {number} is no object with `id` and `tasks`"));
        }
        let is_numbered = match wave.get("id") {
            Some(Value::Number(id)) => u32::try_from(number).is_ok_and(|number| *id == f64::from(number)),
            _ => false,
        };
        if !is_numbered {
            return Some(format!("wave {number} does not have the `id` {number}"));
        }
        let tasks = wave.get("tasks").and_then(Value::items);
        if !tasks.is_some_and(|tasks| tasks.iter().all(|task| task.as_str().is_some())) {
            return Some(format!("the `tasks` of wave {number} are no list of strings"));
        }
    }
    None
}

/// Where the graph names its tasks, wave by wave; by words where it is written as arrows.
struct Places<'a> {
    waves: &'a [ClaimWave],
    arrows: HashMap<&'a str, Span>,
}

impl<'a> Places<'a> {
    fn of(graph: Option<&'a spec::waves::Claim>) -> Places<'a> {
        let ends = graph.into_iter().flat_map(|graph| &graph.edges).flat_map(|edge| [&edge.from, &edge.to]);
        let mut arrows = HashMap::new();
        for named in ends {
            arrows.entry(named.text.as_str()).or_insert(named.span);
        }
        Places { waves: graph.map(|graph| graph.waves.as_slice()).unwrap_or_default(), arrows }
    }

    fn of_id(&self, wave: usize, nth: usize, id: &str) -> Option<Span> {
        let listed = self.waves.get(wave).and_then(|wave| wave.tasks.get(nth));
        listed.map(|named| named.span).or_else(|| self.arrows.get(id).copied())
    }
}

/// The tasks by what a graph may call them.
struct Known<'a> {
    by_id: HashMap<&'a str, usize>,
    /// Lower-case titles; `None` for titles that several tasks have.
    by_title: BTreeMap<String, Option<usize>>,
}

/// Bytes that the beginning of a title needs to stand for it.
const TITLE_BYTES_MIN: usize = 12;

impl<'a> Known<'a> {
    fn of(tasks: &'a Tasks) -> Known<'a> {
        let mut known = Known { by_id: HashMap::new(), by_title: BTreeMap::new() };
        for (at, task) in tasks.tasks.iter().enumerate() {
            known.by_id.entry(task.id.as_str()).or_insert(at);
            let title = plain(&task.title);
            known.by_title.entry(title).and_modify(|known| *known = None).or_insert(Some(at));
        }
        known
    }

    /// The task that is meant, and whether it is called by its id.
    fn resolve(&self, id: &str) -> (Option<usize>, bool) {
        if let Some(at) = self.by_id.get(id) {
            return (Some(*at), true);
        }
        let lower = plain(id);
        let bare = lower
            .strip_prefix("task")
            .map_or(lower.as_str(), |rest| rest.trim_start_matches([' ', '-', '_']));
        let number = bare.split(' ').next().unwrap_or_default().trim_end_matches(['.', ':']);
        if let Some(at) = self.by_id.get(number) {
            return (Some(*at), false);
        }
        if let Some(at) = self.by_title.get(&lower) {
            return (*at, false);
        }
        // Truncated titles: the beginning must be long, and of one task only.
        let begin = lower.trim_end_matches(['.', '…', ' ']);
        if begin.len() < TITLE_BYTES_MIN {
            return (None, false);
        }
        let mut hits =
            self.by_title.range(begin.to_string()..).take_while(|(title, _)| title.starts_with(begin));
        match (hits.next(), hits.next()) {
            (Some((_, at)), None) => (*at, false),
            _ => (None, false),
        }
    }
}

fn plain(text: &str) -> String {
    text.replace(['*', '`'], "").trim().to_lowercase()
}

//! Task graphs written as text: mermaid diagrams, lines of arrows, lines such as `Wave 1: 1.1, 1.2`.

use std::collections::HashMap;

use crate::Span;
use crate::inline::label_of;
use crate::task_id;
use crate::waves::{Claim, ClaimWave, EDGES_MAX, Edge, Named, Shape, WAVE_TASKS_MAX, WAVES_MAX};
use crate::words;

/// Arrows that say "comes before", the longest first.
const ARROWS: &[&str] = &["-.->", "-->", "==>", "--->", "->", "=>", "→", "⟶", "➔", "➜", "⇒"];

/// Bytes of one line that are looked at; a longer one is no line of a diagram.
const LINE_BYTES_MAX: usize = 4_096;

/// Whether the text is a mermaid diagram although its fence does not say so.
pub(crate) fn is_mermaid(text: &str) -> bool {
    let first = text.trim_start().split([' ', '\n', '\r']).next().unwrap_or_default();
    matches!(first, "graph" | "flowchart")
}

/// Reads `A[1.1 Title] --> B & C`; spans count from `base`.
pub(crate) fn mermaid(text: &str, base: usize) -> Option<Claim> {
    let mut labels: HashMap<String, String> = HashMap::new();
    let mut edges = Vec::new();
    for (offset, line) in lines(text) {
        if edges.len() > EDGES_MAX {
            break;
        }
        let first = line.split_whitespace().next().unwrap_or_default();
        if matches!(
            first,
            "graph" | "flowchart" | "subgraph" | "end" | "style" | "classDef" | "class" | "linkStyle"
        ) || line.starts_with("%%")
        {
            continue;
        }
        let sides: Vec<Vec<Named>> = sides(line)
            .into_iter()
            .map(|(at, side)| {
                let nodes = parts(side, &['&']).into_iter();
                nodes
                    .filter_map(|(inner, node)| node_of(node, base + offset + at + inner, &mut labels))
                    .collect()
            })
            .collect();
        link(&sides, &mut edges);
    }
    for edge in &mut edges {
        edge.from.label = labels.get(&edge.from.text).cloned();
        edge.to.label = labels.get(&edge.to.text).cloned();
    }
    claim(Shape::Mermaid, Vec::new(), edges)
}

/// Reads lines of arrows, or lines that name a wave and its tasks.
pub(crate) fn plain(text: &str, base: usize) -> Option<Claim> {
    let (mut edges, mut waves) = (Vec::new(), Vec::new());
    for (offset, line) in lines(text) {
        if edges.len() > EDGES_MAX {
            break;
        }
        if ARROWS.iter().any(|arrow| line.contains(arrow)) {
            let sides: Vec<Vec<Named>> =
                sides(line).into_iter().map(|(at, side)| tasks(side, base + offset + at)).collect();
            link(&sides, &mut edges);
        } else if waves.len() <= WAVES_MAX
            && let Some((label, value)) = label_of(line)
            && let Some(wave) = wave_of(label, value, line, base + offset, waves.len())
        {
            waves.push(wave);
        }
    }
    match waves.is_empty() {
        true => claim(Shape::Arrows, waves, edges),
        // `Wave 1: 1.1 → 1.2` says both, and the waves are the plainer word.
        false => claim(Shape::Lines, waves, Vec::new()),
    }
}

fn claim(shape: Shape, waves: Vec<ClaimWave>, edges: Vec<Edge>) -> Option<Claim> {
    let is_empty = waves.is_empty() && edges.is_empty();
    let span = Span::default();
    (!is_empty).then_some(Claim { shape, waves, edges, span, is_strict_kiro: false })
}

/// The trimmed lines that are short enough, with the place of each.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').filter_map(move |raw| {
        let start = at;
        at += raw.len();
        let line = raw.trim();
        let lead = raw.len() - raw.trim_start().len();
        (!line.is_empty() && line.len() <= LINE_BYTES_MAX).then_some((start + lead, line))
    })
}

/// The pieces between the arrows, with their places. Text on an arrow (`-- yes -->`, `-->|yes|`) is left out.
fn sides(line: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some((at, arrow)) = next_arrow(line, from) {
        found.push((from, line.get(from..at).unwrap_or_default()));
        from = at + arrow;
        let rest = line.get(from..).unwrap_or_default();
        if let Some(label) = rest.trim_start().strip_prefix('|')
            && let Some(end) = label.find('|')
        {
            from = line.len() - label.len() + end + 1;
        }
    }
    found.push((from, line.get(from..).unwrap_or_default()));
    let cut = |(at, side): (usize, &str)| {
        let end = side.find("-- ").or_else(|| side.find("== ")).unwrap_or(side.len());
        (at, end)
    };
    found.into_iter().map(|(at, side)| (at, side.get(..cut((at, side)).1).unwrap_or(side))).collect()
}

/// The next arrow outside quotes and brackets: its place and its length.
fn next_arrow(line: &str, from: usize) -> Option<(usize, usize)> {
    let (mut depth, mut is_quoted) = (0usize, false);
    for (at, c) in line.get(from..)?.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '[' | '(' | '{' if !is_quoted => depth += 1,
            ']' | ')' | '}' if !is_quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && !is_quoted {
            let rest = line.get(from + at..)?;
            // `A --- B` says only that both are near.
            if let Some(arrow) = ARROWS.iter().find(|arrow| rest.starts_with(**arrow)) {
                return Some((from + at, arrow.len()));
            }
        }
    }
    None
}

fn parts<'a>(side: &'a str, separators: &[char]) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    let (mut from, mut depth) = (0, 0usize);
    for (at, c) in side.char_indices() {
        match c {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth = depth.saturating_sub(1),
            c if depth == 0 && separators.contains(&c) => {
                found.push((from, side.get(from..at).unwrap_or_default()));
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    found.push((from, side.get(from..).unwrap_or_default()));
    let trim = |(at, part): (usize, &'a str)| (at + (part.len() - part.trim_start().len()), part.trim());
    found.into_iter().map(trim).filter(|(_, part)| !part.is_empty()).collect()
}

/// A node and what the diagram shows for it: `T1["1.1 Set up"]`, `T1(…)`, `T1:::done`.
fn node_of(node: &str, at: usize, labels: &mut HashMap<String, String>) -> Option<Named> {
    let end = node.find(['[', '(', '{', ':', ';', ' ', '>']).unwrap_or(node.len());
    let name = node.get(..end)?;
    if name.is_empty() {
        return None;
    }
    let shown = node.get(end..)?.trim_matches(|c: char| "[](){}\"';> ".contains(c));
    if !shown.is_empty() && !shown.starts_with(':') {
        labels.entry(name.to_string()).or_insert_with(|| shown.to_string());
    }
    Some(Named { text: name.to_string(), label: None, span: Span { offset: at, len: name.len() } })
}

/// The tasks that a piece of text names: `1.1, 1.2`, `Task 3`, `T001 (setup)`.
fn tasks(side: &str, at: usize) -> Vec<Named> {
    let mut found = Vec::new();
    for (inner, part) in parts(side, &[',', '、', '，', '&', '+', ';', '|']) {
        let bare = part.trim_start_matches(|c: char| "-*•[(`\"'{".contains(c) || c.is_whitespace());
        let behind = bare.get(words::task_word(bare).unwrap_or(0)..).unwrap_or(bare).trim_start();
        let Some(id) = task_id::take(behind) else { continue };
        let is_over = behind.get(id.len..).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
        if is_over && found.len() <= WAVE_TASKS_MAX {
            let offset = at + inner + (part.len() - behind.len());
            found.push(Named { text: id.text, label: None, span: Span { offset, len: id.len } });
        }
    }
    found
}

fn wave_of(label: &str, value: &str, line: &str, at: usize, number: usize) -> Option<ClaimWave> {
    let folded = words::fold(label);
    let word = folded.split(' ').next().unwrap_or_default();
    let is_counted = folded.chars().any(|c| c.is_ascii_digit());
    if !is_counted || !words::is_phase(word.trim_end_matches(|c: char| c.is_ascii_digit())) {
        return None;
    }
    let start = line.rfind(value).filter(|_| !value.is_empty())?;
    let tasks = tasks(value, at + start);
    (!tasks.is_empty()).then(|| ClaimWave {
        number,
        name: Some(label.to_string()),
        depends_on: Vec::new(),
        tasks,
    })
}

/// Every task of a side comes before every task of the next.
fn link(sides: &[Vec<Named>], edges: &mut Vec<Edge>) {
    for (from, to) in sides.iter().zip(sides.iter().skip(1)) {
        for from in from {
            for to in to {
                if edges.len() <= EDGES_MAX {
                    edges.push(Edge { from: from.clone(), to: to.clone() });
                }
            }
        }
    }
}

//! Rings among the dependencies that a document states, each as short as it gets. Opens none of them.

use std::collections::VecDeque;

use super::sketch::Sketch;

/// Tasks that wait for each other: each waits for the next, and the last for the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// The ids, beginning with the one that stands highest in the document.
    pub tasks: Vec<String>,
}

/// Rings shown for one graph.
pub(super) const CYCLES_MAX: usize = 50;

/// Nodes of one knot that a shortest ring is looked for through.
const STARTS_MAX: usize = 16;

/// Node indices of one ring for each knot of nodes that reach each other, in the order `a waits for b waits for …`, and
/// for each node the number of its knot. Linear in nodes and links, times a constant.
pub(super) fn rings(count: usize, sketch: &Sketch) -> (Vec<Vec<usize>>, Vec<usize>) {
    let total = count + sketch.gates.len();
    // From a task to what it waits for.
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); total];
    let mut link = |from: usize, to: usize| {
        if let Some(list) = before.get_mut(to) {
            list.push(from);
        }
    };
    for (from, to, _) in sketch.pairs() {
        link(from, to);
    }
    for (at, gate) in sketch.gates.iter().enumerate() {
        gate.before.iter().for_each(|from| link(*from, count + at));
        gate.after.iter().for_each(|to| link(count + at, *to));
    }
    before.iter_mut().for_each(|list| list.sort_unstable());
    let knot = knots(&before);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); total];
    for (node, knot) in knot.iter().enumerate().filter(|(node, _)| *node < count) {
        if let Some(list) = members.get_mut(*knot) {
            list.push(node);
        }
    }
    let mut found: Vec<Vec<usize>> = Vec::new();
    let mut seen = vec![0usize; total];
    let mut stamp = 0usize;
    for list in members.iter().filter(|list| list.len() > 1) {
        let mut best: Option<Vec<usize>> = None;
        for start in list.iter().take(STARTS_MAX) {
            stamp += 1;
            let ring = shortest(*start, &before, &knot, &mut seen, stamp, total);
            let length = |ring: &Vec<usize>| ring.iter().filter(|node| **node < count).count();
            if let Some(ring) = ring
                && best.as_ref().is_none_or(|best| length(&ring) < length(best))
            {
                best = Some(ring);
            }
        }
        found.extend(best.map(|ring| ring.into_iter().filter(|node| *node < count).collect()));
    }
    found.sort();
    found.truncate(CYCLES_MAX);
    (found, knot)
}

/// The shortest way from `start` back to it, inside its knot.
fn shortest(
    start: usize,
    before: &[Vec<usize>],
    knot: &[usize],
    seen: &mut [usize],
    stamp: usize,
    total: usize,
) -> Option<Vec<usize>> {
    let mut came: Vec<(usize, usize)> = vec![(start, total)];
    let mut queue: VecDeque<usize> = VecDeque::from([0]);
    while let Some(at) = queue.pop_front() {
        let (node, _) = *came.get(at)?;
        for next in before.get(node)? {
            if *next == start {
                let mut ring = Vec::new();
                let mut step = at;
                while let Some((node, above)) = came.get(step) {
                    ring.push(*node);
                    step = *above;
                }
                ring.reverse();
                return Some(ring);
            }
            let mark = seen.get_mut(*next)?;
            if knot.get(*next) == knot.get(start) && *mark != stamp {
                *mark = stamp;
                queue.push_back(came.len());
                came.push((*next, at));
            }
        }
    }
    None
}

/// Tarjan's strongly connected components without recursion: for each node the number of its knot.
fn knots(next: &[Vec<usize>]) -> Vec<usize> {
    const NEW: usize = usize::MAX;
    let count = next.len();
    let (mut index, mut low, mut knot) = (vec![NEW; count], vec![0usize; count], vec![NEW; count]);
    let (mut stack, mut clock, mut knots) = (Vec::new(), 0usize, 0usize);
    let mut work: Vec<(usize, usize)> = Vec::new();
    for root in 0..count {
        if index.get(root) == Some(&NEW) {
            work.push((root, 0));
        }
        while let Some((node, child)) = work.pop() {
            if child == 0 {
                set(&mut index, node, clock);
                set(&mut low, node, clock);
                clock += 1;
                stack.push(node);
            }
            if let Some(to) = next.get(node).and_then(|list| list.get(child)).copied() {
                work.push((node, child + 1));
                match (index.get(to), knot.get(to)) {
                    (Some(&NEW), _) => work.push((to, 0)),
                    (Some(seen), Some(&NEW)) => {
                        let least = low.get(node).copied().unwrap_or(NEW).min(*seen);
                        set(&mut low, node, least);
                    }
                    _ => {}
                }
                continue;
            }
            if low.get(node) == index.get(node) {
                while let Some(member) = stack.pop() {
                    set(&mut knot, member, knots);
                    if member == node {
                        break;
                    }
                }
                knots += 1;
            }
            if let Some((above, _)) = work.last().copied() {
                let least = low.get(above).copied().unwrap_or(NEW).min(low.get(node).copied().unwrap_or(NEW));
                set(&mut low, above, least);
            }
        }
    }
    knot
}

fn set(list: &mut [usize], at: usize, value: usize) {
    if let Some(place) = list.get_mut(at) {
        *place = value;
    }
}

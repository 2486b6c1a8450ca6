//! Edges while they are collected: each pair once, with its reasons, and gates where pairs would be too many. Knows no
//! tasks.

use std::collections::HashMap;

use super::reason::Reason;
use super::{Edge, Gate};

/// Pairs that one statement may make edges of; beyond, it becomes a gate.
pub const PAIRS_MAX: usize = 64;

/// Ends of edges and gates in one graph; what lies beyond is left out, and a fault says so.
pub const LINKS_MAX: usize = 200_000;

/// Reasons kept for one edge.
pub const REASONS_MAX: usize = 6;

#[derive(Debug, Default)]
pub(super) struct Sketch {
    edges: HashMap<(usize, usize), Vec<Reason>>,
    pub(super) gates: Vec<Gate>,
    links: usize,
    /// Something was left out.
    pub(super) is_full: bool,
}

impl Sketch {
    /// One edge more, or one reason more for an edge that is there.
    pub(super) fn edge(&mut self, from: usize, to: usize, reason: Reason) {
        if from == to {
            return;
        }
        if let Some(reasons) = self.edges.get_mut(&(from, to)) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
                reasons.sort();
                reasons.truncate(REASONS_MAX);
            }
        } else if self.has_room(2) {
            self.edges.insert((from, to), vec![reason]);
        }
    }

    /// Everything in `after` waits for everything in `before`.
    pub(super) fn barrier(
        &mut self,
        before: &[usize],
        after: &[usize],
        reason: impl Fn(usize, usize) -> Reason,
    ) {
        let (Some(first), Some(last)) = (before.first(), after.first()) else { return };
        if before.len().saturating_mul(after.len()) <= PAIRS_MAX {
            for from in before {
                for to in after {
                    self.edge(*from, *to, reason(*from, *to));
                }
            }
        } else if self.has_room(before.len() + after.len()) {
            let reason = reason(*first, *last);
            self.gates.push(Gate { before: before.to_vec(), after: after.to_vec(), reason });
        }
    }

    fn has_room(&mut self, links: usize) -> bool {
        let has_room = self.links + links <= LINKS_MAX;
        self.is_full |= !has_room;
        self.links += if has_room { links } else { 0 };
        has_room
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize, &[Reason])> {
        self.edges.iter().map(|((from, to), reasons)| (*from, *to, reasons.as_slice()))
    }

    /// The edges by `to`, then `from`.
    pub(super) fn into_edges(self) -> (Vec<Edge>, Vec<Gate>) {
        let mut edges: Vec<Edge> =
            self.edges.into_iter().map(|((from, to), reasons)| Edge { from, to, reasons }).collect();
        edges.sort_by_key(|edge| (edge.to, edge.from));
        (edges, self.gates)
    }
}

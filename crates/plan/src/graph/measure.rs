//! How long a graph takes: levels, the longest chain, the ready queue against waves. Weights are any unit; without
//! them each task counts 1.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::Graph;

/// A gain up to this share of the serial time is not worth the trouble of running tasks beside each other: real graphs
/// below it were slower when run in parallel.
pub const NOT_WORTH_IT_PERCENT: u64 = 134;

/// What running tasks beside each other would bring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The leaves counted.
    pub tasks: usize,
    /// The sum of all weights: one task after the other.
    pub serial: u64,
    /// The weight of the longest chain: no number of workers is faster.
    pub longest: u64,
    /// The ids of one longest chain, in order.
    pub critical_path: Vec<String>,
    /// The serial time in percent of the longest chain; 100 is no gain.
    pub gain_percent: u64,
    /// The gain is worth it: above [`NOT_WORTH_IT_PERCENT`].
    pub is_worth_it: bool,
}

impl Graph {
    /// What running the tasks beside each other would bring, each task counting 1.
    pub fn summary(&self) -> Summary {
        self.summary_of(&vec![1; self.nodes.len()])
    }

    /// The same with a weight for each node, for example 0 for those that are done; a missing weight counts 0.
    pub fn summary_of(&self, weights: &[u64]) -> Summary {
        let serial: u64 = self.nodes.iter().enumerate().map(|(node, _)| weight(weights, node)).sum();
        let (longest, path) = self.longest(weights);
        let gain_percent = serial.saturating_mul(100).checked_div(longest).unwrap_or(100);
        Summary {
            tasks: self.nodes.len(),
            serial,
            longest,
            critical_path: path.into_iter().map(|node| self.id(node).to_string()).collect(),
            gain_percent,
            is_worth_it: gain_percent > NOT_WORTH_IT_PERCENT,
        }
    }

    /// For each node how many tasks stand before it in its longest chain.
    pub fn levels(&self) -> Vec<usize> {
        self.levels_with(&self.order, &HashMap::new())
    }

    /// The same in another order that keeps all edges, with more edges: for some nodes what comes before.
    pub(super) fn levels_with(&self, order: &[usize], more: &HashMap<usize, Vec<usize>>) -> Vec<usize> {
        let ends = self.ends(&vec![1; self.nodes.len()], order, more);
        ends.iter().map(|(end, _)| usize::try_from(end.saturating_sub(1)).unwrap_or(usize::MAX)).collect()
    }

    /// When each node ends if it starts as soon as it may, and the node that it waited for last.
    fn ends(
        &self,
        weights: &[u64],
        order: &[usize],
        more: &HashMap<usize, Vec<usize>>,
    ) -> Vec<(u64, Option<usize>)> {
        let mut ends: Vec<(u64, Option<usize>)> = vec![(0, None); self.nodes.len()];
        let mut gate_ends: Vec<Option<(u64, Option<usize>)>> = vec![None; self.gates.len()];
        let latest = |best: (u64, Option<usize>), next: (u64, usize)| {
            if best.1.is_none() || next.0 > best.0 { (next.0, Some(next.1)) } else { best }
        };
        for node in order {
            let mut start = (0, None);
            let (edges, gates) = self.links_into(*node);
            for edge in edges.iter().filter_map(|at| self.edges.get(*at)) {
                if self.is_kept(edge.from, edge.to) {
                    start = latest(start, (end_of(&ends, edge.from), edge.from));
                }
            }
            for from in more.get(node).into_iter().flatten() {
                start = latest(start, (end_of(&ends, *from), *from));
            }
            for at in gates {
                let known = gate_ends.get(*at).copied().flatten();
                let (end, from) = known.unwrap_or_else(|| {
                    let before = self.gates.get(*at).map(|gate| gate.before.as_slice()).unwrap_or_default();
                    before.iter().fold((0, None), |best, from| latest(best, (end_of(&ends, *from), *from)))
                });
                if let Some(place) = gate_ends.get_mut(*at) {
                    *place = Some((end, from));
                }
                start = from.map_or(start, |from| latest(start, (end, from)));
            }
            if let Some(place) = ends.get_mut(*node) {
                *place = (start.0.saturating_add(weight(weights, *node)), start.1);
            }
        }
        ends
    }

    fn longest(&self, weights: &[u64]) -> (u64, Vec<usize>) {
        let ends = self.ends(weights, &self.order, &HashMap::new());
        let last = ends.iter().enumerate().max_by_key(|(node, (end, _))| (*end, Reverse(*node)));
        let Some((last, (longest, _))) = last else { return (0, Vec::new()) };
        let mut path = vec![last];
        while let Some(before) = path.last().and_then(|node| ends.get(*node)).and_then(|(_, from)| *from) {
            path.push(before);
        }
        path.reverse();
        (*longest, path)
    }

    /// How long the whole takes when a task starts as soon as everything before it is done and one of `workers` is
    /// free, longest remaining chain first. With enough workers no order of waves that keeps the edges is faster; with
    /// few, waves can be faster by luck. `None` for any number of workers.
    pub fn ready_queue(&self, weights: &[u64], workers: Option<usize>) -> u64 {
        let Some(workers) = workers else { return self.longest(weights).0 };
        let rank = self.remaining(weights);
        let (mut waiting, after) = self.links();
        let mut free: BinaryHeap<(u64, Reverse<usize>)> = BinaryHeap::new();
        let count = self.nodes.len();
        let ready = |node: usize| (rank.get(node).copied().unwrap_or_default(), Reverse(node));
        free.extend((0..count).filter(|node| waiting.get(*node) == Some(&0)).map(ready));
        let mut running: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
        let mut now = 0;
        loop {
            while running.len() < workers.max(1)
                && let Some((_, Reverse(node))) = free.pop()
            {
                running.push(Reverse((now + weight(weights, node), node)));
            }
            let Some(Reverse((end, node))) = running.pop() else { return now };
            now = end;
            let mut done = vec![node];
            while let Some(node) = done.pop() {
                for to in after.get(node).into_iter().flatten() {
                    let Some(left) = waiting.get_mut(*to) else { continue };
                    *left = left.saturating_sub(1);
                    match *left == 0 {
                        true if *to >= count => done.push(*to),
                        true => free.push(ready(*to)),
                        false => {}
                    }
                }
            }
        }
    }

    /// For nodes, and for gates behind them, how many links end there and what follows; edges of rings left out.
    fn links(&self) -> (Vec<usize>, Vec<Vec<usize>>) {
        let count = self.nodes.len();
        let mut waiting = vec![0usize; count + self.gates.len()];
        let mut after: Vec<Vec<usize>> = vec![Vec::new(); count + self.gates.len()];
        let mut link = |from: usize, to: usize| {
            if let (Some(list), Some(left)) = (after.get_mut(from), waiting.get_mut(to)) {
                list.push(to);
                *left += 1;
            }
        };
        for edge in self.edges.iter().filter(|edge| self.is_kept(edge.from, edge.to)) {
            link(edge.from, edge.to);
        }
        for (at, gate) in self.gates.iter().enumerate() {
            gate.before.iter().for_each(|from| link(*from, count + at));
            gate.after.iter().for_each(|to| link(count + at, *to));
        }
        (waiting, after)
    }

    /// The weight of the longest chain that begins with each node.
    fn remaining(&self, weights: &[u64]) -> Vec<u64> {
        let (_, after) = self.links();
        let count = self.nodes.len();
        let mut rest = vec![0u64; count + self.gates.len()];
        let tail = |rest: &[u64], at: usize| {
            let after = after.get(at).into_iter().flatten();
            after.filter_map(|to| rest.get(*to)).copied().max().unwrap_or_default()
        };
        let mut is_known = vec![false; self.gates.len()];
        for node in self.order.iter().rev() {
            for gate in after.get(*node).into_iter().flatten().filter(|to| **to >= count) {
                if let Some(known) = is_known.get_mut(*gate - count).filter(|known| !**known) {
                    *known = true;
                    let value = tail(&rest, *gate);
                    rest.get_mut(*gate).into_iter().for_each(|place| *place = value);
                }
            }
            let value = tail(&rest, *node).saturating_add(weight(weights, *node));
            rest.get_mut(*node).into_iter().for_each(|place| *place = value);
        }
        rest.truncate(count);
        rest
    }

    /// How long the whole takes when a wave starts only when the one before it is done. Tasks in no wave count at the
    /// end, one after the other.
    pub fn wave_time(&self, waves: &[Vec<usize>], weights: &[u64], workers: Option<usize>) -> u64 {
        let mut is_listed = vec![false; self.nodes.len()];
        let mut total = 0u64;
        for wave in waves {
            let mut lanes: BinaryHeap<Reverse<u64>> =
                (0..workers.unwrap_or(wave.len()).clamp(1, wave.len().max(1))).map(|_| Reverse(0)).collect();
            let mut tasks: Vec<u64> = wave.iter().map(|node| weight(weights, *node)).collect();
            tasks.sort_unstable_by_key(|weight| Reverse(*weight));
            for task in tasks {
                if let Some(Reverse(end)) = lanes.pop() {
                    lanes.push(Reverse(end + task));
                }
            }
            total += lanes.into_iter().map(|Reverse(end)| end).max().unwrap_or_default();
            for node in wave {
                is_listed.get_mut(*node).into_iter().for_each(|listed| *listed = true);
            }
        }
        let rest = is_listed.iter().enumerate().filter(|(_, listed)| !**listed);
        total + rest.map(|(node, _)| weight(weights, node)).sum::<u64>()
    }
}

fn weight(weights: &[u64], node: usize) -> u64 {
    weights.get(node).copied().unwrap_or_default()
}

fn end_of(ends: &[(u64, Option<usize>)], node: usize) -> u64 {
    ends.get(node).map(|(end, _)| *end).unwrap_or_default()
}

//! One order of all nodes that keeps what the document states, as near as possible to waves and document. Where tasks
//! wait for each other, the ring is opened before its first task.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::sketch::Sketch;

/// Node indices in order. `key` says where a node would like to stand; ties are decided by the index. `n·log n`.
pub(super) fn order(key: &[usize], sketch: &Sketch) -> Vec<usize> {
    let count = key.len();
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); count + sketch.gates.len()];
    let mut waiting = vec![0usize; count + sketch.gates.len()];
    {
        let mut link = |from: usize, to: usize| {
            if let (Some(list), Some(count)) = (after.get_mut(from), waiting.get_mut(to)) {
                list.push(to);
                *count += 1;
            }
        };
        for (from, to, _) in sketch.pairs() {
            link(from, to);
        }
        for (at, gate) in sketch.gates.iter().enumerate() {
            gate.before.iter().for_each(|from| link(*from, count + at));
            gate.after.iter().for_each(|to| link(count + at, *to));
        }
    }
    let rank = |node: usize| (key.get(node).copied().unwrap_or_default(), node);
    let mut left: BTreeSet<(usize, usize)> = (0..count).map(rank).collect();
    let mut free: BinaryHeap<Reverse<(usize, usize)>> =
        (0..count).filter(|node| waiting.get(*node) == Some(&0)).map(|node| Reverse(rank(node))).collect();
    let mut out = Vec::with_capacity(count);
    while let Some(next) = free.pop().map(|Reverse(next)| next).or_else(|| left.first().copied()) {
        if !left.remove(&next) {
            continue;
        }
        out.push(next.1);
        let mut done = vec![next.1];
        while let Some(node) = done.pop() {
            for to in after.get_mut(node).map(std::mem::take).unwrap_or_default() {
                let Some(count_left) = waiting.get_mut(to) else { continue };
                *count_left = count_left.saturating_sub(1);
                if *count_left > 0 {
                    continue;
                }
                if to >= count {
                    done.push(to);
                } else if left.contains(&rank(to)) {
                    free.push(Reverse(rank(to)));
                }
            }
        }
    }
    out
}

//! One order of all nodes that keeps what the document states, as near as possible to waves and document. Where tasks
//! wait for each other, the ring is opened before its first task.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::sketch::Sketch;

/// Node indices in order. `key` says where a node would like to stand; ties are decided by the index. `knot` numbers the
/// knots of nodes and gates: only edges inside a knot are not kept. `n·log n`.
pub(super) fn order(key: &[usize], knot: &[usize], sketch: &Sketch) -> Vec<usize> {
    let mut work = Work::of(key, knot, sketch);
    let mut out = Vec::with_capacity(key.len());
    while let Some(next) = work.next() {
        out.push(next);
        work.done(next);
    }
    out
}

struct Work<'a> {
    key: &'a [usize],
    knot: &'a [usize],
    /// For nodes, and for gates behind them: what follows, and how many links from open ones end there.
    after: Vec<Vec<usize>>,
    waiting: Vec<usize>,
    /// For each knot how many links from other knots are open.
    from_outside: Vec<usize>,
    members: Vec<Vec<usize>>,
    left: Vec<bool>,
    free: BinaryHeap<Reverse<(usize, usize)>>,
    /// Open nodes of knots that wait for nobody but themselves.
    knotted: BinaryHeap<Reverse<(usize, usize)>>,
}

impl<'a> Work<'a> {
    fn of(key: &'a [usize], knot: &'a [usize], sketch: &Sketch) -> Work<'a> {
        let (count, total) = (key.len(), key.len() + sketch.gates.len());
        let mut work = Work {
            key,
            knot,
            after: vec![Vec::new(); total],
            waiting: vec![0; total],
            from_outside: vec![0; total],
            members: vec![Vec::new(); total],
            left: vec![true; total],
            free: BinaryHeap::new(),
            knotted: BinaryHeap::new(),
        };
        for (from, to, _) in sketch.pairs() {
            work.link(from, to);
        }
        for (at, gate) in sketch.gates.iter().enumerate() {
            gate.before.iter().for_each(|from| work.link(*from, count + at));
            gate.after.iter().for_each(|to| work.link(count + at, *to));
        }
        for node in 0..count {
            if let Some(list) = knot.get(node).and_then(|knot| work.members.get_mut(*knot)) {
                list.push(node);
            }
            if work.waiting.get(node) == Some(&0) {
                work.free.push(work.rank(node));
            }
        }
        (0..total).for_each(|knot| work.open(knot));
        work
    }

    fn link(&mut self, from: usize, to: usize) {
        let (Some(list), Some(count)) = (self.after.get_mut(from), self.waiting.get_mut(to)) else { return };
        list.push(to);
        *count += 1;
        if self.knot.get(from) != self.knot.get(to)
            && let Some(open) = self.knot.get(to).and_then(|knot| self.from_outside.get_mut(*knot))
        {
            *open += 1;
        }
    }

    fn rank(&self, node: usize) -> Reverse<(usize, usize)> {
        Reverse((self.key.get(node).copied().unwrap_or_default(), node))
    }

    /// A knot that waits for nobody outside may be opened anywhere.
    fn open(&mut self, knot: usize) {
        if self.from_outside.get(knot) == Some(&0) {
            let members = self.members.get_mut(knot).map(std::mem::take).unwrap_or_default();
            for node in members {
                self.knotted.push(self.rank(node));
            }
        }
    }

    /// The next free node; when there is none, the first node of an open knot.
    fn next(&mut self) -> Option<usize> {
        for heap in [&mut self.free, &mut self.knotted] {
            while let Some(Reverse((_, node))) = heap.pop() {
                if let Some(left) = self.left.get_mut(node).filter(|left| **left) {
                    *left = false;
                    return Some(node);
                }
            }
        }
        None
    }

    fn done(&mut self, node: usize) {
        let mut done = vec![node];
        while let Some(node) = done.pop() {
            for to in self.after.get_mut(node).map(std::mem::take).unwrap_or_default() {
                if self.knot.get(node) != self.knot.get(to)
                    && let Some(knot) = self.knot.get(to).copied()
                    && let Some(open) = self.from_outside.get_mut(knot)
                {
                    *open = open.saturating_sub(1);
                    self.open(knot);
                }
                let Some(waiting) = self.waiting.get_mut(to) else { continue };
                *waiting = waiting.saturating_sub(1);
                if *waiting > 0 {
                    continue;
                }
                if to < self.key.len() {
                    self.free.push(self.rank(to));
                } else {
                    done.push(to);
                }
            }
        }
    }
}

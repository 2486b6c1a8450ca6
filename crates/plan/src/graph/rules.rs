//! The rules that find edges which nobody stated: checkpoints, waves, marks, boundaries. Each keeps to the order that
//! is settled before, so none of them can close a ring.

use std::collections::{HashMap, HashSet};

use super::fault::{FAULTS_MAX, Fault, FaultKind};
use super::infer::Draft;
use super::reason::Reason;

impl Draft<'_> {
    /// A checkpoint waits for all tasks above it, and the tasks below wait for it, unless the waves say otherwise.
    pub(super) fn checkpoints(&mut self, key: &[usize], place: &[usize]) {
        let goes = |from: usize, to: usize| place.get(from) < place.get(to);
        let wave = |node: usize| key.get(node).copied().unwrap_or_default();
        let (mut since, mut last): (Vec<usize>, Option<usize>) = (Vec::new(), None);
        let mut passed: HashMap<usize, usize> = HashMap::new();
        let mut passes: Vec<(usize, usize)> = Vec::new();
        for node in 0..self.nodes.len() {
            if let Some(checkpoint) = last {
                // What the waves put beside or before the tasks above the checkpoint does not wait for it; another checkpoint neither.
                let is_claimed = self.nodes.get(node).is_some_and(|node| node.claimed_wave.is_some());
                if goes(checkpoint, node) && !(is_claimed && wave(node) <= wave(checkpoint)) {
                    self.sketch.edge(checkpoint, node, Reason::Checkpoint);
                } else if *passed.entry(checkpoint).and_modify(|count| *count += 1).or_insert(1) == 1 {
                    passes.push((checkpoint, node));
                }
            }
            if self.nodes.get(node).is_some_and(|node| node.is_checkpoint) {
                for from in since.drain(..) {
                    if goes(from, node) {
                        self.sketch.edge(from, node, Reason::Checkpoint);
                    }
                }
                last = Some(node);
            } else {
                since.push(node);
            }
        }
        for (checkpoint, node) in passes {
            let (Some(stop), Some(first)) = (self.nodes.get(checkpoint), self.nodes.get(node)) else {
                continue;
            };
            let message =
                format!("task `{}` may run before checkpoint `{}`, which stands above it", first.id, stop.id);
            let span = self.listed_at.get(&node).copied().unwrap_or(first.span);
            let fault =
                Fault::new(FaultKind::CheckpointPassed, span, &[&first.id, &stop.id], message).likely();
            self.faults.push(
                fault.hint(format!("put `{}` into a wave behind the tasks above the checkpoint", first.id)),
            );
        }
    }

    /// Leaves that the graph does not name wait for the task above them.
    pub(super) fn unlisted(&mut self, place: &[usize]) {
        for node in 1..self.nodes.len() {
            let is_out =
                self.nodes.get(node).is_some_and(|node| node.claimed_wave.is_none() && !node.is_checkpoint);
            if is_out && place.get(node - 1) < place.get(node) {
                self.sketch.edge(node - 1, node, Reason::DocumentOrder);
            }
        }
    }

    /// A wave's claim is taken over where nothing else explains it: a task that has a real reason to wait for some task
    /// of the wave before waits for that one only, any other waits for the whole wave.
    pub(super) fn claims(&mut self, key: &[usize], place: &[usize], waves: &[Vec<usize>]) {
        let claimed = |node: usize| self.nodes.get(node).and_then(|node| node.claimed_wave);
        let explains = |reason: &Reason| {
            reason.is_stated() || matches!(reason, Reason::Checkpoint | Reason::Produces { .. })
        };
        let mut is_explained = vec![false; self.nodes.len()];
        let mut confirmed: Vec<(usize, usize, usize)> = Vec::new();
        for (from, to, reasons) in
            self.sketch.pairs().filter(|(from, to, _)| place.get(*from) < place.get(*to))
        {
            // A checkpoint that is not listed stands behind the latest wave above it.
            let is_stop = self.nodes.get(from).is_some_and(|node| node.is_checkpoint);
            let before = claimed(from).or_else(|| key.get(from).copied().filter(|_| is_stop));
            let Some((before, after)) = before.zip(claimed(to)) else { continue };
            if before + 1 == after && reasons.iter().any(explains) {
                is_explained.get_mut(to).into_iter().for_each(|known| *known = true);
                if claimed(from).is_some() {
                    confirmed.push((from, to, before));
                }
            }
        }
        for gate in &self.sketch.gates {
            let before: Vec<usize> = gate.before.iter().filter_map(|node| claimed(*node)).collect();
            for to in &gate.after {
                if claimed(*to).is_some_and(|after| after > 0 && before.contains(&(after - 1))) {
                    is_explained.get_mut(*to).into_iter().for_each(|known| *known = true);
                }
            }
        }
        for (from, to, before) in confirmed {
            self.sketch.edge(from, to, Reason::WaveClaim { before, after: before + 1 });
        }
        for (number, pair) in waves.windows(2).enumerate() {
            let [before, after] = pair else { continue };
            let (before, open): (&[usize], Vec<usize>) = (
                before,
                after.iter().copied().filter(|node| is_explained.get(*node) != Some(&true)).collect(),
            );
            let claim = Reason::WaveClaim { before: number, after: number + 1 };
            let last = before.iter().filter_map(|node| place.get(*node)).max();
            let is_clean = open.iter().all(|node| place.get(*node) > last);
            if is_clean {
                self.sketch.barrier(before, &open, |_, _| claim.clone());
                continue;
            }
            // A stated dependency denies a part of the claim; the rest of it stands.
            for to in open {
                let kept: Vec<usize> =
                    before.iter().copied().filter(|from| place.get(*from) < place.get(to)).collect();
                self.sketch.barrier(&kept, &[to], |_, _| claim.clone());
            }
        }
    }

    /// Unmarked tasks wait for all above them, and all below wait for them. The groups that may run together.
    pub(super) fn marks(&mut self, lanes: &[Option<usize>], place: &[usize]) -> Vec<Vec<usize>> {
        let goes = |from: usize, to: usize| place.get(from) < place.get(to);
        let mut groups: Vec<Vec<usize>> = vec![Vec::new()];
        let tasks: Vec<usize> =
            self.node_of.iter().enumerate().filter_map(|(at, node)| node.map(|_| at)).collect();
        let mut stop: Option<usize> = None;
        // The last task of each lane since `stop`.
        let mut tails: HashMap<usize, usize> = HashMap::new();
        for (node, lane) in lanes.iter().enumerate() {
            let mut link = |from: usize| {
                if goes(from, node) {
                    self.sketch.edge(from, node, Reason::Unmarked);
                }
            };
            match lane {
                Some(lane) => {
                    let before = tails.insert(*lane, node);
                    before.or(stop).into_iter().for_each(&mut link);
                    // Tasks that share the lane of a task above run one after the other.
                    if tasks.get(node) == Some(lane) {
                        groups.last_mut().into_iter().for_each(|group| group.push(node));
                    }
                }
                None => {
                    let mut before: Vec<usize> = tails.drain().map(|(_, tail)| tail).chain(stop).collect();
                    before.sort_unstable();
                    before.into_iter().for_each(&mut link);
                    stop = Some(node);
                    groups.push(Vec::new());
                }
            }
        }
        groups
    }

    /// Tasks inside one boundary run one after the other.
    pub(super) fn boundaries(&mut self, order: &[usize]) {
        let leaves: Vec<_> = self.tasks.tasks.iter().filter(|task| task.is_leaf()).collect();
        let mut last: HashMap<&str, usize> = HashMap::new();
        for node in order {
            for name in leaves.get(*node).map(|task| task.boundary.as_slice()).unwrap_or_default() {
                if let Some(from) = last.insert(name, *node) {
                    self.sketch.edge(from, *node, Reason::Boundary { name: name.clone() });
                }
            }
        }
    }

    /// Two tasks of one wave of which one makes what the other names. Where both write it, it is a clash already.
    pub(super) fn used_too_early(&mut self, key: &[usize]) {
        let clashing: HashSet<&str> = self.faults.iter().filter_map(|fault| fault.path.as_deref()).collect();
        let mut found: Vec<(usize, usize, &str)> = Vec::new();
        for (from, to, reasons) in self.sketch.pairs().filter(|(from, to, _)| key.get(*from) == key.get(*to))
        {
            let are_listed = self.listed_at.contains_key(&from) && self.listed_at.contains_key(&to);
            let made = reasons.iter().find_map(|reason| match reason {
                Reason::Produces { name, .. } => Some(name.as_str()),
                _ => None,
            });
            let is_stated = reasons.iter().any(Reason::is_stated);
            let is_new = |name: &&str| are_listed && !is_stated && !clashing.contains(name);
            found.extend(made.filter(is_new).map(|name| (to, from, name)));
        }
        found.sort_unstable();
        let mut faults = Vec::new();
        for (to, from, name) in found.into_iter().take(FAULTS_MAX) {
            let (Some(user), Some(maker)) = (self.nodes.get(to), self.nodes.get(from)) else { continue };
            let message =
                format!("task `{}` names `{name}`, which `{}` of the same wave makes", user.id, maker.id);
            let span = self.listed_at.get(&to).copied().unwrap_or(user.span);
            let fault = Fault::new(FaultKind::Contradiction, span, &[&user.id, &maker.id], message).likely();
            faults.push(fault.hint(format!("put `{}` into a later wave than `{}`", user.id, maker.id)));
        }
        self.faults.extend(faults);
    }
}

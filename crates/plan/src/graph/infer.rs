//! From tasks to edges: what is stated first, then what follows from it, each in the direction of one order, so that
//! nothing inferred closes a ring. Measures and mends nothing.

use std::collections::HashMap;

use spec::{Span, Tasks};

use super::claim::Claim;
use super::clash::Uses;
use super::fault::{FAULTS_MAX, Fault, FaultKind};
use super::reason::Reason;
use super::sketch::Sketch;
use super::{Basis, Cycle, Gate, Graph, Node, cycles, nodes, order};
use crate::read::Plan;

/// Everything that is known while the edges are collected.
pub(super) struct Draft<'a> {
    pub(super) tasks: &'a Tasks,
    pub(super) nodes: Vec<Node>,
    /// The node of a leaf.
    pub(super) node_of: Vec<Option<usize>>,
    /// Entry and exit of each task in a walk over the tree: an ancestor's span covers its descendants'.
    pub(super) walk: Vec<(usize, usize)>,
    /// The leaves in the order of the walk, with their entries.
    pub(super) leaves: Vec<(usize, usize)>,
    /// Where each id of the graph's JSON stands.
    pub(super) listed_at: HashMap<usize, Span>,
    pub(super) sketch: Sketch,
    pub(super) faults: Vec<Fault>,
}

pub(super) fn graph(tasks: &Tasks, plan: &Plan, bytes: &[u8]) -> Graph {
    let (nodes, node_of) = nodes(tasks, plan);
    let [walk, leaves] = walk(tasks, &node_of);
    let (listed_at, sketch, faults) = (HashMap::new(), Sketch::default(), Vec::new());
    let mut draft = Draft { tasks, nodes, node_of, walk, leaves, listed_at, sketch, faults };
    let claim = Claim::read(tasks, bytes);
    let waves = draft.claim(&claim);
    let saying = draft.stated();
    let (cycles, knot) = draft.cycles();
    let (basis, lanes) = draft.basis(&waves, saying);
    let key = draft.keys(&waves);
    let order = order::order(&key, &knot, &draft.sketch);
    let place = inverse(&order);
    draft.contradictions(&key, &knot, &waves);
    draft.infer(basis, &lanes, &key, &order, &place, &waves);
    draft.finish(basis, waves, cycles, order, place)
}

impl Draft<'_> {
    /// Takes the claimed waves over, and notes where they cannot be right.
    fn claim(&mut self, claim: &Claim) -> Vec<Vec<usize>> {
        self.faults.extend(claim.faults.iter().cloned());
        let mut by_hand: HashMap<usize, Span> = HashMap::new();
        let mut waves: Vec<Vec<usize>> = Vec::with_capacity(claim.waves.len());
        let mut parents: Vec<(usize, usize)> = Vec::new();
        for (number, wave) in claim.waves.iter().enumerate() {
            let mut members = Vec::with_capacity(wave.len());
            for listed in wave {
                let Some(task) = listed.task else { continue };
                if by_hand.insert(task, listed.span).is_some() {
                    let message = format!("the dependency graph names task `{}` twice", listed.id);
                    let fault = Fault::new(FaultKind::Duplicate, listed.span, &[&listed.id], message);
                    self.faults.push(fault.hint("the first place counts; take the other out"));
                } else if let Some(node) = self.node_of.get(task).copied().flatten() {
                    self.listed_at.insert(node, listed.span);
                    members.push(node);
                    self.set_wave(node, number);
                } else {
                    let message =
                        format!("the dependency graph names task `{}`, which has sub-tasks", listed.id);
                    let fault = Fault::new(FaultKind::ParentListed, listed.span, &[&listed.id], message);
                    self.faults.push(fault.hint("name its sub-tasks"));
                    parents.push((task, number));
                }
            }
            waves.push(members);
        }
        // A task above stands for those of its leaves that are listed nowhere.
        for (task, number) in parents {
            for node in self.leaves_below(task) {
                if self.nodes.get(node).is_some_and(|node| node.claimed_wave.is_none()) {
                    self.set_wave(node, number);
                    waves.get_mut(number).into_iter().for_each(|wave| wave.push(node));
                }
            }
        }
        if let Some(at) = claim.place.json.filter(|_| !claim.waves.is_empty()) {
            for node in self.nodes.iter().filter(|node| node.claimed_wave.is_none()) {
                if let Some((number, _)) = node.id.split_once('#') {
                    let message = format!("the dependency graph cannot name the second task `{number}`");
                    let fault = Fault::new(FaultKind::SharedNumber, node.span, &[&node.id], message);
                    self.faults.push(fault.hint("give it a number of its own"));
                } else if !node.optional && !node.is_checkpoint {
                    let message = format!("the dependency graph leaves out task `{}`", node.id);
                    let fault = Fault::new(FaultKind::MissingLeaf, at, &[&node.id], message);
                    self.faults.push(fault.hint("add it to a wave"));
                }
            }
        }
        waves
    }

    fn set_wave(&mut self, node: usize, number: usize) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.claimed_wave = Some(number);
        }
    }

    /// The nodes below a task, or the task's own.
    fn leaves_below(&self, task: usize) -> Vec<usize> {
        let Some((enter, exit)) = self.walk.get(task).copied() else { return Vec::new() };
        let from = self.leaves.partition_point(|(entry, _)| *entry < enter);
        let below = self.leaves.get(from..).unwrap_or_default();
        below.iter().take_while(|(entry, _)| *entry < exit).map(|(_, node)| *node).collect()
    }

    fn is_above(&self, above: usize, below: usize) -> bool {
        match (self.walk.get(above), self.walk.get(below)) {
            (Some((enter, exit)), Some((entry, _))) => enter <= entry && entry < exit,
            _ => false,
        }
    }

    /// Edges for what tasks say themselves. How many leaves say something, themselves or through a task above.
    fn stated(&mut self) -> usize {
        let by_id: HashMap<&str, usize> =
            self.tasks.tasks.iter().enumerate().map(|(at, task)| (task.id.as_str(), at)).collect();
        let mut says = vec![false; self.tasks.tasks.len()];
        for (at, task) in self.tasks.tasks.iter().enumerate() {
            let is_under = task.parent.and_then(|parent| says.get(parent)).copied().unwrap_or_default();
            says.get_mut(at).into_iter().for_each(|said| *said = is_under || !task.depends_on.is_empty());
            if task.depends_on.is_empty() {
                continue;
            }
            let after = self.leaves_below(at);
            for id in &task.depends_on {
                let Some(on) = by_id.get(id.as_str()).copied() else {
                    let message = format!("task `{}` depends on `{id}`, which does not exist", task.id);
                    let fault = Fault::new(FaultKind::UnknownDependency, task.span, &[&task.id], message);
                    self.faults.push(fault.hint("write the number of a task of this document"));
                    continue;
                };
                if self.is_above(on, at) || self.is_above(at, on) {
                    let message =
                        format!("task `{}` waits for `{id}`, and one is a part of the other", task.id);
                    let fault = Fault::new(FaultKind::Cycle, task.span, &[&task.id, id], message);
                    self.faults.push(fault.hint("name the parts that it needs"));
                    continue;
                }
                let before = self.leaves_below(on);
                let is_plain = self
                    .node_of
                    .get(at)
                    .zip(self.node_of.get(on))
                    .is_some_and(|(a, b)| a.is_some() && b.is_some());
                let parent = || Reason::Parent { said_by: task.id.clone(), on: id.clone() };
                self.sketch.barrier(
                    &before,
                    &after,
                    |_, _| if is_plain { Reason::Explicit } else { parent() },
                );
            }
        }
        self.tasks.tasks.iter().zip(says).filter(|(task, said)| task.is_leaf() && *said).count()
    }

    fn cycles(&mut self) -> (Vec<Cycle>, Vec<usize>) {
        let (rings, knot) = cycles::rings(self.nodes.len(), &self.sketch);
        let mut found = Vec::with_capacity(rings.len());
        for ring in rings {
            let tasks: Vec<String> =
                ring.iter().filter_map(|node| self.nodes.get(*node)).map(|node| node.id.clone()).collect();
            let ids: Vec<&str> = tasks.iter().map(String::as_str).collect();
            let shown: Vec<String> =
                ids.iter().chain(ids.first()).take(RING_SHOWN_MAX).map(|id| format!("`{id}`")).collect();
            let span =
                ring.first().and_then(|node| self.nodes.get(*node)).map(|node| node.span).unwrap_or_default();
            let message = format!("these tasks wait for each other: {}", shown.join(" waits for "));
            let fault = Fault::new(FaultKind::Cycle, span, &ids, message);
            self.faults.push(fault.hint("take one of these dependencies out"));
            found.push(Cycle { tasks });
        }
        (found, knot)
    }

    /// Where the order comes from, and for each node the lane that its mark puts it in.
    fn basis(&self, waves: &[Vec<usize>], saying: usize) -> (Basis, Vec<Option<usize>>) {
        let tasks = &self.tasks.tasks;
        // The nearest marked task, itself or above.
        let mut lane: Vec<Option<usize>> = Vec::with_capacity(tasks.len());
        for (at, task) in tasks.iter().enumerate() {
            let above = task.parent.and_then(|parent| lane.get(parent)).copied().flatten();
            lane.push(if task.parallel { Some(at) } else { above });
        }
        let of_nodes =
            lane.into_iter().zip(tasks).filter(|(_, task)| task.is_leaf()).map(|(lane, _)| lane).collect();
        let basis = if waves.iter().any(|wave| !wave.is_empty()) {
            Basis::Waves
        } else if tasks.iter().any(|task| task.parallel) {
            Basis::Marks
        } else if saying > 0 && saying * 2 >= self.nodes.len().saturating_sub(1) {
            Basis::Dependencies
        } else {
            Basis::Document
        };
        (basis, of_nodes)
    }

    /// Where each node would like to stand: its wave; without one, that of the latest task above it.
    fn keys(&self, waves: &[Vec<usize>]) -> Vec<usize> {
        let mut latest = 0;
        let mut keys = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let key = node.claimed_wave.unwrap_or(latest);
            latest = latest.max(key);
            keys.push(if waves.is_empty() { 0 } else { key });
        }
        keys
    }

    /// Claims that a stated dependency denies. Inside a knot no order is right, and the ring is the fault.
    fn contradictions(&mut self, key: &[usize], knot: &[usize], waves: &[Vec<usize>]) {
        if waves.is_empty() {
            return;
        }
        let claimed = |node: usize| self.nodes.get(node).and_then(|node| node.claimed_wave);
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (from, to, _) in self.sketch.pairs() {
            let is_denied = claimed(from).zip(claimed(to)).is_some_and(|(before, after)| before >= after);
            if is_denied && knot.get(from) != knot.get(to) {
                found.push((to, from));
            }
        }
        for gate in &self.sketch.gates {
            let last = gate
                .before
                .iter()
                .copied()
                .filter(|node| claimed(*node).is_some())
                .max_by_key(|node| claimed(*node));
            let first = gate
                .after
                .iter()
                .copied()
                .filter(|node| claimed(*node).is_some())
                .min_by_key(|node| claimed(*node));
            found.extend(
                first
                    .zip(last)
                    .filter(|(to, from)| claimed(*from) >= claimed(*to) && knot.get(*from) != knot.get(*to)),
            );
        }
        found.sort_unstable();
        for (to, from) in found.into_iter().take(FAULTS_MAX) {
            let fault = self.out_of_order(to, from, key);
            self.faults.push(fault);
        }
    }

    fn out_of_order(&self, to: usize, from: usize, key: &[usize]) -> Fault {
        let id = |node: usize| self.nodes.get(node).map(|node| node.id.as_str()).unwrap_or_default();
        let wave = |node: usize| key.get(node).copied().unwrap_or_default();
        let how = if wave(from) == wave(to) {
            format!("puts `{}` into the same wave as `{}`", id(from), id(to))
        } else {
            format!("puts `{}` into wave {}, behind `{}` in wave {}", id(from), wave(from), id(to), wave(to))
        };
        let message = format!("the dependency graph {how}, which depends on it");
        let at = self.listed_at.get(&to).copied();
        let span = at.or_else(|| self.nodes.get(to).map(|node| node.span)).unwrap_or_default();
        let fault = Fault::new(FaultKind::Contradiction, span, &[id(to), id(from)], message);
        fault.hint(format!("put `{}` into a later wave than `{}`", id(to), id(from)))
    }

    fn infer(
        &mut self,
        basis: Basis,
        lanes: &[Option<usize>],
        key: &[usize],
        order: &[usize],
        place: &[usize],
        waves: &[Vec<usize>],
    ) {
        let uses = Uses::of(&self.nodes);
        self.checkpoints(key, place);
        uses.add_edges(order, &mut self.sketch);
        let groups = match basis {
            Basis::Waves => {
                self.unlisted(place);
                self.claims(key, place, waves);
                waves.to_vec()
            }
            Basis::Marks => {
                self.boundaries(order);
                self.marks(lanes, place)
            }
            Basis::Dependencies => {
                self.boundaries(order);
                Vec::new()
            }
            Basis::Document => {
                for pair in order.windows(2) {
                    if let [from, to] = pair {
                        self.sketch.edge(*from, *to, Reason::DocumentOrder);
                    }
                }
                Vec::new()
            }
        };
        let what = if basis == Basis::Waves { "wave" } else { "parallel group" };
        let place_of = |node: usize| {
            let listed = self.listed_at.get(&node).copied();
            listed.or_else(|| self.nodes.get(node).map(|node| node.span)).unwrap_or_default()
        };
        let clashes = uses.clashes(&self.nodes, &groups, what, place_of);
        self.faults.extend(clashes);
        if basis == Basis::Waves {
            self.used_too_early(key);
        }
    }

    fn finish(
        mut self,
        basis: Basis,
        waves: Vec<Vec<usize>>,
        cycles: Vec<Cycle>,
        order: Vec<usize>,
        place: Vec<usize>,
    ) -> Graph {
        if self.sketch.is_full {
            let message = "this graph has more dependencies than are looked at".to_string();
            let fault = Fault::new(FaultKind::TooLarge, Span::default(), &[], message);
            self.faults.push(fault.hint("let tasks depend on fewer others"));
        }
        let (edges, gates) = self.sketch.into_edges();
        let gates: Vec<Gate> = gates.into_iter().filter_map(|gate| kept(gate, &place)).collect();
        let mut into: Vec<(Vec<usize>, Vec<usize>)> = vec![Default::default(); self.nodes.len()];
        for (at, edge) in edges.iter().enumerate() {
            into.get_mut(edge.to).into_iter().for_each(|(edges, _)| edges.push(at));
        }
        for (at, gate) in gates.iter().enumerate() {
            for to in &gate.after {
                into.get_mut(*to).into_iter().for_each(|(_, gates)| gates.push(at));
            }
        }
        self.faults.sort_by_key(|fault| (fault.span.offset, fault.kind));
        self.faults.truncate(FAULTS_MAX);
        let by_id = self.nodes.iter().enumerate().map(|(at, node)| (node.id.clone(), at)).collect();
        let faults = self.faults;
        Graph { nodes: self.nodes, edges, gates, cycles, faults, basis, waves, order, place, into, by_id }
    }
}

/// Ids of a ring shown in one sentence.
const RING_SHOWN_MAX: usize = 12;

/// The gate without those of its first side that a ring puts behind its second.
fn kept(mut gate: Gate, place: &[usize]) -> Option<Gate> {
    let first = gate.after.iter().filter_map(|node| place.get(*node)).min().copied()?;
    gate.before.retain(|node| place.get(*node).is_some_and(|place| *place < first));
    (!gate.before.is_empty()).then_some(gate)
}

fn inverse(order: &[usize]) -> Vec<usize> {
    let mut place = vec![0; order.len()];
    for (at, node) in order.iter().enumerate() {
        place.get_mut(*node).into_iter().for_each(|place| *place = at);
    }
    place
}

/// Entries and exits of all tasks, and the leaves by their entries, without recursion.
fn walk(tasks: &Tasks, node_of: &[Option<usize>]) -> [Vec<(usize, usize)>; 2] {
    let mut walk = vec![(0, 0); tasks.tasks.len()];
    let mut leaves = Vec::with_capacity(tasks.tasks.len());
    let mut clock = 0;
    let roots = tasks.tasks.iter().enumerate().filter(|(_, task)| task.parent.is_none()).map(|(at, _)| at);
    let mut work: Vec<(usize, bool)> = roots.map(|at| (at, false)).collect();
    work.reverse();
    while let Some((at, is_left)) = work.pop() {
        let Some(place) = walk.get_mut(at) else { continue };
        if is_left {
            place.1 = clock;
            continue;
        }
        place.0 = clock;
        if let Some(node) = node_of.get(at).copied().flatten() {
            leaves.push((clock, node));
        }
        clock += 1;
        work.push((at, true));
        let children = tasks.tasks.get(at).map(|task| task.children.as_slice()).unwrap_or_default();
        work.extend(children.iter().rev().map(|child| (*child, false)));
    }
    [walk, leaves]
}

//! Who writes the same file: edges between writers, who uses what another makes, and clashes among tasks that may run
//! together. Linear in the names, times the depth of a path.

use std::cmp::Reverse;
use std::collections::HashMap;

use spec::Span;

use super::Node;
use super::fault::{FAULTS_MAX, Fault, FaultKind};
use super::reason::Reason;
use super::sketch::Sketch;
use crate::accesses::{Act, Certainty};

/// Paths with one last part that a short name is compared with.
const SAME_NAME_MAX: usize = 32;

/// File names that every folder may have: a bare one does not stand for a longer path.
const EVERYWHERE: &[&str] = &[
    "README.md",
    "mod.rs",
    "lib.rs",
    "main.rs",
    "Cargo.toml",
    "package.json",
    "__init__.py",
    "index.ts",
    "index.js",
    "index.tsx",
    "index.html",
    "main.py",
    "main.go",
    "types.ts",
    "Dockerfile",
    "Makefile",
    ".gitignore",
];

/// A name under which the same thing is found in every task.
#[derive(Clone, Debug)]
struct Use {
    name: usize,
    act: Act,
    certainty: Certainty,
}

/// What the nodes name, under one name for one thing.
pub(super) struct Uses {
    names: Vec<(String, bool)>,
    by_node: Vec<Vec<Use>>,
}

impl Uses {
    pub(super) fn of(nodes: &[Node]) -> Uses {
        let mut ends: HashMap<&str, Vec<&str>> = HashMap::new();
        let paths = || nodes.iter().flat_map(|node| &node.accesses).filter(|access| access.is_path);
        for access in paths() {
            let list = ends.entry(last_part(&access.name)).or_default();
            if list.len() < SAME_NAME_MAX && !list.contains(&access.name.as_str()) {
                list.push(&access.name);
            }
        }
        let mut uses = Uses { names: Vec::new(), by_node: Vec::new() };
        let mut known: HashMap<(String, bool), usize> = HashMap::new();
        for node in nodes {
            let mut list: Vec<Use> = Vec::with_capacity(node.accesses.len());
            for access in &node.accesses {
                let full = if access.is_path { full_name(&access.name, &ends) } else { access.name.as_str() };
                let certainty = if full == access.name { access.certainty } else { Certainty::Likely };
                let key = (full.to_string(), access.is_path);
                let name = *known.entry(key).or_insert_with_key(|key| {
                    uses.names.push(key.clone());
                    uses.names.len() - 1
                });
                list.push(Use { name, act: access.act, certainty });
            }
            // The strongest of what a task does with one thing, under whichever of its names.
            list.sort_by_key(|used| (used.name, Reverse((used.act, used.certainty))));
            list.dedup_by_key(|used| used.name);
            uses.by_node.push(list);
        }
        uses
    }

    fn of_node(&self, node: usize) -> &[Use] {
        self.by_node.get(node).map(Vec::as_slice).unwrap_or_default()
    }

    fn name(&self, name: usize) -> (&str, bool) {
        self.names.get(name).map(|(name, is_path)| (name.as_str(), *is_path)).unwrap_or_default()
    }

    /// What is written by this use, when two writers of it would clash: files, not folders and not symbols.
    fn file(&self, used: &Use) -> Option<&str> {
        let (name, is_path) = self.name(used.name);
        (is_path && used.act.writes() && !name.ends_with('/')).then_some(name)
    }

    /// Each writer of a file waits for the writer before it; who names a thing waits for the one that makes it.
    pub(super) fn add_edges(&self, order: &[usize], sketch: &mut Sketch) {
        let mut writer: HashMap<usize, (usize, Certainty)> = HashMap::new();
        let mut maker: HashMap<usize, usize> = HashMap::new();
        for node in order {
            for used in self.of_node(*node) {
                let (name, is_path) = self.name(used.name);
                if let Some(from) = maker.get(&used.name) {
                    sketch.edge(*from, *node, Reason::Produces { name: name.to_string(), is_path });
                }
                if let Some(path) = self.file(used) {
                    let before = writer.insert(used.name, (*node, used.certainty));
                    if let Some((from, certainty)) = before {
                        let certainty = certainty.min(used.certainty);
                        sketch.edge(from, *node, Reason::Overlap { path: path.to_string(), certainty });
                    }
                }
                if used.act == Act::Make {
                    maker.entry(used.name).or_insert(*node);
                }
            }
        }
    }

    /// Who names a thing at the level at which another makes it first: (maker, user).
    pub(super) fn made_beside(&self, order: &[usize], levels: &[usize]) -> Vec<(usize, usize)> {
        let mut maker: HashMap<usize, usize> = HashMap::new();
        let mut found = Vec::new();
        for node in order {
            for used in self.of_node(*node) {
                let beside = |from: &&usize| *from != node && levels.get(**from) == levels.get(*node);
                found.extend(maker.get(&used.name).filter(beside).map(|from| (*from, *node)));
                if used.act == Act::Make {
                    maker.entry(used.name).or_insert(*node);
                }
            }
        }
        found
    }

    /// Tasks of one group that write one file. `place` says where a node stands in the document's graph.
    pub(super) fn clashes(
        &self,
        nodes: &[Node],
        groups: &[Vec<usize>],
        what: &str,
        place: impl Fn(usize) -> Span,
    ) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (number, group) in groups.iter().enumerate() {
            if faults.len() >= FAULTS_MAX {
                break;
            }
            let mut writers: HashMap<usize, Vec<(usize, Certainty)>> = HashMap::new();
            for node in group {
                for used in self.of_node(*node).iter().filter(|used| self.file(used).is_some()) {
                    writers.entry(used.name).or_default().push((*node, used.certainty));
                }
            }
            let mut clashes: Vec<(usize, Vec<(usize, Certainty)>)> =
                writers.into_iter().filter(|(_, list)| list.len() > 1).collect();
            clashes.sort_unstable_by_key(|(name, _)| *name);
            for (name, list) in clashes {
                let span = list.get(1).map(|(node, _)| place(*node)).unwrap_or_default();
                faults.push(self.clash(nodes, name, &list, &format!("{what} {number}"), span));
            }
        }
        faults
    }

    fn clash(
        &self,
        nodes: &[Node],
        name: usize,
        writers: &[(usize, Certainty)],
        group: &str,
        span: Span,
    ) -> Fault {
        let (path, _) = self.name(name);
        let ids: Vec<&str> =
            writers.iter().filter_map(|(node, _)| nodes.get(*node)).map(|node| node.id.as_str()).collect();
        let quoted: Vec<String> = ids.iter().take(IDS_SHOWN_MAX).map(|id| format!("`{id}`")).collect();
        let are_sure = writers.iter().filter(|(_, certainty)| *certainty == Certainty::Certain).count() > 1;
        let verb = if are_sure { "write" } else { "probably write" };
        let message = format!("tasks {} of {group} {verb} `{path}`", quoted.join(", "));
        let mut fault =
            Fault::new(FaultKind::Clash, span, &ids, message).hint("put them into different waves");
        fault.path = Some(path.to_string());
        if are_sure { fault } else { fault.likely() }
    }
}

/// Ids shown in one sentence.
const IDS_SHOWN_MAX: usize = 8;

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `steering/a.md` stands for `pkg/steering/a.md` when no other path ends like that.
fn full_name<'a>(name: &'a str, ends: &HashMap<&str, Vec<&'a str>>) -> &'a str {
    let last = last_part(name);
    if last.is_empty() || EVERYWHERE.contains(&name) {
        return name;
    }
    let mut longer = ends
        .get(last)
        .into_iter()
        .flatten()
        .filter(|path| path.strip_suffix(name).is_some_and(|before| before.ends_with('/')));
    match (longer.next(), longer.next()) {
        (Some(path), None) => path,
        _ => name,
    }
}

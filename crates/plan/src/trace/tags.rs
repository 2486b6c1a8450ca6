//! Which spec and which of its items a tag means. Scans no source text; see `spec`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use spec::references::normal_id;

use super::boundary::Boundary;
use super::facts::{TagFact, TagKind};

/// A tag that names nothing, or nothing for certain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LooseTag {
    /// The file.
    pub path: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What it should name.
    pub kind: TagKind,
    /// The id as written.
    pub id: String,
    /// What is wrong.
    pub fault: TagFault,
}

/// Why a tag leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TagFault {
    /// No spec has that name.
    NoSpec {
        /// The name.
        spec: String,
    },
    /// The spec has nothing with that id.
    NoItem {
        /// The spec.
        spec: String,
    },
    /// It names no spec, and several have that id.
    ManySpecs {
        /// The first few of them.
        specs: Vec<String>,
    },
    /// It names no spec, and none has that id.
    Nowhere,
}

/// Specs named in a fault.
const SPECS_SHOWN_MAX: usize = 4;

/// What one spec offers to tags.
#[derive(Default)]
pub(super) struct Targets {
    /// The name.
    pub(super) name: String,
    /// Nodes of criteria by id; a requirement's number stands for all its criteria.
    pub(super) criteria: HashMap<String, Vec<usize>>,
    /// Nodes of properties by number.
    pub(super) properties: HashMap<String, usize>,
    /// Nodes of tasks by id and number.
    pub(super) tasks: HashMap<String, usize>,
}

impl Targets {
    /// The nodes that an id means.
    pub(super) fn find(&self, kind: TagKind, id: &str) -> Vec<usize> {
        let id = normal_id(id);
        match kind {
            TagKind::Criterion => self.criteria.get(&id).cloned().unwrap_or_default(),
            TagKind::Property => self.properties.get(digits(&id)).copied().into_iter().collect(),
            TagKind::Task => self.tasks.get(&id).copied().into_iter().collect(),
        }
    }
}

/// All specs as tags see them.
pub(super) struct Names<'a> {
    specs: &'a [Targets],
    by_name: BTreeMap<String, BTreeSet<usize>>,
    boundary: &'a Boundary,
}

impl<'a> Names<'a> {
    /// `titles` are other words for the specs, by their places.
    pub(super) fn new(specs: &'a [Targets], titles: &[String], boundary: &'a Boundary) -> Names<'a> {
        let mut by_name: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for (at, targets) in specs.iter().enumerate() {
            by_name.entry(slug(&targets.name)).or_default().insert(at);
        }
        for (at, title) in titles.iter().enumerate() {
            // A name outranks a title.
            let is_name = specs.iter().any(|targets| slug(&targets.name) == slug(title));
            if !title.is_empty() && !is_name {
                by_name.entry(slug(title)).or_default().insert(at);
            }
        }
        Names { specs, by_name, boundary }
    }

    /// The nodes that a tag means, and how sure that is, in percent.
    pub(super) fn resolve(&self, tag: &TagFact) -> Result<(Vec<usize>, u8), TagFault> {
        if let Some(spec) = &tag.spec {
            let known = self.by_name.get(&slug(spec));
            let Some(known) = known else { return Err(TagFault::NoSpec { spec: spec.clone() }) };
            return match self.holders(known.iter().copied(), tag).as_slice() {
                [] => Err(TagFault::NoItem { spec: spec.clone() }),
                [(_, nodes)] => Ok((nodes.clone(), 100)),
                many => Err(self.many(many)),
            };
        }
        let near = self.holders(self.boundary.owners(&tag.path).into_iter(), tag);
        match near.as_slice() {
            [(_, nodes)] => return Ok((nodes.clone(), 90)),
            [_, _, ..] => return Err(self.many(&near)),
            [] => {}
        }
        let all = self.holders(0..self.specs.len(), tag);
        match all.as_slice() {
            [] => Err(TagFault::Nowhere),
            [(_, nodes)] => Ok((nodes.clone(), if self.specs.len() == 1 { 100 } else { 70 })),
            many => Err(self.many(many)),
        }
    }

    fn holders(&self, places: impl Iterator<Item = usize>, tag: &TagFact) -> Vec<(usize, Vec<usize>)> {
        let nodes = |at: usize| self.specs.get(at).map(|targets| targets.find(tag.kind, &tag.id));
        places.filter_map(|at| nodes(at).filter(|nodes| !nodes.is_empty()).map(|nodes| (at, nodes))).collect()
    }

    fn many(&self, holders: &[(usize, Vec<usize>)]) -> TagFault {
        let names =
            holders.iter().filter_map(|(at, _)| self.specs.get(*at)).map(|targets| targets.name.clone());
        TagFault::ManySpecs { specs: names.take(SPECS_SHOWN_MAX).collect() }
    }
}

/// Letters and digits in lower case, everything else as one hyphen.
pub(super) fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_matches('-').to_string()
}

fn digits(id: &str) -> &str {
    id.trim_start_matches(|c: char| !c.is_ascii_digit())
}

//! The freshness of one spec along its history: what each section and task had seen after every commit and approval, and
//! what is outdated today. Reads no history itself.

use std::collections::{BTreeMap, HashMap};

use spec::Span;
use spec::references::normal_id;

use super::{Cause, Marks, Source, Staleness, Subject, all};
use crate::digest::Digest;
use crate::drift::text_digest;
use crate::read::Plan;
use crate::reading::Reading;

/// Which documents a commit edited, ticks aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// `design.md`
    pub design: bool,
    /// `tasks.md`
    pub tasks: bool,
}

/// What is known of the past of one spec. The versions of its documents are told in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    marks: Option<Marks>,
    /// The commit that last changed what a source says.
    changed: BTreeMap<Source, String>,
    is_approved: bool,
}

/// A source that went on, with everything that was written for what it said before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outdated {
    /// What happened to the source.
    pub cause: Cause,
    /// What stands on it, in document order, each with its place in `design.md` or in the task document.
    pub stands: Vec<(Subject, Span)>,
    /// When the first of them last agreed with it: a commit, or what [`Timeline::approve`] was told.
    pub since: String,
    /// The commit that changed the source last; `None` when it is not committed yet, or not known.
    pub commit: Option<String>,
    /// What an acceptance must hold so that it does not count any more.
    pub digest: u64,
}

impl Timeline {
    /// The documents as a commit left them. A document that the commit edited has seen the sources that the same commit
    /// changed, unless an approval said more exactly what was seen.
    pub fn commit(&mut self, reading: &Reading, plan: &Plan, commit: &str, touched: Touched) {
        let Some(old) = &self.marks else {
            self.marks = Some(Marks::of(reading, plan, commit));
            return;
        };
        let before: HashMap<&Source, Digest> =
            old.sources.iter().map(|(source, digest)| (source, *digest)).collect();
        let next = old.renewed_but(reading, plan, commit, |subject, source, saw| {
            let is_touched = match subject {
                Subject::Section(_) => touched.design,
                Subject::Task(_) => touched.tasks,
            };
            !self.is_approved && is_touched && before.get(source) == Some(&saw)
        });
        let after: HashMap<&Source, Digest> =
            next.sources.iter().map(|(source, digest)| (source, *digest)).collect();
        for (source, digest) in before {
            if after.get(source) != Some(&digest) {
                self.changed.insert(source.clone(), commit.to_string());
            }
        }
        self.marks = Some(next);
    }

    /// A person approved the documents as they were then: everything in them has seen everything.
    pub fn approve(&mut self, reading: &Reading, plan: &Plan, since: &str) {
        *self = Timeline {
            marks: Some(Marks::of(reading, plan, since)),
            changed: BTreeMap::new(),
            is_approved: true,
        };
    }

    /// Whether there is anything to compare today's documents with.
    pub fn is_begun(&self) -> bool {
        self.marks.is_some()
    }

    /// What the documents of today have not seen: by source, in the order of the first thing that stands on it.
    pub fn outdated(&self, reading: &Reading, plan: &Plan) -> Vec<Outdated> {
        let Some(marks) = &self.marks else { return Vec::new() };
        let (now, spans) = all(reading, plan, "");
        let known: HashMap<&Source, Digest> =
            now.sources.iter().map(|(source, digest)| (source, *digest)).collect();
        let committed: HashMap<&Source, Digest> =
            marks.sources.iter().map(|(source, digest)| (source, *digest)).collect();
        let texts: HashMap<String, &str> =
            plan.criteria.iter().map(|it| (normal_id(&it.id), it.text.as_str())).collect();
        let mut found: Vec<Outdated> = Vec::new();
        let mut at: HashMap<Cause, usize> = HashMap::new();
        for Staleness { subject, span, because, since } in marks.stale_in(&now, spans) {
            for cause in because {
                if let Some(one) = at.get(&cause).and_then(|at| found.get_mut(*at)) {
                    one.stands.push((subject.clone(), span));
                    continue;
                }
                let source = cause.source();
                let is_committed = known.get(source) == committed.get(source);
                let digest = match (&cause, source) {
                    (Cause::Changed(_), Source::Criterion(id)) => {
                        texts.get(id).map_or(0, |text| text_digest(text))
                    }
                    (Cause::Changed(_), _) => known.get(source).map_or(0, |digest| digest.0),
                    (Cause::Removed(_), _) => Digest::of(cause.to_string().as_bytes()).0,
                    (Cause::Renumbered { to, .. }, _) => {
                        let words = known.get(to).copied().unwrap_or(Digest::EMPTY);
                        words.with(cause.to_string().as_bytes()).0
                    }
                };
                let commit = self.changed.get(source).filter(|_| is_committed).cloned();
                at.insert(cause.clone(), found.len());
                let stands = vec![(subject.clone(), span)];
                found.push(Outdated { cause, stands, since: since.clone(), commit, digest });
            }
        }
        found
    }
}

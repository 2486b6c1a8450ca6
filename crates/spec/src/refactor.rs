//! Changes to the documents of one spec that keep every reference true: inserting, removing, moving, renaming,
//! renumbering, as splices of bytes. Reads and writes no file; what is not certain is left and named.
//!
//! Every change is applied to a copy and read again before it is handed out. It is refused when a reference would
//! come to mean something else.

mod drops;
mod finish;
mod inserts;
mod layout;
mod lead;
mod lists;
mod model;
mod moves;
mod numbering;
mod renames;
mod rewrite;
mod uses;

use std::collections::HashSet;

use crate::splice::{self, Edit, SpliceError};
use finish::{Draft, finish};
use model::Model;
use numbering::{Numbers, gapless, with_children};

/// Notes of one change; the rest is counted.
pub const NOTES_MAX: usize = 200;

/// A spec as a set of files: its documents, and sources whose tags may name it.
#[derive(Clone, Copy, Debug)]
pub struct Set<'a> {
    /// The name of the spec, which is the name of its folder.
    pub name: &'a str,
    /// File and bytes of each document. The file's name says which document it is: `requirements.md`, `bugfix.md`,
    /// `design.md`, `tasks.md`; any other `.md` is a single-file spec.
    pub documents: &'a [(String, &'a [u8])],
    /// Path and bytes of sources and tests.
    pub sources: &'a [(String, &'a [u8])],
    /// Tags that name no spec belong to this one, because the repository has no other.
    pub sources_belong: bool,
}

/// What has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A requirement.
    Requirement,
    /// A criterion of a requirement, or a clause of a bug analysis.
    Criterion,
    /// A task.
    Task,
    /// A correctness property of the design.
    Property,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::Requirement => "requirement",
            Kind::Criterion => "criterion",
            Kind::Task => "task",
            Kind::Property => "property",
        })
    }
}

/// Where something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// Before the one with this id.
    Before(&'a str),
    /// Behind the one with this id and everything below that.
    After(&'a str),
}

/// An id that changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moved {
    /// What has the id.
    pub kind: Kind,
    /// The old id.
    pub from: String,
    /// The new id.
    pub to: String,
}

/// What a change does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// File and edit; the edits of one file apply together, see [`splice::apply`].
    pub edits: Vec<(String, Edit)>,
    /// Ids that changed, in document order.
    pub moved: Vec<Moved>,
    /// Tasks whose number or words changed: old and new text, which are the keys of `tasks.meta.json`.
    pub keys: Vec<(String, String)>,
    /// What was left as it is and why, and what changed in form; one sentence each, at most [`NOTES_MAX`].
    pub notes: Vec<String>,
}

impl Changes {
    /// The bytes of `file` with its edits applied.
    ///
    /// Errors: as [`splice::apply`], when `bytes` are not the ones that the change was made for.
    pub fn apply(&self, file: &str, bytes: &[u8]) -> Result<Vec<u8>, SpliceError> {
        let edits: Vec<Edit> =
            self.edits.iter().filter(|(name, _)| name == file).map(|(_, edit)| edit.clone()).collect();
        splice::apply(bytes, &edits)
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }
}

/// Why a change is refused. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefactorError {
    /// Nothing has that id.
    Unknown {
        /// What was looked for.
        kind: Kind,
        /// The id asked for.
        id: String,
        /// The last id of that kind, for the hint.
        last: Option<String>,
    },
    /// More than one thing has that id.
    Ambiguous {
        /// What was looked for.
        kind: Kind,
        /// The id asked for.
        id: String,
    },
    /// There is nothing whose form the new text could copy.
    NoNeighbour {
        /// What was to be written.
        kind: Kind,
        /// The id asked for.
        id: String,
    },
    /// Its lines do not stand together, or the two places are in different documents.
    Scattered {
        /// What was to move.
        kind: Kind,
        /// Its id.
        id: String,
    },
    /// Its words cannot be told from the rest of the line.
    NoWords {
        /// What was to be renamed.
        kind: Kind,
        /// Its id.
        id: String,
    },
    /// Its bytes are not UTF-8.
    NotText {
        /// What was to move.
        kind: Kind,
        /// Its id.
        id: String,
    },
    /// The document would not be read as it is meant after the change.
    CannotWrite {
        /// What would be read differently.
        kind: Kind,
        /// Its id.
        id: String,
    },
    /// Two things would get the same id.
    Taken {
        /// What would have it.
        kind: Kind,
        /// The id.
        id: String,
    },
    /// A reference would come to mean something else.
    WouldChangeMeaning {
        /// The reference, its file and its line.
        place: String,
    },
    /// The new words or the new name are empty or have signs that cannot stand there.
    EmptyWords,
    /// The set has more numbers or references than are read, so not all could follow.
    TooLarge,
    /// Two edits meet on the same bytes.
    Splice(SpliceError),
}

impl std::fmt::Display for RefactorError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RefactorError::Unknown { kind, id, last: Some(last) } => {
                write!(f, "there is no {kind} `{id}`; the last one is `{last}`")
            }
            RefactorError::Unknown { kind, id, last: None } => {
                write!(f, "there is no {kind} `{id}`; the spec has none")
            }
            RefactorError::Ambiguous { kind, id } => {
                write!(f, "more than one {kind} is `{id}`; renumber first")
            }
            RefactorError::NoNeighbour { kind, id } => {
                write!(f, "no {kind} stands at `{id}` whose form could be copied; write it by hand")
            }
            RefactorError::Scattered { kind, id } => {
                write!(f, "the lines of {kind} `{id}` do not stand together; move them by hand")
            }
            RefactorError::NoWords { kind, id } => {
                write!(f, "the words of {kind} `{id}` cannot be told from its line; change them by hand")
            }
            RefactorError::NotText { kind, id } => {
                write!(f, "{kind} `{id}` is not UTF-8 text; save the file as UTF-8")
            }
            RefactorError::CannotWrite { kind, id } => {
                write!(f, "{kind} `{id}` would be read differently after the change; change it by hand")
            }
            RefactorError::Taken { kind, id } => {
                write!(f, "two things would be {kind} `{id}`; give each its own number")
            }
            RefactorError::WouldChangeMeaning { place } => {
                write!(f, "{place} would come to mean something else; change it by hand first")
            }
            RefactorError::EmptyWords => {
                write!(f, "the new words are empty or have signs that cannot stand there; choose others")
            }
            RefactorError::TooLarge => {
                write!(f, "the spec has more numbers or references than are read; split the spec")
            }
            RefactorError::Splice(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for RefactorError {}

impl From<SpliceError> for RefactorError {
    fn from(error: SpliceError) -> RefactorError {
        RefactorError::Splice(error)
    }
}

impl Set<'_> {
    /// A new criterion behind criterion `after`, or as the first one of requirement `after`. It is written as its
    /// neighbour is.
    pub fn insert_criterion(&self, after: &str, text: &str) -> Result<Changes, RefactorError> {
        let model = Model::read(self);
        finish(self, &model, inserts::criterion(self, &model, after, text)?)
    }

    /// A new requirement behind requirement `after`, with its story and its criteria.
    pub fn insert_requirement(
        &self,
        after: &str,
        title: &str,
        story: Option<&str>,
        criteria: &[&str],
    ) -> Result<Changes, RefactorError> {
        let model = Model::read(self);
        finish(self, &model, inserts::requirement(self, &model, after, title, story, criteria)?)
    }

    /// A new open task behind task `after` and everything below that, on the same level.
    pub fn insert_task(&self, after: &str, title: &str, details: &[&str]) -> Result<Changes, RefactorError> {
        let model = Model::read(self);
        finish(self, &model, inserts::task(self, &model, after, title, details)?)
    }

    /// Takes something out with everything below it. With `drop_references` it goes from the lists that name it, too;
    /// what still names it is in the notes. Its number is given to the next one only when nothing names it any more.
    pub fn remove(&self, kind: Kind, id: &str, drop_references: bool) -> Result<Changes, RefactorError> {
        let model = Model::read(self);
        let kind = model.flat(kind, id);
        let places = uses::read(self, &model).ok_or(RefactorError::TooLarge)?;
        let is_cited = |removed: &[usize]| {
            // The last one is what goes, with the bytes of all the others.
            let whole = removed.last().and_then(|at| model.get(*at));
            let removed: HashSet<usize> = removed.iter().copied().collect();
            let is_inside = |place: &uses::Use| {
                whole.is_some_and(|entity| {
                    let unit = entity.unit;
                    let is_same_file = place.file == uses::File::Document(entity.file);
                    is_same_file && unit.offset <= place.span.offset && place.span.offset < unit.end()
                })
            };
            let names =
                |place: &&uses::Use| place.targets.iter().any(|at| removed.contains(at)) && !is_inside(place);
            let gone = |place: &uses::Use| place.targets.iter().all(|at| removed.contains(at));
            let citing: Vec<&uses::Use> = places.iter().filter(names).collect();
            if !drop_references {
                return !citing.is_empty();
            }
            let all: Vec<&uses::Use> = citing.iter().copied().filter(|place| gone(place)).collect();
            let dropped = drops::plan(self, &places, &all).places;
            // A range is written anew without the member, so it cites it no more.
            citing.iter().any(|place| gone(place) && !dropped.contains(&(place.file, place.span.offset)))
        };
        finish(self, &model, moves::remove(self, &model, kind, id, drop_references, &is_cited)?)
    }

    /// Moves a criterion, into another requirement if need be.
    pub fn move_criterion(&self, id: &str, place: Place<'_>) -> Result<Changes, RefactorError> {
        self.moving(Kind::Criterion, id, place)
    }

    /// Moves a requirement with its criteria.
    pub fn move_requirement(&self, id: &str, place: Place<'_>) -> Result<Changes, RefactorError> {
        self.moving(Kind::Requirement, id, place)
    }

    /// Moves a task with its children, to another level if need be.
    pub fn move_task(&self, id: &str, place: Place<'_>) -> Result<Changes, RefactorError> {
        self.moving(Kind::Task, id, place)
    }

    /// Moves a property.
    pub fn move_property(&self, id: &str, place: Place<'_>) -> Result<Changes, RefactorError> {
        self.moving(Kind::Property, id, place)
    }

    fn moving(&self, kind: Kind, id: &str, place: Place<'_>) -> Result<Changes, RefactorError> {
        let model = Model::read(self);
        let kind = model.flat(kind, id);
        match moves::shift_to(self, &model, kind, id, place)? {
            Some(draft) => finish(self, &model, draft),
            None => Ok(Changes::default()),
        }
    }

    /// Other words: the title of a requirement, a task or a property, the text of a criterion.
    pub fn rename(&self, kind: Kind, id: &str, words: &str) -> Result<Changes, RefactorError> {
        if words.trim().is_empty() {
            return Err(RefactorError::EmptyWords);
        }
        let model = Model::read(self);
        let kind = model.flat(kind, id);
        finish(self, &model, renames::words(self, &model, kind, id, words)?)
    }

    /// Another word for a term of the glossary, in the prose of all documents. Case and edges of words count.
    pub fn rename_term(&self, old: &str, new: &str) -> Result<Changes, RefactorError> {
        renames::term(self, old, new)
    }

    /// Another name for the spec: in `Feature:`, `Task:` and `@spec` tags and in paths below `specs/`. The folder
    /// itself is for the caller to rename.
    pub fn rename_spec(&self, new: &str) -> Result<Changes, RefactorError> {
        renames::spec(self, new)
    }

    /// Numbers without gaps and doubles, in document order.
    pub fn renumber(&self, kind: Kind) -> Result<Changes, RefactorError> {
        let model = Model::read(self);
        let mut numbers = Numbers::new();
        for list in model.lists(kind).into_iter().chain(model.flat_lists(kind)) {
            gapless(&model, &list, &mut numbers);
        }
        with_children(&model, &mut numbers, None);
        let mut draft = Draft::default();
        draft.number(&model, numbers);
        finish(self, &model, draft)
    }

    /// The numbers of `map`, old to new; what stands below follows.
    ///
    /// Errors: [`RefactorError::Taken`] when two things would have the same id.
    pub fn renumber_with(&self, kind: Kind, map: &[(String, String)]) -> Result<Changes, RefactorError> {
        let model = Model::read(self);
        let mut numbers = Numbers::new();
        for (from, to) in map {
            numbers.insert(moves::find(&model, kind, from)?, to.clone());
        }
        with_children(&model, &mut numbers, None);
        let mut seen = HashSet::new();
        for (at, entity) in model.entities.iter().enumerate().filter(|(_, entity)| entity.kind == kind) {
            let id = numbers.get(&at).unwrap_or(&entity.id);
            if !seen.insert(id.as_str()) {
                return Err(RefactorError::Taken { kind, id: id.clone() });
            }
        }
        let mut draft = Draft::default();
        draft.number(&model, numbers);
        finish(self, &model, draft)
    }
}

#[cfg(test)]
#[path = "refactor/tests.rs"]
mod tests;

//! Which criterion or task of a document is which one of a later version: by number and words together. A match needs
//! the words; a number alone identifies nothing. Edits nothing.

mod matching;

use std::collections::HashMap;

use spec::{Criterion, Task, Tasks};

use crate::digest::Digest;
use crate::words::Words;

/// Candidates looked at for one item whose words changed.
pub const CANDIDATES_MAX: usize = 12;

/// Items with one word in common beyond which that word points to nobody.
pub const SHARED_MAX: usize = 48;

/// Likeness in percent that makes an item with the same number a reworded one.
pub const ALIKE_HERE_PERCENT: u32 = 50;

/// Likeness in percent that makes an item with another number a reworded one.
pub const ALIKE_ELSEWHERE_PERCENT: u32 = 70;

/// Something with a number and words: a criterion, a requirement, a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The number as cited.
    pub id: String,
    /// The words that identify it.
    pub words: Words,
    /// The id of the item that it belongs to, if it belongs to one.
    pub parent: Option<String>,
}

impl Item {
    /// An item that belongs to none.
    pub fn new(id: &str, text: &str) -> Item {
        Item { id: id.to_string(), words: Words::of(text), parent: None }
    }

    /// The digest of its words; the number is not a part of it.
    pub fn digest(&self) -> Digest {
        self.words.digest
    }
}

/// Criteria as items; each belongs to its requirement.
pub fn criteria<'a>(criteria: impl IntoIterator<Item = &'a Criterion>) -> Vec<Item> {
    let item = |criterion: &Criterion| Item {
        parent: criterion.id.rsplit_once('.').map(|(stem, _)| stem.to_string()),
        ..Item::new(&criterion.id, &criterion.text)
    };
    criteria.into_iter().map(item).collect()
}

/// Requirements as items, by their titles and stories.
pub fn requirements(requirements: &spec::requirements::Requirements) -> Vec<Item> {
    let text = |requirement: &spec::requirements::Requirement| {
        format!("{}\n{}", requirement.title, requirement.user_story.as_deref().unwrap_or_default())
    };
    requirements.requirements.iter().map(|it| Item::new(&it.number, &text(it))).collect()
}

/// Tasks as items, by title and details. What they cite and depend on is left out, because a renumbering changes it.
pub fn tasks(tasks: &Tasks) -> Vec<Item> {
    let item = |task: &Task| {
        let parent = task.parent.and_then(|at| tasks.tasks.get(at)).map(|parent| parent.id.clone());
        Item { parent, ..Item::new(&task.id, &identity(task)) }
    };
    tasks.tasks.iter().map(item).collect()
}

/// The text that makes a task this task.
pub(crate) fn identity(task: &Task) -> String {
    let mut text = task.title.clone();
    for mark in ["(dep: ", "(deps: ", "(depends on ", "(depends: "] {
        if let Some((before, rest)) = text.clone().split_once(mark)
            && let Some((_, after)) = rest.split_once(')')
        {
            text = format!("{before} {after}");
        }
    }
    for detail in task.details.iter().filter(|detail| !is_pointer(detail)) {
        text.push('\n');
        text.push_str(detail);
    }
    text
}

/// Whether a detail only points at numbers of other items.
fn is_pointer(detail: &str) -> bool {
    let body = detail.trim_start_matches(['_', '*', '-', ' ']).to_lowercase();
    spec::references::read_line(detail).is_some_and(|_| !body.is_empty() && is_label_first(&body))
        || ["depends", "depends on", "dependencies", "dependency", "blocked by", "依存", "依赖"].iter().any(
            |label| body.strip_prefix(label).is_some_and(|rest| rest.trim_start().starts_with([':', '：'])),
        )
}

/// References may also stand behind other words; then the line is more than a pointer.
fn is_label_first(body: &str) -> bool {
    body.find([':', '：']).is_some_and(|at| at <= LABEL_BYTES_MAX)
}

/// Bytes in a label.
const LABEL_BYTES_MAX: usize = 40;

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// The same number and the same words.
    Kept,
    /// The same words under another number.
    Moved,
    /// Other words that are alike, under the same number or another.
    Reworded,
    /// Not there before.
    New,
    /// No longer there.
    Removed,
}

/// One item of both versions, or of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Index in the old items.
    pub old: Option<usize>,
    /// Index in the new items.
    pub new: Option<usize>,
    /// What became of it.
    pub fate: Fate,
    /// How sure that is, in percent. Below [`SURE_PERCENT`], several items have the same words and nothing says
    /// which is which.
    pub confidence: u32,
}

/// Confidence from which a link may carry something over.
pub const SURE_PERCENT: u32 = 80;

/// What became of all items of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage {
    /// One link for each new item in order, then one for each removed item in order.
    pub links: Vec<Link>,
    old_ids: Vec<String>,
    new_ids: Vec<String>,
    by_old: HashMap<String, usize>,
}

impl Lineage {
    /// Compares two versions. `n·log n` in the number of words.
    pub fn of(old: &[Item], new: &[Item]) -> Lineage {
        let links = matching::links(old, new);
        let ids = |items: &[Item]| items.iter().map(|item| item.id.clone()).collect::<Vec<_>>();
        let (old_ids, new_ids) = (ids(old), ids(new));
        let mut by_old = HashMap::new();
        for (at, link) in links.iter().enumerate() {
            if let Some(id) = link.old.and_then(|old| old_ids.get(old)) {
                by_old.entry(id.clone()).or_insert(at);
            }
        }
        Lineage { links, old_ids, new_ids, by_old }
    }

    /// The number in the old version; empty for a new item.
    pub fn old_id(&self, link: &Link) -> &str {
        link.old.and_then(|at| self.old_ids.get(at)).map(String::as_str).unwrap_or_default()
    }

    /// The number in the new version; empty for a removed item.
    pub fn new_id(&self, link: &Link) -> &str {
        link.new.and_then(|at| self.new_ids.get(at)).map(String::as_str).unwrap_or_default()
    }

    /// What became of the old item with that number.
    pub fn of_old(&self, id: &str) -> Option<&Link> {
        self.by_old.get(id).and_then(|at| self.links.get(*at))
    }

    /// The number that the old item has now; `None` when it is unknown or removed.
    pub fn renumbered(&self, id: &str) -> Option<&str> {
        let link = self.of_old(id)?;
        link.new.map(|_| self.new_id(link))
    }
}

#[cfg(test)]
#[path = "lineage/lineage_tests.rs"]
mod tests;

//! Which file that is gone is which file that is new. Guesses only where half of the bytes are the same.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::SnapshotError;
use crate::diff::Texts;
use crate::object::Id;
use crate::store::Store;
use crate::trees::Differs;

/// How many files that are gone are compared with how many that are new.
const COMPARED_MAX: usize = 400;
/// How much must be the same, in percent.
const SAME_PERCENT: usize = 50;

/// The files that were moved: for each new path where it came from.
pub(crate) fn find(
    store: &Store,
    differs: &[Differs],
    texts: &mut Texts,
) -> Result<BTreeMap<Vec<u8>, Differs>, SnapshotError> {
    let mut moved = BTreeMap::new();
    let is_file = |it: &&Differs| it.before.or(it.after).is_some_and(|node| node.is_file());
    let mut gone: Vec<&Differs> = differs.iter().filter(|it| it.after.is_none()).filter(is_file).collect();
    let mut new: Vec<&Differs> = differs.iter().filter(|it| it.before.is_none()).filter(is_file).collect();
    // The same bytes first; the last of several is taken, so that each is taken once.
    let mut by_id: HashMap<Id, Vec<&Differs>> = HashMap::new();
    for it in gone.iter().rev() {
        by_id.entry(it.before.map_or(Id([0; 32]), |node| node.id)).or_default().push(it);
    }
    let mut taken: HashSet<&[u8]> = HashSet::new();
    new.retain(|it| {
        let same = it.after.and_then(|node| by_id.get_mut(&node.id)).and_then(Vec::pop);
        if let Some(from) = same {
            taken.insert(&from.path);
            moved.insert(it.path.clone(), from.clone());
        }
        same.is_none()
    });
    gone.retain(|it| !taken.contains(it.path.as_slice()));
    if gone.is_empty() || gone.len() > COMPARED_MAX || new.len() > COMPARED_MAX {
        return Ok(moved);
    }
    let mut lines = |it: &Differs| -> Result<Option<Lines>, SnapshotError> {
        let Some(node) = it.before.or(it.after) else { return Ok(None) };
        Ok(texts.get(store, &node.id)?.filter(|text| !text.is_empty()).map(Lines::of))
    };
    let gone_lines = gone.iter().map(|it| lines(it)).collect::<Result<Vec<_>, _>>()?;
    let new_lines = new.iter().map(|it| lines(it)).collect::<Result<Vec<_>, _>>()?;
    let mut pairs = Vec::new();
    for (from, old) in gone_lines.iter().enumerate() {
        for (to, new) in new_lines.iter().enumerate() {
            let (Some(old), Some(new)) = (old, new) else { continue };
            let same = old.same_percent(new);
            if same >= SAME_PERCENT {
                pairs.push((same, from, to));
            }
        }
    }
    // The most alike first, then by path.
    pairs.sort_by_key(|(same, from, to)| (std::cmp::Reverse(*same), *from, *to));
    let (mut from_taken, mut to_taken) = (HashSet::new(), HashSet::new());
    for (_, from, to) in pairs {
        if from_taken.contains(&from) || to_taken.contains(&to) {
            continue;
        }
        if let (Some(gone), Some(new)) = (gone.get(from), new.get(to)) {
            from_taken.insert(from);
            to_taken.insert(to);
            moved.insert(new.path.clone(), (*gone).clone());
        }
    }
    Ok(moved)
}

/// How many bytes of a text lie in lines of each kind.
struct Lines {
    bytes: HashMap<u64, usize>,
    length: usize,
}

impl Lines {
    fn of(text: &[u8]) -> Lines {
        let mut bytes = HashMap::new();
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let mut hasher = DefaultHasher::new();
            line.hash(&mut hasher);
            *bytes.entry(hasher.finish()).or_default() += line.len();
        }
        Lines { bytes, length: text.len() }
    }

    fn same_percent(&self, other: &Lines) -> usize {
        let (less, more) = (self.length.min(other.length), self.length.max(other.length));
        if less * 100 < more * SAME_PERCENT {
            return 0;
        }
        let same = |(line, bytes): (&u64, &usize)| other.bytes.get(line).map_or(0, |there| *there.min(bytes));
        self.bytes.iter().map(same).sum::<usize>() * 100 / more
    }
}

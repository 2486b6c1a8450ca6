//! Known before and seen now, to moments. Pure: the disk was looked at before.

use std::collections::{BTreeMap, BTreeSet};

use crate::moment::{Kind, Moment};

/// Renames that one file is followed through within one burst.
const CHAIN_MAX: usize = 64;

/// What tells one state of a file from another: a hash of its length, its time of modification and its inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(pub(crate) u64);

/// One path before and now.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    pub(crate) was: Option<Stamp>,
    pub(crate) is: Option<Stamp>,
    /// A name appeared there.
    pub(crate) created: bool,
    /// Content was written through it.
    pub(crate) written: bool,
}

/// What happened, by path. `renames` are pairs of files or directories in the order in which they happened.
pub(crate) fn judge(sights: &BTreeMap<String, Sight>, renames: &[(String, String)]) -> Vec<Moment> {
    let origins = Origins::new(renames);
    let mut moments = Vec::new();
    let mut moved = BTreeSet::new();
    for (path, sight) in sights {
        let mut tell = |kind| moments.push(Moment { path: path.clone(), kind, cause: None });
        match (sight.was, sight.is) {
            (None, Some(is)) => {
                let origin = origins.of(path).and_then(|from| {
                    let before = sights.get(&from).filter(|before| before.is.is_none())?.was?;
                    Some((from, before))
                });
                match origin {
                    Some((from, before)) if !moved.contains(&from) => {
                        moved.insert(from.clone());
                        tell(Kind::Renamed { from });
                        if sight.written || before != is {
                            tell(Kind::Saved);
                        }
                    }
                    // Not known, and yet no new name: it began to matter just now.
                    _ if !sight.created => tell(Kind::Saved),
                    _ => tell(Kind::Created),
                }
            }
            (Some(was), Some(is)) if sight.written || was != is => tell(Kind::Saved),
            (Some(_), None) => tell(Kind::Deleted),
            _ => {}
        }
    }
    moments.retain(|moment| moment.kind != Kind::Deleted || !moved.contains(&moment.path));
    moments
}

/// Where a path came from.
struct Origins<'r> {
    /// By the new path, the moves that led there: when, and from where.
    by_new: BTreeMap<&'r str, Vec<(usize, &'r str)>>,
}

impl<'r> Origins<'r> {
    fn new(renames: &'r [(String, String)]) -> Origins<'r> {
        let mut by_new: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
        for (at, (from, to)) in renames.iter().enumerate() {
            by_new.entry(to).or_default().push((at, from));
        }
        Origins { by_new }
    }

    /// The path that a file had before all renames, when it had another one.
    fn of(&self, path: &str) -> Option<String> {
        if self.by_new.is_empty() {
            return None;
        }
        let mut now = path.to_owned();
        let mut before = usize::MAX;
        for _ in 0..CHAIN_MAX {
            let Some((at, from)) = self.last(&now, before) else {
                break;
            };
            (now, before) = (from, at);
        }
        (now != path).then_some(now)
    }

    /// The last move, before another one, that gave a path or one of the directories that it lies in their names.
    fn last(&self, path: &str, before: usize) -> Option<(usize, String)> {
        let ends = path.char_indices().filter(|(_, sign)| *sign == '/').map(|(at, _)| at);
        let (at, from, end) = ends
            .chain(std::iter::once(path.len()))
            .filter_map(|end| {
                let moves = self.by_new.get(path.get(..end)?)?;
                let place = moves.partition_point(|(at, _)| *at < before).checked_sub(1)?;
                moves.get(place).map(|(at, from)| (*at, *from, end))
            })
            .max()?;
        Some((at, format!("{from}{}", path.get(end..).unwrap_or_default())))
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;

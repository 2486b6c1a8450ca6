//! Two batches as one: what happened from before the first to after the second. Pure.

use std::collections::BTreeMap;

use crate::moment::{Batch, Kind, Moment};

/// What a path was before and is now.
#[derive(Debug)]
struct Net {
    was: bool,
    is: bool,
    saved: bool,
    from: Option<String>,
    cause: Option<String>,
}

impl Batch {
    /// Adds a later batch. No file that differs between before and after is lost; one that came and went is.
    pub fn absorb(&mut self, later: Batch) {
        let mut nets = Nets::default();
        nets.take(std::mem::take(&mut self.moments));
        nets.take(later.moments);
        self.moments = nets.moments();
        self.rescanned = self.rescanned.max(later.rescanned);
        self.checkout |= later.checkout;
        self.index |= later.index;
        for note in later.notes {
            self.note(note);
        }
        self.at_ms = later.at_ms;
        self.merged = self.merged.saturating_add(later.merged).saturating_add(1);
    }
}

#[derive(Debug, Default)]
struct Nets(BTreeMap<String, Net>);

impl Nets {
    fn at(&mut self, path: &str, was: bool, cause: Option<&String>) -> &mut Net {
        if !self.0.contains_key(path) {
            let net = Net { was, is: was, saved: false, from: None, cause: cause.cloned() };
            return self.0.entry(path.to_owned()).or_insert(net);
        }
        let net = self.0.entry(path.to_owned()).or_insert(Net {
            was,
            is: was,
            saved: false,
            from: None,
            cause: None,
        });
        // A change that nobody announced is told as such, also where another one was announced.
        net.cause = net.cause.as_ref().and(cause.cloned());
        net
    }

    fn take(&mut self, moments: Vec<Moment>) {
        for Moment { path, kind, cause } in moments {
            let cause = cause.as_ref();
            match kind {
                Kind::Created => {
                    let net = self.at(&path, false, cause);
                    (net.is, net.saved, net.from) = (true, net.was, None);
                }
                Kind::Saved => {
                    let net = self.at(&path, true, cause);
                    (net.is, net.saved) = (true, true);
                }
                Kind::Deleted => {
                    let net = self.at(&path, true, cause);
                    (net.is, net.saved, net.from) = (false, false, None);
                }
                Kind::Renamed { from } => {
                    let old = self.at(&from, true, cause);
                    let origin = old.from.take().or_else(|| old.was.then(|| from.clone()));
                    let saved = old.saved;
                    (old.is, old.saved) = (false, false);
                    let new = self.at(&path, false, cause);
                    let is_back = origin.as_deref() == Some(path.as_str());
                    (new.is, new.saved) = (true, saved || new.was && !is_back);
                    new.from = origin;
                }
            }
        }
    }

    fn moments(mut self) -> Vec<Moment> {
        let mut moments = Vec::with_capacity(self.0.len());
        let mut consumed = Vec::new();
        for (path, net) in &self.0 {
            let from = net.from.as_ref().filter(|from| {
                !net.was && net.is && self.0.get(*from).is_some_and(|origin| origin.was && !origin.is)
            });
            let mut tell = |kind| moments.push(Moment { path: path.clone(), kind, cause: net.cause.clone() });
            match (net.was, net.is) {
                (false, true) => match from {
                    Some(from) => {
                        consumed.push(from.clone());
                        tell(Kind::Renamed { from: from.clone() });
                        if net.saved {
                            tell(Kind::Saved);
                        }
                    }
                    None => tell(Kind::Created),
                },
                (true, true) if net.saved => tell(Kind::Saved),
                (true, false) => tell(Kind::Deleted),
                _ => {}
            }
        }
        for from in consumed {
            self.0.remove(&from);
        }
        moments.retain(|moment| moment.kind != Kind::Deleted || self.0.contains_key(&moment.path));
        moments
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;

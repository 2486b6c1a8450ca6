//! Which changes of files the hooks of a session were told while a call of another session lay around it: the session around finds
//! the same changes by comparing checkpoints, and is to tell them to nobody twice. Finds no changes and runs no hook.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent::Touched;
use hooks::HookId;

use crate::calls_in_work::state_of;

/// Files of which it is known what was told, for one call; what comes after is told once more.
const FILES_MAX: usize = 20_000;

/// Calls of which that is known. Of those that nobody asked for any more the oldest is forgotten first.
const CALLS_MAX: usize = 64;

/// What was told inside the calls of all sessions of one process.
#[derive(Debug, Default)]
pub(crate) struct Tellings(Mutex<Known>);

/// A session and one of its calls.
type Around = (String, String);

#[derive(Debug, Default)]
struct Known {
    /// Of each session that lies inside a call, which call that is.
    around: HashMap<String, Around>,
    /// What was told inside each call.
    told: HashMap<Around, HashMap<String, Told>>,
    /// The same calls, oldest first.
    order: VecDeque<Around>,
}

impl Known {
    /// What was told inside a call, for more.
    fn inside(&mut self, call: &Around) -> &mut HashMap<String, Told> {
        if !self.told.contains_key(call) {
            if self.order.len() >= CALLS_MAX
                && let Some(oldest) = self.order.pop_front()
            {
                self.told.remove(&oldest);
            }
            self.order.push_back(call.clone());
        }
        self.told.entry(call.clone()).or_default()
    }

    fn forget(&mut self, is_meant: impl Fn(&Around) -> bool) {
        self.order.retain(|around| !is_meant(around));
        self.told.retain(|around, _| !is_meant(around));
    }
}

/// What was told of one file.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// What the file held; 0 when it was gone.
    state: u64,
    /// The hooks that wait for files where it was told.
    to: Vec<Arc<[HookId]>>,
}

impl Told {
    /// Whether this hook was told of the file as it is now.
    pub(super) fn reached(&self, hook: &HookId) -> bool {
        self.to.iter().any(|to| to.contains(hook))
    }

    /// Whether the file is still as it was told.
    pub(super) fn is_now(&self, root: &Path, path: &str) -> bool {
        self.state == state_of(&root.join(path))
    }
}

/// As long as it lives, a session lies inside a call.
pub(crate) struct Inside<'t> {
    tellings: &'t Tellings,
    session: String,
}

impl Tellings {
    /// A session begins inside a call of another.
    pub(crate) fn enter(&self, session: &str, parent: &str, call: &str) -> Inside<'_> {
        let around = (parent.to_string(), call.to_string());
        self.known().around.insert(session.to_string(), around);
        Inside { tellings: self, session: session.to_string() }
    }

    /// These changes are being told to these hooks of a session. Nothing is kept where it lies inside no call.
    pub(super) fn tell(&self, session: &str, root: &Path, changes: &[Touched], to: &Arc<[HookId]>) {
        let mut calls = Vec::new();
        {
            let known = self.known();
            let mut at = session;
            while let Some(around) = known.around.get(at) {
                calls.push(around.clone());
                at = &around.0;
            }
        }
        if calls.is_empty() {
            return;
        }
        for change in changes {
            let state = state_of(&root.join(&change.path));
            let mut known = self.known();
            for call in &calls {
                let told = known.inside(call);
                let is_full = told.len() >= FILES_MAX;
                match told.get_mut(&change.path) {
                    Some(before) if before.state == state => before.to.push(Arc::clone(to)),
                    Some(before) => *before = Told { state, to: vec![Arc::clone(to)] },
                    None if is_full => {}
                    None => {
                        told.insert(change.path.clone(), Told { state, to: vec![Arc::clone(to)] });
                    }
                }
            }
        }
    }

    /// What was told inside a call that is over. It is forgotten with that.
    pub(super) fn take(&self, session: &str, call: &str) -> HashMap<String, Told> {
        let around = (session.to_string(), call.to_string());
        let mut known = self.known();
        let told = known.told.remove(&around).unwrap_or_default();
        known.forget(|other| *other == around);
        told
    }

    /// Nobody will ask what was told inside this run of a hook.
    pub(super) fn forget(&self, call: &str) {
        self.known().forget(|(_, other)| other == call);
    }

    /// A panic elsewhere leaves what is known as it was.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.tellings.known().around.remove(&self.session);
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test makes files")]
mod tests {
    use super::*;
    use agent::How;

    fn touched(path: &str) -> Vec<Touched> {
        vec![Touched { path: path.to_string(), how: How::Saved }]
    }

    #[test]
    fn what_is_told_inside_is_known_around_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::write(root.join("a"), "1").unwrap();
        let (one, two) = (HookId::new("f", "one", 0), HookId::new("f", "two", 0));
        let to = |hooks: &[&HookId]| hooks.iter().map(|hook| (*hook).clone()).collect::<Arc<[HookId]>>();
        let tellings = Tellings::default();
        // Nobody is around it.
        tellings.tell("whole", root, &touched("a"), &to(&[&one]));
        assert!(tellings.known().told.is_empty());
        let part = tellings.enter("part", "whole", "c1");
        let deeper = tellings.enter("deeper", "part", "c1");
        tellings.tell("deeper", root, &touched("a"), &to(&[&one]));
        drop(deeper);
        tellings.tell("deeper", root, &touched("b"), &to(&[&one]));
        let told = tellings.take("part", "c1");
        assert!(told["a"].reached(&one) && !told["a"].reached(&two) && told["a"].is_now(root, "a"));
        assert!(!told.contains_key("b") && tellings.take("part", "c1").is_empty());
        // The same state to more hooks joins; another state begins anew.
        tellings.tell("part", root, &touched("a"), &to(&[&two]));
        let joined = tellings.take("whole", "c1");
        assert!(joined["a"].reached(&one) && joined["a"].reached(&two));
        tellings.tell("part", root, &touched("a"), &to(&[&one]));
        std::fs::write(root.join("a"), "2").unwrap();
        tellings.tell("part", root, &touched("a"), &to(&[&two]));
        drop(part);
        let anew = tellings.take("whole", "c1");
        assert!(!anew["a"].reached(&one) && anew["a"].reached(&two));
        std::fs::remove_file(root.join("a")).unwrap();
        assert!(!anew["a"].is_now(root, "a"));
        assert!(tellings.known().around.is_empty());
    }

    #[test]
    fn what_nobody_asks_for_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let tellings = Tellings::default();
        let to: Arc<[HookId]> = Arc::from([HookId::new("f", "one", 0)]);
        let tell = |call: &str| {
            let _part = tellings.enter("part", "whole", call);
            tellings.tell("part", folder.path(), &touched("a"), &to);
        };
        let is_kept = |call: &str| !tellings.take("whole", call).is_empty();
        tell("stopped");
        tell("other");
        tellings.forget("stopped");
        assert_eq!([is_kept("stopped"), is_kept("other")], [false, true]);
        (0..=CALLS_MAX).for_each(|at| tell(&at.to_string()));
        let kept = tellings.known().told.len();
        assert_eq!([is_kept("0"), is_kept("1")], [false, true]);
        let order = tellings.known().order.len();
        assert_eq!((kept, order), (CALLS_MAX, CALLS_MAX - 1));
    }
}

//! What happened, as a value: the trigger and everything that is known of it, and the chain of hooks that led to it.

use serde_json::Value;

use crate::hook::HookId;
use crate::trigger::Trigger;

/// The most hooks that a chain names; a longer one was cut long before.
pub const LINKS_MAX: usize = 64;

/// Paths that one merged moment carries; [`Moment::paths_left_out`] counts the others.
pub const PATHS_MAX: usize = 1_000;

/// What a moment came from: the first event, and the hooks in between, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Chain {
    /// The event that nobody's hook caused: a person's save, a prompt. Any text that is unique in the record.
    pub root: String,
    /// The hooks that led here. After a merge also those of the merged moments, so that none of them runs again.
    pub links: Vec<HookId>,
    /// How many hooks ran one after the other; at most the number of links.
    pub depth: usize,
}

impl Chain {
    /// A chain that begins here.
    pub fn begun(root: impl Into<String>) -> Chain {
        Chain { root: root.into(), links: Vec::new(), depth: 0 }
    }

    /// The chain of everything that `hook` does because of a moment with this chain.
    #[must_use]
    pub fn then(&self, hook: &HookId) -> Chain {
        let mut next = self.clone();
        next.depth = next.depth.saturating_add(1);
        if next.links.len() < LINKS_MAX {
            next.links.push(hook.clone());
        }
        next
    }

    /// Whether `hook` is among what led here.
    pub fn holds(&self, hook: &HookId) -> bool {
        self.links.contains(hook)
    }

    /// The chain of a moment that stands for two: the deeper one, with the other's hooks added.
    #[must_use]
    pub fn merged(&self, other: &Chain) -> Chain {
        let (deep, flat) = if other.depth > self.depth { (other, self) } else { (self, other) };
        let mut merged = deep.clone();
        for link in &flat.links {
            if !merged.holds(link) && merged.links.len() < LINKS_MAX {
                merged.links.push(link.clone());
            }
        }
        merged
    }

    /// For people: `save-1 → a#fmt → b#docs`.
    pub fn shown(&self) -> String {
        let mut shown = self.root.clone();
        for link in &self.links {
            shown.push_str(" → ");
            shown.push_str(link.as_str());
        }
        shown
    }
}

/// A moment. Fields that the moment does not have stay `None`; nothing that is known is left out of a payload.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// What happened.
    pub trigger: Trigger,
    /// The session in which it happened; the daemon's own id for changes by people.
    pub session_id: String,
    /// The workspace, absolute.
    pub cwd: String,
    /// The agent whose session it is, for hooks of one agent.
    pub agent: Option<String>,
    /// What the person sent last.
    pub prompt: Option<String>,
    /// Our name of the tool: `write`, or `server/tool`.
    pub tool_name: Option<String>,
    /// The tool's input.
    pub tool_input: Option<Value>,
    /// What the tool answered: text, or anything else as JSON.
    pub tool_response: Option<Value>,
    /// The file, relative to the workspace, with `/`.
    pub file_path: Option<String>,
    /// All files of a merged moment, the first one included, at most [`PATHS_MAX`]; empty when there is only one.
    pub file_paths: Vec<String>,
    /// Files of a merged moment that are not in `file_paths`.
    pub paths_left_out: usize,
    /// The name before a rename.
    pub old_path: Option<String>,
    /// The spec's name.
    pub spec_name: Option<String>,
    /// The task, as its document names it.
    pub task_name: Option<String>,
    /// Whether the task was proven.
    pub task_success: Option<bool>,
    /// What the person chose when the hook asked.
    pub user_decision: Option<String>,
    /// What led here.
    pub cause: Chain,
}

impl Moment {
    /// A moment of which nothing but this is known.
    pub fn new(trigger: Trigger, session_id: impl Into<String>, cwd: impl Into<String>) -> Moment {
        Moment {
            trigger,
            session_id: session_id.into(),
            cwd: cwd.into(),
            agent: None,
            prompt: None,
            tool_name: None,
            tool_input: None,
            tool_response: None,
            file_path: None,
            file_paths: Vec::new(),
            paths_left_out: 0,
            old_path: None,
            spec_name: None,
            task_name: None,
            task_success: None,
            user_decision: None,
            cause: Chain::default(),
        }
    }

    /// Every file of it: the list when there is one, else the one file.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let one = self.file_path.as_deref().filter(|_| self.file_paths.is_empty());
        self.file_paths.iter().map(String::as_str).chain(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merged_chain_is_as_deep_as_the_deeper_and_knows_the_hooks_of_both() {
        let (a, b, c) = (HookId::new("f", "a", 0), HookId::new("f", "b", 0), HookId::new("f", "c", 0));
        let deep = Chain::begun("save-1").then(&a).then(&b);
        let flat = Chain::begun("save-2").then(&c);
        let merged = flat.merged(&deep);
        assert_eq!((merged.depth, merged.root.as_str()), (2, "save-1"));
        assert!([a, b, c].iter().all(|hook| merged.holds(hook)));
        assert_eq!(flat.merged(&Chain::begun("x")).shown(), "save-2 → f#c");
    }

    #[test]
    fn a_chain_stops_growing() {
        let hook = HookId::new("f", "a", 0);
        let chain = (0..1_000).fold(Chain::begun("x"), |chain, _| chain.then(&hook));
        assert_eq!((chain.links.len(), chain.depth), (LINKS_MAX, 1_000));
    }
}

//! What may stand in the system part of a prompt: typed, bounded pieces in a fixed order. Reads no file.

use crate::Digest;

/// The largest fragment, in bytes. What is longer is cut, and says so at its end.
const FRAGMENT_BYTES_MAX: usize = 64 * 1024;

/// One piece of the prompt that is not conversation. Fragments are pinned: compaction never touches them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    kind: FragmentKind,
    name: String,
    text: String,
}

/// What a fragment is, in the order in which fragments stand in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FragmentKind {
    /// How the agent works: the same for every session, so that a cache serves it.
    System,
    /// Where it works: platform, workspace.
    Workspace,
    /// Steering in force.
    Steering,
    /// The task at hand with its criteria and design sections.
    Task,
}

impl Fragment {
    /// A fragment of this text, cut at a character boundary when it is longer than a fragment may be.
    pub fn new(kind: FragmentKind, name: impl Into<String>, text: impl Into<String>) -> Fragment {
        let mut text: String = text.into();
        if text.len() > FRAGMENT_BYTES_MAX {
            let mut end = FRAGMENT_BYTES_MAX;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text.push_str("\n[cut: longer than a fragment may be]");
        }
        Fragment { kind, name: name.into(), text }
    }

    /// What it is.
    pub fn kind(&self) -> FragmentKind {
        self.kind
    }

    /// Where it comes from: a file, a spec, `waypost`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its text, at most 64 KiB and a short note.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The digest of its text; the ledger records it for each turn in which the fragment was in force.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }
}

impl FragmentKind {
    /// The word in records.
    pub fn name(self) -> &'static str {
        match self {
            FragmentKind::System => "system",
            FragmentKind::Workspace => "workspace",
            FragmentKind::Steering => "steering",
            FragmentKind::Task => "task",
        }
    }

    /// The kind with that name.
    pub fn named(name: &str) -> Option<FragmentKind> {
        use FragmentKind::{Steering, System, Task, Workspace};
        [System, Workspace, Steering, Task].into_iter().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_fragment_is_cut_and_says_so() {
        let fragment = Fragment::new(FragmentKind::Steering, "a.md", "é".repeat(FRAGMENT_BYTES_MAX));
        assert!(fragment.text().ends_with("é\n[cut: longer than a fragment may be]"));
        assert!(fragment.text().len() < FRAGMENT_BYTES_MAX + 64);
    }
}

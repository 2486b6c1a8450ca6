//! Changes a task's state as a splice of one byte. Writes no file.

use crate::tasks::{State, Tasks};

/// A change of one byte. Nothing else in the document moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Splice {
    /// Where the byte stands.
    pub offset: usize,
    /// The byte that must be there now.
    pub from: u8,
    /// The byte that will be there.
    pub to: u8,
}

/// Why a task could not be ticked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// No task has that id.
    UnknownTask {
        /// The id asked for.
        id: String,
        /// The last id of the document, for the hint.
        last: Option<String>,
    },
    /// No single byte holds the task's state: it follows from sub-tasks, or its mark is longer or missing.
    NoByte {
        /// The task.
        id: String,
        /// Bytes of its mark: 0 when it has none.
        mark_len: usize,
        /// It has sub-tasks, whose ticks decide.
        has_children: bool,
    },
    /// The document is not the one that the splice was made for.
    Moved {
        /// Where the expected byte is missing.
        offset: usize,
    },
}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EditError::UnknownTask { id, last: Some(last) } => {
                write!(f, "there is no task `{id}`; tasks in this spec end at `{last}`")
            }
            EditError::UnknownTask { id, last: None } => {
                write!(f, "there is no task `{id}`; this spec has no tasks")
            }
            EditError::NoByte { id, has_children: true, .. } => {
                write!(f, "task `{id}` has no box of its own; tick its sub-tasks")
            }
            EditError::NoByte { id, mark_len: 0, .. } => {
                write!(f, "task `{id}` has no box that one byte fills; write `- [ ]` before it")
            }
            EditError::NoByte { id, .. } => {
                write!(f, "the mark of task `{id}` is longer than one byte; write `[ ]` or `[x]`")
            }
            EditError::Moved { offset } => {
                write!(f, "the document changed at byte {offset} since it was read")
            }
        }
    }
}

impl std::error::Error for EditError {}

/// The splice that puts the task into the state `to`. When it is there already, the splice changes nothing
/// (`from == to`; a capital `X` stays), so that a resumed run may tick again.
pub fn tick(bytes: &[u8], task_id: &str, to: State) -> Result<Splice, EditError> {
    let tasks = Tasks::parse(bytes);
    let unknown = || EditError::UnknownTask {
        id: task_id.to_string(),
        last: tasks.tasks.last().map(|task| task.id.clone()),
    };
    let task = tasks.find(task_id).ok_or_else(unknown)?;
    let Some(from) = bytes.get(task.state_offset).copied().filter(|_| task.mark_len == 1) else {
        if task.state != to {
            let (id, has_children) = (task.id.clone(), !task.is_leaf());
            return Err(EditError::NoByte { id, mark_len: task.mark_len, has_children });
        }
        let offset = task.line.offset;
        let from = bytes.get(offset).copied().ok_or_else(unknown)?;
        return Ok(Splice { offset, from, to: from });
    };
    let is_there = task.state == to && (to != State::Open || from == b' ');
    Ok(Splice { offset: task.state_offset, from, to: if is_there { from } else { to.byte() } })
}

impl Splice {
    /// Whether applying changes nothing.
    pub fn is_empty(&self) -> bool {
        self.from == self.to
    }

    /// The document with the one byte changed.
    ///
    /// Errors: [`EditError::Moved`] when the byte at `offset` is not `from`.
    pub fn apply(&self, bytes: &[u8]) -> Result<Vec<u8>, EditError> {
        let mut out = bytes.to_vec();
        match out.get_mut(self.offset) {
            Some(byte) if *byte == self.from => *byte = self.to,
            _ => return Err(EditError::Moved { offset: self.offset }),
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(before: &str, id: &str, to: State, after: &str) {
        let splice = tick(before.as_bytes(), id, to).unwrap();
        assert_eq!(String::from_utf8(splice.apply(before.as_bytes()).unwrap()).unwrap(), after);
    }

    #[test]
    fn one_byte_changes() {
        check("- [ ] 1. A\r\n- [ ] 2. B\r\n", "2", State::Done, "- [ ] 1. A\r\n- [x] 2. B\r\n");
        check("\u{feff}* [-]\\* 1.3 Ä\n", "1.3", State::Open, "\u{feff}* [ ]\\* 1.3 Ä\n");
        check("- [X] 1. A", "1", State::Done, "- [X] 1. A");
        check("- [!] 1. A", "1.", State::Open, "- [ ] 1. A");
        check("- [ ] A\n  - [ ] B\n", "1.1", State::InProgress, "- [ ] A\n  - [-] B\n");
    }

    #[test]
    fn errors_name_the_next_step() {
        let error = tick(b"- [ ] 1. A\n- [ ] 2. B\n", "9", State::Done).unwrap_err();
        assert_eq!(error.to_string(), "there is no task `9`; tasks in this spec end at `2`");
        let splice = tick(b"- [ ] 1. A", "1", State::Done).unwrap();
        assert_eq!(splice.apply(b"- [x] 1. A"), Err(EditError::Moved { offset: 3 }));
        assert_eq!(splice.apply(b""), Err(EditError::Moved { offset: 3 }));
    }

    #[test]
    fn what_no_byte_holds_is_refused() {
        let check = |text: &str, id: &str, expected: &str| {
            assert_eq!(tick(text.as_bytes(), id, State::Done).unwrap_err().to_string(), expected);
        };
        check("### Task 1: A\n- [ ] a\n", "1", "task `1` has no box of its own; tick its sub-tasks");
        check("### Task 1: A\n", "1", "task `1` has no box that one byte fills; write `- [ ]` before it");
        check("- [❌] 1. A\n", "1", "the mark of task `1` is longer than one byte; write `[ ]` or `[x]`");
        // What is so already stays.
        for text in ["### Task 1: A\n- [x] a\n", "- [✓] 1. A\n"] {
            let splice = tick(text.as_bytes(), "1", State::Done).unwrap();
            assert!(splice.is_empty());
            assert_eq!(splice.apply(text.as_bytes()).unwrap(), text.as_bytes());
        }
    }

    pub(crate) fn document() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            "[ \t]{0,4}[-*+] \\[[ x~X!-]\\]\\\\?\\*? [0-9]?(\\.[0-9])? ?[a-zé`]{0,6}",
            "#{1,3} (Tasks|Requirements|Notes)",
            "  - _Requirements: [0-9.,-]{0,8}_",
            "```(json)?",
            "\\PC{0,12}",
        ];
        (proptest::collection::vec(line, 0..20), "\r?\n").prop_map(|(lines, eol)| lines.join(&eol))
    }

    proptest! {
        #[test]
        fn ticking_changes_at_most_one_byte_and_only_that_state(text in document(), pick in any::<prop::sample::Index>()) {
            let before = Tasks::parse(text.as_bytes());
            if before.tasks.is_empty() {
                return Ok(());
            }
            let index = pick.index(before.tasks.len());
            let splice = tick(text.as_bytes(), &before.tasks[index].id, State::Done).unwrap();
            let ticked = splice.apply(text.as_bytes()).unwrap();
            prop_assert_eq!(ticked.len(), text.len());
            let changed = ticked.iter().zip(text.as_bytes()).filter(|(a, b)| a != b).count();
            prop_assert!(changed <= 1);
            let after = Tasks::parse(&ticked);
            prop_assert_eq!(after.tasks.len(), before.tasks.len());
            for (at, (old, new)) in before.tasks.iter().zip(&after.tasks).enumerate() {
                prop_assert_eq!(&old.id, &new.id);
                prop_assert_eq!(new.state, if at == index { State::Done } else { old.state });
            }
            prop_assert_eq!(crate::approval::canonical(&ticked), crate::approval::canonical(text.as_bytes()));
        }
    }
}

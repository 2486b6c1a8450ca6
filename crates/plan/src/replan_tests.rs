//! Tests of what a new version of a task document does to the ticks.

use proptest::prelude::*;

use super::*;
use crate::lineage::Item;

const OLD: &str = "# Plan\n\n- [x] 1. Build the store\n  - [x] 1.1 Write the keys\n    - _Requirements: 1.1_\n  \
    - [X] 1.2 Write the values\n- [-] 2. Wire the clock\n- [ ] 3. Draw the banner\n";

#[track_caller]
fn check(new: &str, expected: &str) -> Replan {
    let out = replan(OLD.as_bytes(), new.as_bytes(), None);
    assert_eq!(String::from_utf8_lossy(&out.document), expected);
    out
}

fn ids(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| format!("{}>{}", row.old, row.new)).collect()
}

#[test]
fn ticks_go_with_the_words() {
    let out = check(
        "- [ ] 1. Draw the banner\n- [ ] 2. Build the store\n  - [ ] 2.1 Write the keys\n    - _Requirements: 1.2_\n  \
         - [ ] 2.2 Write the values\n- [ ] 3. Wire the clock\n",
        "- [ ] 1. Draw the banner\n- [x] 2. Build the store\n  - [x] 2.1 Write the keys\n    - _Requirements: 1.2_\n  \
         - [X] 2.2 Write the values\n- [-] 3. Wire the clock\n",
    );
    assert_eq!(ids(&out.kept), ["3>1", "1>2", "1.1>2.1", "1.2>2.2", "2>3"]);
    assert_eq!(ids(&out.recited().cloned().collect::<Vec<_>>()), ["1.1>2.1"]);
    assert!(!out.has_losses());
}

#[test]
fn a_changed_task_loses_its_tick_and_is_named() {
    let out = check(
        "- [x] 1. Build the store\n  - [x] 1.1 Write all the keys\n  - [x] 1.2 Write the values\n- [ ] 4. Sing\n",
        "- [ ] 1. Build the store\n  - [ ] 1.1 Write all the keys\n  - [X] 1.2 Write the values\n- [ ] 4. Sing\n",
    );
    assert_eq!(ids(&out.changed), ["1.1>1.1"]);
    assert_eq!(ids(&out.new), [">4"]);
    assert_eq!(ids(&out.removed), ["2>", "3>"]);
    assert_eq!(ids(&out.removed_done), ["2>"]);
    assert_eq!(out.reopened, ["1"]);
    assert_eq!(out.unproved, ["1.1"]);
    assert!(out.has_losses());
}

#[test]
fn what_a_model_ticks_is_no_evidence() {
    let out = check("- [x] 1. Sing\n- [x] 2. Draw the banner\n", "- [ ] 1. Sing\n- [ ] 2. Draw the banner\n");
    assert_eq!(out.unproved, ["1"]);
}

#[test]
fn a_task_that_gets_parts_is_open_again() {
    let out = check(
        "- [ ] 1. Wire the clock\n  - [ ] 1.1 Write the keys\n  - [ ] 1.2 Oil the wheels\n",
        "- [-] 1. Wire the clock\n  - [x] 1.1 Write the keys\n  - [ ] 1.2 Oil the wheels\n",
    );
    assert_eq!(ids(&out.new), [">1.2"]);
    // Parts that were done make their new whole done.
    check(
        "- [ ] 1. Everything about data\n  - [ ] 1.1 Write the keys\n  - [ ] 1.2 Write the values\n",
        "- [x] 1. Everything about data\n  - [x] 1.1 Write the keys\n  - [X] 1.2 Write the values\n",
    );
}

#[test]
fn renumbered_criteria_are_the_same_criteria() {
    let criteria = Lineage::of(&[Item::new("1.1", "keys are kept")], &[Item::new("1.2", "keys are kept")]);
    let new = "- [ ] 1.1 Write the keys\n  - _Requirements: 1.2_\n";
    let recited =
        |criteria: Option<&Lineage>| replan(OLD.as_bytes(), new.as_bytes(), criteria).kept[0].recited.clone();
    assert_eq!(recited(Some(&criteria)), (vec![], vec![]));
    assert_eq!(recited(None), (vec!["1.2".to_string()], vec!["1.1".to_string()]));
}

#[test]
fn nobody_knows_which_of_many_was_done() {
    let old = "- [ ] 1. Begin\n- [x] 2. Checkpoint\n- [ ] 3. End\n";
    let new = "- [ ] 1. Other\n- [ ] 2. Checkpoint\n- [ ] 3. Things\n- [ ] 4. Checkpoint\n- [ ] 5. Here\n";
    let out = replan(old.as_bytes(), new.as_bytes(), None);
    assert_eq!(String::from_utf8_lossy(&out.document), new);
    assert_eq!((out.unsure.len(), out.has_losses()), (1, true));
}

#[derive(Clone, Debug)]
struct Piece {
    words: String,
    state: char,
    is_part: bool,
}

/// A list of tasks with different words; every whole has the state that its parts give it.
fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    proptest::collection::vec((any::<bool>(), "[ x~-]"), 1..25).prop_map(|list| {
        let mut pieces: Vec<Piece> = Vec::new();
        for (at, (is_part, state)) in list.into_iter().enumerate() {
            let words = format!("Carry box{at} over hill{at} to town{at}");
            pieces.push(Piece { words, state: state.chars().next().unwrap(), is_part: is_part && at > 0 });
        }
        pieces
    })
}

/// The document with fresh numbers, and for each task its words and state.
fn write(pieces: &[Piece], with_states: bool, eol: &str) -> String {
    let (mut out, mut top, mut sub) = (String::new(), 0, 0);
    for (at, piece) in pieces.iter().enumerate() {
        let state = if with_states { piece.state } else { ' ' };
        if piece.is_part && at > 0 {
            sub += 1;
            out += &format!(
                "  - [{state}] {top}.{sub} {}{eol}    - _Requirements: {top}.{sub}_{eol}",
                piece.words
            );
        } else {
            (top, sub) = (top + 1, 0);
            out += &format!("- [{state}] {top}. {}{eol}", piece.words);
        }
    }
    out
}

#[derive(Clone, Debug)]
enum Edit {
    Insert(usize),
    Delete(usize),
    Swap(usize, usize),
    Reword(usize),
    Indent(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = || 0..25usize;
    prop_oneof![
        at().prop_map(Edit::Insert),
        at().prop_map(Edit::Delete),
        (at(), at()).prop_map(|(a, b)| Edit::Swap(a, b)),
        at().prop_map(Edit::Reword),
        at().prop_map(Edit::Indent),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    /// Ten versions one after the other: in each, every leaf with unchanged words keeps its byte, no other leaf has a
    /// tick, and nothing but state bytes differs from what was written.
    #[test]
    fn unchanged_tasks_keep_their_ticks(
        start in pieces(),
        rounds in proptest::collection::vec(proptest::collection::vec(edit(), 0..6), 1..10),
        crlf in any::<bool>(),
    ) {
        let eol = if crlf { "\r\n" } else { "\n" };
        let mut pieces = start;
        let mut document = write(&pieces, true, eol).into_bytes();
        for (round, edits) in rounds.iter().enumerate() {
            let before = Tasks::parse(&document);
            for (place, edit) in edits.iter().enumerate() {
                let count = pieces.len();
                match edit {
                    Edit::Insert(at) => {
                        let words = format!("Bring lamp{round}x{place} from shop{round}x{place} with care{round}x{place}");
                        let is_part = at % 2 == 0 && at % (count + 1) > 0;
                        pieces.insert(at % (count + 1), Piece { words, state: ' ', is_part });
                    }
                    Edit::Delete(at) if count > 1 => drop(pieces.remove(at % count)),
                    Edit::Swap(a, b) if count > 0 => pieces.swap(a % count, b % count),
                    Edit::Reword(at) if count > 0 => pieces[at % count].words.push_str(" again"),
                    Edit::Indent(at) if count > 0 => pieces[at % count].is_part ^= true,
                    _ => {}
                }
            }
            let new = write(&pieces, false, eol);
            let out = replan(&document, new.as_bytes(), None);
            let after = Tasks::parse(&out.document);
            prop_assert_eq!(spec::approval::canonical(&out.document), spec::approval::canonical(new.as_bytes()));
            prop_assert_eq!(after.tasks.len(), pieces.len());
            for task in after.tasks.iter().filter(|task| task.is_leaf()) {
                let was = before.tasks.iter().find(|was| was.title == task.title);
                let byte = was.map_or(b' ', |was| document[was.state_offset]);
                prop_assert_eq!(out.document[task.state_offset], byte, "{}", task.title);
            }
            for task in after.tasks.iter().filter(|task| !task.is_leaf() && task.state == State::Done) {
                prop_assert!(task.children.iter().all(|child| after.tasks[*child].state == State::Done));
            }
            let rows = out.kept.len() + out.changed.len() + out.unsure.len() + out.new.len();
            prop_assert_eq!(rows, after.tasks.len());
            prop_assert!(out.unsure.is_empty());
            document = out.document;
        }
    }

    #[test]
    fn any_bytes_are_replanned(
        old in proptest::collection::vec(any::<u8>(), 0..200),
        new in "([ ]{0,2}- \\[[ x]\\] [0-9]\\. [ab]{1,2}\n){0,6}",
    ) {
        let out = replan(&old, new.as_bytes(), None);
        prop_assert_eq!(out.document.len(), new.len());
        let back = replan(new.as_bytes(), &old, None);
        prop_assert_eq!(back.document.len(), old.len());
    }

    /// A document that is written again as it was keeps every state, unless a whole is done before its parts.
    #[test]
    fn the_same_document_keeps_everything(new in "([ ]{0,2}- \\[[ x~-]\\] [0-9]\\. [ab]{1,2}\n){0,12}") {
        let tasks = Tasks::parse(new.as_bytes());
        let out = replan(new.as_bytes(), new.as_bytes(), None);
        for task in tasks.tasks.iter().filter(|task| task.is_leaf()) {
            prop_assert_eq!(out.document[task.state_offset], new.as_bytes()[task.state_offset], "{}", new);
        }
        prop_assert!(out.changed.is_empty() && out.new.is_empty() && out.removed.is_empty());
    }
}

//! Notices that an agent repeats itself: the same call with the same result, again and again.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

use conversation::{Call, CallResult};

/// How many of the latest calls are looked at.
const WINDOW: usize = 12;
/// From this many alike on, the model is told.
const TOLD_AT: usize = 3;
/// At this many alike, the session stops.
const STOPPED_AT: usize = 5;

/// What to make of the latest call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repetition {
    /// Nothing unusual.
    None,
    /// Tell the model that it repeats itself.
    Tell,
    /// Stop: it does not get out by itself.
    Stop,
}

/// Takes note of a finished call.
pub(crate) fn note(recent: &mut VecDeque<u64>, call: &Call, result: &CallResult) -> Repetition {
    let mut hasher = DefaultHasher::new();
    (&call.tool, call.input.text(), &result.text).hash(&mut hasher);
    let signature = hasher.finish();
    if recent.len() == WINDOW {
        recent.pop_front();
    }
    recent.push_back(signature);
    match recent.iter().filter(|seen| **seen == signature).count() {
        alike if alike >= STOPPED_AT => Repetition::Stop,
        alike if alike >= TOLD_AT => Repetition::Tell,
        _ => Repetition::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conversation::{Input, Status};

    fn check(results: &[&str], expected: Repetition) {
        let mut recent = VecDeque::new();
        let call = Call { id: "c".into(), tool: "grep".into(), input: Input::Json("{}".into()) };
        let mut last = Repetition::None;
        for text in results {
            last = note(&mut recent, &call, &CallResult::new("c", Status::Done, *text));
        }
        assert_eq!(last, expected, "{results:?}");
    }

    #[test]
    fn the_same_call_with_the_same_result() {
        check(&["a", "a"], Repetition::None);
        check(&["a", "a", "a"], Repetition::Tell);
        check(&["a", "b", "a", "b", "a"], Repetition::Tell);
        check(&["a", "a", "a", "a", "a"], Repetition::Stop);
        // A result that changes is progress: polling a background process is no loop.
        check(&["1", "2", "3", "4", "5", "6"], Repetition::None);
    }
}

//! Files are kept before every call that may change some, and a conversation goes back to before a call.
#![expect(clippy::unwrap_used, reason = "a helper of tests that fails is a test that fails")]

use agent::{Inbound, can_rewind, fold};
use conversation::{Block, Event, Outcome, Status};

use crate::harness::{World, bounds, call, calls, say};

fn names(world: &World) -> Vec<&'static str> {
    world.journal.events.iter().map(Event::name).collect()
}

#[test]
fn files_are_kept_before_what_may_change_them_and_after_and_not_for_what_reads() {
    let answer = vec![call("1", "look", "a"), call("2", "put", "b"), call("3", "sh", "make")];
    let mut world = World::new(vec![calls(answer), say("done")]);
    world.allow.push("shell:make");
    world.check(Outcome::Done, "", &["a", "b", "make"]);
    assert_eq!(
        *world.files.asked.lock().unwrap(),
        [
            "before 2 with 1 effects",
            "after 2 with 2 effects",
            "before 3 with 2 effects",
            "after 3 with 3 effects"
        ]
    );
    assert_eq!(
        names(&world)[4..14],
        [
            "decided",
            "finished",
            "decided",
            "checkpointed",
            "finished",
            "checkpointed",
            "decided",
            "checkpointed",
            "finished",
            "checkpointed"
        ]
    );
}

#[test]
fn a_call_that_is_denied_keeps_nothing() {
    let mut world = World::new(vec![calls(vec![call("1", "sh", "rm x")]), say("done")]);
    world.deny = vec!["shell:rm*"];
    world.check(Outcome::Done, "", &[]);
    assert_eq!(*world.files.asked.lock().unwrap(), [""; 0]);
}

#[test]
fn a_call_does_not_begin_when_the_files_cannot_be_kept() {
    let mut world =
        World::new(vec![calls(vec![call("1", "put", "a"), call("2", "put", "b")]), say("never asked")]);
    world.files.fails = Some("before");
    let why = "the files could not be kept before the call, so it was not run: no space left on device";
    world.check(Outcome::Failed, why, &[]);
    let finished = world.journal.events.iter().find_map(|event| match event {
        Event::Finished(result) => Some((result.status, result.text.as_str())),
        _ => None,
    });
    assert_eq!(finished, Some((Status::Failed, why)));
    // With room again it goes on: the model is told that the first did not run, and the second runs.
    let events = world.journal.events.clone();
    let mut again = World::new(vec![say("done")]);
    let (ended, _) = again.resume(events).unwrap();
    assert_eq!(
        (ended.outcome, again.effects.lock().unwrap().clone()),
        (Outcome::Done, vec!["b".to_string()])
    );
}

#[test]
fn it_stops_behind_a_call_whose_files_could_not_be_kept() {
    let mut world = World::new(vec![calls(vec![call("1", "put", "a")]), say("never asked")]);
    world.files.fails = Some("after");
    world.check(
        Outcome::Failed,
        "the files after the call could not be kept: no space left on device",
        &["a"],
    );
    assert_eq!(world.script.asked.lock().unwrap().len(), 1);
}

#[test]
fn a_person_who_stops_while_files_are_kept_stops_the_call() {
    let mut world = World::new(vec![calls(vec![call("1", "put", "a")]), say("done")]);
    world.files.hangs = true;
    world.typed.0.push_back((2, Inbound::Interrupt));
    world.check(Outcome::Interrupted, "stopped by the person", &[]);
    let mut again = World::new(vec![say("done")]);
    let (ended, _) = again.resume(world.journal.events.clone()).unwrap();
    assert_eq!((ended.outcome, again.effects.lock().unwrap().len()), (Outcome::Done, 0));
    assert!(again.script.asked.lock().unwrap()[0].contains("stopped the session before it began"));
}

#[test]
fn what_a_crash_left_done_is_closed_when_the_session_goes_on() {
    let mut world = World::new(vec![calls(vec![call("1", "put", "a")]), say("done")]);
    world.check(Outcome::Done, "", &["a"]);
    let cut = world.journal.events.iter().position(|event| event.name() == "finished").unwrap();
    let events = world.journal.events[..cut].to_vec();
    let mut again = World::new(vec![say("done")]);
    again.effects.lock().unwrap().push("a".to_string());
    again.resume(events).unwrap();
    assert_eq!(*again.files.asked.lock().unwrap(), ["after 1 with 1 effects"]);
}

/// A session of three calls, gone back to before a call, and then resumed.
fn rewound(to: &[&str]) -> (String, agent::State) {
    let mut world = World::new(vec![
        calls(vec![call("1", "put", "first")]),
        calls(vec![call("2", "put", "second")]),
        calls(vec![call("3", "put", "third")]),
        say("done"),
    ]);
    world.check(Outcome::Done, "", &["first", "second", "third"]);
    let mut events = world.journal.events.clone();
    events.extend(to.iter().map(|call| Event::Rewound { call: call.to_string() }));
    for call in ["1", "2", "3"] {
        let is_there = fold(bounds(), &events)
            .messages()
            .iter()
            .any(|message| message.calls().any(|made| made.id == call));
        assert_eq!(can_rewind(&events, call), is_there, "{call}");
    }
    let folded = fold(bounds(), &events);
    let mut again = World::new(vec![say("otherwise")]);
    let (ended, _) = again.resume(events).unwrap();
    assert_eq!((ended.outcome, again.effects.lock().unwrap().len()), (Outcome::Done, 0));
    let asked = again.script.asked.lock().unwrap().join("\n");
    (asked, folded)
}

#[test]
fn a_conversation_goes_back_to_before_a_call_and_keeps_its_bill() {
    let (asked, state) = rewound(&["2"]);
    assert!(asked.contains("put first") && !asked.contains("second") && !asked.contains("third"), "{asked}");
    assert_eq!(state.turns(), 4, "what was spent stays spent");
    assert_eq!(state.cost().map(|cost| cost.0), Some(440));
    let last = &state.messages().last().unwrap().blocks;
    assert!(matches!(last.as_slice(), [Block::Result(result)] if result.call == "1"), "{last:?}");
}

#[test]
fn it_goes_back_further_and_what_is_gone_cannot_be_gone_back_to() {
    let (asked, state) = rewound(&["3", "1"]);
    assert!(asked.contains("do it") && !asked.contains("first"), "{asked}");
    assert_eq!((state.turns(), state.messages().len()), (4, 1));
    let (asked, _) = rewound(&["1", "3", "no such call"]);
    assert!(!asked.contains("first"), "{asked}");
}

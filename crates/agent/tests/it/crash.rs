//! A process that dies after any record: the session resumes, ends the same, and does nothing twice.

use conversation::{Event, Outcome};

use crate::harness::{Turn, World, call, calls, say};

fn turns() -> Vec<Turn> {
    vec![
        calls(vec![call("1", "look", "a"), call("2", "look", "b")]),
        calls(vec![call("3", "put", "c"), call("4", "put", "d")]),
        say("done"),
    ]
}

/// The effects that the record shows as permitted; what was permitted may have happened before the crash.
fn permitted(events: &[Event]) -> Vec<String> {
    let decided = events.iter().filter_map(|event| match event {
        Event::Decided(decided) => Some(decided.call.clone()),
        _ => None,
    });
    decided.collect()
}

#[test]
fn at_any_record_with_the_effect_done_or_not() {
    let mut whole = World::new(turns());
    whole.run().unwrap();
    let record = whole.journal.events.clone();
    let writes = |world: &World| {
        let effects = world.effects.lock().unwrap();
        effects.iter().filter(|effect| ["c", "d"].contains(&effect.as_str())).cloned().collect::<Vec<_>>()
    };
    for length in 2..record.len() {
        for happened in [false, true] {
            let events = record[..length].to_vec();
            let mut world = World::new(turns());
            world.script.by_prompt = true;
            // What a decision permitted may or may not have happened when the process died.
            for (id, effect) in [("3", "c"), ("4", "d")] {
                let finished = events.iter().any(|event| matches!(event, Event::Finished(r) if r.call == id));
                let may_have = permitted(&events).contains(&id.to_string());
                if finished || (happened && may_have) {
                    world.effects.lock().unwrap().push(effect.to_string());
                }
            }
            let (ended, state) = world.resume(events).unwrap();
            assert_eq!(ended.outcome, Outcome::Done, "after {length} records");
            assert_eq!(writes(&world), ["c", "d"], "after {length} records, happened: {happened}");
            assert_eq!(state.messages().last().unwrap().text(), "done");
            assert_eq!(state.messages().len(), 6, "after {length} records");
        }
    }
}

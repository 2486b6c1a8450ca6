//! Steering that comes into force while a session works: told once, recorded on each turn, pinned by a compaction, there after a resume.

use agent::{State, Watch};
use conversation::{Digest, Event, Fragment, FragmentKind, ModelErrorKind, Outcome};
use policy::{Ask, Gate};

use crate::harness::{Turn, World, call, calls, say};

const LATE: &str = "<steering file=\"ts.md\">\nuse const\n</steering>";

/// Gives one piece of steering once, from the second turn on.
struct Late(bool);

impl Watch for Late {
    fn before_calls(&mut self, _: &mut Gate, _: &[Ask]) -> Vec<String> {
        Vec::new()
    }

    fn steering(&mut self, state: &State) -> Vec<Fragment> {
        if self.0 || state.turns() == 0 {
            return Vec::new();
        }
        self.0 = true;
        vec![Fragment::new(FragmentKind::Steering, "ts.md", LATE)]
    }
}

fn digests(world: &World) -> Vec<Digest> {
    let sent = world.journal.events.iter().filter_map(|event| match event {
        Event::Sent(sent) => Some(sent.fragments),
        _ => None,
    });
    sent.collect()
}

#[test]
fn it_is_told_behind_the_conversation_and_the_beginning_stays() {
    let mut world = World::new(vec![
        calls(vec![call("c1", "look", "a")]),
        calls(vec![call("c2", "look", "b")]),
        say("done"),
    ]);
    world.watch = Box::new(Late(false));
    let state = world.check(Outcome::Done, "", &["a", "b"]);
    let asked = world.script.asked.lock().unwrap();
    assert!(!asked[0].contains("use const"));
    assert_eq!((asked[1].matches("use const").count(), asked[2].matches("use const").count()), (1, 1));
    let beginning = |prompt: &str| prompt.split("messages:").next().unwrap().to_string();
    assert_eq!(beginning(&asked[0]), beginning(&asked[2]), "what a cache holds stays");
    // On record on each turn from then on, and in force by name.
    let digests = digests(&world);
    assert!(digests[0] != digests[1] && digests[1] == digests[2]);
    assert_eq!(state.in_force().last().unwrap().text(), LATE);
}

#[test]
fn a_compaction_pins_it_byte_for_byte_and_so_does_a_resume() {
    let overflow = Turn::Fail(ModelErrorKind::ContextOverflow);
    let look = |id, input| calls(vec![call(id, "look", input)]);
    let mut world = World::new(vec![look("c1", "a"), look("c2", "b"), overflow, say("summary"), say("done")]);
    world.watch = Box::new(Late(false));
    world.run().unwrap();
    let events = world.journal.events.clone();
    assert!(events.iter().any(|event| matches!(event, Event::Compacted(_))), "{events:?}");
    let before = digests(&world);
    let state = agent::fold(world.bounds.clone(), &events);
    let pinned: Vec<&str> = state.prompt().fragments.iter().map(Fragment::text).collect();
    assert!(pinned.contains(&LATE), "{pinned:?}");
    assert_eq!(state.in_force(), state.prompt().fragments);
    // The same in force, by the same digest, before and after.
    assert_eq!(before.last(), before.get(1));
    let mut again = World::new(vec![]);
    again.script = crate::harness::Script::new(vec![say("more")]);
    let mut events = events;
    events.push(Event::Said { text: "go on".into() });
    again.resume(events).unwrap();
    assert!(again.script.asked.lock().unwrap()[0].contains("use const"));
}

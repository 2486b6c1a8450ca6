//! Hooks at the moments of a session: their order, their records, what they keep back, what they add, how they loop.
#![expect(clippy::unwrap_used, reason = "a test that fails")]

use std::sync::{Arc, Mutex};

use agent::{At, Came, Due, Happens, Hooks, How, Inbound, Kind, Occasion, Touched};
use conversation::{Cost, Event, HookEnd, Later, Outcome, Spent, Status, Usage};
use policy::{Capability, Effect, Origin, Permit, Policy, Request, Rule, Source, Target};

use crate::harness::{World, call, calls, say};

/// What one scripted hook waits for and does.
#[derive(Clone)]
struct One {
    name: &'static str,
    kind: Kind,
    end: HookEnd,
    context: &'static str,
    message: &'static str,
    again: Option<&'static str>,
    /// The rule that its policy has beside the session's.
    allowed: bool,
    spent: Option<Spent>,
}

fn one(name: &'static str, kind: Kind) -> One {
    One { name, kind, end: HookEnd::Done, context: "", message: "", again: None, allowed: true, spent: None }
}

struct Scripted {
    hooks: Vec<One>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Hooks for Scripted {
    fn heeds(&self, kind: Kind) -> bool {
        self.hooks.iter().any(|hook| hook.kind == kind)
    }

    fn due(&self, occasion: &Occasion<'_>) -> Vec<Due> {
        let kind = occasion.happens.kind();
        if matches!(occasion.happens, Happens::Changed { changes: [] }) {
            return Vec::new();
        }
        let is_asked = |hook: &&One| occasion.only.is_none_or(|only| only.hook == hook.name);
        let due = self.hooks.iter().filter(|hook| hook.kind == kind).filter(is_asked).map(|hook| {
            let again = occasion.cause.iter().any(|cause| cause == hook.name);
            let target = Target::Command(format!("./{}", hook.name));
            Due {
                call: format!("h-{}-{}", hook.name, self.log.lock().unwrap().len()),
                hook: hook.name.to_string(),
                trigger: format!("{kind:?}"),
                requests: vec![Request { capability: Capability::Shell, target, origin: Origin::Agent }],
                cause: occasion.cause.to_vec(),
                files: match occasion.happens {
                    Happens::Changed { changes } => changes.to_vec(),
                    _ => Vec::new(),
                },
                left_out: 0,
                cut: again.then(|| "it caused itself".to_string()),
                keeps_back: false,
            }
        });
        due.collect()
    }

    fn policy(&self, due: &Due, session: &Policy) -> Policy {
        let mut policy = session.clone();
        if self.hooks.iter().any(|hook| hook.name == due.hook && hook.allowed) {
            policy.add(Rule::exact_command(&format!("./{}", due.hook), Source::Flag));
        }
        policy
    }

    fn run<'a>(&'a self, permit: Permit, due: &'a Due, at: At<'a>) -> Later<'a, Came> {
        let hook = self.hooks.iter().find(|hook| hook.name == due.hook).cloned().unwrap();
        assert_eq!(permit.call(), due.call);
        let seen = match at.occasion.happens {
            Happens::Said { text } => text.to_string(),
            Happens::Calling { call, .. } | Happens::Called { call, .. } => call.id.clone(),
            Happens::Changed { changes } => changes.iter().map(|change| change.path.clone()).collect(),
            _ => String::new(),
        };
        self.log.lock().unwrap().push(format!("{} {seen}", hook.name).trim().to_string());
        let first = self.log.lock().unwrap().iter().filter(|line| line.starts_with(hook.name)).count() == 1;
        let came = Came {
            end: hook.end,
            context: hook.context.to_string(),
            message: hook.message.to_string(),
            spent: hook.spent,
            took_in: policy::Taint::none(),
            again: hook.again.filter(|_| first).map(str::to_string),
            ms: 1,
        };
        Box::pin(async move {
            match hook.name {
                "hangs" => std::future::pending().await,
                "picky" if !seen.contains("secret") => Came { end: HookEnd::Done, ..came },
                _ => came,
            }
        })
    }
}

/// A session of these turns with these hooks: what ran, and the session.
fn run(turns: Vec<crate::harness::Turn>, hooks: Vec<One>) -> (World, Vec<String>, Outcome, agent::State) {
    let log = Arc::<Mutex<Vec<String>>>::default();
    let mut world = World::new(turns);
    world.hooks = Box::new(Scripted { hooks, log: Arc::clone(&log) });
    let (ended, state) = world.run().unwrap();
    let log = log.lock().unwrap().clone();
    (world, log, ended.outcome, state)
}

fn ends(world: &World) -> Vec<(String, HookEnd)> {
    let hooked = world.journal.events.iter().filter_map(|event| match event {
        Event::Hooked(hooked) => Some((hooked.hook.clone(), hooked.end)),
        _ => None,
    });
    hooked.collect()
}

fn turns() -> Vec<crate::harness::Turn> {
    vec![calls(vec![call("c1", "put", "a")]), say("done")]
}

#[test]
fn each_moment_has_its_hooks_in_order() {
    let kinds = [Kind::Started, Kind::Said, Kind::Calling, Kind::Called, Kind::Stopped, Kind::Over];
    let names = ["start", "said", "pre", "post", "stop", "over"];
    let hooks = names.iter().zip(kinds).map(|(name, kind)| one(name, kind)).collect();
    let (world, log, outcome, _) = run(turns(), hooks);
    assert_eq!(log, ["start", "said do it", "pre c1", "post c1", "stop", "over"]);
    assert_eq!(outcome, Outcome::Done);
    // Each was decided about before it ran.
    let decided = world.journal.events.iter().filter(
        |event| matches!(event, Event::Decided(one) if one.call.starts_with("h-") && one.decision.effect == Effect::Allow),
    );
    assert_eq!(decided.count(), 6);
}

#[test]
fn the_end_of_a_session_has_its_hooks_however_it_ends() {
    let no = One { end: HookEnd::Blocked, message: "not on Fridays", ..one("no", Kind::Said) };
    let (world, log, outcome, _) = run(turns(), vec![no, one("over", Kind::Over)]);
    assert_eq!((outcome, log.last().map(String::as_str)), (Outcome::Denied, Some("over")));
    // It is over before its end is on record, and once.
    assert!(matches!(world.journal.events.last(), Some(Event::Ended(_))));
    assert_eq!(ends(&world).iter().filter(|(name, _)| name == "over").count(), 1);
    let fail = crate::harness::Turn::Fail(conversation::ModelErrorKind::KeyRejected);
    let (_, log, outcome, _) = run(vec![fail], vec![one("stop", Kind::Stopped), one("over", Kind::Over)]);
    assert_ne!(outcome, Outcome::Done);
    assert_eq!(log, ["over"]);
}

#[test]
fn what_a_hook_says_joins_the_prompt_that_carries_the_results() {
    let hook = One { context: "3 warnings", ..one("lint", Kind::Called) };
    let (world, _, _, state) = run(turns(), vec![hook]);
    let asked = world.script.asked.lock().unwrap();
    assert_eq!(asked.len(), 2);
    assert!(asked[1].contains("3 warnings") && !asked[0].contains("3 warnings"));
    // A fold gives the same conversation.
    let folded = agent::fold(world.bounds.clone(), &world.journal.events);
    assert_eq!(folded.messages(), state.messages());
}

#[test]
fn a_hook_can_keep_words_and_calls_back() {
    let no = One { end: HookEnd::Blocked, message: "not on Fridays", ..one("no", Kind::Said) };
    let (world, _, outcome, _) = run(turns(), vec![no]);
    assert_eq!(outcome, Outcome::Denied);
    assert!(world.script.asked.lock().unwrap().is_empty());
    let no = One { end: HookEnd::Blocked, message: "generated", ..one("no", Kind::Calling) };
    let (world, _, outcome, _) = run(turns(), vec![no, one("second", Kind::Calling)]);
    assert_eq!((outcome, world.effects.lock().unwrap().len()), (Outcome::Done, 0));
    let result = world.journal.events.iter().find_map(|event| match event {
        Event::Finished(result) => Some(result.clone()),
        _ => None,
    });
    let result = result.unwrap();
    assert_eq!(result.status, Status::Denied);
    assert_eq!(result.text, "not run: the hook `no` said no: generated");
    // Nothing went to the gate for that call, and no later hook was asked.
    assert!(
        !world.journal.events.iter().any(|event| matches!(event, Event::Decided(one) if one.call == "c1"))
    );
    assert_eq!(ends(&world), [("no".to_string(), HookEnd::Blocked)]);
}

#[test]
fn a_hook_that_asks_where_nobody_answers_does_not_run() {
    let hook = One { allowed: false, ..one("deploy", Kind::Called) };
    let (world, log, outcome, _) = run(turns(), vec![hook]);
    assert_eq!((log.len(), outcome), (0, Outcome::Done));
    assert_eq!(ends(&world), [("deploy".to_string(), HookEnd::Denied)]);
}

#[test]
fn a_session_that_is_done_goes_on_when_a_hook_says_so_and_not_for_ever() {
    let hook = One { again: Some("now test it"), ..one("stop", Kind::Stopped) };
    let (world, log, outcome, _) = run(vec![say("done"), say("tested")], vec![hook]);
    assert_eq!((log.len(), outcome), (2, Outcome::Done));
    assert!(world.script.asked.lock().unwrap()[1].contains("now test it"));
}

#[test]
fn the_money_of_a_hook_is_the_money_of_the_session() {
    let spent =
        Some(Spent { usage: Usage { input: 5, ..Usage::default() }, cost: Some(Cost(1_000)), turns: 2 });
    let without = run(turns(), vec![one("review", Kind::Called)]).3.cost().unwrap().0;
    let with = run(turns(), vec![One { spent, ..one("review", Kind::Called) }]).3.cost().unwrap().0;
    assert_eq!(with, without + 1_000);
    let state = run(turns(), vec![One { spent, ..one("review", Kind::Called) }]).3;
    assert_eq!((state.turns_in_all(), state.turns_left()), (state.turns() + 2, 20 - state.turns() - 2));
}

#[test]
fn a_hook_that_uses_up_the_turns_ends_the_session_before_the_model_is_asked_again() {
    let after = |turns| {
        let spent = Some(Spent { usage: Usage::default(), cost: Some(Cost(0)), turns });
        let (world, _, outcome, state) =
            run(self::turns(), vec![One { spent, ..one("review", Kind::Called) }]);
        let asked = world.journal.events.iter().filter(|event| matches!(event, Event::Sent(_))).count();
        (outcome, state.turns_in_all(), asked)
    };
    // The first answer called; of twenty turns the hook leaves one, and then none.
    assert_eq!(after(18), (Outcome::Done, 20, 2));
    assert_eq!(after(19), (Outcome::Budget, 20, 1));
}

/// Runs it whole and then from each of its records, with a hook of the beginning and this one of words.
fn after_each_record(said: &One, look: impl Fn(&World, Outcome, &agent::State)) {
    let hooks = || vec![one("start", Kind::Started), said.clone()];
    let (whole, _, outcome, state) = run(turns(), hooks());
    look(&whole, outcome, &state);
    let asked = whole.journal.events.iter().position(|event| matches!(event, Event::Asked { .. })).unwrap();
    for length in asked + 1..whole.journal.events.len() {
        let mut world = World::new(turns());
        world.script.by_prompt = true;
        world.hooks = Box::new(Scripted { hooks: hooks(), log: Arc::default() });
        let (ended, state) = world.resume(whole.journal.events[..length].to_vec()).unwrap();
        let is_settled = |event: &Event| matches!(event, Event::Withheld { .. });
        if !whole.journal.events[..length].iter().any(is_settled) {
            look(&world, ended.outcome, &state);
        }
        assert!(
            state.messages().iter().all(|message| said.end == HookEnd::Done || message.text().is_empty())
        );
    }
}

#[test]
fn words_that_hooks_are_asked_about_survive_and_those_that_are_refused_stay_away() {
    let words = |state: &agent::State| -> usize {
        let texts = state.messages().iter().map(conversation::Message::text);
        texts.map(|text| text.matches("do it").count()).sum()
    };
    after_each_record(&one("said", Kind::Said), |world, outcome, state| {
        assert_eq!((outcome, words(state)), (Outcome::Done, 1), "{:?}", world.journal.events);
    });
    let no = One { end: HookEnd::Blocked, message: "not on Fridays", ..one("no", Kind::Said) };
    after_each_record(&no, |world, outcome, state| {
        assert_eq!((outcome, words(state)), (Outcome::Denied, 0), "{:?}", world.journal.events);
        assert!(world.journal.events.iter().any(|event| matches!(event, Event::Withheld { .. })));
    });
    // Nothing is written twice where no hook runs for words.
    let (world, ..) = run(turns(), vec![one("post", Kind::Called)]);
    assert!(!world.journal.events.iter().any(|event| matches!(event, Event::Asked { .. })));
}

#[test]
fn changes_of_a_hook_are_told_to_hooks_with_their_cause() {
    let log = Arc::<Mutex<Vec<String>>>::default();
    let mut world = World::new(turns());
    world.files.changes = vec![Touched { path: "a.rs".into(), how: How::Saved }];
    let hooks = vec![one("fmt", Kind::Changed), one("docs", Kind::Changed)];
    world.hooks = Box::new(Scripted { hooks, log: Arc::clone(&log) });
    world.run().unwrap();
    // The call's change runs both; each one's change runs the other once, and then each is its own cause.
    assert_eq!(log.lock().unwrap().as_slice(), ["fmt a.rs", "docs a.rs", "docs a.rs", "fmt a.rs"]);
    let causes: Vec<(String, Vec<String>, HookEnd)> = world
        .journal
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Hooked(hooked) => Some((hooked.hook.clone(), hooked.cause.clone(), hooked.end)),
            _ => None,
        })
        .collect();
    let cut = causes.iter().filter(|(_, _, end)| *end == HookEnd::Cut).count();
    assert_eq!((causes.len(), cut), (10, 6));
}

/// The calls of hooks that are due, and those of hooks that are over, in their order.
fn due_and_over(events: &[Event]) -> (Vec<String>, Vec<String>) {
    let (mut due, mut over) = (Vec::new(), Vec::new());
    for event in events {
        match event {
            Event::HooksDue { hooks } => due.extend(hooks.iter().map(|one| one.call.clone())),
            Event::Hooked(hooked) if hooked.end != HookEnd::Cut => over.push(hooked.call.clone()),
            _ => {}
        }
    }
    (due, over)
}

const NAMES: [&str; 6] = ["pre", "post", "fmt", "docs", "stop", "over"];

/// A session of a call that changes a file, with a hook for each moment; begun, or gone on with from these records.
fn with_every_hook(from: Option<&[Event]>) -> Vec<Event> {
    let kinds = [Kind::Calling, Kind::Called, Kind::Changed, Kind::Changed, Kind::Stopped, Kind::Over];
    let hooks = NAMES.iter().zip(kinds).map(|(name, kind)| one(name, kind)).collect::<Vec<_>>();
    let mut world = World::new(turns());
    world.files.changes = vec![Touched { path: "a.rs".into(), how: How::Saved }];
    // Ids are never used twice, as the clock sees to elsewhere.
    let log = Arc::new(Mutex::new(vec![String::new(); from.map_or(0, |from| 100 + from.len())]));
    world.hooks = Box::new(Scripted { hooks, log });
    let (ended, _) = match from {
        None => world.run().unwrap(),
        Some(from) => {
            world.script.by_prompt = true;
            world.resume(from.to_vec()).unwrap()
        }
    };
    assert_eq!(ended.outcome, Outcome::Done);
    world.journal.events
}

/// Each hook ran to its end; what was due came to one end, and as many were interrupted as were due when it died.
fn check_all_heard(events: &[Event], died: &[Event]) {
    let at = died.iter().map(Event::name).collect::<Vec<_>>().join(" ");
    let (mut due, mut over) = due_and_over(events);
    due.sort();
    over.sort();
    assert_eq!(due, over, "after {at}");
    for name in NAMES {
        let done =
            |event: &&Event| matches!(event, Event::Hooked(it) if it.hook == name && it.end == HookEnd::Done);
        // The others hear of changes of each other, or once more at the end.
        let most = if name == "post" { 1 } else { usize::MAX };
        let count = events.iter().filter(done).count();
        assert!((1..=most).contains(&count), "`{name}` ran {count} times; it died after {at}");
    }
    let interrupted =
        |event: &&Event| matches!(event, Event::Hooked(hooked) if hooked.end == HookEnd::Interrupted);
    let (due, over) = due_and_over(died);
    let before = died.iter().filter(interrupted).count();
    assert_eq!(events.iter().filter(interrupted).count() - before, due.len() - over.len(), "after {at}");
}

#[test]
fn every_hook_hears_of_its_moment_wherever_the_session_dies_and_dies_again() {
    let whole = with_every_hook(None);
    let said = whole.iter().position(|event| matches!(event, Event::Said { .. })).unwrap();
    for length in said + 1..whole.len() {
        let once = with_every_hook(Some(&whole[..length]));
        check_all_heard(&once, &whole[..length]);
        // Every seventh record, others each time: all pairs would take half a minute.
        for length in (length + 1 + length % 7..once.len()).step_by(7) {
            let twice = with_every_hook(Some(&once[..length]));
            check_all_heard(&twice, &once[..length]);
        }
    }
}

#[test]
fn a_session_that_was_over_tells_no_hook_again() {
    let hooks = || vec![one("stop", Kind::Stopped), one("post", Kind::Called)];
    let (whole, ..) = run(turns(), hooks());
    let mut world = World::new(turns());
    let log = Arc::<Mutex<Vec<String>>>::default();
    world.hooks = Box::new(Scripted { hooks: hooks(), log: Arc::clone(&log) });
    world.resume(whole.journal.events).unwrap();
    assert!(log.lock().unwrap().is_empty(), "{log:?}");
}

#[test]
fn hooks_behind_the_one_that_a_person_stops_are_over_too() {
    let ended = |at| {
        let mut world = World::new(turns());
        world.typed.0.push_back((at, Inbound::Interrupt));
        world.files.changes = vec![Touched { path: "a.rs".into(), how: How::Saved }];
        let hooks = vec![one("hangs", Kind::Changed), one("docs", Kind::Changed)];
        world.hooks = Box::new(Scripted { hooks, log: Arc::default() });
        assert_eq!(world.run().unwrap().0.outcome, Outcome::Interrupted, "{at}");
        let (due, _) = due_and_over(&world.journal.events);
        assert_eq!(due.len(), ends(&world).len(), "{at}");
        ends(&world)
    };
    // Whenever it comes: while the model answers, the call runs, the files are kept, or the hook runs.
    let all: Vec<_> = (1..=5).map(ended).collect();
    let stopped = [("hangs".to_string(), HookEnd::Failed), ("docs".to_string(), HookEnd::Cut)];
    assert!(all.iter().any(|ends| *ends == stopped), "{all:?}");
}

/// Ends a session behind the first record that this says, and gives what its hooks heard when it goes on.
fn heard_after(
    turns: Vec<crate::harness::Turn>,
    hooks: &[One],
    is_last: impl Fn(&Event) -> bool,
) -> Vec<String> {
    let (whole, ..) = run(turns.clone(), hooks.to_vec());
    let last = whole.journal.events.iter().position(is_last).unwrap();
    heard(turns, hooks, whole.journal.events[..=last].to_vec())
}

fn heard(turns: Vec<crate::harness::Turn>, hooks: &[One], events: Vec<Event>) -> Vec<String> {
    let mut world = World::new(turns);
    world.script.by_prompt = true;
    let log = Arc::<Mutex<Vec<String>>>::default();
    world.hooks = Box::new(Scripted { hooks: hooks.to_vec(), log: Arc::clone(&log) });
    world.resume(events).unwrap();
    let log = log.lock().unwrap();
    log.clone()
}

#[test]
fn what_hooks_know_already_is_not_told_again() {
    let two = || vec![calls(vec![call("c1", "put", "a"), call("c2", "put", "b")]), say("done")];
    let post = [one("post", Kind::Called)];
    let decided = |call: &'static str| move |event: &Event| matches!(event, Event::Decided(decided) if decided.call == call);
    // The second call was decided about: the hooks of the first are through, also where nothing was due for it.
    assert_eq!(heard_after(two(), &post, decided("c2")), ["post c2"]);
    let (without, ..) = run(two(), Vec::new());
    let last = without.journal.events.iter().position(decided("c2")).unwrap();
    assert_eq!(heard(two(), &post, without.journal.events[..=last].to_vec()), ["post c2"]);
    // A journal of a version that did not say what is due.
    let (whole, ..) = run(two(), post.to_vec());
    let hooked = whole.journal.events.iter().rposition(|event| matches!(event, Event::Hooked(_))).unwrap();
    let old = whole.journal.events[..=hooked].iter().filter(|event| !matches!(event, Event::HooksDue { .. }));
    assert!(heard(two(), &post, old.cloned().collect()).is_empty());
}

#[test]
fn what_was_due_is_over_when_the_conversation_goes_back() {
    let post = [one("post", Kind::Called)];
    let (whole, ..) = run(turns(), post.to_vec());
    let due = whole.journal.events.iter().position(|event| matches!(event, Event::HooksDue { .. })).unwrap();
    let mut events = whole.journal.events[..=due].to_vec();
    events.push(Event::Rewound { call: "c1".to_string() });
    let mut world = World::new(turns());
    world.script.by_prompt = true;
    world.hooks = Box::new(Scripted { hooks: post.to_vec(), log: Arc::default() });
    world.resume(events).unwrap();
    let expected = [("post".to_string(), HookEnd::Interrupted), ("post".to_string(), HookEnd::Done)];
    assert_eq!(ends(&world), expected);
}

#[test]
fn words_that_are_typed_while_a_call_or_a_hook_runs_are_asked_about_as_well() {
    for at in 1..=8 {
        let no = One { end: HookEnd::Blocked, message: "not that", ..one("picky", Kind::Said) };
        let mut world = World::new(turns());
        world.typed.0.push_back((at, Inbound::Words("a secret".into())));
        world.hooks = Box::new(Scripted { hooks: vec![no, one("post", Kind::Called)], log: Arc::default() });
        let (ended, state) = world.run().unwrap();
        let said = world
            .journal
            .events
            .iter()
            .any(|event| matches!(event, Event::Said { text } if text == "a secret"));
        assert_eq!((ended.outcome, said), (Outcome::Done, false), "{at}");
        assert!(state.messages().iter().all(|message| !message.text().contains("a secret")), "{at}");
        let withheld = world.journal.events.iter().filter(|event| matches!(event, Event::Withheld { .. }));
        assert_eq!(withheld.count(), 1, "{at}");
    }
}

//! What a session does with each kind of answer, bound and interruption.

use agent::Inbound;
use conversation::{Block, Cost, Event, Input, ModelErrorKind, Outcome, Role, Stop, Usage};

use crate::harness::{Turn, World, call, calls, say};

fn names(world: &World) -> Vec<&'static str> {
    world.journal.events.iter().map(Event::name).collect()
}

#[test]
fn an_answer_without_calls_ends_the_session() {
    let mut world = World::new(vec![say("done")]);
    world.check(Outcome::Done, "", &[]);
    assert_eq!(names(&world), ["started", "said", "sent", "answered", "ended"]);
}

#[test]
fn reading_calls_run_together_and_others_in_order() {
    let answer =
        vec![call("1", "look", "a"), call("2", "look", "b"), call("3", "put", "c"), call("4", "look", "d")];
    let mut world = World::new(vec![calls(answer), say("done")]);
    let state = world.check(Outcome::Done, "", &["a", "b", "c", "d"]);
    // The two reads are decided before either is finished; the write is decided after both.
    assert_eq!(
        names(&world).into_iter().filter(|name| *name != "checkpointed").collect::<Vec<_>>()[4..12],
        ["decided", "decided", "finished", "finished", "decided", "finished", "decided", "finished"]
    );
    let results =
        state.messages().iter().flat_map(|message| &message.blocks).filter_map(|block| match block {
            Block::Result(result) => Some(result.text.clone()),
            _ => None,
        });
    assert_eq!(results.collect::<Vec<_>>(), ["look a", "look b", "put c", "look d"]);
}

#[test]
fn calls_that_make_no_sense_are_told_to_the_model_and_nothing_runs() {
    let broken = Block::Call(conversation::Call {
        id: "3".into(),
        tool: "dance".into(),
        input: Input::Broken("{".into()),
    });
    let mut world = World::new(vec![
        calls(vec![call("1", "dance", "{}"), call("2", "look", "nonsense"), broken]),
        say("sorry"),
    ]);
    world.check(Outcome::Done, "", &[]);
    let asked = world.script.asked.lock().unwrap().clone();
    assert!(asked[1].contains("there is no tool `dance`; the tools are: look, put, sh"), "{}", asked[1]);
    assert!(asked[1].contains("`nonsense` is not an input"));
}

#[test]
fn a_question_that_nobody_can_answer_ends_it_and_names_the_rule() {
    let mut world = World::new(vec![calls(vec![call("1", "sh", "make")]), say("done")]);
    world.check(
        Outcome::NeedsAnswer,
        "shell `make` needs an answer and nobody can give one here (`make`: runs code of the project); \
         to allow it, run again with --allow 'shell:make'",
        &[],
    );
}

#[test]
fn a_person_allows_or_refuses() {
    let turns = vec![calls(vec![call("1", "sh", "make")]), calls(vec![call("2", "sh", "rm x")]), say("done")];
    let mut world = World::new(turns);
    world.person.0.lock().unwrap().extend([Some(true), Some(false)]);
    world.check(Outcome::Done, "", &["make"]);
    let asked = world.script.asked.lock().unwrap().clone();
    assert!(asked[2].contains("not permitted: refused by ann"), "{}", asked[2]);
}

#[test]
fn three_denials_by_policy_in_a_row_end_it() {
    let turns = (0..5).map(|n| calls(vec![call(&n.to_string(), "sh", &format!("rm {n}"))])).collect();
    let mut world = World::new(turns);
    world.deny = vec!["shell:rm*"];
    world.check(Outcome::Denied, "3 calls in a row were denied by policy", &[]);
}

#[test]
fn words_typed_while_it_works_reach_the_next_turn() {
    let mut world = World::new(vec![calls(vec![call("1", "look", "a")]), say("done"), say("also that")]);
    world.typed.0.push_back((1, Inbound::Words("and b".into())));
    let state = world.check(Outcome::Done, "", &["a"]);
    let last = &state.messages()[2];
    assert_eq!((last.role, last.text()), (Role::User, "and b".to_string()));
}

#[test]
fn words_typed_during_the_last_answer_start_another_turn() {
    let mut world = World::new(vec![say("done"), say("really")]);
    world.typed.0.push_back((1, Inbound::Words("wait".into())));
    let state = world.check(Outcome::Done, "", &[]);
    assert_eq!(state.turns(), 2);
}

#[test]
fn an_interrupt_leaves_a_session_that_resumes() {
    let mut world = World::new(vec![calls(vec![call("1", "put", "a")]), say("done")]);
    // Asked first for the answer, then while the files are kept, then while the call runs.
    world.typed.0.push_back((3, Inbound::Interrupt));
    world.check(Outcome::Interrupted, "stopped by the person", &[]);
    let events = world.journal.events.clone();
    let mut again = World::new(vec![say("done")]);
    let (ended, _) = again.resume(events).unwrap();
    assert_eq!(
        (ended.outcome, again.effects.lock().unwrap().clone()),
        (Outcome::Done, vec!["a".to_string()])
    );
}

#[test]
fn words_typed_before_an_interrupt_are_kept() {
    let mut world = World::new(vec![say("done")]);
    world.typed.0.push_back((1, Inbound::Words("keep the wording".into())));
    world.typed.0.push_back((2, Inbound::Interrupt));
    world.check(Outcome::Interrupted, "stopped by the person", &[]);
    let mut again = World::new(vec![say("done")]);
    let (_, state) = again.resume(world.journal.events.clone()).unwrap();
    assert!(state.messages()[0].text().contains("keep the wording"));
}

#[test]
fn an_accepted_submission_is_the_end() {
    let mut world = World::new(vec![calls(vec![call("1", "put", "plan")]), say("never asked")]);
    world.bounds.closing.insert("put".into());
    let state = world.check(Outcome::Done, "", &["plan"]);
    assert_eq!(state.turns(), 1);
}

#[test]
fn bounds_on_turns_and_money() {
    let endless = || (0..50).map(|n| calls(vec![call(&n.to_string(), "look", &n.to_string())])).collect();
    let mut world = World::new(endless());
    world.bounds.turns_max = 3;
    world.check(Outcome::Budget, "reached the limit of 3 turns", &["0", "1", "2"]);
    let mut world = World::new(endless());
    // One answer costs 110 millionths; the limit is passed by at most one answer.
    world.bounds.cost_max = Some(Cost(200));
    world.check(Outcome::Budget, "spent $0.0003, the limit is $0.0002", &["0", "1"]);
}

#[test]
fn a_limit_on_money_ends_a_session_whose_spending_is_not_known() {
    let mut world = World::new(vec![calls(vec![call("1", "look", "a")]), say("never asked")]);
    world.script.priced = false;
    world.bounds.cost_max = Some(Cost(1_000_000));
    let message = "what was spent is not known, so the limit of $1.0000 cannot be kept";
    world.check(Outcome::Budget, message, &["a"]);
}

#[test]
fn the_same_call_again_and_again_is_told_and_then_stopped() {
    let turns = (0..9).map(|n| calls(vec![call(&n.to_string(), "look", "a")])).collect();
    let mut world = World::new(turns);
    let message = "the agent repeats the same call without getting anywhere";
    world.check(Outcome::Failed, message, &["a"; 5]);
    let asked = world.script.asked.lock().unwrap().clone();
    assert!(!asked[2].contains("Waypost: you have made this same call"));
    assert!(asked[3].contains("Waypost: you have made this same call"));
}

#[test]
fn a_full_context_is_compacted_and_steering_stays() {
    let mut world = World::new(vec![
        calls(vec![call("0", "look", "0")]),
        say("the first summary"),
        calls(vec![call("1", "look", "1")]),
        say("the second summary"),
        say("done"),
    ]);
    world.script.usage = Usage { input: 1_400, output: 10, ..Usage::default() };
    world.bounds.model.context = 1_600;
    world.bounds.model.output = 100;
    let mut asked_at = Vec::new();
    world.check(Outcome::Done, "", &["0", "1"]);
    for (at, prompt) in world.script.asked.lock().unwrap().iter().enumerate() {
        assert!(prompt.contains("use tabs"), "steering is missing in request {at}");
        if prompt.contains("the first summary") {
            asked_at.push(at);
        }
    }
    assert_eq!(asked_at, [2, 3]);
    assert!(names(&world).contains(&"compacted"));
}

#[test]
fn an_overflow_is_answered_by_compaction_once() {
    let fail = || Turn::Fail(ModelErrorKind::ContextOverflow);
    let mut world = World::new(vec![fail(), say("a summary"), say("done")]);
    world.check(Outcome::Done, "", &[]);
    let mut world = World::new(vec![fail(), say("a summary"), fail()]);
    world.check(Outcome::Failed, "context_overflow", &[]);
}

#[test]
fn a_broken_stream_is_asked_again_a_few_times() {
    let cut = || Turn::Fail(ModelErrorKind::Cut);
    World::new(vec![cut(), cut(), say("done")]).check(Outcome::Done, "", &[]);
    World::new(vec![cut(), cut(), cut()]).check(Outcome::Unavailable, "cut", &[]);
    World::new(vec![Turn::Fail(ModelErrorKind::KeyRejected)]).check(
        Outcome::Unavailable,
        "key_rejected",
        &[],
    );
}

#[test]
fn an_answer_cut_at_the_output_limit_goes_on() {
    let long = || Turn::Reply(vec![Block::Text("…".into())], Stop::Length);
    let state = World::new(vec![long(), say("done")]).check(Outcome::Done, "", &[]);
    assert!(state.messages()[2].text().contains("Continue where it stopped"));
    World::new(vec![long(), long(), long(), long()]).check(
        Outcome::Failed,
        "the answer is longer than the output limit",
        &[],
    );
}

#[test]
fn without_a_record_nothing_runs() {
    let mut world = World::new(vec![calls(vec![call("1", "put", "a")]), say("done")]);
    world.journal.fails_at = Some(4);
    let error = world.run().unwrap_err();
    assert_eq!(error, "the ledger could not be written, so nothing runs: no space left on device");
    assert!(world.effects.lock().unwrap().is_empty());
}

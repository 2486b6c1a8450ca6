//! The heart: `step(state, event)` changes the state and says what to do. Pure: it performs nothing.

use conversation::{
    Again, Answered, Block, Ended, Event, HookEnd, Message, ModelErrorKind, Moment, Outcome, Role, Status,
    Stop,
};
use policy::Effect as Verdict;

use crate::state::{Bounds, Pending, Phase, State};
use crate::{Effect, compaction, loops, taint};

/// So many policy denials in a row end a session.
const DENIALS_MAX: u32 = 3;
/// So often an answer that was cut at the output limit is continued.
const CUT_ANSWERS_MAX: u32 = 3;
/// So often a turn whose stream broke is asked again. Nothing of such an answer was acted upon.
const CUT_STREAMS_MAX: u32 = 2;

const REPEATING: &str = "[Waypost: you have made this same call several times with the same result. \
Do something else, or say what is in the way.]";
const CONTINUE: &str = "[Waypost: your answer reached the output limit. Continue where it stopped.]";

/// The state after these events. Performs no effect, whatever the events asked for.
pub fn fold<'a>(bounds: Bounds, events: impl IntoIterator<Item = &'a Event>) -> State {
    let mut state = State::new(bounds);
    // What is still part of the conversation.
    let mut kept: Vec<&Event> = Vec::new();
    for event in events {
        let Event::Rewound { call } = event else {
            step(&mut state, event);
            kept.push(event);
            continue;
        };
        let Some(at) = kept.iter().rposition(|event| makes(event, call)) else { continue };
        kept.truncate(at);
        let mut before = State::new(state.bounds.clone());
        for event in &kept {
            step(&mut before, event);
        }
        // What was spent on the way that is no more is spent all the same.
        (before.turns, before.usage, before.cost) = (state.turns, state.usage, state.cost);
        before.turns_inside = state.turns_inside;
        // What was due comes to its end on record, and to nothing more.
        before.hooks_due = state.hooks_due;
        before.hooks_due.iter_mut().for_each(|due| due.again = Again::Nothing);
        state = before;
    }
    state
}

/// Whether the conversation of these events still has the answer that made a call, so that it can go back to before it.
pub fn can_rewind<'a>(events: impl IntoIterator<Item = &'a Event>, call: &str) -> bool {
    let mut answers: Vec<&Event> = Vec::new();
    for event in events {
        match event {
            Event::Rewound { call } => {
                if let Some(at) = answers.iter().rposition(|event| makes(event, call)) {
                    answers.truncate(at);
                }
            }
            Event::Answered(_) => answers.push(event),
            _ => {}
        }
    }
    answers.iter().any(|event| makes(event, call))
}

/// Whether this is the answer that made a call.
fn makes(event: &Event, call: &str) -> bool {
    let Event::Answered(answered) = event else { return false };
    answered.blocks.iter().any(|block| matches!(block, Block::Call(made) if made.id == call))
}

/// Lets one event happen to the state and returns what to do about it.
pub fn step(state: &mut State, event: &Event) -> Vec<Effect> {
    match event {
        Event::Started(started) => {
            state.session.clone_from(&started.session);
            state.purpose = Some(started.purpose.clone());
            state.workspace.clone_from(&started.workspace);
            state.fragments.clone_from(&started.fragments);
            state.tools.clone_from(&started.tools);
            Vec::new()
        }
        Event::Asked { text } => {
            state.asked = Some(text.clone());
            Vec::new()
        }
        Event::Withheld { message } => {
            state.asked = None;
            if state.phase == Phase::Idle {
                state.came_to = Some(Ended { outcome: Outcome::Denied, message: message.clone() });
            }
            Vec::new()
        }
        Event::Said { text } | Event::Noted { text } => {
            // Other words may have been typed while hooks ran.
            state.asked.take_if(|asked| asked == text);
            state.queued.push(text.clone());
            if state.phase == Phase::Idle { next_turn(state) } else { Vec::new() }
        }
        Event::Steered { fragments } => {
            for fragment in fragments {
                state.late.retain(|one| one.name() != fragment.name());
                state.late.push(fragment.clone());
                tell(state, fragment.text().to_string());
            }
            Vec::new()
        }
        Event::HooksDue { hooks } => {
            state.hooks_due.extend_from_slice(hooks);
            for due in hooks {
                match &due.again {
                    Again::Called { call } => state.note_untold(call, |one| one.is_end_told = true),
                    Again::Changed { calls, .. } => {
                        calls
                            .iter()
                            .for_each(|call| state.note_untold(call, |one| one.are_files_told = true));
                    }
                    _ => {}
                }
            }
            Vec::new()
        }
        Event::Hooked(hooked) => {
            let due = state.hooks_due.len();
            state.hooks_due.retain(|due| due.call != hooked.call);
            if due == state.hooks_due.len() && hooked.end != HookEnd::Cut {
                // Of a journal that does not say what is due: whoever heard of the calls is not known, and is not told twice.
                state.untold.clear();
            }
            state.taint.join(&hooked.took_in);
            if let Some(spent) = hooked.spent {
                spend(state, spent.usage, spent.cost);
                state.turns_inside = state.turns_inside.saturating_add(spent.turns);
            }
            if !hooked.context.is_empty() {
                let (hook, trigger) = (attribute(&hooked.hook), attribute(&hooked.trigger));
                tell(
                    state,
                    format!("<hook name=\"{hook}\" event=\"{trigger}\">\n{}\n</hook>", hooked.context),
                );
            }
            Vec::new()
        }
        Event::Checkpointed(checkpointed) => {
            let Some(call) = &checkpointed.call else { return Vec::new() };
            match checkpointed.moment {
                Moment::Before if state.pending(call).is_some() => {
                    state.must_tell(call);
                    state.note_untold(call, |one| one.before = Some(checkpointed.clone()));
                }
                Moment::After => state.note_untold(call, |one| one.after = Some(checkpointed.clone())),
                Moment::Before | Moment::Restored => {}
            }
            Vec::new()
        }
        Event::Sent(_) => {
            state.untold.clear();
            state.is_sent = true;
            state.turns += 1;
            Vec::new()
        }
        Event::Answered(answered) => answer(state, answered),
        Event::ModelFailed { kind, message } => failed(state, *kind, message),
        Event::Decided(decided) => {
            let allowed = decided.decision.effect == Verdict::Allow;
            if allowed {
                let workspace = std::path::PathBuf::from(&state.workspace);
                taint::add(&mut state.taint, &decided.requests, &workspace);
            }
            if state.pending(&decided.call).is_some() {
                // The hooks of the calls before this one are through.
                state.untold.retain(|one| !one.is_finished);
            }
            // A hook that is not let through says nothing about what the model tries.
            let Some(pending) = state.pending_mut(&decided.call) else { return Vec::new() };
            pending.permitted = allowed;
            match (allowed, &decided.answered_by) {
                (true, _) => state.denials = 0,
                // A person who refuses steers; only the rules count here.
                (false, None) => state.denials += 1,
                (false, Some(_)) => {}
            }
            Vec::new()
        }
        Event::PersonAnswered { call, answer } => {
            if let Some(pending) = state.pending_mut(call) {
                pending.answer = Some(answer.clone());
            }
            Vec::new()
        }
        Event::Finished(result) => {
            for (path, digest) in &result.seen {
                state.seen.insert(path.clone(), *digest);
            }
            if let Some(inside) = &result.inside {
                state.taint.join(&inside.took_in);
                spend(state, inside.spent.usage, inside.spent.cost);
                state.turns_inside = state.turns_inside.saturating_add(inside.spent.turns);
            }
            let is_heard = |pending: &Pending| pending.permitted && !pending.was_stopped;
            if state.pending(&result.call).is_some_and(is_heard) {
                state.must_tell(&result.call);
                state.note_untold(&result.call, |one| one.is_finished = true);
            }
            if let Some(pending) = state.pending_mut(&result.call) {
                pending.result = Some(result.clone());
            }
            // One answer for the whole group: go on when nothing of it is still running.
            if state.phase == Phase::Calling { next_calls(state) } else { Vec::new() }
        }
        Event::Compacted(compacted) => {
            state.messages = compaction::apply(&state.messages, compacted);
            state.pin();
            state.untold.clear();
            spend(state, compacted.usage, compacted.cost);
            state.context = 0;
            state.compacted_at = Some(state.turns);
            state.phase = Phase::Idle;
            next_turn(state)
        }
        Event::Resumed => resume(state),
        Event::Ended(ended) => {
            state.rested = Some(ended.clone());
            // What the person stopped, no hook hears of.
            state.untold.clear();
            state.calls.iter_mut().for_each(|pending| pending.was_stopped |= pending.result.is_none());
            state.came_to = None;
            Vec::new()
        }
        // Events of specs and of the journal itself do not concern a session.
        Event::Planned { .. }
        | Event::Approved { .. }
        | Event::Edited(_)
        | Event::TaskStarted { .. }
        | Event::Checked(_)
        | Event::Ticked { .. }
        | Event::Changed { .. }
        | Event::Repaired { .. } => Vec::new(),
        // Where the conversation goes back to is known to `fold`, which has the events; a running session never does.
        Event::Rewound { .. } => Vec::new(),
    }
}

/// Words of Waypost's own: into the prompt that is about to be sent, else into the next one.
fn tell(state: &mut State, text: String) {
    match state.messages.last_mut() {
        Some(last) if state.phase == Phase::Asking && !state.is_sent && last.role == Role::User => {
            last.blocks.push(Block::Text(text));
        }
        _ => state.queued.push(text),
    }
}

/// Asks the model, unless a bound says otherwise or there is nothing to say.
fn next_turn(state: &mut State) -> Vec<Effect> {
    if !state.queued.is_empty() {
        let words = std::mem::take(&mut state.queued).into_iter().map(Block::Text);
        // Providers want the roles to alternate, so words join a message that is already the person's.
        match state.messages.last_mut() {
            Some(last) if last.role == Role::User => last.blocks.extend(words),
            _ => state.messages.push(Message { role: Role::User, blocks: words.collect() }),
        }
    }
    (state.rested, state.came_to) = (None, None);
    if let Some((outcome, message)) = used_up(state) {
        return rest(state, outcome, message);
    }
    let limits = state.bounds.model;
    if compaction::is_due(state.context, limits.output, limits.context) && state.messages.len() > 2 {
        state.phase = Phase::Compacting;
        return vec![Effect::Compact];
    }
    state.phase = Phase::Asking;
    state.is_sent = false;
    vec![Effect::Ask]
}

/// An effect when its time has come: hooks may have used up since what it needs, and then the session rests.
pub(crate) fn in_time(state: &mut State, effect: Effect) -> Effect {
    let is_new = match effect {
        // A stream that broke is asked again for the same turn.
        Effect::Ask => !state.is_sent,
        Effect::Compact => true,
        _ => false,
    };
    match used_up(state).filter(|_| is_new) {
        Some((outcome, message)) => {
            state.phase = Phase::Idle;
            Effect::Rest(Ended { outcome, message })
        }
        None => effect,
    }
}

/// Which bound keeps it from asking the model once more.
fn used_up(state: &State) -> Option<(Outcome, String)> {
    if state.turns_left() == 0 {
        return Some((Outcome::Budget, format!("reached the limit of {} turns", state.bounds.turns_max)));
    }
    match (state.bounds.cost_max, state.cost) {
        (Some(max), Some(spent)) if spent >= max => {
            Some((Outcome::Budget, format!("spent {spent}, the limit is {max}")))
        }
        (Some(max), None) => {
            let message = format!("what was spent is not known, so the limit of {max} cannot be kept");
            Some((Outcome::Budget, message))
        }
        _ => None,
    }
}

fn answer(state: &mut State, answered: &Answered) -> Vec<Effect> {
    state.cut_streams = 0;
    state.context = answered.usage.context().saturating_add(answered.usage.output);
    spend(state, answered.usage, answered.cost);
    let message = Message { role: Role::Assistant, blocks: answered.blocks.clone() };
    state.calls = message
        .calls()
        .map(|call| Pending {
            call: call.clone(),
            running: false,
            permitted: false,
            answer: None,
            result: None,
            was_stopped: false,
        })
        .collect();
    // An answer of nothing cannot be sent back: providers refuse empty messages.
    if !message.blocks.is_empty() {
        state.messages.push(message);
    }
    if !state.calls.is_empty() {
        state.phase = Phase::Calling;
        return next_calls(state);
    }
    state.phase = Phase::Idle;
    match answered.stop {
        Stop::Refused => rest(state, Outcome::Failed, "the provider withheld the answer".to_string()),
        Stop::Length if state.cut_answers < CUT_ANSWERS_MAX => {
            state.cut_answers += 1;
            state.queued.push(CONTINUE.to_string());
            next_turn(state)
        }
        Stop::Length => {
            rest(state, Outcome::Failed, "the answer is longer than the output limit".to_string())
        }
        Stop::EndTurn | Stop::Calls if state.queued.is_empty() => rest(state, Outcome::Done, String::new()),
        Stop::EndTurn | Stop::Calls => next_turn(state),
    }
}

/// The next calls to perform: a run of reading calls together, any other alone. When none is left, their results
/// go to the model. Nothing while some are still running.
fn next_calls(state: &mut State) -> Vec<Effect> {
    let open = |pending: &&mut Pending| pending.result.is_none();
    if state.calls.iter_mut().filter(open).any(|pending| pending.running) {
        return Vec::new();
    }
    let readers = &state.bounds.readers;
    let mut waiting = state.calls.iter_mut().filter(open);
    let Some(first) = waiting.next() else { return results(state) };
    let together = readers.contains(&first.call.tool);
    let more = waiting.take_while(|pending| together && readers.contains(&pending.call.tool));
    let group = std::iter::once(first).chain(more).map(|pending| {
        pending.running = true;
        pending.call.id.clone()
    });
    vec![Effect::Perform(group.collect())]
}

/// All calls of the answer are finished: one message with their results, in the order of the calls.
fn results(state: &mut State) -> Vec<Effect> {
    let mut blocks = Vec::new();
    let mut repetition = loops::Repetition::None;
    let mut closed = false;
    for pending in std::mem::take(&mut state.calls) {
        if let Some(result) = pending.result {
            let found = loops::note(&mut state.recent, &pending.call, &result);
            if found != loops::Repetition::None {
                repetition = found;
            }
            closed |= result.status == Status::Done && state.bounds.closing.contains(&pending.call.tool);
            blocks.push(Block::Result(result));
        }
    }
    if repetition == loops::Repetition::Tell {
        blocks.push(Block::Text(REPEATING.to_string()));
    }
    state.messages.push(Message { role: Role::User, blocks });
    state.phase = Phase::Idle;
    if closed && state.queued.is_empty() {
        return rest(state, Outcome::Done, String::new());
    }
    if repetition == loops::Repetition::Stop {
        let message = "the agent repeats the same call without getting anywhere".to_string();
        return rest(state, Outcome::Failed, message);
    }
    if state.denials >= DENIALS_MAX {
        let message = format!("{DENIALS_MAX} calls in a row were denied by policy");
        return rest(state, Outcome::Denied, message);
    }
    next_turn(state)
}

fn failed(state: &mut State, kind: ModelErrorKind, message: &str) -> Vec<Effect> {
    let compacting = state.phase == Phase::Compacting;
    let before = state.turns.saturating_sub(1);
    state.phase = Phase::Idle;
    match kind {
        // A conversation that was compacted in this very turn and still does not fit will not fit.
        ModelErrorKind::ContextOverflow if !compacting && state.compacted_at != Some(before) => {
            state.turns = before;
            state.context = u64::MAX;
            state.phase = Phase::Compacting;
            vec![Effect::Compact]
        }
        ModelErrorKind::Cut | ModelErrorKind::Garbled if state.cut_streams < CUT_STREAMS_MAX => {
            state.cut_streams += 1;
            state.phase = if compacting { Phase::Compacting } else { Phase::Asking };
            vec![if compacting { Effect::Compact } else { Effect::Ask }]
        }
        ModelErrorKind::ContextOverflow | ModelErrorKind::BadRequest | ModelErrorKind::NotRecorded => {
            rest(state, Outcome::Failed, message.to_string())
        }
        _ => rest(state, Outcome::Unavailable, message.to_string()),
    }
}

fn resume(state: &mut State) -> Vec<Effect> {
    state.rested = None;
    state.denials = 0;
    state.cut_answers = 0;
    state.cut_streams = 0;
    let mut permitted = Vec::new();
    for pending in state.calls.iter_mut().filter(|pending| pending.result.is_none()) {
        pending.running = pending.permitted;
        if pending.permitted {
            permitted.push(pending.call.id.clone());
        }
    }
    if !permitted.is_empty() {
        state.phase = Phase::Calling;
        return vec![Effect::Recover(permitted)];
    }
    if !state.calls.is_empty() {
        state.phase = Phase::Calling;
        return next_calls(state);
    }
    state.phase = Phase::Idle;
    let waiting = state.messages.last().is_some_and(|last| last.role == Role::User);
    if waiting || !state.queued.is_empty() { next_turn(state) } else { Vec::new() }
}

/// A name that somebody else chose, as the value of an attribute: it cannot end the value, nor the frame.
fn attribute(name: &str) -> String {
    let plain = |c: char| match c {
        '"' | '<' | '>' | '&' => '_',
        c if c.is_control() => '_',
        c => c,
    };
    name.chars().map(plain).collect()
}

fn spend(state: &mut State, usage: conversation::Usage, cost: Option<conversation::Cost>) {
    state.usage += usage;
    // One unknown price makes the sum unknown: it is never shown smaller than it is.
    state.cost = match (state.cost, cost) {
        (Some(sum), Some(cost)) => Some(conversation::Cost(sum.0.saturating_add(cost.0))),
        _ => None,
    };
}

fn rest(state: &mut State, outcome: Outcome, message: String) -> Vec<Effect> {
    state.phase = Phase::Idle;
    let ended = Ended { outcome, message };
    state.came_to = Some(ended.clone());
    vec![Effect::Rest(ended)]
}

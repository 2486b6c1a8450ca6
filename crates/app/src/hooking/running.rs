//! How one hook is run: its command in the sandbox with the payload on standard input, or its agent in a session of its own.

use std::sync::Arc;
use std::time::Duration;

use agent::{At, Came};
use conversation::{Cost, Digest, HookEnd};
use hooks::{Exit, Hook, Moment, Trigger};
use policy::{Permit, Taint, TaintSource};
use sandbox::{Command, Confine as _};

use super::own::Reach;
use super::{CACHED_MAX, Hooking, guards_it, lock};
use crate::framed;
use crate::subagents::{Agent, Crew, Part};
use crate::world;

/// How much of an agent's report the session is told, in bytes.
const REPORT_BYTES_MAX: usize = 16 * 1024;

impl Hooking {
    pub(super) async fn command(
        &self,
        permit: &Permit,
        hook: &Hook,
        line: &str,
        mut moment: Moment,
        at: At<'_>,
    ) -> Came {
        let (mut again, mut took_in) = (None, Taint::none());
        if hook.trigger == Trigger::Stop && hook.confirm.is_some() {
            match self.confirm(permit, hook, &moment, at).await {
                Ok((None, _)) => return done("nobody wanted it"),
                Ok((Some(choice), asked)) => {
                    took_in = asked;
                    moment.user_decision = Some(choice.id);
                    again = choice.continue_reason;
                    if !choice.runs {
                        return Came { again, took_in, ..done("not run, as was chosen") };
                    }
                }
                Err(why) => return failed(&why),
            }
        }
        let now = world::now_ms();
        let key = (hook.cache_ttl_seconds > 0).then(|| {
            let anywhere = Moment { session_id: String::new(), ..moment.clone() };
            (hook.id.clone(), Digest::of(hooks::payload(hook, &anywhere).as_bytes()))
        });
        if let Some(key) = &key {
            let cached = lock(&self.cached);
            if let Some((_, came)) = cached.get(key).filter(|(until, _)| *until > now) {
                return came.clone();
            }
        }
        let Fed { exit, output, errors, took_in: more } = self.feed(permit, hook, line, &moment).await;
        took_in.join(&more);
        let meant = hooks::outcome(hook, &exit, &output, errors.as_bytes());
        let end = match (&exit, &meant.block) {
            (_, Some(_)) => HookEnd::Blocked,
            (Exit::Code(0), None) => HookEnd::Done,
            (Exit::TimedOut, None) => HookEnd::Cut,
            // No exit code is no answer.
            (Exit::Signal(_) | Exit::NotStarted(_), None) if guards_it(hook) => HookEnd::Cut,
            _ => HookEnd::Failed,
        };
        let message = meant.block.or(meant.warning).unwrap_or_default();
        let context = framed::inside(&meant.context.unwrap_or_default(), "hook");
        let came = Came { end, context, message, spent: None, took_in, again, ms: 0 };
        if let Some(key) = key.filter(|_| end == HookEnd::Done) {
            let mut cached = lock(&self.cached);
            if cached.len() < CACHED_MAX {
                let until = now.saturating_add(hook.cache_ttl_seconds.saturating_mul(1000));
                cached.insert(key, (until, came.clone()));
            }
        }
        came
    }

    /// Runs a line of the hook with its payload.
    async fn feed(&self, permit: &Permit, hook: &Hook, line: &str, moment: &Moment) -> Fed {
        let common = &self.crew.common;
        let not_started = |why: String| Fed {
            exit: Exit::NotStarted(why),
            output: Vec::new(),
            errors: String::new(),
            took_in: Taint::none(),
        };
        // A link in the place of its package leads to somebody else's folder.
        if !hook.package().is_empty() {
            let package = common.workspace.root.join(hook.package());
            if !crate::workspace::resolved(&package).is_ok_and(|real| real == package) {
                return not_started(format!("its package `{}` is gone", hook.package()));
            }
        }
        let mut confined = match common.held.hold.confine(permit) {
            Ok(confined) => confined,
            Err(why) => return not_started(why),
        };
        let moment = &moment.seen_from(hook.package());
        confined.environment.extend(hooks::environment(hook, moment));
        let limit = lock(&self.guards).caps().each.run_ms_of(hook);
        let command = Command {
            timeout: Duration::from_millis(limit),
            output_bytes_max: hook.output_max,
            ..Command::shell(line, &common.workspace.root, confined.environment.clone())
        };
        match sandbox::feed(&confined.hold(command), hooks::payload(hook, moment).as_bytes()).await {
            Err(error) => not_started(error.to_string()),
            Ok(fed) => {
                let exit = match (fed.timed_out, fed.exit, fed.signal) {
                    (true, _, _) => Exit::TimedOut,
                    (false, Some(code), _) => Exit::Code(code),
                    (false, None, signal) => Exit::Signal(signal.unwrap_or_default()),
                };
                let told = confined.wishes.tell(&fed.errors, exit != Exit::Code(0));
                // By what it was let through to; what its line names is known from the decision.
                let mut took_in = Taint::none();
                confined.wishes.reached_hosts().iter().for_each(|host| took_in.add(TaintSource::Web, host));
                Fed { exit, output: fed.output, errors: format!("{}{told}", fed.errors), took_in }
            }
        }
    }

    /// Puts the hook's question; gives also what its making took in. `None` when nobody is there or nobody wants it.
    async fn confirm(
        &self,
        permit: &Permit,
        hook: &Hook,
        moment: &Moment,
        at: At<'_>,
    ) -> Result<(Option<Choice>, Taint), String> {
        let mut took_in = Taint::none();
        let Some(confirm) = &hook.confirm else { return Ok((None, took_in)) };
        let mut question = confirm.question.clone();
        let mut choices: Vec<Choice> = confirm
            .options
            .iter()
            .map(|option| Choice {
                id: option.id.clone(),
                label: option.label.clone(),
                runs: option.runs,
                continue_reason: option.continue_reason.clone(),
            })
            .collect();
        if let Some(line) = &confirm.command {
            let Fed { exit, output, errors, took_in: reached } = self.feed(permit, hook, line, moment).await;
            took_in = reached;
            if exit != Exit::Code(0) {
                return Err(format!("the question could not be made: {}", errors.trim()));
            }
            (question, choices) = hooks_confirm(&output, question, choices)?;
        }
        if choices.is_empty() {
            return Ok((None, took_in));
        }
        let labels: Vec<String> = choices.iter().map(|choice| choice.label.clone()).collect();
        let chosen = at.face.choose(&question, &labels).await;
        Ok((chosen.and_then(|at| choices.into_iter().nth(at)), took_in))
    }

    /// Runs the agent of a hook; says also which files its calls changed.
    pub(super) async fn agent(
        &self,
        permit: &Permit,
        hook: &Hook,
        moment: &Moment,
        call: &str,
        at: At<'_>,
    ) -> (Came, Reach) {
        let nothing = |why: &str| (failed(why), Reach::Nothing);
        let Some(prompt) = hooks::prompt(hook, moment) else { return nothing("it has no prompt") };
        if !self.crew.may_share() {
            return nothing("hooks and parts lie too deep inside each other");
        }
        let is_advisory = self.is_advisory(hook);
        let caps = lock(&self.guards).caps().each;
        let cost_max = (caps.cost_micros > 0).then_some(Cost(caps.cost_micros));
        let cost_left = match (at.cost_left, cost_max.filter(|_| self.crew.model.price().is_some())) {
            (Some(left), Some(max)) => Some(left.min(max)),
            (left, max) => left.or(max),
        };
        let agent = Agent {
            id: format!("hook {}", hook.name),
            description: String::new(),
            prompt: None,
            grant: is_advisory.then(|| crate::subagents::looks_only(&hook.name)),
            keeps: None,
            reads_only: is_advisory,
            at_once: is_advisory,
        };
        let words = format!("{}\n\n{prompt}", occasion_in_words(hook, moment, is_advisory));
        let part = Part {
            parent: at.occasion.session,
            call,
            agent: &agent,
            words,
            paths: moment.paths().map(str::to_string).collect(),
            policy: &permit.policy().with_agents(),
            taint: permit.taint(),
            cost_left,
            turns_left: at.turns_left,
        };
        let limit = Duration::from_millis(if caps.run_ms > 0 { caps.run_ms } else { u64::from(u32::MAX) });
        let crew = Crew {
            cause: Some(moment.cause.then(&hook.id)),
            guards: Some(Arc::clone(&self.guards)),
            ..self.crew.clone()
        };
        match tokio::time::timeout(limit, crew.carry_out(part)).await {
            Err(_) => {
                let came = Came { end: HookEnd::Cut, ..failed("its agent took longer than it may") };
                (came, Reach::Anything)
            }
            Ok(Err(error)) => (failed(&error.cause), Reach::Anything),
            Ok(Ok(came)) => {
                let end = if came.is_done() { HookEnd::Done } else { HookEnd::Failed };
                let message = format!("session {} {}", came.session, came.ended.message);
                let mut context = framed::inside(&came.answer, "hook");
                let mut to = context.len().min(REPORT_BYTES_MAX);
                while !context.is_char_boundary(to) {
                    to -= 1;
                }
                context.truncate(to);
                let (spent, took_in) = (Some(came.spent), came.took_in);
                let changed = self.crew.common.checkpoints.changed_by(&came.session);
                let reach = changed.map_or(Reach::Anything, Reach::Files);
                (Came { end, context, message, spent, took_in, again: None, ms: 0 }, reach)
            }
        }
    }
}

/// How a line of a hook ended, and what it said.
struct Fed {
    exit: Exit,
    output: Vec<u8>,
    errors: String,
    /// What it reached of what is outside.
    took_in: Taint,
}

/// One of the answers to a hook's question.
struct Choice {
    id: String,
    label: String,
    runs: bool,
    continue_reason: Option<String>,
}

/// The question and answers that a command printed, in the shape of `confirm`; what it leaves out stays.
fn hooks_confirm(
    output: &[u8],
    question: String,
    choices: Vec<Choice>,
) -> Result<(String, Vec<Choice>), String> {
    const CHOICES_MAX: usize = 20;
    let value: serde_json::Value = serde_json::from_slice(output)
        .map_err(|error| format!("the command that makes the question printed no JSON: {error}"))?;
    let text = |value: &serde_json::Value, name: &str| {
        value.get(name).and_then(serde_json::Value::as_str).map(str::to_string)
    };
    let question = text(&value, "question").unwrap_or(question);
    let Some(options) = value.get("options").and_then(serde_json::Value::as_array) else {
        return Ok((question, choices));
    };
    let choice = |option: &serde_json::Value| {
        let id = text(option, "id")?;
        let label = text(option, "label").unwrap_or_else(|| id.clone());
        let runs = option.get("run").and_then(serde_json::Value::as_bool).unwrap_or(true);
        Some(Choice { id, label, runs, continue_reason: text(option, "continueReason") })
    };
    Ok((question, options.iter().take(CHOICES_MAX).filter_map(choice).collect()))
}

/// What its agent is told of the moment: it sees nothing else of the session.
fn occasion_in_words(hook: &Hook, moment: &Moment, is_advisory: bool) -> String {
    const PATHS_SHOWN: usize = 100;
    let mut words =
        format!("You are the agent of the hook `{}`, which runs on {}.", hook.name, moment.trigger.name());
    // Names are somebody else's words: they stay on their line.
    let paths: Vec<String> = moment.paths().take(PATHS_SHOWN).map(framed::attribute).collect();
    if !paths.is_empty() {
        words.push_str(&format!(" Files: {}.", paths.join(", ")));
    }
    if let Some(tool) = &moment.tool_name {
        words.push_str(&format!(" Tool: {}.", framed::attribute(tool)));
    }
    if let (Some(spec), Some(task)) = (&moment.spec_name, &moment.task_name) {
        let (spec, task) = (framed::attribute(spec), framed::attribute(task));
        words.push_str(&format!(" Spec: {spec}, task: {task}."));
    }
    if is_advisory {
        words.push_str(" You advise: you can change nothing. Report what you find.");
    }
    words
}

fn done(message: &str) -> Came {
    Came { end: HookEnd::Done, ..failed(message) }
}

pub(super) fn failed(message: &str) -> Came {
    let (context, message) = (String::new(), message.to_string());
    let (spent, took_in, again) = (None, Taint::none(), None);
    Came { end: HookEnd::Failed, context, message, spent, took_in, again, ms: 0 }
}

//! `waypost hooks test`: what one hook would do at a moment, with the very bytes that it would get, and what the policy says of it.
//! Runs nothing.

use hooks::{Format, Moment, Trigger, Verdict};
use policy::{Effect, Taint};

use super::hooks_list::hook_lines;
use crate::cli::{HooksTest, RuleFlags};
use crate::config::HookGrant;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::hook_policy;
use crate::hook_reports::{HookTested, HookVariable};
use crate::hooks_here::{self, Here, Trust};
use crate::in_force::{InForce, judge};
use crate::term::{Style, Term, marked, one_line, sanitise};
use crate::workspace::Workspace;
use crate::world::World;

/// Tries.
pub(crate) fn run(world: &World, screen: &Screen, flags: &HooksTest) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let loaded = hooks_here::load(world, &workspace)?;
    let here = loaded.named(&flags.name)?;
    let moment = moment(&workspace, here, flags)?;
    let (matches, why) = match hooks::explain(&here.hook, &moment) {
        Verdict::Matches { why, .. } => (true, why),
        Verdict::Not { why } => (false, why),
    };
    let (effect, reason) = policy_says(world, here)?;
    let is_command = here.hook.command().is_some();
    // As it gets it: from its package.
    let seen = moment.seen_from(here.hook.package());
    let environment = match is_command {
        true => hooks::environment(&here.hook, &seen),
        false => Vec::new(),
    };
    let tested = HookTested {
        hook: here.row(),
        event: moment.trigger.name().to_string(),
        matches,
        why,
        stdin: is_command.then(|| hooks::payload(&here.hook, &seen)),
        environment: environment.into_iter().map(|(name, value)| HookVariable { name, value }).collect(),
        command: here.hook.command().map(str::to_string),
        prompt: hooks::prompt(&here.hook, &moment),
        effect: effect.name().to_string(),
        reason,
        then: then(here, &moment, matches),
    };
    screen.document(&tested, |tested| words(&screen.term, tested));
    Ok(match effect {
        _ if !matches || !here.trust.is_given() => Exit::Failed,
        Effect::Allow => Exit::Done,
        Effect::Ask => Exit::NeedsAnswer,
        Effect::Deny => Exit::Denied,
    })
}

fn moment(workspace: &Workspace, here: &Here, flags: &HooksTest) -> Outcome<Moment> {
    let trigger = match &flags.event {
        None => here.hook.trigger,
        Some(word) => Trigger::named(word).ok_or_else(|| {
            let known = hooks::TRIGGERS.map(Trigger::name).join(", ");
            Error::usage(format!("there is no trigger `{word}`")).hint(format!("use one of: {known}"))
        })?,
    };
    let root = workspace.root.display().to_string();
    let mut moment = Moment::new(trigger, "hooks-test", root.clone());
    moment.agent = flags.agent.clone();
    moment.prompt = flags.prompt.clone();
    moment.tool_name = flags.tool.clone();
    moment.tool_input = match &flags.input {
        None => None,
        Some(text) => Some(serde_json::from_str(text).map_err(|error| {
            Error::usage(format!("--input is no JSON: {error}"))
                .hint("for example: --input '{\"command\": \"ls\"}'")
        })?),
    };
    moment.tool_response = flags.response.clone().map(serde_json::Value::String);
    let inside = |path: &String| workspace.typed_anywhere(path.trim_start_matches("./"));
    let paths: Vec<String> = flags.path.iter().map(inside).collect();
    moment = moment.of_paths(&paths);
    moment.spec_name = flags.spec.clone();
    moment.task_name = flags.task.clone();
    moment.task_success = (trigger == Trigger::PostTaskExec).then_some(!flags.failed);
    moment.user_decision = flags.decision.clone();
    moment.cause.root = "hooks-test".to_string();
    Ok(moment)
}

/// What the policy says of the hook's act: of a command the verdict, of an agent that its own calls ask.
fn policy_says(world: &World, here: &Here) -> Outcome<(Effect, String)> {
    let force = InForce::read(world, &RuleFlags::default(), None, false)?;
    let Some(line) = here.hook.command() else {
        let reason = match here.grant {
            HookGrant::Advisory => {
                "its agent can read and report; it can neither write nor run nor reach anything"
            }
            HookGrant::Prescriptive => {
                "its agent is a session of its own; each of its calls asks under the policy here"
            }
        };
        return Ok((Effect::Allow, reason.to_string()));
    };
    let requests = match force.requests(&format!("shell:{line}")) {
        Ok(requests) => requests,
        Err(why) => return Ok((Effect::Deny, why)),
    };
    let policy = hook_policy::narrowed(&force.policy, here, &Workspace::find(world)?.root);
    let verdict = judge(&policy, &requests, &Taint::none())
        .ok_or_else(|| Error::failed("the command line asks for nothing"))?;
    Ok((verdict.effect, verdict.reason()))
}

/// What keeps it from running, and what its end would mean.
fn then(here: &Here, moment: &Moment, matches: bool) -> Vec<String> {
    let hook = &here.hook;
    let mut then = Vec::new();
    match here.trust {
        Trust::Own | Trust::Trusted => {}
        Trust::Changed => {
            then.push("it does not run: its file changed since it was trusted (waypost trust)".to_string())
        }
        Trust::Untrusted => then.push("it does not run: its file is not trusted (waypost trust)".to_string()),
    }
    if !matches && moment.trigger.is_file() && moment.file_path.is_none() {
        then.push("name a file with --path".to_string());
    }
    if !matches && moment.trigger.is_tool() && moment.tool_name.is_none() {
        then.push("name a tool with --tool".to_string());
    }
    if let Some(confirm) = &hook.confirm {
        let labels: Vec<&str> = confirm.options.iter().map(|option| option.label.as_str()).collect();
        then.push(format!("a person is asked first: {} [{}]", confirm.question, labels.join(" | ")));
    }
    if here.grant == HookGrant::Advisory {
        then.push("advisory: nothing of the workspace can be written".to_string());
    }
    if hook.command().is_some() {
        if hook.timeout_ms > 0 {
            then.push(format!("it is ended after {} ms", hook.timeout_ms));
        }
        let refuses = match hook.format {
            Format::Cli => hook.trigger == Trigger::PreToolUse,
            _ => hook.trigger.can_refuse(),
        };
        then.push(match (refuses, hook.format) {
            (true, Format::Legacy) => "exit code 0: its output is for the agent; any other refuses what is about to happen",
            (true, _) => "exit code 0: its output is for the agent; 2 refuses what is about to happen; any other warns",
            (false, _) => "exit code 0: its output is for the agent; any other warns",
        }
        .to_string());
    }
    then
}

fn words(term: &Term, tested: &HookTested) -> String {
    let mut lines = hook_lines(term, &tested.hook);
    lines.push(String::new());
    let (style, verb) = match tested.matches {
        true => (Style::Green, "matches"),
        false => (Style::Yellow, "does not match"),
    };
    lines.push(format!("{} at {}: {}", term.style(style, verb), tested.event, one_line(&tested.why)));
    let style = match tested.effect.as_str() {
        "allow" => Style::Green,
        "ask" => Style::Yellow,
        _ => Style::Red,
    };
    lines.push(format!("policy: {} ({})", term.style(style, &tested.effect), one_line(&tested.reason)));
    lines.extend(tested.then.iter().map(|line| format!("  {}", one_line(line))));
    if let Some(stdin) = &tested.stdin {
        lines.push(format!("\n{}", term.style(Style::Bold, "On standard input:")));
        lines.push(sanitise(stdin.trim_end()));
        lines.push(format!("\n{}", term.style(Style::Bold, "In the environment:")));
        lines.extend(
            tested.environment.iter().map(|pair| one_line(&format!("  {}={}", pair.name, pair.value))),
        );
    }
    if let Some(command) = &tested.command {
        lines.push(format!("\n{}", term.style(Style::Bold, "It would run, in the root of the workspace:")));
        lines.push(marked(command));
    }
    if let Some(prompt) = &tested.prompt {
        lines.push(format!("\n{}", term.style(Style::Bold, "Its agent would be asked:")));
        lines.push(marked(prompt));
    }
    lines.push(format!("\n{}", term.style(Style::Dim, "nothing was run")));
    lines.join("\n")
}

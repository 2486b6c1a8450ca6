//! `waypost policy explain`: what a call would come to, on what that stands, and what would let it run. Decides nothing
//! itself.

use policy::{
    Access, Basis, Capability, Effect, Judged, Mode, Policy, Request, Rule, Scope, Source, Taint, Target,
    Touch, Verdict,
};

use super::policy_list::{problem_lines, rule_words};
use crate::cli::PolicyExplain;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::in_force::{InForce, at, innermost, judge};
use crate::policy_reports::{
    PolicyCommand, PolicyConsidered, PolicyExplained, PolicyRequest, PolicyTarget, PolicyTouch,
};
use crate::specs::SpecRecord;
use crate::term::{Style, Term, counted, one_line};
use crate::world::World;
use crate::write_scope::WriteScope;

/// Rules that do not speak of a target, shown in words; `--json` has all.
const SILENT_SHOWN_MAX: usize = 30;

/// Explains.
pub(crate) fn run(world: &World, screen: &Screen, flags: &PolicyExplain) -> Outcome<Exit> {
    let force = InForce::read(world, &flags.flags, None, false)?;
    let mut policy = force.policy.clone();
    if let Some(name) = &flags.spec {
        policy = in_spec(world, screen, &force, &policy, name)?;
    }
    let requests = force.requests(&flags.call).map_err(|why| {
        Error::usage(why).hint("for example: waypost policy explain 'shell:git push', or fs_read:.env")
    })?;
    let mut taint = Taint::none();
    for source in &flags.tainted {
        taint.add(source.source(), source.word());
    }
    let Some(verdict) = judge(&policy, &requests, &taint) else {
        return Err(Error::failed("the call asks for nothing"));
    };
    let explained = explain(&force, &policy, flags, &requests, &taint, &verdict);
    screen.document(&explained, |explained| words(&screen.term, explained));
    Ok(match verdict.effect {
        Effect::Allow => Exit::Done,
        Effect::Ask => Exit::NeedsAnswer,
        Effect::Deny => Exit::Denied,
    })
}

/// The policy as the tasks of a spec have it: its documents closed, and within its write scope.
fn in_spec(world: &World, screen: &Screen, force: &InForce, policy: &Policy, name: &str) -> Outcome<Policy> {
    let place = force.workspace.spec(Some(name))?;
    let store = house::open_store(world, &force.workspace)?;
    let record = SpecRecord::read(&store, &place)?;
    let mut policy = policy.clone();
    for line in &record.checks {
        policy.add(Rule::exact_command(line, Source::Plan));
    }
    let shown = globset::escape(&force.workspace.shown(&place.path));
    let closed = Rule::read(&format!("fs_write:{shown}"), Effect::Deny, Source::Plan);
    policy.add(closed.map_err(Error::usage)?);
    let Some(scope) = WriteScope::read(&place) else { return Ok(policy) };
    let file = force.workspace.shown(&place.path.join(crate::write_scope::FILE));
    for fault in scope.told(&file) {
        screen.term.note(&one_line(&format!("note: {fault}")));
    }
    if record.approved.get(crate::write_scope::FILE) != scope.digest.as_ref() {
        let next = format!("note: {file} is not approved as it is now; next: waypost spec approve {name}");
        screen.term.note(&one_line(&next));
    }
    Ok(policy.narrowed_to(scope.grant(&place.name, &record.checks)))
}

fn explain(
    force: &InForce,
    policy: &Policy,
    flags: &PolicyExplain,
    requests: &[Request],
    taint: &Taint,
    verdict: &Verdict,
) -> PolicyExplained {
    let allowed_by = match verdict.effect {
        Effect::Allow => Vec::new(),
        _ => tried(policy, requests, taint),
    };
    let line = requests.iter().find_map(|request| match &request.target {
        Target::Command(line) => Some(line.as_str()),
        _ => None,
    });
    let read = line.map(policy::judge);
    let (commands, unclear) = match read {
        None => (Vec::new(), None),
        Some(Ok(commands)) => (commands.iter().map(|one| command(force, one)).collect(), None),
        Some(Err(unclear)) => (Vec::new(), Some(format!("{} (byte {})", unclear.why, unclear.at.start))),
    };
    PolicyExplained {
        call: flags.call.clone(),
        mode: policy.mode().name().to_string(),
        tainted: flags.tainted.iter().map(|source| source.word().to_string()).collect(),
        spec: flags.spec.clone(),
        effect: verdict.effect.name().to_string(),
        reason: verdict.reason(),
        stands_on: force.stands_on(&verdict.basis),
        otherwise: match verdict.effect {
            Effect::Allow => Vec::new(),
            _ => otherwise(force, policy, requests, verdict),
        },
        allowed_by,
        requests: requests.iter().map(|request| request_row(policy, request, taint)).collect(),
        commands,
        unclear,
        targets: requests.iter().flat_map(|request| targets(force, policy, request, taint)).collect(),
        problems: force.problem_rows(),
    }
}

fn request_row(policy: &Policy, request: &Request, taint: &Taint) -> PolicyRequest {
    let verdict = policy.judge(request, taint);
    PolicyRequest {
        request: named(request),
        effect: verdict.effect.name().to_string(),
        reason: verdict.reason(),
    }
}

fn named(request: &Request) -> String {
    format!("{}:{}", request.capability.name(), request.target.shown())
}

fn targets(force: &InForce, policy: &Policy, request: &Request, taint: &Taint) -> Vec<PolicyTarget> {
    let explanation = policy.explain(request, taint);
    let target = |one: policy::Explained| PolicyTarget {
        capability: one.capability.name().to_string(),
        target: one.target,
        rules: one
            .considered
            .iter()
            .map(|considered| PolicyConsidered {
                rule: force.row(&considered.rule),
                matched: considered.matches,
                won: considered.won,
            })
            .collect(),
    };
    explanation.targets.into_iter().map(target).collect()
}

fn command(force: &InForce, judged: &Judged) -> PolicyCommand {
    PolicyCommand {
        text: judged.text.clone(),
        class: judged.class.name().to_string(),
        why: judged.class.why().to_string(),
        touches: judged.touches.iter().map(|one| touch(force, one)).collect(),
        hosts: judged.hosts.clone(),
        wrapped_by: judged.wrapped_by.and_then(|number| u32::try_from(number).ok()),
    }
}

fn touch(force: &InForce, touch: &Touch) -> PolicyTouch {
    let root = &force.workspace.root;
    // Where a link leads, as the tool looks before it asks.
    let leads_to = touch.candidates().iter().find_map(|path| {
        let place = tools::resolve(root, path).ok()?;
        let plain: std::path::PathBuf = root.join(path).components().collect();
        (place.absolute() != plain).then(|| place.shown())
    });
    PolicyTouch {
        access: match touch.access {
            Access::Read => "reads",
            Access::Write => "writes",
            Access::Delete => "deletes",
        }
        .to_string(),
        path: touch.path.clone(),
        deep: touch.deep,
        leads_to,
        doubt: touch.doubt.map(str::to_string),
    }
}

/// Rules that together would allow the call, tried out, the fewest kinds first; none when no rule could.
fn tried(policy: &Policy, requests: &[Request], taint: &Taint) -> Vec<String> {
    let asking = || requests.iter().filter(|request| policy.judge(request, taint).effect != Effect::Allow);
    let calls: Vec<String> = asking().map(|request| rule_for(request.capability, &request.target)).collect();
    let files: Vec<String> = asking().flat_map(|request| file_rules(policy, request, taint)).collect();
    let both: Vec<String> = calls.iter().chain(&files).cloned().collect();
    let allows = |rules: &Vec<String>| {
        let mut wider = policy.clone();
        for text in rules {
            let Ok(rule) = Rule::read(text, Effect::Allow, Source::Flag) else { return false };
            wider.add(rule);
        }
        judge(&wider, requests, taint).is_some_and(|verdict| verdict.effect == Effect::Allow)
    };
    [calls, files, both].into_iter().find(allows).unwrap_or_default()
}

fn rule_for(capability: Capability, target: &Target) -> String {
    let target = match target {
        Target::Path(place) => globset::escape(&place.shown()),
        other => other.shown(),
    };
    format!("{}:{target}", capability.name())
}

/// Rules for the files that a line touches and that are not open anyway.
fn file_rules(policy: &Policy, request: &Request, taint: &Taint) -> Vec<String> {
    let mut rules = Vec::new();
    if request.capability == Capability::Shell {
        let targets = policy.explain(request, taint).targets;
        for one in targets.iter().filter(|one| one.capability != Capability::Shell) {
            let rule = format!("{}:{}", one.capability.name(), globset::escape(&one.target));
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
    }
    rules
}

/// What else would let it run, or that nothing would.
fn otherwise(force: &InForce, policy: &Policy, requests: &[Request], verdict: &Verdict) -> Vec<String> {
    let mut ways = Vec::new();
    if verdict.effect == Effect::Ask {
        ways.push(match &verdict.basis {
            Basis::Destructive { .. } => {
                "a person's answer, each time; or an approved plan that has this line as a check".to_string()
            }
            _ => "a person's answer".to_string(),
        });
    }
    let writes = requests.iter().any(|request| request.capability != Capability::FsRead);
    if writes && policy.mode() == Mode::Supervised && is_for_mode(innermost(&verdict.basis)) {
        ways.push("--mode autopilot".to_string());
    }
    if let Basis::Grant { name, .. } = &verdict.basis {
        ways.push(format!("a line in the write scope of {name}, approved again"));
    }
    ways.extend(match innermost(&verdict.basis) {
        Basis::Rule(rule) => {
            let (file, line) = force.place_of(rule);
            let place = file.map_or_else(|| "where it is set".to_string(), |file| at(&file, line));
            match (rule.source.scope(), rule.source) {
                (Scope::Kiro, _) if rule.effect == Effect::Deny => {
                    Some("nothing: this holds whatever any rule says".to_string())
                }
                (Scope::Kiro, _) => None,
                (Scope::Administration, _) => Some(format!("only the organisation can change it: {place}")),
                (_, Source::Flag) => Some("leave out the flag that says so".to_string()),
                (_, Source::Plan) => None,
                _ => Some(format!("change {place}: {} stands over allow", rule.effect.name())),
            }
        }
        Basis::Listed { file, line, is_void, .. } => {
            let place = at(file, Some(*line).filter(|line| *line > 0));
            Some(if *is_void { format!("mend {place}") } else { format!("take it off the list in {place}") })
        }
        Basis::Void { file, line, .. } => {
            Some(format!("mend {}", at(file, Some(*line).filter(|line| *line > 0))))
        }
        Basis::Untrusted => Some("trust what this workspace has: waypost trust".to_string()),
        Basis::Taint { .. } => Some("a turn that took in nothing from outside".to_string()),
        _ => None,
    });
    ways
}

/// Whether the other mode would not ask.
fn is_for_mode(basis: &Basis) -> bool {
    matches!(basis, Basis::Default(what) if what.contains("supervised"))
}

fn words(term: &Term, explained: &PolicyExplained) -> String {
    let style = match explained.effect.as_str() {
        "allow" => Style::Green,
        "ask" => Style::Yellow,
        _ => Style::Red,
    };
    let mut lines = vec![format!(
        "{} {}",
        term.style(style, &explained.effect),
        term.style(Style::Bold, &one_line(&explained.call))
    )];
    let mut fact = |name: &str, text: &str| lines.push(one_line(&format!("  {name:<11} {text}")));
    fact("because", &explained.reason);
    if let Some(place) = &explained.stands_on
        && let Some(file) = &place.file
    {
        fact("stands in", &at(file, place.line));
    }
    if !explained.allowed_by.is_empty() {
        let rules: Vec<String> =
            explained.allowed_by.iter().map(|rule| format!("--allow {}", quoted(rule))).collect();
        fact("allowed by", &rules.join(" "));
    }
    for (at, way) in explained.otherwise.iter().enumerate() {
        let is_first = at == 0 && explained.allowed_by.is_empty();
        fact(if is_first { "allowed by" } else { "or by" }, way);
    }
    let mut mode = explained.mode.clone();
    if !explained.tainted.is_empty() {
        mode.push_str(&format!(", tainted by {}", explained.tainted.join(", ")));
    }
    if let Some(spec) = &explained.spec {
        mode.push_str(&format!(", as a task of the spec `{spec}`"));
    }
    fact("mode", &mode);
    if let Some(unclear) = &explained.unclear {
        fact("commands", &format!("the line is not followed: {unclear}"));
    }
    if explained.requests.len() > 1 || explained.requests.iter().any(|one| one.request != explained.call) {
        lines.push(format!("\n{}", term.style(Style::Bold, "It asks for:")));
        for request in &explained.requests {
            let text = format!("  {:<5} {}: {}", request.effect, request.request, request.reason);
            lines.push(one_line(&text));
        }
    }
    if !explained.commands.is_empty() {
        lines.push(format!("\n{}", term.style(Style::Bold, "Its commands:")));
        lines.extend(explained.commands.iter().flat_map(command_words).map(|line| one_line(&line)));
    }
    for target in &explained.targets {
        let heading = format!("Rules about {}:{}", target.capability, target.target);
        lines.push(format!("\n{}", term.style(Style::Bold, &one_line(&heading))));
        lines.extend(rule_lines(term, target));
    }
    lines.extend(problem_lines(term, &explained.problems));
    lines.join("\n")
}

fn command_words(command: &PolicyCommand) -> Vec<String> {
    let why = if command.why.is_empty() { String::new() } else { format!(": {}", command.why) };
    let indent = if command.wrapped_by.is_some() { "    " } else { "  " };
    let mut lines = vec![format!("{indent}{}  [{}{why}]", command.text, command.class)];
    for touch in &command.touches {
        let below = if touch.deep { " and what lies below" } else { "" };
        let leads = touch.leads_to.as_ref().map(|to| format!(", which is {to}")).unwrap_or_default();
        let doubt = touch.doubt.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        lines.push(format!("{indent}  {} {}{below}{leads}{doubt}", touch.access, touch.path));
    }
    lines.extend(command.hosts.iter().map(|host| format!("{indent}  reaches {host}")));
    lines
}

fn rule_lines(term: &Term, target: &PolicyTarget) -> Vec<String> {
    if target.rules.is_empty() {
        return vec![term.style(Style::Dim, "  none")];
    }
    let (speaking, silent): (Vec<_>, Vec<_>) = target.rules.iter().partition(|one| one.matched);
    let mut lines: Vec<String> = speaking
        .iter()
        .map(|one| {
            let word = if one.won { "won     " } else { "matches " };
            format!("  {} {}", term.style(Style::Bold, word), rule_words(term, &one.rule))
        })
        .collect();
    for one in silent.iter().take(SILENT_SHOWN_MAX) {
        lines.push(format!("  {} {}", term.style(Style::Dim, "-       "), rule_words(term, &one.rule)));
    }
    let more = silent.len().saturating_sub(SILENT_SHOWN_MAX);
    if more > 0 {
        let more = counted(more, "more rule", "more rules");
        lines.push(term.style(Style::Dim, &format!("  {more} that do not match; --json has them")));
    }
    lines
}

/// A word as a shell takes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

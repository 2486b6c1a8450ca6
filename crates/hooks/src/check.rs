//! What is wrong with hooks together and over real files: patterns that match nothing, hooks that would run each other,
//! names that are there twice. Reads no file: the listing comes in.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use spec::{Diagnostic, Severity};

use crate::effects::{What, Write, writes};
use crate::hook::{Hook, HookId};
use crate::matcher::{Matcher, ToolPattern};
use crate::tool_names::{ToolNames, built_in};
use crate::trigger::Trigger;

/// Hooks that are looked at.
pub const CHECKED_HOOKS_MAX: usize = 10_000;

/// Hooks about files among which loops are looked for.
pub const LOOP_HOOKS_MAX: usize = 500;

/// How often a hook's matcher is tried on a file, over all hooks; what is left then is said.
pub const WORK_MAX: usize = 5_000_000;

/// Files that are remembered of what one hook matches.
const SAMPLE_MAX: usize = 20;

/// One thing that is wrong with a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which hook; the first one of a loop.
    pub hook: HookId,
    /// Its file.
    pub file: String,
    /// Whether it is so whenever the hook runs; `false` when it may be so.
    pub is_certain: bool,
    /// What, and where in the file.
    pub diagnostic: Diagnostic,
}

/// Looks at all hooks and a listing of the workspace's files (relative, with `/`). In the order of the hooks.
pub fn check(hooks: &[Hook], files: &[String]) -> Vec<Finding> {
    let hooks = hooks.get(..CHECKED_HOOKS_MAX.min(hooks.len())).unwrap_or_default();
    let mut findings = Vec::new();
    duplicates(hooks, &mut findings);
    let samples = dead(hooks, files, &mut findings);
    tools(hooks, &mut findings);
    loops(hooks, &samples, &mut findings);
    let order: HashMap<&HookId, usize> = hooks.iter().enumerate().map(|(at, hook)| (&hook.id, at)).collect();
    findings.sort_by_key(|found| order.get(&found.hook).copied().unwrap_or(usize::MAX));
    findings
}

fn finding(
    hook: &Hook,
    code: &'static str,
    severity: Severity,
    certain: bool,
    message: String,
    hint: &str,
) -> Finding {
    let hint = Some(hint.to_string()).filter(|hint| !hint.is_empty());
    let diagnostic = Diagnostic { code, severity, span: hook.source.span, message, hint };
    Finding { hook: hook.id.clone(), file: hook.source.file.clone(), is_certain: certain, diagnostic }
}

/// The same name in two files; twice in one is said when it is read.
fn duplicates(hooks: &[Hook], findings: &mut Vec<Finding>) {
    let mut first: HashMap<(&str, &crate::Scope), &Hook> = HashMap::new();
    for hook in hooks {
        let known = *first.entry((&hook.name, &hook.scope)).or_insert(hook);
        if known.source.file != hook.source.file {
            let message = format!("the name `{}` is also in `{}`; both run", hook.name, known.source.file);
            let hint = "give each its own name, so that commands and records tell them apart";
            findings.push(finding(hook, "hook/duplicate-name", Severity::Warning, true, message, hint));
        }
    }
}

/// Patterns over paths that match none of the files. Gives some files that each hook matches.
fn dead<'a>(hooks: &[Hook], files: &'a [String], findings: &mut Vec<Finding>) -> Vec<Vec<&'a str>> {
    let mut work = 0_usize;
    let mut unseen = 0_usize;
    let mut first_unseen = None;
    let mut samples = Vec::with_capacity(hooks.len());
    for hook in hooks {
        let mut sample = Vec::new();
        let speaks = !matches!(hook.matcher, Matcher::Never { .. } | Matcher::Tools(_));
        if !hook.trigger.is_file() || !speaks {
            samples.push(sample);
            continue;
        }
        if work > WORK_MAX {
            unseen += 1;
            first_unseen.get_or_insert(hook);
            samples.push(sample);
            continue;
        }
        for file in files {
            work += 1;
            if hook.fits_path(file, "") {
                sample.push(file.as_str());
                if sample.len() >= SAMPLE_MAX {
                    break;
                }
            }
        }
        // Without files there is nothing to compare with.
        if sample.is_empty() && !files.is_empty() && !is_absolute(&hook.matcher) {
            findings.push(nothing_matches(hook));
        }
        samples.push(sample);
    }
    if let Some(hook) = first_unseen {
        let message = format!(
            "the patterns of {unseen} hooks were not tried on the files, because there are too many of both"
        );
        let hint = "check them with fewer hooks at once";
        findings.push(finding(hook, "hook/not-looked-at", Severity::Warning, true, message, hint));
    }
    samples
}

/// Expressions over absolute paths cannot be judged by a listing of relative ones.
fn is_absolute(matcher: &Matcher) -> bool {
    matches!(matcher, Matcher::Paths(pattern) if pattern.text().starts_with("^/"))
}

fn nothing_matches(hook: &Hook) -> Finding {
    let message = format!("`{}` matches no file of the workspace", hook.matcher.shown());
    match hook.trigger {
        // Such files may be yet to come.
        Trigger::PostFileCreate => {
            let hint = "that is right when the first such file is still to be made";
            finding(hook, "hook/dead-pattern", Severity::Hint, false, message, hint)
        }
        _ => {
            let hint = "mend the pattern; files that `.gitignore` names are not counted";
            finding(hook, "hook/dead-pattern", Severity::Warning, true, message, hint)
        }
    }
}

/// Matchers over tools that match none of the built-in ones; a server's tool may still have the name.
fn tools(hooks: &[Hook], findings: &mut Vec<Finding>) {
    let known: Vec<ToolNames> = built_in().map(|tool| ToolNames::of(tool, None)).collect();
    for hook in hooks.iter().filter(|hook| hook.trigger.is_tool()) {
        let Matcher::Tools(patterns) = &hook.matcher else { continue };
        let is_servers = |pattern: &ToolPattern| {
            matches!(pattern, ToolPattern::Mcp | ToolPattern::Powers | ToolPattern::Server { .. })
        };
        if let Some((pattern, why)) =
            patterns.iter().find_map(|pattern| Some((pattern, pattern.why_never()?)))
        {
            let message = format!("`{}` matches no tool: {why}", pattern.text());
            let hint = "write `@server/tool`, `@server/*` for all of them, or an expression that can be read";
            findings.push(finding(hook, "hook/dead-matcher", Severity::Warning, true, message, hint));
            continue;
        }
        let names_aws = patterns.iter().any(|pattern| pattern.text().contains("aws"));
        if patterns.iter().any(is_servers)
            || names_aws
            || known.iter().any(|tool| hook.matcher.tool(tool).is_ok())
        {
            continue;
        }
        let message = format!("`{}` matches no built-in tool", hook.matcher.shown());
        let hint = match patterns.iter().any(|pattern| pattern.text().contains("delete_file")) {
            true => "files are deleted with `shell` here; match `shell` and look at the command",
            false => {
                "that is right when a server's tool has this name; else use a name, or one of: read, write, shell, web, spec"
            }
        };
        findings.push(finding(hook, "hook/dead-matcher", Severity::Hint, false, message, hint));
    }
}

/// One hook writes what another one waits for.
struct Edge {
    to: usize,
    is_certain: bool,
    because: String,
}

fn loops(hooks: &[Hook], samples: &[Vec<&str>], findings: &mut Vec<Finding>) {
    let looked: Vec<(&Hook, &[&str])> = hooks
        .iter()
        .zip(samples)
        .filter(|(hook, _)| {
            hook.is_enabled && matches!(hook.trigger, Trigger::PostFileSave | Trigger::PostFileCreate)
        })
        .map(|(hook, sample)| (hook, sample.as_slice()))
        .collect();
    if let Some((hook, _)) = looked.get(LOOP_HOOKS_MAX) {
        let message =
            format!("loops were looked for only among the first {LOOP_HOOKS_MAX} hooks about files");
        findings.push(finding(hook, "hook/not-looked-at", Severity::Warning, true, message, ""));
    }
    let looked = looked.get(..LOOP_HOOKS_MAX.min(looked.len())).unwrap_or_default();
    let edges: Vec<Vec<Edge>> = looked.iter().map(|from| edges_of(*from, looked)).collect();
    let mut reported = vec![false; looked.len()];
    for start in 0..looked.len() {
        if reported.get(start).copied().unwrap_or(true) {
            continue;
        }
        let Some(way) = way_back(start, &edges) else { continue };
        for at in &way {
            if let Some(seen) = reported.get_mut(*at) {
                *seen = true;
            }
        }
        findings.extend(said(&way, looked, &edges));
    }
}

fn edges_of(from: (&Hook, &[&str]), looked: &[(&Hook, &[&str])]) -> Vec<Edge> {
    let writes = writes(from.0);
    let mut edges = Vec::new();
    for (to, target) in looked.iter().enumerate() {
        let hit =
            writes.iter().filter(|write| hits(write, from, *target)).max_by_key(|write| write.is_certain);
        if let Some(write) = hit {
            edges.push(Edge { to, is_certain: write.is_certain, because: write.because.clone() });
        }
    }
    edges
}

/// Whether what `from` writes is what `to` waits for.
fn hits(write: &Write, from: (&Hook, &[&str]), to: (&Hook, &[&str])) -> bool {
    let fits = |path: &str| to.0.fits_path(path, "");
    // A file that is rewritten is saved; only one that is named may be new.
    let is_save = to.0.trigger == Trigger::PostFileSave;
    match &write.what {
        What::Path(path) => fits(path),
        What::Own => is_save && (from.0.id == to.0.id || from.1.iter().any(|path| fits(path))),
        What::Endings(endings) => {
            let has = |path: &str| path.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending));
            let among = from.1.iter().chain(to.1).any(|path| has(path) && fits(path));
            is_save
                && (among
                    || (to.1.is_empty() && endings.iter().any(|ending| fits(&format!("src/a.{ending}")))))
        }
        What::Any => is_save,
    }
}

/// The shortest way from a hook back to itself, without the return.
fn way_back(start: usize, edges: &[Vec<Edge>]) -> Option<Vec<usize>> {
    let mut before: HashMap<usize, usize> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for edge in edges.get(at).into_iter().flatten() {
            if edge.to == start {
                let mut way = vec![at];
                let mut back = at;
                while back != start {
                    back = *before.get(&back)?;
                    way.push(back);
                }
                way.reverse();
                return Some(way);
            }
            if let Entry::Vacant(free) = before.entry(edge.to) {
                free.insert(at);
                queue.push_back(edge.to);
            }
        }
    }
    None
}

fn said(way: &[usize], looked: &[(&Hook, &[&str])], edges: &[Vec<Edge>]) -> Option<Finding> {
    let (first, _) = looked.get(*way.first()?)?;
    let mut names = Vec::new();
    let mut reasons = Vec::new();
    let mut is_certain = true;
    for (nth, at) in way.iter().enumerate() {
        let next = way.get((nth + 1) % way.len())?;
        let (hook, _) = looked.get(*at)?;
        let edge = edges.get(*at)?.iter().find(|edge| edge.to == *next)?;
        is_certain &= edge.is_certain;
        if nth < 6 {
            names.push(format!("`{}`", hook.name));
            reasons.push(if way.len() == 1 {
                edge.because.clone()
            } else {
                format!("`{}`: {}", hook.name, edge.because)
            });
        } else if nth == 6 {
            names.push("…".to_string());
        }
    }
    let verb = if is_certain { "triggers" } else { "may trigger" };
    let message = match way.len() {
        1 => format!("the hook `{}` {verb} itself ({})", first.name, reasons.join("; ")),
        _ => format!(
            "the hooks {} {} each other ({})",
            names.join(" → "),
            verb.trim_end_matches('s'),
            reasons.join("; ")
        ),
    };
    let severity = if is_certain { Severity::Warning } else { Severity::Hint };
    let hint = "the guards cut it after one round; leave the written files out of the pattern, or set `advisory: true`";
    Some(finding(first, "hook/loop", severity, is_certain, message, hint))
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;

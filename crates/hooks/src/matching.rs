//! Which hooks a moment is for, and why. Cuts nothing and runs nothing.

use crate::hook::{Hook, Scope};
use crate::matcher::Matcher;
use crate::moment::Moment;
use crate::tool_names::ToolNames;

/// A hook that a moment is for.
#[derive(Clone, Debug)]
pub struct Match<'a> {
    /// The hook.
    pub hook: &'a Hook,
    /// Why, as a half sentence: `` `*.rs` matches `src/a.rs` ``.
    pub why: String,
    /// Of a moment about files: those that it is for. Empty for other moments.
    pub paths: Vec<String>,
}

/// Whether a moment is for a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Matches {
        /// Why.
        why: String,
        /// Of a moment about files: those that it is for.
        paths: Vec<String>,
    },
    /// It is not.
    Not {
        /// Why not.
        why: String,
    },
}

/// The hooks that the moment is for, in their order.
pub fn matching<'a>(hooks: &'a [Hook], moment: &Moment) -> Vec<Match<'a>> {
    let tool = tool_of(moment);
    hooks
        .iter()
        .filter(|hook| hook.trigger == moment.trigger && hook.is_enabled)
        .filter_map(|hook| match judge(hook, moment, tool.as_ref()) {
            Verdict::Matches { why, paths } => Some(Match { hook, why, paths }),
            Verdict::Not { .. } => None,
        })
        .collect()
}

/// The same for one hook, with the reason also when it does not match.
pub fn explain(hook: &Hook, moment: &Moment) -> Verdict {
    judge(hook, moment, tool_of(moment).as_ref())
}

impl Moment {
    /// The same moment with only these files.
    #[must_use]
    pub fn of_paths(&self, paths: &[String]) -> Moment {
        let mut part = self.clone();
        part.file_path = paths.first().cloned();
        part.file_paths = if paths.len() > 1 { paths.to_vec() } else { Vec::new() };
        part
    }
}

fn tool_of(moment: &Moment) -> Option<ToolNames> {
    moment.tool_name.as_deref().map(|tool| ToolNames::of(tool, moment.tool_input.as_ref()))
}

fn judge(hook: &Hook, moment: &Moment, tool: Option<&ToolNames>) -> Verdict {
    let not = |why: String| Verdict::Not { why };
    if !hook.is_enabled {
        return not("it is switched off (`enabled: false`)".to_string());
    }
    if hook.trigger != moment.trigger {
        return not(format!("it runs at `{}`, not at `{}`", hook.trigger.name(), moment.trigger.name()));
    }
    if let Scope::Agent(agent) = &hook.scope
        && moment.agent.as_deref() != Some(agent.as_str())
    {
        return not(format!("it counts only in sessions of the agent `{agent}`"));
    }
    let plain = |judged: Result<String, String>| match judged {
        Ok(why) => Verdict::Matches { why, paths: Vec::new() },
        Err(why) => Verdict::Not { why },
    };
    if hook.trigger.is_tool() {
        return match tool {
            Some(tool) => plain(hook.matcher.tool(tool)),
            None if hook.matcher == Matcher::Always => plain(Ok("it has no matcher".to_string())),
            None => not("the moment names no tool".to_string()),
        };
    }
    if !hook.trigger.is_file() {
        return plain(Ok(format!("it runs at every `{}`", hook.trigger.name())));
    }
    files(hook, moment)
}

/// One file with its reason; many with the reason of the first and a count.
fn files(hook: &Hook, moment: &Moment) -> Verdict {
    let mut first = None;
    let mut last_no = None;
    let mut paths = Vec::new();
    let mut seen = 0_usize;
    for path in moment.paths() {
        seen += 1;
        if first.is_some() {
            if hook.matcher.fits_path(path, &moment.cwd) {
                paths.push(path.to_string());
            }
            continue;
        }
        match hook.matcher.path(path, &moment.cwd) {
            Ok(why) => {
                first = Some(why);
                paths.push(path.to_string());
            }
            Err(why) => last_no = Some(why),
        }
    }
    match (first, seen) {
        (Some(why), 1) => Verdict::Matches { why, paths },
        (Some(why), _) => Verdict::Matches { why: format!("{why}; {} of {seen} files", paths.len()), paths },
        (None, 0) if hook.matcher == Matcher::Always => {
            Verdict::Matches { why: "it has no matcher".to_string(), paths }
        }
        (None, 0) => Verdict::Not { why: "the moment names no file".to_string() },
        (None, _) => Verdict::Not { why: last_no.unwrap_or_default() },
    }
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;

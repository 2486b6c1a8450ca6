//! Which hooks a moment is for, and why. Cuts nothing and runs nothing.

use crate::hook::{Hook, Scope};
use crate::matcher::Matcher;
use crate::moment::Moment;
use crate::tool_names::ToolNames;
use serde_json::Value;

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

/// Keys under which our tools take the path that they are asked for.
pub const PATH_KEYS: [&str; 8] =
    ["path", "file_path", "filePath", "file", "filename", "directory", "dir", "dir_path"];

impl Hook {
    /// Why a path (from the workspace) is one for it; `Err` says why not. A hook of a package sees the package's files, and its
    /// matcher may be written from the package or from the workspace.
    fn sees_path(&self, path: &str, root: &str) -> Result<String, String> {
        let package = self.package();
        if package.is_empty() {
            return self.matcher.path(path, root);
        }
        let Some(inside) = inside(path, package) else {
            return Err(format!("`{path}` lies outside of `{package}`"));
        };
        // What leaves a file out does so from wherever it was written.
        if let Some(out) = self.matcher.leaves_out(path).or_else(|| self.matcher.leaves_out(inside)) {
            return Err(format!("`!{out}` leaves `{path}` out"));
        }
        let base = format!("{}/{package}", root.trim_end_matches('/'));
        self.matcher.path(inside, &base).or_else(|why| self.matcher.path(path, root).map_err(|_| why))
    }

    /// Whether it waits for changes of a file (from the workspace at `root`), of whatever kind, in sessions of whatever agent. Quick: it
    /// is asked of every file that changes, and says no reason.
    pub fn waits_for(&self, path: &str, root: &str) -> bool {
        self.is_enabled && self.trigger.is_file() && self.fits_path(path, root)
    }

    /// The same without the words.
    pub(crate) fn fits_path(&self, path: &str, root: &str) -> bool {
        let package = self.package();
        if package.is_empty() {
            return self.matcher.fits_path(path, root);
        }
        inside(path, package).is_some() && self.sees_path(path, root).is_ok()
    }
}

impl Moment {
    /// The same moment as a package sees it, whose hooks run in its folder: its files have their names from there, also the one that a
    /// tool of ours is asked for. Files outside of it go up with `../`. The line of a command stays as it is: it runs in the workspace.
    #[must_use]
    pub fn seen_from(&self, package: &str) -> Moment {
        let mut moment = self.clone();
        if package.is_empty() {
            return moment;
        }
        moment.cwd = format!("{}/{package}", self.cwd.trim_end_matches('/'));
        let ups = "../".repeat(package.split('/').count());
        let seen = |path: &mut String| match inside(path, package) {
            Some(inside) => *path = inside.to_string(),
            None => path.insert_str(0, &ups),
        };
        moment.file_path.iter_mut().for_each(seen);
        moment.file_paths.iter_mut().for_each(seen);
        moment.old_path.iter_mut().for_each(seen);
        // A server's tools have their own words.
        let is_ours = moment.tool_name.as_ref().is_some_and(|name| !name.contains('/'));
        if let Some(Value::Object(input)) = moment.tool_input.as_mut().filter(|_| is_ours) {
            for key in PATH_KEYS {
                if let Some(Value::String(path)) = input.get_mut(key)
                    && !path.starts_with(['/', '~'])
                {
                    *path = path.trim_start_matches("./").to_string();
                    seen(path);
                }
            }
        }
        moment
    }
}

/// The path from the folder, when it lies in it.
fn inside<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.strip_prefix(folder)?.strip_prefix('/')
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
            if hook.fits_path(path, &moment.cwd) {
                paths.push(path.to_string());
            }
            continue;
        }
        match hook.sees_path(path, &moment.cwd) {
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

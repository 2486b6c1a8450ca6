//! The tool `knowledge`: the passages of an agent's knowledge bases that have most to do with some words. Keeps no index: what a base
//! holds is read as it is now, within the rules.
#![expect(clippy::disallowed_methods, reason = "whether a base is there is looked up here")]

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use context::{Look, Within};
use conversation::{Call, CallResult, Later, Status, Tool, ToolContext, ToolDescription, ToolError};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use policy::{Capability, Origin, Permit, Place, Request, Target};
use roster::agent::Agent;
use roster::resource::Knowledge;
use roster::tools::KNOWLEDGE;
use serde::Deserialize;
use tools::Closed;

use super::power_tool::{arguments, missing};
use super::resources::{one_line, source};

const DESCRIPTION: &str = "Search material that was put together for you: gives the passages with most of these words. Ask in the words of \
    the material; one base at a time. There is:";

const SCHEMA: &str = r#"{"type":"object","properties":{"query":{"type":"string"},"name":{"type":"string","description":"of the base; may be left out when there is one"}},"required":["query"]}"#;

/// The most bases of one agent.
const BASES_MAX: usize = 30;
/// How many files an answer gives places of.
const FILES_GIVEN: usize = 6;
/// The most text of an answer, in bytes.
const TEXT_BYTES_MAX: usize = 16 * 1024;
/// Files that hold words in a form that is not read here.
const NOT_READ: [&str; 9] = ["pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "epub"];

/// Searches knowledge bases.
pub(crate) struct KnowledgeTool {
    bases: Vec<Base>,
}

struct Base {
    name: String,
    about: Option<String>,
    source: String,
    /// With the home directory in place; else as it is written.
    path: PathBuf,
    counts: Counts,
}

/// Which files of a base count.
#[derive(Clone)]
struct Counts {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

#[derive(Debug, Deserialize)]
struct Arguments {
    #[serde(alias = "search", alias = "words")]
    query: String,
    #[serde(default, alias = "base", alias = "context")]
    name: Option<String>,
}

impl KnowledgeTool {
    /// The tool for an agent; `None` when it names no knowledge base. `home` is the person's, `root` the workspace's.
    pub(crate) fn of(home: &Path, root: &Path, agent: &Agent) -> Option<KnowledgeTool> {
        let base = |base: &Knowledge| Base {
            name: one_line(&base.name),
            about: base.description.as_deref().map(one_line),
            source: one_line(&base.source),
            path: source(home, root, agent, &base.source),
            counts: Counts::of(base),
        };
        let bases: Vec<Base> = agent.knowledge().take(BASES_MAX).map(base).collect();
        (!bases.is_empty()).then_some(KnowledgeTool { bases })
    }

    fn base(&self, arguments: &Arguments) -> Result<&Base, ToolError> {
        let name = arguments.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let found = match (name, &self.bases[..]) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(name), all) => all.iter().find(|base| base.name == name),
        };
        let names = self.bases.iter().map(|base| base.name.as_str());
        found.ok_or_else(|| missing("knowledge base", name.unwrap_or_default(), names))
    }

    fn requests(&self, call: &Call, workspace: &Path) -> Result<Vec<Request>, ToolError> {
        let base = self.base(&arguments::<Arguments>(call)?)?;
        let place = tools::resolve(workspace, &base.path.to_string_lossy())?;
        Ok(vec![Request {
            capability: Capability::FsRead,
            target: Target::Path(place),
            origin: Origin::Agent,
        }])
    }

    async fn search(&self, permit: Permit, call: &Call, workspace: &Path) -> Result<String, String> {
        let arguments = arguments::<Arguments>(call).map_err(|error| error.to_string())?;
        let base = self.base(&arguments).map_err(|error| error.to_string())?;
        let Some(place) = permitted(&permit) else { return Err("nothing may be read".to_string()) };
        if !place.absolute().exists() {
            return Err(format!("`{}` is not there: `{}`; tell the person", base.name, base.source));
        }
        let (counts, workspace) = (base.counts.clone(), workspace.to_path_buf());
        let looked = tokio::task::spawn_blocking(move || {
            look(&permit, &workspace, place.absolute(), &counts, &arguments.query)
        });
        let (look, not_read) = looked.await.map_err(|error| format!("the search broke off: {error}"))?;
        Ok(tell(base, look, not_read))
    }
}

impl Tool for KnowledgeTool {
    fn describe(&self) -> ToolDescription {
        let mut description = DESCRIPTION.to_string();
        for Base { name, about, source, .. } in &self.bases {
            let about = about.as_ref().map_or(String::new(), |about| format!(": {about}"));
            let source = if source == name { String::new() } else { format!(" ({source})") };
            description.push_str(&format!("\n- {name}{source}{about}"));
        }
        ToolDescription { name: KNOWLEDGE.into(), description, schema: SCHEMA.into() }
    }

    fn reads_only(&self) -> bool {
        true
    }

    fn request(&self, call: &Call, context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        self.requests(call, context.workspace)
    }

    fn run<'a>(
        &'a self,
        permit: Permit,
        call: &'a Call,
        context: &'a ToolContext<'a>,
    ) -> Later<'a, CallResult> {
        Box::pin(async move {
            match self.search(permit, call, context.workspace).await {
                Ok(text) => CallResult::new(&call.id, Status::Done, text),
                Err(why) => CallResult::new(&call.id, Status::Failed, why),
            }
        })
    }
}

impl Counts {
    /// A pattern without `/` is one for names, at any depth; one that is no pattern fits nothing.
    fn of(base: &Knowledge) -> Counts {
        let set = |patterns: &[String]| {
            let mut set = GlobSetBuilder::new();
            for pattern in patterns {
                let pattern = pattern.trim_start_matches("./").trim_start_matches('/');
                let deep = if pattern.contains('/') { pattern.to_string() } else { format!("**/{pattern}") };
                // A folder by its name means what lies in it.
                for pattern in [format!("{}/**", deep.trim_end_matches('/')), deep] {
                    if let Ok(glob) = GlobBuilder::new(&pattern).literal_separator(true).build() {
                        set.add(glob);
                    }
                }
            }
            set.build().unwrap_or_else(|_| GlobSet::empty())
        };
        let include = (!base.include.is_empty()).then(|| set(&base.include));
        Counts { include, exclude: set(&base.exclude) }
    }

    /// Whether a file counts, by its path from the base; by its name when it is the base itself.
    fn has(&self, place: &Path, file: &Path) -> bool {
        let below = file.strip_prefix(place).unwrap_or(file);
        let below =
            if below.as_os_str().is_empty() { file.file_name().map_or(file, Path::new) } else { below };
        self.include.as_ref().is_none_or(|include| include.is_match(below)) && !self.exclude.is_match(below)
    }
}

fn permitted(permit: &Permit) -> Option<Place> {
    permit.requests().iter().find_map(|request| match (&request.target, request.capability) {
        (Target::Path(place), Capability::FsRead) => Some(place.clone()),
        _ => None,
    })
}

/// Looks through a base; gives also how many of its files are in a form that is not read.
fn look(permit: &Permit, workspace: &Path, place: &Path, counts: &Counts, query: &str) -> (Look, usize) {
    let not_read = AtomicUsize::new(0);
    let closed = Closed::default();
    // As with other resources: another name of a file may lie anywhere, and rules close files by name.
    let closes_names = permit.policy().closes_by_pattern().0;
    let has_names = |file: &Path| {
        closes_names && std::fs::symlink_metadata(file).is_ok_and(|data| data.is_file() && data.nlink() > 1)
    };
    let within = Within {
        workspace,
        place,
        counts: &|file| {
            let counts = counts.has(place, file);
            let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if counts && NOT_READ.iter().any(|form| form.eq_ignore_ascii_case(ending)) {
                not_read.fetch_add(1, Ordering::Relaxed);
                return false;
            }
            counts
        },
        may_read: &|file| match permit.may_read(workspace, file) && !closed.has(permit, workspace, file) {
            true if has_names(file) => {
                Err("it has several names (hard links), and rules close files by name".to_string())
            }
            true => Ok(()),
            false => Err("a rule closes it".to_string()),
        },
    };
    let look = context::look(&within, query, FILES_GIVEN);
    (look, not_read.into_inner())
}

/// The answer for the model.
fn tell(base: &Base, look: Look, not_read: usize) -> String {
    let mut text = match (look.terms.is_empty(), look.found.is_empty()) {
        (true, _) => "there are no words to look for in the query".to_string(),
        (_, true) => format!(
            "nothing in {} of `{}` has to do with: {}; try other words of the material",
            counted(look.files),
            base.name,
            look.terms.join(", ")
        ),
        _ => format!("passages of `{}` that have to do with: {}\n", base.name, look.terms.join(", ")),
    };
    let left = look.add_to(&mut text, TEXT_BYTES_MAX);
    let mut notes: Vec<String> = look.cut.into_iter().collect();
    if left > 0 {
        notes.push(format!("{left} more passages left out; ask more exactly"));
    }
    if not_read > 0 {
        notes.push(format!("of PDF, Office and the like, not looked at: {}", counted(not_read)));
    }
    if !notes.is_empty() {
        text.push_str(&format!("\n[{}]", notes.join("; ")));
    }
    text
}

fn counted(files: usize) -> String {
    if files == 1 { "1 file".to_string() } else { format!("{files} files") }
}

#[cfg(test)]
#[path = "knowledge_tool_tests.rs"]
mod tests;

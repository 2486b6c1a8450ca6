//! The tool `grep`: lines by a regular expression. Changes nothing.

use std::path::{Path, PathBuf};

use conversation::{Call, CallResult, Later, Status, Tool, ToolContext, ToolDescription, ToolError};
use globset::GlobMatcher;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder, Sink, SinkContext, SinkFinish, SinkMatch};
use policy::{Capability, Permit, Request};
use serde::{Deserialize, Serialize};

use crate::files::FileError;
use crate::list::{here, is_directory};
use crate::walk::Cancelled;
use crate::{files, glob, input, missing, paths, walk};

const DESCRIPTION: &str = "Search file contents with a regular expression (Rust syntax): everywhere, below \
    `path`, or in files named like `glob`. Gives path:line:text, with `context` \
    lines around. Skips ignored and binary files.";

const SCHEMA: &str = r#"{"type":"object","properties":{"pattern":{"type":"string"},"path":{"type":"string"},"glob":{"type":"string"},"ignore_case":{"type":"boolean"},"context":{"type":"integer"}},"required":["pattern"]}"#;

/// How many matching lines a call gives.
const MATCHES_MAX: usize = 200;

/// How many bytes a call gives.
const TEXT_BYTES_MAX: usize = 24 * 1024;

/// How much of a file is held at once; a file with a longer line is not searched to its end.
const HEAP_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How much of one line is given.
const LINE_CHARS_MAX: usize = 300;

/// How many lines around a match can be asked for.
const CONTEXT_MAX: u64 = 20;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Arguments {
    #[serde(alias = "query", alias = "regex")]
    pattern: String,
    #[serde(default = "here", alias = "directory", alias = "dir")]
    path: String,
    #[serde(default, alias = "include", skip_serializing_if = "Option::is_none")]
    glob: Option<String>,
    #[serde(default, alias = "case_insensitive", alias = "-i", deserialize_with = "input::flag")]
    ignore_case: bool,
    #[serde(
        default,
        alias = "-C",
        deserialize_with = "input::number",
        skip_serializing_if = "Option::is_none"
    )]
    context: Option<u64>,
}

/// Searches files.
pub(crate) struct Grep;

impl Tool for Grep {
    fn describe(&self) -> ToolDescription {
        ToolDescription { name: "grep".into(), description: DESCRIPTION.into(), schema: SCHEMA.into() }
    }

    fn reads_only(&self) -> bool {
        true
    }

    fn request(&self, call: &Call, context: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        let arguments = input::parse::<Arguments>(call)?;
        Search::of(&arguments)?;
        paths::request(Capability::FsRead, &arguments.path, context)
    }

    fn understood(&self, call: &Call) -> Option<String> {
        input::understood::<Arguments>(call)
    }

    fn run<'a>(
        &'a self,
        permit: Permit,
        call: &'a Call,
        context: &'a ToolContext<'a>,
    ) -> Later<'a, CallResult> {
        Box::pin(async move { run(permit, call, context).await.unwrap_or_else(|failed| failed) })
    }
}

async fn run(permit: Permit, call: &Call, context: &ToolContext<'_>) -> Result<CallResult, CallResult> {
    let arguments: Arguments = input::parse_or_fail(call)?;
    let place = paths::permitted(&permit, Capability::FsRead)?.clone();
    let fail = |why: String| CallResult::new(&call.id, Status::Failed, why);
    is_directory(place.absolute()).map_err(|error| match error {
        FileError::Missing => fail(missing::tell(&permit, &place, context.workspace)),
        error => fail(error.tell(&paths::shorten(&place.shown()))),
    })?;
    let search = Search::of(&arguments).map_err(|error| fail(error.to_string()))?;
    let (root, workspace) = (place.absolute().to_path_buf(), context.workspace.to_path_buf());
    let found = walk::beside(move |cancelled| search.run(&permit, &root, &workspace, cancelled));
    let found = found.await.ok_or_else(|| {
        let why = "the search broke off, because the folder changed under it; search again";
        CallResult::new(&call.id, Status::Failed, why)
    })?;
    let mut text = found.text;
    if found.matches == 0 {
        text = format!("no match in {} files", found.files);
    } else if found.is_full {
        text.push_str("[there are more matches; narrow the pattern, the path or the glob]");
    }
    Ok(CallResult::new(&call.id, Status::Done, text))
}

struct Search {
    matcher: RegexMatcher,
    glob: Option<GlobMatcher>,
    context: usize,
}

#[derive(Default)]
struct Found {
    text: String,
    matches: usize,
    files: usize,
    is_full: bool,
}

impl Search {
    fn of(arguments: &Arguments) -> Result<Search, ToolError> {
        let pattern = paths::shorten(&arguments.pattern);
        if arguments.pattern.is_empty() {
            return Err(ToolError("the pattern is empty".to_string()));
        }
        let matcher = RegexMatcherBuilder::new()
            .case_insensitive(arguments.ignore_case)
            .line_terminator(Some(b'\n'))
            .build(&arguments.pattern);
        let matcher = matcher.map_err(|error| {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
            ToolError(format!(
                "`{pattern}` is not a regular expression: {why}; escape literal characters with `\\`"
            ))
        })?;
        let glob =
            arguments.glob.as_deref().filter(|glob| !glob.is_empty()).map(glob::matcher).transpose()?;
        let context = arguments.context.unwrap_or(0).min(CONTEXT_MAX);
        Ok(Search { matcher, glob, context: usize::try_from(context).unwrap_or(0) })
    }

    fn run(&self, permit: &Permit, root: &Path, workspace: &Path, cancelled: &Cancelled) -> Found {
        let mut searcher = SearcherBuilder::new()
            .binary_detection(BinaryDetection::quit(0))
            .before_context(self.context)
            .after_context(self.context)
            .heap_limit(Some(HEAP_BYTES_MAX))
            .build();
        let mut found = Found::default();
        for path in walk::files(permit, workspace, root) {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let name: &Path = if relative.as_os_str().is_empty() { &path } else { relative };
            if self.glob.as_ref().is_some_and(|glob| !glob.is_match(name)) {
                continue;
            }
            if cancelled.is_set() || found.is_full {
                break;
            }
            found.files += 1;
            self.search_file(&mut searcher, workspace, path, &mut found, cancelled);
        }
        found
    }

    fn search_file(
        &self,
        searcher: &mut Searcher,
        workspace: &Path,
        path: PathBuf,
        found: &mut Found,
        cancelled: &Cancelled,
    ) {
        let (length, matches) = (found.text.len(), found.matches);
        let shown = walk::shown(workspace, &path);
        let mut collect = Collect { shown, found, cancelled, is_binary: false };
        // A file that vanished, may not be read or is reached by a link by now has no matches; the next one may.
        if let Ok(file) = files::open(&path) {
            let _unreadable = searcher.search_file(&self.matcher, &file, &mut collect);
        }
        if collect.is_binary {
            found.text.truncate(length);
            found.matches = matches;
        }
    }
}

/// Collects the matches of one file.
struct Collect<'a> {
    shown: String,
    found: &'a mut Found,
    cancelled: &'a Cancelled,
    is_binary: bool,
}

impl Collect<'_> {
    fn push(&mut self, mark: char, line: Option<u64>, bytes: &[u8]) -> bool {
        let bytes = bytes.get(..bytes.len().min(LINE_CHARS_MAX * 4)).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        let cut = text.char_indices().nth(LINE_CHARS_MAX);
        let (text, more) = match cut {
            Some((end, _)) => (text.get(..end).unwrap_or_default(), "…"),
            None => (text, ""),
        };
        let row = format!("{}{mark}{}{mark}{text}{more}\n", self.shown, line.unwrap_or(0));
        if self.found.text.len() + row.len() > TEXT_BYTES_MAX {
            self.found.is_full = true;
            return false;
        }
        self.found.text.push_str(&row);
        !self.cancelled.is_set()
    }
}

impl Sink for Collect<'_> {
    type Error = std::io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> Result<bool, Self::Error> {
        if self.found.matches >= MATCHES_MAX {
            self.found.is_full = true;
            return Ok(false);
        }
        self.found.matches += 1;
        Ok(self.push(':', found.line_number(), found.bytes()))
    }

    fn context(&mut self, _: &Searcher, around: &SinkContext<'_>) -> Result<bool, Self::Error> {
        Ok(self.push('-', around.line_number(), around.bytes()))
    }

    fn context_break(&mut self, _: &Searcher) -> Result<bool, Self::Error> {
        self.found.text.push_str("--\n");
        Ok(true)
    }

    fn finish(&mut self, _: &Searcher, finish: &SinkFinish) -> Result<(), Self::Error> {
        self.is_binary = finish.binary_byte_offset().is_some();
        Ok(())
    }
}

//! All files that may steer, read and in order: when each is in force, under which names, what is odd. Answers for no path.

use spec::diagnostic::{self, Diagnostic, Severity};
use spec::steering::{Fix, Inclusion, Steering};
use spec::text::Text;

use crate::foreign;
use crate::globs::Globs;
use crate::listing::Why;
use crate::names;
use crate::source::{Scope, Source, Unreadable};

/// The most files of one collection; the rest is left out and counted.
pub const FILES_MAX: usize = 1_000;

/// Bytes of the largest file that steers.
pub const FILE_BYTES_MAX: usize = 256 * 1024;

/// The most globs of one collection; a file beyond them is left out.
pub const GLOBS_MAX: usize = 2_000;

/// When a file is in force, where its scope allows it at all.
#[derive(Clone, Debug)]
pub enum Condition {
    /// On every turn.
    Always,
    /// When a path in play matches.
    Match(Globs),
    /// When a person names it.
    Manual,
    /// When it is loaded because its description fits.
    Auto,
    /// Never; why.
    Never(Why),
}

/// One file, read.
#[derive(Clone, Debug)]
pub struct File {
    /// Where it comes from.
    pub source: Source,
    /// How a person names it: `name` of the front matter, or the file name without its end.
    pub name: String,
    /// When it is useful, in its own words.
    pub description: Option<String>,
    /// When it is in force.
    pub condition: Condition,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
    /// What would mend some of it.
    pub fixes: Vec<Fix>,
    body_offset: usize,
}

/// Files that may steer, in the order in which they would stand in a prompt: the person's own, the team's, then from the
/// workspace root inwards, so that what lies nearest comes last.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    files: Vec<File>,
    /// Files beyond [`FILES_MAX`], which are not looked at.
    pub beyond: usize,
    /// The folder that is worked in, from the workspace root with `/`; empty for the root.
    pub(crate) here: String,
}

impl Collection {
    /// Reads any files.
    pub fn read(mut sources: Vec<Source>) -> Collection {
        sources.sort_by(|a, b| order(a).cmp(&order(b)));
        let beyond = sources.len().saturating_sub(FILES_MAX);
        sources.truncate(FILES_MAX);
        let mut globs_left = GLOBS_MAX;
        let files = sources.into_iter().map(|source| File::read(source, &mut globs_left)).collect();
        Collection { files, beyond, here: String::new() }
    }

    /// The same for work in this folder (from the workspace root, with `/`): what counts in it and in the folders around it counts
    /// before any path comes into play. It is no path in play itself: no glob matches it.
    #[must_use]
    pub fn standing_in(self, here: &str) -> Collection {
        Collection { here: here.to_string(), ..self }
    }

    /// The files in order.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The names of files that a person's words name: `#name`, `#steering:name`, `/name`.
    pub fn named_in(&self, words: &str) -> Vec<String> {
        names::named_in(words, &self.files)
    }

    /// Whether words may name a file that is not here: one of a package that nobody looked into yet.
    pub fn may_name_others(&self, words: &str) -> bool {
        names::may_name_others(words, &self.files)
    }

    /// Whether a file goes by a name, as a person writes it.
    pub fn goes_by(file: &File, name: &str) -> bool {
        names::goes_by(file, &names::plain(name))
    }
}

impl File {
    fn read(source: Source, globs_left: &mut usize) -> File {
        let mut file = File {
            name: names::of_path(source.below()).to_string(),
            description: None,
            condition: Condition::Always,
            diagnostics: Vec::new(),
            fixes: Vec::new(),
            body_offset: 0,
            source,
        };
        let bytes = match &file.source.bytes {
            Ok(bytes) => bytes.as_slice(),
            Err(why) => {
                file.condition = Condition::Never(match why {
                    Unreadable::Link => Why::Link,
                    Unreadable::NoFile => Why::Unreadable("it is no file".to_string()),
                    Unreadable::TooLarge(bytes) => {
                        Why::TooLarge { bytes: *bytes, max: FILE_BYTES_MAX as u64 }
                    }
                    Unreadable::Failed(why) => Why::Unreadable(why.clone()),
                });
                return file;
            }
        };
        if bytes.len() > FILE_BYTES_MAX {
            let why = Why::TooLarge { bytes: bytes.len() as u64, max: FILE_BYTES_MAX as u64 };
            file.condition = Condition::Never(why);
            return file;
        }
        let encoding = diagnostic::encoding(bytes);
        let not_text = encoding.as_ref().map(|found| Why::NotText { offset: found.span.offset });
        let mut read = match file.source.scope {
            Scope::Cursor | Scope::Copilot => foreign(file.source.scope, bytes, globs_left),
            Scope::Person | Scope::Team | Scope::Kiro => kiro(bytes, globs_left),
            // No front matter: what these say counts wherever they count at all.
            Scope::Agents | Scope::Claude | Scope::Contributing => Read {
                body_offset: Text::read(bytes).lines().first().map_or(0, |line| line.span.offset),
                ..Read::default()
            },
        };
        if let Condition::Match(globs) = &read.condition {
            let at = Text::read(bytes).first_line();
            for (glob, why) in globs.broken.iter().take(100) {
                let message = format!("the glob `{glob}` cannot be read: {why}");
                read.diagnostics.push(odd("steering/broken-glob", Severity::Error, at, message));
            }
            if globs.is_empty() {
                read.condition = Condition::Never(Why::Wrong("none of its globs can be read".to_string()));
            }
        }
        file.name = read.name.filter(|name| !name.trim().is_empty()).unwrap_or(file.name);
        file.description = read.description;
        file.body_offset = read.body_offset;
        file.fixes = read.fixes;
        file.diagnostics = encoding.into_iter().chain(read.diagnostics).collect();
        file.condition = not_text.map_or(read.condition, Condition::Never);
        file
    }

    /// The text behind the front matter, without blanks around it; empty when the file cannot be read.
    pub fn body(&self) -> &str {
        let bytes = self.source.bytes.as_deref().unwrap_or_default();
        let body = bytes.get(self.body_offset..).unwrap_or_default();
        std::str::from_utf8(body).unwrap_or_default().trim()
    }
}

struct Read {
    name: Option<String>,
    description: Option<String>,
    condition: Condition,
    diagnostics: Vec<Diagnostic>,
    fixes: Vec<Fix>,
    body_offset: usize,
}

impl Default for Read {
    fn default() -> Read {
        Read {
            name: None,
            description: None,
            condition: Condition::Always,
            diagnostics: Vec::new(),
            fixes: Vec::new(),
            body_offset: 0,
        }
    }
}

fn kiro(bytes: &[u8], globs_left: &mut usize) -> Read {
    let read = Steering::parse(bytes);
    let condition = match &read.inclusion {
        Inclusion::Always => Condition::Always,
        Inclusion::FileMatch(globs) => matching(globs, globs_left),
        Inclusion::Manual => Condition::Manual,
        Inclusion::Auto => Condition::Auto,
        Inclusion::Wrong(_) => {
            let errors = read.diagnostics.iter().filter(|found| found.severity == Severity::Error);
            let why =
                errors.map(|found| found.message.as_str()).next().unwrap_or("its front matter is wrong");
            Condition::Never(Why::Wrong(why.to_string()))
        }
    };
    Read {
        name: read.name,
        description: read.description,
        condition,
        diagnostics: read.diagnostics,
        fixes: read.fixes,
        body_offset: read.body_offset,
    }
}

fn foreign(scope: Scope, bytes: &[u8], globs_left: &mut usize) -> Read {
    let read = foreign::read(bytes);
    let mut diagnostics = Vec::new();
    let condition = if read.is_open {
        let message = "the front matter is never closed".to_string();
        let at = Text::read(bytes).first_line();
        diagnostics.push(odd("steering/broken-front-matter", Severity::Error, at, message.clone()));
        Condition::Never(Why::Wrong(message))
    } else if read.always {
        Condition::Always
    } else if !read.globs.is_empty() {
        matching(&read.globs, globs_left)
    } else if scope == Scope::Copilot {
        Condition::Always
    } else if read.description.is_some() {
        Condition::Auto
    } else {
        Condition::Manual
    };
    Read {
        description: read.description,
        condition,
        diagnostics,
        body_offset: read.body_offset,
        ..Read::default()
    }
}

/// The condition of these globs, unless there are too many already.
fn matching(globs: &[String], globs_left: &mut usize) -> Condition {
    match globs_left.checked_sub(globs.len()) {
        Some(left) => {
            *globs_left = left;
            Condition::Match(Globs::read(globs.iter().map(String::as_str)))
        }
        None => Condition::Never(Why::Many { max: GLOBS_MAX }),
    }
}

fn odd(code: &'static str, severity: Severity, span: spec::Span, message: String) -> Diagnostic {
    Diagnostic { code, severity, span, message, hint: None }
}

/// The place of a file among others; unique for each name.
fn order(source: &Source) -> (u8, usize, &str, Scope, &str) {
    let rank = match source.scope {
        Scope::Person => 0,
        Scope::Team => 1,
        _ => 2,
    };
    let depth = source.folder.split('/').filter(|part| !part.is_empty()).count();
    (rank, depth, &source.folder, source.scope, &source.name)
}

//! Statements of a steering text that are no longer true: paths, commands and packages that are gone. The text is read here;
//! what exists is the caller's to say. Says nothing when it is not sure.

mod commands;
mod trees;
mod words;

use std::collections::BTreeSet;

use spec::Span;
use spec::text::{Inside, Text};

use crate::references;

/// The most candidates of one text.
pub const CANDIDATES_MAX: usize = 5_000;

/// Bytes of the longest path or name.
pub const NAME_BYTES_MAX: usize = 300;

/// Something that a text says is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where it says so, in bytes of the document.
    pub span: Span,
    /// What it names.
    pub what: What,
    /// How it says so.
    pub claim: Claim,
}

/// What is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A file or folder, with `/`, without `./`.
    Path(String),
    /// Something to run.
    Script {
        /// By whom.
        runner: Runner,
        /// Its name.
        name: String,
    },
    /// A package.
    Package {
        /// Of which kind.
        registry: Registry,
        /// Its name.
        name: String,
    },
}

/// Who runs a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// A script in some `package.json`, by npm, pnpm, yarn or bun.
    Npm,
    /// A target of a Makefile.
    Make,
    /// A recipe of a justfile.
    Just,
    /// A subcommand or alias of cargo.
    Cargo,
}

/// Whose names a package's name belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    /// A package of the Cargo workspace.
    Cargo,
    /// A dependency or package in some `package.json`.
    Npm,
}

/// How a text says that something is there, which decides when its absence is worth a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// In code within a sentence: only when the folder at its beginning is there, because `and/or` is no path.
    Mention,
    /// A link, a reference, a command to type.
    Use,
    /// A line of a drawn tree: only when what it hangs on is there.
    Tree {
        /// Which tree of the text.
        group: usize,
        /// The folder above the tree, when a line names one; the project's own name often stands there.
        root: Option<String>,
    },
}

/// What the caller knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is there.
    There,
    /// It is not there.
    Gone,
    /// Nobody can say: ignored by git, outside, or not looked for.
    Unknown,
}

/// What exists. Answers [`Answer::Unknown`] where it is not sure.
pub trait Ground {
    /// A file or folder; also one that is the end of some longer path.
    fn path(&self, path: &str) -> Answer;

    /// A file or folder exactly at this path from the workspace root, or from the package that the text belongs to.
    fn exact(&self, path: &str) -> Answer;

    /// A script, target, recipe or subcommand.
    fn script(&self, runner: Runner, name: &str) -> Answer;

    /// A package.
    fn package(&self, registry: Registry, name: &str) -> Answer;
}

/// A statement that is no longer true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// Where it stands.
    pub span: Span,
    /// `steering/stale-path`, `steering/stale-command` or `steering/stale-package`.
    pub code: &'static str,
    /// What is wrong: lower case, no full stop.
    pub message: String,
}

/// The codes of statements that are no longer true.
pub const CODES: [&str; 3] = ["steering/stale-path", "steering/stale-command", "steering/stale-package"];

/// What of a text is no longer true, in document order.
pub fn stale(bytes: &[u8], ground: &dyn Ground) -> Vec<Stale> {
    let mut candidates = candidates(bytes);
    for candidate in &mut candidates {
        candidate.plant(ground);
    }
    let strangers = strange_trees(&candidates, ground);
    let mut found = Vec::new();
    for candidate in &candidates {
        let stale = |code, message| Stale { span: candidate.span, code, message };
        match &candidate.what {
            What::Path(path) => {
                let is_gone = match candidate.claim {
                    Claim::Tree { .. } => ground.exact(path) == Answer::Gone,
                    _ => ground.path(path) == Answer::Gone,
                };
                if is_gone && is_worth_a_word(candidate, path, &strangers, ground) {
                    found.push(stale("steering/stale-path", format!("`{path}` is not there")));
                }
            }
            What::Script { runner, name } => {
                if ground.script(*runner, name) == Answer::Gone {
                    let message = match runner {
                        Runner::Npm => format!("no package.json has a script `{name}`"),
                        Runner::Make => format!("no Makefile has a target `{name}`"),
                        Runner::Just => format!("no justfile has a recipe `{name}`"),
                        Runner::Cargo => format!("cargo knows no `{name}` here"),
                    };
                    found.push(stale("steering/stale-command", message));
                }
            }
            What::Package { registry, name } => {
                if ground.package(*registry, name) == Answer::Gone {
                    let message = match registry {
                        Registry::Cargo => format!("the workspace has no package `{name}`"),
                        Registry::Npm => format!("no package.json names `{name}`"),
                    };
                    found.push(stale("steering/stale-package", message));
                }
            }
        }
    }
    found.dedup();
    found
}

impl Candidate {
    /// Hangs a line of a tree on the folder above the tree, when there is one of that name.
    fn plant(&mut self, ground: &dyn Ground) {
        if let (What::Path(path), Claim::Tree { root: Some(root), .. }) = (&mut self.what, &self.claim)
            && ground.exact(root) == Answer::There
        {
            *path = format!("{root}/{path}");
        }
    }
}

fn is_worth_a_word(
    candidate: &Candidate,
    path: &str,
    strangers: &BTreeSet<usize>,
    ground: &dyn Ground,
) -> bool {
    let parent = path.trim_end_matches('/').rsplit_once('/').map(|(parent, _)| parent);
    match &candidate.claim {
        Claim::Use => true,
        Claim::Mention => {
            let first = path.split('/').next().unwrap_or_default();
            ground.exact(first) == Answer::There
        }
        Claim::Tree { group, .. } => {
            parent.is_none_or(|parent| ground.exact(parent) == Answer::There) && !strangers.contains(group)
        }
    }
}

/// Trees that draw something else: fewer than two of three of what stands at their top is there.
fn strange_trees(candidates: &[Candidate], ground: &dyn Ground) -> BTreeSet<usize> {
    let mut counts: std::collections::BTreeMap<usize, (usize, usize)> = std::collections::BTreeMap::new();
    let mut least: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    let depth = |path: &str| path.trim_end_matches('/').matches('/').count();
    let trees = candidates.iter().filter_map(|candidate| match (&candidate.what, &candidate.claim) {
        (What::Path(path), Claim::Tree { group, .. }) => Some((path, *group)),
        _ => None,
    });
    for (path, group) in trees.clone() {
        let entry = least.entry(group).or_insert(usize::MAX);
        *entry = depth(path).min(*entry);
    }
    for (path, group) in trees {
        if least.get(&group) == Some(&depth(path)) {
            let entry = counts.entry(group).or_default();
            entry.0 += usize::from(ground.exact(path) == Answer::There);
            entry.1 += 1;
        }
    }
    counts.into_iter().filter(|(_, (there, all))| there * 3 < all * 2).map(|(group, _)| group).collect()
}

/// What a text says is there, in document order.
pub fn candidates(bytes: &[u8]) -> Vec<Candidate> {
    let text = Text::read(bytes);
    let mut found: Vec<Candidate> = Vec::new();
    let mut fence = Fence::default();
    let mut trees = trees::Trees::default();
    let mut is_example = false;
    let front = text.front_matter();
    for line in text.lines().iter().skip(front) {
        if found.len() >= CANDIDATES_MAX {
            break;
        }
        let Ok(content) = std::str::from_utf8(text.of(line)) else { continue };
        let offset = line.span.offset;
        match line.inside {
            Inside::FenceEdge => fence.edge(content, &mut trees),
            Inside::Comment => {}
            Inside::Fence if is_example => {}
            Inside::Fence => {
                if !trees.line(content, offset, &mut found) && fence.is_shell {
                    commands::line(content, offset, &mut found);
                }
            }
            Inside::Prose => {
                if content.starts_with('#') {
                    is_example = words::is_example_heading(content);
                }
                if !is_example && !words::speaks_of_absence(content) {
                    words::line(content, offset, &mut found);
                }
            }
        }
    }
    if let Ok(whole) = std::str::from_utf8(bytes) {
        for written in references::find(whole).into_iter().take(CANDIDATES_MAX) {
            if words::is_plain(&written.path) {
                let what = What::Path(written.path.trim_start_matches("./").to_string());
                found.push(Candidate { span: written.span, what, claim: Claim::Use });
            }
        }
    }
    found.sort_by_key(|candidate| (candidate.span.offset, candidate.span.len));
    found.truncate(CANDIDATES_MAX);
    found
}

/// Which fence the line stands in.
#[derive(Default)]
struct Fence {
    is_open: bool,
    is_shell: bool,
}

impl Fence {
    fn edge(&mut self, line: &str, trees: &mut trees::Trees) {
        self.is_open = !self.is_open;
        let language = line.trim().trim_start_matches(['`', '~']).trim().to_lowercase();
        let language = language.split([' ', ',', '{']).next().unwrap_or_default();
        self.is_shell = self.is_open
            && matches!(
                language,
                "" | "sh" | "bash" | "shell" | "zsh" | "console" | "terminal" | "shell-session"
            );
        trees.end();
    }
}

#[cfg(test)]
#[path = "stale_tests.rs"]
mod tests;

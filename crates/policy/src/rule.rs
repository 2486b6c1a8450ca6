//! One rule: capabilities, patterns, an effect, and where it was written. How rules combine lives in `decide`.

use globset::{GlobBuilder, GlobMatcher};

use crate::request::{Place, Target};
use crate::{Capability, Request};

/// What a rule, or the whole policy, says of a request. Ordered: the greater one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It may run.
    Allow,
    /// A person must answer first.
    Ask,
    /// It may not run, whoever answers.
    Deny,
}

/// Where a rule was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Built in; nobody can loosen it.
    BuiltIn,
    /// The person's settings file.
    User,
    /// A flag of this command.
    Flag,
    /// A person's answer in this session.
    Session,
    /// The approved plan of a spec.
    Plan,
}

/// A rule: requests of these capabilities whose target matches have this effect.
#[derive(Clone, Debug)]
pub struct Rule {
    capabilities: Vec<Capability>,
    pattern: Pattern,
    effect: Effect,
    source: Source,
    text: String,
}

/// Why a rule could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// No `capability:pattern`.
    #[error("rule `{0}` has no `:`; write it as `capability:pattern`, for example `shell:cargo test*`")]
    Shape(String),
    /// The capability does not exist.
    #[error(
        "rule `{rule}` names the capability `{name}`, which does not exist; there are fs_read, fs_write, shell, web_fetch, web_search, mcp, subagent, skill, power, context, diagnostics, sandbox_network, and the groups filesystem, builtin, all"
    )]
    Capability {
        /// The rule as written.
        rule: String,
        /// The unknown name.
        name: String,
    },
    /// The pattern is not a glob.
    #[error("rule `{rule}` has a pattern that cannot be read: {why}")]
    Pattern {
        /// The rule as written.
        rule: String,
        /// What is wrong with it.
        why: String,
    },
}

#[derive(Clone, Debug)]
enum Pattern {
    /// Every target.
    Any,
    /// A command, name or URL in which `*` stands for anything.
    Wildcard(String),
    /// A path, workspace-relative or absolute; a bare path covers what lies below it.
    Path { itself: GlobMatcher, below: GlobMatcher },
    /// Exactly this command line, nothing treated as a wildcard.
    Exactly(String),
}

impl Rule {
    /// Reads `capability:pattern`, for example `shell:cargo test*` or `fs_write:docs/**`.
    ///
    /// # Errors
    /// [`RuleError`] says which half could not be read; a rule that cannot be read is never a rule.
    pub fn read(text: &str, effect: Effect, source: Source) -> Result<Rule, RuleError> {
        let (name, pattern) = text.split_once(':').ok_or_else(|| RuleError::Shape(text.to_string()))?;
        let capabilities = Capability::named(name.trim());
        if capabilities.is_empty() {
            return Err(RuleError::Capability { rule: text.to_string(), name: name.trim().to_string() });
        }
        let files = capabilities.iter().any(|c| matches!(c, Capability::FsRead | Capability::FsWrite));
        let pattern = match pattern.trim() {
            "*" | "**" => Pattern::Any,
            path if files => path_pattern(path)
                .map_err(|why| RuleError::Pattern { rule: text.to_string(), why: why.to_string() })?,
            other => Pattern::Wildcard(other.to_string()),
        };
        Ok(Rule { capabilities, pattern, effect, source, text: text.to_string() })
    }

    /// Allows exactly this command line and no other: the form in which an answer or a plan grants a command.
    pub fn exact_command(line: &str, source: Source) -> Rule {
        Rule {
            capabilities: vec![Capability::Shell],
            pattern: Pattern::Exactly(line.trim().to_string()),
            effect: Effect::Allow,
            source,
            text: format!("shell:{}", line.trim()),
        }
    }

    /// What it says of a request that it matches.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Where it was written.
    pub fn source(&self) -> Source {
        self.source
    }

    /// The rule as written, `capability:pattern`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it names one command line, word for word.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self.pattern, Pattern::Exactly(_))
    }

    /// Whether the rule speaks of this capability at all.
    pub fn covers(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }

    /// Whether the rule speaks of this request. A command is matched whole; parts are `decide`'s business.
    pub fn matches(&self, request: &Request) -> bool {
        self.capabilities.contains(&request.capability)
            && match (&self.pattern, &request.target) {
                (Pattern::Any, _) => true,
                (Pattern::Wildcard(pattern), Target::Command(text) | Target::Name(text)) => {
                    wildcard(pattern, text.trim())
                }
                (Pattern::Exactly(line), Target::Command(text)) => line == text.trim(),
                (Pattern::Path { itself, below }, Target::Path(place)) => {
                    on_path(itself, place) || on_path(below, place)
                }
                _ => false,
            }
    }
}

impl Source {
    /// The words for a person.
    pub fn name(self) -> &'static str {
        match self {
            Source::BuiltIn => "built in",
            Source::User => "user settings",
            Source::Flag => "flag",
            Source::Session => "answer in this session",
            Source::Plan => "approved plan",
        }
    }
}

impl Effect {
    /// The word in records.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Allow => "allow",
            Effect::Ask => "ask",
            Effect::Deny => "deny",
        }
    }
}

fn path_pattern(path: &str) -> Result<Pattern, globset::Error> {
    let path = path.strip_prefix("./").unwrap_or(path).trim_end_matches('/');
    // `literal_separator`: `*` stays inside one directory, as in Kiro and gitignore.
    let build = |text: &str| {
        GlobBuilder::new(text).literal_separator(true).build().map(|glob| glob.compile_matcher())
    };
    Ok(Pattern::Path { itself: build(path)?, below: build(&format!("{path}/**"))? })
}

fn on_path(glob: &GlobMatcher, place: &Place) -> bool {
    place.relative().is_some_and(|inside| glob.is_match(inside)) || glob.is_match(place.absolute())
}

/// Whether `text` fits `pattern`, in which `*` stands for any run of characters.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(first) = parts.next() else { return false };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or("");
    }
    true
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Origin;

    fn check(rule: &str, capability: Capability, target: &str, expected: bool) {
        let rule = Rule::read(rule, Effect::Allow, Source::User).unwrap();
        let target = match capability {
            Capability::FsRead | Capability::FsWrite => {
                Target::Path(Place::new(Path::new("/w"), Path::new(target)))
            }
            _ => Target::Command(target.to_string()),
        };
        let request = Request { capability, target, origin: Origin::Agent };
        assert_eq!(rule.matches(&request), expected, "{rule:?} on {request:?}");
    }

    #[test]
    fn commands_match_by_wildcard() {
        check("shell:cargo test*", Capability::Shell, "cargo test --lib", true);
        check("shell:cargo test*", Capability::Shell, "cargo publish", false);
        check("shell:cargo test", Capability::Shell, "cargo test --lib", false);
        check("shell:git * --stat", Capability::Shell, "git diff HEAD --stat", true);
        check("shell:*", Capability::Shell, "anything at all", true);
    }

    #[test]
    fn paths_match_by_glob_and_bare_paths_cover_children() {
        check("fs_write:docs", Capability::FsWrite, "/w/docs/a/b.md", true);
        check("fs_write:src/*.rs", Capability::FsWrite, "/w/src/lib.rs", true);
        check("fs_write:src/*.rs", Capability::FsWrite, "/w/src/deep/lib.rs", false);
        check("fs_write:**/mcp.json", Capability::FsWrite, "/w/a/mcp.json", true);
        check("fs_read:/etc/hosts", Capability::FsRead, "/etc/hosts", true);
        check("filesystem:docs", Capability::FsRead, "/w/docs", true);
        check("fs_read:docs", Capability::FsWrite, "/w/docs", false);
    }

    #[test]
    fn an_exact_command_has_no_wildcards() {
        let rule = Rule::exact_command("ls *", Source::Plan);
        let run = |line: &str| Request {
            capability: Capability::Shell,
            target: Target::Command(line.to_string()),
            origin: Origin::Agent,
        };
        assert!(rule.matches(&run("ls *")));
        assert!(!rule.matches(&run("ls secrets")));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let read = |text| Rule::read(text, Effect::Allow, Source::Flag).unwrap_err().to_string();
        assert_eq!(
            read("cargo test"),
            "rule `cargo test` has no `:`; write it as `capability:pattern`, for example `shell:cargo test*`"
        );
        assert!(
            read("sheel:ls").contains("`sheel`, which does not exist; there are fs_read, fs_write, shell")
        );
        assert!(read("fs_read:a[").starts_with("rule `fs_read:a[` has a pattern that cannot be read"));
    }
}

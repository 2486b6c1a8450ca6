//! One rule: capabilities, patterns, an effect, and where it was written. How rules combine lives in `decide`.

use std::sync::Arc;

use crate::glob::{Glob, Key, Shape};
use crate::judge::Class;
use crate::request::Target;
use crate::{Capability, Request};

/// What a rule, or the whole policy, says of a request. Ordered: the greater one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It may run.
    Allow,
    /// A person must answer first.
    Ask,
    /// It may not run, whoever answers.
    Deny,
}

/// Where a rule was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// Built in; nobody can loosen it.
    BuiltIn,
    /// The organisation's settings; they deny and ask only.
    Administration,
    /// The person's settings file.
    User,
    /// The person's file for this workspace, outside the repository.
    Workspace,
    /// What the person trusted in this workspace by its content: the command of a hook.
    Trust,
    /// The active agent's profile.
    Agent,
    /// A flag of this command.
    Flag,
    /// A person's answer in this session.
    Session,
    /// The approved plan of a spec.
    Plan,
}

/// Kiro's six scopes. Which effects a rule may have depends on its scope; which rule wins does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Hard-coded.
    Kiro,
    /// The organisation.
    Administration,
    /// The person, everywhere.
    User,
    /// The person, in this workspace.
    Workspace,
    /// The active agent.
    Agent,
    /// This session.
    Session,
}

/// A rule: requests of these capabilities whose target matches have this effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    capabilities: u16,
    /// None means everything.
    matches: Vec<Pattern>,
    excludes: Vec<Pattern>,
    effect: Effect,
    source: Source,
    text: Arc<str>,
    file: Option<Arc<str>>,
    line: Option<u32>,
}

/// A rule as a decision cites it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited {
    /// As it was written, `capability:pattern`.
    pub text: Arc<str>,
    /// What it says.
    pub effect: Effect,
    /// Where it holds from.
    pub source: Source,
    /// The file, when it stands in one.
    pub file: Option<Arc<str>>,
    /// The line in it, from 1.
    pub line: Option<u32>,
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Every target.
    Any,
    /// For files a glob; for commands, names and URLs a text in which `*` stands for anything.
    Written { wildcard: Wildcard, path: Option<Glob> },
    /// Exactly this command line, nothing treated as a wildcard.
    Exactly(String),
    /// Commands of these classes, whatever they are called.
    Commands { project: bool },
}

/// A command, name or URL, made ready for all the rules that it is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    plain: String,
    lower: String,
}

impl Text {
    pub(crate) fn new(text: &str) -> Text {
        Text { plain: text.to_string(), lower: text.to_lowercase() }
    }

    /// The first word, in lower case, for an index.
    pub(crate) fn first_word(&self) -> &str {
        self.lower.split(' ').next().unwrap_or("")
    }
}

/// A text in which `*` stands for any run of characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wildcard {
    text: String,
    lower: String,
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
        let capabilities = bits(&capabilities);
        let pattern = match pattern.trim() {
            "*" | "**" => Pattern::Any,
            pattern => Pattern::read(pattern, capabilities, None)
                .map_err(|why| RuleError::Pattern { rule: text.to_string(), why })?,
        };
        Ok(Rule { matches: vec![pattern], ..Rule::of(capabilities, effect, source, text) })
    }

    /// Allows exactly this command line and no other: the form in which an answer or a plan grants a command.
    pub fn exact_command(line: &str, source: Source) -> Rule {
        Rule::exact_text(Capability::Shell, line, source)
    }

    /// Allows exactly this text, nothing in it treated as a wildcard.
    pub fn exact_text(capability: Capability, text: &str, source: Source) -> Rule {
        let exact = text.trim().to_string();
        let text = format!("{}:{exact}", capability.name());
        let matches = vec![Pattern::Exactly(exact)];
        Rule { matches, ..Rule::of(bits(&[capability]), Effect::Allow, source, &text) }
    }

    /// Exactly this path and what lies below, however it is spelled.
    pub(crate) fn literal_path(capability: Capability, path: &str, effect: Effect, source: Source) -> Rule {
        let wildcard = Wildcard::new(path);
        let matches = vec![Pattern::Written { wildcard, path: Some(Glob::literal(path)) }];
        let text = format!("{}:{path}", capability.name());
        Rule { matches, ..Rule::of(bits(&[capability]), effect, source, &text) }
    }

    pub(crate) fn of(capabilities: u16, effect: Effect, source: Source, text: &str) -> Rule {
        Rule {
            capabilities,
            matches: Vec::new(),
            excludes: Vec::new(),
            effect,
            source,
            text: Arc::from(text),
            file: None,
            line: None,
        }
    }

    pub(crate) fn with_patterns(self, matches: Vec<Pattern>, excludes: Vec<Pattern>) -> Rule {
        Rule { matches, excludes, ..self }
    }

    pub(crate) fn written_in(self, file: &Arc<str>, line: u32) -> Rule {
        Rule { file: Some(Arc::clone(file)), line: Some(line), ..self }
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

    /// The file and line, when it stands in a file.
    pub fn place(&self) -> Option<(&str, u32)> {
        Some((self.file.as_deref()?, self.line?))
    }

    /// The rule as a decision cites it.
    pub fn cite(&self) -> Cited {
        Cited {
            text: Arc::clone(&self.text),
            effect: self.effect,
            source: self.source,
            file: self.file.clone(),
            line: self.line,
        }
    }

    /// Whether it names one command line, word for word.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self.matches.as_slice(), [Pattern::Exactly(_)])
    }

    pub(crate) fn patterns(&self) -> &[Pattern] {
        &self.matches
    }

    pub(crate) fn has_excludes(&self) -> bool {
        !self.excludes.is_empty()
    }

    /// Whether it speaks of every capability that the other one speaks of.
    pub(crate) fn covers_all_of(&self, other: &Rule) -> bool {
        self.capabilities & other.capabilities == other.capabilities
    }

    /// Whether the rule speaks of this capability at all.
    pub fn covers(&self, capability: Capability) -> bool {
        self.capabilities & bits(&[capability]) != 0
    }

    /// Whether the rule speaks of this request. A command is matched whole; parts are `line`'s business.
    pub fn matches(&self, request: &Request) -> bool {
        self.covers(request.capability)
            && match &request.target {
                Target::Path(place) => self.fits_path(&Shape::new(place)),
                Target::Command(text) | Target::Name(text) => self.fits_text(&Text::new(text.trim())),
            }
    }

    /// Whether it speaks of a path. What it excludes is held to the other measure: an exception may loosen no more
    /// than it says.
    pub(crate) fn fits_path(&self, shape: &Shape) -> bool {
        let closing = self.effect != Effect::Allow;
        let fits = |pattern: &Pattern, closing: bool| match pattern {
            Pattern::Any => true,
            Pattern::Written { path: Some(glob), .. } => {
                if closing {
                    glob.closes(shape)
                } else {
                    glob.opens(shape)
                }
            }
            _ => false,
        };
        (self.matches.is_empty() || self.matches.iter().any(|pattern| fits(pattern, closing)))
            && !self.excludes.iter().any(|pattern| fits(pattern, !closing))
    }

    /// Whether it speaks of every path below a directory, of those that are there and of those that may come to be.
    pub(crate) fn opens_all_below(&self, shape: &Shape) -> bool {
        self.excludes.is_empty()
            && (self.matches.is_empty()
                || self.matches.iter().any(|pattern| match pattern {
                    Pattern::Any => true,
                    Pattern::Written { path: Some(glob), .. } => glob.opens_all_below(shape),
                    _ => false,
                }))
    }

    /// Whether something that it speaks of may lie below a directory. May say so of too many, never of too few.
    pub(crate) fn may_lie_below(&self, shape: &Shape) -> bool {
        self.matches.is_empty()
            || self.matches.iter().any(|pattern| match pattern {
                Pattern::Any => true,
                Pattern::Written { path: Some(glob), .. } => glob.may_lie_below(shape),
                _ => false,
            })
    }

    /// Whether it speaks of a command, a name or a URL.
    pub(crate) fn fits_text(&self, text: &Text) -> bool {
        let closing = self.effect != Effect::Allow;
        let fits = |pattern: &Pattern, closing: bool| match pattern {
            Pattern::Any => true,
            Pattern::Written { wildcard, .. } => wildcard.fits(text, closing),
            Pattern::Exactly(line) => *line == text.plain,
            Pattern::Commands { .. } => false,
        };
        (self.matches.is_empty() || self.matches.iter().any(|pattern| fits(pattern, closing)))
            && !self.excludes.iter().any(|pattern| fits(pattern, !closing))
    }

    /// Whether it speaks of commands by what they do.
    pub(crate) fn is_preset(&self) -> bool {
        self.matches.iter().any(|pattern| matches!(pattern, Pattern::Commands { .. }))
    }

    /// Whether it speaks of commands of this class, by a preset.
    pub(crate) fn fits_class(&self, class: &Class) -> bool {
        self.matches.iter().any(|pattern| match pattern {
            Pattern::Commands { project } => match class {
                Class::ReadOnly => true,
                Class::Project(_) => *project,
                _ => false,
            },
            _ => false,
        })
    }
}

impl Pattern {
    /// Reads one pattern for these capabilities. `home` is the resolved home directory.
    pub(crate) fn read(text: &str, capabilities: u16, home: Option<&str>) -> Result<Pattern, String> {
        let files = bits(&[Capability::FsRead, Capability::FsWrite]);
        let path = match Glob::read(text, home) {
            Ok(glob) => Some(glob),
            // A text such as `git *{` is no path, and need not be one.
            Err(_) if capabilities & files == 0 => None,
            Err(why) => return Err(why),
        };
        Ok(Pattern::Written {
            wildcard: Wildcard::new(text),
            path: path.filter(|_| capabilities & files != 0),
        })
    }

    /// For an index: the folded names that paths which fit surely have, or the first words of texts.
    pub(crate) fn path_keys(&self) -> Vec<Key<'_>> {
        match self {
            Pattern::Written { path: Some(glob), .. } => glob.keys(),
            Pattern::Any => vec![Key::None],
            _ => Vec::new(),
        }
    }

    /// For an index: the first word of texts that fit, in lower case, when the pattern has it without a wildcard.
    pub(crate) fn first_word(&self) -> Option<&str> {
        match self {
            Pattern::Written { wildcard, .. } => {
                let first = wildcard.lower.split(' ').next().unwrap_or("");
                (!first.contains('*') && !first.is_empty()).then_some(first)
            }
            _ => None,
        }
    }
}

impl Wildcard {
    fn new(text: &str) -> Wildcard {
        Wildcard { text: text.to_string(), lower: text.to_lowercase() }
    }

    /// Whether every text that fits the other one fits this one, of a rule that closes. A `*` of the other is a character
    /// here, and only a `*` of this one takes it in.
    pub(crate) fn takes_in(&self, other: &Wildcard) -> bool {
        wildcard(&self.lower, &other.lower)
    }

    /// Whether a text fits, of a rule that closes.
    pub(crate) fn takes_in_text(&self, text: &str) -> bool {
        wildcard(&self.lower, &text.to_lowercase())
    }

    /// What closes does not tell case apart: hosts have none, and some file systems have programs without.
    fn fits(&self, text: &Text, closing: bool) -> bool {
        if closing { wildcard(&self.lower, &text.lower) } else { wildcard(&self.text, &text.plain) }
    }
}

/// A set of capabilities, as bits.
pub(crate) fn bits(capabilities: &[Capability]) -> u16 {
    capabilities.iter().fold(0, |bits, capability| bits | (1 << (*capability as u16)))
}

impl Source {
    /// The words for a person.
    pub fn name(self) -> &'static str {
        match self {
            Source::BuiltIn => "built in",
            Source::Administration => "organisation",
            Source::User => "user settings",
            Source::Workspace => "workspace settings of the user",
            Source::Trust => "trusted by its content",
            Source::Agent => "agent",
            Source::Flag => "flag",
            Source::Session => "answer in this session",
            Source::Plan => "approved plan",
        }
    }

    /// Kiro's scope that it belongs to.
    pub fn scope(self) -> Scope {
        match self {
            Source::BuiltIn => Scope::Kiro,
            Source::Administration => Scope::Administration,
            Source::User => Scope::User,
            Source::Workspace | Source::Trust => Scope::Workspace,
            Source::Agent => Scope::Agent,
            Source::Flag | Source::Session | Source::Plan => Scope::Session,
        }
    }
}

impl Scope {
    /// Kiro's name.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Kiro => "kiro",
            Scope::Administration => "administration",
            Scope::User => "user",
            Scope::Workspace => "workspace",
            Scope::Agent => "agent",
            Scope::Session => "session",
        }
    }

    /// Whether rules of this scope may have this effect.
    pub fn may(self, effect: Effect) -> bool {
        effect != Effect::Allow || !matches!(self, Scope::Kiro | Scope::Administration)
    }

    pub(crate) fn source(self) -> Source {
        match self {
            Scope::Kiro => Source::BuiltIn,
            Scope::Administration => Source::Administration,
            Scope::User => Source::User,
            Scope::Workspace => Source::Workspace,
            Scope::Agent => Source::Agent,
            Scope::Session => Source::Session,
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
#[path = "rule_tests.rs"]
mod tests;

//! One rule: what it looks for, how grave a hit is, what follows. Reading rules from TOML is in `read`, running them in `scan`.

use std::sync::{Arc, OnceLock};

use regex_automata::meta::Regex;
use regex_automata::util::syntax;

use crate::allow::Allow;

/// The most bytes that one regular expression may take when compiled. A rule above it is void.
pub(crate) const PATTERN_MAX: usize = 8 << 20;

/// How much harm a found value can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Rarely harmful by itself.
    Low,
    /// Harm inside a test system, or a value whose kind is only guessed.
    Medium,
    /// Access to one service.
    High,
    /// Access to an account, to money or to an identity.
    Critical,
}

impl Severity {
    /// The word that rule files use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High, Self::Critical].into_iter().find(|s| s.word() == word)
    }
}

/// What the firewall does with a found value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// The value stays; the finding is reported.
    Warn,
    /// The value is replaced by a placeholder.
    Placeholder,
    /// The value is replaced, and the text as a whole must not be sent.
    Block,
}

impl Policy {
    /// The word that rule files use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Placeholder => "placeholder",
            Self::Block => "block",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        [Self::Warn, Self::Placeholder, Self::Block].into_iter().find(|p| p.word() == word)
    }
}

/// A test of a value beyond its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// The last six characters are the CRC-32 of the others, in base 62.
    Github,
    /// Three parts, the first two JSON objects, the first with `alg`.
    Jwt,
    /// Not all of one kind of character; not the documented example.
    AwsKeyId,
    /// Base64 of `BedrockAPIKey-…`.
    Bedrock,
    /// Numbers where Slack has numbers.
    Slack,
    /// The check digit of payment cards.
    Luhn,
    /// Base64 of `user:password`.
    Basic,
    /// Reads like chance, not like words.
    Random,
    /// A password that is no placeholder.
    Value,
}

impl Check {
    pub(crate) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "github" => Self::Github,
            "jwt" => Self::Jwt,
            "aws-key-id" => Self::AwsKeyId,
            "bedrock" => Self::Bedrock,
            "slack" => Self::Slack,
            "luhn" => Self::Luhn,
            "basic" => Self::Basic,
            "random" => Self::Random,
            "value" => Self::Value,
            _ => return None,
        })
    }
}

/// How a rule is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detector {
    /// A match begins where the keyword begins.
    Start,
    /// A match is looked for around the keyword, inside its line.
    Window,
    /// `name = value`, read by `assign`.
    Assignment,
    /// A password in a URL, read by `url`.
    Url,
    /// A PEM block, read by `pem`.
    Pem,
}

impl Detector {
    /// The detector that a rule file names; those that are code are for built-in rules alone.
    pub(crate) fn of(word: &str, builtin: bool) -> Option<Self> {
        Some(match word {
            "start" => Self::Start,
            "window" => Self::Window,
            "assignment" if builtin => Self::Assignment,
            "url" if builtin => Self::Url,
            "pem" if builtin => Self::Pem,
            _ => return None,
        })
    }
}

/// A regular expression that is compiled when it is first needed.
#[derive(Debug)]
pub(crate) struct Pattern {
    source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(crate) fn new(source: &str) -> Self {
        Self { source: source.to_owned(), compiled: OnceLock::new() }
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The compiled expression; `None` if it cannot be compiled.
    pub(crate) fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| compile(&self.source).ok()).as_ref()
    }

    /// Compiles now.
    ///
    /// # Errors
    /// What is wrong with the expression, in one line.
    pub(crate) fn check(&self) -> Result<(), String> {
        let regex = compile(&self.source)?;
        self.compiled.get_or_init(|| Some(regex));
        Ok(())
    }

    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }
}

/// Classes are ASCII, as in the engine that gitleaks uses; an expression that needs Unicode gets it.
fn compile(source: &str) -> Result<Regex, String> {
    build(source, false).or_else(|_| build(source, true))
}

fn build(source: &str, unicode: bool) -> Result<Regex, String> {
    let built = Regex::builder()
        .syntax(syntax::Config::new().unicode(unicode).utf8(false))
        .configure(Regex::config().utf8_empty(false).nfa_size_limit(Some(PATTERN_MAX)))
        .build(source);
    built.map_err(|error| {
        let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        cause.lines().last().unwrap_or("not a regular expression").trim_start_matches("error: ").to_owned()
    })
}

/// One rule of a rule file.
#[derive(Debug)]
pub struct Rule {
    pub(crate) id: Arc<str>,
    pub(crate) description: String,
    pub(crate) severity: Severity,
    pub(crate) policy: Policy,
    pub(crate) detector: Detector,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) path: Option<Pattern>,
    pub(crate) keywords: Vec<String>,
    pub(crate) group: usize,
    pub(crate) entropy: f32,
    pub(crate) check: Option<Check>,
    pub(crate) before: usize,
    pub(crate) after: usize,
    pub(crate) allow: Vec<Allow>,
    /// Whether the rule came with Waypost; only such a rule may rely on the case of its keywords.
    pub(crate) builtin: bool,
}

impl Rule {
    /// The name of the rule, as rule files and placeholders have it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the rule finds, in a few words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// How grave a finding is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What the firewall does.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// Whether the rule is built in and finds a value behind a name that holds the name of a service.
    pub(crate) fn names_a_service(&self) -> bool {
        let source = self.pattern.as_ref().map_or("", Pattern::source);
        self.builtin && self.detector == Detector::Start && source.starts_with("(?i)(?:")
    }

    /// Whether a hit says which service the value belongs to, or only that a name spoke of a secret.
    pub(crate) fn is_generic(&self) -> bool {
        matches!(self.detector, Detector::Assignment)
    }
}

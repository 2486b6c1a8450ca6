//! What the commands around the rules print as JSON. A wire of its own; the policy's types are converted here and by the
//! commands.

use schemars::JsonSchema;
use serde::Serialize;

/// What `waypost policy explain` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyExplained {
    /// As it was asked for.
    pub(crate) call: String,
    /// `supervised` or `autopilot`.
    pub(crate) mode: String,
    /// `web`, `mcp`, `issue`, `outside`: what the turn is taken to have taken in.
    pub(crate) tainted: Vec<String>,
    /// The spec whose write scope holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) spec: Option<String>,
    /// `allow`, `ask` or `deny`.
    pub(crate) effect: String,
    pub(crate) reason: String,
    /// The rule, line of a list or file that it stands on, when it stands on one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stands_on: Option<PolicyPlace>,
    /// Rules that would allow it, tried out: all of them together.
    pub(crate) allowed_by: Vec<String>,
    /// What else would let it run, in words.
    pub(crate) otherwise: Vec<String>,
    /// Everything that the call asks for, each with what is said of it.
    pub(crate) requests: Vec<PolicyRequest>,
    /// The simple commands of a line.
    pub(crate) commands: Vec<PolicyCommand>,
    /// Why the line is not followed, when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unclear: Option<String>,
    /// Each target with every rule about it, in the order in which they are looked at.
    pub(crate) targets: Vec<PolicyTarget>,
    /// What is wrong with files of rules and lists.
    pub(crate) problems: Vec<PolicyProblem>,
}

/// Where something of the rules stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyPlace {
    /// The rule or the line, as it is written.
    pub(crate) text: String,
    /// The scope of a rule; absent for lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
}

/// One thing that a call asks for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyRequest {
    /// `capability:target`, links resolved.
    pub(crate) request: String,
    pub(crate) effect: String,
    pub(crate) reason: String,
}

/// A simple command of a line.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyCommand {
    pub(crate) text: String,
    /// `read-only`, `writes`, `project code`, `network`, `acts`, `unknown` or `destructive`.
    pub(crate) class: String,
    /// What it is about: what it runs, which host, the blast radius.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) why: String,
    pub(crate) touches: Vec<PolicyTouch>,
    pub(crate) hosts: Vec<String>,
    /// The number, from 0, of the command that starts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wrapped_by: Option<u32>,
}

/// A path that a command touches.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyTouch {
    /// `reads`, `writes` or `deletes`.
    pub(crate) access: String,
    /// As the command names it.
    pub(crate) path: String,
    /// Whatever lies below as well.
    pub(crate) deep: bool,
    /// Where it really is, when a link leads there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) leads_to: Option<String>,
    /// Why the path is not certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) doubt: Option<String>,
}

/// A target with the rules about it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyTarget {
    pub(crate) capability: String,
    pub(crate) target: String,
    pub(crate) rules: Vec<PolicyConsidered>,
}

/// A rule held against a target.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyConsidered {
    #[serde(flatten)]
    pub(crate) rule: PolicyRule,
    /// Whether it speaks of the target.
    pub(crate) matched: bool,
    /// Whether the verdict stands on it.
    pub(crate) won: bool,
}

/// A rule in force.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyRule {
    /// `allow`, `ask` or `deny`.
    pub(crate) effect: String,
    /// As it is written: `capability:patterns`, `preset:name`.
    pub(crate) rule: String,
    /// `kiro`, `administration`, `user`, `workspace`, `agent` or `session`.
    pub(crate) scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
}

/// Something wrong with a file of rules or a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyProblem {
    pub(crate) file: String,
    /// From 1; absent for the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
    pub(crate) what: String,
    /// Because of it everything asks, or everything below the directory of a list.
    pub(crate) voids: bool,
}

/// What `waypost policy test` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyTested {
    pub(crate) passed: bool,
    /// Files of rules and lists that were read.
    pub(crate) files: Vec<String>,
    /// Rules in force, the built-in ones aside.
    pub(crate) rules: u32,
    /// Examples of rules that were held against them.
    pub(crate) examples: u32,
    /// Expectations that were held against the rules.
    pub(crate) expectations: u32,
    pub(crate) findings: Vec<PolicyFinding>,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyFinding {
    /// `void`, `left-out`, `list`, `unreachable`, `expectation` or `malformed`.
    pub(crate) kind: String,
    /// Whether it makes the test fail.
    pub(crate) fails: bool,
    pub(crate) file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
    pub(crate) what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

/// What `waypost policy simulate` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicySimulated {
    /// `record` when what was decided then is held against today's rules, `rules` when today's rules are held against others.
    pub(crate) before: String,
    pub(crate) sessions: u32,
    /// Requests that were judged again.
    pub(crate) requests: u32,
    /// Decisions that stand on an answer, a plan or a flag of their session, and so are not compared.
    pub(crate) left_out: u32,
    pub(crate) tightened: u32,
    pub(crate) loosened: u32,
    /// Those that come out otherwise, in the order of the record.
    pub(crate) differences: Vec<PolicyDifference>,
    /// Differences beyond those.
    pub(crate) more: u32,
    /// Sessions that could not be read, and why.
    pub(crate) unreadable: Vec<String>,
    pub(crate) problems: Vec<PolicyProblem>,
}

/// A request that would be decided otherwise.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyDifference {
    pub(crate) session: String,
    pub(crate) call: String,
    /// `capability:target`.
    pub(crate) request: String,
    pub(crate) before: String,
    pub(crate) after: String,
    /// `tightened` or `loosened`.
    pub(crate) change: String,
    /// What the new verdict stands on.
    pub(crate) why: String,
}

/// What `waypost policy list` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyListed {
    pub(crate) mode: String,
    /// Whether the person trusts this workspace; otherwise every command asks.
    pub(crate) trusted: bool,
    /// In the order in which they are looked at.
    pub(crate) rules: Vec<PolicyRule>,
    /// Files of rules that were read.
    pub(crate) files: Vec<String>,
    pub(crate) lists: Vec<PolicyListFile>,
    pub(crate) problems: Vec<PolicyProblem>,
}

/// A list of paths.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PolicyListFile {
    pub(crate) file: String,
    /// `invisible` or `never written`.
    pub(crate) kind: String,
    /// Where its patterns begin, from the root of the workspace; empty for the root.
    pub(crate) base: String,
    /// Lines that name paths, exceptions included; absent when it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) patterns: Option<u32>,
}

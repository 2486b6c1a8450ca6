//! A scan as rows, as words and as SARIF. Looks at nothing but outcomes.

use std::collections::BTreeMap;

use exchange::place::{Located, Region};
use exchange::values::{FoundValue, ValueRule};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Found, Loaded, Outcomes};
use crate::term::{Style, Term, counted, sanitise};

/// Findings and unread places that are shown as words; the reports have all.
const SHOWN_MAX: usize = 500;

/// What to do about a found value.
const HELP: &str = "make the value void where it was issued, then take it out; a commit keeps it for ever. Where it is none, \
                    or may stay: a remark `waypost:allow REASON` on its line, or an allow-list with a description in \
                    `.gitleaks.toml`";

/// What `waypost scan` prints.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ScanReport {
    /// `files`, `staged` or `history`.
    pub(crate) looked_into: String,
    /// Files, or contents of files in git, that were looked into.
    pub(crate) contents: u64,
    pub(crate) bytes: u64,
    /// Commits that were looked into, in a scan of the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) commits: Option<u64>,
    /// Rules in force.
    pub(crate) rules: u32,
    pub(crate) findings: Vec<ValueRow>,
    /// Findings beyond the most that are kept.
    pub(crate) more: u64,
    /// Findings that stand in the baseline; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) known: Option<u32>,
    /// What could not be looked into.
    pub(crate) unread: Vec<UnreadRow>,
    /// The same, beyond the most that are kept.
    pub(crate) more_unread: u64,
    /// What a person should know about the rules and the repository.
    pub(crate) notes: Vec<String>,
}

/// A found value, without the value.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ValueRow {
    pub(crate) rule: String,
    /// What the rule looks for.
    pub(crate) description: String,
    /// `low`, `medium`, `high` or `critical`.
    pub(crate) severity: String,
    /// `generic`, `structured` or `checksum`.
    pub(crate) confidence: String,
    /// Why it was found.
    pub(crate) why: String,
    /// From the root of the workspace; in `staged` and `history` from the root of the repository.
    pub(crate) path: String,
    /// From 1.
    pub(crate) line: u32,
    /// From 1, in UTF-16 code units.
    pub(crate) column: u32,
    /// The place behind the last character.
    pub(crate) end_line: u32,
    pub(crate) end_column: u32,
    /// At most four characters, of a value whose kind they tell.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) beginning: String,
    /// The same as long as rule, file and value stay; does not depend on the line.
    pub(crate) fingerprint: String,
    /// The oldest commit that brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) commit: Option<String>,
    /// When its author made that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<String>,
}

/// Something that could not be looked into.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct UnreadRow {
    pub(crate) path: String,
    pub(crate) why: String,
}

/// The rows of a scan.
pub(crate) fn report(what: &str, loaded: &Loaded, outcomes: &Outcomes, known: Option<u32>) -> ScanReport {
    let is_history = what == "history";
    let row = |found: &Found| {
        let origin = outcomes.origins.get(found.origin).filter(|_| is_history);
        ValueRow {
            rule: found.rule.to_string(),
            description: description(loaded, &found.rule),
            severity: found.severity.word().to_string(),
            confidence: found.confidence.word().to_string(),
            why: found.reason.to_string(),
            path: found.path.clone(),
            line: found.start.0,
            column: found.start.1,
            end_line: found.end.0,
            end_column: found.end.1,
            beginning: found.beginning.clone(),
            fingerprint: found.fingerprint.clone(),
            commit: origin.map(|origin| origin.commit.clone()),
            date: origin.map(|origin| origin.date.clone()),
        }
    };
    let unread =
        outcomes.unread.iter().map(|unread| UnreadRow { path: unread.path.clone(), why: unread.why.clone() });
    ScanReport {
        looked_into: what.to_string(),
        contents: outcomes.contents,
        bytes: outcomes.bytes,
        commits: is_history.then_some(outcomes.origins.len() as u64),
        rules: u32::try_from(loaded.scanner.rules().count()).unwrap_or(u32::MAX),
        findings: outcomes.found.iter().map(row).collect(),
        more: outcomes.more_found,
        known,
        unread: unread.collect(),
        more_unread: outcomes.more_unread,
        notes: loaded.notes.clone(),
    }
}

fn description(loaded: &Loaded, rule: &str) -> String {
    let text = loaded.scanner.rule(rule).map(secrets::Rule::description).unwrap_or_default();
    if text.is_empty() { rule.to_string() } else { text.to_string() }
}

/// The words for a person.
pub(crate) fn words(term: &Term, report: &ScanReport) -> String {
    let mut lines = Vec::new();
    for row in report.findings.iter().take(SHOWN_MAX) {
        let style = if matches!(&*row.severity, "critical" | "high") { Style::Red } else { Style::Yellow };
        let place = format!("{}:{}:{}", row.path, row.line, row.column);
        let beginning = match row.beginning.as_str() {
            "" => String::new(),
            beginning => format!(" `{beginning}…`"),
        };
        lines.push(format!(
            "{}  {} {}{beginning}",
            term.style(Style::Bold, &one_line(&place)),
            term.style(style, &row.severity),
            one_line(&row.description),
        ));
        let commit = row.commit.as_deref().zip(row.date.as_deref()).map(|(commit, date)| {
            format!("; commit {} of {date}", commit.chars().take(12).collect::<String>())
        });
        let detail =
            format!("    {}: {}; {}{}", row.rule, row.why, row.fingerprint, commit.unwrap_or_default());
        lines.push(term.style(Style::Dim, &one_line(&detail)));
    }
    let left = report.findings.len().saturating_sub(SHOWN_MAX) as u64 + report.more;
    if left > 0 {
        lines.push(term.style(Style::Dim, &format!("{left} more; --format json has them")));
    }
    for row in report.unread.iter().take(SHOWN_MAX) {
        let words = one_line(&format!("{}: {}", row.path, row.why));
        lines.push(format!("{} {words}", term.style(Style::Yellow, "not looked into:")));
    }
    let left = report.unread.len().saturating_sub(SHOWN_MAX) as u64 + report.more_unread;
    if left > 0 {
        lines.push(term.style(Style::Dim, &format!("{left} more could not be looked into")));
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(summary(report));
    if !report.findings.is_empty() {
        lines.push(term.style(Style::Dim, &format!("next: {HELP}")));
    }
    lines.join("\n")
}

/// A path may hold line ends, and must not look like another finding.
fn one_line(text: &str) -> String {
    sanitise(&text.replace(['\n', '\t'], "␊"))
}

fn summary(report: &ScanReport) -> String {
    let number = |n: u64, one: &str, many: &str| counted(usize::try_from(n).unwrap_or(usize::MAX), one, many);
    let size = match report.bytes {
        bytes if bytes < 1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        bytes => format!("{:.1} MB", bytes as f64 / 1e6),
    };
    let looked = match report.looked_into.as_str() {
        "staged" => number(report.contents, "staged file", "staged files"),
        "history" => format!(
            "{} of {}",
            number(report.contents, "content", "contents"),
            number(report.commits.unwrap_or_default(), "commit", "commits")
        ),
        _ => number(report.contents, "file", "files"),
    };
    let found = report.findings.len() as u64 + report.more;
    let found = if found == 0 { "no value".to_string() } else { number(found, "value", "values") };
    let mut text = format!("{found} found in {looked}, {size}, by {} rules", report.rules);
    if let Some(known) = report.known {
        text.push_str(&format!("; {known} known"));
    }
    let unread = report.unread.len() as u64 + report.more_unread;
    if unread > 0 {
        text.push_str(&format!("; {unread} not looked into"));
    }
    text
}

/// The report for code scanning.
pub(crate) fn sarif(report: &ScanReport) -> String {
    let mut rules: BTreeMap<&str, ValueRule> = BTreeMap::new();
    for row in &report.findings {
        rules.entry(&row.rule).or_insert_with(|| ValueRule {
            id: row.rule.clone(),
            summary: row.description.clone(),
            score: match row.severity.as_str() {
                "critical" => "9.5",
                "high" => "8.0",
                "medium" => "5.5",
                _ => "3.0",
            },
        });
    }
    let value = |row: &ValueRow| FoundValue {
        rule: row.rule.clone(),
        severity: match row.severity.as_str() {
            "critical" | "high" => spec::Severity::Error,
            "medium" => spec::Severity::Warning,
            _ => spec::Severity::Hint,
        },
        message: format!("{}: {}", row.description, row.why),
        located: Located {
            path: row.path.clone(),
            region: Some(Region {
                start_line: row.line,
                start_column: row.column,
                end_line: row.end_line,
                end_column: row.end_column,
            }),
        },
        fingerprint: row.fingerprint.clone(),
        commit: row.commit.clone().zip(row.date.clone()),
    };
    let found: Vec<FoundValue> = report.findings.iter().map(value).collect();
    let rules: Vec<ValueRule> = rules.into_values().collect();
    exchange::values::write(env!("CARGO_PKG_VERSION"), HELP, &rules, &found)
}

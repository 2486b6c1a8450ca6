//! Findings as SARIF 2.1.0, for code scanning and editors. Decides nothing about which findings are shown.

use std::collections::HashMap;

use lint::{Finding, Fix, Place};
use serde_json::{Value, json};
use spec::Severity;

use crate::place::{Locate, Located};

/// A rule with the help that stands beside its findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// As in [`Finding::rule`].
    pub id: String,
    /// What it looks for, in one line.
    pub summary: String,
    /// Why it matters and what to do, as Markdown of our own.
    pub help: String,
    /// Its severity without settings.
    pub severity: Severity,
}

/// What a report is made of.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The version of the tool.
    pub version: &'a str,
    /// In the order that they are to be shown.
    pub findings: &'a [Finding],
    /// Every rule that may have spoken; one that is missing is described by its id.
    pub rules: &'a [Rule],
    /// Finds places.
    pub locate: Locate<'a>,
}

/// Findings in one report: code scanning takes no more. The report names how many are left out.
pub const FINDINGS_MAX: usize = 25_000;

/// A log of one run.
pub fn write(input: &Input<'_>) -> String {
    write_up_to(input, FINDINGS_MAX)
}

fn write_up_to(input: &Input<'_>, findings_max: usize) -> String {
    let mut rules = Rules::of(input.rules);
    let mut prints = Prints::default();
    let shown = input.findings.get(..findings_max.min(input.findings.len())).unwrap_or_default();
    let results: Vec<Value> =
        shown.iter().map(|finding| result(finding, &mut rules, &mut prints, input.locate)).collect();
    let left_out = input.findings.len() - shown.len();
    log(input.version, rules.written, results, left_out)
}

/// The log around rules and results. `left_out` is how many results are missing from it.
pub(crate) fn log(version: &str, rules: Vec<Value>, results: Vec<Value>, left_out: usize) -> String {
    let mut invocation = json!({ "executionSuccessful": true });
    if left_out > 0
        && let Some(invocation) = invocation.as_object_mut()
    {
        let text = format!("{left_out} more findings are not in this report, which holds {}", results.len());
        let notification = json!([{ "level": "warning", "message": { "text": text } }]);
        invocation.insert("toolExecutionNotifications".to_string(), notification);
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "waypost", "version": version, "rules": rules } },
            "invocations": [invocation],
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    });
    let mut out = serde_json::to_string_pretty(&log).unwrap_or_default();
    out.push('\n');
    out
}

pub(crate) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    }
}

/// The rules that the findings name, described first by the list and else by their id.
struct Rules {
    written: Vec<Value>,
    at: HashMap<String, usize>,
}

impl Rules {
    fn of(rules: &[Rule]) -> Rules {
        let mut out = Rules { written: Vec::new(), at: HashMap::new() };
        for rule in rules {
            out.add(rule);
        }
        out
    }

    fn add(&mut self, rule: &Rule) -> usize {
        if let Some(at) = self.at.get(&rule.id) {
            return *at;
        }
        let (group, _) = rule.id.split_once('/').unwrap_or((&rule.id, ""));
        self.written.push(json!({
            "id": rule.id,
            "shortDescription": { "text": literal(&rule.summary) },
            "fullDescription": { "text": literal(&rule.summary) },
            "help": { "text": literal(&rule.help), "markdown": rule.help },
            "defaultConfiguration": { "level": level(rule.severity) },
            "properties": { "tags": ["spec", group] },
        }));
        let at = self.written.len() - 1;
        self.at.insert(rule.id.clone(), at);
        at
    }

    fn index(&mut self, finding: &Finding) -> usize {
        if let Some(at) = self.at.get(finding.rule) {
            return *at;
        }
        let summary = format!("findings of the rule {}", finding.rule);
        let help = finding.hint.clone().unwrap_or_else(|| summary.clone());
        self.add(&Rule { id: finding.rule.to_string(), summary, help, severity: finding.severity })
    }
}

/// Names findings the same in every run, as long as their words stay: the rule, the place without its lines, the
/// subject, the message, and a count for those that are the same in all of these.
#[derive(Default)]
struct Prints(HashMap<u64, usize>);

impl Prints {
    fn of(&mut self, finding: &Finding) -> String {
        let mut hash = FNV_START;
        let place = &finding.place;
        let subject = finding.subject.as_deref().unwrap_or_default();
        for part in [finding.rule, &place.spec, &place.file, subject, &finding.message] {
            hash = fnv(hash, part.as_bytes());
            hash = fnv(hash, &[0]);
        }
        let count = self.0.entry(hash).or_insert(0);
        *count += 1;
        format!("{hash:016x}:{count}")
    }
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: a name for findings, not a seal.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn result(finding: &Finding, rules: &mut Rules, prints: &mut Prints, locate: Locate<'_>) -> Value {
    let mut text = literal(&finding.message);
    if let Some(hint) = &finding.hint {
        text.push_str(&format!(" ({})", literal(hint)));
    }
    let mut location = json!({ "physicalLocation": physical(&locate(&finding.place)) });
    let name = match &finding.subject {
        Some(subject) => format!("{}/{subject}", finding.place.spec),
        None => finding.place.spec.clone(),
    };
    if let Some(location) = location.as_object_mut() {
        location.insert("logicalLocations".to_string(), json!([{ "fullyQualifiedName": name }]));
    }
    let mut properties = json!({ "basis": finding.basis.words(), "spec": finding.place.spec });
    for (key, value) in [("subject", &finding.subject), ("hint", &finding.hint)] {
        if let (Some(value), Some(properties)) = (value, properties.as_object_mut()) {
            properties.insert(key.to_string(), json!(value));
        }
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding),
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": [location],
        "partialFingerprints": { "waypostFinding/v1": prints.of(finding) },
        "properties": properties,
    });
    let Some(members) = result.as_object_mut() else { return result };
    if !finding.related.is_empty() {
        let related = finding.related.iter().enumerate().map(|(index, (place, words))| {
            json!({
                "id": index + 1,
                "physicalLocation": physical(&locate(place)),
                "message": { "text": literal(words) },
            })
        });
        members.insert("relatedLocations".to_string(), related.collect());
    }
    if let Some(fix) = finding.fix.as_ref().and_then(|fix| written_fix(fix, &finding.place.spec, locate)) {
        members.insert("fixes".to_string(), json!([fix]));
    }
    result
}

/// A fix of which one place cannot be found is left out: half a change would be another one.
fn written_fix(fix: &Fix, spec: &str, locate: Locate<'_>) -> Option<Value> {
    let mut changes: Vec<(String, Vec<Value>)> = Vec::new();
    for (file, edit) in &fix.edits {
        let place = Place { spec: spec.to_string(), file: file.clone(), span: edit.span };
        let located = locate(&place);
        let replacement = json!({
            "deletedRegion": region(&located)?,
            "insertedContent": { "text": edit.new },
        });
        match changes.iter_mut().find(|(path, _)| *path == located.path) {
            Some((_, replacements)) => replacements.push(replacement),
            None => changes.push((located.path, vec![replacement])),
        }
    }
    if changes.is_empty() {
        return None;
    }
    let changes = changes.into_iter().map(
        |(path, replacements)| json!({ "artifactLocation": artifact(&path), "replacements": replacements }),
    );
    let changes: Vec<Value> = changes.collect();
    Some(json!({ "description": { "text": literal(&fix.title) }, "artifactChanges": changes }))
}

pub(crate) fn physical(located: &Located) -> Value {
    let mut out = json!({ "artifactLocation": artifact(&located.path) });
    if let (Some(region), Some(out)) = (region(located), out.as_object_mut()) {
        out.insert("region".to_string(), region);
    }
    out
}

fn artifact(path: &str) -> Value {
    json!({ "uri": uri(path), "uriBaseId": "%SRCROOT%" })
}

fn region(located: &Located) -> Option<Value> {
    let region = located.region?;
    Some(json!({
        "startLine": region.start_line,
        "startColumn": region.start_column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }))
}

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(byte as char)
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// Words of a document must not become links: `[text](target)` is one in a message.
pub(crate) fn literal(words: &str) -> String {
    words.replace("](", "] (")
}

#[cfg(test)]
#[path = "sarif_tests.rs"]
mod tests;

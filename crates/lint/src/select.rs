//! In which order findings are told, and which few of many come first. Drops nothing.

use std::collections::{HashMap, HashSet};

use crate::{Finding, rules};

/// Findings told in a first run.
pub const FIRST_MAX: usize = 5;

/// The findings that come first, by their places in the list, and how many more there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct First {
    /// At most one for each rule, the most valuable before the others.
    pub shown: Vec<usize>,
    /// Findings that are not among them.
    pub more: usize,
    /// The rules of those that are not, which are not shown either.
    pub more_rules: usize,
}

/// The order in which findings are told: by severity, then by how sure it is, then by what a reader gains; among equals,
/// the first of each rule and spec before the second of any, so that one loud rule does not hide the others. Gives
/// places in the list.
pub fn order(findings: &[Finding]) -> Vec<usize> {
    let mut of_rule: HashMap<(&str, &str), usize> = HashMap::new();
    let mut of_spec: HashMap<&str, usize> = HashMap::new();
    let mut keyed: Vec<_> = findings
        .iter()
        .enumerate()
        .map(|(at, finding)| {
            let in_rule = of_rule.entry((finding.rule, finding.place.spec.as_str())).or_insert(0);
            let in_spec = of_spec.entry(finding.place.spec.as_str()).or_insert(0);
            let key = (
                std::cmp::Reverse(finding.severity),
                finding.basis,
                *in_rule,
                std::cmp::Reverse(weight(finding)),
                *in_spec,
                at,
            );
            *in_rule += 1;
            *in_spec += 1;
            (key, at)
        })
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, at)| at).collect()
}

/// At most `max` findings for somebody who sees them for the first time: the most valuable of each rule, from as many
/// specs as possible. What a rule gains its reader counts before its severity, because a document without a heading is
/// an error to Kiro and a ticked task that says `not started` only a warning.
pub fn first(findings: &[Finding], max: usize) -> First {
    let order = order(findings);
    let mut best: Vec<(usize, usize)> = Vec::new();
    let mut rules_seen: HashSet<&str> = HashSet::new();
    for (rank, at) in order.iter().enumerate() {
        let Some(finding) = findings.get(*at) else { continue };
        if rules_seen.insert(finding.rule) {
            best.push((rank, *at));
        }
    }
    best.sort_by_key(|(rank, at)| {
        let finding = findings.get(*at);
        let is_hint = finding.is_none_or(|finding| finding.severity == spec::Severity::Hint);
        (is_hint, std::cmp::Reverse(finding.map_or(0, weight)), *rank)
    });
    let mut specs: HashSet<&str> = HashSet::new();
    let mut shown = Vec::new();
    for (_, at) in best.iter().take(max) {
        // Another spec's finding of the same rule serves as well, and shows more of the workspace.
        let Some(finding) = findings.get(*at) else { continue };
        let other = order.iter().copied().find(|other| {
            findings.get(*other).is_some_and(|other| {
                other.rule == finding.rule
                    && other.severity == finding.severity
                    && !specs.contains(other.place.spec.as_str())
            })
        });
        let chosen = other.unwrap_or(*at);
        specs.extend(findings.get(chosen).map(|finding| finding.place.spec.as_str()));
        shown.push(chosen);
    }
    let more_rules = best.len() - shown.len();
    First { more: findings.len() - shown.len(), more_rules, shown }
}

fn weight(finding: &Finding) -> u8 {
    rules::find(finding.rule).map_or(5, |rule| rule.weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Basis, Place};
    use spec::{Severity, Span};

    fn finding(rule: &'static str, severity: Severity, basis: Basis, spec: &str) -> Finding {
        Finding {
            rule,
            severity,
            basis,
            place: Place { spec: spec.to_string(), file: "tasks.md".to_string(), span: Span::default() },
            subject: None,
            message: String::new(),
            hint: None,
            related: Vec::new(),
            fix: None,
        }
    }

    #[test]
    fn the_order_spreads_rules_and_specs() {
        let all = [
            finding("words/vague", Severity::Hint, Basis::Suspected, "a"),
            finding("tasks/missing-notes", Severity::Warning, Basis::Read, "a"),
            finding("tasks/missing-notes", Severity::Warning, Basis::Read, "a"),
            finding("tasks/done-but-says-not", Severity::Warning, Basis::Read, "a"),
            finding("tasks/missing-notes", Severity::Warning, Basis::Read, "b"),
            finding("graph/unknown-task", Severity::Error, Basis::Read, "b"),
        ];
        assert_eq!(order(&all), [5, 3, 4, 1, 2, 0]);
    }

    #[test]
    fn the_first_few_are_of_different_rules() {
        let mut all = vec![finding("design/missing-overview", Severity::Error, Basis::Read, "a"); 30];
        all.push(finding("tasks/done-but-says-not", Severity::Warning, Basis::Read, "a"));
        all.push(finding("tasks/done-but-says-not", Severity::Warning, Basis::Read, "b"));
        all.push(finding("words/vague", Severity::Hint, Basis::Suspected, "a"));
        let got = first(&all, 2);
        assert_eq!(
            got.shown.iter().map(|at| all[*at].rule).collect::<Vec<_>>(),
            ["tasks/done-but-says-not", "design/missing-overview"]
        );
        assert_eq!((got.more, got.more_rules), (31, 1));
        assert_eq!(first(&[], FIRST_MAX), First::default());
    }
}

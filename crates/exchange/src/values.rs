//! Found credentials as SARIF 2.1.0, for code scanning. Gets places and names alone, never a value.

use std::collections::HashMap;

use serde_json::{Value, json};
use spec::Severity;

use crate::place::Located;
use crate::sarif::{FINDINGS_MAX, level, literal, log, physical};

/// A rule that found something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueRule {
    /// Its name.
    pub id: String,
    /// What it looks for.
    pub summary: String,
    /// How much harm a value can do, from 0.0 to 10.0, as code scanning ranks it.
    pub score: &'static str,
}

/// One found value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundValue {
    /// The rule's name.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// What was found, without the value.
    pub message: String,
    /// Where.
    pub located: Located,
    /// The same in every run, as long as rule, file and value stay.
    pub fingerprint: String,
    /// The commit that brought it, and when its author made it, in a scan of the history.
    pub commit: Option<(String, String)>,
}

/// A log of one run. `help` says what to do about a found value, as Markdown of our own.
pub fn write(version: &str, help: &str, rules: &[ValueRule], found: &[FoundValue]) -> String {
    let places: HashMap<&str, usize> =
        rules.iter().enumerate().map(|(at, rule)| (rule.id.as_str(), at)).collect();
    let described = rules.iter().map(|rule| {
        json!({
            "id": rule.id,
            "shortDescription": { "text": literal(&rule.summary) },
            "fullDescription": { "text": literal(&rule.summary) },
            "help": { "text": literal(help), "markdown": help },
            "properties": { "tags": ["security", "secret"], "security-severity": rule.score },
        })
    });
    let shown = found.get(..FINDINGS_MAX.min(found.len())).unwrap_or_default();
    let results = shown.iter().map(|found| {
        let mut result = json!({
            "ruleId": found.rule,
            "level": level(found.severity),
            "message": { "text": literal(&found.message) },
            "locations": [{ "physicalLocation": physical(&found.located) }],
            "partialFingerprints": { "waypostValue/v1": found.fingerprint },
        });
        if let Some(members) = result.as_object_mut() {
            if let Some(at) = places.get(found.rule.as_str()) {
                members.insert("ruleIndex".to_string(), json!(at));
            }
            if let Some((commit, date)) = &found.commit {
                members.insert("properties".to_string(), json!({ "commit": commit, "authored": date }));
            }
        }
        result
    });
    let results: Vec<Value> = results.collect();
    log(version, described.collect(), results, found.len() - shown.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Region;

    #[test]
    fn a_value_has_its_place_rule_and_commit() {
        let rules = [ValueRule { id: "a-token".into(), summary: "a token [of](A)".into(), score: "9.0" }];
        let found = FoundValue {
            rule: "a-token".into(),
            severity: Severity::Error,
            message: "a token".into(),
            located: Located {
                path: "a b.txt".into(),
                region: Some(Region { start_line: 2, start_column: 3, end_line: 2, end_column: 9 }),
            },
            fingerprint: "f0".into(),
            commit: Some(("c0ffee".into(), "2026-11-21T00:00:00Z".into())),
        };
        let log: Value = serde_json::from_str(&write("1", "mend it", &rules, &[found])).unwrap();
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][0]["shortDescription"]["text"], "a token [of] (A)");
        let result = &run["results"][0];
        assert_eq!((&result["ruleIndex"], &result["level"]), (&json!(0), &json!("error")));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b.txt");
        assert_eq!(place["region"]["startColumn"], 3);
        assert_eq!(result["properties"]["commit"], "c0ffee");
    }
}

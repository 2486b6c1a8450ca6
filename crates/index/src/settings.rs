//! `.kiro/settings/spec-check.toml`: which rules matter where, and what is silenced with a reason. Judges nothing.

use std::path::Path;

use lint::settings::{Ignore, Level, Settings, SeverityRule};
use serde::Deserialize;

use crate::error::IndexError;
use crate::place::read;

/// Where the settings of the checks lie, from the root.
pub const FILE: &str = ".kiro/settings/spec-check.toml";
/// Where the known findings lie, from the root.
pub const RATCHET_FILE: &str = ".kiro/settings/spec-check.ratchet.json";

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    severity: Vec<SeverityTable>,
    ignore: Vec<IgnoreTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeverityTable {
    rule: String,
    #[serde(default)]
    spec: Option<String>,
    #[serde(default)]
    file: Option<String>,
    level: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IgnoreTable {
    rule: String,
    #[serde(default)]
    spec: Option<String>,
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    reason: String,
}

/// The settings of a repository; the defaults when it has none.
pub fn settings(root: &Path) -> Result<Settings, IndexError> {
    let Some(bytes) = read(&root.join(FILE))? else { return Ok(Settings::default()) };
    let wrong = |message: String| IndexError::Settings { path: FILE.to_string(), message };
    let text = std::str::from_utf8(&bytes).map_err(|error| wrong(format!("it is not UTF-8: {error}")))?;
    parse(text).map_err(wrong)
}

fn parse(text: &str) -> Result<Settings, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string().trim().replace('\n', " "))?;
    let any = || "*".to_string();
    let mut settings = Settings::default();
    for table in file.severity {
        let level = Level::from_name(&table.level).ok_or_else(|| {
            format!(
                "the level `{}` of `{}` is not known; use off, hint, warning or error",
                table.level, table.rule
            )
        })?;
        check_rule(&table.rule)?;
        settings.severities.push(SeverityRule {
            rule: table.rule,
            spec: table.spec.unwrap_or_else(any),
            file: table.file.unwrap_or_else(any),
            level,
        });
    }
    for table in file.ignore {
        if table.reason.trim().is_empty() {
            return Err(format!("the ignore of `{}` has no `reason`", table.rule));
        }
        check_rule(&table.rule)?;
        settings.ignores.push(Ignore {
            rule: table.rule,
            spec: table.spec.unwrap_or_else(any),
            file: table.file.unwrap_or_else(any),
            subject: table.subject,
            reason: table.reason,
        });
    }
    Ok(settings)
}

/// A rule that does not exist silences nothing, and its author would never know.
fn check_rule(pattern: &str) -> Result<(), String> {
    if lint::rules::ALL.iter().any(|rule| lint::settings::matches(pattern, rule.id)) {
        return Ok(());
    }
    let near = lint::rules::nearest(pattern)
        .map(|rule| format!("; did you mean `{}`?", rule.id))
        .unwrap_or_default();
    Err(format!("no rule is called `{pattern}`{near}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_set() {
        let settings = parse(
            "[[severity]]\nrule = \"tasks/*\"\nspec = \"legacy/*\"\nlevel = \"off\"\n\n[[ignore]]\nrule = \"requirements/missing-title\"\nreason = \"our own template\"\n",
        )
        .unwrap();
        assert_eq!((settings.severities[0].level, settings.severities[0].file.as_str()), (Level::Off, "*"));
        assert_eq!(settings.ignores[0].reason, "our own template");
        assert_eq!(parse("").unwrap(), Settings::default());
    }

    #[test]
    fn mistakes_are_named() {
        let check = |text: &str, expected: &str| {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        };
        check("[[severity]]\nrule = \"tasks/*\"\nlevel = \"loud\"\n", "use off, hint, warning or error");
        check("[[ignore]]\nrule = \"tasks/*\"\n", "has no `reason`");
        check(
            "[[ignore]]\nrule = \"tasks/missing-overvew\"\nreason = \"x\"\n",
            "did you mean `tasks/missing-overview`?",
        );
        check("[[severities]]\n", "unknown field");
        check("= 1", "TOML");
    }
}

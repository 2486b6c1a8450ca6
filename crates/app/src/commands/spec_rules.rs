//! `waypost spec rules`: the rules, and the page of each. Judges nothing.

use lint::rules::{self, Rule};
use spec::Severity;

use crate::cli::SpecRules;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::reports::RuleRow;
use crate::term::Style;

/// Lists, or explains one.
pub(crate) fn run(screen: &Screen, flags: &SpecRules) -> Outcome<Exit> {
    let Some(id) = &flags.id else {
        let rows: Vec<RuleRow> = rules::ALL.iter().map(|rule| row(rule, false)).collect();
        screen.document(&rows, |rows| {
            let lines = rows.iter().map(|row| {
                let off = if row.on { "" } else { " (off unless the settings ask for it)" };
                format!("{:<40} {:<8} {}{off}", row.id, row.severity, row.title)
            });
            let mut lines: Vec<String> = lines.collect();
            lines.push(screen.term.style(Style::Dim, "explain one: waypost spec rules ID"));
            lines.join("\n")
        });
        return Ok(Exit::Done);
    };
    let Some(rule) = rules::find(id) else {
        let error = Error::usage(format!("there is no rule `{id}`"));
        return Err(match rules::nearest(id) {
            Some(near) => error.hint(format!("did you mean `{}`?", near.id)),
            None => error.hint("list them: waypost spec rules"),
        });
    };
    screen.document(&row(rule, true), |row| row.explanation.clone().unwrap_or_default());
    Ok(Exit::Done)
}

fn row(rule: &Rule, with_page: bool) -> RuleRow {
    RuleRow {
        id: rule.id.to_string(),
        severity: match rule.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Hint => "hint",
        }
        .to_string(),
        title: rule.title.to_string(),
        on: rule.is_on_by_default,
        explanation: with_page.then(|| rule.explanation.to_string()),
    }
}

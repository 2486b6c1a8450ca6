//! The list of the rules that a compiler does not know. Each rule has a file of its own.

mod arrows;
mod commands;
mod dependencies;
mod finding;
mod layout;
mod sources;

use crate::workspace::{self, Workspace};
use finding::Finding;

/// A rule looks at the workspace and says what is wrong.
type Rule = fn(&Workspace) -> Vec<Finding>;

fn all() -> [(&'static str, Rule); 5] {
    [
        ("crates import only what ARCHITECTURE.md allows", arrows::rule),
        ("documents name only commands that exist", commands::rule),
        ("docs/dependencies.md says what each dependency is for", dependencies::rule),
        ("folders and files are where they belong", layout::rule),
        ("source files say what they hold, and stay short", sources::rule),
    ]
}

/// Checks every rule on the checkout.
pub(crate) fn run() -> Result<(), String> {
    let workspace = workspace::read()?;
    let mut report = Vec::new();
    for (name, rule) in all() {
        let findings = rule(&workspace);
        if !findings.is_empty() {
            report.push(format!("rule: {name}"));
            report.extend(findings.iter().map(|finding| format!("  {finding}")));
        }
    }
    if report.is_empty() { Ok(()) } else { Err(format!("the house is not tidy\n{}", report.join("\n"))) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_is_tidy() {
        if let Err(report) = super::run() {
            panic!("{report}");
        }
    }
}

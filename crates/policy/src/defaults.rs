//! The rules that hold without any file. Nobody below can loosen the ones that deny.

use crate::rule::{Pattern, bits};
use crate::{Capability, Effect, Rule, Source};

/// What no call may write, in any mode: the repository's own machinery and the rules themselves.
const NEVER_WRITTEN: [&str; 2] = [".git", ".kiro/settings"];

/// What no call may write in Kiro's own directory.
const NEVER_WRITTEN_AT_HOME: [&str; 3] =
    ["~/.kiro/settings", "~/.kiro/workspace-roots", "~/.kiro/sandbox-state"];

/// What always asks before it is written, in any mode, because writing it changes what runs later, or what is seen.
const ALWAYS_ASKED: [&str; 14] = [
    ".kiro/agents",
    ".kiro/hooks",
    ".kiro/powers",
    ".kiro/workflows",
    "**/.kiro/agents",
    "**/.kiro/hooks",
    "**/.kiro/powers",
    "**/.kiro/workflows",
    "**/mcp.json",
    "**/*.code-workspace",
    "**/.kiroignore",
    "**/.gitmodules",
    "**/.vscode",
    "**/.envrc",
];

/// What asks as well as long as the person has not trusted the workspace.
const ASKED_UNTRUSTED: [&str; 8] = [
    ".kiro/steering",
    ".kiro/skills",
    ".kiro/extensions",
    ".kiro/powers",
    "**/.kiro/steering",
    "**/.kiro/skills",
    "**/.kiro/extensions",
    "**/.kiro/powers",
];

/// The built-in rules. `own` are absolute paths of Waypost's and Kiro's settings and state: never written.
pub(crate) fn rules(own: &[String]) -> Vec<Rule> {
    let denied = NEVER_WRITTEN.iter().flat_map(|path| [(*path).to_string(), format!("**/{path}")]);
    let denied = denied.filter_map(|path| read(&path, Effect::Deny));
    let own =
        own.iter().map(|path| Rule::literal_path(Capability::FsWrite, path, Effect::Deny, Source::BuiltIn));
    let asked = ALWAYS_ASKED.iter().filter_map(|path| read(path, Effect::Ask));
    denied.chain(own).chain(asked).collect()
}

/// Those about the home directory, once it is known.
pub(crate) fn rules_at_home(home: &str) -> Vec<Rule> {
    let set = bits(&[Capability::FsWrite]);
    let rule = |path: &&str| {
        let pattern = Pattern::read(path, set, Some(home)).ok()?;
        let rule = Rule::of(set, Effect::Deny, Source::BuiltIn, &format!("fs_write:{path}"));
        Some(rule.with_patterns(vec![pattern], Vec::new()))
    };
    NEVER_WRITTEN_AT_HOME.iter().filter_map(rule).collect()
}

/// Those about a workspace that is not trusted.
pub(crate) fn rules_untrusted() -> Vec<Rule> {
    ASKED_UNTRUSTED.iter().filter_map(|path| read(path, Effect::Ask)).collect()
}

fn read(path: &str, effect: Effect) -> Option<Rule> {
    Rule::read(&format!("fs_write:{path}"), effect, Source::BuiltIn).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_rule_can_be_read() {
        assert_eq!(
            rules(&["/home/a/.config/[waypost]".to_string()]).len(),
            2 * NEVER_WRITTEN.len() + 1 + ALWAYS_ASKED.len()
        );
        assert_eq!(rules_at_home("/home/a").len(), NEVER_WRITTEN_AT_HOME.len());
        assert_eq!(rules_untrusted().len(), ASKED_UNTRUSTED.len());
    }
}

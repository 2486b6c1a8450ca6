//! The rules that hold without any file. Nobody below can loosen the ones that deny.

use crate::{Effect, Rule, Source};

/// What no call may write, in any mode: the repository's own machinery and the rules themselves.
const NEVER_WRITTEN: [&str; 2] = [".git", ".kiro/settings"];

/// What always asks before it is written, in any mode, because writing it changes what runs later.
const ALWAYS_ASKED: [&str; 8] = [
    ".kiro/agents",
    ".kiro/hooks",
    ".kiro/workflows",
    "**/mcp.json",
    "**/*.code-workspace",
    "**/.kiroignore",
    ".vscode",
    ".envrc",
];

/// The built-in rules. `own` are absolute paths of Waypost's and Kiro's settings and state: never written.
pub(crate) fn rules(own: &[String]) -> Vec<Rule> {
    let deny = NEVER_WRITTEN.iter().map(|path| (path.to_string(), Effect::Deny));
    let nested = NEVER_WRITTEN.iter().map(|path| (format!("**/{path}"), Effect::Deny));
    let own = own.iter().map(|path| (globset::escape(path), Effect::Deny));
    let ask = ALWAYS_ASKED.iter().map(|path| (path.to_string(), Effect::Ask));
    deny.chain(nested)
        .chain(own)
        .chain(ask)
        .filter_map(|(path, effect)| Rule::read(&format!("fs_write:{path}"), effect, Source::BuiltIn).ok())
        .collect()
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
    }
}

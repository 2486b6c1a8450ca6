//! `permissions.yaml`: rules by capability. Judges no call; a rule that is not understood is never dropped in silence,
//! and an unknown field voids the file, as it does in Kiro.

use super::fields::Fields;
use crate::Span;
use crate::data::{self, Node, Notation, Value};
use crate::diagnostic::{Diagnostic, Findings};

/// Kiro's capabilities.
pub const CAPABILITIES: [&str; 15] = [
    "all",
    "builtin",
    "filesystem",
    "fs_read",
    "fs_write",
    "shell",
    "web_fetch",
    "web_search",
    "mcp",
    "subagent",
    "skill",
    "power",
    "context",
    "diagnostics",
    "sandbox_network",
];

/// Kiro's presets; its documentation also says `read-shell` for `read-only-shell`.
pub const PRESETS: [&str; 7] = [
    "allow-all",
    "edit-workspace",
    "dev-shell",
    "read-all",
    "read-only-shell",
    "read-shell",
    "read-workspace",
];

/// Rules read from one file.
pub const RULES_MAX: usize = 1_000;

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Without a question.
    Allow,
    /// After a question.
    Ask,
    /// Never.
    Deny,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// One of [`CAPABILITIES`].
    pub capability: String,
    /// What it does.
    pub effect: Effect,
    /// Patterns; empty means everything.
    pub matches: Vec<String>,
    /// Patterns that it leaves out.
    pub excludes: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// A permissions file, or the `permissions` of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// The rules, in order; none when the file is void.
    pub rules: Vec<Rule>,
    /// Presets by name.
    pub policies: Vec<String>,
    /// Nothing of the file counts; the diagnostics say why.
    pub is_void: bool,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Permissions {
    /// Reads any bytes as YAML; JSON is YAML, too.
    pub fn parse(bytes: &[u8]) -> Permissions {
        let (root, problems) = data::read(bytes, Notation::Yaml);
        let mut found = Findings::default();
        let is_broken = root.is_none() && !problems.is_empty();
        problems.into_iter().for_each(|problem| found.push(problem));
        let mut permissions = root.as_ref().map_or_else(Permissions::default, |root| of(root, &mut found));
        permissions.is_void |= is_broken;
        permissions.diagnostics = found.into_vec();
        permissions
    }
}

/// The same of a part of a larger document.
pub(super) fn of(root: &Node, found: &mut Findings) -> Permissions {
    let mut read = Permissions::default();
    if root.value == Value::Null {
        return read;
    }
    let fields = Fields::of(root, "permissions");
    let mut void = |span: Span, message: String| {
        found.push(
            Diagnostic::error("permissions/void", span, message)
                .hint("nothing in this file counts until it is mended"),
        );
        read.is_void = true;
    };
    if !matches!(root.value, Value::Map(_)) {
        void(root.span, format!("the file is {}, not a map", root.kind()));
        return read;
    }
    for (key, _) in root.members() {
        if !["rules", "policies", "version"].contains(&key.name.as_str()) {
            void(key.span, format!("the field `{}` is not known", key.name));
        }
    }
    let items = root.get("rules").map(Node::items).unwrap_or_default();
    if items.len() > RULES_MAX {
        void(root.span, format!("there are more than {RULES_MAX} rules"));
    }
    for item in items.iter().take(RULES_MAX) {
        for (key, _) in item.members() {
            if !["capability", "effect", "match", "exclude"].contains(&key.name.as_str()) {
                void(key.span, format!("the field `{}` of a rule is not known", key.name));
            }
        }
    }
    if let Some(rules) =
        root.get("rules").filter(|rules| !matches!(rules.value, Value::List(_) | Value::Null))
    {
        void(rules.span, format!("`rules` is {}, not a list", rules.kind()));
    }
    for item in items.iter().take(RULES_MAX) {
        match rule(item, found) {
            Ok(rule) => read.rules.push(rule),
            Err(Bad::Skipped) => {}
            Err(Bad::Void) => read.is_void = true,
        }
    }
    read.policies = fields.texts("policies", found);
    for policy in &read.policies {
        if !PRESETS.contains(&policy.as_str()) {
            let span = fields.get("policies").map_or(root.span, |node| node.span);
            let message = format!("the preset `{policy}` is not known");
            found.push(
                Diagnostic::warning("permissions/unknown-preset", span, message)
                    .hint(format!("use one of: {}", PRESETS.join(", "))),
            );
        }
    }
    if read.is_void {
        read.rules.clear();
        read.policies.clear();
    }
    read
}

/// What a rule that cannot be read does to its file.
enum Bad {
    /// Only this rule is left out.
    Skipped,
    /// Nothing of the file counts.
    Void,
}

fn rule(node: &Node, found: &mut Findings) -> Result<Rule, Bad> {
    let fields = Fields::of(node, "permissions");
    if !matches!(node.value, Value::Map(_)) {
        fields.wrong("a rule", node, "a map", found);
        return Err(Bad::Void);
    }
    let effect = match fields.needed("effect", found).as_deref() {
        Some("allow") => Effect::Allow,
        Some("ask") => Effect::Ask,
        Some("deny") => Effect::Deny,
        Some(other) => {
            let message = format!("the effect `{other}` is not known");
            found.push(
                Diagnostic::error("permissions/unknown-effect", node.span, message)
                    .hint("use allow, ask or deny"),
            );
            return Err(Bad::Void);
        }
        None => return Err(Bad::Void),
    };
    let (matches, excludes) = (fields.texts("match", found), fields.texts("exclude", found));
    let capability = fields.needed("capability", found).ok_or(Bad::Void)?;
    if !CAPABILITIES.contains(&capability.as_str()) {
        let message = format!("the capability `{capability}` is not known; this rule is left out");
        found.push(
            Diagnostic::error("permissions/unknown-capability", node.span, message)
                .hint(format!("use one of: {}", CAPABILITIES.join(", "))),
        );
        return Err(Bad::Skipped);
    }
    Ok(Rule { capability, effect, matches, excludes, span: node.span })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, rules: &[&str], is_void: bool, codes: &[&str]) {
        let read = Permissions::parse(text.as_bytes());
        let shown: Vec<String> = read
            .rules
            .iter()
            .map(|rule| {
                let (matches, excludes) = (rule.matches.join("|"), rule.excludes.join("|"));
                format!("{:?} {}:{matches} -{excludes}", rule.effect, rule.capability)
            })
            .collect();
        assert_eq!(
            (shown.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), read.is_void),
            (rules, is_void)
        );
        assert_eq!(read.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), codes);
    }

    #[test]
    fn rules_as_in_the_reference() {
        check(
            "rules:\n  - capability: shell\n    effect: allow\n    match: [\"git *\"]\n    exclude: [\"git push*\"]\n  - {capability: fs_read, effect: deny, match: '**/.env'}\npolicies: [read-workspace]\n",
            &["Allow shell:git * -git push*", "Deny fs_read:**/.env -"],
            false,
            &[],
        );
        check("", &[], false, &[]);
        check("# nothing\n", &[], false, &[]);
    }

    #[test]
    fn what_is_not_understood_closes() {
        check(
            "rules:\n  - {capability: shell, effect: allow, matches: x}\n",
            &[],
            true,
            &["permissions/void"],
        );
        check("rules: [\n", &[], true, &["data/not-yaml"]);
        check("extra: 1\nrules:\n  - {capability: shell, effect: deny}\n", &[], true, &["permissions/void"]);
        check(
            "rules:\n  - {capability: shel, effect: allow}\n  - {capability: mcp, effect: ask}\n",
            &["Ask mcp: -"],
            false,
            &["permissions/unknown-capability"],
        );
        check(
            "rules:\n  - {capability: shell, effect: allowed}\n",
            &[],
            true,
            &["permissions/unknown-effect"],
        );
        check("rules:\n  - {capability: shell}\n", &[], true, &["permissions/missing-field"]);
        check("rules: {a: b}\n", &[], true, &["permissions/void"]);
        check("- a\n", &[], true, &["permissions/void"]);
        check("policies: [everything]\n", &[], false, &["permissions/unknown-preset"]);
    }
}

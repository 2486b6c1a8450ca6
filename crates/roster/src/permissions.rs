//! The permissions of an agent: rules and presets as plain values of `policy`. Judges nothing, and what is not understood
//! closes.

use policy::{Capability, Contents, Effect, RuleFile, Scope, WrittenRule};
use spec::Span;
use spec::data::{Node, Value};

use crate::fields::{AGENT, Fields};
use crate::say::{Findings, Lines, shown};

/// Kiro's presets; its documentation also says `read-shell` for `read-only-shell`.
pub const PRESETS: [&str; 7] = [
    "allow-all",
    "dev-shell",
    "edit-workspace",
    "read-all",
    "read-only-shell",
    "read-shell",
    "read-workspace",
];

/// What an agent's file says of permissions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// In the order in which they stand.
    pub rules: Vec<WrittenRule>,
    /// Presets by name, with the line from 1.
    pub presets: Vec<(String, u32)>,
    /// The file could not be understood: the line from 1, and why. Then nothing is allowed, and everything asks.
    pub void: Option<(u32, String)>,
    /// Commands that no rule allows are denied, not asked about (`denyByDefault` of the 2.x command line).
    pub denies_other_commands: bool,
    /// The only sub-agents that it may start; `None` for any (`availableAgents` of the 2.x command line).
    pub subagents: Option<Vec<String>>,
}

impl Permissions {
    /// As a file of rules of the scope `agent`, for the policy of a session that this agent leads.
    pub fn rule_file(&self, file: &str) -> RuleFile {
        let contents = match &self.void {
            Some((line, why)) => Contents::Voided { line: *line, why: why.clone() },
            None => Contents::Rules { rules: self.rules.clone(), presets: self.presets.clone() },
        };
        RuleFile { scope: Scope::Agent, file: file.to_string(), contents }
    }

    /// The same for the agent of a package (its folder from the workspace, with `/`): what is said of relative paths is meant from the
    /// package. What closes goes on to close from the workspace as well.
    pub(crate) fn in_package(&mut self, package: &str) {
        use policy::Effect;
        let is_of_files = |rule: &WrittenRule| {
            let named = Capability::named(&rule.capability);
            named.contains(&Capability::FsRead) || named.contains(&Capability::FsWrite)
        };
        for rule in self.rules.iter_mut().filter(|rule| is_of_files(rule)) {
            let opens = rule.effect == Some(Effect::Allow);
            rule.matches = moved(package, &rule.matches, !opens);
            rule.excludes = moved(package, &rule.excludes, opens);
        }
    }

    /// Whether the file says anything.
    pub fn is_empty(&self) -> bool {
        *self == Permissions::default()
    }
}

/// Patterns as they are meant from a package; with `stay` as they are written beside that.
fn moved(package: &str, patterns: &[String], stay: bool) -> Vec<String> {
    // A name of the package is no wildcard.
    let folder: String = package
        .chars()
        .flat_map(|c| ("*?[]{}!\\".contains(c).then_some('\\')).into_iter().chain([c]))
        .collect();
    let mut all = Vec::new();
    for pattern in patterns {
        let is_anywhere = pattern.starts_with(['/', '~']) || pattern.starts_with("**");
        if !is_anywhere {
            all.push(format!("{folder}/{}", pattern.trim_start_matches("./")));
        }
        if is_anywhere || stay {
            all.push(pattern.clone());
        }
    }
    all
}

/// Reads `permissions`: a map of `rules` and `policies`, or, as Kiro's documentation also writes it, the rules alone.
pub(crate) fn read(node: &Node, lines: &Lines, found: &mut Findings) -> Permissions {
    let mut reader = Reader { lines, found, read: Permissions::default() };
    match &node.value {
        Value::List(rules) => reader.rules(rules),
        Value::Map(_) => reader.map(node),
        _ => reader.void(node.span, format!("`permissions` is {}, not a map", node.kind())),
    }
    let mut read = reader.read;
    if read.void.is_some() {
        read.rules.clear();
        read.presets.clear();
    }
    read
}

struct Reader<'a> {
    lines: &'a Lines,
    found: &'a mut Findings,
    read: Permissions,
}

impl Reader<'_> {
    fn map(&mut self, node: &Node) {
        for (key, _) in node.members() {
            if !["rules", "policies", "version"].contains(&key.name.as_str()) {
                let message = format!("the field `{}` of `permissions` is not known", shown(&key.name));
                self.void(key.span, message);
            }
        }
        match node.get("rules").map(|rules| (rules, &rules.value)) {
            None | Some((_, Value::Null)) => {}
            Some((_, Value::List(rules))) => self.rules(rules),
            Some((rules, _)) => self.void(rules.span, format!("`rules` is {}, not a list", rules.kind())),
        }
        let presets = Fields::of(node, AGENT).texts("policies", Some(','), self.found);
        for (name, span) in presets {
            if PRESETS.contains(&name.as_str()) {
                self.read.presets.push((name, self.lines.line(span.offset)));
            } else {
                let message = format!("the preset `{}` is not known; it is left out", shown(&name));
                let hint = format!("use one of: {}", PRESETS.join(", "));
                self.found.warning("agent/unknown-preset", span, message, &hint);
            }
        }
    }

    fn rules(&mut self, rules: &[Node]) {
        if rules.len() > policy::bounds::RULES_MAX {
            let span = rules.first().map(|rule| rule.span).unwrap_or_default();
            return self.void(span, format!("there are more than {} rules", policy::bounds::RULES_MAX));
        }
        rules.iter().for_each(|rule| self.rule(rule));
    }

    fn rule(&mut self, node: &Node) {
        if !matches!(node.value, Value::Map(_)) {
            return self.void(node.span, format!("a rule is {}, not a map", node.kind()));
        }
        for (key, _) in node.members() {
            if !["capability", "effect", "match", "exclude"].contains(&key.name.as_str()) {
                let message = format!("the field `{}` of a rule is not known", shown(&key.name));
                self.void(key.span, message);
            }
        }
        let effect = match node.get("effect").map(|effect| (effect.as_str(), effect.span)) {
            Some((Some("allow"), _)) => Effect::Allow,
            Some((Some("ask"), _)) => Effect::Ask,
            Some((Some("deny"), _)) => Effect::Deny,
            Some((word, span)) => {
                let word =
                    word.map_or("this effect".to_string(), |word| format!("the effect `{}`", shown(word)));
                return self.void(span, format!("{word} is not known; use allow, ask or deny"));
            }
            None => return self.void(node.span, "a rule has no `effect`".to_string()),
        };
        let Some(capability) = node.get("capability").and_then(Node::as_str) else {
            return self.void(node.span, "a rule has no `capability`".to_string());
        };
        if Capability::named(capability).is_empty() {
            let message =
                format!("the capability `{}` is not known; this rule is left out", shown(capability));
            let names: Vec<&str> = Capability::ALL.iter().map(|capability| capability.name()).collect();
            let hint = format!("use one of: all, builtin, filesystem, {}", names.join(", "));
            return self.found.error("agent/unknown-capability", node.span, message, &hint);
        }
        let (Some(matches), Some(excludes)) = (self.patterns(node, "match"), self.patterns(node, "exclude"))
        else {
            return;
        };
        self.read.rules.push(WrittenRule {
            capability: capability.to_string(),
            effect: Some(effect),
            matches,
            excludes,
            line: self.lines.line(node.span.offset),
            ..WrittenRule::default()
        });
    }

    /// The patterns of a rule; a list that cannot be read would make the rule speak of everything, so it voids.
    fn patterns(&mut self, node: &Node, name: &str) -> Option<Vec<String>> {
        let Some(list) = node.get(name).filter(|list| list.value != Value::Null) else {
            return Some(Vec::new());
        };
        if let Some(text) = list.as_str() {
            return Some(vec![text.to_string()]);
        }
        let texts: Option<Vec<String>> =
            list.items().iter().map(|item| item.as_str().map(str::to_string)).collect();
        match texts {
            Some(texts) if matches!(list.value, Value::List(_)) && !texts.is_empty() => Some(texts),
            _ => {
                self.void(list.span, format!("`{name}` of a rule is no list of patterns"));
                None
            }
        }
    }

    fn void(&mut self, span: Span, message: String) {
        let hint = "nothing in `permissions` counts until it is mended, and every call asks";
        self.found.error("agent/void-permissions", span, &message, hint);
        self.read.void.get_or_insert((self.lines.line(span.offset), message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spec::data::{Notation, read as read_data};

    #[track_caller]
    fn check(text: &str, rules: &[&str], presets: &[&str], void: Option<u32>, codes: &[&str]) {
        let mut found = Findings::default();
        let (root, problems) = read_data(text.as_bytes(), Notation::Yaml);
        assert!(problems.is_empty(), "{problems:?}");
        let read = read(&root.unwrap(), &Lines::of(text.as_bytes()), &mut found);
        let shown = |rule: &WrittenRule| {
            let effect = rule.effect.unwrap().name();
            format!(
                "{}: {effect} {}:{} -{}",
                rule.line,
                rule.capability,
                rule.matches.join("|"),
                rule.excludes.join("|")
            )
        };
        assert_eq!(read.rules.iter().map(shown).collect::<Vec<_>>(), rules);
        assert_eq!(read.presets.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), presets);
        assert_eq!(read.void.map(|(line, _)| line), void, "{text}");
        assert_eq!(found.into_vec().iter().map(|found| found.code).collect::<Vec<_>>(), codes, "{text}");
    }

    #[test]
    fn rules_and_presets() {
        check(
            "rules:\n  - {capability: shell, match: [\"npm *\"], exclude: npm publish*, effect: allow}\npolicies: [read-workspace]\n",
            &["2: allow shell:npm * -npm publish*"],
            &["read-workspace"],
            None,
            &[],
        );
        check("- {capability: mcp, effect: ask}\n", &["1: ask mcp: -"], &[], None, &[]);
        check("policies: [all]\n", &[], &[], None, &["agent/unknown-preset"]);
        check(
            "- {capability: shel, effect: allow}\n- {capability: mcp, effect: deny}\n",
            &["2: deny mcp: -"],
            &[],
            None,
            &["agent/unknown-capability"],
        );
    }

    #[test]
    fn what_is_not_understood_closes() {
        let void = &["agent/void-permissions"];
        check("rules: [{capability: shell, effect: allow, matches: x}]\n", &[], &[], Some(1), void);
        check("\nx: 1\nrules: [{capability: shell, effect: deny}]\n", &[], &[], Some(2), void);
        check("rules: {a: b}\npolicies: [allow-all]\n", &[], &[], Some(1), void);
        check("rules: [{capability: shell}]\n", &[], &[], Some(1), void);
        check("rules: [{effect: allow}]\n", &[], &[], Some(1), void);
        check("rules: [{capability: shell, effect: allowed}]\n", &[], &[], Some(1), void);
        check("rules: [{capability: shell, effect: allow, match: []}]\n", &[], &[], Some(1), void);
        check("rules: [{capability: shell, effect: allow, match: [{}]}]\n", &[], &[], Some(1), void);
        check("rules: [x]\n", &[], &[], Some(1), void);
        check("allow\n", &[], &[], Some(1), void);
    }
}

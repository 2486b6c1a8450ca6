//! How rules combine into one decision with its reason: deny over ask over allow, then the defaults by mode.

use std::path::{Path, PathBuf};

use crate::shell::{self, SimpleCommand, Understood};
use crate::{Capability, Effect, Mode, Origin, Request, Rule, Source, Target, defaults};

/// The rules in force and the mode. A value: asking it changes nothing.
#[derive(Clone, Debug)]
pub struct Policy {
    mode: Mode,
    root: Option<PathBuf>,
    built_in: Vec<Rule>,
    rules: Vec<Rule>,
}

/// What the policy says of one request, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Allow, ask or deny.
    pub effect: Effect,
    /// The rule or default that decided, as a sentence part for a person.
    pub reason: String,
    /// The rule that would allow it, where a rule could: `shell:cargo test`.
    pub remedy: Option<String>,
}

impl Policy {
    /// A policy of the built-in rules. `own` are the absolute paths of Waypost's and Kiro's settings and
    /// state, which no call may write.
    pub fn new(mode: Mode, own: &[PathBuf]) -> Policy {
        let own: Vec<String> = own.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        Policy { mode, root: None, built_in: defaults::rules(&own), rules: Vec::new() }
    }

    /// The same policy, knowing where the workspace lies: commands may then name it by its absolute path.
    pub fn in_workspace(mut self, root: &Path) -> Policy {
        self.root = Some(root.to_path_buf());
        self
    }

    /// Adds a rule. A rule can tighten a built-in one and never loosen it.
    pub fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// The mode in force.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// What may be done with this request.
    pub fn decide(&self, request: &Request) -> Decision {
        match &request.target {
            Target::Command(line) if request.capability == Capability::Shell => {
                self.decide_command(request, line)
            }
            _ => self.by_rules(request).unwrap_or_else(|| self.by_default(request)),
        }
    }

    /// Whether any rule speaks of this capability; without one only the defaults do.
    pub(crate) fn has_rules_for(&self, capability: Capability) -> bool {
        self.built_in.iter().chain(&self.rules).any(|rule| rule.covers(capability))
    }

    /// The strictest rule that speaks of the request; among equals the first.
    pub(crate) fn rule_for(&self, request: &Request) -> Option<&Rule> {
        let mut strictest: Option<&Rule> = None;
        for rule in self.built_in.iter().chain(&self.rules).filter(|rule| rule.matches(request)) {
            if strictest.is_none_or(|found| rule.effect() > found.effect()) {
                strictest = Some(rule);
            }
        }
        strictest
    }

    fn by_rules(&self, request: &Request) -> Option<Decision> {
        self.rule_for(request).map(|rule| {
            let reason = format!("rule `{}` ({})", rule.text(), rule.source().name());
            let remedy = (rule.effect() == Effect::Ask && rule.source() != Source::BuiltIn)
                .then(|| remedy(request))
                .flatten();
            Decision { effect: rule.effect(), reason, remedy }
        })
    }

    /// A command line is as permitted as its least permitted simple command. A rule over the whole line can
    /// tighten that, and can loosen it only where no part is denied.
    fn decide_command(&self, request: &Request, line: &str) -> Decision {
        let whole = self.by_rules(request);
        if let Some(denied) = whole.clone().filter(|whole| whole.effect == Effect::Deny) {
            return denied;
        }
        // A wildcard over the whole text would also cover `cargo test; rm -rf x`, so an allowing wildcard
        // counts for the whole only when it is `*` or the line word for word.
        let granted = whole.filter(|whole| whole.effect == Effect::Ask || self.allows_whole(request));
        let parts = match shell::understand(line) {
            Understood::Commands(parts) => parts,
            // Word for word, a person has seen this line. `*` is not enough where a part that a rule closes could
            // hide in what is not understood.
            Understood::Unclear(_)
                if granted.is_some() && (self.grants_exactly(request) || !self.closes_commands()) =>
            {
                Vec::new()
            }
            Understood::Unclear(why) => {
                return Decision {
                    effect: Effect::Ask,
                    reason: format!("the command is not plain: {why}"),
                    remedy: remedy(request),
                };
            }
        };
        let moves = parts.iter().any(|part| part.program() == "cd");
        let mut strictest: Option<Decision> = None;
        let mut closed: Option<Decision> = None;
        for part in &parts {
            let decision = self.decide_part(request, part, moves);
            if self.closes_part(request, part).is_some() && stricter(&decision, closed.as_ref()) {
                closed = Some(decision.clone());
            }
            if stricter(&decision, strictest.as_ref()) {
                strictest = Some(decision);
            }
        }
        let nothing =
            || Decision { effect: Effect::Allow, reason: "an empty command".to_string(), remedy: None };
        match (granted, closed) {
            // What a rule closes by name stays closed under a rule that opens everything.
            (Some(granted), Some(closed))
                if !self.grants_exactly(request) || closed.effect == Effect::Deny =>
            {
                if closed.effect > granted.effect { closed } else { granted }
            }
            (Some(granted), _) => granted,
            (None, _) => strictest.unwrap_or_else(nothing),
        }
    }

    fn decide_part(&self, request: &Request, part: &SimpleCommand, moves: bool) -> Decision {
        let single = Request { target: Target::Command(part.text.clone()), ..request.clone() };
        let ask = |reason| Decision { effect: Effect::Ask, reason, remedy: remedy(request) };
        let by_rule = self.closes_part(request, part).or_else(|| self.by_rules(&single));
        match by_rule {
            Some(decision) => Decision { remedy: decision.remedy.and_then(|_| remedy(request)), ..decision },
            None if !part.reads_only() => ask(format!("`{}` is not known to be read-only", part.text)),
            None if part.names_outside(self.root.as_deref()) => {
                ask(format!("`{}` may read outside the workspace", part.text))
            }
            None if moves && part.program() == "git" => {
                ask(format!("`{}` runs where another repository's configuration may hold", part.text))
            }
            None if self.limits_reading() && !WITHOUT_FILES.contains(&part.program()) => {
                ask(format!("`{}` may read what a rule closes", part.text))
            }
            None => Decision {
                effect: Effect::Allow,
                reason: "default: read-only commands".to_string(),
                remedy: None,
            },
        }
    }

    /// What a rule that asks or denies says of this command, however it is spelled.
    fn closes_part(&self, request: &Request, part: &SimpleCommand) -> Option<Decision> {
        let spelled = part.spellings().into_iter().filter_map(|spelling| {
            self.by_rules(&Request { target: Target::Command(spelling), ..request.clone() })
        });
        spelled.filter(|decision| decision.effect != Effect::Allow).max_by_key(|decision| decision.effect)
    }

    fn closes_commands(&self) -> bool {
        self.rules.iter().any(|rule| rule.effect() != Effect::Allow && rule.covers(Capability::Shell))
    }

    /// Whether a rule closes some files for reading, which a command would not know.
    fn limits_reading(&self) -> bool {
        self.rules.iter().any(|rule| rule.effect() != Effect::Allow && rule.covers(Capability::FsRead))
    }

    fn grants_exactly(&self, request: &Request) -> bool {
        self.rules.iter().any(|rule| rule.is_exact() && rule.matches(request))
    }

    fn allows_whole(&self, request: &Request) -> bool {
        self.rules.iter().any(|rule| {
            rule.matches(request)
                && (rule.text() == "shell:*"
                    || rule.text() == format!("shell:{}", request.target.shown().trim()))
        })
    }

    fn by_default(&self, request: &Request) -> Decision {
        let allow = |reason: &str| Decision {
            effect: Effect::Allow,
            reason: format!("default: {reason}"),
            remedy: None,
        };
        let ask = |reason: &str| Decision {
            effect: Effect::Ask,
            reason: format!("default: {reason}"),
            remedy: remedy(request),
        };
        match (request.capability, &request.target) {
            (Capability::FsRead, Target::Path(place)) if place.relative().is_some() => {
                allow("reading in the workspace")
            }
            (Capability::FsRead, _) => ask("reading outside the workspace"),
            (Capability::FsWrite, Target::Path(place)) if place.relative().is_some() => {
                match (self.mode, request.origin) {
                    (Mode::Autopilot, _) => allow("writing in the workspace, autopilot"),
                    (Mode::Supervised, Origin::Waypost) => allow("Waypost's own documents"),
                    (Mode::Supervised, Origin::Agent) => ask("writing in the workspace, supervised"),
                }
            }
            (Capability::FsWrite, _) => Decision {
                effect: Effect::Deny,
                reason: "default: nothing outside the workspace is written".to_string(),
                remedy: None,
            },
            (Capability::Context | Capability::Diagnostics, _) => allow("part of the conversation"),
            _ => ask("not read-only"),
        }
    }
}

/// Commands that open no file, so that rules on reading do not concern them.
const WITHOUT_FILES: [&str; 10] =
    ["cd", "command", "date", "echo", "false", "pwd", "true", "uname", "which", "whoami"];

fn stricter(decision: &Decision, than: Option<&Decision>) -> bool {
    than.is_none_or(|than| decision.effect > than.effect)
}

/// The rule that would allow exactly this request.
fn remedy(request: &Request) -> Option<String> {
    Some(format!("{}:{}", request.capability.name(), request.target.shown()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;

    fn policy(mode: Mode, rules: &[(&str, Effect)]) -> Policy {
        let mut policy = Policy::new(mode, &[PathBuf::from("/home/me/.config/waypost")]);
        for (text, effect) in rules {
            policy.add(Rule::read(text, *effect, Source::User).unwrap());
        }
        policy
    }

    fn check_path(mode: Mode, capability: Capability, path: &str, expected: Effect) {
        let target = Target::Path(Place::new(Path::new("/w"), Path::new(path)));
        let request = Request { capability, target, origin: Origin::Agent };
        let decision = policy(mode, &[("fs_write:**", Effect::Allow)][..0]).decide(&request);
        assert_eq!(decision.effect, expected, "{path}: {}", decision.reason);
    }

    fn check_command(rules: &[(&str, Effect)], line: &str, expected: (Effect, &str)) {
        let request = Request {
            capability: Capability::Shell,
            target: Target::Command(line.to_string()),
            origin: Origin::Agent,
        };
        let decision = policy(Mode::Autopilot, rules).decide(&request);
        assert_eq!((decision.effect, decision.reason.as_str()), expected, "{line}");
    }

    #[test]
    fn files_by_mode() {
        use Capability::{FsRead, FsWrite};
        use Effect::{Allow, Ask, Deny};
        use Mode::{Autopilot, Supervised};
        check_path(Supervised, FsRead, "/w/src/a.rs", Allow);
        check_path(Supervised, FsRead, "/etc/passwd", Ask);
        check_path(Supervised, FsWrite, "/w/src/a.rs", Ask);
        check_path(Autopilot, FsWrite, "/w/src/a.rs", Allow);
        check_path(Autopilot, FsWrite, "/etc/passwd", Deny);
        check_path(Autopilot, FsWrite, "/w/.git/config", Deny);
        check_path(Autopilot, FsWrite, "/w/vendor/x/.git/hooks/pre-commit", Deny);
        check_path(Autopilot, FsWrite, "/w/.kiro/settings/mcp.json", Deny);
        check_path(Autopilot, FsWrite, "/home/me/.config/waypost/config.toml", Deny);
        check_path(Autopilot, FsWrite, "/w/.kiro/hooks/on-save.json", Ask);
        check_path(Autopilot, FsWrite, "/w/packages/a/mcp.json", Ask);
        check_path(Autopilot, FsRead, "/w/.git/config", Allow);
    }

    #[test]
    fn a_rule_cannot_loosen_what_is_built_in() {
        let target = Target::Path(Place::new(Path::new("/w"), Path::new("/w/.git/config")));
        let request = Request { capability: Capability::FsWrite, target, origin: Origin::Agent };
        let decision = policy(Mode::Autopilot, &[("fs_write:**", Effect::Allow)]).decide(&request);
        assert_eq!(
            (decision.effect, decision.reason.as_str()),
            (Effect::Deny, "rule `fs_write:.git` (built in)")
        );
    }

    #[test]
    fn commands_are_judged_part_by_part() {
        let cargo = [("shell:cargo test*", Effect::Allow)];
        check_command(&[], "git status && ls -la", (Effect::Allow, "default: read-only commands"));
        check_command(&[], "cargo test", (Effect::Ask, "`cargo test` is not known to be read-only"));
        check_command(&[], "cat ../x", (Effect::Ask, "`cat ../x` may read outside the workspace"));
        check_command(
            &cargo,
            "cargo test --lib",
            (Effect::Allow, "rule `shell:cargo test*` (user settings)"),
        );
        check_command(
            &cargo,
            "cargo test; rm -rf src",
            (Effect::Ask, "`rm -rf src` is not known to be read-only"),
        );
        check_command(
            &cargo,
            "cargo test $(rm -rf src)",
            (Effect::Ask, "the command is not plain: a substitution"),
        );
        check_command(
            &[("shell:*", Effect::Allow)],
            "make > log",
            (Effect::Allow, "rule `shell:*` (user settings)"),
        );
        let no_push = [("shell:git push*", Effect::Deny), ("shell:*", Effect::Allow)];
        let denied = (Effect::Deny, "rule `shell:git push*` (user settings)");
        check_command(&no_push, "git push", denied);
        check_command(&no_push, "git status && git push origin", denied);
        for spelled in ["git  push", "\"git\" push", "/usr/bin/git push", "command git push", "git -C . push"]
        {
            check_command(&no_push, spelled, denied);
        }
        check_command(
            &no_push,
            "echo $(git push)",
            (Effect::Ask, "the command is not plain: a substitution"),
        );
        let ask_push = [("shell:*", Effect::Allow), ("shell:git push*", Effect::Ask)];
        let asked = (Effect::Ask, "rule `shell:git push*` (user settings)");
        check_command(&ask_push, "true; git push", asked);
        check_command(&ask_push, "(git push)", (Effect::Ask, "the command is not plain: a group"));
        check_command(
            &cargo,
            "cargo test 2>&1 | tail -5",
            (Effect::Allow, "rule `shell:cargo test*` (user settings)"),
        );
        check_command(
            &[],
            "cd vend && git status",
            (Effect::Ask, "`git status` runs where another repository's configuration may hold"),
        );
        check_command(
            &[("fs_read:secrets", Effect::Deny)],
            "grep -r TOP .",
            (Effect::Ask, "`grep -r TOP .` may read what a rule closes"),
        );
    }

    #[test]
    fn the_workspace_by_its_absolute_path_is_inside() {
        let check = |line: &str, expected: Effect| {
            let policy = policy(Mode::Autopilot, &[]).in_workspace(Path::new("/w"));
            let target = Target::Command(line.to_string());
            let request = Request { capability: Capability::Shell, target, origin: Origin::Agent };
            assert_eq!(policy.decide(&request).effect, expected, "{line}");
        };
        check("cd /w && ls /w/src", Effect::Allow);
        check("cat /w/../etc/passwd", Effect::Ask);
        check("cat /www/x", Effect::Ask);
    }

    #[test]
    fn a_line_granted_word_for_word_runs_unless_a_rule_denies_a_part_of_it() {
        let check = |denied: &str, line: &str, expected: Effect| {
            let mut policy = policy(Mode::Autopilot, &[(denied, Effect::Deny)]);
            policy.add(Rule::exact_command(line, Source::Plan));
            let target = Target::Command(line.to_string());
            let request = Request { capability: Capability::Shell, target, origin: Origin::Agent };
            assert_eq!(policy.decide(&request).effect, expected, "{line}");
        };
        check("shell:rm *", "make check > log", Effect::Allow);
        check("shell:rm *", "make check && rm x", Effect::Deny);
    }
}

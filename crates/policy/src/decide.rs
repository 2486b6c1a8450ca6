//! How rules combine into one decision with its reason: deny over ask over allow, then the defaults by mode.

use std::path::PathBuf;

use crate::shell::{self, SimpleCommand, Understood};
use crate::{Capability, Effect, Mode, Origin, Request, Rule, Source, Target, defaults};

/// The rules in force and the mode. A value: asking it changes nothing.
#[derive(Clone, Debug)]
pub struct Policy {
    mode: Mode,
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
        Policy { mode, built_in: defaults::rules(&own), rules: Vec::new() }
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
            // A part that a rule denies could hide in what is not understood, so `*` is not enough there.
            Understood::Unclear(_) if granted.is_some() && !self.denies_commands() => Vec::new(),
            Understood::Unclear(why) => {
                return Decision {
                    effect: Effect::Ask,
                    reason: format!("the command is not plain: {why}"),
                    remedy: remedy(request),
                };
            }
        };
        let judged = parts.iter().map(|part| self.decide_part(request, part));
        let strictest =
            judged.reduce(|strictest, next| if next.effect > strictest.effect { next } else { strictest });
        match (granted, strictest) {
            (_, Some(denied)) if denied.effect == Effect::Deny => denied,
            (Some(granted), _) => granted,
            (None, Some(strictest)) => strictest,
            (None, None) => {
                Decision { effect: Effect::Allow, reason: "an empty command".to_string(), remedy: None }
            }
        }
    }

    fn decide_part(&self, request: &Request, part: &SimpleCommand) -> Decision {
        let single = Request { target: Target::Command(part.text.clone()), ..request.clone() };
        let ask = |reason| Decision { effect: Effect::Ask, reason, remedy: remedy(request) };
        match self.by_rules(&single) {
            Some(decision) => Decision { remedy: decision.remedy.and_then(|_| remedy(request)), ..decision },
            None if !part.reads_only() => ask(format!("`{}` is not known to be read-only", part.text)),
            None if part.names_outside() => ask(format!("`{}` may read outside the workspace", part.text)),
            None => Decision {
                effect: Effect::Allow,
                reason: "default: read-only commands".to_string(),
                remedy: None,
            },
        }
    }

    fn denies_commands(&self) -> bool {
        let denies = |rule: &&Rule| rule.effect() == Effect::Deny && rule.covers(Capability::Shell);
        self.rules.iter().any(|rule| denies(&rule))
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

/// The rule that would allow exactly this request.
fn remedy(request: &Request) -> Option<String> {
    Some(format!("{}:{}", request.capability.name(), request.target.shown()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

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
        check_command(
            &no_push,
            "echo $(git push)",
            (Effect::Ask, "the command is not plain: a substitution"),
        );
    }
}

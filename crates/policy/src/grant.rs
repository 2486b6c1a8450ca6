//! What a hook, an agent or the task of a spec may do at most. A grant only takes away: a child never has more than its
//! parent.

use std::path::Path;
use std::sync::Arc;

use crate::glob::Shape;
use crate::rule::{Pattern, Text, bits};
use crate::verdict::{Basis, Verdict};
use crate::{Capability, Effect, Mode, Policy, Request, Rule, Source};

/// An upper bound: of the capabilities that it limits, only what its rules allow.
#[derive(Clone, Debug)]
pub struct Grant {
    name: Arc<str>,
    limits: u16,
    outside: Effect,
    policy: Policy,
}

impl Grant {
    /// A grant that limits these capabilities to what `rules` allow. What they do not cover has the effect `outside`: ask
    /// where a person may widen it, deny where not. `allow` would limit nothing and counts as ask.
    pub fn new(name: &str, limits: &[Capability], rules: Vec<Rule>, outside: Effect) -> Grant {
        let mut policy = Policy::empty(Mode::Supervised).without_defaults();
        rules.into_iter().for_each(|rule| policy.add(rule));
        Grant { name: Arc::from(name), limits: bits(limits), outside: outside.max(Effect::Ask), policy }
    }

    /// The scope of a spec: its tasks may write what these patterns name, below the workspace root; anything else asks,
    /// by whatever route it would be written.
    ///
    /// # Errors
    /// The pattern that cannot be read, and why.
    pub fn write_scope(name: &str, globs: &[String]) -> Result<Grant, (String, String)> {
        let set = bits(&[Capability::FsWrite]);
        let mut patterns = Vec::new();
        for glob in globs {
            patterns.push(Pattern::read(glob, set, None).map_err(|why| (glob.clone(), why))?);
        }
        let text = format!("fs_write:{}", globs.join(", "));
        let rule = Rule::of(set, Effect::Allow, Source::Plan, &text).with_patterns(patterns, Vec::new());
        // Without a pattern it allows nothing, not everything.
        let rules = if globs.is_empty() { Vec::new() } else { vec![rule] };
        Ok(Grant::new(name, &[Capability::FsWrite], rules, Effect::Ask))
    }

    /// Whose grant it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn placed(mut self, root: Option<&Path>, scratch: &[std::path::PathBuf]) -> Grant {
        self.policy.root = root.map(Path::to_path_buf);
        self.policy.scratch = scratch.to_vec();
        self
    }

    pub(crate) fn limits(&self, capability: Capability) -> bool {
        self.limits & bits(&[capability]) != 0
    }

    /// What the grant says of a request: allow when it does not limit it.
    pub(crate) fn judge(&self, request: &Request) -> Verdict {
        let verdict = match (&request.target, request.capability) {
            (crate::Target::Command(line), Capability::Shell) => self.policy.judge_line_for_grant(line, self),
            (crate::Target::Path(place), capability) if self.limits(capability) => {
                self.judge_path(capability, &Shape::new(place))
            }
            (target, capability) if self.limits(capability) => self.judge_text(capability, &target.shown()),
            _ => return Verdict::allow(Basis::Default("not limited")),
        };
        self.sign(verdict)
    }

    pub(crate) fn judge_path(&self, capability: Capability, shape: &Shape) -> Verdict {
        self.ruled(self.policy.rule_on_path(capability, shape))
    }

    pub(crate) fn judge_text(&self, capability: Capability, text: &str) -> Verdict {
        self.ruled(self.policy.rule_on_text(capability, &Text::new(text)))
    }

    pub(crate) fn uncovered(&self) -> Verdict {
        Verdict { effect: self.outside, basis: Basis::Default("no rule of it allows this"), remedy: None }
    }

    fn ruled(&self, rule: Option<&Rule>) -> Verdict {
        match rule {
            Some(rule) => Verdict { effect: rule.effect(), basis: Basis::Rule(rule.cite()), remedy: None },
            None => self.uncovered(),
        }
    }

    fn sign(&self, verdict: Verdict) -> Verdict {
        if verdict.effect == Effect::Allow {
            return verdict;
        }
        let basis = Basis::Grant { name: Arc::clone(&self.name), because: Box::new(verdict.basis) };
        Verdict { effect: verdict.effect, basis, remedy: None }
    }
}

impl Policy {
    /// The same policy, limited further: what it allowed, this one allows only where the grant does, too. Whatever the
    /// grant says, nothing is allowed that was not.
    pub fn narrowed_to(&self, grant: Grant) -> Policy {
        let mut child = self.clone();
        child.grants.push(Arc::new(grant.placed(self.root.as_deref(), &self.scratch)));
        child
    }
}

#[cfg(test)]
#[path = "grant_tests.rs"]
mod tests;

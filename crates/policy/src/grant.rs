//! What a hook, an agent or the task of a spec may do at most. A grant only takes away: a child never has more than its
//! parent.

use std::path::Path;
use std::sync::Arc;

use crate::glob::Shape;
use crate::rule::{Pattern, Text, bits};
use crate::verdict::{Basis, Verdict};
use crate::{Capability, Effect, Mode, Place, Policy, Request, Rule, Source};

/// An upper bound: of the capabilities that it limits, only what its rules allow.
#[derive(Clone, Debug)]
pub struct Grant {
    name: Arc<str>,
    limits: u16,
    outside: Effect,
    is_of_agent: bool,
    policy: Policy,
}

impl Grant {
    /// A grant that limits these capabilities to what `rules` allow. What they do not cover has the effect `outside`: ask
    /// where a person may widen it, deny where not. `allow` would limit nothing and counts as ask.
    pub fn new(name: &str, limits: &[Capability], rules: Vec<Rule>, outside: Effect) -> Grant {
        let mut policy = Policy::empty(Mode::Supervised).without_defaults();
        rules.into_iter().for_each(|rule| policy.add(rule));
        let (name, limits, outside) = (Arc::from(name), bits(limits), outside.max(Effect::Ask));
        Grant { name, limits, outside, is_of_agent: false, policy }
    }

    /// The same as the bound of an agent, which follows from the tools that it has: [`Policy::without_agents`] leaves it out.
    pub fn of_agent(self) -> Grant {
        Grant { is_of_agent: true, ..self }
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

    pub(crate) fn rules(&self) -> &[Rule] {
        self.policy.rules()
    }

    pub(crate) fn shared_name(&self) -> &Arc<str> {
        &self.name
    }

    /// Whether a rule of it denies or asks about some file.
    pub(crate) fn closes_some(&self, capability: Capability) -> bool {
        self.limits(capability) && self.policy.closes_some(capability)
    }

    /// Whether a rule of it denies or asks about this file.
    pub(crate) fn closes(&self, capability: Capability, shape: &Shape) -> bool {
        self.closes_some(capability)
            && self.policy.rule_on_path(capability, shape).is_some_and(|rule| rule.effect() != Effect::Allow)
    }

    fn allowing(&self) -> impl Iterator<Item = &Rule> {
        let allows = |rule: &&Rule| rule.effect() == Effect::Allow && rule.covers(Capability::FsWrite);
        self.policy.rules().iter().filter(allows)
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

impl Policy {
    /// The same policy for what the person trusted by itself and which runs whichever agent is at work: a hook, a server. The bounds
    /// of agents are set aside; rules, lists and all other grants count.
    pub fn without_agents(&self) -> Policy {
        let mut policy = self.clone();
        let (aside, grants) = policy.grants.into_iter().partition(|grant| grant.is_of_agent);
        policy.grants = grants;
        policy.aside.extend::<Vec<_>>(aside);
        policy
    }

    /// The same policy for an agent that a hook starts: what [`Policy::without_agents`] set aside counts again, because that agent is
    /// a part of the session around the hook.
    pub fn with_agents(&self) -> Policy {
        let mut policy = self.clone();
        policy.grants.append(&mut policy.aside);
        policy
    }

    /// Whether a grant limits what may be written.
    pub fn limits_writing(&self) -> bool {
        self.grants.iter().any(|grant| grant.limits(Capability::FsWrite))
    }

    /// Whether all grants that limit writing allow it at this place. Without such a grant it is true; what rules and lists
    /// say of the place is not asked.
    pub fn grants_write(&self, place: &Place) -> bool {
        self.write_limits(None).allow(place)
    }

    /// The grants that limit what a command writes. One that names this very line (`Rule::exact_command`) does not: the
    /// line was approved with whatever it writes.
    pub fn write_limits(&self, line: Option<&str>) -> WriteLimits {
        let limits = |grant: &&Arc<Grant>| {
            let is_free = line.is_some_and(|line| grant.policy.grants_exactly(line));
            grant.limits(Capability::FsWrite) && !is_free
        };
        WriteLimits { grants: self.grants.iter().filter(limits).cloned().collect() }
    }
}

/// Grants that limit what is written, as they hold for one command. What one of them denies or asks about by a rule is
/// [`Policy::closes`]'s; this is about what they leave out.
#[derive(Clone, Debug, Default)]
pub struct WriteLimits {
    grants: Vec<Arc<Grant>>,
}

impl WriteLimits {
    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        self.grants.is_empty()
    }

    /// Whether nothing at all may be written: one of the grants allows no file.
    pub fn allow_nothing(&self) -> bool {
        self.grants.iter().any(|grant| grant.allowing().next().is_none())
    }

    /// Whose grants they are.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.grants.iter().map(|grant| grant.name())
    }

    /// Whether all of them allow writing this path.
    pub fn allow(&self, place: &Place) -> bool {
        let shape = Shape::new(place);
        self.grants.iter().all(|grant| grant.allowing().any(|rule| rule.fits_path(&shape)))
    }

    /// Whether each of them has a rule that allows writing every path below this directory, whatever it is called. Says no
    /// where only several rules together come to that.
    pub fn allow_all_below(&self, place: &Place) -> bool {
        let shape = Shape::new(place);
        self.grants.iter().all(|grant| grant.allowing().any(|rule| rule.opens_all_below(&shape)))
    }

    /// Whether they may allow writing something below this directory. Says yes of too many, never no of one too many.
    pub fn may_allow_below(&self, place: &Place) -> bool {
        let shape = Shape::new(place);
        self.grants.iter().all(|grant| grant.allowing().any(|rule| rule.may_lie_below(&shape)))
    }
}

#[cfg(test)]
#[path = "grant_tests.rs"]
mod tests;

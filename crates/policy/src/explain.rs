//! Why a request is decided as it is: every rule that was considered, in order, and what won. Slower than deciding.

use std::sync::Arc;

use crate::glob::Shape;
use crate::judge;
use crate::line::spellings;
use crate::rule::{Cited, Text};
use crate::sh::Access;
use crate::taint::Taint;
use crate::verdict::Verdict;
use crate::{Capability, Class, Policy, Request, Rule, Target};

/// How many targets of one request are explained: commands, files that they touch.
const TARGETS_MAX: usize = 64;

/// A verdict, and how it came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What was decided, and on what it stands.
    pub verdict: Verdict,
    /// Each target of the request: the path, the name, or each command of a line and each file that it touches.
    pub targets: Vec<Explained>,
}

/// One target, with every rule about its capability, in the order in which they are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The capability that it needs.
    pub capability: Capability,
    /// The target, for a person.
    pub target: String,
    /// For commands, what they do.
    pub class: Option<Class>,
    /// The rules.
    pub considered: Vec<Considered>,
}

/// A rule, held against one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered {
    /// The rule, its effect, its file and line.
    pub rule: Cited,
    /// Whether it speaks of the target.
    pub matches: bool,
    /// Whether it is the rule that the verdict stands on.
    pub won: bool,
    /// Whose grant it belongs to, when it is none of the policy's own: it allows nothing that the policy does not.
    pub grant: Option<Arc<str>>,
}

impl Policy {
    /// Decides, and says of every rule whether it spoke and whether it won.
    pub fn explain(&self, request: &Request, taint: &Taint) -> Explanation {
        let verdict = self.judge(request, taint);
        let winner = verdict.basis.rule().cloned();
        let mut targets = Vec::new();
        match &request.target {
            Target::Path(place) => {
                targets.push(self.explain_path(
                    request.capability,
                    &Shape::new(place),
                    place.shown(),
                    winner.as_ref(),
                ));
            }
            Target::Command(line) if request.capability == Capability::Shell => {
                self.explain_line(line, winner.as_ref(), &mut targets);
            }
            target => {
                let shown = target.shown();
                let texts = [Text::new(&shown)];
                targets.push(self.explain_text(request.capability, &texts, shown, None, winner.as_ref()));
            }
        }
        Explanation { verdict, targets }
    }

    fn explain_line(&self, line: &str, winner: Option<&Cited>, targets: &mut Vec<Explained>) {
        let whole = [Text::new(line.trim())];
        let Ok(commands) = judge::judge_at(line, self.root.as_deref()) else {
            targets.push(self.explain_text(Capability::Shell, &whole, line.to_string(), None, winner));
            return;
        };
        for command in commands {
            let mut texts = spellings(&command);
            texts.extend(whole.clone());
            let class = Some(command.class.clone());
            targets.push(self.explain_text(Capability::Shell, &texts, command.text.clone(), class, winner));
            for touch in &command.touches {
                let capability =
                    if touch.access == Access::Read { Capability::FsRead } else { Capability::FsWrite };
                for path in touch.candidates() {
                    let absolute =
                        self.root.as_deref().unwrap_or(std::path::Path::new("/workspace")).join(&path);
                    let shape = Shape::of(self.root.as_deref(), &absolute.to_string_lossy());
                    if targets.len() < TARGETS_MAX {
                        targets.push(self.explain_path(capability, &shape, path, winner));
                    }
                }
            }
            if targets.len() >= TARGETS_MAX {
                return;
            }
        }
    }

    fn explain_path(
        &self,
        capability: Capability,
        shape: &Shape,
        target: String,
        winner: Option<&Cited>,
    ) -> Explained {
        let rules = self.all_rules(capability);
        let considered =
            rules.map(|(grant, rule)| consider(rule, grant, rule.fits_path(shape), winner)).collect();
        Explained { capability, target, class: None, considered }
    }

    fn explain_text(
        &self,
        capability: Capability,
        texts: &[Text],
        target: String,
        class: Option<Class>,
        winner: Option<&Cited>,
    ) -> Explained {
        let rules = self.all_rules(capability);
        let considered = rules
            .map(|(grant, rule)| {
                let by_text = texts.iter().any(|text| rule.fits_text(text));
                let by_class = class.as_ref().is_some_and(|class| rule.fits_class(class));
                consider(rule, grant, by_text || by_class, winner)
            })
            .collect();
        Explained { capability, target, class, considered }
    }

    /// The rules about a capability: the policy's own, then those of the grants that limit it.
    fn all_rules(&self, capability: Capability) -> impl Iterator<Item = (Option<&Arc<str>>, &Rule)> {
        let granted = self.grants.iter().filter(move |grant| grant.limits(capability));
        let granted =
            granted.flat_map(|grant| grant.rules().iter().map(|rule| (Some(grant.shared_name()), rule)));
        let own = self.rules().iter().map(|rule| (None, rule));
        own.chain(granted).filter(move |(_, rule)| rule.covers(capability))
    }
}

fn consider(rule: &Rule, grant: Option<&Arc<str>>, matches: bool, winner: Option<&Cited>) -> Considered {
    let rule = rule.cite();
    let won = matches && winner == Some(&rule);
    Considered { rule, matches, won, grant: grant.cloned() }
}

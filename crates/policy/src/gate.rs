//! The one door between a decision and an effect. It records, then it hands out the permit. It performs nothing.

use std::path::Path;
use std::sync::Arc;

use crate::{
    Capability, Decision, Effect, IgnoreFile, Place, Policy, Problem, Request, Rule, Source, Taint, Target,
    Verdict,
};

/// The gate: the policy in force and the way in.
#[derive(Debug)]
pub struct Gate {
    policy: Arc<Policy>,
    taint: Taint,
}

/// One call at the gate: what it wants, and what a person has said about it, if anybody was asked.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The call's id; it joins decision, effect and result in the ledger.
    pub call: String,
    /// Everything that the call wants to do. An empty list asks for nothing and is admitted.
    pub requests: Vec<Request>,
    /// What a person answered, when an earlier admission ended in a question.
    pub answer: Option<Answer>,
}

/// What a person said to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether the call may run.
    pub yes: bool,
    /// Whether the answer also holds for the same request later in this session.
    pub always: bool,
    /// Who answered.
    pub by: String,
}

/// What became of a call at the gate.
#[derive(Debug)]
pub enum Admission {
    /// It may run; the record of that is durable.
    Permitted(Permit),
    /// A person must answer first. Nothing was permitted.
    Unanswered(Decision),
    /// It may not run; the record of that is durable.
    Denied(Decision),
}

/// The right to perform one call.
///
/// Invariant: a permit exists only after its record is durable. Its fields are private and it can be neither
/// copied nor stored, so that a hand which takes it by value proves that the gate was passed.
#[derive(Debug)]
pub struct Permit {
    call: String,
    requests: Vec<Request>,
    policy: Arc<Policy>,
    taint: Taint,
}

/// A decision as it goes on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The call.
    pub call: String,
    /// What it wanted.
    pub requests: Vec<Request>,
    /// What was decided, after any answer.
    pub decision: Decision,
    /// Who answered, when a person did.
    pub answered_by: Option<String>,
}

/// Where decisions are kept. Implemented by the ledger.
pub trait Record {
    /// Makes the decisions durable, in order.
    ///
    /// # Errors
    /// When they could not be made durable; then nothing may run.
    fn record(&mut self, decided: &[Decided]) -> Result<(), RecordError>;
}

/// The record could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger could not be written, so nothing runs: {0}")]
pub struct RecordError(pub String);

impl Gate {
    /// A gate that keeps this policy.
    pub fn new(policy: Policy) -> Gate {
        Gate { policy: Arc::new(policy), taint: Taint::none() }
    }

    /// The policy in force.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What the present turn took in from outside; decisions from now on know it. A new turn begins with
    /// [`Taint::none`], unless it still sees the words of the old one.
    pub fn set_taint(&mut self, taint: Taint) {
        self.taint = taint;
    }

    /// What the present turn took in from outside.
    pub fn taint(&self) -> &Taint {
        &self.taint
    }

    /// Puts these lists of paths in the place of all earlier ones. What is wrong with them is returned.
    pub fn set_lists(&mut self, lists: &[IgnoreFile]) -> Vec<Problem> {
        Arc::make_mut(&mut self.policy).set_lists(lists)
    }

    /// Adds a rule for the rest of the session.
    pub fn add(&mut self, rule: Rule) {
        Arc::make_mut(&mut self.policy).add(rule);
    }

    /// Decides the calls in order, records every allow and deny, and only then returns the permits.
    ///
    /// A question is not recorded as a decision: it is not one yet.
    ///
    /// # Errors
    /// [`RecordError`] when the ledger refused; no permit exists then.
    pub fn admit(&mut self, record: &mut dyn Record, asks: Vec<Ask>) -> Result<Vec<Admission>, RecordError> {
        let mut admissions = Vec::with_capacity(asks.len());
        let mut decided = Vec::with_capacity(asks.len());
        for ask in asks {
            let mut decision = self.decide(&ask.requests);
            let answer = ask.answer.filter(|_| decision.effect == Effect::Ask);
            if let Some(answer) = &answer {
                decision.effect = if answer.yes { Effect::Allow } else { Effect::Deny };
                let word = if answer.yes { "allowed" } else { "refused" };
                decision.reason = format!("{word} by {}; {}", answer.by, decision.reason);
                if answer.yes && answer.always {
                    self.remember(&ask.requests);
                }
            }
            if decision.effect != Effect::Ask {
                decided.push(Decided {
                    call: ask.call.clone(),
                    requests: ask.requests.clone(),
                    decision: decision.clone(),
                    answered_by: answer.map(|answer| answer.by),
                });
            }
            admissions.push(match decision.effect {
                Effect::Allow => {
                    let policy = Arc::clone(&self.policy);
                    let taint = self.taint.clone();
                    Admission::Permitted(Permit { call: ask.call, requests: ask.requests, policy, taint })
                }
                Effect::Ask => Admission::Unanswered(decision),
                Effect::Deny => Admission::Denied(decision),
            });
        }
        record.record(&decided)?;
        Ok(admissions)
    }

    /// The strictest decision over all that a call wants.
    fn decide(&self, requests: &[Request]) -> Decision {
        let nothing =
            Decision { effect: Effect::Allow, reason: "asks for nothing".to_string(), remedy: None };
        requests
            .iter()
            .map(|request| self.policy.judge(request, &self.taint))
            .reduce(Verdict::or_stricter)
            .map_or(nothing, Decision::from)
    }

    fn remember(&mut self, requests: &[Request]) {
        for request in requests {
            let capability = request.capability;
            // A built-in ask stays an ask: adding an allow beside it changes nothing, by design.
            self.add(match &request.target {
                Target::Command(text) | Target::Name(text) => {
                    Rule::exact_text(capability, text, Source::Session)
                }
                Target::Path(place) => {
                    Rule::literal_path(capability, &place.shown(), Effect::Allow, Source::Session)
                }
            });
        }
    }
}

impl Permit {
    /// The call that may run.
    pub fn call(&self) -> &str {
        &self.call
    }

    /// The policy that decided; a hand asks it about what it comes upon.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The policy that holds the program which the call starts. For a server of MCP the bounds of agents do not count: the person
    /// named the server, it may have been started by another agent, and it does not do the agent's work with the agent's tools.
    pub fn holding(&self) -> Arc<Policy> {
        match self.requests.iter().any(|request| request.capability == Capability::Mcp) {
            true => Arc::new(self.policy.without_agents()),
            false => Arc::clone(&self.policy),
        }
    }

    /// What the turn had taken in from outside when it was decided.
    pub fn taint(&self) -> &Taint {
        &self.taint
    }

    /// What it may do, and nothing else.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Whether a file that a permitted search comes upon may be read as well: a rule may close it although the
    /// directory above is open. The path is resolved.
    pub fn may_read(&self, workspace: &Path, path: &Path) -> bool {
        let Some(asked) = self.requests.first() else { return false };
        self.policy.may_find(&Place::new(workspace, path), asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mode, Origin};

    #[derive(Default)]
    struct Memory {
        kept: Vec<Decided>,
        full: bool,
    }

    impl Record for Memory {
        fn record(&mut self, decided: &[Decided]) -> Result<(), RecordError> {
            if self.full {
                return Err(RecordError("disk full".to_string()));
            }
            self.kept.extend_from_slice(decided);
            Ok(())
        }
    }

    fn shell(line: &str) -> Vec<Request> {
        vec![Request {
            capability: Capability::Shell,
            target: Target::Command(line.to_string()),
            origin: Origin::Agent,
        }]
    }

    fn ask(line: &str, answer: Option<Answer>) -> Vec<Ask> {
        vec![Ask { call: "c1".to_string(), requests: shell(line), answer }]
    }

    fn gate() -> Gate {
        Gate::new(Policy::new(Mode::Supervised, &[]))
    }

    #[test]
    fn a_permit_needs_a_record() {
        let mut memory = Memory::default();
        let admitted = gate().admit(&mut memory, ask("ls", None)).unwrap();
        assert!(matches!(admitted.first(), Some(Admission::Permitted(permit)) if permit.call() == "c1"));
        assert_eq!(memory.kept.len(), 1);
    }

    #[test]
    fn when_the_ledger_refuses_nothing_is_permitted() {
        let mut memory = Memory { full: true, ..Memory::default() };
        let refused = gate().admit(&mut memory, ask("ls", None)).unwrap_err();
        assert_eq!(refused.to_string(), "the ledger could not be written, so nothing runs: disk full");
    }

    #[test]
    fn a_question_is_not_a_decision_until_it_is_answered() {
        let (mut memory, mut gate) = (Memory::default(), gate());
        let admitted = gate.admit(&mut memory, ask("make", None)).unwrap();
        assert!(matches!(admitted.first(), Some(Admission::Unanswered(_))));
        assert!(memory.kept.is_empty());
        let yes = Answer { yes: true, always: true, by: "ann".to_string() };
        let admitted = gate.admit(&mut memory, ask("make", Some(yes))).unwrap();
        assert!(matches!(admitted.first(), Some(Admission::Permitted(_))));
        assert_eq!(memory.kept.first().unwrap().answered_by.as_deref(), Some("ann"));
        // `always` holds for the same command and for no other.
        let admitted = gate.admit(&mut memory, ask("make", None)).unwrap();
        assert!(matches!(admitted.first(), Some(Admission::Permitted(_))));
        let admitted = gate.admit(&mut memory, ask("make install", None)).unwrap();
        assert!(matches!(admitted.first(), Some(Admission::Unanswered(_))));
    }

    #[test]
    fn a_search_does_not_see_what_a_rule_closes() {
        let mut policy = Policy::new(Mode::Autopilot, &[]);
        policy.add(Rule::read("fs_read:secrets", Effect::Deny, Source::User).unwrap());
        policy.add(Rule::read("fs_read:notes", Effect::Ask, Source::User).unwrap());
        let place = |path: &str| Target::Path(Place::new(Path::new("/w"), Path::new(path)));
        let wants =
            vec![Request { capability: Capability::FsRead, target: place("/w"), origin: Origin::Agent }];
        let asks = vec![Ask { call: "c1".to_string(), requests: wants, answer: None }];
        let admitted = Gate::new(policy).admit(&mut Memory::default(), asks).unwrap();
        let Some(Admission::Permitted(permit)) = admitted.first() else { panic!("{admitted:?}") };
        let sees = |path: &str| permit.may_read(Path::new("/w"), Path::new(path));
        assert_eq!(
            [sees("/w/src/a.rs"), sees("/w/secrets/key"), sees("/w/notes/diary.md")],
            [true, false, false]
        );
    }

    #[test]
    fn no_answer_turns_a_deny_into_an_allow() {
        let mut policy = Policy::new(Mode::Autopilot, &[]);
        policy.add(Rule::read("shell:make*", Effect::Deny, Source::User).unwrap());
        let yes = Answer { yes: true, always: false, by: "ann".to_string() };
        let mut memory = Memory::default();
        let admitted = Gate::new(policy).admit(&mut memory, ask("make", Some(yes))).unwrap();
        assert!(matches!(admitted.first(), Some(Admission::Denied(_))));
    }
}

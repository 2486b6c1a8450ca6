//! What other rules would have said of recorded requests. Reads no record; the requests arrive as values.

use crate::{Effect, Policy, Request, Taint, Verdict};

/// A request as it was made once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Where it stands in the record, for the report: a call, a session and a call.
    pub id: String,
    /// What was asked for.
    pub request: Request,
    /// What the turn had taken in.
    pub taint: Taint,
    /// What became of it then, before any answer; `None` when that is not on record and the old rules are to be asked.
    pub then: Option<Effect>,
}

/// A request that would be decided otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of the recorded request.
    pub id: String,
    /// What was asked for.
    pub request: Request,
    /// What was decided then.
    pub before: Effect,
    /// What the new rules say.
    pub after: Verdict,
}

impl Difference {
    /// Whether the new rules let through what the old ones did not.
    pub fn loosens(&self) -> bool {
        self.after.effect < self.before
    }
}

/// Judges recorded requests again: those that come out otherwise, in the order of the record.
pub fn simulate(old: &Policy, new: &Policy, recorded: &[Recorded]) -> Vec<Difference> {
    let differs = |one: &Recorded| {
        let before = one.then.unwrap_or_else(|| old.judge(&one.request, &one.taint).effect);
        let after = new.judge(&one.request, &one.taint);
        (after.effect != before).then(|| Difference {
            id: one.id.clone(),
            request: one.request.clone(),
            before,
            after,
        })
    };
    recorded.iter().filter_map(differs).collect()
}

#[cfg(test)]
#[path = "simulate_tests.rs"]
mod tests;

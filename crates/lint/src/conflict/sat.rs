//! The SAT solver with a budget that counts. Knows no fact and no criterion.

use std::cell::Cell;

use batsat::{Callbacks, Lit, Solver, SolverInterface, lbool};

/// Decisions that one question may take.
pub(crate) const QUESTION_STEPS_MAX: u64 = 4_000;

/// Decisions that all questions of one check may take together.
pub(crate) const STEPS_MAX: u64 = 40_000;

/// Counts decisions and stops at a limit; the same on every machine, unlike a clock.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    taken: Cell<u64>,
    limit: u64,
}

impl Callbacks for Steps {
    fn stop(&self) -> bool {
        self.taken.set(self.taken.get() + 1);
        self.taken.get() > self.limit
    }
}

/// What the solver says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It can be; [`Sat::holds`] tells how.
    Yes,
    /// It cannot be, because of these assumptions.
    No(Vec<Lit>),
    /// The budget ran out.
    Undecided,
}

/// A set of clauses, and questions about it.
pub(crate) struct Sat {
    solver: Solver<Steps>,
    steps_left: u64,
}

impl Sat {
    /// Without clauses.
    pub(crate) fn new() -> Sat {
        Sat { solver: Solver::new(batsat::SolverOpts::default(), Steps::default()), steps_left: STEPS_MAX }
    }

    /// Something new that is true or false.
    pub(crate) fn fresh(&mut self) -> Lit {
        Lit::new(self.solver.new_var_default(), true)
    }

    /// One of these holds.
    pub(crate) fn clause(&mut self, literals: &[Lit]) {
        let mut literals = literals.to_vec();
        self.solver.add_clause_reuse(&mut literals);
    }

    /// Whether all of these can hold together with the clauses.
    pub(crate) fn ask(&mut self, assumptions: &[Lit]) -> Answer {
        if self.steps_left == 0 {
            return Answer::Undecided;
        }
        let steps = self.solver.cb_mut();
        steps.taken.set(0);
        steps.limit = QUESTION_STEPS_MAX.min(self.steps_left);
        let result = self.solver.solve_limited(assumptions);
        self.steps_left = self.steps_left.saturating_sub(self.solver.cb().taken.get());
        if result == lbool::TRUE {
            Answer::Yes
        } else if result == lbool::FALSE {
            let core = self.solver.unsat_core();
            let blamed = |lit: &&Lit| core.iter().any(|other| other.var() == lit.var());
            Answer::No(assumptions.iter().filter(blamed).copied().collect())
        } else {
            Answer::Undecided
        }
    }

    /// Whether it held in the last [`Answer::Yes`].
    pub(crate) fn holds(&self, literal: Lit) -> bool {
        self.solver.value_lit(literal) == lbool::TRUE
    }

    /// A smallest part of the assumptions that cannot hold: each is dropped once to see whether it is needed. `None`
    /// when they can hold, or when the budget ran out.
    pub(crate) fn least_core(&mut self, fixed: &[Lit], assumptions: &[Lit]) -> Option<Vec<Lit>> {
        let together = |part: &[Lit]| [fixed, part].concat();
        let Answer::No(core) = self.ask(&together(assumptions)) else { return None };
        let mut core: Vec<Lit> = assumptions.iter().filter(|lit| core.contains(lit)).copied().collect();
        let mut at = 0;
        while let Some(tried) = core.get(at).copied() {
            let without: Vec<Lit> = core.iter().filter(|lit| **lit != tried).copied().collect();
            match self.ask(&together(&without)) {
                Answer::No(_) => core = without,
                Answer::Yes => at += 1,
                Answer::Undecided => return None,
            }
        }
        Some(core)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_and_cores() {
        let mut sat = Sat::new();
        let [a, b, c, d] = [sat.fresh(), sat.fresh(), sat.fresh(), sat.fresh()];
        sat.clause(&[!a, !b, c]);
        sat.clause(&[!c, !d]);
        assert_eq!(sat.ask(&[a, b]), Answer::Yes);
        assert!(sat.holds(c) && !sat.holds(d));
        assert_eq!(sat.least_core(&[], &[a, b, d]), Some(vec![a, b, d]));
        assert_eq!(sat.least_core(&[a, b], &[c, d]), Some(vec![d]));
        assert_eq!(sat.least_core(&[], &[a, b]), None);
    }

    #[test]
    fn a_hard_question_stops() {
        // Eleven pigeons and ten holes: short to say, long to refute.
        let mut sat = Sat::new();
        let pigeons: Vec<Vec<Lit>> = (0..11).map(|_| (0..10).map(|_| sat.fresh()).collect()).collect();
        for pigeon in &pigeons {
            sat.clause(pigeon);
        }
        for hole in 0..10 {
            for one in 0..pigeons.len() {
                for two in 0..one {
                    sat.clause(&[!pigeons[one][hole], !pigeons[two][hole]]);
                }
            }
        }
        assert_eq!(sat.ask(&[]), Answer::Undecided);
        while sat.steps_left > 0 {
            sat.ask(&[]);
        }
        assert_eq!(sat.ask(&[]), Answer::Undecided);
    }
}

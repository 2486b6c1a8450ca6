//! What follows from declared facts: criteria that never apply, that cannot be fulfilled together, and facts that
//! contradict themselves. A finding of this file names the facts that it stands on.
//!
//! Two moments are kept apart. Conditions are about the moment when a criterion applies; responses about the one right
//! after. Facts hold in both. So `when the Session is open, close it` is no contradiction.

use std::collections::HashMap;

use batsat::Lit;
use spec::Severity;

use crate::conflict::sat::{Answer, Sat};
use crate::conflict::statement::Statement;
use crate::conflict::world::World;
use crate::conflict::{FINDINGS_MAX, Statements, cover, place};
use crate::facts::vocabulary::{Atom, Formula, Vocabulary};
use crate::facts::{self, Fact, FactKind};
use crate::finding::{Basis, Finding, Place, RELATED_MAX};

pub(crate) const PROVED: &str = "conflict/proved";
pub(crate) const UNREACHABLE: &str = "conflict/unreachable";
pub(crate) const UNDECIDED: &str = "conflict/undecided";

/// Pairs of criteria with declared responses that are asked about.
pub(crate) const PAIRS_MAX: usize = 20_000;

/// Rounds of the search for three and four criteria that clash only together.
const SETS_MAX: usize = 64;

/// Different responses of one subject that are searched for such sets.
const RESPONSES_MAX: usize = 64;

/// Criteria that one finding names.
const SHOWN_MAX: usize = RELATED_MAX + 1;

/// Subjects whose responses are looked at.
const SUBJECTS_MAX: usize = 200;

/// An obligation in logic.
pub(crate) struct Rule<'s> {
    pub(crate) statement: &'s Statement,
    pub(crate) who: u64,
    pub(crate) when: Formula,
    /// What surely follows from the response: unknown words are left out. `None` when nothing does.
    pub(crate) what: Option<Formula>,
    /// The response has no unknown words.
    pub(crate) is_whole: bool,
    /// Unknown parts of the condition, sorted.
    pub(crate) unknown: Vec<Atom>,
    /// Declared parts of the condition, sorted.
    pub(crate) known: Vec<Atom>,
}

/// What all questions of one pass share.
pub(crate) struct Case<'f, 's> {
    pub(crate) spec: &'s str,
    pub(crate) facts: &'f [Fact],
    pub(crate) rules: Vec<Rule<'s>>,
    pub(crate) vocabulary: &'f Vocabulary,
    pub(crate) now: World<'f>,
    pub(crate) with_suggested: bool,
    pub(crate) out: Vec<Finding>,
    /// Pairs whose responses exclude each other and whose conditions nothing relates.
    unrelated: Vec<(usize, usize)>,
    /// A budget ran out.
    pub(crate) is_cut: bool,
}

/// Everything that follows from the facts of a spec.
pub(crate) fn check(statements: &Statements, facts: &[Fact]) -> Vec<Finding> {
    if facts.is_empty() {
        return Vec::new();
    }
    let mut out = pass(statements, facts, false);
    if facts.iter().any(|fact| fact.is_suggested) {
        let mut more = pass(statements, facts, true);
        // What a person declared proves more than what was proposed.
        more.retain(|found| !out.iter().any(|proved| is_same(proved, found)));
        out.extend(more);
    }
    out.extend(unused(statements, facts));
    out
}

fn is_same(a: &Finding, b: &Finding) -> bool {
    a.rule == b.rule && a.place == b.place && (a.message == b.message || a.rule == UNDECIDED)
}

fn pass(statements: &Statements, facts: &[Fact], with_suggested: bool) -> Vec<Finding> {
    let vocabulary = Vocabulary::of(facts, with_suggested);
    let mut case = Case {
        spec: &statements.spec,
        facts,
        rules: rules(statements, &vocabulary),
        vocabulary: &vocabulary,
        now: World::new(&vocabulary, facts, with_suggested),
        with_suggested,
        out: Vec::new(),
        unrelated: Vec::new(),
        is_cut: false,
    };
    if case.facts_clash() {
        return case.out;
    }
    let possible = case.vacuity();
    for group in case.subjects(&possible) {
        case.responses(&group);
    }
    cover::check(&mut case, &possible);
    case.undecided();
    case.out
}

fn rules<'s>(statements: &'s Statements, vocabulary: &Vocabulary) -> Vec<Rule<'s>> {
    let mut out = Vec::new();
    for statement in &statements.all {
        let text =
            |(from, to): (u32, u32)| statement.text.get(from as usize..to as usize).unwrap_or_default();
        let conditions: Vec<Formula> = statement
            .when_at
            .iter()
            .filter(|at| at.1 > at.0)
            .map(|at| vocabulary.meaning(text(*at)).formula)
            .collect();
        let when = Formula::All(conditions);
        let response = vocabulary.response(text(statement.what_at));
        let response_formula =
            if statement.is_forbidden { response.formula.negate() } else { response.formula };
        let what = certain(&response_formula);
        let (unknown, known): (Vec<Atom>, Vec<Atom>) =
            when.atoms().into_iter().partition(|atom| matches!(atom, Atom::Unknown(_)));
        if known.is_empty() && what.is_none() {
            continue;
        }
        let who = vocabulary.subject(&statement.subject, statement.who);
        let is_whole = !response.has_rest && !response.is_unclear;
        out.push(Rule { statement, who, when, what, is_whole, unknown, known });
    }
    out
}

/// What surely holds when the formula does, whatever its unknown parts are.
fn certain(formula: &Formula) -> Option<Formula> {
    match formula {
        Formula::Is(Atom::Unknown(_), _) => None,
        Formula::Is(..) => Some(formula.clone()),
        Formula::All(parts) => {
            let parts: Vec<Formula> = parts.iter().filter_map(certain).collect();
            (!parts.is_empty()).then_some(Formula::All(parts))
        }
        Formula::Any(parts) => parts.iter().map(certain).collect::<Option<Vec<_>>>().map(Formula::Any),
    }
}

/// Whether one of two sorted lists has everything that the other has: then one condition says more than the other,
/// and they are not two cases that no fact relates.
pub(crate) fn nested(a: &[Atom], b: &[Atom]) -> bool {
    a.iter().all(|atom| b.contains(atom)) || b.iter().all(|atom| a.contains(atom))
}

impl Case<'_, '_> {
    /// Facts that cannot hold together prove everything, so nothing else is asked then.
    fn facts_clash(&mut self) -> bool {
        let Some(core) = self.now.blame(&[]) else { return false };
        let mut facts = core.iter().filter_map(|at| self.facts.get(*at));
        let Some(first) = facts.next() else { return false };
        let related =
            facts.take(RELATED_MAX).map(|fact| (self.fact_place(fact), "with this fact".to_string()));
        let finding = Finding {
            rule: facts::CONTRADICTORY,
            severity: Severity::Error,
            basis: self.basis(),
            place: self.fact_place(first),
            subject: None,
            message: "the declared facts contradict each other, so nothing is proved from them".to_string(),
            hint: Some("mend or drop one of them".to_string()),
            related: related.collect(),
            fix: None,
        };
        self.out.push(finding);
        true
    }

    /// Positions of the rules that can apply; those that cannot are reported.
    fn vacuity(&mut self) -> Vec<usize> {
        let mut possible = Vec::new();
        for at in 0..self.rules.len() {
            let Some(rule) = self.rules.get(at) else { continue };
            if rule.known.is_empty() {
                possible.push(at);
                continue;
            }
            let when = self.now.literal(&rule.when);
            match self.now.ask(&[when]) {
                Answer::Yes => possible.push(at),
                Answer::Undecided => {
                    self.is_cut = true;
                    possible.push(at);
                }
                Answer::No(_) => {
                    let message = |id: &str| {
                        format!("`{id}` can never apply: the declared facts rule its condition out")
                    };
                    let facts = self.now.blame(&[when]).unwrap_or_default();
                    self.report(
                        UNREACHABLE,
                        Severity::Warning,
                        &[at],
                        &facts,
                        message,
                        "mend the condition or the facts",
                    );
                }
            }
        }
        possible
    }

    /// Rules with a certain response, by subject, in order.
    fn subjects(&self, possible: &[usize]) -> Vec<Vec<usize>> {
        let mut groups: HashMap<u64, Vec<usize>> = HashMap::new();
        for at in possible {
            if let Some(rule) = self.rules.get(*at).filter(|rule| rule.what.is_some()) {
                groups.entry(rule.who).or_default().push(*at);
            }
        }
        let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
        groups.sort();
        groups.truncate(SUBJECTS_MAX);
        groups
    }

    /// Responses of one subject that cannot be given together.
    fn responses(&mut self, group: &[usize]) {
        let mut then = World::new(self.vocabulary, self.facts, self.with_suggested);
        let mut what: Vec<(usize, Lit)> = Vec::new();
        for at in group {
            let Some(formula) = self.rules.get(*at).and_then(|rule| rule.what.as_ref()) else { continue };
            let literal = then.literal(formula);
            match then.ask(&[literal]) {
                Answer::Yes => what.push((*at, literal)),
                Answer::Undecided => self.is_cut = true,
                Answer::No(_) => {
                    let message = |id: &str| format!("`{id}` asks for what the declared facts rule out");
                    let facts = then.blame(&[literal]).unwrap_or_default();
                    self.report(
                        PROVED,
                        Severity::Error,
                        &[*at],
                        &facts,
                        message,
                        "mend the response or the facts",
                    );
                }
            }
        }
        let clashes = self.pairs(&what, &mut then);
        self.sets(&what, &clashes, &mut then);
    }

    /// Pairs that cannot be fulfilled together; all of them are returned, whether they can meet or not.
    fn pairs(&mut self, what: &[(usize, Lit)], then: &mut World<'_>) -> Vec<(usize, usize)> {
        let mut clashes = Vec::new();
        let mut asked = 0;
        for (second, (b, b_what)) in what.iter().enumerate() {
            for (first, (a, a_what)) in what.iter().enumerate().take(second) {
                asked += 1;
                if asked > PAIRS_MAX {
                    self.is_cut = true;
                    return clashes;
                }
                match then.ask(&[*a_what, *b_what]) {
                    Answer::Yes => continue,
                    Answer::Undecided => {
                        self.is_cut = true;
                        continue;
                    }
                    Answer::No(_) => clashes.push((first, second)),
                }
                if let Some(moment) = self.meet(&[*a, *b], true) {
                    let facts = then.blame(&[*a_what, *b_what]).unwrap_or_default();
                    self.clash(&[*a, *b], &facts, &moment);
                }
            }
        }
        clashes
    }

    /// A moment in which all of these rules apply; `None` when there is none, or none that is sure.
    fn meet(&mut self, rules: &[usize], note: bool) -> Option<Vec<String>> {
        let mut literals = Vec::new();
        let mut atoms = Vec::new();
        let mut is_related = true;
        for (index, at) in rules.iter().enumerate() {
            let rule = self.rules.get(*at)?;
            let others = rules.iter().take(index).filter_map(|other| self.rules.get(*other));
            is_related &= others.into_iter().all(|other| nested(&rule.unknown, &other.unknown));
            atoms.extend(&rule.known);
            literals.push(self.now.literal(&rule.when));
        }
        match self.now.ask(&literals) {
            Answer::No(_) => None,
            Answer::Undecided => {
                self.is_cut = true;
                None
            }
            // Two conditions that no fact relates may never meet: `when the key is valid`, `when the key has expired`.
            Answer::Yes if !is_related => {
                if let ([a, b], true) = (rules, note) {
                    self.unrelated.push((*a, *b));
                }
                None
            }
            Answer::Yes => {
                atoms.sort_unstable();
                atoms.dedup();
                Some(self.now.moment(&atoms))
            }
        }
    }

    /// Three or four rules that clash only together: least sets of responses that exclude each other (MARCO: a second
    /// solver remembers which sets were looked at), whose conditions can meet.
    fn sets(&mut self, what: &[(usize, Lit)], clashes: &[(usize, usize)], then: &mut World<'_>) {
        let mut responses: Vec<(Lit, Vec<usize>)> = Vec::new();
        for (at, literal) in what {
            match responses.iter_mut().find(|(known, _)| known == literal) {
                Some((_, rules)) => rules.push(*at),
                None => responses.push((*literal, vec![*at])),
            }
        }
        if responses.len() < 3 {
            return;
        }
        if responses.len() > RESPONSES_MAX {
            self.is_cut = true;
            responses.truncate(RESPONSES_MAX);
        }
        let mut map = Sat::new();
        let marks: Vec<Lit> = responses.iter().map(|_| map.fresh()).collect();
        let mark_of = |index: usize| {
            let literal = what.get(index).map(|(_, literal)| *literal);
            let at = responses.iter().position(|(known, _)| Some(*known) == literal);
            at.and_then(|at| marks.get(at)).copied()
        };
        for (a, b) in clashes {
            if let (Some(a), Some(b)) = (mark_of(*a), mark_of(*b)) {
                map.clause(&[!a, !b]);
            }
        }
        for _ in 0..SETS_MAX {
            match map.ask(&[]) {
                Answer::No(_) => return,
                Answer::Undecided => break,
                Answer::Yes => {}
            }
            // As much as possible at once, for a small set without a clash says little.
            let mut seed: Vec<Lit> = marks.iter().copied().filter(|mark| map.holds(*mark)).collect();
            for mark in &marks {
                if !seed.contains(mark) && map.ask(&[seed.as_slice(), &[*mark]].concat()) == Answer::Yes {
                    seed.push(*mark);
                }
            }
            let picked = |set: &[Lit]| -> Vec<usize> {
                (0..marks.len()).filter(|at| marks.get(*at).is_some_and(|mark| set.contains(mark))).collect()
            };
            let seed = picked(&seed);
            let literals: Vec<Lit> =
                seed.iter().filter_map(|at| responses.get(*at)).map(|(lit, _)| *lit).collect();
            let facts = then.facts();
            match then.ask(&literals) {
                Answer::Undecided => break,
                Answer::Yes => {
                    let outside: Vec<Lit> = (0..marks.len())
                        .filter(|at| !seed.contains(at))
                        .filter_map(|at| marks.get(at).copied())
                        .collect();
                    if outside.is_empty() {
                        return;
                    }
                    map.clause(&outside);
                }
                Answer::No(_) => {
                    let Some(core) = then.sat.least_core(&facts, &literals) else { break };
                    let core: Vec<usize> = (0..responses.len())
                        .filter(|at| responses.get(*at).is_some_and(|(lit, _)| core.contains(lit)))
                        .collect();
                    let block: Vec<Lit> =
                        core.iter().filter_map(|at| marks.get(*at)).map(|mark| !*mark).collect();
                    map.clause(&block);
                    if core.len() <= SHOWN_MAX {
                        self.set(&core, &responses, then);
                    }
                }
            }
        }
        self.is_cut = true;
    }

    /// Reports the first choice of rules, one for each response, that can apply at once.
    fn set(&mut self, core: &[usize], responses: &[(Lit, Vec<usize>)], then: &mut World<'_>) {
        const CHOICES_MAX: usize = 64;
        let mut choices: Vec<Vec<usize>> = vec![Vec::new()];
        for (_, rules) in core.iter().filter_map(|at| responses.get(*at)) {
            let longer = |choice: &Vec<usize>| -> Vec<Vec<usize>> {
                rules.iter().map(|rule| [choice.as_slice(), &[*rule]].concat()).collect()
            };
            choices = choices.iter().flat_map(longer).take(CHOICES_MAX).collect();
        }
        for mut choice in choices {
            choice.sort_unstable();
            if let Some(moment) = self.meet(&choice, false) {
                let literals: Vec<Lit> =
                    core.iter().filter_map(|at| responses.get(*at)).map(|(lit, _)| *lit).collect();
                let facts = then.blame(&literals).unwrap_or_default();
                self.clash(&choice, &facts, &moment);
                return;
            }
        }
    }

    fn clash(&mut self, rules: &[usize], facts: &[usize], moment: &[String]) {
        let ids = self.ids(rules);
        let when = if moment.is_empty() { String::new() } else { format!(" when `{}`", moment.join(", ")) };
        let message = |_: &str| format!("{ids} apply at once{when}, and cannot be fulfilled together");
        self.report(
            PROVED,
            Severity::Error,
            rules,
            facts,
            message,
            "decide which holds then, or part the conditions",
        );
    }

    /// One finding for all that was left open.
    fn undecided(&mut self) {
        let hint = "declare how the conditions relate, as in `exclusive \"the key is valid\" / \"the key is unknown\"`";
        if let Some((a, b)) = self.unrelated.first().copied() {
            let others = match self.unrelated.len() {
                1 => String::new(),
                count => format!(" (and {} pairs more)", count - 1),
            };
            let ids = self.ids(&[a, b]);
            let message = |_: &str| {
                format!(
                    "{ids} cannot be fulfilled together; whether they can apply at once is not decided{others}"
                )
            };
            self.report(UNDECIDED, Severity::Hint, &[a, b], &[], message, hint);
        }
        if self.is_cut && !self.rules.is_empty() {
            let message =
                |_: &str| "not every combination of the criteria was decided: there are too many".to_string();
            let hint = "split the spec, or declare fewer facts";
            self.report(UNDECIDED, Severity::Hint, &[0], &[], message, hint);
        }
    }

    /// Names of rules for a message: `` `1.1`, `1.2` and `1.3` ``.
    pub(crate) fn ids(&self, rules: &[usize]) -> String {
        let ids: Vec<String> = rules
            .iter()
            .filter_map(|at| self.rules.get(*at))
            .map(|rule| format!("`{}`", rule.statement.id))
            .collect();
        match ids.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => ids.concat(),
        }
    }

    /// Adds a finding at the last of the rules; the others and the facts stand beside it.
    pub(crate) fn report(
        &mut self,
        rule: &'static str,
        severity: Severity,
        rules: &[usize],
        facts: &[usize],
        message: impl Fn(&str) -> String,
        hint: &str,
    ) {
        let Some((last, others)) = rules.split_last() else { return };
        let Some(main) = self.rules.get(*last).map(|rule| rule.statement) else { return };
        if self.out.len() >= FINDINGS_MAX {
            return;
        }
        let others = others.iter().filter_map(|at| self.rules.get(*at)).map(|rule| rule.statement);
        let others = others.map(|other| (place(self.spec, other), format!("`{}` stands here", other.id)));
        let facts = facts.iter().filter_map(|at| self.facts.get(*at));
        let facts = facts.map(|fact| (self.fact_place(fact), "from this fact".to_string()));
        let related = others.chain(facts).take(RELATED_MAX).collect();
        let finding = Finding {
            rule,
            severity,
            basis: self.basis(),
            place: place(self.spec, main),
            subject: Some(main.id.clone()),
            message: message(&main.id),
            hint: Some(hint.to_string()),
            related,
            fix: None,
        };
        self.out.push(finding);
    }

    fn basis(&self) -> Basis {
        if self.with_suggested { Basis::ModelSuggested } else { Basis::Proved }
    }

    fn fact_place(&self, fact: &Fact) -> Place {
        fact_place(self.spec, fact)
    }
}

fn fact_place(spec: &str, fact: &Fact) -> Place {
    Place { spec: spec.to_string(), file: fact.file.clone(), span: fact.span }
}

/// Facts that no criterion meets: mistyped, or left over.
fn unused(statements: &Statements, facts: &[Fact]) -> Vec<Finding> {
    let vocabulary = Vocabulary::of(facts, true);
    let mut met: Vec<Atom> = Vec::new();
    for rule in rules(statements, &vocabulary) {
        met.extend(rule.known);
        met.extend(rule.what.iter().flat_map(Formula::atoms));
    }
    met.sort_unstable();
    met.dedup();
    let (mut choice, mut number) = (0, 0);
    let mut out = Vec::new();
    for fact in facts {
        let said = |phrases: &[String]| {
            let mut atoms = phrases.iter().flat_map(|phrase| vocabulary.meaning(phrase).formula.atoms());
            atoms.any(|atom| met.binary_search(&atom).is_ok())
        };
        let is_met = match &fact.kind {
            FactKind::Enum { .. } => {
                choice += 1;
                met.iter().any(|atom| matches!(atom, Atom::Value(at, _) if *at + 1 == choice))
            }
            FactKind::Number { .. } => {
                number += 1;
                met.iter().any(|atom| matches!(atom, Atom::AtLeast(at, _) if *at + 1 == number))
            }
            FactKind::Exclusive(phrases) => said(phrases),
            FactKind::Always(before, after) => said(before) || said(after),
            FactKind::Same(_) => true,
        };
        if !is_met && out.len() < FINDINGS_MAX {
            out.push(Finding {
                rule: facts::UNUSED,
                severity: Severity::Hint,
                basis: Basis::Read,
                place: fact_place(&statements.spec, fact),
                subject: None,
                message: "no criterion uses the words of this fact".to_string(),
                hint: Some("write it with the words of the criteria; a whole condition or the start of a response is compared".to_string()),
                related: Vec::new(),
                fix: None,
            });
        }
    }
    out
}

#[cfg(test)]
#[path = "prove_tests.rs"]
mod tests;

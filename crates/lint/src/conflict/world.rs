//! Facts as clauses about one moment, and formulas as literals in it. Asks nothing by itself.

use std::collections::{BTreeMap, HashMap};

use batsat::Lit;

use crate::conflict::sat::{Answer, Sat};
use crate::facts::vocabulary::{Atom, Formula, Vocabulary};
use crate::facts::{Fact, FactKind};

/// One moment: everything declared that may be true in it.
pub(crate) struct World<'f> {
    pub(crate) sat: Sat,
    vocabulary: &'f Vocabulary,
    atoms: HashMap<Atom, Lit>,
    /// Bounds of each number that was spoken of, with their literals.
    cuts: HashMap<u32, BTreeMap<i64, Lit>>,
    always: Lit,
    /// Position of a fact, and the literal that switches it on.
    switches: Vec<(usize, Lit)>,
}

impl<'f> World<'f> {
    /// A moment in which the facts can be switched on.
    pub(crate) fn new(vocabulary: &'f Vocabulary, facts: &[Fact], with_suggested: bool) -> World<'f> {
        let mut sat = Sat::new();
        let always = sat.fresh();
        sat.clause(&[always]);
        let mut world = World {
            sat,
            vocabulary,
            atoms: HashMap::new(),
            cuts: HashMap::new(),
            always,
            switches: Vec::new(),
        };
        let (mut choice, mut number) = (0, 0);
        for (at, fact) in facts.iter().enumerate().filter(|(_, fact)| with_suggested || !fact.is_suggested) {
            let switch = world.sat.fresh();
            world.switches.push((at, switch));
            match &fact.kind {
                FactKind::Enum { values, .. } => {
                    let atoms = (0..values.len() as u32).map(|value| world.atom(Atom::Value(choice, value)));
                    let values: Vec<Lit> = atoms.collect();
                    world.at_most_one(switch, &values);
                    world.sat.clause(&[&[!switch], values.as_slice()].concat());
                    choice += 1;
                }
                FactKind::Number { low, high, .. } => {
                    let least = world.atom(Atom::AtLeast(number, *low));
                    let beyond = world.atom(Atom::AtLeast(number, high.saturating_add(1)));
                    world.sat.clause(&[!switch, least]);
                    world.sat.clause(&[!switch, !beyond]);
                    number += 1;
                }
                FactKind::Exclusive(phrases) => {
                    let literals: Vec<Lit> = phrases.iter().map(|phrase| world.phrase(phrase)).collect();
                    world.at_most_one(switch, &literals);
                }
                FactKind::Always(before, after) => {
                    let mut clause: Vec<Lit> = before.iter().map(|phrase| !world.phrase(phrase)).collect();
                    clause.push(!switch);
                    if after.is_empty() {
                        world.sat.clause(&clause);
                    }
                    for phrase in after {
                        let then = world.phrase(phrase);
                        world.sat.clause(&[clause.as_slice(), &[then]].concat());
                    }
                }
                FactKind::Same(_) => {}
            }
        }
        world
    }

    /// A ladder: each step says that one at or before it holds. Linear, for an enum may be long.
    fn at_most_one(&mut self, switch: Lit, literals: &[Lit]) {
        let mut before: Option<Lit> = None;
        for literal in literals {
            let step = self.sat.fresh();
            self.sat.clause(&[!*literal, step]);
            if let Some(before) = before {
                self.sat.clause(&[!before, step]);
                self.sat.clause(&[!switch, !*literal, !before]);
            }
            before = Some(step);
        }
    }

    fn phrase(&mut self, phrase: &str) -> Lit {
        let formula = self.vocabulary.meaning(phrase).formula;
        self.literal(&formula)
    }

    fn atom(&mut self, atom: Atom) -> Lit {
        if let Some(literal) = self.atoms.get(&atom) {
            return *literal;
        }
        let literal = self.sat.fresh();
        self.atoms.insert(atom, literal);
        if let Atom::AtLeast(number, bound) = atom {
            // Order encoding: this much or more implies every lesser bound.
            let cuts = self.cuts.entry(number).or_default();
            let below = cuts.range(..bound).next_back().map(|(_, literal)| *literal);
            let above = cuts.range(bound..).next().map(|(_, literal)| *literal);
            cuts.insert(bound, literal);
            if let Some(below) = below {
                self.sat.clause(&[!literal, below]);
            }
            if let Some(above) = above {
                self.sat.clause(&[!above, literal]);
            }
        }
        literal
    }

    /// A literal that is true exactly when the formula is.
    pub(crate) fn literal(&mut self, formula: &Formula) -> Lit {
        match formula {
            Formula::Is(atom, holds) => {
                let literal = self.atom(*atom);
                if *holds { literal } else { !literal }
            }
            Formula::All(parts) => {
                let parts: Vec<Lit> = parts.iter().map(|part| self.literal(part)).collect();
                self.all(&parts)
            }
            Formula::Any(parts) => {
                let parts: Vec<Lit> = parts.iter().map(|part| !self.literal(part)).collect();
                !self.all(&parts)
            }
        }
    }

    fn all(&mut self, parts: &[Lit]) -> Lit {
        match parts {
            [] => self.always,
            [only] => *only,
            parts => {
                let whole = self.sat.fresh();
                let mut back = vec![whole];
                for part in parts {
                    self.sat.clause(&[!whole, *part]);
                    back.push(!*part);
                }
                self.sat.clause(&back);
                whole
            }
        }
    }

    /// The switches of all facts.
    pub(crate) fn facts(&self) -> Vec<Lit> {
        self.switches.iter().map(|(_, switch)| *switch).collect()
    }

    /// Whether these can hold while all facts do.
    pub(crate) fn ask(&mut self, literals: &[Lit]) -> Answer {
        let all = [self.facts().as_slice(), literals].concat();
        self.sat.ask(&all)
    }

    /// The facts that forbid these, as few as possible; `None` when nothing forbids them.
    pub(crate) fn blame(&mut self, literals: &[Lit]) -> Option<Vec<usize>> {
        let facts = self.facts();
        let core = self.sat.least_core(literals, &facts)?;
        Some(self.switches.iter().filter(|(_, switch)| core.contains(switch)).map(|(at, _)| *at).collect())
    }

    /// The moment of the last yes in words, as far as these atoms go. Values of enums and numbers first.
    pub(crate) fn moment(&self, atoms: &[Atom]) -> Vec<String> {
        let holds = |atom: &Atom| self.atoms.get(atom).is_some_and(|literal| self.sat.holds(*literal));
        let mut out = Vec::new();
        let mut numbers: Vec<u32> = Vec::new();
        for atom in atoms {
            match atom {
                Atom::Value(choice, _) => {
                    let count =
                        self.vocabulary.choices.get(*choice as usize).map_or(0, |found| found.values.len());
                    let value = (0..count as u32).map(|value| Atom::Value(*choice, value)).find(holds);
                    out.extend(value.map(|value| self.vocabulary.words(value, true)));
                }
                Atom::AtLeast(number, _) => numbers.push(*number),
                Atom::Phrase(_) => out.push(self.vocabulary.words(*atom, holds(atom))),
                Atom::Unknown(_) => {}
            }
        }
        numbers.dedup();
        for number in numbers {
            let cuts = self.cuts.get(&number).into_iter().flatten();
            let least =
                cuts.filter(|(_, literal)| self.sat.holds(**literal)).map(|(bound, _)| *bound).next_back();
            if let (Some(least), Some(declared)) = (least, self.vocabulary.numbers.get(number as usize)) {
                let unit = declared.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
                out.push(format!("{} is {least}{unit}", declared.name));
            }
        }
        out.dedup();
        out
    }

    /// Every bound of a number that was spoken of, within its declared ones.
    pub(crate) fn bounds(&self, number: u32) -> Vec<i64> {
        let Some(declared) = self.vocabulary.numbers.get(number as usize) else { return Vec::new() };
        let cuts = self.cuts.get(&number).into_iter().flatten().map(|(bound, _)| *bound);
        cuts.filter(|bound| (declared.low..=declared.high).contains(bound)).collect()
    }
}

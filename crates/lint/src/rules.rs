//! The registry: every rule with its severity and its page. The checks themselves live in [`crate::check`] and
//! [`crate::across`].

mod conflicts;
mod criteria;
mod design;
mod kiro_bugfix;
mod kiro_design;
mod kiro_requirements;
mod kiro_tasks;
mod readers;
mod tasks;
mod terms;
mod words;

use std::sync::OnceLock;

use spec::Severity;

use crate::hash::Table;
use crate::near;

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What a person writes to silence or explain it: `glossary/undefined-term`. Kiro's 41 keep Kiro's codes.
    pub id: &'static str,
    /// How much it matters unless the settings say otherwise.
    pub severity: Severity,
    /// What it finds, in a few words.
    pub title: &'static str,
    /// One page: what, why, a bad and a good example, how to mend, how to silence, where it comes from.
    pub explanation: &'static str,
    /// Whether it speaks without being asked.
    pub is_on_by_default: bool,
    /// What a first reader gains from one finding of it, 0 to 9; orders findings of equal severity.
    pub weight: u8,
}

/// A rule with its page, put together when the program is built.
macro_rules! rule {
    (
        $id:literal, $severity:ident, $weight:literal, $title:literal,
        what: $what:literal, why: $why:literal, bad: $bad:literal, good: $good:literal,
        mend: $mend:literal, source: $source:literal $(, on: $on:literal)? $(,)?
    ) => {
        $crate::rules::Rule {
            id: $id,
            severity: spec::Severity::$severity,
            title: $title,
            explanation: concat!(
                "# ", $id, ": ", $title, "\n\n", $what, "\n\n", $why, "\n\nBad:\n\n    ", $bad, "\n\nGood:\n\n    ",
                $good, "\n\nTo mend it: ", $mend, "\n\nTo silence it: write `<!-- waypost: ignore ", $id,
                " reason: why -->` on the line before, or before the first heading for the whole file; or give the \
                 rule another level in `.kiro/settings/spec-check.toml`.\n\nSource: ", $source, "\n"
            ),
            is_on_by_default: rule!(@on $($on)?),
            weight: $weight,
        }
    };
    (@on) => { true };
    (@on $on:literal) => { $on };
}
pub(crate) use rule;

/// The rules by where they live.
const GROUPS: &[&[Rule]] = &[
    kiro_requirements::RULES,
    kiro_design::RULES,
    kiro_tasks::RULES,
    kiro_bugfix::RULES,
    readers::RULES,
    criteria::RULES,
    words::RULES,
    terms::RULES,
    tasks::RULES,
    design::RULES,
    conflicts::RULES,
];

const COUNT: usize = {
    let (mut count, mut group) = (0, 0);
    while group < GROUPS.len() {
        #[expect(clippy::indexing_slicing, reason = "evaluated when the program is built")]
        let rules = GROUPS[group];
        count += rules.len();
        group += 1;
    }
    count
};

/// Every rule, Kiro's 41 first.
pub const ALL: &[&Rule] = &{
    #[expect(clippy::indexing_slicing, reason = "evaluated when the program is built")]
    const RULES: [&Rule; COUNT] = {
        let mut all = [&GROUPS[0][0]; COUNT];
        let (mut at, mut group) = (0, 0);
        while group < GROUPS.len() {
            let mut nth = 0;
            while nth < GROUPS[group].len() {
                all[at] = &GROUPS[group][nth];
                at += 1;
                nth += 1;
            }
            group += 1;
        }
        all
    };
    RULES
};

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    static TABLE: OnceLock<Table<&'static Rule>> = OnceLock::new();
    TABLE.get_or_init(|| ALL.iter().map(|rule| (rule.id, *rule)).collect()).get(id).copied()
}

/// The page of that rule.
pub fn explain(id: &str) -> Option<&'static str> {
    find(id).map(|rule| rule.explanation)
}

/// The rule whose id looks most like these words, when one does.
pub fn nearest(id: &str) -> Option<&'static Rule> {
    let best = near::nearest(id, ALL.iter().map(|rule| rule.id))?;
    find(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_rule_has_a_page_of_its_own() {
        let mut ids = HashSet::new();
        let mut pages = HashSet::new();
        for rule in ALL {
            assert!(ids.insert(rule.id), "{} is there twice", rule.id);
            let page = rule.explanation;
            for part in
                ["\n\nBad:\n\n", "\n\nGood:\n\n", "\n\nTo mend it: ", "\n\nTo silence it: ", "\n\nSource: "]
            {
                assert!(page.contains(part), "{}: {part}", rule.id);
            }
            let own = page.split_once("\n\n").and_then(|(_, rest)| rest.split_once("\n\nBad:")).unwrap().0;
            assert!(own.len() > 80 && pages.insert(own), "{}", rule.id);
            assert!(rule.weight <= 9 && rule.title.len() > 10, "{}", rule.id);
            assert_eq!(explain(rule.id), Some(page));
        }
        assert_eq!(explain("no/such-rule"), None);
    }

    #[test]
    fn kiros_rules_are_all_there_as_kiro_has_them() {
        for known in spec::check::RULES {
            let rule = find(known.code).unwrap();
            assert_eq!((rule.severity, rule.title), (known.severity, known.message), "{}", known.code);
        }
    }

    #[test]
    fn a_wrong_name_finds_its_neighbour() {
        assert_eq!(nearest("glosary/undefined-term").map(|rule| rule.id), Some("glossary/undefined-term"));
        assert_eq!(nearest("undefined-term").map(|rule| rule.id), Some("glossary/undefined-term"));
        assert_eq!(nearest("zzzzzzzzzzzzz"), None);
    }
}

//! `bugfix.md`: what happens now, what should happen, and what must stay. Knows no code.

use crate::diagnostic::Diagnostic;
use crate::items;
use crate::outline::{Heading, headings};
use crate::requirements::Criterion;
use crate::text::Text;

/// What a clause speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClauseKind {
    /// The defect as it is; clauses `1.x`. Nothing has to be built for it.
    Current,
    /// The behaviour wanted; clauses `2.x`.
    Expected,
    /// The behaviour that must survive the fix; clauses `3.x`.
    Unchanged,
}

/// One clause, cited by tasks like a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Which of the three sections it stands in.
    pub kind: ClauseKind,
    /// Id, text and place.
    pub criterion: Criterion,
}

/// A bug analysis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bugfix {
    /// The first heading.
    pub title: String,
    /// The text of the introduction.
    pub introduction: String,
    /// Every clause in document order.
    pub clauses: Vec<Clause>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

impl Bugfix {
    /// Reads any bytes.
    pub fn parse(bytes: &[u8]) -> Bugfix {
        let text = Text::read(bytes);
        let headings = headings(&text);
        let mut clauses = Vec::new();
        for heading in &headings {
            let Some((kind, number)) = kind_of(&heading.title) else { continue };
            clauses.extend(read_clauses(&text, heading, kind, number));
        }
        let introduction = headings.iter().find(|heading| heading.is("introduction"));
        let mut diagnostics = Vec::new();
        if clauses.is_empty() {
            diagnostics.push(
                Diagnostic::warning("bugfix/no-clauses", text.first_line(), "no clause was found").hint(
                    "write `2.1 WHEN … THEN the system SHALL …` under `### Expected Behavior (Correct)`",
                ),
            );
        }
        Bugfix {
            title: headings.first().map(|heading| heading.title.clone()).unwrap_or_default(),
            introduction: introduction.map(|heading| heading.full_body(&text)).unwrap_or_default(),
            clauses,
            diagnostics,
        }
    }

    /// Every clause as a criterion, in document order.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        self.clauses.iter().map(|clause| &clause.criterion)
    }
}

fn kind_of(title: &str) -> Option<(ClauseKind, &'static str)> {
    let lower = title.to_lowercase();
    if lower.starts_with("current behavior") || lower.starts_with("current behaviour") {
        Some((ClauseKind::Current, "1."))
    } else if lower.starts_with("expected behavior") || lower.starts_with("expected behaviour") {
        Some((ClauseKind::Expected, "2."))
    } else if lower.starts_with("unchanged behavior") || lower.starts_with("unchanged behaviour") {
        Some((ClauseKind::Unchanged, "3."))
    } else {
        None
    }
}

fn read_clauses(text: &Text<'_>, heading: &Heading, kind: ClauseKind, stem: &str) -> Vec<Clause> {
    items::numbered(items::read(text, heading.line + 1, heading.end), stem, false)
        .into_iter()
        .map(|(id, item)| Clause { kind, criterion: Criterion { id, text: item.text, span: item.span } })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(input: &str, expected: &[(ClauseKind, &str, &str)]) {
        let got: Vec<_> = Bugfix::parse(input.as_bytes())
            .clauses
            .into_iter()
            .map(|clause| (clause.kind, clause.criterion.id, clause.criterion.text))
            .collect();
        let want: Vec<_> = expected.iter().map(|(k, i, t)| (*k, i.to_string(), t.to_string())).collect();
        assert_eq!(got, want);
    }

    #[test]
    fn clauses_are_paragraphs_or_items() {
        check(
            "# Bugfix Requirements Document\n## Introduction\nx\n## Bug Analysis\n\
             ### Current Behavior (Defect)\n1.1 WHEN empty THEN NaN\n\n1.2 WHEN x\nTHEN y\n\
             ### Expected Behavior (Correct)\n- 2.1 WHEN empty THEN 0\n\
             ### Unchanged Behavior (Regression Prevention)\n1. keeps the sum\n",
            &[
                (ClauseKind::Current, "1.1", "WHEN empty THEN NaN"),
                (ClauseKind::Current, "1.2", "WHEN x\nTHEN y"),
                (ClauseKind::Expected, "2.1", "WHEN empty THEN 0"),
                (ClauseKind::Unchanged, "3.1", "keeps the sum"),
            ],
        );
    }

    #[test]
    fn nothing_is_said_to_be_missing_by_a_finding() {
        let codes: Vec<_> = Bugfix::parse(b"# x\n").diagnostics.into_iter().map(|d| d.code).collect();
        assert_eq!(codes, ["bugfix/no-clauses"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Bugfix::parse(&bytes);
        }
    }
}

//! The ways in which people write requirements, and which of them a document or a part of it uses.

use super::Requirement;

/// A way of writing requirements. Documents may mix them; each requirement has its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// Nothing was found.
    #[default]
    Empty,
    /// A numbered heading that says `Requirement`, in any language, with criteria under a label.
    Kiro,
    /// Any other heading with criteria below it.
    Headings,
    /// Codes of a series: `FR-1`, `US2`, `NFR-3`.
    Codes,
    /// One list, each item a requirement and its own criterion.
    Flat,
    /// Scenarios of Given, When, Then, in blocks or under headings.
    Scenarios,
    /// Rows of a table.
    Table,
    /// The clauses of a bug analysis.
    Bugfix,
    /// Prose without a list.
    Prose,
}

/// The dialect in which most criteria of the document are written; the first one when there are as many of another.
pub(super) fn vote(requirements: &[Requirement]) -> Dialect {
    let mut votes: Vec<(Dialect, usize)> = Vec::new();
    for requirement in requirements {
        let weight = requirement.criteria.len().max(1);
        match votes.iter_mut().find(|(dialect, _)| *dialect == requirement.dialect) {
            Some((_, count)) => *count += weight,
            None => votes.push((requirement.dialect, weight)),
        }
    }
    let most = votes.iter().map(|(_, count)| *count).max();
    votes.into_iter().find(|(_, count)| Some(*count) == most).map(|(dialect, _)| dialect).unwrap_or_default()
}

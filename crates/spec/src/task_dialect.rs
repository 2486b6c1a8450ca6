//! Which shape a task document has, by vote of its tasks, section by section. Changes nothing of what was read.

use std::collections::HashMap;

use crate::Span;
use crate::outline::Heading;
use crate::task_id;
use crate::task_line::Shape;
use crate::task_region::Row;
use crate::task_tree::Node;
use crate::text::Text;

/// How a document writes its tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// No task was found.
    #[default]
    None,
    /// Kiro's own: `- [ ] 1. T` and `  - [ ] 1.1 t`.
    Nested,
    /// Numbered boxes without sub-tasks.
    Flat,
    /// `- [ ] 1.1 t` at the column of its parent `- [ ] 1. T`.
    ColumnZero,
    /// `## 1. Group` over `- [ ] 1.1 t`.
    HeadingGroups,
    /// `### Task 1.1: T`: the heading is the task.
    HeadingTasks,
    /// `- [x] **1. T**`.
    Bold,
    /// Boxes without numbers.
    Bare,
    /// `1. [ ] T`.
    Ordered,
    /// `| [ ] | 1.1 | T |`.
    Table,
}

/// One section that holds tasks, and the shape that most of them have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The section's own text, heading included; from the start of the document when there is no heading.
    pub span: Span,
    /// The shape.
    pub dialect: Dialect,
}

/// The shape of the document and of its parts.
pub(crate) fn vote(
    text: &Text<'_>,
    headings: &[Heading],
    rows: &[Row],
    nodes: &[Node],
) -> (Dialect, Vec<Part>) {
    let mut parts: Vec<(Option<usize>, Votes)> = Vec::new();
    let mut all = Votes::default();
    for (index, (row, node)) in rows.iter().zip(nodes).enumerate() {
        // A heading that is a task opens its section, and speaks for it.
        if parts.last().is_none_or(|(heading, _)| *heading != row.heading) {
            parts.push((row.heading, Votes::default()));
        }
        let shape = shape(rows, node, row, headings, index);
        all.add(shape);
        if let Some((_, votes)) = parts.last_mut() {
            votes.add(shape);
        }
    }
    let parts = parts.into_iter().map(|(heading, votes)| {
        let first = headings.first().map_or(text.lines().len(), |heading| heading.line);
        let lines = heading.and_then(|at| headings.get(at)).map_or((0, first), |h| (h.line, h.body_end));
        Part { span: text.span_of(lines.0, lines.1), dialect: votes.winner() }
    });
    (all.winner(), parts.collect())
}

fn shape(rows: &[Row], node: &Node, row: &Row, headings: &[Heading], index: usize) -> Dialect {
    match row.read.shape {
        Shape::Heading(_) => return Dialect::HeadingTasks,
        Shape::Row => return Dialect::Table,
        Shape::Ordered => return Dialect::Ordered,
        Shape::Item | Shape::Bare => {}
    }
    if row.read.is_bold && row.read.number.is_some() {
        return Dialect::Bold;
    }
    if row.under.is_some() {
        return Dialect::HeadingTasks;
    }
    let Some(number) = row.read.number.as_ref() else { return Dialect::Bare };
    if let Some(parent) = node.parent.filter(|parent| *parent < index).and_then(|at| rows.get(at)) {
        return if parent.indent < row.indent { Dialect::Nested } else { Dialect::ColumnZero };
    }
    let heading =
        row.heading.and_then(|at| headings.get(at)).and_then(|heading| task_id::take(&heading.title));
    if heading.is_some_and(|heading| task_id::stem(&number.id) == Some(heading.text.as_str())) {
        return Dialect::HeadingGroups;
    }
    Dialect::Flat
}

#[derive(Default)]
struct Votes(HashMap<Dialect, usize>);

impl Votes {
    fn add(&mut self, dialect: Dialect) {
        *self.0.entry(dialect).or_default() += 1;
    }

    fn winner(&self) -> Dialect {
        let count = |dialect: Dialect| self.0.get(&dialect).copied().unwrap_or(0);
        // Tasks without sub-tasks stand in every document: one that nests anything is no flat one.
        for dialect in [Dialect::Nested, Dialect::ColumnZero] {
            let rest: usize = self.0.values().sum::<usize>() - count(dialect) - count(Dialect::Flat);
            let other = [Dialect::Nested, Dialect::ColumnZero].into_iter().find(|other| *other != dialect);
            let stronger = other.map_or(0, count);
            if count(dialect) > 0
                && count(dialect) + count(Dialect::Flat) > rest
                && count(dialect) >= stronger
            {
                return dialect;
            }
        }
        const ORDER: [Dialect; 9] = [
            Dialect::HeadingTasks,
            Dialect::HeadingGroups,
            Dialect::Bold,
            Dialect::Table,
            Dialect::Ordered,
            Dialect::Nested,
            Dialect::ColumnZero,
            Dialect::Flat,
            Dialect::Bare,
        ];
        let best = ORDER.into_iter().rev().max_by_key(|dialect| count(*dialect));
        best.filter(|dialect| count(*dialect) > 0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tasks;

    #[test]
    fn every_dialect_is_told() {
        let check = |input: &str, expected: Dialect| {
            assert_eq!(Tasks::parse(input.as_bytes()).dialect, expected, "{input}");
        };
        check("", Dialect::None);
        check("- [ ] 1. A\n  - [ ] 1.1 B\n- [ ] 2. C\n- [ ] 3. D\n", Dialect::Nested);
        check("- [ ] 1. A\n- [ ] 2. B\n", Dialect::Flat);
        check("- [ ] 1. A\n- [ ] 1.1 B\n- [ ] 2. C\n", Dialect::ColumnZero);
        check("## 1. G\n- [ ] 1.1 A\n- [ ] 1.2 B\n", Dialect::HeadingGroups);
        check("### Task 1: A\n- [ ] a\n### Task 2: B\n- [ ] b\n", Dialect::HeadingTasks);
        check("- [x] **1. A** (dep: 2)\n- [ ] **2. B**\n", Dialect::Bold);
        check("- [ ] A\n- [ ] B\n  - [ ] C\n", Dialect::Bare);
        check("1. [ ] A\n2. [ ] B\n", Dialect::Ordered);
        check("| S | # | T |\n|---|---|---|\n| [ ] | 1 | A |\n| [x] | 2 | B |\n", Dialect::Table);
    }

    #[test]
    fn mixed_documents_are_told_part_by_part() {
        let input = "## Phase 1\n- [ ] 1. A\n  - [ ] 1.1 B\n## Phase 2\n- [ ] C\n- [ ] D\n";
        let parts: Vec<_> =
            Tasks::parse(input.as_bytes()).parts.into_iter().map(|part| part.dialect).collect();
        assert_eq!(parts, [Dialect::Nested, Dialect::Bare]);
    }
}

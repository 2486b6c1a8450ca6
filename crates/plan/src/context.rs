//! What a model needs to know for one task, and no more: the task, the criteria it cites, the design sections it
//! names. Renders no prompt.

use spec::Tasks;
use spec::design::Design;
use spec::single::SingleFile;

use crate::documents::{Shape, SpecDocuments};
use crate::read::Plan;

/// Bytes of the task's own block.
pub const TASK_BYTES_MAX: usize = 16 * 1024;

/// Bytes of one criterion.
pub const CRITERION_BYTES_MAX: usize = 4 * 1024;

/// Bytes of all criteria together; those beyond are left out with a note in the last one.
pub const CRITERIA_BYTES_MAX: usize = 32 * 1024;

/// Bytes of one design section.
pub const SECTION_BYTES_MAX: usize = 8 * 1024;

/// Bytes of all design sections together.
pub const SECTIONS_BYTES_MAX: usize = 24 * 1024;

/// Bytes of the constraints, and of what is out of scope.
pub const LIMITS_BYTES_MAX: usize = 8 * 1024;

/// What stands where a text was cut.
pub const CUT_MARK: &str = "\n[… cut here]";

/// The knowledge for one task. Every text is bounded by the constants of this module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskContext {
    /// The lines of the task as written.
    pub task_block: String,
    /// The first line of each task above it, outermost first.
    pub ancestors: Vec<String>,
    /// Exactly the criteria that the task cites, as (id, text).
    pub criteria: Vec<(String, String)>,
    /// The design sections that the task names, as (title, text); the overview when it names none.
    pub design_sections: Vec<(String, String)>,
    /// The constraints of a single-file spec.
    pub constraints: String,
    /// What a single-file spec leaves out.
    pub out_of_scope: String,
}

/// The context of the task `task_id`; `None` when there is no such task. `plan` must be read from the same documents.
pub fn task_context(documents: &SpecDocuments, plan: &Plan, task_id: &str) -> Option<TaskContext> {
    let step = plan.step(task_id)?;
    let tasks = Tasks::parse(documents.tasks_bytes()?);
    let task = tasks.find(task_id)?;
    let mut context = TaskContext { task_block: cut(&task.block, TASK_BYTES_MAX), ..TaskContext::default() };
    let mut above = task.parent;
    while let Some(parent) = above.and_then(|at| tasks.tasks.get(at)) {
        context.ancestors.insert(0, cut(parent.line_text.trim(), CRITERION_BYTES_MAX));
        above = parent.parent;
    }
    let mut left = CRITERIA_BYTES_MAX;
    for (id, text) in &step.criteria {
        let Some(text) = text else { continue };
        let text = cut(text, CRITERION_BYTES_MAX.min(left));
        if left == 0 {
            break;
        }
        left = left.saturating_sub(text.len());
        context.criteria.push((id.clone(), text));
    }
    if let (Shape::Single, Some(bytes)) = (documents.shape, documents.single.as_deref()) {
        let single = SingleFile::parse(bytes);
        context.constraints = cut(&single.constraints, LIMITS_BYTES_MAX);
        context.out_of_scope = cut(&single.out_of_scope, LIMITS_BYTES_MAX);
    }
    if let Some(bytes) = documents.design.as_deref() {
        context.design_sections = sections(&Design::parse(bytes), bytes, &task.block);
    }
    Some(context)
}

fn sections(design: &Design, bytes: &[u8], block: &str) -> Vec<(String, String)> {
    let mut left = SECTIONS_BYTES_MAX;
    let mut out = Vec::new();
    let mut covered = 0;
    for section in design.sections_named_by(block) {
        // A section inside one that is already given would be said twice.
        if section.span.offset < covered || left == 0 {
            continue;
        }
        covered = section.span.end();
        let whole = section.span.text(bytes);
        let body = whole.split_once('\n').map(|(_, body)| body).unwrap_or_default();
        let text = cut(body.trim(), SECTION_BYTES_MAX.min(left));
        left = left.saturating_sub(text.len());
        out.push((section.title.clone(), text));
    }
    out
}

/// The text, cut between characters and marked when it is longer than `bytes_max`; the mark counts.
fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_string();
    }
    let mut end = bytes_max.saturating_sub(CUT_MARK.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let kept = text.get(..end).unwrap_or_default();
    if bytes_max < CUT_MARK.len() { String::new() } else { format!("{kept}{CUT_MARK}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TASKS: &str =
        "## Tasks\n- [ ] 1. Store\n  - [ ] 1.1 Write the counter store\n    - _Requirements: 1.2_\n";
    const REQUIREMENTS: &str = "### Requirement 1: A\n#### Acceptance Criteria\n1. first\n2. second\n";
    const DESIGN: &str =
        "## Overview\nAll.\n## Components\n### Counter Store\nCounts.\n#### Detail\nMore.\n### Other\nNo.\n";

    fn documents(design: &str) -> SpecDocuments {
        let bytes = |text: &str| Some(text.as_bytes().to_vec());
        SpecDocuments {
            tasks: bytes(TASKS),
            requirements: bytes(REQUIREMENTS),
            design: bytes(design),
            ..SpecDocuments::default()
        }
    }

    #[test]
    fn exactly_what_the_task_cites_and_names() {
        let documents = documents(DESIGN);
        let context = task_context(&documents, &Plan::read(&documents), "1.1").unwrap();
        assert_eq!(context.task_block, "  - [ ] 1.1 Write the counter store\n    - _Requirements: 1.2_");
        assert_eq!(context.ancestors, ["- [ ] 1. Store"]);
        assert_eq!(context.criteria, [("1.2".to_string(), "second".to_string())]);
        let sections = [("Counter Store".to_string(), "Counts.\n#### Detail\nMore.".to_string())];
        assert_eq!(context.design_sections, sections);
        assert_eq!(task_context(&documents, &Plan::read(&documents), "9"), None);
    }

    #[test]
    fn a_huge_design_is_bounded() {
        let documents = documents(&DESIGN.replace("Counts.", &"ä".repeat(100_000)));
        let context = task_context(&documents, &Plan::read(&documents), "1.1").unwrap();
        let text = &context.design_sections[0].1;
        assert!(text.len() <= SECTION_BYTES_MAX && text.ends_with(CUT_MARK));
    }

    #[test]
    fn a_single_file_brings_its_limits() {
        let single = b"# Feature: X\n## Requirements\n- a\n- b\n## Constraints\nC\n## Out of scope\nO\n## Tasks\n- [ ] 1. T\n  - _Requirements: 2_\n";
        let documents = SpecDocuments {
            name: "x".into(),
            shape: Shape::Single,
            single: Some(single.to_vec()),
            ..SpecDocuments::default()
        };
        let context = task_context(&documents, &Plan::read(&documents), "1").unwrap();
        assert_eq!((context.constraints.as_str(), context.out_of_scope.as_str()), ("C", "O"));
        assert_eq!(context.criteria, [("2".to_string(), "b".to_string())]);
    }

    proptest! {
        #[test]
        fn cutting_keeps_its_bound(text in any::<String>(), max in 0usize..40) {
            prop_assert!(cut(&text, max).len() <= max);
        }
    }
}

//! The marks `(P)`, `[P]` and `_Boundary: …_` of a task. Nothing else reads them, so that another reader of tasks can
//! take this file's place.

use spec::Task;

/// Boundaries read from one task.
pub(super) const BOUNDARIES_MAX: usize = 16;

/// Whether the task says that it may run beside others.
pub(super) fn is_parallel(task: &Task) -> bool {
    // Marks inside code spans are code.
    let outside = task.line_text.split('`').step_by(2);
    outside.flat_map(str::split_whitespace).any(|word| {
        let word = word.trim_matches(['*', '_', '.', ',', ':']);
        matches!(word, "(P)" | "[P]" | "(並行可)" | "(可并行)" | "（P）")
    })
}

/// The names behind `_Boundary:_`, in order.
pub(super) fn boundaries(task: &Task) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for detail in &task.details {
        let body = detail.trim_start_matches(['_', '*']);
        let Some(value) =
            ["Boundary:", "Boundaries:", "boundary:"].iter().find_map(|label| body.strip_prefix(label))
        else {
            continue;
        };
        let names = value.split([',', ';', '、']).map(|name| name.trim_matches(['_', '*', '`', ' ', '.']));
        found.extend(names.filter(|name| !name.is_empty()).take(BOUNDARIES_MAX).map(str::to_string));
    }
    found.truncate(BOUNDARIES_MAX);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use spec::Tasks;

    #[test]
    fn marks_in_their_places() {
        let check = |text: &str, parallel: bool, names: &[&str]| {
            let tasks = Tasks::parse(text.as_bytes());
            let task = tasks.tasks.first().unwrap();
            assert_eq!(
                (is_parallel(task), boundaries(task)),
                (parallel, names.iter().map(|n| n.to_string()).collect())
            );
        };
        check("- [ ] 1.1 (P) Store\n  - _Boundary: Store, Api_\n", true, &["Store", "Api"]);
        check("- [ ] 1.1 Store (P)\n", true, &[]);
        check("- [ ] T001 [P] [US1] Store\n", true, &[]);
        check("- [ ] 1. Store `(P)`\n", false, &[]);
        check("- [ ] 1. Store (Part)\n", false, &[]);
    }
}

//! When a step counts as proved: a pure rule over what changed and what its check said. Runs nothing, ticks nothing.

use crate::read::Step;
use crate::scope::{covers, is_own};

/// How a check command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckOutcome {
    /// The command as it ran.
    pub command: String,
    /// Its exit code; `None` when it was killed or never started.
    pub exit_code: Option<i32>,
    /// It was a test runner, and it says itself that it ran no test.
    pub ran_no_test: bool,
}

impl CheckOutcome {
    /// The outcome of a command that printed this at its end.
    pub fn read(command: impl Into<String>, exit_code: Option<i32>, tail: &str) -> CheckOutcome {
        CheckOutcome { command: command.into(), exit_code, ran_no_test: ran_no_test(tail) }
    }

    /// Whether it ran and said yes about something.
    pub fn is_green(&self) -> bool {
        self.exit_code == Some(0) && !self.ran_no_test
    }
}

/// The judgement over a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The step may be ticked.
    Proven {
        /// Changed files inside the scope, as given; empty for a checkpoint that changed nothing.
        files: Vec<String>,
        /// Changed files outside the scope, for the reviewer to look at.
        out_of_scope: Vec<String>,
        /// The command that was green.
        check: String,
    },
    /// The step stays open.
    Open {
        /// What is missing, as one line for a person or a model.
        why: String,
        /// Changed files outside the scope.
        out_of_scope: Vec<String>,
    },
}

impl Verdict {
    /// Whether the step may be ticked.
    pub fn is_proven(&self) -> bool {
        matches!(self, Verdict::Proven { .. })
    }
}

/// Judges a step. A checkpoint needs a green check and nothing else. Any other step needs a green check and a change
/// inside its scope: in the files it names, or, when it names none, anywhere outside `.kiro/`. `changed_files` are
/// paths relative to the repository, with `/`; the check is the step's own, or the spec's where it has none.
pub fn judge(step: &Step, changed_files: &[String], check: Option<&CheckOutcome>) -> Verdict {
    let (inside, outside): (Vec<String>, Vec<String>) =
        changed_files.iter().cloned().partition(|file| is_in_scope(step, file));
    // Ticks and edits of the spec are the machinery's own and no finding.
    let out_of_scope: Vec<String> = outside.into_iter().filter(|file| !is_own(file)).collect();
    let open = |why: String| Verdict::Open { why, out_of_scope: out_of_scope.clone() };
    if inside.is_empty() && !step.is_checkpoint {
        return open(match (step.files.is_empty(), out_of_scope.is_empty()) {
            (true, _) => "nothing outside `.kiro/` was changed".to_string(),
            (false, true) => format!("nothing was changed; the task names {}", quoted(&step.files)),
            (false, false) => {
                let changed = quoted(&out_of_scope);
                format!(
                    "no file of the task was changed; it names {}, and {changed} was changed",
                    quoted(&step.files)
                )
            }
        });
    }
    match check {
        None => open("no check was run, so nothing proves the change".to_string()),
        Some(check) if check.is_green() => {
            Verdict::Proven { files: inside, out_of_scope, check: check.command.clone() }
        }
        Some(CheckOutcome { command, exit_code: Some(0), .. }) => {
            open(format!("the check `{command}` ran no test, so it proves nothing"))
        }
        Some(CheckOutcome { command, exit_code: Some(code), .. }) => {
            open(format!("the check `{command}` ended with exit code {code}"))
        }
        Some(CheckOutcome { command, exit_code: None, .. }) => {
            open(format!("the check `{command}` did not finish"))
        }
    }
}

/// Whether a changed file lies in the scope of a step.
pub fn is_in_scope(step: &Step, file: &str) -> bool {
    match step.files.is_empty() {
        true => !is_own(file),
        false => step.files.iter().any(|named| covers(named, file)),
    }
}

/// Whether the summary lines of a test runner add up to no test at all. A filter that fits nothing exits with 0.
///
/// Limitations: knows `cargo test`, `cargo nextest` and `go test`; others (pytest, jest) fail by themselves then.
fn ran_no_test(tail: &str) -> bool {
    let number_before = |line: &str, word: &str| {
        let before = line.split(word).next().filter(|before| before.len() < line.len())?;
        before.rsplit(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse::<u64>().ok()
    };
    let mut summaries = 0;
    let mut tests = 0_u64;
    for line in tail.lines().map(str::trim) {
        let counted = match line {
            line if line.starts_with("test result: ") => {
                number_before(line, " passed").zip(number_before(line, " failed")).map(|(a, b)| a + b)
            }
            line if line.starts_with("Summary [") => {
                number_before(line, " tests run").or(number_before(line, " test run"))
            }
            line if line.ends_with("[no test files]") || line.ends_with("[no tests to run]") => Some(0),
            line if line.starts_with("ok  \t") || line.starts_with("--- PASS") => Some(1),
            _ => None,
        };
        if let Some(counted) = counted {
            summaries += 1;
            tests = tests.saturating_add(counted);
        }
    }
    summaries > 0 && tests == 0
}

/// Names shown in one sentence; the rest are counted.
const NAMES_SHOWN_MAX: usize = 5;

fn quoted(files: &[String]) -> String {
    let shown: Vec<String> = files.iter().take(NAMES_SHOWN_MAX).map(|file| format!("`{file}`")).collect();
    let rest = files.len().saturating_sub(NAMES_SHOWN_MAX);
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::SpecDocuments;
    use crate::read::Plan;

    #[track_caller]
    fn check(task: &str, changed: &[&str], code: Option<Option<i32>>, expected: &str) {
        let tasks = Some(task.as_bytes().to_vec());
        let plan = Plan::read(&SpecDocuments { tasks, ..SpecDocuments::default() });
        let changed: Vec<String> = changed.iter().map(|file| file.to_string()).collect();
        let outcome = code.map(|exit_code| CheckOutcome::read("t", exit_code, ""));
        let got = match judge(&plan.steps[0], &changed, outcome.as_ref()) {
            Verdict::Proven { files, out_of_scope, check } => {
                format!("proven by {check}: {} | {}", files.join(" "), out_of_scope.join(" "))
            }
            Verdict::Open { why, out_of_scope } => format!("{why} | {}", out_of_scope.join(" ")),
        };
        assert_eq!(got, expected);
    }

    const GREEN: Option<Option<i32>> = Some(Some(0));

    #[test]
    fn runners_that_say_that_they_ran_nothing() {
        let check = |tail: &str, expected: bool| assert_eq!(ran_no_test(tail), expected, "{tail}");
        let cargo = |passed: u32| {
            format!(
                "running {passed} tests\n\ntest result: ok. {passed} passed; 0 failed; 0 ignored; 9 filtered out\n"
            )
        };
        check(&cargo(0), true);
        check(&format!("{}{}", cargo(0), cargo(0)), true);
        check(&format!("{}{}", cargo(3), cargo(0)), false);
        check("test result: FAILED. 0 passed; 1 failed; 0 ignored\n", false);
        check("     Summary [   0.000s] 0 tests run: 0 passed, 72 skipped\n", true);
        check("     Summary [   0.100s] 1 test run: 1 passed, 72 skipped\n", false);
        check("?   \tx/y\t[no test files]\n", true);
        check("ok  \tx/y\t0.01s [no tests to run]\n", true);
        check("ok  \tx/y\t0.01s\n", false);
        check("hello\n", false);
        check("", false);
    }

    #[test]
    fn a_task_with_files_needs_a_change_in_them() {
        let task = "- [ ] 1. Write `src/store.rs`\n";
        check(task, &["src/store.rs", "src/lib.rs"], GREEN, "proven by t: src/store.rs | src/lib.rs");
        check(task, &["tests/store_test.rs"], GREEN, "proven by t: tests/store_test.rs | ");
        check(
            task,
            &["src/lib.rs"],
            GREEN,
            "no file of the task was changed; it names `src/store.rs`, and `src/lib.rs` was changed | src/lib.rs",
        );
        check(
            task,
            &[".kiro/specs/a/tasks.md"],
            GREEN,
            "nothing was changed; the task names `src/store.rs` | ",
        );
        check(task, &["src/store.rs"], Some(Some(101)), "the check `t` ended with exit code 101 | ");
        check(task, &["src/store.rs"], Some(None), "the check `t` did not finish | ");
        check(task, &["src/store.rs"], None, "no check was run, so nothing proves the change | ");
    }

    #[test]
    fn a_task_without_files_needs_any_change_outside_the_specs() {
        let task = "- [ ] 1. Write it\n";
        check(task, &["a.rs", ".kiro/specs/a/tasks.md"], GREEN, "proven by t: a.rs | ");
        check(task, &[".kiro/specs/a/tasks.md"], GREEN, "nothing outside `.kiro/` was changed | ");
        check(task, &[], GREEN, "nothing outside `.kiro/` was changed | ");
    }

    #[test]
    fn a_checkpoint_needs_a_green_check_only() {
        let task = "- [ ] 1. Checkpoint - all tests pass\n";
        check(task, &[], GREEN, "proven by t:  | ");
        check(task, &[], Some(Some(1)), "the check `t` ended with exit code 1 | ");
        check(task, &[], None, "no check was run, so nothing proves the change | ");
    }
}

//! A spec in one file, `.kiro/specs/<name>.md`: requirements, constraints, what is out of scope, the check, and
//! its tasks once it is planned. Kiro itself does not read these files.

use crate::Span;
use crate::diagnostic::{Diagnostic, Findings};
use crate::inline::{CHECK_LABELS, command, labelled};
use crate::outline::Heading;
use crate::requirements::fold::Words;
use crate::requirements::roles::{Source, bare, bounded, too_long};
use crate::requirements::{CRITERIA_MAX, Criterion, read_sections};
use crate::tasks::Tasks;
use crate::text::{Inside, Text};

/// A single-file spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SingleFile {
    /// The first heading, without `Feature:`, `Bugfix:` or `Spec:`.
    pub title: String,
    /// The text between the first heading and the next.
    pub introduction: String,
    /// The requirements: ids `1`, `2`, `3`, and `1.1` for an item below another.
    pub requirements: Vec<Criterion>,
    /// The text of `## Constraints`.
    pub constraints: String,
    /// The text of `## Out of scope`.
    pub out_of_scope: String,
    /// The command that proves the whole spec: `Check: cmd` anywhere, or the first line under `## Check`.
    pub check: Option<String>,
    /// The task section, when there are tasks.
    pub tasks: Option<Tasks>,
    /// The `## Tasks` section, heading included, in bytes.
    pub tasks_span: Option<Span>,
    /// What is odd, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Titles over what binds the work.
static CONSTRAINTS: Words = Words::new(&[
    "constraints",
    "constraint",
    "约束",
    "约束条件",
    "制約",
    "制約事項",
    "제약",
    "제약 사항",
    "ограничения",
    "обмеження",
    "restricciones",
    "restrições",
    "vincoli",
    "einschränkungen",
    "rahmenbedingungen",
    "contraintes",
    "beperkingen",
    "ograniczenia",
    "kısıtlar",
    "ràng buộc",
    "batasan",
]);

/// Titles over what is not wanted.
static OUT_OF_SCOPE: Words = Words::new(&[
    "out of scope",
    "out-of-scope",
    "non-goals",
    "not in scope",
    "范围外",
    "不在范围",
    "対象外",
    "範囲外",
    "スコープ外",
    "범위 외",
    "вне области",
    "вне рамок",
    "поза межами",
    "fuera de alcance",
    "fuera del alcance",
    "fora do escopo",
    "fora de escopo",
    "fuori ambito",
    "nicht im umfang",
    "außerhalb des umfangs",
    "hors périmètre",
    "buiten scope",
    "poza zakresem",
    "kapsam dışı",
    "ngoài phạm vi",
    "di luar cakupan",
]);

/// The headings that open the task section.
const TASK_SECTIONS: &[&str] = &["tasks", "plan", "implementation plan", "任务", "タスク", "작업", "задачи"];

impl SingleFile {
    /// Reads any bytes.
    pub fn parse(bytes: &[u8]) -> SingleFile {
        let (text, ignored) = bounded(bytes);
        let source = Source::read(&text);
        let headings = &source.headings;
        let body = |names: &Words| {
            let named =
                headings.iter().find(|heading| heading.level > 1 && names.begin(bare(&heading.title)));
            named.map(|heading| heading.full_body(&text)).unwrap_or_default()
        };
        let mut requirements: Vec<Criterion> =
            read_sections(&source).into_iter().flat_map(|one| one.criteria).collect();
        let mut findings = Findings::default();
        if let Some(first) = requirements.get(CRITERIA_MAX) {
            let message = format!("only the first {CRITERIA_MAX} criteria are read");
            findings.push(
                Diagnostic::warning("requirements/too-many", first.span, message).hint("split the spec"),
            );
        }
        requirements.truncate(CRITERIA_MAX);
        if let Some(line) = ignored {
            findings.push(too_long("single/too-long", line));
        }
        if requirements.is_empty() {
            findings.push(
                Diagnostic::warning("single/no-requirements", text.first_line(), "no requirement was found")
                    .hint("write a list under `## Requirements`"),
            );
        }
        let tasks = Tasks::parse(bytes);
        for found in &tasks.diagnostics {
            findings.push(found.clone());
        }
        let task_section = task_section(headings);
        SingleFile {
            title: headings.first().map(|heading| feature_title(&heading.title)).unwrap_or_default(),
            introduction: headings.first().map(|heading| heading.body(&text)).unwrap_or_default(),
            requirements,
            constraints: body(&CONSTRAINTS),
            out_of_scope: body(&OUT_OF_SCOPE),
            check: check(&text, headings),
            tasks: (!tasks.tasks.is_empty()).then_some(tasks),
            tasks_span: task_section.map(|heading| heading.span(&text)),
            diagnostics: findings.into_vec(),
        }
    }
}

/// The heading of the task section, if any.
pub(crate) fn task_section(headings: &[Heading]) -> Option<&Heading> {
    let is_tasks = |heading: &&Heading| TASK_SECTIONS.iter().any(|name| heading.is(name));
    headings.iter().filter(|heading| heading.level == 2).find(is_tasks)
}

fn feature_title(heading: &str) -> String {
    for word in ["Feature", "Bugfix", "Bug", "Spec", "Specification"] {
        if let Some(rest) =
            heading.strip_prefix(word).and_then(|rest| rest.trim_start().strip_prefix([':', '：']))
        {
            return rest.trim().to_string();
        }
    }
    heading.to_string()
}

fn check(text: &Text<'_>, headings: &[Heading]) -> Option<String> {
    let section = headings.iter().find(|heading| heading.is("check") || heading.is("checks"));
    let in_section = section.and_then(|heading| {
        let lines = text.lines().get(heading.line + 1..heading.end)?;
        let mut words =
            lines.iter().filter(|line| !matches!(line.inside, Inside::Comment | Inside::FenceEdge));
        words.find_map(|line| {
            let content = text.str_of(line);
            labelled(&content, CHECK_LABELS)
                .and_then(command)
                .or_else(|| command(crate::inline::strip_bullet(&content)))
        })
    });
    // A check line inside a task proves that task and not the spec, so `Tasks` looks for the others.
    in_section.or_else(|| Tasks::parse(text.bytes()).check)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPEC: &str = "# Feature: Rate limiting\n\nProtect the API.\n\n## Requirements\n\n- Limit each key\n\
        - [ ] Answer 429\n  - with a Retry-After header\n- Log it\n\n## Constraints\n\n- No new dependency\n\n\
        ## Out of scope\n\nBilling.\n\n## Check\n\n`cargo test`\n";

    #[test]
    fn every_part_is_read() {
        let spec = SingleFile::parse(SPEC.as_bytes());
        assert_eq!(spec.title, "Rate limiting");
        assert_eq!(spec.introduction, "Protect the API.");
        let ids: Vec<_> = spec.requirements.iter().map(|r| (r.id.as_str(), r.text.as_str())).collect();
        let want = [
            ("1", "Limit each key"),
            ("2", "Answer 429"),
            ("2.1", "with a Retry-After header"),
            ("3", "Log it"),
        ];
        assert_eq!(ids, want);
        assert_eq!(spec.constraints, "- No new dependency");
        assert_eq!(spec.out_of_scope, "Billing.");
        assert_eq!(spec.check.as_deref(), Some("cargo test"));
        assert_eq!(spec.tasks, None);
        assert_eq!(spec.diagnostics, []);
    }

    #[test]
    fn tasks_of_the_file_and_no_box_of_the_requirements() {
        let text = format!(
            "{SPEC}\n## Tasks\n\n- [x] 1. Limit\n  - _Check: cargo test limit_\n  - _Requirements: 1_\n"
        );
        let tasks = SingleFile::parse(text.as_bytes()).tasks.unwrap();
        let got: Vec<_> =
            tasks.tasks.iter().map(|t| (t.id.as_str(), t.title.as_str(), t.check.as_deref())).collect();
        assert_eq!(got, [("1", "Limit", Some("cargo test limit"))]);
    }

    #[test]
    fn the_check_may_be_a_line() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(SingleFile::parse(text.as_bytes()).check.as_deref(), expected, "{text}");
        };
        check("# Feature: A\n\nCheck: `npm test`\n", Some("npm test"));
        check("## Check\n\n```sh\nmake check\n```\n", Some("make check"));
        check("## Tasks\n- [ ] 1. A\n  - _Check: only mine_\n", None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = SingleFile::parse(&bytes);
        }
    }
}

//! Plans every real spec that lies beside the checkout, if any, and asks how much of it hangs together. The rules
//! themselves are tested on inline documents in `src`.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

use std::path::{Path, PathBuf};

use plan::{Plan, ProblemKind, SpecDocuments};

fn folders(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            folders(&entry.path(), out);
        } else if entry.file_name() == "tasks.md" {
            out.push(folder.to_path_buf());
        }
    }
}

#[test]
fn real_specs_hang_together() {
    let mut found = Vec::new();
    folders(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")), &mut found);
    if found.is_empty() {
        return println!("skipped: no corpus beside the checkout");
    }
    let (mut cited, mut dangling, mut with_next, mut graphs, mut valid) = (0, 0, 0, 0, 0);
    for folder in &found {
        let read = |name: &str| std::fs::read(folder.join(name)).ok();
        let documents = SpecDocuments {
            name: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            requirements: read("requirements.md"),
            bugfix: read("bugfix.md"),
            design: read("design.md"),
            tasks: read("tasks.md"),
            config: read(".config.kiro"),
            ..SpecDocuments::default()
        };
        let plan = Plan::read(&documents);
        cited += plan.steps.iter().map(|step| step.criteria.len()).sum::<usize>();
        let lost = plan.problems.iter().filter(|p| p.kind == ProblemKind::DanglingReference).count();
        if lost > 0 {
            let first = plan.problems.iter().find(|p| p.kind == ProblemKind::DanglingReference);
            println!("{lost:4} {} {}", folder.display(), first.map(ToString::to_string).unwrap_or_default());
        }
        dangling += lost;
        graphs +=
            usize::from(plan.has_valid_graph || plan.problems.iter().any(|p| p.kind == ProblemKind::Graph));
        valid += usize::from(plan.has_valid_graph);
        if let Some(step) = plan::schedule::next(&plan) {
            with_next += 1;
            let context = plan::context::task_context(&documents, &plan, &step.task_id).unwrap();
            assert!(
                context.design_sections.iter().map(|(_, text)| text.len()).sum::<usize>()
                    <= plan::context::SECTIONS_BYTES_MAX
            );
        }
    }
    println!("{} specs, {valid} of {graphs} graphs valid, {with_next} with work left", found.len());
    println!("{cited} citations, {dangling} of them dangling");
    assert!(dangling * 100 <= cited * 3, "{dangling} of {cited}");
    assert!(valid * 100 >= graphs * 80, "{valid} of {graphs}");
}

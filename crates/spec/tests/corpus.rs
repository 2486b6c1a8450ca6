//! Reads every real `.kiro` document that lies beside the checkout, if any: invariants on all of them, and the share
//! that is understood. The rules themselves are tested on inline documents in `src`.
#![expect(clippy::disallowed_methods, reason = "this test looks at real files where they lie")]

use std::path::{Path, PathBuf};

use spec::requirements::Requirements;
use spec::text::Text;
use spec::{State, Tasks};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&path, out),
            Ok(kind) if kind.is_file() => out.push(path),
            _ => {}
        }
    }
}

fn corpus() -> Option<Vec<(PathBuf, Vec<u8>)>> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus"));
    let mut found = Vec::new();
    files(root, &mut found);
    found.sort();
    (!found.is_empty()).then(|| {
        found.into_iter().filter_map(|path| std::fs::read(&path).ok().map(|bytes| (path, bytes))).collect()
    })
}

const SKIPPED: &str = "skipped: no corpus beside the checkout";

/// Tasks ticked in each document; all of them would take minutes.
const TICKED_MAX: usize = 8;

fn named<'a>(all: &'a [(PathBuf, Vec<u8>)], name: &'a str) -> impl Iterator<Item = &'a (PathBuf, Vec<u8>)> {
    all.iter().filter(move |(path, _)| path.file_name().is_some_and(|file| file == name))
}

#[test]
fn every_real_file_is_printed_back() {
    let Some(all) = corpus() else { return println!("{SKIPPED}") };
    for (path, bytes) in &all {
        assert_eq!(&Text::read(bytes).print(), bytes, "{}", path.display());
    }
}

#[test]
fn every_real_task_can_be_ticked() {
    let Some(all) = corpus() else { return println!("{SKIPPED}") };
    let (mut documents, mut with_tasks, mut tasks, mut cited) = (0, 0, 0, 0);
    for (path, bytes) in named(&all, "tasks.md") {
        let read = Tasks::parse(bytes);
        documents += 1;
        with_tasks += usize::from(!read.tasks.is_empty());
        tasks += read.tasks.len();
        cited += read.tasks.iter().filter(|task| !task.requirements.is_empty()).count();
        if read.tasks.is_empty() && bytes.windows(5).any(|w| w == b"- [ ]" || w == b"- [x]") {
            println!("boxes and no task: {}", path.display());
        }
        let canonical = spec::approval::canonical(bytes);
        // A heading over sub-tasks has no box of its own.
        let own_box = || read.tasks.iter().filter(|task| task.mark_len == 1);
        for task in own_box().step_by(read.tasks.len() / TICKED_MAX + 1) {
            let splice = spec::edit::tick(bytes, &task.id, State::Done).unwrap();
            let ticked = splice.apply(bytes).unwrap();
            assert_eq!(
                ticked.iter().zip(bytes.iter()).filter(|(a, b)| a != b).count(),
                usize::from(!splice.is_empty())
            );
            assert_eq!(spec::approval::canonical(&ticked), canonical, "{} {}", path.display(), task.id);
        }
    }
    println!("{documents} task documents, {with_tasks} with tasks, {tasks} tasks, {cited} with references");
    assert!(with_tasks * 100 >= documents * 95, "{with_tasks} of {documents}");
}

#[test]
fn most_real_requirements_have_criteria() {
    let Some(all) = corpus() else { return println!("{SKIPPED}") };
    let (mut documents, mut with_criteria) = (0, 0);
    for (path, bytes) in named(&all, "requirements.md") {
        documents += 1;
        let count = Requirements::parse(bytes).criteria().count();
        with_criteria += usize::from(count > 0);
        if count == 0 {
            println!("no criteria: {}", path.display());
        }
    }
    println!("{with_criteria} of {documents} requirement documents have criteria");
    assert!(with_criteria * 100 >= documents * 90, "{with_criteria} of {documents}");
}

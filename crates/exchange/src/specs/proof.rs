//! What every conversion is tested with: that a spec comes back from another tool with the same criteria, tasks and
//! links, and that every line of a source is carried over or named as lost.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use plan::{Plan, SpecDocuments};
use spec::DocumentKind;

use super::lists::one_line;
use super::{Export, File, Import};

/// A task as it has to come back: state, mark, title, and the words of the criteria that it cites.
type TaskShape = (String, bool, String, BTreeSet<String>);

fn shape(documents: &SpecDocuments) -> (Vec<String>, Vec<TaskShape>) {
    let plan = Plan::read(documents);
    let plain = |text: &str| one_line(text).replace("**", "");
    let criteria = plan.criteria.iter().map(|criterion| plain(&criterion.text)).collect();
    let tasks = plan.steps.iter().map(|step| {
        let cited =
            step.criteria.iter().map(|(id, text)| text.as_deref().map_or(format!("? {id}"), plain)).collect();
        (format!("{:?}", step.state), step.optional, plain(&step.title), cited)
    });
    (criteria, tasks.collect())
}

/// How many criteria and tasks a spec has that come back from the other tool as they were; panics at the first that
/// does not.
pub(crate) fn comes_back(
    documents: &SpecDocuments,
    export: impl Fn(&SpecDocuments) -> Export,
    import: impl Fn(&str, &[File]) -> Import,
    has_tasks: bool,
) -> (usize, usize) {
    // Designs are the larger part of the bytes and take no part in this.
    let documents = &SpecDocuments { design: None, ..documents.clone() };
    // Two levels of tasks are what the formats share, so a deeper spec is brought into that shape first.
    let (feature, _) = super::from_kiro::read(documents);
    let flat = super::to_kiro::write(feature, Vec::new()).documents;
    let (criteria, tasks) = shape(&flat);
    let export = export(documents);
    let back = import(&documents.name, &export.files);
    let (criteria_back, tasks_back) = shape(&back.documents);
    assert_eq!(criteria_back, criteria, "{}: criteria", documents.name);
    if has_tasks {
        for (back, task) in tasks_back.iter().zip(&tasks) {
            assert_eq!(back, task, "{}: a task", documents.name);
        }
        assert_eq!(tasks_back.len(), tasks.len(), "{}: tasks", documents.name);
    }
    valid(&back.documents);
    (criteria.len(), if has_tasks { tasks.len() } else { 0 })
}

/// Kiro's validator finds nothing in the documents.
pub(crate) fn valid(documents: &SpecDocuments) {
    let parts = [
        (DocumentKind::Requirements, &documents.requirements),
        (DocumentKind::Bugfix, &documents.bugfix),
        (DocumentKind::Design, &documents.design),
        (DocumentKind::Tasks, &documents.tasks),
    ];
    for (kind, bytes) in parts {
        let Some(bytes) = bytes else { continue };
        // Designs of other hands may break the rules of properties, and they are not rewritten.
        let found = spec::check::check(kind, Some(documents.kind()), bytes);
        let found: Vec<_> = found.iter().filter(|found| !found.code.contains("propert")).collect();
        assert!(
            found.is_empty(),
            "{} {kind:?}: {found:?}\n{}",
            documents.name,
            String::from_utf8_lossy(bytes)
        );
    }
}

fn words(line: &str) -> Vec<String> {
    let words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Every pair of neighbouring words of a source line stands in the documents, or the line is named as lost. `frames`
/// are the words of the format itself, taken out before.
pub(crate) fn is_accounted(files: &[File], import: &Import, frames: &[&str]) {
    let mut there: HashSet<(String, String)> = HashSet::new();
    let mut alone: HashSet<String> = HashSet::new();
    let documents = &import.documents;
    let parts = [&documents.requirements, &documents.bugfix, &documents.design, &documents.tasks];
    for bytes in parts.into_iter().flatten().chain(import.beside.iter().map(|(_, bytes)| bytes)) {
        let all = words(&String::from_utf8_lossy(bytes));
        there.extend(all.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())));
        alone.extend(all);
    }
    for (path, bytes) in files {
        let text = String::from_utf8_lossy(bytes);
        for (at, line) in text.lines().enumerate() {
            let number = at as u32 + 1;
            let is_named = import
                .losses
                .iter()
                .any(|loss| loss.file == *path && loss.lines.0 <= number && number <= loss.lines.1);
            if is_named {
                continue;
            }
            // A frame becomes a break: its neighbours were no neighbours.
            let line = frames.iter().fold(line.to_string(), |line, frame| line.replace(frame, "\u{1}"));
            for piece in line.split('\u{1}') {
                let all = words(piece);
                let pair = all.windows(2).find(|pair| !there.contains(&(pair[0].clone(), pair[1].clone())));
                let word = all.iter().find(|word| !alone.contains(*word));
                assert!(word.is_none() && pair.is_none(), "{path}:{number} `{line}`: {word:?} {pair:?}");
            }
        }
    }
}

/// Every word of a document stands in the exported files, or its line is named as lost. Numbers are given anew, and a
/// few words belong to Kiro's form.
pub(crate) fn is_exported(documents: &SpecDocuments, export: &Export) {
    const FORM: [&str; 20] = [
        "task",
        "bugfix",
        "requirement",
        "plan",
        "requirements",
        "document",
        "introduction",
        "glossary",
        "acceptance",
        "criteria",
        "user",
        "story",
        "bug",
        "analysis",
        "tasks",
        "overview",
        "notes",
        "graph",
        "dependency",
        "implementation",
    ];
    let text: String =
        export.files.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned() + "\n").collect();
    let there: HashSet<String> = words(&text).into_iter().collect();
    let parts = [
        ("requirements.md", &documents.requirements),
        ("bugfix.md", &documents.bugfix),
        ("design.md", &documents.design),
        ("tasks.md", &documents.tasks),
    ];
    for (file, bytes) in parts {
        let Some(bytes) = bytes else { continue };
        let all_lost = export
            .losses
            .iter()
            .any(|loss| loss.file == file && loss.lines == (0, 0) && loss.kept_as.is_none());
        let mut is_graph = false;
        for (at, line) in String::from_utf8_lossy(bytes).lines().enumerate() {
            let number = at as u32 + 1;
            is_graph = (is_graph || line.trim() == "## Task Dependency Graph")
                && !(is_graph && line.starts_with("## "));
            let is_named = export
                .losses
                .iter()
                .any(|loss| loss.file == file && loss.lines.0 <= number && number <= loss.lines.1);
            if is_named || is_graph || all_lost {
                continue;
            }
            let lost = words(line).into_iter().find(|word| {
                !there.contains(word)
                    && !FORM.contains(&word.as_str())
                    && !word.starts_with(|c: char| c.is_ascii_digit())
            });
            // Numbers of a series of its own are named once, where they are given up.
            let lost = lost
                .filter(|word| !["dr", "nfr"].contains(&word.trim_end_matches(|c: char| c.is_ascii_digit())));
            assert_eq!(lost, None, "{} {file}:{number} `{line}`", documents.name);
        }
    }
}

/// The specs of the corpus beside the checkout, if any.
#[expect(clippy::disallowed_methods, reason = "this looks at real files where they lie")]
pub(crate) fn corpus() -> Vec<SpecDocuments> {
    fn folders(folder: &Path, out: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut below: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        below.sort();
        for path in below {
            folders(&path, out);
            out.push(path);
        }
    }
    let mut all = Vec::new();
    folders(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")), &mut all);
    let specs = all.into_iter().filter_map(|folder| {
        let part = |name: &str| std::fs::read(folder.join(name)).ok();
        let documents = SpecDocuments {
            name: folder.file_name()?.to_string_lossy().into_owned(),
            requirements: part("requirements.md"),
            bugfix: part("bugfix.md"),
            design: part("design.md"),
            tasks: part("tasks.md"),
            config: part(".config.kiro"),
            ..SpecDocuments::default()
        };
        let is_spec =
            documents.requirements.is_some() || documents.bugfix.is_some() || documents.tasks.is_some();
        is_spec.then_some(documents)
    });
    let found: Vec<SpecDocuments> = specs.collect();
    if found.is_empty() {
        println!("skipped: no corpus beside the checkout");
    }
    found
}

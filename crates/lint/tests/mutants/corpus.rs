//! Real specs that lie beside the checkout, read where they lie.

use std::path::{Path, PathBuf};

use lint::Place;
use plan::{Reading, SpecDocuments};

/// One spec and where it lies, from the corpus on.
pub(crate) struct Spec {
    pub(crate) path: String,
    pub(crate) reading: Reading,
}

impl Spec {
    /// The words under a place, on one line.
    pub(crate) fn text(&self, place: &Place) -> String {
        let documents = &self.reading.documents;
        let bytes = match place.file.as_str() {
            "requirements.md" => &documents.requirements,
            "bugfix.md" => &documents.bugfix,
            "design.md" => &documents.design,
            "tasks.md" => &documents.tasks,
            _ => &documents.single,
        };
        place.span.text(bytes.as_deref().unwrap_or_default()).replace('\n', " ")
    }
}

/// Every spec with criteria; none when there is no corpus.
pub(crate) fn read() -> Vec<Spec> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus"));
    let mut folders = Vec::new();
    find(root, &mut folders);
    folders.sort();
    folders
        .into_iter()
        .map(|folder| {
            let read = |name: &str| std::fs::read(folder.join(name)).ok();
            let documents = SpecDocuments {
                name: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
                requirements: read("requirements.md"),
                bugfix: read("bugfix.md"),
                design: read("design.md"),
                tasks: read("tasks.md"),
                ..SpecDocuments::default()
            };
            let path = folder.strip_prefix(root).unwrap_or(&folder).to_string_lossy().into_owned();
            Spec { path, reading: Reading::of(documents) }
        })
        .filter(|spec| spec.reading.criteria().next().is_some())
        .collect()
}

fn find(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut is_spec = false;
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            find(&entry.path(), out);
        } else if entry.file_name() == "requirements.md" || entry.file_name() == "bugfix.md" {
            is_spec = true;
        }
    }
    if is_spec {
        out.push(folder.to_path_buf());
    }
}

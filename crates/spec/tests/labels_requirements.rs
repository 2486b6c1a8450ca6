//! Compares what is read from `requirements.md` and `bugfix.md` with what a person read in them: own documents in many
//! dialects, and real ones that lie beside the checkout, if any. Misses are printed with their document.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stdout,
    reason = "this test reads its fixtures and prints what was missed"
)]

use std::path::{Path, PathBuf};

use spec::Criterion;
use spec::bugfix::Bugfix;
use spec::requirements::Requirements;

/// The id of a criterion and the first words of its text.
#[derive(Debug)]
struct Label {
    id: String,
    words: String,
}

/// Lines `id | first words`; lines that begin with `#` are remarks.
fn labels(text: &str) -> Vec<Label> {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (id, words) = line.split_once('|').unwrap_or_else(|| panic!("no `|` in {line}"));
            Label { id: id.trim().to_string(), words: normal(words) }
        })
        .collect()
}

fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn read(path: &Path, bytes: &[u8]) -> Vec<Criterion> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if name.ends_with("bugfix.md") {
        Bugfix::parse(bytes).criteria().cloned().collect()
    } else {
        Requirements::parse(bytes).criteria().cloned().collect()
    }
}

#[derive(Default)]
struct Score {
    documents: usize,
    labelled: usize,
    found: usize,
    right: usize,
}

impl Score {
    /// Matches labels and criteria one to one, by id and first words.
    fn add(&mut self, path: &Path, labels: &[Label], criteria: &[Criterion]) {
        let mut open: Vec<Option<(&str, String)>> =
            criteria.iter().map(|one| Some((one.id.as_str(), normal(&one.text)))).collect();
        let mut missed = Vec::new();
        for label in labels {
            let fits = |one: &Option<(&str, String)>| {
                one.as_ref().is_some_and(|(id, text)| *id == label.id && text.starts_with(&label.words))
            };
            match open.iter().position(fits) {
                Some(at) => open[at] = None,
                None => missed.push(label),
            }
        }
        let surplus: Vec<_> = open.into_iter().flatten().collect();
        if !missed.is_empty() || !surplus.is_empty() {
            println!("{}", path.display());
            missed.iter().for_each(|label| println!("  missed  {} | {}", label.id, label.words));
            surplus.iter().for_each(|(id, text)| println!("  surplus {id} | {text}"));
        }
        self.documents += 1;
        self.labelled += labels.len();
        self.found += criteria.len();
        self.right += labels.len() - missed.len();
    }

    fn check(&self, what: &str) {
        let recall = self.right as f64 / self.labelled as f64;
        let precision = self.right as f64 / self.found as f64;
        println!(
            "{what}: {} documents, {} labels, {} found, recall {recall:.4}, precision {precision:.4}",
            self.documents, self.labelled, self.found
        );
        assert!(recall >= 0.99, "recall {recall}");
        assert!(precision >= 0.99, "precision {precision}");
    }
}

fn listed(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.to_str().is_some_and(|path| path.ends_with(ending)));
    paths.sort();
    paths
}

#[test]
fn every_dialect_and_language() {
    let mut score = Score::default();
    for path in listed("dialects/requirements", ".labels") {
        let document = path.with_extension("md");
        let bytes = std::fs::read(&document).unwrap();
        let labels = labels(&std::fs::read_to_string(&path).unwrap());
        score.add(&document, &labels, &read(&document, &bytes));
    }
    assert!(score.documents >= 30, "{} documents", score.documents);
    score.check("own documents");
}

#[test]
fn real_documents_as_a_person_reads_them() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus"));
    if !root.is_dir() {
        return println!("skipped: no corpus beside the checkout");
    }
    let mut score = Score::default();
    for path in listed("labels/requirements", ".txt") {
        let text = std::fs::read_to_string(&path).unwrap();
        let place = text.lines().find_map(|line| line.strip_prefix("# path: ")).unwrap();
        let document = root.join(place);
        match std::fs::read(&document) {
            Ok(bytes) => score.add(&document, &labels(&text), &read(&document, &bytes)),
            Err(_) => println!("skipped: {place} is not in this corpus"),
        }
    }
    score.check("real documents");
}

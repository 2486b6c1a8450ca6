//! Tasks that people read with their own eyes, against what the reader finds: recall and precision over real documents
//! that lie beside the checkout, and over own documents in every dialect. A label is number, state, marks and the first
//! words; the format stands at [`labels`].
#![expect(clippy::disallowed_methods, reason = "this test looks at files where they lie")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use spec::{State, Tasks};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// One task: `[x]* 1.2 First words`. The box holds the state as Kiro writes it; behind it `*` says optional and `P`
/// parallel; `-` stands for a task without a number of its own.
type Label = (String, char, bool, bool, String);

/// Reads a file of labels. Lines `file …` and `sha256 …` name the document.
fn labels(text: &str) -> Vec<Label> {
    let read = |line: &str| {
        let mut chars = line.chars();
        let state = chars.nth(1).filter(|_| line.starts_with('['))?;
        let rest = chars.as_str().strip_prefix(']')?;
        let (marks, rest) = rest.split_once(' ')?;
        let (number, words) = rest.split_once(' ').unwrap_or((rest, ""));
        let words = words.to_string();
        Some((number.to_string(), state, marks.contains('*'), marks.contains('P'), words))
    };
    text.lines().filter_map(read).collect()
}

/// Lines `refs 1.2 = 1.1 1.2`: what the task with that number cites.
fn citations(text: &str) -> Vec<(String, Vec<String>)> {
    let read = |line: &str| {
        let (number, ids) = line.strip_prefix("refs ")?.split_once('=')?;
        Some((number.trim().to_string(), ids.split_whitespace().map(str::to_string).collect()))
    };
    text.lines().filter_map(read).collect()
}

#[test]
fn what_tasks_cite_in_every_dialect() {
    let mut count = 0;
    for (name, path) in texts("tests/dialects/tasks") {
        let tasks = Tasks::parse(&std::fs::read(path.with_extension("md")).unwrap()).tasks;
        for (number, ids) in citations(&std::fs::read_to_string(&path).unwrap()) {
            let task = tasks.iter().find(|task| task.number.as_deref() == Some(&number));
            assert_eq!(task.map(|task| &task.requirements), Some(&ids), "{name}: task {number}");
            count += 1;
        }
    }
    assert!(count >= 60, "{count}");
}

/// What the reader finds, in the form of the labels.
fn found(bytes: &[u8]) -> Vec<Label> {
    let label = |task: &spec::Task| {
        let state = match task.state {
            State::Open => ' ',
            State::Queued => '~',
            State::InProgress => '-',
            State::Done => 'x',
        };
        let number = task.number.clone().unwrap_or_else(|| "-".into());
        (number, state, task.optional, task.parallel, task.title.replace(['*', '`', '_', '~'], ""))
    };
    Tasks::parse(bytes).tasks.iter().map(label).collect()
}

#[derive(Default)]
struct Score {
    wanted: usize,
    got: usize,
    hits: usize,
    misses: Vec<String>,
}

impl Score {
    fn add(&mut self, name: &str, wanted: &[Label], got: Vec<Label>) {
        self.wanted += wanted.len();
        self.got += got.len();
        let mut left: HashMap<_, Vec<String>> = HashMap::new();
        for (number, state, optional, parallel, title) in got {
            left.entry((number, state, optional, parallel)).or_default().push(title);
        }
        for (number, state, optional, parallel, words) in wanted {
            let key = (number.clone(), *state, *optional, *parallel);
            let titles = left.entry(key).or_default();
            let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            match titles.iter().position(|title| squeezed(title).starts_with(words.as_str())) {
                Some(at) => {
                    titles.remove(at);
                    self.hits += 1;
                }
                None => self.misses.push(format!("{name}: not found: [{state}] {number} {words}")),
            }
        }
        let extra = left.into_iter().flat_map(|((number, state, ..), titles)| {
            titles.into_iter().map(move |title| format!("{name}: not wanted: [{state}] {number} {title}"))
        });
        self.misses.extend(extra);
    }

    /// Recall and precision, and a report that names every miss.
    fn of(mut self) -> (f64, f64, String) {
        self.misses.sort();
        let recall = self.hits as f64 / self.wanted as f64;
        let precision = self.hits as f64 / self.got as f64;
        let head = format!("{} labels, recall {recall:.4}, precision {precision:.4}", self.wanted);
        self.misses.insert(0, head);
        (recall, precision, self.misses.join("\n"))
    }
}

fn texts(folder: &str) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(Path::new(HERE).join(folder)).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), path))
        .collect();
    found.sort();
    found
}

#[test]
fn own_documents_in_every_dialect() {
    let mut score = Score::default();
    let texts = texts("tests/dialects/tasks");
    assert!(texts.len() >= 30, "{}", texts.len());
    for (name, path) in texts {
        let bytes = std::fs::read(path.with_extension("md")).unwrap();
        let wanted = labels(&std::fs::read_to_string(&path).unwrap());
        assert!(!wanted.is_empty(), "{name}");
        score.add(&name, &wanted, found(&bytes));
    }
    let (recall, precision, report) = score.of();
    println!("own documents: {report}");
    assert!(recall >= 0.99 && precision >= 0.99, "{report}");
}

#[test]
fn real_documents() {
    let corpus = Path::new(HERE).join("../../../shared/corpus");
    let mut score = Score::default();
    let texts = texts("tests/labels/tasks");
    assert!(texts.len() >= 30, "{}", texts.len());
    for (name, path) in texts {
        let text = std::fs::read_to_string(&path).unwrap();
        let file = text.lines().find_map(|line| line.strip_prefix("file ")).unwrap();
        // Without the corpus there is nothing to compare with.
        let Ok(bytes) = std::fs::read(corpus.join(file)) else {
            println!("skipped: no {file} beside the checkout");
            continue;
        };
        score.add(&name, &labels(&text), found(&bytes));
    }
    if score.wanted > 0 {
        let (recall, precision, report) = score.of();
        println!("real documents: {report}");
        assert!(recall >= 0.99 && precision >= 0.99, "{report}");
    }
}

//! A made repository: specs, the commits that carried them out, and weeks of maintenance, each commit of a known kind.
//! Judges nothing.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use sandbox::{OwnCommand, run_own};

use crate::code::{File, Function, Language, test_of};

const SPECS: usize = 60;
const WEEKS: usize = 8;
/// Files that several specs name.
const SHARED: usize = 3;

/// A change that a spec should have followed.
pub(crate) struct Truth {
    pub(crate) spec: String,
    pub(crate) path: String,
    pub(crate) week: usize,
    /// How it was made, for the report.
    pub(crate) kind: String,
}

struct Task {
    files: Vec<String>,
    names: Vec<String>,
    is_done: bool,
}

struct Spec {
    name: String,
    bounds: Vec<u32>,
    tasks: Vec<Task>,
}

struct Made {
    message: String,
    kind: &'static str,
    changes: Vec<(String, Option<String>)>,
}

/// The repository before it is written.
pub(crate) struct World {
    random: Random,
    specs: Vec<Spec>,
    files: BTreeMap<String, File>,
    /// Who owns a file; shared files have no owner.
    owners: BTreeMap<String, usize>,
    tests: BTreeMap<String, u32>,
    commits: Vec<Made>,
    pub(crate) week_ends: Vec<usize>,
    pub(crate) truths: Vec<Truth>,
}

/// A small generator of numbers, the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 11) as usize % end.max(1)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

const NOUNS: &[&str] = &[
    "order", "invoice", "basket", "token", "session", "upload", "report", "quota", "ledger", "ticket",
    "parcel", "stock", "refund", "profile", "search", "export", "import", "notice", "audit", "cache",
];
const VERBS: &[&str] =
    &["check", "limit", "merge", "store", "fetch", "count", "close", "split", "price", "apply"];

impl World {
    pub(crate) fn make(seed: u64) -> World {
        let mut world = World {
            random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            specs: Vec::new(),
            files: BTreeMap::new(),
            owners: BTreeMap::new(),
            tests: BTreeMap::new(),
            commits: Vec::new(),
            week_ends: Vec::new(),
            truths: Vec::new(),
        };
        for shared in 0..SHARED {
            let file = world.new_file(&format!("core{shared}"), Language::ALL[shared % 4], 8);
            let path = format!("src/core/core{shared}.{}", file.language.extension());
            world.commit("Add core", "base", vec![(path.clone(), Some(file.text()))]);
            world.files.insert(path, file);
        }
        for at in 0..SPECS {
            world.spec(at);
        }
        for week in 0..WEEKS {
            world.week(week);
            world.week_ends.push(world.commits.len() - 1);
        }
        world
    }

    pub(crate) fn specs(&self) -> usize {
        self.specs.len()
    }

    /// The kind of the commit with that subject.
    pub(crate) fn kind_of(&self, subject: &str) -> String {
        let made = self.commits.iter().find(|made| made.message.lines().next() == Some(subject));
        made.map_or("?", |made| made.kind).to_string()
    }

    fn commit(&mut self, subject: &str, kind: &'static str, changes: Vec<(String, Option<String>)>) {
        // The number makes subjects unique.
        let message = match subject.split_once('\n') {
            Some((first, rest)) => format!("{first} (#{})\n{rest}", self.commits.len()),
            None => format!("{subject} (#{})", self.commits.len()),
        };
        self.commits.push(Made { message, kind, changes });
    }

    fn new_file(&mut self, stem: &str, language: Language, functions: usize) -> File {
        let mut made: Vec<Function> = Vec::new();
        for number in 0..functions {
            let verb = self.random.pick(VERBS).to_string();
            let name = match language {
                Language::Go => format!("{}{}{number}", capital(&verb), capital(stem)),
                _ => format!("{verb}_{stem}_{number}"),
            };
            let calls = 2 + self.random.below(4);
            let calls = (0..calls).map(|_| self.new_call()).collect();
            let bound = 10 + self.random.below(900) as u32;
            made.push(Function { name, bound, calls, variable: "value".to_string() });
        }
        File { language, functions: made, style: self.random.below(8) as u32 }
    }

    fn new_call(&mut self) -> (String, u32) {
        let (verb, noun) = (self.random.pick(VERBS).to_string(), self.random.pick(NOUNS).to_string());
        (format!("{verb}_{noun}"), self.random.below(1_000) as u32)
    }

    /// The documents, then the work in one of the ways in which people do it.
    fn spec(&mut self, at: usize) {
        let name = format!("{}-{}-{at}", NOUNS[at % NOUNS.len()], VERBS[(at / 3) % VERBS.len()]);
        let language = Language::ALL[at % 4];
        let count = 3 + self.random.below(3);
        let bounds = (0..count).map(|_| 1 + self.random.below(90) as u32).collect();
        let mut tasks = Vec::new();
        for number in 0..count {
            let stem = format!("{}{}{number}", NOUNS[at % NOUNS.len()], at);
            let functions = 4 + self.random.below(4);
            let file = self.new_file(&stem, language, functions);
            let path = format!("src/{name}/{stem}.{}", language.extension());
            // Two of three tasks name what they write, the others only where.
            let names = match self.random.chance(67) {
                true => {
                    file.functions.iter().take(1 + self.random.below(2)).map(|it| it.name.clone()).collect()
                }
                false => Vec::new(),
            };
            let mut files = vec![path.clone()];
            if self.random.chance(20) {
                files.push(self.shared());
            }
            self.owners.insert(path.clone(), at);
            self.files.insert(path, file);
            tasks.push(Task { files, names, is_done: false });
        }
        self.specs.push(Spec { name: name.clone(), bounds, tasks });
        let documents = self.documents(at);
        self.commit(&format!("Specify {name}"), "spec", documents);
        // One in ten is still being worked on.
        let last = if self.random.chance(10) { count - 1 } else { count };
        match self.random.below(100) {
            // Each task in its own commit, code and tick together.
            0..60 => {
                for number in 0..last {
                    let mut changes = self.code_of(at, number);
                    self.specs[at].tasks[number].is_done = true;
                    changes.push(self.tasks_document(at));
                    let trailer = if self.random.chance(30) {
                        format!("\n\nTask: {name}#{}", number + 1)
                    } else {
                        String::new()
                    };
                    self.commit(&format!("Add part {number} of {name}{trailer}"), "task", changes);
                }
            }
            // All at once.
            60..85 => {
                let mut changes: Vec<_> = (0..last).flat_map(|number| self.code_of(at, number)).collect();
                self.specs[at].tasks[..last].iter_mut().for_each(|task| task.is_done = true);
                changes.push(self.tasks_document(at));
                self.commit(&format!("Build {name}"), "task", changes);
            }
            // The ticks come later.
            _ => {
                for number in 0..last {
                    let changes = self.code_of(at, number);
                    self.commit(&format!("Write part {number} of {name}"), "task", changes);
                }
                self.specs[at].tasks[..last].iter_mut().for_each(|task| task.is_done = true);
                let changes = vec![self.tasks_document(at)];
                self.commit("Tick", "task", changes);
            }
        }
    }

    fn shared(&mut self) -> String {
        let at = self.random.below(SHARED);
        self.files.keys().filter(|path| path.starts_with("src/core/")).nth(at).cloned().unwrap_or_default()
    }

    fn code_of(&mut self, at: usize, number: usize) -> Vec<(String, Option<String>)> {
        let path = self.specs[at].tasks[number].files[0].clone();
        let file = &self.files[&path];
        let mut changes = vec![(path.clone(), Some(file.text()))];
        let (test, text) = test_of(file.language, &stem(&path), 1);
        self.tests.insert(path, 1);
        changes.push((test, Some(text)));
        changes
    }

    fn documents(&self, at: usize) -> Vec<(String, Option<String>)> {
        let spec = &self.specs[at];
        let mut text =
            format!("# Requirements {}\n\n### Requirement 1: All\n\n#### Acceptance Criteria\n\n", spec.name);
        for (number, bound) in spec.bounds.iter().enumerate() {
            text.push_str(&format!(
                "{}. WHEN a part is used THE System SHALL answer within {bound} seconds\n",
                number + 1
            ));
        }
        vec![(format!(".kiro/specs/{}/requirements.md", spec.name), Some(text)), self.tasks_document(at)]
    }

    fn tasks_document(&self, at: usize) -> (String, Option<String>) {
        let spec = &self.specs[at];
        let mut text = String::from("# Implementation Plan\n\n");
        for (number, task) in spec.tasks.iter().enumerate() {
            let mark = if task.is_done { 'x' } else { ' ' };
            let names: Vec<String> = task.names.iter().map(|name| format!("`{name}`")).collect();
            let files: Vec<String> = task.files.iter().map(|path| format!("`{path}`")).collect();
            let with =
                if names.is_empty() { String::new() } else { format!(" with {}", names.join(" and ")) };
            text.push_str(&format!(
                "- [{mark}] {}. Write part {number} in {}{with}\n",
                number + 1,
                files.join(", ")
            ));
            text.push_str(&format!("  - _Requirements: 1.{}_\n", number + 1));
        }
        (format!(".kiro/specs/{}/tasks.md", spec.name), Some(text))
    }

    /// A week of maintenance: some forty commits, of which three are drift.
    fn week(&mut self, week: usize) {
        let mut events: Vec<u8> = Vec::new();
        for (event, count) in [(0, 3), (1, 10), (2, 4), (3, 3), (4, 6), (5, 3), (6, 4), (7, 2), (8, 1)] {
            events.extend(std::iter::repeat_n(event, count));
        }
        for at in (1..events.len()).rev() {
            let other = self.random.below(at + 1);
            events.swap(at, other);
        }
        for event in events {
            match event {
                0 => self.drift(week),
                1 => self.fix(),
                2 => self.format(),
                3 => self.rename_names(),
                4 => self.helper(),
                5 => self.with_spec(),
                6 => self.with_test(),
                7 => self.move_file(),
                _ => self.core(),
            }
        }
    }

    fn any_owned(&mut self) -> (String, usize) {
        let at = self.random.below(self.owners.len());
        let (path, owner) =
            self.owners.iter().nth(at).map(|(path, owner)| (path.clone(), *owner)).unwrap_or_default();
        (path, owner)
    }

    /// An owned file of a finished task, with what the task names.
    fn finished(&mut self) -> (String, usize, Vec<String>) {
        loop {
            let (path, owner) = self.any_owned();
            let task = self.specs[owner].tasks.iter().find(|task| task.files[0] == path);
            if let Some(task) = task.filter(|task| task.is_done) {
                return (path, owner, task.names.clone());
            }
        }
    }

    fn written(&self, path: &str) -> (String, Option<String>) {
        (path.to_string(), Some(self.files[path].text()))
    }

    fn bump_test(&mut self, path: &str) -> (String, Option<String>) {
        let version = self.tests.entry(path.to_string()).or_insert(1);
        *version += 1;
        let (test, text) = test_of(self.files[path].language, &stem(path), *version);
        (test, Some(text))
    }

    /// What the spec says is no longer so, and nobody told it.
    fn drift(&mut self, week: usize) {
        let (path, owner, names) = self.finished();
        let spec = self.specs[owner].name.clone();
        let how = self.random.below(100);
        let truth = |kind: &str| Truth { spec, path: path.clone(), week, kind: kind.to_string() };
        if how < 8 {
            self.truths.push(truth("file removed"));
            self.files.remove(&path);
            self.owners.remove(&path);
            self.commit("Drop what nobody uses", "drift", vec![(path, None)]);
            return;
        }
        let with_test = self.random.chance(12);
        let file = self.files.get_mut(&path).unwrap();
        let named = file.functions.iter().position(|function| names.contains(&function.name));
        let kind;
        match named {
            Some(at) if how < 20 && file.functions.len() > 2 => {
                kind = "named function removed";
                file.functions.remove(at);
            }
            Some(at) => {
                kind = if with_test { "named function changed, with test" } else { "named function changed" };
                change(&mut self.random, &mut file.functions[at]);
            }
            // The task names only the file: most of what it promises changes.
            None => {
                kind = if with_test { "file changed, with test" } else { "file changed" };
                let part = 1 + self.random.below(file.functions.len());
                for function in file.functions.iter_mut().take(part) {
                    change(&mut self.random, function);
                }
            }
        }
        self.truths.push(truth(kind));
        let mut changes = vec![self.written(&path)];
        if with_test {
            changes.push(self.bump_test(&path));
        }
        let subject = match self.random.below(100) {
            0..60 => "Raise the limit",
            60..75 => "feat: allow more",
            75..88 => "fix: customers complained",
            88..95 => "refactor: simplify",
            _ => "chore: tune",
        };
        self.commit(subject, "drift", changes);
    }

    /// A wrong detail of any function is put right; the spec was right all along.
    fn fix(&mut self) {
        let (path, _) = self.any_owned();
        let with_test = self.random.chance(65);
        let file = self.files.get_mut(&path).unwrap();
        let at = self.random.below(file.functions.len());
        let call = self.random.below(file.functions[at].calls.len());
        if let Some(call) = file.functions[at].calls.get_mut(call) {
            call.1 += 1;
        }
        let mut changes = vec![self.written(&path)];
        if with_test {
            changes.push(self.bump_test(&path));
        }
        let subject = if self.random.chance(70) { "fix: wrong detail" } else { "Correct a detail" };
        self.commit(subject, "fix", changes);
    }

    /// Layout and comments of a few files, or of many.
    fn format(&mut self) {
        let count = if self.random.chance(25) { 40 } else { 1 + self.random.below(4) };
        let mut changes = BTreeMap::new();
        for _ in 0..count {
            let (path, _) = self.any_owned();
            let style = 1 + self.random.below(50) as u32;
            self.files.get_mut(&path).unwrap().style += style;
            let (path, text) = self.written(&path);
            changes.insert(path, text);
        }
        let subject = if self.random.chance(50) { "style: format" } else { "Tidy up" };
        self.commit(subject, "format", changes.into_iter().collect());
    }

    /// Variables of a file get better names.
    fn rename_names(&mut self) {
        let (path, _) = self.any_owned();
        let name = format!("{}_{}", self.random.pick(NOUNS), self.random.below(100));
        for function in &mut self.files.get_mut(&path).unwrap().functions {
            function.variable.clone_from(&name);
        }
        let changes = vec![self.written(&path)];
        let subject = if self.random.chance(60) { "refactor: better names" } else { "Say what it is" };
        self.commit(subject, "names", changes);
    }

    /// A new function in a file; what was there stays.
    fn helper(&mut self) {
        let (path, _) = self.any_owned();
        let (stem, language) = (stem(&path), self.files[&path].language);
        let mut more = self.new_file(&format!("{stem}x{}", self.commits.len()), language, 1);
        self.files.get_mut(&path).unwrap().functions.append(&mut more.functions);
        let changes = vec![self.written(&path)];
        self.commit("Add a helper", "helper", changes);
    }

    /// The spec and its code change together.
    fn with_spec(&mut self) {
        let (path, owner, _) = self.finished();
        // Task and criterion have the same number.
        let bound = self.specs[owner].tasks.iter().position(|task| task.files[0] == path).unwrap_or_default();
        self.specs[owner].bounds[bound] += 1;
        let file = self.files.get_mut(&path).unwrap();
        let at = self.random.below(file.functions.len());
        change(&mut self.random, &mut file.functions[at]);
        let mut changes = self.documents(owner);
        changes.push(self.written(&path));
        self.commit("Change the deadline", "with spec", changes);
    }

    /// A change of any function with its test, in the spirit of the spec.
    fn with_test(&mut self) {
        let (path, _) = self.any_owned();
        let file = self.files.get_mut(&path).unwrap();
        let at = self.random.below(file.functions.len());
        let call = self.new_call();
        self.files.get_mut(&path).unwrap().functions[at].calls.push(call);
        let changes = vec![self.written(&path), self.bump_test(&path)];
        self.commit("Handle one more case", "with test", changes);
    }

    fn move_file(&mut self) {
        let (path, owner) = self.any_owned();
        let file_name = path.rsplit('/').next().unwrap_or_default();
        let new = format!("src/{}/moved{}/{file_name}", self.specs[owner].name, self.commits.len());
        let file = self.files.remove(&path).unwrap();
        self.owners.remove(&path);
        // The spec still names the old place; it is no longer in play as a target.
        self.commit("Move", "move", vec![(path, None), (new, Some(file.text()))]);
    }

    /// Files that everybody uses change all the time.
    fn core(&mut self) {
        let path = self.shared();
        let file = self.files.get_mut(&path).unwrap();
        let at = self.random.below(file.functions.len());
        change(&mut self.random, &mut file.functions[at]);
        let changes = vec![self.written(&path)];
        self.commit("Extend the core", "core", changes);
    }

    /// Writes the repository with one process.
    pub(crate) fn write(&self, root: &Path, path: &str) {
        let mut stream: Vec<u8> = Vec::new();
        for (at, made) in self.commits.iter().enumerate() {
            let head = format!(
                "commit refs/heads/main\ncommitter x <x@example.org> {} +0000\ndata {}\n{}\n",
                1_700_000_000 + at,
                made.message.len(),
                made.message
            );
            stream.extend(head.bytes());
            for (path, text) in &made.changes {
                match text {
                    Some(text) => {
                        stream.extend(format!("M 644 inline {path}\ndata {}\n{text}\n", text.len()).bytes());
                    }
                    None => stream.extend(format!("D {path}\n").bytes()),
                }
            }
        }
        for (arguments, input) in [
            (vec!["init", "--quiet", "."], Vec::new()),
            (vec!["symbolic-ref", "HEAD", "refs/heads/main"], Vec::new()),
            (vec!["fast-import", "--quiet"], stream),
        ] {
            let output = run_own(&OwnCommand {
                program: "git".into(),
                arguments: arguments.iter().map(OsString::from).collect(),
                directory: root.to_path_buf(),
                environment: vec![
                    ("PATH".to_string(), path.to_string()),
                    ("HOME".to_string(), "/nonexistent".to_string()),
                    ("GIT_CONFIG_NOSYSTEM".to_string(), "1".to_string()),
                ],
                input,
                timeout: Duration::from_secs(60),
                output_bytes_max: 1 << 20,
            })
            .unwrap();
            assert_eq!(output.exit, Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.errors));
        }
    }
}

/// Another bound, and one call more or less.
fn change(random: &mut Random, function: &mut Function) {
    function.bound = function.bound.wrapping_add(1 + random.below(500) as u32);
    if random.chance(50) && function.calls.len() > 1 {
        function.calls.pop();
    } else {
        let call = (format!("{}_{}", random.pick(VERBS), random.pick(NOUNS)), random.below(1_000) as u32);
        function.calls.push(call);
    }
}

fn stem(path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.split('.').next().unwrap_or(file).to_string()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

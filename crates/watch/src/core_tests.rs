//! Tests of the core against a disk in memory: whatever is said in whatever order, the moments lead from before to after.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;

use super::*;
use crate::disk::{Sort, Trouble};
use crate::judge::Stamp;
use crate::moment::{Batch, Kind, Rescanned};
use crate::table::join;

/// A disk in memory that says what happens on it as inotify does: by the directory that was watched, under the path that it had then.
#[derive(Debug, Default)]
struct Memory {
    /// By path; `None` is a directory. Each has a number of its own.
    entries: BTreeMap<String, (i32, Option<Vec<u8>>)>,
    watched: HashMap<i32, String>,
    said: Vec<Raw>,
    numbers: i32,
    watches_max: usize,
    denied: BTreeSet<String>,
}

impl Memory {
    fn new(paths: &str) -> Memory {
        let mut memory = Memory { watches_max: usize::MAX, ..Memory::default() };
        memory.entries.insert(String::new(), (0, None));
        for path in paths.split_whitespace() {
            memory.write(path);
        }
        memory.said.clear();
        memory
    }

    fn say(&mut self, path: &str, what: What, is_directory: bool, cookie: u32) {
        let (directory, name) = split(path);
        let Some((number, None)) = self.entries.get(directory) else {
            return;
        };
        if let Some(place) = self.watched.get(number) {
            let path = join(place, name);
            self.said.push(Raw::Name { path, what, is_directory: Some(is_directory), cookie });
        }
    }

    fn number(&mut self) -> i32 {
        self.numbers += 1;
        self.numbers
    }

    fn is_directory(&self, path: &str) -> bool {
        matches!(self.entries.get(path), Some((_, None)))
    }

    fn make(&mut self, path: &str) -> bool {
        let (directory, _) = split(path);
        if !path.is_empty() && !self.entries.contains_key(path) && self.make(directory) {
            let number = self.number();
            self.entries.insert(path.to_owned(), (number, None));
            self.say(path, What::Created, true, 0);
        }
        self.is_directory(path)
    }

    fn put(&mut self, path: &str, content: &str) {
        if !self.make(split(path).0) || self.is_directory(path) {
            return;
        }
        let number = self.number();
        let held = self.entries.get(path).map(|(held, _)| *held);
        // The content differs with each writing, unless it is given.
        let content = if content.is_empty() { number.to_string() } else { content.to_owned() };
        self.entries.insert(path.to_owned(), (held.unwrap_or(number), Some(content.into_bytes())));
        if held.is_none() {
            self.say(path, What::Created, false, 0);
        }
        self.say(path, What::Written, false, 0);
        self.say(path, What::Closed, false, 0);
    }

    fn write(&mut self, path: &str) {
        self.put(path, "");
    }

    fn inside(&self, path: &str) -> Vec<String> {
        let below = format!("{path}/");
        let paths = self.entries.keys().filter(|held| *held == path || held.starts_with(&below));
        paths.cloned().collect()
    }

    fn delete(&mut self, path: &str) {
        if path.is_empty() {
            return;
        }
        for path in self.inside(path).into_iter().rev() {
            let is_directory = self.is_directory(&path);
            let removed = self.entries.remove(&path);
            if let Some(place) =
                removed.and_then(|(number, _)| self.watched.remove(&number).map(|place| (place, number)))
            {
                self.said.push(Raw::Unwatched { directory: place.0, number: place.1 });
            }
            self.say(&path, What::Deleted, is_directory, 0);
        }
    }

    fn rename(&mut self, from: &str, to: &str) {
        let fits = !from.is_empty()
            && self.entries.contains_key(from)
            && from != to
            && !to.starts_with(&format!("{from}/"))
            && self.is_directory(split(to).0)
            && (!self.entries.contains_key(to) || !self.is_directory(from) && !self.is_directory(to));
        if !fits {
            return;
        }
        let is_directory = self.is_directory(from);
        let cookie = u32::try_from(self.number()).unwrap();
        self.say(from, What::From, is_directory, cookie);
        for path in self.inside(from) {
            let entry = self.entries.remove(&path).unwrap();
            self.entries.insert(format!("{to}{}", &path[from.len()..]), entry);
        }
        self.say(to, What::To, is_directory, cookie);
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let files =
            self.entries.iter().filter_map(|(path, (_, content))| Some((path.clone(), content.clone()?)));
        files.collect()
    }

    fn stamp((number, content): &(i32, Option<Vec<u8>>)) -> Seen {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let Some(content) = content else {
            return Seen::Directory;
        };
        let mut hasher = DefaultHasher::new();
        (number, content).hash(&mut hasher);
        Seen::File(Stamp(hasher.finish()))
    }
}

impl Disk for Memory {
    fn look(&mut self, path: &str) -> Seen {
        self.entries.get(path).map_or(Seen::Nothing, Memory::stamp)
    }

    fn list(&mut self, directory: &str, _: &mut Vec<Note>) -> Result<Vec<(String, Sort)>, Trouble> {
        if !self.is_directory(directory) {
            return Err(Trouble::Gone);
        }
        if self.denied.contains(directory) {
            return Err(Trouble::Denied);
        }
        let inside = self.entries.iter().filter(|(path, _)| !path.is_empty() && split(path).0 == directory);
        let names = inside.map(|(path, (_, content))| {
            let sort = if content.is_some() { Sort::File } else { Sort::Directory };
            (split(path).1.to_owned(), sort)
        });
        Ok(names.collect())
    }

    fn watch(&mut self, directory: &str) -> Result<i32, Trouble> {
        if !self.is_directory(directory) {
            return Err(Trouble::Gone);
        }
        if self.denied.contains(directory) {
            return Err(Trouble::Denied);
        }
        let number = self.entries[directory].0;
        if !self.watched.contains_key(&number) && self.watched.len() >= self.watches_max {
            return Err(Trouble::UsedUp);
        }
        self.watched.insert(number, directory.to_owned());
        Ok(number)
    }

    fn unwatch(&mut self, directory: &str, number: i32) {
        if self.watched.get(&number).is_some_and(|place| place == directory) {
            self.watched.remove(&number);
        }
    }

    fn read(&mut self, path: &str, bytes_max: usize) -> Option<Vec<u8>> {
        let content = self.entries.get(path)?.1.clone()?;
        Some(content[..content.len().min(bytes_max)].to_vec())
    }
}

fn begin(memory: &mut Memory) -> Core {
    Core::start(Interest::everything(), None, Pace::default(), 10_000, false, Vec::new(), memory)
}

/// Does one thing, in words: `write a/b`, `delete a`, `rename a b`, `put a text`, `make a`.
fn act(memory: &mut Memory, step: &str) {
    let words: Vec<&str> = step.split(' ').collect();
    match words.as_slice() {
        ["write", path] => memory.write(path),
        ["put", path, content] => memory.put(path, &content.replace(',', "\n")),
        ["make", path] => {
            memory.make(path);
        }
        ["delete", path] => memory.delete(path),
        ["rename", from, to] => memory.rename(from, to),
        _ => panic!("{step}"),
    }
}

fn hear_all(core: &mut Core, memory: &mut Memory, now_ms: u64) {
    for raw in std::mem::take(&mut memory.said) {
        core.hear(raw, now_ms, memory);
    }
}

/// Everything that is told, as one batch.
fn settle_all(core: &mut Core, memory: &mut Memory) -> Batch {
    let mut all = Batch::default();
    let mut rounds = 0;
    while let Some(due) = core.burst.due_ms() {
        if let Some(batch) = core.settle(due, memory, &mut |_, _, _| None) {
            all.absorb(batch);
        }
        hear_all(core, memory, due);
        rounds += 1;
        assert!(rounds < 100, "it comes to rest");
    }
    all
}

fn text(batch: &Batch) -> String {
    let words = batch.moments.iter().map(|moment| match &moment.kind {
        Kind::Created => format!("+{}", moment.path),
        Kind::Saved => format!("*{}", moment.path),
        Kind::Deleted => format!("-{}", moment.path),
        Kind::Renamed { from } => format!("{from}>{}", moment.path),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// `before` are paths, `steps` are separated by `;`. With `late`, the watch hears of all steps only after the last.
#[track_caller]
fn check_when(late: bool, before: &str, steps: &str, expectation: &str) {
    let mut memory = Memory::new(before);
    let mut core = begin(&mut memory);
    for step in steps.split(';').map(str::trim) {
        act(&mut memory, step);
        if !late {
            hear_all(&mut core, &mut memory, 1);
        }
    }
    hear_all(&mut core, &mut memory, 1);
    assert_eq!(text(&settle_all(&mut core, &mut memory)), expectation, "late: {late}");
}

#[track_caller]
fn check(before: &str, steps: &str, expectation: &str) {
    check_when(false, before, steps, expectation);
    check_when(true, before, steps, expectation);
}

#[test]
fn raw_events_become_moments() {
    check("a", "write a", "*a");
    check("a", "write b", "+b");
    check("a", "delete a", "-a");
    check("a", "rename a b", "a>b");
    check("a", "rename a b; write b", "a>b *b");
    check("a", "write t; delete t", "");
    check("", "write d/e/f/g", "+d/e/f/g");
    check("d/a d/e/b", "delete d", "-d/a -d/e/b");
    check("d/a d/e/b", "delete d; write d/a", "*d/a -d/e/b");
    check("d/a d/e/b", "rename d f", "d/a>f/a d/e/b>f/e/b");
    check("d/a", "rename d f; write f/b; write f/a", "d/a>f/a *f/a +f/b");
    check("d/a", "rename d f; rename f g; write g/b", "d/a>g/a +g/b");
    check("d/a", "rename d f; write d/a", "*d/a +f/a");
    check("d/a", "delete d; write d", "+d -d/a");
}

#[test]
fn editors_that_save_by_rename_saved_one_file() {
    check("a", "write a.tmp; rename a.tmp a", "*a");
    check("a", "write 4913; delete 4913; rename a a~; write a; delete a~", "*a");
    check("a", "write .#a; rename a a~; write a; delete .#a", "*a");
}

#[test]
fn rules_that_change_take_effect() {
    check("target/a b", "put .gitignore target/; write target/a; write b", "+.gitignore *b");
    check("target/a b", "put .gitignore target/; delete .gitignore; write target/a", "*target/a");
    let mut memory = Memory::new("out/a b");
    memory.put(".gitignore", "out/");
    memory.said.clear();
    let mut core = begin(&mut memory);
    assert_eq!(core.counts(), (1, 0, 2));
    for (steps, expectation) in [
        ("write out/a", ""),
        ("delete .gitignore", "-.gitignore"),
        ("write out/a; write out/b", "*out/a +out/b"),
        ("put .gitignore /new,/out; write new/a; write fresh/b", "+.gitignore +fresh/b"),
        ("write new/b; put .gitignore /other", "*.gitignore"),
        // What appeared while it was ignored, together with the rules that admit it.
        ("write other/a; put .gitignore nothing", "*.gitignore +other/a"),
    ] {
        for step in steps.split("; ") {
            act(&mut memory, step);
            hear_all(&mut core, &mut memory, 1);
        }
        assert_eq!(text(&settle_all(&mut core, &mut memory)), expectation, "{steps}");
    }
}

#[test]
fn a_queue_that_ran_over_loses_nothing() {
    let mut memory = Memory::new("a b d/c d/e/f g/h");
    let mut core = begin(&mut memory);
    for step in ["write a", "delete b", "rename d x", "write g/i", "write n/m/o", "delete g/h"] {
        act(&mut memory, step);
    }
    memory.said.clear();
    core.hear(Raw::Overflow, 1, &mut memory);
    let batch = settle_all(&mut core, &mut memory);
    assert_eq!(batch.rescanned, Some(Rescanned::Overflow));
    assert_eq!(text(&batch), "*a -b -d/c -d/e/f -g/h +g/i +n/m/o +x/c +x/e/f");
    // And all of it is watched again.
    for step in ["write x/e/f", "write n/m/o"] {
        act(&mut memory, step);
    }
    hear_all(&mut core, &mut memory, 100);
    assert_eq!(text(&settle_all(&mut core, &mut memory)), "*n/m/o *x/e/f");
}

#[test]
fn what_has_no_watch_is_looked_at() {
    let mut memory = Memory::new("a d/b e/c");
    memory.watches_max = 2;
    let mut core = begin(&mut memory);
    assert_eq!(core.counts(), (3, 1, 3));
    let first = core.settle(0, &mut memory, &mut |_, _, _| None).unwrap();
    assert!(matches!(first.notes.as_slice(), [Note::WatchesUsedUp { .. }]));
    for step in ["write a", "write d/b", "write e/c"] {
        act(&mut memory, step);
    }
    hear_all(&mut core, &mut memory, 1);
    let told = settle_all(&mut core, &mut memory);
    let due = core.due_ms().unwrap();
    let polled = core.settle(due, &mut memory, &mut |_, _, _| None).unwrap();
    assert_eq!(format!("{} {}", text(&told), text(&polled)), "*a *e/c *d/b");
    // There is room again.
    memory.watches_max = 3;
    let due = core.due_ms().unwrap();
    assert_eq!(core.settle(due, &mut memory, &mut |_, _, _| None), None);
    assert_eq!((core.counts(), core.due_ms()), ((3, 0, 3), None));
}

#[test]
fn a_directory_that_may_not_be_read_is_named_and_heard_once_it_may() {
    let mut memory = Memory::new("a d/b d/e/f");
    memory.denied.insert("d".to_owned());
    let mut core = begin(&mut memory);
    let first = core.settle(0, &mut memory, &mut |_, _, _| None).unwrap();
    assert_eq!(first.notes, [Note::Unreadable { path: "d".to_owned() }]);
    act(&mut memory, "write d/b");
    act(&mut memory, "write a");
    hear_all(&mut core, &mut memory, 1);
    assert_eq!(text(&settle_all(&mut core, &mut memory)), "*a");
    memory.denied.clear();
    let due = core.due_ms().unwrap();
    let batch = core.settle(due, &mut memory, &mut |_, _, _| None).unwrap();
    assert_eq!((text(&batch).as_str(), batch.rescanned), ("+d/b +d/e/f", Some(Rescanned::Polled)));
    assert_eq!((core.counts(), core.due_ms()), ((3, 0, 3), None));
}

/// Makes of the listing before, by what was told, the listing after: names only.
fn follow(before: &BTreeSet<String>, batch: &Batch) -> Result<BTreeSet<String>, String> {
    let mut after = before.clone();
    for moment in &batch.moments {
        let is_right = match &moment.kind {
            Kind::Created => after.insert(moment.path.clone()) && !before.contains(&moment.path),
            Kind::Saved => true,
            Kind::Deleted => after.remove(&moment.path),
            Kind::Renamed { from } => after.remove(from) && after.insert(moment.path.clone()),
        };
        if !is_right {
            return Err(format!("{moment:?} does not fit"));
        }
    }
    Ok(after)
}

fn step() -> impl Strategy<Value = String> {
    let path =
        prop::sample::select(vec!["a", "b", "d", "d/a", "d/e", "d/e/a", "d/e/b", "f", "f/a", "f/e", "a.tmp"]);
    prop_oneof![
        4 => path.clone().prop_map(|path| format!("write {path}")),
        1 => path.clone().prop_map(|path| format!("make {path}")),
        2 => path.clone().prop_map(|path| format!("delete {path}")),
        4 => (path.clone(), path).prop_map(|(from, to)| format!("rename {from} {to}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    /// Whatever is done, and whenever the watch hears of it and tells: the moments lead from before to after, and every file
    /// whose content differs is among them.
    #[test]
    fn moments_lead_from_before_to_after(
        steps in prop::collection::vec((step(), 0..4_u8), 1..40),
    ) {
        let mut memory = Memory::new("a d/a d/e/b f/a");
        let before = memory.files();
        let mut core = begin(&mut memory);
        let mut told = Batch::default();
        for (at, (step, then)) in steps.iter().enumerate() {
            act(&mut memory, step);
            if *then >= 1 {
                hear_all(&mut core, &mut memory, at as u64);
            }
            if *then == 3 {
                told.absorb(settle_all(&mut core, &mut memory));
            }
        }
        hear_all(&mut core, &mut memory, steps.len() as u64);
        told.absorb(settle_all(&mut core, &mut memory));
        let after = memory.files();
        let names = follow(&before.keys().cloned().collect(), &told).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&names, &after.keys().cloned().collect::<BTreeSet<String>>(), "told {}", text(&told));
        for (path, content) in &after {
            let is_told = told.moments.iter().any(|moment| moment.path == *path);
            prop_assert!(is_told || before.get(path) == Some(content), "{} was changed, told {}", path, text(&told));
        }
        prop_assert_eq!(core.counts().2, after.len());
        // Every directory is watched under the path that it has.
        for (number, path) in &memory.watched {
            prop_assert_eq!(memory.entries.get(path).map(|entry| entry.0), Some(*number), "watch of {}", path);
        }
        let directories = memory.entries.values().filter(|(_, content)| content.is_none()).count();
        prop_assert_eq!(memory.watched.len(), directories);
        prop_assert!(core.burst.due_ms().is_none());
    }

    /// What was said in any order, many times, of anything: no panic, it comes to rest, and nothing is told that is not so.
    #[test]
    fn any_order_of_events_is_borne(
        steps in prop::collection::vec(step(), 1..30),
        seed in any::<prop::sample::Index>(),
        twice in any::<bool>(),
    ) {
        let mut memory = Memory::new("a d/a d/e/b f/a");
        let before: BTreeSet<String> = memory.files().into_keys().collect();
        let mut core = begin(&mut memory);
        for step in &steps {
            act(&mut memory, step);
        }
        let mut said = std::mem::take(&mut memory.said);
        if twice {
            said.extend(said.clone());
        }
        let turn = seed.index(said.len().max(1));
        said.rotate_left(turn);
        for (at, raw) in said.into_iter().enumerate() {
            core.hear(raw, at as u64, &mut memory);
        }
        // A name that was said is right in the end; what was not said, as of a directory that was made meanwhile, is found
        // when everything is compared.
        core.hear(Raw::Overflow, 1_000, &mut memory);
        let told = settle_all(&mut core, &mut memory);
        let names = follow(&before, &told).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&names, &memory.files().into_keys().collect::<BTreeSet<String>>(), "told {}", text(&told));
    }
}

//! Random histories of an agent and a person in a repository of the person: what is undone is undone exactly, what a
//! person wrote is never gone, and the repository is not touched.

use std::collections::BTreeMap;

use super::*;
use crate::testing::{Files, place_in_memory};

/// How many histories of an agent alone: each is compared with the exact tree hash.
const ALONE: u64 = 1_000;
/// How many in which a person works in the same files.
const WITH_A_PERSON: u64 = 500;
/// How many histories go on at a time. They share nothing but the repository that they are copied from.
const AT_A_TIME: u64 = 2;
const NAMES: [&str; 5] = ["a", "b", "c.txt", "d", "e"];

/// A repository with a commit, something staged, something stashed and something untracked.
fn template() -> Place {
    let place = place();
    place.git("", &["init", "-q"]);
    place.write("c.txt", "1\n2\n3\n4\n5\n6\n7\n8\n");
    place.write("a/c.txt", "1\n2\n3\n4\n5\n6\n7\n8\n");
    place.write(".gitignore", "*.log\n");
    place.git("", &["add", "."]);
    place.git("", &["commit", "-qm", "one"]);
    place.write("c.txt", "1\n2\n3\nstashed\n5\n6\n7\n8\n");
    place.git("", &["stash", "-q"]);
    place.write("e", "staged\n");
    place.git("", &["add", "e"]);
    place.write("e", "changed after\n");
    place.write("untracked", "untracked\n");
    place.write("x.log", "ignored\n");
    fs::remove_dir_all(place.path(".git/hooks")).unwrap();
    place
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copied(&path, &there);
        } else {
            fs::copy(&path, &there).unwrap();
        }
    }
}

fn path_of(chance: &mut Chance) -> String {
    // Often the same long files, so that two work in one.
    if chance.below(2) == 0 {
        return chance.one(&["c.txt", "a/c.txt"]).to_string();
    }
    let depth = 1 + chance.below(3);
    (0..depth).map(|_| *chance.one(&NAMES)).collect::<Vec<_>>().join("/")
}

fn remove(path: &Path) {
    let _gone = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
}

/// Something that an agent does. Never moves what is there: then a person's words would have another path.
fn agent(place: &Place, chance: &mut Chance, may_be_odd: bool) {
    let name = path_of(chance);
    let path = place.path(&name);
    let text = |chance: &mut Chance| -> String {
        (0..1 + chance.below(30)).map(|_| format!("{}\n", chance.below(99))).collect()
    };
    match chance.below(if may_be_odd { 12 } else { 8 }) {
        0..=2 => {
            let _made = fs::create_dir_all(path.parent().unwrap());
            let _written = fs::write(&path, text(chance));
        }
        3 | 4 => {
            // A line somewhere in a file that is there.
            if let Ok(old) = fs::read_to_string(&path) {
                let mut lines: Vec<&str> = old.lines().collect();
                let at = chance.below(lines.len() + 1);
                lines.insert(at, "by the agent");
                let _written = fs::write(&path, lines.join("\n") + "\n");
            }
        }
        5 => remove(&path),
        6 => {
            // A file where a directory was, or the other way round.
            let was_directory = path.is_dir();
            remove(&path);
            let there = if was_directory { path } else { path.join("inner") };
            if fs::create_dir_all(there.parent().unwrap()).is_ok() {
                let _written = fs::write(there, text(chance));
            }
        }
        7 => {
            if fs::symlink_metadata(&path).is_ok_and(|it| it.is_file()) {
                place.mode(&name, *chance.one(&[0o644, 0o755]));
            }
        }
        8 => drop(fs::create_dir_all(&path)),
        9 => {
            remove(&path);
            let _linked = symlink(chance.one(&["/etc", "..", "a", "nowhere"]), &path);
        }
        10 => {
            if fs::symlink_metadata(&path).is_ok_and(|it| !it.is_symlink()) {
                let modes: &[u32] = if path.is_dir() { &[0o755, 0o700] } else { &[0o600, 0o444, 0o640] };
                place.mode(&name, *chance.one(modes));
            }
        }
        _ => {
            use std::os::unix::ffi::OsStrExt as _;
            let odd = std::ffi::OsStr::from_bytes(b"\xff\xfe\n");
            if let Some(parent) = path.parent().filter(|parent| parent.is_dir()) {
                let _written = fs::write(parent.join(odd), text(chance));
            }
        }
    }
}

/// Something that a person does; every line of theirs is one of its kind.
fn person(place: &Place, chance: &mut Chance, count: &mut u64, words: &mut BTreeMap<String, Vec<String>>) {
    let name = path_of(chance);
    let path = place.path(&name);
    *count += 1;
    let line = format!("person {count}");
    // Words of a person under a link would be somebody else's files.
    if Path::new(&name).ancestors().any(|above| {
        fs::symlink_metadata(place.path(&above.to_string_lossy())).is_ok_and(|it| it.is_symlink())
    }) {
        return;
    }
    let old = fs::read_to_string(&path).unwrap_or_default();
    let mut lines: Vec<String> = old.lines().map(str::to_string).collect();
    lines.insert(chance.below(lines.len() + 1), line.clone());
    let _made = fs::create_dir_all(path.parent().unwrap());
    if fs::write(&path, lines.join("\n") + "\n").is_ok() {
        words.entry(name).or_default().push(line);
    }
}

/// Whether git itself can hold these files: it knows no empty directory and two modes.
fn is_usual(files: &Files) -> bool {
    let has_inner = |path: &[u8]| {
        let inside = [path, b"/"].concat();
        files.keys().any(|other| other.starts_with(&inside))
    };
    files.iter().all(|(path, (mode, _))| match mode {
        0o40_000 => has_inner(path),
        mode => [0o100_644, 0o100_755, 0o120_000].contains(mode),
    })
}

/// Nobody interferes: going back to any call gives exactly the files of then, and git agrees about the tree.
#[test]
fn alone() {
    let template = template();
    let compared: u64 = std::thread::scope(|scope| {
        let template = &template;
        let seeds = |first: u64| (first..ALONE).step_by(AT_A_TIME as usize);
        let works: Vec<_> = (0..AT_A_TIME)
            .map(|first| {
                scope.spawn(move || seeds(first).map(|seed| history_alone(template, seed)).sum::<u64>())
            })
            .collect();
        works.into_iter().map(|work| work.join().unwrap()).sum()
    });
    assert!(compared > 400, "git was asked only {compared} times");
    println!("{ALONE} histories, git agreed {compared} times");
}

/// One such history. How often git was asked about the tree, and agreed.
fn history_alone(template: &Place, seed: u64) -> u64 {
    let mut compared = 0;
    let mut chance = Chance(seed);
    let place = place_in_memory();
    copied(&template.workspace, &place.workspace);
    let repository = everything(&place.path(".git"));
    let snapshots = place.snapshots();
    let mut calls: Vec<(u64, Files, String)> = Vec::new();
    for step in 0..2 + chance.below(6) {
        if chance.below(5) == 0 && !calls.is_empty() {
            let (number, files, tree) = chance.one(&calls).clone();
            let since = snapshots.since(number).unwrap();
            let restored = back(&snapshots, &since);
            assert!(restored.is_exact && restored.kept.is_empty(), "seed {seed}: {restored:?}");
            assert_eq!(restored.tree, tree, "seed {seed}");
            assert_eq!(place.on_disk(), files, "seed {seed}");
            continue;
        }
        let files = place.on_disk();
        let begun = snapshots.before(&cause(&format!("c{step}"))).unwrap();
        if is_usual(&files) && chance.below(3) == 0 {
            assert_eq!(begun.snapshot.tree, place.tree_of_git(), "seed {seed}");
            compared += 1;
        }
        calls.push((begun.number, files, begun.snapshot.tree));
        for _ in 0..1 + chance.below(4) {
            agent(&place, &mut chance, seed.is_multiple_of(2));
        }
        snapshots.after(begun.number, &Wrote::Anything).unwrap();
    }
    let (_, files, tree) = calls.first().unwrap();
    let restored = back(&snapshots, &snapshots.of_session("s-1").unwrap());
    assert!(restored.is_exact, "seed {seed}: {restored:?}");
    assert_eq!((&restored.tree, &place.on_disk()), (tree, files), "seed {seed}");
    assert_eq!(tree_now(&place.snapshots()), *tree, "with nothing known");
    assert_eq!(everything(&place.path(".git")), repository, "seed {seed}: the repository");
    compared
}

/// A person works in the same files: their words are on the disk after every restore, or the path was named as kept.
#[test]
fn with_a_person() {
    let template = template();
    let (mut checked, mut merged, mut named) = (0, 0, 0);
    for seed in 0..WITH_A_PERSON {
        let mut chance = Chance(seed ^ 0x5eed_0000);
        let place = place_in_memory();
        copied(&template.workspace, &place.workspace);
        let repository = everything(&place.path(".git"));
        let snapshots = place.snapshots();
        let (mut words, mut count) = (BTreeMap::new(), 0);
        let mut calls = Vec::new();
        for step in 0..3 + chance.below(6) {
            if chance.below(2) == 0 {
                person(&place, &mut chance, &mut count, &mut words);
                continue;
            }
            let number = place.call(&snapshots, &format!("c{step}"), || {
                for _ in 0..1 + chance.below(3) {
                    agent(&place, &mut chance, false);
                }
            });
            calls.push(number);
            if chance.below(4) == 0 {
                let since = snapshots.since(*chance.one(&calls)).unwrap();
                let before = said(&place, &words);
                let restored = back(&snapshots, &since);
                let after = said(&place, &words);
                for (path, lines) in before {
                    for line in lines {
                        let is_there = after.get(&path).is_some_and(|lines| lines.contains(&line));
                        assert!(is_there, "seed {seed}: `{line}` of {path} is gone: {restored:?}");
                        checked += 1;
                    }
                }
            }
        }
        let now = place.on_disk();
        let plan = snapshots.plan(&undo(&snapshots.of_session("s-1").unwrap())).unwrap();
        merged += plan.steps.iter().filter(|step| step.action == crate::Action::Merge).count();
        let restored = snapshots.restore(&plan, &cause("restore")).unwrap();
        assert_eq!(restored.tree, plan.then, "seed {seed}: nobody interfered with the restore itself");
        let after = said(&place, &words);
        for (path, lines) in &words {
            for line in lines {
                let is_there = after.get(path).is_some_and(|lines| lines.contains(line));
                let concerns = |kept: &Path| kept.starts_with(path) || Path::new(path).starts_with(kept);
                let is_named = restored.kept.iter().any(|kept| concerns(&kept.path));
                assert!(is_there || is_named, "seed {seed}: `{line}` of {path} is nowhere: {restored:?}");
                checked += 1;
                named += usize::from(!is_there);
            }
        }
        let again = back(&snapshots, &[restored.number]);
        assert!(again.is_exact, "seed {seed}: {again:?}");
        assert_eq!(place.on_disk(), now, "seed {seed}: the restore was undone");
        assert_eq!(everything(&place.path(".git")), repository, "seed {seed}: the repository");
        assert_eq!(place.read("x.log"), "ignored\n");
    }
    println!(
        "{WITH_A_PERSON} histories, {checked} lines of a person checked, {merged} merges, {named} only in a file that was named as kept"
    );
    assert!(checked > 500 && merged > 20, "{checked} lines, {merged} merges");
}

/// The words of the person that are on the disk, by path.
fn said(place: &Place, words: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    let on_disk = |(path, lines): (&String, &Vec<String>)| {
        let text = fs::read_to_string(place.path(path)).unwrap_or_default();
        let there = lines.iter().filter(|line| text.lines().any(|other| other == *line));
        (path.clone(), there.cloned().collect())
    };
    words.iter().map(on_disk).collect()
}

//! The tamper matrix: what somebody without the device key can do to the files of a state root, each by the name under
//! which it is found. What is only found from outside says so.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::*;
use crate::anchor::FileAnchor;
use crate::head::{Head, HeadFile};
use crate::key::DeviceKey;
use crate::layout::Unsynced;
use crate::signed::{self, Said, State};
use crate::{chain, device, verify_with};

/// Every file of a state root.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Two closed sessions and a spec, anchored in a file outside, and the files as they were after each.
struct Scene {
    place: Place,
    anchor: PathBuf,
    _outside: tempfile::TempDir,
    /// After the first session, before the second.
    early: Files,
    now: Files,
    key: PublicKey,
}

fn scene() -> Scene {
    let outside = tempfile::tempdir().unwrap();
    let anchor = outside.path().join("anchor");
    let mut place = place();
    let places: Vec<Arc<dyn Anchor>> = vec![Arc::new(FileAnchor::new(anchor.clone()))];
    place.store = place.store.anchored(crate::Anchors { places, required: true });
    place.session("a", 2);
    let early = files(place.root.path());
    let mut writer = place.store.open_session("a").unwrap();
    writer.append(&said("more")).unwrap();
    writer.seal().unwrap();
    place.session("b", 1);
    let mut spec = place.store.create_or_open_spec("limit").unwrap();
    spec.append(&said("x")).unwrap();
    spec.seal().unwrap();
    let now = files(place.root.path());
    let key = device::public(place.root.path()).unwrap().unwrap();
    let scene = Scene { place, anchor, _outside: outside, early, now, key };
    assert_eq!(scene.names(), [""; 0]);
    scene
}

fn files(root: &Path) -> Files {
    let mut found = Files::new();
    let mut left = vec![root.to_path_buf()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

fn put(root: &Path, files: &Files) {
    for entry in fs::read_dir(root).unwrap() {
        fs::remove_dir_all(entry.unwrap().path()).unwrap();
    }
    for (path, bytes) in files {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let key = device::directory(root).join("key");
    if key.exists() {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

impl Scene {
    fn root(&self) -> &Path {
        self.place.root.path()
    }

    fn anchors(&self) -> Vec<Arc<dyn Anchor>> {
        vec![Arc::new(FileAnchor::new(self.anchor.clone()))]
    }

    fn report(&self, trust: &Trust) -> Vec<String> {
        let report = verify_with(&[self.root().to_path_buf()], trust);
        report.findings.iter().map(|finding| finding.problem.name().to_string()).collect()
    }

    /// What is found by the files alone.
    fn names(&self) -> Vec<String> {
        self.report(&Trust::default())
    }

    /// What is found with the anchor.
    fn anchored(&self) -> Vec<String> {
        self.report(&Trust { key: None, anchors: self.anchors() })
    }

    /// What is found with the key that was kept elsewhere.
    fn keyed(&self) -> Vec<String> {
        self.report(&Trust { key: Some(self.key), anchors: Vec::new() })
    }

    /// Does something to the files, asks what is found, and puts the files back.
    fn check(&self, tamper: impl FnOnce(&Scene), expected: &[&str]) {
        tamper(self);
        let found = self.names();
        assert!(
            expected.iter().all(|name| found.iter().any(|found| found == name)),
            "{expected:?} in {found:?}"
        );
        assert_eq!(found.is_empty(), expected.is_empty());
        put(self.root(), &self.now);
    }

    fn journal(&self, id: &str) -> PathBuf {
        self.place.journal(id)
    }

    fn chain(&self) -> PathBuf {
        device::chain(self.root())
    }
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_string).collect()
}

fn write_lines(path: &Path, lines: &[String]) {
    fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

/// Makes a chain of these records anew, with fitting hashes and a fitting plain head: what needs no key.
fn rehash(directory: &Path, records: &[String]) {
    let mut text = String::new();
    let mut prev = line::origin();
    for (seq, record) in (0..).zip(records) {
        let old = line::read(record.as_bytes()).unwrap();
        let texts: Vec<String> = old.texts.iter().map(|text| text.unwrap().to_string()).collect();
        let (name, body) = (&*old.name, old.body);
        let draft = line::Draft { format: 2, seq, at: old.at, prev, name, body, texts: &texts };
        prev = line::write(&draft, &mut text);
    }
    fs::write(directory.join("journal.jsonl"), text).unwrap();
    let head = Head { records: records.len() as u64, hash: prev };
    HeadFile::open(directory).unwrap().write(&head).unwrap();
}

#[test]
fn journals_that_were_made_anew_are_not_as_they_were_signed() {
    let scene = scene();
    let directory = scene.place.session_directory("a");
    let records = lines(&scene.journal("a"));
    // Edited: other words with a fitting digest.
    let mut edited = records.clone();
    let old = line::read(edited[1].as_bytes()).unwrap();
    let texts = ["[\"00\",\"other words\"]".to_string()];
    let mut text = String::new();
    let draft =
        line::Draft { format: 2, seq: 1, at: 1, prev: old.prev, name: "said", body: old.body, texts: &texts };
    line::write(&draft, &mut text);
    edited[1] = text.trim_end().to_string();
    scene.check(|_| rehash(&directory, &edited), &["not_as_signed"]);
    // Swapped, repeated, inserted, dropped from the middle, and dropped with one more at the end.
    let mut swapped = records.clone();
    swapped.swap(2, 3);
    scene.check(|_| rehash(&directory, &swapped), &["not_as_signed"]);
    let mut longer = records.clone();
    longer.insert(4, records[3].clone());
    scene.check(|_| rehash(&directory, &longer), &["not_as_signed", "unsigned"]);
    let mut shorter = records.clone();
    shorter.remove(2);
    scene.check(|_| rehash(&directory, &shorter), &["rolled_back"]);
    shorter.push(records[1].clone());
    scene.check(|_| rehash(&directory, &shorter), &["not_as_signed"]);
}

#[test]
fn every_cut_at_a_boundary_is_rolled_back_or_truncated() {
    let scene = scene();
    let directory = scene.place.session_directory("a");
    let records = lines(&scene.journal("a"));
    for kept in 0..records.len() {
        scene.check(|_| write_lines(&scene.journal("a"), &records[..kept]), &["truncated"]);
        scene.check(|_| rehash(&directory, &records[..kept]), &["rolled_back"]);
    }
    let more: Vec<String> = records.iter().chain([&records[1]]).cloned().collect();
    scene.check(|_| rehash(&directory, &more), &["unsigned"]);
}

#[test]
fn an_older_copy_and_a_journal_that_is_gone_are_found() {
    let scene = scene();
    let older = |what: &str| {
        for (path, bytes) in scene.early.iter().filter(|(path, _)| path.to_string_lossy().contains(what)) {
            fs::write(path, bytes).unwrap();
        }
    };
    // The journal with everything beside it; the chain of heads knows better.
    scene.check(|_| older("/sessions/a/"), &["rolled_back"]);
    // The chain of heads alone; the heads beside the journals know better.
    scene.check(|_| older("/device/"), &["chain_cut"]);
    // Both: the other journals know better.
    let both = |_: &Scene| {
        older("/sessions/a/");
        older("/device/");
    };
    scene.check(both, &["chain_cut"]);
    let gone = |name: &'static str| {
        move |scene: &Scene| fs::remove_dir_all(scene.place.store.directory().join(name)).unwrap()
    };
    scene.check(gone("sessions/b"), &["gone"]);
    scene.check(gone("specs/limit"), &["gone"]);
    scene.check(|scene| fs::remove_file(scene.journal("b")).unwrap(), &["unreadable"]);
    let whole = |scene: &Scene| fs::remove_dir_all(scene.root().join("workspaces")).unwrap();
    scene.check(whole, &["gone"]);
}

#[test]
fn keys_and_signatures_that_are_not_the_device_s() {
    let scene = scene();
    let key = device::directory(scene.root()).join("key");
    let other = |path: &Path| {
        fs::remove_file(path).unwrap();
        DeviceKey::make(path, &mut Unsynced::default()).unwrap()
    };
    scene.check(|_| _ = other(&key), &["wrong_key"]);
    // A head by another key, in the chain and beside the journal.
    let last = |path: &Path| signed::read(lines(path).last().unwrap().as_bytes()).unwrap();
    let forge = |path: &Path, with: &DeviceKey| {
        let last = last(path);
        let journal = format!("workspaces/{}/sessions/a", last.seq);
        let said = Said::Head { journal, records: 1, hash: last.digest, state: State::Closed };
        let line = signed::write(last.seq + 1, 1, last.digest, &said, with);
        let mut all = lines(path);
        all.push(line);
        write_lines(path, &all);
    };
    let stranger = DeviceKey::make(&scene.anchor.with_file_name("k"), &mut Unsynced::default()).unwrap();
    scene.check(|scene| forge(&scene.chain(), &stranger), &["wrong_key"]);
    let beside = scene.place.session_directory("a").join("heads");
    scene.check(|_| forge(&beside, &stranger), &["wrong_key"]);
    // One that names the device's key and is signed by another.
    let pretend = |path: &Path| {
        forge(path, &stranger);
        let id = scene.key.id().to_string();
        let text = fs::read_to_string(path).unwrap().replace(&stranger.public().id().to_string(), &id);
        fs::write(path, text).unwrap();
    };
    scene.check(|scene| pretend(&scene.chain()), &["forged"]);
    scene.check(|_| pretend(&beside), &["forged"]);
    // A key that begins without the old one's word.
    let replaced = |scene: &Scene| {
        crate::replace_key(scene.root(), crate::testing::clock, "lost").unwrap();
    };
    scene.check(replaced, &["key_replaced"]);
}

#[test]
fn the_chain_of_heads_is_a_chain() {
    let scene = scene();
    let path = scene.chain();
    let all = lines(&path);
    assert!(all.len() >= 8, "{}", all.len());
    for at in 0..all.len() {
        let mut without = all.clone();
        without.remove(at);
        let name = if at + 1 == all.len() { "chain_cut" } else { "dropped" };
        scene.check(|_| write_lines(&path, &without), &[name]);
        scene.check(|_| write_lines(&path, &all[..at]), &["chain_cut"]);
        if at + 1 < all.len() {
            let mut swapped = all.clone();
            swapped.swap(at, at + 1);
            scene.check(|_| write_lines(&path, &swapped), &["reordered"]);
        }
        let mut twice = all.clone();
        twice.insert(at, all[at].clone());
        scene.check(|_| write_lines(&path, &twice), &["reordered"]);
    }
    scene.check(|scene| fs::remove_file(scene.chain()).unwrap(), &["chain_cut"]);
    scene.check(|scene| fs::remove_dir_all(device::directory(scene.root())).unwrap(), &["chain_cut"]);
    let newer = |scene: &Scene| {
        let text = fs::read_to_string(scene.chain()).unwrap().replace("{\"v\":1", "{\"v\":2");
        fs::write(scene.chain(), text).unwrap();
    };
    scene.check(newer, &["newer"]);
}

#[test]
fn what_only_an_outsider_sees_is_seen_by_one() {
    let scene = scene();
    // The whole state root as it was before: whole by itself, and the anchor has more.
    put(scene.root(), &scene.early);
    assert_eq!(scene.names(), [""; 0]);
    assert_eq!(scene.keyed(), [""; 0]);
    assert!(scene.anchored().iter().all(|name| name == "chain_cut") && !scene.anchored().is_empty());
    // One more session on top of that: the anchor has other heads at the same places.
    scene.place.session("c", 1);
    assert_eq!(scene.names(), [""; 0]);
    let anchored = scene.anchored();
    assert!(anchored.contains(&"chain_differs".to_string()), "{anchored:?}");

    // Everything anew with another key.
    fs::remove_file(&scene.anchor).unwrap();
    put(scene.root(), &Files::new());
    scene.place.session("a", 2);
    assert_eq!(scene.names(), [""; 0]);
    assert_eq!(scene.keyed(), ["wrong_key"]);
    let remade = files(scene.root());
    put(scene.root(), &scene.now);
    scene.place.store.anchor_now().unwrap();
    fs::write(&scene.anchor, lines(&scene.anchor).last().unwrap().clone() + "\n").unwrap();
    put(scene.root(), &remade);
    assert_eq!(scene.anchored(), ["not_anchored"]);
}

#[test]
fn an_anchor_that_is_edited_gone_or_behind() {
    let scene = scene();
    let whole = fs::read_to_string(&scene.anchor).unwrap();
    fs::remove_file(&scene.anchor).unwrap();
    assert_eq!(scene.anchored(), ["anchor_unread"]);
    fs::write(&scene.anchor, whole.replacen("\"at\":", "\"at\":1", 1)).unwrap();
    assert_eq!(scene.anchored(), ["forged"]);
    // Less than all is not wrong: the rest comes with the next head.
    let first = whole.lines().next().unwrap();
    fs::write(&scene.anchor, format!("{first}\nsomebody else's line\n")).unwrap();
    let trust = Trust { key: None, anchors: scene.anchors() };
    let report = verify_with(&[scene.root().to_path_buf()], &trust);
    assert_eq!(report.findings, []);
    assert_eq!(report.notes.iter().map(|note| note.problem.name()).collect::<Vec<_>>(), ["anchor_behind"]);
    scene.place.store.anchor_now().unwrap();
    let report = verify_with(&[scene.root().to_path_buf()], &trust);
    assert_eq!((report.findings.len(), report.notes.len(), report.anchored[0].1), (0, 0, 2));
}

#[test]
fn one_journal_is_verified_with_the_key_alone() {
    let scene = scene();
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("s");
    fs::create_dir(&copy).unwrap();
    for name in ["journal.jsonl", "head", "heads"] {
        fs::copy(scene.place.session_directory("b").join(name), copy.join(name)).unwrap();
    }
    let found = |trust: &Trust| {
        let report = verify_with(std::slice::from_ref(&copy), trust);
        report.findings.iter().map(|finding| finding.problem.name()).collect::<Vec<_>>()
    };
    let keyed = Trust { key: Some(scene.key), ..Trust::default() };
    assert_eq!(found(&keyed), [""; 0]);
    assert_eq!(found(&Trust::default()), ["chain_cut", "unsigned"], "nothing says whose heads these are");
    let records = lines(&copy.join("journal.jsonl"));
    rehash(&copy, &records[..3]);
    assert_eq!(found(&keyed), ["rolled_back"]);
    let other = DeviceKey::make(&elsewhere.path().join("k"), &mut Unsynced::default()).unwrap().public();
    assert!(found(&Trust { key: Some(other), ..Trust::default() }).contains(&"wrong_key"));
}

/// Any change of any byte of what is covered is found, by the files alone.
#[test]
fn any_change_of_any_covered_file_is_found() {
    let scene = scene();
    let uncovered = ["lock", "summary.json", "workspace.json"];
    let covered: Vec<&PathBuf> = scene
        .now
        .keys()
        .filter(|path| !uncovered.iter().any(|name| path.ends_with(name)) && !path.ends_with("device/key"))
        .collect();
    assert!(covered.len() >= 10, "{covered:?}");
    let change =
        (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8, any::<u8>(), 1..200_usize);
    let mut runner = TestRunner::new(Config { cases: 400, rng_seed: RngSeed::Fixed(7), ..Config::default() });
    let came = runner.run(&change, |(file, place, kind, byte, length)| {
        let path = covered[file.index(covered.len())];
        let bytes = &scene.now[path];
        let at = place.index(bytes.len());
        let end = (at + length).min(bytes.len());
        let changed = match kind {
            0 => [&bytes[..at], &[byte], &bytes[at + 1..]].concat(),
            1 => [&bytes[..at], &[byte], &bytes[at..]].concat(),
            2 => [&bytes[..at], &bytes[end..]].concat(),
            _ => bytes[..at].to_vec(),
        };
        // Fewer heads beside a journal are no loss: the chain of heads has them all.
        let rest: Vec<&[u8]> = changed.split_inclusive(|byte| *byte == b'\n').collect();
        let known: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let fewer = rest.iter().all(|line| known.contains(line) || !line.ends_with(b"\n"));
        if changed == *bytes || (path.ends_with("heads") && !path.ends_with("device/heads") && fewer) {
            return Ok(());
        }
        fs::write(path, &changed).unwrap();
        let found = scene.names();
        fs::write(path, bytes).unwrap();
        prop_assert!(!found.is_empty(), "{} at {at}, {kind}", path.display());
        Ok(())
    });
    came.unwrap();
    assert_eq!(scene.names(), [""; 0]);
}

#[test]
fn what_verifying_costs() {
    let place = place();
    for count in 0..20 {
        place.session(&format!("s{count}"), 60);
    }
    let start = std::time::Instant::now();
    let report = verify(&[place.root.path().to_path_buf()]);
    assert_eq!(report.findings, []);
    println!(
        "{} journals, {} records, {} heads: {:?}",
        report.journals,
        report.records,
        report.heads,
        start.elapsed()
    );
    let start = std::time::Instant::now();
    let mut count = 0;
    chain::read(&place.session_directory("s0"), &mut |_| {
        count += 1;
        Ok(())
    })
    .unwrap();
    println!("one chain of {count} records: {:?}", start.elapsed());
}

#[path = "matrix_tests.rs"]
mod matrix;

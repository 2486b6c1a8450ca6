//! The tamper matrix as a table, with what verifying and going on say of each row; and what a crash leaves while a head
//! is signed.

use super::*;

/// What verifying and going on say of each way to tamper, in one table; the tests around it do each at every place.
#[test]
fn the_tamper_matrix() {
    struct Row {
        /// What is done to the files.
        does: &'static str,
        tamper: fn(&Scene),
        /// What the files alone say.
        alone: &'static [&'static str],
        /// What the anchor says beside that.
        anchored: &'static [&'static str],
        /// What opening the session `a` to go on with it says, or its copy `c` where there is one; empty when it opens.
        opening: &'static str,
    }
    fn records(scene: &Scene, change: fn(&mut Vec<String>)) {
        let mut records = lines(&scene.journal("a"));
        change(&mut records);
        write_lines(&scene.journal("a"), &records);
    }
    fn remade(scene: &Scene, change: fn(&mut Vec<String>)) {
        let mut records = lines(&scene.journal("a"));
        change(&mut records);
        rehash(&scene.place.session_directory("a"), &records);
    }
    fn heads(scene: &Scene, change: fn(&mut Vec<String>)) {
        let mut heads = lines(&scene.chain());
        change(&mut heads);
        write_lines(&scene.chain(), &heads);
    }
    fn swap(scene: &Scene, names: &[&str]) {
        for name in names {
            let [one, other] = ["a", "b"].map(|id| scene.place.session_directory(id).join(name));
            let (first, second) = (fs::read(&one).unwrap(), fs::read(&other).unwrap());
            fs::write(one, second).unwrap();
            fs::write(other, first).unwrap();
        }
    }
    /// The spec is what was written last: it goes without a trace.
    fn without_the_last(scene: &Scene) {
        fs::remove_dir_all(scene.place.store.directory().join("specs")).unwrap();
        heads(scene, |heads| heads.retain(|line| !line.contains("/specs/limit")));
    }
    fn forged_erasure(scene: &Scene) {
        let mut erasures = scene.place.store.create_or_open_erasures().unwrap();
        erasures.append(&said("x")).unwrap();
        erasures.seal().unwrap();
        let directory = scene.place.store.directory().join("erasures");
        let mut records = lines(&directory.join("journal.jsonl"));
        let first = lines(&scene.journal("a"))[1].clone();
        let digest = line::read(first.as_bytes()).unwrap().salted[0];
        let body = format!(
            "{{\"by\":\"ann\",\"why\":\"x\",\"session\":null,\"texts\":[\"{digest}\"],\"contents\":[]}}"
        );
        let mut text = String::new();
        let prev = line::read(records[0].as_bytes()).unwrap().hash;
        let draft = line::Draft { format: 2, seq: 1, at: 9, prev, name: "erased", body: &body, texts: &[] };
        line::write(&draft, &mut text);
        records.push(text.trim_end().to_string());
        rehash(&directory, &records);
        let mut journal = lines(&scene.journal("a"));
        journal[1] = line::read(first.as_bytes()).unwrap().without(&first, &mut |_| true);
        write_lines(&scene.journal("a"), &journal);
    }
    let rows = [
        Row {
            does: "edit a word",
            tamper: |scene| records(scene, |all| all[1] = all[1].replacen("limiter", "limited", 1)),
            alone: &["edited"],
            anchored: &[],
            opening: "is damaged at record 1: its bytes are not those",
        },
        Row {
            does: "edit a word and make every hash anew",
            tamper: |scene| remade(scene, |all| all[5] = all[4].clone()),
            alone: &["not_as_signed"],
            anchored: &[],
            opening: "signed",
        },
        Row {
            does: "drop a record",
            tamper: |scene| records(scene, |all| drop(all.remove(3))),
            alone: &["dropped"],
            anchored: &[],
            opening: "is damaged at record 3",
        },
        Row {
            does: "drop a record and make every hash anew",
            tamper: |scene| remade(scene, |all| drop(all.remove(3))),
            alone: &["rolled_back"],
            anchored: &[],
            opening: "signed",
        },
        Row {
            does: "reorder two records",
            tamper: |scene| records(scene, |all| all.swap(2, 3)),
            alone: &["dropped", "reordered"],
            anchored: &[],
            opening: "is damaged at record 2",
        },
        Row {
            does: "reorder two records and make every hash anew",
            tamper: |scene| remade(scene, |all| all.swap(2, 3)),
            alone: &["not_as_signed"],
            anchored: &[],
            opening: "signed",
        },
        Row {
            does: "truncate the tail",
            tamper: |scene| records(scene, |all| all.truncate(4)),
            alone: &["truncated"],
            anchored: &[],
            opening: "is damaged at record 4",
        },
        Row {
            does: "truncate the tail and make the plain head anew",
            tamper: |scene| remade(scene, |all| all.truncate(4)),
            alone: &["rolled_back"],
            anchored: &[],
            opening: "signed",
        },
        Row {
            does: "append a record with a fitting hash",
            tamper: |scene| remade(scene, |all| all.push(all[1].clone())),
            alone: &["unsigned"],
            anchored: &[],
            opening: "no signature covers the 1 records from here on",
        },
        Row {
            does: "remove a session",
            tamper: |scene| fs::remove_dir_all(scene.place.session_directory("b")).unwrap(),
            alone: &["gone"],
            anchored: &[],
            opening: "",
        },
        Row {
            does: "remove the journal that was written last, and its heads",
            tamper: without_the_last,
            // Nothing that is left names what was there: this is what anchors are for.
            alone: &[],
            anchored: &["chain_cut"],
            opening: "",
        },
        Row {
            does: "swap the journals of two sessions",
            tamper: |scene| swap(scene, &["journal.jsonl"]),
            alone: &["truncated", "head_differs"],
            anchored: &[],
            opening: "is damaged at record",
        },
        Row {
            does: "swap two sessions as a whole",
            tamper: |scene| swap(scene, &["journal.jsonl", "head", "heads"]),
            alone: &["rolled_back", "not_as_signed"],
            anchored: &[],
            opening: "signed",
        },
        Row {
            does: "copy a session under another name",
            tamper: |scene| {
                let copy = scene.place.session_directory("c");
                fs::create_dir(&copy).unwrap();
                for name in ["journal.jsonl", "head", "heads"] {
                    fs::copy(scene.place.session_directory("a").join(name), copy.join(name)).unwrap();
                }
            },
            alone: &["unsigned"],
            anchored: &[],
            opening: "is damaged at record 0: no signature covers the",
        },
        Row {
            does: "replay an older plain head",
            tamper: |scene| {
                let head = scene.place.session_directory("a").join("head");
                fs::write(&head, &scene.early[&head]).unwrap();
            },
            // The same is left by a power cut; the signed heads cover what it no longer does.
            alone: &[],
            anchored: &[],
            opening: "",
        },
        Row {
            does: "replay an older chain of heads",
            tamper: |scene| fs::write(scene.chain(), &scene.early[&scene.chain()]).unwrap(),
            alone: &["chain_cut"],
            anchored: &["chain_cut"],
            opening: "no signature covers the",
        },
        Row {
            does: "put an older head at the end of the chain again",
            tamper: |scene| heads(scene, |all| all.push(all[2].clone())),
            alone: &["reordered"],
            anchored: &[],
            opening: "",
        },
        Row {
            does: "erase a text, with a record of it that is not signed",
            tamper: forged_erasure,
            alone: &["unsigned"],
            anchored: &[],
            opening: "",
        },
        Row {
            does: "put another key in the place of the device's",
            tamper: |scene| {
                let key = device::directory(scene.root()).join("key");
                DeviceKey::make(&key, &mut Unsynced::default()).unwrap();
            },
            alone: &["wrong_key"],
            anchored: &[],
            opening: "is not the key that signed what is on record here",
        },
        Row {
            does: "remove the key",
            tamper: |scene| fs::remove_file(device::directory(scene.root()).join("key")).unwrap(),
            // What was signed stays proven by the public half; nothing more is written.
            alone: &[],
            anchored: &[],
            opening: "is missing, though it signed what is on record here; put it back from a copy",
        },
        Row {
            does: "remove the key and the chain of heads",
            tamper: |scene| fs::remove_dir_all(device::directory(scene.root())).unwrap(),
            alone: &["chain_cut", "unsigned"],
            anchored: &[],
            opening: "is missing, though `workspaces/",
        },
        Row {
            does: "a journal of a newer version",
            tamper: |scene| {
                records(scene, |all| all[0] = all[0].replacen("{\"v\":2", "{\"v\":3", 1));
            },
            alone: &["newer"],
            anchored: &[],
            opening: "has format 3, and this Waypost reads up to 2; update Waypost",
        },
        Row {
            does: "a chain of heads of a newer version",
            tamper: |scene| {
                heads(scene, |all| {
                    all.iter_mut().for_each(|line| *line = line.replacen("\"v\":1", "\"v\":2", 1))
                });
            },
            alone: &["newer"],
            anchored: &["newer"],
            opening: "has format 2, and this Waypost reads up to 1; update Waypost",
        },
    ];
    let scene = scene();
    let kept = fs::read(&scene.anchor).unwrap();
    for Row { does, tamper, alone, anchored, opening } in rows {
        tamper(&scene);
        let found = scene.names();
        assert!(alone.iter().all(|name| found.iter().any(|found| found == name)), "{does}: {found:?}");
        assert_eq!(found.is_empty(), alone.is_empty(), "{does}: {found:?}");
        assert!(alone != ["newer"] || found == ["newer"], "{does}: nothing behind it is judged: {found:?}");
        let with = scene.anchored();
        assert!(anchored.iter().all(|name| with.iter().any(|found| found == name)), "{does}: {with:?}");
        assert_eq!(with.is_empty(), alone.is_empty() && anchored.is_empty(), "{does}: {with:?}");
        let id = if scene.journal("c").exists() { "c" } else { "a" };
        let opened = scene.place.store.open_session(id).map_err(|error| error.to_string());
        match opened {
            Ok(_) => assert_eq!(opening, "", "{does}: it opens"),
            Err(refused) => {
                assert!(!opening.is_empty() && refused.contains(opening), "{does}: {refused}");
                assert!(refused.contains("; "), "{does}: the next step is missing in {refused}");
            }
        }
        put(scene.root(), &scene.now);
        fs::write(&scene.anchor, &kept).unwrap();
    }
    assert_eq!(scene.names(), [""; 0]);
}

/// What a crash may leave while a head is signed: the line cut anywhere, the copy beside the journal cut anywhere or
/// not there. Nothing of that is a finding, and the next writer goes on from it.
#[test]
fn a_crash_while_a_head_is_signed_is_no_finding() {
    let scene = scene();
    let name = scene.place.session_directory("b").strip_prefix(scene.root()).unwrap().to_path_buf();
    let all = lines(&scene.chain());
    let of_b = |line: &&String| line.contains(&format!("\"{}\"", name.display()));
    let end = all.iter().rposition(|line| of_b(&line)).unwrap();
    // The machine as it was while the last head of the last session was signed: the spec came later.
    fs::remove_dir_all(scene.place.store.directory().join("specs")).unwrap();
    fs::remove_file(&scene.anchor).unwrap();
    let beside = scene.place.session_directory("b").join("heads");
    let copies = lines(&beside);
    let mut seen = std::collections::BTreeSet::new();
    let last = format!("{}\n", all[end]);
    for cut in 0..=last.len() {
        let whole: String = all[..end].iter().map(|line| format!("{line}\n")).collect();
        fs::write(scene.chain(), whole + &last[..cut]).unwrap();
        let kept: String = copies[..copies.len() - 1].iter().map(|line| format!("{line}\n")).collect();
        // The copy comes after the chain: it is behind, or cut, and never ahead.
        let copy = if cut == last.len() { &last[..last.len() / 2] } else { "" };
        fs::write(&beside, kept + copy).unwrap();
        let report = verify(&[scene.root().to_path_buf()]);
        assert_eq!(report.findings, [], "cut at {cut}");
        seen.extend(report.notes.iter().map(|note| note.problem.name()));
        if cut % 16 == 0 || cut + 1 >= last.len() {
            let mut writer = scene.place.store.open_session("b").unwrap();
            writer.append(&said("more")).unwrap();
            writer.seal().unwrap();
            let report = verify(&[scene.root().to_path_buf()]);
            assert_eq!((report.findings.len(), report.notes.len()), (0, 0), "cut at {cut}: {report:?}");
            for path in scene.now.keys().filter(|path| path.starts_with(beside.parent().unwrap())) {
                fs::write(path, &scene.now[path]).unwrap();
            }
        }
    }
    assert_eq!(Vec::from_iter(seen), ["torn", "unsigned"]);
}

//! A process that writes a journal is killed again and again; what it was told is durable must be there.
//! Also prints what a decision costs, and fills a small disk where it may make one.
#![expect(clippy::unwrap_used, reason = "a test fails by a panic, in its helpers as well")]
#![expect(clippy::disallowed_methods, reason = "the test starts, feeds and kills processes of its own")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use conversation::{Digest, Event, Journal as _, Sent};
use ledger::{Anchor, Anchors, FileAnchor, Store, Trust, Writer};
use policy::{Capability, Decided, Decision, Effect, Origin, Record as _, Request, Target};

const ROOT: &str = "LEDGER_CRASH_ROOT";
const KILLS: u64 = 60;
const CONFIRMED_MIN: usize = 100;

fn clock() -> u64 {
    1
}

fn store(root: &Path) -> Store {
    Store::open(root, Path::new("/w"), clock).unwrap()
}

/// Where the killed process anchors its heads.
fn anchors(root: &Path) -> Vec<Arc<dyn Anchor>> {
    vec![Arc::new(FileAnchor::new(root.join("anchor")))]
}

/// What verifying finds with the anchor at hand, and how many notes it makes.
fn verified(root: &Path) -> (Vec<String>, usize) {
    let report = ledger::verify_with(&[root.to_path_buf()], &Trust { key: None, anchors: anchors(root) });
    (report.findings.iter().map(ToString::to_string).collect(), report.notes.len())
}

fn decided(call: u64) -> Decided {
    let target = Target::Command("cargo test --workspace".to_string());
    Decided {
        call: format!("call-{call}"),
        requests: vec![Request { capability: Capability::Shell, target, origin: Origin::Agent }],
        decision: Decision { effect: Effect::Allow, reason: "a rule of the user".to_string(), remedy: None },
        answered_by: None,
    }
}

/// What one turn of one call appends before its decision.
fn append_turn(writer: &mut Writer, turn: u64) {
    let fragments = Digest::of(b"fragments");
    writer.append(&Event::Sent(Sent { turn: 1, fragments, messages: 2 })).unwrap();
    // Every eighth is long enough for the content store.
    let text = format!("words {turn} ").repeat(if turn.is_multiple_of(8) { 1_200 } else { 40 });
    writer.append(&Event::Noted { text }).unwrap();
}

/// Not a test by itself: what the killed process runs.
#[test]
fn child() {
    let Some(root) = std::env::var_os(ROOT) else {
        return;
    };
    let root = Path::new(&root);
    let store = store(root).anchored(Anchors { places: anchors(root), required: true });
    let mut writer = store.create_or_open_spec("s").unwrap();
    let mut out = std::io::stdout().lock();
    loop {
        let turn = writer.records();
        append_turn(&mut writer, turn);
        writer.record(&[decided(turn)]).unwrap();
        // One write, so that a line is told whole or not at all.
        out.write_all(format!("durable {} {}\n", writer.records(), writer.head()).as_bytes()).unwrap();
    }
}

#[test]
fn killed_at_any_moment_it_opens_and_has_what_was_confirmed() {
    let root = tempfile::tempdir().unwrap();
    let (mut seed, mut confirmed_most, mut repairs) = (0x2545_f491_4f6c_dd1d_u64, 0, 0);
    let mut unsigned = 0;
    let mut kill = 0;
    // On a busy machine the child may hardly come to write before it is killed.
    while kill < KILLS || (confirmed_most <= CONFIRMED_MIN && kill < 10 * KILLS) {
        kill += 1;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture"])
            .env(ROOT, root.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = std::thread::spawn(move || {
            let mut last = None;
            while let Some(Ok(line)) = lines.next() {
                last = line.split_once("durable ").map(|(_, told)| told.to_string()).or(last);
            }
            last
        });
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        std::thread::sleep(Duration::from_micros(2_000 + seed % 30_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let told = reader.join().unwrap();

        // The head, the chain of heads and the anchor may each have been cut short: nothing of that is an alarm.
        let (findings, _) = verified(root.path());
        assert!(findings.iter().all(|finding| finding.contains("cut short")), "kill {kill}: {findings:?}");
        let store = store(root.path());
        let stored = store.read_spec("s").unwrap();
        if let Some((records, head)) = told.as_deref().and_then(|told| told.split_once(' ')) {
            let records: usize = records.parse().unwrap();
            assert!(stored.len() >= records, "kill {kill}: {} of {records} records", stored.len());
            assert_eq!(stored[records - 1].hash.to_string(), head, "kill {kill}");
            confirmed_most = records;
        }
        let writer = store.create_or_open_spec("s").unwrap();
        repairs += usize::from(writer.records() > stored.len() as u64);
        drop(writer);
        let (findings, notes) = verified(root.path());
        assert_eq!(findings, [""; 0], "kill {kill}");
        unsigned += notes;
    }
    println!(
        "{kill} kills, {confirmed_most} records confirmed, {repairs} torn ends set aside, {unsigned} notes"
    );
    assert!(confirmed_most > CONFIRMED_MIN, "the child came to write: {confirmed_most}");
}

#[test]
fn what_a_decision_costs() {
    let root = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let mut writer = store(root.path()).create_session("s").unwrap();
    println!("first session of a workspace: {:?}", start.elapsed());
    let start = Instant::now();
    writer.append(&Event::Resumed).unwrap();
    writer.sync().unwrap();
    println!("its first durable record: {:?}", start.elapsed());
    let mut costs = Vec::new();
    for turn in 0..400 {
        let start = Instant::now();
        let fragments = Digest::of(b"fragments");
        writer.append(&Event::Sent(Sent { turn: 1, fragments, messages: 2 })).unwrap();
        writer.append(&Event::Noted { text: "words ".repeat(200) }).unwrap();
        writer.record(&[decided(turn)]).unwrap();
        costs.push(start.elapsed());
    }
    costs.sort_unstable();
    println!("two appends and a durable decision: median {:?}, p95 {:?}", costs[200], costs[380]);
    let start = Instant::now();
    for _ in 0..1_000 {
        writer.append(&Event::Noted { text: "words ".repeat(200) }).unwrap();
    }
    println!("an append alone: {:?}", start.elapsed() / 1_000);
    let start = Instant::now();
    writer.append(&Event::Noted { text: "words ".repeat(2_000) }).unwrap();
    println!("an append with new content of 12 kB: {:?}", start.elapsed());
    let start = Instant::now();
    writer.sync().unwrap();
    println!("the sync after it: {:?}", start.elapsed());
    writer.seal().unwrap();
    let start = Instant::now();
    drop(store(root.path()).open_session("s").unwrap());
    println!("opening 2,202 records: {:?}", start.elapsed());
    let start = Instant::now();
    let mut writer = store(root.path()).create_session("t").unwrap();
    println!("a further session: {:?}", start.elapsed());
    let start = Instant::now();
    writer.append(&Event::Resumed).unwrap();
    writer.sync().unwrap();
    println!("its first durable record: {:?}", start.elapsed());
}

/// A small disk at this place. Needs the right to mount.
fn mounted(place: &Path, size: &str) -> bool {
    Command::new("mount")
        .args(["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "none"])
        .arg(place)
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The disk under the chain of heads is full, and the one under the journals is not.
#[test]
fn a_full_disk_under_the_signatures_stops_what_would_be_unsigned() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("device")).unwrap();
    if !mounted(&root.path().join("device"), "24k") {
        println!("skipped: this user may not mount");
        return;
    }
    let mut writer = store(root.path()).create_session("s").unwrap();
    let mut confirmed = 0;
    let refused = loop {
        match writer.record(&[decided(confirmed)]) {
            Ok(()) => confirmed = writer.records(),
            Err(refused) => break refused.to_string(),
        }
        assert!(confirmed < 1_000_000, "the disk never filled up");
    };
    assert!(refused.contains("could not be signed") && refused.contains("No space left"), "{refused}");
    assert!(writer.record(&[decided(confirmed)]).is_err(), "nothing more is permitted");
    drop(writer);
    println!("{confirmed} records were permitted before that");
    // A session that cannot even begin to be signed puts nothing on record.
    let fresh = store(root.path()).create_session("t");
    let came = fresh
        .map_err(|error| error.to_string())
        .and_then(|mut writer| writer.record(&[decided(0)]).map_err(|error| error.to_string()));
    assert!(came.unwrap_err().contains("No space left"));
    assert_eq!(store(root.path()).read("t").unwrap_or_default(), []);
    Command::new("umount").arg("-l").arg(root.path().join("device")).status().unwrap();
}

/// The verifier of the documentation, which shares no line with this crate.
#[test]
fn the_verifier_in_python_agrees() {
    let root = tempfile::tempdir().unwrap();
    let store = store(root.path());
    for id in ["a", "b"] {
        let mut writer = store.create_session(id).unwrap();
        for turn in 0..80 {
            append_turn(&mut writer, turn);
            writer.record(&[decided(turn)]).unwrap();
        }
        writer.seal().unwrap();
    }
    let old = ledger::device_key(root.path(), clock).unwrap().to_string();
    ledger::rotate_key(root.path(), clock).unwrap();
    store.erase(ledger::Erase::Session("b"), "ann", "asked").unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verify_ledger.py");
    let python = |key: &str| {
        let run = Command::new("python3").arg(script).arg(root.path()).arg(key).output();
        run.map(|output| {
            let said = [output.stdout, output.stderr].concat();
            (output.status.success(), String::from_utf8_lossy(&said).into_owned())
        })
    };
    let Ok((passed, said)) = python(&old) else {
        println!("skipped: there is no python3");
        return;
    };
    assert!(passed && said.contains("3 journals") && said.contains("whole"), "{said}");
    let new = ledger::device_key(root.path(), clock).unwrap().to_string();
    assert!(python(&new).unwrap().0, "the key of today stands for what it took over");
    let (passed, said) = python(&"00".repeat(32)).unwrap();
    assert!(!passed && said.contains("not the one that you know"), "{said}");
    let path = store.directory().join("sessions/a/journal.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    for (from, to, says) in
        [("words 3 ", "words 4 ", "was edited"), ("\"seq\":2,", "\"seq\":3,", "was edited")]
    {
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let (passed, said) = python(&old).unwrap();
        assert!(!passed && said.contains(says), "{said}");
    }
    let lines: Vec<&str> = text.lines().collect();
    std::fs::write(&path, lines[..lines.len() - 1].join("\n") + "\n").unwrap();
    assert!(python(&old).unwrap().1.contains("not as it was signed"));
    std::fs::write(&path, &text).unwrap();
    let heads = root.path().join("device/heads");
    let chain = std::fs::read_to_string(&heads).unwrap();
    std::fs::write(&heads, chain.replacen("\"closed\"", "\"opened\"", 1)).unwrap();
    let (passed, said) = python(&old).unwrap();
    assert!(!passed && said.contains("forged"), "{said}");
}

#[test]
fn a_disk_that_fills_up() {
    let root = tempfile::tempdir().unwrap();
    if !mounted(root.path(), "256k") {
        println!("skipped: this user may not mount");
        return;
    }
    let mut confirmed = 0;
    let mut writer = store(root.path()).create_session("s").unwrap();
    let refused = loop {
        let noted = Event::Noted { text: "words ".repeat(100) };
        match writer
            .append(&noted)
            .map_err(|error| error.to_string())
            .and_then(|()| writer.record(&[decided(confirmed)]).map_err(|error| error.to_string()))
        {
            Ok(()) => confirmed = writer.records(),
            Err(refused) => break refused,
        }
    };
    assert!(refused.contains("No space left on device"), "{refused}");
    assert!(writer.append(&Event::Resumed).is_err());
    drop(writer);
    let opened = store(root.path()).read("s").unwrap();
    assert!(opened.len() as u64 >= confirmed && confirmed > 10, "{} of {confirmed}", opened.len());
    Command::new("umount").arg("-l").arg(root.path()).status().unwrap();
}

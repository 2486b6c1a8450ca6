//! A process that writes a journal is killed again and again; what it was told is durable must be there.
//! Also prints what a decision costs, and fills a small disk where it may make one.
#![expect(clippy::unwrap_used, reason = "a test fails by a panic, in its helpers as well")]
#![expect(clippy::disallowed_methods, reason = "the test starts, feeds and kills processes of its own")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use conversation::{Digest, Event, Journal as _, Sent};
use ledger::{Store, Writer};
use policy::{Capability, Decided, Decision, Effect, Origin, Record as _, Request, Target};

const ROOT: &str = "LEDGER_CRASH_ROOT";
const KILLS: u64 = 60;

fn clock() -> u64 {
    1
}

fn store(root: &Path) -> Store {
    Store::open(root, Path::new("/w"), clock).unwrap()
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
    let mut writer = store(Path::new(&root)).create_or_open_spec("s").unwrap();
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
    for kill in 0..KILLS {
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
        let report = ledger::verify(&[root.path().to_path_buf()]);
        assert_eq!(report.findings, [], "kill {kill}");
    }
    println!("{KILLS} kills, {confirmed_most} records confirmed, {repairs} torn ends set aside");
    assert!(confirmed_most > 100, "the child came to write: {confirmed_most}");
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

/// Needs the right to mount; says so and does nothing where it is missing.
#[test]
fn a_disk_that_fills_up() {
    let root = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=256k", "none"])
        .arg(root.path())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !mounted {
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

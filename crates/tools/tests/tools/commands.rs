//! Commands in front and in the background.

use std::time::{Duration, Instant};

use conversation::Status;

use crate::harness::{Bench, link};

#[test]
fn output_and_exit_code() {
    let mut bench = Bench::new();
    bench.check("shell", r#"{"command":"echo hi; pwd | sed 's,.*/,,'"}"#, Status::Done, "hi\nwork\nexit 0");
    bench.check("shell", r#"{"cmd":"true"}"#, Status::Done, "exit 0");
    bench.check("shell", r#"{"command":["bash","-lc","echo a; echo b"]}"#, Status::Done, "a\nb\nexit 0");
    bench.check("shell", r#"{"command":["echo","a  b","it's"]}"#, Status::Done, "a  b it's\nexit 0");
    bench.check("shell", r#"{"command":"printf no; exit 3"}"#, Status::Failed, "no\nexit 3");
    bench.check("shell", r#"{"command":"kill -9 $$"}"#, Status::Failed, "ended by signal 9");
    bench.check(
        "shell",
        r#"{"command":"cat; tty; echo $PAGER $TERM"}"#,
        Status::Done,
        "not a tty\ncat dumb\nexit 0",
    );
    bench.check(
        "shell",
        r#"{"command":"sleep 81.7 & echo hi"}"#,
        Status::Done,
        "hi\n[what it left running was ended; use `background` for what should stay]\nexit 0",
    );
    bench.refuses("shell", r#"{"command":" "}"#, "the command is empty");
    bench.check(
        "shell",
        r#"{"command":"sleep 82.7","timeout":"1"}"#,
        Status::Failed,
        "[ended after 1 s; give a longer `timeout`, at most 600, or use `background`]",
    );
}

#[test]
fn a_reader_that_a_link_leads_outside_asks() {
    let mut bench = Bench::new();
    bench.put("src/a.txt", "a");
    link(&bench.outside.clone(), &bench.workspace.join("elsewhere"));
    link(&bench.workspace.join("src"), &bench.workspace.join("near"));
    assert_eq!(bench.asks("shell", r#"{"command":"cat src/a.txt near/a.txt"}"#), None);
    let asked = Some("default: reading outside the workspace".to_string());
    assert_eq!(bench.asks("shell", r#"{"command":"cat elsewhere/secret"}"#), asked);
    assert_eq!(bench.asks("shell", r#"{"command":"cd elsewhere && ls"}"#), asked);
}

#[test]
fn a_long_output_is_kept_whole() {
    let mut bench = Bench::new();
    let text = bench.call("shell", r#"{"command":"seq 20000; exit 1"}"#).text;
    assert!(text.len() < 17 * 1024 && text.starts_with("1\n2\n") && text.ends_with("20000\nexit 1"));
    assert!(
        text.contains(" bytes left out from line 1860 on; `process` with id o1 and offset 1860 reads on]\n"),
        "{text}"
    );
    bench.check(
        "process",
        r#"{"id":"o1","offset":9999,"limit":2}"#,
        Status::Done,
        "9999\n10000\n[lines 9999-10000 of 20000; continue with offset 10001]\n",
    );
    let text = bench.call("process", r#"{"id":"o1"}"#).text;
    assert!(text.ends_with("2000\n[lines 1-2000 of 20000; continue with offset 2001]\n"));
    bench.refuses("process", r#"{"id":"o7"}"#, "there is no output `o7`");
    bench.refuses("process", r#"{"id":"../work/x"}"#, "is no id that `shell` gave");
}

/// Reads what is new until it adds up to the wanted text, then the state.
#[track_caller]
fn reads(bench: &mut Bench, wanted: &str, state: &str) {
    let (end, mut read) = (Instant::now() + Duration::from_secs(20), String::new());
    while Instant::now() < end {
        let text = bench.call("process", r#"{"id":"p1"}"#).text;
        read.push_str(text.strip_suffix(state).unwrap_or(&text));
        if read == wanted && text.ends_with(state) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(read, wanted, "and then {state}");
}

#[test]
fn a_background_command_is_read_waited_for_and_stopped() {
    let mut bench = Bench::new();
    let line = r#"{"command":"echo one; until [ -e go ]; do sleep 0.01; done; echo two; sleep 83.7","background":true}"#;
    bench.check("shell", line, Status::Done, "started; its id is p1");
    reads(&mut bench, "one\n", "[running]");
    bench.check("process", r#"{"id":"p1"}"#, Status::Done, "[running]");
    bench.put("go", "");
    reads(&mut bench, "two\n", "[running]");
    let begun = Instant::now();
    bench.check("process", r#"{"id":"p1","wait":1}"#, Status::Done, "[running]");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    bench.check(
        "process",
        r#"{"id":"p1","limit":1}"#,
        Status::Done,
        "one\n[lines 1-1 of 2; continue with offset 2]\n[running]",
    );
    bench.check("process", r#"{"id":"p1","action":"stop"}"#, Status::Done, "ended by signal 15");
    bench.check("process", r#"{"id":"p1"}"#, Status::Done, "ended by signal 15");
    // In another session the output is still there, under a name that nothing else gets.
    let mut resumed = Bench::new();
    std::mem::swap(&mut resumed.scratch, &mut bench.scratch);
    resumed.check("process", r#"{"id":"p1"}"#, Status::Done, "one\ntwo\n[ended earlier]");
    let line = r#"{"command":"sleep 84.7","background":true}"#;
    resumed.check("shell", line, Status::Done, "started; its id is p2");
}

#[test]
fn a_background_command_that_ends_by_itself_says_how() {
    let mut bench = Bench::new();
    let text = bench.call("shell", r#"{"command":"no-such-command","background":true}"#).text;
    if text == "started; its id is p1" {
        // The machine was too busy for it to end at once.
        let text = bench.call("process", r#"{"id":"p1","wait":"20"}"#).text;
        assert!(text.ends_with("not found\nexit 127"), "{text}");
    } else {
        assert!(text.ends_with("not found\nexit 127 at once"), "{text}");
    }
}

#[test]
fn dropping_the_tools_ends_what_runs() {
    let mut bench = Bench::new();
    bench.call("shell", r#"{"command":"sleep 85.7 & sleep 85.8","background":true}"#);
    let runs = || {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
        lines.into_iter().any(|line| line.starts_with(b"sleep") && line.windows(3).any(|part| part == b"85."))
    };
    let end = Instant::now() + Duration::from_secs(20);
    while !runs() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(runs());
    drop(bench);
    // Killed is not yet dead.
    let end = Instant::now() + Duration::from_secs(5);
    while runs() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!runs());
}

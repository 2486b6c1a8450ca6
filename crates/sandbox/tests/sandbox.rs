//! Runs real processes and looks whether the bounds hold. Needs a POSIX shell; some tests need Linux's /proc.
#![expect(clippy::disallowed_methods, reason = "tests look at the disk and at the process table")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use sandbox::{Command, Finished, OwnCommand, OwnOutput, StartError, State, run, run_own, start};

fn path() -> Vec<(String, String)> {
    let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".to_string());
    vec![("PATH".to_string(), path)]
}

fn shell(line: &str) -> Command {
    Command { timeout: Duration::from_secs(20), ..Command::shell(line, Path::new("/"), path()) }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn finish(command: &Command) -> Finished {
    block_on(run(command, &|_| {})).unwrap()
}

fn check(line: &str, output: &str, exit: Option<i32>) {
    let finished = finish(&shell(line));
    assert_eq!((finished.output.head.as_str(), finished.exit), (output, exit), "{line}");
    assert!(!finished.timed_out, "{line}");
}

/// Whether a process runs whose command line holds this word.
fn runs(word: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.into_iter().any(|process| {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        let state = std::fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        let is_self = process.file_name().to_string_lossy() == std::process::id().to_string();
        !is_self && !state.contains(") Z ") && String::from_utf8_lossy(&line).contains(word)
    })
}

fn assert_gone(word: &str) {
    let end = Instant::now() + Duration::from_secs(2);
    while runs(word) {
        assert!(Instant::now() < end, "`{word}` still runs");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn output_and_exit_code() {
    check("echo a; echo b >&2; echo c", "a\nb\nc\n", Some(0));
    check("exit 3", "", Some(3));
    check("kill -9 $$", "", None);
    check("printf 'a\\xffb'", "a\u{fffd}b", Some(0));
    assert_eq!(finish(&shell("kill -9 $$")).signal, Some(9));
}

#[test]
fn nothing_is_inherited() {
    let finished = finish(&shell("env | cut -d= -f1 | grep -v -e '^_$' -e PWD -e SHLVL | sort"));
    assert_eq!(finished.output.head, "PATH\nWAYPOST_RUN\n");
    check("ls /proc/self/fd | tr '\\n' ' '", "0 1 2 3 ", Some(0));
}

#[test]
fn what_cannot_be_started_says_why() {
    let missing = Command { program: "no-such-program".to_string(), ..shell("true") };
    let error = block_on(run(&missing, &|_| {})).unwrap_err();
    assert!(matches!(error, StartError::NoProgram { .. }));
    assert_eq!(error.to_string(), "cannot run `no-such-program`: no such program");
    let nowhere = Command { directory: "/no/such".into(), ..shell("true") };
    let error = block_on(run(&nowhere, &|_| {})).unwrap_err();
    assert!(error.to_string().ends_with("the directory `/no/such` does not exist"), "{error}");
    assert!(matches!(start(&shell("true")), Err(StartError::NoSpill { .. })));
    let with_nul = shell("true\0");
    assert!(matches!(block_on(run(&with_nul, &|_| {})), Err(StartError::Other { .. })));
}

#[test]
fn a_command_that_waits_for_input_gets_none() {
    check("read line; echo \"[$line] $?\"", "[] 1\n", Some(0));
    check("cat", "", Some(0));
    // No terminal can be opened either, so a password prompt fails at once.
    let finished = finish(&shell("exec 2>&1; read line < /dev/tty; echo done"));
    assert!(finished.output.head.contains("/dev/tty"), "{:?}", finished.output);
}

#[test]
fn a_child_that_ignores_the_request_to_end_is_killed() {
    let begun = Instant::now();
    let line = "trap '' TERM; echo started; while :; do sleep 91.7; done";
    let finished = finish(&Command { timeout: Duration::from_millis(1500), ..shell(line) });
    assert!(finished.timed_out);
    assert_eq!((finished.signal, finished.output.head.as_str()), (Some(9), "started\n"));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert_gone("91.7");
}

#[test]
fn a_child_that_ends_when_asked_is_heard_to_the_end() {
    let line = "trap 'echo bye; exit 7' TERM; echo hi; sleep 92.7 & wait";
    let finished = finish(&Command { timeout: Duration::from_millis(1500), ..shell(line) });
    assert_eq!((finished.timed_out, finished.exit), (true, Some(7)));
    assert_eq!(finished.output.head, "hi\nbye\n");
    assert_gone("92.7");
}

#[test]
fn what_is_left_in_the_background_is_ended() {
    let begun = Instant::now();
    let finished = finish(&shell("sleep 93.7 & echo hi"));
    assert_eq!((finished.output.head.as_str(), finished.exit, finished.leftovers), ("hi\n", Some(0), true));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert_gone("93.7");
    // The same when it does not hold the output.
    assert!(finish(&shell("sleep 93.8 >/dev/null 2>&1 & echo hi")).leftovers);
    assert_gone("93.8");
    assert!(!finish(&shell("echo hi")).leftovers);
}

#[test]
fn an_endless_output_does_not_keep_the_time_from_running_out() {
    let begun = Instant::now();
    assert!(finish(&Command { timeout: Duration::from_millis(300), ..shell("yes") }).timed_out);
    let finished = finish(&shell("yes & echo hi; sleep 0.05"));
    assert_eq!((finished.exit, finished.leftovers), (Some(0), true));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[test]
fn a_double_fork_is_ended() {
    finish(&shell("( ( sleep 94.7 & ) & ); echo hi"));
    assert_gone("94.7");
    // A daemon with a session of its own that holds the output.
    let begun = Instant::now();
    let finished = finish(&shell("( setsid sleep 94.8 & ); echo hi"));
    assert_eq!((finished.output.head.as_str(), finished.leftovers), ("hi\n", true));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert_gone("94.8");
    // One that let go of the output, after a time-out.
    let line = "( setsid sleep 94.9 >/dev/null 2>&1 & ); sleep 95.7";
    assert!(finish(&Command { timeout: Duration::from_millis(300), ..shell(line) }).timed_out);
    assert_gone("94.9");
}

#[test]
fn a_child_that_closes_its_output_and_lives_on_is_waited_for() {
    check("echo hi; exec >&- 2>&-; sleep 0.3; exit 4", "hi\n", Some(4));
    let line = "exec >&- 2>&-; sleep 96.7";
    assert!(finish(&Command { timeout: Duration::from_millis(200), ..shell(line) }).timed_out);
}

#[test]
fn output_of_a_helper_that_is_slower_than_the_command_is_not_lost() {
    check("echo a > >(sleep 0.03; cat)", "a\n", Some(0));
}

#[test]
fn a_gigabyte_is_counted_and_its_ends_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let spill = folder.path().join("deep/out.log");
    let line = "echo begin; head -c 1000000000 /dev/zero | tr '\\0' x; echo; echo end";
    let finished = finish(&Command { spill: Some(spill.clone()), ..shell(line) });
    assert_eq!((finished.exit, finished.bytes_total), (Some(0), 1_000_000_011));
    assert!(finished.output.head.starts_with("begin\nxxx") && finished.output.tail.ends_with("end\n"));
    assert!(finished.output.text(|_| String::new()).len() <= 16 * 1024);
    assert_eq!((finished.spilled_to.as_deref(), finished.spill_cut), (Some(spill.as_path()), true));
    assert_eq!(std::fs::metadata(&spill).unwrap().len(), 64 * 1024 * 1024);
}

#[test]
fn the_whole_output_is_kept_in_a_file_when_it_is_long() {
    let folder = tempfile::tempdir().unwrap();
    let spill = folder.path().join("out.log");
    let finished = finish(&Command { spill: Some(spill.clone()), ..shell("seq 10000") });
    let whole: String = (1..=10_000).map(|n| format!("{n}\n")).collect();
    assert_eq!(std::fs::read_to_string(&spill).unwrap(), whole);
    assert_eq!(finished.spilled_to, Some(spill.clone()));
    let shown =
        finished.output.head.len() as u64 + finished.output.left_out + finished.output.tail.len() as u64;
    assert_eq!(shown, whole.len() as u64);
    std::fs::remove_file(&spill).unwrap();
    let finished = finish(&Command { spill: Some(spill.clone()), ..shell("seq 10") });
    assert_eq!((finished.spilled_to, spill.exists()), (None, false));
}

#[test]
fn output_is_shown_as_it_comes() {
    let shown = Mutex::new(String::new());
    block_on(run(&shell("printf 'é'; printf '\\xc3'; sleep 0.05; printf '\\xa9'"), &|text| {
        shown.lock().unwrap().push_str(text);
    }))
    .unwrap();
    assert_eq!(*shown.lock().unwrap(), "éé");
}

#[test]
fn a_dropped_future_ends_everything() {
    block_on(async {
        let command = shell("trap '' TERM; sleep 97.7 & ( setsid sleep 97.8 & ); sleep 97.9");
        let running = run(&command, &|_| {});
        assert!(tokio::time::timeout(Duration::from_millis(300), running).await.is_err());
    });
    ["97.7", "97.8", "97.9"].into_iter().for_each(assert_gone);
}

#[test]
fn a_background_command_can_be_read_and_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let spill = Some(folder.path().join("p1.log"));
    let mut running =
        start(&Command { spill: spill.clone(), ..shell("echo one; sleep 0.2; echo two; sleep 98.7") })
            .unwrap();
    let read_until = |running: &mut sandbox::Running, wanted: &str| {
        let (end, mut read) = (Instant::now() + Duration::from_secs(5), String::new());
        while read != wanted && Instant::now() < end {
            read.push_str(&running.read_new(1000).unwrap().0);
        }
        assert_eq!(read, wanted);
    };
    read_until(&mut running, "one\n");
    read_until(&mut running, "two\n");
    assert_eq!(running.state(), State::Running);
    assert_eq!(running.stop(), State::Ended { exit: None, signal: Some(15) });
    assert_eq!(running.state(), State::Ended { exit: None, signal: Some(15) });
    assert_gone("98.7");

    let mut short = start(&Command { spill, ..shell("seq 1000; exit 5") }).unwrap();
    let state = block_on(short.wait_at_most(Duration::from_secs(5)));
    assert_eq!(state, State::Ended { exit: Some(5), signal: None });
    let (text, skipped) = short.read_new(20).unwrap();
    assert_eq!((text.as_str(), skipped), ("996\n997\n998\n999\n1000\n".get(1..).unwrap(), 3893 - 20));
}

#[test]
fn a_dropped_background_command_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let spill = Some(folder.path().join("p1.log"));
    drop(start(&Command { spill, ..shell("sleep 99.7 & sleep 99.8") }).unwrap());
    ["99.7", "99.8"].into_iter().for_each(assert_gone);
}

#[test]
fn a_background_command_never_waits_for_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let spill = Some(folder.path().join("p1.log"));
    let mut running = start(&Command { spill, ..shell("head -c 3000000 /dev/zero") }).unwrap();
    let state = block_on(running.wait_at_most(Duration::from_secs(10)));
    assert_eq!(state, State::Ended { exit: Some(0), signal: None });
}

fn own(program: &str, arguments: &[&str], input: &[u8]) -> OwnOutput {
    let command = OwnCommand {
        program: program.into(),
        arguments: arguments.iter().map(Into::into).collect(),
        directory: "/".into(),
        environment: path(),
        input: input.to_vec(),
        timeout: Duration::from_millis(700),
        output_bytes_max: 1_000_000,
    };
    run_own(&command).unwrap()
}

#[test]
fn own_helpers_have_input_and_two_outputs() {
    let said = own("sh", &["-c", "cat; echo no >&2; exit 2"], b"hello");
    assert_eq!(
        (said.exit, said.output.as_slice(), said.errors.as_slice()),
        (Some(2), &b"hello"[..], &b"no\n"[..])
    );
    // More input and output than a pipe holds, at the same time.
    let much = vec![b'x'; 900_000];
    let said = own("cat", &[], &much);
    assert!(said.succeeded() && said.output == much);
    let said = own("head", &["-c", "2000000", "/dev/zero"], b"");
    assert!(said.cut && said.output.len() == 1_000_000 && said.exit == Some(0));
    // A helper that does not read its input.
    assert!(own("true", &[], &much).succeeded());
}

#[test]
fn own_helpers_cannot_hang() {
    let said = own("sh", &["-c", "trap '' TERM; echo hi; sleep 90.7; sleep 90.7"], b"");
    assert!(said.timed_out && said.output == b"hi\n");
    assert_gone("90.7");
    let said = own("sh", &["-c", "sleep 1 & echo hi"], b"");
    assert_eq!((said.exit, said.timed_out, said.output.as_slice()), (Some(0), false, &b"hi\n"[..]));
}

/// Prints what a command costs; the bound is wide because other work may run beside the test.
#[test]
fn starting_a_command_is_cheap() {
    let command = shell("true");
    let mut costs: Vec<Duration> = block_on(async {
        let mut costs = Vec::new();
        for _ in 0..100 {
            let begun = Instant::now();
            run(&command, &|_| {}).await.unwrap();
            costs.push(begun.elapsed());
        }
        costs
    });
    costs.sort();
    println!("bash -c true: median {:?}, p90 {:?}", costs[50], costs[90]);
    assert!(costs[50] < Duration::from_millis(50), "{:?}", costs[50]);
}

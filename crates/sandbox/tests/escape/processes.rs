//! Attempts on other processes, and on outliving one's own end.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::attempt::{Attempt, Outcome, attempt, gap, if_ok, if_read};
use crate::calls::{apart, asked, call, read_memory};
use crate::place::{Inside, PROCESSES, SECRET};

const SCHEDULED: &str = "how processes outside are scheduled";
const CALLED: &str = "what processes outside were called with";
const UNBOUND: &str = "the number of processes is not bounded";

/// How many processes a bomb tries to have. More than the bound and what kernels add to it.
const BOMB: usize = 900;

pub(crate) const ALL: &[Attempt] = &[
    attempt("signal_somebody", |it| if_ok("signalled", kill(it.victim, libc::SIGTERM))),
    attempt("stop_the_parent", |it| if_ok("signalled", kill(it.harness, libc::SIGCONT))),
    attempt("signal_by_descriptor", |it| {
        let opened = call(libc::SYS_pidfd_open, &[it.victim as usize, 0]);
        let signal = |number| call(libc::SYS_pidfd_send_signal, &[number, libc::SIGTERM as usize, 0, 0]);
        if_ok("signalled", opened.and_then(signal))
    }),
    attempt("signal_with_a_value", |it| {
        // As `sigqueue` makes it: the code says that a process sent it.
        let mut information = [0i32; 32];
        information[2] = -1;
        let pointer = information.as_ptr() as usize;
        if_ok(
            "signalled",
            call(libc::SYS_rt_sigqueueinfo, &[it.victim as usize, libc::SIGTERM as usize, pointer]),
        )
    }),
    attempt("trace_somebody", |it| {
        let seize = libc::PTRACE_SEIZE as usize;
        if_ok("traces", call(libc::SYS_ptrace, &[seize, it.victim as usize, 0, 0]))
    }),
    attempt("trace_the_parent", |it| {
        let seize = libc::PTRACE_SEIZE as usize;
        if_ok("traces", call(libc::SYS_ptrace, &[seize, it.harness as usize, 0, 0]))
    }),
    attempt("read_memory_of_somebody", |it| {
        if_read(read_memory(it.victim, it.address, SECRET.len()), SECRET)
    }),
    attempt("write_memory_of_somebody", |it| {
        let opened = fs::OpenOptions::new().write(true).open(format!("/proc/{}/mem", it.victim));
        if_ok("opened", opened)
    }),
    attempt("read_memory_as_a_file", |it| {
        use std::os::unix::fs::FileExt as _;
        let mut bytes = vec![0; SECRET.len()];
        let file = fs::File::open(format!("/proc/{}/mem", it.victim));
        if_read(
            file.and_then(|file| file.read_exact_at(&mut bytes, it.address as u64)).map(|()| bytes),
            SECRET,
        )
    }),
    attempt("read_variables_of_somebody", |it| {
        if_read(fs::read(format!("/proc/{}/environ", it.victim)), "ESCAPE_SECRET")
    }),
    attempt("read_variables_of_the_parent", |it| {
        if_read(fs::read(format!("/proc/{}/environ", it.harness)), "=")
    }),
    gap("read_what_somebody_was_called_with", CALLED, |it| {
        if_read(fs::read(format!("/proc/{}/cmdline", it.victim)), "victim")
    }),
    gap("list_descriptors_of_somebody", CALLED, |it| {
        if_ok("listed", fs::read_dir(format!("/proc/{}/fd", it.victim)))
    }),
    attempt("read_what_a_descriptor_of_somebody_is", |it| {
        if_ok("read", fs::read_link(format!("/proc/{}/fd/0", it.victim)))
    }),
    attempt("read_files_through_somebody", |it| {
        let path = format!("/proc/{}/root{}", it.victim, it.outside("secret").display());
        if_read(fs::read(path), SECRET)
    }),
    attempt("work_where_somebody_works", |it| {
        if_ok("went there", std::env::set_current_dir(format!("/proc/{}/cwd", it.victim)))
    }),
    attempt("take_a_descriptor_of_somebody", |it| {
        let opened = call(libc::SYS_pidfd_open, &[it.victim as usize, 0]);
        if_ok("took", opened.and_then(|number| call(libc::SYS_pidfd_getfd, &[number, 1, 0])))
    }),
    attempt("limit_somebody", |it| {
        let limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        let core = libc::RLIMIT_CORE as usize;
        if_ok("limited", call(libc::SYS_prlimit64, &[it.victim as usize, core, &raw const limit as usize, 0]))
    }),
    gap("slow_somebody_down", SCHEDULED, |it| {
        if_ok("slowed", call(libc::SYS_setpriority, &[libc::PRIO_PROCESS as usize, it.victim as usize, 5]))
    }),
    gap("move_somebody_to_a_processor", SCHEDULED, |it| {
        let mask = 1u64;
        let pointer = &raw const mask as usize;
        if_ok("moved", call(libc::SYS_sched_setaffinity, &[it.victim as usize, 8, pointer]))
    }),
    attempt("compare_with_somebody", |it| {
        let own = std::process::id() as usize;
        asked(libc::SYS_kcmp, &[own, it.victim as usize, 0, 1, 1])
    }),
    attempt("trace_a_child_of_its_own", |_| {
        let traced = apart(|| i32::from(call(libc::SYS_ptrace, &[libc::PTRACE_TRACEME as usize]).is_ok()));
        if traced == 1 { Outcome::Escaped("traced".to_string()) } else { Outcome::Held(format!("{traced}")) }
    }),
    attempt("outlive_the_command", |it| outlive(it, false)),
    attempt("outlive_the_command_while_it_waits", |it| outlive(it, true)),
    gap("a_bomb_of_processes", UNBOUND, |_| {
        let mut children = Vec::new();
        for _ in 0..BOMB {
            match unsafe { libc::fork() } {
                0 => unsafe {
                    libc::pause();
                    libc::_exit(0)
                },
                id if id > 0 => children.push(id),
                _ => break,
            }
        }
        let count = children.len();
        for id in children {
            unsafe {
                libc::kill(id, libc::SIGKILL);
                libc::waitpid(id, std::ptr::null_mut(), 0);
            }
        }
        // Kernels that count numbers instead of processes let through three hundred more.
        let most = PROCESSES as usize + 301;
        if count > most { Outcome::Escaped(format!("{count}")) } else { Outcome::Held(format!("{count}")) }
    }),
    attempt("an_image_of_memory", |it| {
        let ended = apart(|| {
            let all = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
            unsafe {
                libc::setrlimit(libc::RLIMIT_CORE, &raw const all);
                libc::abort()
            }
        });
        let left = fs::read_dir(it.work("")).into_iter().flatten().flatten();
        let image = left.into_iter().find(|entry| entry.file_name().to_string_lossy().starts_with("core"));
        match image {
            Some(image) => Outcome::Escaped(format!("{:?}", image.file_name())),
            None => Outcome::Held(format!("ended {ended}, no image")),
        }
    }),
    attempt("more_than_the_limit", |_| {
        let all = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
        let limit = |what: libc::__rlimit_resource_t| {
            call(libc::SYS_prlimit64, &[0, what as usize, &raw const all as usize, 0])
        };
        if_ok("raised", limit(libc::RLIMIT_FSIZE))
    }),
];

fn kill(id: i32, signal: i32) -> std::io::Result<usize> {
    call(libc::SYS_kill, &[id as usize, signal as usize])
}

/// Leaves somebody behind who left the session, closed everything and has no variables. Who lives on writes.
fn outlive(it: &Inside, wait: bool) -> Outcome {
    let line = format!(
        "(trap '' TERM HUP; for i in $(seq 200); do echo x >> {}; sleep 0.05; done) &",
        it.work("heart").display()
    );
    let mut command = Command::new("/usr/bin/env");
    command.args(["-i", "setsid", "/bin/sh", "-c", &line]).env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    unsafe {
        command.pre_exec(|| {
            libc::setsid();
            Ok(())
        });
    }
    let started = command.status();
    for _ in 0..100 {
        if it.work("heart").exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    if wait {
        std::thread::sleep(Duration::from_millis(150));
    }
    Outcome::Held(format!("{started:?}; whether it lives on is seen later"))
}

/// Whether what was left behind still writes. If so it is ended, for the sake of the machine.
pub(crate) fn heartbeat(it: &Inside) -> bool {
    let heart = it.work("heart");
    let length = || fs::metadata(&heart).map(|it| it.len()).unwrap_or(0);
    if length() == 0 {
        return false;
    }
    std::thread::sleep(Duration::from_millis(60));
    let before = length();
    std::thread::sleep(Duration::from_millis(300));
    let lives = length() > before;
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let id = process.file_name().to_string_lossy().parse::<i32>();
        if String::from_utf8_lossy(&line).contains(&heart.display().to_string())
            && let Ok(id) = id
            && id != std::process::id() as i32
        {
            let _gone = kill(id, libc::SIGKILL);
        }
    }
    lives
}

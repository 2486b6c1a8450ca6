//! Programs that start other programs: `env`, `sudo`, `xargs`, `find -exec`, `sh -c`, and their kin. What they start is
//! judged as if it stood alone, and the wrapper for itself.

use super::options::{Options, sort};
use super::{Bench, Class, Finding, Seen, base_name, danger, find, readers, services, shell, sub_shells};
use crate::sh::{Arg, Input, Unclear};

/// Wrappers that add nothing: their options with a value, and how many words stand in front of the program.
const PREFIXES: [(&str, &str, usize); 15] = [
    ("caffeinate", "tw", 0),
    ("catchsegv", "", 0),
    ("chronic", "", 0),
    ("chrt", "TPD", 1),
    ("gnice", "n", 0),
    ("gtimeout", "ks", 1),
    ("ionice", "cnt", 0),
    ("nice", "n", 0),
    ("nohup", "", 0),
    ("setsid", "", 0),
    ("stdbuf", "ioe", 0),
    ("taskset", "", 1),
    ("time", "f", 0),
    ("timeout", "ks", 1),
    ("unbuffer", "", 0),
];

/// Wrappers of which only this is known, that they start something.
const OPAQUE: [&str; 56] = [
    "act",
    "apptainer",
    "at",
    "aws-vault",
    "batch",
    "bunx",
    "chroot",
    "concurrently",
    "direnv",
    "docker",
    "docker-compose",
    "dotenv",
    "entr",
    "expect",
    "faketime",
    "fakeroot",
    "firejail",
    "flatpak-spawn",
    "flock",
    "gdb",
    "gosu",
    "hyperfine",
    "incus",
    "kubectl",
    "ltrace",
    "lxc",
    "make",
    "mosh",
    "nerdctl",
    "nix",
    "nix-shell",
    "nodemon",
    "npm",
    "npx",
    "nsenter",
    "op",
    "parallel",
    "perf",
    "pipx",
    "pnpm",
    "podman",
    "proot",
    "runuser",
    "screen",
    "script",
    "setpriv",
    "singularity",
    "ssh",
    "strace",
    "su",
    "systemd-run",
    "tmux",
    "unshare",
    "uvx",
    "valgrind",
    "watchexec",
];

/// Programs that are looked for behind wrappers that are not known.
const SOUGHT: [&str; 36] = [
    "aws",
    "az",
    "bash",
    "cargo",
    "chmod",
    "chown",
    "dd",
    "docker",
    "find",
    "gcloud",
    "git",
    "helm",
    "kill",
    "kubectl",
    "mkfs",
    "mkfs.ext4",
    "mysql",
    "npm",
    "perl",
    "podman",
    "psql",
    "pulumi",
    "python",
    "python3",
    "redis-cli",
    "rm",
    "rsync",
    "sh",
    "shred",
    "shutdown",
    "sqlite3",
    "systemctl",
    "terraform",
    "tofu",
    "truncate",
    "wipefs",
];

/// How many words of an unknown program are looked at as the beginning of another.
const SUFFIXES_MAX: usize = 24;

/// Judges what a wrapper starts. `true` when nothing is left to be said about the wrapper itself.
pub(super) fn unfold(
    bench: &mut Bench,
    name: &str,
    args: &[Arg],
    seen: &Seen<'_>,
    number: usize,
    finding: &mut Finding,
) -> Result<bool, Unclear> {
    match name {
        "env" | "genv" => env(bench, args, seen, number, finding)?,
        "sudo" | "doas" | "run0" | "pkexec" => elevated(bench, args, seen, number, finding)?,
        "command" | "builtin" | "exec" => built_in(bench, name, args, seen, number, finding)?,
        "busybox" | "toybox" => match args.first() {
            Some(first) if !first.text.starts_with('-') => bench.inner(seen, args, number)?,
            _ => finding.raise(Class::Unknown(format!("`{name}` without a program"))),
        },
        "coreutils" => {
            let program = args.first().and_then(|arg| arg.text.strip_prefix("--coreutils-prog="));
            match program {
                Some(program) => {
                    let argv = [&[Arg::known(program)], args.get(1..).unwrap_or_default()].concat();
                    bench.inner(seen, &argv, number)?;
                }
                None => finding.raise(Class::Unknown("`coreutils` without a program".to_string())),
            }
        }
        "xargs" | "gxargs" => xargs(bench, args, seen, number, finding)?,
        "find" | "gfind" => {
            actions(bench, args, seen, number)?;
            return Ok(false);
        }
        "eval" | "trap" => {
            if name == "trap" && args.len() < 2 {
                finding.raise(Class::Unknown("`trap` without a command".to_string()));
            } else if args.iter().any(|arg| arg.is_computed || arg.globs) {
                finding.hide("what it runs shows only when it runs");
            } else {
                let words: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
                let text =
                    if name == "trap" { words.first().unwrap_or(&"").to_string() } else { words.join(" ") };
                followed(bench, &text, seen, number, finding)?;
            }
        }
        "source" | "." => match args.first() {
            Some(file) if file.literal().is_some() => {
                finding.read(file);
                finding.raise(Class::Project(format!("runs `{}` in this shell", file.text)));
                finding.is_hidden = true;
            }
            _ => finding.hide("what it runs shows only when it runs"),
        },
        "watch" => {
            finding.raise(Class::Unknown("runs a command again and again".to_string()));
            // Its own options end where the command begins.
            let own = |arg: &&Arg| {
                arg.text.starts_with('-') || arg.text.chars().all(|c| c.is_ascii_digit() || c == '.')
            };
            let rest = args.get(args.iter().take_while(own).count()..).unwrap_or_default();
            if rest.iter().any(|arg| arg.is_computed) {
                finding.hide("what it runs shows only when it runs");
            } else {
                let text = rest.iter().map(|arg| arg.text.as_str()).collect::<Vec<_>>().join(" ");
                followed(bench, &text, seen, number, finding)?;
            }
        }
        _ if sub_shells::SHELLS.contains(&name) => {
            sub_shells::call(bench, name, args, seen, number, finding)?
        }
        _ if PREFIXES.iter().any(|(known, ..)| *known == name) => {
            prefix(bench, name, args, seen, number, finding)?;
        }
        _ => {
            let opaque = OPAQUE.contains(&name);
            if opaque || !is_known(name) {
                look_for_danger(args, seen, finding);
            }
            match name {
                "ssh" | "mosh" => {
                    finding.raise(Class::Network("runs a command on another machine".to_string()))
                }
                "npx" | "bunx" | "pipx" | "uvx" => {
                    finding.raise(Class::Project(format!("`{name}` may download a program, and runs it")));
                }
                "docker" | "docker-compose" | "podman" | "nerdctl" | "kubectl" | "npm" | "pnpm" | "make"
                | "act" | "lxc" | "incus" => {
                    return Ok(false);
                }
                _ if opaque => finding.raise(Class::Unknown(format!("`{name}` starts another program"))),
                _ => return Ok(false),
            }
        }
    }
    Ok(true)
}

/// Programs that take text which is no command.
fn is_known(name: &str) -> bool {
    matches!(
        name,
        "git"
            | "echo"
            | "printf"
            | "grep"
            | "rg"
            | "egrep"
            | "fgrep"
            | "jq"
            | "sed"
            | "awk"
            | "test"
            | "["
            | "[["
            | "cat"
            | "ls"
            | "which"
            | "type"
            | "man"
    )
}

/// A text that is run as a command line.
pub(super) fn followed(
    bench: &mut Bench,
    text: &str,
    seen: &Seen<'_>,
    number: usize,
    finding: &mut Finding,
) -> Result<(), Unclear> {
    if !bench.script(seen, text, number)? {
        finding.hide("the command line inside it is not followed");
        look_for_danger(&text.split_whitespace().map(Arg::known).collect::<Vec<_>>(), seen, finding);
    }
    Ok(())
}

fn env(
    bench: &mut Bench,
    args: &[Arg],
    seen: &Seen<'_>,
    number: usize,
    finding: &mut Finding,
) -> Result<(), Unclear> {
    let mut rest = args.iter();
    loop {
        let left = rest.as_slice();
        let Some(arg) = rest.next() else {
            finding.raise(Class::Unknown("prints the environment, and what is secret in it".to_string()));
            return Ok(());
        };
        let text = arg.text.as_str();
        match text {
            "-i" | "-" | "--ignore-environment" | "-0" | "--null" | "--" | "-v" | "--debug" => {}
            "-u" | "--unset" => {
                rest.next();
            }
            _ if text.starts_with("--unset=") || (text.starts_with("-u") && text.len() > 2) => {}
            // `-S` splits a text into words, `-C` goes elsewhere.
            _ if text.starts_with('-') => {
                finding.hide("an option of `env` that changes what runs");
                look_for_danger(left, seen, finding);
                let split = text.trim_start_matches("-S").trim_start_matches("--split-string=");
                let words: Vec<Arg> = split.split_whitespace().map(Arg::known).collect();
                look_for_danger(&words, seen, finding);
                return Ok(());
            }
            _ => match text.split_once('=').filter(|(name, _)| !name.is_empty()) {
                Some((name, value)) => {
                    let value = Arg { text: value.to_string(), ..arg.clone() };
                    shell::assignment(name, &value, Some("env"), finding);
                }
                None => return bench.inner(seen, left, number),
            },
        }
    }
}

fn elevated(
    bench: &mut Bench,
    args: &[Arg],
    seen: &Seen<'_>,
    number: usize,
    finding: &mut Finding,
) -> Result<(), Unclear> {
    finding.raise(Class::Acts("runs with the rights of another user".to_string()));
    let mut rest = args.iter();
    loop {
        let left = rest.as_slice();
        let Some(arg) = rest.next() else { return Ok(()) };
        let text = arg.text.as_str();
        let name = text.strip_prefix("--").map(|long| long.split('=').next().unwrap_or(long));
        match name {
            Some("") => return bench.inner(seen, rest.as_slice(), number),
            Some("user" | "group" | "host" | "prompt" | "chdir" | "role" | "type") if !text.contains('=') => {
                rest.next();
            }
            Some(_) => {}
            None if text.starts_with('-') && text.len() > 1 => {
                if text.contains(['s', 'i']) && text.chars().skip(1).all(|c| "siEHnkSbPAKvV".contains(c)) {
                    finding.hide("a shell of another user");
                }
                let last = text.chars().last();
                if last.is_some_and(|last| "ughpCrtTURDa".contains(last)) {
                    rest.next();
                }
            }
            None if text.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.contains('/')) => {
                finding.hide("sets a variable for another user's program");
            }
            None => return bench.inner(seen, left, number),
        }
    }
}

fn built_in(
    bench: &mut Bench,
    name: &str,
    args: &[Arg],
    seen: &Seen<'_>,
    number: usize,
    finding: &mut Finding,
) -> Result<(), Unclear> {
    let mut rest = args;
    while let Some((first, behind)) = rest.split_first() {
        match first.text.as_str() {
            "-v" | "-V" if name == "command" => return Ok(()),
            "-p" | "--" => rest = behind,
            "-c" | "-l" | "-cl" if name == "exec" => rest = behind,
            "-a" if name == "exec" => rest = behind.get(1..).unwrap_or_default(),
            text if text.starts_with('-') => {
                finding.hide("an option of a built-in command that is not known");
                return Ok(());
            }
            _ => return bench.inner(seen, rest, number),
        }
    }
    Ok(())
}

fn prefix(
    bench: &mut Bench,
    name: &str,
    args: &[Arg],
    seen: &Seen<'_>,
    number: usize,
    finding: &mut Finding,
) -> Result<(), Unclear> {
    let Some((_, valued, skipped)) = PREFIXES.iter().find(|(known, ..)| *known == name) else {
        return Ok(());
    };
    let mut rest = args.iter();
    let mut skipped = *skipped;
    loop {
        let left = rest.as_slice();
        let Some(arg) = rest.next() else {
            finding.raise(Class::Unknown(format!("`{name}` without a program")));
            return Ok(());
        };
        let text = arg.text.as_str();
        if text == "--" {
            continue;
        }
        if arg.is_computed && !arg.is_tame {
            finding.hide("which program it is shows only when it runs");
            look_for_danger(rest.as_slice(), seen, finding);
            return Ok(());
        }
        match text.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            Some(letters) if letters.starts_with('-') => {
                const ALONE: [&str; 9] = [
                    "foreground",
                    "preserve-status",
                    "verbose",
                    "portability",
                    "wait",
                    "fork",
                    "ctty",
                    "quiet",
                    "append",
                ];
                const VALUED: [&str; 12] = [
                    "kill-after",
                    "signal",
                    "adjustment",
                    "class",
                    "classdata",
                    "input",
                    "output",
                    "error",
                    "format",
                    "cpu-list",
                    "pid",
                    "bell",
                ];
                let long = letters.trim_start_matches('-');
                let (long, value) = long.split_once('=').map_or((long, false), |(long, _)| (long, true));
                // `time --output` writes a file.
                let writes = name == "time" && matches!(long, "output" | "append");
                if writes || !(ALONE.contains(&long) || VALUED.contains(&long)) {
                    finding.hide("an option of a wrapper that is not known");
                } else if VALUED.contains(&long) && !value {
                    rest.next();
                }
            }
            Some(letters) => {
                let first = letters.chars().next().unwrap_or(' ');
                if name == "time" && letters.contains(['o', 'a']) {
                    finding.hide("an option of a wrapper that writes");
                }
                if valued.contains(first) && letters.len() == 1 {
                    rest.next();
                }
            }
            None if skipped > 0 => skipped -= 1,
            None => return bench.inner(seen, left, number),
        }
    }
}

const XARGS: Options = Options {
    short: "0rtpxo",
    valued: "nPILsdER",
    paths: "a",
    long: "null no-run-if-empty max-args= max-procs= replace= delimiter= max-lines= verbose arg-file@ exit max-chars= interactive open-tty",
};

fn xargs(
    bench: &mut Bench,
    args: &[Arg],
    seen: &Seen<'_>,
    number: usize,
    finding: &mut Finding,
) -> Result<(), Unclear> {
    // Options end where the program begins.
    let mut at = 0;
    while let Some(arg) = args.get(at).filter(|arg| arg.text.starts_with('-')) {
        let letters = arg.text.trim_start_matches('-');
        let long = arg.text.starts_with("--");
        let takes = if long {
            XARGS
                .long
                .split(' ')
                .any(|listed| listed.trim_end_matches(['=', '@']) == letters && listed.ends_with(['=', '@']))
        } else {
            letters.len() == 1 && (XARGS.valued.contains(letters) || XARGS.paths.contains(letters))
        };
        at += 1 + usize::from(takes);
    }
    let (own, program) = args.split_at_checked(at).unwrap_or((args, &[]));
    let given = sort(own, &XARGS);
    if given.strange.is_some() {
        finding.hide("an option of `xargs` that is not known");
    }
    given.paths.iter().for_each(|path| finding.read(path));
    let replaced: Vec<String> = given
        .values
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "-I" | "--replace"))
        .map(|(_, value)| value.text.clone())
        .collect();
    let from_pipe = match (&seen.part.input, given.paths.is_empty()) {
        (Input::Part(from), true) => {
            seen.parts.get(*from).and_then(|part| readers::prints_names(part, seen.parts))
        }
        _ => None,
    };
    let mut argv = if program.is_empty() { vec![Arg::known("echo")] } else { program.to_vec() };
    let name = argv.first().map(|arg| base_name(&arg.text).to_string()).unwrap_or_default();
    let names = from_pipe.filter(|_| readers::takes_names(&name));
    let unknown = Arg { text: "…".to_string(), is_computed: true, may_split: true, ..Arg::default() };
    let stand_in = match &names {
        Some(starts) => {
            starts.iter().for_each(|start| finding.read_deep(start));
            None
        }
        None => Some(unknown.clone()),
    };
    if let Some(mark) = replaced.first().filter(|mark| !mark.is_empty()) {
        for arg in argv.iter_mut().filter(|arg| arg.text.contains(mark.as_str())) {
            let whole = arg.text == *mark;
            *arg = match &stand_in {
                None if whole => Arg::known("."),
                _ => Arg { text: arg.text.clone(), ..unknown.clone() },
            };
        }
    } else {
        argv.extend(stand_in.clone());
    }
    bench.inner(seen, &argv, number)
}

/// What `find -exec` and its kin start, once for all files.
fn actions(bench: &mut Bench, args: &[Arg], seen: &Seen<'_>, number: usize) -> Result<(), Unclear> {
    let start = find::starts(args).first().map_or(".", |arg| arg.text.trim_end_matches('/'));
    let start = if start.is_empty() { "/" } else { start };
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        at += 1;
        if !find::ACTIONS.contains(&arg.text.as_str()) {
            continue;
        }
        let behind = args.get(at..).unwrap_or_default();
        let length = find::action_length(behind);
        let argv: Vec<Arg> = behind
            .get(..length)
            .unwrap_or_default()
            .iter()
            .map(|arg| match arg.text.as_str() {
                // Any of the files below: as if a wildcard named them.
                "{}" => Arg { text: format!("{start}/*"), globs: true, ..Arg::default() },
                text if text.contains("{}") => {
                    Arg { text: text.to_string(), is_computed: true, may_split: true, ..Arg::default() }
                }
                _ => arg.clone(),
            })
            .collect();
        bench.inner(seen, &argv, number)?;
        at += length;
    }
    Ok(())
}

/// Looks among the words of a program that is not known for a command that would destroy something.
pub(super) fn look_for_danger(args: &[Arg], seen: &Seen<'_>, finding: &mut Finding) {
    for at in 0..args.len().min(SUFFIXES_MAX) {
        let Some((program, rest)) = args.get(at..).and_then(<[Arg]>::split_first) else { return };
        let name = base_name(&program.text);
        if SOUGHT.contains(&name) {
            let mut inner = Finding::new(finding.directory.clone());
            danger::check(name, rest, seen, &mut inner);
            services::check(name, rest, seen, &mut inner);
            finding.raise(inner.class);
        }
        // A whole command line in one word: `su -c 'rm -rf x'`.
        let is_line = !program.is_computed && program.text.contains([' ', '\n', ';']);
        if is_line && let Ok(commands) = super::nested(&program.text) {
            for command in commands {
                if matches!(command.class, Class::Destructive(_)) {
                    finding.raise(command.class);
                }
            }
        }
    }
}

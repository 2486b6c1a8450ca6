//! What to run and within which bounds, as a value; and the one place where a process begins.
#![expect(clippy::disallowed_methods, reason = "this is the one place that starts a process")]

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::confinement::Confinement;
use crate::escaped::Mark;
use crate::group::Group;

/// How long a command may take when nobody says otherwise.
const TIMEOUT: Duration = Duration::from_secs(120);

/// How much output is kept in memory when nobody says otherwise.
const OUTPUT_BYTES_MAX: usize = 16 * 1024;

/// A command to run. It has no input, no terminal, and no variable that is not listed.
#[derive(Clone, Debug)]
pub struct Command {
    /// The program: an absolute path, or a name that is looked up in the command's own `PATH`.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
    /// Its whole environment: nothing is inherited.
    pub environment: Vec<(String, String)>,
    /// After this long it is ended, and all that it started. A background command has no limit.
    pub timeout: Duration,
    /// How much of the output is kept in memory: half of it from the beginning, half from the end.
    pub output_bytes_max: usize,
    /// Where the whole output goes when it does not fit in memory. A background command needs it.
    pub spill: Option<PathBuf>,
    /// What it may reach. `None`: all that its user can.
    pub confinement: Option<Confinement>,
}

/// A process could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The directory in which it should run is not there.
    #[error("cannot run `{program}`: the directory `{directory}` does not exist")]
    NoDirectory {
        /// The program.
        program: String,
        /// The directory.
        directory: String,
    },
    /// The program is not there.
    #[error("cannot run `{program}`: no such program")]
    NoProgram {
        /// The program.
        program: String,
    },
    /// A background command names no file for its output.
    #[error("cannot run `{program}` in the background: no file for its output was named")]
    NoSpill {
        /// The program.
        program: String,
    },
    /// A strict profile asks for something that is not enforced here.
    #[error("`{program}` was not run, because not all of its profile can be enforced here: {}", gaps.join("; "))]
    NotEnforced {
        /// The program.
        program: String,
        /// What is not enforced, in words.
        gaps: Vec<String>,
    },
    /// The system refused a part of the confinement. Nothing was run.
    #[error("`{program}` was not run, because the system refused to confine it ({step}): {cause}")]
    NotConfined {
        /// The program.
        program: String,
        /// The part that failed.
        step: String,
        /// What the system said.
        cause: io::Error,
    },
    /// Anything else.
    #[error("cannot run `{program}`: {cause}")]
    Other {
        /// The program.
        program: String,
        /// What the system said.
        cause: io::Error,
    },
}

impl Command {
    /// A command line for bash, or for `sh` where the command's `PATH` has no bash.
    pub fn shell(line: &str, directory: &Path, environment: Vec<(String, String)>) -> Command {
        let path = environment.iter().find(|(name, _)| name == "PATH").map_or("/usr/bin:/bin", |(_, v)| v);
        let shells = std::env::split_paths(path).map(|directory| directory.join("bash"));
        let bash = shells.into_iter().find(|shell| shell.is_absolute() && shell.is_file());
        Command {
            program: bash.map_or("sh".to_string(), |bash| bash.to_string_lossy().into_owned()),
            arguments: vec!["-c".to_string(), line.to_string()],
            directory: directory.to_path_buf(),
            environment,
            timeout: TIMEOUT,
            output_bytes_max: OUTPUT_BYTES_MAX,
            spill: None,
            confinement: None,
        }
    }

    /// The same command, confined.
    #[must_use]
    pub fn confined(self, confinement: &Confinement) -> Command {
        Command { confinement: Some(confinement.clone()), ..self }
    }
}

/// The three descriptors of a process to start.
pub(crate) struct Wiring {
    pub(crate) input: Stdio,
    pub(crate) output: Stdio,
    pub(crate) errors: Stdio,
}

/// What the two kinds of commands have in common.
pub(crate) struct Start<'a> {
    pub(crate) program: &'a OsStr,
    pub(crate) arguments: Vec<&'a OsStr>,
    pub(crate) directory: &'a Path,
    pub(crate) environment: &'a [(String, String)],
    pub(crate) confinement: Option<&'a Confinement>,
}

impl Command {
    pub(crate) fn as_start(&self) -> Start<'_> {
        Start {
            program: OsStr::new(&self.program),
            arguments: self.arguments.iter().map(OsStr::new).collect(),
            directory: &self.directory,
            environment: &self.environment,
            confinement: self.confinement.as_ref(),
        }
    }
}

/// Starts a process in a session and a process group of its own, confined when that was asked for.
pub(crate) fn spawn(start: &Start<'_>, wiring: Wiring) -> Result<Group, StartError> {
    match start.confinement {
        Some(confinement) => confined::spawn(start, wiring, confinement),
        None => spawn_free(start, wiring),
    }
}

/// A command with all but its descriptors' ends and what it does before its program begins.
fn describe(start: &Start<'_>, mark: &Mark) -> std::process::Command {
    let mut command = std::process::Command::new(start.program);
    let environment = start.environment.iter().filter(|(name, _)| {
        start.confinement.is_none_or(|confinement| confinement.profile().passes_variable(name))
    });
    command.args(&start.arguments).env_clear().envs(environment.map(|(name, value)| (name, value)));
    if let Some(confinement) = start.confinement {
        command.envs(["TMPDIR", "TMP", "TEMP"].map(|name| (name, &confinement.profile().temporary)));
    }
    command.env(Mark::NAME, mark.value());
    command
}

fn spawn_free(start: &Start<'_>, wiring: Wiring) -> Result<Group, StartError> {
    let mark = Mark::next();
    let mut command = describe(start, &mark);
    command.current_dir(start.directory).stdin(wiring.input).stdout(wiring.output).stderr(wiring.errors);
    #[expect(
        unsafe_code,
        reason = "between fork and exec only async-signal-safe calls are allowed: the closure makes three \
                  raw system calls, allocates nothing, takes no lock and cannot panic; `close_range` only sets \
                  a flag that takes effect at the exec"
    )]
    unsafe {
        command.pre_exec(|| {
            // A new session has no controlling terminal: opening /dev/tty fails, so no prompt can hang.
            rustix::process::setsid()?;
            // When Waypost is killed, the command must not work on unseen.
            #[cfg(target_os = "linux")]
            rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
            // Whoever started Waypost may have left descriptors open; they are no business of the command.
            // An old kernel does not know the call; then they stay open, as they would anywhere else.
            #[cfg(target_os = "linux")]
            libc::close_range(3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC as libc::c_int);
            Ok(())
        });
    }
    // `spawn` returns after the exec, so the group exists from here on.
    let child = command.spawn().map_err(|cause| explain(start, cause))?;
    Ok(Group::new(child, mark))
}

#[cfg(target_os = "linux")]
mod confined {
    //! Starts a command that the kernel holds to its profile.

    use super::*;
    use crate::linux::{Refusal, prepare};

    pub(super) fn spawn(
        start: &Start<'_>,
        wiring: Wiring,
        confinement: &Confinement,
    ) -> Result<Group, StartError> {
        let refused = |refusal: Refusal| {
            let program = start.program.to_string_lossy().into_owned();
            match refusal {
                Refusal::NotEnforced(gaps) => StartError::NotEnforced { program, gaps },
                Refusal::Failed(step, cause) => StartError::NotConfined { program, step, cause },
            }
        };
        let mark = Mark::next();
        let mut prepared = prepare(confinement, start.directory).map_err(refused)?;
        // The directory is entered last, by the path that the confined process sees: entering it earlier would
        // keep a way to the files below what is mounted over them.
        let mut command = describe(start, &mark);
        command.stdin(wiring.input).stdout(wiring.output).stderr(wiring.errors);
        let entry = prepared.entry();
        #[expect(
            unsafe_code,
            reason = "between fork and exec only async-signal-safe calls are allowed: everything that needs memory was \
                      prepared, and `linux::child` makes only the raw system calls of `linux::sys`"
        )]
        unsafe {
            command.pre_exec(entry);
        }
        let child = command.spawn().map_err(|cause| match prepared.failed_step() {
            Some(_) if !start.directory.is_dir() => explain(start, io::ErrorKind::NotFound.into()),
            Some(step) => refused(Refusal::Failed(step, cause)),
            None => explain(start, cause),
        })?;
        let mut group = Group::new(child, mark);
        // When this fails the group is dropped, and with it the command.
        group.keep(prepared.begun().map_err(refused)?);
        Ok(group)
    }
}

#[cfg(not(target_os = "linux"))]
mod confined {
    //! Starts a command as far confined as this system can.

    use super::*;
    use crate::elsewhere::{enforced, wrap};

    pub(super) fn spawn(
        start: &Start<'_>,
        wiring: Wiring,
        confinement: &Confinement,
    ) -> Result<Group, StartError> {
        let (profile, enforced) = (confinement.profile(), enforced(confinement.profile()));
        if profile.strict && !enforced.is_complete() {
            let program = start.program.to_string_lossy().into_owned();
            return Err(StartError::NotEnforced {
                program,
                gaps: enforced.gaps().map(str::to_string).collect(),
            });
        }
        let (program, first) = wrap(profile, start.program);
        let mut arguments: Vec<&OsStr> = first.iter().map(|it| it.as_os_str()).collect();
        arguments.extend(&start.arguments);
        spawn_free(&Start { program: &program, arguments, ..*start }, wiring)
    }
}

fn explain(start: &Start<'_>, cause: io::Error) -> StartError {
    let program = start.program.to_string_lossy().into_owned();
    if cause.kind() != io::ErrorKind::NotFound {
        return StartError::Other { program, cause };
    }
    if start.directory.is_dir() {
        return StartError::NoProgram { program };
    }
    StartError::NoDirectory { program, directory: start.directory.to_string_lossy().into_owned() }
}

pub(crate) fn other(program: &str, cause: impl Into<io::Error>) -> StartError {
    StartError::Other { program: program.to_string(), cause: cause.into() }
}

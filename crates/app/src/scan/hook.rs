//! The hook that git runs before a commit: put where git looks for it, with the one that was there kept and run first, and
//! taken away without a trace. The hook itself only starts `waypost scan --staged`.
#![expect(clippy::disallowed_methods, reason = "the hook is written and taken away here")]

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox::{OwnCommand, OwnOutput, StartError};

use crate::error::{Error, Outcome};
use crate::term::glimpse;
use crate::world::World;

/// What git calls the hook, and what the one that was there is called meanwhile.
const NAME: &str = "pre-commit";
const KEPT: &str = "pre-commit.before-waypost";
/// By this a hook of ours is known. The number grows with the script.
const MARK: &str = "# waypost-hook 1: ";
/// Stands in the script when its folder was made for it.
const MADE: &str = "# The folder was made for this file.\n";
/// Bytes of a hook that are read; a longer one is no script of ours.
const BYTES_MAX: u64 = 1 << 20;
/// Settings and paths are all that git is asked for.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of its answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// The line that a person adds by hand where we do not.
const BY_HAND: &str = "add the line `waypost scan --staged || exit 1` to it yourself";

/// The place of the hook in one repository.
pub(crate) struct Hook {
    /// Where git looks for hooks.
    folder: PathBuf,
    /// This program.
    program: String,
}

/// What installing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Installed {
    /// It is new.
    New,
    /// It is new, and runs the one that was there first.
    Chained,
    /// It was there, and named another program.
    Renewed,
    /// It was there.
    Already,
}

/// What taking away came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removed {
    /// It is gone.
    Gone,
    /// It is gone, and the one that was there before is back.
    Restored,
    /// There was none of ours.
    None,
}

/// What stands where the hook belongs.
enum There {
    Nothing,
    /// Ours, as we write it.
    Ours {
        program: String,
        made: bool,
    },
    /// Ours, with other words in it.
    Changed,
    /// A person's or another tool's. The text as far as it was read.
    Other(String),
}

impl Hook {
    /// Asks git where its hooks are, with the settings of the person, as for the commit later.
    pub(crate) fn find(world: &World, root: &Path) -> Outcome<Hook> {
        let top = said(&git(world, root, &["rev-parse", "--show-toplevel"])?).ok_or_else(|| {
            Error::usage(format!("`{}` is no working copy of git", root.display()))
                .hint("a hook belongs to a repository: git init")
        })?;
        let top = PathBuf::from(top);
        let scope = git(world, &top, &["config", "--show-scope", "--get", "core.hooksPath"])?;
        if let Some(line) = said(&scope) {
            let (scope, folder) = line.split_once('\t').unwrap_or((&line, ""));
            if !matches!(scope, "local" | "worktree") {
                return Err(Error::failed(format!(
                    "`core.hooksPath` is set to `{folder}` for more than this repository ({scope})"
                ))
                .hint(format!("the hook there is yours to change: {BY_HAND}"))
                .hint("or give this repository hooks of its own: git config core.hooksPath .git/hooks"));
            }
        }
        let folder = git(world, &top, &["rev-parse", "--git-path", "hooks"])?;
        let folder = said(&folder).ok_or_else(|| refused(&folder))?;
        let folder = top.join(folder);
        if folder.symlink_metadata().is_ok() && !folder.is_dir() {
            return Err(Error::failed(format!(
                "`{}` is no folder, so git runs no hooks here",
                folder.display()
            ))
            .hint("see what sets it: git config --show-origin --get core.hooksPath"));
        }
        let program = world.program.to_str().filter(|program| !program.contains(['\n', '\r']));
        let program = program.ok_or_else(|| {
            Error::failed(format!(
                "the path of this program, `{}`, does not fit into a script",
                world.program.display()
            ))
            .hint("put the program elsewhere")
        })?;
        Ok(Hook { folder, program: program.to_string() })
    }

    /// The file that git runs.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// Where the hook that was there lies meanwhile.
    pub(crate) fn kept(&self) -> PathBuf {
        self.folder.join(KEPT)
    }

    /// Puts the hook there. A second time changes nothing.
    ///
    /// # Errors
    /// Where there is a hook that cannot run from another name, or that was written over ours; nothing is changed then.
    pub(crate) fn install(&self) -> Outcome<Installed> {
        let has_kept = self.kept().symlink_metadata().is_ok();
        match self.there()? {
            There::Ours { program, made: _ } if program == self.program => Ok(Installed::Already),
            There::Ours { made, .. } => self.write(made).map(|()| Installed::Renewed),
            There::Changed => Err(self.changed()),
            There::Nothing => {
                let made = !self.folder.is_dir();
                std::fs::create_dir_all(&self.folder).map_err(|error| self.failed("made", error))?;
                self.write(made)?;
                Ok(if has_kept { Installed::Chained } else { Installed::New })
            }
            There::Other(_) if has_kept => {
                Err(Error::failed(format!("`{}` and `{}` are both there", self.path().display(), KEPT))
                    .hint("the second was kept when Waypost's hook was installed, and another tool wrote over that hook since")
                    .hint(format!("look at both, keep one as `{NAME}`, remove the other, and try again")))
            }
            There::Other(text) => {
                self.may_be_renamed(&text)?;
                std::fs::rename(self.path(), self.kept()).map_err(|error| self.failed("kept", error))?;
                match self.write(false) {
                    Ok(()) => Ok(Installed::Chained),
                    Err(error) => {
                        let _ = std::fs::rename(self.kept(), self.path());
                        Err(error)
                    }
                }
            }
        }
    }

    /// Takes the hook away, and puts back what was there.
    ///
    /// # Errors
    /// Where somebody changed it: their words would be lost.
    pub(crate) fn remove(&self) -> Outcome<Removed> {
        let has_kept = self.kept().symlink_metadata().is_ok();
        match self.there()? {
            There::Changed => Err(self.changed()),
            There::Other(_) => Ok(Removed::None),
            There::Nothing | There::Ours { .. } if has_kept => {
                // The old file takes the name of ours in one step: there is no moment without a hook.
                std::fs::rename(self.kept(), self.path()).map_err(|error| self.failed("put back", error))?;
                Ok(Removed::Restored)
            }
            There::Nothing => Ok(Removed::None),
            There::Ours { made, .. } => {
                std::fs::remove_file(self.path()).map_err(|error| self.failed("removed", error))?;
                if made {
                    // Only while nothing else lies in it.
                    let _ = std::fs::remove_dir(&self.folder);
                }
                Ok(Removed::Gone)
            }
        }
    }

    fn there(&self) -> Outcome<There> {
        use std::io::Read as _;
        let path = self.path();
        let data = match path.symlink_metadata() {
            Ok(data) => data,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(There::Nothing),
            Err(error) => return Err(self.failed("read", error)),
        };
        if data.is_dir() {
            return Err(Error::failed(format!("`{}` is a folder", path.display())).hint("move it away"));
        }
        let mut bytes = Vec::new();
        // A link that leads nowhere is kept as any other hook.
        if path.metadata().is_ok_and(|data| data.is_file()) {
            let read =
                std::fs::File::open(&path).and_then(|file| file.take(BYTES_MAX).read_to_end(&mut bytes));
            read.map_err(|error| self.failed("read", error))?;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if data.is_symlink() || !text.lines().nth(1).is_some_and(|line| line.starts_with("# waypost-hook ")) {
            return Ok(There::Other(text));
        }
        let program = text.lines().find_map(|line| line.strip_prefix("program=")).and_then(unquoted);
        let made = text.contains(MADE);
        Ok(match program {
            Some(program) if script(&program, made) == text => There::Ours { program, made },
            _ => There::Changed,
        })
    }

    /// A hook that looks at its own name, or whose tool owns the folder, must keep both.
    fn may_be_renamed(&self, text: &str) -> Outcome<()> {
        let path = self.path();
        if self.folder.ends_with(".husky/_") {
            return Err(Error::failed(format!(
                "`{}` belongs to husky, which writes it anew",
                path.display()
            ))
            .hint("add the line `waypost scan --staged` to .husky/pre-commit"));
        }
        if text.contains("basename") && text.contains("$0") {
            return Err(Error::failed(format!(
                "`{}` looks at its own name, so it cannot run from another one",
                path.display()
            ))
            .hint(BY_HAND));
        }
        Ok(())
    }

    fn write(&self, made: bool) -> Outcome<()> {
        let temporary = self.folder.join(format!(".{NAME}.waypost-{}", crate::world::random()));
        let mut options = std::fs::OpenOptions::new();
        let written =
            options.write(true).create_new(true).mode(0o755).open(&temporary).and_then(|mut file| {
                file.write_all(script(&self.program, made).as_bytes())?;
                file.sync_all()?;
                std::fs::rename(&temporary, self.path())
            });
        written.map_err(|error| {
            let _ = std::fs::remove_file(&temporary);
            self.failed("written", error)
        })
    }

    fn changed(&self) -> Error {
        Error::failed(format!(
            "`{}` is Waypost's hook with changes by hand, which would be lost",
            self.path().display()
        ))
        .hint("move the changes elsewhere, remove the file, and try again")
    }

    fn failed(&self, what: &str, error: std::io::Error) -> Error {
        Error::failed(format!("`{}` cannot be {what}: {error}", self.path().display()))
            .hint("make the folder of hooks writable")
    }
}

/// The hook. It closes: where the program is gone, nothing is committed unseen.
fn script(program: &str, made: bool) -> String {
    let quoted = program.replace('\'', "'\\''");
    let made = if made { MADE } else { "" };
    format!(
        "#!/bin/sh\n\
         {MARK}looks for secrets in what a commit would bring. Take it away with: waypost scan --remove-hook\n\
         {made}\
         kept=\"$(dirname \"$0\")/{KEPT}\"\n\
         if [ -x \"$kept\" ]; then \"$kept\" \"$@\" || exit $?; fi\n\
         program='{quoted}'\n\
         [ -x \"$program\" ] || program=$(command -v waypost) || {{\n\
         \x20   echo \"waypost is not found, so nothing was looked into; install it, or remove $0\" >&2\n\
         \x20   exit 1\n\
         }}\n\
         exec \"$program\" scan --staged\n"
    )
}

/// The text inside single quotes, as `script` writes it.
fn unquoted(text: &str) -> Option<String> {
    Some(text.strip_prefix('\'')?.strip_suffix('\'')?.replace("'\\''", "'"))
}

fn git(world: &World, directory: &Path, arguments: &[&str]) -> Outcome<OwnOutput> {
    let mut environment = world.variables().clone();
    environment.insert("LC_ALL".to_string(), "C".to_string());
    let command = OwnCommand {
        program: "git".into(),
        arguments: arguments.iter().map(Into::into).collect(),
        directory: directory.to_path_buf(),
        environment: environment.into_iter().collect(),
        input: Vec::new(),
        timeout: TIMEOUT,
        output_bytes_max: ANSWER_BYTES_MAX,
    };
    sandbox::run_own(&command).map_err(|error| match error {
        StartError::NoProgram { .. } => {
            Error::failed("git was not found").hint("install it, or put it into PATH")
        }
        other => Error::failed(format!("git could not be started: {other}")),
    })
}

/// The answer without its line end, when git had one.
fn said(output: &OwnOutput) -> Option<String> {
    let text = String::from_utf8(output.output.clone()).ok()?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    (output.succeeded() && !text.is_empty()).then(|| text.to_string())
}

fn refused(output: &OwnOutput) -> Error {
    Error::failed(format!("git refused: {}", glimpse(&String::from_utf8_lossy(&output.errors), 300)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_of_ours_is_known_again() {
        for program in ["/usr/bin/waypost", "/home/o'brien/my tools/waypost", "'"] {
            for made in [false, true] {
                let text = script(program, made);
                let line = text.lines().find_map(|line| line.strip_prefix("program=")).unwrap();
                assert_eq!(unquoted(line).as_deref(), Some(program));
                assert_eq!(text.contains(MADE), made);
                assert!(text.lines().nth(1).unwrap().starts_with("# waypost-hook "));
            }
        }
    }
}

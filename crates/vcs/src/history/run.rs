//! Runs git on the person's repository so that nothing which the repository names is started. Interprets no answer but
//! those of `cat-file`.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox::{OwnCommand, OwnOutput, StartError, run_own};

use super::parse;

/// A log of a hundred thousand commits with renames takes seconds.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The longest answer that is read.
const OUTPUT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Settings that outrank those of the repository: each would start a program, follow another list, or change the
/// shape of an answer.
const SETTINGS: &[&str] = &[
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.quotePath=false",
    "core.attributesFile=/dev/null",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.alternateRefsCommand=false",
    "credential.helper=",
    "diff.external=",
    "diff.submodule=short",
    "diff.ignoreSubmodules=all",
    "diff.renames=true",
    "diff.renameLimit=1000",
    "diff.noprefix=false",
    "diff.relative=false",
    "log.showSignature=false",
    "log.mailmap=false",
    "log.follow=false",
    "log.showRoot=true",
    "log.diffMerges=off",
    "blame.ignoreRevsFile=",
    "blame.markIgnoredLines=false",
    "blame.markUnblamableLines=false",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "gpg.x509.program=false",
    "protocol.allow=never",
    "submodule.recurse=false",
    "color.ui=false",
];

/// Why there is no history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// There is no git.
    NoGit,
    /// The folder lies in no repository that git will read.
    NoRepository {
        /// What git said.
        said: String,
    },
}

impl std::fmt::Display for Absence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Absence::NoGit => write!(f, "git was not found; without it there is no history to read"),
            Absence::NoRepository { said } => write!(f, "there is no history: {said}"),
        }
    }
}

/// Why history could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// Git could not be started.
    #[error("git could not be started: {0}")]
    Start(StartError),
    /// Git said no.
    #[error("`git {verb}` failed in `{directory}`: {said}", directory = directory.display())]
    Git {
        /// What git was asked.
        verb: String,
        /// Where.
        directory: PathBuf,
        /// What it said.
        said: String,
    },
    /// Git took too long.
    #[error("`git {verb}` was ended after 2 minutes; ask for fewer commits")]
    Slow {
        /// What git was asked.
        verb: String,
    },
}

/// A repository that is there.
#[derive(Clone, Debug)]
pub(super) struct Repository {
    root: PathBuf,
    path: String,
    /// Variables that say which repository and which index are meant.
    variables: Vec<(String, String)>,
    pub(super) top: PathBuf,
    pub(super) is_shallow: bool,
}

impl Repository {
    pub(super) fn find(
        root: &Path,
        path: &str,
        variables: Vec<(String, String)>,
    ) -> Result<Repository, Absence> {
        let mut repository = Repository {
            root: root.to_path_buf(),
            path: path.to_string(),
            variables,
            top: PathBuf::new(),
            is_shallow: false,
        };
        let arguments = ["--is-inside-work-tree", "--is-shallow-repository", "--show-toplevel"];
        let output = repository.run("rev-parse", &arguments, Vec::new()).map_err(|error| match error {
            HistoryError::Start(StartError::NoProgram { .. }) => Absence::NoGit,
            other => Absence::NoRepository { said: other.to_string() },
        })?;
        let said = String::from_utf8_lossy(&output.output).into_owned();
        let mut lines = said.lines();
        let is_inside = lines.next() == Some("true");
        repository.is_shallow = lines.next() == Some("true");
        repository.top = PathBuf::from(lines.next().unwrap_or_default());
        if output.exit == Some(0) && is_inside {
            return Ok(repository);
        }
        let said = String::from_utf8_lossy(&output.errors);
        let said = said.lines().next().unwrap_or("the folder is no working copy").trim();
        Err(Absence::NoRepository { said: said.chars().take(300).collect() })
    }

    /// The folder from which paths count.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Asks; the caller judges exit code and bound.
    pub(super) fn run(
        &self,
        verb: &str,
        arguments: &[&str],
        input: Vec<u8>,
    ) -> Result<OwnOutput, HistoryError> {
        let mut all: Vec<OsString> =
            ["--no-pager", "--no-optional-locks", "--literal-pathspecs", "--no-replace-objects"]
                .iter()
                .map(OsString::from)
                .collect();
        for setting in SETTINGS {
            all.extend(["-c".into(), OsString::from(setting)]);
        }
        all.push(verb.into());
        all.extend(arguments.iter().map(OsString::from));
        let command = OwnCommand {
            program: "git".into(),
            arguments: all,
            directory: self.root.clone(),
            environment: self.environment(),
            input,
            timeout: TIMEOUT,
            output_bytes_max: OUTPUT_BYTES_MAX,
        };
        let output = run_own(&command).map_err(HistoryError::Start)?;
        if output.timed_out {
            return Err(HistoryError::Slow { verb: verb.to_string() });
        }
        Ok(output)
    }

    /// A refusal of our own, as an error.
    pub(super) fn told(&self, verb: &str, said: String) -> HistoryError {
        HistoryError::Git { verb: verb.to_string(), directory: self.root.clone(), said }
    }

    /// What git said, as an error.
    pub(super) fn refused(&self, verb: &str, output: &OwnOutput) -> HistoryError {
        let said = String::from_utf8_lossy(&output.errors).trim().replace('\n', "; ");
        let said = if said.is_empty() {
            "it gave no reason".to_string()
        } else {
            said.chars().take(2_000).collect()
        };
        self.told(verb, said)
    }

    /// For each name the file that it means and its length.
    pub(super) fn objects(&self, names: &[&str]) -> Result<Vec<Option<(String, usize)>>, HistoryError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let output = self.run("cat-file", &["--batch-check"], lines_of(names))?;
        if output.exit != Some(0) || output.cut {
            return Err(self.refused("cat-file", &output));
        }
        let mut objects = parse::objects(&output.output);
        objects.resize(names.len(), None);
        Ok(objects)
    }

    /// The contents of files by their object names.
    pub(super) fn contents(&self, objects: &[&str]) -> Result<HashMap<String, Vec<u8>>, HistoryError> {
        if objects.is_empty() {
            return Ok(HashMap::new());
        }
        let output = self.run("cat-file", &["--batch", "--buffer"], lines_of(objects))?;
        if output.exit != Some(0) {
            return Err(self.refused("cat-file", &output));
        }
        Ok(parse::contents(&output.output))
    }

    /// The whole environment: of the person's `GIT_` variables those alone that were handed in, no settings of the person or the machine, no
    /// prompt, nothing from the network.
    fn environment(&self) -> Vec<(String, String)> {
        let fixed = [
            ("PATH", self.path.as_str()),
            ("HOME", "/nonexistent"),
            ("LC_ALL", "C"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_ALLOW_PROTOCOL", ""),
        ];
        let mut all = fixed.map(|(name, value)| (name.to_string(), value.to_string())).to_vec();
        all.extend(self.variables.iter().cloned());
        all
    }
}

pub(super) fn lines_of<T: AsRef<str>>(names: &[T]) -> Vec<u8> {
    let mut input = Vec::new();
    for name in names {
        input.extend_from_slice(name.as_ref().as_bytes());
        input.push(b'\n');
    }
    input
}

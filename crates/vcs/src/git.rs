//! Runs git on Waypost's own repository, apart from every setting and variable of the person. Interprets nothing.
#![expect(clippy::disallowed_methods, reason = "the repository's own files are made here")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox::{OwnCommand, OwnOutput, StartError, run_own};

use crate::SnapshotError;

/// The first snapshot of a very large workspace takes tens of seconds.
const TIMEOUT: Duration = Duration::from_secs(10 * 60);

/// The longest answer: a listing of more than a million files.
const OUTPUT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What the repository is set to. Nothing else sets anything: system, user and attribute files are shut out.
///
/// Objects are synced because the ledger names them; in batches, because one by one would take seconds.
const CONFIG: &str = "\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tautocrlf = false
\tsafecrlf = false
\tignorecase = false
\tprecomposeunicode = false
\tprotectHFS = false
\tprotectNTFS = false
\tsymlinks = true
\tfsmonitor = false
\tuntrackedCache = false
\tsparseCheckout = false
\thooksPath = /dev/null
\tattributesFile = /dev/null
\tlogAllRefUpdates = false
\tcompression = 1
\tfsync = loose-object,pack,pack-metadata
\tfsyncMethod = batch
[index]
\tversion = 4
[gc]
\tauto = 0
[maintenance]
\tauto = false
[advice]
\taddEmbeddedRepo = false
[submodule]
\trecurse = false
";

/// This file outranks every `.gitattributes`: no filter, driver or conversion of the workspace is ever run, so a
/// snapshot holds the bytes that are on the disk.
const ATTRIBUTES: &str = "* -filter -text -eol -ident -working-tree-encoding !diff !merge !export-subst\n";

/// Waypost's own repository and the git that works on it.
#[derive(Clone, Debug)]
pub(crate) struct Git {
    directory: PathBuf,
    path: String,
}

/// One question to git.
pub(crate) struct Ask<'a> {
    /// The subcommand, for messages.
    pub(crate) verb: &'static str,
    /// Its arguments.
    pub(crate) arguments: Vec<OsString>,
    /// The root of the files and the directory in which git runs, where files matter.
    pub(crate) files: Option<(&'a Path, &'a Path)>,
    /// Settings for this call alone.
    pub(crate) settings: Vec<OsString>,
    /// The index, a file name in the repository.
    pub(crate) index: Option<&'a str>,
    /// What git reads.
    pub(crate) input: Vec<u8>,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(verb: &'static str, arguments: &[&str]) -> Ask<'a> {
        let arguments = arguments.iter().map(OsString::from).collect();
        Ask { verb, arguments, files: None, settings: Vec::new(), index: None, input: Vec::new() }
    }
}

impl Git {
    /// The repository in this directory, a new one when there is none. `path` is where git is looked for.
    pub(crate) fn open(directory: &Path, path: String) -> Result<Git, SnapshotError> {
        let git = Git { directory: directory.to_path_buf(), path };
        if !directory.join("ready").exists() {
            git.make()?;
        }
        Ok(git)
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Asks, and takes exit code 0 as the only success.
    pub(crate) fn ask(&self, ask: Ask<'_>) -> Result<Vec<u8>, SnapshotError> {
        let verb = ask.verb;
        let output = self.run(ask)?;
        if output.exit == Some(0) { Ok(output.output) } else { Err(self.refused(verb, &output)) }
    }

    /// Asks; the caller judges the exit code.
    pub(crate) fn run(&self, ask: Ask<'_>) -> Result<OwnOutput, SnapshotError> {
        let mut arguments = vec![concat("--git-dir=", self.directory.as_os_str())];
        if let Some((top, _)) = ask.files {
            arguments.push(concat("--work-tree=", top.as_os_str()));
        }
        for setting in ask.settings {
            arguments.extend([OsString::from("-c"), setting]);
        }
        arguments.push(ask.verb.into());
        arguments.extend(ask.arguments);
        let mut environment = self.environment();
        if let Some(index) = ask.index {
            let index = self.directory.join(index);
            environment.push(("GIT_INDEX_FILE".to_string(), index.to_string_lossy().into_owned()));
        }
        let command = OwnCommand {
            program: "git".into(),
            arguments,
            directory: ask.files.map_or(&*self.directory, |(_, directory)| directory).to_path_buf(),
            environment,
            input: ask.input,
            timeout: TIMEOUT,
            output_bytes_max: OUTPUT_BYTES_MAX,
        };
        let output = run_own(&command).map_err(|error| match error {
            StartError::NoProgram { .. } => SnapshotError::NoGit,
            other => SnapshotError::Start(other),
        })?;
        let bounds = |why| SnapshotError::Bounds { verb: ask.verb.to_string(), why };
        if output.timed_out {
            return Err(bounds("10 minutes"));
        }
        if output.cut {
            return Err(bounds("256 MiB of output"));
        }
        Ok(output)
    }

    /// What git said, as an error.
    pub(crate) fn refused(&self, verb: &str, output: &OwnOutput) -> SnapshotError {
        let said = String::from_utf8_lossy(&output.errors).trim().replace('\n', "; ");
        let said = match (said.is_empty(), output.signal) {
            (true, Some(signal)) => format!("signal {signal} ended it"),
            (true, None) => "it gave no reason".to_string(),
            (false, _) => said.chars().take(2_000).collect(),
        };
        SnapshotError::Git { verb: verb.to_string(), directory: self.directory.clone(), said }
    }

    fn make(&self) -> Result<(), SnapshotError> {
        let directory = &self.directory;
        let created = fs::DirBuilder::new().recursive(true).mode(0o700).create(directory);
        created.map_err(SnapshotError::io("create", directory))?;
        self.ask(Ask::new("init", &["--quiet", "--bare", "--template=", "--object-format=sha1"]))?;
        let write = |name: &str, text: &str| {
            let path = directory.join(name);
            fs::write(&path, text).map_err(SnapshotError::io("write", &path))
        };
        let info = directory.join("info");
        fs::create_dir_all(&info).map_err(SnapshotError::io("create", &info))?;
        write("config", CONFIG)?;
        write("info/attributes", ATTRIBUTES)?;
        // Last: a repository that was left half made is made again.
        write("ready", "1\n")
    }

    /// The whole environment: none of the person's `GIT_` variables, no settings but the repository's own, no
    /// prompt, and messages that can be read by a program.
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
            ("GIT_NO_REPLACE_OBJECTS", "1"),
        ];
        fixed.map(|(name, value)| (name.to_string(), value.to_string())).to_vec()
    }
}

/// A setting or option whose value is a path of any bytes.
pub(crate) fn concat(name: &str, value: &OsStr) -> OsString {
    let mut joined = OsString::from(name);
    joined.push(value);
    joined
}

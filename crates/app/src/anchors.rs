//! The anchors of the settings: a file, a program, a ref in a git store of its own. Each keeps lines that the ledger signed.
#![expect(clippy::disallowed_methods, reason = "asks whether the store of an anchor is there")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ledger::{Anchor, Anchors, FileAnchor};
use sandbox::OwnCommand;

use crate::config::AuditConfig;
use crate::error::{Error, Outcome};
use crate::term;
use crate::world::World;

/// How long an anchor may take for one line.
const SECONDS_MAX: u64 = 30;
/// How much an anchor may give back: about a hundred thousand heads.
const KEPT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Nothing on a ref yet.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// The anchors that the settings name.
pub(crate) fn of(world: &World, config: &AuditConfig) -> Outcome<Anchors> {
    let mut places: Vec<Arc<dyn Anchor>> = Vec::new();
    for text in config.anchor.iter() {
        places.push(place(world, text)?);
    }
    if config.required && places.is_empty() {
        return Err(Error::usage("config.toml has `required = true` under [audit] and no `anchor`")
            .hint("name one: anchor = \"file:/mnt/worm/waypost-heads\"; docs/settings.md lists them"));
    }
    Ok(Anchors { places, required: config.required })
}

fn place(world: &World, text: &str) -> Outcome<Arc<dyn Anchor>> {
    let wrong = |why: &str| {
        Error::usage(format!("config.toml has the anchor `{text}`, {why}")).hint(
            "an anchor is file:/absolute/path, command:a program, or git:refs/heads/name[@/absolute/path]",
        )
    };
    match text.split_once(':') {
        Some(("file", path)) if path.starts_with('/') => Ok(Arc::new(FileAnchor::new(PathBuf::from(path)))),
        Some(("command", line)) if !line.trim().is_empty() => {
            Ok(Arc::new(Program { name: text.to_string(), line: line.to_string(), world: world.clone() }))
        }
        Some(("git", rest)) => {
            let (name, store) = match rest.split_once('@') {
                Some((name, path)) => (name, PathBuf::from(path)),
                None => (rest, world.state.join("device/heads.git")),
            };
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
            let is_ref = name.starts_with("refs/heads/") && name.chars().all(plain) && !name.contains("..");
            if !is_ref || !store.is_absolute() {
                return Err(wrong("whose ref or path is none"));
            }
            let world = world.clone();
            Ok(Arc::new(Git { name: text.to_string(), ref_name: name.to_string(), store, world }))
        }
        _ => Err(wrong("which is none")),
    }
}

/// A program of the person's own.
struct Program {
    name: String,
    line: String,
    world: World,
}

impl Program {
    fn run(&self, what: &str, input: Vec<u8>) -> Result<String, String> {
        let mut environment = tools::command_environment(self.world.variables().clone());
        environment.push(("WAYPOST_ANCHOR".to_string(), what.to_string()));
        run(&self.world, "sh", &["-c", &self.line], environment, input)
    }
}

impl Anchor for Program {
    fn name(&self) -> &str {
        &self.name
    }

    fn put(&self, line: &str) -> Result<(), String> {
        self.run("put", format!("{line}\n").into_bytes()).map(|_| ())
    }

    fn each(&self, look: &mut dyn FnMut(&str)) -> Result<(), String> {
        self.run("get", Vec::new())?.lines().for_each(look);
        Ok(())
    }
}

/// A ref of a bare repository whose commits have the lines as their messages.
struct Git {
    name: String,
    ref_name: String,
    store: PathBuf,
    world: World,
}

impl Git {
    fn git(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut environment = tools::command_environment(self.world.variables().clone());
        environment.retain(|(name, _)| !name.starts_with("GIT_"));
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_AUTHOR_NAME", "Waypost"),
            ("GIT_AUTHOR_EMAIL", "waypost@localhost"),
            ("GIT_COMMITTER_NAME", "Waypost"),
            ("GIT_COMMITTER_EMAIL", "waypost@localhost"),
        ] {
            environment.push((name.to_string(), value.to_string()));
        }
        let store = format!("--git-dir={}", self.store.display());
        let arguments: Vec<&str> = [store.as_str()].into_iter().chain(arguments.iter().copied()).collect();
        run(&self.world, "git", &arguments, environment, input.as_bytes().to_vec())
    }

    /// The commit on the ref; `None` when there is none yet.
    fn tip(&self) -> Result<Option<String>, String> {
        let listed = self.git(&["for-each-ref", "--format=%(objectname)", &self.ref_name], "")?;
        Ok(listed.lines().next().map(str::to_string))
    }
}

impl Anchor for Git {
    fn name(&self) -> &str {
        &self.name
    }

    fn put(&self, line: &str) -> Result<(), String> {
        if !self.store.join("HEAD").is_file() {
            self.git(&["init", "--quiet", "--bare"], "")?;
        }
        let tip = self.tip()?;
        let tree = self.git(&["mktree"], "")?;
        let mut arguments = vec!["commit-tree", tree.trim(), "-F", "-"];
        arguments.extend(tip.iter().flat_map(|tip| ["-p", tip.as_str()]));
        let commit = self.git(&arguments, &format!("{line}\n"))?;
        let old = tip.as_deref().unwrap_or(NO_COMMIT);
        self.git(&["update-ref", &self.ref_name, commit.trim(), old], "").map(|_| ())
    }

    fn each(&self, look: &mut dyn FnMut(&str)) -> Result<(), String> {
        if !self.store.join("HEAD").is_file() {
            return Err(format!("there is no git store at `{}`", self.store.display()));
        }
        if let Some(tip) = self.tip()? {
            let log = self.git(&["log", "--reverse", "--format=%B", &tip], "")?;
            log.lines().filter(|line| !line.is_empty()).for_each(look);
        }
        Ok(())
    }
}

fn run(
    world: &World,
    program: &str,
    arguments: &[&str],
    environment: Vec<(String, String)>,
    input: Vec<u8>,
) -> Result<String, String> {
    let command = OwnCommand {
        program: program.into(),
        arguments: arguments.iter().map(Into::into).collect(),
        directory: world.home.clone(),
        environment,
        input,
        timeout: Duration::from_secs(SECONDS_MAX),
        output_bytes_max: KEPT_BYTES_MAX,
    };
    let output = sandbox::run_own(&command).map_err(|error| error.to_string())?;
    if output.timed_out {
        return Err(format!("it took longer than {SECONDS_MAX} seconds"));
    }
    if output.cut {
        return Err("it gave back more than 64 MiB".to_string());
    }
    if !output.succeeded() {
        let exit = output.exit.map_or("a signal ended it".to_string(), |exit| format!("exit code {exit}"));
        let words = String::from_utf8_lossy(&output.errors);
        return Err(format!("{exit} {}", term::glimpse(&words, 200)).trim_end().to_string());
    }
    Ok(String::from_utf8_lossy(&output.output).into_owned())
}

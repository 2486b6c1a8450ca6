//! What a commit that an agent makes would bring, looked into for credentials before it is made: the index, and the files that the
//! same line adds. A commit of the person's own is the hook's business (`waypost scan --install-hook`).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use guard::Hold;
use policy::{Capability, Judged, Permit, Target};
use sandbox::{Confine, Confined, OwnCommand, run_own, run_own_confined};
use vcs::history::History;

use crate::scan::{self, Outcomes};
use crate::workspace::Workspace;
use crate::world::World;

/// How much of git's list of files is read.
const LIST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long git may take for it.
const LIST_TIMEOUT: Duration = Duration::from_secs(60);
/// How many findings are named.
const NAMED_MAX: usize = 5;

/// Options of `git commit` that bring nothing beside the index; those in the second list are followed by a value.
const PLAIN: [&str; 9] =
    ["-q", "--quiet", "-s", "--signoff", "--amend", "--no-edit", "--allow-empty", "-v", "--verbose"];
const VALUED: [&str; 6] = ["-m", "--message", "-F", "--file", "--author", "--date"];

/// Holds commands as `Hold` does, and lets no commit be made that holds a credential.
pub(crate) struct Commits {
    pub(crate) hold: Arc<Hold>,
    pub(crate) world: World,
    pub(crate) workspace: Workspace,
}

/// What a line commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Brings {
    Nothing,
    Index,
    /// Also files that are not in the index yet.
    Files,
}

impl Confine for Commits {
    fn confine(&self, permit: &Permit) -> Result<Confined, String> {
        let confined = self.hold.confine(permit)?;
        let lines = permit.requests().iter().filter_map(|request| match &request.target {
            Target::Command(line) if request.capability == Capability::Shell => Some(line.as_str()),
            _ => None,
        });
        let brings = lines.map(brings).max_by_key(|brings| *brings as u8).unwrap_or(Brings::Nothing);
        if brings != Brings::Nothing {
            let outcomes = self.look(brings, &confined)?;
            if !outcomes.is_clean() {
                return Err(refusal(&outcomes));
            }
        }
        Ok(confined)
    }

    fn hosts(&self, command: &Judged) -> Vec<String> {
        self.hold.hosts(command)
    }
}

impl Commits {
    fn look(&self, brings: Brings, confined: &Confined) -> Result<Outcomes, String> {
        let told = |why: String| {
            format!("what the commit would bring could not be looked into, so it was not made: {why}")
        };
        let loaded = scan::load(&self.world, &self.workspace.root, &[]).map_err(|error| told(error.cause))?;
        let path = self.world.variable("PATH").unwrap_or_default();
        let history = History::open(&self.workspace.root, &path);
        if history.absence().is_some() {
            // Nothing can be committed there either.
            return Ok(Outcomes::default());
        }
        let mut outcomes = scan::in_index(&loaded, &history, &|_| true, &mut |_, _| {})
            .map_err(|error| told(error.to_string()))?;
        if brings == Brings::Files {
            let files = self.files(confined).map_err(told)?;
            outcomes.add(scan::in_files(&loaded, &self.workspace.root, &path, &files, &mut |_, _| {}));
        }
        Ok(outcomes)
    }

    /// Files that git does not follow, or that differ from the index. Asked inside the sandbox: filters of a repository may run.
    fn files(&self, confined: &Confined) -> Result<Vec<PathBuf>, String> {
        let arguments = ["ls-files", "-z", "--modified", "--others", "--exclude-standard"];
        let command = OwnCommand {
            program: "git".into(),
            arguments: arguments.iter().map(Into::into).collect(),
            directory: self.workspace.root.clone(),
            environment: confined.environment.clone(),
            input: Vec::new(),
            timeout: LIST_TIMEOUT,
            output_bytes_max: LIST_BYTES_MAX,
        };
        let ran = match &confined.confinement {
            Some(confinement) => run_own_confined(&command, confinement),
            None => run_own(&command),
        };
        let output = ran.map_err(|error| error.to_string())?;
        if !output.succeeded() {
            return Err("git did not list the files that differ".to_string());
        }
        use std::os::unix::ffi::OsStrExt as _;
        let names = output.output.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        let paths = names.map(|name| self.workspace.root.join(std::ffi::OsStr::from_bytes(name)));
        // One that was removed brings nothing.
        Ok(paths.filter(|path| path.symlink_metadata().is_ok()).collect())
    }
}

/// What a line commits, by its words.
fn brings(line: &str) -> Brings {
    let Ok(commands) = policy::judge(line) else { return Brings::Nothing };
    let git = |command: &&Judged| {
        command.words.first().is_some_and(|word| word.rsplit('/').next().unwrap_or(word) == "git")
    };
    let mut brings = Brings::Nothing;
    let mut adds = false;
    for command in commands.iter().filter(git) {
        let says = |word: &str| command.words.iter().any(|said| said == word);
        adds |= says("add") || says("stage") || says("mv");
        if says("commit") {
            let after = command.words.iter().skip_while(|word| *word != "commit").skip(1);
            brings = if is_plain(after) && brings != Brings::Files { Brings::Index } else { Brings::Files };
        }
    }
    if adds && brings == Brings::Index { Brings::Files } else { brings }
}

/// Whether these arguments of `git commit` bring the index alone.
fn is_plain<'w>(words: impl Iterator<Item = &'w String>) -> bool {
    let mut is_value = false;
    for word in words {
        if is_value {
            is_value = false;
        } else if VALUED.contains(&word.as_str()) {
            is_value = true;
        } else if is_cluster(word) {
            is_value = word.ends_with('m');
        } else if !PLAIN.contains(&word.as_str()) && !word.starts_with("--message=") {
            return false;
        }
    }
    true
}

/// Short options in one word that bring nothing by themselves: `-qsm`.
fn is_cluster(word: &str) -> bool {
    let letters = word.strip_prefix('-').unwrap_or_default();
    let before = letters.strip_suffix('m').unwrap_or(letters);
    letters.len() > 1 && before.chars().all(|letter| "qsv".contains(letter))
}

fn refusal(outcomes: &Outcomes) -> String {
    let found: Vec<String> = outcomes
        .found
        .iter()
        .take(NAMED_MAX)
        .map(|found| format!("{} at {}:{}", found.rule, found.path, found.start.0))
        .chain(
            outcomes.unread.iter().take(NAMED_MAX).map(|unread| format!("{}: {}", unread.path, unread.why)),
        )
        .collect();
    format!(
        "the commit was not made, because it would hold a credential or something that cannot be looked into: {}; take it \
         out of the files or of the index. A person can accept it, see `waypost scan --help`",
        found.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_commits() {
        let check = |line: &str, expected: Brings| assert_eq!(brings(line), expected, "{line}");
        check("git status", Brings::Nothing);
        check("git commit -m 'a b'", Brings::Index);
        check("git commit -q --amend --no-edit", Brings::Index);
        check("git commit -qsm 'a -a'", Brings::Index);
        check("git commit -am x", Brings::Files);
        check("git commit -qma", Brings::Files);
        check("git commit a.rs -m x", Brings::Files);
        check("git add a && git commit -m x", Brings::Files);
        check("cd src && git commit -m x", Brings::Index);
        check("bash -c 'git commit --all -m x'", Brings::Files);
    }
}

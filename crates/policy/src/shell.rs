//! The first way to look at a command line, for callers that only ask whether it is plain: a thin face over `sh` and `judge`.

use std::path::Path;

use crate::judge::{self, Class};
use crate::sh;

/// What a command line was understood as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Understood {
    /// Simple commands without substitutions, variables, assignments or files that the shell opens.
    Commands(Vec<SimpleCommand>),
    /// Something else; the reason, as a noun. [`crate::judge`] may know more.
    Unclear(&'static str),
}

/// One command with its words, quotes removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimpleCommand {
    /// The command as it was written.
    pub text: String,
    /// Its words.
    pub words: Vec<String>,
    /// Whether a wildcard stands outside quotes: the shell may make more words of it, and options too.
    pub globbed: bool,
}

/// Reads a command line. [`crate::judge`] follows more, and tells what each command does.
pub fn understand(line: &str) -> Understood {
    let parts = match sh::read(line) {
        Ok(parts) => parts,
        Err(unclear) => return Understood::Unclear(unclear.why),
    };
    let mut commands = Vec::with_capacity(parts.len());
    for part in parts {
        let writes = part.redirections.iter().any(|to| to.target.literal() != Some("/dev/null"));
        let why = match () {
            () if part.hazard.is_some() || part.argv.iter().any(|arg| arg.is_computed) => "a substitution",
            () if part.via.iter().any(|via| *via != sh::Via::Pipe) => "a group",
            () if writes
                || part.input != sh::Input::Inherited && !matches!(part.input, sh::Input::Part(_)) =>
            {
                "a redirection"
            }
            () if !part.assignments.is_empty() => "an assignment",
            () => {
                commands.push(SimpleCommand {
                    text: part.text,
                    words: part.argv.iter().map(|arg| arg.text.clone()).collect(),
                    globbed: part.argv.iter().any(|arg| arg.globs),
                });
                continue;
            }
        };
        return Understood::Unclear(why);
    }
    Understood::Commands(commands)
}

impl SimpleCommand {
    /// Whether the command is known to change nothing.
    pub fn reads_only(&self) -> bool {
        judge::judge(&self.text)
            .is_ok_and(|commands| commands.iter().all(|command| command.class == Class::ReadOnly))
    }

    /// Whether an argument may name something outside the directory in which the command runs.
    ///
    /// Limitations: it looks at the words only; whoever can look at the disk resolves symlinks before the gate.
    ///
    /// `root` is the resolved root of the workspace, where that is known: an absolute path below it is inside.
    pub fn names_outside(&self, root: Option<&Path>) -> bool {
        self.words.iter().skip(1).any(|word| {
            let value = word.split_once('=').map_or(word.as_str(), |(_, value)| value);
            let below = |root: &Path| Path::new(value).starts_with(root);
            let value = if root.is_some_and(below) { value.trim_start_matches('/') } else { value };
            let climbs = value.split('/').any(|part| part == "..");
            // The value of an option may stand right behind its letter.
            let attached = word.starts_with('-')
                && !word.contains('=')
                && (word.contains(['/', '~']) || word.contains(".."));
            // A directory that the shell picks may be a link; a named one can be looked at before.
            let picked = self.globbed
                && word.rsplit_once('/').is_some_and(|(directory, _)| directory.contains(['*', '?', '[']));
            picked || (value.starts_with(['/', '~']) && value != "/dev/null") || climbs || attached
        })
    }

    /// The program, without a directory.
    pub fn program(&self) -> &str {
        self.words.first().map_or("", |word| word.rsplit('/').next().unwrap_or(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_commands_and_others() {
        let check = |line: &str, expected: &str| {
            let found = match understand(line) {
                Understood::Unclear(why) => format!("unclear: {why}"),
                Understood::Commands(parts) => {
                    let word = |part: &SimpleCommand| if part.reads_only() { 'r' } else { '?' };
                    let shown = parts.iter().map(|part| format!("{}{:?}", word(part), part.words));
                    shown.collect::<Vec<_>>().join(" ")
                }
            };
            assert_eq!(found, expected, "{line}");
        };
        check("git status && cargo test", r#"r["git", "status"] ?["cargo", "test"]"#);
        check("cat a | grep 'x y' 2>/dev/null | wc -l", r#"r["cat", "a"] r["grep", "x y"] r["wc", "-l"]"#);
        check("cat $(rm x)", "unclear: a group");
        check("echo a > b", "unclear: a redirection");
        check("LD_PRELOAD=x ls", "unclear: an assignment");
        check("echo 'a", "unclear: an open quote");
    }
}

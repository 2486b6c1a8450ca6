//! What a command line would do, told by its simple commands: what they read, write, delete, start. Decides nothing.
//!
//! A command counts as reading only when it is known *with the options that it has*. Whatever is not known, is unknown.

mod danger;
mod files;
mod find;
mod git;
mod options;
mod project;
mod readers;
mod scripts;
mod services;
mod shell;
mod sub_shells;
mod wrappers;

use std::ops::Range;
use std::path::Path;

use crate::sh::{self, Access, Arg, Directory, Part, Unclear, Via};

/// How many wrappers (`sudo env nice …`, `sh -c`) are taken off one command.
const WRAPPERS_MAX: usize = 12;

/// How many commands one line may come to, with those inside wrappers.
const COMMANDS_MAX: usize = 1_024;

/// What a simple command does, from harmless to destructive. Ordered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Reads, prints, computes.
    ReadOnly,
    /// Creates, changes or removes the files that its effects name, and does nothing else.
    Writes,
    /// Runs code of the project: a build, a test, a script. What it runs.
    Project(String),
    /// Reaches another machine. How.
    Network(String),
    /// Does something else that is known. What.
    Acts(String),
    /// Not known, or not to be seen before it runs. Why.
    Unknown(String),
    /// Takes something away that may not come back. What, in words for a person: the blast radius.
    Destructive(String),
}

/// A path that a command touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// What it does with it.
    pub access: Access,
    /// As the command names it; with `deep`, the directory in front of any wildcard.
    pub path: String,
    /// Whatever lies below may be touched as well.
    pub deep: bool,
    /// Where a relative path begins.
    pub directory: Directory,
    /// Why the path is not certain, when it is not.
    pub doubt: Option<&'static str>,
    /// The shell itself opens it, for a redirection.
    pub by_shell: bool,
}

/// One simple command and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// As it is written.
    pub text: String,
    /// Program and arguments, quotes taken away.
    pub words: Vec<String>,
    /// Where it stands in the line, in bytes.
    pub span: Range<usize>,
    /// What it stands in, outermost first.
    pub via: Vec<Via>,
    /// What it does.
    pub class: Class,
    /// The paths that it touches, as far as they are known.
    pub touches: Vec<Touch>,
    /// Hosts or addresses that it names.
    pub hosts: Vec<String>,
    /// The number of the command that starts it, when it is wrapped: of `sudo` for `sudo make`.
    pub wrapped_by: Option<usize>,
    /// What it does hides in what is computed: no rule about its text can speak for it.
    pub is_hidden: bool,
    /// It may make a path lead elsewhere than it did before: a link, a moved or unpacked directory.
    pub relinks: bool,
}

impl Class {
    /// A word for tables and records.
    pub fn name(&self) -> &'static str {
        match self {
            Class::ReadOnly => "read-only",
            Class::Writes => "writes",
            Class::Project(_) => "project code",
            Class::Network(_) => "network",
            Class::Acts(_) => "acts",
            Class::Unknown(_) => "unknown",
            Class::Destructive(_) => "destructive",
        }
    }

    /// What it is about, for a person; empty for the first two.
    pub fn why(&self) -> &str {
        match self {
            Class::ReadOnly | Class::Writes => "",
            Class::Project(why)
            | Class::Network(why)
            | Class::Acts(why)
            | Class::Unknown(why)
            | Class::Destructive(why) => why,
        }
    }
}

/// Reads a line and judges each of its simple commands, those inside wrappers too.
///
/// # Errors
/// [`Unclear`] when the line could not be followed.
pub fn judge(line: &str) -> Result<Vec<Judged>, Unclear> {
    judge_at(line, None)
}

/// The same, where the resolved root of the workspace is known, in which the line begins.
pub(crate) fn judge_at(line: &str, root: Option<&Path>) -> Result<Vec<Judged>, Unclear> {
    let mut parts = sh::read(line)?;
    for part in &mut parts {
        if let (Some(root), Directory::OneOf(all)) = (root, &mut part.directory) {
            for directory in all.iter_mut().filter(|directory| !directory.contains("..")) {
                if let Ok(inside) = Path::new(&*directory).strip_prefix(root) {
                    *directory = inside.to_string_lossy().into_owned();
                }
            }
        }
    }
    let mut bench = Bench { judged: Vec::new(), depth: 0 };
    for part in &parts {
        let seen = Seen { part, argv: &part.argv, parts: &parts };
        bench.part(&seen, None)?;
    }
    Ok(bench.judged)
}

/// The same for a text inside a line, without looking into what it wraps again: this bounds the work.
fn nested(line: &str) -> Result<Vec<Judged>, Unclear> {
    let parts = sh::read(line)?;
    let mut bench = Bench { judged: Vec::new(), depth: WRAPPERS_MAX - 1 };
    for part in &parts {
        let seen = Seen { part, argv: &part.argv, parts: &parts };
        bench.part(&seen, None)?;
    }
    Ok(bench.judged)
}

/// A command in the place where it stands.
#[derive(Clone, Copy)]
struct Seen<'a> {
    part: &'a Part,
    /// Its words; for what a wrapper starts, without the wrapper.
    argv: &'a [Arg],
    /// All of the line, for what comes through pipes.
    parts: &'a [Part],
}

/// Where judgements are collected.
struct Bench {
    judged: Vec<Judged>,
    depth: usize,
}

/// What is found out about one command.
struct Finding {
    class: Class,
    touches: Vec<Touch>,
    hosts: Vec<String>,
    is_hidden: bool,
    relinks: bool,
    directory: Directory,
}

impl Bench {
    /// Judges a command as it stands, and what it starts.
    fn part(&mut self, seen: &Seen<'_>, wrapped_by: Option<usize>) -> Result<(), Unclear> {
        if self.judged.len() >= COMMANDS_MAX {
            return Err(Unclear { why: "more commands than are looked at", at: seen.part.span.clone() });
        }
        let mut finding = Finding::new(seen.part.directory.clone());
        if wrapped_by.is_none() {
            finding.surroundings(seen);
        }
        let number = self.judged.len();
        self.judged.push(Judged {
            text: if wrapped_by.is_none() { seen.part.text.clone() } else { words(seen.argv).join(" ") },
            words: words(seen.argv),
            span: seen.part.span.clone(),
            via: seen.part.via.clone(),
            class: Class::ReadOnly,
            touches: Vec::new(),
            hosts: Vec::new(),
            wrapped_by,
            is_hidden: false,
            relinks: false,
        });
        if !(seen.part.is_function && wrapped_by.is_none()) {
            self.command(seen, number, &mut finding)?;
        }
        if let Some(judged) = self.judged.get_mut(number) {
            judged.class = finding.class;
            judged.touches = finding.touches;
            judged.hosts = finding.hosts;
            judged.is_hidden = finding.is_hidden;
            judged.relinks = finding.relinks;
        }
        Ok(())
    }

    fn command(&mut self, seen: &Seen<'_>, number: usize, finding: &mut Finding) -> Result<(), Unclear> {
        let Some((program, args)) = seen.argv.split_first() else { return Ok(()) };
        if program.is_computed || program.tilde || program.globs {
            finding.hide("which program it is shows only when it runs");
            return Ok(());
        }
        let name = match program_name(&program.text) {
            Some(name) => name,
            None => {
                danger::check(base_name(&program.text), args, seen, finding);
                finding.raise(Class::Project(format!("runs `{}`", program.text)));
                return Ok(());
            }
        };
        let urls = args.iter().filter(|arg| arg.text.contains("://"));
        finding.hosts.extend(urls.map(|arg| arg.text.clone()));
        danger::check(name, args, seen, finding);
        services::check(name, args, seen, finding);
        if matches!(finding.class, Class::Destructive(_)) {
            // What it starts, if it starts something, is judged for its own sake.
            return wrappers::unfold(self, name, args, seen, number, finding).map(drop);
        }
        if wrappers::unfold(self, name, args, seen, number, finding)? {
            return Ok(());
        }
        let known = shell::built_in(name, args, finding)
            || readers::check(name, args, seen, finding)
            || scripts::check(name, args, finding)
            || find::check(name, args, finding)
            || git::check(name, args, finding)
            || files::check(name, args, finding)
            || project::check(name, args, finding);
        if !known {
            finding.raise(Class::Unknown(format!("`{name}` is not known to be harmless")));
        }
        Ok(())
    }

    /// Judges words as a command that another one starts.
    fn inner(&mut self, seen: &Seen<'_>, argv: &[Arg], number: usize) -> Result<(), Unclear> {
        self.depth += 1;
        if self.depth > WRAPPERS_MAX {
            return Err(Unclear { why: "wrappers that stand too deep", at: seen.part.span.clone() });
        }
        let inner = Seen { argv, ..*seen };
        let done = self.part(&inner, Some(number));
        self.depth -= 1;
        done
    }

    /// Judges a text as a command line that another command runs. `false` when it cannot be followed.
    fn script(&mut self, seen: &Seen<'_>, text: &str, number: usize) -> Result<bool, Unclear> {
        self.depth += 1;
        let read = sh::read(text).ok().filter(|_| self.depth <= WRAPPERS_MAX);
        if let Some(mut parts) = read.clone() {
            for part in &mut parts {
                part.directory = below(&seen.part.directory, &part.directory);
                part.span = seen.part.span.clone();
            }
            for part in &parts {
                let inner = Seen { part, argv: &part.argv, parts: &parts };
                let first = self.judged.len();
                self.part(&inner, None)?;
                if let Some(judged) = self.judged.get_mut(first) {
                    judged.wrapped_by = Some(number);
                }
            }
        }
        self.depth -= 1;
        Ok(read.is_some())
    }
}

impl Finding {
    fn new(directory: Directory) -> Finding {
        Finding {
            class: Class::ReadOnly,
            touches: Vec::new(),
            hosts: Vec::new(),
            is_hidden: false,
            relinks: false,
            directory,
        }
    }

    /// What stands around the program: hazards, assignments, redirections.
    fn surroundings(&mut self, seen: &Seen<'_>) {
        if let Some(hazard) = seen.part.hazard {
            self.hide(hazard);
        }
        let program = seen.argv.first().and_then(Arg::literal);
        for (name, value) in &seen.part.assignments {
            shell::assignment(name, value, program, self);
        }
        for redirection in &seen.part.redirections {
            let first = self.touches.len();
            self.touch(redirection.access, &redirection.target, false);
            self.touches.iter_mut().skip(first).for_each(|touch| touch.by_shell = true);
            if redirection.access == Access::Write {
                if self.touches.len() > first {
                    self.raise(Class::Writes);
                }
                danger::device(&redirection.target, self);
            }
        }
    }

    /// It is at least this.
    fn raise(&mut self, class: Class) {
        if class > self.class {
            let same = std::mem::discriminant(&class) == std::mem::discriminant(&self.class);
            // Of two reasons of one kind the first stands.
            if !same {
                self.class = class;
            }
        }
    }

    /// What it does cannot be seen, whatever a rule says about its text.
    fn hide(&mut self, why: &str) {
        self.is_hidden = true;
        self.raise(Class::Unknown(why.to_string()));
    }

    fn read(&mut self, arg: &Arg) {
        self.touch(Access::Read, arg, false);
    }

    fn read_deep(&mut self, arg: &Arg) {
        self.touch(Access::Read, arg, true);
    }

    fn write(&mut self, arg: &Arg) {
        self.touch(Access::Write, arg, false);
        self.raise(Class::Writes);
    }

    fn write_deep(&mut self, arg: &Arg) {
        self.touch(Access::Write, arg, true);
        self.raise(Class::Writes);
    }

    fn delete(&mut self, arg: &Arg) {
        self.touch(Access::Delete, arg, false);
        self.raise(Class::Writes);
    }

    fn touch(&mut self, access: Access, arg: &Arg, deep: bool) {
        if !arg.is_computed && is_nowhere(&arg.text) {
            return;
        }
        // `<(…)`: a pipe whose commands are judged for themselves.
        if arg.is_tame && arg.text.starts_with("<(") && arg.text.ends_with(')') && !arg.text.contains("..") {
            return;
        }
        let mut touch = Touch {
            access,
            path: arg.text.clone(),
            deep,
            directory: self.directory.clone(),
            doubt: None,
            by_shell: false,
        };
        if arg.is_computed {
            touch.doubt = Some("which path it is shows only when it runs");
        } else if arg.globs {
            let wildcard = arg.text.find(['*', '?', '[']).unwrap_or(0);
            let (before, behind) = arg.text.split_at(wildcard);
            if behind.contains('/') {
                touch.doubt = Some("a wildcard picks the directory, which may be a link");
            }
            let directory = before.rsplit_once('/').map_or(".", |(directory, _)| directory);
            touch.path = if directory.is_empty() { "/".to_string() } else { directory.to_string() };
            touch.deep = true;
        } else if arg.text.is_empty() {
            touch.doubt = Some("an empty path");
        }
        self.touches.push(touch);
    }
}

/// The words as they would stand without quotes.
fn words(argv: &[Arg]) -> Vec<String> {
    argv.iter().map(|arg| arg.text.clone()).collect()
}

/// Directories of programs that a project does not write.
const PROGRAM_DIRECTORIES: [&str; 6] =
    ["/bin/", "/usr/bin/", "/usr/local/bin/", "/sbin/", "/usr/sbin/", "/opt/homebrew/bin/"];

/// The name of a program as the tables know it; `None` when it lies somewhere else.
fn program_name(text: &str) -> Option<&str> {
    if !text.contains('/') {
        return Some(text);
    }
    let name = PROGRAM_DIRECTORIES.iter().find_map(|directory| text.strip_prefix(directory));
    name.filter(|name| !name.contains('/') && !name.is_empty())
}

fn base_name(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// Files that are none: what is read from them says nothing, what is written to them is gone.
fn is_nowhere(path: &str) -> bool {
    matches!(
        path,
        "-" | "/dev/null"
            | "/dev/stdin"
            | "/dev/stdout"
            | "/dev/stderr"
            | "/dev/zero"
            | "/dev/urandom"
            | "/dev/random"
    ) || path
        .strip_prefix("/dev/fd/")
        .is_some_and(|fd| !fd.is_empty() && fd.chars().all(|c| c.is_ascii_digit()))
}

/// A directory inside a script, seen from where the script begins.
fn below(outer: &Directory, inner: &Directory) -> Directory {
    match (outer, inner) {
        (Directory::OneOf(outer), Directory::OneOf(all)) if all.iter().all(String::is_empty) => {
            Directory::OneOf(outer.clone())
        }
        (Directory::OneOf(outer), inner) if outer.iter().all(String::is_empty) => inner.clone(),
        _ => Directory::Unknown,
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;

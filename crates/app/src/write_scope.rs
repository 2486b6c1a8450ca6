//! The write scope of a spec: the file `write-scope` in its folder, as globs and as a grant. Judges nothing itself.

use conversation::Digest;
use index::SpecPlace;
use index::place::read;
use plan::Shape;
use policy::{Capability, Effect, Grant, Rule, Source};

/// The file, in the spec's folder; its name in an approval.
pub(crate) const FILE: &str = "write-scope";

/// The largest file, in bytes.
const BYTES_MAX: usize = 64 * 1024;

/// The most globs of one spec.
const GLOBS_MAX: usize = 500;

/// The most faults that are said of one file.
const FAULTS_MAX: usize = 20;

/// What the tasks of a spec may write. With a fault it names nothing: nothing may be written without asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WriteScope {
    /// Of the whole file; `None` when it could not be read.
    pub(crate) digest: Option<Digest>,
    /// The bytes that the digest is of.
    pub(crate) bytes: Vec<u8>,
    /// The globs with their lines, in order; none when there is a fault.
    pub(crate) globs: Vec<(u32, String)>,
    /// What is wrong, with the line; 0 for the whole file.
    pub(crate) faults: Vec<(u32, String)>,
}

impl WriteScope {
    /// Reads the scope of a spec; `None` when it has none. A spec in a single file has no folder, and so no scope.
    pub(crate) fn read(place: &SpecPlace) -> Option<WriteScope> {
        if place.shape == Shape::Single {
            return None;
        }
        let path = place.path.join(FILE);
        match read(&path) {
            // A link that leads nowhere is something that somebody meant.
            Ok(None) if path.is_symlink() => {
                let fault = (0, "it is a link that leads nowhere".to_string());
                Some(WriteScope { faults: vec![fault], ..WriteScope::default() })
            }
            Ok(None) => None,
            Ok(Some(bytes)) => Some(WriteScope::parse(bytes)),
            Err(error) => {
                // The cause alone: whoever tells it names the file.
                let why = std::error::Error::source(&error).map_or(error.to_string(), ToString::to_string);
                Some(WriteScope {
                    faults: vec![(0, format!("it cannot be read: {why}"))],
                    ..WriteScope::default()
                })
            }
        }
    }

    /// Reads the bytes of such a file.
    pub(crate) fn parse(bytes: Vec<u8>) -> WriteScope {
        let mut scope = WriteScope { digest: Some(Digest::of(&bytes)), ..WriteScope::default() };
        if bytes.len() > BYTES_MAX {
            scope.fault(0, format!("it is larger than {BYTES_MAX} bytes"));
        } else {
            match std::str::from_utf8(&bytes) {
                Ok(text) => scope.lines(text),
                Err(error) => {
                    let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                    scope.fault(line_after(before), "it is not UTF-8 from here on".to_string());
                }
            }
        }
        if !scope.faults.is_empty() {
            scope.globs.clear();
        }
        scope.bytes = bytes;
        scope
    }

    fn lines(&mut self, text: &str) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (at, line) in text.lines().enumerate() {
            let glob = line.trim();
            if glob.is_empty() || glob.starts_with('#') {
                continue;
            }
            let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
            if self.globs.len() >= GLOBS_MAX {
                return self.fault(number, format!("there are more than {GLOBS_MAX} globs"));
            }
            match rule(glob) {
                Ok(_) => self.globs.push((number, glob.to_string())),
                Err(why) => self.fault(number, format!("`{glob}` cannot be read: {why}")),
            }
        }
    }

    fn fault(&mut self, line: u32, why: String) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push((line, why));
        }
    }

    /// The scope with nothing in it, for this reason.
    pub(crate) fn closed(mut self, why: &str) -> WriteScope {
        self.globs.clear();
        self.fault(0, why.to_string());
        self
    }

    /// What the tasks of this spec may do at most. `checks` are the command lines that its approval covers: they run as
    /// approved, whatever they write.
    pub(crate) fn grant(&self, spec: &str, checks: &[String]) -> Grant {
        let globs = self.globs.iter().filter_map(|(_, glob)| rule(glob).ok());
        let checks = checks.iter().map(|line| Rule::exact_command(line, Source::Plan));
        let name = format!("the spec `{spec}` (`{FILE}`)");
        Grant::new(&name, &[Capability::FsWrite], globs.chain(checks).collect(), Effect::Ask)
    }

    /// The faults as lines for a person. `shown` is the file.
    pub(crate) fn told(&self, shown: &str) -> Vec<String> {
        let at = |line: u32| if line > 0 { format!(":{line}") } else { String::new() };
        let told = self.faults.iter().map(|(line, why)| {
            format!("{shown}{}: {why}; until it is mended the tasks write nothing without asking", at(*line))
        });
        told.collect()
    }
}

/// The rule for one glob, which begins in the workspace; a bare path covers what lies below.
fn rule(glob: &str) -> Result<Rule, String> {
    if glob.starts_with('!') {
        return Err("a scope has no exceptions; write only what may be written".to_string());
    }
    if glob.starts_with(['/', '~']) {
        return Err("a glob begins in the workspace; leave out what stands before".to_string());
    }
    Rule::read(&format!("fs_write:{glob}"), Effect::Allow, Source::Plan).map_err(|error| match error {
        policy::RuleError::Pattern { why, .. } => why,
        other => other.to_string(),
    })
}

/// The line, from 1, in which the next byte stands.
fn line_after(before: &[u8]) -> u32 {
    u32::try_from(before.split(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::{Mode, Origin, Place, Policy, Request, Target};
    use std::path::Path;

    #[track_caller]
    fn check(text: &[u8], globs: &[(u32, &str)], faults: &[(u32, &str)]) {
        let scope = WriteScope::parse(text.to_vec());
        let got: Vec<(u32, &str)> = scope.globs.iter().map(|(line, glob)| (*line, glob.as_str())).collect();
        assert_eq!(got, globs);
        let lines: Vec<u32> = scope.faults.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, faults.iter().map(|(line, _)| *line).collect::<Vec<_>>(), "{:?}", scope.faults);
        for ((_, got), (_, wanted)) in scope.faults.iter().zip(faults) {
            assert!(got.contains(wanted), "{got}");
        }
    }

    #[test]
    fn globs_comments_and_faults() {
        check(b"# api\ncrates/api\n\n  docs/*.md  \r\n", &[(2, "crates/api"), (4, "docs/*.md")], &[]);
        check("\u{feff}src\n".as_bytes(), &[(1, "src")], &[]);
        check(b"", &[], &[]);
        // One broken line takes the others with it: what the file meant is not known.
        check(b"src\n../other\n", &[], &[(2, "`../other`")]);
        check(b"src\n[a\n{b\n", &[], &[(2, "`[a`"), (3, "`{b`")]);
        check(b"!src\n/etc\n~/x\n", &[], &[(1, "exceptions"), (2, "workspace"), (3, "workspace")]);
        check(b"src\n\xff\n", &[], &[(2, "UTF-8")]);
        check(&[b'a'; BYTES_MAX + 1], &[], &[(0, "larger")]);
        let many = "a\n".repeat(GLOBS_MAX + 1);
        check(many.as_bytes(), &[], &[(501, "more than 500")]);
    }

    #[test]
    fn a_bare_path_covers_what_lies_below() {
        let root = Path::new("/w");
        let policy = |text: &str| {
            let scope = WriteScope::parse(text.as_bytes().to_vec());
            let parent = Policy::new(Mode::Autopilot, &[]).in_workspace(root);
            parent.narrowed_to(scope.grant("s", &["make test".to_string()]))
        };
        let write = |policy: &Policy, path: &str| {
            let target = Target::Path(Place::new(root, &root.join(path)));
            policy.decide(&Request { capability: Capability::FsWrite, target, origin: Origin::Agent }).effect
        };
        let scoped = policy("crates/api\nsrc/\nREADME.md\nx:y\n");
        for inside in ["crates/api/src/a.rs", "crates/api", "README.md", "src/a.rs", "src/deep/a.rs", "x:y"] {
            assert_eq!(write(&scoped, inside), Effect::Allow, "{inside}");
        }
        for outside in ["crates/apix/a.rs", "crates/web/a.rs", "CRATES/api/a.rs", "x"] {
            assert_eq!(write(&scoped, outside), Effect::Ask, "{outside}");
        }
        assert_eq!(write(&policy("src\n..\n"), "src/a.rs"), Effect::Ask);
        assert_eq!(write(&policy("**\n"), "src/a.rs"), Effect::Allow);
    }
}

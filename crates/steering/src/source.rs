//! One file that may steer, as a value: where it lies, whose it is, its bytes. Reads no meaning into the bytes.

/// Whose steering a file is, in the order in which scopes stand in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The person's own: `~/.kiro/steering`.
    Person,
    /// A team's folder, named in the settings.
    Team,
    /// `CONTRIBUTING.md`.
    Contributing,
    /// `CLAUDE.md`.
    Claude,
    /// `.github/copilot-instructions.md` and `.github/instructions`.
    Copilot,
    /// `.cursor/rules`.
    Cursor,
    /// `.kiro/steering` of the workspace or of a package.
    Kiro,
    /// `AGENTS.md`.
    Agents,
}

impl Scope {
    /// The word in listings.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Person => "person",
            Scope::Team => "team",
            Scope::Contributing => "contributing",
            Scope::Claude => "claude",
            Scope::Copilot => "copilot",
            Scope::Cursor => "cursor",
            Scope::Kiro => "kiro",
            Scope::Agents => "agents",
        }
    }

    /// Whether files of this scope count only when the settings ask for them.
    pub fn is_asked_for(self) -> bool {
        matches!(self, Scope::Contributing | Scope::Claude | Scope::Copilot | Scope::Cursor)
    }

    /// What a path of the workspace (relative, with `/`) is, and the folder for whose paths it counts; empty for all
    /// paths. `None` when it steers nothing.
    pub fn of(path: &str) -> Option<(Scope, &str)> {
        if let Some((folder, _)) = below(path, ".kiro/steering/").filter(|_| path.ends_with(".md")) {
            return Some((Scope::Kiro, folder));
        }
        if let Some((folder, _)) = below(path, ".cursor/rules/").filter(|_| path.ends_with(".mdc")) {
            return Some((Scope::Cursor, folder));
        }
        if path == ".github/copilot-instructions.md"
            || path.starts_with(".github/instructions/") && path.ends_with(".instructions.md")
        {
            return Some((Scope::Copilot, ""));
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        match name {
            "AGENTS.md" => Some((Scope::Agents, folder)),
            "CLAUDE.md" => Some((Scope::Claude, folder)),
            "CONTRIBUTING.md" if folder.is_empty() || folder == ".github" => Some((Scope::Contributing, "")),
            _ => None,
        }
    }
}

/// Why the caller has no bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A link: it could bring in a file that nobody meant to steer by. Kiro's scanner drops them too.
    Link,
    /// Neither a file nor a link.
    NoFile,
    /// Larger than what is read, in bytes.
    TooLarge(u64),
    /// The system's reason.
    Failed(String),
}

/// A file that may steer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// From the workspace root with `/`; for others as the person would write it, such as `~/.kiro/steering/a.md`.
    pub name: String,
    /// Whose it is.
    pub scope: Scope,
    /// The folder of the workspace for whose paths it counts; empty for all.
    pub folder: String,
    /// The folder in which its references are looked for first, written like `name`; empty for the workspace root.
    pub base: String,
    /// Its bytes, or why there are none.
    pub bytes: Result<Vec<u8>, Unreadable>,
    /// Whether the person trusted these bytes.
    pub trusted: bool,
}

impl Source {
    /// A file of the workspace by its path from the root; `None` when it steers nothing.
    pub fn of_workspace(path: &str, bytes: Result<Vec<u8>, Unreadable>, trusted: bool) -> Option<Source> {
        let (scope, folder) = Scope::of(path)?;
        // References of `.kiro/steering` count from the root (of the package first, then of the workspace), those of an
        // AGENTS.md from its own folder.
        let base = folder.to_string();
        Some(Source { name: path.to_string(), scope, folder: folder.to_string(), base, bytes, trusted })
    }

    /// A file outside the workspace, below the folder `base`. Needs no trust: it is the person's or the team's own.
    pub fn outside(scope: Scope, base: &str, below: &str, bytes: Result<Vec<u8>, Unreadable>) -> Source {
        Source {
            name: format!("{}/{below}", base.trim_end_matches('/')),
            scope,
            folder: String::new(),
            base: base.trim_end_matches('/').to_string(),
            bytes,
            trusted: true,
        }
    }

    /// Whether it lies in the workspace.
    pub fn is_of_workspace(&self) -> bool {
        !matches!(self.scope, Scope::Person | Scope::Team)
    }

    /// Its path below the folder that holds steering files: how a person names it apart from others of its file name.
    pub(crate) fn below(&self) -> &str {
        match self.scope {
            Scope::Person | Scope::Team => {
                self.name.strip_prefix(&self.base).unwrap_or(&self.name).trim_start_matches('/')
            }
            Scope::Kiro => below(&self.name, ".kiro/steering/").map_or(&self.name, |(_, below)| below),
            Scope::Cursor => below(&self.name, ".cursor/rules/").map_or(&self.name, |(_, below)| below),
            _ => &self.name,
        }
    }
}

/// Splits `a/b/.kiro/steering/c/d.md` at the first `marker` into `a/b` and `c/d.md`.
fn below<'p>(path: &'p str, marker: &str) -> Option<(&'p str, &'p str)> {
    if let Some(below) = path.strip_prefix(marker) {
        return Some(("", below));
    }
    let at = path.find(marker).filter(|at| path.as_bytes().get(at.wrapping_sub(1)) == Some(&b'/'))?;
    Some((path.get(..at - 1)?, path.get(at + marker.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_whose_steering_it_is() {
        let check =
            |path: &str, expected: Option<(Scope, &str)>| assert_eq!(Scope::of(path), expected, "{path}");
        check(".kiro/steering/a/b.md", Some((Scope::Kiro, "")));
        check(".kiro/steering/AGENTS.md", Some((Scope::Kiro, "")));
        check("packages/x/.kiro/steering/b.md", Some((Scope::Kiro, "packages/x")));
        check(".kiro/steering/notes.txt", None);
        check("x.kiro/steering/b.md", None);
        check("AGENTS.md", Some((Scope::Agents, "")));
        check("a/b/AGENTS.md", Some((Scope::Agents, "a/b")));
        check("a/CLAUDE.md", Some((Scope::Claude, "a")));
        check("a/CONTRIBUTING.md", None);
        check(".github/CONTRIBUTING.md", Some((Scope::Contributing, "")));
        check("web/.cursor/rules/ui/a.mdc", Some((Scope::Cursor, "web")));
        check(".github/copilot-instructions.md", Some((Scope::Copilot, "")));
        check(".github/instructions/ts.instructions.md", Some((Scope::Copilot, "")));
        check("src/lib.rs", None);
        check("", None);
    }
}

//! What a call asks for, as a value. Paths arrive resolved: this room cannot look at a disk.

use std::path::{Path, PathBuf};

use crate::Capability;

/// One thing that a call wants to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What kind of thing.
    pub capability: Capability,
    /// To what.
    pub target: Target,
    /// Who asks.
    pub origin: Origin,
}

/// What a request is aimed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file or directory.
    Path(Place),
    /// A command line, as the shell would read it.
    Command(String),
    /// Something addressed by name: a URL, `server/tool`, a skill.
    Name(String),
}

/// Where a path really is: symlinks and `..` resolved by the hand that asks, before the gate sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    absolute: PathBuf,
    relative: Option<String>,
}

/// Who a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The model asked for it.
    Agent,
    /// A hook that the person trusted does it.
    Hook,
    /// Waypost does it on its own account, for example a tick or a check of an approved plan.
    Waypost,
}

impl Place {
    /// A resolved absolute path, seen from the resolved absolute workspace root.
    ///
    /// Invariant: `relative` is `Some` exactly when the path lies inside the workspace; it uses `/` and is
    /// empty for the root itself.
    pub fn new(workspace: &Path, absolute: &Path) -> Place {
        let relative = absolute.strip_prefix(workspace).ok().map(|inside| {
            let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            parts.join("/")
        });
        Place { absolute: absolute.to_path_buf(), relative }
    }

    /// The resolved absolute path.
    pub fn absolute(&self) -> &Path {
        &self.absolute
    }

    /// The path below the workspace root, or `None` when it lies outside.
    pub fn relative(&self) -> Option<&str> {
        self.relative.as_deref()
    }

    /// What to show: relative inside the workspace, absolute outside.
    pub fn shown(&self) -> String {
        match &self.relative {
            Some(inside) if inside.is_empty() => ".".to_string(),
            Some(inside) => inside.clone(),
            None => self.absolute.to_string_lossy().into_owned(),
        }
    }
}

impl Target {
    /// What to show to a person.
    pub fn shown(&self) -> String {
        match self {
            Target::Path(place) => place.shown(),
            Target::Command(line) => line.clone(),
            Target::Name(name) => name.clone(),
        }
    }
}

impl Origin {
    /// Every origin.
    pub const ALL: [Origin; 3] = [Origin::Agent, Origin::Hook, Origin::Waypost];

    /// The word in records.
    pub fn name(self) -> &'static str {
        match self {
            Origin::Agent => "agent",
            Origin::Hook => "hook",
            Origin::Waypost => "waypost",
        }
    }
}

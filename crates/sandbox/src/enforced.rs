//! What of a profile holds on this machine, and by which means, as a value and in words. Looks at nothing.

use std::fmt;

/// A means by which something is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Rules of the kernel for files, connections, signals and other processes, in this version.
    Landlock(u32),
    /// A view of the file system of one's own.
    Mounts,
    /// A namespace of processes.
    Processes,
    /// A namespace of network devices.
    Network,
    /// A namespace of shared memory and queues.
    Ipc,
    /// A filter of system calls.
    Seccomp,
    /// Limits of each process.
    Limits,
    /// Privileges given up, and none to be gained.
    Privileges,
    /// A process that adopts and ends what the command leaves behind.
    Keeper,
    /// A complete environment that was filtered.
    Environment,
    /// The profile of macOS.
    Seatbelt,
}

/// A thing that a profile asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Only what is granted can be read.
    Reading,
    /// Only what is granted can be written, made or removed.
    Writing,
    /// Modes, times and attributes of other files stay as they are.
    Attributes,
    /// What is invisible can be neither read nor listed.
    Invisible,
    /// What is protected stays as it is.
    Protected,
    /// Only what is granted can be run.
    Running,
    /// Only what is granted can be reached over the network.
    Network,
    /// Only the granted kinds of local sockets.
    Sockets,
    /// Other processes can be neither signalled nor looked into.
    Others,
    /// Shared memory and queues of others are out of reach.
    Ipc,
    /// No privilege can be gained.
    Privileges,
    /// Doors into the kernel that no ordinary work needs are shut.
    SystemCalls,
    /// The limits.
    Limits,
    /// Nothing lives longer than the command.
    Leftovers,
    /// Only listed variables.
    Environment,
}

impl Asked {
    /// All of them.
    pub const ALL: [Asked; 15] = [
        Asked::Reading,
        Asked::Writing,
        Asked::Attributes,
        Asked::Invisible,
        Asked::Protected,
        Asked::Running,
        Asked::Network,
        Asked::Sockets,
        Asked::Others,
        Asked::Ipc,
        Asked::Privileges,
        Asked::SystemCalls,
        Asked::Limits,
        Asked::Leftovers,
        Asked::Environment,
    ];
}

/// One thing that was asked for, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What was asked for.
    pub asked: Asked,
    /// What holds it.
    pub by: Vec<Layer>,
    /// What is not held, in words. Empty when all of it is.
    pub gaps: Vec<String>,
}

/// What was asked for and what is enforced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enforced {
    /// One for each thing that the profile asks for; what it does not ask for is left out.
    pub parts: Vec<Part>,
    /// What is shut although the profile grants it, in words.
    pub shut: Vec<String>,
}

impl Enforced {
    /// Whether all that was asked for is enforced.
    pub fn is_complete(&self) -> bool {
        self.gaps().next().is_none()
    }

    /// What was asked for and is not enforced, in words.
    pub fn gaps(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flat_map(|part| part.gaps.iter().map(String::as_str))
    }

    /// All means that hold something.
    pub fn layers(&self) -> Vec<Layer> {
        let mut layers: Vec<Layer> = self.parts.iter().flat_map(|part| part.by.iter().copied()).collect();
        layers.sort_unstable();
        layers.dedup();
        layers
    }

    /// Takes note of something that was asked for.
    pub(crate) fn part(&mut self, asked: Asked, by: &[Option<Layer>], gaps: &[Option<&str>]) {
        let by: Vec<Layer> = by.iter().copied().flatten().collect();
        let mut gaps: Vec<String> = gaps.iter().flatten().map(ToString::to_string).collect();
        if by.is_empty() && gaps.is_empty() {
            gaps.push(format!("nothing on this machine holds {asked}"));
        }
        self.parts.push(Part { asked, by, gaps });
    }

    /// Takes note of a gap that was found later.
    #[cfg(any(test, target_os = "linux"))]
    pub(crate) fn gap(&mut self, asked: Asked, words: String) {
        match self.parts.iter_mut().find(|part| part.asked == asked) {
            Some(part) if part.gaps.contains(&words) => {}
            Some(part) => part.gaps.push(words),
            None => self.parts.push(Part { asked, by: Vec::new(), gaps: vec![words] }),
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Layer::Landlock(version) => write!(f, "Landlock {version}"),
            Layer::Mounts => f.write_str("mounts"),
            Layer::Processes => f.write_str("process namespace"),
            Layer::Network => f.write_str("network namespace"),
            Layer::Ipc => f.write_str("IPC namespace"),
            Layer::Seccomp => f.write_str("seccomp"),
            Layer::Limits => f.write_str("limits"),
            Layer::Privileges => f.write_str("no new privileges"),
            Layer::Keeper => f.write_str("keeper"),
            Layer::Environment => f.write_str("scrubbed environment"),
            Layer::Seatbelt => f.write_str("Seatbelt"),
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Asked::Reading => "what may be read",
            Asked::Writing => "what may be written",
            Asked::Attributes => "attributes of other files",
            Asked::Invisible => "what is invisible",
            Asked::Protected => "what is protected",
            Asked::Running => "what may be run",
            Asked::Network => "the network",
            Asked::Sockets => "local sockets",
            Asked::Others => "other processes",
            Asked::Ipc => "shared memory and queues",
            Asked::Privileges => "privileges",
            Asked::SystemCalls => "system calls",
            Asked::Limits => "limits",
            Asked::Leftovers => "what a command leaves running",
            Asked::Environment => "variables",
        })
    }
}

impl fmt::Display for Enforced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, part) in self.parts.iter().enumerate() {
            let by: Vec<String> = part.by.iter().map(ToString::to_string).collect();
            let by = if by.is_empty() { "nothing".to_string() } else { by.join(", ") };
            write!(f, "{}{}: {by}", if number == 0 { "" } else { "\n" }, part.asked)?;
            for gap in &part.gaps {
                write!(f, "\n  not held: {gap}")?;
            }
        }
        for shut in &self.shut {
            write!(f, "\nshut though granted: {shut}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_holds_and_what_does_not() {
        let mut enforced = Enforced::default();
        enforced.part(Asked::Reading, &[Some(Layer::Landlock(7)), None, Some(Layer::Mounts)], &[None]);
        enforced.part(Asked::Attributes, &[None], &[Some("modes can be changed")]);
        enforced.part(Asked::Ipc, &[None], &[None]);
        enforced.gap(Asked::Reading, "names".to_string());
        enforced.gap(Asked::Reading, "names".to_string());
        enforced.shut.push("terminals".to_string());
        assert_eq!(
            enforced.to_string(),
            "what may be read: Landlock 7, mounts\n  not held: names\n\
             attributes of other files: nothing\n  not held: modes can be changed\n\
             shared memory and queues: nothing\n  \
             not held: nothing on this machine holds shared memory and queues\n\
             shut though granted: terminals"
        );
        assert!(!enforced.is_complete());
        assert_eq!(enforced.layers(), [Layer::Landlock(7), Layer::Mounts]);
        assert!(Enforced::default().is_complete());
    }
}

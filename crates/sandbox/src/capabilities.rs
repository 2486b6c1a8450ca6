//! What this machine can enforce, as a value. The looking is done by the module of the system.

use std::fmt;
use std::sync::OnceLock;

/// What this machine can enforce.
///
/// A value, so that a caller can take something away and see what would hold without it. Adding something that
/// the machine cannot do makes every confined command fail to start; it opens nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// The version of Landlock, when the kernel has it switched on.
    pub landlock: Option<u32>,
    /// Whether system calls can be filtered.
    pub seccomp: bool,
    /// What namespaces can do, when mounts can be made in them.
    pub namespaces: Option<Namespaces>,
    /// Whether the kernel tells a process its children.
    pub lists_children: bool,
}

/// What namespaces can do here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Namespaces {
    /// Whether they need a user namespace, because Waypost is not privileged.
    pub user: bool,
    /// Whether processes can have one, with a `/proc` that fits.
    pub processes: bool,
    /// Whether that one can bound the number of its processes by itself.
    pub process_limit: bool,
    /// Whether the network can have one, with a loopback address.
    pub network: bool,
}

static HERE: OnceLock<Capabilities> = OnceLock::new();

/// What this machine can enforce. Tries it out in short-lived processes the first time; remembered afterwards.
pub fn capabilities() -> Capabilities {
    *HERE.get_or_init(|| {
        #[cfg(target_os = "linux")]
        return crate::linux::probe();
        #[cfg(not(target_os = "linux"))]
        return Capabilities::default();
    })
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.landlock {
            Some(version) => write!(f, "Landlock {version}")?,
            None => f.write_str("no Landlock")?,
        }
        f.write_str(if self.seccomp { ", seccomp" } else { ", no seccomp" })?;
        let Some(namespaces) = self.namespaces else { return f.write_str(", no namespaces") };
        f.write_str(if namespaces.user { ", user namespaces" } else { ", namespaces" })?;
        f.write_str(" with mounts")?;
        let parts = [(namespaces.processes, "processes"), (namespaces.network, "network")];
        parts
            .iter()
            .try_for_each(|(is, name)| if *is { write!(f, ", {name}") } else { write!(f, ", no {name}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_there_is() {
        let all = Namespaces { user: true, processes: true, process_limit: true, network: false };
        let some =
            Capabilities { landlock: Some(7), seccomp: true, namespaces: Some(all), lists_children: true };
        assert_eq!(
            some.to_string(),
            "Landlock 7, seccomp, user namespaces with mounts, processes, no network"
        );
        assert_eq!(Capabilities::default().to_string(), "no Landlock, no seccomp, no namespaces");
    }

    #[test]
    fn is_the_same_when_asked_again() {
        assert_eq!(capabilities(), capabilities());
        println!("this machine: {}", capabilities());
    }
}

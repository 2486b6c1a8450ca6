//! Which means are used for a profile with what the machine has, and what they hold. Pure.

use policy::{Network, Profile, Sockets};

use super::landlock::{NETWORK_FROM, REFER_FROM, SCOPES_FROM, TRUNCATE_FROM, UNIX_FROM};
use super::seccomp::Inet;
use crate::capabilities::Capabilities;
use crate::enforced::{Asked, Enforced, Layer};

/// The means for one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The version of Landlock.
    pub(crate) landlock: Option<u32>,
    /// Whether system calls are filtered.
    pub(crate) seccomp: bool,
    /// Whether there is a view of its own, with a namespace for shared memory and queues.
    pub(crate) mounts: bool,
    /// Whether namespaces need a user namespace.
    pub(crate) user: bool,
    /// Whether there is a namespace of processes.
    pub(crate) processes: bool,
    /// Whether that one bounds their number.
    pub(crate) process_limit: bool,
    /// Whether there is a namespace of network devices.
    pub(crate) network: bool,
    /// Which sockets of the internet the filter leaves.
    pub(crate) inet: Inet,
    /// Whether Landlock holds connections, and the port that it leaves.
    pub(crate) connections: Option<Option<u16>>,
    /// Whether the command's listener is handed to the proxy.
    pub(crate) bridge: Option<u16>,
    /// Whether sockets with a path can be made.
    pub(crate) unix_sockets: bool,
    /// Whether orphans can be found.
    pub(crate) keeper: bool,
    /// Whether this is root without a user namespace, whom limits of processes do not bind.
    pub(crate) root: bool,
}

/// Chooses.
pub(crate) fn choose(profile: &Profile, can: &Capabilities, bridged: bool, root: bool) -> Choice {
    let namespaces = can.namespaces;
    let can_network = namespaces.is_some_and(|it| it.network);
    let holds_connections = can.landlock.is_some_and(|version| version >= NETWORK_FROM);
    let (network, inet, connections, bridge) = match profile.network {
        Network::Full => (false, Inet::All, None, None),
        Network::Loopback if can_network => (true, Inet::All, None, None),
        Network::ProxyOnly { port } if can_network && bridged => (true, Inet::All, None, Some(port)),
        Network::ProxyOnly { port } if holds_connections => (false, Inet::TcpOnly, Some(Some(port)), None),
        // Where the filter does not hold, a network without a way out does.
        _ => (can_network && !can.seccomp, Inet::None, Some(None), None),
    };
    Choice {
        landlock: can.landlock,
        seccomp: can.seccomp,
        mounts: namespaces.is_some(),
        user: namespaces.is_some_and(|it| it.user),
        processes: namespaces.is_some_and(|it| it.processes),
        process_limit: namespaces.is_some_and(|it| it.processes && it.process_limit),
        network,
        inet,
        connections,
        bridge,
        unix_sockets: profile.sockets == Sockets::Own,
        keeper: can.lists_children,
        root,
    }
}

impl Choice {
    /// What holds of a profile.
    pub(crate) fn enforced(&self, profile: &Profile) -> Enforced {
        let mut out = Enforced::default();
        let landlock = self.landlock.map(Layer::Landlock);
        let since = |version: u32| landlock.filter(|_| self.landlock.is_some_and(|it| it >= version));
        let mounts = self.mounts.then_some(Layer::Mounts);
        let seccomp = self.seccomp.then_some(Layer::Seccomp);
        let processes = self.processes.then_some(Layer::Processes);
        let unless = |holds: bool, words: &'static str| if holds { None } else { Some(words) };

        out.part(Asked::Reading, &[landlock, mounts], &[None]);
        let cut = "files outside can be emptied";
        out.part(
            Asked::Writing,
            &[landlock, mounts],
            &[unless(self.mounts || landlock.is_none() || since(TRUNCATE_FROM).is_some(), cut)],
        );
        let modes = "modes and times of files outside can be changed where their owner may";
        let named = "names of files outside can be asked for";
        out.part(Asked::Attributes, &[mounts], &[unless(self.mounts, modes), unless(self.mounts, named)]);
        if !profile.invisible.is_empty() {
            out.part(Asked::Invisible, &[landlock.filter(|_| !self.mounts), mounts], &[None]);
        }
        if !profile.protected.is_empty() {
            out.part(Asked::Protected, &[landlock.filter(|_| !self.mounts), mounts], &[None]);
        }
        let loader = "a file that may not be run can be run through the loader of the system";
        out.part(Asked::Running, &[landlock, mounts], &[unless(self.mounts || landlock.is_none(), loader)]);
        self.network(profile, &mut out);
        self.sockets(profile, &mut out);
        let signals = "processes outside can be signalled";
        let memory = "processes outside can be looked into";
        let scheduled = "how processes outside are scheduled can be changed where their user may";
        let called = "what processes outside were called with, and their descriptors by number, can be read";
        out.part(
            Asked::Others,
            &[landlock, processes, seccomp],
            &[
                unless(self.processes || since(SCOPES_FROM).is_some(), signals),
                unless(self.processes || landlock.is_some(), memory),
                unless(self.processes, called),
                unless(self.processes, scheduled),
            ],
        );
        let ipc = self.mounts.then_some(Layer::Ipc);
        out.part(Asked::Ipc, &[ipc, seccomp.filter(|_| !self.mounts)], &[None]);
        out.part(Asked::Privileges, &[Some(Layer::Privileges)], &[None]);
        out.part(Asked::SystemCalls, &[seccomp], &[None]);
        self.limits(profile, &mut out);
        let keeper = (!self.processes && self.keeper).then_some(Layer::Keeper);
        let escaped = "a process that leaves its session and clears its environment outlives the command";
        out.part(Asked::Leftovers, &[processes, keeper], &[unless(self.processes || self.keeper, escaped)]);
        out.part(Asked::Environment, &[Some(Layer::Environment)], &[None]);
        self.shut(profile, &mut out);
        out
    }

    fn network(&self, profile: &Profile, out: &mut Enforced) {
        let own = self.network.then_some(Layer::Network);
        let seccomp = self.seccomp.then_some(Layer::Seccomp);
        let connections = self.landlock.filter(|it| *it >= NETWORK_FROM && self.connections.is_some());
        let landlock = connections.map(Layer::Landlock);
        let packets = "packets other than of TCP can be sent";
        let anywhere = "the port of the proxy can be reached on every machine, not only on this one";
        match profile.network {
            Network::Full => {}
            Network::ProxyOnly { .. } if self.bridge.is_some() => out.part(Asked::Network, &[own], &[None]),
            Network::ProxyOnly { .. } if self.inet == Inet::TcpOnly => {
                let open = (!self.seccomp).then_some(packets);
                out.part(Asked::Network, &[landlock, seccomp], &[Some(anywhere), open]);
            }
            _ => {
                let open = own.is_none() && seccomp.is_none() && landlock.is_some();
                out.part(Asked::Network, &[own, seccomp, landlock], &[open.then_some(packets)]);
            }
        }
    }

    fn sockets(&self, profile: &Profile, out: &mut Enforced) {
        let seccomp = self.seccomp.then_some(Layer::Seccomp);
        if profile.sockets == Sockets::Pairs {
            return out.part(Asked::Sockets, &[seccomp], &[None]);
        }
        let at_least = |version: u32| self.landlock.filter(|it| *it >= version).map(Layer::Landlock);
        let own = self.network.then_some(Layer::Network);
        let path = "sockets that others made in granted folders can be reached";
        let anywhere = "sockets that others made can be reached wherever they lie";
        let name = "sockets with an abstract name that others made can be reached";
        let paths = match (at_least(UNIX_FROM), self.mounts) {
            (Some(_), _) => None,
            (None, true) => Some(path),
            (None, false) => Some(anywhere),
        };
        let names = if own.is_some() || at_least(SCOPES_FROM).is_some() { None } else { Some(name) };
        out.part(Asked::Sockets, &[at_least(SCOPES_FROM), own], &[paths, names]);
    }

    fn limits(&self, profile: &Profile, out: &mut Enforced) {
        let limits = profile.limits;
        let each = [
            limits.cpu_seconds,
            limits.address_space_bytes,
            limits.file_bytes,
            limits.processes,
            limits.open_files,
        ];
        if each.iter().all(Option::is_none) {
            return;
        }
        let unbound = self.root && limits.processes.is_some() && !self.process_limit;
        let words = "the number of processes is not bounded for root on this kernel";
        out.part(Asked::Limits, &[Some(Layer::Limits)], &[unbound.then_some(words)]);
    }

    fn shut(&self, profile: &Profile, out: &mut Enforced) {
        let mut shut = |when: bool, words: &str| {
            if when {
                out.shut.push(words.to_string());
            }
        };
        let no_network = self.inet == Inet::None;
        shut(
            no_network && profile.network == Network::Loopback,
            "no connection at all, not even to what the command itself serves",
        );
        shut(
            no_network && matches!(profile.network, Network::ProxyOnly { .. }),
            "the proxy cannot be reached",
        );
        shut(!self.mounts && self.landlock.is_some(), "terminals (pty) cannot be made");
        shut(
            !self.mounts && self.seccomp,
            "file watching, attributes of files, shared memory and queues are off",
        );
        shut(
            !self.mounts && self.landlock.is_some_and(|version| version < REFER_FROM),
            "files cannot be moved or linked from one folder to another",
        );
    }
}

#[cfg(test)]
#[path = "choice_tests.rs"]
mod tests;

//! What is chosen and said for machines that can do more or less. Starts nothing.

use std::path::Path;

use super::*;
use crate::capabilities::Namespaces;

const ALL: Capabilities = Capabilities {
    landlock: Some(7),
    seccomp: true,
    namespaces: Some(Namespaces { user: true, processes: true, process_limit: true, network: true }),
    lists_children: true,
};
const BARE: Capabilities = Capabilities { namespaces: None, ..ALL };

fn profile(change: impl FnOnce(&mut Profile)) -> Profile {
    let mut profile = Profile::workspace(Path::new("/w"), "/t".into());
    change(&mut profile);
    profile
}

fn check(can: Capabilities, bridged: bool, change: impl FnOnce(&mut Profile), gaps: &[&str], shut: &[&str]) {
    let profile = profile(change);
    let choice = choose(&profile, &can, bridged, false);
    let enforced = choice.enforced(&profile);
    assert_eq!(enforced.gaps().collect::<Vec<&str>>(), gaps, "{choice:?}");
    assert_eq!(enforced.shut, shut, "{choice:?}");
}

const MODES: &str = "modes and times of files outside can be changed where their owner may";
const NAMES: &str = "names of files outside can be asked for";
const LOADER: &str = "a file that may not be run can be run through the loader of the system";
const CALLED: &str = "what processes outside were called with, and their descriptors by number, can be read";
const SCHEDULED: &str = "how processes outside are scheduled can be changed where their user may";
const OFF: &str = "file watching, attributes of files, shared memory and queues are off";
const TERMINALS: &str = "terminals (pty) cannot be made";
const NO_LOOPBACK: &str = "no connection at all, not even to what the command itself serves";

#[test]
fn with_everything_there_is_no_gap() {
    check(ALL, false, |_| {}, &[], &[]);
    check(ALL, false, |p| p.network = Network::None, &[], &[]);
    check(ALL, true, |p| p.network = Network::ProxyOnly { port: 9 }, &[], &[]);
    check(Capabilities { landlock: None, ..ALL }, false, |_| {}, &[], &[]);
    let all = Profile::workspace(Path::new("/w"), "/t".into());
    let asked: Vec<Asked> =
        choose(&all, &ALL, false, false).enforced(&all).parts.iter().map(|it| it.asked).collect();
    // Everything but limits, for which this profile does not ask.
    let expected: Vec<Asked> = Asked::ALL.into_iter().filter(|it| *it != Asked::Limits).collect();
    assert_eq!(asked, expected);
}

#[test]
fn landlock_alone_says_what_it_leaves_open() {
    check(
        BARE,
        false,
        |p| p.network = Network::None,
        &[MODES, NAMES, LOADER, CALLED, SCHEDULED],
        &[TERMINALS, OFF],
    );
    check(BARE, false, |_| {}, &[MODES, NAMES, LOADER, CALLED, SCHEDULED], &[NO_LOOPBACK, TERMINALS, OFF]);
    let anywhere = "the port of the proxy can be reached on every machine, not only on this one";
    let proxy = |p: &mut Profile| p.network = Network::ProxyOnly { port: 9 };
    check(BARE, true, proxy, &[MODES, NAMES, LOADER, anywhere, CALLED, SCHEDULED], &[TERMINALS, OFF]);
    check(
        Capabilities { landlock: Some(1), ..BARE },
        true,
        proxy,
        &[
            "files outside can be emptied",
            MODES,
            NAMES,
            LOADER,
            "processes outside can be signalled",
            CALLED,
            SCHEDULED,
        ],
        &[
            "the proxy cannot be reached",
            TERMINALS,
            OFF,
            "files cannot be moved or linked from one folder to another",
        ],
    );
}

#[test]
fn a_proxy_without_a_bridge_leaves_its_port_open() {
    let anywhere = "the port of the proxy can be reached on every machine, not only on this one";
    check(ALL, false, |p| p.network = Network::ProxyOnly { port: 9 }, &[anywhere], &[]);
}

#[test]
fn named_sockets_need_a_new_kernel() {
    let own = |p: &mut Profile| p.sockets = Sockets::Own;
    check(ALL, false, own, &["sockets that others made in granted folders can be reached"], &[]);
    check(Capabilities { landlock: Some(9), ..ALL }, false, own, &[], &[]);
    let full = |p: &mut Profile| {
        p.sockets = Sockets::Own;
        p.network = Network::Full;
    };
    check(
        Capabilities { landlock: Some(5), ..ALL },
        false,
        full,
        &[
            "sockets that others made in granted folders can be reached",
            "sockets with an abstract name that others made can be reached",
        ],
        &[],
    );
}

#[test]
fn without_anything_nothing_is_held_and_everything_is_said() {
    let profile = profile(|_| {});
    let enforced = choose(&profile, &Capabilities::default(), false, true).enforced(&profile);
    let held: Vec<Asked> =
        enforced.parts.iter().filter(|part| part.gaps.is_empty()).map(|part| part.asked).collect();
    assert_eq!(held, [Asked::Privileges, Asked::Environment]);
}

#[test]
fn limits_of_processes_do_not_bind_root_by_themselves() {
    let profile = profile(|p| p.limits.processes = Some(64));
    let says =
        |can: &Capabilities, root: bool| choose(&profile, can, false, root).enforced(&profile).is_complete();
    let namespaces = Namespaces { user: false, processes: true, process_limit: false, network: true };
    let old = Capabilities { namespaces: Some(namespaces), ..ALL };
    assert!(says(&ALL, true) && says(&ALL, false) && says(&old, false) && !says(&old, true));
}

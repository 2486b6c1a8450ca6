//! Tests of the device: first use, what a crash leaves of it, rotation, and everything that stops it.

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::testing::{clock, place};
use crate::verify::{Trust, verify_with};

fn head(records: u64) -> Said {
    let journal = "workspaces/w/sessions/s".to_string();
    Said::Head { journal, records, hash: Digest::of(b"x"), state: State::Running }
}

/// The types of the lines of the chain, and how many keys signed them.
fn chain_of(root: &Path) -> Vec<String> {
    let text = fs::read_to_string(chain(root)).unwrap();
    let name = |line: &str| match signed::read(line.as_bytes()).unwrap().said {
        Said::Key { replaces: None, .. } => "key",
        Said::Key { .. } => "replaced",
        Said::Rotated { .. } => "rotated",
        Said::Head { state: State::Adopted, .. } => "adopted",
        Said::Head { .. } => "head",
        Said::Unknown(_) => "unknown",
    };
    text.lines().map(|line| name(line).to_string()).collect()
}

fn findings(root: &Path) -> Vec<&'static str> {
    let report = verify_with(&[root.to_path_buf()], &Trust::default());
    report.findings.iter().map(|finding| finding.problem.name()).collect()
}

fn refusal(root: &Path) -> String {
    Device::open(root, clock).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn the_first_use_makes_a_key_and_every_later_one_uses_it() {
    let root = tempfile::tempdir().unwrap();
    let mut device = Device::open(root.path(), clock).unwrap();
    device.append(&head(1)).unwrap();
    let again = Device::open(root.path(), clock).unwrap();
    assert_eq!(again.public(), device.public());
    assert_eq!(chain_of(root.path()), ["key", "head"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&key_file(root.path())), mode(&directory(root.path()))), (0o600, 0o700));
    assert!(!next_key_file(root.path()).exists());
}

#[test]
fn two_devices_take_turns_at_one_chain() {
    let root = tempfile::tempdir().unwrap();
    let (mut one, mut other) =
        (Device::open(root.path(), clock).unwrap(), Device::open(root.path(), clock).unwrap());
    for records in 0..5 {
        one.append(&head(records)).unwrap();
        other.append(&head(records)).unwrap();
    }
    let mut prev = line::origin();
    for (seq, text) in (0..).zip(fs::read_to_string(chain(root.path())).unwrap().lines()) {
        let line = signed::read(text.as_bytes()).unwrap();
        assert_eq!((line.seq, line.prev), (seq, prev));
        assert!(line.is_by(&one.public(), text.as_bytes()));
        prev = line.digest;
    }
}

#[test]
fn journals_of_before_are_signed_as_they_are_found() {
    let place = place();
    place.session("s", 2);
    let device = directory(place.root.path());
    fs::remove_dir_all(&device).unwrap();
    let heads = place.session_directory("s").join("heads");
    let refused = refusal(place.root.path());
    assert!(refused.contains("is missing, though `workspaces/"), "{refused}");
    assert!(refused.contains("audit key replace"), "{refused}");
    // Without a trace of signatures it is a journal of before, as far as its format allows that.
    fs::remove_file(heads).unwrap();
    assert!(refusal(place.root.path()).contains("is missing"), "format 2 was always signed");
    let journal = place.journal("s");
    let text = fs::read_to_string(&journal).unwrap().replacen("{\"v\":2", "{\"v\":1", 1);
    fs::write(&journal, text).unwrap();
    Device::open(place.root.path(), clock).unwrap();
    assert_eq!(chain_of(place.root.path()), ["key", "adopted"]);
}

#[test]
fn what_a_crash_leaves_is_ended_or_forgotten() {
    // A key beside its place and no chain: it never signed anything.
    let root = tempfile::tempdir().unwrap();
    layout::create_directory(&directory(root.path()), &mut Unsynced::default()).unwrap();
    DeviceKey::make(&next_key_file(root.path()), &mut Unsynced::default()).unwrap();
    Device::open(root.path(), clock).unwrap();
    assert_eq!(chain_of(root.path()), ["key"]);
    // The chain is there and the key not yet in its place.
    fs::rename(key_file(root.path()), next_key_file(root.path())).unwrap();
    let mut device = Device::open(root.path(), clock).unwrap();
    assert!(key_file(root.path()).exists() && !next_key_file(root.path()).exists());
    // A rotation that made a key and did not sign it.
    DeviceKey::make(&next_key_file(root.path()), &mut Unsynced::default()).unwrap();
    assert_eq!(Device::open(root.path(), clock).unwrap().public(), device.public());
    assert!(!next_key_file(root.path()).exists());
    // One that signed it and did not put it in its place.
    let next = DeviceKey::make(&next_key_file(root.path()), &mut Unsynced::default()).unwrap();
    device.append(&Said::Rotated { to: next.public() }).unwrap();
    assert_eq!(Device::open(root.path(), clock).unwrap().public(), next.public());
    assert_eq!(chain_of(root.path()), ["key", "rotated", "key"]);
    // A line that was cut short.
    let whole = fs::read(chain(root.path())).unwrap();
    fs::write(chain(root.path()), [&whole, &b"{\"v\":1,\"seq\":3"[..]].concat()).unwrap();
    Device::open(root.path(), clock).unwrap().append(&head(1)).unwrap();
    assert_eq!(chain_of(root.path()), ["key", "rotated", "key", "head"]);
    let aside = fs::read(directory(root.path()).join("heads.torn-3")).unwrap();
    assert_eq!(aside, b"{\"v\":1,\"seq\":3");
    // The head names a journal that is not there; that is all.
    assert_eq!(findings(root.path()), ["gone"]);
}

#[test]
fn a_rotation_is_vouched_for_and_reaches_those_who_run() {
    let root = tempfile::tempdir().unwrap();
    let mut running = Device::open(root.path(), clock).unwrap();
    let old = running.public();
    let new = rotate_key(root.path(), clock).unwrap();
    assert_ne!(old, new);
    running.append(&head(1)).unwrap();
    assert_eq!(running.public(), new);
    assert_eq!(chain_of(root.path()), ["key", "rotated", "key", "head"]);
    for key in [old, new] {
        let report = verify_with(&[root.path().to_path_buf()], &Trust { key: Some(key), ..Trust::default() });
        // The head names a journal that is not there; that is all.
        assert_eq!(report.findings.iter().map(|one| one.problem.name()).collect::<Vec<_>>(), ["gone"]);
        assert_eq!((report.key, report.heads), (Some(new), 4));
    }
}

#[test]
fn a_key_that_was_given_up_is_said_until_the_new_one_is_known() {
    let root = tempfile::tempdir().unwrap();
    Device::open(root.path(), clock).unwrap();
    fs::remove_file(key_file(root.path())).unwrap();
    assert!(refusal(root.path()).contains("key` is missing, though it signed what is on record"));
    let new = replace_key(root.path(), clock, "the disk died").unwrap();
    Device::open(root.path(), clock).unwrap();
    assert_eq!(chain_of(root.path()), ["key", "replaced"]);
    assert_eq!(findings(root.path()), ["key_replaced"]);
    let report = verify_with(&[root.path().to_path_buf()], &Trust { key: Some(new), ..Trust::default() });
    assert_eq!((report.findings.len(), report.notes.len()), (0, 1));
    assert!(report.notes[0].to_string().contains("the disk died"), "{}", report.notes[0]);
}

#[test]
fn what_is_missing_wrong_or_newer_stops_with_the_next_step() {
    fn check(damage: impl Fn(&Path), says: &[&str]) {
        let root = tempfile::tempdir().unwrap();
        Device::open(root.path(), clock).unwrap().append(&head(1)).unwrap();
        damage(root.path());
        let refused = refusal(root.path());
        assert!(says.iter().all(|text| refused.contains(text)), "{refused}");
        // Nothing is made or changed by the refusal, and giving the key up is a way on.
        assert_eq!(refusal(root.path()), refused);
        if !refused.contains("format") {
            replace_key(root.path(), clock, "test").unwrap();
            Device::open(root.path(), clock).unwrap();
            assert!(!findings(root.path()).is_empty(), "that is never silent");
        }
    }
    let other = |root: &Path| {
        fs::remove_file(key_file(root)).unwrap();
        DeviceKey::make(&key_file(root), &mut Unsynced::default()).unwrap();
    };
    check(other, &["is not the key that signed", "audit key replace"]);
    check(|root| fs::remove_file(key_file(root)).unwrap(), &["is missing", "put it back from a copy"]);
    check(
        |root| fs::remove_file(chain(root)).unwrap(),
        &["heads` is missing, though the device key was used"],
    );
    check(|root| fs::write(chain(root), "").unwrap(), &["heads` is damaged at its end"]);
    check(|root| fs::write(chain(root), "{}\n").unwrap(), &["is damaged at its end", "audit verify"]);
    let open_to_all = |root: &Path| {
        fs::set_permissions(key_file(root), fs::Permissions::from_mode(0o644)).unwrap();
    };
    check(open_to_all, &["mode is 644", "chmod 600", "audit key rotate"]);
    check(|root| fs::write(key_file(root), "x").unwrap(), &["is not a device key"]);
    let newer = |root: &Path| {
        let text = fs::read_to_string(chain(root)).unwrap().replace("{\"v\":1", "{\"v\":2");
        fs::write(chain(root), text).unwrap();
    };
    check(newer, &["has format 2, and this Waypost reads up to 1", "update Waypost"]);
}

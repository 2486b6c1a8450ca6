//! A disk that is full: nothing happens that is not on record, and the session goes on when there is room again.

use std::process::Command;

use serde_json::json;

use crate::harness::{Desk, call, calls, say};

/// A small file system in place of the state directory, taken away at the end.
struct Small<'d>(&'d Desk);

impl Small<'_> {
    /// `None` where a test may not mount anything.
    fn mount<'d>(desk: &'d Desk, size: &str) -> Option<Small<'d>> {
        let mut mount = desk.program("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(desk.path("state"));
        is_done(mount).then_some(Small(desk))
    }

    fn grow(&self, size: &str) {
        let mut mount = self.0.program("mount");
        mount.args(["-o", &format!("remount,size={size}")]).arg(self.0.path("state"));
        assert!(is_done(mount));
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let mut umount = self.0.program("umount");
        umount.arg("-l").arg(self.0.path("state"));
        is_done(umount);
    }
}

fn is_done(mut command: Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_full_disk_under_the_ledger() {
    let (desk, model) = Desk::with(vec![
        call("read", json!({"path": "large.txt"})),
        calls(&[("write", json!({"path": "a.txt", "content": "x"}))]),
        say("Done."),
        say("Done."),
    ]);
    let Some(small) = Small::mount(&desk, "48k") else {
        eprintln!("no right to mount a small file system here: this part is not tested");
        return;
    };
    // A result that does not compress and is larger than the disk.
    let large: String =
        (0..9000_u64).map(|n| format!("{:x}\n", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    desk.put("large.txt", large);
    desk.check(
        &["run", "x", "--autopilot"],
        1,
        &["No space left on device", "hint: free some space", "waypost session resume"],
    );
    assert!(!desk.has("a.txt"), "nothing is done that cannot be put on record");
    small.grow("16m");
    let asked = model.requests().len();
    desk.check(&["session", "resume"], 0, &["Done."]);
    assert!(model.requests().len() > asked);
    assert_eq!(desk.text("a.txt"), "x");
    desk.check(&["audit", "verify"], 0, &["every chain is whole"]);
}

#[test]
fn a_state_directory_that_cannot_be_made() {
    let (desk, model) = Desk::with(vec![say("Done.")]);
    let file = desk.put_outside("file", "");
    desk.set("XDG_STATE_HOME", &format!("{file}/below"));
    desk.check(
        &["run", "x"],
        1,
        &["the ledger in `", "cannot be opened", "hint: nothing runs without a record"],
    );
    assert_eq!(model.requests().len(), 0);
}

//! An agent's commits: one that would hold a credential is not made, whatever route the file took; others are.

use serde_json::json;

use crate::harness::{Desk, call, say};

/// A token with a checksum that fits, put together so that no scanner takes this file for a leak.
fn token() -> String {
    ["ghp", "_", "Zq3kV8xT1mB7cN5wR9yL2pD6sF4hJ0", "1SSH0b"].concat()
}

/// Runs one line in a repository with `config.env` written and nothing of it committed; gives the subjects of its commits.
#[track_caller]
fn check(content: &str, line: &str, subjects: &str, told: &str) {
    let (desk, model) = Desk::with(vec![call("shell", json!({"command": line})), say("Done.")]);
    desk.git(&["init", "-q"]);
    desk.git(&["config", "user.name", "t"]);
    desk.git(&["config", "user.email", "t@example.org"]);
    desk.put("a.txt", "a\n");
    desk.git(&["add", "a.txt"]);
    desk.git(&["commit", "-qm", "first"]);
    desk.put("config.env", content);
    desk.put("a.txt", "b\n");
    desk.git(&["add", "a.txt"]);
    let flags = ["run", "x", "--autopilot", "--allow", "shell:git *"];
    desk.check(&flags, 0, &["Done."]);
    assert_eq!(desk.git(&["log", "--format=%s", "--reverse"]).trim(), subjects, "{line}");
    assert!(model.last().contains(told), "{line}: {}", model.last());
}

#[test]
fn no_commit_with_a_credential_is_made() {
    let secret = format!("GITHUB_TOKEN={}\n", token());
    let refused = "the commit was not made";
    check("PORT=80\n", "git add config.env && git commit -qm second", "first\nsecond", "");
    check(&secret, "git add config.env && git commit -qm second", "first", refused);
    check(&secret, "git add -A; git commit -qm second", "first", "at config.env:1");
    // What is not part of the commit does not keep it back.
    check(&secret, "git commit -qm second", "first\nsecond", "");
}

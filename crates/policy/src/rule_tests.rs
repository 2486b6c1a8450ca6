//! What single rules match.

use std::path::Path;

use super::*;
use crate::{Origin, Place};

fn check(rule: &str, capability: Capability, target: &str, expected: bool) {
    let rule = Rule::read(rule, Effect::Allow, Source::User).unwrap();
    let target = match capability {
        Capability::FsRead | Capability::FsWrite => {
            Target::Path(Place::new(Path::new("/w"), Path::new(target)))
        }
        _ => Target::Command(target.to_string()),
    };
    let request = Request { capability, target, origin: Origin::Agent };
    assert_eq!(rule.matches(&request), expected, "{rule:?} on {request:?}");
}

#[test]
fn commands_match_by_wildcard() {
    check("shell:cargo test*", Capability::Shell, "cargo test --lib", true);
    check("shell:cargo test*", Capability::Shell, "cargo publish", false);
    check("shell:cargo test", Capability::Shell, "cargo test --lib", false);
    check("shell:git * --stat", Capability::Shell, "git diff HEAD --stat", true);
    check("shell:*", Capability::Shell, "anything at all", true);
}

#[test]
fn paths_match_by_glob_and_bare_paths_cover_children() {
    check("fs_write:docs", Capability::FsWrite, "/w/docs/a/b.md", true);
    check("fs_write:src/*.rs", Capability::FsWrite, "/w/src/lib.rs", true);
    check("fs_write:src/*.rs", Capability::FsWrite, "/w/src/deep/lib.rs", false);
    check("fs_write:**/mcp.json", Capability::FsWrite, "/w/a/mcp.json", true);
    check("fs_read:/etc/hosts", Capability::FsRead, "/etc/hosts", true);
    check("filesystem:docs", Capability::FsRead, "/w/docs", true);
    check("fs_read:docs", Capability::FsWrite, "/w/docs", false);
}

#[test]
fn an_exact_command_has_no_wildcards() {
    let rule = Rule::exact_command("ls *", Source::Plan);
    let run = |line: &str| Request {
        capability: Capability::Shell,
        target: Target::Command(line.to_string()),
        origin: Origin::Agent,
    };
    assert!(rule.matches(&run("ls *")));
    assert!(!rule.matches(&run("ls secrets")));
}

#[test]
fn what_cannot_be_read_is_refused() {
    let read = |text| Rule::read(text, Effect::Allow, Source::Flag).unwrap_err().to_string();
    assert_eq!(
        read("cargo test"),
        "rule `cargo test` has no `:`; write it as `capability:pattern`, for example `shell:cargo test*`"
    );
    assert!(read("sheel:ls").contains("`sheel`, which does not exist; there are fs_read, fs_write, shell"));
    assert!(read("fs_read:a[").starts_with("rule `fs_read:a[` has a pattern that cannot be read"));
}

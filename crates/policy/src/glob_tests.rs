//! What patterns fit.

use super::*;

fn shape(path: &str) -> Shape {
    Shape::new(&Place::new(Path::new("/w"), Path::new(path)))
}

#[track_caller]
fn check(pattern: &str, path: &str, expected: (bool, bool)) {
    let glob = Glob::read(pattern, Some("/home/me")).unwrap();
    let shape = shape(path);
    assert_eq!((glob.opens(&shape), glob.closes(&shape)), expected, "{pattern} on {path}: (opens, closes)");
}

const BOTH: (bool, bool) = (true, true);
const NONE: (bool, bool) = (false, false);
const CLOSES: (bool, bool) = (false, true);

#[test]
fn wildcards() {
    check("src/*.rs", "/w/src/a.rs", BOTH);
    check("src/*.rs", "/w/src/b/a.rs", NONE);
    check("src/**/*.rs", "/w/src/a.rs", BOTH);
    check("src/**/*.rs", "/w/src/b/c/a.rs", BOTH);
    check("**/.env", "/w/.env", BOTH);
    check("**/.env", "/w/a/b/.env", BOTH);
    check("**/.env", "/etc/.env", BOTH);
    check("**/.env", "/w/a.env", NONE);
    check("{src,tests}/*.{rs,md}", "/w/tests/a.md", BOTH);
    check("{src,tests}/*.{rs,md}", "/w/docs/a.md", NONE);
    check("a{b,{c,d}e}f", "/w/adef", BOTH);
    check("file[0-9a].txt", "/w/file5.txt", BOTH);
    check("file[!0-9].txt", "/w/file5.txt", NONE);
    check("a?c", "/w/abc", BOTH);
    check("a*b*c", "/w/axxbxxbc", BOTH);
    check("a*b*c", "/w/axxbxxb", NONE);
    check("**", "/etc/passwd", BOTH);
    check("./**", "/w/a/b", BOTH);
    check("./**", "/etc/passwd", NONE);
    check("\\*", "/w/*", BOTH);
    check("\\*", "/w/a", NONE);
}

#[test]
fn bare_paths_cover_what_lies_below() {
    check("docs", "/w/docs", BOTH);
    check("docs", "/w/docs/a/b.md", BOTH);
    check("docs/", "/w/docs/a/b.md", BOTH);
    check("./docs", "/w/docs/a/b.md", BOTH);
    check("docs", "/w/docs2/a", NONE);
    check("/etc", "/etc/passwd", BOTH);
    check("~/.ssh", "/home/me/.ssh/id", BOTH);
    check("~/.ssh", "/w/.ssh/id", NONE);
    // With a wildcard at its end, a rule that allows means what it says; one that closes takes all below, too.
    check("docs/*", "/w/docs/a/b.md", CLOSES);
    check("docs/**", "/w/docs", BOTH);
}

#[test]
fn rules_that_close_know_other_spellings() {
    check(".git/config", "/w/.GIT/config", CLOSES);
    check(".git", "/w/.g\u{200c}it/config", CLOSES);
    check(".git", "/w/.git./config", CLOSES);
    check(".git", "/w/.git::$INDEX_ALLOCATION/config", CLOSES);
    check(".git", "/w/GIT~1/config", CLOSES);
    check("café", "/w/cafe\u{301}/x", CLOSES);
    check("cafe\u{301}", "/w/café/x", CLOSES);
    check("한글", "/w/\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", CLOSES);
    check("kiro", "/w/\u{212a}iro", CLOSES);
    check("cafe", "/w/café", NONE);
}

#[test]
fn what_may_lie_below_a_directory() {
    let check = |pattern: &str, directory: &str, expected: bool| {
        let glob = Glob::read(pattern, Some("/home/me")).unwrap();
        assert_eq!(glob.may_lie_below(&shape(directory)), expected, "{pattern} below {directory}");
    };
    check("secrets/**", "/w/src", false);
    check("secrets/**", "/w", true);
    check("secrets/**", "/w/secrets/a", true);
    check("**/.env", "/w/src", true);
    check("/home/me/.ssh", "/home", true);
    check("/home/me/.ssh", "/w", false);
    check("src/*/key", "/w/src/a", true);
    check("src/*/key", "/w/lib", false);
    check("secrets", "/", true);
}

#[test]
fn what_cannot_be_read_is_refused() {
    let check = |pattern: &str, expected: &str| {
        assert_eq!(Glob::read(pattern, None).map(drop), Err(expected.to_string()), "{pattern}");
    };
    check("a[", "it has a `[` without its `]`");
    check("a{b", "it has a `{` without its `}`");
    check("../x", "it has `..` in it; name the directory itself");
    check("a[z-a]", "it has the range `z-a`, which is empty");
    check("a\\", "it ends in a backslash");
    check("", "it is empty, or has a NUL character in it");
    check(&"{a,b}".repeat(20), "its braces come to more than 64 patterns");
    check("[[:alpha:]]", "it has a named class of characters; write the characters themselves");
}

//! What patterns match, and that globs mean what the `globset` crate says they mean.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(glob: &str, yes: &[&str], no: &[&str]) {
    let pattern = Pattern::glob(glob).unwrap();
    for path in yes {
        assert!(pattern.matches(path), "`{glob}` should match `{path}`");
    }
    for path in no {
        assert!(!pattern.matches(path), "`{glob}` should not match `{path}`");
    }
}

#[test]
fn globs_over_paths() {
    check("*.ts", &["a.ts", "src/a.ts", ".ts"], &["a.tsx", "a.ts/b"]);
    check("src/*.ts", &["src/a.ts"], &["a/src/a.ts", "src/a/b.ts"]);
    check("src/**/*.ts", &["src/a.ts", "src/a/b/c.ts"], &["a.ts", "srca.ts"]);
    check("**/*.ts", &["a.ts", "x/a.ts"], &["a.js"]);
    check("src/**", &["src/a", "src/a/b"], &["src", "srcs/a"]);
    check("docs/", &["docs/a/b"], &["docs"]);
    check("/Makefile", &["Makefile"], &["a/Makefile"]);
    check("./src/*.rs", &["src/a.rs"], &["a/src/b.rs"]);
    check("Makefile", &["Makefile", "a/Makefile"], &["Makefile2"]);
    check("*.{ts,tsx}", &["a.ts", "x/a.tsx"], &["a.t"]);
    check("{src,test}/**/*.rs", &["src/a.rs", "test/x/a.rs"], &["lib/a.rs"]);
    check("a[0-9].txt", &["a1.txt"], &["aa.txt"]);
    check("a[!0-9].txt", &["aa.txt"], &["a1.txt"]);
    check(r"a\*.txt", &["a*.txt"], &["ab.txt"]);
    check("a+b(c).txt", &["a+b(c).txt"], &["aab(c).txt"]);
    check("Größe?.md", &["Größeü.md"], &["Größe.md"]);
    check("**", &["a", "a/b"], &[]);
    check("./", &["a", "a/b"], &[]);
}

#[test]
fn what_is_no_pattern_says_why() {
    let check = |result: Result<Pattern, String>, why: &str| assert_eq!(result.unwrap_err(), why);
    check(Pattern::glob(" "), "it is empty");
    check(Pattern::glob("a{b"), "a `{` is never closed");
    check(Pattern::glob("a[b"), "a `[` is never closed");
    check(Pattern::glob("a\\"), "it ends in `\\`");
    check(Pattern::regex("(a"), "unclosed group");
    check(Pattern::regex("^(?!fs_)"), "look-around is not supported, because it makes the time unbounded");
    check(Pattern::regex(r"(\w{500}){500}"), "it takes more than 512 KiB when compiled");
    check(Pattern::regex(&"a".repeat(5_000)), "it is longer than 4 KiB");
}

#[test]
fn an_expression_that_explodes_elsewhere_takes_no_time_here() {
    let pattern = Pattern::regex("^(a+)+$").unwrap();
    let begun = std::time::Instant::now();
    assert!(!pattern.matches(&format!("{}!", "a".repeat(10_000))));
    assert!(begun.elapsed().as_secs() < 2);
}

/// The glob as `globset` would have to be told it: with our rule for globs without a slash written out.
fn oracle(glob: &str) -> Option<globset::GlobMatcher> {
    let bare = glob.trim().trim_start_matches("./");
    let (bare, rooted) = match bare.strip_prefix('/') {
        Some(rest) => (rest, true),
        None => (bare, bare.trim_end_matches('/').contains('/')),
    };
    let bare = if bare.ends_with('/') { format!("{bare}**") } else { bare.to_string() };
    let bare = if rooted || bare.starts_with("**") { bare } else { format!("**/{bare}") };
    let glob =
        globset::GlobBuilder::new(&bare).literal_separator(true).backslash_escape(true).build().ok()?;
    Some(glob.compile_matcher())
}

proptest! {
    #[test]
    fn globs_mean_what_globset_says(glob in "(\\*\\*/)?[ab.]{0,2}(/|\\*|\\?|/\\*\\*/|\\{a,b\\}|[ab])[ab.]{0,3}(/\\*\\*)?", path in "[ab.]{1,2}(/[ab.]{1,3}){0,3}") {
        // A component `.` or an empty one is in no path that anybody has.
        // What `./` alone means is ours to say.
        prop_assume!(!glob.contains("//") && !glob.starts_with('/') && !glob.trim_start_matches("./").is_empty());
        if let (Ok(ours), Some(theirs)) = (Pattern::glob(&glob), oracle(&glob)) {
            prop_assert_eq!(ours.matches(&path), theirs.is_match(&path), "{} on {}", glob, path);
        }
    }

    #[test]
    fn any_text_is_a_pattern_or_an_error(text in ".{0,60}", subject in ".{0,60}") {
        for pattern in [Pattern::glob(&text), Pattern::regex(&text), Pattern::name_glob(&text)].into_iter().flatten() {
            pattern.matches(&subject);
        }
    }

    #[test]
    fn a_plain_path_is_a_glob_for_itself(path in "[a-zA-Z0-9_äé+()$. -]{1,9}(/[a-zA-Z0-9_äé+()$. -]{1,9}){0,3}") {
        prop_assume!(path.trim() == path && !path.starts_with("./"));
        prop_assert!(Pattern::glob(&path).unwrap().matches(&path));
    }
}

//! `waypost scan` from outside: files, the index and the history, with planted values and with hostile input. Values are made
//! here; no file holds one. The hook has a file of its own.
#![expect(clippy::disallowed_methods, reason = "tests make files of every kind")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;

use crate::harness::Desk;

/// A value of the form of a GitLab token, another one for each seed.
pub(crate) fn token(seed: u64) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(letters[usize::try_from(state % 62).unwrap()])
    };
    let rest: String = (0..20).map(|_| next()).collect();
    format!("gl{}-{rest}", "pat")
}

/// A desk whose workspace is a repository without commits.
pub(crate) fn repository() -> Desk {
    let desk = Desk::new();
    desk.git(&["init", "--quiet", "."]);
    desk
}

/// Commits everything in the workspace, and gives the commit's name.
#[track_caller]
fn commit(desk: &Desk, message: &str) -> String {
    desk.git(&["add", "--all", "--force"]);
    desk.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    desk.git(&["rev-parse", "HEAD"]).trim().to_string()
}

#[test]
fn nothing_found_is_0_and_something_is_1_and_no_form_of_report_shows_the_value() {
    let desk = repository();
    desk.put("src/clean.py", "print('hello')\n");
    desk.check(&["scan"], 0, &["no value found in 1 file"]);
    let value = token(1);
    desk.put("src/config.py", format!("# ä😀\n'ä😀', '{value}'\n"));
    for arguments in [
        &["scan"][..],
        &["scan", "src"],
        &["scan", "src/config.py"],
        &["--json", "scan"],
        &["scan", "--format", "json"],
        &["scan", "--format", "sarif"],
    ] {
        let ran = desk.check(arguments, 1, &["gitlab-pat"]);
        // All but the first four characters, which tell its kind.
        ran.never_says(&[&value, &value[5..]]);
    }
    desk.check(
        &["scan"],
        1,
        &["src/config.py:2:9", "1 value found in 2 files", "waypost:allow REASON", ".gitleaks.toml"],
    );
    desk.check(&["scan", "src/clean.py"], 0, &["no value found in 1 file"]);
    let report = desk.waypost(&["--json", "scan"]).document();
    let row = &report["findings"][0];
    assert_eq!(
        (row["path"].as_str(), row["line"].as_u64(), row["column"].as_u64(), row["end_column"].as_u64()),
        (Some("src/config.py"), Some(2), Some(9), Some(35))
    );
    let log = desk.waypost(&["scan", "--format", "sarif"]).document();
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startColumn"], 9);
    assert_eq!(result["ruleId"], "gitlab-pat");
}

#[test]
fn a_report_goes_to_a_file_whole() {
    let desk = repository();
    desk.put("a", token(1));
    for (format, begins) in [("json", "{"), ("sarif", "{"), ("text", "a:1:1")] {
        desk.check(&["scan", "a", "--format", format, "-o", "out"], 1, &[]);
        assert!(desk.text("out").starts_with(begins), "{format}");
        assert!(!desk.text("out").contains(&token(1)[5..]));
    }
}

#[test]
fn what_git_ignores_is_left_out_unless_it_is_named_or_followed() {
    let desk = repository();
    for (at, path) in
        [".env", "build/out.txt", "hidden.txt", ".kiro/steering/a.md", "deep/.git/config", ".hidden/a"]
            .iter()
            .enumerate()
    {
        desk.put(path, format!("t = {}\n", token(at as u64 + 1)));
    }
    desk.put(".gitignore", ".env\nbuild/\n");
    // A list for another tool hides nothing from git.
    desk.put(".ignore", "hidden.txt\n");
    let found = |arguments: &[&str]| {
        let report = desk.waypost(&[&["--json", "scan"], arguments].concat()).document();
        let rows = report["findings"].as_array().unwrap();
        rows.iter().map(|row| row["path"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), [".hidden/a", ".kiro/steering/a.md", "hidden.txt"]);
    assert_eq!(found(&[".env"]), [".env"]);
    assert_eq!(found(&["build"]), ["build/out.txt"], "a folder that is named is gone into");
    assert_eq!(found(&["deep/.git/config"]), ["deep/.git/config"]);
    desk.git(&["add", "--force", "build/out.txt"]);
    assert_eq!(found(&[]), [".hidden/a", ".kiro/steering/a.md", "build/out.txt", "hidden.txt"]);
}

#[test]
fn staged_is_what_the_index_holds_and_not_what_lies_on_the_disk() {
    let desk = repository();
    desk.check(&["scan", "--staged"], 0, &["0 staged files"]);
    desk.put("a.txt", token(1));
    desk.check(&["scan", "--staged"], 0, &["0 staged files"]);
    desk.git(&["add", "a.txt"]);
    // Before the first commit, and with a file that was mended on the disk alone.
    desk.put("a.txt", "mended");
    desk.check(&["scan", "--staged"], 1, &["a.txt:1:1", "1 staged file"]);
    desk.check(&["scan"], 0, &[]);
    desk.git(&["add", "a.txt"]);
    desk.put("a.txt", token(2));
    desk.check(&["scan", "--staged"], 0, &["1 staged file"]);
    commit(&desk, "it stands in a commit now");
    desk.check(&["scan", "--staged"], 0, &["0 staged files"]);
    desk.git(&["mv", "a.txt", "with space.txt"]);
    desk.check(&["scan", "--staged"], 1, &["with space.txt:1:1"]);
    desk.check(&["scan", "--staged", "elsewhere"], 0, &["0 staged files"]);
    desk.git(&["rm", "--quiet", "--force", "with space.txt"]);
    desk.check(&["scan", "--staged"], 0, &["0 staged files"]);
}

#[test]
fn the_history_tells_the_commit_that_brought_a_value_and_tells_it_once() {
    let desk = repository();
    desk.check(&["scan", "--history"], 0, &["0 contents of 0 commits"]);
    commit(&desk, "nothing");
    desk.put("old/a.txt", format!("t = {}\n", token(1)));
    let brought = commit(&desk, "a value");
    desk.put("old/a.txt", format!("one more line\nt = {}\n", token(1)));
    commit(&desk, "the value is elsewhere in its file");
    desk.take("old/a.txt");
    let gone = commit(&desk, "the value is gone");
    desk.check(&["scan"], 0, &[]);
    let report = desk.waypost(&["--json", "scan", "--history"]).exits(1).document();
    let rows = report["findings"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["commit"], *brought);
    assert_eq!(rows[0]["path"], "old/a.txt");
    assert!(rows[0]["date"].as_str().unwrap().starts_with("20"));
    desk.check(
        &["scan", "--history"],
        1,
        &[&format!("commit {}", &brought[..12]), "2 contents of 4 commits"],
    );
    desk.check(&["scan", &format!("--history={gone}~1..{gone}")], 0, &[]);
    desk.check(&["scan", &format!("--history={brought}")], 1, &[]);
    desk.check(&["scan", "--history", "old"], 1, &[]);
    desk.check(&["scan", "--history", "new"], 0, &[]);
    for odd in ["no-such-branch", "--all", "-n1", "", "a b"] {
        desk.check(&["scan", &format!("--history={odd}")], 2, &["hint: name a range such as main..HEAD"]);
    }
}

#[test]
fn branches_tags_and_what_only_a_merge_brought_belong_to_the_history() {
    let desk = repository();
    desk.put("a", "a");
    commit(&desk, "first");
    desk.git(&["checkout", "--quiet", "-b", "side"]);
    desk.put("side", token(1));
    commit(&desk, "on a side branch");
    desk.git(&["checkout", "--quiet", "-"]);
    desk.put("tagged", token(2));
    commit(&desk, "only a tag leads here");
    desk.git(&["tag", "kept"]);
    desk.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    desk.put("b", "b");
    commit(&desk, "second");
    desk.git(&["merge", "--quiet", "--no-ff", "--no-commit", "side"]);
    desk.put("merged", token(3));
    commit(&desk, "a merge that brings something of its own");
    desk.check(&["scan", "--history"], 1, &["side:1:1", "tagged:1:1", "merged:1:1", "3 values found"]);
}

#[test]
fn no_repository_and_a_shallow_one_are_said() {
    let desk = Desk::new();
    for what in ["--staged", "--history"] {
        desk.check(&["scan", what], 2, &["not a git repository", "hint: without git there are files"]);
    }
    let desk = repository();
    desk.put("a", "a");
    commit(&desk, "one");
    commit(&desk, "two");
    let (from, to) =
        (format!("file://{}", desk.resolved("work")), desk.path("shallow").display().to_string());
    desk.git(&["clone", "--quiet", "--depth", "1", &from, &to]);
    desk.check(&["-C", &to, "scan", "--history"], 0, &["older commits were never fetched"]);
}

#[test]
fn a_value_is_accepted_by_a_mark_with_a_reason() {
    let desk = repository();
    let check = |remark: &str, code: i32| {
        desk.put("a.py", format!("t = '{}'  # {remark}\n", token(1)));
        desk.check(&["scan"], code, &[]);
        desk.git(&["add", "a.py"]);
        desk.check(&["scan", "--staged"], code, &[]);
    };
    check("a remark", 1);
    check("waypost:allow", 1);
    check("waypost:allow made up for a test", 0);
    check("gitleaks:allow", 0);
}

#[test]
fn a_repositorys_rules_allow_with_a_reason_and_take_no_rule_away() {
    let desk = repository();
    desk.put("t/a.txt", token(1));
    desk.put("b.txt", "ours-12345678\n");
    let check = |rules: &str, code: i32, says: &[&str]| {
        desk.put(".gitleaks.toml", rules);
        desk.check(&["scan"], code, says)
    };
    check("[[allowlists]]\ndescription = 'made up'\npaths = ['^t/']\n", 0, &[]);
    check("[[allowlists]]\npaths = ['^t/']\n", 1, &["note:", "without a `description`", "t/a.txt"]);
    check(
        "[extend]\ndisabledRules = ['gitlab-pat']\n",
        1,
        &["the rule `gitlab-pat` stays in force", "t/a.txt"],
    );
    check("[[rules]]\nid = 'gitlab-pat'\nregex = 'nothing'\n", 1, &["t/a.txt"]);
    let ours =
        "[[rules]]\nid = 'ours'\ndescription = 'one of ours'\nregex = 'ours-[0-9]{8}'\nkeywords = ['ours']\n";
    check(ours, 1, &["b.txt:1:1", "one of ours", "2 values"]);
    // The notes are no part of a document but a field of it.
    check("[[allowlists]]\npaths = ['x']\n", 1, &[]);
    let report = desk.waypost(&["--json", "scan"]).document();
    assert!(report["notes"][0].as_str().unwrap().contains("without a `description`"));
    // The person's own file may switch off.
    fs::write(desk.path("config/waypost/secrets.toml"), "[extend]\ndisabledRules = ['gitlab-pat']\n")
        .unwrap();
    desk.check(&["scan"], 0, &[]);
}

#[test]
fn a_broken_rule_file_stops_the_scan_and_names_the_line() {
    let desk = repository();
    desk.put("a.txt", "nothing here\n");
    let outside = desk.put_outside("outside.toml", "[[rules]]\nid = 'x'\nregex = 'x'\n");
    for (rules, says) in [
        ("\n[[rules]\nid = 1\n".as_bytes(), "line 2"),
        (b"[[rules]]\nid = 'x'\nregex = '''(?<=a)b'''\n", "line 3, column 9: rule `x`"),
        (b"[[rules]]\nregex = 'x'\n", "line 1, column 1"),
        (b"title = 'a'\n# \xff\n", "line 2, column 3: is no UTF-8"),
        (format!("[extend]\npath = '{outside}'\n").as_bytes(), "lies outside of the repository"),
        (b"[extend]\npath = 'gone.toml'\n", "gone.toml` cannot be read"),
    ] {
        desk.put(".gitleaks.toml", rules);
        for arguments in [&["scan"][..], &["scan", "--staged"], &["scan", "--history"]] {
            desk.check(arguments, 2, &[says, "hint:"]).never_says(&["no value found"]);
        }
    }
    desk.take(".gitleaks.toml");
    desk.put("broken.toml", "[[rules]\n");
    desk.check(&["scan", "--rules", "broken.toml"], 2, &["line 1", "nothing was scanned"]);
    desk.check(&["scan", "--rules", "gone.toml"], 2, &["gone.toml` cannot be read"]);
    desk.check(&["scan", "--rules", "."], 2, &["is no regular file"]);
    fs::write(desk.path("config/waypost/secrets.toml"), "[[rules]\n").unwrap();
    desk.check(&["scan"], 2, &["secrets.toml` line 1"]);
}

#[test]
fn rules_of_the_command_line_join_and_draw_in_others_once() {
    let desk = repository();
    desk.put("a.txt", "ours-12345678 theirs-12345678\n");
    let rule = |name: &str| {
        format!("[[rules]]\nid = '{name}'\nregex = '{name}-[0-9]{{8}}'\nkeywords = ['{name}']\n")
    };
    desk.put("one.toml", format!("[extend]\npath = 'two.toml'\n{}", rule("ours")));
    // Each names the other: a ring must not be walked for ever.
    desk.put("two.toml", format!("[extend]\npath = 'one.toml'\n{}", rule("theirs")));
    desk.check(&["scan", "a.txt"], 0, &[]);
    desk.check(&["scan", "a.txt", "--rules", "one.toml"], 1, &["a.txt:1:1", "a.txt:1:15", "319 rules"]);
}

#[test]
fn a_baseline_knows_values_and_not_places() {
    let desk = repository();
    desk.put("a.txt", token(1));
    desk.check(&["scan", "--format", "json", "-o", "known.json"], 1, &[]);
    assert!(!desk.text("known.json").contains(&token(1)[5..]));
    desk.check(&["scan", "--baseline", "known.json"], 0, &["no value found", "1 known"]);
    desk.put("a.txt", format!("further down\n\n  {}\n", token(1)));
    desk.check(&["scan", "--baseline", "known.json"], 0, &["1 known"]);
    desk.put("a.txt", format!("{}\n{}\n", token(1), token(2)));
    desk.check(&["scan", "--baseline", "known.json"], 1, &["a.txt:2:1", "1 known"]);
    desk.put("a.txt", token(2));
    desk.check(&["scan", "--baseline", "known.json"], 1, &["0 known"]);
    for broken in ["", "{}", "{\"findings\": [{}]}", "[1"] {
        desk.put("known.json", broken);
        desk.check(
            &["scan", "--baseline", "known.json"],
            2,
            &["the baseline", "line 1", "hint: write it anew"],
        );
    }
    desk.check(&["scan", "--baseline", "gone.json"], 2, &["cannot be read"]);
}

#[test]
fn files_of_every_kind_are_looked_into_or_named() {
    let desk = repository();
    // Large, and the value behind the place where the first piece ends.
    let mut large = vec![b'\n'; 20 << 20];
    large.extend_from_slice(token(1).as_bytes());
    desk.put("large.txt", large);
    let mut binary = vec![0_u8; 5_000];
    binary.extend_from_slice(format!("\n{}\n", token(2)).as_bytes());
    desk.put("binary.bin", binary);
    let units: Vec<u8> = format!("t = {}\n", token(3)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    desk.put("wide.txt", [b"\xff\xfe", &units[..]].concat());
    fs::write(desk.work("").join(OsStr::from_bytes(b"odd\xff\n\x1b[2Jname")), token(4)).unwrap();
    desk.put("latin.txt", [b"\xe4\xf6 ", token(5).as_bytes()].concat());
    symlink(".", desk.work("loop")).unwrap();
    symlink("self", desk.work("self")).unwrap();
    symlink("large.txt", desk.work("link.txt")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(desk.work("pipe")).status().unwrap().success());
    let ran = desk.check(
        &["scan"],
        1,
        &[
            "large.txt:20971521:1",
            "binary.bin:2:1",
            "wide.txt:1:",
            "latin.txt:1:4",
            "5 values found in 5 files",
        ],
    );
    assert!(!ran.out.contains('\u{1b}') && ran.out.contains("odd\u{fffd}␊␛[2Jname:1:1"), "{}", ran.out);
    ran.never_says(&["loop", "link.txt", "pipe", "not looked into"]);
    // Named, none of them is passed over in silence.
    desk.check(&["scan", "link.txt"], 1, &["link.txt:20971521:1"]);
    desk.check(&["scan", "pipe"], 1, &["not looked into: pipe: is no regular file"]);
    desk.check(&["scan", "self"], 1, &["not looked into: self:"]);
    desk.check(&["scan", "gone"], 2, &["gone` is not there"]);
    desk.check(&["scan", "large.txt/below"], 2, &["is not there"]);
    // The same through git.
    desk.git(&["add", "--all"]);
    desk.check(&["scan", "--staged"], 1, &["large.txt:20971521:1", "5 values found"]);
    desk.git(&["commit", "--quiet", "--message", "all of it"]);
    desk.check(&["scan", "--history"], 1, &["large.txt:20971521:1", "5 values found"]);
}

#[test]
fn what_cannot_be_read_is_named_and_is_not_clean() {
    let desk = repository();
    desk.put("a.txt", "fine\n");
    if cfg!(target_os = "linux") {
        // A regular file that nobody, not even an administrator, reads from its beginning.
        let ran = desk.check(
            &["scan", "a.txt", "/proc/self/mem"],
            1,
            &["not looked into: /proc/self/mem", "1 not looked into"],
        );
        assert!(ran.out.contains("no value found in 1 file"), "{}", ran.out);
        let report = desk.waypost(&["--json", "scan", "/proc/self/mem"]).document();
        assert_eq!(report["unread"][0]["path"], "/proc/self/mem");
    }
    // An object that git lost.
    desk.put("b.txt", token(1));
    desk.git(&["add", "b.txt"]);
    let object = desk.git(&["rev-parse", ":b.txt"]).trim().to_string();
    fs::remove_file(desk.work(&format!(".git/objects/{}/{}", &object[..2], &object[2..]))).unwrap();
    desk.check(&["scan", "--staged"], 1, &["not looked into: b.txt", "is not here"]);
}

//! What skills come to, and how long their list gets.

use proptest::prelude::*;

use super::*;

fn read(folder: &str, text: &str) -> Reading<Skill> {
    Skill::read(folder, Origin::Workspace, text.as_bytes(), Vec::new())
}

#[track_caller]
fn check(folder: &str, text: &str, name: Option<&str>, codes: &[&str]) {
    let (found, diagnostics) = match read(folder, text) {
        Reading::Read(skill) => (Some(skill.name), skill.diagnostics),
        Reading::Refused { diagnostics, .. } => (None, diagnostics),
    };
    assert_eq!(found.as_deref(), name, "{text}");
    assert_eq!(diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), codes, "{text}");
}

#[test]
fn skills_as_specified_and_as_written() {
    let text = "---\nname: pdf-forms\ndescription: Fills forms\nlicense: MIT\ncompatibility: needs python\nmetadata: {author: a, version: \"1.0\", n: 1}\nallowed-tools: Bash(git:*) Read\n---\n# How\n";
    let skill = read("pdf-forms", text).ok().unwrap();
    assert_eq!(
        (skill.license.as_deref(), skill.compatibility.as_deref()),
        (Some("MIT"), Some("needs python"))
    );
    assert_eq!(skill.allowed_tools, ["Bash(git:*)", "Read"]);
    assert_eq!(skill.metadata.len(), 3);
    assert_eq!(skill.body, "# How");
    assert!(skill.diagnostics.is_empty());
    check("a", "---\nname: b\ndescription: d\n---\nx", Some("b"), &["skill/folder"]);
    check("A_b", "---\nname: A_b\ndescription: d\n---\nx", Some("A_b"), &["skill/name"]);
    check("a--b", "---\nname: a--b\ndescription: d\n---\nx", Some("a--b"), &["skill/name"]);
    check("a", "---\ndescription: d\n---\nx", Some("a"), &["skill/no-name"]);
    check("a", "---\nname: a\n---\nx", None, &["skill/no-description"]);
    check("a", "# x\n", None, &["skill/no-front-matter"]);
    check("a", "---\n- x\n---\n", None, &["skill/wrong-type"]);
    check(
        "a",
        "---\nname: a\ndescription: Use when: you must\n---\nx",
        Some("a"),
        &["front-matter/bare-colon"],
    );
    check(
        "a",
        "---\nname: a\ndescription: d\nallowedTools: x\n---\n",
        Some("a"),
        &["skill/unknown-field", "skill/empty"],
    );
    check(
        "a",
        &format!("---\nname: a\ndescription: {}\n---\nx", "d".repeat(1025)),
        Some("a"),
        &["skill/too-long"],
    );
    let evil = "---\nname: \"../../x\"\ndescription: d\n---\nx";
    check("good", evil, Some("good"), &["skill/name"]);
    check("not good", evil, None, &["skill/name"]);
}

#[test]
fn opening_lists_what_lies_beside() {
    let files = vec![
        Beside { path: "scripts/b.py".into(), bytes: 12 },
        Beside { path: "SKILL.md".into(), bytes: 5 },
        Beside { path: "references/a.md".into(), bytes: 7 },
    ];
    let text = "---\nname: a\ndescription: d\n---\nDo it.\n";
    let skill = Skill::read(".kiro/skills/a", Origin::Workspace, text.as_bytes(), files).ok().unwrap();
    assert_eq!(
        skill.opened(),
        "# Skill `a` in .kiro/skills/a\n\nDo it.\n\nFiles beside it; read one when the instructions need it:\n- .kiro/skills/a/references/a.md (7 bytes)\n- .kiro/skills/a/scripts/b.py (12 bytes)\n"
    );
}

#[test]
fn the_list_stays_short() {
    let skills = |count: usize, words: usize| -> Vec<Skill> {
        let text = |n: usize| format!("---\nname: skill-{n}\ndescription: {}\n---\nx", "word ".repeat(words));
        (0..count).map(|n| read(&format!("skill-{n}"), &text(n)).ok().unwrap()).collect()
    };
    assert_eq!(catalog(&[]), "");
    assert_eq!(catalog(&skills(1, 2)), "- skill-0: word word\n");
    for (count, words) in [(30, 180), (200, 100), (2_000, 50)] {
        let list = catalog(&skills(count, words));
        assert!(list.len() <= CATALOG_BYTES_MAX, "{}", list.len());
        let shown = list.lines().filter(|line| line.starts_with("- ")).count();
        let more = list.lines().last().and_then(|line| line.strip_prefix("and ")?.strip_suffix(" more"));
        assert_eq!(shown + more.map_or(0, |more| more.parse::<usize>().unwrap()), count);
    }
    assert_eq!(one_line("a\n\u{1b}[31m b  c", 8), "a [31m b…");
    assert_eq!(one_line("abcdef", 3), "abc…");
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300), folder in "[a-zA-Z/ .-]{0,12}") {
        let _ = Skill::read(&folder, Origin::Person, &bytes, Vec::new());
    }

    #[test]
    fn a_name_is_always_one_word(name in "\\PC{0,70}", folder in "\\PC{0,20}") {
        let text = format!("---\nname: {name:?}\ndescription: d\n---\nx");
        if let Reading::Read(skill) = read(&folder, &text) {
            prop_assert!(is_name(&skill.name), "{}", skill.name);
        }
    }
}

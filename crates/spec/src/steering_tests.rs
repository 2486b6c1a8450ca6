//! Tests of `steering`.

use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(input: &str, inclusion: Inclusion, codes: &[&str]) {
    let steering = Steering::parse(input.as_bytes());
    let got: Vec<_> = steering.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!((steering.inclusion, got.as_slice()), (inclusion, codes), "{input}");
}

fn matching(patterns: &[&str]) -> Inclusion {
    Inclusion::FileMatch(patterns.iter().map(|p| p.to_string()).collect())
}

#[test]
fn the_four_inclusions() {
    check("# Rules\n", Inclusion::Always, &[]);
    check("", Inclusion::Always, &[]);
    check("---\n---\n# Rules\n", Inclusion::Always, &[]);
    check("---\ninclusion:\n---\n", Inclusion::Always, &[]);
    check("---\ninclusion: always # why\n---\n", Inclusion::Always, &[]);
    check("---yaml\r\ninclusion: \"manual\"\r\n---\r\n", Inclusion::Manual, &[]);
    check("---\ninclusion: auto\ndescription: When testing\n---\n", Inclusion::Auto, &[]);
    check(
        "---\ninclusion: fileMatch\nfileMatchPattern: \"src/**/*.ts\"\n---\n",
        matching(&["src/**/*.ts"]),
        &[],
    );
    check(
        "---\ninclusion: fileMatch\nfileMatchPattern: ['a.rs', \"*.{ts,tsx}\", b]\n---\n",
        matching(&["a.rs", "*.{ts,tsx}", "b"]),
        &[],
    );
    check(
        "---\ninclusion: fileMatch\nfileMatchPattern:\n  - \"**/*.ts\"\n- x\n---\n",
        matching(&["**/*.ts", "x"]),
        &[],
    );
    check("---json\n{\"inclusion\": \"manual\"}\n---\n", Inclusion::Manual, &[]);
}

#[test]
fn a_wrong_inclusion_is_never_always() {
    let wrong = |why: &str| Inclusion::Wrong(why.to_string());
    check("---\ninclusion: Always\n---\n", wrong("Always"), &["steering/unknown-inclusion"]);
    check("---\ninclusion: conditional\n---\n", wrong("conditional"), &["steering/unknown-inclusion"]);
    check(
        "---\ninclusion: fileMatch\n---\n",
        wrong("fileMatch without a pattern"),
        &["steering/missing-pattern"],
    );
    check(
        "---\ninclusion: fileMatch\nglobs: x\n---\n",
        wrong("fileMatch without a pattern"),
        &["steering/missing-pattern", "steering/unknown-key"],
    );
    check(
        "---\ninclusion: auto\n---\n",
        wrong("auto without a description"),
        &["steering/missing-description"],
    );
    for broken in [
        "---\ninclusion: manual\n",
        "---\ninclusion\n---\n",
        "---\ninclusion: \"manual\n---\n",
        "---\ninclusion: manual\ninclusion: always\n---\n",
        "---\nfileMatchPattern: **/*.ts\n---\n",
        "---json\n{\n---\n",
    ] {
        let steering = Steering::parse(broken.as_bytes());
        assert!(matches!(steering.inclusion, Inclusion::Wrong(_)), "{broken}");
        assert_eq!(steering.diagnostics[0].code, "steering/broken-front-matter", "{broken}");
    }
}

/// Applies all fixes; what comes out has none of the codes that were mended.
#[track_caller]
fn mended(input: &str, expected: &str, inclusion: Inclusion) {
    let steering = Steering::parse(input.as_bytes());
    let edits: Vec<_> = steering.fixes.iter().map(|fix| fix.edit.clone()).collect();
    let bytes = crate::splice::apply(input.as_bytes(), &edits).unwrap();
    assert_eq!(String::from_utf8_lossy(&bytes), expected);
    let after = Steering::parse(&bytes);
    assert_eq!((after.inclusion, after.fixes), (inclusion, Vec::new()), "{input}");
}

#[test]
fn slips_are_mended_by_a_splice() {
    let same = |word: &str, meant: &str, inclusion: Inclusion| {
        let document = |word: &str| format!("---\r\ninclusion: {word} # why\r\ndescription: d\r\n---\r\nx");
        mended(&document(word), &document(meant), inclusion);
    };
    same("Always", "always", Inclusion::Always);
    same("\"alwasy\"", "always", Inclusion::Always);
    same("'on-demand'", "manual", Inclusion::Manual);
    same("agent", "auto", Inclusion::Auto);
    same("manuel", "manual", Inclusion::Manual);
    mended(
        "---\ninclusion: conditional\nfilePatterns: [\"a\"]\n---\n",
        "---\ninclusion: fileMatch\nfileMatchPattern: [\"a\"]\n---\n",
        matching(&["a"]),
    );
    mended(
        "---\ninclusion: filematch\nglobs: \"a\"\n---\n",
        "---\ninclusion: fileMatch\nfileMatchPattern: \"a\"\n---\n",
        matching(&["a"]),
    );
    mended(
        "---json\n{\"inclusion\": \"Manual\"}\n---\n",
        "---json\n{\"inclusion\": \"manual\"}\n---\n",
        Inclusion::Manual,
    );
    mended("---\nInclusion: manual\n---\n", "---\ninclusion: manual\n---\n", Inclusion::Manual);
    mended("---\ninlcusion: manual\n---\n", "---\ninclusion: manual\n---\n", Inclusion::Manual);
    mended(
        "---\r\nfileMatchPattern: a\r\n---\r\n",
        "---\r\ninclusion: fileMatch\r\nfileMatchPattern: a\r\n---\r\n",
        matching(&["a"]),
    );
    mended(
        "---\ninclusion: fileMatch\nfileMatchPattern: \"*.ts,*.{js,jsx}\"\n---\n",
        "---\ninclusion: fileMatch\nfileMatchPattern: [\"*.ts\", \"*.{js,jsx}\"]\n---\n",
        matching(&["*.ts", "*.{js,jsx}"]),
    );
    check(
        "---\ninclusion: banana\n---\n",
        Inclusion::Wrong("banana".into()),
        &["steering/unknown-inclusion"],
    );
    assert_eq!(Steering::parse(b"---\ninclusion: banana\n---\n").fixes, []);
}

#[test]
fn a_misspelt_key_does_not_make_a_file_always() {
    let wrong = Inclusion::Wrong("the key `Inclusion`".to_string());
    check("---\nInclusion: manual\n---\n", wrong, &["steering/unknown-key"]);
    check("---\ntitle: Rules\ntags: a\n---\n", Inclusion::Always, &[]);
}

#[test]
fn a_rule_at_the_top_is_not_front_matter() {
    check("---\n\nText: more\n", Inclusion::Always, &[]);
    check(" ---\ninclusion: manual\n---\n", Inclusion::Always, &[]);
}

#[test]
fn name_description_and_body() {
    let input =
        "\u{feff}---\nname: 'it''s'\ndescription: >\n  When the\n  API changes\nextra: {}x\n---\n# Body\n";
    let steering = Steering::parse(input.replace("extra: {}x\n", "").as_bytes());
    assert_eq!(steering.name.as_deref(), Some("it's"));
    assert_eq!(steering.description.as_deref(), Some("When the API changes"));
    assert_eq!(steering.body, "# Body\n");
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let steering = Steering::parse(&bytes);
        prop_assert!(steering.body_offset <= bytes.len());
    }

    #[test]
    fn any_front_matter_is_read_without_a_panic(s in "---\n([a-zA-Z:'\"#\\[\\],>|*{} -]{0,20}\n){0,6}---\n") {
        let _ = Steering::parse(s.as_bytes());
    }

    #[test]
    fn a_fix_removes_its_finding(
        s in "---\n((inclusion|Inclusion|globs|fileMatchPattern|description): ?(\"?[a-zA-Z]{1,9}\"?|a,b|conditional|alwasy)( #x)?\r?\n){0,4}---\n",
    ) {
        let before = Steering::parse(s.as_bytes());
        for fix in &before.fixes {
            let bytes = crate::splice::apply(s.as_bytes(), std::slice::from_ref(&fix.edit)).unwrap();
            let count = |of: &Steering| of.diagnostics.iter().filter(|one| one.code == fix.code).count();
            prop_assert!(count(&Steering::parse(&bytes)) < count(&before), "{:?}", fix);
        }
    }
}

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
}

//! Tests of `at`: which files are in force, in which order, and why the others are not.

use proptest::prelude::*;

use super::*;
use crate::look::Blind;
use crate::source::{Scope, Unreadable};

fn source(path: &str, text: &str) -> Source {
    Source::of_workspace(path, Ok(text.as_bytes().to_vec()), true).unwrap()
}

fn own(below: &str, text: &str) -> Source {
    Source::outside(Scope::Person, "~/.kiro/steering", below, Ok(text.as_bytes().to_vec()))
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.to_string()).collect()
}

/// Lines `+ name: rule` and `- name: why`.
fn told(sources: Vec<Source>, paths: &[&str], names: &[&str]) -> Vec<String> {
    let listing = at(sources, &strings(paths), &strings(names), &mut Blind);
    let pieces =
        listing.pieces.iter().map(|piece| format!("+ {}: {}", piece.name, piece.reason.words(piece.scope)));
    let left = listing.left_out.iter().map(|left| format!("- {}: {}", left.name, left.why.code()));
    pieces.chain(left).collect()
}

#[track_caller]
fn check(sources: Vec<Source>, paths: &[&str], names: &[&str], expected: &[&str]) {
    assert_eq!(told(sources, paths, names), expected);
}

fn matching(glob: &str) -> String {
    format!("---\ninclusion: fileMatch\nfileMatchPattern: \"{glob}\"\n---\nx {glob}")
}

#[test]
fn steering_of_a_package_is_named_from_anywhere() {
    let manual = |body: &str| format!("---\ninclusion: manual\n---\n{body}");
    let all = || {
        vec![
            source("packages/x/.kiro/steering/pk.md", &manual("pk of x")),
            source("packages/y/.kiro/steering/pk.md", &manual("pk of y")),
            source("packages/y/.kiro/steering/deep/only.md", &manual("only y")),
        ]
    };
    let named = |paths: &[&str], name: &str| -> Vec<String> {
        let listing = at(all(), &strings(paths), &strings(&[name]), &mut Blind);
        assert_eq!(listing.unknown, [""; 0], "{name}");
        listing.pieces.into_iter().map(|piece| piece.name).collect()
    };
    let (x, y) = ("packages/x/.kiro/steering/pk.md", "packages/y/.kiro/steering/pk.md");
    assert_eq!(named(&[], "#pk"), [x, y]);
    // One in play is what a bare name means there.
    assert_eq!(named(&["packages/x/src/a.ts"], "#pk"), [x]);
    assert_eq!(named(&["packages/x/src/a.ts"], "#packages/y/pk"), [y]);
    assert_eq!(named(&["packages/x/src/a.ts"], "#only"), ["packages/y/.kiro/steering/deep/only.md"]);
    assert_eq!(named(&[], "#packages/x/pk"), [x]);
    assert_eq!(named(&[], "#packages/y/deep/only.md"), ["packages/y/.kiro/steering/deep/only.md"]);
    assert_eq!(named(&[], y), [y]);
    let collection = Collection::read(all());
    assert!(!collection.may_name_others("see #pk, and #packages/x/pk."));
    assert!(collection.may_name_others("see #pk and #other"));
    assert!(!collection.may_name_others("# Title\nC# a/b"));
}

#[test]
fn the_nearest_comes_last() {
    let all = || {
        vec![
            source("packages/x/AGENTS.md", "agents of x"),
            source("packages/x/.kiro/steering/a.md", "a of x"),
            source("packages/AGENTS.md", "agents of packages"),
            source("AGENTS.md", "agents"),
            source(".kiro/steering/tech.md", "tech"),
            source(".kiro/steering/product.md", "product"),
            source("CLAUDE.md", "claude"),
            source("other/AGENTS.md", "other"),
            own("mine.md", "mine"),
            Source::outside(Scope::Team, "/srv/steering", "team.md", Ok(b"team".to_vec())),
        ]
    };
    let expected = [
        "+ ~/.kiro/steering/mine.md: always",
        "+ /srv/steering/team.md: always",
        "+ CLAUDE.md: always",
        "+ .kiro/steering/product.md: always",
        "+ .kiro/steering/tech.md: always",
        "+ AGENTS.md: always",
        "+ packages/AGENTS.md: nested AGENTS.md above `packages/x/src/a.ts`",
        "+ packages/x/.kiro/steering/a.md: always in `packages/x`, above `packages/x/src/a.ts`",
        "+ packages/x/AGENTS.md: nested AGENTS.md above `packages/x/src/a.ts`",
        "- other/AGENTS.md: elsewhere",
    ];
    check(all(), &["./packages/x/src/a.ts"], &[], &expected);
    let mut turned = all();
    turned.reverse();
    check(turned, &["packages/x/src/a.ts", "packages/x/src/a.ts"], &[], &expected);
    let nowhere = told(all(), &["packages/xy/a.ts"], &[]);
    assert!(nowhere.contains(&"- packages/x/AGENTS.md: elsewhere".to_string()), "{nowhere:?}");
}

#[test]
fn globs_match_from_the_package_and_from_the_workspace() {
    let package = |glob: &str| vec![source("packages/x/.kiro/steering/a.md", &matching(glob))];
    let a = "packages/x/.kiro/steering/a.md";
    let yes = |glob: &str| format!("+ {a}: fileMatch `{glob}` matches `packages/x/src/a.ts`");
    check(package("src/*.ts"), &["packages/x/src/a.ts"], &[], &[&yes("src/*.ts")]);
    check(package("packages/x/**"), &["packages/x/src/a.ts"], &[], &[&yes("packages/x/**")]);
    check(package("src/*.ts"), &["src/a.ts"], &[], &[&format!("- {a}: elsewhere")]);
    check(package("src/*.js"), &["packages/x/src/a.ts"], &[], &[&format!("- {a}: no-match")]);
    let root = vec![source(".kiro/steering/b.md", &matching("src/*.ts"))];
    check(root, &["packages/x/src/a.ts"], &[], &["- .kiro/steering/b.md: no-match"]);
}

#[test]
fn manual_and_auto_by_name() {
    let all = || {
        vec![
            source(".kiro/steering/ui/look.md", "---\ninclusion: manual\n---\nlook"),
            source(
                ".kiro/steering/api.md",
                "---\ninclusion: auto\nname: HTTP\ndescription: When the\n  API changes\n---\napi",
            ),
        ]
    };
    check(all(), &[], &[], &["- .kiro/steering/api.md: on-offer", "- .kiro/steering/ui/look.md: not-named"]);
    for name in
        ["#look", "/look", "look", "ui/look", "ui/look.md", ".kiro/steering/ui/look.md", "#steering:look"]
    {
        let told = told(all(), &[], &[name]);
        assert!(told[0].starts_with("+ .kiro/steering/ui/look.md: named `#"), "{name}: {told:?}");
    }
    let listing = at(all(), &[], &strings(&["http", "nobody"]), &mut Blind);
    assert_eq!(listing.pieces[0].text, "<steering file=\".kiro/steering/api.md\">\napi\n</steering>");
    assert_eq!((listing.offers.len(), listing.unknown), (0, strings(&["nobody"])));
    let listing = at(all(), &[], &[], &mut Blind);
    let text = listing.offer_text("Load one with load_steering.").unwrap();
    assert!(text.contains("\n- HTTP: When the API changes\n"), "{text}");
}

#[test]
fn names_in_what_a_person_types() {
    let all = vec![source(".kiro/steering/ui/look.md", "x"), source(".kiro/steering/v1.2.md", "x")];
    let collection = Collection::read(all);
    let check = |words: &str, expected: &[&str]| assert_eq!(collection.named_in(words), expected, "{words}");
    check("please /look at #look.", &["look"]);
    check("(#ui/look), and #v1.2!", &["ui/look", "v1.2"]);
    check("look at a/look, #1, /usr/look # look", &[]);
    check("#steering:look", &["look"]);
}

#[test]
fn what_is_left_out_says_why() {
    let with = |bytes: Result<Vec<u8>, Unreadable>| {
        Source::of_workspace(".kiro/steering/a.md", bytes, true).unwrap()
    };
    let check = |source: Source, code: &str, words: &str| {
        let listing = at(vec![source], &strings(&["a.rs"]), &[], &mut Blind);
        let left = &listing.left_out[0];
        assert_eq!((listing.pieces.len(), left.why.code()), (0, code));
        assert!(left.why.words().contains(words), "{}", left.why.words());
    };
    check(with(Err(Unreadable::Link)), "link", "link");
    check(with(Err(Unreadable::TooLarge(9_000_000))), "too-large", "9000000 bytes");
    check(with(Err(Unreadable::Failed("no right".into()))), "unreadable", "no right");
    check(with(Ok(b"gr\xfcn".to_vec())), "not-text", "byte 2");
    check(with(Ok(b"---\nname: x\n---\n \n".to_vec())), "empty", "nothing");
    check(with(Ok(b"---\ninclusion: Always\n---\nx".to_vec())), "wrong", "unknown inclusion `Always`");
    check(with(Ok(b"---\ninclusion: fileMatch\nfileMatchPattern: \"[\"\n---\nx".to_vec())), "wrong", "globs");
    check(with(Ok(vec![b'x'; 60_000])), "too-large", "at most 53248");
    check(with(Ok(vec![b'x'; 5_000_000])), "too-large", "at most 262144");
    let mut untrusted = with(Ok(b"x".to_vec()));
    untrusted.trusted = false;
    check(untrusted.clone(), "not-trusted", "waypost trust");
    untrusted.bytes = Ok(b"---\ninclusion: auto\ndescription: d\n---\nx".to_vec());
    check(untrusted.clone(), "not-trusted", "waypost trust");
    assert_eq!(at(vec![untrusted], &[], &[], &mut Blind).offers, []);
    let same =
        vec![source("AGENTS.md", "x"), source("CLAUDE.md", "---\nx"), source(".kiro/steering/a.md", "x\n")];
    let listing = at(same, &[], &[], &mut Blind);
    assert_eq!(listing.left_out[0].why, Why::Same { name: ".kiro/steering/a.md".to_string() });
}

#[test]
fn all_together_is_bounded() {
    let many: Vec<Source> =
        (0..9).map(|n| source(&format!(".kiro/steering/{n}.md"), &format!("{n}").repeat(50_000))).collect();
    let listing = at(many, &[], &[], &mut Blind);
    assert_eq!((listing.pieces.len(), listing.left_out.len()), (5, 4));
    assert!(
        listing.bytes() <= TOTAL_BYTES_MAX
            && listing.left_out.iter().all(|left| left.why.code() == "over-total")
    );
    assert_eq!(listing.pieces[0].tokens(), listing.pieces[0].bytes().div_ceil(4));
    let beyond: Vec<Source> = (0..1_003).map(|n| source(&format!(".kiro/steering/{n}.md"), "")).collect();
    assert_eq!(at(beyond, &[], &[], &mut Blind).beyond, 3);
}

#[test]
fn rules_of_other_tools() {
    let all = vec![
        source(".cursor/rules/ts.mdc", "---\nglobs: *.ts\nalwaysApply: false\n---\nts"),
        source(".cursor/rules/all.mdc", "---\nalwaysApply: true\n---\nall"),
        source(".cursor/rules/some.mdc", "---\ndescription: when testing\n---\nsome"),
        source(".cursor/rules/asked.mdc", "asked"),
        source(".github/copilot-instructions.md", "copilot"),
        source(".github/instructions/py.instructions.md", "---\napplyTo: \"**/*.py\"\n---\npy"),
    ];
    check(
        all,
        &["src/a.ts"],
        &[],
        &[
            "+ .github/copilot-instructions.md: always",
            "+ .cursor/rules/all.mdc: always",
            "+ .cursor/rules/ts.mdc: fileMatch `*.ts` matches `src/a.ts`",
            "- .github/instructions/py.instructions.md: no-match",
            "- .cursor/rules/asked.mdc: not-named",
            "- .cursor/rules/some.mdc: on-offer",
        ],
    );
}

proptest! {
    #[test]
    fn any_bytes_are_in_force_or_left_out_once(
        bytes in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..6),
        front in "(---\n)?((inclusion|fileMatchPattern|globs|name): ?[a-zA-Z*\\[{/\"]{0,9}\n){0,3}(---\n)?",
    ) {
        let names = ["AGENTS.md", "a/.kiro/steering/b.md", ".cursor/rules/c.mdc", ".kiro/steering/d.md", "CLAUDE.md", "a/AGENTS.md"];
        let sources: Vec<Source> = bytes
            .iter()
            .zip(names)
            .map(|(bytes, name)| {
                let bytes = [front.as_bytes(), bytes.as_slice()].concat();
                Source::of_workspace(name, Ok(bytes), true).unwrap()
            })
            .collect();
        let count = sources.len();
        let mut turned = sources.clone();
        turned.reverse();
        let one = at(sources, &strings(&["a/x.rs"]), &strings(&["b"]), &mut Blind);
        prop_assert_eq!(one.pieces.len() + one.left_out.len(), count);
        prop_assert_eq!(one, at(turned, &strings(&["a/x.rs"]), &strings(&["b"]), &mut Blind));
    }
}

#[test]
fn where_the_work_is_counts_before_any_path_does() {
    let all = || {
        vec![
            source("packages/x/.kiro/steering/always.md", "always in x"),
            source("packages/x/.kiro/steering/match.md", &matching("**/*")),
            source("packages/x/src/AGENTS.md", "in src"),
            source("packages/y/.kiro/steering/always.md", "always in y"),
        ]
    };
    let check = |here: &str, expected: &[&str]| {
        let collection = Collection::read(all()).standing_in(here);
        let listing = collection.at(&[], &[], &mut Blind);
        let told = listing.pieces.iter().map(|piece| piece.reason.words(piece.scope));
        assert_eq!(told.collect::<Vec<_>>(), expected, "{here}");
    };
    check("", &[]);
    check("packages", &[]);
    // No glob matches a folder in which nothing is worked on yet.
    check("packages/x", &["always in `packages/x`, where the work is"]);
    check(
        "packages/x/src",
        &["always in `packages/x`, where the work is", "always in `packages/x/src`, where the work is"],
    );
    check("packages/xy", &[]);
}

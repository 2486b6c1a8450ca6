//! Input that is meant to hurt: everything ends soon. Exactness is tested beside the code.

use std::time::{Duration, Instant};

use steering::look::Blind;
use steering::stale::candidates;
use steering::{Collection, Source, references};

/// Generous: the tests are not optimised and share their machine.
const SOON: Duration = Duration::from_secs(20);

fn check(what: &str, act: impl FnOnce()) {
    let begun = Instant::now();
    act();
    let took = begun.elapsed();
    assert!(took < SOON, "{what}: {took:?}");
}

#[test]
fn a_megabyte_of_one_thing() {
    let units = [
        "](",
        "[a](",
        "`",
        "`a/b.c` ",
        "#[[file:",
        "#[[file:a]]",
        "](a/b)",
        "└",
        "├── a/",
        "npm run x; ",
        "e.g. ",
        "---",
        "\0",
        "\r",
        "- ",
        "```\n",
        "```\n├── a/\n",
        "`a`b",
        "x/",
        "# ",
        "<!--",
        "@a/",
        "&",
        "=",
    ];
    for unit in units {
        for lines in ["", "\n"] {
            let text = format!("{unit}{lines}").repeat(1_000_000 / (unit.len() + lines.len()));
            check(&format!("{unit:?} {lines:?}"), || {
                let found = candidates(text.as_bytes());
                assert!(found.len() <= steering::stale::CANDIDATES_MAX);
                let _ = references::find(&text);
                let source = Source::of_workspace("AGENTS.md", Ok(text.into_bytes()), true);
                let _ = Collection::read(source.into_iter().collect()).at(&[], &[], &mut Blind);
            });
        }
    }
}

#[test]
fn many_globs_and_many_paths() {
    let globs: Vec<String> = (0..100).map(|n| format!("\"**/*{{a,b,c}}*{n}*/**/*.{{x,y}}\"")).collect();
    let text = format!("---\ninclusion: fileMatch\nfileMatchPattern: [{}]\n---\nx", globs.join(", "));
    let source = |n: usize| {
        let name = format!(".kiro/steering/{n}.md");
        Source::of_workspace(&name, Ok(text.clone().into_bytes()), true).unwrap()
    };
    let sources: Vec<Source> = (0..300).map(source).collect();
    let paths: Vec<String> = (0..600).map(|n| format!("aaa/bbb/ccc/{n}/ddd/eee/file.zz")).collect();
    check("globs", || {
        let listing = Collection::read(sources).at(&paths, &[], &mut Blind);
        assert_eq!((listing.left_out.len(), listing.paths_beyond), (300, 0));
        assert_eq!(listing.left_out.iter().filter(|left| left.why.code() == "many-globs").count(), 280);
    });
    let many: Vec<String> = (0..2_010).map(|n| n.to_string()).collect();
    assert_eq!(Collection::default().at(&many, &[], &mut Blind).paths_beyond, 10);
    let deep = format!("---\ninclusion: fileMatch\nfileMatchPattern: \"{}\"\n---\nx", "{".repeat(400));
    check("braces", || {
        let source = Source::of_workspace(".kiro/steering/a.md", Ok(deep.into_bytes()), true).unwrap();
        assert_eq!(Collection::read(vec![source]).at(&paths, &[], &mut Blind).pieces.len(), 0);
    });
}

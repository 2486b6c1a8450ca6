//! Tests of `stale`.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// A workspace of these files, with one script, one target, one recipe and one package of each name below.
struct Files(BTreeSet<String>);

impl Files {
    fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        self.0.iter().any(|file| file == path || file.starts_with(&folder))
    }
}

fn there(yes: bool) -> Answer {
    if yes { Answer::There } else { Answer::Gone }
}

impl Ground for Files {
    fn path(&self, path: &str) -> Answer {
        let end = format!("/{path}");
        there(self.has(path) || self.0.iter().any(|file| file.ends_with(&end)))
    }

    fn exact(&self, path: &str) -> Answer {
        there(self.has(path))
    }

    fn script(&self, runner: Runner, name: &str) -> Answer {
        match runner {
            Runner::Cargo if name != "xtask" => Answer::Unknown,
            _ => there(name == "test"),
        }
    }

    fn package(&self, _: Registry, name: &str) -> Answer {
        there(matches!(name, "app" | "@acme/ui"))
    }
}

const FILES: [&str; 5] =
    ["src/lib.rs", "src/api/users.rs", "docs/guide.md", "web/src/App.tsx", ".github/workflows/ci.yml"];

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let ground = Files(FILES.iter().map(|file| file.to_string()).collect());
    let found = stale(text.as_bytes(), &ground);
    let got: Vec<&str> = found
        .iter()
        .map(|stale| stale.span.slice(text.as_bytes()))
        .map(|s| std::str::from_utf8(s).unwrap())
        .collect();
    assert_eq!(got, expected, "{text}");
}

#[test]
fn paths_in_sentences() {
    check("Routes are in `src/api/users.rs`, tests in `src/api/tests.rs:40`.", &["src/api/tests.rs:40"]);
    check(
        "See `./src/old/` and `.github/workflows/release.yml`.",
        &["./src/old/", ".github/workflows/release.yml"],
    );
    check("`src/App.tsx` is the end of a longer path", &[]);
    check("`and/or`, `client/server.x`, `application/json`, `src/**/*.rs`, `src/<name>.rs`, `lib.rs`", &[]);
    check(
        "`path/to/x.rs`, `src/your-file.rs`, `src/FEATURE_NAME/x.rs`, `/etc/x.y`, `~/x.y`, `https://a/b.c`",
        &[],
    );
    check("`target/debug/x.d` and `src/dist/x.js`", &[]);
    check("Create `src/new.rs`. For example `src/x.rs`. Never touch `src/gone.rs`.", &[]);
    check("## Example\n`src/gone.rs`\n## Layout\n`src/gone.rs`", &["src/gone.rs"]);
    check("---\nname: `src/gone.rs`\n---\n", &[]);
}

#[test]
fn links_and_references() {
    check(
        "[guide](docs/guide.md#x), [gone](docs/gone.md), [web](https://x.y/z.md), [here](#top)",
        &["docs/gone.md"],
    );
    check("[elsewhere](other/gone.md)", &["other/gone.md"]);
    check("#[[file:src/gone.rs]] #[[file:src/lib.rs]] `#[[file:src/gone.rs]]`", &["#[[file:src/gone.rs]]"]);
}

#[test]
fn commands() {
    check("Run `npm run lint` and `npm run test`, `npm install`, `npm test`, `yarn add x`.", &["lint"]);
    check(
        "```bash\n$ cd web && pnpm run build # npm run gone\n# npm run gone\nnpm start\n```",
        &["build", "start"],
    );
    check("```ts\nnpm run gone\n```", &[]);
    check("`make lint V=1` `make -C web lint` `make` `just lint now` `just --list`", &["lint", "lint"]);
    check(
        "`cargo test -p app`, `cargo test -p gone -- -p x`, `cargo xtask ready`, `cargo nextest run`",
        &["gone", "xtask"],
    );
    check(
        "```\n./scripts/gone.sh --x\npython scripts/gone.py\nnode -e x\n```",
        &["./scripts/gone.sh", "scripts/gone.py"],
    );
    check(
        "`pnpm --filter @acme/gone run test`, `@acme/ui`, `@acme/old`, `@/components/x`",
        &["@acme/gone", "@acme/old"],
    );
}

#[test]
fn drawn_trees() {
    let tree = "```\nproject\n├── src/            # sources\n│   ├── api/\n│   │   └── gone.rs\n│   └── lib.rs\n├── docs/\n└── gone/\n    └── deeper.rs\n```\n";
    check(tree, &["gone.rs", "gone/"]);
    check("```\nsrc/\n├── api/\n├── lib.rs\n└── gone.rs\n```", &["gone.rs"]);
    check(&tree.replace("project\n", "project/\n"), &["gone.rs", "gone/"]);
    check("```\nother/\n├── a/\n├── b/\n└── src/\n```", &[]);
    check("```\n├── src/\n├── docs/\n├── [feature]/\n│   └── x.rs\n└── ...\n```", &[]);
}

proptest! {
    #[test]
    fn any_text_is_read(text in "([`\\[\\]()#/.:a-c @├└│─\n-]|npm run |make |cargo |src/|```|é){0,120}") {
        let ground = Files(BTreeSet::new());
        for candidate in candidates(text.as_bytes()) {
            prop_assert!(text.get(candidate.span.offset..candidate.span.end()).is_some());
        }
        let _ = stale(text.as_bytes(), &ground);
    }

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = candidates(&bytes);
    }
}

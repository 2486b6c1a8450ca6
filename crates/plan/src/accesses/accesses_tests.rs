//! Tests of what tasks say they write and read.

use proptest::prelude::*;
use spec::Tasks;

use super::*;

fn task(text: &str) -> Task {
    Tasks::parse(text.as_bytes()).tasks.into_iter().next().unwrap()
}

/// `+` written for certain, `~` probably, `-` read; symbols are made (`*`) or mentioned (`.`).
#[track_caller]
fn check(text: &str, expected: &str) {
    let got: Vec<String> = accesses(&task(&format!("- [ ] 1. {text}\n")))
        .into_iter()
        .map(|found| {
            let mark = match (found.is_path, found.act, found.certainty) {
                (true, Act::Read, _) => '-',
                (true, _, Certainty::Certain) => '+',
                (true, _, Certainty::Likely) => '~',
                (false, Act::Make, _) => '*',
                (false, Act::Write, _) => '!',
                (false, Act::Read, _) => '.',
            };
            format!("{mark}{}", found.name)
        })
        .collect();
    assert_eq!(got.join(" "), expected, "{text}");
}

#[test]
fn verbs_of_writing_and_of_reading() {
    check("Create `src/a.rs`", "+src/a.rs");
    check("Update `a.md` and `b.md` with the new names", "+a.md +b.md");
    check("Add a section to `docs/a.md`", "+docs/a.md");
    check("Implement the check in `src/a.rs`", "+src/a.rs");
    check("In `src/a.rs`, add the check", "+src/a.rs");
    check("Verify `src/a.rs`", "-src/a.rs");
    check("Verify that `src/a.rs` is created", "-src/a.rs");
    check("Create `src/a.rs` following `src/b.rs`", "+src/a.rs -src/b.rs");
    check("Follow the pattern of `src/b.rs`", "-src/b.rs");
    check("Write `src/a.rs`, see `src/b.rs` (as in `src/c.rs`)", "+src/a.rs -src/b.rs -src/c.rs");
    check("Load the types defined in `src/a.rs`", "-src/a.rs");
    check("Rename `src/a.rs` to `src/b.rs`", "+src/a.rs +src/b.rs");
    check("Move the parser from `src/a.rs` to `src/b.rs`", "+src/a.rs +src/b.rs");
    check("Extract helpers from `src/a.rs`", "+src/a.rs");
    check("Do not modify `src/a.rs`", "-src/a.rs");
    check("Add the flag without changing `src/a.rs`", "-src/a.rs");
    check("`src/a.rs` store", "~src/a.rs");
    check("Store\n  - uses `src/a.rs`", "-src/a.rs");
    check("Store\n  - `src/a.rs`: keys", "-src/a.rs");
    check("Set up `Cargo.toml`", "+Cargo.toml");
    check("Verify the hook `a.hook`", "-a.hook");
}

#[test]
fn files_that_are_listed() {
    check("Store\n  - Files: `src/a.rs`, `src/b.rs`", "+src/a.rs +src/b.rs");
    check("Store\n  - Files: src/a.rs, src/b.rs", "+src/a.rs +src/b.rs");
    check(
        "Store\n  - **Files:**\n    - `src/a.rs`\n    - `src/b.rs`\n  - Reads `src/c.rs`",
        "+src/a.rs +src/b.rs -src/c.rs",
    );
}

#[test]
fn a_test_of_something_writes_the_test_and_reads_the_thing() {
    check("Write unit tests for `src/a.rs`", "-src/a.rs");
    check("Write unit tests for `src/a.rs` in `tests/a.rs`", "-src/a.rs +tests/a.rs");
    check("Create `tests/test_a.py`", "+tests/test_a.py");
    check(
        "Write property tests\n  - Create `tests/test_a.py`\n  - of `parse_line`",
        "+tests/test_a.py .parse_line",
    );
    check("Test `src/a.test.ts`", "+src/a.test.ts");
}

#[test]
fn symbols_that_are_made_or_mentioned() {
    check("Implement `parse_line(text)`", "*parse_line");
    check("Create `src/a.rs` with `RateLimiter` and `Store::open`", "+src/a.rs *RateLimiter *Store::open");
    check("Update `parse_line`", "!parse_line");
    check("Call `parse_line` from `run_all`", ".parse_line .run_all");
    check("Add `classify_size(n)` that returns `SizeClass`", "*classify_size .SizeClass");
    check("Return `true`, `main()`, `x` and `200 OK`", "");
}

#[test]
fn other_languages() {
    check("`src/a.rs` を作成する", "+src/a.rs");
    check("`src/a.rs` に追加し、`src/b.rs` を参照する", "+src/a.rs -src/b.rs");
    check("创建 `src/a.rs`，参考 `src/b.rs`", "+src/a.rs -src/b.rs");
    check("在 `src/a.rs` 中添加字段", "+src/a.rs");
    check("`src/a.rs` 파일 생성", "+src/a.rs");
    check("Создать `src/a.rs` и проверить `src/b.rs`", "+src/a.rs -src/b.rs");
    check("Crear `src/a.rs` y revisar `src/b.rs`", "+src/a.rs -src/b.rs");
    check("Criar `src/a.rs`", "+src/a.rs");
    check("Datei `src/a.rs` erstellen", "~src/a.rs");
    check("Créer `src/a.rs` selon `src/b.rs`", "+src/a.rs -src/b.rs");
    check("Tạo `src/a.rs`, kiểm tra `src/b.rs`", "+src/a.rs -src/b.rs");
    check("Buat `src/a.rs`", "+src/a.rs");
    check("`src/a.rs` dosyasını oluştur", "+src/a.rs");
}

#[test]
fn names_that_say_nothing_about_files() {
    check("A\n  - _Requirements: `src/a.rs`_", "");
    check("A\n  ```\n  create `src/a.rs`\n  ```\n", "");
}

#[test]
fn test_paths() {
    let check = |path: &str, expected: bool| assert_eq!(is_test_path(path), expected, "{path}");
    for path in ["tests/a.rs", "src/a.test.ts", "test_a.py", "src/a_test.go", "AppTest.java", "spec/a.rb"] {
        check(path, true);
    }
    for path in ["src/a.rs", "src/contest.rs", "latest.md"] {
        check(path, false);
    }
}

proptest! {
    #[test]
    fn any_block_is_read_within_its_bounds(text in "\\PC{0,300}") {
        for line in text.split('\n').take(3) {
            if let Some(task) = Tasks::parse(format!("- [ ] 1. {line}\n").as_bytes()).tasks.first() {
                prop_assert!(accesses(task).len() <= NAMES_MAX);
            }
        }
    }
}

#[test]
fn one_huge_line_takes_no_time() {
    let line = format!("- [ ] 1. Create {}\n", "`a/b.rs` ".repeat(200_000));
    assert_eq!(accesses(&task(&line)).len(), 1);
}

//! What is found in small trees, what stays closed, and that hostile files do no harm. Figures over large trees are made by
//! the example `look`.

use super::*;
use crate::testing::Place;

fn whole<'a>(place: &'a Place, may_read: &'a (dyn Fn(&Path) -> Result<(), String> + Sync)) -> Within<'a> {
    Within { workspace: &place.root, place: &place.root, counts: &|_| true, may_read }
}

#[track_caller]
fn check(place: &Place, words: &str, expected: &[&str]) {
    let look = look(&whole(place, &|_| Ok(())), words, 5);
    let found: Vec<String> = look
        .found
        .iter()
        .map(|found| match found.snippets.first() {
            Some(snippet) => format!("{}:{}-{}", found.path, snippet.first, snippet.last),
            None => found.path.clone(),
        })
        .collect();
    assert_eq!(found, expected, "{words}");
}

fn place() -> Place {
    let filler = "let x = compute(y);\n".repeat(60);
    let limiter = format!(
        "{filler}\n/// Counts calls in a window.\npub struct RateLimiter {{\n    calls: u32,\n}}\n\nimpl RateLimiter {{\n    \
         pub fn admit(&mut self) -> bool {{\n        self.calls += 1;\n        self.calls < 10\n    }}\n}}\n{filler}"
    );
    Place::new(&[
        (".gitignore", "target\n"),
        ("src/limits.rs", &limiter),
        ("src/retry.rs", "fn backoff(attempt: u32) -> u64 {\n    2_u64.pow(attempt)\n}\n"),
        ("docs/limits.md", "The rate limiter counts calls.\n"),
        ("tests/limits_test.rs", "#[test]\nfn rate_limiter_admits() {}\n"),
        ("target/rate_limiter.rs", "rate limiter rate limiter\n"),
        ("closed/rate_limiter.rs", "rate limiter\n"),
        ("Cargo.lock", "rate limiter\n"),
    ])
}

#[test]
fn code_comes_before_prose_and_tests() {
    let place = place();
    let may_read = |path: &Path| match path.components().any(|part| part.as_os_str() == "closed") {
        true => Err("closed".to_string()),
        false => Ok(()),
    };
    let look = look(&whole(&place, &may_read), "where are rate limits admitted?", 5);
    let found: Vec<&str> = look.found.iter().map(|found| found.path.as_str()).collect();
    assert_eq!(found, ["src/limits.rs", "tests/limits_test.rs", "docs/limits.md"]);
    assert_eq!(look.cut.as_deref(), Some("closed by rules or lists: 1 file"));
    let snippet = &look.found[0].snippets[0];
    assert!(snippet.text.contains("pub fn admit"), "{}:{}\n{}", snippet.first, snippet.last, snippet.text);
}

#[test]
fn names_of_files_and_symbols_count() {
    let place = place();
    check(&place, "exponential backoff on retries", &["src/retry.rs:1-3"]);
    check(&place, "zebra", &[]);
    check(&place, "the of", &[]);
}

#[test]
fn in_a_message_the_words_around_it_are_looked_for() {
    let place = place();
    let said = |words: &str| place.pieces(words).pop().unwrap();
    let piece = said("How does backoff grow? #codebase");
    assert!(
        piece.text.starts_with("places that have to do with: backoff, grow\n\n--- src/retry.rs:1-3 ---\n"),
        "{}",
        piece.text
    );
    assert!(said("x #codebase:\"backoff\"").text.contains("src/retry.rs"));
    assert_eq!(
        said("#codebase").left_out.as_deref(),
        Some("there are no words to look for; write `#codebase:\"rate limit\"`")
    );
    assert_eq!(said("#codebase:zebra").left_out.as_deref(), Some("nothing in 5 files has to do with zebra"));
    assert!(!said("#codebase:\"rate limiter\"").text.contains("closed/"));
}

#[test]
fn hostile_files_do_no_harm() {
    let place = Place::new(&[]);
    place.write("long.rs", "rate ".repeat(100_000).as_bytes());
    place.write("deep.rs", ("{".repeat(100_000) + " rate").as_bytes());
    place.write("bytes.rs", &(0..=255).cycle().take(100_000).collect::<Vec<u8>>());
    place.write("latin.rs", b"rate caf\xe9 \xff\xfe");
    place.write("huge.rs", "rate\n".repeat(200_000).as_bytes());
    let begun = std::time::Instant::now();
    let look = look(&whole(&place, &|_| Ok(())), "rate", 10);
    assert_eq!(look.found.len(), 3);
    assert_eq!(look.cut.as_deref(), Some("of more than 524288 bytes, not looked at: 1 file"));
    assert!(look.found.iter().flat_map(|found| &found.snippets).all(|snippet| snippet.text.len() < 40_000));
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn a_look_keeps_to_its_place_and_to_what_counts() {
    let place = place();
    let docs = place.root.join("docs");
    let inside = Within { place: &docs, ..whole(&place, &|_| Ok(())) };
    let found = |within: &Within<'_>| -> Vec<String> {
        look(within, "rate limiter", 5).found.into_iter().map(|found| found.path).collect()
    };
    assert_eq!(found(&inside), ["docs/limits.md"]);
    let one = place.root.join("src/limits.rs");
    assert_eq!(found(&Within { place: &one, ..whole(&place, &|_| Ok(())) }), ["src/limits.rs"]);
    let only = Within { counts: &|path| path.ends_with("limits_test.rs"), ..whole(&place, &|_| Ok(())) };
    assert_eq!(found(&only), ["tests/limits_test.rs"]);
    // Beyond the workspace paths are whole.
    let outside = Place::new(&[("a.md", "rate limiter")]);
    let elsewhere = Within { place: &outside.root, ..whole(&place, &|_| Ok(())) };
    assert_eq!(found(&elsewhere), [outside.root.join("a.md").to_string_lossy()]);
}

//! Which result belongs to which test: by file and name, as runners of many languages write them. Decides no status.

use std::collections::HashMap;

use crate::tested::{TestResult, TestStatus};

/// Words of a name that are tried as the beginning of the test's own name.
const WORDS_MAX: usize = 40;

/// How a test stands after its last run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It has no result.
    Unknown,
    /// It did not run.
    Skipped,
    /// It ran and held.
    Green,
    /// It ran and did not hold.
    Red,
}

impl Outcome {
    /// The outcome of a status.
    pub fn of(status: TestStatus) -> Outcome {
        match status {
            TestStatus::Passed => Outcome::Green,
            TestStatus::Failed | TestStatus::Errored => Outcome::Red,
            TestStatus::Skipped => Outcome::Skipped,
        }
    }
}

/// Tests by their bare names.
#[derive(Default)]
pub(super) struct Tests<'a> {
    by_name: HashMap<&'a str, Vec<Known<'a>>>,
}

struct Known<'a> {
    place: usize,
    path: &'a str,
    qualified: &'a str,
}

impl<'a> Tests<'a> {
    /// Makes a test known; `place` is the caller's number for it.
    pub(super) fn add(&mut self, name: &'a str, qualified: &'a str, path: &'a str, place: usize) {
        self.by_name.entry(name).or_default().push(Known { place, path, qualified });
    }

    /// The tests that a result may be of. More than one when nothing tells them apart.
    pub(super) fn of(&self, result: &TestResult) -> Vec<usize> {
        self.find(&result.suite, &result.name, result.file.as_deref())
    }

    /// The tests that a runner's name may mean.
    pub(super) fn named(&self, name: &str) -> Vec<usize> {
        self.find("", name, None)
    }

    fn find(&self, suite: &str, name: &str, file: Option<&str>) -> Vec<usize> {
        let Some(known) = candidates(name).into_iter().find_map(|bare| self.by_name.get(bare)) else {
            return Vec::new();
        };
        let score = |known: &Known<'_>| {
            let same_file = file.is_some_and(|file| is_same_file(file, known.path));
            let other_file = file.is_some() && !same_file;
            let stem =
                known.path.rsplit('/').next().and_then(|file| file.split('.').next()).unwrap_or_default();
            let words = |text: &str, word: &str| {
                !word.is_empty() && text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == word)
            };
            let in_suite = words(suite, stem) || words(name, stem) || is_same_file(suite, known.path);
            let around = known.qualified.rsplit(['.', ':']).nth(1).unwrap_or_default();
            let in_owner = words(suite, around) || name.contains(known.qualified);
            (!other_file)
                .then_some(usize::from(same_file) * 4 + usize::from(in_suite) * 2 + usize::from(in_owner))
        };
        let scored: Vec<(usize, usize)> =
            known.iter().filter_map(|known| Some((score(known)?, known.place))).collect();
        let best = scored.iter().map(|(score, _)| *score).max().unwrap_or_default();
        scored.into_iter().filter(|(score, _)| *score == best).map(|(_, place)| place).collect()
    }
}

/// The bare names that a runner's name may hold, most likely first: `store::tests::get` is `get`, `test_a[1-2]` is
/// `test_a`, `Store > gets` and `Store gets` are `gets`.
fn candidates(name: &str) -> Vec<&str> {
    let name = name.trim();
    let mut out = vec![name];
    for part in [" > ", " › ", " » ", "::", "#"] {
        out.extend(name.rsplit(part).next());
    }
    let without_case = name.split(['[', '(']).next().unwrap_or(name).trim();
    out.push(without_case);
    out.extend(without_case.rsplit("::").next());
    out.extend(without_case.rsplit(['.', '/', '$']).next());
    // Go names the cases of a test behind its own name.
    out.extend(name.split('/').next());
    out.extend(name.match_indices(' ').take(WORDS_MAX).filter_map(|(at, _)| name.get(at + 1..)));
    out.retain(|part| !part.is_empty());
    out
}

fn is_same_file(one: &str, other: &str) -> bool {
    let one = one.strip_prefix("./").unwrap_or(one);
    let ends = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    !one.is_empty() && (ends(one, other) || ends(other, one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_find_their_tests() {
        let mut tests = Tests::default();
        tests.add("get", "tests::get", "src/store.rs", 0);
        tests.add("get", "tests::get", "src/cache.rs", 1);
        tests.add("test_a", "TestB.test_a", "tests/test_b.py", 2);
        tests.add("does it", "Store.does it", "a.test.ts", 3);
        tests.add("TestX", "TestX", "x_test.go", 4);
        let check = |suite: &str, name: &str, file: Option<&str>, expected: &[usize]| {
            let result = TestResult {
                suite: suite.to_string(),
                name: name.to_string(),
                file: file.map(str::to_string),
                line: None,
                status: TestStatus::Passed,
                seconds: 0.0,
            };
            assert_eq!(tests.of(&result), expected, "{suite} {name}");
        };
        check("shop", "store::tests::get", None, &[0]);
        check("shop", "cache::tests::get", None, &[1]);
        check("shop", "tests::get", None, &[0, 1]);
        check("", "get", Some("/abs/src/cache.rs"), &[1]);
        check("", "get", Some("src/other.rs"), &[]);
        check("tests.test_b.TestB", "test_a[1-x]", None, &[2]);
        check("a.test.ts", "Store > does it", None, &[3]);
        check("Store does it", "Store does it", None, &[3]);
        check("example.com/x", "TestX", None, &[4]);
        check("", "TestX/sub_case", None, &[4]);
        check("", "nothing", None, &[]);
    }
}

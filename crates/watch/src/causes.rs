//! Who announced a change before it came: a table of paths, windows of time and causes. Takes the time as an argument, reads nothing.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hasher as _};

/// Announcements that are kept at once.
pub const EXPECTED_MAX: usize = 100_000;
/// Milliseconds for which a change may come to be noticed after its window closed.
pub const LINGER_MS: u64 = 2_000;
/// Milliseconds after its end in which a change still counts as a cause's doing: the system tells of it a little later than it is
/// made.
pub const GRACE_MS: u64 = 100;

/// A digest of a file's content, for [`Expected::digest`]. Good within one process only: it is not kept anywhere.
pub fn digest(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    hasher.finish()
}

/// What will be changed, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Relative to the root, with `/`. One that ends in `/` means everything below it; the empty one means everything.
    pub path: String,
    /// The id of what changes it.
    pub cause: String,
    /// The content that the file will have. A change that leaves another content there is not from this cause.
    pub digest: Option<u64>,
}

/// The announcements that are open.
#[derive(Debug, Default)]
pub struct Causes {
    by_path: BTreeMap<String, VecDeque<Window>>,
    count: usize,
}

#[derive(Debug)]
struct Window {
    cause: String,
    digest: Option<u64>,
    from_ms: u64,
    until_ms: u64,
}

impl Causes {
    /// Announces a change that will be made from now on, for `window_ms` at most. `false` when the table is full: such a change
    /// will be told without its cause.
    pub fn expect(&mut self, expected: Expected, now_ms: u64, window_ms: u64) -> bool {
        if self.count >= EXPECTED_MAX {
            self.forget(now_ms);
        }
        if self.count >= EXPECTED_MAX {
            return false;
        }
        let until_ms = now_ms.saturating_add(window_ms);
        let windows = self.by_path.entry(expected.path).or_default();
        let same = |window: &&mut Window| window.cause == expected.cause && window.digest == expected.digest;
        match windows.back_mut().filter(same) {
            // The same again: one longer window.
            Some(window) if window.until_ms >= now_ms => window.until_ms = window.until_ms.max(until_ms),
            _ => {
                let window =
                    Window { cause: expected.cause, digest: expected.digest, from_ms: now_ms, until_ms };
                windows.push_back(window);
                self.count += 1;
            }
        }
        true
    }

    /// Closes every window of a cause, [`GRACE_MS`] from now: what changes later was not announced.
    pub fn finished(&mut self, cause: &str, now_ms: u64) {
        let end_ms = now_ms.saturating_add(GRACE_MS);
        for window in self.by_path.values_mut().flatten().filter(|window| window.cause == cause) {
            window.until_ms = window.until_ms.min(end_ms);
        }
    }

    /// The cause of a change that was noticed between two times, `None` when nobody announced it. `content` is asked for the
    /// digest of what the file holds now, and only when an announcement names one.
    pub fn of(
        &self,
        path: &str,
        first_ms: u64,
        last_ms: u64,
        mut content: impl FnMut() -> Option<u64>,
    ) -> Option<String> {
        if self.count == 0 {
            return None;
        }
        let mut held = None;
        let mut fits = |window: &&Window| {
            window.from_ms <= last_ms
                && window.until_ms >= first_ms
                && window.digest.is_none_or(|digest| *held.get_or_insert_with(&mut content) == Some(digest))
        };
        // The path itself, then what it lies in, from the nearest to the root; the latest announcement first.
        let above = path.char_indices().rev().filter(|(_, sign)| *sign == '/').map(|(at, _)| at + 1);
        let keys = std::iter::once(path.len()).chain(above).chain(std::iter::once(0));
        keys.filter_map(|end| self.by_path.get(path.get(..end)?))
            .find_map(|windows| windows.iter().rev().find(&mut fits))
            .map(|window| window.cause.clone())
    }

    /// Forgets the windows that no change can belong to any more.
    pub fn forget(&mut self, now_ms: u64) {
        self.by_path.retain(|_, windows| {
            windows.retain(|window| window.until_ms.saturating_add(LINGER_MS) >= now_ms);
            !windows.is_empty()
        });
        self.count = self.by_path.values().map(VecDeque::len).sum();
    }

    /// How many announcements are open.
    pub fn count(&self) -> usize {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str, cause: &str) -> Expected {
        Expected { path: path.to_owned(), cause: cause.to_owned(), digest: None }
    }

    #[track_caller]
    fn check(announced: &[(&str, &str, u64, u64)], seen: (&str, u64, u64), expectation: Option<&str>) {
        let mut causes = Causes::default();
        for (path, cause, now, window) in announced {
            assert!(causes.expect(told(path, cause), *now, *window));
        }
        let cause = causes.of(seen.0, seen.1, seen.2, || None);
        assert_eq!(cause.as_deref(), expectation);
    }

    #[test]
    fn a_change_belongs_to_the_announcement_whose_path_and_time_it_has() {
        check(&[], ("a", 0, 9), None);
        check(&[("a", "h1", 10, 50)], ("a", 20, 21), Some("h1"));
        check(&[("a", "h1", 10, 50)], ("b", 20, 21), None);
        check(&[("a", "h1", 10, 50)], ("a/b", 20, 21), None);
        check(&[("a", "h1", 10, 50)], ("a", 5, 9), None);
        check(&[("a", "h1", 10, 50)], ("a", 61, 62), None);
        check(&[("a", "h1", 10, 50)], ("a", 60, 62), Some("h1"));
        check(&[("a/", "h1", 10, 50)], ("a/b/c", 20, 21), Some("h1"));
        check(&[("", "h1", 10, 50)], ("a/b/c", 20, 21), Some("h1"));
        check(&[("", "h1", 10, 50), ("a/b", "h2", 11, 50)], ("a/b", 20, 21), Some("h2"));
        check(&[("a", "h1", 10, 50), ("a", "h2", 15, 50)], ("a", 20, 21), Some("h2"));
        check(&[("ä/", "h1", 0, 50)], ("ä/ö", 20, 21), Some("h1"));
    }

    #[test]
    fn another_content_is_from_somebody_else() {
        let mut causes = Causes::default();
        causes.expect(Expected { digest: Some(digest(b"mine")), ..told("a", "h1") }, 0, 100);
        assert_eq!(causes.of("a", 1, 2, || Some(digest(b"mine"))).as_deref(), Some("h1"));
        assert_eq!(causes.of("a", 1, 2, || Some(digest(b"theirs"))), None);
        assert_eq!(causes.of("a", 1, 2, || None), None);
    }

    #[test]
    fn a_finished_cause_has_no_further_changes() {
        let mut causes = Causes::default();
        causes.expect(told("", "h1"), 0, 60_000);
        causes.finished("h1", 100);
        assert_eq!(causes.of("a", 90, 110, || None).as_deref(), Some("h1"));
        assert_eq!(causes.of("a", 200, 210, || None).as_deref(), Some("h1"));
        assert_eq!(causes.of("a", 201, 210, || None), None);
    }

    #[test]
    fn the_table_is_bounded_and_forgets() {
        let mut causes = Causes::default();
        for number in 0..EXPECTED_MAX {
            assert!(causes.expect(told(&number.to_string(), "h"), 0, 10));
        }
        assert!(!causes.expect(told("more", "h"), 10, 10));
        assert!(causes.expect(told("more", "h"), 11 + LINGER_MS, 10));
        assert_eq!(causes.count(), 1);
    }

    #[test]
    fn the_same_announcement_again_takes_no_more_room() {
        let mut causes = Causes::default();
        for now in 0..10_000 {
            causes.expect(told("a", "h"), now, 10);
        }
        assert_eq!(causes.count(), 1);
        assert_eq!(causes.of("a", 10_005, 10_006, || None).as_deref(), Some("h"));
    }
}

//! When a failed request is tried again, and after how long. Waits for nothing itself.

use std::time::SystemTime;

use crate::dates;
use crate::errors::Again;

/// How often a request is repeated at most.
pub(crate) const RETRIES_MAX: u32 = 5;
/// How long all waits of one request are together at most.
pub(crate) const WAIT_TOTAL_MS_MAX: u64 = 300_000;
/// How long one wait is at most, where the provider does not say.
const WAIT_MS_MAX: u64 = 32_000;

/// The waits of one request.
pub(crate) struct Backoff {
    tries: u32,
    waited_ms: u64,
    first_ms: u64,
    state: u64,
}

/// What a provider says about trying again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Advice {
    /// `x-should-retry`.
    pub(crate) again: Option<bool>,
    /// `retry-after-ms` or `Retry-After`.
    pub(crate) after_ms: Option<u64>,
}

impl Backoff {
    /// The waits of a request, with jitter from this seed.
    pub(crate) fn new(first_ms: u64, seed: u64) -> Backoff {
        Backoff { tries: 0, waited_ms: 0, first_ms, state: seed }
    }

    /// How many retries there were.
    pub(crate) fn tries(&self) -> u32 {
        self.tries
    }

    /// How long to wait before the next try, or `None` when it is not worth it.
    pub(crate) fn next(&mut self, again: Again) -> Option<u64> {
        let wait = match again {
            Again::No | Again::WithoutReasoning => return None,
            // A silent provider costs its whole time-out each time: once more is enough.
            Again::Once if self.tries > 0 => return None,
            Again::After(ms) => ms.saturating_add(self.random(ms / 10 + 1)),
            Again::Once | Again::BackOff => {
                let full = self.first_ms.saturating_mul(1 << self.tries.min(16)).min(WAIT_MS_MAX);
                full / 2 + self.random(full / 2 + 1)
            }
        };
        let waited = self.waited_ms.saturating_add(wait);
        if self.tries >= RETRIES_MAX || waited > WAIT_TOTAL_MS_MAX {
            return None;
        }
        self.tries += 1;
        self.waited_ms = waited;
        Some(wait)
    }

    /// A number below the bound (splitmix64).
    fn random(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound.max(1)
    }
}

/// Reads what the headers of an answer say about trying again.
pub(crate) fn advice<'a>(header: impl Fn(&str) -> Option<&'a str>, now: SystemTime) -> Advice {
    let number = |name: &str| header(name)?.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is finite and not negative, and `as` saturates"
    )]
    let whole = |n: f64| n.ceil() as u64;
    let date = || {
        let then = dates::http_date(header("retry-after")?)?;
        u64::try_from(then.duration_since(now).unwrap_or_default().as_millis()).ok()
    };
    let after_ms = number("retry-after-ms")
        .map(whole)
        .or_else(|| number("retry-after").map(|seconds| whole(seconds * 1000.0)))
        .or_else(date);
    let again = match header("x-should-retry") {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    };
    Advice { again, after_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let mut backoff = Backoff::new(500, 7);
        let waits: Vec<u64> = std::iter::from_fn(|| backoff.next(Again::BackOff)).collect();
        assert_eq!(waits.len(), RETRIES_MAX as usize);
        for (at, wait) in waits.iter().enumerate() {
            let full = 500 << at;
            assert!((full / 2..=full).contains(wait), "{waits:?}");
        }
        assert_eq!(backoff.tries(), RETRIES_MAX);
        assert_eq!(Backoff::new(500, 7).next(Again::BackOff), Backoff::new(500, 7).next(Again::BackOff));
    }

    #[test]
    fn what_the_provider_says_goes_first() {
        let mut backoff = Backoff::new(500, 7);
        assert!((60_000..=66_000).contains(&backoff.next(Again::After(60_000)).unwrap()));
        assert_eq!(backoff.next(Again::After(WAIT_TOTAL_MS_MAX)), None, "longer than anyone waits");
        assert_eq!(backoff.next(Again::No), None);
        assert_eq!(backoff.next(Again::Once), None, "not the first retry");
        assert!(Backoff::new(1, 1).next(Again::Once).is_some());
    }

    #[test]
    fn headers() {
        let now = dates::http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let check = |headers: &[(&str, &'static str)], again: Option<bool>, after_ms: Option<u64>| {
            let find = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            assert_eq!(advice(find, now), Advice { again, after_ms }, "{headers:?}");
        };
        check(&[], None, None);
        check(&[("retry-after", "3")], None, Some(3000));
        check(&[("retry-after", "0.5"), ("x-should-retry", "true")], Some(true), Some(500));
        check(&[("retry-after", "9"), ("retry-after-ms", "12.2")], None, Some(13));
        check(&[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")], None, Some(60_000));
        check(&[("retry-after", "Sun, 06 Nov 1994 08:40:37 GMT")], None, Some(0));
        check(&[("retry-after", "-1"), ("x-should-retry", "false")], Some(false), None);
        check(&[("retry-after", "1e99")], None, Some(u64::MAX));
    }
}

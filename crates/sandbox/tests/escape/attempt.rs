//! What an attempt is, and what came of it. Tries nothing.

use policy::Profile;

use crate::place::Inside;

/// What came of an attempt, as whoever tried sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It got what it wanted.
    Escaped(String),
    /// It was refused.
    Held(String),
}

/// An attempt to get out.
pub(crate) struct Attempt {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Inside) -> Outcome,
    /// Changes the profile for it.
    pub(crate) profile: fn(&mut Profile),
    /// Words of the gap that lets it through where that gap is said.
    pub(crate) gap: &'static str,
}

/// An attempt within the usual profile, for which there is no excuse.
pub(crate) const fn attempt(name: &'static str, run: fn(&Inside) -> Outcome) -> Attempt {
    Attempt { name, run, profile: |_| {}, gap: "" }
}

/// The same, where a gap may be said.
pub(crate) const fn gap(name: &'static str, gap: &'static str, run: fn(&Inside) -> Outcome) -> Attempt {
    Attempt { gap, ..attempt(name, run) }
}

/// The same, with another profile.
pub(crate) const fn with(
    name: &'static str,
    profile: fn(&mut Profile),
    run: fn(&Inside) -> Outcome,
) -> Attempt {
    Attempt { profile, ..attempt(name, run) }
}

/// All of them.
pub(crate) fn all() -> Vec<&'static Attempt> {
    [crate::files::ALL, crate::protected::ALL, crate::processes::ALL, crate::kernel::ALL, crate::network::ALL]
        .into_iter()
        .flatten()
        .collect()
}

/// Escaped if it worked.
pub(crate) fn if_ok<T, E: std::fmt::Display>(what: &str, result: Result<T, E>) -> Outcome {
    match result {
        Ok(_) => Outcome::Escaped(what.to_string()),
        Err(error) => Outcome::Held(error.to_string()),
    }
}

/// Escaped if a text came out that was meant to stay in.
pub(crate) fn if_read<E: std::fmt::Display>(result: Result<Vec<u8>, E>, wanted: &str) -> Outcome {
    match result {
        Ok(bytes) if String::from_utf8_lossy(&bytes).contains(wanted) => {
            Outcome::Escaped(format!("read {wanted}"))
        }
        Ok(bytes) => Outcome::Held(format!("{} bytes without it", bytes.len())),
        Err(error) => Outcome::Held(error.to_string()),
    }
}

impl Outcome {
    /// Escaped if either did.
    pub(crate) fn or(self, other: impl FnOnce() -> Outcome) -> Outcome {
        match self {
            Outcome::Escaped(_) => self,
            Outcome::Held(first) => match other() {
                Outcome::Held(second) => Outcome::Held(format!("{first}; {second}")),
                escaped => escaped,
            },
        }
    }
}

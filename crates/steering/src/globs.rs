//! Globs of steering files against paths, as minimatch with `dot` reads them. Knows no file.

use globset::{GlobBuilder, GlobMatcher};

/// Bytes of the longest glob; a longer one is refused.
pub const GLOB_BYTES_MAX: usize = 512;

/// Globs of one file, in the order in which they are written.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    all: Vec<One>,
    /// Globs that cannot be read, with the reason.
    pub broken: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
struct One {
    written: String,
    excludes: bool,
    /// Has no `/`, so that it speaks of file names in any folder, as Kiro's documentation has it.
    is_name: bool,
    matcher: GlobMatcher,
}

impl Globs {
    /// Reads globs; `!glob` takes away from what the others match.
    pub fn read<'g>(written: impl IntoIterator<Item = &'g str>) -> Globs {
        let mut globs = Globs::default();
        for written in written {
            let (excludes, plain) = match written.strip_prefix('!') {
                Some(rest) => (true, rest),
                None => (false, written),
            };
            let plain = plain.trim_start_matches("./").trim_start_matches('/');
            if plain.is_empty() || plain.len() > GLOB_BYTES_MAX {
                let why = if plain.is_empty() { "it is empty" } else { "it is too long" };
                globs.broken.push((written.chars().take(80).collect(), why.to_string()));
                continue;
            }
            match GlobBuilder::new(plain).literal_separator(true).build() {
                Ok(glob) => globs.all.push(One {
                    written: written.to_string(),
                    excludes,
                    is_name: !plain.contains('/'),
                    matcher: glob.compile_matcher(),
                }),
                Err(error) => globs.broken.push((written.to_string(), error.kind().to_string())),
            }
        }
        globs
    }

    /// The globs that can be read, as they are written.
    pub fn written(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|one| one.written.as_str())
    }

    /// How many can be read.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether none can be read.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The first glob that matches a path; a path that one of the `!globs` matches is matched by none.
    pub fn matching(&self, path: &str) -> Option<&str> {
        if self.all.iter().any(|one| one.excludes && one.matches(path)) {
            return None;
        }
        let including = self.all.iter().filter(|one| !one.excludes);
        if including.clone().next().is_none() {
            // Only exclusions: all the rest is meant, as minimatch reads `!glob`.
            return self.all.first().map(|one| one.written.as_str());
        }
        including.into_iter().find(|one| one.matches(path)).map(|one| one.written.as_str())
    }
}

impl One {
    fn matches(&self, path: &str) -> bool {
        self.matcher.is_match(path)
            || self.is_name
                && path
                    .rsplit_once('/')
                    .is_some_and(|(_, name)| !name.is_empty() && self.matcher.is_match(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_people_mean_them() {
        let check = |globs: &[&str], path: &str, expected: Option<&str>| {
            assert_eq!(Globs::read(globs.iter().copied()).matching(path), expected, "{globs:?} {path}");
        };
        check(&["src/**/*.ts"], "src/a.ts", Some("src/**/*.ts"));
        check(&["src/**/*.ts"], "src/b/.c/a.ts", Some("src/**/*.ts"));
        check(&["src/*.ts"], "src/b/a.ts", None);
        check(&["*.{ts,tsx}"], "src/a.tsx", Some("*.{ts,tsx}"));
        check(&["./src/**"], "src/a", Some("./src/**"));
        check(&["**/*.ts", "!**/*.test.ts"], "a/b.test.ts", None);
        check(&["**/*.ts", "!**/*.test.ts"], "a/b.ts", Some("**/*.ts"));
        check(&["!*.md"], "a/b.ts", Some("!*.md"));
        check(&["!*.md"], "a/b.md", None);
        check(&[], "a", None);
    }

    #[test]
    fn a_glob_that_cannot_be_read_says_so() {
        let long = "a".repeat(GLOB_BYTES_MAX + 1);
        let globs = Globs::read(["[", "a", "", "{a", long.as_str()]);
        let broken: Vec<&str> = globs.broken.iter().map(|(glob, _)| glob.get(..1).unwrap_or("")).collect();
        assert_eq!((globs.len(), broken), (1, vec!["[", "", "{", "a"]));
    }
}

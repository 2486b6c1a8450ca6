//! Lists of paths in gitignore syntax: `.kiroignore` (invisible), Waypost's own list (never written), `.gitignore` (not
//! looked into by itself). Reads no file; the lines arrive as text.

use std::collections::HashMap;
use std::sync::Arc;

use crate::glob::{Segment, ending, fold, matches, pattern_ending, segment};

/// How many lines of one list count; a longer list is void, which closes.
pub const LINES_MAX: usize = 10_000;

/// What follows for a path that is on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListKind {
    /// Left out of listings and searches that a person did not ask for by name. No decision depends on it.
    NotDiscovered,
    /// Readable, and never written.
    ReadOnly,
    /// Neither readable nor listable nor writable.
    Invisible,
}

/// A list as it was found: which file, in which directory, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreFile {
    /// What follows for what it names.
    pub kind: ListKind,
    /// The file, for the reasons.
    pub file: String,
    /// The directory that its patterns begin in, below the workspace root with `/`; empty for the root, and for lists
    /// that lie outside the workspace.
    pub base: String,
    /// Its text; `Err` with the reason when it could not be read, which closes.
    pub text: Result<String, String>,
}

/// Lists of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ignores {
    /// Deeper lists stand behind those above them.
    lists: Vec<List>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct List {
    /// Folded, and as it is spelled.
    base: Vec<String>,
    plain_base: Vec<String>,
    patterns: Vec<Pattern>,
    /// The numbers of patterns by the last name that a path must have, by its ending, and those without either.
    by_name: HashMap<String, Vec<usize>>,
    by_ending: HashMap<String, Vec<usize>>,
    others: Vec<usize>,
    /// A line that could not be read, or the whole file.
    void: Option<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    line: Line,
    /// Folded, unless it is negated: what opens something means exactly what it says.
    segments: Vec<Segment>,
    negated: bool,
    only_directories: bool,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) file: Arc<str>,
    pub(crate) line: u32,
    pub(crate) text: String,
}

/// What the lists say of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said<'a> {
    Nothing,
    /// It is on the list, by this line.
    Listed(&'a Line),
    /// A list could not be read; whatever it does not decide is doubtful.
    Void(&'a Line),
}

impl Ignores {
    /// Adds a list. What could not be read closes the directory in which the list lies; the reasons are returned.
    pub(crate) fn add(&mut self, found: &IgnoreFile) -> Vec<(u32, String)> {
        let file: Arc<str> = Arc::from(found.file.as_str());
        let base: Vec<String> = names(&found.base).map(fold).collect();
        let plain_base = names(&found.base).map(str::to_string).collect();
        let mut list = List { base, plain_base, ..List::default() };
        let mut problems = Vec::new();
        let mut void = |list: &mut List, line: u32, why: String| {
            list.void.get_or_insert_with(|| Line { file: Arc::clone(&file), line, text: why.clone() });
            problems.push((line, why));
        };
        match &found.text {
            Err(why) => void(&mut list, 0, format!("the list could not be read: {why}")),
            Ok(text) => {
                let text = text.strip_prefix('\u{feff}').unwrap_or(text);
                for (at, line) in text.lines().enumerate() {
                    let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
                    if at >= LINES_MAX {
                        void(&mut list, number, format!("the list has more than {LINES_MAX} lines"));
                        break;
                    }
                    match Pattern::read(line, &file, number) {
                        Ok(Some(pattern)) => list.push(pattern),
                        Ok(None) => {}
                        Err(why) => {
                            void(&mut list, number, format!("`{}` cannot be read: {why}", line.trim_end()))
                        }
                    }
                }
            }
        }
        let at = self.lists.partition_point(|other| other.base.len() <= list.base.len());
        self.lists.insert(at, list);
        problems
    }

    /// What the lists say of a path below the workspace root. `is_directory` when that is known; what may be a directory
    /// counts as one.
    pub(crate) fn say(&self, relative: &str, is_directory: Option<bool>) -> Said<'_> {
        let path: Vec<String> = names(relative).map(fold).collect();
        let plain: Vec<String> = names(relative).map(str::to_string).collect();
        // What is listed cannot be taken back below.
        for length in 1..=path.len() {
            let above = path.get(..length).unwrap_or_default();
            let plain = plain.get(..length).unwrap_or_default();
            let directory = length < path.len() || is_directory.unwrap_or(true);
            if let Some(pattern) = self.last_match(above, plain, directory).filter(|pattern| !pattern.negated)
            {
                return Said::Listed(&pattern.line);
            }
        }
        let void =
            self.lists.iter().filter(|list| path.starts_with(&list.base)).find_map(|list| list.void.as_ref());
        void.map_or(Said::Nothing, Said::Void)
    }

    /// Whether something below this directory may be on a list.
    pub(crate) fn may_lie_below(&self, relative: &str) -> bool {
        let path: Vec<String> = names(relative).map(fold).collect();
        self.lists.iter().any(|list| {
            let deeper = list.base.starts_with(&path);
            let above = path.starts_with(&list.base);
            (deeper || above)
                && (list.void.is_some()
                    || list.patterns.iter().filter(|pattern| !pattern.negated).any(|pattern| {
                        deeper
                            || may_reach(&pattern.segments, path.get(list.base.len()..).unwrap_or_default())
                    }))
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lists.iter().all(|list| list.patterns.is_empty() && list.void.is_none())
    }

    /// The line that decides: the last that fits, in the deepest list that has one.
    fn last_match(&self, path: &[String], plain: &[String], is_directory: bool) -> Option<&Pattern> {
        let holds = |list: &&List| path.len() > list.base.len() && path.starts_with(&list.base);
        let (name, plain_name) = (path.last()?, plain.last()?);
        self.lists.iter().rev().filter(holds).find_map(|list| {
            let inside = path.get(list.base.len()..).unwrap_or_default();
            let plain_inside = plain.get(list.base.len()..).unwrap_or_default();
            let fits = |number: &usize| {
                let pattern = list.patterns.get(*number)?;
                let fits = if pattern.negated {
                    plain.starts_with(&list.plain_base) && matches(&pattern.segments, plain_inside, false)
                } else {
                    matches(&pattern.segments, inside, false)
                };
                (fits && (!pattern.only_directories || is_directory)).then_some(*number)
            };
            // Each shelf is in order, so the first from behind is its last that fits.
            let last = |numbers: &Vec<usize>| numbers.iter().rev().find_map(fits);
            let mut shelves = vec![list.by_name.get(name), Some(&list.others)];
            shelves.push(ending(name).and_then(|ending| list.by_ending.get(ending)));
            if plain_name != name {
                shelves.push(list.by_name.get(plain_name));
                shelves.push(ending(plain_name).and_then(|ending| list.by_ending.get(ending)));
            }
            let number = shelves.into_iter().flatten().filter_map(last).max()?;
            list.patterns.get(number)
        })
    }
}

impl List {
    fn push(&mut self, pattern: Pattern) {
        let number = self.patterns.len();
        let shelf = match pattern.segments.last() {
            Some(Segment::Name(name)) => self.by_name.entry(name.clone()).or_default(),
            Some(last) => match pattern_ending(last) {
                Some(ending) => self.by_ending.entry(ending).or_default(),
                None => &mut self.others,
            },
            None => &mut self.others,
        };
        shelf.push(number);
        self.patterns.push(pattern);
    }
}

impl Pattern {
    fn read(line: &str, file: &Arc<str>, number: u32) -> Result<Option<Pattern>, String> {
        let mut text = line.strip_suffix('\r').unwrap_or(line);
        // Blanks at the end count only behind a backslash.
        while let Some(shorter) = text.strip_suffix(' ') {
            if shorter.ends_with('\\') && !shorter.ends_with("\\\\") {
                break;
            }
            text = shorter;
        }
        if text.is_empty() || text.starts_with('#') {
            return Ok(None);
        }
        let (negated, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        let (only_directories, text) = text.strip_suffix('/').map_or((false, text), |rest| (true, rest));
        // A slash at the beginning or in the middle ties the pattern to the directory of the list.
        let is_tied = text.contains('/');
        let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
        if names.is_empty() {
            return Ok(None);
        }
        let mut segments = Vec::new();
        if !is_tied {
            segments.push(Segment::Any);
        }
        for name in &names {
            segments.push(segment(&if negated { (*name).to_string() } else { fold(name) })?);
        }
        // `a/**` is what lies in `a`, not `a` itself.
        if let [.., Segment::Any] = segments.as_slice()
            && names.len() > 1
        {
            segments.push(segment("*")?);
        }
        let line = Line { file: Arc::clone(file), line: number, text: line.trim_end().to_string() };
        Ok(Some(Pattern { line, segments, negated, only_directories }))
    }
}

fn may_reach(segments: &[Segment], path: &[String]) -> bool {
    for (at, name) in path.iter().enumerate() {
        match segments.get(at) {
            None | Some(Segment::Any) => return true,
            Some(segment) if crate::glob::fits(segment, name) => {}
            Some(_) => return false,
        }
    }
    true
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty() && *name != ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(files: &[(&str, &str)]) -> Ignores {
        let mut ignores = Ignores::default();
        for (base, text) in files {
            ignores.add(&IgnoreFile {
                kind: ListKind::Invisible,
                file: format!("{base}/.kiroignore"),
                base: (*base).to_string(),
                text: Ok((*text).to_string()),
            });
        }
        ignores
    }

    /// `path/` is a directory, `path` is a file.
    #[track_caller]
    fn check(text: &str, path: &str, expected: bool) {
        let found = matches!(
            lists(&[("", text)]).say(path.trim_end_matches('/'), Some(path.ends_with('/'))),
            Said::Listed(_)
        );
        assert_eq!(found, expected, "{text:?} on {path}");
    }

    /// The examples and rules of git's documentation.
    #[test]
    fn as_git_documents_it() {
        check("hello.*", "hello.txt", true);
        check("hello.*", "a/hello.java", true);
        check("/hello.*", "hello.c", true);
        check("/hello.*", "a/hello.java", false);
        check("foo/", "foo/", true);
        check("foo/", "a/foo/", true);
        check("foo/", "foo", false);
        check("foo/", "foo/bar", true);
        check("doc/frotz", "doc/frotz", true);
        check("/doc/frotz", "doc/frotz", true);
        check("doc/frotz", "a/doc/frotz", false);
        check("doc/frotz/", "a/doc/frotz/", false);
        check("frotz/", "a/frotz/", true);
        check("foo/*", "foo/test.json", true);
        check("foo/*", "foo/bar/", true);
        check("foo/*", "foo/bar/hello.c", true);
        check("**/foo", "foo", true);
        check("**/foo", "a/b/foo", true);
        check("**/foo/bar", "a/foo/bar", true);
        check("abc/**", "abc/x/y", true);
        check("abc/**", "abc/", false);
        check("a/**/b", "a/b", true);
        check("a/**/b", "a/x/b", true);
        check("a/**/b", "a/x/y/b", true);
        check("*.html\n!foo.html", "foo.html", false);
        check("*.html\n!foo.html", "bar.html", true);
        check("/*\n!/foo\n/foo/*\n!/foo/bar", "foo/bar/x", false);
        check("/*\n!/foo\n/foo/*\n!/foo/bar", "foo/other", true);
        check("/*\n!/foo\n/foo/*\n!/foo/bar", "other", true);
        check("\\#a", "#a", true);
        check("#a", "#a", false);
        check("\\!a", "!a", true);
        check("a\\ ", "a ", true);
        check("a  ", "a", true);
        check("data\n!data/keep", "data/keep", true);
        check("a[bc]d", "abd", true);
        check("a{b,c}", "a{b,c}", true);
        check("a{b,c}", "ab", false);
        check("*", "x", true);
        check("a/b\n", "a/b\r", false);
        check("build\r\n", "build", true);
    }

    #[test]
    fn deeper_lists_decide_first() {
        let ignores = lists(&[("", "*.log\n!keep.log"), ("sub", "!x.log\nkeep.log\n/top")]);
        let listed = |path: &str| matches!(ignores.say(path, Some(false)), Said::Listed(_));
        assert_eq!(
            [listed("x.log"), listed("sub/x.log"), listed("keep.log"), listed("sub/keep.log")],
            [true, false, false, true]
        );
        assert_eq!([listed("top"), listed("sub/top"), listed("sub/a/top")], [false, true, false]);
    }

    #[test]
    fn case_closes_and_never_opens() {
        check("Secret", "SECRET", true);
        check("*.html\n!Foo.html", "foo.html", true);
        check("*.html\n!Foo.html", "Foo.html", false);
    }

    #[test]
    fn a_line_that_cannot_be_read_closes() {
        let ignores = lists(&[("a", "x\ny[")]);
        assert!(matches!(ignores.say("a/x", None), Said::Listed(line) if line.line == 1));
        assert!(matches!(ignores.say("a/z", None), Said::Void(line) if line.line == 2));
        assert_eq!(ignores.say("b", None), Said::Nothing);
    }

    #[test]
    fn what_may_lie_below() {
        let below = |text: &str, path: &str| lists(&[("", text)]).may_lie_below(path);
        assert!(below("*.key", "src"));
        assert!(below("/secrets", ""));
        assert!(!below("/secrets", "src"));
        assert!(!below("!x", "src"));
        assert!(lists(&[("src/a", "/x")]).may_lie_below("src"));
    }
}

//! One line of a `.gitignore`, and whether it means a path; as git reads it. Touches no disk.
//!
//! Our own and not a library's, because what is ignored has no checkpoint: a pattern that means more here than it means
//! to git (`*.{js,ts}` is literal there) would silently leave files out.

/// Bytes of a pattern; a longer one matches nothing, so its files are covered.
const PATTERN_BYTES_MAX: usize = 4096;

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// It takes back what an earlier one ignores.
    pub(crate) takes_back: bool,
    /// It means directories only.
    directories: bool,
    /// It means the last name of a path, not the whole.
    names: bool,
    matcher: Matcher,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Matcher {
    /// Exactly this.
    Literal(Vec<u8>),
    /// Anything that ends so, as `*.log` does; of names only.
    Suffix(Vec<u8>),
    /// Steps, after bytes that must stand at the beginning.
    Steps(Vec<u8>, Vec<Step>),
}

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// This byte.
    Byte(u8),
    /// One byte of these; never a slash in a path.
    Class(Box<[bool; 256]>),
    /// Any bytes but slashes.
    Star,
    /// Any bytes.
    Stars,
    /// What follows is `Stars` and a slash, and both may be absent.
    MaybeDirectories,
}

impl Pattern {
    /// Reads a line without its newline; `None` when it says nothing.
    pub(crate) fn read(line: &[u8]) -> Option<Pattern> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b"#") {
            return None;
        }
        let mut text = trimmed(line);
        let takes_back = text.starts_with(b"!");
        if takes_back {
            text = text.get(1..)?;
        }
        let directories = text.ends_with(b"/");
        if directories {
            text = text.get(..text.len() - 1)?;
        }
        if text.is_empty() || text.len() > PATTERN_BYTES_MAX {
            return None;
        }
        let names = !text.contains(&b'/');
        let text = text.strip_prefix(b"/").unwrap_or(text);
        Some(Pattern { takes_back, directories, names, matcher: Matcher::read(text, names)? })
    }

    /// Whether a path, counted from where the pattern stands, is meant.
    pub(crate) fn means(&self, path: &[u8], is_directory: bool) -> bool {
        if self.directories && !is_directory {
            return false;
        }
        let text = match self.names {
            true => path.rsplit(|byte| *byte == b'/').next().unwrap_or(path),
            false => path,
        };
        match &self.matcher {
            Matcher::Literal(literal) => text == literal,
            Matcher::Suffix(suffix) => text.ends_with(suffix),
            Matcher::Steps(start, steps) => {
                text.strip_prefix(start.as_slice()).is_some_and(|rest| walk(steps, rest))
            }
        }
    }
}

impl Matcher {
    fn read(text: &[u8], names: bool) -> Option<Matcher> {
        let special = |byte: &u8| matches!(byte, b'*' | b'?' | b'[' | b'\\');
        let Some(first) = text.iter().position(special) else { return Some(Matcher::Literal(text.to_vec())) };
        if let (true, 0, Some(rest)) = (names, first, text.strip_prefix(b"*"))
            && !rest.iter().any(special)
        {
            return Some(Matcher::Suffix(rest.to_vec()));
        }
        // What comes before `**` decides whether it may stand for directories, so it is kept for reading.
        let (start, rest) = text.split_at(first);
        Some(Matcher::Steps(start.to_vec(), steps(rest, start.last().copied(), names)?))
    }
}

/// Without blanks at the end, unless a backslash keeps one.
fn trimmed(line: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut bytes = line.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b' ' => {}
            b'\\' => end = bytes.next().map_or(at + 1, |(next, _)| next + 1),
            _ => end = at + 1,
        }
    }
    line.get(..end).unwrap_or(line)
}

/// `None` for what matches nothing: a class without end, a backslash without a byte.
fn steps(text: &[u8], mut before: Option<u8>, names: bool) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'\\' => {
                let (&next, after) = rest.split_first()?;
                rest = after;
                steps.push(Step::Byte(next));
                before = Some(next);
                continue;
            }
            b'?' => steps.push(Step::Class(class_of(|byte| names || byte != b'/'))),
            b'*' => {
                let stars = rest.iter().take_while(|byte| **byte == b'*').count();
                rest = rest.get(stars..)?;
                let is_alone = matches!(before, None | Some(b'/'))
                    && (rest.is_empty() || rest.starts_with(b"/") || rest.starts_with(b"\\/"));
                match (names, stars > 0 && is_alone) {
                    (true, _) => steps.push(Step::Stars),
                    (false, false) => steps.push(Step::Star),
                    (false, true) if rest.starts_with(b"/") => {
                        rest = rest.get(1..)?;
                        steps.extend([Step::MaybeDirectories, Step::Stars, Step::Byte(b'/')]);
                        before = Some(b'/');
                        continue;
                    }
                    (false, true) => steps.push(Step::Stars),
                }
            }
            b'[' => {
                let (class, after) = class(rest, names)?;
                rest = after;
                steps.push(Step::Class(class));
            }
            other => steps.push(Step::Byte(other)),
        }
        before = Some(byte);
    }
    Some(steps)
}

fn class_of(means: impl Fn(u8) -> bool) -> Box<[bool; 256]> {
    let mut class = Box::new([false; 256]);
    for (byte, is_in) in (0..=255_u8).zip(class.iter_mut()) {
        *is_in = means(byte);
    }
    class
}

/// What stands behind `[`, and what follows its end.
fn class(text: &[u8], names: bool) -> Option<(Box<[bool; 256]>, &[u8])> {
    let negated = matches!(text.first(), Some(b'!' | b'^'));
    let mut rest = if negated { text.get(1..)? } else { text };
    let mut members = [false; 256];
    let mut add = |low: u8, high: u8| {
        for (byte, is_in) in (0..=255_u8).zip(members.iter_mut()) {
            *is_in |= (low..=high).contains(&byte);
        }
    };
    let mut is_first = true;
    // The last single byte, from which a range may go on.
    let mut low: Option<u8> = None;
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b']' if !is_first => break,
            b'-' if low.is_some() && !matches!(rest.first(), None | Some(b']')) => {
                let (&high, after) = rest.split_first()?;
                rest = after;
                let high = match high {
                    b'\\' => {
                        let (&escaped, after) = rest.split_first()?;
                        rest = after;
                        escaped
                    }
                    other => other,
                };
                add(low.take()?, high);
            }
            b'[' if rest.starts_with(b":") => {
                let end = rest.iter().position(|byte| *byte == b']')?;
                let name = rest.get(1..end)?;
                if let Some(name) = name.strip_suffix(b":") {
                    rest = rest.get(end + 1..)?;
                    for byte in (0..=255_u8).filter(|byte| posix(name, *byte).unwrap_or(false)) {
                        add(byte, byte);
                    }
                    posix(name, 0)?;
                    low = None;
                } else {
                    // No class after all: the bracket is a byte.
                    add(b'[', b'[');
                    low = Some(b'[');
                }
            }
            b'\\' => {
                let (&escaped, after) = rest.split_first()?;
                rest = after;
                add(escaped, escaped);
                low = Some(escaped);
            }
            other => {
                add(other, other);
                low = Some(other);
            }
        }
        is_first = false;
    }
    let is_in = |byte: u8| members.get(usize::from(byte)).copied().unwrap_or(false);
    Some((class_of(|byte| is_in(byte) != negated && (names || byte != b'/')), rest))
}

fn posix(name: &[u8], byte: u8) -> Option<bool> {
    Some(match name {
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"alpha" => byte.is_ascii_alphabetic(),
        b"blank" => matches!(byte, b' ' | b'\t'),
        b"cntrl" => byte.is_ascii_control(),
        b"digit" => byte.is_ascii_digit(),
        b"graph" => byte.is_ascii_graphic(),
        b"lower" => byte.is_ascii_lowercase(),
        b"print" => byte.is_ascii_graphic() || byte == b' ',
        b"punct" => byte.is_ascii_punctuation(),
        b"space" => byte.is_ascii_whitespace() || byte == 0x0b,
        b"upper" => byte.is_ascii_uppercase(),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => return None,
    })
}

/// Walks all ways through the steps at once, so that no pattern takes more than its length times the path's.
fn walk(steps: &[Step], text: &[u8]) -> bool {
    let mut now = vec![false; steps.len() + 1];
    let mut next = now.clone();
    if let Some(first) = now.first_mut() {
        *first = true;
    }
    spread(steps, &mut now);
    for byte in text {
        next.iter_mut().for_each(|at| *at = false);
        let mut any = false;
        for (at, step) in steps.iter().enumerate() {
            if !now.get(at).copied().unwrap_or(false) {
                continue;
            }
            let to = match step {
                Step::Byte(wanted) if wanted == byte => at + 1,
                Step::Class(class) if class.get(usize::from(*byte)).copied().unwrap_or(false) => at + 1,
                Step::Star if *byte != b'/' => at,
                Step::Stars => at,
                _ => continue,
            };
            if let Some(reached) = next.get_mut(to) {
                *reached = true;
                any = true;
            }
        }
        if !any {
            return false;
        }
        spread(steps, &mut next);
        std::mem::swap(&mut now, &mut next);
    }
    now.last().copied().unwrap_or(false)
}

/// Steps that may stand for nothing are passed.
fn spread(steps: &[Step], reached: &mut [bool]) {
    for (at, step) in steps.iter().enumerate() {
        if !reached.get(at).copied().unwrap_or(false) {
            continue;
        }
        let mut pass = |to: usize| {
            if let Some(there) = reached.get_mut(to) {
                *there = true;
            }
        };
        match step {
            Step::Star | Step::Stars => pass(at + 1),
            Step::MaybeDirectories => {
                pass(at + 1);
                pass(at + 3);
            }
            Step::Byte(_) | Step::Class(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `path` with a slash at its end is a directory.
    fn check(line: &str, path: &str, expected: bool) {
        let is_directory = path.ends_with('/');
        let means = Pattern::read(line.as_bytes())
            .is_some_and(|pattern| pattern.means(path.trim_end_matches('/').as_bytes(), is_directory));
        assert_eq!(means, expected, "`{line}` and `{path}`");
    }

    #[test]
    fn patterns_mean_what_they_mean_to_git() {
        for (line, yes, no) in [
            ("build", &["build", "a/build", "build/"][..], &["builds", "build/x"][..]),
            ("build/", &["build/", "a/build/"], &["build"]),
            ("/build", &["build"], &["a/build"]),
            ("a/b", &["a/b"], &["x/a/b"]),
            ("*.log", &["x.log", "a/x.log", ".log"], &["x.logs"]),
            ("a*z", &["az", "abcz", "d/abz"], &["a/z"]),
            ("/a*z", &["abz"], &["a/z"]),
            ("?x", &["ax"], &["x", "aax"]),
            ("**/foo", &["foo", "a/foo", "a/b/foo"], &["afoo"]),
            ("a/**", &["a/b", "a/b/c"], &["a", "b/a/b"]),
            ("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["a/xb", "ab"]),
            ("a**b/c", &["axb/c"], &["a/x/b/c"]),
            ("[a-c]1", &["a1", "c1"], &["d1"]),
            ("[!a-c]1", &["d1"], &["a1"]),
            ("[]x]1", &["]1", "x1"], &["a1"]),
            ("[[:digit:]]x", &["1x"], &["ax"]),
            ("d[/]e", &[], &["d/e"]),
            ("[abc", &[], &["[abc", "a"]),
            ("*.{js,ts}", &["x.{js,ts}"], &["x.js"]),
            ("\\#x", &["#x"], &["x"]),
            ("\\!x", &["!x"], &["x"]),
            ("x\\ ", &["x "], &["x"]),
            ("x  ", &["x"], &["x  "]),
            ("x\r", &["x"], &[]),
            ("\\", &[], &["\\"]),
            ("# note", &[], &["# note"]),
            ("", &[], &[""]),
            ("/", &[], &["a"]),
            ("foo/*", &["foo/a"], &["foo/a/b", "foo"]),
            ("foo/*/bar", &["foo/a/bar"], &["foo/bar", "foo/a/b/bar"]),
        ] {
            yes.iter().for_each(|path| check(line, path, true));
            no.iter().for_each(|path| check(line, path, false));
        }
        assert!(Pattern::read(b"!keep").unwrap().takes_back);
    }

    #[test]
    fn hostile_patterns_end_soon() {
        let text = "a".repeat(4000);
        let line = "a*".repeat(2000) + "b";
        check(&line, &text, false);
        check(&"*a".repeat(5000), &text, false);
    }
}

//! Patterns for paths, compiled: `*`, `**`, `?`, `{a,b}`, `[abc]`. Which rule has them, and what follows, is not known here.
//!
//! Two spellings of one file may not slip past a rule that closes: such rules are matched against a *folded* path, in which
//! case, Unicode composition and characters that file systems drop make no difference. It may close too much, never too little.

use std::path::Path;

use crate::Place;

/// How many patterns the braces of one pattern may come to.
const ALTERNATIVES_MAX: usize = 64;

/// The longest pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 4 * 1024;

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob {
    alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Alternative {
    base: Base,
    segments: Vec<Segment>,
    folded: Vec<Segment>,
    /// The last segment has no wildcard: a bare path, which covers what lies below it.
    is_bare: bool,
}

/// What a pattern is matched against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    /// The path inside the workspace.
    Workspace,
    /// The absolute path.
    Absolute,
    /// Either: the pattern begins with `**`.
    Anywhere,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// `**`: any number of names.
    Any,
    /// A name without wildcards.
    Name(String),
    /// A name with wildcards.
    Tokens(Vec<Token>),
}

/// One part of a name with wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `[abc]`, `[a-c]`, `[!abc]`
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// A path, taken apart once for all the patterns that it is held against.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    relative: Option<Names>,
    absolute: Names,
}

/// The names of a path: as they are, and folded.
#[derive(Clone, Debug)]
struct Names {
    plain: Vec<String>,
    folded: Vec<String>,
    /// Folded, and without what Windows drops from the end of a name; only where that differs.
    trimmed: Option<Vec<String>>,
}

impl Shape {
    pub(crate) fn new(place: &Place) -> Shape {
        Shape {
            relative: place.relative().map(Names::new),
            absolute: Names::new(&place.absolute().to_string_lossy()),
        }
    }

    /// A path that is not looked up: absolute, without `.` and `..`.
    pub(crate) fn of(root: Option<&Path>, absolute: &str) -> Shape {
        let relative = root.and_then(|root| Path::new(absolute).strip_prefix(root).ok());
        Shape {
            relative: relative.map(|inside| Names::new(&inside.to_string_lossy())),
            absolute: Names::new(absolute),
        }
    }

    /// The folded names of the whole path, for an index.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let trimmed = self.absolute.trimmed.iter().flatten();
        self.absolute.folded.iter().chain(trimmed).map(String::as_str)
    }
}

impl Names {
    fn new(path: &str) -> Names {
        let plain: Vec<String> =
            path.split('/').filter(|name| !name.is_empty() && *name != ".").map(str::to_string).collect();
        let folded: Vec<String> = plain.iter().map(|name| fold(name)).collect();
        let is_odd = |name: &String| name.ends_with(['.', ' ']) || name.contains([':', '~', '\\']);
        let trimmed = folded.iter().any(is_odd).then(|| folded.iter().map(|name| trim(name)).collect());
        Names { plain, folded, trimmed }
    }
}

/// One spelling for all spellings that a file system may take for the same name.
pub(crate) fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            // Some file systems drop these.
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' => {}
            // A letter and its accent are one character or two: both come to the same mark.
            '\u{300}'..='\u{36f}' => {
                if folded.ends_with(|last: char| last.is_ascii_alphanumeric()) {
                    folded.pop();
                }
                mark(&mut folded);
            }
            // The Kelvin sign and the long s are letters to a file system without case.
            '\u{212a}' => folded.push('k'),
            '\u{17f}' => folded.push('s'),
            c if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            _ => mark(&mut folded),
        }
    }
    folded
}

fn mark(folded: &mut String) {
    if !folded.ends_with('\u{fffd}') {
        folded.push('\u{fffd}');
    }
}

/// What Windows takes a name for: no blanks and dots at its end, no stream behind it.
fn trim(name: &str) -> String {
    let name = name.split(':').next().unwrap_or(name).trim_end_matches(['.', ' ']);
    if name == "git~1" { ".git".to_string() } else { name.to_string() }
}

impl Glob {
    /// Reads a pattern: absolute, in the home directory (`~/…`), or in the workspace; `**` at its beginning is anywhere.
    ///
    /// `home` is the resolved home directory; without it a pattern with `~` begins anywhere.
    pub(crate) fn read(pattern: &str, home: Option<&str>) -> Result<Glob, String> {
        if pattern.len() > PATTERN_BYTES_MAX {
            return Err(format!("it is longer than {PATTERN_BYTES_MAX} bytes"));
        }
        if pattern.contains('\0') || pattern.trim().is_empty() {
            return Err("it is empty, or has a NUL character in it".to_string());
        }
        let mut alternatives = Vec::new();
        for text in braces(pattern)? {
            alternatives.push(Alternative::read(&text, home)?);
        }
        Ok(Glob { alternatives })
    }

    /// Exactly this path and what lies below.
    pub(crate) fn literal(path: &str) -> Glob {
        let (base, names) =
            if path.starts_with('/') { (Base::Absolute, path) } else { (Base::Workspace, path) };
        let names = || names.split('/').filter(|name| !name.is_empty() && *name != ".");
        let segments = names().map(|name| Segment::Name(name.to_string())).collect();
        let folded = names().map(|name| Segment::Name(fold(name))).collect();
        Glob { alternatives: vec![Alternative { base, segments, folded, is_bare: true }] }
    }

    /// Whether an allowing rule with this pattern speaks of the path: exactly as it is spelled.
    pub(crate) fn opens(&self, shape: &Shape) -> bool {
        self.alternatives.iter().any(|one| {
            let matches = |names: &Names| matches(&one.segments, &names.plain, one.is_bare);
            one.against(shape, matches)
        })
    }

    /// Whether a closing rule with this pattern speaks of the path, or of a directory above it, however it is spelled.
    pub(crate) fn closes(&self, shape: &Shape) -> bool {
        self.alternatives.iter().any(|one| {
            let hits = |names: &Names| {
                matches(&one.folded, &names.folded, true)
                    || names.trimmed.as_ref().is_some_and(|names| matches(&one.folded, names, true))
            };
            one.against(shape, hits)
        })
    }

    /// Whether an allowing rule with this pattern speaks of every path below this directory, whatever it is called: by a
    /// bare path or a `**` at the end. Several patterns that come to everything only together do not count.
    pub(crate) fn opens_all_below(&self, shape: &Shape) -> bool {
        self.alternatives.iter().any(|one| {
            // `a/**/*` is all that lies in `a`, and a directory is asked about here, not what it is itself.
            let (segments, is_bare) = match one.segments.as_slice() {
                [start @ .., Segment::Any, Segment::Tokens(last)] if last.as_slice() == [Token::Many] => {
                    (one.segments.get(..=start.len()).unwrap_or_default(), true)
                }
                all => (all, one.is_bare),
            };
            is_bare && one.against(shape, |names| matches(segments, &names.plain, true))
        })
    }

    /// Whether something below this directory may fit the pattern.
    pub(crate) fn may_lie_below(&self, shape: &Shape) -> bool {
        self.alternatives.iter().any(|one| match one.base {
            Base::Anywhere => true,
            Base::Absolute => reaches(&one.folded, &shape.absolute.folded),
            // Above the workspace lies the workspace.
            Base::Workspace => {
                shape.relative.as_ref().is_none_or(|names| reaches(&one.folded, &names.folded))
            }
        })
    }

    /// Whether every path that fits the other pattern surely fits this one, of a rule that closes.
    pub(crate) fn covers(&self, other: &Glob) -> bool {
        other.alternatives.iter().all(|narrow| self.alternatives.iter().any(|wide| wide.covers(narrow)))
    }

    /// For an index: what every path has which fits.
    pub(crate) fn keys(&self) -> Vec<Key<'_>> {
        self.alternatives.iter().map(|one| key(&one.folded)).collect()
    }
}

/// What all paths have in common that fit a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key<'a> {
    /// One of their names is this, folded.
    Name(&'a str),
    /// One of their names ends in `.` and this, folded.
    Ending(String),
    /// Nothing that an index could use.
    None,
}

fn key(segments: &[Segment]) -> Key<'_> {
    let name = segments.iter().filter_map(|segment| match segment {
        Segment::Name(name) => Some(name.as_str()),
        _ => None,
    });
    if let Some(name) = name.max_by_key(|name| name.len()) {
        return Key::Name(name);
    }
    segments.iter().find_map(pattern_ending).map_or(Key::None, Key::Ending)
}

/// Of `*.rs`, the `rs`: what stands behind the last dot, when no wildcard does.
pub(crate) fn pattern_ending(segment: &Segment) -> Option<String> {
    let Segment::Tokens(tokens) = segment else { return None };
    let mut ending = Vec::new();
    for token in tokens.iter().rev() {
        match token {
            Token::Char('.') => return Some(ending.iter().rev().collect()),
            Token::Char(c) => ending.push(*c),
            _ => return None,
        }
    }
    None
}

/// What stands behind the last dot of a name.
pub(crate) fn ending(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, ending)| ending)
}

impl Alternative {
    fn read(text: &str, home: Option<&str>) -> Result<Alternative, String> {
        let (base, path) = if let Some(rest) = text.strip_prefix("~/").or((text == "~").then_some("")) {
            match home {
                Some(home) => (Base::Absolute, format!("{}/{rest}", escape(home))),
                None => (Base::Anywhere, format!("**/{rest}")),
            }
        } else if text.starts_with('/') {
            (Base::Absolute, text.to_string())
        } else if text == "**" || text.starts_with("**/") {
            (Base::Anywhere, text.to_string())
        } else {
            (Base::Workspace, text.to_string())
        };
        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
        if names.contains(&"..") {
            return Err("it has `..` in it; name the directory itself".to_string());
        }
        let segments = names.iter().map(|name| segment(name)).collect::<Result<Vec<_>, _>>()?;
        let folded = names.iter().map(|name| segment(&fold(name))).collect::<Result<Vec<_>, _>>()?;
        let is_bare = matches!(segments.last(), Some(Segment::Name(_) | Segment::Any) | None);
        Ok(Alternative { base, segments, folded, is_bare })
    }

    fn covers(&self, other: &Alternative) -> bool {
        (self.base == other.base || self.base == Base::Anywhere) && covers(&self.folded, &other.folded)
    }

    fn against(&self, shape: &Shape, hits: impl Fn(&Names) -> bool) -> bool {
        let relative = || shape.relative.as_ref().is_some_and(&hits);
        match self.base {
            Base::Workspace => relative(),
            Base::Absolute => hits(&shape.absolute),
            Base::Anywhere => relative() || hits(&shape.absolute),
        }
    }
}

/// Marks what would be a wildcard as a plain character.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Reads one name of a pattern. A backslash takes a wildcard its meaning.
pub(crate) fn segment(name: &str) -> Result<Segment, String> {
    if name == "**" {
        return Ok(Segment::Any);
    }
    let mut tokens = Vec::new();
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => tokens.push(Token::Char(chars.next().ok_or("it ends in a backslash")?)),
            '?' => tokens.push(Token::One),
            '*' if tokens.last() == Some(&Token::Many) => {}
            '*' => tokens.push(Token::Many),
            '[' => tokens.push(class(&mut chars)?),
            c => tokens.push(Token::Char(c)),
        }
    }
    let literal: Option<String> =
        tokens.iter().map(|token| if let Token::Char(c) = token { Some(*c) } else { None }).collect();
    Ok(literal.map_or(Segment::Tokens(tokens), Segment::Name))
}

fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<Token, String> {
    let negated = chars.next_if(|c| matches!(c, '!' | '^')).is_some();
    let mut ranges = Vec::new();
    let mut is_first = true;
    loop {
        let c = match chars.next().ok_or("it has a `[` without its `]`")? {
            ']' if !is_first => return Ok(Token::Class { negated, ranges }),
            // `[[:alpha:]]` would be read as something else.
            '[' if matches!(chars.peek(), Some(':' | '.' | '=')) => {
                return Err("it has a named class of characters; write the characters themselves".to_string());
            }
            '\\' => chars.next().ok_or("it ends in a backslash")?,
            c => c,
        };
        is_first = false;
        if chars.peek() == Some(&'-') {
            chars.next();
            match chars.next().ok_or("it has a `[` without its `]`")? {
                ']' => {
                    ranges.extend([(c, c), ('-', '-')]);
                    return Ok(Token::Class { negated, ranges });
                }
                end if end < c => return Err(format!("it has the range `{c}-{end}`, which is empty")),
                end => ranges.push((c, end)),
            }
        } else {
            ranges.push((c, c));
        }
    }
}

/// The patterns that the braces of a pattern come to.
fn braces(pattern: &str) -> Result<Vec<String>, String> {
    let mut open = vec![(String::new(), pattern.to_string())];
    let mut done = Vec::new();
    while let Some((before, rest)) = open.pop() {
        if open.len() + done.len() > ALTERNATIVES_MAX {
            return Err(format!("its braces come to more than {ALTERNATIVES_MAX} patterns"));
        }
        match first_brace(&rest)? {
            None => done.push(before + &rest),
            Some((start, parts, end)) => {
                let head = rest.get(..start).unwrap_or("");
                let tail = rest.get(end..).unwrap_or("");
                open.extend(
                    parts.into_iter().rev().map(|part| (format!("{before}{head}"), format!("{part}{tail}"))),
                );
            }
        }
    }
    Ok(done)
}

/// Where the first brace opens, what stands in it between commas, and where the text goes on.
fn first_brace(text: &str) -> Result<Option<(usize, Vec<String>, usize)>, String> {
    let (mut start, mut depth, mut parts, mut part) = (None, 0_usize, Vec::new(), String::new());
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        let inside = start.is_some();
        match c {
            '\\' => {
                if let Some((_, next)) = chars.next()
                    && inside
                {
                    part.extend(['\\', next]);
                }
                continue;
            }
            '{' => {
                depth += 1;
                if start.is_none() {
                    start = Some(at);
                    continue;
                }
            }
            '}' if inside => {
                depth -= 1;
                if depth == 0 {
                    parts.push(part);
                    return Ok(start.map(|start| (start, parts, at + 1)));
                }
            }
            ',' if depth == 1 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        if inside {
            part.push(c);
        }
    }
    if start.is_some() { Err("it has a `{` without its `}`".to_string()) } else { Ok(None) }
}

/// Whether the names fit the pattern; with `below`, also when the pattern fits the names of a directory above.
pub(crate) fn matches(pattern: &[Segment], names: &[String], below: bool) -> bool {
    let (mut at, mut name) = (0, 0);
    // Where to go on when the last `**` takes one name more.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(at), names.get(name)) {
            (None, None) => return true,
            (None, Some(_)) if below => return true,
            (Some(Segment::Any), _) => {
                retry = Some((at + 1, name));
                at += 1;
                continue;
            }
            (Some(segment), Some(text)) if fits(segment, text) => {
                at += 1;
                name += 1;
                continue;
            }
            _ => {}
        }
        match retry {
            Some((after, taken)) if taken < names.len() => {
                (at, name) = (after, taken + 1);
                retry = Some((after, taken + 1));
            }
            _ => return false,
        }
    }
}

/// Whether what fits the second pattern, or lies below it, surely fits the first or lies below it. As [`matches`], over the
/// segments of the other.
fn covers(wide: &[Segment], narrow: &[Segment]) -> bool {
    let (mut at, mut other) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (wide.get(at), narrow.get(other)) {
            (None, _) => return true,
            (Some(Segment::Any), _) => {
                retry = Some((at + 1, other));
                at += 1;
                continue;
            }
            (Some(segment), Some(name)) if takes_in(segment, name) => {
                at += 1;
                other += 1;
                continue;
            }
            _ => {}
        }
        match retry {
            Some((after, taken)) if taken < narrow.len() => {
                (at, other) = (after, taken + 1);
                retry = Some((after, taken + 1));
            }
            _ => return false,
        }
    }
}

/// Whether every name that fits the second segment surely fits the first.
fn takes_in(wide: &Segment, narrow: &Segment) -> bool {
    match (wide, narrow) {
        (Segment::Tokens(tokens), Segment::Name(_) | Segment::Tokens(_))
            if tokens.as_slice() == [Token::Many] =>
        {
            true
        }
        (wide, Segment::Name(name)) => fits(wide, name),
        (wide, Segment::Tokens(_)) => wide == narrow,
        (_, Segment::Any) => false,
    }
}

/// Whether names that go on from these may fit the pattern.
fn reaches(pattern: &[Segment], names: &[String]) -> bool {
    for (at, name) in names.iter().enumerate() {
        match pattern.get(at) {
            // The pattern fits a directory above, and so all below it.
            None | Some(Segment::Any) => return true,
            Some(segment) if fits(segment, name) => {}
            Some(_) => return false,
        }
    }
    true
}

/// Whether one name fits one segment that is not `**`.
pub(crate) fn fits(segment: &Segment, name: &str) -> bool {
    match segment {
        Segment::Any => true,
        Segment::Name(text) => text == name,
        Segment::Tokens(tokens) => fits_tokens(tokens, name),
    }
}

fn fits_tokens(tokens: &[Token], name: &str) -> bool {
    let mut at = 0;
    let mut rest = name.chars();
    let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        match tokens.get(at) {
            None if rest.as_str().is_empty() => return true,
            Some(Token::Many) => {
                at += 1;
                retry = Some((at, rest.clone()));
                continue;
            }
            Some(token) => {
                let mut ahead = rest.clone();
                if ahead.next().is_some_and(|c| fits_char(token, c)) {
                    rest = ahead;
                    at += 1;
                    continue;
                }
            }
            None => {}
        }
        // The last `*` takes one character more.
        let Some((after, from)) = &mut retry else { return false };
        if from.next().is_none() {
            return false;
        }
        at = *after;
        rest = from.clone();
    }
}

fn fits_char(token: &Token, c: char) -> bool {
    match token {
        Token::Char(expected) => *expected == c,
        Token::One | Token::Many => true,
        Token::Class { negated, ranges } => {
            ranges.iter().any(|(first, last)| (*first..=*last).contains(&c)) != *negated
        }
    }
}

#[cfg(test)]
#[path = "glob_tests.rs"]
mod tests;

//! Regular expressions of the 2.x command line as patterns with `*`. Two readings: one that never fits more than the
//! expression, for what allows, and one that never fits less, for what denies.

/// Alternatives that one expression may come to; more are one `*`.
const ALTERNATIVES_MAX: usize = 32;

/// The longest expression that is read, in bytes.
const REGEX_BYTES_MAX: usize = 512;

/// Groups inside groups that are followed.
const DEPTH_MAX: usize = 16;

/// Stands for `.+` until the end is known.
const SOME: char = '\u{1}';

/// Stands for `.*`, as against a `*` that is meant.
const WILD: char = '\u{2}';

const WILD_TEXT: &str = "\u{2}";

/// Patterns that fit exactly what the expression fits (line breaks aside), or `None` when there are no such.
pub(crate) fn exactly(regex: &str) -> Option<Vec<String>> {
    let read = read(regex).filter(|read| read.is_exact)?;
    read.alternatives.iter().map(|text| exact_pattern(text)).collect()
}

fn exact_pattern(text: &str) -> Option<String> {
    let some = text.find(SOME);
    // A command never ends in a blank, so behind one `.+` and `.*` fit the same.
    let some_is_last = some.is_none_or(|at| at + 1 == text.len() && text.ends_with(" \u{1}"));
    let is_said = some_is_last && !text.trim().is_empty() && !text.contains('*') && !text.contains(JOINS);
    is_said.then(|| pattern(text))
}

/// Patterns that fit at least what the expression fits, and whether they fit exactly that.
pub(crate) fn at_least(regex: &str) -> (Vec<String>, bool) {
    let Some(read) = read(regex) else { return (vec!["*".to_string()], false) };
    let mut is_exact = read.is_exact;
    let mut patterns = Vec::new();
    for text in &read.alternatives {
        is_exact &= !text.contains([SOME, '*']);
        // Rules are held against single commands, which have none of these: what stands before them closes.
        let before = text.find(JOINS).and_then(|at| text.get(..at));
        is_exact &= before.is_none();
        let mut pattern = pattern(before.map_or(text.as_str(), str::trim_end));
        if pattern.trim().is_empty() {
            is_exact &= text.is_empty();
            pattern = "*".to_string();
        }
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    (patterns, is_exact)
}

/// The text as a pattern, several `*` in a row as one.
fn pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        let c = if c == SOME || c == WILD { '*' } else { c };
        if c != '*' || !pattern.ends_with('*') {
            pattern.push(c);
        }
    }
    pattern
}

/// What joins commands, or makes one of several.
const JOINS: [char; 9] = [';', '|', '&', '<', '>', '\n', '`', '(', ')'];

struct Read {
    /// Texts in which `*` stands for anything.
    alternatives: Vec<String>,
    /// They fit nothing that the expression does not fit.
    is_exact: bool,
}

fn read(regex: &str) -> Option<Read> {
    if regex.len() > REGEX_BYTES_MAX || regex.contains(['\0', SOME, WILD]) {
        return None;
    }
    let mut parser = Parser { rest: regex.chars().collect(), at: 0, is_exact: true, depth: 0 };
    let alternatives = parser.alternation()?;
    // Something was left over: a `)` too many.
    (parser.at == parser.rest.len()).then_some(Read { alternatives, is_exact: parser.is_exact })
}

struct Parser {
    rest: Vec<char>,
    at: usize,
    is_exact: bool,
    depth: usize,
}

/// One thing that can be repeated.
enum Atom {
    /// Any one character.
    Any,
    /// A text, or one of several.
    Texts(Vec<String>),
    /// Nothing at all: an anchor.
    Nothing,
    /// Something of at least one character that no text says.
    Unknown,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    fn takes(&mut self, text: &str) -> bool {
        let fits = text.chars().enumerate().all(|(n, c)| self.rest.get(self.at + n) == Some(&c));
        if fits {
            self.at += text.chars().count();
        }
        fits
    }

    fn alternation(&mut self) -> Option<Vec<String>> {
        let mut all = self.sequence()?;
        while self.takes("|") {
            all.extend(self.sequence()?);
        }
        Some(self.bounded(all))
    }

    fn sequence(&mut self) -> Option<Vec<String>> {
        let mut texts = vec![String::new()];
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            let atom = self.atom()?;
            let parts = self.repeated(atom)?;
            let joined = texts.len().saturating_mul(parts.len());
            if joined > ALTERNATIVES_MAX {
                self.is_exact = false;
                texts.iter_mut().for_each(|text| text.push(WILD));
                continue;
            }
            if let [part] = parts.as_slice() {
                texts.iter_mut().for_each(|text| text.push_str(part));
                continue;
            }
            texts =
                texts.iter().flat_map(|text| parts.iter().map(move |part| format!("{text}{part}"))).collect();
        }
        Some(texts)
    }

    fn bounded(&mut self, texts: Vec<String>) -> Vec<String> {
        if texts.len() > ALTERNATIVES_MAX {
            self.is_exact = false;
            return vec![WILD_TEXT.to_string()];
        }
        texts
    }

    fn atom(&mut self) -> Option<Atom> {
        match self.next()? {
            '.' => Some(Atom::Any),
            '^' => Some(self.anchor(self.at == 1)),
            '$' => Some(self.anchor(self.at == self.rest.len())),
            '(' => self.group(),
            '[' => self.class(),
            '\\' => self.escape(),
            '*' | '+' | '?' => None,
            c => Some(Atom::Texts(vec![c.to_string()])),
        }
    }

    /// An anchor where the expression is held to the whole anyway says nothing; elsewhere it may make it fit less.
    fn anchor(&mut self, at_edge: bool) -> Atom {
        self.is_exact &= at_edge;
        Atom::Nothing
    }

    fn group(&mut self) -> Option<Atom> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let looks = ["?=", "?!", "?<=", "?<!"].into_iter().any(|mark| self.takes(mark));
        if !looks && self.takes("?") && !self.takes(":") {
            return self.named_or_flags();
        }
        let inside = self.alternation()?;
        let closed = self.takes(")");
        self.depth -= 1;
        if looks {
            // It has no width: without it the rest fits more.
            self.is_exact = false;
            return closed.then_some(Atom::Nothing);
        }
        closed.then_some(Atom::Texts(inside))
    }

    /// `(?i)`, `(?i:…)`, `(?P<name>…)`, `(?<name>…)`.
    fn named_or_flags(&mut self) -> Option<Atom> {
        let is_named = self.takes("P<") || self.takes("<");
        let mut flags = String::new();
        loop {
            match self.next()? {
                '>' if is_named => break,
                ':' if !is_named => break,
                ')' if !is_named => {
                    self.depth -= 1;
                    self.is_exact = false;
                    // `x` changes how the rest is read.
                    return (!flags.contains('x')).then_some(Atom::Nothing);
                }
                c => flags.push(c),
            }
        }
        if !is_named {
            self.is_exact = false;
            if flags.contains('x') {
                return None;
            }
        }
        let inside = self.alternation()?;
        let closed = self.takes(")");
        self.depth -= 1;
        closed.then_some(Atom::Texts(inside))
    }

    fn class(&mut self) -> Option<Atom> {
        let negated = self.takes("^");
        let mut members = Vec::new();
        let mut is_plain = true;
        loop {
            match self.next()? {
                ']' if !members.is_empty() => break,
                '\\' => {
                    is_plain &= self.peek().is_some_and(|c| !c.is_alphanumeric());
                    members.push(self.next()?);
                }
                '[' => {
                    // A class inside, `[[:alpha:]]`: skipped to its end.
                    is_plain = false;
                    while self.next()? != ']' {}
                    members.push('[');
                }
                '-' if !members.is_empty() && self.peek() != Some(']') => is_plain = false,
                c => members.push(c),
            }
        }
        const MEMBERS_MAX: usize = 8;
        if negated || !is_plain || members.len() > MEMBERS_MAX {
            return Some(Atom::Unknown);
        }
        Some(Atom::Texts(members.iter().map(char::to_string).collect()))
    }

    fn escape(&mut self) -> Option<Atom> {
        Some(match self.next()? {
            'A' => self.anchor(self.at == 2),
            'z' | 'Z' => self.anchor(self.at == self.rest.len()),
            'b' | 'B' => self.anchor(false),
            // Commands are held with single blanks.
            's' => Atom::Texts(vec![" ".to_string()]),
            c if c.is_alphanumeric() => Atom::Unknown,
            c => Atom::Texts(vec![c.to_string()]),
        })
    }

    fn repeated(&mut self, atom: Atom) -> Option<Vec<String>> {
        let star = |parser: &mut Parser| {
            parser.is_exact = false;
            vec![WILD_TEXT.to_string()]
        };
        let quantifier = match self.peek() {
            Some(c @ ('*' | '+' | '?')) => {
                self.at += 1;
                c
            }
            Some('{') if self.rest.get(self.at + 1).is_some_and(char::is_ascii_digit) => {
                while self.next()? != '}' {}
                '{'
            }
            _ => ' ',
        };
        if quantifier != ' ' && !self.takes("?") {
            self.takes("+");
        }
        Some(match (atom, quantifier) {
            (Atom::Nothing, _) => vec![String::new()],
            (Atom::Any, '*') => vec![WILD_TEXT.to_string()],
            (Atom::Any, '+') => vec![SOME.to_string()],
            (Atom::Any | Atom::Unknown, _) => star(self),
            (Atom::Texts(texts), ' ') => texts,
            (Atom::Texts(texts), '?') => {
                let mut with = vec![String::new()];
                with.extend(texts);
                self.bounded(with)
            }
            // One blank or more is one blank: commands are held with single ones.
            (Atom::Texts(texts), '+') if texts == [" "] => texts,
            (Atom::Texts(_), _) => star(self),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_can_be_said_exactly() {
        let check = |regex: &str, expected: Option<&[&str]>| {
            let expected = expected.map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(exactly(regex), expected, "{regex}");
        };
        check("git status", Some(&["git status"]));
        check("git .*", Some(&["git *"]));
        check("npm run .+", Some(&["npm run *"]));
        check(
            "^cargo (test|check)( .*)?$",
            Some(&["cargo test", "cargo test *", "cargo check", "cargo check *"]),
        );
        check(r"\Aa\.b\z", Some(&["a.b"]));
        check("lss?", Some(&["ls", "lss"]));
        check(r"git\s+log", Some(&["git log"]));
        check("[ab]c", Some(&["ac", "bc"]));
        // These would allow more than they say.
        for regex in [
            "a.b",
            "a.+",
            "[a-z]+",
            r"\d",
            "rm (?!-rf).*",
            "a{2,}",
            "(ab)*",
            r"a\*",
            "(",
            "a)",
            "",
            "a && b",
            "(?i)a",
            "x.+y",
        ] {
            check(regex, None);
        }
    }

    #[test]
    fn what_denies_never_denies_less() {
        let check = |regex: &str, expected: &[&str], exact: bool| {
            let expected = expected.iter().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(at_least(regex), (expected, exact), "{regex}");
        };
        check("git push.*", &["git push*"], true);
        check("rm -[rf]+ .*", &["rm -* *"], false);
        check(r"sudo\b.*", &["sudo*"], false);
        check("curl.*\\|.*sh", &["curl*"], false);
        check(".*--force.*", &["*--force*"], true);
        check("(?i)drop .+", &["drop *"], false);
        check("rm (?!x).*", &["rm *"], false);
        check("(", &["*"], false);
        check("", &["*"], true);
        check(".*>.*", &["*"], false);
        assert_eq!(at_least(&"(a|b)".repeat(20)).0.len(), ALTERNATIVES_MAX);
    }

    proptest! {
        #[test]
        fn any_expression_is_read(regex in "[a-c.*+?|()\\[\\]\\\\^$ {}0-9-]{0,40}") {
            let (patterns, _) = at_least(&regex);
            prop_assert!(!patterns.is_empty() && patterns.len() <= ALTERNATIVES_MAX);
            if let Some(exact) = exactly(&regex) {
                prop_assert!(exact.len() <= ALTERNATIVES_MAX);
            }
        }
    }
}

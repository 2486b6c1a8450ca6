//! Judges values by themselves: examples, references to values elsewhere, words and code against chance. Knows no rule.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use crate::allow::contains;
use crate::base64;
use crate::entropy::{shannon, surprise};
use crate::finding::Reason;
use crate::placeholder;

/// Words that stand in examples and never, but for one case in thousands, in a random value.
static EXAMPLES: Words = Words::new(&[
    "example",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "redacted",
    "dummy",
    "xxxxx",
    "*****",
    ".....",
    "-----",
    "_____",
    "12345678",
    "abcdefg",
    "01234567",
    "deadbeef",
    "sample",
    "insert",
    "replace",
    "foobar",
    "yourapi",
    "your_",
    "your-",
    "yoursecret",
    "yourpass",
    "yourtoken",
    "mysecret",
    "mypass",
    "mytoken",
    "lorem",
    "asdfgh",
    "qwerty",
    "testtest",
    "098765",
    "987654",
]);

/// Words that say, in a value of a generic name, that it is none.
static WEAK: Words = Words::new(&[
    "secret",
    "passw",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "test",
    "fake",
    "mock",
    "demo",
    "none",
    "null",
    "undefined",
    "todo",
    "default",
    "enter",
    "access",
    "config",
    "string",
    "value",
    "enable",
    "disable",
    "false",
    "true",
    "public",
    "private",
    "admin",
    "local",
    "user",
    "auth",
    "bearer",
    "client",
    "request",
    "response",
    "header",
    "invalid",
    "required",
]);

/// Passwords that stand in a URL when a document shows the form of one.
const SHOWN: &[&str] = &[
    "pass",
    "passwd",
    "password",
    "pwd",
    "pw",
    "pword",
    "secret",
    "user",
    "username",
    "name",
    "test",
    "foo",
    "bar",
    "baz",
    "guest",
    "opensesame",
    "open sesame",
    "root",
    "admin",
    "postgres",
    "mysql",
    "changeme",
    "token",
    "key",
    "apikey",
    "api_key",
    "api-key",
    "auth",
    "credentials",
    "x",
    "xx",
    "xxx",
    "yyy",
    "zzz",
    "example",
    "hunter2",
    "qwerty",
    "hello",
    "world",
    "localhost",
    "abc",
    "abcd",
    "abc123",
    "pass123",
    "passw0rd",
    "p4ssw0rd",
    "p@ssw0rd",
    "password1",
    "password123",
    "letmein",
    "mypassword",
    "mypass",
    "userpass",
    "user_pass",
    "dbpass",
    "dbpassword",
    "db_password",
    "db_pass",
    "mysecret",
    "secretpassword",
    "personal_access_token",
    "access_token",
    "access-token",
    "oauth2",
    "nopass",
    "nopassword",
    "rootpassword",
    "rootpass",
    "testpass",
    "testpassword",
    "userpassword",
    "proxypass",
    "proxypassword",
    "theuser",
    "port",
    "private",
];

/// How the base64 of public keys begins: P-256, P-384, P-521, RSA, Ed25519, X25519.
const PUBLIC: &[&str] = &[
    "MFkwEwYHKoZIzj0C",
    "MHYwEAYHKoZIzj0C",
    "MIGbMBAGByqGSM49",
    "MIIBIjANBgkqhkiG9w0B",
    "MIICIjANBgkqhkiG9w0B",
    "MCowBQYDK2Vw",
    "MCowBQYDK2Vu",
    "AAAAB3NzaC1",
    "AAAAC3NzaC1",
    "AAAAE2VjZHNh",
];

/// What templates and calls have inside.
static TEMPLATES: Words = Words::new(&["${", "{{", "#{", "<%", "$(", "::", "(env", "getenv(", "process.env"]);

/// How the name of a value that stands elsewhere begins.
const LOOKUPS: &[&str] = &[
    "env.",
    "env:",
    "env[",
    "process.env",
    "getenv",
    "os.environ",
    "secrets.",
    "vault:",
    "ref+",
    "arn:",
    "op://",
    "ssm:",
];

/// What a name promises about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Chosen by people, or by chance.
    Password,
    /// Made by a machine.
    Secret,
    /// Made by a machine, and often worth nothing: tokens that only tell requests apart.
    Token,
    /// The name is no more than `key`, which is more often a name or a number.
    Bare,
}

/// Refuses what no credential looks like, whatever the rule: examples, repetitions, our own placeholders.
pub(crate) fn example(value: &[u8]) -> Result<(), Reason> {
    if placeholder::next(value, 0).is_some() {
        return Err(Reason::OwnPlaceholder);
    }
    if let Some(word) = EXAMPLES.first_in(value) {
        return Err(Reason::Placeholder(word));
    }
    if longest_run(value) >= 6 && longest_run(value) * 3 > value.len() {
        return Err(Reason::Monotone);
    }
    Ok(())
}

/// Whether the value is the name of another place: `$VAR`, `${…}`, `{{…}}`, `<…>`, `%VAR%`, `#{…}`, `@Ref`, a call.
pub(crate) fn reference(value: &[u8]) -> bool {
    let first = value.first().copied().unwrap_or(0);
    let second = value.get(1).copied().unwrap_or(0);
    let opens = match first {
        b'$' => {
            second == b'{'
                || second == b'('
                || second == b'_'
                || value.iter().skip(1).all(|b| b.is_ascii_uppercase() || *b == b'_')
        }
        b'{' | b'<' => true,
        b'%' => value.last() == Some(&b'%') || second.is_ascii_alphabetic() && value.len() < 4,
        b'#' => second == b'{',
        b'@' => second == b'{' || second == b'@',
        b'!' => second.is_ascii_uppercase(),
        _ => false,
    };
    let braces =
        value.iter().position(|b| *b == b'{').is_some_and(|open| value.iter().skip(open).any(|b| *b == b'}'));
    opens
        || braces
        || TEMPLATES.first_in(value).is_some()
        || LOOKUPS.iter().any(|mark| starts_with(value, mark))
}

/// Judges the value that was assigned to a name.
pub(crate) fn assigned(value: &[u8], kind: Kind, quoted: bool) -> Result<(), Reason> {
    if reference(value) {
        return Err(Reason::Reference);
    }
    example(value)?;
    let shape = Shape::of(value);
    let least = if kind == Kind::Password { 8 } else { 16 };
    if value.len() < least {
        return Err(Reason::Short);
    }
    if shape.distinct < 6 || shape.counts() {
        return Err(Reason::Monotone);
    }
    if shape.is_hex() {
        // Test vectors and indices; a key that is worth something has a longer name.
        return if kind == Kind::Bare { Err(Reason::Structure) } else { hex(value, &shape) };
    }
    if kind == Kind::Token && is_uuid(value) {
        return Err(Reason::Structure);
    }
    if PUBLIC.iter().any(|start| value.starts_with(start.as_bytes())) {
        return Err(Reason::Structure);
    }
    if shape.escaped * 3 * 2 > value.len() {
        return Err(Reason::Words);
    }
    if shape.spaces > 0 || shape.others > 0 {
        return Err(Reason::Words);
    }
    if shape.looks_like_path(value) || (!quoted && shape.looks_like_code(value)) {
        return Err(Reason::Words);
    }
    if let Some(word) = WEAK.first_in(value) {
        return Err(Reason::Placeholder(word));
    }
    if words_in_base64(value) {
        return Err(Reason::Words);
    }
    if random(value, &shape, kind) {
        return Ok(());
    }
    if kind == Kind::Password && (quoted || value.len() >= 10) && chosen(value, &shape) {
        return Ok(());
    }
    Err(Reason::Words)
}

/// Whether a value without digits reads like words.
pub(crate) fn wordy(value: &[u8]) -> bool {
    !value.iter().any(u8::is_ascii_digit) && surprise(value) < 6.0
}

/// Judges a value that chance must have made, such as the token of a header.
pub(crate) fn by_chance(value: &[u8]) -> Result<(), Reason> {
    assigned(value, Kind::Secret, true)
}

/// Judges a password that stands where nothing but a password can stand. `user` is the name before it.
pub(crate) fn in_place(user: &[u8], value: &[u8]) -> Result<(), Reason> {
    if reference(value) || value.first() == Some(&b'$') || value.first() == Some(&b'%') && value.len() < 4 {
        return Err(Reason::Reference);
    }
    example(value)?;
    let decoded = unescaped(value);
    let value = decoded.as_slice();
    // `pass/word` and `#pass` are shown as often as `password`.
    let letters: Vec<u8> = value.iter().copied().filter(u8::is_ascii_alphabetic).collect();
    let shown = |word: &&&str| {
        value.eq_ignore_ascii_case(word.as_bytes()) || letters.eq_ignore_ascii_case(word.as_bytes())
    };
    if let Some(word) = SHOWN.iter().find(shown) {
        return Err(Reason::Placeholder(word));
    }
    if value.len() < 5 {
        return Err(Reason::Short);
    }
    if !user.is_empty() && value.eq_ignore_ascii_case(user) {
        return Err(Reason::Placeholder("the name of the user"));
    }
    let shape = Shape::of(value);
    if shape.distinct < 4 || shape.counts() || shape.escaped * 3 * 2 > value.len() {
        return Err(Reason::Monotone);
    }
    let words =
        value.iter().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-' | b' ' | b'.'))
            || value.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    let joined = value.len() < 8 || value.iter().any(|byte| matches!(byte, b'_' | b'-' | b'.'));
    if words && joined && surprise(value) < 5.0 {
        return Err(Reason::Words);
    }
    if random(value, &shape, Kind::Password) {
        return Ok(());
    }
    if let Some(word) = ["password", "passwd", "secret", "test", "your", "user"]
        .iter()
        .find(|word| contains(value, word.as_bytes()))
    {
        return Err(Reason::Placeholder(word));
    }
    Ok(())
}

/// Whether entropy and variety are those of a value of a known form, which needs less proof.
pub(crate) fn varied(value: &[u8], least: f32) -> bool {
    shannon(value) >= least.min(ceiling(value.len()))
}

/// A short value cannot reach the entropy of its alphabet; nine tenths of what its length allows is enough.
fn ceiling(length: usize) -> f32 {
    let bits = usize::BITS - length.max(1).leading_zeros() - 1;
    f32::from(u16::try_from(bits).unwrap_or(16)) * 0.9
}

fn hex(value: &[u8], shape: &Shape) -> Result<(), Reason> {
    if value.len() < 20 {
        return Err(Reason::Short);
    }
    if shape.digits == 0 || shape.lower + shape.upper == 0 || shape.distinct < 8 || shannon(value) < 3.0 {
        return Err(Reason::Monotone);
    }
    Ok(())
}

/// Chance against words. The thresholds are read off the table in `entropy`: below one miss in a thousand for random letters and
/// digits of the length, and for lower case alone one in a hundred.
fn random(value: &[u8], shape: &Shape, kind: Kind) -> bool {
    let mixed = shape.digits > 0 && shape.lower + shape.upper > 0;
    if !mixed {
        return value.len() >= 14
            && shape.lower > 2
            && shape.upper > 2
            && surprise(value) >= if kind == Kind::Password { 5.9 } else { 6.4 };
    }
    let both = shape.lower > 0 && shape.upper > 0;
    let least = match value.len() {
        ..12 => 6.6,
        12..16 => 6.2,
        16..24 => 5.9,
        _ => 5.6,
    };
    let least = if both { least + 0.3 } else { least };
    surprise(value) >= least && shannon(value) >= 2.8
}

/// A password that a person made up by the rules that sign-up forms have.
fn chosen(value: &[u8], shape: &Shape) -> bool {
    let kinds =
        [shape.lower, shape.upper, shape.digits, shape.symbols].iter().filter(|count| **count > 0).count();
    kinds >= 4 || (kinds == 3 && shape.symbols > 0 && shape.digits > 0 && surprise(value) >= 5.4)
}

/// Words that are looked for all at once, letters compared without case.
struct Words {
    words: &'static [&'static str],
    automaton: OnceLock<Option<AhoCorasick>>,
}

impl Words {
    const fn new(words: &'static [&'static str]) -> Self {
        Self { words, automaton: OnceLock::new() }
    }

    fn first_in(&self, value: &[u8]) -> Option<&'static str> {
        let build = || AhoCorasick::builder().ascii_case_insensitive(true).build(self.words).ok();
        let found = self.automaton.get_or_init(build).as_ref()?.find(value)?;
        self.words.get(found.pattern().as_usize()).copied()
    }
}

/// Counts of kinds of characters.
#[derive(Debug, Default)]
struct Shape {
    lower: usize,
    upper: usize,
    digits: usize,
    /// Printable, neither letter nor digit, without those below.
    symbols: usize,
    /// `_`, `-`, `.`, `/`, `:`, `+`, `=`.
    joints: usize,
    spaces: usize,
    /// Control characters and bytes above ASCII.
    others: usize,
    hex: usize,
    distinct: usize,
    length: usize,
    steps: usize,
    /// `%XX`.
    escaped: usize,
}

impl Shape {
    fn of(value: &[u8]) -> Self {
        let mut shape = Self { length: value.len(), ..Self::default() };
        let mut seen = [false; 256];
        let mut before = None;
        for byte in value {
            match byte {
                b'a'..=b'z' => shape.lower += 1,
                b'A'..=b'Z' => shape.upper += 1,
                b'0'..=b'9' => shape.digits += 1,
                b'_' | b'-' | b'.' | b'/' | b':' | b'+' | b'=' => shape.joints += 1,
                b' ' | b'\t' => shape.spaces += 1,
                0x21..=0x7e => shape.symbols += 1,
                _ => shape.others += 1,
            }
            shape.escaped += usize::from(*byte == b'%');
            shape.hex += usize::from(byte.is_ascii_hexdigit());
            if before.is_some_and(|b: u8| b.wrapping_add(1) == *byte || b == *byte) {
                shape.steps += 1;
            }
            before = Some(*byte);
            if let Some(mark) = seen.get_mut(usize::from(*byte)) {
                shape.distinct += usize::from(!*mark);
                *mark = true;
            }
        }
        shape
    }

    fn is_hex(&self) -> bool {
        self.hex == self.length && (self.lower == 0 || self.upper == 0)
    }

    /// Half of the characters follow the one before, as in `abcdef123456`.
    fn counts(&self) -> bool {
        self.steps * 2 > self.length
    }

    fn looks_like_path(&self, value: &[u8]) -> bool {
        let dots = value.iter().filter(|byte| **byte == b'.').count();
        let slashes = value.iter().filter(|byte| matches!(byte, b'/' | b'\\')).count();
        matches!(value.first(), Some(b'/' | b'.' | b'~')) && surprise(value) < 6.0
            || contains(value, b"://")
            || (slashes >= 2 || dots >= 2) && surprise(value) < 6.3
    }

    fn looks_like_code(&self, value: &[u8]) -> bool {
        value.iter().any(|byte| {
            matches!(
                byte,
                b'(' | b')'
                    | b'['
                    | b']'
                    | b'{'
                    | b'}'
                    | b'<'
                    | b'>'
                    | b';'
                    | b','
                    | b'&'
                    | b'|'
                    | b'"'
                    | b'\''
                    | b'\\'
            )
        }) || value.windows(2).any(|pair| matches!(pair, [b'-', b'>'] | [b':', b':'] | [b'.', b'.']))
    }
}

/// With each `%XX` as the character that it stands for.
fn unescaped(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some(byte) = value.get(at) {
        let code = value
            .get(at + 1..at + 3)
            .and_then(|code| std::str::from_utf8(code).ok())
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(code) if *byte == b'%' => {
                out.push(code);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

/// Whether the value is base64 of words, as in documents that show how a value is encoded.
fn words_in_base64(value: &[u8]) -> bool {
    let decoded = base64::decode(value);
    decoded.len() >= 6
        && decoded.len() * 4 / 3 + 3 >= value.len()
        && decoded.iter().all(|byte| (0x20..0x7f).contains(byte))
        && (wordy(&decoded) || EXAMPLES.first_in(&decoded).is_some())
}

fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| {
            if matches!(at, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_hexdigit() }
        })
}

fn longest_run(value: &[u8]) -> usize {
    let (mut best, mut run, mut before) = (0, 0, None);
    for byte in value {
        run = if before == Some(*byte) { run + 1 } else { 1 };
        best = best.max(run);
        before = Some(*byte);
    }
    best
}

fn starts_with(value: &[u8], prefix: &str) -> bool {
    value.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;

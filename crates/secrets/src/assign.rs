//! `name = value` in many languages: reads the name around a word that speaks of secrets, and the value behind it. Judging the
//! value is in `judge`.

use std::ops::Range;

use crate::judge::Kind;

/// The longest name, in bytes to either side of the word.
const NAME_MAX: usize = 64;
/// The longest value.
pub(crate) const VALUE_MAX: usize = 1_024;

/// A value that was assigned to a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
    pub(crate) quoted: bool,
    pub(crate) kind: Kind,
}

/// Reads the assignment whose name holds the bytes at `word`. Also says where the name ends, so that a second word in the same
/// name need not be looked at.
pub(crate) fn read(text: &[u8], word: Range<usize>) -> (usize, Option<Assignment>) {
    let before = text.get(word.start.saturating_sub(NAME_MAX)..word.start).unwrap_or_default();
    let start = word.start - before.iter().rev().take_while(|byte| name_byte(**byte)).count();
    let after = text.get(word.end..text.len().min(word.end + NAME_MAX)).unwrap_or_default();
    let end = word.end + after.iter().take_while(|byte| name_byte(**byte)).count();
    let name = text.get(start..end).unwrap_or_default();
    let Some(kind) = kind(name) else {
        return (end, None);
    };
    let assignment =
        value(text, start, end).map(|(value, quoted)| Assignment { name: start..end, value, quoted, kind });
    (end, assignment)
}

fn name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Words that make a name speak of a password.
const PASSWORDS: &[&str] = &["password", "passwd", "passphrase", "passcode", "passwort", "pwd", "pass", "pw"];
/// Words that make a name speak of a secret by themselves.
const SECRETS: &[&str] = &[
    "secret",
    "secrets",
    "apikey",
    "credential",
    "credentials",
    "authtoken",
    "accesstoken",
    "secretkey",
    "accesskey",
    "privatekey",
];
/// Words that do so for values that may be worth nothing.
const TOKENS: &[&str] = &["token", "auth", "bearer"];
/// Words that do so before `key`.
const KEYS: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "signing",
    "sign",
    "encryption",
    "encrypt",
    "auth",
    "account",
    "master",
    "shared",
    "client",
    "service",
    "storage",
    "admin",
    "deploy",
    "webhook",
    "session",
    "cookie",
    "hmac",
    "jwt",
    "crypto",
    "license",
    "app",
    "application",
    "server",
    "subscription",
    "integration",
    "write",
    "ingest",
    "project",
    "org",
    "user",
    "bot",
    "root",
    "security",
    "consumer",
    "rest",
    "live",
    "prod",
];
/// Words that end the name of something about a secret.
const ABOUT: &[&str] = &[
    "id",
    "ids",
    "name",
    "names",
    "type",
    "types",
    "field",
    "label",
    "hint",
    "file",
    "filename",
    "path",
    "url",
    "uri",
    "endpoint",
    "length",
    "len",
    "size",
    "count",
    "policy",
    "prompt",
    "placeholder",
    "regex",
    "pattern",
    "format",
    "prefix",
    "suffix",
    "header",
    "param",
    "params",
    "arg",
    "index",
    "kind",
    "expiry",
    "expires",
    "expiration",
    "ttl",
    "ref",
    "arn",
    "version",
    "algorithm",
    "alg",
    "error",
    "message",
    "msg",
    "title",
    "class",
    "style",
    "selector",
    "input",
    "button",
    "column",
    "table",
    "request",
    "response",
    "callback",
    "handler",
    "provider",
    "manager",
    "service",
    "description",
    "desc",
    "text",
    "help",
    "usage",
    "docs",
    "example",
    "digest",
    "checksum",
    "fingerprint",
    "sha256",
    "sha1",
    "md5",
    "integrity",
    "limit",
    "budget",
    "max",
    "min",
    "start",
    "end",
    "pos",
    "position",
    "offset",
    "kinds",
];

fn kind(name: &[u8]) -> Option<Kind> {
    let mut words = [""; 12];
    let lower = name.to_ascii_lowercase();
    let lower = std::str::from_utf8(&lower).ok()?;
    let mut count = 0;
    let mut from = 0;
    let mut push = |word: Range<usize>| {
        if let (Some(slot), Some(word)) = (words.get_mut(count), lower.get(word))
            && !word.is_empty()
        {
            *slot = word;
            count += 1;
        }
    };
    for (index, byte) in name.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|at| name.get(at)).copied().unwrap_or(b'_');
        let next = name.get(index + 1).copied().unwrap_or(b'_');
        if matches!(byte, b'_' | b'-' | b'.') {
            push(from..index);
            from = index + 1;
        } else if byte.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || before.is_ascii_uppercase() && next.is_ascii_lowercase())
        {
            push(from..index);
            from = index;
        }
    }
    push(from..name.len());
    let words = words.get(..count)?;
    let last = words.iter().rev().find(|word| !word.chars().all(|c| c.is_ascii_digit()))?;
    if ABOUT.contains(last)
        || words.iter().any(|word| {
            matches!(
                *word,
                "public" | "publishable" | "pub" | "cancellation" | "csrf" | "next" | "page" | "sha"
            )
        })
    {
        return None;
    }
    let ends = |list: &[&str]| {
        words.iter().any(|word| {
            list.contains(word)
                || list
                    .iter()
                    .any(|known| known.len() > 5 && (word.ends_with(known) || word.starts_with(known)))
        })
    };
    if ends(PASSWORDS) {
        return Some(Kind::Password);
    }
    let pair = words.windows(2).any(|pair| matches!(pair, [first, "key" | "keys"] if KEYS.contains(first)));
    let joined = words.iter().any(|word| word.strip_suffix("key").is_some_and(|first| KEYS.contains(&first)));
    if ends(SECRETS) || pair || joined {
        return Some(Kind::Secret);
    }
    if ends(TOKENS) {
        return Some(Kind::Token);
    }
    matches!(words, ["key" | "salt"]).then_some(Kind::Bare)
}

/// The value behind a name that ends at `end`, and whether it stands in quotes.
fn value(text: &[u8], start: usize, end: usize) -> Option<(Range<usize>, bool)> {
    let mut at = end;
    let byte = |at: usize| text.get(at).copied().unwrap_or(0);
    let option =
        text.get(start..start + 2) == Some(b"--") || start >= 2 && text.get(start - 2..start) == Some(b"--");
    // What can stand between a name and its operator: the end of a quote, an index, a tag.
    let mut closed = false;
    while at < end + 4 && matches!(byte(at), b'"' | b'\'' | b'`' | b']' | b')' | b'\\') {
        closed = true;
        at += 1;
    }
    let spaced = skip_blanks(text, at);
    let mut tag = false;
    let mut operator = 0u8;
    match (byte(spaced), byte(spaced + 1)) {
        (b':', b'=') | (b'=', b'>') | (b'|', b'|') | (b'?', b'=') | (b'+', b'=') => at = spaced + 2,
        (b'?' | b'!', b':') => {
            operator = b':';
            at = after_type(text, spaced + 2).unwrap_or(spaced + 2);
        }
        (b'=', b'=') | (b'!', b'=') => {
            at = spaced + 2 + usize::from(byte(spaced + 2) == b'=');
            operator = b'?';
        }
        (b':', b':') => return None,
        (b'=', _) => {
            operator = b'=';
            at = spaced + 1;
        }
        (b':', _) => {
            operator = b':';
            at = after_type(text, spaced + 1).unwrap_or(spaced + 1);
        }
        (b',', _) if closed => at = spaced + 1,
        (b'>', _) => {
            tag = true;
            at = spaced + 1;
        }
        (b'(', _) => {
            operator = b'(';
            at = spaced + 1;
        }
        _ if option && spaced > at => {
            operator = b'=';
            at = spaced;
        }
        _ => return None,
    }
    let mut at = skip_blanks(text, at);
    if tag {
        let value = until(text, at, |byte| matches!(byte, b'<' | b'\n' | b'\r'));
        return (byte(value.end) == b'<' && !value.is_empty()).then_some((value, true));
    }
    at = after_wrappers(text, at);
    let escaped = byte(at) == b'\\' && matches!(byte(at + 1), b'"' | b'\'');
    at += usize::from(escaped);
    let quote = byte(at);
    if matches!(quote, b'"' | b'\'' | b'`') {
        at += 1;
        // Three quotes, as in Python.
        if byte(at) == quote && byte(at + 1) == quote {
            at += 2;
        }
        let mut value = until(text, at, |byte| byte == quote || matches!(byte, b'\n' | b'\r'));
        if byte(value.end) != quote {
            return None;
        }
        if escaped && value.end > value.start && byte(value.end - 1) == b'\\' {
            value.end -= 1;
        }
        // `password = "x" + y`: a part is no value.
        return (!value.is_empty()).then_some((value, true));
    }
    if !matches!(operator, b'=' | b':') {
        return None;
    }
    // In a URL, a parameter ends at the next one.
    let query = start > 0 && matches!(byte(start - 1), b'?' | b'&');
    let value = until(text, at, |b| {
        matches!(b, 0..=b' ' | 0x7f | b'"' | b'\'' | b'`' | b'<' | b'>')
            || query && matches!(b, b'&' | b'#' | b')' | b']')
            || matches!(b, b',' | b';' | b'}' | b'(' | b')')
    });
    let stop = byte(value.end);
    // A call or a generic: this is code.
    if matches!(stop, b'(' | b'<' | b'\'' | b'"' | b'`') || value.is_empty() {
        return None;
    }
    Some((value, false))
}

/// `: &str =`, `: string =`, `: Option<String> =`: a type before the value.
fn after_type(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..text.len().min(at + 48))?;
    let length = rest
        .iter()
        .take_while(|b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b' ' | b'&' | b'\'' | b'_' | b'<' | b'>' | b':' | b'?' | b'[' | b']' | b'*')
        })
        .count();
    let named = rest.get(..length)?.iter().any(u8::is_ascii_alphabetic);
    (named && rest.get(length) == Some(&b'=') && rest.get(length + 1) != Some(&b'='))
        .then_some(at + length + 1)
}

/// Steps over `String::from(`, `Some(`, `b`, `r#` and the like, up to the quote.
fn after_wrappers(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..text.len().min(at + 40)).unwrap_or_default();
    let Some(quote) = rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b'`')) else {
        return at;
    };
    let between = rest.get(..quote).unwrap_or_default();
    let call = between.last() == Some(&b'(')
        && between
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.' | b'(' | b' ' | b'!'));
    let lowered = between.to_ascii_lowercase();
    // The name of a variable is no value.
    let lookup = [&b"env"[..], b"get", b"read", b"load", b"find", b"fetch", b"prompt", b"lookup", b"var("]
        .iter()
        .any(|word| crate::allow::contains(&lowered, word));
    let prefix = between.len() <= 3
        && between.iter().all(|b| {
            matches!(b, b'b' | b'r' | b'u' | b'f' | b'B' | b'R' | b'L' | b'@' | b'$' | b'#' | b'c' | b'\\')
        });
    let list = !between.is_empty() && between.iter().all(|b| matches!(b, b'[' | b'(' | b'{' | b' '));
    if (call && !lookup) || prefix || list {
        at + quote - usize::from(between.last() == Some(&b'\\'))
    } else {
        at
    }
}

fn skip_blanks(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..text.len().min(at + 16)).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

fn until(text: &[u8], at: usize, stop: impl Fn(u8) -> bool) -> Range<usize> {
    let rest = text.get(at..text.len().min(at + VALUE_MAX)).unwrap_or_default();
    let length = rest.iter().position(|byte| stop(*byte)).unwrap_or(rest.len());
    at..at + length
}

#[cfg(test)]
#[path = "assign_tests.rs"]
mod tests;

//! Passwords in URLs: `scheme://user:password@host`. Judging the password is in `judge`.

use std::ops::Range;

/// The longest scheme, and the longest user and password together, in bytes.
const SCHEME_MAX: usize = 32;
const USERINFO_MAX: usize = 1_024;

/// A URL with a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    /// From the scheme to the `@`.
    pub(crate) span: Range<usize>,
    pub(crate) user: Range<usize>,
    pub(crate) password: Range<usize>,
}

/// Reads the URL whose `://` begins at `at`.
pub(crate) fn read(text: &[u8], at: usize) -> Option<Login> {
    let before = text.get(at.saturating_sub(SCHEME_MAX)..at)?;
    let scheme = before
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'))
        .count();
    if scheme < 2 {
        return None;
    }
    let start = at + 3;
    let rest = text.get(start..text.len().min(start + USERINFO_MAX))?;
    let mut colon = None;
    let mut end = None;
    for (index, byte) in rest.iter().enumerate() {
        match byte {
            // A password may hold another `@`; the last one before the host's end counts.
            b'@' => end = Some(index),
            b':' if colon.is_none() => colon = Some(index),
            b'/' | b'?' | b'#' if colon.is_none() || end.is_some() => break,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'(' | b'{' | b',' if end.is_some() => break,
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | 0..=b' ' | 0x7f => break,
            _ => {}
        }
    }
    let (colon, end) = (colon?, end?);
    let host = rest.get(end + 1)?;
    let named = host.is_ascii_alphanumeric() || matches!(host, b'[' | b'$' | b'{' | b'_' | b'%' | b'<');
    let password = rest.get(colon + 1..end)?;
    let port = password
        .iter()
        .position(|byte| *byte == b'/')
        .is_some_and(|slash| password.get(..slash).unwrap_or_default().iter().all(u8::is_ascii_digit));
    if password.is_empty() || !named || port {
        return None;
    }
    let user = start..start + colon;
    Some(Login { span: at - scheme..start + end, user, password: start + colon + 1..start + end })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, &str)>) {
        let at = text.find("://").unwrap();
        let login = read(text.as_bytes(), at);
        let found = login.map(|login| (&text[login.user], &text[login.password]));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn passwords_are_found() {
        check("postgres://app:s3cr@db:5432/app", Some(("app", "s3cr")));
        check("x https://a:b:c@host/", Some(("a", "b:c")));
        check("https://a:b@c@host/?q=x@y", Some(("a", "b@c")));
        check("redis://:pw@host", Some(("", "pw")));
        check("https://a:p/w@host/", Some(("a", "p/w")));
        check("https://host:80/a@b", None);
        check("https://user@host/", None);
        check("https://host/a:b@c", None);
        check("https://a:b@ c", None);
        check("://a:b@c", None);
        check("\"https://a:b\" + \"@c\"", None);
    }
}

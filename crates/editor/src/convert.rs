//! Paths to URIs and back, spans to ranges and back. Knows no request.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use index::{Lines, Position};
use lsp_types::{Range, Uri};
use spec::Span;

/// The path of a `file:` URI (RFC 8089); `None` for any other.
pub(crate) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let path = rest.get(rest.find('/')?..)?;
    let mut bytes = Vec::with_capacity(path.len());
    let mut left = path.bytes();
    while let Some(byte) = left.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [left.next()?, left.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            b'?' | b'#' => break,
            byte => byte,
        });
    }
    let text = String::from_utf8(bytes).ok()?;
    // `file:///c:/x` names a drive and not a folder `c:` of the root.
    let text = match text.as_bytes() {
        [b'/', letter, b':', ..] if letter.is_ascii_alphabetic() => text.get(1..)?.to_string(),
        _ => text,
    };
    Some(PathBuf::from(text))
}

/// The `file:` URI of an absolute path.
pub(crate) fn uri_of(path: &Path) -> Option<Uri> {
    let mut text = "file://".to_string();
    let path = path.to_string_lossy().replace('\\', "/");
    if !path.starts_with('/') {
        text.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' => {
                text.push(char::from(byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    Uri::from_str(&text).ok()
}

/// The range of a span.
pub(crate) fn range_of(lines: &Lines, bytes: &[u8], span: Span) -> Range {
    let at = |offset: usize| {
        let position = lines.position(bytes, offset);
        lsp_types::Position { line: position.line, character: position.column }
    };
    Range { start: at(span.offset), end: at(span.end()) }
}

/// The byte at a position.
pub(crate) fn offset_of(lines: &Lines, bytes: &[u8], position: lsp_types::Position) -> usize {
    lines.offset(bytes, Position { line: position.line, column: position.character })
}

/// The span of a range; empty at its start when it runs backwards.
pub(crate) fn span_of(lines: &Lines, bytes: &[u8], range: Range) -> Span {
    Span::between(offset_of(lines, bytes, range.start), offset_of(lines, bytes, range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_uris() {
        let check = |path: &str, uri: &str| {
            assert_eq!(uri_of(Path::new(path)).unwrap().as_str(), uri);
            assert_eq!(path_of(&Uri::from_str(uri).unwrap()), Some(PathBuf::from(path)));
        };
        check("/a/b c/ü#1?.md", "file:///a/b%20c/%C3%BC%231%3F.md");
        check("/w/.kiro/specs/x/tasks.md", "file:///w/.kiro/specs/x/tasks.md");
        let path = |uri: &str| path_of(&Uri::from_str(uri).unwrap());
        assert_eq!(path("file://host/a"), Some(PathBuf::from("/a")));
        assert_eq!(path("file:///c:/a"), Some(PathBuf::from("c:/a")));
        assert_eq!(path("untitled:Untitled-1"), None);
        assert_eq!(path("file:///a%ff"), None);
    }
}

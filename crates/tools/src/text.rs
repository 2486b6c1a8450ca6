//! Bytes of a file as text and back, whatever the encoding; and what is no text at all. Touches no disk.

/// How a file writes its text. Going to text and back gives the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8Marked,
    Utf16Le,
    Utf16Be,
    /// Mostly UTF-8, with stray bytes. A stray byte stands in the text as a private-use character.
    Utf8Stray,
    /// One byte, one character.
    Latin1,
}

/// The text of a file, without its byte order mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) encoding: Encoding,
}

/// Where a stray byte goes: the last plane of characters that nobody uses.
const STRAY_BASE: u32 = 0x10_FF00;

/// Beginnings by which people know a kind of file.
const KINDS: [(&[u8], &str); 12] = [
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a RIFF file (WebP, WAV or AVI)"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive (or a document in one)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x7fELF", "an ELF program or library"),
    (b"\0asm", "a WebAssembly module"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xca\xfe\xba\xbe", "a Java class or a Mach-O program"),
];

/// Reads bytes as text, or says what kind of binary they are.
pub(crate) fn decode(bytes: &[u8]) -> Result<Text, &'static str> {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf")
        && let Ok(text) = std::str::from_utf8(rest)
        && !text.contains('\0')
    {
        return Ok(Text { text: text.to_string(), encoding: Encoding::Utf8Marked });
    }
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return decode_utf16(rest, u16::from_le_bytes, Encoding::Utf16Le);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return decode_utf16(rest, u16::from_be_bytes, Encoding::Utf16Be);
    }
    if let Some((_, kind)) = KINDS.iter().find(|(start, _)| bytes.starts_with(start)) {
        // Text can begin with the letters of a kind; then nothing in it is binary.
        if std::str::from_utf8(bytes).is_err() || has_controls(bytes) {
            return Err(kind);
        }
    }
    if has_controls(bytes) {
        return Err("a binary file");
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Text { text: text.to_string(), encoding: Encoding::Utf8 });
    }
    Ok(decode_stray(bytes).unwrap_or_else(|| Text {
        text: bytes.iter().map(|byte| char::from(*byte)).collect(),
        encoding: Encoding::Latin1,
    }))
}

/// A NUL, or more control characters than text has.
fn has_controls(bytes: &[u8]) -> bool {
    let is_control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    bytes.contains(&0) || bytes.iter().filter(is_control).count() * 20 > bytes.len()
}

fn decode_utf16(rest: &[u8], read: fn([u8; 2]) -> u16, encoding: Encoding) -> Result<Text, &'static str> {
    let (pairs, []) = rest.as_chunks::<2>() else { return Err("a binary file") };
    let text = char::decode_utf16(pairs.iter().map(|pair| read(*pair))).collect::<Result<String, _>>();
    match text {
        Ok(text) if !text.contains('\0') => Ok(Text { text, encoding }),
        _ => Err("a binary file"),
    }
}

/// UTF-8 in which more characters of several bytes are whole than bytes are stray.
fn decode_stray(bytes: &[u8]) -> Option<Text> {
    let (mut text, mut whole, mut stray) = (String::with_capacity(bytes.len()), 0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        if chunk.valid().chars().any(|c| u32::from(c) >= STRAY_BASE) {
            return None;
        }
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            stray += 1;
            text.push(char::from_u32(STRAY_BASE + u32::from(*byte))?);
        }
    }
    (whole > stray).then_some(Text { text, encoding: Encoding::Utf8Stray })
}

/// The text as bytes of this encoding, or the character that it cannot write.
pub(crate) fn encode(text: &str, encoding: Encoding) -> Result<Vec<u8>, char> {
    Ok(match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf8Marked => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        Encoding::Utf16Le => marked_utf16(text, u16::to_le_bytes),
        Encoding::Utf16Be => marked_utf16(text, u16::to_be_bytes),
        Encoding::Utf8Stray => {
            let mut bytes = Vec::with_capacity(text.len());
            for c in text.chars() {
                match u32::from(c).checked_sub(STRAY_BASE).map(u8::try_from) {
                    Some(Ok(byte)) => bytes.push(byte),
                    _ => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                }
            }
            bytes
        }
        Encoding::Latin1 => text.chars().map(|c| u8::try_from(c).map_err(|_| c)).collect::<Result<_, _>>()?,
    })
}

fn marked_utf16(text: &str, write: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(write).collect()
}

/// The text as it is shown: a stray byte as the replacement character.
pub(crate) fn shown(text: &str) -> String {
    text.chars().map(|c| if u32::from(c) >= STRAY_BASE { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// How the lines of a text end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnds {
    /// `\n`, or there is no line end at all.
    Lf,
    /// `\r\n` throughout.
    CrLf,
    /// Both.
    Mixed,
}

/// How the lines of this text end.
pub(crate) fn line_ends(text: &str) -> LineEnds {
    let all = text.matches('\n').count();
    let crlf = text.matches("\r\n").count();
    match (all, crlf) {
        (_, 0) => LineEnds::Lf,
        (all, crlf) if all == crlf => LineEnds::CrLf,
        _ => LineEnds::Mixed,
    }
}

/// One line of a text in a message, bounded.
pub(crate) fn excerpt(line: &str) -> String {
    const EXCERPT_CHARS: usize = 100;
    let line = line.trim_end();
    match line.char_indices().nth(EXCERPT_CHARS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Result<(&str, Encoding), &str>) {
        let decoded = decode(bytes);
        if let Ok(text) = &decoded {
            assert_eq!(encode(&text.text, text.encoding).as_deref(), Ok(bytes), "round trip of {bytes:?}");
        }
        let found = decoded.as_ref().map(|text| (text.text.as_str(), text.encoding)).map_err(|kind| *kind);
        assert_eq!(found, expected, "{bytes:?}");
    }

    #[test]
    fn encodings_go_there_and_back() {
        check(b"", Ok(("", Encoding::Utf8)));
        check("aé\r\n".as_bytes(), Ok(("aé\r\n", Encoding::Utf8)));
        check(b"\xef\xbb\xbfa", Ok(("a", Encoding::Utf8Marked)));
        check(b"\xff\xfea\0\xe9\0", Ok(("aé", Encoding::Utf16Le)));
        check(b"\xfe\xff\0a\0\xe9", Ok(("aé", Encoding::Utf16Be)));
        check(b"\xff\xfe\x3d\xd8\x00\xde", Ok(("😀", Encoding::Utf16Le)));
        check(b"caf\xe9", Ok(("café", Encoding::Latin1)));
        check(b"na\xc3\xafve caf\xc3\xa9 \xe9", Ok(("naïve café \u{10FFE9}", Encoding::Utf8Stray)));
        check(b"%PDF is a word", Ok(("%PDF is a word", Encoding::Utf8)));
    }

    #[test]
    fn what_is_no_text_is_named() {
        check(b"a\0b", Err("a binary file"));
        check(b"\x89PNG\r\n\x1a\n\0\0", Err("a PNG image"));
        check(b"\x7fELF\x02\x01\x01\0", Err("an ELF program or library"));
        check(b"\xff\xfe\x00\xd8", Err("a binary file"));
        check(b"\xff\xfea", Err("a binary file"));
    }

    #[test]
    fn what_an_encoding_cannot_write_is_named() {
        assert_eq!(encode("a→", Encoding::Latin1), Err('→'));
        assert_eq!(shown("a\u{10FFE9}b"), "a\u{fffd}b");
        assert_eq!(line_ends("a\r\nb\n"), LineEnds::Mixed);
        assert_eq!(line_ends("a\r\nb\r\n"), LineEnds::CrLf);
    }
}

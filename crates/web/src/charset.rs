//! Bytes of a page to text: the byte order mark, the header, the page's own word, and then what the bytes look like. Pure.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How far into a page its own word about its encoding is looked for, in bytes.
const PRESCAN_BYTES_MAX: usize = 2048;

/// The text of these bytes, and the name of the encoding. `declared` is the `charset` of the header.
pub(crate) fn decode(bytes: &[u8], declared: Option<&str>, is_html: bool) -> (String, &'static str) {
    let by_header = || declared.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    let by_page = || if is_html { prescan(bytes) } else { None };
    let by_looks = || match std::str::from_utf8(bytes) {
        Ok(_) => UTF_8,
        // The last character of UTF-8 may have been cut in two.
        Err(error)
            if error.error_len().is_none()
                && !bytes.get(..error.valid_up_to()).is_none_or(<[u8]>::is_ascii) =>
        {
            UTF_8
        }
        Err(_) => WINDOWS_1252,
    };
    let named = Encoding::for_bom(bytes).map(|(encoding, _)| encoding).or_else(by_header).or_else(by_page);
    let encoding = named.unwrap_or_else(by_looks);
    // A wrong word about the encoding is the commonest fault: bytes that are plainly UTF-8 are read as UTF-8.
    let is_utf8_after_all =
        encoding.is_ascii_compatible() && !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok();
    let encoding = if is_utf8_after_all && is_single_byte(encoding) { UTF_8 } else { encoding };
    let (text, used, _) = encoding.decode(bytes);
    (text.into_owned(), used.name())
}

/// The encodings of the West with one byte for a character, in which every text is "valid".
fn is_single_byte(encoding: &'static Encoding) -> bool {
    encoding.is_single_byte()
}

/// What `<meta charset>` or `<meta http-equiv>` says.
fn prescan(bytes: &[u8]) -> Option<&'static Encoding> {
    let head: String =
        bytes.iter().take(PRESCAN_BYTES_MAX).map(|b| char::from(b.to_ascii_lowercase())).collect();
    let mut rest = head.as_str();
    while let Some(at) = rest.find("<meta") {
        let (_, after) = rest.split_at(at + "<meta".len());
        let tag = after.split('>').next().unwrap_or_default();
        if let Some((_, value)) = tag.split_once("charset") {
            let value = value.trim_start().strip_prefix('=').unwrap_or_default();
            let value = value.trim_start_matches([' ', '"', '\'']);
            let label = value.split(['"', '\'', ' ', ';', '/']).next().unwrap_or_default();
            let found = Encoding::for_label(label.as_bytes());
            // A page that could be read as far as its own word is not in UTF-16.
            if let Some(found) = found {
                return Some(if found.is_ascii_compatible() { found } else { UTF_8 });
            }
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], declared: Option<&str>, expected: (&str, &str)) {
        let (text, name) = decode(bytes, declared, true);
        assert_eq!((text.as_str(), name), expected);
    }

    #[test]
    fn who_is_believed() {
        check(b"caf\xe9", None, ("café", "windows-1252"));
        check("café".as_bytes(), None, ("café", "UTF-8"));
        check("ééé".as_bytes().split_last().unwrap().1, None, ("éé\u{fffd}", "UTF-8"));
        check(b"caf\xe9", Some("iso-8859-1"), ("café", "windows-1252"));
        check(b"\x82\xa0", Some("Shift_JIS"), ("あ", "Shift_JIS"));
        check(b"\xff\xfea\0", Some("utf-8"), ("a", "UTF-16LE"));
        check(b"<meta charset=\"koi8-r\">\xc1", None, ("<meta charset=\"koi8-r\">а", "KOI8-R"));
        let old = b"<META HTTP-EQUIV=Content-Type content='text/html; charset=windows-1251'>\xe0";
        assert!(decode(old, None, true).0.ends_with('а'));
    }

    #[test]
    fn a_wrong_word_is_not_believed_over_the_bytes() {
        check("naïve".as_bytes(), Some("iso-8859-1"), ("naïve", "UTF-8"));
        check(b"caf\xe9", Some("nonsense"), ("café", "windows-1252"));
        check(b"caf\xe9 au", Some("utf-8"), ("caf\u{fffd} au", "UTF-8"));
    }
}

//! Takes out of foreign text what a reader does not see: controls, marks of direction, tags. Pure.

/// Whether a character is shown to nobody and could carry words that a person does not see.
fn is_unseen(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // Marks of direction and order, joiners that stand alone, the byte order mark, soft hyphens.
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => true,
        '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => true,
        // Tags and further selectors: whole sentences can be written in them unseen.
        '\u{e0000}'..='\u{e0fff}' => true,
        c => c.is_control(),
    }
}

/// The text without what nobody sees; line ends become `\n`.
pub(crate) fn text(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' => {
                if characters.peek() != Some(&'\n') {
                    clean.push('\n');
                }
            }
            c if is_unseen(c) => {}
            c => clean.push(c),
        }
    }
    clean
}

/// One line of at most this many characters.
pub(crate) fn line(words: &str, chars_max: usize) -> String {
    let joined = text(words).split_whitespace().collect::<Vec<_>>().join(" ");
    match joined.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", joined.get(..end).unwrap_or_default().trim_end()),
        None => joined,
    }
}

/// The longest beginning of at most this many bytes that ends between characters.
pub(crate) fn head(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_goes() {
        assert_eq!(text("a\r\nb\rc\td\0\u{1b}[31m"), "a\nb\nc\td[31m");
        assert_eq!(text("a\u{e0041}\u{e0042}\u{202e}b\u{200b}"), "ab");
        assert_eq!(text("é 😀 \u{301}"), "é 😀 \u{301}");
        assert_eq!(line("  a \n b   c", 3), "a b…");
        assert_eq!(head("aéb", 2), "a");
    }
}

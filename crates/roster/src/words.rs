//! Splitting what a person typed behind a command into words, as a shell does. Expands nothing.

/// Words from one line, and whether a quote is open at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) words: Vec<String>,
    pub(crate) is_open: bool,
}

/// Blanks separate; `'…'` keeps all, `"…"` all but `\"` and `\\`; outside, `\` keeps the next character. A quote that is never
/// closed goes to the end.
pub(crate) fn split(text: &str, words_max: usize) -> Words {
    let mut found = Words::default();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') if matches!(chars.peek(), Some('"' | '\\')) => {
                word.get_or_insert_default().extend(chars.next());
            }
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, c) if c.is_whitespace() => {
                if found.words.len() < words_max {
                    found.words.extend(word.take());
                }
                word = None;
            }
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    if found.words.len() < words_max {
        found.words.extend(word);
    }
    found.is_open = quote.is_some();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_in_a_shell() {
        let check = |text: &str, expected: &[&str], is_open: bool| {
            let found = split(text, 100);
            assert_eq!(
                (found.words.iter().map(String::as_str).collect::<Vec<_>>(), found.is_open),
                (expected.to_vec(), is_open)
            );
        };
        check("a  b\tc\n", &["a", "b", "c"], false);
        check(r#"'a b' "c \"d\" \x" e\ f"#, &["a b", r#"c "d" \x"#, "e f"], false);
        check(r#"a'b'"c""#, &["abc"], false);
        check("'' x", &["", "x"], false);
        check("it's late", &["its late"], true);
        check("", &[], false);
        check("\\", &[""], false);
    }
}

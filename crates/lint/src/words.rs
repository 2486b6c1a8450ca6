//! A sentence as words: where each stands, in lower case, and whether it is quoted, code or in brackets. Knows no
//! dictionary.

/// What a word is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Script {
    Latin,
    Cyrillic,
    /// Han and kana, in one run.
    Cjk,
    Hangul,
    /// Begins with a digit.
    Number,
    Other,
}

/// The word stands in back-ticks or in an HTML comment.
pub(crate) const CODE: u8 = 1;
/// The word stands in quotation marks.
pub(crate) const QUOTE: u8 = 2;
/// The word stands in brackets.
pub(crate) const BRACKET: u8 = 4;

/// One word. Offsets are bytes of the sentence; `low` counts in [`Words`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) start: usize,
    pub(crate) end: usize,
    low: (usize, usize),
    pub(crate) script: Script,
    /// Any of [`CODE`], [`QUOTE`], [`BRACKET`].
    pub(crate) mask: u8,
    /// Two letters or more, and none of lower case.
    pub(crate) is_upper: bool,
}

impl Word {
    /// Said by the document itself: no code, no quotation.
    pub(crate) fn is_said(&self) -> bool {
        self.mask & (CODE | QUOTE) == 0
    }

    /// Said, and not in brackets.
    pub(crate) fn is_plain(&self) -> bool {
        self.mask == 0
    }
}

/// The words of one sentence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    lower: String,
    pub(crate) list: Vec<Word>,
}

impl Words {
    pub(crate) fn of(text: &str) -> Words {
        let mask = mask_of(text);
        let mut words = Words { lower: String::with_capacity(text.len()), list: Vec::new() };
        let mut chars = text.char_indices().peekable();
        while let Some((start, first)) = chars.next() {
            let Some(script) = script_of(first) else { continue };
            let mut end = start + first.len_utf8();
            let (mut letters, mut has_lower) = (usize::from(first.is_alphabetic()), first.is_lowercase());
            let low = words.lower.len();
            push_lower(&mut words.lower, first);
            while let Some(&(at, c)) = chars.peek() {
                let is_inside = match script_of(c) {
                    Some(other) => belongs(script, other),
                    None => joins(c) && continues(text, at + c.len_utf8(), script),
                };
                if !is_inside {
                    break;
                }
                chars.next();
                end = at + c.len_utf8();
                letters += usize::from(c.is_alphabetic());
                has_lower |= c.is_lowercase();
                push_lower(&mut words.lower, c);
            }
            words.list.push(Word {
                start,
                end,
                low: (low, words.lower.len()),
                script,
                mask: mask.get(start).copied().unwrap_or(0),
                is_upper: letters >= 2 && !has_lower,
            });
        }
        words
    }

    /// The word in lower case. The dotted and the dotless Turkish i are both `i`.
    pub(crate) fn lower(&self, word: &Word) -> &str {
        self.lower.get(word.low.0..word.low.1).unwrap_or_default()
    }

    /// The word at that place, in lower case; empty behind the end.
    pub(crate) fn lower_at(&self, index: usize) -> &str {
        self.list.get(index).map(|word| self.lower(word)).unwrap_or_default()
    }

    /// The byte behind the word before `index`: where the text of `index` begins, marks before it included.
    pub(crate) fn end_before(&self, index: usize) -> usize {
        index.checked_sub(1).and_then(|at| self.list.get(at)).map_or(0, |word| word.end)
    }

    /// What stands between the word before and this one.
    pub(crate) fn gap_before<'a>(&self, text: &'a str, index: usize) -> &'a str {
        let from = self.end_before(index);
        let to = self.list.get(index).map_or(text.len(), |word| word.start);
        text.get(from..to).unwrap_or_default()
    }

    /// Whether the words from `index` are these, apart from case, with only blanks between.
    pub(crate) fn is_phrase(&self, text: &str, index: usize, phrase: &[&str]) -> bool {
        phrase.iter().enumerate().all(|(nth, expected)| {
            self.lower_at(index + nth) == *expected
                && (nth == 0 || self.gap_before(text, index + nth).trim().is_empty())
        })
    }
}

fn push_lower(out: &mut String, c: char) {
    match c {
        'İ' | 'ı' => out.push('i'),
        '’' => out.push('\''),
        _ if c.is_ascii() => out.push(c.to_ascii_lowercase()),
        _ => out.extend(c.to_lowercase()),
    }
}

fn script_of(c: char) -> Option<Script> {
    Some(match c {
        'a'..='z' | 'A'..='Z' => Script::Latin,
        '0'..='9' => Script::Number,
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' if c != '×' && c != '÷' => Script::Latin,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        '\u{3041}'..='\u{30ff}' if c != '・' => Script::Cjk,
        '\u{3005}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => Script::Cjk,
        '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}' => Script::Hangul,
        _ if c.is_alphanumeric() => Script::Other,
        _ => return None,
    })
}

fn belongs(word: Script, next: Script) -> bool {
    word == next
        || matches!(
            (word, next),
            (Script::Latin, Script::Number)
                | (Script::Number, Script::Latin)
                | (Script::Cyrillic, Script::Number)
        )
}

/// Marks inside a word: `Auth_Service`, `user's`, `sub-second`, `app.json`, `e.g`.
fn joins(c: char) -> bool {
    matches!(c, '_' | '\'' | '’' | '-' | '.' | '\u{300}'..='\u{36f}')
}

fn continues(text: &str, at: usize, script: Script) -> bool {
    let next = text.get(at..).and_then(|rest| rest.chars().next()).and_then(script_of);
    next.is_some_and(|next| belongs(script, next))
}

/// One byte of mask for each byte of the text. An opening mark without its partner masks nothing.
fn mask_of(text: &str) -> Vec<u8> {
    let mut mask = vec![0u8; text.len()];
    let mut open_code: Option<usize> = None;
    let mut open_quote: Option<usize> = None;
    let mut curly: Option<(usize, char)> = None;
    let mut brackets: Vec<usize> = Vec::new();
    let mut was_tick = false;
    let mut comment_end = 0;
    for (at, c) in text.char_indices() {
        if at < comment_end {
            continue;
        }
        if c == '<' && text.get(at..).is_some_and(|rest| rest.starts_with("<!--")) {
            comment_end =
                text.get(at..).and_then(|rest| rest.find("-->")).map_or(text.len(), |end| at + end + 3);
            paint(&mut mask, at, comment_end, CODE);
            continue;
        }
        let is_tick = c == '`';
        if is_tick && !was_tick {
            match open_code.take() {
                Some(from) => paint(&mut mask, from, at, CODE),
                None => open_code = Some(at),
            }
        }
        was_tick = is_tick;
        if is_tick || open_code.is_some() {
            continue;
        }
        if let Some((from, close)) = curly
            && c == close
        {
            paint(&mut mask, from, at, QUOTE);
            curly = None;
            continue;
        }
        match c {
            '"' => match open_quote.take() {
                Some(from) => paint(&mut mask, from, at, QUOTE),
                None => open_quote = Some(at),
            },
            '“' => curly = Some((at, '”')),
            '„' => curly = Some((at, '“')),
            '「' => curly = Some((at, '」')),
            '『' => curly = Some((at, '』')),
            '«' => curly = Some((at, '»')),
            '(' | '（' | '[' if brackets.len() < BRACKETS_MAX => brackets.push(at),
            ')' | '）' | ']' => {
                if let Some(from) = brackets.pop()
                    && brackets.is_empty()
                {
                    paint(&mut mask, from, at, BRACKET);
                }
            }
            _ => {}
        }
    }
    mask
}

/// Open brackets remembered; deeper ones are text.
const BRACKETS_MAX: usize = 64;

fn paint(mask: &mut [u8], from: usize, to: usize, bit: u8) {
    for byte in mask.get_mut(from..to).unwrap_or_default() {
        *byte |= bit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let words = Words::of(text);
        let shown: Vec<String> = words
            .list
            .iter()
            .map(|word| {
                let mask = [(CODE, "`"), (QUOTE, "\""), (BRACKET, "(")];
                let marks: String =
                    mask.iter().filter(|(bit, _)| word.mask & bit != 0).map(|(_, mark)| *mark).collect();
                format!("{marks}{}", words.lower(word))
            })
            .collect();
        assert_eq!(shown.join(" "), expected, "{text}");
    }

    #[test]
    fn words_with_their_dress() {
        check("WHEN a user's Auth_Service (e.g. x) fails", "when a user's auth_service (e.g (x fails");
        check("**THE** `a b` \"quick\" app.json, sub-second.", "the `a `b \"quick app.json sub-second");
        check("WHEN用户点击THEN系统", "when 用户点击 then 系统");
        check("an ` open tick and ( an open bracket", "an open tick and an open bracket");
        check("“fast” „gut“ «vite» 「速い」", "\"fast \"gut \"vite \"速い");
        check("DIĞINDE 1.5s 30 GETİR", "diğinde 1.5s 30 getir");
        check("", "");
    }

    #[test]
    fn phrases() {
        let text = "as far as possible, as, far";
        let words = Words::of(text);
        assert!(words.is_phrase(text, 0, &["as", "far", "as"]));
        assert!(!words.is_phrase(text, 4, &["as", "far"]));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in any::<String>()) {
            for word in Words::of(&text).list {
                prop_assert!(text.get(word.start..word.end).is_some());
            }
        }
    }
}

//! The grammar of one task line: bullet, box, optional mark, number, title. Sees no other line.

use crate::inline::PART_DIGITS_MAX;
use crate::tasks::State;
use crate::text::is_blank_byte;

/// A line that is a task. Offsets count from the start of the line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TaskLine {
    pub(crate) state_at: usize,
    pub(crate) state: State,
    /// The state byte is none of the four that Kiro knows.
    pub(crate) is_odd: bool,
    pub(crate) optional: bool,
    pub(crate) number: Option<String>,
    pub(crate) title: String,
}

/// What a line with a box is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BoxLine {
    Task(TaskLine),
    /// `- [] title`: there is no byte to flip, and Kiro ignores the line silently.
    Empty,
}

/// Reads a line (without its break); `None` when it has no box.
pub(crate) fn read(line: &[u8]) -> Option<BoxLine> {
    let start = line.iter().position(|byte| !is_blank_byte(*byte))?;
    if !matches!(line.get(start)?, b'-' | b'*' | b'+') {
        return None;
    }
    let gap = line.get(start + 1..)?;
    let gap = gap.iter().take_while(|byte| is_blank_byte(**byte)).count();
    let open = start + 1 + gap;
    if gap == 0 || *line.get(open)? != b'[' {
        return None;
    }
    if *line.get(open + 1)? == b']' {
        let after = line.get(open + 2).copied();
        return after.is_none_or(is_blank_byte).then_some(BoxLine::Empty);
    }
    let byte = *line.get(open + 1)?;
    let (state, is_odd) = match byte {
        b' ' => (State::Open, false),
        b'~' => (State::Queued, false),
        b'-' => (State::InProgress, false),
        b'x' | b'X' => (State::Done, false),
        // Home-made marks such as `[/]`, `[!]`, `[>]`: the task exists, and nobody has proved it done.
        b'/' | b'!' | b'>' | b'?' | b'.' | b'\t' => (State::Open, true),
        _ => return None,
    };
    if *line.get(open + 2)? != b']' {
        return None;
    }
    let rest = String::from_utf8_lossy(line.get(open + 3..)?);
    let (mark, rest) = strip_mark(&rest);
    if !rest.starts_with(char::is_whitespace) {
        return None;
    }
    let (late_mark, rest) = match strip_mark(rest.trim_start()) {
        // `- [ ] * 1.3 Title`: a mark before the number, apart from it. `**bold**` is not a mark.
        (true, after) if after.starts_with(char::is_whitespace) => (true, after),
        _ => (false, rest),
    };
    let (number, number_mark, title) = split_number(rest.trim());
    if title.is_empty() && number.is_none() {
        return None;
    }
    Some(BoxLine::Task(TaskLine {
        state_at: open + 1,
        state,
        is_odd,
        optional: mark || late_mark || number_mark,
        number,
        title,
    }))
}

/// Takes off `*` or `\*`, but leaves `**` alone.
fn strip_mark(text: &str) -> (bool, &str) {
    let after = text.strip_prefix("\\*").or_else(|| text.strip_prefix('*'));
    match after {
        Some(rest) if !rest.starts_with('*') => (true, rest),
        _ => (false, text),
    }
}

/// Number, whether an optional mark stands right behind it, and the title.
fn split_number(text: &str) -> (Option<String>, bool, String) {
    let plain = || (None, false, text.to_string());
    let (bold, inner) = match text.strip_prefix("**") {
        Some(inner) => (true, inner),
        None => (false, text),
    };
    let (has_word, inner) = match inner.get(..5) {
        Some(word) if word.eq_ignore_ascii_case("task ") => (true, inner.get(5..).unwrap_or_default()),
        _ => (false, inner),
    };
    let Some((number, rest)) = take_number(inner, has_word) else { return plain() };
    let (early_mark, rest) = strip_mark(rest);
    let after_stop = rest.strip_prefix(['.', ')', ':', '：']);
    let (late_mark, rest) = strip_mark(after_stop.unwrap_or(rest));
    let rest_is_apart = rest.is_empty() || rest.starts_with(char::is_whitespace);
    // In `**1.** Title` the bold closes right behind the number.
    let (bold, rest, rest_is_apart) = match rest.strip_prefix("**") {
        Some(after) if bold => (false, after, true),
        _ => (bold, rest, rest_is_apart),
    };
    let has_letter_only_suffix = number.ends_with(|c: char| c.is_ascii_lowercase()) && !number.contains('.');
    if !rest_is_apart || has_letter_only_suffix && after_stop.is_none() {
        return plain();
    }
    let rest = rest.trim();
    let rest = rest.strip_prefix("- ").or_else(|| rest.strip_prefix("– ")).unwrap_or(rest);
    let title = if bold { rest.replacen("**", "", 1) } else { rest.to_string() };
    (Some(number), early_mark || late_mark, title.trim().to_string())
}

/// `1`, `1.2`, `1.2.3`, `7b`, `18b.1`, `T-4`, `T001`, and what stands behind.
fn take_number(text: &str, has_word: bool) -> Option<(String, &str)> {
    let digits = match text.strip_prefix(['T', 't']) {
        Some(rest) if !has_word => rest.strip_prefix('-').unwrap_or(rest),
        _ => text,
    };
    let mut end = text.len() - digits.len();
    let mut rest = digits;
    let mut parts = 0;
    loop {
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let count = rest.len() - after.len();
        if count == 0 || count > PART_DIGITS_MAX {
            // `1. Title`: the dot behind the number is not a part separator.
            if parts == 0 || count > 0 {
                return None;
            }
            end -= 1;
            break;
        }
        end += count;
        parts += 1;
        rest = after;
        if let Some(after) = rest.strip_prefix(|c: char| c.is_ascii_lowercase())
            && !after.starts_with(|c: char| c.is_alphanumeric())
        {
            end += 1;
            rest = after;
        }
        match rest.strip_prefix('.') {
            Some(after) if parts < PARTS_MAX => {
                end += 1;
                rest = after;
            }
            _ => break,
        }
    }
    let (number, behind) = text.split_at_checked(end)?;
    Some((number.to_string(), behind))
}

/// Parts in a task number (`1.2.3.4`); deeper ones are not seen anywhere.
const PARTS_MAX: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(&str, State, bool, &str)>) {
        let got = match read(line.as_bytes()) {
            Some(BoxLine::Task(task)) => {
                Some((task.number.unwrap_or_default(), task.state, task.optional, task.title))
            }
            _ => None,
        };
        assert_eq!(got, expected.map(|(n, s, o, t)| (n.to_string(), s, o, t.to_string())), "{line}");
    }

    use State::{Done, InProgress, Open, Queued};

    #[test]
    fn kiros_own_form() {
        check("- [x] 1. Set up", Some(("1", Done, false, "Set up")));
        check("  - [-] 1.2 Wire Redis", Some(("1.2", InProgress, false, "Wire Redis")));
        check("  - [ ]* 1.3 Write test", Some(("1.3", Open, true, "Write test")));
        check("  - [ ]\\* 1.3 Write test", Some(("1.3", Open, true, "Write test")));
        check("- [~] 2. Register", Some(("2", Queued, false, "Register")));
        check("* [X] 1.2.3 Deep", Some(("1.2.3", Done, false, "Deep")));
        check("\t+ [ ] 4) Paren", Some(("4", Open, false, "Paren")));
    }

    #[test]
    fn wild_forms() {
        check("- [ ] * 1.3 Title", Some(("1.3", Open, true, "Title")));
        check("- [ ] 1.3* Title", Some(("1.3", Open, true, "Title")));
        check("- [ ] 1.3.\\* Title", Some(("1.3", Open, true, "Title")));
        check("- [x] **1. T** (dep: 1, 7b)", Some(("1", Done, false, "T (dep: 1, 7b)")));
        check("- [x] **1.** T", Some(("1", Done, false, "T")));
        check("- [ ] 1 Title", Some(("1", Open, false, "Title")));
        check("- [ ] 7b. Title", Some(("7b", Open, false, "Title")));
        check("- [ ] 18b.1 Title", Some(("18b.1", Open, false, "Title")));
        check("- [ ] T-4: Title", Some(("T-4", Open, false, "Title")));
        check("- [ ] T001 Title", Some(("T001", Open, false, "Title")));
        check("- [ ] Task 1.1: Title", Some(("1.1", Open, false, "Title")));
        check("- [ ] Title alone", Some(("", Open, false, "Title alone")));
        check("- [ ] **Bold** title", Some(("", Open, false, "**Bold** title")));
        check("- [!] 3. Blocked", Some(("3", Open, false, "Blocked")));
        check("- [ ] 1. 2.5 times faster", Some(("1", Open, false, "2.5 times faster")));
        check("- [ ] 2x faster", Some(("", Open, false, "2x faster")));
        check("- [ ] 3D view", Some(("", Open, false, "3D view")));
        check("- [ ] 1.", Some(("1", Open, false, "")));
        check("- [ ] Test it", Some(("", Open, false, "Test it")));
        check("- [x]* 2. ギルド", Some(("2", Done, true, "ギルド")));
    }

    #[test]
    fn lines_that_are_no_task() {
        for line in [
            "- [] x", "- [a](b)", "- [x](b)", "[ ] x", "-[ ] x", "- [ ]", "- [ ]x", "- [  ] x", "1. [ ] x",
            "- [1] x",
        ] {
            check(line, None);
        }
        assert_eq!(read(b"- [] x"), Some(BoxLine::Empty));
        assert_eq!(read(b"- [\xE2\x9C\x93] x"), None);
    }
}

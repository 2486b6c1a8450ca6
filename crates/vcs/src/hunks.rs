//! What differs between two texts, as hunks of lines. Touches nothing.

use imara_diff::{Algorithm, Diff, InternedInput};

/// How many unchanged lines stand before and after a change.
const CONTEXT_LINES: u32 = 3;
/// How many lines the hunks of one file have at most.
const LINES_MAX: u32 = 10_000;
/// How many characters of a line are kept.
const LINE_CHARS_MAX: usize = 2_000;
/// How far into a file a zero byte says that it is not text; git looks as far.
const BINARY_BYTES: usize = 8_000;

/// A place where two texts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Its first line before, from 1; the line in front of it when it has no line before.
    pub old_start: u32,
    /// How many lines it had before.
    pub old_len: u32,
    /// Its first line after, in the same way.
    pub new_start: u32,
    /// How many lines it has after.
    pub new_len: u32,
    /// Its lines, in order.
    pub lines: Vec<Line>,
}

/// A line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// On which side it stands.
    pub side: Side,
    /// Its text without its end; bytes that are no UTF-8 are replaced, and a very long one is cut.
    pub text: String,
}

/// On which side a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// On both: it did not change.
    Both,
    /// Before only: it was removed.
    Before,
    /// After only: it was added.
    After,
}

/// Two texts, compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Lines that came.
    pub added: u32,
    /// Lines that went.
    pub removed: u32,
    /// Where they differ, in order.
    pub hunks: Vec<Hunk>,
    /// Whether hunks were left out.
    pub cut: bool,
}

/// Compares two files; `None` when one of them is not text.
pub fn compare(before: &[u8], after: &[u8]) -> Option<Compared> {
    if [before, after].into_iter().any(is_binary) {
        return None;
    }
    let input = InternedInput::new(before, after);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let (added, removed) = (diff.count_additions(), diff.count_removals());
    let lengths = (count(input.before.len()), count(input.after.len()));
    let mut compared = Compared { added, removed, hunks: Vec::new(), cut: false };
    let mut lines_left = LINES_MAX;
    let mut changes = diff.hunks().peekable();
    while let Some(first) = changes.next() {
        let mut group = vec![first];
        // Changes whose surroundings would overlap are one hunk.
        while let Some(last) = group.last().map(|last| last.before.end)
            && let Some(next) = changes.next_if(|next| next.before.start - last <= 2 * CONTEXT_LINES)
        {
            group.push(next);
        }
        let (Some(first), Some(last)) = (group.first(), group.last()) else { break };
        let lead = CONTEXT_LINES.min(first.before.start);
        let trail = CONTEXT_LINES.min(lengths.0 - last.before.end);
        let (old_from, old_to) = (first.before.start - lead, last.before.end + trail);
        let (new_from, new_to) = (first.after.start - lead, last.after.end + trail);
        let lines = (old_to - old_from) + (new_to - new_from);
        if lines > lines_left {
            compared.cut = true;
            break;
        }
        lines_left -= lines;
        let mut kept = Vec::new();
        let mut push = |side, token: &imara_diff::Token| kept.push(line(side, input.interner[*token]));
        let mut at = old_from;
        for change in &group {
            range(&input.before, at, change.before.start).iter().for_each(|token| push(Side::Both, token));
            let gone = range(&input.before, change.before.start, change.before.end);
            gone.iter().for_each(|token| push(Side::Before, token));
            let come = range(&input.after, change.after.start, change.after.end);
            come.iter().for_each(|token| push(Side::After, token));
            at = change.before.end;
        }
        range(&input.before, at, old_to).iter().for_each(|token| push(Side::Both, token));
        compared.hunks.push(Hunk {
            old_start: old_from + u32::from(old_to > old_from),
            old_len: old_to - old_from,
            new_start: new_from + u32::from(new_to > new_from),
            new_len: new_to - new_from,
            lines: kept,
        });
    }
    Some(compared)
}

fn is_binary(text: &[u8]) -> bool {
    text.iter().take(BINARY_BYTES).any(|byte| *byte == 0)
}

fn range<T>(all: &[T], from: u32, to: u32) -> &[T] {
    let index = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    all.get(index(from)..index(to)).unwrap_or_default()
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn line(side: Side, text: &[u8]) -> Line {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let text = String::from_utf8_lossy(text);
    let text = match text.char_indices().nth(LINE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    };
    Line { side, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hunks as a person knows them.
    fn shown(before: &str, after: &str) -> String {
        let compared = compare(before.as_bytes(), after.as_bytes()).unwrap();
        let mut out = format!("+{} -{}\n", compared.added, compared.removed);
        for hunk in compared.hunks {
            let Hunk { old_start, old_len, new_start, new_len, lines } = hunk;
            out.push_str(&format!("@@ -{old_start},{old_len} +{new_start},{new_len} @@\n"));
            for Line { side, text } in lines {
                let mark = match side {
                    Side::Both => ' ',
                    Side::Before => '-',
                    Side::After => '+',
                };
                out.push_str(&format!("{mark}{text}\n"));
            }
        }
        out
    }

    fn numbers(lines: std::ops::RangeInclusive<u32>) -> String {
        lines.map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn hunks_are_those_of_a_unified_diff() {
        let before = numbers(1..=30);
        let changed = before.replace("\n10\n", "\nten\n").replace("\n20\n", "\n");
        let expected = "+1 -2\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n\
                        @@ -17,7 +17,6 @@\n 17\n 18\n 19\n-20\n 21\n 22\n 23\n";
        assert_eq!(shown(&before, &changed), expected);
        let near = before.replace("\n10\n", "\nten\n").replace("\n17\n", "\nseventeen\n");
        assert_eq!(shown(&before, &near).matches("@@ -").count(), 1, "six lines between: one hunk");
        assert_eq!(shown("", "a\nb\n"), "+2 -0\n@@ -0,0 +1,2 @@\n+a\n+b\n");
        assert_eq!(shown("a\nb", ""), "+0 -2\n@@ -1,2 +0,0 @@\n-a\n-b\n");
        assert_eq!(shown("a\n", "a\n"), "+0 -0\n");
    }

    #[test]
    fn what_is_not_text_or_too_much_is_said() {
        assert!(compare(b"a\0b", b"a").is_none());
        assert_eq!(compare(b"caf\xe9\n", b"").unwrap().hunks[0].lines[0].text, "caf\u{fffd}");
        let long = compare(b"", numbers(1..=20_000).as_bytes()).unwrap();
        assert_eq!((long.added, long.hunks.len(), long.cut), (20_000, 0, true));
        let wide = compare(b"", "é".repeat(5_000).as_bytes()).unwrap();
        assert_eq!(wide.hunks[0].lines[0].text.chars().count(), LINE_CHARS_MAX + 1);
    }
}

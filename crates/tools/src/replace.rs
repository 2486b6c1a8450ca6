//! Replaces pieces of a text, all or none, and never where there is a doubt which piece is meant. Pure.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::text::excerpt;
use crate::tolerant::{self, Lines};

/// How many places a refusal lists.
const LISTED_MAX: usize = 6;

/// One replacement, as a model writes it.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(crate) struct Replacement {
    #[serde(alias = "old", alias = "old_string", alias = "oldString", alias = "oldText", alias = "old_str")]
    pub(crate) old_text: String,
    #[serde(alias = "new", alias = "new_string", alias = "newString", alias = "newText", alias = "new_str")]
    pub(crate) new_text: String,
    #[serde(default, alias = "replace_all", alias = "replaceAll", deserialize_with = "crate::input::flag")]
    pub(crate) all: bool,
}

/// A text with all replacements done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replaced {
    pub(crate) text: String,
    /// The line in the new text at which each replaced piece begins, from 1, in order.
    pub(crate) lines: Vec<usize>,
    /// How many pieces were found only by overlooking white space.
    pub(crate) loose: usize,
}

/// A piece of the text that goes, and what comes in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) range: Range<usize>,
    pub(crate) new: String,
}

/// Does all replacements on the text as it is, or says why not. A line end in a replacement follows its
/// surroundings.
pub(crate) fn replace(text: &str, replacements: &[Replacement]) -> Result<Replaced, String> {
    let flat = Flat::of(text);
    let (mut splices, mut loose) = (Vec::new(), 0);
    for (at, replacement) in replacements.iter().enumerate() {
        let name = if replacements.len() == 1 { String::new() } else { format!("edit {}: ", at + 1) };
        let (found, is_loose) = find(&flat.text, replacement).map_err(|why| format!("{name}{why}"))?;
        loose += if is_loose { found.len() } else { 0 };
        splices.extend(found.into_iter().map(|splice| (at, splice)));
    }
    splices.sort_by_key(|(_, splice)| (splice.range.start, splice.range.end));
    for ((first_at, first), (second_at, second)) in splices.iter().zip(splices.iter().skip(1)) {
        if first.range.end > second.range.start || first.range == second.range {
            return Err(format!(
                "edits {} and {} overlap at line {}; join them into one",
                first_at + 1,
                second_at + 1,
                line_of(&flat.text, second.range.start)
            ));
        }
    }
    let (mut new, mut end, mut lines) = (String::with_capacity(text.len()), 0, Vec::new());
    let mut line = 1;
    for (_, splice) in &splices {
        let range = flat.original(splice.range.start)..flat.original(splice.range.end);
        let between = text.get(end..range.start).unwrap_or_default();
        new.push_str(between);
        line += between.matches('\n').count();
        lines.push(line);
        let piece = if flat.ends_lines_with_cr(text, range.start) {
            splice.new.replace('\n', "\r\n")
        } else {
            splice.new.clone()
        };
        line += piece.matches('\n').count();
        new.push_str(&piece);
        end = range.end;
    }
    new.push_str(text.get(end..).unwrap_or_default());
    Ok(Replaced { text: new, lines, loose })
}

/// Where the old text is and what goes in its place; and whether white space had to be overlooked.
fn find(text: &str, replacement: &Replacement) -> Result<(Vec<Splice>, bool), String> {
    let old = replacement.old_text.replace("\r\n", "\n");
    let new = replacement.new_text.replace("\r\n", "\n");
    if old.is_empty() {
        return Err("old_text is empty; to fill or create a file use `write`".to_string());
    }
    if old == new {
        return Err("old_text and new_text are the same; there is nothing to change".to_string());
    }
    let starts = occurrences(text, &old);
    if starts.len() == 1 || (replacement.all && !starts.is_empty()) {
        let mut splices: Vec<Splice> = Vec::with_capacity(starts.len());
        for start in starts {
            if splices.last().is_none_or(|last| last.range.end <= start) {
                splices.push(Splice { range: start..start + old.len(), new: new.clone() });
            }
        }
        return Ok((splices.into_iter().map(|splice| trim(text, splice)).collect(), false));
    }
    if starts.len() > 1 {
        return Err(ambiguous(text, &starts, ""));
    }
    let lines = Lines::of(text);
    let candidates = tolerant::find(&lines, &old, &new)?;
    match candidates.as_slice() {
        [] => Err(tolerant::absent(&lines, &old, &new)),
        [one] => Ok((vec![trim(text, one.clone())], true)),
        many if replacement.all => Ok((many.to_vec(), true)),
        many => {
            let starts: Vec<usize> = many.iter().map(|splice| splice.range.start).collect();
            Err(ambiguous(text, &starts, " when white space is overlooked"))
        }
    }
}

/// Where a text occurs; occurrences may overlap, because also then nobody can tell which one is meant.
fn occurrences(text: &str, old: &str) -> Vec<usize> {
    let (mut starts, mut from) = (Vec::new(), 0);
    let step = old.chars().next().map_or(1, char::len_utf8);
    while let Some(found) = text.get(from..).and_then(|rest| rest.find(old)) {
        starts.push(from + found);
        from += found + step;
    }
    starts
}

fn ambiguous(text: &str, starts: &[usize], how: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let listed = starts.iter().take(LISTED_MAX).map(|start| {
        let number = line_of(text, *start);
        let at = lines.get(number - 1).copied().unwrap_or_default();
        let before = lines.iter().take(number - 1).rev().find(|line| !line.trim().is_empty());
        let before = before.map_or(String::new(), |line| format!(" (after `{}`)", excerpt(line.trim())));
        format!("\n  line {number}: `{}`{before}", excerpt(at))
    });
    let listed: String = listed.collect();
    let more = starts.len().saturating_sub(LISTED_MAX);
    let more = if more == 0 { String::new() } else { format!("\n  and {more} more") };
    format!(
        "old_text occurs {} times{how}:{listed}{more}\nAdd lines around it so that it occurs once, or set `all`",
        starts.len()
    )
}

/// Leaves what old and new have in common at their ends alone, so that it keeps its own bytes.
fn trim(text: &str, splice: Splice) -> Splice {
    let Splice { range, new } = splice;
    let old = text.get(range.clone()).unwrap_or_default();
    let common: usize =
        old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (old_rest, new_rest) = (old.get(common..).unwrap_or_default(), new.get(common..).unwrap_or_default());
    let ends = old_rest.chars().rev().zip(new_rest.chars().rev());
    let tail: usize = ends.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let kept = new_rest.get(..new_rest.len() - tail).unwrap_or_default();
    Splice { range: range.start + common..range.end - tail, new: kept.to_string() }
}

/// The line in which a position lies, from 1.
pub(crate) fn line_of(text: &str, position: usize) -> usize {
    1 + text.get(..position).unwrap_or_default().matches('\n').count()
}

/// A text with every `\r\n` as `\n`, and the way back to positions in the original.
struct Flat {
    text: String,
    /// Positions in `text` of line ends that lost their `\r`, in order.
    dropped: Vec<usize>,
}

impl Flat {
    fn of(text: &str) -> Flat {
        let mut flat = Flat { text: String::with_capacity(text.len()), dropped: Vec::new() };
        let mut pieces = text.split("\r\n");
        flat.text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            flat.dropped.push(flat.text.len());
            flat.text.push('\n');
            flat.text.push_str(piece);
        }
        flat
    }

    fn original(&self, position: usize) -> usize {
        position + self.dropped.partition_point(|dropped| *dropped < position)
    }

    /// Whether new lines at this position of the original end in `\r\n`: as the line there does, or else as
    /// the one before it.
    fn ends_lines_with_cr(&self, text: &str, position: usize) -> bool {
        if self.dropped.is_empty() {
            return false;
        }
        let (before, after) = text.split_at_checked(position).unwrap_or((text, ""));
        match (after.find('\n'), before.rfind('\n')) {
            (Some(end), _) => after.get(..end).is_some_and(|line| line.ends_with('\r')),
            (None, Some(end)) => before.get(..end).is_some_and(|line| line.ends_with('\r')),
            (None, None) => false,
        }
    }
}

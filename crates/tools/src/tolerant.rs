//! Finds lines that differ from the wanted ones in white space only, and says what was found when none do. Pure.
//!
//! Two steps, each only when the one before found nothing: first white space at line ends is overlooked, then
//! indentation too, as long as it is shifted in the same way throughout; the new lines are shifted along.

use std::collections::HashMap;

use crate::replace::Splice;
use crate::similar;
use crate::text::excerpt;

/// A text, its lines, and where each begins.
pub(crate) struct Lines<'a> {
    pub(crate) text: &'a str,
    /// Without their `\n`.
    pub(crate) lines: Vec<&'a str>,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Lines<'a> {
        let (mut lines, mut starts, mut start) = (Vec::new(), Vec::new(), 0);
        for line in text.split_inclusive('\n') {
            lines.push(line.strip_suffix('\n').unwrap_or(line));
            starts.push(start);
            start += line.len();
        }
        Lines { text, lines, starts }
    }

    /// The bytes from the beginning of one line to the end of another, without its `\n`.
    fn range(&self, first: usize, last: usize) -> std::ops::Range<usize> {
        let start = self.starts.get(first).copied().unwrap_or(self.text.len());
        let end = self.starts.get(last).copied().unwrap_or(self.text.len());
        start..end + self.lines.get(last).map_or(0, |line| line.len())
    }
}

/// The places where the old text stands but for white space, with what goes there.
pub(crate) fn find(file: &Lines<'_>, old: &str, new: &str) -> Result<Vec<Splice>, String> {
    let wanted = Lines::of(old).lines;
    if wanted.iter().all(|line| line.trim().is_empty()) {
        return Ok(Vec::new());
    }
    let same_but_ends = |a: &str, b: &str| a.trim_end() == b.trim_end();
    let places = windows(file, &wanted, same_but_ends);
    let splices: Option<Vec<Splice>> = if places.is_empty() {
        let shifted = windows(file, &wanted, |a, b| a.trim() == b.trim()).into_iter().filter_map(|first| {
            let here = file.lines.iter().skip(first).copied().zip(wanted.iter().copied());
            Shift::between(here).map(|shift| (first, shift))
        });
        shifted.map(|(first, shift)| splice(file, first, &wanted, old, new, Some(&shift))).collect()
    } else {
        places.into_iter().map(|first| splice(file, first, &wanted, old, new, None)).collect()
    };
    splices.ok_or_else(|| {
        "old_text is there with another indentation, and new_text cannot be indented to match; copy old_text \
         with the indentation of the file"
            .to_string()
    })
}

/// First lines of all windows of the file in which every line is the same as the wanted one.
fn windows(file: &Lines<'_>, wanted: &[&str], same: impl Fn(&str, &str) -> bool) -> Vec<usize> {
    let count = (file.lines.len() + 1).saturating_sub(wanted.len());
    (0..count)
        .filter(|first| file.lines.iter().skip(*first).zip(wanted).all(|(line, wanted)| same(line, wanted)))
        .collect()
}

/// What to replace at these lines. Lines that old and new share keep the bytes of the file. `None` when a new
/// line cannot be shifted.
fn splice(
    file: &Lines<'_>,
    first: usize,
    wanted: &[&str],
    old: &str,
    new: &str,
    shift: Option<&Shift>,
) -> Option<Splice> {
    let last = first + wanted.len() - 1;
    let mut range = file.range(first, last);
    let new_lines = Lines::of(new).lines;
    let same_head = wanted.iter().zip(&new_lines).take_while(|(a, b)| a == b).count();
    let ends = wanted.iter().rev().zip(new_lines.iter().rev()).take_while(|(a, b)| a == b).count();
    let same_tail = ends.min(wanted.len().min(new_lines.len()) - same_head);
    let mut made = Vec::with_capacity(new_lines.len());
    for (at, line) in new_lines.iter().enumerate() {
        let kept = if at < same_head {
            file.lines.get(first + at)
        } else if at >= new_lines.len() - same_tail {
            file.lines.get(last + 1 - (new_lines.len() - at))
        } else {
            None
        };
        match (kept, shift) {
            (Some(kept), _) => made.push((*kept).to_string()),
            (None, Some(shift)) => made.push(shift.apply(line)?),
            (None, None) => made.push((*line).to_string()),
        }
    }
    let mut made_text = made.join("\n");
    // The line end after the last line belongs to the piece exactly when the old text has it and the file has it.
    if old.ends_with('\n') && range.end < file.text.len() {
        range.end += 1;
        if new.ends_with('\n') {
            made_text.push('\n');
        }
    } else if !old.ends_with('\n') && new.ends_with('\n') {
        made_text.push('\n');
    }
    Some(Splice { range, new: made_text })
}

/// How indentation in the old text corresponds to indentation in the file.
struct Shift {
    /// Indentation in the old text and in the file, for each that occurs.
    pairs: Vec<(String, String)>,
}

impl Shift {
    /// The shift between lines of the file and wanted lines, if the same wanted indentation is always the same
    /// indentation in the file, and deeper is deeper.
    fn between<'a>(lines: impl Iterator<Item = (&'a str, &'a str)>) -> Option<Shift> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (line, wanted) in lines.filter(|(_, wanted)| !wanted.trim().is_empty()) {
            let pair = (indent(wanted).to_string(), indent(line).to_string());
            match pairs.iter().find(|(old, file)| *old == pair.0 || *file == pair.1) {
                Some(known) if *known != pair => return None,
                Some(_) => {}
                None => pairs.push(pair),
            }
        }
        pairs.sort_by_key(|(old, _)| width(old));
        let deeper = pairs.iter().zip(pairs.iter().skip(1)).all(|(a, b)| width(&a.1) < width(&b.1));
        deeper.then_some(Shift { pairs })
    }

    /// The line with its indentation as the file would have it, or `None` when that cannot be told.
    fn apply(&self, line: &str) -> Option<String> {
        let content = line.trim_start();
        if content.is_empty() {
            return Some(String::new());
        }
        let own = indent(line);
        if let Some((_, file)) = self.pairs.iter().find(|(old, _)| old == own) {
            return Some(format!("{file}{content}"));
        }
        // Deeper than a known indentation: that one, and the rest in the file's own manner.
        let below = self.pairs.iter().rev().find(|(old, _)| own.starts_with(old.as_str()));
        if let Some((old, file)) = below {
            return Some(format!("{file}{}{content}", self.convert(own.get(old.len()..)?)?));
        }
        // Shallower than all of them: what is missing in the old is missing in the file.
        let (old, file) = self.pairs.first()?;
        let missing = self.convert(old.strip_prefix(own)?)?;
        file.strip_suffix(missing.as_str()).map(|file| format!("{file}{content}"))
    }

    /// Additional indentation of the old text in the manner of the file: tabs for spaces or the other way
    /// round where the pairs show that.
    fn convert(&self, more: &str) -> Option<String> {
        let is_all = |text: &str, c: char| !text.is_empty() && text.chars().all(|found| found == c);
        let differing = self.pairs.iter().find_map(|(old, file)| {
            let spaces_to_tabs = is_all(old, ' ') && is_all(file, '\t') && old.len() % file.len() == 0;
            let tabs_to_spaces = is_all(old, '\t') && is_all(file, ' ') && file.len() % old.len() == 0;
            (spaces_to_tabs || tabs_to_spaces).then_some((old.len(), file.len()))
        });
        match differing {
            None => Some(more.to_string()),
            Some((old, file)) if old >= file && is_all(more, ' ') => {
                let per_tab = old / file;
                more.len().is_multiple_of(per_tab).then(|| "\t".repeat(more.len() / per_tab))
            }
            Some((old, file)) if is_all(more, '\t') => Some(" ".repeat(more.len() * (file / old))),
            Some(_) => None,
        }
    }
}

fn indent(line: &str) -> &str {
    line.get(..line.len() - line.trim_start().len()).unwrap_or_default()
}

/// How deep an indentation is; a tab counts as four, which only has to be the same everywhere.
fn width(indent: &str) -> usize {
    indent.chars().map(|c| if c == '\t' { 4 } else { 1 }).sum()
}

/// What to say when the old text is nowhere: the closest region and where it differs.
pub(crate) fn absent(file: &Lines<'_>, old: &str, new: &str) -> String {
    if !new.trim().is_empty() && file.text.matches(new).count() == 1 {
        let line = crate::replace::line_of(file.text, file.text.find(new).unwrap_or(0));
        return format!(
            "old_text is not there, but new_text is already, at line {line}: perhaps the edit was done"
        );
    }
    let wanted = Lines::of(old).lines;
    let Some(first) = closest(file, &wanted) else {
        return "old_text is not there, and nothing like it; read the file again".to_string();
    };
    // What differs in more than white space tells more.
    let pairs = || file.lines.iter().skip(first).zip(&wanted).enumerate();
    let differs = pairs()
        .find(|(_, (line, wanted))| line.trim() != wanted.trim())
        .or_else(|| pairs().find(|(_, (line, wanted))| line.trim_end() != wanted.trim_end()));
    let last = (first + wanted.len()).min(file.lines.len());
    let Some((at, (line, wanted))) = differs else {
        return format!("old_text is not there: it goes on after the last line of the file ({last})");
    };
    let how = if line.trim() == wanted.trim() { " (only the indentation)" } else { "" };
    format!(
        "old_text is not there. Closest are lines {}-{last}; line {} differs{how}:\n  file:     `{}`\n  old_text: \
         `{}`",
        first + 1,
        first + at + 1,
        excerpt(line),
        excerpt(wanted)
    )
}

/// The first line of the window with the most lines in common, or around the most similar line.
fn closest(file: &Lines<'_>, wanted: &[&str]) -> Option<usize> {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, line) in wanted.iter().enumerate().filter(|(_, line)| line.trim().len() > 2) {
        places.entry(line.trim()).or_default().push(at);
    }
    let mut votes: HashMap<usize, usize> = HashMap::new();
    for (number, line) in file.lines.iter().enumerate() {
        for at in places.get(line.trim()).into_iter().flatten() {
            if let Some(first) = number.checked_sub(*at) {
                *votes.entry(first).or_default() += 1;
            }
        }
    }
    let most = votes.into_iter().max_by_key(|(first, count)| (*count, std::cmp::Reverse(*first)));
    if let Some((first, _)) = most {
        return Some(first);
    }
    let (at, longest) = wanted.iter().enumerate().max_by_key(|(_, line)| line.trim().len())?;
    similar::closest_line(&file.lines, longest).map(|number| number.saturating_sub(at))
}

//! How alike two short texts are: for hints in refusals, never for decisions. Pure.

use std::collections::HashSet;

/// How many lines are compared when the closest one is looked for.
const LINES_MAX: usize = 20_000;

/// How many characters of a text are compared.
const CHARS_MAX: usize = 200;

/// The share of pairs of neighbouring characters that two texts have in common, in percent.
pub(crate) fn likeness(a: &str, b: &str) -> usize {
    let (a, b) = (pairs(a), pairs(b));
    let common = a.intersection(&b).count();
    (200 * common).checked_div(a.len() + b.len()).unwrap_or(0)
}

/// The line that is most like the wanted one, if any is at least half like it.
pub(crate) fn closest_line(lines: &[&str], wanted: &str) -> Option<usize> {
    let wanted = wanted.trim();
    let scored =
        lines.iter().take(LINES_MAX).enumerate().map(|(at, line)| (likeness(line.trim(), wanted), at));
    let best = scored.max_by_key(|(score, at)| (*score, std::cmp::Reverse(*at)))?;
    (best.0 >= 50).then_some(best.1)
}

/// The names most like the wanted one, best first, at most `count`.
pub(crate) fn closest_names(names: impl Iterator<Item = String>, wanted: &str, count: usize) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let mut scored: Vec<(usize, String)> = names
        .map(|name| (likeness(&name.to_lowercase(), &wanted), name))
        .filter(|(score, _)| *score >= 50)
        .collect();
    scored.sort_by(|a, b| (std::cmp::Reverse(a.0), &a.1).cmp(&(std::cmp::Reverse(b.0), &b.1)));
    scored.into_iter().take(count).map(|(_, name)| name).collect()
}

fn pairs(text: &str) -> HashSet<(char, char)> {
    // A mark at both ends, so that texts of one character have pairs too.
    let marked = || std::iter::once('\0').chain(text.chars().take(CHARS_MAX)).chain(std::iter::once('\0'));
    marked().zip(marked().skip(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        let names = ["main.rs", "lib.rs", "limits.rs", "README.md"].map(str::to_string);
        assert_eq!(closest_names(names.clone().into_iter(), "mian.rs", 3), ["main.rs"]);
        assert_eq!(closest_names(names.clone().into_iter(), "limit.rs", 1), ["limits.rs"]);
        assert_eq!(closest_names(names.into_iter(), "zzz", 3), Vec::<String>::new());
        assert_eq!(closest_line(&["fn a() {", "    let total = 1;", "}"], "let total = 2;"), Some(1));
    }
}

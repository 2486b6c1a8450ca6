//! How alike two short words are. Knows no list of its own.

/// Bytes of a word that is compared; longer ones are never alike.
pub(crate) const WORD_BYTES_MAX: usize = 64;

/// Letters to change, add, leave out or swap with their neighbour to make one word of the other; `None` when there are
/// more than `max`.
pub(crate) fn distance(a: &str, b: &str, max: usize) -> Option<usize> {
    if a.len() > WORD_BYTES_MAX || b.len() > WORD_BYTES_MAX {
        return None;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > max {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, to) in b.iter().enumerate() {
            let of = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut cost =
                (of(&last, j) + usize::from(from != to)).min(of(&last, j + 1) + 1).min(of(&row, j) + 1);
            let is_swap = i > 0 && j > 0 && a.get(i - 1) == Some(to) && b.get(j - 1) == Some(from);
            if is_swap {
                cost = cost.min(of(&before, j - 1) + 1);
            }
            row.push(cost);
        }
        if row.iter().min().is_some_and(|least| *least > max + 1) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|distance| *distance <= max)
}

/// The candidate that a person probably meant: the same last part, or at most a quarter of its letters wrong.
pub(crate) fn nearest<'a>(words: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let max = (words.chars().count() / 4).clamp(1, 4);
    candidates
        .filter_map(|candidate| {
            let is_part = candidate.rsplit('/').next() == Some(words);
            let far = if is_part { Some(0) } else { distance(words, candidate, max) };
            far.map(|far| (far, candidate))
        })
        .min_by_key(|(far, _)| *far)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let check = |a, b, expected| assert_eq!(distance(a, b, 2), expected, "{a} {b}");
        check("same", "same", Some(0));
        check("servce", "service", Some(1));
        check("sevrice", "service", Some(1));
        check("größe", "grosse", None);
        check("a", "abcd", None);
        check("abc", "xyz", None);
        assert_eq!(distance(&"a".repeat(65), &"a".repeat(65), 2), None);
    }

    #[test]
    fn the_nearest() {
        let known = ["words/vague", "words/escape"];
        let check = |words, expected| assert_eq!(nearest(words, known.into_iter()), expected, "{words}");
        check("words/vauge", Some("words/vague"));
        check("escape", Some("words/escape"));
        check("graph/unknown", None);
    }
}

//! The places of one file where the words stand closest together, as lines. Pure.

use symbols::Symbol;

use super::terms::{Terms, each_word};

/// How many lines belong together around the words.
const WINDOW_LINES: usize = 24;

/// The longest symbol that is given whole, in lines.
const SYMBOL_LINES_MAX: usize = 70;

/// How many places of one file are given.
const PLACES_MAX: usize = 2;

/// The longest line that is given, in characters.
const LINE_CHARS_MAX: usize = 400;

/// Some lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The first line, from 1.
    pub first: usize,
    /// The last line.
    pub last: usize,
    /// The lines.
    pub text: String,
}

/// The best places, in the order of their lines.
pub(crate) fn best(text: &str, symbols: &[Symbol], terms: &Terms, rarity: &[f64]) -> Vec<Snippet> {
    let lines: Vec<&str> = text.lines().collect();
    let weights: Vec<f64> = lines.iter().map(|line| weigh(line, terms, rarity)).collect();
    let mut taken: Vec<(usize, usize)> = Vec::new();
    let mut best_of_all = 0.0;
    for _ in 0..PLACES_MAX {
        let Some((center, sum)) = densest(&weights, &taken) else { break };
        // A second place must be worth it.
        if sum <= 0.0 || sum < best_of_all * 0.6 {
            break;
        }
        best_of_all = f64::max(best_of_all, sum);
        taken.push(around(center, lines.len(), symbols));
    }
    taken.sort_unstable();
    taken.into_iter().map(|(first, last)| snippet(&lines, first, last)).collect()
}

fn weigh(line: &str, terms: &Terms, rarity: &[f64]) -> f64 {
    let mut seen = vec![false; terms.len()];
    let line = line.get(..line.floor_char_boundary(2000)).unwrap_or(line);
    each_word(line.as_bytes(), &mut |word, _| {
        if let Some(seen) = terms.find(word).and_then(|number| seen.get_mut(number)) {
            *seen = true;
        }
    });
    seen.iter().zip(rarity).filter(|(seen, _)| **seen).map(|(_, rarity)| rarity).sum()
}

/// The heaviest line of the heaviest window that is not taken yet, and the window's weight. Linear.
fn densest(weights: &[f64], taken: &[(usize, usize)]) -> Option<(usize, f64)> {
    let free = |at: usize| !taken.iter().any(|(first, last)| (*first..=*last).contains(&(at + 1)));
    let weight = |at: usize| weights.get(at).copied().filter(|_| free(at)).unwrap_or(0.0);
    let (mut sum, mut best) = (0.0, None::<(usize, f64)>);
    for end in 0..weights.len() {
        sum += weight(end);
        if end >= WINDOW_LINES {
            sum -= weight(end - WINDOW_LINES);
        }
        if best.is_none_or(|(_, known)| sum > known + 1e-9) {
            best = Some((end, sum));
        }
    }
    let (end, sum) = best?;
    let window = (end + 1).saturating_sub(WINDOW_LINES)..end + 1;
    let center = window.max_by(|a, b| weight(*a).total_cmp(&weight(*b)).then(b.cmp(a)))?;
    Some((center, sum))
}

/// The lines to give around one, from 1: the symbol that it stands in, when that is not too long.
fn around(center: usize, total: usize, symbols: &[Symbol]) -> (usize, usize) {
    let line = center + 1;
    let inside = symbols.iter().filter(|symbol| (symbol.above..=symbol.lines.1).contains(&line));
    let fitting = inside.filter(|symbol| symbol.lines.1 - symbol.above < SYMBOL_LINES_MAX);
    let widest = fitting.max_by_key(|symbol| symbol.lines.1 - symbol.above);
    let half = WINDOW_LINES / 2;
    let (first, last) = match widest {
        Some(symbol) => (symbol.above, symbol.lines.1),
        None => (line.saturating_sub(half).max(1), line + half),
    };
    // A symbol of a few lines says little alone.
    let (first, last) =
        if last - first < 8 { (first.saturating_sub(4).max(1), last + 4) } else { (first, last) };
    (first, last.min(total))
}

fn snippet(lines: &[&str], first: usize, last: usize) -> Snippet {
    let mut text = String::new();
    for line in lines.get(first.saturating_sub(1)..last).unwrap_or_default() {
        match line.char_indices().nth(LINE_CHARS_MAX) {
            Some((end, _)) => {
                text.push_str(line.get(..end).unwrap_or_default());
                text.push('…');
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    Snippet { first, last, text }
}

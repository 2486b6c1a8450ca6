//! Which files have most to do with the words: BM25 over their words, names, and symbols. Reads the best of them again.

use std::path::Path;

use super::scan::{Match, Scanned};
use super::snippet::{self, Snippet};
use super::terms::{Terms, each_word};
use crate::codebase::scan::FILE_BYTES_MAX;
use crate::file;

/// How many files are looked at for symbols and places.
const CLOSER_MAX: usize = 60;

/// How fast a word that stands often counts less, and how much a long file does.
const K1: f64 = 1.2;
const B: f64 = 0.6;

/// What a word in the name of a file, of a folder, of a symbol, at the beginning of a file counts, measured in files about it.
const IN_NAME: f64 = 1.6;
const IN_FOLDERS: f64 = 0.5;
const IN_HEAD: f64 = 0.7;
const IN_SYMBOL: f64 = 1.4;

/// A file that fits.
#[derive(Clone, Debug)]
pub struct Found {
    /// From the workspace, with `/`.
    pub path: String,
    /// How well it fits; only the order means something.
    pub score: f64,
    /// The best places in it, in the order of their lines.
    pub snippets: Vec<Snippet>,
}

/// The best files, best first.
pub(crate) fn best(workspace: &Path, terms: &Terms, scanned: Scanned, limit: usize) -> Vec<Found> {
    let files = as_float(scanned.files.max(1));
    let average = as_float(scanned.words.max(1)) / files;
    let rarity: Vec<f64> = scanned
        .spread
        .iter()
        .map(|spread| {
            let spread = as_float(*spread);
            (1.0 + (files - spread + 0.5) / (spread + 0.5)).ln()
        })
        .collect();
    let mut scored: Vec<(f64, Match)> =
        scanned.matches.into_iter().map(|it| (score(&it, &rarity, average, terms), it)).collect();
    let better = |a: &(f64, String), b: &(f64, String)| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1));
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.path.cmp(&b.1.path)));
    scored.truncate(CLOSER_MAX);
    let mut closer: Vec<(f64, String, Vec<Snippet>)> = Vec::new();
    for (score, it) in scored {
        let Ok((bytes, _)) = file::read(&workspace.join(&it.path), FILE_BYTES_MAX) else { continue };
        let symbols = symbols::read(&it.path, &bytes).unwrap_or_default();
        let named = symbols
            .iter()
            .map(|symbol| {
                let mut found = vec![false; terms.len()];
                each_word(symbol.qualified.as_bytes(), &mut |word, _| {
                    if let Some(found) = terms.find(word).and_then(|number| found.get_mut(number)) {
                        *found = true;
                    }
                });
                let weight = if symbol.is_test { 0.5 } else { 1.0 };
                weight
                    * found
                        .iter()
                        .zip(&rarity)
                        .filter(|(found, _)| **found)
                        .map(|(_, rarity)| rarity)
                        .sum::<f64>()
            })
            .fold(0.0, f64::max);
        let Some(text) = file::decode(&bytes) else { continue };
        let snippets = snippet::best(&text, &symbols, terms, &rarity);
        closer.push((score + IN_SYMBOL * named * kind(&it.path, terms), it.path, snippets));
    }
    closer.sort_by(|a, b| better(&(a.0, a.1.clone()), &(b.0, b.1.clone())));
    closer.truncate(limit);
    closer.into_iter().map(|(score, path, snippets)| Found { path, score, snippets }).collect()
}

fn score(it: &Match, rarity: &[f64], average: f64, terms: &Terms) -> f64 {
    let norm = K1 * (1.0 - B + B * as_float(it.length) / average);
    let (mut score, mut covered, mut all) = (0.0, 0.0, 0.0);
    let flags = it.in_name.iter().zip(&it.in_folders).zip(&it.in_head);
    for ((count, rarity), ((in_name, in_folders), in_head)) in it.counts.iter().zip(rarity).zip(flags) {
        let count = f64::from(*count);
        all += rarity;
        if count > 0.0 || *in_name {
            covered += rarity;
        }
        score += rarity * count * (K1 + 1.0) / (count + norm);
        if *in_head {
            score += rarity * IN_HEAD;
        }
        if *in_name {
            score += rarity * IN_NAME;
        } else if *in_folders {
            score += rarity * IN_FOLDERS;
        }
    }
    // A file with all the words is worth more than one that is full of a single one.
    score * (0.4 + 0.6 * covered / f64::max(all, f64::MIN_POSITIVE)) * kind(&it.path, terms)
}

/// Prose, tests and lists of changes count less than the code itself, unless they are asked for.
fn kind(path: &str, terms: &Terms) -> f64 {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or_default();
    if name.starts_with("changelog") || name.starts_with("license") {
        return 0.4;
    }
    let is_test =
        lower.split('/').any(|part| matches!(part, "test" | "tests" | "__tests__" | "fixtures" | "testdata"))
            || name.contains("_test.")
            || name.contains("_tests.")
            || name.contains(".test.")
            || name.contains(".spec.")
            || name.starts_with("test_");
    if is_test && !terms.asks_for_tests() {
        return 0.6;
    }
    match name.rsplit('.').next().unwrap_or_default() {
        "md" | "txt" | "rst" | "adoc" | "html" => 0.7,
        "json" | "csv" | "jsonl" | "xml" => 0.6,
        _ => 1.0,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of files and words are far below 2^52")]
fn as_float(count: usize) -> f64 {
    count as f64
}

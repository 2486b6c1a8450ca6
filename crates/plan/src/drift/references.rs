//! Where a lost file or symbol may be today. Proposes; changes no document.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Contents, Known};
use crate::trace::SymbolFact;

/// Files and symbols with the same name that are compared.
const CANDIDATES_MAX: usize = 200;

/// The file that a lost one most likely became, by its symbols and its name. Says how sure that is, in percent.
pub(super) fn file_again(path: &str, was: &Contents, known: &Known<'_>) -> Option<(String, u8)> {
    let same_name = known.files_like(path).iter().filter(|file| **file != path);
    let same_name: Vec<&str> = same_name.take(CANDIDATES_MAX).copied().collect();
    // Most of its symbols in one other file are a better sign than its name.
    let names: BTreeSet<&str> =
        was.symbols.iter().flatten().filter(|it| !it.is_test).map(|symbol| symbol.name.as_str()).collect();
    let mut holders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for symbol in names.iter().flat_map(|name| known.symbols_of(name).iter().take(CANDIDATES_MAX)) {
        holders.entry(&symbol.path).or_default().insert(&symbol.name);
    }
    let best = holders
        .iter()
        .map(|(path, found)| (found.len(), same_name.contains(path), *path))
        .max_by(|a, b| (a.0, a.1, b.2).cmp(&(b.0, b.1, a.2)));
    match (best, same_name.as_slice()) {
        (Some((count, _, path)), _) if count >= 2 && count * 2 >= names.len() => Some((path.to_string(), 80)),
        (_, [only]) => Some((only.to_string(), 70)),
        (Some((_, true, path)), _) => Some((path.to_string(), 70)),
        _ => None,
    }
}

/// The place that a lost symbol most likely has today: the same words under another name in its file, or its name in
/// the only other file that has it.
pub(super) fn symbol_again<'a>(
    lost: &SymbolFact,
    was: &[SymbolFact],
    now: &'a [SymbolFact],
    known: &Known<'a>,
) -> Option<&'a SymbolFact> {
    let is_new = |symbol: &&SymbolFact| !was.iter().any(|old| old.qualified == symbol.qualified);
    let mut same_shape = now.iter().filter(is_new).filter(|symbol| symbol.shape == lost.shape);
    if let (Some(only), None) = (same_shape.next(), same_shape.next()) {
        return Some(only);
    }
    let mut same_name = known.symbols_of(&lost.name).iter().filter(|symbol| symbol.path != lost.path);
    match (same_name.next(), same_name.next()) {
        (Some(only), None) => Some(*only),
        _ => None,
    }
}

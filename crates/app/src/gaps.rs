//! The gaps of a trace as a SARIF log: finds the places of documents and sources. Finds no gap itself.

use std::cell::RefCell;
use std::collections::BTreeMap;

use exchange::lines::Lines;
use exchange::place::Located;
use exchange::{gaps, sarif};
use index::repository::Entry;
use lint::{Finding, Place};
use plan::trace::Gaps;

use crate::tracing::Traced;

/// What is missing: in these specs, or everywhere with the tags and files that belong to none.
pub(crate) fn gaps_log(traced: &Traced, only: Option<&[&Entry]>) -> String {
    let lists: Vec<Gaps> = match only {
        Some(entries) => entries.iter().map(|entry| traced.trace.gaps(Some(&entry.place.name))).collect(),
        None => vec![traced.trace.gaps(None)],
    };
    let root = &traced.workspace.root;
    let mut sources: BTreeMap<&str, (Vec<u8>, index::Lines)> = BTreeMap::new();
    for tag in lists.iter().flat_map(|gaps| &gaps.loose_tags) {
        sources.entry(&tag.path).or_insert_with(|| {
            let bytes = index::sources::read(root, &tag.path).unwrap_or_default();
            let lines = index::Lines::of(&bytes);
            (bytes, lines)
        });
    }
    let specs: BTreeMap<&str, &Entry> =
        traced.repository.specs.iter().map(|entry| (entry.place.name.as_str(), entry)).collect();
    let reading_of = |spec: &str| specs.get(spec).map(|entry| &entry.reading);
    let line_of = |path: &str, line: usize| {
        let of_it = sources.get(path).map(|(bytes, lines)| lines.span(bytes, line.saturating_sub(1)));
        of_it.unwrap_or_default()
    };
    let found: Vec<Finding> =
        lists.iter().flat_map(|gaps| gaps::findings(gaps, &reading_of, &line_of)).collect();
    // The lines of each file are counted once.
    let counted = RefCell::new(BTreeMap::new());
    let locate = |place: &Place| {
        let entry = specs.get(place.spec.as_str());
        let path = match entry {
            Some(entry) => {
                let path = entry.place.file(&place.file);
                path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/")
            }
            None => place.file.clone(),
        };
        let bytes = || match entry {
            Some(entry) => {
                let mut texts = entry.reading.texts();
                texts.find(|(file, _)| *file == place.file).map(|(_, bytes)| bytes)
            }
            None => sources.get(place.file.as_str()).map(|(bytes, _)| bytes.as_slice()),
        };
        let key = (place.spec.clone(), place.file.clone());
        let mut counted = counted.borrow_mut();
        let known = counted.entry(key).or_insert_with(|| bytes().map(|bytes| (bytes, Lines::of(bytes))));
        Located { path, region: known.as_ref().map(|(bytes, lines)| lines.region(bytes, place.span)) }
    };
    let version = env!("CARGO_PKG_VERSION");
    sarif::write(&sarif::Input { version, findings: &found, rules: &gaps::rules(), locate: &locate })
}

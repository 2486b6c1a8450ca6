//! Where things stand in source files: which symbol or test holds a line. Knows no spec.

use std::collections::BTreeMap;

use super::facts::SymbolFact;

/// Symbols of one file that hold the same line; those further out are not looked at.
const AROUND_MAX: usize = 64;

/// A symbol at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The first line of its comments.
    pub(super) above: usize,
    /// Its own first line.
    pub(super) first: usize,
    /// Its last line.
    pub(super) last: usize,
    /// The bare name.
    pub(super) name: String,
    /// The qualified name.
    pub(super) qualified: String,
    /// One test.
    pub(super) is_test: bool,
    /// Holds others.
    pub(super) is_group: bool,
    /// Belongs to the tests.
    pub(super) is_of_tests: bool,
}

/// A file's symbols in the order of their lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FilePlaces {
    pub(super) symbols: Vec<Place>,
    /// For each symbol the place of the one around it.
    around: Vec<Option<usize>>,
}

/// All files by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    files: BTreeMap<String, FilePlaces>,
}

impl Places {
    pub(super) fn of(symbols: &[SymbolFact]) -> Places {
        let mut places = Places::default();
        for symbol in symbols {
            let file = places.files.entry(symbol.path.clone()).or_default();
            file.symbols.push(Place {
                above: symbol.above,
                first: symbol.lines.0,
                last: symbol.lines.1,
                name: symbol.name.clone(),
                qualified: symbol.qualified.clone(),
                is_test: symbol.is_test && !symbol.is_group,
                is_group: symbol.is_group,
                is_of_tests: symbol.is_test,
            });
        }
        for file in places.files.values_mut() {
            file.symbols
                .sort_by(|a, b| (a.first, b.last, &a.qualified).cmp(&(b.first, a.last, &b.qualified)));
            let mut open: Vec<usize> = Vec::new();
            for (at, symbol) in file.symbols.iter().enumerate() {
                while open
                    .last()
                    .and_then(|last| file.symbols.get(*last))
                    .is_some_and(|around| around.last < symbol.last || around.last < symbol.first)
                {
                    open.pop();
                }
                file.around.push(open.last().copied());
                open.push(at);
            }
        }
        places
    }

    pub(super) fn file(&self, path: &str) -> Option<&FilePlaces> {
        self.files.get(path)
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&String, &FilePlaces)> {
        self.files.iter()
    }
}

impl FilePlaces {
    /// The symbols that hold a line or whose comments do, innermost first.
    pub(super) fn at(&self, line: usize) -> Vec<usize> {
        let end = self.symbols.partition_point(|symbol| symbol.first <= line);
        let mut found = Vec::new();
        // Comments above a symbol stand before its first line, so it is the next one that they may belong to.
        if self.symbols.get(end).is_some_and(|next| next.above <= line) {
            found.push(end);
        }
        let mut at = end.checked_sub(1);
        let mut seen = 0;
        while let (Some(place), true) = (at, seen < AROUND_MAX) {
            let Some(symbol) = self.symbols.get(place) else { break };
            if symbol.last >= line && symbol.first <= line {
                found.push(place);
            }
            at = self.around.get(place).copied().flatten();
            seen += 1;
        }
        found
    }

    /// The symbols that lie in or touch a run of lines.
    pub(super) fn between(&self, first: usize, last: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.symbols.partition_point(|symbol| symbol.first <= last);
        let inside = self.symbols.partition_point(|symbol| symbol.first <= first);
        let around = self.at(first).into_iter().filter(move |place| *place < inside);
        around.chain(inside..end)
    }

    /// The tests that a tag at a line speaks of, and how sure that is, in percent.
    pub(super) fn tests_at(&self, line: usize) -> (Vec<usize>, u8) {
        let around = self.at(line);
        let is_test = |place: &usize| self.symbols.get(*place).is_some_and(|symbol| symbol.is_test);
        if let Some(test) = around.iter().copied().find(is_test) {
            return (vec![test], 100);
        }
        let group = around.iter().filter_map(|place| self.symbols.get(*place));
        if let Some(group) = group.into_iter().find(|symbol| symbol.is_group && symbol.is_of_tests) {
            let inside = |symbol: &Place| symbol.first >= group.first && symbol.last <= group.last;
            let tests =
                self.symbols.iter().enumerate().filter(|(_, symbol)| symbol.is_test && inside(symbol));
            return (tests.map(|(at, _)| at).collect(), 90);
        }
        if around.is_empty() {
            // A tag at the head of a file speaks of all its tests.
            let first = self.symbols.first().map(|symbol| symbol.first).unwrap_or(usize::MAX);
            let tests = self.symbols.iter().enumerate().filter(|(_, symbol)| symbol.is_test && line < first);
            return (tests.map(|(at, _)| at).collect(), 70);
        }
        (Vec::new(), 0)
    }
}

//! Which rules may speak of a target at all: found by a word that they have in common. Keeps decisions fast with many rules.

use std::collections::HashMap;

use crate::glob::{Key, Shape, ending};
use crate::rule::{Pattern, Text};
use crate::{Capability, Rule};

/// Numbers of rules, per capability.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    shelves: Vec<Shelf>,
}

#[derive(Clone, Debug, Default)]
struct Shelf {
    /// By a folded name that the path must have.
    by_name: HashMap<String, Vec<usize>>,
    /// By the ending that some name of the path must have.
    by_ending: HashMap<String, Vec<usize>>,
    /// By the first word of a command, in lower case.
    by_word: HashMap<String, Vec<usize>>,
    /// Those without such a name or word.
    any_path: Vec<usize>,
    any_text: Vec<usize>,
}

impl Index {
    /// Takes in a rule under its number. Numbers only grow.
    pub(crate) fn add(&mut self, number: usize, rule: &Rule) {
        self.shelves.resize_with(Capability::ALL.len(), Shelf::default);
        for (shelf, _) in
            self.shelves.iter_mut().zip(Capability::ALL).filter(|(_, capability)| rule.covers(*capability))
        {
            let patterns = rule.patterns();
            if patterns.is_empty() {
                push(&mut shelf.any_path, number);
                push(&mut shelf.any_text, number);
            }
            for pattern in patterns {
                for key in pattern.path_keys() {
                    match key {
                        Key::Name(key) => push(shelf.by_name.entry(key.to_string()).or_default(), number),
                        Key::Ending(key) => push(shelf.by_ending.entry(key).or_default(), number),
                        Key::None => push(&mut shelf.any_path, number),
                    }
                }
                match (pattern, pattern.first_word()) {
                    // Presets are asked by class, not by text.
                    (Pattern::Commands { .. }, _) => {}
                    (Pattern::Exactly(line), _) => {
                        let first = line.split(' ').next().unwrap_or("").to_lowercase();
                        push(shelf.by_word.entry(first).or_default(), number);
                    }
                    (_, Some(word)) => push(shelf.by_word.entry(word.to_string()).or_default(), number),
                    (_, None) => push(&mut shelf.any_text, number),
                }
            }
        }
    }

    /// The rules that may speak of a path.
    pub(crate) fn for_path<'a>(
        &'a self,
        capability: Capability,
        shape: &'a Shape,
    ) -> impl Iterator<Item = usize> + 'a {
        let shelf = self.shelf(capability);
        let named = shelf.into_iter().flat_map(|shelf| {
            shape.keys().flat_map(|key| {
                let ending = ending(key).and_then(|ending| shelf.by_ending.get(ending));
                shelf.by_name.get(key).into_iter().chain(ending)
            })
        });
        named.flatten().chain(shelf.into_iter().flat_map(|shelf| &shelf.any_path)).copied()
    }

    /// The rules that may speak of a command, a name or a URL.
    pub(crate) fn for_text<'a>(
        &'a self,
        capability: Capability,
        text: &Text,
    ) -> impl Iterator<Item = usize> + 'a {
        let shelf = self.shelf(capability);
        let named = shelf.and_then(|shelf| shelf.by_word.get(text.first_word()));
        named.into_iter().flatten().chain(shelf.into_iter().flat_map(|shelf| &shelf.any_text)).copied()
    }

    fn shelf(&self, capability: Capability) -> Option<&Shelf> {
        self.shelves.get(capability as usize)
    }
}

fn push(numbers: &mut Vec<usize>, number: usize) {
    if numbers.last() != Some(&number) {
        numbers.push(number);
    }
}

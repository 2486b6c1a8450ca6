//! The tags of sources and tests, found by what they speak about. Follows none: which spec and item a tag means is
//! decided when somebody asks, so that a document can change without a look at every tag.

use std::collections::HashMap;

use index::TagIndex;
use spec::tags::{CONFIDENT_MIN, Tag, TagKind};

/// What a tag says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    kind: TagKind,
    id: String,
    spec: Option<String>,
}

/// All tags of a folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tagged {
    index: TagIndex,
    /// File and place in the file's list.
    keys: HashMap<Key, Vec<(String, u32)>>,
}

impl Tagged {
    /// The tags of a scan.
    pub(crate) fn of(index: TagIndex) -> Tagged {
        let mut tagged = Tagged { index, keys: HashMap::new() };
        let files: Vec<String> = tagged.index.files.keys().cloned().collect();
        for file in files {
            tagged.enter(&file);
        }
        tagged
    }

    /// Reads one file anew; `None` when it is gone.
    pub(crate) fn update(&mut self, file: &str, bytes: Option<&[u8]>) {
        for key in self.index.files.get(file).into_iter().flat_map(|tags| &tags.tags).flat_map(keys_of) {
            if let Some(places) = self.keys.get_mut(&key) {
                places.retain(|(other, _)| other != file);
                if places.is_empty() {
                    self.keys.remove(&key);
                }
            }
        }
        self.index.update(file, bytes);
        self.enter(file);
    }

    fn enter(&mut self, file: &str) {
        let Some(tags) = self.index.files.get(file) else { return };
        for (at, tag) in tags.tags.iter().enumerate() {
            for key in keys_of(tag) {
                let place = (file.to_string(), u32::try_from(at).unwrap_or(u32::MAX));
                self.keys.entry(key).or_default().push(place);
            }
        }
    }

    /// The tags that say exactly this, by file.
    pub(crate) fn with<'a>(
        &'a self,
        kind: TagKind,
        id: &str,
        spec: Option<&str>,
    ) -> impl Iterator<Item = (&'a str, &'a Tag)> {
        let key = Key { kind, id: id.to_string(), spec: spec.map(str::to_string) };
        let places = self.keys.get(&key).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|(file, at)| {
            let tags = &self.index.files.get(file)?.tags;
            Some((file.as_str(), tags.get(*at as usize)?))
        })
    }

    /// The tags of a file in order.
    pub(crate) fn of_file(&self, file: &str) -> &[Tag] {
        self.index.files.get(file).map(|tags| tags.tags.as_slice()).unwrap_or_default()
    }

    /// Every file that has tags, with them.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[Tag])> {
        self.index.files.iter().map(|(file, tags)| (file.as_str(), tags.tags.as_slice()))
    }
}

fn keys_of(tag: &Tag) -> impl Iterator<Item = Key> {
    let ids = if tag.confidence >= CONFIDENT_MIN { tag.ids() } else { Vec::new() };
    let (kind, spec) = (tag.kind, tag.spec.clone());
    ids.into_iter().map(move |id| Key { kind, id, spec: spec.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_by_what_they_say() {
        let mut tagged = Tagged::default();
        let check = |tagged: &Tagged, id: &str, spec: Option<&str>, expected: &[&str]| {
            let found: Vec<String> = tagged
                .with(TagKind::Requirement, id, spec)
                .map(|(file, tag)| format!("{file}:{}", tag.line))
                .collect();
            assert_eq!(found, expected);
        };
        tagged.update("a.rs", Some(b"// Validates: Requirements 1.1-1.3\n// Validates: Requirements 1.2\n"));
        tagged.update("b.rs", Some(b"// @spec login#1.2\n"));
        check(&tagged, "1.2", None, &["a.rs:1", "a.rs:2"]);
        check(&tagged, "1.2", Some("login"), &["b.rs:1"]);
        check(&tagged, "1.3", None, &["a.rs:1"]);
        tagged.update("a.rs", Some(b"// Validates: Requirements 1.3\n"));
        tagged.update("b.rs", None);
        check(&tagged, "1.2", None, &[]);
        check(&tagged, "1.2", Some("login"), &[]);
        check(&tagged, "1.3", None, &["a.rs:1"]);
        assert!(tagged.keys.len() == 1, "{:?}", tagged.keys);
    }
}

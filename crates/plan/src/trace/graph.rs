//! Items and links between them, with quick ways along both ends of a link. Knows no documents.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

/// Links of one graph; those beyond are left out and said so.
pub(super) const LINKS_MAX: usize = 2_000_000;

/// Something that a trace can name. The order is the one in which they follow from each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// A requirement.
    Requirement {
        /// The spec.
        spec: String,
        /// Its number.
        id: String,
    },
    /// A criterion.
    Criterion {
        /// The spec.
        spec: String,
        /// Its id.
        id: String,
    },
    /// A correctness property.
    Property {
        /// The spec.
        spec: String,
        /// Its number.
        id: String,
    },
    /// A task.
    Task {
        /// The spec.
        spec: String,
        /// Its id.
        id: String,
    },
    /// A commit.
    Commit {
        /// Its name.
        hash: String,
    },
    /// A file, or a symbol in it.
    Code {
        /// The file.
        path: String,
        /// The qualified name; `None` for the file as a whole.
        symbol: Option<String>,
    },
    /// A test.
    Test {
        /// The file; the suite where the file is not known.
        path: String,
        /// The qualified name; empty for all tests of the file.
        name: String,
    },
}

impl Item {
    /// The criterion of that id.
    pub fn criterion(spec: &str, id: &str) -> Item {
        Item::Criterion { spec: spec.to_string(), id: id.to_string() }
    }

    /// The property of that number.
    pub fn property(spec: &str, id: &str) -> Item {
        Item::Property { spec: spec.to_string(), id: id.to_string() }
    }

    /// The task of that id.
    pub fn task(spec: &str, id: &str) -> Item {
        Item::Task { spec: spec.to_string(), id: id.to_string() }
    }
}

impl std::fmt::Display for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Item::Requirement { spec, id } => write!(f, "requirement {spec}#{id}"),
            Item::Criterion { spec, id } => write!(f, "criterion {spec}#{id}"),
            Item::Property { spec, id } => write!(f, "property {spec}#{id}"),
            Item::Task { spec, id } => write!(f, "task {spec}#{id}"),
            Item::Commit { hash } => write!(f, "commit {}", hash.get(..10).unwrap_or(hash)),
            Item::Code { path, symbol: None } => write!(f, "{path}"),
            Item::Code { path, symbol: Some(symbol) } => write!(f, "{path} {symbol}"),
            Item::Test { path, name } if name.is_empty() => write!(f, "tests of {path}"),
            Item::Test { path, name } => write!(f, "test {path} {name}"),
        }
    }
}

/// Where a link comes from. The order is the one of trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// Names look alike; a hint only.
    Lexical,
    /// A task names a path.
    NamedPath,
    /// A test ran code that a task changed.
    Executed,
    /// A task names a symbol.
    NamedSymbol,
    /// A commit ticked this one task.
    SoleTask,
    /// Words in source text name it.
    Tag,
    /// The journal of the task's run.
    Journal,
    /// The message of the commit names the task.
    Trailer,
    /// What a commit changed.
    Commit,
    /// The documents say so.
    Document,
}

impl Source {
    /// How sure a link of this source is, in percent.
    pub fn confidence(self) -> u8 {
        match self {
            Source::Lexical => 30,
            Source::NamedPath => 60,
            Source::Executed => 70,
            Source::NamedSymbol => 80,
            Source::SoleTask => 90,
            Source::Tag | Source::Journal | Source::Trailer | Source::Commit | Source::Document => 100,
        }
    }

    /// What it is called in messages.
    pub fn name(self) -> &'static str {
        match self {
            Source::Lexical => "similar names",
            Source::NamedPath => "named path",
            Source::Executed => "executed lines",
            Source::NamedSymbol => "named symbol",
            Source::SoleTask => "commit of this task alone",
            Source::Tag => "tag",
            Source::Journal => "journal",
            Source::Trailer => "trailer",
            Source::Commit => "commit",
            Source::Document => "document",
        }
    }
}

/// Why two items belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Link {
    /// How sure, in percent.
    pub confidence: u8,
    /// Where it comes from.
    pub source: Source,
}

impl Link {
    /// A link of that source with its own confidence.
    pub(super) fn of(source: Source) -> Link {
        Link { confidence: source.confidence(), source }
    }
}

/// Items and links. Links lead from what is wanted to what proves it.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    items: Vec<Item>,
    /// Items by their hashes, so that each is held once. The hash is seeded anew for each graph.
    places: HashMap<u64, Vec<usize>>,
    hasher: RandomState,
    links: Vec<(usize, usize, Link)>,
    /// Where the links of each item begin in `links`; one more than there are items.
    down: Vec<usize>,
    /// Links by their lower end, as places in `links`.
    up_links: Vec<usize>,
    /// Where the links to each item begin in `up_links`.
    up: Vec<usize>,
}

impl Graph {
    /// The node of an item, a new one when it is not there.
    pub(super) fn node(&mut self, item: Item) -> usize {
        let same = self.places.entry(self.hasher.hash_one(&item)).or_default();
        if let Some(node) = same.iter().find(|node| self.items.get(**node) == Some(&item)) {
            return *node;
        }
        let node = self.items.len();
        same.push(node);
        self.items.push(item);
        node
    }

    pub(super) fn find(&self, item: &Item) -> Option<usize> {
        let same = self.places.get(&self.hasher.hash_one(item))?;
        same.iter().find(|node| self.items.get(**node) == Some(item)).copied()
    }

    pub(super) fn item(&self, node: usize) -> Option<&Item> {
        self.items.get(node)
    }

    /// Adds a link. Says whether there was room.
    pub(super) fn link(&mut self, from: usize, to: usize, link: Link) -> bool {
        let has_room = self.links.len() < LINKS_MAX;
        if has_room && from != to {
            self.links.push((from, to, link));
        }
        has_room
    }

    /// Sorts, keeps the surest link between two items, and makes both ways quick.
    pub(super) fn finish(&mut self) {
        self.links.sort_unstable_by(|a, b| (a.0, a.1, b.2).cmp(&(b.0, b.1, a.2)));
        self.links.dedup_by_key(|link| (link.0, link.1));
        let count = self.items.len();
        self.down = offsets(self.links.iter().map(|link| link.0), count);
        self.up_links = (0..self.links.len()).collect();
        let links = &self.links;
        self.up_links.sort_by_key(|place| links.get(*place).map(|link| (link.1, link.0)));
        self.up =
            offsets(self.up_links.iter().filter_map(|place| links.get(*place)).map(|link| link.1), count);
    }

    /// What follows from an item.
    pub(super) fn below(&self, node: usize) -> impl Iterator<Item = (usize, Link)> + '_ {
        let range = self.range(&self.down, node);
        self.links.get(range).unwrap_or_default().iter().map(|(_, to, link)| (*to, *link))
    }

    /// What an item follows from.
    pub(super) fn above(&self, node: usize) -> impl Iterator<Item = (usize, Link)> + '_ {
        let range = self.range(&self.up, node);
        let places = self.up_links.get(range).unwrap_or_default();
        places.iter().filter_map(|place| self.links.get(*place)).map(|(from, _, link)| (*from, *link))
    }

    pub(super) fn links(&self) -> impl Iterator<Item = (&Item, &Item, Link)> {
        let mut links: Vec<(&Item, &Item, Link)> = self
            .links
            .iter()
            .filter_map(|(from, to, link)| Some((self.item(*from)?, self.item(*to)?, *link)))
            .collect();
        links.sort_unstable();
        links.into_iter()
    }

    fn range(&self, offsets: &[usize], node: usize) -> std::ops::Range<usize> {
        let at = |place: usize| offsets.get(place).copied().unwrap_or_default();
        at(node)..at(node + 1)
    }
}

/// For sorted numbers below `count`, where each begins.
fn offsets(numbers: impl Iterator<Item = usize>, count: usize) -> Vec<usize> {
    let mut offsets = vec![0; count + 1];
    for number in numbers {
        if let Some(offset) = offsets.get_mut(number + 1) {
            *offset += 1;
        }
    }
    let mut sum = 0;
    for offset in &mut offsets {
        sum += *offset;
        *offset = sum;
    }
    offsets
}

//! A spec as every format sees it: groups of criteria, tasks, notes. Knows no format.

use std::collections::{HashMap, HashSet};

use spec::State;

use super::File;

/// A spec between two formats.
#[derive(Clone, Debug, Default)]
pub(crate) struct Feature {
    /// The folder's name.
    pub(crate) name: String,
    /// In words.
    pub(crate) title: String,
    /// Markdown lines.
    pub(crate) introduction: Vec<String>,
    /// Markdown list lines, `- **Name**: meaning`.
    pub(crate) glossary: Vec<String>,
    pub(crate) groups: Vec<Group>,
    /// Sections of the requirements that no format shares.
    pub(crate) notes: Vec<Note>,
    /// A design document as it is, or sections for one.
    pub(crate) design: Design,
    /// Markdown lines before the tasks.
    pub(crate) overview: Vec<String>,
    pub(crate) tasks: Vec<Item>,
    /// Which leaves may be carried out together, by key.
    pub(crate) waves: Option<Vec<Vec<String>>>,
    /// Sections of the task document that no format shares.
    pub(crate) task_notes: Vec<Note>,
    /// Files that go along as they are.
    pub(crate) beside: Vec<File>,
}

impl Feature {
    /// Where the three groups of a bug analysis begin, which always stand at the end.
    pub(crate) fn bug_groups(&self) -> Option<usize> {
        let from = self.groups.len().checked_sub(BUG_GROUPS.len())?;
        let is_bug = self.groups.iter().skip(from).zip(BUG_GROUPS).all(|(group, title)| group.title == title);
        is_bug.then_some(from)
    }
}

/// The three groups of a bug analysis.
pub(crate) const BUG_GROUPS: [&str; 3] = [
    "Current Behavior (Defect)",
    "Expected Behavior (Correct)",
    "Unchanged Behavior (Regression Prevention)",
];

/// A design on its way.
#[derive(Clone, Debug, Default)]
pub(crate) enum Design {
    #[default]
    None,
    /// A document of Kiro's shape.
    Whole(Vec<u8>),
    /// What it is about, and its sections in Markdown.
    Parts { overview: Vec<String>, sections: Vec<Note> },
}

/// A requirement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    /// What tasks cite it by: `1`, `US1`.
    pub(crate) keys: Vec<String>,
    pub(crate) title: String,
    pub(crate) story: Option<String>,
    /// Markdown lines that belong to it and are neither story nor criterion.
    pub(crate) notes: Vec<String>,
    pub(crate) criteria: Vec<Statement>,
}

/// A criterion.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statement {
    /// What tasks cite it by: `1.2`, `FR-003`.
    pub(crate) keys: Vec<String>,
    /// One line.
    pub(crate) text: String,
}

/// A section that is kept as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Note {
    /// Empty when it has none.
    pub(crate) heading: String,
    pub(crate) lines: Vec<String>,
}

/// A task. Children have none themselves.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// What others name it by: `1.2`, `T004`.
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) state: State,
    pub(crate) optional: bool,
    /// May be carried out beside its neighbours that may, too.
    pub(crate) parallel: bool,
    /// Keys of groups and criteria; words that are no key stay as they are.
    pub(crate) refs: Vec<String>,
    /// It says that it serves everything.
    pub(crate) all: bool,
    /// Markdown lines below it, without the indentation that they share.
    pub(crate) body: Vec<String>,
    pub(crate) children: Vec<Item>,
}

impl Item {
    pub(crate) fn new(key: impl Into<String>, title: impl Into<String>, state: State) -> Item {
        Item {
            key: key.into(),
            title: title.into(),
            state,
            optional: false,
            parallel: false,
            refs: Vec::new(),
            all: false,
            body: Vec::new(),
            children: Vec::new(),
        }
    }

    /// What the box of a parent says when it says nothing of its own.
    pub(crate) fn state_of_children(&self) -> State {
        let mut states =
            self.children.iter().filter(|child| !child.optional).map(|child| child.state).peekable();
        let has_required = states.peek().is_some();
        if has_required && states.all(|state| state == State::Done) { State::Done } else { State::Open }
    }
}

/// Where things stand under the numbers that a writer gives.
pub(crate) struct Numbers {
    ids: HashMap<String, String>,
}

impl Numbers {
    /// Numbers for groups and criteria; the first of those with one key has it.
    pub(crate) fn of(
        groups: &[Group],
        of_group: impl Fn(usize) -> String,
        mut of_criterion: impl FnMut(usize, usize) -> String,
    ) -> Numbers {
        let mut ids = HashMap::new();
        for (at, group) in groups.iter().enumerate() {
            for (below, criterion) in group.criteria.iter().enumerate() {
                let id = of_criterion(at, below);
                for key in &criterion.keys {
                    ids.entry(key.clone()).or_insert_with(|| id.clone());
                }
            }
        }
        for (at, group) in groups.iter().enumerate() {
            for key in &group.keys {
                ids.entry(key.clone()).or_insert_with(|| of_group(at));
            }
        }
        Numbers { ids }
    }

    /// The number that a key has, or the key itself when it names nothing.
    pub(crate) fn get(&self, key: &str) -> String {
        self.ids.get(key).cloned().unwrap_or_else(|| key.to_string())
    }

    pub(crate) fn knows(&self, key: &str) -> bool {
        self.ids.contains_key(key)
    }

    /// The numbers of all references, each once, in order.
    pub(crate) fn all(&self, refs: &[String]) -> Vec<String> {
        let mut seen = HashSet::new();
        refs.iter().map(|key| self.get(key)).filter(|id| !id.is_empty() && seen.insert(id.clone())).collect()
    }
}

/// Leaves in document order.
pub(crate) fn leaves(tasks: &[Item]) -> impl Iterator<Item = &Item> {
    tasks.iter().flat_map(|task| {
        let own = task.children.is_empty().then_some(task);
        own.into_iter().chain(&task.children)
    })
}

/// The waves that follow from order and marks: neighbours below one parent that may be carried out together form one.
pub(crate) fn waves_by_marks(tasks: &[Item]) -> Vec<Vec<String>> {
    let mut waves: Vec<Vec<String>> = Vec::new();
    let mut last: Option<(usize, bool)> = None;
    for (at, task) in tasks.iter().enumerate() {
        let leaves: Vec<&Item> =
            if task.children.is_empty() { vec![task] } else { task.children.iter().collect() };
        let place = if task.children.is_empty() { usize::MAX } else { at };
        for leaf in leaves {
            match waves.last_mut() {
                Some(wave) if leaf.parallel && last == Some((place, true)) => wave.push(leaf.key.clone()),
                _ => waves.push(vec![leaf.key.clone()]),
            }
            last = Some((place, leaf.parallel));
        }
    }
    waves
}

/// Sets the marks from waves: a leaf may be carried out beside the one before or behind it in its wave.
pub(crate) fn mark_by_waves(tasks: &mut [Item], waves: &[Vec<String>]) {
    let mut wave_of: HashMap<&str, usize> = HashMap::new();
    for (number, wave) in waves.iter().enumerate() {
        for key in wave {
            wave_of.insert(key, number);
        }
    }
    let order: Vec<String> = leaves(tasks).map(|leaf| leaf.key.clone()).collect();
    let mut parallel: HashSet<&str> = HashSet::new();
    for (before, behind) in order.iter().zip(order.iter().skip(1)) {
        if wave_of.get(before.as_str()).is_some_and(|wave| Some(wave) == wave_of.get(behind.as_str())) {
            parallel.extend([before.as_str(), behind.as_str()]);
        }
    }
    for task in tasks {
        task.parallel = parallel.contains(task.key.as_str());
        for child in &mut task.children {
            child.parallel = parallel.contains(child.key.as_str());
        }
    }
}

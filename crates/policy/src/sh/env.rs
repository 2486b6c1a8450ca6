//! What is known of the variables while a line is walked through, and of the directory. No environment is read.

use std::collections::{BTreeMap, BTreeSet};

/// A variable beyond this number is not followed.
const VARIABLES_MAX: usize = 64;

/// A variable with more possible values than this is not known.
const VALUES_MAX: usize = 8;

/// How many directories a line may possibly be in before that is not known.
const DIRECTORIES_MAX: usize = 4;

/// What a word or a variable may come to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    /// Exactly this text; `tilde` when it begins with the home directory, written `~`; `globs` when it stands for
    /// the names that it matches.
    Text { text: String, tilde: bool, globs: bool },
    /// Not known, but a number, a digest or a name: no option, no blank, nothing that leads elsewhere.
    Tame,
    /// Anything.
    Unknown,
}

impl Value {
    pub(super) fn text(text: &str) -> Value {
        Value::Text { text: text.to_string(), tilde: false, globs: false }
    }
}

/// Where a line may be when a command of it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Directory {
    /// One of these, each as it was written: empty for where the line begins, relative to that, or absolute.
    OneOf(Vec<String>),
    /// Anywhere.
    Unknown,
}

/// What is known at one place of the line.
#[derive(Clone, Debug)]
pub(super) struct State {
    variables: BTreeMap<String, Vec<Value>>,
    pub(super) directory: Directory,
    /// Functions that are surely defined here.
    pub(super) functions: BTreeSet<String>,
    /// A text or a file that nobody read here may have given commands another meaning: `cd` may lead nowhere.
    pub(super) may_define: bool,
}

impl Default for State {
    fn default() -> State {
        State {
            variables: BTreeMap::new(),
            directory: Directory::OneOf(vec![String::new()]),
            functions: BTreeSet::new(),
            may_define: false,
        }
    }
}

impl State {
    /// The possible values of a variable or special parameter.
    pub(super) fn lookup(&self, name: &str) -> Vec<Value> {
        if let Some(values) = self.variables.get(name) {
            return values.clone();
        }
        let is_at_start = self.directory == Directory::OneOf(vec![String::new()]);
        match name {
            "#" | "?" | "$" | "!" | "RANDOM" | "SECONDS" | "LINENO" | "UID" | "EUID" | "PPID" => {
                vec![Value::Tame]
            }
            "PWD" if is_at_start => vec![Value::text(".")],
            "HOME" => vec![Value::Text { text: "~".to_string(), tilde: true, globs: false }],
            _ => vec![Value::Unknown],
        }
    }

    pub(super) fn set(&mut self, name: &str, mut values: Vec<Value>) {
        values.sort();
        values.dedup();
        if values.is_empty() || values.len() > VALUES_MAX {
            values = vec![Value::Unknown];
        }
        if self.variables.len() < VARIABLES_MAX || self.variables.contains_key(name) {
            self.variables.insert(name.to_string(), values);
        }
    }

    /// Whether the variable surely holds a number.
    pub(super) fn is_number(&self, name: &str) -> bool {
        self.lookup(name).iter().all(|value| match value {
            Value::Text { text, .. } => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                text.is_empty() || (!digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()))
            }
            Value::Tame => true,
            Value::Unknown => false,
        })
    }

    /// The variable may hold anything from here on; a number stays one if only numbers are ever put into it.
    pub(super) fn forget(&mut self, name: &str, stays_number: bool) {
        let value = if stays_number && self.is_number(name) { Value::Tame } else { Value::Unknown };
        self.set(name, vec![value]);
    }

    /// Nothing is known any more.
    pub(super) fn forget_all(&mut self) {
        for values in self.variables.values_mut() {
            *values = vec![Value::Unknown];
        }
        self.directory = Directory::Unknown;
        self.functions.clear();
    }

    /// What holds when either this or the other way was taken.
    pub(super) fn merge(&mut self, other: &State) {
        let names: BTreeSet<String> = self.variables.keys().chain(other.variables.keys()).cloned().collect();
        for name in names {
            let mut values = self.lookup(&name);
            values.extend(other.lookup(&name));
            self.set(&name, values);
        }
        self.functions = self.functions.intersection(&other.functions).cloned().collect();
        self.may_define |= other.may_define;
        self.directory = match (&self.directory, &other.directory) {
            (Directory::OneOf(these), Directory::OneOf(those)) => {
                let mut all = these.clone();
                all.extend(those.iter().filter(|one| !these.contains(one)).cloned());
                if all.len() > DIRECTORIES_MAX { Directory::Unknown } else { Directory::OneOf(all) }
            }
            _ => Directory::Unknown,
        };
    }

    /// `cd` to this directory, or to one that is not known.
    pub(super) fn change_directory(&mut self, to: Option<&str>) {
        if self.may_define {
            self.directory = Directory::Unknown;
            return;
        }
        let Directory::OneOf(from) = &self.directory else {
            // An absolute path leads from anywhere to the same place.
            if let Some(to) = to.filter(|to| to.starts_with(['/', '~'])) {
                self.directory = Directory::OneOf(vec![to.to_string()]);
            }
            return;
        };
        self.directory = match to {
            None => Directory::Unknown,
            Some(to) if to.starts_with(['/', '~']) => Directory::OneOf(vec![to.to_string()]),
            Some(to) => {
                let join = |from: &String| match (from.as_str(), to) {
                    (_, "." | "./") => from.clone(),
                    ("", to) => to.to_string(),
                    (from, to) => format!("{from}/{to}"),
                };
                Directory::OneOf(from.iter().map(join).collect())
            }
        };
    }
}

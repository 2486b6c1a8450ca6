//! What a task says it writes and reads: paths and named symbols, from its own words. Looks at no disk and orders
//! nothing.

mod clause;
mod verbs;

use std::collections::HashMap;

use spec::Task;
use spec::paths::as_path;

use clause::{Piece, Role, pieces, role_of};
use verbs::Cue;

/// Names taken from one task; what lies beyond is not looked at. The longest real task names 46.
pub const NAMES_MAX: usize = 128;

/// Bytes in the name of a symbol; longer code spans are snippets.
pub const SYMBOL_BYTES_MAX: usize = 120;

/// How sure a reading of words is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// Concluded from words near by.
    Likely,
    /// It stands there: under `Files:`, or as a path in back-ticks behind a verb of writing.
    Certain,
}

/// What happens to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    /// It is looked at.
    Read,
    /// It is there and changes.
    Write,
    /// It comes into being.
    Make,
}

impl Act {
    /// Whether the name is another one afterwards.
    pub fn writes(self) -> bool {
        self != Act::Read
    }
}

/// One name in a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// A path from the root of the repository, or a symbol as written without its arguments.
    pub name: String,
    /// Whether `name` is a path.
    pub is_path: bool,
    /// What the task does with it; the strongest of all that it says.
    pub act: Act,
    /// How sure that is.
    pub certainty: Certainty,
}

/// Everything that a task names, each name once, in order.
pub fn accesses(task: &Task) -> Vec<Access> {
    let mut found = Found::default();
    let is_test = is_test_task(&task.title);
    let (mut in_fence, mut is_title) = (false, true);
    let mut under_files = false;
    for line in task.block.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            in_fence = !in_fence;
            continue;
        }
        if in_fence {
            continue;
        }
        let label = clause::label(trimmed);
        under_files = match label {
            Some(value) if clause::is_files_label(value) => true,
            // Bullets below `Files:` continue it; any other label ends it.
            _ => under_files && clause::is_bare_item(trimmed) && label.is_none(),
        };
        if clause::is_reference(label) {
            continue;
        }
        read_line(trimmed, under_files, is_title, is_test, &mut found);
        if label.is_some() && under_files && !trimmed.contains('`') {
            read_bare(trimmed, is_test, &mut found);
        }
        is_title = false;
    }
    found.list
}

/// The paths that a task says it writes, with how sure that is.
pub fn write_set(task: &Task) -> Vec<(String, Certainty)> {
    let writes = accesses(task).into_iter().filter(|access| access.is_path && access.act.writes());
    writes.map(|access| (access.name, access.certainty)).collect()
}

/// Whether the path is that of a test: by its folder or by its name.
pub fn is_test_path(path: &str) -> bool {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let in_folder = folders.split('/').any(|part| {
        matches!(part, "test" | "tests" | "__tests__" | "spec" | "specs" | "e2e" | "testing" | "fixtures")
    });
    let stem = file.split('.').next().unwrap_or_default();
    in_folder
        || file.contains(".test.")
        || file.contains(".spec.")
        || stem.starts_with("test_")
        || ["_test", "_tests", "_spec", "-test", "Test", "Tests", "Spec"]
            .iter()
            .any(|end| stem.ends_with(end))
}

#[derive(Default)]
struct Found {
    list: Vec<Access>,
    place: HashMap<String, usize>,
}

impl Found {
    fn add(&mut self, name: String, is_path: bool, act: Act, certainty: Certainty) {
        if let Some(known) = self.place.get(&name).and_then(|at| self.list.get_mut(*at)) {
            if (act, certainty) > (known.act, known.certainty) {
                (known.act, known.certainty) = (act, certainty);
            }
        } else if self.list.len() < NAMES_MAX {
            self.place.insert(name.clone(), self.list.len());
            self.list.push(Access { name, is_path, act, certainty });
        }
    }
}

/// Whether the task's own verb is about tests: `Write unit tests for …`, `Test that …`.
fn is_test_task(title: &str) -> bool {
    let pieces = pieces(title);
    let cues = || pieces.iter().filter_map(|piece| piece.cue());
    let first = cues().find(|cue| cue.is_verb());
    first == Some(Cue::Test)
        || first.is_some_and(Cue::writes)
            && cues()
                .take_while(|cue| !matches!(cue, Cue::Source | Cue::Target | Cue::With))
                .any(|cue| cue == Cue::Test)
}

fn read_line(line: &str, under_files: bool, is_title: bool, is_test: bool, found: &mut Found) {
    let pieces = pieces(line);
    for (at, piece) in pieces.iter().enumerate() {
        let Piece::Name(words) = piece else { continue };
        if let Some(path) = as_path(words) {
            let (act, certainty) = match role_of(&pieces, at, is_title) {
                _ if under_files && is_test && !is_test_path(&path) => (Act::Read, Certainty::Certain),
                _ if under_files => (Act::Write, Certainty::Certain),
                // A test of X writes the test and reads X.
                Role::Tested if !is_test_path(&path) => (Act::Read, Certainty::Certain),
                Role::Tested => (Act::Make, Certainty::Certain),
                Role::Written(cue) if is_test && is_title && !is_test_path(&path) && cue != Cue::Move => {
                    (Act::Read, Certainty::Likely)
                }
                Role::Written(cue) => (act_of(cue), Certainty::Certain),
                Role::Named => (Act::Write, Certainty::Likely),
                Role::Looked => (Act::Read, Certainty::Certain),
                Role::None => (Act::Read, Certainty::Likely),
            };
            found.add(path, true, act, certainty);
        } else if let Some(symbol) = as_symbol(words) {
            let act = match clause::maker_of(&pieces, at) {
                Some(cue) if !is_test => act_of(cue),
                _ => Act::Read,
            };
            found.add(symbol, false, act, Certainty::Likely);
        }
    }
}

/// The bare words of a `Files:` line.
fn read_bare(line: &str, is_test: bool, found: &mut Found) {
    let value = line.split_once([':', '：']).map(|(_, value)| value).unwrap_or_default();
    for path in value.split([',', ' ', '、', ';']).take(NAMES_MAX).filter_map(as_path) {
        let act = if is_test && !is_test_path(&path) { Act::Read } else { Act::Write };
        found.add(path, true, act, Certainty::Certain);
    }
}

fn act_of(cue: Cue) -> Act {
    if cue == Cue::Make { Act::Make } else { Act::Write }
}

/// The symbol that a code span names: an identifier that nobody writes by chance (`parse_line`, `RateLimiter`,
/// `Store::open`), its arguments left out.
fn as_symbol(words: &str) -> Option<String> {
    let name = words.split(['(', '<', '[', '{', ' ', '=', ':']).next().unwrap_or_default();
    // In `Store::open` the colons belong to the name.
    let name = match words.get(name.len()..) {
        Some(rest) if rest.starts_with("::") => {
            words.split(['(', '<', '[', '{', ' ', '=']).next().unwrap_or_default()
        }
        _ => name,
    };
    let name = name.trim_matches(['.', ',', ';', ':', '@', '&', '*']);
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.'));
    let inner = name.get(1..).unwrap_or_default();
    let has_hump = inner.contains(char::is_uppercase) && name.contains(char::is_lowercase);
    let is_telling = inner.contains('_') || has_hump || inner.contains("::") || inner.contains('.');
    // A call needs a few letters, too: `main()` and `get()` are everywhere.
    let is_call =
        words.get(name.len()..).is_some_and(|rest| rest.starts_with('(')) && name.len() >= CALL_BYTES_MIN;
    let length = (SYMBOL_BYTES_MIN..=SYMBOL_BYTES_MAX).contains(&name.len());
    (is_name && length && (is_telling || is_call)).then(|| name.to_string())
}

/// Bytes that a name needs before it points somewhere.
const SYMBOL_BYTES_MIN: usize = 4;

/// Bytes that a call without a hump or an underscore needs.
const CALL_BYTES_MIN: usize = 6;

#[cfg(test)]
#[path = "accesses/accesses_tests.rs"]
mod tests;

//! Ways to make a wave graph wrong: two tasks in one wave of which both write a file or one waits for the other, and
//! waves in the wrong order. Does not judge what is noticed.
//!
//! The words are real: the line that writes a file is copied from another task of the same spec, and what a task waits
//! for is said in the forms that real lists use. A spec without a graph is given one first, a wave for each task.

use spec::{Edit, Task, splice};

use crate::corpus::Spec;
use crate::operators::{Dice, Mutant, tasks, tasks_text};

/// Tasks that a graph may name, and the graph: ids by wave.
struct Graph<'s> {
    leaves: Vec<&'s Task>,
    waves: Vec<Vec<String>>,
}

impl<'s> Graph<'s> {
    fn of(spec: &'s Spec) -> Option<Graph<'s>> {
        let read = spec.reading.tasks.as_ref()?;
        let is_named = |task: &&Task| task.is_leaf() && task.number.as_deref() == Some(task.id.as_str());
        let leaves: Vec<&Task> = read.tasks.iter().filter(is_named).collect();
        let waves: Vec<Vec<String>> = match &read.waves {
            Some(waves) => waves.iter().map(|wave| wave.tasks.clone()).collect(),
            None => leaves.iter().map(|task| vec![task.id.clone()]).collect(),
        };
        Some(Graph { leaves, waves })
    }

    /// The number of the wave that names the task.
    fn wave_of(&self, task: &Task) -> Option<usize> {
        self.waves.iter().position(|wave| wave.contains(&task.id))
    }

    /// Two listed tasks, the first above the second.
    fn pair(&self, dice: &mut Dice) -> Option<(&'s Task, &'s Task)> {
        let (a, b) = (dice.below(self.leaves.len()), dice.below(self.leaves.len()));
        let (a, b) = (*self.leaves.get(a.min(b))?, *self.leaves.get(a.max(b))?);
        (a.id != b.id && self.wave_of(a).is_some() && self.wave_of(b).is_some()).then_some((a, b))
    }

    fn put_beside(&mut self, task: &Task, other: &Task) -> Option<()> {
        self.waves.iter_mut().for_each(|wave| wave.retain(|id| *id != task.id));
        let wave = self.wave_of(other)?;
        self.waves.get_mut(wave)?.push(task.id.clone());
        self.waves.retain(|wave| !wave.is_empty());
        Some(())
    }

    /// The document with these waves and these edits before the graph.
    fn written(&self, text: &str, edits: &[Edit]) -> Option<String> {
        let lines: Vec<String> = self
            .waves
            .iter()
            .enumerate()
            .map(|(number, wave)| format!("    {{ \"id\": {number}, \"tasks\": {wave:?} }}"))
            .collect();
        let json = format!("{{\n  \"waves\": [\n{}\n  ]\n}}\n", lines.join(",\n"));
        let text = String::from_utf8(splice::apply(text.as_bytes(), edits).ok()?).ok()?;
        let Some(heading) = text.find("## Task Dependency Graph") else {
            return Some(format!("{text}\n\n## Task Dependency Graph\n\n```json\n{json}```\n"));
        };
        let from = heading + text.get(heading..)?.find("```json\n")? + "```json\n".len();
        let to = from + text.get(from..)?.find("```")?;
        Some(format!("{}{json}{}", text.get(..from)?, text.get(to..)?))
    }
}

/// Verbs that begin a line which writes the file that it names first.
const WRITES: &[&str] =
    &["Create", "Update", "Modify", "Extend", "Edit", "Refactor", "Implement", "Write", "Add"];

/// A line of the task that begins with such a verb and goes on with a file.
fn writing_line<'t>(text: &'t str, task: &Task) -> Option<(&'t str, &'t str)> {
    let lines = text.get(task.line.end()..task.span.end())?.lines();
    lines.map(|line| line.trim().trim_start_matches(['-', '*', ' '])).find_map(|line| {
        let (verb, rest) = line.split_once(' ')?;
        let path = rest.strip_prefix('`')?.split('`').next()?;
        let name = path.rsplit('/').next()?;
        let is_file = path.contains('/') && !path.contains([' ', '*', '<', '{', '(']) && name.contains('.');
        (is_file && WRITES.contains(&verb)).then_some((line, path))
    })
}

/// A line below the task's own.
fn below(text: &str, task: &Task, line: &str) -> Option<Edit> {
    let own = task.line.text(text.as_bytes());
    let indent = own.len() - own.trim_start().len() + 2;
    Some(Edit::insert(task.line.end(), format!("\n{}- {line}", " ".repeat(indent))))
}

/// Two tasks of one wave that write one file.
pub(crate) fn one_file(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    write_one_file(spec, dice, true)
}

/// Two tasks of two waves that write one file, which is right.
pub(crate) fn one_file_in_turn(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    write_one_file(spec, dice, false)
}

fn write_one_file(spec: &Spec, dice: &mut Dice, is_beside: bool) -> Option<Mutant> {
    let text = tasks_text(spec)?;
    let mut graph = Graph::of(spec)?;
    let writers: Vec<&Task> =
        graph.leaves.iter().copied().filter(|task| writing_line(&text, task).is_some()).collect();
    let writer = *writers.get(dice.below(writers.len()))?;
    let other = *graph.leaves.get(dice.below(graph.leaves.len()))?;
    let (line, path) = writing_line(&text, writer)?;
    let (wave, others) = (graph.wave_of(writer)?, graph.wave_of(other)?);
    if other.id == writer.id || other.span.text(text.as_bytes()).contains(path) {
        return None;
    }
    if is_beside {
        graph.put_beside(other, writer)?;
    } else if others <= wave {
        return None;
    }
    let changed = graph.written(&text, &[below(&text, other, line)?])?;
    let change = format!("{} and {} write one file: {line}", writer.id, other.id);
    Some(tasks(spec, changed, change, &[&writer.id, &other.id]))
}

/// How a task says that it waits for another.
fn waits(text: &str, task: &Task, on: &Task, dice: &mut Dice) -> Option<Edit> {
    let id = &on.id;
    match dice.below(4) {
        0 => below(text, task, &format!("_Depends: {id}_")),
        1 => below(text, task, &format!("**Dependencies**: Task {id}")),
        2 => below(text, task, &format!("Depends on: {id}")),
        _ => Some(Edit::insert(task.line.end(), format!(" (depends on {id})"))),
    }
}

/// A task in the wave of the one that it waits for.
pub(crate) fn waiting_beside(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    let text = tasks_text(spec)?;
    let mut graph = Graph::of(spec)?;
    let (first, second) = graph.pair(dice)?;
    let edit = waits(&text, second, first, dice)?;
    graph.put_beside(second, first)?;
    let change = format!("{} beside {}: {:?}", second.id, first.id, edit.new);
    Some(tasks(spec, graph.written(&text, &[edit])?, change, &[&first.id, &second.id]))
}

/// Two waves in each other's place, of which one holds what the other waits for.
pub(crate) fn reordered(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    order(spec, dice, true)
}

/// A task in a wave behind the one that it waits for, which is right.
pub(crate) fn waiting_behind(spec: &Spec, dice: &mut Dice) -> Option<Mutant> {
    order(spec, dice, false)
}

fn order(spec: &Spec, dice: &mut Dice, is_turned: bool) -> Option<Mutant> {
    let text = tasks_text(spec)?;
    let mut graph = Graph::of(spec)?;
    let (first, second) = graph.pair(dice)?;
    let (before, after) = (graph.wave_of(first)?, graph.wave_of(second)?);
    if before >= after {
        return None;
    }
    if is_turned {
        graph.waves.swap(before, after);
    }
    let edit = waits(&text, second, first, dice)?;
    let change = format!("{} waits for {}: {:?}", second.id, first.id, edit.new);
    Some(tasks(spec, graph.written(&text, &[edit])?, change, &[&first.id, &second.id]))
}

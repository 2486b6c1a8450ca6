//! From the tree of a line to the flat list of its simple commands, with what is known of words, variables and directory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::effects::{
    DIRECTORY, MEANING, after, identifiers, is_built_in, is_special, note_command, note_functions,
    note_script,
};
pub use super::env::Directory;
use super::env::{State, Value};
use super::tree::{
    Command, Compound, Item, Join, Parsed, Piece, Redirection, RedirectionKind, Script, Simple, Word,
};
use super::{PARTS_MAX, Unclear};
use super::{chain, expand};

/// How many readings of one simple command are looked at; with more, what differs counts as not known.
const READINGS_MAX: usize = 16;

/// A simple command of a line, as far as it is known before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// As it is written.
    pub text: String,
    /// Where it stands in the line, in bytes.
    pub span: Range<usize>,
    /// The program and its arguments; empty for assignments and redirections that stand alone.
    pub argv: Vec<Arg>,
    /// Variables set for this command, or by it when there is no program.
    pub assignments: Vec<(String, Arg)>,
    /// Files that the shell opens for it. Descriptors that are only copied are left out.
    pub redirections: Vec<Redirect>,
    /// Where its standard input comes from.
    pub input: Input,
    /// What it stands in, outermost first.
    pub via: Vec<Via>,
    /// Where it may run.
    pub directory: Directory,
    /// Bash may run what a value holds: the reason.
    pub hazard: Option<&'static str>,
    /// It calls a function of this line, whose commands are parts of their own.
    pub is_function: bool,
}

/// One argument, quotes taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arg {
    /// Its text; what is computed stands there as it is written.
    pub text: String,
    /// Some of it is not known before the command runs.
    pub is_computed: bool,
    /// What is computed may come to no word or to many.
    pub may_split: bool,
    /// What is computed is a number, a digest or a name: no option, nothing that leads elsewhere.
    pub is_tame: bool,
    /// A wildcard stands outside quotes.
    pub globs: bool,
    /// It begins with a home directory.
    pub tilde: bool,
}

/// A file that the shell opens for a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// What is done with it.
    pub access: Access,
    /// Its name.
    pub target: Arg,
}

/// What a command does with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Reads it, or sees that it is there.
    Read,
    /// Creates, changes, or appends to it.
    Write,
    /// Removes it.
    Delete,
}

/// Where the standard input of a command comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Whatever the line has, usually nothing.
    Inherited,
    /// This text, of a here-document or here-string.
    Text(String),
    /// The output of the part with this number.
    Part(usize),
    /// Not known before it runs.
    Unknown,
}

/// What a command stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// Parentheses, or in the background.
    Subshell,
    /// `$(…)`, backquotes.
    Substitution,
    /// `<(…)`, `>(…)`.
    Process,
    /// A pipe with more than one end.
    Pipe,
    /// A branch that may not be taken.
    Branch,
    /// A body that may run again.
    Loop,
    /// The body of a function.
    Function,
}

impl Arg {
    /// A word that is known.
    pub fn known(text: &str) -> Arg {
        Arg { text: text.to_string(), ..Arg::default() }
    }

    /// The text, when it is exactly that.
    pub fn literal(&self) -> Option<&str> {
        (!self.is_computed && !self.globs && !self.tilde).then_some(self.text.as_str())
    }
}

/// The flat list.
pub(super) fn flatten(line: &str, parsed: &Parsed) -> Result<Vec<Part>, Unclear> {
    let mut numbers = BTreeMap::new();
    note_script(&parsed.script, &mut numbers);
    let mut definitions = BTreeMap::new();
    note_functions(&parsed.script, &mut definitions);
    let mut walk = Walk {
        bodies: &parsed.bodies,
        parts: Vec::new(),
        via: Vec::new(),
        numbers,
        functions: BTreeSet::new(),
        set_by_functions: BTreeSet::new(),
        definitions,
        length: line.len(),
    };
    walk.script(&parsed.script, &mut State::default())?;
    Ok(walk.parts)
}

struct Walk<'a> {
    bodies: &'a [Vec<Piece>],
    parts: Vec<Part>,
    via: Vec<Via>,
    /// Variables that are set somewhere in the line, and whether only ever to numbers.
    numbers: BTreeMap<String, bool>,
    /// The functions of the line, and what they set together.
    functions: BTreeSet<String>,
    set_by_functions: BTreeSet<String>,
    /// How often each function of the line is defined.
    definitions: BTreeMap<String, usize>,
    length: usize,
}

type Walked = Result<(), Unclear>;

impl Walk<'_> {
    fn script(&mut self, script: &Script, state: &mut State) -> Walked {
        // A chain is what `&&` and `||` hold together.
        let mut held: Option<(State, bool)> = None;
        let mut items = script.items.as_slice();
        while let [item, rest @ ..] = items {
            items = rest;
            if let [leaves, after @ ..] = rest
                && chain::is_sure(item, leaves, after.first())
                && !self.definitions.contains_key("exit")
            {
                chain::end(held.take(), state);
                let mut either = state.clone();
                self.item(item, state)?;
                either.merge(state);
                self.item(leaves, &mut either)?;
                // What stands behind runs only where `cd` did not fail.
                items = after;
                continue;
            }
            if item.join == Join::Then {
                chain::end(held.take(), state);
                held = Some((state.clone(), false));
            } else if let Some((before, branched)) = &mut held {
                if !*branched {
                    // What the first command of a chain sets is set, whatever comes of the others; its directory is not.
                    *branched = true;
                    let directory = before.directory.clone();
                    *before = state.clone();
                    before.directory = directory;
                }
                // This one may not run, or fail: what stands behind the chain is where the ones before it led.
                if before.directory != state.directory {
                    let mut here = before.clone();
                    here.directory = state.directory.clone();
                    before.merge(&here);
                    if item.join == Join::Or {
                        // It runs when `cd` failed, too.
                        let mut there = state.clone();
                        there.directory = before.directory.clone();
                        state.merge(&there);
                    }
                }
            }
            self.item(item, state)?;
        }
        chain::end(held, state);
        Ok(())
    }

    fn item(&mut self, item: &Item, state: &mut State) -> Walked {
        let piped = item.commands.len() > 1;
        let mut input = Input::Inherited;
        for command in &item.commands {
            let first = self.parts.len();
            if piped || item.background {
                let mut inner = state.clone();
                self.within(if piped { Via::Pipe } else { Via::Subshell }, |walk| {
                    walk.command(command, &mut inner, input.clone())
                })?;
            } else {
                self.command(command, state, input.clone())?;
            }
            // Only what one plain command prints can be followed.
            input = match (command, self.parts.len().checked_sub(1)) {
                (Command::Simple(_), Some(last)) if last == first => Input::Part(last),
                _ => Input::Unknown,
            };
        }
        Ok(())
    }

    fn within<T>(
        &mut self,
        via: Via,
        inner: impl FnOnce(&mut Self) -> Result<T, Unclear>,
    ) -> Result<T, Unclear> {
        self.via.push(via);
        let done = inner(self);
        self.via.pop();
        done
    }

    fn command(&mut self, command: &Command, state: &mut State, input: Input) -> Walked {
        match command {
            Command::Simple(simple) => self.simple(simple, state, input),
            Command::Compound(compound, redirections) => {
                if !redirections.is_empty() {
                    self.redirected(redirections, state)?;
                }
                self.compound(compound, state, input)
            }
        }
    }

    fn compound(&mut self, compound: &Compound, state: &mut State, input: Input) -> Walked {
        match compound {
            Compound::Subshell(script) => {
                let mut inner = state.clone();
                self.within(Via::Subshell, |walk| walk.script(script, &mut inner))
            }
            Compound::Group(script) => self.script(script, state),
            Compound::If(branches) => {
                let mut outcomes = Vec::new();
                let mut has_else = false;
                for (condition, body) in branches {
                    match condition {
                        Some(condition) => self.script(condition, state)?,
                        None => has_else = true,
                    }
                    let mut inner = state.clone();
                    self.within(Via::Branch, |walk| walk.script(body, &mut inner))?;
                    outcomes.push(inner);
                }
                self.join(outcomes, !has_else, state);
                Ok(())
            }
            Compound::While(condition, body) => {
                self.forget_in(&[condition, body], state);
                let mut inner = state.clone();
                self.within(Via::Loop, |walk| {
                    walk.script(condition, &mut inner)?;
                    walk.script(body, &mut inner)
                })?;
                state.merge(&inner);
                Ok(())
            }
            Compound::For { name, words, body } => {
                let mut values = Vec::new();
                let mut found = Vec::new();
                for word in words.iter().flatten() {
                    self.inspect(&word.pieces, state, &mut found)?;
                    for args in expand::readings(word, state) {
                        values.extend(args.into_iter().map(value_of));
                    }
                }
                self.hazards(found, state)?;
                if words.is_none() {
                    values.push(Value::Unknown);
                }
                self.forget_in(&[body], state);
                if !values.is_empty() {
                    state.set(name, values);
                }
                let mut inner = state.clone();
                self.within(Via::Loop, |walk| walk.script(body, &mut inner))?;
                state.merge(&inner);
                Ok(())
            }
            Compound::Count(head, body) => {
                self.forget_in(&[body], state);
                let mut found = Vec::new();
                self.arithmetic(head, state, &mut found)?;
                self.hazards(found, state)?;
                self.set_numbers(head, state);
                let mut inner = state.clone();
                self.within(Via::Loop, |walk| walk.script(body, &mut inner))?;
                state.merge(&inner);
                Ok(())
            }
            Compound::Case { word, arms } => {
                let mut found = Vec::new();
                self.inspect(&word.pieces, state, &mut found)?;
                let mut outcomes = Vec::new();
                for (patterns, body) in arms {
                    for pattern in patterns {
                        self.inspect(&pattern.pieces, state, &mut found)?;
                    }
                    let mut inner = state.clone();
                    self.within(Via::Branch, |walk| walk.script(body, &mut inner))?;
                    outcomes.push(inner);
                }
                self.hazards(found, state)?;
                self.join(outcomes, true, state);
                Ok(())
            }
            Compound::Function { name, body } => {
                // It is judged where it stands, for whatever arguments, and may run at any later place.
                let mut inner = state.clone();
                let names: Vec<String> = self.numbers.keys().cloned().collect();
                names.iter().for_each(|name| inner.forget(name, false));
                inner.directory = Directory::Unknown;
                inner.may_define |= self.numbers.contains_key(MEANING);
                self.within(Via::Function, |walk| walk.command(body, &mut inner, Input::Unknown))?;
                let mut set = BTreeMap::new();
                note_command(body, &mut set);
                self.set_by_functions.extend(set.into_keys());
                self.functions.insert(name.clone());
                state.functions.insert(name.clone());
                Ok(())
            }
            Compound::Test(words, span) => {
                let mut found = Vec::new();
                for word in words {
                    self.inspect(&word.pieces, state, &mut found)?;
                }
                let mut argv = vec![Arg::known("[[")];
                argv.extend(words.iter().map(|word| expand::target(word, state).pop().unwrap_or_default()));
                let hazard = found.first().copied();
                let part = self.part("[[ … ]]".to_string(), span.clone(), state, input);
                self.push(Part { argv, hazard, ..part })
            }
            Compound::Arithmetic(pieces, span) => {
                let mut found = Vec::new();
                self.arithmetic(pieces, state, &mut found)?;
                self.set_numbers(pieces, state);
                let hazard = found.first().copied();
                let part = self.part("(( … ))".to_string(), span.clone(), state, input);
                self.push(Part { argv: vec![Arg::known("((")], hazard, ..part })
            }
        }
    }

    /// Arithmetic may set whatever it names, to a number.
    fn set_numbers(&self, pieces: &[Piece], state: &mut State) {
        for piece in pieces {
            if let Piece::Plain(text) = piece {
                for name in identifiers(text) {
                    let number = self.numbers.get(name).is_some_and(|numbers| *numbers);
                    state.set(name, vec![if number { Value::Tame } else { Value::Unknown }]);
                }
            }
        }
    }

    /// After branches of which one was taken, or none.
    fn join(&self, outcomes: Vec<State>, or_none: bool, state: &mut State) {
        let mut outcomes = outcomes.into_iter();
        if !or_none && let Some(first) = outcomes.next() {
            *state = first;
        }
        outcomes.for_each(|outcome| state.merge(&outcome));
    }

    /// Before a body that may run again: what it sets may hold already.
    fn forget_in(&self, scripts: &[&Script], state: &mut State) {
        let mut set = BTreeMap::new();
        scripts.iter().for_each(|script| note_script(script, &mut set));
        for (name, only_numbers) in set {
            if name == DIRECTORY {
                state.directory = Directory::Unknown;
            } else if name == MEANING {
                state.may_define = true;
            } else {
                state.forget(&name, only_numbers);
            }
        }
    }

    fn simple(&mut self, simple: &Simple, state: &mut State, input: Input) -> Walked {
        let mut found = Vec::new();
        for assignment in &simple.assignments {
            self.inspect(&assignment.value.pieces, state, &mut found)?;
        }
        for word in &simple.words {
            self.inspect(&word.pieces, state, &mut found)?;
        }
        let (redirections, input) = self.open(&simple.redirections, state, input, &mut found)?;
        let assignments: Vec<(String, Vec<Value>)> = simple
            .assignments
            .iter()
            .map(|assignment| {
                let values = if assignment.is_odd {
                    vec![Value::Unknown]
                } else {
                    expand::values(&assignment.value, state)
                };
                (assignment.name.clone(), values)
            })
            .collect();
        let words: Vec<Vec<Vec<Arg>>> =
            simple.words.iter().map(|word| expand::readings(word, state)).collect();
        let count = words.iter().fold(1_usize, |count, more| count.saturating_mul(more.len()));
        let readings: Vec<Vec<Arg>> = if count > READINGS_MAX {
            let only = |(more, word): (&Vec<Vec<Arg>>, &Word)| match more.as_slice() {
                [one] => one.clone(),
                _ => vec![expand::unknown(word)],
            };
            vec![words.iter().zip(&simple.words).flat_map(only).collect()]
        } else {
            words.into_iter().fold(vec![Vec::new()], |mut readings: Vec<Vec<Arg>>, more| {
                let Some((last, others)) = more.split_last() else { return readings };
                let mut added = Vec::new();
                for args in others {
                    added.extend(readings.iter().map(|before| [before.as_slice(), args].concat()));
                }
                readings.iter_mut().for_each(|before| before.extend_from_slice(last));
                added.append(&mut readings);
                added
            })
        };
        if self.via.contains(&Via::Function) && readings.iter().any(|argv| self.may_recurse(argv)) {
            found.push("a function that may call itself");
        }
        let hazard = found.first().copied();
        for argv in &readings {
            let name = argv.first().and_then(Arg::literal);
            let is_function = name.is_some_and(|name| state.functions.contains(name));
            let part = self.part(simple.text.clone(), simple.span.clone(), state, input.clone());
            self.push(Part {
                argv: argv.clone(),
                assignments: assignments
                    .iter()
                    .map(|(name, values)| (name.clone(), arg_of(values)))
                    .collect(),
                redirections: redirections.clone(),
                hazard,
                is_function,
                ..part
            })?;
        }
        // With a word that comes to nothing, and before some built-in commands, an assignment stays.
        let may_stay = |argv: &Vec<Arg>| {
            let name = argv.first().map_or("", |arg| &arg.text);
            argv.iter().all(|arg| arg.may_split) || is_special(name) || self.functions.contains(name)
        };
        let stays = readings.iter().any(may_stay);
        for (name, values) in assignments {
            if simple.words.is_empty() {
                state.set(&name, values);
            } else if stays {
                state.forget(&name, false);
            }
        }
        for argv in &readings {
            let name = argv.first().map_or("", |arg| &arg.text);
            if !self.functions.contains(name) {
                after(argv, state);
            } else if self.set_by_functions.contains(DIRECTORY) || is_built_in(name) {
                state.may_define |= self.set_by_functions.contains(MEANING);
                state.forget_all();
            } else {
                self.set_by_functions.iter().for_each(|name| state.forget(name, false));
            }
        }
        Ok(())
    }

    /// Whether a command in a function calls one that is not whole yet, or that has two meanings.
    fn may_recurse(&self, argv: &[Arg]) -> bool {
        let Some(program) = argv.first() else { return false };
        let times = self.definitions.get(&program.text).copied().unwrap_or(0);
        times > 1 || (times == 1 && !self.functions.contains(&program.text))
    }

    /// Redirections of a group or loop: a part without a program.
    fn redirected(&mut self, redirections: &[Redirection], state: &State) -> Walked {
        let mut found = Vec::new();
        let (redirections, input) = self.open(redirections, state, Input::Inherited, &mut found)?;
        let hazard = found.first().copied();
        let part = self.part("a redirection".to_string(), 0..self.length, state, input);
        self.push(Part { redirections, hazard, ..part })
    }

    fn open(
        &mut self,
        redirections: &[Redirection],
        state: &State,
        mut input: Input,
        found: &mut Vec<&'static str>,
    ) -> Result<(Vec<Redirect>, Input), Unclear> {
        let mut opened = Vec::new();
        for redirection in redirections {
            self.inspect(&redirection.target.pieces, state, found)?;
            let targets = expand::target(&redirection.target, state);
            let one = targets.first().and_then(Arg::literal).filter(|_| targets.len() == 1);
            let access = match redirection.kind {
                RedirectionKind::HereDocument => {
                    let bodies = self.bodies;
                    let pieces = redirection.body.and_then(|index| bodies.get(index));
                    let pieces = pieces.map(Vec::as_slice).unwrap_or_default();
                    self.inspect(pieces, state, found)?;
                    input = match pieces {
                        [] => Input::Text(String::new()),
                        [Piece::Quoted(text)] => Input::Text(text.clone()),
                        _ => Input::Unknown,
                    };
                    continue;
                }
                RedirectionKind::HereString => {
                    input = one.map_or(Input::Unknown, |text| Input::Text(text.to_string()));
                    continue;
                }
                RedirectionKind::Duplicate | RedirectionKind::DuplicateInput
                    if one.is_some_and(|text| text.chars().all(|c| c.is_ascii_digit() || c == '-')) =>
                {
                    continue;
                }
                RedirectionKind::DuplicateInput => {
                    input = Input::Unknown;
                    Access::Read
                }
                RedirectionKind::Read => {
                    input = Input::Unknown;
                    Access::Read
                }
                _ => Access::Write,
            };
            opened.extend(targets.into_iter().map(|target| Redirect { access, target }));
        }
        Ok((opened, input))
    }

    fn part(&self, text: String, span: Range<usize>, state: &State, input: Input) -> Part {
        Part {
            text,
            span,
            argv: Vec::new(),
            assignments: Vec::new(),
            redirections: Vec::new(),
            input,
            via: self.via.clone(),
            directory: state.directory.clone(),
            hazard: None,
            is_function: false,
        }
    }

    fn push(&mut self, part: Part) -> Walked {
        if self.parts.len() >= PARTS_MAX {
            return Err(Unclear { why: "more commands than are looked at", at: part.span });
        }
        self.parts.push(part);
        Ok(())
    }

    /// Something that bash may evaluate, where no command stands to carry it.
    fn hazards(&mut self, found: Vec<&'static str>, state: &State) -> Walked {
        match found.first() {
            None => Ok(()),
            Some(hazard) => {
                let part = self.part("an expansion".to_string(), 0..self.length, state, Input::Inherited);
                self.push(Part { hazard: Some(hazard), ..part })
            }
        }
    }

    /// The commands inside the pieces of a word, and what in them bash may evaluate.
    fn inspect(&mut self, pieces: &[Piece], state: &State, found: &mut Vec<&'static str>) -> Walked {
        for piece in pieces {
            match piece {
                Piece::Plain(_) | Piece::Quoted(_) => {}
                Piece::Parameter(parameter) => {
                    if parameter.evaluates {
                        found.push("an expansion that evaluates what a variable holds");
                    }
                    self.inspect(&parameter.inner, state, found)?;
                    if parameter.assigns {
                        found.push("an expansion that sets a variable");
                    }
                }
                Piece::Substitution(substitution) => {
                    let via = if substitution.is_process { Via::Process } else { Via::Substitution };
                    let mut inner = state.clone();
                    self.within(via, |walk| walk.script(&substitution.script, &mut inner))?;
                }
                Piece::Arithmetic { pieces, .. } => self.arithmetic(pieces, state, found)?,
            }
        }
        Ok(())
    }

    /// Bash evaluates the variables in arithmetic, and what they hold, and commands in subscripts in that.
    fn arithmetic(&mut self, pieces: &[Piece], state: &State, found: &mut Vec<&'static str>) -> Walked {
        for piece in pieces {
            let is_number = match piece {
                Piece::Plain(text) => identifiers(text).all(|name| {
                    state.is_number(name) || self.numbers.get(name).is_some_and(|numbers| *numbers)
                }),
                Piece::Parameter(parameter) => {
                    let counts = parameter.text.starts_with("${#");
                    counts || (!parameter.is_modified && state.is_number(&parameter.name))
                }
                Piece::Arithmetic { .. } => true,
                Piece::Substitution(substitution) => {
                    let word = Word { pieces: vec![Piece::Substitution(substitution.clone())], span: 0..0 };
                    expand::values(&word, state).iter().all(|value| *value == Value::Tame)
                }
                Piece::Quoted(_) => false,
            };
            if !is_number {
                found.push("arithmetic with a value that is not known");
            }
        }
        self.inspect(pieces, state, found)
    }
}

fn value_of(arg: Arg) -> Value {
    match (arg.is_computed, arg.is_tame) {
        (false, _) => Value::Text { tilde: arg.tilde, globs: arg.globs, text: arg.text },
        (true, true) if arg.text.starts_with('$') => Value::Tame,
        _ => Value::Unknown,
    }
}

fn arg_of(values: &[Value]) -> Arg {
    match values {
        [Value::Text { text, tilde, globs }] => {
            Arg { text: text.clone(), tilde: *tilde, globs: *globs, ..Arg::default() }
        }
        [Value::Tame] => Arg { is_computed: true, is_tame: true, ..Arg::default() },
        _ => Arg { is_computed: true, ..Arg::default() },
    }
}

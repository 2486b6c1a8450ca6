//! Which files of the workspace a line of the shell starts, and what of it starts something whose name or text is computed. What one
//! command starts by its words is said by `launchers`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use policy::{Access, Input, Judged, Part, Via};

use super::interpreters::has_text;
use super::launchers::{Starts, base, starts};
use super::mentions::{self, Heard};
use super::places::Place;
use super::wild;

/// How deep lines may stand in one another: `sh -c "sh -c …"`.
const DEPTH_MAX: usize = 6;
/// How many folders to which a line goes are tried.
const TARGETS_MAX: usize = 16;
/// How many characters of a command are told.
const TOLD_MAX: usize = 120;

/// What was found in a line.
#[derive(Default)]
pub(super) struct Found {
    /// Files below the root that it starts, or whose text it runs. A wildcard with too many matches stands as it is.
    pub(super) files: BTreeSet<PathBuf>,
    /// Commands that start what only their data says.
    pub(super) computed: BTreeSet<String>,
    /// It names more than is looked up.
    pub(super) is_beyond: bool,
}

/// Looks through a line; a few files for each of its commands, which `policy::judge` bounds.
pub(super) fn look(place: Place<'_>, line: &str) -> Found {
    let mut found = Found::default();
    let returns = ["OLDPWD", "~-", "popd", "CDPATH", "DIRSTACK"];
    let is_lost = place.is_lost || returns.iter().any(|word| line.contains(word));
    let has_aliases = ["alias", "hash", "enable"].iter().any(|word| line.contains(word));
    let mut place = Place { is_lost, has_aliases, wildcards: wild::Options::of(line), ..place };
    let mut targets = BTreeSet::new();
    place.is_open = changes(&place, line, 0, &mut targets);
    place.reach(&targets);
    walk(place.clone(), line, 0, &mut found);
    found.is_beyond = place.is_spent();
    if found.is_beyond {
        found.tell(line);
    }
    found
}

fn walk(mut place: Place<'_>, line: &str, depth: usize, found: &mut Found) {
    let (line, is_odd) = place.filled(line);
    if is_odd {
        found.tell(&line);
    }
    let (Ok(all), Ok(parts)) = (policy::judge(&line), policy::read_line(&line)) else {
        return unclear(place, &line, depth, found);
    };
    if depth >= DEPTH_MAX {
        return found.tell(&line);
    }
    // Each part is judged once, and behind it what it wraps.
    let is_top = |command: &Judged| command.wrapped_by.is_none();
    let tops: Vec<usize> = (0..all.len()).filter(|at| all.get(*at).is_some_and(is_top)).collect();
    let mut covered = vec![false; all.len()];
    let mut number = 0;
    for (at, command) in all.iter().enumerate() {
        if place.is_spent() {
            return;
        }
        number += usize::from(is_top(command));
        let Some(part) = number.checked_sub(1).and_then(|at| parts.get(at)) else { continue };
        let wrapper = command.wrapped_by.and_then(|at| all.get(at));
        // A text that a shell runs was looked through as a line of its own.
        let is_covered = command.wrapped_by.is_some_and(|at| covered.get(at) == Some(&true));
        if is_top(command) {
            place.assigned(&part.text);
            set(&mut place, part, depth, found);
        }
        if !mentions_of(&place, command, part, found) {
            found.tell(&part.text);
        }
        if command.words.is_empty() || is_covered {
            covered.get_mut(at).into_iter().for_each(|covered| *covered = is_covered);
            continue;
        }
        if let Some(("cd" | "pushd", rest)) = command.words.split_first().map(|(p, rest)| (p.as_str(), rest))
        {
            place.go(rest.iter().find(|word| !word.starts_with('-') || *word == "-").map(String::as_str));
            continue;
        }
        let seen = Seen { command, part, wrapper, all: &all, parts: &parts, tops: &tops, at, depth };
        let places = place.folders(&part.directory);
        if place.is_unknown(&part.directory) && !each_of(wrapper) && seen.is_missed(&place, &places) {
            found.tell(&part.text);
        }
        for place in places {
            let is_text = seen.look(&place, found);
            covered.get_mut(at).into_iter().for_each(|covered| *covered |= is_text);
        }
    }
}

/// The folders to which a line goes by name, and whether it goes to others.
fn changes(place: &Place<'_>, line: &str, depth: usize, targets: &mut BTreeSet<String>) -> bool {
    let mut place = place.clone();
    let (line, _) = place.filled(line);
    let mut is_open = false;
    for command in policy::judge(&line).unwrap_or_default() {
        let words = command.words.as_slice();
        let words = match words {
            [passes_on, rest @ ..] if matches!(passes_on.as_str(), "command" | "builtin") => rest,
            words => words,
        };
        if let Some(("cd" | "pushd", rest)) = words.split_first().map(|(name, rest)| (name.as_str(), rest)) {
            match rest.iter().find(|word| !word.starts_with('-')) {
                Some(to) if to.contains(['$', '`', '…']) || targets.len() >= TARGETS_MAX => is_open = true,
                Some(to) => drop(targets.insert(to.clone())),
                None => {}
            }
        } else if let Starts::Text(text) = starts(words)
            && depth < DEPTH_MAX / 2
        {
            is_open |= changes(&place, &text, depth + 1, targets);
        }
    }
    is_open
}

/// The scripts that a command names in whatever way, in each folder in which it may run.
fn mentions_of(place: &Place<'_>, command: &Judged, part: &Part, found: &mut Found) -> bool {
    let places = place.folders(&part.directory);
    let program = command.words.first().map_or("", String::as_str);
    let is_own = !part.is_function && place.path.is_empty() && !place.has_aliases;
    if is_own && part.assignments.is_empty() && is_reader(program) {
        return true;
    }
    places.iter().all(|place| mentions::named(place, command, part, &mut found.files))
}

/// Whether a program neither starts what it is given nor prints it.
fn is_reader(program: &str) -> bool {
    matches!(
        program,
        "shellcheck"
            | "shfmt"
            | "chmod"
            | "chown"
            | "chgrp"
            | "touch"
            | "rm"
            | "test"
            | "["
            | "[["
            | "wc"
            | "stat"
    )
}

/// Takes in the variables that a command sets for itself or for those behind it.
fn set(place: &mut Place<'_>, part: &Part, depth: usize, found: &mut Found) {
    let own = part.assignments.iter().map(|(name, value)| (name.as_str(), value.text.as_str(), value));
    let words = part
        .argv
        .iter()
        .skip(1)
        .filter_map(|arg| arg.text.split_once('=').map(|(name, text)| (name, text, arg)));
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    for (name, value, arg) in own.chain(words.filter(|(name, ..)| is_name(name))) {
        match mentions::variable(place, name, value, arg.is_computed, &mut found.files) {
            Heard::Nothing => {}
            Heard::Computed => found.tell(&part.text),
            Heard::Line(line) if depth < DEPTH_MAX => walk(place.clone(), &line, depth + 1, found),
            Heard::Line(line) => found.tell(&line),
        }
    }
}

/// A line that is not followed: whatever in it names a script counts.
fn unclear(place: Place<'_>, line: &str, depth: usize, found: &mut Found) {
    // The one key word before a plain command that is not followed.
    let plain = line.replace("coproc ", "");
    if plain != line && depth < DEPTH_MAX && policy::judge(&plain).is_ok() {
        return walk(place, &plain, depth + 1, found);
    }
    let meta = |c: char| c.is_whitespace() || ";|&(){}<>\"'`$=,".contains(c);
    let words = line.split(meta).filter(|word| !word.is_empty());
    found.files.extend(words.flat_map(|word| place.files(word)).filter(|path| place.is_script(path)));
    found.tell(line);
}

impl Found {
    fn tell(&mut self, text: &str) {
        self.computed.insert(crate::term::glimpse(text, TOLD_MAX));
    }
}

/// A command among the others of its line.
#[derive(Clone, Copy)]
struct Seen<'a> {
    command: &'a Judged,
    /// It, or the outermost that starts it.
    part: &'a Part,
    wrapper: Option<&'a Judged>,
    all: &'a [Judged],
    parts: &'a [Part],
    /// The number of the judgement of each part.
    tops: &'a [usize],
    at: usize,
    depth: usize,
}

impl Seen<'_> {
    /// Adds what it starts. Whether it runs a text, which was looked through.
    fn look(&self, place: &Place<'_>, found: &mut Found) -> bool {
        let Some((program, rest)) = self.command.words.split_first() else { return false };
        let each = each_of(self.wrapper);
        let place = Place { is_wild: !each, ..place.clone() };
        found.files.append(&mut place.started(&self.command.words));
        found.files.extend(place.read_by(self.command));
        let stand = self.wrapper.and_then(stand_in).unwrap_or_else(|| "{}".to_string());
        let stands_for_any =
            |word: &str| each && (word.contains('…') || word.contains(&stand) || wild::is_wild(word));
        if stands_for_any(program) {
            self.tell(found);
            return false;
        }
        if self.is_computed(program) {
            match self.named_program(program) {
                Some(name) => {
                    let words: Vec<String> = [name].into_iter().chain(rest.iter().cloned()).collect();
                    found.files.append(&mut place.started(&words));
                }
                None => {
                    // `$PYTHON x.py`
                    let operand = rest.iter().find(|word| !word.starts_with('-'));
                    let files = operand.map_or_else(Vec::new, |word| place.files(word));
                    found.files.extend(files.into_iter().filter(|path| place.is_script(path)));
                    self.computed(&place, program, found);
                }
            }
            return false;
        }
        self.embedded(&place, program, rest, found);
        match starts(&self.command.words) {
            Starts::Text(text) if each && stands_for_any(text.trim()) => self.tell(found),
            Starts::Text(text) => {
                // A trap runs wherever the line is by then.
                let is_lost = place.is_lost || base(program) == "trap";
                walk(Place { is_lost, ..place }, &text, self.depth + 1, found);
                return true;
            }
            Starts::Word(word) if stands_for_any(&word) => self.tell(found),
            Starts::Word(word) if self.is_computed(&word) => self.computed(&place, &word, found),
            Starts::Input if each => self.tell(found),
            Starts::Input if self.wrapper.is_none() => self.input(&place, found),
            Starts::Word(_) | Starts::Input | Starts::Nothing => {}
        }
        let is_parallel = base(program) == "parallel" && rest.iter().any(|word| starts_input(word));
        if is_parallel && place.started(&self.command.words).is_empty() {
            self.tell(found);
        }
        false
    }

    /// Whether it names a script from where it runs that is in none of these folders, or may be in another.
    fn is_missed(&self, place: &Place<'_>, places: &[Place<'_>]) -> bool {
        let Some((program, rest)) = self.command.words.split_first() else { return false };
        let is_near = |word: &str| !word.starts_with(['/', '~', '$', '`', '…']) && !self.is_computed(word);
        let is_named = match starts(&self.command.words) {
            Starts::Word(word) => is_near(&word) && !has_text(base(program), rest),
            _ => program.contains('/') && is_near(program),
        };
        is_named
            && (place.is_open || places.iter().all(|place| place.started(&self.command.words).is_empty()))
    }

    /// Adds what code in its arguments starts, what it makes other words mean, and what stands behind a wrapper that is not followed.
    fn embedded(&self, place: &Place<'_>, program: &str, rest: &[String], found: &mut Found) {
        let name = base(program);
        let mut lines: Vec<(Place<'_>, String)> = Vec::new();
        match name {
            "echo" | "printf" | "test" | "[" | "[[" | "grep" | "rg" => return,
            "alias" => {
                let values = rest.iter().filter_map(|word| word.split_once('='));
                let place = Place { is_lost: true, ..place.clone() };
                lines.extend(values.map(|(_, value)| (place.clone(), value.to_string())));
            }
            "git" => {
                let values = rest.windows(2).filter_map(|pair| match pair {
                    [option, value] if option == "-c" => value.split_once('='),
                    _ => None,
                });
                for (key, value) in values {
                    let is_file = ["core.hookspath", "include.path"].contains(&key.to_lowercase().as_str());
                    if is_file && place.folder_below(value).is_some() {
                        self.tell(found);
                    }
                    lines.push((place.clone(), value.trim_start_matches('!').to_string()));
                }
            }
            "declare" | "typeset" | "local" if rest.iter().any(|word| is_reference(word)) => self.tell(found),
            // What the shell opens here, commands behind it may run.
            "exec" if rest.is_empty() => {
                let opens = self.command.touches.iter().filter(|it| it.by_shell && it.access == Access::Read);
                found.files.extend(opens.flat_map(|touch| place.files(&touch.path)));
            }
            _ => {}
        }
        let is_followed = self.all.iter().any(|other| other.wrapped_by == Some(self.at));
        if let Some((place, words)) = place.behind(&self.command.words).filter(|_| !is_followed) {
            match starts(&words) {
                Starts::Text(text) => lines.push((place, text)),
                Starts::Word(word) if self.is_computed(&word) => self.computed(&place, &word, found),
                _ => {}
            }
        }
        for (place, line) in lines {
            walk(place, &line, self.depth + 1, found);
        }
        if !matches!(starts(&self.command.words), Starts::Text(_)) {
            for word in rest {
                if let Heard::Computed = mentions::code(place, program, word, &mut found.files) {
                    self.tell(found);
                }
            }
        }
    }

    fn tell(&self, found: &mut Found) {
        found.tell(&self.part.text);
    }

    fn is_computed(&self, word: &str) -> bool {
        self.part.argv.iter().any(|arg| arg.is_computed && arg.text == word)
    }

    /// `$(which python3)`, `${PYTHON:-python3}`
    fn named_program(&self, word: &str) -> Option<String> {
        let other = word.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')?.split_once(":-"));
        if let Some((_, name)) = other.filter(|(_, name)| !name.is_empty() && !name.contains(['$', '`'])) {
            return Some(name.to_string());
        }
        let inner = self.nested(word).find(|inner| {
            let own = [format!("$({})", inner.text), format!("`{}`", inner.text)];
            own.iter().any(|own| own == word)
        })?;
        match inner.words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["which", name] | ["command", "-v", name] | ["type", "-p" | "-P", name] => {
                Some((*name).to_string())
            }
            _ => None,
        }
    }

    /// A word where a script is named that the shell fills in.
    fn computed(&self, place: &Place<'_>, word: &str, found: &mut Found) {
        // What lies at the person's is no file of the workspace.
        if word.starts_with("$HOME/") || word.starts_with("${HOME}/") {
            return;
        }
        let inner: Vec<&Judged> = self.nested(word).collect();
        let is_whole = word.starts_with("$(") || word.starts_with('`') || word.starts_with("<(");
        let mut is_named = false;
        for inner in inner {
            is_named |= self.reads(place, inner, found);
        }
        if !(is_named && is_whole && word.ends_with([')', '`'])) {
            self.tell(found);
        }
    }

    /// The commands of the substitutions in a word.
    fn nested<'s>(&'s self, word: &'s str) -> impl Iterator<Item = &'s Judged> {
        let (span, depth) = (&self.command.span, self.command.via.len());
        self.all.iter().filter(move |other| {
            let is_inside = other.span.start >= span.start && other.span.end <= span.end;
            let is_nested = matches!(other.via.get(depth), Some(Via::Substitution | Via::Process));
            is_inside && is_nested && word.contains(&other.text)
        })
    }

    /// Adds the files that a command prints, as far as it names them. Whether it names any, or starts a file.
    fn reads(&self, place: &Place<'_>, command: &Judged, found: &mut Found) -> bool {
        let operands = command.words.iter().skip(1).filter(|word| !word.starts_with('-'));
        let opened = command.touches.iter().filter(|touch| touch.by_shell && touch.access == Access::Read);
        let words: Vec<&String> = operands.chain(opened.map(|touch| &touch.path)).collect();
        let mut is_named = !place.started(&command.words).is_empty();
        for word in words {
            let files = place.files(word);
            is_named |= !files.is_empty() || word.starts_with(['/', '~']) || word.starts_with("$HOME/");
            found.files.extend(files);
        }
        is_named
    }

    /// A program that runs what it reads.
    fn input(&self, place: &Place<'_>, found: &mut Found) {
        let opens = self.command.touches.iter().any(|touch| touch.by_shell && touch.access == Access::Read);
        let is_followed = self.all.iter().any(|other| other.wrapped_by == Some(self.at));
        if opens || is_followed {
            return;
        }
        let mut is_named = false;
        match &self.part.input {
            Input::Inherited | Input::Text(_) => return,
            Input::Unknown => {
                for inner in self.nested(&self.part.text) {
                    is_named |= self.reads(place, inner, found);
                }
            }
            Input::Part(_) => {
                let mut input = &self.part.input;
                while let Input::Part(from) = input {
                    let Some(command) = self.tops.get(*from).and_then(|at| self.all.get(*at)) else { break };
                    is_named |= self.reads(place, command, found);
                    let Some(part) = self.parts.get(*from) else { break };
                    input = &part.input;
                }
            }
        }
        if !is_named {
            self.tell(found);
        }
    }
}

/// Whether a command runs for each name that another finds.
fn each_of(wrapper: Option<&Judged>) -> bool {
    let wraps = wrapper.and_then(|wrapper| wrapper.words.first()).map_or("", |name| base(name));
    matches!(wraps, "xargs" | "gxargs" | "find" | "gfind")
}

/// What `xargs` puts its input in place of.
fn stand_in(wrapper: &Judged) -> Option<String> {
    let mut words = wrapper.words.iter();
    while let Some(word) = words.next() {
        let own = word.strip_prefix("--replace=").or_else(|| word.strip_prefix("-I"));
        match own {
            Some("") => return words.next().cloned(),
            Some(own) => return Some(own.to_string()),
            None => {}
        }
    }
    None
}

/// `declare -n`
fn is_reference(word: &str) -> bool {
    word.starts_with('-') && !word.starts_with("--") && word.contains('n')
}

/// Whether a word is a program that runs what it is given.
fn starts_input(word: &str) -> bool {
    matches!(starts(&[word.to_string()]), Starts::Input)
}

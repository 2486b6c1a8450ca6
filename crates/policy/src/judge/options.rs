//! Options of programs: which of the words are options, which are their values, which are neither. Judges nothing.

use crate::sh::Arg;

/// The options of a program that is known. An option that is not listed makes it unknown.
///
/// `long` is a list separated by blanks: `name` has no value, `name=` has one, `name@` has a path for a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// Letters without a value; digits always count.
    pub(super) short: &'static str,
    /// Letters with a value that is no path.
    pub(super) valued: &'static str,
    /// Letters with a path for a value.
    pub(super) paths: &'static str,
    /// Long options.
    pub(super) long: &'static str,
}

/// Words, sorted.
#[derive(Debug, Default)]
pub(super) struct Given<'a> {
    /// What is no option and no value of one.
    pub(super) operands: Vec<&'a Arg>,
    /// Options: letters as `-x`, long ones as `--name`.
    pub(super) names: Vec<String>,
    /// Values of options that are paths.
    pub(super) paths: Vec<Arg>,
    /// Values of other options, with the option.
    pub(super) values: Vec<(String, Arg)>,
    /// The first word that is none of the listed.
    pub(super) strange: Option<String>,
    /// An operand that may turn out to be an option: computed, or a wildcard at its beginning.
    pub(super) may_be_option: bool,
}

impl Given<'_> {
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.names.iter().any(|name| names.contains(&name.as_str()))
    }
}

/// Sorts the words of a program that takes options among operands, as GNU does.
pub(super) fn sort<'a>(args: &'a [Arg], options: &Options) -> Given<'a> {
    let mut given = Given::default();
    let mut rest = args.iter();
    let mut only_operands = false;
    while let Some(arg) = rest.next() {
        let text = arg.text.as_str();
        let starts_unknown = arg.is_computed && !arg.is_tame && text.starts_with(['$', '`']);
        if !only_operands
            && (starts_unknown || arg.may_split || (arg.globs && text.starts_with(['*', '?', '['])))
        {
            given.may_be_option = true;
        }
        if only_operands || !text.starts_with('-') || text == "-" {
            given.operands.push(arg);
            continue;
        }
        if text == "--" {
            only_operands = true;
            continue;
        }
        if arg.is_computed && !arg.is_tame && !text.contains('=') {
            given.strange.get_or_insert_with(|| text.to_string());
            continue;
        }
        match text.strip_prefix("--") {
            Some(long) => long_option(long, arg, &mut rest, options, &mut given),
            None => cluster(text.trim_start_matches('-'), arg, &mut rest, options, &mut given),
        }
    }
    given
}

fn long_option<'a>(
    long: &str,
    arg: &Arg,
    rest: &mut std::slice::Iter<'a, Arg>,
    options: &Options,
    given: &mut Given<'a>,
) {
    let (name, value) = match long.split_once('=') {
        Some((name, value)) => (name, Some(Arg { text: value.to_string(), ..arg.clone() })),
        None => (long, None),
    };
    let listed = options.long.split(' ').find(|listed| listed.trim_end_matches(['=', '@']) == name);
    let Some(listed) = listed.filter(|listed| !listed.is_empty()) else {
        given.strange.get_or_insert_with(|| arg.text.clone());
        return;
    };
    given.names.push(format!("--{name}"));
    if listed.ends_with(['=', '@']) {
        let value = value.or_else(|| rest.next().cloned()).unwrap_or_default();
        if listed.ends_with('@') {
            given.paths.push(value);
        } else {
            given.values.push((format!("--{name}"), value));
        }
    }
}

fn cluster<'a>(
    letters: &str,
    arg: &Arg,
    rest: &mut std::slice::Iter<'a, Arg>,
    options: &Options,
    given: &mut Given<'a>,
) {
    for (at, letter) in letters.char_indices() {
        let is_path = options.paths.contains(letter);
        if is_path || options.valued.contains(letter) {
            given.names.push(format!("-{letter}"));
            let attached = letters.get(at + letter.len_utf8()..).unwrap_or("");
            let value = if attached.is_empty() {
                rest.next().cloned().unwrap_or_default()
            } else {
                Arg { text: attached.to_string(), ..arg.clone() }
            };
            if is_path {
                given.paths.push(value);
            } else {
                given.values.push((format!("-{letter}"), value));
            }
            return;
        }
        if !(options.short.contains(letter) || letter.is_ascii_digit()) {
            given.strange.get_or_insert_with(|| arg.text.clone());
            return;
        }
        given.names.push(format!("-{letter}"));
    }
}

/// Whether a word is this long option, or may be taken for it: programs take any beginning that is not ambiguous.
pub(super) fn may_be_long(word: &str, name: &str) -> bool {
    let word = word.split('=').next().unwrap_or(word);
    word.strip_prefix("--").is_some_and(|begin| !begin.is_empty() && name.starts_with(begin))
}

/// Whether a word is a cluster of short options with one of these letters.
pub(super) fn has_letter(word: &str, letters: &str) -> bool {
    word.starts_with('-') && !word.starts_with("--") && word.chars().skip(1).any(|c| letters.contains(c))
}

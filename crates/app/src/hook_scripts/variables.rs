//! What a shell fills in whose value is known before a line runs: variables by their whole names, and a few commands. What a line sets
//! itself is left to whoever reads the line.

/// Words whose command may set the variables that are named behind them.
const SETTERS: [&str; 12] = [
    "read",
    "for",
    "select",
    "unset",
    "declare",
    "typeset",
    "local",
    "readonly",
    "mapfile",
    "readarray",
    "getopts",
    "printf",
];

/// What is filled in: the name of a variable, or a command as it is written, and what comes of it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    name: String,
    value: String,
}

impl Known {
    pub(super) fn new(name: &str, value: &str) -> Known {
        Known { name: name.to_string(), value: value.to_string() }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    fn is_variable(&self) -> bool {
        !self.name.starts_with(['$', '`'])
    }

    /// How long it is at the beginning of a text, when it stands there.
    fn at_start(&self, text: &str) -> Option<usize> {
        if !self.is_variable() {
            return text.starts_with(&self.name).then_some(self.name.len());
        }
        let rest = text.strip_prefix('$')?;
        if let Some(inner) = rest.strip_prefix('{') {
            return inner.strip_prefix(&self.name)?.starts_with('}').then_some(self.name.len() + 3);
        }
        let behind = rest.strip_prefix(&self.name)?;
        (!behind.starts_with(is_letter)).then_some(self.name.len() + 1)
    }
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The line with what is known in the place of its names, as the shell takes them: not in single quotes, and not what the line sets. A
/// variable that it sets is put in front of it. With the names of those.
pub(super) fn filled<'k>(line: &str, all: &'k [Known]) -> (String, Vec<&'k str>) {
    let (set, open): (Vec<&Known>, Vec<&Known>) =
        all.iter().partition(|known| known.is_variable() && sets(line, &known.name));
    let mut filled = String::new();
    for known in set.iter().filter(|known| known.value != ".") {
        filled.push_str(&format!("{}='{}'; ", known.name, known.value.replace('\'', "'\\''")));
    }
    put(line, &open, &mut filled);
    (filled, set.into_iter().map(|known| known.name.as_str()).collect())
}

/// A text with what is known, wherever it stands: code that a program gives to a shell.
pub(super) fn anywhere(text: &str, all: &[Known]) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let known = all.iter().find_map(|known| Some((known, known.at_start(rest)?)));
        let length = known.map_or(c.len_utf8(), |(_, length)| length);
        let (own, behind) = rest.split_at(length);
        plain.push_str(known.map_or(own, |(known, _)| &known.value));
        rest = behind;
    }
    plain
}

fn put(line: &str, open: &[&Known], filled: &mut String) {
    // Whether double quotes are open, in each substitution around.
    let mut quoted = vec![false];
    let mut rest = line;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let is_quoted = quoted.last() == Some(&true);
        let is_begin = before.is_whitespace() || ";|&(=<>".contains(before);
        let known = open.iter().find_map(|known| Some((known, known.at_start(rest)?)));
        if let Some((known, length)) = known {
            filled.push_str(&written(&known.value, is_quoted));
            rest = rest.get(length..).unwrap_or_default();
            before = 'x';
            continue;
        }
        let length = match c {
            '\\' => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            '\'' if !is_quoted => 1 + until(rest.get(1..).unwrap_or_default(), before == '$'),
            '#' if !is_quoted && is_begin => rest.find('\n').unwrap_or(rest.len()),
            '~' if !is_quoted && is_begin && (rest.starts_with("~+/") || rest.starts_with("~-/")) => {
                filled.push('.');
                rest = rest.get(2..).unwrap_or_default();
                continue;
            }
            _ => c.len_utf8(),
        };
        match c {
            '"' => quoted.iter_mut().last().into_iter().for_each(|quoted| *quoted = !*quoted),
            '(' if !is_quoted || before == '$' => quoted.push(false),
            ')' if !is_quoted && quoted.len() > 1 => drop(quoted.pop()),
            _ => {}
        }
        let (own, behind) = rest.split_at(length);
        filled.push_str(own);
        // What is escaped begins nothing.
        before = if c == '\\' { 'x' } else { own.chars().last().unwrap_or(c) };
        rest = behind;
    }
}

/// How many bytes there are until the single quotes are closed, with the closing one.
fn until(text: &str, has_escapes: bool) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if c == '\'' && !is_escaped {
            return at + 1;
        }
        is_escaped = has_escapes && c == '\\' && !is_escaped;
    }
    text.len()
}

/// A value so that the shell reads it as it is.
fn written(value: &str, is_quoted: bool) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@%".contains(c);
    let mut written = String::new();
    for c in value.chars() {
        let counts = if is_quoted { "\"$`\\".contains(c) } else { !is_plain(c) };
        if counts {
            written.push('\\');
        }
        written.push(c);
    }
    written
}

/// Whether a line may set a variable.
fn sets(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let (before, behind) =
            (line.get(..at).unwrap_or_default(), line.get(at + name.len()..).unwrap_or_default());
        if before.ends_with("${") {
            return behind.starts_with(":=") || behind.starts_with('=');
        }
        if before.ends_with(['$', '#', '!']) || behind.starts_with(is_letter) {
            return false;
        }
        let own = before.rsplit([';', '|', '&', '\n', '(', '{', '`']).next().unwrap_or_default();
        let mut words = own.split(|c: char| c.is_whitespace() || "\"'\\".contains(c));
        // `-vNAME`
        let is_setter = words.any(|word| SETTERS.contains(&word));
        if before.ends_with(is_letter) {
            return is_setter && before.ends_with("-v");
        }
        is_setter || behind.starts_with(['=', '+', '['])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_filled_in_as_the_shell_does() {
        let all = [
            Known::new("PWD", "."),
            Known::new("ROOT", "/w/a\"b $c"),
            Known::new("TOP", "/top"),
            Known::new("$(top)", "/top"),
        ];
        let check = |line: &str, expected: &str, set: &[&str]| {
            let (filled, own) = filled(line, &all);
            assert_eq!((filled.as_str(), own.as_slice()), (expected, set), "{line}");
        };
        check("sh $PWD/x ${PWD}/y \"$PWD\"/z", "sh ./x ./y \".\"/z", &[]);
        check("sh $PWDX/x $PWD_/y ${PWD%/*}", "sh $PWDX/x $PWD_/y ${PWD%/*}", &[]);
        check("sh '$PWD/x' \\$PWD $'a\\'$PWD'", "sh '$PWD/x' \\$PWD $'a\\'$PWD'", &[]);
        check("sh \"it's $TOP/x\" # don't $TOP", "sh \"it's /top/x\" # don't $TOP", &[]);
        check("sh \"$ROOT/x\"", "sh \"/w/a\\\"b \\$c/x\"", &[]);
        check("sh $ROOT/x", "sh /w/a\\\"b\\ \\$c/x", &[]);
        check("a \"$(b \"$ROOT\" $TOP)\" '$TOP'", "a \"$(b \"/w/a\\\"b \\$c\" /top)\" '$TOP'", &[]);
        check("sh $(top)/x ~+/x a~+/x", "sh /top/x ./x a~+/x", &[]);
        check("PWD=a; sh $PWD/x", "PWD=a; sh $PWD/x", &["PWD"]);
        check("TOP=a; sh $TOP/x", "TOP='/top'; TOP=a; sh $TOP/x", &["TOP"]);
        check("XTOP=a; sh $TOP/x", "XTOP=a; sh /top/x", &[]);
        check(
            "printf -vTOP a; for PWD in a; do b; done",
            "TOP='/top'; printf -vTOP a; for PWD in a; do b; done",
            &["PWD", "TOP"],
        );
        check("echo ${TOP:=a}", "TOP='/top'; echo ${TOP:=a}", &["TOP"]);
        assert_eq!(anywhere("'sh $TOP/x $TOPS'", &all), "'sh /top/x $TOPS'");
    }
}

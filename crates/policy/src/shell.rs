//! Reads a command line into simple commands and knows which of them only read. Runs none of them.
//!
//! What is not certainly plain is `Unclear`, and what is unclear asks: the cost of a needless question is a
//! moment, the cost of a wrong guess is somebody's work.

use std::path::Path;

use crate::readers;

/// What a command line was understood as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Understood {
    /// Simple commands joined by `;`, `&&`, `||`, `|`, `&` or a new line.
    Commands(Vec<SimpleCommand>),
    /// Something that this reader does not follow; the reason, as a noun.
    Unclear(&'static str),
}

/// One command with its words, quotes removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimpleCommand {
    /// The command as it was written.
    pub text: String,
    /// Its words.
    pub words: Vec<String>,
    /// Whether a `*`, `?` or `[` stands outside quotes: the shell may make more words of it, and options too.
    pub globbed: bool,
}

/// The longest command line that is looked into, in bytes; a longer one is unclear.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// Reads a command line.
pub fn understand(line: &str) -> Understood {
    if line.len() > LINE_BYTES_MAX {
        return Understood::Unclear("a very long line");
    }
    let mut reader = Reader::default();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                // The shell removes both: the word goes on with the next line.
                Some('\n') => reader.text.push_str("\\\n"),
                Some(next) => reader.quoted(next, &format!("\\{next}")),
                None => return Understood::Unclear("a trailing backslash"),
            },
            '\'' => {
                reader.open_quote(c);
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(inner) => reader.quoted(inner, &inner.to_string()),
                        None => return Understood::Unclear("an open quote"),
                    }
                }
                reader.text.push('\'');
            }
            '"' => {
                reader.open_quote(c);
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('$' | '`') => return Understood::Unclear("a substitution"),
                        Some('\\') => match chars.next() {
                            Some('\n') => reader.text.push_str("\\\n"),
                            Some(inner @ ('$' | '`' | '"' | '\\')) => {
                                reader.quoted(inner, &format!("\\{inner}"));
                            }
                            Some(inner) => {
                                reader.quoted('\\', "\\");
                                reader.quoted(inner, &inner.to_string());
                            }
                            None => return Understood::Unclear("an open quote"),
                        },
                        Some(inner) => reader.quoted(inner, &inner.to_string()),
                        None => return Understood::Unclear("an open quote"),
                    }
                }
                reader.text.push('"');
            }
            '$' | '`' => return Understood::Unclear("a substitution"),
            '>' if reader.discards(&mut chars) => {}
            '>' | '<' => return Understood::Unclear("a redirection"),
            '(' | ')' | '{' | '}' => return Understood::Unclear("a group"),
            '#' if reader.word.is_none() => return Understood::Unclear("a comment"),
            '!' if reader.word.is_none() => return Understood::Unclear("a negation"),
            ';' | '&' | '|' | '\n' => {
                // `&&`, `||` and `|&` are one separator; `;;` ends nothing that is understood here.
                if chars.peek() == Some(&c) && c != ';' {
                    chars.next();
                }
                reader.end_command();
            }
            c if c.is_whitespace() => reader.end_word(c),
            c => {
                // `[` at the very beginning is the command of that name.
                let is_test = c == '[' && reader.words.is_empty() && reader.word.is_none();
                reader.globbed |= matches!(c, '*' | '?' | '[') && !is_test;
                reader.plain(c);
            }
        }
    }
    reader.end_command();
    if reader.commands.iter().any(SimpleCommand::is_keyword_or_assignment) {
        return Understood::Unclear("shell syntax or an assignment");
    }
    Understood::Commands(reader.commands)
}

impl SimpleCommand {
    /// Whether the command is known to change nothing.
    pub fn reads_only(&self) -> bool {
        readers::reads_only(self)
    }

    /// Whether an argument may name something outside the directory in which the command runs.
    ///
    /// Limitations: it looks at the words only; whoever can look at the disk resolves symlinks before the gate.
    ///
    /// `root` is the resolved root of the workspace, where that is known: an absolute path below it is inside.
    pub fn names_outside(&self, root: Option<&Path>) -> bool {
        self.words.iter().skip(1).any(|word| {
            let value = word.split_once('=').map_or(word.as_str(), |(_, value)| value);
            let below = |root: &Path| Path::new(value).starts_with(root);
            let value = if root.is_some_and(below) { value.trim_start_matches('/') } else { value };
            let climbs = value.split('/').any(|part| part == "..");
            // The value of an option may stand right behind its letter.
            let attached = word.starts_with('-')
                && !word.contains('=')
                && (word.contains(['/', '~']) || word.contains(".."));
            // A directory that the shell picks may be a link; a named one can be looked at before.
            let picked = self.globbed
                && word.rsplit_once('/').is_some_and(|(directory, _)| directory.contains(['*', '?', '[']));
            picked || (value.starts_with(['/', '~']) && value != "/dev/null") || climbs || attached
        })
    }

    /// The program, without a directory.
    pub fn program(&self) -> &str {
        self.words.first().map_or("", |word| word.rsplit('/').next().unwrap_or(word))
    }

    /// The ways in which a rule that asks or denies may have written this command: as it stands, without quotes
    /// and doubled blanks, by the bare name of the program, without wrappers, and git without its own options.
    ///
    /// Limitations: text rules cannot be complete; a program can always be called by way of another one.
    pub(crate) fn spellings(&self) -> Vec<String> {
        const WRAPPERS: [&str; 9] =
            ["command", "exec", "env", "nice", "nohup", "sudo", "time", "builtin", "setsid"];
        let mut words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let mut spellings = vec![self.text.clone(), words.join(" ")];
        while let Some(first) = words.first_mut() {
            *first = first.rsplit('/').next().unwrap_or(first);
            let wrapped = WRAPPERS.contains(first);
            spellings.push(words.join(" "));
            if !wrapped {
                break;
            }
            words.remove(0);
            while words.first().is_some_and(|word| word.starts_with('-') || word.contains('=')) {
                words.remove(0);
            }
        }
        if words.first() == Some(&"git") {
            let mut rest = words.split_off(1);
            while let Some(option) = rest.first().copied().filter(|word| word.starts_with('-')) {
                rest.remove(0);
                if matches!(option, "-C" | "-c" | "--git-dir" | "--work-tree" | "--namespace")
                    && !rest.is_empty()
                {
                    rest.remove(0);
                }
            }
            spellings.push(format!("git {}", rest.join(" ")));
        }
        spellings
    }

    fn is_keyword_or_assignment(&self) -> bool {
        const KEYWORDS: [&str; 16] = [
            "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac",
            "function", "select", "time", "coproc",
        ];
        let Some(first) = self.words.first() else { return false };
        let assigns = first.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_+[]".contains(c))
        });
        assigns || KEYWORDS.contains(&first.as_str())
    }
}

/// Collects words into commands.
#[derive(Default)]
struct Reader {
    commands: Vec<SimpleCommand>,
    words: Vec<String>,
    word: Option<String>,
    text: String,
    globbed: bool,
}

impl Reader {
    fn plain(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
        self.text.push(c);
    }

    fn quoted(&mut self, c: char, written: &str) {
        self.word.get_or_insert_default().push(c);
        self.text.push_str(written);
    }

    fn open_quote(&mut self, quote: char) {
        self.word.get_or_insert_default();
        self.text.push(quote);
    }

    fn end_word(&mut self, space: char) {
        self.words.extend(self.word.take());
        self.text.push(space);
    }

    fn end_command(&mut self) {
        self.words.extend(self.word.take());
        let text = std::mem::take(&mut self.text).trim().to_string();
        let words = std::mem::take(&mut self.words);
        let globbed = std::mem::take(&mut self.globbed);
        if !words.is_empty() {
            self.commands.push(SimpleCommand { text, words, globbed });
        }
    }

    /// Takes `2>&1`, `>/dev/null` and `2>/dev/null`, which write nowhere. The `>` is already read.
    fn discards(&mut self, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
        if self.word.as_deref().is_some_and(|word| word != "1" && word != "2") {
            return false;
        }
        let ahead: String = chars.clone().take(11).collect();
        let rest = ahead.strip_prefix(' ').unwrap_or(&ahead);
        let spaces = ahead.len() - rest.len();
        for nowhere in ["&1", "&2", "/dev/null"] {
            let ends = |after: &str| after.is_empty() || after.starts_with([' ', ';', '|', '&', '\n', '\t']);
            if rest.strip_prefix(nowhere).is_some_and(ends) {
                // It writes nowhere, so the command is the same with it and without: rules see it without.
                if self.word.take().is_some() {
                    self.text.pop();
                }
                chars.by_ref().take(spaces + nowhere.len()).for_each(drop);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let found = match understand(line) {
            Understood::Unclear(why) => format!("unclear: {why}"),
            Understood::Commands(parts) => {
                let shown = parts
                    .iter()
                    .map(|part| format!("{}{:?}", if part.reads_only() { "r" } else { "?" }, part.words));
                shown.collect::<Vec<_>>().join(" ")
            }
        };
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn plain_commands() {
        check("ls -la", r#"r["ls", "-la"]"#);
        check("git status && cargo test", r#"r["git", "status"] ?["cargo", "test"]"#);
        check("cat a | grep 'x y' | wc -l", r#"r["cat", "a"] r["grep", "x y"] r["wc", "-l"]"#);
        check("cargo test 2>&1 | tail -5", r#"?["cargo", "test"] r["tail", "-5"]"#);
        check("ls 2>/dev/null; pwd", r#"r["ls"] r["pwd"]"#);
        check(r#"grep "a|b;c" x"#, r#"r["grep", "a|b;c", "x"]"#);
        check("", "");
    }

    #[test]
    fn what_is_not_plain_is_unclear() {
        check("cat $(rm x)", "unclear: a substitution");
        check("echo \"`rm x`\"", "unclear: a substitution");
        check("echo a > b", "unclear: a redirection");
        check("ls >/dev/nullx", "unclear: a redirection");
        check("ls 3>/dev/null", "unclear: a redirection");
        check("(rm x)", "unclear: a group");
        check("LD_PRELOAD=x ls", "unclear: shell syntax or an assignment");
        check("if true; then rm x; fi", "unclear: shell syntax or an assignment");
        check("echo 'a", "unclear: an open quote");
    }

    #[test]
    fn what_the_shell_removes_is_not_in_the_words() {
        check("find . \"-del\\\nete\"", r#"?["find", ".", "-delete"]"#);
        check("cat \"a\\b\"", r#"r["cat", "a\\b"]"#);
        check("cat a\\\nb", r#"r["cat", "ab"]"#);
    }

    #[test]
    fn spellings_of_the_same_command() {
        let check = |line: &str, expected: &str| {
            let Understood::Commands(parts) = understand(line) else { panic!("{line}") };
            let spellings: Vec<String> = parts.iter().flat_map(SimpleCommand::spellings).collect();
            assert!(spellings.iter().any(|spelling| spelling == expected), "{line}: {spellings:?}");
        };
        for line in [
            "git push x",
            "git  push   x",
            "\"git\" push x",
            "/usr/bin/git push x",
            "command git push x",
            "env A=b git push x",
            "sudo -n git -C . -c a.b=c push x",
        ] {
            check(line, "git push x");
        }
    }
}

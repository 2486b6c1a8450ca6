//! Reads a command line into simple commands and knows which of them only read. Runs none of them.
//!
//! What is not certainly plain is `Unclear`, and what is unclear asks: the cost of a needless question is a
//! moment, the cost of a wrong guess is somebody's work.

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
}

/// The longest command line that is looked into, in bytes; a longer one is unclear.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// Commands that only read, whatever their arguments.
const READERS: [&str; 36] = [
    "[", "basename", "cat", "cd", "cmp", "column", "comm", "cut", "date", "df", "diff", "dirname", "du",
    "echo", "expr", "false", "file", "grep", "head", "id", "ls", "nl", "od", "printf", "pwd", "readlink",
    "realpath", "stat", "tail", "test", "tr", "true", "uname", "wc", "which", "whoami",
];

/// Sub-commands of git that only read, and the options by which some of them would write or run something.
const GIT_READERS: [&str; 12] = [
    "blame",
    "cat-file",
    "describe",
    "diff",
    "grep",
    "log",
    "ls-files",
    "ls-tree",
    "rev-list",
    "rev-parse",
    "show",
    "status",
];
const GIT_REFUSED: [&str; 5] = ["--output", "--ext-diff", "--textconv", "-O", "--open-files-in-pager"];

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
                            Some(inner) => reader.quoted(inner, &format!("\\{inner}")),
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
            c => reader.plain(c),
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
        let mut words = self.words.iter().map(String::as_str);
        let Some(name) = words.next() else { return true };
        let arguments: Vec<&str> = words.collect();
        let has = |bad: &[&str]| arguments.iter().any(|word| bad.iter().any(|bad| word.starts_with(bad)));
        match name {
            "find" => !has(&["-exec", "-ok", "-delete", "-fprint", "-fls"]),
            "sort" => !has(&["-o", "--output", "--compress-program"]),
            "uniq" => arguments.iter().filter(|word| !word.starts_with('-')).count() < 2,
            "rg" => !has(&["--pre", "--hostname-bin", "-z", "--search-zip"]),
            "date" => !has(&["-s", "--set"]) && arguments.iter().all(|word| word.starts_with(['+', '-'])),
            "file" => !has(&["-C", "--compile"]),
            "git" => git_reads_only(&arguments),
            "cargo" | "rustc" | "node" | "python3" | "python" | "npm" | "go" | "java" => {
                matches!(arguments.as_slice(), ["--version" | "-V" | "-v" | "version"])
            }
            name => READERS.contains(&name),
        }
    }

    /// Whether an argument may name something outside the directory in which the command runs.
    ///
    /// Limitations: it looks at the words only; a symlink inside the workspace is not seen from here.
    pub fn names_outside(&self) -> bool {
        self.words.iter().skip(1).any(|word| {
            let value = word.split_once('=').map_or(word.as_str(), |(_, value)| value);
            let climbs = value.split('/').any(|part| part == "..");
            (value.starts_with(['/', '~']) && value != "/dev/null") || climbs
        })
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

fn git_reads_only(arguments: &[&str]) -> bool {
    // Options before the sub-command (`-c alias…`, `--exec-path`) can make git run anything.
    let Some((sub, rest)) = arguments.split_first() else { return true };
    let quiet = rest.iter().all(|word| !GIT_REFUSED.iter().any(|bad| word.starts_with(bad)));
    match *sub {
        "branch" | "tag" | "remote" => {
            rest.is_empty() || rest == ["-v"] || rest == ["--list"] || rest == ["-a"]
        }
        sub => GIT_READERS.contains(&sub) && quiet,
    }
}

/// Collects words into commands.
#[derive(Default)]
struct Reader {
    commands: Vec<SimpleCommand>,
    words: Vec<String>,
    word: Option<String>,
    text: String,
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
        if !words.is_empty() {
            self.commands.push(SimpleCommand { text, words });
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
                self.word = None;
                self.text.push('>');
                for c in chars.by_ref().take(spaces + nowhere.len()) {
                    self.text.push(c);
                }
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
    fn readers_that_can_write_are_not_readers_then() {
        check("find . -name x -delete", r#"?["find", ".", "-name", "x", "-delete"]"#);
        check("find . -exec rm {} +", "unclear: a group");
        check("sort -o a a", r#"?["sort", "-o", "a", "a"]"#);
        check("git -c core.pager=x log", r#"?["git", "-c", "core.pager=x", "log"]"#);
        check("git diff --output=x", r#"?["git", "diff", "--output=x"]"#);
        check("git branch new", r#"?["git", "branch", "new"]"#);
        check("uniq a b", r#"?["uniq", "a", "b"]"#);
        check("date -s 1", r#"?["date", "-s", "1"]"#);
        check("sed -i s/a/b/ x", r#"?["sed", "-i", "s/a/b/", "x"]"#);
        check("/bin/ls", r#"?["/bin/ls"]"#);
    }
}

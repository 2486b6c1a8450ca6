//! Lists, pipelines and commands. How a word is read lives in `word`, here-documents in `heredoc`.

use std::ops::Range;

use super::cursor::Cursor;
use super::heredoc::Pending;
use super::tree::{
    Assignment, Command, Compound, Item, Join, Parsed, Piece, Redirection, RedirectionKind, Script, Simple,
    Word,
};
use super::{DEPTH_MAX, Unclear, brace};

pub(super) type Read<T> = Result<T, Unclear>;

/// Key words, where a command may begin.
const KEYWORDS: [&str; 21] = [
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "in",
    "function", "select", "time", "coproc", "{", "}", "!", "[[",
];

/// What they begin with.
const KEYWORD_BEGINNINGS: &str = "ietfwudcs{}![";

/// The longest key word, in characters.
const KEYWORD_CHARS_MAX: usize = 8;

/// What a list of commands ends at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Text,
    Paren,
    /// One of these key words.
    Words(&'static [&'static str]),
    /// `;;`, `;&`, `;;&` or `esac`.
    Arm,
}

pub(super) struct Parser<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) pending: Vec<Pending>,
    pub(super) bodies: Vec<Vec<Piece>>,
    pub(super) depth: usize,
    /// Set when the text is not the line itself: the place in the line that it comes from.
    pub(super) place: Option<Range<usize>>,
}

/// Reads a whole line.
pub(super) fn parse(line: &str) -> Read<Parsed> {
    let mut parser =
        Parser { cursor: Cursor::new(line), pending: Vec::new(), bodies: Vec::new(), depth: 0, place: None };
    let script = parser.script(End::Text)?;
    Ok(Parsed { script, bodies: parser.bodies })
}

/// What separates words.
pub(super) fn is_meta(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>')
}

/// Whether a text can be the name of a variable.
pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether `((…))` can be no command for a shell that takes it for two groups: `((x++))`, `((n=3))`, `((1<2))`.
fn is_no_command(text: &str) -> bool {
    let inner = text.trim_start_matches('(');
    let name = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let (name, rest) = inner.split_at(name);
    let is_number = !name.is_empty() && name.chars().all(|c| c.is_ascii_digit());
    !text.contains(char::is_whitespace) && (is_number || (!name.is_empty() && rest.starts_with(['+', '='])))
}

impl<'a> Parser<'a> {
    pub(super) fn fail<T>(&self, why: &'static str) -> Read<T> {
        Err(Unclear { why, at: self.span(self.cursor.at()) })
    }

    pub(super) fn span(&self, start: usize) -> Range<usize> {
        self.place.clone().unwrap_or(start..self.cursor.at().max(start))
    }

    /// Enters one level; every call has a matching `self.depth -= 1`, except on failure, which ends the reading.
    pub(super) fn enter(&mut self) -> Read<()> {
        self.depth += 1;
        if self.depth > DEPTH_MAX { self.fail("things that stand too deep in one another") } else { Ok(()) }
    }

    /// A list of commands, up to its end, which is not taken.
    pub(super) fn script(&mut self, end: End) -> Read<Script> {
        self.enter()?;
        let mut script = Script::default();
        let mut join = Join::Then;
        let mut must_follow = false;
        loop {
            self.skip_lines()?;
            if self.is_at(end) {
                if must_follow || !self.pending.is_empty() {
                    return self.fail("an end that comes too early");
                }
                break;
            }
            if self.cursor.peek().is_none() {
                return self.fail("something that is opened and not closed");
            }
            let is_led = matches!(self.keyword(), Some("!" | "time"));
            let commands = self.pipeline()?;
            let mut item = Item { join, commands, background: false, is_led };
            must_follow = false;
            self.blanks();
            let ahead = (self.cursor.peek(), self.cursor.second());
            match ahead {
                (Some(sign @ '&'), Some('&')) | (Some(sign @ '|'), Some('|')) => {
                    self.cursor.next();
                    self.cursor.next();
                    (join, must_follow) = (if sign == '&' { Join::And } else { Join::Or }, true);
                }
                (Some('&'), _) => {
                    self.cursor.next();
                    item.background = true;
                    join = Join::Then;
                }
                (Some(';'), Some(';' | '&')) => {
                    if end != End::Arm {
                        return self.fail("a stray `;;`");
                    }
                }
                (Some(';'), _) => {
                    self.cursor.next();
                    join = Join::Then;
                }
                (Some('\n') | None, _) => join = Join::Then,
                (Some(')'), _) if end == End::Paren => {}
                _ if self.is_at(end) => {}
                _ => return self.fail("shell syntax that is not followed"),
            }
            script.items.push(item);
        }
        self.depth -= 1;
        Ok(script)
    }

    fn is_at(&mut self, end: End) -> bool {
        match end {
            End::Text => self.cursor.peek().is_none(),
            End::Paren => self.cursor.peek() == Some(')'),
            End::Words(words) => self.keyword().is_some_and(|word| words.contains(&word)),
            End::Arm => {
                self.cursor.starts(";;") || self.cursor.starts(";&") || self.keyword() == Some("esac")
            }
        }
    }

    fn pipeline(&mut self) -> Read<Vec<Command>> {
        let mut commands = Vec::new();
        loop {
            while let Some(word @ ("!" | "time")) = self.keyword() {
                self.take_word(word);
                self.blanks();
                if word == "time" && self.cursor.starts("-p") {
                    let before = self.cursor.at();
                    self.cursor.take("-p");
                    if !self.cursor.peek().is_none_or(is_meta) {
                        self.cursor.back_to(before);
                    }
                    self.blanks();
                }
            }
            commands.push(self.command()?);
            self.blanks();
            if self.cursor.peek() != Some('|') || self.cursor.second() == Some('|') {
                return Ok(commands);
            }
            self.cursor.next();
            if self.cursor.peek() == Some('&') {
                self.cursor.next();
            }
            self.skip_lines()?;
        }
    }

    fn command(&mut self) -> Read<Command> {
        self.enter()?;
        let start = self.cursor.at();
        let compound = match self.keyword() {
            Some("{") => {
                self.take_word("{");
                let script = self.script(End::Words(&["}"]))?;
                self.take_word("}");
                Compound::Group(script)
            }
            Some("if") => self.conditional()?,
            Some(word @ ("while" | "until")) => {
                self.take_word(word);
                let condition = self.script(End::Words(&["do"]))?;
                Compound::While(condition, self.body()?)
            }
            Some("for") => self.for_loop()?,
            Some("case") => self.case()?,
            Some("function") => {
                self.take_word("function");
                self.blanks();
                let name = self.plain_word()?;
                self.blanks();
                if self.cursor.take("(") {
                    self.blanks();
                    if !self.cursor.take(")") {
                        return self.fail("a function");
                    }
                }
                self.skip_lines()?;
                Compound::Function { name, body: self.command()? }
            }
            Some("[[") => self.test(start)?,
            Some(_) => return self.fail("a key word where a command should be"),
            None if self.cursor.starts("((") => {
                self.cursor.take("((");
                let pieces = self.arithmetic()?;
                if !is_no_command(self.cursor.since(start)) {
                    return self.fail("`((…))`, which some shells run as a command");
                }
                Compound::Arithmetic(pieces, self.span(start))
            }
            None if self.cursor.peek() == Some('(') => {
                self.cursor.next();
                let script = self.script(End::Paren)?;
                self.cursor.next();
                Compound::Subshell(script)
            }
            None => {
                let command = self.simple()?;
                self.depth -= 1;
                return Ok(command);
            }
        };
        let mut redirections = Vec::new();
        loop {
            self.blanks();
            match self.redirection()? {
                Some(found) => redirections.extend(found),
                None => break,
            }
        }
        self.depth -= 1;
        Ok(Command::Compound(Box::new(compound), redirections))
    }

    /// `do … done`, or `{ … }`, which bash takes as well.
    fn body(&mut self) -> Read<Script> {
        self.skip_lines()?;
        let (open, close): (_, &'static [&'static str]) =
            if self.keyword() == Some("{") { ("{", &["}"]) } else { ("do", &["done"]) };
        if !self.take_keyword(open) {
            return self.fail("a loop without `do`");
        }
        let script = self.script(End::Words(close))?;
        close.iter().for_each(|word| self.take_word(word));
        Ok(script)
    }

    fn conditional(&mut self) -> Read<Compound> {
        self.take_word("if");
        let mut branches = Vec::new();
        loop {
            let condition = self.script(End::Words(&["then"]))?;
            self.take_word("then");
            let body = self.script(End::Words(&["elif", "else", "fi"]))?;
            branches.push((Some(condition), body));
            match self.keyword() {
                Some("elif") => self.take_word("elif"),
                Some("else") => {
                    self.take_word("else");
                    branches.push((None, self.script(End::Words(&["fi"]))?));
                    self.take_word("fi");
                    return Ok(Compound::If(branches));
                }
                _ => {
                    self.take_word("fi");
                    return Ok(Compound::If(branches));
                }
            }
        }
    }

    fn for_loop(&mut self) -> Read<Compound> {
        self.take_word("for");
        self.blanks();
        if self.cursor.take("((") {
            let head = self.arithmetic()?;
            self.blanks();
            self.cursor.take(";");
            return Ok(Compound::Count(head, self.body()?));
        }
        let name = self.plain_word()?;
        if !is_name(&name) {
            return self.fail("a loop without a variable");
        }
        self.skip_lines()?;
        let mut words = None;
        if self.take_keyword("in") {
            let mut found = Vec::new();
            loop {
                self.blanks();
                match self.cursor.peek() {
                    Some(';' | '\n') => break,
                    Some(c) if is_meta(c) && c != '<' => return self.fail("the words of a loop"),
                    None => return self.fail("a loop without `do`"),
                    Some(_) => found.extend(brace::expand(self.word()?)?),
                }
            }
            words = Some(found);
        }
        self.blanks();
        self.cursor.take(";");
        Ok(Compound::For { name, words, body: self.body()? })
    }

    fn case(&mut self) -> Read<Compound> {
        self.take_word("case");
        self.blanks();
        let word = self.word()?;
        self.skip_lines()?;
        if !self.take_keyword("in") {
            return self.fail("a `case` without `in`");
        }
        let mut arms = Vec::new();
        loop {
            self.skip_lines()?;
            if self.take_keyword("esac") {
                return Ok(Compound::Case { word, arms });
            }
            self.cursor.take("(");
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                patterns.push(self.word()?);
                self.blanks();
                match self.cursor.next() {
                    Some('|') => {}
                    Some(')') => break,
                    _ => return self.fail("a pattern of `case`"),
                }
            }
            let script = self.script(End::Arm)?;
            arms.push((patterns, script));
            // `;&` goes on with the next arm; each arm is judged anyway.
            if !(self.cursor.take(";;&") || self.cursor.take(";;") || self.cursor.take(";&")) {
                self.skip_lines()?;
                if self.keyword() != Some("esac") {
                    return self.fail("an arm of `case` without its end");
                }
            }
        }
    }

    /// `[[ … ]]`: only its words matter, not how they are compared.
    fn test(&mut self, start: usize) -> Read<Compound> {
        self.take_word("[[");
        let mut words = Vec::new();
        let mut open = 0_i32;
        loop {
            self.blanks();
            match self.cursor.peek() {
                None | Some(';' | '#') => return self.fail("an open `[[`"),
                Some('\n') => self.newline()?,
                // A shell without `[[` would write a file.
                Some('>') => return self.fail("a `>` in `[[`, which shells read differently"),
                Some(c @ ('(' | ')' | '<')) => {
                    self.cursor.next();
                    open = (open + i32::from(c == '(')) - i32::from(c == ')');
                }
                Some('|') => {
                    let alternatives = open > 0 && self.cursor.second() != Some('|');
                    self.cursor.next();
                    self.cursor.take("|");
                    self.blanks();
                    // A shell without `[[` would run what follows. In parentheses it would run nothing at all.
                    if !alternatives && open <= 0 && !matches!(self.cursor.peek(), Some('-' | '!')) {
                        return self.fail("an alternative in `[[`, which shells read differently");
                    }
                }
                Some('&') if self.cursor.second() == Some('&') => {
                    self.cursor.take("&&");
                }
                Some('&') => return self.fail("an open `[[`"),
                Some(_) => {
                    let word = self.word()?;
                    if matches!(word.pieces.as_slice(), [Piece::Plain(text)] if text == "]]") {
                        return Ok(Compound::Test(words, self.span(start)));
                    }
                    words.push(word);
                }
            }
        }
    }

    fn simple(&mut self) -> Read<Command> {
        let start = self.cursor.at();
        let mut simple = Simple::default();
        let mut both = false;
        let mut end = start;
        loop {
            self.blanks();
            match self.cursor.peek() {
                None | Some(';' | '|' | '\n' | ')') => break,
                Some('&') if self.cursor.second() != Some('>') => break,
                Some('#') => self.comment(),
                Some('(') => {
                    let name = match (simple.words.as_slice(), simple.redirections.is_empty()) {
                        ([Word { pieces, .. }], true) => match pieces.as_slice() {
                            [Piece::Plain(name)] if simple.assignments.is_empty() => name.clone(),
                            _ => return self.fail("a parenthesis"),
                        },
                        _ => return self.fail("a parenthesis"),
                    };
                    self.cursor.next();
                    self.blanks();
                    if !self.cursor.take(")") {
                        return self.fail("a parenthesis");
                    }
                    self.skip_lines()?;
                    let body = self.command()?;
                    return Ok(Command::Compound(Box::new(Compound::Function { name, body }), Vec::new()));
                }
                Some(c) => {
                    if let Some(found) = self.redirection()? {
                        simple.redirections.extend(found);
                        both |= c == '&';
                    } else if both {
                        // A shell without `&>` begins another command there.
                        return self.fail("a word behind `&>`, which shells read differently");
                    } else if let Some(found) =
                        if simple.words.is_empty() { self.assignment()? } else { None }
                    {
                        simple.assignments.push(found);
                    } else {
                        let word = self.word()?;
                        let opens = |word: &Word| matches!(word.pieces.as_slice(), [Piece::Plain(text)] if text.starts_with('{') && text.ends_with('}') && text.len() > 2);
                        if opens(&word) && matches!(self.cursor.peek(), Some('<' | '>')) {
                            return self.fail("a descriptor in a variable");
                        }
                        simple.words.extend(brace::expand(word)?);
                    }
                }
            }
            end = self.cursor.at();
        }
        if simple.words.is_empty() && simple.assignments.is_empty() && simple.redirections.is_empty() {
            return self.fail("a command that is missing");
        }
        simple.span = self.place.clone().unwrap_or(start..end);
        simple.text = self.cursor.text().get(start..end).unwrap_or("").trim().to_string();
        Ok(Command::Simple(simple))
    }

    /// `name=value`, if one is next.
    fn assignment(&mut self) -> Read<Option<Assignment>> {
        let start = self.cursor.at();
        let mut name = String::new();
        while let Some(c) = self.cursor.peek().filter(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
            self.cursor.next();
        }
        if is_name(&name) && self.cursor.peek() == Some('[') {
            return self.fail("an element of an array");
        }
        let adds = is_name(&name) && self.cursor.take("+=");
        let sets = adds || (is_name(&name) && self.cursor.take("="));
        if !sets {
            self.cursor.back_to(start);
            return Ok(None);
        }
        if self.cursor.peek() == Some('(') {
            self.cursor.next();
            let mut value = Word::default();
            loop {
                self.skip_lines()?;
                match self.cursor.peek() {
                    Some(')') => break,
                    Some(c) if !is_meta(c) => value.pieces.extend(self.word()?.pieces),
                    _ => return self.fail("an array"),
                }
            }
            self.cursor.next();
            return Ok(Some(Assignment { name, value, is_odd: true }));
        }
        let value = match self.cursor.peek() {
            Some(c) if !is_meta(c) => self.word()?,
            _ => Word::default(),
        };
        Ok(Some(Assignment { name, value, is_odd: adds }))
    }

    /// A redirection, if one is next; `&>` is two.
    pub(super) fn redirection(&mut self) -> Read<Option<Vec<Redirection>>> {
        let start = self.cursor.at();
        let mut digits = 0;
        while self.cursor.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.cursor.next();
            digits += 1;
        }
        let both = digits == 0 && self.cursor.starts("&>");
        if both {
            self.cursor.next();
        }
        if !matches!(self.cursor.peek(), Some('<' | '>')) {
            self.cursor.back_to(start);
            return Ok(None);
        }
        if self.cursor.second() == Some('(') {
            if digits > 0 || both {
                return self.fail("a redirection");
            }
            self.cursor.back_to(start);
            return Ok(None);
        }
        const OPERATORS: [(&str, RedirectionKind); 10] = [
            ("<<<", RedirectionKind::HereString),
            ("<<-", RedirectionKind::HereDocument),
            ("<<", RedirectionKind::HereDocument),
            ("<>", RedirectionKind::ReadWrite),
            ("<&", RedirectionKind::DuplicateInput),
            ("<", RedirectionKind::Read),
            (">>", RedirectionKind::Append),
            (">&", RedirectionKind::Duplicate),
            (">|", RedirectionKind::Write),
            (">", RedirectionKind::Write),
        ];
        let Some((operator, kind)) = OPERATORS.into_iter().find(|(text, _)| self.cursor.take(text)) else {
            return self.fail("a redirection");
        };
        self.blanks();
        if self.cursor.peek().is_none_or(is_meta) {
            return self.fail("a redirection without a target");
        }
        // `>& -x` closes the descriptor, and `x` is a word behind it.
        let copies = matches!(kind, RedirectionKind::Duplicate | RedirectionKind::DuplicateInput);
        if copies && self.cursor.peek() == Some('-') && !self.cursor.second().is_none_or(is_meta) {
            return self.fail("a redirection");
        }
        let target = self.word()?;
        if kind == RedirectionKind::HereDocument {
            let body = self.expect_body(&target, operator == "<<-")?;
            return Ok(Some(vec![Redirection { kind, target, body: Some(body) }]));
        }
        Ok(Some(vec![Redirection { kind, target, body: None }]))
    }

    /// The key word that is next, if the next word is one.
    fn keyword(&mut self) -> Option<&'static str> {
        let start = self.cursor.at();
        let first = self.cursor.peek()?;
        if !KEYWORD_BEGINNINGS.contains(first) {
            return None;
        }
        let mut word = [0_u8; KEYWORD_CHARS_MAX];
        let mut places = word.iter_mut();
        let mut length = 0;
        let fits = loop {
            let Some(c) = self.cursor.peek().filter(|c| !is_meta(*c)) else { break true };
            let (Some(place), Ok(byte)) = (places.next(), u8::try_from(c)) else { break false };
            *place = byte;
            length += 1;
            self.cursor.next();
        };
        self.cursor.back_to(start);
        let word = word.get(..length).filter(|_| fits)?;
        KEYWORDS.into_iter().find(|keyword| keyword.as_bytes() == word)
    }

    fn take_keyword(&mut self, word: &str) -> bool {
        let is_next = self.keyword() == Some(word);
        if is_next {
            self.take_word(word);
        }
        is_next
    }

    fn take_word(&mut self, word: &str) {
        self.cursor.take(word);
    }

    /// A word without quotes or expansions: a name.
    fn plain_word(&mut self) -> Read<String> {
        match self.word()?.pieces.as_slice() {
            [Piece::Plain(name)] => Ok(name.clone()),
            _ => self.fail("a name that is not plain"),
        }
    }

    pub(super) fn blanks(&mut self) {
        while matches!(self.cursor.peek(), Some(' ' | '\t')) {
            self.cursor.next();
        }
    }

    /// Blanks, ends of lines and comments, where a command may begin.
    pub(super) fn skip_lines(&mut self) -> Read<()> {
        loop {
            match self.cursor.peek() {
                Some(' ' | '\t') => {
                    self.cursor.next();
                }
                Some('\n') => self.newline()?,
                Some('#') => self.comment(),
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) {
        // A backslash at the end of a comment continues nothing.
        while self.cursor.raw().is_some_and(|c| c != '\n') {
            self.cursor.next_raw();
        }
    }

    /// Takes the end of a line and the bodies of the here-documents that wait for it.
    fn newline(&mut self) -> Read<()> {
        self.cursor.next();
        self.read_bodies()
    }
}

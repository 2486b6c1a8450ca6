//! Words: quotes of every kind and expansions, taken apart into pieces.

use std::rc::Rc;

use super::cursor::Cursor;
use super::grammar::{End, Parser, Read, is_meta};
use super::tree::{Parameter, Piece, Substitution, Word};

impl Parser<'_> {
    /// The next word; there is one.
    pub(super) fn word(&mut self) -> Read<Word> {
        let start = self.cursor.at();
        let waits = !self.pending.is_empty();
        let mut pieces = Vec::new();
        while let Some(c) = self.cursor.peek() {
            match c {
                '<' | '>' if self.cursor.second() == Some('(') => {
                    let at = self.cursor.at();
                    self.cursor.next();
                    self.cursor.next();
                    pieces.push(self.substitution(at, false, true)?);
                }
                c if is_meta(c) => break,
                '\\' => {
                    self.cursor.next();
                    match self.cursor.next_raw() {
                        Some(c) => push_quoted(&mut pieces, c),
                        None => return self.fail("a trailing backslash"),
                    }
                }
                '\'' => {
                    self.cursor.next();
                    pieces.push(self.single()?);
                }
                '"' => {
                    self.cursor.next();
                    self.enter()?;
                    pieces.extend(self.until_quote(Some('"'))?);
                    self.depth -= 1;
                }
                '$' => {
                    self.cursor.next();
                    match self.cursor.peek() {
                        Some('\'') => {
                            self.cursor.next();
                            pieces.push(self.ansi()?);
                        }
                        // `$"…"` is translated, and otherwise like `"…"`.
                        Some('"') => {}
                        _ => pieces.push(self.dollar(false)?),
                    }
                }
                '`' => {
                    self.cursor.next();
                    pieces.push(self.backquoted(false)?);
                }
                c => {
                    self.cursor.next();
                    match pieces.last_mut() {
                        Some(Piece::Plain(text)) => text.push(c),
                        _ => pieces.push(Piece::Plain(c.to_string())),
                    }
                }
            }
        }
        if pieces.is_empty() {
            return self.fail("a word that is missing");
        }
        if waits && self.cursor.since(start).contains('\n') {
            return self.fail("a here-document that begins inside a word");
        }
        Ok(Word { pieces, span: self.span(start) })
    }

    fn single(&mut self) -> Read<Piece> {
        let mut text = String::new();
        loop {
            match self.cursor.next_raw() {
                Some('\'') => return Ok(Piece::Quoted(text)),
                Some(c) => text.push(c),
                None => return self.fail("an open quote"),
            }
        }
    }

    /// What double quotes hold, up to the closing one, which is taken; or the whole text for `None`, where a double
    /// quote is a character like others.
    pub(super) fn until_quote(&mut self, quote: Option<char>) -> Read<Vec<Piece>> {
        let mut pieces = vec![Piece::Quoted(String::new())];
        loop {
            match self.cursor.next_raw() {
                None if quote.is_none() => return Ok(pieces),
                None => return self.fail("an open quote"),
                Some(c) if Some(c) == quote => return Ok(pieces),
                Some('\\') => match self.cursor.next_raw() {
                    Some('\n') => {}
                    Some(c) if matches!(c, '$' | '`' | '\\') || Some(c) == quote => {
                        push_quoted(&mut pieces, c)
                    }
                    Some(c) => {
                        push_quoted(&mut pieces, '\\');
                        push_quoted(&mut pieces, c);
                    }
                    None if quote.is_none() => push_quoted(&mut pieces, '\\'),
                    None => return self.fail("an open quote"),
                },
                Some('$') => pieces.push(self.dollar(true)?),
                Some('`') => pieces.push(self.backquoted(true)?),
                Some(c) => push_quoted(&mut pieces, c),
            }
        }
    }

    /// What follows a `$`, which is taken.
    pub(super) fn dollar(&mut self, quoted: bool) -> Read<Piece> {
        let start = self.cursor.at().saturating_sub(1);
        let literal = |text: &str| {
            if quoted { Piece::Quoted(text.to_string()) } else { Piece::Plain(text.to_string()) }
        };
        match self.cursor.peek() {
            Some('(') if self.cursor.starts("((") => {
                self.cursor.take("((");
                Ok(Piece::Arithmetic { pieces: Rc::new(self.arithmetic()?), quoted })
            }
            Some('(') => {
                self.cursor.next();
                self.substitution(start, quoted, false)
            }
            Some('{') => {
                self.cursor.next();
                self.enter()?;
                let piece = self.braced(start, quoted)?;
                self.depth -= 1;
                Ok(piece)
            }
            Some('[') => self.fail("arithmetic of the old kind"),
            // Only inside `${…}`: everywhere else it was seen before.
            Some('\'' | '"') if !quoted => self.fail("quotes in an expansion"),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let mut name = String::new();
                while let Some(c) = self.cursor.peek().filter(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    name.push(c);
                    self.cursor.next();
                }
                Ok(self.parameter(name, start, quoted))
            }
            Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(c) => {
                self.cursor.next();
                Ok(self.parameter(c.to_string(), start, quoted))
            }
            _ => Ok(literal("$")),
        }
    }

    fn parameter(&self, name: String, start: usize, quoted: bool) -> Piece {
        Piece::Parameter(Rc::new(Parameter {
            name,
            is_modified: false,
            assigns: false,
            evaluates: false,
            inner: Vec::new(),
            quoted,
            text: self.cursor.since(start).to_string(),
        }))
    }

    /// `${…}`, behind the brace.
    fn braced(&mut self, start: usize, quoted: bool) -> Read<Piece> {
        let is_special = |c: char| "@*#?-$!".contains(c);
        let (mut is_modified, mut evaluates, mut assigns) = (false, false, false);
        match (self.cursor.peek(), self.cursor.second()) {
            (Some('!'), Some(c)) if c != '}' => {
                self.cursor.next();
                evaluates = true;
            }
            (Some('#'), Some(c)) if c != '}' => {
                self.cursor.next();
                is_modified = true;
            }
            _ => {}
        }
        let mut name = String::new();
        while let Some(c) = self.cursor.peek().filter(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
            self.cursor.next();
        }
        if let (true, Some(c)) = (name.is_empty(), self.cursor.peek().filter(|c| is_special(*c))) {
            name.push(c);
            self.cursor.next();
        }
        if name.is_empty() {
            return self.fail("an expansion");
        }
        let (operator, second) = (self.cursor.peek(), self.cursor.second());
        let inner = self.until_brace(quoted)?;
        if operator != Some('}') {
            is_modified = true;
            let text: String =
                inner.iter().map(|piece| if let Piece::Plain(text) = piece { text } else { "$" }).collect();
            let only = |allowed: &str| text.chars().all(|c| c.is_ascii_digit() || allowed.contains(c));
            match (operator, second) {
                (Some(':'), Some('-' | '+' | '?')) => {}
                (Some('='), _) | (Some(':'), Some('=')) => assigns = true,
                (Some(':'), _) => evaluates |= !only(": -"),
                (Some('['), _) => evaluates |= !only("[]@*"),
                (Some('@'), letter) => evaluates |= !matches!(letter, Some('Q' | 'U' | 'L' | 'u')),
                (Some('-' | '+' | '?' | '#' | '%' | '/' | '^' | ','), _) => {}
                _ => return self.fail("an expansion"),
            }
        }
        let text = self.cursor.since(start).to_string();
        Ok(Piece::Parameter(Rc::new(Parameter {
            name,
            is_modified,
            assigns,
            evaluates,
            inner,
            quoted,
            text,
        })))
    }

    /// What stands in `${…}` behind the name, up to the closing brace, which is taken.
    fn until_brace(&mut self, quoted: bool) -> Read<Vec<Piece>> {
        let mut pieces = Vec::new();
        loop {
            match self.cursor.next() {
                None => return self.fail("an open expansion"),
                Some('}') => return Ok(pieces),
                // Shells differ on what these mean here.
                Some('\'' | '"' | '\\') if quoted => return self.fail("quotes in an expansion in quotes"),
                Some('{') => return self.fail("a brace in an expansion"),
                Some('\n') if !self.pending.is_empty() => return self.fail("a here-document"),
                Some('\\') => match self.cursor.next_raw() {
                    Some(c) => push_quoted(&mut pieces, c),
                    None => return self.fail("an open expansion"),
                },
                Some('\'') => pieces.push(self.single()?),
                Some('"') => pieces.extend(self.until_quote(Some('"'))?),
                Some('$') => pieces.push(self.dollar(quoted)?),
                Some('`') => pieces.push(self.backquoted(quoted)?),
                Some(c) => match pieces.last_mut() {
                    Some(Piece::Plain(text)) => text.push(c),
                    _ => pieces.push(Piece::Plain(c.to_string())),
                },
            }
        }
    }

    /// Commands up to the closing parenthesis, which is taken.
    fn substitution(&mut self, start: usize, quoted: bool, is_process: bool) -> Read<Piece> {
        let waiting = std::mem::take(&mut self.pending);
        let script = self.script(End::Paren)?;
        self.pending = waiting;
        self.cursor.next();
        let text = self.cursor.since(start).to_string();
        Ok(Piece::Substitution(Rc::new(Substitution { script, quoted, is_process, text })))
    }

    /// Backquotes, behind the first: they are read once to take the backslashes away, and then as commands.
    fn backquoted(&mut self, quoted: bool) -> Read<Piece> {
        let start = self.cursor.at().saturating_sub(1);
        let mut inner = String::new();
        loop {
            match self.cursor.next_raw() {
                None => return self.fail("an open backquote"),
                Some('`') => break,
                Some('\\') => match self.cursor.next_raw() {
                    Some(c @ ('`' | '\\' | '$')) => inner.push(c),
                    Some('"') if quoted => inner.push('"'),
                    Some(c) => inner.extend(['\\', c]),
                    None => return self.fail("an open backquote"),
                },
                Some(c) => inner.push(c),
            }
        }
        let mut parser = Parser {
            cursor: Cursor::new(&inner),
            pending: Vec::new(),
            bodies: std::mem::take(&mut self.bodies),
            depth: self.depth,
            place: Some(self.span(start)),
        };
        let script = parser.script(End::Text)?;
        self.bodies = parser.bodies;
        let text = self.cursor.since(start).to_string();
        Ok(Piece::Substitution(Rc::new(Substitution { script, quoted, is_process: false, text })))
    }

    /// `$'…'`, behind the quote.
    fn ansi(&mut self) -> Read<Piece> {
        let mut bytes = Vec::new();
        loop {
            let c = match self.cursor.next_raw() {
                None => return self.fail("an open quote"),
                Some('\'') => break,
                Some('\\') => self.escape()?,
                Some(c) => Escaped::Char(c),
            };
            match c {
                Escaped::Char(c) => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
                Escaped::Byte(byte) => bytes.push(byte),
            }
        }
        // Bash ends the word at a NUL.
        match String::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Ok(Piece::Quoted(text)),
            _ => self.fail("bytes that are no text"),
        }
    }

    fn escape(&mut self) -> Read<Escaped> {
        let c = match self.cursor.next_raw() {
            Some(c) => c,
            None => return self.fail("an open quote"),
        };
        let control = |byte: u8| Ok(Escaped::Byte(byte));
        match c {
            'n' => control(b'\n'),
            't' => control(b'\t'),
            'r' => control(b'\r'),
            'a' => control(7),
            'b' => control(8),
            'e' | 'E' => control(27),
            'f' => control(12),
            'v' => control(11),
            // For a shell that does not know `$'…'`, the quotes end here.
            '\'' => self.fail("a quote in `$'…'`, which shells read differently"),
            '\\' | '"' | '?' => Ok(Escaped::Char(c)),
            '0'..='7' => {
                let first = c.to_digit(8).unwrap_or(0);
                let value = self.digits(first, 8, 2);
                control(u8::try_from(value & 0xff).unwrap_or(0))
            }
            'x' => match self.cursor.raw().is_some_and(|c| c.is_ascii_hexdigit()) {
                true => control(u8::try_from(self.digits(0, 16, 2) & 0xff).unwrap_or(0)),
                false => self.fail("an escape"),
            },
            'u' | 'U' => {
                let value = self.digits(0, 16, if c == 'u' { 4 } else { 8 });
                char::from_u32(value).map(Escaped::Char).map_or_else(|| self.fail("an escape"), Ok)
            }
            _ => self.fail("an escape"),
        }
    }

    fn digits(&mut self, first: u32, radix: u32, most: usize) -> u32 {
        let mut value = first;
        for _ in 0..most {
            let Some(digit) = self.cursor.raw().and_then(|c| c.to_digit(radix)) else { break };
            value = value.wrapping_mul(radix).wrapping_add(digit);
            self.cursor.next_raw();
        }
        value
    }
}

enum Escaped {
    Char(char),
    Byte(u8),
}

fn push_quoted(pieces: &mut Vec<Piece>, c: char) {
    match pieces.last_mut() {
        Some(Piece::Quoted(text)) => text.push(c),
        _ => pieces.push(Piece::Quoted(c.to_string())),
    }
}

//! A place in the text of a command line. Knows line continuations, no grammar.

/// Reads forward only, so every byte is passed once.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Cursor<'a> {
        Cursor { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// What is ahead, exactly as it is written.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The next character as it is written.
    pub(super) fn raw(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The next character, behind any line continuation.
    pub(super) fn peek(&mut self) -> Option<char> {
        while self.rest().starts_with("\\\n") {
            self.at += 2;
        }
        self.raw()
    }

    /// The character after the next one. Does not see through a continuation between them.
    pub(super) fn second(&mut self) -> Option<char> {
        self.peek();
        self.rest().chars().nth(1)
    }

    /// Takes the next character, behind any line continuation.
    pub(super) fn next(&mut self) -> Option<char> {
        self.peek();
        self.next_raw()
    }

    /// Takes the next character as it is written.
    pub(super) fn next_raw(&mut self) -> Option<char> {
        let c = self.raw()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Takes this text if it is next; continuations between its characters do not count.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let before = self.at;
        let taken = text.chars().all(|c| self.peek() == Some(c) && self.next_raw().is_some());
        if !taken {
            self.at = before;
        }
        taken
    }

    /// Whether this text is next.
    pub(super) fn starts(&mut self, text: &str) -> bool {
        let before = self.at;
        let is_next = self.take(text);
        self.at = before;
        is_next
    }

    /// Goes back to a place that was left a bounded number of characters ago.
    pub(super) fn back_to(&mut self, at: usize) {
        self.at = at;
    }

    /// What was written from there to here.
    pub(super) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or("")
    }
}

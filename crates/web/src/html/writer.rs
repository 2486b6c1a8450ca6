//! Blocks of Markdown as they grow: white space, links, code, lists, tables. Knows no HTML names.

/// A finished block.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) text: String,
    pub(super) is_margin: bool,
    pub(super) is_main: bool,
    /// A list item or table row: it follows its like without an empty line.
    pub(super) is_tight: bool,
}

/// The block that is being written.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    space: bool,
}

impl Writer {
    /// Words with white space as in a paragraph.
    pub(super) fn words(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_ascii_whitespace() || c == '\u{a0}' {
                self.space = true;
            } else {
                self.flush_space();
                self.text.push(c);
            }
        }
    }

    /// Text as it stands.
    pub(super) fn raw(&mut self, text: &str) {
        self.flush_space();
        self.text.push_str(text);
    }

    pub(super) fn newline(&mut self) {
        self.space = false;
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Where the next word would begin.
    pub(super) fn mark(&mut self) -> usize {
        self.flush_space();
        self.text.len()
    }

    /// What was written since a mark.
    pub(super) fn since(&self, mark: usize) -> &str {
        self.text.get(mark..).unwrap_or_default()
    }

    pub(super) fn insert(&mut self, mark: usize, text: &str) {
        if self.text.is_char_boundary(mark) {
            self.text.insert_str(mark, text);
        }
    }

    pub(super) fn take(&mut self) -> String {
        self.space = false;
        std::mem::take(&mut self.text)
    }

    fn flush_space(&mut self) {
        if self.space {
            self.space = false;
            if !self.text.is_empty() && !self.text.ends_with(['\n', ' ']) {
                self.text.push(' ');
            }
        }
    }
}

/// The blocks as one text.
pub(super) fn join<'a>(blocks: impl Iterator<Item = &'a Block>) -> String {
    let mut text = String::new();
    let mut was_tight = false;
    for block in blocks {
        if !text.is_empty() {
            text.push_str(if was_tight && block.is_tight { "\n" } else { "\n\n" });
        }
        text.push_str(&block.text);
        was_tight = block.is_tight;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

//! What each element of a page does to the text that is written. The choice of blocks at the end is here as well.

use super::frame::{Frame, Role, role};
use super::writer::{Block, Writer, join};
use super::{REDUCED_BYTES_MAX, Reduced};
use crate::address::Address;
use crate::clean;

/// How many lists within lists are indented.
const LISTS_MAX: usize = 8;
/// The longest link that is written out, in bytes.
const LINK_BYTES_MAX: usize = 500;
/// The longest row of a table that is kept in one line, in bytes.
const CELL_BYTES_MAX: usize = 500;
/// The most columns that a line below the heads is drawn for.
const CELLS_MAX: usize = 100;
/// The longest title that is kept, in bytes.
const TITLE_BYTES_MAX: usize = 4096;
/// The longest paragraph, in bytes; a longer one is broken in two. A link that begins before the break ends there.
const BLOCK_BYTES_MAX: usize = 256 * 1024;
/// The least text, in bytes, that a part that calls itself the main one must have to be believed.
const MAIN_BYTES_MIN: usize = 200;

/// The pass over a page.
pub(super) struct Reducer<'a> {
    base: Option<&'a Address>,
    frame: Frame,
    writer: Writer,
    blocks: Vec<Block>,
    bytes: usize,
    title: Option<String>,
    in_title: bool,
    /// For each open list the number of its next item, 0 for none.
    lists: Vec<u32>,
    /// Lists deeper than are indented.
    deeper: usize,
    /// What stands before the block: `# `, `- `.
    prefix: String,
    is_tight: bool,
    quotes: usize,
    pre: usize,
    link: Option<(usize, String)>,
    code: Option<usize>,
    row: Option<Row>,
    /// Whether the table has had its row of heads.
    is_headed: bool,
    full: bool,
}

#[derive(Default)]
struct Row {
    cells: usize,
    heads: usize,
}

impl<'a> Reducer<'a> {
    pub(super) fn new(base: Option<&'a Address>) -> Reducer<'a> {
        Reducer {
            base,
            frame: Frame::default(),
            writer: Writer::default(),
            blocks: Vec::new(),
            bytes: 0,
            title: None,
            in_title: false,
            lists: Vec::new(),
            deeper: 0,
            prefix: String::new(),
            is_tight: false,
            quotes: 0,
            pre: 0,
            link: None,
            code: None,
            row: None,
            is_headed: false,
            full: false,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    pub(super) fn start(&mut self, name: &str, value: &dyn Fn(&str) -> Option<String>) {
        if name == "title" && self.title.is_none() {
            self.in_title = true;
            self.title = Some(String::new());
            return;
        }
        if !is_void(name) && !ends_by_itself(name) {
            let role = role(name, value, self.frame.is_main());
            // The role changes what text is; what was written before keeps its own.
            if matches!(role, Role::Margin | Role::Main) {
                self.flush();
            }
            self.frame.open(name, role);
        }
        if self.frame.is_hidden() {
            return;
        }
        match name {
            "br" => match self.pre > 0 || self.row.is_none() {
                true => self.writer.newline(),
                false => self.writer.words(" "),
            },
            "hr" => self.flush(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.flush();
                let level = name.bytes().last().map_or(1, |digit| usize::from(digit.saturating_sub(b'0')));
                self.prefix = format!("{} ", "#".repeat(level.clamp(1, 6)));
            }
            "ul" | "ol" => {
                self.flush();
                if self.lists.len() < LISTS_MAX {
                    self.lists.push(u32::from(name == "ol"));
                } else {
                    self.deeper += 1;
                }
            }
            "li" => self.item(),
            "dt" => self.flush(),
            "dd" => {
                self.flush();
                self.prefix = ": ".to_string();
                self.is_tight = true;
            }
            "blockquote" => {
                self.flush();
                self.quotes += 1;
            }
            "pre" => {
                self.flush();
                self.pre += 1;
            }
            "code" | "kbd" | "samp" if self.pre == 0 && self.code.is_none() => {
                self.code = Some(self.writer.mark());
            }
            "a" if self.pre == 0 => {
                self.end_link();
                if let Some(target) = value("href").and_then(|href| self.whole(&href)) {
                    self.link = Some((self.writer.mark(), target));
                }
            }
            "img" => {
                let alt = value("alt").map(|alt| clean::line(&alt, 200)).filter(|alt| !alt.is_empty());
                if let Some(alt) = alt {
                    self.writer.words(&format!("[image: {alt}]"));
                }
            }
            "table" => {
                self.flush();
                self.is_headed = false;
            }
            "tr" => {
                self.flush();
                self.row = Some(Row::default());
            }
            "td" | "th" => {
                if let Some(row) = &mut self.row {
                    row.heads += usize::from(name == "th");
                    row.cells += 1;
                    if row.cells > 1 {
                        self.writer.words(" | ");
                    }
                }
            }
            "p" | "div" if self.is_in_cell() => self.writer.words(" "),
            _ if is_block(name) => self.flush(),
            _ => {}
        }
    }

    pub(super) fn end(&mut self, name: &str) {
        if name == "title" {
            self.in_title = false;
            return;
        }
        let was_hidden = self.frame.is_hidden();
        if !was_hidden {
            match name {
                "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "li" | "dd" | "dt" => self.flush(),
                "ul" | "ol" => {
                    self.flush();
                    match self.deeper {
                        0 => drop(self.lists.pop()),
                        _ => self.deeper -= 1,
                    }
                }
                "blockquote" => {
                    self.flush();
                    self.quotes = self.quotes.saturating_sub(1);
                }
                "pre" => {
                    self.flush();
                    self.pre = self.pre.saturating_sub(1);
                }
                "code" | "kbd" | "samp" => self.end_code(),
                "a" => self.end_link(),
                "tr" | "table" => {
                    self.flush();
                    self.row = None;
                }
                "p" | "div" if self.is_in_cell() => self.writer.words(" "),
                _ if is_block(name) => self.flush(),
                _ => {}
            }
        }
        let before = (self.frame.is_main(), self.frame.is_margin());
        if before.0 || before.1 {
            // A part may end here; what is written so far belongs to it.
            if matches!(name, "main" | "article" | "nav" | "aside" | "header" | "footer") {
                self.flush();
            }
        }
        if !is_void(name) && !ends_by_itself(name) {
            self.frame.close(name);
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.in_title {
            if let Some(title) = self.title.as_mut().filter(|title| title.len() < TITLE_BYTES_MAX) {
                title.push_str(clean::head(text, TITLE_BYTES_MAX));
            }
            return;
        }
        if self.frame.is_hidden() {
            return;
        }
        let mut rest: &str = &clean::text(text);
        while !rest.is_empty() && !self.full {
            let part = clean::head(rest, BLOCK_BYTES_MAX);
            if self.pre > 0 {
                self.writer.raw(part);
            } else {
                self.writer.words(part);
            }
            rest = rest.get(part.len()..).unwrap_or_default();
            if self.writer.len() >= BLOCK_BYTES_MAX {
                self.flush();
            }
        }
    }

    pub(super) fn finish(mut self) -> Reduced {
        self.flush();
        let size = |pick: &dyn Fn(&Block) -> bool| {
            self.blocks.iter().filter(|block| pick(block)).map(|block| block.text.len()).sum::<usize>()
        };
        let main = size(&|block| block.is_main && !block.is_margin);
        let body = size(&|block| !block.is_margin);
        let all = size(&|_| true);
        let text = if main >= MAIN_BYTES_MIN && main * 5 >= body {
            join(self.blocks.iter().filter(|block| block.is_main && !block.is_margin))
        } else if body * 10 >= all {
            join(self.blocks.iter().filter(|block| !block.is_margin))
        } else {
            // Nearly all of it would be margin: then the marks are not to be believed.
            join(self.blocks.iter())
        };
        let title = self.title.map(|title| clean::line(&title, 300)).filter(|title| !title.is_empty());
        let cut = self.full.then(|| {
            format!("the page has more than {REDUCED_BYTES_MAX} bytes of text; the rest is left out")
        });
        Reduced { title, text, cut }
    }

    /// Whether this is a short cell of a table of several columns: a paragraph in it does not break the row. Long cells are
    /// the columns of a page's layout.
    fn is_in_cell(&self) -> bool {
        self.row.as_ref().is_some_and(|row| row.cells > 0) && self.writer.len() < CELL_BYTES_MAX
    }

    fn item(&mut self) {
        self.flush();
        let depth = (self.lists.len() + self.deeper).saturating_sub(1).min(LISTS_MAX);
        let sign = match self.lists.last_mut() {
            Some(number) if *number > 0 => {
                let sign = format!("{number}. ");
                *number = number.saturating_add(1);
                sign
            }
            _ => "- ".to_string(),
        };
        self.prefix = format!("{}{sign}", "  ".repeat(depth));
        self.is_tight = true;
    }

    /// A link's target as a whole address; nothing when it leads within the page or nowhere.
    fn whole(&self, href: &str) -> Option<String> {
        let href = href.trim();
        if href.is_empty() || href.starts_with('#') || href.len() > LINK_BYTES_MAX {
            return None;
        }
        let scheme = href.split(':').next().unwrap_or_default();
        let is_other = ["javascript", "data", "mailto", "tel", "blob", "vbscript"]
            .iter()
            .any(|other| scheme.eq_ignore_ascii_case(other));
        if is_other {
            return None;
        }
        let whole = match self.base {
            Some(base) => base.join(href).ok()?.to_string(),
            None => href.to_string(),
        };
        (whole.len() <= LINK_BYTES_MAX && !whole.contains(['(', ')', ' ', '\n'])).then_some(whole)
    }

    fn end_link(&mut self) {
        let Some((mark, target)) = self.link.take() else { return };
        let label = self.writer.since(mark);
        if label.trim().is_empty() || label == target || label.contains('\n') {
            return;
        }
        self.writer.insert(mark, "[");
        self.writer.raw(&format!("]({target})"));
    }

    fn end_code(&mut self) {
        let Some(mark) = self.code.take() else { return };
        let code = self.writer.since(mark);
        if code.is_empty() || code.contains(['`', '\n']) {
            return;
        }
        self.writer.insert(mark, "`");
        self.writer.raw("`");
    }

    /// Ends the block that is being written.
    fn flush(&mut self) {
        self.end_code();
        self.end_link();
        let text = self.writer.take();
        let text = if self.pre > 0 { text.trim_matches('\n').trim_end() } else { text.trim() };
        if text.is_empty() {
            return;
        }
        let mut is_tight = std::mem::take(&mut self.is_tight);
        let prefix = std::mem::take(&mut self.prefix);
        let mut block = match (self.pre > 0, &mut self.row) {
            (true, _) => {
                let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
                let fence = "`".repeat((longest + 1).max(3));
                format!("{fence}\n{text}\n{fence}")
            }
            (false, Some(row)) if row.cells > 1 => {
                is_tight = true;
                let is_head = row.heads == row.cells && !self.is_headed;
                self.is_headed |= is_head;
                let heads = match is_head {
                    true => format!("\n|{}", " --- |".repeat(row.cells.min(CELLS_MAX))),
                    false => String::new(),
                };
                format!("| {} |{heads}", text.replace('\n', " "))
            }
            _ => format!("{prefix}{text}"),
        };
        if self.quotes > 0 {
            block = block.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n");
        }
        self.bytes += block.len() + 2;
        if self.bytes > REDUCED_BYTES_MAX {
            self.full = true;
            return;
        }
        self.blocks.push(Block {
            text: block,
            is_margin: self.frame.is_margin(),
            is_main: self.frame.is_main(),
            is_tight,
        });
    }
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
            | "frame"
    )
}

/// Elements whose end is often not written, and which make nothing of their text for what follows.
fn ends_by_itself(name: &str) -> bool {
    matches!(
        name,
        "p" | "li"
            | "dt"
            | "dd"
            | "tr"
            | "td"
            | "th"
            | "tbody"
            | "thead"
            | "tfoot"
            | "option"
            | "optgroup"
            | "html"
            | "body"
            | "rp"
            | "rt"
            | "colgroup"
            | "caption"
    )
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "main"
            | "header"
            | "footer"
            | "nav"
            | "aside"
            | "figure"
            | "figcaption"
            | "table"
            | "caption"
            | "form"
            | "fieldset"
            | "details"
            | "summary"
            | "address"
            | "dl"
            | "body"
            | "hgroup"
            | "center"
            | "legend"
            | "menu"
            | "dialog"
            | "search"
    )
}

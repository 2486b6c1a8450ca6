//! One walk over a syntax tree: tokens and symbols. Knows no language; see `languages`.

use std::ops::{ControlFlow, Range};

use tree_sitter::{Node, ParseOptions, ParseState, Parser, Tree};

use crate::language::{Dialect, dialect_of};
use crate::languages::rust::property_test;
use crate::look::{Found, Look, View};
use crate::symbol::{Source, Symbol, SymbolKind};
use crate::tokens::Tokens;

/// Bytes of a file that is read; longer ones are made by machines and have no symbols that a spec names.
pub const SOURCE_BYTES_MAX: usize = 512 * 1024;

/// Symbols of one file; what lies beyond is left out and said so.
pub const SYMBOLS_MAX: usize = 20_000;

/// Names in front of a symbol's own.
const OWNERS_MAX: usize = 8;

/// Symbols around a symbol whose shape is computed.
const SHAPE_DEPTH_MAX: usize = 8;

/// Brackets in brackets, and `<` in one statement. Where the parser meets an error, it may copy all that is open.
const NESTING_MAX: usize = 1_000;

/// The symbols of a file in the order of their first bytes. `None` for a language that is not read, and for a file
/// that is longer than [`SOURCE_BYTES_MAX`] or nested beyond measure.
pub fn read(path: &str, bytes: &[u8]) -> Option<Vec<Symbol>> {
    source(path, bytes).map(|source| source.symbols)
}

/// As [`read`], with the digest of the whole file.
pub fn source(path: &str, bytes: &[u8]) -> Option<Source> {
    read_until(path, bytes, &mut || false)
}

/// As [`source`], for callers with a clock: `stop` is asked every few microseconds of ordinary work, and `None` comes
/// back once it says `true`.
pub fn read_until(path: &str, bytes: &[u8], stop: &mut dyn FnMut() -> bool) -> Option<Source> {
    let dialect = dialect_of(path)?;
    if bytes.len() > SOURCE_BYTES_MAX || is_too_deep(dialect, bytes) {
        return None;
    }
    let tree = parse(dialect, bytes, stop)?;
    let mut walk = Walk {
        source: bytes,
        dialect,
        tokens: Tokens::new(bytes, dialect),
        raw: Vec::new(),
        owners: Vec::new(),
        lead: None,
        comments: Vec::new(),
        last_row: None,
        bare: None,
        is_cut: false,
    };
    walk.run(&tree);
    let is_cut = walk.is_cut;
    let digests = walk.tokens.finish();
    let symbol = |raw: Raw| {
        let digest = digests.of(&raw.span);
        let has_shape = raw.depth <= SHAPE_DEPTH_MAX && raw.kind != SymbolKind::Module;
        Symbol {
            name: raw.name,
            qualified: raw.qualified,
            kind: raw.kind,
            lines: raw.lines,
            above: raw.above,
            digest,
            shape: if has_shape { digests.shape(&raw.span) } else { digest },
            is_public: raw.is_public,
            is_test: raw.is_test,
            span: raw.span,
        }
    };
    let mut symbols: Vec<Symbol> = walk.raw.into_iter().map(symbol).collect();
    symbols.sort_by_key(|symbol| (symbol.span.start, symbol.span.end));
    let (language, digest) = (dialect.name, digests.all());
    Some(Source { language, digest, symbols, is_cut, has_errors: tree.root_node().has_error() })
}

/// Knows no strings and no comments: those with a thousand open brackets are rare enough.
fn is_too_deep(dialect: &Dialect, bytes: &[u8]) -> bool {
    let (mut brackets, mut angles) = (0_usize, 0_usize);
    bytes.iter().any(|byte| {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets = brackets.saturating_sub(1),
            b'{' => (brackets, angles) = (brackets + 1, 0),
            b'}' => (brackets, angles) = (brackets.saturating_sub(1), 0),
            b';' => angles = 0,
            b'<' if dialect.has_angles => angles += 1,
            _ => {}
        }
        brackets > NESTING_MAX || angles > NESTING_MAX
    })
}

fn parse(dialect: &Dialect, bytes: &[u8], stop: &mut dyn FnMut() -> bool) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&(dialect.grammar)()).ok()?;
    let mut progress =
        |_: &ParseState| if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let mut chunk = |at: usize, _| bytes.get(at..).unwrap_or_default();
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut chunk, None, Some(options))
}

/// A symbol without its digests.
struct Raw {
    name: String,
    qualified: String,
    kind: SymbolKind,
    span: Range<usize>,
    lines: (usize, usize),
    above: usize,
    depth: usize,
    is_public: bool,
    is_test: bool,
}

/// Something whose name goes in front.
struct Owner {
    end: usize,
    name: String,
    is_type: bool,
}

/// An attribute before, or a declaration around, the symbol that comes next.
struct Lead {
    start: usize,
    row: usize,
    /// For a declaration, its end.
    end: Option<usize>,
    depth: usize,
    is_test: bool,
    is_exported: bool,
}

/// A test among bare tokens, until its body comes.
struct Bare {
    end: usize,
    depth: usize,
    start: Option<(usize, usize)>,
    is_named_next: bool,
    name: Option<String>,
}

struct Walk<'a> {
    source: &'a [u8],
    dialect: &'a Dialect,
    tokens: Tokens<'a>,
    raw: Vec<Raw>,
    owners: Vec<Owner>,
    lead: Option<Lead>,
    /// First and last rows of comments that stand on lines of their own, joined where they touch.
    comments: Vec<(usize, usize)>,
    last_row: Option<usize>,
    bare: Option<Bare>,
    is_cut: bool,
}

impl Walk<'_> {
    fn run(&mut self, tree: &Tree) {
        let mut cursor = tree.walk();
        let mut path = Vec::new();
        loop {
            let node = cursor.node();
            if self.enter(node, &path) && cursor.goto_first_child() {
                path.push(node.kind());
                continue;
            }
            loop {
                if cursor.goto_next_sibling() {
                    break;
                }
                if !cursor.goto_parent() {
                    return;
                }
                path.pop();
                self.leave(cursor.node());
            }
        }
    }

    /// Says whether the children are to be seen.
    fn enter<'tree>(&mut self, node: Node<'tree>, path: &[&'tree str]) -> bool {
        let range = node.byte_range();
        while self.owners.last().is_some_and(|owner| owner.end <= range.start) {
            self.owners.pop();
        }
        let look = if node.is_named() {
            (self.dialect.look)(&View { node, source: self.source, path })
        } else {
            Look::Nothing
        };
        let is_aside = matches!(look, Look::Comment | Look::Attribute { .. });
        let depth = path.len();
        let is_past = |lead: &Lead| match lead.end {
            Some(end) => end <= range.start,
            None => lead.depth > depth,
        };
        if self.lead.as_ref().is_some_and(is_past) {
            self.lead = None;
        }
        let is_beside =
            self.lead.as_ref().is_some_and(|lead| lead.end.is_none() && lead.depth == depth && !is_aside);
        match look {
            Look::Comment => {
                self.comment(node);
                return false;
            }
            Look::Attribute { is_test } => self.attribute(node, depth, is_test),
            Look::Wrapper { is_exported } => self.wrapper(node, depth, is_exported),
            Look::Owner(name) => self.owners.push(Owner { end: range.end, name, is_type: true }),
            Look::Symbol(found) => self.symbol(node, found),
            Look::PropertyTests => {
                let (end, depth) = (range.end, depth + 2);
                self.bare = Some(Bare { end, depth, start: None, is_named_next: false, name: None });
            }
            Look::Nothing => {}
        }
        if is_beside && node.is_named() {
            self.lead = None;
        }
        self.bare_token(node, depth);
        if node.child_count() == 0 {
            self.tokens.leaf(range.clone(), node.kind(), path.last().copied().unwrap_or_default());
            if !range.is_empty() {
                self.last_row = Some(node.end_position().row);
            }
            return false;
        }
        if self.dialect.block == Some(node.kind()) {
            self.tokens.mark(range.start, false);
        }
        true
    }

    fn leave(&mut self, node: Node<'_>) {
        if self.dialect.block == Some(node.kind()) {
            // The mark belongs to what the block is part of, so it stands before the block's last byte.
            let last = node.end_byte().saturating_sub(1);
            self.tokens.mark(last.max(node.start_byte()), true);
        }
    }

    fn comment(&mut self, node: Node<'_>) {
        self.tokens.skip(node.byte_range());
        let (first, mut last) = (node.start_position().row, node.end_position().row);
        // Some comments hold their line break.
        if last > first && node.end_position().column == 0 {
            last -= 1;
        }
        if self.last_row == Some(first) {
            return;
        }
        match self.comments.last_mut() {
            Some(run) if first <= run.1 + 1 => run.1 = run.1.max(last),
            _ => self.comments.push((first, last)),
        }
    }

    fn attribute(&mut self, node: Node<'_>, depth: usize, is_test: bool) {
        match &mut self.lead {
            Some(lead) if lead.end.is_none() && lead.depth == depth => lead.is_test |= is_test,
            _ => {
                let (start, row) = (node.start_byte(), node.start_position().row);
                self.lead = Some(Lead { start, row, end: None, depth, is_test, is_exported: false });
            }
        }
    }

    fn wrapper(&mut self, node: Node<'_>, depth: usize, is_exported: bool) {
        let (start, row) = (node.start_byte(), node.start_position().row);
        match &mut self.lead {
            Some(lead) if lead.end.is_some() => lead.is_exported |= is_exported,
            _ => {
                let end = Some(node.end_byte());
                self.lead = Some(Lead { start, row, end, depth, is_test: false, is_exported });
            }
        }
    }

    fn symbol(&mut self, node: Node<'_>, found: Found) {
        let lead = self.lead.take();
        let (start, row) = lead
            .as_ref()
            .map_or((node.start_byte(), node.start_position().row), |lead| (lead.start, lead.row));
        let is_test = found.is_test || lead.as_ref().is_some_and(|lead| lead.is_test);
        let is_public = found.is_public || lead.as_ref().is_some_and(|lead| lead.is_exported);
        let end = node.end_byte();
        let found = Found { is_test, is_public, ..found };
        self.push(found, start..end, (row, node.end_position().row), Some(end));
    }

    fn push(&mut self, found: Found, span: Range<usize>, rows: (usize, usize), owns_until: Option<usize>) {
        let is_in_type = self.owners.last().is_some_and(|owner| owner.is_type);
        let kind = match found.kind.unwrap_or(SymbolKind::Function) {
            SymbolKind::Function if found.is_test => SymbolKind::Test,
            SymbolKind::Function if is_in_type => SymbolKind::Method,
            kind => kind,
        };
        let owners = self.owners.iter().rev().take(OWNERS_MAX).rev().map(|owner| owner.name.as_str());
        let names = owners.chain(found.owner.as_deref()).chain([found.name.as_str()]);
        let qualified = names.collect::<Vec<_>>().join(self.dialect.separator);
        let above = self.above(rows.0);
        if self.raw.len() < SYMBOLS_MAX {
            self.raw.push(Raw {
                name: found.name.clone(),
                qualified,
                kind,
                span,
                lines: (rows.0 + 1, rows.1 + 1),
                above: above + 1,
                depth: self.owners.len(),
                is_public: found.is_public,
                is_test: found.is_test,
            });
        } else {
            self.is_cut = true;
        }
        if let Some(end) = owns_until {
            self.owners.push(Owner { end, name: found.name, is_type: kind == SymbolKind::Type });
        }
    }

    /// The first row of the comments that end directly above a row.
    fn above(&self, row: usize) -> usize {
        let place = self.comments.partition_point(|run| run.1 + 1 < row);
        match self.comments.get(place) {
            Some(run) if run.1 + 1 == row => run.0,
            _ => row,
        }
    }

    /// In a `proptest!` only tokens stand: `#`, `[test]`, `fn`, a name, its arguments, its body.
    fn bare_token(&mut self, node: Node<'_>, depth: usize) {
        let Some(mut bare) = self.bare.take_if(|bare| bare.end <= node.start_byte() || bare.depth == depth)
        else {
            return;
        };
        if bare.end <= node.start_byte() {
            return;
        }
        let begin = (node.start_byte(), node.start_position().row);
        match node.kind() {
            "#" => bare.start = bare.start.or(Some(begin)),
            "fn" => {
                bare.start = bare.start.or(Some(begin));
                bare.is_named_next = true;
            }
            "identifier" if bare.is_named_next => {
                let view = View { node, source: self.source, path: &[] };
                bare.name = Some(view.text(node));
                bare.is_named_next = false;
            }
            "token_tree" if self.source.get(node.start_byte()) == Some(&b'{') => {
                if let (Some(name), Some((start, row))) = (bare.name.take(), bare.start.take()) {
                    let rows = (row, node.end_position().row);
                    self.push(property_test(name), start..node.end_byte(), rows, None);
                }
                bare.start = None;
            }
            _ => {}
        }
        self.bare = Some(bare);
    }
}

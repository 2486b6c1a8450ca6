//! The tokens of a file with running digests, so that the digest of any part costs the same. Knows no grammar.

use std::collections::HashMap;
use std::ops::Range;

use crate::language::Dialect;

/// The field in which digests are computed: the largest prime below two to the power of 61 that is one less than it.
const PRIME: u64 = (1 << 61) - 1;
/// The base of the running digest: any large number below [`PRIME`].
const BASE: u64 = 0x0f4a_91c3_77d2_b5e9;

/// Tokens in a symbol whose shape is computed; a longer one has its digest for a shape.
const SHAPE_TOKENS_MAX: usize = 20_000;

struct Token {
    start: usize,
    hash: u64,
    is_name: bool,
}

/// The tokens of a file in order.
pub(crate) struct Tokens<'a> {
    source: &'a [u8],
    dialect: &'a Dialect,
    tokens: Vec<Token>,
    /// The first byte that no token and no comment has covered.
    covered: usize,
    /// Commas since each bracket that is still open.
    commas: Vec<usize>,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(source: &'a [u8], dialect: &'a Dialect) -> Tokens<'a> {
        Tokens { source, dialect, tokens: Vec::new(), covered: 0, commas: Vec::new() }
    }

    /// Takes a leaf. `around` is the kind of the node that holds it.
    pub(crate) fn leaf(&mut self, range: Range<usize>, kind: &str, around: &str) {
        self.gap(range.start, is_literal(around));
        let bytes = self.source.get(range.clone()).unwrap_or_default();
        let text = if is_literal(kind) || is_literal(around) { bytes } else { bytes.trim_ascii() };
        self.covered = self.covered.max(range.end);
        match text {
            b"" => return,
            b";" if self.dialect.has_optional_semicolons => return,
            b"(" | b"[" | b"{" => self.commas.push(0),
            b"," => {
                if let Some(count) = self.commas.last_mut() {
                    *count += 1;
                }
            }
            b")" | b"]" | b"}" => {
                let commas = self.commas.pop().unwrap_or_default();
                // `(1,)` is not `(1)`; every other comma before a bracket is layout.
                let is_single = commas == 1 && around.starts_with("tuple");
                if self.tokens.last().is_some_and(|last| last.hash == hash(b",")) && !is_single {
                    self.tokens.pop();
                }
            }
            _ => {}
        }
        let is_name = kind.ends_with("identifier") || kind == "constant";
        let hash = if self.dialect.has_two_quotes && is_quote(text) { quote_hash(text) } else { hash(text) };
        self.tokens.push(Token { start: range.start, hash, is_name });
    }

    /// Leaves out a part that has no meaning.
    pub(crate) fn skip(&mut self, range: Range<usize>) {
        self.gap(range.start, false);
        self.covered = self.covered.max(range.end);
    }

    /// Marks the begin or the end of a block that only its indentation shows.
    pub(crate) fn mark(&mut self, at: usize, is_end: bool) {
        self.gap(at, false);
        let hash = hash(if is_end { b"\x02" } else { b"\x01" });
        self.tokens.push(Token { start: at, hash, is_name: false });
    }

    /// Some grammars give no node to parts of literals; their bytes count like a token.
    fn gap(&mut self, until: usize, is_literal: bool) {
        let range = self.covered..until;
        let bytes = self.source.get(range.clone()).unwrap_or_default();
        let text = if is_literal { bytes } else { bytes.trim_ascii() };
        if !text.is_empty() {
            self.tokens.push(Token { start: range.start, hash: hash(text), is_name: false });
            self.covered = until;
        }
    }

    /// Ends the file, and makes digests to be had.
    pub(crate) fn finish(mut self) -> Digests {
        self.gap(self.source.len(), false);
        let mut running = Vec::with_capacity(self.tokens.len() + 1);
        let mut sum = 0;
        running.push(sum);
        for token in &self.tokens {
            sum = (multiply(sum, BASE) + token.hash % PRIME) % PRIME;
            running.push(sum);
        }
        Digests { tokens: self.tokens, running }
    }
}

/// The digests of a file and of its parts.
pub(crate) struct Digests {
    tokens: Vec<Token>,
    /// One more than there are tokens: the digest of all tokens before.
    running: Vec<u64>,
}

impl Digests {
    /// The digest of the tokens that begin in a range of bytes.
    pub(crate) fn of(&self, range: &Range<usize>) -> u64 {
        let (from, to) = self.places(range);
        let at = |place: usize| self.running.get(place).copied().unwrap_or_default();
        let before = multiply(at(from), power(BASE, to.saturating_sub(from)));
        spread((at(to) + PRIME - before) % PRIME)
    }

    /// The digest of the whole file.
    pub(crate) fn all(&self) -> u64 {
        spread(self.running.last().copied().unwrap_or_default())
    }

    /// As [`Digests::of`], names replaced by the place of their first occurrence.
    pub(crate) fn shape(&self, range: &Range<usize>) -> u64 {
        let (from, to) = self.places(range);
        if to.saturating_sub(from) > SHAPE_TOKENS_MAX {
            return self.of(range);
        }
        let mut seen: HashMap<u64, u64> = HashMap::new();
        let mut sum = 0;
        for token in self.tokens.get(from..to).unwrap_or_default() {
            let next = seen.len() as u64;
            let hash = if token.is_name { *seen.entry(token.hash).or_insert(next) } else { token.hash };
            sum = (multiply(sum, BASE) + hash % PRIME) % PRIME;
        }
        spread(sum)
    }

    fn places(&self, range: &Range<usize>) -> (usize, usize) {
        let place = |byte: usize| self.tokens.partition_point(|token| token.start < byte);
        (place(range.start), place(range.end))
    }
}

/// Whether white space in a node of this kind is meaning.
fn is_literal(kind: &str) -> bool {
    ["string", "heredoc", "char"].iter().any(|word| kind.contains(word)) && !kind.contains("concat")
}

fn is_quote(text: &[u8]) -> bool {
    let prefix = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let rest = text.get(prefix..).unwrap_or_default();
    prefix <= 3 && matches!(rest, b"'" | b"\"" | b"'''" | b"\"\"\"")
}

fn quote_hash(text: &[u8]) -> u64 {
    let same: Vec<u8> = text.iter().map(|byte| if *byte == b'\'' { b'"' } else { *byte }).collect();
    hash(&same)
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b) % u128::from(PRIME);
    u64::try_from(product).unwrap_or_default()
}

fn power(base: u64, mut exponent: usize) -> u64 {
    let (mut result, mut square) = (1, base % PRIME);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, square);
        }
        square = multiply(square, square);
        exponent >>= 1;
    }
    result
}

/// Fills all 64 bits.
fn spread(sum: u64) -> u64 {
    let mixed = (sum ^ (sum >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

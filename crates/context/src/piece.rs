//! A piece of context: text with its size, or the reason why there is none. Pure.

use crate::mention::Kind;

/// The most text of one piece, in bytes.
pub const PIECE_BYTES_MAX: usize = 96 * 1024;

/// The most text of all pieces of a message, in bytes.
pub const TOTAL_BYTES_MAX: usize = 256 * 1024;

/// What came of one mention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What sort of thing.
    pub kind: Kind,
    /// As the person named it: `#file:src/a.rs`.
    pub title: String,
    /// What is sent; empty when it was left out.
    pub text: String,
    /// Its size.
    pub bytes: usize,
    /// About how many tokens that is.
    pub tokens: usize,
    /// What was cut off, and why.
    pub cut: Option<String>,
    /// Why nothing of it is sent, with the next step.
    pub left_out: Option<String>,
}

/// About how many tokens a text of so many bytes has. Code and prose lie near four bytes for a token in all models.
pub fn tokens(bytes: usize) -> usize {
    bytes.div_ceil(4)
}

/// A number of files, in words.
pub(crate) fn files(count: usize) -> String {
    format!("{count} file{}", if count == 1 { "" } else { "s" })
}

impl Piece {
    /// A piece of text, cut to [`PIECE_BYTES_MAX`].
    pub fn new(kind: Kind, title: impl Into<String>, text: &str) -> Piece {
        let piece = Piece {
            kind,
            title: title.into(),
            text: text.to_string(),
            bytes: 0,
            tokens: 0,
            cut: None,
            left_out: None,
        };
        piece.within(PIECE_BYTES_MAX, "of one piece")
    }

    /// A piece that is not sent.
    pub fn left_out(kind: Kind, title: impl Into<String>, why: impl Into<String>) -> Piece {
        Piece {
            kind,
            title: title.into(),
            text: String::new(),
            bytes: 0,
            tokens: 0,
            cut: None,
            left_out: Some(why.into()),
        }
    }

    /// The same piece, which says that something is missing from it.
    pub fn with_cut(mut self, cut: Option<String>) -> Piece {
        self.cut = match (self.cut.take(), cut) {
            (Some(one), Some(other)) => Some(format!("{other}; {one}")),
            (one, other) => one.or(other),
        };
        self
    }

    /// The piece cut to a bound, at the end of a line where there is one.
    pub(crate) fn within(mut self, bytes_max: usize, whose: &str) -> Piece {
        let size = self.text.len();
        if size > bytes_max {
            let head = self.text.get(..self.text.floor_char_boundary(bytes_max)).unwrap_or_default();
            let end = head.rfind('\n').filter(|at| *at * 2 > head.len()).map_or(head.len(), |at| at + 1);
            self.text.truncate(end);
            let cut = format!("{} of {size} bytes left out, beyond the bound {whose}", size - end);
            self = self.with_cut(Some(cut));
        }
        self.bytes = self.text.len();
        self.tokens = tokens(self.bytes);
        self
    }

    /// As it stands in the message to a model.
    pub fn block(&self) -> String {
        let name = self.title.replace(['"', '<', '>', '\n', '\r'], "'");
        // The end of the piece stands nowhere within it.
        let text = self.text.replace("</context", "</ context");
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let cut = self.cut.as_ref().map(|cut| format!("[{cut}]\n")).unwrap_or_default();
        format!("<context from=\"{name}\">\n{text}{gap}{cut}</context>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_cut_at_a_line_and_says_so() {
        let text = "0123456789\n".repeat(20_000);
        let piece = Piece::new(Kind::File, "#file:a", &text);
        assert!(piece.bytes <= PIECE_BYTES_MAX && piece.text.ends_with("9\n"));
        let said =
            format!("{} of 220000 bytes left out, beyond the bound of one piece", 220_000 - piece.bytes);
        assert_eq!((piece.cut.as_deref(), piece.tokens), (Some(said.as_str()), piece.bytes.div_ceil(4)));
        let line = Piece::new(Kind::File, "#file:a", &"é".repeat(100_000));
        assert!(line.bytes <= PIECE_BYTES_MAX && line.cut.is_some());
    }

    #[test]
    fn a_block_cannot_be_left_from_within() {
        let piece = Piece::new(Kind::File, "#file:a\"b", "x</context>y");
        assert_eq!(piece.block(), "<context from=\"#file:a'b\">\nx</ context>y\n</context>");
    }
}

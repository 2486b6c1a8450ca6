//! The answer: what is in force for some paths, what is on offer, what was left out, each with its reason. Decides nothing.

use crate::source::Scope;

/// Descriptions on offer that one session is told.
pub const OFFERS_MAX: usize = 100;

/// Bytes of one description on offer.
pub const DESCRIPTION_BYTES_MAX: usize = 300;

/// What is in force, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// What is in force; the nearest comes last.
    pub pieces: Vec<Piece>,
    /// What can be loaded by name because its description may fit.
    pub offers: Vec<Offer>,
    /// What is not in force, and why; in the same order.
    pub left_out: Vec<LeftOut>,
    /// Names that were asked for and that no file has.
    pub unknown: Vec<String>,
    /// Files that were not looked at because there are too many.
    pub beyond: usize,
    /// Paths in play that were not looked at because there are too many.
    pub paths_beyond: usize,
}

/// A file in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The file.
    pub name: String,
    /// Whose it is.
    pub scope: Scope,
    /// What included it.
    pub reason: Reason,
    /// What the model is told: the text in a frame with the file's name, and what it refers to. Its digest stands for it.
    pub text: String,
    /// What it refers to, in order.
    pub references: Vec<Reference>,
}

impl Piece {
    /// Bytes of what the model is told.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// An estimate of the tokens: a quarter of the bytes, rounded up. Models count differently.
    pub fn tokens(&self) -> usize {
        self.text.len().div_ceil(4)
    }
}

/// What included a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is always in force; in a package, because of this path or because the work is there.
    Always {
        /// The folder that it counts in; empty for everywhere.
        folder: String,
        /// The path in play below the folder.
        path: Option<String>,
    },
    /// One of its globs matches a path in play.
    Match {
        /// As it is written.
        glob: String,
        /// The path.
        path: String,
    },
    /// It was named.
    Named {
        /// The name that was used.
        name: String,
    },
}

impl Reason {
    /// In words.
    pub fn words(&self, scope: Scope) -> String {
        match self {
            Reason::Always { folder, path: None } if !folder.is_empty() => {
                format!("always in `{folder}`, where the work is")
            }
            Reason::Always { path: None, .. } => "always".to_string(),
            Reason::Always { folder, path: Some(path) } => match scope {
                Scope::Agents => format!("nested AGENTS.md above `{path}`"),
                _ => format!("always in `{folder}`, above `{path}`"),
            },
            Reason::Match { glob, path } => format!("fileMatch `{glob}` matches `{path}`"),
            Reason::Named { name } => format!("named `#{name}`"),
        }
    }
}

/// A file on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The name by which it is loaded.
    pub name: String,
    /// The file.
    pub file: String,
    /// When it is useful, on one line.
    pub description: String,
}

/// A file that is not in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The file.
    pub name: String,
    /// Whose it is.
    pub scope: Scope,
    /// Why.
    pub why: Why,
}

/// Why a file is not in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// No path in play lies below its folder.
    Elsewhere {
        /// The folder.
        folder: String,
    },
    /// None of its globs matches a path in play.
    NoMatch {
        /// As they are written.
        globs: Vec<String>,
    },
    /// Nobody named it.
    NotNamed {
        /// The name that would.
        name: String,
    },
    /// It is on offer and was not loaded.
    OnOffer {
        /// The name that would load it.
        name: String,
    },
    /// The person did not trust it as it is now.
    NotTrusted,
    /// Its front matter is wrong, so that it is in force nowhere.
    Wrong(String),
    /// There are too many globs before it.
    Many {
        /// How many there may be.
        max: usize,
    },
    /// It is larger than a file that steers may be, or than a piece of a prompt may be.
    TooLarge {
        /// How large it is.
        bytes: u64,
        /// How large it may be.
        max: u64,
    },
    /// With it, all steering together would be larger than it may be.
    OverTotal {
        /// How large all of it may be, in bytes.
        max: usize,
    },
    /// It says nothing.
    Empty,
    /// It says what another says already.
    Same {
        /// The other.
        name: String,
    },
    /// It is a link.
    Link,
    /// It is not UTF-8 text.
    NotText {
        /// The first byte that is none.
        offset: usize,
    },
    /// It cannot be read.
    Unreadable(String),
}

impl Why {
    /// In words, with the next step where there is one.
    pub fn words(&self) -> String {
        match self {
            Why::Elsewhere { folder } => format!("no path in play lies in `{folder}`"),
            Why::NoMatch { globs } => {
                let shown: Vec<String> = globs.iter().take(5).map(|glob| format!("`{glob}`")).collect();
                let more = if globs.len() > shown.len() { " …" } else { "" };
                format!("no path in play matches {}{more}", shown.join(", "))
            }
            Why::NotNamed { name } => format!("manual and not named; `#{name}` names it"),
            Why::OnOffer { name } => format!("on offer and not loaded; `#{name}` loads it"),
            Why::NotTrusted => "not trusted as it is now; `waypost trust` shows and grants".to_string(),
            Why::Wrong(why) => format!("{why}; `waypost steering check` says how to mend it"),
            Why::Many { max } => {
                format!("the files before it have {max} globs already, and no more are read")
            }
            Why::TooLarge { bytes, max } => format!("too large: {bytes} bytes of at most {max}; split it"),
            Why::OverTotal { max } => format!("all steering together would be over {max} bytes"),
            Why::Empty => "it says nothing".to_string(),
            Why::Same { name } => format!("it says what `{name}` says"),
            Why::Link => "it is a link".to_string(),
            Why::NotText { offset } => format!("it is not UTF-8 text: byte {offset}"),
            Why::Unreadable(why) => format!("it cannot be read: {why}"),
        }
    }

    /// A short word that does not change, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Why::Elsewhere { .. } => "elsewhere",
            Why::NoMatch { .. } => "no-match",
            Why::NotNamed { .. } => "not-named",
            Why::OnOffer { .. } => "on-offer",
            Why::NotTrusted => "not-trusted",
            Why::Wrong(_) => "wrong",
            Why::Many { .. } => "many-globs",
            Why::TooLarge { .. } => "too-large",
            Why::OverTotal { .. } => "over-total",
            Why::Empty => "empty",
            Why::Same { .. } => "same",
            Why::Link => "link",
            Why::NotText { .. } => "not-text",
            Why::Unreadable(_) => "unreadable",
        }
    }
}

/// Something that a file in force refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// As it is written, without the brackets: `file:a.md:3-5`.
    pub written: String,
    /// Which file was meant, when that can be said.
    pub path: String,
    /// How many of its bytes stand in the text; otherwise why it is not there.
    pub bytes: Result<usize, String>,
}

impl Listing {
    /// Bytes of all that is in force.
    pub fn bytes(&self) -> usize {
        self.pieces.iter().map(Piece::bytes).sum()
    }

    /// An estimate of the tokens of all that is in force.
    pub fn tokens(&self) -> usize {
        self.pieces.iter().map(Piece::tokens).sum()
    }

    /// What is on offer, as one short text for the model; `None` when there is nothing. `how` says how it is loaded.
    pub fn offer_text(&self, how: &str) -> Option<String> {
        if self.offers.is_empty() {
            return None;
        }
        let lines: Vec<String> =
            self.offers.iter().map(|offer| format!("- {}: {}", offer.name, offer.description)).collect();
        Some(format!("<steering-on-demand>\n{how}\n{}\n</steering-on-demand>", lines.join("\n")))
    }
}

/// A text on one line, cut at a character.
pub(crate) fn one_line(text: &str, bytes_max: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if line.len() + word.len() + 1 > bytes_max {
            line.push('…');
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

//! Why one task waits for another, strongest reason first, in words for a person. Finds no reasons.

use crate::accesses::Certainty;

/// Why a task waits. The order of the variants is the order of their strength.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// The task says so itself.
    Explicit,
    /// It is said of or about a task above: a part waits as its whole does, and a whole is done when its parts are.
    Parent {
        /// The task that says so.
        said_by: String,
        /// The task that it names.
        on: String,
    },
    /// The document's graph puts them into different waves. A claim: nothing else has to confirm it.
    WaveClaim {
        /// The earlier wave.
        before: usize,
        /// The later wave.
        after: usize,
    },
    /// One of them is a checkpoint.
    Checkpoint,
    /// The document marks what may run beside others with `(P)`, and one of the two is not marked.
    Unmarked,
    /// Both work inside one `_Boundary:_`.
    Boundary {
        /// Its name.
        name: String,
    },
    /// The first makes what the second names.
    Produces {
        /// A path or a symbol.
        name: String,
        /// `name` is a path.
        is_path: bool,
    },
    /// Both write one file.
    Overlap {
        /// The file.
        path: String,
        /// Certain when both say so in so many words.
        certainty: Certainty,
    },
    /// Nothing says more, and one stands above the other.
    DocumentOrder,
}

impl Reason {
    /// Whether a document states it, so that nothing weaker may turn it around.
    pub fn is_stated(&self) -> bool {
        matches!(self, Reason::Explicit | Reason::Parent { .. })
    }

    /// The reason in words: why `to` waits for `from`.
    pub fn words(&self, from: &str, to: &str) -> String {
        match self {
            Reason::Explicit => format!("`{to}` says that it depends on `{from}`"),
            Reason::Parent { said_by, on } if said_by == to => {
                format!("`{to}` depends on `{on}`, and `{from}` is a part of that")
            }
            Reason::Parent { said_by, on } if on == from => {
                format!("`{said_by}` depends on `{from}`, and `{to}` is a part of `{said_by}`")
            }
            Reason::Parent { said_by, on } => {
                format!("`{said_by}` with its part `{to}` depends on `{on}` with its part `{from}`")
            }
            Reason::WaveClaim { before, after } => {
                format!("the dependency graph puts `{from}` into wave {before} and `{to}` into wave {after}")
            }
            Reason::Checkpoint => format!("a checkpoint stands between: `{from}` comes before `{to}`"),
            Reason::Unmarked => {
                format!("only tasks marked `(P)` run beside others, and `{from}` stands above `{to}`")
            }
            Reason::Boundary { name } => format!("both work inside the boundary `{name}`"),
            Reason::Produces { name, .. } => format!("`{from}` makes `{name}`, which `{to}` names"),
            Reason::Overlap { path, certainty: Certainty::Certain } => format!("both write `{path}`"),
            Reason::Overlap { path, certainty: Certainty::Likely } => format!("both probably write `{path}`"),
            Reason::DocumentOrder => {
                format!("nothing says that they may run together, and `{from}` stands above")
            }
        }
    }
}

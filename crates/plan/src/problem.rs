//! What does not fit between the documents of a spec. Decides nothing about what happens then.

/// What kind of thing does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// A task cites a criterion that does not exist.
    DanglingReference,
    /// No task cites a criterion.
    Uncited,
    /// Two criteria or two tasks have one id.
    Duplicate,
    /// The dependency graph names an unknown task, names one twice, or leaves one out.
    Graph,
    /// Tasks wait for each other, or for a task that does not exist.
    Dependency,
    /// There is nothing to do.
    Empty,
    /// A text or a list is longer than it may be.
    TooLarge,
    /// A field that is needed has no words.
    Blank,
}

/// One finding. Problems of a plan that exists are warnings; problems of a submitted draft refuse it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// The task or criterion concerned, if it is one.
    pub subject: Option<String>,
    /// What is wrong: lower case, no full stop, ids in back-ticks.
    pub message: String,
    /// The next step, when there is one.
    pub hint: Option<String>,
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind, subject: Option<&str>, message: String) -> Problem {
        Problem { kind, subject: subject.map(str::to_string), message, hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(hint.into());
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Problems listed for one plan or draft; nobody reads the thousandth.
pub const PROBLEMS_MAX: usize = 500;

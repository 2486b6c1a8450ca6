//! The way to files that steering refers to: asked here, answered by the caller. Reads nothing.

/// Why something that steering refers to is not there to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is nothing of that name.
    Missing,
    /// It may not be read; why.
    Refused(String),
    /// Larger than what is read.
    TooLarge,
    /// Not UTF-8 text.
    NotText,
}

impl Refusal {
    /// In words, for markers and notes.
    pub fn words(&self) -> String {
        match self {
            Refusal::Missing => "there is no such file".to_string(),
            Refusal::Refused(why) => why.clone(),
            Refusal::TooLarge => "it is too large".to_string(),
            Refusal::NotText => "it is not text".to_string(),
        }
    }
}

/// Looks at files and folders for steering. Paths count from the workspace root with `/`, or begin with the base of a
/// source outside (`~/.kiro/steering/a.md`); they hold no `.` and no `..`.
pub trait Look {
    /// The text of a file, as much as the policy lets be read.
    fn file(&mut self, path: &str) -> Result<String, Refusal>;

    /// The names of the files that lie directly in a folder.
    fn folder(&mut self, path: &str) -> Result<Vec<String>, Refusal>;
}

/// Sees nothing: for listings that need no references.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blind;

impl Look for Blind {
    fn file(&mut self, _: &str) -> Result<String, Refusal> {
        Err(Refusal::Refused("nobody looked".to_string()))
    }

    fn folder(&mut self, _: &str) -> Result<Vec<String>, Refusal> {
        Err(Refusal::Refused("nobody looked".to_string()))
    }
}

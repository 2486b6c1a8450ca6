//! The two ways of working: supervised asks before each write, autopilot writes inside the workspace unasked.

/// How much the agent may do without being asked about each call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Writes in the workspace ask first.
    #[default]
    Supervised,
    /// Writes in the workspace are allowed; commands that are not read-only still ask.
    Autopilot,
}

impl Mode {
    /// The word in records and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Supervised => "supervised",
            Mode::Autopilot => "autopilot",
        }
    }

    /// The mode with that name.
    pub fn named(name: &str) -> Option<Mode> {
        [Mode::Supervised, Mode::Autopilot].into_iter().find(|mode| mode.name() == name)
    }
}

//! The trait by which a hand learns what a permitted command may reach. Decides nothing and implements nothing but `Free`.

use policy::{Judged, Permit};

use crate::{Command, Confinement};

/// Says what permitted commands may reach.
pub trait Confine: Send + Sync {
    /// What this permit opens for a command.
    ///
    /// # Errors
    /// Why the command cannot be held to what was decided; then it must not run.
    fn confine(&self, permit: &Permit) -> Result<Confined, String>;

    /// The hosts, beside those that it names, that a command of this kind reaches: a registry of packages, the remote of a
    /// repository.
    fn hosts(&self, command: &Judged) -> Vec<String>;
}

/// What one command may reach. To be kept for as long as the command runs.
pub struct Confined {
    /// What holds it; `None` where nothing does.
    pub confinement: Option<Confinement>,
    /// Its whole environment.
    pub environment: Vec<(String, String)>,
    /// Says afterwards what it wanted and did not get.
    pub wishes: Box<dyn Wishes>,
}

/// What a command wanted.
pub trait Wishes: Send + Sync {
    /// Hosts with ports that it was let through to until now, each once: what it printed may be their words.
    fn reached_hosts(&self) -> Vec<String>;

    /// What to tell of the end of a command: what could have been in its way, with the next step. `output` is the end of
    /// what it printed.
    fn tell(&self, output: &str, failed: bool) -> String;
}

/// Holds nothing: for tests of other rooms.
#[derive(Clone, Debug, Default)]
pub struct Free {
    /// The environment of commands.
    pub environment: Vec<(String, String)>,
}

impl Confined {
    /// The command, held.
    #[must_use]
    pub fn hold(&self, command: Command) -> Command {
        Command { environment: self.environment.clone(), confinement: self.confinement.clone(), ..command }
    }
}

impl Confine for Free {
    fn confine(&self, _permit: &Permit) -> Result<Confined, String> {
        let environment = self.environment.clone();
        Ok(Confined { confinement: None, environment, wishes: Box::new(Free::default()) })
    }

    fn hosts(&self, _command: &Judged) -> Vec<String> {
        Vec::new()
    }
}

impl Wishes for Free {
    fn reached_hosts(&self) -> Vec<String> {
        Vec::new()
    }

    fn tell(&self, _output: &str, _failed: bool) -> String {
        String::new()
    }
}

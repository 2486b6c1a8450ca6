//! One server of a session: its entry, its connection while it has one, how it is. Starts nothing.

use std::sync::{Arc, Mutex, PoisonError};

use crate::config::{Entry, Reach, Ready};
use crate::connection::{Connection, Fault};
use crate::lock::Locked;
use crate::servers::{Known, Status};

/// One server of a session.
pub(crate) struct Slot {
    pub(crate) entry: Entry,
    pub(crate) ready: Result<Ready, String>,
    /// Held for the whole of a start, so that two calls start one server.
    pub(crate) live: tokio::sync::Mutex<Option<Arc<Connection>>>,
    /// The same, for looking without waiting.
    pub(crate) seen: Mutex<Option<Arc<Connection>>>,
    pub(crate) state: Mutex<State>,
}

/// What changes about it.
pub(crate) struct State {
    pub(crate) status: Status,
    pub(crate) known: Known,
    pub(crate) now: Option<Locked>,
    pub(crate) challenge: Option<String>,
    pub(crate) starts: u32,
}

impl Slot {
    pub(crate) fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn look(&self) -> Option<Arc<Connection>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn see(&self, connection: Option<Arc<Connection>>) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = connection;
    }

    pub(crate) fn set(&self, status: Status) {
        self.state().status = status;
    }

    pub(crate) fn status(&self) -> Status {
        let status = self.state().status.clone();
        if status == Status::Ready
            && let Some(why) = self.look().and_then(|connection| connection.gone())
        {
            return Status::Failed(why);
        }
        status
    }

    pub(crate) fn is_same(&self, other: &Slot) -> bool {
        let plain = |entry: &Entry| {
            let mut server = entry.server.clone();
            // Where it stands in its file says nothing of it.
            server.span = spec::Span { offset: 0, len: 0 };
            server
        };
        let reach = |slot: &Slot| match &slot.ready {
            Ok(Ready { reach: Reach::Program { command, arguments, environment, directory }, .. }) => {
                format!("{command:?}{arguments:?}{environment:?}{directory:?}")
            }
            Ok(Ready { reach: Reach::Address { url, headers, .. }, .. }) => format!("{url:?}{headers:?}"),
            Err(why) => why.clone(),
        };
        plain(&self.entry) == plain(&other.entry) && reach(self) == reach(other)
    }

    pub(crate) async fn stop(&self) {
        let connection = self.live.lock().await.take();
        self.see(None);
        if let Some(connection) = connection {
            connection.stop().await;
            self.set(Status::Stopped);
        }
    }

    /// Notes why a start failed.
    pub(crate) fn fail(&self, fault: &Fault) {
        let mut state = self.state();
        state.status = match fault {
            Fault::Login(challenge) => {
                state.challenge = Some(challenge.clone());
                Status::NeedsLogin
            }
            other => Status::Failed(other.tell()),
        };
    }

    /// A call failed: what it means for the server, and what to say.
    pub(crate) fn failed(&self, fault: &Fault) -> String {
        if matches!(fault, Fault::Login(_) | Fault::Gone(_)) {
            self.fail(fault);
        }
        self.tell(fault)
    }

    pub(crate) fn tell(&self, fault: &Fault) -> String {
        let name = &self.entry.name;
        match fault {
            Fault::Login(_) => {
                format!("the server `{name}` needs a login: a person runs `waypost mcp login {name}`")
            }
            Fault::Refused(why) => format!("the server `{name}`: {why}"),
            other => format!("the server `{name}`: {}", other.tell()),
        }
    }
}

/// A start that was given up half-way leaves its server off, not starting for ever.
pub(crate) struct Begun<'a> {
    pub(crate) slot: &'a Slot,
    pub(crate) is_over: bool,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.slot.set(Status::Stopped);
        }
    }
}

//! The connections that are open now, so that there are never too many and all of them can be ended.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most connections at one time.
pub(crate) const CONNECTIONS_MAX: usize = 128;

#[derive(Debug, Default)]
struct State {
    closed: bool,
    next: u64,
    open: HashMap<u64, Vec<TcpStream>>,
}

/// The connections that are open now.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<State>);

impl Registry {
    /// A number for a new connection; none when there are too many or all was ended.
    pub(crate) fn enter(&self) -> Option<u64> {
        let mut state = self.state();
        if state.closed || state.open.len() >= CONNECTIONS_MAX {
            return None;
        }
        state.next += 1;
        let number = state.next;
        state.open.insert(number, Vec::new());
        Some(number)
    }

    /// Keeps a stream of a connection in sight. Says whether the connection may go on.
    pub(crate) fn keep(&self, number: u64, stream: &TcpStream) -> bool {
        let mut state = self.state();
        match (state.closed, stream.try_clone(), state.open.get_mut(&number)) {
            (false, Ok(stream), Some(streams)) => {
                streams.push(stream);
                true
            }
            _ => false,
        }
    }

    /// Forgets a connection.
    pub(crate) fn leave(&self, number: u64) {
        self.state().open.remove(&number);
    }

    /// Ends all connections and lets none in any more.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        for stream in state.open.values().flatten() {
            // One that is closed already needs no end.
            let _closed = stream.shutdown(Shutdown::Both);
        }
    }

    /// Whether all was ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

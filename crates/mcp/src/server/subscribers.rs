//! Who is told when something changes: open subscriptions of the newer revision and sessions of the older ones.
#![expect(deprecated, reason = "clients before the revision 2026-07-28 subscribe so")]

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use rmcp::model::{LoggingLevel, ResourceUpdatedNotificationParam};
use rmcp::service::{Peer, SubscriptionContext};
use rmcp::{ErrorData, RoleServer};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::offer::Changed;

/// How many changes wait for a subscription that is slow; when more came, it is told of everything.
const WAITING_MAX: usize = 256;
/// How many resources one session may subscribe to.
const URIS_MAX: usize = 1024;
/// A client that does not take a notice for so long misses it.
const NOTICE_TIMEOUT: Duration = Duration::from_secs(5);

/// What belongs to one session of an older revision.
#[derive(Debug, Default)]
pub(super) struct SessionState {
    /// From here on log messages are wanted.
    level: Mutex<Option<LoggingLevel>>,
    uris: Mutex<HashSet<String>>,
}

impl SessionState {
    pub(super) fn level(&self) -> LoggingLevel {
        // Before a client says what it wants, it gets what concerns it and no more.
        held(&self.level).unwrap_or(LoggingLevel::Info)
    }

    pub(super) fn set_level(&self, level: LoggingLevel) {
        *held(&self.level) = Some(level);
    }

    /// False when the session has too many already.
    pub(super) fn subscribe(&self, uri: String) -> bool {
        let mut uris = held(&self.uris);
        (uris.len() < URIS_MAX || uris.contains(&uri)) && {
            uris.insert(uri);
            true
        }
    }

    pub(super) fn unsubscribe(&self, uri: &str) {
        held(&self.uris).remove(uri);
    }
}

/// All that want to be told.
#[derive(Debug)]
pub(super) struct Subscribers {
    changes: broadcast::Sender<Changed>,
    sessions: Mutex<Vec<(Peer<RoleServer>, Weak<SessionState>)>>,
}

impl Subscribers {
    pub(super) fn new() -> Subscribers {
        Subscribers { changes: broadcast::Sender::new(WAITING_MAX), sessions: Mutex::default() }
    }

    /// Adds a session; it is left out again when it ends.
    pub(super) fn join(&self, peer: Peer<RoleServer>, state: &Arc<SessionState>) {
        let mut sessions = held(&self.sessions);
        sessions.retain(alive);
        sessions.push((peer, Arc::downgrade(state)));
    }

    /// Tells all that want to know.
    pub(super) async fn tell(&self, change: Changed) {
        // Nobody listening is no fault.
        let _ = self.changes.send(change.clone());
        let peers: Vec<Peer<RoleServer>> = {
            let mut sessions = held(&self.sessions);
            sessions.retain(alive);
            let wants = |state: &Weak<SessionState>| match &change {
                Changed::Resource(uri) => {
                    state.upgrade().is_some_and(|state| held(&state.uris).contains(uri))
                }
                Changed::Tools | Changed::Prompts | Changed::Resources => true,
            };
            sessions.iter().filter(|(_, state)| wants(state)).map(|(peer, _)| peer.clone()).collect()
        };
        for peer in peers {
            let _ = tokio::time::timeout(NOTICE_TIMEOUT, notify(&peer, &change)).await;
        }
    }

    /// Serves one subscription of the newer revision, until it is cancelled.
    pub(super) async fn serve(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.changes.subscribe();
        loop {
            let change = tokio::select! {
                () = subscription.cancelled() => return Ok(()),
                change = changes.recv() => change,
            };
            let told = match change {
                Ok(change) => vec![change],
                Err(RecvError::Lagged(_)) => everything(&subscription),
                Err(RecvError::Closed) => return Ok(()),
            };
            for change in told {
                // The sink refuses what the client did not ask for.
                let sink = subscription.sink();
                let _ = match change {
                    Changed::Tools => sink.notify_tool_list_changed().await,
                    Changed::Prompts => sink.notify_prompt_list_changed().await,
                    Changed::Resources => sink.notify_resource_list_changed().await,
                    Changed::Resource(uri) => sink.notify_resource_updated(uri).await,
                };
            }
        }
    }
}

/// All that a subscription may be told, for one that missed some.
fn everything(subscription: &SubscriptionContext) -> Vec<Changed> {
    let uris = subscription.accepted().resource_subscriptions.clone().unwrap_or_default();
    let lists = [Changed::Tools, Changed::Prompts, Changed::Resources];
    lists.into_iter().chain(uris.into_iter().map(Changed::Resource)).collect()
}

async fn notify(peer: &Peer<RoleServer>, change: &Changed) {
    let _ = match change {
        Changed::Tools => peer.notify_tool_list_changed().await,
        Changed::Prompts => peer.notify_prompt_list_changed().await,
        Changed::Resources => peer.notify_resource_list_changed().await,
        Changed::Resource(uri) => {
            peer.notify_resource_updated(ResourceUpdatedNotificationParam::new(uri.as_str())).await
        }
    };
}

fn alive((peer, state): &(Peer<RoleServer>, Weak<SessionState>)) -> bool {
    !peer.is_transport_closed() && state.strong_count() > 0
}

/// What is behind a lock is whole after each change, so a panic elsewhere spoils nothing.
fn held<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

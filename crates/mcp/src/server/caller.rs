//! The one who calls, as a tool sees it: progress, log, cancellation, what it can be asked. Answers no request itself.
#![expect(deprecated, reason = "clients before the revision 2026-07-28 are told logs so")]

use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::model::{LoggingLevel, LoggingMessageNotificationParam, ProgressNotificationParam};
use rmcp::service::RequestContext;
use serde_json::Value;

use super::subscribers::Subscribers;
use super::wire;
use crate::offer::{Answers, Askable, Changed};

/// How serious a log message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// For whoever looks for a fault.
    Debug,
    /// What happens in order.
    Info,
    /// Something is not as it should be.
    Warning,
    /// Something failed.
    Error,
}

/// Who calls, for as long as one request is answered. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    line: Option<Line>,
    answers: Answers,
    askable: Askable,
}

/// What leads back to the client.
#[derive(Debug, Clone)]
struct Line {
    context: RequestContext<RoleServer>,
    /// From here on messages are wanted; none when none are.
    level: Option<LoggingLevel>,
    subscribers: Arc<Subscribers>,
}

impl Caller {
    /// A caller that hears nothing and can be asked nothing, for calls that do not come over a wire.
    #[must_use]
    pub fn nobody() -> Caller {
        Caller::default()
    }

    pub(super) fn new(
        context: &RequestContext<RoleServer>,
        level: Option<LoggingLevel>,
        subscribers: &Arc<Subscribers>,
        answers: Answers,
    ) -> Caller {
        let askable = wire::askable(context.client_capabilities().as_ref());
        let line = Line { context: context.clone(), level, subscribers: Arc::clone(subscribers) };
        Caller { line: Some(line), answers, askable }
    }

    /// The same caller, with other answers.
    pub(super) fn with(&self, answers: Answers) -> Caller {
        Caller { answers, ..self.clone() }
    }

    /// What the client answered to the questions of the round before.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// What the client can be asked.
    #[must_use]
    pub fn askable(&self) -> Askable {
        self.askable
    }

    /// The name and the version by which the client introduced itself, if it did.
    #[must_use]
    pub fn client(&self) -> Option<(String, String)> {
        let info = self.line.as_ref()?.context.client_info()?;
        Some((info.name, info.version))
    }

    /// Says how far the call is, when the client wants to know. `done` must grow with each message.
    pub async fn progress(&self, done: f64, total: Option<f64>, message: Option<&str>) {
        let Some(line) = &self.line else { return };
        let Some(token) = line.context.meta.get_progress_token() else { return };
        let mut progress = ProgressNotificationParam::new(token, done);
        progress.total = total;
        progress.message = message.map(str::to_string);
        // A client that is gone hears nothing more; its request is cancelled, which ends the call.
        let _ = line.context.peer.notify_progress(progress).await;
    }

    /// Sends a log message, when the client wants messages of this level.
    pub async fn log(&self, level: Level, logger: &str, data: Value) {
        let Some(line) = &self.line else { return };
        let level = match level {
            Level::Debug => LoggingLevel::Debug,
            Level::Info => LoggingLevel::Info,
            Level::Warning => LoggingLevel::Warning,
            Level::Error => LoggingLevel::Error,
        };
        if line.level.is_none_or(|wanted| rank(level) < rank(wanted)) {
            return;
        }
        let message = LoggingMessageNotificationParam::new(level, data).with_logger(logger);
        let _ = line.context.peer.notify_logging_message(message).await;
    }

    /// Waits until the client cancels the request; for ever when there is no client.
    pub async fn cancelled(&self) {
        match &self.line {
            Some(line) => line.context.ct.cancelled().await,
            None => std::future::pending().await,
        }
    }

    /// Whether the client cancelled the request.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.context.ct.is_cancelled())
    }

    /// Tells all clients that want to know that something changed.
    pub async fn changed(&self, change: Changed) {
        if let Some(line) = &self.line {
            line.subscribers.tell(change).await;
        }
    }
}

fn rank(level: LoggingLevel) -> u8 {
    match level {
        LoggingLevel::Debug => 0,
        LoggingLevel::Info => 1,
        LoggingLevel::Notice => 2,
        LoggingLevel::Warning => 3,
        LoggingLevel::Error => 4,
        LoggingLevel::Critical => 5,
        LoggingLevel::Alert => 6,
        LoggingLevel::Emergency => 7,
    }
}

//! What a server may ask of Waypost while it works: roots, questions to a person, progress, notices. Reaches no file.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmcp::ErrorData;
use rmcp::model::{
    CancelledNotificationParam, ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult,
    ElicitationAction, ElicitationCapability, ErrorCode, Implementation, ProgressNotificationParam,
};
use rmcp::service::{NotificationContext, RequestContext, RoleClient};
use tokio::sync::mpsc::Sender;

use crate::ask::{Asker, Question, Reply};

/// Notices kept of one server.
const NOTICES_MAX: usize = 50;

/// The longest notice, in bytes.
const NOTICE_BYTES_MAX: usize = 500;

/// Questions that one server may put to a person in one session.
const QUESTIONS_MAX: u64 = 20;

/// How long a person may think about a question.
const THINKING: Duration = Duration::from_secs(300);

/// The side of the protocol that answers the server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Handler(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) server: String,
    pub(crate) root: String,
    pub(crate) version: String,
    pub(crate) asker: Arc<dyn Asker>,
    pub(crate) listeners: Mutex<Vec<(u64, Sender<String>)>>,
    pub(crate) notices: Mutex<VecDeque<String>>,
    /// The server said that its tools are others now.
    pub(crate) is_stale: AtomicBool,
    pub(crate) questions: AtomicU64,
}

impl Handler {
    pub(crate) fn new(server: &str, root: String, version: &str, asker: Arc<dyn Asker>) -> Handler {
        Handler(Arc::new(Inner {
            server: server.to_string(),
            root,
            version: version.to_string(),
            asker,
            listeners: Mutex::default(),
            notices: Mutex::default(),
            is_stale: AtomicBool::new(false),
            questions: AtomicU64::new(0),
        }))
    }

    /// Keeps a notice; the oldest go.
    pub(crate) fn note(&self, text: &str) {
        let mut notices = self.0.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if notices.len() >= NOTICES_MAX {
            notices.pop_front();
        }
        let cut = text.floor_char_boundary(NOTICE_BYTES_MAX.min(text.len()));
        notices.push_back(text.get(..cut).unwrap_or_default().to_string());
    }

    pub(crate) fn notices(&self) -> Vec<String> {
        self.0.notices.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Puts a question to the person, within bounds.
    pub(crate) async fn ask(&self, question: Question) -> Reply {
        if self.0.questions.fetch_add(1, Ordering::Relaxed) >= QUESTIONS_MAX {
            self.note("a question was declined: it has asked too often");
            return Reply::Decline;
        }
        let asking = self.0.asker.ask(&self.0.server, question);
        tokio::time::timeout(THINKING, asking).await.unwrap_or(Reply::Cancel)
    }
}

/// What Waypost can do for a server.
pub(crate) fn capabilities() -> ClientCapabilities {
    let elicitation = ElicitationCapability::new()
        .with_form(rmcp::model::FormElicitationCapability::default())
        .with_url(rmcp::model::UrlElicitationCapability::default());
    let mut capabilities = ClientCapabilities::default();
    capabilities.elicitation = Some(elicitation);
    // The revision in wide use has roots, and servers that confine themselves need them.
    capabilities.roots = Some(rmcp::model::RootsCapabilities::default());
    capabilities
}

impl rmcp::ClientHandler for Handler {
    fn get_info(&self) -> ClientConfig {
        ClientConfig::new(capabilities(), Implementation::new("waypost", self.0.version.clone()))
    }

    #[expect(deprecated, reason = "the revision in wide use has roots")]
    async fn list_roots(
        &self,
        _context: RequestContext<RoleClient>,
    ) -> Result<rmcp::model::ListRootsResult, ErrorData> {
        Ok(rmcp::model::ListRootsResult::new(vec![rmcp::model::Root::new(self.0.root.clone())]))
    }

    #[expect(deprecated, reason = "a server of the revision in wide use may ask for it")]
    async fn create_message(
        &self,
        _params: rmcp::model::CreateMessageRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<rmcp::model::CreateMessageResult, ErrorData> {
        self.note("it asked to use the model; that was declined");
        Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "Waypost lends its model to no server", None))
    }

    async fn create_elicitation(
        &self,
        params: ElicitRequestParams,
        _context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let (question, schema) = match params {
            ElicitRequestParams::FormElicitationParams { message, requested_schema, .. } => {
                let schema = serde_json::to_value(&requested_schema)
                    .map_err(|error| ErrorData::invalid_params(error.to_string(), None))?;
                (Question::Form { message, schema: schema.to_string() }, Some(schema))
            }
            ElicitRequestParams::UrlElicitationParams { message, url, .. } => {
                if crate::config::address(&url).is_err() {
                    self.note(
                        "it asked to open an address that is neither https nor on this machine; declined",
                    );
                    return Ok(ElicitResult::new(ElicitationAction::Decline));
                }
                (Question::Page { message, url }, None)
            }
            _ => return Ok(ElicitResult::new(ElicitationAction::Decline)),
        };
        Ok(match self.ask(question).await {
            Reply::Accept(values) => {
                let result = ElicitResult::new(ElicitationAction::Accept);
                match schema {
                    Some(schema) => result.with_content(filled(values.as_deref(), &schema)),
                    None => result,
                }
            }
            Reply::Decline => ElicitResult::new(ElicitationAction::Decline),
            Reply::Cancel => ElicitResult::new(ElicitationAction::Cancel),
        })
    }

    async fn on_progress(
        &self,
        params: ProgressNotificationParam,
        _context: NotificationContext<RoleClient>,
    ) {
        let of = params.total.map(|total| format!("/{total}")).unwrap_or_default();
        let message = params.message.map(|it| format!(" {it}")).unwrap_or_default();
        let line = format!("{}{of}{message}\n", params.progress);
        let listeners = self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, listener) in listeners.iter() {
            // Whoever does not listen misses it; a server cannot fill memory that way.
            let _missed = listener.try_send(line.clone());
        }
    }

    #[expect(deprecated, reason = "the revision in wide use has notices")]
    async fn on_logging_message(
        &self,
        params: rmcp::model::LoggingMessageNotificationParam,
        _context: NotificationContext<RoleClient>,
    ) {
        let text = params.data.as_str().map_or_else(|| params.data.to_string(), str::to_string);
        self.note(&text);
    }

    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        self.0.is_stale.store(true, Ordering::Relaxed);
    }

    async fn on_cancelled(
        &self,
        _params: CancelledNotificationParam,
        _context: NotificationContext<RoleClient>,
    ) {
    }
}

/// The values of a form, with the schema's own defaults for what was not given.
fn filled(values: Option<&str>, schema: &serde_json::Value) -> serde_json::Value {
    let mut given: serde_json::Map<String, serde_json::Value> =
        values.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let properties = schema.get("properties").and_then(serde_json::Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        if let Some(default) = property.get("default")
            && !given.contains_key(name)
        {
            given.insert(name.clone(), default.clone());
        }
    }
    serde_json::Value::Object(given)
}

//! One connection to a running server: what it offers, what it answers, whether it still lives. Decides about nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use rmcp::RoleClient;
use rmcp::model::{
    CallToolRequestParams, ClientRequest, ErrorData, GetPromptRequestParams, JsonObject, ListToolsRequest,
    PaginatedRequestParams, ProtocolVersion, ReadResourceRequestParams, SubscriptionFilter,
};
use rmcp::service::{RunningService, ServiceError, Subscription};
use sandbox::{Confined, Errors, State, Talk};
use serde_json::Value;

use crate::ask::{Question, Reply};
use crate::described::TOOLS_MAX;
use crate::handler::Handler;
use crate::lines::Meter;

/// Pages of one list that are asked for.
const PAGES_MAX: usize = 50;

/// Items of one list of prompts or resources.
const ITEMS_MAX: usize = 2_000;

/// Progress that waits to be shown.
const PROGRESS_MAX: usize = 64;

/// How long closing politely may take.
const CLOSING: Duration = Duration::from_millis(500);

/// How long a program whose pipes are closed is waited for to have ended, so that is told why, and how often is looked.
const ENDING: Duration = Duration::from_millis(500);
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// How long a server may take to acknowledge that it will tell of changes.
const LISTENING: Duration = Duration::from_secs(5);

/// The error by which a server asks for a visit to a page before it goes on.
const PAGE_NEEDED: i32 = -32042;

/// Pages of one such error.
const PAGES_NEEDED_MAX: usize = 5;

/// A server that is talked to.
pub(crate) struct Connection {
    service: RunningService<RoleClient, Handler>,
    handler: Handler,
    program: Option<Program>,
    subscription: tokio::sync::Mutex<Option<Subscription>>,
    next: AtomicU64,
}

/// The program behind a connection.
pub(crate) struct Program {
    pub(crate) talk: std::sync::Mutex<Option<Talk>>,
    pub(crate) errors: Errors,
    pub(crate) meter: Arc<Meter>,
    /// What holds it, for as long as it runs.
    pub(crate) confined: Confined,
}

/// Why an answer did not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The server wants a login; its challenge.
    Login(String),
    /// The server is gone.
    Gone(String),
    /// It did not answer in this many milliseconds.
    Late(u64),
    /// It refused, or its answer cannot be understood.
    Refused(String),
}

impl Fault {
    pub(crate) fn tell(&self) -> String {
        match self {
            Fault::Login(_) => "it needs a login".to_string(),
            Fault::Gone(why) => format!("it is gone: {why}"),
            Fault::Late(ms) => format!("it did not answer within {} s", ms / 1000),
            Fault::Refused(why) => why.clone(),
        }
    }
}

impl Connection {
    pub(crate) fn new(
        service: RunningService<RoleClient, Handler>,
        handler: Handler,
        program: Option<Program>,
    ) -> Connection {
        Connection { service, handler, program, subscription: Default::default(), next: AtomicU64::new(0) }
    }

    /// Asks to be told when the tools change, where the revision has a request for that.
    pub(crate) async fn listen(&self) {
        let is_new = self.protocol_is(|version| *version >= ProtocolVersion::V_2026_07_28);
        let tells = self.service.peer_info().is_some_and(|info| {
            info.capabilities.tools.as_ref().is_some_and(|tools| tools.list_changed == Some(true))
        });
        if !is_new || !tells {
            return;
        }
        let filter = SubscriptionFilter::builder().tools_list_changed().build();
        let listening = tokio::time::timeout(LISTENING, self.service.listen(filter)).await;
        // A server that does not do it is asked for its tools again when something does not fit.
        if let Ok(Ok(subscription)) = listening {
            *self.subscription.lock().await = Some(subscription);
        }
    }

    fn protocol_is(&self, test: impl Fn(&ProtocolVersion) -> bool) -> bool {
        self.service.peer_info().is_some_and(|info| test(&info.protocol_version))
    }

    /// The revision that is spoken.
    pub(crate) fn protocol(&self) -> String {
        self.service.peer_info().map(|info| info.protocol_version.to_string()).unwrap_or_default()
    }

    /// Name and version of the server, as it says.
    pub(crate) fn version(&self) -> String {
        let info = self.service.peer_info();
        let own = info.as_ref().and_then(|info| info.server_info.as_ref());
        own.map(|own| own.version.clone()).unwrap_or_default()
    }

    /// What it says of itself that was not asked for.
    pub(crate) fn notices(&self) -> Vec<String> {
        self.handler.notices()
    }

    /// Whether its tools are said to have changed since the last time this was asked.
    pub(crate) async fn has_changed(&self) -> bool {
        let mut changed = self.handler.0.is_stale.swap(false, Ordering::Relaxed);
        let mut subscription = self.subscription.lock().await;
        while let Some(open) = subscription.as_mut() {
            match open.next().now_or_never() {
                Some(Ok(Some(_))) => changed = true,
                Some(_) => *subscription = None,
                None => break,
            }
        }
        changed
    }

    /// Why it is gone; `None` while it lives.
    pub(crate) fn gone(&self) -> Option<String> {
        let ended = self.program.as_ref().and_then(Program::ended);
        let is_closed = self.service.is_closed() || self.service.peer().is_transport_closed();
        if ended.is_none() && !is_closed {
            return None;
        }
        let meter = self.program.as_ref().and_then(|program| program.meter.why());
        Some(meter.or(ended).unwrap_or_else(|| "the connection was closed".to_string()))
    }

    /// The tools as the server describes them, unvetted.
    pub(crate) async fn tools(&self, timeout_ms: u64) -> Result<Vec<Value>, Fault> {
        let offers = self.service.peer_info().is_some_and(|info| info.capabilities.tools.is_some());
        if !offers {
            return Ok(Vec::new());
        }
        self.pages(timeout_ms, "tools", |params| {
            ClientRequest::ListToolsRequest(ListToolsRequest {
                method: Default::default(),
                params,
                extensions: Default::default(),
            })
        })
        .await
    }

    /// All pages of a list, as JSON, so that one item that does not fit the protocol spoils only itself.
    async fn pages(
        &self,
        timeout_ms: u64,
        field: &str,
        request: impl Fn(Option<PaginatedRequestParams>) -> ClientRequest,
    ) -> Result<Vec<Value>, Fault> {
        let (mut items, mut cursor) = (Vec::new(), None);
        for _ in 0..PAGES_MAX {
            let params = PaginatedRequestParams::default().with_cursor(cursor.take());
            let asked = self.within(timeout_ms, self.service.send_request(request(Some(params)))).await?;
            let mut page = serde_json::to_value(asked).map_err(|error| Fault::Refused(error.to_string()))?;
            match page.get_mut(field).map(Value::take) {
                Some(Value::Array(found)) => items.extend(found),
                _ => return Err(Fault::Refused(format!("its list of {field} cannot be read"))),
            }
            cursor = page.get("nextCursor").and_then(Value::as_str).map(str::to_string);
            if cursor.is_none() || items.len() > TOOLS_MAX.max(ITEMS_MAX) {
                break;
            }
        }
        Ok(items)
    }

    /// Calls a tool. Progress is given to `on_progress` as it comes.
    pub(crate) async fn call(
        &self,
        tool: &str,
        arguments: JsonObject,
        timeout_ms: u64,
        on_progress: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<Value, Fault> {
        let (sender, mut progress) = tokio::sync::mpsc::channel(PROGRESS_MAX);
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.handler.0.listeners.lock().unwrap_or_else(PoisonError::into_inner).push((id, sender));
        let _listens = Listens { handler: &self.handler, id };
        let params = CallToolRequestParams::new(tool.to_string()).with_arguments(arguments);
        let calling = async {
            match self.service.call_tool(params.clone()).await {
                Err(ServiceError::McpError(error))
                    if error.code.0 == PAGE_NEEDED && self.visit(&error).await =>
                {
                    self.service.call_tool(params).await
                }
                other => other,
            }
        };
        let answer = self.within(timeout_ms, calling);
        tokio::pin!(answer);
        let result = loop {
            tokio::select! {
                result = &mut answer => break result?,
                Some(line) = progress.recv() => on_progress(&line),
            }
        };
        serde_json::to_value(result).map_err(|error| Fault::Refused(error.to_string()))
    }

    /// Takes the person to the pages that a server wants visited. Says whether all were.
    async fn visit(&self, error: &ErrorData) -> bool {
        let pages = error.data.as_ref().and_then(|data| data.get("elicitations")).and_then(Value::as_array);
        let Some(pages) = pages.filter(|pages| !pages.is_empty() && pages.len() <= PAGES_NEEDED_MAX) else {
            return false;
        };
        for page in pages {
            let said = |field: &str| page.get(field).and_then(Value::as_str).unwrap_or_default().to_string();
            let (url, message) = (said("url"), said("message"));
            if crate::config::address(&url).is_err() {
                return false;
            }
            if !matches!(self.handler.ask(Question::Page { message, url }).await, Reply::Accept(_)) {
                return false;
            }
        }
        true
    }

    /// The prompts that it has, as JSON.
    pub(crate) async fn prompts(&self, timeout_ms: u64) -> Result<Vec<Value>, Fault> {
        let asked = self.within(timeout_ms, self.service.list_all_prompts()).await?;
        Ok(asked.iter().take(ITEMS_MAX).filter_map(|it| serde_json::to_value(it).ok()).collect())
    }

    /// One prompt, with arguments.
    pub(crate) async fn prompt(&self, name: &str, arguments: JsonObject, ms: u64) -> Result<Value, Fault> {
        let params = GetPromptRequestParams::new(name).with_arguments(arguments);
        let got = self.within(ms, self.service.get_prompt(params)).await?;
        serde_json::to_value(got).map_err(|error| Fault::Refused(error.to_string()))
    }

    /// The resources that it has, and the templates of more, as JSON.
    pub(crate) async fn resources(&self, timeout_ms: u64) -> Result<[Vec<Value>; 2], Fault> {
        let resources = self.within(timeout_ms, self.service.list_all_resources()).await?;
        // Many have resources and no templates.
        let templates = self.within(timeout_ms, self.service.list_all_resource_templates()).await;
        let templates = templates.unwrap_or_default();
        Ok([
            resources.iter().take(ITEMS_MAX).filter_map(|it| serde_json::to_value(it).ok()).collect(),
            templates.iter().take(ITEMS_MAX).filter_map(|it| serde_json::to_value(it).ok()).collect(),
        ])
    }

    /// One resource.
    pub(crate) async fn read(&self, uri: &str, ms: u64) -> Result<Value, Fault> {
        let params = ReadResourceRequestParams::new(uri);
        let got = self.within(ms, self.service.read_resource(params)).await?;
        serde_json::to_value(got).map_err(|error| Fault::Refused(error.to_string()))
    }

    /// Waits for an answer, at most this long. Giving up tells the server that nobody waits any more.
    async fn within<T>(
        &self,
        timeout_ms: u64,
        asking: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, Fault> {
        match tokio::time::timeout(Duration::from_millis(timeout_ms), asking).await {
            Err(_) => Err(Fault::Late(timeout_ms)),
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                if matches!(error, ServiceError::TransportClosed | ServiceError::TransportSend(_))
                    && let Some(program) = &self.program
                {
                    program.ends_soon().await;
                }
                Err(self.fault(&error))
            }
        }
    }

    fn fault(&self, error: &ServiceError) -> Fault {
        match error {
            ServiceError::McpError(error) => Fault::Refused(format!("it refused: {}", error.message)),
            ServiceError::TransportSend(failed) => match challenge_in(failed.error.as_ref()) {
                Some(challenge) => Fault::Login(challenge),
                None => Fault::Gone(self.gone().unwrap_or_else(|| crate::web::chain(failed.error.as_ref()))),
            },
            ServiceError::TransportClosed => {
                Fault::Gone(self.gone().unwrap_or_else(|| "the connection was closed".to_string()))
            }
            ServiceError::UnexpectedResponse => Fault::Refused("its answer cannot be understood".to_string()),
            other => Fault::Refused(other.to_string()),
        }
    }

    /// Ends it: the pipes first, then the program and all that it started.
    pub(crate) async fn stop(self: Arc<Self>) {
        let program = match Arc::try_unwrap(self) {
            Ok(mut own) => {
                let _closed = own.service.close_with_timeout(CLOSING).await;
                own.program
            }
            Err(shared) => {
                // Somebody still waits for an answer: it will hear that the connection is gone.
                shared.service.cancellation_token().cancel();
                let talk = shared.program.as_ref().and_then(Program::take);
                if let Some(mut talk) = talk {
                    talk.stop().await;
                }
                return;
            }
        };
        if let Some(mut talk) = program.as_ref().and_then(Program::take) {
            talk.stop().await;
        }
    }

    /// What it wrote to its error output, and what it wanted to reach and was not let.
    pub(crate) fn complaints(&self) -> String {
        self.program.as_ref().map(Program::complaints).unwrap_or_default()
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> Option<u32> {
        let program = self.program.as_ref()?;
        let mut talk = program.talk.lock().unwrap_or_else(PoisonError::into_inner);
        talk.as_mut().map(Talk::id)
    }
}

impl Program {
    fn take(&self) -> Option<Talk> {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// How it ended; `None` while it runs.
    pub(crate) fn ended(&self) -> Option<String> {
        let mut talk = self.talk.lock().unwrap_or_else(PoisonError::into_inner);
        match talk.as_mut()?.state() {
            State::Running => None,
            State::Ended { exit: Some(exit), .. } => Some(format!("its program ended with exit code {exit}")),
            State::Ended { signal: Some(signal), .. } => {
                Some(format!("its program was ended by signal {signal}"))
            }
            State::Ended { .. } => Some("its program ended".to_string()),
        }
    }

    /// Waits a moment for its end: the pipes of a program that ends are closed before it is seen to have ended.
    async fn ends_soon(&self) {
        let ending = async {
            while self.ended().is_none() && self.is_here() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        // A program that closed its output and goes on is told as that.
        let _elapsed = tokio::time::timeout(ENDING, ending).await;
    }

    fn is_here(&self) -> bool {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub(crate) fn complaints(&self) -> String {
        let errors = self.errors.to_string();
        let wishes = self.confined.wishes.tell(&errors, true);
        [errors.trim(), wishes.trim()].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("\n")
    }

    pub(crate) async fn stop(self) {
        if let Some(mut talk) = self.take() {
            talk.stop().await;
        }
    }
}

/// Takes a listener away when its call is over.
struct Listens<'a> {
    handler: &'a Handler,
    id: u64,
}

impl Drop for Listens<'_> {
    fn drop(&mut self) {
        let mut listeners = self.handler.0.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|(id, _)| *id != self.id);
    }
}

/// The challenge of a server that wants a login, somewhere in the causes of an error.
pub(crate) fn challenge_in(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    use rmcp::transport::auth::AuthError;
    use rmcp::transport::streamable_http_client::{AuthRequiredError, InsufficientScopeError};
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<AuthRequiredError>() {
            return Some(found.www_authenticate_header.clone());
        }
        if let Some(found) = error.downcast_ref::<InsufficientScopeError>() {
            return Some(found.www_authenticate_header.clone());
        }
        if matches!(error.downcast_ref::<AuthError>(), Some(AuthError::AuthorizationRequired)) {
            return Some(String::new());
        }
        cause = error.source();
    }
    None
}

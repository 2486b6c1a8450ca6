//! Requests of a client to what is offered, for every revision of the protocol. Holds no transport.
#![expect(deprecated, reason = "clients before the revision 2026-07-28 are served as well")]

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;

use conversation::Later;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult, CompletionInfo,
    GetPromptRequestParams, GetPromptResponse, InputRequest, InputRequiredResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, LoggingLevel, PaginatedRequestParams,
    ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Reference,
    ServerConfig, SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter, Tool,
    UnsubscribeRequestParams,
};
use rmcp::service::{NotificationContext, Peer, RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::caller::Caller;
use super::seal::Seal;
use super::subscribers::{SessionState, Subscribers};
use super::wire;
use crate::offer::{About, Answers, Filled, Held, Object, OfferResult, Offered, Outcome, Questions, Refused};

/// How many calls are worked on at once; more wait.
const CALLS_MAX: usize = 16;
/// How many entries of a list are sent at once.
const PAGE: usize = 200;
/// How often one call may ask.
const ROUNDS_MAX: usize = 10;

/// What all sessions of one server share.
pub(super) struct Shared {
    offered: Arc<dyn Offered>,
    seal: Seal,
    subscribers: Arc<Subscribers>,
    calls: Semaphore,
}

impl Shared {
    pub(super) fn new(offered: Arc<dyn Offered>) -> Result<Arc<Shared>, Refused> {
        let subscribers = Arc::new(Subscribers::new());
        Ok(Arc::new(Shared { offered, seal: Seal::new()?, subscribers, calls: Semaphore::new(CALLS_MAX) }))
    }
}

/// One session, or one request where there are no sessions.
pub(super) struct Handler {
    shared: Arc<Shared>,
    session: Arc<SessionState>,
}

impl Handler {
    pub(super) fn new(shared: &Arc<Shared>) -> Handler {
        Handler { shared: Arc::clone(shared), session: Arc::default() }
    }

    fn offered(&self) -> &dyn Offered {
        self.shared.offered.as_ref()
    }

    fn caller(&self, context: &RequestContext<RoleServer>, answers: Answers) -> Caller {
        let level = match is_modern(context) {
            true => context.meta.log_level(),
            false => Some(self.session.level()),
        };
        Caller::new(context, level, &self.shared.subscribers, answers)
    }

    /// Works on a request until it is done, or until the client has to be asked.
    async fn rounds<W: Work>(
        &self,
        context: RequestContext<RoleServer>,
        name: &str,
        came: (Option<BTreeMap<String, Value>>, Option<String>),
        work: W,
    ) -> Result<Round<W::Done>, ErrorData> {
        let cancelled = context.ct.clone();
        let working = async {
            let _one_of_few = self.shared.calls.acquire().await;
            let (given, sealed) = came;
            let opened = sealed.map(|sealed| self.shared.seal.open(name, &sealed)).transpose();
            let state = opened.map_err(|error| wire::refused(&error))?;
            let mut caller = self.caller(&context, Answers { given: given.unwrap_or_default(), state });
            for _ in 0..ROUNDS_MAX {
                let came = unpanicked(work.begin(&caller)).await;
                let questions = match came.map_err(|error| wire::refused(&error))? {
                    Outcome::Done(done) => return Ok(Round::Done(done)),
                    Outcome::Ask(questions) => questions,
                };
                if let Some(error) = wire::missing(caller.askable(), &questions.asked) {
                    return Err(error);
                }
                if is_modern(&context) {
                    return self.hand_back(name, questions).map(Round::Ask);
                }
                let answers = asked(&context.peer, questions).await?;
                caller = caller.with(answers);
            }
            Err(ErrorData::internal_error(
                format!("`{name}` asked {ROUNDS_MAX} times and was not done"),
                None,
            ))
        };
        tokio::select! {
            // A call that is done when the cancellation comes is done.
            biased;
            came = working => came,
            () = cancelled.cancelled() => Err(ErrorData::internal_error("cancelled by the client", None)),
        }
    }

    /// The questions as an answer, for a client that sends its request again.
    fn hand_back(&self, name: &str, questions: Questions) -> Result<InputRequiredResult, ErrorData> {
        let sealed = questions.state.map(|state| self.shared.seal.close(name, &state)).transpose();
        let sealed = sealed.map_err(|error| wire::refused(&error))?;
        let asked = questions.asked.into_iter();
        let asked = asked.map(|(key, question)| wire::question(question).map(|question| (key, question)));
        let asked: BTreeMap<String, InputRequest> = asked.collect::<Result<_, ErrorData>>()?;
        if asked.is_empty() && sealed.is_none() {
            return Err(ErrorData::internal_error(format!("`{name}` asked nothing"), None));
        }
        Ok(InputRequiredResult::new((!asked.is_empty()).then_some(asked), sealed))
    }
}

/// A tool that falls over is answered like one that failed; without this its client would wait for ever.
async fn unpanicked<T>(mut work: Later<'_, Result<T, Refused>>) -> Result<T, Refused> {
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled
            .unwrap_or_else(|_| Poll::Ready(Err(Refused::Failed("this request made the server fail".into()))))
    })
    .await
}

/// What is worked on in rounds.
trait Work: Send + Sync {
    type Done: Send;
    fn begin<'c>(&'c self, caller: &'c Caller) -> Later<'c, Result<Outcome<Self::Done>, Refused>>;
}

struct Call<'a>(&'a dyn Offered, &'a str, &'a Object);

impl Work for Call<'_> {
    type Done = OfferResult;
    fn begin<'c>(&'c self, caller: &'c Caller) -> Later<'c, Result<Outcome<OfferResult>, Refused>> {
        self.0.call(self.1, self.2, caller)
    }
}

struct Fill<'a>(&'a dyn Offered, &'a str, &'a Object);

impl Work for Fill<'_> {
    type Done = Filled;
    fn begin<'c>(&'c self, caller: &'c Caller) -> Later<'c, Result<Outcome<Filled>, Refused>> {
        self.0.prompt(self.1, self.2, caller)
    }
}

struct Read<'a>(&'a dyn Offered, &'a str);

impl Work for Read<'_> {
    type Done = Vec<Held>;
    fn begin<'c>(&'c self, _: &'c Caller) -> Later<'c, Result<Outcome<Vec<Held>>, Refused>> {
        Box::pin(async move { self.0.read(self.1).await.map(Outcome::Done) })
    }
}

/// What a round came to.
enum Round<T> {
    Done(T),
    Ask(InputRequiredResult),
}

/// Asks a client of an older revision over its session, one question after the other.
async fn asked(peer: &Peer<RoleServer>, questions: Questions) -> Result<Answers, ErrorData> {
    let mut given = BTreeMap::new();
    for (key, question) in questions.asked {
        let answer = match wire::question(question)? {
            InputRequest::Elicitation(form) => {
                peer.create_elicitation(form.params).await.map(serde_json::to_value)
            }
            InputRequest::CreateMessage(sample) => {
                peer.create_message(sample.params).await.map(serde_json::to_value)
            }
            InputRequest::ListRoots(_) => peer.list_roots().await.map(serde_json::to_value),
            _ => return Err(ErrorData::internal_error("a question of a kind that is not known", None)),
        };
        let failed = |error: &dyn std::fmt::Display| {
            ErrorData::internal_error(format!("the client did not answer `{key}`: {error}"), None)
        };
        let answer = answer.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        given.insert(key, answer);
    }
    Ok(Answers { given, state: questions.state })
}

fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    let modern = ProtocolVersion::V_2026_07_28;
    context.protocol_version().is_some_and(|version| version.as_str() >= modern.as_str())
}

/// One page of a list and where the next one begins.
fn page<T>(
    all: Vec<T>,
    request: Option<PaginatedRequestParams>,
) -> Result<(Vec<T>, Option<String>), ErrorData> {
    let from = match request.and_then(|request| request.cursor) {
        None => 0,
        Some(cursor) => cursor
            .parse::<usize>()
            .ok()
            .filter(|from| *from <= all.len())
            .ok_or_else(|| ErrorData::invalid_params("`cursor` is not one that this server gave", None))?,
    };
    let to = from.saturating_add(PAGE);
    let next = (to < all.len()).then(|| to.to_string());
    Ok((all.into_iter().skip(from).take(PAGE).collect(), next))
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        wire::config(self.offered().card())
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = self.offered().offers().into_iter().map(wire::tool).collect();
        let (tools, next) = page(tools, request)?;
        let mut list = ListToolsResult::with_all_items(tools);
        list.next_cursor = next;
        Ok(list)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.offered().offers().into_iter().find(|offer| offer.name == name).map(wire::tool)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let (name, arguments) = (request.name, request.arguments.unwrap_or_default());
        if !self.offered().offers().iter().any(|offer| offer.name == name) {
            return Err(ErrorData::invalid_params(format!("there is no tool `{name}`"), None));
        }
        let came = (request.input_responses, request.request_state);
        let work = Call(self.offered(), &name, &arguments);
        Ok(match self.rounds(context, &format!("tools/call {name}"), came, work).await? {
            Round::Done(result) => wire::result(result).into(),
            Round::Ask(questions) => questions.into(),
        })
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resources = self.offered().resources().await.map_err(|error| wire::refused(&error))?;
        let (resources, next) = page(resources, request)?;
        let mut list =
            ListResourcesResult::with_all_items(resources.into_iter().map(wire::resource).collect());
        list.next_cursor = next;
        Ok(list)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let (templates, next) = page(self.offered().templates(), request)?;
        let templates = templates.into_iter().map(wire::template).collect();
        let mut list = ListResourceTemplatesResult::with_all_items(templates);
        list.next_cursor = next;
        Ok(list)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri;
        let work = Read(self.offered(), &uri);
        match self.rounds(context, "resources/read", (None, None), work).await? {
            Round::Done(held) if held.is_empty() => Err(wire::refused(&Refused::NoResource(uri))),
            Round::Done(held) => {
                Ok(ReadResourceResult::new(held.into_iter().map(wire::held).collect()).into())
            }
            Round::Ask(questions) => Ok(questions.into()),
        }
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if !self.offered().card().subscribe {
            return Err(ErrorData::invalid_request("this server has no subscriptions", None));
        }
        match self.session.subscribe(request.uri) {
            true => Ok(()),
            false => Err(ErrorData::invalid_request("this session subscribes to too many resources", None)),
        }
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.session.unsubscribe(&request.uri);
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        let card = self.offered().card();
        (card.lists_change || card.subscribe).then(|| requested.clone())
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        self.shared.subscribers.serve(subscription).await
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let (prompts, next) = page(self.offered().prompts(), request)?;
        let mut list = ListPromptsResult::with_all_items(prompts.into_iter().map(wire::prompt).collect());
        list.next_cursor = next;
        Ok(list)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let (name, arguments) = (request.name, request.arguments.unwrap_or_default());
        let came = (request.input_responses, request.request_state);
        let work = Fill(self.offered(), &name, &arguments);
        Ok(match self.rounds(context, &format!("prompts/get {name}"), came, work).await? {
            Round::Done(filled) => wire::filled(filled).into(),
            Round::Ask(questions) => questions.into(),
        })
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let about = match request.r#ref {
            Reference::Prompt(prompt) => About::Prompt(prompt.name),
            Reference::Resource(template) => About::Template(template.uri),
            _ => return Err(ErrorData::invalid_params("`ref` is of a kind that is not known", None)),
        };
        let others = request.context.and_then(|context| context.arguments).unwrap_or_default();
        let others: BTreeMap<String, String> = others.into_iter().collect();
        let argument = request.argument;
        let all = self.offered().complete(&about, &argument.name, &argument.value, &others).await;
        let total = all.len();
        let first: Vec<String> = all.into_iter().take(CompletionInfo::MAX_VALUES).collect();
        let more = total > first.len();
        let completion =
            CompletionInfo::with_pagination(first, Some(u32::try_from(total).unwrap_or(u32::MAX)), more);
        completion.map(CompleteResult::new).map_err(|error| ErrorData::internal_error(error, None))
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let level: LoggingLevel = request.level;
        self.session.set_level(level);
        Ok(())
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        self.shared.subscribers.join(context.peer, &self.session);
    }
}

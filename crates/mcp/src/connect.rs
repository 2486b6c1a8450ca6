//! From an entry to a connection: the program in its confinement or the address, then the handshake in the newest revision that
//! both know. The one place of this room where something begins.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use policy::Permit;
use reqwest::Url;
use rmcp::model::ProtocolVersion;
use rmcp::service::{ClientInitializeError, RunningService, serve_client_with_lifecycle};
use rmcp::transport::Transport;
use rmcp::transport::auth::AuthClient;
use rmcp::transport::streamable_http_client::{
    StreamableHttpClient, StreamableHttpClientTransport, StreamableHttpClientTransportConfig,
};
use rmcp::{ClientLifecycleMode, RoleClient};
use sandbox::{Command, Confine};
use spec::settings::mcp::Oauth;

use crate::ask::{Asker, Tokens};
use crate::config::{Entry, Reach, Ready};
use crate::connection::{Connection, Fault, Program};
use crate::handler::Handler;
use crate::lines::{FRAME_BYTES_MAX, Lines};
use crate::oauth::Login;
use crate::sse::{Refused, Sse};
use crate::web::{Redirects, client, headers};
use http_client::Network;

/// How long a server may take until it answers for the first time, in milliseconds.
pub const HANDSHAKE_MS: u64 = 60_000;

/// How much of a program's complaints is kept, in bytes.
const ERRORS_BYTES_MAX: usize = 16 * 1024;

/// Says of an entry why its server may not be started as things are now, with the next step.
pub type MayStart = Arc<dyn Fn(&Entry) -> Result<(), String> + Send + Sync>;

/// What all connections have in common.
#[derive(Clone)]
pub struct Surroundings {
    /// The resolved workspace root: where programs run, and the root that servers are told of.
    pub workspace: PathBuf,
    /// Says what a permitted program may reach.
    pub confine: Arc<dyn Confine>,
    /// Asked before each start: a server may start long after its file was read.
    pub may_start: MayStart,
    /// Asks the person.
    pub asker: Arc<dyn Asker>,
    /// Keeps tokens.
    pub tokens: Arc<dyn Tokens>,
    /// How the network is reached.
    pub web: Network,
    /// The version of Waypost, as servers are told.
    pub version: String,
    /// How long the first answer may take, in milliseconds.
    pub handshake_ms: u64,
}

/// Connects. `permit` has been checked to be about this server.
pub(crate) async fn connect(
    name: &str,
    ready: &Ready,
    around: &Surroundings,
    permit: &Permit,
) -> Result<(Connection, Vec<String>), Fault> {
    let root = Url::from_directory_path(&around.workspace).map(String::from).unwrap_or_default();
    let handler = Handler::new(name, root, &around.version, Arc::clone(&around.asker));
    let connecting = async {
        match &ready.reach {
            Reach::Program { .. } => {
                start(&ready.reach, around, permit, &handler).await.map(|connection| (connection, Vec::new()))
            }
            Reach::Address { url, headers, oauth, is_sse } => {
                let at = Address { name, url, headers, oauth, is_sse: *is_sse };
                reach(&at, around, &handler).await
            }
        }
    };
    let within = Duration::from_millis(around.handshake_ms);
    let connected = tokio::time::timeout(within, connecting).await;
    let (connection, notes) = connected.unwrap_or(Err(Fault::Late(around.handshake_ms)))?;
    connection.listen().await;
    Ok((connection, notes))
}

/// The newest revision that both know: asked for first, and the old handshake where it is not known.
fn newest() -> ClientLifecycleMode {
    ClientLifecycleMode::Auto {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        legacy_version: Some(ProtocolVersion::V_2025_11_25),
    }
}

async fn start(
    reach: &Reach,
    around: &Surroundings,
    permit: &Permit,
    handler: &Handler,
) -> Result<Connection, Fault> {
    // A server of old that cannot bear to be asked anything before its handshake is started again and not asked.
    let mut first = None;
    for lifecycle in [newest(), ClientLifecycleMode::Initialize] {
        let (program, lines) = begin(reach, around, permit).map_err(Fault::Refused)?;
        let serving = serve_client_with_lifecycle(handler.clone(), lines, lifecycle);
        match serving.await {
            Ok(service) => return Ok(Connection::new(service, handler.clone(), Some(program))),
            Err(error) => {
                let meter = program.meter.why();
                tokio::time::sleep(Duration::from_millis(50)).await;
                let ended = program.ended();
                let complaints = program.complaints();
                program.stop().await;
                let why = meter.or(ended).unwrap_or_else(|| told(&error));
                let why = if complaints.is_empty() { why } else { format!("{why}; it said: {complaints}") };
                first.get_or_insert(Fault::Gone(why));
            }
        }
    }
    Err(first.unwrap_or_else(|| Fault::Refused("it was not started".to_string())))
}

fn begin(reach: &Reach, around: &Surroundings, permit: &Permit) -> Result<(Program, Lines), String> {
    let Reach::Program { command, arguments, environment, directory } = reach else {
        return Err("it is no program".to_string());
    };
    let confined = around.confine.confine(permit)?;
    let mut variables = confined.environment.clone();
    for (name, value) in environment {
        variables.retain(|(known, _)| known != name);
        variables.push((name.clone(), value.clone()));
    }
    let names = environment.iter().map(|(name, _)| name.clone());
    let command = Command {
        program: command.clone(),
        arguments: arguments.clone(),
        directory: directory
            .as_ref()
            .map_or_else(|| around.workspace.clone(), |it| around.workspace.join(it)),
        environment: variables,
        timeout: Duration::MAX,
        output_bytes_max: ERRORS_BYTES_MAX,
        spill: None,
        confinement: confined.confinement.clone().map(|confinement| confinement.passing(names)),
    };
    let (talk, input, output) = sandbox::talk(&command).map_err(|error| error.to_string())?;
    let (lines, meter) = Lines::new(input, output);
    let errors = talk.errors();
    Ok((Program { talk: std::sync::Mutex::new(Some(talk)), errors, meter, confined }, lines))
}

struct Address<'a> {
    name: &'a str,
    url: &'a str,
    headers: &'a [(String, String)],
    oauth: &'a Oauth,
    is_sse: bool,
}

/// Streamable HTTP, then the transport of old; the other way round where the entry says so.
async fn reach(
    at: &Address<'_>,
    around: &Surroundings,
    handler: &Handler,
) -> Result<(Connection, Vec<String>), Fault> {
    let url = crate::config::address(at.url).map_err(Fault::Refused)?;
    let (own, notes) = headers(at.headers);
    let web = client(&around.web, &url, Redirects::AtHome).map_err(Fault::Refused)?;
    let login = Login {
        server: at.name,
        url: at.url,
        oauth: at.oauth,
        challenge: None,
        web: &around.web,
        tokens: Arc::clone(&around.tokens),
    };
    let earlier = login.earlier().await.map_err(|why| Fault::Refused(format!("its earlier login: {why}")))?;
    let token = match &earlier {
        Some(manager) => manager.get_access_token().await.ok(),
        None => None,
    };
    let authorized = earlier.map(|manager| AuthClient::new(web.clone(), manager));

    let mut first = None;
    for is_sse in [at.is_sse, !at.is_sse] {
        let connected = if is_sse {
            let mut own = own.clone();
            if let Some(token) = &token
                && let Ok(value) = reqwest::header::HeaderValue::try_from(format!("Bearer {token}"))
            {
                own.insert(reqwest::header::AUTHORIZATION, value);
            }
            match Sse::open(web.clone(), &url, own).await {
                Ok(sse) => serve(handler, sse, ClientLifecycleMode::Initialize).await,
                Err(Refused::Login(challenge)) => Err(Fault::Login(challenge)),
                Err(Refused::Other(why)) => Err(Fault::Refused(why)),
            }
        } else {
            match &authorized {
                Some(authorized) => stream(handler, at.url, &own, authorized).await,
                None => stream(handler, at.url, &own, &web).await,
            }
        };
        match connected {
            Ok(service) => return Ok((Connection::new(service, handler.clone(), None), notes)),
            Err(login @ Fault::Login(_)) => return Err(login),
            Err(fault) => _ = first.get_or_insert(fault),
        }
    }
    Err(first.unwrap_or_else(|| Fault::Refused("it was not reached".to_string())))
}

/// Streamable HTTP in the newest revision, then with the old handshake, for servers that answer a question before it with
/// an error of their own.
async fn stream<C>(
    handler: &Handler,
    url: &str,
    own: &reqwest::header::HeaderMap,
    client: &C,
) -> Result<RunningService<RoleClient, Handler>, Fault>
where
    C: StreamableHttpClient + Sync,
    StreamableHttpClientTransport<C>: Transport<RoleClient>,
{
    let mut first = None;
    for lifecycle in [newest(), ClientLifecycleMode::Initialize] {
        let custom = own.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let config = StreamableHttpClientTransportConfig::with_uri(url)
            .custom_headers(custom)
            .max_sse_event_size(FRAME_BYTES_MAX);
        let transport = StreamableHttpClientTransport::with_client(client.clone(), config);
        match serve(handler, transport, lifecycle).await {
            Err(fault @ Fault::Login(_)) => return Err(fault),
            Err(fault) => _ = first.get_or_insert(fault),
            Ok(service) => return Ok(service),
        }
    }
    Err(first.unwrap_or_else(|| Fault::Refused("it was not reached".to_string())))
}

async fn serve<T>(
    handler: &Handler,
    transport: T,
    lifecycle: ClientLifecycleMode,
) -> Result<RunningService<RoleClient, Handler>, Fault>
where
    T: Transport<RoleClient> + 'static,
    T::Error: Send + Sync,
{
    let served = serve_client_with_lifecycle(handler.clone(), transport, lifecycle).await;
    served.map_err(|error| match challenge(&error) {
        Some(challenge) => Fault::Login(challenge),
        None => Fault::Refused(told(&error)),
    })
}

fn challenge(error: &ClientInitializeError) -> Option<String> {
    let told = error.auth_challenge().map(str::to_string);
    told.or_else(|| error.is_authorization_required().then(String::new))
}

/// Why a handshake failed, in words for a person: messages are not repeated whole.
fn told(error: &ClientInitializeError) -> String {
    const TOLD_BYTES_MAX: usize = 300;
    let text = match error {
        ClientInitializeError::ConnectionClosed(_) => {
            "it ended the connection during the handshake".to_string()
        }
        ClientInitializeError::JsonRpcError(error) => format!("it refused the handshake: {}", error.message),
        ClientInitializeError::TransportError { error, .. } => crate::web::chain(error.error.as_ref()),
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => told(fallback),
        ClientInitializeError::ExpectedInitResult(_) | ClientInitializeError::ExpectedInitResponse(_) => {
            "its handshake cannot be understood".to_string()
        }
        other => other.to_string(),
    };
    let cut = text.floor_char_boundary(TOLD_BYTES_MAX.min(text.len()));
    text.get(..cut).unwrap_or_default().to_string()
}

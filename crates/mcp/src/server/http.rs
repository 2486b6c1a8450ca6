//! HTTP on this machine alone: connections, bounds, who may ask. What is asked goes to the SDK's transport.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::handler::{Handler, Shared};
use super::{MESSAGE_BYTES_MAX, ServeError};
use crate::offer::Offered;

/// The path below which the protocol is spoken.
const PATH: &str = "/mcp";
/// How many connections are open at once; more wait to be accepted.
const CONNECTIONS_MAX: usize = 128;
/// How many sessions of the older revisions are open at once; more are refused.
const SESSIONS_MAX: usize = 64;
/// A session without a message for so long is closed.
const SESSION_IDLE: Duration = Duration::from_secs(60 * 60);
/// A head of a request that takes longer ends its connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A body that takes longer is refused.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// The longest head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// Serves on a listener of this machine, at `/mcp`, until `stop` is done.
///
/// Only requests that name this address as their host are answered, and of those that carry an origin only the ones
/// of the same address: a page in a browser on this machine cannot reach it, whatever its name resolves to.
///
/// # Errors
///
/// The listener is open to other machines, or the system failed.
pub async fn serve_http(
    listener: std::net::TcpListener,
    offered: Arc<dyn Offered>,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let failed = |error: std::io::Error| ServeError::System(error.to_string());
    let address = listener.local_addr().map_err(failed)?;
    if !address.ip().is_loopback() {
        return Err(ServeError::NotLoopback(address));
    }
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = TcpListener::from_std(listener).map_err(failed)?;
    let shared = Shared::new(offered).map_err(|error| ServeError::System(error.to_string()))?;
    let door = Arc::new(Door::new(&shared, address));

    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let stream = tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => {
                    // Out of descriptors, or a client that hung up: neither ends the server, both need a breath.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let door = Arc::clone(&door);
        connections.spawn(async move {
            let answer = service_fn(|request| {
                let door = Arc::clone(&door);
                async move { Ok::<_, Infallible>(door.answer(request).await) }
            });
            // A connection that breaks concerns its client alone.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .max_buf_size(HEAD_BYTES_MAX)
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
    door.ending.cancel();
    connections.shutdown().await;
    Ok(())
}

/// What every connection goes through.
struct Door {
    service: StreamableHttpService<Handler, LocalSessionManager>,
    sessions: Arc<LocalSessionManager>,
    ending: Ending,
}

/// Ends all sessions; the SDK's own type stays out of signatures.
struct Ending(Box<dyn Fn() + Send + Sync>);

impl Ending {
    fn cancel(&self) {
        (self.0)();
    }
}

impl Door {
    fn new(shared: &Arc<Shared>, address: SocketAddr) -> Door {
        let port = address.port();
        let mut names = vec![format!("localhost:{port}"), address.to_string()];
        if port == 80 {
            names.extend(["localhost".to_string(), address.ip().to_string()]);
        }
        let origins: Vec<String> =
            [format!("http://localhost:{port}"), format!("http://{address}")].into_iter().collect();
        let mut sessions = LocalSessionManager::default();
        sessions.session_config.keep_alive = Some(SESSION_IDLE);
        let sessions = Arc::new(sessions);
        let config = StreamableHttpServerConfig::default()
            .with_allowed_hosts(names)
            .with_allowed_origins(origins)
            .enforce_origin_validation()
            .with_max_request_body_bytes(MESSAGE_BYTES_MAX);
        let token = config.cancellation_token.clone();
        let of_all = Arc::clone(shared);
        let service =
            StreamableHttpService::new(move || Ok(Handler::new(&of_all)), Arc::clone(&sessions), config);
        Door { service, sessions, ending: Ending(Box::new(move || token.cancel())) }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Response<Either<impl Body<Data = Bytes, Error = Infallible> + use<>>> {
        if request.uri().path() != PATH {
            return refused(StatusCode::NOT_FOUND, "there is only `/mcp` here");
        }
        if opens_session(&request) && self.sessions.sessions.read().await.len() >= SESSIONS_MAX {
            return refused(StatusCode::SERVICE_UNAVAILABLE, "too many sessions are open; close one");
        }
        let (head, body) = request.into_parts();
        let whole = match tokio::time::timeout(BODY_TIMEOUT, collected(body)).await {
            Ok(Ok(whole)) => whole,
            Ok(Err(status)) => return refused(status, "the request could not be read whole"),
            Err(_) => return refused(StatusCode::REQUEST_TIMEOUT, "the request took too long to arrive"),
        };
        let request = Request::from_parts(head, Whole(Some(whole)));
        self.service.handle(request).await.map(Either::Theirs)
    }
}

/// Whether a request may open a session: one of the older revisions that has none.
fn opens_session<B>(request: &Request<B>) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    request.method() == Method::POST
        && header("mcp-session-id").is_none()
        && header("mcp-protocol-version").is_none_or(|version| version < "2026-07-28")
}

/// The whole body, bounded.
async fn collected(mut body: Incoming) -> Result<Bytes, StatusCode> {
    if body.size_hint().lower() > MESSAGE_BYTES_MAX as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let mut whole = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        if let Ok(data) = frame.into_data() {
            if whole.len().saturating_add(data.len()) > MESSAGE_BYTES_MAX {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            whole.extend_from_slice(&data);
        }
    }
    Ok(Bytes::from(whole))
}

fn refused<B>(status: StatusCode, words: &'static str) -> Response<Either<B>> {
    let mut response = Response::new(Either::Ours(Whole(Some(Bytes::from_static(words.as_bytes())))));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, plain);
    response
}

/// A body that is there already.
struct Whole(Option<Bytes>);

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// A body of ours or one of the SDK.
enum Either<B> {
    Ours(Whole),
    Theirs(B),
}

impl<B: Body<Data = Bytes, Error = Infallible> + Unpin> Body for Either<B> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Either::Ours(whole) => Pin::new(whole).poll_frame(context),
            Either::Theirs(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Either::Ours(whole) => whole.is_end_stream(),
            Either::Theirs(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Either::Ours(whole) => whole.size_hint(),
            Either::Theirs(body) => body.size_hint(),
        }
    }
}

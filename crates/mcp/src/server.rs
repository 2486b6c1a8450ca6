//! Serving what is offered, over standard input and output or over HTTP on this machine. The SDK shows itself nowhere above.

mod caller;
mod handler;
mod http;
mod seal;
mod subscribers;
mod wire;

use std::future::Future;
use std::sync::Arc;

use rmcp::ServiceExt;
use rmcp::transport::async_rw::AsyncRwTransport;
use thiserror::Error;

use crate::offer::Offered;
use handler::{Handler, Shared};

pub use caller::{Caller, Level};
pub use http::serve_http;

/// The longest message that is read from standard input, in bytes. A longer line is dropped and said.
pub const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Why serving ended before its end.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The client broke off or broke the protocol while it connected.
    #[error("the client did not connect: {0}")]
    Connect(String),
    /// The listener is open to other machines.
    #[error("`{0}` is not an address of this machine alone; take one such as `127.0.0.1:8765`")]
    NotLoopback(std::net::SocketAddr),
    /// The system failed.
    #[error("{0}")]
    System(String),
}

/// Serves one client on standard input and output, until it closes its end or `stop` is done.
///
/// Nothing else may write to standard output meanwhile.
///
/// # Errors
///
/// The client did not connect as the protocol wants it, or the system failed.
pub async fn serve_stdio(
    offered: Arc<dyn Offered>,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    serve_streams(offered, tokio::io::stdin(), tokio::io::stdout(), stop).await
}

/// Serves one client on any two streams of lines, until it closes its end or `stop` is done.
///
/// # Errors
///
/// As [`serve_stdio`].
pub async fn serve_streams<R, W>(
    offered: Arc<dyn Offered>,
    from: R,
    to: W,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError>
where
    R: tokio::io::AsyncRead + Send + Unpin + 'static,
    W: tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let shared = Shared::new(offered).map_err(|error| ServeError::System(error.to_string()))?;
    let transport = AsyncRwTransport::new_server(from, to).with_max_line_length(MESSAGE_BYTES_MAX);
    tokio::pin!(stop);
    let running = tokio::select! {
        running = Handler::new(&shared).serve(transport) => match running {
            Ok(running) => running,
            // A client that only looked whether the program starts is no failure.
            Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
            Err(error) => return Err(ServeError::Connect(error.to_string())),
        },
        () = &mut stop => return Ok(()),
    };
    let ending = running.cancellation_token();
    let waiting = running.waiting();
    tokio::pin!(waiting);
    tokio::select! {
        ended = &mut waiting => ended,
        () = &mut stop => {
            ending.cancel();
            waiting.await
        }
    }
    .map(|_| ())
    .map_err(|error| ServeError::System(error.to_string()))
}

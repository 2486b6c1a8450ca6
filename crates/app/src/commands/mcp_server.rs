//! `waypost mcp-server`: offers the spec engine to other agents, over standard input and output or over HTTP on this machine.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use mcp::server::{ServeError, serve_http, serve_stdio};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::McpServer;
use crate::error::{Error, Outcome};
use crate::exit::Exit;
use crate::face::Screen;
use crate::offered::SpecEngine;
use crate::term::Style;
use crate::workspace::Workspace;
use crate::world::World;

/// Serves until the client leaves or a signal ends it.
pub(crate) async fn run(world: World, screen: Arc<Screen>, flags: McpServer) -> Outcome<Exit> {
    let workspace = Workspace::find(&world)?;
    if world.interactive && flags.http.is_none() {
        screen.progress(
            Style::Dim,
            "waiting for an agent on standard input; `waypost mcp-server --help` says how to set one up",
        );
    }
    let engine = Arc::new(SpecEngine::new(world, flags.read_only)?);
    let (mut interrupt, mut terminate) = (heard(SignalKind::interrupt())?, heard(SignalKind::terminate())?);
    let stop = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let served = match flags.http {
        None => serve_stdio(engine, stop).await,
        Some(address) => {
            let listener = listen(address)?;
            let at = listener.local_addr().unwrap_or(address);
            let root = workspace.root.display();
            screen.progress(Style::Plain, &format!("serving {root} at http://{at}/mcp; Ctrl-C ends it"));
            serve_http(listener, engine, stop).await
        }
    };
    served.map(|()| Exit::Done).map_err(|error| match error {
        ServeError::NotLoopback(_) => Error::usage(error),
        ServeError::Connect(_) => Error::failed(error)
            .hint("`waypost mcp-server` is started by an agent; see `waypost mcp-server --help`"),
        ServeError::System(_) => Error::failed(error),
    })
}

fn heard(kind: SignalKind) -> Outcome<Signal> {
    signal(kind).map_err(|error| Error::failed(format!("signals cannot be listened to: {error}")))
}

/// Listens on this machine alone; refused before anything is open.
fn listen(address: SocketAddr) -> Outcome<TcpListener> {
    if !address.ip().is_loopback() {
        return Err(Error::usage(ServeError::NotLoopback(address)));
    }
    TcpListener::bind(address).map_err(|error| {
        Error::failed(format!("`{address}` cannot be listened on: {error}"))
            .hint("take another port, or 0 for one that is free")
    })
}

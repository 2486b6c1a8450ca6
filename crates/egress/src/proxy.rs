//! The proxy as a thing that is started and stopped: its port, its token, the threads that wait for connections.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::head::USER;
use crate::host::Host;
use crate::registry::Registry;
use crate::serve::{Note, Shared, Verdict, serve};

/// The stack of a thread that serves a connection. It holds a buffer on the heap and calls nothing deep.
const STACK_BYTES: usize = 256 * 1024;

/// How long is waited after a connection that could not be accepted, for want of descriptors for instance.
const AFTER_FAILURE: Duration = Duration::from_millis(50);

/// Decides about a host and a port. One call at a time.
pub type Decide = Box<dyn FnMut(&Host, u16) -> Verdict + Send>;

/// Takes notes. One call at a time.
pub type Log = Box<dyn FnMut(&Note) + Send>;

/// Gives the addresses of a name.
pub type Resolve = Box<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// What a proxy needs.
pub struct Settings {
    /// The secret of the session; whoever does not give it reaches nobody. Letters, digits, `-` and `_` only, so
    /// that it can stand in an address.
    pub token: String,
    /// Who decides.
    pub decide: Decide,
    /// Who takes notes.
    pub log: Log,
    /// Who looks names up.
    pub resolve: Resolve,
}

/// Looks names up as the machine does. Blocks for as long as the machine does.
pub fn resolve() -> Resolve {
    Box::new(|name, port| Ok((name, port).to_socket_addrs()?.collect()))
}

/// A proxy on the loopback address. Dropping it ends all of its connections.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    waiting: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts a proxy on a free port of the loopback address.
    ///
    /// # Errors
    /// When the token cannot stand in an address, or there is no port or no thread.
    pub fn start(settings: Settings) -> io::Result<Proxy> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let token = settings.token;
        if token.is_empty() || token.len() > 255 || !token.bytes().all(plain) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the token has other bytes than letters and digits",
            ));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            token,
            decide: Mutex::new(settings.decide),
            log: Mutex::new(settings.log),
            resolve: settings.resolve,
            registry: Registry::default(),
        });
        let waiting = wait(listener, Arc::clone(&shared))?;
        Ok(Proxy { port, shared, waiting: Some(waiting) })
    }

    /// The port on the loopback address.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves also those who connect to this listener, until accepting fails.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub fn serve(&self, listener: TcpListener) -> io::Result<()> {
        // It ends with its listener; nobody has to wait for it.
        wait(listener, Arc::clone(&self.shared)).map(drop)
    }

    /// The variables that tell programs of this proxy.
    pub fn environment(&self) -> Vec<(String, String)> {
        let (token, port) = (&self.shared.token, self.port);
        let http = format!("http://{USER}:{token}@127.0.0.1:{port}");
        let socks = format!("socks5h://{USER}:{token}@127.0.0.1:{port}");
        let near = "localhost,127.0.0.1,::1".to_string();
        let pairs =
            [("http_proxy", http.clone()), ("https_proxy", http), ("all_proxy", socks), ("no_proxy", near)];
        let both = pairs.into_iter().flat_map(|(name, value)| {
            [(name.to_ascii_uppercase(), value.clone()), (name.to_string(), value)]
        });
        both.collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.registry.close();
        // Wakes the thread that waits, so that it sees that it is over.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let woken = TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok();
        if let Some(waiting) = self.waiting.take().filter(|_| woken) {
            let _ended = waiting.join();
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the token.
        f.debug_struct("Proxy").field("port", &self.port).finish_non_exhaustive()
    }
}

fn wait(listener: TcpListener, shared: Arc<Shared>) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("egress".to_string()).stack_size(STACK_BYTES).spawn(move || {
        while !shared.registry.is_closed() {
            match listener.accept() {
                Ok((client, _)) => receive(&shared, client),
                // The listener is no more: whom it served is gone.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => return,
                Err(_) => thread::sleep(AFTER_FAILURE),
            }
        }
    })
}

fn receive(shared: &Arc<Shared>, client: TcpStream) {
    if shared.registry.is_closed() {
        return;
    }
    let Some(connection) = shared.registry.enter() else {
        return shared.note(&Note::Refused { why: "too many connections at once".to_string() });
    };
    let own = Arc::clone(shared);
    let served = thread::Builder::new().name("egress".to_string()).stack_size(STACK_BYTES).spawn(move || {
        serve(&own, connection, client);
        own.registry.leave(connection);
    });
    if served.is_err() {
        shared.registry.leave(connection);
        shared.note(&Note::Refused { why: "no thread for another connection".to_string() });
    }
}

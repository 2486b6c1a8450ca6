//! Takes connections, finds out who is calling, answers, and logs. The routes themselves are in `routes`.

use std::io::{self, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::clock::Clock;
use crate::http::{Request, Response};
use crate::keys::Keys;
use crate::log::Log;
use crate::{json, routes};

const IO_TIMEOUT: Duration = Duration::from_secs(5);

/// Everything that an answer depends on.
pub struct Service {
    keys: Keys,
    clock: Arc<dyn Clock>,
    log: Arc<dyn Log>,
}

impl Service {
    /// A service that knows these keys, reads this clock and writes to this log.
    pub fn new(keys: Keys, clock: Arc<dyn Clock>, log: Arc<dyn Log>) -> Service {
        Service { keys, clock, log }
    }

    /// Answers one request and logs it.
    pub fn answer(&self, request: &Request) -> Response {
        let (owner, response) = self.respond(request);
        let at = self.clock.now().as_secs();
        let Request { method, path, .. } = request;
        self.log.line(&format!("{at} {owner} {method} {path} {}", response.status));
        response
    }

    fn respond(&self, request: &Request) -> (&str, Response) {
        if request.path == "/health" {
            return ("-", Response::json(200, json::object(&[("status", "ok")])));
        }
        let key = request.header("x-api-key").unwrap_or_default();
        let Some(caller) = self.keys.caller(key) else {
            return ("-", Response::error(401, "the header X-Api-Key must name a known key"));
        };
        (&caller.owner, routes::answer(request, caller))
    }
}

/// A running server; it stops when it is dropped.
pub struct Server {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts to listen; port 0 takes any free port.
    pub fn start(address: impl ToSocketAddrs, service: Service) -> io::Result<Server> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let stopping = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stopping);
        let service = Arc::new(service);
        let acceptor = thread::spawn(move || {
            for stream in listener.incoming() {
                if seen.load(Ordering::SeqCst) {
                    break;
                }
                let service = Arc::clone(&service);
                // A connection that breaks is the client's loss; the next one is served.
                thread::spawn(move || stream.and_then(|stream| serve(&service, stream)));
            }
        });
        Ok(Server { address, stopping, acceptor: Some(acceptor) })
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the server stops.
    pub fn join(mut self) {
        self.acceptor.take().map(JoinHandle::join);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // The listener wakes up for one more connection and then sees that it is to stop.
        if TcpStream::connect(self.address).is_ok() {
            self.acceptor.take().map(JoinHandle::join);
        }
    }
}

fn serve(service: &Service, mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(IO_TIMEOUT))?;
    stream.set_write_timeout(Some(IO_TIMEOUT))?;
    let response = match Request::read(&mut BufReader::new(&stream))? {
        Some(request) => service.answer(&request),
        None => Response::error(400, "not a request that this service can read"),
    };
    response.write(&mut stream)
}

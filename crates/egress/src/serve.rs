//! Serves one connection: hears whom it wants, asks, looks the name up, connects, and carries bytes both ways.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::address::is_public;
use crate::body;
use crate::head::{self, HEAD_BYTES_MAX, HeadError, Kind};
use crate::host::Host;
use crate::proxy::{Decide, Log, Resolve};
use crate::registry::Registry;
use crate::socks::{self, Asked, Reply};

/// How long a beginning may take.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// How long connecting to one address may take.
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// How many addresses of a name are tried.
const ADDRESSES_MAX: usize = 4;

/// How long a connection may be silent.
const SILENCE: Duration = Duration::from_secs(15 * 60);

/// How much is carried at once.
const CHUNK_BYTES: usize = 32 * 1024;

/// What is to happen with a wish to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may, to addresses of the public internet.
    Allow,
    /// It may, also to this machine, its neighbours and its host.
    AllowPrivate,
    /// It may not; why, in words for the command.
    Deny(String),
}

/// How somebody asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A tunnel through HTTP.
    Tunnel,
    /// A plain HTTP request.
    Plain,
    /// SOCKS.
    Socks,
}

/// What came of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is allowed; these addresses are tried.
    Allowed(Vec<SocketAddr>),
    /// It is not, for this reason.
    Denied(String),
    /// The name leads nowhere, for this reason.
    Failed(String),
}

/// Something worth a line in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Somebody wants to reach a host. Noted before anything is sent.
    Wish {
        /// The number of the connection; those of a proxy count up.
        connection: u64,
        /// How it was asked.
        via: Via,
        /// Whom.
        host: Host,
        /// On which port.
        port: u16,
        /// What came of it.
        outcome: Outcome,
    },
    /// An allowed connection is over.
    Ended {
        /// The number of the connection.
        connection: u64,
        /// How many bytes the command sent.
        sent: u64,
        /// How many it received.
        received: u64,
        /// What went wrong, if something did.
        failure: Option<String>,
    },
    /// A connection that named nobody: too many at once, no token, no protocol that is known.
    Refused {
        /// Why.
        why: String,
    },
}

/// What all connections of a proxy share.
pub(crate) struct Shared {
    pub(crate) token: String,
    pub(crate) decide: Mutex<Decide>,
    pub(crate) log: Mutex<Log>,
    pub(crate) resolve: Resolve,
    pub(crate) registry: Registry,
}

impl Shared {
    pub(crate) fn note(&self, note: &Note) {
        (self.log.lock().unwrap_or_else(PoisonError::into_inner))(note);
    }

    /// Asks, looks up and judges the addresses. Notes what came of it.
    fn wish(&self, connection: u64, via: Via, host: &Host, port: u16) -> Outcome {
        let verdict = (self.decide.lock().unwrap_or_else(PoisonError::into_inner))(host, port);
        let outcome = match verdict {
            Verdict::Deny(why) => Outcome::Denied(why),
            allowed => match self.addresses(host, port) {
                Err(error) => Outcome::Failed(format!("`{host}` is not found: {error}")),
                Ok(addresses) => judge(host, addresses, allowed == Verdict::AllowPrivate),
            },
        };
        let note = Note::Wish { connection, via, host: host.clone(), port, outcome: outcome.clone() };
        self.note(&note);
        outcome
    }

    fn addresses(&self, host: &Host, port: u16) -> io::Result<Vec<SocketAddr>> {
        match host {
            Host::Address(address) => Ok(vec![SocketAddr::new(*address, port)]),
            Host::Name(name) => (self.resolve)(name, port),
        }
    }
}

/// Which addresses may be tried. They are the ones that are connected to, so a name cannot change its mind.
fn judge(host: &Host, addresses: Vec<SocketAddr>, private: bool) -> Outcome {
    if addresses.is_empty() {
        return Outcome::Failed(format!("`{host}` has no address"));
    }
    let allowed = addresses.into_iter().filter(|address| private || is_public(address.ip()));
    let allowed: Vec<SocketAddr> = allowed.take(ADDRESSES_MAX).collect();
    if allowed.is_empty() {
        let why = format!("`{host}` is an address of this machine or its network, and such are not allowed");
        return Outcome::Denied(why);
    }
    Outcome::Allowed(allowed)
}

/// Serves one connection to its end.
pub(crate) fn serve(shared: &Shared, connection: u64, client: TcpStream) {
    if let Err(error) = hear(shared, connection, client) {
        shared.note(&Note::Refused { why: error.to_string() });
    }
}

fn hear(shared: &Shared, connection: u64, mut client: TcpStream) -> io::Result<()> {
    if !shared.registry.keep(connection, &client) {
        return Ok(());
    }
    client.set_read_timeout(Some(HEAD_TIME))?;
    client.set_write_timeout(Some(SILENCE))?;
    client.set_nodelay(true)?;
    let mut reader = BufReader::new(client.try_clone()?);
    match reader.fill_buf()?.first() {
        None => Ok(()),
        Some(&socks::VERSION) => {
            reader.consume(1);
            socks(shared, connection, reader, client)
        }
        Some(_) => {
            let bytes = read_head(&mut reader)?;
            let head = match head::read(&bytes, &shared.token) {
                Ok(head) => head,
                Err(error) => {
                    answer(&mut client, "400 Bad Request", &error.to_string())?;
                    return Err(refused(&error));
                }
            };
            if !head.known {
                let realm =
                    "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"waypost\"";
                answer(&mut client, realm, "the token of the session was not given")?;
                return Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    "the token of the session was not given",
                ));
            }
            let via = if head.kind == Kind::Tunnel { Via::Tunnel } else { Via::Plain };
            match shared.wish(connection, via, &head.host, head.port) {
                Outcome::Denied(why) => answer(&mut client, "403 Forbidden", &why),
                Outcome::Failed(why) => answer(&mut client, "502 Bad Gateway", &why),
                Outcome::Allowed(addresses) => match connect(&addresses) {
                    Err(error) => {
                        ended(shared, connection, 0, 0, Some(error.to_string()));
                        answer(&mut client, "502 Bad Gateway", &format!("`{}`: {error}", head.host))
                    }
                    Ok(server) => http(shared, connection, head.kind, reader, client, server),
                },
            }
        }
    }
}

fn refused(error: &HeadError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

fn http(
    shared: &Shared,
    connection: u64,
    kind: Kind,
    reader: BufReader<TcpStream>,
    mut client: TcpStream,
    server: TcpStream,
) -> io::Result<()> {
    let up = match kind {
        Kind::Tunnel => {
            client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
            Up::All
        }
        Kind::Plain { text, body } => {
            (&server).write_all(text.as_bytes())?;
            Up::Body(body)
        }
    };
    carry(shared, connection, up, reader, client, server)
}

fn socks(
    shared: &Shared,
    connection: u64,
    mut reader: BufReader<TcpStream>,
    mut client: TcpStream,
) -> io::Result<()> {
    let mut both = Both { reader: &mut reader, writer: &mut client };
    let (host, port) = match socks::hear(&mut both, &shared.token)? {
        Asked::Connect(host, port) => (host, port),
        Asked::Refused(why) => return Err(io::Error::new(io::ErrorKind::PermissionDenied, why)),
    };
    match shared.wish(connection, Via::Socks, &host, port) {
        Outcome::Denied(_) => socks::reply(&mut client, Reply::NotAllowed),
        Outcome::Failed(_) => socks::reply(&mut client, Reply::Failed),
        Outcome::Allowed(addresses) => match connect(&addresses) {
            Err(error) => {
                ended(shared, connection, 0, 0, Some(error.to_string()));
                socks::reply(&mut client, Reply::Failed)
            }
            Ok(server) => {
                socks::reply(&mut client, Reply::Done)?;
                carry(shared, connection, Up::All, reader, client, server)
            }
        },
    }
}

struct Both<'a> {
    reader: &'a mut BufReader<TcpStream>,
    writer: &'a mut TcpStream,
}

impl Read for Both<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl io::Write for Both<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// What of the client's bytes goes to the server.
enum Up {
    All,
    Body(head::Body),
}

/// Carries bytes both ways until both sides have said that they are done, or one of them fails.
fn carry(
    shared: &Shared,
    connection: u64,
    up: Up,
    mut reader: BufReader<TcpStream>,
    mut client: TcpStream,
    server: TcpStream,
) -> io::Result<()> {
    if !shared.registry.keep(connection, &server) {
        return Ok(());
    }
    server.set_nodelay(true)?;
    for stream in [&client, &server] {
        stream.set_read_timeout(Some(SILENCE))?;
        stream.set_write_timeout(Some(SILENCE))?;
    }
    let sent = AtomicU64::new(0);
    let mut to_server = server.try_clone()?;
    let (received, failure) = thread::scope(|scope| {
        let upwards = scope.spawn(|| {
            let result = match up {
                Up::All => pump(&mut reader, &mut to_server, &sent),
                Up::Body(body) => body::copy(body, &mut reader, &mut to_server).map(|count| {
                    sent.fetch_add(count, Ordering::Relaxed);
                }),
            };
            match (&result, &up) {
                // A plain request may end while its answer is still on the way; many servers take the end of
                // the one for the end of both.
                (Ok(()), Up::Body(_)) => {}
                (Ok(()), Up::All) => drop(to_server.shutdown(Shutdown::Write)),
                (Err(_), _) => drop(to_server.shutdown(Shutdown::Both)),
            }
            result
        });
        let received = AtomicU64::new(0);
        let down = pump(&mut &server, &mut client, &received);
        // Nothing more comes; a tunnel may still be sending, a plain request has no other use.
        let how = if down.is_err() || matches!(up, Up::Body(_)) { Shutdown::Both } else { Shutdown::Write };
        drop(client.shutdown(how));
        if down.is_err() {
            drop(server.shutdown(Shutdown::Both));
        }
        let up = upwards.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()));
        (received.into_inner(), down.err().or(up.err()))
    });
    ended(shared, connection, sent.into_inner(), received, failure.map(|error| error.to_string()));
    Ok(())
}

fn pump(from: &mut impl Read, to: &mut impl io::Write, count: &AtomicU64) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => {
                to.write_all(buffer.get(..length).unwrap_or_default())?;
                count.fetch_add(length as u64, Ordering::Relaxed);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn ended(shared: &Shared, connection: u64, sent: u64, received: u64, failure: Option<String>) {
    shared.note(&Note::Ended { connection, sent, received, failure });
}

fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpStream::connect_timeout(address, CONNECT_TIME) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Reads up to the empty line, within its bounds of size and time.
fn read_head(reader: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let (mut bytes, end) = (Vec::new(), Instant::now() + HEAD_TIME);
    while !bytes.ends_with(b"\r\n\r\n") {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || bytes.len() >= HEAD_BYTES_MAX {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the request does not begin in time or in short",
            ));
        }
        reader.get_ref().set_read_timeout(Some(left))?;
        let there = reader.fill_buf()?;
        if there.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = there.iter().position(|byte| *byte == b'\n').map_or(there.len(), |at| at + 1);
        bytes.extend_from_slice(there.get(..line).unwrap_or_default());
        reader.consume(line);
    }
    Ok(bytes)
}

fn answer(client: &mut TcpStream, status: &str, why: &str) -> io::Result<()> {
    let text = format!("waypost: {why}\n");
    let length = text.len();
    write!(
        client,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{text}"
    )?;
    client.shutdown(Shutdown::Write)
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Via::Tunnel => "tunnel",
            Via::Plain => "http",
            Via::Socks => "socks",
        })
    }
}

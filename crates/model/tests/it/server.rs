//! An HTTP/1.1 server in threads that answers by script and records what it was asked. For tests only.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What the server does with one request. The last one is repeated.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Status, headers, body.
    Whole(u16, Vec<(&'static str, String)>, String),
    /// A stream of this content type, each piece sent by itself, and its end.
    Stream(&'static str, Vec<Vec<u8>>),
    /// The same, but the connection closes instead of an end.
    Cut(&'static str, Vec<Vec<u8>>),
    /// The same, but the connection is reset.
    Reset(&'static str, Vec<Vec<u8>>),
    /// The same, but then there is silence.
    Stall(&'static str, Vec<Vec<u8>>),
}

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Recorded {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    script: Arc<Mutex<VecDeque<Answer>>>,
    requests: Arc<Mutex<Vec<Recorded>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn start(script: Vec<Answer>) -> Server {
        Server::start_with(script, None)
    }

    pub(crate) fn start_tls(script: Vec<Answer>) -> Server {
        let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Server::start_with(script, Some(Arc::new(config)))
    }

    fn start_with(script: Vec<Answer>, tls: Option<Arc<ServerConfig>>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Server {
            address: listener.local_addr().unwrap(),
            script: Arc::new(Mutex::new(script.into())),
            requests: Arc::default(),
            connections: Arc::default(),
        };
        let (script, requests) = (server.script.clone(), server.requests.clone());
        let connections = server.connections.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::SeqCst);
                let (script, requests, tls) = (script.clone(), requests.clone(), tls.clone());
                std::thread::spawn(move || {
                    stream.set_nodelay(true).unwrap();
                    match tls {
                        None => serve(stream, &script, &requests),
                        Some(tls) => {
                            serve(
                                StreamOwned::new(ServerConnection::new(tls).unwrap(), stream),
                                &script,
                                &requests,
                            );
                        }
                    }
                });
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn serve(stream: impl Read + Write, script: &Mutex<VecDeque<Answer>>, requests: &Mutex<Vec<Recorded>>) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut recorded = Recorded::default();
        if stream.read_line(&mut recorded.line).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            recorded.headers.push((name.to_ascii_lowercase(), value.trim().to_string()));
        }
        let answer = {
            let mut script = script.lock().unwrap();
            if script.len() > 1 { script.pop_front().unwrap() } else { script.front().unwrap().clone() }
        };
        let length: usize = recorded.header("content-length").map_or(0, |length| length.parse().unwrap());
        // A connection that closes with bytes unread is reset by the system.
        let keep = usize::from(matches!(answer, Answer::Reset(..)));
        let mut body = vec![0; length - keep.min(length)];
        stream.read_exact(&mut body).unwrap();
        recorded.body = String::from_utf8(body).unwrap();
        recorded.line = recorded.line.trim_end().to_string();
        requests.lock().unwrap().push(recorded);
        if !reply(stream.get_mut(), &answer) {
            return;
        }
    }
}

/// Says whether the connection lives on.
fn reply(out: &mut impl Write, answer: &Answer) -> bool {
    let (kind, pieces) = match answer {
        Answer::Whole(status, headers, body) => {
            let headers: String =
                headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let head =
                format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len());
            return out.write_all(head.as_bytes()).and_then(|()| out.flush()).is_ok();
        }
        Answer::Stream(kind, pieces)
        | Answer::Cut(kind, pieces)
        | Answer::Reset(kind, pieces)
        | Answer::Stall(kind, pieces) => (kind, pieces),
    };
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n");
    let mut written = out.write_all(head.as_bytes());
    for piece in pieces {
        let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
        written = written.and_then(|()| out.write_all(&chunk)).and_then(|()| out.flush());
    }
    if written.is_err() {
        return false;
    }
    match answer {
        Answer::Stream(..) => out.write_all(b"0\r\n\r\n").and_then(|()| out.flush()).is_ok(),
        Answer::Cut(..) => false,
        Answer::Reset(..) => {
            // Time for the client to read what was sent before the reset overtakes it.
            std::thread::sleep(Duration::from_millis(50));
            false
        }
        _ => {
            std::thread::sleep(Duration::from_secs(5));
            false
        }
    }
}

/// A proxy that carries `CONNECT` through to wherever it is asked to; counts the tunnels.
pub(crate) fn tunnel() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let tunnels = Arc::new(AtomicUsize::new(0));
    let count = tunnels.clone();
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                client.read_exact(&mut byte).unwrap();
                head.extend_from_slice(&byte);
            }
            let head = String::from_utf8(head).unwrap();
            let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap().to_string();
            let mut server = TcpStream::connect(target).unwrap();
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from, &mut to));
            std::thread::spawn(move || std::io::copy(&mut server, &mut client));
        }
    });
    (address, tunnels)
}

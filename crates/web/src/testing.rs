//! A server on loopback for tests, which answers what a test tells it to, byte for byte. In no release.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::fetch::{Bounds, Fetcher};
use http_client::Network;

/// What is done with one connection: the first line of the request, all of it, and the way back.
type Answer = dyn Fn(&str, &str, &mut TcpStream) + Send + Sync;

/// A server that lives as long as the test.
pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server that answers each connection with `answer`.
    pub(crate) fn new(answer: impl Fn(&str, &str, &mut TcpStream) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, answer): (_, Arc<Answer>) = (Arc::clone(&seen), Arc::new(answer));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(mut client) = client else { return };
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                std::thread::spawn(move || {
                    client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                    let request = head(&mut client);
                    let line = request.lines().next().unwrap_or_default().to_string();
                    kept.lock().unwrap().push(request.clone());
                    let path = line.split(' ').nth(1).unwrap_or_default().to_string();
                    answer(&path, &request, &mut client);
                });
            }
        });
        Server { address, seen }
    }

    /// A server that gives `text` as HTML for every path but `robots.txt`, which is not there.
    pub(crate) fn page(text: &str) -> Server {
        let text = text.to_string();
        Server::new(move |path, _, client| match path {
            "/robots.txt" => send(client, "404 Not Found", "", b""),
            _ => send(client, "200 OK", "content-type: text/html\r\n", text.as_bytes()),
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The requests so far, whole.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// An answer that ends with its connection.
pub(crate) fn send(client: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    let _ = client.write_all(head.as_bytes()).and_then(|()| client.write_all(body));
}

/// A fetcher with small bounds that looks every name up as the loopback device.
pub(crate) fn fetcher(bytes_max: usize, time_ms: u64) -> Fetcher {
    let bounds = Bounds { bytes_max, time_max: Duration::from_millis(time_ms) };
    let resolve = |_: &str, port: u16| Ok(vec![SocketAddr::from(([127, 0, 0, 1], port))]);
    Fetcher::new(Network::default(), bounds, Box::new(resolve))
}

/// Runs a future to its end.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn head(client: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text
                .to_ascii_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                return text;
            }
        }
        match client.read(&mut buffer) {
            Ok(0) | Err(_) => return String::from_utf8_lossy(&bytes).into_owned(),
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

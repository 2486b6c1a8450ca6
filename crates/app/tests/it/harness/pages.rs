//! A server of pages on loopback, which gives what a test says and remembers what was asked.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// The server.
pub(crate) struct Pages {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Pages {
    /// Gives each of these paths its status, its content type and its text; everything else is not there.
    pub(crate) fn new(pages: &[(&str, &str, &str, &str)]) -> Pages {
        let pages: Vec<[String; 4]> = pages
            .iter()
            .map(|(path, status, kind, text)| [path, status, kind, text].map(|part| part.to_string()))
            .collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let served = Pages { address: listener.local_addr().unwrap(), asked: Arc::default() };
        let asked = Arc::clone(&served.asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(stream, &pages, &asked);
            }
        });
        served
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What was asked for, with the query.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, pages: &[[String; 4]], asked: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    reader.read_line(&mut first).unwrap_or_default();
    let mut line = String::new();
    while reader.read_line(&mut line).unwrap_or_default() > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_string();
    asked.lock().unwrap().push(path.clone());
    let bare = path.split('?').next().unwrap_or_default();
    let found = pages.iter().find(|[known, ..]| known == bare);
    let (status, kind, text) = match found {
        Some([_, status, kind, text]) => (status.as_str(), kind.as_str(), text.as_str()),
        None => ("404 Not Found", "text/plain", ""),
    };
    let head = match kind.strip_prefix("-> ") {
        Some(to) => format!("location: {to}\r\n"),
        None => format!("content-type: {kind}\r\n"),
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\n{head}connection: close\r\ncontent-length: {}\r\n\r\n{text}",
        text.len()
    );
}

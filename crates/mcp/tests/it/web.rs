//! A small HTTP server on loopback for tests: each request goes to a closure. No tests.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// An answer. A body of `None` keeps the connection open with the head only.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<String>,
    /// Pieces that are sent later, as they come.
    pub(crate) later: Option<std::sync::mpsc::Receiver<String>>,
}

/// A server with all that was asked of it.
pub(crate) struct Web {
    pub(crate) url: String,
    pub(crate) asked: Arc<Mutex<Vec<Asked>>>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// A value of the query or of a form.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let query = self.path.split_once('?').map_or("", |(_, query)| query);
        let url = reqwest::Url::parse(&format!("http://x/?{query}&{}", self.body)).ok()?;
        url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }
}

impl Said {
    pub(crate) fn json(value: &serde_json::Value) -> Said {
        Said {
            status: 200,
            headers: vec![("content-type", "application/json".to_string())],
            body: Some(value.to_string()),
            later: None,
        }
    }

    pub(crate) fn status(status: u16) -> Said {
        Said { status, headers: Vec::new(), body: Some(String::new()), later: None }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Said {
        self.headers.push((name, value.into()));
        self
    }
}

impl Web {
    pub(crate) fn serve(answer: impl Fn(&Asked) -> Said + Send + Sync + 'static) -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (kept, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &kept, answer.as_ref()));
            }
        });
        Web { url, asked }
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Vec<Asked>>, answer: &(dyn Fn(&Asked) -> Said + Send + Sync)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(asked) = read(&mut reader) {
        kept.lock().unwrap().push(asked.clone());
        let said = answer(&asked);
        let mut head = format!("HTTP/1.1 {} X\r\n", said.status);
        for (name, value) in &said.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(later) = said.later {
            head.push_str("connection: close\r\n\r\n");
            head.push_str(&said.body.unwrap_or_default());
            let mut sent = stream.write_all(head.as_bytes());
            while sent.is_ok()
                && let Ok(piece) = later.recv()
            {
                sent = stream.write_all(piece.as_bytes());
            }
            return;
        }
        let body = said.body.unwrap_or_default();
        let whole = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(whole.as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_string(), words.next()?.to_string());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_string(), value.trim().to_string()));
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { method, path, headers, body: String::from_utf8_lossy(&body).into_owned() })
}

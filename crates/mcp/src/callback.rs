//! The address of this machine to which a browser comes back after a login. Listens on loopback only, for one visit.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The longest request line that is read, in bytes.
const REQUEST_BYTES_MAX: usize = 16 * 1024;

/// How long one visitor may take to say what it wants.
const VISITOR: Duration = Duration::from_secs(5);

/// The page that is shown at the end.
const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Waypost</title><p>You can close this page and go back to Waypost.";

/// The path to which the browser comes back.
const PATH: &str = "/callback";

/// A listener on loopback.
pub(crate) struct Callback {
    listener: TcpListener,
    redirect_uri: String,
    path: String,
}

impl Callback {
    /// Listens where an entry says (`127.0.0.1:7778`, `http://localhost:7778/here`), else on any free port.
    pub(crate) async fn listen(wanted: Option<&str>) -> Result<Callback, String> {
        let wanted = wanted.map(|text| match text.contains("://") {
            true => text.to_string(),
            false => format!("http://{text}"),
        });
        let wanted = wanted.map(|text| reqwest::Url::parse(&text)).transpose();
        let wanted = wanted.map_err(|error| format!("`redirectUri` cannot be read: {error}"))?;
        let host = wanted.as_ref().and_then(|url| url.host_str()).unwrap_or("127.0.0.1").to_string();
        if !matches!(host.as_str(), "127.0.0.1" | "localhost") {
            return Err("`redirectUri` must lead to 127.0.0.1 or localhost".to_string());
        }
        let port = wanted.as_ref().and_then(reqwest::Url::port).unwrap_or(0);
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener =
            listener.map_err(|error| format!("127.0.0.1:{port} cannot be listened at: {error}"))?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let path = wanted.as_ref().map(|url| url.path()).filter(|path| *path != "/");
        let path = path.unwrap_or(if wanted.is_some() { "/" } else { PATH }).to_string();
        let shown = if path == "/" { "" } else { path.as_str() };
        Ok(Callback { listener, redirect_uri: format!("http://{host}:{port}{shown}"), path })
    }

    /// The address for the authorization server.
    pub(crate) fn redirect_uri(&self) -> String {
        self.redirect_uri.clone()
    }

    /// Waits for the visit and gives the address with all that came with it. Other visitors get nothing.
    pub(crate) async fn wait(&self) -> Result<String, String> {
        loop {
            let (mut stream, _) = self.listener.accept().await.map_err(|error| error.to_string())?;
            let Ok(Some(target)) = tokio::time::timeout(VISITOR, target(&mut stream)).await else { continue };
            let (path, query) = target.split_once('?').unwrap_or((&target, ""));
            if path != self.path || !query.contains('=') {
                let _unheard = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await;
                continue;
            }
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close";
            let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{PAGE}", PAGE.len());
            let _unheard = stream.write_all(answer.as_bytes()).await;
            let base = self.redirect_uri.split_once("://").map_or("", |(_, rest)| rest);
            let host = base.split('/').next().unwrap_or_default();
            return Ok(format!("http://{host}{target}"));
        }
    }
}

/// What a `GET` asks for.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let (mut request, mut chunk) = (Vec::new(), [0; 1024]);
    loop {
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        request.extend_from_slice(chunk.get(..count)?);
        if request.windows(4).any(|end| end == b"\r\n\r\n") {
            break;
        }
        if request.len() > REQUEST_BYTES_MAX {
            return None;
        }
    }
    let line = request.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split(' ');
    (words.next()? == "GET").then(|| words.next().map(str::to_string))?
}

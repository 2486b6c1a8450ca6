//! A server on a free port of the loopback device, its clock and its log, and a client for it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use quotes::clock::ManualClock;
use quotes::keys::Keys;
use quotes::log::MemoryLog;
use quotes::server::{Server, Service};

pub const ACME: &str = "key-of-acme";
pub const INITECH: &str = "key-of-initech";
pub const GLOBEX: &str = "key-of-globex";

const KEYS: &str = "acme standard key-of-acme\n\
                    initech standard key-of-initech\n\
                    globex premium key-of-globex\n";

pub struct Running {
    pub clock: Arc<ManualClock>,
    pub log: Arc<MemoryLog>,
    server: Server,
}

pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    /// The value of a header, if the answer has it.
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next()?;
        head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// What follows the headers.
    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

impl Running {
    pub fn start() -> Running {
        let clock = Arc::new(ManualClock::default());
        let log = Arc::new(MemoryLog::default());
        let service = Service::new(Keys::parse(KEYS).unwrap(), clock.clone(), log.clone());
        let server = Server::start("127.0.0.1:0", service).unwrap();
        Running { clock, log, server }
    }

    pub fn advance_seconds(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub fn get(&self, path: &str, key: Option<&str>) -> Answer {
        let key = key.map_or(String::new(), |key| format!("X-Api-Key: {key}\r\n"));
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: quotes\r\n{key}\r\n"))
    }

    /// How many of `count` requests with one key were answered with 200.
    pub fn accepted(&self, key: &str, count: usize) -> usize {
        (0..count).filter(|_| self.get("/v1/quotes/1", Some(key)).status == 200).count()
    }

    pub fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(self.server.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
        Answer { status, text }
    }
}

//! A model on loopback that answers by script and keeps what it was told. Knows two wires by the path that is asked.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::desk::soon;
use super::wire;

/// What the model does with one request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Says this and calls these tools, each with its input as text.
    Turn(String, Vec<(String, String)>),
    /// Status, headers, body.
    Status(u16, Vec<(&'static str, &'static str)>, String),
    /// Says this and then nothing, until the other side leaves.
    Stall(String),
    /// Says this, then the connection is reset.
    Reset(String),
    /// Says this, then the stream ends without the answer's end.
    Cut(String),
    /// Sends what is no event of the wire.
    Garbage,
}

/// The words of a last answer.
pub(crate) fn say(text: &str) -> Answer {
    Answer::Turn(text.to_string(), Vec::new())
}

/// An answer that calls a tool.
pub(crate) fn call(tool: &str, input: Value) -> Answer {
    calls(&[(tool, input)])
}

/// An answer that calls several tools together.
pub(crate) fn calls(calls: &[(&str, Value)]) -> Answer {
    let calls = calls.iter().map(|(tool, input)| (tool.to_string(), input.to_string()));
    Answer::Turn(String::new(), calls.collect())
}

/// An answer that calls a tool with an input that is no JSON.
pub(crate) fn broken_call(tool: &str, input: &str) -> Answer {
    Answer::Turn(String::new(), vec![(tool.to_string(), input.to_string())])
}

/// An answer with an error status, as Anthropic words it. Tried again at once where it is tried again.
pub(crate) fn status(status: u16, kind: &str, message: &str) -> Answer {
    let body = json!({"type": "error", "error": {"type": kind, "message": message}});
    Answer::Status(status, vec![("retry-after-ms", "1")], body.to_string())
}

type Script = Box<dyn FnMut(&Value) -> Answer + Send>;

/// The model.
pub(crate) struct Model {
    address: SocketAddr,
    told: Arc<Mutex<Vec<Value>>>,
    keys: Arc<Mutex<Vec<String>>>,
}

impl Model {
    /// Gives these answers, one a request; what is asked beyond them fails.
    pub(crate) fn start(answers: Vec<Answer>) -> Model {
        let mut answers: VecDeque<Answer> = answers.into();
        Model::by(move |_| answers.pop_front().unwrap_or_else(over))
    }

    /// Gives the answer whose place is the number of answers that the request already holds, so that a process that
    /// died and came back gets the same one. Stalls at those turns the first time they are asked for.
    pub(crate) fn by_turn(answers: Vec<Answer>, mut stalls: Vec<usize>) -> Model {
        Model::by(move |told| {
            let turn = answers_in(told);
            if let Some(at) = stalls.iter().position(|stall| *stall == turn) {
                stalls.remove(at);
                return Answer::Stall("I think".to_string());
            }
            answers.get(turn).cloned().unwrap_or_else(over)
        })
    }

    /// Answers as this says.
    pub(crate) fn by(script: impl FnMut(&Value) -> Answer + Send + 'static) -> Model {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let model =
            Model { address: listener.local_addr().unwrap(), told: Arc::default(), keys: Arc::default() };
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Box::new(script)));
        let (told, keys) = (model.told.clone(), model.keys.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (script, told, keys) = (script.clone(), told.clone(), keys.clone());
                std::thread::spawn(move || serve(stream, &script, &told, &keys));
            }
        });
        model
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bodies of all requests so far.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.told.lock().unwrap().clone()
    }

    /// The keys that came with the requests.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap().clone()
    }

    /// Everything that the last request says, as text.
    #[track_caller]
    pub(crate) fn last(&self) -> String {
        told(self.requests().last().unwrap())
    }

    /// Waits until so many requests have come.
    #[track_caller]
    pub(crate) fn wait_for(&self, requests: usize) {
        let came = soon(|| self.requests().len() >= requests);
        assert!(came, "only {} of {requests} requests came", self.requests().len());
    }
}

/// Every text of a request.
pub(crate) fn told(body: &Value) -> String {
    match body {
        Value::String(text) => format!("{text}\n"),
        Value::Array(parts) => parts.iter().map(told).collect(),
        Value::Object(parts) => parts.values().map(told).collect(),
        _ => String::new(),
    }
}

fn answers_in(body: &Value) -> usize {
    let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    messages.iter().filter(|message| message["role"] == "assistant").count()
}

fn over() -> Answer {
    Answer::Status(400, Vec::new(), r#"{"error":{"message":"the script of this test is over"}}"#.to_string())
}

fn serve(mut stream: TcpStream, script: &Mutex<Script>, told: &Mutex<Vec<Value>>, keys: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut length) = (String::new(), 0);
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
        if name.eq_ignore_ascii_case("x-api-key") {
            keys.lock().unwrap().push(value.trim().to_string());
        }
    }
    // The last byte stays unread for now: a connection that is closed with bytes unread is reset by the system.
    let mut body: Vec<u8> = vec![0; length - 1];
    reader.read_exact(&mut body).unwrap();
    body.push(b'}');
    let body: Value = serde_json::from_slice(&body).unwrap();
    let answer = script.lock().unwrap()(&body);
    told.lock().unwrap().push(body);
    if matches!(answer, Answer::Reset(_)) {
        let _ = stream.write_all(whole(&first, &answer).as_bytes());
        // Time for the client to read what was sent before the reset overtakes it.
        std::thread::sleep(Duration::from_millis(50));
        return;
    }
    let mut rest = [0];
    reader.read_exact(&mut rest).unwrap();
    let _ = stream.write_all(whole(&first, &answer).as_bytes()).and_then(|()| stream.flush());
    if matches!(answer, Answer::Stall(_)) {
        // Until the other side is gone.
        let _ = reader.read(&mut rest);
    }
}

fn whole(first: &str, answer: &Answer) -> String {
    let stream = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    match answer {
        Answer::Turn(text, calls) if first.contains("/chat/completions") => {
            format!("{stream}{}", wire::chat(text, calls))
        }
        Answer::Turn(text, calls) => format!("{stream}{}", wire::anthropic(text, calls)),
        Answer::Stall(text) | Answer::Reset(text) | Answer::Cut(text) => {
            format!("{stream}{}", wire::anthropic_begin(text))
        }
        Answer::Garbage => format!("{stream}event: message_start\ndata: {{\"type\": \u{1b}[2J oops\n\n"),
        Answer::Status(status, headers, body) => {
            let headers: String =
                headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let length = body.len();
            format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\
                 connection: close\r\n\r\n{body}"
            )
        }
    }
}

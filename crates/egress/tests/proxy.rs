//! Drives a proxy on loopback against servers on loopback, with names that lead where the test wants.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use egress::{Host, Note, Outcome, Proxy, Settings, Verdict, Via};

const TOKEN: &str = "t0ken";
const KNOWN: &str = concat!("Proxy-Authorization: ", "Basic ", "d2F5cG9zdDp0MGtlbg==\r\n");

type Notes = Arc<Mutex<Vec<Note>>>;

/// A server that says what it was sent after a greeting; and its port.
fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut client = client;
                let mut text = vec![0; 4096];
                client.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
                let mut said = Vec::new();
                while let Ok(count @ 1..) = client.read(&mut text) {
                    said.extend_from_slice(&text[..count]);
                    let head = said.ends_with(b"\n\n") || said.ends_with(b"\r\n\r\n");
                    let body = String::from_utf8_lossy(&said).contains("Content-Length");
                    if said.ends_with(b"END") || (head && !body) {
                        break;
                    }
                }
                let text = String::from_utf8_lossy(&said).into_owned();
                let _gone = write!(client, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nyou said: {text}");
            });
        }
    });
    port
}

/// A proxy that allows `good.example` also near, `far.example` only far, and nobody else.
fn proxy(port: u16) -> (Proxy, Notes) {
    let notes = Notes::default();
    let log = Arc::clone(&notes);
    let settings = Settings {
        token: TOKEN.to_string(),
        decide: Box::new(|host, _| match host {
            Host::Name(name) if name == "good.example" => Verdict::AllowPrivate,
            Host::Name(name) if name.ends_with("far.example") => Verdict::Allow,
            Host::Address(_) => Verdict::Allow,
            _ => Verdict::Deny(format!("no rule allows `{host}`")),
        }),
        log: Box::new(move |note| log.lock().unwrap().push(note.clone())),
        resolve: Box::new(move |name, wanted| {
            let near = SocketAddr::from((Ipv4Addr::LOCALHOST, if wanted == 443 { port } else { wanted }));
            match name {
                "mixed.far.example" => Ok(vec![near, SocketAddr::from(([192, 0, 2, 1], 9))]),
                "none.far.example" => Ok(Vec::new()),
                "gone.far.example" => Err(std::io::Error::other("no such name")),
                _ => Ok(vec![near]),
            }
        }),
    };
    (Proxy::start(settings).unwrap(), notes)
}

fn talk(proxy: &Proxy, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    // It may have heard enough before the end.
    let _heard = stream.write_all(bytes);
    let mut said = Vec::new();
    let _until_end = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

fn outcomes(notes: &Notes) -> Vec<Outcome> {
    let notes = notes.lock().unwrap();
    let wishes = notes.iter().filter_map(|note| match note {
        Note::Wish { outcome, .. } => Some(outcome.clone()),
        _ => None,
    });
    wishes.collect()
}

fn wait_for(notes: &Notes, wanted: impl Fn(&Note) -> bool) {
    let end = Instant::now() + Duration::from_secs(5);
    while !notes.lock().unwrap().iter().any(&wanted) {
        assert!(Instant::now() < end, "{:?}", notes.lock().unwrap());
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_tunnel_carries_both_ways_and_is_noted() {
    let (proxy, notes) = proxy(server());
    let said = talk(&proxy, format!("CONNECT good.example:443 HTTP/1.1\r\n{KNOWN}\r\nhello\n\n").as_bytes());
    assert!(said.starts_with("HTTP/1.1 200 ") && said.ends_with("you said: hello\n\n"), "{said}");
    wait_for(&notes, |note| matches!(note, Note::Ended { sent: 7, failure: None, .. }));
    let notes = notes.lock().unwrap();
    let Note::Wish { via: Via::Tunnel, host, port: 443, outcome: Outcome::Allowed(_), .. } = &notes[0] else {
        panic!("{notes:?}");
    };
    assert_eq!(host.to_string(), "good.example");
}

#[test]
fn a_plain_request_goes_to_whom_it_names_and_alone() {
    let port = server();
    let (proxy, _) = proxy(port);
    let request = format!(
        "POST http://good.example:{port}/a HTTP/1.1\r\nHost: evil.example\r\n{KNOWN}Content-Length: 3\r\n\r\nEND\
         GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    );
    let said = talk(&proxy, request.as_bytes());
    assert!(said.contains(&format!("POST /a HTTP/1.1\r\nHost: good.example:{port}\r\n")), "{said}");
    assert!(said.ends_with("END") && !said.contains("evil") && !said.contains("Proxy-"), "{said}");
}

#[test]
fn socks_carries_too() {
    let (proxy, notes) = proxy(server());
    let mut request =
        b"\x05\x01\x02\x01\x07waypost\x05t0ken\x05\x01\x00\x03\x0cgood.example\x01\xbb".to_vec();
    request.extend_from_slice(b"hello\n\n");
    let said = talk(&proxy, &request);
    assert!(said.ends_with("you said: hello\n\n"), "{said:?}");
    assert!(matches!(&notes.lock().unwrap()[0], Note::Wish { via: Via::Socks, .. }));
}

#[test]
fn whom_no_rule_allows_is_not_even_looked_up() {
    let (proxy, notes) = proxy(server());
    let said = talk(&proxy, format!("CONNECT evil.example:443 HTTP/1.1\r\n{KNOWN}\r\n").as_bytes());
    assert!(said.starts_with("HTTP/1.1 403 ") && said.contains("no rule allows `evil.example`"), "{said}");
    let said = talk(&proxy, b"\x05\x01\x02\x01\x07waypost\x05t0ken\x05\x01\x00\x03\x0cevil.example\x01\xbb");
    assert_eq!(said.as_bytes().last_chunk::<10>(), Some(&[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]), "{said:?}");
    let denied = Outcome::Denied("no rule allows `evil.example`".to_string());
    assert_eq!(outcomes(&notes), [denied.clone(), denied]);
}

#[test]
fn a_name_that_leads_near_is_denied() {
    let (proxy, notes) = proxy(server());
    for host in ["far.example", "127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]"] {
        let said = talk(&proxy, format!("CONNECT {host}:443 HTTP/1.1\r\n{KNOWN}\r\n").as_bytes());
        assert!(
            said.starts_with("HTTP/1.1 403 ") && said.contains("an address of this machine"),
            "{host}: {said}"
        );
    }
    assert!(outcomes(&notes).iter().all(|outcome| matches!(outcome, Outcome::Denied(_))));
    let said = talk(&proxy, format!("CONNECT 2130706433:443 HTTP/1.1\r\n{KNOWN}\r\n").as_bytes());
    assert!(said.starts_with("HTTP/1.1 400 "), "{said}");
    for (host, words) in [("none.far.example", "has no address"), ("gone.far.example", "is not found")] {
        let said = talk(&proxy, format!("CONNECT {host}:443 HTTP/1.1\r\n{KNOWN}\r\n").as_bytes());
        assert!(said.starts_with("HTTP/1.1 502 ") && said.contains(words), "{host}: {said}");
    }
}

#[test]
fn of_a_name_with_two_addresses_only_the_far_one_is_tried() {
    // The near one has a server, the other one is for documents, which is not public either.
    let (proxy, notes) = proxy(server());
    talk(&proxy, format!("CONNECT mixed.far.example:443 HTTP/1.1\r\n{KNOWN}\r\n").as_bytes());
    assert!(matches!(outcomes(&notes)[0], Outcome::Denied(_)));
    assert!(!egress::is_public(IpAddr::from([192, 0, 2, 1])));
}

#[test]
fn without_the_token_nobody_is_reached() {
    let (proxy, notes) = proxy(server());
    let said = talk(&proxy, b"CONNECT good.example:443 HTTP/1.1\r\n\r\n");
    assert!(said.starts_with("HTTP/1.1 407 ") && said.contains("Proxy-Authenticate: Basic"), "{said}");
    assert_eq!(talk(&proxy, b"\x05\x01\x00").as_bytes(), b"\x05\xef\xbf\xbd");
    assert_eq!(talk(&proxy, b"\x05\x01\x02\x01\x07waypost\x05wrong").as_bytes(), [5, 2, 1, 1]);
    wait_for(&notes, |note| matches!(note, Note::Refused { .. }));
    assert!(outcomes(&notes).is_empty());
}

#[test]
fn rubbish_is_refused_in_time() {
    let (proxy, _) = proxy(server());
    let begun = Instant::now();
    let long = format!("GET http://good.example/ HTTP/1.1\r\nX: {}", "a".repeat(100_000));
    for request in
        [b"\x00\x01\x02\r\n\r\n".as_slice(), b"GET / HTTP/1.1\r\n\r\n", long.as_bytes(), b"\n\n\r\n\r\n"]
    {
        let said = talk(&proxy, request);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 400 "), "{said}");
    }
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[test]
fn there_are_never_too_many_and_the_end_is_the_end() {
    let (proxy, notes) = proxy(server());
    let address = ("127.0.0.1", proxy.port());
    let open: Vec<TcpStream> = (0..160).map(|_| TcpStream::connect(address).unwrap()).collect();
    wait_for(&notes, |note| matches!(note, Note::Refused { why } if why.contains("too many")));
    let port = proxy.port();
    let begun = Instant::now();
    drop(proxy);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    for mut stream in open {
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        assert!(!matches!(stream.read(&mut [0]), Ok(1..)));
    }
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn another_listener_is_served_as_well() {
    let (proxy, _) = proxy(server());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    proxy.serve(listener).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "CONNECT good.example:443 HTTP/1.1\r\n{KNOWN}\r\nhello\n\n").unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.ends_with("you said: hello\n\n"), "{said}");
}

#[test]
fn the_variables_name_the_proxy_and_its_token() {
    let (proxy, _) = proxy(1);
    let variables = proxy.environment();
    let value = |name: &str| variables.iter().find(|(it, _)| it == name).unwrap().1.clone();
    assert_eq!(value("HTTPS_PROXY"), format!("http://waypost:{TOKEN}@127.0.0.1:{}", proxy.port()));
    assert_eq!(value("all_proxy"), format!("socks5h://waypost:{TOKEN}@127.0.0.1:{}", proxy.port()));
    assert!(!format!("{proxy:?}").contains(TOKEN));
}

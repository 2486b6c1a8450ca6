//! Pages from servers on loopback, kind and hostile ones.

use std::io::Write as _;
use std::time::{Duration, Instant};

use super::*;
use crate::testing::{Server, fetcher, run, send};

const BYTES_MAX: usize = 200_000;

fn get(server: &Server, path: &str) -> Result<Page, FetchError> {
    fetch(&fetcher(BYTES_MAX, 1500), &server.url(path), true, true)
}

fn fetch(fetcher: &Fetcher, url: &str, near: bool, heeds_robots: bool) -> Result<Page, FetchError> {
    let address = Address::read(url).unwrap();
    run(fetcher.fetch(&Wish { address: &address, near, heeds_robots, follow: &|_| Ok(()) }))
}

/// A server that answers everything but `robots.txt` with these headers and bytes.
fn serves(status: &'static str, headers: &'static str, body: Vec<u8>) -> Server {
    Server::new(move |path, _, client| match path {
        "/robots.txt" => send(client, "404 Not Found", "", b""),
        _ => send(client, status, headers, &body),
    })
}

#[test]
fn a_page_becomes_text() {
    let server = Server::page("<title>A &amp; b</title><h1>Head</h1><p>Words <a href='/x'>there</a>.");
    let page = get(&server, "/a?b#c").unwrap();
    assert_eq!(page.url, server.url("/a?b"));
    assert_eq!((page.status, page.kind.as_str(), page.title.as_deref()), (200, "text/html", Some("A & b")));
    assert_eq!(page.text, format!("# Head\n\nWords [there]({}).\n", server.url("/x")));
    assert_eq!((page.bytes, page.cut), (69, None));
    let asked = server.seen().pop().unwrap();
    assert!(
        asked.contains("user-agent: waypost/") && asked.contains("accept-encoding: gzip, deflate"),
        "{asked}"
    );
    assert!(!asked.to_lowercase().contains("cookie") && !asked.to_lowercase().contains("referer"), "{asked}");
}

#[test]
fn other_texts_stay_as_they_are() {
    for (kind, body) in [
        ("content-type: application/json\r\n", "{\"a\": \"<b>\"}"),
        ("content-type: text/markdown; charset=utf-8\r\n", "# a\n\n<b>é</b>\n"),
        ("content-type: application/octet-stream\r\n", "plain\n"),
        ("", "no type\n"),
    ] {
        assert_eq!(get(&serves("200 OK", kind, body.into()), "/").unwrap().text, body, "{kind}");
    }
    let page = get(&serves("404 Not Found", "content-type: text/plain\r\n", b"gone".to_vec()), "/").unwrap();
    assert_eq!((page.status, page.text.as_str()), (404, "gone"));
}

#[test]
fn what_is_no_text_is_named() {
    let check = |headers: &'static str, body: &[u8], expected: &str| {
        let error = get(&serves("200 OK", headers, body.to_vec()), "/").unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    let pdf = "the page is application/pdf of 9 bytes, not text; it was not taken";
    check("content-type: application/pdf\r\n", b"%PDF-1.7\n", pdf);
    check(
        "content-type: text/html\r\n",
        b"%PDF-1.7\n",
        "the page is a PDF document of 9 bytes, not text; it was not taken",
    );
    check("", b"a\0b", "the page is a binary file of 3 bytes, not text; it was not taken");
    check(
        "content-type: image/png\r\n",
        b"x",
        "the page is image/png of 1 bytes, not text; it was not taken",
    );
    check("content-encoding: br\r\n", b"x", "the page came packed as `br`, which was not asked for");
    check("content-encoding: gzip, gzip\r\n", b"x", "the page came packed twice");
}

#[test]
fn redirects_stay_with_the_server() {
    let server = Server::new(|path, _, client| {
        let to = |client: &mut _, to: &str| send(client, "302 Found", &format!("location: {to}\r\n"), b"");
        match path {
            "/robots.txt" => send(client, "404 Not Found", "", b""),
            "/a" => to(client, "b?x"),
            "/b?x" => send(client, "200 OK", "content-type: text/plain\r\n", b"here"),
            "/loop" => to(client, "/loop"),
            "/away" => to(client, "http://elsewhere.example/x"),
            "/file" => to(client, "file:///etc/passwd"),
            "/meta" => to(client, "http://169.254.169.254/latest"),
            _ => to(client, "/secret"),
        }
    });
    let page = get(&server, "/a").unwrap();
    assert_eq!((page.text.as_str(), page.url), ("here", server.url("/b?x")));
    assert_eq!(get(&server, "/loop"), Err(FetchError::Hops));
    assert_eq!(get(&server, "/away"), Err(FetchError::Moved("http://elsewhere.example/x".to_string())));
    assert_eq!(get(&server, "/meta"), Err(FetchError::Moved("http://169.254.169.254/latest".to_string())));
    assert!(matches!(get(&server, "/file"), Err(FetchError::Astray(_))));
    let address = Address::read(&server.url("/x")).unwrap();
    let wish =
        Wish { address: &address, near: true, heeds_robots: false, follow: &|_| Err("no".to_string()) };
    let refused = FetchError::Refused { to: server.url("/secret"), why: "no".to_string() };
    assert_eq!(run(fetcher(BYTES_MAX, 1500).fetch(&wish)), Err(refused));
}

#[test]
fn names_and_addresses_near_are_not_reached() {
    let server = Server::page("secret");
    let port = server.port();
    let near = |host: &str| {
        let got = fetch(&fetcher(BYTES_MAX, 1500), &format!("http://{host}:{port}/"), false, true);
        assert_eq!(got, Err(FetchError::Near(host.trim_matches(['[', ']']).to_string())), "{host}");
    };
    // A name that leads here, as when it was made to after it had been judged.
    near("rebinding.example");
    near("localhost");
    near("127.0.0.1");
    near("10.1.2.3");
    near("169.254.169.254");
    for host in ["[::1]", "[fe80::1]", "[::ffff:10.0.0.1]"] {
        let got = fetch(&fetcher(BYTES_MAX, 1500), &format!("http://{host}:{port}/"), false, true);
        assert!(matches!(got, Err(FetchError::Near(_))), "{host} {got:?}");
    }
    assert!(server.seen().is_empty(), "nobody connected");
    let named = format!("http://rebinding.example:{port}/");
    assert_eq!(fetch(&fetcher(BYTES_MAX, 1500), &named, true, true).unwrap().text, "secret\n");
}

#[test]
fn a_name_is_judged_each_time_it_is_looked_up() {
    // The first answer is public and nobody listens there; the second is near.
    let server = Server::page("secret");
    let count = std::sync::atomic::AtomicUsize::new(0);
    let resolve = move |_: &str, port: u16| {
        let first = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        let address = if first { [192, 0, 1, 77] } else { [127, 0, 0, 1] };
        Ok(vec![std::net::SocketAddr::from((address, port))])
    };
    let bounds = Bounds { bytes_max: BYTES_MAX, time_max: Duration::from_millis(300) };
    let fetcher = Fetcher::new(Network::default(), bounds, Box::new(resolve));
    let url = format!("http://a.example:{}/", server.port());
    assert!(fetch(&fetcher, &url, false, false).is_err());
    assert_eq!(fetch(&fetcher, &url, false, false), Err(FetchError::Near("a.example".to_string())));
    assert!(server.seen().is_empty());
}

#[test]
fn an_endless_body_and_a_slow_one_are_cut() {
    let server = Server::new(|path, _, client| {
        if path == "/robots.txt" {
            return send(client, "404 Not Found", "", b"");
        }
        let _ = client.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n");
        let (pause, chunk) = match path {
            "/slow" => (Duration::from_millis(100), vec![b'a'; 1]),
            _ => (Duration::ZERO, vec![b'a'; 4096]),
        };
        while client.write_all(&chunk).is_ok() {
            std::thread::sleep(pause);
        }
    });
    let page = get(&server, "/endless").unwrap();
    assert_eq!(page.text.len(), BYTES_MAX);
    assert_eq!(page.cut.as_deref(), Some("the page has more than 200000 bytes; the rest was not taken"));
    let begun = Instant::now();
    let page = get(&server, "/slow").unwrap();
    assert!(page.text.len() < 30 && begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(page.cut.as_deref(), Some("the server took too long; what came until then is here"));
}

#[test]
fn a_server_that_says_nothing_or_nonsense_is_left() {
    let silent = Server::new(|path, _, client| match path {
        "/robots.txt" => send(client, "404 Not Found", "", b""),
        "/silent" => std::thread::sleep(Duration::from_secs(5)),
        // Headers, one byte at a time, without an end.
        "/heads" => {
            let _ = client.write_all(b"HTTP/1.1 200 OK\r\nx: ");
            while client.write_all(b"a").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        "/many" => {
            let _ = client.write_all(b"HTTP/1.1 200 OK\r\n");
            while client.write_all(b"x-filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n").is_ok() {}
        }
        "/lies" => {
            let _ = client
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 999\r\n\r\nhalf");
        }
        _ => drop(client.write_all(b"SSH-2.0-x\r\n")),
    });
    let begun = Instant::now();
    assert_eq!(get(&silent, "/silent"), Err(FetchError::Time(1)));
    assert_eq!(get(&silent, "/heads"), Err(FetchError::Time(1)));
    for path in ["/many", "/ssh"] {
        assert!(matches!(get(&silent, path), Err(FetchError::Network(_) | FetchError::Time(_))), "{path}");
    }
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    let page = get(&silent, "/lies").unwrap();
    assert_eq!((page.text.as_str(), page.cut.is_some()), ("half", true));
}

#[test]
fn a_bomb_unpacks_to_the_bound_and_no_further() {
    let pack = |size: usize| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![b'a'; size]).unwrap();
        packer.finish().unwrap()
    };
    let headers = "content-type: text/plain\r\ncontent-encoding: gzip\r\n";
    let page = get(&serves("200 OK", headers, pack(50_000_000)), "/").unwrap();
    assert_eq!(page.text.len(), BYTES_MAX);
    assert_eq!(
        page.cut.as_deref(),
        Some("the page unpacks to more than 200000 bytes; the rest was not taken")
    );
    let page = get(&serves("200 OK", headers, pack(1000)), "/").unwrap();
    assert_eq!((page.text.len(), page.cut), (1000, None));
    let damaged: Vec<u8> = pack(100_000).into_iter().take(100).collect();
    let page = get(&serves("200 OK", headers, damaged), "/");
    assert!(page.is_ok_and(|page| page.cut.is_some()));
    assert!(get(&serves("200 OK", headers, b"nonsense".to_vec()), "/").is_err());
}

#[test]
fn what_the_server_asks_of_robots_is_heeded() {
    let server = Server::new(|path, _, client| match path {
        "/robots.txt" => send(client, "200 OK", "", b"User-agent: waypost\nDisallow: /private\n"),
        "/moved" => send(client, "302 Found", "location: /private/x\r\n", b""),
        _ => send(client, "200 OK", "content-type: text/plain\r\n", b"here"),
    });
    let fetcher = fetcher(BYTES_MAX, 1500);
    let get = |path: &str, heeds| fetch(&fetcher, &server.url(path), true, heeds);
    assert_eq!(get("/open", true).unwrap().text, "here");
    assert_eq!(get("/private/a", true), Err(FetchError::Robots));
    assert_eq!(get("/moved", true), Err(FetchError::Robots));
    assert_eq!(get("/private/a", false).unwrap().text, "here");
    let asked = server.seen().iter().filter(|request| request.starts_with("GET /robots.txt")).count();
    assert_eq!(asked, 1, "it is asked once for a session");
    let failing = Server::new(|_, _, client| send(client, "503 Busy", "", b""));
    assert_eq!(fetch(&fetcher, &failing.url("/"), true, true), Err(FetchError::Robots));
}

#[test]
fn a_wrong_charset_is_no_trouble() {
    let page = |headers: &'static str, body: &[u8]| {
        get(&serves("200 OK", headers, body.to_vec()), "/").unwrap().text
    };
    assert_eq!(page("content-type: text/plain; charset=iso-8859-1\r\n", "naïve".as_bytes()), "naïve");
    assert_eq!(page("content-type: text/plain; charset=nonsense\r\n", b"caf\xe9"), "café");
    assert_eq!(page("content-type: text/html; charset=\"Shift_JIS\"\r\n", b"<p>\x82\xa0"), "あ\n");
}

#[test]
fn ten_megabytes_in_one_line_take_a_moment() {
    let html = format!("<html><body><p>{}</body>", "word <b>bold</b> <a href=/x>l</a> ".repeat(300_000));
    let server = Server::page(&html);
    let begun = Instant::now();
    let page = fetch(&fetcher(8 * 1024 * 1024, 20_000), &server.url("/"), true, false).unwrap();
    assert!(page.cut.is_some() && page.text.len() <= html::REDUCED_BYTES_MAX);
    println!("8 MiB of one line: {:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[test]
fn a_proxy_that_the_person_named_may_be_near_and_is_used() {
    let proxy = Server::new(|path, _, client| match path.ends_with("/robots.txt") {
        true => send(client, "404 Not Found", "", b""),
        false => send(client, "200 OK", "content-type: text/plain\r\n", path.as_bytes()),
    });
    let proxies = crate::Proxies {
        http_proxy: Some(format!("http://proxy.example:{}", proxy.port())),
        ..crate::Proxies::default()
    };
    let resolve = |_: &str, port: u16| Ok(vec![std::net::SocketAddr::from(([127, 0, 0, 1], port))]);
    let network = Network { proxies, ..Network::default() };
    let fetcher = Fetcher::new(network, Bounds::default(), Box::new(resolve));
    let page = fetch(&fetcher, "http://a.example/x", false, true).unwrap();
    assert_eq!(page.text, "http://a.example/x");
    assert!(matches!(fetch(&fetcher, "http://127.0.0.1/", false, true), Err(FetchError::Near(_))));
}

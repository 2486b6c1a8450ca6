//! A confined command and the proxy: what it reaches, and what it does not, with a network of its own and without.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "tests look at the disk")]
#![expect(clippy::print_stdout, reason = "what is skipped is said")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use egress::{Host, Note, Proxy, Settings, Verdict};
use policy::{Network, Profile};
use sandbox::{Capabilities, Command, Confinement, capabilities, run};

/// A server outside; it greets. And its port.
fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let _asked = client.read(&mut [0; 1024]);
            let _gone = client.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ngreetings");
        }
    });
    port
}

const TOKEN: &str = "t0ken";
/// `waypost:` and the token, in base 64.
const KNOWN: &str = "d2F5cG9zdDp0MGtlbg==";

struct Setting {
    _folder: tempfile::TempDir,
    proxy: Arc<Proxy>,
    notes: Arc<Mutex<Vec<Note>>>,
    server: u16,
    profile: Profile,
}

fn setting() -> Setting {
    let folder = tempfile::tempdir().unwrap();
    let (root, temporary) = (folder.path().join("work"), folder.path().join("tmp"));
    [&root, &temporary].into_iter().for_each(|path| std::fs::create_dir_all(path).unwrap());
    let (server, notes) = (server(), Arc::new(Mutex::new(Vec::new())));
    let log = Arc::clone(&notes);
    let proxy = Proxy::start(Settings {
        token: TOKEN.to_string(),
        decide: Box::new(|host, _| match host {
            Host::Name(name) if name == "good.example" => Verdict::AllowPrivate,
            _ => Verdict::Deny("no rule allows it".to_string()),
        }),
        log: Box::new(move |note| log.lock().unwrap().push(note.clone())),
        resolve: Box::new(|_, port| Ok(vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port))])),
    });
    let proxy = Arc::new(proxy.unwrap());
    let network = Network::ProxyOnly { port: proxy.port() };
    let profile = Profile { network, ..Profile::workspace(&root, temporary) };
    Setting { _folder: folder, proxy, notes, server, profile }
}

impl Setting {
    /// Runs a line of bash, which can connect by itself.
    fn run(&self, line: &str, can: Capabilities) -> String {
        let bridge = Arc::clone(&self.proxy);
        let confinement = Confinement::new(self.profile.clone()).unwrap().on(can);
        let confinement = confinement.bridged(Arc::new(move |listener| bridge.serve(listener).unwrap()));
        let mut environment = self.proxy.environment();
        environment.push(("PATH".to_string(), "/usr/bin:/bin".to_string()));
        let root: &Path = &self.profile.writable[0];
        let command = Command { timeout: Duration::from_secs(20), ..Command::shell(line, root, environment) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let finished = runtime.block_on(run(&command.confined(&confinement), &|_| {})).unwrap();
        finished.output.head
    }

    fn ask(&self, host: &str) -> String {
        let (port, server) = (self.proxy.port(), self.server);
        format!(
            "exec 3<>/dev/tcp/127.0.0.1/{port} && printf 'GET http://{host}:{server}/ HTTP/1.1\\r\\n\
             Proxy-Authorization: Basic {KNOWN}\\r\\n\\r\\n' >&3 && cat <&3"
        )
    }
}

fn layers() -> Vec<Capabilities> {
    let can = capabilities();
    let mut all = Vec::new();
    if can.namespaces.is_some_and(|it| it.network) {
        all.push(can);
    } else {
        println!("skipped: no network of its own here");
    }
    if can.landlock.is_some_and(|version| version >= 4) {
        all.push(Capabilities { namespaces: None, ..can });
    } else {
        println!("skipped: Landlock does not hold connections here");
    }
    all
}

#[test]
fn an_allowed_host_is_reached_and_noted_and_another_is_not() {
    for can in layers() {
        let setting = setting();
        let said = setting.run(&setting.ask("good.example"), can);
        assert!(said.ends_with("greetings"), "{can}: {said}");
        let said = setting.run(&setting.ask("evil.example"), can);
        assert!(said.contains("403 Forbidden") && said.contains("no rule allows it"), "{can}: {said}");
        let notes = setting.notes.lock().unwrap();
        let hosts = notes.iter().filter_map(|note| match note {
            Note::Wish { host, .. } => Some(host.to_string()),
            _ => None,
        });
        assert_eq!(hosts.collect::<Vec<String>>(), ["good.example", "evil.example"], "{can}");
    }
}

#[test]
fn the_server_itself_is_not_reached_without_the_proxy() {
    for can in layers() {
        let setting = setting();
        let line = format!(
            "(exec 3<>/dev/tcp/127.0.0.1/{}) 2>/dev/null && echo reached || echo held",
            setting.server
        );
        assert_eq!(setting.run(&line, can), "held\n", "{can}");
    }
}

#[test]
fn the_variables_of_the_proxy_pass() {
    for can in layers() {
        let setting = setting();
        let expected = format!("http://waypost:{TOKEN}@127.0.0.1:{}\n", setting.proxy.port());
        assert_eq!(setting.run("echo $https_proxy", can), expected);
    }
}

#[test]
fn a_tool_that_knows_proxies_uses_it() {
    if !Path::new("/usr/bin/curl").is_file() {
        return println!("skipped: no `curl` on this machine");
    }
    for can in layers() {
        let setting = setting();
        let port = setting.server;
        let said = setting.run(&format!("curl -s http://good.example:{port}/; echo"), can);
        assert_eq!(said, "greetings\n", "{can}");
        let said = setting.run(&format!("curl -s --proxy $ALL_PROXY http://good.example:{port}/; echo"), can);
        assert_eq!(said, "greetings\n", "{can}");
    }
}

#[test]
fn who_waits_for_a_command_that_is_over_is_told() {
    let Some(can) = layers().into_iter().find(|can| can.namespaces.is_some()) else { return };
    let setting = setting();
    let (over, told) = std::sync::mpsc::channel();
    let confinement = Confinement::new(setting.profile.clone()).unwrap().on(can);
    let confinement = confinement.bridged(Arc::new(move |listener: TcpListener| {
        let over = over.clone();
        std::thread::spawn(move || over.send(listener.accept().map(drop).map_err(|error| error.kind())));
    }));
    let command = Command::shell("true", &setting.profile.writable[0], Vec::new()).confined(&confinement);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(&command, &|_| {})).unwrap();
    let said = told.recv_timeout(Duration::from_secs(5)).unwrap();
    assert_eq!(said, Err(std::io::ErrorKind::InvalidInput));
}

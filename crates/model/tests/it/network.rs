//! Proxies, certificates, connections.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use conversation::{Message, ModelErrorKind, Prompt};
use model::{Certificates, Network, Proxies, choose};

use crate::provider::{PROVIDERS, Say, ask};
use crate::server::{Server, tunnel};

const PEM: &[u8] = include_bytes!("tls/ca.pem");

fn hi<T>(run: impl FnOnce(&Prompt<'_>) -> T) -> T {
    let messages = [Message::user("hi")];
    run(&Prompt { fragments: &[], tools: &[], messages: &messages, cache_key: "" })
}

#[test]
fn twenty_turns_use_one_connection() {
    for provider in &PROVIDERS {
        let server = Server::start(vec![provider.stream(&[Say::Text("Hello")])]);
        let model = provider.model(&server);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for _ in 0..20 {
            hi(|prompt| runtime.block_on(model.ask(prompt, &mut |_| {})).unwrap());
        }
        assert_eq!((server.requests().len(), server.connections()), (20, 1), "{}", provider.name);
    }
}

#[test]
fn through_a_proxy() {
    let server = Server::start(vec![PROVIDERS[0].stream(&[Say::Text("Hello")])]);
    let mut settings = PROVIDERS[0].settings("http://model.invalid");
    settings.network.proxies.http_proxy = Some(server.url());
    let (result, _) = hi(|prompt| ask(choose(settings.clone()).unwrap().as_ref(), prompt));
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(server.requests()[0].line, "POST http://model.invalid/v1/messages HTTP/1.1");
    // A host that is excepted is reached directly, and `.invalid` cannot be.
    settings.network.proxies.no_proxy = Some("other, .invalid".to_string());
    let (result, _) = hi(|prompt| ask(choose(settings).unwrap().as_ref(), prompt));
    assert_eq!(result.unwrap_err().kind, ModelErrorKind::Unavailable);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_custom_authority() {
    let server = Server::start_tls(vec![PROVIDERS[1].stream(&[Say::Text("Hello")])]);
    let with = |certificates: Certificates, proxies: Proxies| {
        let mut settings = PROVIDERS[1].settings(&format!("https://127.0.0.1:{}", server.address.port()));
        settings.network = Network { certificates, proxies, ..settings.network };
        hi(|prompt| ask(choose(settings).unwrap().as_ref(), prompt).0)
    };
    for certificates in [Certificates::Also(PEM.to_vec()), Certificates::Only(PEM.to_vec())] {
        let result = with(certificates, Proxies::default());
        assert!(result.is_ok(), "{result:?}");
    }
    let error = with(Certificates::BuiltIn, Proxies::default()).unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::Unavailable);
    assert!(error.message.contains("UnknownIssuer; a custom certificate authority"), "{}", error.message);
    let (address, tunnels) = tunnel();
    let proxies = Proxies { all_proxy: Some(format!("http://{address}")), ..Proxies::default() };
    let result = with(Certificates::Only(PEM.to_vec()), proxies);
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(tunnels.load(Ordering::SeqCst), 1);
}

/// The figure is measured by hand with `--nocapture`; the bound is loose because machines differ and builds are debug.
#[test]
fn a_first_request_without_tls_is_quick() {
    let server = Server::start(vec![PROVIDERS[0].stream(&[Say::Text("Hello")])]);
    let begun = Instant::now();
    let model = choose(PROVIDERS[0].settings(&server.url())).unwrap();
    let chosen = begun.elapsed();
    let (result, _) = hi(|prompt| ask(model.as_ref(), prompt));
    let asked = begun.elapsed();
    assert!(result.is_ok());
    println!("choose {chosen:?}, choose and first answer {asked:?}");
    assert!(asked < Duration::from_millis(500), "{asked:?}");
}

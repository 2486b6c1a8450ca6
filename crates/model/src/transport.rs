//! The HTTP client: proxies, certificates, time-outs. Built at the first request, and without certificates where
//! neither the address nor a proxy needs them: that keeps the way from start to first request short.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{Client, NoProxy, Proxy};
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore, pki_types};

/// The largest certificate file, in bytes.
const PEM_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A connection that nobody used for so long is closed: providers do the same, and a stale one costs a retry.
const CONNECTION_IDLE_S_MAX: u64 = 55;
/// How often a connection with a request on its way is asked for a sign of life: a machine that slept finds out soon.
const PING_S: u64 = 20;

/// How the network is reached. All values; nothing is read from the environment.
#[derive(Clone, Debug)]
pub struct Network {
    /// Proxies.
    pub proxies: Proxies,
    /// Which certificate authorities are believed.
    pub certificates: Certificates,
    /// How long a connection may take to be made.
    pub connect_timeout_ms: u64,
    /// How long a provider may be silent, before its answer begins and between two pieces of it.
    pub idle_timeout_ms: u64,
    /// How long the first wait before a retry is about, where the provider does not say; each next one doubles.
    pub retry_wait_ms: u64,
}

/// Proxies, with the meaning of the environment variables of these names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http://` addresses.
    pub http_proxy: Option<String>,
    /// For `https://` addresses.
    pub https_proxy: Option<String>,
    /// For both, where no other is given.
    pub all_proxy: Option<String>,
    /// Hosts that are reached directly, separated by commas; domains match their subdomains.
    pub no_proxy: Option<String>,
}

/// Which certificate authorities are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Certificates {
    /// Mozilla's list, as compiled in.
    #[default]
    BuiltIn,
    /// Mozilla's list and these, in PEM.
    Also(Vec<u8>),
    /// Only these, in PEM.
    Only(Vec<u8>),
}

/// A client that is built when it is first needed, and then shared by all requests.
pub(crate) struct Transport {
    network: Network,
    base_url: String,
    client: OnceLock<Result<Client, TransportError>>,
}

/// The client cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TransportError {
    /// A proxy's address makes no sense. The address is not repeated: it may hold a password.
    #[error("the proxy address for {0} is not valid")]
    Proxy(&'static str),
    /// The certificates could not be read.
    #[error("the certificate authorities cannot be read: {0}")]
    Certificates(String),
    /// The client refuses.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}

impl Default for Network {
    fn default() -> Network {
        Network {
            proxies: Proxies::default(),
            certificates: Certificates::default(),
            connect_timeout_ms: 20_000,
            idle_timeout_ms: 300_000,
            retry_wait_ms: 500,
        }
    }
}

impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The addresses may hold passwords.
        f.debug_struct("Proxies")
            .field("http_proxy", &self.http_proxy.is_some())
            .field("https_proxy", &self.https_proxy.is_some())
            .field("all_proxy", &self.all_proxy.is_some())
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

impl Transport {
    pub(crate) fn new(network: Network, base_url: &str) -> Transport {
        Transport { network, base_url: base_url.to_string(), client: OnceLock::new() }
    }

    pub(crate) fn client(&self) -> Result<Client, TransportError> {
        self.client.get_or_init(|| build(&self.network, &self.base_url)).clone()
    }

    pub(crate) fn idle(&self) -> Duration {
        Duration::from_millis(self.network.idle_timeout_ms)
    }
}

fn build(network: &Network, base_url: &str) -> Result<Client, TransportError> {
    let proxies = &network.proxies;
    let no_proxy = || NoProxy::from_string(proxies.no_proxy.as_deref().unwrap_or_default());
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .connect_timeout(Duration::from_millis(network.connect_timeout_ms))
        .pool_idle_timeout(Duration::from_secs(CONNECTION_IDLE_S_MAX))
        .http2_keep_alive_interval(Duration::from_secs(PING_S))
        .http2_keep_alive_timeout(Duration::from_secs(PING_S))
        .user_agent(concat!("waypost/", env!("CARGO_PKG_VERSION")));
    for (what, value) in [
        ("http", &proxies.http_proxy),
        ("https", &proxies.https_proxy),
        ("all addresses", &proxies.all_proxy),
    ] {
        let Some(address) = value.as_deref().map(str::trim).filter(|address| !address.is_empty()) else {
            continue;
        };
        let proxy = match what {
            "http" => Proxy::http(address),
            "https" => Proxy::https(address),
            _ => Proxy::all(address),
        };
        builder = builder.proxy(proxy.map_err(|_| TransportError::Proxy(what))?.no_proxy(no_proxy()));
    }
    let https =
        |address: &str| address.trim_start().get(..6).is_some_and(|s| s.eq_ignore_ascii_case("https:"));
    let secure = https(base_url)
        || [&proxies.http_proxy, &proxies.https_proxy, &proxies.all_proxy]
            .into_iter()
            .flatten()
            .any(|address| https(address));
    let tls = tls(&network.certificates, secure)?;
    builder.tls_backend_preconfigured(tls).build().map_err(|error| TransportError::Client(chain(&error)))
}

/// TLS with the given authorities; with none at all where TLS is not going to be spoken.
fn tls(certificates: &Certificates, secure: bool) -> Result<ClientConfig, TransportError> {
    let mut roots = RootCertStore::empty();
    if secure {
        if !matches!(certificates, Certificates::Only(_)) {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        if let Certificates::Also(pem) | Certificates::Only(pem) = certificates {
            add(&mut roots, pem)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TransportError::Client(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn add(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), TransportError> {
    let wrong = |why: &str| TransportError::Certificates(why.to_string());
    if pem.len() > PEM_BYTES_MAX {
        return Err(wrong("more than 4 MiB"));
    }
    let mut read = 0;
    for certificate in pki_types::CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| wrong(&error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(&error.to_string()))?;
        read += 1;
    }
    if read == 0 { Err(wrong("no certificate in PEM form was found")) } else { Ok(()) }
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_proxy_or_certificate_is_named() {
        let check = |network: Network, base_url: &str, expect: &str| {
            let error = Transport::new(network, base_url).client().err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), Some(expect));
        };
        let proxies = Proxies { http_proxy: Some("http://[".to_string()), ..Proxies::default() };
        check(
            Network { proxies, ..Network::default() },
            "http://x",
            "the proxy address for http is not valid",
        );
        let only = Certificates::Only(b"nothing".to_vec());
        check(
            Network { certificates: only.clone(), ..Network::default() },
            "https://x",
            "the certificate authorities cannot be read: no certificate in PEM form was found",
        );
        let plain = Transport::new(Network { certificates: only, ..Network::default() }, "http://x");
        assert!(plain.client().is_ok(), "certificates are not read for http");
    }

    /// The figure is looked at with `--nocapture`; the bound is loose because machines differ and builds are debug.
    #[test]
    fn building_is_cheap() {
        for base_url in ["http://127.0.0.1:1", "https://127.0.0.1:1"] {
            let begun = std::time::Instant::now();
            assert!(Transport::new(Network::default(), base_url).client().is_ok());
            let took = begun.elapsed();
            println!("{base_url} {took:?}");
            assert!(took < Duration::from_millis(200), "{took:?}");
        }
    }

    #[test]
    fn no_password_in_debug() {
        let proxies = Proxies { all_proxy: Some("http://me:secret@p".to_string()), ..Proxies::default() };
        assert!(!format!("{proxies:?}").contains("secret"));
    }
}

//! The HTTP client: proxies, certificates, time-outs, and names that are looked up here so that their addresses are judged.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, NoProxy, Proxy, Url};
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore, pki_types};

/// The largest certificate file, in bytes.
const PEM_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What every server is told.
pub(crate) const USER_AGENT: &str = concat!("waypost/", env!("CARGO_PKG_VERSION"));

/// How the web is reached. All values; nothing is read from the environment.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Proxies.
    pub proxies: Proxies,
    /// Which certificate authorities are believed.
    pub certificates: Certificates,
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

/// A name leads to no address that may be reached.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{0}` leads only to addresses of this machine or its neighbours")]
pub(crate) struct NearError(pub(crate) String);

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

/// A client. With `near`, names may lead to this machine and its neighbours; without, only to the internet, whatever they
/// led to before.
pub(crate) fn build(
    network: &Network,
    resolve: &Arc<egress::Resolve>,
    near: bool,
    connect: Duration,
) -> Result<Client, String> {
    let proxies = &network.proxies;
    let no_proxy = || NoProxy::from_string(proxies.no_proxy.as_deref().unwrap_or_default());
    let mut through = BTreeSet::new();
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .connect_timeout(connect)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(Duration::from_secs(15))
        .user_agent(USER_AGENT);
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
        // The address is not repeated: it may hold a password.
        let proxy = proxy.map_err(|_| format!("the proxy address for {what} is not valid"))?;
        builder = builder.proxy(proxy.no_proxy(no_proxy()));
        let with_scheme = Url::parse(address).ok().filter(Url::has_host);
        let url = with_scheme.or_else(|| Url::parse(&format!("http://{address}")).ok());
        through.extend(url.and_then(|url| url.host_str().map(str::to_ascii_lowercase)));
    }
    let judge = Judge { resolve: Arc::clone(resolve), near, through: Arc::new(through) };
    let tls = tls(&network.certificates)?;
    let builder = builder.dns_resolver(Arc::new(judge)).tls_backend_preconfigured(tls);
    builder.build().map_err(|error| format!("the HTTP client cannot be built: {}", chain(&error)))
}

/// Looks names up and keeps only the addresses that may be reached; the client connects to these and asks nobody else.
struct Judge {
    resolve: Arc<egress::Resolve>,
    near: bool,
    /// The hosts of proxies, which the person named.
    through: Arc<BTreeSet<String>>,
}

impl Resolve for Judge {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolve, near) = (Arc::clone(&self.resolve), self.near);
        let through = Arc::clone(&self.through);
        Box::pin(async move {
            let name = name.as_str().to_string();
            let asked = name.clone();
            let found = tokio::task::spawn_blocking(move || (*resolve)(&asked, 0)).await??;
            let may =
                |address: &SocketAddr| near || through.contains(&name) || egress::is_public(address.ip());
            let kept: Vec<SocketAddr> = found.iter().copied().filter(may).collect();
            if kept.is_empty() && !found.is_empty() {
                return Err(NearError(name).into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

fn tls(certificates: &Certificates) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    if !matches!(certificates, Certificates::Only(_)) {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if let Certificates::Also(pem) | Certificates::Only(pem) = certificates {
        add(&mut roots, pem).map_err(|why| format!("the certificate authorities cannot be read: {why}"))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn add(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), String> {
    if pem.len() > PEM_BYTES_MAX {
        return Err("more than 4 MiB".to_string());
    }
    let mut read = 0;
    for certificate in pki_types::CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
        read += 1;
    }
    if read == 0 { Err("no certificate in PEM form was found".to_string()) } else { Ok(()) }
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

/// The name that led nowhere but near, when that is why a request failed.
pub(crate) fn near(error: &reqwest::Error) -> Option<String> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(NearError(name)) = error.downcast_ref::<NearError>() {
            return Some(name.clone());
        }
        cause = error.source();
    }
    None
}

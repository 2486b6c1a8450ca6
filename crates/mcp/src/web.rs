//! The HTTP clients for servers at an address: certificates, proxies, and redirects that stay at the host. Opens no connection.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, NoProxy, Proxy, Url};
use rmcp::transport::streamable_http_client::StreamableHttpError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// How long a connection may take to be made.
const CONNECTING: Duration = Duration::from_secs(20);

/// Redirects of one request.
const REDIRECTS_MAX: usize = 5;

/// How the network is reached. All values; nothing is read from the environment.
#[derive(Clone, Default)]
pub struct WebSettings {
    /// A proxy for all addresses.
    pub proxy: Option<String>,
    /// Hosts that are reached directly, separated by commas.
    pub no_proxy: Option<String>,
    /// Certificate authorities to believe beside the usual ones, in PEM.
    pub authorities: Vec<u8>,
}

/// Which redirects are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redirects {
    /// Those that stay at the same scheme, host and port.
    AtHome,
    /// None: the caller looks at them.
    No,
}

/// A client for this address. Redirects to another host are refused: the permit names this one.
pub(crate) fn client(settings: &WebSettings, url: &Url, redirects: Redirects) -> Result<Client, String> {
    let policy = match redirects {
        Redirects::No => Policy::none(),
        Redirects::AtHome => Policy::custom(|attempt| {
            let home = attempt.previous().first().map(|url| url.origin());
            if attempt.previous().len() > REDIRECTS_MAX {
                attempt.error("too many redirects")
            } else if home != Some(attempt.url().origin()) {
                attempt.error("it redirects to another host, which was not asked for")
            } else {
                attempt.follow()
            }
        }),
    };
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(policy)
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECTING)
        .user_agent(concat!("waypost/", env!("CARGO_PKG_VERSION")));
    let is_near = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if let Some(proxy) = settings.proxy.as_deref().filter(|_| !is_near) {
        let no_proxy = NoProxy::from_string(settings.no_proxy.as_deref().unwrap_or_default());
        let proxy = Proxy::all(proxy).map_err(|_| "the proxy address is not valid".to_string())?;
        builder = builder.proxy(proxy.no_proxy(no_proxy));
    }
    let tls = tls(settings)?;
    builder.tls_backend_preconfigured(tls).build().map_err(|error| chain(&error))
}

fn tls(settings: &WebSettings) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for certificate in CertificateDer::pem_slice_iter(&settings.authorities) {
        let certificate = certificate.map_err(|error| format!("the certificate authorities: {error}"))?;
        roots.add(certificate).map_err(|error| format!("the certificate authorities: {error}"))?;
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

/// Headers of an entry. One that is no header is named and left out.
pub(crate) fn headers(pairs: &[(String, String)]) -> (HeaderMap, Vec<String>) {
    let (mut headers, mut notes) = (HeaderMap::new(), Vec::new());
    for (name, value) in pairs {
        match (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str())) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
            _ => notes.push(format!("the header `{name}` is left out: it is no valid header")),
        }
    }
    (headers, notes)
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    // The SDK's error names the client's without handing it on as its cause.
    if let Some(StreamableHttpError::Client(inner)) =
        error.downcast_ref::<StreamableHttpError<reqwest::Error>>()
    {
        return chain(inner);
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

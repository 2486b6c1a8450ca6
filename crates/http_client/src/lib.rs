//! How HTTP servers are reached from here: proxies and certificate authorities as values, and a client that keeps to them. Sends
//! nothing, and reads nothing from the environment.
//!
//! Who talks to providers, pages or MCP servers begins with [`builder`] and adds what is its own: time-outs, redirects, a resolver.

#![warn(missing_docs)]
#![deny(clippy::indexing_slicing)]

mod tls;

use reqwest::{Client, ClientBuilder, NoProxy, Proxy, Url};

/// What every server is told.
pub const USER_AGENT: &str = concat!("waypost/", env!("CARGO_PKG_VERSION"));

/// Proxies and certificates. All values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Mozilla's list and these, in PEM, at most 4 MiB.
    Also(Vec<u8>),
    /// Only these, in PEM, at most 4 MiB.
    Only(Vec<u8>),
}

/// The client cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
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

/// A client to be: through these proxies, believing these authorities, following no redirect and repeating nothing by itself.
/// Certificates are read only when TLS will be spoken, with the server or with a proxy: reading them takes time.
///
/// # Errors
/// [`ClientError::Proxy`], [`ClientError::Certificates`].
pub fn builder(network: &Network, speaks_tls: bool) -> Result<ClientBuilder, ClientError> {
    let no_proxy = || NoProxy::from_string(network.proxies.no_proxy.as_deref().unwrap_or_default());
    let mut builder = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .user_agent(USER_AGENT);
    for (what, address) in network.proxies.addresses() {
        let proxy = match what {
            "http" => Proxy::http(address),
            "https" => Proxy::https(address),
            _ => Proxy::all(address),
        };
        builder = builder.proxy(proxy.map_err(|_| ClientError::Proxy(what))?.no_proxy(no_proxy()));
    }
    let secure = speaks_tls || network.proxies.addresses().any(|(_, address)| is_https(address));
    Ok(builder.tls_backend_preconfigured(tls::config(&network.certificates, secure)?))
}

/// Builds it.
///
/// # Errors
/// [`ClientError::Client`].
pub fn build(builder: ClientBuilder) -> Result<Client, ClientError> {
    builder.build().map_err(|error| ClientError::Client(chain(&error)))
}

/// Whether an address is one of TLS.
pub fn is_https(address: &str) -> bool {
    address.trim_start().get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
}

/// An error with its causes, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
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

impl Proxies {
    /// The hosts of the proxies, in lower case: the person named them.
    pub fn hosts(&self) -> impl Iterator<Item = String> {
        self.addresses().filter_map(|(_, address)| {
            let with_scheme = Url::parse(address).ok().filter(Url::has_host);
            let url = with_scheme.or_else(|| Url::parse(&format!("http://{address}")).ok())?;
            url.host_str().map(str::to_ascii_lowercase)
        })
    }

    /// Those that are given, with what they are for.
    fn addresses(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all =
            [("http", &self.http_proxy), ("https", &self.https_proxy), ("all addresses", &self.all_proxy)];
        all.into_iter().filter_map(|(what, address)| {
            address.as_deref().map(str::trim).filter(|address| !address.is_empty()).map(|it| (what, it))
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_proxy_or_certificate_is_named() {
        let check = |network: &Network, speaks_tls: bool, expected: Option<&str>| {
            let error = builder(network, speaks_tls).and_then(build).err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), expected);
        };
        let through = |address: &str| Proxies { http_proxy: Some(address.to_string()), ..Proxies::default() };
        let wrong = Network { proxies: through("http://["), ..Network::default() };
        check(&wrong, false, Some("the proxy address for http is not valid"));
        let mut only =
            Network { certificates: Certificates::Only(b"nothing".to_vec()), ..Network::default() };
        let unread = "the certificate authorities cannot be read: no certificate in PEM form was found";
        check(&only, true, Some(unread));
        // Without TLS they are not read; a proxy may speak it.
        check(&only, false, None);
        only.proxies = through("HTTPS://proxy.example");
        check(&only, false, Some(unread));
        check(
            &Network { certificates: Certificates::Also(vec![b'x'; 5 << 20]), ..Network::default() },
            true,
            Some("the certificate authorities cannot be read: more than 4 MiB"),
        );
        check(&Network::default(), true, None);
    }

    #[test]
    fn hosts_of_proxies() {
        let check = |address: &str, expected: &[&str]| {
            let proxies = Proxies { all_proxy: Some(address.to_string()), ..Proxies::default() };
            assert_eq!(proxies.hosts().collect::<Vec<_>>(), expected);
        };
        check("http://Me:secret@Proxy.Example:3128", &["proxy.example"]);
        check("proxy.example:3128", &["proxy.example"]);
        check(" ", &[]);
    }

    #[test]
    fn no_password_in_debug() {
        let proxies = Proxies { all_proxy: Some("http://me:secret@p".to_string()), ..Proxies::default() };
        assert!(!format!("{proxies:?}").contains("secret"));
    }
}

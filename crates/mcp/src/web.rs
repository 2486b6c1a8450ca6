//! The HTTP clients for servers at an address: redirects that stay at the host, and what goes with a request. Opens no connection.

use std::time::Duration;

use http_client::{Network, Proxies};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use rmcp::transport::streamable_http_client::StreamableHttpError;

/// How long a connection may take to be made.
const CONNECTING: Duration = Duration::from_secs(20);

/// Redirects of one request.
const REDIRECTS_MAX: usize = 5;

/// Which redirects are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redirects {
    /// Those that stay at the same scheme, host and port.
    AtHome,
    /// None: the caller looks at them.
    No,
}

/// A client for this address. Redirects to another host are refused: the permit names this one.
pub(crate) fn client(network: &Network, url: &Url, redirects: Redirects) -> Result<Client, String> {
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
    let is_near = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let proxies = if is_near { Proxies::default() } else { network.proxies.clone() };
    let reached = Network { proxies, certificates: network.certificates.clone() };
    let speaks_tls = redirects == Redirects::No || http_client::is_https(url.as_str());
    let builder = http_client::builder(&reached, speaks_tls).map_err(|error| error.to_string())?;
    http_client::build(builder.redirect(policy).connect_timeout(CONNECTING))
        .map_err(|error| error.to_string())
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
    http_client::chain(error)
}

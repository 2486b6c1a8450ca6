//! The HTTP client: time-outs and signs of life; proxies and certificates are `http_client`'s. Built at the first request, and without certificates where
//! neither the address nor a proxy needs them: that keeps the way from start to first request short.

use std::sync::OnceLock;
use std::time::Duration;

use http_client::ClientError;
pub use http_client::{Certificates, Proxies};
use reqwest::Client;

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

/// A client that is built when it is first needed, and then shared by all requests.
pub(crate) struct Transport {
    network: Network,
    base_url: String,
    client: OnceLock<Result<Client, ClientError>>,
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

impl Transport {
    pub(crate) fn new(network: Network, base_url: &str) -> Transport {
        Transport { network, base_url: base_url.to_string(), client: OnceLock::new() }
    }

    pub(crate) fn client(&self) -> Result<Client, ClientError> {
        self.client.get_or_init(|| build(&self.network, &self.base_url)).clone()
    }

    pub(crate) fn idle(&self) -> Duration {
        Duration::from_millis(self.network.idle_timeout_ms)
    }
}

fn build(network: &Network, base_url: &str) -> Result<Client, ClientError> {
    let (proxies, certificates) = (network.proxies.clone(), network.certificates.clone());
    let reached = http_client::Network { proxies, certificates };
    let builder = http_client::builder(&reached, http_client::is_https(base_url))?;
    http_client::build(
        builder
            .connect_timeout(Duration::from_millis(network.connect_timeout_ms))
            .pool_idle_timeout(Duration::from_secs(CONNECTION_IDLE_S_MAX))
            .http2_keep_alive_interval(Duration::from_secs(PING_S))
            .http2_keep_alive_timeout(Duration::from_secs(PING_S)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_read_where_they_are_needed() {
        let only = Network { certificates: Certificates::Only(b"nothing".to_vec()), ..Network::default() };
        assert!(Transport::new(only.clone(), "https://x").client().is_err());
        assert!(Transport::new(only, "http://x").client().is_ok());
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
}

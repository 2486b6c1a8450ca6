//! The HTTP client: time-outs, and names that are looked up here so that their addresses are judged. Proxies and certificates are
//! `http_client`'s.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_client::Network;
use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A name leads to no address that may be reached.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{0}` leads only to addresses of this machine or its neighbours")]
pub(crate) struct NearError(pub(crate) String);

/// A client. With `near`, names may lead to this machine and its neighbours; without, only to the internet, whatever they
/// led to before.
pub(crate) fn build(
    network: &Network,
    resolve: &Arc<egress::Resolve>,
    near: bool,
    connect: Duration,
) -> Result<Client, String> {
    let judge = Judge {
        resolve: Arc::clone(resolve),
        near,
        through: Arc::new(network.proxies.hosts().collect::<BTreeSet<String>>()),
    };
    let builder = http_client::builder(network, true).map_err(|error| error.to_string())?;
    let builder = builder
        .connect_timeout(connect)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(Duration::from_secs(15))
        .dns_resolver(Arc::new(judge));
    http_client::build(builder).map_err(|error| error.to_string())
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

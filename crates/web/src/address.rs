//! An address of a page in its one spelling, as rules of `web_fetch` are held against it. Pure.

use std::fmt;
use std::net::IpAddr;

use egress::Host;
use reqwest::Url;

/// The longest address, in bytes.
pub(crate) const ADDRESS_BYTES_MAX: usize = 4096;

/// An `http` or `https` address: name in small letters and ASCII, no user, no password, no fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    url: Url,
    host: Host,
    port: u16,
}

/// Why something is no address of a page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Longer than [`ADDRESS_BYTES_MAX`].
    #[error("the address has more than {ADDRESS_BYTES_MAX} bytes")]
    Long,
    /// Not an address at all.
    #[error("`{0}` is not an address; give one that begins with `https://`")]
    Shape(String),
    /// Another scheme.
    #[error("only http and https are fetched, not `{0}`; a file of the workspace is read with `read`")]
    Scheme(String),
    /// It carries a name or a password.
    #[error("the address carries a name or a password; give it without")]
    Credentials,
    /// Its host names nobody, or could be read in two ways.
    #[error("the host of the address is {0}")]
    Host(egress::HostError),
}

impl Address {
    /// Reads an address. One without a scheme is taken as `https`.
    ///
    /// # Errors
    /// [`AddressError`] says what is wrong with it.
    pub fn read(text: &str) -> Result<Address, AddressError> {
        let text = text.trim();
        if text.len() > ADDRESS_BYTES_MAX {
            return Err(AddressError::Long);
        }
        let shape = || AddressError::Shape(text.chars().take(80).collect());
        let has_scheme = text.split_once("://").is_some_and(|(scheme, _)| {
            !scheme.is_empty()
                && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        });
        let looks_bare = !has_scheme && text.split(['/', '?', '#']).next().is_some_and(is_bare_host);
        let url = match (has_scheme, looks_bare) {
            (false, true) => Url::parse(&format!("https://{text}")),
            _ => Url::parse(text),
        };
        Address::of(url.map_err(|_| shape())?)
    }

    /// The address that a link or a redirect means, seen from this one.
    ///
    /// # Errors
    /// [`AddressError`] as for [`Address::read`].
    pub fn join(&self, link: &str) -> Result<Address, AddressError> {
        if link.len() > ADDRESS_BYTES_MAX {
            return Err(AddressError::Long);
        }
        let shape = |_| AddressError::Shape(link.chars().take(80).collect());
        Address::of(self.url.join(link.trim()).map_err(shape)?)
    }

    fn of(mut url: Url) -> Result<Address, AddressError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressError::Scheme(url.scheme().to_string()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        url.set_fragment(None);
        let host = Host::parse(url.host_str().unwrap_or_default()).map_err(AddressError::Host)?;
        // One spelling: a name without a dot at its end, an address without a disguise.
        if url.set_host(Some(&host.to_string())).is_err() {
            return Err(AddressError::Host(egress::HostError::NoName));
        }
        let port = url.port_or_known_default().filter(|port| *port != 0);
        let port = port.ok_or(AddressError::Host(egress::HostError::NoPort))?;
        match url.as_str().len() > ADDRESS_BYTES_MAX {
            true => Err(AddressError::Long),
            false => Ok(Address { url, host, port }),
        }
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, the usual one of the scheme when none is written.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is reached by TLS.
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// `scheme://host:port`, for what is kept per server.
    pub fn origin(&self) -> String {
        format!("{}://{}:{}", self.url.scheme(), self.host, self.port)
    }

    /// Path and query, as `robots.txt` speaks of them.
    pub fn path_and_query(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_string(),
        }
    }

    /// Whether another address is on the same server, or the same name by TLS instead of without.
    pub fn is_same_place(&self, other: &Address) -> bool {
        self.host == other.host
            && ((self.port == other.port && self.is_secure() == other.is_secure())
                || (!self.is_secure() && self.port == 80 && other.is_secure() && other.port == 443))
    }

    /// Whether the host is plainly this machine: `localhost` or an address of the loopback device.
    pub fn is_plainly_loopback(&self) -> bool {
        match &self.host {
            Host::Name(name) => name == "localhost",
            Host::Address(address) => address.is_loopback(),
        }
    }

    /// The address when the host is written as one.
    pub(crate) fn literal(&self) -> Option<IpAddr> {
        match self.host {
            Host::Address(address) => Some(address),
            Host::Name(_) => None,
        }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str())
    }
}

/// `docs.rs` or `docs.rs:443`, which people write without a scheme.
fn is_bare_host(text: &str) -> bool {
    let host = text.split(':').next().unwrap_or_default();
    host.contains('.')
        && !host.starts_with('.')
        && host.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let said = match Address::read(text) {
            Ok(address) => address.to_string(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(said, expected, "{text}");
    }

    #[test]
    fn one_spelling() {
        check("https://Example.COM:443/a/../b?q#part", "https://example.com/b?q");
        check("http://example.com.:80", "http://example.com/");
        check("docs.rs/serde", "https://docs.rs/serde");
        check("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4");
        check("http://127.1/", "http://127.0.0.1/");
        check("http://0x7f000001/", "http://127.0.0.1/");
        check("http://[::ffff:127.0.0.1]:8080/", "http://127.0.0.1:8080/");
    }

    #[test]
    fn what_is_no_page() {
        check("", "error: `` is not an address; give one that begins with `https://`");
        check("hello world", "error: `hello world` is not an address; give one that begins with `https://`");
        check(
            "file:///etc/passwd",
            "error: only http and https are fetched, not `file`; a file of the workspace is read with `read`",
        );
        check(
            "ftp://a.example/x",
            "error: only http and https are fetched, not `ftp`; a file of the workspace is read with `read`",
        );
        check(
            "https://me:secret@a.example/",
            "error: the address carries a name or a password; give it without",
        );
        check(
            &format!("https://a.example/{}", "a".repeat(5000)),
            "error: the address has more than 4096 bytes",
        );
    }

    #[test]
    fn the_same_place() {
        let same = |from: &str, to: &str| {
            let from = Address::read(from).unwrap();
            from.is_same_place(&from.join(to).unwrap())
        };
        assert!(same("https://a.example/x", "/y"));
        assert!(same("http://a.example/x", "https://a.example/x"));
        assert!(!same("https://a.example/x", "http://a.example/x"));
        assert!(!same("https://a.example/x", "https://www.a.example/x"));
        assert!(!same("https://a.example/x", "//b.example/x"));
        assert!(!same("https://a.example/x", "https://a.example:8443/x"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_an_answer_that_is_its_own_spelling(text in "(https?://)?\\PC{0,60}") {
            if let Ok(address) = Address::read(&text) {
                proptest::prop_assert_eq!(Address::read(&address.to_string()), Ok(address));
            }
        }
    }
}

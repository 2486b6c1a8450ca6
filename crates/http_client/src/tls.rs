//! TLS as the certificates want it. Knows no proxies.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::{Certificates, ClientError};

/// The largest certificate file, in bytes.
const PEM_BYTES_MAX: usize = 4 * 1024 * 1024;

/// TLS with the given authorities; with none at all where TLS is not going to be spoken.
pub(crate) fn config(certificates: &Certificates, secure: bool) -> Result<ClientConfig, ClientError> {
    let mut roots = RootCertStore::empty();
    if secure {
        if !matches!(certificates, Certificates::Only(_)) {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        if let Certificates::Also(pem) | Certificates::Only(pem) = certificates {
            add(&mut roots, pem).map_err(ClientError::Certificates)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::Client(error.to_string()))?
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
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
        read += 1;
    }
    if read == 0 { Err("no certificate in PEM form was found".to_string()) } else { Ok(()) }
}

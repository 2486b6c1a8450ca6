//! The body of an answer within bounds: of bytes on the way, of bytes unpacked, of time. Knows no content types.

use std::io::Read as _;

use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use reqwest::Response;
use tokio::time::{Instant, timeout_at};

/// What came.
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    /// How many bytes came over the wire.
    pub(crate) received: u64,
    /// What was cut, and by which bound.
    pub(crate) cut: Option<String>,
}

/// Reads until the end, or until a bound is reached; what came before a bound is kept. `bytes_max` holds for the wire and for
/// what is unpacked, each.
pub(crate) async fn read(
    mut response: Response,
    bytes_max: usize,
    deadline: Instant,
) -> Result<Body, String> {
    let packing = packing(&response)?;
    let mut bytes = Vec::new();
    let mut cut = None;
    loop {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                let room = bytes_max.saturating_sub(bytes.len());
                bytes.extend(chunk.iter().take(room));
                if chunk.len() > room {
                    cut = Some(format!("the page has more than {bytes_max} bytes; the rest was not taken"));
                    break;
                }
            }
            Ok(Ok(None)) => break,
            Ok(Err(_)) if !bytes.is_empty() => {
                cut = Some("the connection broke before the page was whole".to_string());
                break;
            }
            Ok(Err(error)) => return Err(http_client::chain(&error)),
            Err(_) => {
                cut = Some("the server took too long; what came until then is here".to_string());
                break;
            }
        }
    }
    let received = bytes.len() as u64;
    let (bytes, cut) = match packing {
        Packing::None => (bytes, cut),
        packing => unpack(&bytes, packing, bytes_max, cut)?,
    };
    Ok(Body { bytes, received, cut })
}

#[derive(Clone, Copy)]
enum Packing {
    None,
    Gzip,
    Deflate,
}

fn packing(response: &Response) -> Result<Packing, String> {
    let mut found = Packing::None;
    for value in response.headers().get_all(reqwest::header::CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        for word in value.split(',').map(str::trim).filter(|word| !word.is_empty() && *word != "identity") {
            let next = match word {
                "gzip" | "x-gzip" => Packing::Gzip,
                "deflate" => Packing::Deflate,
                other => {
                    let other: String = other.chars().take(30).collect();
                    return Err(format!("the page came packed as `{other}`, which was not asked for"));
                }
            };
            if !matches!(found, Packing::None) {
                return Err("the page came packed twice".to_string());
            }
            found = next;
        }
    }
    Ok(found)
}

fn unpack(
    packed: &[u8],
    packing: Packing,
    bytes_max: usize,
    cut: Option<String>,
) -> Result<(Vec<u8>, Option<String>), String> {
    let limit = bytes_max as u64 + 1;
    let mut bytes = Vec::new();
    let result = match packing {
        Packing::Gzip => MultiGzDecoder::new(packed).take(limit).read_to_end(&mut bytes),
        _ => match ZlibDecoder::new(packed).take(limit).read_to_end(&mut bytes) {
            // Some servers mean the bare format.
            Err(_) if bytes.is_empty() => DeflateDecoder::new(packed).take(limit).read_to_end(&mut bytes),
            other => other,
        },
    };
    if bytes.len() > bytes_max {
        bytes.truncate(bytes_max);
        let said = format!("the page unpacks to more than {bytes_max} bytes; the rest was not taken");
        return Ok((bytes, Some(said)));
    }
    match result {
        Ok(_) => Ok((bytes, cut)),
        Err(_) if !bytes.is_empty() => {
            Ok((bytes, cut.or_else(|| Some("the packed page is damaged; its beginning is here".to_string()))))
        }
        Err(error) => Err(format!("the packed page cannot be unpacked: {error}")),
    }
}

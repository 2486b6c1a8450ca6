//! Sealing what a tool wants to know again, while the client carries it: a keyed digest, bound to the request. No secrets.

use ring::hmac;
use ring::rand::SystemRandom;

use crate::offer::Refused;

/// How long a state may be, in bytes.
const STATE_BYTES_MAX: usize = 64 * 1024;
/// Digits of a seal: 32 bytes in base 16.
const SEAL_DIGITS: usize = 64;

/// The key of one server process. What another process sealed, this one refuses.
#[derive(Debug)]
pub(crate) struct Seal {
    key: hmac::Key,
}

impl Seal {
    /// A new key, from the operating system.
    pub(crate) fn new() -> Result<Seal, Refused> {
        hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map(|key| Seal { key })
            .map_err(|_| Refused::Failed("the operating system gave no random bytes".to_string()))
    }

    /// The state as it goes to the client. `request` is what it belongs to, such as `tools/call deploy`.
    pub(crate) fn close(&self, request: &str, state: &str) -> Result<String, Refused> {
        if state.len() > STATE_BYTES_MAX {
            return Err(Refused::Failed(format!("the state is longer than {STATE_BYTES_MAX} bytes")));
        }
        let tag = hmac::sign(&self.key, &bound(request, state));
        Ok(format!("{}{state}", digits(tag.as_ref())))
    }

    /// The state that came back, if it is one that was sealed here, for the same request.
    pub(crate) fn open(&self, request: &str, sealed: &str) -> Result<String, Refused> {
        let refused = || {
            Refused::Invalid(
                "`requestState` is not what this server gave for this request; begin the request anew"
                    .to_string(),
            )
        };
        if sealed.len() > STATE_BYTES_MAX + SEAL_DIGITS {
            return Err(refused());
        }
        let (tag, state) = sealed.split_at_checked(SEAL_DIGITS).ok_or_else(refused)?;
        let tag = bytes(tag).ok_or_else(refused)?;
        hmac::verify(&self.key, &bound(request, state), &tag).map_err(|_| refused())?;
        Ok(state.to_string())
    }
}

/// The request goes in with its length, so that no two pairs give the same bytes.
fn bound(request: &str, state: &str) -> Vec<u8> {
    let mut bytes = request.len().to_le_bytes().to_vec();
    bytes.extend_from_slice(request.as_bytes());
    bytes.extend_from_slice(state.as_bytes());
    bytes
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let pair = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..digits.len()).step_by(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_for_its_request_alone() {
        let seal = Seal::new().unwrap();
        let sealed = seal.close("tools/call one", "step 2: é").unwrap();
        assert_eq!(seal.open("tools/call one", &sealed).unwrap(), "step 2: é");
        for (request, other) in [
            ("tools/call two", sealed.clone()),
            ("tools/call one", format!("{sealed}-TAMPERED")),
            ("tools/call one", sealed.replace("step 2", "step 9")),
            ("tools/call one", sealed.chars().skip(1).collect()),
            ("tools/call one", String::new()),
            ("tools/call one", "é".repeat(80)),
            ("tools/call one", "0".repeat(SEAL_DIGITS)),
        ] {
            assert!(seal.open(request, &other).is_err(), "{request} {other}");
        }
        assert!(Seal::new().unwrap().open("tools/call one", &sealed).is_err());
        assert!(seal.close("tools/call one", &"x".repeat(STATE_BYTES_MAX + 1)).is_err());
    }
}

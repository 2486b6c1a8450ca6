//! The device key, Ed25519: how it is made, read, checked and used. Knows no journal and no chain of heads.
#![expect(clippy::disallowed_methods, reason = "the key is a file")]

use std::fmt::{self, Write as _};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use conversation::Digest;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use crate::LedgerError;
use crate::layout::{self, Unsynced};

/// The first line of the file, without its version.
const TITLE: &str = "waypost device key ";
/// The version of the file.
const VERSION: u64 = 1;
/// The file is two short lines; a longer one is something else.
const FILE_BYTES_MAX: u64 = 1024;

/// The public half of a device key: all that a verifier needs beside the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

/// A device key that can sign.
pub(crate) struct DeviceKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl PublicKey {
    /// Reads 64 hexadecimal digits.
    pub fn read(text: &str) -> Option<PublicKey> {
        Some(PublicKey(unhex(text)?.try_into().ok()?))
    }

    /// Its id: the SHA-256 of its 32 bytes. Heads name the key that signed them by it.
    pub fn id(&self) -> Digest {
        Digest::of(&self.0)
    }

    /// Whether the holder of the key signed this text. `signature` is 128 digits.
    pub(crate) fn signed(&self, text: &[u8], signature: &str) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        unhex(signature).is_some_and(|bytes| key.verify(text, &bytes).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl DeviceKey {
    /// Makes a key and puts it into this file, for its owner alone. The caller makes it durable.
    pub(crate) fn make(path: &Path, unsynced: &mut Unsynced) -> Result<DeviceKey, LedgerError> {
        let seed = random::<32>()?;
        let key = DeviceKey::of_seed(&seed).ok_or_else(|| refused(path, "could not be made", "try again"))?;
        let text = format!("{TITLE}{VERSION}\n{}\n", hex(&seed));
        layout::place_file(path, text.as_bytes(), unsynced)?;
        Ok(key)
    }

    /// Reads the key in this file; `None` when there is no file. A key that others may read is refused.
    pub(crate) fn read(path: &Path) -> Result<Option<DeviceKey>, LedgerError> {
        let found = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(LedgerError::io("read", path)(error)),
            Ok(found) => found,
        };
        let restore = "put the key back from a copy, or run `waypost audit key replace --why …`";
        if !found.is_file() || found.len() > FILE_BYTES_MAX {
            return Err(refused(path, "is not a device key", restore));
        }
        let mode = found.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let problem = format!("can be used by others than its owner (its mode is {mode:o})");
            let step =
                "`chmod 600` it; if somebody may have copied it, run `waypost audit key rotate` after that";
            return Err(refused(path, &problem, step));
        }
        let text = fs::read_to_string(path).map_err(LedgerError::io("read", path))?;
        let (title, seed) = text.split_once('\n').unwrap_or_default();
        match title.strip_prefix(TITLE).and_then(|version| version.parse::<u64>().ok()) {
            Some(VERSION) => {}
            Some(found) => {
                return Err(LedgerError::Newer { file: path.to_path_buf(), found, known: VERSION });
            }
            None => return Err(refused(path, "is not a device key", restore)),
        }
        let key = unhex(seed.trim_end()).and_then(|seed| DeviceKey::of_seed(&seed));
        key.map(Some).ok_or_else(|| refused(path, "is damaged", restore))
    }

    fn of_seed(seed: &[u8]) -> Option<DeviceKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let public = PublicKey(pair.public_key().as_ref().try_into().ok()?);
        Some(DeviceKey { pair, public })
    }

    /// The half that may be shown.
    pub(crate) fn public(&self) -> PublicKey {
        self.public
    }

    /// The signature over this text, as 128 digits.
    pub(crate) fn sign(&self, text: &[u8]) -> String {
        hex(self.pair.sign(text).as_ref())
    }
}

/// An error about a file of the device, with the next step.
pub(crate) fn refused(path: &Path, problem: &str, step: &str) -> LedgerError {
    LedgerError::Device { file: path.to_path_buf(), problem: problem.to_string(), step: step.to_string() }
}

/// Bytes that nobody can foresee.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], LedgerError> {
    let mut bytes = [0; N];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| refused(Path::new("/dev/urandom"), "gives no random bytes", "try again"))?;
    Ok(bytes)
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// The bytes of lower-case hexadecimal digits: one way of writing them only.
fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digit = |c: &u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? * 16 + digit(low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (tempfile::TempDir, std::path::PathBuf, DeviceKey) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("key");
        let key = DeviceKey::make(&path, &mut Unsynced::default()).unwrap();
        (root, path, key)
    }

    #[test]
    fn the_first_vector_of_rfc_8032() {
        let seed = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let key = DeviceKey::of_seed(&seed).unwrap();
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(key.public().to_string(), public);
        assert_eq!(PublicKey::read(public), Some(key.public()));
        let signature = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970\
                         1cf9b46bd25bf5f0595bbe24655141438e7a100b";
        assert_eq!(key.sign(b""), signature);
        assert!(key.public().signed(b"", signature));
        assert!(!key.public().signed(b"x", signature));
        assert!(!key.public().signed(b"", &signature.to_uppercase()), "one way of writing it only");
        assert!(!key.public().signed(b"", &signature[2..]));
    }

    #[test]
    fn a_key_reads_back_and_is_for_its_owner_alone() {
        let (_root, path, key) = made();
        assert_eq!(DeviceKey::read(&path).unwrap().unwrap().public(), key.public());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(DeviceKey::read(&path.with_file_name("other")).unwrap().is_none());
        assert_ne!(made().2.public(), key.public());
    }

    #[test]
    fn a_key_that_cannot_be_used_is_refused_with_the_next_step() {
        fn check(damage: impl Fn(&Path), says: &[&str]) {
            let (_root, path, _) = made();
            damage(&path);
            let refused = DeviceKey::read(&path).map(|_| ()).unwrap_err().to_string();
            assert!(says.iter().all(|text| refused.contains(text)), "{refused}");
        }
        let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        check(|path| mode(path, 0o644), &["mode is 644", "`chmod 600` it"]);
        check(|path| mode(path, 0o620), &["mode is 620"]);
        check(|path| fs::write(path, "").unwrap(), &["is not a device key", "audit key replace"]);
        check(|path| fs::write(path, "waypost device key 1\n12\n").unwrap(), &["is damaged"]);
        check(
            |path| fs::write(path, "waypost device key 2\n12\n").unwrap(),
            &["format 2, and this Waypost reads up to 1", "update Waypost"],
        );
        check(|path| fs::write(path, vec![b'x'; 4096]).unwrap(), &["is not a device key"]);
        check(|path| fs::write(path, [0xff, 0xfe]).unwrap(), &["cannot read"]);
        let swapped = |path: &Path| {
            fs::rename(path, path.with_file_name("real")).unwrap();
            std::os::unix::fs::symlink(path.with_file_name("real"), path).unwrap();
        };
        check(swapped, &["is not a device key"]);
    }
}

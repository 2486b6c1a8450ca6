//! Where programs keep what they fetch or build, turned into the private folder of a session: what an agent fetched does not lie in
//! wait in the person's own caches. Makes no folder.

use std::path::Path;

/// Variables and the folder below the temporary one. `TMPDIR` is the folder itself.
const CACHES: [(&str, &str); 8] = [
    ("TMPDIR", ""),
    ("XDG_CACHE_HOME", "cache"),
    ("npm_config_cache", "cache/npm"),
    ("YARN_CACHE_FOLDER", "cache/yarn"),
    ("PIP_CACHE_DIR", "cache/pip"),
    ("UV_CACHE_DIR", "cache/uv"),
    ("GOCACHE", "cache/go-build"),
    ("PYTHONPYCACHEPREFIX", "cache/pycache"),
];

/// The environment with these variables.
pub(crate) fn into(environment: &mut Vec<(String, String)>, temporary: &Path) {
    for (name, folder) in CACHES {
        environment.retain(|(known, _)| known != name);
        let path = if folder.is_empty() { temporary.to_path_buf() } else { temporary.join(folder) };
        environment.push((name.to_string(), path.to_string_lossy().into_owned()));
    }
}

/// The names, for the profile.
pub(crate) fn names() -> impl Iterator<Item = String> {
    CACHES.iter().map(|(name, _)| (*name).to_string())
}

//! What of a home directory ordinary work needs to read and run: compilers, interpreters, their packages. Never what holds a key.
#![expect(clippy::disallowed_methods, reason = "looks which of them are there")]

use std::path::{Path, PathBuf};

/// Readable and runnable, below the home directory.
const TOOLCHAINS: [&str; 26] = [
    ".cargo",
    ".rustup",
    ".nvm",
    ".volta",
    ".fnm",
    ".local/share/fnm",
    ".bun",
    ".deno",
    ".npm-global",
    ".local/share/pnpm",
    ".pyenv",
    ".local/bin",
    ".local/lib",
    ".local/pipx",
    ".local/share/uv",
    ".conda",
    "miniconda3",
    ".rbenv",
    ".rvm",
    ".gem",
    ".sdkman",
    ".asdf",
    ".local/share/mise",
    "go",
    ".dotnet",
    ".nix-profile",
];

/// Readable only: settings without keys, and packages that were fetched before.
const READABLE: [&str; 9] = [
    ".gitconfig",
    ".config/git",
    ".gitignore_global",
    ".m2/repository",
    ".gradle/caches",
    ".gradle/wrapper",
    ".nuget/packages",
    ".cache/ms-playwright",
    ".kiro/steering",
];

/// Inside of those, what holds keys.
const KEYS: [&str; 8] = [
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".gem/credentials",
    ".bun/install/global/.npmrc",
    ".sdkman/etc/config",
    ".config/git/credentials",
    ".rvm/user",
    ".dotnet/corefx/cryptography",
];

/// Paths that are there, each list for the profile.
#[derive(Debug, Default)]
pub(crate) struct Toolchains {
    pub(crate) runnable: Vec<PathBuf>,
    pub(crate) readable: Vec<PathBuf>,
    pub(crate) invisible: Vec<PathBuf>,
}

/// What is there. `path` is the variable of that name: its directories below the home directory count too, but for the
/// home directory itself.
pub(crate) fn find(home: &Path, path: &str) -> Toolchains {
    let there = |names: &[&str]| -> Vec<PathBuf> {
        names.iter().map(|name| home.join(name)).filter(|path| path.exists()).collect()
    };
    let mut found =
        Toolchains { runnable: there(&TOOLCHAINS), readable: there(&READABLE), invisible: there(&KEYS) };
    for directory in std::env::split_paths(path) {
        let is_below = directory.starts_with(home) && directory != home;
        let is_known = found.runnable.iter().any(|known| directory.starts_with(known));
        let is_elsewhere =
            directory.is_absolute() && !directory.starts_with(home) && directory.parent().is_some();
        if (is_below || is_elsewhere) && !is_known && directory.is_dir() {
            found.runnable.push(directory);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_left_out() {
        let home = tempfile::tempdir().unwrap();
        for folder in [".cargo/bin", ".ssh", "bin", ".aws"] {
            std::fs::create_dir_all(home.path().join(folder)).unwrap();
        }
        std::fs::write(home.path().join(".cargo/credentials.toml"), "x").unwrap();
        let at = |name: &str| home.path().join(name);
        let path = format!(
            "{}:{}:{}:relative",
            at("bin").display(),
            home.path().display(),
            at(".cargo/bin").display()
        );
        let found = find(home.path(), &path);
        assert_eq!(found.runnable, [at(".cargo"), at("bin")]);
        assert_eq!(found.invisible, [at(".cargo/credentials.toml")]);
        assert!(found.readable.is_empty());
    }
}

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

/// Variables that say where a toolchain lies. What they name is readable and runnable, as above.
const HOMES: [&str; 14] = [
    "CARGO_HOME",
    "RUSTUP_HOME",
    "GOROOT",
    "GOPATH",
    "JAVA_HOME",
    "NVM_DIR",
    "PYENV_ROOT",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "RBENV_ROOT",
    "DOTNET_ROOT",
    "ANDROID_HOME",
    "BUN_INSTALL",
    "VOLTA_HOME",
];

/// Variables that steer a build and hold no key.
const BUILD: [&str; 14] = [
    "RUSTUP_*",
    "RUSTFLAGS",
    "RUST_BACKTRACE",
    "CARGO_BUILD_*",
    "CARGO_PROFILE_*",
    "CARGO_INCREMENTAL",
    "CARGO_NET_OFFLINE",
    "CC",
    "CXX",
    "CFLAGS",
    "CXXFLAGS",
    "PKG_CONFIG_PATH",
    "NODE_ENV",
    "GOFLAGS",
];

/// The names of variables that commands get for their toolchains.
pub(crate) fn variables() -> impl Iterator<Item = String> {
    HOMES.iter().chain(&BUILD).map(|name| (*name).to_string())
}

/// Paths that are there, each list for the profile.
#[derive(Debug, Default)]
pub(crate) struct Toolchains {
    pub(crate) runnable: Vec<PathBuf>,
    pub(crate) readable: Vec<PathBuf>,
    pub(crate) invisible: Vec<PathBuf>,
}

/// What is there. `PATH` and the variables about toolchains count too, but for what would open the home directory as a whole.
pub(crate) fn find(home: &Path, environment: &[(String, String)]) -> Toolchains {
    let value =
        |wanted: &str| environment.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let there = |names: &[&str]| -> Vec<PathBuf> {
        names.iter().map(|name| home.join(name)).filter(|path| path.exists()).collect()
    };
    let mut found =
        Toolchains { runnable: there(&TOOLCHAINS), readable: there(&READABLE), invisible: there(&KEYS) };
    let named = HOMES.iter().filter_map(|name| value(name)).flat_map(std::env::split_paths);
    let on_path = std::env::split_paths(value("PATH").unwrap_or_default());
    for directory in named.chain(on_path) {
        let is_known = found.runnable.iter().any(|known| directory.starts_with(known));
        let opens_home = home.starts_with(&directory);
        if directory.is_absolute() && !opens_home && !is_known && directory.is_dir() {
            let keys = ["credentials", "credentials.toml"].map(|name| directory.join(name));
            found.invisible.extend(keys.into_iter().filter(|path| path.exists()));
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
        let found = find(home.path(), &[("PATH".to_string(), path)]);
        assert_eq!(found.runnable, [at(".cargo"), at("bin")]);
        assert_eq!(found.invisible, [at(".cargo/credentials.toml")]);
        assert!(found.readable.is_empty());
    }
}

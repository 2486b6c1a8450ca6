//! The hosts that well-known programs reach without naming them: registries of packages, remotes of repositories. A hint for the
//! question; what is not here stays closed and is named when it is wished for.
#![expect(clippy::disallowed_methods, reason = "the remotes of a repository are read here")]

use std::path::Path;

use policy::{Class, Judged};

/// The largest configuration of a repository that is read, in bytes.
const CONFIG_BYTES_MAX: u64 = 256 * 1024;

/// Registries by program.
const REGISTRIES: [(&[&str], &[&str]); 12] = [
    (&["npm", "npx", "pnpm"], &["registry.npmjs.org"]),
    (&["yarn"], &["registry.yarnpkg.com", "registry.npmjs.org"]),
    (&["bun", "bunx"], &["registry.npmjs.org"]),
    (&["pip", "pip3", "uv", "uvx", "pipx", "poetry"], &["pypi.org", "files.pythonhosted.org"]),
    (&["cargo"], &["index.crates.io", "static.crates.io"]),
    (&["go"], &["proxy.golang.org", "sum.golang.org"]),
    (&["gem", "bundle", "bundler"], &["rubygems.org", "index.rubygems.org"]),
    (&["composer"], &["repo.packagist.org"]),
    (&["mvn", "mvnw", "gradle", "gradlew"], &["repo.maven.apache.org", "plugins.gradle.org"]),
    (&["dotnet", "nuget"], &["api.nuget.org"]),
    (&["deno"], &["deno.land", "jsr.io"]),
    (&["gh"], &["api.github.com", "github.com"]),
];

/// Words by which such a program fetches something new. A build that finds all it needs asks for nothing.
const FETCHES: [&str; 14] = [
    "install", "i", "add", "ci", "update", "upgrade", "get", "fetch", "download", "sync", "create", "dlx",
    "publish", "search",
];

/// Programs that fetch whatever they are told.
const FETCHERS: [&str; 5] = ["npx", "bunx", "uvx", "pipx", "gh"];

/// The hosts of a command, beside those that it names. `root` is where git would look for remotes.
pub fn of(root: &Path, command: &Judged) -> Vec<String> {
    let Some(program) = command.words.first() else { return Vec::new() };
    let program = program.rsplit('/').next().unwrap_or(program);
    let reaches = matches!(command.class, Class::Network(_));
    if program == "git" {
        return if reaches { remotes(root) } else { Vec::new() };
    }
    if reaches && ["curl", "wget", "ssh", "scp", "nc", "ping"].contains(&program) {
        let named =
            command.words.iter().skip(1).filter(|word| !word.starts_with('-') && !word.contains("://"));
        return named.filter_map(|word| bare_host(word)).collect();
    }
    let says_so = command.words.iter().skip(1).any(|word| FETCHES.contains(&word.as_str()));
    if !says_so && !FETCHERS.contains(&program) {
        return Vec::new();
    }
    let known = REGISTRIES.iter().find(|(programs, _)| programs.contains(&program));
    known.map_or_else(Vec::new, |(_, hosts)| hosts.iter().map(ToString::to_string).collect())
}

/// A word that looks like a host: with a dot, and nothing that a host cannot have.
fn bare_host(word: &str) -> Option<String> {
    let rest = word.rsplit_once('@').map_or(word, |(_, host)| host);
    let host = rest.split(['/', ':']).next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let has_dot = host.trim_matches('.').contains('.');
    (has_dot && host.chars().all(plain)).then(|| host.to_ascii_lowercase())
}

/// The hosts of the remotes in the repository's configuration. A hint for a question, so a simple reading is enough.
fn remotes(root: &Path) -> Vec<String> {
    let path = root.join(".git/config");
    let is_small =
        std::fs::symlink_metadata(&path).is_ok_and(|data| data.is_file() && data.len() <= CONFIG_BYTES_MAX);
    let Some(text) = is_small.then(|| std::fs::read_to_string(&path).ok()).flatten() else {
        return Vec::new();
    };
    let urls = text.lines().filter_map(|line| line.trim().strip_prefix("url")).filter_map(|rest| {
        let url = rest.trim_start().strip_prefix('=')?.trim();
        bare_host(url.split_once("://").map_or(url, |(_, rest)| rest))
    });
    let mut hosts: Vec<String> = urls.collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        let config = "[remote \"origin\"]\n\turl = git@github.com:a/b.git\n[remote \"x\"]\n\turl = https://u:p@git.example.org/c\n";
        std::fs::write(folder.path().join(".git/config"), config).unwrap();
        let judged = policy::judge(line).unwrap();
        let hosts: Vec<String> = judged.iter().flat_map(|command| of(folder.path(), command)).collect();
        assert_eq!(hosts, expected, "{line}");
    }

    #[test]
    fn registries_and_remotes() {
        check("npm install left-pad", &["registry.npmjs.org"]);
        check("git push origin main", &["git.example.org", "github.com"]);
        check("git status", &[]);
        check("curl -s example.com/a -o out", &["example.com"]);
        check("ls", &[]);
        check("cargo build", &[]);
        check("cargo add serde", &["index.crates.io", "static.crates.io"]);
    }
}

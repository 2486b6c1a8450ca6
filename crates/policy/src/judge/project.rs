//! Programs that run code of the project, code on the command line, or talk to other machines. All of them ask.

use super::{Class, Finding};
use crate::sh::Arg;

/// Build tools, test runners, compilers, linters: they run what the project says.
const PROJECT: [&str; 96] = [
    "act",
    "ansible",
    "ansible-playbook",
    "ant",
    "artisan",
    "bazel",
    "biome",
    "black",
    "buck2",
    "bun",
    "bundle",
    "c++",
    "cabal",
    "cargo",
    "cc",
    "clang",
    "clang++",
    "clang-format",
    "cmake",
    "composer",
    "ctest",
    "dart",
    "deno",
    "doctl",
    "dotnet",
    "elixir",
    "esbuild",
    "eslint",
    "flake8",
    "flutter",
    "g++",
    "gcc",
    "ghc",
    "go",
    "gofmt",
    "golangci-lint",
    "gradle",
    "gradlew",
    "hatch",
    "invoke",
    "isort",
    "java",
    "javac",
    "jest",
    "just",
    "kotlinc",
    "lerna",
    "ld",
    "make",
    "gmake",
    "markdownlint",
    "meson",
    "mix",
    "mocha",
    "mvn",
    "mvnw",
    "mypy",
    "ninja",
    "nox",
    "npm",
    "nx",
    "pdm",
    "phpunit",
    "pip",
    "pip3",
    "pipenv",
    "playwright",
    "pnpm",
    "poetry",
    "pre-commit",
    "prettier",
    "pylint",
    "pyright",
    "pytest",
    "rake",
    "rollup",
    "rspec",
    "rubocop",
    "ruff",
    "rustc",
    "rustfmt",
    "rustup",
    "sbt",
    "scala",
    "shellcheck",
    "stack",
    "swift",
    "task",
    "tox",
    "tsc",
    "turbo",
    "uv",
    "vite",
    "vitest",
    "webpack",
    "yarn",
];

/// Interpreters, and the options behind which code stands.
const INTERPRETERS: [(&str, &str); 18] = [
    ("awk", ""),
    ("bun", "ep"),
    ("deno", ""),
    ("elixir", "e"),
    ("fish", "c"),
    ("julia", "eEp"),
    ("lua", "e"),
    ("node", "ep"),
    ("nodejs", "ep"),
    ("osascript", "e"),
    ("perl", "eEnpi"),
    ("php", "rBRE"),
    ("powershell", "cC"),
    ("pwsh", "cC"),
    ("python", "c"),
    ("r", "e"),
    ("rscript", "e"),
    ("ruby", "enpi"),
];

/// Programs that talk to other machines.
const NETWORK: [&str; 62] = [
    "aws",
    "az",
    "bq",
    "curl",
    "dig",
    "doctl",
    "docker",
    "docker-compose",
    "eksctl",
    "flyctl",
    "ftp",
    "gcloud",
    "gh",
    "git-lfs",
    "glab",
    "gsutil",
    "heroku",
    "helm",
    "host",
    "http",
    "https",
    "hub",
    "httpie",
    "kubectl",
    "lftp",
    "lynx",
    "mail",
    "mongo",
    "mongosh",
    "mosh",
    "mysql",
    "mysqldump",
    "nc",
    "ncat",
    "netcat",
    "netlify",
    "nmap",
    "nslookup",
    "oc",
    "openssl",
    "pg_dump",
    "ping",
    "podman",
    "psql",
    "pulumi",
    "rclone",
    "redis-cli",
    "rsync",
    "scp",
    "sendmail",
    "sftp",
    "socat",
    "ssh-copy-id",
    "ssh-keyscan",
    "svn",
    "telnet",
    "terraform",
    "tofu",
    "traceroute",
    "vercel",
    "wget",
    "whois",
];

/// Judges such a program. `false` when the program is none.
pub(super) fn check(name: &str, args: &[Arg], finding: &mut Finding) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if let Some((_, letters)) = INTERPRETERS.iter().find(|(known, _)| *known == name || *known == stem) {
        let has_code = args.iter().any(|arg| {
            let text = arg.text.as_str();
            let short = text.starts_with('-')
                && !text.starts_with("--")
                && text.chars().skip(1).any(|c| letters.contains(c));
            short || matches!(text, "--eval" | "--print" | "-command" | "-Command" | "eval")
        });
        match args.iter().find(|arg| !arg.text.starts_with('-')) {
            _ if has_code => {
                finding.raise(Class::Unknown("runs code that stands on the command line".to_string()))
            }
            Some(file) => finding.raise(Class::Project(format!("runs `{}`", file.text))),
            None => finding.raise(Class::Unknown(format!("`{name}` runs what it is given"))),
        }
        return true;
    }
    if NETWORK.contains(&name) {
        finding.raise(Class::Network("may reach another machine".to_string()));
        return true;
    }
    if PROJECT.contains(&name) {
        finding.raise(Class::Project("runs code of the project".to_string()));
        return true;
    }
    false
}

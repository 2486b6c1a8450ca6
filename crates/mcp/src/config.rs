//! Which servers there are, merged over all `mcp.json` files, and what each needs to be started. Starts nothing; the files
//! are read by `spec`.

use std::collections::BTreeMap;

use conversation::Digest;
use spec::diagnostic::Diagnostic;
use spec::settings::mcp::{Oauth, Server, Servers, Transport};

use crate::variables::{Variables, expand};

/// The longest name of a server, in characters.
pub const NAME_CHARS_MAX: usize = 64;

/// How long a request may take when its entry does not say, in milliseconds.
pub const TIMEOUT_MS: u64 = 120_000;

/// Where an entry stands. The later one wins for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// `~/.kiro/settings/mcp.json`.
    User,
    /// `.kiro/settings/mcp.json` of the workspace root.
    Workspace,
    /// The same of a package in which is worked.
    Package,
    /// The active agent's own `mcpServers`.
    Agent,
}

/// One file of servers, or the part of one.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Where it stands.
    pub scope: Scope,
    /// The file, for messages.
    pub file: String,
    /// The agent whose file it is.
    pub agent: Option<String>,
    /// What was read from it.
    pub servers: Servers,
}

/// A server as it counts after the merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name in rules, records and messages: the name in the file, with `_` for what a rule could misread.
    pub name: String,
    /// Where it stands.
    pub scope: Scope,
    /// In which file.
    pub file: String,
    /// The agent whose file it is.
    pub agent: Option<String>,
    /// What the file says.
    pub server: Server,
}

/// What came of a merge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configured {
    /// The servers, by name.
    pub entries: Vec<Entry>,
    /// Servers that are written but cannot be had, with the reason.
    pub broken: Vec<(String, String)>,
    /// What is odd in each file, in document order.
    pub diagnostics: Vec<(String, Diagnostic)>,
}

/// How a server is reached, with all variables put in. It may hold secrets and has no `Debug` for that reason.
#[derive(Clone)]
pub enum Reach {
    /// A program.
    Program {
        /// The program: a name that is looked up, or a path.
        command: String,
        /// Its arguments.
        arguments: Vec<String>,
        /// Variables beside those that every held command gets.
        environment: Vec<(String, String)>,
        /// Where it runs, from the workspace root when relative.
        directory: Option<String>,
    },
    /// An address.
    Address {
        /// The URL.
        url: String,
        /// Sent with each request.
        headers: Vec<(String, String)>,
        /// What is asked for at login.
        oauth: Oauth,
        /// The old transport is tried first.
        is_sse: bool,
    },
}

/// What is needed to start a server.
#[derive(Clone)]
pub struct Ready {
    /// How it is reached.
    pub reach: Reach,
    /// What was left out, in words.
    pub notes: Vec<String>,
}

impl Layer {
    /// Reads a file. Any bytes; what is wrong is in its diagnostics.
    pub fn read(scope: Scope, file: impl Into<String>, bytes: &[u8]) -> Layer {
        Layer { scope, file: file.into(), agent: None, servers: Servers::parse(bytes) }
    }

    /// The same as what lies in a package: its programs run in the package's folder, from the workspace root with `/`, and not in the
    /// root. A folder that an entry names itself counts from there.
    #[must_use]
    pub fn in_package(mut self, package: &str) -> Layer {
        if !package.is_empty() {
            for server in &mut self.servers.servers {
                if let Transport::Stdio { cwd, .. } = &mut server.transport {
                    match cwd {
                        None => *cwd = Some(package.to_string()),
                        Some(folder) if folder.starts_with(['/', '~', '$']) => {}
                        Some(folder) => *folder = format!("{package}/{folder}"),
                    }
                }
            }
        }
        self
    }

    /// The same as what this agent brings.
    #[must_use]
    pub fn of_agent(self, agent: Option<String>) -> Layer {
        Layer { agent, ..self }
    }
}

impl Scope {
    /// The word for a person.
    pub fn word(self) -> &'static str {
        match self {
            Scope::User => "user",
            Scope::Workspace => "workspace",
            Scope::Package => "package",
            Scope::Agent => "agent",
        }
    }
}

/// Merges the layers: a name in a later scope takes the place of the same name in an earlier one, also when its entry is
/// broken: falling back to another server of that name would be a surprise.
pub fn merge(mut layers: Vec<Layer>) -> Configured {
    layers.sort_by_key(|layer| layer.scope);
    let mut found: BTreeMap<String, Result<Entry, (String, String)>> = BTreeMap::new();
    let mut configured = Configured::default();
    for layer in layers {
        for name in layer.servers.broken {
            let why = format!("its entry in `{}` cannot be understood", layer.file);
            found.insert(name.clone(), Err((name, why)));
        }
        for server in layer.servers.servers {
            let entry = Entry::new(server, layer.scope, &layer.file);
            let entry = (entry.0, entry.1.map(|entry| Entry { agent: layer.agent.clone(), ..entry }));
            found.insert(entry.0, entry.1);
        }
        let told = layer.servers.diagnostics.into_iter().map(|it| (layer.file.clone(), it));
        configured.diagnostics.extend(told);
    }
    for (name, entry) in found {
        match entry {
            Ok(entry) if configured.entries.iter().any(|known| same(&known.name, &entry.name)) => {
                let why = format!("another server is called `{}` in rules as well; rename one", entry.name);
                configured.broken.push((name, why));
            }
            Ok(entry) => configured.entries.push(entry),
            Err(broken) => configured.broken.push(broken),
        }
    }
    configured
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

impl Entry {
    fn new(server: Server, scope: Scope, file: &str) -> (String, Result<Entry, (String, String)>) {
        let written = server.name.clone();
        let name: String = written.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        let fault = if name.chars().all(|c| c == '_') {
            Some("it has no name".to_string())
        } else if name.chars().count() > NAME_CHARS_MAX {
            Some(format!("its name is longer than {NAME_CHARS_MAX} characters"))
        } else {
            match &server.transport {
                Transport::Registry => Some(
                    "its entry only names a registry, and there is none to ask; write `command` or `url`"
                        .to_string(),
                ),
                Transport::Remote { url, .. } => address(url).err(),
                Transport::Stdio { command, .. } if command.trim().is_empty() => {
                    Some("its `command` is empty".to_string())
                }
                Transport::Stdio { command, args, .. } => args
                    .iter()
                    .chain([command])
                    .any(|word| word.contains('\0'))
                    .then(|| "its command has a NUL character in it".to_string()),
            }
        };
        let file = file.to_string();
        let entry = match fault {
            None => Ok(Entry { name, scope, file, agent: None, server }),
            Some(why) => Err((written.clone(), why)),
        };
        (written, entry)
    }

    /// Whether it is a program of this machine; else it is an address.
    pub fn is_program(&self) -> bool {
        matches!(self.server.transport, Transport::Stdio { .. })
    }

    /// The word for how it is reached: `stdio`, `http` or `sse`.
    pub fn transport(&self) -> &'static str {
        match &self.server.transport {
            Transport::Stdio { .. } => "stdio",
            Transport::Remote { is_sse: true, .. } => "sse",
            Transport::Remote { .. } => "http",
            Transport::Registry => "registry",
        }
    }

    /// The command line as it is decided about, recorded and shown: variables stand in it by name.
    pub fn line(&self) -> Option<String> {
        let Transport::Stdio { command, args, .. } = &self.server.transport else { return None };
        Some(line_of(command, args))
    }

    /// The command line with its variables put in, and the directory in which it is run, from the workspace root when relative: for
    /// finding out what it starts. As written where it cannot be started. May hold secrets.
    pub fn started(&self, variables: &Variables) -> Option<(String, Option<String>)> {
        let Transport::Stdio { cwd, .. } = &self.server.transport else { return None };
        match self.ready(variables) {
            Ok(Ready { reach: Reach::Program { command, arguments, directory, .. }, .. }) => {
                Some((line_of(&command, &arguments), directory))
            }
            _ => Some((self.line()?, cwd.clone())),
        }
    }

    /// The hosts from which its program loads itself, for the launchers that entries usually name.
    pub fn loads_from(&self) -> &'static [&'static str] {
        let Transport::Stdio { command, .. } = &self.server.transport else { return &[] };
        match command.rsplit('/').next().unwrap_or(command) {
            "npx" | "npm" | "pnpm" | "pnpx" | "yarn" | "bunx" | "bun" => &["registry.npmjs.org"],
            "uvx" | "uv" | "pipx" => &["files.pythonhosted.org", "pypi.org"],
            _ => &[],
        }
    }

    /// The scheme, host and port that it is reached at, as they are decided about.
    pub fn origin(&self) -> Option<String> {
        let Transport::Remote { url, .. } = &self.server.transport else { return None };
        address(url).ok().map(|url| url.origin().ascii_serialization())
    }

    /// Under which name the lock has it: what a package, an agent or a power brings is another server than one of the same name
    /// elsewhere.
    pub fn key(&self) -> String {
        match self.scope {
            Scope::Package | Scope::Agent => format!("{} {}", self.name, self.file),
            Scope::User | Scope::Workspace => self.name.clone(),
        }
    }

    /// The words by which a command names it: its name, and the agent that brings it.
    pub fn words(&self) -> String {
        match &self.agent {
            Some(agent) => format!("{} --agent {}", self.name, quoted(agent)),
            None => self.name.clone(),
        }
    }

    /// Where it comes from, for the lock: changes with the command line or the address and with nothing else.
    pub fn source(&self) -> Digest {
        let text = match &self.server.transport {
            Transport::Remote { url, .. } => url.clone(),
            _ => self.line().unwrap_or_default(),
        };
        Digest::of(text.as_bytes())
    }

    /// How long a request may take, in milliseconds.
    pub fn timeout_ms(&self) -> u64 {
        self.server.timeout_ms.unwrap_or(TIMEOUT_MS)
    }

    /// Whether the file says that a tool needs no question.
    pub fn is_approved(&self, tool: &str) -> bool {
        self.server.auto_approve.iter().any(|name| name == "*" || name == tool)
    }

    /// Whether the file says that a tool is not offered.
    pub fn is_switched_off(&self, tool: &str) -> bool {
        self.server.disabled_tools.iter().any(|name| name == "*" || name == tool)
    }

    /// What is needed to start it. A variable or header with an unapproved name in it is left out and said.
    ///
    /// # Errors
    /// Why it cannot be started: a name that is not approved, or not set, stands in its command or address.
    pub fn ready(&self, variables: &Variables) -> Result<Ready, String> {
        let mut notes = Vec::new();
        let needed = |what: &str, text: &str| {
            expand(text, variables).map_err(|missing| format!("its {what} needs {}", missing.tell()))
        };
        let mut pairs = |what: &str, pairs: &[(String, String)]| {
            let mut kept = Vec::with_capacity(pairs.len());
            for (name, value) in pairs {
                match expand(value, variables) {
                    Ok(value) => kept.push((name.clone(), value)),
                    Err(missing) => notes.push(format!("{what} `{name}` is left out: {}", missing.tell())),
                }
            }
            kept
        };
        let reach = match &self.server.transport {
            Transport::Stdio { command, args, env, cwd } => Reach::Program {
                command: needed("command", command)?,
                arguments: args.iter().map(|word| needed("command", word)).collect::<Result<_, _>>()?,
                environment: pairs("the variable", env),
                directory: cwd.as_deref().map(|cwd| needed("`cwd`", cwd)).transpose()?,
            },
            Transport::Remote { url, headers, oauth, is_sse } => {
                let url = needed("address", url)?;
                let read = address(&url)?;
                if Some(read.origin().ascii_serialization()) != self.origin() {
                    return Err("a variable in its address changes the host; write the host itself".into());
                }
                let secret = oauth.client_secret.as_deref().map(|it| needed("`clientSecret`", it));
                let oauth = Oauth { client_secret: secret.transpose()?, ..oauth.clone() };
                let headers = pairs("the header", headers);
                Reach::Address { url, headers, oauth, is_sse: *is_sse }
            }
            Transport::Registry => return Err("its entry only names a registry".to_string()),
        };
        Ok(Ready { reach, notes })
    }
}

/// Reads an address: https, or http on this machine.
pub(crate) fn address(url: &str) -> Result<reqwest::Url, String> {
    let read = reqwest::Url::parse(url).map_err(|error| format!("its address cannot be read: {error}"))?;
    if !read.username().is_empty() || read.password().is_some() {
        return Err("its address holds a name or password; use `headers` or `oauth`".to_string());
    }
    match (read.scheme(), read.host_str()) {
        ("https", Some(_)) => Ok(read),
        ("http", Some("localhost" | "127.0.0.1" | "[::1]")) => Ok(read),
        _ => Err("a server is reached over https, or over http on this machine".to_string()),
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}

fn line_of(command: &str, arguments: &[String]) -> String {
    let arguments = arguments.iter().map(String::as_str);
    let words: Vec<String> = [command].into_iter().chain(arguments).map(quoted).collect();
    words.join(" ")
}

/// A word as a shell would be given it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;

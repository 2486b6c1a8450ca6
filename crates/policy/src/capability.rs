//! The names of what a call can ask for. They are Kiro's names, so that a rule written there means the same here.

/// What a request wants to be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Read a file, list a directory, search.
    FsRead,
    /// Create, change or remove a file.
    FsWrite,
    /// Run a command line.
    Shell,
    /// Fetch a page.
    WebFetch,
    /// Ask a search engine.
    WebSearch,
    /// Call a tool of an MCP server.
    Mcp,
    /// Start a sub-agent.
    Subagent,
    /// Activate a skill.
    Skill,
    /// Activate a power.
    Power,
    /// Add to the context.
    Context,
    /// Read compiler or spec diagnostics.
    Diagnostics,
    /// Reach the network from a sandboxed command.
    SandboxNetwork,
}

impl Capability {
    /// Every capability, in the order in which Kiro's documentation lists them.
    pub const ALL: [Capability; 12] = [
        Capability::FsRead,
        Capability::FsWrite,
        Capability::Shell,
        Capability::WebFetch,
        Capability::WebSearch,
        Capability::Mcp,
        Capability::Subagent,
        Capability::Skill,
        Capability::Power,
        Capability::Context,
        Capability::Diagnostics,
        Capability::SandboxNetwork,
    ];

    /// The name used in rules and records.
    pub fn name(self) -> &'static str {
        match self {
            Capability::FsRead => "fs_read",
            Capability::FsWrite => "fs_write",
            Capability::Shell => "shell",
            Capability::WebFetch => "web_fetch",
            Capability::WebSearch => "web_search",
            Capability::Mcp => "mcp",
            Capability::Subagent => "subagent",
            Capability::Skill => "skill",
            Capability::Power => "power",
            Capability::Context => "context",
            Capability::Diagnostics => "diagnostics",
            Capability::SandboxNetwork => "sandbox_network",
        }
    }

    /// The capabilities that a name in a rule stands for: one, or a group (`all`, `builtin`, `filesystem`).
    /// Empty when the name is unknown.
    pub fn named(name: &str) -> Vec<Capability> {
        match name {
            "all" => Capability::ALL.to_vec(),
            "builtin" => Capability::ALL.into_iter().filter(|c| *c != Capability::Mcp).collect(),
            "filesystem" => vec![Capability::FsRead, Capability::FsWrite],
            one => Capability::ALL.into_iter().filter(|c| c.name() == one).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for capability in Capability::ALL {
            assert_eq!(Capability::named(capability.name()), vec![capability]);
        }
        assert_eq!(Capability::named("filesystem"), vec![Capability::FsRead, Capability::FsWrite]);
        assert_eq!(Capability::named("everything"), vec![]);
    }
}

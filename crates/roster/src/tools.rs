//! Kiro's words for tools and what they are here: ids, tags, `@server/tool`. Holds no tool.

/// The longest pattern for a tool that is looked at, in bytes; a longer one fits nothing.
pub const PATTERN_BYTES_MAX: usize = 256;

/// The tool that searches knowledge bases. An agent that names one has it, whatever its `tools` say.
pub const KNOWLEDGE: &str = "knowledge";
/// The tool that opens powers.
pub const POWER: &str = "power";

/// The tool that opens skills. An agent that names skills as resources has it, whatever its `tools` say.
pub(crate) const SKILL: &str = "skill";

/// What a tool does: Kiro's tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Looks at files.
    Read,
    /// Changes files.
    Write,
    /// Runs commands.
    Shell,
    /// Fetches pages or searches.
    Web,
    /// Starts sub-agents.
    Subagent,
    /// Works on specs.
    Spec,
    /// Keeps a plan, opens skills: touches nothing.
    Context,
    /// Lists and opens powers.
    Power,
    /// A tool of an MCP server, or of ours for all of them.
    Mcp,
    /// Anything else; only `*` and `@builtin` give it.
    Other,
}

/// A tool that a session could have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolInfo {
    /// Its name in the session.
    pub name: String,
    /// Its name at its server; the same as `name` for a tool of ours.
    pub called: String,
    /// What it does.
    pub category: Category,
    /// The MCP server that it comes from.
    pub server: Option<String>,
}

impl ToolInfo {
    /// What is known of a tool by its name alone; one of a server when it is `server/tool`.
    pub fn of(name: &str) -> ToolInfo {
        match name.split_once('/') {
            Some((server, tool)) => ToolInfo::of_server(server, tool, name),
            None => ToolInfo {
                name: name.to_string(),
                called: name.to_string(),
                category: category(name),
                server: None,
            },
        }
    }

    /// A tool of an MCP server: the server, the tool's name there, and the name that the session has for it.
    pub fn of_server(server: &str, called: &str, name: &str) -> ToolInfo {
        ToolInfo {
            name: name.to_string(),
            called: called.to_string(),
            category: Category::Mcp,
            server: Some(server.to_string()),
        }
    }
}

/// The category of one of our own tools.
fn category(name: &str) -> Category {
    match name {
        "read" | "list" | "glob" | "grep" => Category::Read,
        "edit" | "write" => Category::Write,
        "shell" | "process" => Category::Shell,
        "web_fetch" | "web_search" => Category::Web,
        "subagent" => Category::Subagent,
        "todo" | "skill" | KNOWLEDGE => Category::Context,
        POWER => Category::Power,
        // By these the tools of a server are found and called whose tools are not known yet.
        "tool_search" | "mcp" => Category::Mcp,
        name if name == "spec" || name.starts_with("spec_") || name.starts_with("submit_") => Category::Spec,
        _ => Category::Other,
    }
}

/// What a word for tools stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted<'a> {
    /// Everything.
    All,
    /// All of one category.
    Tag(Category),
    /// All that come with the program.
    BuiltIn,
    /// All of MCP servers.
    Mcp,
    /// All of the servers of powers, and the tool that opens powers.
    Powers,
    /// One server, all of its tools or those that fit.
    Server(&'a str, Option<&'a str>),
    /// Our tools of these names.
    Ids(&'static [&'static str]),
    /// A tool of Kiro's that there is not here.
    Missing,
    /// Nobody's.
    Unknown,
}

/// Kiro's names for tools, of every generation, and ours.
const IDS: &[(&str, &[&str])] = &[
    ("read_file", &["read"]),
    ("read_files", &["read"]),
    ("read_multiple_files", &["read"]),
    ("read_code", &["read"]),
    ("fs_read", &["read", "list", "glob", "grep"]),
    ("list_directory", &["list"]),
    ("list", &["list"]),
    ("ls", &["list"]),
    ("file_search", &["glob"]),
    ("glob", &["glob"]),
    ("grep_search", &["grep"]),
    ("grep", &["grep"]),
    ("fs_write", &["edit", "write"]),
    ("create_file", &["write"]),
    ("write_file", &["write"]),
    ("fs_append", &["edit"]),
    ("str_replace", &["edit"]),
    ("edit_code", &["edit"]),
    ("edit", &["edit"]),
    ("execute_bash", &["shell", "process"]),
    ("execute_pwsh", &["shell", "process"]),
    ("execute_cmd", &["shell", "process"]),
    ("bash", &["shell", "process"]),
    ("control_process", &["process"]),
    ("control_bash_process", &["process"]),
    ("control_pwsh_process", &["process"]),
    ("list_processes", &["process"]),
    ("get_process_output", &["process"]),
    ("process", &["process"]),
    ("todo", &["todo"]),
    ("todo_list", &["todo"]),
    ("web_fetch", &["web_fetch"]),
    ("remote_web_fetch", &["web_fetch"]),
    ("web_search", &["web_search"]),
    ("remote_web_search", &["web_search"]),
    ("use_subagent", &["subagent"]),
    ("invoke_sub_agent", &["subagent"]),
    ("orchestrate_subagent", &["subagent"]),
    ("delegate", &["subagent"]),
    ("disclose_context", &["skill"]),
    ("skill", &["skill"]),
    ("knowledge", &[KNOWLEDGE]),
    ("kiroPowers", &["power"]),
    ("kiro_powers", &["power"]),
    ("power", &["power"]),
];

/// Tools of Kiro's that have no counterpart.
const MISSING: &[&str] = &[
    "aws",
    "checkpoint",
    "code",
    "delete_file",
    "diagnostics",
    "dummy",
    "get_diagnostics",
    "get_user_input",
    "goal",
    "introspect",
    "report_issue",
    "semantic_rename",
    "session",
    "smart_relocate",
    "task_status",
    "thinking",
    "update_pbt_status",
    "use_aws",
];

/// What a word in `tools` or `allowedTools` stands for. Ids come before tags, but for the words that are both.
pub(crate) fn wanted(word: &str) -> Wanted<'_> {
    if word.len() > PATTERN_BYTES_MAX {
        return Wanted::Unknown;
    }
    let word = word.trim();
    if let Some(named) = word.strip_prefix('@') {
        return match named {
            "builtin" => Wanted::BuiltIn,
            "mcp" => Wanted::Mcp,
            "powers" => Wanted::Powers,
            "subagent" | "subagent-explicit" => Wanted::Tag(Category::Subagent),
            "" => Wanted::Unknown,
            _ => match named.split_once('/') {
                Some((server, tool)) if tool != "*" => Wanted::Server(server, Some(tool)),
                Some((server, _)) => Wanted::Server(server, None),
                None => Wanted::Server(named, None),
            },
        };
    }
    let tag = match word {
        "*" => return Wanted::All,
        "read" => Category::Read,
        "write" => Category::Write,
        "shell" => Category::Shell,
        "web" => Category::Web,
        "subagent" => Category::Subagent,
        "spec" => Category::Spec,
        "context" => Category::Context,
        word => {
            return match IDS.iter().find(|(id, _)| *id == word) {
                Some((_, ours)) => Wanted::Ids(ours),
                None if MISSING.contains(&word) => Wanted::Missing,
                None => Wanted::Unknown,
            };
        }
    };
    Wanted::Tag(tag)
}

/// Whether a tool is among what a word stands for.
pub(crate) fn fits(wanted: &Wanted<'_>, tool: &ToolInfo) -> bool {
    match wanted {
        Wanted::All => true,
        Wanted::Tag(category) => tool.server.is_none() && tool.category == *category,
        Wanted::BuiltIn => tool.server.is_none(),
        Wanted::Mcp => tool.server.is_some(),
        Wanted::Powers => match &tool.server {
            Some(server) => server.starts_with(crate::power::SERVER_PREFIX),
            None => tool.category == Category::Power,
        },
        Wanted::Server(server, wanted) => tool.server.as_ref().is_some_and(|from| {
            matches(server, from) && wanted.is_none_or(|wanted| matches(wanted, &tool.called))
        }),
        Wanted::Ids(ids) => tool.server.is_none() && ids.contains(&tool.name.as_str()),
        Wanted::Missing | Wanted::Unknown => false,
    }
}

/// Whether a text fits a pattern of `*` and `?`, in time linear in both for every pattern with one `*`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || Some(c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_for_tools() {
        let ours = [
            "read",
            "list",
            "glob",
            "grep",
            "edit",
            "write",
            "shell",
            "process",
            "todo",
            "web_fetch",
            "web_search",
            "subagent",
            "skill",
            "power",
            "git/git_diff",
            "git/git_log",
            "power-x-docs/find",
        ];
        let check = |word: &str, expected: &str| {
            let wanted = wanted(word);
            let names: Vec<&str> =
                ours.iter().filter(|name| fits(&wanted, &ToolInfo::of(name))).copied().collect();
            assert_eq!(names.join(" "), expected, "{word}");
        };
        check("read", "read list glob grep");
        check("read_file", "read");
        check("fs_read", "read list glob grep");
        check("write", "edit write");
        check("shell", "shell process");
        check("execute_bash", "shell process");
        check("web", "web_fetch web_search");
        check("@git", "git/git_diff git/git_log");
        check("@git/git_d*", "git/git_diff");
        check("@git/*", "git/git_diff git/git_log");
        check("@mcp", "git/git_diff git/git_log power-x-docs/find");
        check("@powers", "power power-x-docs/find");
        check("@subagent", "subagent");
        check("git/git_diff", "");
        check("use_aws", "");
        check("nothing", "");
        check("@", "");
        check(
            "@builtin",
            "read list glob grep edit write shell process todo web_fetch web_search subagent skill power",
        );
        assert_eq!(ours.iter().filter(|name| fits(&Wanted::All, &ToolInfo::of(name))).count(), ours.len());
        assert_eq!(wanted("use_aws"), Wanted::Missing);
        assert_eq!(wanted(&"a".repeat(300)), Wanted::Unknown);
    }

    #[test]
    fn a_tool_of_a_server_is_known_by_its_name_there() {
        let tool = ToolInfo::of_server("git", "git_diff", "mcp__git__git_diff");
        let fits_word = |word: &str| fits(&wanted(word), &tool);
        assert!(fits_word("@git") && fits_word("@git/git_diff") && fits_word("@mcp") && fits_word("*"));
        assert!(!fits_word("@gi") && !fits_word("@git/git_log") && !fits_word("@builtin"));
    }

    #[test]
    fn a_pattern_that_would_explode_does_not() {
        let pattern = "*a".repeat(100);
        assert!(!matches(&pattern, &"a".repeat(99)));
        assert!(matches(&pattern, &"a".repeat(100)));
    }
}

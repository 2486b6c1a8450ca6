//! Names of tools: ours, Kiro's for the same, and the categories. A matcher written for Kiro is tried on all of them.

use serde_json::Value;

/// Kiro's categories for tools.
pub const CATEGORIES: [&str; 5] = ["read", "write", "shell", "web", "spec"];

/// One of our tools.
struct Known {
    name: &'static str,
    category: &'static str,
    /// What Kiro's editor and newer engine call it; the first one goes into payloads.
    v1: &'static [&'static str],
    /// What Kiro's 2.x command line calls it; the first one goes into payloads.
    cli: &'static [&'static str],
}

const KNOWN: &[Known] = &[
    Known {
        name: "read",
        category: "read",
        v1: &["read_file", "readFile", "read_files", "read_multiple_files", "readMultipleFiles", "read_code"],
        cli: &["fs_read"],
    },
    Known { name: "list", category: "read", v1: &["list_directory", "listDirectory"], cli: &["fs_read"] },
    Known { name: "glob", category: "read", v1: &["file_search", "fileSearch"], cli: &["glob", "fs_read"] },
    Known { name: "grep", category: "read", v1: &["grep_search", "grepSearch"], cli: &["grep", "fs_read"] },
    Known {
        name: "edit",
        category: "write",
        v1: &["str_replace", "strReplace", "fs_append", "fsAppend", "edit_code", "code"],
        cli: &["fs_write"],
    },
    Known {
        name: "write",
        category: "write",
        v1: &["fs_write", "create_file", "fsWrite", "createFile", "fs_append", "fsAppend"],
        cli: &["fs_write"],
    },
    Known {
        name: "shell",
        category: "shell",
        v1: &["execute_bash", "execute_pwsh", "executeBash", "executePwsh"],
        cli: &["execute_bash", "execute_cmd"],
    },
    Known {
        name: "process",
        category: "shell",
        v1: &[
            "get_process_output",
            "getProcessOutput",
            "control_process",
            "control_pwsh_process",
            "controlPwshProcess",
            "list_processes",
            "listProcesses",
        ],
        cli: &[],
    },
    Known { name: "todo", category: "", v1: &["todo_list"], cli: &["todo_list"] },
    Known {
        name: "web_fetch",
        category: "web",
        v1: &["web_fetch", "webFetch", "fetch"],
        cli: &["web_fetch"],
    },
    Known {
        name: "web_search",
        category: "web",
        v1: &["remote_web_search", "web_search", "webSearch"],
        cli: &["web_search"],
    },
    Known {
        name: "subagent",
        category: "subagent",
        v1: &["invoke_sub_agent", "invokeSubAgent", "orchestrate_subagent"],
        cli: &["use_subagent", "delegate"],
    },
    Known { name: "skill", category: "", v1: &["disclose_context", "discloseContext"], cli: &["skill"] },
    Known { name: "power", category: "", v1: &["kiroPowers", "kiro_powers"], cli: &[] },
    Known { name: "knowledge", category: "", v1: &["knowledge"], cli: &["knowledge"] },
    Known { name: "spec", category: "spec", v1: &["task_status", "taskStatus", "task_update"], cli: &[] },
];

/// A tool at a moment, with everything that it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolNames {
    /// Every name, ours first; these are what a regular expression is tried on.
    pub names: Vec<String>,
    /// Its category; empty when it has none.
    pub category: String,
    /// Server and tool, when it is a server's.
    pub server: Option<(String, String)>,
}

impl ToolNames {
    /// The names of a tool of ours, or of a server's as `server/tool`. The input tells `aws …` in a shell apart.
    pub fn of(tool: &str, input: Option<&Value>) -> ToolNames {
        if let Some((server, name)) = tool.strip_prefix('@').unwrap_or(tool).split_once('/') {
            let names = vec![
                format!("{server}/{name}"),
                format!("@{server}/{name}"),
                format!("mcp_{server}_{name}"),
                format!("mcp__{server}__{name}"),
                name.to_string(),
            ];
            let server = Some((server.to_string(), name.to_string()));
            return ToolNames { names, category: String::new(), server };
        }
        let mut names = vec![tool.to_string()];
        let known = known(tool);
        for other in known.iter().flat_map(|known| known.v1.iter().chain(known.cli)) {
            if !names.iter().any(|name| name == other) {
                names.push((*other).to_string());
            }
        }
        if tool == "shell" && input.is_some_and(calls_aws) {
            names.extend(["use_aws".to_string(), "aws".to_string()]);
        }
        let category = known.map_or("", |known| known.category).to_string();
        ToolNames { names, category, server: None }
    }

    /// Whether it is a server's that a power brought, or the tool that opens powers.
    pub fn is_power(&self) -> bool {
        let is_opener = self.server.is_none() && self.names.first().is_some_and(|name| name == "power");
        is_opener || self.server.as_ref().is_some_and(|(server, _)| server.starts_with("power-"))
    }
}

fn known(tool: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == tool)
}

/// Our built-in tools, for whoever wants to know whether a matcher can match any.
pub fn built_in() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.name)
}

/// What Kiro's newer engine calls our tool; a server's and an unknown one keep their name.
pub fn v1_name(tool: &str) -> &str {
    known(tool).and_then(|known| known.v1.first().copied()).unwrap_or(tool)
}

/// What Kiro's 2.x command line calls our tool; a server's gets its `@`.
pub fn cli_name(tool: &str) -> String {
    if tool.contains('/') && !tool.starts_with('@') {
        return format!("@{tool}");
    }
    known(tool).and_then(|known| known.cli.first().copied()).unwrap_or(tool).to_string()
}

/// Kiro's names for all tools of a category, those without a counterpart here included.
pub(crate) fn kiro_names(category: &str) -> impl Iterator<Item = &'static str> {
    let only_kiro: &[&str] = match category {
        "write" => &["delete_file"],
        _ => &[],
    };
    let ours = KNOWN.iter().filter(move |known| known.category == category);
    // Spellings in camel case are those of early versions; v1 hooks meet only the others.
    let names = ours.flat_map(|known| known.v1).copied().filter(|name| !name.contains(char::is_uppercase));
    names.chain(only_kiro.iter().copied())
}

/// What Kiro's newer engine calls the tools that its 2.x command line knows by that name or category word.
pub(crate) fn cli_tools(name: &str) -> impl Iterator<Item = &'static str> {
    let fits = move |known: &&Known| known.cli.contains(&name);
    let names = KNOWN.iter().filter(fits).flat_map(|known| known.v1).copied();
    names.filter(|name| !name.contains(char::is_uppercase))
}

/// Whether a shell's command line calls `aws` somewhere.
fn calls_aws(input: &Value) -> bool {
    let Some(line) = input.get("command").and_then(Value::as_str) else { return false };
    line.split(['\n', ';', '|', '&', '(', ')']).any(|part| part.split_whitespace().next() == Some("aws"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_has_kiros_names_too() {
        let check = |tool: &str, name: &str, expected: bool| {
            assert_eq!(
                ToolNames::of(tool, None).names.iter().any(|known| known == name),
                expected,
                "{tool} {name}"
            );
        };
        check("write", "fs_write", true);
        check("write", "create_file", true);
        check("write", "str_replace", false);
        check("edit", "str_replace", true);
        check("edit", "fs_append", true);
        check("shell", "execute_bash", true);
        check("shell", "use_aws", false);
        check("read", "fs_read", true);
        check("read", "fs_write", false);
        check("git/git_diff", "@git/git_diff", true);
        check("git/git_diff", "git_diff", true);
        assert_eq!((v1_name("write"), cli_name("edit").as_str()), ("fs_write", "fs_write"));
        assert_eq!((v1_name("git/x"), cli_name("git/x").as_str()), ("git/x", "@git/x"));
    }

    #[test]
    fn a_shell_that_calls_aws_is_also_use_aws() {
        let check = |line: &str, expected: bool| {
            let input = serde_json::json!({ "command": line });
            let names = ToolNames::of("shell", Some(&input)).names;
            assert_eq!(names.iter().any(|name| name == "use_aws"), expected, "{line}");
        };
        check("aws s3 ls", true);
        check("cd x && aws s3 ls", true);
        check("echo aws", false);
    }
}

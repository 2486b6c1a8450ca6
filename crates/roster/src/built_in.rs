//! The agents that come with Waypost. They are the sub-agents that every session has.

use crate::Origin;
use crate::agent::{Agent, Format, Prompt, ToolWord};
use crate::permissions::Permissions;

const GENERAL: &str = "\
You carry out one piece of work for another agent, on your own. You see nothing of its conversation: all that you need is in \
the task. Work until the task is done or you know that it cannot be. Then answer with what you found or changed, with paths \
and lines, what you checked and how, and what is left open. Your answer is all that comes back.";

const GATHERER: &str = "\
You look into a code base for another agent and change nothing. Find the files, definitions, callers, tests and conventions \
that matter for the question; read them rather than guess. Answer with paths and line numbers, quote only the lines that \
matter, say how the parts fit together, and say what you looked for and did not find. Your answer is all that comes back.";

/// All of them.
pub(crate) fn agents() -> Vec<Agent> {
    vec![
        agent(
            "context-gatherer",
            "Looks into the code base and reports what matters for a question, with paths and lines. Reads only.",
            &["read"],
            GATHERER,
        ),
        agent(
            "general-purpose",
            "Carries out a piece of work on its own, with the tools of this session, and reports back.",
            &["*"],
            GENERAL,
        ),
    ]
}

fn agent(id: &str, description: &str, tools: &[&str], prompt: &str) -> Agent {
    let word = |word: &&str| ToolWord { word: (*word).to_string(), span: spec::Span::default() };
    Agent {
        id: id.to_string(),
        name: id.to_string(),
        description: Some(description.to_string()),
        model: None,
        effort: None,
        tools: tools.iter().map(word).collect(),
        excluded_tools: Vec::new(),
        tool_aliases: Vec::new(),
        include_mcp_json: Some(true),
        include_powers: false,
        mcp_servers: None,
        resources: Vec::new(),
        permissions: Permissions::default(),
        hooks: None,
        welcome: None,
        prompt: Prompt::Inline(prompt.to_string()),
        dispatch: Some("sub-agent".to_string()),
        file: "built in".to_string(),
        origin: Origin::BuiltIn,
        format: Format::Markdown,
        diagnostics: Vec::new(),
    }
}

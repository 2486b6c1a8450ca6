//! Knowledge bases over real folders: what is asked for, what is found, what stays closed.

use conversation::{Input, Plain, Seen};
use policy::{
    Admission, Answer, Ask, Decided, Effect, Gate, Mode, Policy, Record, RecordError, Rule, Source,
};
use roster::Origin as From;

use super::*;

struct Nowhere;

impl Record for Nowhere {
    fn record(&mut self, _: &[Decided]) -> Result<(), RecordError> {
        Ok(())
    }
}

/// A home, and beside it a workspace with documents and code.
struct Desk {
    _folder: tempfile::TempDir,
    home: PathBuf,
    root: PathBuf,
}

impl Desk {
    fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().canonicalize().unwrap();
        let (home, root) = (whole.join("home"), whole.join("work"));
        for (path, text) in [
            ("work/docs/limits.md", "The rate limiter counts calls in a window.\n"),
            ("work/docs/deep/retry.md", "A retry waits longer each time.\n"),
            ("work/docs/deep/window.txt", "A window of the rate limiter is a minute.\n"),
            ("work/docs/secret.md", "rate limiter: the password\n"),
            ("work/docs/manual.PDF", "rate limiter"),
            ("work/src/limiter.rs", "struct RateLimiter;\n"),
            ("home/notes/own.md", "My rate limiter notes.\n"),
        ] {
            let path = whole.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Desk { _folder: folder, home, root }
    }

    fn tool(&self, bases: &str) -> Option<KnowledgeTool> {
        let text = format!("---\ndescription: d\ntools: [read]\nresources: [{bases}]\n---\nx");
        let source = roster::agent::Source { file: "a.md", below: "a.md", origin: From::Workspace };
        let agent = Agent::read(source, text.as_bytes()).ok().unwrap();
        KnowledgeTool::of(&self.home, &self.root, &agent)
    }

    /// What a call comes to; whoever is asked says yes when `yes`.
    fn told(&self, tool: &KnowledgeTool, input: &str, yes: bool) -> String {
        let mut policy = Policy::new(Mode::Supervised, &[]).in_workspace(&self.root);
        policy.add(Rule::read("fs_read:**/secret*", Effect::Deny, Source::User).unwrap());
        let seen = Seen::new();
        let context = ToolContext {
            workspace: &self.root,
            scratch: &self.root,
            session: "",
            cost_left: None,
            turns_left: 0,
            seen: &seen,
            secrecy: &Plain,
            on_output: &|_| {},
        };
        let call = call(input);
        let requests = match tool.request(&call, &context) {
            Ok(requests) => requests,
            Err(error) => return error.to_string(),
        };
        let answer = yes.then(|| Answer { yes, always: false, by: "ann".to_string() });
        let ask = Ask { call: "c".to_string(), requests, answer };
        match Gate::new(policy).admit(&mut Nowhere, vec![ask]).unwrap().pop().unwrap() {
            Admission::Permitted(permit) => {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(tool.run(permit, &call, &context)).text
            }
            Admission::Unanswered(decision) => format!("asks: {}", decision.reason),
            Admission::Denied(decision) => format!("denied: {}", decision.reason),
        }
    }
}

fn call(input: &str) -> Call {
    Call { id: "c".to_string(), tool: "knowledge".to_string(), input: Input::Json(input.to_string()) }
}

const DOCS: &str = "{type: knowledgeBase, source: 'file://./docs', name: Docs, description: How it works}";

#[test]
fn a_file_with_several_names_is_left_out() {
    let desk = Desk::new();
    let tool = desk.tool(DOCS).unwrap();
    std::fs::hard_link(desk.home.join("notes/own.md"), desk.root.join("docs/notes.md")).unwrap();
    let told = desk.told(&tool, r#"{"query": "rate limiter notes"}"#, false);
    assert!(told.contains("docs/limits.md") && !told.contains("My rate limiter"), "{told}");
    assert!(told.contains("closed by rules or lists: 2 files"), "{told}");
}

#[test]
fn passages_are_found_and_what_a_rule_closes_is_not() {
    let desk = Desk::new();
    let tool = desk.tool(DOCS).unwrap();
    assert!(tool.describe().description.ends_with("There is:\n- Docs (./docs): How it works"));
    let told = desk.told(&tool, r#"{"query": "How does the rate limiter count?"}"#, false);
    assert!(told.starts_with("passages of `Docs` that have to do with: "), "{told}");
    assert!(
        told.contains("--- docs/limits.md:1-1 ---\nThe rate limiter counts calls in a window."),
        "{told}"
    );
    assert!(told.contains("docs/deep/window.txt") && !told.contains("retry.md"), "{told}");
    assert!(!told.contains("password") && !told.contains("src/"), "{told}");
    assert!(
        told.ends_with(
            "[closed by rules or lists: 1 file; of PDF, Office and the like, not looked at: 1 file]"
        )
    );
    // What is written later is found.
    std::fs::write(desk.root.join("docs/new.md"), "A zebra crosses.\n").unwrap();
    assert!(desk.told(&tool, r#"{"query": "zebra"}"#, false).contains("docs/new.md:1-1"));
    let none = desk.told(&tool, r#"{"query": "quantum"}"#, false);
    assert!(none.starts_with("nothing in 4 files of `Docs` has to do with: quantum"), "{none}");
    assert!(desk.told(&tool, r#"{"query": "?"}"#, false).starts_with("there are no words"));
}

#[test]
fn only_what_is_included_counts() {
    let check = |patterns: &str, expected: &[&str]| {
        let desk = Desk::new();
        let tool = desk.tool(&format!("{{type: knowledgeBase, source: docs, {patterns}}}")).unwrap();
        let told = desk.told(&tool, r#"{"query": "rate limiter retry"}"#, false);
        let found: Vec<&str> = told
            .lines()
            .filter_map(|line| line.strip_prefix("--- docs/")?.split_once(':').map(|(path, _)| path))
            .collect();
        assert_eq!(found, expected, "{patterns}: {told}");
    };
    check("include: ['*.txt']", &["deep/window.txt"]);
    check("include: ['**/*.md']", &["limits.md", "deep/retry.md"]);
    check("include: ['deep/*.md']", &["deep/retry.md"]);
    check("exclude: [deep]", &["limits.md"]);
    check("include: ['*.md'], exclude: ['deep/**']", &["limits.md"]);
    check("include: ['[']", &[]);
}

#[test]
fn one_of_several_is_named() {
    let desk = Desk::new();
    assert!(desk.tool("'file://README.md'").is_none());
    let own = "{type: knowledgeBase, source: '~/notes', name: Own}";
    let file = "{type: knowledgeBase, source: docs/deep/retry.md}";
    let gone = "{type: knowledgeBase, source: gone}";
    let tool = desk.tool(&format!("{DOCS}, {own}, {file}, {gone}")).unwrap();
    let ask = |name: &str, query: &str, yes| {
        desk.told(&tool, &format!(r#"{{"query": "{query}", "name": "{name}"}}"#), yes)
    };
    assert!(ask("Docs", "window", false).contains("docs/limits.md"));
    assert!(ask("docs/deep/retry.md", "retry", false).contains("--- docs/deep/retry.md:1-1 ---"));
    let wrong = ask("Doc", "window", false);
    assert!(wrong.contains("Doc") && wrong.contains("Docs, Own, docs/deep/retry.md, gone"), "{wrong}");
    assert!(desk.told(&tool, r#"{"query": "x"}"#, false).contains("there are: Docs, Own"));
    // What lies outside the workspace asks, like any reading there.
    assert!(ask("Own", "notes", false).starts_with("asks: "));
    let own = ask("Own", "notes", true);
    assert!(own.contains("notes/own.md:1-1") && own.contains("My rate limiter notes."), "{own}");
    assert!(ask("gone", "zebra", false).starts_with("`gone` is not there"));
    assert!(desk.told(&tool, "{}", false).contains("query"));
}

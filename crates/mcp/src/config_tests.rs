//! Tests of the merge and of what is made ready.
#![expect(clippy::disallowed_methods, reason = "reads the files of the corpus")]

use super::*;

fn layer(scope: Scope, text: &str) -> Layer {
    Layer::read(scope, scope.word(), text.as_bytes())
}

#[track_caller]
fn check(layers: &[(Scope, &str)], expected: &[&str]) {
    let configured = merge(layers.iter().map(|(scope, text)| layer(*scope, text)).collect());
    let mut shown: Vec<String> = configured
        .entries
        .iter()
        .map(|entry| {
            let reach = entry.line().or(entry.origin()).unwrap_or_default();
            format!("{} {} {reach}", entry.name, entry.scope.word())
        })
        .collect();
    shown.extend(configured.broken.iter().map(|(name, why)| format!("! {name}: {why}")));
    assert_eq!(shown, expected);
}

#[test]
fn the_later_scope_wins_for_a_name() {
    let user =
        r#"{"mcpServers":{"a":{"command":"x","args":["it's","${T}"]},"b":{"url":"https://h.example/mcp"}}}"#;
    let workspace = r#"{"mcpServers":{"a":{"command":"y"}}}"#;
    check(
        &[(Scope::Workspace, workspace), (Scope::User, user)],
        &["a workspace y", "b user https://h.example"],
    );
    check(&[(Scope::User, user)], &["a user x 'it'\\''s' '${T}'", "b user https://h.example"]);
    let agent = r#"{"mcpServers":{"b":{"command":"z"}}}"#;
    check(
        &[(Scope::User, user), (Scope::Agent, agent), (Scope::Package, workspace)],
        &["a package y", "b agent z"],
    );
}

#[test]
fn one_bad_entry_fails_alone_and_falls_back_to_nobody() {
    let user = r#"{"mcpServers":{"a":{"command":"x"},"b":{"command":"y"}}}"#;
    check(
        &[(Scope::User, user), (Scope::Workspace, r#"{"mcpServers":{"a":{"args":[]}}}"#)],
        &["b user y", "! a: its entry in `workspace` cannot be understood"],
    );
    check(
        &[(
            Scope::User,
            r#"{"mcpServers":{
                "r":{"type":"registry"},
                "u":{"url":"http://localhost:p@evil.example/mcp"},
                "v":{"url":"https://a:b@x.example/mcp"},
                "w":{"url":"http://[::1]:3000/mcp"},
                "github.com/o/r":{"command":"x"},
                "github.com_o_r":{"command":"x"},
                "///":{"command":"x"},
                "e":{"command":" "}
            }}"#,
        )],
        &[
            "github.com_o_r user x",
            "w user http://[::1]:3000",
            "! ///: it has no name",
            "! e: its `command` is empty",
            "! github.com_o_r: another server is called `github.com_o_r` in rules as well; rename one",
            "! r: its entry only names a registry, and there is none to ask; write `command` or `url`",
            "! u: its address holds a name or password; use `headers` or `oauth`",
            "! v: its address holds a name or password; use `headers` or `oauth`",
        ],
    );
}

#[test]
fn what_is_not_approved_is_left_out_and_said() {
    let text = r#"{"mcpServers":{
        "a":{"command":"x","args":["--t","${T}"],"env":{"K":"${T}","L":"${HOME}","M":"() { :; }"},"cwd":"sub"},
        "b":{"command":"x","args":["${HOME}"]},
        "c":{"url":"https://h.example/${T}","headers":{"A":"Bearer ${T}","B":"${HOME}"},"oauth":{"clientSecret":"${T}"}},
        "d":{"url":"https://h.example${T}/"}
    }}"#;
    let configured = merge(vec![layer(Scope::User, text)]);
    let variables = Variables::approved(["T".to_string()], |_| Some("t0".to_string()));
    let ready = |name: &str| {
        let entry = configured.entries.iter().find(|entry| entry.name == name).unwrap();
        entry.ready(&variables)
    };
    let a = ready("a").unwrap_or_else(|why| panic!("{why}"));
    let Reach::Program { arguments, environment, directory, .. } = a.reach else { panic!() };
    assert_eq!(arguments, ["--t", "t0"]);
    let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
    assert_eq!(environment, [pair("K", "t0"), pair("M", "() { :; }")]);
    assert_eq!(directory.as_deref(), Some("sub"));
    assert_eq!(
        a.notes,
        [
            "the variable `L` is left out: ${HOME} is not approved; add `HOME` to approved_env under [mcp] in config.toml"
        ]
    );
    assert!(ready("b").is_err_and(|why| why.starts_with("its command needs ${HOME} is not approved")));
    let c = ready("c").unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(c.notes.len(), 1);
    let Reach::Address { url, headers, oauth, .. } = c.reach else { panic!() };
    assert_eq!(url, "https://h.example/t0");
    assert_eq!(headers, [pair("A", "Bearer t0")]);
    assert_eq!(oauth.client_secret.as_deref(), Some("t0"));
    assert!(configured.broken.iter().all(|(name, _)| name != "d"));
    assert!(ready("d").is_err());
}

#[test]
fn launchers_load_from_their_registries() {
    let check = |command: &str, expected: &[&str]| {
        let text = format!(r#"{{"mcpServers":{{"a":{{"command":"{command}"}}}}}}"#);
        assert_eq!(merge(vec![layer(Scope::User, &text)]).entries[0].loads_from(), expected, "{command}");
    };
    check("/usr/bin/npx", &["registry.npmjs.org"]);
    check("uvx", &["files.pythonhosted.org", "pypi.org"]);
    check("node", &[]);
}

#[test]
fn the_source_changes_with_what_is_started_only() {
    let of = |text: &str| merge(vec![layer(Scope::User, text)]).entries.remove(0).source();
    let plain = of(r#"{"mcpServers":{"a":{"command":"x","args":["1"]}}}"#);
    assert_eq!(plain, of(r#"{"mcpServers":{"a":{"command":"x","args":["1"],"env":{"A":"b"},"timeout":5}}}"#));
    assert_ne!(plain, of(r#"{"mcpServers":{"a":{"command":"x","args":["2"]}}}"#));
    assert_ne!(plain, of(r#"{"mcpServers":{"a":{"command":"x 1"}}}"#));
}

#[test]
fn every_file_of_the_corpus_is_read_or_told_about() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus");
    let mut files = Vec::new();
    collect(std::path::Path::new(corpus), &mut files);
    if files.is_empty() {
        println!("skipped: no corpus");
        return;
    }
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let configured = merge(vec![Layer::read(Scope::Workspace, "mcp.json", &bytes)]);
        println!("{}: {} servers, {:?}", file.display(), configured.entries.len(), configured.broken);
        assert!(
            !configured.entries.is_empty()
                || !configured.broken.is_empty()
                || !configured.diagnostics.is_empty()
                || String::from_utf8_lossy(&bytes).split_whitespace().collect::<String>().contains("{}"),
            "{}",
            file.display()
        );
    }
}

fn collect(directory: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && !path.is_symlink() {
            collect(&path, files);
        } else if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with("mcp.json")) {
            files.push(path);
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_merged(text in "[\\x00-\\x7f\"{}:,]{0,200}", bytes in proptest::collection::vec(0u8.., 0..200)) {
        let configured = merge(vec![
            Layer::read(Scope::User, "u", &bytes),
            Layer::read(Scope::Workspace, "w", format!("{{\"mcpServers\":{{{text}}}}}").as_bytes()),
        ]);
        for entry in configured.entries {
            let _ready = entry.ready(&Variables::default());
        }
    }
}

#[test]
fn what_an_agent_or_a_package_brings_is_another_server_than_one_of_the_same_name() {
    let text = br#"{"mcpServers":{"t":{"command":"x"}}}"#;
    let entry = |scope, agent: Option<&str>| {
        let layer = Layer::read(scope, "f", text).of_agent(agent.map(str::to_string));
        merge(vec![layer]).entries.remove(0)
    };
    let (own, brought) = (entry(Scope::Workspace, None), entry(Scope::Agent, Some("a b")));
    assert_eq!((own.key().as_str(), own.words().as_str()), ("t", "t"));
    assert_eq!((brought.key().as_str(), brought.words().as_str()), ("t f", "t --agent 'a b'"));
    let keys = [Scope::User, Scope::Package].map(|scope| entry(scope, None).key());
    assert_eq!(keys, ["t", "t f"]);
}

#[test]
fn a_server_of_a_package_runs_in_it() {
    let check = |cwd: &str, expected: &str| {
        let text = format!(r#"{{"mcpServers":{{"a":{{"command":"x"{cwd}}}}}}}"#);
        let layer = Layer::read(Scope::Package, "f", text.as_bytes()).in_package("packages/x");
        let folder = match &merge(vec![layer]).entries[0].server.transport {
            Transport::Stdio { cwd, .. } => cwd.clone().unwrap_or_default(),
            _ => String::new(),
        };
        assert_eq!(folder, expected, "{cwd}");
    };
    check("", "packages/x");
    check(r#","cwd":"tools""#, "packages/x/tools");
    check(r#","cwd":"/opt""#, "/opt");
    check(r#","cwd":"${HOME}/x""#, "${HOME}/x");
}

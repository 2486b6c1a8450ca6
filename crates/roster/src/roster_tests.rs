//! Who wins of several of one name, and that nobody is lost without a word.

use super::*;
use crate::Origin;
use crate::agent::Source;

fn agent(file: &str, origin: Origin, text: &str) -> (String, String, Reading<Agent>) {
    let below = file.rsplit_once("agents/").unwrap().1;
    let name = below.rsplit_once('.').unwrap().0.to_string();
    (file.to_string(), name, Agent::read(Source { file, below, origin }, text.as_bytes()))
}

#[test]
fn the_later_place_wins_and_the_rest_is_said() {
    let good = "---\ndescription: d\ntools: [read]\n---\nx";
    let mut builder = Roster::builder();
    for (file, name, reading) in [
        agent("~/.kiro/agents/a.md", Origin::Person, good),
        agent(".kiro/agents/a.json", Origin::Workspace, "{\"prompt\":\"x\",\"allowedTools\":[]}"),
        agent(".kiro/agents/a.md", Origin::Workspace, good),
        agent("~/.kiro/agents/general-purpose.md", Origin::Person, good),
        agent(".kiro/agents/context-gatherer.md", Origin::Workspace, good),
        agent(".kiro/agents/plan.md", Origin::Workspace, good),
        agent(".kiro/agents/bad.md", Origin::Workspace, "# no\n"),
    ] {
        builder.agent(&file, &name, reading);
    }
    let roster = builder.build();
    let kept: Vec<(&str, &str)> =
        roster.agents.iter().map(|agent| (agent.id.as_str(), agent.file.as_str())).collect();
    assert_eq!(
        kept,
        [
            ("a", ".kiro/agents/a.md"),
            ("context-gatherer", ".kiro/agents/context-gatherer.md"),
            ("general-purpose", "built in")
        ]
    );
    let left: Vec<(&str, bool)> =
        roster.left_out.iter().map(|left| (left.file.as_str(), left.is_wrong)).collect();
    assert_eq!(
        left,
        [
            (".kiro/agents/a.json", false),
            (".kiro/agents/bad.md", true),
            (".kiro/agents/plan.md", true),
            ("built in", false),
            ("~/.kiro/agents/a.md", false),
            ("~/.kiro/agents/general-purpose.md", false),
        ]
    );
    assert_eq!(
        roster.subagents(),
        [
            ("general-purpose", roster.agents[2].description.as_deref().unwrap()),
            ("a", "d"),
            ("context-gatherer", "d")
        ]
    );
    assert!(roster.agent("a").is_some() && roster.agent("plan").is_none());
}

#[test]
fn an_agent_is_also_found_by_its_only_name() {
    let named = |name: &str| format!("---\nname: {name}\ndescription: d\ntools: [read]\n---\nx");
    let mut builder = Roster::builder();
    for (file, name, reading) in [
        agent(".kiro/agents/t/a.md", Origin::Workspace, &named("one")),
        agent(".kiro/agents/t/b.md", Origin::Workspace, &named("two")),
        agent(".kiro/agents/t/c.md", Origin::Workspace, &named("two")),
    ] {
        builder.agent(&file, &name, reading);
    }
    let roster = builder.build();
    assert_eq!(roster.agent("one").unwrap().id, "t/a");
    assert_eq!(roster.agent("two"), None);
    assert_eq!(roster.agent("t/c").unwrap().name, "two");
}

#[test]
fn the_built_in_agents_are_what_they_say() {
    let roster = Roster::builder().build();
    let of = |id: &str| crate::grant::capabilities(roster.agent(id).unwrap());
    use policy::Capability::{Diagnostics, FsRead, FsWrite};
    assert_eq!(of("context-gatherer"), [FsRead, Diagnostics]);
    assert!(of("general-purpose").contains(&FsWrite));
}

#[test]
fn the_nearest_package_wins() {
    let good = "---\ndescription: d\ntools: [read]\n---\nx";
    let mut builder = Roster::builder();
    for (file, name, reading) in [
        agent(".kiro/agents/a.md", Origin::Workspace, good),
        agent("p/.kiro/agents/a.json", Origin::Workspace, "{\"prompt\":\"x\",\"allowedTools\":[]}"),
        agent("p/q/.kiro/agents/a.md", Origin::Workspace, good),
        agent("p/.kiro/agents/b.md", Origin::Workspace, good),
        agent(".kiro/agents/b.md", Origin::Workspace, good),
    ] {
        builder.agent(&file, &name, reading);
    }
    let roster = builder.build();
    let file = |id: &str| roster.agent(id).unwrap().file.clone();
    assert_eq!((file("a").as_str(), file("b").as_str()), ("p/q/.kiro/agents/a.md", "p/.kiro/agents/b.md"));
}

//! What the tools `skill` and `power` ask for and give, and what they are told of.

use conversation::Input;
use roster::skill::Skill;

use super::super::skill_tool::SkillTool;
use super::super::{Here, Trust, gather};
use super::*;
use crate::roster::gather::file;

fn call(tool: &str, input: &str) -> Call {
    Call { id: "c1".to_string(), tool: tool.to_string(), input: Input::Json(input.to_string()) }
}

fn here() -> Here {
    let power = "---\nname: stripe\ndescription: Payments\nkeywords: [pay]\n---\nRead the steering.";
    gather::gather(vec![
        file("~/.kiro/powers/installed/stripe/POWER.md", Trust::Own, power),
        file("~/.kiro/powers/installed/stripe/mcp.json", Trust::Own, "{\"mcpServers\": {\"api\": {}}}"),
        file("~/.kiro/powers/installed/stripe/steering/refunds.md", Trust::Own, "Refund slowly."),
        file(
            "~/.kiro/powers/installed/stripe/skills/pay/SKILL.md",
            Trust::Own,
            "---\nname: pay\ndescription: Pays\n---\nPay.",
        ),
        file(
            ".kiro/powers/evil/POWER.md",
            Trust::Not,
            "---\nname: evil\ndescription: d\nkeywords: [pay]\n---\nx",
        ),
        file(".kiro/powers/half/POWER.md", Trust::Trusted, "---\nname: half\ndescription: d\n---\nx"),
        file(".kiro/powers/half/mcp.json", Trust::Changed, "{}"),
        file(
            ".kiro/powers/ours/plugin.json",
            Trust::Trusted,
            "{\"name\": \"ours\", \"description\": \"Ours\"}",
        ),
        file(".kiro/powers/ours/dev.kiro/steering/a.md", Trust::Trusted, "Ours."),
        file(".kiro/powers/ours/dev.kiro/steering/b.md", Trust::Not, "Evil."),
    ])
}

#[test]
fn a_power_is_opened_and_its_files_are_read() {
    let here = here();
    let usable = here.usable();
    let tool = PowerTool::of(&usable, &here).unwrap();
    let description = tool.describe().description;
    assert!(description.contains("- stripe: Payments") && description.contains("- ours: Ours"));
    assert!(!description.contains("evil") && !description.contains("half"));
    let check = |input: &str, requests: &str, text: Result<&str, &str>| {
        let call = call("power", input);
        let asked: Vec<String> = tool
            .requests(&call)
            .unwrap_or_default()
            .iter()
            .map(|request| format!("{}:{}", request.capability.name(), request.target.shown()))
            .collect();
        assert_eq!(asked.join(" "), requests, "{input}");
        match (tool.text(&call), text) {
            (Ok(found), Ok(part)) => assert!(found.contains(part), "{found}"),
            (Err(found), Err(part)) => assert!(found.to_string().contains(part), "{found}"),
            (found, _) => panic!("{input}: {found:?}"),
        }
    };
    check(r#"{"action":"list"}"#, "", Ok("- stripe: Payments"));
    check(r#"{"action":"activate","name":"stripe"}"#, "power:stripe", Ok("- power-stripe-api\n"));
    check(
        r#"{"action":"readSteering","powerName":"stripe","steeringFile":"refunds"}"#,
        "power:stripe",
        Ok("Refund slowly."),
    );
    check(r#"{"action":"read_skill","name":"stripe","file":"pay"}"#, "power:stripe", Ok("Pay."));
    check(r#"{"action":"read_steering","name":"ours","file":"a.md"}"#, "power:ours", Ok("Ours."));
    check(r#"{"action":"read_steering","name":"ours","file":"b.md"}"#, "power:ours", Err("it has: a.md"));
    check(
        r#"{"action":"read_steering","name":"stripe","file":"../../x"}"#,
        "power:stripe",
        Err("no steering file"),
    );
    check(r#"{"action":"activate","name":"evil"}"#, "", Err("there is no power `evil`"));
    check(r#"{"action":"activate"}"#, "", Err("there is no power ``"));
    check("{}", "", Err("missing field `action`"));
    assert!(PowerTool::of(&roster::Roster::builder().build(), &here).is_none());
    let closed: Vec<&str> = here.untrusted().map(|found| found.name.as_str()).collect();
    assert_eq!(closed, ["evil", "half"]);
    assert_eq!(here.all().powers.len(), 4);
    let hint = super::super::called::powers_for(&usable, "I want to PAY").unwrap();
    assert!(hint.contains("the power `stripe` (by `pay`)"), "{hint}");
    assert_eq!(super::super::called::powers_for(&usable, "nothing"), None);
}

#[test]
fn a_skill_is_opened_by_its_name() {
    let skill = |name: &str| {
        let text = format!("---\nname: {name}\ndescription: Does {name}\n---\nHow to {name}.");
        Skill::read(&format!(".kiro/skills/{name}"), roster::Origin::Workspace, text.as_bytes(), Vec::new())
            .ok()
            .unwrap()
    };
    assert!(SkillTool::of(Vec::new()).is_none());
    let tool = SkillTool::of(vec![skill("pdf"), skill("tdd")]).unwrap();
    assert!(tool.describe().description.ends_with("- pdf: Does pdf\n- tdd: Does tdd"));
    let asked = tool.requests(&call("skill", r#"{"name":"tdd"}"#)).unwrap();
    assert_eq!((asked[0].capability, asked[0].target.shown()), (Capability::Skill, "tdd".to_string()));
    let wrong = tool.requests(&call("skill", r#"{"name":"x"}"#)).unwrap_err();
    assert_eq!(wrong.to_string(), "there is no skill `x`; there are: pdf, tdd");
    let broken = Call { input: Input::Broken("{".to_string()), ..call("skill", "") };
    assert!(tool.requests(&broken).is_err());
}

//! What powers of both formats come to, and which words call for them.

use proptest::prelude::*;

use super::*;

fn old(text: &str, mcp: Option<&str>) -> Reading<Power> {
    let files = Files { power: Some(text.as_bytes()), mcp: mcp.map(str::as_bytes), ..Files::default() };
    Power::read("powers/stripe", Origin::Person, files)
}

fn new(text: &str) -> Reading<Power> {
    Power::read("powers/stripe", Origin::Person, Files { plugin: Some(text.as_bytes()), ..Files::default() })
}

#[track_caller]
fn check(reading: Reading<Power>, name: Option<&str>, codes: &[&str]) {
    let (found, diagnostics) = match reading {
        Reading::Read(power) => (Some(power.name), power.diagnostics),
        Reading::Refused { diagnostics, .. } => (None, diagnostics),
    };
    assert_eq!(found.as_deref(), name);
    assert_eq!(diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), codes);
}

#[test]
fn both_formats() {
    let text = "---\nname: \"stripe\"\ndisplayName: Stripe\ndescription: Payments\nkeywords: [stripe, \"payment intent\"]\nauthor: S\nversion: 1\n---\n# Onboarding\n";
    let power = old(text, Some("{\"mcpServers\": {\"api\": {\"url\": \"https://x\"}},}")).ok().unwrap();
    assert_eq!(power.servers, [("api".to_string(), "power-stripe-api".to_string())]);
    assert_eq!((power.author.as_deref(), power.version.as_deref()), (Some("S"), Some("1")));
    assert!(power.diagnostics.is_empty() && power.mcp_diagnostics.is_empty());
    assert!(power.opened().contains("# Onboarding") && power.opened().contains("- power-stripe-api\n"));
    let manifest = "{\"$schema\": \"https://agent-plugins.org/schemas/1.0.0/plugin.schema.json\", \"name\": \"stripe\", \"version\": \"1.0.0\", \"description\": \"d\", \"author\": {\"name\": \"S\"}, \"keywords\": [\"stripe\"]}";
    let power = new(manifest).ok().unwrap();
    assert_eq!((power.format, power.author.as_deref()), (Format::New, Some("S")));
    check(new(manifest), Some("stripe"), &[]);
    check(
        new("{\"name\": \"Bad Name\", \"description\": \"d\", \"keywords\": [\"k\"]}"),
        Some("stripe"),
        &["power/schema", "power/name"],
    );
    check(new("[]"), None, &["power/wrong-type"]);
    check(new("{"), None, &["data/not-json"]);
    check(
        new("{\"x\": 1}"),
        Some("stripe"),
        &[
            "power/schema",
            "power/no-name",
            "power/no-description",
            "power/no-keywords",
            "power/unknown-field",
        ],
    );
    check(old("# x", None), None, &["power/no-front-matter"]);
    check(Power::read("powers/x", Origin::Person, Files::default()), None, &["power/no-manifest"]);
    let broken = old(text, Some("{")).ok().unwrap();
    assert_eq!((broken.servers.len(), broken.mcp_diagnostics.len()), (0, 1));
}

#[test]
fn words_call_for_powers() {
    let power = |name: &str, keywords: &str| {
        let text = format!("---\nname: {name}\ndescription: d\nkeywords: [{keywords}]\n---\nx");
        old(&text, None).ok().unwrap()
    };
    let powers = [
        power("stripe", "stripe, \"payment intent\""),
        power("bedrock", "bedrock, knowledge-base, agents"),
        power("net", "\".net\", \"c++\", \"node.js\""),
    ];
    let check = |words: &str, expected: &[(&str, &str, &str)]| {
        let called = called_for(&powers, words);
        let found: Vec<(&str, &str, String)> = called
            .iter()
            .map(|called| (called.power.as_str(), called.keyword.as_str(), called.at.text(words.as_bytes())))
            .collect();
        let expected: Vec<(&str, &str, String)> =
            expected.iter().map(|(a, b, c)| (*a, *b, c.to_string())).collect();
        assert_eq!(found, expected, "{words}");
    };
    check("Make a Payment-Intent with STRIPE.", &[("stripe", "payment intent", "Payment-Intent")]);
    check("a knowledge base for stripes", &[("bedrock", "knowledge-base", "knowledge base")]);
    check("payments intent, agentsmith", &[]);
    check("port it to C++ and .NET, or Node.js.", &[("net", "c++", "C++")]);
    check("use node.js.", &[("net", "node.js", "node.js")]);
    check("", &[]);
    check(&format!("{} stripe", "a ".repeat(100_000)), &[]);
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300), which in 0..3) {
        let files = match which {
            0 => Files { plugin: Some(&bytes), ..Files::default() },
            1 => Files { power: Some(&bytes), ..Files::default() },
            _ => Files { power: Some(b"---\nname: a\n---\n"), mcp: Some(&bytes), ..Files::default() },
        };
        let _ = Power::read("a", Origin::Person, files);
    }

    #[test]
    fn a_keyword_calls_for_its_own_power(keyword in "[a-z]{1,6}([ -][a-z]{1,6}){0,2}", before in "[a-z ]{0,20}") {
        let text = format!("---\nname: a\ndescription: d\nkeywords: [\"{keyword}\"]\n---\nx");
        let power = old(&text, None).ok().unwrap();
        let words = format!("{before} {}!", keyword.to_uppercase());
        let called = called_for(&[power], &words);
        prop_assert_eq!(called.len(), 1);
        prop_assert!(words.get(called[0].at.offset..called[0].at.end()).is_some());
    }
}

//! Where Bedrock takes cache points. Pure: one wrong point and the provider rejects the whole request.

use conversation::{Block, Role};

use crate::prices::bedrock_family;

/// Where a model family takes cache points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CachePoints {
    pub(crate) tools: bool,
    pub(crate) system: bool,
    pub(crate) messages: bool,
}

/// Where this model takes cache points.
pub(crate) fn cache_points(model: &str) -> CachePoints {
    let all = CachePoints { tools: true, system: true, messages: true };
    if let Some(claude) = bedrock_family(model) {
        let without = ["claude-v", "claude-instant", "claude-3-opus", "claude-3-haiku", "claude-3-sonnet"];
        let early =
            claude.starts_with("claude-3-5-sonnet") || without.iter().any(|old| claude.starts_with(old));
        if claude.starts_with("claude") && !early { all } else { CachePoints::default() }
    } else if ["nova-micro", "nova-lite", "nova-pro", "nova-premier"].iter().any(|nova| model.contains(nova))
    {
        CachePoints { tools: false, messages: false, ..all }
    } else {
        CachePoints::default()
    }
}

/// Whether a cache point may stand behind these blocks: never behind reasoning.
pub(crate) fn takes_point(points: CachePoints, role: Role, blocks: &[&Block]) -> bool {
    points.messages
        && role == Role::User
        && blocks.last().is_some_and(|block| !matches!(block, Block::Reasoning(_)))
}

#[cfg(test)]
mod tests {
    use conversation::{CallResult, Reasoning, Status};

    use super::*;

    #[test]
    fn cache_points_by_family() {
        let check = |model: &str, expect: &str| {
            let points = cache_points(model);
            let mut found = String::new();
            for (there, letter) in [(points.tools, 't'), (points.system, 's'), (points.messages, 'm')] {
                found.extend(there.then_some(letter));
            }
            assert_eq!(found, expect, "{model}");
        };
        check("global.anthropic.claude-sonnet-5-5", "tsm");
        check("us.anthropic.claude-3-7-sonnet-20250219-v1:0", "tsm");
        check("anthropic.claude-3-5-haiku-20241022-v1:0", "tsm");
        check(
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-1-20250805-v1:0",
            "tsm",
        );
        check("anthropic.claude-3-5-sonnet-20240620-v1:0", "");
        check("anthropic.claude-3-opus-20240229-v1:0", "");
        check("anthropic.claude-v2:1", "");
        check("amazon.nova-pro-v1:0", "s");
        check("meta.llama3-1-70b-instruct-v1:0", "");
        check("openai.gpt-oss-120b-1:0", "");
    }

    #[test]
    fn a_point_never_stands_behind_reasoning() {
        let all = cache_points("anthropic.claude-sonnet-4-20250514-v1:0");
        let thought = Block::Reasoning(Reasoning {
            text: String::new(),
            opaque: "{}".to_string(),
            provider: "bedrock".to_string(),
        });
        let text = Block::Text("hi".to_string());
        let result = Block::Result(CallResult::new("c", Status::Done, "ok"));
        let check = |points, role, blocks: &[&Block], expect: bool| {
            assert_eq!(takes_point(points, role, blocks), expect, "{role:?} {blocks:?}");
        };
        check(all, Role::User, &[&text], true);
        check(all, Role::User, &[&text, &result], true);
        check(all, Role::User, &[&text, &thought], false);
        check(all, Role::Assistant, &[&thought], false);
        check(all, Role::Assistant, &[&text], false);
        check(all, Role::User, &[], false);
        check(CachePoints::default(), Role::User, &[&text], false);
    }
}

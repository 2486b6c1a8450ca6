//! What stays of a conversation that grew too long, and how the summary is asked for. Pinned fragments are not
//! conversation: nothing here can touch them.

use conversation::{Block, Compacted, Message, Role};

/// A request is compacted when it holds more than this share of what the model takes, in percent.
const FULL_PERCENT: u64 = 80;
/// How many messages at the end stay word for word, at most.
const KEPT_MAX: usize = 8;
/// The longest result that is still shown to the model when the conversation did not even fit.
const CUT_RESULT_CHARS: usize = 400;

const ASKED: &str = "Stop here for a moment. The conversation is about to be replaced by a summary that you write now. \
Write it for yourself, as the one who goes on: what was asked, what is decided and why, which files were changed and how, \
what was found out that would be costly to find again (paths, names, commands, error messages), what is still to do. \
Answer with the summary alone and call no tool.";

/// Whether the context is so full that the next request should be preceded by a compaction.
pub(crate) fn is_due(context: u64, answer_max: u64, context_max: u64) -> bool {
    context.saturating_mul(100) > context_max.saturating_mul(FULL_PERCENT)
        || context.saturating_add(answer_max) > context_max && context > answer_max
}

/// The messages with which the summary is asked for. `overflowed`: the conversation did not fit as it is, so
/// long results are cut.
pub(crate) fn question(messages: &[Message], overflowed: bool) -> Vec<Message> {
    let mut asked: Vec<Message> = messages.to_vec();
    if overflowed {
        for block in asked.iter_mut().flat_map(|message| &mut message.blocks) {
            if let Block::Result(result) = block
                && result.text.chars().count() > CUT_RESULT_CHARS
            {
                result.text = result.text.chars().take(CUT_RESULT_CHARS).collect::<String>() + " [cut]";
            }
        }
    }
    // Two user messages in a row are one for every provider, so the question joins the last one.
    match asked.last_mut() {
        Some(last) if last.role == Role::User => last.blocks.push(Block::Text(ASKED.to_string())),
        _ => asked.push(Message::user(ASKED)),
    }
    asked
}

/// How many messages at the end stay: the longest run within the bound that begins with an answer, so that no
/// result loses its call. With `overflowed` none stay.
pub(crate) fn kept(messages: &[Message], overflowed: bool) -> u32 {
    if overflowed {
        return 0;
    }
    let earliest = messages.len().saturating_sub(KEPT_MAX).max(1);
    let run = messages.iter().skip(earliest).skip_while(|message| message.role != Role::Assistant).count();
    u32::try_from(run).unwrap_or(0)
}

/// The conversation after a compaction: the first request word for word, the summary, and what stays.
pub(crate) fn apply(messages: &[Message], compacted: &Compacted) -> Vec<Message> {
    let keep = usize::try_from(compacted.kept).unwrap_or(0).min(messages.len().saturating_sub(1));
    let mut first = messages.first().cloned().unwrap_or_else(|| Message::user(""));
    first.blocks.retain(|block| !matches!(block, Block::Text(text) if text.starts_with(HEAD)));
    first.blocks.push(Block::Text(format!("{HEAD}\n{}", compacted.summary)));
    let mut after = vec![first];
    // Providers bind reasoning to the exact conversation before it, which is gone now: they would refuse it.
    let reasoning = |block: &Block| matches!(block, Block::Reasoning(_));
    for message in messages.iter().skip(messages.len() - keep) {
        let blocks: Vec<Block> = message.blocks.iter().filter(|block| !reasoning(block)).cloned().collect();
        // An answer of reasoning alone leaves nothing, and an empty message is refused as well.
        if !blocks.is_empty() {
            after.push(Message { role: message.role, blocks });
        }
    }
    after
}

const HEAD: &str = "[The conversation so far was replaced by this summary of it]";

#[cfg(test)]
mod tests {
    use super::*;
    use conversation::{Call, CallResult, Input, Status, Usage};

    fn conversation(turns: usize) -> Vec<Message> {
        let mut messages = vec![Message::user("do it")];
        for turn in 0..turns {
            let id = format!("c{turn}");
            let call = Call { id: id.clone(), tool: "read".into(), input: Input::Json("{}".into()) };
            messages.push(Message { role: Role::Assistant, blocks: vec![Block::Call(call)] });
            let result = CallResult::new(&id, Status::Done, "x".repeat(1000));
            messages.push(Message { role: Role::User, blocks: vec![Block::Result(result)] });
        }
        messages
    }

    fn compact(messages: &[Message], overflowed: bool) -> Vec<Message> {
        let kept = kept(messages, overflowed);
        let summary = "sum".to_string();
        apply(messages, &Compacted { summary, kept, usage: Usage::default(), cost: None })
    }

    #[test]
    fn no_result_loses_its_call_and_the_request_stays() {
        for turns in 0..20 {
            for overflowed in [false, true] {
                let after = compact(&conversation(turns), overflowed);
                let mut known = Vec::new();
                for block in after.iter().flat_map(|message| &message.blocks) {
                    match block {
                        Block::Call(call) => known.push(call.id.clone()),
                        Block::Result(result) => assert!(known.contains(&result.call), "{turns}"),
                        _ => {}
                    }
                }
                assert!(after[0].text().starts_with("do it\n[The conversation so far"));
                assert!(after.len() <= KEPT_MAX + 1);
                assert!(after.windows(2).all(|pair| pair[0].role != pair[1].role));
            }
        }
    }

    #[test]
    fn a_second_summary_replaces_the_first() {
        let twice = compact(&compact(&conversation(9), false), false);
        assert_eq!(twice[0].text().matches(HEAD).count(), 1);
    }

    #[test]
    fn when_it_is_due() {
        assert!(!is_due(1_000, 8_000, 128_000));
        assert!(is_due(110_000, 8_000, 128_000));
        assert!(is_due(7_000, 2_000, 8_000));
    }

    #[test]
    fn the_question_of_an_overflow_is_short() {
        let asked = question(&conversation(3), true);
        let longest = asked.iter().flat_map(|m| &m.blocks).filter_map(|block| match block {
            Block::Result(result) => Some(result.text.len()),
            _ => None,
        });
        assert_eq!(longest.max(), Some(CUT_RESULT_CHARS + " [cut]".len()));
        assert_eq!(asked.last().unwrap().role, Role::User);
    }
}

//! The stored shape of what the model said and of what came of its calls.

use conversation::{Block, Call, Cost, FileChange, Input, Reasoning, Status, Stop};
use policy::{Taint, TaintSource};
use serde::{Deserialize, Serialize};

use super::{Hex, WireError, word};

#[derive(Serialize, Deserialize)]
pub(super) struct Answered {
    blocks: Vec<WireBlock>,
    stop: String,
    usage: Usage,
    cost: Option<u64>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Compacted {
    summary: String,
    kept: u32,
    usage: Usage,
    cost: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Usage {
    input: u64,
    cache_read: u64,
    cache_write: u64,
    output: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum WireBlock {
    Text { text: String },
    Reasoning { text: String, opaque: String, provider: String },
    Call { id: String, tool: String, input: String, broken: Option<bool> },
    Result { result: CallResult },
}

#[derive(Serialize, Deserialize)]
pub(super) struct CallResult {
    call: String,
    status: String,
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changes: Vec<WireChange>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    seen: Vec<(String, Hex)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spent: Option<Spent>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    took_in: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Spent {
    usage: Usage,
    cost: Option<u64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    turns: u32,
}

fn is_zero(turns: &u32) -> bool {
    *turns == 0
}

#[derive(Serialize, Deserialize)]
struct WireChange {
    path: String,
    before: Option<Hex>,
    after: Option<Hex>,
}

impl From<&conversation::Answered> for Answered {
    fn from(answered: &conversation::Answered) -> Answered {
        Answered {
            blocks: answered.blocks.iter().map(WireBlock::from).collect(),
            stop: answered.stop.name().to_string(),
            usage: answered.usage.into(),
            cost: answered.cost.map(|cost| cost.0),
        }
    }
}

impl TryFrom<Answered> for conversation::Answered {
    type Error = WireError;

    fn try_from(wire: Answered) -> Result<Self, WireError> {
        Ok(conversation::Answered {
            blocks: wire.blocks.into_iter().map(Block::try_from).collect::<Result<_, _>>()?,
            stop: word(&wire.stop, "stop", Stop::named)?,
            usage: wire.usage.into(),
            cost: wire.cost.map(Cost),
        })
    }
}

impl From<&conversation::Compacted> for Compacted {
    fn from(compacted: &conversation::Compacted) -> Compacted {
        Compacted {
            summary: compacted.summary.clone(),
            kept: compacted.kept,
            usage: compacted.usage.into(),
            cost: compacted.cost.map(|cost| cost.0),
        }
    }
}

impl From<Compacted> for conversation::Compacted {
    fn from(wire: Compacted) -> Self {
        conversation::Compacted {
            summary: wire.summary,
            kept: wire.kept,
            usage: wire.usage.into(),
            cost: wire.cost.map(Cost),
        }
    }
}

impl From<conversation::Usage> for Usage {
    fn from(usage: conversation::Usage) -> Usage {
        let conversation::Usage { input, cache_read, cache_write, output } = usage;
        Usage { input, cache_read, cache_write, output }
    }
}

impl From<Usage> for conversation::Usage {
    fn from(wire: Usage) -> Self {
        let Usage { input, cache_read, cache_write, output } = wire;
        conversation::Usage { input, cache_read, cache_write, output }
    }
}

impl From<&Block> for WireBlock {
    fn from(block: &Block) -> WireBlock {
        match block {
            Block::Text(text) => WireBlock::Text { text: text.clone() },
            Block::Reasoning(reasoning) => WireBlock::Reasoning {
                text: reasoning.text.clone(),
                opaque: reasoning.opaque.clone(),
                provider: reasoning.provider.clone(),
            },
            Block::Call(call) => WireBlock::Call {
                id: call.id.clone(),
                tool: call.tool.clone(),
                input: call.input.text().to_string(),
                broken: matches!(call.input, Input::Broken(_)).then_some(true),
            },
            Block::Result(result) => WireBlock::Result { result: result.into() },
        }
    }
}

impl TryFrom<WireBlock> for Block {
    type Error = WireError;

    fn try_from(wire: WireBlock) -> Result<Self, WireError> {
        Ok(match wire {
            WireBlock::Text { text } => Block::Text(text),
            WireBlock::Reasoning { text, opaque, provider } => {
                Block::Reasoning(Reasoning { text, opaque, provider })
            }
            WireBlock::Call { id, tool, input, broken } => {
                let input = if broken == Some(true) { Input::Broken(input) } else { Input::Json(input) };
                Block::Call(Call { id, tool, input })
            }
            WireBlock::Result { result } => Block::Result(result.try_into()?),
        })
    }
}

impl From<&conversation::CallResult> for CallResult {
    fn from(result: &conversation::CallResult) -> CallResult {
        CallResult {
            call: result.call.clone(),
            status: result.status.name().to_string(),
            text: result.text.clone(),
            changes: result.changes.iter().map(WireChange::from).collect(),
            seen: result.seen.iter().map(|(path, digest)| (path.clone(), Hex(*digest))).collect(),
            spent: result.inside.as_ref().map(|inside| inside.spent.into()),
            took_in: result.inside.as_ref().map_or_else(Vec::new, |inside| sources(&inside.took_in)),
        }
    }
}

impl TryFrom<CallResult> for conversation::CallResult {
    type Error = WireError;

    fn try_from(wire: CallResult) -> Result<Self, WireError> {
        let inside = match wire.spent {
            Some(spent) => {
                let took_in = taint(&wire.took_in)?;
                Some(Box::new(conversation::Inside { spent: spent.into(), took_in }))
            }
            None => None,
        };
        Ok(conversation::CallResult {
            call: wire.call,
            status: word(&wire.status, "status", Status::named)?,
            text: wire.text,
            changes: wire.changes.into_iter().map(FileChange::from).collect(),
            seen: wire.seen.into_iter().map(|(path, digest)| (path, digest.0)).collect(),
            inside,
        })
    }
}

pub(super) fn sources(taint: &Taint) -> Vec<(String, String)> {
    taint.sources().map(|(source, from)| (source.word().to_string(), from.to_string())).collect()
}

pub(super) fn taint(sources: &[(String, String)]) -> Result<Taint, WireError> {
    let mut taint = Taint::none();
    for (source, from) in sources {
        taint.add(word(source, "source", TaintSource::named)?, from);
    }
    Ok(taint)
}

impl From<conversation::Spent> for Spent {
    fn from(spent: conversation::Spent) -> Spent {
        Spent { usage: spent.usage.into(), cost: spent.cost.map(|cost| cost.0), turns: spent.turns }
    }
}

impl From<Spent> for conversation::Spent {
    fn from(wire: Spent) -> Self {
        conversation::Spent { usage: wire.usage.into(), cost: wire.cost.map(Cost), turns: wire.turns }
    }
}

impl From<&FileChange> for WireChange {
    fn from(change: &FileChange) -> WireChange {
        WireChange { path: change.path.clone(), before: change.before.map(Hex), after: change.after.map(Hex) }
    }
}

impl From<WireChange> for FileChange {
    fn from(wire: WireChange) -> FileChange {
        FileChange {
            path: wire.path,
            before: wire.before.map(|hex| hex.0),
            after: wire.after.map(|hex| hex.0),
        }
    }
}

//! The face of a part: its steps in short lines under the name of its agent, its questions one at a time. Keeps nothing.

use std::sync::Arc;

use agent::{Face, Notice, Question};
use conversation::{Block, Event as Happened, Later};
use policy::Answer;

use crate::events::Event;
use crate::face::{Screen, gist};
use crate::term::Style;

/// Shows a part through the screen of the whole.
pub(crate) struct PartFace {
    screen: Arc<Screen>,
    agent: String,
}

impl PartFace {
    /// The face of a part of this agent.
    pub(crate) fn new(screen: Arc<Screen>, agent: &str) -> PartFace {
        PartFace { screen, agent: agent.to_string() }
    }

    fn tell(&self, what: &str, text: &str) {
        let (agent, what, text) = (self.agent.clone(), what.to_string(), text.to_string());
        self.screen.progress(Style::Dim, &format!("  {agent} {what} {text}"));
        self.screen.event(&Event::Part { agent, what, text });
    }
}

impl Face for PartFace {
    fn show(&self, notice: Notice<'_>) {
        match notice {
            Notice::Told { text } => self.screen.notice_lines(&format!("{}: {text}", self.agent)),
            Notice::Event(Happened::Started(started)) => self.tell("begins", &started.session),
            Notice::Event(Happened::Answered(answered)) => {
                for block in &answered.blocks {
                    if let Block::Call(call) = block {
                        self.tell("→", &format!("{} {}", call.tool, gist(call.input.text())));
                    }
                }
            }
            Notice::Event(hooked @ Happened::Hooked(_)) => self.screen.show(Notice::Event(hooked)),
            Notice::Event(Happened::Ended(ended)) => {
                self.tell("ended", &format!("{} {}", ended.outcome.name(), ended.message));
            }
            Notice::Event(_) | Notice::Delta(_) | Notice::Output { .. } => {}
        }
    }

    fn ask<'a>(&'a self, question: &'a Question) -> Later<'a, Option<Answer>> {
        Box::pin(async move {
            // Parts that work at once ask one after the other.
            let _turn = self.screen.asking.lock().await;
            let mut question = question.clone();
            question.tool = format!("{} (the agent {})", question.tool, self.agent);
            self.screen.ask(&question).await
        })
    }
}

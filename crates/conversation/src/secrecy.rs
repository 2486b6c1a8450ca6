//! Keeping values out of what is recorded, shown and sent: the trait, and where it applies to an event. Finds no value.

use policy::{Decided, Target};

use crate::{Block, CallResult, Event, Fragment, Input};

/// Takes secret values out of texts and brings them back. Safe to share between calls that run together.
pub trait Secrecy: Send + Sync {
    /// A text from outside without values. Text that only looks like a placeholder is replaced as well.
    fn hide(&self, text: &str) -> String;

    /// A text of the session itself, in which placeholders stay what they are.
    fn hide_own(&self, text: &str) -> String;

    /// The arguments of a call, a JSON object as text: what its strings say, without values.
    fn hide_arguments(&self, json: &str) -> String {
        self.hide_own(json)
    }

    /// A text that comes in pieces from outside. What may be the beginning of a value is held back until more is there.
    fn stream(&self) -> Box<dyn Piecewise + '_>;

    /// The values in a text on its way to `target`, in words.
    ///
    /// # Errors
    /// Why a value may not go there, or is not known any more, with the next step.
    fn reveal(&self, text: &str, target: &str) -> Result<String, String>;

    /// The same for a command line, and for references to values. A value goes in only where a shell reads it as itself.
    ///
    /// # Errors
    /// As for [`Secrecy::reveal`], and when a value has a character that a shell would read.
    fn reveal_in_line(&self, line: &str) -> Result<String, String>;
}

/// Hides a text that comes in pieces.
pub trait Piecewise: Send {
    /// What is certain to hold no value, after this piece.
    fn push(&mut self, piece: &str) -> String;

    /// The rest.
    fn finish(&mut self) -> String;
}

/// Hides nothing. For tests of other rooms.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Secrecy for Plain {
    fn hide(&self, text: &str) -> String {
        text.to_string()
    }

    fn hide_own(&self, text: &str) -> String {
        text.to_string()
    }

    fn stream(&self) -> Box<dyn Piecewise + '_> {
        Box::new(Plain)
    }

    fn reveal(&self, text: &str, _target: &str) -> Result<String, String> {
        Ok(text.to_string())
    }

    fn reveal_in_line(&self, line: &str) -> Result<String, String> {
        Ok(line.to_string())
    }
}

impl Piecewise for Plain {
    fn push(&mut self, piece: &str) -> String {
        piece.to_string()
    }

    fn finish(&mut self) -> String {
        String::new()
    }
}

/// The event without values, wherever somebody's words stand in it. Names, digests, numbers and times stay.
pub fn hide(secrecy: &dyn Secrecy, event: Event) -> Event {
    let own = |text: String| secrecy.hide_own(&text);
    match event {
        Event::Started(mut started) => {
            started.fragments = started.fragments.into_iter().map(|it| fragment(secrecy, it)).collect();
            Event::Started(started)
        }
        Event::Said { text } => Event::Said { text: own(text) },
        Event::Asked { text } => Event::Asked { text: own(text) },
        Event::Withheld { message } => Event::Withheld { message: secrecy.hide(&message) },
        Event::Answered(mut answered) => {
            answered.blocks = answered.blocks.into_iter().map(|it| block(secrecy, it)).collect();
            Event::Answered(answered)
        }
        Event::ModelFailed { kind, message } => Event::ModelFailed { kind, message: secrecy.hide(&message) },
        Event::Decided(it) => Event::Decided(decided(secrecy, it)),
        Event::Finished(it) => Event::Finished(result(secrecy, it)),
        Event::Compacted(mut compacted) => {
            compacted.summary = own(compacted.summary);
            Event::Compacted(compacted)
        }
        Event::Noted { text } => Event::Noted { text: own(text) },
        Event::Steered { fragments } => {
            Event::Steered { fragments: fragments.into_iter().map(|it| fragment(secrecy, it)).collect() }
        }
        Event::Hooked(mut hooked) => {
            hooked.context = secrecy.hide(&hooked.context);
            hooked.message = secrecy.hide(&hooked.message);
            Event::Hooked(hooked)
        }
        Event::Ended(mut ended) => {
            ended.message = own(ended.message);
            Event::Ended(ended)
        }
        Event::Checked(mut check) => {
            check.command = own(check.command);
            check.tail = secrecy.hide(&check.tail);
            Event::Checked(check)
        }
        Event::Ticked { task, state, why } => Event::Ticked { task, state, why: own(why) },
        other => other,
    }
}

/// A decision without values: the command line of a call may hold one.
pub fn decided(secrecy: &dyn Secrecy, mut decided: Decided) -> Decided {
    for request in &mut decided.requests {
        if let Target::Command(text) | Target::Name(text) = &mut request.target {
            *text = secrecy.hide_own(text);
        }
    }
    decided.decision.reason = secrecy.hide_own(&decided.decision.reason);
    decided.decision.remedy = decided.decision.remedy.map(|remedy| secrecy.hide_own(&remedy));
    decided
}

fn fragment(secrecy: &dyn Secrecy, fragment: Fragment) -> Fragment {
    let text = secrecy.hide(fragment.text());
    if text == fragment.text() { fragment } else { Fragment::new(fragment.kind(), fragment.name(), text) }
}

fn result(secrecy: &dyn Secrecy, mut result: CallResult) -> CallResult {
    result.text = secrecy.hide(&result.text);
    result
}

fn block(secrecy: &dyn Secrecy, block: Block) -> Block {
    match block {
        Block::Text(text) => Block::Text(secrecy.hide_own(&text)),
        Block::Call(mut call) => {
            call.input = match call.input {
                Input::Json(text) => Input::Json(secrecy.hide_arguments(&text)),
                Input::Broken(text) => Input::Broken(secrecy.hide_own(&text)),
            };
            Block::Call(call)
        }
        // Reasoning goes back to its provider as it came, byte for byte; it only repeats what was hidden before.
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, Status, Stop};

    /// Replaces one word, from outside by another than inside.
    struct Word;

    impl Secrecy for Word {
        fn hide(&self, text: &str) -> String {
            text.replace("hunter2", "OUTSIDE")
        }

        fn hide_own(&self, text: &str) -> String {
            text.replace("hunter2", "INSIDE")
        }

        fn stream(&self) -> Box<dyn Piecewise + '_> {
            Box::new(Plain)
        }

        fn reveal(&self, text: &str, _target: &str) -> Result<String, String> {
            Ok(text.to_string())
        }

        fn reveal_in_line(&self, line: &str) -> Result<String, String> {
            Ok(line.to_string())
        }
    }

    fn check(event: Event, expected: &str) {
        let shown = format!("{:?}", hide(&Word, event));
        assert!(shown.contains(expected) && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn words_of_outsiders_and_of_the_session_are_hidden() {
        check(Event::Said { text: "it is hunter2".into() }, "it is INSIDE");
        check(Event::Asked { text: "it is hunter2".into() }, "it is INSIDE");
        check(Event::Withheld { message: "not hunter2".into() }, "not OUTSIDE");
        check(Event::Finished(CallResult::new("c", Status::Done, "k=hunter2")), "k=OUTSIDE");
        check(Event::Noted { text: "hunter2".into() }, "INSIDE");
        let call =
            Call { id: "c".into(), tool: "shell".into(), input: Input::Json("{\"a\":\"hunter2\"}".into()) };
        let answered = crate::Answered {
            blocks: vec![Block::Text("hunter2".into()), Block::Call(call)],
            stop: Stop::EndTurn,
            usage: crate::Usage::default(),
            cost: None,
        };
        check(Event::Answered(answered), "INSIDE");
    }
}

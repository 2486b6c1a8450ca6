//! How far the work in the background is, for editors that show it. Does no work.

use lsp_server::{Message, Notification, Request, RequestId};
use serde_json::{Value, json};

const TOKEN: &str = "waypost-reading";

/// The reading of specs and sources, as one piece of work.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    is_shown: bool,
    /// Pieces that are under way.
    running: usize,
    stage: Stage,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Quiet,
    /// The editor was asked whether it will show it.
    Asked(RequestId),
    Shown,
}

impl Progress {
    /// For an editor that shows it, or not.
    pub(crate) fn new(is_shown: bool) -> Progress {
        Progress { is_shown, ..Progress::default() }
    }

    /// A piece of work begins.
    pub(crate) fn begin(&mut self, next_id: &mut i32) -> Option<Message> {
        self.running += 1;
        if !self.is_shown || self.stage != Stage::Quiet {
            return None;
        }
        *next_id += 1;
        let id = RequestId::from(*next_id);
        self.stage = Stage::Asked(id.clone());
        let method = "window/workDoneProgress/create".to_string();
        Some(Message::Request(Request { id, method, params: json!({ "token": TOKEN }) }))
    }

    /// The editor answered something.
    pub(crate) fn answered(&mut self, id: &RequestId, is_ok: bool) -> Option<Message> {
        if self.stage != Stage::Asked(id.clone()) {
            return None;
        }
        let is_wanted = is_ok && self.running > 0;
        self.is_shown &= is_ok;
        self.stage = if is_wanted { Stage::Shown } else { Stage::Quiet };
        let title = "Waypost reads specs and sources";
        is_wanted.then(|| told(json!({ "kind": "begin", "title": title, "cancellable": false })))
    }

    /// A piece of work is over.
    pub(crate) fn end(&mut self) -> Option<Message> {
        self.running = self.running.saturating_sub(1);
        if self.running > 0 || self.stage != Stage::Shown {
            return None;
        }
        self.stage = Stage::Quiet;
        Some(told(json!({ "kind": "end" })))
    }
}

fn told(value: Value) -> Message {
    let params = json!({ "token": TOKEN, "value": value });
    Message::Notification(Notification { method: "$/progress".to_string(), params })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begun_once_and_ended_once() {
        let mut progress = Progress::new(true);
        let mut next = 0;
        assert!(progress.begin(&mut next).is_some() && progress.begin(&mut next).is_none());
        assert!(progress.answered(&RequestId::from(9), true).is_none());
        assert!(progress.answered(&RequestId::from(1), true).is_some());
        assert!(progress.end().is_none());
        assert!(progress.end().is_some() && progress.end().is_none());
    }

    #[test]
    fn silent_where_it_is_not_wanted_or_over_already() {
        let mut next = 0;
        let mut progress = Progress::new(false);
        assert!(progress.begin(&mut next).is_none() && progress.end().is_none());
        let mut progress = Progress::new(true);
        assert!(progress.begin(&mut next).is_some() && progress.end().is_none());
        assert!(progress.answered(&RequestId::from(1), true).is_none());
        assert!(progress.begin(&mut next).is_some());
        assert!(progress.answered(&RequestId::from(2), false).is_none() && progress.end().is_none());
        assert!(progress.begin(&mut next).is_none());
    }
}

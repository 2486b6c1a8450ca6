//! The tool by which a model hands in a document as data: a plan, requirements. Checks it, keeps it, writes nothing.

use std::sync::{Arc, Mutex, PoisonError};

use conversation::{Call, CallResult, Input, Later, Status, Tool, ToolContext, ToolDescription, ToolError};
use policy::{Permit, Request};

/// What a submission is checked with: the accepted form of it, or what to tell the model.
pub(crate) type Check = dyn Fn(&serde_json::Value) -> Result<(), String> + Send + Sync;

/// A tool that takes one JSON document from the model.
pub struct Submit {
    description: ToolDescription,
    check: Box<Check>,
    accepted: Arc<Mutex<Option<serde_json::Value>>>,
}

impl Submit {
    /// A tool of this description; the returned place holds the last document that passed the check.
    pub fn new(
        description: ToolDescription,
        check: Box<Check>,
    ) -> (Submit, Arc<Mutex<Option<serde_json::Value>>>) {
        let accepted = Arc::new(Mutex::new(None));
        (Submit { description, check, accepted: Arc::clone(&accepted) }, accepted)
    }
}

impl Tool for Submit {
    fn describe(&self) -> ToolDescription {
        self.description.clone()
    }

    fn reads_only(&self) -> bool {
        // It has no effect on the world, but its order among other calls matters to the model.
        false
    }

    fn request(&self, _: &Call, _: &ToolContext<'_>) -> Result<Vec<Request>, ToolError> {
        Ok(Vec::new())
    }

    fn run<'a>(&'a self, _: Permit, call: &'a Call, _: &'a ToolContext<'a>) -> Later<'a, CallResult> {
        Box::pin(async move {
            let checked = match &call.input {
                Input::Broken(_) => Err("the arguments are not JSON".to_string()),
                Input::Json(text) => serde_json::from_str(text)
                    .map_err(|error| format!("the arguments are not JSON: {error}"))
                    .and_then(|document| (self.check)(&document).map(|()| document)),
            };
            match checked {
                Ok(document) => {
                    *self.accepted.lock().unwrap_or_else(PoisonError::into_inner) = Some(document);
                    CallResult::new(&call.id, Status::Done, "accepted")
                }
                Err(why) => CallResult::new(
                    &call.id,
                    Status::Failed,
                    format!("not accepted: {why}\nMend this and submit the whole document again."),
                ),
            }
        })
    }

    fn recover(&self, _: &Call, _: &ToolContext<'_>) -> conversation::Recovery {
        conversation::Recovery::Again
    }
}

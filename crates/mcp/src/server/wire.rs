//! Plain values to the shapes of the SDK and back. Decides nothing.

use std::sync::Arc;

use rmcp::ErrorData;
use rmcp::model::{
    AudioContent, CallToolResult, ClientCapabilities, ContentBlock, GetPromptResult, Implementation,
    InputRequest, PromptMessage, ResourceContents, Role, ServerCapabilities, ServerConfig, Tool,
    ToolAnnotations,
};
use serde_json::json;

use crate::offer::{
    Askable, Body, Card, Filled, Held, Offer, OfferResult, Piece, Prompt, Question, Refused, Resource,
    Speaker, Template,
};

pub(super) fn config(card: Card) -> ServerConfig {
    let list = |list_changed: bool| match list_changed {
        true => json!({ "listChanged": true }),
        false => json!({}),
    };
    let mut resources = list(card.lists_change);
    let mut capabilities = serde_json::Map::new();
    let mut has = |name: &str, what| drop(capabilities.insert(name.to_string(), what));
    has("tools", list(card.lists_change));
    has("prompts", list(card.lists_change));
    if let (true, Some(resources)) = (card.subscribe, resources.as_object_mut()) {
        resources.insert("subscribe".to_string(), json!(true));
    }
    has("resources", resources);
    if card.logs {
        has("logging", json!({}));
    }
    if card.completes {
        has("completions", json!({}));
    }
    let capabilities = serde_json::Value::Object(capabilities);
    let capabilities: ServerCapabilities = serde_json::from_value(capabilities).unwrap_or_default();
    let mut info = Implementation::new(card.name, card.version);
    info.title = card.title;
    let mut config = ServerConfig::new(capabilities).with_server_info(info);
    config.instructions = card.instructions;
    config
}

pub(super) fn tool(offer: Offer) -> Tool {
    let mut tool = Tool::new(offer.name, offer.description, Arc::new(offer.input));
    tool.title = offer.title;
    tool.output_schema = offer.output.map(Arc::new);
    tool.annotations = offer.hints.map(|hints| {
        let mut annotations = ToolAnnotations::default();
        annotations.read_only_hint = Some(hints.read_only);
        annotations.destructive_hint = Some(hints.destructive);
        annotations.idempotent_hint = Some(hints.idempotent);
        annotations.open_world_hint = Some(hints.open_world);
        annotations
    });
    tool
}

pub(super) fn result(result: OfferResult) -> CallToolResult {
    let mut came = CallToolResult::success(result.pieces.into_iter().map(piece).collect());
    came.structured_content = result.structured;
    came.is_error = Some(result.is_error);
    came
}

fn piece(piece: Piece) -> ContentBlock {
    match piece {
        Piece::Text(text) => ContentBlock::text(text),
        Piece::Image { base64, media_type } => ContentBlock::image(base64, media_type),
        Piece::Audio { base64, media_type } => ContentBlock::Audio(AudioContent::new(base64, media_type)),
        Piece::Resource(resource) => ContentBlock::resource(held(resource)),
    }
}

pub(super) fn held(held: Held) -> ResourceContents {
    let contents = match held.body {
        Body::Text(text) => ResourceContents::text(text, held.uri),
        Body::Base64(blob) => ResourceContents::blob(blob, held.uri),
    };
    match held.media_type {
        Some(media_type) => contents.with_mime_type(media_type),
        None => contents,
    }
}

pub(super) fn resource(resource: Resource) -> rmcp::model::Resource {
    let mut listed = rmcp::model::Resource::new(resource.uri, resource.name);
    listed.title = resource.title;
    listed.description = resource.description;
    listed.mime_type = resource.media_type;
    listed.size = resource.bytes;
    listed
}

pub(super) fn template(template: Template) -> rmcp::model::ResourceTemplate {
    let mut listed = rmcp::model::ResourceTemplate::new(template.uri, template.name);
    listed.description = template.description;
    listed.mime_type = template.media_type;
    listed
}

pub(super) fn prompt(prompt: Prompt) -> rmcp::model::Prompt {
    let arguments = prompt.arguments.into_iter().map(|argument| {
        let mut listed = rmcp::model::PromptArgument::new(argument.name).with_required(argument.required);
        listed.description = argument.description;
        listed
    });
    let mut listed = rmcp::model::Prompt::new(prompt.name, prompt.description, Some(arguments.collect()));
    listed.title = prompt.title;
    listed
}

pub(super) fn filled(filled: Filled) -> GetPromptResult {
    let role = |speaker| match speaker {
        Speaker::User => Role::User,
        Speaker::Assistant => Role::Assistant,
    };
    let messages = filled.messages.into_iter();
    let messages = messages.map(|(speaker, said)| PromptMessage::new(role(speaker), piece(said)));
    let mut came = GetPromptResult::new(messages.collect());
    came.description = filled.description;
    came
}

/// A question as the client is asked it. What the SDK does not take is a fault of the tool.
pub(super) fn question(question: Question) -> Result<InputRequest, ErrorData> {
    let asked = match question {
        Question::Elicit { message, schema } => json!({
            "method": "elicitation/create",
            "params": { "mode": "form", "message": message, "requestedSchema": schema },
        }),
        Question::Sample(params) => json!({ "method": "sampling/createMessage", "params": params }),
        Question::Roots => json!({ "method": "roots/list", "params": {} }),
    };
    serde_json::from_value(asked)
        .map_err(|error| ErrorData::internal_error(format!("a question cannot be asked: {error}"), None))
}

pub(super) fn askable(capabilities: Option<&ClientCapabilities>) -> Askable {
    let Some(capabilities) = capabilities else { return Askable::default() };
    Askable {
        elicit: capabilities.elicitation.is_some(),
        sample: capabilities.sampling.is_some(),
        roots: capabilities.roots.is_some(),
    }
}

/// What the client would have to be able to for these questions, when it is not.
pub(super) fn missing(askable: Askable, asked: &[(String, Question)]) -> Option<ErrorData> {
    let mut needed = ClientCapabilities::default();
    for (_, question) in asked {
        match question {
            Question::Elicit { .. } if !askable.elicit => needed.elicitation = Some(Default::default()),
            Question::Sample(_) if !askable.sample => needed.sampling = Some(Default::default()),
            Question::Roots if !askable.roots => needed.roots = Some(Default::default()),
            Question::Elicit { .. } | Question::Sample(_) | Question::Roots => {}
        }
    }
    (needed != ClientCapabilities::default()).then(|| ErrorData::missing_required_client_capability(needed))
}

pub(super) fn refused(refused: &Refused) -> ErrorData {
    let words = refused.to_string();
    match refused {
        Refused::Unknown(_) | Refused::Invalid(_) => ErrorData::invalid_params(words, None),
        Refused::NoResource(uri) => ErrorData::resource_not_found(words, Some(json!({ "uri": uri }))),
        Refused::Failed(_) => ErrorData::internal_error(words, None),
    }
}

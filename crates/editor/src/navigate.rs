//! Going from a reference to what it names, and from an item to all that cites it.

use lsp_types::{
    DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams, GotoDefinitionParams,
    GotoDefinitionResponse, Location, ReferenceParams,
};
use plan::occurrences::Role;

use crate::convert::range_of;
use crate::included;
use crate::locate;
use crate::state::State;

/// Where the item under the cursor is stated, or the file that is included there.
pub(crate) fn definition(state: &State, params: &GotoDefinitionParams) -> Option<GotoDefinitionResponse> {
    let at = &params.text_document_position_params;
    if let Some(location) = included::location(state, at) {
        return Some(GotoDefinitionResponse::Scalar(location));
    }
    let found = locate::under(state, at)?;
    let one = locate::definition(&found.spec, &found.item)?;
    locate::location(state, &found.spec, &one.file, one.span).map(GotoDefinitionResponse::Scalar)
}

/// Everything that cites the item under the cursor: documents, sources, tests.
pub(crate) fn references(state: &State, params: &ReferenceParams) -> Option<Vec<Location>> {
    let found = locate::under(state, &params.text_document_position)?;
    Some(locate::everywhere(state, &found.spec, &found.item, params.context.include_declaration))
}

/// The places of the item under the cursor in the same document.
pub(crate) fn highlights(state: &State, params: &DocumentHighlightParams) -> Option<Vec<DocumentHighlight>> {
    let at = &params.text_document_position_params;
    let path = locate::path(&at.text_document.uri)?;
    let (spec, file) = state.spec_of(&path)?;
    let (found, file) = (locate::under(state, at)?, spec.file_name(file));
    let bytes = spec.bytes(&file)?;
    let lines = state.lines(&path, bytes);
    let same = spec.within(&file).iter().filter(|one| one.item == found.item);
    Some(
        same.map(|one| DocumentHighlight {
            range: range_of(&lines, bytes, one.span),
            kind: Some(match one.role {
                Role::Definition => DocumentHighlightKind::WRITE,
                Role::Reference => DocumentHighlightKind::READ,
            }),
        })
        .collect(),
    )
}

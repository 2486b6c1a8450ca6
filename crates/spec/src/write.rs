//! Whole documents from drafts, in the strict form that Kiro's validator accepts. Decides no content; hostile words
//! in a draft (line breaks, `#`, fences, boxes) stay words.

mod design;
mod draft;
mod guard;
mod requirements;
mod single;
mod tasks;

pub use design::{bugfix_design_md, design_md};
pub use draft::{
    BugfixDesignDraft, BugfixDraft, ComponentDraft, DesignDraft, PropertyDraft, RequirementDraft,
    RequirementsDraft, SingleDraft, TaskDraft, TasksDraft, TermDraft,
};
pub use requirements::{bugfix_md, requirements_md};
pub use single::{single_md, single_with_tasks};
pub use tasks::{leaf_ids, tasks_md};

use crate::json::quote;
use crate::kind::SpecKind;

/// `.config.kiro` of a new spec. `spec_id` is normally a UUID, which the caller draws.
pub fn config_kiro(spec_id: &str, kind: SpecKind) -> String {
    let (workflow, spec_type) = (kind.workflow().name(), kind.spec_type().name());
    format!(
        "{{\"specId\": {}, \"workflowType\": \"{workflow}\", \"specType\": \"{spec_type}\"}}\n",
        quote(spec_id)
    )
}

#[cfg(test)]
mod tests;

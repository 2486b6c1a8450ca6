//! One file per command; this is the list of them and nothing else.

pub(crate) mod audit_verify;
pub(crate) mod chat;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod lsp;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod session_export;
pub(crate) mod session_list;
pub(crate) mod session_resume;
pub(crate) mod session_show;
pub(crate) mod spec_approve;
pub(crate) mod spec_archive;
pub(crate) mod spec_edit;
pub(crate) mod spec_graph;
pub(crate) mod spec_list;
pub(crate) mod spec_new;
pub(crate) mod spec_plan;
pub(crate) mod spec_run;
pub(crate) mod spec_status;
pub(crate) mod trust;

//! The built program from outside: what a person or a script gets to see, for good input and for bad.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod harness;

mod audit;
mod budgets;
mod checkpoint;
mod damage;
mod demo;
mod events;
mod exit_codes;
mod files;
mod full_disk;
mod gate;
mod hostile;
mod hostile_brings;
mod hostile_content;
mod hostile_git;
mod hostile_paths;
mod hostile_specs;
mod kill;
mod listings;
mod lsp;
mod lsp_client;
mod lsp_editors;
mod lsp_hostile;
mod lsp_spec;
mod policy;
mod providers;
mod resume;
mod scan;
mod scan_hook;
mod settings;
mod spec_approval;
mod spec_documents;
mod spec_engine;
mod spec_evidence;
mod spec_freshness;
mod spec_new;
mod spec_plan;
mod spec_run;
mod spec_since;
mod streams;
mod terminal;
mod trust;
mod workspaces;
mod write_scope;

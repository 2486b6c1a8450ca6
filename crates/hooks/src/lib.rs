//! Hooks as values: the formats that bring them, what they match, what they get, what their end means, what cuts them. Runs nothing.
#![deny(clippy::indexing_slicing)]

mod check;
mod convert;
mod effects;
mod guards;
mod hook;
mod matcher;
mod matching;
mod moment;
mod outcome;
mod pattern;
mod payload;
mod read;
mod tool_names;
mod trigger;

pub use check::{CHECKED_HOOKS_MAX, Finding, LOOP_HOOKS_MAX, WORK_MAX, check};
pub use convert::{Converted, Loss, NewFile, convert};
pub use effects::programs;
pub use guards::{Caps, Cut, Due, Guards, HOOKS_KEPT_MAX, HookCaps, ROOTS_MAX, Spent, Why};
pub use hook::{
    Action, CLI_OUTPUT_DEFAULT, CLI_TIMEOUT_MS_DEFAULT, CONFIRM_OPTIONS_MAX, Confirm, ConfirmOption, Format,
    Hook, HookId, OUTPUT_DEFAULT, OUTPUT_MAX, Scope, Source, TIMEOUT_MS_DEFAULT, TIMEOUT_MS_MAX,
};
pub use matcher::{Matcher, PATTERNS_MAX, PathGlob, ToolPattern};
pub use matching::{Match, PATH_KEYS, Verdict, explain, matching};
pub use moment::{Chain, LINKS_MAX, Moment, PATHS_MAX};
pub use outcome::{Exit, Outcome, REASON_MAX, outcome};
pub use pattern::{COMPILED_MAX, PATTERN_MAX, Pattern, SUBJECT_MAX};
pub use payload::{TEXT_MAX, VARIABLE_MAX, environment, payload, prompt};
pub use read::{FILE_WEIGHT_MAX, HOOKS_MAX, HookFile, is_hook_file, read, read_agent_hooks};
pub use tool_names::{CATEGORIES, ToolNames, built_in, cli_name, v1_name};
pub use trigger::{TRIGGERS, Trigger};

//! The moments at which hooks run, and every word that people write for them. Matches nothing.

/// The moment at which a hook runs, by Kiro's v1 names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trigger {
    /// A session begins.
    SessionStart,
    /// A session ends.
    SessionEnd,
    /// A person sent a prompt; a hook can refuse it.
    UserPromptSubmit,
    /// The agent came to rest.
    Stop,
    /// Before a tool runs; a hook can refuse it.
    PreToolUse,
    /// After a tool ran.
    PostToolUse,
    /// Before a task of a spec; a hook can refuse it.
    PreTaskExec,
    /// After a task of a spec.
    PostTaskExec,
    /// A file came.
    PostFileCreate,
    /// A file was saved.
    PostFileSave,
    /// A file went.
    PostFileDelete,
    /// A person asks for it.
    Manual,
}

/// Which vocabulary a spelling belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// Kiro's v1 name.
    Name,
    /// A spelling that Kiro or `hooks.yaml` documents.
    Alias,
    /// A spelling that people write and that no document knows; it is understood and said.
    Wild,
}

/// Every trigger, in the order of the documentation.
pub const TRIGGERS: [Trigger; 12] = [
    Trigger::SessionStart,
    Trigger::SessionEnd,
    Trigger::UserPromptSubmit,
    Trigger::Stop,
    Trigger::PreToolUse,
    Trigger::PostToolUse,
    Trigger::PreTaskExec,
    Trigger::PostTaskExec,
    Trigger::PostFileCreate,
    Trigger::PostFileSave,
    Trigger::PostFileDelete,
    Trigger::Manual,
];

/// Every spelling: v1, 0.x, the 2.x command line, `hooks.yaml`, and what is found in repositories.
const SPELLINGS: &[(&str, Trigger, Word)] = &[
    ("SessionStart", Trigger::SessionStart, Word::Name),
    ("sessionStart", Trigger::SessionStart, Word::Alias),
    ("agentSpawn", Trigger::SessionStart, Word::Alias),
    ("session_started", Trigger::SessionStart, Word::Alias),
    ("session_start", Trigger::SessionStart, Word::Alias),
    ("onSessionStart", Trigger::SessionStart, Word::Wild),
    ("SessionEnd", Trigger::SessionEnd, Word::Name),
    ("sessionEnd", Trigger::SessionEnd, Word::Alias),
    ("session_ended", Trigger::SessionEnd, Word::Alias),
    ("session_end", Trigger::SessionEnd, Word::Alias),
    ("onSessionEnd", Trigger::SessionEnd, Word::Alias),
    ("UserPromptSubmit", Trigger::UserPromptSubmit, Word::Name),
    ("userPromptSubmit", Trigger::UserPromptSubmit, Word::Alias),
    ("promptSubmit", Trigger::UserPromptSubmit, Word::Alias),
    ("prompt_submitted", Trigger::UserPromptSubmit, Word::Alias),
    ("prompt_submit", Trigger::UserPromptSubmit, Word::Alias),
    ("onUserInput", Trigger::UserPromptSubmit, Word::Alias),
    ("Stop", Trigger::Stop, Word::Name),
    ("stop", Trigger::Stop, Word::Alias),
    ("agentStop", Trigger::Stop, Word::Alias),
    ("agent_stopped", Trigger::Stop, Word::Alias),
    ("agent_stop", Trigger::Stop, Word::Alias),
    ("agentResponse", Trigger::Stop, Word::Wild),
    ("PreToolUse", Trigger::PreToolUse, Word::Name),
    ("preToolUse", Trigger::PreToolUse, Word::Alias),
    ("pre_tool_use", Trigger::PreToolUse, Word::Alias),
    ("PostToolUse", Trigger::PostToolUse, Word::Name),
    ("postToolUse", Trigger::PostToolUse, Word::Alias),
    ("post_tool_use", Trigger::PostToolUse, Word::Alias),
    ("PreTaskExec", Trigger::PreTaskExec, Word::Name),
    ("preTaskExecution", Trigger::PreTaskExec, Word::Alias),
    ("pre_task", Trigger::PreTaskExec, Word::Alias),
    ("task_started", Trigger::PreTaskExec, Word::Alias),
    ("PostTaskExec", Trigger::PostTaskExec, Word::Name),
    ("postTaskExecution", Trigger::PostTaskExec, Word::Alias),
    ("post_task", Trigger::PostTaskExec, Word::Alias),
    ("task_completed", Trigger::PostTaskExec, Word::Alias),
    ("PostFileCreate", Trigger::PostFileCreate, Word::Name),
    ("fileCreated", Trigger::PostFileCreate, Word::Alias),
    ("file_created", Trigger::PostFileCreate, Word::Alias),
    ("fileCreate", Trigger::PostFileCreate, Word::Wild),
    ("onFileCreate", Trigger::PostFileCreate, Word::Wild),
    ("PostFileSave", Trigger::PostFileSave, Word::Name),
    ("AfterFileEdit", Trigger::PostFileSave, Word::Alias),
    ("fileEdited", Trigger::PostFileSave, Word::Alias),
    ("file_modified", Trigger::PostFileSave, Word::Alias),
    ("file_saved", Trigger::PostFileSave, Word::Alias),
    ("onFileSave", Trigger::PostFileSave, Word::Alias),
    ("fileSaved", Trigger::PostFileSave, Word::Wild),
    ("fileSave", Trigger::PostFileSave, Word::Wild),
    ("fileModified", Trigger::PostFileSave, Word::Wild),
    ("onSave", Trigger::PostFileSave, Word::Wild),
    ("PostFileDelete", Trigger::PostFileDelete, Word::Name),
    ("fileDeleted", Trigger::PostFileDelete, Word::Alias),
    ("file_deleted", Trigger::PostFileDelete, Word::Alias),
    ("fileDelete", Trigger::PostFileDelete, Word::Wild),
    ("onFileDelete", Trigger::PostFileDelete, Word::Wild),
    ("Manual", Trigger::Manual, Word::Name),
    ("userTriggered", Trigger::Manual, Word::Alias),
    ("manual", Trigger::Manual, Word::Alias),
];

impl Trigger {
    /// The trigger of that spelling, whatever the format.
    pub fn named(word: &str) -> Option<Trigger> {
        SPELLINGS.iter().find(|(known, ..)| *known == word).map(|(_, trigger, _)| *trigger)
    }

    /// Whether the spelling is one that no document knows, though its meaning is plain.
    pub fn is_wild(word: &str) -> bool {
        SPELLINGS.iter().any(|(known, _, kind)| *known == word && *kind == Word::Wild)
    }

    /// Kiro's v1 name.
    pub fn name(self) -> &'static str {
        let of = |(_, trigger, kind): &&(&str, Trigger, Word)| *trigger == self && *kind == Word::Name;
        SPELLINGS.iter().find(of).map_or("", |(name, ..)| name)
    }

    /// The name in 0.x files.
    pub fn legacy_name(self) -> &'static str {
        match self {
            Trigger::SessionStart => "sessionStart",
            Trigger::SessionEnd => "sessionEnd",
            Trigger::UserPromptSubmit => "promptSubmit",
            Trigger::Stop => "agentStop",
            Trigger::PreToolUse => "preToolUse",
            Trigger::PostToolUse => "postToolUse",
            Trigger::PreTaskExec => "preTaskExecution",
            Trigger::PostTaskExec => "postTaskExecution",
            Trigger::PostFileCreate => "fileCreated",
            Trigger::PostFileSave => "fileEdited",
            Trigger::PostFileDelete => "fileDeleted",
            Trigger::Manual => "userTriggered",
        }
    }

    /// The name that the 2.x command line sends; the v1 name in camel case where it has none.
    pub fn cli_name(self) -> &'static str {
        match self {
            Trigger::SessionStart => "agentSpawn",
            Trigger::SessionEnd => "sessionEnd",
            Trigger::UserPromptSubmit => "userPromptSubmit",
            Trigger::Stop => "stop",
            Trigger::PreToolUse => "preToolUse",
            Trigger::PostToolUse => "postToolUse",
            Trigger::PreTaskExec => "preTaskExec",
            Trigger::PostTaskExec => "postTaskExec",
            Trigger::PostFileCreate => "postFileCreate",
            Trigger::PostFileSave => "postFileSave",
            Trigger::PostFileDelete => "postFileDelete",
            Trigger::Manual => "manual",
        }
    }

    /// The name in `hooks.yaml`.
    pub fn yaml_name(self) -> &'static str {
        match self {
            Trigger::SessionStart => "session_started",
            Trigger::SessionEnd => "session_ended",
            Trigger::UserPromptSubmit => "prompt_submitted",
            Trigger::Stop => "agent_stopped",
            Trigger::PreToolUse => "pre_tool_use",
            Trigger::PostToolUse => "post_tool_use",
            Trigger::PreTaskExec => "task_started",
            Trigger::PostTaskExec => "task_completed",
            Trigger::PostFileCreate => "file_created",
            Trigger::PostFileSave => "file_modified",
            Trigger::PostFileDelete => "file_deleted",
            Trigger::Manual => "manual",
        }
    }

    /// Whether a command can refuse what is about to happen.
    pub fn can_refuse(self) -> bool {
        matches!(self, Trigger::UserPromptSubmit | Trigger::PreToolUse | Trigger::PreTaskExec)
    }

    /// Whether it is about a file.
    pub fn is_file(self) -> bool {
        matches!(self, Trigger::PostFileCreate | Trigger::PostFileSave | Trigger::PostFileDelete)
    }

    /// Whether it is about a tool.
    pub fn is_tool(self) -> bool {
        matches!(self, Trigger::PreToolUse | Trigger::PostToolUse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trigger_is_found_by_each_of_its_names() {
        for trigger in TRIGGERS {
            for name in [trigger.name(), trigger.legacy_name(), trigger.yaml_name()] {
                assert_eq!(Trigger::named(name), Some(trigger), "{name}");
                assert!(!Trigger::is_wild(name), "{name}");
            }
        }
        assert_eq!(Trigger::named("fileSaved"), Some(Trigger::PostFileSave));
        assert!(Trigger::is_wild("fileSaved"));
        assert_eq!(Trigger::named("filesaved"), None);
    }

    #[test]
    fn no_spelling_means_two_things() {
        for (at, (word, ..)) in SPELLINGS.iter().enumerate() {
            assert_eq!(SPELLINGS.iter().position(|(other, ..)| other == word), Some(at), "{word}");
        }
    }
}

//! Starting documents for a new spec from one sentence, without any model: what the sentence says, in the form that
//! Kiro accepts, and guiding sentences where only a person can know. Invents nothing.

use crate::kind::SpecKind;
use crate::write::{
    self, BugfixDesignDraft, BugfixDraft, ComponentDraft, DesignDraft, PropertyDraft, RequirementDraft,
    RequirementsDraft, SingleDraft, TaskDraft, TasksDraft,
};

/// Words in a derived name.
pub const NAME_WORDS_MAX: usize = 5;

/// Bytes in a derived name, so that it is a folder name everywhere.
pub const NAME_BYTES_MAX: usize = 60;

/// What a new spec begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start<'a> {
    /// How it will be worked on.
    pub kind: SpecKind,
    /// The folder's name; only shown, so any text does.
    pub name: &'a str,
    /// What the person asked for.
    pub sentence: &'a str,
    /// `specId` for the side-car, normally a UUID that the caller drew; no side-car is written without it.
    pub spec_id: Option<&'a str>,
    /// The command that proves the whole spec, when the caller knows one.
    pub check: Option<&'a str>,
}

/// A folder name from a sentence: lower case, words joined by `-`, filler words left out. Letters of every script
/// stay. Never empty, never a path.
pub fn name_from(sentence: &str) -> String {
    const FILLERS: &[&str] = &[
        "a",
        "an",
        "the",
        "to",
        "of",
        "for",
        "and",
        "or",
        "in",
        "on",
        "with",
        "that",
        "this",
        "so",
        "we",
        "i",
        "it",
        "is",
        "be",
        "my",
        "our",
        "should",
        "please",
        "add",
        "implement",
        "create",
        "want",
        "need",
        "by",
        "as",
    ];
    let lower = sentence.to_lowercase().replace(['\'', '’'], "");
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let telling: Vec<&str> = words.iter().copied().filter(|word| !FILLERS.contains(word)).collect();
    let mut name = String::new();
    for word in if telling.is_empty() { words } else { telling }.into_iter().take(NAME_WORDS_MAX) {
        if name.len() + word.len() + 1 > NAME_BYTES_MAX {
            break;
        }
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(word);
    }
    const RESERVED: &[&str] =
        &["con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "lpt1", "lpt2", "lpt3"];
    if name.is_empty() || RESERVED.contains(&name.as_str()) {
        format!("spec{}{name}", if name.is_empty() { "" } else { "-" })
    } else {
        name
    }
}

/// The documents of a new spec folder as (file name, text), in the order in which they are worked on; the side-car
/// last.
pub fn documents(start: &Start<'_>) -> Vec<(String, String)> {
    let said = Said::read(start.sentence);
    let file = |name: &str, text: String| (name.to_string(), text);
    let mut out = match start.kind {
        SpecKind::Bugfix => vec![
            file("bugfix.md", write::bugfix_md(&bugfix(&said))),
            file("design.md", write::bugfix_design_md(&bugfix_design(start, &said))),
        ],
        SpecKind::Feature | SpecKind::Quick => vec![
            file("requirements.md", write::requirements_md(&requirements(&said))),
            file("design.md", write::design_md(&design(start, &said))),
        ],
        SpecKind::DesignFirst => vec![
            file("design.md", write::design_md(&design(start, &said))),
            file("requirements.md", write::requirements_md(&requirements(&said))),
        ],
    };
    out.push(file("tasks.md", write::tasks_md(&tasks(start, &said))));
    if let Some(spec_id) = start.spec_id {
        out.push(file(".config.kiro", write::config_kiro(spec_id, start.kind)));
    }
    out
}

/// A single-file spec from one sentence.
pub fn single(start: &Start<'_>) -> String {
    let said = Said::read(start.sentence);
    write::single_md(&SingleDraft {
        title: said.title.clone(),
        introduction: said.sentence.clone(),
        requirements: vec![said.criterion.clone()],
        constraints: vec!["Keep the behaviour that existing tests describe.".to_string()],
        out_of_scope: vec!["Anything that the requirements above do not name.".to_string()],
        check: start.check.map(str::to_string),
    })
}

/// A sentence, taken apart as far as its own words allow.
struct Said {
    sentence: String,
    title: String,
    /// `to add a limit` or `this: dark mode`, to stand behind `I want`.
    wish: String,
    /// What it is about, without the leading verb.
    matter: String,
    /// One criterion in EARS form.
    criterion: String,
    /// `WHEN …` of the sentence, if it names an occasion.
    occasion: Option<String>,
}

/// Verbs that ask for something to exist.
const BUILDING: &[&str] =
    &["add", "implement", "create", "build", "introduce", "support", "provide", "write", "make"];

/// Other verbs with which people begin a request.
const ACTING: &[&str] = &[
    "show", "return", "log", "reject", "limit", "allow", "let", "prevent", "validate", "send", "store",
    "save", "load", "delete", "remove", "rename", "replace", "export", "import", "display", "print", "cache",
    "retry", "record", "report", "sort", "filter", "search", "parse", "convert", "use", "move", "read",
    "warn", "notify", "keep", "refuse", "fix", "correct", "stop", "improve", "refactor", "migrate", "update",
    "change", "extend", "enable", "disable",
];

impl Said {
    fn read(sentence: &str) -> Said {
        let words: Vec<&str> = sentence.split_whitespace().collect();
        let sentence = words.join(" ");
        let bare = sentence.trim_end_matches(['.', '!', '?', '。']).to_string();
        let bare = if bare.is_empty() { "describe what should be built".to_string() } else { bare };
        let (verb, rest) = bare.split_once(' ').unwrap_or((bare.as_str(), ""));
        let verb = verb.to_lowercase();
        let is_building = BUILDING.contains(&verb.as_str()) && !rest.is_empty();
        let is_acting = ACTING.contains(&verb.as_str()) && !rest.is_empty();
        let wish =
            if is_building || is_acting { format!("to {verb} {rest}") } else { format!("this: {bare}") };
        let matter = if is_building { rest.to_string() } else { bare.clone() };
        let deed = match (is_building, is_acting) {
            (true, _) => format!("provide {rest}"),
            (_, true) => format!("{verb} {rest}"),
            _ => format!("meet this request: {bare}"),
        };
        let (occasion, deed) = split_occasion(&deed);
        let criterion = match &occasion {
            Some(occasion) => format!("WHEN {occasion}, THE System SHALL {deed}."),
            None => format!("THE System SHALL {deed}."),
        };
        Said { title: capital(&matter), sentence: bare, wish, matter, criterion, occasion }
    }
}

/// `return 429 when a key is over its limit` → the occasion and the deed.
fn split_occasion(deed: &str) -> (Option<String>, String) {
    for word in [" when ", " whenever ", " as soon as ", " if "] {
        if let Some((before, after)) = deed.split_once(word)
            && !before.trim().is_empty()
            && !after.trim().is_empty()
        {
            return (Some(after.trim().to_string()), before.trim().trim_end_matches(',').to_string());
        }
    }
    (None, deed.to_string())
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn requirements(said: &Said) -> RequirementsDraft {
    RequirementsDraft {
        introduction: format!(
            "{}.\n\nThis document was drafted from that one sentence. Say here who needs it and why, and add the \
             criteria that the sentence leaves out: the wrong input, the empty case, the failure of a neighbour.",
            said.sentence
        ),
        glossary: vec![write::TermDraft {
            name: "System".to_string(),
            definition: "the program that this specification changes".to_string(),
        }],
        requirements: vec![RequirementDraft {
            title: said.title.clone(),
            user_story: format!(
                "As a user of the System, I want {}, so that the request above is met.",
                said.wish
            ),
            criteria: vec![said.criterion.clone()],
        }],
    }
}

fn bugfix(said: &Said) -> BugfixDraft {
    let (occasion, defect) = split_occasion(&said.sentence);
    let occasion = occasion.unwrap_or_else(|| "the steps of this report are followed".to_string());
    BugfixDraft {
        introduction: format!(
            "{}.\n\nThis analysis was drafted from that one sentence. Add the smallest input that shows the defect.",
            said.sentence
        ),
        current: vec![format!("WHEN {occasion} THEN the system shows the defect: {defect}")],
        expected: vec![format!("WHEN {occasion} THEN the system SHALL no longer show the defect: {defect}")],
        unchanged: vec![
            "WHEN the defect's condition does not hold THEN the system SHALL CONTINUE TO behave as its existing tests \
             describe"
                .to_string(),
        ],
    }
}

fn design(start: &Start<'_>, said: &Said) -> DesignDraft {
    DesignDraft {
        title: said.title.clone(),
        overview: format!(
            "{}.\n\nState here in a few sentences how the request will be met and why this way was chosen.",
            said.sentence
        ),
        architecture:
            "Name the existing modules that are touched, what each of them gains, and what stays as it is."
                .to_string(),
        components: vec![ComponentDraft {
            name: said.title.clone(),
            text:
                "Say what this part does, in which file it lives, and the functions or types that it offers."
                    .to_string(),
        }],
        data_models: "List new or changed types, stored shapes and settings; write `None` if there are none."
            .to_string(),
        properties: vec![PropertyDraft {
            title: said.title.clone(),
            statement: format!("*For any* input to which it applies, this holds: {}", said.criterion),
            validates: vec!["1.1".to_string()],
        }],
        error_handling: "For each thing that can go wrong, say what the caller sees and what is left behind."
            .to_string(),
        testing_strategy: "Name one test for each acceptance criterion, and the command that runs them."
            .to_string(),
        check: start.check.map(str::to_string),
    }
}

fn bugfix_design(start: &Start<'_>, said: &Said) -> BugfixDesignDraft {
    BugfixDesignDraft {
        title: said.title.clone(),
        overview: format!(
            "{}.\n\nState here in a few sentences how the defect will be removed.",
            said.sentence
        ),
        glossary: vec![write::TermDraft {
            name: "Bug_Condition".to_string(),
            definition: "the inputs for which the defect shows".to_string(),
        }],
        bug_details: "Describe how the defect shows, and since when.".to_string(),
        bug_condition: match &said.occasion {
            Some(occasion) => format!("The defect shows when {occasion}."),
            None => "Describe the inputs for which the defect shows, as narrowly as you can.".to_string(),
        },
        expected_behavior: "Clauses 2.x of the bug analysis hold for every input of the bug condition."
            .to_string(),
        preservation: "Clauses 3.x of the bug analysis hold for every other input.".to_string(),
        root_cause: "Not known yet. Write the first test so that it fails, and note here what it shows."
            .to_string(),
        properties: vec![
            PropertyDraft {
                title: "Bug Condition".to_string(),
                statement:
                    "*For any* input of the bug condition, the system SHALL behave as clause 2.1 says."
                        .to_string(),
                validates: vec!["2.1".to_string()],
            },
            PropertyDraft {
                title: "Preservation".to_string(),
                statement: "*For any* other input, the system SHALL behave as before.".to_string(),
                validates: vec!["3.1".to_string()],
            },
        ],
        fix: "Name the files and functions that change, once the root cause is known.".to_string(),
        testing_strategy:
            "One test that fails before the fix and passes after it; the existing tests stay green."
                .to_string(),
        check: start.check.map(str::to_string),
    }
}

fn tasks(start: &Start<'_>, said: &Said) -> TasksDraft {
    let is_bug = start.kind == SpecKind::Bugfix;
    let (wanted, kept) = if is_bug { ("2.1", Some("3.1")) } else { ("1.1", None) };
    let check = start.check.map(str::to_string);
    let task = |title: String, details: Vec<String>, ids: Vec<&str>| TaskDraft {
        title,
        details,
        requirements: ids.into_iter().map(str::to_string).collect(),
        check: check.clone(),
        ..TaskDraft::default()
    };
    let mut all = vec![wanted];
    all.extend(kept);
    let (first, hint) = match is_bug {
        true => ("Write a test that shows the defect", "The test fails before the fix and passes after it."),
        false => (
            "Write a test for the first criterion",
            "Name the test after what it shows; run it and see it fail.",
        ),
    };
    let second = match is_bug {
        true => format!("Remove the defect: {}", said.matter),
        false => format!("Build it: {}", said.matter),
    };
    // The first task is proved by its failing test, which no green check can show, so it belongs to the second one:
    // test and change together are one provable step.
    let build = TaskDraft {
        details: vec![format!("{first}. {hint}"), "Make the smallest change that lets it pass.".to_string()],
        ..task(second, Vec::new(), all.clone())
    };
    TasksDraft {
        title: said.title.clone(),
        overview: format!(
            "{}. Drafted from one sentence: split the work before you approve it.",
            said.sentence
        ),
        tasks: vec![build, task("Checkpoint - Ensure all tests pass".to_string(), Vec::new(), Vec::new())],
        notes: vec![format!("This plan belongs to the spec `{}`", start.name.replace('`', " "))],
        waves: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use crate::kind::DocumentKind;
    use proptest::prelude::*;

    #[test]
    fn names() {
        let check = |sentence: &str, expected: &str| assert_eq!(name_from(sentence), expected, "{sentence}");
        check("Add rate limiting to the public API", "rate-limiting-public-api");
        check("The cart shows NaN when it's empty!", "cart-shows-nan-when-its");
        check("../../etc/passwd", "etc-passwd");
        check("ログイン画面を追加", "ログイン画面を追加");
        check("the", "the");
        check("", "spec");
        check("CON", "spec-con");
        check(&"x".repeat(500), "spec");
    }

    fn start(kind: SpecKind, sentence: &str) -> Start<'_> {
        Start { kind, name: "x", sentence, spec_id: Some("id"), check: Some("cargo test") }
    }

    #[test]
    fn the_criterion_is_built_from_the_sentence() {
        let check = |sentence: &str, expected: &str| assert_eq!(Said::read(sentence).criterion, expected);
        check("Add rate limiting to the API.", "THE System SHALL provide rate limiting to the API.");
        check(
            "Return 429 when a key is over its limit",
            "WHEN a key is over its limit, THE System SHALL return 429.",
        );
        check("Dark mode", "THE System SHALL meet this request: Dark mode.");
        check("", "THE System SHALL meet this request: describe what should be built.");
    }

    #[test]
    fn every_kind_gives_its_documents() {
        let names = |kind| -> Vec<String> {
            documents(&start(kind, "Add x")).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names(SpecKind::Feature), ["requirements.md", "design.md", "tasks.md", ".config.kiro"]);
        assert_eq!(names(SpecKind::Quick), ["requirements.md", "design.md", "tasks.md", ".config.kiro"]);
        assert_eq!(
            names(SpecKind::DesignFirst),
            ["design.md", "requirements.md", "tasks.md", ".config.kiro"]
        );
        assert_eq!(names(SpecKind::Bugfix), ["bugfix.md", "design.md", "tasks.md", ".config.kiro"]);
    }

    #[test]
    fn a_single_file_can_be_read_back() {
        let text = single(&start(SpecKind::Feature, "Add rate limiting"));
        let read = crate::single::SingleFile::parse(text.as_bytes());
        assert_eq!((read.title.as_str(), read.requirements.len()), ("Rate limiting", 1));
        assert_eq!(read.check.as_deref(), Some("cargo test"));
    }

    proptest! {
        #[test]
        fn kiro_accepts_every_start(sentence in "(\\PC|\n|# |```|- \\[ \\] |WHEN | when ){0,12}") {
            let name = name_from(&sentence);
            prop_assert!(!name.is_empty() && name.len() <= NAME_BYTES_MAX + 5 && !name.contains(['/', '.', '\\']));
            for kind in SpecKind::ALL {
                for (file, text) in documents(&start(kind, &sentence)) {
                    let document = DocumentKind::of_file_name(&file).unwrap();
                    let found = check(document, Some(kind), text.as_bytes());
                    prop_assert!(found.is_empty(), "{:?}\n{}", found, text);
                }
            }
        }
    }
}

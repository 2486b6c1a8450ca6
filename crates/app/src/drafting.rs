//! Documents that a model hands in as data: their JSON shape, what is refused, and the drafts they become.
//! Writes no file; the wording of documents lives in `spec::write`.

use agent::Submit;
use conversation::ToolDescription;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use spec::write::{
    BugfixDesignDraft, BugfixDraft, ComponentDraft, DesignDraft, PropertyDraft, RequirementDraft,
    RequirementsDraft, SingleDraft, TaskDraft, TasksDraft, TermDraft,
};

use crate::error::{Error, Outcome};

/// A plan as the model submits it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct PlanWire {
    /// How the work is cut and why in this order, in a few sentences.
    pub(crate) overview: String,
    /// The tasks in order, each small enough to be checked by itself. End with a checkpoint that runs everything.
    pub(crate) tasks: Vec<TaskWire>,
    /// The command that proves the whole; stands for every task that names no check.
    #[serde(default)]
    pub(crate) check: Option<String>,
    #[serde(default)]
    pub(crate) notes: Vec<String>,
    /// Only when the spec has no design yet.
    #[serde(default)]
    pub(crate) design: Option<DesignWire>,
}

/// One task.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct TaskWire {
    /// One line, beginning with a verb; "Checkpoint - …" for a task that only verifies.
    title: String,
    /// What exactly to do, one line each. Name the design sections it needs.
    #[serde(default)]
    details: Vec<String>,
    /// Files it will create or change, tests included.
    #[serde(default)]
    files: Vec<String>,
    /// Ids of the criteria it fulfils, such as "1.2".
    #[serde(default)]
    requirements: Vec<String>,
    /// A command that fails before the task and passes after it.
    #[serde(default)]
    check: Option<String>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    subtasks: Vec<SubtaskWire>,
}

/// A part of a task.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct SubtaskWire {
    title: String,
    #[serde(default)]
    details: Vec<String>,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    requirements: Vec<String>,
    #[serde(default)]
    check: Option<String>,
    #[serde(default)]
    optional: bool,
}

/// A design. For a bug fix the last four fields are needed as well.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct DesignWire {
    overview: String,
    /// Feature: how the parts hang together.
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    components: Vec<ComponentWire>,
    #[serde(default)]
    data_models: String,
    #[serde(default)]
    properties: Vec<PropertyWire>,
    #[serde(default)]
    error_handling: String,
    testing_strategy: String,
    /// Bug fix: how the bug shows and for which inputs.
    #[serde(default)]
    bug_details: String,
    /// Bug fix: what should happen, and what must stay.
    #[serde(default)]
    expected_behavior: String,
    /// Bug fix: why it happens.
    #[serde(default)]
    root_cause: String,
    /// Bug fix: what will be changed.
    #[serde(default)]
    fix: String,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct ComponentWire {
    name: String,
    text: String,
}

/// A property that holds for all inputs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct PropertyWire {
    title: String,
    /// "For any …, … SHALL …"
    statement: String,
    /// Ids of the criteria that it validates.
    validates: Vec<String>,
}

/// Requirements as the model submits them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct RequirementsWire {
    introduction: String,
    #[serde(default)]
    glossary: Vec<TermWire>,
    requirements: Vec<RequirementWire>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct TermWire {
    /// In Title_Snake_Case.
    name: String,
    definition: String,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct RequirementWire {
    title: String,
    /// "As a …, I want …, so that …"
    user_story: String,
    /// EARS, one line each: "WHEN …, THE Name SHALL …"; failures too: "IF …, THEN THE Name SHALL …".
    criteria: Vec<String>,
}

/// A bug report as the model submits it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct BugfixWire {
    introduction: String,
    /// "WHEN … THEN the system …", what happens now.
    current: Vec<String>,
    /// "WHEN … THEN the system SHALL …", what should happen.
    expected: Vec<String>,
    /// "WHEN … THEN the system SHALL CONTINUE TO …", what must stay.
    unchanged: Vec<String>,
}

/// A single-file spec as the model submits it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct SingleWire {
    title: String,
    introduction: String,
    /// One testable line each.
    requirements: Vec<String>,
    #[serde(default)]
    constraints: Vec<String>,
    #[serde(default)]
    out_of_scope: Vec<String>,
    #[serde(default)]
    check: Option<String>,
}

/// A feature with its design.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct DesignedWire {
    pub(crate) design: DesignWire,
    pub(crate) requirements: RequirementsWire,
}

/// Everything of a quick spec.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct QuickWire {
    pub(crate) requirements: RequirementsWire,
    pub(crate) design: DesignWire,
    pub(crate) plan: PlanWire,
}

/// The tool by which such a document is handed in, and the place where the accepted one will be.
pub(crate) fn submit<T: DeserializeOwned + JsonSchema + 'static>(
    name: &str,
    description: &str,
    check: impl Fn(&T) -> Result<(), String> + Send + Sync + 'static,
) -> (Submit, impl FnOnce() -> Outcome<T>) {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    for noise in ["$schema", "title", "description"] {
        schema.remove(noise);
    }
    let description = ToolDescription {
        name: name.to_string(),
        description: description.to_string(),
        schema: serde_json::to_string(&schema).unwrap_or_else(|_| "{\"type\":\"object\"}".to_string()),
    };
    let read = |document: &serde_json::Value| T::deserialize(document).map_err(|error| error.to_string());
    let (tool, accepted) =
        Submit::new(description, Box::new(move |document| read(document).and_then(|read| check(&read))));
    let name = name.to_string();
    let take = move || {
        let document = accepted.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let document = document.ok_or_else(|| {
            Error::failed(format!("the model ended without a document that `{name}` accepts"))
                .hint("say more in the spec or try another model; nothing was written")
        })?;
        T::deserialize(&document).map_err(Error::failed)
    };
    (tool, take)
}

impl PlanWire {
    /// The plan as a draft of `tasks.md`.
    pub(crate) fn tasks(&self, title: &str) -> TasksDraft {
        let tasks = self.tasks.iter().map(|task| task.draft(self.check.as_deref())).collect();
        TasksDraft {
            title: title.to_string(),
            overview: self.overview.clone(),
            tasks,
            notes: self.notes.clone(),
            waves: None,
        }
    }
}

impl TaskWire {
    fn draft(&self, check: Option<&str>) -> TaskDraft {
        let own = self.check.as_deref().or(check);
        let subtasks: Vec<TaskDraft> = self.subtasks.iter().map(|part| part.draft(own)).collect();
        TaskDraft {
            title: self.title.clone(),
            details: self.details.clone(),
            files: self.files.clone(),
            requirements: self.requirements.clone(),
            // A task with parts is done when its parts are; each part carries the check.
            check: own.filter(|_| subtasks.is_empty()).map(str::to_string),
            optional: self.optional,
            subtasks,
        }
    }
}

impl SubtaskWire {
    fn draft(&self, check: Option<&str>) -> TaskDraft {
        TaskDraft {
            title: self.title.clone(),
            details: self.details.clone(),
            files: self.files.clone(),
            requirements: self.requirements.clone(),
            check: self.check.as_deref().or(check).map(str::to_string),
            optional: self.optional,
            subtasks: Vec::new(),
        }
    }
}

impl DesignWire {
    /// The design of a feature.
    pub(crate) fn feature(&self, title: &str, check: Option<String>) -> DesignDraft {
        DesignDraft {
            title: title.to_string(),
            overview: self.overview.clone(),
            architecture: self.architecture.clone(),
            components: self
                .components
                .iter()
                .map(|part| ComponentDraft { name: part.name.clone(), text: part.text.clone() })
                .collect(),
            data_models: self.data_models.clone(),
            properties: self.properties(),
            error_handling: self.error_handling.clone(),
            testing_strategy: self.testing_strategy.clone(),
            check,
        }
    }

    /// The design of a bug fix.
    pub(crate) fn bugfix(&self, title: &str, check: Option<String>) -> BugfixDesignDraft {
        BugfixDesignDraft {
            title: title.to_string(),
            overview: self.overview.clone(),
            glossary: Vec::new(),
            bug_details: self.bug_details.clone(),
            bug_condition: String::new(),
            expected_behavior: self.expected_behavior.clone(),
            preservation: String::new(),
            root_cause: self.root_cause.clone(),
            properties: self.properties(),
            fix: self.fix.clone(),
            testing_strategy: self.testing_strategy.clone(),
            check,
        }
    }

    fn properties(&self) -> Vec<PropertyDraft> {
        let draft = |property: &PropertyWire| PropertyDraft {
            title: property.title.clone(),
            statement: property.statement.clone(),
            validates: property.validates.clone(),
        };
        self.properties.iter().map(draft).collect()
    }
}

impl RequirementsWire {
    /// The requirements as a draft.
    pub(crate) fn draft(&self) -> RequirementsDraft {
        RequirementsDraft {
            introduction: self.introduction.clone(),
            glossary: self
                .glossary
                .iter()
                .map(|term| TermDraft { name: term.name.clone(), definition: term.definition.clone() })
                .collect(),
            requirements: self
                .requirements
                .iter()
                .map(|one| RequirementDraft {
                    title: one.title.clone(),
                    user_story: one.user_story.clone(),
                    criteria: one.criteria.clone(),
                })
                .collect(),
        }
    }

    /// What is refused: requirements that say nothing that could be tested.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.requirements.is_empty() {
            return Err("there is no requirement".to_string());
        }
        match self.requirements.iter().find(|one| one.criteria.is_empty()) {
            Some(bare) => Err(format!("requirement `{}` has no criteria", bare.title)),
            None => Ok(()),
        }
    }

    /// The ids that its criteria will have.
    pub(crate) fn criteria(&self) -> Vec<String> {
        let numbered = self.requirements.iter().enumerate();
        numbered
            .flat_map(|(n, one)| (1..=one.criteria.len()).map(move |m| format!("{}.{m}", n + 1)))
            .collect()
    }
}

impl BugfixWire {
    /// The report as a draft.
    pub(crate) fn draft(&self) -> BugfixDraft {
        BugfixDraft {
            introduction: self.introduction.clone(),
            current: self.current.clone(),
            expected: self.expected.clone(),
            unchanged: self.unchanged.clone(),
        }
    }

    /// What is refused: a report without the three parts.
    pub(crate) fn check(&self) -> Result<(), String> {
        match [("current", &self.current), ("expected", &self.expected), ("unchanged", &self.unchanged)]
            .into_iter()
            .find(|(_, clauses)| clauses.is_empty())
        {
            Some((name, _)) => Err(format!("`{name}` is empty")),
            None => Ok(()),
        }
    }
}

impl SingleWire {
    /// The spec as a draft.
    pub(crate) fn draft(&self) -> SingleDraft {
        SingleDraft {
            title: self.title.clone(),
            introduction: self.introduction.clone(),
            requirements: self.requirements.clone(),
            constraints: self.constraints.clone(),
            out_of_scope: self.out_of_scope.clone(),
            check: self.check.clone(),
        }
    }

    /// What is refused: a spec that asks for nothing.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.requirements.is_empty() { Err("there is no requirement".to_string()) } else { Ok(()) }
    }
}

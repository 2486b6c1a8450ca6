//! Which kind of spec and which kind of document. Reads no document.

/// How a spec is worked on, as the person chose it. `Quick` and `DesignFirst` are features with another order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SpecKind {
    /// Requirements, then design, then tasks.
    #[default]
    Feature,
    /// A bug analysis in place of the requirements.
    Bugfix,
    /// All three documents in one go (Kiro's Quick Spec).
    Quick,
    /// Design, then requirements, then tasks.
    DesignFirst,
}

impl SpecKind {
    /// Every kind, in the order a menu shows them.
    pub const ALL: [SpecKind; 4] =
        [SpecKind::Feature, SpecKind::Bugfix, SpecKind::Quick, SpecKind::DesignFirst];

    /// The value of `specType` in `.config.kiro`. Kiro's own quick specs say `feature`, so ours do too.
    pub fn spec_type(self) -> SpecType {
        match self {
            SpecKind::Bugfix => SpecType::Bugfix,
            SpecKind::Feature | SpecKind::Quick | SpecKind::DesignFirst => SpecType::Feature,
        }
    }

    /// The value of `workflowType` in `.config.kiro`. Kiro's bug fixes say `requirements-first`.
    pub fn workflow(self) -> Workflow {
        match self {
            SpecKind::Feature | SpecKind::Bugfix => Workflow::RequirementsFirst,
            SpecKind::Quick => Workflow::FastTask,
            SpecKind::DesignFirst => Workflow::DesignFirst,
        }
    }

    /// The word a person types: `feature`, `bugfix`, `quick`, `design-first`.
    pub fn name(self) -> &'static str {
        match self {
            SpecKind::Feature => "feature",
            SpecKind::Bugfix => "bugfix",
            SpecKind::Quick => "quick",
            SpecKind::DesignFirst => "design-first",
        }
    }

    /// The kind with that [`SpecKind::name`], or none.
    pub fn from_name(name: &str) -> Option<SpecKind> {
        SpecKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// `specType` of `.config.kiro`: the complete set that Kiro 1.1 knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpecType {
    /// `feature`
    Feature,
    /// `bugfix`
    Bugfix,
    /// `quick-spec`, which was never seen in the wild.
    QuickSpec,
}

impl SpecType {
    /// The word in the file.
    pub fn name(self) -> &'static str {
        match self {
            SpecType::Feature => "feature",
            SpecType::Bugfix => "bugfix",
            SpecType::QuickSpec => "quick-spec",
        }
    }

    /// The type with that word, compared exactly as Kiro does.
    pub fn from_name(name: &str) -> Option<SpecType> {
        [SpecType::Feature, SpecType::Bugfix, SpecType::QuickSpec].into_iter().find(|t| t.name() == name)
    }
}

/// `workflowType` of `.config.kiro`: the complete set that Kiro 1.1 knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Workflow {
    /// `requirements-first`
    RequirementsFirst,
    /// `design-first`
    DesignFirst,
    /// `fast-task`
    FastTask,
    /// `verify-first`
    VerifyFirst,
}

impl Workflow {
    /// The word in the file.
    pub fn name(self) -> &'static str {
        match self {
            Workflow::RequirementsFirst => "requirements-first",
            Workflow::DesignFirst => "design-first",
            Workflow::FastTask => "fast-task",
            Workflow::VerifyFirst => "verify-first",
        }
    }

    /// The workflow with that word, compared exactly as Kiro does.
    pub fn from_name(name: &str) -> Option<Workflow> {
        [Workflow::RequirementsFirst, Workflow::DesignFirst, Workflow::FastTask, Workflow::VerifyFirst]
            .into_iter()
            .find(|w| w.name() == name)
    }
}

/// Which document of a spec some bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// `requirements.md`
    Requirements,
    /// `bugfix.md`
    Bugfix,
    /// `design.md`
    Design,
    /// `tasks.md`
    Tasks,
    /// `.config.kiro`
    Config,
    /// `.kiro/specs/<name>.md`
    Single,
}

impl DocumentKind {
    /// The document that a file of this name is inside a spec folder; none for a stranger.
    pub fn of_file_name(name: &str) -> Option<DocumentKind> {
        match name {
            "requirements.md" => Some(DocumentKind::Requirements),
            "bugfix.md" => Some(DocumentKind::Bugfix),
            "design.md" => Some(DocumentKind::Design),
            "tasks.md" => Some(DocumentKind::Tasks),
            ".config.kiro" => Some(DocumentKind::Config),
            _ => None,
        }
    }
}

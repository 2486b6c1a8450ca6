//! The rules and lists in force here, without a session: for the commands that explain, test and list them. Changes nothing,
//! runs nothing, asks no model.

use std::path::PathBuf;
use std::sync::Arc;

use conversation::{Call, Input, Plain, Seen, Tool, ToolContext};
use guard::{Ground, Lists, OwnRule};
use policy::{
    Basis, Capability, Cited, Effect, IgnoreFile, Mode, Origin, Permit, Policy, Problem, Request, Rule,
    Scope, Source, Taint, Target, Verdict,
};
use sandbox::{Confine, Confined};

use crate::cli::RuleFlags;
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::policy_reports::{PolicyPlace, PolicyProblem, PolicyRule};
use crate::workspace::Workspace;
use crate::world::World;
use crate::{limits, rules};

/// The rules in force, with where they stand.
pub(crate) struct InForce {
    pub(crate) config: Config,
    pub(crate) workspace: Workspace,
    pub(crate) policy: Policy,
    pub(crate) is_trusted: bool,
    /// The files of rules that were read.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) lists: Vec<IgnoreFile>,
    /// What is wrong with files of rules and lists.
    pub(crate) problems: Vec<Problem>,
    /// Rules of `config.toml` that cannot be read, with the words. A session would not start with one.
    pub(crate) unreadable: Vec<(Option<u32>, String)>,
    ground: Ground,
    settings: PathBuf,
    settings_text: String,
}

impl InForce {
    /// Reads everything. `mode` goes before the mode of flags and settings. A rule of the settings that cannot be read is an
    /// error, unless it is `tolerated`.
    pub(crate) fn read(
        world: &World,
        flags: &RuleFlags,
        mode: Option<Mode>,
        tolerated: bool,
    ) -> Outcome<InForce> {
        let config = Config::read(&world.config)?;
        let workspace = Workspace::find(world)?;
        let ground = limits::ground(world, &workspace);
        let session = flags.session();
        let mode = mode.map_or_else(|| rules::mode(&config, &session), Ok)?;
        let settings = ground.config.join("config.toml");
        let settings_text = index::place::read(&settings).ok().flatten().unwrap_or_default();
        let settings_text = String::from_utf8_lossy(&settings_text).into_owned();
        let mut own = rules::own(&config, &session);
        let mut unreadable = Vec::new();
        if tolerated {
            own.retain(|rule| {
                let fault = fault(rule).filter(|_| rule.source == Source::User);
                unreadable.extend(fault.clone().map(|fault| (line_with(&settings_text, &rule.text), fault)));
                fault.is_none()
            });
        }
        let mut read = rules::policy(&ground, &config, mode, &own)?;
        if !config.rules.is_empty() {
            read.files.push(settings.clone());
        }
        for path in &flags.rules {
            let path = world.directory.join(path);
            if !read.file(&path, Scope::User) {
                return Err(Error::usage(format!("there is no file `{}`", path.display()))
                    .hint("--rules takes a file in the form of permissions.yaml"));
            }
        }
        let is_trusted = rules::is_trusted(world, &workspace)?;
        let mut policy = read.policy;
        if !is_trusted {
            policy = policy.untrusted();
        }
        let mut lists = Lists::new(&ground);
        // As before a command: the whole tree is looked through for lists.
        let target = Target::Command(String::new());
        lists.refresh(&[Request { capability: Capability::Shell, target, origin: Origin::Agent }]);
        let lists = lists.files();
        let mut problems = read.problems;
        problems.extend(policy.set_lists(&lists));
        let files = read.files;
        Ok(InForce {
            config,
            workspace,
            policy,
            is_trusted,
            files,
            lists,
            problems,
            unreadable,
            ground,
            settings,
            settings_text,
        })
    }

    /// What a call asks for, as the tools would: paths resolved, the hosts of a command beside it.
    ///
    /// # Errors
    /// Why it is no call, or why the tool would refuse it.
    pub(crate) fn requests(&self, call: &str) -> Result<Vec<Request>, String> {
        let (name, target) = call
            .split_once(':')
            .ok_or_else(|| format!("`{call}` has no `:`; a call is capability:target, as in shell:ls"))?;
        let capability = match Capability::named(name.trim()).as_slice() {
            [one] => *one,
            [] => {
                let known: Vec<&str> = Capability::ALL.iter().map(|one| one.name()).collect();
                return Err(format!(
                    "there is no capability `{}`; there are {}",
                    name.trim(),
                    known.join(", ")
                ));
            }
            _ => return Err(format!("`{}` is a group; a call has one capability", name.trim())),
        };
        let target = target.trim();
        let request = |target| vec![Request { capability, target, origin: Origin::Agent }];
        match capability {
            Capability::FsRead | Capability::FsWrite => {
                let place = tools::resolve(&self.workspace.root, target).map_err(|refused| refused.0)?;
                Ok(request(Target::Path(place)))
            }
            Capability::Shell => self.shell(target),
            _ if target.is_empty() => Err(format!("`{call}` names no target")),
            _ => Ok(request(Target::Name(target.to_string()))),
        }
    }

    /// What the tool `shell` asks for with this line.
    fn shell(&self, line: &str) -> Result<Vec<Request>, String> {
        let tools = tools::all(Arc::new(Nowhere(self.workspace.root.clone())));
        let tool =
            tools.iter().find(|tool| tool.describe().name == "shell").ok_or("there is no tool `shell`")?;
        let input = serde_json::json!({ "command": line }).to_string();
        let call = Call { id: String::new(), tool: "shell".to_string(), input: Input::Json(input) };
        let seen = Seen::new();
        let context = ToolContext {
            session: "",
            cost_left: None,
            turns_left: 0,
            workspace: &self.workspace.root,
            scratch: &self.ground.temporary,
            seen: &seen,
            secrecy: &Plain,
            on_output: &|_| {},
        };
        Tool::request(tool.as_ref(), &call, &context).map_err(|refused| refused.0)
    }

    /// Where a rule stands: its file, or for the short rules of the settings the line that has it.
    pub(crate) fn place_of(&self, rule: &Cited) -> (Option<String>, Option<u32>) {
        match (&rule.file, rule.source) {
            (Some(file), _) => (Some(file.to_string()), rule.line.filter(|line| *line > 0)),
            (None, Source::User) => {
                (Some(self.settings.display().to_string()), line_with(&self.settings_text, &rule.text))
            }
            _ => (None, None),
        }
    }

    /// A rule as it is reported.
    pub(crate) fn row(&self, rule: &Cited) -> PolicyRule {
        let (file, line) = self.place_of(rule);
        PolicyRule {
            effect: rule.effect.name().to_string(),
            rule: rule.text.to_string(),
            scope: rule.source.scope().name().to_string(),
            file,
            line,
        }
    }

    /// What a verdict stands on, when that stands somewhere.
    pub(crate) fn stands_on(&self, basis: &Basis) -> Option<PolicyPlace> {
        match innermost(basis) {
            Basis::Rule(rule) => {
                let (file, line) = self.place_of(rule);
                let scope = Some(rule.source.scope().name().to_string());
                Some(PolicyPlace { text: rule.text.to_string(), scope, file, line })
            }
            Basis::Listed { file, line, text, .. } => Some(PolicyPlace {
                text: text.clone(),
                scope: None,
                file: Some(file.to_string()),
                line: (*line > 0).then_some(*line),
            }),
            Basis::Void { file, line, why } => Some(PolicyPlace {
                text: why.clone(),
                scope: None,
                file: Some(file.to_string()),
                line: (*line > 0).then_some(*line),
            }),
            _ => None,
        }
    }

    /// The path of the settings.
    pub(crate) fn settings(&self) -> String {
        self.settings.display().to_string()
    }

    /// What is wrong with files, as it is reported.
    pub(crate) fn problem_rows(&self) -> Vec<PolicyProblem> {
        self.problems.iter().map(problem).collect()
    }
}

/// The strictest verdict over everything that a call asks for; of equals the first, as at the gate.
pub(crate) fn judge(policy: &Policy, requests: &[Request], taint: &Taint) -> Option<Verdict> {
    let verdicts = requests.iter().map(|request| policy.judge(request, taint));
    verdicts.reduce(|strictest, next| if next.effect > strictest.effect { next } else { strictest })
}

/// What a verdict stands on at last.
pub(crate) fn innermost(basis: &Basis) -> &Basis {
    match basis {
        Basis::Path { because, .. } | Basis::Below { closes: because } | Basis::Grant { because, .. } => {
            innermost(because)
        }
        other => other,
    }
}

/// `file`, or `file:line`.
pub(crate) fn at(file: &str, line: Option<u32>) -> String {
    line.map_or_else(|| file.to_string(), |line| format!("{file}:{line}"))
}

fn problem(problem: &Problem) -> PolicyProblem {
    PolicyProblem {
        file: problem.file.to_string(),
        line: (problem.line > 0).then_some(problem.line),
        what: problem.what.clone(),
        voids: problem.voids,
    }
}

/// What is wrong with a rule of settings or flags.
fn fault(rule: &OwnRule) -> Option<String> {
    Rule::read(&rule.text, rule.effect, rule.source).err().map(|error| error.to_string())
}

/// The first line, from 1, in which this text stands between quotes.
fn line_with(settings: &str, text: &str) -> Option<u32> {
    let quoted = [format!("\"{text}\""), format!("'{text}'")];
    let found = settings.lines().position(|line| quoted.iter().any(|quoted| line.contains(quoted)));
    found.and_then(|at| u32::try_from(at + 1).ok())
}

/// Says which hosts commands reach, and runs none.
struct Nowhere(PathBuf);

impl Confine for Nowhere {
    fn confine(&self, _permit: &Permit) -> Result<Confined, String> {
        Err("nothing is run here".to_string())
    }

    fn hosts(&self, command: &policy::Judged) -> Vec<String> {
        guard::hosts_of(&self.0, command)
    }
}

/// The effect that a word names.
pub(crate) fn effect_named(word: &str) -> Option<Effect> {
    [Effect::Allow, Effect::Ask, Effect::Deny].into_iter().find(|effect| effect.name() == word)
}

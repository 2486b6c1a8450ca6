//! How rules, lists and defaults combine into one verdict: deny over ask over allow. Command lines are `line`'s business.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::defaults;
use crate::glob::Shape;
use crate::grant::Grant;
use crate::ignore::{IgnoreFile, Ignores, ListKind, Said};
use crate::index::Index;
use crate::rule::Text;
use crate::rule_file::{self, Ground, Problem, RuleFile};
use crate::sh::Access;
use crate::taint::{Taint, TaintRules};
use crate::verdict::{Basis, Verdict};
use crate::{Capability, Effect, Mode, Origin, Place, Request, Rule, Source, Target};

/// The rules in force and the mode. A value: asking it changes nothing.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) mode: Mode,
    pub(crate) root: Option<PathBuf>,
    pub(crate) scratch: Vec<PathBuf>,
    home: Option<String>,
    rules: Vec<Rule>,
    index: Index,
    /// The numbers of rules that close files for reading, and for writing.
    closing: [Vec<usize>; 2],
    /// The numbers of rules about classes of commands.
    presets: Vec<usize>,
    invisible: Ignores,
    read_only: Ignores,
    not_discovered: Ignores,
    voids: Vec<Void>,
    is_untrusted: bool,
    has_defaults: bool,
    taint_rules: TaintRules,
    /// What the session took in of which this one is a part.
    took_in: Taint,
    pub(crate) grants: Vec<Arc<Grant>>,
    /// Bounds of agents that do not count for a hook.
    pub(crate) aside: Vec<Arc<Grant>>,
}

/// A file that could not be understood.
#[derive(Clone, Debug)]
struct Void {
    file: Arc<str>,
    line: u32,
    why: String,
}

/// What the policy says of one request, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Allow, ask or deny.
    pub effect: Effect,
    /// The rule or default that decided, as a sentence part for a person.
    pub reason: String,
    /// The rule that would allow it, where a rule could: `shell:cargo test`.
    pub remedy: Option<String>,
}

impl Policy {
    /// A policy of the built-in rules. `own` are the absolute paths of Waypost's and Kiro's settings and
    /// state, which no call may write.
    pub fn new(mode: Mode, own: &[PathBuf]) -> Policy {
        let own: Vec<String> = own.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let mut policy = Policy::empty(mode);
        defaults::rules(&own).into_iter().for_each(|rule| policy.add(rule));
        policy
    }

    /// No rules at all, and no defaults.
    pub(crate) fn empty(mode: Mode) -> Policy {
        Policy {
            mode,
            root: None,
            scratch: Vec::new(),
            home: None,
            rules: Vec::new(),
            index: Index::default(),
            closing: [Vec::new(), Vec::new()],
            presets: Vec::new(),
            invisible: Ignores::default(),
            read_only: Ignores::default(),
            not_discovered: Ignores::default(),
            voids: Vec::new(),
            is_untrusted: false,
            has_defaults: true,
            taint_rules: TaintRules::default(),
            took_in: Taint::none(),
            grants: Vec::new(),
            aside: Vec::new(),
        }
    }

    /// The same policy, knowing where the workspace lies, resolved: commands may then name it by its absolute path.
    pub fn in_workspace(mut self, root: &Path) -> Policy {
        self.root = Some(root.to_path_buf());
        self
    }

    /// The same policy, knowing the resolved home directory, for patterns that begin with `~/` and for Kiro's own
    /// directory. To be said before files are loaded: until then such patterns close by their end alone.
    pub fn at_home(mut self, home: &Path) -> Policy {
        let home = home.to_string_lossy().trim_end_matches('/').to_string();
        defaults::rules_at_home(&home).into_iter().for_each(|rule| self.add(rule));
        self.home = Some(home);
        self
    }

    /// The same policy with a directory outside the workspace, resolved, in which commands may read and write as inside:
    /// the private temporary directory of a session.
    pub fn with_scratch(mut self, directory: &Path) -> Policy {
        self.scratch.push(directory.to_path_buf());
        self
    }

    /// The same policy without what is allowed when no rule speaks: for a grant, which says itself what becomes of that.
    /// Everything that no rule allows then asks.
    pub fn without_defaults(mut self) -> Policy {
        self.has_defaults = false;
        self
    }

    /// The same policy for a workspace that the person has not trusted: every command and every call of an MCP server
    /// asks, and so does writing steering, skills, extensions and powers.
    pub fn untrusted(mut self) -> Policy {
        self.is_untrusted = true;
        defaults::rules_untrusted().into_iter().for_each(|rule| self.add(rule));
        self
    }

    /// The same policy with other demands on tainted turns.
    pub fn with_taint_rules(mut self, rules: TaintRules) -> Policy {
        self.taint_rules = rules;
        self
    }

    /// The same policy for a part of a session that took this in: what the part is told was written after that.
    pub fn tainted(mut self, taint: &Taint) -> Policy {
        self.took_in.join(taint);
        self
    }

    /// Adds a rule. A rule can tighten a built-in one and never loosen it.
    pub fn add(&mut self, rule: Rule) {
        let number = self.rules.len();
        self.index.add(number, &rule);
        if rule.is_preset() {
            self.presets.push(number);
        }
        let capabilities = [Capability::FsRead, Capability::FsWrite];
        for (numbers, capability) in self.closing.iter_mut().zip(capabilities) {
            if rule.effect() != Effect::Allow && rule.covers(capability) {
                numbers.push(number);
            }
        }
        self.rules.push(rule);
    }

    /// Takes in a file of rules. What is wrong with it is returned, for a person to be told loudly; a file that is void
    /// makes everything ask, and every decision says so.
    pub fn load(&mut self, file: &RuleFile) -> Vec<Problem> {
        let root = self.root.clone().unwrap_or_else(|| PathBuf::from("/workspace"));
        let loaded = rule_file::load(file, &Ground { root: &root, home: self.home.as_deref() });
        if let Some((line, why)) = loaded.void {
            self.voids.push(Void { file: Arc::from(file.file.as_str()), line, why });
        }
        loaded.rules.into_iter().for_each(|rule| self.add(rule));
        loaded.problems
    }

    /// Takes in a list of paths. Lines that cannot be read are returned; the directory of the list then asks for
    /// everything that the list does not name.
    pub fn ignore(&mut self, list: &IgnoreFile) -> Vec<Problem> {
        let lists = match list.kind {
            ListKind::Invisible => &mut self.invisible,
            ListKind::ReadOnly => &mut self.read_only,
            ListKind::NotDiscovered => &mut self.not_discovered,
        };
        let file: Arc<str> = Arc::from(list.file.as_str());
        let problem = |(line, what)| Problem { file: Arc::clone(&file), line, what, voids: true };
        lists.add(list).into_iter().map(problem).collect()
    }

    /// Puts these lists in the place of all earlier ones, as when a person has edited one. What is wrong with them is
    /// returned, as by [`Policy::ignore`].
    pub fn set_lists(&mut self, lists: &[IgnoreFile]) -> Vec<Problem> {
        self.invisible = Ignores::default();
        self.read_only = Ignores::default();
        self.not_discovered = Ignores::default();
        lists.iter().flat_map(|list| self.ignore(list)).collect()
    }

    /// Whether anything in the workspace is closed by a pattern or a list, so that it takes a look at the disk to know
    /// which files are meant: for reading, and for writing.
    pub fn closes_by_pattern(&self) -> (bool, bool) {
        let [reading, writing] = &self.closing;
        let lists = !self.invisible.is_empty();
        let (read, written) =
            (lists || !reading.is_empty(), lists || !self.read_only.is_empty() || !writing.is_empty());
        let granted = |capability| self.grants.iter().any(|grant| grant.closes_some(capability));
        (read || granted(Capability::FsRead), written || granted(Capability::FsWrite))
    }

    /// Whether a path in the workspace is closed by a rule or a list for a command that a person allowed: for reading,
    /// and for writing. A question that the gate would put about the path counts as closed; a default does not, and neither
    /// does what a grant leaves out ([`Policy::write_limits`]).
    pub fn closes(&self, place: &Place, is_directory: bool) -> (bool, bool) {
        let shape = Shape::new(place);
        let ruled = |capability| {
            self.rule_on_path(capability, &shape).is_some_and(|rule| rule.effect() != Effect::Allow)
                || self.grants.iter().any(|grant| grant.closes(capability, &shape))
        };
        let relative = place.relative().unwrap_or_default();
        let listed = |lists: &Ignores| !matches!(lists.say(relative, Some(is_directory)), Said::Nothing);
        let invisible = listed(&self.invisible);
        let reading = invisible || ruled(Capability::FsRead);
        (reading, invisible || listed(&self.read_only) || ruled(Capability::FsWrite))
    }

    /// Whether a host may be reached by a permitted command: its name, and its name with the port, are asked about.
    pub fn reaches(&self, host: &str, port: u16) -> Verdict {
        let ask = |name: String| {
            let request = Request {
                capability: Capability::SandboxNetwork,
                target: Target::Name(name),
                origin: Origin::Agent,
            };
            self.judge(&request, &Taint::none())
        };
        let (bare, full) = (ask(host.to_string()), ask(format!("{host}:{port}")));
        match (bare.effect, full.effect) {
            (Effect::Deny, _) => bare,
            (_, Effect::Deny) => full,
            (Effect::Allow, _) => bare,
            _ => full,
        }
    }

    /// The mode in force.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The rules in the order in which they are looked at.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What may be done with this request in a turn that took in nothing from outside.
    pub fn decide(&self, request: &Request) -> Decision {
        self.judge(request, &Taint::none()).into()
    }

    /// What may be done with this request, in a turn with this taint.
    pub fn judge(&self, request: &Request, taint: &Taint) -> Verdict {
        let mut both;
        let taint = if self.took_in.is_empty() {
            taint
        } else {
            both = self.took_in.clone();
            both.join(taint);
            &both
        };
        let (verdict, only_reads) = match &request.target {
            Target::Command(line) if request.capability == Capability::Shell => {
                self.judge_line(request, line)
            }
            Target::Path(place) => (self.judge_place(request, place), false),
            target => (self.judge_name(request, &target.shown()), false),
        };
        let verdict = self.for_trust(request, verdict);
        let verdict = self.for_voids(verdict);
        let verdict = self.for_taint(request, taint, verdict, only_reads);
        self.grants.iter().fold(verdict, |verdict, grant| verdict.or_stricter(grant.judge(request)))
    }

    fn for_trust(&self, request: &Request, verdict: Verdict) -> Verdict {
        let asks = matches!(request.capability, Capability::Shell | Capability::Mcp);
        let is_exact =
            asks && request.capability == Capability::Shell && self.grants_exactly(&request.target.shown());
        if self.is_untrusted && asks && !is_exact {
            verdict.or_stricter(Verdict::ask(Basis::Untrusted))
        } else {
            verdict
        }
    }

    fn for_voids(&self, verdict: Verdict) -> Verdict {
        match self.voids.first() {
            Some(void) if verdict.effect < Effect::Deny => Verdict::ask(Basis::Void {
                file: Arc::clone(&void.file),
                line: void.line,
                why: void.why.clone(),
            }),
            _ => verdict,
        }
    }

    fn for_taint(&self, request: &Request, taint: &Taint, verdict: Verdict, only_reads: bool) -> Verdict {
        match self.taint_rules.demand(taint, request, only_reads) {
            Some((effect, source, from)) if effect > verdict.effect => {
                let otherwise = Box::new(verdict.basis);
                Verdict { effect, basis: Basis::Taint { source, from, otherwise }, remedy: None }
            }
            _ => verdict,
        }
    }

    /// A path, by rules and lists, then by default.
    fn judge_place(&self, request: &Request, place: &Place) -> Verdict {
        let shape = Shape::new(place);
        let ruled = self.rule_on_path(request.capability, &shape);
        let listed = self.lists_on_path(request.capability, place.relative());
        match (ruled, listed) {
            (Some(rule), listed) => self.by_rule(rule, request).or_stricter_option(listed),
            (None, Some(listed)) => listed.or_stricter(self.path_default(request, place)),
            (None, None) => self.path_default(request, place),
        }
    }

    fn judge_name(&self, request: &Request, text: &str) -> Verdict {
        match self.rule_on_text(request.capability, &Text::new(text)) {
            Some(rule) => self.by_rule(rule, request),
            None => match request.capability {
                Capability::Context | Capability::Diagnostics if self.has_defaults => {
                    Verdict::allow(Basis::Default("part of the conversation"))
                }
                // What it does then is decided about call by call.
                Capability::Subagent | Capability::Skill if self.has_defaults => {
                    Verdict::allow(Basis::Default("held as this session is"))
                }
                _ => Verdict { remedy: remedy(request), ..Verdict::ask(Basis::Default("not read-only")) },
            },
        }
    }

    pub(crate) fn by_rule(&self, rule: &Rule, request: &Request) -> Verdict {
        let remedy = (rule.effect() == Effect::Ask && rule.source() != Source::BuiltIn)
            .then(|| remedy(request))
            .flatten();
        Verdict { effect: rule.effect(), basis: Basis::Rule(rule.cite()), remedy }
    }

    fn path_default(&self, request: &Request, place: &Place) -> Verdict {
        let is_inside = self.is_inside(place.relative().is_some(), place.absolute());
        let allow = |what| Verdict::allow(Basis::Default(what));
        let ask = |what| Verdict { remedy: remedy(request), ..Verdict::ask(Basis::Default(what)) };
        match request.capability {
            _ if !self.has_defaults => ask("no rule allows it"),
            Capability::FsRead if is_inside => allow("reading in the workspace"),
            Capability::FsRead => ask("reading outside the workspace"),
            Capability::FsWrite if is_inside => match (self.mode, request.origin) {
                (Mode::Autopilot, _) => allow("writing in the workspace, autopilot"),
                (Mode::Supervised, Origin::Waypost) => allow("Waypost's own documents"),
                (Mode::Supervised, Origin::Agent | Origin::Hook) => {
                    ask("writing in the workspace, supervised")
                }
            },
            Capability::FsWrite => Verdict::deny(Basis::Default("nothing outside the workspace is written")),
            Capability::Context | Capability::Diagnostics => allow("part of the conversation"),
            _ => ask("not read-only"),
        }
    }

    pub(crate) fn is_inside(&self, is_relative: bool, absolute: &Path) -> bool {
        is_relative || self.scratch.iter().any(|scratch| absolute.starts_with(scratch))
    }

    /// The strictest rule that speaks of a path; among equals the first.
    pub(crate) fn rule_on_path(&self, capability: Capability, shape: &Shape) -> Option<&Rule> {
        let numbers = self.index.for_path(capability, shape);
        self.strictest(numbers, |rule| rule.covers(capability) && rule.fits_path(shape))
    }

    /// The strictest rule that speaks of a name, a URL or a whole command line; among equals the first.
    pub(crate) fn rule_on_text(&self, capability: Capability, text: &Text) -> Option<&Rule> {
        let numbers = self.index.for_text(capability, text);
        self.strictest(numbers, |rule| rule.covers(capability) && rule.fits_text(text))
    }

    pub(crate) fn rules_on_text<'s, 't>(
        &'s self,
        capability: Capability,
        text: &'t Text,
    ) -> impl Iterator<Item = &'s Rule> + use<'s, 't> {
        let numbers = self.index.for_text(capability, text);
        numbers
            .filter_map(|number| self.rules.get(number))
            .filter(move |rule| rule.covers(capability) && rule.fits_text(text))
    }

    fn strictest(&self, numbers: impl Iterator<Item = usize>, fits: impl Fn(&Rule) -> bool) -> Option<&Rule> {
        let mut found: Option<(usize, &Rule)> = None;
        for number in numbers {
            let Some(rule) = self.rules.get(number) else { continue };
            let better = found.is_none_or(|(at, other)| {
                rule.effect() > other.effect() || (rule.effect() == other.effect() && number < at)
            });
            if better && fits(rule) {
                found = Some((number, rule));
            }
        }
        found.map(|(_, rule)| rule)
    }

    /// What the lists say of a path in the workspace.
    pub(crate) fn lists_on_path(&self, capability: Capability, relative: Option<&str>) -> Option<Verdict> {
        let relative = relative?;
        let mut kinds = Vec::new();
        if matches!(capability, Capability::FsRead | Capability::FsWrite) {
            kinds.push((ListKind::Invisible, &self.invisible));
        }
        if capability == Capability::FsWrite {
            kinds.push((ListKind::ReadOnly, &self.read_only));
        }
        let verdicts = kinds.into_iter().filter_map(|(kind, lists)| match lists.say(relative, None) {
            Said::Nothing => None,
            Said::Listed(line) => Some(Verdict::deny(Basis::listed(kind, line, false))),
            Said::Void(line) => Some(Verdict::ask(Basis::listed(kind, line, true))),
        });
        verdicts.reduce(Verdict::or_stricter)
    }

    /// What a rule or list closes below a directory, or may.
    pub(crate) fn closed_below(
        &self,
        access: Access,
        shape: &Shape,
        relative: Option<&str>,
    ) -> Option<Basis> {
        let [reading, writing] = &self.closing;
        let numbers = if access == Access::Read { reading } else { writing };
        let mut closing = numbers.iter().filter_map(|number| self.rules.get(*number));
        let closing = closing.find(|rule| rule.may_lie_below(shape));
        if let Some(rule) = closing {
            return Some(Basis::Rule(rule.cite()));
        }
        let relative = relative.unwrap_or("");
        let lists = [(ListKind::Invisible, &self.invisible), (ListKind::ReadOnly, &self.read_only)];
        lists
            .into_iter()
            .filter(|(kind, _)| *kind == ListKind::Invisible || access != Access::Read)
            .find(|(_, lists)| lists.may_lie_below(relative))
            .map(|(kind, _)| match kind {
                ListKind::Invisible => Basis::Default("a list of invisible files reaches below"),
                _ => Basis::Default("a list of files that are never written reaches below"),
            })
    }

    /// Whether any rule or list closes some files for reading.
    pub(crate) fn limits_reading(&self) -> bool {
        let [reading, _] = &self.closing;
        !self.invisible.is_empty() || !reading.is_empty()
    }

    pub(crate) fn grants_exactly(&self, line: &str) -> bool {
        self.exact_grant(line).is_some()
    }

    /// The rule that grants this line word for word.
    pub(crate) fn exact_grant(&self, line: &str) -> Option<&Rule> {
        let line = &Text::new(line.trim());
        let mut found =
            self.index.for_text(Capability::Shell, line).filter_map(|number| self.rules.get(number));
        found.find(|rule| rule.is_exact() && rule.effect() == Effect::Allow && rule.fits_text(line))
    }

    /// Whether a rule closes any file for reading, or for writing.
    pub(crate) fn closes_some(&self, capability: Capability) -> bool {
        let [reading, writing] = &self.closing;
        !if capability == Capability::FsRead { reading } else { writing }.is_empty()
    }

    /// Whether both close the same files of a workspace, rule by rule and line by line.
    pub fn closes_as(&self, other: &Policy) -> bool {
        let own = |policy: &'_ Policy| -> Vec<Rule> {
            let numbers = policy.closing.iter().flatten();
            numbers.filter_map(|number| policy.rules.get(*number)).cloned().collect()
        };
        // Rules about commands close no file by its name.
        let is_of_files = |rule: &&Rule| rule.covers(Capability::FsRead) || rule.covers(Capability::FsWrite);
        let grants = |policy: &Policy| -> Vec<([bool; 2], Vec<Rule>)> {
            let of_files = |grant: &Arc<Grant>| {
                let limits = [Capability::FsRead, Capability::FsWrite].map(|file| grant.limits(file));
                (limits, grant.rules().iter().filter(is_of_files).cloned().collect::<Vec<Rule>>())
            };
            let closes =
                |(limits, rules): &([bool; 2], Vec<Rule>)| limits.contains(&true) && !rules.is_empty();
            policy.grants.iter().map(of_files).filter(closes).collect()
        };
        self.root == other.root
            && self.invisible == other.invisible
            && self.read_only == other.read_only
            && own(self) == own(other)
            && grants(self) == grants(other)
    }

    pub(crate) fn presets(&self) -> impl Iterator<Item = &Rule> {
        self.presets.iter().filter_map(|number| self.rules.get(*number))
    }

    pub(crate) fn has_defaults(&self) -> bool {
        self.has_defaults
    }

    /// Whether the agent may know of a path at all. For listings and searches, before a name is shown.
    pub fn sees(&self, relative: &str, is_directory: bool) -> bool {
        matches!(self.invisible.say(relative, Some(is_directory)), Said::Nothing)
    }

    /// Whether a listing or search that nobody limited should look at this path. No decision depends on it.
    pub fn discovers(&self, relative: &str, is_directory: bool) -> bool {
        self.sees(relative, is_directory)
            && matches!(self.not_discovered.say(relative, Some(is_directory)), Said::Nothing)
    }

    /// What a search that was permitted comes upon: whether it may be read as well. `asked` is the place that the
    /// permit is for.
    pub(crate) fn may_find(&self, place: &Place, asked: &Request) -> bool {
        let shape = Shape::new(place);
        if self.lists_on_path(Capability::FsRead, place.relative()).is_some() {
            return false;
        }
        match self.rule_on_path(Capability::FsRead, &shape) {
            Some(rule) if rule.effect() == Effect::Deny => false,
            // What asks was not asked for here, unless the question was about this very rule.
            Some(rule) if rule.effect() == Effect::Ask => rule.matches(asked),
            _ => true,
        }
    }
}

impl Verdict {
    pub(crate) fn or_stricter_option(self, other: Option<Verdict>) -> Verdict {
        match other {
            Some(other) => self.or_stricter(other),
            None => self,
        }
    }
}

/// The rule that would allow exactly this request.
pub(crate) fn remedy(request: &Request) -> Option<String> {
    Some(format!("{}:{}", request.capability.name(), request.target.shown()))
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;

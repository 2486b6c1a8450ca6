//! How a command line is decided: each simple command by rules, by what it does, and by the files that it touches.

use std::path::Path;

use crate::decide::{Policy, remedy};
use crate::glob::Shape;
use crate::grant::Grant;
use crate::judge::{self, Class, Judged, Touch};
use crate::rule::Text;
use crate::sh::{Access, Directory};
use crate::verdict::{Basis, Verdict};
use crate::{Capability, Effect, Mode, Request, Rule, Source};

/// How long a command is cited at most, in characters.
const CITED_CHARS_MAX: usize = 200;

impl Policy {
    /// What may be done with a command line, and whether it does no more than read in the workspace.
    pub(crate) fn judge_line(&self, request: &Request, line: &str) -> (Verdict, bool) {
        let whole = self
            .rule_on_text(Capability::Shell, &Text::new(line.trim()))
            .filter(|rule| rule.effect() != Effect::Allow);
        let whole = whole.map(|rule| self.by_rule(rule, request));
        if let Some(denied) = whole.as_ref().filter(|whole| whole.effect == Effect::Deny) {
            return (denied.clone(), false);
        }
        let exact = self.exact_grant(line);
        let commands = match judge::judge_at(line, self.root.as_deref()) {
            Ok(commands) => commands,
            Err(unclear) => {
                let verdict = match exact {
                    // A person has seen this line, word for word.
                    Some(rule) => self.by_rule(rule, request),
                    None => {
                        let basis = Basis::Unclear { why: unclear.why, at: unclear.at };
                        Verdict { remedy: remedy(request), ..Verdict::ask(basis) }
                    }
                };
                return (verdict.or_stricter_option(whole), false);
            }
        };
        let mut strictest: Option<Verdict> = None;
        let mut only_reads = true;
        let mut seen = Line { allowed: Vec::new(), relinks: relinks(&commands) };
        for command in &commands {
            only_reads &= command.class == Class::ReadOnly;
            let verdict = self.judge_command(request, command, &mut seen);
            strictest = Some(match strictest {
                Some(strictest) => strictest.or_stricter(verdict),
                None => verdict,
            });
        }
        let nothing = || Verdict::allow(Basis::Default("an empty command"));
        let verdict = strictest.unwrap_or_else(nothing).or_stricter_option(whole);
        let verdict = match exact {
            Some(rule) => self.granted(request, rule, verdict),
            None => verdict,
        };
        (verdict, only_reads)
    }

    /// A line that a person granted word for word runs unless a part of it is denied. What destroys is asked each time:
    /// doing it twice is not the same as doing it once. A plan grants it for the one moment that it names.
    fn granted(&self, request: &Request, rule: &Rule, verdict: Verdict) -> Verdict {
        let destroys = matches!(verdict.basis, Basis::Destructive { .. });
        let stands = verdict.effect == Effect::Deny || (destroys && rule.source() != Source::Plan);
        if stands { verdict } else { self.by_rule(rule, request) }
    }

    fn judge_command(&self, request: &Request, command: &Judged, line: &mut Line) -> Verdict {
        let text = cited(&command.text);
        let (closing, leave) = self.rules_on_command(command, line);
        let closing = closing.map(|rule| Verdict {
            remedy: (rule.source() != Source::BuiltIn && rule.effect() == Effect::Ask)
                .then(|| remedy(request))
                .flatten(),
            effect: rule.effect(),
            basis: Basis::Rule(rule.cite()),
        });
        line.allowed.push(leave.is_some());
        let mut verdict = self.by_class(request, command, &text, leave.as_ref());
        for touch in &command.touches {
            verdict = verdict.or_stricter(self.judge_touch(request, &text, touch, leave.is_some()));
        }
        if line.relinks && command.relinks {
            let why =
                "what it moves or unpacks may be a link, and other commands of the line go on from there";
            verdict = verdict.or_stricter(ask_command(request, &text, why));
        }
        for host in &command.hosts {
            let rule = self
                .rule_on_text(Capability::WebFetch, &Text::new(host))
                .filter(|rule| rule.effect() != Effect::Allow);
            if let Some(rule) = rule {
                verdict = verdict.or_stricter(self.by_rule(rule, request));
            }
        }
        match closing {
            // Of equals, what a rule says by name is the better reason.
            Some(closing) if closing.effect >= verdict.effect && !is_destructive(&verdict) => closing,
            Some(closing) => verdict.or_stricter(closing),
            None => verdict,
        }
    }

    /// The strictest rule that closes a command, and the leave that it has to run, if it has one.
    fn rules_on_command(&self, command: &Judged, line: &Line) -> (Option<&Rule>, Option<Leave>) {
        let (spellings, written) = all_spellings(command);
        let mut closing: Option<&Rule> = None;
        let mut allowing: Option<&Rule> = None;
        for (at, spelling) in spellings.iter().enumerate() {
            for rule in self.rules_on_text(Capability::Shell, spelling) {
                if rule.effect() != Effect::Allow {
                    if closing.is_none_or(|found| rule.effect() > found.effect()) {
                        closing = Some(rule);
                    }
                } else if at < written && allowing.is_none() {
                    // The line of a rule that names one command exactly counts for that command, too.
                    allowing = Some(rule);
                }
            }
        }
        if command.is_hidden {
            return (closing, None);
        }
        let by_class = || {
            let fits = |rule: &&Rule| rule.covers(Capability::Shell) && rule.fits_class(&command.class);
            self.presets().find(fits)
        };
        let outer = command.wrapped_by.is_some_and(|outer| line.allowed.get(outer) == Some(&true));
        let leave = match allowing.or_else(by_class) {
            Some(rule) => Some(Leave { cited: Some(rule.cite()) }),
            None => outer.then_some(Leave { cited: None }),
        };
        (closing, leave)
    }

    fn by_class(&self, request: &Request, command: &Judged, text: &str, leave: Option<&Leave>) -> Verdict {
        let asks = |why: &str| ask_command(request, text, why);
        match (&command.class, leave) {
            (Class::Destructive(blast), _) => {
                Verdict::ask(Basis::Destructive { command: text.to_string(), blast: blast.clone() })
            }
            (_, Some(Leave { cited: Some(cited) })) => Verdict::allow(Basis::Rule(cited.clone())),
            (_, Some(Leave { cited: None })) => Verdict::allow(Basis::Default("part of an allowed command")),
            (class, None) if !self.has_defaults() => {
                asks(if class.why().is_empty() { "no rule allows it" } else { class.why() })
            }
            (Class::ReadOnly, None) => Verdict::allow(Basis::Default("read-only commands")),
            // Its files are asked about one by one.
            (Class::Writes, None) => Verdict::allow(Basis::Default("writing what it names")),
            (class, None) => asks(class.why()),
        }
    }

    /// What a command does with one path: what rules and lists say, and where the command was not allowed by a rule, the
    /// defaults for files.
    fn judge_touch(&self, request: &Request, text: &str, touch: &Touch, has_leave: bool) -> Verdict {
        let capability = if touch.access == Access::Read { Capability::FsRead } else { Capability::FsWrite };
        let mut verdict = Verdict::allow(Basis::Default("its files"));
        let places = places(self.root.as_deref(), touch);
        for place in &places.known {
            let relative = place.relative.as_deref();
            let shape = &place.shape;
            let ruled = self.rule_on_path(capability, shape);
            let mut closing: Option<Verdict> = ruled
                .filter(|rule| rule.effect() != Effect::Allow)
                .map(|rule| Verdict { effect: rule.effect(), basis: Basis::Rule(rule.cite()), remedy: None });
            if let Some(listed) = self.lists_on_path(capability, relative) {
                closing = Some(listed.or_stricter_option(closing));
            }
            if closing.is_none()
                && touch.deep
                && let Some(basis) = self.closed_below(touch.access, shape, relative)
            {
                closing = Some(Verdict::ask(Basis::Below { closes: Box::new(basis) }));
            }
            let found = match closing {
                Some(closing) => closing,
                // The shell opens the file, not the command that a rule allows.
                None if has_leave && !touch.by_shell => continue,
                None if ruled.is_some() && touch.access != Access::Delete => continue,
                None => self.touch_default(request, touch, place, has_leave),
            };
            let basis = Basis::Path {
                command: text.to_string(),
                path: touch.path.clone(),
                because: Box::new(found.basis),
            };
            let allowed = found.effect == Effect::Allow;
            let remedy =
                found.remedy.or_else(|| (found.effect == Effect::Ask).then(|| remedy(request)).flatten());
            if !allowed {
                verdict = verdict.or_stricter(Verdict { effect: found.effect, basis, remedy });
            }
        }
        let Some(doubt) = touch.doubt.or(places.doubt) else { return verdict };
        // A rule that allows the command answers the doubt, unless something is closed that it might be.
        let matters = !has_leave || touch.by_shell || touch.access != Access::Read || self.limits_reading();
        if matters {
            let because = Box::new(Basis::Default(doubt));
            let basis = Basis::Path { command: text.to_string(), path: touch.path.clone(), because };
            verdict = verdict.or_stricter(Verdict { remedy: remedy(request), ..Verdict::ask(basis) });
        }
        verdict
    }

    fn touch_default(&self, request: &Request, touch: &Touch, place: &Spot, has_leave: bool) -> Verdict {
        let inside = self.is_inside(place.relative.is_some(), Path::new(&place.absolute));
        let allow = |what| Verdict::allow(Basis::Default(what));
        let ask = |what| Verdict { remedy: remedy(request), ..Verdict::ask(Basis::Default(what)) };
        match touch.access {
            _ if !self.has_defaults() && !has_leave => ask("no rule allows it"),
            Access::Read if inside => allow("reading in the workspace"),
            Access::Read => ask("reading outside the workspace"),
            _ if !inside => Verdict::deny(Basis::Default("nothing outside the workspace is written")),
            Access::Delete => ask("a file is deleted"),
            Access::Write => match self.mode {
                Mode::Autopilot => allow("writing in the workspace, autopilot"),
                Mode::Supervised => ask("writing in the workspace, supervised"),
            },
        }
    }

    /// What a grant says of a command line. It limits commands by their text where it limits `shell`, and the files that
    /// they touch where it limits those.
    pub(crate) fn judge_line_for_grant(&self, line: &str, grant: &Grant) -> Verdict {
        let fine = || Verdict::allow(Basis::Default("covered"));
        let commands = match judge::judge_at(line, self.root.as_deref()) {
            Ok(commands) => commands,
            Err(_) if self.exact_grant(line).is_some() => return fine(),
            Err(unclear) => {
                let limited = [Capability::Shell, Capability::FsRead, Capability::FsWrite];
                let basis = Basis::Unclear { why: unclear.why, at: unclear.at };
                return if limited.iter().any(|one| grant.limits(*one)) {
                    Verdict { basis, ..grant.uncovered() }
                } else {
                    fine()
                };
            }
        };
        let mut verdict = fine();
        let mut seen = Line { allowed: Vec::new(), relinks: false };
        let exact = self.exact_grant(line).is_some();
        for command in &commands {
            let (closing, leave) = self.rules_on_command(command, &seen);
            let closing = closing.map(|rule| Verdict {
                effect: rule.effect(),
                basis: Basis::Rule(rule.cite()),
                remedy: None,
            });
            seen.allowed.push(leave.is_some());
            if grant.limits(Capability::Shell) && leave.is_none() && !exact && !command.words.is_empty() {
                let basis = Basis::Command {
                    command: cited(&command.text),
                    why: "no rule of it allows this".to_string(),
                };
                verdict = verdict.or_stricter(Verdict { basis, ..grant.uncovered() });
            }
            verdict = verdict.or_stricter_option(closing);
            // What writes in ways that are not seen may write anywhere.
            let unseen = !matches!(command.class, Class::ReadOnly | Class::Writes);
            if unseen && grant.limits(Capability::FsWrite) && !grant.limits(Capability::Shell) && !exact {
                let why = "what it writes is not seen".to_string();
                let basis = Basis::Command { command: cited(&command.text), why };
                verdict = verdict.or_stricter(Verdict::ask(basis));
            }
            for touch in &command.touches {
                let capability =
                    if touch.access == Access::Read { Capability::FsRead } else { Capability::FsWrite };
                if !grant.limits(capability) {
                    continue;
                }
                let places = places(self.root.as_deref(), touch);
                for place in &places.known {
                    verdict = verdict.or_stricter(grant.judge_path(capability, &place.shape));
                    if touch.deep
                        && let Some(basis) =
                            self.closed_below(touch.access, &place.shape, place.relative.as_deref())
                    {
                        verdict = verdict.or_stricter(Verdict::ask(Basis::Below { closes: Box::new(basis) }));
                    }
                }
                if touch.doubt.or(places.doubt).is_some() {
                    verdict = verdict.or_stricter(grant.uncovered());
                }
            }
        }
        verdict
    }
}

/// What is known of a line while its commands are decided.
struct Line {
    /// Of the commands so far, which a rule lets run.
    allowed: Vec<bool>,
    /// A command that may change where paths lead is not alone.
    relinks: bool,
}

/// The leave of a rule; `None` inside when the command that wraps this one has it.
struct Leave {
    cited: Option<crate::rule::Cited>,
}

fn relinks(commands: &[Judged]) -> bool {
    commands.iter().any(|command| command.relinks)
        && commands.iter().filter(|command| !command.touches.is_empty() || command.relinks).count() > 1
}

fn is_destructive(verdict: &Verdict) -> bool {
    matches!(verdict.basis, Basis::Destructive { .. })
}

fn ask_command(request: &Request, text: &str, why: &str) -> Verdict {
    let basis = Basis::Command { command: text.to_string(), why: why.to_string() };
    Verdict { remedy: remedy(request), ..Verdict::ask(basis) }
}

/// A command for a person, bounded.
fn cited(text: &str) -> String {
    if text.len() <= CITED_CHARS_MAX {
        return text.to_string();
    }
    format!("{}…", text.chars().take(CITED_CHARS_MAX).collect::<String>())
}

/// A path that a command touches, as far as words tell.
struct Spot {
    shape: Shape,
    absolute: String,
    relative: Option<String>,
}

#[derive(Default)]
struct Spots {
    known: Vec<Spot>,
    doubt: Option<&'static str>,
}

/// Where a touched path may lie. Links are not looked at: whoever can look resolves them and asks about the places.
fn places(root: Option<&Path>, touch: &Touch) -> Spots {
    let mut spots = Spots::default();
    let from: &[String] = match &touch.directory {
        Directory::OneOf(all) => all,
        Directory::Unknown if touch.path.starts_with(['/', '~']) => &[String::new()],
        Directory::Unknown => {
            spots.doubt = Some("the directory in which it runs is not known");
            return spots;
        }
    };
    if touch.doubt.is_some() && touch.path.contains(['$', '`']) {
        return spots;
    }
    for directory in from {
        let path = match (touch.path.starts_with(['/', '~']), directory.as_str()) {
            (true, _) | (false, "") => touch.path.clone(),
            (false, directory) => format!("{directory}/{}", touch.path),
        };
        spots.add(root, &path);
    }
    spots
}

impl Spots {
    fn add(&mut self, root: Option<&Path>, path: &str) {
        let (start, rest) = if path.starts_with('~') {
            // Whose home it is does not matter: it lies outside, and rules about it are about the absolute path.
            ("/~", path.trim_start_matches('~'))
        } else if path.starts_with('/') {
            ("", path)
        } else {
            (root.and_then(Path::to_str).unwrap_or("/workspace"), path)
        };
        let mut names: Vec<&str> = start.split('/').filter(|name| !name.is_empty()).collect();
        for name in rest.split('/') {
            match name {
                "" | "." => {}
                ".." => {
                    self.doubt = Some("behind a link, `..` leads elsewhere than it seems");
                    names.pop();
                }
                name => names.push(name),
            }
        }
        let absolute = format!("/{}", names.join("/"));
        let fallback = Path::new("/workspace");
        let root = root.unwrap_or(fallback);
        let relative =
            Path::new(&absolute).strip_prefix(root).ok().map(|inside| inside.to_string_lossy().into_owned());
        let shape = Shape::of(Some(root), &absolute);
        self.known.push(Spot { shape, absolute, relative });
    }
}

/// The ways in which a rule that closes may have written this command: as it stands, without quotes, by the bare name of
/// the program, git without its own options.
///
/// Limitations: text rules cannot be complete; a program can always be called by way of another one.
pub(crate) fn spellings(command: &Judged) -> Vec<Text> {
    all_spellings(command).0
}

/// The same, and how many of them, from the first, are ways in which a rule may let the command run: its own text, and
/// its words without quotes.
fn all_spellings(command: &Judged) -> (Vec<Text>, usize) {
    const STANDARD: [&str; 3] = ["/bin/", "/usr/bin/", "/usr/local/bin/"];
    let joined = command.words.join(" ");
    let mut spellings = Vec::with_capacity(3);
    if command.text != joined {
        spellings.push(Text::new(&command.text));
    }
    let bare = STANDARD.iter().find_map(|directory| joined.strip_prefix(directory));
    let bare = bare.filter(|bare| !bare.split(' ').next().unwrap_or("").contains('/'));
    spellings.extend(bare.map(Text::new));
    spellings.push(Text::new(&joined));
    let written = spellings.len();
    let Some((first, rest)) = command.words.split_first() else { return (spellings, written) };
    let name = first.rsplit('/').next().unwrap_or(first);
    if name != first && bare.is_none() {
        spellings.push(Text::new(&format!("{name} {}", rest.join(" "))));
    }
    if name == "git" && rest.first().is_some_and(|word| word.starts_with('-')) {
        const VALUED: [&str; 7] =
            ["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env"];
        let mut words = rest.iter();
        let mut left = words.as_slice();
        while let Some(option) = words.next().filter(|word| word.starts_with('-')) {
            if VALUED.contains(&option.as_str()) {
                words.next();
            }
            left = words.as_slice();
        }
        spellings.push(Text::new(&format!("git {}", left.join(" "))));
    }
    (spellings, written)
}

impl Touch {
    /// Where the path may lie, seen from the directory in which the line begins: for whoever can look where links lead.
    /// Empty when that is not known.
    pub fn candidates(&self) -> Vec<String> {
        let is_known = self.doubt.is_none() || !self.path.contains(['$', '`']);
        match &self.directory {
            Directory::OneOf(all) if is_known => all
                .iter()
                .map(|directory| match (self.path.starts_with(['/', '~']), directory.as_str()) {
                    (true, _) | (false, "") => self.path.clone(),
                    (false, directory) => format!("{directory}/{}", self.path),
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

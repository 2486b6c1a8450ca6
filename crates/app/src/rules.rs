//! The policy of this workspace, from the settings and every file of rules: the one way to it, for sessions and for `waypost
//! policy` alike.

use guard::{Ground, OwnRule, Rules};
use policy::{Effect, Mode, Source};

use crate::cli::{ModeFlag, SessionFlags};
use crate::config::Config;
use crate::error::{Error, Outcome};
use crate::repository;
use crate::trust::TrustStore;
use crate::workspace::Workspace;
use crate::world::World;

/// Reads all rules. `own` are those of flags and settings that have no examples.
pub(crate) fn policy(ground: &Ground, config: &Config, mode: Mode, own: &[OwnRule]) -> Outcome<Rules> {
    let written = config.rules.iter().map(crate::config::RuleConfig::written).collect();
    guard::rules(ground, mode, own, written).map_err(Error::usage)
}

/// The mode of work: the flags, the settings, else supervised.
pub(crate) fn mode(config: &Config, flags: &SessionFlags) -> Outcome<Mode> {
    let flag = flags.mode.map(|mode| match mode {
        ModeFlag::Supervised => Mode::Supervised,
        ModeFlag::Autopilot => Mode::Autopilot,
    });
    let flag = flag.or(flags.autopilot.then_some(Mode::Autopilot));
    match (flag, &config.mode) {
        (Some(mode), _) => Ok(mode),
        (None, None) => Ok(Mode::default()),
        (None, Some(word)) => Mode::named(word).ok_or_else(|| {
            Error::usage(format!("config.toml has the mode `{word}`, which does not exist"))
                .hint("mode is supervised or autopilot")
        }),
    }
}

/// The rules of the settings and of the flags, as they were written.
pub(crate) fn own(config: &Config, flags: &SessionFlags) -> Vec<OwnRule> {
    let texts = [
        (&config.allow, Effect::Allow, Source::User),
        (&config.ask, Effect::Ask, Source::User),
        (&config.deny, Effect::Deny, Source::User),
        (&flags.allow, Effect::Allow, Source::Flag),
        (&flags.deny, Effect::Deny, Source::Flag),
    ];
    let rule = |text: &String, effect, source| OwnRule { text: text.clone(), effect, source };
    texts
        .into_iter()
        .flat_map(|(texts, effect, source)| texts.iter().map(move |text| rule(text, effect, source)))
        .collect()
}

/// Whether the person trusted anything in this workspace, or there is nothing to trust.
pub(crate) fn is_trusted(world: &World, workspace: &Workspace) -> Outcome<bool> {
    let items = repository::items_here(workspace);
    if items.is_empty() {
        return Ok(true);
    }
    let trusted = TrustStore::open(&world.state)?.of(&workspace.root);
    Ok(items.iter().any(|item| trusted.knew(&item.name)))
}

//! The policy of this workspace, from the settings and every file of rules: the one way to it, for sessions and for `waypost
//! policy` alike.

use guard::{Ground, OwnRule, Rules};
use policy::Mode;

use crate::config::Config;
use crate::error::{Error, Outcome};

/// Reads all rules. `own` are those of flags and settings that have no examples.
pub(crate) fn policy(ground: &Ground, config: &Config, mode: Mode, own: &[OwnRule]) -> Outcome<Rules> {
    let written = config.rules.iter().enumerate().map(|(at, rule)| rule.written(at + 1)).collect();
    guard::rules(ground, mode, own, written).map_err(Error::usage)
}

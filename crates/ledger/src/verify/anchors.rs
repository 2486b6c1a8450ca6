//! Compares a chain of heads with what anchors kept of it. Changes nothing.

use std::sync::Arc;

use super::Problem;
use super::heads::{Heads, Say};
use crate::anchor::Anchor;
use crate::signed;

/// How much is said of one anchor; a chain that was made anew differs in every line.
const SAID_MAX: usize = 8;

/// Compares; gives each anchor that agrees with how many of its lines the chain has.
pub(super) fn compare(heads: &Heads, anchors: &[Arc<dyn Anchor>], say: &mut Say<'_>) -> Vec<(String, u64)> {
    anchors.iter().filter_map(|anchor| compare_one(heads, anchor.as_ref(), say)).collect()
}

fn compare_one(heads: &Heads, anchor: &dyn Anchor, say: &mut Say<'_>) -> Option<(String, u64)> {
    if heads.is_newer() {
        return None;
    }
    let name = || anchor.name().to_string();
    let witness = format!("the anchor `{}`", anchor.name());
    let (mut found, mut lines, mut newest) = (Vec::new(), 0_u64, None);
    let read = anchor.each(&mut |text| {
        // Lines of other devices, and of whoever else writes there, are not judged.
        let Ok(line) = signed::read(text.as_bytes()) else { return };
        if !heads.knows(&line.key) {
            return;
        }
        lines += 1;
        newest = newest.max(Some(line.seq));
        if let Some(problem) = heads.compare(&line, text.as_bytes(), &witness)
            && found.len() < SAID_MAX
        {
            found.push((line.seq, problem));
        }
    });
    let agrees = found.is_empty() && read.is_ok() && newest.is_some();
    for (seq, problem) in found {
        say(Some(seq), problem, false);
    }
    // Before the first record is signed nothing need be anchored: whoever began may have been killed.
    let begins = !heads.say_of_records();
    match (read, newest) {
        (Err(why), _) => say(None, Problem::AnchorUnread { anchor: name(), why }, begins),
        (Ok(()), None) => say(None, Problem::NotAnchored { anchor: name() }, begins),
        (Ok(()), Some(newest)) if newest + 1 < heads.end() => {
            let behind = heads.end() - newest - 1;
            say(Some(newest), Problem::AnchorBehind { anchor: name(), heads: behind }, true);
        }
        _ => {}
    }
    agrees.then(|| (name(), lines))
}

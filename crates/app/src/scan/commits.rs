//! Looking into what commits and the index brought. Which that is, and the bytes, come from `vcs`.

use std::sync::atomic::{AtomicUsize, Ordering};

use vcs::history::{Brought, History, HistoryError};

use super::{Loaded, Outcomes, look, side_by_side};

/// Bytes of the contents that one thread holds at once, unless a single one has more.
const BATCH_BYTES_MAX: usize = 16 << 20;
/// Contents that one thread holds at once.
const BATCH_MAX: usize = 2_000;
/// A longer content is said to be left out; it has to fit into the memory of each thread.
const CONTENT_BYTES_MAX: usize = 200 << 20;

/// Looks into every content that commits brought, each once. `tick` is told how many are done, of how many.
pub(crate) fn in_commits(
    loaded: &Loaded,
    history: &History,
    range: Option<&str>,
    wanted: &(dyn Fn(&str) -> bool + Sync),
    tick: &mut dyn FnMut(usize, usize),
) -> Result<Outcomes, HistoryError> {
    let (origins, brought) = history.brought(range, &|_, _| {})?;
    let mut outcomes = in_contents(loaded, history, brought, wanted, tick)?;
    outcomes.origins = origins;
    outcomes.sort();
    outcomes.first_only();
    Ok(outcomes)
}

/// Looks into every content that the next commit would bring.
pub(crate) fn in_index(
    loaded: &Loaded,
    history: &History,
    wanted: &(dyn Fn(&str) -> bool + Sync),
    tick: &mut dyn FnMut(usize, usize),
) -> Result<Outcomes, HistoryError> {
    let mut outcomes = in_contents(loaded, history, history.staged()?, wanted, tick)?;
    outcomes.sort();
    Ok(outcomes)
}

fn in_contents(
    loaded: &Loaded,
    history: &History,
    mut brought: Vec<Brought>,
    wanted: &(dyn Fn(&str) -> bool + Sync),
    tick: &mut dyn FnMut(usize, usize),
) -> Result<Outcomes, HistoryError> {
    brought.retain(|content| wanted(&content.path));
    let names: Vec<&str> = brought.iter().map(|content| content.object.as_str()).collect();
    let lengths = history.lengths(&names)?;
    let mut outcomes = Outcomes::default();
    let (mut batches, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0);
    for (content, length) in brought.iter().zip(lengths) {
        let Some(length) = length else {
            outcomes.unread(content.path.clone(), format!("the content {} is not here", content.object));
            continue;
        };
        if length > CONTENT_BYTES_MAX {
            let why =
                format!("the content {} has {length} bytes, more than {CONTENT_BYTES_MAX}", content.object);
            outcomes.unread(content.path.clone(), why);
            continue;
        }
        if batch.len() >= BATCH_MAX || bytes + length > BATCH_BYTES_MAX && !batch.is_empty() {
            batches.push(std::mem::take(&mut batch));
            bytes = 0;
        }
        batch.push(content);
        bytes += length;
    }
    batches.push(batch);
    let done = AtomicUsize::new(0);
    let all = brought.len();
    let work = |batch: &Vec<&Brought>| {
        let came = look_into(loaded, history, batch);
        done.fetch_add(batch.len(), Ordering::Relaxed);
        came
    };
    side_by_side(&batches, work, &mut |_, _| tick(done.load(Ordering::Relaxed), all), &mut outcomes);
    Ok(outcomes)
}

fn look_into(loaded: &Loaded, history: &History, batch: &[&Brought]) -> Outcomes {
    let mut outcomes = Outcomes::default();
    let names: Vec<&str> = batch.iter().map(|content| content.object.as_str()).collect();
    let contents = match history.contents(&names) {
        Ok(contents) => contents,
        Err(error) => {
            batch.iter().for_each(|content| outcomes.unread(content.path.clone(), &error));
            return outcomes;
        }
    };
    for content in batch {
        let Some(bytes) = contents.get(&content.object) else {
            outcomes.unread(content.path.clone(), format!("the content {} is not here", content.object));
            continue;
        };
        let from = outcomes.found.len();
        look::whole(&loaded.scanner, &content.path, bytes, &mut outcomes);
        outcomes.contents += 1;
        outcomes.found.iter_mut().skip(from).for_each(|found| found.origin = content.origin);
    }
    outcomes
}

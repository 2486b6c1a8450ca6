//! `waypost checkpoint diff`: what a call changed, line by line.

use vcs::{FileDiff, Side};

use crate::cli;
use crate::commands::checkpoint_rows::{CheckpointDiff, DiffRow};
use crate::commands::checkpoint_show::{changed, file_line};
use crate::error::Outcome;
use crate::exit::Exit;
use crate::face::Screen;
use crate::house;
use crate::term::{Style, Term, sanitise};
use crate::workspace::Workspace;
use crate::world::World;

/// Shows.
pub(crate) fn run(world: &World, screen: &Screen, flags: &cli::CheckpointDiff) -> Outcome<Exit> {
    let workspace = Workspace::find(world)?;
    let store = house::open_store(world, &workspace)?;
    let snapshots = house::snapshots(&store, &workspace)?;
    let checkpoint = snapshots.checkpoint(flags.number)?;
    let after = match &checkpoint.after {
        Some((after, _)) if !flags.now => after.clone(),
        _ => snapshots.now()?,
    };
    let files = snapshots.diff(&checkpoint.before, &after)?;
    let shown = CheckpointDiff { checkpoint: flags.number, files: files.iter().map(row).collect() };
    screen.document(&shown, |shown| words(&screen.term, shown));
    Ok(Exit::Done)
}

fn row(diff: &FileDiff) -> DiffRow {
    let mut lines = Vec::new();
    if diff.modes.0 != diff.modes.1 && diff.modes.0 != 0 && diff.modes.1 != 0 {
        lines.push(format!("mode {:o} → {:o}", diff.modes.0, diff.modes.1));
    }
    for hunk in &diff.hunks {
        lines
            .push(format!("@@ -{},{} +{},{} @@", hunk.old_start, hunk.old_len, hunk.new_start, hunk.new_len));
        lines.extend(hunk.lines.iter().map(|line| {
            let mark = match line.side {
                Side::Both => ' ',
                Side::Before => '-',
                Side::After => '+',
            };
            format!("{mark}{}", line.text)
        }));
    }
    DiffRow { file: changed(diff), lines, cut: diff.cut }
}

fn words(term: &Term, shown: &CheckpointDiff) -> String {
    if shown.files.is_empty() {
        return "no file differs".to_string();
    }
    let mut text = String::new();
    for file in &shown.files {
        text.push_str(&format!("{}\n", term.style(Style::Bold, &file_line(&file.file))));
        for line in &file.lines {
            let style = match line.as_bytes().first() {
                Some(b'+') => Style::Green,
                Some(b'-') => Style::Red,
                _ => Style::Dim,
            };
            text.push_str(&format!("{}\n", term.style(style, &sanitise(line))));
        }
        if file.cut {
            text.push_str("… it is too long to be shown whole\n");
        }
    }
    text
}

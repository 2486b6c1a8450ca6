//! What the repository remembers: the last commits, one commit, and what differs between the files and a commit.

use vcs::Side;
use vcs::history::{ChangeKind, Commit, History};

use crate::file;
use crate::gather::{Answer, Ground};
use crate::mention::{Kind, Mention};
use crate::piece::{PIECE_BYTES_MAX, Piece, files as files_in_words};

/// How many commits `#git` tells of.
const COMMITS: usize = 20;

/// How many files of a commit are named in that list.
const FILES_NAMED_MAX: usize = 8;

/// How many changed files are read.
const FILES_READ_MAX: usize = 2000;

/// The longest file that is compared, in bytes.
const FILE_BYTES_MAX: u64 = 5 * 1024 * 1024;

/// How many files that git does not follow are named.
const OTHERS_NAMED_MAX: usize = 50;

pub(crate) fn piece(ground: &Ground<'_>, mention: &Mention) -> Piece {
    let history = History::open(ground.workspace, ground.search_path);
    let answer = match (history.absence(), mention.kind, mention.argument.as_deref()) {
        (Some(absence), ..) => Err(absence.to_string()),
        (None, Kind::Diff, revision) => differs(ground, &history, revision.unwrap_or("HEAD")),
        (None, _, Some(revision)) => shown(ground, &history, revision),
        (None, _, None) => recent(ground, &history),
    };
    match answer {
        Ok((text, cut)) => Piece::new(mention.kind, mention.shown(), &text).with_cut(cut),
        Err(why) => Piece::left_out(mention.kind, mention.shown(), why),
    }
}

fn recent(ground: &Ground<'_>, history: &History) -> Answer {
    let log = history.commits(COMMITS).map_err(|error| error.to_string())?;
    let days = history.days(COMMITS).map_err(|error| error.to_string())?;
    if log.commits.is_empty() {
        return Err("there is no commit yet".to_string());
    }
    let mut text = String::new();
    for commit in &log.commits {
        let day = days.get(&commit.hash).map(String::as_str).unwrap_or_default();
        text.push_str(&format!("{} {day} {}\n", short(&commit.hash), commit.subject));
        let open: Vec<String> =
            files(commit).filter(|(path, _)| may_read(ground, path)).map(|(_, line)| line).collect();
        for line in open.iter().take(FILES_NAMED_MAX) {
            text.push_str(&format!("  {line}\n"));
        }
        if open.len() > FILES_NAMED_MAX {
            text.push_str(&format!("  and {} more files\n", open.len() - FILES_NAMED_MAX));
        }
    }
    Ok((text, None))
}

fn shown(ground: &Ground<'_>, history: &History, revision: &str) -> Answer {
    let hash = resolved(history, revision)?;
    let commit = history.commit(&hash).map_err(|error| error.to_string())?;
    let commit = commit.ok_or_else(|| format!("commit {hash} cannot be read"))?;
    let mut diff = Diff::default();
    let parent = commit.parents.first().cloned();
    let pairs: Vec<(String, String)> = commit
        .files
        .iter()
        .map(|file| {
            let before = match &file.kind {
                ChangeKind::Renamed { from, .. } => from.clone(),
                _ => file.path.clone(),
            };
            (before, file.path.clone())
        })
        .filter(|(before, after)| may_read(ground, before) && may_read(ground, after))
        .take(FILES_READ_MAX)
        .collect();
    diff.closed = commit.files.len().min(FILES_READ_MAX) - pairs.len();
    let at = |commit: Option<&String>, paths: Vec<&String>| match commit {
        Some(commit) => {
            let wanted: Vec<_> = paths.into_iter().map(|path| (commit.clone(), path.clone())).collect();
            history.files_at(&wanted).map_err(|error| error.to_string())
        }
        None => Ok(vec![None; paths.len()]),
    };
    let before = at(parent.as_ref(), pairs.iter().map(|(path, _)| path).collect())?;
    let after = at(Some(&commit.hash), pairs.iter().map(|(_, path)| path).collect())?;
    for ((pair, before), after) in pairs.iter().zip(before).zip(after) {
        diff.add(&pair.0, &pair.1, before.as_deref(), after.as_deref());
    }
    let mut text = format!("commit {}\n{}\n", commit.hash, commit.subject);
    for (name, value) in &commit.trailers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    if commit.parents.len() > 1 {
        text.push_str("a merge: what it brought was changed by its parents\n");
    }
    text.push('\n');
    let cut = diff.cut();
    Ok((text + &diff.text, cut))
}

fn differs(ground: &Ground<'_>, history: &History, revision: &str) -> Answer {
    let hash = resolved(history, revision)?;
    let worked = history.worked(&hash).map_err(|error| error.to_string())?;
    let mut diff = Diff::default();
    let open: Vec<_> = worked.followed.iter().filter(|file| may_read(ground, &file.path)).collect();
    diff.closed = worked.followed.len() - open.len();
    diff.unread = open.len().saturating_sub(FILES_READ_MAX);
    let open = open.get(..open.len().min(FILES_READ_MAX)).unwrap_or_default();
    let wanted: Vec<_> =
        open.iter().filter(|file| file.was).map(|file| (hash.clone(), file.path.clone())).collect();
    let mut before = history.files_at(&wanted).map_err(|error| error.to_string())?.into_iter();
    for changed in open {
        let before = if changed.was { before.next().flatten() } else { None };
        let after = match changed.is {
            true => file::read(&ground.workspace.join(&changed.path), FILE_BYTES_MAX).ok(),
            false => None,
        };
        if changed.is && after.as_ref().is_none_or(|(_, is_cut)| *is_cut) {
            diff.unread += 1;
            continue;
        }
        let after = after.map(|(bytes, _)| bytes);
        if is_same(before.as_deref(), after.as_deref()) {
            continue;
        }
        diff.add(&changed.path, &changed.path, before.as_deref(), after.as_deref());
    }
    let mut text = std::mem::take(&mut diff.text);
    let others: Vec<&String> = worked.others.iter().filter(|path| may_read(ground, path)).collect();
    if !others.is_empty() {
        text.push_str("files that git does not follow yet:\n");
        for path in others.iter().take(OTHERS_NAMED_MAX) {
            text.push_str(&format!("  {}\n", path.replace(char::is_control, "?")));
        }
        if others.len() > OTHERS_NAMED_MAX {
            text.push_str(&format!("  and {} more\n", others.len() - OTHERS_NAMED_MAX));
        }
    }
    let cut = diff.cut();
    match text.is_empty() {
        true => Err(match cut {
            Some(cut) => format!("nothing that may be read differs from {revision}; {cut}"),
            None => format!("nothing differs from {revision}"),
        }),
        false => Ok((text, cut)),
    }
}

/// Whether two contents are the same, line ends aside where git may have changed them at checkout.
fn is_same(before: Option<&[u8]>, after: Option<&[u8]>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) if before == after => true,
        (Some(before), Some(after)) if !before.contains(&b'\r') && after.contains(&b'\r') => {
            let (mut here, mut there) = (before.iter(), after.iter().filter(|byte| **byte != b'\r'));
            here.by_ref().eq(there.by_ref())
        }
        (None, None) => true,
        _ => false,
    }
}

/// A diff of several files, as text within a bound.
#[derive(Default)]
struct Diff {
    text: String,
    closed: usize,
    unread: usize,
    beyond: usize,
}

impl Diff {
    fn add(&mut self, from: &str, to: &str, before: Option<&[u8]>, after: Option<&[u8]>) {
        if self.text.len() > PIECE_BYTES_MAX {
            self.beyond += 1;
            return;
        }
        let clean = |path: &str| path.replace(char::is_control, "?");
        let name = |path: &str, side: Option<&[u8]>| side.map_or("/dev/null".to_string(), |_| clean(path));
        self.text.push_str(&format!("--- {}\n+++ {}\n", name(from, before), name(to, after)));
        let Some(compared) = vcs::compare(before.unwrap_or_default(), after.unwrap_or_default()) else {
            self.text.push_str("binary\n");
            return;
        };
        for hunk in &compared.hunks {
            let (old, new) = ((hunk.old_start, hunk.old_len), (hunk.new_start, hunk.new_len));
            self.text.push_str(&format!("@@ -{},{} +{},{} @@\n", old.0, old.1, new.0, new.1));
            for line in &hunk.lines {
                let sign = match line.side {
                    Side::Both => ' ',
                    Side::Before => '-',
                    Side::After => '+',
                };
                self.text.push(sign);
                self.text.push_str(&line.text);
                self.text.push('\n');
            }
        }
        if compared.cut {
            self.text.push_str("[further hunks left out]\n");
        }
    }

    fn cut(&self) -> Option<String> {
        let mut said = Vec::new();
        for (count, what) in [
            (self.closed, "closed by rules or lists"),
            (self.unread, "too large or too many to compare"),
            (self.beyond, "changed as well, beyond the bound"),
        ] {
            if count > 0 {
                said.push(format!("{what}: {}", files_in_words(count)));
            }
        }
        (!said.is_empty()).then(|| said.join("; "))
    }
}

fn resolved(history: &History, revision: &str) -> Result<String, String> {
    let found = history.resolve(revision).map_err(|error| error.to_string())?;
    found.ok_or_else(|| match revision {
        "HEAD" => "there is no commit yet".to_string(),
        other => format!("no commit is named `{other}`"),
    })
}

/// The changed files of a commit: path, and a line about it.
fn files(commit: &Commit) -> impl Iterator<Item = (&str, String)> {
    commit.files.iter().map(|file| {
        let path = file.path.replace(char::is_control, "?");
        let line = match &file.kind {
            ChangeKind::Added => format!("A {path}"),
            ChangeKind::Modified => format!("M {path}"),
            ChangeKind::Deleted => format!("D {path}"),
            ChangeKind::Renamed { from, .. } => {
                format!("R {} -> {path}", from.replace(char::is_control, "?"))
            }
        };
        (file.path.as_str(), line)
    })
}

fn may_read(ground: &Ground<'_>, path: &str) -> bool {
    (ground.may_read)(&ground.workspace.join(path)).is_ok()
}

fn short(hash: &str) -> &str {
    hash.get(..10).unwrap_or(hash)
}

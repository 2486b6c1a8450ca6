//! Erases texts and leaves every chain whole: first the record of it, then the texts. Edits no sealed byte.
#![expect(clippy::disallowed_methods, reason = "texts and contents are removed here")]

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use conversation::Digest;
use serde_json::Value;

use crate::content::{Content, Reference};
use crate::erasures::{self, Body};
use crate::layout::{self, Unsynced};
use crate::lock::Lock;
use crate::{LedgerError, Store, chain, texts};

/// What is to be erased.
#[derive(Clone, Copy, Debug)]
pub enum Erase<'a> {
    /// Everything that was said in a session.
    Session(&'a str),
    /// One text, by the digest under which a record or the content store has it, wherever it stands.
    Digest(Digest),
}

/// What came of an erasure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Short texts that are gone from behind their records.
    pub texts: u64,
    /// Long texts that are gone from the content store.
    pub contents: u64,
    /// Long texts that stay, because journals of other sessions or specs refer to them; an erasure by their digest
    /// takes them away there as well.
    pub shared: Vec<Digest>,
    /// Records of format 1 with short texts in their bodies, which cannot go without breaking the chain.
    pub kept_inline: u64,
    /// Remains of torn records that are gone.
    pub torn: u64,
}

/// What went from one journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Gone {
    texts: u64,
    torn: u64,
}

/// What one journal has.
#[derive(Default)]
struct Found {
    texts: Vec<Digest>,
    contents: BTreeSet<Digest>,
    kept_inline: u64,
}

impl Store {
    /// Erases, and puts on record first who asked for it and why. The chains stay whole: verifying says of each text
    /// that it was erased.
    ///
    /// Limitations: paths, command names in reasons, digests of files and everything else that is no text stays. Free
    /// blocks of the disk, backups, snapshots of the workspace and the scratch directory are not touched. The
    /// digests of long texts have no salt, so whoever has such a text can confirm that it was here.
    ///
    /// # Errors
    /// [`LedgerError::InUse`] while somebody writes the session, [`LedgerError::NotFound`] when there is no such
    /// session or text, [`LedgerError::Broken`] when a chain is not whole. An erasure that was cut short is finished
    /// by the same call again.
    pub fn erase(&self, what: Erase<'_>, by: &str, why: &str) -> Result<Erased, LedgerError> {
        match what {
            Erase::Session(id) => self.erase_session(id, by, why),
            Erase::Digest(digest) => self.erase_digest(digest, by, why),
        }
    }

    fn erase_session(&self, id: &str, by: &str, why: &str) -> Result<Erased, LedgerError> {
        let directory = self.session_directory(id)?;
        let what = format!("session `{id}`");
        if !layout::has_journal(&directory) {
            return Err(LedgerError::NotFound { what });
        }
        let lock = Lock::take(&directory, &what)?;
        let found = self.found(&directory)?;
        let mut shared = BTreeSet::new();
        for other in self.other_journals(&directory)? {
            shared.extend(self.found(&other)?.contents.intersection(&found.contents).copied());
        }
        let contents: Vec<Digest> = found.contents.difference(&shared).copied().collect();
        self.put_on_record(by, why, Some(id), &found.texts, &contents)?;
        let Gone { texts, torn } = rewrite(&directory, &mut |_| true)?;
        let torn = torn + remove_torn(&directory)?;
        let contents = self.remove_contents(&contents)?;
        drop(lock);
        let shared = shared.into_iter().collect();
        Ok(Erased { texts, contents, shared, kept_inline: found.kept_inline, torn })
    }

    fn erase_digest(&self, digest: Digest, by: &str, why: &str) -> Result<Erased, LedgerError> {
        let mut holders = Vec::new();
        let mut is_content = false;
        for directory in self.other_journals(Path::new(""))? {
            let found = self.found(&directory)?;
            is_content |= found.contents.contains(&digest);
            if found.texts.contains(&digest) {
                holders.push(directory);
            }
        }
        if holders.is_empty() && !is_content {
            return Err(LedgerError::NotFound { what: format!("text `{digest}`") });
        }
        let what = |directory: &Path| format!("the journal in `{}`", directory.display());
        let locks = holders.iter().map(|directory| Lock::take(directory, &what(directory)));
        let locks: Vec<Lock> = locks.collect::<Result<_, _>>()?;
        let (texts, contents) =
            (vec![digest; usize::from(!holders.is_empty())], vec![digest; usize::from(is_content)]);
        self.put_on_record(by, why, None, &texts, &contents)?;
        let mut erased = Erased::default();
        for directory in &holders {
            erased.texts += rewrite(directory, &mut |one| *one == digest)?.texts;
        }
        erased.contents = self.remove_contents(&contents)?;
        drop(locks);
        Ok(erased)
    }

    /// The journals of this workspace beside this one. The journal of erasures holds no texts.
    fn other_journals(&self, but: &Path) -> Result<Vec<PathBuf>, LedgerError> {
        let names = layout::workspace_journals(self.directory())?.into_iter();
        let directories =
            names.filter(|name| name != layout::ERASURES).map(|name| self.directory().join(name));
        Ok(directories.filter(|directory| directory != but && layout::has_journal(directory)).collect())
    }

    /// What a journal has that could be erased.
    fn found(&self, directory: &Path) -> Result<Found, LedgerError> {
        let mut found = Found::default();
        chain::read(directory, &mut |line| {
            let body: Value = serde_json::from_str(line.body).unwrap_or_default();
            found.texts.extend(
                line.salted.iter().zip(&line.texts).filter_map(|(digest, text)| text.and(Some(*digest))),
            );
            // In format 2 nothing that can be taken out is left in a body.
            found.kept_inline += u64::from(texts::count(&body) > 0);
            contents_of(self.content(), &body, &mut found.contents);
            Ok(())
        })?;
        Ok(found)
    }

    fn put_on_record(
        &self,
        by: &str,
        why: &str,
        session: Option<&str>,
        texts: &[Digest],
        contents: &[Digest],
    ) -> Result<(), LedgerError> {
        let digits = |digests: &[Digest]| digests.iter().map(Digest::to_string).collect();
        let body = Body {
            by: by.to_string(),
            why: why.to_string(),
            session: session.map(str::to_string),
            texts: digits(texts),
            contents: digits(contents),
        };
        let mut journal = self.create_or_open_erasures()?;
        let path = journal.directory().join(layout::JOURNAL);
        let body =
            serde_json::to_value(body).map_err(|error| LedgerError::io("write", &path)(error.into()))?;
        journal.add_durably(erasures::RECORD, body)?;
        journal.seal().map(|_| ())
    }

    fn remove_contents(&self, contents: &[Digest]) -> Result<u64, LedgerError> {
        let mut unsynced = Unsynced::default();
        let mut removed = 0;
        for path in contents.iter().map(|digest| self.content().path(digest)) {
            match fs::remove_file(&path) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(LedgerError::io("remove", &path)(error)),
            }
            unsynced.entry(&path);
        }
        unsynced.sync()?;
        Ok(removed)
    }
}

/// Every content that a body refers to, through other contents as well.
fn contents_of(store: &Content, body: &Value, found: &mut BTreeSet<Digest>) {
    let mut references = Reference::all(body);
    let mut seen = HashSet::new();
    while let Some(reference) = references.pop() {
        if seen.insert(reference.digest) && reference.is_json() {
            references
                .extend(store.value_of(&reference).map(|inner| Reference::all(&inner)).unwrap_or_default());
        }
        found.insert(reference.digest);
    }
}

/// Writes a journal anew without the texts for which `gone` says so, and puts it in its place as a whole. The lock of
/// the journal is held. What a crash left of a last record goes too, as words may be in it.
fn rewrite(directory: &Path, gone: &mut dyn FnMut(&Digest) -> bool) -> Result<Gone, LedgerError> {
    let path = directory.join(layout::JOURNAL);
    let beside = directory.join("journal.erasing");
    let mut gone_now = Gone::default();
    let result = rewrite_to(&path, &beside, gone, &mut gone_now).map_err(LedgerError::io("write", &beside));
    if result.is_err() || gone_now == Gone::default() {
        // The error that matters is the one of writing.
        let _ = fs::remove_file(&beside);
        return result.map(|()| gone_now);
    }
    let mut unsynced = Unsynced::default();
    unsynced.file(&beside);
    unsynced.sync()?;
    fs::rename(&beside, &path).map_err(LedgerError::io("write", &path))?;
    // The entry of the listing has words of the session in it, and is made anew when it is missing.
    let summary = directory.join(layout::SUMMARY);
    if summary.exists() {
        fs::remove_file(&summary).map_err(LedgerError::io("remove", &summary))?;
    }
    unsynced.entry(&path);
    unsynced.sync()?;
    Ok(gone_now)
}

fn rewrite_to(
    from: &Path,
    to: &Path,
    gone: &mut dyn FnMut(&Digest) -> bool,
    gone_now: &mut Gone,
) -> io::Result<()> {
    let failed = |error: LedgerError| io::Error::other(error.to_string());
    let mut lines = chain::lines(from).map_err(failed)?;
    let file = layout::private_file().write(true).create(true).truncate(true).open(to)?;
    let mut out = BufWriter::new(file);
    while let Some(read) = lines.read()? {
        let text = std::str::from_utf8(lines.text()).unwrap_or_default();
        let less = match lines.prove(&read) {
            Ok(line) if read.ended => Some(line.without(text, &mut |digest| {
                let goes = gone(digest);
                gone_now.texts += u64::from(goes);
                goes
            })),
            _ => None,
        };
        match less {
            Some(less) => writeln!(out, "{less}")?,
            // The chain was proven before, so this is its torn end.
            None if lines.at_end()? => gone_now.torn += 1,
            None => return Err(io::Error::other("it was changed by something else")),
        }
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_data()
}

/// Removes what crashes left of records, as words may be in it.
fn remove_torn(directory: &Path) -> Result<u64, LedgerError> {
    let mut removed = 0;
    let listed = fs::read_dir(directory).map_err(LedgerError::io("list", directory))?;
    for entry in listed {
        let path = entry.map_err(LedgerError::io("list", directory))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("journal.torn-") {
            fs::remove_file(&path).map_err(LedgerError::io("remove", &path))?;
            removed += 1;
        }
    }
    Ok(removed)
}

#[cfg(test)]
#[path = "erase_tests.rs"]
mod tests;

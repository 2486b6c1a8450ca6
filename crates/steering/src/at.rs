//! What is in force for some paths: each file of a collection judged in order. Looks at files only through [`Look`].

use std::collections::BTreeMap;

use crate::collection::{Collection, Condition, File};
use crate::listing::{
    DESCRIPTION_BYTES_MAX, LeftOut, Listing, OFFERS_MAX, Offer, Piece, Reason, Why, one_line,
};
use crate::look::Look;
use crate::names;
use crate::references;
use crate::source::Source;

/// Bytes of all that is in force together.
pub const TOTAL_BYTES_MAX: usize = 256 * 1024;

/// Paths in play that are looked at; what comes after them matches nothing.
pub const PATHS_MAX: usize = 2_000;

/// What is in force for these paths (from the workspace root, with `/`) and names, from files just gathered.
pub fn at(sources: Vec<Source>, paths: &[String], names: &[String], look: &mut dyn Look) -> Listing {
    Collection::read(sources).at(paths, names, look)
}

impl Collection {
    /// What is in force for these paths (from the workspace root, with `/`) and names.
    pub fn at(&self, paths: &[String], names: &[String], look: &mut dyn Look) -> Listing {
        let mut asked: Vec<String> =
            names.iter().map(|name| names::plain(name)).filter(|name| !name.is_empty()).collect();
        asked.sort();
        asked.dedup();
        let mut listing = Listing {
            beyond: self.beyond,
            paths_beyond: paths.len().saturating_sub(PATHS_MAX),
            ..Listing::default()
        };
        let paths = tidy(paths);
        // A bare name that several packages have means those in play, where there is one.
        let near: Vec<&String> = asked
            .iter()
            .filter(|name| {
                self.files()
                    .iter()
                    .any(|file| names::goes_by(file, name) && is_near(file, &paths, &self.here))
            })
            .collect();
        let mut total = 0;
        let mut said: BTreeMap<&str, &str> = BTreeMap::new();
        for file in self.files() {
            let judged = judge(file, &paths, &self.here, &asked, &near).and_then(|reason| {
                if let Some(name) = said.get(file.body()) {
                    return Err(Why::Same { name: name.to_string() });
                }
                let (text, references) = references::expand(file, look)?;
                if total + text.len() > TOTAL_BYTES_MAX {
                    return Err(Why::OverTotal { max: TOTAL_BYTES_MAX });
                }
                Ok(Piece {
                    name: file.source.name.clone(),
                    scope: file.source.scope,
                    reason,
                    text,
                    references,
                })
            });
            match judged {
                Ok(piece) => {
                    total += piece.bytes();
                    said.insert(file.body(), &file.source.name);
                    listing.pieces.push(piece);
                }
                Err(why) => {
                    if let (Why::OnOffer { name }, Some(description)) = (&why, &file.description)
                        && listing.offers.len() < OFFERS_MAX
                    {
                        listing.offers.push(Offer {
                            name: one_line(name, DESCRIPTION_BYTES_MAX),
                            file: file.source.name.clone(),
                            description: one_line(description, DESCRIPTION_BYTES_MAX),
                        });
                    }
                    let (name, scope) = (file.source.name.clone(), file.source.scope);
                    listing.left_out.push(LeftOut { name, scope, why });
                }
            }
        }
        let is_known = |name: &String| self.files().iter().any(|file| names::goes_by(file, name));
        listing.unknown = asked.into_iter().filter(|name| !is_known(name)).collect();
        listing
    }
}

/// Whether a file is in force, before its text is looked at.
fn judge(file: &File, paths: &[&str], here: &str, asked: &[String], near: &[&String]) -> Result<Reason, Why> {
    if let Condition::Never(why) = &file.condition {
        return Err(why.clone());
    }
    let is_meant = |name: &&String| {
        names::goes_by(file, name) && (is_near(file, paths, here) || !near.iter().any(|near| near == name))
    };
    let reason = match asked.iter().find(is_meant) {
        Some(name) => Reason::Named { name: name.clone() },
        None => condition(file, paths, here)?,
    };
    admissible(file)?;
    Ok(reason)
}

/// Whether it counts for a path in play, where the work is, or everywhere.
fn is_near(file: &File, paths: &[&str], here: &str) -> bool {
    let folder = &file.source.folder;
    folder.is_empty()
        || below(here, folder).is_some()
        || paths.iter().any(|path| below(path, folder).is_some())
}

fn condition(file: &File, paths: &[&str], here: &str) -> Result<Reason, Why> {
    let folder = &file.source.folder;
    let mut inside = paths.iter().filter_map(|path| below(path, folder).map(|below| (*path, below)));
    let first = inside.clone().next();
    if !folder.is_empty() && first.is_none() && below(here, folder).is_none() {
        return Err(Why::Elsewhere { folder: folder.clone() });
    }
    match &file.condition {
        Condition::Always => {
            let path = first.filter(|_| !folder.is_empty()).map(|(path, _)| path.to_string());
            Ok(Reason::Always { folder: folder.clone(), path })
        }
        Condition::Match(globs) => {
            // A glob of a package may be written from the package or from the workspace.
            let found = inside.find_map(|(path, below)| {
                globs.matching(below).or_else(|| globs.matching(path)).map(|glob| (glob, path))
            });
            match found {
                Some((glob, path)) => Ok(Reason::Match { glob: glob.to_string(), path: path.to_string() }),
                None => Err(Why::NoMatch { globs: globs.written().map(str::to_string).collect() }),
            }
        }
        Condition::Manual => Err(Why::NotNamed { name: file.name.clone() }),
        Condition::Auto => {
            admissible(file)?;
            Err(Why::OnOffer { name: file.name.clone() })
        }
        Condition::Never(why) => Err(why.clone()),
    }
}

/// What holds whatever included a file. A description is offered to the model, so it needs trust as well.
fn admissible(file: &File) -> Result<(), Why> {
    if file.body().is_empty() {
        return Err(Why::Empty);
    }
    if file.source.is_of_workspace() && !file.source.trusted {
        return Err(Why::NotTrusted);
    }
    Ok(())
}

/// The path from the folder, when it lies in it or is it.
fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

/// Paths in one order, each once.
fn tidy(paths: &[String]) -> Vec<&str> {
    let plain = |path: &'_ String| -> usize { path.len() - path.trim_start_matches("./").len() };
    let mut tidy: Vec<&str> = paths
        .iter()
        .take(PATHS_MAX)
        .filter_map(|path| path.get(plain(path)..))
        .map(|path| path.trim_end_matches('/'))
        .collect();
    tidy.sort_unstable();
    tidy.dedup();
    tidy
}

#[cfg(test)]
#[path = "at_tests.rs"]
mod tests;

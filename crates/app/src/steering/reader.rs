//! Looks at files that steering refers to, as far as the rules and lists here let them be read. Decides nothing about steering.
#![expect(clippy::disallowed_methods, reason = "files that steering refers to are read here")]

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use ::steering::{Look, Refusal};
use guard::Lists;
use policy::{Capability, Effect, Mode, Origin, Policy, Request, Target};

use crate::config::Config;
use crate::error::Outcome;
use crate::workspace::Workspace;
use crate::world::World;
use crate::{limits, rules};

/// The largest file that is referred to; a few of its lines may be all that is wanted.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Entries of a folder that are looked at.
const ENTRIES_MAX: usize = 1_000;

/// The way to files.
pub(super) struct Reader {
    root: PathBuf,
    /// Folders outside the workspace, by what their paths begin with.
    outside: Vec<(String, PathBuf)>,
    policy: Policy,
    lists: Lists,
}

impl Reader {
    pub(super) fn new(
        world: &World,
        config: &Config,
        workspace: &Workspace,
        own: &Path,
        team: Option<&Path>,
    ) -> Outcome<Reader> {
        let ground = limits::ground(world, workspace);
        let own_rules = rules::own(config, &crate::cli::SessionFlags::default());
        let mut policy = rules::policy(&ground, config, Mode::default(), &own_rules)?.policy;
        let lists = Lists::new(&ground);
        let _problems = policy.set_lists(&lists.files());
        let mut outside = vec![(super::OWN.to_string(), own.to_path_buf())];
        outside.extend(team.map(|team| (team.to_string_lossy().into_owned(), team.to_path_buf())));
        Ok(Reader { root: workspace.root.clone(), outside, policy, lists })
    }

    /// Where a path leads, links followed, when it may be read.
    fn place(&mut self, path: &str) -> Result<PathBuf, Refusal> {
        for (name, folder) in &self.outside {
            if let Some(below) =
                path.strip_prefix(name.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/'))
            {
                let missing = |_| Refusal::Missing;
                let folder = folder.canonicalize().map_err(missing)?;
                let whole = folder.join(below.trim_start_matches('/')).canonicalize().map_err(missing)?;
                return match whole.starts_with(&folder) {
                    true => Ok(whole),
                    false => Err(Refusal::Refused("it leads outside".to_string())),
                };
            }
        }
        let path = if path.is_empty() { "." } else { path };
        let place = tools::resolve(&self.root, path).map_err(|refused| Refusal::Refused(refused.0))?;
        let absolute = place.absolute().to_path_buf();
        if !absolute.starts_with(&self.root) {
            return Err(Refusal::Refused("it leads outside".to_string()));
        }
        let request =
            Request { capability: Capability::FsRead, target: Target::Path(place), origin: Origin::Waypost };
        if self.lists.refresh(std::slice::from_ref(&request)) {
            let _problems = self.policy.set_lists(&self.lists.files());
        }
        let decision = self.policy.decide(&request);
        match decision.effect {
            Effect::Allow => Ok(absolute),
            _ => Err(Refusal::Refused(format!("it may not be read: {}", decision.reason))),
        }
    }
}

impl Look for Reader {
    fn file(&mut self, path: &str) -> Result<String, Refusal> {
        let path = self.place(path)?;
        let data = std::fs::metadata(&path).map_err(|_| Refusal::Missing)?;
        if !data.is_file() {
            return Err(Refusal::Refused("it is no file".to_string()));
        }
        if data.nlink() > 1 && self.policy.closes_by_pattern().0 {
            let why = "it has several names (hard links), and rules close files by name";
            return Err(Refusal::Refused(why.to_string()));
        }
        if data.len() > FILE_BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        let bytes = std::fs::read(&path).map_err(|error| Refusal::Refused(error.to_string()))?;
        String::from_utf8(bytes).map_err(|_| Refusal::NotText)
    }

    fn folder(&mut self, path: &str) -> Result<Vec<String>, Refusal> {
        let path = self.place(path)?;
        let entries = std::fs::read_dir(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Refusal::Missing,
            _ => Refusal::Refused(error.to_string()),
        })?;
        let files = entries.take(ENTRIES_MAX).flatten().filter(|entry| entry.path().is_file());
        let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        Ok(names)
    }
}

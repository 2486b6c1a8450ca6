//! What the rules say of each file and page that a person's words name. Reads and fetches only what they let.
#![expect(clippy::disallowed_methods, reason = "the names of files are looked at here")]

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use context::{Answer, Kind, Mentions};
use guard::Ground;
use policy::{Capability, Effect, Origin, Place, Policy, Request, Taint, Target};
use web::{Address, Fetcher, Wish, is_near_allowed, may_follow};

/// The rules with the lists as they are now, and what the person named word for word.
pub(crate) struct Reads<'a> {
    policy: Policy,
    workspace: &'a Path,
    /// Files that the person named by their very paths: a question about one of these is answered.
    named: BTreeSet<PathBuf>,
    /// Whether files may be closed by their names, so that another name of one matters.
    closes_names: bool,
    asked: Mutex<Vec<Request>>,
}

impl<'a> Reads<'a> {
    pub(crate) fn new(policy: &Policy, ground: &'a Ground, mentions: &Mentions) -> Reads<'a> {
        let policy = crate::limits::with_lists(policy, ground);
        let files = mentions.all.iter().filter(|mention| matches!(mention.kind, Kind::File | Kind::Name));
        let named = files.filter_map(|file| plain(&ground.root, file.argument.as_deref()?)).collect();
        let closes_names = policy.closes_by_pattern().0;
        Reads { policy, workspace: &ground.root, named, closes_names, asked: Mutex::default() }
    }

    /// Whether a resolved path may be read, or why not. Whoever names a file by its own path has answered the question about
    /// it; a link does not say where it leads, and a search comes upon what nobody named.
    pub(crate) fn may_read(&self, path: &Path) -> Result<(), String> {
        let place = Place::new(self.workspace, path);
        let is_outside = place.relative().is_none();
        let request =
            Request { capability: Capability::FsRead, target: Target::Path(place), origin: Origin::Waypost };
        let verdict = self.policy.judge(&request, &Taint::none());
        match verdict.effect {
            Effect::Allow => {}
            Effect::Ask if self.named.contains(path) => {}
            Effect::Ask => return Err(format!("it would have to be asked for: {}", verdict.reason())),
            Effect::Deny => return Err(format!("it may not be read: {}", verdict.reason())),
        }
        if self.closes_names
            && std::fs::symlink_metadata(path).is_ok_and(|data| data.is_file() && data.nlink() > 1)
        {
            return Err("it has several names (hard links), and rules close files by name".to_string());
        }
        if is_outside {
            self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        }
        Ok(())
    }

    /// A page that the person named: that is their answer to the question about it. What is denied stays denied.
    pub(crate) async fn page(&self, fetcher: &Fetcher, url: &str) -> Answer {
        let address = Address::read(url).map_err(|error| error.to_string())?;
        let target = Target::Name(address.to_string());
        let request = Request { capability: Capability::WebFetch, target, origin: Origin::Waypost };
        let verdict = self.policy.judge(&request, &Taint::none());
        if verdict.effect == Effect::Deny {
            return Err(format!("it may not be fetched: {}", verdict.reason()));
        }
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let policy = &self.policy;
        let wish = Wish {
            address: &address,
            near: is_near_allowed(policy, &address),
            // A person's own word is not a robot's.
            heeds_robots: false,
            follow: &|next| may_follow(policy, next),
        };
        let page = fetcher.fetch(&wish).await.map_err(|error| error.to_string())?;
        if page.status >= 400 {
            return Err(format!("the server answered {}", page.status));
        }
        let title = page.title.map(|title| format!("title: {title}\n")).unwrap_or_default();
        Ok((format!("url: {}\n{title}\n{}", page.url, page.text), page.cut))
    }

    /// What was reached beyond the workspace.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The path as it is written, without `.` and without a look at the disk; nothing when it has a `..`.
fn plain(workspace: &Path, written: &str) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for component in workspace.join(written).components() {
        match component {
            Component::ParentDir => return None,
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    Some(plain)
}

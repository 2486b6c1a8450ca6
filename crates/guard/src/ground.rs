//! Where things lie, as a value. Whoever starts Waypost knows; this room looks at no variable by itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The places that a session stands on. All paths are absolute; those that exist are resolved.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The workspace.
    pub root: PathBuf,
    /// The person's home directory.
    pub home: PathBuf,
    /// Waypost's settings.
    pub config: PathBuf,
    /// Waypost's own state.
    pub state: PathBuf,
    /// The organisation's files of rules, in the order in which they are read. Those that are not there are passed over.
    pub managed: Vec<PathBuf>,
    /// Below this a private folder for temporary files is made for each session.
    pub temporary: PathBuf,
    /// The variables that Waypost was started with.
    pub variables: BTreeMap<String, String>,
}

impl Ground {
    /// Where the organisation's rules lie on this system. Nobody below can name another place.
    pub fn managed_here() -> Vec<PathBuf> {
        let folder = if cfg!(target_os = "macos") {
            "/Library/Application Support/Kiro"
        } else if cfg!(windows) {
            "C:\\ProgramData\\Kiro"
        } else {
            "/etc/kiro"
        };
        vec![PathBuf::from(folder).join("managed-settings.json")]
    }

    /// Waypost's and Kiro's settings and state, which no call may write.
    pub fn own_paths(&self) -> Vec<PathBuf> {
        let kiro = self.home.join(".kiro");
        vec![
            self.config.clone(),
            self.state.clone(),
            kiro.join("settings"),
            kiro.join("workspace-roots"),
            kiro.join("sandbox-state"),
        ]
    }
}

//! A profile made ready for commands on this machine: what holds, and whether that is enough to run.

use std::fmt;
use std::net::TcpListener;
use std::sync::Arc;

use policy::{Profile, ProfileError};

use crate::capabilities::{Capabilities, capabilities};
use crate::enforced::Enforced;

/// Serves the proxy to those who connect to a listener. It is given the listener of each command's own network and
/// must not block. When the command is over, accepting fails with `InvalidInput`.
pub type Bridge = Arc<dyn Fn(TcpListener) + Send + Sync>;

/// A profile for commands, and what this machine can do. Cheap to clone.
#[derive(Clone)]
pub struct Confinement {
    profile: Arc<Profile>,
    capabilities: Capabilities,
    bridge: Option<Bridge>,
}

impl Confinement {
    /// Takes a profile.
    ///
    /// # Errors
    /// [`ProfileError`] when it cannot be meant.
    pub fn new(profile: Profile) -> Result<Confinement, ProfileError> {
        profile.check()?;
        Ok(Confinement { profile: Arc::new(profile), capabilities: capabilities(), bridge: None })
    }

    /// Uses these capabilities instead of what the machine has.
    #[must_use]
    pub fn on(self, capabilities: Capabilities) -> Confinement {
        Confinement { capabilities, ..self }
    }

    /// Serves the proxy that the profile allows also to commands with a network of their own. Without a bridge
    /// such a command keeps the network of the machine, and Landlock holds it to the port of the proxy.
    #[must_use]
    pub fn bridged(self, bridge: Bridge) -> Confinement {
        Confinement { bridge: Some(bridge), ..self }
    }

    /// The same, letting these variables through to the command as well.
    #[must_use]
    pub fn passing(self, names: impl IntoIterator<Item = String>) -> Confinement {
        let mut profile = Profile::clone(&self.profile);
        profile.environment.extend(names);
        Confinement { profile: Arc::new(profile), ..self }
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What would hold for a command that is started now. Looks at the disk and changes nothing.
    pub fn enforced(&self) -> Enforced {
        #[cfg(target_os = "linux")]
        return crate::linux::enforced(&self.profile, &self.capabilities, self.bridge.is_some());
        #[cfg(not(target_os = "linux"))]
        return crate::elsewhere::enforced(&self.profile);
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn bridge(&self) -> Option<&Bridge> {
        self.bridge.as_ref()
    }
}

impl fmt::Debug for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confinement")
            .field("profile", &self.profile)
            .field("capabilities", &self.capabilities)
            .field("bridged", &self.bridge.is_some())
            .finish()
    }
}

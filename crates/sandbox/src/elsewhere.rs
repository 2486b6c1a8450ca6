//! What holds of a profile on systems other than Linux. Says so; the text for macOS comes from `seatbelt`.

use policy::{Limits, Network, Profile, Sockets};

use crate::enforced::{Asked, Enforced, Layer};

/// What would hold on macOS, when `seatbelt` is true, or on any other system.
pub(crate) fn enforced_on(profile: &Profile, seatbelt: bool) -> Enforced {
    let mut out = Enforced::default();
    let held = |is: bool| is.then_some(Layer::Seatbelt);
    for asked in Asked::ALL {
        let (wanted, by, gap) = match asked {
            Asked::Reading | Asked::Writing | Asked::Running | Asked::Attributes => (true, seatbelt, None),
            Asked::Invisible => (!profile.invisible.is_empty(), seatbelt, None),
            Asked::Protected => (!profile.protected.is_empty(), seatbelt, None),
            Asked::Network => (profile.network != Network::Full, seatbelt, None),
            Asked::Sockets => (profile.sockets == Sockets::Pairs || seatbelt, seatbelt, None),
            Asked::Others => (true, seatbelt, None),
            Asked::Ipc | Asked::SystemCalls | Asked::Privileges => (true, false, None),
            Asked::Limits => (profile.limits != Limits::default(), false, None),
            Asked::Leftovers => {
                let words = "a process that leaves its session outlives the command";
                (true, false, Some(words))
            }
            Asked::Environment => {
                out.part(asked, &[Some(Layer::Environment)], &[None]);
                continue;
            }
        };
        if wanted {
            out.part(asked, &[held(by)], &[gap]);
        }
    }
    out
}

/// What would hold here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn enforced(profile: &Profile) -> Enforced {
    enforced_on(profile, cfg!(target_os = "macos"))
}

#[cfg(unix)]
/// The program to start instead, with the arguments that come first.
#[cfg(not(target_os = "linux"))]
pub(crate) fn wrap(
    profile: &Profile,
    program: &std::ffi::OsStr,
) -> (std::ffi::OsString, Vec<std::ffi::OsString>) {
    if cfg!(target_os = "macos") {
        let arguments = crate::seatbelt::seatbelt_arguments(profile, program);
        return (crate::seatbelt::SEATBELT_PROGRAM.into(), arguments);
    }
    (program.to_os_string(), Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_other_system_holds_is_said() {
        let profile = Profile::workspace(std::path::Path::new("/w"), "/t".into());
        let open = |seatbelt: bool| {
            let enforced = enforced_on(&profile, seatbelt);
            let open = enforced.parts.into_iter().filter(|part| !part.gaps.is_empty());
            open.map(|part| part.asked).collect::<Vec<Asked>>()
        };
        let on_macos = [Asked::Ipc, Asked::Privileges, Asked::SystemCalls, Asked::Leftovers];
        assert_eq!(open(true), on_macos);
        let all_but = |asked: &Asked| !matches!(asked, Asked::Limits | Asked::Environment);
        assert_eq!(open(false), Asked::ALL.into_iter().filter(all_but).collect::<Vec<Asked>>());
    }
}

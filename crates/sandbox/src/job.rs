//! What a Windows job object could hold of a profile, as plain numbers. Pure; no job is made anywhere yet.

use policy::Profile;

/// Ends every process of the job when its last handle is closed.
const KILL_ON_JOB_CLOSE: u32 = 0x2000;
/// Ends a process that fails instead of asking somebody.
const DIE_ON_UNHANDLED_EXCEPTION: u32 = 0x400;
/// Bounds the number of processes.
const ACTIVE_PROCESS: u32 = 0x8;
/// Bounds the memory of each process.
const PROCESS_MEMORY: u32 = 0x100;
/// Bounds the processor time of each process.
const PROCESS_TIME: u32 = 0x2;

/// Desktop, clipboard, handles of windows, settings of the system: all of them shut.
const USER_INTERFACE: u32 = 0xFF;

/// The numbers for `SetInformationJobObject`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// `LimitFlags` of the extended limits.
    pub limit_flags: u32,
    /// `ActiveProcessLimit`; 0 when unbounded.
    pub active_processes: u32,
    /// `ProcessMemoryLimit` in bytes; 0 when unbounded.
    pub process_memory_bytes: u64,
    /// `PerProcessUserTimeLimit` in units of 100 ns; 0 when unbounded.
    pub process_time: i64,
    /// `UIRestrictionsClass`.
    pub user_interface: u32,
}

/// The job for a profile. It holds limits and leftovers, and nothing of files, network or sockets.
pub fn job(profile: &Profile) -> Job {
    let limits = profile.limits;
    let flag = |is: bool, bit: u32| if is { bit } else { 0 };
    Job {
        limit_flags: KILL_ON_JOB_CLOSE
            | DIE_ON_UNHANDLED_EXCEPTION
            | flag(limits.processes.is_some(), ACTIVE_PROCESS)
            | flag(limits.address_space_bytes.is_some(), PROCESS_MEMORY)
            | flag(limits.cpu_seconds.is_some(), PROCESS_TIME),
        active_processes: limits.processes.map_or(0, |most| u32::try_from(most).unwrap_or(u32::MAX)),
        process_memory_bytes: limits.address_space_bytes.unwrap_or(0),
        process_time: limits
            .cpu_seconds
            .map_or(0, |seconds| i64::try_from(seconds.saturating_mul(10_000_000)).unwrap_or(i64::MAX)),
        user_interface: USER_INTERFACE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut Profile), expected: Job) {
        let mut profile = Profile::closed("/t".into());
        change(&mut profile);
        assert_eq!(job(&profile), expected);
    }

    #[test]
    fn limits_become_numbers() {
        let none = Job {
            limit_flags: 0x2400,
            active_processes: 0,
            process_memory_bytes: 0,
            process_time: 0,
            user_interface: 0xFF,
        };
        check(|_| {}, none);
        let change = |p: &mut Profile| {
            p.limits.processes = Some(64);
            p.limits.cpu_seconds = Some(2);
            p.limits.address_space_bytes = Some(1 << 30);
        };
        check(
            change,
            Job {
                limit_flags: 0x250A,
                active_processes: 64,
                process_memory_bytes: 1 << 30,
                process_time: 20_000_000,
                ..none
            },
        );
        check(
            |p| p.limits.processes = Some(u64::MAX),
            Job { limit_flags: 0x2408, active_processes: u32::MAX, ..none },
        );
    }
}

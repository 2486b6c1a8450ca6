//! Attempts on what is protected inside the writable folder, and on running what may not be run.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use policy::Profile;

use crate::attempt::{Attempt, Outcome, attempt, if_ok, with};
use crate::calls::{apart, call, word};
use crate::files::{change, replace};
use crate::place::Inside;

const LOADER: &str = "can be run through the loader";

pub(crate) const ALL: &[Attempt] = &[
    attempt("write_a_setting_of_git", |it| if_ok("wrote", change(&it.work(".git/config")))),
    attempt("write_a_hook_of_git", |it| {
        if_ok("wrote", fs::write(it.work(".git/hooks/pre-commit"), "#!/bin/sh"))
    }),
    attempt("remove_a_setting_of_git", |it| if_ok("removed", fs::remove_file(it.work(".git/config")))),
    attempt("move_something_over_a_setting_of_git", |it| {
        let mine = it.work("mine");
        if_ok("moved", fs::write(&mine, "x").and_then(|()| fs::rename(&mine, it.work(".git/config"))))
    }),
    attempt("write_a_setting_of_git_by_another_name", |it| {
        let mine = it.work("mine");
        if_ok("wrote", fs::hard_link(it.work(".git/config"), &mine).and_then(|()| change(&mine)))
    }),
    attempt("truncate_a_setting_of_git", |it| {
        if_ok("cut", call(libc::SYS_truncate, &[word(it.work(".git/config")), 0]))
    }),
    attempt("replace_the_folder_of_git", |it| if_ok("replaced", replace(it, ".git", ".git/hooks"))),
    attempt("exchange_the_folder_of_git", |it| {
        let at = libc::AT_FDCWD as usize;
        let (one, other) = (word(it.work(".git")), word(it.work("src")));
        if_ok("exchanged", call(libc::SYS_renameat2, &[at, one, at, other, 2]))
    }),
    attempt("remove_the_folder_of_git", |it| if_ok("removed", fs::remove_dir_all(it.work(".git")))),
    attempt("make_what_is_protected_and_absent", |it| {
        let settings = it.work(".kiro/settings");
        let made = fs::create_dir_all(&settings).and_then(|()| fs::write(settings.join("mcp.json"), "{}"));
        if_ok("wrote", made)
    }),
    attempt("put_something_in_the_place_of_what_is_absent", |it| {
        let mine = it.work("mine");
        let made = fs::create_dir_all(it.work(".kiro")).and_then(|()| fs::create_dir(&mine)).and_then(|()| {
            fs::write(mine.join("mcp.json"), "{}")?;
            fs::rename(&mine, it.work(".kiro/settings"))
        });
        if_ok("moved", made)
    }),
    attempt("replace_the_folder_above_what_is_absent", |it| {
        let _made = fs::create_dir_all(it.work(".kiro"));
        let replaced = replace(it, ".kiro", ".kiro/settings");
        if_ok("replaced", replaced.and_then(|()| fs::write(it.work(".kiro/settings/mcp.json"), "{}")))
    }),
    attempt("put_a_link_in_the_place_of_what_is_absent", |it| {
        let _made = fs::create_dir_all(it.work(".kiro"));
        if_ok("linked", std::os::unix::fs::symlink("/tmp", it.work(".kiro/settings")))
    }),
    Attempt {
        gap: "modes and times of files outside can be changed",
        ..attempt("mode_of_a_setting_of_git", |it| {
            let mode = Permissions::from_mode(0o644);
            if_ok("changed", fs::set_permissions(it.work(".git/config"), mode))
        })
    },
    attempt("take_the_mount_off", |it| {
        let off = |name: &str| call(libc::SYS_umount2, &[word(it.work(name)), libc::MNT_DETACH as usize]);
        // Unconfined there is nothing mounted; then a mount of its own has to do.
        let own = || call(libc::SYS_unshare, &[libc::CLONE_NEWNS as usize]);
        if_ok("took it off", off(".env").or_else(|_| off(".git")).or_else(|_| own()))
    }),
    attempt("make_the_mount_writable", |it| {
        let flags = (libc::MS_REMOUNT | libc::MS_BIND) as usize;
        let again = call(libc::SYS_mount, &[0, word(it.work(".git")), 0, flags, 0]);
        let attributes = [0u64, 1, 0, 0];
        let clear = || {
            let (at, size) = (libc::AT_FDCWD as usize, size_of_val(&attributes));
            call(libc::SYS_mount_setattr, &[at, word(it.work(".git")), 0, attributes.as_ptr() as usize, size])
        };
        let own = |_| call(libc::SYS_unshare, &[libc::CLONE_NEWNS as usize]);
        if_ok("changed", again.or_else(|_| clear()).or_else(own))
    }),
    with("run_what_was_written", without_programs, |it| {
        if_ok("ran", own_program(it).and_then(|path| Command::new(path).arg("whoami").output()))
    }),
    Attempt {
        gap: LOADER,
        ..with("run_what_was_written_through_the_loader", without_programs, |it| {
            let loaders =
                ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-x86_64.so.1"];
            let Some(loader) = loaders.iter().find(|path| fs::metadata(path).is_ok()) else {
                return Outcome::Held("no loader".to_string());
            };
            match own_program(it).and_then(|path| Command::new(loader).arg(path).arg("whoami").output()) {
                Ok(output) if output.status.success() => Outcome::Escaped("ran".to_string()),
                other => Outcome::Held(format!("{other:?}")),
            }
        })
    },
    with("run_from_memory", without_programs, |_| {
        let bytes = fs::read("/proc/self/exe").unwrap_or_default();
        let made = call(libc::SYS_memfd_create, &[word("mine"), 0]);
        let write = |number: usize| {
            fs::write(format!("/proc/self/fd/{number}"), &bytes)?;
            Command::new(format!("/proc/self/fd/{number}")).arg("whoami").output()
        };
        if_ok("ran", made.and_then(write))
    }),
    with("run_the_interpreter_of_a_script", without_programs, |it| {
        // Only what may be run decides: a script is a program too.
        let script = it.work("script");
        let made = fs::write(&script, "#!/bin/sh\necho ran\n")
            .and_then(|()| fs::set_permissions(&script, Permissions::from_mode(0o755)));
        if_ok("ran", made.and_then(|()| Command::new(&script).output()))
    }),
    attempt("gain_privileges_by_a_program", |it| {
        // The program belongs to root and says so; who runs it must not become root.
        let ran = apart(|| {
            if unsafe { libc::setuid(65534) } != 0 {
                return 2;
            }
            let output = Command::new(it.root.join("bin/helper")).arg("whoami").output();
            i32::from(output.is_ok_and(|output| output.stdout == b"0\n"))
        });
        if ran == 1 { Outcome::Escaped("became root".to_string()) } else { Outcome::Held(format!("{ran}")) }
    }),
    attempt("write_a_program_of_the_system", |_| {
        if_ok("opened", OpenOptions::new().append(true).open("/usr/bin/env"))
    }),
];

/// A profile in which nothing that can be written can be run.
fn without_programs(profile: &mut Profile) {
    let writable = profile.writable.clone();
    let temporary = profile.temporary.clone();
    profile.executable.retain(|path| !writable.contains(path) && *path != temporary);
}

fn own_program(it: &Inside) -> std::io::Result<std::path::PathBuf> {
    let path = it.work("program");
    fs::write(&path, fs::read("/proc/self/exe")?)?;
    fs::set_permissions(&path, Permissions::from_mode(0o755))?;
    Ok(path)
}

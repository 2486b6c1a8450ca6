//! Attempts on files outside, and on files that must not be seen.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use crate::attempt::{Attempt, Outcome, attempt, gap, if_ok, if_read};
use crate::calls::{call, word};
use crate::place::{FILE_BYTES, Inside, SECRET, folder_of};

const MODES: &str = "modes and times of files outside can be changed";
const NAMES: &str = "names of files outside can be asked for";
const LISTED: &str = "the names of files in folders that must not be seen";

pub(crate) const ALL: &[Attempt] = &[
    attempt("write_a_new_file_outside", |it| if_ok("wrote", fs::write(it.outside("new"), "x"))),
    attempt("overwrite_outside", |it| if_ok("wrote", fs::write(it.outside("file"), "x"))),
    attempt("append_outside", |it| {
        let file = OpenOptions::new().append(true).open(it.outside("file"));
        if_ok("wrote", file.and_then(|mut file| file.write_all(b"x")))
    }),
    attempt("truncate_outside", |it| if_ok("cut", call(libc::SYS_truncate, &[word(it.outside("file")), 1]))),
    attempt("write_through_a_link_that_is_there", |it| if_ok("wrote", fs::write(it.work("link"), "x"))),
    attempt("write_through_a_link_that_it_makes", |it| {
        let link = it.work("mine");
        if_ok("wrote", symlink(it.outside("file"), &link).and_then(|()| fs::write(&link, "x")))
    }),
    attempt("hard_link_from_outside", |it| {
        let link = it.work("mine");
        if_ok("wrote", fs::hard_link(it.outside("file"), &link).and_then(|()| fs::write(&link, "x")))
    }),
    attempt("hard_link_to_outside", |it| {
        if_ok("linked", fs::hard_link(it.work("src/main.rs"), it.outside("mine")))
    }),
    attempt("move_from_outside", |it| if_ok("moved", fs::rename(it.outside("file"), it.work("mine")))),
    attempt("move_to_outside", |it| if_ok("moved", fs::rename(it.work("src/main.rs"), it.outside("mine")))),
    attempt("exchange_with_outside", |it| {
        let (here, there, exchange) = (word(it.work("src/main.rs")), word(it.outside("file")), 2);
        let at = libc::AT_FDCWD as usize;
        if_ok("exchanged", call(libc::SYS_renameat2, &[at, here, at, there, exchange]))
    }),
    attempt("make_a_folder_outside", |it| if_ok("made", fs::create_dir(it.outside("mine")))),
    attempt("make_a_link_outside", |it| if_ok("made", symlink("file", it.outside("mine")))),
    attempt("remove_outside", |it| if_ok("removed", fs::remove_file(it.outside("file")))),
    attempt("remove_a_folder_outside", |it| if_ok("removed", fs::remove_dir(it.outside("folder")))),
    attempt("a_file_without_a_name_outside", |it| {
        let file = OpenOptions::new().write(true).custom_flags(libc::O_TMPFILE).open(it.outside(""));
        if_ok("made", file)
    }),
    attempt("write_by_the_root_of_the_process", |it| {
        let path = format!("/proc/self/root{}", it.outside("file").display());
        if_ok("wrote", fs::write(path, "x"))
    }),
    attempt("write_by_the_directory_of_the_process", |it| {
        let _inside = it;
        if_ok("wrote", fs::write("/proc/self/cwd/../outside/file", "x"))
    }),
    attempt("write_by_dots", |it| if_ok("wrote", fs::write(it.work("src/../../outside/file"), "x"))),
    attempt("write_by_reopening_a_path", |it| {
        let path = OpenOptions::new().read(true).custom_flags(libc::O_PATH).open(it.outside("file"));
        let again = |path: File| fs::write(format!("/proc/self/fd/{}", path.as_raw_fd()), "x");
        if_ok("wrote", path.and_then(again))
    }),
    attempt("write_relative_to_a_folder", |it| {
        let open = |number: i32| {
            let flags = (libc::O_WRONLY | libc::O_TRUNC) as usize;
            call(libc::SYS_openat, &[number as usize, word("file"), flags, 0])
        };
        if_ok("opened", folder_of(&it.outside("file")).and_then(|(_folder, number)| open(number)))
    }),
    attempt("read_outside", |it| if_read(fs::read(it.outside("secret")), SECRET)),
    attempt("list_outside", |it| if_ok("listed", fs::read_dir(it.outside("")))),
    gap("ask_for_a_name_outside", NAMES, |it| if_ok("is there", fs::metadata(it.outside("file")))),
    gap("mode_outside", MODES, |it| {
        if_ok("changed", fs::set_permissions(it.outside("file"), Permissions::from_mode(0o777)))
    }),
    gap("mode_of_what_can_be_read", MODES, |it| {
        // A program that may be run and not written.
        let helper = it.root.join("bin/helper");
        let mode = fs::metadata(&helper).map(|it| it.permissions());
        if_ok("changed", mode.and_then(|mode| fs::set_permissions(&helper, mode)))
    }),
    gap("times_outside", MODES, |it| {
        let nothing = 0;
        let at = libc::AT_FDCWD as usize;
        if_ok("changed", call(libc::SYS_utimensat, &[at, word(it.outside("file")), nothing, 0]))
    }),
    gap("owner_outside", MODES, |it| {
        if_ok("changed", std::os::unix::fs::chown(it.outside("file"), Some(65534), Some(65534)))
    }),
    attempt("attribute_outside", |it| {
        let (name, value) = (word("user.mine"), word("x"));
        if_ok("set", call(libc::SYS_setxattr, &[word(it.outside("file")), name, value, 1, 0]))
    }),
    attempt("watch_outside", |it| {
        let all = libc::IN_ALL_EVENTS as usize;
        let watch = |number: usize| call(libc::SYS_inotify_add_watch, &[number, word(it.outside("")), all]);
        if_ok("watches", call(libc::SYS_inotify_init1, &[0]).and_then(watch))
    }),
    attempt("open_by_handle", |it| {
        // A handle has a length, a kind and up to 128 bytes; what the number of the mount is does not matter.
        let mut handle = [0u32; 34];
        handle[0] = 128;
        let mut mount = 0u32;
        let at = libc::AT_FDCWD as usize;
        let (handle, mount) = (handle.as_mut_ptr() as usize, &raw mut mount as usize);
        let named = call(libc::SYS_name_to_handle_at, &[at, word(it.outside("secret")), handle, mount, 0]);
        let open = |_| {
            let root = File::open("/")?;
            call(libc::SYS_open_by_handle_at, &[root.as_raw_fd() as usize, handle, 0])
        };
        if_ok("opened", named.and_then(open))
    }),
    attempt("make_a_device", |it| {
        let device = libc::makedev(1, 1) as usize;
        let mode = (libc::S_IFBLK | 0o600) as usize;
        let at = libc::AT_FDCWD as usize;
        if_ok("made", call(libc::SYS_mknodat, &[at, word(it.work("device")), mode, device]))
    }),
    attempt("read_the_passwords", |_| if_read(fs::read("/etc/shadow"), "root")),
    attempt("write_a_setting_of_the_kernel", |_| {
        if_ok("opened", OpenOptions::new().write(true).open("/proc/sys/kernel/core_pattern"))
    }),
    attempt("write_to_the_log_of_the_kernel", |_| {
        if_ok("opened", OpenOptions::new().write(true).open("/dev/kmsg"))
    }),
    attempt("write_a_setting_of_the_system", |_| {
        if_ok("opened", OpenOptions::new().append(true).open("/etc/passwd"))
    }),
    attempt("open_a_disk", |_| {
        let disks = fs::read_dir("/sys/class/block").into_iter().flatten().flatten();
        let mut names = disks.map(|disk| Path::new("/dev").join(disk.file_name())).collect::<Vec<_>>();
        names.extend(["vda", "sda", "nvme0n1"].map(|name| Path::new("/dev").join(name)));
        let opened = names.iter().find(|path| File::open(path).is_ok());
        if_ok("opened", opened.ok_or("no disk can be opened"))
    }),
    attempt("write_to_the_terminal_of_somebody", |it| {
        let terminal = OpenOptions::new().write(true).custom_flags(libc::O_NOCTTY).open(&it.terminal);
        if_ok("wrote", terminal.and_then(|mut it| it.write_all(b"\x1b]0;mine\x07")))
    }),
    attempt("shared_memory_file_outside", |it| if_read(fs::read(it.shared_file()), SECRET)),
    attempt("fill_the_disk", |it| {
        let write = |file: File| file.write_all_at(b"x", 2 * FILE_BYTES);
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        if_ok("wrote", File::create(it.work("large")).and_then(write))
    }),
    attempt("read_invisible", |it| if_read(fs::read(it.work(".env")), SECRET)),
    attempt("read_invisible_relative", |_| if_read(fs::read(".env"), SECRET)),
    attempt("read_invisible_by_the_directory", |_| if_read(fs::read("/proc/self/cwd/.env"), SECRET)),
    attempt("read_invisible_through_a_link", |it| {
        let link = it.work("mine");
        if_read(symlink(".env", &link).and_then(|()| fs::read(&link)), SECRET)
    }),
    attempt("read_invisible_by_its_other_name", |it| if_read(fs::read(it.work("alias")), SECRET)),
    attempt("read_invisible_by_a_new_name", |it| {
        let link = it.work("mine");
        if_read(fs::hard_link(it.work(".env"), &link).and_then(|()| fs::read(&link)), SECRET)
    }),
    attempt("read_invisible_after_moving_it", |it| {
        let to = it.work("mine");
        if_read(fs::rename(it.work(".env"), &to).and_then(|()| fs::read(&to)), SECRET)
    }),
    attempt("read_invisible_after_moving_its_folder", |it| {
        let read =
            fs::rename(it.work("src"), it.work("moved")).and_then(|()| fs::read(it.work("moved/deep/.key")));
        if_read(read, SECRET).or(|| if_read(fs::read(it.work("src/deep/.key")), SECRET))
    }),
    attempt("read_in_an_invisible_folder", |it| if_read(fs::read(it.work("private/key")), SECRET)),
    gap("list_an_invisible_folder", LISTED, |it| {
        let names = fs::read_dir(it.work("private")).map(|entries| entries.count());
        match names {
            Ok(count) if count > 0 => Outcome::Escaped(format!("{count} names")),
            other => Outcome::Held(format!("{other:?}")),
        }
    }),
    attempt("map_invisible", |it| {
        let map = |file: File| {
            let number = file.as_raw_fd() as usize;
            call(libc::SYS_mmap, &[0, 4096, libc::PROT_READ as usize, libc::MAP_PRIVATE as usize, number, 0])
        };
        if_ok("mapped", File::open(it.work(".env")).and_then(map))
    }),
    attempt("write_invisible", |it| {
        let appended =
            OpenOptions::new().append(true).open(it.work(".env")).and_then(|mut it| it.write_all(b"x"));
        if_ok("wrote", appended)
    }),
    attempt("read_a_leftover_descriptor", |_| {
        let mut found = Outcome::Held("no descriptor has it".to_string());
        for number in 3..1024 {
            // Pipes and terminals of whoever runs the tests would keep a reader waiting.
            let path = format!("/proc/self/fd/{number}");
            let is_file = fs::metadata(&path).is_ok_and(|it| it.is_file());
            let mut text = vec![0; 64];
            let read = call(libc::SYS_pread64, &[number, text.as_mut_ptr() as usize, 64, 0]);
            if is_file && read.is_ok() && String::from_utf8_lossy(&text).contains(SECRET) {
                found = Outcome::Escaped(format!("descriptor {number}"));
            }
        }
        found
    }),
];

/// Whether a file can be changed, and how that was refused.
pub(crate) fn change(path: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).open(path)?.write_all(b"x")
}

/// What an attempt needs that moves something away and puts its own there.
pub(crate) fn replace(it: &Inside, old: &str, new: &str) -> io::Result<()> {
    fs::rename(it.work(old), it.work("moved-away"))?;
    fs::create_dir_all(it.work(new))
}

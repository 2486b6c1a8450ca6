//! The profile of macOS as text, for `sandbox-exec`. Pure; runs nothing and knows nothing of other systems.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use policy::{Network, Profile, Sockets};

/// The program of macOS that starts another one within a profile.
pub const SEATBELT_PROGRAM: &str = "/usr/bin/sandbox-exec";

/// What every program of macOS needs before its first line: the loader, its cache, time and locale.
const BASE: &str = "\
(version 1)
(deny default)
(allow process-fork)
(allow process-info* (target same-sandbox))
(allow signal (target same-sandbox))
(allow sysctl-read)
(allow mach-lookup (global-name \"com.apple.system.opendirectoryd.libinfo\"))
(allow mach-lookup (global-name \"com.apple.system.notification_center\"))
(allow file-read-metadata)
(allow file-read* file-test-existence (literal \"/\"))
(allow file-read* (subpath \"/System\") (subpath \"/usr/lib\") (subpath \"/usr/share\") (subpath \"/private/var/db/dyld\"))
(allow file-map-executable (subpath \"/System\") (subpath \"/usr/lib\"))
(allow file-read* file-write-data (literal \"/dev/null\") (literal \"/dev/zero\"))
(allow file-read* (literal \"/dev/random\") (literal \"/dev/urandom\"))
(allow file-read* file-write* (regex #\"^/dev/fd/\"))
(allow pseudo-tty)
(allow file-read* file-write* file-ioctl (literal \"/dev/ptmx\") (regex #\"^/dev/ttys[0-9]+$\"))
";

/// The text for a profile. A later line wins over an earlier one, so what is closed comes last.
///
/// Paths are written as they are; macOS compares them with links followed, so they should have none.
pub fn seatbelt(profile: &Profile) -> String {
    let mut text = BASE.to_string();
    let mut add = |action: &str, path: &Path| {
        let _infallible = writeln!(text, "({action} (subpath {}))", quote(path));
    };
    for path in &profile.readable {
        add("allow file-read*", path);
    }
    for path in profile.writable.iter().chain([&profile.temporary]) {
        add("allow file-read* file-write*", path);
    }
    for path in &profile.executable {
        add("allow file-read* file-map-executable process-exec*", path);
    }
    for path in &profile.protected {
        add("deny file-write*", path);
    }
    // Who moves a folder above moves what is protected with it, and could put something else there.
    let writable = |path: &Path| profile.writable.iter().any(|root| path.starts_with(root) && path != root);
    let mut above: Vec<&Path> = profile
        .protected
        .iter()
        .flat_map(|path| path.ancestors().skip(1))
        .filter(|path| writable(path))
        .collect();
    above.sort_unstable();
    above.dedup();
    for path in above {
        let _infallible = writeln!(text, "(deny file-write-unlink (literal {}))", quote(path));
    }
    for path in &profile.invisible {
        let _infallible = writeln!(text, "(deny file-read* file-write* (subpath {}))", quote(path));
    }
    let network = match profile.network {
        Network::None => String::new(),
        Network::Loopback => "(allow network-bind network-inbound (local ip \"localhost:*\"))\n\
                              (allow network-outbound (remote ip \"localhost:*\"))\n"
            .to_string(),
        Network::ProxyOnly { port } => format!("(allow network-outbound (remote ip \"localhost:{port}\"))\n"),
        Network::Full => "(allow network* (local ip) (remote ip))\n\
                          (allow network-outbound (literal \"/private/var/run/mDNSResponder\"))\n\
                          (allow system-socket)\n"
            .to_string(),
    };
    text.push_str(&network);
    if profile.sockets == Sockets::Own {
        for path in profile.writable.iter().chain([&profile.temporary]) {
            let path = quote(path);
            let _infallible = writeln!(
                text,
                "(allow network-bind network-inbound (local unix-socket (subpath {path})))\n\
                 (allow network-outbound (remote unix-socket (subpath {path})))"
            );
        }
    }
    text
}

/// The arguments that `sandbox-exec` takes before those of the program.
pub fn seatbelt_arguments(profile: &Profile, program: &std::ffi::OsStr) -> Vec<OsString> {
    vec!["-p".into(), seatbelt(profile).into(), "--".into(), program.to_os_string()]
}

fn quote(path: &Path) -> String {
    let mut out = String::from("\"");
    for character in path.to_string_lossy().chars() {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What follows the fixed beginning.
    fn check(change: impl FnOnce(&mut Profile), expected: &str) {
        let mut profile = Profile::closed("/private/tmp/a".into());
        change(&mut profile);
        let text = seatbelt(&profile);
        assert_eq!(text.strip_prefix(BASE), Some(expected));
        // Every parenthesis outside of quotes is closed.
        let mut depth = 0i32;
        let mut quoted = false;
        let mut escaped = false;
        for character in text.chars() {
            match character {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth -= 1,
                _ => {}
            }
        }
        assert_eq!((depth, quoted), (0, false));
    }

    #[test]
    fn nothing_is_open_but_the_folder_for_temporary_files() {
        assert!(BASE.starts_with("(version 1)\n(deny default)\n"));
        check(|_| {}, "(allow file-read* file-write* (subpath \"/private/tmp/a\"))\n");
    }

    #[test]
    fn what_is_closed_comes_after_what_is_open() {
        let change = |p: &mut Profile| {
            p.readable = vec!["/Library".into()];
            p.writable = vec!["/w".into()];
            p.executable = vec!["/opt/homebrew".into()];
            p.protected = vec!["/w/.git".into(), "/w/.kiro/settings".into()];
            p.invisible = vec!["/w/.env".into()];
            p.network = Network::ProxyOnly { port: 4567 };
        };
        check(
            change,
            "(allow file-read* (subpath \"/Library\"))\n\
             (allow file-read* file-write* (subpath \"/w\"))\n\
             (allow file-read* file-write* (subpath \"/private/tmp/a\"))\n\
             (allow file-read* file-map-executable process-exec* (subpath \"/opt/homebrew\"))\n\
             (deny file-write* (subpath \"/w/.git\"))\n\
             (deny file-write* (subpath \"/w/.kiro/settings\"))\n\
             (deny file-write-unlink (literal \"/w/.kiro\"))\n\
             (deny file-read* file-write* (subpath \"/w/.env\"))\n\
             (allow network-outbound (remote ip \"localhost:4567\"))\n",
        );
    }

    #[test]
    fn names_cannot_leave_their_quotes() {
        check(
            |p| p.readable = vec!["/a\" (allow default) \\".into()],
            "(allow file-read* (subpath \"/a\\\" (allow default) \\\\\"))\n\
             (allow file-read* file-write* (subpath \"/private/tmp/a\"))\n",
        );
    }
}

//! The routes of the table, and the attempts that each is made of. Tries nothing.

use crate::table::Access;

/// One attempt. In its texts `{T}` is the target as a call writes it, `{A}` its absolute path, `{R}` its path from the workspace, `{D}` its folder, `{N}` its name,
/// `{L}` a symbolic link to it, `{LD}` one to its folder, `{H}` a hard link to it in the folder `{HD}`, each in the workspace; `{S}` a script that
/// reads or writes whatever path it is given, in every way that it knows.
#[derive(Clone, Debug)]
pub(crate) enum Attempt {
    /// A call of a tool.
    Tool(&'static str, String),
    /// The same, by a sub-agent.
    SubAgent(&'static str, String),
    /// A call of `shell` in the background, and its output by `process`.
    Background(String),
    /// A process that is started once and stays, as servers of MCP and of languages do.
    Server(String),
    /// A process that a hook starts.
    Hook(String),
}

impl Attempt {
    /// Whether it runs the script, of which the gate does not see what it writes.
    pub(crate) fn is_of_script(&self) -> bool {
        let (Attempt::Tool(_, text)
        | Attempt::SubAgent(_, text)
        | Attempt::Background(text)
        | Attempt::Server(text)
        | Attempt::Hook(text)) = self;
        text.contains("{S}")
    }
}

/// A route.
pub(crate) struct Route {
    /// As it stands in the table.
    pub(crate) name: &'static str,
    reading: &'static [&'static str],
    writing: &'static [&'static str],
}

/// Where rules speak of places, and not of files: a file with a name in the workspace and one outside is one of the workspace.
const BY_PLACE: [&str; 2] = ["outside", "own settings and state"];

impl Route {
    /// Whether the route exists for a rule of this name.
    pub(crate) fn reaches(&self, rule: &str) -> bool {
        self.name != "hard link, there ²" || !BY_PLACE.contains(&rule)
    }

    pub(crate) fn attempts(&self, access: Access) -> Vec<Attempt> {
        let texts = if access == Access::Read { self.reading } else { self.writing };
        texts.iter().map(|text| read(text)).collect()
    }
}

/// `tool argument`, `sub:tool argument`, or a command line behind `$`, `&`, `server`, `hook`.
fn read(text: &'static str) -> Attempt {
    let (kind, rest) = text.split_once(' ').unwrap();
    let rest = rest.to_string();
    match kind.split_once(':') {
        Some(("sub", tool)) => Attempt::SubAgent(tool, rest),
        _ => match kind {
            "$" => Attempt::Tool("shell", rest),
            "&" => Attempt::Background(rest),
            "server" => Attempt::Server(rest),
            "hook" => Attempt::Hook(rest),
            tool => Attempt::Tool(tool, rest),
        },
    }
}

const fn route(
    name: &'static str,
    reading: &'static [&'static str],
    writing: &'static [&'static str],
) -> Route {
    Route { name, reading, writing }
}

/// All routes.
pub(crate) const ROUTES: [Route; 21] = [
    route("tool `read`", &["read {T}", "read {A}", "read src/../{R}"], &[]),
    route("tool `grep`", &["grep {T}", "grep {D}", "grep .", "grep {A}"], &[]),
    route("tool `glob`", &["glob {D}", "glob .", "glob {T}"], &[]),
    route("tool `list`", &["list {D}"], &[]),
    route("tool `edit`", &[], &["edit {T}", "edit {A}"]),
    route("tool `write`", &[], &["write {T}", "write {A}", "write {D}/new.txt", "write {D}/sub/new.txt"]),
    route(
        "shell, reading",
        &[
            "$ cat {T}",
            "$ head -c 500 {A}",
            "$ grep -r . {D}",
            "$ find {D} -type f -exec cat {} +",
            "$ sort {T}",
        ],
        &[],
    ),
    route(
        "shell, writing",
        &[],
        &[
            "$ cp src/other.txt {T}",
            "$ tee {T} < src/other.txt",
            "$ sed -i s/a/b/ {T}",
            "$ rm {T}",
            "$ mv {T} src/gone.txt",
            "$ mv src/other.txt {T}",
            "$ touch {D}/new.txt",
            "$ mkdir {D}/new",
            "$ truncate -s 0 {T}",
            "$ dd if=src/other.txt of={T}",
            "$ ln -sf ../src/other.txt {T}",
        ],
    ),
    route(
        "shell, redirect",
        &["$ cat < {T}", "$ while read x; do echo $x; done < {A}"],
        &["$ echo x > {T}", "$ echo x >> {A}", "$ : > {T}", "$ echo x >| {D}/new.txt", "$ echo x &> {T}"],
    ),
    route(
        "shell, subshell",
        &[
            "$ (cat {T})",
            "$ x=$(cat {T}); echo \"$x\"",
            "$ bash -c 'cat {T}'",
            "$ cd {D} && cat {N}",
            "$ cat <(cat {T})",
        ],
        &[
            "$ (echo x > {T})",
            "$ bash -c 'echo x > {T}'",
            "$ cd {D} && echo x > {N}",
            "$ eval 'echo x > {T}'",
        ],
    ),
    route(
        "shell, here-document",
        &["$ cat <<E\n$(cat {T})\nE", "$ sh <<'E'\ncat {T}\nE"],
        &["$ cat > {T} <<E\nx\nE", "$ sh <<'E'\necho x > {T}\nE", "$ tee {T} <<< x"],
    ),
    route("script file", &["$ sh {S} {T}", "$ ./{S} {A}"], &["$ sh {S} {T}", "$ ./{S} {A}"]),
    route("background", &["& sh {S} {T}", "& cat {A}"], &["& sh {S} {T}", "& echo x > {A}"]),
    route(
        "symbolic link",
        &[
            "read {L}",
            "read {LD}/{N}",
            "grep {L}",
            "grep {LD}",
            "glob {LD}",
            "list {LD}",
            "$ cat {L}",
            "$ cat {LD}/{N}",
            "$ sh {S} {L}",
        ],
        &[
            "edit {L}",
            "write {L}",
            "write {LD}/{N}",
            "write {LD}/new.txt",
            "$ echo x > {L}",
            "$ echo x > {LD}/new.txt",
            "$ sh {S} {L}",
            "$ sh {S} {LD}/{N}",
        ],
    ),
    route(
        "hard link, made",
        &["$ ln {T} src/again; cat src/again {T}", "sub:shell ln {A} src/again; cat src/again {T}"],
        &[
            "$ ln {T} src/again && echo x > src/again",
            "$ cp -l {A} src/again; echo x > src/again",
            "$ sh {S} {T}",
        ],
    ),
    route(
        "hard link, there ²",
        &["read {H}", "grep {H}", "grep {HD}", "$ cat {H}", "$ grep -r . {HD}", "$ sh {S} {H}"],
        &["edit {H}", "write {H}", "$ echo x > {H}", "$ sed -i s/a/b/ {H}", "$ sh {S} {H}"],
    ),
    route(
        "`/proc`",
        &[
            "read /proc/self/root{A}",
            "grep /proc/self/root{A}",
            "read /proc/self/cwd/{R}",
            "$ cat /proc/self/root{A}",
            "$ cat /proc/self/cwd/{R}",
            "$ cat /proc/1/root{A}",
            "$ sh {S} /proc/self/root{A}",
        ],
        &[
            "edit /proc/self/root{A}",
            "write /proc/self/root{A}",
            "$ echo x > /proc/self/root{A}",
            "$ echo x > /proc/self/cwd/{R}",
            "$ sh {S} /proc/self/root{A}",
            "$ sh {S} /proc/1/root{A}",
        ],
    ),
    route("hook command ¹", &["hook sh {S} {A}"], &["hook sh {S} {A}"]),
    route("MCP or LSP server ¹", &["server sh {S} {A}"], &["server sh {S} {A}"]),
    route(
        "sub-agent, hook agent ¹",
        &["sub:read {T}", "sub:grep .", "sub:shell cat {T}", "sub:shell sh {S} {A}"],
        &["sub:edit {T}", "sub:write {D}/new.txt", "sub:shell echo x > {T}", "sub:shell sh {S} {A}"],
    ),
    route("checkpoint ³", &[], &[]),
];

//! What a hook wants to see of a moment: every one, paths by expression or glob, tools by name or category.

use crate::pattern::Pattern;
use crate::tool_names::{CATEGORIES, ToolNames};

/// Globs or tools that one hook can name.
pub const PATTERNS_MAX: usize = 200;

/// What a hook wants to see of the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// Every moment of its trigger.
    Always,
    /// Paths that a regular expression matches somewhere. One that begins with `^/` is tried on the absolute path.
    Paths(Pattern),
    /// Paths that one of the globs matches and none of those with `!` in front.
    Globs(Vec<PathGlob>),
    /// Tools that one of the patterns matches.
    Tools(Vec<ToolPattern>),
    /// Nothing: what is written was not understood.
    Never {
        /// As written.
        text: String,
        /// What is wrong with it.
        why: String,
    },
}

/// One glob over paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathGlob {
    /// The glob, without the `!`.
    pub pattern: Pattern,
    /// It was written with `!` in front: what it matches is left out.
    pub is_exclusion: bool,
}

/// One pattern over tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolPattern {
    /// `*`
    All,
    /// One of [`CATEGORIES`], or a tool of that very name.
    Category(String),
    /// `@builtin`
    Builtin,
    /// `@mcp`
    Mcp,
    /// `@powers`
    Powers,
    /// `@server`, `@server/tool`: globs over both, and an expression over the names with `@` where it reads like one.
    Server {
        /// As written.
        text: String,
        /// `@git/.*`, `@git/log|@git/diff`, `@mcp.*sql.*`; never of the 2.x command line, which knows globs alone.
        expression: Option<Pattern>,
        /// The server.
        server: Pattern,
        /// Its tool; `None` is all of them.
        tool: Option<Pattern>,
    },
    /// A regular expression, tried on each name that the tool has here and in Kiro.
    Regex(Pattern),
    /// A glob, tried on the same.
    Glob(Pattern),
}

/// How the text of a tool pattern is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// v1, 0.x, plugins: a regular expression.
    Regex,
    /// The 2.x command line: a glob.
    Glob,
}

impl PathGlob {
    /// Compiles one glob; the error says what is wrong with it.
    pub fn new(text: &str) -> Result<PathGlob, String> {
        let (glob, is_exclusion) = match text.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        Ok(PathGlob { pattern: Pattern::glob(glob)?, is_exclusion })
    }
}

impl ToolPattern {
    /// Compiles one pattern; the error says what is wrong with it.
    pub(crate) fn new(text: &str, dialect: Dialect) -> Result<ToolPattern, String> {
        let text = text.trim();
        Ok(match text {
            "*" | "" | ".*" => ToolPattern::All,
            "@builtin" => ToolPattern::Builtin,
            "@mcp" => ToolPattern::Mcp,
            "@powers" => ToolPattern::Powers,
            _ if CATEGORIES.contains(&text) || text == "subagent" => ToolPattern::Category(text.to_string()),
            _ => match (text.strip_prefix('@'), dialect) {
                (Some(rest), _) => {
                    let (server, tool) = match rest.split_once('/') {
                        Some((server, "" | "*")) => (server, None),
                        Some((server, tool)) => (server, Some(Pattern::name_glob(tool)?)),
                        None => (rest, None),
                    };
                    let server = Pattern::name_glob(server)?;
                    let expression = match dialect {
                        Dialect::Regex if reads_like_an_expression(text) => Pattern::regex(text).ok(),
                        _ => None,
                    };
                    ToolPattern::Server { text: text.to_string(), expression, server, tool }
                }
                (None, Dialect::Regex) => ToolPattern::Regex(Pattern::regex(text)?),
                (None, Dialect::Glob) => ToolPattern::Glob(Pattern::name_glob(text)?),
            },
        })
    }

    /// As written.
    pub fn text(&self) -> &str {
        match self {
            ToolPattern::All => "*",
            ToolPattern::Category(category) => category,
            ToolPattern::Builtin => "@builtin",
            ToolPattern::Mcp => "@mcp",
            ToolPattern::Powers => "@powers",
            ToolPattern::Server { text, .. } => text,
            ToolPattern::Regex(pattern) | ToolPattern::Glob(pattern) => pattern.text(),
        }
    }

    /// Why it matches the tool; `None` when it does not.
    pub(crate) fn why(&self, tool: &ToolNames) -> Option<String> {
        let ours = tool.names.first().map(String::as_str).unwrap_or_default();
        match self {
            ToolPattern::All => Some("`*` stands for every tool".to_string()),
            ToolPattern::Category(category) if tool.category == *category => {
                Some(format!("`{ours}` is in the category `{category}`"))
            }
            // The engine tries the word on the names, too; it does so anywhere in them.
            ToolPattern::Category(category) => {
                let name = tool.names.iter().find(|name| name.contains(category.as_str()))?;
                Some(named(category, name, ours))
            }
            ToolPattern::Builtin => {
                tool.server.is_none().then(|| format!("`{ours}` is built in, as `@builtin` asks"))
            }
            ToolPattern::Mcp => {
                let (server, _) = tool.server.as_ref()?;
                Some(format!("the server `{server}` brings `{ours}`, as `@mcp` asks"))
            }
            ToolPattern::Powers => {
                tool.is_power().then(|| format!("a power brings `{ours}`, as `@powers` asks"))
            }
            ToolPattern::Server { text, expression, server, tool: wanted } => {
                let fits = |(has, name): &(String, String)| {
                    server.matches(has) && wanted.as_ref().is_none_or(|wanted| wanted.matches(name))
                };
                if tool.server.as_ref().is_some_and(fits) {
                    return Some(format!("`{text}` names the server's tool `{ours}`"));
                }
                let name = with_at(tool)
                    .into_iter()
                    .find(|name| expression.as_ref().is_some_and(|expression| expression.matches(name)))?;
                Some(format!("`{text}` matches `{name}`, a name of `{ours}`"))
            }
            ToolPattern::Regex(pattern) | ToolPattern::Glob(pattern) => {
                let name = tool.names.iter().find(|name| pattern.matches(name))?;
                Some(named(pattern.text(), name, ours))
            }
        }
    }

    /// Bytes that it holds.
    pub(crate) fn weight(&self) -> usize {
        match self {
            ToolPattern::Server { expression, server, tool, .. } => {
                let optional = [expression, tool].into_iter().flatten().map(Pattern::weight);
                optional.fold(server.weight(), usize::saturating_add)
            }
            ToolPattern::Regex(pattern) | ToolPattern::Glob(pattern) => pattern.weight(),
            _ => 0,
        }
    }
}

/// Whether a text has signs of a regular expression. `*` and `?` alone are those of a glob, and `.` stands in names.
fn reads_like_an_expression(text: &str) -> bool {
    text.contains(['|', '(', ')', '[', ']', '+', '^', '$', '\\'])
        || text.contains(".*")
        || text.contains(".?")
}

/// The names with `@` that an expression is tried on: where a tool comes from, and which it is.
fn with_at(tool: &ToolNames) -> Vec<String> {
    let mut names = Vec::new();
    match &tool.server {
        Some((server, name)) => {
            names.push(format!("@{server}/{name}"));
            names.push(format!("@mcp/{server}/{name}"));
        }
        None => names.extend(tool.names.iter().map(|name| format!("@builtin/{name}"))),
    }
    if tool.is_power() {
        names.extend(tool.names.first().map(|name| format!("@powers/{name}")));
    }
    names
}

fn named(pattern: &str, name: &str, ours: &str) -> String {
    if name == ours {
        format!("`{pattern}` matches the tool's name `{name}`")
    } else {
        format!("`{pattern}` matches `{name}`, Kiro's name for `{ours}`")
    }
}

impl ToolPattern {
    /// Why no tool of any server can have such a name; `None` when one may.
    pub(crate) fn why_never(&self) -> Option<&'static str> {
        let ToolPattern::Server { text, expression: None, .. } = self else { return None };
        let is_no_name = |c: char| c.is_whitespace() || "|()+^$\\".contains(c);
        if text.contains(is_no_name) || text.contains(".*") {
            return Some("it is read as a glob, and no name of a tool has such characters");
        }
        (text == "@" || text.starts_with("@/")).then_some("it names no server")
    }
}

impl Matcher {
    /// As written, for listings; globs and tools with commas between them.
    pub fn shown(&self) -> String {
        match self {
            Matcher::Always => "*".to_string(),
            Matcher::Paths(pattern) => pattern.text().to_string(),
            Matcher::Globs(globs) => {
                let shown = globs.iter().map(|glob| match glob.is_exclusion {
                    true => format!("!{}", glob.pattern.text()),
                    false => glob.pattern.text().to_string(),
                });
                shown.collect::<Vec<_>>().join(", ")
            }
            Matcher::Tools(tools) => tools.iter().map(ToolPattern::text).collect::<Vec<_>>().join(", "),
            Matcher::Never { text, .. } => text.clone(),
        }
    }

    /// Why it matches a path relative to `root`; `Err` says why not.
    pub(crate) fn path(&self, path: &str, root: &str) -> Result<String, String> {
        match self {
            Matcher::Always => Ok("it has no matcher".to_string()),
            Matcher::Paths(pattern) => {
                let absolute;
                let subject = match pattern.text().starts_with("^/") {
                    true => {
                        absolute = format!("{}/{path}", root.trim_end_matches('/'));
                        absolute.as_str()
                    }
                    false => path,
                };
                match pattern.matches(subject) {
                    true => Ok(format!("`{}` matches `{subject}`", pattern.text())),
                    false => Err(format!("`{}` does not match `{subject}`", pattern.text())),
                }
            }
            Matcher::Globs(globs) => {
                let found = |is_exclusion: bool| {
                    let mut fitting = globs.iter().filter(|glob| glob.is_exclusion == is_exclusion);
                    fitting.find(|glob| glob.pattern.matches(path)).map(|glob| glob.pattern.text())
                };
                match (found(false), found(true)) {
                    (_, Some(out)) => Err(format!("`!{out}` leaves `{path}` out")),
                    (Some(glob), None) => Ok(format!("`{glob}` matches `{path}`")),
                    // Only exclusions: everything else is meant.
                    (None, None) if globs.iter().all(|glob| glob.is_exclusion) => {
                        Ok(format!("none of `{}` leaves `{path}` out", self.shown()))
                    }
                    (None, None) => Err(format!("`{}` does not match `{path}`", self.shown())),
                }
            }
            Matcher::Tools(_) => Err("its matcher speaks of tools".to_string()),
            Matcher::Never { text, why } => Err(never(text, why)),
        }
    }

    /// The glob with `!` that leaves a path out.
    pub(crate) fn leaves_out(&self, path: &str) -> Option<&str> {
        let Matcher::Globs(globs) = self else { return None };
        let out = globs.iter().find(|glob| glob.is_exclusion && glob.pattern.matches(path))?;
        Some(out.pattern.text())
    }

    /// Whether it matches a path, without the words.
    pub(crate) fn fits_path(&self, path: &str, root: &str) -> bool {
        match self {
            Matcher::Always => true,
            Matcher::Paths(pattern) if !pattern.text().starts_with("^/") => pattern.matches(path),
            Matcher::Globs(globs) => {
                let any = |is_exclusion: bool| {
                    globs.iter().any(|glob| glob.is_exclusion == is_exclusion && glob.pattern.matches(path))
                };
                !any(true) && (any(false) || globs.iter().all(|glob| glob.is_exclusion))
            }
            _ => self.path(path, root).is_ok(),
        }
    }

    /// Why it matches a tool; `Err` says why not.
    pub(crate) fn tool(&self, tool: &ToolNames) -> Result<String, String> {
        let ours = tool.names.first().map(String::as_str).unwrap_or_default();
        match self {
            Matcher::Always => Ok("it has no matcher".to_string()),
            Matcher::Tools(tools) => tools
                .iter()
                .find_map(|pattern| pattern.why(tool))
                .ok_or_else(|| format!("`{}` matches none of the names of `{ours}`", self.shown())),
            Matcher::Paths(_) | Matcher::Globs(_) => Err("its matcher speaks of paths".to_string()),
            Matcher::Never { text, why } => Err(never(text, why)),
        }
    }

    /// Bytes that its compiled patterns hold.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Matcher::Always | Matcher::Never { .. } => 0,
            Matcher::Paths(pattern) => pattern.weight(),
            Matcher::Globs(globs) => globs.iter().map(|glob| glob.pattern.weight()).sum(),
            Matcher::Tools(tools) => tools.iter().map(ToolPattern::weight).sum(),
        }
    }
}

fn never(text: &str, why: &str) -> String {
    format!("its matcher `{text}` never matches: {why}")
}

//! Mentions such as `#file:src/a.rs:3-9` in the words of a person. Pure: whether what they name is there is not asked here.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

/// The most mentions of one message.
pub const MENTIONS_MAX: usize = 64;

/// How far into a message is looked, in bytes.
const WORDS_BYTES_MAX: usize = 1024 * 1024;

/// The longest argument, in bytes.
const ARGUMENT_BYTES_MAX: usize = 4096;

/// What sort of thing is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A file, or some lines of it.
    File,
    /// What lies in a folder.
    Folder,
    /// A spec, or the list of specs.
    Spec,
    /// Steering that is included by hand.
    Steering,
    /// The last commits, or one commit.
    Git,
    /// What differs between the files and a commit.
    Diff,
    /// What is known to be wrong.
    Problems,
    /// The end of what a terminal shows.
    Terminal,
    /// A page.
    Url,
    /// Places in the code that have to do with some words.
    Codebase,
    /// The names of all files.
    Repository,
    /// A word that is none of these; steering may have that name, or a file.
    Name,
    /// A word of Kiro's that has no meaning here: what it was, with what stood behind it.
    Foreign,
}

/// Words of Kiro's that name something with what stands behind a colon, and have no meaning here.
const FOREIGN: [&str; 2] = ["docs", "mcp"];

/// Something that a person named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// What sort of thing.
    pub kind: Kind,
    /// What stands behind the colon, or the word itself of a [`Kind::Name`] or [`Kind::Foreign`].
    pub argument: Option<String>,
    /// The first and last line, of a file.
    pub lines: Option<(usize, usize)>,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
}

/// The mentions of a message, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// At most [`MENTIONS_MAX`].
    pub all: Vec<Mention>,
    /// Whether there may be more.
    pub is_cut: bool,
}

impl Kind {
    /// Every kind but [`Kind::Name`] and [`Kind::Foreign`], which have no word of their own.
    pub const ALL: [Kind; 11] = [
        Kind::File,
        Kind::Folder,
        Kind::Spec,
        Kind::Steering,
        Kind::Git,
        Kind::Diff,
        Kind::Problems,
        Kind::Terminal,
        Kind::Url,
        Kind::Codebase,
        Kind::Repository,
    ];

    /// The word behind the `#`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::File => "file",
            Kind::Folder => "folder",
            Kind::Spec => "spec",
            Kind::Steering => "steering",
            Kind::Git => "git",
            Kind::Diff => "diff",
            Kind::Problems => "problems",
            Kind::Terminal => "terminal",
            Kind::Url => "url",
            Kind::Codebase => "codebase",
            Kind::Repository => "repository",
            Kind::Name => "name",
            Kind::Foreign => "unknown",
        }
    }

    fn named(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(word))
    }
}

impl Mention {
    /// As a person would write it: `#file:src/a.rs:3-9`.
    pub fn shown(&self) -> String {
        let argument = self.argument.as_deref().unwrap_or_default();
        let is_word = matches!(self.kind, Kind::Name | Kind::Foreign);
        let mut shown = match is_word {
            true => format!("#{argument}"),
            false => format!("#{}", self.kind.name()),
        };
        if !argument.is_empty() && !is_word {
            let quote = if argument.contains(char::is_whitespace) { "\"" } else { "" };
            shown.push_str(&format!(":{quote}{argument}{quote}"));
        }
        match self.lines {
            Some((first, last)) if first == last => shown.push_str(&format!(":{first}")),
            Some((first, last)) => shown.push_str(&format!(":{first}-{last}")),
            None => {}
        }
        shown
    }
}

/// The mentions in a text. Code, in fences and between backticks, has none, nor has a heading's mark.
pub fn mentions(text: &str) -> Mentions {
    let looked_at = text.get(..text.floor_char_boundary(WORDS_BYTES_MAX)).unwrap_or(text);
    let mut found = Mentions { all: Vec::new(), is_cut: looked_at.len() < text.len() };
    let mut fence: Option<(char, usize)> = None;
    let mut start = 0;
    for line in looked_at.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let mark = fence_mark(line);
        match (fence, mark) {
            (Some((open, length)), Some((c, count, is_bare))) if c == open && count >= length && is_bare => {
                fence = None;
            }
            (Some(_), _) => {}
            (None, Some((c, count, _))) => fence = Some((c, count)),
            (None, None) => of_line(line, at, &mut found),
        }
        if found.all.len() >= MENTIONS_MAX {
            found.is_cut |= start < text.len();
            break;
        }
    }
    found
}

/// The text with blanks in the place of code, in fences and between backticks: what names things in it is no word of a person.
pub fn prose(text: &str) -> String {
    let mut prose = String::with_capacity(text.len());
    let mut fence: Option<(char, usize)> = None;
    for line in text.split_inclusive('\n') {
        match (fence, fence_mark(line)) {
            (Some((open, length)), Some((c, count, is_bare))) if c == open && count >= length && is_bare => {
                fence = None;
            }
            (Some(_), _) => {}
            (None, Some((c, count, _))) => fence = Some((c, count)),
            (None, None) => {
                let mut at = 0;
                for span in code_spans(line) {
                    prose.push_str(line.get(at..span.start).unwrap_or_default());
                    prose.push(' ');
                    at = span.end;
                }
                prose.push_str(line.get(at..).unwrap_or_default());
                continue;
            }
        }
        prose.push('\n');
    }
    prose
}

/// A line that opens or closes a fence: its character, its length, and whether nothing follows.
fn fence_mark(line: &str) -> Option<(char, usize, bool)> {
    let body = line.trim_start_matches(' ');
    if line.len() - body.len() > 3 {
        return None;
    }
    let c = body.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let count = body.chars().take_while(|other| *other == c).count();
    let rest = body.get(count..).unwrap_or_default();
    let is_fence = count >= 3 && (c == '~' || !rest.contains('`'));
    is_fence.then(|| (c, count, rest.trim().is_empty()))
}

fn of_line(line: &str, start: usize, found: &mut Mentions) {
    let code = code_spans(line);
    let mut code = code.iter().peekable();
    let mut at = 0;
    while let Some(offset) = line.get(at..).and_then(|rest| rest.find('#')) {
        let here = at + offset;
        while code.next_if(|span| span.end <= here).is_some() {}
        if let Some(span) = code.peek().filter(|span| span.contains(&here)) {
            at = span.end;
            continue;
        }
        let before = line.get(..here).and_then(|before| before.chars().next_back());
        let may_begin = before.is_none_or(|c| c.is_whitespace() || "([{\"',;“‘«".contains(c));
        match may_begin.then(|| one(line, here)).flatten() {
            Some((mut mention, end)) => {
                if found.all.len() >= MENTIONS_MAX {
                    found.is_cut = true;
                    return;
                }
                mention.span = start + here..start + end;
                found.all.push(mention);
                at = end;
            }
            None => at = here + 1,
        }
    }
}

/// What stands between backticks in one line.
fn code_spans(line: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in line.match_indices('`') {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    let mut by_length: HashMap<usize, VecDeque<usize>> = HashMap::new();
    for run in &runs {
        by_length.entry(run.len()).or_default().push_back(run.start);
    }
    let mut spans: Vec<Range<usize>> = Vec::new();
    for run in &runs {
        if spans.last().is_some_and(|span| span.end > run.start) {
            continue;
        }
        let Some(same) = by_length.get_mut(&run.len()) else { continue };
        while same.front().is_some_and(|at| *at <= run.start) {
            same.pop_front();
        }
        if let Some(close) = same.front() {
            spans.push(run.start..close + run.len());
        }
    }
    spans
}

/// The mention that begins with the `#` at this place, and where it ends.
fn one(line: &str, here: usize) -> Option<(Mention, usize)> {
    let rest = line.get(here + 1..)?;
    if !rest.starts_with(|c: char| c.is_alphabetic()) {
        return None;
    }
    let word_end = rest
        .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '/' | '.'))
        .unwrap_or(rest.len());
    let word = rest.get(..word_end)?.trim_end_matches(['.', '/', '-']);
    let begun = here + 1 + word.len();
    let mention = |kind, argument, lines| Mention { kind, argument, lines, span: 0..0 };
    let after = line.get(begun..).unwrap_or_default();
    let lower = word.to_ascii_lowercase();
    // Kiro's words, as its menu writes them.
    let kind = match (Kind::named(word), lower.as_str()) {
        (Some(Kind::Git), _) => {
            let behind = after.strip_prefix(' ').and_then(|rest| rest.get(..4)).unwrap_or_default();
            let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
            if behind.eq_ignore_ascii_case("diff") && after.get(5..).is_some_and(ends) {
                return Some((mention(Kind::Diff, None, None), begun + 5));
            }
            Kind::Git
        }
        (Some(kind), _) => kind,
        (None, "git-diff") => Kind::Diff,
        (None, "code") if after.starts_with(':') => Kind::Codebase,
        (None, "current") if !after.starts_with(':') => {
            return Some((mention(Kind::Foreign, Some(word.to_string()), None), begun));
        }
        (None, foreign) if FOREIGN.contains(&foreign) && after.starts_with(':') => {
            let argument = after.strip_prefix(':').filter(|rest| has_argument(rest));
            let (argument, end, _) = argument_of(argument?, Kind::Foreign, begun + 1);
            let is_meant = (1..=ARGUMENT_BYTES_MAX).contains(&argument.len());
            return is_meant
                .then(|| (mention(Kind::Foreign, Some(format!("{foreign}:{argument}")), None), end));
        }
        (None, _) => {
            // `#src/a.rs:3-9` is a file; `#foo:bar` is somebody else's notation.
            let is_path = word.contains(['/', '.']);
            let tail = after.strip_prefix(':').filter(|_| is_path).map(|tail| {
                let size = tail.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(tail.len());
                tail.get(..size).unwrap_or_default().trim_end_matches('-')
            });
            return match tail.and_then(|tail| Some((lines(tail)?, tail.len()))) {
                Some((lines, size)) => {
                    Some((mention(Kind::File, Some(word.to_string()), Some(lines)), begun + 1 + size))
                }
                None if after.starts_with(':')
                    && (!is_path || has_argument(after.get(1..).unwrap_or_default())) =>
                {
                    None
                }
                // `#src/` is a folder.
                None => {
                    let word = if after.starts_with('/') { format!("{word}/") } else { word.to_string() };
                    let end = here + 1 + word.len();
                    Some((mention(Kind::Name, Some(word), None), end))
                }
            };
        }
    };
    let Some(argument) = after.strip_prefix(':').filter(|rest| has_argument(rest)) else {
        return Some((mention(kind, None, None), begun));
    };
    let (argument, mut end, is_quoted) = argument_of(argument, kind, begun + 1);
    if argument.is_empty() || argument.len() > ARGUMENT_BYTES_MAX {
        return Some((mention(kind, None, None), begun));
    }
    if kind != Kind::File {
        return Some((mention(kind, Some(argument), None), end));
    }
    if is_quoted {
        let behind = line.get(end..).unwrap_or_default();
        let size = behind.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '-').unwrap_or(behind.len());
        let tail = behind.get(..size).unwrap_or_default().trim_end_matches([':', '-']);
        let lines = tail.strip_prefix(':').and_then(lines);
        if lines.is_some() {
            end += tail.len();
        }
        return Some((mention(kind, Some(argument), lines), end));
    }
    let (path, lines) = match argument.rsplit_once(':') {
        Some((path, tail)) if !path.is_empty() => match lines(tail) {
            Some(lines) => (path.to_string(), Some(lines)),
            None => (argument, None),
        },
        _ => (argument, None),
    };
    Some((mention(kind, Some(path), lines), end))
}

fn has_argument(rest: &str) -> bool {
    rest.starts_with(|c: char| !c.is_whitespace())
}

/// The argument that stands here, quoted or up to white space; where it ends; whether it was quoted.
fn argument_of(text: &str, kind: Kind, start: usize) -> (String, usize, bool) {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let inside = text.get(1..).unwrap_or_default();
        if let Some(close) = inside.find(quote) {
            return (inside.get(..close).unwrap_or_default().trim().to_string(), start + close + 2, true);
        }
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let mut argument = text.get(..end).unwrap_or_default();
    // What ends the sentence, or closes what was opened before the mention, is not part of it.
    while let Some(last) = argument.chars().next_back() {
        let opens =
            |open: char, close: char| argument.matches(open).count() >= argument.matches(close).count();
        let goes_up = argument == ".." || argument == "." || argument.ends_with("/..");
        let belongs = match last {
            '.' if goes_up => true,
            '.' | ',' | ';' | ':' | '!' | '"' | '\'' | '”' | '’' | '»' | '>' => false,
            '?' => kind == Kind::Url && argument.len() < 2,
            ')' => opens('(', ')'),
            ']' => opens('[', ']'),
            '}' => opens('{', '}'),
            _ => true,
        };
        if belongs || argument.len() > ARGUMENT_BYTES_MAX {
            break;
        }
        argument = argument.get(..argument.len() - last.len_utf8()).unwrap_or_default();
    }
    (argument.to_string(), start + argument.len(), false)
}

/// `12` or `12-28`, counted from 1.
fn lines(text: &str) -> Option<(usize, usize)> {
    let number = |text: &str| {
        let is_number = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<usize>().ok().filter(|number| is_number && *number > 0)
    };
    match text.split_once('-') {
        Some((first, last)) => {
            let (first, last) = (number(first)?, number(last)?);
            Some((first.min(last), first.max(last)))
        }
        None => number(text).map(|line| (line, line)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = mentions(text);
        let shown: Vec<String> = found.all.iter().map(Mention::shown).collect();
        assert_eq!(shown, expected, "{text}");
        for mention in &found.all {
            assert!(text.get(mention.span.clone()).is_some_and(|written| written.starts_with('#')), "{text}");
        }
    }

    #[test]
    fn every_kind() {
        check("see #file:src/a.rs:12-28.", &["#file:src/a.rs:12-28"]);
        check("#file:src/a.rs:7, please", &["#file:src/a.rs:7"]);
        check("(#folder:crates/app/)", &["#folder:crates/app/"]);
        check("#spec:limits and #spec", &["#spec:limits", "#spec"]);
        check("#steering:style #git #git:HEAD~2", &["#steering:style", "#git", "#git:HEAD~2"]);
        check("#diff #diff:main", &["#diff", "#diff:main"]);
        check("fix #problems, see #terminal!", &["#problems", "#terminal"]);
        check("#url:https://a.example/x_(y)?z=1#part).", &["#url:https://a.example/x_(y)?z=1#part"]);
        check("#codebase: where", &["#codebase"]);
        check("#codebase:\"rate limit\" #Codebase:retry", &["#codebase:\"rate limit\"", "#codebase:retry"]);
        check("#style-guide now", &["#style-guide"]);
    }

    #[test]
    fn as_kiro_writes_them() {
        check("#git diff #Git Diff, #git-diff. #git", &["#diff", "#diff", "#diff", "#git"]);
        check("#git differs #git  diff #git diff-tool", &["#git", "#git", "#git"]);
        check(
            "#Repository #code:Limiter #Current #current.",
            &["#repository", "#codebase:Limiter", "#Current", "#current"],
        );
        check("#docs:react #MCP:srv:tool (#mcp:x)", &["#docs:react", "#mcp:srv:tool", "#mcp:x"]);
        check(
            "#src/a.rs:3-9, #a.rs:7. #src/a.rs and #src/",
            &["#file:src/a.rs:3-9", "#file:a.rs:7", "#src/a.rs", "#src/"],
        );
        check(
            "#docs #mcp #code #123 #a:b # current ## mcp:x #docs: x #current:x",
            &["#docs", "#mcp", "#code"],
        );
    }

    #[test]
    fn paths_with_spaces_and_odd_lines() {
        check("#file:\"a b/c.rs\":3-5 and", &["#file:\"a b/c.rs\":3-5"]);
        check("#file:'a b.rs'.", &["#file:\"a b.rs\""]);
        check("#file:\"open", &["#file:\"open"]);
        check("#file:a.rs:0 #file:a.rs:9-3 #file:c:x", &["#file:a.rs:0", "#file:a.rs:3-9", "#file:c:x"]);
        check("#folder:../.. #folder:. #file:a..", &["#folder:../..", "#folder:.", "#file:a"]);
        check("#file", &["#file"]);
        check("#file: x", &["#file"]);
    }

    #[test]
    fn what_is_no_mention() {
        check("# Title\n## Head\n###### six\n#\n#1 #42", &[]);
        check("C# a#b x/#c \\#file:a http://a.example/#file ##file", &[]);
        check("```\n#file:a\n```\n#file:b", &["#file:b"]);
        check("~~~ rust\n#file:a\n```\n#file:b\n~~~~\n#file:c", &["#file:c"]);
        check("``` \n#file:a", &[]);
        check("`#file:a` and ``x ` #file:b`` #file:c ` #file:d", &["#file:c", "#file:d"]);
        check("#[[file:a.rs]] #!shebang #include: #foo:bar", &[]);
        check("#include <x>", &["#include"]);
    }

    #[test]
    fn prose_has_no_code() {
        let check = |text: &str, expected: &str| assert_eq!(prose(text), expected);
        check("see `#a` and #b", "see   and #b");
        check("``x ` #a`` #b `", "  #b `");
        check("one\n```\n#a\n```\n#b", "one\n\n\n\n#b");
        check("~~~ rust\n/a\n", "\n\n");
    }

    #[test]
    fn hostile_words_end_soon() {
        let begun = std::time::Instant::now();
        let ticks: String = (1..1500).map(|length| "`".repeat(length) + " ").collect();
        for text in [
            "#".repeat(3_000_000),
            "#file:".repeat(500_000),
            "#file:\"".repeat(500_000),
            "`#a".repeat(900_000),
            ticks + &"` ".repeat(400_000),
            format!("#url:{}", ")".repeat(3_000_000)),
            format!("#file:{}", "(.".repeat(20_000)),
            "```\n".repeat(500_000),
        ] {
            let found = mentions(&text);
            assert!(found.all.len() <= MENTIONS_MAX);
        }
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
        assert!(mentions(&"#a ".repeat(100)).is_cut);
    }

    proptest::proptest! {
        #[test]
        fn any_text_gives_mentions_in_order(text in "([#:`\"'() \n.]|file|git|url|[a-z]|\\PC){0,80}") {
            let found = mentions(&text);
            let mut last = 0;
            for mention in found.all {
                proptest::prop_assert!(mention.span.start >= last);
                proptest::prop_assert!(text.get(mention.span.clone()).is_some_and(|it| it.starts_with('#')));
                last = mention.span.end;
            }
        }
    }
}

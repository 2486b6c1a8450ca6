//! What a box and a title of another tool cannot say, as a comment behind the title that nobody sees and we read again:
//! `<!-- kiro: optional in-progress -->`. Also the order of waves as lines.

use spec::State;

/// What stands in the comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) optional: bool,
    /// A state that the box of the other tool does not have, or that a heading cannot show.
    pub(crate) state: Option<State>,
    /// The task stands alone on the first level; what is around it exists only for the other tool.
    pub(crate) is_top: bool,
}

const OPEN: &str = "<!-- kiro: ";
const CLOSE: &str = " -->";

fn state_word(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Queued => "queued",
        State::InProgress => "in-progress",
        State::Done => "done",
    }
}

impl Marks {
    /// With a blank before it; empty when there is nothing to say.
    pub(crate) fn written(self) -> String {
        let words =
            [self.optional.then_some("optional"), self.state.map(state_word), self.is_top.then_some("top")];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        if words.is_empty() { String::new() } else { format!(" {OPEN}{}{CLOSE}", words.join(" ")) }
    }

    /// The title without the comment, and what it says.
    pub(crate) fn split(title: &str) -> (&str, Marks) {
        let none = (title, Marks::default());
        let Some(rest) = title.strip_suffix(CLOSE) else { return none };
        let Some((title, words)) = rest.rsplit_once(OPEN) else { return none };
        let mut marks = Marks::default();
        for word in words.split(' ') {
            match word {
                "optional" => marks.optional = true,
                "top" => marks.is_top = true,
                word => {
                    let states = [State::Open, State::Queued, State::InProgress, State::Done];
                    marks.state = states.into_iter().find(|state| state_word(*state) == word).or(marks.state);
                }
            }
        }
        (title.trim_end(), marks)
    }
}

/// A box of a tool that knows open and done, and the state that it cannot show.
pub(crate) fn box_of(state: State) -> (&'static str, Option<State>) {
    match state {
        State::Open => ("[ ]", None),
        State::Done => ("[x]", None),
        State::Queued | State::InProgress => ("[ ]", Some(state)),
    }
}

/// `- **Wave 2**: 1.1, 1.2`.
pub(crate) fn wave_line(number: usize, ids: &[String]) -> String {
    format!("- **Wave {number}**: {}", ids.join(", "))
}

/// The ids of a [`wave_line`].
pub(crate) fn read_wave(line: &str) -> Option<Vec<String>> {
    let rest = line.trim().strip_prefix("- **Wave ")?;
    let (number, ids) = rest.split_once("**:")?;
    number.parse::<usize>().ok()?;
    Some(ids.split(',').map(|id| id.trim().to_string()).filter(|id| !id.is_empty()).collect())
}

/// Labels under which a task names the ones before it.
const DEPENDS: &[&str] = &["depends", "depends on", "dependencies", "dependency", "blocked by", "after"];

/// A line such as `_Depends: 1.1, 2_` with other numbers for the tasks; any other line as it is.
pub(crate) fn renumbered(line: &str, number: &dyn Fn(&str) -> Option<String>) -> String {
    let Some((label, ids)) = line.split_once(':') else { return line.to_string() };
    let bare = label.trim_start_matches([' ', '-', '*', '+', '_']).trim_end_matches(['*', '_', ' ']);
    if !DEPENDS.contains(&bare.to_lowercase().as_str()) {
        return line.to_string();
    }
    let mut out = format!("{label}:");
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut String| {
        let id = word.trim_end_matches('.');
        match number(id) {
            Some(new) if !id.is_empty() => {
                out.push_str(&new);
                out.push_str(word.get(id.len()..).unwrap_or_default());
            }
            _ => out.push_str(word),
        }
        word.clear();
    };
    for c in ids.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '#') {
            word.push(c);
        } else {
            flush(&mut word, &mut out);
            out.push(c);
        }
    }
    flush(&mut word, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_again() {
        let check = |marks: Marks, expected: &str| {
            assert_eq!(marks.written(), expected);
            assert_eq!(Marks::split(&format!("Write it{expected}")), ("Write it", marks));
        };
        check(Marks::default(), "");
        check(Marks { optional: true, ..Marks::default() }, " <!-- kiro: optional -->");
        let all = Marks { optional: true, state: Some(State::InProgress), is_top: true };
        check(all, " <!-- kiro: optional in-progress top -->");
        assert_eq!(Marks::split("a <!-- other -->"), ("a <!-- other -->", Marks::default()));
    }

    #[test]
    fn dependencies_follow_the_numbers() {
        let check = |line: &str, expected: &str| {
            let number = |id: &str| (id == "1.1").then(|| "T004".to_string());
            assert_eq!(renumbered(line, &number), expected);
        };
        check("- _Depends: 1.1, 2_", "- _Depends: T004, 2_");
        check("**Depends on**: 1.1.", "**Depends on**: T004.");
        check("- After: 11.1", "- After: 11.1");
        check("- see 1.1: it", "- see 1.1: it");
        assert_eq!(
            read_wave(&wave_line(3, &["1.1".into(), "2".into()])),
            Some(vec!["1.1".into(), "2".into()])
        );
        assert_eq!(read_wave("- **Wave x**: 1"), None);
    }
}

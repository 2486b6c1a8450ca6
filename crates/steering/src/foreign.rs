//! The front matter of other tools' rules: Cursor's `.mdc` and Copilot's `applyTo`. Line by line, because theirs is not
//! YAML: `globs: *.ts, *.tsx` stands there without quotes. Decides nothing about paths.

use spec::Span;
use spec::text::Text;

/// What the front matter says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Foreign {
    pub(crate) always: bool,
    pub(crate) globs: Vec<String>,
    pub(crate) description: Option<String>,
    /// Where the text behind it begins.
    pub(crate) body_offset: usize,
    /// A front matter that is never closed.
    pub(crate) is_open: bool,
}

/// Lines of the longest front matter.
const LINES_MAX: usize = 200;
/// Globs of one file.
const GLOBS_MAX: usize = 100;

/// Reads any bytes.
pub(crate) fn read(bytes: &[u8]) -> Foreign {
    let text = Text::read(bytes);
    let mut found = Foreign::default();
    let lines = text.lines();
    if lines.first().is_none_or(|line| text.str_of(line).trim_end() != "---") {
        found.body_offset = lines.first().map_or(0, |line| line.span.offset);
        return found;
    }
    let mut in_globs = false;
    for (at, line) in lines.iter().enumerate().skip(1).take(LINES_MAX) {
        let content = text.str_of(line);
        if content.trim_end() == "---" {
            found.body_offset = text.span_of(at + 1, lines.len()).offset;
            return found;
        }
        let trimmed = content.trim();
        if let Some(item) = trimmed.strip_prefix("- ").filter(|_| in_globs) {
            add(&mut found.globs, item);
            continue;
        }
        let Some((key, value)) = trimmed.split_once(':') else { continue };
        let value = value.trim();
        in_globs = false;
        match key.trim() {
            "alwaysApply" => found.always = unquoted(value) == "true",
            "description" => {
                found.description = Some(unquoted(value).to_string()).filter(|text| !text.is_empty());
            }
            "globs" | "applyTo" => {
                in_globs = true;
                let inner = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(value);
                for glob in split(unquoted(inner)) {
                    add(&mut found.globs, glob);
                }
            }
            _ => {}
        }
    }
    found.is_open = true;
    found.body_offset = Span::between(0, bytes.len()).end();
    found
}

fn add(globs: &mut Vec<String>, glob: &str) {
    let glob = unquoted(glob.trim());
    if !glob.is_empty() && globs.len() < GLOBS_MAX {
        globs.push(glob.to_string());
    }
}

fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    // `"a", "b"` begins and ends with quotes, too.
    inner('"')
        .filter(|text| !text.contains('"'))
        .or(inner('\'').filter(|text| !text.contains('\'')))
        .unwrap_or(text)
}

/// At commas outside braces.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0usize);
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_people_write() {
        let check = |front: &str, always: bool, globs: &[&str], description: Option<&str>| {
            let input = format!("---\n{front}---\nbody");
            let found = read(input.as_bytes());
            let got: Vec<&str> = found.globs.iter().map(String::as_str).collect();
            assert_eq!(
                (found.always, got.as_slice(), found.description.as_deref()),
                (always, globs, description)
            );
            assert_eq!(&input[found.body_offset..], "body");
        };
        check("alwaysApply: true\n", true, &[], None);
        check(
            "globs: *.ts, src/**/*.{js,jsx}\nalwaysApply: false\n",
            false,
            &["*.ts", "src/**/*.{js,jsx}"],
            None,
        );
        check("description: \"When: testing\"\nglobs:\n", false, &[], Some("When: testing"));
        check("applyTo: \"**/*.ts,**/*.tsx\"\n", false, &["**/*.ts", "**/*.tsx"], None);
        check("globs: [\"a\", 'b']\n", false, &["a", "b"], None);
        check("globs:\n  - \"a/*\"\n  - b\n", false, &["a/*", "b"], None);
        assert_eq!(read(b"no front matter").body_offset, 0);
        assert!(read(b"---\nglobs: a\n").is_open);
    }
}

//! Finding tools by words. Pure; the same words find the same tools in the same order.

use crate::described::Described;

/// Words of one query that count.
const WORDS_MAX: usize = 32;

/// The tools that fit the words, best first, at most `most`. A word in a name counts more than one in a description.
pub fn find<'a>(
    query: &str,
    tools: impl IntoIterator<Item = (&'a str, &'a Described)>,
    most: usize,
) -> Vec<(&'a str, &'a Described)> {
    let words = words(query, WORDS_MAX);
    let mut scored: Vec<(usize, &str, &Described)> = Vec::new();
    for (server, tool) in tools {
        let name = self::words(&tool.name, usize::MAX);
        let said = self::words(&tool.description, usize::MAX);
        let own = self::words(server, usize::MAX);
        let score: usize = words
            .iter()
            .map(|word| {
                let is_in = |list: &[String]| list.iter().any(|it| it == word);
                let begins =
                    |list: &[String]| word.len() > 2 && list.iter().any(|it| it.starts_with(word.as_str()));
                if is_in(&name) {
                    10
                } else if begins(&name) {
                    6
                } else if is_in(&own) {
                    4
                } else if is_in(&said) {
                    3
                } else {
                    usize::from(begins(&said))
                }
            })
            .sum();
        if score > 0 {
            scored.push((score, server, tool));
        }
    }
    scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)).then(a.2.name.cmp(&b.2.name)));
    scored.into_iter().take(most).map(|(_, server, tool)| (server, tool)).collect()
}

/// The words of a text in lower case; `readFile`, `read_file` and `read file` have the same.
fn words(text: &str, most: usize) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words.truncate(most);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::described::Claims;

    #[track_caller]
    fn check(query: &str, expected: &[&str]) {
        let tool = |name: &str, description: &str| Described {
            name: name.to_string(),
            description: description.to_string(),
            schema: "{}".to_string(),
            claims: Claims::default(),
        };
        let tools = [
            ("files", tool("readFile", "reads a text file")),
            ("files", tool("write_file", "creates or replaces it")),
            ("git", tool("git_commit", "records changes")),
            ("web", tool("fetch", "reads a page and gives its text")),
        ];
        let found = find(query, tools.iter().map(|(server, tool)| (*server, tool)), 3);
        assert_eq!(found.iter().map(|(_, tool)| tool.name.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn names_count_more_than_descriptions() {
        check("read file", &["readFile", "write_file", "fetch"]);
        check("commit changes", &["git_commit"]);
        check("git", &["git_commit"]);
        check("text of a page", &["fetch", "readFile"]);
        check("zebra", &[]);
        check("", &[]);
    }
}

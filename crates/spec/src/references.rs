//! What a task says it fulfils: `_Requirements: 1.1, 2.3-2.5_` and its dialects, as a list of ids. Does not
//! know which ids exist.

use crate::inline::{PART_DIGITS_MAX, labelled};

/// Ids that one line can name, ranges expanded. The widest real range has fifteen.
pub const REFERENCES_MAX: usize = 200;

/// What a reference line names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Ids in the order named, each once: `1.2`, `3`, or the words as written when they are no number.
    pub ids: Vec<String>,
    /// The line says that everything is meant (`All`, `全体`, `все требования`).
    pub all: bool,
}

/// Labels under which real task files cite requirements.
const LABELS: &[&str] = &[
    "requirements",
    "requirement",
    "requirements refs",
    "requirement refs",
    "reqs",
    "req",
    "refs",
    "validates",
    "validates requirements",
    "需求",
    "要求",
    "要件",
    "要件対応",
    "対応要件",
    "요구사항",
    "требования",
    "requisitos",
    "anforderungen",
    "exigences",
    "yêu cầu",
    "persyaratan",
    "gereksinimler",
];

const ALL_WORDS: &[&str] =
    &["all", "全体", "全て", "すべて", "所有", "全部", "все", "모든", "todos", "alle", "tous"];
const NO_WORDS: &[&str] = &["n/a", "na", "none", "-", "—", "なし", "无", "無", "нет"];

/// Reads a line when it is a reference line; `None` when it is any other text.
pub fn read_line(line: &str) -> Option<References> {
    if let Some(value) = labelled(line, LABELS) {
        return Some(read_items(value));
    }
    // `- Write the store _Requirements: 1.1_`: the label stands behind other words.
    let at =
        ["_Requirements:", "_Requirement:", "_需求:", "_要件:"].iter().find_map(|label| line.find(label))?;
    labelled(line.get(at..)?, LABELS).map(read_items)
}

/// Reads the items behind the label.
pub fn read_items(value: &str) -> References {
    let mut found = References::default();
    let value = without_notes(value);
    let value = value.trim().trim_end_matches('.');
    let lower = value.to_lowercase();
    if NO_WORDS.contains(&lower.as_str()) || lower.starts_with("n/a") {
        return found;
    }
    let lower = lower.trim_start_matches(['[', '*', '_', ' ']);
    if ALL_WORDS.iter().any(|word| starts_with_word(lower, word)) {
        found.all = true;
        return found;
    }
    for item in value.split([',', '、', '，', ';', '；']) {
        for part in item.split(" and ").flat_map(|part| part.split(" & ")) {
            read_item(part, &mut found.ids);
        }
    }
    found
}

/// `REQ-1.2`, `R1.2`, `Requirement 1.2` and `1.2` name the same place; this is the form they are compared in. Other
/// series keep their letters: `NFR 2.1` is `NFR-2.1`.
/// Anything that is not a number comes back trimmed and otherwise as written.
pub fn normal_id(id: &str) -> String {
    let trimmed =
        id.trim_matches(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '`' | '*' | '_' | '"' | '.'));
    let number = strip_prefix_words(trimmed);
    if is_number(number) {
        return number.to_string();
    }
    // `NFR 2.1`, `NFR-2.1` and `DR1.1` are numbers of another series.
    let letters = trimmed.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let series = trimmed.get(..trimmed.len() - letters.len()).unwrap_or_default();
    let number = letters.trim_start_matches(['-', ' ', '_']);
    if (1..=SERIES_LETTERS_MAX).contains(&series.len()) && is_number(number) {
        return format!("{}-{number}", series.to_uppercase());
    }
    trimmed.to_string()
}

/// Letters before the numbers of a series; longer words are prose.
const SERIES_LETTERS_MAX: usize = 4;

fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word)
        .is_some_and(|rest| !word.is_ascii() || !rest.starts_with(|c: char| c.is_alphanumeric()))
}

fn without_notes(value: &str) -> String {
    let mut depth = 0usize;
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

fn strip_prefix_words(item: &str) -> &str {
    const PREFIXES: &[&str] = &["requirements", "requirement", "req", "r", "需求", "要件"];
    for prefix in PREFIXES {
        let Some(head) = item.get(..prefix.len()) else { continue };
        if head.eq_ignore_ascii_case(prefix) {
            let rest = item.get(prefix.len()..).unwrap_or_default();
            return rest.trim_start_matches(['-', ' ', '_', '#']);
        }
    }
    item
}

fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.split('.').count() <= 4
        && text.split('.').all(|part| {
            !part.is_empty() && part.len() <= PART_DIGITS_MAX && part.bytes().all(|b| b.is_ascii_digit())
        })
}

fn read_item(item: &str, ids: &mut Vec<String>) {
    let item = item.trim();
    if let Some((from, to)) = range(item) {
        let (stem, first) = split_last(&from);
        let (to_stem, last) = split_last(&to);
        let same = to_stem == stem || to_stem.is_empty();
        if let (true, Ok(first), Ok(last)) = (same, first.parse::<u32>(), last.parse::<u32>())
            && first <= last
        {
            for number in first..=last {
                if ids.len() >= REFERENCES_MAX {
                    return;
                }
                push(ids, if stem.is_empty() { number.to_string() } else { format!("{stem}.{number}") });
            }
            return;
        }
        push(ids, from);
        push(ids, to);
        return;
    }
    push(ids, normal_id(item));
}

fn push(ids: &mut Vec<String>, id: String) {
    if !id.is_empty() && ids.len() < REFERENCES_MAX && !ids.contains(&id) {
        ids.push(id);
    }
}

/// Both ends of `3.1-3.4`, `3.1–3.4`, `3.1 - 3.4`, `3.1 to 3.4`, `REQ-5.2-5.5`; `None` when it is one id.
fn range(item: &str) -> Option<(String, String)> {
    for dash in ["–", "—", "~", "〜", "..", " to ", "-"] {
        let Some((from, to)) = item.rsplit_once(dash) else { continue };
        let (from, to) = (normal_id(from), normal_id(to));
        if is_number(&from) && is_number(&to) {
            return Some((from, to));
        }
    }
    None
}

fn split_last(id: &str) -> (String, String) {
    match id.rsplit_once('.') {
        Some((stem, last)) => (stem.to_string(), last.to_string()),
        None => (String::new(), id.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(line: &str, ids: &[&str]) {
        assert_eq!(
            read_line(line).map(|found| found.ids),
            Some(ids.iter().map(|s| s.to_string()).collect()),
            "{line}"
        );
    }

    #[test]
    fn every_dialect_of_the_corpus() {
        check("- _Requirements: 1.1, 2.3_", &["1.1", "2.3"]);
        check("_Requirements: 3.1-3.4_", &["3.1", "3.2", "3.3", "3.4"]);
        check("_Requirements: 2.1–2.3, 4_", &["2.1", "2.2", "2.3", "4"]);
        check("_Requirements: REQ-5.2-5.4_", &["5.2", "5.3", "5.4"]);
        check("_Requirements: 3.1-4_", &["3.1", "3.2", "3.3", "3.4"]);
        check("_Requirements: 1-3_", &["1", "2", "3"]);
        check("_Requirement: 2_", &["2"]);
        check("_Requirements: R1, R2_", &["1", "2"]);
        check("_Requirements: [1.1, 1.2]_", &["1.1", "1.2"]);
        check("_Requirements: 1.1 (partly, see notes), 1.2 and 1.3._", &["1.1", "1.2", "1.3"]);
        check("_Requirements: NFR 2.1, DR1.1_", &["NFR-2.1", "DR-1.1"]);
        check("_需求: 1.1、1.2_", &["1.1", "1.2"]);
        check("- 要件: 1.1", &["1.1"]);
        check("**Validates: Requirements 1.1, 1.4**", &["1.1", "1.4"]);
        check("- Write it _Requirements: 1.1_", &["1.1"]);
        check("Refs: 1.1", &["1.1"]);
        check("_Requirements: N/A (infrastructure)_", &[]);
        check("_Requirements: 5.3-5.1_", &["5.3", "5.1"]);
        assert_eq!(read_line("- requirements are met"), None);
    }

    #[test]
    fn all_is_said_and_not_listed() {
        for line in ["_Requirements: All requirements_", "_Requirements: все требования_", "_要件: 全体_"]
        {
            assert!(read_line(line).is_some_and(|found| found.all && found.ids.is_empty()), "{line}");
        }
        check("_Requirements: Allowance_", &["Allowance"]);
    }

    #[test]
    fn a_huge_range_is_bounded() {
        let found = read_items("1-999999, 2.1-2.999999");
        assert_eq!(found.ids.len(), REFERENCES_MAX);
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_a_panic(s in any::<String>()) {
            let _ = read_line(&s);
            let _ = read_items(&s);
        }
    }
}

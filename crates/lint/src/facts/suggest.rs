//! A facts block for a person to edit, proposed from what the criteria repeat. Declares nothing: every line is marked
//! as a suggestion, and what it proves is labelled so until a person takes the mark away.

use std::collections::BTreeMap;

use plan::Reading;

use crate::conflict;
use crate::conflict::lexicon::{self, lexicon};
use crate::conflict::quantity::Compare;
use crate::conflict::statement::{Statement, spelled};
use crate::conflict::words::{self, Kind, Word};

/// Lines proposed; nobody edits more.
pub const SUGGESTIONS_MAX: usize = 40;

/// Bytes of a phrase that is worth declaring; longer ones are sentences.
const PHRASE_BYTES_MAX: usize = 80;

/// Values of a proposed enum.
const VALUES_MAX: usize = 12;

/// Criteria that must share a condition before it is worth a remark.
const REPEATED_MIN: usize = 3;

/// Proposes a fenced block of facts: enums from quoted alternatives (`"open" or "closed"`), numbers from thresholds,
/// pairs of conditions and of responses that differ in opposite words. Conditions that are repeated stand there as
/// remarks. Empty when the documents suggest nothing.
pub fn suggest(reading: &Reading) -> String {
    let statements = conflict::statements(reading).all;
    let mut lines: Vec<String> = enums(&statements);
    lines.extend(numbers(&statements));
    lines.extend(opposites(&statements, |statement| unopened(text_at(statement, statement.when_at[0]))));
    lines.extend(opposites(&statements, |statement| text_at(statement, statement.what_at)));
    lines.retain(|line| super::parse(line).is_ok());
    lines.dedup();
    lines.truncate(SUGGESTIONS_MAX);
    let remarks = repeated(&statements);
    if lines.is_empty() && remarks.is_empty() {
        return String::new();
    }
    let mut out =
        String::from("```facts\n# keep what is true and take `suggested:` away from it; delete the rest\n");
    for line in lines {
        out.push_str(&format!("suggested: {line}\n"));
    }
    for remark in remarks {
        out.push_str(&format!("# {remark}\n"));
    }
    out.push_str("```\n");
    out
}

fn text_at(statement: &Statement, at: (u32, u32)) -> &str {
    statement.text.get(at.0 as usize..at.1 as usize).unwrap_or_default()
}

/// A condition without its `when`.
fn unopened(text: &str) -> &str {
    match text.split_once(' ') {
        Some((first, rest)) if lexicon().roles(words::hash(&first.to_lowercase())) & lexicon::OPENER != 0 => {
            rest
        }
        _ => text,
    }
}

fn quote(text: &str) -> String {
    let text: String = text.chars().filter(|c| !matches!(c, '"' | '“' | '”' | '`' | '#')).collect();
    format!("\"{}\"", text.trim().trim_end_matches([',', ';', ':', '.']).trim_end())
}

/// Alternatives in quotes with an `or` before the last, behind the word that they are values of.
fn enums(statements: &[Statement]) -> Vec<String> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for statement in statements.iter().filter(|statement| statement.part == 0) {
        let all = words::read(&statement.text);
        let mut index = 0;
        while index < all.len() {
            let Some((values, used)) = alternatives(&statement.text, &all, index) else {
                index += 1;
                continue;
            };
            let name = all
                .get(..index)
                .unwrap_or_default()
                .iter()
                .rev()
                .take(4)
                .find(|word| word.kind == Kind::Word);
            if let Some(name) = name {
                let known = found.entry(spelled(&statement.text, name).to_lowercase()).or_default();
                for value in values {
                    if !known.contains(&value) && known.len() < VALUES_MAX {
                        known.push(value);
                    }
                }
            }
            index += used;
        }
    }
    let line = |(name, values): (String, Vec<String>)| {
        let values: Vec<String> = values.iter().map(|value| quote(value)).collect();
        format!("enum {} = {}", quote(&name), values.join(" | "))
    };
    found.into_iter().map(line).collect()
}

/// Quoted values from `index` on, when an `or` joins the last of them, and how many words they take.
fn alternatives(text: &str, all: &[Word], index: usize) -> Option<(Vec<String>, usize)> {
    let mut values = Vec::new();
    let mut has_or = false;
    let mut at = index;
    while let Some(word) = all.get(at) {
        match word.kind {
            Kind::Literal => {
                let value = spelled(text, word).trim_matches(|c: char| "`\"“”「」'".contains(c));
                let is_value = value.len() <= 30 && !value.contains(['/', '.', '(', '{', '<', '=']);
                values.push(value.to_string());
                if !is_value {
                    return None;
                }
            }
            Kind::Comma if !values.is_empty() => {}
            Kind::Stop if !values.is_empty() && spelled(text, word).eq_ignore_ascii_case("or") => {
                has_or = true
            }
            _ => break,
        }
        at += 1;
    }
    (values.len() >= 2 && has_or).then_some((values, at - index))
}

/// Things that a condition counts: `more than 5 attempts`.
fn numbers(statements: &[Statement]) -> Vec<String> {
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    for statement in statements {
        for pair in statement.when.windows(2) {
            let [number, name] = pair else { continue };
            let Kind::Number(quantity) = number.kind else { continue };
            let is_limit = matches!(quantity.compare, Compare::AtLeast | Compare::AtMost);
            if is_limit && quantity.is_plain() && name.kind == Kind::Word && quantity.high < 1e6 {
                let most = found.entry(spelled(&statement.text, name).to_lowercase()).or_default();
                *most = (*most).max(quantity.high as i64);
            }
        }
    }
    let line = |(name, most): (String, i64)| format!("number {} in 0..{}", quote(&name), (most * 10).max(10));
    found.into_iter().map(line).collect()
}

/// Texts of one kind that are equal but for a pair of opposites: they are meant to exclude each other.
fn opposites<'s>(statements: &'s [Statement], text: impl Fn(&'s Statement) -> &'s str) -> Vec<String> {
    let mut groups: BTreeMap<Vec<u64>, Vec<(&str, Vec<u64>)>> = BTreeMap::new();
    for statement in statements {
        let text = text(statement);
        if text.is_empty() || text.len() > PHRASE_BYTES_MAX {
            continue;
        }
        let own: Vec<u64> = words::read(text)
            .iter()
            .filter(|word| !matches!(word.kind, Kind::Stop | Kind::Comma))
            .map(|word| word.hash)
            .collect();
        let mut key: Vec<u64> = own.iter().map(|word| lexicon().class(*word)).collect();
        key.sort_unstable();
        let group = groups.entry(key).or_default();
        if group.len() < VALUES_MAX && !group.iter().any(|(_, known)| *known == own) {
            group.push((text, own));
        }
    }
    let mut out = Vec::new();
    for group in groups.values() {
        for (at, (left, left_words)) in group.iter().enumerate() {
            for (right, right_words) in group.iter().skip(at + 1) {
                let differ: Vec<(&u64, &u64)> =
                    left_words.iter().zip(right_words).filter(|(a, b)| a != b).collect();
                if let [(a, b)] = differ.as_slice()
                    && lexicon().are_opposite(**a, **b)
                {
                    out.push(format!("exclusive {} / {}", quote(left), quote(right)));
                }
            }
        }
    }
    out
}

/// Conditions that several criteria share, as remarks: candidates for a state or an enum.
fn repeated(statements: &[Statement]) -> Vec<String> {
    let mut counts: BTreeMap<Vec<u64>, (usize, usize)> = BTreeMap::new();
    for (at, statement) in statements.iter().enumerate().filter(|(_, statement)| statement.part == 0) {
        let text = text_at(statement, statement.when_at[0]);
        if !statement.when.is_empty() && text.len() <= PHRASE_BYTES_MAX {
            counts.entry(statement.condition()).or_insert((0, at)).0 += 1;
        }
    }
    let mut often: Vec<(usize, usize)> =
        counts.into_values().filter(|(count, _)| *count >= REPEATED_MIN).collect();
    often.sort_by_key(|(count, at)| (std::cmp::Reverse(*count), *at));
    often.truncate(VALUES_MAX);
    let remark = |(count, at): (usize, usize)| {
        let text =
            statements.get(at).map(|statement| text_at(statement, statement.when_at[0])).unwrap_or_default();
        format!("{count} criteria share the condition {}", quote(unopened(text)))
    };
    often.into_iter().map(remark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts;
    use plan::SpecDocuments;
    use proptest::prelude::*;

    fn reading(criteria: &str) -> Reading {
        let text = format!("### Requirement 1: A\n\n#### Acceptance Criteria\n\n{criteria}");
        Reading::of(SpecDocuments { requirements: Some(text.into_bytes()), ..SpecDocuments::default() })
    }

    #[track_caller]
    fn check(criteria: &str, expected: &[&str]) {
        let block = suggest(&reading(criteria));
        let lines: Vec<&str> = block.lines().filter(|line| !line.starts_with("```")).skip(1).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_criteria_repeat_is_proposed() {
        check(
            "1. THE Api SHALL set the status to \"open\", \"held\" or \"closed\"\n",
            &["suggested: enum \"status\" = \"open\" | \"held\" | \"closed\""],
        );
        check("1. THE Api SHALL write the fields `name` and `rank`\n", &[]);
        check(
            "1. WHEN more than 5 attempts fail, THE Api SHALL lock\n",
            &["suggested: number \"attempts\" in 0..50"],
        );
        check(
            "1. WHEN the key is valid, THE Api SHALL go on\n2. IF the key is invalid, THEN THE Api SHALL end it\n",
            &["suggested: exclusive \"the key is valid\" / \"the key is invalid\""],
        );
        check(
            "1. WHEN sent, THE Api SHALL accept the file\n2. WHEN kept, THE Api SHALL reject the file\n",
            &["suggested: exclusive \"accept the file\" / \"reject the file\""],
        );
        check(
            "1. WHEN sent, THE Api SHALL go\n2. WHEN sent, THE Api SHALL see\n3. WHEN sent, THE Api SHALL win\n",
            &["# 3 criteria share the condition \"sent\""],
        );
    }

    proptest! {
        #[test]
        fn every_proposal_can_be_read_again(text in "([a-z]{1,4}|WHEN|SHALL|or|[0-9]|`[a-z]{1,3}`|\"[a-z# ]{0,3}\"|[,. \n]){0,80}") {
            let block = suggest(&reading(&format!("1. {text}\n")));
            let again = facts::read(&Reading::of(SpecDocuments {
                requirements: Some(block.clone().into_bytes()),
                ..SpecDocuments::default()
            }));
            prop_assert_eq!(again.findings, vec![], "{}", block);
        }
    }
}

//! Reads rule files in the format of gitleaks. What is not understood is named; a rule that is wrong voids itself and no other.
//! Nothing is fetched: what `[extend]` names is handed back.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::allow::{Allow, NO_DESCRIPTION, Target};
use crate::rule::{Check, Detector, Pattern, Policy, Rule, Severity};
use crate::rules::Rules;

/// The largest rule file, in bytes; the most rules in it; the most keywords of a rule; the most patterns or words of a list.
const FILE_MAX: usize = 4 << 20;
const RULES_MAX: usize = 5_000;
const KEYWORDS_MAX: usize = 200;
const LIST_MAX: usize = 5_000;
/// How far around a keyword a match is looked for, in bytes, unless the rule says otherwise.
const REACH: usize = 1_024;
const BUILTIN_REACH: usize = 128;
/// The farthest that a rule may say.
pub(crate) const REACH_MAX: usize = 8_192;

/// What a rule file came to.
#[derive(Debug, Default)]
pub struct Read {
    /// The rules that can be used.
    pub rules: Rules,
    /// What was not understood.
    pub diagnostics: Vec<Diagnostic>,
    /// Other files that `[extend]` names by path; the caller may read them and join them with [`Rules::with`].
    pub extends: Vec<String>,
}

/// Something wrong in a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The place, in bytes.
    pub span: Range<usize>,
    /// The rule, if it is in one.
    pub rule: Option<String>,
    /// Whether the rule or the whole file is void because of it.
    pub void: bool,
    /// What is wrong.
    pub message: String,
    /// The next step.
    pub hint: &'static str,
}

impl Rules {
    /// Reads a file of the user's. See [`Read`].
    pub fn read(text: &str) -> Read {
        read(text, false)
    }
}

pub(crate) fn read(text: &str, builtin: bool) -> Read {
    let mut reader = Reader { builtin, out: Read::default() };
    if text.len() > FILE_MAX {
        reader.say(
            0..0,
            None,
            true,
            format!("the file has more than {FILE_MAX} bytes"),
            "part it, and name the parts in `[extend]`",
        );
        return reader.out;
    }
    match DeTable::parse(text) {
        Ok(table) => reader.file(table.get_ref()),
        Err(error) => {
            let message = format!("not TOML: {}", error.message().lines().next().unwrap_or_default());
            reader.say(
                error.span().unwrap_or(0..0),
                None,
                true,
                message,
                "repair the line; no rule of this file is in force",
            );
        }
    }
    reader.out.diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    reader.out
}

struct Reader {
    builtin: bool,
    out: Read,
}

/// A value of the file.
type Value<'i> = Spanned<DeValue<'i>>;
/// What made a rule void.
struct Void;

impl Reader {
    fn say(
        &mut self,
        span: Range<usize>,
        rule: Option<&str>,
        void: bool,
        message: String,
        hint: &'static str,
    ) {
        self.out.diagnostics.push(Diagnostic { span, rule: rule.map(str::to_owned), void, message, hint });
    }

    fn file(&mut self, table: &DeTable<'_>) {
        for (key, value) in table.iter() {
            match key.get_ref().as_ref() {
                "title" | "description" | "minVersion" => {}
                "extend" => self.extend(value),
                "rules" => self.rules(value),
                "allowlist" => self.lists(std::slice::from_ref(value)),
                "allowlists" => match value.get_ref().as_array() {
                    Some(lists) => self.lists(&lists.iter().cloned().collect::<Vec<_>>()),
                    None => self.unexpected(value, None, "allowlists", "a list of tables"),
                },
                other => self.unknown(key.span(), None, other),
            }
        }
    }

    fn unknown(&mut self, span: Range<usize>, rule: Option<&str>, key: &str) {
        self.say(
            span,
            rule,
            false,
            format!("the field `{key}` is not understood and has no effect"),
            "remove it, or check its spelling",
        );
    }

    fn unexpected(&mut self, value: &Value<'_>, rule: Option<&str>, key: &str, wanted: &str) {
        self.say(
            value.span(),
            rule,
            rule.is_some(),
            format!("`{key}` is not {wanted}"),
            "write it as gitleaks documents it",
        );
    }

    fn extend(&mut self, value: &Value<'_>) {
        let DeValue::Table(table) = value.get_ref() else {
            return self.unexpected(value, None, "extend", "a table");
        };
        for (key, value) in table.iter() {
            match key.get_ref().as_ref() {
                // Waypost's own rules are always in force; gitleaks' are not carried along.
                "useDefault" => {}
                "path" => self.out.extends.extend(value.get_ref().as_str().map(str::to_owned)),
                "disabledRules" => {
                    let words = self.words(value, None, "disabledRules").unwrap_or_default();
                    self.out.rules.disabled.extend(words);
                }
                "url" => self.say(
                    key.span(),
                    None,
                    false,
                    "`extend.url` is not fetched".to_owned(),
                    "save the file and name it in `extend.path`",
                ),
                other => self.unknown(key.span(), None, other),
            }
        }
    }

    fn rules(&mut self, value: &Value<'_>) {
        let Some(list) = value.get_ref().as_array() else {
            return self.unexpected(value, None, "rules", "a list of tables");
        };
        if list.iter().count() > RULES_MAX {
            self.say(
                value.span(),
                None,
                false,
                format!("only the first {RULES_MAX} rules are in force"),
                "part the file",
            );
        }
        for entry in list.iter().take(RULES_MAX) {
            match entry.get_ref() {
                DeValue::Table(table) => {
                    if let Ok(rule) = self.rule(table, entry.span()) {
                        self.out.rules.rules.push(rule);
                    }
                }
                _ => self.unexpected(entry, None, "rules", "a list of tables"),
            }
        }
    }

    fn rule(&mut self, table: &DeTable<'_>, span: Range<usize>) -> Result<Rule, Void> {
        let id = table.get("id").and_then(|id| id.get_ref().as_str()).unwrap_or_default().to_owned();
        if id.is_empty() {
            self.say(span, None, true, "a rule has no `id`".to_owned(), "give it one; it is void until then");
            return Err(Void);
        }
        let mut rule = Rule {
            id: id.as_str().into(),
            description: String::new(),
            severity: Severity::High,
            policy: Policy::Placeholder,
            detector: Detector::Window,
            pattern: None,
            path: None,
            keywords: Vec::new(),
            group: 0,
            entropy: 0.0,
            check: None,
            // The built-in expressions begin near their keywords; those of a user are not known.
            before: if self.builtin { BUILTIN_REACH } else { REACH },
            after: REACH,
            allow: Vec::new(),
            builtin: self.builtin,
        };
        for (key, value) in table.iter() {
            let key_name = key.get_ref().as_ref();
            match key_name {
                "id" | "tags" | "skipReport" => {}
                "description" => rule.description = self.text(value, &id, key_name)?.to_owned(),
                "regex" => rule.pattern = Some(self.pattern(value, &id, key_name)?),
                "path" => rule.path = Some(self.pattern(value, &id, key_name)?),
                "keywords" => rule.keywords = self.words(value, Some(&id), key_name)?,
                "secretGroup" => rule.group = self.number(value, &id, key_name)?,
                "entropy" => rule.entropy = self.real(value, &id, key_name)?,
                // A list that is wrong allows nothing; its rule stays in force.
                "allowlist" => rule.allow.extend(self.list(value, Some(&id)).ok()),
                "allowlists" => {
                    let lists = value
                        .get_ref()
                        .as_array()
                        .map(|lists| lists.iter().cloned().collect::<Vec<_>>())
                        .unwrap_or_default();
                    for list in &lists {
                        rule.allow.extend(self.list(list, Some(&id)).ok());
                    }
                }
                "waypost" => self.ours(value, &mut rule)?,
                "required" => {
                    let hint = "make it one rule; it is void until then";
                    self.say(
                        key.span(),
                        Some(&id),
                        true,
                        "a rule that needs another rule beside it is not supported".to_owned(),
                        hint,
                    );
                    return Err(Void);
                }
                other => self.unknown(key.span(), Some(&id), other),
            }
        }
        self.complete(rule, span)
    }

    fn complete(&mut self, mut rule: Rule, span: Range<usize>) -> Result<Rule, Void> {
        if rule.pattern.is_none() && rule.path.is_none() {
            self.say(
                span,
                Some(&rule.id),
                true,
                "the rule has neither `regex` nor `path`".to_owned(),
                "add one; it is void until then",
            );
            return Err(Void);
        }
        rule.keywords.retain(|word| !word.is_empty());
        let groups = rule
            .pattern
            .as_ref()
            .filter(|_| !self.builtin)
            .and_then(Pattern::regex)
            .map_or(usize::MAX, regex_automata::meta::Regex::captures_len);
        if rule.group >= groups {
            let message =
                format!("`secretGroup` is {} and the expression has {} groups", rule.group, groups - 1);
            self.say(span, Some(&rule.id), true, message, "count the groups; the rule is void until then");
            return Err(Void);
        }
        if !self.builtin && rule.pattern.is_some() {
            if rule.keywords.is_empty() {
                let hint = "add words that each match contains, so that scanning stays fast";
                self.say(
                    span.clone(),
                    Some(&rule.id),
                    false,
                    "the rule has no `keywords` and is run on every line".to_owned(),
                    hint,
                );
            }
            let source = rule.pattern.as_ref().map_or("", Pattern::source);
            if source.contains("(?s") || source.contains("\\n") || source.contains("[\\s\\S") {
                let hint = "private keys on several lines are found by the rule `private-key`";
                self.say(
                    span,
                    Some(&rule.id),
                    false,
                    "the expression is matched inside one line only".to_owned(),
                    hint,
                );
            }
        }
        Ok(rule)
    }

    /// Our own fields: `severity`, `policy`, `check`, `at`, `detector`, `before`, `after`.
    fn ours(&mut self, value: &Value<'_>, rule: &mut Rule) -> Result<(), Void> {
        let id = rule.id.clone();
        let DeValue::Table(table) = value.get_ref() else {
            self.unexpected(value, Some(&id), "waypost", "a table");
            return Err(Void);
        };
        for (key, value) in table.iter() {
            let name = key.get_ref().as_ref();
            let known = match name {
                "severity" => {
                    Severity::of(self.text(value, &id, name)?).map(|severity| rule.severity = severity)
                }
                "policy" => Policy::of(self.text(value, &id, name)?).map(|policy| rule.policy = policy),
                "check" => Check::of(self.text(value, &id, name)?).map(|check| rule.check = Some(check)),
                "at" | "detector" => Detector::of(self.text(value, &id, name)?, self.builtin)
                    .map(|detector| rule.detector = detector),
                "before" | "after" => {
                    let reach = self.number(value, &id, name)?.min(REACH_MAX);
                    if name == "before" {
                        rule.before = reach;
                    } else {
                        rule.after = reach;
                    }
                    Some(())
                }
                other => {
                    self.unknown(key.span(), Some(&id), other);
                    Some(())
                }
            };
            if known.is_none() {
                self.unexpected(value, Some(&id), name, "a word that Waypost knows");
                return Err(Void);
            }
        }
        Ok(())
    }

    fn lists(&mut self, lists: &[Value<'_>]) {
        for list in lists {
            if let Ok(list) = self.list(list, None) {
                self.out.rules.allow.push(list);
            }
        }
    }

    fn list(&mut self, value: &Value<'_>, rule: Option<&str>) -> Result<Allow, Void> {
        let DeValue::Table(table) = value.get_ref() else {
            self.unexpected(value, rule, "allowlist", "a table");
            return Err(Void);
        };
        let mut list = Allow {
            description: Arc::from(NO_DESCRIPTION),
            all: false,
            paths: Vec::new(),
            regexes: Vec::new(),
            target: Target::Secret,
            stopwords: Vec::new(),
            rules: Vec::new(),
        };
        let id = rule.unwrap_or_default();
        for (key, value) in table.iter() {
            let name = key.get_ref().as_ref();
            match name {
                "id" => {}
                "description" => list.description = self.text(value, id, name)?.into(),
                "condition" => match self.text(value, id, name)?.to_ascii_uppercase().as_str() {
                    "AND" | "&&" => list.all = true,
                    "OR" | "||" => {}
                    _ => {
                        self.unexpected(value, rule, name, "`AND` or `OR`");
                        return Err(Void);
                    }
                },
                "paths" => list.paths = self.patterns(value, id, name)?,
                "regexes" => list.regexes = self.patterns(value, id, name)?,
                "regexTarget" => match self.text(value, id, name)? {
                    "secret" | "" => {}
                    "match" => list.target = Target::Match,
                    "line" => list.target = Target::Line,
                    _ => {
                        self.unexpected(value, rule, name, "`secret`, `match` or `line`");
                        return Err(Void);
                    }
                },
                "stopwords" => list.stopwords = self.words(value, rule, name)?,
                "targetRules" => list.rules = self.words(value, rule, name)?,
                "commits" => {
                    let hint = "allow the path or the value instead";
                    self.say(
                        key.span(),
                        rule,
                        false,
                        "`commits` has no effect: a scan knows no commits".to_owned(),
                        hint,
                    );
                    // An `AND` list that loses a condition would allow more than its author meant.
                    if table.get("condition").is_some() {
                        return Err(Void);
                    }
                }
                other => self.unknown(key.span(), rule, other),
            }
        }
        Ok(list)
    }

    fn text<'v>(&mut self, value: &'v Value<'_>, rule: &str, key: &str) -> Result<&'v str, Void> {
        if let Some(text) = value.get_ref().as_str() {
            return Ok(text);
        }
        self.unexpected(value, Some(rule), key, "a text");
        Err(Void)
    }

    fn number(&mut self, value: &Value<'_>, rule: &str, key: &str) -> Result<usize, Void> {
        if let Some(number) = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok()) {
            return Ok(number);
        }
        self.unexpected(value, Some(rule), key, "a whole number");
        Err(Void)
    }

    fn real(&mut self, value: &Value<'_>, rule: &str, key: &str) -> Result<f32, Void> {
        let digits = match value.get_ref() {
            DeValue::Float(number) => number.as_str(),
            DeValue::Integer(number) => number.as_str(),
            _ => "",
        };
        if let Some(number) = digits.parse::<f32>().ok().filter(|number| number.is_finite()) {
            return Ok(number);
        }
        self.unexpected(value, Some(rule), key, "a number");
        Err(Void)
    }

    fn words(&mut self, value: &Value<'_>, rule: Option<&str>, key: &str) -> Result<Vec<String>, Void> {
        let texts = value.get_ref().as_array().map(|list: &DeArray<'_>| {
            list.iter().map(|word| word.get_ref().as_str().map(str::to_owned)).collect()
        });
        let most = if key == "keywords" { KEYWORDS_MAX } else { LIST_MAX };
        match texts {
            Some(Some(words)) => {
                let words: Vec<String> = words;
                if words.len() <= most {
                    return Ok(words);
                }
                self.unexpected(value, rule, key, &format!("a list of at most {most} texts"));
            }
            _ => self.unexpected(value, rule, key, "a list of texts"),
        }
        Err(Void)
    }

    fn pattern(&mut self, value: &Value<'_>, rule: &str, key: &str) -> Result<Pattern, Void> {
        let pattern = Pattern::new(self.text(value, rule, key)?);
        // The built-in expressions are compiled when they are needed, and all of them by a test.
        if !self.builtin
            && let Err(message) = pattern.check()
        {
            let message = format!("`{key}` cannot be compiled: {message}");
            self.say(
                value.span(),
                Some(rule),
                true,
                message,
                "use the syntax of RE2, without look-around; the rule is void until then",
            );
            return Err(Void);
        }
        Ok(pattern)
    }

    fn patterns(&mut self, value: &Value<'_>, rule: &str, key: &str) -> Result<Vec<Pattern>, Void> {
        let Some(list) = value.get_ref().as_array() else {
            self.unexpected(value, Some(rule), key, "a list of texts");
            return Err(Void);
        };
        list.iter().take(LIST_MAX).map(|value| self.pattern(value, rule, key)).collect()
    }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;

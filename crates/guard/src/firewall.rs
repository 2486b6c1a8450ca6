//! The firewall for secret values as a session uses it: one for all of its texts, safe to share, built beside other work.
//! Finding values and bringing them back is `secrets`'.
#![expect(clippy::disallowed_methods, reason = "the person's rules about secrets are read here")]

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::thread::JoinHandle;

use conversation::{Piecewise, Secrecy};
use secrets::{Key, Rules, Scanner, Source, Stream, Use};
use serde_json::Value;

use crate::reference::References;

/// What is said once, beside the first value that was hidden.
const EXPLAINED: &str = "\n[words that begin with `waypost_secret_` stand for values that are kept from you; write them \
    where the value belongs, `write`, `edit` and `shell` put it in]";

/// What stands for a text that a rule wants to be kept back as a whole.
const KEPT_BACK: &str = "[kept back as a whole: a rule of the person blocks texts with a value of this kind]";

/// The person's rules about secrets cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FirewallError {
    /// The file has a fault; then no session starts, because what it would find is not known.
    #[error("`{file}` is not as it should be: {what}")]
    File {
        /// The file.
        file: String,
        /// The fault, with its line.
        what: String,
    },
    /// The rules could not be built.
    #[error("the rules about secrets could not be built")]
    Build,
}

/// One session's firewall.
pub struct Firewall {
    building: Mutex<Option<JoinHandle<Scanner>>>,
    built: OnceLock<Mutex<secrets::Firewall>>,
    key: Key,
    references: References,
    explained: Mutex<bool>,
}

impl std::fmt::Debug for Firewall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Firewall").finish_non_exhaustive()
    }
}

impl Firewall {
    /// Begins to build the firewall, beside other work: it takes some ten milliseconds. `file` is the person's own rules,
    /// which need not exist; `key` makes the placeholders, the same for the same value as long as the key is the same.
    ///
    /// # Errors
    /// [`FirewallError`] when the person's rules have a fault.
    pub fn build(file: &Path, key: [u8; 16], references: References) -> Result<Firewall, FirewallError> {
        let own = own_rules(file)?;
        let building = std::thread::Builder::new()
            .name("secrets".to_string())
            .spawn(move || {
                let rules = Rules::builtin();
                Scanner::new(match own {
                    Some(own) => rules.with(own),
                    None => rules,
                })
            })
            .map_err(|_| FirewallError::Build)?;
        Ok(Firewall {
            building: Mutex::new(Some(building)),
            built: OnceLock::new(),
            key: Key::new(key),
            references,
            explained: Mutex::new(false),
        })
    }

    fn inner(&self) -> MutexGuard<'_, secrets::Firewall> {
        let built = self.built.get_or_init(|| {
            let scanner = lock(&self.building).take().and_then(|building| building.join().ok());
            // A thread that died leaves the rules to be built here: without them nothing would be hidden.
            let scanner = scanner.unwrap_or_else(|| Scanner::new(Rules::builtin()));
            Mutex::new(secrets::Firewall::new(Arc::new(scanner), self.key))
        });
        lock(built)
    }

    fn redact(&self, text: &str, source: Source) -> String {
        // Most texts are short words without any value; the scanner is quick about them.
        let redacted = self.inner().redact(text, source);
        if redacted.blocked() {
            return KEPT_BACK.to_string();
        }
        redacted.text
    }

    /// The values of a text, by placeholder.
    fn resolve(&self, text: &str, target: &str) -> Result<String, String> {
        if !text.contains("waypost_secret_") {
            return Ok(text.to_string());
        }
        let may = |_: &Use<'_>| true;
        let resolved = self.inner().resolve(text, target, &may);
        if let Some(unknown) = resolved.unknown.first() {
            return Err(format!(
                "`{unknown}…` stands for a value that this process has not seen; read the file that holds it again, \
                 then repeat this"
            ));
        }
        Ok(resolved.text)
    }
}

impl Secrecy for Firewall {
    fn hide(&self, text: &str) -> String {
        let mut hidden = self.redact(text, Source::World);
        if hidden.len() != text.len() || hidden != text {
            let mut explained = lock(&self.explained);
            if !*explained {
                *explained = true;
                hidden.push_str(EXPLAINED);
            }
        }
        hidden
    }

    fn hide_own(&self, text: &str) -> String {
        self.redact(text, Source::Session)
    }

    fn hide_arguments(&self, json: &str) -> String {
        let Ok(mut value) = serde_json::from_str::<Value>(json) else { return self.hide_own(json) };
        let mut changed = false;
        self.hide_value(&mut value, &mut changed);
        // What has no value in it stays byte for byte: caches of providers depend on it.
        if changed { value.to_string() } else { json.to_string() }
    }

    fn stream(&self) -> Box<dyn Piecewise + '_> {
        Box::new(Pieces { firewall: self, stream: Some(Stream::new(Source::World)) })
    }

    fn reveal(&self, text: &str, target: &str) -> Result<String, String> {
        self.resolve(text, target)
    }

    fn reveal_in_line(&self, line: &str) -> Result<String, String> {
        let mut line = line.to_string();
        while let Some(at) = line.find("waypost_secret_") {
            let end = line.get(at..).map_or(line.len(), |rest| {
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
                at + rest.find(|c| !plain(c)).unwrap_or(rest.len())
            });
            let placeholder = line.get(at..end).unwrap_or_default().to_string();
            let value = self.resolve(&placeholder, "a command line")?;
            if value == placeholder {
                return Err(format!("`{placeholder}` is no placeholder of this session; nothing was run"));
            }
            is_plain(&value).then_some(()).ok_or_else(|| {
                format!(
                    "the value behind `{placeholder}` has characters that a shell would read, so it does not go into a \
                     command line; write it to a file with `write` and have the command read that"
                )
            })?;
            line.replace_range(at..end, &value);
            // A value that looks like a placeholder would be looked up again.
            if value.contains("waypost_secret_") {
                return Err(format!("the value behind `{placeholder}` looks like a placeholder itself"));
            }
        }
        let read = secrets::reference::read(&line);
        if let Some(fault) = read.faults.first() {
            return Err(format!("{}; {}", fault.message, fault.hint));
        }
        for reference in read.found.iter().rev() {
            let value = self.references.resolve(&reference.place)?;
            let text = std::str::from_utf8(value.expose()).unwrap_or("\0").to_string();
            if !is_plain(&text) {
                return Err(format!(
                    "the value of `{}` has characters that a shell would read, so it does not go into a command line",
                    reference.place
                ));
            }
            // From now on it is known, so that an output that repeats it is covered.
            self.inner().remember(value.expose(), "reference");
            line.replace_range(reference.span.clone(), &text);
        }
        Ok(line)
    }
}

impl Firewall {
    fn hide_value(&self, value: &mut Value, changed: &mut bool) {
        match value {
            Value::String(text) => {
                let hidden = self.hide_own(text);
                if hidden != *text {
                    *changed = true;
                    *text = hidden;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_value(item, changed)),
            Value::Object(members) => members.values_mut().for_each(|item| self.hide_value(item, changed)),
            _ => {}
        }
    }
}

struct Pieces<'a> {
    firewall: &'a Firewall,
    stream: Option<Stream>,
}

impl Piecewise for Pieces<'_> {
    fn push(&mut self, piece: &str) -> String {
        let Some(stream) = self.stream.as_mut() else { return String::new() };
        let redacted = stream.push(&mut self.firewall.inner(), piece.as_bytes());
        String::from_utf8_lossy(&redacted.text).into_owned()
    }

    fn finish(&mut self) -> String {
        let Some(stream) = self.stream.take() else { return String::new() };
        let redacted = stream.finish(&mut self.firewall.inner());
        String::from_utf8_lossy(&redacted.text).into_owned()
    }
}

/// Whether a shell reads this as itself, wherever it stands: bare, or within quotes of either kind.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || "_-./+:=@%,".contains(c))
}

/// The person's own rules, when there are some.
fn own_rules(file: &Path) -> Result<Option<Rules>, FirewallError> {
    let failed = |what: String| FirewallError::File { file: file.display().to_string(), what };
    let text = match std::fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error.to_string())),
        Ok(text) => text,
    };
    let read = Rules::read(&text);
    match read.diagnostics.first() {
        Some(found) => {
            let before = text.get(..found.span.start).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Err(failed(format!("line {line}: {}; {}", found.message, found.hint)))
        }
        None => Ok(Some(read.rules)),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
#[path = "firewall_tests.rs"]
mod tests;

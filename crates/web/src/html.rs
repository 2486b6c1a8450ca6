//! HTML to the Markdown of its main content, in one pass and without a tree: deep nesting and missing ends cost nothing.

mod frame;
mod page;
mod writer;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

use crate::address::Address;
use page::Reducer;

/// The most text that a page is reduced to, in bytes.
pub(crate) const REDUCED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What a page came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reduced {
    /// The page's title.
    pub title: Option<String>,
    /// Its text as Markdown.
    pub text: String,
    /// What was cut, and why.
    pub cut: Option<String>,
}

/// Reduces a page. What is marked as navigation, margin or hidden is left out; where the page marks its main part, that
/// part is given. `base` makes links whole.
pub fn reduce(html: &str, base: Option<&Address>) -> Reduced {
    let mut emitter = DefaultEmitter::default();
    // Scripts, styles and texts are read as such although no tree is built.
    emitter.naively_switch_states(true);
    let mut reducer = Reducer::new(base);
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name);
                let value = |key: &str| {
                    let value = tag.attributes.get(key.as_bytes())?;
                    Some(String::from_utf8_lossy(value.value.as_slice()).into_owned())
                };
                reducer.start(&name, &value);
            }
            Token::EndTag(tag) => reducer.end(&String::from_utf8_lossy(&tag.name)),
            Token::String(text) => reducer.text(&String::from_utf8_lossy(text.value.as_slice())),
            _ => {}
        }
        if reducer.is_full() {
            break;
        }
    }
    reducer.finish()
}

#[cfg(test)]
#[path = "html_tests.rs"]
mod tests;

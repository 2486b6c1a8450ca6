//! Which elements are open, as far as it matters what their text is: hidden, margin or main. Writes nothing.

use std::collections::HashMap;

/// How many open elements are told apart. What lies deeper belongs to the deepest of them.
const DEPTH_MAX: usize = 256;

/// The longest name of an element that is remembered.
const NAME_BYTES_MAX: usize = 40;

/// What an element makes of the text in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing of its own.
    Plain,
    /// Nobody sees it.
    Hidden,
    /// Navigation, headers, footers, side columns.
    Margin,
    /// What the page is about.
    Main,
}

/// The open elements.
#[derive(Debug, Default)]
pub(super) struct Frame {
    open: Vec<(String, Role)>,
    by_name: HashMap<String, usize>,
    /// Elements beyond the depth that is remembered.
    beyond: usize,
    hidden: usize,
    margin: usize,
    main: usize,
}

impl Frame {
    pub(super) fn is_hidden(&self) -> bool {
        self.hidden > 0
    }

    pub(super) fn is_margin(&self) -> bool {
        self.margin > 0
    }

    pub(super) fn is_main(&self) -> bool {
        self.main > 0
    }

    pub(super) fn open(&mut self, name: &str, role: Role) {
        if self.open.len() >= DEPTH_MAX || name.len() > NAME_BYTES_MAX {
            self.beyond += 1;
            return;
        }
        self.count(role, true);
        *self.by_name.entry(name.to_string()).or_default() += 1;
        self.open.push((name.to_string(), role));
    }

    /// Closes the innermost element of this name and what is open within it. An end without a beginning is nothing.
    pub(super) fn close(&mut self, name: &str) {
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        if self.by_name.get(name).is_none_or(|count| *count == 0) {
            return;
        }
        while let Some((open, role)) = self.open.pop() {
            self.count(role, false);
            if let Some(count) = self.by_name.get_mut(&open) {
                *count = count.saturating_sub(1);
            }
            if open == name {
                return;
            }
        }
    }

    fn count(&mut self, role: Role, opens: bool) {
        let counter = match role {
            Role::Plain => return,
            Role::Hidden => &mut self.hidden,
            Role::Margin => &mut self.margin,
            Role::Main => &mut self.main,
        };
        *counter = if opens { *counter + 1 } else { counter.saturating_sub(1) };
    }
}

/// What an element makes of its text, by its name and attributes.
pub(super) fn role(name: &str, value: &dyn Fn(&str) -> Option<String>, in_main: bool) -> Role {
    let says = |key: &str, wanted: &[&str]| {
        value(key).is_some_and(|value| wanted.iter().any(|word| value.trim().eq_ignore_ascii_case(word)))
    };
    if matches!(
        name,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "svg"
            | "math"
            | "iframe"
            | "object"
            | "canvas"
            | "select"
            | "datalist"
            | "audio"
            | "video"
            | "button"
            | "textarea"
    ) || value("hidden").is_some_and(|value| !value.eq_ignore_ascii_case("until-found"))
        || says("aria-hidden", &["true"])
        || value("style").is_some_and(|style| is_unseen(&style))
    {
        return Role::Hidden;
    }
    if matches!(name, "nav" | "aside" | "footer" | "dialog" | "menu")
        || (name == "header" && !in_main)
        || says(
            "role",
            &[
                "navigation",
                "banner",
                "contentinfo",
                "complementary",
                "search",
                "dialog",
                "alertdialog",
                "menu",
            ],
        )
        || (!in_main && !matches!(name, "body" | "html") && names_margin(value))
    {
        return Role::Margin;
    }
    if matches!(name, "main" | "article") || says("role", &["main", "article"]) {
        return Role::Main;
    }
    Role::Plain
}

fn is_unseen(style: &str) -> bool {
    let style: String =
        style.chars().take(2000).filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
    ["display:none", "visibility:hidden", "font-size:0;", "font-size:0px", "opacity:0;"]
        .iter()
        .any(|way| style.contains(way))
        || style.ends_with("opacity:0")
        || style.ends_with("font-size:0")
}

/// Names that pages of all sorts give to their margins.
fn names_margin(value: &dyn Fn(&str) -> Option<String>) -> bool {
    const MARGINS: [&str; 16] = [
        "sidebar",
        "navbar",
        "nav",
        "navigation",
        "breadcrumb",
        "breadcrumbs",
        "footer",
        "cookie",
        "cookies",
        "menu",
        "toc",
        "share",
        "newsletter",
        "advertisement",
        "skip-link",
        "related",
    ];
    ["class", "id"].iter().filter_map(|key| value(key)).any(|value| {
        let mut words = value.split_whitespace().take(20);
        words.any(|word| MARGINS.iter().any(|margin| word.eq_ignore_ascii_case(margin)))
    })
}

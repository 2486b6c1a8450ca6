//! Which language a file is in, by its extension, and what is particular to it. Parses nothing.

use tree_sitter::Language;

use crate::languages;
use crate::look::{Look, View};

/// A language and how its files are read.
pub(crate) struct Dialect {
    /// What people call it.
    pub(crate) name: &'static str,
    /// File name extensions, in lower case.
    extensions: &'static [&'static str],
    /// The grammar.
    pub(crate) grammar: fn() -> Language,
    /// Says what a node is.
    pub(crate) look: fn(&View<'_, '_>) -> Look,
    /// What stands between the parts of a qualified name.
    pub(crate) separator: &'static str,
    /// A semicolon at the end of a statement may be left out.
    pub(crate) has_optional_semicolons: bool,
    /// `'a'` and `"a"` mean the same.
    pub(crate) has_two_quotes: bool,
    /// `<` opens type arguments, which the grammar tells from a comparison only at their end.
    pub(crate) has_angles: bool,
    /// A node whose extent is meaning and that has no token of its own.
    pub(crate) block: Option<&'static str>,
}

const PLAIN: Dialect = Dialect {
    name: "",
    extensions: &[],
    grammar: || tree_sitter_c::LANGUAGE.into(),
    look: |_| Look::Nothing,
    separator: ".",
    has_optional_semicolons: false,
    has_two_quotes: false,
    has_angles: false,
    block: None,
};

const SCRIPT: Dialect =
    Dialect { look: languages::script::look, has_optional_semicolons: true, has_two_quotes: true, ..PLAIN };

static DIALECTS: &[Dialect] = &[
    Dialect {
        name: "rust",
        extensions: &["rs"],
        grammar: || tree_sitter_rust::LANGUAGE.into(),
        look: languages::rust::look,
        separator: "::",
        ..PLAIN
    },
    Dialect {
        name: "python",
        extensions: &["py", "pyi"],
        grammar: || tree_sitter_python::LANGUAGE.into(),
        look: languages::python::look,
        has_two_quotes: true,
        block: Some("block"),
        ..PLAIN
    },
    Dialect {
        name: "javascript",
        extensions: &["js", "jsx", "mjs", "cjs"],
        grammar: || tree_sitter_javascript::LANGUAGE.into(),
        ..SCRIPT
    },
    Dialect {
        name: "typescript",
        extensions: &["ts", "mts", "cts"],
        grammar: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        ..SCRIPT
    },
    Dialect {
        name: "tsx",
        extensions: &["tsx"],
        grammar: || tree_sitter_typescript::LANGUAGE_TSX.into(),
        ..SCRIPT
    },
    Dialect {
        name: "go",
        extensions: &["go"],
        grammar: || tree_sitter_go::LANGUAGE.into(),
        look: languages::go::look,
        has_optional_semicolons: true,
        ..PLAIN
    },
    Dialect {
        name: "java",
        extensions: &["java"],
        grammar: || tree_sitter_java::LANGUAGE.into(),
        look: languages::java::look,
        has_angles: true,
        ..PLAIN
    },
    Dialect {
        name: "c-sharp",
        extensions: &["cs"],
        grammar: || tree_sitter_c_sharp::LANGUAGE.into(),
        look: languages::c_sharp::look,
        has_angles: true,
        ..PLAIN
    },
    Dialect {
        name: "ruby",
        extensions: &["rb", "rake"],
        grammar: || tree_sitter_ruby::LANGUAGE.into(),
        look: languages::ruby::look,
        separator: "::",
        ..PLAIN
    },
    Dialect { name: "c", extensions: &["c", "h"], look: languages::c::look, ..PLAIN },
];

/// The language of a path, by its extension; `None` for those that are not read.
pub fn language_of(path: &str) -> Option<&'static str> {
    dialect_of(path).map(|dialect| dialect.name)
}

pub(crate) fn dialect_of(path: &str) -> Option<&'static Dialect> {
    let file = path.rsplit(['/', '\\']).next()?;
    let (stem, extension) = file.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    let is_its = |dialect: &&Dialect| dialect.extensions.contains(&extension.as_str());
    DIALECTS.iter().find(is_its).filter(|_| !stem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_names_the_language() {
        let check = |path: &str, expected: Option<&str>| assert_eq!(language_of(path), expected, "{path}");
        check("src/a.rs", Some("rust"));
        check("src\\A.RS", Some("rust"));
        check("a.test.tsx", Some("tsx"));
        check("a.d.ts", Some("typescript"));
        check("Makefile", None);
        check(".rs", None);
        check("a.rs/b", None);
        check("", None);
    }

    #[test]
    fn every_grammar_is_one_that_the_parser_takes() {
        for dialect in DIALECTS {
            assert!(
                tree_sitter::Parser::new().set_language(&(dialect.grammar)()).is_ok(),
                "{}",
                dialect.name
            );
        }
    }
}

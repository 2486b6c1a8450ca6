//! Made source files in four languages that can change in meaning, in layout, or in names. Knows no history.

/// A language that files are made in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    Python,
    TypeScript,
    Go,
}

impl Language {
    pub(crate) const ALL: [Language; 4] =
        [Language::Rust, Language::Python, Language::TypeScript, Language::Go];

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Language::Rust => "rs",
            Language::Python => "py",
            Language::TypeScript => "ts",
            Language::Go => "go",
        }
    }
}

/// One function: a bound, some calls, and the name of its variable.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) bound: u32,
    pub(crate) calls: Vec<(String, u32)>,
    pub(crate) variable: String,
}

/// One file.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) language: Language,
    pub(crate) functions: Vec<Function>,
    /// A number that only changes the layout and the comments.
    pub(crate) style: u32,
}

impl File {
    /// Its text.
    pub(crate) fn text(&self) -> String {
        let comment = match self.language {
            Language::Python => "#",
            _ => "//",
        };
        let mut out = String::new();
        if self.language == Language::Go {
            out.push_str("package app\n\n");
        }
        for function in &self.functions {
            if self.style % 2 == 1 {
                out.push_str(&format!(
                    "{comment} {} keeps its promise, note {}\n",
                    function.name, self.style
                ));
            }
            out.push_str(&self.function(function, comment));
            out.push_str(if self.style % 4 >= 2 { "\n\n" } else { "\n" });
        }
        out
    }

    fn function(&self, function: &Function, comment: &str) -> String {
        let indent = if self.style % 3 == 1 { "  " } else { "    " };
        let (name, variable, bound) = (&function.name, &function.variable, function.bound);
        let note = if self.style % 5 == 2 { format!(" {comment} checked") } else { String::new() };
        let mut lines = match self.language {
            Language::Rust => vec![
                format!("pub fn {name}({variable}: u32) -> u32 {{"),
                format!(
                    "{indent}if {variable} > {bound} {{{note}\n{indent}{indent}return {bound};\n{indent}}}"
                ),
            ],
            Language::Python => vec![
                format!("def {name}({variable}):"),
                format!("{indent}if {variable} > {bound}:{note}\n{indent}{indent}return {bound}"),
            ],
            Language::TypeScript => vec![
                format!("export function {name}({variable}: number): number {{"),
                format!(
                    "{indent}if ({variable} > {bound}) {{{note}\n{indent}{indent}return {bound}\n{indent}}}"
                ),
            ],
            Language::Go => vec![
                format!("func {name}({variable} int) int {{"),
                format!(
                    "{indent}if {variable} > {bound} {{{note}\n{indent}{indent}return {bound}\n{indent}}}"
                ),
            ],
        };
        let end = match self.language {
            Language::Rust => ";",
            Language::TypeScript if self.style.is_multiple_of(2) => ";",
            _ => "",
        };
        for (call, number) in &function.calls {
            let comma = if self.style % 2 == 1 && self.language == Language::Rust { "," } else { "" };
            lines.push(format!("{indent}{call}({variable}, {number}{comma}){end}"));
        }
        let returned = if self.language == Language::Rust {
            variable.clone()
        } else {
            format!("return {variable}{end}")
        };
        lines.push(format!("{indent}{returned}"));
        if self.language != Language::Python {
            lines.push("}".to_string());
        }
        lines.join("\n") + "\n"
    }
}

/// A test of the file's functions; `version` changes what it asserts.
pub(crate) fn test_of(language: Language, stem: &str, version: u32) -> (String, String) {
    match language {
        Language::Rust => (
            format!("tests/{stem}_test.rs"),
            format!("#[test]\nfn {stem}_holds() {{\n    assert_eq!({stem}({version}), {version});\n}}\n"),
        ),
        Language::Python => (
            format!("tests/test_{stem}.py"),
            format!("def test_{stem}():\n    assert {stem}({version}) == {version}\n"),
        ),
        Language::TypeScript => (
            format!("tests/{stem}.test.ts"),
            format!("it('{stem} holds', () => {{\n  expect({stem}({version})).toBe({version})\n}})\n"),
        ),
        Language::Go => (
            format!("tests/{stem}_test.go"),
            format!(
                "package app\n\nfunc Test{stem}(t *testing.T) {{\n\tcheck(t, {stem}({version}), {version})\n}}\n"
            ),
        ),
    }
}

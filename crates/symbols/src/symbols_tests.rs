//! Tests of reading symbols: what is found, what a digest sees, and what hostile files do.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::{SOURCE_BYTES_MAX, Symbol, read, source};

/// One line per symbol: kind, qualified name, lines, `+` for public, `t` for tests.
fn shown(symbols: &[Symbol]) -> Vec<String> {
    let line = |symbol: &Symbol| {
        let public = if symbol.is_public { "+" } else { "" };
        let test = if symbol.is_test { "t" } else { "" };
        let (first, last) = symbol.lines;
        format!("{:?} {} {}>{first}-{last} {public}{test}", symbol.kind, symbol.qualified, symbol.above)
            .trim_end()
            .to_string()
    };
    symbols.iter().map(line).collect()
}

fn check(path: &str, text: &str, expected: &[&str]) {
    let symbols = read(path, text.as_bytes()).unwrap();
    assert_eq!(shown(&symbols), expected, "{path}");
}

#[test]
fn rust() {
    check(
        "a.rs",
        "//! file\n\n/// doc\n#[derive(Debug)]\npub struct A { x: u8 }\nimpl<T> Foo for A<T> {\n    pub fn go(&self) {}\n}\n\
         // one\n\n// two\n#[cfg(test)]\nmod tests {\n    // Feature\n    #[tokio::test]\n    async fn t() {}\n    fn helper() {}\n\
         proptest! {\n    /// Feature: x\n    #[test]\n    fn holds(a in 0..3u8) {\n        assert!(a < 3);\n    }\n}\n}\n\
         const MAX: u8 = 3;\nmacro_rules! m { () => {} }\nmod other;\ntrait T { fn s(&self); }\n",
        &[
            "Type A 3>4-5 +",
            "Method A::go 7>7-7 +",
            "Module tests 11>12-25 t",
            "Test tests::t 14>15-16 t",
            "Function tests::helper 17>17-17",
            "Test tests::holds 19>20-23 t",
            "Constant MAX 26>26-26",
            "Function m 27>27-27",
            "Type T 29>29-29",
            "Method T::s 29>29-29",
        ],
    );
}

#[test]
fn python() {
    check(
        "a.py",
        "\"\"\"mod\"\"\"\n\nMAX = 3\nlower = 4\n# Feature\n@given(x)\ndef test_a():\n    pass\nclass TestB(Base):\n    def _c(self): pass\n    def test_d(self): pass\n",
        &[
            "Constant MAX 3>3-3 +",
            "Test test_a 5>6-8 +t",
            "Type TestB 9>9-11 +t",
            "Method TestB._c 10>10-10",
            "Test TestB.test_d 11>11-11 +t",
        ],
    );
}

#[test]
fn typescript() {
    check(
        "a.ts",
        "export const a = (x: number) => { const inner = 1; return x };\nexport default class B {\n  private d(): void {}\n  e = () => 1;\n  #f() {}\n}\n\
         namespace N { export interface I { g(): void } }\n/** doc */\ndescribe('Feature: x', () => {\n  // Validates\n  it.each([1])(\"does 'it'\", async () => {});\n  test(`p`, () => {});\n});\nconst LIMIT = 3;\n",
        &[
            "Function a 1>1-1 +",
            "Type B 2>2-6 +",
            "Method B.d 3>3-3",
            "Method B.e 4>4-4 +",
            "Method B.#f 5>5-5",
            "Module N 7>7-7",
            "Type N.I 7>7-7 +",
            "Module Feature: x 8>9-13 t",
            "Test Feature: x.does 'it 10>11-11 t",
            "Test Feature: x.p 12>12-12 t",
            "Constant LIMIT 14>14-14",
        ],
    );
}

#[test]
fn go_java_c_sharp() {
    check(
        "a.go",
        "package a\n// doc\ntype S struct { x int }\nconst ( A = 1; b = 2 )\nfunc (s *S) Go() { var q = 1 }\nfunc TestX(t *testing.T) {}\nfunc Testify() {}\n",
        &[
            "Type S 2>3-3 +",
            "Constant A 4>4-4 +",
            "Constant b 4>4-4",
            "Method S.Go 5>5-5 +",
            "Test TestX 6>6-6 +t",
            "Function Testify 7>7-7 +",
        ],
    );
    check(
        "A.java",
        "public class A {\n  public static final int MAX = 3;\n  int x;\n  // Feature\n  @Test\n  void b() {}\n  public A() {}\n}\n",
        &["Type A 1>1-8 +", "Constant A.MAX 2>2-2 +", "Test A.b 4>5-6 t", "Method A.A 7>7-7 +"],
    );
    check(
        "A.cs",
        "namespace N {\n  public class B {\n    [Fact]\n    public void C() {}\n    public int D { get; set; }\n  }\n}\n",
        &["Module N 1>1-7", "Type N.B 2>2-6 +", "Test N.B.C 3>3-4 +t", "Method N.B.D 5>5-5 +"],
    );
}

#[test]
fn ruby_and_c() {
    check(
        "a.rb",
        "module A\n  LIMIT = 3\n  class B < C\n    def d(x) = 1\n    def self.e; end\n  end\nend\ndescribe \"x\" do\n  it \"does\" do\n  end\nend\n",
        &[
            "Module A 1>1-7 +",
            "Constant A::LIMIT 2>2-2 +",
            "Type A::B 3>3-6 +",
            "Method A::B::d 4>4-4 +",
            "Method A::B::e 5>5-5 +",
            "Module x 8>8-11 t",
            "Test x::does 9>9-10 t",
        ],
    );
    check(
        "a.c",
        "#define MAX 3\ntypedef struct a { int x; } a_t;\nstatic int *go(int x) { return 0; }\nint test_a(void) { return 0; }\n",
        &[
            "Constant MAX 1>1-2 +",
            "Type a_t 2>2-2 +",
            "Type a_t.a 2>2-2 +",
            "Function go 3>3-3",
            "Test test_a 4>4-4 +t",
        ],
    );
}

#[test]
fn unknown_languages_and_huge_files_are_not_read() {
    assert_eq!(read("a.txt", b"x"), None);
    assert_eq!(read("a.rs", &vec![b' '; SOURCE_BYTES_MAX + 1]), None);
    assert_eq!(read("a.rs", b""), Some(Vec::new()));
}

/// Whether both texts have the same digest, as files and for their first symbols.
fn check_same(path: &str, one: &str, two: &str, expected: bool) {
    let (a, b) = (source(path, one.as_bytes()).unwrap(), source(path, two.as_bytes()).unwrap());
    assert_eq!(a.digest == b.digest, expected, "{path}\n{one}\n{two}");
    let first = |symbols: &[Symbol]| symbols.first().map(|symbol| symbol.digest);
    assert_eq!(first(&a.symbols) == first(&b.symbols), expected, "{path}\n{one}\n{two}");
}

#[test]
fn layout_and_comments_are_not_seen() {
    check_same(
        "a.rs",
        "fn a(x: u8) { b(x, 1) }",
        "// c\nfn a(\n  x: u8,\n) {\n  /* d */ b(\n x, 1,\n)\n}\n",
        true,
    );
    check_same("a.rs", "/// old\nfn a() {}", "/// new\nfn a() {}", true);
    check_same(
        "a.py",
        "def a():\n  return 'x'\n",
        "def a():\n    \"\"\"doc\"\"\"\n    # c\n    return (\"x\")\n",
        false,
    );
    check_same(
        "a.py",
        "def a():\n  return 'x'\n",
        "def a():\n    \"\"\"doc\"\"\"\n    # c\n    return \"x\"\n",
        true,
    );
    check_same("a.ts", "function a() { return b('c') }", "function a() {\n  return b(\"c\",);\n}", true);
    check_same("a.go", "func a() { b(); c() }", "func a() {\n\tb()\n\tc()\n}", true);
    check_same(
        "A.java",
        "class A { int x() { return 1; } }",
        "class A\n{\n  /** y */ int x()\n  { return 1; }\n}",
        true,
    );
    check_same("a.rb", "def a\n  b # c\nend\n", "def a\n    b\nend\n", true);
    check_same("a.c", "int a(void) { return 1; }", "int\na(void)\n{\n  return 1; /* x */\n}", true);
    check_same("a.cs", "class A { void B() { } }", "class A\n{\n    void B() { }\n}", true);
}

#[test]
fn meaning_is_seen() {
    check_same("a.rs", "fn a() { b(1) }", "fn a() { b(2) }", false);
    check_same("a.rs", "fn a() { \"x y\" }", "fn a() { \"x  y\" }", false);
    check_same("a.rs", "#[inline]\nfn a() {}", "fn a() {}", false);
    check_same("a.py", "def a():\n  if b:\n    c()\n    d()\n", "def a():\n  if b:\n    c()\n  d()\n", false);
    check_same("a.py", "def a():\n  return (1,)\n", "def a():\n  return (1)\n", false);
    check_same("a.py", "@x\ndef a():\n  pass\n", "@y\ndef a():\n  pass\n", false);
    check_same("a.ts", "const a = `x ${b}`", "const a = `x  ${b}`", false);
    check_same(
        "A.java",
        "class A { String x() { return \"a\"; } }",
        "class A { String x() { return \"b\"; } }",
        false,
    );
    check_same("a.rb", "def a\n  \"x\"\nend\n", "def a\n  \"y\"\nend\n", false);
    check_same("a.c", "int a(void) { return 1; }", "int a(void) { return 2; }", false);
    check_same("a.cs", "class A { string B = \"x\"; }", "class A { string B = \"y\"; }", false);
    check_same("a.go", "func a() { b(\"x\") }", "func a() { b(\"y\") }", false);
}

#[test]
fn a_shape_does_not_see_names() {
    let shape = |text: &str| read("a.rs", text.as_bytes()).unwrap().first().map(|symbol| symbol.shape);
    assert_eq!(shape("fn a(x: u8) { x + y }"), shape("fn b(z: u8) { z + w }"));
    assert_ne!(shape("fn a(x: u8, y: u8) { x - y }"), shape("fn a(x: u8, y: u8) { y - x }"));
    assert_ne!(shape("fn a() { 1 }"), shape("fn a() { 2 }"));
}

#[test]
fn one_changed_method_changes_itself_and_its_class() {
    let before = read("a.py", b"class A:\n  def b(self): return 1\n  def c(self): return 2\n").unwrap();
    let after = read("a.py", b"class A:\n  def b(self): return 1\n  def c(self): return 3\n").unwrap();
    let changed: Vec<&str> = before
        .iter()
        .zip(&after)
        .filter(|(a, b)| a.digest != b.digest)
        .map(|(a, _)| a.qualified.as_str())
        .collect();
    assert_eq!(changed, ["A", "A.c"]);
}

const PATHS: &[&str] = &["a.rs", "a.py", "a.js", "a.ts", "a.tsx", "a.go", "a.java", "a.cs", "a.rb", "a.c"];

#[test]
fn deep_nesting_ends_in_time() {
    let repeated = |part: &str, count: usize| part.repeat(count);
    let cases = [
        repeated("mod a {", 10_000) + &repeated("}", 10_000),
        repeated("mod a {", 900) + &repeated("}", 900),
        repeated("f(", 900),
        repeated("a<", 900),
        repeated("a<b;", 20_000),
        repeated("class A {", 10_000) + &repeated("}", 10_000),
        repeated("(", 200_000),
        repeated("a<", 20_000),
        repeated("a?b:", 5_000),
        repeated("(a=>", 30_000),
        repeated("a<b(c<d[", 15_000),
        repeated("\"'", 10_000),
        repeated("#[a(", 30_000),
        repeated("<<A ", 30_000),
        repeated("\0", 100_000),
        (0..700).map(|depth| " ".repeat(depth) + "if a:\n").collect(),
    ];
    let start = Instant::now();
    let mut read_count = 0;
    for case in &cases {
        for path in PATHS {
            let one = Instant::now();
            let found = read(path, case.as_bytes());
            read_count += usize::from(found.is_some());
            assert!(one.elapsed() < Duration::from_secs(20), "{path} {}", &case[..10]);
        }
    }
    println!("{} cases, {read_count} read, {:?}", cases.len() * PATHS.len(), start.elapsed());
    assert!(read_count > cases.len() * PATHS.len() / 2);
}

#[test]
fn a_caller_with_a_clock_can_stop() {
    let text = "fn a() { b(1) }\n".repeat(10_000);
    assert_eq!(crate::read_until("a.rs", text.as_bytes(), &mut || true), None);
}

#[test]
fn names_of_modules_in_each_other_are_bounded() {
    let nested = |depth: usize| read("a.rs", ("mod a {".repeat(depth) + &"}".repeat(depth)).as_bytes());
    let symbols = nested(900).unwrap();
    assert_eq!(symbols.len(), 900);
    assert!(symbols.iter().all(|symbol| symbol.qualified.len() < 40));
    assert_eq!(nested(10_000), None);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), path in 0..10_usize) {
        let symbols = read(PATHS[path], &bytes).unwrap_or_default();
        for symbol in symbols {
            prop_assert!(symbol.span.end <= bytes.len() && symbol.span.start <= symbol.span.end);
            prop_assert!(symbol.above <= symbol.lines.0 && symbol.lines.0 <= symbol.lines.1);
        }
    }

    #[test]
    fn code_like_text_is_read_without_a_panic(
        parts in proptest::collection::vec(prop::sample::select(vec![
            "fn ", "def ", "class ", "it('", "describe(\"", "{", "}", "(", ")", "=>", "a", "b.c", "\n", "  ", ";", ",",
            "#[test]\n", "@x\n", "proptest! {", "//", "/*", "*/", "'", "\"", "`${", "<", ">", "=", "const ", "do\n", "end\n",
            "export ", "pub ", "mod ", "impl ", "type ", "struct ", ":", "\u{e9}", "\r", "\0",
        ]), 0..80),
        path in 0..10_usize,
    ) {
        let text = parts.concat();
        let one = source(PATHS[path], text.as_bytes());
        prop_assert_eq!(one, source(PATHS[path], text.as_bytes()));
    }
}

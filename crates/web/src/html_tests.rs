//! Pages reduced, each with the text that is expected; and hostile ones.

use std::time::{Duration, Instant};

use super::*;

#[track_caller]
fn check(html: &str, expected: &str) {
    let base = Address::read("https://a.example/docs/").unwrap();
    assert_eq!(reduce(html, Some(&base)).text, expected, "{html}");
}

#[test]
fn paragraphs_and_headings() {
    check("", "");
    check("just text", "just text\n");
    check("<p>a\n  b<p>c", "a b\n\nc\n");
    check("<h1>One</h1>text<h3 class=x>Two <em>and</em> half</h3>", "# One\n\ntext\n\n### Two and half\n");
    check("a<br>b", "a\nb\n");
    check("<div>a<span>b</span> <div>c</div></div>", "ab\n\nc\n");
    check("<blockquote><p>a<p>b</blockquote>c", "> a\n\n> b\n\nc\n");
    check("a &amp; b &lt;c&gt; &nbsp; d", "a & b <c> d\n");
}

#[test]
fn lists_and_tables() {
    check("<ul><li>a<li>b<ul><li>c</ul></ul>d", "- a\n- b\n  - c\n\nd\n");
    check("<ol><li>a</li><li><p>b</p></li></ol>", "1. a\n2. b\n");
    check("<dl><dt>t<dd>d</dl>", "t\n\n: d\n");
    check("<table><tr><th>A<th>B<tr><td>1<td><p>2</p></table>", "| A | B |\n| --- | --- |\n| 1 | 2 |\n");
    check("<table><tr><td>only</table>", "only\n");
}

#[test]
fn code_and_links() {
    check("<pre><code>fn a() {\n    b\n}\n</code></pre>", "```\nfn a() {\n    b\n}\n```\n");
    check("<pre>```\nx</pre>", "````\n```\nx\n````\n");
    check("use <code>a::b</code>.", "use `a::b`.\n");
    check("<a href='../x?y'>l</a>", "[l](https://a.example/x?y)\n");
    check("<a href='#top'>l</a> <a href='javascript:x'>m</a> <a>n</a>", "l m n\n");
    check("<a href=/x><div>block</div></a>", "block\n");
    check("<img alt='a  graph' src=x><img src=y>", "[image: a graph]\n");
}

#[test]
fn what_is_not_the_page_is_left_out() {
    check("<script>var a = '<p>no</p>';</script><style>p{}</style>yes", "yes\n");
    check(
        "<p>yes<p hidden>ends by itself</p><div hidden>no</div><span style='display: NONE'>no</span> and",
        "yes\n\nends by itself\n\nand\n",
    );
    check("<nav><a href=/>Home</a></nav><p>Body text.</p><footer>foot</footer>", "Body text.\n");
    check("<div class='x sidebar'>side</div><p>Body text.</p>", "Body text.\n");
    let long = "Words of the page. ".repeat(20);
    let main = format!("<header>h</header><div>before</div><main><p>{long}</p></main><div>after</div>");
    check(&main, &format!("{}\n", long.trim()));
    // A main part that is nearly empty is not believed.
    check("<main></main><p>All of it.</p>", "All of it.\n");
    // A margin without an end is not believed when it would take nearly everything.
    check(
        &format!("a<nav>b{}", "<p>text of the page".repeat(20)),
        &format!("a\n\nb{}\n", "\n\ntext of the page".repeat(20)),
    );
}

#[test]
fn titles() {
    assert_eq!(reduce("<title> A\n b </title>", None).title.as_deref(), Some("A b"));
    assert_eq!(reduce("<title></title>x", None).title, None);
    assert_eq!(reduce("<head><title>x</title><p>text", None).text, "text\n");
}

#[test]
fn words_that_nobody_sees_are_gone() {
    check("a\u{e0041}\u{200b}b\u{0}c", "abc\n");
    check(
        "<div aria-hidden=true>no</div><div style='font-size:0px'>no</div><template>no</template>yes",
        "yes\n",
    );
}

#[test]
fn hostile_pages_end_soon_and_within_bounds() {
    let million = 1_000_000;
    let pages = [
        "<div>".repeat(million),
        "</div>".repeat(million),
        "<div><p>".repeat(300_000) + &"</p></div>".repeat(300_000),
        "<b>a</i>".repeat(500_000),
        format!("<{}>", "a".repeat(5_000_000)),
        format!("<p {}>", "a=b ".repeat(million)),
        (0..300_000).map(|number| format!("<p a{number}=x>")).collect::<String>(),
        (0..300_000).map(|number| format!("<x{number}>")).collect::<String>() + "</x1>",
        "<ul><li>".repeat(300_000),
        "<blockquote>a".repeat(20_000),
        "<table><tr><td>a".repeat(200_000),
        "<a href=/x>b".repeat(300_000),
        "<pre>`".repeat(300_000),
        "&amp;".repeat(million),
        "<!--".repeat(million),
        "<script>".repeat(million),
        "a".repeat(5_000_000),
        "a\u{300}".repeat(million),
        "<title>".to_string() + &"a".repeat(5_000_000),
        format!("<td>{}", "|".repeat(5_000_000)),
    ];
    for page in pages {
        let begun = Instant::now();
        let reduced = reduce(&page, None);
        let took = begun.elapsed();
        let head: String = page.chars().take(20).collect();
        println!("{head:?}: {took:?}, {} bytes", reduced.text.len());
        assert!(reduced.text.len() <= REDUCED_BYTES_MAX * 2, "{head:?}");
        assert!(took < Duration::from_secs(12), "{head:?} {took:?}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_gives_a_page(html in "(<(/?(p|div|li|ul|a href=x|td|tr|pre|code|nav|main|title)|\\PC{0,4})>|\\PC){0,60}") {
        let reduced = reduce(&html, None);
        proptest::prop_assert!(!reduced.text.contains('\0'));
    }
}

//! What command lines are read as.

use super::*;

#[track_caller]
fn check(line: &str, expected: &str) {
    let found = match read(line) {
        Err(unclear) => format!("unclear: {}", unclear.why),
        Ok(parts) => parts.iter().map(show).collect::<Vec<_>>().join(" ; "),
    };
    assert_eq!(found, expected, "{line}");
}

/// `name=value argv… >target`, with `*` behind what is globbed, `?` behind what is computed.
fn show(part: &Part) -> String {
    let arg = |arg: &Arg| {
        let marks = [(arg.tilde, "~"), (arg.globs, "*"), (arg.is_computed, "?"), (arg.is_tame, "!")];
        let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        let text = if arg.text.is_empty() || arg.text.contains(' ') {
            format!("'{}'", arg.text)
        } else {
            arg.text.clone()
        };
        if marks.is_empty() { text } else { format!("{text}:{marks}") }
    };
    let mut words: Vec<String> =
        part.assignments.iter().map(|(name, value)| format!("{name}={}", arg(value))).collect();
    words.extend(part.argv.iter().map(arg));
    words.extend(
        part.redirections
            .iter()
            .map(|to| format!("{}{}", if to.access == Access::Read { '<' } else { '>' }, arg(&to.target))),
    );
    if let Input::Text(text) = &part.input {
        words.push(format!("<<{text:?}"));
    }
    match &part.directory {
        Directory::OneOf(all) if *all == [""] => {}
        Directory::OneOf(all) => words.push(format!("@{}", all.join("|"))),
        Directory::Unknown => words.push("@?".to_string()),
    }
    if let Some(hazard) = part.hazard {
        words.push(format!("({hazard})"));
    }
    words.join(" ")
}

#[test]
fn lists_and_pipelines() {
    check("ls -la", "ls -la");
    check("a && b || c; d & e | f |& g\nh", "a ; b ; c ; d ; e ; f ; g ; h");
    check("", "");
    check("# only words", "");
    check("a # b; c\nd", "a ; d");
    check("a b\\\nc d\\\n e", "a bc d e");
    check("! a; time -p b; time c", "a ; b ; c");
    check("a &&", "unclear: an end that comes too early");
    check("a ;; b", "unclear: a stray `;;`");
    check("a && ; b", "unclear: a command that is missing");
    check("a )", "unclear: shell syntax that is not followed");
    check("a &> out", "a >out");
}

#[test]
fn quotes() {
    check("r''m \"a b\" 'c d' \\e f\\ g", "rm 'a b' 'c d' e 'f g'");
    check("$'\\x72m' $'a b'", "rm 'a b'");
    check("echo $'a\\'; rm -rf x; echo \\'b'", "unclear: a quote in `$'…'`, which shells read differently");
    check("\"a\\\"b\\c\"", "a\"b\\c");
    check("'a", "unclear: an open quote");
    check("\"a", "unclear: an open quote");
    check("a\\", "unclear: a trailing backslash");
    check("''", "''");
    check("a\u{202e}b", "unclear: a character that is not shown as what it is");
    check("a\0", "unclear: a character that is not shown as what it is");
    check("a\r\n", "unclear: a character that is not shown as what it is");
}

#[test]
fn expansions() {
    check("cat $x \"$y\" ${z:-a}", "cat $x:? $y:? ${z:-a}:?");
    check("x=rm; $x -rf y", "x=rm ; rm -rf y");
    check("x='rm -rf y'; $x", "x='rm -rf y' ; rm -rf y");
    check("x='rm -rf y'; \"$x\"", "x='rm -rf y' ; 'rm -rf y'");
    check("$(echo rm) x", "echo rm ; rm x");
    check("`echo rm` x", "echo rm ; rm x");
    check("echo \"`echo \\`a\\``\"", "a ; echo `a`:? ; echo '`echo \\`a\\``':?");
    check("a $(b $(c) | d) <(e)", "c ; b $(c):? ; d ; e ; a '$(b $(c) | d)':? <(e):?!");
    check("git diff $(git merge-base a b)", "git merge-base a b ; git diff '$(git merge-base a b)':?!");
    check("${!x}", "${!x}:? (an expansion that evaluates what a variable holds)");
    check("echo ${x@P}", "echo ${x@P}:? (an expansion that evaluates what a variable holds)");
    check("echo \"${x:-'}\" rm '}\"", "unclear: quotes in an expansion in quotes");
    check("echo $((1 + 2)) $#", "echo $((…)):?! $#:?!");
    check("echo $((x))", "echo $((…)):?! (arithmetic with a value that is not known)");
    check("x=1; while a; do x=$((x+1)); done; echo $x", "x=1 ; a ; x='':?! ; echo $x:?!");
    check("echo $((a) ; b)", "unclear: arithmetic that could be a group");
    check("echo $[1]", "unclear: arithmetic of the old kind");
    check("ls *.rs ~/x '*' a[b]", "ls *.rs:* ~/x:~ * a[b]:*");
    check("pwd; cat $PWD/x \"$HOME\"", "pwd ; cat ./x ~:~");
}

#[test]
fn braces() {
    check("rm {a,b}{1,2}", "rm a1 a2 b1 b2");
    check("{rm,-rf,x}", "rm -rf x");
    check("find . -exec a {} +", "find . -exec a {} +");
    check("echo {1..3} {a..c} {a} {a,{b,c}} {1..999}", "echo 1 2 3 a b c {a} a b c {1..999}:?!");
    check("echo '{a,b}' {a", "echo {a,b} {a");
    check(&format!("echo {}", "{a,b}".repeat(20)), "unclear: a brace expansion that gives too many words");
}

#[test]
fn redirections_and_documents() {
    check("a > b 2>&1 < c >> d 2>/dev/null", "a >b <c >d >/dev/null");
    check("a >&b 3<> c >| d &>e", "a >b >c >d >e");
    check("a &> b rm x", "unclear: a word behind `&>`, which shells read differently");
    check("a >& -la", "unclear: a redirection");
    check("a >&- 2>&1", "a");
    check("a > $x", "a >$x:?");
    check("cat <<EOF\na $(b)\nEOF\nc", "b ; cat ; c");
    check("cat <<'EOF'\na $(b)\nEOF\nc", "cat <<\"a $(b)\\n\" ; c");
    check("cat <<-EOF && d\n\ta\n\tEOF\nc", "cat <<\"a\\n\" ; d ; c");
    check("cat <<EOF\na", "unclear: a here-document without its end");
    check("cat <<EOF\na\\\nEOF\nEOF\n", "unclear: a continued line in a here-document");
    check("cat <<< 'a b'", "cat <<\"a b\"");
    check("{ a; b; } > c", ">c ; a ; b");
    check("a {fd}>b", "unclear: a descriptor in a variable");
    check("a >", "unclear: a redirection without a target");
}

#[test]
fn compound_commands() {
    check("if a; then b; elif c; then d; else e; fi", "a ; b ; c ; d ; e");
    check("for f in a b; do c $f; done", "c a ; c b");
    check("for f in *.md; do wc -l \"$f\"; done", "wc -l *.md:*");
    check("for ((i=0; i<3; i++)); do a $i; done", "a $i:?!");
    check("while read -r f; do cat \"$f\"; done < list", "<list ; read -r f ; cat $f:?");
    check("case $x in a|b) c;; *) d; esac", "c ; d");
    check("f() { rm x; }; f", "rm x @? ; f");
    check("function f { a; }; f", "a @? ; f");
    check("[[ -f a && $b == c* ]] && d", "[[ -f a $b:? == c*:* ; d");
    check("(cd a && b); c", "cd a ; b @a ; c");
    check("cd a && b; c", "cd a ; b @a ; c @a|");
    check("cd a || exit; c; d", "cd a ; exit @|a ; c @a ; d @a");
    check("cd a || exit 2; c", "cd a ; exit 2 @|a ; c @a");
    // What looks like leaving and may not leave, and what looks like `cd` and is more.
    let last = |line: &str| crate::read_line(line).unwrap().pop().unwrap().directory;
    let open = last("cd a || true; c");
    for stays in [
        "exit --help",
        "exit \"1\"",
        "exit $x",
        "exit 1234",
        "exit < no",
        "exit > a",
        "time exit 2",
        "! exit 2",
    ] {
        assert_eq!(last(&format!("cd a || {stays}; c")), open, "{stays}");
    }
    for more in ["cd a < no", "cd a 2>&9", "x=1 cd a", "! cd a"] {
        assert_eq!(last(&format!("{more} || exit; c")), open, "{more}");
    }
    // A chain that goes on, another word than `exit`, or one that the line defines, leaves it open.
    check("cd a || exit && cd b; c", "cd a ; exit @a| ; cd b @a| ; c @a/b|b||a");
    check("cd a || rm x; c", "cd a ; rm x @a| ; c @a|");
    check("cd a && cd b; c", "cd a ; cd b @a ; c @a/b||a");
    check("cd a && b && cd d || c", "cd a ; b @a ; cd d @a ; c @a/d||a");
    check("exit() { :; }; cd a || exit; c", ": @? ; cd a ; exit @a| ; c @a|");
    check("cd a || exit & c", "cd a ; exit @a| ; c @a|");
    check("cd a; cd b; c", "cd a ; cd b @a| ; c @a/b|b|a|");
    // Behind a text that may have defined `cd`, nobody knows where it leads.
    for text in [
        "eval 'cd() { :; }'",
        "eval \"$x\"",
        "eval 'eval \"$x\"'",
        "builtin eval 'cd() { :; }'",
        ". ./x",
        "source x",
        "alias cd=:",
        "enable -f x cd",
        "trap 'cd() { :; }' DEBUG",
        "trap 'cd /a' DEBUG",
        "$x 'cd() { :; }'",
        "f() { eval 'cd() { :; }'; }; f",
        "if a; then eval \"$x\"; fi",
    ] {
        assert_eq!(last(&format!("{text}; cd /b || exit; c")), Directory::Unknown, "{text}");
        assert_eq!(last(&format!("{text}; cd /b && c")), Directory::Unknown, "{text}");
    }
    check("while a; do (cd /b && c); . ./x; done", "a @? ; cd /b @? ; c @? ; . ./x @?");
    check("f() { cd /b && c; }; eval \"$x\"; f", "cd /b @? ; c @? ; eval $x:? ; f @?");
    for text in ["eval 'x=1; a'", "trap 'rm -f x' EXIT", "(eval \"$x\")", "trap - EXIT"] {
        let known = Directory::OneOf(vec!["/b".to_string()]);
        assert_eq!(last(&format!("{text}; cd /b && c")), known, "{text}");
    }
    check("x=a; false && x=b; cat $x", "x=a ; false ; x=b ; cat a ; cat b");
    check("false && x=b; cat $x", "false ; x=b ; cat b ; cat $x:?");
    check("f() { x=b; }; x=a; f; cat $x", "x=b @? ; x=a ; f ; cat $x:?");
    check("[[ $a == b || rm -rf x ]]", "unclear: an alternative in `[[`, which shells read differently");
    check("[[ a > b ]]", "unclear: a `>` in `[[`, which shells read differently");
    check("[[ -f a || -f b ]]", "[[ -f a -f b");
    check("[[ $a =~ ^(b|c)$ ]]", "[[ $a:? =~ ^ b c $");
    check("((reboot))", "unclear: `((…))`, which some shells run as a command");
    check("((x=1,rm -rf y))", "unclear: `((…))`, which some shells run as a command");
    check("i=0; ((i++))", "i=0 ; ((");
    check("then a", "unclear: a key word where a command should be");
    check("for x in a; do b", "unclear: something that is opened and not closed");
    check("coproc a", "unclear: a key word where a command should be");
    check("!(a)", "a");
    check("ls !(a)", "unclear: a parenthesis");
    check(
        &format!("{}a{}", "( ".repeat(40), " )".repeat(40)),
        "unclear: things that stand too deep in one another",
    );
}

//! Tests of what a command line may take away.
#![expect(clippy::disallowed_methods, reason = "the files of a test")]

use super::*;

/// A workspace with a few files, and what a line takes away in it, relative.
fn check(line: &str, expected: &[&str]) {
    let root = tempfile::tempdir().unwrap();
    let work = root.path().canonicalize().unwrap();
    for file in
        ["a.txt", ".env", "sub/b.txt", "sub/.env", "build/x.o", "build/y.o", "build/in/z.o", ".git/HEAD"]
    {
        std::fs::create_dir_all(work.join(file).parent().unwrap()).unwrap();
        std::fs::write(work.join(file), "x").unwrap();
    }
    let line = line.replace("ROOT", &work.display().to_string());
    let doomed = doomed(&line, &work);
    let found: Vec<String> =
        doomed.paths.iter().map(|path| path.strip_prefix(&work).unwrap().display().to_string()).collect();
    assert_eq!(found, expected, "{line}");
}

#[test]
fn words_that_name_files() {
    check("ls", &[]);
    check("rm a.txt .env nothing", &[".env", "a.txt"]);
    check("rm -rf build", &["build"]);
    check("rm -rf ./build/", &["build"]);
    check("rm -rf ROOT/build /etc/passwd ../x", &["build"]);
    check("cargo build", &[]);
    check("rm 'a.txt'; rm \"sub/b.txt\"", &["a.txt", "sub/b.txt"]);
}

#[test]
fn redirections_and_scripts_in_quotes() {
    check("echo x > .env", &[".env"]);
    check("echo x >.env", &[".env"]);
    check("sh -c 'rm -rf build && echo done'", &["build"]);
    check("dd of=a.txt", &["a.txt"]);
    check("sed -i s/x/y/ sub/.env", &["sub/.env"]);
}

#[test]
fn another_directory() {
    check("cd sub && rm b.txt", &["sub", "sub/b.txt"]);
    check("cd sub && cat > b.txt", &["sub/b.txt"]);
}

#[test]
fn patterns() {
    check("rm build/*.o", &["build/x.o", "build/y.o"]);
    check("rm -rf build/*", &["build/in", "build/x.o", "build/y.o"]);
    check("rm -rf *", &["a.txt", "build", "sub"]);
    check("rm */.env", &["sub/.env"]);
    check("rm -rf .", &[".env", "a.txt", "build", "sub"]);
}

#[test]
fn everything_but_the_repository() {
    check("find . -name x -delete", &[".env", "a.txt", "build", "sub"]);
    check("git clean -fdx", &[".env", "a.txt", "build", "sub"]);
}

#[test]
fn what_only_running_it_would_tell_is_named() {
    let doomed = doomed("rm -rf \"$DIR\" `ls`", Path::new("/nonexistent"));
    assert_eq!(doomed.unknown, ["$DIR", "`ls`"]);
    assert_eq!(super::doomed("echo $HOME", Path::new("/nonexistent")), Doomed::default());
}

#[test]
fn hostile_lines_end_soon() {
    let long = "rm ".to_string() + &"*/".repeat(50_000);
    assert!(doomed(&long, Path::new("/nonexistent")).paths.is_empty());
    let many = "a ".repeat(100_000);
    assert!(doomed(&many, Path::new("/nonexistent")).paths.is_empty());
    doomed("rm '\\", Path::new("/nonexistent"));
    let patterns: String = (0..5_000).map(|at| format!("*{at}*/*?[a-z]* ")).collect();
    let doomed = doomed(&format!("rm {patterns}"), Path::new("/nonexistent"));
    assert_eq!((doomed.paths.len(), doomed.unknown), (0, vec!["*".to_string()]));
}

//! Temporary.
fn main() {
    let long = "grep -rn --include='*.rs' 'fn main' crates/alpha/src crates/beta/src | head -40 && cat crates/alpha/src/main.rs \
        crates/beta/src/lib.rs | wc -l; for f in a b c; do echo \"$f\"; done; git status --short";
    let wrapped = "sudo env LANG=C timeout 60 bash -c 'cd crates/alpha && cargo test --workspace --all-features -- --nocapture \
        2>&1 | tee target/out.log | tail -50' && git add -A && git commit -m 'a message of a few words in it'";
    for l in [long, wrapped, "git status"] {
        let mut a = vec![];
        let mut b = vec![];
        for _ in 0..3000 {
            let t = std::time::Instant::now();
            std::hint::black_box(policy::read_line(l)).ok();
            a.push(t.elapsed().as_nanos());
            let t = std::time::Instant::now();
            std::hint::black_box(policy::judge(l)).ok();
            b.push(t.elapsed().as_nanos());
        }
        a.sort();
        b.sort();
        println!("read {} judge {}", a[1500], b[1500]);
    }
}

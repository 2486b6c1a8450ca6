//! What became of a call when the process died in the middle of it.

use conversation::{Recovery, Status};

use crate::harness::Bench;

const EDIT: &str =
    r#"{"path":"a.txt","edits":[{"old_text":"one","new_text":"uno"},{"old":"two","new":"dos"}]}"#;
const WRITE: &str = r#"{"path":"a.txt","content":"new\n"}"#;

#[test]
fn an_edit_is_done_again_or_unknown() {
    let mut bench = Bench::new();
    bench.put("a.txt", "one\ntwo\n");
    assert_eq!(bench.recover("edit", EDIT), Recovery::Unknown);
    bench.call("read", r#"{"path":"a.txt"}"#);
    assert_eq!(bench.recover("edit", EDIT), Recovery::Again);
    bench.put("a.txt", "uno\ndos\n");
    let Recovery::Done(result) = bench.recover("edit", EDIT) else { panic!("not done") };
    assert_eq!((result.text.as_str(), result.changes.len(), result.seen.len()), ("edited a.txt", 1, 1));
    bench.put("a.txt", "uno\ntwo\n");
    assert_eq!(bench.recover("edit", EDIT), Recovery::Unknown);
}

#[test]
fn a_write_is_done_again_or_unknown() {
    let mut bench = Bench::new();
    assert_eq!(bench.recover("write", WRITE), Recovery::Again);
    bench.put("a.txt", "new\n");
    let Recovery::Done(result) = bench.recover("write", WRITE) else { panic!("not done") };
    assert_eq!((result.status, result.text.as_str()), (Status::Done, "wrote a.txt"));
    bench.put("a.txt", "other\n");
    assert_eq!(bench.recover("write", WRITE), Recovery::Unknown);
    bench.call("read", r#"{"path":"a.txt"}"#);
    assert_eq!(bench.recover("write", WRITE), Recovery::Again);
    bench.put("a.txt", "other\r\n");
    bench.call("read", r#"{"path":"a.txt"}"#);
    bench.put("a.txt", "new\r\n");
    assert!(matches!(bench.recover("write", WRITE), Recovery::Done(_)));
}

#[test]
fn the_rest() {
    let bench = Bench::new();
    assert_eq!(bench.recover("shell", r#"{"command":"make"}"#), Recovery::Unknown);
    assert_eq!(bench.recover("read", r#"{"path":"a"}"#), Recovery::Again);
    assert_eq!(bench.recover("todo", r#"{"items":[]}"#), Recovery::Again);
}

#[test]
fn a_temporary_file_of_a_call_that_died_is_replaced() {
    let mut bench = Bench::new();
    let call = crate::harness::call("c9", "write", WRITE);
    let name = format!(".waypost-{}.tmp", conversation::Digest::of(b"c9").short());
    bench.put(&name, "half");
    assert_eq!(bench.call_with(&call, || {}).status, Status::Done);
    assert_eq!((bench.get("a.txt"), bench.temporaries().len()), (b"new\n".to_vec(), 0));
}

//! Tests of the log: what was committed stays, what was not leaves nothing, whatever a crash left behind.

use super::*;
use crate::object::encode_tree;

fn open(directory: &Path) -> (Lock, Store) {
    let lock = Store::lock(directory).unwrap();
    let store = Store::open(directory, &lock).unwrap();
    (lock, store)
}

fn put(directory: &Path, kind: Kind, texts: &[&[u8]]) -> Vec<Id> {
    let (lock, mut store) = open(directory);
    let mut batch = Batch::new(&mut store, &lock);
    let ids = texts.iter().map(|text| batch.put(kind, text).unwrap()).collect();
    batch.commit().unwrap();
    ids
}

#[test]
fn what_is_committed_reads_back_in_another_process() {
    let root = tempfile::tempdir().unwrap();
    let ids = put(root.path(), Kind::Blob, &[b"one", b"", b"blob 3 x\n", b"one"]);
    let marks = put(root.path(), Kind::Mark, &[b"{1}", b"{2}"]);
    let (_lock, store) = open(root.path());
    for (id, text) in ids.iter().zip([&b"one"[..], b"", b"blob 3 x\n", b"one"]) {
        assert_eq!(store.read(id, 100).unwrap(), text);
    }
    assert_eq!(store.marks(), marks);
    assert!(matches!(store.read(&Id([1; 32]), 100), Err(SnapshotError::Unknown(_))));
    assert_eq!(store.tree(&EMPTY_TREE).unwrap(), []);
}

#[test]
fn a_batch_that_is_dropped_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), Kind::Blob, &[b"kept"]);
    let (lock, mut store) = open(root.path());
    let before = fs::read(store.log_path()).unwrap();
    let mut batch = Batch::new(&mut store, &lock);
    let long = vec![7; 9 * 1024 * 1024];
    let id = batch.put(Kind::Blob, &long).unwrap();
    assert!(batch.has(&id));
    drop(batch);
    assert!(!store.has(&id));
    assert_eq!(fs::read(store.log_path()).unwrap(), before);
}

#[test]
fn a_long_object_whose_bytes_change_is_not_taken() {
    let root = tempfile::tempdir().unwrap();
    let (lock, mut store) = open(root.path());
    let mut batch = Batch::new(&mut store, &lock);
    let id = Id::of(Kind::Blob, b"abc");
    let feed = |text: &'static [u8]| {
        let mut left = text;
        move |buffer: &mut [u8]| {
            let count = left.len().min(2);
            buffer[..count].copy_from_slice(&left[..count]);
            left = &left[count..];
            Ok(count)
        }
    };
    assert!(!batch.put_long(id, 3, feed(b"abd")).unwrap());
    assert!(!batch.put_long(id, 3, feed(b"abcd")).unwrap());
    assert!(!batch.put_long(id, 3, feed(b"ab")).unwrap());
    assert!(batch.put_long(id, 3, feed(b"abc")).unwrap());
    let other = batch.put(Kind::Blob, b"behind it").unwrap();
    batch.commit().unwrap();
    drop((store, lock));
    let (_lock, store) = open(root.path());
    assert_eq!(store.read(&id, 10).unwrap(), b"abc");
    assert_eq!(store.read(&other, 10).unwrap(), b"behind it");
}

/// A log that is cut at any byte opens, holds every object that is whole, and takes new ones.
#[test]
fn a_log_that_is_cut_anywhere_heals() {
    let root = tempfile::tempdir().unwrap();
    let ids = put(root.path(), Kind::Blob, &[b"first", b"second", b"third"]);
    let whole = fs::read(log_path(root.path(), 1)).unwrap();
    let list = fs::read(root.path().join("idx-1")).unwrap();
    for cut in FIRST.len()..=whole.len() {
        for list in [&list[..], &list[..list.len() / 2], &[0; 200]] {
            let root = tempfile::tempdir().unwrap();
            fs::write(log_path(root.path(), 1), &whole[..cut]).unwrap();
            fs::write(root.path().join("idx-1"), list).unwrap();
            let (_, store) = open(root.path());
            for (id, text) in ids.iter().zip(["first", "second", "third"]) {
                if store.has(id) {
                    assert_eq!(store.read(id, 10).unwrap(), text.as_bytes(), "cut at {cut}");
                }
            }
            let is_whole = |id: &&Id| store.has(id);
            let count = ids.iter().filter(is_whole).count();
            assert_eq!(count == 3, cut == whole.len(), "cut at {cut}");
            drop(store);
            let fresh = put(root.path(), Kind::Blob, &[b"new"]);
            let (_, store) = open(root.path());
            assert_eq!(store.read(&fresh[0], 10).unwrap(), b"new");
            assert_eq!(ids.iter().filter(|id| store.has(id)).count(), count);
        }
    }
}

/// Pages of a torn write reach the disk in any order: a hole in the unlisted end must not be taken for an object.
#[test]
fn a_hole_in_what_was_not_listed_is_found() {
    let root = tempfile::tempdir().unwrap();
    let ids = put(root.path(), Kind::Blob, &[b"first", b"second"]);
    let path = log_path(root.path(), 1);
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(5).position(|window| window == b"first").unwrap();
    bytes[at] = 0;
    fs::write(&path, bytes).unwrap();
    fs::remove_file(root.path().join("idx-1")).unwrap();
    let (_lock, store) = open(root.path());
    assert!(!store.has(&ids[0]) && !store.has(&ids[1]));
}

#[test]
fn bytes_that_changed_in_the_store_are_never_given_out() {
    let root = tempfile::tempdir().unwrap();
    let ids = put(root.path(), Kind::Blob, &[b"first"]);
    let path = log_path(root.path(), 1);
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len() - 2;
    bytes[end] = b'X';
    fs::write(&path, bytes).unwrap();
    let (_lock, store) = open(root.path());
    assert!(matches!(store.read(&ids[0], 10), Err(SnapshotError::Damaged { .. })));
    assert!(store.stream(&ids[0], |_| Ok(())).is_err());
}

#[test]
fn a_store_of_tomorrow_and_a_file_that_is_none_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let check = |text: &str| {
        fs::write(log_path(root.path(), 1), text).unwrap();
        let lock = Store::lock(root.path()).unwrap();
        Store::open(root.path(), &lock).unwrap_err()
    };
    assert!(matches!(check("waypost checkpoints 2\n"), SnapshotError::Newer { .. }));
    assert!(matches!(check("something else, long enough"), SnapshotError::Damaged { .. }));
    assert!(matches!(check(""), SnapshotError::Damaged { .. }));
}

#[test]
fn a_damaged_tree_cannot_name_a_place_outside() {
    let root = tempfile::tempdir().unwrap();
    let evil = encode_tree([(crate::object::FILE, &b".."[..], Id([0; 32]))].into_iter());
    let ids = put(root.path(), Kind::Tree, &[&evil]);
    let (_lock, store) = open(root.path());
    assert!(matches!(store.tree(&ids[0]), Err(SnapshotError::Damaged { .. })));
}

/// Objects whose names share the piece that is kept in memory are told apart, in the log and on their way to it.
#[test]
fn names_that_share_a_piece_are_told_apart() {
    let root = tempfile::tempdir().unwrap();
    let (lock, mut store) = open(root.path());
    store.places = Places::with(|_| 7);
    let mut batch = Batch::new(&mut store, &lock);
    let one = batch.put(Kind::Blob, b"one").unwrap();
    let long = vec![1; 600 * 1024];
    let two = batch.put(Kind::Blob, &long).unwrap();
    let mark = batch.put(Kind::Mark, b"{1}").unwrap();
    let absent = Id::of(Kind::Blob, b"absent");
    assert!([one, two, mark].iter().all(|id| batch.has(id)) && !batch.has(&absent));
    batch.commit().unwrap();
    let check = |store: &Store| {
        assert_eq!(store.read(&one, 10).unwrap(), b"one");
        assert_eq!(store.read(&two, 1024 * 1024).unwrap(), long);
        assert_eq!(store.place(&two).unwrap().unwrap().length, long.len() as u64);
        assert_eq!(store.marks(), [mark]);
        assert!(store.may_have(&absent) && !store.has(&absent));
        assert!(matches!(store.read(&absent, 10), Err(SnapshotError::Unknown(_))));
        assert_eq!(store.place(&absent).unwrap(), None);
    };
    check(&store);
    let mut batch = Batch::new(&mut store, &lock);
    assert_eq!(batch.put(Kind::Blob, b"absent").unwrap(), absent);
    assert!(batch.has(&absent) && batch.has(&one));
    drop(batch);
    check(&store);
    // The same when the list is read, and when it must be made from the log.
    for list in ["kept", "lost"] {
        if list == "lost" {
            fs::remove_file(root.path().join("idx-1")).unwrap();
        }
        (store.places, store.marks) = (Places::with(|_| 7), Vec::new());
        (store.end, store.listed, store.listed_end) = (FIRST.len() as u64, 0, FIRST.len() as u64);
        store.catch_up().unwrap();
        check(&store);
    }
    let (_lock, other) = {
        drop((store, lock));
        open(root.path())
    };
    assert_eq!(other.read(&one, 10).unwrap(), b"one");
    assert!(!other.may_have(&absent));
}

/// More objects than are listed at once: the list says the same as the log.
#[test]
fn a_long_list_that_is_lost_is_made_anew_as_it_was() {
    let root = tempfile::tempdir().unwrap();
    let texts: Vec<String> = (0..LISTED_AT_ONCE * 2 + 7).map(|at| format!("text {at}")).collect();
    let texts: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    let ids = put(root.path(), Kind::Blob, &texts);
    let path = root.path().join("idx-1");
    let list = fs::read(&path).unwrap();
    assert_eq!(list.len(), texts.len() * 56);
    for left in [0, list.len() / 2, list.len() - 1] {
        fs::write(&path, &list[..left]).unwrap();
        let (_lock, store) = open(root.path());
        assert_eq!(fs::read(&path).unwrap(), list);
        assert!(ids.iter().all(|id| store.has(id)));
    }
}

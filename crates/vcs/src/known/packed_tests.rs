//! Tests of packed files: what was packed is there again, and no bytes whatever do harm.

use std::collections::BTreeMap;
use std::ffi::CString;

use proptest::prelude::*;

use super::*;

/// Numbers as they are, and those at the edges.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0_u64..300, Just(u64::MAX), Just(1 << 63), Just((1 << 63) - 1)]
}

fn held() -> impl Strategy<Value = Bytes> {
    let stamp = (number(), number(), number(), number(), number(), any::<u32>());
    (stamp, any::<[u8; 32]>(), any::<bool>()).prop_map(|(stamp, id, is_settled)| {
        let (device, inode, size, modified, changed, mode) = stamp;
        let (modified, changed) = (modified.cast_signed(), changed.cast_signed());
        Bytes { stamp: Stamp { device, inode, size, modified, changed, mode }, id: Id(id), is_settled }
    })
}

fn files() -> impl Strategy<Value = BTreeMap<CString, Bytes>> {
    let name = proptest::collection::vec(1_u8..=255, 1..=255).prop_map(|name| CString::new(name).unwrap());
    proptest::collection::btree_map(name, held(), 0..12)
}

fn pack(files: &BTreeMap<CString, Bytes>) -> Files {
    let mut packer = Packer::default();
    files.iter().for_each(|(name, held)| packer.push(name, held));
    packer.finish()
}

fn unpack(files: &Files) -> BTreeMap<CString, Bytes> {
    files.iter().map(|(name, held)| (name.to_owned(), held)).collect()
}

proptest! {
    #[test]
    fn what_was_packed_is_there_again(files in files()) {
        let packed = pack(&files);
        prop_assert_eq!(&unpack(&packed), &files);
        let read = Files::from_bytes(Box::from(packed.as_bytes()));
        prop_assert_eq!(&unpack(&read.unwrap()), &files);
    }

    #[test]
    fn some_are_replaced_and_the_others_stay(
        mut files in files(),
        others in proptest::collection::btree_map(0_usize..12, held(), 0..12),
    ) {
        let mut packed = pack(&files);
        let others: Vec<(usize, Bytes)> = others.into_iter().collect();
        packed.replace(&others);
        let mut all: Vec<&mut Bytes> = files.values_mut().collect();
        for (at, other) in &others {
            if let Some(held) = all.get_mut(*at) {
                **held = *other;
            }
        }
        prop_assert_eq!(unpack(&packed), files);
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _no_panic = Files(bytes.clone().into()).iter().count();
        // Those that are taken are those that were read.
        if let Some(files) = Files::from_bytes(bytes.clone().into()) {
            let unpacked = unpack(&files);
            prop_assert_eq!(unpack(&pack(&unpacked)), unpacked);
            prop_assert_eq!(files.as_bytes(), bytes);
        }
    }

    #[test]
    fn those_that_are_cut_short_are_refused(files in files(), part in 0.0..1.0) {
        let packed = pack(&files);
        let ends: Vec<usize> = {
            let mut unpacked = packed.iter();
            let mut ends = vec![0];
            while unpacked.next().is_some() {
                ends.push(packed.as_bytes().len() - unpacked.rest.len());
            }
            ends
        };
        let cut = (packed.as_bytes().len() as f64 * part) as usize;
        let read = Files::from_bytes(Box::from(&packed.as_bytes()[..cut]));
        prop_assert_eq!(read.is_some(), ends.contains(&cut));
    }
}

#[test]
fn names_that_are_not_in_order_are_refused() {
    let held = Bytes { stamp: Stamp::default(), id: Id([1; 32]), is_settled: true };
    let check = |names: &[&CStr], is_taken: bool| {
        let mut packer = Packer::default();
        names.iter().for_each(|name| packer.push(name, &held));
        let bytes = packer.finish().0;
        assert_eq!(Files::from_bytes(bytes).is_some(), is_taken, "{names:?}");
    };
    check(&[], true);
    check(&[c"a", c"a.b", c"b"], true);
    check(&[c"b", c"a"], false);
    check(&[c"a", c"a"], false);
    check(&[c""], false);
}

#[test]
fn files_that_were_written_together_take_few_bytes() {
    let mut packer = Packer::default();
    for at in 0..20_u64 {
        let modified = 1_700_000_000_123_456_789 + at.cast_signed() * 90_000;
        let (inode, size, mode) = (5_000_000 + at, 2_000 + at, 0o100_644);
        let stamp = Stamp { device: 0xfe01, inode, size, modified, changed: modified, mode };
        let name = CString::new(format!("file_{at:02}.rs")).unwrap();
        packer.push(&name, &Bytes { stamp, id: Id([7; 32]), is_settled: true });
    }
    let bytes = packer.finish().as_bytes().len();
    assert!(bytes <= 20 * 54 + 20, "{bytes}");
}

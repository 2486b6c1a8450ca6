//! Tests of what became of an item between two versions.

use proptest::prelude::*;

use super::*;

fn items(texts: &[&str]) -> Vec<Item> {
    texts.iter().enumerate().map(|(at, text)| Item::new(&(at + 1).to_string(), text)).collect()
}

/// `=` kept, `>` moved, `~` reworded, `+` new, `-` removed.
fn show(old: &[Item], new: &[Item]) -> String {
    let lineage = Lineage::of(old, new);
    let link = |link: &Link| match link.fate {
        Fate::Kept => format!("={}", lineage.new_id(link)),
        Fate::Moved => format!("{}>{}", lineage.old_id(link), lineage.new_id(link)),
        Fate::Reworded => format!("{}~{}", lineage.old_id(link), lineage.new_id(link)),
        Fate::New => format!("+{}", lineage.new_id(link)),
        Fate::Removed => format!("-{}", lineage.old_id(link)),
    };
    lineage.links.iter().map(link).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(old: &[&str], new: &[&str], expected: &str) {
    assert_eq!(show(&items(old), &items(new)), expected, "{old:?} {new:?}");
}

#[test]
fn number_and_words() {
    check(&["save the file", "load the file"], &["save the file", "load the file"], "=1 =2");
    check(&["save the file", "load the file"], &["Save **the** file.", "load the file"], "=1 =2");
    check(&["save it", "load it"], &["wipe the disk now", "save it", "load it"], "+1 1>2 2>3");
    check(&["save it", "load it"], &["load it", "save it"], "2>1 1>2");
    check(&["save it", "load it"], &["save it"], "=1 -2");
    check(&["wait at most 5 s for an answer"], &["wait at most 10 s for an answer"], "1~1");
    // The number alone identifies nothing.
    check(&["save the file to disk"], &["show a coloured banner"], "+1 -1");
    check(&[""], &[""], "+1 -1");
}

#[test]
fn reworded_and_moved() {
    check(
        &["the store keeps every key for one hour", "the clock ticks once for each second"],
        &[
            "a banner greets whoever comes in",
            "the store keeps every key for two hours",
            "the clock ticks once for each second",
        ],
        "+1 1~2 2>3",
    );
    // The words win over the number.
    check(
        &["the store keeps every key for one hour", "the clock ticks once for each second"],
        &["the clock ticks twice for each second", "the store keeps every key for a full hour"],
        "2~1 1~2",
    );
}

#[test]
fn the_same_words_many_times() {
    let stop = "checkpoint all tests pass";
    check(&["a b", stop, "c d", stop], &["a b", stop, "c d", stop], "=1 =2 =3 =4");
    check(&["a b", stop, "c d", stop], &["a b", "x y", stop, "c d", stop], "=1 +2 2>3 3>4 4>5");
    // A checkpoint more, before the first: the old one follows its neighbour, though the new one has its number.
    check(&["a b", stop, "c d"], &["a b", "x y", stop, "z z", stop, "c d"], "=1 +2 +3 +4 2>5 3>6");
    let lineage = Lineage::of(&items(&["p q", stop, "r s"]), &items(&["x x", stop, "y y", stop, "z z"]));
    let link = lineage.of_old("2").unwrap();
    assert!(link.confidence < SURE_PERCENT, "{link:?}");
}

#[test]
fn what_a_task_cites_does_not_identify_it() {
    let read = |text: &str| tasks(&Tasks::parse(text.as_bytes()));
    let check = |old: &str, new: &str, expected: &str| assert_eq!(show(&read(old), &read(new)), expected);
    check(
        "- [ ] 1. Write it (dep: 2)\n  - _Requirements: 1.1_\n",
        "- [x] 3. Write it\n  - _Requirements: 1.2_\n",
        "1>3",
    );
    check("- [ ] 1. Write it\n  - all of the keys\n", "- [ ] 1. Write it\n  - all of the values\n", "1~1");
    assert_eq!(read("- [ ] 1. A\n  - [ ] 1.1 B\n")[1].parent.as_deref(), Some("1"));
}

#[test]
fn ids_follow() {
    let lineage = Lineage::of(
        &items(&["save it", "load it", "drop it"]),
        &items(&["new one here", "save it", "load it"]),
    );
    assert_eq!(lineage.renumbered("1"), Some("2"));
    assert_eq!(lineage.renumbered("3"), None);
    assert_eq!(lineage.renumbered("9"), None);
}

/// Versions of lists whose items are all different.
fn versions() -> impl Strategy<Value = (Vec<String>, Vec<(usize, bool)>)> {
    (1..40usize).prop_flat_map(|count| {
        let items = (0..count).map(|at| format!("item{at} does thing{at} with part{at}")).collect::<Vec<_>>();
        let order = proptest::collection::vec((0..count, prop::bool::weighted(0.2)), 0..50);
        (Just(items), order)
    })
}

proptest! {
    /// Any selection of the old items in any order, with strangers between them: each old item is found, and no
    /// stranger is taken for one.
    #[test]
    fn unchanged_items_are_found_wherever_they_go((old, picks) in versions()) {
        let mut seen = std::collections::HashSet::new();
        let mut new: Vec<(String, Option<usize>)> = Vec::new();
        for (at, (pick, is_stranger)) in picks.iter().enumerate() {
            if *is_stranger {
                new.push((format!("stranger{at} brings gift{at} from town{at}"), None));
            } else if seen.insert(*pick) {
                new.push((old[*pick].clone(), Some(*pick)));
            }
        }
        let old_items = items(&old.iter().map(String::as_str).collect::<Vec<_>>());
        let new_items = items(&new.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>());
        let lineage = Lineage::of(&old_items, &new_items);
        for (link, (_, from)) in lineage.links.iter().zip(&new) {
            prop_assert_eq!(link.old, *from);
        }
    }

    /// Every item of both sides is in exactly one link, whatever the words.
    #[test]
    fn links_are_a_matching(
        old in proptest::collection::vec("[ab]{0,2} [ab]{0,2} [abc]", 0..30),
        new in proptest::collection::vec("[ab]{0,2} [ab]{0,2} [abc]", 0..30),
    ) {
        let read = |texts: &[String]| items(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let (old, new) = (read(&old), read(&new));
        let lineage = Lineage::of(&old, &new);
        let mut olds: Vec<usize> = lineage.links.iter().filter_map(|link| link.old).collect();
        let mut news: Vec<usize> = lineage.links.iter().filter_map(|link| link.new).collect();
        olds.sort_unstable();
        news.sort_unstable();
        prop_assert_eq!(olds, (0..old.len()).collect::<Vec<_>>());
        prop_assert_eq!(news, (0..new.len()).collect::<Vec<_>>());
        for link in &lineage.links {
            let words = link.old.zip(link.new).map(|(a, b)| old[a].words.alike(&new[b].words));
            prop_assert!(words.is_none_or(|alike| alike >= ALIKE_HERE_PERCENT));
            let is_same = words.is_some() && old[link.old.unwrap()].digest() == new[link.new.unwrap()].digest();
            prop_assert_eq!(is_same, matches!(link.fate, Fate::Kept | Fate::Moved));
        }
    }
}

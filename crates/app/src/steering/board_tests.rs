//! Tests of the board: what is handed out, and when again.

use super::*;

struct Place {
    folder: tempfile::TempDir,
    board: Board,
}

impl Place {
    /// A workspace with these files, all of them trusted as they are when the board is opened.
    fn with(files: &[(&str, &str)]) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().canonicalize().unwrap().join(name);
        for name in ["work/.git", "home", "state", "config", "tmp"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        for (name, text) in files {
            put(&at(name), text);
        }
        let mut world = World::read(None).unwrap();
        world.home = at("home");
        world.state = at("state");
        world.config = at("config");
        world.temporary = at("tmp");
        world.directory = at("work");
        let workspace = Workspace::find(&world).unwrap();
        let items = repository::items_everywhere(&workspace.root);
        TrustStore::open(&world.state)
            .unwrap()
            .set(&workspace.root, &items.iter().collect::<Vec<_>>())
            .unwrap();
        let board = Board::open(&world, &Config::default(), &workspace).unwrap();
        Place { folder, board }
    }

    fn put(&self, name: &str, text: &str) {
        put(&self.folder.path().join(name), text);
    }
}

fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn names(fragments: &[Fragment]) -> Vec<&str> {
    fragments.iter().map(Fragment::name).collect()
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.to_string()).collect()
}

const RUST: &str = "---\ninclusion: fileMatch\nfileMatchPattern: \"**/*.rs\"\n---\nUse Result.\n";
const TESTS: &str = "---\ninclusion: auto\nname: testing\ndescription: when tests change\n---\nTest first.\n";

#[test]
fn what_begins_to_match_is_handed_out_once() {
    let mut place = Place::with(&[
        ("home/.kiro/steering/own.md", "Mine.\n"),
        ("work/.kiro/steering/rust.md", RUST),
        ("work/.kiro/steering/testing.md", TESTS),
        ("work/packages/x/.kiro/steering/x.md", "Of x.\n"),
        ("work/packages/x/src/AGENTS.md", "Near.\n"),
        ("work/packages/x/src/a.rs", ""),
    ]);
    let first = place.board.fragments(&[], &[]);
    assert_eq!(names(&first), ["~/.kiro/steering/own.md", "steering on demand"]);
    assert!(first[1].text().contains("- testing: when tests change"));
    assert_eq!(names(&place.board.newly(&strings(&["README.md", "../elsewhere.rs"]))), [""; 0]);
    assert_eq!(
        names(&place.board.newly(&strings(&["packages/x/src/a.rs"]))),
        [".kiro/steering/rust.md", "packages/x/.kiro/steering/x.md", "packages/x/src/AGENTS.md"]
    );
    assert_eq!(names(&place.board.newly(&strings(&["packages/x/src/a.rs"]))), [""; 0]);
    assert_eq!(place.board.named_in("please follow #testing here"), ["testing"]);
    assert_eq!(names(&place.board.load(&strings(&["testing"]))), [".kiro/steering/testing.md"]);
    // The digest over all in force is the same whenever it is asked for.
    let (one, two) = (place.board.listing(), place.board.listing());
    assert_eq!((one.pieces.len(), &one), (5, &two));
}

#[test]
fn a_change_is_seen_and_needs_trust_again() {
    let mut place = Place::with(&[("home/.kiro/steering/own.md", "Mine.\n"), ("work/AGENTS.md", "Tabs.\n")]);
    assert_eq!(names(&place.board.fragments(&[], &[])), ["~/.kiro/steering/own.md", "AGENTS.md"]);
    assert_eq!(place.board.notices(), (Vec::new(), Vec::new()));
    place.put("home/.kiro/steering/own.md", "Mine, now longer.\n");
    place.put("work/AGENTS.md", "Teapots, evil.\n");
    place.put("work/.kiro/steering/new.md", "New.\n");
    let newly = place.board.newly(&[]);
    assert_eq!(names(&newly), ["~/.kiro/steering/own.md"]);
    assert!(newly[0].text().contains("now longer"));
    let untrusted = strings(&[".kiro/steering/new.md", "AGENTS.md"]);
    assert_eq!(place.board.notices(), (untrusted, Vec::new()));
    assert_eq!(place.board.notices(), (Vec::new(), Vec::new()));
}

#[test]
fn links_and_files_that_nobody_may_read_stay_out() {
    let mut place = Place::with(&[
        ("secret.md", "Secret.\n"),
        ("work/.kiro/steering/a.md", "See #[[file:.env]] and #[[file:link.md]] and #[[file:b.md]].\n"),
        ("work/b.md", "B.\n"),
        ("work/.env", "KEY=1\n"),
        ("work/.kiroignore", ".env\n"),
    ]);
    let root = place.folder.path().join("work");
    std::os::unix::fs::symlink(place.folder.path().join("secret.md"), root.join("link.md")).unwrap();
    std::os::unix::fs::symlink(place.folder.path().join("secret.md"), root.join(".kiro/steering/l.md"))
        .unwrap();
    std::os::unix::fs::symlink(place.folder.path(), root.join("out")).unwrap();
    let fragments = place.board.fragments(&strings(&["out/x.rs"]), &[]);
    assert_eq!(names(&fragments), [".kiro/steering/a.md"]);
    let text = fragments[0].text();
    assert!(text.contains("\nB.\n") && !text.contains("KEY=1") && !text.contains("Secret"), "{text}");
    assert_eq!(text.matches("[not included:").count(), 2, "{text}");
    let (_, problems) = place.board.notices();
    assert_eq!(problems.len(), 3, "{problems:?}");
}

#[test]
fn settings_ask_for_the_rules_of_other_tools() {
    let check = |also: &[&str], expected: bool| {
        let config = SteeringConfig { team: None, also: strings(also) };
        assert_eq!(asked(&config).is_ok(), expected);
    };
    check(&["claude", "cursor", "copilot", "contributing"], true);
    check(&["windsurf"], false);
    assert!(team_folder("relative", Path::new("/h")).is_err());
    assert_eq!(team_folder("~/team", Path::new("/h")).unwrap(), PathBuf::from("/h/team"));
}

#[test]
fn steering_of_a_package_is_named_and_offered() {
    let mut place = Place::with(&[
        ("work/packages/x/.kiro/steering/pk.md", "---\ninclusion: manual\n---\nBy hand.\n"),
        ("work/packages/x/.kiro/steering/pauto.md", &TESTS.replace("testing", "pauto")),
        ("work/packages/x/a.rs", ""),
    ]);
    assert_eq!(names(&place.board.fragments(&[], &[])), [""; 0]);
    let pk = "packages/x/.kiro/steering/pk.md";
    for words in ["use #pk.", "#steering:pk", "#packages/x/pk", "/pk"] {
        let named = place.board.named_in(words);
        assert_eq!(named.len(), 1, "{words}");
        place.board.given.clear();
        assert_eq!(names(&place.board.load(&named)), [pk], "{words}");
    }
    // Its descriptions are on offer with the first file of the package, and once.
    let newly = place.board.newly(&strings(&["packages/x/a.rs"]));
    assert_eq!(names(&newly), [OFFER]);
    assert!(newly[0].text().contains("- pauto: when tests change"));
    assert_eq!(names(&place.board.newly(&strings(&["packages/x/a.rs"]))), [""; 0]);
    // A session that goes on was offered it already.
    let mut again =
        Place::with(&[("work/packages/x/.kiro/steering/pauto.md", &TESTS.replace("testing", "pauto"))]);
    again.board.gave(&newly);
    assert_eq!(names(&again.board.newly(&strings(&["packages/x/a.rs"]))), [""; 0]);
}

#[test]
fn a_message_brings_files_into_play_and_its_code_names_nothing() {
    let mut place = Place::with(&[
        ("work/.kiro/steering/rust.md", RUST),
        ("work/.kiro/steering/testing.md", TESTS),
        ("work/src/AGENTS.md", "Near.\n"),
        ("work/src/a.rs", ""),
    ]);
    let check = |place: &mut Place, message: &str, expected: (&[&str], &[&str])| {
        assert_eq!(place.board.meant_by(message), (strings(expected.0), strings(expected.1)), "{message}");
    };
    check(&mut place, "see #file:src/a.rs:3-9 and #testing", (&["testing"], &["src/a.rs"]));
    check(&mut place, "see `#testing` and `#file:src/a.rs`", (&[], &[]));
    check(&mut place, "look\n\n<context from=\"#file:b\">\n#testing #file:src/a.rs", (&[], &[]));
    let force = place.board.in_force(&[], "mend #file:src/a.rs, please");
    assert_eq!(names(&force.fragments), [".kiro/steering/rust.md", "src/AGENTS.md", OFFER]);
}

#[test]
fn a_team_folder_that_is_not_there_is_said() {
    let check = |team: Option<&str>, expected: bool| {
        let config = SteeringConfig { team: team.map(str::to_string), also: Vec::new() };
        assert_eq!(team_fault(&config, Path::new("/")).is_some(), expected, "{team:?}");
    };
    check(None, false);
    check(Some("/nowhere/at/all"), true);
    check(Some("relative"), true);
    check(Some(env!("CARGO_MANIFEST_DIR")), false);
}

//! The code map is whole: it names every source file, and nothing that isn't there.

use std::fs;

use crate::tidy::{files, root};

/// What a page names between backticks that is a path of ours.
fn named(text: &str) -> Vec<&str> {
    let ours = |word: &&str| word.starts_with("src/") || word.starts_with("crates/");
    text.split('`').skip(1).step_by(2).filter(ours).collect()
}

/// The paths in the first column of the tables: those are what a file is looked up by.
fn rooms(text: &str) -> Vec<&str> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| row.split('|').nth(1)).flat_map(named).collect()
}

/// Whether a file is the room, or in it.
fn is_in(file: &str, room: &str) -> bool {
    let rest = file.strip_prefix(room);
    rest.is_some_and(|rest| rest.is_empty() || rest == ".rs" || rest.starts_with('/'))
}

#[test]
fn the_code_map_names_every_file_and_only_what_is_there() {
    let text = fs::read_to_string(root().join("docs/dev/code-map.md")).unwrap();
    let rooms = rooms(&text);
    let all: Vec<String> = ["src", "crates"]
        .into_iter()
        .flat_map(|dir| files(dir, ".rs"))
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with("crates/ccwatch-core/tests"))
        .collect();
    let unnamed = all.iter().filter(|file| !rooms.iter().any(|room| is_in(file, room)));
    assert_eq!(unnamed.collect::<Vec<_>>(), [""; 0], "add these to docs/dev/code-map.md");
    let empty = rooms.iter().filter(|room| !all.iter().any(|file| is_in(file, room)));
    assert_eq!(empty.collect::<Vec<_>>(), [&""; 0], "nothing is there any more");
    let gone = named(&text).into_iter().filter(|path| {
        let with_ending = format!("{path}.rs");
        !root().join(path).exists() && !root().join(with_ending).exists()
    });
    assert_eq!(gone.collect::<Vec<_>>(), [""; 0], "nothing is there any more");
}

#[test]
fn the_paths_in_the_guides_are_there() {
    for guide in
        ["CONTRIBUTING.md", "ARCHITECTURE.md", "docs/dev/adding.md", "docs/dev/glossary.md"]
    {
        let text = fs::read_to_string(root().join(guide)).unwrap();
        let missing = |path: &&str| {
            let pattern = path.contains(['*', '<', 'N']);
            !pattern && !root().join(path).exists() && !root().join(format!("{path}.rs")).exists()
        };
        let missing: Vec<&str> = named(&text).into_iter().filter(missing).collect();
        assert!(missing.is_empty(), "{guide} names what isn't there: {missing:?}");
    }
}

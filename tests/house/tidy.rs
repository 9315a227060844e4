//! The house rules that a machine can guard; each failure names the file and the rule.

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below `dir` whose name ends in `ending`, with their path from the root and their text.
pub(crate) fn files(dir: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest: Vec<PathBuf> = vec![root().join(dir)];
    while let Some(path) = rest.pop() {
        if path.is_dir() {
            rest.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.to_str().unwrap().ends_with(ending) {
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(!found.is_empty(), "nothing below {dir}");
    found
}

/// The code of both crates.
fn sources() -> Vec<(String, String)> {
    let mut all = files("src", ".rs");
    all.extend(files("crates/ccwatch-core/src", ".rs"));
    all
}

/// The text up to its tests; nothing of files that are tests altogether.
pub(crate) fn code<'a>(name: &str, text: &'a str) -> &'a str {
    let tests = ["/tests.rs", "/tests/", "/properties.rs", "/testing.rs"];
    if tests.iter().any(|part| name.contains(part)) {
        return "";
    }
    text.split("#[cfg(test)]\nmod tests {").next().unwrap()
}

fn assert_none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

/// The compiler keeps the core pure when it is built alone; this keeps its list of dependencies
/// short, and each of them without its `std`.
#[test]
fn the_core_depends_on_nothing_that_reaches_the_world() {
    let manifest = fs::read_to_string(root().join("crates/ccwatch-core/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let pure = ["jiff", "serde", "thiserror"];
    for (name, wanted) in manifest["dependencies"].as_table().unwrap() {
        if wanted.get("optional").is_some_and(|optional| optional.as_bool() == Some(true)) {
            continue;
        }
        assert!(pure.contains(&name.as_str()), "{name} is not known to be pure");
        assert_eq!(wanted["default-features"].as_bool(), Some(false), "{name}");
        let features = wanted.get("features").and_then(toml::Value::as_array);
        let std = features.is_some_and(|all| all.iter().any(|one| one.as_str() == Some("std")));
        assert!(!std, "{name} with std");
    }
    let lib = fs::read_to_string(root().join("crates/ccwatch-core/src/lib.rs")).unwrap();
    let no_std = "#![cfg_attr(not(any(test, feature = \"testing\")), no_std)]";
    assert!(lib.contains(no_std), "the core is built without std");
}

#[test]
fn only_one_place_knows_the_json_of_the_page() {
    let broken: Vec<String> = sources()
        .into_iter()
        .filter(|(name, _)| {
            !name.starts_with("src/page/engine/statuspage") && !name.contains("demo/page.rs")
        })
        .filter(|(name, text)| code(name, text).contains("\"incident_updates\""))
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with("src/store"))
        .collect();
    assert_none("only src/page/engine/statuspage.rs knows Statuspage's JSON", &broken);
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let long = |(name, text): &(String, String)| {
        let lines = code(name, text).lines().count();
        (lines > 400).then(|| format!("{name}: {lines} lines without tests"))
    };
    let broken: Vec<String> = sources().iter().filter_map(long).collect();
    assert_none("no file above 400 lines without tests", &broken);
}

#[test]
fn tests_neither_sleep_nor_are_ignored() {
    let words =
        [concat!("#[ign", "ore"), concat!("thread::sl", "eep"), concat!("time::sl", "eep(")];
    let mut broken = Vec::new();
    for (name, text) in files("tests", ".rs") {
        for word in words.iter().filter(|word| text.contains(**word)) {
            broken.push(format!("{name}: {word}"));
        }
    }
    assert_none("no sleeps, no ignored tests", &broken);
}

#[test]
fn nothing_is_left_unfinished() {
    let words = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("db", "g!("),
        concat!("TO", "DO"),
    ];
    let mut broken = Vec::new();
    for (name, text) in sources().into_iter().chain(files("tests", ".rs")) {
        for word in words.iter().filter(|word| text.contains(**word)) {
            broken.push(format!("{name}: {word}"));
        }
    }
    assert_none("nothing is left unfinished", &broken);
}

#[test]
fn the_tests_that_security_md_names_are_there() {
    let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let all: String =
        sources().into_iter().chain(files("tests", ".rs")).map(|(_, text)| text).collect();
    // The last column of each row of the table, below its head.
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(1);
    let shown = rows.map(|row| row.trim_end_matches(" |").rsplit(" | ").next().unwrap());
    let named: Vec<&str> = shown.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(named.len() > 20, "{named:?}");
    let missing = |name: &&&str| !all.contains(&format!("fn {name}("));
    let broken: Vec<String> = named.iter().filter(missing).map(ToString::to_string).collect();
    assert_none("SECURITY.md names tests that are there", &broken);
}

#[test]
fn the_binary_is_thin() {
    let main = fs::read_to_string(root().join("src/main.rs")).unwrap();
    assert!(main.lines().count() <= 30);
}

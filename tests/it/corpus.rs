//! The fuzzer's corpus, and a few thousand changes of it, through the same functions.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use crate::fault::Row;
use crate::random::Random;

#[path = "../fuzz/feed.rs"]
mod feed;

/// A target of the fuzzer.
type Feed = fn(&[u8]);

/// All targets of the fuzzer.
const TARGETS: [(&str, Feed); 13] = [
    ("page", feed::page),
    ("incidents", feed::incidents),
    ("aws_health", feed::aws_health),
    ("google_cloud", feed::google_cloud),
    ("azure_rss", feed::azure_rss),
    ("headers", feed::headers),
    ("transcript", feed::transcript),
    ("inbox", feed::inbox),
    ("recording", feed::recording),
    ("config", feed::config),
    ("when", feed::when),
    ("error", feed::error),
    ("text", feed::text),
];

/// Every entry as it is, and with bytes changed, cut, doubled and put in: how many inputs that
/// were, and how many came out wrong.
fn run(name: &str, feed: Feed) -> (usize, usize) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(name);
    let mut random = Random::new(1);
    let (mut inputs, mut wrong) = (0, 0);
    let mut try_it = |bytes: &[u8]| {
        inputs += 1;
        if catch_unwind(|| feed(bytes)).is_err() {
            println!("{name} fails on {:?}", String::from_utf8_lossy(bytes));
            wrong += 1;
        }
    };
    for entry in fs::read_dir(dir).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        try_it(&bytes);
        for _ in 0..100 {
            let mut changed = bytes.clone();
            for _ in 0..=random.below(4) {
                change(&mut changed, &mut random);
            }
            try_it(&changed);
        }
    }
    assert!(inputs > 500, "too small a corpus of {name}");
    (inputs, wrong)
}

fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    const WORDS: [&[u8]; 6] = [b"null", b"-1e999", b"\"\"", b"\x1b[", b"\xff", b"{}"];
    let at = random.below(bytes.len() + 1);
    match random.below(4) {
        0 => bytes.truncate(at),
        1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << random.below(8)),
        2 => drop(bytes.splice(at..at, WORDS[random.below(WORDS.len())].iter().copied())),
        _ => bytes.extend_from_within(at..(at + 40).min(bytes.len())),
    }
}

#[test]
fn no_input_breaks_anything_or_makes_it_claim_what_is_not_so() {
    let mut row = Row {
        fault: "hostile input: the corpus of the fuzzer, and changes of it",
        ..Row::default()
    };
    for (name, feed) in TARGETS {
        let (inputs, wrong) = run(name, feed);
        row.times += inputs;
        row.invented += wrong;
    }
    Row { again: "cargo test --test it corpus", ..row }.end();
}

#[test]
fn the_fuzzer_runs_what_runs_here() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let Ok(targets) = fs::read_dir(&dir) else {
        println!("SKIPPED: the targets of the fuzzer are not part of a published crate");
        return;
    };
    assert_eq!(targets.count(), TARGETS.len(), "a target without a test");
    // All of a target, so that it need not be built to know that it runs what runs here.
    for (name, _) in TARGETS {
        let text = format!(
            "#![no_main]\n\n#[path = \"../../tests/fuzz/feed.rs\"]\n#[allow(dead_code)]\nmod feed;\n\n\
             libfuzzer_sys::fuzz_target!(|bytes: &[u8]| feed::{name}(bytes));\n"
        );
        assert_eq!(fs::read_to_string(dir.join(format!("{name}.rs"))).unwrap(), text);
    }
}

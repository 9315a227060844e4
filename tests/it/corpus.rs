//! The fuzzer's corpus, and a few thousand changes of it, through the same functions.

use std::fs;
use std::path::Path;

use crate::random::Random;

#[path = "../../fuzz/feed.rs"]
mod feed;

/// Every entry as it is, and with bytes changed, cut, doubled and put in.
fn run(name: &str, feed: fn(&[u8])) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut random = Random::new(1);
    let mut entries = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        feed(&bytes);
        entries += 1;
        for _ in 0..100 {
            let mut changed = bytes.clone();
            for _ in 0..=random.below(4) {
                change(&mut changed, &mut random);
            }
            feed(&changed);
        }
    }
    assert!(entries > 0, "no corpus of {name}");
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
fn no_page_no_configuration_no_recording_and_no_text_breaks_anything() {
    run("page", feed::page);
    run("config", feed::config);
    run("recording", feed::recording);
    run("text", feed::text);
}

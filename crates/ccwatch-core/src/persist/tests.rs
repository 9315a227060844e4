//! Frozen samples of the stored forms, and that nothing is lost on the way there and back.
//!
//! A test that fails here says that what is stored has changed. A sample is never made anew once its
//! version was released; one that is not there yet is written by
//!
//! ```text
//! CCWATCH_FREEZE=samples cargo test -p ccwatch-core persist
//! ```

mod properties;
mod samples;

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::*;
use crate::deliver::delivery::Thread;
use crate::model::{FailureKind, Level};
use crate::notice::kind::{Kind, Reason};
use crate::notice::mute::End;
use crate::notice::sink::Sink;
use crate::notice::{DeliveryState, Urgency};
use crate::state::component::Component;
use crate::state::incidents::Incidents;
use crate::state::page_health::PageHealth;
use crate::witness::Local;

fn stored<T: Persist>(value: &T) -> String {
    serde_json::to_string_pretty(&T::Stored::from(value)).unwrap() + "\n"
}

fn load<T: Persist>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str::<T::Stored>(text).map(Into::into)
}

fn samples_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/persist/samples")
}

/// Whether samples that are missing are to be written.
fn freezes() -> bool {
    std::env::var("CCWATCH_FREEZE").is_ok_and(|what| what == "samples")
}

/// What is stored is the sample of this version, as text. Only a missing one is ever written.
#[track_caller]
fn text_is_frozen(name: &str, text: &str) {
    let dir = samples_dir().join(format!("v{VERSION}"));
    let path = dir.join(name);
    if freezes() && !path.exists() {
        fs::create_dir_all(dir).unwrap();
        fs::write(&path, text).unwrap();
    }
    let sample = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, sample, "what is stored is not what {name} has");
}

/// The same of a form, which also loads as what it was.
#[track_caller]
fn is_frozen<T: Persist + PartialEq + Debug>(name: &str, value: &T) {
    let text = stored(value);
    text_is_frozen(name, &text);
    assert_eq!(&load::<T>(&text).unwrap(), value);
}

#[test]
fn what_is_stored_is_what_is_frozen() {
    let names = ["unknown", "up", "affected", "recovering", "gone", "bare"];
    for (name, component) in names.iter().zip(&samples::components()) {
        is_frozen(&format!("component_{name}.json"), component);
    }
    is_frozen("page_health.json", &samples::page_health());
    is_frozen("page_health_empty.json", &PageHealth::default());
    is_frozen("incidents.json", &samples::incidents());
    is_frozen("threads.json", &samples::threads());
    is_frozen("local.json", &samples::local());
}

/// Whatever version they are of. While some are written by the other tests, it isn't all of them.
#[test]
fn every_frozen_sample_loads() {
    if freezes() {
        return;
    }
    let mut count = 0;
    for version in fs::read_dir(samples_dir()).unwrap() {
        for sample in fs::read_dir(version.unwrap().path()).unwrap() {
            let path = sample.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let loaded = match name.split_once('_').map_or(name, |(form, _)| form) {
                "component" => load::<Component>(&text).map(drop),
                "page" => load::<PageHealth>(&text).map(drop),
                "incidents" => load::<Incidents>(&text).map(drop),
                "threads" => load::<BTreeMap<String, Thread>>(&text).map(drop),
                "local" => load::<Local>(&text).map(drop),
                "words" => Ok(()),
                other => panic!("{other} is the sample of no form"),
            };
            assert!(loaded.is_ok(), "{}: {loaded:?}", path.display());
            count += 1;
        }
    }
    assert!(count >= 18, "{count}");
}

/// The words of an enum, each of which comes back as what it stands for.
fn words<T: StoredWord + PartialEq + Debug>(name: &str, out: &mut String) {
    for word in T::WORDS {
        let value = T::from_stored(word).unwrap();
        assert_eq!(value.word(), *word);
    }
    assert_eq!(T::from_stored("a word of tomorrow"), None);
    writeln!(out, "{name}: {}", T::WORDS.join(" ")).unwrap();
}

#[test]
fn the_stored_words_are_frozen() {
    let mut all = String::new();
    words::<Level>("level", &mut all);
    words::<Kind>("kind", &mut all);
    words::<Urgency>("urgency", &mut all);
    words::<DeliveryState>("delivery", &mut all);
    words::<Sink>("sink", &mut all);
    words::<End>("end", &mut all);
    words::<Reason>("reason", &mut all);
    let failures: Vec<&str> = FailureKind::ALL.iter().map(|kind| kind.as_str()).collect();
    writeln!(all, "failure: {}", failures.join(" ")).unwrap();
    text_is_frozen("words.txt", &all);
}

/// What a later version added to a form, as `path=value`. All else must be the same.
fn added(old: &Value, new: &Value, path: &str, found: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, value) in new {
                let path = format!("{path}/{key}");
                match old.get(key) {
                    Some(before) => added(before, value, &path, found),
                    None => found.push(format!("{path}={value}")),
                }
            }
            assert!(old.keys().all(|key| new.contains_key(key)), "{path}: {old:?} lost a field");
        }
        (Value::Array(old), Value::Array(new)) => {
            assert_eq!(old.len(), new.len(), "{path}");
            for (old, new) in old.iter().zip(new) {
                added(old, new, &format!("{path}/-"), found);
            }
        }
        _ => assert_eq!(old, new, "{path}"),
    }
}

/// Loads a sample of an earlier version; what it is stored with today that it did not have.
fn later_fields<T: Persist>(sample: &str) -> Vec<String> {
    let value: T = load(sample).unwrap();
    let mut found = Vec::new();
    let old: Value = serde_json::from_str(sample).unwrap();
    added(&old, &serde_json::from_str(&stored(&value)).unwrap(), "", &mut found);
    found.sort();
    found.dedup();
    found
}

#[test]
fn the_first_version_loads_and_what_came_later_has_its_default() {
    let first = |name: &str| fs::read_to_string(samples_dir().join("v1").join(name)).unwrap();
    for name in ["component_told.json", "component_worse.json", "component_up.json"] {
        assert_eq!(later_fields::<Component>(&first(name)), Vec::<String>::new(), "{name}");
    }
    let health = later_fields::<PageHealth>(&first("page_health.json"));
    assert_eq!(health, ["/page_updated_at=null"]);
    let incidents = later_fields::<Incidents>(&first("incidents.json"));
    assert_eq!(
        incidents,
        ["/known/gone9/over=false", "/known/inc1/over=false", "/known/old1/over=false", "/past=[]"]
    );
    let threads = later_fields::<BTreeMap<String, Thread>>(&first("threads.json"));
    assert_eq!(threads, Vec::<String>::new());
    let local = later_fields::<Local>("{}");
    assert_eq!(local, ["/elsewhere=[]", "/errors=[]", "/settled_at=null", "/suspicion=null"]);
}

/// Each field that was there from the first version on is needed: nothing stands in for it.
#[test]
fn nothing_is_operational_out_of_nothing() {
    let [_, up, ..] = samples::components();
    let whole: Value = serde_json::from_str(&stored(&up)).unwrap();
    for field in ["id", "name", "page_status", "level", "since", "state", "relapses"] {
        let mut part = whole.clone();
        part.as_object_mut().unwrap().remove(field).unwrap();
        assert!(load::<Component>(&part.to_string()).is_err(), "without {field}");
    }
    for (field, value) in
        [("level", json!("a word of tomorrow")), ("state", json!({"state": "a word of tomorrow"}))]
    {
        let mut odd = whole.clone();
        odd[field] = value;
        assert!(load::<Component>(&odd.to_string()).is_err(), "{odd}");
    }
    assert!(load::<Component>("{}").is_err());
    assert!(load::<PageHealth>("{}").is_err());
    assert!(load::<Incidents>("{}").is_err());
    let empty: Local = load("{}").unwrap();
    assert_eq!(empty, Local::default());
}

/// A field of a newer ccwatch is passed over.
#[test]
fn an_unknown_field_is_passed_over() {
    for component in samples::components() {
        let mut newer: Value = serde_json::from_str(&stored(&component)).unwrap();
        newer["of_tomorrow"] = json!([1]);
        assert_eq!(load::<Component>(&newer.to_string()).unwrap(), component);
    }
}

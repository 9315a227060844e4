use std::io::Write;

use super::*;

const ERROR: &str = r#"{"type":"system","subtype":"api_error","error":{"status":529,"requestId":"req_1"},"timestamp":"2026-06-05T15:36:05.139Z","sessionId":"s"}"#;
const ANSWER: &str =
    r#"{"type":"assistant","message":{"model":"claude-x"},"timestamp":"2026-06-05T15:37:05.139Z"}"#;
const QUOTED: &str = r#"{"type":"user","message":{"content":"{\"subtype\":\"api_error\",\"isApiErrorMessage\":true}"}}"#;

struct Files {
    dir: tempfile::TempDir,
    follower: Follower,
}

impl Files {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), follower: Follower::default() }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("s.jsonl")
    }

    fn append(&self, text: &str) {
        let file = fs::OpenOptions::new().create(true).append(true).open(self.path());
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// What is new, in letters: an error, an answer.
    fn new_inputs(&mut self) -> String {
        let found = self.follower.read(&BTreeSet::from([self.path()]));
        let letter = |heard: &Heard| match &heard.input {
            Input::LocalError(error) => {
                assert!(error.server && error.status == Some(529));
                'E'
            }
            Input::LocalSuccess { .. } => 'A',
            other => panic!("{other:?}"),
        };
        found.iter().map(letter).collect()
    }
}

#[test]
fn only_what_is_appended_is_read_and_only_once() {
    let mut files = Files::new();
    files.append(&format!("{ERROR}\n{ANSWER}\n"));
    files.follower.skip_what_is_there(files.dir.path());
    assert_eq!(files.new_inputs(), "", "what was there is not news");
    files.append(&format!("{ERROR}\n{QUOTED}\n{ERROR}\n"));
    assert_eq!(files.new_inputs(), "EE");
    assert_eq!(files.new_inputs(), "");
    let (half, rest) = ERROR.split_at(40);
    files.append(half);
    assert_eq!(files.new_inputs(), "", "half a line waits for the other half");
    files.append(&format!("{rest}\n{ANSWER}\n{ANSWER}\n"));
    assert_eq!(files.new_inputs(), "EA", "the newest answer is enough");
    files.append(&format!("{ANSWER}\n{ERROR}\n"));
    assert_eq!(files.new_inputs(), "E", "an answer before an error proves nothing");
}

#[test]
fn truncated_replaced_vanished_and_odd_files_do_no_harm() {
    let mut files = Files::new();
    files.append(&format!("{ERROR}\n{ERROR}\n"));
    assert_eq!(files.new_inputs(), "EE", "a new file is read from its beginning");
    fs::write(files.path(), format!("{ERROR}\n")).unwrap();
    assert_eq!(files.new_inputs(), "E", "a shorter one begins anew");
    fs::remove_file(files.path()).unwrap();
    assert_eq!(files.new_inputs(), "");
    files.append("\u{0}\u{1}garbage\n\"api_error\"\n{\"type\":\"system\"\n\n");
    assert_eq!(files.new_inputs(), "");
    let junk =
        [0xff, 0xfe, b'"', b'a', b'p', b'i', b'_', b'e', b'r', b'r', b'o', b'r', b'"', b'\n'];
    let mut file = fs::OpenOptions::new().append(true).open(files.path()).unwrap();
    file.write_all(&junk).unwrap();
    files.append(&format!("{ERROR}\n"));
    assert_eq!(files.new_inputs(), "E");
    fs::remove_file(files.path()).unwrap();
    fs::create_dir(files.path()).unwrap();
    assert_eq!(files.new_inputs(), "", "a directory of that name");
}

#[test]
fn a_line_without_an_end_is_given_up() {
    let mut files = Files::new();
    let file = File::create(files.path()).unwrap();
    file.set_len(MOST + 10).unwrap();
    assert_eq!(files.new_inputs(), "");
    files.append(&format!("\n{ERROR}\n"));
    assert_eq!(files.new_inputs(), "E");
}

#[test]
fn settings_can_show_that_somebody_else_answers() {
    let mut files = Files::new();
    let dir = files.dir.path().to_owned();
    let project = dir.join("project/.claude");
    fs::create_dir_all(&project).unwrap();
    let place = Place {
        home: dir.clone(),
        config: dir.join(".claude"),
        cwd: PathBuf::new(),
        managed: dir.join("managed"),
    };
    files.follower = Follower::of(Some(place), Roads::default());
    let row = |cwd: &Path| {
        let mut row: serde_json::Value = serde_json::from_str(ERROR).unwrap();
        row.as_object_mut().unwrap().insert("cwd".to_owned(), cwd.to_str().into());
        format!("{row}\n")
    };
    let counts = |cwd: &Path, files: &mut Files| -> Vec<bool> {
        files.append(&row(cwd));
        let found = files.follower.read(&BTreeSet::from([files.path()]));
        let counts = |heard: &Heard| {
            assert_eq!(heard.by, By::Assumed(FIRST_PAGE.to_owned()));
            matches!(&heard.input, Input::LocalError(error) if error.server)
        };
        found.iter().map(counts).collect()
    };
    let (own, other) = (dir.join("project"), dir.join("elsewhere"));
    assert_eq!(counts(&own, &mut files), [true], "no settings");
    let bedrock = r#"{"env":{"CLAUDE_CODE_USE_BEDROCK":"1"}}"#;
    fs::write(project.join("settings.json"), bedrock).unwrap();
    assert_eq!(counts(&own, &mut files), [false], "the project goes to Bedrock");
    assert_eq!(counts(&other, &mut files), [true], "another one doesn't");
    fs::create_dir(dir.join(".claude")).unwrap();
    fs::write(dir.join(".claude/settings.json"), bedrock).unwrap();
    assert_eq!(counts(&other, &mut files), [false], "now all do");
}

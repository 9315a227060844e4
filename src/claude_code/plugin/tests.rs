use super::*;
use crate::claude_code::place::Place;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// All files below a directory.
fn files_below(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => files.extend(files_below(&entry.path())?),
            false => files.push(entry.path()),
        }
    }
    Ok(files)
}

#[test]
fn every_file_of_the_plugin_travels_in_the_program() {
    let dir = Path::new(ROOT).join("claude-code");
    let mut there = files_below(&dir).unwrap();
    let mut here: Vec<PathBuf> = FILES.iter().map(|(path, _)| dir.join(path)).collect();
    there.sort();
    here.sort();
    assert_eq!(here, there, "FILES must name them all");
    let manifest: Value = serde_json::from_str(FILES[1].1).unwrap();
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
}

/// Every command of the hooks.
fn commands(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().flat_map(commands).collect(),
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match value {
                Value::String(command) if key == "command" => vec![command.clone()],
                value => commands(value),
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn its_hooks_name_the_program_whatever_its_path_is() {
    let options = ["--config".to_owned(), "/a b/c.toml".to_owned()];
    for (program, quoted) in [
        ("/usr/bin/ccwatch", "/usr/bin/ccwatch"),
        ("/it's/my $HOME/cc\"w", "'/it'\\''s/my $HOME/cc\"w'"),
    ] {
        let plugin = Plugin::of(program, &options);
        let text = |name: &str| {
            plugin.files(Path::new("")).find(|(path, _)| path.ends_with(name)).unwrap().1.to_owned()
        };
        let hooks: Value = serde_json::from_str(&text("hooks.json")).unwrap();
        let all = commands(&hooks);
        assert_eq!(all.len(), commands(&serde_json::from_str(FILES[2].1).unwrap()).len());
        for command in all {
            let run = format!("{quoted} --config '/a b/c.toml' hook");
            assert!(command.contains(&run), "{command}");
            assert!(
                command.starts_with(&format!("command -v {quoted} >/dev/null 2>&1")),
                "{command}"
            );
            assert!(!command.contains(" ccwatch "), "{command}");
        }
        let asks = text("commands/ccwatch.md");
        assert!(
            asks.contains(&format!("!`{quoted} --config '/a b/c.toml' diagnose --last")),
            "{asks}"
        );
        assert!(
            asks.contains(&format!("Bash({quoted} --config '/a b/c.toml' status:*)")),
            "{asks}"
        );
    }
}

#[test]
fn what_is_the_same_has_the_same_version_and_a_change_has_another() {
    let plugin = Plugin::of("/usr/bin/ccwatch", &[]);
    assert_eq!(plugin, Plugin::of("/usr/bin/ccwatch", &[]));
    assert!(plugin.version.starts_with(concat!(env!("CARGO_PKG_VERSION"), "+")));
    assert_ne!(plugin.version, Plugin::of("/opt/ccwatch", &[]).version);
    let (_, manifest) =
        plugin.files(Path::new("")).find(|(path, _)| path.ends_with("plugin.json")).unwrap();
    let manifest: Value = serde_json::from_str(manifest).unwrap();
    assert_eq!(
        (&manifest["version"], &manifest["name"]),
        (&plugin.version.as_str().into(), &"ccwatch".into())
    );
}

#[test]
fn it_is_written_whole_and_taken_away_and_what_others_put_there_stays() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("claude-code");
    let plugin = Plugin::of("/usr/bin/ccwatch", &[]);
    assert_eq!(plugin.is_in(&place), None);
    plugin.write(&place).unwrap();
    assert_eq!(plugin.is_in(&place), Some(true));
    let own = place.join("ccwatch/commands/my-own.md");
    fs::write(&own, "mine").unwrap();
    let newer = Plugin::of("/opt/ccwatch", &[]);
    assert_eq!(newer.is_in(&place), Some(false));
    newer.write(&place).unwrap();
    assert_eq!(
        (newer.is_in(&place), files_below(&place).unwrap().len()),
        (Some(true), FILES.len() + 1)
    );
    Plugin::remove(&place).unwrap();
    assert_eq!((files_below(&place).unwrap(), newer.is_in(&place)), (vec![own.clone()], None));
    newer.write(&place).unwrap();
    fs::remove_file(own).unwrap();
    for _ in 0..2 {
        Plugin::remove(&place).unwrap();
        assert!(!place.exists());
    }
    assert!(dir.path().exists());
}

#[test]
fn what_claude_code_keeps_of_it_is_read_leniently() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().to_owned();
    let place =
        Place { config: home.join(".claude"), cwd: home.clone(), managed: home.clone(), home };
    fs::create_dir_all(place.config.join("plugins")).unwrap();
    let write = |name: &str, text: &str| fs::write(place.config.join(name), text).unwrap();
    assert_eq!(registered(&place), None);
    write("plugins/installed_plugins.json", "not JSON");
    assert_eq!(registered(&place), None);
    let entry = r#"{"scope":"user","version":"0.1.0+aaaa"}"#;
    for text in [
        format!(r#"{{"plugins":{{"{ID}":[{entry}]}}}}"#),
        format!(r#"{{"plugins":{{"{ID}":{entry}}}}}"#),
    ] {
        write("plugins/installed_plugins.json", &text);
        write("settings.json", "{}");
        write("plugins/known_marketplaces.json", "{}");
        let found = registered(&place).unwrap();
        assert_eq!(
            (found.version.as_deref(), found.is_enabled, found.from),
            (Some("0.1.0+aaaa"), false, None)
        );
        write("settings.json", &format!(r#"{{"enabledPlugins":{{"{ID}":true}}}}"#));
        write(
            "plugins/known_marketplaces.json",
            r#"{"ccwatch":{"source":{"source":"directory","path":"/a"}}}"#,
        );
        let found = registered(&place).unwrap();
        assert_eq!((found.is_enabled, found.from), (true, Some("/a".into())));
    }
}

//! What others build and install with says the same as what it is about.

use std::fs;

use crate::tidy::{files, root};

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn manifest() -> toml::Table {
    read("Cargo.toml").parse().unwrap()
}

/// Home Manager writes a unit of its own: each setting of the shipped one stands in it.
#[test]
fn the_unit_of_home_manager_is_the_shipped_one() {
    let (shipped, module) = (read("systemd/ccwatch.service"), read("contrib/nix/home-manager.nix"));
    let service = shipped.split("[Service]").nth(1).unwrap().split("[Install]").next().unwrap();
    let settings = service.lines().filter_map(|line| line.split_once('='));
    for (key, value) in settings.filter(|(key, _)| !key.starts_with('#')) {
        // Both of them name programs where these lie.
        if key.starts_with("Exec") {
            continue;
        }
        let value = if value == "yes" { "true".to_owned() } else { format!("\"{value}\"") };
        let stands = module.contains(&format!("{key} = {value};"))
            || module.contains(&format!("{key} = [")) && module.contains(&value);
        assert!(stands, "contrib/nix/home-manager.nix lacks {key} = {value}");
    }
}

#[test]
fn every_recipe_is_of_this_version() {
    let version = manifest()["package"]["version"].as_str().unwrap().to_owned();
    for path in ["contrib/aur/ccwatch/PKGBUILD", "contrib/aur/ccwatch-bin/PKGBUILD"] {
        assert!(read(path).contains(&format!("\npkgver={version}\n")), "{path}");
    }
    for (path, words) in [
        ("docs/install.md", format!("setup-ccwatch@v{version}`")),
        ("docs/install.md", format!("ccwatch_{version}_amd64.deb")),
        ("docs/retry.md", format!("setup-ccwatch@v{version}\n")),
        ("CHANGELOG.md", format!("\n## {version} - ")),
        ("crates/ccwatch-core/Cargo.toml", format!("\nversion = \"{version}\"\n")),
    ] {
        assert!(read(path).contains(&words), "{path} doesn't say {words:?}");
    }
}

/// `cargo binstall` looks for the archives that dist makes: on Linux the static ones.
#[test]
fn binstall_finds_what_is_released() {
    let dist: toml::Table = read("dist-workspace.toml").parse().unwrap();
    let released = dist["dist"]["targets"].as_array().unwrap();
    let released: Vec<&str> = released.iter().map(|target| target.as_str().unwrap()).collect();
    let manifest = manifest();
    let binstall = &manifest["package"]["metadata"]["binstall"];
    let archive = |at: &toml::Value, target: &str| {
        let text = |key: &str| at[key].as_str().unwrap().replace("{ target }", target);
        assert!(text("pkg-url").ends_with(".tar.xz"));
        let name = text("pkg-url").rsplit_once('/').unwrap().1.replace("{ name }", "ccwatch");
        let folder = text("bin-dir").replace("{ name }", "ccwatch").replace("/{ bin }", "");
        assert_eq!(name, format!("{folder}.tar.xz"));
        folder.strip_prefix("ccwatch-").unwrap().to_owned()
    };
    for target in &released {
        assert_eq!(archive(binstall, target), *target);
    }
    for (target, own) in binstall["overrides"].as_table().unwrap() {
        assert_eq!(archive(own, target), target.replace("gnu", "musl"));
        assert!(released.contains(&target.replace("gnu", "musl").as_str()), "{target}");
    }
}

/// `.ci/run` says at its end what wasn't tried, and finds it by this word.
#[test]
fn what_a_script_skips_is_found_by_ci() {
    let without_ending = ["scripts/dev", "scripts/desktops/run", "scripts/team-test"];
    let without_ending = without_ending.map(|name| (name.to_owned(), read(name)));
    for (name, text) in
        [files("scripts", ".sh"), files("scripts", ".py")].concat().iter().chain(&without_ending)
    {
        assert!(!text.contains("SKIPPED  "), "{name}: write SKIPPED: and the reason");
    }
}

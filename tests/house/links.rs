//! No page links to a file or a heading that isn't there.
//!
//! `CCWATCH_PAGES=DIR cargo test --test house links` looks at another tree: the pages of a package.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::{env, fs};

use crate::tidy::root;

/// The Markdown files below `dir`, but for what was built and what git keeps.
fn pages(dir: &Path) -> Vec<PathBuf> {
    let (mut found, mut rest) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(path) = rest.pop() {
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && name != ".git" {
            rest.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|ending| ending == "md") {
            found.push(path);
        }
    }
    found
}

/// The lines of a page that are neither code nor quoted between backticks.
fn prose(text: &str) -> String {
    let mut code = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        } else if !code {
            prose.extend(line.split('`').step_by(2));
            prose.push('\n');
        }
    }
    prose
}

/// Where the links and pictures of a page lead.
fn targets(text: &str) -> Vec<String> {
    let prose = prose(text);
    let ends = [("](", ')'), ("src=\"", '"'), ("href=\"", '"')];
    let within = ends.iter().flat_map(|(start, end)| {
        prose.split(start).skip(1).filter_map(|rest| rest.split(*end).next())
    });
    // `[name]: target`, on a line of its own.
    let apart = prose.lines().filter(|line| line.starts_with('['));
    let apart = apart.filter_map(|line| line.split_once("]: ")).map(|(_, target)| target);
    within.chain(apart).map(|target| target.split(' ').next().unwrap().to_owned()).collect()
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut code = false;
    let mut anchors = BTreeSet::new();
    for line in text.lines() {
        code ^= line.trim_start().starts_with("```");
        if !code && line.starts_with('#') {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words.chars().filter(|sign| sign.is_alphanumeric() || " -_".contains(*sign));
            anchors.insert(kept.map(|sign| if sign == ' ' { '-' } else { sign }).collect());
        }
    }
    anchors
}

/// The path without its `.` and `..`; nothing where it leaves the tree.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => plain.pop().then_some(())?,
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    Some(plain)
}

/// What is wrong with a link of a page, both below `root`.
fn wrong(root: &Path, page: &Path, target: &str) -> Option<&'static str> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let inside = page.strip_prefix(root).unwrap();
    let there = if path.is_empty() {
        inside.to_owned()
    } else {
        let Some(there) = plain(&inside.parent().unwrap().join(path)) else {
            return Some("leads out of the tree");
        };
        there
    };
    let there = root.join(there);
    if !there.exists() {
        return Some("isn't there");
    }
    let has = || anchors(&fs::read_to_string(&there).unwrap()).contains(anchor);
    (!anchor.is_empty() && !has()).then_some("has no such heading")
}

#[test]
fn no_link_is_dead() {
    let root = env::var_os("CCWATCH_PAGES").map_or_else(|| root().to_owned(), PathBuf::from);
    let pages = pages(&root);
    assert!(!pages.is_empty(), "no page below {}", root.display());
    let mut dead = Vec::new();
    for page in pages {
        for target in targets(&fs::read_to_string(&page).unwrap()) {
            if let Some(wrong) = wrong(&root, &page, &target) {
                dead.push(format!("{}: {target} {wrong}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn a_dead_link_is_found_however_it_is_written() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("docs")).unwrap();
    fs::write(dir.path().join("README.md"), "# One, `two` & three\n```\n# four\n```\n").unwrap();
    let page = dir.path().join("docs/page.md");
    for (text, found) in [
        ("[a](../README.md) ![b](../README.md \"c\") [d](#e)\n# e", ""),
        ("[a](../README.md#one-two--three)", ""),
        ("[a](https://example.com/b#c) [d](mailto:e@example.com) `[f](g)`", ""),
        ("```\n[a](b)\n```\n", ""),
        ("[a](b.md)", "isn't there"),
        ("![a](b.png)", "isn't there"),
        ("<img src=\"b.png\">", "isn't there"),
        ("[a]\n\n[a]: b.md", "isn't there"),
        ("[a](../../README.md)", "leads out of the tree"),
        ("[a](../README.md#four)", "has no such heading"),
        ("[a](#b)", "has no such heading"),
    ] {
        fs::write(&page, text).unwrap();
        let wrong = targets(text).into_iter().find_map(|target| wrong(dir.path(), &page, &target));
        assert_eq!(wrong.unwrap_or_default(), found, "{text}");
    }
}

//! Which room names which: the modules of both crates as a graph, in which no way leads back.
//!
//! `scripts/dev cycles` prints the graph.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::{code, files};

/// A room, and the rooms that its code names.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// The names that a piece of code takes out of `crate`: `crate::text`, `crate::{text, model}`.
fn named(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = lines.flat_map(|line| [line, "\n"]).collect();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => rooms.extend(heads(group)),
            None => rooms.extend([word(rest)]),
        }
    }
    rooms
}

/// The first word of each branch of a group: of `a::{b, c}, d}` it is `a` and `d`.
fn heads(group: &str) -> Vec<String> {
    let (mut heads, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, sign) in group.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                heads.push(word(group[start..at].trim_start()));
                start = at + 1;
                if sign == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

fn word(text: &str) -> String {
    text.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect()
}

/// The rooms at the top of a crate, each with those that it names. Tests are left out, and what
/// only joins the rooms: `lib.rs` and `main.rs`.
fn graph(sources: &[(String, String)]) -> Graph {
    let mut graph = Graph::new();
    for (name, text) in sources {
        let top = name.split('/').next().unwrap().trim_end_matches(".rs");
        if ["lib", "main", "testing"].contains(&top) {
            continue;
        }
        let rooms = graph.entry(top.to_owned()).or_default();
        // So many steps up from a file lead to the top of its crate.
        let to_the_top = "super::".repeat(name.matches('/').count() + 1);
        let code = code(&format!("/{name}"), text).replace(&to_the_top, "crate::");
        rooms.extend(named(&code).into_iter().filter(|room| room != top));
    }
    let known: BTreeSet<String> = graph.keys().cloned().collect();
    graph.values_mut().for_each(|rooms| rooms.retain(|room| known.contains(room)));
    graph
}

/// The graph of one crate, whose source is below `dir`.
fn graph_of(dir: &str) -> Graph {
    let below = |(name, text): (String, String)| (name[dir.len() + 1..].to_owned(), text);
    graph(&files(dir, ".rs").into_iter().map(below).collect::<Vec<_>>())
}

/// What is left when every room that names nothing that is left is taken away: the circles, and
/// what leads into them.
fn circles(graph: &Graph) -> Graph {
    let mut left = graph.clone();
    while let Some(done) = left.iter().find(|(_, rooms)| rooms.is_empty()).map(|one| one.0.clone())
    {
        left.remove(&done);
        left.values_mut().for_each(|rooms| rooms.retain(|room| *room != done));
    }
    left
}

fn shown(graph: &Graph) -> String {
    let list = |rooms: &BTreeSet<String>| rooms.iter().cloned().collect::<Vec<_>>().join(", ");
    graph.iter().map(|(room, rooms)| format!("  {room} -> {}\n", list(rooms))).collect()
}

/// The rooms in an order in which each names only those that stand above it.
fn layers(graph: &Graph) -> Vec<Vec<String>> {
    let (mut left, mut layers) = (graph.clone(), Vec::new());
    loop {
        let free = left.iter().filter(|(_, rooms)| rooms.is_empty()).map(|one| one.0.clone());
        let free: Vec<String> = free.collect();
        if free.is_empty() {
            return layers;
        }
        left.retain(|room, _| !free.contains(room));
        left.values_mut().for_each(|rooms| rooms.retain(|room| !free.contains(room)));
        layers.push(free);
    }
}

#[test]
fn no_way_leads_back() {
    for dir in ["crates/ccwatch-core/src", "src"] {
        let graph = graph_of(dir);
        assert!(graph.len() > 5, "{dir} has rooms: {graph:?}");
        println!("{dir}, who names whom:\n{}", shown(&graph));
        println!("from those that name nobody on:");
        layers(&graph).iter().for_each(|layer| println!("  {}", layer.join(", ")));
        println!();
        let circles = circles(&graph);
        assert!(circles.is_empty(), "in {dir} these lead back to themselves:\n{}", shown(&circles));
    }
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let source = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    for (text, names) in [
        ("use crate::b::{self, C};", "b"),
        ("use crate::{a::X, b};", "b"),
        ("pub use crate::{\n    a::{X, Y},\n    b::{Z},\n};", "b"),
        ("fn f(x: crate::b::X) {}", "b"),
        ("use super::super::b::X;", "b"),
        ("use super::b::X;", ""),
        ("// crate::b\n/// [`crate::b`]", ""),
        ("#[cfg(test)]\nmod tests {\n use crate::b; }", ""),
        ("use crate::somewhere_else::X;", ""),
    ] {
        let sources = [source("a/deep.rs", text), source("b.rs", "use crate::a::X;")];
        let graph = graph(&sources);
        let found: Vec<&str> = graph["a"].iter().map(String::as_str).collect();
        assert_eq!(found.join(" "), names, "{text}");
        assert_eq!(circles(&graph).len(), 2 * found.len(), "{text}");
    }
}

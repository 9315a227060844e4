//! The text format of Prometheus, version 0.0.4, as node_exporter's textfile collector reads it.
//!
//! One sample that is written wrong, or twice, costs the whole file, and in the collector those of
//! all others. So labels are escaped here, and a sample that is there already is left out.

use std::collections::BTreeSet;
use std::fmt::{Display, Write};

/// Names and values. The values may be anybody's text.
pub(crate) type Labels<'a> = Vec<(&'static str, &'a str)>;

/// What is exposed, as it grows.
#[derive(Debug, Default)]
pub(crate) struct Exposition {
    families: Vec<Family>,
    seen: BTreeSet<String>,
}

/// All samples of one name stand together, whoever adds them.
#[derive(Debug)]
struct Family {
    name: String,
    text: String,
}

impl Exposition {
    /// A gauge with its samples, which join those that it has; nothing at all where there are none.
    pub(crate) fn gauge<'a, V: Display>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels<'a>, V)>,
    ) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        let there = self.families.iter().position(|family| family.name == name);
        let at = there.unwrap_or_else(|| {
            let text = format!("# HELP {name} {help}\n# TYPE {name} gauge\n");
            self.families.push(Family { name: name.to_owned(), text });
            self.families.len() - 1
        });
        let Some(family) = self.families.get_mut(at) else { return };
        for (labels, value) in samples {
            let series = series(name, &labels);
            if self.seen.insert(series.clone()) {
                // Writing to a string can't fail.
                let _ = writeln!(family.text, "{series} {value}");
            }
        }
    }

    /// All of it.
    pub(crate) fn into_text(self) -> String {
        self.families.into_iter().map(|family| family.text).collect()
    }
}

/// A name with its labels.
fn series(name: &str, labels: &Labels<'_>) -> String {
    let label = |(key, value): &(&str, &str)| format!("{key}=\"{}\"", escaped(value));
    let labels: Vec<String> = labels.iter().map(label).collect();
    format!("{name}{{{}}}", labels.join(","))
}

/// A label's value between its quotes.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_a_name_stand_together() {
        let mut metrics = Exposition::default();
        for page in ["a", "b"] {
            metrics.gauge("g", "About g.", [(vec![("page", page)], 1)]);
            metrics.gauge("h", "About h.", [(vec![("page", page)], 2)]);
        }
        let expected = "# HELP g About g.\n# TYPE g gauge\ng{page=\"a\"} 1\ng{page=\"b\"} 1\n\
             # HELP h About h.\n# TYPE h gauge\nh{page=\"a\"} 2\nh{page=\"b\"} 2\n";
        assert_eq!(metrics.into_text(), expected);
    }

    #[test]
    fn labels_are_escaped_and_no_sample_is_there_twice() {
        let mut metrics = Exposition::default();
        let odd = "a \"b\" \\ c\nd {e=\"f\"} 1";
        metrics.gauge("g", "About g.", [(vec![("x", odd)], 1), (vec![("x", odd)], 2)]);
        metrics.gauge("h", "About h.", Vec::<(Labels<'_>, u8)>::new());
        let expected = "# HELP g About g.\n# TYPE g gauge\n\
             g{x=\"a \\\"b\\\" \\\\ c\\nd {e=\\\"f\\\"} 1\"} 1\n";
        assert_eq!(metrics.into_text(), expected);
    }
}

//! How one key, or one table of keys, is read from TOML and written as TOML.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::fmt::friendly::{SpanParser, SpanPrinter};
use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use super::report::{Report, closest};
use super::{CriticalFrom, HookCommand, Within};
use crate::page::engine::Format;
use crate::page::fetch::fits;
use ccwatch_core::model::Level;
use ccwatch_core::notice::kind::Kind;
use ccwatch_core::settings::WantedKinds;

/// A key or a table.
pub(super) trait Setting {
    /// Takes over what the file says below `path`, or reports why not and stays as it is.
    fn read(&mut self, path: &str, found: &Spanned<DeValue<'_>>, report: &mut Report<'_>);

    /// Appends every key with its value; the keys' paths begin with `path`.
    fn list(&self, path: &str, entries: &mut Vec<(String, toml::Value)>);

    /// Whether it is known in the file by the name of its field. What isn't gives its table keys of
    /// its own, see [`Setting::read_flat`].
    fn is_named(&self) -> bool {
        true
    }

    /// Takes over a key that it gives to its table; whether it is one of those.
    fn read_flat(
        &mut self,
        _key: &str,
        _path: &str,
        _found: &Spanned<DeValue<'_>>,
        _report: &mut Report<'_>,
    ) -> bool {
        false
    }
}

/// A switch in its table for each kind of notice that can be switched, by the table of kinds.
impl Setting for WantedKinds {
    fn read(&mut self, _: &str, _: &Spanned<DeValue<'_>>, _: &mut Report<'_>) {}

    fn list(&self, path: &str, entries: &mut Vec<(String, toml::Value)>) {
        let table = path.rsplit_once('.').map_or("", |(table, _)| table);
        for kind in Kind::ALL.iter().copied().filter(|kind| kind.row().switch.is_some()) {
            entries.push((join(table, kind.as_str()), self.has(kind).to_toml()));
        }
    }

    fn is_named(&self) -> bool {
        false
    }

    fn read_flat(
        &mut self,
        key: &str,
        path: &str,
        found: &Spanned<DeValue<'_>>,
        report: &mut Report<'_>,
    ) -> bool {
        let is_it = |kind: &Kind| kind.row().switch.is_some() && kind.as_str() == key;
        let kind = Kind::ALL.iter().copied().find(is_it);
        if let Some(kind) = kind {
            let mut on = self.has(kind);
            on.read(path, found, report);
            self.set(kind, on);
        }
        kind.is_some()
    }
}

/// The key `for` in its table.
impl Setting for Within {
    fn read(&mut self, _: &str, _: &Spanned<DeValue<'_>>, _: &mut Report<'_>) {}

    fn list(&self, path: &str, entries: &mut Vec<(String, toml::Value)>) {
        let table = path.rsplit_once('.').map_or("", |(table, _)| table);
        entries.push((join(table, "for"), self.0.to_toml()));
    }

    fn is_named(&self) -> bool {
        false
    }

    fn read_flat(
        &mut self,
        key: &str,
        path: &str,
        found: &Spanned<DeValue<'_>>,
        report: &mut Report<'_>,
    ) -> bool {
        if key == "for" {
            self.0.read(path, found, report);
        }
        key == "for"
    }
}

/// The value of one key.
pub(super) trait Value: Sized {
    /// The value, or what would have been expected ("expected ...").
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String>;

    /// What [`Value::from_toml`] reads back to an equal value.
    fn to_toml(&self) -> toml::Value;
}

impl<T: Value> Setting for T {
    fn read(&mut self, path: &str, found: &Spanned<DeValue<'_>>, report: &mut Report<'_>) {
        report.found(path, found.span());
        match T::from_toml(found.get_ref()) {
            Ok(value) => *self = value,
            Err(expected) => report.refuse(path, &expected),
        }
    }

    fn list(&self, path: &str, entries: &mut Vec<(String, toml::Value)>) {
        entries.push((path.to_owned(), self.to_toml()));
    }
}

/// Declares a table of settings: a struct with its defaults, and how it is read and listed.
/// A field is a key (its type implements [`Value`]) or a table; keys come before tables.
macro_rules! settings {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$key_doc:meta])* $key:ident: $kind:ty = $default:expr,)+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $($(#[$key_doc])* pub $key: $kind,)+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl $crate::config::setting::Setting for $name {
            fn read(
                &mut self,
                path: &str,
                found: &toml::Spanned<toml::de::DeValue<'_>>,
                report: &mut $crate::config::report::Report<'_>,
            ) {
                let Some(table) = found.get_ref().as_table() else {
                    report.found(path, found.span());
                    return report.refuse(path, "expected a table");
                };
                for (key, value) in table {
                    let path = $crate::config::setting::join(path, key.get_ref());
                    match key.get_ref().as_ref() {
                        $(stringify!($key) if self.$key.is_named() => {
                            self.$key.read(&path, value, report);
                        })+
                        key_of_none => {
                            let flat = [$(self.$key.read_flat(key_of_none, &path, value, report)),+];
                            if !flat.contains(&true) {
                                report.unknown(&path, key.span());
                            }
                        }
                    }
                }
            }

            fn list(&self, path: &str, entries: &mut Vec<(String, toml::Value)>) {
                $(self.$key.list(&$crate::config::setting::join(path, stringify!($key)), entries);)+
            }
        }
    };
}
pub(super) use settings;

/// The path of `key` in the table at `path`.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// A duration as the configuration writes it.
pub(super) fn duration_text(duration: Duration) -> String {
    SpanPrinter::new().unsigned_duration_to_string(&duration)
}

/// The text of a TOML string.
fn text<'f>(found: &'f DeValue<'_>, expected: &str) -> Result<&'f str, String> {
    found.as_str().ok_or_else(|| expected.to_owned())
}

impl Value for bool {
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        found.as_bool().ok_or_else(|| "expected true or false, without quotes".to_owned())
    }

    fn to_toml(&self) -> toml::Value {
        toml::Value::Boolean(*self)
    }
}

impl Value for u32 {
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        let digits = found.as_integer().map(|number| (number.as_str(), number.radix()));
        let number = digits.and_then(|(digits, radix)| Self::from_str_radix(digits, radix).ok());
        number.ok_or_else(|| "expected a whole number, without quotes".to_owned())
    }

    fn to_toml(&self) -> toml::Value {
        toml::Value::Integer((*self).into())
    }
}

impl Value for String {
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        text(found, "expected a text in quotes").map(|text| text.trim().to_owned())
    }

    fn to_toml(&self) -> toml::Value {
        toml::Value::String(self.clone())
    }
}

impl Value for Vec<String> {
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        let expected = || match found.as_str() {
            Some(text) if text.len() <= 40 => format!("expected a list of texts: [{text:?}]"),
            _ => "expected a list of texts such as [\"one\", \"two\"]".to_owned(),
        };
        let entries = found.as_array().ok_or_else(expected)?;
        let texts = entries.iter().map(|entry| String::from_toml(entry.get_ref()));
        texts.collect::<Result<_, _>>().map_err(|_| expected())
    }

    fn to_toml(&self) -> toml::Value {
        toml::Value::Array(self.iter().map(Value::to_toml).collect())
    }
}

impl Value for HookCommand {
    /// Word for word: white space in an argument may be meant.
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        let expected = "expected a program and its arguments such as [\"~/bin/tell-me\", \"-v\"]";
        let words = found.as_array().ok_or(expected)?.iter();
        let words: Option<Vec<_>> =
            words.map(|word| word.get_ref().as_str().map(str::to_owned)).collect();
        words.map(Self).ok_or_else(|| expected.to_owned())
    }

    fn to_toml(&self) -> toml::Value {
        self.0.to_toml()
    }
}

impl Value for Duration {
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        let expected = "expected hours, minutes and seconds such as \"60s\" or \"1h 30m\"";
        let text = text(found, expected)?;
        SpanParser::new().parse_unsigned_duration(text).map_err(|_| expected.to_owned())
    }

    fn to_toml(&self) -> toml::Value {
        toml::Value::String(duration_text(*self))
    }
}

impl Value for Level {
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        let levels =
            [Self::Maintenance, Self::Reported, Self::Degraded, Self::Partial, Self::Major];
        choice(found, &levels.map(|level| (level.as_str(), level)))
    }

    fn to_toml(&self) -> toml::Value {
        toml::Value::String(self.as_str().to_owned())
    }
}

impl Value for Format {
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        choice(found, &Self::ALL.map(|(name, engine, _)| (name, engine)))
    }

    fn to_toml(&self) -> toml::Value {
        let name = Self::ALL.iter().find(|(_, engine, _)| engine == self).map(|(name, ..)| *name);
        toml::Value::String(name.unwrap_or_default().to_owned())
    }
}

impl Value for CriticalFrom {
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        let levels = [Level::Reported, Level::Degraded, Level::Partial, Level::Major];
        let mut choices = levels.map(|level| (level.as_str(), Self::At(level))).to_vec();
        choices.push(("never", Self::Never));
        choice(found, &choices)
    }

    fn to_toml(&self) -> toml::Value {
        match self {
            Self::At(level) => level.to_toml(),
            Self::Never => toml::Value::String("never".to_owned()),
        }
    }
}

/// The one of `choices` that the file names.
pub(super) fn choice<T: Copy>(found: &DeValue<'_>, choices: &[(&str, T)]) -> Result<T, String> {
    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    let expected = format!("expected one of \"{}\"", words.join("\", \""));
    let text = text(found, &expected)?;
    match choices.iter().find(|(word, _)| *word == text) {
        Some((_, value)) => Ok(*value),
        None => Err(match closest(text, &words) {
            Some(word) => format!("did you mean \"{word}\"? {expected}"),
            None => expected,
        }),
    }
}

impl Value for Url {
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        let expected = "expected an address such as \"https://status.claude.com\"";
        let mut url = Url::parse(text(found, expected)?).map_err(|_| expected.to_owned())?;
        fits(&url)?;
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(url)
    }

    fn to_toml(&self) -> toml::Value {
        toml::Value::String(self.as_str().trim_end_matches('/').to_owned())
    }
}

impl Value for PathBuf {
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        let expected = "expected an absolute path, or one that begins with ~/";
        let path = Path::new(text(found, expected)?);
        let below_home = path.strip_prefix("~").is_ok_and(|rest| rest.components().count() > 0);
        if path.is_absolute() || below_home {
            Ok(path.to_owned())
        } else {
            Err(expected.to_owned())
        }
    }

    fn to_toml(&self) -> toml::Value {
        toml::Value::String(self.to_string_lossy().into_owned())
    }
}

/// An empty text means none.
impl<T: Value> Value for Option<T> {
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        match found.as_str().map(str::trim) {
            Some("") => Ok(None),
            _ => T::from_toml(found).map(Some),
        }
    }

    fn to_toml(&self) -> toml::Value {
        self.as_ref().map_or(toml::Value::String(String::new()), Value::to_toml)
    }
}

/// One of the built-in addresses.
#[expect(clippy::expect_used, reason = "the texts are constants, and a test parses the defaults")]
pub(super) fn constant_url(text: &'static str) -> Url {
    Url::parse(text).expect("a built-in address is valid")
}

//! The pages beside `[page]`: other status pages, and the feeds of the other ways to Claude.
//!
//! Each is a configuration of its own, [`PageConfig`], made out of the one file: whoever works for
//! one page sees no other.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use super::report::Report;
use super::setting::{Setting, Value, choice, constant_url, join, settings};
use super::{Config, Page, Watch};
use crate::page::engine::Format;
pub use ccwatch_core::notice::FIRST_PAGE as FIRST;
use ccwatch_core::route::Path;
use ccwatch_core::settings::PageLabel;

/// No more `[[pages]]` than this: each is read once a minute.
pub(super) const MOST: usize = 20;

/// The longest name of a page, in characters: it stands in the titles of pop-ups.
pub(super) const LONGEST_NAME: usize = 24;

settings! {
    /// One of `[[pages]]`: any other status page.
    OtherPage {
        /// What it is called in messages; its key is made of it.
        name: String = String::new(),
        /// Its address.
        url: Option<Url> = None,
        /// Its format.
        engine: Format = Format::Statuspage,
        /// A page with another id is not believed; empty: any page is.
        id: String = String::new(),
        /// The regions that are looked at, for formats that tell of many.
        regions: Vec<String> = Vec::new(),
        /// Which of its components matter; empty: all.
        watch: Vec<String> = Vec::new(),
        /// Whether its news are told.
        notify: bool = true,
    }
}

settings! {
    /// `[providers]`: the other ways to Claude.
    Providers {
        /// The AWS regions in which Amazon Bedrock is watched.
        bedrock: Vec<String> = Vec::new(),
        /// The regions of Google Cloud in which Vertex AI is watched.
        vertex: Vec<String> = Vec::new(),
        /// Whether Microsoft Foundry is watched.
        foundry: bool = false,
        /// When their news are told.
        notify: When = When::Route,
        /// The key of the page of the way that requests go; empty: it is found out.
        road: String = String::new(),
        /// Where the feed of AWS Health is, or a cache of it.
        bedrock_url: Url = constant_url("https://health.aws.amazon.com"),
        /// Where Google Cloud's list of incidents is, or a cache of it.
        vertex_url: Url = constant_url("https://status.cloud.google.com"),
        /// Where the feed of Azure's status page is, or a cache of it.
        foundry_url: Url = constant_url("https://rssfeed.azure.status.microsoft"),
    }
}

/// When the news of a page are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// While the user's requests go that way.
    Route,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Value for When {
    fn from_toml(found: &DeValue<'_>) -> Result<Self, String> {
        let words = [("route", Self::Route), ("always", Self::Always), ("never", Self::Never)];
        choice(found, &words)
    }

    fn to_toml(&self) -> toml::Value {
        let word = match self {
            Self::Route => "route",
            Self::Always => "always",
            Self::Never => "never",
        };
        toml::Value::String(word.to_owned())
    }
}

/// All of `[[pages]]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OtherPages(pub Vec<OtherPage>);

impl Setting for OtherPages {
    fn read(&mut self, path: &str, found: &Spanned<DeValue<'_>>, report: &mut Report<'_>) {
        report.found(path, found.span());
        let tables = found.get_ref().as_array();
        let Some(tables) = tables.filter(|all| all.iter().all(|one| one.get_ref().is_table()))
        else {
            return report.refuse(path, "expected a [[pages]] for each page");
        };
        for (number, table) in tables.iter().enumerate() {
            let path = join(path, &number.to_string());
            let mut page = OtherPage::default();
            let mut known = Vec::new();
            page.list(&path, &mut known);
            report.knows(known);
            report.found(&path, table.span());
            page.read(&path, table, report);
            self.0.push(page);
        }
    }

    fn list(&self, path: &str, entries: &mut Vec<(String, toml::Value)>) {
        for (number, page) in self.0.iter().enumerate() {
            page.list(&join(path, &number.to_string()), entries);
        }
    }
}

impl OtherPage {
    /// The key that its name gives it: small letters and digits, with hyphens for all else.
    pub fn key(&self) -> String {
        key_of(&self.name)
    }
}

fn key_of(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let words: String = name.chars().map(plain).collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-")
}

impl Page {
    /// Whether nothing but the page of Claude is believed.
    pub(crate) fn is_of_claude(&self) -> bool {
        let claude = Self::default();
        (self.engine, &self.id) == (claude.engine, &claude.id)
    }
}

/// What a page is to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// `[page]`.
    First,
    /// One of `[[pages]]`.
    Other,
    /// Amazon Bedrock in a region.
    Bedrock,
    /// Vertex AI in a region.
    Vertex,
    /// Microsoft Foundry.
    Foundry,
}

impl Role {
    /// The path of requests that it speaks for, where that isn't Anthropic's own.
    pub fn path(self) -> Option<Path> {
        match self {
            Self::First | Self::Other => None,
            Self::Bedrock => Some(Path::Bedrock),
            Self::Vertex => Some(Path::Vertex),
            Self::Foundry => Some(Path::Foundry),
        }
    }
}

/// One page with the configuration as it would be if it were the only one.
#[derive(Debug, Clone, PartialEq)]
pub struct PageConfig {
    /// The word that stands for it: in `--page`, in the state directory, in keys of notices.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// The region, where it is about one.
    pub region: Option<String>,
    /// When its news are told.
    pub notify: When,
    /// Its `[page]` and `[watch]`, and all that goes for every page.
    pub config: Config,
}

impl PageConfig {
    /// What tells it from the first one.
    pub fn label(&self) -> Option<PageLabel> {
        let tag = match self.role {
            Role::First => return None,
            Role::Other => self.name.clone(),
            // The component is called as the provider.
            Role::Bedrock | Role::Vertex | Role::Foundry => self.region.clone().unwrap_or_default(),
        };
        Some(PageLabel { key: self.key.clone(), name: self.name.clone(), tag })
    }
}

impl Config {
    /// Every page that is watched, `[page]` first.
    pub fn all_pages(&self) -> Vec<PageConfig> {
        let first = PageConfig {
            key: FIRST.to_owned(),
            name: "Claude".to_owned(),
            role: Role::First,
            region: None,
            notify: self.page.notify,
            config: self.alone(self.page.clone(), self.watch.clone()),
        };
        let others = self.pages.0.iter().filter_map(|page| self.other_page(page));
        std::iter::once(first).chain(others).chain(self.ways()).collect()
    }

    /// The page that a key, or a name, stands for.
    pub fn page_named(&self, word: &str) -> Option<PageConfig> {
        let same = |page: &PageConfig| page.key == word || page.name.eq_ignore_ascii_case(word);
        self.all_pages().into_iter().find(same)
    }

    /// Whether another way to Claude is watched.
    pub fn watches_ways(&self) -> bool {
        let Providers { bedrock, vertex, foundry, .. } = &self.providers;
        !bedrock.is_empty() || !vertex.is_empty() || *foundry
    }

    /// All that goes for every page, with one page alone.
    fn alone(&self, page: Page, watch: Watch) -> Self {
        let (pages, providers) = Default::default();
        Self { page, watch, pages, providers, ..self.clone() }
    }

    /// None: it has no address, which is refused elsewhere.
    fn other_page(&self, other: &OtherPage) -> Option<PageConfig> {
        let page = Page {
            url: other.url.clone()?,
            fallback: None,
            id: other.id.clone(),
            engine: other.engine,
            regions: other.regions.clone(),
            notify: When::Always,
        };
        Some(PageConfig {
            key: other.key(),
            name: other.name.clone(),
            role: Role::Other,
            region: None,
            notify: if other.notify { When::Always } else { When::Never },
            config: self.alone(page, self.watch_of(other.watch.clone())),
        })
    }

    /// What `[watch]` says of a page whose incidents name no models of Claude.
    fn watch_of(&self, components: Vec<String>) -> Watch {
        Watch { components, models: Vec::new(), ..self.watch.clone() }
    }

    fn ways(&self) -> Vec<PageConfig> {
        let all = &self.providers;
        let bedrock = all.bedrock.iter().map(|region| self.way(Role::Bedrock, Some(region)));
        let vertex = all.vertex.iter().map(|region| self.way(Role::Vertex, Some(region)));
        let foundry = all.foundry.then(|| self.way(Role::Foundry, None));
        bedrock.chain(vertex).chain(foundry).flatten().collect()
    }

    /// None: it is no way of its own.
    fn way(&self, role: Role, region: Option<&String>) -> Option<PageConfig> {
        let all = &self.providers;
        let (word, name, url, engine) = match role {
            Role::First | Role::Other => return None,
            Role::Bedrock => ("bedrock", "Amazon Bedrock", &all.bedrock_url, Format::AwsHealth),
            Role::Vertex => ("vertex", "Vertex AI", &all.vertex_url, Format::GoogleCloud),
            Role::Foundry => ("foundry", "Microsoft Foundry", &all.foundry_url, Format::AzureRss),
        };
        let page = Page {
            url: url.clone(),
            fallback: None,
            id: String::new(),
            engine,
            regions: region.into_iter().cloned().collect(),
            notify: all.notify,
        };
        let (key, name) = match region {
            Some(region) => (format!("{word}-{region}"), format!("{name} ({region})")),
            None => (word.to_owned(), name.to_owned()),
        };
        Some(PageConfig {
            key,
            name,
            role,
            region: region.cloned(),
            notify: all.notify,
            config: self.alone(page, self.watch_of(Vec::new())),
        })
    }
}

/// Reports what is wrong with the pages beside the first one, each alone and all together.
pub(super) fn check(config: &Config, report: &mut Report<'_>) {
    let providers = &config.providers;
    if config.pages.0.len() > MOST {
        report.refuse("pages", &format!("expected at most {MOST}"));
    }
    let mut taken: BTreeSet<String> = config.ways().into_iter().map(|way| way.key).collect();
    taken.insert(FIRST.to_owned());
    for (number, page) in config.pages.0.iter().enumerate() {
        let path = |key: &str| format!("pages.{number}.{key}");
        let key = page.key();
        if key.is_empty() || page.name.chars().count() > LONGEST_NAME {
            let why = format!(
                "expected a name of 1 to {LONGEST_NAME} characters with a letter of a to z or a digit, such as \"OpenAI\""
            );
            report.refuse(&path("name"), &why);
        } else if !taken.insert(key) {
            let why = "expected a name that tells it from every other page";
            report.refuse(&path("name"), why);
        }
        if page.url.is_none() {
            let why = "expected its address, such as \"https://status.openai.com\"";
            report.refuse(&path("url"), why);
        }
        super::check::check_names(&path("watch"), &page.watch, report);
        if let Some(page) = config.other_page(page) {
            super::check::check_engine(&page.config, &format!("pages.{number}"), report);
            super::check::check_interval_of(&page.config, &path("url"), config, report);
        }
    }
    let road = &providers.road;
    let is_page =
        road.is_empty() || road == FIRST || config.ways().iter().any(|it| it.key == *road);
    if !is_page {
        let why = "expected \"claude\" or a way that is watched, such as \"bedrock-us-east-1\"";
        report.refuse("providers.road", why);
    }
    for (path, regions, engine) in [
        ("providers.bedrock", &providers.bedrock, Format::AwsHealth),
        ("providers.vertex", &providers.vertex, Format::GoogleCloud),
    ] {
        super::check::check_regions(path, regions, engine, report);
        let once: BTreeSet<&String> = regions.iter().collect();
        if once.len() < regions.len() {
            report.refuse(path, "expected each region once");
        }
    }
    for way in config.ways() {
        let url = match way.role {
            Role::First | Role::Other => continue,
            Role::Bedrock => "providers.bedrock_url",
            Role::Vertex => "providers.vertex_url",
            Role::Foundry => "providers.foundry_url",
        };
        super::check::check_interval_of(&way.config, url, config, report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Config {
        Config::parse(text, std::path::Path::new("test")).unwrap()
    }

    fn problems(text: &str) -> String {
        Config::parse(text, std::path::Path::new("FILE")).unwrap_err().to_string()
    }

    const THREE: &str = r#"
        [providers]
        bedrock = ["us-east-1", "eu-west-1"]
        foundry = true
        [[pages]]
        name = "Open AI!"
        url = "https://status.openai.com/"
        watch = ["API"]
        notify = false
        [[pages]]
        name = "Cloud"
        url = "https://status.example.org"
        engine = "google-cloud"
        regions = ["us-east5"]
    "#;

    #[test]
    fn each_page_is_a_configuration_of_its_own() {
        let config = parse(THREE);
        let pages = config.all_pages();
        let keys: Vec<&str> = pages.iter().map(|page| page.key.as_str()).collect();
        let expected =
            ["claude", "open-ai", "cloud", "bedrock-us-east-1", "bedrock-eu-west-1", "foundry"];
        assert_eq!(keys, expected);
        assert_eq!(pages[0].config, Config::default());
        assert_eq!(pages[1].config.page.url.as_str(), "https://status.openai.com/");
        assert_eq!(pages[1].config.watch.components, ["API"]);
        assert_eq!(pages[1].notify, When::Never);
        assert_eq!(pages[1].label().unwrap().tag, "Open AI!");
        assert_eq!(pages[3].config.page.regions, ["us-east-1"]);
        assert_eq!(pages[3].name, "Amazon Bedrock (us-east-1)");
        assert_eq!(pages[3].label().unwrap().tag, "us-east-1");
        assert_eq!(pages[5].label().unwrap().tag, "");
        assert_eq!(config.page_named("Cloud").unwrap().key, "cloud");
        assert_eq!(config.page_named("open ai"), None);
        assert!(config.watches_ways() && !Config::default().watches_ways());
    }

    #[test]
    fn what_is_shown_reads_back() {
        let config = parse(THREE);
        let text = config.to_toml();
        assert!(text.contains("\n[[pages]]\nname = \"Open AI!\"\n"), "{text}");
        assert_eq!(parse(&text), config);
    }

    #[test]
    fn mistakes_are_named_with_what_to_write() {
        for (text, expected) in [
            ("pages = 1", "`pages` is 1; expected a [[pages]] for each page"),
            ("[[pages]]\nname = \"X\"", "expected its address"),
            ("[[pages]]\nurl = \"https://x.org\"", "expected a name of 1 to 24"),
            ("[[pages]]\nname = \"Claude\"\nurl = \"https://x.org\"", "tells it from every other"),
            ("[[pages]]\nname = \"X\"\nulr = \"https://x.org\"", "did you mean `pages.0.url`"),
            (
                "[[pages]]\nname = \"X\"\nurl = \"https://x.org\"\nengine = \"aws-health\"",
                "`pages.0.regions`",
            ),
            (
                "[poll]\ninterval = \"1s\"\n[page]\nurl = \"http://127.0.0.1:1\"\n[[pages]]\nname = \"X\"\nurl = \"https://x.org\"",
                "expected 30s to 1h",
            ),
            ("[providers]\nbedrock = [\"US East\"]", "is no region"),
            ("[providers]\nbedrock = [\"us-est-1\"]", "\"us-est-1\" is no region such as"),
            ("[providers]\nbedrock = [\"us-east-\"]", "\"us-east-\" is no region such as"),
            (
                "[page]\nurl = \"https://health.aws.amazon.com\"\nengine = \"aws-health\"\nregions = [\"useast1\"]",
                "\"useast1\" is no region",
            ),
            ("[providers]\nvertex = [\"us\", \"us\"]", "each region once"),
            ("[providers]\nnotify = \"sometimes\"", "expected one of \"route\""),
            ("[providers]\nroad = \"bedrock-us-east-1\"", "or a way that is watched"),
        ] {
            let said = problems(text);
            assert!(said.contains(expected), "{text}\n{said}");
        }
    }
}

//! The formats of status pages. Each is known to one module below, and to nobody else; this one
//! chooses between them.
//!
//! All are as strict: what can't be understood is "unknown", never operational and never down.

mod aws_health;
mod azure_rss;
mod google_cloud;
mod lenient;
mod regions;
mod statuspage;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

pub use lenient::decode;

use ccwatch_core::model::{Endpoint, Failure, Incident, Snapshot};

/// The formats of pages, by their names in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Statuspage, and incident.io.
    Statuspage,
    /// The public feed of AWS Health, for Amazon Bedrock.
    AwsHealth,
    /// Google Cloud's list of incidents, for Vertex AI.
    GoogleCloud,
    /// The feed of Azure's status page, for Microsoft Foundry.
    AzureRss,
}

impl Format {
    /// Every one with its name, and where such a page is, if it is one alone.
    pub const ALL: [(&str, Self, Option<&str>); 4] = [
        ("statuspage", Self::Statuspage, None),
        ("aws-health", Self::AwsHealth, Some("https://health.aws.amazon.com")),
        ("google-cloud", Self::GoogleCloud, Some("https://status.cloud.google.com")),
        ("azure-rss", Self::AzureRss, Some("https://rssfeed.azure.status.microsoft")),
    ];

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format, _)| *format == self).map_or("", |(name, ..)| name)
    }

    /// What a page in this format is called among people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Statuspage => "a page by Statuspage or incident.io",
            Self::AwsHealth => "the feed of AWS Health, for Amazon Bedrock",
            Self::GoogleCloud => "Google Cloud's list of incidents, for Vertex AI",
            Self::AzureRss => "the RSS feed of Azure's status page, for Microsoft Foundry",
        }
    }

    /// What in a feed concerns us; none for a page that lists its components itself.
    pub fn looks_for(self) -> Option<&'static str> {
        match self {
            Self::Statuspage => None,
            Self::AwsHealth => Some("events of the service \"bedrock\""),
            Self::GoogleCloud => Some("incidents of Vertex AI's online prediction and Gemini API"),
            Self::AzureRss => Some(
                "items that name Foundry, OpenAI, Claude, Azure AI services or Cognitive Services",
            ),
        }
    }

    /// Whether its page tells of many regions, of which some have to be named.
    pub fn has_regions(self) -> bool {
        match self {
            Self::AwsHealth | Self::GoogleCloud => true,
            Self::Statuspage | Self::AzureRss => false,
        }
    }

    /// The engine for a page in this format.
    pub fn engine(self, page_id: &str, regions: &[String]) -> Engine {
        match self {
            Self::Statuspage => Engine::statuspage(page_id),
            Self::AwsHealth => Engine::AwsHealth { regions: regions.to_vec() },
            Self::GoogleCloud => Engine::GoogleCloud { regions: regions.to_vec() },
            Self::AzureRss => Engine::AzureRss,
        }
    }
}

/// Which page a body is of, by its own word, raw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageName {
    /// The page's id.
    pub id: Option<String>,
    /// What it is called.
    pub name: Option<String>,
}

/// A format, with what of such a page is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Engine {
    /// Statuspage's JSON (API v2), which incident.io's pages speak, too.
    Statuspage {
        /// The page that is believed; empty: any.
        page_id: String,
    },
    /// Amazon Bedrock, out of the public feed of AWS Health.
    AwsHealth {
        /// The AWS regions that are looked at, at least one.
        regions: Vec<String>,
    },
    /// Vertex AI, out of Google Cloud's list of incidents.
    GoogleCloud {
        /// The regions of Google Cloud that are looked at, at least one.
        regions: Vec<String>,
    },
    /// Microsoft Foundry, out of the feed of Azure's status page.
    AzureRss,
}

/// What the body of a document is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// JSON.
    Json,
    /// XML, such as an RSS feed.
    Xml,
}

impl Syntax {
    /// Whether a type of contents, in small letters and without parameters, means this. Servers
    /// give feeds the type of any text, too.
    pub fn is_called(self, content_type: &str) -> bool {
        let names: &[&str] = match self {
            Self::Json => &["application/json", "text/json"],
            Self::Xml => &["application/xml", "text/xml"],
        };
        let ending = match self {
            Self::Json => "+json",
            Self::Xml => "+xml",
        };
        names.contains(&content_type)
            || content_type.ends_with(ending) && content_type != "application/xhtml+xml"
    }

    /// What is asked for. Who serves a feed as nothing else may refuse to be asked for JSON.
    pub fn accepted(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/rss+xml, application/xml;q=0.9, text/xml;q=0.9",
        }
    }
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::Xml => "XML",
        })
    }
}

impl Engine {
    /// Statuspage, of the page with this id, or of any if it is empty.
    pub fn statuspage(page_id: &str) -> Self {
        Self::Statuspage { page_id: page_id.to_owned() }
    }

    /// Where a document is, below the page's address. A feed is one document for all.
    pub fn document(&self, endpoint: Endpoint) -> &'static str {
        match self {
            Self::Statuspage { .. } => match endpoint {
                Endpoint::Summary => "api/v2/summary.json",
                Endpoint::Incidents => "api/v2/incidents.json",
            },
            Self::AwsHealth { .. } => "public/currentevents",
            Self::GoogleCloud { .. } => "incidents.json",
            Self::AzureRss => "en-us/status/feed/",
        }
    }

    /// What tells the page from another one: its own id, or where it is and what of it is looked at;
    /// empty where any page is believed.
    pub fn page_id(&self, page_url: &str) -> String {
        match self {
            Self::Statuspage { page_id } => page_id.clone(),
            Self::AwsHealth { regions } | Self::GoogleCloud { regions } => {
                format!("{page_url}#{}", regions.join(","))
            }
            Self::AzureRss => page_url.to_owned(),
        }
    }

    /// What a document says of which page it is of. Feeds say nothing that tells one from another.
    pub fn page_name(&self, body: &[u8]) -> PageName {
        match self {
            Self::Statuspage { .. } => statuspage::page_name(body),
            Self::AwsHealth { .. } | Self::GoogleCloud { .. } | Self::AzureRss => {
                PageName::default()
            }
        }
    }

    /// Every region that a document names, where it remembers so much that one that it doesn't name
    /// may be misspelt. AWS Health names a region only while there is trouble.
    pub fn regions_named(&self, body: &[u8]) -> Option<BTreeSet<String>> {
        match self {
            Self::GoogleCloud { .. } => Some(google_cloud::regions_named(body)),
            Self::Statuspage { .. } | Self::AwsHealth { .. } | Self::AzureRss => None,
        }
    }

    /// What its documents are made of.
    pub fn syntax(&self) -> Syntax {
        match self {
            Self::Statuspage { .. } | Self::AwsHealth { .. } | Self::GoogleCloud { .. } => {
                Syntax::Json
            }
            Self::AzureRss => Syntax::Xml,
        }
    }

    /// Where a person reads about it: the page's address, or another of the same vendor's.
    pub fn site<'a>(&self, page_url: &'a str) -> &'a str {
        match self {
            Self::Statuspage { .. } | Self::GoogleCloud { .. } => page_url,
            Self::AwsHealth { .. } => "https://health.aws.amazon.com/health/status",
            Self::AzureRss => "https://azure.status.microsoft/en-us/status",
        }
    }

    /// Whether an incident has a page of its own, at `incidents/ID` below the site.
    pub fn has_incident_pages(&self) -> bool {
        matches!(self, Self::Statuspage { .. } | Self::GoogleCloud { .. })
    }

    /// Whether an open incident may be one that nobody thought of closing. An item of Azure's feed
    /// is there for as long as it goes on, and most never say anything new.
    pub fn incidents_linger(&self) -> bool {
        match self {
            Self::Statuspage { .. } | Self::AwsHealth { .. } | Self::GoogleCloud { .. } => true,
            Self::AzureRss => false,
        }
    }

    /// Reads the components and the open incidents.
    ///
    /// # Errors
    /// The body isn't what it should be: `NotJson`, `OtherPage`, or `NotUnderstood`.
    pub fn summary(&self, body: &[u8]) -> Result<Snapshot, Failure> {
        match self {
            Self::Statuspage { page_id } => statuspage::summary(body, page_id),
            Self::AwsHealth { regions } => aws_health::summary(body, regions),
            Self::GoogleCloud { regions } => google_cloud::summary(body, regions),
            Self::AzureRss => azure_rss::summary(body),
        }
    }

    /// Reads the incidents, those that are over, too, as far as the page keeps them.
    ///
    /// # Errors
    /// As for [`Engine::summary`].
    pub fn incidents(&self, body: &[u8]) -> Result<Vec<Incident>, Failure> {
        match self {
            Self::Statuspage { page_id } => statuspage::incidents(body, page_id),
            Self::AwsHealth { regions } => aws_health::incidents(body, regions),
            Self::GoogleCloud { regions } => google_cloud::incidents(body, regions),
            Self::AzureRss => azure_rss::incidents(body),
        }
    }
}

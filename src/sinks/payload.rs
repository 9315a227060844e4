//! What a hook is told of a notice, in two forms: JSON on its standard input, and a few variables
//! of its environment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::render::sanitize::{hook_body, hook_title, hook_word};
use ccwatch_core::notice::{FIRST_PAGE, Notice, page_of};

/// The most components that are named.
const COMPONENTS: usize = 100;

/// A notice as a hook is told it. Keys may be added; none is renamed without another `version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// Of this shape: 1.
    pub version: u32,
    /// The same for a repeat, and for no other notice.
    pub key: String,
    /// The key of the page that it is of; `claude` for the first one.
    pub page: String,
    /// When it was decided.
    pub at: Timestamp,
    /// `outage`, `back` and so on; `test` from `ccwatch notify-test`.
    pub kind: String,
    /// Ids of the components that it is about.
    pub components: Vec<String>,
    /// Id of the incident that explains it.
    pub incident: Option<String>,
    /// One line.
    pub title: String,
    /// One line: what happened and what to do.
    pub body: String,
    /// `low`, `normal` or `critical`.
    pub urgency: String,
    /// Why it is told.
    pub reason: String,
    /// How long the episode lasted, where it is over.
    pub lasted_seconds: Option<u64>,
    /// The incident's page, an https address that ccwatch built itself.
    pub link: Option<String>,
}

impl From<&Notice> for Payload {
    fn from(notice: &Notice) -> Self {
        Self {
            version: 1,
            key: notice.key.clone(),
            page: page_of(&notice.key).to_owned(),
            // As the store keeps it, so that a repeat after a restart is the same to the byte.
            at: Timestamp::from_millisecond(notice.at.as_millisecond()).unwrap_or(notice.at),
            kind: notice.kind.as_str().to_owned(),
            components: notice.components.iter().map(|id| id.0.clone()).collect(),
            incident: notice.incident.as_ref().map(|id| id.0.clone()),
            title: notice.title.clone(),
            body: notice.body.clone(),
            urgency: notice.urgency.as_str().to_owned(),
            reason: notice.reason.as_str().to_owned(),
            lasted_seconds: notice.lasted_seconds,
            link: notice.link.clone(),
        }
    }
}

impl Payload {
    /// One for trying a hook out.
    pub fn test(at: Timestamp) -> Self {
        Self {
            version: 1,
            key: format!("test/{at}"),
            page: FIRST_PAGE.to_owned(),
            at,
            kind: "test".to_owned(),
            components: Vec::new(),
            incident: None,
            title: "ccwatch: this is a test".to_owned(),
            body: "Like this, ccwatch tells your hook.".to_owned(),
            urgency: "normal".to_owned(),
            reason: "test".to_owned(),
            lasted_seconds: None,
            link: None,
        }
    }

    /// The same with every text made harmless and short.
    pub(super) fn inert(&self) -> Self {
        let word = |text: &String| hook_word(text);
        Self {
            version: self.version,
            key: word(&self.key),
            page: word(&self.page),
            at: self.at,
            kind: word(&self.kind),
            components: self.components.iter().take(COMPONENTS).map(word).collect(),
            incident: self.incident.as_ref().map(word),
            title: hook_title(&self.title),
            body: hook_body(&self.body),
            urgency: word(&self.urgency),
            reason: word(&self.reason),
            lasted_seconds: self.lasted_seconds,
            link: self.link.as_ref().map(word),
        }
    }

    /// Variables of the environment; one without a value is not set.
    pub(super) fn variables(&self) -> [(&'static str, Option<String>); 8] {
        [
            ("CCWATCH_KEY", Some(self.key.clone())),
            ("CCWATCH_AT", Some(self.at.to_string())),
            ("CCWATCH_KIND", Some(self.kind.clone())),
            ("CCWATCH_TITLE", Some(self.title.clone())),
            ("CCWATCH_BODY", Some(self.body.clone())),
            ("CCWATCH_URGENCY", Some(self.urgency.clone())),
            ("CCWATCH_LASTED_SECONDS", self.lasted_seconds.map(|seconds| seconds.to_string())),
            ("CCWATCH_LINK", self.link.clone()),
        ]
    }
}

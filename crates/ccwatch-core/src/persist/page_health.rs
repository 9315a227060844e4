//! How well the page can be seen, as it is stored: the row `sight` of the table `page`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::notice::kind::Reason;
use crate::state::page_health::{Failing, PageHealth, PageTrouble};

use super::{Persist, Word};

/// A [`PageHealth`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPageHealth {
    #[serde(default)]
    page_id: String,
    #[serde(default)]
    page_updated_at: Option<Timestamp>,
    first_good: Option<Timestamp>,
    last_good: Option<Timestamp>,
    last_attempt: Option<Timestamp>,
    failing: Option<StoredFailing>,
    history_at: Option<Timestamp>,
    #[serde(default)]
    lost_told: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lost_decided: Option<Word<Reason>>,
    stale_since: Option<Timestamp>,
    unmatched: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unmatched_before: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unmatched_told: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unmatched_decided: Option<Word<Reason>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trouble: Option<StoredPageTrouble>,
}

/// A [`PageTrouble`] as it is stored. A kind that this version doesn't know is read as `other`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPageTrouble {
    since: Timestamp,
    kind: String,
    told: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided: Option<Word<Reason>>,
}

/// A [`Failing`] as it is stored. A kind that this version doesn't know is read as `other`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFailing {
    since: Timestamp,
    count: u32,
    kind: String,
    detail: String,
}

impl Persist for PageHealth {
    type Stored = StoredPageHealth;
}

impl From<&PageHealth> for StoredPageHealth {
    fn from(health: &PageHealth) -> Self {
        let PageHealth {
            page_id,
            page_updated_at,
            first_good,
            last_good,
            last_attempt,
            failing,
            history_at,
            lost_told,
            lost_decided,
            stale_since,
            unmatched,
            unmatched_before,
            unmatched_told,
            unmatched_decided,
            trouble,
        } = health;
        Self {
            page_id: page_id.clone(),
            page_updated_at: *page_updated_at,
            first_good: *first_good,
            last_good: *last_good,
            last_attempt: *last_attempt,
            failing: failing.as_ref().map(Into::into),
            history_at: *history_at,
            lost_told: *lost_told,
            lost_decided: lost_decided.map(Word),
            stale_since: *stale_since,
            unmatched: unmatched.clone(),
            unmatched_before: unmatched_before.clone(),
            unmatched_told: unmatched_told.clone(),
            unmatched_decided: unmatched_decided.map(Word),
            trouble: trouble.as_ref().map(Into::into),
        }
    }
}

impl From<StoredPageHealth> for PageHealth {
    fn from(stored: StoredPageHealth) -> Self {
        Self {
            page_id: stored.page_id,
            page_updated_at: stored.page_updated_at,
            first_good: stored.first_good,
            last_good: stored.last_good,
            last_attempt: stored.last_attempt,
            failing: stored.failing.map(Into::into),
            history_at: stored.history_at,
            lost_told: stored.lost_told,
            lost_decided: stored.lost_decided.map(|word| word.0),
            stale_since: stored.stale_since,
            unmatched: stored.unmatched,
            unmatched_before: stored.unmatched_before,
            unmatched_told: stored.unmatched_told,
            unmatched_decided: stored.unmatched_decided.map(|word| word.0),
            trouble: stored.trouble.map(Into::into),
        }
    }
}

impl From<&Failing> for StoredFailing {
    fn from(run: &Failing) -> Self {
        let Failing { since, count, kind, detail } = run;
        Self {
            since: *since,
            count: *count,
            kind: kind.as_str().to_owned(),
            detail: detail.clone(),
        }
    }
}

impl From<StoredFailing> for Failing {
    fn from(stored: StoredFailing) -> Self {
        Self {
            since: stored.since,
            count: stored.count,
            kind: stored.kind.into(),
            detail: stored.detail,
        }
    }
}

impl From<&PageTrouble> for StoredPageTrouble {
    fn from(trouble: &PageTrouble) -> Self {
        let PageTrouble { since, kind, told, decided } = trouble;
        Self {
            since: *since,
            kind: kind.as_str().to_owned(),
            told: told.clone(),
            decided: decided.map(Word),
        }
    }
}

impl From<StoredPageTrouble> for PageTrouble {
    fn from(stored: StoredPageTrouble) -> Self {
        Self {
            since: stored.since,
            kind: stored.kind.into(),
            told: stored.told,
            decided: stored.decided.map(|word| word.0),
        }
    }
}

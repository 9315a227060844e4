//! How well the page can be seen, as it is stored: the row `sight` of the table `page`.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::notice::reason::Reason;
use crate::state::page_health::{Failing, PageHealth};

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

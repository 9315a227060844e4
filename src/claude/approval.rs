//! Which API keys the user let sessions use: Claude Code asks once, and keeps the end of each key
//! with the answer. A key that was not approved is not in force in a session that one types in.

use serde_json::Value;

use super::place::Place;
use super::settings;

/// So many characters of a key are kept with the answer.
const KEPT: usize = 20;

/// The answers. Without `Debug`: they are ends of keys.
#[derive(Default)]
pub(super) struct Approvals {
    /// The ends of the keys that were approved; none where no answers are kept.
    approved: Option<Vec<String>>,
}

impl Approvals {
    /// From Claude Code's own file; what can't be understood is as good as none.
    pub(super) fn read(place: &Place) -> Self {
        let file = settings::json(&place.answers()).ok().flatten();
        let answers = file.as_ref().and_then(|file| file.get("customApiKeyResponses"));
        let list = answers.filter(|answers| answers.is_object()).map(|answers| {
            let list = answers.get("approved").and_then(Value::as_array);
            let ends = list.into_iter().flatten().filter_map(Value::as_str);
            ends.map(str::to_owned).collect()
        });
        Self { approved: list }
    }

    /// Whether sessions may use a key, as far as that is known.
    pub(super) fn allow(&self, key: &str) -> bool {
        let start = key.char_indices().rev().nth(KEPT.saturating_sub(1)).map_or(0, |(at, _)| at);
        let end = key.get(start..).unwrap_or(key);
        self.approved.as_ref().is_none_or(|approved| approved.iter().any(|kept| kept == end))
    }
}

//! Records that wait for the next transaction. Normally those of one event; while the database
//! can't be written, all since then, within bounds: memory is not endless.

use ccwatch_core::model::Incident;
use ccwatch_core::monitor::Record;

/// No more records than this wait.
const MOST: usize = 20_000;
/// They take no more than about this, in bytes: more than one reading of the largest history.
const LARGEST: usize = 12 << 20;
/// What a part of a record takes beside its text, about, in bytes.
const PART: usize = 150;

/// The records, in their order, and how many there was no room for.
#[derive(Debug, Default)]
pub(super) struct Queue {
    records: Vec<Record>,
    bytes: usize,
    dropped: u64,
}

impl Queue {
    /// Takes one more; the oldest go where that is too many. Incidents go first: they are large,
    /// and the page lists them again, which it does with nothing else.
    pub(super) fn push(&mut self, record: Record) {
        self.bytes = self.bytes.saturating_add(weight(&record));
        self.records.push(record);
        while self.records.len() > MOST || (self.bytes > LARGEST && self.records.len() > 1) {
            let incident = |record: &Record| matches!(record, Record::Incident(_));
            let gone = self.records.remove(self.records.iter().position(incident).unwrap_or(0));
            self.bytes = self.bytes.saturating_sub(weight(&gone));
            self.dropped += 1;
        }
    }

    /// All that wait.
    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// They are written: forgets them; gives how many had been dropped.
    pub(super) fn clear(&mut self) -> u64 {
        std::mem::take(self).dropped
    }
}

/// What a record takes in memory, about, in bytes.
fn weight(record: &Record) -> usize {
    let text = match record {
        Record::Incident(incident) => length(incident),
        Record::Notice(notice) | Record::Reworded(notice) => {
            notice.title.len() + notice.body.len() + PART
        }
        _ => 0,
    };
    PART + text
}

fn length(incident: &Incident) -> usize {
    let updates = incident.updates.iter();
    let updates = updates.map(|u| u.id.len() + u.body.len() + PART * (1 + u.changes.len()));
    incident.name.len() + PART * incident.components.len() + updates.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use ccwatch_core::model::IncidentId;
    use ccwatch_core::persist::StoredOpenIncident;
    use ccwatch_core::testing::start;

    use super::*;

    fn removed(number: usize) -> Record {
        Record::Removed { incident: IncidentId(number.to_string()), at: start() }
    }

    fn incident(size: usize) -> Record {
        let incident: StoredOpenIncident = serde_json::from_value(serde_json::json!({
            "id": "abc", "name": "x".repeat(size), "phase": "identified", "impact": "major",
            "created_at": null, "started_at": null, "updated_at": null, "resolved_at": null,
            "components": [], "updates": [],
        }))
        .unwrap();
        Record::Incident(Box::new(incident.into()))
    }

    #[test]
    fn the_oldest_go_where_too_many_wait_and_are_counted() {
        let mut queue = Queue::default();
        (0..MOST + 3).for_each(|number| queue.push(removed(number)));
        assert_eq!(queue.records().len(), MOST);
        assert_eq!(queue.records()[0], removed(3));
        assert_eq!(queue.clear(), 3);
        assert_eq!((queue.records().len(), queue.clear()), (0, 0));
    }

    #[test]
    fn large_ones_are_bounded_by_their_size_and_go_before_the_rest() {
        let mut queue = Queue::default();
        queue.push(removed(1));
        (0..40).for_each(|_| queue.push(incident(1 << 20)));
        assert!(queue.bytes <= LARGEST, "{}", queue.bytes);
        assert_eq!(queue.records()[0], removed(1));
        assert_eq!(queue.records().len(), 12);
        assert_eq!(queue.clear(), 29);
        queue.push(incident(2 * LARGEST));
        assert_eq!(queue.records().len(), 1, "a single one is written, whatever its size");
    }
}

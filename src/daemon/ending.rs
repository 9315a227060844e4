//! The end of a daemon: what is being delivered is waited for a moment, and all is written down.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::Daemon;
use ccwatch_core::deliver::Outboxes;
use ccwatch_core::deliver::delivery::Outcome;
use ccwatch_core::monitor::{Command, Input};
use ccwatch_core::notice::sink::Sink;

/// How long a stop waits for what is being delivered, so that it isn't delivered again.
const LAST_DELIVERY: Duration = Duration::from_millis(700);

/// How long it waits in all for a notification server that stands still: only its answer says which
/// bubble it made, and what nobody knows the number of can't be taken down later.
const LAST_ANSWER: Duration = Duration::from_millis(1200);

/// How long it waits for the last lines of a recording.
const LAST_RECORD: Duration = Duration::from_millis(150);

impl Daemon {
    /// Waits a moment for the pop-up that is being shown and the hook that is running, so that a
    /// restart doesn't repeat them. A hook that takes longer is ended; a pop-up that was not
    /// answered for may be on the screen, so that the next daemon tells the end of it.
    pub(super) async fn finish(&mut self, made_up: bool) {
        let begun = Instant::now();
        let busy = |outboxes: &Outboxes| {
            outboxes.is_sending() || outboxes.of(Sink::Desktop).awaits_answer()
        };
        self.hear_sinks(begun + LAST_DELIVERY, busy).await;
        let hook_ends = self.sinks.stop();
        let awaits = |outboxes: &Outboxes| outboxes.of(Sink::Desktop).awaits_answer();
        tokio::join!(hook_ends, self.hear_sinks(begun + LAST_ANSWER, awaits));
        if made_up {
            for page in self.pages.iter() {
                let bubbles = page.monitor.outboxes().of(Sink::Desktop).says_outage();
                bubbles.for_each(|(_, bubble)| self.sinks.take_down(bubble.clone()));
            }
            let there = |outboxes: &Outboxes| outboxes.of(Sink::Desktop).says_outage().count() > 0;
            self.hear_sinks(begun + LAST_ANSWER, there).await;
        }
        let now = self.look_at_the_clock();
        let sink = Sink::Desktop;
        for page in self.pages.iter_mut() {
            if let Some(key) = page.monitor.outboxes().of(sink).sending().map(str::to_owned) {
                let outcome = Outcome::Uncertain;
                page.handle(now, Input::Delivered { sink, key, outcome });
            }
        }
        self.drop_all_but_records();
        for page in self.pages.iter_mut() {
            let _in_log = page.in_log();
            page.writer.commit_last(now, &page.monitor);
        }
        self.recorder.iter().for_each(|recorder| recorder.finish(LAST_RECORD));
        tracing::info!("stopped");
    }

    /// Takes in what the sinks say while something is `awaited` of them.
    async fn hear_sinks(&mut self, until: Instant, awaited: impl Fn(&Outboxes) -> bool) {
        while self.pages.iter().any(|page| awaited(page.monitor.outboxes())) {
            let Ok(news) = timeout_at(until, self.sinks.next()).await else { return };
            let now = self.look_at_the_clock();
            self.take_in_news(now, news);
            self.drop_all_but_records();
        }
    }

    /// Ends without a word to the database, which is another daemon's by now.
    pub(super) async fn give_way(&mut self) {
        self.sinks.stop().await;
        tracing::error!("the lock file was deleted, and another daemon took it: this one stops");
    }

    fn drop_all_but_records(&mut self) {
        for page in self.pages.iter_mut() {
            while let Some(command) = page.monitor.next_command() {
                if let Command::Record(record) = command {
                    page.writer.note(record);
                }
            }
        }
    }
}

//! Looks by which page the user's requests go, beside the loop: files say it, and they may be on a
//! mount that does not answer.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Finds out the key of the page of the road that requests take; none: it can't be told. May take as
/// long as files do.
pub type FindRoad = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// The looks, one at a time: files that don't answer hold one thread, however often it is asked for.
pub(super) struct RoadLook {
    find: FindRoad,
    sender: UnboundedSender<Option<String>>,
    found: UnboundedReceiver<Option<String>>,
    under_way: bool,
    /// It is to be found out in another way since the look began that is under way.
    again: bool,
}

impl RoadLook {
    pub(super) fn new(find: FindRoad) -> Self {
        let (sender, found) = unbounded_channel();
        Self { find, sender, found, under_way: false, again: false }
    }

    /// It is found out in this way from now on.
    pub(super) fn find_by(&mut self, find: FindRoad) {
        self.find = find;
        self.again = self.under_way;
        self.begin();
    }

    /// Begins to look, unless somebody does.
    pub(super) fn begin(&mut self) {
        if std::mem::replace(&mut self.under_way, true) {
            return;
        }
        let (find, found) = (Arc::clone(&self.find), self.sender.clone());
        // Nobody listens any more only while stopping.
        let look = move || drop(found.send(find()));
        if let Err(error) = std::thread::Builder::new().name("road".to_owned()).spawn(look) {
            tracing::debug!("the way of requests can't be looked for: {error}");
            self.under_way = false;
        }
    }

    /// Waits for the key of a page that was found. Loses nothing when it's dropped.
    pub(super) async fn next(&mut self) -> String {
        loop {
            match self.found.recv().await {
                Some(found) => {
                    self.under_way = false;
                    if std::mem::take(&mut self.again) {
                        self.begin();
                    } else if let Some(key) = found {
                        return key;
                    }
                }
                // The sender is our own.
                None => std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn what_was_found_in_a_way_that_is_no_longer_wanted_counts_for_nothing() {
        let (release, held) = channel::<()>();
        let held = Mutex::new(held);
        let old: FindRoad = Arc::new(move || {
            held.lock().unwrap().recv().unwrap();
            Some("old".to_owned())
        });
        let mut look = RoadLook::new(old);
        look.begin();
        look.find_by(Arc::new(|| Some("new".to_owned())));
        release.send(()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(look.next()), "new");
        // And once it is found, it is looked for in this way alone.
        look.begin();
        assert_eq!(runtime.block_on(look.next()), "new");
    }
}

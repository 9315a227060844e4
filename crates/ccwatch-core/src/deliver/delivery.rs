//! One notice on its way to one sink, and what became of it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;

use crate::notice::kind::Waiting;
use crate::notice::{Bubble, DeliveryState, Notice};
use crate::time::after;

/// The first pause while no server takes a notice; doubled at each try.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause. A server that appears is noticed at once, without this.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// How a delivery went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The sink took it; the bubble, where the sink has such a thing.
    Delivered(Option<Bubble>),
    /// Not possible now, and why.
    RetryLater(String),
    /// No answer in time: it may have been delivered.
    Uncertain,
    /// It was tried and went wrong, and why: something of it may have been done.
    Failed(String),
}

/// What a good reading means for a notice that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It says what the page says.
    Holds,
    /// It may be over: what comes next tells.
    Waits,
    /// It goes on in another way, and says this now.
    Says(Box<Notice>),
    /// It is over.
    Over,
}

/// What became of the notices that wait.
#[derive(Debug, Default)]
pub struct Weighed {
    /// To be written down.
    pub steps: Vec<Step>,
    /// Those that say something else now.
    pub reworded: Vec<Notice>,
}

/// A notice on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The notice.
    pub notice: Notice,
    /// Calls that were not answered.
    pub unanswered: u32,
    /// Whether its thread is over with it.
    pub(super) ends: bool,
    /// It was on the screen before, and went down with the notification server.
    pub(super) again: bool,
    /// The last try went wrong, see [`Outcome::Failed`].
    pub(super) failed: bool,
    /// Calls that the server did not take.
    pub(super) refused: u32,
    /// Why the last try did nothing, where somebody said.
    pub(super) why: Option<String>,
    /// Not before.
    pub(super) next_try: Timestamp,
    /// Not while this holds, see [`Fate::Waits`].
    pub(super) held: bool,
}

impl Pending {
    pub(super) fn new(notice: Notice, unanswered: u32, due: Timestamp) -> Self {
        Self {
            notice,
            unanswered,
            ends: false,
            again: false,
            failed: false,
            refused: 0,
            why: None,
            next_try: due,
            held: false,
        }
    }

    /// Whether it may go out; `weighed`: the page was read since the start. What says that the page
    /// can't be used needs no reading.
    pub(super) fn may_go(&self, weighed: bool) -> bool {
        let says_so = self.notice.kind.row().waiting == Waiting::Trouble;
        !self.held && (weighed || says_so)
    }

    /// What is to be written down of it. One that is shown once more stays marked as shown.
    pub(super) fn step(&self, progress: DeliveryState) -> Option<Step> {
        let (key, unanswered) = (self.notice.key.clone(), self.unanswered);
        let why = self.why.clone().filter(|_| progress != DeliveryState::Shown);
        (!self.again).then_some(Step { key, progress, unanswered, why })
    }

    /// Waits longer after each try that no server took.
    pub(super) fn wait(&mut self, now: Timestamp) {
        let factor = 2_u32.saturating_pow(self.refused.min(10));
        self.refused = self.refused.saturating_add(1);
        self.next_try = after(now, FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE));
    }
}

/// A bubble's story so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thread {
    /// Where it is on the screen.
    pub bubble: Option<Bubble>,
    /// Whether anything of it was, or may have been, on the screen.
    pub seen: bool,
    /// What is to stay on the screen until it is dismissed or replaced, and was not shown again
    /// yet.
    pub(crate) standing: Option<Notice>,
    /// The bubble says that an outage goes on, or may say so.
    pub(crate) says_outage: bool,
    /// The bubble was asked to be taken down; that is not kept, since it may be asked for again.
    pub(crate) taken_down: bool,
    /// For forgetting the oldest.
    pub(crate) touched: Timestamp,
}

/// What is to be written down of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which notice.
    pub key: String,
    /// How far it has come.
    pub progress: DeliveryState,
    /// Calls that were not answered.
    pub unanswered: u32,
    /// Why it was not delivered, where a sink said.
    pub why: Option<String>,
}

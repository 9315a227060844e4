//! Where notices go: the screen of the desktop, and the user's own hook.
//!
//! The table of sinks is [`Sink`]; what each of them does with a notice is in its module. Whoever
//! drives them sees one shape: a notice in, [`SinkNews`] out. None of them is ever waited for.

pub mod desktop;
pub mod hook;
pub mod payload;

use ccwatch_core::deliver::delivery::Outcome;
use ccwatch_core::monitor::Input;
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::notice::{Bubble, Notice};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::config::Notify;
use crate::render::sanitize;

use self::desktop::icons::Icons;
use self::desktop::{Delivery, Notifier, Popup};
use self::hook::Hook;
use self::payload::Payload;

/// What became of a notice, or of a sink.
#[derive(Debug)]
pub enum SinkNews {
    /// What became of one notice, for the core of the page that it is of.
    OfNotice {
        /// The notice's key.
        key: String,
        /// What it is.
        input: Input,
    },
    /// A bubble is no longer on the screen, as the user, the server or we wanted.
    BubbleClosed(Bubble),
    /// A bubble went down with the notification server.
    BubbleLost(Bubble),
    /// What stands in the way of a sink, a phrase for people; none: nothing does any more.
    Trouble {
        /// Which sink.
        sink: Sink,
        /// What it is.
        why: Option<String>,
    },
}

/// All sinks of a daemon.
#[derive(Debug)]
pub struct Sinks {
    desktop: Notifier,
    from_desktop: UnboundedReceiver<desktop::Report>,
    hook: Option<Hook>,
    from_hook: UnboundedReceiver<hook::News>,
    /// The desktop's bus was missing when last looked, while a notice waited for it.
    icons: Icons,
    bus_missing: bool,
}

impl Sinks {
    /// The sinks, each with the receiver of what it has to say. The log is told which are on.
    pub fn new(
        notify: &Notify,
        desktop: (Notifier, UnboundedReceiver<desktop::Report>),
        hook: (Option<Hook>, UnboundedReceiver<hook::News>),
        icons: Icons,
    ) -> Self {
        if let Some(program) = notify.hook.0.first() {
            tracing::info!("each notice is also given to {}", sanitize::line(program, 200));
        }
        if !notify.desktop {
            tracing::info!("pop-ups are switched off (notify.desktop): notices go to this log");
        }
        let (desktop, from_desktop) = desktop;
        let (hook, from_hook) = hook;
        Self { desktop, from_desktop, hook, from_hook, icons, bus_missing: false }
    }

    /// Gives a sink a notice, and returns at once; news of it follows.
    pub fn deliver(&self, sink: Sink, notice: Notice, replaces: Option<Bubble>) {
        match sink {
            Sink::Desktop => self.desktop.show(Popup {
                icon: self.icons.address(notice.kind, notice.urgency),
                key: notice.key,
                thread: notice.thread,
                title: notice.title,
                body: notice.body,
                urgency: notice.urgency,
                link: notice.link,
                replaces,
            }),
            Sink::Hook => {
                if let Some(hook) = &self.hook {
                    hook.tell(Payload::from(&notice));
                }
            }
        }
    }

    /// Takes a bubble off the screen, and returns at once; news of it follows.
    pub fn take_down(&self, bubble: Bubble) {
        self.desktop.take_down(bubble);
    }

    /// Waits for the next news. Loses nothing when it's dropped.
    pub async fn next(&mut self) -> SinkNews {
        tokio::select! {
            Some(report) = self.from_desktop.recv() => of_desktop(report),
            Some(news) = self.from_hook.recv() => of_hook(news),
            else => std::future::pending().await,
        }
    }

    /// A session bus that came after us announces itself to nobody, unlike a server on a bus:
    /// whether there is one since the last look, while a notice waits for the screen (`waiting`).
    pub fn bus_appeared(&mut self, waiting: bool) -> bool {
        if !waiting {
            self.bus_missing = false;
            return false;
        }
        let missing = desktop::availability().is_err();
        std::mem::replace(&mut self.bus_missing, missing) && !missing
    }

    /// The configuration is another one now.
    pub fn reload(&self) {
        self.hook.iter().for_each(Hook::reload);
    }

    /// Ends what runs beside us; takes less than a second, in which news still comes.
    pub fn stop(&mut self) -> impl Future<Output = ()> + use<> {
        let hook = self.hook.take();
        async {
            if let Some(hook) = hook {
                hook.stop().await;
            }
        }
    }
}

fn of_desktop(report: desktop::Report) -> SinkNews {
    let sink = Sink::Desktop;
    match report {
        desktop::Report::ServerMissing(why) => SinkNews::Trouble { sink, why: Some(why) },
        desktop::Report::ServerAppeared => SinkNews::Trouble { sink, why: None },
        desktop::Report::ShownLate { key, thread, bubble } => {
            SinkNews::OfNotice { key: key.clone(), input: Input::ShownLate { key, thread, bubble } }
        }
        desktop::Report::Closed(bubble) => SinkNews::BubbleClosed(bubble),
        desktop::Report::Lost(bubble) => SinkNews::BubbleLost(bubble),
        desktop::Report::Delivered { key, delivery } => {
            let outcome = match delivery {
                Delivery::Shown(bubble) => Outcome::Delivered(bubble),
                Delivery::Uncertain => Outcome::Uncertain,
                Delivery::NoServer(why) => Outcome::RetryLater(why),
                Delivery::Failed(why) => Outcome::Failed(why),
            };
            delivered(sink, key, outcome)
        }
    }
}

fn delivered(sink: Sink, key: String, outcome: Outcome) -> SinkNews {
    SinkNews::OfNotice { key: key.clone(), input: Input::Delivered { sink, key, outcome } }
}

fn of_hook(news: hook::News) -> SinkNews {
    let report = match news {
        hook::News::Ran(report) => report,
        hook::News::Trouble(why) => return SinkNews::Trouble { sink: Sink::Hook, why },
    };
    let outcome = match report.outcome {
        hook::Outcome::Done => Outcome::Delivered(None),
        hook::Outcome::Failed(why) => {
            tracing::warn!("the hook failed: {why} (hint: try it with: ccwatch notify-test)");
            Outcome::Failed(why)
        }
        hook::Outcome::Lost => Outcome::Uncertain,
        hook::Outcome::NoRunner => Outcome::RetryLater("no runner".to_owned()),
    };
    delivered(Sink::Hook, report.key, outcome)
}

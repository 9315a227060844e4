//! Five pages in one daemon, of which one misbehaves in every way: the others' messages are as if each
//! were alone. `scripts/soak.sh pages` makes it long.
#![cfg(target_os = "linux")]

use std::fs;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::daemon::Scene;
use crate::desktop::PATIENCE;
use crate::fault::Row;
use crate::feeds::rss;
use crate::page::{API, CLAUDE_CODE, FAULTS, FakePage, SOON};
use crate::pages::{red_event, well_feed};
use crate::program::Daemon;
use crate::random::number;
use crate::soak::cost;

/// With the faults that take their time left out but for one, which is the last.
const SHORT: usize = FAULTS.len() - 1;

/// What a page shows then, and how its message begins.
type Step = (fn(&Trial, usize), &'static str);

/// What the pages show, a step at a time and then anew under new numbers, and the beginning of its
/// message.
const STEPS: [Step; 8] = [
    (|trial, _| trial.claude("partial_outage"), "Partial outage: Claude Code"),
    (|trial, _| trial.other("major_outage"), "Major outage (Other): Claude API"),
    (
        |trial, number| trial.bedrock.always(red_event("us-east-1", number)),
        "Major outage (us-east-1): Amazon Bedrock",
    ),
    (
        |trial, number| trial.foundry.always(rss(&item(number))),
        "Incident reported: Microsoft Foundry",
    ),
    (|trial, _| trial.other("operational"), "Back (Other): Claude API, after "),
    (|trial, _| trial.foundry.always(rss("")), "No longer reported: Microsoft Foundry"),
    (|trial, _| trial.claude("operational"), "Back: Claude Code, after "),
    (|trial, _| trial.bedrock.always(well_feed()), "Back (us-east-1): Amazon Bedrock, after "),
];

/// A page that is silent is given up, and asked again.
const GIVES_UP: Duration = Duration::from_secs(120);

fn item(number: usize) -> String {
    format!("<item><title>Azure OpenAI: errors</title><guid>e{number}</guid></item>")
}

/// A daemon with five pages, and beside it one with the first page alone, which shows the same.
struct Trial {
    many: Scene,
    alone: Scene,
    other: FakePage,
    broken: FakePage,
    bedrock: FakePage,
    foundry: FakePage,
}

impl Trial {
    fn new(interval: u64) -> Self {
        let [other, broken, bedrock, foundry] = [(); 4].map(|()| FakePage::start());
        let trial =
            Self { many: Scene::new(), alone: Scene::new(), other, broken, bedrock, foundry };
        trial.bedrock.always(well_feed());
        trial.foundry.always(rss(""));
        let quick = format!(
            "[poll]\ninterval = \"{interval}ms\"\nduring_outage = \"{interval}ms\"\n\
             [notify]\nsettle = \"5ms\"\n"
        );
        let pages = format!(
            "[providers]\nnotify = \"always\"\nbedrock = [\"us-east-1\"]\nfoundry = true\n\
             bedrock_url = \"{}\"\nfoundry_url = \"{}\"\n\
             [[pages]]\nname = \"Other\"\nurl = \"{}\"\n\
             [[pages]]\nname = \"Broken\"\nurl = \"{}\"\n",
            trial.bedrock.url(),
            trial.foundry.url(),
            trial.other.url(),
            trial.broken.url()
        );
        for (scene, more) in [(&trial.many, pages.as_str()), (&trial.alone, "")] {
            let rest = format!("{quick}{more}");
            scene.home.configure(&scene.page.url(), "stale_after = \"10m\"", &rest);
        }
        trial
    }

    fn claude(&self, word: &str) {
        let at = now().to_string();
        for scene in [&self.many, &self.alone] {
            scene.page.set(|page| page.set_status(CLAUDE_CODE, word, &at));
        }
    }

    fn other(&self, word: &str) {
        self.other.set(|page| page.set_status(API, word, &now().to_string()));
    }

    /// Every page was read.
    fn are_read(&self) {
        let pages = [&self.other, &self.broken, &self.bedrock, &self.foundry, &self.alone.page];
        for page in pages {
            page.wait_for_requests(3, SOON);
        }
        self.many.polls();
    }

    /// How often the pages of the one daemon, and the page of the other, were asked.
    fn asked(&self) -> [usize; 2] {
        let pages = [&self.many.page, &self.other, &self.broken, &self.bedrock, &self.foundry];
        let asked = |page: &FakePage| page.requests().len();
        [pages.map(asked).iter().sum(), asked(&self.alone.page)]
    }
}

fn now() -> Timestamp {
    ccwatch::platform::clock::now()
}

/// What two daemons spent in the same time, and for how many requests.
#[derive(Debug, Default, Clone, Copy)]
struct Spent {
    ticks: [u64; 2],
    asked: [usize; 2],
}

impl Spent {
    fn so_far(trial: &Trial, daemons: [&Daemon; 2]) -> Self {
        let ticks = |daemon: &Daemon| {
            let stat = fs::read_to_string(format!("/proc/{}/stat", daemon.pid())).unwrap();
            // Behind the name of the program, which is in parentheses.
            let (_, rest) = stat.rsplit_once(") ").unwrap();
            let numbers = rest.split(' ').skip(11).take(2);
            numbers.map(|number| number.parse::<u64>().unwrap()).sum()
        };
        Self { ticks: daemons.map(ticks), asked: trial.asked() }
    }

    fn add(&mut self, before: Self, after: Self) {
        for at in 0..2 {
            self.ticks[at] += after.ticks[at] - before.ticks[at];
            self.asked[at] += after.asked[at] - before.asked[at];
        }
    }

    /// Milliseconds for each request; a tick is 10 of them.
    fn each(self) -> [f64; 2] {
        [0, 1].map(|at| 10.0 * self.ticks[at] as f64 / self.asked[at].max(1) as f64)
    }
}

/// What was told, against what there was reason for: lost, repeated or invented.
fn compare(reasons: &[&str], told: &[String]) -> (usize, usize) {
    let mut open = reasons.to_vec();
    let mut extra = 0;
    for title in told {
        match open.iter().position(|reason| title.starts_with(reason)) {
            Some(at) => drop(open.remove(at)),
            None => {
                println!("extra: {title}");
                extra += 1;
            }
        }
    }
    open.iter().for_each(|reason| println!("lost: {reason}"));
    (open.len(), extra)
}

fn titles(scene: &Scene) -> Vec<String> {
    scene.server.log().into_iter().map(|notified| notified.summary).collect()
}

#[test]
fn three_pages_and_two_providers_beside_one_that_misbehaves() {
    let long = number("CCWATCH_PAGES_SECONDS", 0);
    let interval = number("CCWATCH_SOAK_MS", 40);
    let trial = Trial::new(interval);
    let (many, alone) = (trial.many.home.daemon(), trial.alone.home.daemon());
    trial.are_read();
    let spent = || Spent::so_far(&trial, [&many, &alone]);
    let resident = || {
        [(&many, &trial.many), (&alone, &trial.alone)]
            .map(|(daemon, scene)| cost(daemon, &scene.home))
    };
    let (begun, first) = (now(), spent());
    let ends = begun + SignedDuration::from_secs(long as i64);
    let (mut reasons, mut well, mut quarter) = (Vec::new(), Spent::default(), None);
    loop {
        let slot = reasons.len();
        trial.broken.always(FAULTS[slot % FAULTS.len()]());
        trial.broken.wait_for_requests(trial.broken.requests().len() + 1, SOON);
        let (show, reason) = STEPS[slot % STEPS.len()];
        show(&trial, slot);
        reasons.push(reason);
        trial.many.server.wait_for(reasons.len(), PATIENCE);
        if long == 0 && reasons.len() == SHORT || long > 0 && now() >= ends {
            break;
        }
        trial.broken.heal();
        trial.broken.wait_for_requests(trial.broken.requests().len() + 1, GIVES_UP);
        let before = spent();
        trial.broken.wait_for_requests(trial.broken.requests().len() + 2, SOON);
        well.add(before, spent());
        if now() >= begun + SignedDuration::from_secs(long as i64 / 4) {
            quarter.get_or_insert_with(resident);
        }
    }
    let of_claude: Vec<&str> =
        reasons.iter().copied().filter(|reason| reason.contains(": Claude Code")).collect();
    trial.alone.server.wait_for(of_claude.len(), PATIENCE);
    trial.many.polls();
    trial.alone.polls();
    let (mut all, end) = (Spent::default(), resident());
    all.add(first, spent());
    let (lost, extra) = compare(&reasons, &titles(&trial.many));
    let as_alone = compare(&of_claude, &titles(&trial.alone));
    println!("messages: {}, lost: {lost}, extra: {extra}", reasons.len());
    println!("the first page alone: {} messages, (lost, extra): {as_alone:?}", of_claude.len());
    println!("requests: {:?} (five pages, one page alone)", all.asked);
    println!(
        "CPU ms for each request: {:.2?}; while no page misbehaves: {:.2?}",
        all.each(),
        well.each()
    );
    println!("memory after a quarter: {quarter:?}");
    println!("memory at the end: {end:?}");
    let again = format!("scripts/soak.sh pages {long}");
    Row {
        fault: "one page of five misbehaves in every way",
        times: reasons.len(),
        messages: reasons.len(),
        lost,
        invented: extra,
        again: &again,
        ..Row::default()
    }
    .end();
    assert_eq!(as_alone, (0, 0), "the same page alone");
    let status = trial.many.home.run(&["status", "--json"]).stdout;
    let status: Value = serde_json::from_slice(&status).unwrap();
    let keys: Vec<&str> =
        status["pages"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["claude", "other", "broken", "bedrock-us-east-1", "foundry"]);
    if let Some(quarter) = quarter {
        let growth = end[0].memory_kb.saturating_sub(quarter[0].memory_kb);
        assert!(growth < 8_000, "memory grows: {growth} kB");
        assert!(end[0].descriptors <= quarter[0].descriptors + 18, "descriptors leak");
    }
    // The build for tests is larger, and says nothing of what a user has.
    assert!(cfg!(debug_assertions) || end[0].memory_kb < 14 << 10, "{end:?}");
    many.stop();
    alone.stop();
}

//! The feeds: what they say when all is well, when not, and when they say it oddly. The bodies have
//! the shapes of real ones and words of our own.

use ccwatch_core::model::{Failure, FailureKind, Impact, PageStatus, Phase, Snapshot};
use serde_json::{Value, json};

use super::Engine;

fn regions(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn aws(names: &[&str]) -> Engine {
    Engine::AwsHealth { regions: regions(names) }
}

fn google(names: &[&str]) -> Engine {
    Engine::GoogleCloud { regions: regions(names) }
}

fn read(engine: &Engine, body: &Value) -> Snapshot {
    engine.summary(body.to_string().as_bytes()).unwrap()
}

/// The components with what they are called and how they are.
fn statuses(snapshot: &Snapshot) -> Vec<(&str, &str)> {
    snapshot.components.iter().map(|c| (c.name.as_str(), c.status.as_str())).collect()
}

fn titles(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.incidents.iter().flatten().map(|incident| incident.name.as_str()).collect()
}

fn kind(result: Result<Snapshot, Failure>) -> FailureKind {
    result.unwrap_err().kind
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect()
}

/// An event of many services, with the level of Bedrock in a region.
fn event(region: &str, current: &str) -> Value {
    json!({
        "date": "1788472198",
        "arn": format!("arn:aws:health:{region}::event/MULTIPLE_SERVICES/ISSUE/ISSUE_926DB_F00"),
        "status": "3",
        "service": format!("multipleservices-{region}"),
        "summary": "More errors than usual",
        "event_log": [
            {"summary": "More errors", "message": "We look into it.", "status": 1, "timestamp": 1788472198},
            {"summary": "More errors", "message": "The cause is <b>known</b>.", "status": 2, "timestamp": 1788473000},
        ],
        "impacted_services": {
            format!("sts-{region}"): {"service_name": "STS", "current": "3", "max": "3"},
            format!("bedrock-{region}"): {"service_name": "Amazon Bedrock", "current": current, "max": "3"},
        },
    })
}

#[test]
fn bedrock_is_as_its_level_says_in_each_region() {
    let here = aws(&["us-east-1"]);
    let expected = [
        ("0", "operational"),
        ("1", "operational"),
        ("2", "degraded_performance"),
        ("3", "major_outage"),
        ("4", "not understood"),
        ("", "not understood"),
    ];
    for (level, status) in expected {
        let snapshot = read(&here, &json!([event("us-east-1", level)]));
        assert_eq!(statuses(&snapshot), [("Amazon Bedrock (us-east-1)", status)], "level {level}");
        assert_eq!(titles(&snapshot).len(), usize::from(level != "0"), "level {level}");
    }
    let elsewhere = read(&here, &json!([event("me-south-1", "3")]));
    assert_eq!(statuses(&elsewhere), [("Amazon Bedrock (us-east-1)", "operational")]);
    assert_eq!((titles(&elsewhere), elsewhere.oddities.len()), (vec![], 0));
    let both = read(&aws(&["us-east-1", "eu-west-1"]), &json!([event("eu-west-1", "2")]));
    let [_, europe] = &both.components[..] else { panic!("{both:?}") };
    assert_eq!(europe.status, PageStatus::Degraded);
    let [incident] = &both.incidents.unwrap()[..] else { panic!() };
    assert_eq!((&incident.phase, &incident.impact), (&Phase::Investigating, &Impact::Minor));
    assert!(incident.means(&europe.id) && incident.set_red(&europe.id));
    assert_eq!(incident.components.len(), 1);
    assert_eq!(incident.updates[0].body, "The cause is known.", "newest first, without markup");
    assert_eq!(incident.began(), Some("2026-09-03T21:49:58Z".parse().unwrap()));
}

#[test]
fn what_bedrock_had_and_is_over_lingers_and_is_not_open() {
    let mut over = event("us-east-1", "3");
    over["end_time"] = json!("1788480474");
    over["summary"] = json!("[RESOLVED] More errors than usual");
    let here = aws(&["us-east-1"]);
    let snapshot = read(&here, &json!([over]));
    assert_eq!(statuses(&snapshot), [("Amazon Bedrock (us-east-1)", "operational")]);
    assert_eq!(titles(&snapshot), Vec::<&str>::new());
    let [incident] = &here.incidents(json!([over]).to_string().as_bytes()).unwrap()[..] else {
        panic!()
    };
    assert_eq!(
        (incident.name.as_str(), &incident.phase),
        ("More errors than usual", &Phase::Resolved)
    );
    assert_eq!(incident.resolved_at, Some("2026-09-04T00:07:54Z".parse().unwrap()));
    assert_eq!(incident.id.0, "ISSUE926DBF00");
}

#[test]
fn an_event_of_bedrock_alone_goes_by_its_newest_word() {
    let mut alone = event("us-east-1", "0");
    alone["service"] = json!("bedrock-us-east-1");
    alone.as_object_mut().unwrap().remove("impacted_services");
    let snapshot = read(&aws(&["us-east-1"]), &json!([alone]));
    assert_eq!(statuses(&snapshot), [("Amazon Bedrock (us-east-1)", "degraded_performance")]);
}

/// One incident of one service, as the other feed has it.
fn single(status: u8, end: Value) -> Value {
    let log = json!([{"summary": "Slow answers", "message": "Slow.", "status": status, "timestamp": 1781314018}]);
    json!({
        "service": "BEDROCK", "region": "us-east-1", "typeCode": "AWS_BEDROCK_OPERATIONAL_ISSUE",
        "startTime": 1_781_314_018_000_i64, "endTime": end,
        "metadata": {"EVENT_LOG": log.to_string()},
    })
}

#[test]
fn the_other_shape_of_the_feed_is_read_too() {
    let here = aws(&["us-east-1"]);
    let red = read(&here, &json!([single(3, Value::Null)]));
    assert_eq!(statuses(&red), [("Amazon Bedrock (us-east-1)", "major_outage")]);
    let note = read(&here, &json!([single(1, Value::Null)]));
    assert_eq!(statuses(&note), [("Amazon Bedrock (us-east-1)", "operational")], "named, not red");
    assert_eq!(titles(&note), ["Slow answers"]);
    let over = read(&here, &json!([single(3, json!(1_781_547_203_000_i64))]));
    assert_eq!((titles(&over), over.oddities.len()), (vec![], 0));
    let elsewhere = read(&aws(&["eu-west-1"]), &json!([single(3, Value::Null)]));
    assert_eq!((titles(&elsewhere), elsewhere.oddities.len()), (vec![], 0));
}

#[test]
fn aws_sends_utf_16() {
    let here = aws(&["us-east-1"]);
    let text = json!([event("us-east-1", "3")]).to_string();
    for unit in [u16::to_be_bytes, u16::to_le_bytes] {
        let snapshot = here.summary(&utf16(&text, unit)).unwrap();
        assert_eq!(snapshot.components[0].status, PageStatus::Major);
        let cut = &utf16(&text, unit)[..101];
        assert_eq!(kind(here.summary(cut)), FailureKind::NotJson);
    }
    let quiet = here.summary(&[0xfe, 0xff, 0x00, 0x5b, 0x00, 0x5d]).unwrap();
    assert_eq!(statuses(&quiet), [("Amazon Bedrock (us-east-1)", "operational")]);
    assert_eq!(
        kind(here.summary(&[0xfe, 0xff, 0xd8, 0x00])),
        FailureKind::NotJson,
        "half a letter"
    );
}

#[test]
fn what_surprises_in_the_feed_of_aws_leaves_what_it_may_concern_unknown() {
    let here = aws(&["us-east-1"]);
    let with = |key: &str, value: Value| {
        let mut event = event("us-east-1", "3");
        event[key] = value;
        event
    };
    let odd = [
        json!(17),
        json!({}),
        json!({"service": "BEDROCK", "region": "us-east-1", "typeCode": "X"}),
        json!({"service": "BEDROCK", "region": "us-east-1", "typeCode": "X", "startTime": 1, "metadata": {"EVENT_LOG": "?"}}),
        with("impacted_services", json!([])),
        with("event_log", json!("long")),
        with("arn", json!(5)),
        // At home in another region, and impacted here.
        json!({"service": "multipleservices-us-east-2", "impacted_services": {"bedrock-us-east-1": {"current": "3"}}}),
    ];
    for row in odd {
        let snapshot = read(&here, &json!([row]));
        assert_eq!(
            statuses(&snapshot),
            [("Amazon Bedrock (us-east-1)", "not understood")],
            "{row}"
        );
        assert!(!snapshot.incidents_complete && snapshot.oddities.len() == 1, "{row}");
    }
    // What isn't understood of another region is its own affair.
    let mut there = event("me-south-1", "3");
    there["event_log"] = json!("long");
    assert_eq!(statuses(&read(&here, &json!([there])))[0].1, "operational");
    // What is known to be red stays so beside it.
    let both = read(&here, &json!([17, event("us-east-1", "2")]));
    assert_eq!(statuses(&both)[0].1, "degraded_performance");
    assert_eq!(kind(here.summary(b"{}")), FailureKind::NotUnderstood);
    assert_eq!(kind(here.summary(b"<html>")), FailureKind::NotJson);
}

/// An incident of Google's.
fn incident(impact: &str, product: &str, now: &[&str], before: &[&str]) -> Value {
    let places = |names: &[&str]| -> Vec<Value> {
        names.iter().map(|id| json!({"title": id, "id": id})).collect()
    };
    json!({
        "id": "T8gmtofFSTGT5tbhyciF",
        "begin": "2026-07-14T17:00:00+00:00",
        "external_desc": "Requests take longer",
        "status_impact": impact,
        "affected_products": [{"title": "Renamed today", "id": product}],
        "currently_affected_locations": places(now),
        "previously_affected_locations": places(before),
        "updates": [{"when": "2026-07-14T18:00:00+00:00", "text": "We look into it."}],
    })
}

const VERTEX: &str = "Z0FZJAMvEB4j3NbCJs6B";

#[test]
fn vertex_goes_by_product_and_region() {
    let here = google(&["us-east5"]);
    let status = |row: Value| statuses(&read(&here, &json!([row])))[0].1.to_owned();
    for (impact, expected) in [
        ("SERVICE_INFORMATION", "operational"),
        ("SERVICE_DISRUPTION", "partial_outage"),
        ("SERVICE_OUTAGE", "major_outage"),
        ("SERVICE_SURPRISE", "not understood"),
    ] {
        assert_eq!(status(incident(impact, VERTEX, &["us-east5"], &[])), expected);
        assert_eq!(status(incident(impact, VERTEX, &["global"], &["us-east5"])), "operational");
        assert_eq!(status(incident(impact, "another", &["us-east5"], &[])), "operational");
        assert_eq!(status(incident(impact, VERTEX, &[], &[])), "not understood", "but where?");
    }
    let snapshot = read(&here, &json!([incident("SERVICE_OUTAGE", VERTEX, &["us-east5"], &[])]));
    assert_eq!(snapshot.components[0].name, "Vertex AI (us-east5)");
    assert_eq!(titles(&snapshot), ["Requests take longer"]);
}

#[test]
fn what_is_over_at_google_is_history() {
    let here = google(&["us-east5"]);
    let mut over = incident("SERVICE_OUTAGE", VERTEX, &[], &["us-east5"]);
    over["end"] = json!("2026-07-15T03:40:00+00:00");
    let snapshot = read(&here, &json!([over]));
    assert_eq!((statuses(&snapshot)[0].1, titles(&snapshot)), ("operational", vec![]));
    let past = here.incidents(json!([over]).to_string().as_bytes()).unwrap();
    assert_eq!(past.len(), 1);
    assert_eq!(past[0].resolved_at, Some("2026-07-15T03:40:00Z".parse().unwrap()));
    let mut nameless = over.clone();
    nameless["affected_products"] = Value::Null;
    assert_eq!(statuses(&read(&here, &json!([nameless])))[0].1, "operational", "over is over");
    nameless["end"] = Value::Null;
    assert_eq!(statuses(&read(&here, &json!([nameless])))[0].1, "not understood");
    assert_eq!(kind(here.summary(b"{}")), FailureKind::NotUnderstood);
}

/// Azure's feed with these items.
fn feed(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Azure Status</title>\
         <lastBuildDate>Wed, 23 Sep 2026 15:42:00 Z</lastBuildDate>{items}</channel></rss>"
    )
}

fn item(title: &str, description: &str) -> String {
    format!(
        "<item><title>{title}</title><guid>https://status.example/e?id=12</guid>\
         <pubDate>Wed, 23 Sep 2026 16:29:09 Z</pubDate><description>{description}</description></item>"
    )
}

#[test]
fn foundry_is_named_by_an_item_or_well() {
    let azure = Engine::AzureRss;
    let read = |items: &str| azure.summary(feed(items).as_bytes()).unwrap();
    let well = read("");
    assert_eq!(statuses(&well), [("Microsoft Foundry", "operational")]);
    assert_eq!((titles(&well), well.complete), (vec![], true));
    for (title, description) in [
        ("Azure OpenAI - errors", "Some fail."),
        ("Errors in many services", "<![CDATA[<p>Also Microsoft <b>Foundry</b></p>]]>"),
        ("Unresolved trouble", "Azure AI Services &amp; others &lt;p&gt;"),
    ] {
        let named = read(&item(title, description));
        assert_eq!(titles(&named), [title], "{title}");
        assert_eq!(statuses(&named)[0].1, "operational", "no severity: reported, not red");
        let incident = &named.incidents.as_ref().unwrap()[0];
        assert!(incident.phase.is_active() && incident.means(&named.components[0].id));
        assert_eq!(incident.began(), Some("2026-09-23T16:29:09Z".parse().unwrap()));
    }
    for (title, description) in [
        ("Azure OpenAI - Resolved", "All is well."),
        ("Mitigated: Foundry", "All is well."),
        ("Virtual machines in one region", "They restart."),
    ] {
        assert_eq!(titles(&read(&item(title, description))), Vec::<&str>::new(), "{title}");
    }
}

#[test]
fn what_is_not_that_feed_says_nothing() {
    let azure = Engine::AzureRss;
    let other = feed("").replace("Azure Status", "Another Feed");
    let cases = [
        (other.as_str(), FailureKind::OtherPage),
        ("<html><body>Sign in</body></html>", FailureKind::CaptivePortal),
        ("", FailureKind::CaptivePortal),
        ("{}", FailureKind::CaptivePortal),
        ("<rss><channel><title>Azure Status</title>", FailureKind::CaptivePortal),
        ("<rss><channel><title>Azure Status</rss>", FailureKind::NotUnderstood),
    ];
    for (body, expected) in cases {
        assert_eq!(kind(azure.summary(body.as_bytes())), expected, "{body}");
    }
    assert_eq!(kind(azure.summary(b"\xff\xfe\x00")), FailureKind::NotUnderstood);
}

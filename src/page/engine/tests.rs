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
        // It was worse.
        ("1", "degraded_performance"),
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
    let mut informational = event("us-east-1", "1");
    informational["impacted_services"]["bedrock-us-east-1"]["max"] = json!("1");
    let snapshot = read(&here, &json!([informational]));
    assert_eq!((statuses(&snapshot)[0].1, titles(&snapshot).len()), ("operational", 1));
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
    // Nor is what isn't understood of one of ours the other's.
    let two = aws(&["us-east-1", "eu-west-1"]);
    let odd = with("event_log", json!("long"));
    let [america, europe] = &read(&two, &json!([odd])).components[..] else { panic!() };
    assert_eq!(
        (america.status.as_str(), &europe.status),
        ("not understood", &PageStatus::Operational)
    );
    // What is known to be red stays so beside it.
    let both = read(&here, &json!([17, event("us-east-1", "2")]));
    assert_eq!(statuses(&both)[0].1, "degraded_performance");
    assert_eq!(kind(here.summary(b"{}")), FailureKind::NotUnderstood);
    assert_eq!(kind(here.summary(b"<html>")), FailureKind::NotJson);
}

/// How Bedrock is in us-east-1 by a feed of one row.
fn bedrock(row: &Value) -> String {
    statuses(&read(&aws(&["us-east-1"]), &json!([row])))[0].1.to_owned()
}

/// What stands where an end should, and none of it is one.
fn no_ends() -> Vec<Value> {
    let texts = ["0", "-1", "null", "none", "soon", "2026"].map(Value::from);
    let others = [json!(0), json!(-1), json!(1.5), json!(true), json!(false), json!([]), json!({})];
    texts.into_iter().chain(others).collect()
}

#[test]
fn an_end_that_is_no_time_doesn_t_end_an_outage_of_bedrock() {
    let with_end = |end: Value| {
        let mut event = event("us-east-1", "3");
        event["end_time"] = end;
        event
    };
    for end in no_ends() {
        assert_eq!(bedrock(&with_end(end.clone())), "not understood", "{end}");
        assert_eq!(bedrock(&single(3, end.clone())), "not understood", "{end}");
    }
    for open in [Value::Null, json!("")] {
        assert_eq!(bedrock(&with_end(open.clone())), "major_outage");
        assert_eq!(bedrock(&single(3, open)), "major_outage");
    }
}

#[test]
fn bedrock_is_known_by_its_other_names_and_where_it_is_everywhere() {
    let services = |key: &str| {
        let mut event = event("us-east-1", "3");
        event["impacted_services"] =
            json!({key: {"current": "2"}, "sts-us-east-1": {"current": "3"}});
        event
    };
    for key in ["bedrock", "bedrock-global", "BEDROCK-us-east-1", "bedrock-runtime-us-east-1"] {
        assert_eq!(bedrock(&services(key)), "degraded_performance", "{key}");
    }
    for key in
        ["bedrock-us-east-10", "bedrock-us-west-2", "bedrock-agentcore-us-east-1", "be[[drock"]
    {
        assert_eq!(bedrock(&services(key)), "operational", "{key}");
    }
    let with = |key: &str, value: &str| {
        let mut single = single(3, Value::Null);
        single[key] = json!(value);
        single
    };
    for (key, value, expected) in [
        ("service", "Amazon Bedrock", "major_outage"),
        ("service", "BEDROCK_RUNTIME", "major_outage"),
        ("service", "EC2", "operational"),
        ("service", "", "not understood"),
        ("region", "US-EAST-1", "major_outage"),
        ("region", "global", "major_outage"),
        ("region", "us-east-10", "operational"),
        ("region", "N. Virginia", "not understood"),
    ] {
        assert_eq!(bedrock(&with(key, value)), expected, "{key} {value}");
    }
}

#[test]
fn many_services_that_are_not_listed_may_be_bedrock() {
    for list in [Value::Null, json!({})] {
        for (region, end, expected) in [
            ("us-east-1", Value::Null, "not understood"),
            ("us-east-1", json!("1788480474"), "operational"),
            ("global", Value::Null, "not understood"),
            ("me-south-1", Value::Null, "operational"),
        ] {
            let mut event = event(region, "3");
            event["impacted_services"] = list.clone();
            event["end_time"] = end;
            assert_eq!(bedrock(&event), expected, "{event}");
            event["service"] = json!(format!("ec2-{region}"));
            assert_eq!(bedrock(&event), "operational", "{event}");
        }
    }
    let end = json!(1_781_547_203_000_i64);
    for (region, end, expected) in [
        ("us-east-1", Value::Null, "not understood"),
        ("us-east-1", end, "operational"),
        ("me-south-1", Value::Null, "operational"),
    ] {
        let mut single = single(3, end);
        single["service"] = json!("MULTIPLE_SERVICES");
        single["region"] = json!(region);
        assert_eq!(bedrock(&single), expected, "{single}");
    }
}

#[test]
fn the_newest_word_of_a_log_is_the_one_with_the_newest_time() {
    let entry = |status: u8, at: Value| json!({"summary": "s", "status": status, "timestamp": at});
    let (early, late) = (json!(1_781_314_018), json!(1_781_314_918));
    for (log, expected) in [
        (json!([entry(3, late.clone()), entry(1, early.clone())]), "major_outage"),
        (json!([entry(1, early.clone()), entry(3, late.clone())]), "major_outage"),
        (json!([entry(0, late.clone()), entry(3, early.clone())]), "operational"),
        (json!([entry(1, late.clone()), entry(3, early.clone())]), "degraded_performance"),
        (json!([entry(1, late.clone()), entry(1, early.clone())]), "operational"),
        (json!([entry(1, late), entry(3, Value::Null)]), "not understood"),
        (json!([entry(3, Value::Null)]), "major_outage"),
        (json!([entry(1, json!(0)), entry(3, early)]), "not understood"),
    ] {
        let mut single = single(3, Value::Null);
        single["metadata"]["EVENT_LOG"] = json!(log.to_string());
        assert_eq!(bedrock(&single), expected, "{log}");
        let mut alone = event("us-east-1", "0");
        alone["service"] = json!("bedrock-us-east-1");
        (alone["impacted_services"], alone["event_log"]) = (Value::Null, log);
        assert_eq!(bedrock(&alone), expected, "{alone}");
    }
}

#[test]
fn rows_of_one_id_are_one_incident_that_goes_on_where_one_of_them_does() {
    let here = aws(&["us-east-1", "eu-west-1"]);
    let mut over = event("us-east-1", "0");
    over["end_time"] = json!("1788480474");
    let open = event("us-east-1", "3");
    let mut other = event("eu-west-1", "2");
    other["arn"] = open["arn"].clone();
    for rows in [json!([over, open, other]), json!([open, other, over])] {
        let snapshot = read(&here, &rows);
        let [america, europe] = &snapshot.components[..] else { panic!("{snapshot:?}") };
        assert_eq!((&america.status, &europe.status), (&PageStatus::Major, &PageStatus::Degraded));
        let [incident] = &snapshot.incidents.unwrap()[..] else { panic!("{rows}") };
        assert!(incident.means(&america.id) && incident.means(&europe.id));
        let past = here.incidents(rows.to_string().as_bytes()).unwrap();
        assert_eq!((past.len(), &past[0].phase), (1, &Phase::Investigating));
    }
    let mut nameless = event("us-east-1", "3");
    nameless["arn"] = json!("");
    assert_eq!(bedrock(&nameless), "not understood");
    // Keys differ at their ends.
    let long = |end: &str| {
        let mut event = event("us-east-1", "3");
        event["arn"] = json!(format!("arn:x/{}_{end}", "LONG_".repeat(20)));
        event
    };
    assert_eq!(titles(&read(&here, &json!([long("1"), long("2")]))).len(), 2);
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
fn an_incident_of_google_that_is_over_here_is_over_while_it_goes_on_elsewhere() {
    let here = google(&["us-east5"]);
    let past = |row: &Value| here.incidents(json!([row]).to_string().as_bytes()).unwrap();
    for now in [&["us-west1"][..], &[]] {
        let row = incident("SERVICE_OUTAGE", VERTEX, now, &["us-east5"]);
        let snapshot = read(&here, &json!([row]));
        assert_eq!((statuses(&snapshot)[0].1, titles(&snapshot)), ("operational", vec![]));
        let [over] = &past(&row)[..] else { panic!("{row}") };
        assert_eq!((&over.phase, over.resolved_at), (&Phase::Resolved, None));
    }
    // One that never was here is none of ours, also when it is over.
    let mut elsewhere = incident("SERVICE_OUTAGE", VERTEX, &["us-west1"], &[]);
    assert_eq!(past(&elsewhere), []);
    elsewhere["end"] = json!("2026-07-15T03:40:00+00:00");
    assert_eq!(past(&elsewhere), []);
}

#[test]
fn what_google_doesn_t_say_is_not_fine() {
    let status = |key: &str, value: Value| {
        let mut row = incident("SERVICE_OUTAGE", VERTEX, &["us-east5"], &["us-west1"]);
        row["service_key"] = json!("zall");
        row[key] = value;
        statuses(&read(&google(&["us-east5"]), &json!([row])))[0].1.to_owned()
    };
    for end in no_ends() {
        assert_eq!(status("end", end.clone()), "not understood", "{end}");
    }
    for open in [Value::Null, json!("")] {
        assert_eq!(status("end", open), "major_outage");
    }
    let now = "currently_affected_locations";
    for places in [Value::Null, json!({}), json!([null]), json!([{"title": "Columbus"}])] {
        assert_eq!(status(now, places.clone()), "not understood", "{places}");
    }
    let beside = json!([{"id": "us-west1"}, {"title": "Columbus"}]);
    assert_eq!(status(now, beside), "not understood");
    for (place, expected) in [
        ("US-EAST5", "major_outage"),
        ("us-east5-a", "major_outage"),
        ("us-east50", "operational"),
        ("us-east50-a", "operational"),
        ("us-east", "operational"),
    ] {
        assert_eq!(status(now, json!([{"id": place}])), expected, "{place}");
    }
    assert_eq!(status(now, json!([])), "operational", "it was elsewhere, and is nowhere now");
    let products = "affected_products";
    for odd in [json!([]), json!([null]), json!([{"title": "Vertex"}]), json!([{"id": "x"}, 1])] {
        assert_eq!(status(products, odd.clone()), "not understood", "{odd}");
    }
    assert_eq!(status(products, json!([{"id": "x"}])), "operational");
    let mut by_key = incident("SERVICE_OUTAGE", VERTEX, &["us-east5"], &[]);
    (by_key["affected_products"], by_key["service_key"]) = (json!([]), json!(VERTEX));
    let here = google(&["us-east5"]);
    assert_eq!(statuses(&read(&here, &json!([by_key])))[0].1, "major_outage");
    // What isn't understood of another product, or of another region, is its own affair.
    let mut odd = incident("SERVICE_OUTAGE", VERTEX, &["us-west1"], &[]);
    odd["affected_products"] = Value::Null;
    let [there, ours] = &read(&google(&["us-west1", "us-east5"]), &json!([odd])).components[..]
    else {
        panic!()
    };
    assert_eq!((there.status.as_str(), &ours.status), ("not understood", &PageStatus::Operational));
    let mut other = incident("SERVICE_OUTAGE", "another", &["us-east5"], &[]);
    other["id"] = Value::Null;
    let mut elsewhere = incident("SERVICE_OUTAGE", VERTEX, &["us-west1"], &[]);
    elsewhere["end"] = json!(0);
    let well = read(&here, &json!([other, elsewhere]));
    assert_eq!((statuses(&well)[0].1, well.oddities.len()), ("operational", 0));
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
fn an_item_names_foundry_whatever_stands_between_the_words() {
    let named = |item: &str| {
        let snapshot = Engine::AzureRss.summary(feed(item).as_bytes()).unwrap();
        snapshot.incidents.unwrap().len()
    };
    for words in [
        "Azure <b>OpenAI</b>",
        "<![CDATA[Azure <b>AI</b> Services]]>",
        "<![CDATA[<p>Azure AI</p><p>Services</p>]]>",
        "<![CDATA[Azure&nbsp;AI&nbsp;Services]]>",
        "<![CDATA[Azure Open<i>AI</i>]]>",
        "Azure&nbsp;AI&nbsp;Services",
        "Azure&#160;AI&#xa0;Services",
        "Azure &lt;b&gt;AI&lt;/b&gt; Services",
        "Azure\n  AI\n  Services",
        "Azure-OpenAI",
        "AZURE AI SERVICE",
        "OpenAI models",
        "Claude in Foundry",
        "Anthropic's models",
        "Cognitive Service",
        "<p xmlns=\"http://www.w3.org/1999/xhtml\">Microsoft <em>Foundry</em></p>",
    ] {
        assert_eq!(named(&item(words, "x")), 1, "title {words}");
        assert_eq!(named(&item("Trouble", words)), 1, "description {words}");
        let category = format!("<item><title>Trouble</title><category>{words}</category></item>");
        assert_eq!(named(&category), 1, "category {words}");
    }
    for words in ["Cannot open AIX images", "Azure Monitor", "AI Search", "cognitive load"] {
        assert_eq!(named(&item(words, words)), 0, "{words}");
    }
}

#[test]
fn an_item_is_over_where_its_title_says_just_that() {
    let is_open = |title: &str| {
        let feed = feed(&item(title, "Azure OpenAI"));
        !Engine::AzureRss.summary(feed.as_bytes()).unwrap().incidents.unwrap().is_empty()
    };
    for title in [
        "Azure OpenAI - Partially mitigated",
        "Azure OpenAI - Not yet resolved",
        "Azure OpenAI - non-resolved errors",
        "Azure OpenAI: to be resolved by a rollback",
        "Foundry: names cannot be resolved",
        "Foundry - mitigated in West US, ongoing in East US",
        "Foundry - 80 % resolved",
        "Unresolved - Foundry",
    ] {
        assert!(is_open(title), "{title}");
    }
    for title in [
        "Azure OpenAI - Resolved",
        "RESOLVED: Azure OpenAI",
        "[Resolved] Azure OpenAI",
        "Azure OpenAI (Mitigated)",
        "Azure OpenAI \u{2013} Mitigated",
        "Azure OpenAI | Resolved",
    ] {
        assert!(!is_open(title), "{title}");
    }
}

#[test]
fn an_item_that_can_t_be_read_leaves_foundry_unknown() {
    let azure = Engine::AzureRss;
    for silent in ["<item/>", "<item></item>", "<item><title/><link>https://x</link></item>"] {
        let snapshot = azure.summary(feed(silent).as_bytes()).unwrap();
        assert_eq!(statuses(&snapshot)[0].1, "not understood", "{silent}");
        assert!(!snapshot.incidents_complete && snapshot.oddities.len() == 1, "{silent}");
    }
    let many = item("Virtual machines", "They restart.").repeat(1_001);
    let snapshot = azure.summary(feed(&many).as_bytes()).unwrap();
    assert_eq!(statuses(&snapshot)[0].1, "not understood", "not all of it was read");
    let named = item("Azure OpenAI", "x");
    let whole = feed("");
    let beside = whole.replace("</rss>", &format!("{named}</rss>"));
    let wrapped = feed(&format!("<items>{named}</items>"));
    let upper = feed(&named.replace("item>", "ITEM>"));
    let entry = feed("<entry><title>Azure OpenAI</title></entry>");
    let deep = feed(&format!("{}{}", "<a>".repeat(100), "</a>".repeat(100)));
    let twice = format!("{}{}", feed(""), feed(&named).replace("<?xml version=\"1.0\"?>", ""));
    for odd in [beside, wrapped, upper, entry, deep, twice] {
        assert!(azure.summary(odd.as_bytes()).is_err(), "{odd}");
    }
    let body = feed(&named);
    for end in 0..body.len() {
        assert!(azure.summary(&body.as_bytes()[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn when_an_item_was_published_is_read_in_each_form() {
    let began = |date: &str| {
        let item = format!("<item><title>Foundry</title><pubDate>{date}</pubDate></item>");
        let snapshot = Engine::AzureRss.summary(feed(&item).as_bytes()).unwrap();
        assert_eq!(titles(&snapshot), ["Foundry"], "{date}");
        snapshot.incidents.unwrap()[0].began().map(|at| at.to_string())
    };
    for date in [
        "Wed, 23 Sep 2026 16:29:09 Z",
        "Wed, 23 Sep 2026 16:29:09Z",
        "Wed, 23 Sep 2026 16:29:09 GMT",
        "Wed, 23 Sep 2026 18:29:09 +0200",
        "Wed, 23 Sep 2026 09:29:09 PDT",
        "Tue, 23 Sep 2026 16:29:09 Z",
        "23 Sep 2026 16:29:09 Z",
        "2026-09-23T16:29:09Z",
        "2026-09-23T18:29:09+02:00",
    ] {
        assert_eq!(began(date).as_deref(), Some("2026-09-23T16:29:09Z"), "{date}");
    }
    for date in ["", "soon", "Wed, 32 Sep 2026 16:29:09 Z", "9/23/2026 4:29 PM"] {
        assert_eq!(began(date), None, "{date}");
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
        ("<rss><channel><title>Azure Status</title>", FailureKind::NotUnderstood),
        ("<div><h1>Sign in", FailureKind::CaptivePortal),
        ("<rss><channel><title>Azure Status</rss>", FailureKind::NotUnderstood),
    ];
    for (body, expected) in cases {
        assert_eq!(kind(azure.summary(body.as_bytes())), expected, "{body}");
    }
    assert_eq!(kind(azure.summary(b"\xff\xfe\x00")), FailureKind::NotUnderstood);
}

use ccwatch_core::notice::kind::Kind;
use ccwatch_core::settings::WantedKinds;
use std::collections::BTreeSet;
use std::fs;

use proptest::collection::vec;
use proptest::prelude::*;

use super::pages::OtherPage;
use super::*;
use crate::page::fetch::is_loopback;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("c.toml"))
}

/// Every problem as `LINE:COLUMN: MESSAGE / HINT`.
fn problems(text: &str) -> Vec<String> {
    let error = parse(text).expect_err(text);
    let show = |p: &Problem| format!("{}:{}: {} / {}", p.at.0, p.at.1, p.message, p.hint);
    error.problems().iter().map(show).collect()
}

const EXAMPLE: &str = include_str!("../../config.example.toml");

/// The example with every key active.
fn uncommented_example() -> String {
    let is_key = |line: &str| {
        line.split_once(" = ")
            .is_some_and(|(key, _)| key.chars().all(|c| c == '_' || c.is_ascii_lowercase()))
    };
    let lines = EXAMPLE.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if is_key(rest) => rest,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_documented_defaults() {
    let config = Config::default();
    assert_eq!(config.stale_after, Duration::from_secs(600));
    assert_eq!(config.page.url.as_str(), "https://status.claude.com/");
    assert_eq!(config.page.fallback.unwrap().as_str(), "https://anthropic.statuspage.io/");
    assert_eq!(config.watch.components, ["Claude Code", "Claude API", "claude.ai"]);
    assert_eq!(config.notify.critical_from, CriticalFrom::At(Level::Major));
    assert_eq!(parse("").unwrap(), Config::default());
    assert_eq!(parse("\u{feff}[page]\r\n[poll]\r\n").unwrap(), Config::default());
}

#[test]
fn the_example_is_the_defaults_and_has_every_key() {
    assert_eq!(parse(EXAMPLE).unwrap(), Config::default());
    let active = uncommented_example();
    assert_eq!(parse(&active).unwrap(), Config::default());

    let mut present = BTreeSet::new();
    for (key, value) in active.parse::<toml::Table>().unwrap() {
        match value {
            toml::Value::Table(table) => present.extend(table.keys().map(|k| format!("{key}.{k}"))),
            _ => drop(present.insert(key)),
        }
    }
    let known: BTreeSet<_> =
        Config::default().entries().into_iter().map(|(path, _)| path).collect();
    assert_eq!(present, known);
}

#[test]
fn values_that_are_taken() {
    let config = parse(
        r#"
        stale_after = "1h 30m"
        state_dir = "~/state/ccwatch"
        poll = { interval = "2m", during_outage = "45 seconds" }
        [page]
        url = "https://example.org/status/"
        fallback = ""
        id = ""
        [watch]
        components = [" Claude Code ", "yyzkbfz2thpt"]
        min_level = "partial"
        models = ["Opus"]
        [notify]
        settle = "0s"
        critical_from = "never"
        desktop = false
        "#,
    )
    .unwrap();
    assert_eq!(config.stale_after, Duration::from_secs(5400));
    assert_eq!(config.state_dir.as_deref(), Some(Path::new("~/state/ccwatch")));
    assert_eq!(config.poll.during_outage, Duration::from_secs(45));
    assert_eq!(config.page.url.as_str(), "https://example.org/status");
    assert_eq!((config.page.fallback, config.page.id.as_str()), (None, ""));
    assert_eq!(config.watch.components, ["Claude Code", "yyzkbfz2thpt"]);
    assert_eq!(config.watch.min_level, Level::Partial);
    assert_eq!(config.notify.settle, Duration::ZERO);
    assert!(!config.notify.critical_from.includes(Level::Major));
    assert!(!config.notify.desktop && config.notify.tell.has(Kind::Back));
}

#[test]
fn critical_from_a_level_up() {
    let from = CriticalFrom::At(Level::Partial);
    assert!(from.includes(Level::Partial) && from.includes(Level::Major));
    assert!(!from.includes(Level::Degraded) && !from.includes(Level::Unknown));
}

#[test]
fn every_mistake_says_where_what_and_what_instead() {
    let durations = "expected hours, minutes and seconds such as \"60s\" or \"1h 30m\"";
    let address = "expected an address such as \"https://status.claude.com\"";
    let default_url = "the default: url = \"https://status.claude.com\"";
    let no_hook = "the default: hook = []";
    let default_interval = "the default: interval = \"1m\"";
    let cases: &[(&str, String)] = &[
        // Types.
        ("poll.interval = 60", format!("1:17: `poll.interval` is 60; {durations} / {default_interval}")),
        ("notify.back = \"yes\"", "1:15: `notify.back` is \"yes\"; expected true or false, without quotes / the default: back = true".into()),
        ("page.id = 5", "1:11: `page.id` is 5; expected a text in quotes / the default: id = \"tymt9n04zgry\"".into()),
        ("watch.models = \"Opus\"", "1:16: `watch.models` is \"Opus\"; expected a list of texts: [\"Opus\"] / the default: models = []".into()),
        ("watch.models = [1]", "1:16: `watch.models` is [1]; expected a list of texts such as [\"one\", \"two\"] / the default: models = []".into()),
        ("poll = 5", "1:8: `poll` is 5; expected a table / write [poll] on a line of its own, and its keys below it".into()),
        ("[[poll]]", "1:1: `poll` is [[poll]]; expected a table / write [poll] on a line of its own, and its keys below it".into()),
        // Durations.
        ("[poll]\n interval = \"60\"", format!("2:13: `poll.interval` is \"60\"; {durations} / {default_interval}")),
        ("poll.interval = \"-60s\"", format!("1:17: `poll.interval` is \"-60s\"; {durations} / {default_interval}")),
        ("poll.interval = \"1 month\"", format!("1:17: `poll.interval` is \"1 month\"; {durations} / {default_interval}")),
        ("poll.interval = \"5m ago\"", format!("1:17: `poll.interval` is \"5m ago\"; {durations} / {default_interval}")),
        ("poll.interval = \"0s\"", format!("1:17: `poll.interval` is \"0s\"; expected 30s to 1h / {default_interval}")),
        ("poll.interval = \"29s\"", format!("1:17: `poll.interval` is \"29s\"; expected 30s to 1h / {default_interval}")),
        ("poll.interval = \"61m\"", format!("1:17: `poll.interval` is \"61m\"; expected at most 1h / {default_interval}")),
        ("poll.during_outage = \"3s\"", "1:22: `poll.during_outage` is \"3s\"; expected 30s to 1h / the default: during_outage = \"30s\"".into()),
        ("notify.settle = \"2h\"", "1:17: `notify.settle` is \"2h\"; expected 0s to 1h / the default: settle = \"30s\"".into()),
        ("stale_after = \"25h\"", "1:15: `stale_after` is \"25h\"; expected at most 24h / the default: stale_after = \"10m\"".into()),
        ("stale_after = \"119s\"", "1:15: `stale_after` is \"119s\"; expected 2m (twice `poll.interval`, which is 1m) to 24h / the default: stale_after = \"10m\"".into()),
        // The default of one key may be what does not fit another.
        ("\npoll.interval = \"6m\"", "2:17: `stale_after` is \"10m\" by default; expected 12m (twice `poll.interval`, which is 6m) to 24h / the default: stale_after = \"10m\"".into()),
        // Addresses.
        ("page.url = \"status.claude.com\"", format!("1:12: `page.url` is \"status.claude.com\"; {address} / {default_url}")),
        ("page.url = \"\"", format!("1:12: `page.url` is \"\"; {address} / {default_url}")),
        ("page.url = \"http://example.org\"", format!("1:12: `page.url` is \"http://example.org\"; expected https; http is only for this machine (127.0.0.1, ::1, localhost) / {default_url}")),
        ("page.url = \"file:///etc/passwd\"", format!("1:12: `page.url` is \"file:///etc/passwd\"; expected https; http is only for this machine (127.0.0.1, ::1, localhost) / {default_url}")),
        ("page.url = \"https://me:secret@example.org\"", format!("1:12: `page.url` is \"https:...@example.org\"; expected an address without a user name and password / {default_url}")),
        ("page.url = \"https://example.org?a\"", format!("1:12: `page.url` is \"https://example.org?...\"; expected an address without ? and # / {default_url}")),
        ("page.url = \"https://example.org/?to=me@b&token=secret\"", format!("1:12: `page.url` is \"https:...\"; expected an address without ? and # / {default_url}")),
        ("page.url = \"https://me:se?cret@example.org\"", format!("1:12: `page.url` is \"https:...\"; {address} / {default_url}")),
        ("page.fallback = \"https://example.org#a\"", "1:17: `page.fallback` is \"https://example.org#...\"; expected an address without ? and # / the default: fallback = \"https://anthropic.statuspage.io\"".into()),
        // Words.
        ("watch.min_level = \"operational\"", "1:19: `watch.min_level` is \"operational\"; expected one of \"maintenance\", \"reported\", \"degraded\", \"partial\", \"major\" / the default: min_level = \"reported\"".into()),
        ("notify.critical_from = \"Majr\"", "1:24: `notify.critical_from` is \"Majr\"; did you mean \"major\"? expected one of \"reported\", \"degraded\", \"partial\", \"major\", \"never\" / the default: critical_from = \"major\"".into()),
        // Names.
        ("watch.components = [\" \"]", "1:20: `watch.components` is [\" \"]; \"\" names nothing / the default: components = [\"Claude Code\", \"Claude API\", \"claude.ai\"]".into()),
        ("watch.components = [\"(x)\"]", "1:20: `watch.components` is [\"(x)\"]; \"(x)\" names nothing / the default: components = [\"Claude Code\", \"Claude API\", \"claude.ai\"]".into()),
        ("watch.components = [\"Claude API\", \" claude api\"]", "1:20: `watch.components` is [\"Claude API\", \" claude api\"]; \"Claude API\" and \"claude api\" are the same / the default: components = [\"Claude Code\", \"Claude API\", \"claude.ai\"]".into()),
        // The hook.
        ("notify.hook = \"tell-me\"", format!("1:15: `notify.hook` is \"tell-me\"; expected a program and its arguments such as [\"~/bin/tell-me\", \"-v\"] / {no_hook}")),
        ("notify.hook = [\"x\", 1]", format!("1:15: `notify.hook` is [\"x\", 1]; expected a program and its arguments such as [\"~/bin/tell-me\", \"-v\"] / {no_hook}")),
        ("notify.hook = [\"\"]", format!("1:15: `notify.hook` is [\"\"]; expected no empty text in it; [] is no hook / {no_hook}")),
        ("notify.hook = [\"x\", \" \"]", format!("1:15: `notify.hook` is [\"x\", \" \"]; expected no empty text in it; [] is no hook / {no_hook}")),
        ("notify.hook = [\"bin/x\"]", format!("1:15: `notify.hook` is [\"bin/x\"]; expected an absolute path, one that begins with ~/, or the name of a program / {no_hook}")),
        ("notify.hook = [\"tell me\"]", format!("1:15: `notify.hook` is [\"tell me\"]; expected each word as a text of its own: there is no shell that would split it / {no_hook}")),
        ("notify.hook = [\"x\", \"a\\u0000b\"]", format!("1:15: `notify.hook` is [\"x\", \"a\\u0000b\"]; expected no NUL character in it / {no_hook}")),
        // Paths.
        ("state_dir = \"state\"", "1:13: `state_dir` is \"state\"; expected an absolute path, or one that begins with ~/ / the default: state_dir = \"\"".into()),
        ("state_dir = \"~\"", "1:13: `state_dir` is \"~\"; expected an absolute path, or one that begins with ~/ / the default: state_dir = \"\"".into()),
        ("state_dir = \"~root/x\"", "1:13: `state_dir` is \"~root/x\"; expected an absolute path, or one that begins with ~/ / the default: state_dir = \"\"".into()),
        // Keys.
        ("[watch]\ncomponets = []", "2:1: unknown key `watch.componets`; did you mean `watch.components`? / write components instead".into()),
        ("interval = \"60s\"", "1:1: unknown key `interval`; did you mean `poll.interval`? / write interval below [poll]".into()),
        ("[notify]\nstale-after = \"1h\"", "2:1: unknown key `notify.stale-after`; did you mean `stale_after`? / move stale_after above the first [table]".into()),
        ("[Watch]", "1:2: unknown key `Watch`; did you mean `watch`? / write watch instead".into()),
        ("[hook]\ncommand = 'x'", "1:2: unknown key `hook`; did you mean `notify.hook`? / write hook below [notify]".into()),
        ("[notify.page]\nid = ''", "1:9: unknown key `notify.page` / known here: desktop, hook, settle, critical_from, outage, worse, fix_out, back, unattributed, lost_sight, maintenance, after_the_fact, suspect, page_trouble".into()),
        ("page.colour = 1", "1:6: unknown key `page.colour` / known here: url, fallback, id, engine, regions, notify".into()),
    ];
    for (text, expected) in cases {
        assert_eq!(problems(text), [expected.as_str()], "{text}");
    }
}

#[test]
fn what_is_not_toml() {
    let cases = [
        ("poll.interval = 60s", "1:"),
        ("[poll\ninterval = \"60s\"", "1:"),
        ("[poll]\n[poll]", "2:"),
        ("\na = 1\na = 2", "3:1:"),
        ("ä = \"\u{1b}\"", "1:"),
    ];
    for (text, place) in cases {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(place) && !found[0].contains('\u{1b}'), "{found:?}");
    }
}

#[test]
fn every_problem_is_told_in_the_order_of_the_file() {
    let text = "
[watch]
min_level = 'bad'
[poll]
interval = '1s'
intervall = '1s'
[page]
url = 'ftp://x'
";
    let found = problems(text);
    let starts: Vec<&str> = found.iter().map(|p| p.split(" is ").next().unwrap()).collect();
    // Whether 1s is too short depends on the address, which is not known.
    assert_eq!(starts[0], "3:13: `watch.min_level`");
    assert!(starts[1].starts_with("6:1: unknown key `poll.intervall`"), "{starts:?}");
    assert_eq!(starts[2], "8:7: `page.url`");
    assert_eq!(found.len(), 3);

    let error = parse(text).unwrap_err();
    assert_eq!(error.to_string().lines().count(), 3);
    assert!(error.to_string().starts_with("c.toml:3:13: `watch.min_level` is 'bad'; "));
    assert_eq!(error.hint(), "run: ccwatch config check");
}

#[test]
fn a_page_on_this_machine_may_be_read_often_and_without_tls() {
    for host in ["127.0.0.1:8080", "127.9.9.9", "[::1]:1", "localhost", "LocalHost:99", "127.1"] {
        let text = format!("page.url = \"http://{host}/x\"\npoll.interval = \"50ms\"");
        let config = parse(&text).unwrap_or_else(|error| panic!("{host}: {error}"));
        assert!(is_loopback(&config.page.url));
        assert_eq!(config.poll.interval, Duration::from_millis(50));
    }
    for host in ["128.0.0.1", "localhost.example.org", "[::2]", "127.0.0.1.example.org", "0.0.0.0"]
    {
        assert!(parse(&format!("page.url = \"http://{host}\"")).is_err(), "{host}");
        let text = format!("page.url = \"https://{host}\"\npoll.interval = \"1s\"");
        assert!(problems(&text)[0].contains("expected 30s to 1h"), "{host}");
    }
    let text = "page.url = \"http://127.0.0.1\"\npoll.interval = \"0s\"";
    assert!(problems(text)[0].contains("expected 1ms to 1h"));
}

#[test]
fn messages_are_short_and_inert() {
    let hostile = format!("page.id = [\"\u{202e}\u{9b}{}\"]", "x".repeat(5000));
    let found = problems(&hostile);
    assert!(found[0].chars().count() < 200, "{}", found[0].len());
    assert!(!found[0].contains(['\u{202e}', '\u{9b}']));
    assert!(problems(&format!("{} = 1", "k".repeat(5000)))[0].len() < 200);
    for url in ["https:me:secret@x", "https://me:secret@x", "nonsense:secret@x"] {
        let found = problems(&format!("page.url = '{url}'"));
        assert!(!found[0].contains("secret"), "{found:?}");
    }
    assert!(!problems("\"\\u001b[2J\" = 1")[0].contains('\u{1b}'));
}

#[test]
fn shown_as_a_file() {
    insta::assert_snapshot!(Config::default().to_toml(), @r#"
    stale_after = "10m"
    state_dir = ""
    sandbox = true

    [page]
    url = "https://status.claude.com"
    fallback = "https://anthropic.statuspage.io"
    id = "tymt9n04zgry"
    engine = "statuspage"
    regions = []
    notify = "route"

    [poll]
    interval = "1m"
    during_outage = "30s"

    [watch]
    components = ["Claude Code", "Claude API", "claude.ai"]
    min_level = "reported"
    models = []

    [notify]
    desktop = true
    hook = []
    settle = "30s"
    critical_from = "major"
    outage = true
    worse = true
    fix_out = true
    back = true
    unattributed = false
    lost_sight = true
    maintenance = true
    after_the_fact = false
    suspect = true
    page_trouble = true

    [local]
    transcripts = false

    [sessions]
    resume = false
    limits = false
    max_attempts = 8
    for = "6h"
    spread = "30s"

    [providers]
    bedrock = []
    vertex = []
    foundry = false
    notify = "route"
    road = ""
    bedrock_url = "https://health.aws.amazon.com"
    vertex_url = "https://status.cloud.google.com"
    foundry_url = "https://rssfeed.azure.status.microsoft"
    "#);
}

#[test]
fn files_that_can_not_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("latin1.toml"), b"# caf\xe9\n").unwrap();
    fs::write(at("large.toml"), "#".repeat(1024 * 1024 + 1)).unwrap();
    fs::write(at("bad.toml"), "x = ").unwrap();
    let cases = [
        ("missing.toml", "can't read the configuration ", "leave --config out"),
        ("bad.toml/c.toml", "can't read the configuration ", "readable"),
        ("", "is a directory", "config.toml"),
        ("large.toml", "larger than 1 MiB", "check the path"),
        ("latin1.toml", "is not UTF-8 text (byte 6)", "UTF-8"),
        ("bad.toml", "bad.toml:1:5: ", "a key = \"value\""),
    ];
    for (name, message, hint) in cases {
        let error = Config::load(Some(&at(name))).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert!(error.to_string().contains(dir.path().to_str().unwrap()), "{error}");
        assert!(error.hint().contains(hint), "{}", error.hint());
    }
    fs::write(at("full.toml"), "#".repeat(1024 * 1024)).unwrap();
    assert_eq!(Config::load(Some(&at("full.toml"))).unwrap().1, Some(at("full.toml")));
}

#[test]
fn the_platform_file_may_be_missing_but_not_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    assert_eq!(Config::load_default(file.clone()).unwrap(), (Config::default(), None));

    std::os::unix::fs::symlink("nowhere", &file).unwrap();
    let error = Config::load_default(file.clone()).unwrap_err();
    assert!(error.hint().contains("link to nowhere"), "{}", error.hint());

    fs::remove_file(&file).unwrap();
    fs::write(&file, "notify.desktop = false").unwrap();
    let (config, from) = Config::load_default(file.clone()).unwrap();
    assert_eq!((config.notify.desktop, from), (false, Some(file.clone())));

    fs::write(&file, "notify.desktop = 0").unwrap();
    assert!(Config::load_default(file).is_err());
}

#[test]
fn what_is_wanted_of_sessions() {
    let config = parse("[sessions]\nresume = true\nmax_attempts = 0x10\nfor = \"90m\"").unwrap();
    let expected = Sessions {
        resume: true,
        max_attempts: 16,
        within: Within(Duration::from_secs(5400)),
        ..Sessions::default()
    };
    assert_eq!(config.sessions, expected);
    let text = "[sessions]\nmax_attempts = 51\nfor = \"30s\"\nspread = \"11m\"\nwithin = \"1h\"";
    let found = problems(text);
    for (line, part) in [
        ("2:", "expected 1 to 50"),
        ("3:", "expected 1m to 24h"),
        ("4:", "expected 0s to 10m"),
        ("5:", "within"),
    ] {
        assert!(found.iter().any(|it| it.starts_with(line) && it.contains(part)), "{found:#?}");
    }
    for odd in ["-1", "1.5", "\"8\"", "99999999999"] {
        let found = problems(&format!("sessions.max_attempts = {odd}"));
        assert!(found[0].contains("expected a whole number, without quotes"), "{found:#?}");
    }
}

fn some_config() -> impl Strategy<Value = Config> {
    let time =
        |from: u64, to: u64| (from..to, 0..1_000_000_000u32).prop_map(|(s, n)| Duration::new(s, n));
    let levels =
        [Level::Maintenance, Level::Reported, Level::Degraded, Level::Partial, Level::Major];
    let level = || prop::sample::select(levels.to_vec());
    let urls = [
        "https://a.example/",
        "http://127.0.0.1:8080/x/y",
        "https://[::1]/%20",
        "https://ä.example/",
    ];
    let url = || prop::sample::select(urls.to_vec()).prop_map(|url| Url::parse(url).unwrap());
    // The prefixes keep the names apart.
    let names = || {
        vec("[^\\(\\)]{0,6}", 0..4).prop_map(|names| {
            names
                .iter()
                .enumerate()
                .map(|(n, name)| format!("{n}{name}").trim().to_owned())
                .collect::<Vec<_>>()
        })
    };
    let regions = || vec("[a-z]{2}-(east|west|central|southeast)-[0-9]", 1..3);
    let engine = prop_oneof![
        Just((Format::Statuspage, Vec::new())),
        Just((Format::AzureRss, Vec::new())),
        regions().prop_map(|regions| (Format::AwsHealth, regions)),
        regions().prop_map(|regions| (Format::GoogleCloud, regions)),
    ];
    let page = (url(), prop::option::of(url()), "\\PC{0,8}", engine).prop_map(
        |(url, fallback, id, (engine, regions))| Page {
            url,
            fallback,
            id: id.trim().to_owned(),
            engine,
            regions,
            ..Page::default()
        },
    );
    let models = ["Opus", "sonnet[1m]", "claude-zephyr-5", "Haiku 4.5"].map(str::to_owned).to_vec();
    let models = prop::sample::subsequence(models, 0..=4);
    let watch = (names(), level(), models).prop_map(|(components, min_level, models)| Watch {
        components,
        min_level,
        models,
    });
    let never = Just(CriticalFrom::Never);
    let from = prop::sample::select(levels[1..].to_vec()).prop_map(CriticalFrom::At);
    let hook = vec("/[a-z$ \\n\"]{0,6}", 0..4).prop_map(HookCommand);
    let notify = (any::<[bool; 12]>(), time(0, 3600), prop_oneof![never, from], hook).prop_map(
        |(
            [
                desktop,
                outage,
                worse,
                fix_out,
                back,
                unattributed,
                lost_sight,
                maintenance,
                after_the_fact,
                suspect,
                page_trouble,
                transcripts,
            ],
            settle,
            critical_from,
            hook,
        )| {
            (
                Notify {
                    desktop,
                    hook,
                    settle,
                    critical_from,
                    tell: WantedKinds::default()
                        .with(Kind::Outage, outage)
                        .with(Kind::Worse, worse)
                        .with(Kind::FixOut, fix_out)
                        .with(Kind::Back, back)
                        .with(Kind::Unattributed, unattributed)
                        .with(Kind::LostSight, lost_sight)
                        .with(Kind::Maintenance, maintenance)
                        .with(Kind::AfterTheFact, after_the_fact)
                        .with(Kind::Suspect, suspect)
                        .with(Kind::PageTrouble, page_trouble),
                },
                Local { transcripts },
            )
        },
    );
    let poll = (time(30, 3600), time(30, 3600))
        .prop_map(|(interval, during_outage)| Poll { interval, during_outage });
    let sessions = (any::<[bool; 2]>(), 1..=50_u32, time(60, 86400), time(0, 600)).prop_map(
        |([resume, limits], max_attempts, within, spread)| Sessions {
            resume,
            limits,
            max_attempts,
            within: Within(within),
            spread,
        },
    );
    let state_dir = prop::option::of("(/|~/)a\\PC{0,8}".prop_map(PathBuf::from));
    let region = || prop::collection::btree_set("[a-z]{2}-(north|southwest|east)-[1-9]", 0..3);
    let providers = (region(), region(), any::<bool>(), 0..3_usize).prop_map(
        |(bedrock, vertex, foundry, notify)| Providers {
            bedrock: bedrock.into_iter().collect(),
            vertex: vertex.into_iter().collect(),
            foundry,
            notify: [When::Route, When::Always, When::Never][notify],
            ..Providers::default()
        },
    );
    let others = prop::collection::btree_map("[a-b]{1,9}", ("[a-z]{1,9}", any::<bool>()), 0..3);
    let others = others.prop_map(|all| {
        let other = |(name, (host, notify)): (String, (String, bool))| OtherPage {
            name,
            url: Some(Url::parse(&format!("https://{host}.example.org")).unwrap()),
            notify,
            ..OtherPage::default()
        };
        OtherPages(all.into_iter().map(other).collect())
    });
    let more = (notify, sessions, providers, others);
    (time(7200, 86400), state_dir, any::<bool>(), page, poll, watch, more).prop_map(
        |(stale_after, state_dir, sandbox, page, poll, watch, more)| {
            let ((notify, local), sessions, providers, pages) = more;
            Config {
                stale_after,
                state_dir,
                sandbox,
                page,
                poll,
                watch,
                notify,
                local,
                sessions,
                providers,
                pages,
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_shown_reads_back(config in some_config()) {
        let text = config.to_toml();
        prop_assert_eq!(parse(&text).map_err(|e| e.to_string()), Ok(config));
    }

    #[test]
    fn any_text_is_read_or_explained(text in "\\PC{0,40}|(\\[?[a-z_.]{1,9}\\]? ?= ?(\"\\PC{0,5}\"|[0-9]|\\[\\]|\\{\\})\n){1,4}") {
        if let Err(error) = parse(&text) {
            prop_assert!(!error.problems().is_empty());
            prop_assert!(!error.to_string().replace('\n', "").contains(char::is_control));
        }
    }

    #[test]
    fn any_value_is_read_or_explained(n in 0..40usize, value in "[0-9]{1,3}|\"\\PC{0,12}\"|\"[0-9]{1,3}[smh]\"|\\[\"[a-b(]{0,2}\", \"[a-b(]{0,2}\"\\]|true") {
        let entries = Config::default().entries();
        let path = &entries[n % entries.len()].0;
        if let Err(error) = parse(&format!("{path} = {value}")) {
            prop_assert!(error.problems().iter().all(|p| p.at.0 == 1 && !p.hint.is_empty()));
        }
    }
}

#[test]
fn the_page_on_hooks_names_every_kind_of_notice() {
    let page = include_str!("../../docs/hooks.md");
    let start = page.find("`kind` is `outage`").unwrap();
    let list = page[start..].split_once("notify-test").unwrap().0;
    for kind in Kind::ALL {
        let word = kind.as_str();
        assert!(list.contains(&format!("`{word}`")), "{word}");
    }
}

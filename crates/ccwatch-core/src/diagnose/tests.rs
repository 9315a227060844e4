use super::*;
use crate::api_error::cause::ALL;
use crate::api_error::{Cause, ErrorSource};
use crate::history::page_at::{Before, ComponentThen, IncidentThen, Light, PageSource, WayThen};
use crate::model::{ComponentId, Impact, IncidentId, Level, Phase};
use crate::notice::kind::Kind;
use crate::route::Path;
use crate::settings::{Settings, WantedKinds};
use crate::state::verdict::Verdict;
use crate::testing::{API, CODE, Harness};
use jiff::Timestamp;

use Branch::{LiveIncident as Live, Login, Network, RateLimit, Route, Session, Undecided};

const NAMES: [&str; 3] = ["claude.ai", "Claude API (api.anthropic.com)", "Claude Code"];

fn page(level: Level) -> PageThen {
    let component = |name: &str| ComponentThen {
        id: ComponentId::from(name),
        name: name.to_owned(),
        group: None,
        watched: None,
        level: if name == "claude.ai" { Level::Operational } else { level },
        followed: None,
        worst: None,
        filtered: None,
    };
    PageThen {
        components: NAMES.map(component).to_vec(),
        source: PageSource::Readings,
        network: Some(true),
        ..PageThen::unknown(Timestamp::UNIX_EPOCH)
    }
}

fn red() -> PageThen {
    page(Level::Partial)
}

fn green() -> PageThen {
    page(Level::Operational)
}

fn dark() -> PageThen {
    PageThen::unknown(Timestamp::UNIX_EPOCH)
}

fn offline() -> PageThen {
    PageThen { network: Some(false), ..dark() }
}

fn with_incident(name: &str, of: &str, afterwards: bool) -> PageThen {
    let incident = IncidentThen {
        id: IncidentId::from("abc"),
        name: name.to_owned(),
        phase: Phase::Identified,
        components: vec![ComponentId::from(of)],
        began: None,
        ended: None,
        afterwards,
        nameless: false,
    };
    PageThen { incidents: vec![incident], ..green() }
}

/// claude.ai alone at a level.
fn claude_ai(level: Level) -> PageThen {
    let mut page = green();
    page.components[0].level = level;
    page
}

fn followed() -> PageThen {
    let mut page = green();
    page.components[2].followed = Some((Timestamp::from_second(240).unwrap(), Level::Major));
    page
}

/// Red when it was last read, not read since.
fn last_read_red() -> PageThen {
    let before = Before { at: Timestamp::UNIX_EPOCH, green: Vec::new() };
    PageThen { before: Some(before), ..red() }
}

/// Not known, and affected soon after.
fn followed_from_the_dark() -> PageThen {
    let mut page = followed();
    page.components.iter_mut().for_each(|component| component.level = Level::Unknown);
    page
}

fn plain() -> RouteFacts {
    RouteFacts { path: Path::Subscription, ..RouteFacts::default() }
}

fn key(overrides_login: bool) -> RouteFacts {
    RouteFacts {
        path: Path::ApiKey,
        credential: Some("ANTHROPIC_API_KEY".to_owned()),
        set_in: Some("~/.claude/settings.json".to_owned()),
        overrides_login,
        ..RouteFacts::default()
    }
}

fn gateway() -> RouteFacts {
    let endpoint = ("llm.example:8080".to_owned(), "the environment".to_owned());
    RouteFacts { path: Path::Gateway, endpoint: Some(endpoint), ..RouteFacts::default() }
}

fn proxy() -> RouteFacts {
    let proxy = ("proxy.example:3128".to_owned(), "the environment".to_owned());
    RouteFacts { proxy: Some(proxy), ..plain() }
}

fn bedrock() -> RouteFacts {
    RouteFacts { path: Path::Bedrock, ..RouteFacts::default() }
}

fn alone() -> Around {
    Around::default()
}

fn others_fail() -> Around {
    Around { other_sessions_failing: 2, ..alone() }
}

fn others_work() -> Around {
    Around { other_sessions_working: 1, same_session_failures: 4, ..alone() }
}

fn worked_later() -> Around {
    Around { same_session_worked_later: true, ..alone() }
}

fn error(cause: Cause) -> ApiError {
    ApiError { cause, ..ApiError::new("API Error", ErrorSource::Pasted) }
}

#[test]
fn the_table_of_branches() {
    use Confidence::{High, Medium};
    let auth = || with_incident("Users can't log in", "claude.ai", false);
    let unrelated = |name| with_incident(name, "claude.ai", false);
    let cases: Vec<(Cause, PageThen, RouteFacts, Around, Branch, Confidence)> = vec![
        // The page decides about the API's own errors.
        (Cause::Internal, red(), plain(), alone(), Live, Confidence::High),
        (Cause::Overloaded, red(), plain(), alone(), Live, Confidence::High),
        (Cause::TimedOut, red(), key(false), alone(), Live, Confidence::High),
        (
            Cause::Internal,
            with_incident("x", NAMES[2], false),
            plain(),
            alone(),
            Live,
            Confidence::High,
        ),
        (
            Cause::Internal,
            with_incident("x", NAMES[2], true),
            plain(),
            alone(),
            Live,
            Confidence::High,
        ),
        (
            Cause::Internal,
            with_incident("x", "elsewhere", false),
            plain(),
            alone(),
            Undecided,
            Confidence::Low,
        ),
        // Green: what else this machine saw decides.
        (Cause::Internal, green(), plain(), alone(), Undecided, Confidence::Low),
        (Cause::Internal, followed(), plain(), alone(), Live, Confidence::Medium),
        (Cause::Internal, green(), plain(), others_fail(), Live, Confidence::Medium),
        (Cause::Internal, green(), plain(), others_work(), Session, Confidence::Medium),
        (Cause::Internal, green(), plain(), worked_later(), Live, Confidence::Low),
        (Cause::Internal, green(), key(true), alone(), Route, Confidence::Low),
        (Cause::Internal, green(), key(false), alone(), Undecided, Confidence::Low),
        (Cause::Overloaded, green(), plain(), alone(), Live, Confidence::Low),
        (Cause::Overloaded, green(), plain(), others_work(), Live, Confidence::Low),
        // Nobody knows: never green.
        (Cause::Internal, dark(), plain(), alone(), Undecided, Confidence::Low),
        (Cause::Overloaded, dark(), plain(), alone(), Live, Confidence::Low),
        (Cause::Internal, dark(), plain(), others_fail(), Live, Confidence::Low),
        (Cause::Internal, dark(), plain(), others_work(), Session, Confidence::Low),
        (Cause::Internal, dark(), plain(), worked_later(), Live, Confidence::Low),
        (Cause::Internal, dark(), key(true), alone(), Route, Confidence::Low),
        // Somebody else's path.
        (Cause::Internal, green(), gateway(), alone(), Route, Confidence::Medium),
        (Cause::Internal, red(), gateway(), alone(), Route, Confidence::Medium),
        (Cause::Overloaded, red(), bedrock(), alone(), Route, Confidence::Medium),
        // An edge.
        (Cause::BadGateway, red(), plain(), alone(), Live, Confidence::High),
        (Cause::BadGateway, green(), plain(), alone(), Live, Confidence::Low),
        (Cause::BadGateway, green(), gateway(), alone(), Undecided, Confidence::Low),
        (Cause::BadGateway, red(), proxy(), alone(), Undecided, Confidence::Low),
        (Cause::BadGateway, green(), RouteFacts::default(), alone(), Undecided, Confidence::Low),
        // The connection.
        (Cause::NoAnswer, red(), plain(), alone(), Live, Confidence::Medium),
        (Cause::NoAnswer, offline(), plain(), alone(), Network, Confidence::High),
        (Cause::NoAnswer, green(), plain(), others_fail(), Live, Confidence::Medium),
        (Cause::NoAnswer, green(), plain(), alone(), Undecided, Confidence::Low),
        (Cause::Dropped, red(), plain(), alone(), Live, Confidence::Medium),
        (Cause::Dropped, offline(), plain(), alone(), Network, Confidence::High),
        (Cause::Dropped, green(), plain(), alone(), Network, Confidence::Low),
        (Cause::NoConnection, red(), plain(), alone(), Network, Confidence::High),
        (Cause::Slept, red(), plain(), alone(), Network, Confidence::High),
        // The login.
        (Cause::LoggedOut, auth(), plain(), alone(), Login, Confidence::High),
        (Cause::Refused, green(), plain(), alone(), Login, Confidence::High),
        (Cause::Refused, red(), plain(), alone(), Login, Confidence::Medium),
        (Cause::Refused, dark(), plain(), alone(), Login, Confidence::Medium),
        (Cause::Refused, auth(), plain(), alone(), Live, Confidence::Medium),
        (Cause::Refused, green(), key(false), alone(), Route, Confidence::Medium),
        (Cause::Refused, auth(), key(false), alone(), Route, Confidence::Medium),
        (Cause::Refused, claude_ai(Level::Degraded), plain(), alone(), Login, Medium),
        (Cause::Refused, claude_ai(Level::Partial), plain(), alone(), Live, Medium),
        (Cause::Refused, unrelated("Slow file uploads"), plain(), alone(), Login, Medium),
        (Cause::Refused, unrelated("Authored artifacts fail"), plain(), alone(), Login, Medium),
        (Cause::Refused, unrelated("Log ingestion delayed"), plain(), alone(), Login, Medium),
        (Cause::Refused, unrelated("OAuth: errors"), plain(), alone(), Live, Medium),
        (Cause::Refused, unrelated("Elevated 401 errors"), plain(), alone(), Live, Medium),
        (Cause::Refused, unrelated("Users are being logged out"), plain(), alone(), Live, Medium),
        (Cause::Internal, last_read_red(), plain(), alone(), Live, Medium),
        (Cause::Internal, followed_from_the_dark(), plain(), alone(), Live, Medium),
        (Cause::Refused, green(), gateway(), alone(), Route, Confidence::Medium),
        (Cause::NotAllowed, green(), plain(), alone(), Login, Confidence::Medium),
        // What decides by itself.
        (Cause::ForeignCredential, red(), key(true), alone(), Route, Confidence::High),
        (Cause::Intercepted, red(), plain(), alone(), Route, Confidence::High),
        (Cause::NotFound, red(), plain(), alone(), Route, Confidence::Medium),
        (Cause::Certificate, red(), plain(), alone(), Route, High),
        (Cause::NoModel, red(), plain(), alone(), Route, Medium),
        (Cause::Helper, red(), key(true), alone(), Route, High),
        (Cause::CloudCredential, red(), bedrock(), alone(), Route, High),
        (Cause::Headers, red(), plain(), alone(), Route, High),
        (Cause::OwnFiles, red(), gateway(), alone(), Undecided, Confidence::Low),
        // A base URL or a provider in force is no evidence that anybody answered.
        (Cause::Unknown, green(), gateway(), alone(), Undecided, Confidence::Low),
        (Cause::Unknown, dark(), bedrock(), alone(), Undecided, Confidence::Low),
        (Cause::Dropped, offline(), gateway(), alone(), Network, High),
        (Cause::Dropped, green(), gateway(), alone(), Network, Medium),
        (Cause::NoAnswer, offline(), gateway(), alone(), Network, High),
        (Cause::NoAnswer, green(), gateway(), alone(), Undecided, Confidence::Low),
        (Cause::TooLong, red(), plain(), alone(), Session, Confidence::High),
        (Cause::BrokenHistory, red(), plain(), alone(), Session, Confidence::High),
        (Cause::NoSession, red(), plain(), alone(), Session, Confidence::High),
        (Cause::Declined, red(), plain(), alone(), Session, Confidence::High),
        (Cause::LongAnswer, red(), plain(), alone(), Session, Confidence::Medium),
        (Cause::UsageLimit, red(), plain(), alone(), RateLimit, Confidence::High),
        (Cause::SpendWindow, red(), plain(), alone(), RateLimit, High),
        (Cause::LongContext, red(), plain(), alone(), RateLimit, High),
        (Cause::SpendLimit, red(), plain(), alone(), RateLimit, Confidence::High),
        (Cause::TooManyRequests, green(), plain(), alone(), RateLimit, Confidence::High),
        (Cause::TooManyRequests, red(), plain(), alone(), RateLimit, Confidence::Medium),
        (Cause::NoCredit, green(), plain(), alone(), RateLimit, Confidence::Medium),
        (Cause::NoCredit, green(), key(true), alone(), Route, Confidence::High),
        (Cause::BadRequest, green(), plain(), alone(), Undecided, Confidence::Low),
        (Cause::BadRequest, green(), plain(), others_work(), Session, Confidence::Medium),
        (Cause::Unknown, red(), plain(), alone(), Undecided, Confidence::Low),
    ];
    for (cause, page, route, around, branch, confidence) in cases {
        let error = error(cause);
        let found = diagnose(&Case {
            error: &error,
            page: &page,
            route: &route,
            around,
            means: Means::default(),
        });
        assert_eq!(
            (found.branch, found.confidence),
            (branch, confidence),
            "{cause:?} {:?} {around:?}: {found:#?}",
            route.path
        );
        assert_eq!(found.missing.is_some(), asks(&found), "{cause:?}: {found:#?}");
        let said = [&found.first_move, &found.verify, &found.escalate_when];
        assert!(said.iter().all(|text| text.len() > 10 && text.len() < 300), "{found:#?}");
    }
}

#[test]
fn what_to_do_fits_what_is_known() {
    let route = plain();
    for (cause, page, red) in ALL.iter().flat_map(|c| [(*c, red(), true), (*c, green(), false)]) {
        let error = error(cause);
        let found = diagnose(&Case {
            error: &error,
            page: &page,
            route: &route,
            around: alone(),
            means: Means::default(),
        });
        let first = &found.first_move;
        assert!(red || !first.contains("ccwatch tells you"), "nothing will be told: {found:#?}");
        let logs_in = first.contains("then /login") || first.contains("again with /login");
        assert!(!logs_in || matches!(found.branch, Login | Route), "{cause:?}: {found:#?}");
        assert!(!first.contains("below") || found.missing.is_some(), "{cause:?}: {found:#?}");
    }
}

#[test]
fn no_more_is_said_than_was_seen() {
    let said = |cause, page: PageThen, around| {
        let (error, route) = (error(cause), plain());
        diagnose(&Case {
            error: &error,
            page: &page,
            route: &route,
            around,
            means: Means::default(),
        })
        .why
        .join(" ")
    };
    // What other sessions saw need not be the same error.
    for page in [green(), dark()] {
        let why = said(Cause::NoAnswer, page, others_fail());
        assert!(why.contains("had errors of a server too"), "{why}");
    }
    let why = said(Cause::Internal, last_read_red(), alone());
    assert!(why.contains("when it was last read, less than a minute before"), "{why}");
    let why = said(Cause::Refused, with_incident("Slow uploads", NAMES[2], false), alone());
    assert!(why.contains("Slow uploads"), "{why}");
}

/// Whatever is undecided asks for what would decide; other answers may.
fn asks(found: &Diagnosis) -> bool {
    found.branch == Undecided || found.missing.is_some()
}

const ID: &str = "req_011CTzX4kPqWn7vYbLd2MsRa";

#[test]
fn whose_answer_it_was_is_read_from_the_error_first() {
    let foreign = |kind: Option<&str>, id: Option<&str>| ApiError {
        foreign: Some("127.0.0.1:8787".to_owned()),
        kind: kind.map(str::to_owned),
        request_id: id.map(str::to_owned),
        ..error(Cause::Overloaded)
    };
    let direct = ApiError { direct: true, ..error(Cause::Internal) };
    for (error, page, route, branch, confidence) in [
        (foreign(None, None), green(), plain(), Route, Confidence::High),
        (foreign(None, None), red(), plain(), Route, Confidence::High),
        // Passed on from Anthropic, whose page was red.
        (foreign(Some("overloaded_error"), Some(ID)), red(), plain(), Live, Confidence::Medium),
        // Others number their requests, too, and answer in the API's form.
        (
            foreign(Some("overloaded_error"), Some("20261127abc")),
            red(),
            plain(),
            Route,
            Confidence::High,
        ),
        (foreign(Some("upstream_error"), Some(ID)), red(), plain(), Route, Confidence::High),
        // The error says Anthropic, this shell says gateway.
        (direct.clone(), red(), gateway(), Live, Confidence::Medium),
        (direct, green(), gateway(), Route, Confidence::Low),
    ] {
        let found = diagnose(&Case {
            error: &error,
            page: &page,
            route: &route,
            around: alone(),
            means: Means::default(),
        });
        assert_eq!((found.branch, found.confidence), (branch, confidence), "{found:#?}");
    }
}

#[test]
fn a_text_about_the_login_is_about_the_login() {
    let refused = |login, foreign: Option<&str>| ApiError {
        login,
        foreign: foreign.map(str::to_owned),
        ..error(Cause::Refused)
    };
    for (error, route, branch) in [
        (refused(true, None), key(true), Login),
        (refused(true, None), bedrock(), Login),
        (refused(true, None), gateway(), Route),
        (refused(true, Some("Caddy (its server header)")), plain(), Route),
        (refused(false, None), key(true), Route),
        (refused(false, None), bedrock(), Route),
    ] {
        let page = green();
        let case = Case {
            error: &error,
            page: &page,
            route: &route,
            around: alone(),
            means: Means::default(),
        };
        assert_eq!(diagnose(&case).branch, branch, "{error:?} {:?}", route.path);
    }
    // A type that isn't Anthropic's beside a 429 is somebody else's limit.
    let quota = ApiError {
        kind: Some("insufficient_quota".to_owned()),
        foreign: Some("insufficient_quota (its type)".to_owned()),
        ..error(Cause::TooManyRequests)
    };
    let case = Case {
        error: &quota,
        page: &green(),
        route: &gateway(),
        around: alone(),
        means: Means::default(),
    };
    assert_eq!(diagnose(&case).branch, Route);
}

#[test]
fn a_500_and_a_529_stay_apart_in_every_output() {
    for page in [red(), green(), dark()] {
        let of = |cause| {
            let error = error(cause);
            let route = plain();
            diagnose(&Case {
                error: &error,
                page: &page,
                route: &route,
                around: alone(),
                means: Means::default(),
            })
        };
        let (internal, overloaded) = (of(Cause::Internal), of(Cause::Overloaded));
        assert!(internal.why[0].contains("500") && internal.why[0].contains("api_error"));
        assert!(
            overloaded.why[0].contains("529") && overloaded.why[0].contains("overloaded_error")
        );
        assert!(!format!("{internal:?}").contains("529"), "{internal:#?}");
        assert!(!format!("{overloaded:?}").contains("500"), "{overloaded:#?}");
    }
}

#[test]
fn the_first_move_fits_the_branch_and_names_what_was_found() {
    for (cause, page, route, words) in [
        (Cause::Internal, red(), plain(), "Change nothing and wait"),
        (
            Cause::Refused,
            green(),
            plain(),
            "Run /status to see the login, then /login; if it fails, claude doctor.",
        ),
        (Cause::TooLong, green(), plain(), "fresh session"),
        (Cause::Internal, green(), gateway(), "llm.example:8080, set in the environment"),
        (
            Cause::ForeignCredential,
            green(),
            key(true),
            "ANTHROPIC_API_KEY is in force, set in ~/.claude/settings.json",
        ),
        (Cause::NoConnection, green(), proxy(), "the proxy proxy.example:3128"),
        (Cause::Internal, green(), bedrock(), "Amazon Bedrock"),
        // What fits the cause, and not whatever else is in force.
        (Cause::Certificate, green(), key(true), "NODE_EXTRA_CA_CERTS"),
        (Cause::NoModel, green(), key(true), "/model"),
        (Cause::NoModel, green(), plain(), "/model"),
        (Cause::NoModel, green(), bedrock(), "one that Amazon Bedrock offers"),
        (Cause::Helper, green(), key(true), "apiKeyHelper"),
        (Cause::CloudCredential, green(), key(true), "aws sso login"),
        (Cause::CloudCredential, green(), bedrock(), "(aws sso login, or"),
        (Cause::Headers, green(), key(true), "ANTHROPIC_CUSTOM_HEADERS"),
        (Cause::Intercepted, green(), key(true), "what is in between"),
        (Cause::Intercepted, green(), proxy(), "the proxy proxy.example:3128"),
        (Cause::SpendWindow, green(), plain(), "Wait until the limit resets"),
        (Cause::LongContext, green(), plain(), "without the long context"),
        (Cause::OwnFiles, green(), plain(), "permissions"),
        // A new key of the same account has no more credit, and belongs to the same organisation.
        (Cause::NoCredit, green(), key(true), "if you did, add credit to its account"),
        (Cause::OrgDisabled, green(), key(true), "if you did, use one of another organisation"),
        (Cause::Dropped, red(), plain(), "Repeat the same request once; if it fails again"),
        (Cause::LoginServer, green(), plain(), "try the same login again"),
        (Cause::NoSession, green(), plain(), "the folder that they were begun in"),
        (Cause::ForeignAnswer, green(), plain(), "look for a proxy"),
        (Cause::OnHold, green(), plain(), "or claude.ai where it has none"),
        (Cause::Unverified, green(), plain(), "or open claude.ai where it has none"),
    ] {
        let error = error(cause);
        let found = diagnose(&Case {
            error: &error,
            page: &page,
            route: &route,
            around: alone(),
            means: Means::default(),
        });
        assert!(found.first_move.contains(words), "{found:#?}");
        let of_key =
            matches!(cause, Cause::ForeignCredential | Cause::NoCredit | Cause::OrgDisabled);
        assert!(of_key || !found.first_move.contains("ANTHROPIC_API_KEY"), "{found:#?}");
    }
    let limited = ApiError {
        resets_at: Timestamp::from_second(1_790_155_800).ok(),
        ..error(Cause::UsageLimit)
    };
    let case = Case {
        error: &limited,
        page: &green(),
        route: &plain(),
        around: alone(),
        means: Means::default(),
    };
    let first = diagnose(&case).first_move;
    assert!(first.starts_with("Wait until") && first.contains("2026-09-23 09:30 UTC"), "{first}");
    let means = Means { limit_is_over: true, ..Means::default() };
    let first = diagnose(&Case { means, ..case }).first_move;
    assert!(first.starts_with("Repeat") && first.contains("2026-09-23 09:30 UTC"), "{first}");
}

#[test]
fn the_clock_is_suspected_only_where_a_certificate_is_out_of_its_time() {
    for (text, of_time) in [
        ("Unable to connect to API: certificate is not yet valid", true),
        ("Unable to connect to API: SSL certificate has expired", true),
        ("CERT_NOT_YET_VALID", true),
        ("Unable to connect to API: Self-signed certificate detected", false),
    ] {
        let error = ApiError { text: text.to_owned(), ..error(Cause::Certificate) };
        let found = diagnose(&Case {
            error: &error,
            page: &green(),
            route: &plain(),
            around: alone(),
            means: Means::default(),
        });
        assert_eq!(found.first_move.contains("clock"), of_time, "{found:#?}");
        assert_eq!(found.first_move.contains("NODE_EXTRA_CA_CERTS"), !of_time, "{found:#?}");
    }
}

#[test]
fn what_the_error_says_of_time_is_what_is_to_be_done() {
    for (cause, text, words) in [
        (
            Cause::CloudCredential,
            "403 Signature expired: 20261127T1 is now earlier",
            "Set the clock",
        ),
        (Cause::CloudCredential, "403 The security token is expired", "aws sso login"),
        (Cause::TooManyRequests, "429 Too many tokens per day", "a day or longer"),
        (Cause::TooManyRequests, "429 Too many requests", "Wait a minute"),
    ] {
        let error = ApiError { text: text.to_owned(), ..error(cause) };
        let found = diagnose(&Case {
            error: &error,
            page: &green(),
            route: &plain(),
            around: alone(),
            means: Means::default(),
        });
        assert!(found.first_move.contains(words), "{found:#?}");
    }
}

#[test]
fn who_can_help_is_asked_and_no_packet_made_for_somebody_else() {
    for (cause, route, words) in [
        (Cause::NoCredit, key(true), "more than an hour ago"),
        (Cause::NoCredit, plain(), "more than an hour ago"),
        (Cause::OrgDisabled, key(true), "Nobody can say why"),
        (Cause::OrgDisabled, plain(), "Nobody can say why"),
        (Cause::Unknown, plain(), "The whole error says no more"),
        (Cause::Stranger, plain(), "Claude Code itself shows an error"),
    ] {
        let error = error(cause);
        let found = diagnose(&Case {
            error: &error,
            page: &green(),
            route: &route,
            around: alone(),
            means: Means::default(),
        });
        assert!(found.escalate_when.contains(words), "{found:#?}");
    }
}

fn found(cause: Cause, page: &PageThen, means: Means<'_>) -> Diagnosis {
    let error = error(cause);
    diagnose(&Case { error: &error, page, route: &plain(), around: alone(), means })
}

/// What the user doesn't hear of is said as that, and no advice says that it will be told.
#[test]
fn filtered_trouble_is_said_and_promises_nothing() {
    let settings = |min_level, models: &[&str]| Settings {
        min_level,
        models: models.iter().map(|name| (*name).to_owned()).collect(),
        ..Settings::default()
    };
    let mut opus = with_incident("Elevated errors on Claude Opus 4.7", NAMES[2], false);
    opus.components[2].level = Level::Major;
    let opus = opus.filtered_by(&settings(Level::Reported, &["sonnet"]));
    for (cause, branch) in [(Cause::Internal, Undecided), (Cause::Overloaded, Live)] {
        let found = found(cause, &opus, Means::default());
        assert_eq!((found.branch, found.confidence), (branch, Confidence::Low), "{found:#?}");
        let said = "major outage at the time: Elevated errors on Claude Opus 4.7; Opus 4.7 only; \
                    not your model.";
        assert!(found.why.iter().any(|why| why.ends_with(said)), "{found:#?}");
        assert!(!format!("{found:?}").contains("tells you when"), "{found:#?}");
        assert!(!format!("{found:?}").contains("was green"), "{found:#?}");
    }
    let mild = page(Level::Degraded).filtered_by(&settings(Level::Partial, &[]));
    for cause in [Cause::Internal, Cause::Overloaded, Cause::BadGateway, Cause::NoAnswer] {
        let found = found(cause, &mild, Means::default());
        let said = "The page showed degraded performance at the time; milder than watch.min_level.";
        assert!(found.why.iter().any(|why| why == said), "{found:#?}");
        assert!(!found.first_move.contains("tells you"), "{found:#?}");
    }
    let found = found(Cause::Internal, &mild, Means::default());
    assert_eq!((found.branch, found.confidence), (Live, Confidence::Low));
}

#[test]
fn who_watches_none_of_what_is_affected_is_told_how_to_wait() {
    for (teller, expected) in [
        (Teller::Unwatched("Claude Code"), "ccwatch wait 'Claude Code'"),
        (
            Teller::NoDaemon,
            "No daemon runs to tell you when to retry; to wait for it, run: ccwatch wait",
        ),
        (
            Teller::Silent,
            "ccwatch doesn't tell you when this one is over; to wait for it, run: ccwatch wait",
        ),
    ] {
        let outlook = Outlook { teller, ..Outlook::NOT_KNOWN };
        let means = Means { outlook, ..Means::default() };
        let said = found(Cause::Internal, &red(), means).first_move;
        assert!(said.ends_with(expected), "{said}");
        assert!(!said.contains("ccwatch tells you"), "{said}");
    }
}

/// Finding: "wait" beside RETRY in `status`, and "ccwatch tells you" where nothing was to come.
#[test]
fn the_first_move_is_that_of_status() {
    let outlook = |harness: &Harness, then: &PageThen| {
        let (page, now) = (harness.monitor.state().clone(), harness.now);
        let outlook = Outlook::of(&page, now, Path::Subscription, then, (true, true));
        let means = Means { outlook, ..Means::default() };
        let said = found(Cause::Internal, then, means).first_move;
        (outlook.verdict == page.verdict(now), said)
    };
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").incident("i", "identified", &[CODE]).polls();
    let (agrees, said) = outlook(&harness, &red());
    assert!(
        agrees && said == "Change nothing and wait. ccwatch tells you when to retry.",
        "{said}"
    );
    harness.wait(60).incident("i", "monitoring", &[CODE]).polls();
    let (agrees, said) = outlook(&harness, &red());
    assert!(
        agrees && said.starts_with("A fix is out though the page is still red: repeat"),
        "{said}"
    );
    harness.wait(60).status(CODE, "operational").incident("i", "resolved", &[]).polls();
    let (agrees, said) = outlook(&harness, &red());
    assert!(agrees && said == "It came back: repeat the same request, on the same path.", "{said}");
    let (_, said) = outlook(&harness, &green());
    assert!(said.starts_with("Change nothing yet"), "it still fails under green: {said}");
    harness.wait(3600).polls();
    let (agrees, said) = outlook(&harness, &red());
    assert!(agrees && said.starts_with("It is over by now: repeat"), "{said}");
    // What comes after an error explains it as well.
    harness.wait(60).status(API, "major_outage").polls();
    let (agrees, said) = outlook(&harness, &followed());
    assert!(agrees && said.ends_with("ccwatch tells you when to retry."), "{said}");
}

#[test]
fn only_what_will_be_told_is_promised() {
    let said = |settings: Settings, nameless: bool, state: (bool, bool)| {
        let mut harness = Harness::new(settings);
        harness.polls().wait(60);
        let named: &[&str] = if nameless { &[] } else { &[CODE] };
        harness.incident("i", "investigating", named);
        let incident = harness.page.incidents.as_mut().unwrap().last_mut().unwrap();
        (incident.name, incident.impact) = ("Claude Code logins slow".to_owned(), Impact::Minor);
        harness.polls();
        let (page, then) = (harness.monitor.state().clone(), with_incident("x", NAMES[2], false));
        let outlook = Outlook::of(&page, harness.now, Path::Subscription, &then, state);
        assert_eq!(outlook.verdict, Verdict::Wait);
        outlook.teller == Teller::Daemon
    };
    let default = Settings::default;
    assert!(said(default(), false, (true, true)));
    assert!(!said(default(), true, (true, true)), "a nameless minor one is not told");
    assert!(!said(default(), false, (false, true)), "no daemon");
    assert!(!said(default(), false, (true, false)), "nothing to tell it by");
    let tell = |kinds: &[Kind]| {
        let off = |tell: WantedKinds, kind: &Kind| tell.with(*kind, false);
        Settings { tell: kinds.iter().fold(default().tell, off), ..default() }
    };
    assert!(said(tell(&[Kind::Back]), false, (true, true)));
    assert!(!said(tell(&[Kind::Back, Kind::FixOut]), false, (true, true)), "its end is not wanted");
    assert!(!said(tell(&[Kind::Outage]), false, (true, true)), "who isn't told hears of no end");
    let watch = vec!["claude.ai".to_owned()];
    assert!(!said(Settings { watch, ..default() }, false, (true, true)), "it isn't watched");
}

/// Finding: the level of one component beside the incident of another.
#[test]
fn the_incident_is_that_of_the_component_that_is_as_bad() {
    let mut page = with_incident("Chat is down", NAMES[0], false);
    page.components[0].level = Level::Degraded;
    page.components[2].level = Level::Partial;
    let why = |page: &PageThen| found(Cause::Internal, page, Means::default()).why.join(" ");
    let said = why(&page);
    assert!(said.contains("The page showed partial outage at the time."), "{said}");
    assert!(!said.contains("Chat"), "{said}");
    page.incidents[0].components = vec![ComponentId::from(NAMES[2])];
    let said = why(&page);
    assert!(said.contains("partial outage at the time: Chat is down (identified)."), "{said}");
    // What doesn't concern the user explains nothing that does.
    page.incidents[0].name = "Errors on Claude Opus 4.7".to_owned();
    page.incidents[0].components = vec![ComponentId::from(NAMES[0])];
    let models = Settings { models: vec!["sonnet".to_owned()], ..Settings::default() };
    let said = why(&page.filtered_by(&models));
    assert!(said.contains("partial outage at the time.") && !said.contains("Opus"), "{said}");
}

#[test]
fn announced_work_is_named_under_maintenance_and_under_a_green_light() {
    let work = crate::history::page_at::WorkThen {
        id: IncidentId::from("w"),
        name: "Planned upgrade".to_owned(),
        phase: Phase::InProgress,
        components: vec![ComponentId::from(NAMES[2])],
        scheduled_until: Some(Timestamp::UNIX_EPOCH),
    };
    let plan = "Planned upgrade (in progress, until 1970-01-01 00:00 UTC).";
    for (level, said) in [
        (Level::Maintenance, "The page showed under maintenance at the time: "),
        (Level::Operational, "Announced work was going on, which may be why: "),
    ] {
        let page = PageThen { works: vec![work.clone()], ..page(level) };
        let found = found(Cause::Internal, &page, Means::default());
        assert!(found.why.contains(&format!("{said}{plan}")), "{found:#?}");
    }
}

#[test]
fn an_error_without_words_leads_to_no_circle() {
    for (has_another, asked) in [(true, "--last"), (false, "'API Error: 529 Overloaded'")] {
        let means = Means { has_another, ..Means::default() };
        let missing = found(Cause::Unknown, &green(), means).missing.unwrap();
        assert!(missing.contains(asked), "{missing}");
        assert!(has_another || !missing.contains("--last"), "{missing}");
    }
}

/// The page of Bedrock at a level, while Claude's own page is red or green.
fn of_bedrock(level: Level, api: Light) -> PageThen {
    let mut page = page(level);
    page.components.truncate(1);
    page.components[0].name = "Amazon Bedrock (us-east-1)".to_owned();
    page.components[0].level = level;
    let name = "Amazon Bedrock (us-east-1)".to_owned();
    PageThen { way: Some(WayThen { name, api }), ..page }
}

#[test]
fn the_page_of_the_way_decides_and_claudes_own_is_context() {
    use Confidence::{High, Low, Medium};
    let anthropics = Light::Affected(Level::Major);
    let red = of_bedrock(Level::Major, Light::Green);
    let well = of_bedrock(Level::Operational, anthropics);
    let dark = of_bedrock(Level::Unknown, anthropics);
    let mut later = well.clone();
    later.components[0].followed = Some((Timestamp::from_second(240).unwrap(), Level::Major));
    let at_gateway = RouteFacts { endpoint: gateway().endpoint, ..bedrock() };
    let said = "The page of Amazon Bedrock (us-east-1) ";
    for (cause, page, route, branch, sure, says) in [
        (Cause::Internal, &red, bedrock(), Live, High, "showed major outage at the time."),
        (Cause::BadGateway, &red, bedrock(), Live, High, "showed major outage at the time."),
        (Cause::NoAnswer, &red, bedrock(), Live, Medium, "showed major outage at the time."),
        (Cause::Dropped, &red, bedrock(), Live, Medium, "showed major outage at the time."),
        (Cause::Internal, &red, at_gateway.clone(), Live, Medium, "showed major outage"),
        (Cause::TooManyRequests, &red, bedrock(), RateLimit, Medium, "showed major outage"),
        (Cause::Internal, &well, bedrock(), Undecided, Low, "was green at the time."),
        (Cause::Internal, &well, at_gateway.clone(), Route, Medium, "was green at the time."),
        (Cause::Overloaded, &well, bedrock(), Undecided, Low, "was green at the time."),
        (Cause::BadGateway, &well, bedrock(), Undecided, Low, "was green at the time."),
        (Cause::NoAnswer, &well, bedrock(), Undecided, Low, "was green at the time."),
        (Cause::TooManyRequests, &well, bedrock(), RateLimit, High, ""),
        (Cause::Internal, &later, bedrock(), Live, Medium, "was green at the time."),
        (Cause::BadRequest, &red, bedrock(), Undecided, Low, ""),
    ] {
        let error = error(cause);
        let means = Means::default();
        let case = Case { error: &error, page, route: &route, around: alone(), means };
        let found = diagnose(&case);
        assert_eq!((found.branch, found.confidence), (branch, sure), "{cause:?}: {found:#?}");
        let why = found.why.join(" ");
        assert!(says.is_empty() || why.contains(&format!("{said}{says}")), "{cause:?}: {why}");
        assert!(!why.contains("The page showed"), "it is said whose page it is: {why}");
    }
    let status = ApiError { status: Some(500), ..error(Cause::Internal) };
    let of = |page: &PageThen| {
        let means = Means::default();
        diagnose(&Case { error: &status, page, route: &bedrock(), around: alone(), means })
    };
    let why = of(&well).why.join(" ");
    let context = "Claude's own page showed major outage meanwhile, which says nothing of Amazon \
                   Bedrock (us-east-1).";
    assert!(why.contains(context), "{why}");
    let why = of(&dark).why.join(" ");
    assert!(why.contains("What the page of Amazon Bedrock (us-east-1) said at that time"), "{why}");
    for page in [&red, &well, &dark] {
        assert!(of(page).escalate_when.ends_with("Then ask the provider's support."));
    }
}

#[test]
fn what_anthropic_answered_is_not_of_another_way() {
    let plain = ApiError { status: Some(500), ..error(Cause::Internal) };
    assert!(is_of_the_way(&plain));
    let id = Some("req_011CSHzr8pbTkGkGBmTUAKWj".to_owned());
    for own in [
        ApiError { direct: true, ..plain.clone() },
        ApiError { request_id: id, ..plain.clone() },
        ApiError { login: true, ..error(Cause::Refused) },
        error(Cause::LoginServer),
    ] {
        assert!(!is_of_the_way(&own), "{own:?}");
    }
}

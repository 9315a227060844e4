//! Line 54: the watched page moves, changes its id, refuses us or lists nothing, with nothing red.

use super::*;

/// How the page fails, in the words of a recording, and what is said of it.
const TROUBLES: [(&str, &str); 4] = [
    ("redirect", "page_trouble The status page has moved"),
    ("other_page", "page_trouble The status page is another one now"),
    ("bot_wall", "page_trouble The status page refuses ccwatch"),
    ("not_understood", "page_trouble The status page lists nothing"),
];

const RIGHT: &str = "page_readable The status page can be read again";

#[test]
fn fault_54_the_page_moves_changes_its_id_refuses_us_or_lists_nothing_for_days() {
    let mut fault =
        Fault::new(54, "the page moved, another id, a bot wall, no components, for 3 days");
    let days = 3 * 24 * 60;
    for (kind, title) in TROUBLES {
        let down = (1..days).step_by(5).map(|minute| fails(minute, kind));
        let mut lines = vec![reads(0, &PageModel::default())];
        lines.extend(down);
        lines.push(reads(days, &PageModel::default()));
        lines.push(reads(days + 1, &PageModel::default()));
        fault.heard(&[title, RIGHT], &replay(&lines));
        fault.injected(1);
    }
    fault.end();
}

#[test]
fn fault_54_half_an_hour_of_it_or_an_own_network_that_is_away_is_no_news() {
    let mut fault = Fault::new(54, "the same for half an hour; the own network away for 3 days");
    for (kind, _) in TROUBLES {
        let mut lines = vec![reads(0, &PageModel::default())];
        lines.extend((1..31).map(|minute| fails(minute, kind)));
        lines.push(reads(32, &PageModel::default()));
        fault.heard(&[], &replay(&lines));
        fault.injected(1);
    }
    let days = 3 * 24 * 60;
    for kind in ["dns", "connect", "tls", "timeout", "captive_portal"] {
        let mut lines = vec![reads(0, &PageModel::default())];
        lines.extend((1..days).step_by(5).map(|minute| fails(minute, kind)));
        lines.push(reads(days, &PageModel::default()));
        fault.heard(&[], &replay(&lines));
        fault.injected(1);
    }
    fault.end();
}

/// The real answers of a server give those kinds, and nothing red is told of what isn't known.
#[test]
fn fault_54_a_server_that_sends_us_elsewhere_or_lists_nothing_makes_it_unknown() {
    let mut fault = Fault::new(54, "the answers themselves: 301, 403, another id, no components");
    let scene = Scene::new();
    scene.home.configure(&scene.page.url(), "stale_after = \"1ms\"", crate::program::QUICK);
    let mut daemon = scene.home.daemon();
    scene.polls();
    let body = |body: Value| Answer::json(body.to_string());
    let page = PageModel::default();
    let mut other = page.summary();
    other["page"]["id"] = json!("someoneelses");
    let mut empty = page.summary();
    empty["components"] = json!([]);
    for (answer, words) in [
        (Answer::redirect("https://elsewhere.example/"), "redirect"),
        (Answer::status(403), "bot_wall"),
        (body(other), "other_page"),
        (body(empty), "not_understood"),
    ] {
        scene.page.always(answer);
        more(&scene.page, 3);
        let (status, code) = scene.home.status();
        assert_eq!((&status["reading"]["error_kind"], code), (&json!(words), 3), "{status}");
        scene.page.heal();
        daemon.says("can be read again");
        fault.injected(1);
    }
    fault.shown(&[], &scene.server);
    fault.end();
}

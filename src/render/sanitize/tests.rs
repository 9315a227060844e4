use proptest::prelude::*;

use super::*;
use crate::fault_row::Row;

/// What came in, and what a reader sees: on one line, in a paragraph (`None`: the same).
type Case = (&'static str, &'static str, Option<&'static str>);

const CASES: &[Case] = &[
    // Text that must come through as it is.
    ("", "", None),
    ("Claude Code: partial outage", "Claude Code: partial outage", None),
    ("R&D <b>bold</b> a < b && c > d \"q\" 'r'", "R&D <b>bold</b> a < b && c > d \"q\" 'r'", None),
    ("&amp; &#60; &lt;script&gt;", "&amp; &#60; &lt;script&gt;", None),
    ("<a href=\"javascript:x()\">y</a>", "<a href=\"javascript:x()\">y</a>", None),
    ("$(id) `id` ; rm -rf / | sh", "$(id) `id` ; rm -rf / | sh", None),
    ("%s %n {} {0} \\n \\x1b[31m", "%s %n {} {0} \\n \\x1b[31m", None),
    ("Störung bei Zürich – größer", "Störung bei Zürich – größer", None),
    ("障害が発生しています", "障害が発生しています", None),
    ("Перебои в работе", "Перебои в работе", None),
    ("عطل في الخدمة", "عطل في الخدمة", None),
    ("תקלה בשירות", "תקלה בשירות", None),
    ("सेवा बाधित है", "सेवा बाधित है", None),
    ("cafe\u{301}", "cafe\u{301}", None),
    ("🔥 down 🚨", "🔥 down 🚨", None),
    ("❤\u{fe0f} 1\u{fe0f}\u{20e3} 👍🏽 🇩🇪", "❤\u{fe0f} 1\u{fe0f}\u{20e3} 👍🏽 🇩🇪", None),
    ("\u{fffd} \u{e0b0}", "\u{fffd} \u{e0b0}", None),
    // White space.
    ("  padded  ", "padded", None),
    ("a  \t  b", "a b", None),
    ("a\nb", "a b", Some("a\nb")),
    ("a\r\nb\r\n", "a b", Some("a\nb")),
    ("a\rb", "a b", Some("a\nb")),
    ("a \n\n \t\r\n b", "a b", Some("a\nb")),
    ("a\u{b}b\u{c}c", "a b c", Some("a\nb\nc")),
    ("a\u{85}b", "a b", Some("a\nb")),
    ("a\u{2028}b\u{2029}c", "a b c", Some("a\nb\nc")),
    ("a\u{a0}\u{a0}b\u{3000}c\u{2003}d", "a b c d", None),
    ("a\u{2800}\u{2800}b", "a b", None),
    ("\n\n", "", None),
    (" \u{200b} \u{feff} ", "", None),
    ("a \u{7} b", "a b", None),
    ("ok\nINFO all is well", "ok INFO all is well", Some("ok\nINFO all is well")),
    // Controls.
    ("a\0b", "ab", None),
    ("\x01\x02\x03a\x1f\x7f", "a", None),
    ("bell\x07", "bell", None),
    ("abc\x08\x08\x08xyz", "abcxyz", None),
    ("a\u{80}b\u{84}c\u{9c}d", "abcd", None),
    // Escape sequences, 7 bit.
    ("\x1b[31mred\x1b[0m", "red", None),
    ("\x1b[38;2;255;0;0mred", "red", None),
    ("\x1b[38:2::255:0:0mred", "red", None),
    ("\x1b[2J\x1b[1;1Hgone", "gone", None),
    ("\x1b[?25l\x1b[?1049hx", "x", None),
    ("\x1b[!p\x1b[1 qx", "x", None),
    ("\x1b[3\x001mred", "red", None),
    ("\x1b[\x1b[31mred", "red", None),
    ("cut off \x1b[31", "cut off", None),
    ("cut off \x1b[\nnext", "cut off next", Some("cut off\nnext")),
    ("\x1b[31é", "é", None),
    ("\x1b", "", None),
    ("a\x1b\x1b\x1bb\u{e9}", "a\u{e9}", None),
    ("\x1bé", "é", None),
    ("\x1bcreset", "reset", None),
    ("\x1b7save\x1b8", "save", None),
    ("\x1b(0lqqk\x1b(B", "lqqk", None),
    ("\x1b]0;title\x07text", "text", None),
    ("\x1b]0;title\x1b\\text", "text", None),
    ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click", None),
    ("\x1b]52;c;cm0gLXJmIC8=\x07x", "x", None),
    ("\x1b]777;notify;a;b\u{9c}x", "x", None),
    ("\x1bP1$tq\x1b\\x", "x", None),
    ("\x1bPq#0;2;0;0;0~~\x1b\\sixel", "sixel", None),
    ("\x1bXsos\x1b\\\x1b^pm\x1b\\\x1b_apc\x1b\\x", "x", None),
    ("\x1b]0;a\x18b", "b", None),
    ("\x1b]0;a\x1b[31mb", "b", None),
    ("\x1b]0;line\nbreak\x07x", "x", None),
    ("no end: \x1b]0;all is well", "no end: 0;all is well", None),
    // Escape sequences, 8 bit, and what text decoded wrongly makes of quotes.
    ("\u{9b}31mred\u{9b}0m", "red", None),
    ("\u{9d}0;title\u{9c}text", "text", None),
    ("\u{90}q\u{9c}a\u{98}q\u{9c}b\u{9e}q\u{9c}c\u{9f}q\u{9c}d", "abcd", None),
    ("the \u{e2}\u{80}\u{9d}API\u{e2}\u{80}\u{9d} is down", "the âAPIâ is down", None),
    // Characters that hide, reorder or join.
    ("safe\u{202e}gpj.exe", "safegpj.exe", None),
    ("\u{202a}a\u{202b}b\u{202c}c\u{202d}d\u{2066}e\u{2067}f\u{2068}g\u{2069}h", "abcdefgh", None),
    ("a\u{200e}b\u{200f}c\u{61c}d", "abcd", None),
    ("pay\u{200b}pal\u{200c}.\u{200d}com\u{2060}\u{feff}", "paypal.com", None),
    ("so\u{ad}ft \u{34f}x\u{180e}y", "soft xy", None),
    ("\u{115f}\u{1160}\u{3164}\u{ffa0}a\u{17b4}\u{17b5}", "a", None),
    ("a\u{2061}\u{2064}\u{206a}\u{206f}b", "ab", None),
    ("a\u{fff9}b\u{fffa}c\u{fffb}d", "abcd", None),
    ("hi\u{e0001}\u{e0068}\u{e0069}\u{e007f}\u{e0100}\u{e01ef}", "hi", None),
    ("a\u{1d173}\u{1bca0}b", "ab", None),
    ("a\u{fffe}\u{ffff}\u{fdd0}\u{1fffe}\u{10ffff}b", "ab", None),
    ("👩\u{200d}💻", "👩💻", None),
    ("\x1b\u{200b}[31mx", "[31mx", None),
    ("a\u{200b}\nb", "a b", Some("a\nb")),
];

#[test]
fn hostile_text_is_inert_in_every_sink() {
    assert!(CASES.len() >= 60, "{}", CASES.len());
    let mut row = Row { fault: "hostile texts x sinks", ..Row::default() };
    for (input, one_line, lines) in CASES {
        for (sink, made, wanted) in [
            ("line", line(input, 1000), *one_line),
            ("paragraph", paragraph(input, 1000), lines.unwrap_or(one_line)),
            ("title", popup_title(input), *one_line),
            ("plain body", popup_body(input, false), *one_line),
        ] {
            row.times += 1;
            row.messages += 1;
            if made != wanted {
                println!("{sink} of {input:?}: {made:?}, not {wanted:?}");
                row.invented += 1;
            }
        }
        let written = json(&serde_json::to_string(input).unwrap());
        row.times += 1;
        assert!(!written.contains(is_hidden), "JSON of {input:?}: {written}");
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), *input);
        assert_eq!(hook_title(input), *one_line, "title for a hook of {input:?}");
        assert_eq!(hook_body(input), *one_line, "body for a hook of {input:?}");
        assert_eq!(hook_word(input), *one_line, "word for a hook of {input:?}");
    }
    Row { again: "cargo test --lib inert", ..row }.end();
}

#[test]
fn a_body_is_escaped_only_for_markup() {
    let cases = [
        ("", ""),
        ("R&D a < b AT&T\n2nd", "R&amp;D a &lt; b AT&amp;T 2nd"),
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("&amp;", "&amp;amp;"),
        ("\"quotes\" 'stay'", "\"quotes\" 'stay'"),
        ("<\u{200b}b\x1b[1m>", "&lt;b&gt;"),
        ("<!-- --><![CDATA[x]]>", "&lt;!-- --&gt;&lt;![CDATA[x]]&gt;"),
        ("🔥 & ☔", "🔥 &amp; ☔"),
    ];
    for (input, escaped) in cases {
        assert_eq!(popup_body(input, true), escaped, "{input:?}");
    }
}

/// In bytes, for that is how the environment of a program is measured, and between characters.
#[test]
fn what_a_hook_is_given_is_cut_to_bytes() {
    let cases: [(String, usize, String); 8] = [
        ("x".repeat(1024), 1024, "x".repeat(1024)),
        ("x".repeat(1025), 1024, format!("{}…", "x".repeat(1021))),
        ("x".repeat(131_072), 1024, format!("{}…", "x".repeat(1021))),
        ("é".repeat(512), 1024, "é".repeat(512)),
        ("é".repeat(513), 1024, format!("{}…", "é".repeat(510))),
        ("🔥".repeat(1 << 16), 1024, format!("{}…", "🔥".repeat(255))),
        (format!("{} b", "a".repeat(1022)), 1024, format!("{} b", "a".repeat(1022))),
        (format!("{}  tail", "a".repeat(1020)), 1024, format!("{}…", "a".repeat(1020))),
    ];
    for (input, max, cut) in cases {
        let got = hook_title(&input);
        assert!(got.len() <= max, "{} bytes of {:.20}", got.len(), input);
        assert_eq!(got, cut, "{:.20} of {}", input, input.len());
    }
    assert_eq!(hook_body(&"$(id)".repeat(1 << 15)).len(), HOOK_BODY_MAX);
    assert_eq!(hook_word(&"y".repeat(600)), format!("{}…", "y".repeat(509)));
}

#[test]
fn json_shows_what_hides_and_keeps_its_lines() {
    let cases = [
        ("{\n  \"a\": \"b\"\n}\n", "{\n  \"a\": \"b\"\n}\n"),
        ("\"Störung ☔ 障害\"", "\"Störung ☔ 障害\""),
        ("\"\u{7f}\u{9b}31m\u{85}\"", "\"\\u007f\\u009b31m\\u0085\""),
        ("\"\u{202e}\u{200b}\u{2028}\"", "\"\\u202e\\u200b\\u2028\""),
        ("\"hi\u{e0068}\"", "\"hi\\udb40\\udc68\""),
        ("\"\\u001b[31m\"", "\"\\u001b[31m\""),
    ];
    for (finished, inert) in cases {
        assert_eq!(json(finished), inert);
    }
}

#[test]
fn long_text_is_cut_with_an_ellipsis() {
    let cases = [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("abc def", 5, "abc…"),
        ("  abc  ", 3, "abc"),
        ("ééééé", 4, "ééé…"),
        ("🔥🔥🔥", 2, "🔥…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("", 0, ""),
        ("a\x1b[31mb\x1b[0mc", 3, "abc"),
    ];
    for (input, max, cut) in cases {
        assert_eq!(line(input, max), cut, "{input:?} to {max}");
    }
    assert_eq!(paragraph("ab\ncd\nef", 6), "ab\ncd…");
    assert_eq!(popup_title(&"t".repeat(101)), format!("{}…", "t".repeat(99)));
    assert_eq!(popup_title(&"t".repeat(100)), "t".repeat(100));
    // Cut before it's escaped: no entity is cut in two.
    assert_eq!(popup_body(&"&".repeat(401), true), format!("{}…", "&amp;".repeat(399)));
    assert_eq!(popup_body(&"<".repeat(400), true), "&lt;".repeat(400));
}

/// Each of these took time in the square of its length, were every opener looked at on its own.
#[test]
fn a_megabyte_of_anything_is_read_once() {
    for unit in ["\u{9d}", "\x1b]", "\x1b[", "\x1b]a\x1bPb", "\u{200b}", " ", "\n", "\x1b", "x"] {
        let text = unit.repeat(1_000_000 / unit.len());
        assert!(line(&text, 100).chars().count() <= 100, "{unit:?}");
        assert!(paragraph(&text, 100).chars().count() <= 100, "{unit:?}");
    }
}

/// Text rich in everything that this file is about.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[ -~]{0,8}",
        prop::sample::select(CASES).prop_map(|case| case.0.to_owned()),
        prop::sample::select(
            &["\x1b", "[", "]", "\\", "\x07", "\u{9b}", "\u{9c}", "\u{9d}", "\n", " ", "&", "<"][..]
        )
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn forbidden(c: char) -> bool {
    c.is_control() || is_invisible(c) || (c.is_whitespace() && c != ' ')
}

proptest! {
    #[test]
    fn nothing_forbidden_gets_through(text in hostile(), max in 0usize..120) {
        for (out, max) in [
            (line(&text, max), max),
            (popup_title(&text), TITLE_MAX),
            (popup_body(&text, false), BODY_MAX),
        ] {
            prop_assert!(!out.contains(forbidden), "{out:?}");
            prop_assert!(out.chars().count() <= max, "{out:?}");
            prop_assert!(!out.contains("  ") && out.trim() == out, "{out:?}");
        }
        let lines = paragraph(&text, max);
        prop_assert!(!lines.contains(|c| forbidden(c) && c != '\n'), "{lines:?}");
        prop_assert!(lines.chars().count() <= max, "{lines:?}");
        prop_assert!(lines.lines().all(|l| !l.is_empty() && l.trim() == l), "{lines:?}");
    }

    #[test]
    fn json_reads_as_what_it_was(text in hostile()) {
        let written = json(&serde_json::to_string_pretty(&[&text]).unwrap());
        prop_assert!(!written.contains(|c| is_hidden(c) && c != '\n'), "{written:?}");
        prop_assert_eq!(serde_json::from_str::<Vec<String>>(&written).unwrap(), vec![text]);
    }

    #[test]
    fn twice_is_once(text in hostile(), max in 0usize..120) {
        let once = line(&text, max);
        prop_assert_eq!(line(&once, max), once.clone());
        prop_assert_eq!(paragraph(&once, max), once);
        let once = paragraph(&text, max);
        prop_assert_eq!(paragraph(&once, max), once);
        let once = popup_body(&text, false);
        prop_assert_eq!(popup_body(&once, false), once);
    }

    #[test]
    fn an_escaped_body_reads_as_the_plain_one(text in hostile()) {
        let escaped = popup_body(&text, true);
        prop_assert!(!escaped.contains(['<', '>']));
        let read = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        prop_assert_eq!(read, popup_body(&text, false));
    }

    #[test]
    fn plain_words_come_through(text in "[!-~\u{a1}-\u{ac}α-ωА-я一-三🔥]{1,20}( [!-~α-ω]{1,20}){0,3}") {
        prop_assert_eq!(line(&text, 1000), text);
    }
}

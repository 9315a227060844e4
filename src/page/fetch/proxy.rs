//! The proxy that the environment names for the page.
//!
//! As curl has it: `HTTPS_PROXY` goes before `ALL_PROXY`, either in small letters, too; an empty
//! variable is none; `NO_PROXY` lists what is asked straight. What isn't understood is an error, and
//! never a direct connection: to prevent that may be what the proxy is there for.

use std::env;
use std::ffi::OsString;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use super::is_loopback;
use super::network::clip;
use ccwatch_core::model::{Failure, FailureKind};

/// Those that count for a page that is asked by https, the first that is set.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
/// Those that list what is asked straight, the first that is set.
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The proxy for a page, with its user name and password; none: the page is asked straight, or as the
/// settings of the system have it.
///
/// # Errors
/// A variable names one that isn't understood; its value is not in the words of that.
pub fn proxy_for(page: &Url) -> Result<Option<Url>, Failure> {
    named_by(page, &|name| env::var_os(name).filter(|value| !value.is_empty()))
}

fn named_by(page: &Url, env: &dyn Fn(&str) -> Option<OsString>) -> Result<Option<Url>, Failure> {
    // A proxy's loopback is another machine.
    if is_loopback(page) {
        return Ok(None);
    }
    let first = |names: &[&'static str]| names.iter().find_map(|name| Some((*name, env(name)?)));
    let exceptions = first(&EXCEPTIONS).map(|(_, list)| list).unwrap_or_default();
    if is_exception(page, &exceptions.to_string_lossy()) {
        return Ok(None);
    }
    let Some((name, value)) = first(&PROXIES) else { return Ok(None) };
    let proxy = value.to_str().ok_or_else(|| "it is no text".to_owned()).and_then(address);
    let refused = |why| Failure::new(FailureKind::Proxy, format!("{name}: {why}"));
    proxy.map(Some).map_err(refused)
}

/// Reads the address of a proxy.
fn address(value: &str) -> Result<Url, String> {
    let value = value.trim();
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "http" => "http",
        "https" => "https",
        // The older one, where nobody says which: curl takes it so, too.
        "socks" | "socks4" => "socks4",
        "socks4a" => "socks4a",
        "socks5" => "socks5",
        "socks5h" => "socks5h",
        // What stands before "://" could be a part of a password.
        other
            if other.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) =>
        {
            return Err(format!(
                "{}:// is no kind of proxy that ccwatch knows; {KNOWN}",
                clip(other)
            ));
        }
        _ => return Err(format!("it is no address of a proxy; {KNOWN}")),
    };
    let url = Url::parse(&format!("{scheme}://{rest}")).ok();
    let url = url.filter(|url| url.host_str().is_some_and(|host| !host.is_empty()));
    // Only what the client itself takes for one is used.
    let url =
        url.filter(|url| takes(&Matcher::builder().all(url.as_str()).build(), "page.invalid"));
    url.ok_or_else(|| format!("it is no address of a proxy; {KNOWN}"))
}

/// What can be written.
const KNOWN: &str =
    "write http://host:port, https://, socks4://, socks4a://, socks5:// or socks5h://";

/// Whether a list has the page. Its entries are names, which count for what is below them, too, with or
/// without a dot or `*.` before them, addresses and networks; each may have a port.
fn is_exception(page: &Url, list: &str) -> bool {
    let Some(host) = page.host_str() else { return false };
    let port = page.port_or_known_default();
    let entry = |entry: &str| {
        let (name, of) = with_port(entry);
        let name = name.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let name = if name == "*" { name } else { name.trim_start_matches('*') };
        (!name.is_empty() && of.is_none_or(|of| Some(of) == port)).then(|| name.to_owned())
    };
    let entries = list.split(|c: char| c == ',' || c.is_whitespace()).filter_map(entry);
    let entries = entries.collect::<Vec<String>>().join(",");
    let matcher = Matcher::builder().all("http://proxy.invalid").no(entries).build();
    !takes(&matcher, host.trim_end_matches('.'))
}

/// An entry and its port. An address of version 6 has colons of its own.
fn with_port(entry: &str) -> (&str, Option<u16>) {
    let split =
        entry.rsplit_once(':').filter(|(name, _)| !name.contains(':') || name.ends_with(']'));
    let port = split.and_then(|(name, port)| Some((name, Some(port.parse().ok()?))));
    port.unwrap_or((entry, None))
}

/// Whether a host is asked through the proxy.
fn takes(matcher: &Matcher, host: &str) -> bool {
    let uri = format!("https://{host}/").parse();
    uri.is_ok_and(|uri| matcher.intercept(&uri).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(page: &str, env: &[(&str, &str)]) -> Result<Option<String>, String> {
        let page = Url::parse(page).unwrap();
        let get = |name: &str| {
            let (_, value) = env.iter().find(|(key, value)| *key == name && !value.is_empty())?;
            Some(OsString::from(value))
        };
        let found = named_by(&page, &get).map_err(|failure| failure.detail)?;
        Ok(found.map(|url| url.to_string()))
    }

    const PAGE: &str = "https://status.claude.com/";

    #[test]
    fn every_spelling_of_a_proxy_is_that_proxy() {
        for (value, expected) in [
            ("http://p:3128", "http://p:3128/"),
            ("HTTP://p:3128", "http://p:3128/"),
            ("p:3128", "http://p:3128/"),
            ("me:secret@p:3128", "http://me:secret@p:3128/"),
            (" Https://p:3128/ ", "https://p:3128/"),
            ("socks5://p:1080", "socks5://p:1080"),
            ("SOCKS5H://me:secret@p:1080", "socks5h://me:secret@p:1080"),
            ("Socks4a://p", "socks4a://p"),
            ("socks4://[::1]:9", "socks4://[::1]:9"),
            ("socks://p:1080", "socks4://p:1080"),
        ] {
            for name in PROXIES {
                assert_eq!(found(PAGE, &[(name, value)]), Ok(Some(expected.to_owned())), "{value}");
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_said_without_its_value() {
        for value in [
            "quic://me:secret@p:1",
            "socks6://secret",
            "http://",
            "socks5://",
            "http://me:secret#x@p:1",
            "http://p:port-secret",
            "me:secret@x://p:1",
            "http://a b secret",
            "socks5h://h\u{f6}st:1/secret",
        ] {
            for name in PROXIES {
                let said = found(PAGE, &[(name, value)]).expect_err(value);
                assert!(
                    said.starts_with(&format!("{name}: ")) && said.contains("socks5h://"),
                    "{said}"
                );
                assert!(!said.contains("secret"), "{said}");
            }
        }
        let said = found(PAGE, &[("ALL_PROXY", "QUIC://p")]).unwrap_err();
        assert!(
            said.starts_with("ALL_PROXY: quic:// is no kind of proxy that ccwatch knows"),
            "{said}"
        );
    }

    #[test]
    fn the_first_that_is_set_counts_and_an_empty_one_is_none() {
        let (a, b) = (Ok(Some("http://a/".to_owned())), Ok(Some("http://b/".to_owned())));
        assert_eq!(found(PAGE, &[("ALL_PROXY", "b"), ("https_proxy", "a")]), a);
        assert_eq!(found(PAGE, &[("HTTPS_PROXY", ""), ("https_proxy", "a")]), a);
        assert_eq!(found(PAGE, &[("HTTPS_PROXY", ""), ("all_proxy", "b")]), b);
        assert_eq!(found(PAGE, &[("HTTPS_PROXY", "a"), ("ALL_PROXY", "quic://b")]), a);
        assert_eq!(found(PAGE, &[("HTTP_PROXY", "a"), ("REQUEST_METHOD", "GET")]), Ok(None));
        assert_eq!(found(PAGE, &[("HTTPS_PROXY", "a"), ("REQUEST_METHOD", "GET")]), a);
        for here in ["http://127.0.0.1:1/", "https://localhost/", "http://[::1]/"] {
            assert_eq!(found(here, &[("ALL_PROXY", "quic://b")]), Ok(None));
        }
    }

    #[test]
    fn exceptions_are_taken_in_every_form() {
        for (list, page, straight) in [
            ("*", PAGE, true),
            ("status.claude.com", PAGE, true),
            ("STATUS.Claude.com", PAGE, true),
            ("claude.com", PAGE, true),
            (".claude.com", PAGE, true),
            ("*.claude.com", PAGE, true),
            ("claude.com.", PAGE, true),
            ("localhost, claude.com", PAGE, true),
            ("localhost claude.com", PAGE, true),
            ("localhost,,\tclaude.com", PAGE, true),
            ("status.claude.com:443", PAGE, true),
            ("status.claude.com:80", PAGE, false),
            ("claude.com", "https://status.claude.com./", true),
            ("aude.com", PAGE, false),
            ("status.claude.com.example", PAGE, false),
            ("localhost", PAGE, false),
            ("", PAGE, false),
            (":443", PAGE, false),
            ("192.0.2.0/24", "https://192.0.2.7/", true),
            ("192.0.2.7:443", "https://192.0.2.7/", true),
            ("192.0.2.8", "https://192.0.2.7/", false),
            ("2001:db8::1", "https://[2001:db8::1]/", true),
            ("[2001:db8::1]:443", "https://[2001:db8::1]/", true),
            ("[2001:db8::1]:80", "https://[2001:db8::1]/", false),
        ] {
            for name in EXCEPTIONS {
                let env = [(name, list), ("ALL_PROXY", "p")];
                assert_eq!(found(page, &env).unwrap().is_none(), straight, "{list} {page}");
                let env = [(name, list), ("ALL_PROXY", "quic://p")];
                assert_eq!(found(page, &env).is_ok(), straight, "{list} {page}");
            }
        }
    }
}

//! Hosts that an error names: whose server answered, where the text says so.

use crate::claude_code::marks::is_certificate;

/// Whether a token of a text is an address or a name of Anthropic's, and no package or path that
/// only has the word in it.
pub(super) fn names_anthropic(token: &str) -> bool {
    if let Some((_, rest)) = token.split_once("://") {
        return is_anthropics(host_of(rest));
    }
    let packed = ["/", "@", "%2f", "==", "proxy", "gateway"].iter().any(|it| token.contains(it));
    if packed {
        let address = token.rsplit('@').next().unwrap_or(token);
        return is_anthropics(host_of(address)) && !token.starts_with('/');
    }
    let bare = token.trim_end_matches(|c: char| !c.is_alphanumeric());
    let dotted = bare.contains('.') && !bare.contains("anthropic.claude");
    let version = |word: &str| {
        bare.split_once(word).is_some_and(|(_, rest)| {
            rest.strip_prefix(['-', '_'])
                .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
        })
    };
    if dotted {
        is_anthropics(host_of(bare))
    } else {
        !version("anthropic") && !version("claude-code")
    }
}

/// Whether a host is one of Anthropic's own.
pub(super) fn is_anthropics(host: &str) -> bool {
    const OWN: &[&str] = &["claude.com", "claude.ai", "anthropic.com"];
    // The addresses that Anthropic publishes for its API.
    const ADDRESSES: &[&str] = &["160.79.104.", "160.79.105."];
    let name = host.split(':').next().unwrap_or_default();
    let numbered = ADDRESSES.iter().any(|start| name.starts_with(start));
    numbered
        || OWN
            .iter()
            .any(|own| name.strip_suffix(own).is_some_and(|it| it.is_empty() || it.ends_with('.')))
}

/// The host, with its port, that an address without its scheme begins with.
fn host_of(address: &str) -> &str {
    let end = address.find(|c: char| !(c.is_ascii_alphanumeric() || "-.:_".contains(c)));
    address.get(..end.unwrap_or(address.len())).unwrap_or_default().trim_end_matches(['.', ':'])
}

/// Words before the address of whoever answered, or did not.
const BEFORE: &[&str] = &[
    "from",
    "at",
    "to",
    "for",
    "by",
    "url",
    "host",
    "calling",
    "reaching",
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "fetch",
    "fetching",
    "requesting",
];

/// The hosts that a text says an answer came from, or a request went to.
pub(super) fn origins(lower: &str) -> impl Iterator<Item = &str> {
    let mut before = "";
    lower.split_whitespace().filter_map(move |token| {
        let last = std::mem::replace(&mut before, token);
        let last = last.trim_matches(|c: char| !c.is_alphanumeric());
        let bare = token.trim_start_matches(|c: char| !c.is_alphanumeric());
        let address = bare.split_once("://").map(|(_, rest)| rest);
        if address.is_some_and(is_for_reading) {
            return None;
        }
        let host = host_of(address.unwrap_or(bare));
        // Behind "at" stand places in code, too.
        let before = BEFORE.contains(&last) && (address.is_some() || last != "at");
        let said = before || (token.starts_with('(') && address.is_some());
        (said && (address.is_some() || is_host(host))).then_some(host)
    })
}

/// Whether a word with dots in it is a host, and no file, version or address of code.
fn is_host(word: &str) -> bool {
    const FILES: &[&str] = &[
        "cjs", "cpp", "css", "csv", "go", "html", "java", "js", "json", "jsonl", "jsx", "lock",
        "log", "md", "mjs", "php", "py", "rb", "rs", "sh", "toml", "ts", "tsx", "txt", "xml",
        "yaml", "yml",
    ];
    let name = word.split(':').next().unwrap_or_default();
    let last = name.rsplit_once('.').map_or("", |(_, last)| last);
    let is_name = last.len() >= 2 && last.chars().all(|c| c.is_ascii_alphabetic());
    let is_class = last.ends_with("exception") || last.ends_with("error");
    is_name && !is_class && !FILES.contains(&last)
}

/// A host in the text that is none of Anthropic's: of an address, or behind a code of the
/// connection; a port of this machine, too. What is only to be read there doesn't count.
pub(super) fn other(lower: &str) -> Option<&'static str> {
    if is_this_machine(lower) {
        return Some(HERE);
    }
    others(lower).next().map(|_| ANOTHER)
}

/// Whether an address is one that something was fetched from, put to or deleted at: to the API, and
/// to a gateway in its place, messages are posted.
pub(super) fn is_no_message(lower: &str, host: &str) -> bool {
    const METHODS: &[&str] = &["get", "put", "patch", "delete", "head"];
    let mut before = "";
    lower.split_whitespace().any(|token| {
        let last = std::mem::replace(&mut before, token);
        let method = last.trim_start_matches(|c: char| !c.is_alphanumeric());
        METHODS.contains(&method) && token.contains(host)
    })
}

/// Whether the request went to the API, or to a model at its cloud: its host stands where an error
/// has whom it asked, and no other server is named.
pub(super) fn asks_the_api(lower: &str) -> bool {
    const LEADS: &[&str] = &[
        "://",
        "host: ",
        "host='",
        "hosts: ",
        "to ",
        "from ",
        "by ",
        "lookup ",
        "address '",
        "resolve '",
        "resolve ",
        "-connect ",
        "ping: ",
        "(",
        "enotfound ",
        "eai_again ",
        "for ",
        "name ",
    ];
    let mut places = lower.match_indices("api.anthropic.com").map(|(at, _)| at);
    let asked = |at: usize| {
        let before = lower.get(..at).unwrap_or_default();
        LEADS.iter().any(|lead| before.ends_with(lead))
    };
    // What models are asked with at Amazon.
    let model = ["invokemodel", "converse"];
    let called = |name: &&str| lower.contains(&format!("when calling the {name}"));
    model.iter().any(called) || places.any(asked) && !names_another(lower)
}

/// Whether an address is of this machine.
pub(super) fn is_this_machine(lower: &str) -> bool {
    const LOCAL: &[&str] = &["127.0.0.1:", "localhost:", "[::1]:", "::1:"];
    LOCAL.iter().any(|own| lower.contains(own))
}

/// Whether the name of a server is there that is none of Anthropic's.
fn names_another(lower: &str) -> bool {
    // In numbers it may be the API's own.
    others(lower).any(|host| host.contains(|c: char| c.is_ascii_alphabetic()))
}

/// The servers that are none of Anthropic's: in addresses, where an answer came from, behind codes.
/// What is only to be read there doesn't count.
fn others(lower: &str) -> impl Iterator<Item = &str> {
    let addresses = lower.split("://").skip(1).filter(|rest| !is_for_reading(rest)).map(host_of);
    let named = origins(lower).chain(behind_codes(lower)).filter(|host| host.contains('.'));
    addresses.chain(named).filter(|host| !host.is_empty() && !is_anthropics(host))
}

/// What a server on this machine is called.
pub(in crate::claude_code) const HERE: &str = "a server on this machine, which its address names";

/// What a server of another name is called.
pub(in crate::claude_code) const ANOTHER: &str = "another server, which its address names";

/// Documentation, and pages where something is switched on or paid.
fn is_for_reading(address: &str) -> bool {
    const WHERE: &[&str] =
        &["docs.", "support.", "help.", "learn.", "console.", "aka.ms", "go.microsoft"];
    const WHAT: &[&str] = &["/docs", "/help", "/learn", "/support"];
    let end = address.find(char::is_whitespace).unwrap_or(address.len()).min(300);
    let head = address.get(..address.floor_char_boundary(end)).unwrap_or_default();
    WHERE.iter().any(|it| head.starts_with(it)) || WHAT.iter().any(|it| head.contains(it))
}

/// What stands behind codes such as `ENOTFOUND` or `CERT_HAS_EXPIRED`.
fn behind_codes(lower: &str) -> impl Iterator<Item = &str> {
    const CODES: &[&str] = &[
        "enotfound",
        "eai_again",
        "econnrefused",
        "etimedout",
        "econnreset",
        "ehostunreach",
        "enetunreach",
    ];
    let mut before = "";
    lower.split_whitespace().filter_map(move |token| {
        let last = std::mem::replace(&mut before, token);
        let is_code = CODES.contains(&last) || is_certificate(&last.to_uppercase());
        is_code.then(|| host_of(token))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_or_a_proxy_with_the_name_is_not_anthropic() {
        for token in [
            "claude",
            "claude's",
            "anthropic,",
            "claude-opus-4-5",
            "api.anthropic.com:443",
            "https://api.anthropic.com/v1/messages",
            "claude.ai",
            "us.anthropic.claude-opus-4-5-v1:0",
            "console.anthropic.com/settings",
            "support@anthropic.com",
        ] {
            assert!(names_anthropic(token), "{token}");
        }
        for token in [
            "https://pypi.example/simple/anthropic/",
            "ghcr.io/anthropics/x",
            "@anthropic-ai/sdk",
            "@anthropic-ai%2fclaude-code",
            "anthropic-0.40.0",
            "anthropic==0.40.0",
            "anthropic-proxy.corp.example",
            "https://anthropic.corp.example/v1",
            "/anthropic/v1",
            "github.com/anthropics/claude-code",
            "claude.corp.example",
            "my-anthropic.com.example",
        ] {
            assert!(!names_anthropic(token), "{token}");
        }
    }

    #[test]
    fn who_answered_is_told_from_where_to_read() {
        let first = |text| origins(text).next();
        assert_eq!(first("529 from https://api.linear.app/graphql"), Some("api.linear.app"));
        assert_eq!(first("request to api.openai.com:443 failed"), Some("api.openai.com:443"));
        assert_eq!(first("server error (https://api.github.com/graphql)"), Some("api.github.com"));
        assert_eq!(first("see https://docs.example.com"), None);
        assert_eq!(first("claude at 10.5"), None);
        assert_eq!(first("at f (cli.js:1:1)"), None);
        assert_eq!(first("at apierror.generate"), None);
        assert!(other("getaddrinfo enotfound db.internal").is_some());
        assert!(other("connect econnrefused 127.0.0.1:6379").is_some());
        assert!(other("browse to https://cloud.google.com/docs/x for more").is_none());
        assert!(other("getaddrinfo enotfound api.anthropic.com").is_none());
    }
}

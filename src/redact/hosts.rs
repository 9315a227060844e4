//! Hosts that say whose they are: of a company's own network or domain, of a customer of a cloud,
//! and the names of machines. Public hosts stay, whose names name nobody.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::pattern::{Pattern, Text};
use super::{part, tells};

pub(super) const HOST: &str = "[host]";
const ADDRESS: &str = "[address]";

/// The machine that a line of a system's log is from: behind the time, before what logged it.
static LOGGED: Pattern = Pattern::new(
    &[
        "]:", "jan ", "feb ", "mar ", "apr ", "may ", "jun ", "jul ", "aug ", "sep ", "oct ",
        "nov ", "dec ",
    ],
    r"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} +\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*) +([A-Za-z0-9][\w.\-]*) +(?:[\w.\-/@()]+\[\d+\]|claude|node|kernel|systemd):",
);
/// Names that Windows and macOS give to machines.
static MACHINES: [Pattern; 2] = [
    Pattern::new(
        &["desktop-", "laptop-", "win-"],
        r"(?:^|[^A-Za-z0-9\-])((?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{6,15})",
    ),
    Pattern::new(
        &["'s mac", "’s mac", "'s imac", "’s imac", "'s laptop", "'s pc", "'s computer"],
        r"([A-Za-z]\w*(?: [A-Z]\w*)?(?:'|’)s (?:Mac|iMac|Laptop|laptop|PC|Computer|computer)[\w\-]*(?: (?:Pro|Air|mini|Studio))?)",
    ),
];

/// At the end of a host's name, or in it, where it is of a network of one's own.
const AT_END: &[&str] =
    &["internal", "local", "lan", "corp", "intranet", "localdomain", "priv", "home", "arpa"];
const WITHIN: &[&str] = &["corp", "internal", "intranet", "vpn", "svc", "lan"];
/// Services for everybody: what is before these names nobody.
const PUBLIC: &[&str] = &[
    "anthropic.com",
    "claude.ai",
    "claude.com",
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws-us-gov.com",
    "api.aws",
    "aws.amazon.com",
    "googleapis.com",
    "google.com",
    "microsoft.com",
    "microsoftonline.com",
    "aka.ms",
    "azure.com",
    "azure.net",
    "github.com",
    "githubusercontent.com",
    "npmjs.org",
    "npmjs.com",
    "pypi.org",
    "nodejs.org",
    "python.org",
    "cloudflare.com",
    "openrouter.ai",
    "openai.com",
    "deepseek.com",
    "moonshot.ai",
    "moonshot.cn",
    "bigmodel.cn",
    "z.ai",
    "minimax.io",
    "minimaxi.com",
    "aliyuncs.com",
    "vercel.sh",
    "litellm.ai",
    "portkey.ai",
    "helicone.ai",
    "requesty.ai",
    "together.xyz",
    "groq.com",
    "x.ai",
    "mistral.ai",
    "w3.org",
    "letsencrypt.org",
    "docker.io",
    "docker.com",
    "ghcr.io",
    "gitlab.com",
    "bitbucket.org",
    "golang.org",
    "crates.io",
    "socket.io",
    // Kept free for examples.
    "example.com",
    "example.org",
    "example.net",
    "example",
    "test",
    "invalid",
];
/// Where every customer has a name of its own below: that goes, and these stay.
const SERVED: &[&str] = &[
    "services.ai.azure.com",
    "openai.azure.com",
    "cognitiveservices.azure.com",
    "inference.ai.azure.com",
    "models.ai.azure.com",
    "azure-api.net",
    "azurewebsites.net",
    "azurefd.net",
    "vault.azure.net",
    "search.windows.net",
    "core.windows.net",
    "onmicrosoft.com",
    "sharepoint.com",
    "awsapps.com",
    "on.aws",
    "cloudfront.net",
    "run.app",
    "appspot.com",
    "cloudfunctions.net",
    "web.app",
    "vercel.app",
    "railway.app",
    "herokuapp.com",
    "onrender.com",
    "fly.dev",
    "netlify.app",
    "workers.dev",
    "pages.dev",
    "cloudflareaccess.com",
    "trycloudflare.com",
    "ngrok.io",
    "ngrok.app",
    "ngrok.dev",
    "ngrok-free.app",
    "ngrok-free.dev",
    "github.io",
    "supabase.co",
    "ts.net",
    "okta.com",
    "oktapreview.com",
    "auth0.com",
    "onelogin.com",
    "atlassian.net",
    "slack.com",
];
/// In front of these, and below `amazonaws.com`, stands what a customer named or was given.
const AT_AMAZON: &[&str] = &["s3", "s3-website", "elb", "execute-api", "vpce", "dkr", "lambda-url"];
/// Ends of names that are hosts wherever they stand: words with dots in them rarely end so.
const DOMAINS: &[&str] = &["com", "net", "org", "io", "ai", "dev", "app", "cloud", "biz", "info"];
/// The same where more says that it is one: a third part, or a port.
const COUNTRIES: &[&str] = &[
    "at", "au", "be", "br", "ca", "ch", "cn", "co", "cz", "de", "dk", "es", "eu", "fi", "fr",
    "gov", "ie", "il", "in", "it", "jp", "kr", "me", "mx", "nl", "no", "nz", "pl", "pt", "ru",
    "se", "sg", "tech", "tr", "tv", "tw", "ua", "uk", "us", "xyz", "za", "edu", "health", "bank",
    "systems",
];
/// What stands right before the name of a host.
const BEFORE: [&str; 8] = [
    "://",
    "ENOTFOUND ",
    "EAI_AGAIN ",
    "lookup ",
    "resolve host: ",
    "resolve host ",
    "Failed to connect to ",
    "Server at ",
];

/// Every host in a text that says whose it is.
pub(super) fn find(text: &Text<'_>) -> Vec<(Range<usize>, &'static str)> {
    let whole = text.whole;
    let mut found: Vec<_> = single(whole).map(|range| (range, HOST)).collect();
    for pattern in [&LOGGED].into_iter().chain(&MACHINES) {
        let names = pattern.groups(text).filter(|range| tells(part(whole, range)));
        found.extend(names.map(|range| (range, HOST)));
    }
    found
}

/// Hosts of one word, in an address or where a host stands; those of more words are looked at by
/// themselves.
fn single(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let places = BEFORE.into_iter().flat_map(|before| text.match_indices(before));
    places.filter_map(|(at, before)| {
        let start = at + before.len();
        let rest = text.get(start..)?;
        let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let end = rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
        let host = rest.get(..end)?;
        let begins = host.starts_with(|c: char| c.is_ascii_alphabetic());
        let longer = rest.get(end..)?.starts_with(['.', '@', '%']);
        // A word of a sentence stands behind words; a name has more than letters, or a port.
        let named = !before.contains(' ')
            || before.starts_with('E')
            || host.contains(|c: char| !c.is_ascii_alphabetic())
            || rest.get(end..)?.starts_with(':');
        (begins && !longer && named && tells(host)).then_some(start..start + end)
    })
}

/// An address, where it says where somebody is.
pub(super) fn address(piece: &str) -> Option<&'static str> {
    if !piece.contains(['.', ':']) {
        return None;
    }
    let told = |it: IpAddr| !(it.is_loopback() || it.is_unspecified());
    let v4 = || piece.parse().is_ok_and(|it: Ipv4Addr| told(it.into()));
    let v6 = || {
        piece.matches(':').count() > 1 && piece.parse().is_ok_and(|it: Ipv6Addr| told(it.into()))
    };
    (v4() || v6()).then_some(ADDRESS)
}

/// How much of a word with dots in it is a host's name that says whose it is.
pub(super) fn named(text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let word = part(text, range);
    if !word.contains('.') {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    let (labels, last) = lower.rsplit_once('.')?;
    let up_to = |length: usize| range.start..range.start + length;
    if AT_END.contains(&last) || labels.split('.').any(|label| WITHIN.contains(&label)) {
        return Some(range.clone());
    }
    let is_name = lower.split('.').all(|label| !label.is_empty())
        && last.len() > 1
        && last.chars().all(|c| c.is_ascii_alphabetic());
    if !is_name {
        return None;
    }
    if let Some(customer) = SERVED.iter().find_map(|served| below(&lower, served)) {
        return Some(up_to(customer.len())).filter(|it| !it.is_empty());
    }
    if let Some(before) = below(&lower, "amazonaws.com") {
        let customer = before.split('.').take_while(|label| !AT_AMAZON.contains(label));
        let length = customer.map(|label| label.len() + 1).sum::<usize>();
        return (length < before.len())
            .then(|| up_to(length.saturating_sub(1)))
            .filter(|it| !it.is_empty());
    }
    if PUBLIC.iter().any(|public| below(&lower, public).is_some()) {
        return None;
    }
    let after = text.get(range.end..).unwrap_or_default();
    let port =
        after.strip_prefix(':').is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
    let placed = stands_at(text, range.start);
    let country = COUNTRIES.contains(&last) && (port || labels.contains('.'));
    // Names in programs have capitals: `System.IO`.
    let known = (DOMAINS.contains(&last) || country) && word == lower;
    (known || placed).then(|| range.clone())
}

/// Whether a place in a text is one where the name of a host stands.
fn stands_at(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    before.ends_with('@') || BEFORE.iter().any(|words| before.ends_with(words))
}

/// What is below a domain, without the dot; nothing where it is the domain itself.
fn below<'a>(host: &'a str, domain: &str) -> Option<&'a str> {
    let before = host.strip_suffix(domain)?;
    if before.is_empty() { Some(before) } else { before.strip_suffix('.') }
}

/// Every pattern that is looked for in whole texts.
#[cfg(test)]
pub(super) fn patterns() -> impl Iterator<Item = &'static Pattern> {
    [&LOGGED].into_iter().chain(&MACHINES)
}

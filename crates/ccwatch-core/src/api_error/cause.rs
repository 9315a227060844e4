//! What can go wrong: one table, a row each.

use super::{Branch, Confidence, Rule, TimeHeals};
use Branch::{LiveIncident, Login, Network, RateLimit, Route, Session, Undecided};
use Confidence::{High, Medium};
use TimeHeals::{AtReset, No, Yes};

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// The word that is written down where the API gave no type.
    pub word: &'static str,
    /// The cause in words, for a headline.
    pub words: &'static str,
    /// Where it leads, unless the evidence says otherwise.
    pub branch: Branch,
    /// By which rule it leads there.
    pub rule: Rule,
    /// What to do first, where it leads to its branch.
    pub first_move: &'static str,
    /// Whether time heals it.
    pub heals: TimeHeals,
}

/// Makes the type, its rows and the list of all of it from one table.
macro_rules! causes {
    ($($(#[doc = $doc:literal])+ $name:ident => $row:expr;)+) => {
        /// What went wrong, as far as the error itself tells.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Cause {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Cause {
            /// The row of the table.
            pub fn row(self) -> &'static Row {
                match self {
                    $(Self::$name => const { &$row },)+
                }
            }

            /// The name of its row, by which it is stored.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// The cause of a stored name; one that this version doesn't know is `Unknown`.
            pub fn from_name(name: &str) -> Self {
                match name {
                    $(stringify!($name) => Self::$name,)+
                    _ => Self::Unknown,
                }
            }
        }

        /// Every cause, in the order of the table.
        #[cfg(test)]
        pub(crate) const ALL: &[Cause] = &[$(Cause::$name,)+];
    };
}

const WAIT: &str = "Change nothing and wait.";
const WAIT_OR_SWITCH: &str =
    "Change nothing and wait. Capacity is per model: /model may get you further meanwhile.";
const REWIND: &str =
    "Start a fresh session with the same task and the least context; /rewind may save this one.";
const ROUTE: &str = "See what is in force with: ccwatch route - in the same shell and directory.";
const NETWORK: &str = "Check the network, DNS, the VPN and any proxy of this machine.";
const LOG_IN: &str = "Run /status to see the login, then /login; if it fails, claude doctor.";
const REPEAT: &str =
    "Change nothing yet: repeat the same request once, then answer the question below.";
const CONVERSATION: &str = "What is refused is this conversation, not you.";

/// A row that the evidence is weighed for.
const fn weighed(
    rule: Rule,
    word: &'static str,
    words: &'static str,
    branch: Branch,
    first_move: &'static str,
    heals: TimeHeals,
) -> Row {
    Row { word, words, branch, rule, first_move, heals }
}

/// A row that decides by itself, and that time doesn't heal.
const fn alone(
    word: &'static str,
    words: &'static str,
    branch: Branch,
    sure: Confidence,
    why: &'static str,
    first_move: &'static str,
) -> Row {
    Row { word, words, branch, rule: Rule::Alone(sure, why), first_move, heals: No }
}

/// A row of an account that is turned away. Where a gateway answers, it is the gateway's account.
const fn account(
    word: &'static str,
    words: &'static str,
    sure: Confidence,
    why: &'static str,
    first_move: &'static str,
) -> Row {
    let rule = Rule::Account(sure, why);
    Row { word, words, branch: Login, rule, first_move, heals: No }
}

causes! {
    /// 500, `api_error`.
    Internal => weighed(Rule::Server, "api_error", "500 api_error: an internal error of the API",
        LiveIncident, WAIT, Yes);
    /// 529, `overloaded_error`.
    Overloaded => weighed(Rule::Server, "overloaded_error", "529 overloaded_error: the API is out of capacity",
        LiveIncident, WAIT_OR_SWITCH, Yes);
    /// A model under high load, without a status of its own.
    HighLoad => weighed(Rule::Server, "high_load", "a model under high load",
        LiveIncident, WAIT_OR_SWITCH, Yes);
    /// The API or claude.ai says that it is out of service for the moment, without a status.
    Unavailable => weighed(Rule::Server, "unavailable", "a service that is unavailable for the moment",
        LiveIncident, WAIT, Yes);
    /// 504, `timeout_error`.
    TimedOut => weighed(Rule::Server, "timeout_error", "504 timeout_error: the API took too long",
        LiveIncident, WAIT, Yes);
    /// 502, 503, 520 and other 5xx that Anthropic's API doesn't give by itself.
    BadGateway => weighed(Rule::Edge, "bad_gateway", "an error of an edge or gateway, not of the API's own set",
        LiveIncident, WAIT, Yes);
    /// The server that logs people in failed; no credential was refused.
    LoginServer => weighed(Rule::LoginServer, "login_server", "an error of the server that logs you in",
        LiveIncident, WAIT, Yes);
    /// The server broke off in the middle, or never answered. It carries no status.
    NoAnswer => weighed(Rule::NoAnswer, "no_answer", "the answer broke off or never came",
        LiveIncident, WAIT, Yes);
    /// The connection was lost in the middle. It carries no status.
    Dropped => weighed(Rule::Dropped, "connection", "the connection was lost", Network,
        "Repeat the same request once; if it happens again, check the network, the VPN and any \
         proxy.", Yes);
    /// No connection from this machine: no name, no route, refused.
    NoConnection => weighed(Rule::NoConnection, "connection", "no connection from this machine", Network, NETWORK, Yes);
    /// The machine slept through it.
    Slept => Row { word: "connection", words: "this machine slept through it", branch: Network,
        rule: Rule::Alone(High, "The request was cut off because this machine slept."),
        first_move: "Repeat the same request.", heals: Yes };
    /// The edge before the API turned the network away that the request came from.
    EdgeBlocked => weighed(Rule::EdgeBlocked, "edge_blocked", "the network that the request came from is not let in",
        Network, "Leave the VPN, proxy or hosting network. Claude answers only from supported regions \
         (https://anthropic.com/supported-countries); logging in again doesn't change this.", No);
    /// An administrator's rule about addresses, networks or organisations.
    NetworkRule => weighed(Rule::NetworkRule, "network_rule", "a rule that doesn't let this network in",
        Network, "Connect through the network or VPN that the organisation allows, or ask its \
         administrator to allow this address; logging in again doesn't change this.", No);
    /// The login is over or was never there; nothing was sent.
    LoggedOut => alone("authentication", "not logged in (any more)", Login, High,
        "Claude Code stopped by itself and sent nothing: trying again can't help.", LOG_IN);
    /// The API refused the credential: 401, or 403.
    Refused => weighed(Rule::Refused, "authentication", "the credential was refused", Login, LOG_IN, No);
    /// A token that was revoked, or that was never given the right: the login server has no part
    /// in it.
    TokenRefused => weighed(Rule::Token, "authentication", "a token that was revoked, or that lacks a right",
        Login, LOG_IN, No);
    /// The account or the organisation may not.
    NotAllowed => account("authentication", "the account or organisation is not allowed to",
        Medium, "The account itself was turned away, not the request.",
        "Run /status to see which account is in use, then ask who administers it; /login \
         switches to another one.");
    /// A subscription that is not paid.
    PaymentDue => account("payment_due", "a subscription that can't be used, usually unpaid",
        High, "The account itself was turned away: its payment, not its login.",
        "Pay or renew at https://claude.ai/settings/billing, then try again a little later; \
         logging in again doesn't change this.");
    /// An account on hold.
    OnHold => account("account_on_hold", "the account is on hold", High,
        "The account itself was turned away, not its login.",
        "Open the link in the error, or claude.ai where it has none, to see why, or to appeal; \
         logging in again doesn't change this.");
    /// An identity or organisation that has to be verified.
    Unverified => account("verification_required", "an identity that has to be verified",
        High, "The account works again once it is verified.",
        "Follow the link in the error to verify it, or open claude.ai where it has none; or ask \
         whoever administers the organisation.");
    /// Refused for a reason that the error names, and that is none of the above.
    Denied => account("denied", "a refusal with a reason of its own", Medium,
        "The API refused it for the reason that the error names, not for its login.",
        "Do what the error says. /status shows which account is in use; logging in again to the \
         same one doesn't change this.");
    /// The code that was entered to log in is wrong or old.
    LoginCode => alone("login_code", "a code for logging in that was not accepted", Login, High,
        "The code was cut off, already used, or too old.",
        "Begin again with /login, and copy the whole code at once.");
    /// Another process renews the login at this moment.
    LoginBusy => Row { word: "login_busy",
        words: "a login that another Claude Code process is renewing", branch: Login,
        rule: Rule::Alone(High, "Nothing was refused: one process held up the other."),
        first_move: "Wait a minute and repeat the request; if it happens again, close the other \
            Claude Code windows.", heals: Yes };
    /// A renewed login can't be kept, because the keychain is locked.
    KeychainLocked => alone("keychain", "a keychain that can't be written", Login, High,
        "The login could not be kept on this machine; nobody refused it.",
        "Unlock the keychain of this machine (on macOS: security unlock-keychain), then repeat \
         the request; /login only if it still asks for it.");
    /// The organisation behind the credential in force was disabled.
    OrgDisabled => weighed(Rule::OrgDisabled, "organization_disabled", "an organisation that has been disabled",
        Login, "Run /status to see which account is in use, and log in to another one with \
         /login, or ask support why it was disabled.", No);
    /// A key, token or helper from outside the login was refused.
    ForeignCredential => alone("route", "a credential from outside the login was refused",
        Route, High,
        "The credential that was refused comes from outside the login; /login won't change it.",
        ROUTE);
    /// A gateway, a proxy or a cloud provider answered in its own words.
    ForeignAnswer => weighed(Rule::ForeignAnswer, "route", "a gateway or provider answered in its own words",
        Route, ROUTE, No);
    /// A gateway wants a login of its own.
    GatewayLogin => alone("route", "a gateway whose own login is over or was never there",
        Route, High, "Requests go through a gateway, and nobody is signed in to it.",
        "Sign in to the gateway again with /login, or renew the token that is set for it.");
    /// A key could not be had from the helper that gives it.
    Helper => alone("route", "a failing apiKeyHelper", Route, High,
        "The key comes from a script, the apiKeyHelper, and the script gives none.",
        "Run the script that apiKeyHelper names in the settings by hand: it has to print a key \
         and to end without an error.");
    /// A cloud provider's own credentials are over or wrong.
    CloudCredential => alone("route", "credentials of a cloud provider that are over or wrong",
        Route, High, "Requests go through a cloud provider, whose own credentials are refused or \
         missing; /login won't change them.",
        "Renew the provider's own login in the same shell (aws sso login, gcloud auth \
         application-default login, or az login), then start Claude Code anew.");
    /// A cloud account that was never given a right: nothing has expired.
    CloudRight => alone("route", "a right that the cloud account was not given", Route, High,
        "Requests go through a cloud provider, which knows the account and doesn't allow it this.",
        "Ask whoever administers the cloud account for the right that the error names. Nothing \
         has expired: a new login, there or here, doesn't change it.");
    /// A model that a cloud provider has, and that is not switched on.
    ModelNotEnabled => alone("not_found", "a model that is not switched on for this cloud account or region",
        Route, High, "The cloud provider offers the model only where it is switched on.",
        "Switch the model on for the account or project in the provider's console, in the region \
         in force (AWS_REGION or CLOUD_ML_REGION); or pick a model and a region that are.");
    /// `ANTHROPIC_PROFILE` names a profile that gives no credential.
    Profile => alone("route", "a profile that gives no credential", Route, High,
        "ANTHROPIC_PROFILE names a profile that is missing, unusable or signed out.",
        "Correct or unset ANTHROPIC_PROFILE; ccwatch route says where it is set.");
    /// The headers that are to be added can't be.
    Headers => alone("route", "a mistake in ANTHROPIC_CUSTOM_HEADERS", Route, High,
        "ANTHROPIC_CUSTOM_HEADERS is set, and is not a list of headers.",
        "Correct ANTHROPIC_CUSTOM_HEADERS, one `Name: value` a line, or take it out; ccwatch \
         route says where it is set.");
    /// A feature that is asked for in a header, and that who answers doesn't know.
    BetaHeader => alone("route", "a feature that the answering side doesn't know", Route, Medium,
        "Claude Code asks for new features in a header, and a gateway or cloud provider may not \
         know them yet.",
        "Set CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1 and start Claude Code anew; take out \
         ANTHROPIC_BETAS if it is set. Then tell whoever runs the gateway.");
    /// A hook or policy of the user's own side stopped the request.
    OwnHook => alone("route", "a hook on this side that stopped the request", Route, High,
        "The request never left this machine.",
        "Look at the hook or mod that the error names, in the settings of Claude Code.");
    /// An answer that is none: something is in between.
    Intercepted => alone("route", "an answer that something in between changed", Route, High,
        "A proxy, gateway or filter sits between this machine and the API.", ROUTE);
    /// A certificate that this machine doesn't trust.
    Certificate => alone("route", "a certificate that is not trusted here", Route, High,
        "Something on the way shows a certificate of its own, or this machine doesn't know the \
         authority behind it. The API never saw the request.",
        "Find out what inspects encrypted traffic here (a company's proxy, an antivirus) and name \
         its root certificate in NODE_EXTRA_CA_CERTS. Don't switch the check off.");
    /// There is no such model, or not for this account.
    NoModel => alone("not_found", "a model that is not there for this account", Route, Medium,
        "The model's name is wrong, or the model is not offered on the route in force.",
        "Pick another model with /model; correct the name where it is set (ANTHROPIC_MODEL, \
         --model, \"model\" in the settings).");
    /// The address is not there: 404.
    NotFound => alone("not_found", "an address that was not found", Route, Medium,
        "The address doesn't exist on the route in force.", ROUTE);
    /// The conversation has grown too long.
    TooLong => alone("session", "the conversation is too long", Session, High, CONVERSATION,
        "Start a fresh session (/clear) with the same task and the least context; /compact may \
         save this one.");
    /// An image or a document in the conversation that the API doesn't take.
    Media => alone("session", "an image or document that the API doesn't take", Session, High,
        "It stays in the conversation, so that every further request is refused too.",
        "Go back before it with /rewind (press esc twice), or start a fresh session; then give \
         it smaller, or as text.");
    /// Empty or broken text in the conversation.
    BrokenText => alone("session", "empty or broken text in the conversation", Session, High,
        CONVERSATION, REWIND);
    /// The history of the conversation doesn't hold together.
    BrokenHistory => alone("session", "the conversation's history is broken", Session, High,
        CONVERSATION, REWIND);
    /// A filter held the answer back.
    Filtered => alone("session", "an answer that a content filter held back", Session, High,
        "The model's answer was held back; neither the login nor the road has a part in it.",
        "Ask for it in other words or smaller parts, in a fresh session if need be.");
    /// The model won't go on with this conversation.
    Declined => alone("session", "the model won't go on with this conversation", Session, High,
        "Repeating it in the same session gives the same answer.", REWIND);
    /// The session could not be resumed.
    NoSession => alone("session", "the session could not be resumed", Session, High,
        "Only this session is concerned.",
        "Sessions belong to the folder that they were begun in: go there and pick it from claude \
         --resume, or start a fresh session with the same task and the least context.");
    /// The answer grew too long.
    LongAnswer => alone("session", "the answer became too long", Session, Medium,
        "The task asks for more than one answer can hold.",
        "Ask for the same in smaller steps, in a fresh session if need be.");
    /// Asked too often for the moment.
    TooManyRequests => weighed(Rule::TooManyRequests, "rate_limit", "too many requests for the moment", RateLimit,
        "Wait a minute, then repeat the same request.", Yes);
    /// A limit of the plan.
    UsageLimit => Row { word: "rate_limit", words: "a usage limit of the plan", branch: RateLimit,
        rule: Rule::Alone(High, "The plan's limit is used up; nothing is broken."),
        first_move: "Wait until the limit resets; /usage shows when.", heals: AtReset };
    /// A model that takes usage credits, which are off or used up.
    UsageCredits => alone("spending", "usage credits that are off or used up", RateLimit, High,
        "This model is paid by usage credits: waiting a minute can't help.",
        "Pick another model with /model, or run /usage-credits to switch them on or buy more.");
    /// A limit of spending, or of an organisation's budget.
    SpendLimit => alone("spending", "a spending limit", RateLimit, High,
        "Spending is limited: waiting a minute can't help.",
        "Raise the limit, or ask whoever administers it to raise it.");
    /// The same, and it resets by itself.
    SpendWindow => Row { word: "spending", words: "a spending limit that resets by itself",
        branch: RateLimit,
        rule: Rule::Alone(High, "Spending is limited for a while, and the while ends."),
        first_move: "Wait until the limit resets, at the time in the error, or ask whoever \
            administers it to raise it.", heals: AtReset };
    /// The long context takes credits that are not switched on.
    LongContext => alone("spending", "a long context that takes usage credits", RateLimit, High,
        "The long context is paid by usage credits, which are off or used up.",
        "Pick the model without the long context with /model, or switch on usage credits.");
    /// No credit.
    NoCredit => weighed(Rule::NoCredit, "spending", "the credit balance is too low", RateLimit,
        "Add credit, or use the login of a plan: run /status to see which is in use.", No);
    /// A request that the API did not accept, for a reason we don't know.
    BadRequest => weighed(Rule::BadRequest, "bad_request", "the API did not accept the request",
        Undecided, REPEAT, No);
    /// A setting that the model doesn't take.
    Setting => alone("setting", "a setting that this model doesn't take", Undecided, High,
        "Claude Code says itself which setting and what to do.",
        "Change the setting that the error names, as it says.");
    /// A version of Claude Code that is no longer let in.
    OldVersion => alone("old_version", "a Claude Code that is too old for this", Undecided, High,
        "The API asks for a newer version of Claude Code.", "Run: claude update.");
    /// Files or the disk of this machine; nobody was asked.
    OwnFiles => weighed(Rule::OwnFiles, "own_files", "trouble with the disk or files of this machine", Undecided,
        "Make room on the disk, or correct the permissions of the file that the error names.", No);
    /// Somebody else's error: a tool's, a server's of the user, another vendor's.
    Stranger => weighed(Rule::Stranger, "not_claude", "not an error of Claude", Undecided,
        "Leave Claude Code as it is, and look at what the error names.", No);
    /// An error that we can't read.
    Unknown => weighed(Rule::Unknown, "unknown", "not an error that ccwatch knows", Undecided,
        "Find out what the error was, before changing anything.", No);
}

impl Cause {
    /// Whether a server answered that it can't: what an outage at Anthropic looks like from here.
    /// A connection without an answer is no evidence of that.
    pub fn is_server(self) -> bool {
        matches!(
            self,
            Self::Internal
                | Self::Overloaded
                | Self::HighLoad
                | Self::Unavailable
                | Self::TimedOut
                | Self::BadGateway
        )
    }

    /// Whether it says that a model is out of capacity, which neither login nor session can cause.
    pub fn is_capacity(self) -> bool {
        matches!(self, Self::Overloaded | Self::HighLoad)
    }

    /// The word that is written down where the API gave no type.
    pub fn as_str(self) -> &'static str {
        self.row().word
    }

    /// The cause in words, for a headline.
    pub fn words(self) -> &'static str {
        self.row().words
    }
}

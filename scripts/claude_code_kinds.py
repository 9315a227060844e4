"""The kinds of error that scripts/claude-code-errors lets Claude Code run into.

A kind is what a made-up API answers (or how it fails to), the branches that are right for it under a
green page, and what else is set. Kinds without anything set share a session on the screen.
"""
import dataclasses
import json
import time

REQUEST_ID = "req_011CfGoNrkuohZ1uVqFh3yA7"
SOON = int(time.time()) + 4 * 3600


@dataclasses.dataclass
class Answer:
    """An answer of HTTP. `end`: it isn't whole, and the connection ends so. `whole`: the answer where no stream is asked for."""
    status: int
    headers: dict
    body: str
    end: str = ""
    whole: object = None


@dataclasses.dataclass
class Kind:
    name: str
    answer: object
    accept: set
    env: dict = dataclasses.field(default_factory=dict)
    # "direct": through a proxy of ours to what Claude Code takes for Anthropic; "gateway":
    # ANTHROPIC_BASE_URL; "none": what `env` says.
    road: str = "direct"
    login: str = "valid"
    settings: dict = dataclasses.field(default_factory=dict)
    # What the proxy says to CONNECT, and what the server of logins says, where not as usual.
    connect: str = ""
    token: Answer | None = None
    screen: bool = True

    def shares(self):
        """Whether nothing is set, so that one session can have it after another kind."""
        plain = self.road == "direct" and self.login == "valid" and not self.connect and not self.token
        return plain and not self.env and not self.settings


# An end without an answer.
RESET, SILENCE = "reset", "silence"


def api(status, kind, message, **headers):
    headers = {"request-id": REQUEST_ID, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return Answer(status, headers, json.dumps({"type": "error", "error": {"type": kind, "message": message}, "request_id": REQUEST_ID}))


def other(status, value, **headers):
    return Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, json.dumps(value))


def html(status, title, server):
    page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>{server}</center>\r\n</body>\r\n</html>"
    return Answer(status, {"content-type": "text/html", "server": server}, page)


def events(*events):
    return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)


def begun(**usage):
    message = {"id": "msg_01", "type": "message", "role": "assistant", "model": "claude-opus-4-6", "content": [],
               "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 5, "output_tokens": 1, **usage}}
    return {"type": "message_start", "message": message}


WORDS = [{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
         {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Well, this "}}]


def stream(*what, end="", whole=None):
    """A stream of events that begins well, and what comes then."""
    text = events(begun(), *what)
    return Answer(200, {"content-type": "text/event-stream", "request-id": REQUEST_ID}, text, end, whole)


def stopped(reason):
    """A whole answer that ends for a reason."""
    return stream(*WORDS, {"type": "content_block_stop", "index": 0},
                  {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": {"output_tokens": 9}},
                  {"type": "message_stop"})


def failing(kind, message, *before):
    whole = api(529 if kind == "overloaded_error" else 500, kind, message)
    return stream(*before, {"type": "error", "error": {"type": kind, "message": message}}, whole=whole)


def limit(kind, **more):
    return api(429, "rate_limit_error", "This request would exceed your account's rate limit. Please try again later.",
               anthropic_ratelimit_unified_status="rejected", anthropic_ratelimit_unified_representative_claim=kind,
               anthropic_ratelimit_unified_reset=str(SOON), **more)


def invalid(message):
    return api(400, "invalid_request_error", message)


KEY = {"ANTHROPIC_API_KEY": "sk-ant-api03-made-up-key-of-a-script-0123456789"}
TOKEN = {"ANTHROPIC_AUTH_TOKEN": "made-up-token-of-a-script"}
OAUTH = {"CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-made-up-token-of-a-script-0123456789"}
AWS = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
       "AWS_SECRET_ACCESS_KEY": "made-up", "ANTHROPIC_BEDROCK_BASE_URL": "{server}"}
GOOGLE = {"CLAUDE_CODE_USE_VERTEX": "1", "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1", "CLOUD_ML_REGION": "us-east5",
          "ANTHROPIC_VERTEX_PROJECT_ID": "made-up", "ANTHROPIC_VERTEX_BASE_URL": "{server}/v1"}
AZURE = {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_API_KEY": "made-up", "ANTHROPIC_FOUNDRY_BASE_URL": "{server}/anthropic"}
INTERNAL = ("api_error", "Internal server error")
LIVE, ROUTE, SESSION, LOGIN = {"live_incident"}, {"route"}, {"session"}, {"login"}
OPEN = {"live_incident", "undecided"}

# One answer each; nothing is set.
PLAIN = [
    Kind("500", api(500, *INTERNAL), {"undecided"}),
    Kind("500-edge", html(500, "500 Internal Server Error", "cloudflare"), OPEN),
    Kind("529", api(529, "overloaded_error", "Overloaded"), LIVE),
    Kind("502", html(502, "502 Bad Gateway", "cloudflare"), OPEN),
    Kind("503", api(503, "api_error", "Service Unavailable"), OPEN),
    Kind("503-edge", html(503, "503 Service Temporarily Unavailable", "cloudflare"), OPEN),
    Kind("504", api(504, "timeout_error", "Gateway timeout"), {"undecided"}),
    Kind("520", html(520, "api.anthropic.com | 520: Web server is returning an unknown error", "cloudflare"), OPEN),
    Kind("522", html(522, "api.anthropic.com | 522: Connection timed out", "cloudflare"), OPEN),
    Kind("cut", RESET, {"network"}),
    Kind("401", api(401, "authentication_error", "Invalid authentication credentials"), LOGIN),
    Kind("401-bearer", api(401, "authentication_error", "Invalid bearer token"), LOGIN),
    Kind("401-expired", api(401, "authentication_error", "OAuth token has expired. Please obtain a new token or refresh your existing token."), LOGIN),
    Kind("403-revoked", api(403, "permission_error", "OAuth token has been revoked. Please obtain a new token."), LOGIN),
    Kind("403-organisation", api(403, "permission_error", "OAuth authentication is currently not allowed for this organization."), LOGIN),
    Kind("403-scope", api(403, "permission_error", "OAuth token does not meet scope requirement user:inference"), LOGIN),
    Kind("403-region", other(403, {"error": {"type": "forbidden", "message": "Request not allowed"}}), {"network"}),
    Kind("403-challenge", html(403, "Just a moment...", "cloudflare"), {"network"}),
    Kind("403-filter", html(403, "Zscaler: this site is blocked by your company's policy", "Zscaler/6.2"), {"network", "route"}),
    Kind("400-too-long", invalid("prompt is too long: 210000 tokens > 200000 maximum"), SESSION),
    Kind("400-context", invalid("input length and `max_tokens` exceed context limit: 199000 + 32000 > 200000, decrease input length or `max_tokens` and try again"), SESSION),
    Kind("400-tools", invalid("messages.12: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_01. Each `tool_use` block must have a corresponding `tool_result` block in the next message."), SESSION),
    Kind("400-orphan", invalid("messages.2.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_01. Each `tool_result` block must have a corresponding `tool_use` block in the previous message."), SESSION),
    Kind("400-twice", invalid("messages.1.content.3: `tool_use` ids must be unique"), SESSION),
    Kind("400-empty", invalid("messages: text content blocks must be non-empty"), SESSION),
    Kind("400-blank", invalid("messages: text content blocks must contain non-whitespace text"), SESSION),
    Kind("400-surrogate", invalid("The request body is not valid JSON: no low surrogate in string: line 1 column 231 (char 230)"), SESSION),
    Kind("400-thinking", invalid("messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response."), SESSION),
    Kind("400-signature", invalid("messages.1.content.0: Invalid `signature` in `thinking` block"), SESSION),
    Kind("400-prefill", invalid("This model does not support assistant message prefill. The conversation must end with a user message."), SESSION),
    Kind("400-filter", invalid("Output blocked by content filtering policy"), SESSION),
    Kind("400-images", invalid("messages.4.content.1.image.source.base64.data: At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels"), SESSION),
    Kind("400-image-bytes", invalid("messages.0.content.1.image.source.base64: image exceeds 5 MB maximum: 6291456 bytes > 5242880 bytes"), SESSION),
    Kind("400-image", invalid("Could not process image"), SESSION),
    Kind("400-pdf", invalid("A maximum of 100 PDF pages may be provided."), SESSION),
    Kind("400-pdf-password", invalid("The PDF specified is password protected."), SESSION),
    Kind("400-disabled", invalid("This organization has been disabled."), LOGIN),
    Kind("400-credit", invalid("Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."), {"rate_limit", "route"}),
    Kind("400-spend", invalid("You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."), {"rate_limit"}),
    Kind("402", api(402, "billing_error", "Your subscription payment is past due."), {"login", "rate_limit"}),
    Kind("404-model", api(404, "not_found_error", "model: claude-made-up"), ROUTE),
    Kind("404", api(404, "not_found_error", "Not found"), ROUTE),
    Kind("408", api(408, "timeout_error", "Request timed out"), OPEN | {"network"}),
    Kind("413", api(413, "request_too_large", "Request exceeds the maximum size"), SESSION),
    Kind("413-edge", html(413, "413 Request Entity Too Large", "cloudflare"), SESSION),
    Kind("429-moment", api(429, "rate_limit_error", "This request would exceed your account's rate limit. Please try again later."), {"rate_limit"}),
    Kind("429-minute", api(429, "rate_limit_error", "This request would exceed the rate limit for your organization of 30,000 input tokens per minute."), {"rate_limit"}),
    Kind("429-week", limit("seven_day"), {"rate_limit"}),
    Kind("429-session", limit("five_hour"), {"rate_limit"}),
    Kind("429-opus", limit("seven_day_opus"), {"rate_limit"}),
    Kind("429-sonnet", limit("seven_day_sonnet"), {"rate_limit"}),
    Kind("429-overage", limit("overage", anthropic_ratelimit_unified_overage_status="rejected", anthropic_ratelimit_unified_overage_disabled_reason="out_of_credits"), {"rate_limit"}),
    Kind("429-context", api(429, "rate_limit_error", "Extra usage is required for long context requests."), {"rate_limit"}),
    Kind("stream-overloaded", failing("overloaded_error", "Overloaded"), LIVE),
    Kind("stream-500", failing(*INTERNAL), OPEN),
    Kind("stream-500-later", failing(*INTERNAL, *WORDS), OPEN),
    Kind("stream-cut", stream(*WORDS, end="reset", whole=RESET), {"network", "undecided"}),
    Kind("stream-closed", stream(*WORDS, end="close", whole=RESET), {"network", "undecided", "live_incident"}),
    Kind("stream-empty", Answer(200, {"content-type": "text/event-stream"}, ""), OPEN | {"network", "route"}),
    Kind("stream-refusal", stopped("refusal"), SESSION),
    Kind("stream-longest", stopped("max_tokens"), SESSION),
    Kind("stream-window", stopped("model_context_window_exceeded"), SESSION),
    Kind("no-json", Answer(200, {"content-type": "text/html"}, "<html>Sign in to the guest network</html>"), ROUTE | {"network"}),
]

# Something is set, so that each has a session of its own.
SET = [
    Kind("401-key", api(401, "authentication_error", "invalid x-api-key"), ROUTE, KEY),
    Kind("400-disabled-key", invalid("This organization has been disabled."), ROUTE, KEY),
    Kind("400-credit-key", invalid("Your credit balance is too low to access the Anthropic API."), {"rate_limit", "route"}, KEY),
    Kind("401-token", api(401, "authentication_error", "Invalid bearer token"), ROUTE, TOKEN),
    Kind("401-oauth-variable", api(401, "authentication_error", "OAuth token has expired. Please obtain a new token or refresh your existing token."), ROUTE | LOGIN, OAUTH),
    Kind("404-model-variable", api(404, "not_found_error", "model: claude-made-up"), ROUTE, {"ANTHROPIC_MODEL": "claude-made-up"}),
    Kind("helper", api(401, "authentication_error", "invalid x-api-key"), ROUTE, login="none", settings={"apiKeyHelper": "exit 1"}, screen=False),
    Kind("headers", api(500, *INTERNAL), ROUTE, {"ANTHROPIC_CUSTOM_HEADERS": "x-a: \u20ac"}),
    Kind("no-login", api(401, "authentication_error", "invalid x-api-key"), LOGIN, login="none", screen=False),
    Kind("login-over", api(401, "authentication_error", "OAuth token has expired."), LOGIN, login="old",
         token=other(400, {"error": "invalid_grant", "error_description": "Refresh token not found or invalid"})),
    Kind("login-server-500", api(401, "authentication_error", "OAuth token has expired."), LOGIN | OPEN, login="old", token=other(500, {"error": "server_error"})),
    Kind("silence", SILENCE, OPEN | {"network"}, {"API_TIMEOUT_MS": "3000"}),
    Kind("proxy-refused", RESET, {"network", "route"}, {"HTTPS_PROXY": "http://127.0.0.1:9"}, road="none"),
    Kind("proxy-407", RESET, {"network", "route"}, connect="407 Proxy Authentication Required"),
    Kind("proxy-403", RESET, {"network", "route"}, connect="403 Forbidden"),
    Kind("proxy-502", RESET, {"network", "route", "undecided"}, connect="502 Bad Gateway"),
    Kind("no-name", RESET, {"network", "route"}, {"ANTHROPIC_BASE_URL": "https://made-up.invalid"}, road="none"),
    Kind("certificate", api(500, *INTERNAL), ROUTE, {"NODE_EXTRA_CA_CERTS": ""}),
    Kind("gateway-500", api(500, *INTERNAL), ROUTE, road="gateway"),
    Kind("gateway-502", html(502, "502 Bad Gateway", "nginx"), ROUTE | {"undecided"}, road="gateway"),
    Kind("gateway-503", other(503, {"error": {"message": "No healthy upstream", "type": "None", "param": "None", "code": "503"}}), ROUTE | {"undecided"}, road="gateway"),
    Kind("gateway-404", other(404, {"error": {"message": "Error from provider(404): No endpoints found that support tool use.", "type": "api_error", "code": "provider_response_error"}}), ROUTE, road="gateway"),
    Kind("gateway-404-page", html(404, "404 Not Found", "nginx"), ROUTE, road="gateway"),
    Kind("gateway-402", other(402, {"error": {"message": "This request requires more credits", "code": 402}}), ROUTE, road="gateway"),
    Kind("gateway-401", other(401, {"error": {"message": "Authentication Error, Invalid proxy server token passed.", "type": "token_not_found_in_db", "code": "401"}}), ROUTE, road="gateway"),
    Kind("gateway-403", other(403, {"message": "Forbidden"}), ROUTE, road="gateway"),
    Kind("gateway-400", other(400, {"error": {"message": "litellm.BadRequestError: AnthropicException - Invalid model name passed in model=claude-opus-4-6", "type": None, "param": None, "code": "400"}}), ROUTE, road="gateway"),
    Kind("gateway-422", other(422, {"detail": [{"loc": ["body", "metadata"], "msg": "extra fields not permitted", "type": "value_error.extra"}]}), ROUTE, road="gateway"),
    Kind("gateway-429", other(429, {"error": {"message": "litellm.RateLimitError: No deployments available for selected model", "type": None, "param": None, "code": "429"}}), ROUTE | {"rate_limit"}, road="gateway"),
    Kind("gateway-cut", RESET, {"network", "route", "undecided"}, road="gateway"),
    Kind("gateway-page", Answer(200, {"content-type": "text/html"}, "<html>Sign in</html>"), ROUTE, road="gateway"),
    Kind("bedrock-403", other(403, {"message": "The security token included in the request is invalid."}, x_amzn_errortype="UnrecognizedClientException"), ROUTE, AWS, road="none"),
    Kind("bedrock-429", other(429, {"message": "Too many tokens, please wait before trying again."}, x_amzn_errortype="ThrottlingException"), {"rate_limit"}, AWS, road="none"),
    Kind("bedrock-400", other(400, {"message": "Input is too long for requested model."}, x_amzn_errortype="ValidationException"), SESSION, AWS, road="none"),
    Kind("bedrock-503", other(503, {"message": "Bedrock is unable to process your request."}, x_amzn_errortype="ServiceUnavailableException"), ROUTE | {"undecided"}, AWS, road="none"),
    Kind("vertex-403", other(403, {"error": {"code": 403, "message": "Permission 'aiplatform.endpoints.predict' denied on resource", "status": "PERMISSION_DENIED"}}), ROUTE, GOOGLE, road="none"),
    Kind("vertex-429", other(429, {"error": {"code": 429, "message": "Resource exhausted. Please try again later.", "status": "RESOURCE_EXHAUSTED"}}), {"rate_limit"}, GOOGLE, road="none"),
    Kind("foundry-401", other(401, {"error": {"code": "401", "message": "Access denied due to invalid subscription key or wrong API endpoint."}}), ROUTE, AZURE, road="none"),
]
KINDS = PLAIN + SET

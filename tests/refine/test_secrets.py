"""What counts as a secret in one text.

Secrets are put together at run time, so that no scanner mistakes this repository for a leak.
"""

import base64
import json
import string
import time
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.refine.secrets import Scrubber, builtin, names

ALNUM = string.ascii_letters + string.digits


def text(length: int, alphabet: str = ALNUM, seed: int = 7) -> str:
    """A text that looks random and is the same each time; it starts with a letter and has digits."""
    state = seed
    out = ["a", "7"] if "a" in alphabet else ["A", "7"]
    while len(out) < length:
        state = (state * 1103515245 + 12345) % 2**31
        out.append(alphabet[(state >> 8) % len(alphabet)])
    return "".join(out)


HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits

# name of the pattern: what starts the secret, and its secret part
PREFIXED = {
    "anthropic_key": ("sk-" + "ant-", text(40)),
    "openai_key": ("sk-" + "proj-", text(48)),
    "openrouter_key": ("sk-" + "or-v1-", text(64, HEX)),
    "langfuse_key": ("sk-" + "lf-", text(36, HEX)),
    "google_api_key": ("AI" + "za", text(35)),
    "google_oauth_token": ("ya" + "29.", text(60)),
    "google_oauth_secret": ("GOC" + "SPX-", text(28)),
    "aws_access_key": ("AK" + "IA", text(16, UPPER)),
    "aws_bedrock_key": ("AB" + "SK", text(80)),
    "github_token": ("gh" + "p_", text(36)),
    "gitlab_token": ("glp" + "at-", text(20)),
    "slack_token": ("xo" + "xb-", text(40)),
    "stripe_key": ("sk_" + "live_", text(24)),
    "webhook_secret": ("wh" + "sec_", text(32)),
    "elevenlabs_key": ("sk" + "_", text(48, HEX)),
    "huggingface_token": ("hf" + "_", text(34)),
    "npm_token": ("npm" + "_", text(36)),
    "pypi_token": ("pypi-" + "AgEI", text(60)),
    "docker_token": ("dckr" + "_pat_", text(27)),
    "rubygems_key": ("ruby" + "gems_", text(48, HEX)),
    "sendgrid_key": ("S" + "G.", text(22) + "." + text(43)),
    "mailgun_key": ("key" + "-", text(32, HEX)),
    "twilio_key": ("S" + "K", text(32, HEX)),
    "groq_key": ("gs" + "k_", text(52)),
    "xai_key": ("xa" + "i-", text(80)),
    "replicate_token": ("r8" + "_", text(37)),
    "perplexity_key": ("pp" + "lx-", text(48)),
    "fireworks_key": ("f" + "w_", text(24)),
    "cerebras_key": ("cs" + "k-", text(48)),
    "tavily_key": ("tv" + "ly-", text(32)),
    "langsmith_key": ("lsv2" + "_pt_", text(32, HEX)),
    "pinecone_key": ("pc" + "sk_", text(60)),
    "e2b_key": ("e2b" + "_", text(40, HEX)),
    "digitalocean_token": ("dop" + "_v1_", text(64, HEX)),
    "databricks_token": ("da" + "pi", text(32, HEX)),
    "shopify_token": ("shp" + "at_", text(32, HEX)),
    "square_token": ("sq0" + "atp-", text(22)),
    "linear_key": ("lin" + "_api_", text(40)),
    "notion_token": ("nt" + "n_", text(46)),
    "figma_token": ("fi" + "gd_", text(40)),
    "atlassian_token": ("ATA" + "TT3", text(60)),
    "postman_key": ("PM" + "AK-", text(24, HEX) + "-" + text(34, HEX)),
    "newrelic_key": ("NR" + "AK-", text(27, UPPER)),
    "grafana_token": ("gl" + "sa_", text(32) + "_" + text(8, HEX)),
    "vault_token": ("hv" + "s.", text(24)),
    "doppler_token": ("dp" + ".pt.", text(43)),
    "planetscale_secret": ("pscale" + "_tkn_", text(32)),
    "supabase_key": ("sb" + "p_", text(40, HEX)),
    "sentry_token": ("sntr" + "ys_", text(60)),
    "netlify_token": ("nf" + "p_", text(40)),
    "heroku_key": ("HR" + "KU-", text(60)),
    "age_key": ("AGE-SECRET" + "-KEY-1", text(58, UPPER)),
    "jwt": ("ey" + "J", text(30) + "." + text(40) + "." + text(43)),
}

_PEM = "-----{} RSA PRIVATE " + "KEY-----"
# name of the pattern: the text around a secret with {} in its place, and the secret
AROUND = {
    "private_key": ("{}", _PEM.format("BEGIN") + "\n" + text(64) + "\n" + text(30) + "==\n" + _PEM.format("END")),
    "connection_password": ("postgres://bob:{}@db.example:5432/app", text(12)),
    "url_token": ("https://{}@git.example/a.git", text(40, HEX)),
    "bearer_token": ("curl -H 'X: bearer {}'", text(32)),
    "basic_credentials": ("Basic {}", base64.b64encode(b"bob:" + text(9).encode()).decode()),
    "slack_webhook": ("https://hooks.slack.com/services/{}", "T0" + text(9, UPPER) + "/B0" + text(9, UPPER) + "/" + text(24)),
    "discord_webhook": ("https://discord.example/api/webhooks/123456789012345678/{}", text(68)),
    "discord_bot_token": ("bot {}", "M" + text(23) + "." + text(6) + "." + text(38)),
    "azure_client_secret": ("id {} of", text(3) + "8Q~" + text(34)),
    "url_signature": ("https://blob.example/x?sv=1&sig={}", text(43)),
    "curl_user": ("curl -s -u bob:{} https://x.example", text(12)),
    "telegram_bot_token": ("123456789:{}", "AA" + text(33)),
    "password": ("password={}", text(12)),
    "secret": ("CLIENT_SECRET={}", text(32)),
    "key": ("X-API-Key: {}", text(32)),
    "token": ("access_token={}", text(32)),
    "authorization": ("Proxy-Authorization: Digest {}", text(32)),
    "cookie": ("Cookie: {}", "session=" + text(32)),
    "credential": ("credentials={}", text(32)),
    "signature": ("SharedAccessSignature={}", text(43)),
}


def all_fakes() -> list[tuple[str, str, str]]:
    """(name of the pattern, text with a secret, what must be gone)."""
    prefixed = [(name, start + secret, secret) for name, (start, secret) in PREFIXED.items()]
    return prefixed + [(name, frame.format(secret), secret) for name, (frame, secret) in AROUND.items()]


KEYS = st.sampled_from(["password", "a", "token", "api_key"])
SCRUBBER = Scrubber(builtin())
FAKES = all_fakes()

HARMLESS = [
    "password reset instructions were sent to your inbox",
    "The password: it must have eight characters.",
    '{"max_tokens": 4096, "token_count": 17, "prompt_tokens": 3, "completion_tokens_details": {"reasoning_tokens": 0}}',
    '{"token": "Hello", "logprob": -0.12, "bytes": [72, 101]}',
    '{"next_token": "' + text(24) + '", "pageToken": "' + text(24) + '"}',
    '{"password": {"type": "string", "description": "what the user types"}, "api_key": null, "secret": true}',
    "4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7 550e8400-e29b-41d4-a716-446655440000",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 and data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
    "task-specific-instructions-for-the-model-2024 and a disk-intensive-workload-of-10-nodes",
    "client = OpenAI(api_key=os.environ['OPENAI_API_KEY'], password=settings.password, token=get_token())",
    'export API_KEY=$API_KEY; curl -H "Authorization: Bearer $TOKEN" https://example.org:8443/path@v2',
    "Basic usage: see the basic tutorial. The bearer of this letter is authorised. Authorization: required",
    "PWD=/home/bob OLDPWD=/tmp",
    "http://localhost:8080/a?b=c and http://[::1]:4318/v1/traces",
    "the secret of success: work. Cookie: a small biscuit",
    "scikit: sk-learn-ensemble-random-forest-classifier",
]


def scrubbed(value: str) -> str:
    return SCRUBBER.scrub(value, Counter())


def may_hold(value: str) -> bool:
    return bool(pc.match_substring_regex(pa.array([value]), SCRUBBER.hint)[0].as_py())


def test_every_pattern_has_a_fake():
    """A pattern that is added to the file is tested by all tests here, or this one fails."""
    assert {name for name, _, _ in FAKES} == names(builtin())


@pytest.mark.parametrize(("name", "value", "secret"), FAKES, ids=[fake[0] for fake in FAKES])
def test_a_secret_is_named_and_gone(name, value, secret):
    """Each pattern finds its secret, counts it once, and leaves the text around it."""
    found = Counter()
    result = SCRUBBER.scrub(f"before {value}\nafter", found)
    assert secret not in result
    assert f"[redacted:{name}]" in result
    assert result.startswith("before ")
    assert result.endswith("after")
    assert found[name] == 1


@pytest.mark.parametrize("value", HARMLESS)
def test_harmless_text_stays(value):
    """Prose, program code, counts, identifiers and hashes are not secrets."""
    assert scrubbed(value) == value
    assert scrubbed(json.dumps(value)) == json.dumps(value)


@settings(max_examples=150, deadline=None)
@given(
    fake=st.sampled_from(FAKES),
    before=st.text(max_size=30),
    after=st.text(max_size=30),
    depth=st.integers(0, 3),
    ascii_only=st.booleans(),
)
def test_nothing_secret_is_left_in_json_of_any_depth(fake, before, after, depth, ascii_only):
    """Whatever stands around it and however often it was put into JSON: the secret is gone, the JSON is JSON, twice is once."""
    _, value, secret = fake
    content = f"{before}\n{value}\n{after}"
    for level in range(depth):
        content = json.dumps({"role": "user", f"content{level}": content, "n": [1, None]}, ensure_ascii=ascii_only)
    result = scrubbed(content)
    assert json.dumps(secret)[1:-1] not in result
    assert scrubbed(result) == result
    for _ in range(depth):
        assert may_hold(content)
        result = next(part for key, part in json.loads(result).items() if key.startswith("content"))


@settings(max_examples=150, deadline=None)
@given(
    key=st.sampled_from(["password", "api_key", "apiKey", "x-api-key", "client_secret", "OPENAI_API_KEY", "refresh_token", "private_key"]),
    value=st.text(min_size=6, max_size=40).filter(lambda value: any(char.isdigit() for char in value) and any(char.isalpha() for char in value)),
    depth=st.integers(1, 3),
)
def test_values_of_secret_keys_are_gone_from_json(key, value, depth):
    """In JSON the key decides, whatever the value is made of: quotes, backslashes, controls, emoji."""
    content = json.dumps({key: value, "other": "kept", "count": 3})
    for _ in range(depth - 1):
        content = json.dumps({"inner": content})
    result = scrubbed(content)
    assert may_hold(content)
    for _ in range(depth - 1):
        result = json.loads(result)["inner"]
    parsed = json.loads(result)
    assert parsed[key].startswith("[redacted:")
    assert (parsed["other"], parsed["count"]) == ("kept", 3)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='sk-pasword=:"\\{}[]{bearer}AIza_/@ \n0123', max_size=120))
def test_twice_is_once(value):
    """A text that was redacted does not change again, even a text made to confuse."""
    once = scrubbed(value)
    assert scrubbed(once) == once


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=12), lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=8)
)
def test_json_stays_json(value):
    """Numbers, lists and maps beside secret keys included."""
    json.loads(scrubbed(json.dumps(value)))


def test_a_cut_off_secret_is_gone_as_well():
    """Limits cut values: a string without its end is replaced to the end of the text."""
    assert scrubbed('{"api_key": "abcdef123456') == '{"api_key": "[redacted:key]'


def test_a_key_in_the_lines_of_a_program_is_gone():
    """A private key that is spread over string literals loses its lines and keeps its quotes."""
    head, tail = ("-----" + edge + " PRIVATE " + "KEY-----" for edge in ("BEGIN", "END"))
    result = scrubbed(f'key = ("{head}\\n"\n  "{text(64)}\\n"\n  "{text(30)}==\\n"\n  "{tail}\\n")')
    assert text(64)[:20] not in result
    assert result.count('"') == 8


def test_a_secret_after_an_escape_is_found():
    """Newlines, unicode and percent escapes, and terminal colours end in letters and digits, which are no part of a word."""
    start, secret = PREFIXED["github_token"]
    for escape in ("\\n", "\\t", "\\u003d", "%3D", "\x1b[32m", "\\u001b[1m"):
        assert secret not in scrubbed(f"x{escape}{start}{secret}")
        assert "[redacted:groq_key]" in scrubbed(f"x{escape}{''.join(PREFIXED['groq_key'])}")


QUIET = [
    "sk-",
    "eyJ",
    "://",
    "://a:",
    "password=",
    "\\",
    "-----BEGIN PRIVATE " + "KEY-----",
    "bearer ",
    "a.",
    "M",
    ":AA",
    "--password ",
    "&sig=%",
    "password'",
    " ",
]
BUSY = [
    '"password": "', '\\"secret\\": \\"', "-----BEGIN PRIVATE " + "KEY-----!", "cookie: a",
    "authorization: bearer ", "api_keys: ['a',", "password: a\n", "secret: ",
]  # fmt: skip


@pytest.mark.parametrize(("piece", "size"), [*((piece, 1_000_000) for piece in QUIET), *((piece, 250_000) for piece in BUSY)])
def test_a_text_made_to_be_slow_is_not(piece, size):
    """No text makes a pattern go back over what it has read: a quadratic one would take minutes here."""
    value = (piece * (size // len(piece) + 1))[:size]
    start = time.process_time()
    scrubbed(value)
    assert time.process_time() - start < 10

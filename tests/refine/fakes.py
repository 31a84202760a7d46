"""Made-up secrets, put together at run time so that no scanner mistakes this repository for a leak."""

import base64
import string

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

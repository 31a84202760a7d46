"""Who is asked, by the name of the host.

In: the host of a request. Out: `gen_ai.provider.name`, and the default of the caller where the host is nobody's we know (gateways, localhost).
"""

from __future__ import annotations

from typing import Final

__all__ = ["provider_of", "split_host"]

_EXACT: Final = {
    "api.openai.com": "openai",
    "chatgpt.com": "openai",
    "api.anthropic.com": "anthropic",
    "generativelanguage.googleapis.com": "gcp.gemini",
    "cloudcode-pa.googleapis.com": "gcp.gemini",
    "aiplatform.googleapis.com": "gcp.vertex_ai",
    "api.x.ai": "x_ai",
    "api.mistral.ai": "mistral_ai",
    "codestral.mistral.ai": "mistral_ai",
    "api.deepseek.com": "deepseek",
    "api.groq.com": "groq",
    "api.perplexity.ai": "perplexity",
    "api.cohere.ai": "cohere",
    "api.cohere.com": "cohere",
    "openrouter.ai": "openrouter",
    "api.together.xyz": "together_ai",
    "api.fireworks.ai": "fireworks_ai",
    "api.cerebras.ai": "cerebras",
    "api.moonshot.ai": "moonshot_ai",
    "models.github.ai": "github",
    "models.inference.ai.azure.com": "azure.ai.inference",
    "ollama.com": "ollama",
}
_ENDINGS: Final = (
    (".openai.azure.com", "azure.ai.openai"),
    (".cognitiveservices.azure.com", "azure.ai.openai"),
    (".services.ai.azure.com", "azure.ai.inference"),
    (".models.ai.azure.com", "azure.ai.inference"),
    ("-aiplatform.googleapis.com", "gcp.vertex_ai"),
    (".ml.cloud.ibm.com", "ibm.watsonx.ai"),
    (".openai.com", "openai"),
    (".anthropic.com", "anthropic"),
)


def provider_of(host: str, otherwise: str) -> str:
    """The provider that answers at `host` (with or without port)."""
    name = split_host(host)[0].lower().rstrip(".")
    found = _EXACT.get(name)
    if found is not None:
        return found
    if name.startswith("bedrock") and name.endswith(".amazonaws.com"):
        return "aws.bedrock"
    return next((provider for ending, provider in _ENDINGS if name.endswith(ending)), otherwise)


def split_host(host: str) -> tuple[str, int]:
    """Name and port of `host`, `host:port`, `[v6]` or `[v6]:port`; port 0 where none is told."""
    name, bracket, rest = host.rpartition("]")
    if bracket:
        return name.removeprefix("["), _port(rest.removeprefix(":"))
    name, colon, port = host.rpartition(":")
    return (name, _port(port)) if colon and ":" not in name else (host, 0)


def _port(told: str) -> int:
    return int(told) if told.isdecimal() and len(told) <= 5 and int(told) < 65536 else 0

"""What agents do, with the names of OpenTelemetry's GenAI conventions: they talk to models, call tools, look things up, are checked and are judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from spyglass.story.telling import Failure, Open, Scene

__all__ = ["MODELS", "Agent", "Call", "Model", "Talk", "agent", "check", "embed", "hand_over", "judge", "look_up", "think", "use", "workflow"]

_CACHE_LEAST: Final = 1024  # tokens; shorter prompts are not cached
_CACHE_STEP: Final = 128


@dataclass(frozen=True, slots=True)
class Model:
    """A model: who runs it, how it answers."""

    provider: str
    name: str
    answers_as: str  # the model that the response names
    scope: str
    first_token_s: float
    tokens_per_s: float
    reasons: float = 0.0  # tokens of reasoning for each token that is said
    writes_cache: bool = False
    address: str = ""


_OPENAI, _ANTHROPIC, _GOOGLE = (
    "opentelemetry.instrumentation.genai.openai",
    "opentelemetry.instrumentation.genai.anthropic",
    "opentelemetry.instrumentation.google_genai",
)
MODELS: Final = {
    model.name: model
    for model in (
        Model("openai", "gpt-4.1", "gpt-4.1-2025-04-14", _OPENAI, 0.6, 95, address="api.openai.com"),
        Model("openai", "gpt-4.1-mini", "gpt-4.1-mini-2025-04-14", _OPENAI, 0.4, 140, address="api.openai.com"),
        Model("openai", "gpt-5", "gpt-5-2025-08-07", _OPENAI, 3.5, 80, reasons=2.2, address="api.openai.com"),
        Model("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929", _ANTHROPIC, 1.1, 70, writes_cache=True, address="api.anthropic.com"),
        Model("anthropic", "claude-haiku-4-5", "claude-haiku-4-5-20251001", _ANTHROPIC, 0.5, 130, writes_cache=True, address="api.anthropic.com"),
        Model("anthropic", "claude-opus-4-1", "claude-opus-4-1-20250805", _ANTHROPIC, 1.9, 45, writes_cache=True, address="api.anthropic.com"),
        Model("gcp.gemini", "gemini-2.5-flash", "gemini-2.5-flash", _GOOGLE, 0.4, 190, reasons=0.4, address="generativelanguage.googleapis.com"),
        Model("gcp.gemini", "gemini-2.5-pro", "gemini-2.5-pro", _GOOGLE, 2.4, 85, reasons=1.6, address="generativelanguage.googleapis.com"),
    )
}


@dataclass(frozen=True, slots=True)
class Agent:
    """Who acts."""

    name: str
    about: str
    model: str
    system: str
    version: str = "3.2.0"
    tools_tokens: int = 600  # what the definitions of its tools cost in each prompt
    cacheable: bool = True  # False: its prompt begins with the time of day, so that no cache ever helps


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that a model asked for."""

    id: str
    tool: str
    arguments: dict[str, Any]


@dataclass(slots=True)
class Talk:
    """What was said so far: each call to a model carries all of it."""

    agent: Agent
    messages: list[dict[str, Any]] = field(default_factory=list)
    cached: int = 0  # tokens of the prompt that the provider has kept

    def hear(self, text: str) -> None:
        """The user, or the agent above, says something."""
        self.messages.append(_message("user", {"type": "text", "content": text}))

    def learn(self, call: Call, result: Any) -> None:
        """A tool has answered."""
        self.messages.append(_message("tool", {"type": "tool_call_response", "id": call.id, "response": result}))

    def tokens(self) -> int:
        """About how many tokens the next prompt has."""
        return self.agent.tools_tokens + (len(self.agent.system) + sum(len(orjson.dumps(message)) for message in self.messages)) // 4


def _message(role: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": role, "parts": list(parts)}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _who(scene: Scene) -> dict[str, Any]:
    return {"gen_ai.conversation.id": scene.session or None, "user.id": scene.user or None}


def _session(scene: Scene) -> dict[str, Any]:
    return {"gen_ai__conversation__id": scene.session or None}


@contextmanager
def workflow(scene: Scene, name: str, asked: str = "") -> Iterator[Open]:
    """Several agents at one task."""
    with scene.span(f"invoke_workflow {name}", gen_ai__operation__name="invoke_workflow", gen_ai__workflow__name=name) as opened:
        opened.put_named(_who(scene))
        if asked:
            opened.put_named({"gen_ai.input.messages": _json([_message("user", {"type": "text", "content": asked})])})
        opened.announce()
        yield opened


@contextmanager
def agent(scene: Scene, who: Agent, asked: str) -> Iterator[Talk]:
    """An agent at work; what it hears first is what it was asked."""
    talk = Talk(who)
    talk.hear(asked)
    with scene.span(f"invoke_agent {who.name}", gen_ai__operation__name="invoke_agent", gen_ai__agent__name=who.name) as opened:
        known = MODELS[who.model]
        opened.put_named({"gen_ai.agent.id": f"agent-{who.name.replace(' ', '-')}", "gen_ai.agent.version": who.version, "gen_ai.agent.description": who.about})
        opened.put_named({"gen_ai.provider.name": known.provider, "gen_ai.request.model": known.name, **_who(scene)})
        opened.put_named({"gen_ai.input.messages": _json(talk.messages)})
        opened.announce()
        scene.wait(0.002, 0.01)
        yield talk
        if talk.messages and talk.messages[-1]["role"] == "assistant":
            opened.put_named({"gen_ai.output.messages": _json(talk.messages[-1:])})


def think(scene: Scene, talk: Talk, say: str = "", calls: Sequence[tuple[str, dict[str, Any]]] = (), *, busy: bool = False) -> list[Call]:
    """Ask the agent's model. It says something, or asks for tools; `busy`: the provider first refuses, and is asked again."""
    model = MODELS[talk.agent.model]
    if busy:
        try:
            _refused(scene, talk, model)
        except Failure:
            scene.log("warn", f"{model.name}: rate limited, next try in 2 s", values={"retry.attempt": 1, "gen_ai.request.model": model.name})
            scene.wait(2.0, 2.4)
    wanted = [Call(f"call_{scene.dice.getrandbits(64):016x}", tool, arguments) for tool, arguments in calls]
    parts: list[dict[str, Any]] = [{"type": "text", "content": say}] if say else []
    parts += [{"type": "tool_call", "id": call.id, "name": call.tool, "arguments": call.arguments} for call in wanted]
    answer = _message("assistant", *parts) | {"finish_reason": "tool_call" if wanted else "stop"}
    with _call(scene, talk, model) as opened:
        _answer(scene, opened, talk, model, answer)
    talk.messages.append({"role": "assistant", "parts": parts})
    return wanted


@contextmanager
def _call(scene: Scene, talk: Talk, model: Model) -> Iterator[Open]:
    stream = talk.agent.tools_tokens < 3000
    with scene.span(f"chat {model.name}", "client", scope=model.scope, gen_ai__operation__name="chat", gen_ai__provider__name=model.provider) as opened:
        opened.put_named(
            {"gen_ai.request.model": model.name, "gen_ai.request.temperature": 0.3, "gen_ai.request.max_tokens": 4096, "gen_ai.request.stream": stream}
        )
        opened.put_named({"server.address": model.address, "server.port": 443, "gen_ai.agent.name": talk.agent.name, **_who(scene)})
        opened.put_named({"gen_ai.system_instructions": _json([{"type": "text", "content": talk.agent.system}])})
        opened.put_named({"gen_ai.input.messages": _json(talk.messages)})
        yield opened


def _refused(scene: Scene, talk: Talk, model: Model) -> None:
    with _call(scene, talk, model) as opened:
        scene.wait(0.15, 0.4)
        opened.put_named({"http.response.status_code": 429})
        text = f"429 Too Many Requests: rate limit of {model.name} reached for this organisation"
        scene.log("error", text, event_name="gen_ai.client.operation.exception", values={"exception.type": "RateLimitError", "exception.message": text})
        raise Failure("RateLimitError", text)


def _answer(scene: Scene, opened: Open, talk: Talk, model: Model, answer: dict[str, Any]) -> None:
    begin_ns = scene.now_ns
    said = max(8, len(orjson.dumps(answer["parts"])) // 4)
    reasoned = int(said * model.reasons * scene.dice.uniform(0.6, 1.5)) // 8 * 8
    prompt = talk.tokens()
    first_s = model.first_token_s * scene.dice.lognormvariate(0, 0.3) + prompt / 60_000 + reasoned / model.tokens_per_s
    scene.wait(first_s)
    scene.wait(said / model.tokens_per_s * scene.dice.uniform(0.85, 1.3))
    read = min(talk.cached, prompt) // _CACHE_STEP * _CACHE_STEP if talk.cached >= _CACHE_LEAST else 0
    written = prompt - read if model.writes_cache and talk.agent.cacheable and prompt >= _CACHE_LEAST else 0
    talk.cached = prompt if talk.agent.cacheable else 0
    usage = {"input_tokens": prompt, "output_tokens": said + reasoned, "cache_read.input_tokens": read or None, "reasoning.output_tokens": reasoned or None}
    opened.put_named({f"gen_ai.usage.{name}": value for name, value in usage.items()} | {"gen_ai.usage.cache_write.input_tokens": written or None})
    prefix = {"openai": "chatcmpl-", "anthropic": "msg_"}.get(model.provider, "")
    opened.put_named({"gen_ai.response.id": f"{prefix}{scene.dice.getrandbits(96):024x}", "gen_ai.response.model": model.answers_as})
    opened.put_named({"gen_ai.response.finish_reasons": [answer["finish_reason"]], "gen_ai.response.time_to_first_chunk": round(first_s, 4)})
    opened.put_named({"gen_ai.output.messages": _json([answer])})
    scene.observe(scene, model, (scene.now_ns - begin_ns) / 1e9, prompt, said + reasoned)


def use(scene: Scene, talk: Talk, call: Call, result: Any, took_s: tuple[float, float] = (0.05, 0.4), error: tuple[str, str] | None = None) -> None:
    """Run a tool. With an `error` (type, message) it fails, and the agent is told so."""
    try:
        with _tool(scene, call):
            scene.wait(*took_s)
            if error:
                scene.log("error", f"tool {call.tool} failed: {error[1]}", values={"gen_ai.tool.name": call.tool, "exception.type": error[0]})
                raise Failure(*error)
            scene.above.put_named({"gen_ai.tool.call.result": result if isinstance(result, str) else _json(result)})
    except Failure:
        result = f"error: {error[1] if error else ''}"
    talk.learn(call, result)


@contextmanager
def _tool(scene: Scene, call: Call) -> Iterator[Open]:
    with scene.span(f"execute_tool {call.tool}", gen_ai__operation__name="execute_tool", gen_ai__tool__name=call.tool) as opened:
        opened.put_named({"gen_ai.tool.call.id": call.id, "gen_ai.tool.type": "function", "gen_ai.tool.call.arguments": _json(call.arguments), **_who(scene)})
        yield opened


@contextmanager
def hand_over(scene: Scene, talk: Talk, call: Call) -> Iterator[None]:
    """A tool that is another agent: what happens within is what it does."""
    with _tool(scene, call) as opened:
        yield
        opened.put_named({"gen_ai.tool.call.result": _json({"status": "done", "by": call.arguments.get("agent", call.tool)})})
    talk.learn(call, {"status": "done"})


def embed(scene: Scene, texts: int = 1) -> None:
    """Ask an embedding model."""
    with scene.span("embeddings text-embedding-3-small", "client", scope=_OPENAI, gen_ai__operation__name="embeddings") as opened:
        tokens = texts * scene.dice.randint(12, 40)
        opened.put_named(
            {"gen_ai.provider.name": "openai", "gen_ai.request.model": "text-embedding-3-small", "gen_ai.response.model": "text-embedding-3-small"}
        )
        opened.put_named({"gen_ai.usage.input_tokens": tokens, "gen_ai.embeddings.dimension.count": 1536, "server.address": "api.openai.com", **_who(scene)})
        scene.wait(0.08, 0.25)


def look_up(scene: Scene, query: str, documents: Sequence[tuple[str, str]]) -> None:
    """Retrieval: an embedding of the query, then the nearest documents (id, text)."""
    with scene.span("retrieval help-centre", gen_ai__operation__name="retrieval", gen_ai__data_source__id="help-centre", **_session(scene)) as opened:
        embed(scene)
        with scene.span("SELECT help_articles", "client", scope="opentelemetry.instrumentation.asyncpg", db__system__name="postgresql") as found:
            found.put_named({"db.operation.name": "SELECT", "db.collection.name": "help_articles", "server.address": "knowledge-db.example.internal"})
            scene.wait(0.01, 0.06)
        scored = [{"id": name, "score": round(scene.dice.uniform(0.62, 0.94), 3), "content": text} for name, text in documents]
        opened.put_named({"gen_ai.retrieval.query.text": query, "gen_ai.retrieval.documents": _json(sorted(scored, key=lambda one: -float(str(one["score"]))))})


def check(scene: Scene, name: str, text: str, *, stopped: str = "") -> bool:
    """A guardrail looks at a text; gives whether it may pass."""
    with scene.span(f"guardrail {name}", scope="openinference.instrumentation.guardrails", openinference__span__kind="GUARDRAIL") as opened:
        scene.wait(0.02, 0.09)
        verdict = {"allowed": not stopped, "reason": stopped or "nothing found"}
        opened.put_named(
            {"input.value": text, "output.value": _json(verdict), "output.mime_type": "application/json", "guardrail.triggered": bool(stopped), **_who(scene)}
        )
    if stopped:
        scene.log("warn", f"guardrail {name} stopped a message: {stopped}", event_name="guardrail.triggered", values={"guardrail.name": name})
    return not stopped


def judge(scene: Scene, who: Agent, criterion: str, text: str, score: float, why: str) -> None:
    """A model judges an answer; the score is told as an event."""
    with scene.span(f"evaluate {criterion}", scope="openinference.instrumentation.evals", openinference__span__kind="EVALUATOR") as opened:
        with agent(scene, who, f"Judge the {criterion} of this answer from 0 to 1, and say why.\n\n{text}") as talk:
            think(scene, talk, f"{score:.2f}: {why}")
        label = "good" if score >= 0.8 else "fair" if score >= 0.5 else "poor"
        opened.put_named({"output.value": _json({"score": score, "label": label, "explanation": why}), "output.mime_type": "application/json", **_who(scene)})
        told = {
            "gen_ai.evaluation.name": criterion,
            "gen_ai.evaluation.score.value": score,
            "gen_ai.evaluation.score.label": label,
            "gen_ai.evaluation.explanation": why,
        }
        scene.log("info", "", event_name="gen_ai.evaluation.result", values={**told, **{key: value for key, value in _who(scene).items() if value}})

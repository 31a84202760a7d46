"""Questions of the Model Context Protocol as spans, and its notifications as events, with the names of the MCP conventions.

In: JSON-RPC questions with their answers, of pipes (`stdio.py`) or HTTP (`providers/mcp_http.py`). Out: attributes of spans and events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from spyglass.collect.flows.jsonrpc import Message, Question
from spyglass.collect.flows.providers import parts
from spyglass.collect.flows.providers.call import text_of
from spyglass.collect.flows.wire_json import Json, dumps
from spyglass.model.told import Value

__all__ = ["Session", "attributes", "failure", "is_mcp", "learn", "name_of", "notification", "of_client"]

_OF_CLIENTS: Final = frozenset(
    """
    completion/complete initialize logging/setLevel prompts/get prompts/list resources/list resources/read resources/subscribe resources/templates/list
    resources/unsubscribe server/discover subscriptions/listen tasks/cancel tasks/get tasks/list tasks/result tools/call tools/list
    """.split()
)
_OF_SERVERS: Final = frozenset({"elicitation/create", "roots/list", "sampling/createMessage"})
_OF_BOTH: Final = frozenset({"ping"})
_VERSION: Final = "io.modelcontextprotocol/protocolVersion"  # in `_meta`, where there is no `initialize` any more
_RESULT_NAMES: Final = ("resources/read", "prompts/get", "completion/complete", "sampling/createMessage", "elicitation/create", "roots/list")


@dataclass(slots=True)
class Session:
    """What the two ends said of themselves. `confirmed`: they speak MCP, not another protocol with the same grammar."""

    id: str = ""
    version: str = ""
    server: str = ""
    server_version: str = ""
    client: str = ""
    confirmed: bool = False


def of_client(method: str) -> bool:
    """Whether only a client asks this."""
    return method in _OF_CLIENTS


def is_mcp(method: str, session: Session) -> bool:
    """Whether this is MCP's: other protocols (ACP, A2A, LSP) have the same grammar and `initialize`."""
    if method in {"initialize", "ping"} or method.startswith("notifications/"):
        return session.confirmed
    return method in _OF_CLIENTS or method in _OF_SERVERS or session.confirmed


def learn(session: Session, method: str, params: Json, result: Any) -> None:
    """Take what a question, or its answer, says about the two ends."""
    meta = params.get("_meta")
    if isinstance(meta, dict) and isinstance(meta.get(_VERSION), str):
        session.version, session.confirmed = meta[_VERSION], True
    if method == "initialize" and isinstance(params.get("protocolVersion"), str):
        session.confirmed = True
        session.version = session.version or params["protocolVersion"]
        session.client = _name(params.get("clientInfo")) or session.client
    elif method in _OF_CLIENTS - {"initialize"}:
        session.confirmed = True
    if method in {"initialize", "server/discover"} and isinstance(result, dict):
        session.version = text_of(result.get("protocolVersion")) or session.version
        told = result.get("serverInfo")
        session.server = _name(told) or session.server
        session.server_version = text_of(told.get("version")) if isinstance(told, dict) else session.server_version


def _name(told: Any) -> str:
    return text_of(told.get("name"))[:256] if isinstance(told, dict) else ""


def name_of(question: Question) -> str:
    """The span's name: the method, and what it is about."""
    target = text_of(question.params.get("name"))[:256] if question.method in {"tools/call", "prompts/get"} else ""
    return f"{question.method} {target}".strip()


def attributes(question: Question, session: Session, transport: str) -> dict[str, Value]:
    """The attributes of a question's span, with its arguments and its result."""
    told = {**_of_session(session, transport), "mcp.method.name": question.method, "jsonrpc.request.id": str(question.id)[:256]}
    params = {key: value for key, value in question.params.items() if key != "_meta"}
    result = (question.answer or {}).get("result")
    result = result if isinstance(result, dict) else {}
    if question.method == "tools/call":
        told["gen_ai.operation.name"] = "execute_tool"
        told["gen_ai.tool.name"] = text_of(params.get("name"))
        told["gen_ai.tool.call.arguments"] = dumps(params.get("arguments") or {})
        if question.answer is not None:
            told["gen_ai.tool.call.result"] = _result(question.answer, result)
    elif params and question.method != "initialize":
        told["mcp.request.argument"] = dumps(params)
    if question.method == "tools/list":
        tools = [parts.function_tool(tool.get("name"), tool.get("description"), tool.get("inputSchema")) for tool in parts.dicts(result.get("tools"))]
        told["gen_ai.tool.definitions"] = dumps(tools)
    elif question.method in _RESULT_NAMES and result:
        told["mcp.response.result"] = dumps(result)
    if question.method == "prompts/get":
        told["gen_ai.prompt.name"] = text_of(params.get("name"))
    if isinstance(params.get("uri"), str):
        told["mcp.resource.uri"] = params["uri"]
    return told


def _of_session(session: Session, transport: str) -> dict[str, Value]:
    told = {
        "network.transport": transport,
        "mcp.session.id": session.id,
        "mcp.protocol.version": session.version,
        "mcp.server.name": session.server,
        "mcp.server.version": session.server_version,
        "mcp.client.name": session.client,
    }
    return {key: value for key, value in told.items() if value}


def _result(answer: Json, result: Json) -> str:
    """What a tool answered: the text where it is only text."""
    content = parts.dicts(result.get("content"))
    if content and all(block.get("type") == "text" and isinstance(block.get("text"), str) for block in content):
        return "\n".join(block["text"] for block in content)
    return dumps(result or answer.get("error") or {})


def failure(question: Question) -> tuple[str, str] | None:
    """Type and message of an error; None where the question was answered well."""
    if question.answer is None:
        return "no_answer", "the conversation ended before the answer"
    error = question.answer.get("error")
    if error is not None:
        code = error.get("code") if isinstance(error, dict) else None
        return str(code)[:32] if code is not None else "error", text_of(error.get("message"))[:500] if isinstance(error, dict) else ""
    result = question.answer.get("result")
    if isinstance(result, dict) and result.get("isError") is True:
        return "tool_error", "the tool says that it failed"
    return None


def notification(message: Message, session: Session, transport: str) -> dict[str, Value]:
    """The attributes of a notification's event."""
    return {**_of_session(session, transport), "mcp.method.name": message.method}

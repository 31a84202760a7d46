"""GitHub issues: a group of alerts is an issue, its notices are comments, its end closes it. Marks in the texts keep anything from being told twice."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from spyglass.alert.notify.http import HttpUrl, request, told
from spyglass.alert.notify.text import headline, page
from spyglass.model.errors import Refused
from spyglass.model.notice import Notice
from spyglass.model.times import iso
from spyglass.plugin.contracts import Channel, ChannelContext, ChannelKind

__all__ = ["KIND", "Settings"]

_LABEL: Final = "spyglass"
_MOST_TEXT: Final = 60_000  # GitHub takes 65,536 characters
_SKEW_NS: Final = 3_600 * 10**9  # between GitHub's clock and ours, at most
Label = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[^,]+$")]


class Settings(BaseModel):
    """Of a repository."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    repository: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$", description="owner/name.")
    token: SecretStr = Field(min_length=1, max_length=500, description="May read and write issues of the repository.")
    labels: tuple[Label, ...] = Field((), max_length=20, description="Labels of new issues, beside `spyglass`.")
    closes: bool = Field(True, description="Whether the issue is closed when all is resolved.")
    url: HttpUrl = Field("https://api.github.com", description="Of the API; another one for GitHub Enterprise.")


class GitHub:
    """One notice to one repository."""

    def __init__(self, settings: Settings, context: ChannelContext) -> None:
        self.settings, self.context = settings, context
        self._base = f"{settings.url.rstrip('/')}/repos/{settings.repository}/issues"

    async def send(self, notice: Notice) -> str:
        """As the contract says."""
        issue = await self._issue(notice)
        if issue is None:
            return await self._open(notice) if notice.status == "firing" else "there is no open issue"
        if not await self._knows(issue, notice):
            await self._ask("POST", f"{self._base}/{issue['number']}/comments", {"body": _text(notice)})
        if notice.over and self.settings.closes:
            await self._close(issue)
            return f"issue {issue['number']} closed"
        return f"issue {issue['number']} commented"

    async def _issue(self, notice: Notice) -> dict[str, Any] | None:
        """The open one of the group, or one that knows this very notice; the latest hundred are looked at."""
        query = f"labels={quote(_LABEL)}&state=all&sort=updated&direction=desc&per_page=100"
        found: list[dict[str, Any]] = await self._ask("GET", f"{self._base}?{query}")
        mine = [one for one in found if _group(notice) in (one.get("body") or "")]
        return next((one for one in mine if one["state"] == "open" or _mark(notice) in one["body"]), None)

    async def _knows(self, issue: dict[str, Any], notice: Notice) -> bool:
        """Whether an earlier attempt arrived."""
        if _mark(notice) in issue["body"]:
            return True
        if notice.attempt == 1:
            return False
        since = quote(iso(notice.created_ns - _SKEW_NS)[:19] + "Z")
        comments = await self._ask("GET", f"{self._base}/{issue['number']}/comments?per_page=100&since={since}")
        return any(_mark(notice) in (one.get("body") or "") for one in comments)

    async def _open(self, notice: Notice) -> str:
        body = {"title": headline(notice), "body": f"{_text(notice)}\n{_group(notice)}", "labels": [_LABEL, *self.settings.labels]}
        made = await self._ask("POST", self._base, body)
        if notice.reason == "test":
            await self._close(made)
            return f"issue {made['number']} opened and closed"
        return f"issue {made['number']} opened"

    async def _close(self, issue: dict[str, Any]) -> None:
        await self._ask("PATCH", f"{self._base}/{issue['number']}", {"state": "closed", "state_reason": "completed"})

    async def _ask(self, method: str, url: str, body: dict[str, Any] | None = None) -> Any:
        headers = {
            "accept": "application/vnd.github+json",
            "authorization": f"Bearer {self.settings.token.get_secret_value()}",
            "x-github-api-version": "2022-11-28",
        }
        answer = await request(method, url, self.context, content=orjson.dumps(body) if body else b"", headers=headers)
        told(answer)
        try:
            return orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise Refused("GitHub answered something that is no JSON, or too much of it", retry_after_s=60) from error


def _text(notice: Notice) -> str:
    """As plain text in a fence: what comes from telemetry calls nobody and links nowhere."""
    return f"~~~~text\n{page(notice)[:_MOST_TEXT].replace('~~~~', '~ ~ ~ ~')}\n~~~~\n{_mark(notice)}"


def _mark(notice: Notice) -> str:
    return f"<!-- spyglass notice {notice.id} -->"


def _group(notice: Notice) -> str:
    return f"<!-- spyglass group {notice.group} -->"


def _make(settings: Settings, context: ChannelContext) -> Channel:
    return GitHub(settings, context)


KIND: Final = ChannelKind("github", "1.0.0", "Issues of a GitHub repository: opened, commented, closed.", Settings, _make)

"""What tools are for, and what happened in one trace: calls in; what came in from outside, what was read of one's own, and what went out.

What a tool is for is said by settings, else guessed from its name: reading what strangers wrote, reading what is private, acting on the outside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pydantic import BaseModel, Field

__all__ = ["ACTS", "PRIVATE", "UNTRUSTED", "Purposes", "Step", "Trail"]

UNTRUSTED: Final = (
    r"(?i)web|browse|fetch|scrape|crawl|http[_.-]?get|url|wiki|(?:^|[_.\s-])(?:search|news|rss|feed|reddit|tweets?|retriev\w*|rag|download|webpage|page|reviews?|comments?|issues?|tickets?)|"
    r"(?:read|get|list|receive|search|fetch|open)\w*[_.\s-](?:\w+[_.\s-])?(?:e?mails?|inbox|messages?|channel\w*|attachments?|issues?|pull|prs?|comments?|documents?|pdfs?|tickets?)|inbox"
)
PRIVATE: Final = (
    r"(?i)sql|database|(?:^|[_.\s-])db(?:$|[_.\s-])|crm|vault|secret|credential|payroll|patient|medical|salesforce|bank|balance|transactions?|contacts?|calendar|"
    r"(?:read|get|list|search|query|lookup|fetch|open|load)\w*[_.\s-](?:\w+[_.\s-])?(?:files?|customers?|users?|employees?|accounts?|orders?|invoices?|profiles?|records?|e?mails?|inbox|drive)|memory"
)
ACTS: Final = (
    r"(?i)(?:^|[_.\s-])(?:send|post|publish|tweet|upload|transfer|pay|purchase|buy|submit|notify|invite|share|forward|reply|commit|push|deploy|webhook|dispatch|schedule)|"
    r"http[_.-]?(?:post|put|request)|(?:create|add|update|write|delete)\w*[_.\s-](?:\w+[_.\s-])?(?:issue|pull|pr|comment|event|payment|message|ticket|page|post|user|record|webhook|gist|repo\w*)|"
    r"sendmail|smtp|slack|curl"
)
_MOST_STEPS: Final = 64
_MOST_NAMES: Final = 256


class Purposes(BaseModel, extra="forbid", frozen=True):
    """Names of tools by what they are for; each list adds to what is guessed, `trusted` takes away."""

    untrusted: list[str] = Field(default_factory=list, description="Tools that return what strangers wrote.")
    private: list[str] = Field(default_factory=list, description="Tools that return what only some may see.")
    acts: list[str] = Field(default_factory=list, description="Tools that act on the outside: send, publish, pay.")
    trusted: list[str] = Field(default_factory=list, description="Tools that are none of these, whatever their names.")


class Step(NamedTuple):
    """One call of a tool."""

    begin_ns: int
    end_ns: int
    agent: str
    tool: str
    evidence: str
    names: frozenset[str]  # addresses and accounts: in what came back of a read, in the arguments of an action
    attempts: tuple[str, ...] = ()  # what the text that came back tries
    sure: float = 0.0


@dataclass(slots=True)
class Trail:
    """What is known of one trace."""

    project: str
    last_ns: int = 0  # arrival of the latest row
    untrusted: list[Step] = field(default_factory=list)
    private: list[Step] = field(default_factory=list)
    acts: list[Step] = field(default_factory=list)
    threat: float = 0.0  # all hints together, once it is judged
    known: set[str] = field(default_factory=set)  # names that the user, the program or the agent's own data told
    conversation: str = ""  # where messages of it are known

    def add(self, steps: list[Step], step: Step) -> None:
        """Keep it, as long as there are not too many."""
        if len(steps) < _MOST_STEPS:
            steps.append(step)

    def knows(self, names: frozenset[str]) -> None:
        """These were told by whoever is trusted."""
        if len(self.known) < _MOST_NAMES:
            self.known |= names

"""Letters of an outbox in, requests to the server out: one daemon thread that is patient with a server which is away.

No connection, no answer in time, 408, 429, 502, 503, 504: the letter stays, and is tried again after a pause that grows from 0.2 to 5 seconds or is
the one that the server named. Every other refusal loses the letter, which is counted. A partial success loses what was rejected.
"""

from __future__ import annotations

import math
import random
import threading
from typing import Final

import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from spyglass_sdk.guard import log, tell
from spyglass_sdk.outbox import Letter, Outbox
from spyglass_sdk.quiet import quiet
from spyglass_sdk.tally import Tally

__all__ = ["Courier"]

_PATIENT: Final = frozenset({408, 429, 502, 503, 504})
_SHORTEST_S, _LONGEST_S, _NAMED_S = 0.2, 5.0, 30.0  # pauses; a server that asks for more than half a minute gets half a minute
_CONNECT_S = 3.0


class Courier:
    """Delivers what stands in the outbox until `stop`."""

    def __init__(self, outbox: Outbox, tally: Tally) -> None:
        self._outbox, self._tally = outbox, tally
        self._hurry = threading.Event()
        self._stopped = False
        self._away = False
        self._thread = threading.Thread(target=self._run, name="spyglass-send", daemon=True)
        self._thread.start()

    def hurry(self) -> None:
        """Try again now."""
        self._hurry.set()

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True
        self._hurry.set()

    def _run(self) -> None:
        quiet()
        session = requests.Session()
        failures = 0
        while not self._stopped:
            letter = self._outbox.first(0.5)
            if letter is None:
                continue
            try:
                pause_s = self._deliver(session, letter, failures)
            except Exception as error:  # a thread that ends would end all delivery
                tell("courier", error)
                self._lose(letter, "unsendable")
                pause_s = None
            failures = failures + 1 if pause_s is not None else 0
            if pause_s is not None:
                self._hurry.wait(pause_s)
                self._hurry.clear()
        session.close()

    def _deliver(self, session: requests.Session, letter: Letter, failures: int) -> float | None:
        """Give None when the letter is settled, else how long to wait before it is tried again."""
        timeout = (min(_CONNECT_S, letter.timeout_s), letter.timeout_s)
        try:
            answer = session.post(
                letter.url, letter.body, headers=dict(letter.headers), timeout=timeout, allow_redirects=False, verify=letter.verify, cert=letter.cert
            )
        except (requests.ConnectionError, requests.Timeout, OSError) as error:
            self._say_away(letter, type(error).__name__)
            return _pause_s(failures, None)
        if 200 <= answer.status_code < 300:
            self._delivered(letter, answer)
            return None
        if answer.status_code in _PATIENT:
            self._say_away(letter, f"status {answer.status_code}")
            return _pause_s(failures, answer.headers.get("retry-after"))
        if self._outbox.part(letter):  # so that what is wrong with one takes no others with it
            return None
        log.warning("%s refuses records: status %d", letter.url, answer.status_code)
        self._lose(letter, f"refused_{answer.status_code}")
        return None

    def _delivered(self, letter: Letter, answer: requests.Response) -> None:
        if self._away:
            self._away = False
            log.info("%s takes records again", letter.url)
        if self._outbox.remove(letter):
            rejected = min(_rejected(answer), letter.records)
            self._tally.lose(rejected, "rejected")
            self._tally.deliver(letter.records - rejected)
        self._outbox.gather()

    def _lose(self, letter: Letter, reason: str) -> None:
        if self._outbox.remove(letter):
            self._tally.lose(letter.records, reason)

    def _say_away(self, letter: Letter, why: str) -> None:
        if not self._away:
            self._away = True
            log.warning("%s takes no records now (%s): they are kept and sent again", letter.url, why)


def _rejected(answer: requests.Response) -> int:
    """All three signals say partial success in the same fields."""
    if not answer.content or "protobuf" not in answer.headers.get("content-type", "protobuf"):
        return 0
    try:
        response = ExportTraceServiceResponse.FromString(answer.content)
    except Exception:  # an answer that is no protobuf tells of no rejection
        return 0
    return max(0, int(response.partial_success.rejected_spans))


def _pause_s(failures: int, named: str | None) -> float:
    grown: float = min(_LONGEST_S, _SHORTEST_S * 2 ** min(failures, 10))
    try:
        asked = float(named) if named else 0.0
    except ValueError:
        asked = 0.0
    asked = min(asked, _NAMED_S) if math.isfinite(asked) and asked > 0 else 0.0
    return max(asked, float(grown) * random.uniform(0.7, 1.0))  # noqa: S311 - spreads senders, keeps no secret

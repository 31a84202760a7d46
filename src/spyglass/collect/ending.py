"""Ends watched processes: who is meant in, how many ended of themselves and how many had to be killed out.

A pid is a number that others get when its process has ended, so each is held by a handle, and looked at once more, before it is sent a signal.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from spyglass.collect.fallback.pidfd import open_pidfd
from spyglass.collect.fallback.proc import look
from spyglass.collect.probe.track import Process, descendants, processes
from spyglass.collect.system.tree import Tree

__all__ = ["Identity", "Outcome", "end_all", "watched_below"]

_SAME_NS: Final = 1_000_000_000  # sources count starts with clocks of their own; a number is not another's so soon
_LOOK_S: Final = 0.1
_KILLS: Final = 100  # looks for those that are left, each with a signal to them: children may be born meanwhile

Identity = tuple[int, int]
"""Pid and start of a process, ns since 1970."""


class Outcome(NamedTuple):
    """Processes: asked to end; killed as they had not; and those that live on, as they belong to somebody else."""

    asked: int
    killed: int
    left: int


def watched_below(tree: Tree, agent: int) -> set[Identity]:
    """A watched process and all that descend from it, without ourselves and what we have started to watch with.

    The tree of the watch knows them also when their parents have ended, /proc also when they have done nothing yet.
    """
    every, own = processes(), os.getpid()
    ours = {own, *(process.pid for process in descendants(own, every, (agent,)))}
    found = {pid: each.started_ns for pid in _below(tree, agent, every) if (each := look(pid)) is not None}
    for process in tree:
        if process.started_ns and not process.ended_ns and agent in (process.pid, *(above.pid for above in tree.above(process))):
            found.setdefault(process.pid, process.started_ns)
    return {(pid, started_ns) for pid, started_ns in found.items() if pid not in ours}


def _below(tree: Tree, agent: int, every: Iterable[Process]) -> set[int]:
    """By /proc; nobody where the number is another's by now."""
    known = tree.of(agent)[-1:]
    if any(process.ended_ns or (process.started_ns and not _is((agent, process.started_ns))) for process in known):
        return set()
    return {agent, *(process.pid for process in descendants(agent, every, (os.getpid(),)))}


async def end_all(who: Callable[[], Iterable[Identity]], grace_s: float) -> Outcome:
    """SIGTERM to all at once; after `grace_s` seconds SIGKILL to those that live. `who` is asked again and again; those that have ended may be among them."""
    deadline = time.monotonic() + grace_s
    asked = {one for one in who() if _send(one, signal.SIGTERM)}
    living = _living(who())
    while living and time.monotonic() < deadline:
        await asyncio.sleep(_LOOK_S)
        living = _living(who())
    killed: set[Identity] = set()
    for _ in range(_KILLS):
        fresh = {one for one in living if _send(one, signal.SIGKILL)}
        killed |= fresh
        if not fresh:
            break
        await asyncio.sleep(_LOOK_S)
        living = _living(who())
    return Outcome(len(asked), len(killed), len(living))


def _living(who: Iterable[Identity]) -> set[Identity]:
    return {one for one in who if _is(one)}


def _is(one: Identity) -> bool:
    pid, started_ns = one
    found = look(pid)
    return found is not None and not found.gone and abs(found.started_ns - started_ns) < _SAME_NS


def _send(one: Identity, number: signal.Signals) -> bool:
    """Whether it was sent: it lives, and is ours."""
    handle = open_pidfd(one[0])
    if handle < 0:
        return False
    try:
        if not _is(one):
            return False
        signal.pidfd_send_signal(handle, number)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True

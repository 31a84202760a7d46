"""Parts of a health score in words: "p95 8.1 s against 3.0 s usual: back below 4.5 s gives 81"."""

from __future__ import annotations

from spyglass.registry.restore import PartTold

__all__ = ["duration", "what_is", "what_restores"]


def what_is(part: PartTold) -> str:
    """How the part stands."""
    match part.name:
        case "success":
            return f"{part.bad} of {part.count} runs failed{_usually(part)}"
        case "errors":
            return f"{part.bad} of {part.count} calls failed{_usually(part)}"
        case "latency":
            return f"p95 {duration(part.value)} against {duration(part.usual or 0)} usual"
        case "cost":
            return f"{money(part.value)} each against {money(part.usual or 0)} usual"
        case "liveness":
            return f"{part.bad} of {part.count} runs stalled or given up"


def what_restores(part: PartTold) -> str:
    """What the part has to come back to, and what the whole is then; empty: the part is good."""
    if part.back_at is None or part.gives is None:
        return ""
    match part.name:
        case "latency":
            back = f"back below {duration(part.back_at)}"
        case "cost":
            back = f"back below {money(part.back_at)}"
        case _:
            count = round(part.back_at * part.count)
            back = f"at most {count} of them" if count else "none of them"
    return f"{back} gives {part.gives:.0f}"


def duration(ns: float) -> str:
    """`850 ms`, `2.4 s`, `3 m 10 s`."""
    if ns < 1e9:
        return f"{ns / 1e6:.0f} ms"
    if ns < 60e9:
        return f"{ns / 1e9:.1f} s"
    minutes, seconds = divmod(round(ns / 1e9), 60)
    return f"{minutes} m {seconds:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} m"


def money(usd: float) -> str:
    """`$0.0042`, `$1.20`; three digits that matter where it is less."""
    return f"${usd:,.2f}" if usd >= 1 else f"${usd:.4f}" if usd >= 0.001 else f"${usd:.3g}"


def _usually(part: PartTold) -> str:
    if part.usual is None:
        return ""
    return f", {part.usual:.1%} usual" if 0 < part.usual < 0.1 else f", {part.usual:.0%} usual"

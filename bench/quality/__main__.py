"""Every set that is there, one table: what was measured, and the bar. Settings are those that users get; nothing is chosen per set."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.quality import brute_force, causes, false_alarms, flow, forecast, nab, petshop, planted, prompt_injection, tcpd, web_attacks, who_and_when

SETS: dict[str, Callable[[Path], Iterator[tuple[str, str, str]]]] = {
    "false-alarms": false_alarms.main,
    "planted": planted.main,
    "planted-causes": causes.main,
    "petshop-rca": petshop.main,
    "prophet-series": forecast.main,
    "crowdsec-scenarios": brute_force.main,
    "nab": nab.main,
    "prompt-injection": prompt_injection.main,
    "tcpd": tcpd.main,
    "tau-bench-airline": flow.main,
    "who-and-when": who_and_when.main,
    "web-attacks": web_attacks.main,
}

MADE = {"false-alarms", "planted", "planted-causes"}  # without data


def main() -> None:
    """Score what was asked, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[3] / "shared" / "data", help="the folder of the sets")
    parser.add_argument("only", nargs="*", choices=[*SETS, []], help="which ones")
    asked = parser.parse_args()
    table = Table(box=None)
    for heading in ("set", "what", "measured", "bar"):
        table.add_column(heading)
    for name in asked.only or SETS:
        if name not in MADE and not (asked.data / name).is_dir():
            table.add_row(name, "", "not here: give its folder with --data", "")
            continue
        for what, measured, bar in SETS[name](asked.data / name):
            table.add_row(name, what, measured, bar)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()

"""The Chromium that tests and benchmarks drive: where it is on this machine, and how it is started."""

from __future__ import annotations

import os
import shutil
from typing import Final

__all__ = ["ARGUMENTS", "HOW_TO_GET", "executable"]

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
HOW_TO_GET: Final = "no Chromium here: apt-get install chromium, or name one with CHROMIUM=/path/to/chromium"

# What only costs time, or asks the network. The last of these switches wins, so that what Playwright turns off by it is named here, too.
_WITHOUT: Final = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "WebUIOmniboxAimPopup",  # these two are pages of the browser's own in every window, half a second of processor time each time
    "WebUIOmniboxPopup",
)
ARGUMENTS: Final = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", f"--disable-features={','.join(_WITHOUT)}")  # a GPU would be emulated


def executable() -> str | None:
    """The browser of this machine."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)

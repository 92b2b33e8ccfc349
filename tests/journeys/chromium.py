"""The browser of the journeys and the screenshots: the machine's Chromium, else Playwright's own.

The headless shell is preferred: the same engine without the windows around it, which takes a third of the processor time."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, async_playwright

ARGUMENTS = (
    "--js-flags=--no-opt --no-maglev",  # scripts that live for one page are not compiled over again for speed (a fifth less where axe-core looks)
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable")
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@asynccontextmanager
async def running() -> AsyncIterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    async with async_playwright() as playwright, await playwright.chromium.launch(executable_path=found, args=ARGUMENTS) as browser:
        yield browser


def a_swede(**given: Any) -> dict[str, Any]:
    """A context as most of the portal's people have it."""
    return {"locale": "sv-SE", "timezone_id": "Europe/Stockholm", "viewport": WIDE, "reduced_motion": "reduce", **given}

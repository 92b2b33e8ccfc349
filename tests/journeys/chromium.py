"""The browser of the journeys and the screenshots: the machine's Chromium, else Playwright's own."""

import shutil
from typing import Any

from playwright.async_api import Browser, Playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "google-chrome", "google-chrome-stable")
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


async def launch(playwright: Playwright) -> Browser:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return await playwright.chromium.launch(executable_path=found, args=ARGUMENTS)


def a_swede(**given: Any) -> dict[str, Any]:
    """A context as most of the portal's people have it."""
    return {"locale": "sv-SE", "timezone_id": "Europe/Stockholm", "viewport": WIDE, "reduced_motion": "reduce", **given}

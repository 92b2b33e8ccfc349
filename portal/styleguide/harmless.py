"""A room's own markup as a picture of itself: it looks the same, leads nowhere, sends nothing and asks for nothing."""

import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from portal.web import current_locale
from portal.web.templates import environment, static

HERE = "#content"
# What scripts and the server act on.
ACTS = re.compile(
    r'\s(?:hx-[\w-]+|formaction|method|data-(?:thread|summary|composer|year|order|copy|shortcut|sign-out|wall-clock|since)|aria-keyshortcuts)(?:="[^"]*")?(?=[\s>])'
)
TOKENS = re.compile(r'<input type="hidden" name="(?:csrf|once|next|person)"[^>]*>')
LEADS = re.compile(r'(<a\b[^>]*?\shref|<form\b[^>]*?\saction)="[^"]*"')
PICTURES = re.compile(r'(<img\b[^>]*?\ssrc)="[^"]*"')
# A room's section is no landmark of this page.
LANDMARKS = re.compile(r'(<section\b[^>]*?)\saria-labelledby="[^"]*"')
NAMED = re.compile(r'\s(id|for|aria-labelledby|aria-describedby|aria-controls)="([^"]*)"')
AROUND = {"base": "", "csrf_field": str}


def picture_of_part(template: str, key: str, *given: dict[str, Any], **more: Any) -> Markup:
    """A room's template with example data. `key` begins its ids: the page holds several parts that have the same."""
    context = {**AROUND, "locale": current_locale(), **{name: value for each in given for name, value in each.items()}, **more}
    return harmless(environment(current_locale()).get_template(template).render(context), key)


def harmless(markup: str, key: str) -> Markup:
    """The same markup without addresses, tokens and what scripts act on."""
    shown = PICTURES.sub(rf'\1="{static("icon.svg")}"', TOKENS.sub("", ACTS.sub("", markup)))
    shown = LANDMARKS.sub(r"\1", LEADS.sub(rf'\1="{HERE}"', shown))
    return Markup(NAMED.sub(_keyed(key), shown))  # noqa: S704 (made of the portal's own templates)


def _keyed(key: str) -> Callable[[re.Match[str]], str]:
    return lambda found: f' {found[1]}="{" ".join(f"{key}-{each}" for each in found[2].split())}"'

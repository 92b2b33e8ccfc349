"""Comments as markup. A page, a fragment and an event show the same comment, and share what was rendered once.

It serves all readers alike: a record's address stays an address, and each browser asks for the titles that its reader may see."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from portal import clock
from portal.comments.standing import Standing
from portal.files.models import Attached
from portal.web.compiling import Ready
from portal.web.language import current_locale
from portal.web.templates import environment, forget_pieces

LONGEST_KEPT = 4_000
MOST_KEPT = 2_048  # each with its bytes: some 10 MB, at most 30


class _Fields(NamedTuple):
    """As queries.SHOWN_COMMENT reads them: flat, since a page makes fifty."""

    id: int
    parent_id: int | None
    seq: int
    author_id: int
    name: str
    unit: str | None
    html: str
    created_at: datetime
    edited_at: datetime | None = None
    hidden_at: datetime | None = None
    hidden_reason: str | None = None
    hidden_words: str = ""
    held_at: datetime | None = None
    redacted_at: datetime | None = None
    redacted_reason: str | None = None
    files: tuple[Attached, ...] | None = None


class Shown(Standing, _Fields):
    """A comment with all that its markup is made of, and nothing else. `name` and `unit` are its author's; `files` are some, or None."""

    __slots__ = ()


def markup(comments: Sequence[Shown], *, base: str) -> list[Ready]:
    """The comments in the language that is spoken now, for whoever reads them. `base` is the network's address."""
    around = base, current_locale(), clock.today().year
    return [(_kept if len(each.html) <= LONGEST_KEPT else _rendered)(each, *around) for each in comments]


def own(html: Ready) -> Ready:
    """The comment's markup for who wrote it."""
    return Ready.of([str(html).replace('class="comment', 'class="comment mine', 1)])  # a Markup would escape the quotes


def conclusion_markup(comment: Shown, *, base: str) -> Markup:
    """The comment as the thread's conclusion, in the language that is spoken now."""
    return Markup(environment(current_locale()).get_template("comments/_conclusion.html").render(comment=comment, base=base))  # noqa: S704


def _rendered(comment: Shown, base: str, locale: str, _year: int) -> Ready:
    return Ready.of(environment(locale).get_template("comments/_comment.html").generate(comment=comment, base=base))


# Kept by everything it shows, so there is nothing to forget when a comment is edited or hidden, or its author changes name.
# The year decides whether a date says its own.
_kept = lru_cache(maxsize=MOST_KEPT)(_rendered)


def forget() -> None:
    """Keep nothing of what has been rendered: words that are removed stay in no process's memory either."""
    _kept.cache_clear()
    forget_pieces()

"""What one member sees of a thread, and what its piece of a page is given."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import uuid4

from portal import words
from portal.comments.following import Unseen
from portal.comments.markup import Shown, conclusion_markup
from portal.comments.markup import own as own_comment
from portal.comments.models import Level
from portal.comments.voices import Voices
from portal.files.models import Attachment
from portal.networks.models import Membership
from portal.records.models import Record
from portal.web import _, current_locale, ngettext
from portal.web.compiling import Ready
from portal.web.pieces import Own, own
from portal.web.templates import environment


@dataclass
class Exchange:
    """A comment with the replies below it, and all of them as markup. The same is shown to many."""

    comments: list[Shown]
    parts: list[Ready]

    @property
    def comment(self) -> Shown:
        return self.comments[0]

    @cached_property
    def authors(self) -> frozenset[int]:
        return frozenset(each.author_id for each in self.comments)

    @cached_property
    def markup(self) -> Ready:
        return Ready.of(self._around(self.parts))

    def to(self, author_id: int) -> "Exchange":
        """As one of its authors is shown it, who sees which comments are hers."""
        marked = [own_comment(html) if each.author_id == author_id else html for each, html in zip(self.comments, self.parts, strict=True)]
        return Exchange(self.comments, marked)

    def divided(self, number: int, line: str) -> list[str]:
        """With this line above the comment of that number, which may be the first."""
        if number:
            return self._around([*self.parts[:number], line, *self.parts[number:]])
        return [line, self.markup]

    def _around(self, parts: Sequence[str]) -> list[str]:
        return [f'<div class="exchange" data-exchange="{self.comment.id}">', *parts, "</div>\n"]


class Line(NamedTuple):
    """Where in a thread the new begins: above this comment of that exchange."""

    exchange: Exchange
    number: int


class Draft(NamedTuple):
    """What the viewer has begun to write here."""

    body: str
    saved_at: datetime


class Answered(NamedTuple):
    """The comment that the viewer is replying to."""

    id: int
    name: str


class Removed(NamedTuple):
    """Why the viewer may not write here."""

    reason: str
    words: str


@dataclass
class ThreadView:
    """A thread as one member sees it now; `cursor` is where the live stream goes on."""

    record_id: int
    stream_id: int
    cursor: str
    is_locked: bool
    exchanges: list[Exchange]
    count: int
    earlier: int | None
    later: int | None
    may_comment: bool
    may_hide: bool
    may_lock: bool
    draft: Draft | None
    unposted: Sequence[Attachment] = ()
    may_attach: bool = False
    replying_to: Answered | None = None
    removal: Removed | None = None
    held: int = 0
    new_since: datetime | None = None
    level: Level = Level.mentions
    voices: Voices = field(default_factory=Voices)
    conclusion: Shown | None = None
    may_conclude: bool = False
    must_wait: bool = False
    is_over: bool = False
    reader_id: int = 0
    unseen: Unseen | None = None

    @property
    def writes(self) -> bool:
        """Whether the viewer may comment, and has not been stopped from it in this thread."""
        return self.may_comment and self.removal is None

    @property
    def may_write(self) -> bool:
        """Whether what the viewer `writes` here can be sent now: unlocked, the thread takes it again."""
        return self.writes and not self.is_locked

    @cached_property
    def first_new(self) -> Line | None:
        """The first comment or reply that another has written since the last visit; none where nothing is new, or all of it."""
        if self.new_since is None:
            return None
        for exchange in self.exchanges:
            for number, each in enumerate(exchange.comments):
                if self._is_new(each, self.new_since):
                    return Line(exchange, number) if number or exchange is not self.exchanges[0] else None
        return None

    def _is_new(self, comment: Shown, since: datetime) -> bool:
        has_words = not (comment.is_hidden or comment.is_held or comment.is_redacted)
        return has_words and comment.created_at > since and comment.author_id != self.reader_id

    def markup(self, line: Line | None, words: str) -> Ready:
        """The exchanges, with these words at the line. Joined here, since a template takes three times as long."""
        begins = f'<p class="new" id="new" tabindex="-1">{words}</p>\n'
        parts: list[str] = []
        for each in self.exchanges:
            parts += each.divided(line.number, begins) if line is not None and each is line.exchange else [each.markup]
        return Ready.of(parts)

    def around(self, record: Record, membership: Membership) -> dict[str, Any]:
        """What comments/_thread.html is made of, besides what every page has: what many see alike
        in many threads, and what is this thread's and this viewer's own."""
        return self._alike(membership) | self._own(record, f"/{membership.network.slug}")

    def _alike(self, membership: Membership) -> dict[str, Any]:
        return {
            "is_guest": membership.is_guest,
            "may_write": self.may_write,
            "may_comment": self.may_comment,
            "may_hide": self.may_hide,
            "may_lock": self.may_lock,
            "may_attach": self.may_attach,
            "may_conclude": self.may_conclude,
            "must_wait": self.must_wait,
            "writes": self.writes,
            "is_locked": self.is_locked,
            "is_over": self.is_over,
            "is_empty": not self.exchanges,
            "has_earlier": bool(self.earlier),
            "has_later": bool(self.later),
            "has_new": self.first_new is not None,
            "has_unseen": self.unseen is not None,
            "has_been_here": self.new_since is not None,
            "has_draft": self.draft is not None,
            "has_conclusion": self.conclusion is not None,
            "is_reply": self.replying_to is not None,
            "level": self.level,
            "held": self.held,
            "removal": self.removal.reason if self.removal else None,
            "heard": tuple(unit.name for unit in self.voices.heard),
            "silent": () if self.is_over else tuple(unit.name for unit in self.voices.silent),
        }

    def _own(self, record: Record, base: str) -> dict[str, Any]:
        address, counted = base + record.path, words.number(self.count, current_locale())
        return {
            "exchanges": self.markup(self.first_new, _("Nytt sedan sist")),
            "address": own(address),
            "sign_in": own(quote(f"{address}#thread")),
            "record_id": own(record.id),
            "stream_id": own(self.stream_id),
            "cursor": own(self.cursor),
            "count": own(self.count),
            "counted": own(ngettext("%(n)s kommentar", "%(n)s kommentarer", self.count) % {"n": counted}),
            "new_since": own(self.new_since.isoformat() if self.new_since else ""),
            "unseen": own(self.unseen.seq if self.unseen else ""),
            "earlier": own(self.earlier or ""),
            "later": own(self.later or ""),
            "removal_words": own(f" – {self.removal.words}" if self.removal and self.removal.words else ""),
            "draft": own(self.draft.body if self.draft else ""),
            "saved": own(words.clock_time(self.draft.saved_at, current_locale()) if self.draft else ""),
            "reply_id": own(self.replying_to.id if self.replying_to else ""),
            "reply_name": own(self.replying_to.name if self.replying_to else ""),
            "key": own(uuid4()),
            "files": self._files(record, base),
            "conclusion": own(conclusion_markup(self.conclusion, base=base) if self.conclusion else ""),
        }

    def _files(self, record: Record, base: str) -> Own:
        if not self.unposted:
            return own("")
        template = environment(current_locale()).get_template("files/_uploaded.html")
        return Own(template.render(files=self.unposted, refused={}, record=record, base=base))

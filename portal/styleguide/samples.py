"""Sample content for the page that shows every component in every state. Fictional, and in Swedish
like all content; labels are not content."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from portal import words
from portal.files.models import Attached, Attachment
from portal.web import Form, _, current_locale
from portal.web.sorting import Sorted
from portal.web.templates import ROOT

COLOURS = (
    "paper",
    "surface",
    "sunken",
    "ink",
    "ink-2",
    "line",
    "edge",
    "petrol",
    "petrol-soft",
    "gold",
    "gold-soft",
    "red",
    "red-soft",
    "green",
    "green-soft",
)


@dataclass(frozen=True)
class SampleName:
    name: str


@dataclass(frozen=True)
class SampleMembership:
    unit: SampleName | None


@dataclass(frozen=True)
class SampleRecord:
    """As much of a record as the state words need."""

    handling: str
    id: int = 1
    path: str = "#content"
    heading: str = "EU:s rättsakt om överkomliga bostäder"


@dataclass(frozen=True)
class SampleComment:
    """As much of a comment as its partial shows."""

    id: int
    author: SampleName
    unit: str
    html: str
    created_at: datetime
    parent_id: int | None = None
    author_id: int = 0
    seq: int = 1
    version: int = 1
    is_hidden: bool = False
    is_held: bool = False
    is_redacted: bool = False
    edited_at: datetime | None = None
    hidden_reason: str = ""
    hidden_words: str = ""
    redacted_reason: str = ""
    files: tuple[Attached, ...] = ()
    membership: SampleMembership = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "membership", SampleMembership(SampleName(self.unit)))

    @property
    def name(self) -> str:
        return self.author.name


@dataclass(frozen=True)
class SampleReport:
    """As much of a report as the queue of moderation shows."""

    reason: str
    words: str
    person: SampleName
    at: datetime
    version: int = 1


@dataclass(frozen=True)
class SampleCase:
    """A reported comment, as the queue of moderation shows it."""

    comment: SampleComment
    record: SampleRecord
    reports: tuple[SampleReport, ...]


def samples() -> dict[str, Any]:
    """Everything that styleguide.html shows."""
    return {
        "colours": COLOURS,
        "icon_names": json.loads((ROOT / "static" / "icons.json").read_text(encoding="utf-8")),
        "moment": _at(12, 31),
        "records": [SampleRecord("working"), SampleRecord("finalised"), SampleRecord("registered")],
        "comments": _comments(),
        "unsent": [
            ("Vi har samma fråga inom hemvården.", "", False),
            ("Kan vi svara gemensamt?", _("Tråden är låst. Texten finns kvar här."), False),
            ("Jag frågar Granbo AB.", "", True),
        ],
        "case": _case(),
        "waiting_files": [
            Attachment(id=2, name="reningsverket.png", kind="png", size=48_200, sha256="", width=640, height=480),
            Attachment(id=3, name="fragor-till-elevraden.odt", kind="odt", size=1_280, sha256=""),
        ],
        "thread": _thread(),
        "locked": {
            "is_locked": True,
            "may_write": False,
            "has_draft": True,
            "has_conclusion": False,
            "has_new": False,
            "is_reply": False,
            "held": 0,
        },
        "no_form": Form(),
        "changed_form": _changed_form(),
        "typed": {"body": ["Uppgifter om uthyrda lägenheter behöver nå kommunen varje vecka."]},
        "changes": [("equal", "Uppgifter behöver nå kommunen varje "), ("delete", "månad"), ("insert", "vecka"), ("equal", ".")],
        "plain_form": Form(values={"title_too": "Nya avloppsdirektivet", "audience": "network", "themes": ["climate"], "trusted": True}),
        "wrong_form": _wrong_form(),
        **_choices(),
        "positions": Sorted(_positions(), "unit", lambda wanted: "#content"),
    }


def _choices() -> dict[str, list[tuple[str, str]]]:
    """What there is to choose from in its forms: value and words."""
    return {
        "units": [("", _("Välj enhet")), ("1", "Granbo AB"), ("2", "Vård och omsorg"), ("3", "Bildning")],
        "themes": [("climate", _("Klimat")), ("youth", _("Unga")), ("business", _("Näringsliv"))],
        "audiences": [("network", _("Alla i nätverket")), ("unit", _("Bara min enhet")), ("guests", _("Nätverket och inbjudna gäster"))],
    }


def _positions() -> tuple[tuple[str, str, str, str], ...]:
    """Unit, what it says, icon, and the day it said so."""
    return (
        ("Bildning", _("Inget svar"), "circle-dashed", ""),
        ("Granbo AB", _("Tillstyrker med ändring"), "circle-check", "2026-11-23"),
        ("Vård och omsorg", _("Tillstyrker"), "circle-check", "2026-11-20"),
    )


def _wrong_form() -> "Form[Any]":
    return Form(
        values={"title": "", "means": "Vi byter ledningsnät ändå.", "themes": []},
        errors={
            "title": _("Skriv en rubrik."),
            "day": _("Välj en dag."),
            "unit": _("Välj ett av alternativen."),
            "themes": _("Välj minst ett tema."),
        },
    )


def _changed_form() -> "Form[Any]":
    """Somebody else was quicker with it."""
    form = Form[Any](values={"place_too": "Rum Tranan", "minutes_too": "15"})
    form.stored = {"place_too": "Rum Svanen", "minutes_too": "15", "since_too": ""}
    return form


def _comments() -> list[SampleComment]:
    ingela, sirkka, guest = SampleName("Ingela Rask"), SampleName("Sirkka Laine"), SampleName("Pelle Öhrn")
    return [
        SampleComment(
            1,
            sirkka,
            "Vård och omsorg",
            "<p>Vi har samma fråga inom hemvården. Kan vi svara gemensamt?</p>",
            _at(12, 31),
            files=(Attached(id=1, name="fragor-till-elevraden.odt", kind="odt", size=1280, alt="", width=None, height=None),),
        ),
        SampleComment(
            2,
            ingela,
            "EU-samordnare",
            '<p><strong class="mention">@Sirkka Laine</strong> Ja. Jag flyttar detta till <strong>avsnitt 2</strong>, så att synpunkten kommer med.</p>',
            _at(12, 40),
            parent_id=1,
            author_id=1,
            files=(_picture(1),),
            edited_at=_at(12, 44),
        ),
        SampleComment(3, guest, "Vitsjö Bygg", "", _at(12, 52), is_hidden=True, hidden_reason="personal_data"),
        SampleComment(4, guest, "Vitsjö Bygg", "<p>Hör gärna av er till oss.</p>", _at(13, 5), is_held=True),
        SampleComment(5, guest, "Vitsjö Bygg", "", _at(13, 9), is_redacted=True, redacted_reason="personal_data"),
    ]


def _thread() -> dict[str, Any]:
    """What comments/_thread.html is given besides its comments (ThreadView.around): everything in it that there can be."""
    said = {
        "draft": "Jag tar upp det på mötet.",
        "saved": words.clock_time(_at(12, 31), current_locale()),
        "reply_name": "Sirkka Laine",
        "counted": "",
        "here_now": "",
        "my_name": "",
        "my_initials": "",
    }
    numbers = dict.fromkeys(
        (
            "address",
            "sign_in",
            "record_id",
            "stream_id",
            "cursor",
            "count",
            "new_since",
            "unseen",
            "earlier",
            "later",
            "reply_id",
            "key",
            "me",
        ),
        "",
    )
    yes = dict.fromkeys(
        [
            "may_write",
            "may_comment",
            "may_hide",
            "may_lock",
            "may_attach",
            "may_conclude",
            "must_wait",
            "writes",
            "has_new",
            "has_draft",
            "has_conclusion",
            "is_reply",
            "has_earlier",
            "has_later",
        ],
        True,
    )
    no = dict.fromkeys(("is_guest", "is_locked", "is_over", "is_empty", "has_unseen", "has_been_here", "removal"), False)
    return {
        **said,
        **numbers,
        **yes,
        **no,
        "removal_words": "",
        "level": "mentions",
        "held": 1,
        "heard": ("Granbo AB",),
        "silent": ("Bildning", "Vård och omsorg"),
    }


def _picture(number: int) -> Attached:
    return Attached(id=number, name="reningsverket.png", kind="png", size=48_200, alt="Reningsverket i Norrbyn", width=640, height=480)


def _case() -> SampleCase:
    said = SampleComment(6, SampleName("Bengt Sjöholm"), "Tekniska", "<p>Ring henne hemma så länge.</p>", _at(15, 40))
    report = SampleReport("personal_data", "Det behöver inte stå här.", SampleName("Maja Lindqvist"), _at(16, 6))
    return SampleCase(said, SampleRecord("working"), (report,))


def _at(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 22, hour - 1, minute, tzinfo=UTC)

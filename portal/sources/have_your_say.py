"""Answers of the Commission's "Have your say" portal → initiatives with their feedback windows (no network, no database).

The backend is undocumented: `searchInitiatives` gives a list in one of two envelopes, `groupInitiatives/{id}` one initiative
in detail. Only the fields named here are read; names, addresses and telephone numbers of officials are not among them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

import nh3

from portal.clock import BRUSSELS
from portal.fields import _l
from portal.sources.answer import Foreign, Part, parse, prose

__all__ = ["Document", "Foreign", "Initiative", "Window", "read"]

PORTAL = "https://ec.europa.eu/info/law/better-regulation"
STAGES = {
    "INIT_PLANNED": "planned",
    "PLANNING_WORKFLOW": "call_for_evidence",
    "OPC_LAUNCHED": "public_consultation",
    "ISC_WORKFLOW": "draft_act",
    "ADOPTION_WORKFLOW": "adopted_proposal",
}
WRITTEN = re.compile("([0-9]{4})/([0-9]{2})/([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})")
YEARS = range(1990, 2101)
NEVER = datetime(2200, 1, 1, tzinfo=UTC)
BLOCKS = {"p", "br", "li", "div", "h1", "h2", "h3", "h4", "tr"}
LONGEST_TITLE, LONGEST_SUMMARY = 2_000, 50_000


@dataclass(frozen=True, kw_only=True)
class Window:
    """A period for feedback. `key` is its stage, with a number if the initiative has several of that stage; so it
    survives moved dates. `stage` is our code, or the portal's if we have none. `closes_at` is the last second."""

    key: str
    stage: str
    opens_at: datetime | None
    closes_at: datetime | None
    published_text: str
    source_status: str
    tz: str = BRUSSELS.key


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file of the current publication in one language."""

    language: str
    name: str
    url: str
    pages: int | None
    original: bool


@dataclass(frozen=True, kw_only=True)
class Initiative:
    """An initiative as one answer tells of it. The list has no summaries, dates, lead department and documents, and only
    current windows: unless `detailed`, what is empty here may be known from before."""

    key: str
    reference: str
    title_sv: str
    title_en: str
    summary_sv: str
    summary_en: str
    topics: tuple[str, ...]
    act_type: str
    status: str
    url: str
    published_at: datetime | None
    changed_at: datetime | None
    lead_dg: str
    windows: tuple[Window, ...]
    documents: tuple[Document, ...]
    detailed: bool


def read(payload: bytes) -> list[Initiative]:
    """The initiatives in a recorded answer, or Foreign: nothing is left out silently."""
    value = parse(payload)
    if isinstance(value, list):
        raise Foreign(_l("Filen är en lista som någon har bearbetat. Spara portalens eget svar, som det kommer."))
    answer = Part.of(value)
    if "initiativeResultDtoPage" in answer.fields:
        found = [_initiative(item) for item in _content(answer.part("initiativeResultDtoPage"), "content")]
    elif "_embedded" in answer.fields:
        found = [_initiative(item) for item in _content(answer.part("_embedded"), "initiativeResultDtoes")]
    elif "publications" in answer.fields:
        found = [_initiative(answer, detailed=True)]
    else:
        raise Foreign(_l("Filen är inte ett svar från searchInitiatives eller groupInitiatives."))
    return list({initiative.key: initiative for initiative in found}.values())


def _content(page: Part, name: str) -> list[Part]:
    if page.fields.get(name) is None:
        raise Foreign(_l("Filen saknar listan över initiativ."), name)
    return page.parts(name)


def _initiative(part: Part, *, detailed: bool = False) -> Initiative:
    number = part.number("id")
    title = part.line("shortTitle", longest=LONGEST_TITLE) or _translated(part, "SHORT_TITLE", "EN")
    title_sv = _translated(part, "SHORT_TITLE", "SV") or title
    if not title_sv:
        raise Foreign(_l("Ett initiativ saknar titel."), part.where)
    publications = part.parts("publications")
    summary = prose(part.raw("dossierSummary", longest=LONGEST_SUMMARY))
    return Initiative(
        key=f"hys:{number}",
        reference=part.line("reference"),
        title_sv=title_sv,
        title_en=title or title_sv,
        summary_sv=_translated(part, "SUMMARY", "SV") or summary,
        summary_en=_translated(part, "SUMMARY", "EN") or summary,
        topics=tuple(dict.fromkeys(code for topic in part.parts("topics") if (code := topic.line("code")))),
        act_type=part.line("foreseenActType"),
        status=part.line("initiativeStatus"),
        url=f"{PORTAL}/have-your-say/initiatives/{number}",
        published_at=_moment(part, "publishedDate"),
        changed_at=_moment(part, "modifiedDate") or _moment(part, "orderDate"),
        lead_dg=part.line("dg"),
        windows=_windows(publications, _of_publication) if detailed else _windows(part.parts("currentStatuses"), _of_status),
        documents=_documents(publications),
        detailed=detailed,
    )


def _translated(part: Part, field: str, language: str) -> str:
    for translation in part.parts("initiativeTranslations"):
        if (translation.line("field"), translation.line("language")) == (field, language):
            if field == "SHORT_TITLE":
                return translation.line("value", longest=LONGEST_TITLE)
            return _text_of(translation.raw("value", longest=LONGEST_SUMMARY))
    return ""


def _text_of(markup: str) -> str:
    """HTML as plain text, a paragraph a line."""
    safe = nh3.clean(markup, tags=BLOCKS, attributes={})
    lines = prose(re.sub("<[^<>]*>", "\n", safe)).split("\n")
    return "\n".join(filter(None, (" ".join(words.split()) for words in lines)))


def _moment(part: Part, name: str) -> datetime | None:
    """A moment by the clock in Brussels, which is what the portal's dates without zone are."""
    raw = part.raw(name, longest=40).strip()
    if not raw:
        return None
    if not (found := WRITTEN.fullmatch(raw)):
        raise Foreign(_l("Filen har ett datum i en annan form än 2026/09/28 23:59:59."), f"{part.where}.{name}")
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=BRUSSELS)
    except ValueError as error:
        raise Foreign(_l("Filen har ett datum som inte finns."), f"{part.where}.{name}") from error
    if year not in YEARS:
        raise Foreign(_l("Filen har ett orimligt datum."), f"{part.where}.{name}")
    return moment


Dates = tuple[datetime | None, datetime | None, str]


def _of_status(status: Part) -> Dates:
    start, end = "feedbackStartDate", "feedbackEndDate"
    return _moment(status, start), _last_second(_moment(status, end)), status.line(end)


def _of_publication(publication: Part) -> Dates:
    """When it was published, feedback opened. One that is still to come has planned dates at most."""
    if publication.line("receivingFeedbackStatus") == "UPCOMING" and not publication.line("endDate"):
        start, end = "plannedStartDate", "plannedEndDate"
    else:
        start, end = "publishedDate", "endDate"
    return _moment(publication, start), _last_second(_moment(publication, end)), publication.line(end)


def _windows(parts: Iterable[Part], dates_of: Callable[[Part], Dates]) -> tuple[Window, ...]:
    rows = [(part.line("frontEndStage"), part.line("receivingFeedbackStatus"), dates_of(part)) for part in parts]
    invited = [row for row in rows if row[1] != "DISABLED" and (row[1] or any(row[2]))]
    seen: Counter[str] = Counter()
    windows = []
    for code, status, (opens_at, closes_at, published_text) in sorted(invited, key=lambda row: row[2][0] or NEVER):
        stage = STAGES.get(code, code) or "unknown"
        seen[stage] += 1
        windows.append(
            Window(
                key=stage if seen[stage] == 1 else f"{stage}:{seen[stage]}",
                stage=stage,
                opens_at=None if opens_at and closes_at and opens_at > closes_at else opens_at,
                closes_at=closes_at,
                published_text=published_text,
                source_status=status,
            )
        )
    return tuple(windows)


def _last_second(moment: datetime | None) -> datetime | None:
    """Midnight is a date without time: that day is the last one."""
    if moment and moment.time() == time.min:
        return moment.replace(hour=23, minute=59, second=59)
    return moment


def _documents(publications: Sequence[Part]) -> tuple[Document, ...]:
    current = [publication for publication in publications if publication.flag("isCurrent")]
    return tuple(_document(part) for publication in current for part in publication.parts("attachments"))


def _document(part: Part) -> Document:
    identity = part.line("documentId")
    if not re.fullmatch("[0-9A-Za-z]{1,64}", identity):
        raise Foreign(_l("Filen har ett dokument utan giltigt nummer."), part.where)
    return Document(
        language=part.line("language").lower(),
        name=part.line("ersFileName") or part.line("filename"),
        url=f"{PORTAL}/api/download/{identity}",
        pages=part.number("pages") if part.fields.get("pages") else None,
        original=part.flag("isOriginal"),
    )

"""Every route below /{network} but those of networks' own: who may, with what, and what the others are told."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from portal import clock
from tests.authz.world import MEMBERS

COORDINATOR = ("coordinator",)
LOG_READERS = ("coordinator", "registrar")
WRITERS = ("coordinator", "contact", "deputy", "head")
AUTHOR = ("contact",)
LEAD = ("coordinator", "head")  # the head leads a working group: {led_group}, whose meeting is {led}
EVERYONE = (*MEMBERS, "guest")
OTHERS = tuple(role for role in EVERYONE if role not in AUTHOR)
FINDING = {"title": "Titel", "happens": "Händer", "means": "Betyder", "themes": "{theme}"}
MEETING = {"title": "Träff", "day": "2031-03-04", "starts": "13:00", "ends": "15:00"}
SERIES = {**MEETING, "repeats": "weeks", "every": "2", "times": "2", "days": "2031-03-18"}
USUAL = {"year": "2031", "title": "Nätverksträff", "starts": "13:00", "ends": "15:30"}
CALL = {"title_sv": "Vänortsmöten", "programme": "CERV", "closes_on": "2031-03-04"}
WINDOW = {"stage": "national_remiss", "closes_on": "2031-03-04"}
SECTION = {"heading": "Rubrik", "body": "Text.", "version": "1"}


@dataclass(frozen=True)
class Row:
    """`allowed` get `ok`; other members, and a guest it is shared with, get `refused` (the guest `guest`, where that is
    something else); `data` is what they post, and whether that `writes` anything."""

    method: str
    path: str
    allowed: tuple[str, ...]
    data: dict[str, str] = field(default_factory=dict)
    ok: int = 200
    refused: int = 403
    guest: int | None = None
    writes: bool = True
    matrix: str = ""  # which rows of the matrix of rights it stands for, where it has a state of its own there

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def label(self) -> str:
        return f"{self.matrix} {self}".strip()

    def expected(self, role: str) -> int:
        if role in ("anonymous", "closed"):
            return 303 if self.method == "GET" else 401
        if role in ("outsider", "former"):
            return 404
        if role == "guest" and self.guest is not None:
            return self.guest
        return self.ok if role in self.allowed else self.refused

    @property
    def names_a_row(self) -> bool:
        return "{" in self.path


def shows(path: str, allowed: tuple[str, ...] = EVERYONE, refused: int = 403, guest: int | None = None, *, matrix: str = "") -> Row:
    return Row("GET", path, allowed, refused=refused, guest=guest, matrix=matrix)


def does(
    path: str,
    allowed: tuple[str, ...],
    data: dict[str, str] | None = None,
    *,
    ok: int = 303,
    refused: int = 403,
    guest: int | None = None,
    writes: bool = True,
    matrix: str = "",
) -> Row:
    return Row("POST", path, allowed, data or {}, ok, refused, guest, writes, matrix)


def words(body: str = "Ett ord.") -> dict[str, str]:
    return {"body": body, "key": "{key}"}


def filled(data: dict[str, str], numbers: dict[str, int]) -> dict[str, str]:
    """The data with numbers, a fresh key and a day in two weeks in their places."""
    soon = clock.today() + timedelta(days=14)
    return {name: value.format(**numbers, key=uuid4(), soon=soon) for name, value in data.items()}


ROWS = [
    shows(""),
    shows("/waiting"),
    shows("/search"),
    shows("/calendar", MEMBERS),
    does("/calendar/feeds", MEMBERS, {"name": "Telefonen"}, ok=200, matrix="A54"),
    shows("/calendar/feeds/{feed}", AUTHOR, refused=404),
    does("/calendar/feeds/{feed}", AUTHOR, {"name": "Surfplattan", "scope": "everything", "alarm": "day"}, refused=404),
    does("/calendar/feeds/{to_renew}/renewal", AUTHOR, ok=200, refused=404),
    does("/calendar/feeds/{old_feed}/ending", AUTHOR, refused=404),
    shows("/findings", matrix="A09"),
    shows("/findings/new", WRITERS),
    does("/findings", WRITERS, FINDING, matrix="A10"),
    does("/findings/draft", WRITERS, {"title": "Påbörjad"}, ok=204),
    does("/findings/draft/discarding", WRITERS),
    shows("/findings/{finding}", matrix="A03 A04"),
    shows("/findings/{finding}/edit", ("coordinator", "contact")),
    does("/findings/{finding}", ("coordinator", "contact"), FINDING, matrix="A11"),
    does("/findings/{finding}/fate", COORDINATOR, {"fate": "watched"}),
    shows("/meetings", matrix="A09"),
    shows("/meetings/new", LEAD),
    does("/meetings", COORDINATOR, MEETING, matrix="A10 A44"),
    shows("/meetings/{meeting}", matrix="A03 A04 A43"),
    shows("/meetings/{meeting}/edit", COORDINATOR),
    does("/meetings/{meeting}", COORDINATOR, MEETING, matrix="A11 A45"),
    does("/meetings/{meeting}/answer", EVERYONE, {"answer": "yes"}, matrix="A46"),
    does("/meetings/{held}/attendance", COORDINATOR, {"present": "{contact}"}),
    does("/meetings/{to_summon}/summons", COORDINATOR),
    does("/meetings/{to_hold}/holding", COORDINATOR),
    shows("/meetings/{held}/minutes/circulation", COORDINATOR),
    does("/meetings/{reviewed}/minutes/circulation", COORDINATOR, {"respond_by": "{soon}", "adjuster_id": "{contact}"}),
    does("/meetings/{reviewed}/minutes/approval", ("coordinator", "contact"), {"mark": "0"}, ok=409),  # of another text
    shows("/meetings/{reviewed}/sections/{reviewed_section}/correction", ("coordinator", "contact")),
    does(
        "/meetings/{reviewed}/corrections",
        ("coordinator", "contact"),
        {"section_id": "{reviewed_section}", "version": "1", "body": "Bättre ord."},
    ),
    does("/meetings/{reviewed}/corrections/{correction}/ruling", COORDINATOR, {"outcome": "declined", "word": "Nej."}),
    shows("/meetings/{locked}/minutes/registration", ("registrar",)),
    does("/meetings/{locked}/minutes/registration", ("registrar",), {"registry_no": "KS 2026/1"}),
    shows("/meetings/{locked}/amendments/new", COORDINATOR),
    does("/meetings/{locked}/amendments", COORDINATOR, {"body": "Fel datum."}),
    shows("/meetings/{meeting}/papers"),
    shows("/meetings/{meeting}/papers/notes"),
    shows("/meetings/{meeting}/papers/agenda"),
    shows("/meetings/papers", matrix="A09"),
    shows("/actions", matrix="A09"),
    does("/meetings/{reviewed}/actions", COORDINATOR, {"what": "Ringa", "owner_id": "{contact}"}),
    shows("/actions/{action}", COORDINATOR),
    does("/actions/{action}", COORDINATOR, {"what": "Skriva", "owner_id": "{contact}"}),
    does("/actions/{action}/closure", ("contact", "coordinator")),
    does("/actions/{action}/opening", ("contact", "coordinator")),
    does("/actions/{mistaken}/removal", COORDINATOR),
    shows("/meetings/{to_cancel}/cancellation", COORDINATOR),
    does("/meetings/{to_cancel}/cancellation", COORDINATOR, {"reason": "Snöstorm"}),
    shows("/meetings/{meeting}/note-takers", COORDINATOR),
    does("/meetings/{meeting}/note-takers", COORDINATOR, {"member": "{contact}"}),
    does("/meetings/{meeting}/agenda", COORDINATOR, {"title": "Övrigt"}),
    shows("/meetings/{meeting}/agenda/{item}", COORDINATOR),
    does("/meetings/{meeting}/agenda/{item}", COORDINATOR, {"title": "Inledning"}),
    does("/meetings/{meeting}/agenda/{gone}/removal", COORDINATOR),
    does("/meetings/{meeting}/agenda/{item}/rise", COORDINATOR),
    does("/meetings/{meeting}/agenda/{item}/fall", COORDINATOR),
    shows("/meetings/groups", MEMBERS),
    shows("/meetings/groups/new", COORDINATOR),
    does("/meetings/groups", COORDINATOR, {"name": "{key}"}),
    shows("/meetings/groups/{group}", MEMBERS, guest=404),
    shows("/meetings/groups/{group}/edit", COORDINATOR, guest=404),
    does("/meetings/groups/{group}", COORDINATOR, {"name": "{key}"}, guest=404),
    does("/meetings/groups/{to_end}/closure", COORDINATOR, guest=404),
    does("/meetings/groups/{ended}/opening", COORDINATOR, guest=404),
    does("/meetings/groups/{group}/members", COORDINATOR, {"member_id": "{head}"}, guest=404),
    does("/meetings/groups/{group}/members/{place}/ending", COORDINATOR, guest=404),
    does("/meetings/series", COORDINATOR, SERIES),
    shows("/meetings/series/{series}", MEMBERS, guest=404),
    does("/meetings", LEAD, {**MEETING, "group_id": "{led_group}"}),
    shows("/meetings/{led}/edit", LEAD),
    does("/meetings/{led}", LEAD, {**MEETING, "group_id": "{led_group}"}),
    does("/meetings/{led}/attendance", LEAD, {"present": "{head}"}),
    does("/meetings/{led}/room/presence", LEAD, {"membership_id": "{head}", "present": "true"}),
    does("/meetings/{led}/visitors", LEAD, {"name": "Eva"}),
    does("/meetings/{led}/agenda", LEAD, {"title": "Övrigt"}),
    does("/meetings/{led}/agenda/{led_item}", LEAD, {"title": "Inledning"}),
    does("/meetings/{led}/agenda/{led_item}/fall", LEAD),
    does("/meetings/{led}/room/floor", LEAD, {"item_id": "{led_item}"}),
    shows("/meetings/{led}/note-takers", LEAD),
    does("/meetings/{also_led}/note-takers", LEAD, {"member": "{contact}"}),
    shows("/meetings/{led}/cancellation", LEAD),  # who summons and cancels does it once: see tests/meetings/test_leading.py
    shows("/meetings/{led}/minutes/circulation", COORDINATOR),
    shows("/records/{led}/shares", COORDINATOR),
    does("/meetings/groups/{led_group}", COORDINATOR, {"name": "{key}", "lead_id": "{head}"}, guest=404),
    shows("/meetings/{in_series}/following", COORDINATOR),
    does("/meetings/{in_series}/following", COORDINATOR, {"starts": "09:00", "ends": "10:00"}),
    shows("/meetings/{in_series}/following/cancellation", COORDINATOR),
    does("/meetings/{in_spare_series}/following/cancellation", COORDINATOR, {"reason": "Snöstorm"}),
    shows("/meetings/year", MEMBERS),
    does("/meetings/reminders", COORDINATOR, {"day": "2031-05-09", "title": "Europadagen", "yearly": "true"}),
    does("/meetings/reminders/{reminder}/removal", COORDINATOR, guest=404),
    shows("/meetings/plan", COORDINATOR),
    does("/meetings/plan", COORDINATOR, USUAL),
    does("/meetings/plan/days", COORDINATOR, {"day": "2031-03-05"}),
    shows("/meetings/plan/days/{planned}", COORDINATOR, refused=404),
    does("/meetings/plan/days/{planned}", COORDINATOR, {"title": "Vårträff", "starts": "09:00", "ends": "11:00"}, refused=404),
    does("/meetings/plan/days/{unplanned}/removal", COORDINATOR, refused=404),
    does("/meetings/plan/rhythm", COORDINATOR, {"year": "2032"}),
    does("/meetings/plan/publication", COORDINATOR, {"year": "2033"}),
    does("/meetings/{meeting}/agenda/order", COORDINATOR, {"item": "1"}, ok=409),  # of another agenda
    shows("/meetings/{meeting}/agenda/copy", COORDINATOR),
    does("/meetings/{meeting}/agenda/copy", COORDINATOR, {"meeting_id": "{held}"}),
    does("/meetings/{meeting}/agenda/{item}/records", COORDINATOR, {"record_id": "{finding}"}),
    does("/meetings/{meeting}/agenda/{item}/records/{finding}/removal", COORDINATOR),
    shows("/meetings/{meeting}/room"),
    does("/meetings/{reviewed}/room/floor", COORDINATOR, {"item_id": "{reviewed_item}"}),
    does("/meetings/{held}/room/presence", COORDINATOR, {"membership_id": "{contact}", "present": "true"}),
    does("/meetings/{held}/visitors", COORDINATOR, {"name": "Eva"}),
    does("/meetings/{held}/visitors/{visitor}/removal", COORDINATOR),
    does("/meetings/{reviewed}/agenda/{reviewed_item}/decision", COORDINATOR, {"decision": "Bifalles."}),
    shows("/meetings/{meeting}/documents"),
    does("/meetings/{meeting}/documents", WRITERS, ok=415, writes=False),  # an ordinary form brings no files
    does("/meetings/{held}/documents/{document}/versions", WRITERS, ok=415, writes=False),
    does("/meetings/{held}/documents/{document}/removal", ("contact", "coordinator")),
    shows("/meetings/proposals", MEMBERS),
    does("/meetings/proposals", WRITERS, {"title": "Ett förslag"}),
    does("/meetings/proposals/{proposal}/taking", COORDINATOR, {"meeting_id": "{meeting}"}, guest=404),
    shows("/meetings/proposals/{unwanted}/declining", COORDINATOR, guest=404),
    does("/meetings/proposals/{unwanted}/declining", COORDINATOR, {"word": "Inte nu."}, guest=404),
    does("/meetings/proposals/{regretted}/withdrawal", AUTHOR, guest=404),
    shows("/meetings/calendars", COORDINATOR),
    does("/meetings/calendars", COORDINATOR, {"name": "Skolan", "url": "https://exempel.invalid/{key}.ics"}),
    does(
        "/meetings/calendars/file", COORDINATOR, {"file_name": "Skolan"}, ok=422, writes=False
    ),  # tests/sources has those that bring a file
    shows("/meetings/calendars/{other_calendar}", COORDINATOR, refused=404),
    does("/meetings/calendars/{other_calendar}/reading", COORDINATOR, refused=404),
    does("/meetings/calendars/{old_calendar}/renewal", COORDINATOR, refused=404),
    does("/meetings/calendars/{to_stop}/ending", COORDINATOR, refused=404),
    does("/meetings/calendars/{to_forget}/removal", COORDINATOR, refused=404),
    shows("/consultations", matrix="A09"),
    shows("/consultations/new", COORDINATOR),
    does("/consultations", COORDINATOR, {"title_sv": "Remiss", **WINDOW}),
    shows("/consultations/{consultation}", matrix="A03 A04"),
    does("/consultations/{consultation}/triage", COORDINATOR, {"triage": "watching"}),
    shows("/consultations/{consultation}/edit", COORDINATOR),
    does("/consultations/{consultation}", COORDINATOR, {"title_sv": "Remiss"}),
    shows("/consultations/{consultation}/windows/new", COORDINATOR),
    does("/consultations/{consultation}/windows", COORDINATOR, WINDOW),
    shows("/consultations/{consultation}/windows/{window}", COORDINATOR),
    does("/consultations/{consultation}/windows/{window}", COORDINATOR, WINDOW),
    shows("/consultations/{consultation}/units", COORDINATOR),
    does("/consultations/{consultation}/units", COORDINATOR, {"unit": "{school}"}),
    shows("/calls", matrix="A09"),
    shows("/calls/new", WRITERS),
    does("/calls", WRITERS, CALL),
    shows("/calls/{call}", matrix="A03 A04"),
    shows("/calls/{call}/edit", ("coordinator", "contact")),
    does("/calls/{call}", ("coordinator", "contact"), CALL),
    shows("/texts/{text}"),
    does("/texts/{text}/sections", ("coordinator", "contact"), {"heading": "Nytt avsnitt"}),
    shows("/sections/{section}/edit", ("coordinator", "contact")),
    shows("/sections/{section}/versions"),
    does("/sections/{next_section}", ("coordinator", "contact"), SECTION),
    does("/sections/{section}/draft", ("coordinator", "contact"), {"body": "Påbörjat", "version": "1"}, ok=204),
    does("/sections/{section}/draft/discarding", EVERYONE),
    does("/sections/{section}/document", ("coordinator", "contact"), ok=200),
    does("/sections/{section}/versions", ("coordinator", "contact"), {"name": "Till remissen"}),
    does("/sections/{section}/versions/{version}/restoring", ("coordinator", "contact")),
    does(
        "/sections/{section}/undoing",
        ("coordinator", "contact"),
        {"person": "{contact_person}", "since": "2026-01-01T08:00", "until": "2026-01-01T09:00"},
        ok=409,
    ),
    does("/sections/{section}/heading", ("coordinator", "contact"), {"heading": "Annan rubrik"}),
    does("/texts/{text}/conclusion", ("coordinator", "contact"), {"section": "{section}"}),
    shows("/records/titles", matrix="A31"),
    does("/records/{finding}/following", EVERYONE, {"level": "off"}),
    does("/records/{finding}/reading", EVERYONE, ok=204),
    shows("/records/{finding}/history", MEMBERS),
    shows("/records/{finding}/shares", COORDINATOR),
    does("/records/{finding}/shares", COORDINATOR, {"guest": "{guest}"}),
    does("/records/{spare}/shares/{guest}/ending", COORDINATOR),
    does("/records/{finding}/comments", (*WRITERS, "guest"), words(), matrix="A16"),
    does("/records/{finding}/draft", (*WRITERS, "guest"), {"body": "Jag tänkte"}, ok=204),
    shows("/records/{finding}/files", WRITERS),
    does("/records/{finding}/files", WRITERS, ok=415, writes=False),  # an ordinary form brings no files; tests/files has those that do
    shows("/files/{picture}"),
    shows("/files/{picture}/thumbnail"),
    shows("/files/{picture}/{called}"),
    does("/files/{waiting}/removal", AUTHOR, refused=404),
    does("/records/{meeting}/lock", COORDINATOR),
    does("/records/{meeting}/unlocking", COORDINATOR),
    Row("GET", "/comments/{comment}", EVERYONE, ok=303),
    shows("/comments/{comment}/edit", AUTHOR),
    shows("/comments/{comment}/versions"),
    does("/comments/{comment}/draft", AUTHOR, {"body": "Bättre"}, ok=204),
    does("/comments/{comment}", AUTHOR, {"body": "Bättre ord.", "version": "2"}),
    shows("/comments/{comment}/conclusion", COORDINATOR),
    does("/comments/{comment}/conclusion", COORDINATOR),
    does("/comments/{comment}/conclusion/removal", COORDINATOR),
    shows("/comments/{comment}/hiding", COORDINATOR),
    does("/comments/{comment}/restoration", COORDINATOR),
    shows("/comments/{comment}/report", OTHERS),
    does("/comments/{comment}/report", OTHERS, {"reason": "insult"}),
    does("/comments/{comment}/dismissal", COORDINATOR),
    shows("/comments/{comment}/redaction", COORDINATOR),
    does("/comments/{comment}/redaction", COORDINATOR, {"reason": "personal_data"}, ok=200, writes=False),  # asks once more
    does("/comments/{to_hide}/hiding", COORDINATOR, {"reason": "off_topic"}),
    does("/comments/{to_redact}/redaction", COORDINATOR, {"reason": "personal_data", "typed": "ta bort texten"}),
    does("/comments/{waits}/approval", COORDINATOR, {"version": "1"}, refused=404, guest=403),
    shows("/records/{finding}/removals", COORDINATOR),
    does("/records/{quiet}/removals", COORDINATOR, {"person": "{contact_person}", "reason": "insult"}),
    does("/records/{quiet}/removals/{contact_person}/ending", COORDINATOR),
    shows("/rulings/{ruling}", AUTHOR, refused=404),
    does("/rulings/{ruling}/receipt", AUTHOR, refused=404),
    shows("/moderation", COORDINATOR, guest=404),
    shows("/moderation/log", LOG_READERS, guest=404),
    shows("/moderation/log.csv", LOG_READERS, guest=404),
    shows("/moderation/log.json", LOG_READERS, guest=404),
]

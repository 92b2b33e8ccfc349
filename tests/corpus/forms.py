"""Every form of the portal: what it takes, and what is wrong for each kind of field."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TEXTS = {"F01": ("", "   ", "\u00a0\u200b\u2060"), "F03": ("Ett\x00ord",)}
LONG_ADDRESS = "a@" + ("b" * 60 + ".") * 4 + "b" * 6 + ".se"  # 255 characters, of which each part may be so
F20 = (
    "a@b",
    "a@@b.se",
    "a@b@c.se",
    '"a b"@c.se',
    '"a"@c.se',
    "å@x.se",
    "a@b.se.",
    "<a@b.se>",
    "a@[127.0.0.1]",
    "a@x.se\r\nRCPT TO:<b>",
    LONG_ADDRESS,
)
IDS = ("abc", "1e3", "9" * 25, "99999999999999999999", "9223372036854775808", "-9223372036854775809")
BAD = {
    "choice": ("finns-inte", "NEW", "\x00", "x" * 5000),
    "code": ("finns-inte", "klima", "\x00", "X" * 5000),
    "number": ("abc", "1e3", "1.5", "9" * 25, "9" * 5000, "\x00", "０x"),
    "id": (*IDS, "-", "\x00"),
    "date": ("2026-02-30", "i morgon", "0001-01-01", "9999-12-31", "99999-01-01", "\x00", "-1", "9" * 30),
    "moment": (
        "i morgon",
        "2026-02-30T10:00",
        "2026-01-01T25:00",
        "2026-01-01",
        "0001-01-01T00:00",
        "9999-12-31T23:59",
        "\x00",
        "9" * 30,
        "-1",
    ),
    "time": ("25:00", "kl ett", "13:00:61", "\x00", "9" * 30),
    "link": (
        "javascript:alert(1)",
        "http://",
        "ftp://a.se/x",
        "https://a.se:99999/",
        "https://[::1/",
        "\x00",
        "https://a.se/" + "x" * 2000,
    ),
    "uuid": ("abc", "\x00", "0" * 33),
    "yes": ("finns-inte", "\x00", "2", "x" * 5000),
    "email": (
        *F20,
        "maja",
        "maja@",
        "@b.se",
        "a b@c.se",
        "a@b.se\r\nBcc: x@y.se",
        "a@b.se,c@d.se",
        "\x00",
        "a" * 250 + "@b.se",
        "a@" + "b" * 300 + ".se",
    ),
}


@dataclass(frozen=True)
class Field:
    """`kind` is text or one of BAD; a text has a `longest`. A `usual` field may be left out, but not be empty."""

    kind: str
    longest: int = 0
    required: bool = False
    usual: bool = False

    def wrong(self) -> Iterator[tuple[str, str | None]]:
        """Values that must be refused, each with its row of the corpus if it has one; None leaves the field out."""
        if self.required:
            yield from () if self.usual else (("F01", None),)
            yield from (("F01", value) for value in TEXTS["F01"])
        if self.kind == "text":
            yield from (("F03", value) for value in TEXTS["F03"])
            yield "F02", "å" * (self.longest + 1)
        else:
            yield from (("F20" if value in F20 else "", value) for value in BAD[self.kind])


def text(longest: int, required: bool = False) -> Field:
    return Field("text", longest, required)


def need(kind: str) -> Field:
    return Field(kind, required=True)


@dataclass(frozen=True)
class Form:
    """`data` is right; `keeps` names a text that a refusal must show again ("" where a script posts and keeps it)."""

    path: str
    data: dict[str, str]
    fields: dict[str, Field]
    keeps: str = ""
    role: str = "coordinator"
    ok: int = 303
    outside: bool = False  # of every network: the path is the whole one

    def __str__(self) -> str:
        return self.path

    def address(self, numbers: dict[str, int]) -> str:
        """Where it is posted to."""
        return ("" if self.outside else "/granby") + self.path.format(**numbers)


def outside(path: str, data: dict[str, str], fields: dict[str, Field], **more: Any) -> Form:
    return Form(path, data, fields, outside=True, **more)


TOKEN = "t" * 43  # of an invitation that waits
TYPED = "Det här skrev jag länge på, med åäö."
PERIOD = {"opens_on": Field("date"), "closes_on": need("date"), "closes_time": Field("time"), "zone": Field("choice")}
WINDOW = {"stage": need("choice"), **PERIOD}
WINDOW_DATA = {"stage": "national_remiss", "closes_on": "2031-03-04"}
INITIATIVE = {
    "title_sv": text(300, True),
    "title_en": text(300),
    "url": Field("link"),
    "summary_sv": text(8000),
    "topics": Field("code"),
}
FINDING = {
    "title": text(200, True),
    "source_url": Field("link"),
    "happens": text(8000, True),
    "means": text(8000, True),
    "themes": need("id"),
}
FINDING_DATA = {"title": "Titel", "happens": TYPED, "means": "Betyder", "themes": "{theme}"}
MEETING = {
    "title": text(200, True),
    "day": need("date"),
    "starts": need("time"),
    "ends": need("time"),
    "place": text(200),
    "online_url": Field("link"),
    "purpose": text(4000),
    "announced": Field("yes"),
    "starts_in": Field("choice"),
    "ends_in": Field("choice"),
}
FEED = {"name": text(60, True), "scope": Field("choice"), "alarm": Field("choice")}
MEETING_DATA = {"title": "Träff", "day": "2031-03-04", "starts": "13:00", "ends": "15:00", "purpose": TYPED}
AGENDA = {"title": text(200, True), "minutes": Field("number"), "presenter": text(100), "goal": Field("choice")}
AGENDA_DATA = {"title": "Övrigt", "presenter": TYPED}
USUAL = {"title": Field("text", 150, required=True, usual=True), "starts": Field("time"), "ends": Field("time"), "place": text(200)}
USUAL_DATA = {"year": "2031", "title": "Nätverksträff", "starts": "13:00", "ends": "15:30", "place": TYPED}
COMMENT = {"body": text(20_000, True), "key": need("uuid"), "parent_id": Field("id")}
SEAT = {"role": Field("choice"), "unit_id": need("id"), "title": text(80)}
RULING = {"reason": need("choice"), "words": text(500)}

FORMS = [
    Form("/findings", FINDING_DATA, FINDING, keeps="happens"),
    Form("/findings/{finding}", FINDING_DATA, FINDING, keeps="happens"),
    Form(
        "/findings/draft",
        {"title": "Påbörjad"},
        {"title": text(200), "source_url": text(2000), "happens": text(8000), "means": text(8000), "themes": Field("id")},
        ok=204,
    ),
    Form("/findings/{finding}/fate", {"fate": "watched", "reason": TYPED}, {"fate": need("choice"), "reason": text(1000)}, keeps="reason"),
    Form("/meetings", MEETING_DATA, MEETING, keeps="purpose"),
    Form("/meetings/{meeting}", MEETING_DATA, MEETING, keeps="purpose"),
    Form(
        "/meetings/calendars",
        {"name": TYPED, "url": "https://exempel.invalid/{key}.ics"},
        {"name": text(80, True), "url": need("link")},
        keeps="name",
    ),
    Form("/meetings/calendars/file", {"file_name": TYPED}, {"file_name": text(80, True)}, keeps="file_name", ok=422),
    Form("/meetings/plan", USUAL_DATA, USUAL | {"year": need("number")}, keeps="place"),
    Form("/meetings/plan/days", {"day": "2031-03-05"}, {"day": need("date")}),
    Form(
        "/meetings/plan/days/{planned}",
        {"title": "Vårträff", "starts": "09:00", "ends": "11:00", "place": TYPED},
        {"title": text(200, True), "starts": need("time"), "ends": need("time"), "place": text(200)},
        keeps="place",
    ),
    Form("/meetings/plan/rhythm", {"year": "2034"}, {"year": need("number")}),
    Form("/meetings/plan/publication", {"year": "2033"}, {"year": need("number")}),
    Form(
        "/meetings/reminders",
        {"day": "2031-05-09", "title": TYPED, "yearly": "true"},
        {"day": need("date"), "title": text(150, True), "yearly": Field("yes")},
        keeps="title",
    ),
    Form(
        "/meetings/groups",
        {"name": "Grupp {key}", "purpose": TYPED},
        {"name": text(80, True), "purpose": text(1000), "lead_id": Field("id")},
        keeps="purpose",
    ),
    Form(
        "/meetings/groups/{group}",
        {"name": "Grupp {key}", "purpose": TYPED},
        {"name": text(80, True), "purpose": text(1000), "lead_id": Field("id")},
        keeps="purpose",
    ),
    Form("/meetings/groups/{group}/members", {"member_id": "{head}"}, {"member_id": need("id")}),
    Form(
        "/meetings/series",
        MEETING_DATA | {"repeats": "weeks", "times": "2", "days": "2031-03-04"},
        MEETING
        | {"repeats": need("choice"), "every": Field("number"), "times": Field("number"), "until": Field("date"), "group_id": Field("id")},
        keeps="purpose",
    ),
    Form("/meetings/{in_spare_series}/following/cancellation", {"reason": TYPED}, {"reason": text(1000, True)}, keeps="reason"),
    Form(
        "/meetings/{in_series}/following",
        {"starts": "09:00", "ends": "10:00", "place": TYPED},
        {"starts": need("time"), "ends": need("time"), "place": text(200), "online_url": Field("link")},
        keeps="place",
    ),
    Form("/meetings/{meeting}/answer", {"answer": "yes"}, {"answer": need("choice")}),
    Form("/meetings/{held}/attendance", {"present": "{contact}"}, {"present": Field("id"), "shown": Field("id")}),
    Form("/meetings/{to_cancel}/cancellation", {"reason": TYPED}, {"reason": text(1000, True)}, keeps="reason"),
    Form("/meetings/{meeting}/note-takers", {"member": "{contact}"}, {"member": need("id")}),
    Form("/meetings/{meeting}/agenda", AGENDA_DATA, AGENDA, keeps="presenter"),
    Form("/meetings/{meeting}/agenda/{item}", AGENDA_DATA, AGENDA, keeps="presenter"),
    Form("/meetings/{meeting}/agenda/order", {"item": "{item}"}, {"item": need("id")}, ok=409),
    Form("/meetings/{meeting}/agenda/copy", {"meeting_id": "{held}"}, {"meeting_id": need("id")}),
    Form("/meetings/{meeting}/agenda/{item}/records", {"record_id": "{finding}"}, {"record_id": need("id")}),
    Form("/meetings/{meeting}/room/floor", {"item_id": "{item}"}, {"item_id": need("id")}),
    Form(
        "/meetings/{held}/room/presence",
        {"membership_id": "{contact}", "present": "true"},
        {"membership_id": need("id"), "present": need("yes")},
    ),
    Form(
        "/meetings/{held}/visitors",
        {"name": "Eva", "organisation": TYPED},
        {"name": text(100, True), "organisation": text(100)},
        keeps="organisation",
    ),
    Form("/meetings/{meeting}/agenda/{item}/decision", {"decision": TYPED}, {"decision": text(4000)}, keeps="decision"),
    Form(
        "/meetings/proposals",
        {"title": "Förslag", "why": TYPED},
        {"title": text(200, True), "why": text(2000), "minutes": Field("number"), "goal": Field("choice")},
        keeps="why",
    ),
    Form("/meetings/proposals/{proposal}/taking", {"meeting_id": "{meeting}"}, {"meeting_id": need("id")}),
    Form("/meetings/proposals/{unwanted}/declining", {"word": TYPED}, {"word": text(1000, True)}, keeps="word"),
    Form(
        "/meetings/{reviewed}/minutes/circulation",
        {"respond_by": "{soon}", "adjuster_id": "{contact}"},
        {"respond_by": need("date"), "adjuster_id": need("id")},
    ),
    Form("/meetings/{reviewed}/minutes/approval", {"mark": "0"}, {"mark": text(64, True)}, ok=409),
    Form(
        "/meetings/{reviewed}/corrections",
        {"section_id": "{reviewed_section}", "version": "1", "body": TYPED},
        {"section_id": need("id"), "version": need("number"), "body": text(100_000), "reason": text(1000)},
        keeps="body",
        role="contact",
    ),
    Form(
        "/meetings/{reviewed}/corrections/{correction}/ruling",
        {"outcome": "declined", "word": TYPED},
        {"outcome": need("choice"), "word": text(1000)},
        keeps="word",
    ),
    Form(
        "/meetings/{locked}/minutes/registration",
        {"unregistered_reason": TYPED},
        {"registry_no": text(60), "unregistered_reason": text(1000, True)},
        keeps="unregistered_reason",
        role="registrar",
    ),
    Form("/meetings/{locked}/amendments", {"body": TYPED}, {"body": text(1000, True)}, keeps="body"),
    *(
        Form(
            path,
            {"what": TYPED, "owner_id": "{contact}"},
            {"what": text(500, True), "owner_id": need("id"), "due_on": Field("date"), "item_id": Field("id")},
            keeps="what",
        )
        for path in ("/meetings/{reviewed}/actions", "/actions/{action}")
    ),
    Form("/consultations", {"title_sv": "Remiss", "summary_sv": TYPED, **WINDOW_DATA}, INITIATIVE | WINDOW, keeps="summary_sv"),
    Form("/consultations/{consultation}", {"title_sv": "Remiss", "summary_sv": TYPED}, INITIATIVE, keeps="summary_sv"),
    Form(
        "/consultations/{consultation}/triage",
        {"triage": "watching", "reason": TYPED},
        {"triage": need("choice"), "reason": text(1000)},
        keeps="reason",
    ),
    *(
        Form(
            path,
            {"title_sv": "Vänortsmöten", "programme": "CERV", "gives": TYPED, "closes_on": "2031-03-04"},
            {
                "title_sv": text(300, True),
                "title_en": text(300),
                "programme": text(120, True),
                "url": Field("link"),
                "gives": text(8000),
                **PERIOD,
            },
            keeps="gives",
        )
        for path in ("/calls", "/calls/{call}")
    ),
    *(Form(f"/consultations/{{consultation}}/windows{tail}", WINDOW_DATA, WINDOW) for tail in ("", "/{window}")),
    Form("/consultations/{consultation}/units", {"unit": "{school}"}, {"unit": Field("id"), "shown": Field("id")}),
    Form("/texts/{text}/sections", {"heading": TYPED}, {"heading": text(200, True)}, keeps="heading"),
    Form(
        "/sections/{section}",
        {"heading": "Rubrik", "body": TYPED, "version": "1"},
        {"heading": text(200, True), "body": text(100_000), "version": need("number")},
        keeps="body",
    ),
    Form("/sections/{section}/versions", {"name": TYPED}, {"name": text(80, True)}, keeps="name"),
    Form(
        "/sections/{section}/undoing",
        {"person": "{contact_person}", "since": "2026-01-01T08:00", "until": "2026-01-01T09:00"},
        {"person": need("id"), "since": need("moment"), "until": need("moment")},
        ok=409,
    ),
    Form("/sections/{section}/heading", {"heading": TYPED}, {"heading": text(200, True)}, keeps="heading"),
    Form("/sections/{section}/draft", {"body": TYPED, "version": "1"}, {"body": text(100_000), "version": need("number")}, ok=204),
    Form("/records/{finding}/shares", {"guest": "{guest}"}, {"guest": need("id")}),
    Form("/records/{finding}/following", {"level": "off"}, {"level": need("choice")}),
    Form("/texts/{text}/conclusion", {"section": "{section}"}, {"section": need("id")}),
    Form("/records/{finding}/comments", {"body": TYPED, "key": "{key}"}, COMMENT, keeps="body"),
    Form("/records/{finding}/draft", {"body": TYPED}, {"body": text(20_000), "parent_id": Field("id")}, ok=204),
    Form(
        "/comments/{comment}",
        {"body": TYPED, "version": "2"},
        {"body": text(20_000, True), "version": need("number")},
        keeps="body",
        role="contact",
    ),
    Form("/comments/{comment}/draft", {"body": TYPED}, {"body": text(20_000)}, role="contact", ok=204),
    Form("/comments/{comment}/hiding", {"reason": "off_topic", "words": TYPED}, RULING, keeps="words"),
    Form("/comments/{comment}/report", {"reason": "insult", "words": TYPED}, RULING, keeps="words"),
    Form("/comments/{waits}/approval", {"version": "1"}, {"version": need("number")}),
    Form(
        "/comments/{comment}/redaction",
        {"reason": "insult", "words": TYPED, "typed": "nej"},
        RULING | {"typed": text(100)},
        keeps="words",
        ok=422,
    ),
    Form(
        "/records/{finding}/removals",
        {"person": "{contact_person}", "reason": "insult", "words": TYPED},
        RULING | {"person": need("id")},
        keeps="words",
    ),
    Form("/calendar/feeds", {"name": TYPED}, FEED, keeps="name", ok=200),
    Form("/calendar/feeds/{feed}", {"name": TYPED}, FEED, keeps="name", role="contact"),
    *(
        Form(f"/administer/units{tail}", {"name": TYPED}, {"name": text(120, True), "kind": Field("choice")}, keeps="name")
        for tail in ("", "/{school}")
    ),
    *(Form(f"/administer/themes{tail}", {"name": TYPED}, {"name": text(60, True)}, keeps="name") for tail in ("", "/{theme}")),
    Form("/administer/themes/{theme}/position", {"direction": "up"}, {"direction": need("choice")}),
    *(Form(f"/administer/boards{tail}", {"name": TYPED}, {"name": text(80, True)}, keeps="name") for tail in ("", "/{board}")),
    Form(
        "/administer/boards/{board}/dates",
        {"meets_on": "2031-03-04", "cutoff_on": "2031-02-20"},
        {"meets_on": need("date"), "cutoff_on": need("date")},
    ),
    Form("/administer/boards/{board}/list", {"dates": TYPED}, {"dates": text(40_000, True)}, keeps="dates", ok=422),
    Form(
        "/administer/settings",
        {"name": "Granby nätverk", "municipality": "Granby kommun", "purpose": TYPED, "meetings_least": "4", "meetings_most": "6"},
        {
            "name": text(120, True),
            "municipality": text(120, True),
            "purpose": text(2000),
            "language": Field("choice"),
            "word_department": Field("text", 40, required=True, usual=True),
            "word_coordinator": Field("text", 40, required=True, usual=True),
            "meetings_least": Field("number"),
            "meetings_most": Field("number"),
            "guests_comment": Field("yes"),
            "guests_wait": Field("yes"),
            "public_calendar": Field("yes"),
            "contact": text(2000),
        },
        keeps="purpose",
    ),
    Form(
        "/administer/invitations",
        {"name": "Nils Ny", "email": "nils.ny@example.se", "role": "contact", "unit_id": "{school}", "title": TYPED},
        SEAT | {"name": text(100, True), "email": need("email"), "starts_on": Field("date"), "ends_on": Field("date")},
        keeps="title",
    ),
    Form(
        "/administer/members/{contact}",
        {"role": "contact", "unit_id": "{school}", "title": TYPED, "starts_on": "2019-12-31"},
        SEAT | {"starts_on": Field("date")},
        keeps="title",
    ),
    Form("/administer/members/{contact}/ending", {}, {"successor_id": Field("id"), "ends_on": Field("date")}),
    Form(
        "/members/deputies",
        {"unit_id": "{school}", "email": "ulla@example.se", "name": TYPED, "starts_on": "2031-03-04", "ends_on": "2031-04-04"},
        {
            "unit_id": Field("id"),
            "member_id": Field("id"),
            "email": need("email"),
            "name": text(100, True),
            "starts_on": need("date"),
            "ends_on": need("date"),
        },
        keeps="name",
    ),
    outside(
        "/me",
        {"name": TYPED, "language": "sv", "theme": "auto", "phone": "1"},
        {"name": text(100, True), "phone": text(40), "language": need("choice"), "theme": need("choice"), "shortcuts": Field("yes")},
        keeps="name",
    ),
    outside("/me/address/code-request", {"email": "maja.ny@example.se"}, {"email": need("email")}),
    outside("/me/address/code", {"code": "123456"}, {"code": text(12, True)}, ok=422),
    outside("/me/closing", {}, {"sure": Field("yes")}, ok=422),  # who is sure is out
    outside(
        "/me/mail/networks/{network}",
        {"comments": "letter", "letter": "true"},
        {"comments": Field("choice"), "calendar": Field("choice"), "letter": Field("yes")},
    ),
    outside("/me/password", {"password": "x" * 20, "again": "x" * 20}, {"password": text(1024, True), "again": text(1024, True)}),
    outside("/sign-in/code-request", {"email": "maja@example.se"}, {"email": need("email")}, role="anonymous"),
    outside("/sign-in/code", {"code": "123456"}, {"code": text(12, True), "trusted": Field("yes")}, role="anonymous", ok=422),
    outside(
        "/sign-in/password",
        {"email": "maja@example.se", "password": "x" * 20},
        {"email": need("email"), "password": text(1024, True), "trusted": Field("yes")},
        role="anonymous",
        ok=422,
    ),
    outside("/language", {"language": "sv"}, {"language": need("choice")}),
    outside("/theme", {"theme": "auto"}, {"theme": need("choice")}),
    outside("/demo/sign-in", {"person": "1"}, {"person": need("id")}, role="anonymous", ok=404),
    outside("/answers/{answers}", {"answer": "yes"}, {"answer": need("choice")}, role="anonymous"),
    outside("/invitations/" + TOKEN, {"name": TYPED}, {"name": text(100), "trusted": Field("yes")}, keeps="name", role="anonymous"),
]

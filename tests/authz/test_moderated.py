"""Comments in every state that moderation gives them, and who may do what with them: rows of the matrix, by their numbers."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from litestar.routes import HTTPRoute

from portal import clock
from portal.app import Portal
from portal.comments.actions import edit
from portal.comments.models import Comment, EditForm
from portal.db import Session
from portal.moderation.actions import hide, lock, redact
from portal.moderation.models import Reason, ReasonForm
from portal.networks.access import Role
from portal.records.models import Record
from tests.browser import Browser
from tests.factories import Cast, make_member
from tests.making import make_comment, make_finding, make_waiting

PEOPLE = ("anonymous", "guest", "reader", "deputy", "contact", "coordinator", "registrar", "outsider")
GONE = {"former": "outsider", "closed": "anonymous"}  # who was here is answered as who never was
SECRET = "Näktergalsutredningen"
INSULT = ReasonForm(reason=Reason.insult)
REPLY = {"body": "Svar", "parent_id": "{comment}"}


@dataclass(frozen=True)
class Case:
    """What is done with a comment of the contact's in a state; the answers stand in the order of PEOPLE (the guest sees nothing)."""

    name: str
    state: str
    deed: str
    answers: tuple[int, ...]
    data: dict[str, str] | None = None

    def __str__(self) -> str:
        return self.name


ALL_READ = (303, 404, 200, 200, 200, 200, 200, 404)
NOBODY = (401, 404, 403, 403, 403, 403, 403, 404)
AUTHOR = (401, 404, 403, 403, 303, 403, 403, 404)
COORDINATOR = (401, 404, 403, 403, 403, 303, 403, 404)
ONE_WHO_WAITS = (303, 404, 404, 404, 404, 200, 404, 404)
CASES = [
    Case("A05 read what waits", "waiting", "GET /comments/{comment}/versions", ONE_WHO_WAITS),
    Case(
        "A05 report what waits",
        "waiting",
        "POST /comments/{comment}/report",
        (401, 404, 404, 404, 404, 303, 404, 404),
        {"reason": "insult"},
    ),
    Case("A06 A28 read what is hidden", "hidden", "GET /comments/{comment}/versions", (303, 404, 403, 403, 200, 200, 200, 404)),
    Case("A07 read what is removed", "redacted", "GET /comments/{comment}/versions", ALL_READ),
    Case("A14 lock", "plain", "POST /records/{record}/lock", COORDINATOR),
    Case("A18 write where it is locked", "locked", "POST /records/{record}/comments", NOBODY, {"body": "Ett ord"}),
    Case("A22 edit", "plain", "POST /comments/{comment}", AUTHOR, {"body": "Nya ord", "version": "1"}),
    Case("A22 edit what is hidden", "hidden", "POST /comments/{comment}", NOBODY, {"body": "Nya ord", "version": "1"}),
    Case("A22 edit what is removed", "redacted", "POST /comments/{comment}", NOBODY, {"body": "Nya ord", "version": "1"}),
    Case("A23 edit long after", "old", "POST /comments/{comment}", AUTHOR, {"body": "Nya ord", "version": "1"}),
    Case("A24 hide", "plain", "POST /comments/{comment}/hiding", COORDINATOR, {"reason": "insult"}),
    Case("A25 show again", "hidden", "POST /comments/{comment}/restoration", COORDINATOR),
    Case("A27 read what was edited", "edited", "GET /comments/{comment}/versions", ALL_READ),
    Case("A30 answer what is hidden", "hidden", "POST /records/{record}/comments", NOBODY, REPLY),
    Case("A30 answer what is removed", "redacted", "POST /records/{record}/comments", NOBODY, REPLY),
    Case("A32 report", "plain", "POST /comments/{comment}/report", (401, 404, 303, 303, 403, 303, 303, 404), {"reason": "insult"}),
    Case("A32 report what is hidden", "hidden", "POST /comments/{comment}/report", NOBODY, {"reason": "insult"}),
    Case("A93 read the log", "hidden", "GET /moderation/log", (303, 404, 403, 403, 403, 200, 200, 404)),
    Case("A93 A90 take the log away", "hidden", "GET /moderation/log.json", (303, 404, 403, 403, 403, 200, 200, 404)),
]


async def make(session: Session, cast: Cast, state: str) -> tuple[Record, Comment]:
    """A finding with a comment of the contact's (a guest's, if it waits) in that state."""
    record, by = await make_finding(session, cast.deputy), cast.coordinator
    if state == "waiting":
        comment = await make_waiting(session, record, cast.guest, body=SECRET)
    else:
        comment = await make_comment(session, record, cast.contact, SECRET)
    if state == "old":
        comment.created_at -= timedelta(days=400)
    elif state == "edited":
        await edit(session, comment, record, by=cast.contact, form=EditForm(body="Andra ord", version=1))
    elif state == "hidden":
        await hide(session, comment, record, by=by, form=INSULT)
    elif state == "redacted":
        await redact(session, comment, record, by=by, form=INSULT)
    elif state == "locked":
        await lock(session, record, by=by, locked=True)
    await session.commit()
    return record, comment


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_everybody_gets_what_the_matrix_says(case: Case, cast: Cast, session: Session, browser, visitor):
    method, path = case.deed.split(" ")
    answers = []
    people = {name: visitor if name == "anonymous" else await browser(cast.everyone[name]) for name in PEOPLE} | await those_who_are_gone(
        session, cast, browser
    )
    expected = dict(zip(PEOPLE, case.answers, strict=True))
    expected |= {name: expected[like] for name, like in GONE.items()}
    record, comment = await make(session, cast, case.state)
    for name in sorted(people, key=lambda name: (method == "POST" and expected[name] == 303, name == "coordinator")):
        someone = people[name]
        if answers and answers[-1][1] == 303 and method == "POST":  # the last one changed it
            record, comment = await make(session, cast, case.state)
        where = f"/granby{path}".format(record=record.id, comment=comment.id)
        data = {key: value.format(comment=comment.id) for key, value in (case.data or {}).items()} | {"key": str(uuid4())}
        answer = await (someone.get(where) if method == "GET" else someone.post(where, data))
        answers.append((name, answer.status_code))
        assert SECRET not in answer.text or (case.state, answer.status_code) in (("waiting", 200), ("hidden", 200), ("edited", 200)), name
    assert dict(answers) == expected


async def those_who_are_gone(session: Session, cast: Cast, browser) -> dict[str, Browser]:
    """Browsers that are signed in still: of one whose membership has ended, and of one whose account is closed."""
    members = {name: await make_member(session, cast.network, f"{name.title()} Förr", Role.contact, unit=cast.school) for name in GONE}
    browsers = {name: await browser(member) for name, member in members.items()}
    members["former"].ends_on = clock.today() - timedelta(days=1)
    members["closed"].person.closed_at = clock.now()
    await session.commit()
    return browsers


@pytest.mark.parametrize("state", ["waiting", "hidden", "redacted", "edited"])
async def test_search_finds_none_of_it_for_anybody(state: str, cast: Cast, session: Session, browser):
    await make(session, cast, "plain")
    people = {name: await browser(cast.everyone[name]) for name in ("reader", "deputy", "contact", "coordinator", "registrar")}
    for name, someone in people.items():
        assert "1 resultat för" in (await someone.get(f"/granby/search?q={SECRET}")).text, name
    await make(session, cast, state)
    for name, someone in people.items():
        assert "1 resultat för" in (await someone.get(f"/granby/search?q={SECRET}")).text, name


OFFERED = {
    "/{network:str}/comments/{number:str}": "A22 its words, by its author",
    "/{network:str}/comments/{number:str}/approval": "A05",
    "/{network:str}/comments/{number:str}/conclusion": "the coordinator's",
    "/{network:str}/comments/{number:str}/conclusion/removal": "the coordinator's",
    "/{network:str}/comments/{number:str}/dismissal": "A32 of reports",
    "/{network:str}/comments/{number:str}/draft": "A22 what its author makes of it",
    "/{network:str}/comments/{number:str}/edit": "A22",
    "/{network:str}/comments/{number:str}/hiding": "A24",
    "/{network:str}/comments/{number:str}/redaction": "A07",
    "/{network:str}/comments/{number:str}/report": "A32",
    "/{network:str}/comments/{number:str}/restoration": "A25",
    "/{network:str}/comments/{number:str}/versions": "A27 A28",
    "/{network:str}/records/{number:str}/comments": "A16 to A21, A30",
    "/{network:str}/records/{number:str}/draft": "A16",
    "/{network:str}/records/{number:str}/files": "A57",
    "/{network:str}/records/{number:str}/following": "one's own",
    "/{network:str}/records/{number:str}/history": "A11",
    "/{network:str}/records/{number:str}/lock": "A14",
    "/{network:str}/records/{number:str}/reading": "one's own; nobody else is told (A26)",
    "/{network:str}/records/{number:str}/removals": "the coordinator's",
    "/{network:str}/records/{number:str}/removals/{removed:str}/ending": "the coordinator's",
    "/{network:str}/records/{number:str}/shares": "A04",
    "/{network:str}/records/{number:str}/shares/{guest:str}/ending": "A04",
    "/{network:str}/records/{number:str}/unlocking": "A14",
    "/{network:str}/records/titles": "A31",
    "/{network:str}/meetings/{number:str}/agenda/{item:str}/records/{record:str}/removal": "an agenda item is about it no more; it stays as it is",
}


def test_a12_a13_a15_a26_a29_no_route_moves_opens_archives_or_deletes_a_thread_or_tells_who_read_it(running: Portal):
    """Every route that does something with a thread or a comment stands here with its row; A01 and A17: none of them is public."""
    routes = [route for route in running.litestar.routes if isinstance(route, HTTPRoute)]
    offered = {route.path: route.methods for route in routes if any(word in route.path for word in ("comment", "/records/", "thread"))}
    assert set(offered) == set(OFFERED)
    assert {method for methods in offered.values() for method in methods} == {"GET", "POST"}

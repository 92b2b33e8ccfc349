"""Who may do what in the directory and the administration: every route, every role."""

import re
from dataclasses import dataclass, field

import pytest

from portal.db import Session
from portal.networks.routes import administration, router
from tests.browser import Browser
from tests.networks.conftest import Enter, Town, deeds

SEAT = {"role": "reader", "unit_id": "", "title": "Utredare"}
PERIOD = {"starts_on": "2098-01-01", "ends_on": "2098-02-01"}
ADMINISTRATORS = ("coordinator", "admin")
MEMBERS = ("contact", "deputy", "head", "reader", "registrar")
STRANGERS = ("guest", "outsider")


@dataclass(frozen=True)
class Row:
    """A route: what a visitor posts there, the deed that stands in the log afterwards, and who is allowed."""

    method: str
    path: str
    deed: str | None = None
    data: dict[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ADMINISTRATORS

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def shows(path: str, allowed: tuple[str, ...] = ADMINISTRATORS) -> Row:
    return Row("GET", path, allowed=allowed)


def does(path: str, deed: str, data: dict[str, str] | None = None, allowed: tuple[str, ...] = ADMINISTRATORS) -> Row:
    return Row("POST", path, deed, data or {}, allowed)


ROWS = [
    shows("/administer"),
    shows("/administer/settings"),
    does("/administer/settings", "network.changed", {"name": "Nytt namn", "municipality": "Granby kommun"}),
    shows("/administer/members"),
    shows("/administer/members/{contact}"),
    does("/administer/members/{contact}", "member.changed", SEAT),
    shows("/administer/members/{contact}/ending"),
    does("/administer/members/{contact}/ending", "member.ended"),
    does("/administer/members/{leaving}/ending/withdrawal", "member.staying"),
    shows("/administer/invitations"),
    shows("/administer/invitations/new"),
    does("/administer/invitations", "member.invited", {"name": "Eva Ek", "email": "eva.ek@example.se", "role": "reader"}),
    does("/administer/invitations/{invitation}/renewal", "invitation.renewed"),
    does("/administer/invitations/{invitation}/withdrawal", "invitation.withdrawn"),
    shows("/administer/units"),
    does("/administer/units", "unit.added", {"name": "Teknik", "kind": "department"}),
    shows("/administer/units/{vacant}"),
    does("/administer/units/{vacant}", "unit.changed", {"name": "Kultur och fritid", "kind": "department"}),
    does("/administer/units/{vacant}/closure", "unit.closed"),
    does("/administer/units/{closed}/opening", "unit.reopened"),
    shows("/administer/themes"),
    does("/administer/themes", "theme.added", {"name": "Demografi"}),
    shows("/administer/themes/{theme}"),
    does("/administer/themes/{theme}", "theme.changed", {"name": "Digitalisering"}),
    does("/administer/themes/{theme}/position", "theme.moved", {"direction": "up"}),
    does("/administer/themes/{theme}/retirement", "theme.retired"),
    does("/administer/themes/{retired}/return", "theme.restored"),
    shows("/administer/boards"),
    does("/administer/boards", "board.added", {"name": "Bildningsnämnden"}),
    shows("/administer/boards/{board}"),
    does("/administer/boards/{board}", "board.changed", {"name": "KS"}),
    does("/administer/boards/{bare_board}/removal", "board.removed"),
    does("/administer/boards/{board}/dates", "board.dates_entered", {"meets_on": "2098-03-10", "cutoff_on": "2098-02-25"}),
    does("/administer/boards/{board}/list", "board.dates_entered", {"dates": "2098-03-10;2098-02-25"}),
    does("/administer/boards/{board}/dates/{meeting}/removal", "board.date_removed"),
    shows("/administer/log", allowed=(*ADMINISTRATORS, "registrar")),
    shows("/members", allowed=(*ADMINISTRATORS, *MEMBERS)),
    shows("/members/suggest", allowed=("coordinator", "contact", "deputy", "head")),
    shows("/members/deputies/new", allowed=(*ADMINISTRATORS, "contact", "deputy", "head")),
    does(
        "/members/deputies",
        "deputy.named",
        {"unit_id": "{school}", "member_id": "{reader}", **PERIOD},
        allowed=("contact", *ADMINISTRATORS),
    ),
    does("/members/deputies/{deputy}/ending", "deputy.ended", allowed=("head", *ADMINISTRATORS)),
]
# Who names deputies for a unit of her own is another matter than this unit: see test_deputies.py.
ELSEWHERE = {"/members/deputies": {"deputy", "head"}, "/members/deputies/{deputy}/ending": {"deputy"}}


async def ask(browser: Browser, row: Row, town: Town) -> tuple[int, str]:
    path = f"/granby{row.path}".format(**town.numbers)
    data = {name: value.format(**town.numbers) for name, value in row.data.items()}
    answer = await (browser.get(path) if row.method == "GET" else browser.post(path, data))
    return answer.status_code, answer.headers.get("location", "")


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_those_who_may_not_are_refused_and_nothing_happens(
    row: Row, town: Town, browser: Enter, visitor: Browser, session: Session
) -> None:
    refused = [role for role in MEMBERS if role not in row.allowed and role not in ELSEWHERE.get(row.path, set())]
    answers = {role: await ask(await browser(getattr(town.cast, role)), row, town) for role in (*refused, *STRANGERS)}
    assert answers == dict.fromkeys(refused, (403, "")) | dict.fromkeys(STRANGERS, (404, ""))
    status, location = await ask(visitor, row, town)
    assert (status, location[:14]) == ((303, "/sign-in?next=") if row.method == "GET" else (401, ""))
    assert await deeds(session, town.cast) == []


@pytest.mark.parametrize(("row", "role"), [(row, role) for row in ROWS for role in row.allowed], ids=str)
async def test_those_who_may_are_let_in_and_the_deed_is_logged(row: Row, role: str, town: Town, browser: Enter, session: Session) -> None:
    status, location = await ask(await browser(getattr(town.cast, role)), row, town)
    assert status == (200 if row.method == "GET" else 303)
    assert location.startswith("" if row.method == "GET" else "/granby/")
    assert await deeds(session, town.cast) == ([row.deed] if row.deed else [])


def test_no_route_is_missing_from_the_table() -> None:
    served = {
        f"{method} {any_number(path.removeprefix('/{network:str}')).rstrip('/')}"
        for each in (administration, router)
        for route in each.routes
        for path, method in ((route.path, method) for method in route.methods)
    }
    assert served == {any_number(str(row)) for row in ROWS}


def any_number(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "*", path)


async def test_a_row_of_another_network_is_not_found(town: Town, browser: Enter, session: Session) -> None:
    stranger = await browser(town.cast.outsider)
    paths = {row.path.removeprefix("/administer") for row in ROWS if "{" in row.path and row.method == "POST" and "administer" in row.path}
    for path in sorted(paths):
        answer = await stranger.post(f"/vitby/administer{path}".format(**town.numbers), SEAT)
        assert (path, answer.status_code) == (path, 404)
    assert len(paths) > 12
    assert await deeds(session, town.cast) == []

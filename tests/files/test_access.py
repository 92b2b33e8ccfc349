"""Who gets a file's bytes: every way of asking, everyone who might ask, every state a file can be in (A57 to A63)."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from portal import clock
from portal.accounts.models import Person
from portal.db import Session
from portal.files.models import Attachment
from portal.networks.models import Membership
from portal.records.actions import share
from portal.records.models import Record
from tests.browser import Browser
from tests.factories import Cast, make_member
from tests.files.conftest import address, attach, rows, say
from tests.files.made import picture
from tests.making import make_finding

ROLES = ("anonymous", "guest", "reader", "contact", "deputy", "registrar", "coordinator", "outsider", "former", "closed")
READERS = {"reader", "contact", "deputy", "registrar", "coordinator"}
# Who has the bytes in each state; contact is the one who uploaded. Everybody else gets what a missing file gives.
STATES = {
    "A58 posted": READERS,
    "A58 posted and shared": READERS | {"guest"},
    "A60 waiting": {"contact"},
    "A59 hidden": {"contact", "registrar", "coordinator"},
    "A59 hidden and shared": {"contact", "registrar", "coordinator"},
    "A61 of words that are gone": set(),
}
WAYS = {
    "GET": ("GET", {}, 200),
    "A63 HEAD": ("HEAD", {}, 200),
    "A63 Range": ("GET", {"range": "bytes=0-9"}, 206),
    "A63 last bytes": ("GET", {"range": "bytes=-5"}, 206),
    "A63 If-None-Match": ("GET", {"if-none-match": '"{sha}", "{sha}-small"'}, 304),
    "A63 any tag": ("HEAD", {"if-none-match": "*"}, 304),
}
TAILS = ("karta.png", "thumbnail", "")


@dataclass
class Scene:
    cast: Cast
    record: Record
    file: Attachment
    browsers: dict[str, Browser]
    session: Session


@pytest.fixture
async def scene(cast: Cast, session: Session, browser, visitor: Browser) -> Scene:
    record = await make_finding(session, cast.contact)
    former = await make_member(session, cast.network, "Fanny Förr", "contact", unit=cast.school)
    closed = await make_member(session, cast.network, "Stina Stängd", "contact", unit=cast.school)
    await session.commit()
    people: dict[str, Membership] = {**cast.everyone, "former": former, "closed": closed}
    browsers = {role: await browser(people[role]) for role in ROLES if role != "anonymous"} | {"anonymous": visitor}
    await attach(browsers["contact"], record, "karta.png", picture())
    [file] = await rows(session)
    former.ends_on = clock.today() - timedelta(days=1)
    session.add(former)
    await session.execute(update(Person).where(col(Person.id) == closed.person_id).values(closed_at=clock.now()))
    await session.commit()
    return Scene(cast, record, file, browsers, session)


async def bring(scene: Scene, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "waiting" not in state:
        await say(scene.browsers["contact"], scene.record, "Kartan.", file=[scene.file.id], alt=["En karta"])
    if "shared" in state:
        await share(scene.session, scene.record, by=scene.cast.coordinator, guest=scene.cast.guest)
        await scene.session.commit()
    if "A59 hidden" in state:
        [file] = await rows(scene.session)
        await scene.browsers["coordinator"].post(f"/granby/comments/{file.comment_id}/hiding", {"reason": "secrecy"})
    if state == "A61 of words that are gone":
        [file] = await rows(scene.session)
        given = {"reason": "personal_data", "typed": "ta bort texten"}
        await scene.browsers["coordinator"].post(f"/granby/comments/{file.comment_id}/redaction", given)


@pytest.mark.parametrize("state", STATES)
async def test_the_bytes_go_to_those_who_may_read_the_words_and_to_nobody_else(state: str, scene: Scene, monkeypatch):
    await bring(scene, state, monkeypatch)
    got, expected = {}, {}
    for role in ROLES:
        for way, (method, headers, ok) in WAYS.items():
            for tail in TAILS if way == "GET" else TAILS[:2]:
                filled = {name: value.format(sha=scene.file.sha256) for name, value in headers.items()}
                path = f"/granby/files/{scene.file.id}/{tail}".rstrip("/")
                answer = await scene.browsers[role].client.request(method, path, headers=filled)
                got[role, way, tail] = answer.status_code
                expected[role, way, tail] = ok if role in STATES[state] else 303 if role in ("anonymous", "closed") else 404
    assert got == expected


@pytest.mark.parametrize("state", ["A60 waiting", "A59 hidden"])
async def test_a_file_that_one_may_not_have_looks_like_one_that_is_not_there(state: str, scene: Scene, monkeypatch):
    await bring(scene, state, monkeypatch)
    tomas = scene.browsers["deputy"]
    there = await tomas.get(address(scene.file))
    missing = await tomas.get(f"/granby/files/{scene.file.id + 1000}/karta.png")
    plain = [answer.text.replace(str(scene.file.id + 1000), "N").replace(f"/{scene.file.id}/", "/N/") for answer in (there, missing)]
    assert [line for line in plain[0].splitlines() if "referens" not in line.lower()] == [
        line for line in plain[1].splitlines() if "referens" not in line.lower()
    ]
    assert {"etag", "accept-ranges"} & there.headers.keys() == set()


async def test_losing_the_membership_ends_what_the_browser_had_kept(scene: Scene, monkeypatch):
    await bring(scene, "A58 posted", monkeypatch)
    tomas = scene.browsers["deputy"]
    tag = (await tomas.get(address(scene.file))).headers["etag"]
    assert (await tomas.get(address(scene.file), headers={"if-none-match": tag})).status_code == 304
    scene.cast.deputy.ends_on = clock.today() - timedelta(days=1)
    scene.session.add(scene.cast.deputy)
    await scene.session.commit()
    for headers in ({}, {"if-none-match": tag}, {"range": "bytes=0-1"}):
        assert (await tomas.get(address(scene.file), headers=headers)).status_code == 404


async def test_a62_there_is_no_second_door(scene: Scene, store, monkeypatch):
    await bring(scene, "A58 posted", monkeypatch)
    sha, ingela = scene.file.sha256, scene.browsers["coordinator"]
    assert (store / sha[:2] / sha).exists()
    for path in (
        f"/files/{sha[:2]}/{sha}",
        f"/static/../files/{sha[:2]}/{sha}",
        f"/granby/files/{sha}",
        f"/granby/files/{scene.file.id}/{sha}",
        f"/granby/files/{scene.file.id}/annat.png",
        f"/granby/files/{scene.file.id}/..%2f{sha}",
        f"/granby/files/0{scene.file.id}/karta.png",
        f"/vitby/files/{scene.file.id}/karta.png",
        f"/data/files/{sha[:2]}/{sha}",
    ):
        assert (path, (await ingela.get(path)).status_code) == (path, 404)


async def test_a57_who_may_attach(scene: Scene):
    await share(scene.session, scene.record, by=scene.cast.coordinator, guest=scene.cast.guest)
    scene.cast.network.guests_comment = True
    scene.session.add(scene.cast.network)
    await scene.session.commit()
    expected = dict.fromkeys(ROLES, 201) | {"anonymous": 401, "closed": 401, "outsider": 404, "former": 404}
    expected |= dict.fromkeys(("guest", "reader", "registrar"), 403)
    got = {}
    for role in ROLES:
        if role == "anonymous":
            await scene.browsers[role].get("/health/live")
        got[role] = (await attach(scene.browsers[role], scene.record, "karta.png", picture())).status_code
    assert got == expected


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ("bytes=0-0", 206, "bytes 0-0/{size}"),
        ("bytes=5-", 206, "bytes 5-{last}/{size}"),
        ("bytes=-3", 206, "bytes {third}-{last}/{size}"),
        ("bytes=0-999999", 206, "bytes 0-{last}/{size}"),
        ("bytes=999999-", 416, "bytes */{size}"),
        ("bytes=-0", 416, "bytes */{size}"),
        ("bytes=9-3", 416, "bytes */{size}"),
        ("bytes=0-1,3-4", 200, ""),
        ("lines=1-2", 200, ""),
        ("bytes=１-２", 200, ""),
        ("bytes=-", 200, ""),
    ],
)
async def test_a_part_of_a_file_is_that_part(asked: str, status: int, told: str, scene: Scene):
    maja, size = scene.browsers["contact"], scene.file.size
    whole = (await maja.get(address(scene.file))).content
    assert len(whole) == size
    answer = await maja.get(address(scene.file), headers={"range": asked.encode()})
    told = told.format(size=size, last=size - 1, third=size - 3)
    assert (answer.status_code, answer.headers.get("content-range", "")) == (status, told)
    if status == 206:
        first, last = told.removeprefix("bytes ").split("/")[0].split("-")
        assert answer.content == whole[int(first) : int(last) + 1]
        assert answer.headers["content-length"] == str(len(answer.content))


async def test_a_hidden_comment_takes_its_picture_from_the_page_and_gives_it_back(scene: Scene, monkeypatch):
    await bring(scene, "A58 posted", monkeypatch)
    tomas, shown = scene.browsers["deputy"], f"/granby/files/{scene.file.id}/thumbnail"
    assert shown in (await tomas.get(f"/granby{scene.record.path}")).text
    [file] = await rows(scene.session)
    await scene.browsers["coordinator"].post(f"/granby/comments/{file.comment_id}/hiding", {"reason": "secrecy"})
    assert shown not in (await tomas.get(f"/granby{scene.record.path}")).text
    assert shown in (await scene.browsers["registrar"].get(f"/granby/comments/{file.comment_id}/versions")).text
    await scene.browsers["coordinator"].post(f"/granby/comments/{file.comment_id}/restoration")
    assert shown in (await tomas.get(f"/granby{scene.record.path}")).text

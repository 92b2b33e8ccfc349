"""The log: deeds in words, newest first, by person and kind, page by page."""

import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlmodel import col

from portal import clock
from portal.activity import actions as activity
from portal.activity import sentences
from portal.activity.models import Activity
from portal.db import Session
from portal.records.actions import register
from tests.making import make_meeting
from tests.networks.conftest import Enter, Town

PORTAL = Path(sentences.__file__).parent.parent
LOG = "/granby/administer/log"


def told(page: str) -> list[str]:
    """The sentences of the log."""
    listed = page[page.index('<ol class="deeds">') : page.index("</ol>", page.index('<ol class="deeds">'))]
    return [re.sub("<[^>]+>", "", each) for each in re.findall(r"<span>(.+?)</span></li>", listed)]


async def test_deeds_are_told_in_words_with_todays_names(town: Town, browser: Enter) -> None:
    coordinator, numbers = await browser(town.cast.coordinator), town.numbers
    await coordinator.post("/granby/administer/themes", {"name": "<b>Demografi"})
    await coordinator.post("/granby/administer/members/{contact}".format(**numbers), {"role": "reader"})
    await coordinator.post("/granby/administer/invitations/{invitation}/withdrawal".format(**numbers))
    await coordinator.post("/granby/administer/boards/{board}/list".format(**numbers), {"dates": "2027-02-10;2027-01-25"})
    assert told((await coordinator.get(LOG)).text) == [
        "Ingela Rask förde in sammanträden för Kommunstyrelsen",
        "Ingela Rask drog tillbaka inbjudan till Nils Ny",
        "Ingela Rask ändrade uppdraget för Maja Lindqvist",
        "Ingela Rask lade till temat &lt;b&gt;Demografi",
    ]


async def test_it_is_filtered_by_person_and_deed(town: Town, browser: Enter, session: Session) -> None:
    cast = town.cast
    for by, verb in ((cast.contact, "finding.published"), (cast.coordinator, "theme.added"), (cast.contact, "theme.added")):
        activity.record(session, verb=verb, by=by, name="Klimat")
    activity.record(session, verb="theme.added", by=cast.outsider, name="Hemligt")
    await session.commit()
    coordinator = await browser(cast.coordinator)
    everything = (await coordinator.get(LOG)).text
    assert len(told(everything)) == 3
    assert "Olle Utter" not in everything
    assert "Hemligt" not in everything
    mine = told((await coordinator.get(LOG, params={"person": str(cast.contact.person_id), "verb": "theme.added"})).text)
    assert mine == ["Maja Lindqvist lade till temat Klimat"]
    none = (await coordinator.get(LOG, params={"person": str(cast.head.person_id)})).text
    assert "Inget i loggen passar in på det valet." in none
    assert (await coordinator.get(LOG, params={"person": "x"})).status_code == 404


async def test_it_goes_on_page_by_page_and_keeps_the_filter(town: Town, browser: Enter, session: Session) -> None:
    for number in range(120):
        activity.record(session, verb="theme.added", by=town.cast.coordinator, name=f"Tema {number:03}.")
        await session.flush()
    await session.commit()
    coordinator = await browser(town.cast.coordinator)
    path, seen = f"{LOG}?verb=theme.added", []
    while path:
        page = (await coordinator.get(path)).text
        seen += re.findall(r"Tema \d{3}\.", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""
        assert not path or "verb=theme.added" in path
    assert seen == [f"Tema {number:03}." for number in reversed(range(120))]


async def test_records_are_linked_by_title_and_those_one_may_not_read_stay_unnamed(town: Town, browser: Enter, session: Session) -> None:
    contact = town.cast.contact
    for verb, title, audience in (("finding.published", "Ny lag", "network"), ("comment.posted", "Hemlig rubrik", "unit")):
        record = await register(session, by=contact, kind="finding", title=title, folder="findings", audience=audience)
        activity.record(session, verb=verb, by=contact, record=record)
    await session.commit()
    linked = r'Maja Lindqvist delade spaningen <a href="/granby/findings/\d+">Ny lag</a>'
    coordinator, admin = [(await (await browser(each)).get(LOG)).text for each in (town.cast.coordinator, town.cast.admin)]
    assert re.search(linked, coordinator)
    assert "Hemlig rubrik" in coordinator
    assert re.search(linked, admin)
    assert "Maja Lindqvist kommenterade något som inte längre visas" in admin
    assert "Hemlig rubrik" not in admin


def test_every_deed_that_is_written_down_can_be_told() -> None:
    code = "".join(path.read_text() for path in PORTAL.rglob("*.py"))
    written = set(re.findall(r'verb="([a-z_]+\.[a-z_]+)"', code))
    assert len(written) > 30
    assert written - sentences.DEEDS.keys() == set()


def test_every_deed_has_a_name_and_a_sentence_of_its_own() -> None:
    assert len({str(deed.name) for deed in sentences.DEEDS.values()}) == len(sentences.DEEDS)
    assert len({str(deed.sentence) for deed in sentences.DEEDS.values()}) == len(sentences.DEEDS)
    assert sentences.tell("nobody.knows", who="Maja", what="<i>") == "Maja ändrade &lt;i&gt;"
    assert sentences.tell("source.imported", who="") == "Portalen läste in nya samråd"


async def test_what_is_repeated_within_an_hour_is_told_once_with_its_number(town: Town, browser: Enter, session: Session) -> None:
    cast = town.cast
    meeting, other = [await make_meeting(session, cast.coordinator, title=title) for title in ("Vårträff", "Höstträff")]
    await session.execute(delete(Activity))
    now = clock.now()
    for minutes, member, record in (
        (200, cast.coordinator, meeting),  # over an hour before the latest of its like
        (65, cast.coordinator, meeting),
        (30, cast.coordinator, meeting),
        (10, cast.coordinator, meeting),
        (9, cast.coordinator, other),
        (8, cast.coordinator, meeting),
        (7, cast.contact, meeting),
    ):
        activity.record(session, verb="agenda.changed", by=member, record=record.record)
        await session.flush()
        latest = select(func.max(Activity.id)).scalar_subquery()
        await session.execute(update(Activity).where(col(Activity.id) == latest).values(at=now - timedelta(minutes=minutes)))
    await session.commit()
    coordinator = await browser(cast.coordinator)
    assert told((await coordinator.get(LOG)).text) == [
        "Maja Lindqvist ändrade dagordningen för Vårträff",
        "Ingela Rask ändrade dagordningen för Vårträff",
        "Ingela Rask ändrade dagordningen för Höstträff",
        "Ingela Rask ändrade dagordningen för Vårträff 3 gånger",
        "Ingela Rask ändrade dagordningen för Vårträff",
    ]
    history = (await coordinator.get(f"/granby/records/{meeting.record_id}/history")).text
    assert re.findall(r"Dagordning ändrad&nbsp;· \w+ \w+(?: <small>.*?</small>)?", history) == [
        "Dagordning ändrad&nbsp;· Maja Lindqvist",
        "Dagordning ändrad&nbsp;· Ingela Rask <small>4 gånger</small>",
        "Dagordning ändrad&nbsp;· Ingela Rask",
    ]
    assert await session.scalar(select(func.count()).select_from(Activity)) == 7

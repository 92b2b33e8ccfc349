"""The log: filtered, handed over, harmless in a spreadsheet; and what it adds up to is what holds."""

import csv
import io
import json
import random
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import clock
from portal.activity.models import Activity
from portal.comments.models import Comment, Removal, Thread
from portal.db import Session
from portal.moderation import rulings as the_log
from portal.moderation.actions import hide
from portal.moderation.export import harmless
from portal.moderation.models import Reason, ReasonForm, Report, Ruling, State, replay
from tests.making import make_finding, make_waiting
from tests.moderation.conftest import NUMBER, Enter, Talk, rulings

LOG = "/granby/moderation/log"


async def holds(session: Session) -> State:
    """What the tables say today."""
    session.expire_all()
    comments, threads = list(await session.scalars(select(Comment))), list(await session.scalars(select(Thread)))
    return State(
        reported=set(await session.scalars(select(col(Report.comment_id)).where(col(Report.ruling_id).is_(None)))),
        hidden={each.id for each in comments if each.is_hidden},
        redacted={each.id for each in comments if each.is_redacted},
        locked={each.record_id for each in threads if each.locked_at is not None},
        removed={(each.record_id, each.person_id) for each in await session.scalars(select(Removal))},
    )


async def test_replaying_the_log_gives_todays_state(talk: Talk, session: Session, browser: Enter):
    ingela, maja, chance = await browser(talk.cast.coordinator), await browser(talk.cast.contact), random.Random(7)
    ids = [talk.comment.id, talk.answer.id]
    thread, people = f"/granby/records/{talk.record.id}", [talk.cast.deputy.person_id, talk.cast.head.person_id]
    for _step in range(90):
        comment, person = f"/granby/comments/{chance.choice(ids)}", chance.choice(people)
        path, given = chance.choice(
            [
                (f"{comment}/hiding", {"reason": "insult"}),
                (f"{comment}/restoration", {}),
                (f"{comment}/restoration?undo=1", {}),
                (f"{comment}/report", {"reason": "insult"}),
                (f"{comment}/dismissal", {}),
                (f"{thread}/lock", {}),
                (f"{thread}/unlocking", {}),
                (f"{thread}/removals", {"person": str(person), "reason": "off_topic"}),
                (f"{thread}/removals/{person}/ending", {}),
            ]
        )
        reports = path.endswith("report")
        assert (await (maja if reports else ingela).post(path, given)).status_code in ((303, 403) if reports else (303, 409))
        assert replay(await rulings(session)) == await holds(session)
    await ingela.post(f"/granby/comments/{ids[0]}/redaction", {"reason": "personal_data", "typed": "ta bort texten"})
    state = await holds(session)
    assert replay(await rulings(session)) == state
    assert state.redacted == {ids[0]}
    assert len(await rulings(session)) > 25


async def test_it_is_filtered_by_kind_person_thread_and_day(talk: Talk, session: Session, browser: Enter):
    ingela, other = await browser(talk.cast.coordinator), await make_finding(session, talk.cast.contact, title="En annan tråd")
    with clock.fixed(clock.now() - timedelta(days=9)):
        await hide(session, talk.comment, talk.record, by=talk.cast.coordinator, form=ReasonForm(reason=Reason.insult, words="Förr"))
        await session.commit()
    await ingela.post(talk.of("restoration"))
    await ingela.post(f"/granby/records/{other.id}/lock")
    today, week_ago = clock.today(), clock.today() - timedelta(days=7)
    wanted = {
        "": ["thread.locked", "comment.restored", "comment.hidden"],
        "kind=comment.hidden": ["comment.hidden"],
        f"person={talk.cast.deputy.person_id}": ["comment.restored", "comment.hidden"],
        f"record={other.id}": ["thread.locked"],
        f"since={week_ago}": ["thread.locked", "comment.restored"],
        f"until={week_ago}": ["comment.hidden"],
        f"since={today}&until={today}&kind=thread.locked": ["thread.locked"],
        f"since={today + timedelta(days=1)}": [],
    }
    for query, verbs in wanted.items():
        exported = json.loads((await ingela.get(f"{LOG}.json?{query}")).text)
        assert [each["verb"] for each in reversed(exported)] == verbs, query
        table = list(csv.DictReader(io.StringIO((await ingela.get(f"{LOG}.csv?{query}")).content.decode("utf-8-sig")), delimiter=";"))
        assert [each["verb"] for each in reversed(table)] == verbs, query
        page = (await ingela.get(f"{LOG}?{query}")).text
        assert page.count("<li><time") == len(verbs), query
    for query in ("kind=comment.murdered", "person=x", "since=2026-13-01", "record=99999999999999999999"):
        assert (query, (await ingela.get(f"{LOG}?{query}")).status_code) == (query, 422)


@pytest.mark.parametrize(
    ("query", "count"), [("since=0001-01-01", 1), ("until=9999-12-31", 1), ("since=9999-12-31", 0), ("until=0001-01-01", 0)]
)
async def test_the_ends_of_the_calendar_are_days_too(query: str, count: int, talk: Talk, browser: Enter):
    ingela = await browser(talk.cast.coordinator)
    await ingela.post(f"/granby/records/{talk.record.id}/lock")
    assert len((await ingela.get(f"{LOG}.json?{query}")).json()) == count


async def test_it_goes_on_page_by_page(talk: Talk, session: Session, browser: Enter):
    for number in range(110):
        given = {"network_id": talk.cast.network.id, "record_id": talk.record.id, "actor_id": talk.cast.coordinator.person_id}
        session.add(Ruling(at=clock.now(), verb="thread.locked", words=f"Nummer {number}.", reason="other", **given))
        await session.flush()
    await session.commit()
    ingela = await browser(talk.cast.coordinator)
    older = max(each.id for each in await rulings(session)) - 49
    assert f"{LOG}?kind=thread.locked&amp;before={older}" in (await ingela.get(f"{LOG}?kind=thread.locked")).text
    assert "Nummer 59." in (await ingela.get(f"{LOG}?before={older}")).text


async def test_the_whole_of_it_is_handed_over_block_by_block_and_the_handing_over_is_noted(
    talk: Talk, session: Session, browser: Enter, monkeypatch
):
    monkeypatch.setattr(the_log, "BLOCK", 4)
    given = {
        "network_id": talk.cast.network.id,
        "record_id": talk.record.id,
        "actor_id": talk.cast.coordinator.person_id,
        "at": clock.now(),
    }
    for total in (0, 4, 9):
        session.add_all(Ruling(verb="thread.locked", words=f"å {number}", **given) for number in range(len(await rulings(session)), total))
        await session.commit()
        yvonne = await browser(talk.cast.registrar)
        as_json = json.loads((await yvonne.get(f"{LOG}.json")).text)
        as_csv = list(csv.DictReader(io.StringIO((await yvonne.get(f"{LOG}.csv")).content.decode("utf-8-sig")), delimiter=";"))
        assert [each["id"] for each in as_json] == [each.id for each in await rulings(session)]
        assert [(row["id"], row["words"], row["actor"]) for row in as_csv] == [
            (str(each["id"]), each["words"], each["actor"]) for each in as_json
        ]
        noted = (await session.scalars(select(Activity).order_by(col(Activity.id).desc()).limit(1))).one()
        assert (len(as_json), noted.verb, noted.data["rulings"]) == (total, "moderation.exported", total)


async def test_it_is_handed_over_with_what_was_hidden_as_it_stood_then_and_without_what_was_removed(
    talk: Talk, session: Session, browser: Enter
):
    ingela, yvonne, tomas = [await browser(each) for each in (talk.cast.coordinator, talk.cast.registrar, talk.cast.deputy)]
    original = f"Ring Fredriksdotter på {NUMBER}"
    for version in ("1", "2"):
        await ingela.post(talk.of("hiding"), {"reason": "personal_data"})
        await ingela.post(talk.of("restoration"))
        await tomas.post(f"/granby/comments/{talk.comment.id}", {"body": "=Ring växeln", "version": version})
    await ingela.post(f"/granby/records/{talk.record.id}/lock")
    for reader in (ingela, yvonne):
        said = [(each["verb"], each["comment"]) for each in (await reader.get(f"{LOG}.json")).json()]
        edited = [("comment.hidden", "=Ring växeln"), ("comment.restored", "=Ring växeln")]
        assert said == [("comment.hidden", original), ("comment.restored", original), *edited, ("thread.locked", "")]
    table = csv.DictReader(io.StringIO((await yvonne.get(f"{LOG}.csv")).content.decode("utf-8-sig")), delimiter=";")
    assert [row["comment"] for row in table] == [original, original, "'=Ring växeln", "'=Ring växeln", ""]
    await ingela.post(talk.of("redaction"), {"reason": "personal_data", "typed": "ta bort texten"})
    for ending in ("csv", "json"):
        exported = (await yvonne.get(f"{LOG}.{ending}")).text
        assert ("comment.redacted" in exported, NUMBER in exported, "växeln" in exported) == (True, False, False)


async def test_what_was_not_let_in_is_handed_over_to_who_let_it_in_alone(talk: Talk, session: Session, browser: Enter):
    waits = await make_waiting(session, talk.record, talk.cast.guest, "Ring mig hemma")
    await session.commit()
    ingela, yvonne = await browser(talk.cast.coordinator), await browser(talk.cast.registrar)
    await ingela.post(f"/granby/comments/{waits.id}/hiding", {"reason": "personal_data"})
    handed = {someone: [each["comment"] for each in (await someone.get(f"{LOG}.json")).json()] for someone in (ingela, yvonne)}
    assert handed == {ingela: ["Ring mig hemma"], yvonne: [""]}


async def test_cells_are_safe_against_formulas(talk: Talk, session: Session, browser: Enter):
    evil = '=HYPERLINK("https://exempel.se";"Klicka")'
    await (await browser(talk.cast.coordinator)).post(talk.of("hiding"), {"reason": "other", "words": evil})
    yvonne = await browser(talk.cast.registrar)
    answer = await yvonne.get(f"{LOG}.csv")
    row = next(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert row["words"] == f"'{evil}"
    assert answer.headers["content-disposition"].startswith('attachment; filename="moderation-granby-')
    assert json.loads((await yvonne.get(f"{LOG}.json")).text)[0]["words"] == evil
    for cell in ("=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "＝1"):
        assert harmless(cell) == f"'{cell}"
    assert [harmless(cell) for cell in ("", "ett", "1-2", "a=b")] == ["", "ett", "1-2", "a=b"]


async def test_another_networks_log_is_its_own(talk: Talk, session: Session, browser: Enter):
    await (await browser(talk.cast.coordinator)).post(talk.of("hiding"), {"reason": "insult", "words": "Bara här"})
    olle = await browser(talk.cast.outsider)
    for path in ("/vitby/moderation", "/vitby/moderation/log", "/vitby/moderation/log.csv", "/vitby/moderation/log.json"):
        answer = await olle.get(path)
        assert (path, answer.status_code, "Bara här" in answer.text) == (path, 200, False)
    assert (await olle.get("/granby/moderation")).status_code == 404


async def test_what_a_registrar_may_not_read_is_not_in_her_log_either(talk: Talk, session: Session, browser: Enter):
    await (await browser(talk.cast.coordinator)).post(talk.of("hiding"), {"reason": "insult", "words": "Bara för enheten"})
    yvonne = await browser(talk.cast.registrar)
    assert "Bara för enheten" in (await yvonne.get(LOG)).text
    talk.record.audience = "unit"
    session.add(talk.record)
    await session.commit()
    assert "Bara för enheten" not in (await yvonne.get(LOG)).text

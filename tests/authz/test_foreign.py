"""Numbers of other networks, meetings and people inside a request that is otherwise one's own."""

from uuid import uuid4

from sqlalchemy import select
from sqlmodel import col

from portal.comments.models import Comment
from portal.db import Session
from portal.drafting.models import CoAuthor
from portal.findings.models import Finding
from portal.meetings.models import Attendance
from portal.networks.models import Theme
from portal.records.models import Record, RecordTheme
from tests.authz.world import World
from tests.corpus.forms import FINDING_DATA
from tests.factories import Cast, make_unit
from tests.making import make_finding, make_meeting
from tests.written import written


async def test_an_item_of_another_meeting_is_not_found(own_world: World):
    goods = own_world.unshared
    other = await make_meeting(own_world.sessions, own_world.cast.coordinator, title="En annan träff")
    ingela, before = own_world.browsers["coordinator"], await written(own_world.sessions)
    path = f"/granby/meetings/{other.record_id}/agenda/{goods.numbers['item']}"
    assert (await ingela.get(path)).status_code == 404
    for tail in ("", "/removal", "/rise", "/fall"):
        assert (tail, (await ingela.post(path + tail, {"title": "Stulen"})).status_code) == (tail, 404)
    assert await written(own_world.sessions) == before


async def test_a_record_is_no_record_of_another_kind(own_world: World):
    numbers = own_world.unshared.numbers
    ingela = own_world.browsers["coordinator"]
    for room, name in (("findings", "meeting"), ("meetings", "consultation"), ("consultations", "call"), ("calls", "finding")):
        assert (room, (await ingela.get(f"/granby/{room}/{numbers[name]}")).status_code) == (room, 404)


async def test_a_reply_stays_in_its_own_thread(own_world: World):
    goods = own_world.unshared
    other = await make_finding(own_world.sessions, own_world.cast.contact, title="En annan spaning")
    ingela, before = own_world.browsers["coordinator"], await written(own_world.sessions)
    form = {"body": "Svar på fel ställe", "key": str(uuid4()), "parent_id": str(goods.numbers["comment"])}
    assert (await ingela.post(f"/granby/records/{other.id}/comments", form)).status_code == 404
    assert await written(own_world.sessions) == before


async def test_the_key_of_another_person_is_ones_own(cast: Cast, session: Session, browser):
    record, form = await make_finding(session, cast.contact), {"body": "Samma ord", "key": str(uuid4())}
    for member in (cast.contact, cast.coordinator):
        assert (await (await browser(member)).post(f"/granby/records/{record.id}/comments", form)).status_code == 303
    assert set(await session.scalars(select(col(Comment.author_id)))) == {cast.contact.person_id, cast.coordinator.person_id}


async def test_people_units_and_themes_of_another_network_are_left_out(own_world: World):
    numbers = own_world.unshared.numbers
    unit = await make_unit(own_world.sessions, own_world.cast.outsider.network, "Vitby skola")
    theme = Theme(network_id=own_world.cast.outsider.network_id, name="Främmande", position=0)
    own_world.sessions.add(theme)
    await own_world.sessions.commit()
    ingela = own_world.browsers["coordinator"]
    stranger = str(own_world.cast.outsider.id)
    assert (await ingela.post(f"/granby/meetings/{numbers['meeting']}/note-takers", {"member": stranger})).status_code == 404
    await ingela.post(f"/granby/meetings/{numbers['held']}/attendance", {"present": stranger})
    await ingela.post(f"/granby/consultations/{numbers['consultation']}/units", {"unit": str(unit.id)})
    await ingela.post("/granby/findings", FINDING_DATA | {"themes": str(theme.id)})
    assert own_world.cast.outsider.id not in set(await own_world.sessions.scalars(select(col(Attendance.membership_id))))
    assert unit.id not in set(await own_world.sessions.scalars(select(col(CoAuthor.unit_id))))
    assert theme.id not in set(await own_world.sessions.scalars(select(col(RecordTheme.theme_id))))


async def test_fields_that_the_form_does_not_have_decide_nothing(cast: Cast, session: Session, browser):
    extra = {"role": "coordinator", "author_id": "1", "created_by_id": "1", "network_id": str(cast.outsider.network_id), "id": "4711"}
    extra |= {
        "record_id": "4711",
        "audience": "public",
        "membership_id": "1",
        "version": "99",
        "fate": "used",
        "published_at": "2000-01-01",
    }
    maja = await browser(cast.contact)
    data = FINDING_DATA | {"themes": str(cast.themes[0].id)}
    assert (await maja.post("/granby/findings", data | extra)).status_code == 303
    record = (await session.scalars(select(Record))).one()
    assert (record.network_id, record.created_by_id, record.audience) == (cast.network.id, cast.contact.person_id, "network")
    finding = (await session.scalars(select(Finding))).one()
    assert (record.id != 4711, finding.fate, finding.published_at.year > 2000 if finding.published_at else None) == (True, "new", True)
    await maja.post(f"/granby/records/{record.id}/comments", {"body": "Ord", "key": str(uuid4()), "parent_id": "", **extra})
    comment = (await session.scalars(select(Comment))).one()
    assert (comment.author_id, comment.membership_id, comment.version) == (cast.contact.person_id, cast.contact.id, 1)

"""Titles of records for addresses in a text: for who may read them, and not a word for others."""

from portal.records.actions import share
from portal.records.models import Audience
from tests.factories import Cast
from tests.making import make_call, make_finding, make_meeting


async def test_a31_titles_are_for_those_who_may_read_the_record(cast: Cast, session, browser):
    open_to_all, of_the_unit = (
        await make_finding(session, cast.contact, title="Öppen"),
        await make_finding(session, cast.contact, title="Enhetens"),
    )
    of_the_unit.audience = Audience.unit
    meeting = await make_meeting(session, cast.coordinator, title="Träff ett")
    call = await make_call(session, cast.contact, title="Vänortsmöten")
    await share(session, open_to_all, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    paths = [
        open_to_all.path,
        of_the_unit.path,
        meeting.record.path,
        call.record.path,
        "/findings/999999",
        "/meetings/x",
        f"/meetings/{open_to_all.id}",
        "",
    ]

    async def seen(member) -> list[str]:
        answer = await (await browser(member)).get("/granby/records/titles", params={"paths": paths})
        assert answer.status_code == 200
        return sorted(answer.json().values())

    assert await seen(cast.contact) == ["Enhetens", "Träff ett", "Vänortsmöten", "Öppen"]
    assert await seen(cast.deputy) == ["Träff ett", "Vänortsmöten", "Öppen"]
    assert await seen(cast.guest) == ["Öppen"]
    other = await (await browser(cast.outsider)).get("/vitby/records/titles", params={"paths": paths})
    assert other.json() == {}


async def test_at_most_fifty_titles_are_told(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    maja = await browser(cast.contact)
    nothing = f"/findings/{record.id + 1}"
    told = await maja.get("/granby/records/titles", params={"paths": [nothing] * 49 + [record.path]})
    silent = await maja.get("/granby/records/titles", params={"paths": [nothing] * 50 + [record.path]})
    assert (told.json(), silent.json()) == ({record.path: "Nya avloppsdirektivet"}, {})

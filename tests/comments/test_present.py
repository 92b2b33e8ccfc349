"""Who is here: told by name to members of the network; a guest learns how many there are, and no names of who has not written."""

from portal.comments.models import Thread
from portal.networks.models import Membership
from portal.records.actions import share
from tests.conftest import BASE_URL
from tests.factories import Cast
from tests.live.client import Client
from tests.making import make_finding


async def test_a_guest_learns_how_many_are_here_and_members_learn_who(cast: Cast, session, browser, port: int):
    record = await make_finding(session, cast.contact)
    await share(session, record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    stream = (await session.get_one(Thread, record.id)).stream_id

    async def arrive(member: Membership) -> Client:
        page = await Client.connect(port, origin=BASE_URL, cookie=f"sid={(await browser(member)).client.cookies['sid']}")
        await page.say("subscribe", stream=stream, cursor=None, presence=True)
        return page

    async def sees(page: Client, *people: Membership) -> int:
        """How many more there are, once these are named."""
        while True:
            frame = await page.hear()
            if frame["t"] == "presence" and {each["id"] for each in frame["here"]} == {each.person_id for each in people}:
                return frame["more"]

    maja, said = await arrive(cast.contact), await arrive(cast.guest)
    assert await sees(maja, cast.contact, cast.guest) == 0
    while await sees(said, cast.guest) != 1:
        pass
    for page in (maja, said):
        await page.connection.close()

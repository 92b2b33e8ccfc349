"""Members, units and working groups are found by name, by those whom the directory is for."""

from datetime import timedelta

from portal import clock
from portal.db import Session
from portal.networks.access import Role
from portal.networks.group_models import WorkingGroup
from tests.factories import Cast, make_member
from tests.search.test_passages import count


async def test_whom_and_what_the_directory_shows_is_found_and_leads_there(cast: Cast, session: Session, browser):
    group = WorkingGroup(network_id=cast.network.id, name="Klimatgruppen", purpose="Följer fossilfritt byggande")
    session.add(group)
    await session.commit()
    reader = await browser(cast.reader)
    wanted = {
        "Maja Lindqvist": f"/members#member-{cast.contact.id}",
        "lindq": f"/members#member-{cast.contact.id}",
        "bostaden": f"/members#unit-{cast.housing.id}",  # Granby Bostäder AB
        "arbetsgrupp": f"/meetings/groups/{group.id}",
        "klimatgrupp": f"/meetings/groups/{group.id}",
        "fossilfri": f"/meetings/groups/{group.id}",
    }
    for typed, path in wanted.items():
        shown = (await reader.get(f"/granby/search?q={typed}")).text
        assert f'href="/granby{path}"' in shown, typed
        assert await count(reader, typed) >= 1, typed
    directory = (await reader.get("/granby/members")).text
    assert f'id="member-{cast.contact.id}"' in directory
    assert f'id="member-{cast.coordinator.id}"' in directory


async def test_what_the_directory_does_not_show_is_not_found_in_it(cast: Cast, session: Session, browser):
    yesterday = clock.today() - timedelta(days=1)
    await make_member(session, cast.network, "Fanny Förr", Role.contact, unit=cast.school, ends_on=yesterday)
    await session.commit()
    reader, guest, outsider = [await browser(each) for each in (cast.reader, cast.guest, cast.outsider)]
    found = {who: [await count(each, typed, network) for typed in ("Maja", "Bildning", "Fanny", "Olle", "Öhrn")] for who, each, network in (
        ("reader", reader, "granby"), ("guest", guest, "granby"), ("outsider", outsider, "vitby")
    )}  # fmt: skip
    assert found == {"reader": [1, 2, 0, 0, 1], "guest": [0] * 5, "outsider": [0, 0, 0, 1, 0]}
    assert "Menade du" not in (await guest.get("/granby/search?q=Lindkvist")).text


async def test_a_misspelled_name_unit_or_theme_gets_a_guess(cast: Cast, browser):
    reader = await browser(cast.reader)
    for typed, path in (
        ("lindkvist", f"/members#member-{cast.contact.id}"),
        ("bilbning", f"/members#unit-{cast.school.id}"),
        ("klimatt", f"/findings?theme={cast.themes[0].id}"),
    ):
        shown = (await reader.get(f"/granby/search?q={typed}")).text
        assert ("Menade du" in shown, f'href="/granby{path}"' in shown) == (True, True), typed

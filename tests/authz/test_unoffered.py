"""What the matrix of rights has rows for and the portal does not do: no route and no frame offers it (A12, A13, A15, A48)."""

import json
import re

import pytest
from litestar.routes import HTTPRoute

from portal.app import Portal
from portal.live import frames
from portal.networks.access import PERMISSIONS
from portal.records.models import Audience, Record
from tests.authz.world import World
from tests.written import written

# Moving a thread to another space, making it public, archiving it (what may be archived is a finding: a fate, not a state of its thread).
UNOFFERED = {
    "A12 move": ("move", "moving", "movement", "relocation", "transfer", "network", "space"),
    "A13 make public": ("public", "publicity", "publication", "publishing", "audience", "visibility"),
    "A15 archive": ("archive", "archiving", "archival"),
}
# The days of a plan become meetings that the network's members read. No record becomes public.
NO_RECORDS = {"/{network:str}/meetings/plan/publication"}
OBJECTS = (
    "records/{finding}",
    "findings/{finding}",
    "meetings/{meeting}",
    "consultations/{consultation}",
    "calls/{call}",
    "comments/{comment}",
)


def written_routes(portal: Portal) -> set[str]:
    routes = [route for route in portal.litestar.routes if isinstance(route, HTTPRoute)]
    return {route.path for route in routes if route.methods & {"POST", "PUT", "PATCH", "DELETE"}}


@pytest.mark.parametrize("row", UNOFFERED)
def test_no_route_permission_or_frame_offers_it(row: str, running: Portal):
    routes = written_routes(running)
    assert any(path.endswith("/lock") for path in routes)  # A14, which is offered, is found this way
    offered = {path for path in routes for part in re.findall(r"[a-z-]+", re.sub(r"\{[^}]*\}", "", path)) if part in UNOFFERED[row]}
    assert routes >= NO_RECORDS
    assert offered - NO_RECORDS == set()
    assert {each for each in PERMISSIONS if each.partition(":")[2] in UNOFFERED[row]} == set()
    for deed in UNOFFERED[row]:
        with pytest.raises(frames.UnreadableError, match="unknown_type"):
            frames.parse(json.dumps({"t": deed, "stream": 1, "cursor": None}))
    assert frames.parse(json.dumps({"t": "subscribe", "stream": 1}))


@pytest.mark.parametrize("row", UNOFFERED)
async def test_nobody_does_it_by_asking(row: str, world: World):
    before = await written(world.sessions)
    for place in OBJECTS:
        for deed in UNOFFERED[row]:
            path = f"/granby/{place.format(**world.shared.numbers)}/{deed}"
            answer = await world.browsers["coordinator"].post(path, {"to": "vitby", "audience": "public", "archived": "true"})
            assert (path, answer.status_code) == (path, 404)
    assert await written(world.sessions) == before


def test_a48_nothing_gives_out_who_comes_as_a_file(running: Portal):
    """Who comes stands on the meeting's page (A47); who was there is in its notes, as they were locked."""
    read = {route.path for route in running.litestar.routes if isinstance(route, HTTPRoute) and "GET" in route.methods}
    assert "/{network:str}/moderation/log.csv" in read  # an export that is offered is found this way
    exports = {path for path in read if re.search(r"\.(csv|json|xlsx)$|export|attend|presence|visitors", path)}
    assert {path for path in exports if "/meetings" in path} == set()


async def test_no_form_takes_the_audience_or_the_network(world: World):
    """A13 by the back door: fields that nobody asked for."""
    number = world.unshared.numbers["finding"]
    more = {"audience": "public", "network_id": str(world.cast.outsider.network_id), "handling": "registered", "archived_at": "2020-01-01"}
    form = {"title": "Titel", "happens": "Händer", "means": "Betyder", "themes": str(world.cast.themes[0].id)}
    assert (await world.browsers["coordinator"].post(f"/granby/findings/{number}", form | more)).status_code == 303
    record = await world.sessions.get_one(Record, number, populate_existing=True)
    assert (record.audience, record.network_id, record.handling) == (Audience.network, world.cast.network.id, "working")

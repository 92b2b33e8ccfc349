"""An upload is all or nothing (P23): the portal is killed in the middle of files, and no row is ever without its bytes. What else can cut
one short: tests/files/test_faults.py."""

import asyncio
import os

import httpx
import pytest
from sqlalchemy import text

from tests.files.conftest import kept
from tests.files.made import PDF, noise, picture
from tests.promises.conftest import Theatre
from tests.promises.faults import COMMITTED, STORED, TAKEN
from tests.promises.stage import signed_in, token_of_forms

# Where it is killed, and at which piece or file that comes there; of a picture the small one is stored first.
KILLS = [
    (TAKEN, 1, "brus.png", noise()),
    (TAKEN, 2, "brus.png", noise()),
    (TAKEN, 4, "brus.png", noise()),
    (STORED, 1, "ruta.png", picture()),
    (STORED, 2, "ruta.png", picture()),
    (COMMITTED, 1, "svar.pdf", PDF),
]
ROWS = text("SELECT name, sha256 FROM attachment")


async def test_kills_in_the_middle_of_uploads_leave_no_row_without_bytes_and_in_the_end_no_bytes_without_a_row(theatre: Theatre) -> None:
    portal, store, sid = theatre.mortal(), theatre.data / "files", theatre.stage.tokens[1]
    headers = {"X-CSRF-Token": token_of_forms(sid), "X-Fragment": "1"}
    async with signed_in(sid, headers=headers, timeout=60) as client:
        for point, nth, name, content in KILLS:
            await portal.begin(point, nth)
            path = f"http://127.0.0.1:{portal.port}/granby/records/{theatre.stage.records[0]}/files"
            with pytest.raises(httpx.TransportError):
                await client.post(path, files={"file": (name, content)})
            await portal.has_died()
    async with theatre.sessions() as session:
        [row] = await session.execute(ROWS)
    whole = f"{row.sha256[:2]}/{row.sha256}"
    assert (row.name, (store / whole).read_bytes()) == ("svar.pdf", PDF)
    assert len(kept(store)) > 3
    for each in store.rglob("*"):
        os.utime(each, (0, 0))
    await portal.begin()  # and it sweeps
    async with asyncio.timeout(60):
        while kept(store) != [whole]:
            await asyncio.sleep(0.05)

"""The virus scanner that a municipality may set: a command that says clean, infected, or nothing."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from portal.config import Settings
from portal.db import Session
from tests.factories import Cast
from tests.files.conftest import attach, kept, rows
from tests.files.made import EICAR, PDF
from tests.making import make_finding

SCANNER = """#!/bin/sh
test "$PORTAL_SECRET$DATABASE_URL$HOME" = "" || exit 3
grep -q EICAR-STANDARD-ANTIVIRUS-TEST-FILE "$2" && exit 1
grep -q "ask me later" "$2" && exit 2
test "$1" = "--quiet side"
"""
INFECTED = PDF.replace(b"trailer", EICAR + b" trailer")


@pytest.fixture
def scanned(portal, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "scan"
    script.write_text(SCANNER)
    script.chmod(0o755)
    monkeypatch.setitem(portal.litestar.state._state, "settings", replace(settings, scanner=f"{shlex.quote(str(script))} '--quiet side'"))


@pytest.mark.usefixtures("scanned")
async def test_u13_an_infected_file_is_not_kept_and_the_coordinator_is_told(cast: Cast, session: Session, browser, store):
    record, maja, ingela = await make_finding(session, cast.contact), await browser(cast.contact), await browser(cast.coordinator)
    answer = await attach(maja, record, "svar.pdf", INFECTED)
    assert (answer.status_code, "Virusskyddet stoppade filen" in answer.text) == (422, True)
    assert (await rows(session), kept(store)) == ([], [])
    assert "Fil stoppad av virusskydd" in (await ingela.get(f"/granby/records/{record.id}/history")).text


@pytest.mark.usefixtures("scanned")
async def test_a_clean_file_is_kept(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    assert (await attach(maja, record)).status_code == 201


@pytest.mark.usefixtures("scanned")
async def test_a_scanner_without_an_answer_lets_nothing_through(cast: Cast, session: Session, browser, store):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    answer = await attach(maja, record, "svar.pdf", PDF + b"\n% ask me later\n%%EOF")
    assert (answer.status_code, "kunde inte kontrolleras mot virus just nu" in answer.text) == (503, True)
    assert (await rows(session), kept(store)) == ([], [])


async def test_without_a_scanner_nothing_is_scanned(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    assert (await attach(maja, record, "svar.pdf", INFECTED)).status_code == 201

"""What documents say is read for search, in a program of its own; a file that cannot be read is kept all the same."""

import asyncio
import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import docx
import pytest
from sqlalchemy import select, text
from sqlmodel import col

from portal import clock, jobs
from portal.app import Portal
from portal.config import Settings
from portal.db import Session
from portal.files import store, words
from portal.files.reader import LONGEST
from portal.files.words import READER
from portal.papers import make
from portal.records.models import Passage
from tests.authz.world import make_picture
from tests.factories import Cast
from tests.files.conftest import attach, rows, say
from tests.files.made import PDF, archive, office
from tests.making import make_comment, make_finding

PAPER = {
    "title": "T",
    "author": "A",
    "lang": "sv",
    "foot": "",
    "missing": "",
    "elements": [{"type": "paragraph", "text": "Samrådet om avloppsreningsverken."}],
}


def said(folder: Path, content: bytes, kind: str) -> str | None:
    """What the reader says; None when it has ended without a word."""
    path = folder / "file"
    path.write_bytes(content)
    told = subprocess.run([sys.executable, "-I", READER, path, kind], capture_output=True, timeout=60, check=False)
    return str(json.loads(told.stdout)) if told.returncode == 0 else None


def test_word_says_its_paragraphs_and_not_what_was_struck_out(tmp_path: Path):
    body = '<x xmlns:w="w"><w:p><w:t>Förslaget</w:t><w:delText>struket</w:delText></w:p><w:p><w:t>om vat</w:t><w:t>ten</w:t></w:p></x>'
    content = archive({"word/document.xml": body.encode(), "word/settings.xml": b"<w><t>inte detta</t></w>"})
    assert said(tmp_path, content, "docx") == "Förslaget\nom vatten\n"


def test_a_document_as_word_writes_it(tmp_path: Path):
    made, out = docx.Document(), io.BytesIO()
    made.add_heading("Samrådet om avlopp")
    made.add_table(1, 1).cell(0, 0).text = "Reningsverket"
    made.save(out)
    assert (said(tmp_path, out.getvalue(), "docx") or "").split() == ["Samrådet", "om", "avlopp", "Reningsverket"]


async def test_what_turns_or_hides_text_is_not_among_the_words(tmp_path: Path):
    body = "<x><p><t>Svar \u202eetnI\u202c\u2066 på\u0085rad\ufeff</t></p></x>"
    (tmp_path / "file").write_bytes(archive({"word/document.xml": body.encode("utf-16")}))
    assert await words.said(tmp_path / "file", "docx") == "Svar etnI på\nrad\n"


def test_open_document_sheets_and_slides_in_their_order(tmp_path: Path):
    text = '<o xmlns:text="t"><text:p>Ett<text:tab/>två<text:span> tre</text:span></text:p><style>nej</style></o>'
    assert said(tmp_path, archive({"mimetype": b"", "content.xml": text.encode()}), "odt") == "Ett\ntvå tre\n"
    sheet = "<sst><si><t>Budget</t></si><si><r><t>Ren</t></r><r><t>ing</t></r></si></sst>"
    assert said(tmp_path, archive({"xl/sharedStrings.xml": sheet.encode()}), "xlsx") == "Budget\nRening\n"
    slides = {f"ppt/slides/slide{n}.xml": f'<sld xmlns:a="a"><a:p><a:t>Bild {n}</a:t></a:p></sld>'.encode() for n in (10, 9, 1)}
    assert said(tmp_path, archive(slides), "pptx") == "Bild 1\nBild 9\nBild 10\n"


async def test_a_pdf_says_its_text(tmp_path: Path):
    assert "Samrådet om avloppsreningsverken." in (said(tmp_path, await make(PAPER, "pdf"), "pdf") or "")


async def test_a_word_that_a_line_ends_in_is_whole(tmp_path: Path):
    narrow = {**PAPER, "elements": [{"type": "paragraph", "text": "avloppsreningsverksutbyggnadsplaneringen " * 40}]}
    words = set((said(tmp_path, await make(narrow, "pdf"), "pdf") or "").split())
    assert "avloppsreningsverksutbyggnadsplaneringen" in words


LONG = b"<x><p><t>" + b"ord " * LONGEST + b"</t></p></x>"


def test_it_stops_where_search_does(tmp_path: Path):
    assert len(said(tmp_path, archive({"word/document.xml": LONG}), "docx") or "") == LONGEST


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PDF, "pdf"), (office("docx"), "docx"), (b"PK", "docx"), (archive({"word/document.xml": b"<x><t>ord</x>"}), "docx")],
)
def test_what_cannot_be_read_says_nothing(content: bytes, kind: str, tmp_path: Path):
    assert not said(tmp_path, content, kind)


async def found(someone, typed: str) -> bool:
    return "1 resultat" in (await someone.get(f"/granby/search?q={typed}")).text


async def until_found(someone, typed: str) -> None:
    for tried in range(50):  # a sign-in does not search without end
        if await found(someone, typed):
            return
        await asyncio.sleep(0.02 if tried < 20 else 0.5)
    raise AssertionError(f"{typed} was not found")


async def test_uploads_do_not_wait_for_what_is_slow_to_read(
    cast: Cast, session: Session, browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The reader waits, as it may for a large document, until somebody opens the other end of the pipe."""
    gate, slow = tmp_path / "gate", tmp_path / "slow.py"
    os.mkfifo(gate)
    slow.write_text(f"import runpy\nopen({str(gate)!r}).read()\nrunpy.run_path({str(words.READER)!r}, run_name='__main__')\n")
    monkeypatch.setattr(words, "READER", slow)
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    made = await make(PAPER, "pdf")
    answers = [await attach(maja, record, f"rapport-{n}.pdf", made) for n in range(3)]
    assert ([each.status_code for each in answers], {each.read_at for each in await rows(session)}) == ([201] * 3, {None})
    first, *others = await rows(session)
    await say(maja, record, "Se bilagan.", file=[first.id], alt=[""])
    assert (await found(maja, "rapport"), await found(maja, "avloppsreningsverken")) == (True, False)
    for _each in (first, *others):
        await asyncio.to_thread(gate.write_text, "")
    await until_found(maja, "avloppsreningsverken")


async def test_a_file_that_nobody_has_read_is_found_by_its_words_in_time_and_keeps_its_day(
    cast: Cast, session: Session, browser, settings: Settings, portal: Portal
):
    """As those are that were uploaded before there was a reader: no job is there for them."""
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    path = settings.data / "rapport"
    path.write_bytes(await make(PAPER, "pdf"))
    file = make_picture(record, cast.contact)
    comment = await make_comment(session, record, cast.contact, "Se bilagan.")
    file.kind, file.name, file.sha256 = "pdf", "rapport.pdf", store.checksum(path)
    file.comment_id, file.created_at, file.posted_at = comment.id, clock.now() - timedelta(days=400), clock.now()
    store.put(path, store.place(settings.file_folder, file.sha256))
    session.add(file)
    await session.flush()
    await words.make_findable(session, file, "")
    await session.commit()
    assert (await found(maja, "rapport.pdf"), await found(maja, "avloppsreningsverken")) == (True, False)
    for _twice in range(2):
        await words.plan(session)
        await session.commit()
    await until_found(maja, "avloppsreningsverken")
    [at] = await session.scalars(select(col(Passage.at)))
    assert at == file.created_at
    await words.plan(session)
    assert await session.scalar(text("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'files.read' AND status = 'queued'")) == 0


async def test_a_file_that_says_nothing_or_is_gone_counts_as_read(cast: Cast, session: Session, portal: Portal, settings: Settings):
    record = await make_finding(session, cast.contact)
    file = make_picture(record, cast.contact)
    file.kind = "pdf"
    session.add(file)
    await session.commit()
    await words.read(portal.sessions, settings.file_folder, {"file": file.id})
    await words.read(portal.sessions, settings.file_folder, {"file": file.id + 1})
    await session.refresh(file)
    assert file.read_at is not None


@pytest.mark.parametrize(
    "program", ["import os, signal; os.kill(os.getpid(), signal.SIGTERM)", None], ids=["the machine shuts down", "there is no room for it"]
)
async def test_a_reader_that_was_stopped_from_outside_reads_again(
    program, cast: Cast, session: Session, portal: Portal, settings: Settings, tmp_path: Path, monkeypatch
):
    record = await make_finding(session, cast.contact)
    file = make_picture(record, cast.contact)
    file.kind = "pdf"
    session.add(file)
    await session.commit()
    if program is None:
        monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    else:
        monkeypatch.setattr(words, "READER", tmp_path / "stopped.py")
        words.READER.write_text(program)
    with pytest.raises(jobs.TemporaryError):
        await words.read(portal.sessions, settings.file_folder, {"file": file.id})
    await session.refresh(file)
    assert file.read_at is None


async def test_a_file_that_was_tried_to_the_end_in_vain_is_not_tried_for_ever(cast: Cast, session: Session):
    record = await make_finding(session, cast.contact)
    files = [make_picture(record, cast.contact) for _twice in range(2)]
    session.add_all(files)
    await session.commit()
    vain, other = (each.id for each in files)
    await session.execute(
        text("INSERT INTO pgqueuer (priority, entrypoint, payload, status, dedupe_key) VALUES (0, 'files.read', '{}', 'failed', :key)"),
        {"key": f"files.read:{vain}"},
    )
    await words.plan(session)
    assert (await session.scalars(text("SELECT dedupe_key FROM pgqueuer WHERE status = 'queued'"))).all() == [f"files.read:{other}"]

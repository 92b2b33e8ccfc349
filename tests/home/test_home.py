"""Home is never empty; search finds what one may see and nothing else."""

import re
from html import unescape

from portal.accounts import actions as accounts
from portal.records.actions import share
from tests.factories import Cast
from tests.making import make_circulated, make_consultation, make_correction, make_finding, make_meeting


async def test_home_is_never_empty(cast: Cast, browser):
    for role in ("coordinator", "contact", "head", "reader", "registrar", "guest", "admin"):
        shown = await (await browser(cast.everyone[role])).get("/granby")
        assert shown.status_code == 200, role
        assert ("Inget är delat med dig ännu" if role == "guest" else "Nästa träff") in shown.text, role


async def test_a_guest_finds_what_is_shared_at_home(cast: Cast, session, browser):
    finding, meeting = await make_finding(session, cast.contact), await make_meeting(session, cast.coordinator)
    guest = await browser(cast.guest)
    for record in (finding, meeting.record):
        assert record.heading not in (await guest.get("/granby")).text
        await share(session, record, by=cast.coordinator, guest=cast.guest)
        await session.commit()
    shared = (await guest.get("/granby")).text.partition('id="shared"')[2].partition("</section>")[0]
    assert re.findall(r'href="(/granby/[^"]+)"', shared) == [f"/granby{each.path}" for each in (meeting.record, finding)]


async def test_home_tells_what_waits_and_what_is_new(cast: Cast, session, browser):
    await make_consultation(session, cast.coordinator)
    meeting = await make_meeting(session, cast.coordinator)
    await make_finding(session, cast.contact)
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    shown = (await ingela.get("/granby")).text
    assert "1 samråd att bedöma" in shown
    assert "1 spaning att bedöma" in shown
    assert "Nya avloppsdirektivet" in shown
    await ingela.post(f"/granby{meeting.record.path}/summons")
    assert "Kommer du? Nätverksträff 2" in (await maja.get("/granby")).text


async def test_notes_that_a_correction_keeps_from_being_approved_wait_for_its_answer(cast: Cast, session, browser):
    meeting = await make_circulated(session, cast, "Nätverksträff 2")
    ingela = await browser(cast.coordinator)
    assert "Anteckningarna väntar på att färdigställas" in (await ingela.get("/granby")).text
    await make_correction(session, meeting, by=cast.contact, body="Vi var fyra.")
    shown = (await ingela.get("/granby")).text
    assert ("Besvara 1 ändringsförslag" in shown, "väntar på att färdigställas" in shown) == (True, False)


async def test_who_administers_is_told_while_the_contact_page_says_nothing(cast: Cast, session, browser):
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    said = "Kontaktsidan säger inte hur man når nätverket"
    pages = ((ingela, "/granby"), (maja, "/granby"), (ingela, "/granby/administer"))
    assert [said in (await who.get(path)).text for who, path in pages] == [False, False, False]
    cast.network.contact = ""
    session.add(cast.network)
    await session.commit()
    assert [said in (await who.get(path)).text for who, path in pages] == [True, False, True]
    assert 'href="/granby/administer/settings#f-contact"' in (await ingela.get("/granby")).text


async def test_home_says_what_its_dates_mean(cast: Cast, session, browser):
    await make_consultation(session, cast.coordinator)
    ingela, maja = await browser(cast.coordinator), await browser(cast.contact)
    assert re.search(r'<span class="act ?">stänger \d+\s\w+', (await ingela.get("/granby")).text)
    await make_consultation(session, cast.coordinator, title="Översyn av upphandlingsdirektiven")
    assert re.search(r'<span class="act ?">det första stänger \d+\s\w+', (await ingela.get("/granby")).text)
    assert re.search(r'<span class="act">Samråd tillagt</span>\s*<small>Ingela Rask&nbsp;· nyss', (await maja.get("/granby")).text)


async def test_a_search_in_one_kind_that_finds_nothing_offers_everything(cast: Cast, session, browser):
    await make_finding(session, cast.contact, title="Förslaget om samrådet")
    maja = await browser(cast.contact)
    shown = (await maja.get("/granby/search?q=samråd&kind=meeting")).text
    everything = re.search(r'<a class="btn primary" href="([^"]+)">Sök i allt', shown)
    assert everything is not None
    assert "1 resultat för" in (await maja.get(unescape(everything[1]))).text
    assert "Sök i allt" not in (await maja.get("/granby/search?q=ryggskott")).text


async def test_the_bell_counts_what_waits_at_home(cast: Cast, session, browser):
    await make_consultation(session, cast.coordinator)
    await make_finding(session, cast.contact)
    ingela, reader = await browser(cast.coordinator), await browser(cast.reader)
    shown = (await ingela.get("/granby")).text
    waiting = shown.partition("data-tasks>")[2].partition("</ul>")[0].count('class="what"')
    assert waiting > 1
    assert f'data-waiting="{waiting}"' in shown
    assert (await ingela.get("/granby/waiting")).json() == {"count": waiting, "words": f"{waiting} saker väntar på dig"}
    assert (await reader.get("/granby/waiting")).json() == {"count": 0, "words": "Inget väntar på dig"}


async def test_search_finds_inflected_words_and_only_what_one_may_see(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact, title="Förslaget om samrådet", happens="Mötena i nämnden")
    for role in ("coordinator", "contact", "reader"):
        member = await browser(cast.everyone[role])
        for typed in ("samråd", "förslag", "möte", "försl"):
            assert "1 resultat för" in (await member.get(f"/granby/search?q={typed}")).text, (role, typed)
    guest, outsider = await browser(cast.guest), await browser(cast.outsider)
    assert "0 resultat för" in (await guest.get("/granby/search?q=samråd")).text
    assert (await outsider.get("/granby/search?q=samråd")).status_code == 404
    assert "0 resultat för" in (await outsider.get("/vitby/search?q=samråd")).text
    await share(session, record, by=cast.coordinator, guest=cast.guest)
    await session.commit()
    assert "1 resultat för" in (await guest.get("/granby/search?q=samråd")).text


async def test_a_typing_error_gets_a_guess(cast: Cast, session, browser):
    await make_finding(session, cast.contact, title="Avloppsdirektivet")
    shown = (await (await browser(cast.reader)).get("/granby/search?q=avlopsdirektvet")).text
    assert "Menade du" in shown
    assert "Avloppsdirektivet" in shown


async def test_any_typing_is_answered(cast: Cast, browser):
    reader = await browser(cast.reader)
    for typed in ("a & | b", ":* ((", "%_\\", "x" * 10_000, "a", "och", "((a+)+", "\x00", "'; drop table person; --", '"'):
        assert (await reader.client.get("/granby/search", params={"q": typed})).status_code in (200, 404), typed


async def test_an_answer_that_is_given_at_home_leads_back_home_and_nowhere_else(cast: Cast, session, browser):
    meeting = await make_meeting(session, cast.coordinator)
    await (await browser(cast.coordinator)).post(f"/granby{meeting.record.path}/summons")
    maja, path = await browser(cast.contact), f"/granby{meeting.record.path}"
    at_home = re.search(r'/answer"[^>]*>.*?name="next" value="([^"]+)"', (await maja.get("/granby")).text)[1]
    ways = [
        (await maja.post(f"{path}/answer", {"answer": "yes", "next": given})).headers["location"]
        for given in (at_home, "//elsewhere.example", "")
    ]
    assert ways == ["/granby", path, path]


async def test_home_tells_of_a_text_that_came_after_its_sign_in_had_ended_until_it_is_sent_or_thrown_away(cast: Cast, session, browser):
    maja, pelle = await browser(cast.contact), await browser(cast.guest)
    await accounts.end(session, person=cast.contact.person)
    await session.commit()
    late = {"title": "Sent", "happens": "Mer rening.", "means": "Berör oss."}
    for _each in range(2):
        assert (await maja.post("/granby/findings", late)).status_code == 401
    maja = await browser(cast.contact)
    shown = (await maja.get("/granby")).text
    assert ("2 texter hann inte skickas" in shown, 'href="/me#unsent"' in shown, 'id="unsent"' in (await maja.get("/me")).text) == (
        True,
        True,
        True,
    )
    assert "hann inte skickas" not in (await pelle.get("/granby")).text
    before = (await maja.get("/granby/waiting")).json()["count"]
    first, second = re.findall(r"/kept/(\d+)", (await maja.get("/me")).text)
    await maja.post(f"/kept/{first}/discarding")
    assert 'href="/kept/' + second + '">1 text hann inte skickas' in (await maja.get("/granby")).text
    await maja.post(f"/kept/{second}/sending", late)
    assert "hann inte skickas" not in (await maja.get("/granby")).text
    assert (await maja.get("/granby/waiting")).json()["count"] == before - 1

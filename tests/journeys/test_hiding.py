"""Scenario 6: a guest posts a private number; it is reported, hidden with a reason in two clicks, and its author is told."""

import asyncio
import re

from playwright.async_api import Locator, Page, expect

from tests.journeys.deeds import NETWORK, SOON, box, choose, comment, comments, is_live, offer, open_live, share_finding
from tests.journeys.house import House
from tests.journeys.visitor import NO_SOCKET, Visit, Visitor

NUMBER = "070-555 01 99"
WORDS = f"Ring Anna Fredriksdotter på {NUMBER}"
HIDDEN = "Dold av samordnaren: personuppgifter"
SHARED = "Rättsakt om överkomliga bostäder"


async def test_a_guests_private_number_is_reported_hidden_and_gone_from_every_window_and_from_search(visit: Visit) -> None:
    said, maja, ingela, yvonne = [await visit(name) for name in ("Said Karimi", "Maja Lindqvist", "Ingela Rask", "Yvonne Adell")]
    await said.open(f"{NETWORK}/consultations")
    await said.page.get_by_role("link", name=SHARED).first.click()
    path = said.page.url.removeprefix(said.address).partition("#")[0]
    await open_live(said, path)
    await open_live(maja, path)
    await comment(said, WORDS)
    await expect(maja.page.get_by_role("button", name="Visa 1 ny kommentar").or_(maja.page.get_by_text(NUMBER))).to_be_visible(timeout=SOON)
    await maja.open(path)
    await _search_finds(ingela.page, ingela.address, "Fredriksdotter", 1)

    await choose(_of(maja.page, WORDS), "Anmäl kommentaren av Said Karimi")
    await maja.page.get_by_label("Personuppgifter").check()
    await maja.page.get_by_role("button", name="Skicka anmälan").click()
    await expect(maja.page.get_by_text("Samordnaren har fått din anmälan.")).to_be_visible()
    await open_live(maja, path)
    await maja.page.evaluate("window.sameWindow = true")

    await ingela.open(NETWORK)
    await ingela.page.get_by_role("link", name="2 anmälda kommentarer").click()
    case = ingela.page.locator("article.case").filter(has_text=NUMBER)
    await expect(case).to_contain_text("Anmält av Maja Lindqvist")
    await case.get_by_text("Dölj …").click()
    await case.get_by_role("button", name="Dölj: Personuppgifter").click()
    await expect(ingela.page.get_by_text("Kommentaren är dold. Said Karimi får veta varför.")).to_be_visible()
    await expect(ingela.page.get_by_role("heading", name="Moderering", level=1)).to_be_visible()

    for reader in (maja.page, said.page):
        await expect(comments(reader).filter(has_text=HIDDEN).last).to_be_visible(timeout=SOON)
        await expect(reader.get_by_text(NUMBER)).to_have_count(0)
    assert await maja.page.evaluate("window.sameWindow") is True

    await said.open(NETWORK)
    await said.page.get_by_role("link", name="Din kommentar är dold").first.click()
    await said.page.get_by_role("link", name="Läs det du skrev").click()
    await expect(said.page.get_by_text(NUMBER)).to_be_visible()
    await _search_finds(ingela.page, ingela.address, "Fredriksdotter", 0)
    await ingela.open(path)
    await expect(ingela.page.get_by_text(NUMBER)).to_have_count(0)

    await yvonne.open(f"{NETWORK}/moderation/log?kind=comment.hidden")
    async with yvonne.page.expect_download() as fetched:
        await yvonne.page.get_by_role("link", name="Hämta som tabell (CSV)").click()
    assert WORDS in (await (await fetched.value).path()).read_text("utf-8-sig")


async def test_hiding_from_the_thread_takes_two_clicks_and_one_more_takes_it_back(visit: Visit) -> None:
    tomas, ingela = await visit("Tomas Ekvall"), await visit("Ingela Rask")
    path = await share_finding(tomas, "Hör det hit?")
    await open_live(tomas, path)
    await comment(tomas, "Det här hör kanske inte hit.")
    await ingela.open(path)
    await _of(ingela.page, "Det här hör kanske inte hit.").get_by_role("link", name="Dölj kommentaren av Tomas Ekvall").click()
    await ingela.page.get_by_role("button", name="Dölj: Hör inte hit").click()
    await expect(tomas.page.get_by_text("Dold av samordnaren: hör inte hit")).to_be_visible(timeout=SOON)
    await ingela.page.get_by_role("button", name="Ångra").click()
    await expect(tomas.page.get_by_text("Det här hör kanske inte hit.")).to_be_visible(timeout=SOON)


async def test_words_that_are_hidden_or_removed_go_from_a_page_on_which_somebody_is_reporting_them(visit: Visit) -> None:
    tomas, maja, ingela = [await visit(name) for name in ("Tomas Ekvall", "Maja Lindqvist", "Ingela Rask")]
    path = await share_finding(tomas, "Medan hon skrev")
    await open_live(tomas, path)
    await comment(tomas, WORDS)
    await maja.open(path)
    await choose(_of(maja.page, WORDS), "Anmäl kommentaren av Tomas Ekvall")
    await is_live(maja.page)
    await maja.page.get_by_label("Med egna ord").fill("Ett privat nummer")
    await expect(maja.page.get_by_text(WORDS)).to_be_visible()

    maja.expects_status(403)
    await ingela.open(path)
    await _of(ingela.page, WORDS).get_by_role("link", name="Dölj kommentaren av Tomas Ekvall").click()
    await ingela.page.get_by_role("button", name="Dölj: Personuppgifter").click()
    await expect(maja.page.get_by_text(WORDS)).to_have_count(0, timeout=SOON)
    await ingela.page.get_by_role("button", name="Ångra").click()
    await expect(maja.page.get_by_text(WORDS)).to_be_visible(timeout=SOON)
    await _of(ingela.page, WORDS).get_by_role("link", name=re.compile("kl")).click()
    await ingela.page.get_by_role("link", name="Ta bort texten för gott …").click()
    await ingela.page.get_by_label("Personuppgifter").check()
    await ingela.page.get_by_role("button", name="Fortsätt").click()
    await ingela.page.get_by_label("Skriv ”ta bort texten”").fill("ta bort texten")
    await ingela.page.get_by_role("button", name="Ta bort texten för gott").click()
    await expect(maja.page.get_by_text("Texten är borttagen för gott: personuppgifter.")).to_be_visible(timeout=SOON)
    await expect(maja.page.get_by_text(WORDS)).to_have_count(0)
    await expect(maja.page.get_by_label("Med egna ord")).to_have_value("Ett privat nummer")


async def test_two_presses_hide_a_comment_by_keyboard_and_without_a_script_as_well(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask", java_script_enabled=False)
    path = await share_finding(maja, "Två tryck")
    await open_live(maja, path)
    await comment(maja, "Fel tråd, ser jag nu.")
    await ingela.open(path)
    await _of(ingela.page, "Fel tråd").get_by_role("link", name="Svara till Maja Lindqvist").focus()
    await ingela.page.keyboard.press("Tab")
    await ingela.page.keyboard.press("Enter")
    reason = ingela.page.get_by_role("button", name="Dölj: Hör inte hit")
    await reason.focus()
    await ingela.page.keyboard.press("Enter")
    await expect(_of(ingela.page, "Dold av samordnaren: hör inte hit")).to_be_visible()
    await expect(_of(maja.page, "Dold av samordnaren: hör inte hit")).to_be_visible(timeout=SOON)


async def test_a_comment_has_an_address_to_copy_and_one_to_go_to(visit: Visit, house: House) -> None:
    maja, tomas = (
        await visit("Maja Lindqvist", permissions=["clipboard-read", "clipboard-write"]),
        await visit("Tomas Ekvall", java_script_enabled=False),
    )
    path = await share_finding(maja, "Att hänvisa till")
    await open_live(maja, path)
    await comment(maja, "Det här ska citeras i mejl.")
    await comments(maja.page).get_by_text("Mer om kommentaren av Maja Lindqvist").click()
    await maja.page.get_by_role("link", name="Länk till kommentaren").click()
    await expect(comments(maja.page).get_by_text("Länken är kopierad")).to_be_visible()
    await expect(maja.page.get_by_role("status").filter(has_text="Länken är kopierad")).to_be_attached()
    address = await maja.page.evaluate("navigator.clipboard.readText()")
    assert address.startswith(f"{maja.address}{NETWORK}/comments/")

    await tomas.open(path)
    await choose(comments(tomas.page), "Länk till kommentaren")
    await expect(comments(tomas.page).locator(":scope:target")).to_have_text(re.compile("Det här ska citeras i mejl"))
    await tomas.page.goto(address)
    await expect(comments(tomas.page).locator(":scope:target")).to_have_count(1)


async def test_a_lock_is_seen_at_once_and_so_is_what_a_guest_waits_with(visit: Visit, house: House) -> None:
    said, maja, ingela, beside = [await visit(name) for name in ("Said Karimi", "Maja Lindqvist", "Ingela Rask", "Ingela Rask")]
    await said.open(f"{NETWORK}/consultations")
    await said.page.get_by_role("link", name=SHARED).first.click()
    path = said.page.url.removeprefix(said.address).partition("#")[0]
    for each in (maja, ingela, beside):
        await open_live(each, path)
    await beside.page.get_by_label("Mer om tråden").click()
    lock, unlock = [beside.page.get_by_role("button", name=name) for name in ("Lås tråden", "Öppna tråden")]
    await expect(unlock).to_be_hidden()
    await lock.focus()
    await box(maja.page).fill("Mitt i en mening")
    await ingela.page.get_by_label("Mer om tråden").click()
    await ingela.page.get_by_role("button", name="Lås tråden").click()
    await expect(box(maja.page)).to_be_hidden(timeout=SOON)
    await expect(unlock).to_be_focused(timeout=SOON)
    await expect(lock).to_be_hidden()
    await expect(maja.page.get_by_text("Det du skrev och inte har skickat:")).to_be_visible()
    await expect(maja.page.get_by_role("blockquote").filter(has_text="Mitt i en mening")).to_be_visible()
    await ingela.page.get_by_role("button", name="Ångra").click()
    await expect(box(maja.page)).to_have_value("Mitt i en mening")
    await expect(box(maja.page)).to_be_visible(timeout=SOON)
    await expect(lock).to_be_visible(timeout=SOON)
    await expect(unlock).to_be_hidden()
    await expect(ingela.page.get_by_text("Tråden är öppen igen.")).to_be_visible()  # the others saw it before she had her own page back

    await house.put("UPDATE network SET guests_wait = true")
    await open_live(ingela, path)
    await open_live(said, path)
    await comment(said, "En gäst undrar")
    await expect(ingela.page.get_by_text("1 kommentar väntar på godkännande.")).to_be_visible(timeout=SOON)
    own = _of(said.page, "En gäst undrar")
    await expect(own.get_by_role("link", name="Ändra din kommentar")).to_be_visible()
    await ingela.page.get_by_role("link", name="Till modereringen").click()
    await ingela.page.locator("article.case").filter(has_text="En gäst undrar").get_by_role("button", name="Godkänn").click()
    await expect(_of(maja.page, "En gäst undrar").or_(offer(maja.page, 1))).to_be_visible(timeout=SOON)
    await expect(own.get_by_text("Väntar på godkännande.")).to_have_count(0, timeout=SOON)
    await expect(own.get_by_role("link", name="Ändra din kommentar")).to_be_hidden()
    await expect(own).to_have_count(1)

    await said.page.evaluate("window.sameWindow = true")
    shown = await comments(maja.page).count()
    await comment(said, "Ring mig på 070-555 01 98")
    case = ingela.page.locator("article.case").filter(has_text="070-555 01 98")
    await expect(case).to_be_visible(timeout=SOON)
    await case.get_by_text("Släpp inte fram …").click()
    await case.get_by_role("button", name="Dölj: Personuppgifter").click()
    refused = comments(said.page).filter(has_text="Samordnaren släppte inte fram kommentaren: personuppgifter")
    await expect(refused.get_by_role("link", name="Läs originalet")).to_be_visible(timeout=SOON)
    await expect(said.page.get_by_text("070-555 01 98")).to_have_count(0)
    await expect(
        said.page.get_by_role("status").filter(has_text="Samordnaren släppte inte fram kommentaren: personuppgifter")
    ).to_be_attached()
    await expect(comments(maja.page)).to_have_count(shown)
    await ingela.page.get_by_role("button", name="Ångra").click()
    await expect(_of(said.page, "070-555 01 98").get_by_text("Väntar på godkännande.")).to_be_visible(timeout=SOON)
    assert await said.page.evaluate("window.sameWindow") is True
    await expect(comments(maja.page)).to_have_count(shown)
    await house.put("UPDATE network SET guests_wait = false")


async def test_who_is_stopped_from_a_thread_sees_it_while_she_writes_and_so_does_who_may_write_again(visit: Visit) -> None:
    zainab, ingela = await visit("Zainab Warsame"), await visit("Ingela Rask")
    path = await share_finding(zainab, "En het tråd")
    await open_live(zainab, path)
    await comment(zainab, "Detta är inget argument.")
    await box(zainab.page).fill("Och en sak till")
    await _stop_zainab(ingela, path)

    why = zainab.page.get_by_text("Du kan läsa men inte skriva i den här tråden: kränkande")
    await expect(why).to_be_visible(timeout=SOON)
    await expect(why).to_be_focused()
    await expect(box(zainab.page)).to_be_hidden()
    await expect(zainab.page.get_by_role("blockquote").filter(has_text="Och en sak till")).to_be_visible()
    await expect(_of(zainab.page, "Detta är").get_by_role("link", name="Ändra din kommentar")).to_be_hidden()

    await ingela.page.get_by_role("button", name="Ångra").click()
    await expect(box(zainab.page)).to_have_value("Och en sak till")
    await expect(box(zainab.page)).to_be_visible(timeout=SOON)
    await expect(why).to_have_count(0)


async def test_what_is_told_just_before_the_network_goes_away_is_shown_when_it_is_back(visit: Visit) -> None:
    zainab, ingela = await visit("Zainab Warsame"), await visit("Ingela Rask")
    await zainab.context.add_init_script("Math.random = () => 0.999")  # what has changed is fetched as late as it ever is
    path = await share_finding(zainab, "Strax före avbrottet")
    told = asyncio.Event()
    zainab.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: told.set() if '"thread-' in str(frame) else None))
    await open_live(zainab, path)
    await comment(zainab, "Detta är inget argument.")
    why = zainab.page.get_by_text("Du kan läsa men inte skriva i den här tråden: kränkande")
    told.clear()
    await _stop_zainab(ingela, path)
    async with asyncio.timeout(10):
        await told.wait()

    zainab.expects(NO_SOCKET)  # and no page or part of it is asked for in vain
    await zainab.context.set_offline(True)
    await expect(zainab.page.get_by_role("status").filter(has_text="Ingen kontakt just nu")).to_be_visible()
    await zainab.context.set_offline(False)
    await expect(why).to_be_visible(timeout=SOON)


async def _stop_zainab(ingela: Visitor, path: str) -> None:
    await ingela.open(path)
    await ingela.page.get_by_label("Mer om tråden").click()
    await ingela.page.get_by_role("link", name="Vem får skriva").click()
    await ingela.page.get_by_label("Vem?").select_option(label="Zainab Warsame")
    await ingela.page.get_by_label("Kränkande").check()
    await ingela.page.get_by_role("button", name="Stäng av från tråden").click()


def _of(page: Page, words: str) -> Locator:
    return comments(page).filter(has_text=words)


async def _search_finds(page: Page, address: str, words: str, count: int) -> None:
    await page.goto(f"{address}{NETWORK}/search?q={words}")
    await expect(page.locator("ol.hits > li")).to_have_count(count)

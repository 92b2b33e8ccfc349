"""Scenario 5: a living thread in two browsers."""

import asyncio

from playwright.async_api import expect

from tests.journeys.deeds import (
    LONGEST_PAUSE,
    SOON,
    box,
    comment,
    comment_later,
    comments,
    is_live,
    offer,
    open_live,
    share_finding,
    unsent,
)
from tests.journeys.house import House
from tests.journeys.visitor import NETWORK, Visit, Visitor

CUT = 30
TALL = {"width": 1280, "height": 2000}  # so that nobody reads further up, and what comes in is shown at once

# What a screen reader comes to in a thread, in this order.
HEARD = """
- heading /Tråd 3 kommentarer/ [level=2]
- button "Pausa uppdateringar"
- group: "Följ: allt"
- article:
  - text: Ingela Rask
  - link /kl\\. \\d\\d\\.\\d\\d/
  - paragraph: Vem känner någon där?
  - link "Svara till Ingela Rask"
  - group: Mer om kommentaren av Ingela Rask
- article:
  - text: Maja Lindqvist Bildning ·
  - link /kl\\. \\d\\d\\.\\d\\d/
  - paragraph: Sirkka gör det
  - link "Svara till Maja Lindqvist"
  - link "Ändra din kommentar"
  - group: Mer om kommentaren av Maja Lindqvist
- article:
  - text: Ingela Rask
  - link /kl\\. \\d\\d\\.\\d\\d/
  - paragraph: Bra, jag ringer henne
  - link "Svara till Ingela Rask"
  - group: Mer om kommentaren av Ingela Rask
- text: Skriv en kommentar
- paragraph: /Skriv inget hemligt/
- textbox "Skriv en kommentar"
- button "Bifoga filer"
- button "Skicka"
"""


async def test_a_new_comment_waits_politely_while_she_writes(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "Digitala tvillingar för skyfall")
    await open_live(maja, path)
    await open_live(ingela, path)
    await box(maja.page).press_sequentially("Vi har redan frågat")

    await comment(ingela, "Kan Tekniska ta den här?")
    await expect(offer(maja.page, 1)).to_be_visible(timeout=SOON)
    await expect(maja.page.get_by_role("status").filter(has_text="Ny kommentar av Ingela Rask")).to_be_attached()
    await expect(box(maja.page)).to_be_focused()
    await maja.page.keyboard.type(" Vitsjö")
    await expect(box(maja.page)).to_have_value("Vi har redan frågat Vitsjö")
    await expect(comments(maja.page)).to_have_count(0)

    await comment(ingela, "Eller Samhällsbyggnad?")
    await offer(maja.page, 2).click(timeout=SOON)
    await expect(comments(maja.page)).to_contain_text(["Kan Tekniska ta den här?", "Eller Samhällsbyggnad?"])
    await expect(box(maja.page)).to_have_value("Vi har redan frågat Vitsjö")
    await expect(maja.page.get_by_role("heading", name="Tråd")).to_contain_text("2 kommentarer")


async def test_a_comment_appears_by_itself_for_one_who_reads(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "Tåg till skolutbyten")
    await open_live(maja, path)
    await open_live(ingela, path)
    await comment(ingela, "Vad kostar det?")
    await expect(comments(maja.page)).to_contain_text(["Vad kostar det?"], timeout=SOON)
    await expect(maja.page.get_by_role("status").filter(has_text="Ny kommentar av Ingela Rask")).to_be_attached()


async def test_replies_are_one_level_deep(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "Beredskapslager i Finland")
    await open_live(maja, path)
    await open_live(ingela, path)
    await comment(ingela, "Vem känner någon där?")

    await maja.page.get_by_role("link", name="Svara till Ingela Rask").click()
    await expect(box(maja.page)).to_be_focused()
    await expect(maja.page.get_by_text("Du svarar Ingela Rask")).to_be_visible()
    await comment(maja, "Sirkka gör det")
    answer = ingela.page.locator(".exchange .reply", has_text="Sirkka gör det")
    await expect(answer).to_be_visible(timeout=SOON)

    await answer.get_by_role("link", name="Svara till Maja Lindqvist").click()
    await comment(ingela, "Bra, jag ringer henne")
    exchange = maja.page.locator(".exchange", has_text="Vem känner någon där?")
    await expect(exchange.locator("article")).to_contain_text(["Vem känner någon där?", "Sirkka gör det", "Bra, jag ringer henne"])
    await expect(exchange.locator("> .reply")).to_have_count(2)
    await maja.page.reload()
    await expect(exchange.locator("> .reply")).to_have_count(2)
    await expect(maja.page.locator("#thread")).to_match_aria_snapshot(HEARD)


async def test_what_is_written_goes_along_to_what_it_answers_and_opens_on_another_device(visit: Visit) -> None:
    maja, ingela, phone = await visit("Maja Lindqvist"), await visit("Ingela Rask"), await visit("Maja Lindqvist")
    path = await share_finding(maja, "Cykelvägar vid skolor")
    await comment_on(ingela, path, "Vem äger vägen?")
    await open_live(maja, path)
    await box(maja.page).fill("Det gör Trafikverket")
    async with maja.page.expect_response(
        lambda answer: answer.url.endswith("/draft") and "Trafikverket" in (answer.request.post_data or "")
    ):
        pass
    async with maja.page.expect_response(lambda answer: "Trafikverket" in (answer.request.post_data or "")):
        await maja.page.get_by_role("link", name="Svara till Ingela Rask").click()
    await phone.open(path)
    await expect(box(phone.page)).to_have_value("Det gör Trafikverket")
    await expect(phone.page.get_by_text("Du svarar Ingela Rask")).to_be_visible()
    await maja.page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(comments(maja.page)).to_contain_text(["Vem äger vägen?", "Det gör Trafikverket"])
    await maja.page.reload()
    await expect(box(maja.page)).to_have_value("")
    await expect(maja.page.get_by_text("Du svarar Ingela Rask")).to_be_hidden()


async def comment_on(visitor: Visitor, path: str, words: str) -> None:
    await open_live(visitor, path)
    await comment(visitor, words)


async def test_updates_can_be_paused(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "AI-förordningen i skolan")
    await open_live(maja, path)
    await open_live(ingela, path)
    await maja.page.get_by_role("button", name="Pausa uppdateringar").click()
    await comment(ingela, "Första")
    await comment(ingela, "Andra")
    await expect(offer(maja.page, 2)).to_be_visible(timeout=SOON)
    await expect(comments(maja.page)).to_have_count(0)
    await maja.page.get_by_role("button", name="Fortsätt uppdatera").click()
    await expect(comments(maja.page)).to_contain_text(["Första", "Andra"])
    await comment(ingela, "Tredje")
    await expect(comments(maja.page)).to_contain_text(["Första", "Andra", "Tredje"], timeout=SOON)


async def test_what_was_missed_while_the_network_was_away_comes_once_and_in_order(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "Språkpraktik över gränsen")
    await open_live(maja, path)
    await open_live(ingela, path)
    await box(maja.page).focus()
    await comment(ingela, "Före")
    await expect(comments(maja.page)).to_have_count(1, timeout=SOON)

    maja.expects(NETWORK)
    await maja.context.set_offline(True)
    await expect(maja.page.get_by_role("status").filter(has_text="Ingen kontakt just nu")).to_be_visible()
    for words in ("Missad ett", "Missad två", "Missad tre"):
        await comment(ingela, words)
    await maja.context.set_offline(False)
    await expect(comments(maja.page)).to_contain_text(["Före", "Missad ett", "Missad två", "Missad tre"])
    await expect(comments(maja.page)).to_have_count(4)
    await expect(maja.page.get_by_role("status").filter(has_text="Kontakten är tillbaka.")).to_be_visible()
    await comment(ingela, "Efter")
    await expect(comments(maja.page)).to_have_count(5, timeout=SOON)


async def test_both_write_while_the_network_is_cut_and_everything_comes_once_in_one_order(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist", viewport=TALL), await visit("Ingela Rask", viewport=TALL)
    path = await share_finding(maja, "Vatten över gränsen")
    await open_live(maja, path)
    await open_live(ingela, path)
    for writer in (maja, ingela):
        writer.expects(NETWORK)
        await writer.context.set_offline(True)
    end = asyncio.create_task(asyncio.sleep(CUT))
    await both_write(maja, ingela)
    await end
    for writer in (ingela, maja):
        await writer.context.set_offline(False)
    await all_has_come(maja, ingela)


async def test_both_write_while_the_portal_is_started_anew_and_their_windows_come_back_by_themselves(
    visit_own: Visit, own_house: House
) -> None:
    maja, ingela = await visit_own("Maja Lindqvist", viewport=TALL), await visit_own("Ingela Rask", viewport=TALL)
    path = await share_finding(maja, "Gemensam energirådgivning")
    await open_live(maja, path)
    await open_live(ingela, path)
    maja.expects(NETWORK)
    ingela.expects(NETWORK)
    own_house.stop()
    await both_write(maja, ingela)
    await expect(maja.page.get_by_role("status").filter(has_text="Ingen kontakt just nu")).to_be_visible()
    own_house.start()
    for each in (maja, ingela):
        await is_live(each.page, within=LONGEST_PAUSE)
    await all_has_come(maja, ingela)
    await comment(ingela, "Nu är vi här igen")
    await expect(comments(maja.page).last).to_contain_text("Nu är vi här igen", timeout=SOON)


async def both_write(maja: Visitor, ingela: Visitor) -> None:
    for number in (1, 2, 3):
        await comment_later(maja, f"Maja {number}")
        await comment_later(ingela, f"Ingela {number}")


async def all_has_come(maja: Visitor, ingela: Visitor) -> None:
    """What both_write wrote: once, each writer's own in her order, and the same for both without a new page."""
    for writer in (maja, ingela):
        await expect(comments(writer.page)).to_have_count(6, timeout=LONGEST_PAUSE)
        await expect(unsent(writer.page)).to_have_count(0)
    seen = await maja.page.locator("#thread article .words").all_inner_texts()
    assert await ingela.page.locator("#thread article .words").all_inner_texts() == seen
    for name in ("Maja", "Ingela"):
        assert [words for words in seen if words.startswith(name)] == [f"{name} {number}" for number in (1, 2, 3)]


async def test_on_paper_stands_what_was_said_and_nothing_where_nothing_was(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist")
    await open_live(maja, await share_finding(maja, "Till nämndens pärm"))
    await maja.page.emulate_media(media="print")
    await expect(maja.page.get_by_role("heading", name="Till nämndens pärm")).to_be_visible()
    await expect(maja.page.locator("#thread")).to_be_hidden()
    await maja.page.emulate_media(media="screen")
    await comment(maja, "Det här ska med på pappret.")
    await maja.page.emulate_media(media="print")
    await expect(comments(maja.page)).to_be_visible()

"""Around a comment: whom it names, what it links to, and what the thread came to."""

import re
from html import unescape

from playwright.async_api import expect

from tests.journeys.deeds import NETWORK, SOON, box, choose, comment, comments, is_live, offer, open_live, share_finding
from tests.journeys.house import House
from tests.journeys.visitor import Visit, Visitor

ASKED = """
    INSERT INTO co_author (text_id, unit_id)
    SELECT draft_text.id, unit.id FROM draft_text JOIN record ON record.id = record_id JOIN unit ON unit.network_id = record.network_id
    WHERE record.title = 'Rättsakt om överkomliga bostäder' AND unit.name = 'Vitsjö Energi AB'
"""
NOT_ASKED = "DELETE FROM co_author USING unit WHERE unit.id = unit_id AND unit.name = 'Vitsjö Energi AB'"


async def choose_from_menu(visitor: Visitor, choice: str) -> None:
    await visitor.page.locator(".follow > summary").click()
    await visitor.page.get_by_role("button", name=choice, exact=True).click()


async def test_a_name_is_chosen_with_the_keyboard_and_she_finds_it_on_home(visit: Visit) -> None:
    maja, tomas = await visit("Maja Lindqvist"), await visit("Tomas Ekvall")
    path = await share_finding(maja, "Laddplatser i garage")
    await open_live(maja, path)
    await box(maja.page).press_sequentially("Kan @t", delay=30)
    await expect(maja.page.get_by_role("listbox")).to_be_hidden()
    await box(maja.page).press_sequentially("om", delay=30)
    option = maja.page.get_by_role("option", name="Tomas Ekvall")
    await expect(option).to_have_attribute("aria-selected", "true")
    await expect(maja.page.get_by_role("textbox", name="Skriv en kommentar")).to_have_attribute(
        "aria-activedescendant", "comment-suggestions-0"
    )
    await maja.page.keyboard.press("Escape")
    await expect(option).to_be_hidden()
    await expect(box(maja.page)).to_have_value("Kan @tom")
    await box(maja.page).press_sequentially("a", delay=30)
    await expect(option).to_be_visible()
    await maja.page.keyboard.press("Enter")
    await expect(box(maja.page)).to_have_value("Kan @Tomas Ekvall ")
    await expect(box(maja.page)).to_be_focused()
    await maja.page.keyboard.type("svara?")
    await maja.page.keyboard.press("Control+Enter")
    await expect(comments(maja.page).locator("strong.mention")).to_have_text("@Tomas Ekvall")

    await tomas.open(NETWORK)
    link = tomas.page.get_by_role("link", name="Maja Lindqvist nämnde dig i Laddplatser i garage")
    await link.click()
    await expect(comments(tomas.page)).to_contain_text(["Kan @Tomas Ekvall svara?"])
    await is_live(tomas.page)
    async with tomas.page.expect_response("**/reading"):  # what comes in while he looks has been read
        await comment(maja, "Hallå @Tomas Ekvall!")
    await tomas.open(NETWORK)
    await expect(tomas.page.get_by_role("heading", name="Väntar på dig")).to_be_visible()
    await expect(link).to_have_count(0)


async def test_who_is_named_while_she_reads_is_told_so_where_the_new_waits(visit: Visit) -> None:
    maja, tomas = await visit("Maja Lindqvist"), await visit("Tomas Ekvall")
    path = await share_finding(maja, "Medan man läser")
    await open_live(maja, path)
    await open_live(tomas, path)
    await box(tomas.page).fill("Mitt i en mening")
    await comment(maja, "Någon som vet?")
    await expect(offer(tomas.page, 1)).to_be_visible(timeout=SOON)
    await comment(maja, "Kanske @Tomas Ekvall?")
    await expect(tomas.page.get_by_role("button", name="Visa 2 nya kommentarer · du nämns")).to_be_visible(timeout=SOON)
    await expect(tomas.page.get_by_role("status").filter(has_text="Du nämns i en ny kommentar av Maja Lindqvist")).to_be_attached()


async def test_a_unit_that_was_asked_is_silent_until_it_speaks(visit: Visit, house: House) -> None:
    maja, olof = await visit("Maja Lindqvist"), await visit("Olof Brännström")
    await house.put(ASKED)
    await maja.open(f"{NETWORK}/consultations")
    await maja.page.get_by_role("link", name="Rättsakt om överkomliga bostäder").first.click()
    path = maja.page.url.removeprefix(maja.address).partition("#")[0]
    await open_live(maja, path)
    await open_live(olof, path)
    await expect(maja.page.get_by_text("Har inte yttrat sig: Vitsjö Energi AB")).to_be_visible()
    await maja.page.evaluate("window.sameWindow = true")
    await comment(olof, "Vitsjö Energi AB har inget att invända.")
    for page in (maja.page, olof.page):
        await expect(page.get_by_text("Har inte yttrat sig:")).to_have_count(0, timeout=SOON)
        await expect(page.get_by_text(re.compile("Har yttrat sig:.* Vitsjö Energi AB"))).to_be_visible()
    assert await maja.page.evaluate("window.sameWindow") is True
    await house.put(NOT_ASKED)


async def test_a_passage_or_a_whole_comment_is_quoted_by_one_press(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist")
    path = await share_finding(maja, "Ordagrant")
    await open_live(maja, path)
    await box(maja.page).fill("Första **stycket**.\n\nAndra stycket.")
    await maja.page.keyboard.press("Control+Enter")
    await expect(comments(maja.page)).to_have_count(1)
    written = comments(maja.page).first
    await written.get_by_text("Första stycket.").click(click_count=3)
    button = maja.page.get_by_role("button", name="Citera det markerade")
    await expect(button).to_be_visible()
    said, offered = await written.get_by_text("Första stycket.").bounding_box(), await button.bounding_box()
    assert said is not None
    assert offered is not None
    assert said["y"] + said["height"] <= offered["y"] + 1  # below what it is about
    await maja.page.keyboard.press("Tab")
    await expect(button).to_be_focused()
    await maja.page.keyboard.press("Enter")
    await expect(box(maja.page)).to_have_value("> **Maja Lindqvist:** Första stycket.\n\n")
    await expect(box(maja.page)).to_be_focused()
    await expect(button).to_be_hidden()
    await maja.page.keyboard.type("Just det.")
    await written.locator(".tools summary").click()
    await written.get_by_role("button", name="Citera kommentaren av Maja Lindqvist").click()
    await expect(box(maja.page)).to_have_value(
        "> **Maja Lindqvist:** Första stycket.\n\nJust det.\n\n> **Maja Lindqvist:** Första stycket.\n>\n> Andra stycket.\n\n"
    )
    await maja.page.keyboard.press("Control+Enter")
    await expect(comments(maja.page).last.locator("blockquote")).to_have_count(2)


async def test_who_is_named_but_may_not_read_is_told_to_the_author(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist")
    path = await share_finding(maja, "Gästspel i nätverket")
    await open_live(maja, path)
    await comment(maja, "Hej @Said Karimi")
    note = maja.page.get_by_text("Said Karimi kan inte läsa det här och har inte fått veta att du skrev.")
    await expect(note).to_be_visible()
    await comment(maja, "Då ringer jag")
    await expect(note).to_be_hidden()


async def test_addresses_of_records_show_their_titles_as_they_come_in(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    linked = await share_finding(maja, "Vätgas på väg")
    path = await share_finding(maja, "Tunga transporter")
    await open_live(maja, path)
    await open_live(ingela, path)
    call = re.search(
        r'href="(/\w+/calls/\d+)">([^<]+)</a>', await (await ingela.page.request.get(f"{ingela.address}{NETWORK}/calls")).text()
    )
    assert call
    await box(ingela.page).fill(f"Se {ingela.address}{linked}, och [den här]({linked}). Och {ingela.address}{call[1]}")
    await ingela.page.get_by_role("button", name="Skicka", exact=True).click()
    words, shown = comments(maja.page).locator(".words"), f"Se Vätgas på väg, och den här. Och {unescape(call[2])}"
    await expect(words).to_have_text(shown, timeout=SOON)
    await expect(comments(ingela.page).locator(".words")).to_have_text(shown)
    await words.get_by_role("link", name="Vätgas på väg").click()
    await expect(maja.page.get_by_role("heading", name="Vätgas på väg", level=1)).to_be_visible()


async def test_a_conclusion_is_on_top_for_everyone_at_once_and_goes_when_it_is_hidden(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "Återbruk av byggmaterial")
    await open_live(maja, path)
    await comment(maja, "Vi börjar med fönstren.")
    conclusion = maja.page.get_by_role("region", name="Trådens slutsats")
    await expect(conclusion).to_be_hidden()
    await expect(maja.page.get_by_role("link", name="Slutsats kommentaren av Maja Lindqvist")).to_be_hidden()

    await ingela.open(path)
    await choose(comments(ingela.page), "Slutsats kommentaren av Maja Lindqvist")
    await ingela.page.get_by_role("button", name="Gör till slutsats").click()
    await expect(conclusion).to_contain_text("Vi börjar med fönstren.", timeout=SOON)
    await expect(maja.page.get_by_role("status").filter(has_text="Tråden har fått en slutsats.")).to_be_attached()
    await conclusion.get_by_role("link", name="Till kommentaren").click()
    await expect(comments(maja.page).locator(":scope:target")).to_have_count(1)

    await comments(ingela.page).get_by_role("link", name="Dölj kommentaren av Maja Lindqvist").click()
    await ingela.page.get_by_role("button", name="Dölj: Hör inte hit").click()
    await expect(conclusion).to_be_hidden(timeout=SOON)


async def test_what_one_makes_of_a_comment_is_there_after_the_tab_was_closed(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist")
    await open_live(maja, await share_finding(maja, "Ändrat i omgångar"))
    await comment(maja, "Första versionen.")
    await comments(maja.page).get_by_role("link", name="Ändra din kommentar").click()
    address = maja.page.url
    words = maja.page.get_by_label("Kommentar", exact=True)
    await words.fill("Andra versionen, och m")
    await expect(maja.page.get_by_text(re.compile(r"^Sparat \d"))).to_be_visible()
    await maja.page.close()
    page = await maja.new_window()
    await page.goto(address)
    await expect(page.get_by_text("Kommentaren är inte ändrad ännu.")).to_be_visible()
    words = page.get_by_label("Kommentar", exact=True)
    await expect(words).to_have_value("Andra versionen, och m")
    await page.get_by_role("button", name="Släng mitt utkast").click()
    await expect(words).to_have_value("Första versionen.")
    await words.fill("Tredje versionen.")
    await page.get_by_role("button", name="Spara ändringen").click()
    await expect(comments(page)).to_contain_text(["Tredje versionen."])


async def test_following_is_chosen_in_a_menu_without_a_script_as_well(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist", java_script_enabled=False)
    path = await share_finding(maja, "Tyst tråd")
    await expect(maja.page.locator(".follow > summary")).to_have_text("Följ: allt")
    await choose_from_menu(maja, "Inget")
    await expect(maja.page.locator(".follow > summary")).to_have_text("Följ: inget")
    assert maja.page.url.endswith(f"{path}#thread")

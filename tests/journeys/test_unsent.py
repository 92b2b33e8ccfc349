"""Comments posted without contact: they wait in the browser, in their thread, and are sent once, in their order."""

import asyncio

from playwright.async_api import Route, expect

from tests.journeys.deeds import NETWORK as HOME
from tests.journeys.deeds import SOON, box, comment_later, comments, open_live, share_finding, unsent
from tests.journeys.house import House
from tests.journeys.visitor import NETWORK, Visit

POSTS = "**/records/*/comments"
MOST = 50
TALL = {"width": 1280, "height": 2000}  # so that nobody reads further up, and what comes in is shown at once
FORGET_KEYS = """
    for (const name of Object.keys(localStorage).filter((each) => each.startsWith("unsent "))) {
      const list = JSON.parse(localStorage.getItem(name)).map((comment) => ({ ...comment, key: crypto.randomUUID() }));
      for (const comment of list) comment.fields = comment.fields.map(([field, value]) => [field, field === "key" ? comment.key : value]);
      localStorage.setItem(name, JSON.stringify(list));
    }
"""


async def test_what_is_posted_without_contact_waits_can_be_changed_and_is_sent_from_whatever_page_she_comes_back_to(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "Skrivet i tunneln")
    await open_live(maja, path)
    await open_live(ingela, path)
    maja.expects(NETWORK)
    await maja.context.set_offline(True)
    for words in ("Ett", "Två", "Tre", "Fyra"):
        await comment_later(maja, words)
    await expect(unsent(maja.page)).to_contain_text(["Väntar på att skickas Ett", "Två", "Tre", "Fyra"], use_inner_text=True)
    await expect(box(maja.page)).to_be_focused()
    await expect(maja.page.get_by_role("status").filter(has_text="Ingen kontakt just nu. Det du skickar väntar här")).to_be_visible()

    await unsent(maja.page).nth(1).get_by_role("button", name="Redigera").click()
    await unsent(maja.page).nth(1).get_by_label("Kommentar").fill("Två, ändrad")
    await maja.page.get_by_role("button", name="Spara", exact=True).click()
    await unsent(maja.page).nth(2).get_by_role("button", name="Ta bort").click()
    await expect(unsent(maja.page).get_by_role("button", name="Redigera").last).to_be_focused()
    await expect(comments(ingela.page)).to_have_count(0)

    await maja.page.close()
    await maja.new_window()
    await maja.context.set_offline(False)
    await maja.open(HOME)
    await expect(comments(ingela.page)).to_contain_text(["Ett", "Två, ändrad", "Fyra"], timeout=SOON)
    await maja.open(path)
    await expect(comments(maja.page)).to_have_count(3)
    await expect(unsent(maja.page)).to_have_count(0)
    await expect(box(maja.page)).to_have_value("")


async def test_what_is_refused_or_comes_too_late_says_why_and_stays_until_it_can_be_sent(visit: Visit, house: House) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "Låst under tiden")
    await open_live(maja, path)
    await ingela.open(path)
    maja.expects(NETWORK)
    maja.expects_status(403)
    await maja.context.route(POSTS, lambda route: route.abort())
    await comment_later(maja, "Hann inte fram")
    await ingela.page.get_by_label("Mer om tråden").click()
    await ingela.page.get_by_role("button", name="Lås tråden").click()
    await maja.page.reload()
    await expect(unsent(maja.page)).to_contain_text(["Väntar på att skickas Hann inte fram"], use_inner_text=True)
    await maja.context.unroute(POSTS)
    await expect(unsent(maja.page)).to_contain_text(
        "Inte skickad: Tråden är låst. Texten finns kvar här.", use_inner_text=True, timeout=SOON
    )

    await ingela.page.get_by_role("button", name="Ångra").click()
    await expect(ingela.page.get_by_text("Tråden är öppen igen.")).to_be_visible()
    await maja.page.get_by_role("button", name="Försök igen").click()
    await expect(comments(ingela.page)).to_contain_text(["Hann inte fram"], timeout=SOON)
    await expect(unsent(maja.page)).to_have_count(0)

    maja.expects_status(401)
    await maja.context.route(POSTS, lambda route: route.abort())
    await comment_later(maja, "Efter utloggningen")
    await house.put("UPDATE signed_in SET ended_at = now() FROM person WHERE person.id = person_id AND name = 'Maja Lindqvist'")
    await maja.context.unroute(POSTS)
    await expect(maja.page.get_by_text("Du har loggats ut. Det som väntar skickas när du har loggat in igen.")).to_be_visible(timeout=SOON)
    await maja.page.locator("[data-halt=signed-out]").get_by_role("link", name="Logga in").click()
    await maja.page.get_by_role("button", name="Maja Lindqvist").click()
    await expect(comments(maja.page)).to_contain_text(["Hann inte fram", "Efter utloggningen"], timeout=SOON)
    await expect(unsent(maja.page)).to_have_count(0)


async def test_what_came_through_without_her_hearing_of_it_is_sent_again_as_the_same_comment(visit: Visit) -> None:
    """P10 and its mutant: it is the key that it was written with; with another one it is there twice."""
    maja, ingela = await visit("Maja Lindqvist", viewport=TALL), await visit("Ingela Rask", viewport=TALL)
    path = await share_finding(maja, "Svaret kom aldrig")
    await open_live(maja, path)
    await open_live(ingela, path)
    maja.expects(NETWORK)
    answers = asyncio.Event()

    async def deliver(route: Route) -> None:
        answer = await route.fetch()
        await (route.fulfill(response=answer) if answers.is_set() else route.abort())

    await maja.context.route(POSTS, deliver)
    for words, before_it_is_sent_again, times in (("Framme", "null", 1), ("Framme, men utan nyckel", FORGET_KEYS, 2)):
        answers.clear()
        await comment_later(maja, words)
        await expect(comments(ingela.page).filter(has_text=words)).to_have_count(1, timeout=SOON)
        await maja.page.evaluate(before_it_is_sent_again)
        answers.set()
        await expect(unsent(maja.page)).to_have_count(0, timeout=SOON)
        if times > 1:  # one of the two may have come in while its words still stood in her box, and waits to be shown
            await maja.page.reload()
        for reader in (maja.page, ingela.page):
            await expect(comments(reader).get_by_text(words, exact=True)).to_have_count(times)
            await expect(reader.locator("[data-show-new]")).to_be_hidden()


async def test_fifty_wait_and_signing_out_asks_before_it_takes_them_away(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist")
    path = await share_finding(maja, "Femtio i kö")
    await open_live(maja, path)
    maja.expects(NETWORK)
    await maja.context.route(POSTS, lambda route: route.abort())
    await comment_later(maja, "Nummer 1")
    await maja.page.evaluate(
        """(most) => {
          const form = document.querySelector("[data-composer]");
          for (let number = 2; number <= most; number += 1) {
            form.elements.body.value = `Nummer ${number}`;
            form.requestSubmit();
          }
        }""",
        MOST,
    )
    await box(maja.page).fill("En för mycket")
    await maja.page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(maja.page.get_by_text("Det väntar redan 50 kommentarer. Texten finns kvar här")).to_be_visible()
    await expect(box(maja.page)).to_have_value("En för mycket")
    await expect(unsent(maja.page)).to_have_count(MOST)

    asked: list[str] = []
    maja.page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept())[1])
    await maja.page.locator(".person > summary").click()
    await maja.page.get_by_role("button", name="Logga ut").click()
    await expect(maja.page.get_by_text("Du är utloggad.")).to_be_visible()
    assert asked == ["50 kommentarer är inte skickade. De tas bort om du loggar ut. Logga ut ändå?"]
    await maja.sign_in("Maja Lindqvist")
    await maja.open(path)
    await expect(box(maja.page)).to_be_visible()
    await expect(unsent(maja.page)).to_have_count(0)
    assert await maja.page.evaluate("Object.keys(localStorage)") == []


async def test_what_stalled_on_its_way_is_sent_again_by_itself(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist")
    path = await share_finding(maja, "En rad som stannade")
    await open_live(maja, path)
    maja.expects_status(408)
    await maja.context.route(POSTS, lambda route: route.fulfill(status=408, body="<p>Kom aldrig fram i sin helhet.</p>"))
    await comment_later(maja, "Stannade på vägen")
    await maja.context.unroute(POSTS)
    await expect(comments(maja.page).filter(has_text="Stannade på vägen")).to_have_count(1, timeout=SOON)
    await expect(unsent(maja.page)).to_have_count(0)

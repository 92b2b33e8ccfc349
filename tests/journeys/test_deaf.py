"""A proxy that lets pages and forms through, and no socket: what is posted goes out, and the page does not say otherwise."""

from playwright.async_api import expect

from tests.journeys.deeds import LONGEST_PAUSE, comment, comments, is_live, open_live, share_finding, unsent
from tests.journeys.visitor import Visit


async def test_without_a_socket_posts_go_out_and_the_page_offers_to_be_asked_for_anew(visit: Visit) -> None:
    maja, tomas = await visit("Maja Lindqvist"), await visit("Tomas Ekvall")
    path = await share_finding(maja, "Bakom en proxy")
    await open_live(maja, path)
    tomas.expects(r"WebSocket connection to .* failed", r"responded with a status of 4")
    await tomas.page.add_init_script("""window.Through = WebSocket; window.WebSocket = class extends Through {
      constructor(address) { super(window.letThrough ? address : `${address}-nowhere`); }
    }""")
    await tomas.open(path)
    note = tomas.page.get_by_text("Nya kommentarer kommer inte av sig själva här.")
    await expect(note).to_be_visible(timeout=LONGEST_PAUSE)
    await comment(tomas, "Kommer det här fram?")
    await expect(comments(maja.page)).to_contain_text(["Kommer det här fram?"])
    await expect(unsent(tomas.page)).to_have_count(0)
    await comment(maja, "Ja, det gör det.")
    await expect(comments(tomas.page)).to_have_count(1)
    await tomas.page.get_by_role("button", name="Läs in sidan igen").click()
    await expect(comments(tomas.page)).to_contain_text(["Kommer det här fram?", "Ja, det gör det."])
    await expect(note).to_be_visible(timeout=LONGEST_PAUSE)

    await tomas.page.evaluate("window.letThrough = true")
    await is_live(tomas.page, within=LONGEST_PAUSE)
    await expect(note).to_be_hidden()

"""Files in a real browser: picked, dragged and pasted, with numbers as they come, and without a script."""

import asyncio
import base64

from playwright.async_api import FilePayload, Locator, Page, Route, expect

from tests.files.made import HTML, PDF, noise, picture
from tests.journeys.deeds import NETWORK, box, comments, is_live, open_live, share_finding
from tests.journeys.visitor import Visit

DROP = """([name, type, data, event]) => {
  const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type }));
  const given = event === "paste" ? { clipboardData: carried } : { dataTransfer: carried };
  const made = event === "paste" ? new ClipboardEvent(event, { ...given, bubbles: true, cancelable: true }) : new DragEvent(event, { ...given, bubbles: true, cancelable: true });
  document.querySelector("#comment-body").dispatchEvent(made);
}"""


def file(name: str, content: bytes, kind: str = "application/pdf") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


async def pick(page: Page, *files: FilePayload) -> None:
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Bifoga filer").click()
    await (await chooser.value).set_files(files)


async def carry(page: Page, event: str, name: str, content: bytes, kind: str) -> None:
    await page.evaluate(DROP, [name, kind, base64.b64encode(content).decode(), event])


def waiting(page: Page) -> Locator:
    return page.locator("[data-files] > li[data-file]")


async def test_files_are_picked_dragged_and_pasted_and_all_who_read_see_them_at_once(visit: Visit) -> None:
    maja, ingela = await visit("Maja Lindqvist"), await visit("Ingela Rask")
    path = await share_finding(maja, "Ån svämmar över")
    await open_live(ingela, path)
    await is_live(maja.page)
    page = maja.page
    await pick(page, file("svar.pdf", PDF), file("karta.png", noise(), "image/png"))
    await expect(waiting(page)).to_have_count(2)
    await carry(page, "drop", "foto.jpg", picture("JPEG"), "image/jpeg")
    await expect(waiting(page)).to_have_count(3)
    await carry(page, "paste", "urklipp.png", picture(), "image/png")
    await expect(waiting(page)).to_have_count(4)
    await waiting(page).filter(has_text="foto.jpg").get_by_role("button", name="Ta bort foto.jpg").click()
    await expect(waiting(page)).to_have_count(3)

    await box(page).fill("Se kartan.")
    await page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(page.get_by_text("Beskriv bilden, eller markera att den bara är utsmyckning.")).to_be_visible()
    await expect(box(page)).to_have_value("Se kartan.")
    await (
        waiting(page).filter(has_text="karta.png").get_by_label("Beskriv bilden för den som inte ser den").fill("Karta över ån vid verket")
    )
    await waiting(page).filter(has_text="urklipp.png").get_by_label("Bilden är bara utsmyckning").check()
    await page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(comments(page)).to_contain_text(["Se kartan."])
    await expect(page.get_by_role("button", name="Bifoga filer")).to_be_visible()
    await expect(waiting(page)).to_have_count(0)
    for reader in (page, ingela.page):
        shown = comments(reader).filter(has_text="Se kartan.")
        await expect(shown.get_by_role("img", name="Karta över ån vid verket")).to_be_visible()
        await expect(shown.get_by_role("link", name="svar.pdf PDF, 1 kB")).to_be_visible()
        assert await shown.locator("img").first.evaluate("(each) => each.complete && each.naturalWidth > 0")
    await comments(ingela.page).get_by_role("link", name="Karta över ån vid verket").click()
    await expect(ingela.page.get_by_role("heading", name="karta.png", level=1)).to_be_visible()
    assert await ingela.page.locator("figure img").evaluate("(each) => each.decode().then(() => each.naturalWidth)") == 700


async def test_a_file_that_cannot_be_kept_gets_a_sentence_and_the_text_stays(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist")
    maja.expects_status(415, 422)
    await share_finding(maja, "Filer som inte går")
    page = maja.page
    await box(page).fill("Det jag hann skriva.")
    await pick(page, file("sida.html", HTML, "text/html"))
    await expect(page.get_by_role("alert").filter(has_text="sida.html: Webbsidor går inte att bifoga.")).to_be_visible()
    await pick(page, file("tom.pdf", b""))
    await expect(page.get_by_role("alert").filter(has_text="tom.pdf: Filen är tom.")).to_be_visible()
    await expect(box(page)).to_have_value("Det jag hann skriva.")
    await expect(waiting(page)).to_have_count(0)


async def test_an_upload_tells_how_far_it_has_come_and_can_be_broken_off(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist")
    maja.expects("net::ERR_ABORTED", "net::ERR_FAILED")
    await share_finding(maja, "En lång uppladdning")
    page, held = maja.page, asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await page.route("**/files", hold)
    await box(page).fill("Medan jag väntar.")
    await pick(page, file("svar.pdf", PDF))
    bar = page.get_by_role("progressbar", name="Laddar upp svar.pdf")
    await expect(bar).to_be_visible()
    await page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(page.get_by_text("Vänta tills filerna är uppladdade, eller avbryt dem.")).to_be_visible()
    await page.get_by_role("button", name="Avbryt", exact=True).click()
    await expect(bar).to_have_count(0)
    held.set()
    await page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(comments(page)).to_contain_text(["Medan jag väntar."])


async def test_files_and_words_about_them_are_there_after_a_reload(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist")
    await share_finding(maja, "Omladdning")
    page = maja.page
    await pick(page, file("karta.png", picture(), "image/png"))
    async with page.expect_response(lambda answer: answer.status == 204 and "alt=En+halv+beskrivning" in (answer.request.post_data or "")):
        await page.get_by_label("Beskriv bilden för den som inte ser den").fill("En halv beskrivning")
    await page.reload()
    await expect(page.get_by_label("Beskriv bilden för den som inte ser den")).to_have_value("En halv beskrivning")


async def test_files_without_javascript(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist", java_script_enabled=False)
    maja.expects_status(415, 422)
    page = maja.page
    await share_finding(maja, "Filer utan skript")
    await box(page).fill("Se bilagorna.")
    await page.get_by_role("button", name="Bifoga filer").click()
    await page.get_by_label("Välj filer").set_input_files(
        [file("svar.pdf", PDF), file("sida.html", HTML, "text/html"), file("karta.png", picture(), "image/png")]
    )
    await page.get_by_role("button", name="Lägg till").click()
    await expect(page.get_by_role("alert")).to_contain_text("sida.html: Webbsidor går inte att bifoga.")
    await page.get_by_role("link", name="Tillbaka till kommentaren").click()
    await expect(box(page)).to_have_value("Se bilagorna.")
    await page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("Beskriv bilden karta.png")
    await page.get_by_label("Beskriv bilden för den som inte ser den").fill("Karta")
    await page.get_by_role("button", name="Skicka", exact=True).click()
    shown = comments(page).filter(has_text="Se bilagorna.")
    await expect(shown.get_by_role("img", name="Karta")).to_be_visible()
    await expect(shown.get_by_role("link", name="svar.pdf PDF, 1 kB")).to_be_visible()
    assert page.url.startswith(f"{maja.address}{NETWORK}")

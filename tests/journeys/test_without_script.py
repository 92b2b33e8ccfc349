"""The portal without JavaScript: everything is an ordinary form."""

from playwright.async_api import expect

from tests.journeys.deeds import NETWORK, box, comments, fill_finding, share_finding
from tests.journeys.visitor import Visit


async def test_a_working_day_without_javascript(visit: Visit) -> None:
    maja = await visit("Maja Lindqvist", java_script_enabled=False)
    page = maja.page
    await share_finding(maja, "Skolmjölk utan skript")
    await box(page).fill("En kommentar utan skript")
    await page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(comments(page)).to_contain_text(["En kommentar utan skript"])
    await page.get_by_role("link", name="Svara till Maja Lindqvist").click()
    await expect(page.get_by_text("Du svarar Maja Lindqvist")).to_be_visible()
    await box(page).fill("Och ett svar")
    await page.get_by_role("button", name="Skicka", exact=True).click()
    await expect(page.locator(".exchange > .reply")).to_contain_text(["Och ett svar"])

    await maja.open(NETWORK)
    await page.get_by_role("button", name="Kanske").click()
    await expect(page.get_by_text("Ditt svar är sparat: Kanske.")).to_be_visible()
    await expect(page.get_by_role("button", name="Kanske", pressed=True)).to_be_visible()

    await page.get_by_label("Sök i nätverket").fill("skolmjölk")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Skolmjölk utan skript")).to_be_visible()


async def test_a_double_click_makes_one_finding_and_one_calendar_link(visit: Visit) -> None:
    """Two clicks are two forms sent; the second one's answer is what is seen."""
    tomas = await visit("Tomas Ekvall", java_script_enabled=False)
    page = tomas.page
    await tomas.open(f"{NETWORK}/findings/new")
    await fill_finding(page, "Dubbelklickat utan skript")
    await page.get_by_role("button", name="Publicera").dblclick()
    await expect(page.get_by_text("Spaningen är publicerad. Tack!")).to_be_visible()
    await expect(page.get_by_role("heading", name="Dubbelklickat utan skript", level=1)).to_be_visible()
    await tomas.open(f"{NETWORK}/findings")
    await expect(page.get_by_role("link", name="Dubbelklickat utan skript")).to_have_count(1)

    await tomas.open(f"{NETWORK}/calendar")
    await page.get_by_label("Var ska du använda den?").fill("Klickdosan")
    await page.get_by_role("button", name="Skapa kalenderlänk").dblclick()
    address = await page.get_by_label("Länk", exact=True).input_value()
    await expect(page.get_by_role("listitem").filter(has_text="Klickdosan")).to_have_count(1)
    calendar = await page.request.get(address)
    assert (calendar.status, (await calendar.text())[:15]) == (200, "BEGIN:VCALENDAR")


async def test_a_section_is_written_without_javascript(visit: Visit) -> None:
    ingela = await visit("Ingela Rask", java_script_enabled=False)
    page = ingela.page
    await ingela.open(f"{NETWORK}/meetings")
    await page.get_by_role("listitem").filter(has_text="Planerad").get_by_role("link").first.click()
    section = page.locator("section.section").first
    await section.get_by_role("link", name="Skriv").click()
    await page.get_by_role("textbox", name="Text").fill("Skrivet **utan** skript.")
    await page.get_by_role("button", name="Spara avsnittet").click()
    await expect(section).to_contain_text("Skrivet utan skript.")
    await expect(section.locator("strong")).to_have_text("utan")

"""Pages that say no: what is wrong with a form, both texts of a conflict, every refusal. As accessible as the others, and as narrow."""

from typing import Any

from playwright.async_api import Page, expect

from tests.journeys.deeds import NETWORK, fill_finding, share_finding
from tests.journeys.examining import begin, look, prepare
from tests.journeys.house import House
from tests.journeys.visitor import Visit, Visitor

# Forms that are sent as empty as they can be, and what their buttons are called.
FORMS = {
    "/findings/new": "Publicera",
    "/meetings/new": "Planera träffen",
    "/consultations/new": "Registrera",
    "/members/deputies/new": "Utse ersättare",
    "/administer/invitations/new": "Skicka inbjudan",
    "/administer/settings": "Spara",
}
EMPTY = """(form) => {
  for (const field of form.elements) {
    if (field.matches('[type=checkbox], [type=radio]')) field.checked = false;
    else if (field.matches('[type=url]')) field.value = 'ingen länk';
    else if (field.matches('input:not([type=hidden]), textarea')) field.value = '';
  }
}"""


async def _seen(visitor: Visitor, heading: str | None = None) -> dict[tuple[str, str], Any]:
    """The problems of the page that one has come to."""
    if heading:
        await expect(visitor.page.get_by_role("heading", level=1)).to_have_text(heading)
    return {(heading or visitor.page.url, where): problems for where, problems in (await look(visitor)).items() if problems}


async def test_what_is_wrong_with_a_form_is_said_to_everybody(visit: Visit) -> None:
    ingela = await visit("Ingela Rask")
    ingela.expects_status(422)
    await prepare(ingela)
    page = ingela.page
    for path, button in FORMS.items():
        await begin(ingela)
        await ingela.open(f"{NETWORK}{path}")
        form = page.locator("form.form", has=page.get_by_role("button", name=button)).last
        await form.evaluate(EMPTY)
        await form.get_by_role("button", name=button).click()
        await expect(page.locator("[data-summary]")).to_be_focused()
        assert await page.locator("[aria-invalid=true]").count(), path
        assert (path, await _seen(ingela)) == (path, {})


async def test_a_conflict_shows_both_texts_to_everybody(visit: Visit) -> None:
    ingela = await visit("Ingela Rask")
    ingela.expects_status(409)
    await prepare(ingela)
    wrong = await _conflict_in_fields(ingela) | await _conflict_in_a_section(ingela) | await _conflict_of_a_button(ingela)
    assert wrong == {}


async def _conflict_in_fields(ingela: Visitor) -> dict[Any, Any]:
    """Two windows change one finding."""
    path = await share_finding(ingela, "Två om samma spaning")
    await begin(ingela)
    first = await _two_open(ingela, f"{path}/edit")
    await ingela.page.get_by_label("Vad händer?").fill("Den ena skriver så här. " * 20)
    await _send(ingela, "Spara", back_to=first)
    await first.get_by_label("Vad händer?").fill("Den andra skriver " + "så" * 80)
    await first.get_by_role("button", name="Spara").click()
    await expect(first.get_by_text("Sparat nu").first).to_be_visible()
    return await _seen(ingela)


async def _conflict_in_a_section(ingela: Visitor) -> dict[Any, Any]:
    """Where the editor cannot be loaded, the form is there, and two may save it."""
    await begin(ingela)
    ingela.expects("Failed to fetch dynamically imported module", "net::ERR_FAILED")
    await ingela.context.route("**/static/chunks/editor-*.js", lambda route: route.abort())
    await ingela.open(f"{NETWORK}/consultations?triage=answering")
    await ingela.page.get_by_role("link", name="Rättsakt om överkomliga bostäder").first.click()
    path = await ingela.page.locator("a[href*='/sections/'][href$='/edit']").first.get_attribute("href") or ""
    first = await _two_open(ingela, path)
    await ingela.page.get_by_role("textbox", name="Rubrik").fill("Sammanfattning av allt")
    await _send(ingela, "Spara", back_to=first)
    await first.locator("textarea[name=body]").fill("Den andra skriver.\n\n- med **fet** stil")
    await first.locator("form.form .btn.primary").click()
    return await _seen(ingela, "Avsnittet har ändrats")


async def _conflict_of_a_button(ingela: Visitor) -> dict[Any, Any]:
    """The page of all refusals, with what stands there and what was typed."""
    await begin(ingela)
    await ingela.open(f"{NETWORK}/consultations?triage=watching")
    path = await ingela.page.locator("main a[href*='/consultations/']:not([href$=new])").first.get_attribute("href") or ""
    first = await _two_open(ingela, path)
    await ingela.page.get_by_label("Skäl").fill("Vi hinner inte")
    await _send(ingela, "Inte aktuellt", back_to=first)
    await first.get_by_label("Skäl").fill("En lång förklaring till varför vi trots allt borde svara på det här samrådet")
    await first.get_by_role("button", name="Svara", exact=True).click()
    return await _seen(ingela, "Någon hann före")


async def _two_open(visitor: Visitor, path: str) -> Page:
    """One page in two windows; the later is hers now."""
    await visitor.open(path)
    first = visitor.page
    await visitor.new_window()
    await visitor.open(path)
    return first


async def _send(visitor: Visitor, button: str, *, back_to: Page) -> None:
    """Send the form of this window, close it and go on in the other."""
    async with visitor.page.expect_navigation():
        await visitor.page.locator("form.form").get_by_role("button", name=button).last.click()
    await visitor.page.close()
    visitor.page = back_to


async def test_every_refusal_is_said_to_everybody(visit_own: Visit, own_house: House) -> None:
    maja = await visit_own("Maja Lindqvist")
    maja.expects_status(401, 403, 404, 413, 429, 500)
    await prepare(maja)
    wrong = await _forbidden(maja) | await _too_large(maja) | await _another_sign_in(maja)
    wrong |= await _crashed(maja, own_house) | await _signed_out(maja, own_house) | await _too_often(maja)
    assert wrong == {}


async def _forbidden(maja: Visitor) -> dict[Any, Any]:
    await begin(maja)
    await maja.open(f"{NETWORK}/administer")
    return await _seen(maja, "Du får inte göra detta")


async def _too_large(maja: Visitor) -> dict[Any, Any]:
    await begin(maja)
    await maja.open(f"{NETWORK}/findings/new")
    await fill_finding(maja.page, "En mycket lång spaning")
    await maja.page.get_by_label("Vad händer?").evaluate("(field) => (field.value = 'Ord '.repeat(300000))")
    await maja.page.get_by_role("button", name="Publicera").click()
    return await _seen(maja, "För stort")


async def _another_sign_in(maja: Visitor) -> dict[Any, Any]:
    """What was typed stands in the page, to be sent once more."""
    await _typed(maja, "Ur en gammal flik")
    await maja.page.evaluate("document.querySelectorAll('[name=csrf]').forEach((each) => (each.value = 'x'.repeat(each.value.length)))")
    await maja.page.get_by_role("button", name="Publicera").click()
    return await _seen(maja, "Skicka en gång till")


async def _crashed(maja: Visitor, house: House) -> dict[Any, Any]:
    await _typed(maja, "När något går sönder")
    await house.put("ALTER TABLE finding RENAME TO broken")
    await maja.page.get_by_role("button", name="Publicera").click()
    wrong = await _seen(maja, "Något gick fel hos oss")
    await house.put("ALTER TABLE broken RENAME TO finding")
    assert house.errors()
    return wrong


async def _signed_out(maja: Visitor, house: House) -> dict[Any, Any]:
    await _typed(maja, "Skrivet för sent")
    await house.put("UPDATE signed_in SET ended_at = now()")
    await maja.page.get_by_role("button", name="Publicera").click()
    return await _seen(maja, "Logga in för att fortsätta")


async def _too_often(maja: Visitor) -> dict[Any, Any]:
    await begin(maja)
    for _try in range(6):
        await maja.open("/sign-in")
        await maja.page.get_by_text("Logga in på vanligt sätt").click()
        await maja.page.get_by_label("E-postadress").first.fill("ingen@grankoping.example")
        await maja.page.get_by_role("button", name="Mejla mig en kod").click()
        await maja.page.wait_for_url("**/sign-in/code*")
    return await _seen(maja, "Vänta en stund")


async def _typed(maja: Visitor, title: str) -> None:
    await begin(maja)
    await maja.open(f"{NETWORK}/findings/new")
    await fill_finding(maja.page, title)

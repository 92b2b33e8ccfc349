"""Some in the network meet about something of their own: a working group, its series of meetings, and who has them in her calendar."""

from datetime import UTC, date, datetime, timedelta

import httpx
import icalendar
import recurring_ical_events
from playwright.async_api import Locator, Page, expect

from tests.journeys.deeds import NETWORK
from tests.journeys.visitor import Visit, Visitor

GROUP, TITLE = "Digital tillgänglighet", "Arbetsmöte om tillgänglighet"
# Thursdays; the second is Ascension Day, and on the fourth there is a meeting already.
DAYS = [date(2031, 5, 15), date(2031, 5, 22), date(2031, 5, 29), date(2031, 6, 5), date(2031, 6, 12)]
ASCENSION, LEFT_OUT, LAST_KEPT = DAYS[1], DAYS[3], DAYS[2]


async def test_a_group_meets_in_a_series_that_those_in_it_have_in_their_calendars(visit: Visit) -> None:
    ingela = await visit("Ingela Rask")
    page = ingela.page
    await found_group(ingela, lead="Zainab Warsame", members=("Emil Norling",))
    await plan_meeting(ingela, "Träff som krockar", LEFT_OUT)

    await ingela.open(f"{NETWORK}/meetings/groups")
    await page.get_by_role("link", name=GROUP).click()
    await page.get_by_role("link", name="Planera träff").first.click()
    await expect(page.get_by_label("Vilka är träffen för?")).to_have_value(page.url.rpartition("=")[2])
    await page.get_by_label("Rubrik").fill(TITLE)
    await page.get_by_label("Dag", exact=True).fill(DAYS[0].isoformat())
    await page.get_by_text("Upprepa träffen").click()
    await page.get_by_label("Med veckors mellanrum").check()
    await page.get_by_label("Antal träffar").fill(str(len(DAYS)))
    await page.get_by_role("button", name="Planera träffen").click()

    await expect(page.get_by_role("heading", name="Dagarna i serien")).to_be_visible()
    assert await page.get_by_role("checkbox").evaluate_all("all => all.map(each => each.checked)") == [True, False, True, True, True]
    await expect(on(page, ASCENSION)).to_contain_text("Kristi himmelsfärdsdag")
    await expect(on(page, LEFT_OUT)).to_contain_text("Träff som krockar")
    await on(page, LEFT_OUT).uncheck()
    await page.get_by_role("button", name="Planera träffarna").click()
    await expect(page.get_by_text("3 träffar är planerade. Ingen har fått mejl ännu.")).to_be_visible()

    for number in range(2):
        await page.get_by_role("link", name=TITLE).nth(number).click()
        await page.get_by_role("button", name="Skicka kallelse").click()
        await expect(page.get_by_text("Kallelsen är på väg till 2 medlemmar.")).to_be_visible()
        await page.get_by_role("link", name="Varje vecka på torsdagar").click()

    emil, sirkka = await visit("Emil Norling", on_the_way_to="/"), await visit("Sirkka Laine", on_the_way_to="/")
    asked, not_asked = [each.page.get_by_role("link", name=f"Kommer du? {TITLE}") for each in (emil, sirkka)]
    await expect(asked).to_have_count(2)
    await expect(sirkka.page.get_by_role("heading", name="Väntar på dig")).to_be_visible()
    await expect(not_asked).to_have_count(0)
    await choose_both(emil)  # else his links leave out what he has been sent as an invitation
    feeds = [
        await subscribe(emil, f"Bara arbetsgruppen {GROUP}"),
        await subscribe(emil, "Mina träffar"),
        await subscribe(sirkka, "Mina träffar"),
    ]
    kept, called = [DAYS[0], LAST_KEPT, DAYS[4]], [DAYS[0], LAST_KEPT]
    assert [starts(feed) for feed in feeds] == [[at_eleven(day) for day in days] for days in (kept, called, [])]

    await page.get_by_role("link", name=TITLE).nth(1).click()
    await page.get_by_role("link", name="Ställ in").click()
    await page.get_by_role("link", name="Ställ in den här och följande").click()
    await page.get_by_label("Skäl").fill("Uppdraget är klart")
    await page.get_by_role("button", name="Ställ in 2 träffar").click()
    await expect(page.get_by_text("2 träffar är inställda.")).to_be_visible()
    assert [starts(feed) for feed in feeds[:2]] == [[at_eleven(DAYS[0])]] * 2
    await emil.open(NETWORK)
    await expect(asked).to_have_count(1)


async def found_group(visitor: Visitor, *, lead: str, members: tuple[str, ...]) -> None:
    page = visitor.page
    await visitor.open(f"{NETWORK}/meetings/groups")
    await page.get_by_role("link", name="Ny arbetsgrupp").click()
    await page.get_by_label("Namn").fill(GROUP)
    await page.get_by_label("Vem leder gruppen?").select_option(label=lead)
    await page.get_by_role("button", name="Skapa arbetsgruppen").click()
    inside = page.get_by_role("region", name="Med i gruppen")
    await expect(inside).to_contain_text("leder gruppen")
    for name in members:
        known = inside.get_by_label("Ta in någon").locator("option").filter(has_text=name)
        await inside.get_by_label("Ta in någon").select_option(await known.get_attribute("value"))
        await inside.get_by_role("button", name="Ta in i gruppen").click()
        await expect(inside.get_by_role("listitem").filter(has_text=name)).to_have_count(1)


async def plan_meeting(visitor: Visitor, title: str, day: date) -> None:
    await visitor.open(f"{NETWORK}/meetings/new")
    await visitor.page.get_by_label("Rubrik").fill(title)
    await visitor.page.get_by_label("Dag", exact=True).fill(day.isoformat())
    await visitor.page.get_by_role("button", name="Planera träffen").click()
    await expect(visitor.page.get_by_role("heading", name=title, level=1)).to_be_visible()


async def choose_both(visitor: Visitor) -> None:
    await visitor.open("/me/mail")
    await visitor.page.get_by_label("Båda, så att träffen syns två gånger").check()
    await visitor.page.get_by_role("button", name="Spara").click()
    await expect(visitor.page.get_by_label("Båda, så att träffen syns två gånger")).to_be_checked()


async def subscribe(visitor: Visitor, scope: str) -> str:
    await visitor.open(f"{NETWORK}/calendar")
    await visitor.page.get_by_label("Var ska du använda den?").fill("Telefonen")
    await visitor.page.get_by_label(scope).check()
    await visitor.page.get_by_role("button", name="Skapa kalenderlänk").click()
    return await visitor.page.get_by_label("Länk", exact=True).input_value()


def on(page: Page, day: date) -> Locator:
    return page.locator("label.pick").filter(has=page.locator(f"[value='{day.isoformat()}']"))


def starts(feed: str) -> list[datetime]:
    """When the group meets, as a calendar program reads it; what is cancelled is no meeting."""
    calendar = icalendar.Calendar.from_ical(httpx.get(feed).content)
    found = recurring_ical_events.of(calendar).between(DAYS[0], DAYS[-1] + timedelta(days=1))
    return sorted(each["DTSTART"].dt.astimezone(UTC) for each in found if TITLE in each["SUMMARY"] and each["STATUS"] != "CANCELLED")


def at_eleven(day: date) -> datetime:
    """One o'clock of Swedish summer time."""
    return datetime(day.year, day.month, day.day, 11, tzinfo=UTC)

"""Every form and every button, sent three times at once. In a file of its own: the world must not stand where another cast comes."""

import asyncio

import pytest

from tests.authz.rows import filled
from tests.authz.world import World
from tests.corpus.answers import faults
from tests.corpus.forms import FORMS, Form

# Buttons by whose numbers something is there to be taken away or changed.
BUTTONS = [
    f"/granby{path}"
    for path in (
        "/findings/draft/discarding",
        "/meetings/{meeting}/agenda/{item}/fall",
        "/meetings/{meeting}/agenda/{gone}/removal",
        "/records/{finding}/lock",
        "/records/{finding}/unlocking",
        "/records/{finding}/shares/{guest}/ending",
        "/comments/{to_redact}/dismissal",
        "/comments/{comment}/restoration",
        "/comments/{comment}/conclusion",
        "/comments/{comment}/conclusion/removal",
        "/records/{finding}/removals/{contact_person}/ending",
        "/sections/{section}/draft/discarding",
        "/sections/{section}/document",
        "/sections/{section}/versions/1/restoring",
        "/administer/units/{empty_unit}/closure",
        "/administer/units/{empty_unit}/opening",
        "/administer/themes/{theme}/retirement",
        "/administer/themes/{theme}/return",
        "/administer/invitations/{invitation}/renewal",
        "/administer/invitations/{invitation}/withdrawal",
        "/administer/boards/{board}/dates/{date}/removal",
        "/administer/boards/{board}/removal",
        "/members/deputies/{deputy}/ending",
        "/meetings/calendars/{other_calendar}/reading",
        "/meetings/calendars/{old_calendar}/renewal",
        "/meetings/calendars/{other_calendar}/ending",
        "/meetings/calendars/{other_calendar}/removal",
        "/meetings/plan/days/{unplanned}/removal",
        "/meetings/reminders/{reminder}/removal",
        "/meetings/{to_summon}/summons",
        "/meetings/{to_hold}/holding",
        "/meetings/{meeting}/agenda/{item}/records/{finding}/removal",
        "/meetings/proposals/{regretted}/withdrawal",
        "/meetings/{held}/visitors/{visitor}/removal",
        "/actions/{action}/closure",
        "/actions/{action}/opening",
        "/actions/{mistaken}/removal",
    )
] + ["/me/devices/ending", "/me/password/removal", "/me/mail/silences/{finding}/ending"]
FORMS_AT_ONCE = [form for form in FORMS if form.role != "anonymous" and form.path != "/me/password"]


@pytest.mark.parametrize("path", [*(form.path for form in FORMS_AT_ONCE), *BUTTONS], ids=str)
async def test_whatever_is_sent_three_times_at_once_is_no_crash(path: str, world: World):
    """Each has its answer: it is done, it was done, or it cannot be done any more."""
    form = next((each for each in FORMS_AT_ONCE if each.path == path), Form(path, {}, {}))
    numbers = world.shared.numbers
    browser, data = world.browsers[form.role], filled(form.data, numbers)
    address = form.address(numbers) if form.fields else path.format(**numbers)
    answers = await asyncio.gather(*(browser.post(address, data) for _each in range(3)))
    assert [(answer.status_code, faults(answer)) for answer in answers if answer.status_code >= 500 or faults(answer)] == []

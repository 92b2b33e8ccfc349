"""Wrong input in every field of every form: a plain answer, the text still there, nothing written."""

import logging
import re
from typing import Any

import pytest
from litestar.routes import HTTPRoute
from markupsafe import escape

from portal.app import Portal
from tests.authz.rows import filled
from tests.authz.test_matrix import any_number
from tests.authz.world import World
from tests.browser import Browser
from tests.corpus.answers import faults
from tests.corpus.forms import FORMS, TOKEN, TYPED, Form
from tests.written import written

# A comment's and a section's version, a reply's comment: a number that is none of ours is a conflict or not found.
REFUSALS = (400, 404, 409, 422)
# They take no field besides the form's token.
BUTTONS = {
    "/*/findings/draft/discarding",
    "/*/meetings/*/summons",
    "/*/meetings/*/holding",
    "/*/meetings/groups/*/closure",
    "/*/meetings/groups/*/opening",
    "/*/meetings/groups/*/members/*/ending",
    "/*/meetings/*/agenda/*/records/*/removal",
    "/*/meetings/plan/days/*/removal",
    "/*/meetings/reminders/*/removal",
    "/*/meetings/calendars/*/ending",
    "/*/meetings/calendars/*/reading",
    "/*/meetings/calendars/*/removal",
    "/*/meetings/calendars/*/renewal",
    "/*/meetings/proposals/*/withdrawal",
    "/*/meetings/*/documents",  # no form but bytes
    "/*/meetings/*/documents/*/versions",
    "/*/meetings/*/documents/*/removal",
    "/*/meetings/*/visitors/*/removal",
    "/*/actions/*/closure",
    "/*/actions/*/opening",
    "/*/actions/*/removal",
    "/*/meetings/*/agenda/*/removal",
    "/*/meetings/*/agenda/*/rise",
    "/*/meetings/*/agenda/*/fall",
    "/*/records/*/shares/*/ending",
    "/*/records/*/lock",
    "/*/records/*/unlocking",
    "/*/records/*/reading",  # said by the page's script
    "/*/comments/*/restoration",
    "/*/comments/*/dismissal",
    "/*/records/*/removals/*/ending",
    "/*/rulings/*/receipt",
    "/*/comments/*/conclusion",
    "/*/comments/*/conclusion/removal",
    "/*/files/*/removal",
    "/*/records/*/files",  # no form but bytes: see tests/files
    "/*/sections/*/draft/discarding",
    "/*/sections/*/document",  # asked for by the editor
    "/*/sections/*/versions/*/restoring",
    "/*/calendar/feeds/*/renewal",
    "/*/calendar/feeds/*/ending",
    "/*/administer/units/*/closure",
    "/*/administer/units/*/opening",
    "/*/administer/themes/*/retirement",
    "/*/administer/themes/*/return",
    "/*/administer/boards/*/removal",
    "/*/administer/boards/*/dates/*/removal",
    "/*/administer/invitations/*/renewal",
    "/*/administer/invitations/*/withdrawal",
    "/*/administer/members/*/ending/withdrawal",
    "/*/members/deputies/*/ending",
    "/*/administer/feeds/*/ending",
    "/*/administer/mailings/*/letters/*/renewal",
    "/mail/stop/*",  # by a mail program, without a form of ours
    "/me/mail/silences/*/ending",
    "/me/password/removal",
    "/me/devices/*/ending",
    "/me/devices/ending",
    "/kept/*/sending",
    "/kept/*/discarding",
    "/sign-out",
}


SHOWN = (
    "/findings/new",
    "/findings/{finding}",
    "/findings/{finding}/edit",
    "/meetings/new",
    "/meetings/{meeting}",
    "/meetings/{meeting}/edit",
    "/meetings/{meeting}/agenda/{item}",
    "/meetings/{meeting}/cancellation",
    "/meetings/{meeting}/agenda/copy",
    "/meetings/proposals",
    "/meetings/proposals/{unwanted}/declining",
    "/meetings/{held}/room",
    "/meetings/{held}/minutes/circulation",
    "/meetings/{reviewed}",
    "/actions",
    "/actions/{action}",
    "/calls/new",
    "/calls/{call}/edit",
    "/consultations/new",
    "/consultations/{consultation}",
    "/consultations/{consultation}/edit",
    "/consultations/{consultation}/windows/new",
    "/consultations/{consultation}/windows/{window}",
    "/sections/{section}/edit",
    "/comments/{comment}/hiding",
    "/comments/{comment}/redaction",
    "/records/{finding}/removals",
    "/calendar",
    "/members/deputies/new",
    "/administer/settings",
    "/administer/units",
    "/administer/units/{school}",
    "/administer/themes",
    "/administer/themes/{theme}",
    "/administer/boards/{board}",
    "/administer/invitations/new",
    "/administer/members/{contact}",
    "/administer/members/{contact}/ending",
)


def numbers(world: World) -> dict[str, int]:
    return world.shared.numbers


def place(world: World, form: Form) -> tuple[Browser, str, dict[str, Any]]:
    given = numbers(world)
    return world.browsers[form.role], form.address(given), filled(form.data, given)


def test_no_form_is_missing_from_the_table(running: Portal):
    routes = [route for route in running.litestar.routes if isinstance(route, HTTPRoute)]
    posted = {any_number(route.path) for route in routes if "POST" in route.methods}
    forms = {any_number(form.path.replace(TOKEN, "{token}") if form.outside else f"/*{form.path}") for form in FORMS}
    assert posted - BUTTONS == forms
    assert posted > BUTTONS
    assert len(posted) >= 90


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_what_is_wrong_is_refused(form: Form, world: World):
    browser, path, data = place(world, form)
    before, wrong = await written(world.sessions), []
    for name, field in form.fields.items():
        for row, value in field.wrong():
            sent = {**data, name: value} if value is not None else {key: text for key, text in data.items() if key != name}
            answer = await browser.post(path, sent)
            found = faults(answer) + ([] if answer.status_code in REFUSALS else [f"answers {answer.status_code}"])
            if form.keeps and name != form.keeps and str(escape(TYPED)) not in answer.text:
                found.append("the text is gone")
            if found:
                wrong.append((row, name, repr(value)[:40], found))
    assert wrong == []
    assert await written(world.sessions) == before


TRIED = {"role": "coordinator", "author_id": "1", "network_id": "2", "published_at": "2020-01-01", "\r\nok": "1", "å" * 500: "2"}


async def test_f12_fields_that_nobody_asked_for_are_left_aside_and_noted(world: World, caplog: pytest.LogCaptureFixture):
    form = next(each for each in FORMS if each.path == "/records/{finding}/following")
    browser, path, data = place(world, form)
    await browser.post(path, data)
    before = await written(world.sessions)
    with caplog.at_level(logging.INFO, logger="portal.web"):
        answer = await browser.post(path, data | TRIED)
    assert (answer.status_code, faults(answer)) == (303, [])
    assert await written(world.sessions, besides=["following"]) == {name: rows for name, rows in before.items() if name != "following"}
    (said,) = [each.getMessage() for each in caplog.records if "left aside" in each.getMessage()]
    assert "'role', 'author_id', 'network_id', 'published_at'" in said
    assert "coordinator" not in said
    assert (len(said) < 600, said.isprintable()) == (True, True)


async def test_pages_of_ours_send_nothing_that_nobody_asked_for(world: World, caplog: pytest.LogCaptureFixture):
    """Every form that is shown somewhere, sent with just the fields that it has there."""
    ingela, numbers_here, seen = world.browsers["coordinator"], numbers(world), 0
    with caplog.at_level(logging.INFO, logger="portal.web"):
        for path in SHOWN:
            page = (await ingela.get(f"/granby{path}".format(**numbers_here))).text
            for action, body in re.findall(r'<form[^>]*method="post"[^>]*action="(/granby/[^"]*)"[^>]*>(.*?)</form>', page, re.DOTALL):
                names = set(re.findall(r'<(?:input|textarea|select|button)[^>]*\bname="([^"]+)"', body)) - {"csrf"}
                seen += bool(names)
                await ingela.post(action, dict.fromkeys(names, "\x00"))  # which no field takes
    assert seen > 20
    assert [each.getMessage() for each in caplog.records if "left aside" in each.getMessage()] == []


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_f13_a_field_sent_twice_is_refused(form: Form, world: World):
    lists = {"item", "themes", "present", "unit", "topics", "days"}
    browser, path, data = place(world, form)
    before = await written(world.sessions)
    for name in sorted(set(data) - lists):
        answer = await browser.post(path, {**data, name: [data[name], data[name]]})
        assert (name, answer.status_code in REFUSALS, faults(answer)) == (name, True, [])
    assert await written(world.sessions) == before


@pytest.mark.parametrize("form", [form for form in FORMS if "{" in form.path or TOKEN in form.path], ids=str)
async def test_f19_a_row_that_is_gone_keeps_the_text(form: Form, world: World):
    browser, _path, data = place(world, form)
    missing = dict.fromkeys(numbers(world), 10**17)
    answer = await browser.post(form.address(missing).replace(TOKEN, "u" * 43), data)
    assert (answer.status_code, faults(answer)) == (404, [])
    assert not form.keeps or str(escape(TYPED)) in answer.text

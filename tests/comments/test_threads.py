"""A long thread in parts: both ways, to one comment for ever, and to what is new."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from portal import clock
from portal.app import Portal
from portal.comments.models import Reading
from portal.db import Session
from portal.records.models import Record
from tests.counting import counting
from tests.factories import Cast
from tests.making import make_comment, make_finding

NUMBER = re.compile(r'id="c(\d+)"')


@pytest.fixture
async def long(cast: Cast, session: Session) -> tuple[Record, list[int]]:
    """A thread of 130 comments; their numbers."""
    record = await make_finding(session, cast.contact)
    numbers = []
    for number in range(130):
        with clock.fixed(clock.now() - timedelta(minutes=1000 - 5 * number)):
            numbers.append((await make_comment(session, record, cast.deputy, f"Nummer {number}.")).id)
    await session.commit()
    return record, numbers


def shown(page: str) -> list[int]:
    return [int(each) for each in NUMBER.findall(page)]


def way(page: str, words: str) -> str:
    found = re.search(rf'href="(\?[^"#]*)[^"]*">{words}', page)
    return found[1] if found else ""


async def test_it_opens_at_its_end_and_loads_both_ways_without_a_gap(long, cast: Cast, browser):
    record, numbers = long
    maja, path = await browser(cast.contact), f"/granby{record.path}"
    last = (await maja.get(path)).text
    assert (shown(last), way(last, "Visa senare")) == (numbers[-50:], "")
    middle = (await maja.get(path + way(last, "Visa tidigare"))).text
    assert shown(middle) == numbers[30:80]
    first = (await maja.get(path + way(middle, "Visa tidigare"))).text
    assert (shown(first), way(first, "Visa tidigare")) == (numbers[:30], "")
    again = (await maja.get(path + way(first, "Visa senare"))).text
    assert shown(again) == numbers[30:80]
    assert shown((await maja.get(path + way(again, "Visa senare"))).text) == numbers[-50:]


async def test_the_address_of_a_comment_leads_to_where_it_stands(long, cast: Cast, browser, session: Session):
    record, numbers = long
    maja, path = await browser(cast.contact), f"/granby{record.path}"
    answer = await make_comment(session, record, cast.head, "Svar på en gammal.", parent_id=numbers[10])
    await session.commit()
    for number in (numbers[0], numbers[10], numbers[64], answer.id):
        to = (await maja.get(f"/granby/comments/{number}")).headers["location"]
        assert to.startswith(f"{path}?around=")
        assert to.endswith(f"#c{number}")
        assert number in shown((await maja.get(to.partition("#")[0])).text)
    assert (await maja.get(f"/granby/comments/{numbers[-1]}")).headers["location"] == f"{path}?end=1#c{numbers[-1]}"


async def test_what_is_new_since_the_last_visit_begins_at_a_line_with_a_way_to_it(long, cast: Cast, browser):
    record, numbers = long
    maja, path = await browser(cast.contact), f"/granby{record.path}"
    with clock.fixed(clock.now() - timedelta(minutes=1000 - 5 * 100 + 1)):
        assert "Nytt sedan sist" not in (await maja.get(path)).text
    page = (await maja.get(path)).text
    assert 'href="#new"' in page
    before, after = page.split('id="new"')
    assert (shown(before)[-1], shown(after)[0]) == (numbers[99], numbers[100])


async def test_it_opens_where_one_left_off_and_at_its_end_when_that_is_asked_for(long, cast: Cast, browser):
    record, numbers = long
    maja, path = await browser(cast.contact), f"/granby{record.path}"
    with clock.fixed(clock.now() - timedelta(minutes=1000 - 5 * 40 + 1)):
        await maja.get(path)
    page = (await maja.get(path)).text
    before, after = page.split('id="new"')
    assert (shown(before), shown(after)) == (numbers[15:40], numbers[40:65])
    assert shown((await maja.get(path + way(page, "Visa tidigare"))).text) == numbers[:15]
    assert shown((await maja.get(path + way(page, "Visa senare"))).text) == numbers[65:115]
    assert shown((await maja.get(path + way(page, "Till slutet"))).text) == numbers[-50:]


@pytest.mark.parametrize("odd", ["around=0", "around=99999999999", "after=99999999999", "after=x", "before=0", "around=1&after=1", "end=0"])
async def test_an_odd_spot_is_a_page_all_the_same(odd: str, long, cast: Cast, browser):
    record, _numbers = long
    assert (await (await browser(cast.contact)).get(f"/granby{record.path}?{odd}")).status_code == 200


async def test_ones_own_comments_are_marked_and_nobody_elses(cast: Cast, browser, session: Session):
    record = await make_finding(session, cast.contact)
    asked = await make_comment(session, record, cast.deputy, "Vem tar det?")
    answer = await make_comment(session, record, cast.contact, "Jag.", parent_id=asked.id)
    await session.commit()
    for reader, marked in ((cast.contact, {answer.id}), (cast.deputy, {asked.id}), (cast.head, set())):
        page = (await (await browser(reader)).get(f"/granby{record.path}")).text
        found = {int(number): "mine" in classes.split() for classes, number in re.findall(r'<article class="([^"]*)" id="c(\d+)"', page)}
        assert found == {asked.id: asked.id in marked, answer.id: answer.id in marked}


def around(page: str) -> tuple[list[int], list[int]]:
    """The comments before the line above what is new, and those after it."""
    before, after = page.split('id="new"')
    return shown(before), shown(after)


async def test_a_new_answer_is_new_wherever_its_exchange_stands(long, cast: Cast, browser, session: Session):
    record, numbers = long
    maja, path = await browser(cast.contact), f"/granby{record.path}"
    with clock.fixed(clock.now() - timedelta(hours=2)):
        await maja.get(path)
    known = await make_comment(session, record, cast.contact, "Majas eget.", parent_id=numbers[127])
    answer = await make_comment(session, record, cast.head, "Svar på en av de sista.", parent_id=numbers[127])
    await session.commit()
    page = (await maja.get(path)).text
    assert 'href="#new"' in page
    before, after = around(page)
    assert (before[-2:], after) == ([numbers[127], known.id], [answer.id, *numbers[128:]])

    old = await make_comment(session, record, cast.head, "Svar på en av de första.", parent_id=numbers[30])
    await session.commit()
    before, after = around((await maja.get(path)).text)
    assert (before[-1], after[:2]) == (numbers[30], [old.id, numbers[31]])


async def test_what_a_page_does_not_show_stays_unread_and_the_page_says_where_it_is(long, cast: Cast, browser, session: Session):
    record, numbers = long
    maja, path = await browser(cast.contact), f"/granby{record.path}"
    with clock.fixed(clock.now() - timedelta(hours=2)):
        await maja.get(path)
    await session.commit()
    old = await make_comment(session, record, cast.head, "Svar på en av de första, @Maja Lindqvist.", parent_id=numbers[30])
    last = await make_comment(session, record, cast.head, "Nytt sist, @Maja Lindqvist.")
    await session.commit()

    page = (await maja.get(path)).text
    assert around(page)[1][0] == old.id
    assert last.id not in shown(page)
    assert f"{path}?around=" in page.split('class="to-new"')[1].split("</p>")[0]
    home = (await maja.get("/granby")).text
    assert "1 kommentar<" in home.split('id="news"')[1]
    assert "nämnde dig" in home  # in the last one, which she has not seen

    end = (await maja.get(f"{path}?end=1")).text
    assert last.id in shown(end)
    assert "data-unseen" not in end
    home = (await maja.get("/granby")).text
    assert ("kommentar<" in home.split('id="news"')[1], "nämnde dig" in home) == (False, False)


async def test_who_is_named_in_what_she_sees_is_waited_for_no_longer_though_earlier_things_are_unread(
    long, cast: Cast, browser, session: Session
):
    record, numbers = long
    maja, path = await browser(cast.contact), f"/granby{record.path}"
    with clock.fixed(clock.now() - timedelta(hours=2)):
        await maja.get(path)
    await make_comment(session, record, cast.head, "Svar på en av de första.", parent_id=numbers[30])
    named = await make_comment(session, record, cast.head, "Vad säger @Maja Lindqvist?")
    await session.commit()
    assert "nämnde dig" in (await maja.get("/granby")).text
    await maja.get((await maja.get(f"/granby/comments/{named.id}")).headers["location"])
    home = (await maja.get("/granby")).text
    assert ("nämnde dig" in home, "2 kommentarer" in home) == (False, True)


async def test_a_long_thread_asks_as_often_with_three_new_answers_as_with_one(long, cast: Cast, portal: Portal, browser, session: Session):
    record, numbers = long
    maja, path = await browser(cast.contact), f"/granby{record.path}"
    await maja.get(path)

    async def asks(*answered: int) -> int:
        for number in answered:
            await make_comment(session, record, cast.head, "Ett svar.", parent_id=number)
        await session.execute(update(Reading).values(read_at=clock.now() - timedelta(hours=1), before_at=None))
        await session.commit()
        async with counting(portal) as seen:
            page = (await maja.get(path)).text
        assert 'id="new"' in page
        return len([each for each in seen if "comment" in each])  # not who comes, which is noted now and then

    assert await asks(numbers[100]) == await asks(numbers[90], numbers[101])
    assert await asks(numbers[30]) == await asks(numbers[31], numbers[2])

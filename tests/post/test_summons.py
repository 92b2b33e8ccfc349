"""What a summons brings: the agenda, and three links that are its reader's own."""

import re

import pytest

from portal.meetings import actions as meetings
from portal.meetings import answers
from portal.meetings.models import Answer
from tests.factories import Cast
from tests.making import make_meeting
from tests.post.conftest import House

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

ADDRESS = "https://portal.granby.example"


async def summon(house: House, cast: Cast, session, **given):
    meeting = await make_meeting(session, cast.coordinator, **given)
    await meetings.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    await house.everything()
    return meeting


def letter_to(house: House, member):
    (letter,) = [each for each in house.office.letters if str(each["To"]) == member.person.email]
    return letter


def words_of(letter) -> str:
    return letter.get_body(("plain",)).get_content()


async def test_each_gets_the_agenda_and_three_links_of_her_own_as_text_and_as_a_page(house: House, cast: Cast, session):
    meeting = await summon(house, cast, session, title="Träff", purpose="Vi ses.")
    path = answers.path(house.frame.sign, cast.contact.person_id, meeting.record_id)
    letter = letter_to(house, cast.contact)
    words, page = words_of(letter), letter.get_body(("html",)).get_content()
    assert "Dagordning\n1. 13.00 Föregående träff\n2. 13.15 Spaningar att bedöma\n" in words
    for answer, said in (("yes", "Jag kommer"), ("maybe", "Kanske"), ("no", "Kan inte")):
        assert f"{said}:\n{ADDRESS}{path}?answer={answer}\n" in words
        assert re.search(rf'<a href="{re.escape(f"{ADDRESS}{path}?answer={answer}")}"[^>]*>{said}</a>', page)
    tokens = {match for each in house.office.letters for match in re.findall(r"/answers/([\w.]+)", words_of(each))}
    assert len(tokens) == len(house.office.letters) == 7


async def test_who_has_answered_already_is_told_so(house: House, cast: Cast, session):
    meeting = await make_meeting(session, cast.coordinator)
    cast.contact.person.locale = "en"
    await answers.answer(session, meeting, by=cast.contact, answer=Answer.no)
    await meetings.summon(session, meeting, by=cast.coordinator)
    await session.commit()
    await house.everything()
    assert "You have answered: Not coming." in words_of(letter_to(house, cast.contact))
    assert "Kommer du?" in words_of(letter_to(house, cast.head))

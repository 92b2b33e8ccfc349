"""Letters about comments and rulings: to whom, once, and nothing to who has read it, does not want it or may not see it (A28, A69, A70)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from portal.comments import actions, following
from portal.comments.models import Comment, CommentForm, EditForm, Level
from portal.comments.telling import tell_of
from portal.db import Session, unit_of_work
from portal.moderation import actions as moderation
from portal.moderation.models import ReasonForm
from portal.networks.models import Membership
from portal.notifications import actions as notifications
from portal.notifications.models import ChoiceForm, Comments
from portal.records.actions import share
from portal.records.models import Record
from tests.factories import Cast
from tests.making import make_comment, make_finding, make_waiting
from tests.post.conftest import House

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

TITLE = "Nya avloppsdirektivet"
NAMED, ANSWERED = f"Du är nämnd: {TITLE}", f"Svar till dig: {TITLE}"


@dataclass
class Talk:
    """A thread on Ingela's finding, where Maja has written something."""

    house: House
    cast: Cast
    session: Session
    record: Record
    first: Comment

    async def say(self, by: Membership, body: str, *, answer: bool = False) -> Comment:
        comment = await make_comment(self.session, self.record, by, body, parent_id=self.first.id if answer else None)
        await self.session.commit()
        return comment

    async def reads(self, member: Membership) -> None:
        await following.note_reading(self.session, member, self.record, read_at=None, said_at=None)
        await self.session.commit()

    async def letters(self) -> dict[str, list[str]]:
        """By first name, when everything has left."""
        await self.house.everything()
        return {to.split(".")[0]: subjects for to, subjects in self.house.subjects.items()}


@pytest.fixture
async def talk(house: House, cast: Cast, session: Session) -> Talk:
    record = await make_finding(session, cast.coordinator, TITLE)
    first = await make_comment(session, record, cast.contact, "Vem tar det?")
    await session.commit()
    return Talk(house, cast, session, record, first)


async def test_who_is_named_gets_a_letter_with_the_words_and_where_to_answer(talk: Talk):
    comment = await talk.say(talk.cast.coordinator, "Kan @Tomas Ekvall svara? **Snart.**")
    assert await talk.letters() == {"tomas": [NAMED]}
    (letter,) = talk.house.office.letters
    assert "Ingela" not in str(letter["Subject"])
    words = letter.get_body(("plain",)).get_content()
    assert f"Ingela Rask nämner dig i tråden om {TITLE}:\n\n> Kan @Tomas Ekvall svara? Snart.\n\n" in words
    assert f"Läs och svara:\nhttps://portal.granby.example/granby/comments/{comment.id}\n" in words


async def test_a_comment_that_answers_and_names_nobody_is_told_to_nobody(talk: Talk):
    await talk.say(talk.cast.coordinator, "En ny fråga.")
    assert await talk.house.scalar("SELECT count(*) FROM pgqueuer") == 0
    assert await talk.letters() == {}


async def test_an_answer_is_told_to_whom_it_answers_and_others_who_have_answered_there(talk: Talk):
    await talk.say(talk.cast.deputy, "Jag.", answer=True)
    await talk.reads(talk.cast.contact)
    await talk.say(talk.cast.head, "Eller jag.", answer=True)
    assert await talk.letters() == {"maja": [ANSWERED], "tomas": [ANSWERED]}


async def test_two_minutes_pass_first(talk: Talk):
    await talk.say(talk.cast.deputy, "Jag.", answer=True)
    await talk.say(talk.cast.coordinator, "Tack @Tomas Ekvall")
    left = "SELECT extract(epoch FROM min(execute_after - now())) FROM pgqueuer"
    assert 110 < await talk.house.scalar(left) <= 120


async def test_who_has_read_it_meanwhile_gets_nothing(talk: Talk):
    await talk.say(talk.cast.deputy, "@Maja Lindqvist, jag.", answer=True)
    await talk.reads(talk.cast.contact)
    assert await talk.letters() == {}


async def test_one_letter_until_she_comes_to_read_however_many_answer_but_names_always_tell(talk: Talk):
    await talk.say(talk.cast.deputy, "Jag.", answer=True)
    assert (await talk.letters())["maja"] == [ANSWERED]
    await talk.say(talk.cast.head, "Nej, jag.", answer=True)
    await talk.say(talk.cast.coordinator, "@Maja Lindqvist?", answer=True)
    assert (await talk.letters())["maja"] == [ANSWERED, NAMED]
    await talk.reads(talk.cast.contact)
    await talk.say(talk.cast.head, "Jo.", answer=True)
    assert (await talk.letters())["maja"] == [ANSWERED, NAMED, ANSWERED]


async def test_a_comment_that_names_and_answers_the_same_person_is_one_letter(talk: Talk):
    await talk.say(talk.cast.deputy, "@Maja Lindqvist: jag.", answer=True)
    assert await talk.letters() == {"maja": [NAMED]}


@pytest.mark.parametrize(("level", "told"), [(Level.all, [ANSWERED, NAMED]), (Level.mentions, [NAMED]), (Level.off, [])])
async def test_what_one_follows_decides(level: Level, told: list[str], talk: Talk):
    await following.choose(talk.session, talk.record, by=talk.cast.contact, level=level)
    await talk.say(talk.cast.deputy, "Jag.", answer=True)
    await talk.house.everything()
    await talk.say(talk.cast.head, "Hej @Maja Lindqvist")
    assert (await talk.letters()).get("maja", []) == told


@pytest.mark.parametrize(("choice", "told"), [(Comments.now, [NAMED]), (Comments.letter, []), (Comments.never, [])])
async def test_what_one_has_chosen_decides(choice: Comments, told: list[str], talk: Talk):
    await notifications.choose(talk.session, by=talk.cast.contact, form=ChoiceForm(comments=choice, letter=True))
    await talk.say(talk.cast.head, "Hej @Maja Lindqvist")
    assert (await talk.letters()).get("maja", []) == told


Meanwhile = Callable[[Talk, Comment], Awaitable[None]]


async def hide(talk: Talk, comment: Comment) -> None:
    await moderation.hide(talk.session, comment, talk.record, by=talk.cast.coordinator, form=ReasonForm(reason="insult"))


async def redact(talk: Talk, comment: Comment) -> None:
    await moderation.redact(talk.session, comment, talk.record, by=talk.cast.coordinator, form=ReasonForm(reason="secrecy"))


async def name_somebody_else(talk: Talk, comment: Comment) -> None:
    await actions.edit(talk.session, comment, talk.record, by=talk.cast.head, form=EditForm(body="@Tomas Ekvall", version=comment.version))


async def close_to_her(talk: Talk, comment: Comment) -> None:
    await talk.session.execute(
        text(f"UPDATE record SET audience = 'unit', owner_unit_id = {talk.cast.housing.id} WHERE id = {talk.record.id}")
    )


@pytest.mark.parametrize("queued", [False, True], ids=["before the job", "between job and letter"])
@pytest.mark.parametrize("meanwhile", [hide, redact, name_somebody_else, close_to_her])
async def test_what_is_hidden_removed_or_no_longer_for_her_does_not_go_out(meanwhile: Meanwhile, queued: bool, talk: Talk):
    comment = await talk.say(talk.cast.head, "Hemligt till @Maja Lindqvist")
    if queued:
        await find_people(talk)
        assert await talk.house.scalar("SELECT count(*) FROM notification") == 1
    await meanwhile(talk, comment)
    await talk.session.commit()
    assert "maja" not in await talk.letters()
    assert not any("Hemligt" in str(letter) for letter in talk.house.office.letters)


async def find_people(talk: Talk) -> None:
    """Run the jobs of comments alone: who is told is known, and no letter has left."""
    async with unit_of_work(talk.house.sessions) as session:
        rows = await session.execute(
            text("DELETE FROM pgqueuer WHERE entrypoint = 'comment' RETURNING convert_from(payload, 'UTF8')::json AS p")
        )
        payloads = [row.p for row in rows]
    for payload in payloads:
        await tell_of(talk.house.sessions, payload)


async def test_an_edit_tells_whom_it_names_anew_and_nobody_twice(talk: Talk):
    comment = await talk.say(talk.cast.coordinator, "@Tomas Ekvall?")
    assert await talk.letters() == {"tomas": [NAMED]}
    form = EditForm(body="@Tomas Ekvall och @Bengt Sjöholm?", version=comment.version)
    await actions.edit(talk.session, comment, talk.record, by=talk.cast.coordinator, form=form)
    await talk.session.commit()
    assert await talk.letters() == {"tomas": [NAMED], "bengt": [NAMED]}


async def test_who_may_not_read_is_not_told(talk: Talk):
    await close_to_her(talk, talk.first)
    await talk.session.refresh(talk.record)
    await talk.say(talk.cast.head, "@Maja Lindqvist @Tomas Ekvall @Olle Utter")
    assert await talk.letters() == {"tomas": [NAMED]}


async def test_what_a_guest_writes_is_told_when_it_is_approved(talk: Talk):
    await share(talk.session, talk.record, by=talk.cast.coordinator, guest=talk.cast.guest)
    comment = await make_waiting(talk.session, talk.record, talk.cast.guest, "@Maja Lindqvist, hej.")
    await talk.session.commit()
    await talk.house.everything()
    assert "maja" not in await talk.letters()
    await moderation.approve(talk.session, comment, talk.record, by=talk.cast.coordinator, version=comment.version)
    await talk.session.commit()
    letters = await talk.letters()
    assert (letters["maja"], letters["pelle"]) == ([NAMED], [f"Din kommentar är godkänd: {TITLE}"])


async def test_the_same_post_twice_tells_once(talk: Talk):
    form = CommentForm(body="@Maja Lindqvist", key=uuid4())
    for _time in range(2):
        await actions.post(talk.session, talk.record.id, by=talk.cast.head, form=form)
        await talk.session.commit()
    assert await talk.letters() == {"maja": [NAMED]}


async def test_the_author_is_told_of_a_ruling_with_its_reason(talk: Talk):
    form: Any = ReasonForm(reason="personal_data", words="Ett telefonnummer")
    await moderation.hide(talk.session, talk.first, talk.record, by=talk.cast.coordinator, form=form)
    await talk.session.commit()
    assert await talk.letters() == {"maja": [f"Din kommentar är dold: {TITLE}"]}
    words = talk.house.office.letters[0].get_body(("plain",)).get_content()
    assert "Skäl: Personuppgifter – Ett telefonnummer" in words
    assert "Vem tar det?" not in words
    assert "/granby/rulings/" in words


async def test_what_is_undone_at_once_is_told_as_it_is_now(talk: Talk):
    await moderation.hide(talk.session, talk.first, talk.record, by=talk.cast.coordinator, form=ReasonForm(reason="insult"))
    await talk.session.commit()
    await moderation.restore(talk.session, talk.first, talk.record, by=talk.cast.coordinator, undo=True)
    await talk.session.commit()
    assert await talk.letters() == {"maja": [f"Din kommentar visas igen: {TITLE}"]}


async def test_a_post_that_is_rolled_back_tells_nobody(talk: Talk):
    form = CommentForm(body="@Maja Lindqvist", key=uuid4())
    await actions.post(talk.session, talk.record.id, by=talk.cast.head, form=form)
    await talk.session.rollback()
    assert await talk.house.scalar("SELECT count(*) FROM pgqueuer") == 0
    assert await talk.letters() == {}


async def test_each_reads_in_her_own_language_what_the_record_is_called(talk: Talk):
    talk.record.title_en = "Urban waste water"
    talk.cast.deputy.person.locale = "en"
    await talk.session.commit()
    comment = await talk.say(talk.cast.deputy, "Strunt.")
    await moderation.hide(
        talk.session, comment, talk.record, by=talk.cast.coordinator, form=ReasonForm.model_validate({"reason": "insult"})
    )
    await talk.say(talk.cast.contact, "Kan @Tomas Ekvall eller @Bengt Sjöholm svara?")
    letters = await talk.letters()
    assert letters["bengt"] == [NAMED]
    assert sorted(letters["tomas"]) == ["You are mentioned: Urban waste water", "Your comment is hidden: Urban waste water"]
    words = [each.get_body(("plain",)).get_content() for each in talk.house.office.letters if str(each["To"]).startswith("tomas")]
    assert [("Urban waste water" in each, TITLE in each) for each in words] == [(True, False)] * 2

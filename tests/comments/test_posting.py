"""Posting is one statement: what refuses it, what it leaves behind, and what two at once make of it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asyncpg import CharacterNotInRepertoireError
from sqlalchemy import func, select, text

from portal import clock
from portal.activity.models import Activity
from portal.app import Portal
from portal.comments.actions import post
from portal.comments.models import Comment, CommentDraft, CommentForm, Thread
from portal.db import Session
from portal.live.models import Event, Stream
from portal.moderation.actions import hide
from portal.moderation.models import Reason, ReasonForm
from portal.networks.models import Membership
from portal.records.models import Record
from portal.web import Conflict, Forbidden, NotFound, Refused
from portal.web.errors import TooMany
from portal.web.once import Reused
from tests.factories import Cast
from tests.making import make_finding


def words(body: str = "Vi har samma fråga.", **given: object) -> CommentForm:
    return CommentForm.model_validate({"body": body, "key": uuid4(), **given})


async def left_behind(session: Session, record: Record) -> dict[str, object]:
    """What posts have left: comments, the thread's count, the stream's number and its events, deeds."""
    thread = await session.get_one(Thread, record.id, populate_existing=True)
    stream = await session.get_one(Stream, thread.stream_id, populate_existing=True)
    events = await session.scalars(select(Event.seq).where(Event.stream_id == thread.stream_id).order_by(Event.seq))
    deeds = select(func.count()).select_from(Activity).where(Activity.verb == "comment.posted")
    comments = await session.scalars(select(Comment.seq).where(Comment.record_id == record.id).order_by(Comment.seq))
    return {
        "comments": list(comments),
        "events": list(events),
        "count": thread.comments,
        "last": stream.last_seq,
        "deeds": await session.scalar(deeds),
    }


def so_many(count: int) -> dict[str, object]:
    numbers = list(range(1, count + 1))
    return {"comments": numbers, "events": numbers, "count": count, "last": count, "deeds": count}


async def test_a_post_leaves_comment_event_number_count_and_deed(cast: Cast, session):
    record = await make_finding(session, cast.contact)
    posted = await post(session, record.id, by=cast.contact, form=words("Vi har **samma** fråga."))
    stored = await session.get_one(Comment, posted.id)
    assert (stored.seq, stored.body, stored.html, stored.version) == (1, "Vi har **samma** fråga.", posted.html, 1)
    vector = select(Comment.search == func.portal_terms("Vi har samma fråga.")).where(Comment.id == posted.id)
    assert await session.scalar(vector) is True
    assert await left_behind(session, record) == so_many(1)


async def test_a_post_in_a_transaction_that_is_rolled_back_leaves_nothing(cast: Cast, session):
    record = await make_finding(session, cast.contact)
    await session.execute(select(1))
    await post(session, record.id, by=cast.contact, form=words())
    assert await left_behind(session, record) == so_many(1)
    await session.rollback()
    await session.refresh(record)
    assert await left_behind(session, record) == so_many(0)


async def test_a_post_by_itself_is_durable_when_it_returns(cast: Cast, portal: Portal, session):
    record = await make_finding(session, cast.contact)
    async with portal.sessions() as own:
        await post(own, record.id, by=cast.contact, form=words())
        await own.rollback()
    assert await left_behind(session, record) == so_many(1)


async def test_the_same_key_twice_at_once_is_one_comment_without_a_gap(cast: Cast, portal: Portal, session):
    record = await make_finding(session, cast.contact)
    form = words()

    async def send() -> int:
        async with portal.sessions() as own:
            posted = await post(own, record.id, by=cast.contact, form=form)
            await own.commit()
            return posted.id

    assert len(set(await asyncio.gather(*(send() for _ in range(8))))) == 1
    assert await left_behind(session, record) == so_many(1)


async def test_many_at_once_get_numbers_without_gap_or_double(cast: Cast, portal: Portal, session):
    record = await make_finding(session, cast.contact)

    async def send(by: Membership) -> None:
        async with portal.sessions() as own:
            await post(own, record.id, by=by, form=words())
            await own.commit()

    await asyncio.gather(*(send(by) for by in (cast.contact, cast.deputy, cast.head, cast.coordinator) for _ in range(4)))
    assert await left_behind(session, record) == so_many(16)


async def posted_at_once(portal: Portal, *posts: tuple[Record, Membership, CommentForm]) -> list[Any]:
    """What came of each, in a session of its own."""

    async def send(record: Record, by: Membership, form: CommentForm) -> Any:
        async with portal.sessions() as own:
            return await post(own, record.id, by=by, form=form)

    return await asyncio.gather(*(send(*each) for each in posts), return_exceptions=True)


async def test_who_comes_while_others_are_posted_is_posted_with_them(cast: Cast, portal: Portal, session):
    here, there = await make_finding(session, cast.contact), await make_finding(session, cast.contact)
    await post(session, here.id, by=cast.contact, form=words())  # its words are known now, so that nobody has to ask for them
    await session.commit()
    posted = await posted_at_once(portal, *((record, cast.contact, words()) for record in (here, there) for _ in range(4)))
    transactions = text("SELECT count(DISTINCT xmin::text) FROM comment WHERE id = ANY(:ids)")
    assert await session.scalar(transactions, {"ids": [each.id for each in posted]}) < len(posted)
    assert (await left_behind(session, here))["events"] == [1, 2, 3, 4, 5]
    assert (await left_behind(session, there))["events"] == [1, 2, 3, 4]


async def test_who_may_not_post_or_cannot_takes_nothing_from_those_beside_her(cast: Cast, portal: Portal, session):
    record, form = await make_finding(session, cast.contact), words("Två gånger.")
    await post(session, record.id, by=cast.contact, form=form)
    stored = await session.get_one(Membership, cast.head.id)
    stored.ends_on = clock.today() - timedelta(days=1)
    await session.commit()
    broken = CommentForm.model_construct(body="Går inte att lagra: \0", key=uuid4(), parent_id=None, file=[])
    good, again, other, gone, last, bad = await posted_at_once(
        portal,
        (record, cast.contact, words()),
        (record, cast.contact, form),
        (record, cast.contact, words("Med andra ord.", key=form.key)),
        (record, cast.head, words()),
        (record, cast.deputy, words()),
        (record, cast.contact, broken),
    )
    assert [type(each) for each in (other, gone, bad)] == [Reused, NotFound, CharacterNotInRepertoireError]
    assert again.seq == 1
    assert {good.seq, last.seq} == {2, 3}
    assert await left_behind(session, record) == so_many(3)


async def test_a_thread_that_is_held_holds_up_no_other(cast: Cast, portal: Portal, session):
    held, free = await make_finding(session, cast.contact), await make_finding(session, cast.contact)
    first = await post(session, free.id, by=cast.contact, form=words())
    await session.commit()
    async with portal.sessions() as holder:
        await holder.get_one(Thread, held.id, with_for_update=True)
        waits = asyncio.create_task(posted_at_once(portal, (held, cast.contact, words())))
        (posted,) = await posted_at_once(portal, (free, cast.contact, words()))
        assert posted.id == first.id + 1  # a statement that had waited until it failed would have taken this number with it
        await holder.commit()
    ((late,),) = await asyncio.gather(waits)
    assert (late.seq, (await left_behind(session, held))["events"]) == (1, [1])


async def test_a_draft_that_is_just_being_kept_holds_up_its_authors_comment_alone(cast: Cast, portal: Portal, session):
    record = await make_finding(session, cast.contact)
    session.add(CommentDraft(person_id=cast.contact.person_id, record_id=record.id, parent_id=0, body="Vi", saved_at=clock.now()))
    await session.commit()
    waiting = text(
        "SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database() AND query LIKE '%member AS (%'"
    )
    async with portal.sessions() as holder:
        await holder.execute(text("SELECT FROM comment_draft FOR UPDATE"))
        waits = asyncio.create_task(posted_at_once(portal, (record, cast.contact, words())))
        while not (found := (await holder.scalars(waiting)).all()) and not waits.done():
            await asyncio.sleep(0.01)
            await holder.execute(text("SELECT pg_stat_clear_snapshot()"))
        await holder.commit()
    ((posted,),) = await asyncio.gather(waits)
    assert found
    assert not any("SKIP LOCKED" in each for each in found)  # what is posted for many waits for nobody
    assert posted.seq == 1
    assert await session.scalar(select(func.count()).select_from(CommentDraft)) == 0


async def test_each_refusal_is_told_by_its_own_word_and_leaves_nothing(cast: Cast, session):
    record, other = await make_finding(session, cast.contact), await make_finding(session, cast.contact)
    first = words("Först.")
    posted = await post(session, record.id, by=cast.contact, form=first)
    elsewhere = await post(session, other.id, by=cast.contact, form=words())
    before = await left_behind(session, record)
    with pytest.raises(Conflict):
        await post(session, record.id, by=cast.contact, form=words("Annat.", key=first.key))
    with pytest.raises(Forbidden):
        await post(session, record.id, by=cast.reader, form=words())
    with pytest.raises(NotFound):
        await post(session, record.id, by=cast.contact, form=words(parent_id=elsewhere.id))
    with pytest.raises(Refused, match="invecklad"):
        await post(session, record.id, by=cast.contact, form=words("> " * 12 + "djupt"))
    assert (await post(session, record.id, by=cast.contact, form=first)).id == posted.id
    assert await left_behind(session, record) == before
    await hide(session, await session.get_one(Comment, posted.id), record, by=cast.coordinator, form=ReasonForm(reason=Reason.insult))
    with pytest.raises(Forbidden, match="dold"):
        await post(session, record.id, by=cast.contact, form=words(parent_id=posted.id))
    assert (await left_behind(session, record))["count"] == 1


async def test_the_twenty_first_in_a_minute_has_to_wait(cast: Cast, session):
    record = await make_finding(session, cast.contact)
    for _ in range(20):
        await post(session, record.id, by=cast.contact, form=words())
    with pytest.raises(TooMany):
        await post(session, record.id, by=cast.contact, form=words())
    with clock.fixed(clock.now() + timedelta(seconds=61)):
        await post(session, record.id, by=cast.contact, form=words())
    assert await left_behind(session, record) == so_many(21)


async def test_who_has_left_since_the_page_was_read_posts_nothing(cast: Cast, portal: Portal, session):
    record = await make_finding(session, cast.contact)
    async with portal.sessions() as own:
        stored = await own.get_one(Membership, cast.contact.id)
        stored.ends_on = clock.today() - timedelta(days=1)
        await own.commit()
    with pytest.raises(NotFound):
        await post(session, record.id, by=cast.contact, form=words())
    assert await left_behind(session, record) == so_many(0)


async def test_a_comment_shows_its_authors_new_name_at_once(cast: Cast, session, browser):
    record = await make_finding(session, cast.contact)
    await post(session, record.id, by=cast.contact, form=words("Vi har samma fråga."))
    await session.commit()
    ingela = await browser(cast.coordinator)
    assert "<b>Maja Lindqvist</b>" in (await ingela.get(f"/granby{record.path}")).text
    cast.contact.person.name = "Maja Holm"
    session.add(cast.contact.person)
    await session.commit()
    shown = (await ingela.get(f"/granby{record.path}")).text
    assert "<b>Maja Holm</b>" in shown
    assert "Maja Lindqvist</b>" not in shown

"""What whoever opens the demo meets."""

import re
from collections import Counter

from sqlalchemy import delete, func, select
from sqlmodel import col

from portal import clock
from portal.activity.models import Activity
from portal.comments import mentions
from portal.comments.models import Comment, CommentVersion, Conclusion, Reading, Thread
from portal.consultations.models import Consultation, FeedbackWindow
from portal.consultations.queries import Filter, consultations
from portal.drafting.models import DraftText, Section, SectionDraft, SectionVersion
from portal.files.models import Attachment
from portal.findings.models import Finding
from portal.home.news import news
from portal.live.models import Event, Stream
from portal.mail import MailOut
from portal.meetings.models import Attendance, Meeting
from portal.networks.access import Role
from portal.networks.models import Membership, Network
from portal.networks.queries import directory, members
from portal.public.queries import demo_people
from portal.records.models import Audience, Record
from portal.records.queries import readable

LISTS = ("", "/findings", "/meetings", "/consultations", "/calls", "/search?q=bostäder")
FOR_MEMBERS = ("/members", "/calendar")


async def network(session, slug="grankoping") -> Network:
    return (await session.scalars(select(Network).where(col(Network.slug) == slug))).one()


async def member(session, name: str, slug="grankoping") -> Membership:
    return next(each for each in await members(session, (await network(session, slug)).id) if each.person.name == name)


async def count(session, *what) -> int:
    return await session.scalar(select(func.count()).select_from(*what)) or 0


async def test_everybody_can_be_anybody_and_reads_home_and_every_list(look, as_person):
    people = await demo_people(look)
    assert len(people) == 17
    for each in people:
        browser = await as_person(each.person.id)
        slug = "vitsjo" if each.place == "Regionalt EU-nätverk" else "grankoping"
        places = LISTS if each.role == "Gäst" else LISTS + FOR_MEMBERS
        for place in places:
            page = await browser.get(f"/{slug}{place}", follow_redirects=True)
            assert page.status_code == 200, (each.person.name, place)
            assert "Exempeldata" in page.text, (each.person.name, place)


async def test_the_coordinator_opens_every_record(look, as_person):
    ingela = await member(look, "Ingela Rask")
    browser = await as_person(ingela.person_id)
    records = (
        await look.scalars(select(Record).where(col(Record.network_id) == ingela.network_id, col(Record.audience) == "network"))
    ).all()
    assert Counter(each.kind for each in records) == {"finding": 23, "meeting": 8, "consultation": 8, "call": 4}
    for record in records:
        page = await browser.get(f"/grankoping{record.path}")
        assert page.status_code == 200, record.title
        assert record.title in page.text, record.title
    for place in ("", "/units", "/members", "/boards", "/themes", "/log", "/settings"):
        assert (await browser.get(f"/grankoping/administer{place}", follow_redirects=True)).status_code == 200, place


async def test_two_people_switch_between_two_networks(look, as_person):
    for name in ("Ingela Rask", "Maja Lindqvist"):
        browser = await as_person((await member(look, name)).person_id)
        page = (await browser.get("/grankoping")).text
        assert "Regionalt EU-nätverk" in page
        assert "Nätverket för internationellt arbete" in (await browser.get("/vitsjo")).text
    tomas = await as_person((await member(look, "Tomas Ekvall")).person_id)
    assert "Regionalt EU-nätverk" not in (await tomas.get("/grankoping")).text
    assert (await tomas.get("/vitsjo")).status_code == 404


async def test_everybody_has_news_since_the_last_visit(look):
    await look.execute(delete(Reading))  # what the visitors of other tests have opened; this session commits nothing
    ours = await network(look)
    for each in (await look.scalars(select(Membership).where(col(Membership.ends_on).is_(None)))).all():
        assert each.before_at is not None
        assert each.before_at < clock.now()
        if each.network_id == ours.id and not each.is_guest:
            assert len(await news(look, each, after=each.before_at)) >= 3, each.id


async def test_the_guest_reads_two_records_and_comments_in_them(look, as_person):
    said = await member(look, "Said Karimi")
    records = (await look.scalars(select(Record).where(readable(said)).order_by(col(Record.title)))).all()
    assert [each.title for each in records] == ["Lokala företag behöver svar om digitala produktpass", "Rättsakt om överkomliga bostäder"]
    browser = await as_person(said.person_id)
    for record in records:
        page = await browser.get(f"/grankoping{record.path}")
        assert page.status_code == 200
        assert "may-write" in page.text
        assert await count(look, Comment) > 0
        assert await look.scalar(select(func.count()).where(col(Comment.author_id) == said.person_id, col(Comment.record_id) == record.id))
    other = (await look.scalars(select(Record).where(col(Record.title) == "Tammerfors sorterar sopor med kamera"))).one()
    assert (await browser.get(f"/grankoping{other.path}")).status_code == 404


async def test_units_have_somebody_but_for_one(look):
    ours = await network(look)
    desks = await directory(look, ours.id)
    assert len(desks) == 11
    assert [desk.unit.name for desk in desks if desk.is_vacant] == ["Räddningstjänsten"]
    assert [desk.unit.name for desk in desks if not desk.people] == ["Räddningstjänsten"]
    roles = Counter(each.role for each in await members(look, ours.id))
    assert roles == {
        Role.contact: 9,
        Role.coordinator: 1,
        Role.deputy: 1,
        Role.head: 1,
        Role.registrar: 1,
        Role.reader: 1,
        Role.guest: 1,
        Role.admin: 1,
    }
    karin = await member(look, "Karin Lövgren")
    assert karin.ends_on is not None
    assert karin.starts_on < clock.today() < karin.ends_on


async def test_findings_have_their_texts_themes_and_fates(look):
    ours = await network(look)
    found = (await look.scalars(select(Finding).join(Finding.record).where(col(Record.network_id) == ours.id))).all()
    shared = [each for each in found if not each.is_draft]
    assert Counter(each.fate for each in shared) == {"new": 6, "watched": 7, "used": 8, "archived": 2}
    for each in shared:
        for words in (each.happens, each.means):
            assert 2 <= len(re.findall(r"[.?!](?:\s|$)", words)) <= 4, words
    assert len([each for each in shared if each.source_url]) >= 15
    drafts = [each.record_id for each in found if each.is_draft]
    maja = await member(look, "Maja Lindqvist")
    draft = (await look.scalars(select(Record).where(col(Record.id).in_(drafts)))).one()
    assert (draft.created_by_id, draft.audience) == (maja.person_id, Audience.author)


async def test_meetings_stand_where_a_year_leaves_them(look):
    ours = await network(look)
    rows = await look.execute(
        select(Meeting.state, Meeting.starts_at, Record.id)
        .join(Meeting.record)
        .where(col(Record.network_id) == ours.id)
        .order_by(col(Meeting.starts_at))
    )
    rows = rows.all()
    assert [state for state, _, _ in rows] == ["finalised", "finalised", "held", "summoned", *["planned"] * 4]
    finished = rows[0][2]
    locked = await look.scalar(select(DraftText.locked_at).where(col(DraftText.record_id) == finished))
    assert locked is not None
    present = Counter(await look.scalars(select(Attendance.present).where(col(Attendance.meeting_id) == finished)))
    assert present[True] == 9
    answers = Counter(await look.scalars(select(Attendance.answer).where(col(Attendance.meeting_id) == rows[3][2])))
    assert answers == {"yes": 7, "maybe": 1, "no": 1}


async def test_consultations_are_open_assessed_answered_and_closed(look):
    ingela = await member(look, "Ingela Rask")
    rows = {row.consultation.record.title: row for row in await consultations(look, ingela, Filter())}
    assert Counter((row.consultation.triage, row.state) for row in rows.values()) == {
        ("answering", "open"): 1,
        ("answering", "closed"): 1,
        ("to_assess", "open"): 3,
        ("watching", "open"): 2,
        ("not_relevant", "closed"): 1,
    }
    housing = rows["Rättsakt om överkomliga bostäder"]
    assert housing.window is not None
    assert housing.window.stage == "public_consultation"
    assert len(housing.consultation.initiative.windows) == 2
    text = (await look.scalars(select(DraftText).where(col(DraftText.record_id) == housing.consultation.record_id))).one()
    sections = (await look.scalars(select(Section).where(col(Section.text_id) == text.id).order_by(col(Section.position)))).all()
    assert [each.heading for each in sections] == ["Sammanfattning", "Våra synpunkter", "Förslag till ändringar"]
    authors = set(await look.scalars(select(SectionVersion.author_id).where(col(SectionVersion.section_id) == sections[1].id)))
    assert len(authors) == 4
    assert await count(look, SectionDraft) == 1


async def test_two_networks_deal_with_one_initiative(look):
    per_initiative = Counter(await look.scalars(select(Consultation.initiative_id)))
    assert sorted(per_initiative.values()) == [1] * 7 + [2]
    assert await count(look, FeedbackWindow) == 9


async def test_threads_are_gapless_lively_and_moderated(look):
    lengths = Counter(await look.scalars(select(Comment.record_id)))
    assert lengths.most_common(2)[0][1] == 28
    assert lengths.most_common(2)[1][1] == 15
    assert len(lengths) >= 18
    for stream, last in await look.execute(select(Stream.id, Stream.last_seq)):
        events = list(await look.scalars(select(Event.seq).where(col(Event.stream_id) == stream).order_by(col(Event.seq))))
        assert events == list(range(1, last + 1))
    for record_id in lengths:
        times = list(await look.scalars(select(Comment.created_at).where(col(Comment.record_id) == record_id).order_by(col(Comment.seq))))
        assert times == sorted(times)
    assert await count(look, CommentVersion) == 1
    assert await look.scalar(select(func.count()).where(col(Thread.locked_at).is_not(None))) == 1


async def test_what_the_coordinator_hid_is_seen_by_nobody_and_not_found(look, as_person):
    hidden = (await look.scalars(select(Comment).where(col(Comment.hidden_at).is_not(None)))).one()
    assert "070-174 06 35" in hidden.body
    record = await look.get_one(Record, hidden.record_id)
    tomas = await as_person((await member(look, "Tomas Ekvall")).person_id)
    page = (await tomas.get(f"/grankoping{record.path}")).text
    assert "Dold av samordnaren: personuppgifter" in page
    assert "070-174 06 35" not in page
    assert "0 resultat för ”ryggskott”" in (await tomas.get("/grankoping/search?q=ryggskott")).text
    assert "0 resultat" not in (await tomas.get("/grankoping/search?q=hemvården")).text


async def test_what_is_written_is_found(look, as_person):
    maja = await as_person((await member(look, "Maja Lindqvist")).person_id)
    wanted = {
        "avloppsdirektiv": "Nya avloppsdirektivet: mer rening och fler prover",
        "partnerskapsplanen": "Förslag till partnerskapsplan inom EU:s långtidsbudget 2028–2034",
        "stolpe": "Nätverksträff: Vad händer med EU-budgeten?",
    }
    for words, title in wanted.items():
        path = await look.scalar(select(Record.path).where(col(Record.title) == title).order_by(col(Record.id)).limit(1))
        assert f'href="/grankoping{path}' in (await maja.get(f"/grankoping/search?q={words}")).text, words


async def test_nobody_was_mailed_and_the_log_runs_forward(look):
    assert await count(look, MailOut) == 0
    moments = list(await look.scalars(select(Activity.at).order_by(col(Activity.id))))
    assert moments == sorted(moments)
    assert moments[-1] < clock.now()


async def test_the_coordinator_is_named_a_thread_has_a_conclusion_and_two_files_can_be_fetched(look, as_person):
    coordinator = await member(look, "Ingela Rask")
    await look.execute(delete(Reading))  # as above
    named = await mentions.waiting(look, coordinator)
    assert [(each.author, each.record.title) for each in named] == [("Rut Melin", "CERV: nya pengar till möten mellan vänorter")]
    ingela = await as_person(coordinator.person_id)
    concluded = (await look.scalars(select(Record).join(Conclusion, col(Conclusion.record_id) == col(Record.id)))).one()
    assert concluded.title == "Rättsakt om överkomliga bostäder"
    assert "Lägg slutsatsen i avsnittet" in (await ingela.get(f"/grankoping{concluded.path}")).text
    picture, document = (await look.scalars(select(Attachment).order_by(col(Attachment.name).desc()))).all()
    assert (picture.name, document.name) == ("regn-i-avloppet.png", "fragor-till-elevraden.odt")
    assert picture.alt.startswith("Två staplar")
    for address in (f"{picture.id}/thumbnail", f"{picture.id}/{picture.name}", f"{document.id}/{document.name}"):
        assert (await ingela.get(f"/grankoping/files/{address}")).status_code == 200, address

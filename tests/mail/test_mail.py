"""Mail leaves with the commit, at most once, whatever the mail server does."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from portal import clock, jobs, mail
from portal.config import Misconfigured, Settings
from portal.db import Sessions, unit_of_work
from portal.jobs import TemporaryError, Worker
from portal.mail import Letter, Posting, delivery
from portal.mail.letters import message
from tests.mail.post_office import PostOffice
from tests.mail.test_jobs import Rows, Start, until

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

STATE = "SELECT state FROM mail_out"
LETTER: dict[str, Any] = {
    "message_id": "comment.17.5",
    "to": "maja@granby.example",
    "subject": "Ny kommentar",
    "text": "Ingela har svarat.\n",
    "html": None,
    "locale": "sv",
    "at": "2026-12-13T08:15:00+00:00",
}


async def send(sessions: Sessions, **given: Any) -> bool:
    letter = {"to": "maja@granby.example", "subject": "Ny kommentar", "text": "Ingela har svarat.\n", **given}
    async with unit_of_work(sessions) as session:
        return await mail.send(session, **letter)


async def test_a_commit_sends_one_letter_in_swedish(sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows) -> None:
    with clock.fixed(datetime(2026, 12, 13, 8, 15, tzinfo=UTC)):
        await send(
            sessions, subject="Två svar på samrådet – läs före träffen", text="Åsa och Örjan väntar på dig.\n", html="<p>Åsa väntar.</p>"
        )
    await until(rows, STATE, [("sent",)])
    (letter,) = post_office.letters
    assert str(letter["Subject"]) == "Två svar på samrådet – läs före träffen"
    assert str(letter["From"]) == "Portalen i Älvsby <portal@granby.example>"
    assert letter["Date"].datetime.isoformat() == "2026-12-13T09:15:00+01:00"
    assert (letter["Auto-Submitted"], letter["Content-Language"]) == ("auto-generated", "sv")
    assert letter.get_body(("plain",)).get_content() == "Åsa och Örjan väntar på dig.\n"  # type: ignore[union-attr]
    assert letter.get_body(("html",)).get_content().strip() == "<p>Åsa väntar.</p>"  # type: ignore[union-attr]
    assert post_office.envelopes == [("portal@granby.example", ["maja@granby.example"])]
    assert post_office.logins == [(b"clerk", "å@:".encode())]
    assert await rows('SELECT "to", subject, tries, error FROM mail_out') == [
        ("maja@granby.example", "Två svar på samrådet – läs före träffen", 1, None)
    ]


async def test_a_text_with_a_broken_character_still_arrives(
    sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows
) -> None:
    await send(sessions, text="trasig \ud800 och \x00.\r\n.\r\nslut\n", html="<p>\udfff</p>")
    await until(rows, STATE, [("sent",)])
    assert post_office.letters[0].get_body(("plain",)).get_content() == "trasig ? och \x00.\n.\nslut\n"  # type: ignore[union-attr]


async def test_a_rollback_sends_nothing(sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows) -> None:
    async with sessions() as session:
        await mail.send(session, to="maja@granby.example", subject="Aldrig", text="Aldrig")
        await session.rollback()
    await send(sessions, subject="Efteråt")
    await until(rows, "SELECT subject, state FROM mail_out", [("Efteråt", "sent")])
    assert [str(letter["Subject"]) for letter in post_office.letters] == ["Efteråt"]


async def test_the_same_message_id_is_mailed_once(sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows) -> None:
    assert await send(sessions, message_id="comment.17.5")
    assert not await send(sessions, message_id="comment.17.5")
    await until(rows, STATE, [("sent",)])
    assert not await send(sessions, message_id="comment.17.5")
    await until(rows, "SELECT count(*) FROM pgqueuer", [(0,)])
    assert [str(letter["Message-ID"]) for letter in post_office.letters] == ["<comment.17.5@granby.example>"]


async def test_a_job_that_comes_twice_sends_once(sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows) -> None:
    await send(sessions, message_id="comment.17.5")
    await until(rows, STATE, [("sent",)])
    async with unit_of_work(sessions) as session:
        await jobs.enqueue(session, "mail", LETTER)
    await until(rows, "SELECT count(*) FROM pgqueuer", [(0,)])
    assert len(post_office.letters) == 1


async def test_three_workers_with_the_same_letter_send_it_once(
    sessions: Sessions, settings: Settings, post_office: PostOffice, rows: Rows
) -> None:
    await send(sessions, message_id="comment.17.5")
    post_office.slow = {"RCPT": asyncio.Event()}
    deliveries = asyncio.gather(*(delivery.deliver(settings, sessions, LETTER) for _ in range(3)))
    for _ in range(3):
        await asyncio.wait_for(post_office.reached.get(), 5)
    post_office.slow["RCPT"].set()
    await deliveries
    assert len(post_office.letters) == 1
    assert await rows(STATE) == [("sent",)]


async def test_a_mail_server_that_was_away_gets_it_when_it_is_back(
    sessions: Sessions, settings: Settings, post_office: PostOffice, rows: Rows
) -> None:
    await send(sessions, message_id="comment.17.5")
    await post_office.close()
    with pytest.raises(TemporaryError, match="SMTPConnectError"):
        await delivery.deliver(settings, sessions, LETTER)
    assert await rows("SELECT state, tries, error LIKE 'SMTPConnectError: %' FROM mail_out") == [("queued", 1, True)]
    await post_office.open()
    await delivery.deliver(settings, sessions, LETTER)
    assert await rows("SELECT state, tries, error FROM mail_out") == [("sent", 2, None)]
    assert len(post_office.letters) == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_refusal_for_now_is_tried_again(
    command: str, sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows
) -> None:
    post_office.answers = {command: ["451 come back later", "450 greylisted"]}
    await send(sessions)
    await until(rows, "SELECT state, tries FROM mail_out", [("sent", 3)])
    assert len(post_office.letters) == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_refusal_for_good_is_final(
    command: str, sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    post_office.answers = {command: ["550 no such person"]}
    await send(sessions, message_id="comment.17.5")
    await until(rows, "SELECT state, tries, error LIKE 'SMTP%: 550 no such person' FROM mail_out", [("failed", 1, True)])
    await until(rows, "SELECT count(*) FROM pgqueuer", [(0,)])
    assert post_office.letters == []
    assert "mail comment.17.5 is failed" in caplog.text


async def test_a_wrong_password_is_no_fault_of_the_letter(sessions: Sessions, settings: Settings, rows: Rows) -> None:
    await send(sessions, message_id="comment.17.5")
    wrong = replace(settings, smtp_url=(settings.smtp_url or "").replace("%40", ""))
    with pytest.raises(TemporaryError, match="SMTPAuthenticationError"):
        await delivery.deliver(wrong, sessions, LETTER)
    assert await rows(STATE) == [("queued",)]


async def test_the_last_try_ends_it(sessions: Sessions, settings: Settings, post_office: PostOffice, rows: Rows) -> None:
    await send(sessions, message_id="comment.17.5")
    async with unit_of_work(sessions) as session:
        (await session.get_one(mail.MailOut, "comment.17.5")).tries = jobs.TRIES - 1
    await post_office.close()
    await delivery.deliver(settings, sessions, LETTER)
    assert await rows("SELECT state, tries FROM mail_out") == [("failed", jobs.TRIES)]


async def test_a_cut_after_data_is_unknown_and_not_sent_again(
    sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    post_office.cut_after_data = True
    await send(sessions, message_id="comment.17.5")
    await until(rows, STATE, [("unknown",)])
    await until(rows, "SELECT count(*) FROM pgqueuer", [(0,)])
    assert len(post_office.letters) == 1
    assert "mail comment.17.5 is unknown" in caplog.text


async def test_a_letter_found_on_its_way_is_unknown_and_not_sent_again(
    sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows
) -> None:
    async with unit_of_work(sessions) as session:
        await mail.send(session, to="maja@granby.example", subject="Ny", text="Ny", message_id="comment.17.5")
        (await session.get_one(mail.MailOut, "comment.17.5")).state = "sending"
    await until(rows, STATE, [("unknown",)])
    await until(rows, "SELECT count(*) FROM pgqueuer", [(0,)])
    assert post_office.letters == []


@pytest.mark.parametrize(("command", "state", "letters"), [("RCPT", "sent", 1), ("DATA", "unknown", 0)])
async def test_a_stop_before_data_is_made_good_and_one_within_is_not_doubled(
    command: str, state: str, letters: int, sessions: Sessions, settings: Settings, start: Start, post_office: PostOffice, rows: Rows
) -> None:
    post_office.slow = {command: asyncio.Event()}
    worker = await start(mail.handlers(settings, sessions))
    await send(sessions)
    await asyncio.wait_for(post_office.reached.get(), 5)
    await worker.stop()
    post_office.slow = {}
    await start(mail.handlers(settings, sessions))
    await until(rows, STATE, [(state,)])
    await until(rows, "SELECT count(*) FROM pgqueuer", [(0,)])
    assert len(post_office.letters) == letters


async def test_a_worker_that_lost_its_connection_sends_what_comes_later(
    sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows
) -> None:
    await send(sessions, message_id="first")
    await until(rows, STATE, [("sent",)])
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'portal jobs' AND datname = current_database()"
    assert await rows(ended) == [(True,)]
    await send(sessions, message_id="second")
    await until(rows, STATE, [("sent",), ("sent",)])
    assert len(post_office.letters) == 2


async def test_without_smtp_mail_is_kept_and_can_be_read(sessions: Sessions, without_smtp: Settings, start: Start, rows: Rows) -> None:
    await start(mail.handlers(without_smtp, sessions))
    text = "Öppna https://portal.example/granby/findings/7.\nEller (https://portal.example/help)\n"
    with clock.fixed(datetime(2026, 12, 13, 8, 15, tzinfo=UTC)):
        await send(sessions, subject="Spaning å ä ö", text=text, html="<p>Öppna</p>", message_id="second")
    with clock.fixed(datetime(2026, 12, 13, 8, 14, 59, 999999, tzinfo=UTC)):
        await send(sessions, message_id="first")
    await until(rows, STATE, [("kept",), ("kept",)])
    assert sorted(path.name for path in without_smtp.mail_folder.iterdir()) == [
        "20261213T081459.999999Z-first.eml",
        "20261213T081500.000000Z-second.eml",
    ]
    newest, oldest = mail.kept(without_smtp.mail_folder)
    assert newest == mail.KeptMail(
        at=datetime(2026, 12, 13, 8, 15, tzinfo=UTC),
        to="maja@granby.example",
        subject="Spaning å ä ö",
        text=text,
        html="<p>Öppna</p>\n",
        links=["https://portal.example/granby/findings/7", "https://portal.example/help"],
    )
    assert (oldest.subject, oldest.html, oldest.links) == ("Ny kommentar", None, [])
    assert mail.kept(without_smtp.mail_folder, limit=1) == [newest]


def test_nothing_is_kept_in_a_folder_that_does_not_exist(settings: Settings) -> None:
    assert mail.kept(settings.mail_folder) == []


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Hej\r\nBcc: alla@granby.example", "Hej Bcc: alla@granby.example"),
        ("rad\n\n två\ttre\x00\x85slut\u2028", "rad två tre slut"),
        ("gpj\u202e.exe trasig \ud800", "gpj .exe trasig"),
        ("=?utf-8?q?a=0D=0ABcc:_alla=40granby.example?=", "= ?utf-8?q?a=0D=0ABcc:_alla=40granby.example?="),
        ("lång " * 60 + "ÅÄÖ", "lång " * 60 + "ÅÄÖ"),
    ],
)
async def test_f07_a_subject_is_one_line_and_nothing_else(
    subject: str, shown: str, sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows
) -> None:
    await send(sessions, subject=subject)
    await until(rows, "SELECT subject, state FROM mail_out", [(shown, "sent")])
    (letter,) = post_office.letters
    assert str(letter["Subject"]) == shown
    assert letter["Bcc"] is None
    assert post_office.envelopes[0][1] == ["maja@granby.example"]


@pytest.mark.parametrize(
    "address",
    [
        "a@x.se\r\nRCPT TO:<b@x.se>",
        "a@x.se, b@x.se",
        "a@x.se;b@x.se",
        "Maja <a@x.se>",
        "a@x.se b@x.se",
        '"a b"@x.se',
        "a@x.se>",
        "a@@x.se",
        "å@x.se",
        "a@x.se\x00",
        "=?utf-8?q?a=0D=0ABcc=3A_b=40y.se?=@x.se",
        "",
    ],
)
async def test_f20_only_one_plain_address_can_be_the_recipient(address: str, sessions: Sessions, rows: Rows) -> None:
    with pytest.raises(ValueError, match=r"no address|e-postadress|ett tecken|Fyll i"):
        await send(sessions, to=address)
    assert await rows(STATE) == []
    assert await rows("SELECT count(*) FROM pgqueuer") == [(0,)]


@pytest.mark.parametrize("address", ["!#$%&'*+/?=^_`{|}~-@x.example", "o'brien+moten@x.se", "a.b.c@xn--lvsbyn-9ta.example"])
async def test_every_plain_address_is_reached_as_written(
    address: str, sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows
) -> None:
    await send(sessions, to=address)
    await until(rows, STATE, [("sent",)])
    assert post_office.envelopes[0][1] == [address]
    assert post_office.letters[0]["To"].addresses[0].addr_spec == address


async def test_an_address_in_a_swedish_domain_is_written_in_ascii(
    sessions: Sessions, mailer: Worker, post_office: PostOffice, rows: Rows
) -> None:
    await send(sessions, to="maja@älvsbyn.example")
    await until(rows, STATE, [("sent",)])
    assert post_office.envelopes[0][1] == ["maja@xn--lvsbyn-9ta.example"]


@pytest.mark.parametrize("message_id", ["a b", "a\r\nBcc: x@x.se", "a>", "../a", "", "å", "a" * 101])
async def test_a_message_id_that_would_break_the_header_or_a_file_name_is_refused(message_id: str, sessions: Sessions) -> None:
    with pytest.raises(ValueError, match="cannot be a message id"):
        await send(sessions, message_id=message_id)


async def test_letters_of_long_ago_are_forgotten(sessions: Sessions, mailer: Worker, rows: Rows) -> None:
    with clock.fixed(datetime(2020, 1, 1, tzinfo=UTC)):
        await send(sessions, message_id="old")
        await until(rows, "SELECT message_id, state FROM mail_out", [("old", "sent")])
    await send(sessions, message_id="new")
    await until(rows, "SELECT message_id, state FROM mail_out", [("new", "sent")])


def test_the_same_job_makes_the_same_message(settings: Settings) -> None:
    posting, letter = Posting("comment.17.5", LETTER["to"], clock.now()), Letter(LETTER["subject"], LETTER["text"])
    assert message(settings, posting, letter).as_bytes() == message(settings, posting, letter).as_bytes()


def test_the_longest_message_id_stays_whole(settings: Settings) -> None:
    sender = replace(settings, mail_from=f"portal@{'granby.' * 8}example")
    long = message(sender, Posting("x" * 100, LETTER["to"], clock.now()), Letter(LETTER["subject"], LETTER["text"]))
    assert f"<{'x' * 100}@{'granby.' * 8}example>".encode() in long.as_bytes()


def test_a_long_address_in_a_header_stays_whole(settings: Settings) -> None:
    address = f"<https://{'granby.' * 12}example/mail/stop/17.r123.{'0' * 40}>"
    letter = Letter(LETTER["subject"], LETTER["text"], thread="record.123", headers={"List-Unsubscribe": address})
    lines = message(settings, Posting("comment.17.5", LETTER["to"], clock.now()), letter).as_bytes().decode().split("\r\n")
    assert f"List-Unsubscribe: {address}" in lines
    assert "References: <record.123@granby.example>" in lines


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://", "smtp://host:port", "smtp://[::1", "mail.example:25"])
def test_a_mail_server_that_cannot_be_understood_is_refused_at_the_start(url: str, settings: Settings, sessions: Sessions) -> None:
    with pytest.raises(Misconfigured, match="PORTAL_SMTP_URL must look like"):
        mail.handlers(replace(settings, smtp_url=url), sessions)


def test_a_sender_that_is_no_address_is_refused_at_the_start(settings: Settings, sessions: Sessions) -> None:
    with pytest.raises(Misconfigured, match="PORTAL_MAIL_FROM"):
        mail.handlers(replace(settings, mail_from="Portalen"), sessions)

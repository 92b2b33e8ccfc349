"""What calendars answer: it counts by the secret address it came to, once, and only if it is newer (I12)."""

import asyncio
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO, TextIOWrapper

import pytest

from portal import clock
from portal.commands.posting import take_in
from portal.config import Settings
from portal.mail import Outcome
from portal.mail.incoming import HEAD, LONGEST
from portal.meetings import actions as meetings
from portal.meetings import answers
from portal.meetings.models import Answer, CancelForm
from tests.making import change_meeting, make_meeting
from tests.post.conftest import Round

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
KEY = "a secret of the tests that is long enough for it"


async def test_request_reply_update_and_cancel_go_round(round_: Round):
    maja, tomas = round_.cast.contact, round_.cast.deputy
    assert await round_.comes_in(round_.reply(maja, "ACCEPTED")) == Outcome.counted
    assert await round_.comes_in(round_.reply(tomas, "TENTATIVE")) == Outcome.counted
    assert await round_.held() == {maja.id: "yes", tomas.id: "maybe"}
    await change_meeting(round_.session, round_.cast.coordinator, round_.meeting.record_id, place="Lärkan")
    await round_.house.everything()
    update = round_.asked(maja)
    assert (str(update["LOCATION"]), int(update["SEQUENCE"]), update["ATTENDEE"].params["PARTSTAT"]) == ("Lärkan", 1, "ACCEPTED")
    assert await round_.comes_in(round_.reply(maja, "DECLINED", at=clock.now() + timedelta(seconds=1))) == Outcome.counted
    assert await round_.held() == {maja.id: "no", tomas.id: "maybe"}
    await meetings.cancel(round_.session, round_.meeting, by=round_.cast.coordinator, form=CancelForm(reason="Snö"))
    await round_.session.commit()
    await round_.house.everything()
    assert (str(round_.asked(maja)["METHOD"]), int(round_.asked(maja)["SEQUENCE"])) == ("CANCEL", 2)
    assert await round_.comes_in(round_.reply(maja, "ACCEPTED", at=clock.now() + timedelta(seconds=2))) == Outcome.closed
    assert await round_.held() == {maja.id: "no", tomas.id: "maybe"}


async def test_the_same_message_twice_counts_once_and_an_older_one_not_at_all(round_: Round):
    maja, now = round_.cast.contact, clock.now()
    accepted, declined = (
        round_.reply(maja, "ACCEPTED", at=now - timedelta(minutes=2)),
        round_.reply(maja, "DECLINED", at=now - timedelta(minutes=1)),
    )
    outcomes = [await round_.comes_in(each) for each in (declined, accepted, declined)]
    assert outcomes == [Outcome.counted, Outcome.known, Outcome.known]
    assert await round_.held() == {maja.id: "no"}
    await answers.answer(round_.session, round_.meeting, by=maja, answer=Answer.maybe)
    await round_.session.commit()
    assert await round_.comes_in(declined) == Outcome.known
    assert await round_.held() == {maja.id: "maybe"}
    ahead = round_.reply(maja, "ACCEPTED", at=now + timedelta(hours=1))  # a clock that is wrong
    assert [await round_.comes_in(ahead) for _time in range(2)] == [Outcome.counted, Outcome.known]


async def test_an_answer_to_an_earlier_sequence_than_the_last_one_is_ignored(round_: Round):
    maja = round_.cast.contact
    await round_.house.execute(f"UPDATE meeting SET sequence = 4 WHERE record_id = {round_.meeting.record_id}")
    assert await round_.comes_in(round_.reply(maja, "ACCEPTED", sequence=4)) == Outcome.counted
    late = clock.now() + timedelta(seconds=5)
    assert await round_.comes_in(round_.reply(maja, "DECLINED", sequence=3, at=late)) == Outcome.known
    assert await round_.comes_in(round_.reply(maja, "DECLINED", sequence=4, at=late)) == Outcome.counted


async def test_ten_at_once_are_ten_answers_of_which_the_newest_holds(round_: Round):
    maja, now = round_.cast.contact, clock.now()
    words = ["ACCEPTED", "DECLINED"] * 5
    sent = [round_.reply(maja, word, at=now - timedelta(minutes=10 - n)) for n, word in enumerate(words)]
    outcomes = await asyncio.gather(*(round_.comes_in(each) for each in reversed(sent)))
    assert set(outcomes) <= {Outcome.counted, Outcome.known}
    assert await round_.held() == {maja.id: "no"}


Spoil = Callable[[Round, EmailMessage], EmailMessage | bytes]


def to(address: str) -> Spoil:
    def spoiled(_round: Round, message: EmailMessage) -> EmailMessage:
        message.replace_header("To", address.format(to=str(message["To"]).split("<")[1].rstrip(">")))
        return message

    return spoiled


def body(change: Callable[[bytes], bytes]) -> Spoil:
    return lambda _round, message: change(message.as_bytes())


# Python's parser looks at each semicolon within a quotation once for every other.
ENDLESS = (
    b'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; x="' + b";" * 200_000 + b"\r\n\r\n--b--\r\n"
)
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
WRONG: dict[str, tuple[Spoil, Outcome]] = {
    "to nobody": (to("kallelse@granby.example"), Outcome.unaddressed),
    "a guessed mark": (to("kallelse+m1.1.00000000000000000000@granby.example"), Outcome.unaddressed),
    "one letter more": (to("x{to}"), Outcome.unaddressed),
    "at another host": (to("{to}.elsewhere.example"), Outcome.unaddressed),
    "another's numbers": (lambda r, m: to(str(m["To"]).split("<")[1].rstrip(">").replace("+m", "+m1"))(r, m), Outcome.unaddressed),
    "a kind that nobody receives": (lambda r, m: to(str(m["To"]).split("<")[1].rstrip(">").replace("+m", "+q"))(r, m), Outcome.unaddressed),
    "another meeting": (lambda r, _m: r.reply(r.cast.contact, "ACCEPTED", uid="other@portal"), Outcome.irrelevant),
    "next year": (lambda r, _m: r.reply(r.cast.contact, "ACCEPTED", at=clock.now() + timedelta(days=400)), Outcome.irrelevant),
    "an invitation": (lambda r, _m: r.reply(r.cast.contact, "ACCEPTED", method="REQUEST"), Outcome.unreadable),
    "a cancellation": (lambda r, _m: r.reply(r.cast.contact, "ACCEPTED", method="CANCEL"), Outcome.unreadable),
    "no answer": (lambda r, _m: r.reply(r.cast.contact, "NEEDS-ACTION"), Outcome.unreadable),
    "words alone": (body(lambda content: content.split(b"--==")[0] + b"\r\nJa"), Outcome.irrelevant),
    "cut off": (body(lambda content: content[: content.index(b"DTSTAMP")]), Outcome.unreadable),
    "nothing": (body(lambda _content: b""), Outcome.unreadable),
    "no message": (body(lambda _content: b"\x00\xff" * 1000), Outcome.unreadable),
    "too large": (body(lambda content: content + b"x" * LONGEST), Outcome.unreadable),
    "too deep": (body(lambda content: content.replace(b"MIME-Version", NESTED + b"MIME-Version", 1)), Outcome.unreadable),
    "many headers": (body(lambda content: b"X-A: 1\r\n" * 5000 + content), Outcome.unreadable),
    "a long head": (body(lambda content: b"X-A: " + b"x" * HEAD + b"\r\n" + content), Outcome.unreadable),
    "many parameters": (body(lambda content: b"X-A: a" + b";" * 2000 + b"\r\n" + content), Outcome.unreadable),
    "many parameters, folded": (body(lambda content: b"X-A: a" + b";\r\n " * 2000 + b"\r\n" + content), Outcome.unreadable),
    "many lines": (body(lambda content: content + b"\r\n" * 25_000), Outcome.unreadable),
    "a forwarded invitation": (lambda r, _m: r.reply(r.cast.contact, "ACCEPTED", attendee="kollega@granby.example"), Outcome.another),
    "what takes for ever, to nobody": (lambda _r, _m: b"To: kallelse@granby.example\r\n" + ENDLESS, Outcome.unaddressed),
    "what takes for ever": (lambda _r, m: b"To: " + str(m["To"]).encode() + b"\r\n" + ENDLESS, Outcome.unreadable),
}


async def test_anything_else_is_refused_and_changes_nothing(round_: Round, caplog: pytest.LogCaptureFixture):
    outcomes = {
        name: await round_.comes_in(spoil(round_, round_.reply(round_.cast.contact, "ACCEPTED")))
        for name, (spoil, _outcome) in WRONG.items()
    }
    assert outcomes == {name: outcome for name, (_spoil, outcome) in WRONG.items()}
    assert await round_.held() == {}
    said = [each.getMessage() for each in caplog.records if each.name == "portal.mail" and "refused" in each.getMessage()]
    assert len(said) == len(WRONG)
    assert not [each for each in said if "annan.example" in each]


ENDED = (
    ("UPDATE membership SET ends_on = current_date - 1 WHERE id = {member}", "UPDATE membership SET ends_on = NULL WHERE id = {member}"),
    ("UPDATE person SET closed_at = now() WHERE id = {person}", "UPDATE person SET closed_at = NULL WHERE id = {person}"),
    ("UPDATE meeting SET state = 'held'", "UPDATE meeting SET state = 'summoned'"),
    ("UPDATE record SET audience = 'unit', owner_unit_id = {housing}", "UPDATE record SET audience = 'network'"),
    ("UPDATE meeting SET starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour'", "SELECT 1"),
)


async def test_an_address_ends_with_the_right_to_answer(round_: Round):
    cast = round_.cast
    numbers = {"member": cast.contact.id, "person": cast.contact.person_id, "housing": cast.housing.id}
    for end, undone in ENDED:
        await round_.house.execute(end.format(**numbers))
        assert await round_.comes_in(round_.reply(cast.contact, "ACCEPTED")) == Outcome.closed, end
        await round_.house.execute(undone.format(**numbers))
    assert await round_.held() == {}


async def test_the_command_takes_one_message_and_says_by_its_exit_code_what_became_of_it(round_: Round):
    settings = round_.house.settings
    given = {
        "DATABASE_URL": round_.house.url,
        "PORTAL_DATA": str(settings.data),
        "PORTAL_REPLY_ADDRESS": settings.reply_address or "",
        "PORTAL_SECRET": KEY,
    }

    async def run(content: bytes) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "portal", "mail", "receive", env=os.environ | given, stdin=-1, stdout=-1, stderr=-1
        )
        out, err = await process.communicate(content)
        return process.returncode, (out + err).decode()

    round_.house.frame.key = KEY.encode()
    await round_.house.execute("TRUNCATE notification, mailing, mail_out CASCADE")
    round_.house.office.letters.clear()
    again = await make_meeting(round_.session, round_.cast.coordinator)
    await meetings.summon(round_.session, again, by=round_.cast.coordinator)
    await round_.session.commit()
    await round_.house.everything()
    message = round_.reply(round_.cast.contact, "ACCEPTED").as_bytes()
    (counted, said), (refused, why) = await asyncio.gather(run(message), run(b"Subject: hej\r\n\r\nhej"))
    assert (counted, refused) == (0, 65)
    assert ("counted" in said, "no address of the portal's own" in why) == (True, True)
    assert await round_.held() == {round_.cast.contact.id: "yes"}


def test_while_the_portal_can_take_no_mail_it_is_to_come_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"Subject: hej\r\n\r\nhej")))
    with pytest.raises(SystemExit) as ended:
        take_in(Settings(), Namespace())
    assert (ended.value.code, "PORTAL_REPLY_ADDRESS" in capsys.readouterr().err) == (75, True)

"""What waits in the mailbox is read through the same door as what the mail server hands over, each message once."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.config import Misconfigured, Settings
from portal.mail import tokens
from portal.mail.incoming import LONGEST
from portal.mail.mailbox import checked, read
from tests.elsewhere import elsewhere, head
from tests.post.conftest import Round
from tests.post.mailbox import Mailbox

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture
async def mailbox():
    box = Mailbox()
    await box.open()
    yield box
    await box.close()


async def test_the_mailbox_is_read_through_the_same_door_and_each_message_once(round_: Round, mailbox: Mailbox):
    house, maja = round_.house, round_.cast.contact
    settings = replace(house.settings, imap_url=mailbox.url)
    too_large = round_.reply(maja, "DECLINED").as_bytes() + b"x" * LONGEST
    mailbox.messages = [b"\x00", too_large, round_.reply(maja, "ACCEPTED").as_bytes(), b"Subject: hej\r\n\r\nhej"]
    for _look in range(2):
        await read(settings, house.sessions, house.frame.sign, {})
    assert await round_.held() == {maja.id: "yes"}
    assert mailbox.seen == {1, 2, 3, 4}
    assert set(mailbox.logins) == {'\0kallelse\0å "'.encode()}
    fetched = [each.split()[2] for each in mailbox.asked if "BODY.PEEK[]" in each]
    assert fetched == ["1", "3", "4"]
    assert await house.scalar("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'mailbox' AND status = 'queued'") in (1, 2)


def token_answer(status: int, **said: Any) -> bytes:
    return head(status, "Content-Type: application/json", body=json.dumps(said).encode())


async def test_a_mailbox_that_takes_no_password_is_read_with_a_token_that_is_asked_for_when_it_is_needed(round_: Round, mailbox: Mailbox):
    house, maja = round_.house, round_.cast.contact
    box = mailbox.url.replace(":%C3%A5%20%22@", "@")
    async with elsewhere() as place:
        where = place.address.replace("//", "//client%2D1:s%26cret@") + "/t/token"
        settings = replace(house.settings, imap_url=box, imap_token_url=where, inside="127.0.0.1/32")
        assert checked(settings).username == "kallelse"
        mailbox.messages = [round_.reply(maja, "ACCEPTED").as_bytes()]
        for refusal in (
            token_answer(401, error="invalid_client"),
            token_answer(200, token="?"),
            head(200, body=b"<html>"),
            head(200, body=b"[" * 100_000),
            head(302, "Location: /elsewhere"),
        ):
            place.answers["/t/token"] = refusal
            await read(settings, house.sessions, house.frame.sign, {})
        assert (mailbox.asked, await round_.held()) == ([], {})

        mailbox.token = b"first"
        place.answers["/t/token"] = token_answer(200, access_token="first", token_type="Bearer", expires_in=3600)
        place.asked.clear()
        for _look in range(2):
            await read(settings, house.sessions, house.frame.sign, {})
        assert await round_.held() == {maja.id: "yes"}
        assert set(mailbox.logins) == {b"user=kallelse\x01auth=Bearer first\x01\x01"}
        assert [each.splitlines()[0] for each in place.asked] == ["POST /t/token HTTP/1.1"]
        assert "client" not in place.asked[0]  # the secret stands in the body alone

        mailbox.token = b"second"  # the server has given up the first
        place.answers["/t/token"] = token_answer(200, access_token="second", expires_in="3600")
        mailbox.seen.clear()
        await read(settings, house.sessions, house.frame.sign, {})
        assert mailbox.seen == set()
        await read(settings, house.sessions, house.frame.sign, {})
        assert mailbox.seen == {1}
        with clock.fixed(clock.now() + timedelta(seconds=3550)):
            await read(settings, house.sessions, house.frame.sign, {})
        assert len(place.asked) == 3


@pytest.mark.parametrize(
    "url",
    [
        "http://a:b@login.example/token",
        "https://login.example/token",
        "https://a@login.example/t",
        "ftp://a:b@x/t",
        "https://a:b@x:y/t",
        "",
    ],
)
def test_a_token_server_that_cannot_be_used_is_refused_before_anything_starts(url: str):
    with pytest.raises(Misconfigured, match="PORTAL_IMAP_TOKEN_URL"):
        checked(Settings(imap_url="imaps://kallelse@example.se", reply_address="kallelse@example.se", imap_token_url=url))


def test_a_token_is_asked_for_what_the_server_calls_reading_mail():
    asked = tokens.checked("https://id:s%2Fx@login.microsoftonline.com/granby.se/oauth2/v2.0/token")
    assert (asked.url, asked.client, asked.secret) == ("https://login.microsoftonline.com/granby.se/oauth2/v2.0/token", "id", "s/x")
    assert asked.scope == "https://outlook.office365.com/.default"
    assert tokens.checked("https://id:s@x.se/t?scope=mail.read").scope == "mail.read"


async def test_a_message_is_marked_as_read_before_it_is_looked_at(round_: Round, mailbox: Mailbox):
    house = round_.house
    settings = replace(house.settings, imap_url=mailbox.url)
    mailbox.messages = [round_.reply(each, "ACCEPTED").as_bytes() for each in (round_.cast.contact, round_.cast.deputy)]
    seen: list[set[int]] = []

    def sessions() -> Any:
        seen.append(set(mailbox.seen))
        return house.sessions()

    await read(settings, sessions, house.frame.sign, {})
    assert seen[:2] == [{1}, {1, 2}]


async def test_what_the_database_was_away_for_and_what_the_server_refuses_is_read_later(round_: Round, mailbox: Mailbox, monkeypatch):
    house, maja = round_.house, round_.cast.contact
    settings = replace(house.settings, imap_url=mailbox.url)
    mailbox.messages = [round_.reply(maja, "ACCEPTED").as_bytes()]
    mailbox.refuses = True
    await read(settings, house.sessions, house.frame.sign, {})
    assert (mailbox.seen, await round_.held()) == (set(), {})
    mailbox.refuses = False
    await house.execute("ALTER TABLE attendance RENAME TO away")
    try:
        await read(settings, house.sessions, house.frame.sign, {})
    finally:
        await house.execute("ALTER TABLE away RENAME TO attendance")
    assert (mailbox.seen, await round_.held()) == (set(), {})
    await read(settings, house.sessions, house.frame.sign, {})
    assert (mailbox.seen, await round_.held()) == ({1}, {maja.id: "yes"})


@pytest.mark.parametrize(
    ("babbled", "limits"),
    [
        (b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n", {"MOST_SAID": 2_000}),
        (b"* 1 FETCH (FLAGS ())\r\n", {"MOST_SAID": 2_000}),
        (b"x", {"LONGEST_VISIT": 0.5}),
    ],
    ids=["a large answer", "many answers", "a line without end"],
)
async def test_a_server_that_comes_to_no_end_is_left_and_asked_again_later(
    babbled: bytes, limits: dict[str, float], round_: Round, mailbox: Mailbox, monkeypatch, caplog
):
    house, maja = round_.house, round_.cast.contact
    settings = replace(house.settings, imap_url=mailbox.url)
    for name, most in limits.items():
        monkeypatch.setattr(f"portal.mail.mailbox.{name}", most)
    mailbox.messages, mailbox.babbles = [round_.reply(maja, "ACCEPTED").as_bytes()], babbled
    async with asyncio.timeout(15):
        await read(settings, house.sessions, house.frame.sign, {})
    assert "the mailbox could not be read" in caplog.text
    assert (mailbox.seen, await round_.held()) == (set(), {})
    mailbox.babbles = b""
    monkeypatch.undo()
    await read(settings, house.sessions, house.frame.sign, {})
    assert (mailbox.seen, await round_.held()) == ({1}, {maja.id: "yes"})


@pytest.mark.parametrize(
    "url",
    ["imaps://mail.example/INBOX", "pop3://a:b@mail.example", "imaps://a:b@mail.example:x/", "nonsense", 'imaps://a:b@mail.example/"'],
)
def test_a_mailbox_that_cannot_be_used_is_told_before_anything_starts(url: str):
    with pytest.raises(Misconfigured, match="PORTAL_IMAP_URL"):
        checked(Settings(imap_url=url, reply_address="kallelse@granby.example"))
    with pytest.raises(Misconfigured, match="PORTAL_REPLY_ADDRESS"):
        checked(Settings(imap_url="imaps://a:b@mail.example/INBOX"))

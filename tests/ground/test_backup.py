"""A backup and its restore: rows, files and mail as they were, and nobody signed in."""

import asyncio
import gzip
import hashlib
import re
from argparse import Namespace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from portal import clock
from portal.accounts.models import SignedIn
from portal.commands import backups
from portal.commands.visits import visit
from portal.config import Misconfigured, Settings
from portal.files import store
from portal.ground import database, keeper, migrate
from portal.networks.actions import found_network
from tests.postgres import Server

PEOPLE = "SELECT array_agg(name || ' ' || email ORDER BY id) FROM person"
SIGNED_IN = "SELECT count(*) FROM signed_in"
EPOCH = "SELECT epoch FROM live_epoch"


async def ask(url: str, question: str) -> Any:
    async with visit(url) as session:
        return await session.scalar(text(question))


async def move_in(url: str, name: str) -> None:
    await migrate.upgrade(url)
    async with visit(url) as session:
        member = await found_network(
            session,
            name=name,
            slug=name.lower(),
            municipality=name,
            coordinator_name=f"{name} Ek",
            coordinator_email=f"ek@{name.lower()}.se",
        )
        now = clock.now()
        session.add(
            SignedIn(token_hash=b"token", person_id=member.person_id, created_at=now, seen_at=now, expires_at=now + timedelta(days=1))
        )


@pytest.fixture(scope="module")
def almby(server: Server) -> str:
    """A database with a network and a signed-in device, to copy from."""
    asyncio.run(move_in(server.create_database("almby"), "Almby"))
    return "almby"


@pytest.fixture
def furnished(server: Server, almby: str, tmp_path: Path) -> Settings:
    """A portal with a network, a signed-in device, an attachment and a kept mail."""
    server.drop_database("furnished")
    settings = Settings(data=tmp_path / "data", database_url=server.create_database("furnished", almby))
    keeper.prepare(settings)
    (settings.file_folder / "ab").mkdir()
    (settings.file_folder / "ab" / "cd.pdf").write_bytes(b"%PDF")
    (settings.mail_folder / "1.eml").write_bytes(b"Hej")
    return settings


def backup(settings: Settings, target: Path) -> Path:
    backups.take(settings, Namespace(file=target))
    return target


def restore(settings: Settings, source: Path, *, replace: bool = False) -> None:
    backups.put_back(settings, Namespace(file=source, replace=replace))


def answers(settings: Settings, *questions: str) -> list[Any]:
    with database.visited(settings) as url:
        return [asyncio.run(ask(url, question)) for question in questions]


def files(settings: Settings) -> dict[str, bytes]:
    return {
        str(path.relative_to(settings.data)): path.read_bytes()
        for folder in (settings.file_folder, settings.mail_folder)
        for path in folder.rglob("*")
        if path.is_file()
    }


ATTACHED = """
INSERT INTO record (network_id, kind, title, title_en, path, audience, handling, created_by_id, created_at, updated_by_id, updated_at, version)
SELECT n.id, 'finding', 'Spaning', '', '/findings/1', 'network', 'working', p.id, now(), p.id, now(), 1 FROM network n, person p;
INSERT INTO attachment (network_id, record_id, uploader_id, name, kind, size, sha256, alt, is_decorative, created_at, posted_at)
SELECT r.network_id, r.id, m.id, 'svar.pdf', 'pdf', 4, '{sha256}', '', false, now(), now() FROM record r, membership m
"""
SUMS = "SELECT array_agg(sha256) FROM attachment"


def attach(settings: Settings, content: bytes) -> str:
    """A row and its bytes, where the store has them."""
    sha256 = hashlib.sha256(content).hexdigest()
    place = store.place(settings.file_folder, sha256)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)

    async def insert(url: str) -> None:
        async with visit(url) as session:
            for statement in ATTACHED.format(sha256=sha256).split(";"):
                await session.execute(text(statement))

    with database.visited(settings) as url:
        asyncio.run(insert(url))
    return sha256


def test_an_attachment_comes_back_with_its_bytes_and_what_is_on_its_way_in_stays_behind(
    furnished: Settings, fresh: Path, tmp_path: Path
) -> None:
    sha256, other = attach(furnished, b"%PDF-1.7 svar"), Settings(data=fresh)
    (furnished.file_folder / store.INCOMING).mkdir()
    (furnished.file_folder / store.INCOMING / "tmpabc").write_bytes(b"half of")
    restore(other, backup(furnished, tmp_path / "backup"))
    assert answers(other, SUMS) == [[sha256]]
    assert store.checksum(store.place(other.file_folder, sha256)) == sha256
    assert [each for each in files(other) if store.INCOMING in each] == []


def test_a_backup_with_a_changed_attachment_is_refused(furnished: Settings, fresh: Path, tmp_path: Path) -> None:
    attach(furnished, b"%PDF-1.7 svar")
    whole = gzip.decompress(backup(furnished, tmp_path / "backup").read_bytes())
    assert whole.count(b"%PDF-1.7 svar") == 1
    (tmp_path / "changed").write_bytes(gzip.compress(whole.replace(b"%PDF-1.7 svar", b"%PDF-1.7 sv@r")))
    with pytest.raises(Misconfigured, match="is not what was written"):
        restore(Settings(data=fresh), tmp_path / "changed")


def test_a_portal_moves_to_a_server_of_its_own_and_nobody_is_signed_in(
    furnished: Settings, fresh: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Settings(data=fresh)
    people, signed_in, epoch = answers(furnished, PEOPLE, SIGNED_IN, EPOCH)
    assert (people, signed_in) == (["Almby Ek ek@almby.se"], 1)
    restore(other, backup(furnished, tmp_path / "backup"))
    assert re.search(
        r"backup holds \d+ rows of \d+ tables and 2 files\..*\nRestored \d+ rows of \d+ tables and 2 files\.", capsys.readouterr().out
    )
    assert answers(other, PEOPLE, SIGNED_IN) == [people, 0]
    assert answers(other, EPOCH) != [epoch]
    assert files(other) == files(furnished) == {"files/ab/cd.pdf": b"%PDF", "mail/1.eml": b"Hej"}
    assert answers(furnished, SIGNED_IN) == [1]


def test_an_embedded_portal_that_runs_is_backed_up_and_restored_in_place(data: Path, tmp_path: Path) -> None:
    settings = Settings(data=data)
    keeper.prepare(settings)
    with database.opened(settings) as url:
        asyncio.run(move_in(url, "Almby"))
        whole = backup(settings, tmp_path / "backup")
        asyncio.run(ask(url, "UPDATE person SET name = 'changed' RETURNING 1"))
        (settings.file_folder / "later").touch()
        restore(settings, whole, replace=True)
        assert asyncio.run(ask(url, PEOPLE)) == ["Almby Ek ek@almby.se"]
    assert files(settings) == {}


def test_people_are_not_overwritten_unless_that_is_asked_for(furnished: Settings, tmp_path: Path) -> None:
    whole = backup(furnished, tmp_path / "backup")
    with pytest.raises(Misconfigured, match="There are people in this database: give --replace"):
        restore(furnished, whole)
    assert answers(furnished, SIGNED_IN) == [1]


def test_a_broken_backup_changes_nothing(furnished: Settings, tmp_path: Path) -> None:
    whole = backup(furnished, tmp_path / "backup").read_bytes()
    (tmp_path / "broken").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Misconfigured, match="is not a whole backup of the portal"):
        restore(furnished, tmp_path / "broken", replace=True)
    assert answers(furnished, PEOPLE, SIGNED_IN) == [["Almby Ek ek@almby.se"], 1]
    assert sorted(files(furnished)) == ["files/ab/cd.pdf", "mail/1.eml"]
    assert list(furnished.data.glob(".unfinished-*")) == []


def test_a_backup_of_a_newer_schema_changes_nothing(furnished: Settings, tmp_path: Path) -> None:
    whole = gzip.decompress(backup(furnished, tmp_path / "backup").read_bytes())
    newer = whole.replace(f'"schema": "{migrate.newest()}"'.encode(), b'"schema": "9999"')
    assert newer != whole
    (tmp_path / "newer").write_bytes(gzip.compress(newer))
    with pytest.raises(Misconfigured, match="has a newer schema \\(9999\\) than this portal knows"):
        restore(furnished, tmp_path / "newer", replace=True)
    assert answers(furnished, SIGNED_IN) == [1]


def test_what_a_killed_backup_left_is_cleared_away(furnished: Settings, tmp_path: Path) -> None:
    remains = furnished.data / ".unfinished-abc"
    remains.mkdir()
    (remains / "person").write_text("secret")
    backup(furnished, tmp_path / "backup")
    assert not remains.exists()


def test_a_backup_never_overwrites(furnished: Settings, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("something else")
    with pytest.raises(Misconfigured, match="there exists already"):
        backup(furnished, tmp_path / "there")
    with pytest.raises(Misconfigured, match="There is no folder"):
        backup(furnished, tmp_path / "nowhere" / "backup")
    assert (tmp_path / "there").read_text() == "something else"


def test_there_must_be_something_to_back_up(fresh: Path, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="There is no database in the data folder"):
        backup(Settings(data=fresh), tmp_path / "backup")
    with pytest.raises(Misconfigured, match="There is no file"):
        restore(Settings(data=fresh), tmp_path / "nothing")
    assert not (fresh / "postgres").exists()

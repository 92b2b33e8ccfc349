"""A backup file is whole or refused in one sentence."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.config import Misconfigured
from portal.ground import archive


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, Path]:
    for part, name, content in (
        ("tables", "person", b"1\t\xc3\x85sa\n"),
        ("files", "ab/cd.pdf", bytes(300_000)),
        ("mail", "1.eml", b"Hej"),
    ):
        path = tmp_path / part / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    return {part: tmp_path / part for part in archive.PARTS}


@pytest.fixture
def backup(tmp_path: Path, parts: dict[str, Path]) -> Path:
    archive.write(tmp_path / "backup", parts, {"schema": "0007"})
    return tmp_path / "backup"


def places(folder: Path) -> dict[str, Path]:
    return {part: folder / "unpacked" / part for part in archive.PARTS}


def rewritten(backup: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """A copy with each member put through `change`."""
    copy = backup.with_name("changed")
    with tarfile.open(backup) as old, tarfile.open(copy, "w:gz") as new:
        for member in old:
            content = old.extractfile(member)
            assert content is not None
            changed = change(member.name, content.read())
            if changed is not None:
                described = tarfile.TarInfo(changed[0])
                described.size = len(changed[1])
                new.addfile(described, io.BytesIO(changed[1]))
    return copy


def test_what_is_written_comes_back(tmp_path: Path, parts: dict[str, Path], backup: Path) -> None:
    manifest = archive.unpack(backup, places(tmp_path))
    assert manifest["schema"] == "0007"
    for part, name in (("tables", "person"), ("files", "ab/cd.pdf"), ("mail", "1.eml")):
        assert (places(tmp_path)[part] / name).read_bytes() == (parts[part] / name).read_bytes()


def test_only_its_owner_may_read_it(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600


def change_a_row(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content.replace(b"\xc3\x85sa", b"Eva")


def lose_a_file(name: str, content: bytes) -> tuple[str, bytes] | None:
    return None if name == "mail/1.eml" else (name, content)


def climb_out(name: str, content: bytes) -> tuple[str, bytes]:
    return name.replace("mail/", "mail/../../"), content


def lose_the_manifest(name: str, content: bytes) -> tuple[str, bytes] | None:
    return None if name == archive.MANIFEST else (name, content)


def be_foreign(name: str, content: bytes) -> tuple[str, bytes]:
    return name, json.dumps({"format": "other"}).encode() if name == archive.MANIFEST else content


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (change_a_row, "tables/person is not what was written"),
        (lose_a_file, "mail/1.eml is not what was written"),
        (climb_out, "does not belong in one"),
        (lose_the_manifest, "its manifest is missing"),
        (be_foreign, "its manifest is missing"),
    ],
)
def test_a_changed_file_is_refused(
    tmp_path: Path, backup: Path, change: Callable[[str, bytes], tuple[str, bytes] | None], words: str
) -> None:
    with pytest.raises(Misconfigured, match=f"is not a whole backup of the portal .*{words}"):
        archive.unpack(rewritten(backup, change), places(tmp_path))
    assert not (tmp_path / "1.eml").exists()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", gzip.compress(b"not a tar")], ids=["empty", "PDF", "gzip"])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "foreign").write_bytes(content)
    with pytest.raises(Misconfigured, match="is not a whole backup of the portal"):
        archive.unpack(tmp_path / "foreign", places(tmp_path))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, backup: Path, share: float) -> None:
    whole = backup.read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Misconfigured, match="is not a whole backup of the portal"):
        archive.unpack(tmp_path / "cut", places(tmp_path))


def test_a_newer_format_is_refused(tmp_path: Path, backup: Path) -> None:
    def newer(name: str, content: bytes) -> tuple[str, bytes]:
        return name, content.replace(b'"version": 1', b'"version": 2') if name == archive.MANIFEST else content

    with pytest.raises(Misconfigured, match="was written by a newer portal"):
        archive.unpack(rewritten(backup, newer), places(tmp_path))

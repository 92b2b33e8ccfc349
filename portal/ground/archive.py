"""The file that a backup is: a gzipped tar of tables, files and mail, with a manifest of what it holds at its end."""

import hashlib
import io
import json
import os
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, cast

from portal.config import Misconfigured

FORMAT = "portal-backup"
VERSION = 1
MANIFEST = "manifest.json"
PARTS = ("tables", "files", "mail")
BLOCK = 1 << 20


def write(target: Path, parts: dict[str, Path], manifest: dict[str, Any]) -> int:
    """Write the folders `parts` and the manifest to `target`, which appears only when it is whole. Returns the number of files."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    sums: dict[str, str] = {}
    with unfinished.open("wb") as out:
        os.fchmod(out.fileno(), 0o600)
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
            for part, folder in parts.items():
                for path in sorted(each for each in folder.rglob("*") if each.is_file()):
                    name = f"{part}/{path.relative_to(folder).as_posix()}"
                    if "/." in name:  # what is being written: an upload on its way in, a restore beside it
                        continue
                    sums[name] = _add(tar, path, name)
            words = json.dumps({"format": FORMAT, "version": VERSION, **manifest, "sha256": sums}, ensure_ascii=False, indent=1).encode()
            described = tarfile.TarInfo(MANIFEST)
            described.size = len(words)
            tar.addfile(described, io.BytesIO(words))
        out.flush()
        os.fsync(out.fileno())
    unfinished.rename(target)
    return len(sums)


def unpack(source: Path, places: dict[str, Path]) -> dict[str, Any]:
    """Unpack each part into its place and return the manifest.

    Raises Misconfigured when the file is foreign, of a newer format, cut off or changed."""
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            manifest = _unpack(tar, places)
    except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, KeyError, AttributeError) as error:
        raise Misconfigured(f"{source} is not a whole backup of the portal ({error}).") from None
    if manifest["version"] > VERSION:
        raise Misconfigured(f"{source} was written by a newer portal: restore it with that one.")
    return manifest


def _unpack(tar: tarfile.TarFile, places: dict[str, Path]) -> dict[str, Any]:
    sums: dict[str, str] = {}
    manifest: dict[str, Any] = {}
    for member in tar:
        content = tar.extractfile(member) if member.isreg() else None
        if content is None:
            raise ValueError(f"{member.name} is not a plain file")
        if member.name == MANIFEST:
            manifest = json.loads(content.read())
        else:
            sums[member.name] = _unpack_file(cast(BinaryIO, content), member.name, places)
    if manifest.get("format") != FORMAT:
        raise ValueError("its manifest is missing")
    if sums != manifest["sha256"]:
        changed = sorted(name for name in sums.keys() | manifest["sha256"].keys() if sums.get(name) != manifest["sha256"].get(name))
        raise ValueError(f"{changed[0]} is not what was written")
    return manifest


def _unpack_file(content: BinaryIO, name: str, places: dict[str, Path]) -> str:
    part, _, rest = name.partition("/")
    path = PurePosixPath(rest)
    if part not in PARTS or not path.parts or path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{name} does not belong in one")
    target = places[part] / path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    reader = _Read(content)
    with target.open("xb") as out:
        while block := reader.read(BLOCK):
            out.write(block)
    return reader.sum.hexdigest()


class _Read:
    """A file as it is read, with the checksum of what was read."""

    def __init__(self, content: BinaryIO) -> None:
        self.content = content
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.content.read(size)
        self.sum.update(block)
        return block


def _add(tar: tarfile.TarFile, path: Path, name: str) -> str:
    with path.open("rb") as content:
        reader = _Read(content)
        tar.addfile(tar.gettarinfo(arcname=name, fileobj=content), cast(IO[bytes], reader))
    return reader.sum.hexdigest()

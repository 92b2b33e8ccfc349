"""The file store: bytes by their checksum, whole or not at all."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from portal import clock

INCOMING = ".incoming"
SMALL = ".small"
IDLE = 1800.0  # seconds after which bytes that nobody names belong to nobody


def place(store: Path, sha256: str) -> Path:
    return store / sha256[:2] / sha256


def small_place(store: Path, sha256: str) -> Path:
    return store / sha256[:2] / f"{sha256}{SMALL}"


def checksum(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def put(source: Path, target: Path) -> None:
    """Move the bytes to their place. They are on disk, name and all, when this returns."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _sync(source)
    os.utime(source)
    source.rename(target)
    _sync(target.parent)
    _sync(target.parent.parent)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def leave(store: Path, sha256: str) -> None:
    """From now on the bytes may be nobody's: the sweeper's time begins."""
    for path in (place(store, sha256), small_place(store, sha256)):
        if path.exists():
            os.utime(path)


def old(store: Path) -> Iterator[dict[str, list[Path]]]:
    """Checksum → files, a folder at a time, of what has lain for a while."""
    for folder in sorted(store.glob("[0-9a-f][0-9a-f]")):
        found: dict[str, list[Path]] = {}
        for path in folder.iterdir():
            if _is_old(path):
                found.setdefault(path.name.removesuffix(SMALL), []).append(path)
        yield found


def clear_incoming(store: Path) -> None:
    """Take away what was cut off on its way in."""
    for path in (store / INCOMING).glob("*"):
        if _is_old(path):
            path.unlink(missing_ok=True)


def _is_old(path: Path) -> bool:
    return clock.now().timestamp() - path.stat().st_mtime > IDLE

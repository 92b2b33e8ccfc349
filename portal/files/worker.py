"""What a file really is, and pictures made anew. A program of its own with little memory and time: strangers made what it reads.

`python worker.py FILE` prints one JSON object: `kind`, `width`, `height`, or `refused` with a word for the reason.
A picture is written as FILE.clean and FILE.small, without anything that the camera or program wrote beside it."""

import contextlib
import errno
import io
import json
import re
import resource
import stat
import sys
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from PIL import Image, ImageCms, ImageOps

MEMORY = 1 << 30
SECONDS = 20
LARGEST_OUTPUT = 64 << 20
MOST_PIXELS = 51_000_000
LONGEST = 2560
SMALL = 480
MOST_ENTRIES = 5_000
MOST_UNPACKED = 500 << 20
MOST_READ = 1 << 20
MOST_RELATIONS = 4 << 20
MOST_OBJECTS = 64 << 20
MOST_UNSPELLED = 100_000  # streams with names that are written by number
LONGEST_ABOUT = 2_000
END = b"PK\x05\x06"
OFFICE = {
    "wordprocessingml.document.main+xml": "docx",
    "spreadsheetml.sheet.main+xml": "xlsx",
    "presentationml.presentation.main+xml": "pptx",
}
MACRO = "vbaproject"
# What a PDF does by itself, or on a click, beyond showing itself (ISO 32000-2, 12.6).
ACTS = re.compile(rb"/(?:JavaScript|Launch|ImportData|RichMedia)(?![A-Za-z0-9])")
BY_NUMBER = re.compile(rb"(?<=[/A-Za-z0-9])#([0-9A-Fa-f]{2})")
STREAM_END = b"endstream"
STREAM = re.compile(rb"\bstream\r?\n(.*?)" + STREAM_END, re.DOTALL)
FETCHES = {"attachedtemplate", "oleobject", "subdocument", "frame"}
FORMATS = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP"}


class RefusedError(Exception):
    """The argument is a word for the reason."""


def look(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, path.stat().st_size - 70_000))
        tail = file.read()
    kind = _kind(head)
    if kind in FORMATS:
        return _picture(path, kind)
    if kind == "pdf":
        if END in tail or re.search(rb"<script|<html|<svg", head, re.IGNORECASE):
            raise RefusedError("mixed")
        if b"%%EOF" not in tail[-2048:]:
            raise RefusedError("broken")
        if any(ACTS.search(_spelled_out(part)) for part in _parts(path.read_bytes())):
            raise RefusedError("acts")
        return {"kind": kind}
    return {"kind": _document(path, tail)}


def _kind(head: bytes) -> str:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    raise RefusedError(_other(head))


def _parts(content: bytes) -> Iterator[bytes]:
    """A PDF as it lies there, and its packed objects unpacked. What is encrypted stays unread."""
    yield content
    left, unspelled = MOST_OBJECTS, MOST_UNSPELLED
    last = content.rfind(STREAM_END) + len(STREAM_END)  # what begins after it has no end, and would be looked for once for each beginning
    for stream in STREAM.finditer(content, 0, last):
        about = content[max(0, stream.start() - LONGEST_ABOUT) : stream.start()].rpartition(b"endobj")[2]
        if b"#" in about:
            about, unspelled = _spelled_out(about), unspelled - 1
        if unspelled < 0:
            raise RefusedError("bomb")
        if b"/ObjStm" not in about:
            continue
        with contextlib.suppress(zlib.error):
            unpacked = zlib.decompressobj().decompress(stream[1], left)
            left -= len(unpacked)
            yield unpacked
        if left <= 0:
            raise RefusedError("bomb")


def _spelled_out(content: bytes) -> bytes:
    """With the letters of names that are written by number, such as /J#53."""
    return BY_NUMBER.sub(lambda found: bytes([int(found[1], 16)]), content)


def _other(head: bytes) -> str:
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "old"
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"heim", b"hevc", b"avif"):
        return "heic"
    if re.search(rb"<svg|<!doctype\s+svg", head, re.IGNORECASE):
        return "svg"
    if re.search(rb"<!doctype\s+html|<html|<script|<body|<\?xml", head, re.IGNORECASE):
        return "page"
    return "unknown"


def _picture(path: Path, kind: str) -> dict[str, Any]:
    with warnings.catch_warnings(), Image.open(path, formats=[FORMATS[kind]]) as opened:
        warnings.simplefilter("ignore")
        if opened.width * opened.height > MOST_PIXELS:
            raise RefusedError("pixels")
        opened.draft("RGB", (LONGEST, LONGEST))  # a JPEG is read at the size it is wanted in
        opened.load()
        profile = opened.info.get("icc_profile")
        picture = _plain(ImageOps.exif_transpose(opened), profile)
    picture.thumbnail((LONGEST, LONGEST), reducing_gap=2.0)
    with Path(f"{path}.clean").open("wb") as out:
        picture.save(out, FORMATS[kind], **({} if kind == "png" else {"quality": 88}))
    size = {"kind": kind, "width": picture.width, "height": picture.height}
    picture.thumbnail((SMALL, SMALL))
    with Path(f"{path}.small").open("wb") as out:
        picture.save(out, "WEBP", quality=80)
    return size


def _plain(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Pixels alone, in sRGB."""
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    picture = picture.convert(mode)
    if profile:
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            ImageCms.profileToProfile(picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), inPlace=True)
    picture.info = {}
    return picture


def _document(path: Path, tail: bytes) -> str:
    end = tail[-22:]
    if not end.startswith(END) or end[-2:] != b"\0\0":
        raise RefusedError("mixed" if END in tail else "broken")
    if int.from_bytes(end[10:12], "little") > MOST_ENTRIES:
        raise RefusedError("bomb")
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        _check(entries, path.stat().st_size)
        if entries and entries[0].filename == "mimetype":
            return _open_document(archive, entries)
        return _office(archive, entries)


def _check(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MOST_ENTRIES or sum(each.file_size for each in entries) > MOST_UNPACKED:
        raise RefusedError("bomb")
    if sum(each.compress_size for each in entries) > size:  # entries that share their bytes
        raise RefusedError("bomb")
    if len({each.filename.lower() for each in entries}) < len(entries):  # of two with one name, others may read the other
        raise RefusedError("broken")
    if any(each.flag_bits & 1 for each in entries):
        raise RefusedError("old")
    for each in entries:
        if each.filename.startswith("/") or ".." in each.filename.split("/") or stat.S_ISLNK(each.external_attr >> 16):
            raise RefusedError("broken")


def _open_document(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str:
    if _read(archive, entries[0]).strip() != b"application/vnd.oasis.opendocument.text":
        raise RefusedError("unknown")
    if any(each.filename.startswith(("Basic/", "Scripts/")) and not each.is_dir() for each in entries):
        raise RefusedError("macro")
    return "odt"


def _office(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str:
    types = next((each for each in entries if each.filename == "[Content_Types].xml"), None)
    if types is None:
        raise RefusedError("unknown")
    told = _read(archive, types).decode("utf-8", "replace")
    if "macroEnabled" in told or any("vbaproject" in each.filename.lower() for each in entries):
        raise RefusedError("macro")
    relations = [each for each in entries if each.filename.lower().endswith(".rels")]
    if sum(each.file_size for each in relations) > MOST_RELATIONS:
        raise RefusedError("bomb")
    if any(_leads_out(_read(archive, each)) for each in relations):
        raise RefusedError("macro")
    found = {kind for words, kind in OFFICE.items() if words in told}
    if len(found) != 1:
        raise RefusedError("unknown")
    return found.pop()


def _leads_out(relations: bytes) -> bool:
    """Whether the document brings a macro along or fetches a part of itself from elsewhere. Read as
    Office does, in whatever way it is written."""
    for each in ElementTree.fromstring(relations).iter():  # noqa: S314 (a process with little memory and time)
        kind = each.get("Type", "").strip().rpartition("/")[2].lower()
        if kind == MACRO or (kind in FETCHES and each.get("TargetMode", "").strip().lower() == "external"):
            return True
    return False


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as content:
        read = content.read(MOST_READ + 1)
    if len(read) > MOST_READ:
        raise RefusedError("bomb")
    return read


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_OUTPUT, LARGEST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        print(json.dumps(look(Path(sys.argv[1]))))
    except RefusedError as reason:
        print(json.dumps({"refused": str(reason)}))
    except Image.DecompressionBombError:
        print(json.dumps({"refused": "pixels"}))
    except (OSError, ValueError, SyntaxError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError, MemoryError) as failure:
        is_full = isinstance(failure, OSError) and failure.errno in (errno.ENOSPC, errno.EDQUOT)
        print(json.dumps({"refused": "full" if is_full else "broken"}))


if __name__ == "__main__":
    main()

"""Files on their way in: a form's parts, written to disk as they come. No file is ever in memory whole."""

import asyncio
import errno
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from litestar import Request
from litestar.exceptions import ClientException, HTTPException
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from portal.files.inspection import TRY_LATER
from portal.files.store import INCOMING
from portal.web import Refused, _l
from portal.web.csrf import check_token

LARGEST = 25 * 1024 * 1024
LONGEST_FIELD = 4096
MOST_PARTS = 24
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
TOO_LARGE = _l("Filen är större än 25 MB.")
EMPTY = _l("Filen är tom.")
CUT_OFF = _l("Uppladdningen avbröts innan den var klar.")
UNREADABLE = _l("Uppladdningen gick inte att läsa. Försök igen.")

AnyRequest = Request[Any, Any, Any]


@dataclass
class Arrived:
    """A file that has come whole, or more of it than we take: `refusal` says what is wrong with it already.

    Its form says, as it was typed: `alt`, in words for those who do not see the picture; `about`, which part of the record it is for."""

    name: str
    path: Path
    size: int = 0
    alt: str = ""
    about: str = ""

    @property
    def refusal(self) -> Refused | None:
        if self.size > LARGEST:
            return Refused(TOO_LARGE, status=413)
        return Refused(EMPTY, status=422) if self.size == 0 else None


@asynccontextmanager
async def receive(request: AnyRequest, store: Path) -> AsyncIterator[list[Arrived]]:
    """The files of the request's form. They, and what is made beside them, are gone afterwards unless they were moved."""
    folder = store / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    intake = _Intake(request, folder)
    try:
        await _read(request, intake)
        for each in intake.files:
            each.alt, each.about = (intake.words[name].decode("utf-8", "replace") for name in ("alt", "about"))
        yield [each for each in intake.files if each.name or each.size]  # a field that nobody chose a file in has neither
    finally:
        intake.close()
        await asyncio.to_thread(_clear, folder, intake.files)


@dataclass
class _Intake:
    """What a request has brought so far, and the file that is being written."""

    request: AnyRequest
    folder: Path
    files: list[Arrived] = field(default_factory=list)
    words: dict[str, bytearray] = field(default_factory=lambda: {name: bytearray() for name in ("csrf", "alt", "about")})
    part: MultipartSegment | None = None
    out: BinaryIO | None = None

    def begin(self, part: MultipartSegment) -> None:
        self.part = part
        if part.filename is None:
            return
        self.check()
        told = part.header("Content-Disposition") or ""
        if "filename*" in told or "\0" in told:  # browsers send one name (RFC 7578)
            raise Refused(UNREADABLE)
        number, path = tempfile.mkstemp(dir=self.folder)
        self.out = os.fdopen(number, "wb")
        self.files.append(Arrived(part.filename, Path(path)))

    async def take(self, piece: bytes | bytearray) -> None:
        if self.out is not None:
            self.files[-1].size += len(piece)
            if self.files[-1].size <= LARGEST:
                await asyncio.to_thread(self.out.write, piece)
        elif self.part is not None and len(words := self.words.get(self.part.name, bytearray())) < LONGEST_FIELD:
            words += piece

    def check(self) -> None:
        """The form's token comes before its files, or in a header: nothing is written for a page of somebody else's."""
        check_token(self.request, self.request.headers.get("x-csrf-token") or self.words["csrf"].decode("utf-8", "replace"))

    def close(self) -> None:
        if self.out is not None:
            self.out.close()
        self.out = None


async def _read(request: AnyRequest, intake: _Intake) -> None:
    try:
        parser = PushMultipartParser(_boundary(request), max_segment_count=MOST_PARTS, strict=True)
        async for chunk in request.stream():
            for piece in _parse(parser, chunk):
                if isinstance(piece, MultipartSegment):
                    intake.begin(piece)
                elif piece:
                    await intake.take(piece)
                else:
                    await asyncio.to_thread(intake.close)
    except (MultipartError, UnicodeError, LookupError):
        raise Refused(UNREADABLE) from None
    except OSError as failure:
        if failure.errno in FULL:
            raise Refused(TRY_LATER, status=507) from None
        raise
    except HTTPException as failure:
        if isinstance(failure, ClientException):
            raise
        raise Refused(CUT_OFF) from None  # the line is gone; nobody reads this
    intake.check()


def _parse(parser: PushMultipartParser, chunk: bytes) -> Iterator[Any]:
    return iter(()) if parser.closed else parser.parse(chunk)


def _boundary(request: AnyRequest) -> str:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Refused(_l("Skicka formuläret som ett vanligt webbformulär."), status=415)
    return str(options["boundary"])


def _clear(folder: Path, files: list[Arrived]) -> None:
    for arrived in files:
        for remains in folder.glob(f"{arrived.path.name}*"):
            remains.unlink(missing_ok=True)

"""Bytes on their way out: whole, in part, or not at all when the reader has them already. Who may have them is asked before."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from litestar import Request, Response
from litestar.response import Stream

BLOCK = 256 * 1024
RANGE = re.compile(r"bytes=(?=\d|-\d)(\d{0,18})-(\d{0,18})", re.ASCII)
POLICY = "sandbox; default-src 'none'"

AnyRequest = Request[Any, Any, Any]


def send(request: AnyRequest, path: Path, *, tag: str, media_type: str, disposition: str) -> Response[Any]:
    """RFC 9110: a tag that matches is 304, one range of bytes is 206. Browsers may keep the bytes but ask each time."""
    size = path.stat().st_size
    headers = {
        "ETag": f'"{tag}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie",
        "Accept-Ranges": "bytes",
        "Content-Disposition": disposition,
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    if _matches(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(b"", status_code=304, headers=headers, media_type=media_type)
    first, last = 0, size - 1
    wanted = request.headers.get("range", "") if request.headers.get("if-range", headers["ETag"]) == headers["ETag"] else ""
    if found := RANGE.fullmatch(wanted.strip()):
        asked = _span(found[1], found[2], size)
        if asked is None:
            return Response(b"", status_code=416, headers=headers | {"Content-Range": f"bytes */{size}"}, media_type=media_type)
        first, last = asked
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    headers["Content-Length"] = str(last - first + 1)
    status = 206 if "Content-Range" in headers else 200
    return Stream(_blocks(path, first, last), status_code=status, headers=headers, media_type=media_type)


def _matches(asked: str, tag: str) -> bool:
    return asked.strip() == "*" or tag in [each.strip().removeprefix("W/") for each in asked.split(",")]


def _span(first: str, last: str, size: int) -> tuple[int, int] | None:
    if not first:  # the last so many bytes
        return (max(0, size - int(last)), size - 1) if int(last) else None
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if int(first) <= end else None


async def _blocks(path: Path, first: int, last: int) -> AsyncIterator[bytes]:
    content = await asyncio.to_thread(path.open, "rb")
    try:
        content.seek(first)
        left = last - first + 1
        while left > 0 and (block := await asyncio.to_thread(content.read, min(BLOCK, left))):
            left -= len(block)
            yield block
    finally:
        content.close()

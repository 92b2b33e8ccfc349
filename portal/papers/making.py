"""Having a paper made: data in, bytes out, by a process with little memory and time."""

import asyncio
import json
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

WORKER = Path(__file__).parent / "worker.py"
PATIENCE = 45.0
AT_ONCE = asyncio.Semaphore(2)
KINDS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

log = logging.getLogger("portal.papers")


class PaperError(Exception):
    """It could not be made; the log says why."""


async def make(paper: Mapping[str, Any], kind: str) -> bytes:
    """The paper as a file of `kind` (one of KINDS). PaperError when the worker fails or is not done in time."""
    async with AT_ONCE:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", str(WORKER), kind,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={},
        )  # fmt: skip
        try:
            async with asyncio.timeout(PATIENCE):
                made, said = await process.communicate(json.dumps(paper).encode())
        except TimeoutError:
            log.error("a %s was not made within %s s", kind, PATIENCE)
            raise PaperError from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0:
        log.error("a %s could not be made: %s", kind, said.decode(errors="replace")[-2000:])
        raise PaperError
    return made

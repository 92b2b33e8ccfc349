"""Programs of their own for what strangers made: stopped when their time is over, and given nothing of our environment."""

import asyncio
import logging
import signal
from collections.abc import Sequence

log = logging.getLogger(__name__)

UNSTARTED = 127  # as a shell says it
# Ends that say nothing about what the program was given: there was no room for it, or the machine is shutting down.
FROM_OUTSIDE = frozenset({UNSTARTED, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})


async def run(command: Sequence[str], *, within: float) -> tuple[int | None, bytes]:
    """Exit status and output of a program; UNSTARTED when it did not start, None when it had to be killed after `within` seconds.

    How much memory and processor time it may take is for the program itself to limit, first of all.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env={}
        )
    except OSError as failure:
        log.error("%s could not be started: %s", command[0], failure)
        return UNSTARTED, b""
    try:
        async with asyncio.timeout(within):
            said, _errors = await process.communicate()
    except TimeoutError:
        return None, b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, said

"""One serving process: the portal's own, or one of several that a parent keeps (see workers)."""

import asyncio
import gc
import json
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from types import FrameType

import uvicorn
import uvloop
from litestar.types import ASGIApp

from portal.app import create_app
from portal.commands.serving import write_log
from portal.config import Settings
from portal.live.protocol import PortalWebSocketProtocol

LONGEST_GOODBYE = 5
LARGEST_FRAME = 256 * 1024
NOT_STARTED = 3
PARENT = 0
# What makes Python look for garbage: this many more objects than before; 20 such looks a longer one, and 100 of those one through
# everything. With a thousand readers the last takes a tenth of a second in which nobody is served, and it came with every wave of them.
COLLECTED = 5_000, 20, 100
# How long a thread that computes (a shared text that is read anew every other second) may keep the loop waiting, each time it has waited
# for something (s). Python's own 5 ms come several times in a row, and all who write together see them.
LONGEST_TURN = 0.000_5


class _Announcing(uvicorn.Server):
    """Says where the portal is once it takes requests."""

    def __init__(self, config: uvicorn.Config, words: str) -> None:
        super().__init__(config)
        self.words = words

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.freeze()  # what a start makes stays for good, so from now on garbage is looked for only in what came later
        gc.enable()
        if self.words:
            print(self.words, flush=True)


def serve(settings: Settings, url: str, listening: socket.socket, words: str) -> None:
    """Serve on `listening` until a signal comes. `words` are said when the first request is welcome."""
    gc.disable()  # until it has started
    gc.set_threshold(*COLLECTED)
    sys.setswitchinterval(LONGEST_TURN)
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, url, listening, words))


async def _serve(settings: Settings, url: str, listening: socket.socket, words: str) -> None:
    server = _Announcing(configured(settings, create_app(settings, url).asgi), words)
    signal.signal(signal.SIGTERM, _interrupt)
    await server.serve(sockets=[listening])
    if not server.started:
        sys.exit(NOT_STARTED)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)


def configured(settings: Settings, app: ASGIApp) -> uvicorn.Config:
    """How uvicorn serves the portal."""
    return uvicorn.Config(
        app,
        http="httptools",
        ws=PortalWebSocketProtocol,
        ws_per_message_deflate=False,
        ws_max_size=LARGEST_FRAME,
        server_header=False,
        access_log=False,
        log_config=None,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=LONGEST_GOODBYE,
    )


def main() -> None:
    """`python -m portal.commands.working DESCRIPTOR`, with the errand as a line on standard input, which stays open as long as
    the parent lives."""
    gc.freeze()
    write_log()
    with open(PARENT, "rb", buffering=0, closefd=False) as parent:
        line = parent.readline()
    if not line:  # the parent ended before it could say
        return
    errand = json.loads(line)
    threading.Thread(target=_outlive_nobody, name="parent's end", daemon=True).start()
    serve(Settings.from_environment(os.environ), errand["url"], socket.socket(fileno=int(sys.argv[1])), errand["words"])


def _outlive_nobody() -> None:
    """However the parent ends, the pipe from it ends too: then this process stops as on SIGTERM, and in any case soon. One that has not
    begun to serve has nothing to end in order: SIGTERM means what it does to any program, and leaves no traceback of a start."""
    os.read(PARENT, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(2 * LONGEST_GOODBYE)
    os._exit(1)


if __name__ == "__main__":
    main()

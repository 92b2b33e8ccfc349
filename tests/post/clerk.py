"""A worker that is a process of its own: `python -m tests.post.clerk DATABASE SMTP DATA`. It works until it is killed."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from portal import rooms
from portal.config import Settings
from portal.db import engine_for, sessions_for
from portal.jobs import Worker
from portal.web import Frame

KEY = b"tests of the post room, and nothing else"


async def work(url: str, smtp_url: str, data: str) -> None:
    settings = Settings(data=Path(data), base_url="https://portal.granby.example", smtp_url=smtp_url, mail_from="portal@granby.example")
    handlers = rooms.handlers(settings, sessions_for(engine_for(url)), Frame(key=KEY, secure=True))
    await Worker(url, handlers, tries=20, pause=timedelta(milliseconds=50), poll=timedelta(milliseconds=200)).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
